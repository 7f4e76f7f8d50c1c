"""A harvest: what a harvester finds and what becomes of it, over faults of every kind; nothing stored is lost."""

import gzip
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.errors import SourceError
from catalogue.fetch import Fetch
from catalogue.harvest import Harvest, Harvesting, harvest
from catalogue.harvesters import HARVESTERS
from catalogue.identity import Minter
from catalogue.model import (
    Checkpoint,
    Deleted,
    Document,
    Finding,
    Found,
    Partial,
    Reading,
    Record,
    Report,
    Severity,
    Source,
    Unchanged,
)
from catalogue.operations import Operations
from catalogue.rdf import Literal, Triple
from catalogue.store import Store
from catalogue.visit import Visit
from catalogue.vocabulary import ADMS, DCT, OSC, RDF, SH
from tests.wire import CERTIFICATE, NOW, Answer, Server, drip, hold, redirect, reply, reset

MINTER = Minter("https://catalogue.example")
SCRIPTED = Source("scripted", "scripted", "somewhere", "Scripted", 50)


def record(key: str, title: str, origin: str) -> Reading:
    iri = MINTER.thing("solution", key)
    triples = {Triple(iri, RDF.type, ADMS.Asset), Triple(iri, DCT.title, Literal(title, language="en"))}
    return Reading(key, origin, Report(), Record(key, iri, frozenset(triples), origin))


def document(key: str, text: str) -> tuple[str, Document]:
    return key, Document(key, text.encode(), "text/plain", NOW)


class Scripted:
    """A harvester that finds what a test says; a document is lines of `key title`: "!" makes it unusable, "-" is
    nothing for this catalogue."""

    PRECEDENCE, OPTIONS = 50, {}

    def __init__(self) -> None:
        self.script: list[Found | Exception] = []
        self.visits: list[Visit] = []
        self.read = 0

    def documents(self, visit: Visit) -> Iterator[Found]:
        self.visits.append(visit)
        for found in self.script:
            if isinstance(found, Exception):
                raise found
            yield found

    def readings(self, key: str, found: Document, minter: Minter) -> Iterator[Reading]:
        self.read += 1
        for line in found.content.decode().splitlines():
            name, _, title = line.partition(" ")
            if severity := {"!": Severity.VIOLATION, "-": Severity.INFO}.get(title):
                yield Reading(name, key, Report((Finding(severity, "it is broken"),)))
            else:
                yield record(name, title, key)

    def recognises(self, location: str, found: Document | None) -> bool:
        return False


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    harvester = Scripted()
    monkeypatch.setitem(HARVESTERS, "scripted", harvester)  # type: ignore[arg-type]
    return harvester


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(Store(None, MINTER, lambda: datetime.now(UTC))) as opened:
        yield opened


@pytest.fixture
def run(store: Store, scripted: Scripted, tmp_path: Path) -> Callable[..., Harvest]:
    operations = Operations(tmp_path / "operations.db")

    def harvested(*script: Found | Exception, source: Source = SCRIPTED, **how: Any) -> Harvest:
        scripted.script = list(script)
        return harvest(store, source, Harvesting(Fetch(), lambda: NOW, operations=operations, **how))

    return harvested


def counts(done: Harvest) -> dict[str, int]:
    return {str(name): number for name, number in done.counts.items() if number}


def titles(store: Store) -> set[str]:
    return {t.object.value for t in store.triples(None, DCT.title, None) if isinstance(t.object, Literal)}


def quads(store: Store) -> set[Any]:
    return set(store.quads())


TWO = document("a", "one First\ntwo Second")


def test_what_is_found_is_published_and_found_again_changes_nothing(
    run: Callable[..., Harvest], store: Store, scripted: Scripted
) -> None:
    assert counts(run(TWO)) == {"new": 2}
    before = quads(store)
    assert counts(run(TWO)) == {"unchanged": 2}
    assert (quads(store), scripted.read) == (before, 1)


def test_a_record_is_gone_after_two_complete_harvests_without_it(run: Callable[..., Harvest], store: Store) -> None:
    run(TWO)
    one = document("a", "one First")
    assert counts(run(one)) == {"unchanged": 1, "missing": 1}
    assert "Second" in titles(store)
    assert counts(run(one)) == {"unchanged": 1, "gone": 1}
    assert "Second" not in titles(store)


def test_a_record_that_comes_back_in_between_stays(run: Callable[..., Harvest], store: Store) -> None:
    one = document("a", "one First")
    for script in (TWO, one, TWO, one):
        run(script)
    assert "Second" in titles(store)


def test_patience_is_the_sources(run: Callable[..., Harvest], store: Store) -> None:
    run(TWO, source=replace(SCRIPTED, patience=1))
    assert counts(run(document("a", "one First"), source=replace(SCRIPTED, patience=1)))["gone"] == 1


def test_a_failed_or_partial_visit_counts_nothing_as_missing(run: Callable[..., Harvest], store: Store) -> None:
    run(TWO, document("b", "three Third"))
    for script in ((TWO, SourceError("broken off")), (Partial(), TWO)) * 2:
        assert "missing" not in counts(run(*script))
    assert "Third" in titles(store)


def test_a_partial_visit_takes_what_a_document_no_longer_says(run: Callable[..., Harvest], store: Store) -> None:
    run(TWO, document("b", "three Third"))
    assert counts(run(Partial(), document("a", "one First"))) == {"unchanged": 1, "gone": 1}
    assert titles(store) == {"First", "Third"}


def test_what_the_source_deletes_goes_at_once(run: Callable[..., Harvest], store: Store) -> None:
    run(TWO, document("b", "three Third"))
    assert counts(run(Partial(), Deleted("a"))) == {"gone": 2}
    assert titles(store) == {"Third"}
    assert counts(run(Partial(), TWO, Deleted("a"))) == {"new": 2, "gone": 2}


def test_what_is_said_to_be_unchanged_stays(run: Callable[..., Harvest], store: Store) -> None:
    run(TWO, document("b", "three Third"))
    for _ in range(2):
        assert counts(run(Unchanged("a"), Unchanged("b"))) == {"unchanged": 3}
    assert titles(store) == {"First", "Second", "Third"}


def test_a_record_that_breaks_keeps_its_last_good_version(run: Callable[..., Harvest], store: Store) -> None:
    run(TWO)
    done = run(document("a", "one First\ntwo !"))
    assert counts(done) == {"unchanged": 1, "rejected": 1}
    assert [report.findings[0].message for _, report in done.rejected] == ["it is broken"]
    assert "Second" in titles(store)


def test_of_one_origin_each_record_that_is_rejected_is_told_again(run: Callable[..., Harvest], store: Store) -> None:
    broken = document("a", "one !\ntwo !\nthree Third")
    assert counts(run(broken)) == {"rejected": 2, "new": 1}
    assert counts(run(broken)) == {"rejected": 2, "unchanged": 1}
    # What cannot be read says nothing of what was read from there before.
    assert counts(run(document("a", "one !"))) == {"rejected": 1}
    assert "Third" in titles(store)


OUTSIDE = document("a", "one First\ntwo -")


def test_a_record_that_is_rejected_keeps_no_other_alive(run: Callable[..., Harvest], store: Store) -> None:
    run(document("a", "one First\ntwo Second\nthree Third"))
    for number in (1, 2):
        done = run(document("a", "one First\ntwo !"))
        assert counts(done) == {"unchanged": 1, "rejected": 1, "missing" if number == 1 else "gone": 1}
    assert titles(store) == {"First", "Second"}


def test_what_is_not_for_this_catalogue_is_told_and_is_no_fault(run: Callable[..., Harvest], store: Store) -> None:
    done = run(OUTSIDE)
    assert counts(done) == {"new": 1, "outside": 1}
    assert (done.is_lacking, done.rejected, done.run(NOW).is_wrong) == (False, [], False)
    node = MINTER.record("scripted", "two")
    assert store.value(node, OSC.recordState, MINTER.graph("meta")) == Literal("outside")
    assert [(origin, found.message) for origin, found in done.findings] == [("a", "it is broken")]
    before = quads(store)
    assert counts(run(OUTSIDE)) == {"unchanged": 1, "outside": 1}
    assert counts(run(Unchanged("a"))) == {"unchanged": 1, "outside": 1}
    assert quads(store) == before
    assert counts(run(document("a", "one First\ntwo Second"))) == {"unchanged": 1, "new": 1}


@pytest.mark.parametrize("again", [OUTSIDE, Unchanged("a")], ids=["read again", "not changed since"])
def test_what_is_no_longer_for_this_catalogue_goes_as_what_is_missing_and_its_record_says_why(
    run: Callable[..., Harvest], store: Store, again: Found
) -> None:
    run(document("a", "one First\ntwo Second"))
    assert counts(run(OUTSIDE)) == {"unchanged": 1, "outside": 1, "missing": 1}
    assert titles(store) == {"First", "Second"}
    assert counts(run(again)) == {"unchanged": 1, "outside": 1, "gone": 1}
    assert titles(store) == {"First"}
    node = MINTER.record("scripted", "two")
    assert store.value(node, OSC.recordState, MINTER.graph("meta")) == Literal("outside")
    assert len(set(store.triples(None, SH.resultMessage, None, MINTER.graph("quality")))) == 1
    assert counts(run(again)) == {"unchanged": 1, "outside": 1}
    assert counts(run(document("a", "one First\ntwo Second"))) == {"unchanged": 1, "new": 1}


def test_a_source_that_says_of_much_that_it_is_not_for_this_catalogue_is_held_back(
    run: Callable[..., Harvest], store: Store
) -> None:
    run(document("a", "\n".join(f"r{number} Thing {number}" for number in range(20))))
    closed = document("a", "r0 Thing 0\n" + "\n".join(f"r{number} -" for number in range(1, 20)))
    run(closed)
    assert "19 of 20 records are no longer there; they were kept" in (run(closed).error or "")
    assert len(titles(store)) == 20


def test_what_was_rejected_is_told_again_while_its_origin_does_not_change(run: Callable[..., Harvest]) -> None:
    run(document("a", "one First\ntwo !"))
    assert counts(run(Unchanged("a"))) == {"unchanged": 1, "rejected": 1}


def test_what_cannot_be_read_of_a_source_is_told_and_takes_nothing_with_it(
    run: Callable[..., Harvest], store: Store
) -> None:
    run(TWO)
    done = run(Partial("page 7", (Finding(Severity.WARNING, "page 7 is missing"),)))
    assert counts(done) == {"unread": 1, "warnings": 1}
    assert done.is_lacking
    assert (done.account.named, done.run(NOW).records) == ({"unread": ["page 7"]},) * 2
    assert done.findings[0][1].message == "page 7 is missing"
    assert titles(store) == {"First", "Second"}


def test_what_of_a_source_may_not_be_looked_into_is_its_error_and_loses_nothing(
    run: Callable[..., Harvest], store: Store
) -> None:
    run(TWO)
    done = run(PermissionError(13, "Permission denied", "/srv/files"))
    assert done.error == "scripted: /srv/files: Permission denied"
    assert titles(store) == {"First", "Second"}


def test_what_the_disk_that_is_written_to_says_is_no_error_of_a_source(run: Callable[..., Harvest]) -> None:
    def proceed(_: Harvest) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        run(TWO, proceed=proceed)


def test_what_cannot_be_read_is_wrong_when_it_is_new(run: Callable[..., Harvest], tmp_path: Path) -> None:
    operations = Operations(tmp_path / "operations.db")

    def visited(*pages: str) -> tuple[int, bool, bool]:
        unread = (Partial(page, (Finding(Severity.WARNING, f"{page} is missing"),)) for page in pages)
        operations.add(run(*unread).run(NOW))
        [last] = operations.runs("scripted", 1)
        assert list(last.records.get("unread", ())) == [*pages]
        return last.lost, last.is_wrong, last.is_news

    assert visited() == (0, False, False)
    assert visited("page 1") == (1, True, True)
    assert visited("page 1") == (0, False, False)
    assert visited("page 1", "page 2") == (1, True, True)
    assert visited("page 2") == (0, False, False)


def test_what_was_made_of_a_document_and_removed_is_read_again(run: Callable[..., Harvest], store: Store) -> None:
    def elsewhere(key: str) -> Found:
        return key, Document(key, b"one First", "text/plain", NOW)

    run(elsewhere("a"))
    store.remove("scripted", "one")
    assert counts(run(elsewhere("a"))) == {"new": 1}


def test_what_is_as_it_was_before_a_visit_that_broke_off_is_read_again(
    run: Callable[..., Harvest], store: Store, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def readings(key: str, found: Document, minter: Minter) -> Iterator[Reading]:
        return (replace(one, origin=f"{one.key}.ttl") for one in Scripted.readings(scripted, key, found, minter))

    def stop(done: Harvest) -> None:
        if done.counts["changed"]:
            raise SourceError("stopped")

    monkeypatch.setattr(scripted, "readings", readings)
    old, other = document(".", "a First\nb Second\nc Third"), document(".", "a Other\nb Other\nc Other")
    assert counts(run(old)) == {"new": 3}
    assert run(other, proceed=stop).error == "stopped"
    assert titles(store) == {"Other", "Second", "Third"}
    assert counts(run(old)) == {"changed": 1, "unchanged": 2}
    assert titles(store) == {"First", "Second", "Third"}
    assert counts(run(old)) == {"unchanged": 3}
    assert scripted.read == 3


@pytest.mark.parametrize("after", [1, 2])
def test_a_document_of_which_a_visit_read_the_beginning_is_read_again(
    run: Callable[..., Harvest], store: Store, after: int
) -> None:
    def stop(done: Harvest) -> None:
        if done.counts["new"] == after:
            raise SourceError("stopped")

    found = document("a", "a First\nb Second\nc Third")
    assert run(found, proceed=stop).error == "stopped"
    assert counts(run(found)) == {"new": 3 - after, "unchanged": after}
    assert titles(store) == {"First", "Second", "Third"}
    assert counts(run(found)) == {"unchanged": 3}


def test_a_key_that_comes_twice_is_taken_once(run: Callable[..., Harvest], store: Store) -> None:
    twice = (TWO, document("b", "one Another"))
    done = run(*twice)
    assert counts(done) == {"new": 2, "repeated": 1, "warnings": 1}
    assert "more than once" in done.findings[0][1].message
    assert titles(store) == {"First", "Second"}
    before = quads(store)
    run(*twice)
    assert quads(store) == before


def test_a_source_that_empties_is_held_back_until_told_otherwise(run: Callable[..., Harvest], store: Store) -> None:
    full = document("a", "\n".join(f"r{number} Thing {number}" for number in range(20)))
    empty = document("a", "r0 Thing 0")
    run(full)
    assert run(empty).error is None
    for _ in range(2):
        assert "19 of 20 records are no longer there; they were kept" in (run(empty).error or "")
    assert len(titles(store)) == 20
    assert counts(run(empty, allow_deletions=True))["gone"] == 19
    assert titles(store) == {"Thing 0"}


@pytest.mark.parametrize("script", [(), (document("new", "new !"),)], ids=["empties", "cannot be read any more"])
def test_a_source_that_is_left_with_nothing_is_held_back_however_small(
    run: Callable[..., Harvest], store: Store, script: tuple[Found, ...]
) -> None:
    run(TWO)
    run(*script)
    for _ in range(2):
        assert "records are no longer there; they were kept" in (run(*script).error or "")
    assert titles(store) == {"First", "Second"}
    assert counts(run(TWO)) == {"unchanged": 2} | ({"missing": 1} if script else {})
    run()
    assert counts(run(allow_deletions=True))["gone"] >= 2
    assert titles(store) == set()


def test_a_source_whose_own_address_answers_with_what_cannot_be_read_has_lost_nothing(
    run: Callable[..., Harvest], store: Store
) -> None:
    run(TWO, document("b", "three Third"))
    for _ in range(3):
        assert counts(run(document("somewhere", "somewhere !"), TWO)) == {"unchanged": 2, "rejected": 1}
    assert titles(store) == {"First", "Second", "Third"}


BROKEN_OFF = SourceError("broken off")


def test_what_lacks_a_record_that_it_had_is_not_known_by_the_version_before(
    run: Callable[..., Harvest], scripted: Scripted
) -> None:
    run(TWO)
    run(document("a", "one Other"))
    run(BROKEN_OFF)
    assert "a" not in scripted.visits[-1].known


@pytest.mark.parametrize("title", ["First", "!", "-"], ids=["used", "rejected", "not for this catalogue"])
def test_what_is_remembered_stays_while_nothing_proves_it_wrong(
    run: Callable[..., Harvest], scripted: Scripted, title: str
) -> None:
    run(document("a", "one First"))
    run(document("a", f"one {title}"))
    scripted.visits[-1].memory["page"] = 7
    scripted.visits[-1].memory.keep()  # type: ignore[attr-defined]
    for _ in range(2):
        run(Unchanged("a"))
    run(BROKEN_OFF)
    assert scripted.visits[-1].memory["page"] == 7


def test_what_a_visit_wrote_that_broke_off_is_not_known_until_it_was_read_again(
    run: Callable[..., Harvest], scripted: Scripted
) -> None:
    both = (document("a", "one First"), document("b", "two Second"))
    run(*both)
    for script, expected in (((document("a", "one Other"), BROKEN_OFF), [False, True]), (both, [True, True])):
        run(*script)
        run(BROKEN_OFF)
        assert [origin in scripted.visits[-1].known for origin in ("a", "b")] == expected


@pytest.mark.parametrize(
    "before",
    [(), (document("a", "one First"), document("a", "one Other"), BROKEN_OFF)],
    ids=["nothing is there", "another version is there"],
)
def test_where_what_is_remembered_proves_wrong_all_of_it_is_forgotten(
    run: Callable[..., Harvest], scripted: Scripted, before: tuple[Found | Exception, ...]
) -> None:
    run(*before[:1])
    scripted.visits[-1].memory["page"] = 7
    scripted.visits[-1].memory.keep()  # type: ignore[attr-defined]
    run(*before[1:])
    run(Unchanged("a"))
    run(BROKEN_OFF)
    assert "page" not in scripted.visits[-1].memory


def test_a_share_can_be_set(run: Callable[..., Harvest], store: Store) -> None:
    run(document("a", "\n".join(f"r{number} Thing {number}" for number in range(20))))
    empty = document("a", "r0 Thing 0")
    run(empty)
    assert counts(run(empty, most_gone=1.0))["gone"] == 19


def test_memory_is_kept_at_checkpoints_and_at_a_good_end(run: Callable[..., Harvest], scripted: Scripted) -> None:
    def remembering(*steps: object) -> list[Any]:
        seen = []

        def documents(visit: Visit) -> Iterator[Found]:
            seen.append(dict(visit.memory))
            for step in steps:
                if isinstance(step, str):
                    visit.memory["place"] = step
                elif isinstance(step, Exception):
                    raise step
                else:
                    yield step  # type: ignore[misc]

        scripted.documents = documents  # type: ignore[method-assign]
        run()
        return seen

    assert remembering("one", SourceError("down")) == [{}]
    assert remembering("two", Checkpoint(), "three", SourceError("down")) == [{}]
    assert remembering("four") == [{"place": "two"}]
    assert remembering() == [{"place": "four"}]


def test_memory_is_of_one_source_and_its_options(run: Callable[..., Harvest], scripted: Scripted) -> None:
    kept = []

    def documents(visit: Visit) -> Iterator[Found]:
        kept.append(dict(visit.memory))
        visit.memory["place"] = visit.source.id
        yield from ()

    scripted.documents = documents  # type: ignore[method-assign]
    for source in (SCRIPTED, replace(SCRIPTED, id="other"), replace(SCRIPTED, options={"all": True}), SCRIPTED):
        run(source=source)
    assert kept == [{}, {}, {}, {}]
    run(source=SCRIPTED)
    assert kept[-1] == {"place": "scripted"}


def test_a_dry_run_writes_and_remembers_nothing(run: Callable[..., Harvest], store: Store, tmp_path: Path) -> None:
    run(TWO)
    before = quads(store)
    for _ in range(3):
        assert counts(run(document("a", "one Changed"), dry_run=True)) == {"changed": 1, "missing": 1}
    assert quads(store) == before


LINES = st.lists(
    st.tuples(st.sampled_from(["one", "two", "three"]), st.sampled_from(["First", "Second", "!"])),
    unique_by=lambda line: line[0],
)
DOCUMENTS = st.dictionaries(st.sampled_from(["a", "b"]), LINES)


@settings(max_examples=60, deadline=None)
@given(st.lists(DOCUMENTS, max_size=3))
def test_the_same_input_twice_changes_no_quad_and_logs_no_event(states: list[dict[str, list[tuple[str, str]]]]) -> None:
    harvester = Scripted()
    HARVESTERS["scripted"] = harvester  # type: ignore[index]
    try:
        with closing(Store(None, MINTER, lambda: datetime.now(UTC))) as store:
            for state in states:
                harvester.script = [
                    document(key, "\n".join(" ".join(line) for line in lines)) for key, lines in sorted(state.items())
                ]
                outcomes = []
                for _ in range(2):
                    harvest(store, replace(SCRIPTED, patience=1), Harvesting(Fetch(), lambda: NOW, most_gone=1))
                    outcomes.append((quads(store), store.log.last))
                assert outcomes[0] == outcomes[1]
                assert not store.differences()
    finally:
        del HARVESTERS["scripted"]  # type: ignore[attr-defined]


# Faults of servers. The first answer is good; what comes then must neither end the process nor lose what is stored.

IT = "<https://elsewhere.example/it>"
TURTLE = f'{IT} a <http://www.w3.org/ns/adms#Asset> ; <http://purl.org/dc/terms/title> "It"@en .'.encode()
GOOD = reply("200 OK", TURTLE, "Content-Type: text/turtle")
BOMB = gzip.compress(b" " * 60_000_000)
START = b"HTTP/1.1 200 OK\r\nContent-Type: text/turtle\r\nContent-Length: 1000\r\n\r\n"

FAULTS: dict[str, tuple[Answer, str]] = {
    "nothing for too long": (hold(b""), "no complete answer within the time allowed"),
    "a drop at a time": (drip(START, b"#"), "no complete answer within the time allowed"),
    "a reset in mid-body": (reset(START + TURTLE[:40]), "the server broke off the connection"),
    "a body cut short": (START + TURTLE, "the body ended before it was complete"),
    "not HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", "the answer is not proper HTTP: SSH"),
    "busy without end": (reply("503 Service Unavailable", b"", "Retry-After: 4000"), "status 503"),
    "quota used up": (
        reply("403 Forbidden", b"", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 9999999999"),
        "status 403; another attempt",
    ),
    "not found": (reply("404 Not Found", b""), "status 404"),
    "an error page": (reply("500 Internal Server Error", b"<html>"), "status 500"),
    "a redirect to a private address": (redirect("http://10.0.0.1/"), "10.0.0.1 is a private address"),
    "a redirect to a file": (redirect("file:///etc/passwd"), "only http and https are fetched"),
    "a gzip bomb": (reply("200 OK", BOMB, "Content-Encoding: gzip", "Content-Type: text/turtle"), "larger than"),
    "a false gzip": (reply("200 OK", TURTLE, "Content-Encoding: gzip", "Content-Type: text/turtle"), "not the gzip"),
}


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers = list[Server]()

    def make(*answers: Answer, tls: ssl.SSLContext | None = None) -> Server:
        servers.append(Server(answers, tls))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


def over_http(store: Store, server: Server, url: str = "", **how: Any) -> Harvest:
    fetch = Fetch([server.netloc], timeout_s=1.5)
    return harvest(store, Source("web", "rdf", url or server.url, "Web", 50), Harvesting(fetch, lambda: NOW, **how))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_a_server_is_told_and_loses_nothing(fault: str, serve: Callable[..., Server], store: Store) -> None:
    answer, words = FAULTS[fault]
    server = serve(GOOD, answer)
    assert counts(over_http(store, server)) == {"new": 1}
    before = quads(store)
    done = over_http(store, server)
    assert words in (done.error or "")
    assert server.url in (done.error or "")
    assert done.traffic.requests >= 1
    assert quads(store) == before


def test_a_certificate_that_fails_is_told(serve: Callable[..., Server], store: Store, tmp_path: Path) -> None:
    pem = tmp_path / "server.pem"
    pem.write_text(CERTIFICATE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = serve(GOOD, tls=context)
    done = over_http(store, server, f"https://{server.netloc}/")
    assert "certificate is not accepted" in (done.error or "")


def test_a_wrong_media_type_is_seen_through(serve: Callable[..., Server], store: Store) -> None:
    server = serve(reply("200 OK", TURTLE, "Content-Type: text/html"))
    assert counts(over_http(store, server)) == {"new": 1}


def test_a_document_that_breaks_takes_nothing_with_it(serve: Callable[..., Server], store: Store) -> None:
    broken = reply("200 OK", TURTLE + "é".encode("latin-1"), "Content-Type: text/turtle")
    server = serve(GOOD, broken)
    over_http(store, server)
    for _ in range(3):
        done = over_http(store, server)
        assert (counts(done), done.error) == ({"rejected": 1}, None)
        assert "byte 0xE9 is not UTF-8" in done.rejected[0][1].findings[0].message
    assert "It" in titles(store)


def test_a_source_that_has_not_changed_costs_one_conditional_request(
    serve: Callable[..., Server], store: Store, tmp_path: Path
) -> None:
    good = reply("200 OK", TURTLE, "Content-Type: text/turtle", 'ETag: "1"')
    server = serve(good, reply("304 Not Modified", b""))
    operations = Operations(tmp_path / "operations.db")
    assert counts(over_http(store, server, operations=operations)) == {"new": 1}
    before = quads(store)
    done = over_http(store, server, operations=operations)
    assert (counts(done), done.traffic.requests, done.traffic.bytes) == ({"unchanged": 1}, 1, 0)
    assert 'If-None-Match: "1"' in server.requests[-1]
    assert quads(store) == before


@pytest.mark.parametrize("kind", ["rdf", "codejson", "dpg", "ore", "codemeta", "register"])
def test_a_token_is_for_the_server_of_the_source_alone(kind: str, serve: Callable[..., Server], store: Store) -> None:
    other = serve(GOOD)
    server = serve(redirect(other.url))
    how = Harvesting(
        Fetch([server.netloc, other.netloc], timeout_s=1.5), lambda: NOW, environment={"PORTAL_TOKEN": "secret"}
    )
    source = Source("web", kind, server.url, "Web", 50, options={"token": "PORTAL_TOKEN"})
    harvest(store, source, how)
    assert "Authorization: Bearer secret" in server.requests[0]
    assert "secret" not in other.requests[0]
    lacking = harvest(store, source, replace(how, environment={}))
    assert lacking.error == "web: the environment has no PORTAL_TOKEN, which is to hold its token"


@pytest.mark.parametrize("token", ["sec\nret", "sec\x00ret", "sec\x7fret", "sécret"])
def test_a_token_that_cannot_be_sent_is_refused_and_told_nowhere(
    token: str, serve: Callable[..., Server], store: Store
) -> None:
    server = serve(GOOD)
    how = Harvesting(Fetch([server.netloc]), lambda: NOW, environment={"PORTAL_TOKEN": token})
    done = harvest(store, Source("web", "rdf", server.url, "Web", 50, options={"token": "PORTAL_TOKEN"}), how)
    assert "what the environment has as PORTAL_TOKEN is no token" in str(done.error)
    assert "sec" not in str(done.error).replace("second", "")
    assert server.requests == []


KILLED = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from catalogue.fetch import Fetch
from catalogue.harvest import Harvesting
from catalogue.settings import load
from catalogue.writer import source_at, writing
clock = lambda: datetime.now(UTC)
with writing(load({"home": sys.argv[1]}), "test", clock) as writer:
    def proceed(done):
        print(sum(done.counts.values()), flush=True)
        time.sleep(0.05)
    writer.harvest(source_at("publiccode", sys.argv[2]), Harvesting(Fetch(), clock, proceed=proceed))
"""
FILE = """publiccodeYmlVersion: "0.4"
name: Thing {number}
url: https://forge.example/things/{number}
"""


def test_a_harvest_that_is_killed_keeps_what_was_read_and_is_carried_on(tmp_path: Path) -> None:
    files, home = tmp_path / "files", tmp_path / "home"
    files.mkdir()
    for number in range(12):
        (files / f"{number}.yml").write_text(FILE.format(number=number))
    command = [sys.executable, "-c", KILLED, str(home), str(files)]
    root = Path(__file__).parent.parent
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        for _ in range(5):
            assert process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    again = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert again.returncode == 0
    with closing(Store(home / "state" / "store", Minter("http://localhost:8000"), lambda: NOW)) as store:
        assert {f"Thing {number}" for number in range(12)} <= titles(store)
        assert not store.differences()
    log = Operations(home / "operations.db")
    first, killed = log.runs(log.latest().popitem()[0])
    assert "the harvest did not end: its process was killed" in str(killed.error)
    assert first.counts.get("unchanged", 0) >= 4
