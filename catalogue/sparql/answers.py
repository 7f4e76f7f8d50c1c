"""Answers of queries: whole ones, large ones on their way, and those that are kept for who asks the same again.

A large answer is sent while it is found. One thread fills a temporary file as fast as the evaluation goes, another
reads behind it as fast as the client takes it: so memory stays flat, a slow client holds no child, and an answer that
has begun to leave can still be cut short, which is raised to who reads it.
"""

import hashlib
import logging
import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

from catalogue.database import Query
from catalogue.errors import CatalogueError, QueryError, QueryLimit
from catalogue.settings import Settings

CHUNK_BYTES = 64 * 1024
# Answers up to this size are whole before anybody sees their first byte: errors have their status, and the answer its
# length and its ETag. The engine writes as much in about 50 ms; where it takes longer, what is there is sent.
WHOLE_BYTES, WHOLE_S = 1024 * 1024, 0.05
_MIB = 1024 * 1024
_LOG = logging.getLogger(__name__)


class Spool:
    """An answer that one thread fills and another reads. Close it at the end; that also stops the filling."""

    def __init__(self, chunks: Generator[bytes], left: Callable[[], None]) -> None:
        """`chunks` is what is left of the answer; `left` is called once nobody reads it any more."""
        self._chunks, self._left = chunks, left
        # Written and read by position, so that the two threads share no pointer into the file.
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by the last of the two threads)
        self._changed = threading.Condition()
        self._written = self._read = 0
        self._is_filled = self._is_closed = False
        # Whatever ends the filling but the end of the answer, the answer is not whole.
        self._error: CatalogueError | None = QueryError("the answer broke off")
        threading.Thread(target=self._fill, daemon=True).start()

    def __iter__(self) -> "Spool":
        return self

    def __next__(self) -> bytes:
        """The next piece, as soon as there is one; raises QueryError where the answer was cut."""
        with self._changed:
            self._changed.wait_for(lambda: self._read < self._written or self._is_filled)
            if self._is_closed:
                raise StopIteration
            if self._read == self._written:
                raise self._error or StopIteration
            length = min(CHUNK_BYTES, self._written - self._read)
            data = os.pread(self._file.fileno(), length, self._read)
            self._read += len(data)
        return data

    def close(self) -> None:
        with self._changed:
            if self._is_closed:
                return
            self._is_closed = True
            if self._is_filled:
                self._file.close()
        self._left()

    def _fill(self) -> None:
        try:
            for chunk in self._chunks:
                if self._is_closed:
                    break
                self._write(chunk)
            else:
                self._error = None
        except CatalogueError as error:
            self._error = error
        except OSError as error:
            self._error = QueryError(f"the answer cannot be kept in a temporary file: {error.strerror}")
        except Exception:  # noqa: BLE001 - whatever it is, who reads is told, and the log says more
            _LOG.exception("an answer broke off")
        finally:
            self._chunks.close()
            with self._changed:
                self._is_filled = True
                self._changed.notify_all()
                if self._is_closed:
                    self._file.close()

    def _write(self, chunk: bytes) -> None:
        with self._changed:
            position = 0
            while position < len(chunk):
                position += os.pwrite(self._file.fileno(), chunk[position:], self._written + position)
            self._written += len(chunk)
            self._changed.notify_all()


@dataclass(frozen=True)
class Answer:
    """An answer: its media type, the number of the publication that gave it, and its bytes.

    `start` is all of it, unless there is a `rest`. Iterate it or close it.
    """

    media_type: str
    publication: int
    start: bytes
    rest: Spool | None = None

    def __iter__(self) -> Iterator[bytes]:
        """The bytes in pieces; raises QueryError where the answer had to be cut."""
        try:
            yield self.start
            if self.rest is not None:
                yield from self.rest
        finally:
            self.close()

    @cached_property
    def etag(self) -> str:
        """A hash of the content of a whole answer, so that a publication that changes nothing in it changes no ETag."""
        return hashlib.blake2b(self.start, digest_size=16).hexdigest()

    def close(self) -> None:
        """Gives up what has not been read."""
        if self.rest is not None:
            self.rest.close()


# Format → what stands once in each row, or once in each triple of N-Triples. The other formats of graphs have no mark.
_ROW_MARKS = {"xml": b"<result>", "json": b'"}},{', "csv": b"\r\n", "tsv": b"\n", "nt": b"\n"}


@dataclass
class Meter:
    """Measures an answer against the limits on bytes and rows, and raises QueryLimit over them.

    Rows are counted by their marks in what the engine writes, which costs next to nothing. That is exact but for
    oddities: a value that holds the mark (CSV of several lines) counts as a row, a row without values not in JSON.
    """

    settings: Settings
    format: str
    size_bytes: int = 0
    rows: int = 0
    _end: bytes = field(default=b"", repr=False)

    def count(self, chunk: bytes) -> None:
        self.size_bytes += len(chunk)
        if self.size_bytes > self.settings.query_size * _MIB:
            raise QueryLimit(
                f"the query was stopped: its result is larger than {self.settings.query_size} megabytes (query_size)",
                "query_size",
            )
        if mark := _ROW_MARKS.get(self.format):
            seen = self._end + chunk
            self.rows += seen.count(mark)
            # A mark of which a part is in the next chunk; a whole one would be counted twice.
            self._end = seen[max(0, len(seen) - len(mark) + 1) :]
        if self.rows > self.settings.query_rows + 1:  # of CSV and TSV, the first line is no row
            raise QueryLimit(
                f"the query was stopped: its result has more than {self.settings.query_rows} rows (query_rows)",
                "query_rows",
            )


class Kept:
    """Whole answers, by publication and query: a publication never changes, so what it answered once is good for ever.

    Bounded in bytes: what has not been asked for the longest goes first. Any thread may call it.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._answers: OrderedDict[tuple[int, Query], Answer] = OrderedDict()
        self.size_bytes = 0

    def get(self, publication: int, query: Query) -> Answer | None:
        """What a publication answered; None where it is not known."""
        with self._lock, suppress(KeyError):
            self._answers.move_to_end((publication, query))
            return self._answers[publication, query]
        return None

    def put(self, query: Query, answer: Answer) -> None:
        """Keeps a whole answer under the publication that gave it."""
        key = (answer.publication, query)
        with self._lock:
            if key in self._answers or _weight(query, answer) > self._most_bytes:
                return
            self._answers[key] = answer
            self.size_bytes += _weight(query, answer)
            while self.size_bytes > self._most_bytes:
                (_, asked), oldest = self._answers.popitem(last=False)
                self.size_bytes -= _weight(asked, oldest)


def _weight(query: Query, answer: Answer) -> int:
    """Bytes that a kept answer takes, with the objects around it."""
    texts = (query.text, query.base or "", *query.default_graphs, *query.named_graphs)
    return len(answer.start) + 4 * sum(map(len, texts)) + 1024
