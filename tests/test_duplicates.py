"""What is proposed as one thing, and what is not: by names and addresses, on the page, and until an editor decided."""

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.decisions import Editor, carry_out
from catalogue.disagreements import said
from catalogue.duplicates import (
    ORGANISATION,
    SOLUTION,
    Thing,
    alike,
    duplicates,
    fold,
    is_near,
    proposals,
)
from catalogue.identity import Minter
from catalogue.model import Reading, Record, Report, Source
from catalogue.rdf import IRI, SYNTAXES, Literal, read
from catalogue.settings import load
from catalogue.sparql.prepared import prepare
from catalogue.store import Store
from catalogue.vocabulary import COUNTRY, OWL, PREFIXES
from catalogue.writer import writing
from endpoint import create_app

BASE = "https://catalogue.example"
MINTER = Minter(BASE)
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
PREFIX = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
LEGAL = frozenset({"gmbh", "srl", "spa", "ev", "ag", "kg", "co", "ltd", "bv"})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Open City", "open-city"),
        ("Open City", "OpenCity"),
        ("Gestión", "GESTION"),
        ("Straße", "strasse"),
        ("Decide 2.0", "Decide"),
        ("Decide v3", "Decide"),
        ("Decide version 3.1", "Decide"),
        ("Decide software", "Decide"),
        ("Δήμος Αθηναίων", "ΔΗΜΟΣ ΑΘΗΝΑΙΩΝ"),
        ("  Decide!  ", "“Decide”"),
    ],
)
def test_these_titles_are_the_same(one: str, other: str) -> None:
    (a, b) = fold(one), fold(other)
    assert a
    assert b
    assert a.key == b.key


@pytest.mark.parametrize(
    ("one", "other"), [("Census 2011", "Census 2021"), ("Software", "App"), ("Decide", "Divide"), ("42", "43")]
)
def test_these_titles_are_not_the_same(one: str, other: str) -> None:
    (a, b) = fold(one), fold(other)
    assert a
    assert b
    assert a.key != b.key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rossi S.r.l.", "Rossi srl"),
        ("Rossi", "Rossi SpA"),
        ("Meier GmbH & Co. KG", "Meier"),
        ("Verein e.V.", "Verein"),
    ],
)
def test_a_legal_form_is_no_part_of_a_name(one: str, other: str) -> None:
    (a, b) = fold(one, LEGAL), fold(other, LEGAL)
    assert a
    assert b
    assert a.key == b.key


@pytest.mark.parametrize("nothing", ["", " ", "!!!", "\u0301", "—", "💩"])
def test_what_has_no_letters_is_no_name(nothing: str) -> None:
    assert fold(nothing) is None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("Participation Portal", "Partecipation Portal", True, id="a letter"),
        pytest.param("Participation Portal", "Particpiation Portal", True, id="two swapped"),
        pytest.param("Decide now", "Deicde now", True, id="two swapped in a short word"),
        pytest.param("Participation", "Partecipatiom", True, id="two letters of thirteen"),
        pytest.param("Municipium", "Monicipiom", False, id="two letters of ten"),
        pytest.param("Portal of Participation", "Participation Portal", True, id="the same words"),
        pytest.param("Decide platform", "Decide", True, id="a word that says nothing"),
        pytest.param("Decide API", "Decide", False, id="a word that says something"),
        pytest.param("Data import", "Data export", False, id="another word"),
        pytest.param("Video encoder", "Video decoder", False, id="a word and its opposite"),
        pytest.param("Portal A", "Portal B", False, id="a letter that is a word"),
        pytest.param("Cities 2011", "Cities 2012", False, id="a number"),
        pytest.param("Massa", "Massa Lubrense", False, id="the beginning of another"),
        pytest.param("Kita", "Kiga", False, id="short words"),
    ],
)
def test_names_are_alike(one: str, other: str, expected: bool) -> None:
    a, b = fold(one), fold(other)
    assert a
    assert b
    assert alike(a, b) is alike(b, a) is expected


@given(st.text("abc", max_size=16), st.text("abc", max_size=16))
def test_nearness_is_symmetric(one: str, other: str) -> None:
    assert is_near(one, other) == is_near(other, one)


def solution(number: int, title: str, owner: str = "", page: str = "", repository: str = "") -> Thing:
    name = fold(title)
    return Thing(
        IRI(f"https://elsewhere.example/{number}"),
        frozenset({name} if name else ()),
        frozenset({IRI(f"https://elsewhere.example/owner/{owner}")} if owner else ()),
        frozenset(filter(None, (page, repository))),
        frozenset(filter(None, (repository,))),
    )


def organisation(number: int, title: str, country: str = "", home: str = "") -> Thing:
    name = fold(title, LEGAL)
    return Thing(
        IRI(f"https://elsewhere.example/{number}"),
        frozenset({name} if name else ()),
        homes=frozenset(filter(None, (home,))),
        countries=frozenset({IRI(COUNTRY + country)} if country else ()),
    )


A, B = "https://forge.example/city/app", "https://other.example/city/app"


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        pytest.param(("Decide", "city"), ("DECIDE 2", "city"), "same title and the same owner", id="title and owner"),
        pytest.param(("Decide 1", "city"), ("Decide 2", "city"), "but for the version", id="two versions"),
        pytest.param(("Decide", "city"), ("Decide", "town"), "", id="title and another owner"),
        pytest.param(("Decide",), ("Decide",), "", id="title and no owner"),
        pytest.param(
            ("Decide", "a", "http://www.decide.example/"),
            ("Decide", "b", "https://decide.example"),
            "the same page, decide.example",
            id="title and page",
        ),
        pytest.param(("Decide", "a", "javascript:x"), ("Decide", "b", "javascript:x"), "", id="no page"),
        pytest.param(("Decide now", "city"), ("Deciede now", "city"), "alike", id="similar title and owner"),
        pytest.param(("Decide now", "city"), ("Deciede now", "town"), "", id="similar title and another owner"),
        pytest.param(("X", "", "", A), ("Y", "", "", B), "city/app, at forge.example and other", id="two forges"),
        pytest.param(("X", "", "", A), ("X", "", "", A + "/tree/main/x"), "", id="two folders"),
        pytest.param(("X", "c", "", A), ("X", "c", "", A + "/tree/main/x"), "", id="two folders of one owner"),
        pytest.param(("X", "", "", "https://a.example/x"), ("Y", "", "", "https://b.example/x"), "", id="no account"),
    ],
)
def test_solutions_are_proposed_with_a_reason(one: tuple[str, ...], other: tuple[str, ...], reason: str) -> None:
    found = proposals(SOLUTION, (solution(1, *one), solution(2, *other)))
    assert bool(found) is bool(reason)
    assert not reason or reason in " ".join(found[0].reasons)


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        pytest.param(("Rossi", "ITA"), ("ROSSI S.r.l.", "ITA"), "same country", id="name and country"),
        pytest.param(("Rossi", "ITA"), ("Rossi",), "not both say a country", id="name, one without country"),
        pytest.param(("Rossi", "ITA"), ("Rossi", "CHE"), "", id="name and another country"),
        pytest.param(
            ("City of Turin", "ITA", "https://www.turin.example/en"),
            ("City of Turim", "ITA", "http://turin.example"),
            "the same home on the web, turin.example",
            id="similar name and host",
        ),
        pytest.param(
            ("City of Turin", "", "https://github.com/Turin"),
            ("City of Turim", "", "https://github.com/turin/app"),
            "github.com/turin",
            id="similar name and accounts spelt otherwise",
        ),
        pytest.param(
            ("City of Turin", "", "https://github.com/turin"),
            ("City of Turim", "", "https://github.com/turin/"),
            "github.com/turin",
            id="similar name and account",
        ),
        pytest.param(
            ("City of Turin", "", "https://github.com/turin"),
            ("City of Turim", "", "https://github.com/turim"),
            "",
            id="similar name and two accounts",
        ),
        pytest.param(
            ("City of Turin", "", "https://github.com"),
            ("City of Turim", "", "https://github.com/"),
            "",
            id="similar name and the same forge",
        ),
    ],
)
def test_organisations_are_proposed_with_a_reason(one: tuple[str, ...], other: tuple[str, ...], reason: str) -> None:
    found = proposals(ORGANISATION, (organisation(1, *one), organisation(2, *other)))
    assert bool(found) is bool(reason)
    assert not reason or reason in " ".join(found[0].reasons)


def test_a_name_in_several_languages_is_one_reason() -> None:
    names = frozenset(name for text in ("General Secretariat", "Secrétariat général") if (name := fold(text)))
    [found] = proposals(ORGANISATION, [replace(organisation(n, "", "CHE"), names=names) for n in (1, 2)])
    assert (len(found.reasons), found.strength) == (1, 80)


def test_more_reasons_are_surer_and_stand_first() -> None:
    things = [
        solution(1, "Decide", "city", "https://decide.example"),
        solution(2, "Decide", "city", "https://decide.example"),
        solution(3, "Decide", "city"),
    ]
    first, *rest = proposals(SOLUTION, things)
    assert (first.a, first.b) == (things[0].iri, things[1].iri)
    assert len(first.reasons) == 2
    assert 0 < rest[0].strength < first.strength < 100


def test_a_hundred_of_one_name_are_no_ten_thousand_pairs() -> None:
    assert len(proposals(SOLUTION, [solution(n, "Decide", "city") for n in range(100)])) == 99


@pytest.mark.parametrize(
    ("one", "other"),
    [("Participation", "Participatiom"), ("Participation", "Oarticipation"), ("Portal of permits", "Permits portal")],
    ids=["another end", "another beginning", "other order"],
)
def test_among_very_many_of_one_owner_those_that_are_alike_are_found(one: str, other: str) -> None:
    others = [
        solution(number, f"{letter * 9} {letter * 5}", "city") for number, letter in enumerate("abcdefghiklmnqrstuv")
    ]
    (found,) = proposals(SOLUTION, [*others, solution(98, one, "city"), solution(99, other, "city")])
    assert {found.a.value[-2:], found.b.value[-2:]} == {"98", "99"}


WORDS = st.sampled_from(
    ["Decide", "decide!", "Deciide", "Decide 2", "Decide now", "Now decide", "Software", "Other", ""]
)
PLACES = st.sampled_from(["", A, B, A + "/tree/main/x", "https://decide.example", "https://github.com/city", "nothing"])
THINGS = st.lists(st.tuples(WORDS, st.sampled_from(["", "a", "b"]), PLACES, PLACES), max_size=14)


@settings(max_examples=150, deadline=None)
@given(THINGS, st.randoms(use_true_random=False))
def test_proposals_do_not_depend_on_the_order(said: list[tuple[str, ...]], chance: random.Random) -> None:
    for kind, things in (
        (SOLUTION, [solution(n, *words) for n, words in enumerate(said)]),
        (
            ORGANISATION,
            [organisation(n, title, {"a": "ITA", "b": "FRA"}.get(c, ""), p) for n, (title, c, p, _) in enumerate(said)],
        ),
    ):
        found = proposals(kind, things)
        shuffled = list(things)
        chance.shuffle(shuffled)
        assert proposals(kind, shuffled) == found
        assert len({frozenset((one.a, one.b)) for one in found}) == len(found)
        assert all(one.a.value < one.b.value and 0 < one.strength < 100 and one.reasons for one in found)


# In a store

FEED, FILES = Source("feed", "rdf", "feed", "National feed", 20), Source("files", "publiccode", "files", "Files", 10)
ONE, TWO, THIRD = (MINTER.solution(f"https://forge.example/city/{name}") for name in ("one", "two", "three"))
REPOSITORY = "https://forge.example/city/elsewhere"
CITY, TOWN = (MINTER.organisation(f"https://{name}.example", "") for name in ("city", "town"))
SAID = {
    ONE: f'a dcat:Dataset, adms:Asset ; dct:title "Decide"@en ; dct:publisher <{CITY.value}> ; dct:issued "2024"',
    TWO: f'a dcat:Dataset, adms:Asset ; dct:title "DECIDE 2"@en ; dct:publisher <{CITY.value}> ; dct:issued "2025"',
    THIRD: 'a dcat:Dataset, adms:Asset ; dct:title "Ask <b>them</b>"@en',
    CITY: 'a foaf:Organization, foaf:Agent ; foaf:name "City of Turin"@en',
    TOWN: 'a foaf:Organization, foaf:Agent ; foaf:name "CITY OF TURIN"@en',
}


def put(store: Store, source: Source, iri: IRI, words: str, same: frozenset[IRI] = frozenset()) -> None:
    triples = frozenset(one.triple for one in read(f"{PREFIX}<{iri.value}> {words} .", SYNTAXES["ttl"]))
    key = iri.value.rsplit("/", 1)[-1]
    store.put(source, Reading(key, key, Report(), Record(key, iri, triples, key, same=same)))


@pytest.fixture
def store() -> Iterator[Store]:
    found = Store(None, MINTER, lambda: NOW)
    for source in (FEED, FILES):
        found.put_source(source)
    for iri, words in SAID.items():
        put(found, FEED, iri, words)
    yield found
    found.close()


def pairs(store: Store, kind: str) -> list[set[IRI]]:
    return [{one.a, one.b} for one in duplicates(store, MINTER, kind)]


def test_what_is_published_is_compared(store: Store) -> None:
    assert pairs(store, SOLUTION) == [{ONE, TWO}]
    assert pairs(store, ORGANISATION) == [{CITY, TOWN}]


def test_what_was_merged_is_not_proposed_and_what_was_split_neither(store: Store) -> None:
    store.merge(ONE, TWO)
    assert pairs(store, SOLUTION) == []
    store.split(TWO)
    assert pairs(store, SOLUTION) == []


def test_what_an_editor_says_to_be_two_is_not_proposed(store: Store) -> None:
    plan = Editor(store, MINTER).split(ONE.value, TWO.value)
    carry_out(store, plan)
    assert pairs(store, SOLUTION) == []
    assert not store.differences()
    carry_out(store, Editor(store, MINTER).merge(ONE.value, TWO.value))
    assert store.value(TWO, IRI("http://purl.org/dc/terms/title")) is None or store.kind(ONE) is None
    assert not store.differences()


@pytest.mark.parametrize(("one", "other"), [(ONE, TWO), (TWO, ONE)], ids=["one way", "other way"])
def test_what_a_source_relates_is_not_proposed(store: Store, one: IRI, other: IRI) -> None:
    put(store, FILES, one, f"a adms:Asset ; schema:isBasedOn <{other.value}>")
    assert pairs(store, SOLUTION) == []


def test_a_merge_takes_back_that_its_names_were_held_to_be_two(store: Store) -> None:
    alias = IRI("https://elsewhere.example/alias")
    put(store, FILES, alias, 'a adms:Asset ; dct:title "By another"@en', same=frozenset({ONE}))
    carry_out(store, Editor(store, MINTER).split(alias.value, TWO.value))
    carry_out(store, Editor(store, MINTER).merge(ONE.value, TWO.value))
    assert not list(store.triples(None, OWL.differentFrom, None, MINTER.graph("identity")))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("urn:x-italian-pa:c_a", "urn:x-italian-pa:c_b", 0),
        ("urn:x-italian-pa:c_a", "urn:x-italian-pa:c_a", 1),
        ("urn:x-italian-pa:c_a", "https://ror.org/1", 1),
        ("https://ror.org/1", "https://ror.org/2", 0),
    ],
)
def test_two_numbers_of_one_register_are_of_two(store: Store, one: str, other: str, expected: int) -> None:
    for thing, number in ((CITY, one), (TOWN, other)):
        words = f'a foaf:Organization ; adms:identifier <{thing.value}#n> . <{thing.value}#n> skos:notation "{number}"'
        put(store, FILES, thing, words)
    assert len(pairs(store, ORGANISATION)) == expected


@pytest.mark.parametrize(("whole", "expected"), [("one", 1), ("other", 0), ("", 1)])
def test_units_of_two_organisations_are_two(store: Store, whole: str, expected: int) -> None:
    for thing, name in ((CITY, "one"), (TOWN, whole)):
        part = f" ; org:subOrganizationOf <https://{name}.example/>" if name else ""
        put(store, FILES, thing, f"a foaf:Organization{part}")
    assert len(pairs(store, ORGANISATION)) == expected


def test_a_name_with_a_source_of_its_own_says_which_value_wins(store: Store) -> None:
    put(store, FILES, TWO, 'a adms:Asset ; dct:title "Decide!"@en')
    (entry,) = Editor(store, MINTER).merge(ONE.value, f"{BASE}/solution/{TWO.value.rsplit('/', 1)[-1]}").entries
    (title,) = (one for one in entry.properties if one.predicates[0].value.endswith("/title"))
    assert [(value.term, value.sources) for value in title.values] == [
        (Literal("Decide!", language="en"), ("files",)),
        (Literal("DECIDE 2", language="en"), ("feed",)),
        (Literal("Decide", language="en"), ("feed",)),
    ]


def test_a_name_that_nobody_describes_is_nothing_to_part_an_entry_from(store: Store) -> None:
    foreign = IRI("https://elsewhere.example/asset")
    put(store, FEED, foreign, 'a adms:Asset ; dct:title "It"@en', same=frozenset({MINTER.solution(REPOSITORY)}))
    for name in (foreign.value, REPOSITORY):
        with pytest.raises(ValueError, match="is not merged with anything"):
            Editor(store, MINTER).split(name)


def test_an_address_that_nobody_describes_parts_the_entry_that_has_it(store: Store) -> None:
    first, second = (IRI(f"https://elsewhere.example/{name}") for name in ("first", "second"))
    for source, iri in ((FEED, first), (FILES, second)):
        put(store, source, iri, 'a adms:Asset ; dct:title "It"@en', same=frozenset({MINTER.solution(REPOSITORY)}))
    carry_out(store, plan := Editor(store, MINTER).split(REPOSITORY))
    assert [entry.records for entry in plan.entries] == [1, 1]
    assert {entry.iri for entry in plan.entries} == {first, second}
    assert store.kind(first)
    assert store.kind(second)
    assert not store.differences()


def test_what_is_planned_is_what_is_published(store: Store) -> None:
    plan = Editor(store, MINTER).merge(ONE.value, TWO.value)
    carry_out(store, plan)
    (entry,) = plan.entries
    assert store.kind(entry.iri) is not None
    assert store.kind(entry.names[0]) is None
    for one in entry.properties:
        for predicate in one.predicates:
            shown = store.objects(entry.iri, predicate)
            assert [value.term in shown for value in one.values] == [True] + [False] * (len(one.values) - 1)


def test_a_split_takes_back_a_merge_and_leaves_what_records_join(store: Store) -> None:
    alias = IRI("https://elsewhere.example/alias")
    put(store, FILES, alias, 'a adms:Asset ; dct:title "By another"@en', same=frozenset({ONE}))
    before = {t for t in store.triples(None, None, None) if "dc/terms/modified" not in str(t.predicate)}
    carry_out(store, Editor(store, MINTER).merge(ONE.value, TWO.value))
    for given_name in (ONE, alias):
        assert len(Editor(store, MINTER).split(given_name.value).entries) == 2
    carry_out(store, Editor(store, MINTER).split(ONE.value))
    after = {t for t in store.triples(None, None, None) if "dc/terms/modified" not in str(t.predicate)}
    changed = {t.predicate.value.rsplit("#", 1)[-1] for t in before ^ after}
    assert changed <= {"status"}  # the records were updated, which they say
    assert not store.differences()


# The page


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    made = load({"home": str(tmp_path_factory.mktemp("twice")), "base": BASE, "title": "Test catalogue"}, {})
    with writing(made, "test", lambda: NOW) as writer:
        for source in (FEED, FILES):
            writer.store.put_source(source)
        for iri, words in SAID.items():
            put(writer.store, FEED, iri, words)
        put(
            writer.store,
            FILES,
            ONE,
            'a adms:Asset ; dct:title "Decide"@en ; dct:issued "2023" ; dct:description "x"@en',
        )
        put(
            writer.store,
            FILES,
            THIRD,
            'a adms:Asset ; dct:title "Ask <i>us</i>"@en',
            same=frozenset({MINTER.solution("https://old.example/a/b")}),
        )
        for number in range(30):
            words = f'a adms:Asset ; dct:title "Ticket tool"@en ; dct:publisher <{TOWN.value}>'
            put(writer.store, FEED, MINTER.solution(f"https://forge.example/town/{number}"), words)
        writer.publish()
    app = create_app(made)
    app.testing = True
    with app.test_client() as found:
        yield found


def test_the_page_shows_both_entries_why_and_what_to_type(client: FlaskClient) -> None:
    page = client.get("/duplicates").text
    assert "30 proposals" in page
    last = client.get("/duplicates?page=2").text
    shown = page + last
    assert "Very likely: the same title and the same owner" in shown
    commands = re.findall(r"<code>catalogue merge (\S+) (\S+)</code>", shown)
    assert len(commands) == 30
    for path in {path for pair in commands for path in pair}:
        assert client.get(path).status_code == 200
    assert 'rel="next" href="/duplicates?page=2"' in page
    assert 'rel="prev" href="/duplicates"' in last


def test_what_is_too_much_to_compare_while_somebody_waits_is_compared_beforehand(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = client.get("/duplicates").text
    monkeypatch.setattr("endpoint.duplicates._MOST_COMPARED", 0)
    waiting = client.get("/duplicates").text
    assert "Being compared" in waiting
    assert "catalogue duplicates --kind solution" in waiting
    home = client.application.extensions["home"]
    prepare(home, home.current(), BASE, lambda: True, long_s=0)
    assert client.get("/duplicates").text == whole
    assert "1 proposal<" in client.get("/duplicates?kind=organisation").text


def test_of_very_many_the_surest_are_shown_and_how_many_there_are(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("endpoint.duplicates.proposed", lambda publication, kind: None)
    monkeypatch.setattr("catalogue.duplicates.MOST_LISTED", 5)
    monkeypatch.setattr("endpoint.duplicates.MOST_LISTED", 5)
    monkeypatch.setattr("endpoint.reader.Edition.once", lambda held, name, compute: compute())
    page = client.get("/duplicates").text
    assert "30 proposals" in page
    assert "The 5 surest are listed here" in page
    assert "--limit 30" in page
    assert page.count("catalogue merge ") == 5


def test_the_page_of_organisations(client: FlaskClient) -> None:
    page = client.get("/duplicates?kind=organisation").text
    assert "1 proposal<" in page
    assert "CITY OF TURIN" in page


@pytest.mark.parametrize("query", ["kind=licence", "page=0", "page=x", "page=²", "kind=%3Cb%3E"])
def test_a_parameter_that_does_not_fit_is_named(client: FlaskClient, query: str) -> None:
    response = client.get(f"/duplicates?{query}", headers={"Accept": "text/html"})
    assert response.status_code == 400
    assert "<b>" not in re.sub(r"<main.*?>", "", response.text.partition("<main")[2].partition("</main")[0])


def test_a_page_behind_the_last_is_the_last(client: FlaskClient) -> None:
    assert "Page 2 of 2" in client.get("/duplicates?page=999").text


@pytest.mark.parametrize("path", ["/sources", "/about"])
def test_editors_find_the_page(client: FlaskClient, path: str) -> None:
    assert 'href="/duplicates"' in client.get(path).text


def path_of(iri: IRI, kind: str) -> str:
    return f"/{kind}/{iri.value.rsplit('/', 1)[-1]}"


def test_a_thing_says_where_its_sources_disagree(client: FlaskClient) -> None:
    page = client.get(path_of(ONE, "solution")).text.partition('id="sources"')[2]
    table = page.partition("Where the sources disagree")[2].partition("</section>")[0]
    assert re.search(r"dct:issued.*?2023.*?/source/files/record/.*?2024.*?/source/feed/record/", table, re.DOTALL)
    assert "dct:title" not in table
    assert "dct:description" not in table


def test_what_strangers_wrote_stays_text(client: FlaskClient) -> None:
    page = client.get(path_of(THIRD, "solution")).text
    assert "Ask &lt;i&gt;us&lt;/i&gt;" in page
    assert "<i>us" not in page


def test_a_thing_tells_its_other_names(client: FlaskClient) -> None:
    page = client.get(path_of(THIRD, "solution")).text
    old = MINTER.solution("https://old.example/a/b").value.removeprefix(BASE)
    assert f'<a href="{old}">{old}</a>' in page.partition("Other names of the same thing")[2]


def test_a_thing_of_one_record_says_nothing_of_disagreement(client: FlaskClient) -> None:
    page = client.get(path_of(TWO, "solution")).text
    assert "Where the sources disagree" not in page
    assert "Other names" not in page


def test_what_one_record_says_twice_is_no_disagreement(store: Store) -> None:
    put(store, FILES, ONE, "a adms:Asset ; schema:codeRepository <https://a.example/x>, <https://b.example/x>")
    properties = said(store, MINTER, [ONE], lambda iri: iri)
    (found,) = (one for one in properties if one.predicates[0].value.endswith("codeRepository"))
    assert len(found.values) == 2
    assert not found.is_disputed


@pytest.mark.parametrize(
    ("other", "is_disputed"),
    [("http://www.github.com/A/X.git", False), ("https://github.com/a/y", True), ("urn:x:y", True)],
    ids=["spelling", "another", "no address"],
)
def test_two_spellings_of_one_repository_are_no_disagreement(store: Store, other: str, is_disputed: bool) -> None:
    put(store, FILES, ONE, "a adms:Asset ; schema:codeRepository <https://github.com/a/x>")
    put(store, FEED, ONE, f"a adms:Asset ; schema:codeRepository <{other}>")
    (found,) = said(store, MINTER, [ONE], lambda iri: iri)
    assert (len(found.values), found.is_disputed) == (2, is_disputed)
