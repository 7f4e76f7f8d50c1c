"""The SPARQL endpoint at `/sparql`: answers to queries, and without a query its description or a page with a form.

Queries are answered by `Gate`, in front of the application: what Flask does for a request takes ten times as long as a
point query. Everything else at this address, and a query whose answer is wanted as a page, is the application's.

An answer of up to 1 MiB is sent whole, with its length and its ETag. A larger or slower one leaves while it is found,
and may have to be cut by a limit after its status has gone. The web server then ends the transfer as if it were whole
(granian 2.8 has no way to break it), so what has been sent ends in something that no parser of its format takes: `cut`.
"""

from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import cast

from flask import Blueprint, Flask, Request, Response, current_app, make_response, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException, NotAcceptable
from werkzeug.http import parse_etags

from catalogue.database import Query
from catalogue.errors import CatalogueError, QueryError, QueryLimit, StoreError
from catalogue.identity import Minter
from catalogue.sparql.answers import Answer
from catalogue.sparql.pool import Pool
from endpoint import query_page, service_description, sparql_protocol, update
from endpoint.errors import STATUS
from endpoint.operators import ALLOWED_HEADERS
from endpoint.reader import edition
from endpoint.representations import REPRESENTATIONS, negotiate
from endpoint.sparql_protocol import EMPTY, GRAPH_FORMATS, METHODS, Environ, Parameters
from endpoint.statistics import Statistics, statistics
from endpoint.visitors import visitor

blueprint = Blueprint("sparql", __name__)

PATHS = ("/sparql", "/sparql/")
_RETRY_AFTER_S = "5"
_LIMIT_STATUS = {"query_timeout": 504}
_NOT_MODIFIED, _OK = 304, 200
_TEXT = "text/plain; charset=utf-8"
# A field of this many bytes is an error to Python's csv, which forgives everything else.
_CSV_FIELD_BYTES = 128 * 1024
# The description for programs that do not say what they want, the page for browsers, which do.
_DESCRIPTIONS = {**GRAPH_FORMATS, "html": REPRESENTATIONS["html"]}
_PAGES_OR_RDF = {"html": REPRESENTATIONS["html"], **GRAPH_FORMATS}
_ALLOWED = ", ".join(METHODS)
_Headers = list[tuple[str, str]]
# Pages of other hosts may ask, and read whatever is answered. What is answered is no page, whoever looks at it.
_ALWAYS: _Headers = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag, Retry-After"),
    ("Vary", "Accept"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
]
_PREFLIGHT: _Headers = [
    ("Allow", _ALLOWED),
    ("Access-Control-Allow-Methods", _ALLOWED),
    ("Access-Control-Allow-Headers", ALLOWED_HEADERS),
    ("Access-Control-Max-Age", "86400"),
]

_Application = Callable[..., Iterable[bytes]]


class Gate:
    """A WSGI application that answers queries itself, and leaves all other requests to the one behind it."""

    def __init__(self, application: _Application, pool: Pool) -> None:
        self._application, self._pool = application, pool

    def __call__(self, environ: Environ, start: Callable[..., object]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") not in PATHS:
            return self._application(environ, start)
        status, headers, body = self._respond(environ) or (0, [], [])
        if not status:
            return self._application(environ, start)
        start(f"{status} {HTTPStatus(status).phrase}", headers + _ALWAYS)
        return body

    def _respond(self, environ: Environ) -> tuple[int, _Headers, Iterable[bytes]] | None:
        """Status, headers and body; None where the application answers."""
        if environ["REQUEST_METHOD"] == "OPTIONS":
            return 204, _PREFLIGHT, []
        try:
            address = sparql_protocol.of_address(environ)
            if _is_for_people(environ, address) or update.is_meant(environ, self._pool.settings.token):
                return None
            base = sparql_protocol.public_address(environ, self._pool.settings.base)
            query = sparql_protocol.query(environ, address, base)
            answer = self._pool.run(query, visitor(environ, self._pool.settings.trusted_proxies))
        except HTTPException as error:
            return _failure(error.code or 500, error.description or error.name, dict(error.get_headers()))
        except CatalogueError as error:
            return _failure(*_described(error))
        return _success(environ, query, answer)


def _is_for_people(environ: Environ, address: Parameters) -> bool:
    """Whether a request is for the description or the page: it asks nothing, or wants the answer in a page."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return False
    if not address.all("query"):
        return not address.all("update") and not sparql_protocol.has_body(environ)
    asked, accept = address.last("format", "output"), environ.get("HTTP_ACCEPT", "")
    return asked == "html" or (not asked and query_page.is_wanted(accept) and _prefers_pages(accept))


def _prefers_pages(accept: str) -> bool:
    """Whether a page is liked no less than RDF, which crawlers of linked data prefer to it."""
    return negotiate(Request({"HTTP_ACCEPT": accept}), "", _PAGES_OR_RDF).suffix == "html"


def _success(environ: Environ, query: Query, answer: Answer) -> tuple[int, _Headers, Iterable[bytes]]:
    media_type = answer.media_type
    headers = [
        ("Content-Type", f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type),
        ("Cache-Control", "public, no-cache"),
    ]
    is_read = environ["REQUEST_METHOD"] != "HEAD"
    if answer.rest is not None:
        if not is_read:
            answer.close()
        return _OK, headers, Sending(answer, query.format) if is_read else []
    headers.append(("ETag", f'"{answer.etag}"'))
    if parse_etags(environ.get("HTTP_IF_NONE_MATCH")).contains(answer.etag):
        return _NOT_MODIFIED, headers, []
    headers.append(("Content-Length", str(len(answer.start))))
    return _OK, headers, [answer.start] if is_read else []


class Sending:
    """The body of a large answer: its pieces and, where it is cut, what makes it unreadable."""

    def __init__(self, answer: Answer, name: str) -> None:
        self._answer = answer
        self._pieces = self._cuttable(name)

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        """Called by the server at the end, and when the client has gone."""
        self._answer.close()

    def _cuttable(self, name: str) -> Iterator[bytes]:
        is_quoted = False
        try:
            for piece in self._answer:
                is_quoted ^= name == "csv" and piece.count(b'"') % 2 == 1
                yield piece
        except QueryError as error:
            yield cut(str(error), is_quoted=is_quoted)


def cut(reason: str, *, is_quoted: bool) -> bytes:
    """What ends an answer that is not whole: the reason, in a string that is opened and never closed.

    - JSON, JSON-LD, XML and RDF/XML lack their end anyway.
    - N-Triples and Turtle: a line end closes no IRI and no string, and no statement is a string without an end.
    - CSV and TSV have no end that could be missing. The string is longer than any field that Python's csv takes, pandas
      and others refuse a quote that is not closed, and the bytes at the end are not UTF-8. `is_quoted` tells that the
      cut is inside a quoted field of CSV already, which another quote would close.
    """
    words = f"This answer is not whole: {reason}. ".replace('"', "'").encode()
    return b"\r\n" + (b"" if is_quoted else b'"') + words + b" " * _CSV_FIELD_BYTES + b"\xff\xfe"


def _failure(status: int, message: str, more: dict[str, str]) -> tuple[int, _Headers, Iterable[bytes]]:
    kept = [(name, value) for name, value in more.items() if name in ("Allow", "Retry-After")]
    content = f"{message}\n".encode()
    return status, [("Content-Type", _TEXT), ("Content-Length", str(len(content))), *kept], [content]


def _described(error: CatalogueError) -> tuple[int, str, dict[str, str]]:
    """Status, words and headers of an error. What takes too long is 504, since no other try will be faster; who finds
    all places taken is told when to come back."""
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    if not isinstance(error, QueryLimit):
        return status, str(error), {}
    is_busy = error.limit in ("query_queue", "query_client")
    return _LIMIT_STATUS.get(error.limit, status), str(error), {"Retry-After": _RETRY_AFTER_S} if is_busy else {}


@blueprint.record_once
def _stand_in_front(state: BlueprintSetupState) -> None:
    application = cast(Flask, state.app)
    gate = Gate(application.wsgi_app, application.extensions["sparql"])
    application.wsgi_app = gate  # type: ignore[assignment, method-assign]


@blueprint.get("/sparql")
def sparql() -> Response:
    """The service description, or the page."""
    if "query" in request.args:
        return query_page.page(_pool())
    try:
        representation = negotiate(request, "", _DESCRIPTIONS)
    except NotAcceptable as error:
        types = ", ".join(item.media_type for item in _DESCRIPTIONS.values())
        raise NotAcceptable(f"{EMPTY} The description of this endpoint is offered as {types}.") from error
    limits = _pool().settings
    if representation.write:
        endpoint = sparql_protocol.public_address(request.environ, limits.base)
        asked = endpoint + "/" * request.path.endswith("/")
        described = service_description.statements(endpoint, Minter(limits.base), _counted(), asked)
        body = representation.write(described)
        return make_response(body, 200, {"Content-Type": representation.content_type})
    return query_page.page(_pool())


def _counted() -> Statistics | None:
    try:
        return statistics(edition(), _pool())
    except StoreError:  # nothing has been published yet
        return None


def _pool() -> Pool:
    pool: Pool = current_app.extensions["sparql"]
    return pool


@blueprint.errorhandler(HTTPException)
def _http_error(error: HTTPException) -> Response:
    message = f"{error.description or error.name}\n"
    return make_response(message, error.code or 500, {"Content-Type": _TEXT})
