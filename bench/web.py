"""Pages and data over HTTP: `catalogue serve` as it is, and the same application under gunicorn beside it.

The server keeps what it has answered for as long as its publication is current. So every kind of answer is measured
twice: each address once, which says what making it costs, and then the same addresses again and again.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import product
from urllib.parse import quote

from bench import servers
from bench.generate import vocabulary
from bench.load import Answer, Rate, Request, Unexpected, check, compare, each_once
from bench.plan import Plan, solutions
from bench.report import client, figure, ratio, table
from catalogue.search import SORTS

# Asked before anything is measured: templates are compiled with the first answer of each process.
_WARM_UP = 8
_PASSES = 4
_HTML = (("Accept", "text/html"),)
_TURTLE = (("Accept", "text/turtle"),)


@dataclass(frozen=True)
class _Case:
    """A kind of answer, and different requests for it; `conditional` also asks with the ETag of the answer."""

    name: str
    requests: Sequence[Request]
    conditional: bool = False


def run(plan: Plan) -> Iterator[str]:
    """The section of this benchmark, in Markdown."""
    home = plan.home(plan.size)
    count = _WARM_UP + len(plan.clients) * plan.things
    things = [f"/solution/{entry.key}" for entry in solutions(home, count)]
    yield "## Pages and data over HTTP"
    with ExitStack() as stack:
        ports = [stack.enter_context(servers.ours(home))]
        if servers.has_gunicorn():
            ports.append(stack.enter_context(servers.gunicorn(home)))
        rows = [row for case in _cases(plan, things) for row in _rows(plan, ports, case)]
    yield (
        f"`catalogue serve` with its defaults over {plan.size:,} solutions, keep-alive clients. First: {plan.things}"
        " addresses at most, each asked for once (clients: Python threads). Again: the same in turn, when"
        f" the server has made them ({client()}). Beside it gunicorn with the same application, processes and threads"
        " (gthread). The ratio is ours to gunicorn's, in requests/s."
    )
    yield table(("answer", "clients", "bytes", "requests/s", "median ms", "p99 ms", "gunicorn", "ratio"), rows)


def _cases(plan: Plan, things: Sequence[str]) -> tuple[_Case, ...]:
    pages = range(1, plan.size // 20 + 1)
    # The first words of the vocabulary are in every text.
    words = vocabulary("it")[20 : 20 + len(things)]
    return (
        _Case("solution, HTML", [Request(path, _HTML) for path in things], conditional=True),
        _Case("solution, Turtle", [Request(path, _TURTLE) for path in things]),
        _Case(
            "list with facets",
            [Request(f"/solutions?sort={sort}&page={page}", _HTML) for page, sort in product(pages, SORTS)],
        ),
        _Case("list with a search", [Request(f"/solutions?q={quote(word)}", _HTML) for word in words]),
        _Case("home", [Request("/", _HTML)]),
    )


def _rows(plan: Plan, ports: Sequence[int], case: _Case) -> Iterator[tuple[str, ...]]:
    warm = case.requests[:_WARM_UP]
    parts = _parts(case.requests[_WARM_UP:], len(plan.clients), plan.things)
    asked = [*warm, *(request for part in parts for request in part)][: plan.things]
    try:
        size = min(_size(check(port, warm, 200)) for port in ports)
        for clients, part in zip(plan.clients, parts, strict=True):
            if part:
                found = each_once([(port, part) for port in ports], clients)
                yield _row(f"{case.name}, first", clients, size, found)
        # Which process answers is chance: after some passes each of them has made almost all.
        *_, known = ({port: check(port, asked, 200) for port in ports} for _ in range(_PASSES))
        for clients in plan.clients:
            found = compare([(port, asked) for port in ports], clients, plan)
            yield _row(f"{case.name}, again", clients, size, found)
        if case.conditional:
            again = [(port, [_conditional(*pair) for pair in zip(asked, known[port], strict=True)]) for port in ports]
            for port, requests in again:
                check(port, requests, 304)
            for clients in plan.clients:
                yield _row(f"{case.name}, 304", clients, 0, compare(again, clients, plan))
    except Unexpected as error:
        yield (case.name, "–", str(error), *("–" for _ in range(5)))


def _parts(requests: Sequence[Request], count: int, most: int) -> list[Sequence[Request]]:
    """Some of the requests in parts of the same size that have none in common."""
    size = min(len(requests) // count, most)
    return [requests[place * size : (place + 1) * size] for place in range(count)]


def _size(answers: Sequence[Answer]) -> int:
    return sum(len(answer.body) for answer in answers) // len(answers)


def _row(name: str, clients: int, size: int, found: Sequence[Rate]) -> tuple[str, ...]:
    own, *others = found
    beside = (figure(others[0].per_second), ratio(own.per_second, others[0].per_second)) if others else ("–", "–")
    return (name, str(clients), f"{size:,}", *own.cells(), *beside)


def _conditional(request: Request, answer: Answer) -> Request:
    return replace(request, headers=(*request.headers, ("If-None-Match", answer.headers.get("etag", '""'))))
