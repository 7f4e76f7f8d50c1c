"""Who may have a query evaluated now, who waits, and who is told to come back: places, shared out among clients.

A process has `query_workers` + `query_queue` places. A query has one from its arrival until its answer is sent or
given up, since it holds a thread of the web server all the while. As many as `query_workers` are evaluated at once,
but another one of a client only while more are free than it has: so nobody's slow queries keep everybody else waiting,
and with four, those of two clients do not either. Of those that wait, whose client has the fewest in hand is next, and
among equals who came first.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from catalogue.errors import QueryError, QueryLimit
from catalogue.settings import Settings

# When a query that takes long looks whether anybody waits for it still: soon, since the first look learns which
# connections there are, and then from time to time.
FIRST_LOOK_S, LOOK_EVERY_S = 0.02, 0.2


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Visitor:
    """Who asks: what tells one client from another, and whether this one has gone away."""

    client: str = ""
    has_gone: Callable[[], bool] = _never


NOBODY = Visitor()
# The turn of who need not wait for it.
_NOW = threading.Event()
_NOW.set()


@dataclass(eq=False)
class Place:
    """One query's place. `is_abandoned` tells who evaluates it that nobody wants the answer."""

    visitor: Visitor
    turn: threading.Event
    has_left: bool = False

    def is_abandoned(self) -> bool:
        return self.has_left or self.visitor.has_gone()


class Places:
    """The places of one process. Any thread may call it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._held: Counter[str] = Counter()
        self._evaluated: Counter[str] = Counter()
        self._waiting: list[Place] = []

    def enter(self, visitor: Visitor) -> Place:
        """A place whose turn it is, after waiting for it; `evaluated` and `leave` give it back, in this order.

        Raises QueryLimit when too many have one already, or when the turn does not come within `query_timeout`, and
        QueryError when the client goes away.
        """
        with self._lock:
            self._check(visitor.client)
            self._held[visitor.client] += 1
            if not self._waiting and self._evaluated[visitor.client] < self._free():
                self._evaluated[visitor.client] += 1
                return Place(visitor, _NOW)
            place = Place(visitor, threading.Event())
            self._waiting.append(place)
            self._admit()
        if not place.turn.is_set():
            self._wait(place)
        return place

    def sit(self, visitor: Visitor) -> Place:
        """A place for what is no query and sends as much as one; `leave` gives it back. Raises QueryLimit."""
        with self._lock:
            self._check(visitor.client)
            self._held[visitor.client] += 1
        return Place(visitor, _NOW)

    def evaluated(self, place: Place) -> None:
        """Lets the next one have its turn: of this one only the sending is left."""
        with self._lock:
            _release(self._evaluated, place.visitor.client)
            self._admit()

    def leave(self, place: Place) -> None:
        """Frees the place; a second time nothing happens."""
        with self._lock:
            if not place.has_left:
                place.has_left = True
                _release(self._held, place.visitor.client)

    def _check(self, client: str) -> None:
        limits = self._settings
        if self._held.total() >= limits.query_workers + limits.query_queue:
            raise _is_busy(limits)
        if self._held[client] >= limits.query_client:
            raise QueryLimit(
                f"the endpoint is busy with your other queries: a client may have {limits.query_client} in hand at once"
                " (query_client); try again when they are answered",
                "query_client",
            )

    def _admit(self) -> None:
        while self._waiting and (place := self._next()):
            self._waiting.remove(place)
            self._evaluated[place.visitor.client] += 1
            place.turn.set()

    def _free(self) -> int:
        free: int = self._settings.query_workers - self._evaluated.total()
        return free

    def _next(self) -> Place | None:
        free = self._free()
        ready = (place for place in self._waiting if self._evaluated[place.visitor.client] < free)
        return min(ready, key=lambda place: self._evaluated[place.visitor.client], default=None)

    def _wait(self, place: Place) -> None:
        deadline = time.monotonic() + self._settings.query_timeout
        has_gone, look_s = False, FIRST_LOOK_S
        while not place.turn.wait(min(look_s, max(0.0, deadline - time.monotonic()))):
            has_gone, look_s = place.visitor.has_gone(), LOOK_EVERY_S
            if has_gone or time.monotonic() >= deadline:
                break
        with self._lock:
            if place.turn.is_set():
                return
            self._waiting.remove(place)
        self.leave(place)
        raise QueryError("nobody waits for the answer") if has_gone else _is_busy(self._settings)


def _release(counted: Counter[str], client: str) -> None:
    """Counts one less, and forgets who has none: clients come and go for months."""
    counted[client] -= 1
    if not counted[client]:
        del counted[client]


def _is_busy(settings: Settings) -> QueryLimit:
    return QueryLimit(
        f"the endpoint is busy: {settings.query_workers} queries are evaluated (query_workers) and up to "
        f"{settings.query_queue} wait (query_queue); try again later",
        "query_queue",
    )
