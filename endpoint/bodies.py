"""Bodies of responses, kept: a publication never changes, so what was made of it once is good until the next."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

_MOST_BYTES = 32 * 1024 * 1024  # about a thousand pages in each process


@dataclass(frozen=True)
class Body:
    """A response's content and its ETag."""

    content: bytes
    etag: str


class Bodies:
    """The bodies used last, as many as fit; safe to use from all threads."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Body] = OrderedDict()
        self._size_bytes = 0

    def get(self, key: Hashable, make: Callable[[], str | bytes]) -> Body:
        """The body of a key, made unless it is kept. What is too large for a sixteenth of the room is not kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        content = made.encode() if isinstance(made, str) else made
        body = Body(content, hashlib.sha256(content).hexdigest()[:32])
        if len(content) <= self._most_bytes // 16:
            self._keep(key, body)
        return body

    def _keep(self, key: Hashable, body: Body) -> None:
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = body
            self._size_bytes += len(body.content)
            while self._size_bytes > self._most_bytes:
                _, oldest = self._kept.popitem(last=False)
                self._size_bytes -= len(oldest.content)
