"""The query operation of the SPARQL 1.1 Protocol: from a WSGI request to a query, and to the errors that it names.

https://www.w3.org/TR/sparql11-protocol/#query-operation, without Flask: point queries come by the thousand, and what a
framework does for a request would be most of their time.
"""

import re
from binascii import a2b_qp
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from flask import Request
from werkzeug.exceptions import (
    BadRequest,
    Forbidden,
    MethodNotAllowed,
    NotAcceptable,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)
from werkzeug.http import parse_options_header

from catalogue.database import RESULTS, Query
from catalogue.rdf import is_iri
from catalogue.sparql.guard import LONGEST_BYTES, Form, form_of
from catalogue.sparql.pool import GRAPHS
from endpoint.representations import REPRESENTATIONS, Representation, negotiate

METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_FORM, _QUERY, _UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"
_ESCAPES_NOTHING = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_PRINTABLE = bytes(range(0x20, 0x7F))
_UTF_8 = ("utf-8", "utf8", "us-ascii")
# A form spells most punctuation of a query with three characters; the names of graphs take their part, too.
_MOST_BYTES = 3 * LONGEST_BYTES + 16 * 1024
_UPDATES = "This address answers queries; updates are for operators, with their token."
EMPTY = "There is no query. Send it as the parameter “query”, or as the body with the type application/sparql-query."

_TABLE_ALIASES = {"json": ("application/json",), "xml": ("application/xml", "text/xml"), "csv": (), "tsv": ()}
TABLE_FORMATS = {
    name: Representation(name, results.media_type, results.label, also=_TABLE_ALIASES[name])
    for name, results in RESULTS.items()
}
GRAPH_FORMATS = {name: REPRESENTATIONS[name] for name in GRAPHS}
# What clients write after `format=` and `output=` besides our names.
_TABLE_NAMES = {"sparql": "xml", "srj": "json", "srx": "xml"}
_GRAPH_NAMES = {
    "json": "jsonld",
    "json-ld": "jsonld",
    "n3": "ttl",
    "ntriples": "nt",
    "rdf+xml": "rdf",
    "turtle": "ttl",
    "xml": "rdf",
}

Environ = Mapping[str, Any]


@dataclass(frozen=True)
class Parameters:
    """The parameters of a request: those of its address and, for a form, of its body."""

    pairs: tuple[tuple[str, str], ...] = ()

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.pairs if key == name)

    def last(self, *names: str) -> str:
        return next((value for key, value in reversed(self.pairs) if key in names), "")


def query(environ: Environ, address: Parameters, base: str) -> Query:
    """The query that a request asks, in the format that it wants; relative IRIs in it are resolved against `base`.

    Raises HTTPException for what the protocol does not allow, QuerySyntaxError and QueryRefused for what is no query.
    """
    if environ["REQUEST_METHOD"] not in METHODS:
        raise MethodNotAllowed(METHODS, f"Queries are sent with GET or POST, and not with {environ['REQUEST_METHOD']}.")
    parameters, text = _OPERATIONS[environ["REQUEST_METHOD"]](environ, address)
    if len(text.encode()) > LONGEST_BYTES:
        raise RequestEntityTooLarge(f"The query is longer than {LONGEST_BYTES // 1024} KiB.")
    graphs = parameters.all("default-graph-uri"), parameters.all("named-graph-uri")
    if len(parameters.all("version")) > 1:
        raise BadRequest("There may be one parameter “version” of SPARQL, and there are several.")
    for graph in chain(*graphs):
        if not is_iri(graph):
            raise BadRequest(f"The name of a graph is not an absolute IRI: {graph[:100]!r}.")
    form, asked = form_of(text), parameters.last("format", "output")
    return Query(text, _format(form, asked, environ.get("HTTP_ACCEPT", "")), base, *graphs)


def _by_get(environ: Environ, address: Parameters) -> tuple[Parameters, str]:
    if has_body(environ):
        raise BadRequest("With GET the query belongs into the address, and there is no body. A body is sent with POST.")
    return address, _text(address)


def _by_post(environ: Environ, address: Parameters) -> tuple[Parameters, str]:
    given, options = parse_options_header(environ.get("CONTENT_TYPE", ""))
    media_type = given.lower()
    if address.all("query"):
        raise BadRequest("With POST the query belongs into the body, and not into the address.")
    if media_type == _UPDATE or address.all("update"):
        raise Forbidden(_UPDATES)
    if media_type not in (_FORM, _QUERY):
        raise UnsupportedMediaType(f"The body's Content-Type must be {_FORM} or {_QUERY}, and it is {given or 'none'}.")
    if options.get("charset", "utf-8").lower() not in _UTF_8:
        raise UnsupportedMediaType(f"The body must be UTF-8, and its Content-Type says {options['charset']}.")
    if environ.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise UnsupportedMediaType(f"The body is compressed ({environ['HTTP_CONTENT_ENCODING']}); send it as it is.")
    body = _body(environ)
    if media_type == _QUERY:
        return address, _decoded(body, "body")
    form = _parsed(body, "body")
    return Parameters(address.pairs + form.pairs), _text(form)


_OPERATIONS: Mapping[str, Callable[[Environ, Parameters], tuple[Parameters, str]]] = {
    "GET": _by_get,
    "HEAD": _by_get,
    "POST": _by_post,
}


def _text(parameters: Parameters) -> str:
    """The one query; an update beside it, or in its place, is an error."""
    queries = parameters.all("query")
    if parameters.all("update"):
        raise BadRequest("A request is a query or an update, and this is both.") if queries else Forbidden(_UPDATES)
    if not queries:
        raise BadRequest(EMPTY)
    if len(queries) > 1:
        raise BadRequest(f"There must be one parameter “query”, and there are {len(queries)}.")
    return queries[0]


def has_body(environ: Environ) -> bool:
    """Whether something is sent besides the address and the headers."""
    return "HTTP_TRANSFER_ENCODING" in environ or environ.get("CONTENT_LENGTH", "") not in ("", "0")


def _body(environ: Environ) -> bytes:
    """The body of a request, of which no more is read than a query may have."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if "HTTP_TRANSFER_ENCODING" not in environ and not length.isdecimal():
        raise BadRequest("The header Content-Length is no number.")
    left = min(int(length), _MOST_BYTES + 1) if "HTTP_TRANSFER_ENCODING" not in environ else _MOST_BYTES + 1
    parts = []
    while left and (part := environ["wsgi.input"].read(left)):
        parts.append(part)
        left -= len(part)
    body = b"".join(parts)
    if len(body) > _MOST_BYTES:
        raise RequestEntityTooLarge(f"The body is longer than {_MOST_BYTES // 1024} KiB.")
    return body


def of_address(environ: Environ) -> Parameters:
    """The parameters of a request's address."""
    try:
        return _parsed(environ.get("QUERY_STRING", "").encode("latin-1"), "address")
    except UnicodeEncodeError as error:  # a server that decodes what WSGI has it hand over as it is
        raise BadRequest("The address holds characters that must be percent-encoded.") from error


def _parsed(encoded: bytes, place: str) -> Parameters:
    try:
        return Parameters(tuple(_pairs(encoded)))
    except UnicodeDecodeError as error:
        raise BadRequest(f"A parameter in the {place} is not UTF-8: {error.reason}.") from error


def _pairs(encoded: bytes) -> Iterator[tuple[str, str]]:
    """What `urllib.parse.parse_qsl` makes of it, in a quarter of the time."""
    for pair in encoded.split(b"&"):
        if pair:
            name, _, value = pair.partition(b"=")
            yield unquoted(name), unquoted(value)


def unquoted(encoded: bytes) -> str:
    """Text that was percent-encoded for a form. As quoted-printable, of which only the sign differs and that is decoded
    in C; but not where something means another thing there."""
    plain = encoded.replace(b"+", b" ")
    if _ESCAPES_NOTHING.search(plain) or plain.translate(None, _PRINTABLE):
        return unquote_to_bytes(plain).decode()
    return a2b_qp(plain.replace(b"=", b"=3D").replace(b"%", b"=")).decode()


def _decoded(encoded: bytes, place: str) -> str:
    try:
        return encoded.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequest(f"The {place} is not UTF-8: {error.reason} at byte {error.start}.") from error


@lru_cache(256)
def _format(form: Form, asked: str, accept: str) -> str:
    """The name of the format that an answer is wanted in. Clients send the same few headers again and again."""
    offered, names = (GRAPH_FORMATS, _GRAPH_NAMES) if form.is_graph else (TABLE_FORMATS, _TABLE_NAMES)
    try:
        return negotiate(Request({"HTTP_ACCEPT": accept}), names.get(asked, asked), offered).suffix
    except NotAcceptable as error:
        types = ", ".join(f"{item.media_type} (format={item.suffix})" for item in offered.values())
        raise NotAcceptable(f"The answer to {form} is offered as {types}.") from error


def public_address(environ: Environ, base: str) -> str:
    """The address of the endpoint as its clients know it.

    Behind a proxy that ends TLS, the request says http; the catalogue's own base says better, where it is of that host.
    """
    host, path = environ.get("HTTP_HOST", ""), environ.get("SCRIPT_NAME", "") + "/sparql"
    asked = f"{environ['wsgi.url_scheme']}://{host}{path}"
    return f"{base}{path}" if host == urlsplit(base).netloc or not is_iri(asked) else asked
