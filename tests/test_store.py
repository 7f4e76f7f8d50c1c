"""The writer's store: what sources say, merged into what is published, one transaction a record."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.database import Snapshot
from catalogue.errors import RecordError, StoreError
from catalogue.identity import Minter
from catalogue.model import Finding, Reading, Record, Report, Severity, Source
from catalogue.operations import Operations, Run
from catalogue.rdf import IRI, BlankNode, Literal, Quad, Term, Triple
from catalogue.store import Outcome, Store
from catalogue.vocabulary import ADMS, ADMS_STATUS, AS, CV, DCAT, DCT, FOAF, OSC, RDF, SH, SKOS

MINTER = Minter("https://catalogue.example")
SOLUTION, OTHER, OWNER = MINTER.thing("solution", "a"), MINTER.thing("solution", "b"), MINTER.thing("owner", "o")
FIRST = Source("first", "rdf", "first.ttl", "First", 10)
SECOND = Source("second", "rdf", "second.ttl", "Second", 50)
THIRD = Source("third", "rdf", "third.ttl", "Third", 50)


def ticking() -> Callable[[], datetime]:
    """A clock that goes on by a second whenever it is read."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)

    def tick() -> datetime:
        nonlocal moment
        moment += timedelta(seconds=1)
        return moment

    return tick


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(Store(None, MINTER, ticking())) as opened:
        for source in (FIRST, SECOND, THIRD):
            opened.put_source(source)
        yield opened


def title(text: str, language: str = "en", of: IRI = SOLUTION) -> Triple:
    return Triple(of, DCT.title, Literal(text, language=language))


def keyword(text: str) -> Triple:
    return Triple(SOLUTION, DCAT.keyword, Literal(text, language="en"))


IS_SOLUTION = Triple(SOLUTION, RDF.type, ADMS.Asset)


def reading(*triples: Triple, key: str = "r", iri: IRI = SOLUTION, report: Report | None = None) -> Reading:
    return Reading(key, key, report or Report(), Record(key, iri, frozenset(triples), key))


def published(store: Store, subject: IRI = SOLUTION) -> set[Triple]:
    return set(store.triples(subject, None, None))


def quads(store: Store) -> set[Quad]:
    return set(store.quads())


def test_a_record_is_kept_as_harvested_and_published(store: Store) -> None:
    assert store.put(FIRST, reading(IS_SOLUTION, title("X-Road"))) is Outcome.NEW
    graph = MINTER.graph("record", "first", "r")
    assert set(store.triples(None, None, None, graph)) == published(store) == {IS_SOLUTION, title("X-Road")}


def test_what_two_sources_agree_on_is_published_once_and_stays_until_both_have_dropped_it(store: Store) -> None:
    for source in (FIRST, SECOND):
        store.put(source, reading(IS_SOLUTION, keyword("identity")))
    assert len(list(store.triples(SOLUTION, DCAT.keyword, None))) == 1
    store.put(FIRST, reading(IS_SOLUTION))
    assert keyword("identity") in published(store)
    store.remove("second", "r")
    assert keyword("identity") not in published(store)


def test_the_source_of_lowest_precedence_decides_single_values_in_each_language(store: Store) -> None:
    store.put(SECOND, reading(IS_SOLUTION, title("Second's"), title("Le second", "fr")))
    store.put(FIRST, reading(IS_SOLUTION, title("First's")))
    assert published(store) == {IS_SOLUTION, title("First's"), title("Le second", "fr")}
    store.remove("first", "r")
    assert published(store) == {IS_SOLUTION, title("Second's"), title("Le second", "fr")}


def test_a_merge_is_undone_exactly(store: Store) -> None:
    store.put(FIRST, reading(IS_SOLUTION, title("A"), keyword("x")))
    before = published(store)
    store.put(SECOND, reading(IS_SOLUTION, title("B"), keyword("y"), Triple(SOLUTION, DCT.publisher, OWNER)))
    store.remove("second", "r")
    assert published(store) == before


def test_the_same_reading_again_changes_no_quad(store: Store) -> None:
    warning = Finding(Severity.WARNING, "no description", "description", None, "write one", 3, 1)
    same = reading(IS_SOLUTION, title("A"), report=Report((warning,)))
    store.put(FIRST, same)
    before = quads(store)
    assert store.put(FIRST, same) is Outcome.UNCHANGED
    assert quads(store) == before


def test_a_preview_says_what_would_happen_and_writes_nothing(store: Store) -> None:
    before = quads(store)
    assert store.preview(FIRST, reading(IS_SOLUTION)) is Outcome.NEW
    assert quads(store) == before


def test_a_rejected_reading_keeps_the_last_good_version_marked_stale_beside_its_findings(store: Store) -> None:
    store.put(FIRST, reading(IS_SOLUTION, title("Good")))
    broken = Report((Finding(Severity.VIOLATION, "invalid YAML", line=4, column=2),))
    assert store.put(FIRST, Reading("r", "r", broken)) is Outcome.REJECTED
    node, meta, quality = MINTER.record("first", "r"), MINTER.graph("meta"), MINTER.graph("quality")
    assert published(store) == {IS_SOLUTION, title("Good")}
    assert store.value(node, OSC.recordState, meta) == Literal("stale")
    assert [t.object for t in store.triples(None, OSC.line, None, quality)] == [
        Literal("4", datatype=IRI("http://www.w3.org/2001/XMLSchema#integer"))
    ]
    assert store.put(FIRST, reading(IS_SOLUTION, title("Good"))) is Outcome.UNCHANGED
    assert store.value(node, OSC.recordState, meta) == Literal("current")
    assert not list(store.triples(None, RDF.type, SH.ValidationResult, quality))


def changes(store: Store) -> list[tuple[Term | Triple, Term | Triple]]:
    graph = MINTER.graph("changes")
    found = []
    for number in range(1, store.log.last + 1):
        event = IRI(f"https://catalogue.example/change/{number}")
        kind = next(store.triples(event, RDF.type, None, graph)).object
        found.append((kind, next(store.triples(event, AS.object, None, graph)).object))
    return found


def test_the_change_log_says_what_happened_to_each_thing_in_order(store: Store) -> None:
    owner = Triple(OWNER, RDF.type, FOAF.Organization)
    store.put(FIRST, reading(IS_SOLUTION, title("A"), owner))
    store.put(FIRST, reading(IS_SOLUTION, title("B"), owner))
    store.put(FIRST, reading(IS_SOLUTION, title("B"), owner))
    store.remove("first", "r")
    assert sorted(changes(store)[:2], key=str) == sorted([(AS.Create, SOLUTION), (AS.Create, OWNER)], key=str)
    assert changes(store)[2] == (AS.Update, SOLUTION)
    assert sorted(changes(store)[3:], key=str) == sorted([(AS.Delete, SOLUTION), (AS.Delete, OWNER)], key=str)


def test_a_deletion_remembers_the_name_and_leaves_nothing_else(store: Store) -> None:
    empty = set(store.triples(None, None, None))
    store.put(FIRST, reading(IS_SOLUTION, title("Gone")))
    store.remove("first", "r")
    assert set(store.triples(None, None, None)) == empty
    names = [t.object for t in store.triples(None, AS.name, None, MINTER.graph("changes"))]
    assert names == [Literal("Gone", language="en")]


def test_a_solution_has_one_catalogue_record_that_dates_its_content_and_names_its_records(store: Store) -> None:
    store.put(FIRST, reading(IS_SOLUTION, title("A")))
    page = MINTER.page(SOLUTION, "solution")
    issued, modified = store.value(page, DCT.issued), store.value(page, DCT.modified)
    assert issued == modified
    store.put(FIRST, reading(IS_SOLUTION, title("B")))
    assert store.value(page, DCT.issued) == issued
    assert str(store.value(page, DCT.modified)) > str(modified)
    assert [t.subject for t in store.triples(None, FOAF.primaryTopic, SOLUTION)] == [page]
    assert [t.object for t in store.triples(MINTER.catalogue, DCAT.dataset, None)] == [SOLUTION]


def test_a_second_source_of_the_same_words_is_recorded_as_an_update(store: Store) -> None:
    for source in (FIRST, SECOND):
        store.put(source, reading(IS_SOLUTION, title("A")))
    assert [kind for kind, _ in changes(store)] == [AS.Create, AS.Update]


def test_an_organisation_that_turns_out_to_be_public_keeps_its_iri_and_changes_its_page(store: Store) -> None:
    person = Triple(OWNER, RDF.type, FOAF.Organization)
    store.put(FIRST, reading(person, iri=OWNER))
    store.put(FIRST, reading(person, Triple(OWNER, RDF.type, CV.PublicOrganisation), iri=OWNER))
    pages = [t.subject for t in store.triples(None, FOAF.primaryTopic, OWNER)]
    assert pages == [MINTER.page(OWNER, "administration")]


def test_a_changed_precedence_takes_effect_on_what_was_said_before(store: Store) -> None:
    store.put(FIRST, reading(IS_SOLUTION, title("First's")))
    store.put(SECOND, reading(IS_SOLUTION, title("Second's")))
    store.put_source(Source("second", "rdf", "second.ttl", "Second", 1))
    assert title("Second's") in published(store)
    assert store.rebuilt


def test_a_code_list_is_published_without_an_event(store: Store) -> None:
    legal = Triple(IRI("https://lists.example/topic/legal"), SKOS.prefLabel, Literal("Legal", language="en"))
    assert store.put_list("topic", frozenset({legal}))
    assert not store.put_list("topic", frozenset({legal}))
    assert store.log.last == 0
    assert legal in set(store.triples(None, SKOS.prefLabel, None))


def test_a_store_of_another_base_is_refused_with_the_way_to_mend_it(tmp_path: Path) -> None:
    Store(tmp_path / "store", MINTER, ticking()).close()
    with pytest.raises(StoreError, match=r"https://catalogue\.example.*CATALOGUE_BASE"):
        Store(tmp_path / "store", Minter("https://other.example"), ticking())


def test_text_of_any_kind_survives_the_transaction(store: Store) -> None:
    nasty = "quote \" back \\ slash \\u0041 line\nbreak \t } { <iri> ''' é 𝒳 # comment ; DROP ALL"
    store.put(FIRST, reading(IS_SOLUTION, title(nasty)))
    assert title(nasty) in published(store)


subjects = st.sampled_from([SOLUTION, OTHER, OWNER])
predicates = st.sampled_from([DCT.title, DCAT.keyword, ADMS.status, RDF.type])
values = st.sampled_from(
    [
        Literal("x", language="en"),
        Literal("y", language="en"),
        Literal("x", language="fr"),
        IRI(ADMS_STATUS + "Completed"),
        DCAT.Dataset,
        CV.PublicOrganisation,
        FOAF.Agent,
    ]
)
contents = st.frozensets(st.builds(Triple, subjects, predicates, values), max_size=6)
steps = st.lists(
    st.tuples(st.sampled_from([FIRST, SECOND, THIRD]), st.sampled_from("ab"), st.none() | contents), max_size=10
)


@settings(max_examples=150, deadline=None)
@given(steps)
def test_what_is_published_is_always_what_the_records_say(
    steps: list[tuple[Source, str, frozenset[Triple] | None]],
) -> None:
    with closing(Store(None, MINTER, ticking())) as store:
        for source in (FIRST, SECOND, THIRD):
            store.put_source(source)
        for source, key, content in steps:
            if content is None:
                store.remove(source.id, key)
            else:
                store.put(source, reading(*content, key=key))
            assert not store.differences()


@settings(max_examples=60, deadline=None)
@given(st.lists(contents, min_size=3, max_size=3))
def test_the_order_of_sources_does_not_show_in_what_is_published(said: list[frozenset[Triple]]) -> None:
    results = set()
    for order in permutations(zip((FIRST, SECOND, THIRD), said, strict=True)):
        with closing(Store(None, MINTER, ticking())) as store:
            for source, content in order:
                store.put_source(source)
                store.put(source, reading(*content))
            results.add(frozenset(t for s in (SOLUTION, OTHER, OWNER) for t in published(store, s)))
    assert len(results) == 1


def test_a_snapshot_is_not_touched_by_later_writes(tmp_path: Path) -> None:
    with closing(Store(tmp_path / "store", MINTER, ticking())) as store:
        store.put_source(FIRST)
        store.put(FIRST, reading(IS_SOLUTION, title("Before")))
        store.backup(tmp_path / "snapshot")
        store.put(FIRST, reading(IS_SOLUTION, title("After")))
        snapshot = Snapshot(tmp_path / "snapshot")
        assert title("Before") in set(snapshot.triples(SOLUTION, None, None))


def test_blank_nodes_are_no_part_of_a_record() -> None:
    with pytest.raises(RecordError, match="blank nodes"):
        reading(Triple(SOLUTION, DCT.relation, BlankNode("x")))


# A disk that is full, as far as this process can tell: no file may grow beyond so many bytes.
FULL = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from catalogue.errors import StoreError
from catalogue.store import Store
from tests.test_store import FIRST, MINTER, keyword, reading, title

store = Store(Path(sys.argv[1]), MINTER, lambda: datetime.now(UTC))
store.put_source(FIRST)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
try:
    for number in range(10_000):
        store.put(FIRST, reading(title(str(number)), keyword(str(number))))
except StoreError as error:
    print(number, error)
"""


# The same for the log.
FULL_LOG = """
import resource, sys
from pathlib import Path
from catalogue.errors import StoreError
from catalogue.operations import Operations, Run

log = Operations(Path(sys.argv[1]))
log.add(Run("forge", "2026-03-01T12:00:00+00:00", "2026-03-01T12:00:01+00:00"))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
try:
    for number in range(2, 10_000):
        log.add(Run("forge", "2026-03-01T12:00:00+00:00", "2026-03-01T12:00:01+00:00", error="x" * 10_000))
except StoreError as error:
    print(number, error)
"""


def filled(script: str, path: Path) -> tuple[str, str]:
    """What a process that runs a script on a file or directory said at its end: a number, and why it ended."""
    root = Path(__file__).parent.parent
    command = [sys.executable, "-c", script, str(path)]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, check=True)
    number, _, message = done.stdout.partition(" ")
    return number, message


def test_a_log_that_cannot_be_written_is_told_and_loses_nothing(tmp_path: Path) -> None:
    number, message = filled(FULL_LOG, tmp_path / "operations.db")
    assert message.startswith("operations.db: it cannot be written: ")
    assert "make room on the disk" in message
    log = Operations(tmp_path / "operations.db")
    assert [run.number for run in log.runs("forge", 1)] == [int(number) - 1]
    assert log.add(Run("forge", "2026-03-01T12:00:00+00:00", "2026-03-01T12:00:01+00:00")).number == int(number)


def test_a_disk_that_is_full_is_told_and_loses_nothing(tmp_path: Path) -> None:
    number, message = filled(FULL, tmp_path / "store")
    assert message.startswith("store: it cannot be written: ")
    assert "make room on the disk" in message
    with closing(Store(tmp_path / "store", MINTER, ticking())) as store:
        last = str(int(number) - 1)
        assert {t for t in published(store) if t.predicate in (DCT.title, DCAT.keyword)} == {title(last), keyword(last)}
        assert not store.differences()
        assert store.put(FIRST, reading(title("Again"))) is Outcome.CHANGED
