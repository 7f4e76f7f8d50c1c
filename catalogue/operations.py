"""The harvest log in `operations.db`: what each run did. The only module that knows sqlite3.

Runs are kept here and not in the store, so that harvesting what has not changed leaves the store untouched.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
  number INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, started TEXT NOT NULL, ended TEXT NOT NULL,
  counts TEXT NOT NULL, error TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS run_source ON run (source, number);
"""
# Seconds to wait for another process that is writing a line.
_BUSY_S = 10
_KEPT_RUNS = 100  # for each source; enough to see a trend, and the file stays small


@dataclass(frozen=True)
class Run:
    """One harvest of one source: times in ISO 8601, counts by outcome, the error that ended it early."""

    source: str
    started: str
    ended: str
    counts: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None


class Operations:
    """The log. Each call opens the file for itself, so it can be used from any process and thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, run: Run) -> None:
        """Logs a run, and forgets the source's oldest."""
        values = asdict(run) | {"counts": json.dumps(dict(run.counts))}
        with self._connection() as connection:
            connection.execute(
                "INSERT INTO run (source, started, ended, counts, error)"
                " VALUES (:source, :started, :ended, :counts, :error)",
                values,
            )
            connection.execute(
                "DELETE FROM run WHERE source = ? AND number NOT IN"
                " (SELECT number FROM run WHERE source = ? ORDER BY number DESC LIMIT ?)",
                (run.source, run.source, _KEPT_RUNS),
            )

    def runs(self, source: str, limit: int = 20) -> list[Run]:
        """A source's runs, the newest first."""
        return self._runs("SELECT * FROM run WHERE source = ? ORDER BY number DESC LIMIT ?", source, limit)

    def latest(self) -> dict[str, Run]:
        """The newest run of each source."""
        query = "SELECT * FROM run WHERE number IN (SELECT max(number) FROM run GROUP BY source)"
        return {run.source: run for run in self._runs(query)}

    def _runs(self, query: str, *values: object) -> list[Run]:
        if not self._path.exists():
            return []
        address = f"{self._path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=_BUSY_S)) as connection:
            connection.row_factory = sqlite3.Row
            rows = connection.execute(query, values).fetchall()
        return [
            Run(row["source"], row["started"], row["ended"], json.loads(row["counts"]), row["error"]) for row in rows
        ]

    def copy(self, target: Path) -> None:
        """A consistent copy, even while others write."""
        with self._connection() as connection, closing(sqlite3.connect(target)) as copy:
            connection.backup(copy)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=_BUSY_S)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_SCHEMA)
            with connection:
                yield connection
