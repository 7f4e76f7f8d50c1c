"""The shipped queries: a list of them, and for each a page with its parameters, its answer and its text.

They are evaluated as visitors' queries are, in killable children and within the same limits and caches: a value that a
visitor chose may make any of them slow. What a program wants is the endpoint's to answer: `/query/{name}.csv?…` leads
to `/sparql` with the same query.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import cast
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound

from catalogue.database import Query
from catalogue.errors import QueryError
from catalogue.queries import Parameter, ShippedQuery, WrongValue, shipped
from catalogue.sparql.guard import Form
from catalogue.sparql.pool import Pool
from endpoint.labels import languages
from endpoint.reader import edition, settings
from endpoint.representations import HTML, Representation, negotiate, respond
from endpoint.results import FORMATS, Table, status_of, table
from endpoint.show import Text
from endpoint.sparql_protocol import TABLE_FORMATS
from endpoint.view import View
from endpoint.visitors import visitor

blueprint = Blueprint("queries", __name__)

_TEXT = Representation("rq", "application/sparql-query", "SPARQL")
_OFFERED: Mapping[str, Representation] = {
    "html": HTML,
    **{name: TABLE_FORMATS[name] for name in ("csv", "tsv", "json", "xml")},
    "rq": _TEXT,
}
# Parameters that every page has.
_COMMON = frozenset({"lang", "format"})
# Type of a parameter → type of the field; the others have texts, or a list to choose from.
_FIELDS = {"date": "date", "integer": "number"}
_SEE_OTHER, _BAD_REQUEST, _OK = 303, 400, 200


@dataclass(frozen=True)
class Field:
    """A field of the form: what it asks for, what is in it, what is wrong with that."""

    name: str
    label: str
    type: str
    value: str
    choices: tuple[tuple[str, Text], ...]
    error: str


@blueprint.get("/queries")
def queries() -> Response:
    """All shipped queries, by subject."""
    by_subject = [(subject, list(found)) for subject, found in groupby(shipped().values(), lambda one: one.subject)]
    body = edition().bodies.get("/queries", lambda: render_template("queries.html", subjects=by_subject))
    return respond(body, HTML)


@blueprint.get("/query/<name>")
@blueprint.get("/query/<name>.<suffix>")
def query(name: str, suffix: str = "") -> Response:
    """A shipped query with the values of the address: its page, its text, or the way to its answer."""
    asked = shipped().get(name)
    if asked is None:
        raise NotFound("There is no shipped query of this name. The list of them is at /queries.")
    wanted = negotiate(request, suffix, _OFFERED)
    values = {key: value for key, value in request.args.items() if value and key not in _COMMON}
    base = edition().publication.minter.base
    if wanted is HTML:
        return _page(asked, values, base)
    try:
        text = asked.bound(base, values)
    except WrongValue as error:
        raise BadRequest(str(error)) from error
    if wanted is _TEXT:
        return make_response(text, _OK, {"Content-Type": f"{_TEXT.media_type}; charset=utf-8"})
    return make_response(redirect(url_for("sparql.sparql", query=text, format=wanted.suffix), _SEE_OTHER))


def _page(asked: ShippedQuery, values: Mapping[str, str], base: str) -> Response:
    view = View(edition(), languages(request))
    text, found, error, status = asked.bound(base), Table(), "", _OK
    wrong: dict[str, str] = {}
    try:
        text = asked.bound(base, values)
        found = _answer(text, view)
    except WrongValue as failure:
        wrong, status = {failure.parameter: str(failure)}, _BAD_REQUEST
    except QueryError as failure:
        error, status = str(failure), status_of(failure)
    if "NOW()" in text:
        g.live = True  # it changes with the clock, too
    page = render_template(
        "query.html",
        query=asked,
        fields=[_field(parameter, values, wrong, view) for parameter in asked.parameters],
        answer=found,
        text=text,
        errors=[*wrong.values(), *([error] if error else [])],
        wrong=wrong,
        downloads=_downloads(asked, values),
    )
    return make_response(page, status)


def _answer(text: str, view: View) -> Table:
    pool = cast(Pool, current_app.extensions["sparql"])
    asker = visitor(request.environ, settings().trusted_proxies)
    return table(pool.run(Query(text, FORMATS[Form.SELECT]), asker), Form.SELECT, view, named=True)


def _field(parameter: Parameter, values: Mapping[str, str], wrong: Mapping[str, str], view: View) -> Field:
    named = ((code, view.name(iri)) for code, iri in parameter.codes.items())
    return Field(
        parameter.name,
        parameter.description,
        _FIELDS.get(parameter.type, "text"),
        values.get(parameter.name, parameter.default),
        tuple(sorted(named, key=lambda choice: choice[1].value.casefold())),
        wrong.get(parameter.name, ""),
    )


def _downloads(asked: ShippedQuery, values: Mapping[str, str]) -> list[tuple[str, str]]:
    """The names and addresses of the answer's other formats, and of the query itself."""
    tail = f"?{urlencode(values)}" if values else ""
    return [(item.label, f"/query/{asked.name}.{item.suffix}{tail}") for item in _OFFERED.values() if item is not HTML]
