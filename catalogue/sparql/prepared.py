"""Answers that are there before anybody asks: of the shipped queries, and of what counts a publication.

To group 100,000 solutions takes the engine seconds, however a query is written. So once a publication has been current
for a while, a process of the lowest priority asks it all that the catalogue itself asks of it, and puts what took long
beside it, in `published/<n>/answers/`; and in `published/<n>/twice/` what may be there twice, for editors. A
publication never changes, so its answers are right for as long as they are there, which is as long as it is.

That process is `python -m catalogue.sparql.prepared HOME BASE MEMORY_MB`, started by `catalogue.server`. It may be
killed at any time: an answer is there whole or not at all. It ends by itself when its standard input is closed.
"""

import hashlib
import io
import json
import os
import re
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from catalogue.database import RESULTS, Query, Snapshot, transcribed
from catalogue.duplicates import KINDS, Listed, Proposal, listed
from catalogue.errors import CatalogueError, StoreError
from catalogue.home import Home, hold
from catalogue.identity import Minter
from catalogue.queries import shipped
from catalogue.rdf import IRI
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


def proposed(publication: Path, kind: str) -> Listed | None:
    """What was found to be proposed for one of KINDS; None where nobody has looked yet, or it took no time."""
    try:
        found = json.loads((publication / "twice" / f"{kind}.json").read_bytes())
    except FileNotFoundError:
        return None
    first = (Proposal(kind, IRI(a), IRI(b), strength, tuple(reasons)) for a, b, strength, reasons in found["first"])
    return Listed(found["total"], tuple(first))


def texts(snapshot: Snapshot, base: str) -> Iterator[str]:
    """What the catalogue itself asks of a publication that never answers it otherwise."""
    for query in shipped().values():
        if not is_changing(text := query.bound(base)):
            yield text
    yield from (counts.CLASSES, counts.PROPERTIES, counts.DERIVED, counts.SAME)
    yield counts.in_graphs(counts.graphs(snapshot, Minter(base))[0])


def prepare(home: Home, number: int, base: str, is_current: Callable[[], bool], long_s: float = _LONG_S) -> None:
    """Prepares what takes longer than `long_s` seconds to answer, for as long as the publication is current.

    Each is tried once: one that took the process down would take the next one down, too. Raises StoreError for a
    publication that cannot be read.
    """
    publication = home.publication(number)
    with hold(publication):
        snapshot = Snapshot(publication / "store")
        for path, content in _work(publication, snapshot, base):
            if not is_current():
                return
            if not path.exists():
                path.parent.mkdir(exist_ok=True)
                path.touch()
                with suppress(CatalogueError, MemoryError):
                    _prepare(path, content, long_s)


# What there is to write, by the endings of the names of files.
_Contents = Mapping[str, bytes]


def _work(publication: Path, snapshot: Snapshot, base: str) -> Iterator[tuple[Path, Callable[[], _Contents]]]:
    """The files to write, without the endings of their names, and who makes what is in them."""
    for text in texts(snapshot, base):
        yield Path(_path(publication, text)), partial(_answers, snapshot, text)
    for kind in KINDS:
        yield publication / "twice" / kind, partial(_proposals, snapshot, base, kind)


def _answers(snapshot: Snapshot, text: str) -> _Contents:
    answer = io.BytesIO()
    snapshot.answer(Query(text, "json"), answer)
    contents = {name: transcribed(answer.getvalue(), "json", name) for name in RESULTS}
    # A larger one is sent by those who see to its limits.
    return {name: content for name, content in contents.items() if len(content) <= WHOLE_BYTES}


def _proposals(snapshot: Snapshot, base: str, kind: str) -> _Contents:
    total, first = listed(snapshot, Minter(base), kind)
    rows = [(one.a.value, one.b.value, one.strength, one.reasons) for one in first]
    return {"json": json.dumps({"total": total, "first": rows}).encode()}


def _prepare(path: Path, make: Callable[[], _Contents], long_s: float) -> None:
    begin = time.process_time()
    contents = make()
    if time.process_time() - begin < long_s:
        return
    for name, content in contents.items():
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
