"""What inventories of software say of it, in the classes and properties of the publiccode harvester.

Beside `_entry`, which has what every catalogue says of a solution: the repository behind the many ways to write it,
titles and texts in several languages, licences, status, releases, who publishes it.
"""

import posixpath
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from catalogue.code_lists import country, notations
from catalogue.harvesters import _licence_names, _source_code
from catalogue.harvesters import _publiccode_terms as terms
from catalogue.harvesters._entry import Entry
from catalogue.harvesters._organisations import account_page, identified, public
from catalogue.identity import Minter, Repository
from catalogue.model import Finding, Severity
from catalogue.publiccode import values
from catalogue.rdf import IRI, Literal, Term, Triple, text
from catalogue.vocabulary import (
    ADMS,
    DCAT,
    DCT,
    DOAP,
    FOAF,
    ORG,
    OSC,
    OWL,
    RDF,
    SCHEMA,
    SKOS,
    XSD,
    V,
)

Texts = Mapping[str, str]
"""Texts by language tag."""

_MAX_FINDINGS = 50
_MAX_ADDRESS = 2000
# A page below a repository: its releases, its tickets, its files.
_BELOW = re.compile(
    r"(https?://(?:www\.)?(?:github\.com|codeberg\.org|bitbucket\.org)/[^/]+/[^/]+)/"
    r"(?:releases|archive|issues|wiki|pulls?|actions|network|tags|commits?|downloads|zipball|tarball|blob/[^/]+/[^/]+$)"
    r"(?:[/?#].*|$)|(https?://[^/]+/.+?)/-/(?:releases|archive|issues|wikis|merge_requests|tags|commits?)(?:[/?#].*|$)"
    r"|(https?://sourceforge\.net/projects/[^/]+)/.*",
    re.IGNORECASE,
)
_NO_SCHEME = re.compile(r"(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}/\S+", re.IGNORECASE)
# Hosts of the pages of projects, which are not their code.
_PAGES = re.compile(r"https://(?:[\w-]+\.)*(?:github\.io|gitlab\.io|readthedocs\.io|readthedocs\.org|pypi\.org|zenodo\.org)(?:/|$)")  # fmt: skip  # noqa: E501
_REPEATED = frozenset({DCT.title, DCT.description, DCT.publisher, DCT.type, DCAT.contactPoint})


def repository(written: str) -> Repository | None:
    """The repository at an address that is said to be of one, also where it is that of a page of the repository."""
    if len(written) > _MAX_ADDRESS:
        return None
    address = f"https://{written}" if _NO_SCHEME.fullmatch(written) else written
    below = _BELOW.fullmatch(address)
    found = _source_code.declared(next(filter(None, below.groups())) if below else address)
    return None if found is None or _PAGES.match(found.url) else found


def described(minter: Minter, repo: Repository | None, identity: str) -> Entry:
    """A description of software that is known by its repository, else by what the source knows it by."""
    entry = Entry(minter, minter.thing("solution", repo.identity if repo else identity), repo)
    entry.say(entry.iri, RDF.type, DOAP.Project, SCHEMA.SoftwareSourceCode)
    entry.say(entry.iri, DCT.type, terms.SOLUTION_BUILDING_BLOCK)
    return entry


def find(entry: Entry, severity: Severity, message: str, path: str, value: str | None = None, fix: str | None = None,
         place: tuple[int, int] | None = None) -> None:  # fmt: skip
    """A finding; `place` is the line and column that it is about, where they are known."""
    if len(entry.findings) < _MAX_FINDINGS:
        entry.findings.append(Finding(severity, message, path, value and value[:200], fix, *(place or (None, None))))


def told(entry: Entry, predicate: IRI) -> list[Term]:
    """What has been said of the software with a property."""
    found = (triple for triple in entry.triples if triple.subject == entry.iri and triple.predicate == predicate)
    return [triple.object for triple in found if not isinstance(triple.object, Triple)]


def say_names(entry: Entry, names: Texts) -> None:
    for tag, name in names.items():
        for predicate in (DCT.title, SCHEMA.name, DOAP.name):
            entry.say(entry.iri, predicate, text(name, tag))
        if entry.repository:
            entry.say(entry.source, DCT.title, text(name, tag))


def say_texts(entry: Entry, texts: Texts, *predicates: IRI) -> None:
    for tag, value in texts.items():
        for predicate in predicates:
            entry.say(entry.iri, predicate, text(value, tag))


SHORT = (DCT.abstract, DOAP.shortdesc)
LONG = (DCT.description, DOAP.description)


def say_keywords(entry: Entry, tag: str, keywords: Iterable[str]) -> None:
    entry.say(entry.iri, DCAT.keyword, *(text(keyword, tag) for keyword in keywords))


def say_status(entry: Entry, code: str) -> None:
    entry.say(entry.iri, ADMS.status, terms.STATUSES[code])
    entry.say(entry.iri, OSC.developmentStatus, notations("development-status")[code])


def say_software_type(entry: Entry, code: str) -> None:
    for predicate in (OSC.softwareType, DCT.type):
        entry.say(entry.iri, predicate, notations("software-type")[code])
    entry.say(entry.iri, RDF.type, terms.CLASSES[code])


def say_programming_languages(entry: Entry, names: Iterable[str]) -> None:
    entry.say(entry.iri, SCHEMA.programmingLanguage, *map(text, names))


def say_systems(entry: Entry, names: Iterable[str]) -> None:
    for name in names:
        if name.lower() not in ("web", "other"):
            for predicate in (SCHEMA.operatingSystem, DOAP.os):
                entry.say(entry.iri, predicate, text(terms.OPERATING_SYSTEMS.get(name.lower(), name)))


def say_homepage(entry: Entry, address: str, path: str) -> None:
    """The page of the software, unless it is just the repository."""
    repo = repository(address)
    if repo is None or entry.repository is None or repo.url != entry.repository.url:
        for predicate in (DCAT.landingPage, DOAP.homepage, SCHEMA.url):
            entry.page(predicate, address, path)


def say_licences(
    entry: Entry, written: Iterable[tuple[str, ...]], path: str, place: tuple[int, int] | None = None
) -> None:
    """The licences, each given by the texts that may name it. Of several, all hold: no source says otherwise."""
    licences = []
    for candidates in filter(None, written):
        found = _licence_names.named(*candidates)
        if found:
            licences.append(found)
        else:
            fix = "Write an SPDX identifier, such as EUPL-1.2."
            find(entry, Severity.WARNING, "It cannot be told which licence this is.", path, candidates[0], fix, place)
    licence = _licence_names.together(licences)
    if licence is None:
        return
    if len({found.expression for found in licences}) > 1:
        message = "It is not said how these licences belong together; they are read as if all of them held."
        fix = "Write one SPDX expression with AND or OR."
        find(entry, Severity.INFO, message, path, licence.expression, fix, place)
    entry.triples.update(licence.triples(entry.minter))
    for predicate in (SCHEMA.license, DOAP.license):
        entry.say(entry.iri, predicate, licence.iri(entry.minter))
    if entry.repository:
        entry.say(entry.source, DCT.license, licence.iri(entry.minter))


def say_download(entry: Entry, address: str, path: str) -> None:
    """Where the software can be had, other than from the repository itself."""
    found = entry.address(address, path)
    if found is None or (entry.repository and _source_code.declared(address) == entry.repository):
        return
    node = entry.minter.thing("distribution", f"{entry.iri.value} {found.value}")
    entry.say(entry.iri, DCAT.distribution, node)
    entry.say(node, RDF.type, DCAT.Distribution, ADMS.AssetDistribution)
    entry.say(node, DCT.title, *told(entry, DCT.title))
    entry.say(node, DCAT.accessURL, found)
    entry.say(node, DCAT.downloadURL, found)
    entry.say(node, DCT.license, *told(entry, SCHEMA.license))


def say_release(entry: Entry, version: str | None, released: str | None) -> None:
    """The latest release, known by its version, or by its date; to be said when all else of the solution is."""
    if not (version or released):
        return
    identity = entry.repository.identity if entry.repository else entry.iri.value
    release = entry.minter.thing("release", f"{identity} {version or released}")
    said = [triple for triple in entry.triples if triple.subject == entry.iri and triple.predicate in _REPEATED]
    entry.triples.update(Triple(release, triple.predicate, triple.object) for triple in said)
    entry.say(release, RDF.type, DCAT.Dataset, ADMS.Asset, DOAP.Version)
    entry.say(release, DCT.isVersionOf, entry.iri)
    for predicate in (DCT.hasVersion, DCAT.hasVersion, DCAT.hasCurrentVersion):
        entry.say(entry.iri, predicate, release)
    if version:
        for predicate in (OWL.versionInfo, DCAT.version, SCHEMA.softwareVersion):
            entry.say(release, predicate, text(version))
    if released:
        entry.say(release, DCT.issued, Literal(f"{released}T00:00:00Z", datatype=XSD.dateTime))


def say_date(entry: Entry, predicate: IRI, written: str, path: str) -> None:
    """A date; also one whose zone is written twice (`…Z+0200`), as a widespread tool does."""
    entry.dated(predicate, re.sub(r"Z(?=[+-]\d)", "", written), path)


# Who.


def contact(entry: Entry, name: str, email: str, phone: str = "", page: str = "") -> IRI | None:
    """Whom to ask, a person as far as anybody can tell."""
    node = entry.contact(name, email, (V.Individual,))
    if node is None:
        return None
    entry.say(entry.iri, DOAP.maintainer, node)
    if number := values.phone(phone):
        entry.say(node, V.hasTelephone, IRI(number))
    if address := values.address(page.strip()):
        entry.say(node, V.hasURL, IRI(address))
    return node


def organisation(entry: Entry, names: Texts, uri: str | None = None, code: str = "") -> IRI:
    """An organisation by its URI, else by its first name within the country with the code."""
    node = entry.minter.organisation(uri, next(iter(names.values()), ""), code)
    say_organisation(entry, node, names)
    if uri:
        entry.triples.update(identified(node, uri))
    return node


def say_organisation(entry: Entry, node: IRI, names: Texts) -> None:
    entry.say(node, RDF.type, FOAF.Organization, FOAF.Agent)
    for tag, name in names.items():
        entry.say(node, FOAF.name, text(name, tag))
        entry.say(node, SKOS.prefLabel, text(name, tag))


def say_public(entry: Entry, agent: IRI, code: str, level: str = "") -> None:
    """That an organisation is a public body, of the country with the code and, where it is known, of which level."""
    entry.triples.update(public(agent, country(code), level))


def say_unit(entry: Entry, unit: IRI, whole: IRI) -> None:
    if unit != whole:
        entry.say(unit, ORG.subOrganizationOf, whole)


def account(entry: Entry) -> IRI | None:
    """Whoever has the account that the repository is in: all but the last of its path. To be marked as inferred."""
    if entry.repository is None:
        return None
    host, _, path = entry.repository.url.removeprefix("https://").partition("/")
    owner = posixpath.dirname(path)
    url, name = f"https://{host}/{owner}" if owner else f"https://{host}", unquote(owner) or host
    node = entry.minter.organisation(url, name)
    entry.say(node, RDF.type, FOAF.Agent)
    entry.say(node, FOAF.name, text(name, "und"))
    entry.triples.update(account_page(node, url))
    return node


def say_publisher(entry: Entry, agent: IRI | None) -> tuple[IRI, ...]:
    """The publisher, inferred from the repository's account where none is told; gives what was inferred."""
    owner = agent or account(entry)
    if owner:
        entry.say(entry.iri, DCT.publisher, owner)
    return () if agent or owner is None else (DCT.publisher,)
