"""The writer's store: records as harvested, and in the same transaction what is published because of them.

Graphs, all under `{base}/graph/`:

    (default)                 the published catalogue: merged descriptions, their catalogue records, the code lists
    record/{source}/{key}     a record as harvested
    vocabulary/{list}         a code list, whole
    meta                      the sources and their records
    quality                   a report for each record that has findings; the measurements of solutions
    changes                   the change log
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from catalogue.changes import ChangeLog, change_of
from catalogue.database import PUBLISHED, Database, Delta, quad
from catalogue.descriptions import Descriptions
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
    {DCT.issued, DCT.modified, DCT.conformsTo, FOAF.primaryTopic, OSC.contentHash, OSC.inferred, PROV.value}
)


class Outcome(StrEnum):
    """What writing a reading did."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


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
    def _descriptions(self) -> Descriptions:
        return Descriptions(self, self.minter, self._ranks)

    def _place(self, source_id: str, key: str) -> _Place:
        graph = self.minter.graph("record", source_id, key)
        return _Place(self.minter.record(source_id, key), graph, self._ranks[source_id])

    # Writing

    def put(self, source: Source, reading: Reading) -> Outcome:
        """Writes what came of reading one item; what it changes nothing of is not touched.

        A rejected reading keeps the record's last good version, marked stale, beside its findings. The source must
        have been `put_source`.
        """
        outcome, delta = self._plan(source, reading)
        self.write(delta)
        return outcome

    def preview(self, source: Source, reading: Reading) -> Outcome:
        """What `put` would do."""
        self._ranks.setdefault(source.id, source.precedence)
        outcome, _ = self._plan(source, reading)
        self.log.abandoned()
        return outcome

    def _plan(self, source: Source, reading: Reading) -> tuple[Outcome, Delta]:
        place, delta = self._place(source.id, reading.key), Delta()
        known = self.value(place.node, OSC.contentHash, self._meta)
        changed = reading.record is not None and known != Literal(content_hash(reading.record.triples))
        topics: set[Term | None] = {self.value(place.node, FOAF.primaryTopic, self._meta)}
        logged: set[IRI] = set()
        if reading.record is not None:
            topics.add(reading.record.iri)
        if reading.record is not None and changed:
            logged = self._replace(delta, place, reading.record.triples, reading.record.iri)
        self._replace_meta(delta, source, place.node, reading, changed=changed)
        delta.replace(self._quality, self._report(place.node), report_description(place.node, reading.report))
        self._mark(delta, topics - logged)
        if reading.record is None:
            return Outcome.REJECTED, delta
        return Outcome.NEW if known is None else Outcome.CHANGED if changed else Outcome.UNCHANGED, delta

    def remove(self, source_id: str, key: str) -> None:
        """Removes a record: what no other record says goes with it from the published catalogue."""
        place, delta = self._place(source_id, key), Delta()
        topic = self.value(place.node, FOAF.primaryTopic, self._meta)
        logged = self._replace(delta, place, frozenset(), topic if isinstance(topic, IRI) else None)
        delta.replace(self._meta, self.triples(place.node, None, None, self._meta), ())
        delta.replace(self._quality, self._report(place.node), ())
        self._mark(delta, {topic} - logged)
        self.write(delta)

    def put_source(self, source: Source) -> None:
        """Describes a source. A changed precedence takes effect on all that it has said already."""
        node, delta = self.minter.source(source.id), Delta()
        old, new = set(self.triples(node, None, None, self._meta)), source_description(node, source)
        delta.replace(self._meta, old, new)
        self.write(delta)
        self._ranks[source.id] = source.precedence
        if any(triple.predicate == OSC.precedence for triple in old - new):
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
        wrong = self.differences()
        count = len(wrong.added) + len(wrong.removed)
        if wrong:
            # No event of the log tells what this changes, so everything is to be measured anew.
            wrong.replace(self._quality, self.triples(None, OSC.measuredChange, None, self._quality), ())
            self.write(wrong)
            self.rebuilt = True
        return count

    def differences(self) -> Delta:
        """What the published descriptions lack and have too much, by the records; empty when all is well."""
        return self._descriptions.differences()

    def write(self, delta: Delta) -> None:
        """Makes a change in one transaction, and remembers that there was one."""
        if delta:
            self.commit(delta)
            self.log.committed()
            self.changed = True

    # What a record says

    def _replace(self, delta: Delta, place: _Place, triples: frozenset[Triple], topic: IRI | None) -> set[IRI]:
        """Replaces a record's graph, and what is published, catalogued and logged because of it.

        Returns the things that the log has events of.
        """
        old, new = set(self.triples(None, None, None, place.graph)), set(triples)
        delta.replace(place.graph, old, new)
        added, removed = self._descriptions.change(place.graph, place.rank, old, new)
        delta.replace(PUBLISHED, removed, added)
        now = time(self._clock())
        events = []
        for thing, before, after in self._things(added, removed, topic):
            change = change_of(before, after)
            origin = (place.graph, bool(new)) if thing == topic else None
            page, known = self._catalogue_record(thing)
            if change is None and origin and origin[1] != (Triple(page, PROV.wasDerivedFrom, origin[0]) in known):
                change = AS.Update  # the same words, from one source more or less
            record = self._new_catalogue_record(thing, after, known, origin, now if change else None, now)
            delta.replace(PUBLISHED, known, record)
            if change is not None:
                events.append((thing, change))
        self.log.add(delta, events, removed, now)
        return {thing for thing, _ in events}

    def _mark(self, delta: Delta, topics: Iterable[Term | None]) -> None:
        """Marks the topics of a record that changed in what the log does not tell, such as its findings."""
        if delta:
            found = (Triple(self._quality, OSC.unmeasured, topic) for topic in topics if isinstance(topic, IRI))
            delta.added.update(quad(mark, self._quality) for mark in found)

    def _things(
        self, added: set[Triple], removed: set[Triple], topic: IRI | None
    ) -> list[tuple[IRI, set[Triple], set[Triple]]]:
        """The things that a change of the published statements touches, each with its own before and after."""
        gained, lost = _by_subject(added), _by_subject(removed)
        subjects = {subject for subject in gained.keys() | lost.keys() if isinstance(subject, IRI)}
        things = {self.minter.entity(subject) for subject in subjects} | ({topic} if topic else set())
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
        origin: tuple[IRI, bool] | None,
        modified: Literal | None,
        now: Literal,
    ) -> set[Triple]:
        """The catalogue record of a thing with these statements; `origin`: a record about it, and whether it stays."""
        kind = kind_of({t.object for t in statements if t.predicate == RDF.type and isinstance(t.object, IRI)})
        if kind is None or kind.name not in CATALOGUED:
            return set()
        page = self.minter.page(thing, kind.name)
        origins = {t.object for t in known if t.predicate == PROV.wasDerivedFrom}
        if origin is not None:
            origins = origins | {origin[0]} if origin[1] else origins - {origin[0]}
        issued = _object(known, DCT.issued) or now
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
            Triple(node, DCT.source, IRI(reading.origin) if is_iri(reading.origin) else text(reading.origin)),
        }
        known = _object(old, OSC.contentHash) is not None
        if reading.record is None:
            new |= {triple for triple in old if triple.predicate in _OF_THE_LAST_GOOD_VERSION}
            new.add(Triple(node, OSC.recordState, Literal("stale" if known else "rejected")))
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

    def documents(self, source_id: str) -> dict[str, dict[str, str]]:
        """The records of a source: origin → record key → hash of the document ("" for one that was rejected)."""
        known: dict[str, dict[str, str]] = {}
        for triple in self.triples(None, DCT.isPartOf, self.minter.source(source_id), self._meta):
            facts = {t.predicate: t.object for t in self.triples(triple.subject, None, None, self._meta)}
            origin, key, digest = (_plain(facts.get(p)) for p in (DCT.source, DCT.identifier, OSC.documentHash))
            known.setdefault(origin, {})[key] = digest
        return known


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
