"""`operations.db`: the log of what each run did, what a harvester remembers of a source until the next, which records
could not be used when they were last tried, and which sources somebody wishes to be read.

The only module that knows sqlite3. All this is kept here and not in the store, so that harvesting what has not changed
leaves the store untouched. Times are texts of ISO 8601 in UTC, so they can be compared.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
  number INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, started TEXT NOT NULL, ended TEXT NOT NULL,
  counts TEXT NOT NULL, error TEXT, requests INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
  records TEXT NOT NULL DEFAULT '{}', notice TEXT, lost INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS run_source ON run (source, number);
CREATE TABLE IF NOT EXISTS failing (
  source TEXT NOT NULL, record TEXT NOT NULL, since TEXT NOT NULL, tried TEXT NOT NULL, succeeded TEXT,
  PRIMARY KEY (source, record)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS wish (
  source TEXT NOT NULL, record TEXT NOT NULL DEFAULT '', client TEXT NOT NULL DEFAULT '', asked TEXT NOT NULL,
  granted TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS wish_source ON wish (source, record);
CREATE TABLE IF NOT EXISTS memory (
  source TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (source, key)
) STRICT, WITHOUT ROWID;
"""
# Columns of `run` that files of earlier versions lack.
_ADDED = {
    "requests": "INTEGER NOT NULL DEFAULT 0",
    "bytes": "INTEGER NOT NULL DEFAULT 0",
    "records": "TEXT NOT NULL DEFAULT '{}'",
    "notice": "TEXT",
    "lost": "INTEGER NOT NULL DEFAULT 0",
}
# Seconds to wait for another process that is writing a line.
_BUSY_S = 10
_KEPT_RUNS = 100  # for each source; enough to see a trend, and the file stays small


_KEPT_WISHES_S = 24 * 3600  # granted ones, by which it is known who has asked often enough
# Outcomes by which the catalogue is other than before; the last two are of records that were usable and were not.
_CHANGES = ("new", "changed", "gone")
_TURNS = ("broken", "mended")


@dataclass(frozen=True)
class Run:
    """One harvest of one source: times, counts by outcome, the error that ended it early, requests sent and bytes read
    over the network.

    `records` names, by outcome, the first records that were new, changed, gone, rejected, and those of them that were
    broken (rejected for the first time) or mended; and as "unread" what else of the source could not be read, of which
    `lost` were not unread in the run before. `notice` says what came of telling the source's webhook, None when it was
    not told. `number` is given by the log, the same for ever.
    """

    source: str
    started: str
    ended: str
    counts: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None
    requests: int = 0
    bytes: int = 0
    records: Mapping[str, Sequence[str]] = field(default_factory=dict)
    notice: str | None = None
    number: int = 0
    lost: int = 0

    @property
    def is_wrong(self) -> bool:
        """Whether it failed, or records broke, or parts of the source, that had been usable or unknown."""
        return self.error is not None or bool(self.records.get("broken")) or self.lost > 0

    @property
    def is_news(self) -> bool:
        """Whether something changed or is wrong."""
        changed = any(self.counts.get(name) for name in _CHANGES) or any(self.records.get(name) for name in _TURNS)
        return changed or self.is_wrong

    @property
    def begin(self) -> datetime:
        return datetime.fromisoformat(self.started)

    @property
    def end(self) -> datetime:
        return datetime.fromisoformat(self.ended)

    @property
    def seconds(self) -> float:
        return (self.end - self.begin).total_seconds()


@dataclass(frozen=True)
class Failing:
    """A record that could not be used when it was last tried: since when, and when its source was last read well
    before that."""

    since: str
    tried: str
    succeeded: str | None = None


class Operations:
    """The log. Each call opens the file for itself, so it can be used from any process and thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def exists(self) -> bool:
        """Whether anything was ever logged; reading does not make the file."""
        return self._path.exists()

    # Runs

    def add(self, run: Run) -> Run:
        """Logs a run, and forgets the source's oldest; returns it with its number."""
        texts = {name: json.dumps(dict(getattr(run, name)), default=list) for name in ("counts", "records")}
        columns = [name for name in Run.__dataclass_fields__ if name != "number"]
        with self.connection() as connection:
            added = connection.execute(
                f"INSERT INTO run ({', '.join(columns)}) VALUES (:{', :'.join(columns)})",  # noqa: S608 - names of ours
                asdict(run) | texts,
            )
            connection.execute(
                "DELETE FROM run WHERE source = ? AND number NOT IN"
                " (SELECT number FROM run WHERE source = ? ORDER BY number DESC LIMIT ?)",
                (run.source, run.source, _KEPT_RUNS),
            )
        return replace(run, number=added.lastrowid or 0)

    def notice(self, run: Run, words: str) -> None:
        """Logs what came of telling the source's webhook of a run."""
        with self.connection() as connection:
            connection.execute("UPDATE run SET notice = ? WHERE number = ?", (words, run.number))

    def run(self, source: str, number: int) -> Run | None:
        """A run of a source by its number, None when there is none or it is forgotten."""
        found = self._runs("SELECT * FROM run WHERE source = ? AND number = ?", source, number)
        return found[0] if found else None

    def runs(self, source: str, limit: int = 20) -> list[Run]:
        """A source's runs, the newest first."""
        return self._runs("SELECT * FROM run WHERE source = ? ORDER BY number DESC LIMIT ?", source, limit)

    def latest(self) -> dict[str, Run]:
        """The newest run of each source."""
        query = "SELECT * FROM run WHERE number IN (SELECT max(number) FROM run GROUP BY source)"
        return {run.source: run for run in self._runs(query)}

    def last_good(self, source: str) -> Run | None:
        """The newest run of a source that came to its end."""
        found = self._runs("SELECT * FROM run WHERE source = ? AND error IS NULL ORDER BY number DESC LIMIT 1", source)
        return found[0] if found else None

    def _runs(self, query: str, *values: object) -> list[Run]:
        rows = self._rows(query, *values)
        return [_run(dict(zip(row.keys(), row, strict=True))) for row in rows]

    # Records that fail

    def failing(self, source: str) -> dict[str, Failing]:
        """The records of a source that could not be used when they were last tried."""
        rows = self._rows("SELECT record, since, tried, succeeded FROM failing WHERE source = ?", source)
        return {record: Failing(*rest) for record, *rest in rows}

    def failing_record(self, source: str, record: str) -> Failing | None:
        """What is known of one record that could not be used, None of one that can."""
        query = "SELECT since, tried, succeeded FROM failing WHERE source = ? AND record = ?"
        return next((Failing(*row) for row in self._rows(query, source, record)), None)

    def failed(self, source: str, records: Iterable[str], failing: Failing) -> None:
        """Notes records that could not be used; those that failed before keep when that began."""
        rows = [(source, record, failing.since, failing.tried, failing.succeeded) for record in records]
        with self.connection() as connection:
            connection.executemany(
                "INSERT INTO failing VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (source, record) DO UPDATE SET tried = excluded.tried",
                rows,
            )

    def mended(self, source: str, records: Iterable[str]) -> None:
        """Notes records that can be used again, or are gone."""
        with self.connection() as connection:
            rows = ((source, record) for record in records)
            connection.executemany("DELETE FROM failing WHERE source = ? AND record = ?", rows)

    # Wishes

    def wish(self, source: str, asked: datetime, record: str = "", client: str = "") -> None:
        """Notes that somebody wishes a source to be read soon, because of a record or as a whole."""
        forgotten = _text(asked - timedelta(seconds=_KEPT_WISHES_S))
        with self.connection() as connection:
            connection.execute("DELETE FROM wish WHERE granted < ?", (forgotten,))
            row = (source, record, client, _text(asked))
            connection.execute("INSERT INTO wish (source, record, client, asked) VALUES (?, ?, ?, ?)", row)

    def wished(self) -> dict[str, str]:
        """The sources that are wished to be read, each with the time at which that was first asked."""
        query = "SELECT source, min(asked) FROM wish WHERE granted IS NULL GROUP BY source"
        return {row[0]: row[1] for row in self._rows(query)}

    def wished_records(self, source: str, client: str) -> frozenset[str]:
        """The records because of which a client wishes a source to be read."""
        query = "SELECT DISTINCT record FROM wish WHERE source = ? AND client = ? AND granted IS NULL"
        return frozenset(row[0] for row in self._rows(query, source, client))

    def wishes(self, since: datetime, **given: str) -> int:
        """How many wishes there were since a time, granted or not, with this `source`, `record`, `client`."""
        unknown = given.keys() - {"source", "record", "client"}
        assert not unknown, unknown
        tests = "".join(f" AND {name} = ?" for name in given)
        rows = self._rows(f"SELECT count(*) FROM wish WHERE asked >= ?{tests}", _text(since), *given.values())  # noqa: S608
        return int(rows[0][0]) if rows else 0

    def grant(self, source: str, until: datetime) -> None:
        """The wishes for a source that were asked until a time are granted: a run has begun since."""
        moment = _text(until)
        with self.connection() as connection:
            query = "UPDATE wish SET granted = ? WHERE source = ? AND granted IS NULL AND asked <= ?"
            connection.execute(query, (moment, source, moment))

    def _rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """Reads without making the file; nothing where it, or the table, is not there yet."""
        if not self.exists:
            return []
        address = f"{self._path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=_BUSY_S)) as connection:
            connection.row_factory = sqlite3.Row
            try:
                return connection.execute(query, values).fetchall()
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):
                    return []
                raise

    def copy(self, target: Path) -> None:
        """A consistent copy, even while others write."""
        with self.connection() as connection, closing(sqlite3.connect(target)) as copy:
            connection.backup(copy)

    def memory(self, source: str, edition: str) -> "Memory":
        """What was remembered of a source; nothing unless it was remembered in the same edition."""
        return Memory(self, source, edition)

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A transaction, on a connection of its own."""
        with closing(self.connect()) as connection, connection:
            yield connection

    def connect(self) -> sqlite3.Connection:
        """A connection to a file with all tables, to be closed by the caller."""
        connection = sqlite3.connect(self._path, timeout=_BUSY_S)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_SCHEMA)
        _add_columns(connection)
        return connection


def _add_columns(connection: sqlite3.Connection) -> None:
    if _missing_columns(connection):
        with connection:
            connection.execute("BEGIN IMMEDIATE")  # another process may be about to do the same
            for name in _missing_columns(connection):
                connection.execute(f"ALTER TABLE run ADD COLUMN {name} {_ADDED[name]}")


def _missing_columns(connection: sqlite3.Connection) -> set[str]:
    return _ADDED.keys() - {row[1] for row in connection.execute("PRAGMA table_info(run)")}


def _run(row: dict[str, Any]) -> Run:
    """A run of a row; what the row of an earlier version lacks is as by default."""
    texts = {name: json.loads(row[name]) for name in ("counts", "records") if name in row}
    return Run(**(row | texts))


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


class Memory(MutableMapping[str, Any]):
    """What a harvester remembers of one source from visit to visit: JSON values by key.

    What is written is kept by `keep` alone, all of it or nothing. `edition` is what the memory depends on: what was
    remembered in another one is forgotten.
    """

    _EDITION = ""  # the key under which it stands, which no harvester uses

    def __init__(self, operations: Operations, source: str, edition: str) -> None:
        self._operations, self._source, self._edition = operations, source, edition
        self._written: dict[str, str | None] = {}
        self._open: sqlite3.Connection | None = None
        self._is_current = operations.exists and self._value(self._EDITION) == json.dumps(edition)

    def __getitem__(self, key: str) -> Any:
        kept = self._value(key) if self._is_current and key not in self._written else None
        text = self._written.get(key, kept)
        if text is None:
            raise KeyError(key)
        return json.loads(text)

    def __setitem__(self, key: str, value: Any) -> None:
        self._written[key] = json.dumps(value)

    def __delitem__(self, key: str) -> None:
        self[key]
        self._written[key] = None

    def __iter__(self) -> Iterator[str]:
        kept: set[str] = set()
        if self._is_current:
            query = "SELECT key FROM memory WHERE source = ? AND key <> ''"
            kept = {row[0] for row in self._connection.execute(query, (self._source,))}
        yield from sorted(key for key in kept | self._written.keys() if self._written.get(key, "") is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def forget(self) -> None:
        """Forgets all, kept or not."""
        self._is_current = False
        self._written.clear()

    def keep(self) -> None:
        """Keeps what was written since the last time."""
        rows = [(self._source, key, value) for key, value in self._written.items() if value is not None]
        gone = [(self._source, key) for key, value in self._written.items() if value is None]
        with self._operations.connection() as connection:
            if not self._is_current:
                connection.execute("DELETE FROM memory WHERE source = ?", (self._source,))
                rows.append((self._source, self._EDITION, json.dumps(self._edition)))
            connection.executemany("DELETE FROM memory WHERE source = ? AND key = ?", gone)
            connection.executemany("INSERT OR REPLACE INTO memory VALUES (?, ?, ?)", rows)
        self._is_current = True
        self._written.clear()

    def _value(self, key: str) -> str | None:
        query = "SELECT value FROM memory WHERE source = ? AND key = ?"
        row = self._connection.execute(query, (self._source, key)).fetchone()
        return None if row is None else str(row[0])

    @property
    def _connection(self) -> sqlite3.Connection:
        """For reading, which a harvester does for every page and member: one that is held until `close`."""
        if self._open is None:
            self._open = self._operations.connect()
        return self._open

    def close(self) -> None:
        """Lets go of the file."""
        if self._open is not None:
            self._open.close()
            self._open = None
