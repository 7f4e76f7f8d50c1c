"""Publications: snapshots that readers serve, made, carried on, rolled back and pruned."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalogue.errors import BusyError, StoreError
from catalogue.home import Home, hold
from catalogue.identity import Minter
from catalogue.model import Reading, Record, Report, Source
from catalogue.publication import Manifest, Publication, publish, rollback
from catalogue.rdf import IRI, Literal, Triple
from catalogue.search import Question
from catalogue.store import Store
from catalogue.vocabulary import ADMS, DCAT, DCT, FOAF, RDF

MINTER = Minter("https://catalogue.example")
SOURCE = Source("test", "rdf", "test.ttl", "Test", 10)


class Catalogue:
    """A catalogue in a directory, with what a test does to it."""

    def __init__(self, path: Path) -> None:
        self.home = Home(path)
        self.home.state.mkdir(parents=True)
        self.home.published.mkdir()
        self.store = Store(self.home.store, MINTER, _clock())
        self.store.put_source(SOURCE)

    def say(self, key: str, *triples: Triple) -> IRI:
        iri = MINTER.thing("solution", key)
        whole = frozenset({Triple(iri, RDF.type, ADMS.Asset), *triples})
        self.store.put(SOURCE, Reading(key, key, Report(), Record(key, iri, whole, key)))
        return iri

    def title(self, key: str, title: str) -> IRI:
        return self.say(key, Triple(MINTER.thing("solution", key), DCT.title, Literal(title, language="en")))

    def publish(self, keep: int = 3, *, lists: str = "lists", anew: bool = False) -> Manifest:
        return publish(self.home, self.store, "Test", lists, _clock(), keep, anew=anew)

    def current(self) -> Publication:
        number = self.home.current()
        assert number is not None
        return Publication(self.home, number)

    def titles(self) -> list[str]:
        entries = self.current().search.ask(Question("solution", sort="title")).entries
        return [entry.title["en"] for entry in entries]


def _clock() -> Callable[[], datetime]:
    moment = datetime(2026, 1, 1, tzinfo=UTC)

    def tick() -> datetime:
        nonlocal moment
        moment += timedelta(seconds=1)
        return moment

    return tick


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    made = Catalogue(tmp_path / "home")
    with closing(made.store):
        yield made


def test_a_publication_holds_the_store_the_index_and_a_manifest(catalogue: Catalogue) -> None:
    iri = catalogue.title("a", "X-Road")
    made = catalogue.publish()
    publication = catalogue.current()
    assert (made.number, made.counts, publication.manifest) == (1, {"solution": 1}, made)
    assert publication.label(iri) == Literal("X-Road", language="en")
    assert catalogue.titles() == ["X-Road"]


def test_readers_keep_what_they_opened_while_others_see_the_new(catalogue: Catalogue) -> None:
    iri = catalogue.title("a", "Before")
    catalogue.publish()
    reader = catalogue.current()
    catalogue.title("a", "After")
    catalogue.publish()
    assert reader.label(iri) == Literal("Before", language="en")
    assert catalogue.current().label(iri) == Literal("After", language="en")


def test_the_index_is_carried_on_with_what_changed_and_equals_one_made_anew(catalogue: Catalogue) -> None:
    for key in "abc":
        catalogue.title(key, f"Solution {key}")
    catalogue.publish()
    catalogue.title("b", "Renamed")
    catalogue.title("d", "Added")
    catalogue.store.remove("test", "c")
    catalogue.publish()
    carried_on = catalogue.titles()
    catalogue.publish(anew=True)
    assert carried_on == catalogue.titles() == ["Added", "Renamed", "Solution a"]


def test_an_owner_that_is_renamed_is_found_with_its_solutions(catalogue: Catalogue) -> None:
    owner = MINTER.thing("owner", "o")
    iri = MINTER.thing("solution", "a")

    def owned(name: str) -> None:
        catalogue.say(
            "a",
            Triple(iri, DCT.publisher, owner),
            Triple(owner, RDF.type, FOAF.Organization),
            Triple(owner, FOAF.name, Literal(name, language="en")),
        )

    owned("Oldname")
    catalogue.publish()
    owned("Newname")
    catalogue.publish()
    search = catalogue.current().search
    assert search.ask(Question("solution", "newname")).total == 1
    assert search.ask(Question("solution", "oldname")).total == 0


def test_rolling_back_serves_the_publication_before(catalogue: Catalogue) -> None:
    catalogue.title("a", "One")
    catalogue.publish()
    catalogue.title("a", "Two")
    catalogue.publish()
    assert rollback(catalogue.home) == 1
    assert catalogue.titles() == ["One"]
    assert catalogue.publish().number == 3
    assert catalogue.titles() == ["Two"]


def test_there_is_nothing_to_roll_back_to_at_first(catalogue: Catalogue) -> None:
    catalogue.publish()
    with pytest.raises(StoreError, match="no publication before"):
        rollback(catalogue.home)


def test_old_publications_are_pruned_but_for_those_in_use(catalogue: Catalogue) -> None:
    catalogue.publish()
    with hold(catalogue.home.publication(1)):
        for _ in range(3):
            catalogue.publish(keep=2)
        assert catalogue.home.publications() == [1, 3, 4]
    catalogue.publish(keep=2)
    assert catalogue.home.publications() == [4, 5]


def test_a_draft_that_was_left_behind_is_cleared_and_never_served(catalogue: Catalogue) -> None:
    catalogue.publish()
    draft = catalogue.home.published / "2.draft"
    (draft / "store").mkdir(parents=True)
    assert catalogue.home.publications() == [1]
    assert catalogue.publish().number == 2
    assert not draft.exists()


def test_publications_share_the_files_that_did_not_change(catalogue: Catalogue) -> None:
    catalogue.title("a", "One")
    catalogue.publish()
    catalogue.publish()
    first, second = (catalogue.home.publication(n) / "search" for n in (1, 2))
    shared = [f.name for f in second.iterdir() if (first / f.name).exists() and f.samefile(first / f.name)]
    assert any(name.endswith(".store") for name in shared)


def test_a_description_holds_the_thing_its_parts_and_the_names_of_what_it_refers_to(catalogue: Catalogue) -> None:
    iri, part = MINTER.thing("solution", "a"), MINTER.thing("distribution", "a")
    node, owner = IRI(f"{iri.value}#x"), MINTER.thing("owner", "o")
    name = Triple(owner, FOAF.name, Literal("Owner", language="en"))
    home = Triple(owner, FOAF.homepage, IRI("https://owner.example"))
    said = {
        Triple(iri, DCAT.distribution, part),
        Triple(part, DCAT.accessURL, IRI("https://git.example/a")),
        Triple(iri, DCT.relation, node),
        Triple(node, DCT.description, Literal("inner", language="en")),
        Triple(iri, DCT.publisher, owner),
        name,
        home,
    }
    catalogue.say("a", *said)
    catalogue.publish()
    described = catalogue.current().description(iri)
    assert said - {home} <= described
    assert home not in described
    page = MINTER.page(iri, "solution")
    assert Triple(page, FOAF.primaryTopic, iri) in described
    assert catalogue.current().description(MINTER.thing("solution", "none")) == set()


def test_what_is_gone_leaves_a_tombstone_with_its_name(catalogue: Catalogue) -> None:
    iri = catalogue.title("a", "Gone")
    catalogue.store.remove("test", "a")
    catalogue.publish()
    publication = catalogue.current()
    key = iri.value.rsplit("/", 1)[-1]
    assert publication.resolve("solution", key) is None
    assert any(t.object == Literal("Gone", language="en") for t in publication.tombstone("solution", key))
    assert publication.tombstone("solution", "aaaaaaaaaa") == set()


def test_a_foreign_thing_is_found_at_the_hash_of_its_iri(catalogue: Catalogue) -> None:
    foreign = IRI("https://elsewhere.example/dataset?id=1#it")
    triples = frozenset({Triple(foreign, RDF.type, ADMS.Asset)})
    catalogue.store.put(SOURCE, Reading("f", "f", Report(), Record("f", foreign, triples, "f")))
    catalogue.publish()
    key = MINTER.page(foreign, "solution").value.rsplit("/", 1)[-1]
    assert catalogue.current().resolve("solution", key) == foreign


def test_only_one_process_writes_and_the_other_is_told_who_does(tmp_path: Path) -> None:
    home = Home(tmp_path)
    busy = pytest.raises(BusyError, match=rf"harvest x, process {os.getpid()}")
    with home.writing("catalogue harvest x", 0), busy, Home(tmp_path).writing("other", 0.1):
        pass


def test_a_damaged_pointer_is_explained(catalogue: Catalogue) -> None:
    catalogue.publish()
    (catalogue.home.published / "current").write_text("garbage")
    with pytest.raises(StoreError, match="run catalogue publish"):
        catalogue.home.current()
