"""code.json, the inventories of US federal agencies: code.gov 1.0.0, 1.0.1 and 2.0.0, and what agencies make of them.

Inventories with `releases` or `projects`, bare lists and single objects are read alike; keys count by their letters,
whatever their case. Texts are English, and organisations are US public bodies: the schema is that of a federal policy.
Software is known by its repository. Where there is none, or its address is no repository's (an account, FTP), it is
known by agency, organisation and name: nobody else can mean it by that, so it is never merged with another's.

What is not open source (`usageType` other than openSource, `closedProject`) and has no repository for everyone to read
is not for this catalogue; the report of its record says so.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from catalogue.code_lists import notations
from catalogue.errors import DocumentError
from catalogue.harvesters import _json, _software, _source_code
from catalogue.harvesters._entry import Entry
from catalogue.harvesters._json import Json
from catalogue.harvesters._software import find
from catalogue.harvesters._split import beginnings, entries, names, part, unreadable
from catalogue.identity import Minter, Repository, key
from catalogue.model import Document, Finding, Found, Reading, Record, Report, Severity
from catalogue.publiccode.forges import found_in
from catalogue.publiccode.values import email as email_address
from catalogue.rdf import IRI, Literal, text
from catalogue.visit import Option, Visit
from catalogue.vocabulary import (
    DCAT,
    DCT,
    DOAP_BUG_DATABASE,
    FOAF,
    OSC,
    XSD,
    concept,
)

__all__ = ["OPTIONS", "PRECEDENCE", "documents", "readings", "recognises"]

PRECEDENCE = 50
OPTIONS: Mapping[str, Option] = {}

_COUNTRY = "US"
_SUFFIXES = (".json",)
_MAX_NESTED = 3


def recognises(location: str, document: Document | None) -> bool:
    """By its name, or by keys that only such inventories have; a directory by one such file in it."""
    if any(re.search(r"(?:^|[._-])code\.json$", name) for name in names(location)):
        return True
    heads = beginnings(location, document, _SUFFIXES)
    return any(re.search(rb'"releases"\s*:\s*[\[{]', head) and b'"agency"' in head for head in heads)


def documents(visit: Visit) -> Iterator[Found]:
    """A document for each release of each inventory."""
    return entries(visit, _SUFFIXES, split)


# Splitting an inventory.


def split(name: str, document: Document) -> Iterator[tuple[str, Document] | Reading]:
    """A document for each release of an inventory. Raises DocumentError for what is none."""
    whole = _json.parse(document.content)
    releases = list(_releases(whole, None, 0))
    if not releases and not _is_emptied(whole):
        fix = "Give an object with `releases`, a list of releases, or one release."
        raise DocumentError("The file holds no releases.", 1, 1, fix)
    # The code.json of a repository describes it, also where it does not say which.
    inside = found_in(document.url) if len(releases) == 1 and document.is_remote else None
    counts = Counter(_identity(release) for _, release in releases)
    for agency, release in releases:
        identity = _identity(release)
        unique = identity if counts[identity] == 1 else f"{identity}\n{_further_identity(release)}"
        entry = {"agency": agency, "file": name, "foundIn": inside, "release": release}
        yield part(key(f"{name}\n{unique}"), entry, document)


def _releases(value: Json, agency: Json, depth: int) -> Iterator[tuple[Json, Json]]:
    """The releases of an inventory, of a list of either, or the one that an object is, each with its agency.

    What else stands among releases is given, too, so that it is told.
    """
    for item in _json.items(value) if depth < _MAX_NESTED else ():
        letters = _letters(item)
        inner = _in_list(letters.get("releases") or letters.get("projects"))
        if _json.objects(inner) and _is_inventory(letters):
            yield from _releases(inner, letters.get("agency", agency), depth + 1)
        elif not _OF_RELEASES.isdisjoint(letters) or (depth and item is not None):
            yield agency, item


def _is_inventory(letters: Mapping[str, Json]) -> bool:
    """Whether what has `releases` is no release itself, which may list its versions; some inventories have a name."""
    return _OF_RELEASES.isdisjoint(letters) or ("agency" in letters and _OF_RELEASES & letters.keys() == {"name"})


_OF_RELEASES = frozenset(("name", "repositoryurl", "repository"))


def _in_list(value: Json) -> Json:
    """The releases of an inventory that has them as an object, by names of their own."""
    is_named = isinstance(value, dict) and all(isinstance(one, dict) for one in value.values())
    return list(value.values()) if is_named else value


def _is_emptied(whole: Json) -> bool:
    """Whether an agency says that it has no releases."""
    letters = _letters(whole)
    return "agency" in letters and [] in (letters.get("releases"), letters.get("projects"))


# What stands in templates where the name of the repository should be.
_TEMPLATE = re.compile(
    r"/(?:repo(?:sitory)?[-_]?name|your[-_](?:repo|project|org)[\w-]*|(?:org|owner|user|username)/repo)$"
)


def _repository(written: str) -> Repository | None:
    """The repository at an address; None for what is left of a template, which would be the same for all."""
    repo = _software.repository(written)
    return None if repo is None or _TEMPLATE.search(repo.url.lower()) else repo


def _identity(release: Json) -> str:
    written = _json.text(_field(release, "repository")) or ""
    repo = _repository(written)
    return repo.identity if repo else f"{written} {_json.text(_field(release, 'name'))}"


def _further_identity(release: Json) -> str:
    """What tells releases of one repository from each other."""
    letters = _letters(release)
    return "\n".join(str(letters.get(name)) for name in ("name", "localid", "version"))


# Reading a release.


def _letters(value: Json) -> dict[str, Json]:
    """Keys by their letters in lower case; of several that come to the same, the first that has a value. None of what
    is no object."""
    found: dict[str, Json] = {}
    for name, item in value.items() if isinstance(value, dict) else ():
        letters = re.sub(r"[^a-z]", "", name.lower())
        if found.get(letters) in (None, "", []):
            found[letters] = item
    return found


# What a field is called in the versions of the schema and in files in use.
_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "title", "projectname"),
    "repository": ("repositoryurl", "repository", "repourl", "repo", "sourcecodeurl", "vcsurl"),
    "homepage": ("homepageurl", "homepage", "website", "projecturl"),
    "organization": ("organization", "organisation"),
    "languages": ("languages", "language", "programminglanguages"),
    "tags": ("tags", "keywords"),
    "date": ("date", "updated", "dates"),
    "created": ("created",),
    "modified": ("lastmodified", "sourcecodelastmodified", "lastcommit", "modified", "updated"),
    "feedback": ("feedbackmechanism", "feedbackmechanisms"),
    "licenses": ("licenses", "license", "licences", "licence"),
    "URL": ("url", "codeurl"),
}


def _field(value: Json, name: str) -> Json:
    letters = _letters(value) if isinstance(value, dict) else {}
    spellings = _SPELLINGS.get(name, (name.lower(),))
    return next((found for spelling in spellings if not _is_nothing(found := letters.get(spelling))), None)


def _is_nothing(value: Json) -> bool:
    """Whether a value says nothing, also in words."""
    return value in (None, "", []) or (isinstance(value, str) and value.strip().lower() in ("n/a", "null"))


@dataclass(frozen=True)
class _Release:
    """One release: its values, its agency, and the repository that it was found in."""

    values: dict[str, Json]
    agency: Json
    found_in: str | None

    def text(self, name: str) -> str:
        return _json.text(_field(self.values, name)) or ""

    @property
    def agency_name(self) -> str:
        return _name_of(_field(self.values, "agency") or self.agency)

    @property
    def organization(self) -> str:
        return _name_of(_field(self.values, "organization"))

    @property
    def usage(self) -> str:
        """The usage type of 2.0; of the flags of 1.0 what they mean in 2.0."""
        stated = _json.texts(_field(_field(self.values, "permissions"), "usageType"))
        if stated:
            return "openSource" if "openSource" in stated else stated[0]
        flags = {"openSourceProject": "openSource", "governmentWideReuseProject": "governmentWideReuse"}
        flags["closedProject"] = "closed"
        set_flags = (usage for flag, usage in flags.items() if _field(self.values, flag) in (1, "1", True))
        return next(set_flags, "closed" if _field(self.values, "openSourceProject") in (0, "0", False) else "")

    @property
    def repository(self) -> Repository | None:
        """The repository that is stated, else the one that the file is in, else one that is given as another page."""
        found = (_repository(address) for address in (self.text("repository"), self.found_in or ""))
        others = (_repository(self.text(name)) for name in ("homepage", "downloadURL"))
        on_forges = (repo for repo in others if repo and _source_code.on_forge(repo.url))
        return next(filter(None, chain(found, on_forges)), None)

    @property
    def closed(self) -> str:
        """Why nobody but its owners can read it, "" where everyone can, as far as is known.

        Of what is for the government only, the address is mostly that of a page to ask for it.
        """
        visibility, usage = self.text("repositoryVisibility").lower(), self.usage.lower()
        if visibility in ("private", "internal"):
            return f"its repository is {visibility}"
        stated = _repository(self.text("repository"))
        is_readable = stated is not None and _source_code.on_forge(stated.url) is not None
        is_exempt = usage.startswith(("exempt", "closed")) and visibility != "public"
        is_closed = usage not in ("", "opensource") and (is_exempt or not is_readable)
        return f"its usage type is {self.usage}" if is_closed else ""


def _name_of(value: Json) -> str:
    """Of an agency or organisation, which is a text, or an object with name and acronym."""
    return _json.text(_field(value, "name") or _field(value, "acronym") if isinstance(value, dict) else value) or ""


def readings(key: str, document: Document, minter: Minter) -> Iterator[Reading]:
    """The one reading of a release."""
    origin = document.url if document.is_remote else key
    try:
        value = _json.parse(document.content)
    except DocumentError as error:
        yield unreadable(key, origin, error)
        return
    values = _json.member(value, "release")
    inside = _json.text(_json.member(value, "foundIn"))
    release = _Release(values if isinstance(values, dict) else {}, _json.member(value, "agency"), inside)
    fault = _fault(release)
    if fault:
        place = _json.text(_json.member(value, "file"))
        is_named = place and fault.severity is Severity.VIOLATION
        told = replace(fault, message=f"{place}: {fault.message}") if is_named else fault
        yield Reading(key, origin, Report((told,)))
        return
    entry, inferred = _described(release, minter)
    record = Record(
        key=key,
        iri=entry.iri,
        triples=frozenset(entry.triples),
        origin=origin,
        inferred=inferred,
        original=document.content.decode(),
    )
    yield Reading(key, origin, Report(tuple(entry.findings)), record)


def _fault(release: _Release) -> Finding | None:
    """What keeps a release from being published."""
    name, written = release.text("name"), release.text("repository") or None
    if not name:
        told = f" in the release with the repository {written}" if written else ""
        return Finding(Severity.VIOLATION, f"The name of the software is missing{told}.", "name", fix="Add a `name`.")
    if release.closed:
        # Said of many, and counted by its words: it names nothing.
        message = f"This is not open source ({release.closed}), so it is not published."
        fix = "If everyone may use it, write openSource, and the address of its repository as repositoryURL."
        return Finding(Severity.INFO, message, "permissions.usageType", release.usage, fix)
    if release.repository is None and not (release.agency_name or release.organization):
        message = f"Nothing says which software “{name}” is: it has no repository, and belongs to no agency."
        fix = "Write the address of the repository as repositoryURL."
        return Finding(Severity.VIOLATION, message, "repositoryURL", written, fix)
    return None


def _described(release: _Release, minter: Minter) -> tuple[Entry, tuple[IRI, ...]]:
    own = f"code.json {release.agency_name}\n{release.organization}\n{release.text('name')}"
    entry = _software.described(minter, release.repository, own)
    _software.say_names(entry, {"en": release.text("name")})
    for name, reader in _READERS.items():
        value = _field(release.values, name)
        if value is not None:
            reader(entry, value)
    _say_repository(entry, release)
    inferred = _software.say_publisher(entry, _publisher(entry, release))
    if not _software.told(entry, DCT.description):
        find(entry, Severity.WARNING, "The description is missing.", "description", None, "Add a sentence or two.")
    download = release.text("downloadURL")
    if download:
        _software.say_download(entry, download, "downloadURL")
    _software.say_release(entry, release.text("version") or None, None)
    return entry, inferred


def _say_repository(entry: Entry, release: _Release) -> None:
    written, known = release.text("repository"), release.repository
    fix = "Write the address of the repository, such as https://example.org/account/repository."
    told = f" The software is known by {known.url}, which is given, too." if known else ""
    if not (written or release.found_in):
        find(entry, Severity.WARNING, f"The address of the repository is missing.{told}", "repositoryURL", None, fix)
    elif written and _repository(written) is None:
        is_template = _software.repository(written) is not None
        what = "This is no address of a repository; it is given as that of a page or download."
        what = "This is the address of a template." if is_template else what
        find(entry, Severity.WARNING, f"{what}{told}", "repositoryURL", written, fix)
        if not is_template:
            _say_page(entry, release, written)
    elif known and written and not _json.url(written):
        message = "This is no web address, though it tells which repository it is."
        find(entry, Severity.WARNING, message, "repositoryURL", written, f"Write {known.url}.")
    if release.usage and release.usage.lower() != "opensource":
        message = "The usage type is not openSource, but the repository is on a forge, where everyone may read it."
        find(entry, Severity.WARNING, message, "permissions.usageType", release.usage, "Write openSource, if it is.")


def _say_page(entry: Entry, release: _Release, address: str) -> None:
    """An address that is no repository's: something to download by its name, else the home page where none is told."""
    if not _json.url(address):
        return
    if re.search(r"\.(?:zip|tgz|gz|bz2|xz|jar|exe|whl|dmg|msi)$", address, re.IGNORECASE):
        _software.say_download(entry, address, "repositoryURL")
    elif not release.text("homepage"):
        _software.say_homepage(entry, address, "repositoryURL")


def _publisher(entry: Entry, release: _Release) -> IRI | None:
    """The organisation within the agency, else the agency. A unit's name means something only within its agency."""
    agency, unit = release.agency_name, release.organization
    whole = _public(entry, agency, agency) if agency else None
    if not unit or unit.casefold() == agency.casefold():
        return whole
    found = _public(entry, unit, f"{agency} {unit}" if agency else unit)
    if whole:
        _software.say_unit(entry, found, whole)
    return found


def _public(entry: Entry, name: str, identity: str) -> IRI:
    node = entry.minter.organisation(None, identity, _COUNTRY)
    _software.say_organisation(entry, node, {"en": name})
    _software.say_public(entry, node, _COUNTRY, "national")
    return node


# Fields.

_STATUSES: Mapping[str, str] = {
    "ideation": "concept",
    "development": "development",
    "alpha": "development",
    "beta": "beta",
    "releasecandidate": "beta",
    "production": "stable",
    "maintained": "stable",
    "released": "stable",
    "archival": "obsolete",
    "archived": "obsolete",
    "deprecated": "obsolete",
    "retired": "obsolete",
}


def _status(entry: Entry, value: Json) -> None:
    written = _json.text(value) or ""
    if code := _STATUSES.get(re.sub(r"[^a-z]", "", written.lower())):
        _software.say_status(entry, code)
    elif written:
        fix = "Write Ideation, Development, Alpha, Beta, Release Candidate, Production or Archival."
        find(entry, Severity.WARNING, "This is no status of code.json.", "status", written, fix)


def _description(entry: Entry, value: Json) -> None:
    if written := _json.text(value):
        _software.say_texts(entry, {"en": written}, *_software.SHORT)
        if not _software.told(entry, DCT.description):
            _software.say_texts(entry, {"en": written}, *_software.LONG)


def _long_description(entry: Entry, value: Json) -> None:
    if written := _json.text(value):
        _software.say_texts(entry, {"en": written}, *_software.LONG)


def _permissions(entry: Entry, value: Json) -> None:
    _licences(entry, _field(value, "licenses"))


def _licences(entry: Entry, value: Json) -> None:
    written = [_licence(item) for item in _json.items(value)]
    _software.say_licences(entry, written, "permissions.licenses")


def _licence(value: Json) -> tuple[str, ...]:
    """The texts that may name a licence; none where there is nothing, as for "null"."""
    candidates = (_field(value, "name"), _field(value, "URL")) if isinstance(value, dict) else (value,)
    return tuple(found for item in candidates if (found := _json.text(item)) and found.lower() not in ("null", "none"))


def _contact(entry: Entry, value: Json) -> None:
    for item in _json.objects(value):
        given = {name: _field(item, name) for name in ("name", "email", "phone", "URL")}
        values = {
            name: str(found) if isinstance(found, int) else _json.text(found) or "" for name, found in given.items()
        }
        email = values["email"]
        _software.contact(entry, values["name"], email, values["phone"], values["URL"])
        if email and email_address(email) is None:
            fix = "Write one address, such as name@example.org."
            find(entry, Severity.WARNING, "This is not an e-mail address.", "contact.email", email, fix)


def _tags(entry: Entry, value: Json) -> None:
    _software.say_keywords(entry, "en", _json.texts(value))


def _languages(entry: Entry, value: Json) -> None:
    _software.say_programming_languages(entry, _json.texts(value))


def _homepage(entry: Entry, value: Json) -> None:
    for address in _json.texts(value)[:1]:
        _software.say_homepage(entry, address, "homepageURL")


def _pages(predicate: IRI, path: str) -> "Reader":
    """Reads addresses of pages."""

    def read_pages(entry: Entry, value: Json) -> None:
        for address in _json.texts(value):
            entry.page(predicate, address, path)

    return read_pages


def _dates(entry: Entry, value: Json) -> None:
    for predicate, name in ((DCT.created, "created"), (DCT.modified, "modified")):
        if written := _json.text(_field(value, name)):
            _software.say_date(entry, predicate, written, f"date.{name}")


def _partners(entry: Entry, value: Json) -> None:
    for item in _json.items(value):
        name = _json.text(_field(item, "name") if isinstance(item, dict) else item)
        if name:
            entry.attributed(_public(entry, name, name), concept("role", "partner"))


def _related(predicate: IRI, path: str) -> "Reader":
    """Reads other software, by its address."""

    def read_related(entry: Entry, value: Json) -> None:
        for item in _json.items(value):
            address = _json.text(_field(item, "URL") if isinstance(item, dict) else item)
            found = entry.address(address, path) if address else None
            entry.say(entry.iri, predicate, *([found] if found else []))

    return read_related


def _systems(entry: Entry, value: Json) -> None:
    _software.say_systems(entry, _json.texts(value))


def _categories(entry: Entry, value: Json) -> None:
    """Of the categories of publiccode.yml, which some files use; others are keywords."""
    known = notations("category")
    for name in _json.texts(value):
        code = name.lower()
        entry.say(entry.iri, DCT.subject, *([known[code]] if code in known else []))
        entry.say(entry.iri, DCAT.keyword, *([] if code in known else [text(name, "en")]))


def _software_type(entry: Entry, value: Json) -> None:
    code = (_json.text(value) or "").lower()
    if code in notations("software-type"):
        _software.say_software_type(entry, code)


def _maintenance(entry: Entry, value: Json) -> None:
    if found := notations("maintenance-type").get((_json.text(value) or "").lower()):
        entry.say(entry.iri, OSC.maintenanceModel, found)


def _localisation(entry: Entry, value: Json) -> None:
    ready = _json.boolean(value)
    if ready is not None:
        entry.say(entry.iri, OSC.localisationReady, Literal(str(ready).lower(), datatype=XSD.boolean))


Reader = Callable[[Entry, Any], None]
# In this order: the long description before the short one, which stands in for it.
_READERS: Mapping[str, Reader] = {
    "longDescription": _long_description,
    "description": _description,
    "permissions": _permissions,
    "licenses": _licences,
    "status": _status,
    "contact": _contact,
    "tags": _tags,
    "languages": _languages,
    "homepage": _homepage,
    "supplementaryURLs": _pages(FOAF.page, "supplementaryURLs"),
    "feedback": _pages(DOAP_BUG_DATABASE, "feedbackMechanism"),
    "date": _dates,
    "partners": _partners,
    "relatedCode": _related(DCT.relation, "relatedCode"),
    "reusedCode": _related(DCT.requires, "reusedCode"),
    "platforms": _systems,
    "categories": _categories,
    "softwareType": _software_type,
    "maintenance": _maintenance,
    "localisation": _localisation,
}
