"""A catalogue on the web: its pages, the catalogues in it and, if asked, the datasets that it only names.

Paging is Hydra's, in both generations: `hydra:next`, else `nextPage`, as an IRI or a text, on whichever node has it.
What has pages is split into members (see `_rdf_members`); so is what is found by following links, since publishers are
repeated in each such document. A document without pages is one, as a file is. Of what is split, the bytes are
remembered by a digest: as long as they are the same, and nothing that was read of them is missing, it is not parsed.

The end is where no page is next. It is also where only a page that was read before is next, if all that is announced
(`hydra:totalItems`) has come, or this is the last page (`hydra:last`). Where less comes, nothing is taken for gone.

A link that leads to another site is fetched without the permissions for private addresses, which are this source's.
"""

import hashlib
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from catalogue import identity, sandbox
from catalogue.errors import DocumentError, FetchError, SourceError
from catalogue.harvesters._rdf_dialect import normalised
from catalogue.harvesters._rdf_members import members
from catalogue.harvesters._rdf_syntax import parsed
from catalogue.harvesters._web_pages import check_no_page
from catalogue.model import Checkpoint, Document, Finding, Found, Partial, Reading, Report, Severity, Unchanged
from catalogue.rdf import IRI, SYNTAXES, Literal, Quad
from catalogue.visit import Option, Visit, is_missing, is_web
from catalogue.vocabulary import ADMS, DCAT, DCT, RDF

OPTIONS: Mapping[str, Option] = {
    "nested": Option(True, "Whether catalogues listed in a catalogue (dct:hasPart, dcat:catalog) are read, too."),
    "follow": Option(False, "Whether a dataset that is listed without a description is fetched from its own address."),
}
ACCEPT = ", ".join(f"{syntax.media_type};q={'0.9' if syntax.graphs else '1'}" for syntax in SYNTAXES.values())

_HYDRA = "http://www.w3.org/ns/hydra/core#"
_NEXT = (IRI(_HYDRA + "next"), IRI(_HYDRA + "nextPage"))
_LAST = (IRI(_HYDRA + "last"), IRI(_HYDRA + "lastPage"))
_TOTAL, _MEMBER = IRI(_HYDRA + "totalItems"), IRI(_HYDRA + "member")
_VIEWS = frozenset(IRI(_HYDRA + name) for name in ("PartialCollectionView", "PagedCollection"))
_CATALOGUES = frozenset({DCAT.Catalog, ADMS.AssetRepository})
_NESTED = (DCAT.catalog, DCT.hasPart)
_LISTING = (DCAT.dataset, DCAT.record)
_FOLLOWED = frozenset({*_NEXT, *_LAST, *_NESTED, *_LISTING, _TOTAL, _MEMBER})
_MAX_DEPTH = 5
_DATASETS = _MAX_DEPTH + 1  # below all catalogues
_MAX_LINKS = 100_000
# So many failures one after the other are one failure: of the server.
_MAX_FAILURES = 10
# So many pages in a row that bring nothing new have no end.
_MAX_STALE = 10
_LINKS, _MEMBERS, _PAGE = "links ", "members ", "page "
# What is remembered of a page, with what it describes.
_KEPT = ("following", "nested", "listed", "last", "total", "items")
# Of the digest of a member, so much is remembered: it is compared with those of one key.
_SHORT = 16
_MAX_DIGITS = 10
_WEB = ("http://", "https://")


@dataclass(frozen=True)
class _Page:
    """What a document says of others: the addresses of the next page, the likeliest first, of catalogues in this one,
    and of datasets that are listed; and whatever it describes itself. And of pages: which is the last one, how many
    items all of them have, and a token of each item on this one."""

    is_paged: bool = False
    following: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    described: frozenset[str] = frozenset()
    last: tuple[str, ...] = ()
    total: int | None = None
    items: tuple[str, ...] = ()


def catalogue(visit: Visit) -> Iterator[Found]:
    """All that is to be read of a catalogue at a web address. Raises SourceError when one of its own pages cannot be.

    A document behind a link that cannot be read is a Reading with a violation.
    """
    yield from _Reader(visit).found()


@dataclass
class _Reader:
    """A catalogue on its way: links to follow with their depth, and what was met, said and told so far."""

    visit: Visit
    _queue: deque[tuple[str, int]] = field(default_factory=deque)
    _met: set[str] = field(default_factory=set)
    _told: dict[str, str] = field(default_factory=dict)
    _listed: dict[str, None] = field(default_factory=dict)
    _described: set[str] = field(default_factory=set)
    _keys: list[str] = field(default_factory=list)
    _split_now: set[str] = field(default_factory=set)
    _next: str | None = None
    _failures: int = 0
    _stale: int = 0
    _totals: set[int] = field(default_factory=set)
    _items: set[str] = field(default_factory=set)

    def found(self) -> Iterator[Found]:
        """The root, the catalogues in it, then datasets: only in the end is it known which of them nobody describes."""
        self._met.add(urldefrag(self.visit.location).url)
        yield from self._root()
        yield from self._linked()
        bare = [url for url in self._listed if url not in self._described and url not in self._told]
        if self.visit.option("follow", OPTIONS):
            self._enqueue(bare, _DATASETS)
            yield from self._linked()
        elif bare:
            yield _only_named(self.visit.location, bare)
        # Addresses of pages may be others at each visit.
        for name in [name for name in self.visit.memory if name.startswith(_PAGE) and name not in self._split_now]:
            del self.visit.memory[name]

    def _root(self) -> Iterator[Found]:
        location, memory = self.visit.location, self.visit.memory
        document = self.visit.get(location, accept=ACCEPT)
        if isinstance(document, Document):
            check_no_page(self.visit, document, "RDF")
        if isinstance(document, Unchanged):
            yield document
            self._take(_remembered(memory, location), 0)
        elif memory.get(_LINKS + location, {}).get("hash") == _digest(document.content):
            yield location, document
            self._take(_remembered(memory, location), 0)
        elif self._recalled(document):
            yield from self._pages(self.visit, document, None, 0)
        else:
            yield from self._new_root(document)

    def _new_root(self, document: Document) -> Iterator[Found]:
        try:
            quads = _parsed(document)
        except DocumentError:
            yield self.visit.location, document  # `readings` says why it cannot be read
            return
        page = _page(quads, document)
        if page.is_paged:
            yield from self._pages(self.visit, document, quads, 0)
        else:
            yield self.visit.location, document
            self._take(page, 0)
            _remember(self.visit.memory, self.visit.location, document, page)

    def _linked(self) -> Iterator[Found]:
        while self._queue:
            url, depth = self._queue.popleft()
            try:
                yield from self._link(url, depth)
                self._failures = 0
            except SourceError as error:
                yield from self._failed(url, error)

    def _failed(self, url: str, error: SourceError) -> Iterator[Found]:
        """Where there is nothing, or never was any RDF, there is nothing to keep; else what was read stays.

        A web page in place of a catalogue, such as that of a log-in, is no failure of the server.
        """
        is_missing_now = isinstance(error, FetchError) and is_missing(error)
        if not is_missing_now and not (isinstance(error, DocumentError) and _MEMBERS + url not in self.visit.memory):
            yield Partial()
            self._failures += isinstance(error, FetchError | DocumentError)
        message = f"rdf: {url}, which the catalogue refers to, cannot be read: {error}"
        yield Reading(url, url, Report((Finding(Severity.VIOLATION, message, value=url),)))
        if self._failures == _MAX_FAILURES:
            raise SourceError(f"{self.visit.source.id}: {_MAX_FAILURES} documents in a row cannot be read; {error}")

    def _link(self, url: str, depth: int) -> Iterator[Found]:
        visit = self._visit_to(url)
        origins = visit.memory.get(_MEMBERS + url, [])
        is_known = bool(origins) and all(origin in visit.known for origin in origins)
        document = visit.get(url, accept=ACCEPT) if is_known else visit.fetch.get(url, accept=ACCEPT)
        if isinstance(document, Unchanged):
            yield from map(Unchanged, origins)
            self._take(_remembered(visit.memory, url), depth)
            return
        if depth < _DATASETS:
            # Its members may be in the catalogue, although nothing is remembered of them.
            check_no_page(visit, document, "RDF")
        if self._recalled(document):
            yield from self._pages(visit, document, None, depth)
            return
        quads = _parsed(document)
        page = _page(quads, document)
        visit.memory.setdefault(_MEMBERS + url, [])  # it is RDF, whatever comes in place of its later pages
        yield from self._pages(visit, document, quads, depth)
        visit.memory[_MEMBERS + url] = [] if page.is_paged else self._keys
        if self._keys and not page.is_paged:
            _remember(visit.memory, url, document, page)
            visit.remember(document, self._keys[0])

    def _visit_to(self, url: str) -> Visit:
        if _site(url) == _site(self.visit.location):
            return self.visit
        return replace(self.visit, fetch=replace(self.visit.fetch, allow_private=()))

    def _pages(self, visit: Visit, first: Document, quads: list[Quad] | None, depth: int) -> Iterator[Found]:
        """The members of a page, and of those after it; without `quads`, the first is one that is recalled."""
        self._keys, self._stale = [], 0
        self._totals, self._items = set(), set()
        seen = {first.url, first.asked or first.url}
        yield from self._split(first, quads, depth, seen)
        try:
            for document in visit.pages(self._next, lambda _: self._next, accept=ACCEPT) if self._next else ():
                seen |= {document.url, document.asked or document.url}
                yield from self._split(document, None, depth, seen)
        except (FetchError, DocumentError) as error:
            # Some servers lead on from the last page to one that is not there, or empty.
            if not self._is_all() or (isinstance(error, FetchError) and not is_missing(error)):
                raise
        yield from self._counted(first.url)

    def _is_all(self) -> bool:
        """Whether all items that the pages announce have come."""
        return len(self._totals) == 1 and len(self._items) >= max(self._totals)

    def _counted(self, url: str) -> Iterator[Partial]:
        """What is to be said where pages did not bring all that they announced."""
        if len(self._totals) == 1 and not self._is_all():
            message = f"rdf: the pages announce {max(self._totals):,} items; {len(self._items):,} different ones came"
            fix = "Have each item listed on one page, and count those that are listed"
            yield Partial(url, (Finding(Severity.WARNING, message, _TOTAL.value, fix=fix),))
        elif len(self._totals) > 1:  # it changed meanwhile, and what is missing comes the next time
            yield Partial()

    def _split(
        self, document: Document, quads: list[Quad] | None, depth: int, seen: Collection[str]
    ) -> Iterator[Found]:
        """What is new on a page. The next is the first that was not there yet; else `visit.pages` ends the circle."""
        self._split_now.add(_PAGE + document.url)
        before = len(self._told)
        recalled = self._recalled(document) if quads is None else None
        if recalled:
            page, told = recalled
            yield from (Unchanged(key) for key in told if key not in self._told)
            self._told.update(told)
        else:
            quads = _parsed(document) if quads is None else quads
            page = _page(quads, document)
            yield from self._members(document, quads, page)
        self._take(page, depth)
        self._stale = self._stale + 1 if len(self._told) == before else 0
        self._totals |= set() if page.total is None else {page.total}
        self._items.update(page.items)
        self._next = None
        ahead = self._ahead(page, document, seen)
        if ahead and _site(ahead) == _site(document.url):
            self._next = ahead
        elif ahead:
            self._enqueue([ahead], depth)  # another site has other permissions

    def _ahead(self, page: _Page, document: Document, seen: Collection[str]) -> str | None:
        """The page to be read next. Raises SourceError when pages go on without bringing anything."""
        ahead = next((url for url in page.following if url not in seen), *page.following[:1] or (None,))
        is_last = document.url in page.last or document.asked in page.last
        if ahead is None or (self._is_all() and (ahead in seen or self._stale)) or (is_last and ahead in seen):
            return None
        if self._stale == _MAX_STALE:
            raise SourceError(
                f"{self.visit.source.id}: its pages go on, but the last {_MAX_STALE} to {document.url} have brought"
                " nothing new"
            )
        return ahead

    def _members(self, document: Document, quads: list[Quad], page: _Page) -> Iterator[Found]:
        """The members of a page that were not told yet; remembers the page, once they have been dealt with."""
        memory, told = self.visit.memory, dict[str, str]()
        if memory.pop(_PAGE + document.url, None):
            # If the visit fails, what it has written by then is not what is remembered.
            yield Checkpoint()
        for key, member in members(quads, document):
            self._keys += [] if page.is_paged else [key]
            told[key] = _digest(member.content)[:_SHORT]
            if self._told.get(key) != told[key]:
                self._told.setdefault(key, told[key])
                yield key, member
        is_followed = self.visit.option("follow", OPTIONS)
        described = sorted(url for url in page.described if is_followed and url.lower().startswith(_WEB))
        links = {name: getattr(page, name) for name in _KEPT} | {"described": described}
        memory[_PAGE + document.url] = {"hash": _digest(document.content), "told": told, **links}
        yield Checkpoint()  # what is remembered of a large catalogue is itself large

    def _recalled(self, document: Document) -> tuple[_Page, Mapping[str, str]] | None:
        """A page as it was, with what it told, by key; None where some of that is not in the catalogue, or was told
        otherwise by a page before this one."""
        kept = self.visit.memory.get(_PAGE + document.url, {})
        if kept.get("hash") != _digest(document.content):
            return None
        told: Mapping[str, str] = kept["told"]
        if not all(self._told.get(key, digest) == digest and key in self.visit.known for key, digest in told.items()):
            return None
        links: dict[str, Any] = {
            name: value if name == "total" else tuple(value) for name in _KEPT for value in [kept[name]]
        }
        return _Page(bool(links["following"]), described=frozenset(kept["described"]), **links), told

    def _take(self, page: _Page, depth: int) -> None:
        """Notes what is to be read later."""
        if self.visit.option("nested", OPTIONS) and depth < _MAX_DEPTH:
            self._enqueue(page.nested, depth + 1)
        self._listed.update(dict.fromkeys(page.listed))
        self._described |= page.described if self.visit.option("follow", OPTIONS) else set()

    def _enqueue(self, urls: Iterable[str], depth: int) -> None:
        for url in urls:
            address = urldefrag(url).url
            if address not in self._met:
                self._met.add(address)
                self._queue.append((address, depth))
        if len(self._met) > _MAX_LINKS:
            raise SourceError(f"{self.visit.source.id}: it refers to more than {_MAX_LINKS:,} documents")


def _only_named(location: str, urls: Sequence[str]) -> Reading:
    """That datasets are not in the catalogue, since nothing is said of them."""
    message = f"rdf: datasets that are listed without a description: {len(urls):,}; the first is {urls[0]}"
    fix = "Have the catalogue describe them, or say follow = true, so that they are read from their own addresses"
    return Reading(
        "listed", f"listed {location}", Report((Finding(Severity.WARNING, message, DCAT.dataset.value, urls[0], fix),))
    )


def _parsed(document: Document) -> list[Quad]:
    try:
        said = parsed(document, lambda syntax: sandbox.parse_mended(document.content, syntax, document.url))
        return list(normalised(said))
    except DocumentError as error:
        raise DocumentError(f"{document.url}: {error}", error.line, error.column, error.fix) from error


def _page(quads: Iterable[Quad], document: Document) -> _Page:
    """What a document says of others; `quads` are its own."""
    links: dict[IRI, list[tuple[str, str]]] = defaultdict(list)
    types: dict[str, set[object]] = defaultdict(set)
    for subject, predicate, value, _ in quads:
        types[str(subject)] |= {value} if predicate == RDF.type else set()
        if predicate == _TOTAL and isinstance(value, Literal):
            links[predicate].append((str(subject), value.value.strip()))
        elif predicate in _FOLLOWED and isinstance(value, IRI | Literal):
            links[predicate].append((str(subject), _joined(document.url, value.value)))
    catalogues = {subject for subject, classes in types.items() if not classes.isdisjoint(_CATALOGUES)}
    full = {subject[1:-1] for predicate in _LISTING for subject, _ in links[predicate]}
    apart = {subject[1:-1] for subject, classes in types.items() if classes and subject not in catalogues}
    nested = {url for predicate in _NESTED for subject, url in links[predicate] if subject in catalogues}
    described = frozenset(subject[1:-1] for subject in types)
    return _Page(
        is_paged=any(links[predicate] for predicate in _NEXT) or any(not _VIEWS.isdisjoint(c) for c in types.values()),
        following=tuple(_following(links, types, document.url)),
        nested=tuple(sorted(url for url in nested - full - apart if is_web(url))),
        listed=tuple(sorted({url for _, url in links[DCAT.dataset] if is_web(url)} - described)),
        described=described,
        last=tuple(sorted({urldefrag(url).url for predicate in _LAST for _, url in links[predicate]})),
        total=_total(links[_TOTAL]),
        items=_items(links, types, document.url),
    )


def _total(written: Sequence[tuple[str, str]]) -> int | None:
    """The number of items of all pages, where the page says one."""
    numbers = {number for _, number in written}
    number = numbers.pop() if len(numbers) == 1 else ""
    return int(number) if number.isdecimal() and len(number) < _MAX_DIGITS else None


def _items(
    links: Mapping[IRI, Sequence[tuple[str, str]]], types: Mapping[str, set[object]], page: str
) -> tuple[str, ...]:
    """A token for each thing that a page lists, and for each dataset that it describes."""
    listed = {f"<{url}>" for predicate in (DCAT.dataset, _MEMBER) for _, url in links[predicate]}
    found = listed | {subject for subject, classes in types.items() if DCAT.Dataset in classes}
    return tuple(sorted(identity.key(f"{page} {name}" if name.startswith("_:") else name) for name in found))


def _following(
    links: Mapping[IRI, Sequence[tuple[str, str]]], types: Mapping[str, set[object]], page: str
) -> list[str]:
    """The next pages that a page names: its own word before that of others, of a node that is a page, `hydra:next`."""

    def rank(predicate: IRI, subject: str, url: str) -> tuple[bool, bool, int, str]:
        is_page = not types[subject].isdisjoint(_VIEWS)
        return subject != f"<{page}>", not is_page, _NEXT.index(predicate), url

    found = [rank(predicate, *link) for predicate in _NEXT for link in links[predicate] if is_web(link[1])]
    return list(dict.fromkeys(urldefrag(url).url for *_, url in sorted(found)))


def _joined(base: str, written: str) -> str:
    """An absolute address; of no scheme when what is written is none."""
    try:
        return urljoin(base, written.strip())
    except ValueError:
        return ""


def _site(url: str) -> tuple[str | None, int | None]:
    """Host and port."""
    try:
        parts = urlsplit(url)
        return parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return None, None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _remember(memory: MutableMapping[str, Any], url: str, document: Document, page: _Page) -> None:
    """Keeps the links of a document, for when it is as it was."""
    memory[_LINKS + url] = {"hash": _digest(document.content), "nested": page.nested, "listed": page.listed}


def _remembered(memory: Mapping[str, Any], url: str) -> _Page:
    links = memory.get(_LINKS + url, {})
    return _Page(nested=tuple(links.get("nested", ())), listed=tuple(links.get("listed", ())))
