"""The writer's store: records as harvested, and in the same transaction what is published because of them.

Graphs, all under `{base}/graph/`:

    (default)                 the published catalogue: merged descriptions, their catalogue records, the code lists
    record/{source}/{key}     a record as harvested
    vocabulary/{list}         a code list, whole
    meta                      the sources and their records
    quality                   a report for each record that has findings; the measurements of solutions
    changes                   the change log
    identity                  which names are one thing's (see `catalogue.equivalence`)
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from catalogue.changes import ChangeLog, change_of
from catalogue.database import PUBLISHED, After, Database, Delta, Reader, quad
from catalogue.descriptions import Descriptions
from catalogue.equivalence import Equivalence, Naming
from catalogue.errors import StoreError
from catalogue.identity import Minter
from catalogue.model import KINDS, Kind, Reading, Source, kind_of
from catalogue.provenance import (
    catalogue_record,
    record_description,
    report_description,
    source_description,
    time,
)
from catalogue.rdf import IRI, Literal, Term, Triple, content_hash, is_iri, text
from catalogue.vocabulary import AS, DCAT, DCT, FOAF, OSC, PROV, RDF, SH

# What has a catalogue record of its own; the others are parts of one of these.
CATALOGUED = frozenset({"solution", "initiative", "administration", "owner", "article", "event", "document"})

_OF_THE_LAST_GOOD_VERSION = frozenset(
    {DCT.issued, DCT.modified, DCT.conformsTo, FOAF.primaryTopic, OSC.contentHash, OSC.inferred}
)


class Outcome(StrEnum):
    """What writing a reading did."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"
    OUTSIDE = "outside"


class _Place(NamedTuple):
    """Where a record stands: its node in `meta`, its graph, the precedence of its source."""

    node: IRI
    graph: IRI
    rank: int


class Store(Database):
    """The writer's database. Only one process may have it open; `Home.writing` sees to that.

    `clock` gives the time of a change. `changed` tells whether anything was written since it was opened, `rebuilt`
    whether descriptions were recomputed without an event in the change log. Without a path it is in memory, and
    read-only it can still `preview`. Raises StoreError when the directory is damaged or of another base.
    """

    def __init__(
        self, path: Path | None, minter: Minter, clock: Callable[[], datetime], *, read_only: bool = False
    ) -> None:
        super().__init__(path, read_only=read_only)
        self.minter = minter
        self.changed = self.rebuilt = False
        self.log = ChangeLog(self, minter)
        self._clock = clock
        self._meta, self._quality = minter.graph("meta"), minter.graph("quality")
        self._check_base()

    def _check_base(self) -> None:
        """The graph of the change log is there from the start, so that a store of another base can be told."""
        if self.has_graph(self.log.graph):
            return
        other = next(self.named_graphs(), None)
        if other is not None:
            base = other.value.partition("/graph/")[0]
            raise StoreError(f"store: its IRIs start with {base} and not with {self.minter.base}; set CATALOGUE_BASE")
        self.add_graph(self.log.graph)

    @cached_property
    def _ranks(self) -> dict[str, int]:
        """The precedence of each source."""
        prefix = self.minter.source("").value
        found = {str(t.subject)[1:-1]: t.object for t in self.triples(None, OSC.precedence, None, self._meta)}
        return {
            node.removeprefix(prefix): int(value.value) for node, value in found.items() if isinstance(value, Literal)
        }

    @cached_property
    def _equivalence(self) -> Equivalence:
        return Equivalence(self, self.minter, self._ranks)

    @cached_property
    def _descriptions(self) -> Descriptions:
        return Descriptions(self, self.minter, self._ranks, self._equivalence)

    def _place(self, source_id: str, key: str) -> _Place:
        graph = self.minter.graph("record", source_id, key)
        return _Place(self.minter.record(source_id, key), graph, self._ranks[source_id])

    # Writing

    def put(self, source: Source, reading: Reading) -> Outcome:
        """Writes what came of reading one item; what it changes nothing of is not touched.

        A rejected reading keeps the record's last good version, marked stale, beside its findings. The source must
        have been `put_source`.
        """
        outcome, delta, naming = self.plan(source, reading)
        self.write(delta, naming)
        return outcome

    def preview(self, source: Source, reading: Reading) -> Outcome:
        """What `put` would do."""
        self._ranks.setdefault(source.id, source.precedence)
        outcome, _, _ = self.plan(source, reading)
        self.log.abandoned()
        return outcome

    def plan(self, source: Source, reading: Reading) -> tuple[Outcome, Delta, Naming]:
        """What `put` would write, with the names that hold then."""
        place, delta, record = self._place(source.id, reading.key), Delta(), reading.record
        known = self.value(place.node, OSC.contentHash, self._meta)
        changed = record is not None and known != Literal(content_hash(record.triples))
        topics = self._topics(place.node) | ({record.iri} if record else set())
        self._replace_meta(delta, source, place.node, reading, changed=changed)
        naming, logged = Naming(self._equivalence), set[IRI]()
        if record is not None:
            self._equivalence.claim(delta, place.node, record)
        is_inferred_anew = any(one.predicate == OSC.inferred for one in (*delta.added, *delta.removed))
        if record is not None and (changed or is_inferred_anew or self._equivalence.claimed(delta)):
            naming, logged = self._replace(delta, place, record.triples, topics)
        delta.replace(self._quality, self._report(place.node), report_description(place.node, reading.report))
        self._mark(delta, {naming.canonical(topic) for topic in topics} - logged)
        if record is None:
            return Outcome.OUTSIDE if reading.is_outside else Outcome.REJECTED, delta, naming
        return Outcome.NEW if known is None else Outcome.CHANGED if changed else Outcome.UNCHANGED, delta, naming

    def holds(self, source_id: str, key: str) -> bool:
        """Whether there is a good version of a record, the newest or the last one."""
        return self.value(self.minter.record(source_id, key), OSC.contentHash, self._meta) is not None

    def outcome(self, source_id: str, key: str) -> Outcome:
        """What came of a record when it was last read: unchanged for one that is in use as it was read."""
        node = self.minter.record(source_id, key)
        if self.value(node, OSC.recordState, self._meta) == Literal("current"):
            return Outcome.UNCHANGED
        conforms = self.value(IRI(f"{node.value}#report"), SH.conforms, self._quality)
        return Outcome.OUTSIDE if _plain(conforms) == "true" else Outcome.REJECTED

    def remove(self, source_id: str, key: str, *, is_kept: bool = False) -> None:
        """Removes a record: what no other record says goes with it from the published catalogue.

        One that `is_kept` stays with what was found in it last, as one that never was in use.
        """
        place, delta = self._place(source_id, key), Delta()
        topics = self._topics(place.node)
        meta = set(self.triples(place.node, None, None, self._meta))
        used = _OF_THE_LAST_GOOD_VERSION | {OSC.recordState}
        kept = {triple for triple in meta if is_kept and triple.predicate not in used}
        state = {Triple(place.node, OSC.recordState, Literal("outside"))} if kept else ()
        delta.replace(self._meta, meta, kept.union(state))
        self._equivalence.claim(delta, place.node, None)
        naming, logged = self._replace(delta, place, frozenset(), topics)
        delta.replace(self._quality, () if kept else self._report(place.node), ())
        self._mark(delta, {naming.canonical(topic) for topic in topics} - logged)
        self.write(delta, naming)

    def merge(self, a: IRI, b: IRI) -> None:
        """Makes two names those of one thing, because an editor says so."""
        delta = Delta()
        self._equivalence.decide(delta, a, b)
        self._decide(delta, {a, b})

    def split(self, name: IRI) -> None:
        """Makes a name that of a thing of its own, because an editor says so; undoes `merge`, too."""
        delta = Delta()
        self._equivalence.part(delta, name)
        self._decide(delta, {name})

    def _decide(self, delta: Delta, about: set[IRI]) -> None:
        naming, _ = self._republish(delta, set(), set(), about, None)
        self.write(delta, naming)

    def put_source(self, source: Source) -> None:
        """Describes a source. A changed precedence takes effect on all that it has said already."""
        node, delta = self.minter.source(source.id), Delta()
        old, new = set(self.triples(node, None, None, self._meta)), source_description(node, source)
        delta.replace(self._meta, old, new)
        self.write(delta)
        self._ranks[source.id] = source.precedence
        if any(triple.predicate == OSC.precedence for triple in old - new):
            self._equivalence.forget()
            self.rebuild()

    def put_list(self, name: str, triples: frozenset[Triple]) -> bool:
        """Writes a code list, whole, and publishes it; False when it was there already."""
        graph, delta = self.minter.graph("vocabulary", name), Delta()
        old = set(self.triples(None, None, None, graph))
        delta.replace(graph, old, triples)
        added, removed = self._descriptions.change(graph, 0, old, set(triples))
        delta.replace(PUBLISHED, removed, added)
        self.write(delta)
        return bool(delta)

    def put_catalogue(self, triples: Iterable[Triple]) -> None:
        """Describes the catalogue itself and what it names: the properties given replace those that a node has."""
        new, delta = set(triples), Delta()
        properties = {(triple.subject, triple.predicate) for triple in new}
        old = {t for subject, predicate in properties for t in self.triples(subject, predicate, None)}
        delta.replace(PUBLISHED, old, new)
        self.write(delta)

    def rebuild(self) -> int:
        """Recomputes every published description from the records; returns how many statements were wrong."""
        names = self._equivalence.differences()
        self.write(names)
        self._equivalence.forget()
        wrong = self._descriptions.differences()
        count = sum(len(delta.added) + len(delta.removed) for delta in (names, wrong))
        if wrong:
            # No event of the log tells what this changes, so everything is to be measured anew.
            wrong.replace(self._quality, self.triples(None, OSC.measuredChange, None, self._quality), ())
            self.write(wrong)
            self.rebuilt = True
        return count

    def differences(self) -> Delta:
        """What the names and published descriptions lack and have too much, by the records; empty when all is well."""
        names, delta = self._equivalence.differences(), self._descriptions.differences()
        return Delta(delta.added | names.added, delta.removed | names.removed)

    def write(self, delta: Delta, naming: Naming | None = None) -> None:
        """Makes a change in one transaction, and remembers that there was one. Raises StoreError where the disk takes
        no more: what was written before is there."""
        if delta:
            try:
                self.commit(delta)
            except OSError as error:
                fix = "what was written before is kept; make room on the disk, and do it again"
                raise StoreError(f"store: it cannot be written: {error}; {fix}") from error
            self.log.committed()
            self.changed = True
        if naming is not None:
            self._equivalence.committed(naming)

    # What a record says

    def _replace(
        self, delta: Delta, place: _Place, triples: frozenset[Triple], topics: set[IRI]
    ) -> tuple[Naming, set[IRI]]:
        """Replaces a record's graph, and what is published, catalogued and logged because of it.

        `delta` holds what changes in `meta` and in the record's claims. Returns the names that hold then, and the
        things that the log has events of.
        """
        old, new = set(self.triples(None, None, None, place.graph)), set(triples)
        delta.replace(place.graph, old, new)
        return self._republish(delta, old, new, topics, place)

    def _republish(
        self, delta: Delta, old: set[Triple], new: set[Triple], topics: set[IRI], place: _Place | None
    ) -> tuple[Naming, set[IRI]]:
        after = After(self, delta)
        naming = self._equivalence.after(
            delta, after, self._equivalence.claimed(delta) - {place and place.node} | topics
        )
        moves = naming.moves
        marks = after.triples(place.node, OSC.inferred, None, self._meta) if place else ()
        inferred = {mark.object for mark in marks}
        anew = self._descriptions.touched(after, naming, (said for said in old | new if said.predicate in inferred))
        added, removed = self._descriptions.anew(after, naming, anew)
        if place is not None:
            more, less = self._descriptions.change(place.graph, place.rank, old, new, anew)
            added, removed = added | more, removed | less
        renamed = {name for pair in moves.values() for name in pair} | {naming.canonical(topic) for topic in topics}
        origins = {thing: self._origins(after, naming, thing) for thing in renamed}
        delta.replace(PUBLISHED, removed, added)
        now = time(self._clock())
        events, things = [], self._things(added, removed, renamed)
        for thing, before, then in things:
            change = change_of(before, then)
            _, known = self._catalogue_record(thing)
            derived = {t.object for t in known if t.predicate == PROV.wasDerivedFrom}
            from_ = origins.get(thing, derived)
            if change is None and before and from_ != derived:
                change = AS.Update  # the same words, from one source more or less
            record = self._new_catalogue_record(thing, then, known, from_, now if change else None, now)
            delta.replace(PUBLISHED, known, record)
            if change is not None:
                events.append((thing, change))
        there = {thing for thing, _, then in things if then}
        replaced: dict[IRI, set[IRI]] = {}
        for was, name in moves.values():
            replaced.setdefault(was, set()).update({name} & there)
        self.log.add(delta, events, removed, now, replaced)
        return naming, {thing for thing, _ in events}

    def _topics(self, node: IRI) -> set[IRI]:
        """What a record is about as it stands: one thing, or none yet."""
        return {topic for topic in self.objects(node, FOAF.primaryTopic, self._meta) if isinstance(topic, IRI)}

    def _origins(self, after: Reader, naming: Naming, thing: IRI) -> set[Term | Triple]:
        """The graphs of the records about a thing, under any of its names."""
        records = (
            t.subject for name in naming.names(thing) for t in after.triples(None, FOAF.primaryTopic, name, self._meta)
        )
        return {self.minter.graph_of(record) for record in records if isinstance(record, IRI)}

    def _mark(self, delta: Delta, topics: Iterable[IRI]) -> None:
        """Marks the topics of a record that changed in what the log does not tell, such as its findings."""
        if delta:
            found = (Triple(self._quality, OSC.unmeasured, topic) for topic in topics)
            delta.added.update(quad(mark, self._quality) for mark in found)

    def _things(
        self, added: set[Triple], removed: set[Triple], topics: set[IRI]
    ) -> list[tuple[IRI, set[Triple], set[Triple]]]:
        """The things that a change of the published statements touches, each with its own before and after."""
        gained, lost = _by_subject(added), _by_subject(removed)
        subjects = {subject for subject in gained.keys() | lost.keys() if isinstance(subject, IRI)}
        things = {self.minter.entity(subject) for subject in subjects} | topics
        found = []
        for thing in sorted(things, key=str):
            before = set(self.triples(thing, None, None))
            found.append((thing, before, before - lost.get(thing, set()) | gained.get(thing, set())))
        return found

    # Catalogue records

    def _catalogue_record(self, thing: IRI) -> tuple[IRI, set[Triple]]:
        """The page and the published catalogue record of a thing, its place in the catalogue included."""
        for triple in self.triples(None, FOAF.primaryTopic, thing):
            page = triple.subject
            if isinstance(page, IRI) and self._descriptions.is_own(page):
                members = {t for t in self._membership(thing, page, KINDS["solution"]) if quad(t, PUBLISHED) in self}
                return page, {*self.triples(page, None, None), *members}
        return self.minter.catalogue, set()

    def _new_catalogue_record(
        self,
        thing: IRI,
        statements: set[Triple],
        known: set[Triple],
        origins: set[Term | Triple],
        modified: Literal | None,
        now: Literal,
    ) -> set[Triple]:
        """The catalogue record of a thing with these statements; `origins`: the graphs of the records about it."""
        kind = kind_of({t.object for t in statements if t.predicate == RDF.type and isinstance(t.object, IRI)})
        if kind is None or kind.name not in CATALOGUED:
            return set()
        page = self.minter.page(thing, kind.name)
        issued = _object(known, DCT.issued) or self.log.first(thing) or now
        dates = issued, modified or _object(known, DCT.modified) or now
        return {
            *catalogue_record(page, thing, *dates),
            *(Triple(page, PROV.wasDerivedFrom, graph) for graph in origins),
            *self._membership(thing, page, kind),
        }

    def _membership(self, thing: IRI, page: IRI, kind: Kind) -> set[Triple]:
        members = {Triple(self.minter.catalogue, DCAT.record, page)}
        if kind.name == "solution":
            members.add(Triple(self.minter.catalogue, DCAT.dataset, thing))
        return members

    # Sources and their records

    def _replace_meta(self, delta: Delta, source: Source, node: IRI, reading: Reading, *, changed: bool) -> None:
        old = set(self.triples(node, None, None, self._meta))
        new = {
            Triple(node, RDF.type, DCAT.CatalogRecord),
            Triple(node, DCT.isPartOf, self.minter.source(source.id)),
            Triple(node, DCT.identifier, text(reading.key)),
            Triple(node, DCT.source, _origin(reading.origin)),
        }
        known = _object(old, OSC.contentHash) is not None
        if reading.record is None:
            new |= {triple for triple in old if triple.predicate in _OF_THE_LAST_GOOD_VERSION}
            if reading.original is not None:
                new.add(Triple(node, PROV.value, text(reading.original)))
            unused = "outside" if reading.is_outside else "rejected"
            new.add(Triple(node, OSC.recordState, Literal("stale" if known else unused)))
        else:
            now = time(self._clock())
            issued, modified = _object(old, DCT.issued), None if changed else _object(old, DCT.modified)
            new |= record_description(node, reading.record)
            new |= {Triple(node, DCT.issued, issued or now), Triple(node, DCT.modified, modified or now)}
        delta.replace(self._meta, old, new)

    def _report(self, node: IRI) -> set[Triple]:
        """The stored report of a record: its node and the results that it lists."""
        report = set(self.triples(IRI(f"{node.value}#report"), None, None, self._quality))
        results = [t.object for t in report if t.predicate == SH.result and isinstance(t.object, IRI)]
        return report.union(*(self.triples(result, None, None, self._quality) for result in results))

    def read_from(self, source_id: str, origin: str) -> dict[str, str]:
        """The records that a source has from one origin: key → hash of the document ("" for one that was rejected)."""
        source, known = self.minter.source(source_id), {}
        for record in [found.subject for found in self.triples(None, DCT.source, _origin(origin), self._meta)]:
            if isinstance(record, IRI) and self.value(record, DCT.isPartOf, self._meta) == source:
                key, digest = (self.value(record, name, self._meta) for name in (DCT.identifier, OSC.documentHash))
                known[_plain(key)] = _plain(digest)
        return known

    def made_of(self, source_id: str, digest: str) -> set[str]:
        """The keys of the records that a source has from the document with this hash."""
        source = self.minter.source(source_id)
        made = self.triples(None, OSC.documentHash, Literal(digest), self._meta)
        records = [triple.subject for triple in made if isinstance(triple.subject, IRI)]
        mine = (node for node in records if self.value(node, DCT.isPartOf, self._meta) == source)
        return {_plain(self.value(node, DCT.identifier, self._meta)) for node in mine}

    def keys(self, source_id: str) -> Iterator[str]:
        """The keys of all records of a source."""
        return (_plain(self.value(record, DCT.identifier, self._meta)) for record in self._records_of(source_id))

    def origins(self, source_id: str) -> Iterator[str]:
        """The origins of all records of a source."""
        return (_plain(self.value(record, DCT.source, self._meta)) for record in self._records_of(source_id))

    def _records_of(self, source_id: str) -> list[IRI]:
        found = self.triples(None, DCT.isPartOf, self.minter.source(source_id), self._meta)
        return [triple.subject for triple in found if isinstance(triple.subject, IRI)]


def _origin(origin: str) -> IRI | Literal:
    """Where a record was read from: an address, or the name of a file."""
    return IRI(origin) if is_iri(origin) else text(origin)


def _by_subject(triples: set[Triple]) -> dict[Term | Triple, set[Triple]]:
    grouped: dict[Term | Triple, set[Triple]] = {}
    for triple in triples:
        grouped.setdefault(triple.subject, set()).add(triple)
    return grouped


def _object(triples: set[Triple], predicate: IRI) -> Term | None:
    """The value of a property among the statements of one node."""
    found = next((triple.object for triple in triples if triple.predicate == predicate), None)
    return None if isinstance(found, Triple) else found


def _plain(term: object) -> str:
    return term.value if isinstance(term, IRI | Literal) else ""
