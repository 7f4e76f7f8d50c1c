"""Answers of queries as tables that people read: the first rows, with links to the pages of what they name.

A row of a table comes from a line of TSV, whose cells are terms in Turtle; one of a graph from a line of N-Triples. So
the first rows are read, and the others only counted, however large the answer is.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalogue.errors import QueryError, QueryLimit
from catalogue.rdf import IRI, SYNTAXES, Literal, Term, Triple, read
from catalogue.sparql.guard import Form
from catalogue.vocabulary import XSD
from endpoint.errors import STATUS
from endpoint.show import Shown, Text
from endpoint.view import View

MOST_ROWS = 200
# A value may have as many megabytes as an answer, and what is shown is taken apart in this process.
_MOST_BYTES = 1024 * 1024
_LONG = 60  # characters
# Form of a query → the format that `table` reads.
FORMATS = {form: "nt" if form.is_graph else "tsv" for form in Form}
_NUMBERS = frozenset({XSD.integer, XSD.decimal, IRI(f"{XSD.iri}double"), IRI(f"{XSD.iri}float")})
_TIMEOUT = 504
_TRIPLE = ("subject", "property", "value")
_LABEL = "Label"

Value = Term | Triple | str | None


@dataclass(frozen=True)
class Cell:
    """A value of a table, None where there is none; `kind` tells numbers and long texts from the others."""

    shown: Shown | None
    kind: str = ""


@dataclass(frozen=True)
class Table:
    """The first rows of an answer and how many it has in all; `verdict` is the answer of an ASK, which has no rows."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    total: int = 0
    verdict: bool | None = None

    @property
    def is_cut(self) -> bool:
        return self.total > len(self.rows)


def table(chunks: Iterable[bytes], form: Form, view: View, *, named: bool = False) -> Table:
    """An answer in the format that `FORMATS` says. If `named`, columns `xLabel` are left out: x has that name."""
    lines, total = _first_lines(chunks, MOST_ROWS + 1)
    if form is Form.ASK:
        return Table(verdict=lines[0].strip() == "true")
    if form.is_graph:
        statements = [quad.triple for quad in read("\n".join(lines[:MOST_ROWS]), SYNTAXES["nt"], lenient=True)]
        rows: Sequence[Sequence[Value]] = [(one.subject, one.predicate, one.object) for one in statements]
        return Table(_TRIPLE, _cells(rows, view), total)
    names = [name.removeprefix("?") for name in lines[0].split("\t")]
    kept = [at for at, name in enumerate(names) if not (named and _is_label(name, names))]
    rows = [[row[at] for at in kept] for row in _terms(lines[1:], len(names))]
    heads = (_words(names[at]) if named else names[at] for at in kept)
    return Table(tuple(heads), _cells(rows, view), total - 1)


def status_of(error: QueryError) -> int:
    """The status of a page that says why a query was not answered. What was too slow is 504: no other try is faster."""
    if isinstance(error, QueryLimit) and error.limit == "query_timeout":
        return _TIMEOUT
    return next(status for kind, status in STATUS.items() if isinstance(error, kind))


def _first_lines(chunks: Iterable[bytes], most: int) -> tuple[list[str], int]:
    """The first lines, fewer where they are long, and how many there are. An answer without a line end is one line."""
    kept, total = bytearray(), 0
    for chunk in chunks:
        if total <= most and len(kept) < _MOST_BYTES:
            kept += chunk
        total += chunk.count(b"\n")
    whole = kept.count(b"\n") if total else 1
    return kept.decode(errors="replace").split("\n")[: min(most, whole)], total


def _terms(lines: Sequence[str], width: int) -> list[list[Value]]:
    """The terms of lines of TSV, None where there is none. Terms that Turtle does not have stay as they are written."""
    cells = {
        (str(row), str(column)): cell
        for row, line in enumerate(lines)
        for column, cell in enumerate(line.split("\t"))
        if cell
    }
    # Each cell as a statement that says where it stands.
    document = "".join(
        f"<r:{row}> <c:{at}> {cell} .\n" for (row, at), cell in cells.items() if not cell.startswith("<<")
    )
    read_terms = {
        (quad.subject.value[2:], quad.predicate.value[2:]): quad.object
        for quad in read(document, SYNTAXES["ttl"], lenient=True)
        if isinstance(quad.subject, IRI)
    }
    terms: dict[tuple[str, str], Value] = {**cells, **read_terms}
    return [[terms.get((str(row), str(column))) for column in range(width)] for row in range(len(lines))]


def _cells(rows: Iterable[Sequence[Value]], view: View) -> tuple[tuple[Cell, ...], ...]:
    return tuple(tuple(_cell(value, view) for value in row) for row in rows)


def _cell(value: Value, view: View) -> Cell:
    if value is None:
        return Cell(None)
    if isinstance(value, str | Triple):
        return Cell(Text(str(value)))
    if isinstance(value, Literal) and value.datatype in _NUMBERS:
        return Cell(Text(value.value), "number")
    shown = view.literally(value) if isinstance(value, Literal) and value.language else view.show(value)
    return Cell(shown, "long" if len(str(shown)) > _LONG else "")


def _is_label(name: str, names: Sequence[str]) -> bool:
    return name.endswith(_LABEL) and name.removesuffix(_LABEL) in names


def _words(name: str) -> str:
    """The name of a variable as the head of a column: “distributionLicence” is “Distribution licence”."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()
