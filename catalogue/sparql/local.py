"""Queries of the command line: the same guard, limits and children as over HTTP, and a table for people."""

import json
from collections.abc import Iterator

from catalogue.database import RESULTS, Query
from catalogue.home import Home
from catalogue.rdf import SYNTAXES
from catalogue.settings import Settings
from catalogue.sparql.guard import check
from catalogue.sparql.pool import Pool

# "rdf" and "ttl" are for CONSTRUCT and DESCRIBE, which have no rows to tabulate.
FORMATS = ("table", *RESULTS, *(name for name, syntax in SYNTAXES.items() if not syntax.graphs))
_WIDEST_CELL = 60


def answer(settings: Settings, text: str, form: str) -> Iterator[bytes]:
    """The answer of a query on the current publication, in pieces; raises QueryError as `Pool.run` does."""
    with Pool(Home(settings.home), settings) as pool:
        if form != "table":
            yield from pool.run(Query(text, form))
        elif check(text).is_graph:
            yield from pool.run(Query(text, "ttl"))
        else:
            yield _table(b"".join(pool.run(Query(text, "json")))).encode()


def _table(answered: bytes) -> str:
    results = json.loads(answered)
    if "boolean" in results:
        return f"{str(results['boolean']).lower()}\n"
    names = results["head"]["vars"]
    rows = [
        [_cell(binding.get(name, {}).get("value", "")) for name in names] for binding in results["results"]["bindings"]
    ]
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    lines = [names, ["-" * width for width in widths], *rows]
    return "".join("  ".join(map(str.ljust, line, widths)).rstrip() + "\n" for line in lines)


def _cell(value: str) -> str:
    line = " ".join(value.split())
    return line if len(line) <= _WIDEST_CELL else line[: _WIDEST_CELL - 1] + "…"
