"""Which names are one thing's: what records claim, what an editor decides, and what is published because of it."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import equivalence
from catalogue.identity import Minter
from catalogue.model import Reading, Record, Report, Source
from catalogue.rdf import IRI, Literal, Triple
from catalogue.store import Outcome, Store
from catalogue.vocabulary import ADMS, AS, DCT, FOAF, OWL, PROV, RDF, SKOS

MINTER = Minter("https://catalogue.example")
SOURCES = {name: Source(name, "rdf", name, name, rank) for name, rank in (("a", 10), ("b", 50), ("c", 50), ("d", 90))}
REPO, REPO_2 = (MINTER.solution(f"https://forge.example/x/{name}") for name in ("one", "two"))
X, Y, Z = (IRI(f"https://elsewhere.example/{name}") for name in "xyz")
OWNER = MINTER.organisation("urn:x-italian-pa:c_a", "")


def clock() -> Callable[[], datetime]:
    moment = datetime(2026, 1, 1, tzinfo=UTC)

    def tick() -> datetime:
        nonlocal moment
        moment += timedelta(seconds=1)
        return moment

    return tick


def opened() -> Store:
    store = Store(None, MINTER, clock())
    for source in SOURCES.values():
        store.put_source(source)
    return store


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(opened()) as found:
        yield found


def put(
    store: Store,
    source: str,
    iri: IRI,
    title: str = "",
    *,
    same: tuple[IRI, ...] = (),
    declared: tuple[IRI, ...] = (),
    says: tuple[Triple, ...] = (),
    kind: IRI = ADMS.Asset,
    key: str = "",
) -> Outcome:
    triples = {Triple(iri, RDF.type, kind), *says, *(Triple(iri, OWL.sameAs, other) for other in declared)}
    if title:
        triples.add(Triple(iri, DCT.title, Literal(title, language="en")))
    name = key or iri.value.rsplit("/", 1)[-1]
    record = Record(name, iri, frozenset(triples), name, same=frozenset(same))
    return store.put(SOURCES[source], Reading(name, name, Report(), record))


def title(store: Store, iri: IRI) -> str:
    found = store.value(iri, DCT.title)
    return found.value if isinstance(found, Literal) else ""


def published(store: Store) -> set[Triple]:
    """All that is published, but for dates, which tell when and not what."""
    return {t for t in store.triples(None, None, None) if t.predicate not in (DCT.issued, DCT.modified, ADMS.status)}


def events(store: Store) -> list[tuple[str, str]]:
    log = (IRI(f"{MINTER.base}/change/{number}") for number in range(1, store.log.last + 1))
    pairs = ((store.value(one, RDF.type, store.log.graph), store.value(one, AS.object, store.log.graph)) for one in log)
    return [(str(kind).rsplit("#", 1)[-1][:-1], str(thing)[1:-1]) for kind, thing in pairs]


def test_the_same_repository_is_one_entry_with_two_provenances(store: Store) -> None:
    put(store, "b", X, "By another catalogue", same=(REPO,))
    put(store, "a", REPO, "By its authors")
    assert title(store, REPO) == "By its authors"
    assert not list(store.triples(X, None, None))
    page = MINTER.page(REPO, "solution")
    assert len(store.objects(page, PROV.wasDerivedFrom)) == 2
    assert equivalence.names(store, MINTER, REPO) == [REPO, X]
    assert not store.differences()


def test_what_refers_to_another_name_refers_to_the_published_one(store: Store) -> None:
    put(store, "b", Y, "Uses it", says=(Triple(Y, DCT.requires, X),))
    put(store, "a", REPO, "It")
    put(store, "b", X, "It elsewhere", same=(REPO,))
    assert store.objects(Y, DCT.requires) == [REPO]
    store.remove("b", "x")
    assert store.objects(Y, DCT.requires) == [X]
    assert not store.differences()


def test_a_name_that_goes_is_logged_and_comes_back_with_its_first_date(store: Store) -> None:
    put(store, "b", X, "It elsewhere")
    page = MINTER.page(X, "solution")
    issued = store.value(page, DCT.issued)
    put(store, "a", REPO, "It")
    store.merge(REPO, X)
    assert sorted(events(store)[-2:]) == [("Delete", X.value), ("Update", REPO.value)]
    store.split(X)
    assert store.value(page, DCT.issued) == issued
    assert sorted(events(store)[-2:]) == [("Create", X.value), ("Update", REPO.value)]


def test_a_split_restores_exactly_what_was_there(store: Store) -> None:
    put(store, "a", REPO, "It", says=(Triple(REPO, DCT.relation, Y),))
    put(store, "b", X, "It elsewhere", says=(Triple(X, DCT.publisher, Z),))
    put(store, "c", Y, "Else", says=(Triple(Y, DCT.relation, X),))
    before = published(store)
    store.merge(X, REPO)
    assert published(store) != before
    assert store.objects(Y, DCT.relation) == [REPO]
    store.split(X)
    assert published(store) == before
    assert not store.differences()


def test_an_editor_keeps_apart_what_records_would_join(store: Store) -> None:
    put(store, "a", REPO, "It")
    put(store, "b", X, "Not it", same=(REPO,))
    store.split(X)
    assert (title(store, REPO), title(store, X)) == ("It", "Not it")
    put(store, "b", X, "Not it at all", same=(REPO,))
    assert title(store, X) == "Not it at all"
    store.merge(REPO, X)
    assert not title(store, X)


def test_a_source_that_gives_one_repository_to_two_things_is_not_believed(store: Store) -> None:
    put(store, "a", REPO, "It")
    put(store, "b", X, "One", same=(REPO,))
    assert not title(store, X)
    put(store, "b", Y, "Two", same=(REPO,))
    assert (title(store, X), title(store, Y)) == ("One", "Two")
    store.remove("b", "y")
    assert not title(store, X)


def test_declared_sameness_joins_no_two_repositories(store: Store) -> None:
    put(store, "a", REPO, "One")
    put(store, "a", REPO_2, "Two")
    put(store, "b", X, "Claims both", declared=(REPO, REPO_2))
    assert [title(store, iri) for iri in (REPO, REPO_2, X)] == ["One", "Two", "Claims both"]
    put(store, "b", X, "Claims one", declared=(REPO,))
    assert [title(store, iri) for iri in (REPO, REPO_2, X)] == ["One", "Two", ""]


def test_a_redirect_joins_two_repositories(store: Store) -> None:
    put(store, "b", REPO, "Old address")
    put(store, "a", REPO_2, "New address", same=(REPO,))
    assert title(store, REPO_2) == "New address"
    assert not title(store, REPO)


def test_declared_sameness_joins_no_two_kinds(store: Store) -> None:
    put(store, "a", OWNER, kind=FOAF.Organization)
    put(store, "b", X, "It", declared=(OWNER,))
    assert title(store, X) == "It"


def test_a_code_is_joined_to_nothing(store: Store) -> None:
    code = IRI("http://spdx.org/licenses/MIT")
    store.put_list("licence", frozenset({Triple(code, RDF.type, SKOS.Concept)}))
    put(store, "b", X, "A licence?", declared=(code,))
    put(store, "c", Y, "Another?", same=(code,))
    assert (title(store, X), title(store, Y)) == ("A licence?", "Another?")


def test_a_name_that_everybody_claims_is_nobodys(store: Store) -> None:
    for number in range(60):
        put(store, "b", IRI(f"https://elsewhere.example/{number}"), f"Thing {number}", declared=(Z,))
    assert title(store, IRI("https://elsewhere.example/7")) == "Thing 7"
    assert not store.differences()


def test_an_organisation_is_known_by_each_of_its_identifiers(store: Store) -> None:
    account = MINTER.organisation("https://github.com/city", "")
    says = (Triple(REPO, DCT.publisher, account), Triple(account, FOAF.name, Literal("city")))
    put(store, "a", REPO, "It", says=says)
    put(store, "d", OWNER, kind=FOAF.Organization, same=(account,))
    assert store.objects(REPO, DCT.publisher) == [OWNER]
    assert store.objects(OWNER, FOAF.name) == [Literal("city")]


NAMES = (REPO, REPO_2, X, Y, Z)
CLAIMS = st.tuples(
    st.sampled_from(sorted(SOURCES)),
    st.sampled_from(NAMES),
    st.sets(st.sampled_from(NAMES), max_size=2),
    st.sets(st.sampled_from(NAMES), max_size=2),
    st.sampled_from(NAMES),
    st.sampled_from(["One", "Two"]),
)
PAIRS = st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES))
STEPS = st.one_of(
    CLAIMS.map(lambda claim: ("put", claim)),
    st.tuples(st.just("remove"), st.tuples(st.sampled_from(sorted(SOURCES)), st.sampled_from(NAMES))),
    st.tuples(st.just("merge"), PAIRS),
    st.tuples(st.just("split"), PAIRS),
)


def claim(store: Store, said: tuple[str, IRI, set[IRI], set[IRI], IRI, str]) -> None:
    source, iri, same, declared, related, words = said
    about = (Triple(iri, DCT.relation, related), Triple(related, DCT.description, Literal(words)))
    put(store, source, iri, words, same=tuple(same), declared=tuple(declared), says=about)


def take(store: Store, step: tuple[str, tuple]) -> None:  # type: ignore[type-arg]
    what, told = step
    if what == "put":
        claim(store, told)
    elif what == "remove":
        key = told[1].value.rsplit("/", 1)[-1]
        if key in store.keys(told[0]):
            store.remove(told[0], key)
    elif told[0] != told[1]:
        store.merge(*told) if what == "merge" else store.split(told[0])


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=8))
def test_what_is_published_is_always_what_it_would_be_if_made_anew(steps: list) -> None:  # type: ignore[type-arg]
    with closing(opened()) as store:
        for step in steps:
            take(store, step)
            assert not store.differences()


@settings(max_examples=60, deadline=None)
@given(st.lists(CLAIMS, max_size=4, unique_by=lambda said: (said[0], said[1])))
def test_the_order_of_sources_does_not_show(claims: list) -> None:  # type: ignore[type-arg]
    outcomes = []
    for order in list(permutations(claims))[:6]:
        with closing(opened()) as store:
            for said in order:
                claim(store, said)
            outcomes.append((published(store), set(store.triples(None, None, None, MINTER.graph("identity")))))
    assert all(outcome == outcomes[0] for outcome in outcomes)


@settings(max_examples=60, deadline=None)
@given(st.lists(CLAIMS, max_size=5), PAIRS)
def test_a_merge_is_undone_exactly(claims: list, pair: tuple[IRI, IRI]) -> None:  # type: ignore[type-arg]
    with closing(opened()) as store:
        for said in claims:
            claim(store, said)
        for name in pair:
            store.split(name)
        before = published(store)
        if pair[0] != pair[1]:
            store.merge(*pair)
            store.split(pair[0])
            store.split(pair[1])
        assert published(store) == before
