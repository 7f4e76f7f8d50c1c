"""Visitors' queries: `/sparql` of `catalogue serve` beside Oxigraph's own server, on the store of one publication.

Ten queries of an analyst's day, each shipped query, and an answer of many rows. What the guard, the child processes and
gathering an answer whole cost is the difference. Both give the same rows, which is checked before anything is measured.
"""

import os
import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from urllib.parse import quote

from bench import servers
from bench.load import Answer, Rate, Request, Target, Unexpected, ask, check, compare
from bench.plan import Plan, publication, settings
from bench.report import client, figure, megabytes, ratio, table
from catalogue.queries import shipped
from catalogue.search import Question

_CLIENTS = (1, 4, 16)
_CSV = (("Accept", "text/csv"),)
_TRIPLES = (("Accept", "application/n-triples"),)
_PREFIXES = """PREFIX dct: <http://purl.org/dc/terms/>
PREFIX doap: <http://usefulinc.com/ns/doap#>
PREFIX schema: <http://schema.org/>
"""
# The catalogue keeps no answer of a query that may name the time. A comment, so that it costs neither of them anything.
_UNCACHED = "\n# NOW()"
# Oxigraph's time for one answer from which it is measured with one client only.
_SLOW_S = 0.5
_TIMES = 3
_ROWS = 1_000_000
_READ_BYTES = 1024 * 1024


@dataclass(frozen=True)
class _Case:
    """Queries sent in turn, and the header that says which format they are wanted in."""

    name: str
    queries: tuple[str, ...]
    headers: tuple[tuple[str, str], ...] = _CSV

    def requests(self, path: str) -> tuple[Request, ...]:
        return tuple(Request(f"{path}?query={quote(query)}", self.headers) for query in self.queries)

    def uncached(self) -> "_Case":
        return replace(self, queries=tuple(query + _UNCACHED for query in self.queries))


def run(plan: Plan) -> Iterator[str]:
    """The sections of this benchmark, in Markdown."""
    yield "## SPARQL"
    if not servers.has_oxigraph():
        yield "Not measured: the package `oxigraph` is not installed."
        return
    home = plan.home(plan.size)
    with servers.ours(home) as own, servers.oxigraph(home) as raw:
        yield from _analysts_day(plan, home, own, raw)
        yield from _shipped(home, own, raw)
        yield from _large(own, raw)


def _analysts_day(plan: Plan, home: Path, own: int, raw: int) -> Iterator[str]:
    cases = _cases(*_known(home, plan.things))
    repeated = replace(next(case for case in cases if case.name == "facet counts"), name="facet counts, repeated")
    compared = [row for case in cases for row in _rows(plan, own, raw, case.uncached())]
    compared += _rows(plan, own, raw, repeated)
    yield (
        f"`/sparql` of `catalogue serve` with its defaults beside `oxigraph serve-read-only`, both on {plan.size:,}"
        f" solutions; {client()}, keep-alive. Uncached, but for the last query. Where one answer takes Oxigraph more"
        f" than {_SLOW_S} s, one client asks {_TIMES} times. The ratio is ours to Oxigraph's, in requests/s."
    )
    yield table(("query", "clients", "bytes", "requests/s", "median ms", "p99 ms", "Oxigraph", "ratio"), compared)


def _known(home: Path, count: int) -> tuple[list[str], list[str]]:
    """Some solutions, and the owners of some."""
    with publication(home) as current:
        entries = current.search.ask(Question("solution", sort="title", size=count), ()).entries
        owners = current.search.ask(Question("owner", sort="title", size=count), ()).entries
    return [entry.iri for entry in entries], [entry.iri for entry in owners]


def _cases(solutions: Sequence[str], owners: Sequence[str]) -> tuple[_Case, ...]:
    return (
        _Case("describe one", tuple(f"DESCRIBE <{iri}>" for iri in solutions), _TRIPLES),
        _each(
            "by owner",
            owners,
            "SELECT ?solution ?title { ?solution dct:publisher <%s> ; dct:title ?title }"
            " ORDER BY ?title ?solution LIMIT 50",
        ),
        _one(
            "facet counts",
            "SELECT ?licence (COUNT(?solution) AS ?solutions) { ?solution a doap:Project ; schema:license ?licence }"
            " GROUP BY ?licence",
        ),
        _one(
            "newest",
            "SELECT ?solution ?date { ?release dct:isVersionOf ?solution ; dct:issued ?date }"
            " ORDER BY DESC(?date) ?solution LIMIT 20",
        ),
        _one(
            "text filter",
            "SELECT ?solution ?text { ?solution a doap:Project ; dct:abstract ?text"
            ' FILTER(CONTAINS(LCASE(STR(?text)), "identité t")) }',
        ),
        _each(
            "releases",
            solutions,
            "SELECT ?release ?date { <%s> dct:hasVersion ?release . OPTIONAL { ?release dct:issued ?date } }",
        ),
        _one(
            "co-occurrence",
            "SELECT ?a ?b (COUNT(?solution) AS ?solutions) { ?solution dct:subject ?a , ?b FILTER(STR(?a) < STR(?b)) }"
            " GROUP BY ?a ?b ORDER BY DESC(?solutions) ?a ?b LIMIT 50",
        ),
        _one(
            "export page",
            "CONSTRUCT { ?solution ?p ?o } { { SELECT ?solution { ?solution a doap:Project } ORDER BY ?solution"
            " LIMIT 100 OFFSET 100 } ?solution ?p ?o }",
            _TRIPLES,
        ),
        _one(
            "licence by country",
            "SELECT ?country ?licence (COUNT(?solution) AS ?solutions)"
            " { ?solution dct:spatial ?country ; schema:license ?licence } GROUP BY ?country ?licence",
        ),
        _one(
            "duplicates",
            "SELECT ?repository (COUNT(?solution) AS ?solutions) { ?solution schema:codeRepository ?repository }"
            " GROUP BY ?repository HAVING (COUNT(?solution) > 1)",
        ),
    )


def _one(name: str, query: str, headers: tuple[tuple[str, str], ...] = _CSV) -> _Case:
    return _Case(name, (_PREFIXES + query,), headers)


def _each(name: str, iris: Iterable[str], query: str) -> _Case:
    return _Case(name, tuple(_PREFIXES + query % iri for iri in iris))


def _rows(plan: Plan, own: int, raw: int, case: _Case) -> Iterator[tuple[str, ...]]:
    ours, theirs = case.requests("/sparql"), case.requests("/query")
    answers = _same(case.name, check(own, ours, 200), check(raw, theirs, 200))
    size = sum(len(answer.body) for answer in answers) / len(answers)
    is_slow = _seconds(raw, theirs[0]) > _SLOW_S
    for clients in (1,) if is_slow else _CLIENTS:
        targets = [(own, ours), (raw, theirs)]
        mine, other = map(_alone, targets) if is_slow else compare(targets, clients, plan)
        compared = ratio(mine.per_second, other.per_second)
        yield case.name, str(clients), figure(size), *mine.cells(), figure(other.per_second), compared


def _same(name: str, ours: list[Answer], theirs: list[Answer]) -> list[Answer]:
    if list(map(_lines, ours)) != list(map(_lines, theirs)):
        raise Unexpected(f"{name}: the two servers do not answer the same")
    return ours


def _lines(answer: Answer) -> list[bytes]:
    """The rows or triples of an answer; their order is nobody's promise."""
    return sorted(answer.body.splitlines())


def _seconds(port: int, request: Request) -> float:
    begin = time.perf_counter()
    ask(port, request)
    return time.perf_counter() - begin


def _alone(target: Target) -> Rate:
    """One client, a few times, for what takes longer than a window."""
    port, requests = target
    found = [_seconds(port, requests[0]) for _ in range(_TIMES)]
    return Rate(1 / median(found), 1000 * median(found), 1000 * max(found))


def _shipped(home: Path, own: int, raw: int) -> Iterator[str]:
    base = settings(home).base
    cases = [_Case(name, (query.bound(base),)) for name, query in shipped().items()]
    rows = sorted((row for case in cases for row in _timed(own, raw, case)), key=lambda row: -row[0])
    yield "### The shipped queries"
    yield (
        f"With their default values: the median of {_TIMES} times, one client, uncached; the slowest first. As it is:"
        " the first time that the query is asked as it is shipped, so from what the server has prepared by then."
    )
    yield table(("query", "rows", "seconds", "Oxigraph", "times as long", "as it is"), [cells for _, *cells in rows])


def _timed(own: int, raw: int, case: _Case) -> Iterator[tuple[float, str, str, str, str, str, str]]:
    as_it_is = _seconds(own, *case.requests("/sparql"))
    (ours,), (theirs,) = case.uncached().requests("/sparql"), case.uncached().requests("/query")
    (answer,) = _same(case.name, check(own, [ours], 200), check(raw, [theirs], 200))
    pairs = [(_seconds(own, ours), _seconds(raw, theirs)) for _ in range(_TIMES)]
    mine, other = (median(pair[place] for pair in pairs) for place in (0, 1))
    rows = answer.body.count(b"\n") - 1
    yield mine, case.name, figure(rows), figure(mine), figure(other), ratio(mine, other), figure(as_it_is)


def _large(own: int, raw: int) -> Iterator[str]:
    case = _Case("", (f"SELECT * {{ {{ ?s ?p ?o }} UNION {{ GRAPH ?g {{ ?s ?p ?o }} }} }} LIMIT {_ROWS}{_UNCACHED}",))
    (ours,), (theirs,) = case.requests("/sparql"), case.requests("/query")
    web = _web_processes(own)
    _stream(own, ours, web)  # what the first of them leaves in memory, all have
    rows = [
        (name, *_stream(port, request, pids))
        for name, port, request, pids in (("ours", own, ours, web), ("Oxigraph", raw, theirs, ()))
    ]
    yield "### A large answer"
    yield f"A SELECT of {_ROWS:,} rows, or of all, read as it comes. Memory: by how much the web processes grew."
    yield table(("server", "first byte", "seconds", "bytes", "memory"), rows)


def _stream(port: int, request: Request, pids: Sequence[int]) -> tuple[str, str, str, str]:
    before, grown, size = _resident_bytes(pids), 0, 0
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        begin = time.perf_counter()
        closing = Request(request.path, (*request.headers, ("Connection", "close")))
        connection.sendall(closing.encode(port))
        first = 0.0
        while data := connection.recv(_READ_BYTES):
            first = first or time.perf_counter() - begin
            size += len(data)
            grown = max(grown, _resident_bytes(pids) - before)
        took = time.perf_counter() - begin
    return f"{figure(1000 * first)} ms", figure(took), megabytes(size), megabytes(grown) if pids else ""


def _web_processes(port: int) -> list[int]:
    """The processes of our server that answer requests; empty where the system does not tell."""
    commands = {int(path.parent.name): _read(path).split("\0") for path in Path("/proc").glob("[0-9]*/cmdline")}
    serving = {pid for pid, words in commands.items() if "serve" in words and str(port) in words}
    return [pid for pid in serving if _parent(pid) in serving]


def _parent(pid: int) -> int:
    return int((_read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()[1:2] or ["0"])[0])


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it has ended
        return ""


def _resident_bytes(pids: Iterable[int]) -> int:
    pages = (_read(Path(f"/proc/{pid}/statm")).split()[1:2] or ["0"] for pid in pids)
    return sum(int(page) for (page,) in pages) * os.sysconf("SC_PAGE_SIZE")
