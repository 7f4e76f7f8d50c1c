"""The child process that evaluates visitors' queries, one after another, on one publication.

Run as `python -m catalogue.sparql.worker PUBLICATION MEMORY_MB TIMEOUT_S`, by `catalogue.sparql.pool` and nobody else.
Requests come on standard input, answers go to standard output, both as frames: a byte that tells the kind, four bytes
of length, the content. A request is one frame, the fields of `Query` marshalled: both ends are of one interpreter. An
answer is DATA frames of 64 KiB, then DONE with what is left (or WORN: done, and this process should be replaced); or
FAILED with an error's class and message, at any point.

It may be killed at any time and expects nothing of its end. It ends by itself when its parent does.
"""

import contextlib
import io
import json
import marshal
import os
import resource
import select
import struct
import sys
import threading
from functools import cache
from pathlib import Path
from typing import IO, Any

from catalogue.database import Query, Snapshot
from catalogue.errors import CatalogueError, StoreError
from catalogue.home import hold
from catalogue.seccomp import close_network

HEADER = struct.Struct(">cI")
REQUEST, DATA, DONE, WORN, FAILED = b"Q", b"D", b"E", b"W", b"F"
FRAME_BYTES = 64 * 1024
# Pages, which are short, come before queries, and these before queries that have turned out to be long.
NICE, NICE_WHEN_LONG = 5, 10
_MIB = 1024 * 1024


def frame(kind: bytes, content: bytes | bytearray = b"") -> bytes:
    return HEADER.pack(kind, len(content)) + content


def request(query: Query) -> bytes:
    """A query as the frame that a child reads."""
    return frame(REQUEST, marshal.dumps(tuple(vars(query).values())))


class _Frames(io.BytesIO):
    """The file that an answer is written to: gathers what is written into frames."""

    def __init__(self, output: IO[bytes]) -> None:
        super().__init__()
        self._output = output
        self._gathered = bytearray()

    def write(self, data: Any) -> int:
        self._gathered += data
        while len(self._gathered) >= FRAME_BYTES:
            self._output.write(frame(DATA, bytes(self._gathered[:FRAME_BYTES])))
            del self._gathered[:FRAME_BYTES]
        return len(data)

    def end(self, kind: bytes) -> None:
        self._output.write(frame(kind, self._gathered))


def main(publication: Path, memory_mb: int, timeout_s: float) -> None:
    requests, answers = _take_pipes()
    threading.Thread(target=end_with_parent, args=(requests.fileno(),), daemon=True).start()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    give_way(NICE)
    close_network()
    try:
        manifest = hold(publication)
        snapshot = Snapshot(publication / "store")
    except (OSError, StoreError) as error:
        answers.write(_failure(StoreError(f"sparql: the publication in {publication} cannot be read: {error}")))
        return
    worn_bytes = limit_memory(memory_mb) + memory_mb * _MIB // 4
    with manifest:
        while (query := _read(requests)) is not None:
            _limit_time(timeout_s)
            _answer(snapshot, query, answers, worn_bytes)


def _take_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """The pipes to the parent, for us alone: what a library prints must not get into an answer."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return requests, answers


def _read(requests: IO[bytes]) -> Query | None:
    """The next query; None when there are no more."""
    header = requests.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    return Query(*marshal.loads(requests.read(HEADER.unpack(header)[1])))  # noqa: S302 - of our own process


def _answer(snapshot: Snapshot, query: Query, answers: IO[bytes], worn_bytes: int) -> None:
    frames = _Frames(answers)
    try:
        snapshot.answer(query, frames)
    except CatalogueError as error:
        answers.write(_failure(error))
    except MemoryError:
        os.abort()  # as the engine itself does, so that the parent has one case and not two
    else:
        # What a query leaves behind of its memory is missing for the next one.
        frames.end(WORN if _address_space() > worn_bytes else DONE)


def _failure(error: CatalogueError) -> bytes:
    return frame(FAILED, json.dumps([type(error).__name__, str(error)]).encode())


def end_with_parent(descriptor: int) -> None:
    """Ends this process when the other end of its input is closed, even while it evaluates.

    Not by PR_SET_PDEATHSIG: "parent" means the thread that started the child, and a web server's threads come and go.
    """
    waiting = select.poll()
    waiting.register(descriptor, 0)
    waiting.poll()
    os._exit(0)


def _address_space() -> int:
    """Bytes of address space in use; 0 where the system does not say."""
    descriptor = _statm()
    return int(os.pread(descriptor, 32, 0).split()[0]) * resource.getpagesize() if descriptor >= 0 else 0


@cache
def _statm() -> int:
    """Open for good: opening it anew would be a quarter of the time of a point query."""
    with contextlib.suppress(OSError):
        return os.open("/proc/self/statm", os.O_RDONLY)
    return -1


def give_way(nice: int, process: int = 0) -> None:
    """Makes a child, or this process, nicer by so much; who is not privileged cannot take that back."""
    lower = min(os.getpriority(os.PRIO_PROCESS, process) + nice, 19)
    os.setpriority(os.PRIO_PROCESS, process, lower)
    # Where Linux shares processors out among sessions, the above counts within one, and each child has its own. Who has
    # none would slow down whoever shares it.
    if os.getsid(process) != (process or os.getpid()):
        return
    with contextlib.suppress(OSError):
        Path(f"/proc/{process or 'self'}/autogroup").write_text(str(lower))


def limit_memory(megabytes: int) -> int:
    """Lets this process have so much memory besides what it has by now, which is returned in bytes."""
    base = _address_space()
    size = base + megabytes * _MIB
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    return base


def _limit_time(timeout_s: float) -> None:
    """A second line behind the parent's clock, for a parent that was stopped: twice the time of one query."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime + 2 * timeout_s) + 10
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
