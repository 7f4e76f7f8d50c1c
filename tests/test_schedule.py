"""Schedules: read from words, jittered, patient with what fails, open to wishes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.operations import Run
from catalogue.schedule import FIRST_RETRY, PAUSE, Schedule, due_at, is_due, parse

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def run(ago: timedelta, error: str | None = None) -> Run:
    """A run that ended some time ago, after a minute."""
    return Run("it", (NOW - ago - timedelta(minutes=1)).isoformat(), (NOW - ago).isoformat(), {}, error)


@pytest.mark.parametrize(
    ("text", "every"),
    [
        ("hourly", HOUR),
        ("daily", 24 * HOUR),
        ("Weekly", 7 * 24 * HOUR),
        ("manual", None),
        ("every 6 hours", 6 * HOUR),
        ("every  1 day", 24 * HOUR),
        ("every day", 24 * HOUR),
        ("every 90 minutes", 1.5 * HOUR),
        ("every 2 weeks", 14 * 24 * HOUR),
    ],
)
def test_a_schedule_is_read_from_words(text: str, every: timedelta | None) -> None:
    assert parse(text).every == every


@pytest.mark.parametrize(
    "text", ["", "sometimes", "every", "every 0 hours", "every 4 minutes", "every -1 days", "* * *"]
)
def test_a_schedule_that_cannot_be_read_says_what_there_is(text: str) -> None:
    with pytest.raises(ValueError, match=r"it can be hourly|5 minutes is the shortest"):
        parse(text)


def test_what_was_never_read_is_due_unless_it_is_manual() -> None:
    assert is_due(parse("weekly"), "it", [], NOW)
    assert not is_due(parse("manual"), "it", [], NOW)
    assert is_due(parse("manual"), "it", [], NOW, wished=True)


@pytest.mark.parametrize(
    ("ago", "expected"), [(timedelta(hours=23), False), (timedelta(hours=23, minutes=58), False), (26 * HOUR, True)]
)
def test_what_was_read_well_is_due_after_its_time_and_a_little_more(ago: timedelta, expected: bool) -> None:
    assert is_due(parse("daily"), "it", [run(ago)], NOW) is expected


@pytest.mark.parametrize(("failures", "minutes"), [(1, 5), (2, 10), (3, 20), (5, 80)])
def test_what_fails_is_tried_later_and_later(failures: int, minutes: int) -> None:
    runs = [run(timedelta(0), "down")] * failures + [run(48 * HOUR)]
    moment = due_at(parse("daily"), "it", runs)
    assert moment == NOW + timedelta(minutes=minutes)


@given(st.integers(1, 30), st.sampled_from(["hourly", "daily", "every 5 minutes"]))
def test_what_fails_is_never_tried_less_often_than_scheduled(failures: int, text: str) -> None:
    schedule = parse(text)
    moment = due_at(schedule, "it", [run(timedelta(0), "down")] * failures)
    assert moment is not None
    assert schedule.every is not None
    assert NOW - FIRST_RETRY <= moment <= NOW + schedule.every * 1.05


@given(st.text(), st.sampled_from(["hourly", "daily", "weekly"]))
def test_jitter_is_small_and_the_same_each_time(source_id: str, text: str) -> None:
    schedule, runs = parse(text), [run(timedelta(0))]
    moment = due_at(schedule, source_id, runs)
    assert moment == due_at(schedule, source_id, runs)
    assert moment is not None
    assert schedule.every is not None
    late = moment - runs[0].begin - schedule.every
    assert timedelta(0) <= late <= min(schedule.every * 0.05, timedelta(minutes=15))


def test_a_wish_is_heard_but_not_so_often_that_the_source_would_mind() -> None:
    assert is_due(parse("weekly"), "it", [run(PAUSE)], NOW, wished=True)
    assert not is_due(parse("weekly"), "it", [run(PAUSE / 2)], NOW, wished=True)


def test_a_clock_that_was_set_back_silences_no_source() -> None:
    assert is_due(parse("weekly"), "it", [run(-1000 * HOUR)], NOW)
    assert not is_due(Schedule("manual", None), "it", [run(-1000 * HOUR)], NOW)
