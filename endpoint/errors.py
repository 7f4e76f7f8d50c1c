"""Errors as answers: which status each has, and what the page says to do. The only place that knows both."""

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from urllib.parse import quote

from flask import Flask, Response, current_app, make_response, render_template, request
from werkzeug.exceptions import HTTPException, NotAcceptable

from catalogue.errors import (
    CatalogueError,
    QueryLimit,
    QueryRefused,
    QuerySyntaxError,
    SettingsError,
    SourceError,
    StoreError,
)
from catalogue.rdf import IRI, Literal, Triple, text
from catalogue.settings import Settings
from catalogue.vocabulary import DCT, HTTP, RDF, XSD
from endpoint.representations import ALL, HTML, Representation, made, negotiate

# The first class that an error is an instance of counts.
STATUS: Mapping[type[CatalogueError], int] = {
    StoreError: 503,
    QuerySyntaxError: 400,
    QueryRefused: 403,
    QueryLimit: 503,
    SourceError: 502,
    SettingsError: 500,
    CatalogueError: 500,
}
_RETRY_AFTER_S = "10"
_SERVICE_UNAVAILABLE = 503
_NOT_FOUND = 404
_INTERNAL = 500
# Headers that say more about an error.
_KEPT = ("Allow", "Link", "Retry-After")
_API = "/api/"

# Status → what happened, and what to do about it.
_WORDS: Mapping[int, tuple[str, str]] = {
    400: ("This address cannot be read", "One of its parameters has a value that does not fit. Change it, or start from"
          " the list without filters."),
    403: ("This is not offered", "The request asks for something that visitors cannot do."),
    404: ("There is no such page", "The address may be mistyped, or the page may never have been here. Search for it,"
          " or start from one of the lists above."),
    405: ("This address cannot do that", "Pages are read with GET. To query the data, use the SPARQL endpoint."),
    406: ("Not in this form", "Ask for one of the forms that are offered, by the Accept header or by the suffix."),
    409: ("This cannot be done", "Things are not as it would need them to be."),
    410: ("This is gone", "Every source that described it has taken it back."),
    413: ("This is too large", "Send less, or use the command line."),
    415: ("This media type is not read here", "Send one that is, and name it in the header Content-Type."),
    422: ("This cannot be read", "Check what was sent, or the address that was named."),
    429: ("Too often", "Wait a while, and try again."),
    500: ("Something went wrong here", "It is not your fault, and it has been logged. Try again; if it happens again,"
          " tell the operators of this catalogue what you did."),
    502: ("Another server did not answer", "Try again later."),
    503: ("Not just now", "The catalogue has nothing to show yet, or is being prepared. Operators: run"
          " “catalogue harvest” or “catalogue demo”, then reload this page."),
}  # fmt: skip


def register(app: Flask) -> None:
    """Makes an application answer its errors with this module."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CatalogueError, _catalogue)


def _http(error: HTTPException) -> Response:
    status = error.code or _INTERNAL
    detail = error.description or "" if status != _INTERNAL else ""
    given = error.get_response()
    if status < 400:  # a redirect
        return make_response(given)
    response = answer(status, detail if type(error).description != detail else "")
    for name in _KEPT:
        if name in given.headers:
            response.headers[name] = given.headers[name]
    return response


def _catalogue(error: CatalogueError) -> Response:
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    response = answer(status, str(error))
    if status == _SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = _RETRY_AFTER_S
    return response


def answer(status: int, detail: str = "") -> Response:
    """The answer to a request that failed: a page for people, plain text for programs, of APIs RFC 9457.

    That nothing is there is said in the form that was asked for, RDF and JSON, too.
    """
    title, advice = _WORDS.get(status, (f"Error {status}", ""))
    wanted = _wanted()
    if request.path.startswith(_API) or (status == _NOT_FOUND and _wants_json(wanted)):
        return _problem(status, detail or f"{title}.")
    if wanted is HTML:
        body = render_template("error.html", status=status, heading=title, detail=detail, advice=advice)
        return make_response(body, status)
    told = " ".join(part for part in (f"{title}.", detail) if part)
    if status == _NOT_FOUND and wanted is not None:
        return make_response(made(wanted, _told(status, told)), status, {"Content-Type": wanted.content_type})
    lines = "\n".join(part for part in (f"{status}: {title}.", detail, advice) if part)
    return make_response(lines + "\n", status, {"Content-Type": "text/plain; charset=utf-8"})


def _told(status: int, words: str) -> Iterator[Triple]:
    """The answer as RDF, in W3C's vocabulary for HTTP (https://www.w3.org/TR/HTTP-in-RDF10/): about it, not the thing.

    The node is named by the address and a fragment that no thing has.
    """
    settings: Settings = current_app.extensions["settings"]
    node = IRI(f"{settings.base}{quote(request.path)}#http-response")
    yield Triple(node, RDF.type, HTTP.Response)
    yield Triple(node, HTTP.statusCodeValue, Literal(str(status), datatype=XSD.integer))
    yield Triple(node, HTTP.reasonPhrase, Literal(HTTPStatus(status).phrase))
    yield Triple(node, DCT.description, text(words, "en"))


def _problem(status: int, detail: str) -> Response:
    """https://www.rfc-editor.org/rfc/rfc9457: of the type that says no more than the status has the status's title."""
    problem = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return make_response(json.dumps(problem) + "\n", status, {"Content-Type": "application/problem+json"})


def _wanted() -> Representation | None:
    """The form that an error is wanted in, by suffix where that is one of a form; None for any that things have not."""
    _, dot, suffix = request.path.rpartition("/")[2].rpartition(".")
    if dot and suffix not in ALL and not request.accept_mimetypes:
        return None
    try:
        return negotiate(request, suffix if dot and suffix in ALL else "", ALL)
    except NotAcceptable:
        return None


def _wants_json(wanted: Representation | None) -> bool:
    """Whether JSON is wanted that need not be linked data."""
    is_named = wanted is not None and wanted.suffix == "jsonld" and request.accept_mimetypes.find(wanted.media_type) < 0
    return request.path.endswith(".json") or (is_named and not request.path.endswith(".jsonld"))
