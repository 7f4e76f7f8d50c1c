"""What one entry of a general catalogue says of a solution, collected as triples.

The same classes and properties for every such catalogue: those of `catalogue.harvesters.publiccode`. Values are checked
here; what cannot be used is left out, and is a warning where an editor can do something about it.
"""

import re
from collections.abc import Iterable, Mapping

from catalogue.code_lists import country, language, notations
from catalogue.harvesters import _licence_names
from catalogue.identity import Minter, Repository, key
from catalogue.model import Finding, Severity
from catalogue.publiccode import values
from catalogue.rdf import IRI, Literal, Term, Triple, text
from catalogue.vocabulary import (
    ADMS,
    DATA_THEME,
    DCAT,
    DCT,
    DOAP,
    FOAF,
    LANGUAGE,
    PROV,
    RDF,
    RDFS,
    SCHEMA,
    SKOS,
    XSD,
    V,
)

_MAX_FINDINGS = 50
_MAX_SHOWN = 200
# Identifiers of licences that portals of open data use, beside those of SPDX.
_LICENCES: Mapping[str, str] = {"odc-pddl": "PDDL-1.0", "odc-odbl": "ODbL-1.0", "odc-by": "ODC-By-1.0"}
# The EU's list of licences names them by SPDX's identifiers with other punctuation.
_EU_LICENCE = re.compile(r"https?://publications\.europa\.eu/resource/authority/licence/([A-Z0-9_]+)")
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,]\d+)?(Z|[+-]\d\d:?\d\d)?)?)?)?")


def record_key(name: str) -> str:
    """The key of a record that its source knows by any name: the name where it can stand in an address as it is."""
    if re.fullmatch(r"[A-Za-z0-9._~-]{1,100}", name):
        return name
    plain = re.sub(r"[^A-Za-z0-9]+", "-", name)[:60].strip("-")
    return f"{plain}-{key(name)}" if plain else key(name)


class Entry:
    """Collects the triples of one entry; `iri` is that of its solution."""

    def __init__(self, minter: Minter, iri: IRI, repository: Repository | None, default_language: str = "") -> None:
        self.minter, self.iri, self.repository = minter, iri, repository
        self.language = default_language or "und"
        self.triples: set[Triple] = set()
        self.findings: list[Finding] = []
        self.say(iri, RDF.type, DCAT.Dataset, ADMS.Asset)
        if repository:
            self._say_repository(repository)

    def say(self, subject: IRI, predicate: IRI, *objects: Term) -> None:
        self.triples.update(Triple(subject, predicate, value) for value in objects)

    def warn(self, message: str, path: str, value: str | None = None, fix: str | None = None) -> None:
        if len(self.findings) < _MAX_FINDINGS:
            self.findings.append(Finding(Severity.WARNING, message, path, value and value[:_MAX_SHOWN], fix))

    def node(self, name: str, identity: str) -> IRI:
        """A node of the solution: `{solution}#{name}-…`, the same for the same identity."""
        return IRI(f"{self.iri.value.partition('#')[0]}#{name}-{key(f'{self.iri.value} {identity}')}")

    def literal(self, value: str, tag: str | None = None) -> Literal:
        return text(value.strip(), (tag and values.language_tag(tag)) or self.language)

    def address(self, value: str, path: str) -> IRI | None:
        """A web address as an IRI, without spaces around it; a warning when it is none."""
        written = value.strip()
        if not written:
            return None
        ours = f"{self.minter.base}/".partition("://")[2]
        if values.address(written) and not written.partition("://")[2].startswith(ours):
            return IRI(written)
        self.warn("This is no web address that can be published; it was left out.", path, value, "Write it in full.")
        return None

    def page(self, predicate: IRI, value: str, path: str) -> None:
        if page := self.address(value, path):
            self.say(self.iri, predicate, page)
            self.say(page, RDF.type, FOAF.Document)

    def identifier(self, value: str) -> None:
        if value.strip():
            node = self.node("identifier", value.strip())
            self.say(self.iri, ADMS.identifier, node)
            self.say(node, RDF.type, ADMS.Identifier)
            self.say(node, SKOS.notation, text(value.strip()))

    def organisation(self, name: Iterable[Literal], uri: str | None = None) -> IRI | None:
        """An organisation by its URI, else by its name; None where neither says which."""
        names = [literal for literal in name if literal.value]
        known = values.organisation(uri.strip()) if uri else None
        if not (known or names):
            return None
        node = self.minter.organisation(known, names[0].value if names else "")
        self.say(node, RDF.type, FOAF.Organization, FOAF.Agent)
        self.say(node, FOAF.name, *names)
        self.say(node, SKOS.prefLabel, *_one_a_language(names))
        if known:
            identifier = IRI(f"{node.value}#identifier")
            self.say(node, ADMS.identifier, identifier)
            self.say(identifier, RDF.type, ADMS.Identifier)
            self.say(identifier, SKOS.notation, text(known))
        return node

    def contact(self, name: str, email: str, kinds: Iterable[IRI]) -> IRI | None:
        """Whom to write to; None where there is neither a name nor an address."""
        address = values.email(email) if email.strip() else None
        if not (name.strip() or address):
            return None
        node = self.minter.thing("contact", "\n".join((self.iri.value, name.strip(), address or "")))
        self.say(self.iri, DCAT.contactPoint, node)
        self.say(node, RDF.type, V.Kind, *kinds)
        if name.strip():
            self.say(node, V.fn, text(name.strip()))
        if address:
            self.say(node, V.hasEmail, IRI(address))
        return node

    def attributed(self, agent: IRI, role: IRI) -> None:
        node = self.node("attribution", f"{agent.value} {role.value}")
        self.say(self.iri, PROV.qualifiedAttribution, node)
        self.say(node, RDF.type, PROV.Attribution)
        self.say(node, PROV.agent, agent)
        self.say(node, DCAT.hadRole, role)

    def spoken(self, value: str) -> bool:
        """The language of what is described, by its tag or the EU's concept of it; whether it is one."""
        code = value.strip().rpartition("/")[2]
        found = IRI(LANGUAGE + code) if value.strip().startswith(LANGUAGE) and code.isalpha() else None
        tag = values.language_tag(value)
        found = found or (language(tag) if tag else None)
        if found in set(notations("language").values()):
            self.say(self.iri, DCT.language, found)
        return found is not None

    def place(self, value: str) -> None:
        """A country by its code or the EU's concept of it; other places are left out."""
        code = values.country_code(value.strip())
        found = country(code) if code else next((c for c in notations("country").values() if c.value == value), None)
        if found:
            self.say(self.iri, DCT.spatial, found)

    def theme(self, value: str) -> bool:
        """One of the EU's data themes, by its code or IRI; whether it is one."""
        found = notations("data-theme").get(value.strip().removeprefix(DATA_THEME).upper())
        if found:
            self.say(self.iri, DCAT.theme, found)
        return found is not None

    def dated(self, predicate: IRI, value: str, path: str) -> None:
        if not value.strip():
            return
        if moment := date_or_time(value):
            self.say(self.iri, predicate, moment)
        else:
            self.warn("This is not a date.", path, value, "Write year-month-day, such as 2026-01-31.")

    def licensed(self, subject: IRI, *named: str) -> bool:
        """The licence that the first text which names one means: an identifier, an SPDX expression, an address."""
        candidates = [value.strip() for value in named if value.strip()]
        found = _licence_names.named(*map(_licence_name, candidates))
        if found:
            self.triples.update(found.triples(self.minter))
            iri: IRI | None = found.iri(self.minter)
        else:
            iri = next((IRI(value) for value in candidates if values.address(value)), None)
            if iri:
                self.say(iri, RDF.type, DCT.LicenseDocument)
                titles = [self.literal(value) for value in candidates if not values.address(value)][-1:]
                self.say(iri, RDFS.label, *titles)
                self.say(iri, DCT.title, *titles)
        if iri is None:
            return False
        self.say(subject, DCT.license, iri)
        if found:
            self.say(self.iri, SCHEMA.license, iri)
        return True

    @property
    def source(self) -> IRI:
        """The distribution that is the source code; only of an entry with a repository."""
        assert self.repository is not None
        return self.minter.thing("distribution", f"{self.repository.identity} source")

    def _say_repository(self, repository: Repository) -> None:
        address, node = IRI(repository.url), self.node("repository", repository.identity)
        self.say(self.iri, RDF.type, DOAP.Project, SCHEMA.SoftwareSourceCode)
        self.say(self.iri, SCHEMA.codeRepository, address)
        self.say(self.iri, DOAP.repository, node)
        self.say(node, RDF.type, DOAP.Repository)
        self.say(node, DOAP.location, address)
        self.identifier(repository.identity)
        self.say(self.iri, DCAT.distribution, self.source)
        self.say(self.source, RDF.type, DCAT.Distribution, ADMS.AssetDistribution)
        self.say(self.source, DCAT.accessURL, address)


def _one_a_language(names: Iterable[Literal]) -> Iterable[Literal]:
    return {name.language: name for name in reversed(list(names))}.values()


def _licence_name(value: str) -> str:
    """As SPDX has it, of an identifier of one of the lists that portals use; else as it is."""
    if found := _EU_LICENCE.fullmatch(value):
        return re.sub(r"_(\d+)_(\d+)", r"-\1.\2", found[1]).replace("_", "-")
    return _LICENCES.get(value.lower(), value)


def date_or_time(value: str) -> Literal | None:
    """A year, month, date or moment as XML Schema writes it; moments without a zone are read as UTC."""
    found = _DATE.fullmatch(value.strip())
    if found is None:
        return None
    year, month, day, time, zone = found.groups()
    if values.day(f"{year}-{month or '01'}-{day or '01'}") is None:
        return None
    if time is None:
        kind = XSD.date if day else XSD.gYearMonth if month else XSD.gYear
        return Literal(found[0], datatype=kind)
    hours, minutes, seconds = (*time.split(":"), "00")[:3]
    if int(hours) > 23 or int(minutes) > 59 or int(seconds) > 59:
        return None
    offset = zone if zone in (None, "Z") else f"{zone[:3]}:{zone[-2:]}"
    return Literal(f"{year}-{month}-{day}T{hours}:{minutes}:{seconds}{offset or 'Z'}", datatype=XSD.dateTime)
