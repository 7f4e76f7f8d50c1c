"""The registry of the Digital Public Goods Alliance: JSON of its API, of its repository's folders, or lines of JSON.

An entry is one object with all that is known of a solution, as the API has it, or an object with its parts (`nominee`,
`archived`, `excluded`, `screening`). Texts are in English, which the registry asks for. Persons to contact are left
out: they were named for a review, not for the public.

Software is known by the first of its repositories; an entry without one (data, content) by its website. What has been
screened, and is in the registry still, conforms to the DPG Standard. The stages of the review say nothing of the
software's own development.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from catalogue.code_lists import country, notations
from catalogue.errors import DocumentError
from catalogue.harvesters import _dpg_terms as terms
from catalogue.harvesters import _json, _publiccode_terms, _software, _source_code
from catalogue.harvesters._entry import Entry
from catalogue.harvesters._json import Json
from catalogue.harvesters._split import beginnings, kept, local, part, readable, rejected, unreadable
from catalogue.harvesters._web_pages import check_no_page
from catalogue.identity import Minter, Repository, key, web_address
from catalogue.model import Document, Found, Reading, Record, Report
from catalogue.rdf import IRI, is_iri, text
from catalogue.visit import Option, Visit, is_web
from catalogue.vocabulary import DCAT, DCT, FOAF, PROV, RDF, SCHEMA, SKOS, concept

__all__ = ["OPTIONS", "PRECEDENCE", "documents", "readings", "recognises"]

PRECEDENCE = 60
OPTIONS: Mapping[str, Option] = {
    "nominees": Option(False, "Whether the API's nominees are read beside what it has recognised."),
}

_SUFFIXES = (".json", ".jsonl", ".ndjson")
_HEAD_BYTES = 1 << 16
_KEYS = re.compile(rb'"(?:SDGs|SDGNumber|clearOwnership|openlicenses)"')
_ENGLISH = "en"
# The parts of an entry, the ones that describe it first: of two that do, the one still in the registry counts.
_PARTS = ("nominee", "archived", "excluded")
_LEFT = frozenset({"archived", "excluded"})
_KEPT = ("name", "aliases", "description", "website", "license", "SDGs", "sectors", "type", "repositories",
         "repositoryURL", "organizations", "locations", "documentation")  # fmt: skip
# What these are called since the registry has a form of its own for applications.
_RENAMED = {"license": "openlicenses", "SDGs": "sdgs", "type": "categories"}
# The folders of the registry's repository, and the parts that their files are.
_FOLDERS = {"nominees": "nominee", "digitalpublicgoods": "screening", "archive": "archived",
            "excluded-nominees": "excluded"}  # fmt: skip


def recognises(location: str, document: Document | None) -> bool:
    """By keys that stand nowhere else; a directory by its folders, or one such file in it."""
    path = Path(location)
    if document is None and any((path / name).is_dir() for name in ("digitalpublicgoods", "excluded-nominees")):
        return True
    heads = [document.content[:_HEAD_BYTES]] if document else beginnings(location, None, _SUFFIXES)
    # Its schemas have the same keys.
    return any(_KEYS.search(head) and b'"$schema"' not in head for head in heads)


# Finding entries.


def documents(visit: Visit) -> Iterator[Found]:
    """A document for each entry: of the API, of a file, or of a directory, where files of one name are one entry."""
    if is_web(visit.location):
        for address in _addresses(visit):
            document = visit.fetch.get(address, accept="application/json")
            check_no_page(visit, document, "the registry's JSON")
            yield from kept(visit, address, readable(address, document, _split))
    elif Path(visit.location).is_dir():
        yield from _directory(visit)
    else:
        for found in local(visit.location, _SUFFIXES):
            name = Path(visit.location).name
            yield from kept(visit, name, (found,) if isinstance(found, Reading) else readable(name, found[1], _split))


def _addresses(visit: Visit) -> list[str]:
    """The lists of the API where the location is that of the API as a whole (they end in a slash)."""
    parts = urlsplit(visit.location)
    if parts.path.strip("/"):
        return [visit.location]
    lists = ("dpgs", "nominees") if visit.option("nominees", OPTIONS) else ("dpgs",)
    return [f"{parts.scheme}://{parts.netloc}/{name}/" for name in lists]


def _split(name: str, document: Document) -> Iterator[tuple[str, Document] | Reading]:
    for number, entry in _values(document.content):
        if isinstance(entry, DocumentError):
            yield unreadable(f"line-{number}", document.url, DocumentError(str(entry), number, entry.column, entry.fix))
        elif isinstance(entry, dict):
            yield _entry(_slug(entry, PurePosixPath(name).stem if number == 0 else ""), entry, document)
        else:
            yield rejected(f"line-{number}", document.url, "This is no entry of the registry.")


def _values(content: bytes) -> Iterator[tuple[int, Json | DocumentError]]:
    """The entries of a file with their numbers from 1: of a list, or one a line; 0 is one that is the whole file."""
    try:
        whole = _json.parse(content)
    except DocumentError:
        lines = content.splitlines()
        if not (lines and lines[0].strip().endswith(b"}")):
            raise
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, _parsed(line)
        return
    yield from enumerate(whole, 1) if isinstance(whole, list) else [(0, whole)]


def _parsed(line: bytes) -> Json | DocumentError:
    try:
        return _json.parse(line)
    except DocumentError as error:
        return error


def _directory(visit: Visit) -> Iterator[Found]:
    """The entries of a directory: the files of one name in the registry's folders are the parts of one.

    An entry with a part that cannot be read stays as it was.
    """
    entries: dict[str, dict[str, Json]] = {}
    broken: dict[str, Reading] = {}
    last: Document | None = None
    for found in local(visit.location, _SUFFIXES):
        path = PurePosixPath(found.key if isinstance(found, Reading) else found[0])
        try:
            if isinstance(found, Reading):
                raise DocumentError(found.report.findings[0].message)
            last = found[1]
            value = _json.parse(last.content) if path.suffix == ".json" else None
        except DocumentError as error:
            broken[path.stem] = _broken(path, error)
            continue
        if isinstance(value, dict):
            folder = _FOLDERS.get(path.parent.name, "")
            entries.setdefault(path.stem, {}).update({folder: value} if folder else value)
        else:
            yield from kept(visit, found[0], readable(found[0], last, _split))
    yield from broken.values()
    for stem, entry in entries.items():
        if stem not in broken and last is not None:
            yield _entry(_slug(entry, stem), entry, last)


def _broken(path: PurePosixPath, error: DocumentError) -> Reading:
    """What is wrong with a file; its origin is that of the entry that it is, or is a part of."""
    told = DocumentError(f"{path}: {error}", error.line, error.column, error.fix)
    return unreadable(str(path), _slug({}, path.stem), told)


def _entry(slug: str, entry: dict[str, Json], whole: Document) -> tuple[str, Document]:
    """An entry as one object of what is read of it, which alone makes it another when it changes."""
    parts = [found for name in _PARTS if isinstance(found := entry.get(name), dict)]
    screening = entry.get("screening")
    described = {**(screening if isinstance(screening, dict) else {}), **(parts[0] if parts else entry)}
    states = _json.texts(entry.get("states"))
    stage = "DPG" if isinstance(screening, dict) else _json.text(described.get("stage"))
    is_screened = "DPG" in (states or (stage,))
    left = not _LEFT.isdisjoint((*states, *(name for name in _LEFT if name in entry)))
    found = {name: described.get(name) or described.get(_RENAMED.get(name, name)) for name in _KEPT}
    said = {name: value for name, value in found.items() if value is not None}
    said["organizations"] = [_public(item) for item in _json.objects(said.get("organizations"))]
    return part(slug, {"entry": said, "screened": is_screened and not left}, whole)


def _public(organisation: dict[str, Json]) -> dict[str, Json]:
    return {name: organisation[name] for name in ("name", "website", "org_type") if name in organisation}


def _slug(entry: dict[str, Json], stem: str) -> str:
    """What the registry calls an entry; where it does not say, the name made into such a word."""
    given = _json.text(entry.get("slug")) or _json.text(entry.get("id")) or stem
    name = given or _json.text(entry.get("name")) or ""
    slug = re.sub(r"[^a-z0-9._~-]+", "-", name.lower()).strip("-")
    return slug if slug and slug == name else f"{slug[:40]}-{key(name)}".strip("-")


# Reading an entry.


def readings(key: str, document: Document, minter: Minter) -> Iterator[Reading]:
    """One reading of an entry as `documents` gives it."""
    try:
        whole = _json.parse(document.content)
    except DocumentError as error:
        yield unreadable(key, key, error)
        return
    values = _json.member(whole, "entry")
    name = _json.text(_json.member(values, "name"))
    if name is None:
        yield rejected(key, key, "This entry has no name.", path="name")
        return
    repo, others = _repositories(values)
    identity = repo.identity if repo else _website(values)
    if identity is None:
        yield rejected(key, key, "This entry has neither a repository nor a website that it is known by.")
        return
    entry = Entry(minter, minter.thing("solution", identity), repo, _ENGLISH)
    inferred = _describe(entry, values, others)
    if _json.member(whole, "screened") is True:
        entry.say(entry.iri, DCT.conformsTo, terms.STANDARD)
        entry.say(terms.STANDARD, RDF.type, DCT.Standard)
        entry.say(terms.STANDARD, DCT.title, text("Digital Public Goods Standard", _ENGLISH))
    original = document.content.decode(errors="replace")
    record = Record(key, entry.iri, frozenset(entry.triples), key, inferred=inferred, original=original)
    yield Reading(key, key, Report(tuple(entry.findings)), record)


# Hosts of code other than the well-known forges. What else stands among the repositories is a page: of data, of an app.
_CODE = re.compile(
    r"https?://(?:[\w-]+\.)*sourceforge\.net/(?:projects|p)/|https?://(?:git|hg|svn|gitlab|gitea|source)[\w-]*\.[\w.-]+/"
    r"|https?://(?:www\.)?launchpad\.net/",
    re.IGNORECASE,
)
_PROJECT = re.compile(r"(https?://(?:www\.)?sourceforge\.net)/p(?:rojects)?/([^/?#]+).*", re.IGNORECASE)


def _repositories(values: Json) -> tuple[Repository | None, list[str]]:
    """The repository that the software is known by, the first, and the addresses of the others."""
    listed = _json.items(_json.member(values, "repositories"))
    named = [_json.text(item.get("url") if isinstance(item, dict) else item) for item in listed]
    written = [address for address in (*named, _json.text(_json.member(values, "repositoryURL"))) if address]
    found = {address: repo for address in written if (repo := _repository(address))}
    website = _json.text(_json.member(values, "website"))
    on_forge = _source_code.on_forge(website) if website and not found else None
    repo = next(iter(found.values()), on_forge)
    return repo, [address for address in written if found.get(address) != repo or repo is None]


def _repository(address: str) -> Repository | None:
    address = _PROJECT.sub(r"\1/projects/\2", address)
    repo = _software.repository(address)
    known = repo and (_source_code.on_forge(repo.url) or (_CODE.match(address) and "?" not in address))
    return repo if known else None


def _website(values: Json) -> str | None:
    """The identity of an entry by its website."""
    address = _json.url(_json.member(values, "website"))
    try:
        return web_address(address) if address else None
    except ValueError:
        return None


def _describe(entry: Entry, values: Json, others: Iterable[str]) -> tuple[IRI, ...]:
    """Says all that an entry says; gives the properties that are inferred."""
    name = _json.text(_json.member(values, "name")) or ""
    _software.say_names(entry, {_ENGLISH: name})
    for alias in _json.texts(_json.member(values, "aliases")):
        entry.say(entry.iri, DCT.alternative, text(alias, _ENGLISH))
    if description := _json.text(_json.member(values, "description")):
        _software.say_texts(entry, {_ENGLISH: description}, *_software.SHORT, *_software.LONG)
    if website := _json.text(_json.member(values, "website")):
        _software.say_homepage(entry, website, "website")
    _say_types(entry, _json.texts(_json.member(values, "type")))
    _say_licences(entry, _json.items(_json.member(values, "license")))
    _say_others(entry, others)
    _say_goals(entry, _json.items(_json.member(values, "SDGs")))
    _say_sectors(entry, _json.texts(_json.member(values, "sectors")))
    _say_countries(entry, _json.member(values, "locations"))
    documentation = _json.member(values, "documentation")
    addresses = _json.member(documentation, "documentationURL") if isinstance(documentation, dict) else documentation
    _say_documentation(entry, _json.texts(addresses))
    return _say_organisations(entry, _json.objects(_json.member(values, "organizations")))


# What an entry is, beside a solution; the rest are words.
_TYPES: Mapping[str, tuple[IRI, ...]] = {
    "software": (SCHEMA.SoftwareSourceCode,),
    "content": (SCHEMA.CreativeWork,),
    "standard": (DCT.Standard,),
}
_TYPE_WORDS = {"data": "open data", "content": "open content", "standard": "open standard", "aimodel": "open AI model"}


def _say_types(entry: Entry, types: Iterable[str]) -> None:
    names = [re.sub(r"^open|\W|s$", "", name.lower()) for name in types]  # "software" or "Open Software"
    for name in names:
        # Software is a creative work, too, but not one that documents are meant by.
        entry.say(entry.iri, RDF.type, *(_TYPES.get(name, ()) if name != "content" or "software" not in names else ()))
        if name == "software":
            entry.say(entry.iri, DCT.type, _publiccode_terms.SOLUTION_BUILDING_BLOCK)
        elif name in _TYPE_WORDS:
            entry.say(entry.iri, DCAT.keyword, text(_TYPE_WORDS[name], _ENGLISH))


def _say_licences(entry: Entry, licences: Iterable[Json]) -> None:
    keys = ("spdx", "spdxIdentifier", "openLicense")
    named = ([_json.member(item, key) for key in keys] if isinstance(item, dict) else [item] for item in licences)
    _software.say_licences(entry, [tuple(filter(None, map(_json.text, names)))[:1] for names in named], "license")


def _say_others(entry: Entry, addresses: Iterable[str]) -> None:
    """Further repositories, and what is none, such as a page of downloads: pages. A solution has one repository, and
    which of several is the whole is the author's to say, who names it first."""
    for address in addresses:
        entry.page(FOAF.page, address, "repositories")


def _say_goals(entry: Entry, goals: Iterable[Json]) -> None:
    """The UN's goals, by their numbers: `{"SDGNumber": 3}` or `[3, "…"]`, in newer entries `{"sdg": "SDG3: …"}`."""
    listed = (_json.items(goal.get("sdg")) if isinstance(goal, dict) and "sdg" in goal else (goal,) for goal in goals)
    for goal in chain.from_iterable(listed):
        number = goal.get("SDGNumber") if isinstance(goal, dict) else next(iter(_json.items(goal)), None)
        written = re.match(r"(?:SDG ?)?([0-9]{1,2})(?:\.0)?(?![0-9.])", str(number))
        known = terms.GOALS.get(int(written[1])) if written else None
        if known is None:
            entry.warn("There is no such Sustainable Development Goal.", "SDGs", str(number), "Write 1 to 17.")
            continue
        iri, name = known
        entry.say(entry.iri, DCT.subject, iri)
        entry.say(iri, RDF.type, SKOS.Concept)
        entry.say(iri, SKOS.prefLabel, text(name, _ENGLISH))


def _say_sectors(entry: Entry, sectors: Iterable[str]) -> None:
    for sector in sectors:
        code = terms.SCOPES.get(sector.lower())
        if code is None:
            entry.say(entry.iri, DCAT.keyword, text(sector, _ENGLISH))
        else:
            entry.say(entry.iri, DCT.subject, notations("scope")[code])
            entry.say(entry.iri, DCAT.theme, *_publiccode_terms.THEMES[code])


def _say_countries(entry: Entry, locations: Json) -> None:
    """Where it is developed is where it comes from; where it runs is a country that it supports."""
    for name in _json.texts(_json.member(locations, "developmentCountries")):
        if code := _country(entry, name, "locations.developmentCountries"):
            entry.say(entry.iri, DCT.spatial, *filter(None, (country(code),)))
    for name in _json.texts(_json.member(locations, "deploymentCountries")):
        if code := _country(entry, name, "locations.deploymentCountries"):
            entry.say(entry.iri, SCHEMA.countriesSupported, text(code))


def _country(entry: Entry, name: str, path: str) -> str | None:
    code = terms.country(name)
    if code is None:
        entry.warn("This is not the name of a country; it was left out.", path, name, "Write a name of ISO 3166.")
    return code


_URL = re.compile(r"https?://[^\s<>\"()]+")


def _say_documentation(entry: Entry, texts: Iterable[str]) -> None:
    """Addresses in texts such as "User guide - https://…"."""
    for address in (found.rstrip(".,;:") for written in texts for found in _URL.findall(written)):
        if is_iri(address):
            entry.page(FOAF.page, address, "documentation")
            entry.say(IRI(address), DCT.type, concept("page-type", "documentation"))


# Roles, with what they are to the solution and which of our roles they are.
_ROLES: Mapping[str, tuple[IRI, str | None]] = {
    "owner": (DCT.rightsHolder, None),
    "maintainer": (SCHEMA.maintainer, "maintainer"),
    "funder": (SCHEMA.funder, "funder"),
    "implementer": (PROV.qualifiedAttribution, "partner"),
}


def _say_organisations(entry: Entry, organisations: Iterable[dict[str, Json]]) -> tuple[IRI, ...]:
    """The organisations by name, and the first owner as the publisher, else the first maintainer.

    A website is no identifier here: programmes of one body give the same, and a body gives several.
    """
    by_role: dict[str, list[IRI]] = {}
    for organisation in organisations:
        name, role = _json.text(organisation.get("name")), _json.text(organisation.get("org_type")) or ""
        if name:
            agent = _software.organisation(entry, {_ENGLISH: name})
            by_role.setdefault(role, []).append(agent)
            _say_organisation(entry, agent, role, _json.url(organisation.get("website")))
    publishers = by_role.get("owner") or by_role.get("maintainer")
    inferred = _software.say_publisher(entry, publishers[0] if publishers else None)
    return inferred if by_role.get("owner") or not publishers else (DCT.publisher,)


def _say_organisation(entry: Entry, agent: IRI, role: str, website: str | None) -> None:
    predicate, code = _ROLES.get(role, (None, None))
    if predicate and predicate != PROV.qualifiedAttribution:
        entry.say(entry.iri, predicate, agent)
    if code:
        entry.attributed(agent, concept("role", code))
    if website and (page := entry.address(website, "organizations.website")):
        entry.say(agent, FOAF.homepage, page)
        entry.say(page, RDF.type, FOAF.Document)
