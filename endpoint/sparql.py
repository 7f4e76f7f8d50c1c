"""The SPARQL endpoint: the query operation of the SPARQL 1.1 Protocol, its service description, and a page with a form.

Errors are plain text. A query that takes too long is 504, since no other try will be faster; one that finds all places
taken is 503 with Retry-After.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from urllib.parse import parse_qsl

from flask import Blueprint, Response, current_app, make_response, render_template, request
from werkzeug.exceptions import (
    BadRequest,
    Forbidden,
    HTTPException,
    NotAcceptable,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)
from werkzeug.wsgi import FileWrapper

from catalogue.database import RESULTS, Query
from catalogue.errors import CatalogueError, QueryLimit
from catalogue.identity import Minter
from catalogue.rdf import IRI, Triple, is_iri, text
from catalogue.sparql.guard import LONGEST_BYTES, Form, form_of
from catalogue.sparql.pool import GRAPHS, Answer, Pool
from catalogue.vocabulary import DCT, RDF, SD
from endpoint.errors import STATUS
from endpoint.representations import REPRESENTATIONS, Representation, negotiate

blueprint = Blueprint("sparql", __name__)

_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_FORM, _QUERY, _UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"
# A form spells most punctuation of a query with three characters; the names of graphs take their part, too.
_MOST_BYTES = 3 * LONGEST_BYTES + 16 * 1024
# Answers up to this size are sent with an ETag.
_SMALL_BYTES = 1024 * 1024
_RETRY_AFTER_S = "5"
_LIMIT_STATUS = {"query_timeout": 504}
_UPDATES = "updates are not offered here: this endpoint answers queries"
_EMPTY = "There is no query. Send it as the parameter “query”, or as the body with the type application/sparql-query."

_TABLE_ALIASES = {
    "json": ("application/json",),
    "xml": ("application/xml", "text/xml"),
    "csv": (),
    "tsv": (),
}
_TABLES = {
    name: Representation(name, results.media_type, results.label, also=_TABLE_ALIASES[name])
    for name, results in RESULTS.items()
}
_GRAPHS = {name: REPRESENTATIONS[name] for name in GRAPHS}
# The description for programs that do not say what they want, the page for browsers, which do.
_DESCRIPTIONS = {**_GRAPHS, "html": REPRESENTATIONS["html"]}
# What clients write after `format=` and `output=` besides our names.
_GRAPH_NAMES = {
    "json": "jsonld",
    "json-ld": "jsonld",
    "n3": "ttl",
    "ntriples": "nt",
    "rdf+xml": "rdf",
    "turtle": "ttl",
    "xml": "rdf",
}
# What the form offers; for SELECT and ASK, and for CONSTRUCT and DESCRIBE.
_CHOICES = {
    "Tables": {name: item.label for name, item in _TABLES.items()},
    "Graphs": {name: item.label for name, item in _GRAPHS.items()},
}

EXAMPLES = (
    (
        "How many solutions have each licence",
        """PREFIX doap: <http://usefulinc.com/ns/doap#>
PREFIX schema: <http://schema.org/>

SELECT ?licence (COUNT(DISTINCT ?solution) AS ?solutions)
WHERE {
  ?solution a doap:Project ;
    schema:license ?licence .
}
GROUP BY ?licence
ORDER BY DESC(?solutions)""",
    ),
    (
        "The newest changes",
        """PREFIX as: <https://www.w3.org/ns/activitystreams#>

SELECT ?published ?change ?thing
FROM <{base}/graph/changes>
WHERE {
  ?event a ?change ;
    as:object ?thing ;
    as:published ?published .
}
ORDER BY DESC(?published)
LIMIT 20""",
    ),
    (
        "All that is known of ten solutions",
        """PREFIX doap: <http://usefulinc.com/ns/doap#>

DESCRIBE ?solution
WHERE {
  ?solution a doap:Project .
}
LIMIT 10""",
    ),
)


@dataclass(frozen=True)
class _Parameters:
    """The parameters of a request: those of its address and, for a form, of its body."""

    pairs: tuple[tuple[str, str], ...]

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.pairs if key == name)

    def last(self, *names: str) -> str:
        return next((value for key, value in reversed(self.pairs) if key in names), "")


@blueprint.route("/sparql", methods=_METHODS, provide_automatic_options=False)
def sparql() -> Response:
    """A query's answer; without a query the service description, or the page."""
    if request.method == "OPTIONS":
        return make_response("", 204, {"Allow": ", ".join(_METHODS)})
    parameters, query = _OPERATIONS[request.method]()
    if query is None:
        return _description()
    if len(query.encode()) > LONGEST_BYTES:
        raise RequestEntityTooLarge(f"The query is longer than {LONGEST_BYTES // 1024} KiB.")
    return _answer(query, parameters)


def _by_get() -> tuple[_Parameters, str | None]:
    parameters = _parameters(request.query_string, "address")
    if parameters.all("update"):
        raise Forbidden(_UPDATES)
    return parameters, _single(parameters.all("query")) if parameters.all("query") else None


def _by_post() -> tuple[_Parameters, str | None]:
    address = _parameters(request.query_string, "address")
    if address.all("query"):
        raise BadRequest("With POST the query belongs into the body, and not into the address.")
    if request.mimetype == _UPDATE or address.all("update"):
        raise Forbidden(_UPDATES)
    if request.mimetype not in (_FORM, _QUERY):
        given = request.mimetype or "none"
        raise UnsupportedMediaType(f"The body's Content-Type must be {_FORM} or {_QUERY}, and it is {given}.")
    body = _body()
    if request.mimetype == _QUERY:
        return address, body.decode()
    form = _parameters(body, "body")
    if form.all("update"):
        raise Forbidden(_UPDATES)
    return _Parameters(address.pairs + form.pairs), _single(form.all("query"))


_OPERATIONS: Mapping[str, Callable[[], tuple[_Parameters, str | None]]] = {
    "GET": _by_get,
    "HEAD": _by_get,
    "POST": _by_post,
}


def _body() -> bytes:
    """The body, which is UTF-8."""
    charset = request.mimetype_params.get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMediaType(f"The body must be UTF-8, and its Content-Type says {charset}.")
    request.max_content_length = _MOST_BYTES
    body = request.get_data(cache=False)
    _check_text(body, "body")
    return body


def _parameters(encoded: bytes, place: str) -> _Parameters:
    try:
        return _Parameters(tuple(parse_qsl(_check_text(encoded, place), keep_blank_values=True, errors="strict")))
    except UnicodeDecodeError as error:
        raise BadRequest(f"A parameter in the {place} is not UTF-8: {error.reason}.") from error


def _check_text(encoded: bytes, place: str) -> str:
    try:
        return encoded.decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"The {place} is not UTF-8: {error.reason} at byte {error.start}.") from error


def _single(queries: tuple[str, ...]) -> str:
    if not queries:
        raise BadRequest(_EMPTY)
    if len(queries) > 1:
        raise BadRequest(f"There must be one parameter “query”, and there are {len(queries)}.")
    return queries[0]


def _answer(text: str, parameters: _Parameters) -> Response:
    name = _format(form_of(text), parameters.last("format", "output"))
    graphs = tuple(map(parameters.all, ("default-graph-uri", "named-graph-uri")))
    for graph in chain(*graphs):
        if not is_iri(graph):
            raise BadRequest(f"The name of a graph is not an absolute IRI: {graph[:100]!r}.")
    query = Query(text, name, request.base_url, *graphs)
    return _response(_pool().run(query))


def _format(form: Form, asked: str) -> str:
    offered = _GRAPHS if form.is_graph else _TABLES
    name = _GRAPH_NAMES.get(asked, asked) if form.is_graph else asked
    try:
        return negotiate(request, name, offered).suffix
    except NotAcceptable as error:
        types = ", ".join(f"{item.media_type} (format={item.suffix})" for item in offered.values())
        raise NotAcceptable(f"The answer to {form} is offered as {types}.") from error


def _response(answer: Answer) -> Response:
    media_type = answer.media_type
    headers = {"Content-Type": f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type}
    if answer.size > _SMALL_BYTES:
        headers["Content-Length"] = str(answer.size)
        return Response(FileWrapper(answer.content, LONGEST_BYTES), headers=headers, direct_passthrough=True)
    with answer.content as content:
        return make_response(content.read(), 200, headers)


def _description() -> Response:
    try:
        representation = negotiate(request, "", _DESCRIPTIONS)
    except NotAcceptable as error:
        types = ", ".join(item.media_type for item in _DESCRIPTIONS.values())
        raise NotAcceptable(f"{_EMPTY} The description of this endpoint is offered as {types}.") from error
    if representation.write:
        body = representation.write(_service(request.base_url))
        return make_response(body, 200, {"Content-Type": representation.content_type})
    limits = _pool().settings
    examples = [(title, query.replace("{base}", limits.base)) for title, query in EXAMPLES]
    return make_response(render_template("sparql.html", examples=examples, formats=_CHOICES, limits=limits))


def _pool() -> Pool:
    pool: Pool = current_app.extensions["sparql"]
    return pool


# Graph → what it holds. The graphs of single records and code lists are too many to name.
_NAMED_GRAPHS = {
    "meta": "The sources and their records",
    "quality": "A report for each record that has findings, and the score of each solution",
    "changes": "The change log",
}


def _service(endpoint: str) -> Iterator[Triple]:
    """The service description (SPARQL 1.1 Service Description) of the endpoint at an address.

    An sd:Service with its language, formats and default dataset; the dataset with its graphs, each with a title.
    """
    service, dataset, default = (IRI(f"{endpoint}#{name}") for name in ("service", "dataset", "default-graph"))
    minter = Minter(_pool().settings.base)
    yield Triple(service, RDF.type, SD.Service)
    yield Triple(service, SD.endpoint, IRI(endpoint))
    yield Triple(service, SD.supportedLanguage, SD.SPARQL11Query)
    for iri in (*(item.format.iri for item in RESULTS.values()), *(item.format.iri for item in GRAPHS.values())):
        yield Triple(service, SD.resultFormat, IRI(iri))
    yield Triple(service, SD.defaultDataset, dataset)
    yield Triple(dataset, RDF.type, SD.Dataset)
    yield Triple(dataset, SD.defaultGraph, default)
    yield Triple(default, RDF.type, SD.Graph)
    yield Triple(default, DCT.title, text("The published catalogue: merged descriptions and code lists", "en"))
    for name, title in _NAMED_GRAPHS.items():
        graph = IRI(f"{endpoint}#{name}-graph")
        yield Triple(dataset, SD.namedGraph, graph)
        yield Triple(graph, RDF.type, SD.NamedGraph)
        yield Triple(graph, SD.name, minter.graph(name))
        yield Triple(graph, DCT.title, text(title, "en"))


@blueprint.errorhandler(HTTPException)
def _http_error(error: HTTPException) -> Response:
    return _plain(error.code or 500, error.description or error.name)


@blueprint.errorhandler(CatalogueError)
def _catalogue_error(error: CatalogueError) -> Response:
    if isinstance(error, QueryLimit):
        response = _plain(_LIMIT_STATUS.get(error.limit, 503), str(error))
        if error.limit == "query_queue":
            response.headers["Retry-After"] = _RETRY_AFTER_S
        return response
    return _plain(next(code for kind, code in STATUS.items() if isinstance(error, kind)), str(error))


def _plain(status: int, message: str) -> Response:
    return make_response(message + "\n", status, {"Content-Type": "text/plain; charset=utf-8"})


@blueprint.after_request
def _for_every_origin(response: Response) -> Response:
    """CORS: pages of other hosts may ask, and read whatever is answered."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.vary.add("Accept")
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = ", ".join(_METHODS)
        response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type"
        response.headers["Access-Control-Max-Age"] = "86400"
    return response
