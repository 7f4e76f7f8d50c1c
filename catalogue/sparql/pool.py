"""The pool of child processes that evaluate visitors' queries, each of which may be killed at any time.

Queries get their turns from `places`. What cannot be stopped otherwise is killed with SIGKILL and replaced: at the
deadline, over the size, and when nobody waits for the answer any more.

The first MiB of an answer, or what there is of it soon after its first 64 KiB, is gathered before anybody sees any of
it, so most errors have their words and their status. What is larger leaves while it is found (`answers.Spool`); an
error after that is raised to who reads it, who must see to it that what has left cannot be taken for the whole.

Nothing is started before the first query, so a web server may fork after making a pool, but not after using it.
"""

import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import IO, Self

from catalogue import children
from catalogue.database import RESULTS, Query, Results
from catalogue.errors import CatalogueError, QueryError, QueryLimit, QueryRefused, QuerySyntaxError, StoreError
from catalogue.home import Home
from catalogue.rdf import SYNTAXES, Syntax
from catalogue.settings import Settings
from catalogue.sparql import worker
from catalogue.sparql.answers import CHUNK_BYTES, WHOLE_BYTES, WHOLE_S, Answer, Kept, Meter, Spool
from catalogue.sparql.guard import Form, check, is_file, undeclared_prefix
from catalogue.sparql.places import FIRST_LOOK_S, LOOK_EVERY_S, NOBODY, Place, Places, Visitor
from catalogue.sparql.prepared import is_changing, prepared

GRAPHS = {name: SYNTAXES[name] for name in ("ttl", "jsonld", "rdf", "nt")}
# A process keeps some of what its queries took; a fresh one costs 60 ms.
_MOST_QUERIES = 5000
# A query of more seconds makes way for others, and costs its process, whose priority cannot be raised again.
_LONG_S = 1
_MIB = 1024 * 1024
# Whole answers that are kept in each process.
_MOST_KEPT_BYTES = 32 * _MIB
_ERRORS = {kind.__name__: kind for kind in (QueryError, QueryRefused, QuerySyntaxError, StoreError)}


def formats(form: Form) -> Mapping[str, Results | Syntax]:
    """The formats that the answer to a form of query can be written in, by name; the first is the default."""
    return GRAPHS if form.is_graph else RESULTS


class _Child:
    """One child process and its pipes. It has one query at a time, and one thread reads its answer."""

    def __init__(self, number: int, publication: Path, settings: Settings) -> None:
        self.number, self.publication = number, publication
        self.queries = 0
        self.is_idle, self.has_answered = True, False
        self.is_slowed = False
        self._buffer = b""
        arguments = (publication.absolute(), settings.query_memory, settings.query_timeout)
        # In a session of its own: Ctrl-C in a terminal reaches the parent only, which decides.
        self._process = subprocess.Popen(
            children.command("catalogue.sparql.worker", *arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            cwd=children.DIRECTORY,
            env=children.ENVIRONMENT | {"MALLOC_ARENA_MAX": "1"},
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests: IO[bytes] = self._process.stdin
        self._answers: IO[bytes] = self._process.stdout
        _widen(self._requests)
        self._readable = select.poll()
        self._readable.register(self._answers, select.POLLIN)

    def is_usable(self, number: int) -> bool:
        return self.number == number and self.queries < _MOST_QUERIES and self._process.poll() is None

    def ask(self, query: Query, deadline: float, is_abandoned: Callable[[], bool]) -> Iterator[bytes]:
        """The answer in chunks of at most 64 KiB; `has_answered` with the last, `is_idle` where it can be asked again.

        Raises TimeoutError at the deadline, EOFError when the child has ended, what the child reports, and QueryError
        when nobody waits for the answer.
        """
        self.queries += 1
        self.is_idle = self.has_answered = False
        self._long = time.monotonic() + _LONG_S
        with contextlib.suppress(BrokenPipeError):
            self._requests.write(worker.request(query))
        kind, content = self._frame(deadline, is_abandoned)
        while kind == worker.DATA:
            yield content
            kind, content = self._frame(deadline, is_abandoned)
        if kind == worker.FAILED:
            name, message = json.loads(content)
            self.is_idle = name != StoreError.__name__
            raise _ERRORS[name](message)
        self.has_answered = True
        self.is_idle = kind == worker.DONE
        yield content

    def _frame(self, deadline: float, is_abandoned: Callable[[], bool]) -> tuple[bytes, bytes]:
        self._make_way()
        while not self._has_frame():
            self._await(deadline, is_abandoned)
            data = os.read(self._answers.fileno(), 2 * worker.FRAME_BYTES)
            if not data:
                raise EOFError
            self._buffer += data
        kind, length = worker.HEADER.unpack_from(self._buffer)
        end = worker.HEADER.size + length
        content, self._buffer = self._buffer[worker.HEADER.size : end], self._buffer[end:]
        return kind, content

    def _make_way(self) -> None:
        if not self.is_slowed and time.monotonic() > self._long:
            self.is_slowed = True
            with contextlib.suppress(ProcessLookupError):  # it has been killed
                worker.give_way(worker.NICE_WHEN_LONG, self._process.pid)

    def _await(self, deadline: float, is_abandoned: Callable[[], bool]) -> None:
        look_s = FIRST_LOOK_S
        while (left_s := deadline - time.monotonic()) > 0:
            if self._readable.poll(1000 * min(look_s, left_s)):
                return
            look_s = LOOK_EVERY_S
            if is_abandoned():
                raise QueryError("nobody waits for the answer")
            self._make_way()
        raise TimeoutError

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


class Pool:
    """Evaluates queries on the current publication of a home. Any thread may call it. Close it at the end."""

    def __init__(self, home: Home, settings: Settings) -> None:
        self.settings = settings
        self._home = home
        self._lock = threading.Lock()
        self._places = Places(settings)
        self._kept = Kept(_MOST_KEPT_BYTES)
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._is_closed = False
        self._pointer = str(home.published / "current")
        self._seen: tuple[tuple[int, int], int] = ((0, 0), 0)

    def run(self, query: Query, visitor: Visitor = NOBODY) -> Answer:
        """The answer of a query, waiting for a place where all are taken. Its clock starts when it has one.

        Raises QuerySyntaxError with line and column, QueryRefused, QueryLimit, or QueryError; StoreError where there
        is no publication to ask. Whoever gets an answer iterates it or closes it.
        """
        if self._is_closed:
            raise _shut_down()
        number = self._current()
        kept = self._kept.get(number, query) or self._prepared(number, query)
        if kept is not None:
            return kept
        self._check(query)
        place = self._places.enter(visitor)
        try:
            answer = self._answer(query, place)
        except BaseException:
            self._places.leave(place)
            raise
        if answer.rest is None:
            self._places.leave(place)
            self._keep(query, answer)
        return answer

    def send(self, chunks: Generator[bytes], media_type: str, visitor: Visitor) -> Answer:
        """What somebody else makes, sent as large answers are, and counted among the visitor's. Raises QueryLimit."""
        place = self._places.sit(visitor)
        try:
            return Answer(media_type, self._current(), b"", _spool(chunks, lambda: self._places.leave(place)))
        except BaseException:
            self._places.leave(place)
            raise

    def _prepared(self, number: int, query: Query) -> Answer | None:
        """An answer that was there before anybody asked."""
        content = prepared(self._home.publication(number), query)
        if content is None:
            return None
        answer = Answer(_media_type(query), number, content)
        self._kept.put(query, answer)
        return answer

    def _keep(self, query: Query, answer: Answer) -> None:
        if not is_changing(query.text):
            self._kept.put(query, answer)

    def _check(self, query: Query) -> None:
        offered = formats(check(query.text))
        if query.format not in offered:
            raise QueryRefused(f"this form of query is not answered as {query.format!r}, but as {', '.join(offered)}")
        if any(map(is_file, chain(query.default_graphs, query.named_graphs))):
            raise QueryRefused("a graph of the request names a file, and files are not read")

    def _answer(self, query: Query, place: Place) -> Answer:
        try:
            child = self._take()
        except BaseException:
            self._places.evaluated(place)
            raise
        media_type = _media_type(query)
        chunks = self._chunks(child, query, place)
        gathered, size, late = [], 0, float("inf")
        for chunk in chunks:
            late = min(late, time.monotonic() + WHOLE_S)
            gathered.append(chunk)
            size += len(chunk)
            is_large = size > WHOLE_BYTES or (size >= CHUNK_BYTES and time.monotonic() > late)
            if is_large and not child.has_answered:
                start = Answer(media_type, child.number, b"".join(gathered))
                rest = _spool(self._keeping(query, start, chunks), lambda: self._places.leave(place))
                return replace(start, rest=rest)
        return Answer(media_type, child.number, b"".join(gathered))

    def _keeping(self, query: Query, start: Answer, chunks: Generator[bytes]) -> Generator[bytes]:
        """What is left of an answer; one that was only slow, and not large, is kept at its end as others are."""
        content = bytearray(start.start)
        try:
            for chunk in chunks:
                if len(content) <= WHOLE_BYTES:
                    content += chunk
                yield chunk
        finally:
            chunks.close()
        if len(content) <= WHOLE_BYTES:
            self._keep(query, replace(start, start=bytes(content)))

    def _chunks(self, child: _Child, query: Query, place: Place) -> Generator[bytes]:
        """What a child answers, within the limits; at its end, however that comes, child and turn are given back."""
        deadline = time.monotonic() + self.settings.query_timeout
        meter = Meter(self.settings, query.format)
        try:
            for chunk in child.ask(query, deadline, place.is_abandoned):
                meter.count(chunk)
                yield chunk
        except TimeoutError:
            raise _took_too_long(self.settings) from None
        except EOFError:
            raise _shut_down() if self._is_closed else _death(child.kill(), self.settings) from None
        except QuerySyntaxError as error:
            raise QuerySyntaxError(undeclared_prefix(query.text) or str(error)) from error
        finally:
            self._give_back(child)
            self._places.evaluated(place)

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
        if child.is_slowed or not child.is_idle:
            child.close()
            try:
                child = _Child(child.number, child.publication, self.settings)
            except OSError:
                return  # the next query will say why
        with self._lock:
            if not self._is_closed:
                self._idle.append(child)
                return
        child.close()

    def _take(self) -> _Child:
        """A child on the current publication; those on another, or that have died, are closed."""
        number = self._current()
        with self._lock:
            idle = self._idle
            usable = [child for child in idle if child.is_usable(number)]
            child = usable.pop() if usable else None
            self._idle = usable
        for other in idle:
            if other is not child and other not in usable:
                other.close()
        try:
            child = child or _Child(number, self._home.publication(number), self.settings)
        except OSError as error:
            raise QueryError(f"sparql: no process can be started: {error.strerror}") from error
        with self._lock:
            self._busy.add(child)
        return child

    def _current(self) -> int:
        """The number that is served; the file that says it is read again only when it has been replaced."""
        try:
            status = os.stat(self._pointer)  # noqa: PTH116 (a third of the time)
        except FileNotFoundError:
            raise StoreError("sparql: nothing has been published yet; run catalogue publish") from None
        version = status.st_ino, status.st_mtime_ns
        known, number = self._seen
        if known != version:
            number = self._home.current() or 0
            self._seen = version, number
        return number


def _spool(chunks: Generator[bytes], left: Callable[[], None]) -> Spool:
    try:
        return Spool(chunks, left)
    except OSError as error:
        chunks.close()
        raise QueryError(f"the answer cannot be kept in a temporary file: {error.strerror}") from error


def _media_type(query: Query) -> str:
    return (RESULTS.get(query.format) or SYNTAXES[query.format]).media_type


def _shut_down() -> QueryError:
    return QueryError("the endpoint is shutting down")


def _took_too_long(settings: Settings) -> QueryLimit:
    return QueryLimit(
        f"the query was stopped: it took longer than {settings.query_timeout:g} seconds (query_timeout)",
        "query_timeout",
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
