"""Many records at once: the same reports in the same order, with however many processes."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import pytest

from catalogue.checking import Check, Checker
from catalogue.fetch import Fetch
from catalogue.model import Document, Report
from catalogue.rdf import IRI, Literal, Triple
from catalogue.validation import batch
from catalogue.validation.batch import CHUNK, reports, spread
from catalogue.validation.report import Asked, outcome
from catalogue.vocabulary import DCAT, DCT, RDF

ASKED = Asked("dcat-ap", datetime(2026, 11, 21, tzinfo=UTC))
COUNT = 5 * CHUNK + 30


def record(number: int) -> frozenset[Triple]:
    """Every third has no title."""
    thing = IRI(f"https://example.org/{number}")
    title = [Triple(thing, DCT.title, Literal(f"Thing {number}", language="en"))] if number % 3 else []
    return frozenset([Triple(thing, RDF.type, DCAT.Dataset), *title])


def records(count: int) -> Iterator[tuple[str, frozenset[Triple]]]:
    return ((str(number), record(number)) for number in range(count))


def _deadly(parent: int, item: int) -> int:
    if os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def test_what_processes_that_were_killed_left_is_done_by_this_one() -> None:
    assert spread(partial(_deadly, os.getpid()), range(200), 4) == list(range(200))


def test_two_processes_report_as_one_does() -> None:
    alone = list(reports(records(COUNT), ASKED, processes=1))
    assert list(reports(records(COUNT), ASKED, processes=2)) == alone
    assert [key for key, _ in alone] == [str(number) for number in range(COUNT)]


def test_a_record_is_reported_as_if_it_were_alone() -> None:
    for key, report in reports(records(9), ASKED):
        assert report == outcome(record(int(key)), ASKED).report
        assert ("title" in str(report.findings)) == (int(key) % 3 == 0)


@pytest.mark.parametrize("count", [0, 1, CHUNK, CHUNK + 1])
def test_all_records_are_reported_whatever_their_number(count: int) -> None:
    assert len(list(reports(records(count), ASKED, processes=1))) == count


def test_records_are_read_as_their_reports_are_taken() -> None:
    """Memory does not grow with the number of records."""
    read: list[int] = []

    def endless() -> Iterator[tuple[str, frozenset[Triple]]]:
        number = 0
        while True:
            read.append(number)
            yield str(number), record(number)
            number += 1

    found = reports(endless(), ASKED, processes=1)
    first: tuple[str, Report] = next(found)
    assert first[0] == "0"
    assert len(read) <= 3 * CHUNK


def pid(_: int) -> int:
    return os.getpid()


@pytest.mark.parametrize("count", [0, 3, 4 * 5 - 1])
def test_few_things_are_done_by_this_process(count: int) -> None:
    assert spread(pid, range(count), 5) == [os.getpid()] * count


def test_many_things_are_done_by_others_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "cores", lambda: 2)
    assert os.getpid() not in spread(pid, range(20), 5)
    assert spread(abs, range(-40, 0), 3) == list(range(40, 0, -1))


def test_documents_are_checked_by_all_cores_as_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "cores", lambda: 2)
    now, checker, asked = ASKED.now, Checker(Fetch()), Check(None, ASKED.now)
    texts = [f'publiccodeYmlVersion: "0.7"\nname: Desk {number}\n' for number in range(40)]
    documents = [Document(f"https://example.org/{n}.yml", text.encode(), "", now) for n, text in enumerate(texts)]
    assert checker.check_all(documents, asked) == [checker.check(document, asked) for document in documents]
