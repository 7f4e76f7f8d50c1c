"""Catalogues of public software that have an API: the Software Catalog API, as Italy and Switzerland run it, and the
OSS register of the Netherlands, which has one of its own.

Neither tells what changed since when: the former's `from` and `to` are of creation, and what is deleted leaves no
trace. So each visit reads all pages, inactive entries included, and is complete; an entry whose `updatedAt` is the one
remembered is not looked at again. Each entry is a document of its own.

The record of an entry is that of its publiccode.yml (`catalogue.harvesters.publiccode`), with the same findings, at the
lines of the text that the API gives. What the API adds are other addresses of the same repository. `vitality` is an
opaque text that every catalogue fills as it likes, and is not read.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from catalogue.errors import DocumentError, FetchError, SourceError
from catalogue.harvesters import _json
from catalogue.harvesters._json import Json
from catalogue.harvesters._software_catalog_pages import Page, Service, body_of, entries, pages, service
from catalogue.harvesters._software_catalog_records import (
    NAMESPACES,
    publisher,
    register_entry,
    rejected,
    software,
)
from catalogue.harvesters._split import head
from catalogue.identity import Minter, key
from catalogue.model import Deleted, Document, Finding, Found, Partial, Reading, Severity, Unchanged
from catalogue.visit import Option, Visit, is_missing, is_web

__all__ = ["OPTIONS", "PRECEDENCE", "documents", "readings", "recognises"]

PRECEDENCE = 20
OPTIONS: Mapping[str, Option] = {
    "catalog": Option("", "Only this one of the catalogues that the server has: its id, as its /catalogs lists it."),
    "publishers": Option(True, "Whether its publishers are read, too, with their identifiers and accounts."),
    "namespace": Option("", "What makes a URN of publishers' identifiers, such as urn:x-italian-pa: for Italy."),
    "hook_secret": Option("", "The name of the environment variable with the secret that it signs its webhooks with;"
                              " they are received at /hooks/{id}."),
}  # fmt: skip

# Of an entry, what its record is made of: all else changes without a change of the software.
_SOFTWARE = ("url", "aliases", "publiccodeYml")
_PUBLISHER = ("description", "alternativeId", "email", "codeHosting")
_REGISTER = ("url", "repositoryUrl", "name", "shortDescription", "description", "longDescription", "organisation",
             "publicCodeUrl", "publicCode")  # fmt: skip
_MOST_LOOKED_AT = 20
# So many pages without anything new, and a service is taken to give them without end.
_MAX_STALE = 3
_NEVER = "0001-01-01"  # the time that Go writes for none
# What the API calls the catalogue that is the server's own.
_ROOT = "∅"
_MAX_BYTES = _json.MAX_BYTES
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,99}")


def recognises(location: str, document: Document | None) -> bool:
    """By an entry of the page that an address answered with, that a file holds, or one of the first in a directory."""
    if document is not None:
        return _is_page(document)
    path = Path(location)
    files = sorted(path.glob("*.json"))[:_MOST_LOOKED_AT] if path.is_dir() else [path]
    saved = (file for file in files if file.suffix.lower() == ".json" and file.is_file())
    return any(_is_page(Document(location, head(file, _MAX_BYTES), "", datetime.now(UTC))) for file in saved)


def _is_page(document: Document) -> bool:
    try:
        found = entries(document, body_of(document))
    except SourceError:
        return False
    return any(isinstance(entry, dict) and not _MARKS.isdisjoint(entry) and "url" in entry for entry in found[:5])


# Keys that no other list of things with an address has.
_MARKS = frozenset({"publiccodeYml", "publicCodeUrl", "lastCrawledAt", "lastActivityAt"})


def documents(visit: Visit) -> Iterator[Found]:
    """The entries of all pages, at a service or in saved pages (a file, or a directory of them)."""
    if not is_web(visit.location):
        yield from _saved(visit)
        return
    found = service(visit.location, str(visit.option("catalog", OPTIONS)))
    sweep = _Sweep(visit, found, _secrets(visit, found))
    if found.is_register:
        yield from _register(sweep, found)
        return
    yield from sweep.entries("software", found.software, _software)
    if visit.option("publishers", OPTIONS):
        yield from sweep.publishers()


def _register(sweep: "_Sweep", found: Service) -> Iterator[Found]:
    try:
        yield from sweep.entries("repositories", found.software, _repository)
    except FetchError as error:
        if error.status not in (401, 403):
            raise
        mend = "the register asks for a key: name the environment variable that holds yours in the option `token`"
        raise SourceError(f"{error}; {mend}") from error


def _secrets(visit: Visit, found: Service) -> dict[str, str]:
    token = visit.token()
    if token is None:
        return {}
    return {"X-Api-Key": token} if found.is_register else {"Authorization": f"Bearer {token}"}


@dataclass(frozen=True)
class _Entry:
    """What an entry is read as: the key of its reader, the values that are read, what changes when they do."""

    kind: str
    values: Mapping[str, Json]
    stamp: str
    is_active: bool = True


_Reduce = Callable[[dict[str, Json]], _Entry]


def _picked(entry: dict[str, Json], names: tuple[str, ...]) -> dict[str, Json]:
    return {name: entry[name] for name in names if entry.get(name) is not None}


def _software(entry: dict[str, Json]) -> _Entry:
    stamp = _json.text(entry.get("updatedAt")) or ""
    return _Entry("software", _picked(entry, _SOFTWARE), stamp, entry.get("active") is not False)


def _repository(entry: dict[str, Json]) -> _Entry:
    """A change of a publiccode.yml is one of its repository, and what the list says of it may change by itself;
    crawling alone is no change."""
    moment = _json.text(entry.get("lastActivityAt")) or _json.text(entry.get("updatedAt")) or _NEVER
    values = _picked(entry, _REGISTER)
    stamp = "" if moment.startswith(_NEVER) else f"{moment} {key(json.dumps(values, sort_keys=True))}"
    return _Entry("repository", values, stamp, entry.get("forkType") != "TECHNICAL_FORK")


class _Sweep:
    """A visit to all pages of a service."""

    def __init__(self, visit: Visit, found: Service, secrets: Mapping[str, str]) -> None:
        self._visit, self._service, self._secrets = visit, found, secrets
        self._lacking: set[str] = set()

    def entries(self, name: str, first: str, reduce: _Reduce) -> Iterator[Found]:
        """The entries of a list, each once; the stamps of all of them are remembered at its end.

        The register lists by the last activity, so that what is active while it is read can be missed, or come twice.
        """
        memory, seen, total, stale, nameless = f"stamps of {name}", dict[str, str](), 0, 0, 0
        before = self._visit.memory.get(memory, {})
        for page in pages(self._visit, first, self._secrets):
            total, known = page.total, len(seen) + nameless
            for entry in page.entries:
                identifier = _id(entry)
                if identifier is None:
                    nameless += 1
                    yield _unknown(page, entry)
                elif identifier not in seen:
                    reduced = reduce(entry)
                    seen[identifier] = reduced.stamp
                    yield self._found(name, identifier, reduced, page, before.get(identifier))
            stale = stale + 1 if page.entries and len(seen) + nameless == known else 0
            if stale == _MAX_STALE:
                raise SourceError(f"{page.document.url}: its pages lead in a circle; {stale} have brought nothing new")
        self._visit.memory[memory] = {key: stamp for key, stamp in seen.items() if key not in self._lacking}
        if len(seen) + nameless < total:
            yield _lacking(first, total, len(seen) + nameless)

    def publishers(self) -> Iterator[Found]:
        """The organisations that publish; of one catalogue only, if one is asked for."""
        namespaces = self._namespaces()

        def reduce(entry: dict[str, Json]) -> _Entry:
            catalog = _json.text(entry.get("catalogId")) or ""
            values = _picked(entry, _PUBLISHER) | {"namespace": namespaces.get(catalog, "")}
            stamp = f"{_json.text(entry.get('updatedAt')) or ''} {values['namespace']}"
            return _Entry("publisher", values, stamp, entry.get("active") is not False and catalog in namespaces)

        try:
            yield from self.entries("publishers", self._service.list_of("publishers"), reduce)
        except FetchError as error:
            if not is_missing(error):
                raise

    def _namespaces(self) -> dict[str, str]:
        """By the id of each catalogue that is read, what its publishers' identifiers are to be preceded by; the one
        without an id is the server's own."""
        host, wanted = urlsplit(self._service.base).hostname or "", self._service.catalog
        own = str(self._visit.option("namespace", OPTIONS)) or NAMESPACES.get(host, "")
        found = {"": own} if wanted in ("", _ROOT) else {}
        try:
            for page in pages(self._visit, self._service.list_of("catalogs"), self._secrets):
                for entry in _json.objects(list(page.entries)):
                    names = {_json.text(entry.get("id")), _json.text(entry.get("alternativeId"))}
                    if not wanted or wanted in names:
                        found[_json.text(entry.get("id")) or ""] = _json.text(entry.get("publishersNamespace")) or own
        except FetchError as error:
            if not is_missing(error):  # the API had no catalogues at first
                raise
        return found

    def _found(self, name: str, identifier: str, entry: _Entry, page: Page, before: str | None) -> Found:
        """Whether the stamp is the one remembered of what the catalogue has decides what is looked at."""
        origin = self._service.entry(name, identifier)
        if not entry.is_active:
            return Deleted(origin)
        if entry.stamp and entry.stamp == before and origin in self._visit.known:
            return Unchanged(origin)
        whole = self._detailed(entry, origin) if entry.kind == "repository" else entry
        if whole is None:
            # It may only be away: it is asked for again, and what was read of it stays.
            self._lacking.add(identifier)
            if origin in self._visit.known:
                return Unchanged(origin)
        return _document(identifier, whole or entry, origin, page.document.fetched)

    def _detailed(self, entry: _Entry, origin: str) -> _Entry | None:
        """The register's lists leave out what it read of a publiccode.yml; the entry by itself has it, if there."""
        if "publicCode" in entry.values or "publicCodeUrl" not in entry.values:
            return entry
        try:
            body = body_of(self._visit.fetch.get(origin, accept="application/json", secrets=self._secrets))
        except FetchError as error:
            if not is_missing(error):
                raise
            return None
        return _Entry(entry.kind, {**entry.values, **_picked(body, _REGISTER)}, entry.stamp) if body else None


def _document(identifier: str, entry: _Entry, url: str, fetched: datetime) -> tuple[str, Document]:
    content = json.dumps({entry.kind: entry.values}, ensure_ascii=False, sort_keys=True).encode()
    name = f"publisher-{identifier}" if entry.kind == "publisher" else identifier
    return name, Document(url, content, "application/json", fetched)


def _id(entry: Json) -> str | None:
    """What an entry is known by: its id, or one made of its address."""
    if not isinstance(entry, dict):
        return None
    identifier, address = _json.text(entry.get("id")), _json.text(entry.get("url") or entry.get("repositoryUrl"))
    if identifier:
        return identifier if _ID.fullmatch(identifier) else key(identifier)
    return key(address) if address else None


def _lacking(url: str, total: int, came: int) -> Partial:
    message = f"The service counts {total:,} entries; {came:,} different ones came."
    fix = "Nothing that is missing is taken for gone; harvest again, or have the service list in an order that stays."
    return Partial(url, (Finding(Severity.WARNING, message, "Total-Count", fix=fix),))


def _unknown(page: Page, entry: Json) -> Reading:
    name = key(json.dumps(entry, sort_keys=True))
    return rejected(f"unknown-{name}", page.document.url, "This entry has neither an id nor an address.")


def _saved(visit: Visit) -> Iterator[Found]:
    """The entries of pages that were saved; raises SourceError when there are none."""
    path = Path(visit.location)
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files or not all(file.is_file() for file in files):
        raise SourceError(f"software-catalog-api: {visit.location}: no such file, or no pages (*.json) in it")
    for file in files:
        document = Document(file.name, file.read_bytes(), "", datetime.fromtimestamp(file.stat().st_mtime, UTC))
        found = entries(document, body_of(document))
        for entry in found:
            if (identifier := _id(entry)) is None:
                yield _unknown(Page(document, found), entry)
                continue
            reduced = next((reduce(entry) for mark, reduce in _SAVED if mark in entry), _software(entry))
            yield _saved_entry(identifier, reduced, document)


_SAVED: tuple[tuple[str, Callable[[dict[str, Any]], _Entry]], ...] = (
    ("publiccodeYml", _software),
    (
        "codeHosting",
        lambda entry: _Entry("publisher", _picked(entry, _PUBLISHER), "", entry.get("active") is not False),
    ),
    ("publicCodeUrl", _repository),
    ("lastCrawledAt", _repository),
)


def _saved_entry(identifier: str, entry: _Entry, document: Document) -> Found:
    name, found = _document(identifier, entry, identifier, document.fetched)
    return (name, found) if entry.is_active else Deleted(name)


_READERS = {"software": software, "publisher": publisher, "repository": register_entry}


def readings(key: str, document: Document, minter: Minter) -> Iterator[Reading]:
    """One reading of an entry as `documents` gives it."""
    origin = document.url if document.is_remote else key
    try:
        ((kind, values),) = _json.parse(document.content).items()
        read = _READERS[kind]
    except (DocumentError, AttributeError, KeyError, ValueError):
        yield rejected(key, origin, "This is no entry of a software catalogue.")
        return
    yield read(key, origin, values, minter)
