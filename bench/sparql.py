"""Visitors' queries: `/sparql` of `catalogue serve` beside Oxigraph's own server, on the store of one publication.

What the guard, the child processes and gathering an answer whole cost is the difference. Both give the same rows, which
is checked before anything is measured.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from bench import servers
from bench.load import Answer, Request, Unexpected, check, compare
from bench.plan import Plan, publication
from bench.report import client, figure, ratio, table
from catalogue.search import Question

_CSV = (("Accept", "text/csv"),)
_TRIPLES = (("Accept", "application/n-triples"),)
_PREFIXES = """PREFIX dct: <http://purl.org/dc/terms/>
PREFIX doap: <http://usefulinc.com/ns/doap#>
PREFIX schema: <http://schema.org/>
"""


@dataclass(frozen=True)
class _Case:
    """Queries sent in turn, and the header that says which format they are wanted in."""

    name: str
    queries: tuple[str, ...]
    headers: tuple[tuple[str, str], ...] = _CSV

    def requests(self, path: str) -> tuple[Request, ...]:
        return tuple(Request(f"{path}?query={quote(query)}", self.headers) for query in self.queries)


def run(plan: Plan) -> Iterator[str]:
    """The section of this benchmark, in Markdown."""
    yield "## SPARQL"
    if not servers.has_oxigraph():
        yield "Not measured: the package `oxigraph` is not installed."
        return
    home = plan.home(plan.size)
    with publication(home) as current:
        entries = current.search.ask(Question("solution", sort="title", size=plan.things), ()).entries
        cases = _cases([entry.iri for entry in entries])
    with servers.ours(home) as own, servers.oxigraph(home) as raw:
        rows = [row for case in cases for row in _rows(plan, own, raw, case)]
    yield (
        f"`/sparql` of `catalogue serve` with its defaults beside `oxigraph serve-read-only`, both on {plan.size:,}"
        f" solutions; {client()}, keep-alive. The ratio is ours to Oxigraph's, in requests/s."
    )
    yield table(("query", "clients", "bytes", "requests/s", "median ms", "p99 ms", "Oxigraph", "ratio"), rows)


def _cases(iris: Sequence[str]) -> tuple[_Case, ...]:
    return (
        _Case("DESCRIBE one thing", tuple(f"DESCRIBE <{iri}>" for iri in iris), _TRIPLES),
        _Case(
            "CONSTRUCT titles of one thing",
            tuple(f"{_PREFIXES}CONSTRUCT {{ <{iri}> dct:title ?t }} WHERE {{ <{iri}> dct:title ?t }}" for iri in iris),
            _TRIPLES,
        ),
        _Case(
            "solutions by licence",
            (
                f"{_PREFIXES}SELECT ?licence (COUNT(?solution) AS ?solutions) WHERE {{"
                " ?solution a doap:Project ; schema:license ?licence } GROUP BY ?licence",
            ),
        ),
        _Case("things by class", ("SELECT ?class (COUNT(*) AS ?things) WHERE { ?thing a ?class } GROUP BY ?class",)),
        _Case(
            "titles of all solutions",
            (f"{_PREFIXES}SELECT ?solution ?title WHERE {{ ?solution a doap:Project ; dct:title ?title }}",),
        ),
    )


def _rows(plan: Plan, own: int, raw: int, case: _Case) -> Iterator[tuple[str, ...]]:
    ours, theirs = case.requests("/sparql"), case.requests("/query")
    answers = check(own, ours, 200)
    if list(map(_lines, answers)) != list(map(_lines, check(raw, theirs, 200))):
        raise Unexpected(f"{case.name}: the two servers do not answer the same")
    size = sum(len(answer.body) for answer in answers) / len(answers)
    for clients in plan.clients:
        mine, other = compare([(own, ours), (raw, theirs)], clients, plan)
        compared = ratio(mine.per_second, other.per_second)
        yield case.name, str(clients), figure(size), *mine.cells(), figure(other.per_second), compared


def _lines(answer: Answer) -> list[bytes]:
    """The rows or triples of an answer; their order is nobody's promise."""
    return sorted(answer.body.splitlines())
