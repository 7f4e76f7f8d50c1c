"""Which names are one thing's: what records claim, what an editor decides, and what is published because of it."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import equivalence
from catalogue.disagreements import said
from catalogue.identity import Minter
from catalogue.model import CURATED, Reading, Record, Report, Source
from catalogue.rdf import IRI, Literal, Triple
from catalogue.store import Outcome, Store
from catalogue.vocabulary import ADMS, AS, DCAT, DCT, FOAF, OWL, PROV, RDF, SCHEMA, SKOS

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
    inferred: tuple[IRI, ...] = (),
) -> Outcome:
    triples = {Triple(iri, RDF.type, kind), *says, *(Triple(iri, OWL.sameAs, other) for other in declared)}
    if title:
        triples.add(Triple(iri, DCT.title, Literal(title, language="en")))
    name = key or iri.value.rsplit("/", 1)[-1]
    record = Record(name, iri, frozenset(triples), name, inferred=inferred, same=frozenset(same))
    return store.put(SOURCES[source], Reading(name, name, Report(), record))


def title(store: Store, iri: IRI) -> str:
    found = store.value(iri, DCT.title)
    return found.value if isinstance(found, Literal) else ""


def published(store: Store) -> set[Triple]:
    """All that is published, but for dates, which tell when and not what."""
    return {t for t in store.triples(None, None, None) if t.predicate not in (DCT.issued, DCT.modified, ADMS.status)}


def derived(store: Store, iri: IRI) -> set[object]:
    """The record graphs that the catalogue record of a thing names."""
    return set(store.objects(MINTER.page(iri, "solution"), PROV.wasDerivedFrom))


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


def test_a_page_that_is_a_name_of_what_it_is_about_stays_a_page(store: Store) -> None:
    said = (Triple(REPO, DCAT.landingPage, X), Triple(X, RDF.type, FOAF.Document))
    put(store, "a", REPO, "It", same=(X,), says=said)
    put(store, "b", X, "It elsewhere", same=(REPO,), says=(Triple(X, DCAT.landingPage, X),))
    assert store.objects(REPO, DCAT.landingPage) == [X]
    assert FOAF.Document not in store.objects(REPO, RDF.type)
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
    assert not list(store.triples(None, OWL.sameAs, None))


def test_a_claim_that_is_believed_again_may_part_what_another_joined(store: Store) -> None:
    put(store, "a", REPO, "One")
    put(store, "a", REPO_2, "Two")
    put(store, "c", X, "It", declared=(REPO_2,))
    put(store, "b", X, "It", declared=(REPO,))
    put(store, "b", Y, "It", declared=(REPO,))
    assert [title(store, iri) for iri in (REPO_2, X, Y)] == ["Two", "", "It"]
    store.remove("b", "y")
    assert title(store, X) == "It"
    assert not store.differences()


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


@pytest.mark.parametrize("claim", ["same", "declared"])
def test_of_very_many_names_nothing_is_believed_but_what_editors_say(
    store: Store, claim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(equivalence, "_MOST_NAMES", 5)
    chain = [IRI(f"https://elsewhere.example/{number}") for number in range(8)]
    for one, other in pairwise(chain[:5]):
        put(store, "b", one, "Thing", **{claim: (other,)})
    assert title(store, chain[0])
    assert not title(store, chain[3])
    for one, other in pairwise(chain[4:]):
        put(store, "b", one, "Thing", **{claim: (other,)})
    assert all(title(store, name) for name in chain[:-1])
    store.merge(chain[0], chain[1])
    assert not title(store, chain[1])
    assert not store.differences()


def test_of_names_that_count_the_same_one_that_we_minted_is_published(store: Store) -> None:
    other = IRI("http://a.example/")
    put(store, "b", other, "It elsewhere", same=(REPO,))
    put(store, "c", REPO, "It")
    assert (bool(title(store, REPO)), title(store, other)) == (True, "")


@pytest.mark.parametrize("first", [X, REPO], ids=["one", "other"])
def test_what_an_editor_parted_is_joined_by_no_claim(store: Store, first: IRI) -> None:
    put(store, "a", REPO, "It")
    put(store, "b", X, "Not it")
    store.merge(first, X if first == REPO else REPO)
    store.split(first)
    put(store, "b", X, "Not it", same=(REPO,))
    assert (title(store, REPO), title(store, X)) == ("It", "Not it")
    put(store, "b", X, "But this", same=(REPO, REPO_2))
    put(store, "d", REPO_2, "The other")
    assert [title(store, iri) for iri in (REPO, REPO_2, X)] == ["It", "", "But this"]
    store.merge(X, REPO)
    assert not list(store.triples(None, OWL.differentFrom, None, MINTER.graph("identity")))


def test_a_split_parts_one_and_leaves_the_others_together(store: Store) -> None:
    for source, iri in (("a", X), ("b", Y), ("c", Z)):
        put(store, source, iri, "It")
    store.merge(X, Y)
    store.merge(Z, X)
    store.split(Z)
    assert [bool(title(store, iri)) for iri in (X, Y, Z)] == [True, False, True]


def test_an_account_that_two_have_is_neithers(store: Store) -> None:
    account, other = MINTER.organisation("https://github.com/city", ""), MINTER.organisation("urn:x-italian-pa:c_b", "")
    put(
        store, "a", REPO, "It", says=(Triple(REPO, DCT.publisher, account), Triple(account, FOAF.name, Literal("city")))
    )
    put(store, "b", OWNER, kind=FOAF.Organization, same=(account,))
    put(store, "d", other, kind=FOAF.Organization, same=(account,))
    assert store.objects(REPO, DCT.publisher) == [account]
    assert not store.differences()


def test_what_very_many_claim_to_be_counts_for_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(equivalence, "_MOST", 2)
    for source, iri in (("a", X), ("b", Y), ("c", Z)):
        put(store, source, iri, "It", same=(REPO,))
    assert [title(store, iri) for iri in (X, Y, Z)] == ["It"] * 3
    store.remove("c", "z")
    assert [title(store, iri) for iri in (X, Y)] == ["It", ""]


def test_what_operators_say_of_a_thing_is_no_reason_to_rename_it(store: Store) -> None:
    curated = Source(CURATED, "rdf", "", "Operators", 0)
    store.put_source(curated)
    put(store, "d", REPO, "It")
    triples = frozenset({Triple(X, RDF.type, ADMS.Asset), Triple(X, DCT.title, Literal("Better", language="en"))})
    record = Record("x", X, triples, "x", same=frozenset({REPO}))
    store.put(curated, Reading("x", "x", Report(), record))
    assert title(store, REPO) == "Better"


def test_an_organisation_is_known_by_each_of_its_identifiers(store: Store) -> None:
    account = MINTER.organisation("https://github.com/city", "")
    says = (Triple(REPO, DCT.publisher, account), Triple(account, FOAF.name, Literal("city")))
    put(store, "a", REPO, "It", says=says)
    put(store, "d", OWNER, kind=FOAF.Organization, same=(account,))
    assert store.objects(REPO, DCT.publisher) == [OWNER]
    assert store.objects(OWNER, FOAF.name) == [Literal("city")]


DOI = IRI("https://doi.org/10.5281/zenodo.1")


def numbered(iri: IRI, number: str) -> tuple[Triple, ...]:
    node = IRI(f"{iri.value}#n")
    return Triple(iri, ADMS.identifier, node), Triple(node, SKOS.notation, Literal(number))


@pytest.mark.parametrize(
    ("says", "declared", "other"),
    [
        pytest.param(numbered(REPO, "doi:10.5281/ZENODO.1"), (), DOI, id="a DOI"),
        pytest.param((Triple(REPO, DCT.identifier, Literal("10.5281/zenodo.1")),), (), DOI, id="a bare DOI"),
        pytest.param((), (IRI("https://dx.doi.org/10.5281/zenodo.1"),), DOI, id="a DOI's old address"),
        pytest.param(
            (),
            (IRI("http://www.wikidata.org/entity/Q1"),),
            IRI("https://www.wikidata.org/wiki/Q1"),
            id="a page of Wikidata",
        ),
        pytest.param(
            (),
            (IRI("https://joinup.ec.europa.eu/solution/s"),),
            IRI("http://joinup.ec.europa.eu/solution/s"),
            id="an address of Joinup",
        ),
    ],
)
def test_software_is_known_by_what_registers_call_it(
    store: Store, says: tuple[Triple, ...], declared: tuple[IRI, ...], other: IRI
) -> None:
    put(store, "a", REPO, "By its authors", says=says, declared=declared)
    put(store, "b", other, "By others")
    assert (title(store, REPO), title(store, other)) == ("By its authors", "")
    assert not store.differences()


def test_a_name_in_a_register_joins_no_two_repositories_and_no_two_kinds(store: Store) -> None:
    put(store, "a", REPO, "One", says=numbered(REPO, DOI.value))
    put(store, "b", REPO_2, "Two", says=numbered(REPO_2, DOI.value))
    put(store, "c", DOI, "The paper on both", kind=SCHEMA.NewsArticle)
    assert [title(store, iri) for iri in (REPO, REPO_2, DOI)] == ["One", "Two", "The paper on both"]


@pytest.mark.parametrize(
    ("address", "iri", "declared"),
    [
        ("http://www.ror.org/02abcde12/", IRI("https://ror.org/02abcde12"), ()),
        ("https://office.example/1", IRI("http://office.example/1/"), ()),
        ("http://www.wikidata.org/entity/Q1", X, (IRI("https://www.wikidata.org/wiki/Q1"),)),
    ],
    ids=["in a register", "its own IRI", "declared"],
)
def test_an_organisation_is_known_by_its_address(
    store: Store, address: str, iri: IRI, declared: tuple[IRI, ...]
) -> None:
    put(store, "a", REPO, "It", says=(Triple(REPO, DCT.publisher, MINTER.organisation(address, "")),))
    put(store, "b", iri, kind=FOAF.Organization, declared=declared)
    assert store.objects(REPO, DCT.publisher) == [iri]


def test_parts_of_one_document_are_no_one_organisation(store: Store) -> None:
    one, other = (IRI(f"https://office.example/list#{name}") for name in ("one", "other"))
    put(store, "a", one, kind=FOAF.Organization)
    put(store, "b", other, kind=FOAF.Organization)
    assert equivalence.names(store, MINTER, one) == [one]


def replaced(store: Store, iri: IRI) -> list[object]:
    return list(store.objects(iri, DCT.isReplacedBy, store.log.graph))


def test_what_is_published_under_another_name_is_replaced_by_it(store: Store) -> None:
    put(store, "b", X, "It elsewhere", same=(REPO,))
    put(store, "c", Y, "It in a third place", same=(REPO,))
    assert title(store, X)
    store.remove("b", "x")
    assert title(store, Y)
    assert events(store)[-2:] == [("Delete", X.value), ("Create", Y.value)]
    assert replaced(store, X) == [Y]
    store.merge(Y, Z)
    put(store, "b", X, "It elsewhere", same=(REPO,))
    assert (title(store, X), replaced(store, X), replaced(store, Y)) == ("It elsewhere", [], [X])
    for source, key in (("c", "y"), ("b", "x")):
        store.remove(source, key)
    assert (replaced(store, X), replaced(store, Y)) == ([], [X])


def test_what_is_inferred_gives_way_to_what_any_source_states(store: Store) -> None:
    account, inferred = (Triple(REPO, DCT.publisher, Y),), {"inferred": (DCT.publisher,)}
    put(store, "d", REPO, "It", says=(Triple(REPO, DCT.publisher, Z),))
    put(store, "a", REPO, "It", says=account, **inferred)
    assert store.objects(REPO, DCT.publisher) == [Z]
    (disputed,) = (one for one in said(store, MINTER, [REPO], lambda iri: iri) if one.predicates == (DCT.publisher,))
    assert [value.term for value in disputed.values] == [Z, Y]
    put(store, "a", REPO, "It", says=account)
    assert store.objects(REPO, DCT.publisher) == [Y]
    put(store, "a", REPO, "It", says=account, **inferred)
    assert store.objects(REPO, DCT.publisher) == [Z]
    store.remove("d", REPO.value.rsplit("/", 1)[-1])
    assert store.objects(REPO, DCT.publisher) == [Y]
    assert not store.differences()


def test_a_record_that_moves_to_another_topic_leaves_nothing_behind(store: Store) -> None:
    put(store, "b", X, "By another source")
    put(store, "a", X, "By its authors", key="r")
    put(store, "a", Y, "By its authors", key="r")
    assert (title(store, X), title(store, Y)) == ("By another source", "By its authors")
    assert derived(store, X) == {MINTER.graph("record", "b", "x")}
    assert derived(store, Y) == {MINTER.graph("record", "a", "r")}


NAMES = (REPO, REPO_2, X, Y, Z)
CLAIMS = st.tuples(
    st.sampled_from(sorted(SOURCES)),
    st.sampled_from(NAMES),
    st.sets(st.sampled_from(NAMES), max_size=2),
    st.sets(st.sampled_from(NAMES), max_size=2),
    st.sampled_from(NAMES),
    st.sampled_from(["One", "Two"]),
    st.sampled_from(["r", "s"]),
    st.booleans(),
)
PAIRS = st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES))
STEPS = st.one_of(
    CLAIMS.map(lambda claim: ("put", claim)),
    st.tuples(st.just("remove"), st.tuples(st.sampled_from(sorted(SOURCES)), st.sampled_from(["r", "s"]))),
    st.tuples(st.just("merge"), PAIRS),
    st.tuples(st.just("split"), PAIRS),
)


def claim(store: Store, said: tuple[str, IRI, set[IRI], set[IRI], IRI, str, str, bool]) -> None:
    source, iri, same, declared, related, words, key, is_inferred = said
    about = (
        Triple(iri, DCT.relation, related),
        Triple(iri, DCT.publisher, related),
        Triple(related, DCT.description, Literal(words)),
        Triple(iri, DCAT.landingPage, related),
        Triple(related, RDF.type, FOAF.Document),
    )
    inferred = (DCT.publisher,) if is_inferred else ()
    put(store, source, iri, words, same=tuple(same), declared=tuple(declared), says=about, key=key, inferred=inferred)


def take(store: Store, step: tuple[str, tuple]) -> None:  # type: ignore[type-arg]
    what, told = step
    if what == "put":
        claim(store, told)
    elif what == "remove":
        if told[1] in store.keys(told[0]):
            store.remove(*told)
    elif told[0] != told[1]:
        store.merge(*told) if what == "merge" else store.split(told[0])


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=8))
def test_what_is_published_is_always_what_it_would_be_if_made_anew(steps: list) -> None:  # type: ignore[type-arg]
    with closing(opened()) as store:
        for step in steps:
            take(store, step)
            assert not store.differences()
            for page, _, thing in store.triples(None, FOAF.primaryTopic, None):
                about = {MINTER.graph_of(record) for record in equivalence.records(store, MINTER, thing)}
                assert set(store.objects(page, PROV.wasDerivedFrom)) == about


@settings(max_examples=60, deadline=None)
@given(st.lists(CLAIMS, max_size=4, unique_by=lambda said: (said[0], said[6])))
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


def is_merged(store: Store, name: IRI) -> bool:
    return len(equivalence.names(store, MINTER, equivalence.published(store, MINTER, name))) > 1


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, max_size=10))
def test_what_was_merged_and_split_is_as_if_nobody_had_whatever_happened_in_between(steps: list) -> None:  # type: ignore[type-arg]
    with closing(opened()) as store, closing(opened()) as other:
        for what, told in steps:
            if what == "put":
                told = (*told[:2], set(), set(), *told[4:])  # records that join nothing by themselves
            if what in ("put", "remove"):
                take(other, (what, told))
            if what != "split" or is_merged(store, told[0]):
                take(store, (what, told))
        for name in NAMES:
            if is_merged(store, name):
                store.split(name)
        assert published(store) == published(other)
