"""Answers that are there before anybody asks: of the shipped queries, and of what counts a publication.

To group 100,000 solutions takes the engine seconds, however a query is written. So once a publication has been current
for a while, a process of the lowest priority asks it all that the catalogue itself asks of it, and puts what took long
beside it, in `published/<n>/answers/`. A publication never changes, so its answers are right for as long as they are
there, which is as long as it is.

That process is `python -m catalogue.sparql.prepared HOME BASE MEMORY_MB`, started by `catalogue.server`. It may be
killed at any time: an answer is there whole or not at all. It ends by itself when its standard input is closed.
"""

import hashlib
import io
import os
import re
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from catalogue.database import RESULTS, Query, Snapshot, transcribed
from catalogue.errors import CatalogueError, StoreError
from catalogue.home import Home, hold
from catalogue.identity import Minter
from catalogue.queries import shipped
from catalogue.seccomp import close_network
from catalogue.sparql import counts, worker
from catalogue.sparql.answers import WHOLE_BYTES

# What may answer something else the next time: NOW, RAND, UUID and STRUUID, before a bracket or a comment.
_CHANGING = re.compile(r"(?:NOW|RAND|UUID)\s*[(#]", re.IGNORECASE)
# What takes less is not worth a file.
_LONG_S = 0.05
# A publication that is replaced sooner is not worth the work.
_SETTLED_S, _LOOK_EVERY_S = 5.0, 0.5
_LOWEST = 19
_MIB = 1024 * 1024


def is_changing(text: str) -> bool:
    """Whether a query may be answered otherwise the next time, although the publication is the same."""
    return _CHANGING.search(text) is not None


def prepared(publication: Path, query: Query) -> bytes | None:
    """The answer of a query that was prepared for a publication, whole; None where there is none."""
    if query.default_graphs or query.named_graphs:
        return None
    try:
        with open(f"{_path(publication, query.text)}.{query.format}", "rb") as file:  # noqa: PTH123 (half of the time)
            return file.read()
    except FileNotFoundError:
        return None


def _path(publication: Path, text: str) -> str:
    """Where the answers to a query are, but for the format at its end."""
    digest = hashlib.blake2b(text.encode(errors="replace"), digest_size=16)
    return f"{publication}/answers/{digest.hexdigest()}"


def texts(snapshot: Snapshot, base: str) -> Iterator[str]:
    """What the catalogue itself asks of a publication that never answers it otherwise."""
    for query in shipped().values():
        if not is_changing(text := query.bound(base)):
            yield text
    yield from (counts.CLASSES, counts.PROPERTIES, counts.DERIVED, counts.SAME)
    yield counts.in_graphs(counts.graphs(snapshot, Minter(base))[0])


def prepare(home: Home, number: int, base: str, is_current: Callable[[], bool], long_s: float = _LONG_S) -> None:
    """Prepares what takes longer than `long_s` seconds to answer, for as long as the publication is current.

    Each query is tried once: one that took the process down would take the next one down, too. Raises StoreError for
    a publication that cannot be read.
    """
    publication = home.publication(number)
    with hold(publication):
        snapshot = Snapshot(publication / "store")
        (publication / "answers").mkdir(exist_ok=True)
        for text in texts(snapshot, base):
            if not is_current():
                return
            path = Path(_path(publication, text))
            if not path.exists():
                path.touch()
                with suppress(CatalogueError, MemoryError):
                    _prepare(snapshot, text, path, long_s)


def _prepare(snapshot: Snapshot, text: str, path: Path, long_s: float) -> None:
    begin, answer = time.process_time(), io.BytesIO()
    snapshot.answer(Query(text, "json"), answer)
    if time.process_time() - begin < long_s:
        return
    for name in RESULTS:
        content = transcribed(answer.getvalue(), "json", name)
        if len(content) <= WHOLE_BYTES:  # a larger one is sent by those who see to its limits
            draft = path.with_suffix(".new")
            draft.write_bytes(content)
            draft.replace(path.with_suffix(f".{name}"))


def main(home: Home, base: str, memory_mb: int) -> None:
    """Prepares every publication that stays."""
    threading.Thread(target=worker.end_with_parent, args=(0,), daemon=True).start()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(PermissionError):  # it leads one already
        os.setsid()  # priorities are those of sessions, and the server's is another one
    worker.give_way(_LOWEST)
    close_network()
    worker.limit_memory(memory_mb)
    done = None
    while True:
        number = _current(home)
        time.sleep(_SETTLED_S if number != done else _LOOK_EVERY_S)
        if number is not None and number != done and number == _current(home):
            with suppress(StoreError, OSError):  # it has been pruned, or nothing can be written there
                prepare(home, number, base, lambda current=number: _current(home) == current)  # type: ignore[misc]
            done = number


def _current(home: Home) -> int | None:
    try:
        return home.current()
    except StoreError:
        return None


if __name__ == "__main__":
    main(Home(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3]))
