"""Publications: immutable, numbered snapshots that readers serve, and how one comes to be.

A publication is complete when its manifest is there, and served when `current` names it; both happen at once or not
at all. So a process that is killed while publishing leaves the one before served, and a draft that the next one clears.
"""

import json
import os
import shutil
import weakref
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from pathlib import Path

from catalogue.database import Snapshot, quad
from catalogue.entries import Entries
from catalogue.equivalence import published, records
from catalogue.errors import StoreError
from catalogue.home import Home, flush_directory, hold, is_held, replace_file
from catalogue.identity import KEY, Minter
from catalogue.identity import key as key_of
from catalogue.model import kind_of
from catalogue.rdf import IRI, DefaultGraph, Literal, Quad, Triple
from catalogue.search import VERSION, Index, IndexWriter
from catalogue.store import Store
from catalogue.vocabulary import AS, DCAT, DCT, FOAF, RDF, RDFS, SKOS


@dataclass(frozen=True)
class Manifest:
    """What a publication is: `change` is the number of the last event in it, `lists` tells its code lists apart."""

    number: int
    created: str
    base: str
    title: str
    change: int
    lists: str
    search: int
    counts: dict[str, int]


def publish(
    home: Home, store: Store, title: str, lists: str, clock: Callable[[], datetime], keep: int, *, anew: bool = False
) -> Manifest:
    """Makes the store's state the current publication, and prunes old ones. The caller holds the writer's lock.

    The index carries on from an earlier publication's with the changes since, or with `anew` is made from nothing.
    """
    _clear_drafts(home)
    number = max(home.publications(), default=0) + 1
    draft = home.published / f"{number}.draft"
    draft.mkdir()
    store.backup(draft / "store")
    base = None if anew else _predecessor(home, store, lists)
    _index(draft / "search", store, base)
    created = clock().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    counts = Index(draft / "search").counts()
    manifest = Manifest(number, created, store.minter.base, title, store.log.last, lists, VERSION, counts)
    replace_file(draft / "manifest.json", json.dumps(asdict(manifest), indent=2) + "\n")
    draft.rename(home.publication(number))
    flush_directory(home.published)
    home.set_current(number)
    _prune(home, keep)
    return manifest


def rollback(home: Home) -> int:
    """Serves the publication before the current one again; the writer's state stays as it is. Returns its number."""
    current = home.current()
    older = [number for number in home.publications() if current is not None and number < current]
    if not older:
        raise StoreError("rollback: there is no publication before the current one")
    home.set_current(older[-1])
    return older[-1]


def manifest(home: Home, number: int) -> Manifest:
    """Reads a publication's manifest; raises StoreError when it is missing or damaged."""
    path = home.publication(number) / "manifest.json"
    try:
        return Manifest(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(
            f"publication {number}: its manifest cannot be read: {error}; run catalogue publish"
        ) from error


def _clear_drafts(home: Home) -> None:
    for draft in home.published.glob("*.draft"):
        shutil.rmtree(draft)


def _predecessor(home: Home, store: Store, lists: str) -> Manifest | None:
    """The newest publication whose index can be carried on with the changes since; None when it must be made anew."""
    for number in reversed(home.publications()):
        known = manifest(home, number)
        if (known.base, known.lists, known.search) != (store.minter.base, lists, VERSION):
            return None
        if known.change <= store.log.last:
            return known
    return None


def _index(target: Path, store: Store, base: Manifest | None) -> None:
    entries = Entries(store, store.minter)
    if base is None:
        writer = IndexWriter(target, create=True)
        for entry in entries.all():
            writer.put(entry)
    else:
        source = target.parent.parent / str(base.number) / "search"
        # tantivy never writes into a segment's file: it adds files and replaces its lists of them by renaming.
        shutil.copytree(source, target, copy_function=_link)
        writer = IndexWriter(target, create=False)
        changed = {iri for thing in store.log.things(base.change) for iri in entries.affected(thing)}
        for thing in sorted(changed, key=str):
            entry_now = entries.entry(thing)
            if entry_now is None:
                writer.remove(thing.value)
            else:
                writer.put(entry_now)
    writer.commit()


def _link(source: str, target: str) -> None:
    if source.endswith(".lock"):
        return
    os.link(source, target)


def _prune(home: Home, keep: int) -> None:
    """Deletes all but the newest publications, never the current one nor one that a reader holds."""
    current = home.current()
    for number in home.publications()[:-keep]:
        path = home.publication(number)
        if number != current and not is_held(path):
            # Without its manifest it is no publication any more, however far the rest of this gets.
            path.rename(path.with_name(f"{number}.draft"))
            shutil.rmtree(path.with_name(f"{number}.draft"))


class Publication:
    """One publication, open for reading. Open it after a fork; it is kept from being pruned until closed."""

    def __init__(self, home: Home, number: int) -> None:
        self.path = home.publication(number)
        self.manifest = manifest(home, number)
        # Let go when closed, and at the latest when no request uses this any more.
        self._let_go = weakref.finalize(self, hold(self.path).close)
        self.minter = Minter(self.manifest.base)
        self.store = Snapshot(self.path / "store")

    @cached_property
    def search(self) -> Index:
        return Index(self.path / "search")

    @cached_property
    def entries(self) -> Entries:
        return Entries(self.store, self.minter)

    def close(self) -> None:
        """Lets the publication be pruned. What it keeps refers back to it, and would stay until it is found."""
        self._let_go()
        for name in ("statements", "modified", "_captions", "_page_date"):
            self.__dict__.pop(name, None)

    def description(self, thing: IRI) -> set[Triple]:
        """What is published of a thing, readable by itself: its statements, and types and names of what they refer to.

        Empty when nothing is published of it.
        """
        triples = set(self.statements(thing))
        described = {triple.subject for triple in triples}
        for node in {t.object for t in triples if isinstance(t.object, IRI)} - described:
            triples.update(self._captions(node))
        return triples

    @cached_property
    def _captions(self) -> Callable[[IRI], tuple[Triple, ...]]:
        """What a node is, and is called; a licence, topic or country is referred to by most descriptions."""

        @lru_cache(_KEPT_CAPTIONS)
        def captions(node: IRI) -> tuple[Triple, ...]:
            if next(self.store.triples(node, None, None), None) is None:
                return ()  # an address elsewhere, as most are
            return tuple(t for name in _LABELS for t in self.store.triples(node, name, None))

        return captions

    @cached_property
    def modified(self) -> Callable[[IRI], str]:
        """When a thing's description last changed, or that of something it refers to, in UTC; "" if that is not known.

        Of a term of a code list, when the list did.
        """
        return lru_cache(_KEPT_CAPTIONS)(self._last_change)

    def _last_change(self, thing: IRI) -> str:
        triples = self.statements(thing)
        nodes = {thing, *(t.object for t in triples if isinstance(t.object, IRI))}
        schemes = {t.object for t in triples if t.subject == thing and t.predicate == SKOS.inScheme}
        dates = [self._date(node) for node in schemes if isinstance(node, IRI)]
        return max(dates + [self._page_date(node) for node in nodes])

    @cached_property
    def _page_date(self) -> Callable[[IRI], str]:
        """When a node's own description last changed; what most descriptions refer to is asked for once."""

        def date(node: IRI) -> str:
            page = self.page(node)
            return self._date(page) if page else ""

        return lru_cache(_KEPT_CAPTIONS)(date)

    def _date(self, node: IRI) -> str:
        found = self.store.value(node, DCT.modified)
        return found.value if isinstance(found, Literal) else ""

    def accounts(self, thing: IRI) -> Iterator[Quad]:
        """Who says what of a thing: the graphs of its records, and what is known of each record."""
        meta = self.minter.graph("meta")
        for record in records(self.store, self.minter, thing):
            graph = self.minter.graph_of(record)
            yield from (quad(triple, graph) for triple in self.store.triples(None, None, None, graph))
            yield from (quad(triple, meta) for triple in self.store.triples(record, None, None, meta))

    @cached_property
    def statements(self) -> Callable[[IRI], frozenset[Triple]]:
        """A thing's own statements, those of its nodes and parts, and its catalogue record.

        Parts are its distributions, releases, contacts. Kept for a while: an answer is made of them, and then its date.
        """
        return lru_cache(_KEPT_STATEMENTS)(self._statements)

    def _statements(self, thing: IRI) -> frozenset[Triple]:
        triples: set[Triple] = set()
        nodes, waiting = {thing}, [thing]
        while waiting:
            said = list(self.store.triples(waiting.pop(), None, None))
            triples.update(said)
            parts = {t.object for t in said if isinstance(t.object, IRI) and self._is_part(t, thing)} - nodes
            nodes |= parts
            waiting += parts
        if triples and (page := self.page(thing)):
            triples.update(self.store.triples(page, None, None))
        return frozenset(triples)

    def _is_part(self, triple: Triple, thing: IRI) -> bool:
        value = triple.object
        if isinstance(value, IRI) and value.value.startswith(f"{thing.value}#"):
            return True
        return triple.subject == thing and triple.predicate in _PARTS

    def page(self, thing: IRI) -> IRI | None:
        """The address of the page of a thing, None when it has none."""
        types = {triple.object for triple in self._captions(thing) if triple.predicate == RDF.type}
        kind = kind_of({cls for cls in types if isinstance(cls, IRI)})
        return self.minter.page(thing, kind.name) if kind else None

    def resolve(self, kind: str, key: str) -> IRI | None:
        """The thing at an address: one that we minted, or a foreign one by the hash of its IRI.

        Of what is now published under another name, the thing of that name.
        """
        if not KEY.fullmatch(key):
            return None
        minted = IRI(f"{self.manifest.base}/id/{'owner' if kind == 'administration' else kind}/{key}")
        if next(self.store.triples(minted, None, None), None) is not None:
            return minted
        entry = self.search.find(kind, key)
        return IRI(entry.iri) if entry else self._renamed(minted, key)

    def _renamed(self, minted: IRI, key: str) -> IRI | None:
        event = self._deletions.get(minted.value) or self._deletions.get(key)
        gone = self.store.value(event, AS.object, self.minter.graph("changes")) if event else None
        name = gone if isinstance(gone, IRI) else minted
        for _ in range(_MOST_RENAMED):
            name = published(self.store, self.minter, self._replaced(name) or name)
        is_there = next(self.store.triples(name, None, None), None) is not None
        return name if is_there and name not in (gone, minted) else None

    def _replaced(self, gone: IRI) -> IRI | None:
        """Under which one name that is published now which is gone under this one."""
        found = self.store.objects(gone, DCT.isReplacedBy, self.minter.graph("changes"))
        return found[0] if len(found) == 1 and isinstance(found[0], IRI) else None

    def tombstone(self, kind: str, key: str) -> set[Triple]:
        """The event that took a thing away, the names that it had, what replaces it; empty when it never was."""
        minted = f"{self.manifest.base}/id/{'owner' if kind == 'administration' else kind}/{key}"
        event, changes = self._deletions.get(minted) or self._deletions.get(key), self.minter.graph("changes")
        if event is None:
            return set()
        things = (thing for thing in self.store.objects(event, AS.object, changes) if isinstance(thing, IRI))
        replaced = {t for thing in things for t in self.store.triples(thing, DCT.isReplacedBy, None, changes)}
        return {*self.store.triples(event, None, None, changes), *replaced}

    @cached_property
    def _deletions(self) -> dict[str, IRI]:
        """The last deletion of each thing, by its IRI if we minted it, else by the key of its page."""
        changes = self.minter.graph("changes")
        events = [t.subject for t in self.store.triples(None, RDF.type, AS.Delete, changes)]
        found: dict[str, IRI] = {}
        for event in sorted((e for e in events if isinstance(e, IRI)), key=lambda e: int(e.value.rsplit("/", 1)[-1])):
            thing = self.store.value(event, AS.object, changes)
            if isinstance(thing, IRI):
                own = thing.value.startswith(f"{self.manifest.base}/id/")
                found[thing.value if own else key_of(thing.value)] = event
        return found

    def label(self, thing: IRI, languages: tuple[str, ...] = ("en",)) -> Literal | None:
        """A name of a thing in the first of the languages that has one, else in any; None when it has no name."""
        names = [n for prop in _NAMES for n in self.store.objects(thing, prop) if isinstance(n, Literal)]
        return choose(names, languages)

    def published(self) -> Iterator[Quad]:
        """Every published statement; the record graphs, the log and the accounts are left out."""
        for triple in self.store.triples(None, None, None):
            yield Quad(triple.subject, triple.predicate, triple.object, DefaultGraph())


def choose(texts: list[Literal], languages: tuple[str, ...]) -> Literal | None:
    """The text in the first of the languages, then without a language, then the first."""
    for language in (*languages, ""):
        for text in texts:
            if (text.language or "").partition("-")[0] == language:
                return text
    return texts[0] if texts else None


_NAMES = (SKOS.prefLabel, DCT.title, FOAF.name)
_MOST_RENAMED = 10  # times, one after the other
_KEPT_CAPTIONS = 10_000  # some 10 MB
_KEPT_STATEMENTS = 16  # as many as requests that are answered at once
# What is told of what a description refers to: what ADMS-AP wants said of a publisher, a licence, a concept.
_LABELS = (
    RDF.type,
    RDFS.label,
    SKOS.prefLabel,
    SKOS.notation,
    SKOS.inScheme,
    DCT.title,
    DCT.type,
    FOAF.name,
)
_PARTS = frozenset({DCAT.distribution, DCT.hasVersion, DCAT.contactPoint})
