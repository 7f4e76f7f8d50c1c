"""Turns at what keeps the interpreter busy, so that who asks for much of it does not keep everybody else waiting."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from werkzeug.exceptions import ServiceUnavailable

RETRY_AFTER_S = 5


class Turns:
    """Some places, and some more to wait for one: each who waits holds a thread, and pages need theirs."""

    def __init__(self, places: int, waiting: int, patience_s: float, busy: str) -> None:
        self._places, self._all = BoundedSemaphore(places), BoundedSemaphore(places + waiting)
        self._patience_s, self._busy = patience_s, f"{busy} Try again in a moment."

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A place; raises ServiceUnavailable where there is none soon, or too many wait already."""
        if not self._all.acquire(blocking=False):
            raise ServiceUnavailable(self._busy, None, RETRY_AFTER_S)
        try:
            if not self._places.acquire(timeout=self._patience_s):
                raise ServiceUnavailable(self._busy, None, RETRY_AFTER_S)
            try:
                yield
            finally:
                self._places.release()
        finally:
            self._all.release()
