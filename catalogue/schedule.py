"""When a source is due: by its timetable, later and later while it fails, sooner when somebody wishes it."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from catalogue.operations import Run

DEFAULT = "daily"
MANUAL = "manual"
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_UNITS = {"minute": _MINUTE, "hour": _HOUR, "day": _DAY, "week": 7 * _DAY}
_NAMED = {"hourly": _HOUR, "daily": _DAY, "weekly": 7 * _DAY, MANUAL: None}
_EVERY = re.compile(r"every (?:(?P<count>[0-9]{1,4}) )?(?P<unit>minute|hour|day|week)s?")
WORDS = 'hourly, daily, weekly, manual, or such as "every 6 hours"'
# Nobody's server is asked more often than this.
_SHORTEST = 5 * _MINUTE
# The first pause after a failure, doubled with each that follows; and that between two readings that were wished.
FIRST_RETRY = PAUSE = 5 * _MINUTE
# Sources of one schedule, and catalogues that were started in the same minute, drift apart by up to this share.
_JITTER_SHARE, _LONGEST_JITTER = 0.05, 15 * _MINUTE
# So many runs tell how often a source failed: with the last of them, the pause is longer than any schedule.
ENOUGH_RUNS = 20
NEVER_READ = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Schedule:
    """How often a source is read; `every` is None for one that is read only when someone says so."""

    text: str
    every: timedelta | None


def parse(text: str) -> Schedule:
    """The schedule of a text such as "daily" or "every 6 hours"; raises ValueError, saying what there is."""
    words = " ".join(text.lower().split())
    if words in _NAMED:
        return Schedule(words, _NAMED[words])
    found = _EVERY.fullmatch(words)
    if found is None:
        raise ValueError(f"it can be {WORDS}")
    every = int(found["count"] or 1) * _UNITS[found["unit"]]
    if every < _SHORTEST:
        raise ValueError("5 minutes is the shortest time there is")
    return Schedule(words, every)


def due_at(schedule: Schedule, source_id: str, runs: Sequence[Run]) -> datetime | None:
    """When a source is due by its schedule, given its runs, the newest first; None for one that never is.

    While it fails, it is tried after 5 minutes, 10, 20 …, and never less often than by its schedule.
    """
    if schedule.every is None:
        return None
    if not runs:
        return NEVER_READ
    failures = sum(1 for _ in takewhile(lambda run: run.error is not None, runs[:ENOUGH_RUNS]))
    regular = runs[0].begin + schedule.every + _jitter(schedule.every, source_id, runs[0])
    if not failures:
        return regular
    return min(regular, runs[0].end + FIRST_RETRY * (1 << failures - 1))


def is_due(schedule: Schedule, source_id: str, runs: Sequence[Run], now: datetime, *, wished: bool = False) -> bool:
    """Whether a source is to be read now; `runs` are its own, the newest first."""
    if runs and runs[0].begin > now:  # the clock was set back, which must not silence a source
        return schedule.every is not None or wished
    moment = due_at(schedule, source_id, runs)
    if moment is not None and moment <= now:
        return True
    return wished and (not runs or runs[0].end + PAUSE <= now)


def _jitter(every: timedelta, source_id: str, last: Run) -> timedelta:
    """Another one after each run, and the same whenever it is asked for."""
    digest = hashlib.sha256(f"{source_id} {last.started}".encode()).digest()
    return min(every * _JITTER_SHARE, _LONGEST_JITTER) * (digest[0] / 255)
