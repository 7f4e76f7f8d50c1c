"""Linked data event streams and other TREE collections → records: one for each object that the members are about.

A visit walks the pages, notes the latest change of each object, and then tells all that is new. So an object is told
once, whatever order its versions come in, and one that was deleted does not come back with an older version. What a
page no longer has was not deleted: streams forget by their retention policy.

What is remembered between visits, besides the number of the walk that is under way or comes next (`walk`):

- `page {address}`: in which walk it was read, what it is asked for with when it may have changed (`etag`, `modified`)
  or that it never does (`immutable`), the `hash` of its content, where it leads (`to`), which members of it were read
  (`members`; of one that never changes none), and whether something is wrong with it (`found`);
- `object {IRI}`: timestamp and member of its latest change, and the number under which that waits to be told;
- `waiting {number}`: an object, timestamp and member, what is said of it (null when it was deleted), and when that was
  fetched; `waiting` has the numbers of the first one and of the next one to come;
- `stream`: what the collection declares, since most streams do so on one page only.

It is kept after every page and every few objects told, so a visit that is broken off goes on there.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from catalogue import identity, sandbox
from catalogue.errors import DocumentError, FetchError, NotModified, SourceError
from catalogue.harvesters import _rdf_members
from catalogue.harvesters._ldes_changes import Change, changes, silent
from catalogue.harvesters._ldes_page import Page, Stream
from catalogue.harvesters._rdf_description import Statement, file_iri
from catalogue.harvesters._rdf_syntax import parsed
from catalogue.harvesters._split import head
from catalogue.identity import Minter
from catalogue.model import (
    Checkpoint,
    Deleted,
    Document,
    Finding,
    Found,
    Partial,
    Reading,
    Report,
    Severity,
)
from catalogue.rdf import IRI, SYNTAXES, Quad, Syntax
from catalogue.sandbox import Limits
from catalogue.visit import MAX_PAGES, TOKEN, Option, Visit, is_missing, is_web

PRECEDENCE = 50
OPTIONS: Mapping[str, Option] = {"token": TOKEN}

# A page of a thousand members of fifty statements each has a tenth of this; as terms, it takes half a gigabyte.
_LIMITS = Limits(max_quads=500_000)
_NO_STREAM = "Give the address of the stream or of one of its pages; a file or catalogue in RDF is of the kind rdf"
_MAX_RELATIONS = 10_000
_MAX_URL = 2_000
_MAX_FINDINGS = 20
# A server that gave no answer so often, one after the other, is down; each time costs what one page may take.
_MAX_SILENT = 10
_GONE = 410
# Asked for more, such a server may lock us out, whether or not it says for how long.
_BUSY = frozenset({429, 503})
# Often enough that little is told twice after a crash, and seldom enough not to cost as much as the telling.
_TOLD_AT_ONCE = 100

_ACCEPT = ", ".join(f"{syntax.media_type};q={'1' if syntax.graphs else '0.8'}" for syntax in SYNTAXES.values())
_ENTRIES = tuple(f"index.{suffix}" for suffix in sandbox.SUFFIXES)
_FILES = file_iri("")
_HEAD_BYTES = 256 * 1024
_MARKS = (re.compile(rb"w3id\.org/(?:ldes|tree)#"), re.compile(rb"EventStream|tree[:#](?:view|relation|member)\b"))


def documents(visit: Visit) -> Iterator[Found]:
    """The latest of each object that changed since the last visit, and each page with which something is wrong.

    Raises SourceError when the first page cannot be read, when the source wants to be left alone, and when it has no
    end; what was found until then is told before.
    """
    yield Partial()
    notes = _Notes(visit.memory)
    walk, broken_off = _Walk(visit, notes), None
    try:
        yield from walk.pages()
        notes.next_walk()
    except SourceError as error:
        broken_off = error
        if not walk.read:
            notes.next_walk()  # or a page that never answers would keep all others from being read again
    yield Checkpoint()
    yield from notes.told()
    yield Checkpoint()
    walk.check()
    if broken_off:
        raise broken_off


def readings(key: str, document: Document, minter: Minter) -> Iterator[Reading]:
    """One reading, of all that is said of an object."""
    return _rdf_members.readings(key, document, minter)


def recognises(location: str, document: Document | None) -> bool:
    """By what the page speaks of, as its media type is that of any RDF."""
    if document is None:
        path = _entry(Path(location))
        beginning = head(path, _HEAD_BYTES) if path.is_file() else b""
    else:
        beginning = document.content[:_HEAD_BYTES]
    return all(mark.search(beginning) for mark in _MARKS)


class _Notes:
    """What is remembered."""

    def __init__(self, memory: MutableMapping[str, Any]) -> None:
        self._memory = memory
        self.walk: int = memory.get("walk", 0)

    def next_walk(self) -> None:
        self._memory["walk"] = self.walk + 1

    def page(self, url: str) -> dict[str, Any]:
        """What is known of a page, nothing of one that was never read."""
        return dict(self._memory.get(f"page {url}", {}))

    def put_page(self, url: str, **known: Any) -> None:
        self._memory[f"page {url}"] = known

    def stream(self, page: Page) -> Stream:
        """What the collection declares, on this page or an earlier one."""
        declared = page.stream
        if declared.declares:
            self._memory["stream"] = asdict(declared)
            return declared
        return Stream.remembered(self._memory.get("stream", asdict(declared)))

    def is_news(self, change: Change) -> bool:
        """Whether no later change of its object is known."""
        timestamp, member, _ = self._memory.get(f"object {change.object}", (None, None, None))
        return member is None or _is_later(change, timestamp, member)

    def take(self, change: Change, page: Document) -> None:
        """Notes a change to be told, if it is news."""
        if not self.is_news(change):
            return
        name = f"object {change.object}"
        _, _, waiting = self._memory.get(name, (None, None, None))
        if waiting is None:
            first, waiting = self._memory.get("waiting", (0, 0))
            self._memory["waiting"] = [first, waiting + 1]
        content = None if change.payload is None else _content(change, change.payload, page)
        self._memory[name] = [change.timestamp, change.member, waiting]
        note = [change.object, change.timestamp, change.member, content, page.fetched.isoformat()]
        self._memory[f"waiting {waiting}"] = note

    def told(self) -> Iterator[Found]:
        """What waits to be told, in the order in which it was first found; it waits no longer then."""
        first, end = self._memory.get("waiting", (0, 0))
        for number in range(first, end):
            name, timestamp, member, content, fetched = self._memory[f"waiting {number}"]
            yield Deleted(name) if content is None else (name, _document(name, content, fetched))
            del self._memory[f"waiting {number}"]
            self._memory[f"object {name}"] = [timestamp, member, None]
            self._memory["waiting"] = [number + 1, end]
            if (number + 1) % _TOLD_AT_ONCE == 0:
                yield Checkpoint()


def _is_later(change: Change, timestamp: str | None, member: str) -> bool:
    """Whether a change comes after one with this timestamp and member: where these do not tell, the order of pages."""
    if change.timestamp and timestamp and change.timestamp != timestamp:
        return change.timestamp > timestamp
    return change.is_state or change.member != member


def _content(change: Change, payload: Iterable[Statement], page: Document) -> str:
    """What is said of an object, in canonical form."""
    quads = (Quad(*statement) for statement in payload)
    return _rdf_members.member(IRI(change.object), quads, page).content.decode()


def _document(name: str, content: str, fetched: str) -> Document:
    return Document(name, content.encode(), SYNTAXES["nq"].media_type, datetime.fromisoformat(fetched))


@dataclass
class _Walk:
    """One walk through all pages, depth first, so that they come in the order in which the source has them.

    `read` is the number of pages that were asked for. `silent` are the servers that gave no answer, with how often
    one after the other; `skipped` is the number of pages that were therefore not asked for. `unread` are the members of
    the present page that could not be read at their own addresses this time.
    """

    visit: Visit
    notes: _Notes
    most: int = MAX_PAGES
    seen: set[str] = field(default_factory=set)
    silent: Counter[str] = field(default_factory=Counter)
    unread: set[str] = field(default_factory=set)
    read: int = 0
    skipped: int = 0
    is_cut: bool = False

    def pages(self) -> Iterator[Found]:
        """What is wrong with pages, and a checkpoint after each that was asked for."""
        self.first = _first(self.visit.location)
        waiting = [self.first]
        self.seen.add(self.first)
        while waiting:
            url = waiting.pop()
            known = self.notes.page(url)
            if not (known.get("immutable") or known.get("walk") == self.notes.walk):
                yield from self._page(url, known)
                yield Checkpoint()
                known = self.notes.page(url)
            waiting.extend(reversed(self._new(known.get("to", ()))))

    def check(self) -> None:
        """Raises SourceError when there were pages that were not asked for."""
        if self.is_cut:
            raise SourceError(f"ldes: it has more than {self.most:,} pages; the others were not read")
        if self.skipped:
            servers = ", ".join(host for host, times in sorted(self.silent.items()) if times >= _MAX_SILENT)
            raise SourceError(f"ldes: {servers} did not answer; {self.skipped} pages there were not asked for")

    def _new(self, targets: Sequence[str]) -> list[str]:
        """Those that were not seen before, as many as a source may have."""
        new = [target for target in targets if target not in self.seen]
        self.is_cut = self.is_cut or len(self.seen) + len(new) > self.most
        new = new[: self.most - len(self.seen)]
        self.seen.update(new)
        return new

    def _page(self, url: str, known: Mapping[str, Any]) -> Iterator[Found]:
        """Reads a page that may be new or changed."""
        if self.silent[_host(url)] >= _MAX_SILENT:
            self.skipped += 1
            return
        try:
            document = self._get(url, known)
            digest = hashlib.sha256(document.content).hexdigest()
            if digest == known.get("hash"):
                self.notes.put_page(url, **{**known, "walk": self.notes.walk})
            else:
                yield from self._read(url, document, {**known, "hash": digest})
        except NotModified:
            self.notes.put_page(url, **{**known, "walk": self.notes.walk})
        except FetchError as error:
            yield from self._missing(url, known, error)
        except DocumentError as error:
            yield from self._unreadable(url, known, error)
        else:
            self.silent[_host(url)] = 0
        self.read += 1

    def _missing(self, url: str, known: Mapping[str, Any], error: FetchError) -> Iterator[Found]:
        """A page that is gone for good has no members and leads nowhere (LDES 1.0); others may come back."""
        if url == self.first or error.retry_in_s is not None or error.status in _BUSY:
            raise error
        self.silent[_host(url)] = self.silent[_host(url)] + 1 if error.status is None else 0
        if error.status == _GONE:
            yield from self._settled(url, known, [])
            self.notes.put_page(url, walk=self.notes.walk)
            return
        fix = "Correct the link to the page, or have its server answer"
        message = f"ldes: a page is missing: {error}"
        yield Deleted(_origin(url))  # what it said when it was there
        yield Partial(_origin(url), (Finding(Severity.WARNING, message, "tree:node", url, fix),))

    def _unreadable(self, url: str, known: Mapping[str, Any], error: DocumentError) -> Iterator[Found]:
        if url == self.first:
            raise error
        self.notes.put_page(url, **{**known, "found": True, "etag": None, "modified": None, "hash": None})
        yield _reading(
            url, [Finding(Severity.VIOLATION, str(error), fix=error.fix, line=error.line, column=error.column)]
        )

    def _read(self, url: str, document: Document, known: Mapping[str, Any]) -> Iterator[Found]:
        quads = _parsed(document, may_be_empty=url != self.first)
        address = _without_fragment(document.url)
        self.seen.add(address)
        page = Page.of(quads, {url, address})
        if url == self.first and not page.is_of_stream:
            raise DocumentError(f"ldes: {address} says nothing of an event stream", fix=_NO_STREAM)
        is_immutable = page.is_immutable or "immutable" in document.headers.get("cache-control", "").lower()
        findings: list[Finding] = []
        self.unread.clear()
        read = yield from self._members(url, known, page, document, findings)
        to = self._targets(page, url == self.first, findings)
        yield from self._settled(url, known, findings)
        is_done = not self.unread  # else it is to be read again, although it may not change
        self.notes.put_page(
            url,
            walk=self.notes.walk,
            etag=document.etag if is_done else None,
            modified=document.modified if is_done else None,
            hash=known["hash"] if is_done else None,
            immutable=is_immutable and is_done,
            to=to,
            members=[] if is_immutable and is_done else read,
            found=bool(findings),
        )

    def _members(
        self, url: str, known: Mapping[str, Any], page: Page, document: Document, findings: list[Finding]
    ) -> Generator[Found, None, list[str]]:
        """Notes what the members say that were not read before; the keys of those that need not be read again.

        What is read at members' own addresses is kept from time to time, so that the next visit can go on there.
        """
        members, stream = page.members, self.notes.stream(page)
        keys = {member: identity.key(str(member)) for member in members}
        read = dict.fromkeys(known.get("members", ()))
        anew = set()
        for change in changes(page, stream, [member for member in members if keys[member] not in read]):
            found, source = change, document
            bare = change if isinstance(change, Change) and change.payload == () else None
            if bare:
                try:
                    found, source = self._elsewhere(bare, page, stream, document)
                except FetchError:
                    self._put_begun(url, known, read)
                    raise
            if isinstance(found, Finding):
                findings.append(found)
            elif found.payload != ():
                self.notes.take(found, source)
                anew |= {found.member} if found.is_state else set()
            if bare and bare.member not in anew and bare.member not in self.unread:
                read[keys[IRI(bare.member)]] = None
                if len(read) % _TOLD_AT_ONCE == 0:
                    self._put_begun(url, known, read)
                    yield Checkpoint()
        again = anew | self.unread
        return [key for member, key in keys.items() if not (isinstance(member, IRI) and member.value in again)]

    def _put_begun(self, url: str, known: Mapping[str, Any], read: Iterable[str]) -> None:
        self.notes.put_page(url, **{**known, "etag": None, "modified": None, "hash": None, "members": list(read)})

    def _elsewhere(
        self, change: Change, page: Page, stream: Stream, document: Document
    ) -> tuple[Change | Finding, Document]:
        """What a member says that the page only names, at its own address (TREE), if that can be news."""
        url = _without_fragment(change.member)
        if not self.notes.is_news(change):
            return change, document
        if url in page.names or not self._can_be_asked(url):
            return silent(change, "and its own address is no other"), document
        if self.silent[_host(url)] >= _MAX_SILENT:
            self.skipped += 1
            self.unread.add(change.member)
            return silent(change, "and the server of its own address does not answer"), document
        try:
            source = self._get(url, {})
            self.silent[_host(url)] = 0
            quads = _parsed(source)
        except FetchError as error:
            if error.retry_in_s is not None or error.status in _BUSY:
                raise
            self.silent[_host(url)] += error.status is None
            self.unread |= set() if is_missing(error) else {change.member}
            return silent(change, f"nor can it be read at its own address: {error}"), document
        except DocumentError as error:
            return silent(change, f"nor can it be read at its own address: {error}"), document
        told = changes(Page.of(quads, {url, source.url}).beside(page, IRI(change.member)), stream, [IRI(change.member)])
        found = [one for one in told if isinstance(one, Change) and one.payload != ()]
        return (found[-1], source) if found else (silent(change, "nor at its own address"), document)

    def _targets(self, page: Page, is_first: bool, findings: list[Finding]) -> list[str]:
        """The addresses that a page leads to and that can be asked for."""
        found = page.relations or (page.views[:1] if is_first else [])
        allowed = [url for url in found if self._can_be_asked(url)]
        if len(found) > len(allowed[:_MAX_RELATIONS]):
            message = (
                f"ldes: of {len(found)} pages that this one leads to, {len(allowed[:_MAX_RELATIONS])} were followed"
            )
            fix = f"Lead to at most {_MAX_RELATIONS} pages, by http(s) addresses of at most {_MAX_URL} characters"
            findings.append(Finding(Severity.WARNING, message, "tree:relation", fix=fix))
        return allowed[:_MAX_RELATIONS]

    def _can_be_asked(self, url: str) -> bool:
        return len(url) <= _MAX_URL and (url.lower().startswith(("http://", "https://")) or self._is_local(url))

    def _settled(self, url: str, known: Mapping[str, Any], findings: list[Finding]) -> Iterator[Found]:
        """Says what is wrong with a page, or that it no longer is: of one that is new here, that may be forgotten."""
        if findings:
            yield _reading(url, findings)
        elif known.get("found", True):
            yield Deleted(_origin(url))

    def _get(self, url: str, known: Mapping[str, Any]) -> Document:
        if self._is_local(url):
            return _file(_entry(Path(self.visit.location)).parent, url, self.visit.fetch.max_bytes)
        token = self.visit.token() if _host(url) == _host(self.visit.location) else None
        secrets = {"Authorization": f"Bearer {token}"} if token else None
        how = {"etag": known.get("etag"), "modified": known.get("modified")}
        return self.visit.fetch.get(url, accept=_ACCEPT, secrets=secrets, **how)

    def _is_local(self, url: str) -> bool:
        return url.startswith(_FILES) and not is_web(self.visit.location)


def _parsed(document: Document, may_be_empty: bool = True) -> list[Quad]:
    """What a page says. One without members may be empty, but not the first, which says at least what it is of."""

    def parse(syntax: Syntax) -> list[Quad]:
        return sandbox.parse_mended(document.content, syntax, document.url, _LIMITS, may_be_empty)

    return parsed(document, parse)


def _reading(url: str, findings: list[Finding]) -> Reading:
    shown = findings[:_MAX_FINDINGS]
    if more := len(findings) - len(shown):
        shown.append(Finding(Severity.INFO, f"ldes: the page has {more} more findings of this kind"))
    return Reading(f"page-{identity.key(url)}", _origin(url), Report(tuple(shown)))


def _origin(url: str) -> str:
    """Where findings on a page are from; not the page's address, since that may be an object, too."""
    return f"page {url}"


def _host(url: str) -> str:
    """Scheme, host and port. Not by urlsplit, which raises ValueError for some of what strangers write."""
    return "/".join(url.split("/", 3)[:3]).lower()


def _without_fragment(url: str) -> str:
    return url.partition("#")[0]


# Files.


def _first(location: str) -> str:
    return _without_fragment(location) if is_web(location) else file_iri(_entry(Path(location)).name)


def _entry(path: Path) -> Path:
    """The file of the first page; of a directory the one that is called index."""
    return next((path / name for name in _ENTRIES if (path / name).is_file()), path) if path.is_dir() else path


def _file(root: Path, url: str, max_bytes: int) -> Document:
    """A page in a file; raises FetchError when there is none, as there is none outside of the source's folder."""
    name = unquote(url.removeprefix(_FILES)).replace("\0", "")
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()) or not path.is_file():
        raise FetchError(f"ldes: {url} is no file of the source", status=404)
    if path.stat().st_size > max_bytes:
        raise FetchError(f"ldes: {url} is larger than the {max_bytes} bytes allowed", status=413)
    return Document(url, path.read_bytes(), "", datetime.fromtimestamp(path.stat().st_mtime, UTC))
