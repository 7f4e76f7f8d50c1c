"""codemeta.json: contexts 1.0 to 3.0 and what is written in the wild, read as JSON and not as RDF.

Texts stand where objects should, objects where lists should, and the keys of version 1 beside those of 3; a term with a
prefix (`schema:name`, `codemeta:readme`) or as an IRI is the term. Of a graph (`@graph`) or list, every piece of
software is read. Texts are in the language of their `@language`, else in an unknown one: CodeMeta does not say.

Software is known by its repository: `codeRepository`, where that is one, else the other addresses that are said to be
of its source, else where the file was found. Software without is known by its DOI or page.

Authors, contributors and maintainers who are persons are contacts where they give an e-mail address, as in the
publiccode harvester; their names alone are not published.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from catalogue.errors import DocumentError
from catalogue.harvesters import _json, _software, _source_code
from catalogue.harvesters._entry import Entry
from catalogue.harvesters._json import Json
from catalogue.harvesters._software import find
from catalogue.harvesters._split import beginnings, fetched, local, names, unreadable
from catalogue.identity import Minter, Repository
from catalogue.identity import key as hashed
from catalogue.model import Document, Finding, Found, Reading, Record, Report, Severity, Unchanged
from catalogue.publiccode import values
from catalogue.publiccode.forges import found_in
from catalogue.rdf import IRI, text
from catalogue.visit import Option, Visit, is_web
from catalogue.vocabulary import (
    DCAT,
    DCT,
    DOAP_BUG_DATABASE,
    FOAF,
    PROV,
    RDF,
    SCHEMA,
    concept,
)

__all__ = ["OPTIONS", "PRECEDENCE", "documents", "readings", "recognises"]

PRECEDENCE = 40
OPTIONS: Mapping[str, Option] = {}

_SUFFIXES = (".json", ".jsonld")
_MAX_BYTES = 4 << 20
_MAX_NESTED = 3


def recognises(location: str, document: Document | None) -> bool:
    """By its name or context; a directory by one such file in it."""
    if any(re.search(r"(?:^|[._-])codemeta\.json(?:ld)?$", name) for name in names(location)):
        return True
    heads = beginnings(location, document, _SUFFIXES)
    return any(re.search(rb"doi\.org/10\.5063/schema/codemeta|w3id\.org/codemeta", head) for head in heads)


def documents(visit: Visit) -> Iterator[Found]:
    """The JSON files of a directory, a file, or what an address answers, each with its path or address as key."""
    if is_web(visit.location):
        document = fetched(visit, visit.location, _MAX_BYTES)
        yield document if isinstance(document, Unchanged) else (visit.location, document)
    else:
        yield from local(visit.location, _SUFFIXES)


def readings(key: str, document: Document, minter: Minter) -> Iterator[Reading]:
    """A reading for each piece of software; of the one of a file with the key of the document."""
    origin = document.url if document.is_remote else key
    warnings: list[Finding] = []
    try:
        value = _json.parse(document.content, _MAX_BYTES, found=warnings)
        described = _software_among(list(_described_in(value, 0)))
        if not described:
            fix = 'Give an object with "name", whose "@type" is SoftwareSourceCode.'
            raise DocumentError("The file describes no software.", 1, 1, fix)
    except DocumentError as error:
        yield unreadable(key, origin, error)
        return
    inside = found_in(document.url) if document.is_remote else None
    for number, terms in enumerate(described):
        item_key = key if number == 0 else hashed(f"{key}\n{_text(terms.get('@id')) or _text(terms.get('name'))}")
        reading = _reading(_Place(item_key, origin, inside, document), _Software(terms), minter)
        yield Reading(item_key, origin, Report((*warnings, *reading.report.findings)), reading.record)


# JSON-LD as JSON.

_PREFIX = re.compile(r"(?:schema|codemeta|sdo|https?://schema\.org/|https?://codemeta\.github\.io/terms/|https://w3id\.org/codemeta/terms/):?")  # fmt: skip  # noqa: E501
_SOFTWARE = re.compile(r"Software|Application|Code$")
_ORGANISATION = re.compile(r"Organi[sz]ation$|^(?:CollegeOrUniversity|Consortium|Corporation|Library|NGO)$")
_OTHER_TYPES = frozenset(("Person", "Organization", "Grant", "ScholarlyArticle", "Review", "Dataset", "DataCatalog",
                          "Article", "Book", "WebSite", "WebPage", "Event"))  # fmt: skip


def _terms(value: dict[str, Json]) -> dict[str, Json]:
    """The values of an object by their terms; of a term with and without a prefix, the first with a value."""
    found: dict[str, Json] = {}
    for name, item in value.items():
        # "@name" is no keyword of JSON-LD, and often written.
        term = _PREFIX.sub("", name, count=1) if _PREFIX.match(name) else name
        term = {"id": "@id", "type": "@type", "@name": "name", "URL": "url"}.get(term, term)
        if found.get(term) in (None, "", [], {}):
            found[term] = item
    return found


def _types(terms: Mapping[str, Json]) -> tuple[str, ...]:
    """What it is; the first version wrote `person` for Person."""
    names = (_PREFIX.sub("", name, count=1) for name in _json.texts(terms.get("@type")))
    return tuple(name[:1].upper() + name[1:] for name in names)


def _is_software(terms: Mapping[str, Json]) -> bool:
    return any(map(_SOFTWARE.search, _types(terms)))


def _is_organisation(terms: Mapping[str, Json]) -> bool:
    return any(map(_ORGANISATION.search, _types(terms)))


def _described_in(value: Json, depth: int) -> Iterator[dict[str, Json]]:
    """The objects that describe software: one, those of a list, or of a graph."""
    for item in _json.objects(value) if depth < _MAX_NESTED else ():
        terms = _terms(item)
        if "@graph" in terms:
            inside = terms["@graph"]
            known = {str(one.get("@id")): one for one in _json.objects(inside)}
            for found in _described_in(inside, depth + 1):
                yield {name: _in_place(said, known) for name, said in found.items()}
            continue
        types = set(_types(terms))
        is_other = types & _OTHER_TYPES or not (types or terms.keys() & {*_NAME, "codeRepository"})
        if _is_software(terms) or not is_other:
            yield terms


def _in_place(value: Json, known: Mapping[str, Json]) -> Json:
    """A value with the objects of its graph where it only refers to them; these are left as they are."""
    if isinstance(value, list):
        return [_in_place(item, known) for item in value]
    if not isinstance(value, dict) or len(value) != 1:
        return value
    if "@list" in value:
        return {"@list": _in_place(value["@list"], known)}
    return known.get(str(value.get("@id")), value)


def _software_among(described: list[dict[str, Json]]) -> list[dict[str, Json]]:
    """Those that say they are software: in a graph, the others are what these refer to, such as a language or paper.

    Where none says so, all of them.
    """
    return list(filter(_is_software, described)) or described


def _text(value: Json) -> str | None:
    """A text, also as `{"@value": …}`, or the first of a list; a number as it is written."""
    for item in _json.items(value):
        inner = _json.member(item, "@value") if isinstance(item, dict) else item
        if isinstance(inner, int | float) and not isinstance(inner, bool):
            return str(inner)
        if found := _json.text(inner):
            return found
    return None


def _language(value: Json) -> str:
    tag = _json.text(_json.member(_json.items(value)[0], "@language")) if _json.items(value) else None
    return values.language_tag(tag or "") or "und"


def _named(value: Json) -> tuple[str, ...]:
    """What a list of texts or of things with names says: `["R"]`, `{"@type": "ComputerLanguage", "name": "R"}`."""
    found = (_text(item) if not isinstance(item, dict) else _name(item) or _text(item) for item in _members(value))
    return tuple(name for name in found if name)


def _name(value: dict[str, Json]) -> str | None:
    terms = _terms(value)
    return _text(terms.get("name")) or _text(terms.get("identifier"))


def _members(value: Json) -> tuple[Json, ...]:
    """The items of a list, also of one as R writes it: an object with the keys "1", "2" …, or of `{"@list": […]}`."""
    if isinstance(value, dict) and value and all(name.isdigit() or name == "SystemRequirements" for name in value):
        return tuple(item for item in value.values() if item is not None)
    lists = ((item, _json.member(item, "@list")) for item in _json.items(value))
    return tuple(chain.from_iterable((item,) if inner is None else _json.items(inner) for item, inner in lists))


def _things(value: Json) -> tuple[dict[str, Json], ...]:
    """The objects of a list."""
    return tuple(item for item in _members(value) if isinstance(item, dict))


def _addresses(value: Json) -> tuple[str, ...]:
    """The addresses that texts and things (by `url`, else `@id`, else a property's `value`) give."""
    found = []
    for item in _members(value):
        terms = _terms(item) if isinstance(item, dict) else {}
        names = ("url", "@id", "@value", "value")
        candidates = tuple(terms.get(name) for name in names) if terms else (item,)
        found.append(next(filter(None, map(_text, candidates)), None))
    return tuple(address for address in found if address)


# One piece of software.

# What its name is, of today's and of the first version.
_NAME = ("name", "title")


@dataclass(frozen=True)
class _Place:
    """Where a description stands; `found_in` is the repository that the file is in, as far as its address tells."""

    key: str
    origin: str
    found_in: str | None
    document: Document


@dataclass(frozen=True)
class _Software:
    """The terms of one description."""

    terms: Mapping[str, Json]

    def get(self, *names: str) -> Json:
        """The value of the first of several terms that has one: later versions renamed some."""
        return next((found for name in names if (found := self.terms.get(name)) not in (None, "", [], {})), None)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Addresses that may be of the repository, the likeliest first, by the term that gives them."""
        terms = ("codeRepository", "repository", "issueTracker", "url", "@id", "downloadUrl", "readme")
        found = (address for name in terms for address in _addresses(self.terms.get(name))[:1])
        return tuple(re.sub(r"/(?:-/)?issues/?$", "", address) for address in found)

    @property
    def stated(self) -> str | None:
        """The address that is said to be of the repository."""
        return next(iter(_addresses(self.get("codeRepository", "repository"))), None)

    def repository(self, found_in: str | None) -> Repository | None:
        if repo := _software.repository(re.sub(r"^(?:(?:scm:)?git:|git\+)(?=https?:)", "", self.stated or "")):
            return repo
        candidates = (*self.addresses, *([found_in] if found_in else []))
        found = filter(None, map(_software.repository, candidates))
        return next((repo for repo in found if _source_code.on_forge(repo.url)), None)

    @property
    def doi(self) -> str | None:
        """The address of its DOI."""
        for written in (*_addresses(self.get("identifier")), _text(self.get("@id")) or ""):
            if found := _DOI.search(written):
                return f"https://doi.org/{found[1].lower().rstrip('.,;')}"
        return None

    @property
    def identity(self) -> str | None:
        """What the software is known by where it has no repository: its DOI, else its own page or IRI."""
        pages = (*_addresses(self.get("url")), _text(self.get("@id")))
        return self.doi or next(filter(_json.url, pages), None)


_DOI = re.compile(r"(?:^|doi\.org/|doi/|doi:\s*)(10\.\d{4,9}/[^\s\"<>]+)", re.IGNORECASE)


def _reading(place: _Place, software: _Software, minter: Minter) -> Reading:
    fault = _fault(software, place.found_in)
    if fault:
        return Reading(place.key, place.origin, Report((fault,)))
    entry, inferred = _described(software, place.found_in, minter)
    record = Record(
        key=place.key,
        iri=entry.iri,
        triples=frozenset(entry.triples),
        origin=place.origin,
        inferred=inferred,
        original=place.document.content.decode(errors="replace"),
        same=frozenset({minter.thing("solution", software.doi)} if software.doi else ()) - {entry.iri},
    )
    return Reading(place.key, place.origin, Report(tuple(entry.findings)), record)


def _fault(software: _Software, inside: str | None) -> Finding | None:
    """What keeps software out: no name, or nothing to know it by."""
    if not _text(software.get(*_NAME)):
        return Finding(Severity.VIOLATION, "The name of the software is missing.", "name", fix='Add a "name".')
    if software.repository(inside) is None and software.identity is None:
        message = "Nothing says which software this is: there is no repository, DOI or page of it."
        fix = "Write the address of the repository as codeRepository."
        return Finding(Severity.VIOLATION, message, "codeRepository", software.stated, fix)
    return None


def _described(software: _Software, inside: str | None, minter: Minter) -> tuple[Entry, tuple[IRI, ...]]:
    entry = _software.described(minter, software.repository(inside), software.identity or "")
    name = software.get(*_NAME)
    _software.say_names(entry, {_language(name): _text(name) or ""})
    _find_repository(entry, software, inside)
    if software.doi:
        entry.identifier(software.doi)
    for names_of_term, reader in _READERS.items():
        value = software.get(*names_of_term)
        if value is not None:
            reader(entry, value)
    inferred = _software.say_publisher(entry, _publisher(entry, software))
    for address in _addresses(software.get("downloadUrl", "downloadURL", "downloadLink", "installUrl"))[:1]:
        _software.say_download(entry, address, "downloadUrl")
    version = _text(software.get("softwareVersion", "version"))
    _software.say_release(entry, version, _released(software) if version else None)
    return entry, inferred


def _released(software: _Software) -> str | None:
    """The day of the version: that of the first publication, unless the software was modified since."""
    published, modified = (_json.date(_text(software.get(name))) for name in ("datePublished", "dateModified"))
    return published if modified in (None, published) else None


def _find_repository(entry: Entry, software: _Software, inside: str | None) -> None:
    """Tells where the repository is not as the file says, or the file not in the repository that it describes."""
    stated, fix = software.stated, "Write the address of the repository."
    known = entry.repository
    if stated is None:
        find(entry, Severity.WARNING, "The address of the repository is missing.", "codeRepository", None, fix)
    elif _software.repository(stated) != known:
        message = "This is no address of a repository."
        message += f" The software is known by {known.url}, which the file names, too." if known else ""
        find(entry, Severity.WARNING, message, "codeRepository", stated, fix)
    elif known and inside and inside != known.url:
        message = f"The file was found in {inside}: it is read as a description of the repository that it names."
        find(entry, Severity.WARNING, message, "codeRepository", stated, "Change the address if the software moved.")


# Who.


def _publisher(entry: Entry, software: _Software) -> IRI | None:
    """Who publishes it: the first organisation that it is said to be published, produced or written by.

    Who publishes is taken for one also where that is not said, as by a name alone.
    """
    for name in ("publisher", "producer", "sourceOrganization", "author", "creator", "copyrightHolder"):
        is_told = name in ("publisher", "producer", "sourceOrganization")
        for item in _members(software.get(name)):
            terms = (
                _terms(item) if isinstance(item, dict) else {"name": _json.text(item) if not _json.url(item) else None}
            )
            is_one = _is_organisation(terms) or (is_told and not _types(terms))
            if is_one and (agent := _organisation(entry, terms)):
                return agent
    return None


def _organisation(entry: Entry, terms: Mapping[str, Json]) -> IRI | None:
    """An organisation by an identifier of its own that is an address (ROR, its site), else by its name."""
    name = _text(terms.get("name")) or _text(terms.get("legalName"))
    uri = next(filter(_json.url, map(_text, (terms.get("@id"), terms.get("identifier"), terms.get("url")))), None)
    if not (name or uri):
        return None
    agent = _software.organisation(entry, {_language(terms.get("name")): name} if name else {}, uri)
    homepage = _json.url(_text(terms.get("url")))
    if homepage:
        entry.say(agent, FOAF.homepage, IRI(homepage))
        entry.say(IRI(homepage), RDF.type, FOAF.Document)
    return agent


def _people(term: str) -> Callable[[Entry, Json], None]:
    """Reads the persons with an e-mail address."""

    def read_people(entry: Entry, value: Json) -> None:
        for item in _things(value):
            terms = _terms(item)
            parts = filter(None, (_text(terms.get("givenName")), _text(terms.get("familyName"))))
            name = _text(terms.get("name")) or " ".join(parts)
            email = _text(terms.get("email")) or ""
            if values.email(email) and not _is_organisation(terms):
                _software.contact(entry, name, email)
            elif email and not values.email(email):
                fix = "Write one address, such as name@example.org."
                find(entry, Severity.WARNING, "This is not an e-mail address.", term, email, fix)

    return read_people


def _funders(entry: Entry, value: Json) -> None:
    """Organisations that fund it; of a grant, its funder."""
    for item in _members(value):
        terms = _terms(item) if isinstance(item, dict) else {"name": item}
        if "funder" in terms:
            _funders(entry, terms["funder"])
            continue
        is_grant = "Grant" in _types(terms) or not isinstance(item, dict | str)
        agent = None if is_grant else _organisation(entry, terms)
        if agent:
            entry.say(entry.iri, SCHEMA.funder, agent)
            entry.attributed(agent, concept("role", "funder"))


def _grants(entry: Entry, value: Json) -> None:
    """The funders of grants; a grant's number names nobody."""
    _funders(entry, [item for item in _things(value) if "funder" in _terms(item)])


def _copyright_holders(entry: Entry, value: Json) -> None:
    for item in _things(value):
        terms = _terms(item)
        if _is_organisation(terms) and (agent := _organisation(entry, terms)):
            entry.say(entry.iri, DCT.rightsHolder, agent)
            entry.say(entry.iri, SCHEMA.copyrightHolder, agent)


# What.

# The states of repostatus.org, and what they mean for whoever wants to use the software.
_STATUSES: Mapping[str, str] = {
    "concept": "concept",
    "wip": "development",
    "active": "stable",
    "inactive": "stable",
    "suspended": "development",
    "abandoned": "obsolete",
    "moved": "obsolete",
    "unsupported": "obsolete",
}


def _status(entry: Entry, value: Json) -> None:
    """A state of repostatus.org by its address or name; also a code of publiccode.yml."""
    written = _named(value) + _addresses(value)
    for text_of in written:
        word = re.sub(r"^https?://(?:www\.)?repostatus\.org/?#?", "", text_of, flags=re.IGNORECASE).lower()
        code = _STATUSES.get(word) or values.code("development-status", word)
        if code:
            _software.say_status(entry, code)
            return
    fix = "Write a state of https://www.repostatus.org, such as https://www.repostatus.org/#active."
    find(
        entry, Severity.WARNING, "This is no state that is known.", "developmentStatus", next(iter(written), None), fix
    )


def _description(entry: Entry, value: Json) -> None:
    for item in _json.items(value):
        if written := _text(item):
            short = () if len(written) > _MAX_SHORT else _software.SHORT
            _software.say_texts(entry, {_language(item): written}, *short, *_software.LONG)


# A description as long as this is no abstract of one sentence.
_MAX_SHORT = 300


def _licence(entry: Entry, value: Json) -> None:
    written = []
    for item in _members(value):
        terms = _terms(item) if isinstance(item, dict) else {}
        given = (terms.get("@id"), terms.get("url"), terms.get("name"), terms.get("identifier")) if terms else (item,)
        written.append(tuple(filter(None, map(_text, given))))
    _software.say_licences(entry, written, "license")


def _words(value: Json) -> tuple[str, ...]:
    """What a list says; one text in its place has commas between the words."""
    words = re.split("[,;]", value) if isinstance(value, str) else _named(value)
    return tuple(filter(None, (word.strip() for word in words)))


def _keywords(entry: Entry, value: Json) -> None:
    for item in [value] if isinstance(value, str) else [[item] for item in _members(value)]:
        _software.say_keywords(entry, _language(item), _words(item))


def _categories(entry: Entry, value: Json) -> None:
    """What it is for, in words; the address of a concept of somebody's list is none."""
    entry.say(entry.iri, DCAT.keyword, *(text(name, "und") for name in _named(value) if not _json.url(name)))


def _page(*predicates: IRI, page_type: str = "", term: str = "") -> Callable[[Entry, Json], None]:
    """Reads addresses of pages."""

    def read_page(entry: Entry, value: Json) -> None:
        for address in _addresses(value):
            if not _json.url(address):
                continue  # relative to the file, or within a JSON-LD document that is not here
            for predicate in predicates:
                entry.page(predicate, address, term)
            if page_type and values.address(address):
                entry.say(IRI(address), DCT.type, concept("page-type", page_type))

    return read_page


def _links(term: str, *predicates: IRI) -> Callable[[Entry, Json], None]:
    """Reads addresses of what is no page; those relative to the file are left out."""

    def read_links(entry: Entry, value: Json) -> None:
        for written in filter(_json.url, _addresses(value)):
            address = entry.address(written, term)
            for predicate in predicates:
                entry.say(entry.iri, predicate, *([address] if address else []))

    return read_links


def _phrases(predicate: IRI) -> Callable[[Entry, Json], None]:
    def read_phrases(entry: Entry, value: Json) -> None:
        for item in _members(value):
            entry.say(entry.iri, predicate, *(text(phrase, _language(item)) for phrase in _named(item)))

    return read_phrases


def _homepage(entry: Entry, value: Json) -> None:
    for address in _addresses(value)[:1]:
        _software.say_homepage(entry, address, "url")


def _date(predicate: IRI, term: str) -> Callable[[Entry, Json], None]:
    def read_date(entry: Entry, value: Json) -> None:
        written = _text(value)
        if written:
            _software.say_date(entry, predicate, written, term)

    return read_date


def _languages(entry: Entry, value: Json) -> None:
    _software.say_programming_languages(entry, _words(value))


def _systems(entry: Entry, value: Json) -> None:
    _software.say_systems(entry, _words(value))


def _requirements(entry: Entry, value: Json) -> None:
    """What it needs to run, as software with a name; the address of a file of requirements is a page."""
    for item in _members(value):
        terms = _terms(item) if isinstance(item, dict) else {"name": item}
        name = next(filter(None, (_text(terms.get(term)) for term in ("name", "identifier", "packageId"))), None)
        if name and _json.url(name):
            entry.page(FOAF.page, name, "softwareRequirements")
        elif name:
            _say_requirement(entry, name, _text(terms.get("version")) or _text(terms.get("softwareVersion")))


def _say_requirement(entry: Entry, name: str, version: str | None) -> None:
    """As the publiccode harvester says of dependencies; but whether they are open is not known."""
    thing = entry.node("requires", f"{name}\n{version or ''}")
    entry.say(entry.iri, DCT.requires, thing)
    entry.say(entry.iri, SCHEMA.softwareRequirements, thing)
    entry.say(thing, RDF.type, SCHEMA.SoftwareApplication)
    entry.say(thing, SCHEMA.name, text(name, "und"))
    if version:
        entry.say(thing, SCHEMA.softwareVersion, text(version))


_READERS: Mapping[tuple[str, ...], Callable[[Entry, Json], None]] = {
    ("alternateName",): _phrases(DCT.alternative),
    ("description",): _description,
    ("featureList",): _phrases(SCHEMA.featureList),
    ("logo",): _links("logo", FOAF.logo, SCHEMA.image),
    ("image", "thumbnailUrl"): _links("image", SCHEMA.image),
    ("screenshot",): _links("screenshot", SCHEMA.screenshot),
    ("isBasedOn",): _links("isBasedOn", SCHEMA.isBasedOn, PROV.wasDerivedFrom, DCT.source),
    ("license", "licenseId"): _licence,
    ("developmentStatus",): _status,
    ("keywords", "tags"): _keywords,
    ("applicationCategory",): _categories,
    ("programmingLanguage",): _languages,
    ("operatingSystem", "operatingSystems"): _systems,
    ("url",): _homepage,
    ("dateCreated",): _date(DCT.created, "dateCreated"),
    ("dateModified",): _date(DCT.modified, "dateModified"),
    ("datePublished",): _date(DCT.issued, "datePublished"),
    ("issueTracker",): _page(DOAP_BUG_DATABASE, term="issueTracker"),
    ("readme",): _page(FOAF.page, page_type="documentation", term="readme"),
    ("softwareHelp", "documentation"): _page(FOAF.page, SCHEMA.softwareHelp, page_type="documentation"),
    ("referencePublication",): _page(FOAF.page, term="referencePublication"),
    ("relatedLink",): _page(FOAF.page, term="relatedLink"),
    ("releaseNotes",): _page(FOAF.page, term="releaseNotes"),
    ("author", "creator", "agents", "agent"): _people("author"),
    ("contributor",): _people("contributor"),
    ("maintainer",): _people("maintainer"),
    ("funder",): _funders,
    ("funding",): _grants,
    ("copyrightHolder",): _copyright_holders,
    ("softwareRequirements", "dependencies", "depends", "dependency"): _requirements,
}
