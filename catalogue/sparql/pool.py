"""The pool of child processes that evaluate visitors' queries, each of which may be killed at any time.

At most `query_workers` queries are evaluated at once and `query_queue` wait, first come, first served. What cannot be
stopped otherwise is killed with SIGKILL and replaced: at the deadline, and over the size.

An answer is gathered whole before anybody sees its first byte, in memory up to 1 MiB and then in a temporary file. So
every error has its words and its status, and a slow client holds no process. Sending it while it is found gives the
first byte earlier, but then an error can only be told by breaking the transfer, and granian 2.8 ends the transfer as
if it were whole when an application raises: an analyst would count half of the rows.

Nothing is started before the first query, so a web server may fork after making a pool, but not after using it.
"""

import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Self

from catalogue.database import RESULTS, Query, Results
from catalogue.errors import CatalogueError, QueryError, QueryLimit, QueryRefused, QuerySyntaxError, StoreError
from catalogue.home import Home
from catalogue.rdf import SYNTAXES, Syntax
from catalogue.settings import Settings
from catalogue.sparql import worker
from catalogue.sparql.guard import Form, check, undeclared_prefix

GRAPHS = {name: SYNTAXES[name] for name in ("ttl", "jsonld", "rdf", "nt")}
# A process keeps some of what its queries took; a fresh one costs 60 ms.
_MOST_QUERIES = 5000
_MIB = 1024 * 1024
_PACKAGES = Path(__file__).absolute().parents[2]
_ERRORS = {kind.__name__: kind for kind in (QueryError, QueryRefused, QuerySyntaxError, StoreError)}


def formats(form: Form) -> Mapping[str, Results | Syntax]:
    """The formats that the answer to a form of query can be written in, by name; the first is the default."""
    return GRAPHS if form.is_graph else RESULTS


class _Child:
    """One child process and its pipes. It has one query at a time, and one thread reads its answer."""

    def __init__(self, publication: Path, settings: Settings) -> None:
        self.publication = publication
        self.queries = 0
        self.is_idle = True
        self._buffer = b""
        arguments = (publication.absolute(), settings.query_memory, settings.query_timeout)
        # In a session of its own: Ctrl-C in a terminal reaches the parent only, which decides.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-s", "-m", "catalogue.sparql.worker", *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            cwd="/",
            env={"PYTHONPATH": str(_PACKAGES), "PYTHONDONTWRITEBYTECODE": "1", "MALLOC_ARENA_MAX": "1"},
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests: IO[bytes] = self._process.stdin
        self._answers: IO[bytes] = self._process.stdout
        _widen(self._requests)
        self._readable = select.poll()
        self._readable.register(self._answers, select.POLLIN)

    def is_usable(self, publication: Path) -> bool:
        return self.publication == publication and self.queries < _MOST_QUERIES and self._process.poll() is None

    def ask(self, query: Query, deadline: float) -> Iterator[bytes]:
        """The answer in chunks of at most 64 KiB; `is_idle` afterwards where the child can be asked again.

        Raises TimeoutError at the deadline, EOFError when the child has ended, and what the child reports.
        """
        self.queries += 1
        self.is_idle = False
        with contextlib.suppress(BrokenPipeError):
            self._requests.write(worker.request(query))
        while (frame := self._frame(deadline))[0] == worker.DATA:
            yield frame[1]
        kind, content = frame
        if kind == worker.FAILED:
            name, message = json.loads(content)
            self.is_idle = name != StoreError.__name__
            raise _ERRORS[name](message)
        self.is_idle = kind == worker.DONE

    def _frame(self, deadline: float) -> tuple[bytes, bytes]:
        while not self._has_frame():
            if not self._readable.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise TimeoutError
            data = os.read(self._answers.fileno(), 2 * worker.FRAME_BYTES)
            if not data:
                raise EOFError
            self._buffer += data
        kind, length = worker.HEADER.unpack_from(self._buffer)
        end = worker.HEADER.size + length
        content, self._buffer = self._buffer[worker.HEADER.size : end], self._buffer[end:]
        return kind, content

    def _has_frame(self) -> bool:
        size = len(self._buffer) - worker.HEADER.size
        return bool(size >= 0 and size >= worker.HEADER.unpack_from(self._buffer)[1])

    def kill(self) -> int:
        """Kills the process if it lives, and waits for its end; returns how it ended, as `Popen.returncode`."""
        self._process.kill()
        return self._process.wait()

    def close(self) -> None:
        """Only in the thread that reads the answer: the number of a closed descriptor is soon another file's."""
        self.kill()
        self._requests.close()
        self._answers.close()


def _widen(pipe: IO[bytes]) -> None:
    """Makes room for a whole request: a child that is still starting does not read yet."""
    with contextlib.suppress(OSError, AttributeError):  # AttributeError: not Linux
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _MIB)


@dataclass(frozen=True)
class Answer:
    """A whole answer: its media type, its bytes from their start, and how many they are.

    Iterate it, which gives chunks of 64 KiB and closes `content` at the end, or read `content` and close it.
    """

    media_type: str
    content: IO[bytes]
    size: int

    def __iter__(self) -> Iterator[bytes]:
        with self.content:
            while chunk := self.content.read(worker.FRAME_BYTES):
                yield chunk


class Pool:
    """Evaluates queries on the current publication of a home. Any thread may call it. Close it at the end."""

    def __init__(self, home: Home, settings: Settings) -> None:
        self.settings = settings
        self._home = home
        self._lock = threading.Lock()
        self._evaluating = 0
        self._waiting: deque[threading.Event] = deque()
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._is_closed = False

    def run(self, query: Query) -> Answer:
        """Evaluates a query, waiting for a place where all are taken. Its clock starts when it has one.

        Raises QuerySyntaxError with line and column, QueryRefused, QueryLimit, or QueryError; StoreError where there
        is no publication to ask.
        """
        offered = formats(check(query.text))
        if query.format not in offered:
            raise QueryRefused(f"this form of query is not answered as {query.format!r}, but as {', '.join(offered)}")
        self._enter()
        try:
            child = self._take()
            try:
                content = self._gather(child, query)
            finally:
                self._give_back(child)
        finally:
            self._leave()
        size = content.tell()
        content.seek(0)
        return Answer(offered[query.format].media_type, content, size)

    def _gather(self, child: _Child, query: Query) -> IO[bytes]:
        """An answer's bytes in a file, which stands at its end."""
        deadline = time.monotonic() + self.settings.query_timeout
        with contextlib.ExitStack() as on_error:
            content = on_error.enter_context(SpooledTemporaryFile(_MIB))
            try:
                for chunk in child.ask(query, deadline):
                    if content.tell() + len(chunk) > self.settings.query_size * _MIB:
                        raise _is_too_large(self.settings)
                    content.write(chunk)
            except TimeoutError:
                raise _took_too_long(self.settings) from None
            except EOFError:
                raise _shut_down() if self._is_closed else _death(child.kill(), self.settings) from None
            except OSError as error:
                raise QueryError(f"the answer cannot be kept in a temporary file: {error.strerror}") from error
            except QuerySyntaxError as error:
                raise QuerySyntaxError(undeclared_prefix(query.text) or str(error)) from error
            on_error.pop_all()
        return content

    def close(self) -> None:
        """Ends every child, and so what they evaluate; later queries are refused."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
            busy = list(self._busy)
        for child in idle:
            child.close()
        for child in busy:
            child.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _give_back(self, child: _Child) -> None:
        """Keeps a child for the next query, or replaces it ahead of that."""
        with self._lock:
            self._busy.discard(child)
        if not child.is_idle:
            child.close()
            try:
                child = _Child(child.publication, self.settings)
            except OSError:
                return  # the next query will say why
        with self._lock:
            if not self._is_closed:
                self._idle.append(child)
                return
        child.close()

    def _enter(self) -> None:
        """Waits for a place; raises QueryLimit when too many wait already, or when it takes too long."""
        with self._lock:
            if self._is_closed:
                raise _shut_down()
            if self._evaluating < self.settings.query_workers:
                self._evaluating += 1
                return
            if len(self._waiting) >= self.settings.query_queue:
                raise _is_busy(self.settings)
            turn = threading.Event()
            self._waiting.append(turn)
        if turn.wait(self.settings.query_timeout):
            return
        with self._lock:
            if turn.is_set():
                return
            self._waiting.remove(turn)
        raise _is_busy(self.settings)

    def _leave(self) -> None:
        """Gives a place to who has waited longest: a newcomer cannot take it, for it is never free in between."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._evaluating -= 1

    def _take(self) -> _Child:
        """A child on the current publication; those on another, or that have died, are closed."""
        number = self._home.current()
        if number is None:
            raise StoreError("sparql: nothing has been published yet; run catalogue publish")
        publication = self._home.publication(number)
        with self._lock:
            idle = self._idle
            usable = [child for child in idle if child.is_usable(publication)]
            child = usable.pop() if usable else None
            self._idle = usable
        for other in idle:
            if other is not child and other not in usable:
                other.close()
        try:
            child = child or _Child(publication, self.settings)
        except OSError as error:
            raise QueryError(f"sparql: no process can be started: {error.strerror}") from error
        with self._lock:
            self._busy.add(child)
        return child


def _shut_down() -> QueryError:
    return QueryError("the endpoint is shutting down")


def _is_busy(settings: Settings) -> QueryLimit:
    return QueryLimit(
        f"the endpoint is busy: {settings.query_workers} queries are evaluated (query_workers) and up to "
        f"{settings.query_queue} wait (query_queue); try again later",
        "query_queue",
    )


def _took_too_long(settings: Settings) -> QueryLimit:
    return QueryLimit(
        f"the query was stopped: it took longer than {settings.query_timeout:g} seconds (query_timeout)",
        "query_timeout",
    )


def _is_too_large(settings: Settings) -> QueryLimit:
    return QueryLimit(
        f"the query was stopped: its result is larger than {settings.query_size} megabytes (query_size)", "query_size"
    )


def _death(status: int, settings: Settings) -> CatalogueError:
    """What the end of a child tells of its query; `status` is negative for a signal."""
    if status in (-signal.SIGABRT, -signal.SIGKILL):  # the allocator's end, the kernel's
        return QueryLimit(
            f"the query was stopped: it took more than {settings.query_memory} megabytes of memory (query_memory)",
            "query_memory",
        )
    if status == -signal.SIGXCPU:
        return _took_too_long(settings)
    if status in (-signal.SIGSEGV, -signal.SIGBUS):
        return QueryRefused("the query is too long or too deeply nested for the parser: it ran out of its stack")
    return QueryError(f"the process that evaluated the query ended with status {status}; the server's log says more")
