"""Canada's Open Resource Exchange: YAML files of the open source code of one administration each, in two languages.

A file has `adminCode` and `releases` (`schemaCode.yaml` of canada-ca/ore-ero, schemaVersion 1.0); files that were never
brought up to that have the keys of code.json, each with a text for each language.

Software is known by its repository. The English and the French address are mostly the same: the English one counts,
else the French one. A file names its administration by a code only, which `catalogue.harvesters.register` reads the
name of; both know the administration as `urn:x-ca-ore:{code}`.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from catalogue.errors import DocumentError
from catalogue.harvesters import _software
from catalogue.harvesters._entry import Entry
from catalogue.harvesters._organisations import CANADIAN
from catalogue.harvesters._software import find
from catalogue.harvesters._split import beginnings, fetched, local, unreadable
from catalogue.identity import Minter, Repository, key
from catalogue.model import Document, Finding, Found, Reading, Record, Report, Severity, Unchanged
from catalogue.publiccode.values import is_empty, language_tag
from catalogue.rdf import IRI
from catalogue.visit import Option, Visit, is_web
from catalogue.vocabulary import DCT, FOAF, concept
from catalogue.yaml import Mapping as YamlMapping
from catalogue.yaml import Node, Scalar, Sequence, read

__all__ = ["OPTIONS", "PRECEDENCE", "documents", "readings", "recognises"]

PRECEDENCE = 30
OPTIONS: Mapping[str, Option] = {}

_COUNTRY = "CA"
_SUFFIXES = (".yml", ".yaml")
_MAX_BYTES = 4 << 20
_MAX_NODES = 400_000
_MOST_SHOWN = 200_000
_MOST_FOLDERS = 3


def recognises(location: str, document: Document | None) -> bool:
    """By the keys that every such file has; not by a name."""
    heads = beginnings(location, document, _SUFFIXES)
    return any(re.search(rb"^adminCode:", head, re.M) and re.search(rb"^releases:", head, re.M) for head in heads)


def documents(visit: Visit) -> Iterator[Found]:
    """The YAML files of a directory, a file, or what an address answers, each with its path or address as key."""
    if is_web(visit.location):
        document = fetched(visit, visit.location, _MAX_BYTES)
        yield document if isinstance(document, Unchanged) else (visit.location, document)
    else:
        yield from local(visit.location, _SUFFIXES)


def readings(key: str, document: Document, minter: Minter) -> Iterator[Reading]:
    """A reading for each release of an administration."""
    origin = document.url if document.is_remote else key
    try:
        root = read(document.content, _MAX_BYTES, max_nodes=_MAX_NODES)
        files = list(_files(root, "", 0)) or [("", root, _releases(root))]
    except DocumentError as error:
        yield unreadable(key, origin, error)
        return
    # Findings are told with their lines in the file, so it is kept whole, once, unless it is too long to be shown.
    whole = document.content.decode()
    written = whole if len(whole) <= _MOST_SHOWN else ""
    for path, file, releases in files:
        name = f"{key}/{path}" if path else key
        counts = Counter(_identity(release) for release in releases)
        yield from _others(file, name, origin)
        for release in releases:
            identity = _identity(release)
            unique = identity if counts[identity] == 1 else f"{identity}\n{_texts(release.get('name'))}"
            code, names = _plain(file.get("adminCode")), _texts(file.get("name"))
            place = _Place(f"{name}\n{unique}", origin, written, code, names, f"{origin}/{path}")
            yield _reading(place, release, minter)


def _files(node: Node, path: str, depth: int) -> Iterator[tuple[str, YamlMapping, list[YamlMapping]]]:
    """The files that a file is made of, with their paths and releases: one, or all, by folder and administration, as
    the exchange publishes them together."""
    if not isinstance(node, YamlMapping) or depth > _MOST_FOLDERS:
        return
    if isinstance(node.get("releases"), Sequence):
        if _mappings(node.get("releases")) or not depth:
            yield path, node, _releases(node)
        return
    for name, inner in node.entries:
        yield from _files(inner, f"{path}/{name.text}".lstrip("/"), depth + 1)


def _releases(root: YamlMapping) -> list[YamlMapping]:
    """The releases of a file; raises DocumentError where it has none."""
    node = root.get("releases")
    found = [item for item in node.items if isinstance(item, YamlMapping)] if isinstance(node, Sequence) else []
    if not found:
        place = node or root
        fix = "Write `releases:`, and below it a list of what the administration has released."
        raise DocumentError("The file holds no releases.", place.line, place.column, fix)
    return found


def _others(root: YamlMapping, file: str, origin: str) -> Iterator[Reading]:
    """What stands in the list of releases and is none."""
    for item in _items(root.get("releases")):
        if isinstance(item, Scalar) and not is_empty(item):
            message, fix = "This is no release.", "Write its name, its repositoryURL and what else it has."
            finding = Finding(Severity.VIOLATION, message, "releases", item.text, fix, item.line, item.column)
            yield Reading(key(f"{file}\n{item.text}"), origin, Report((finding,)))


@dataclass(frozen=True)
class _Place:
    """Where a release stands: what its record's key is made of, the file, its text, who released it, and its path.

    The kind of an administration is in the names of the exchange's folders.
    """

    identity: str
    origin: str
    written: str
    code: str
    names: _software.Texts
    path: str

    @property
    def kind(self) -> str:
        found = re.search(r"(?:^|[/_-])(federal|provincial|municipal|others)(?=[/_-])", self.path)
        return found[1] if found else ""


def _reading(place: _Place, release: YamlMapping, minter: Minter) -> Reading:
    record_key = key(place.identity)
    fault = _fault(release)
    if fault:
        return Reading(record_key, place.origin, Report((fault,)))
    entry, inferred = _described(place, release, minter)
    record = Record(
        key=record_key,
        iri=entry.iri,
        triples=frozenset(entry.triples),
        origin=place.origin,
        inferred=inferred,
        original=place.written or None,
    )
    return Reading(record_key, place.origin, Report(tuple(entry.findings)), record)


def _fault(release: YamlMapping) -> Finding | None:
    """What keeps a release out: no name, or no repository to know it by."""
    if not _texts(release.get("name")):
        message, path, fix = "The name of the software is missing.", "name", "Write the name in English and French."
    elif _repository(release) is None:
        message, path = "There is no address of a repository.", "repositoryURL"
        fix = "Write the address of the repository, such as https://example.org/account/repository."
    else:
        return None
    node = release.get(path)
    value = next(iter(_texts(node).values()), None)
    at = node or release
    return Finding(Severity.VIOLATION, message, path, value, fix, at.line, at.column)


_LEVELS: Mapping[str, str] = {"federal": "national", "provincial": "regional", "municipal": "local"}


def _described(place: _Place, release: YamlMapping, minter: Minter) -> tuple[Entry, tuple[IRI, ...]]:
    entry = _software.described(minter, _repository(release), "")
    _software.say_names(entry, _texts(release.get("name")))
    for name, reader in _READERS.items():
        node = release.get(name)
        if node is not None and not is_empty(node):
            reader(entry, node)
    if not _software.told(entry, DCT.description):
        at = release.line, release.column
        fix = "Write what the software does, below `description: whatItDoes:`."
        find(entry, Severity.WARNING, "The description is missing.", "description", None, fix, at)
    inferred = _software.say_publisher(entry, _releaser(entry, place))
    _say_team(entry, release, place)
    for address in list(_texts(release.get("downloadURL")).values())[:1]:
        _software.say_download(entry, address, "downloadURL")
    _software.say_release(entry, _plain(release.get("version")) or None, None)
    return entry, inferred


def _releaser(entry: Entry, place: _Place) -> IRI | None:
    """Who released it: an administration, unless its file is among those of others."""
    if not (place.code or place.names):
        return None
    if place.kind == "others":
        return _software.organisation(entry, place.names, f"{CANADIAN}{place.code.lower()}" if place.code else None)
    return _administration(entry, place.code, place.names, _LEVELS.get(place.kind, ""))


def _administration(entry: Entry, code: str, names: _software.Texts, level: str = "") -> IRI:
    node = _software.organisation(entry, names, f"{CANADIAN}{code.lower()}" if code else None, _COUNTRY)
    _software.say_public(entry, node, _COUNTRY, level)
    return node


def _say_team(entry: Entry, release: YamlMapping, place: _Place) -> None:
    """The team within whoever released it, known by its name there."""
    teams = _texts(release.get("team")) or _texts(release.get("organization"))
    whole = _releaser(entry, place) if teams else None
    if whole is None:
        return
    known = place.code or next(iter(place.names.values()))
    node = entry.minter.organisation(None, f"{known} {next(iter(teams.values()))}", _COUNTRY)
    _software.say_organisation(entry, node, teams)
    _software.say_unit(entry, node, whole)
    entry.attributed(node, concept("role", "maintainer"))


# Values.


def _plain(node: Node | None) -> str:
    return node.text.strip() if isinstance(node, Scalar) and not is_empty(node) else ""


def _texts(node: Node | None) -> dict[str, str]:
    """The texts of a mapping from languages, in English first; one text alone is in an unknown language."""
    if not isinstance(node, YamlMapping):
        return {"und": _plain(node)} if _plain(node) else {}
    found = {tag: _plain(value) for name, value in node.entries if (tag := language_tag(name.text)) and _plain(value)}
    return dict(sorted(found.items()))


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if isinstance(node, Sequence) else (node,) if node is not None else ()


def _mappings(node: Node | None) -> tuple[YamlMapping, ...]:
    return tuple(item for item in _items(node) if isinstance(item, YamlMapping))


def _identity(release: YamlMapping) -> str:
    repo = _repository(release)
    return repo.identity if repo else f"{_texts(release.get('name'))}"


def _repository(release: YamlMapping) -> Repository | None:
    return next(filter(None, map(_software.repository, _texts(release.get("repositoryURL")).values())), None)


# Fields.

_STATUSES: Mapping[str, str] = {
    "alpha": "development",
    "beta": "beta",
    "maintained": "stable",
    "deprecated": "obsolete",
    "retired": "obsolete",
    # Those of code.json.
    "ideation": "concept",
    "development": "development",
    "release candidate": "beta",
    "production": "stable",
    "archival": "obsolete",
}


def _status(entry: Entry, node: Node) -> None:
    if code := _STATUSES.get(_plain(node).lower()):
        _software.say_status(entry, code)
    else:
        fix = "Write Alpha, Beta, Maintained, Deprecated or Retired."
        find(entry, Severity.WARNING, "This is no status of the standard.", "status", _plain(node), fix, _at(node))


def _at(node: Node) -> tuple[int, int]:
    return node.line, node.column


def _description(entry: Entry, node: Node) -> None:
    """What it does is the short text, and with how it works the long one; in older files there is but one."""
    if not isinstance(node, YamlMapping) or not (node.get("whatItDoes") or node.get("howItWorks")):
        _software.say_texts(entry, _texts(node), *_software.SHORT, *_software.LONG)
        return
    does, works = _texts(node.get("whatItDoes")), _texts(node.get("howItWorks"))
    _software.say_texts(entry, does, *_software.SHORT)
    tags = does | works
    both = {tag: "\n\n".join(filter(None, (does.get(tag), works.get(tag)))) for tag in tags}
    _software.say_texts(entry, both, *_software.LONG)


def _contact(entry: Entry, node: Node) -> None:
    """The address; a web address where a name should be is a page to write to, as is that of older files."""
    for item in _mappings(node):
        name, email = _plain(item.get("name")), _plain(item.get("email"))
        is_page = name.lower().startswith(("http://", "https://"))
        page = name if is_page else next(iter(_texts(item.get("URL")).values()), "")
        found = _software.contact(entry, "" if is_page else name, email, page=page)
        if found is None:
            fix = "Write one address, such as name@example.org."
            find(entry, Severity.WARNING, "There is no e-mail address.", "contact", email, fix, _at(item))


def _dates(entry: Entry, node: Node) -> None:
    """When the software was created and changed; when its description was last updated is not said of the software."""
    for name, predicate in (("created", DCT.created), ("lastModified", DCT.modified)):
        if written := _plain(node.get(name)) if isinstance(node, YamlMapping) else "":
            _software.say_date(entry, predicate, written, f"date.{name}")


def _updated(entry: Entry, node: Node) -> None:
    _software.say_date(entry, DCT.modified, _plain(node), "dateUpdated")


def _licences(entry: Entry, node: Node) -> None:
    written = []
    for item in _items(node):
        addresses = _texts(item.get("URL")).values() if isinstance(item, YamlMapping) else ()
        names = (item.get("spdxID"), item.get("name")) if isinstance(item, YamlMapping) else (item,)
        written.append(tuple(filter(None, (*map(_plain, names), *addresses))))
    _software.say_licences(entry, written, "licences", _at(node))


def _permissions(entry: Entry, node: Node) -> None:
    licences = node.get("licenses") if isinstance(node, YamlMapping) else None
    if licences is not None:
        _licences(entry, licences)


def _tags(entry: Entry, node: Node) -> None:
    lists = ((name.text, value) for name, value in node.entries) if isinstance(node, YamlMapping) else (("", node),)
    for written, value in lists:
        tag = language_tag(written) or "und"
        _software.say_keywords(entry, tag, filter(None, map(_plain, _items(value))))


def _languages(entry: Entry, node: Node) -> None:
    _software.say_programming_languages(entry, filter(None, map(_plain, _items(node))))


def _homepage(entry: Entry, node: Node) -> None:
    """The English page, and the others as pages of the software: a home page it has once."""
    for number, address in enumerate(dict.fromkeys(_texts(node).values())):
        if number:
            entry.page(FOAF.page, address, "homepageURL")
        else:
            _software.say_homepage(entry, address, "homepageURL")


def _partners(entry: Entry, node: Node) -> None:
    for item in _mappings(node):
        code, names = _plain(item.get("adminCode")), _texts(item.get("name"))
        if code:
            agent = _administration(entry, code, names)
        elif names:
            agent = _software.organisation(entry, names, code=_COUNTRY)
        else:
            continue
        entry.attributed(agent, concept("role", "partner"))


def _related(entry: Entry, node: Node) -> None:
    for item in _mappings(node):
        for written in dict.fromkeys(_texts(item.get("URL")).values()):
            found = entry.address(written, "relatedCode")
            entry.say(entry.iri, DCT.relation, *([found] if found else []))


_READERS: Mapping[str, Callable[[Entry, Node], None]] = {
    "description": _description,
    "desc": _description,
    "licences": _licences,
    "licenses": _licences,
    "permissions": _permissions,
    "status": _status,
    "contact": _contact,
    "date": _dates,
    "dateUpdated": _updated,
    "tags": _tags,
    "languages": _languages,
    "homepageURL": _homepage,
    "partners": _partners,
    "relatedCode": _related,
}
