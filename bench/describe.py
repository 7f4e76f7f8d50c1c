"""What is published of one thing, as N-Triples: our page beside DESCRIBE of Oxigraph's own server, on the same store.

They are not the same statements. Ours are those of the thing, its parts and its catalogue record, and the names of what
they refer to; DESCRIBE gives a thing's own. So it is asked twice: for the thing, and for all that our answer is about.
"""

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from bench import servers
from bench.load import Answer, Request, Target, check, compare, each_once
from bench.plan import Plan, publication, solutions
from bench.report import client, figure, ratio, table
from catalogue.publication import Publication
from catalogue.rdf import IRI
from catalogue.search import Entry

_TRIPLES = (("Accept", "application/n-triples"),)
_NAMES = ("ours", "Oxigraph, the thing alone", "Oxigraph, the same subjects")
# Asked before anything is measured, so that each process has what it needs only once.
_WARM_UP = 8


def run(plan: Plan) -> Iterator[str]:
    """The section of this benchmark, in Markdown."""
    yield "## Describing one thing"
    if not servers.has_oxigraph():
        yield "Not measured: the package `oxigraph` is not installed."
        return
    home = plan.home(plan.size)
    with publication(home) as current:
        asked = _requests(current, solutions(home, _WARM_UP + len(plan.clients) * plan.things))
    with servers.ours(home) as own, servers.oxigraph(home) as raw:
        targets = list(zip((own, raw, raw), asked, strict=True))
        triples = [_mean(check(port, requests[:_WARM_UP], 200)) for port, requests in targets]
        rows = list(_rows(plan, targets, triples))
    yield (
        f"N-Triples of some of {plan.size:,} solutions: `/solution/{{key}}.nt` of `catalogue serve` beside `DESCRIBE`"
        f" of `oxigraph serve-read-only` on the store of the same publication, keep-alive clients. First: {plan.things}"
        f" different ones at most, each asked for once (clients: Python threads). Again: the same in turn ({client()});"
        " ours has kept them by then, Oxigraph keeps nothing. Triples are the mean of an answer; the ratio is ours to"
        " Oxigraph's, in requests/s."
    )
    yield table(("asked", "clients", "triples", "requests/s", "median ms", "p99 ms", "ours to it"), rows)


def _requests(current: Publication, entries: Sequence[Entry]) -> tuple[list[Request], ...]:
    """The requests for the same solutions, of each of `_NAMES`."""
    return (
        [Request(f"/solution/{entry.key}.nt") for entry in entries],
        [_describe([entry.iri]) for entry in entries],
        [_describe(_subjects(current, entry.iri)) for entry in entries],
    )


def _describe(iris: Sequence[str]) -> Request:
    query = f"DESCRIBE {' '.join(f'<{iri}>' for iri in iris)}"
    return Request(f"/query?query={quote(query)}", _TRIPLES)


def _subjects(current: Publication, iri: str) -> list[str]:
    subjects = {triple.subject for triple in current.description(IRI(iri))}
    return sorted(subject.value for subject in subjects if isinstance(subject, IRI))


def _mean(answers: Sequence[Answer]) -> float:
    return sum(answer.body.count(b"\n") for answer in answers) / len(answers)


def _rows(plan: Plan, targets: Sequence[Target], triples: Sequence[float]) -> Iterator[tuple[str, ...]]:
    size = min((len(targets[0][1]) - _WARM_UP) // len(plan.clients), plan.things)
    for place, clients in enumerate(plan.clients):
        part = slice(_WARM_UP + place * size, _WARM_UP + (place + 1) * size)
        chosen = [(port, requests[part]) for port, requests in targets]
        for turn, found in (("first", each_once(chosen, clients)), ("again", compare(chosen, clients, plan))):
            for name, count, rate in zip(_NAMES, triples, found, strict=True):
                compared = "" if name == "ours" else ratio(found[0].per_second, rate.per_second)
                yield (f"{name}, {turn}", str(clients), figure(count), *rate.cells(), compared)
