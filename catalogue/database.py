"""The RDF database: transactions for the one writer, snapshots for readers.

With `catalogue.rdf`, the only module that knows pyoxigraph.
"""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pyoxigraph
from pyoxigraph import QueryResultsFormat, QueryTriples

from catalogue.errors import QueryError, QueryRefused, QuerySyntaxError, StoreError
from catalogue.model import Kind, kind_of
from catalogue.rdf import IRI, SYNTAXES, DefaultGraph, Quad, Subject, Term, Triple, statement
from catalogue.vocabulary import RDF

Graph = IRI | DefaultGraph
PUBLISHED = DefaultGraph()


@dataclass
class Delta:
    """What one transaction adds and removes."""

    added: set[Quad] = field(default_factory=set)
    removed: set[Quad] = field(default_factory=set)

    def replace(self, graph: Graph, old: Iterable[Triple], new: Iterable[Triple]) -> None:
        before, after = set(old), set(new)
        self.added.update(quad(triple, graph) for triple in after - before)
        self.removed.update(quad(triple, graph) for triple in before - after)

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


def quad(triple: Triple, graph: Graph) -> Quad:
    """A statement in a graph."""
    return Quad(triple.subject, triple.predicate, triple.object, graph)


def _data(quads: Iterable[Quad]) -> str:
    lines = []
    for one in quads:
        triple = statement(one.triple)
        lines.append(triple if isinstance(one.graph_name, DefaultGraph) else f"GRAPH {one.graph_name} {{ {triple} }}")
    return "\n".join(lines)


class Reader:
    """What the writer and the readers ask alike."""

    _database: pyoxigraph.Store

    def triples(
        self,
        subject: Subject | Triple | None,
        predicate: IRI | None,
        value: Term | Triple | None,
        graph: Graph = PUBLISHED,
    ) -> Iterator[Triple]:
        """The matching statements of one graph; None matches everything."""
        for quad in self._database.quads_for_pattern(subject, predicate, value, graph):
            yield quad.triple

    def quads(
        self,
        subject: Subject | Triple | None = None,
        predicate: IRI | None = None,
        value: Term | Triple | None = None,
    ) -> Iterator[Quad]:
        """The matching statements of all graphs."""
        return self._database.quads_for_pattern(subject, predicate, value, None)

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

    def __contains__(self, quad: Quad) -> bool:
        return quad in self._database

    def named_graphs(self) -> Iterator[IRI]:
        for graph in self._database.named_graphs():
            if isinstance(graph, IRI):
                yield graph


class After(Reader):
    """A database as it will be after a change, which is not to change in the meantime."""

    def __init__(self, database: Reader, delta: Delta) -> None:
        self._before, self._removed, self._added = database, delta.removed, delta.added
        self._by_subject: dict[object, list[Quad]] = {}
        self._by_object: dict[object, list[Quad]] = {}
        for one in delta.added:
            self._by_subject.setdefault(one.subject, []).append(one)
            self._by_object.setdefault(one.object, []).append(one)

    def quads(
        self,
        subject: Subject | Triple | None = None,
        predicate: IRI | None = None,
        value: Term | Triple | None = None,
    ) -> Iterator[Quad]:
        yield from (one for one in self._before.quads(subject, predicate, value) if one not in self._removed)
        yield from self._new(subject, predicate, value)

    def triples(
        self,
        subject: Subject | Triple | None,
        predicate: IRI | None,
        value: Term | Triple | None,
        graph: Graph = PUBLISHED,
    ) -> Iterator[Triple]:
        for triple in self._before.triples(subject, predicate, value, graph):
            if quad(triple, graph) not in self._removed:
                yield triple
        yield from (one.triple for one in self._new(subject, predicate, value) if one.graph_name == graph)

    def _new(self, subject: object, predicate: object, value: object) -> Iterator[Quad]:
        candidates: Iterable[Quad] = self._added
        if subject is not None:
            candidates = self._by_subject.get(subject, ())
        elif value is not None:
            candidates = self._by_object.get(value, ())
        for one in candidates:
            is_wanted = predicate in (None, one.predicate) and value in (None, one.object)
            if is_wanted and one not in self._before:
                yield one

    def __contains__(self, one: Quad) -> bool:
        return one in self._added or (one in self._before and one not in self._removed)


class Database(Reader):
    """A database that can be written; only one process may have it open. Without a path it is in memory.

    Raises StoreError when the directory is damaged or cannot be read.
    """

    def __init__(self, path: Path | None, *, read_only: bool = False) -> None:
        try:
            self._database = pyoxigraph.Store.read_only(str(path)) if read_only else pyoxigraph.Store(path)
        except (OSError, ValueError) as error:
            raise StoreError(f"store: {path} cannot be opened: {error}") from error
        self._unflushed = 0

    def commit(self, delta: Delta) -> None:
        """Makes a change in one transaction: all of it is there afterwards, or nothing."""
        if delta.removed:
            self._database.update(delta.update())
        else:
            self._database.extend(delta.added)  # one transaction, too, and a third faster
        self._unflushed += len(delta.removed) + len(delta.added)
        if self._unflushed > _MOST_UNFLUSHED:
            self._database.flush()
            self._unflushed = 0

    def add_graph(self, graph: IRI) -> None:
        """Makes a named graph exist before it holds anything."""
        self._database.add_graph(graph)

    def has_graph(self, graph: IRI) -> bool:
        return self._database.contains_named_graph(graph)

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


# The engine keeps what is written in memory, about a kilobyte a quad, until it has gigabytes of it.
_MOST_UNFLUSHED = 50_000
_PLACE = re.compile(r"error at (\d+):(\d+): ")


class Snapshot(Reader):
    """A publication's database, read-only. Open it after a fork, never before."""

    def __init__(self, path: Path) -> None:
        try:
            self._database = pyoxigraph.Store.read_only(str(path))
        except (OSError, ValueError) as error:
            raise StoreError(f"store: the publication in {path} cannot be read: {error}") from error

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


def transcribed(answer: bytes, have: str, want: str) -> bytes:
    """A whole answer in another one of `RESULTS`: the same rows in the same order."""
    content = io.BytesIO()
    pyoxigraph.parse_query_results(answer, format=RESULTS[have].format).serialize(content, RESULTS[want].format)
    return content.getvalue()


def _dataset(query: Query) -> dict[str, Any]:
    if not (query.default_graphs or query.named_graphs):
        return {}
    return {
        "default_graph": [IRI(graph) for graph in query.default_graphs],
        "named_graphs": [IRI(graph) for graph in query.named_graphs],
    }
