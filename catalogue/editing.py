"""Operators' edits: what is to change in the graphs, written by the one writer, in one transaction, and published.

Named graphs are operators' own, under the names that they give; the catalogue's (`{base}/graph/…`) are not theirs to
change. The default graph is what is published of all sources, so what operators say in it is a source of its own,
`curated`: a record for each thing, before all others where a thing has one value, and untouched by harvests.

A statement of another source cannot be deleted, for its next harvest would bring it back: either it goes because a
curated value wins over it, or the whole edit is refused and says whose statement it is.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from catalogue.database import After, Delta, Graph, quad
from catalogue.equivalence import names, published
from catalogue.errors import ConflictError, QueryRefused
from catalogue.identity import Minter, key
from catalogue.model import CURATED, Reading, Record, Report, Source
from catalogue.rdf import IRI, DefaultGraph, Literal, Quad, Triple, statement, text
from catalogue.settings import Settings
from catalogue.store import Store
from catalogue.updates import (
    Change,
    Names,
    Update,
    change,
    check_graphs,
    curated,
)
from catalogue.vocabulary import FOAF, OWL
from catalogue.writer import Writer, writing

Clock = Callable[[], datetime]

_PURPOSE = "an operator's edit over HTTP"
# Who asks over HTTP waits for an answer; a harvest may hold the lock for an hour.
_LONGEST_WAIT_S = 5.0
# Each thing whose curated record changes takes some milliseconds, during which nobody else can write.
_MOST_THINGS = 5_000
# Below the catalogue's own address, what operators may speak of; of its pages and records it speaks itself.
_THINGS = ("id/", "graphs/", ".well-known/genid/")
_PHANTOM = "urn:x-catalogue:nothing"


@dataclass
class _Edit(Delta):
    """What one transaction changes, graphs without statements included."""

    created: set[IRI] = field(default_factory=set)
    dropped: set[IRI] = field(default_factory=set)

    def update(self) -> str:
        graphs = [f"DROP SILENT GRAPH {graph}" for graph in sorted(self.dropped, key=str)]
        graphs += [f"CREATE SILENT GRAPH {graph}" for graph in sorted(self.created, key=str)]
        return " ;\n".join([super().update(), *graphs])

    def finish(self) -> None:
        """A transaction without deletions is no SPARQL, which alone makes and drops graphs: so one of nothing."""
        if self.created or self.dropped:
            node = IRI(_PHANTOM)
            self.removed.add(Quad(node, node, node, node))


def update(settings: Settings, asked: Update, clock: Clock) -> None:
    """Carries out a SPARQL Update, whole or not at all, and publishes what it changed.

    Raises QuerySyntaxError, QueryRefused, ConflictError, QueryLimit or QueryError as `updates.change`, and BusyError
    when another process keeps writing.
    """
    with _editing(settings, clock) as writer, _place(writer) as copy:
        writer.store.backup(copy)
        _apply(writer, change(copy, settings.base, asked, settings.query_timeout, settings.query_memory))


def put(settings: Settings, graph: Graph, triples: Iterable[Triple], clock: Clock, *, replaces: bool) -> bool:
    """Adds statements to a graph, or has it hold these and no others; returns whether it was not there before.

    Of the default graph, all this is about what operators said in it. Raises QueryRefused, ConflictError, BusyError.
    """
    check_graphs([graph], Minter(settings.base))
    with _editing(settings, clock) as writer:
        blank = Names(writer.store.minter)
        added = {blank.named(triple, graph) for triple in triples}
        if not isinstance(graph, IRI):
            is_new = not curated(writer.store, writer.store.minter)
            _apply(writer, Change(added, clears=replaces))
            return is_new
        is_new = not writer.store.has_graph(graph)
        _apply(writer, Change(added, _statements(writer.store, graph) - added if replaces else set(), {graph}))
        return is_new


def delete(settings: Settings, graph: Graph, clock: Clock) -> bool:
    """Deletes a graph, of the default graph what operators said in it; returns whether it was there.

    Raises QueryRefused, BusyError.
    """
    check_graphs([graph], Minter(settings.base))
    with _editing(settings, clock) as writer:
        if not isinstance(graph, IRI):
            _apply(writer, Change(clears=True))
            return True
        is_there = writer.store.has_graph(graph)
        if is_there:
            _apply(writer, Change(removed=_statements(writer.store, graph), dropped={graph}))
        return is_there


@contextmanager
def _editing(settings: Settings, clock: Clock) -> Iterator[Writer]:
    wait = min(settings.lock_timeout, _LONGEST_WAIT_S)
    hasty = replace(settings, values={**settings.values, "lock_timeout": wait})
    with writing(hasty, _PURPOSE, clock) as writer:
        yield writer


@contextmanager
def _place(writer: Writer) -> Iterator[Path]:
    """Where a copy of the database may stand. One that was left behind by a process that was killed goes."""
    place = writer.home.state / "copy"
    shutil.rmtree(place, ignore_errors=True)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _statements(store: Store, graph: IRI) -> set[Quad]:
    return {quad(triple, graph) for triple in store.triples(None, None, None, graph)}


def _apply(writer: Writer, wanted: Change) -> None:
    """Writes a change in one transaction and publishes it."""
    store = writer.store
    _check(store.minter, wanted)
    edit, kept = _Edit(), _curated(store, wanted)
    for key_, (thing, triples) in kept.items():
        _curate(store, edit, key_, thing, triples)
    _check_deletions(store, edit, wanted)
    edit.added |= {one for one in wanted.added if isinstance(one.graph_name, IRI) and one not in store}
    edit.removed |= {one for one in wanted.removed if isinstance(one.graph_name, IRI)}
    filled = {one.graph_name for one in edit.added}
    edit.created = {graph for graph in wanted.created - filled if not store.has_graph(graph)}
    edit.dropped = wanted.dropped
    edit.finish()
    store.write(edit)
    for key_, (_, triples) in kept.items():
        if not triples:  # what is published does not change any more
            store.remove(CURATED, key_)
    if len({published(store, store.minter, name) for name, _ in kept.values()}) < len(kept):
        store.rebuild()  # see `_curate`: two records of one thing, which an editor merged since
    writer.publish()


def _check(minter: Minter, wanted: Change) -> None:
    named = {one.graph_name for one in wanted.added | wanted.removed}
    check_graphs(named | wanted.created | wanted.dropped, minter)
    for one in wanted.added:
        _check_term(one)
        if isinstance(one.graph_name, DefaultGraph):
            _check_curated(minter, one)


def _check_term(one: Quad) -> None:
    value = one.object
    if isinstance(value, Literal) and text(value.value).value != value.value:
        raise QueryRefused(f"a text of {one.subject} has control characters, which not every syntax can write")


def _check_curated(minter: Minter, one: Quad) -> None:
    if one.predicate == OWL.sameAs:
        raise ConflictError("two names are made those of one thing with the command: catalogue merge")
    own, subject = f"{minter.base}/", str(one.subject)[1:-1]
    if subject.startswith(own) and not subject.removeprefix(own).startswith(_THINGS):
        raise QueryRefused(f"of {one.subject}, a page or record, the catalogue itself says what there is to say")


_Curated = dict[str, tuple[IRI, set[Triple]]]


def _curated(store: Store, wanted: Change) -> _Curated:
    """The curated records that change: by key the name that each is about, and what is to be said of it."""
    minter = store.minter
    gone = {one.triple for one in wanted.removed if isinstance(one.graph_name, DefaultGraph)}
    come = {one.triple for one in wanted.added if isinstance(one.graph_name, DefaultGraph)}
    known: _Curated = {}
    for thing in {_thing(store, triple) for triple in gone | come}:
        for name in names(store, minter, thing):
            known[key(name.value)] = (name, _without(store, _said(store, name), gone))
    if wanted.clears:
        known |= {key(name.value): (name, set()) for name in _topics(store)}
    for triple in come:
        known[key(_thing(store, triple).value)][1].add(triple)
    changed = {key_: (name, now) for key_, (name, now) in known.items() if now != _said(store, name)}
    if len(changed) > _MOST_THINGS:
        raise QueryRefused(f"the default graph would change about more than {_MOST_THINGS} things; send it in parts")
    if changed:
        store.put_source(Source(CURATED, CURATED, f"{minter.base}/graphs?default", "Edits by the operators", 0))
    return changed


def _without(store: Store, triples: set[Triple], gone: set[Triple]) -> set[Triple]:
    """Statements but for some, which are told by the names that things are published under."""
    return {triple for triple in triples if triple not in gone and _named(store, triple) not in gone}


def _named(store: Store, triple: Triple) -> Triple:
    """A statement as it is published."""
    subject, value = (
        published(store, store.minter, term) if isinstance(term, IRI) else term for term in (triple[0], triple[2])
    )
    return Triple(subject, triple.predicate, value)


def _thing(store: Store, triple: Triple) -> IRI:
    """The thing that a statement is about, by the name that it is published under: so an edit gives it no other."""
    assert isinstance(triple.subject, IRI)
    return published(store, store.minter, store.minter.entity(triple.subject))


def _topics(store: Store) -> list[IRI]:
    """The names that there are curated records about."""
    meta = store.minter.graph("meta")
    records = [store.minter.record(CURATED, name) for name in store.keys(CURATED)]
    return [topic for one in records for topic in store.objects(one, FOAF.primaryTopic, meta) if isinstance(topic, IRI)]


def _said(store: Store, thing: IRI) -> set[Triple]:
    return set(store.triples(None, None, None, store.minter.graph("record", CURATED, key(thing.value))))


def _curate(store: Store, edit: Delta, name: str, thing: IRI, triples: set[Triple]) -> None:
    """Adds to a transaction what follows when the curated record of a thing says this.

    The records of one edit are about different things, as good as always, so what follows of each of them follows of
    all together.
    """
    source = Source(CURATED, CURATED, "", "", 0)
    origin = f"{store.minter.base}/graphs?default"
    record = Record(name, thing, frozenset(triples), origin)
    _, delta, _ = store.plan(source, Reading(name, origin, Report(), record))
    store.log.committed()  # the numbers of its events are taken
    edit.added |= delta.added
    edit.removed |= delta.removed


def _check_deletions(store: Store, edit: Delta, wanted: Change) -> None:
    """Refuses what would delete a statement that stays."""
    after = After(store, edit)
    staying = {one for one in wanted.removed if isinstance(one.graph_name, DefaultGraph) and one in after}
    mine = {_named(store, triple) for triple in curated(store, store.minter)} if staying else set()
    for one in sorted(staying, key=str):
        if one.triple not in mine:
            raise ConflictError(
                f"this cannot be deleted, for {_sayer(store, one)} says it: {statement(one.triple)}"
                " Insert a value that is right: of a property that a thing has once, it is published instead"
            )


def _sayer(store: Store, one: Quad) -> str:
    records = store.minter.graph("record").value + "/"
    graphs = (other.graph_name for other in store.quads(one.subject, one.predicate, one.object))
    names = {str(g)[1:-1].removeprefix(records).partition("/")[0] for g in graphs if str(g)[1:].startswith(records)}
    return f"the source {' and '.join(sorted(names))}" if names else "the catalogue itself"
