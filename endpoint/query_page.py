"""The page at `/sparql`: a form that works without script, the answer as a table, and what an editor needs.

With script the text field becomes YASQE, the editor of YASGUI (`static/vendor`), which completes the terms that
`/sparql/terms.json` lists: the classes and properties of the shapes and lists, and the codes. No page but this one may
run script, and this one only the catalogue's own.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urlencode

from flask import Blueprint, Request, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException, NotAcceptable

from catalogue.errors import QueryError
from catalogue.queries import shipped
from catalogue.sparql.guard import form_of
from catalogue.sparql.pool import Pool
from catalogue.vocabulary import PREFIXES
from endpoint import completion, sparql_protocol
from endpoint.labels import languages
from endpoint.reader import edition
from endpoint.representations import HTML, negotiate
from endpoint.results import FORMATS, Table, status_of, table
from endpoint.sparql_protocol import GRAPH_FORMATS, TABLE_FORMATS, Parameters
from endpoint.view import View
from endpoint.visitors import visitor

blueprint = Blueprint("query_page", __name__)

_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:;"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_FIRST = "licences-by-approval"
_OK = 200
_PLACE = re.compile(r"line (\d+), column (\d+): ", re.ASCII)
_LONGEST_REASON = 400
_WITHOUT_QUERY = frozenset({"query", "format", "output"})


@dataclass(frozen=True)
class Fault:
    """Why a query was not answered; where, if that is known: line and column from 1, and the text of the line."""

    message: str
    line: int = 0
    column: int = 0
    text: str = ""

    @property
    def caret(self) -> str:
        """A mark below the column."""
        return " " * (self.column - 1) + "^"


@lru_cache(256)
def is_wanted(accept: str) -> bool:
    """Whether who asks a query prefers its answer as a page: a browser that was given an address."""
    try:
        return negotiate(Request({"HTTP_ACCEPT": accept}), "", {**TABLE_FORMATS, "html": HTML}) is HTML
    except NotAcceptable:
        return False


def page(pool: Pool) -> Response:
    """The page with the form and, when the address has a query, with its answer."""
    address = sparql_protocol.of_address(request.environ)
    text = address.last("query")
    found, fault, status = Table(), None, _OK
    if text:
        try:
            found = _answer(pool, address)
        except HTTPException as error:
            fault, status = Fault(error.description or error.name), error.code or _OK
        except QueryError as error:
            fault, status = _fault(str(error), text), status_of(error)
    shown = render_template(
        "sparql.html",
        query=text or shipped()[_FIRST].bound(pool.settings.base),
        is_answered=bool(text) and fault is None,
        answer=found,
        fault=fault,
        formats={"Table": TABLE_FORMATS.values(), "Graph": GRAPH_FORMATS.values()},
        downloads=_downloads(address) if text and fault is None else [],
        prefixes=PREFIXES,
        limits=pool.settings,
        count=len(shipped()),
    )
    return make_response(shown, status, {"Content-Security-Policy": _POLICY})


def _answer(pool: Pool, address: Parameters) -> Table:
    plain = Parameters(tuple(pair for pair in address.pairs if pair[0] not in ("format", "output")))
    base = sparql_protocol.public_address(request.environ, pool.settings.base)
    asked = sparql_protocol.query({**request.environ, "HTTP_ACCEPT": ""}, plain, base)
    form = form_of(asked.text)
    answer = pool.run(replace(asked, format=FORMATS[form]), visitor(request.environ, pool.settings.trusted_proxies))
    return table(answer, form, View(edition(), languages(request)))


def _fault(message: str, text: str) -> Fault:
    """An error of the parser, whose words begin with a place and may list a hundred things that could stand there."""
    words = " ".join(message.split())
    place = _PLACE.match(words)
    short = words if len(words) <= _LONGEST_REASON else words[:_LONGEST_REASON] + " …"
    if place is None:
        return Fault(short)
    line, column = map(int, place.groups())
    lines = text.splitlines()
    return Fault(short, line, column, lines[line - 1] if line <= len(lines) else "")


def _downloads(address: Parameters) -> list[tuple[str, str]]:
    """The names and addresses of the other formats of an answer; the parameters that choose graphs stay."""
    text = address.last("query")
    offered = GRAPH_FORMATS if form_of(text).is_graph else TABLE_FORMATS
    kept = [pair for pair in address.pairs if pair[0] not in _WITHOUT_QUERY]
    return [
        (item.label, "/sparql?" + urlencode([("query", text), *kept, ("format", item.suffix)]))
        for item in offered.values()
    ]


@blueprint.get("/sparql/terms.json")
def terms() -> Response:
    """What the editor completes: prefixes; classes, properties and codes by namespace, each with a name."""
    return make_response(completion.terms(), _OK, {"Content-Type": "application/json"})
