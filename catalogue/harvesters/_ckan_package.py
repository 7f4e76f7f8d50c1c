"""A package of CKAN's action API, as a solution.

CKAN's own fields, those of ckanext-scheming, ckanext-fluent (texts as `{language: text}`) and ckanext-dcat (also as
`extras`, where lists are JSON in a text) are read alike. A package with one repository of code is known by it; another
by its `uri`, as ckanext-dcat has it, else by its page. Texts in no stated language have that of the document's option.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from urllib.parse import quote

from catalogue.code_lists import notations
from catalogue.errors import DocumentError
from catalogue.harvesters import _json, _source_code
from catalogue.harvesters._entry import Entry
from catalogue.harvesters._json import Json
from catalogue.identity import Minter, Repository
from catalogue.model import Document, Finding, Reading, Record, Report, Severity
from catalogue.publiccode.values import language_tag
from catalogue.rdf import IRI, Literal, text
from catalogue.vocabulary import ADMS, DCAT, DCT, DOAP, FOAF, OWL, RDF, SCHEMA, V

MAX_RESOURCES = 500
_MAX_LITERAL_KEYS = 100

# The names, in letters only, of fields that hold the address of a repository, and of formats that are one.
_REPOSITORY_FIELD = re.compile(
    r"(?:source)?(?:code)?(?:repo|repository)(?:url|link)?|sourcecode(?:url|link)?|code(?:url|source)"
    r"|git(?:hub|lab)?(?:url|repo|repository)?|(?:scm|vcs)(?:url)?|quellcode|codicesorgente|codigofuente|broncode"
)
_SOURCE_FORMAT = re.compile(r"git(?:hub|lab)?(?:repo|repository)?|svn|mercurial|sourcecode|(?:code)?repository")
_SOURCE_NAMES = re.compile(
    r"source[ -]?code|code (?:source|repository)|\brepository\b|quell(?:code|text)|codice sorgente|c[óo]digo fuente"
    r"|broncode|d[ée]p[ôo]t (?:git|de code)|github|gitlab|codeberg",
    re.IGNORECASE,
)
_LANGUAGE_SUFFIX = re.compile(r"[_-]([a-z]{2})")
_UNKNOWN_LICENCES = frozenset(
    {"notspecified", "none", "", "other-open", "other-closed", "other-pd", "other-at", "other-nc"}
)


def reading(key: str, document: Document, minter: Minter) -> Reading:
    """The one reading of a document as `catalogue.harvesters.ckan` makes it: `{"language": …, "package": …}`."""
    origin = document.url if document.is_remote else key
    try:
        found = _json.parse(document.content)
    except DocumentError as error:
        return _rejected(key, origin, str(error), error.fix, error.line, error.column)
    package = _json.member(found, "package")
    if not isinstance(package, dict) or not (_json.text(package.get("name")) or _json.text(package.get("id"))):
        return _rejected(key, origin, "The package has neither a name nor an id.", "Look at it in the portal.")
    said = _Package(package, document.url, language_tag(_json.text(_json.member(found, "language")) or "") or "und")
    entry = _described(said, minter)
    record = Record(
        key=key,
        iri=entry.iri,
        triples=frozenset(entry.triples),
        origin=origin,
        original=text(json.dumps(package, ensure_ascii=False, indent=2, sort_keys=True)).value,
        same=frozenset(said.iris(minter)) - {entry.iri},
    )
    return Reading(key, origin, Report(tuple(entry.findings)), record)


def _rejected(
    key: str, origin: str, message: str, fix: str | None, line: int | None = None, column: int | None = None
) -> Reading:
    finding = Finding(Severity.VIOLATION, message, fix=fix, line=line, column=column)
    return Reading(key, origin, Report((finding,)))


class _Package:
    """The fields of a package or one of its parts, whatever extension wrote them."""

    def __init__(self, fields: Mapping[str, Json], page: str, language: str) -> None:
        self.page, self.language = page, language
        self._fields = {**_extras(fields.get("extras")), **{name: value for name, value in fields.items() if value}}

    def part(self, fields: Mapping[str, Json]) -> "_Package":
        return _Package(fields, self.page, self.language)

    def text(self, *names: str) -> str:
        """The first of the fields that holds a text or a number; of texts in several languages, the first."""
        for name in names:
            value = self._fields.get(name)
            if isinstance(value, dict):
                value = next(iter(value.values()), None)
            if isinstance(value, int | float) and not isinstance(value, bool):
                value = str(value)
            if found := _json.text(value):
                return found
        return ""

    def texts(self, *names: str) -> list[str]:
        """The texts of the first of the fields that has any: a list, JSON of one in a text, or a text with commas."""
        for name in names:
            if found := _json.texts(_listed(self._fields.get(name))):
                return list(found)
        return []

    def parts(self, *names: str) -> list["_Package"]:
        """The objects of the first of the fields that is one, or a list of them."""
        for name in names:
            if found := _json.objects(_embedded(self._fields.get(name))):
                return [self.part(fields) for fields in found]
        return []

    def literals(self, name: str) -> list[Literal]:
        """The texts of a field, with their languages where it says them."""
        translated = (_embedded(self._fields.get(field)) for field in (f"{name}_translated", name))
        found = next((value for value in translated if isinstance(value, dict)), None) or self._suffixed(name)
        spoken = [text(t, language_tag(tag) or "und") for tag, value in found.items() for t in _json.texts(value)]
        plain = [text(value, self.language) for value in _json.texts(self._fields.get(name))]
        return spoken[:_MAX_LITERAL_KEYS] or plain[:_MAX_LITERAL_KEYS]

    def _suffixed(self, name: str) -> dict[str, Json]:
        """The languages of `title_en`, `title_fr` …, where there are two such at least."""
        tails = ((field.removeprefix(name), value) for field, value in self._fields.items() if field.startswith(name))
        found = {m[1]: value for tail, value in tails if (m := _LANGUAGE_SUFFIX.fullmatch(tail)) and language_tag(m[1])}
        return found if len(found) > 1 else {}

    @property
    def base(self) -> str:
        """The address of the portal."""
        return self.page.rpartition("/dataset/")[0]

    def below(self, *path: str) -> str:
        return "/".join((self.base, *(quote(segment, safe="") for segment in path)))

    def iris(self, minter: Minter) -> Iterator[IRI]:
        """The names of the package, the one that it is known by first."""
        if repository := self.repository():
            yield minter.thing("solution", repository.identity)
        uri = _json.url(self.text("uri"))
        if uri and not uri.startswith(f"{minter.base}/"):
            yield IRI(uri)
        yield IRI(self.page)
        if identifier := self.text("id"):
            yield IRI(self.below("dataset", identifier))

    def repository(self) -> Repository | None:
        """The one repository of the first place that names any."""
        for places in (self._declared, self._resources, self._home):
            if found := list(filter(None, places())):
                return _source_code.only(found)
        return None

    def repositories(self) -> set[Repository]:
        return set(filter(None, (*self._declared(), *self._resources(), *self._home())))

    def _declared(self) -> Iterator[Repository | None]:
        for name in self._fields:
            if _REPOSITORY_FIELD.fullmatch(_letters(name)):
                yield from map(_source_code.declared, self.texts(name))

    def _resources(self) -> Iterator[Repository | None]:
        for resource in self.parts("resources")[:MAX_RESOURCES]:
            if resource.is_source_code():
                yield _source_code.declared(resource.text("url", "access_url"))

    def _home(self) -> Iterator[Repository | None]:
        yield _source_code.on_forge(self.text("url"))

    def is_source_code(self) -> bool:
        """Whether a resource is said to be a repository of code."""
        if _SOURCE_FORMAT.fullmatch(_letters(self.text("format"))):
            return True
        named = _SOURCE_NAMES.search(self.text("name")) is not None or self.text("resource_type") == "code"
        return named and _source_code.on_forge(self.text("url")) is not None

    def is_active(self) -> bool:
        return self.text("state") in ("", "active")


def _letters(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _extras(extras: Json) -> dict[str, Json]:
    """`extras` as a mapping: CKAN lists them as keys with values."""
    if isinstance(extras, dict):
        return {name: value for name, value in extras.items() if value}
    pairs = [(_json.text(extra.get("key")), extra.get("value")) for extra in _json.objects(extras)]
    return {name: value for name, value in pairs if name and value}


def _embedded(value: Json) -> Json:
    """The value that a text holds as JSON, if it does."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            return _json.parse(value.encode("utf-8", "replace"))
        except DocumentError:
            return value
    return value


def _listed(value: Json) -> Json:
    found = _embedded(value)
    if isinstance(found, dict):
        return [item for values in found.values() for item in _json.items(values)]
    if isinstance(found, str) and "," in found and "://" not in found:
        return found.split(",")
    return found


def _described(said: _Package, minter: Minter) -> Entry:
    iri = next(said.iris(minter))
    entry = Entry(minter, iri, said.repository(), said.language)
    for describe in _PARTS:
        describe(entry, said)
    return entry


def _titles(entry: Entry, said: _Package) -> None:
    titles = said.literals("title")
    if not titles:
        entry.warn("The package has no title; its name stands for it.", "title", fix="Give it a title.")
        titles = [text(said.text("name", "id"), "und")]
    entry.say(entry.iri, DCT.title, *titles)
    if entry.repository:
        entry.say(entry.iri, SCHEMA.name, *titles)
        entry.say(entry.iri, DOAP.name, *titles)
        entry.say(entry.source, DCT.title, *titles)


def _texts(entry: Entry, said: _Package) -> None:
    notes = said.literals("notes") or said.literals("description")
    entry.say(entry.iri, DCT.description, *notes)
    if not notes:
        entry.warn("The package is not described.", "notes", fix="Say what it is and what it is for.")


def _keywords(entry: Entry, said: _Package) -> None:
    translated = said.literals("keywords") or said.literals("tags_translated")
    tags = [name for tag in said.parts("tags") if tag.is_active() for name in _names(tag, "display_name", "name")]
    entry.say(
        entry.iri, DCAT.keyword, *(translated or tags or (text(tag, said.language) for tag in said.texts("tags")))
    )


def _groups(entry: Entry, said: _Package) -> None:
    """Themes of the EU's list, by the code or IRI; other groups are keywords."""
    for group in said.parts("groups"):
        if not entry.theme(group.text("name")) and not any(map(entry.theme, group.texts("uri"))):
            titles = group.literals("title") or group.literals("display_name")
            entry.say(entry.iri, DCAT.keyword, *titles)
    for value in said.texts("theme", "themes"):
        entry.theme(value)


def _pages(entry: Entry, said: _Package) -> None:
    entry.page(FOAF.page, said.page, "name")
    home = said.text("landing_page", "url")
    if home and not _is(entry.repository, home):
        entry.page(DCAT.landingPage, home, "url")
    for page in said.texts("documentation"):
        entry.page(FOAF.page, page, "documentation")
    for standard in filter(_json.url, said.texts("conforms_to")):
        entry.say(entry.iri, DCT.conformsTo, IRI(standard))
        entry.say(IRI(standard), RDF.type, DCT.Standard)


def _identifiers(entry: Entry, said: _Package) -> None:
    for value in (said.text("identifier", "guid"), *said.texts("alternate_identifier")):
        entry.identifier(value)
    if len(said.repositories()) > 1:
        addresses = sorted(found.url for found in said.repositories())
        entry.say(entry.iri, SCHEMA.codeRepository, *map(IRI, addresses))
        if entry.repository is None:
            fix = "Name the one repository of this software in a field `repository`."
            message = "Several repositories are named, so none of them tells which software this is."
            entry.findings.append(Finding(Severity.INFO, message, "resources", ", ".join(addresses)[:200], fix))


def _publishers(entry: Entry, said: _Package) -> None:
    """The publisher that the fields of ckanext-dcat name, else the portal's organisation."""
    found = [(entry.organisation(_names(p, "name"), p.text("uri", "url")), p, "") for p in said.parts("publisher")]
    named = entry.organisation(said.literals("publisher_name"), said.text("publisher_uri", "publisher_url"))
    publishers = [(publisher, p, prefix) for publisher, p, prefix in (*found, (named, said, "publisher_")) if publisher]
    for publisher, fields, prefix in publishers[:1]:
        entry.say(entry.iri, DCT.publisher, publisher)
        kind = notations("adms-publisher-type").get(fields.text(f"{prefix}type").rpartition("/")[2])
        entry.say(publisher, DCT.type, *filter(None, (kind,)))
        if (address := fields.text(f"{prefix}url")) and (page := entry.address(address, "publisher")):
            entry.say(publisher, FOAF.homepage, page)
            entry.say(page, RDF.type, FOAF.Document)
    if not publishers:
        entry.say(entry.iri, DCT.publisher, *islice(_organisations(entry, said), 1))


def _organisations(entry: Entry, said: _Package) -> Iterator[IRI]:
    named = said.parts("organization") or [said.part({"name": name}) for name in said.texts("organization")]
    for organisation in named:
        page = said.below("organization", organisation.text("name", "id"))
        names = _names(organisation, "title", "display_name", "name")
        node = entry.organisation(names, page)
        if node:
            entry.say(node, FOAF.homepage, IRI(page))
            entry.say(IRI(page), RDF.type, FOAF.Document)
            yield node


def _names(said: _Package, *fields: str) -> list[Literal]:
    return next((found for field in fields if (found := said.literals(field))), [])


def _contacts(entry: Entry, said: _Package) -> None:
    """Contact points; maintainer and author are mostly persons, and read as such."""
    for contact in said.parts("contact", "contact_points"):
        entry.contact(contact.text("name"), contact.text("email"), ())
    entry.contact(said.text("contact_name"), said.text("contact_email"), ())
    for role in ("maintainer", "author"):
        node = entry.contact(said.text(role), said.text(f"{role}_email"), (V.Individual,))
        if node and role == "maintainer":
            entry.say(entry.iri, DOAP.maintainer, node)


def _dates(entry: Entry, said: _Package) -> None:
    entry.dated(DCT.issued, said.text("issued", "dcat_issued", "metadata_created"), "issued")
    entry.dated(DCT.modified, said.text("modified", "dcat_modified", "metadata_modified"), "modified")
    if version := said.text("version", "dcat_version"):
        for predicate in (DCAT.version, OWL.versionInfo):
            entry.say(entry.iri, predicate, text(version))
    for value in said.texts("language"):
        entry.spoken(value)
    for value in (*said.texts("spatial_uri"), *said.texts("spatial")):
        entry.place(value)


def _licences(entry: Entry, said: _Package) -> None:
    named = [said.text(field) for field in ("license_id", "license_url", "license", "license_title")]
    known = [value for value in named if value.lower() not in _UNKNOWN_LICENCES]
    subjects = [entry.source] if entry.repository else []
    subjects += [_resource_iri(entry, said, r) for r in _distributed(said)]
    licensed = [entry.licensed(subject, *known) for subject in dict.fromkeys(subjects or [entry.iri])]
    if not any(licensed):
        fix = "Choose the licence, by its identifier in SPDX's list where it has one."
        entry.warn("The licence is not said so that it could be recognised.", "license_id", named[0] or None, fix)


def _distributed(said: _Package) -> Iterable[_Package]:
    return (resource for resource in said.parts("resources")[:MAX_RESOURCES] if resource.is_active())


def _resources(entry: Entry, said: _Package) -> None:
    for resource in _distributed(said):
        _resource(entry, said, resource)
    if len(said.parts("resources")) > MAX_RESOURCES:
        entry.warn(f"Of the resources, the first {MAX_RESOURCES} were read.", "resources")


def _resource_iri(entry: Entry, said: _Package, resource: _Package) -> IRI:
    """As ckanext-dcat names it; of the repository's, that of the source code."""
    url = resource.text("url", "access_url")
    if entry.repository and _is(entry.repository, url):
        return entry.source
    if uri := _json.url(resource.text("uri")):
        return IRI(uri)
    identifier = resource.text("id")
    if not identifier:
        return entry.minter.thing("distribution", f"{entry.iri.value} {url}")
    return IRI(said.below("dataset", said.text("id", "name"), "resource", identifier))


def _resource(entry: Entry, said: _Package, resource: _Package) -> None:
    node = _resource_iri(entry, said, resource)
    entry.say(entry.iri, DCAT.distribution, node)
    entry.say(node, RDF.type, DCAT.Distribution, ADMS.AssetDistribution)
    if entry.repository is None or node != entry.source:
        entry.say(node, DCT.title, *resource.literals("name"))
        entry.say(node, DCT.description, *resource.literals("description"))
    if address := entry.address(resource.text("access_url", "url"), "resources"):
        entry.say(node, DCAT.accessURL, address)
    uploaded = resource.text("url") if resource.text("url_type") == "upload" else ""
    if address := entry.address(resource.text("download_url") or uploaded, "resources"):
        entry.say(node, DCAT.downloadURL, address)
    own = resource.text("license", "license_id", "license_url")
    if own:
        entry.licensed(node, own)


def _is(repository: Repository | None, url: str) -> bool:
    return repository is not None and _source_code.declared(url) == repository


_PARTS: tuple[Callable[[Entry, _Package], None], ...] = (
    _titles,
    _texts,
    _keywords,
    _groups,
    _pages,
    _identifiers,
    _publishers,
    _contacts,
    _dates,
    _resources,
    _licences,
)
