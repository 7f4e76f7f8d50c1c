"""Sources of every kind with faults of every kind: nothing is lost, the report tells, and the next visits mend all."""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

import pytest

from catalogue import measuring
from catalogue.fetch import Fetch, Network
from catalogue.harvest import Harvest, Harvesting, harvest
from catalogue.identity import Minter
from catalogue.model import Source
from catalogue.operations import Operations
from catalogue.rdf import Literal, Quad
from catalogue.settings import load
from catalogue.store import Store
from catalogue.vocabulary import OSC
from catalogue.writer import writing
from tests.strangers import STRANGERS, Site, things
from tests.wire import Answer, reply, reset

MINTER = Minter("https://catalogue.example")
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
LOG_IN = b"<!DOCTYPE html><html><title>Log in</title><p>Who are you?</html>"
# What comes in place of an answer. How each of the ways in which a connection breaks is told is in test_fetch.
FAULTS: Mapping[str, Answer] = {
    "broken off again and again": reset(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"),
    "an error": reply("500 Internal Server Error", b"<html>"),
    "not there": reply("404 Not Found", b""),
    "busy": reply("503 Service Unavailable", b"", "Retry-After: 4000"),
    "a page for people": reply("200 OK", LOG_IN, "Content-Type: text/html"),
    "nothing": reply("200 OK", b""),
    "another encoding": reply("200 OK", b'{"a": "\xe9"}', "Content-Type: text/plain"),
    "an empty list": reply("200 OK", b"[]", "Content-Type: application/json"),
}


@dataclass
class Setting:
    """A store with one source. Time stands still, so that what was written is the same whenever it was."""

    name: str
    site: Site
    store: Store
    operations: Operations

    def harvest(self, proceed: Callable[[Harvest], object] = bool) -> Harvest:
        """With a patience of one: what once seems to be missing is gone."""
        stranger = STRANGERS[self.name]
        fetch = Fetch([self.site.netloc], timeout_s=5, network=Network(sleep=lambda _: None))
        location, options = self.site.base + stranger.path, dict(stranger.options)
        source = Source(self.name.replace(" ", "-"), stranger.kind, location, self.name, 50, 1, options)
        how = Harvesting(fetch, lambda: NOW, operations=self.operations, proceed=proceed)
        return harvest(self.store, source, how)

    def quads(self) -> set[Quad]:
        """All that is in the store, but for how it came there."""
        measuring.update(self.store)
        log = self.store.log.graph
        return {q for q in self.store.quads() if q.graph_name != log and q.predicate != OSC.measuredChange}

    def texts(self) -> set[str]:
        return {t.object.value for t in self.store.triples(None, None, None) if isinstance(t.object, Literal)}

    def good(self) -> list[set[Quad]]:
        """What there is of each of the two editions after visits without fault; of each, the second changes nothing."""
        found = []
        for edition in range(4):
            self.site.edit(edition)
            done = self.harvest()
            assert (done.error, done.rejected) == (None, []), self.name
            assert set(self.site.things.values()) <= self.texts()
            found.append(self.quads())
            last = self.store.log.last
            self.harvest()
            assert (self.quads(), self.store.log.last) == (found[-1], last), f"{self.name}: the same twice is a change"
        assert found[0] != found[1]
        return found[2:]


@contextmanager
def setting(name: str, path: Path) -> Iterator[Setting]:
    site = Site(STRANGERS[name].answer, single=name == "a publiccode.yml")
    with closing(site), closing(Store(None, MINTER, lambda: NOW)) as store:
        yield Setting(name, site, store, Operations(path / "operations.db"))


def is_told(done: Harvest) -> bool:
    """Whether the report says more than how many records came and went."""
    return bool(done.error or done.rejected or done.findings)


# With this in place of any answer but the first, these say that one thing is no more, which then goes in its time.
_OF_ONE_THING = "not there"
_SAY_SO = {"a list of repositories", "RDF with catalogues in it", "RDF that only names its datasets"}
# Where faults come that are of the source, and not of a file of a repository: that may be taken away from there.
_LISTS = dict.fromkeys(("github", "gitlab", "gitea", "bitbucket"), (0, 2))


@pytest.mark.parametrize("name", STRANGERS)
def test_a_fault_is_told_loses_nothing_and_is_mended_by_good_visits(name: str, tmp_path: Path) -> None:
    """Each fault comes in place of another of the answers, and the source has changed meanwhile."""
    with setting(name, tmp_path) as it:
        good, edition = it.good(), 3
        places = cycle(_LISTS.get(name, range(len(set(it.site.asked)))))
        for fault, answer in FAULTS.items():
            edition += 1
            kept = set(things(edition).values()) & set(things(edition - 1).values()) & it.texts()
            place = 0 if fault == _OF_ONE_THING and name in _SAY_SO else next(places)
            it.site.edit(edition, answer, -1 if "again" in fault else place)
            done = it.harvest()
            where = f"{name}: {fault} in place of answer {it.site.at}"
            if fault != "an empty list":  # which a source may well have
                assert is_told(done) or it.quads() == good[edition % 2], f"{where} is not told: {done.counts}"
            assert kept <= it.texts(), f"{where} loses something: {done.counts}"
            assert not {"Alpha 0", "Alpha 1"}.isdisjoint(it.texts()), f"{where} loses something: {done.counts}"
            it.site.edit(edition)
            done = it.harvest()
            assert (done.error, done.rejected) == (None, []), where
            if it.quads() != good[edition % 2]:  # it may only have gone on where the one that broke off had ended
                it.harvest()
            assert it.quads() == good[edition % 2], f"after {where}, not all is as it should be"


class Killed(BaseException):
    """The end of a process."""


def breaks_off(it: Setting, last: int) -> bool:
    """Whether a visit ends when so much was done, and not before."""
    done = iter(range(last))

    def proceed(_: Harvest) -> None:
        if next(done, None) is None:
            raise Killed

    try:
        it.harvest(proceed)
    except Killed:
        return True
    return False


@pytest.mark.parametrize("name", STRANGERS)
def test_a_visit_that_broke_off_is_carried_on(name: str, tmp_path: Path) -> None:
    with setting(name, tmp_path) as it:
        good = it.good()
        for edition, last in enumerate((0, 1, 2, 3), 4):
            it.site.edit(edition)
            breaks_off(it, last)
            assert it.harvest().error is None
            if it.quads() != good[edition % 2]:
                it.harvest()
            assert it.quads() == good[edition % 2], f"{name}: broken off after {last}"


@pytest.mark.parametrize("name", [name for name, stranger in STRANGERS.items() if not stranger.steps])
def test_what_is_again_as_it_was_before_a_visit_that_broke_off_is_read_again(name: str, tmp_path: Path) -> None:
    """Also where its server says that nothing has changed since the visit before."""
    with setting(name, tmp_path) as it:
        good = it.good()
        for last in range(3):
            it.site.edit(4)
            if not breaks_off(it, last):
                break
            it.site.edit(3)
            for _ in range(3):
                assert it.harvest().error is None
            assert it.quads() == good[1], f"{name}: broken off after {last}"


@pytest.mark.parametrize("name", ["LDES", "code.json", "gitea", "RDF in pages", "SPARQL"])
def test_a_source_that_is_removed_and_comes_back_is_read_from_its_beginning(name: str, tmp_path: Path) -> None:
    with closing(Site(STRANGERS[name].answer)) as site:
        how = Harvesting(Fetch([site.netloc]), lambda: NOW)
        location, options = site.base + STRANGERS[name].path, dict(STRANGERS[name].options)
        source = Source("test", STRANGERS[name].kind, location, "Test", 50, 1, options)
        with writing(load({"home": tmp_path}, {}), "test", lambda: NOW) as writer:
            first = writer.harvest(source, how)
            assert writer.forget("test") == first.counts["new"] >= len(things(0))
            assert writer.harvest(source, how).counts["new"] == first.counts["new"]


# Those of the first two lines describe the same software, as do those of the third.
_TOGETHER = ("code.json", "the DPG registry", "ORE")
_TOGETHER += ("codemeta", "a software catalogue")
_TOGETHER += ("RDF in pages", "LDES", "SPARQL")
_TOGETHER += ("CKAN", "a register", "gitlab", "gitea")


@pytest.mark.parametrize("seed", [1, 2])
def test_neither_the_order_of_sources_nor_what_they_said_before_shows(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    final = {name: 1 if STRANGERS[name].steps else number % 2 for number, name in enumerate(_TOGETHER)}
    past = [(name, 1 - edition) for name, edition in final.items()]
    now = list(final.items())
    shuffled = chance.sample(past, len(past)) + chance.sample(now, len(now))
    with ExitStack() as stack:
        sites = {name: stack.enter_context(closing(Site(STRANGERS[name].answer))) for name in _TOGETHER}
        found = []
        for number, visits in enumerate((now, shuffled)):
            store = stack.enter_context(closing(Store(None, MINTER, lambda: NOW)))
            for name, edition in visits:
                sites[name].edit(edition)
                it = Setting(name, sites[name], store, Operations(tmp_path / f"{number}.db"))
                assert it.harvest().error is None
            assert not store.differences()
            found.append(it.quads())
    assert found[0] == found[1]


@pytest.mark.parametrize("name", STRANGERS)
def test_what_would_be_read_otherwise_now_is_read_anew(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a change of code lists, shapes or harvesters, also where no server has anything new."""
    with setting(name, tmp_path) as it:
        it.site.edit(0)
        it.harvest()

        def state() -> tuple[set[Quad], set[Quad]]:
            quads = it.quads()
            hashes = {quad for quad in quads if quad.predicate == OSC.documentHash}
            return quads - hashes, hashes

        before, last = state(), it.store.log.last
        monkeypatch.setattr("catalogue.harvest._mapping", lambda: "other code lists")
        it.harvest()
        now = state()
        assert (now[0], it.store.log.last) == (before[0], last)
        assert len(now[1]) == len(before[1]) > 0
        assert now[1].isdisjoint(before[1])
