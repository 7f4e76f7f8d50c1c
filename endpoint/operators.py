"""What changing data over HTTP shares: who may, what errors say, and that every later request sees what was changed."""

import fcntl
import hmac
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, TypeVar
from urllib.parse import quote, urljoin, urlsplit

from flask import Blueprint, Response, make_response, request
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, RequestEntityTooLarge, Unauthorized

from catalogue.errors import BusyError, CatalogueError, ConflictError, DocumentError, QueryLimit
from catalogue.rdf import is_iri
from endpoint.errors import STATUS
from endpoint.reader import home, settings

_Value = TypeVar("_Value")
MOST_BYTES = 32 * 1024 * 1024
# Readers look five times a second which publication is current: after this, no process serves the one before.
_SEEN_BY_ALL_S = 0.25
# Edits wait as long for each other; whoever waits holds a thread.
_PATIENCE_S = 5
_RETRY_AFTER_S = "10"
_STATUS: Mapping[type[CatalogueError], int] = {DocumentError: 400, ConflictError: 409, **STATUS}
_TIMEOUT = 504
_KEPT = ("Allow", "Retry-After", "WWW-Authenticate")
# What scripts of other hosts' pages may send. The star stands for every other header, but for Authorization, and not to
# browsers that are asked with credentials.
ALLOWED_HEADERS = "Accept, Authorization, Content-Type, If-Match, If-None-Match, *"
_OF_AN_ADDRESS = "/:@!$&'()*+,;=~-._"


def authorise() -> None:
    """Lets operators pass. Raises Forbidden where there are none, and Unauthorized for everybody else."""
    token: str = settings().token
    if not token:
        raise Forbidden("Data cannot be changed over HTTP here. Operators: set CATALOGUE_TOKEN to allow it.")
    if is_operator(request.environ, token):
        return
    if _offered(request.environ) is None:
        raise _Unauthorized("Send the operators' token: “Authorization: Bearer …”, or as a password (Basic).")
    raise _Unauthorized("This is not the operators' token.", ', error="invalid_token"')


def is_operator(environ: Mapping[str, Any], token: str) -> bool:
    """Whether a request is an operator's; nobody's is where there is no token."""
    offered = _offered(environ)
    return bool(token) and offered is not None and _is_same(offered, token)


def _offered(environ: Mapping[str, Any]) -> str | None:
    """What a request says is the token: by Bearer, or by Basic as the password of whomever, since many clients have no
    place for anything but a name and a password."""
    scheme, _, given = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "basic" and not _is_of_a_page(environ):
        try:
            return b64decode(given.strip(), validate=True).decode().partition(":")[2]
        except ValueError:  # neither base64 nor UTF-8
            return None
    return given if scheme.lower() == "bearer" else None


def _is_of_a_page(environ: Mapping[str, Any]) -> bool:
    """Whether a browser sends a request for a page or its script. It adds the passwords that it knows, whoever made the
    page: so they say nothing."""
    return "HTTP_ORIGIN" in environ or "HTTP_SEC_FETCH_SITE" in environ


def _is_same(given: str, token: str) -> bool:
    """In bytes, for texts beyond ASCII cannot be compared in constant time."""
    return hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.encode())


class _Unauthorized(Unauthorized):
    """Says how to authorise oneself (RFC 6750, 3, and RFC 7617)."""

    def __init__(self, message: str, more: str = "") -> None:
        super().__init__(message)
        basic = "" if _is_of_a_page(request.environ) else ', Basic realm="catalogue", charset="UTF-8"'
        self.challenge = f'Bearer realm="catalogue"{more}{basic}'

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
        return [*super().get_headers(environ, scope), ("WWW-Authenticate", self.challenge)]


def body() -> bytes:
    """The body of the request; raises RequestEntityTooLarge."""
    request.max_content_length = MOST_BYTES
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise too_large() from error


def too_large() -> RequestEntityTooLarge:
    return RequestEntityTooLarge(f"The body is longer than {MOST_BYTES // 1024 // 1024} MiB. Send it in parts.")


def decoded(encoded: bytes, place: str) -> str:
    """What should be UTF-8, with or without a byte order mark; raises BadRequest."""
    try:
        return encoded.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequest(f"The {place} is not UTF-8: {error.reason} at byte {error.start}.") from error


def address() -> str:
    """The address of the request as its clients know it.

    Behind a proxy that ends TLS, the request says http; the catalogue's own base says better, where it is of that host.
    """
    base: str = settings().base
    root = base if request.host == urlsplit(base).netloc else f"{request.scheme}://{request.host}{request.root_path}"
    return root.rstrip("/") + quote(request.path, safe=_OF_AN_ADDRESS)


def absolute(name: str) -> str:
    """An IRI that may be relative to the request's address; raises BadRequest where it is none."""
    try:
        found = name if is_iri(name) else urljoin(address(), name)
    except ValueError:
        found = ""
    if not name or not is_iri(found):
        raise BadRequest(f"The name of a graph is no IRI: {name[:100]!r}.")
    return found


def edited(edit: Callable[[], _Value], check: Callable[[], object] = bool) -> _Value:
    """The outcome of an edit, once every process serves what was published.

    Operators' edits are made one after the other, in all processes: what `check` finds before one, it still finds.
    """
    with _alone():
        check()
        outcome = edit()
        time.sleep(_SEEN_BY_ALL_S)
        return outcome


@contextmanager
def _alone() -> Iterator[None]:
    state = home().state
    state.mkdir(parents=True, exist_ok=True)
    with (state / "edits").open("a") as file:
        deadline = time.monotonic() + _PATIENCE_S
        while not _has_locked(file):
            if time.monotonic() > deadline:
                raise BusyError("other edits are being made; try again when they have finished")
            time.sleep(0.05)
        yield


def _has_locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def for_programs(blueprint: Blueprint) -> None:
    """Makes a blueprint answer its errors in plain text, since those who read them are programs' authors, and lets
    scripts of other hosts' pages send a token that they were given."""
    blueprint.register_error_handler(HTTPException, _http)
    blueprint.register_error_handler(CatalogueError, _catalogue)
    blueprint.after_request(_allow)


def _allow(response: Response) -> Response:
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
    return response


def done(status: int = 204) -> Response:
    """The answer to an edit, without a body and so without a type of it."""
    response = make_response("", status, {"Cache-Control": "no-store"})
    del response.headers["Content-Type"]
    return response


def told(message: str) -> Response:
    """The answer to an edit in words."""
    return _plain(200, message, {})


def _http(error: HTTPException) -> Response:
    given = error.get_response()
    kept = {name: given.headers[name] for name in _KEPT if name in given.headers}
    return _plain(error.code or 500, error.description or error.name, kept)


def _catalogue(error: CatalogueError) -> Response:
    status = next(code for kind, code in _STATUS.items() if isinstance(error, kind))
    if isinstance(error, QueryLimit) and error.limit == "query_timeout":
        return _plain(_TIMEOUT, str(error), {})
    is_busy = status == STATUS[QueryLimit] and not isinstance(error, QueryLimit)
    return _plain(status, _words(error), {"Retry-After": _RETRY_AFTER_S} if is_busy else {})


def _words(error: CatalogueError) -> str:
    """What an error says, with the place in the document and the way to mend it."""
    if not isinstance(error, DocumentError):
        return str(error)
    place = f"line {error.line}, column {error.column or 1}: " if error.line else ""
    return f"{place}{error}" + (f". {error.fix}." if error.fix else "")


def _plain(status: int, message: str, headers: Mapping[str, str]) -> Response:
    given = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store", **headers}
    return make_response(f"{message}\n", status, given)
