"""`operations.db`: the log of what each run did, what a harvester remembers of a source until the next, which records
could not be used when they were last tried, which went and why, and which sources somebody wishes to be read.

The only module that knows sqlite3. All this is kept here and not in the store, so that harvesting what has not changed
leaves the store untouched. Times are texts of ISO 8601 in UTC, so they can be compared.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from catalogue.errors import StoreError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
  number INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, started TEXT NOT NULL, ended TEXT NOT NULL,
  counts TEXT NOT NULL, error TEXT, requests INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
  records TEXT NOT NULL DEFAULT '{}', notice TEXT, lost INTEGER NOT NULL DEFAULT 0, before TEXT,
  reasons TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX IF NOT EXISTS run_source ON run (source, number);
CREATE TABLE IF NOT EXISTS begun (source TEXT PRIMARY KEY, run TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS departed (
  source TEXT NOT NULL, record TEXT NOT NULL, thing TEXT NOT NULL, moment TEXT NOT NULL, why TEXT NOT NULL,
  run INTEGER NOT NULL, PRIMARY KEY (source, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS departed_thing ON departed (thing);
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
    "before": "TEXT",
    "reasons": "TEXT NOT NULL DEFAULT '{}'",
}
_OBJECTS = ("counts", "records", "reasons")  # of JSON, as texts
# Seconds to wait for another process that is writing a line.
_BUSY_S = 10
KEPT_RUNS = 1_000
"""How many runs of each source are kept: nearly three years of a daily one, in a megabyte or two."""
_KEPT_WISHES_S = 24 * 3600  # granted ones, by which it is known who has asked often enough
_NEWEST = 1 << 62
MISSING = "missing "
"""What stands before a record's key where it is remembered in how many complete harvests in a row it was missing."""
_BROKEN_OFF = (
    "the harvest did not end: its process was killed, or failed, or the machine stopped; what was read until then is in"
)
_NUMBERS = re.compile(r"(?<!status )(?<![0-9])[0-9]+")
# Outcomes by which the catalogue is other than before; the last two are of records that were usable and were not.
_CHANGES = ("new", "changed", "gone")
_TURNS = ("broken", "mended")


@dataclass(frozen=True)
class Run:
    """One harvest of one source: times, counts by outcome, the error that ended it early, requests sent and bytes read
    over the network.

    `records` names, by outcome, the first records that were new, changed, gone, rejected, and those of them that were
    broken (rejected for the first time) or mended; and as "unread" what else of the source could not be read, of which
    `lost` were not unread in the run before; `reasons` says why, in sentences. `notice` says what came of telling the
    source's webhook, None when it was not told. `number` is given by the log, the same for ever, and so is `before`,
    the error of the run before.
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
    before: str | None = None
    reasons: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def is_wrong(self) -> bool:
        """Whether it failed, or records broke, or parts of the source, that had been usable or unknown. A failure that
        is that of the run before, but for the numbers in it, was told then."""
        has_failed = self.error is not None and _alike(self.error) != _alike(self.before or "")
        return has_failed or bool(self.records.get("broken")) or self.lost > 0

    @property
    def is_news(self) -> bool:
        """Whether something changed or is wrong, or the source can be read again."""
        changed = any(self.counts.get(name) for name in _CHANGES) or any(self.records.get(name) for name in _TURNS)
        return changed or self.is_wrong or (self.error is None and self.before is not None)

    @property
    def begin(self) -> datetime:
        return datetime.fromisoformat(self.started)

    @property
    def end(self) -> datetime:
        return datetime.fromisoformat(self.ended)

    @property
    def seconds(self) -> float:
        """How long it took; nothing where the clock was set back meanwhile."""
        return max(0.0, (self.end - self.begin).total_seconds())


@dataclass(frozen=True)
class Failing:
    """A record that could not be used when it was last tried: since when, and when its source was last read well
    before that."""

    since: str
    tried: str
    succeeded: str | None = None


@dataclass(frozen=True)
class Departure:
    """A record that went: of which thing it was (its IRI), when, why in words, and in which run."""

    source: str
    record: str
    thing: str
    moment: str
    why: str
    run: int = 0


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
        """Logs a run, which is under way no more, and forgets the source's oldest; returns it as it is logged."""
        last = self.runs(run.source, 1)
        run = replace(run, before=last[0].error if last else None)
        texts = {name: json.dumps(dict(getattr(run, name)), default=list) for name in _OBJECTS}
        columns = [name for name in Run.__dataclass_fields__ if name != "number"]
        with self.connection() as connection:
            added = connection.execute(
                f"INSERT INTO run ({', '.join(columns)}) VALUES (:{', :'.join(columns)})",  # noqa: S608 - names of ours
                asdict(run) | texts,
            )
            connection.execute("DELETE FROM begun WHERE source = ?", (run.source,))
            connection.execute(
                "DELETE FROM run WHERE source = ? AND number NOT IN"
                " (SELECT number FROM run WHERE source = ? ORDER BY number DESC LIMIT ?)",
                (run.source, run.source, KEPT_RUNS),
            )
        return replace(run, number=added.lastrowid or 0)

    def begin(self, run: Run) -> None:
        """Notes how far a run is that has not ended; its end is the last sign of life of it."""
        with self.connection() as connection:
            told = json.dumps(asdict(run), default=dict)
            connection.execute("INSERT OR REPLACE INTO begun VALUES (?, ?)", (run.source, told))

    def begun(self) -> dict[str, Run]:
        """The runs that have not ended, by their sources: one is under way, or its process came to an end first."""
        return {row[0]: Run(**json.loads(row[1])) for row in self._rows("SELECT source, run FROM begun")}

    def break_off(self) -> list[Run]:
        """Logs the runs that will never end as failed. For whoever has the right to write, which they had then."""
        found = self.begun().values()
        for run in found:  # or a wish would have a source that kills its reader read every few minutes
            self.grant(run.source, run.begin)
        return [self.add(replace(run, error=f"{run.source}: {_BROKEN_OFF}")) for run in found]

    def notice(self, run: Run, words: str | None) -> None:
        """Logs what came of telling the source's webhook of a run."""
        with self.connection() as connection:
            connection.execute("UPDATE run SET notice = ? WHERE number = ?", (words, run.number))

    def run(self, source: str, number: int) -> Run | None:
        """A run of a source by its number, None when there is none or it is forgotten."""
        found = self._runs("SELECT * FROM run WHERE source = ? AND number = ?", source, number)
        return found[0] if found else None

    def runs(self, source: str, limit: int = 20, before: int = _NEWEST) -> list[Run]:
        """A source's runs, the newest first; only those that came `before` the one with a number."""
        query = "SELECT * FROM run WHERE source = ? AND number < ? ORDER BY number DESC LIMIT ?"
        return self._runs(query, source, before, limit)

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

    # Records that went

    def departed(self, departures: Iterable[Departure]) -> None:
        """Notes records that went; one that comes back has a page again, which then counts."""
        rows = [asdict(departure) for departure in departures]
        with self.connection() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO departed VALUES (:source, :record, :thing, :moment, :why, :run)", rows
            )

    def departure(self, source: str, record: str) -> Departure | None:
        """When and why a record went, None of one that never did."""
        rows = self._rows("SELECT * FROM departed WHERE source = ? AND record = ?", source, record)
        return next((Departure(*row) for row in rows), None)

    def departures(self, thing: str) -> list[Departure]:
        """The records of a thing that went, the last first."""
        rows = self._rows("SELECT * FROM departed WHERE thing = ? ORDER BY moment DESC, source, record", thing)
        return [Departure(*row) for row in rows]

    def missed(self, source: str, record: str) -> int:
        """In how many complete harvests, the last ones, a record was missing."""
        rows = self._rows("SELECT value FROM memory WHERE source = ? AND key = ?", source, MISSING + record)
        return int(json.loads(rows[0][0])) if rows else 0

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

    def is_waiting(self, source: str, record: str) -> bool:
        """Whether a record is wished to be read again, and no run has begun since."""
        query = "SELECT 1 FROM wish WHERE source = ? AND record = ? AND granted IS NULL LIMIT 1"
        return bool(self._rows(query, source, record))

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
        """A transaction, on a connection of its own. Raises StoreError where nothing can be written."""
        try:
            with closing(self.connect()) as connection, connection:
                yield connection
        except sqlite3.OperationalError as error:
            fix = "what was written before is kept; make room on the disk, see who may write there, and do it again"
            raise StoreError(f"{self._path.name}: it cannot be written: {error}; {fix}") from error

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


def _alike(error: str) -> str:
    """An error without what differs each time that it happens: counts, seconds, ports; the status of HTTP tells."""
    return _NUMBERS.sub("0", error)


def _run(row: dict[str, Any]) -> Run:
    """A run of a row; what the row of an earlier version lacks is as by default."""
    texts = {name: json.loads(row[name]) for name in _OBJECTS if name in row}
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
