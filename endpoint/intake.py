"""What a request may bring: headers of some length, and a body that waits for its turn.

Headers are taken apart in Python, a second for 400 kilobytes of `Accept`, and some are keys of caches. The web server
takes as much (granian 2.8), so requests with such headers end here.

Of bodies, it is limited how many may be on their way at once, since each that comes slowly holds a thread.

The web server has no limit on the time that a body takes (granian 2.8), and a thread that reads one cannot be woken. So
it is their number that is limited, of each client and of all: whoever sends a byte a second keeps some threads busy and
never all of them, and pages are answered as before.
"""

import io
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from werkzeug.exceptions import RequestHeaderFieldsTooLarge, ServiceUnavailable
from werkzeug.wsgi import ClosingIterator

from catalogue.server import SLOW_BODIES
from endpoint.visitors import visitor

OF_A_CLIENT = 4
# What browsers and proxies send has a tenth of it.
MOST_HEADER_CHARACTERS = 8 * 1024
_PARSED = ("ACCEPT", "ACCEPT_LANGUAGE", "HOST", "IF_MATCH", "IF_NONE_MATCH", "X_FORWARDED_FOR")
_TAKEN_APART = ("CONTENT_TYPE", *(f"HTTP_{name}" for name in _PARSED))
# A body usually comes with the headers, and is read within a fraction of a millisecond: more need not wait long.
_PATIENCE_S = 0.05
_RETRY_AFTER_S = 5
_TOO_LONG = f"A header has more than {MOST_HEADER_CHARACTERS:,} characters."
_TOO_MANY = "Too many bodies are on their way, slowly. Send this one faster, or later."

_Application = Callable[..., Iterable[bytes]]


class Intake:
    """A WSGI application that hands requests on to the one behind it, with bodies that wait for a place to be read.

    A header that is too long is answered 431.
    """

    def __init__(self, application: _Application, proxies: tuple[str, ...]) -> None:
        self._application, self._proxies = application, proxies
        self._changed = threading.Condition()
        self._reading: Counter[str] = Counter()

    def __call__(self, environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        if _is_too_long(environ):
            return RequestHeaderFieldsTooLarge(_TOO_LONG)(environ, start)  # type: ignore[arg-type]
        if not _has_body(environ):
            return self._application(environ, start)
        client = visitor(environ, self._proxies).client
        places = (lambda: self._enter(client)), (lambda: self._leave(client))
        environ["wsgi.input"] = body = _Body(environ["wsgi.input"], _length(environ), *places)
        try:
            return ClosingIterator(self._application(environ, start), body.finish)
        except BaseException:
            body.finish()
            raise

    def _enter(self, client: str) -> None:
        """Raises ServiceUnavailable where too many bodies are read already."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._is_free(client), _PATIENCE_S):
                raise ServiceUnavailable(_TOO_MANY, None, _RETRY_AFTER_S)
            self._reading[client] += 1

    def _leave(self, client: str) -> None:
        with self._changed:
            self._reading -= Counter((client,))  # forgets who has none
            self._changed.notify_all()

    def _is_free(self, client: str) -> bool:
        return self._reading[client] < OF_A_CLIENT and self._reading.total() < SLOW_BODIES


def _is_too_long(environ: Mapping[str, Any]) -> bool:
    return any(len(environ.get(name, "")) > MOST_HEADER_CHARACTERS for name in _TAKEN_APART)


def _has_body(environ: Mapping[str, Any]) -> bool:
    return _length(environ) > 0 or "HTTP_TRANSFER_ENCODING" in environ


def _length(environ: Mapping[str, Any]) -> int:
    """Bytes; 0 where the request does not say."""
    said = environ.get("CONTENT_LENGTH", "")
    return int(said) if said.isascii() and said.isdigit() else 0


class _Body(io.RawIOBase):
    """`wsgi.input`, which has a place from its first read to its end."""

    def __init__(self, source: Any, length: int, enter: Callable[[], None], leave: Callable[[], None]) -> None:
        self._source, self._enter, self._leave = source, enter, leave
        self._left = length or sys.maxsize
        self._has_place = self._is_at_end = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._next(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        return self._next()

    def _next(self, *size: int) -> bytes:
        if self._is_at_end:
            return b""
        if not self._has_place:
            self._enter()
            self._has_place = True
        data: bytes = self._source.read(*size)
        self._left -= len(data)
        if not size or len(data) < size[0] or self._left <= 0:  # granian waits for as much as is asked for
            self.finish()
        return data

    def finish(self) -> None:
        """Gives the place back: at the end of the body, and at the latest when the response has been sent."""
        self._is_at_end = True
        if self._has_place:
            self._has_place = False
            self._leave()
