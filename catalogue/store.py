"""The RDF database: the one writer's Store, and the Snapshots that readers open.

With `catalogue.rdf`, the only module that knows pyoxigraph. Graphs, all under `{base}/graph/`:

    (default)                 the published catalogue: merged descriptions, their catalogue records, the code lists
    record/{source}/{key}     a record as harvested
    vocabulary/{list}         a code list, whole
    meta                      the sources and their records
    quality                   a report for each record that has findings
    changes                   the change log: as:Create, as:Update, as:Delete, numbered without gaps

Every write is one transaction: all of a record's effects are there, or none.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import IO, Any

from pyoxigraph import QueryResultsFormat, QueryTriples, Variable
from pyoxigraph import Store as Database

from catalogue.errors import QueryError, QueryRefused, QuerySyntaxError, StoreError
from catalogue.identity import Minter
from catalogue.merge import Group, description, group, winner
from catalogue.model import KINDS, Kind, Reading, Record, Source, kind_of
from catalogue.provenance import (
    catalogue_record,
    number,
    record_description,
    report_description,
    source_description,
    time,
)
from catalogue.rdf import (
    IRI,
    SYNTAXES,
    DefaultGraph,
    Literal,
    Quad,
    Subject,
    Term,
    Triple,
    content_hash,
    is_iri,
    statement,
    text,
)
from catalogue.vocabulary import (
    ADMS,
    AS,
    DCAT,
    DCT,
    FOAF,
    OSC,
    PROV,
    RDF,
    SH,
    SKOS,
)

Graph = IRI | DefaultGraph
PUBLISHED = DefaultGraph()
# What has a catalogue record of its own; the others are parts of one of these.
CATALOGUED = frozenset({"solution", "initiative", "administration", "owner", "article", "event", "document"})


class Outcome(StrEnum):
    """What writing a reading did."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass
class _Delta:
    """What one transaction adds and removes."""

    added: set[Quad] = field(default_factory=set)
    removed: set[Quad] = field(default_factory=set)

    def replace(self, graph: Graph, old: Iterable[Triple], new: Iterable[Triple]) -> None:
        before, after = set(old), set(new)
        self.added.update(_quad(triple, graph) for triple in after - before)
        self.removed.update(_quad(triple, graph) for triple in before - after)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    def update(self) -> str:
        """The transaction as SPARQL Update; the terms escape themselves, and nothing else is put into the text."""
        parts = []
        if self.removed:
            parts.append(f"DELETE DATA {{\n{_data(self.removed)}\n}}")
        if self.added:
            parts.append(f"INSERT DATA {{\n{_data(self.added)}\n}}")
        return " ;\n".join(parts)


def _quad(triple: Triple, graph: Graph) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, graph)


def _data(quads: Iterable[Quad]) -> str:
    lines = []
    for quad in quads:
        triple = statement(quad.triple)
        lines.append(triple if isinstance(quad.graph_name, DefaultGraph) else f"GRAPH {quad.graph_name} {{ {triple} }}")
    return "\n".join(lines)


class Reader:
    """What the writer and the readers ask alike."""

    _database: Database

    def triples(
        self, subject: Subject | None, predicate: IRI | None, value: Term | None, graph: Graph = PUBLISHED
    ) -> Iterator[Triple]:
        for quad in self._database.quads_for_pattern(subject, predicate, value, graph):
            yield quad.triple

    def objects(self, subject: Subject, predicate: IRI, graph: Graph = PUBLISHED) -> list[Term]:
        """The values of a property, in a stable order."""
        found = (triple.object for triple in self.triples(subject, predicate, None, graph))
        return sorted((value for value in found if not isinstance(value, Triple)), key=str)

    def value(self, subject: Subject, predicate: IRI, graph: Graph = PUBLISHED) -> Term | None:
        """The value of a property that a node has once."""
        return next(iter(self.objects(subject, predicate, graph)), None)

    def kind(self, subject: Subject) -> Kind | None:
        """The kind of a published thing."""
        return kind_of({value for value in self.objects(subject, RDF.type) if isinstance(value, IRI)})

    def __len__(self) -> int:
        return len(self._database)

    def dump(self) -> Iterator[Quad]:
        """Every quad, in the order of the database."""
        yield from self._database


class Store(Reader):
    """The writer's database. Only one process may have it open; `Home.writing` sees to that.

    `clock` gives the time of a change. `changed` tells whether anything was written since it was opened, `rebuilt`
    whether descriptions were recomputed without an event in the change log; without a
    path it is in memory, and read-only it can still `preview`. Raises StoreError when the directory is damaged or of
    another base.
    """

    def __init__(
        self, path: Path | None, minter: Minter, clock: Callable[[], datetime], *, read_only: bool = False
    ) -> None:
        try:
            self._database = Database.read_only(str(path)) if read_only else Database(path)
        except (OSError, ValueError) as error:
            raise StoreError(f"store: {path} cannot be opened: {error}") from error
        self.minter = minter
        self.changed = self.rebuilt = False
        self._clock = clock
        self._meta, self._quality, self._changes = (minter.graph(name) for name in ("meta", "quality", "changes"))
        self._records = minter.graph("record").value + "/"
        self._lists = minter.graph("vocabulary").value + "/"
        self._check_base()

    def _check_base(self) -> None:
        catalogue = next(self._database.quads_for_pattern(None, OSC.lastChange, None, None), None)
        if catalogue is None:
            self._commit(self._first())
        elif catalogue.subject != self._changes:
            other = str(catalogue.subject).removesuffix("/graph/changes>").lstrip("<")
            raise StoreError(f"store: its IRIs start with {other} and not with {self.minter.base}; set CATALOGUE_BASE")

    def _first(self) -> _Delta:
        catalogue = self.minter.catalogue
        return _Delta(
            {
                Quad(self._changes, OSC.lastChange, number(0), self._changes),
                Quad(catalogue, RDF.type, DCAT.Catalog, PUBLISHED),
                Quad(catalogue, RDF.type, ADMS.AssetRepository, PUBLISHED),
            }
        )

    @property
    def last_change(self) -> int:
        """The number of the newest event of the change log; 0 when nothing has changed yet."""
        return _integer(self.value(self._changes, OSC.lastChange, self._changes))

    # Writing

    def put(self, source: Source, reading: Reading) -> Outcome:
        """Writes what came of reading one item; what it changes nothing of is not touched.

        A rejected reading keeps the record's last good version, marked stale, beside its findings.
        """
        outcome, delta = self._plan(source, reading)
        self._commit(delta)
        return outcome

    def preview(self, source: Source, reading: Reading) -> Outcome:
        """What `put` would do."""
        return self._plan(source, reading)[0]

    def _plan(self, source: Source, reading: Reading) -> tuple[Outcome, _Delta]:
        node = self.minter.record(source.id, reading.key)
        delta = _Delta()
        new = self._is_new(node)
        content_changed = reading.record is not None and self._put_record(delta, source, node, reading.record)
        self._put_meta(delta, source, node, reading, content_changed)
        delta.replace(self._quality, self._report(node), report_description(node, reading.report))
        if reading.record is None:
            return Outcome.REJECTED, delta
        return Outcome.NEW if new else Outcome.CHANGED if content_changed else Outcome.UNCHANGED, delta

    def remove(self, source_id: str, record_key: str) -> None:
        """Removes a record: what no other record says goes with it from the published catalogue."""
        node = self.minter.record(source_id, record_key)
        graph = self.minter.graph("record", source_id, record_key)
        delta = _Delta()
        old = set(self.triples(None, None, None, graph))
        delta.replace(graph, old, ())
        topic = self.value(node, FOAF.primaryTopic, self._meta)
        self._publish(delta, graph, self._rank(source_id), old, set(), topic if isinstance(topic, IRI) else None)
        delta.replace(self._meta, self.triples(node, None, None, self._meta), ())
        delta.replace(self._quality, self._report(node), ())
        self._commit(delta)

    def put_source(self, source: Source) -> None:
        """Describes a source. A changed precedence takes effect on all that it has said already."""
        node = self.minter.source(source.id)
        delta = _Delta()
        old = set(self.triples(node, None, None, self._meta))
        new = source_description(node, source)
        delta.replace(self._meta, old, new)
        self._commit(delta)
        self._ranks[source.id] = source.precedence
        if any(triple.predicate == OSC.precedence for triple in old - new):
            self.rebuild()

    def put_list(self, name: str, triples: frozenset[Triple]) -> bool:
        """Writes a code list, whole, and publishes it; False when it was there already."""
        graph = self.minter.graph("vocabulary", name)
        old = set(self.triples(None, None, None, graph))
        delta = _Delta()
        delta.replace(graph, old, triples)
        added, removed = self._merged(graph, 0, old, set(triples))
        _apply(delta, added, removed)
        self._commit(delta)
        return bool(delta)

    def put_catalogue(self, triples: Iterable[Triple]) -> None:
        """Describes the catalogue itself: the properties given replace those that it has."""
        delta = _Delta()
        new = set(triples)
        predicates = {triple.predicate for triple in new}
        old = {t for t in self.triples(self.minter.catalogue, None, None) if t.predicate in predicates}
        delta.replace(PUBLISHED, old, new)
        self._commit(delta)

    def rebuild(self) -> int:
        """Recomputes every published description from the records; returns how many statements were wrong."""
        wrong = self.differences()
        self._commit(wrong)
        self.rebuilt = self.rebuilt or bool(wrong)
        return len(wrong.added) + len(wrong.removed)

    def differences(self) -> _Delta:
        """What the published descriptions lack and have too much, by the records; empty when all is well."""
        statements: dict[Subject, list[tuple[int, Triple]]] = {}
        for quad in self._database:
            if self._merges(quad.graph_name):
                statements.setdefault(quad.subject, []).append((self._rank_of(quad.graph_name), quad.triple))
        delta = _Delta()
        for subject, said in statements.items():
            delta.replace(PUBLISHED, self.triples(subject, None, None), description(said))
        for triple in self.triples(None, None, None):
            if triple.subject not in statements and not self._is_own(triple.subject):
                delta.removed.add(_quad(triple, PUBLISHED))
        return delta

    def close(self) -> None:
        """Gives the directory free for another process."""
        del self._database

    def backup(self, target: Path) -> None:
        """Snapshots to a directory that does not exist, by hard links where it is on the same file system."""
        try:
            self._database.flush()
            self._database.backup(target)
        except OSError as error:
            raise StoreError(f"store: no snapshot in {target}: {error}") from error

    def _commit(self, delta: _Delta) -> None:
        if delta:
            self._database.update(delta.update())
            self.changed = True

    # One record

    def _is_new(self, node: IRI) -> bool:
        return self.value(node, OSC.contentHash, self._meta) is None

    def _put_record(self, delta: _Delta, source: Source, node: IRI, record: Record) -> bool:
        digest = Literal(content_hash(record.triples))
        if self.value(node, OSC.contentHash, self._meta) == digest:
            return False
        graph = self.minter.graph("record", source.id, record.key)
        old = set(self.triples(None, None, None, graph))
        delta.replace(graph, old, record.triples)
        self._publish(delta, graph, source.precedence, old, set(record.triples), record.iri)
        return True

    def _put_meta(self, delta: _Delta, source: Source, node: IRI, reading: Reading, content_changed: bool) -> None:
        old = {triple.predicate: triple for triple in self.triples(node, None, None, self._meta)}
        new = {
            Triple(node, RDF.type, DCAT.CatalogRecord),
            Triple(node, DCT.isPartOf, self.minter.source(source.id)),
            Triple(node, DCT.identifier, text(reading.key)),
            Triple(node, DCT.source, IRI(reading.origin) if is_iri(reading.origin) else text(reading.origin)),
        }
        known = OSC.contentHash in old
        now = time(self._clock())
        if reading.record is None:
            kept = {
                DCT.issued,
                DCT.modified,
                FOAF.primaryTopic,
                OSC.contentHash,
                PROV.value,
                OSC.inferred,
                DCT.conformsTo,
            }
            new |= {t for t in self.triples(node, None, None, self._meta) if t.predicate in kept}
            new.add(Triple(node, OSC.recordState, Literal("stale" if known else "rejected")))
        else:
            new |= record_description(node, reading.record)
            new.add(old[DCT.issued] if known else Triple(node, DCT.issued, now))
            new.add(old[DCT.modified] if known and not content_changed else Triple(node, DCT.modified, now))
        delta.replace(self._meta, self.triples(node, None, None, self._meta), new)

    def _report(self, node: IRI) -> set[Triple]:
        """The stored report of a record: its node and the results that it lists."""
        report = IRI(f"{node.value}#report")
        triples = set(self.triples(report, None, None, self._quality))
        results = [triple.object for triple in triples if triple.predicate == SH.result]
        for result in results:
            if isinstance(result, IRI):
                triples.update(self.triples(result, None, None, self._quality))
        return triples

    # Publishing one record's statements

    def _publish(
        self, delta: _Delta, graph: IRI, rank: int, old: set[Triple], new: set[Triple], topic: IRI | None
    ) -> None:
        added, removed = self._merged(graph, rank, old, new)
        _apply(delta, added, removed)
        subjects = {triple.subject for triple in added | removed if isinstance(triple.subject, IRI)}
        entities = {self.minter.entity(subject) for subject in subjects}
        now = time(self._clock())
        events = []
        for entity in sorted(entities | ({topic} if topic else set()), key=str):
            change = self._change(entity, added, removed) if entity in entities else None
            own = graph if entity == topic else None
            if change is None and own is not None and self._is_source(entity, own) != bool(new):
                change = AS.Update  # the same words, from one source more or less
            self._catalogue(delta, entity, change, now, own, bool(new))
            if change is not None:
                events.append((entity, change))
        self._log(delta, events, removed, now)

    def _merged(self, graph: IRI, rank: int, old: set[Triple], new: set[Triple]) -> tuple[set[Triple], set[Triple]]:
        """What a record's change adds to and removes from the published descriptions.

        Costs no more than the record's own change, however many records describe the same things: only a value that
        competes with others makes all of its group be read.
        """
        added, removed = set(), set()
        groups: dict[Group, tuple[set[Triple], set[Triple]]] = {}
        for triple in old | new:
            competing = group(triple)
            if competing is not None:
                gone, mine = groups.setdefault(competing, (set(), set()))
                (mine if triple in new else gone).add(triple)
            elif triple not in old:
                if not self._is_published(triple):
                    added.add(triple)
            elif triple not in new and not self._is_said(triple, graph):
                removed.add(triple)
        for competing, (gone, mine) in groups.items():
            before, after = self._compete(competing, graph, rank, gone, mine)
            added |= after - before
            removed |= before - after
        return added, removed

    def _compete(
        self, competing: Group, graph: IRI, rank: int, gone: set[Triple], mine: set[Triple]
    ) -> tuple[set[Triple], set[Triple]]:
        """What is published of a group and what should be, now that a record says `mine` and no longer `gone`."""
        before = {t for t in self.triples(competing.subject, competing.predicate, None) if group(t) == competing}
        if mine <= before and not gone & before:
            return before, before  # one more source for what is published already decides nothing
        others = (
            (self._rank_of(quad.graph_name), quad.triple)
            for quad in self._database.quads_for_pattern(competing.subject, competing.predicate, None, None)
            if quad.graph_name != graph and self._merges(quad.graph_name) and group(quad.triple) == competing
        )
        best = winner(chain(((rank, triple) for triple in mine), others))
        return before, {best} if best else set()

    def _is_published(self, triple: Triple) -> bool:
        return _quad(triple, PUBLISHED) in self._database

    def _is_said(self, triple: Triple, besides: IRI) -> bool:
        """Whether some other record says this."""
        quads = self._database.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
        return any(quad.graph_name != besides and self._merges(quad.graph_name) for quad in quads)

    def _merges(self, graph: object) -> bool:
        return isinstance(graph, IRI) and graph.value.startswith((self._records, self._lists))

    def _is_own(self, subject: object) -> bool:
        """Whether a published node is the catalogue's own word: itself or one of its records."""
        if not isinstance(subject, IRI):
            return False
        own = self.minter.base + "/"
        return subject.value.startswith(own) and not subject.value.startswith(own + "id/")

    @cached_property
    def _ranks(self) -> dict[str, int]:
        prefix = self.minter.source("").value
        found = self.triples(None, OSC.precedence, None, self._meta)
        return {str(t.subject)[1:-1].removeprefix(prefix): _integer(t.object) for t in found}

    def _rank(self, source_id: str) -> int:
        return self._ranks[source_id]

    def _rank_of(self, graph: object) -> int:
        if isinstance(graph, IRI) and graph.value.startswith(self._records):
            return self._rank(graph.value[len(self._records) :].partition("/")[0])
        return 0  # a code list: its publisher's word on its own terms comes first

    # Catalogue records and the change log

    def _change(self, entity: IRI, added: set[Triple], removed: set[Triple]) -> IRI:
        before = set(self.triples(entity, None, None))
        mine = {triple for triple in removed if triple.subject == entity}
        if not before:
            return AS.Create
        if before == mine and not any(triple.subject == entity for triple in added):
            return AS.Delete
        return AS.Update

    def _catalogue(
        self, delta: _Delta, entity: IRI, change: IRI | None, now: Literal, graph: IRI | None, is_said: bool
    ) -> None:
        """Keeps the published catalogue record of a thing; `graph`, when given, is a record about just this thing."""
        types = {t.object for t in self.triples(entity, RDF.type, None)}
        types -= {q.object for q in delta.removed if q.subject == entity and q.predicate == RDF.type and _public(q)}
        types |= {q.object for q in delta.added if q.subject == entity and q.predicate == RDF.type and _public(q)}
        kind = kind_of({value for value in types if isinstance(value, IRI)})
        old_page, old = self._catalogue_record(entity)
        new: set[Triple] = set()
        if kind is not None and kind.name in CATALOGUED and change != AS.Delete:
            page = self.minter.page(entity, kind.name)
            origins = {triple.object for triple in old if triple.predicate == PROV.wasDerivedFrom} - {graph}
            origins |= {graph} if graph is not None and is_said else set()
            issued = next((t.object for t in old if t.predicate == DCT.issued), now)
            modified = next((t.object for t in old if t.predicate == DCT.modified), now) if change is None else now
            new = {Triple(page, PROV.wasDerivedFrom, origin) for origin in origins}
            new |= catalogue_record(page, entity, issued, modified)
            new |= self._membership(entity, page, kind)
        old |= self._membership(entity, old_page, KINDS["solution"]) if old_page else set()
        delta.replace(PUBLISHED, {t for t in old if self._is_published(t)}, new)

    def _catalogue_record(self, entity: IRI) -> tuple[IRI | None, set[Triple]]:
        for triple in self.triples(None, FOAF.primaryTopic, entity):
            if isinstance(triple.subject, IRI) and self._is_own(triple.subject):
                return triple.subject, set(self.triples(triple.subject, None, None))
        return None, set()

    def _is_source(self, entity: IRI, graph: IRI) -> bool:
        page, _ = self._catalogue_record(entity)
        return page is not None and self._is_published(Triple(page, PROV.wasDerivedFrom, graph))

    def _membership(self, entity: IRI, page: IRI, kind: Kind) -> set[Triple]:
        members = {Triple(self.minter.catalogue, DCAT.record, page)}
        if kind.name == "solution":
            members.add(Triple(self.minter.catalogue, DCAT.dataset, entity))
        return members

    def _log(self, delta: _Delta, events: list[tuple[IRI, IRI]], removed: set[Triple], now: Literal) -> None:
        if not events:
            return
        last = self.last_change
        for position, (entity, change) in enumerate(events, last + 1):
            event = IRI(f"{self.minter.base}/change/{position}")
            delta.added.add(Quad(event, RDF.type, change, self._changes))
            delta.added.add(Quad(event, AS.object, entity, self._changes))
            delta.added.add(Quad(event, AS.published, now, self._changes))
            if change == AS.Delete:
                titles = (t for t in removed if t.subject == entity and t.predicate in _NAMES)
                delta.added.update(Quad(event, AS.name, title.object, self._changes) for title in titles)
        delta.removed.add(Quad(self._changes, OSC.lastChange, number(last), self._changes))
        delta.added.add(Quad(self._changes, OSC.lastChange, number(last + len(events)), self._changes))

    # What is known of a source

    def documents(self, source_id: str) -> dict[str, dict[str, str]]:
        """The records of a source: origin → record key → hash of the document ("" for one that was rejected)."""
        known: dict[str, dict[str, str]] = {}
        for triple in self.triples(None, DCT.isPartOf, self.minter.source(source_id), self._meta):
            node = triple.subject
            assert isinstance(node, IRI)
            origin = _plain(self.value(node, DCT.source, self._meta))
            digest = _plain(self.value(node, OSC.documentHash, self._meta))
            known.setdefault(origin, {})[_plain(self.value(node, DCT.identifier, self._meta))] = digest
        return known

    def entities_changed(self, after: int) -> Iterator[IRI]:
        """The things that the change log names after an event's number, each once."""
        seen = set()
        for position in range(after + 1, self.last_change + 1):
            entity = self.value(IRI(f"{self.minter.base}/change/{position}"), AS.object, self._changes)
            if isinstance(entity, IRI) and entity not in seen:
                seen.add(entity)
                yield entity


_NAMES = (DCT.title, FOAF.name, SKOS.prefLabel)
_OF_THE_LAST_GOOD_VERSION = frozenset(
    {DCT.issued, DCT.modified, DCT.conformsTo, FOAF.primaryTopic, OSC.contentHash, OSC.inferred, PROV.value}
)


def _apply(delta: _Delta, added: set[Triple], removed: set[Triple]) -> None:
    delta.added.update(_quad(triple, PUBLISHED) for triple in added)
    delta.removed.update(_quad(triple, PUBLISHED) for triple in removed)


def _public(quad: Quad) -> bool:
    return isinstance(quad.graph_name, DefaultGraph)


def _integer(value: object) -> int:
    if not isinstance(value, Literal):
        raise StoreError(f"store: {value!r} stands where a number should; run catalogue doctor")
    return int(value.value)


def _plain(term: object) -> str:
    return term.value if isinstance(term, IRI | Literal) else ""


@dataclass(frozen=True)
class Results:
    """One way to write the answer of SELECT and ASK, named as a `Syntax` is."""

    name: str
    media_type: str
    label: str
    format: QueryResultsFormat


RESULTS = {
    results.name: results
    for results in (
        Results("json", "application/sparql-results+json", "JSON", QueryResultsFormat.JSON),
        Results("xml", "application/sparql-results+xml", "XML", QueryResultsFormat.XML),
        Results("csv", "text/csv", "CSV", QueryResultsFormat.CSV),
        Results("tsv", "text/tab-separated-values", "TSV", QueryResultsFormat.TSV),
    )
}


@dataclass(frozen=True)
class Query:
    """A visitor's query. `format` names one of RESULTS or SYNTAXES; `base` is what relative IRIs are resolved against.

    Graphs, where any are given, are the whole dataset, and FROM in the text does not count (SPARQL Protocol, 2.1.4).
    """

    text: str
    format: str
    base: str | None = None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


_PLACE = re.compile(r"error at (\d+):(\d+): ")


class Snapshot(Reader):
    """A publication's database, read-only. Open it after a fork, never before."""

    def __init__(self, path: Path) -> None:
        try:
            self._database = Database.read_only(str(path))
        except (OSError, ValueError) as error:
            raise StoreError(f"store: the publication in {path} cannot be read: {error}") from error

    def named_graphs(self) -> Iterator[IRI]:
        for graph in self._database.named_graphs():
            if isinstance(graph, IRI):
                yield graph

    def select(self, query: str, **values: Term) -> list[dict[str, Term]]:
        """Runs one of the catalogue's own SELECT texts with values for its variables, which it must project."""
        bound: dict[Variable, Term | Triple] = {Variable(name): value for name, value in values.items()}
        solutions = self._database.query(query, substitutions=bound)
        names = [variable.value for variable in solutions.variables]  # type: ignore[union-attr]
        return [
            {name: value for name in names if (value := solution[name]) is not None}
            for solution in solutions  # type: ignore[union-attr]
        ]

    def answer(self, query: Query, output: IO[bytes]) -> None:
        """Evaluates a visitor's query, writing its answer while it is found. Only for processes that may be killed.

        Raises QuerySyntaxError with line and column, QueryRefused for what is not offered, else QueryError.
        """
        try:
            results = self._database.query(query.text, base_iri=query.base, **_dataset(query))
            if isinstance(results, QueryTriples):
                results.serialize(output, SYNTAXES[query.format].format)
            else:
                results.serialize(output, RESULTS[query.format].format)
        except SyntaxError as error:
            raise QuerySyntaxError(_PLACE.sub(r"line \1, column \2: ", str(error), count=1)) from error
        except PermissionError as error:
            raise QueryRefused("SERVICE is not offered; queries are answered from this catalogue alone") from error
        except KeyError as error:
            raise QueryRefused(f"the answer of this form of query cannot be written as {error}") from error
        except (OSError, RuntimeError, ValueError) as error:
            raise QueryError(f"the query failed: {error}") from error


def _dataset(query: Query) -> dict[str, Any]:
    if not (query.default_graphs or query.named_graphs):
        return {}
    return {
        "default_graph": [IRI(graph) for graph in query.default_graphs],
        "named_graphs": [IRI(graph) for graph in query.named_graphs],
    }
