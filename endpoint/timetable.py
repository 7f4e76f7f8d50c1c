"""When each source is read next: what `catalogue.toml` says now, the log, and the wishes that wait."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from catalogue import schedule
from catalogue.errors import SettingsError
from catalogue.operations import Operations
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
    moment = schedule.due_at(when, entry["id"], log.runs(entry["id"], schedule.ENOUGH_RUNS))
    is_due = moment is not None and moment <= datetime.now(UTC)
    return Plan(
        entry["id"],
        str(entry.get("title") or entry["id"]),
        entry["kind"],
        when.text,
        None if moment is None or is_due else Moment(moment.isoformat()[:16]),
        is_due,
        entry["id"] in wished,
    )
