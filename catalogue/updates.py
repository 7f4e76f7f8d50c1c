"""What a SPARQL Update would change: worked out on a copy of the database, in a process that ends in any case.

The engine tells nothing of what an update did, and to compare a million statements before and after takes seconds. So
each operation of the request is rewritten: what it would insert and delete it inserts into graphs of the copy that
have names of ours (see `_Rewriting`), from where it is read and then done. The caller gets a `Change`, and decides.

LOAD and SERVICE are refused, and the process has no network: an operator's token opens no way into other networks.
"""

import os
import pickle
import re
import resource
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from catalogue import children
from catalogue.database import PUBLISHED, Database, Graph, Reader, quad
from catalogue.errors import ConflictError, QueryError, QueryLimit, QueryRefused, QuerySyntaxError
from catalogue.identity import Minter
from catalogue.model import CURATED
from catalogue.rdf import IRI, BlankNode, DefaultGraph, Quad, Term, Triple
from catalogue.seccomp import close_network
from catalogue.sparql import guard
from catalogue.vocabulary import DCT

_PROLOGUE = frozenset({"BASE", "PREFIX", "VERSION"})
_CLAUSES = frozenset({"WITH", "DELETE", "INSERT", "USING", "WHERE"})
_PLACE = re.compile(r"error at (\d+):(\d+): ")
# Where an operation's statements are gathered: this, and the percent-encoded name of the graph that they are for.
_GATHERED = "urn:x-catalogue:"
_ADDS, _REMOVES = f"{_GATHERED}add:", f"{_GATHERED}remove:"
# What is written in one transaction is held in memory several times.
MOST_STATEMENTS = 500_000
# Python, the engine and its open files, before any update.
_OWN_MEMORY_BYTES = 1 << 30
_MIB = 1024 * 1024


@dataclass(frozen=True)
class Update:
    """A request for an update: relative IRIs in it are resolved against `base`.

    `using` and `using_named` are the graphs that its patterns are matched against (SPARQL Protocol, 2.2.3).
    """

    text: str
    base: str
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()


@dataclass
class Change:
    """What is to become of the graphs. No statement has blank nodes.

    First everything goes that operators said in the default graph, if it `clears`; then the statements `removed`, then
    the graphs `dropped`; then the statements `added` come, and the graphs `created`.
    """

    added: set[Quad] = field(default_factory=set)
    removed: set[Quad] = field(default_factory=set)
    created: set[IRI] = field(default_factory=set)
    dropped: set[IRI] = field(default_factory=set)
    clears: bool = False


def curated_graphs(reader: Reader, minter: Minter) -> Iterator[IRI]:
    """The record graphs that hold what operators said in the default graph."""
    for triple in reader.triples(None, DCT.isPartOf, minter.source(CURATED), minter.graph("meta")):
        if isinstance(triple.subject, IRI):
            yield minter.graph_of(triple.subject)


def curated(reader: Reader, minter: Minter) -> set[Triple]:
    """What operators said in the default graph."""
    return {triple for graph in curated_graphs(reader, minter) for triple in reader.triples(None, None, None, graph)}


def is_own(graph: object, minter: Minter) -> bool:
    """Whether a graph is one of the catalogue's, which only the catalogue writes."""
    return isinstance(graph, IRI) and f"{graph.value}/".startswith(f"{minter.base}/graph/")


def check_graphs(graphs: Iterable[object], minter: Minter) -> None:
    """Raises QueryRefused for graphs that operators cannot change."""
    own = next((graph for graph in graphs if is_own(graph, minter)), None)
    if own is not None:
        raise QueryRefused(f"the graph {own} is the catalogue's own; what it holds comes from harvests")


def operators_graphs(reader: Reader, minter: Minter) -> list[IRI]:
    """The named graphs that operators made."""
    return [graph for graph in reader.named_graphs() if not is_own(graph, minter)]


class Names:
    """Names for blank nodes, the same for the same node: RDF 1.1, 3.5, so that statements about them can be removed.

    They end in a letter and digits, which all syntaxes take as the label of a blank node.
    """

    def __init__(self, minter: Minter) -> None:
        self.prefix = f"{minter.base}/.well-known/genid/"
        self._given: dict[BlankNode, IRI] = {}

    def named(self, triple: Triple, graph: Graph) -> Quad:
        """A statement in a graph, without blank nodes. Raises QueryRefused for RDF 1.2's triple terms."""
        if isinstance(triple.object, Triple) or isinstance(triple.subject, Triple):
            raise QueryRefused("a statement about a statement (RDF 1.2) cannot be kept here")
        subject, value = self._name(triple.subject), self._name(triple.object)
        assert isinstance(subject, IRI)
        return Quad(subject, triple.predicate, value, graph)

    def _name(self, term: Term) -> Term:
        if not isinstance(term, BlankNode):
            return term
        return self._given.setdefault(term, IRI(f"{self.prefix}b{uuid.uuid4().hex}"))

    def blank(self, triples: Iterable[Triple]) -> Iterator[Triple]:
        """The statements with blank nodes as they were given."""
        for triple in triples:
            subject, value = self._blank(triple.subject), self._blank(triple.object)
            assert not isinstance(subject, Triple)
            yield Triple(subject, triple.predicate, value)  # type: ignore[arg-type]

    def _blank(self, term: Term | Triple) -> Term | Triple:
        is_ours = isinstance(term, IRI) and term.value.startswith(self.prefix)
        return BlankNode(term.value.removeprefix(self.prefix)) if isinstance(term, IRI) and is_ours else term


def change(copy: Path, base: str, update: Update, seconds: float, memory_mb: int) -> Change:
    """What an update changes in a database, a copy that nobody else uses; `base` is that of the catalogue's IRIs.

    Raises QuerySyntaxError with line and column, QueryRefused, ConflictError, QueryLimit for one that takes too much,
    else QueryError.
    """
    try:
        given = pickle.dumps((str(copy.absolute()), base, update, seconds, memory_mb))
        child = children.run("catalogue.updates", given, seconds)
    except subprocess.TimeoutExpired as error:
        message = f"the update took longer than {seconds:g} seconds (query_timeout); nothing was changed"
        raise QueryLimit(message, "query_timeout") from error
    if child.returncode:
        raise _death(child.returncode, child.stderr, memory_mb)
    answer: Change | tuple[str, str] = pickle.loads(child.stdout)  # noqa: S301 - of our own process, objects of ours
    if isinstance(answer, Change):
        return answer
    name, message = answer
    raise _ERRORS[name](message)


def _death(status: int, errors: bytes, memory_mb: int) -> QueryError:
    if -status == signal.SIGSEGV:
        return QueryRefused("the update is too long or too deeply nested")
    if -status in (signal.SIGABRT, signal.SIGKILL):
        message = f"the update took more than {memory_mb} megabytes of memory (query_memory); nothing was changed"
        return QueryLimit(message, "query_memory")
    last = errors.decode("utf-8", "replace").strip().rpartition("\n")[2]
    return QueryError(f"the update failed: {last or f'status {status}'}")


_ERRORS: Mapping[str, type[QueryError]] = {
    kind.__name__: kind for kind in (ConflictError, QueryError, QueryRefused, QuerySyntaxError)
}

# From here on: what runs in the child.


def main() -> None:
    """The process of `change`: what is asked comes as a pickle, and what came of it goes as one."""
    copy, base, update, seconds, memory_mb = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - of our own process
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    close_network()
    limit = _OWN_MEMORY_BYTES + memory_mb * _MIB
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    # Behind the parent's clock, for a parent that was killed: the engine has two threads at most.
    resource.setrlimit(resource.RLIMIT_CPU, (2 * int(seconds) + 10, resource.RLIM_INFINITY))
    try:
        answer: Change | tuple[str, str] = _Evaluation(_Copy(Path(copy)), Minter(base), update).run()
    except QueryError as error:
        name = type(error).__name__
        answer = (name if name in _ERRORS else QueryError.__name__, str(error))
    except MemoryError:
        os.abort()  # as the engine itself does
    sys.stdout.buffer.write(pickle.dumps(answer))


class _Copy(Database):
    """A database that may be spoilt: without a path, an empty one."""

    def run(self, text: str, base: str) -> None:
        """Runs an update."""
        try:
            self._database.update(text, base_iri=base)
        except SyntaxError as error:
            raise QuerySyntaxError(_PLACE.sub(r"line \1, column \2: ", str(error), count=1)) from error
        except PermissionError as error:
            raise QueryRefused("SERVICE and LOAD are not offered") from error
        except (OSError, RuntimeError, ValueError) as error:
            raise QueryError(f"the update failed: {error}") from error

    def add(self, quads: Iterable[Quad]) -> None:
        self._database.extend(quads)

    def remove(self, one: Quad) -> None:
        self._database.remove(one)

    def drop(self, graph: IRI) -> None:
        self._database.remove_graph(graph)


@dataclass(frozen=True)
class _Operation:
    """One operation of an update: what is declared for it, and its tokens, of which the first is its keyword."""

    prologue: str
    text: str
    tokens: tuple[guard.Token, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """Its keywords in capitals, and its other tokens."""
        return tuple(token.text.upper() if token.kind == "word" else token.text for token in self.tokens)

    def slice(self, tokens: tuple[guard.Token, ...]) -> str:
        """The text of some tokens that stand beside each other."""
        return self.text[tokens[0].start : tokens[-1].end] if tokens else ""

    @cached_property
    def clauses(self) -> Mapping[str, tuple[guard.Token, ...]]:
        """What follows each of the keywords outside braces: USING stands for all that there are of it."""
        starts: dict[str, int] = {}
        ends: dict[str, int] = {}
        depth, current = 0, ""
        for number, token in enumerate(self.tokens):
            depth += (token.text == "{") - (token.text == "}")
            if depth == 0 and token.kind == "word" and token.text.upper() in _CLAUSES:
                current = token.text.upper()
                starts.setdefault(current, number + 1)
            ends[current] = number + 1
        return {name: self.tokens[start : ends[name]] for name, start in starts.items()}


def _operations(text: str) -> Iterator[_Operation]:
    """The operations of an update, which semicolons outside braces part (SPARQL 1.1, 19.8, rule 29)."""
    prologue, depth = "", 0
    tokens: list[guard.Token] = []
    for token in (*guard.tokens(text, 0), guard.Token("sign", ";", len(text), len(text))):
        depth += (token.text == "{") - (token.text == "}")
        if depth or token.text != ";" or token.kind != "sign":
            tokens.append(token)
            continue
        begin = next((n for n, t in enumerate(tokens) if _begins(t)), len(tokens))
        if declared := tokens[:begin]:
            prologue += text[declared[0].start : declared[-1].end] + "\n"
        if begin < len(tokens):
            yield _Operation(prologue, text, tuple(tokens[begin:]))
        tokens = []


def _begins(token: guard.Token) -> bool:
    return token.kind == "word" and token.text.upper() not in _PROLOGUE


@dataclass(frozen=True)
class _Rewriting:
    """A DELETE/INSERT as an operation that inserts what it would insert and delete into graphs of our own.

    `INSERT { GRAPH ?g { … } } WHERE { … }` becomes
    `INSERT { GRAPH ?x { … } } WHERE { { … } BIND(IRI(CONCAT("urn:…add:", ENCODE_FOR_URI(STR(?g)))) AS ?x) }`.
    """

    operation: _Operation
    using: str

    def text(self) -> str:
        clauses = dict(self.operation.clauses)
        if "DELETE" in clauses and not clauses["DELETE"]:  # DELETE WHERE { … }: the pattern is the template, too
            clauses["DELETE"] = clauses["WHERE"]
        binds: list[str] = []
        template = "\n".join(
            self._gathered(clauses[name], prefix, binds)
            for name, prefix in (("DELETE", _REMOVES), ("INSERT", _ADDS))
            if name in clauses
        )
        with_ = f"WITH {self._part('WITH')}\n" if "WITH" in clauses else ""
        using = self.using or (f"USING {self._part('USING')}" if "USING" in clauses else "")
        pattern = f"{self._part('WHERE')}\n" + "\n".join(binds)
        return f"{self.operation.prologue}{with_}INSERT {{\n{template}\n}}\n{using}\nWHERE {{ {pattern} }}"

    def _part(self, name: str) -> str:
        return self.operation.slice(self.operation.clauses[name])

    def _gathered(self, template: tuple[guard.Token, ...], prefix: str, binds: list[str]) -> str:
        """A template whose statements go into our graphs; what gives these their names is added to `binds`."""
        default = self.operation.slice(self.operation.clauses.get("WITH", ()))
        written = []
        for term, tokens in _blocks(template[1:-1]):
            variable = f"?x_catalogue_{len(binds)}"
            name = term or default
            made = f'IRI(CONCAT("{prefix}", ENCODE_FOR_URI(STR({name}))))' if name else f"<{prefix}>"
            binds.append(f"BIND({f'IF(isIRI({name}), {made}, 1/0)' if name else made} AS {variable})")
            written.append(f"GRAPH {variable} {{ {self.operation.slice(tokens)}\n}}")
        return "\n".join(written)


def _blocks(tokens: tuple[guard.Token, ...]) -> Iterator[tuple[str, tuple[guard.Token, ...]]]:
    """The blocks of a template: what names the graph of each, "" for the default graph, and its statements."""
    start, position = 0, 0
    while position < len(tokens):
        if tokens[position].text.upper() != "GRAPH" or tokens[position].kind != "word":
            position += 1
            continue
        yield from (("", plain) for plain in [_plain(tokens[start:position])] if plain)
        end = next((n for n in range(position, len(tokens)) if tokens[n].text == "}"), len(tokens) - 1)
        yield tokens[position + 1].text, tokens[position + 3 : end]
        start = position = end + 1
    yield from (("", plain) for plain in [_plain(tokens[start:])] if plain)


def _plain(tokens: tuple[guard.Token, ...]) -> tuple[guard.Token, ...]:
    """Statements without the dot that may follow a graph before them."""
    return tokens[1:] if tokens and tokens[0].text == "." else tokens


class _Evaluation:
    """An update on a copy."""

    def __init__(self, copy: _Copy, minter: Minter, update: Update) -> None:
        self._copy, self._minter, self._update = copy, minter, update
        self._change = Change()
        self._names = Names(minter)

    def run(self) -> Change:
        operations = list(_operations(self._update.text))
        for operation in operations:
            self._check(operation)
        self._check_syntax()
        for operation in operations:
            _OPERATIONS[operation.words[0]](self, operation)
        dropped = {graph for graph in self._change.dropped if not self._copy.has_graph(graph)}
        self._change.created -= dropped
        self._change.dropped = dropped
        return self._change

    def _check(self, operation: _Operation) -> None:
        words = operation.words
        where = guard.position(operation.text, operation.tokens[0].start)
        if words[0] == "LOAD":
            raise QueryRefused(f"{where}: LOAD is not offered; send the statements to the graph itself")
        if words[0] not in _OPERATIONS:
            raise QuerySyntaxError(f"{where}: expected {', '.join(_OPERATIONS)}, not {operation.tokens[0].text[:40]!r}")
        if words[1:2] == ("DATA",) or "WHERE" not in operation.clauses:
            return
        if (self._update.using or self._update.using_named) and {"USING", "WITH"} & operation.clauses.keys():
            raise QuerySyntaxError(f"{where}: USING and WITH do not go with using-graph-uri or using-named-graph-uri")
        guard.check(f"{operation.prologue}ASK {operation.slice(operation.clauses['WHERE'])}")

    def _check_syntax(self) -> None:
        """On an empty database, so that places are those of the text as it was sent."""
        try:
            _Copy(None).run(self._update.text, self._update.base)
        except (QuerySyntaxError, QueryRefused):
            raise
        except QueryError:
            return  # such as a graph that is not there; that is for the operations themselves

    def _run(self, copy: _Copy, text: str) -> None:
        copy.run(text, self._update.base)

    # The operations

    def _insert(self, operation: _Operation) -> None:
        self._data(operation, self._add) if operation.words[1] == "DATA" else self._modify(operation)

    def _delete(self, operation: _Operation) -> None:
        self._data(operation, self._remove) if operation.words[1] == "DATA" else self._modify(operation)

    def _data(self, operation: _Operation, apply: Callable[[Iterable[Quad]], None]) -> None:
        data = _Copy(None)
        self._run(data, f"{operation.prologue}INSERT DATA {operation.slice(operation.tokens[2:])}")
        apply(data.quads())
        self._create(set(data.named_graphs()) if apply == self._add else set())

    def _modify(self, operation: _Operation) -> None:
        using = [f"USING <{graph}>" for graph in self._update.using]
        using += [f"USING NAMED <{graph}>" for graph in self._update.using_named]
        self._run(self._copy, _Rewriting(operation, "\n".join(using)).text())
        gathered = [graph for graph in self._copy.named_graphs() if graph.value.startswith(_GATHERED)]
        # Before anything is read: all that sources say may be among it.
        check_graphs((_target(graph) for graph in gathered), self._minter)
        found = {graph: list(self._copy.triples(None, None, None, graph)) for graph in gathered}
        for graph in gathered:
            self._copy.drop(graph)
        for prefix, apply in ((_REMOVES, self._remove), (_ADDS, self._add)):
            for graph, triples in found.items():
                if graph.value.startswith(prefix):
                    apply([quad(triple, _target(graph)) for triple in triples])

    def _make(self, operation: _Operation) -> None:
        (graph,) = self._graphs(operation)
        assert isinstance(graph, IRI)
        if not self._copy.has_graph(graph):
            self._create({graph})
        elif "SILENT" not in operation.words:
            raise ConflictError(f"CREATE: the graph {graph} is there already")

    def _clear(self, operation: _Operation) -> None:
        """Also of a graph that is not there: W3C's tests of the protocol begin so, and there is nothing to be lost."""
        for graph in self._targets(operation):
            self._empty(graph)

    def _drop(self, operation: _Operation) -> None:
        for graph in self._targets(operation):
            self._expect(graph, operation)
            self._discard(graph)

    def _add_to(self, operation: _Operation) -> None:
        self._transfer(operation, empties=False, moves=False)

    def _copy_to(self, operation: _Operation) -> None:
        self._transfer(operation, empties=True, moves=False)

    def _move_to(self, operation: _Operation) -> None:
        self._transfer(operation, empties=True, moves=True)

    def _transfer(self, operation: _Operation, *, empties: bool, moves: bool) -> None:
        source, target = self._graphs(operation)
        self._expect(source, operation)
        if source == target or not self._is_there(source):
            return
        triples = []
        for triple in self._copy.triples(None, None, None, source):
            triples.append(triple)
            _check_size(triples)
        if empties:
            self._empty(target)
        self._add(quad(triple, target) for triple in triples)
        self._create({target} if isinstance(target, IRI) else set())
        if moves:
            self._discard(source)

    # What they are made of

    def _add(self, quads: Iterable[Quad]) -> None:
        named = {self._names.named(one.triple, one.graph_name) for one in quads}  # type: ignore[arg-type]
        self._copy.add(named)
        self._change.added |= named
        self._change.removed -= named
        _check_size(self._change.added)

    def _remove(self, quads: Iterable[Quad]) -> None:
        there = {one for one in quads if one in self._copy}
        for one in there:
            self._copy.remove(one)
        self._change.added -= there
        self._change.removed |= there
        _check_size(self._change.removed)

    def _create(self, graphs: set[IRI]) -> None:
        for graph in graphs:
            if not self._copy.has_graph(graph):
                self._copy.add_graph(graph)
            self._change.created.add(graph)

    def _empty(self, graph: Graph) -> None:
        if isinstance(graph, IRI):
            check_graphs([graph], self._minter)
            self._remove([quad(triple, graph) for triple in self._copy.triples(None, None, None, graph)])
        else:
            self._empty_default()

    def _empty_default(self) -> None:
        """Takes back what operators said; what sources say, too, stays."""
        self._change.clears = True
        added = {one for one in self._change.added if isinstance(one.graph_name, DefaultGraph)}
        self._change.added -= added
        for one in {quad(triple, PUBLISHED) for triple in curated(self._copy, self._minter)} | added:
            if not self._is_sourced(one):
                self._copy.remove(one)

    def _is_sourced(self, one: Quad) -> bool:
        curated_prefix = self._minter.graph("record", CURATED).value + "/"
        graphs = (other.graph_name for other in self._copy.quads(one.subject, one.predicate, one.object))
        return any(is_own(g, self._minter) and not str(g)[1:].startswith(curated_prefix) for g in graphs)

    def _discard(self, graph: Graph) -> None:
        self._empty(graph)
        if isinstance(graph, IRI):
            self._copy.drop(graph)
            self._change.created.discard(graph)
            self._change.dropped.add(graph)

    def _expect(self, graph: Graph, operation: _Operation) -> None:
        if not self._is_there(graph) and "SILENT" not in operation.words:
            raise ConflictError(f"{operation.words[0]}: there is no graph {graph}")

    def _is_there(self, graph: Graph) -> bool:
        return not isinstance(graph, IRI) or self._copy.has_graph(graph)

    def _targets(self, operation: _Operation) -> list[Graph]:
        """The graphs that CLEAR and DROP are about; ALL and NAMED mean those of operators."""
        (word,) = set(operation.words[1:]) & {"ALL", "NAMED", "DEFAULT", "GRAPH"}
        if word == "GRAPH":
            return self._graphs(operation)
        named = operators_graphs(self._copy, self._minter) if word != "DEFAULT" else []
        return [*named, *([PUBLISHED] if word != "NAMED" else [])]

    def _graphs(self, operation: _Operation) -> list[Graph]:
        """The graphs that an operation names."""
        named = [t for t in operation.tokens[1:] if t.text.upper() not in ("SILENT", "GRAPH", "TO")]
        return [self._graph(operation, token.text) for token in named]

    def _graph(self, operation: _Operation, term: str) -> Graph:
        if term.upper() == "DEFAULT":
            return PUBLISHED
        resolved = _Copy(None)
        self._run(resolved, f"{operation.prologue}INSERT DATA {{ GRAPH {term} {{ <urn:x> <urn:x> <urn:x> }} }}")
        return next(resolved.named_graphs())


def _check_size(statements: set[Quad] | list[Triple]) -> None:
    if len(statements) > MOST_STATEMENTS:
        raise QueryRefused(f"the update is about more than {MOST_STATEMENTS} statements; send it in parts")


def _target(gathered: IRI) -> Graph:
    """The graph that gathered statements are for."""
    name = unquote(gathered.value.removeprefix(_ADDS).removeprefix(_REMOVES))
    return IRI(name) if name else PUBLISHED


_OPERATIONS: Mapping[str, Callable[[_Evaluation, _Operation], None]] = {
    "INSERT": _Evaluation._insert,
    "DELETE": _Evaluation._delete,
    "WITH": _Evaluation._modify,
    "CREATE": _Evaluation._make,
    "CLEAR": _Evaluation._clear,
    "DROP": _Evaluation._drop,
    "ADD": _Evaluation._add_to,
    "COPY": _Evaluation._copy_to,
    "MOVE": _Evaluation._move_to,
}


if __name__ == "__main__":
    from catalogue import updates  # what it pickles is of the module's name

    updates.main()
