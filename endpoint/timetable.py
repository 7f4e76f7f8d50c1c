"""When each source is read next: what `catalogue.toml` says now, the log, and the wishes that wait."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from catalogue import schedule
from catalogue.errors import SettingsError
from catalogue.operations import Operations
from catalogue.reports import counts
from catalogue.settings import read_sources
from endpoint.reader import home, settings
from endpoint.show import Moment


@dataclass(frozen=True)
class Plan:
    """When a source is read: its schedule in words, the next time (None for none), whether it is due or wished."""

    id: str
    title: str
    kind: str
    schedule: str
    next: Moment | None
    is_due: bool
    is_wished: bool
    at: str | None = None  # the next time as programs want it


def plans() -> dict[str, Plan]:
    """The plans of the configured sources that are not paused; nothing while the file cannot be read."""
    log = Operations(home().operations)
    wished = log.wished()
    found = (_plan(entry, log, wished) for entry in _entries())
    return {plan.id: plan for plan in found if plan}


def plan_of(source_id: str) -> Plan | None:
    """The plan of one source; None where it is paused, or read by hand only."""
    log = Operations(home().operations)
    return next((_plan(entry, log, log.wished()) for entry in _entries() if entry["id"] == source_id), None)


def standing(source_id: str) -> str:
    """Why nobody reads a source by itself, in a sentence; "" of one that is read as its plan says."""
    try:
        entries = {entry["id"]: entry for entry in read_sources(settings().file)}
    except SettingsError:
        return "The catalogue's settings cannot be read now; until they can, sources are read by hand."
    if source_id not in entries:
        return "It is not among the configured sources, and read by hand only; what it has said stays."
    if entries[source_id].get("paused") is True:
        return "It is paused, and not read until an operator resumes it; what it has said stays."
    return "" if plan_of(source_id) else "It is configured in a way that cannot be used; its last harvest says why."


def _entries() -> tuple[Mapping[str, Any], ...]:
    try:
        return read_sources(settings().file)
    except SettingsError:
        return ()


def _plan(entry: Mapping[str, Any], log: Operations, wished: Collection[str]) -> Plan | None:
    try:
        when = schedule.parse(str(entry.get("schedule", schedule.DEFAULT)))
    except ValueError:
        return None
    if entry.get("paused") is True:
        return None
    runs, now = log.runs(entry["id"], schedule.ENOUGH_RUNS), datetime.now(UTC)
    moment = schedule.due_at(when, entry["id"], runs)
    is_due = schedule.is_due(when, entry["id"], runs, now)
    is_later = moment is not None and not is_due
    return Plan(
        entry["id"],
        str(entry.get("title") or entry["id"]),
        entry["kind"],
        when.text,
        Moment(moment.isoformat()[:16]) if moment and is_later else None,
        is_due,
        entry["id"] in wished,
        moment.isoformat(timespec="seconds") if moment and is_later else None,
    )


@dataclass(frozen=True)
class Begun:
    """A harvest that has not ended: since when, the last sign of life of it, how far it was; not `is_alive` when its
    process ended first, which the log tells once another one begins."""

    since: Moment
    seen: Moment
    counts: Mapping[str, int]
    is_alive: bool


def begun() -> dict[str, Begun]:
    """The harvests that have not ended, by their sources."""
    found = Operations(home().operations).begun()
    is_alive = bool(found) and home().is_written
    times = {name: (Moment(run.started[:16]), Moment(run.ended[:16])) for name, run in found.items()}
    return {name: Begun(*times[name], counts(run), is_alive) for name, run in found.items()}
