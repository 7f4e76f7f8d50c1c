"""Which publication a request reads: the one that was current when it began, until it ends.

Publishing replaces a small file. Each process looks at it, at most five times a second, and opens the publication that
it names; requests that run keep theirs, and the last one of them closes it.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar, cast

from flask import current_app, g

from catalogue.errors import StoreError
from catalogue.home import Home
from catalogue.publication import Publication
from catalogue.settings import Settings
from endpoint.bodies import Bodies
from endpoint.labels import Labels

_LOOK_EVERY_S = 0.2
_LOG = logging.getLogger(__name__)
_Value = TypeVar("_Value")


class Edition:
    """A publication as this process serves it, with the caches that belong to it."""

    def __init__(self, home: Home, number: int) -> None:
        self.number = number
        self.publication = Publication(home, number)
        self.labels = Labels(self.publication)
        self.bodies = Bodies()
        self.readers = 0
        self._computed: dict[str, object] = {}

    def once(self, name: str, compute: Callable[[], _Value]) -> _Value:
        """What is computed once for a publication; two threads may both compute it, and get the same."""
        if name not in self._computed:
            self._computed[name] = compute()
        return cast(_Value, self._computed[name])


class PublicationReader:
    """Hands out the current edition; safe to use from all threads of a process."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._current: Edition | None = None
        self._looked = float("-inf")

    def acquire(self) -> Edition:
        """The current edition, open until it is released. Raises StoreError when there is none to read."""
        with self._lock:
            if self._current is None or time.monotonic() - self._looked >= _LOOK_EVERY_S:
                self._current = self._newest(self._current)
                self._looked = time.monotonic()
            self._current.readers += 1
            return self._current

    def keep(self, edition: Edition) -> None:
        """Has an edition that is read stay open for one more reader, who releases it."""
        with self._lock:
            edition.readers += 1

    def release(self, edition: Edition) -> None:
        """Gives an edition back; an old one that nobody reads any more is closed."""
        with self._lock:
            edition.readers -= 1
            self._close_unused(edition)

    def close(self) -> None:
        """Lets go of the current edition."""
        with self._lock:
            edition, self._current = self._current, None
            if edition is not None:
                self._close_unused(edition)

    def _newest(self, known: Edition | None) -> Edition:
        try:
            edition = self._open(known)
        except StoreError:
            if known is None:
                raise
            _LOG.exception("the new publication cannot be read; number %d is served on", known.number)
            return known
        if known is not None and edition is not known and known.readers == 0:
            known.publication.close()
        return edition

    def _open(self, known: Edition | None) -> Edition:
        number = self._home.current()
        if number is None:
            raise StoreError("there is no publication yet; run catalogue harvest, load or publish")
        return known if known is not None and known.number == number else Edition(self._home, number)

    def _close_unused(self, edition: Edition) -> None:
        if edition is not self._current and edition.readers == 0:
            edition.publication.close()


def edition() -> Edition:
    """The edition that the current request reads, from its first use to the request's end."""
    if "edition" not in g:
        g.edition = reader().acquire()
    return cast(Edition, g.edition)


def reader() -> PublicationReader:
    """The application's reader."""
    return cast(PublicationReader, current_app.extensions["reader"])


def release(_: BaseException | None = None) -> None:
    """Ends a request's reading."""
    held = g.pop("edition", None)
    if held is not None:
        reader().release(held)


def settings() -> Settings:
    """The application's settings."""
    return cast(Settings, current_app.extensions["settings"])


def home() -> Home:
    """The catalogue's directory."""
    return cast(Home, current_app.extensions["home"])
