"""The quality score: what counts, that it adds up, and that what is stored of it is what the publication says."""

import re
from contextlib import closing
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import code_lists, measuring, quality
from catalogue.fetch import Fetch
from catalogue.harvest import Harvesting, harvest
from catalogue.home import Home
from catalogue.identity import Minter, key
from catalogue.model import Finding, Reading, Record, Report, Severity, Source
from catalogue.publication import Publication
from catalogue.quality import Facts, measure, profile
from catalogue.rdf import IRI, SYNTAXES, Literal, Term, Triple, read
from catalogue.settings import Settings
from catalogue.store import Store
from catalogue.vocabulary import ADMS, DCAT, DCT, DQV, FOAF, OSC, PREFIXES, PROV, RDF, SCHEMA, XSD, concept
from catalogue.writer import seed_source

MINTER = Minter("https://catalogue.example")
SOLUTION, PART, USE = (
    MINTER.thing("solution", "a"),
    MINTER.thing("distribution", "part"),
    MINTER.thing("contact", "use"),
)
OWNER, RECORD = MINTER.thing("owner", "o"), MINTER.record("first", "r")
GRAPH = MINTER.graph("quality")
FIRST = Source("first", "rdf", "first.ttl", "First", 10)
SECOND = Source("second", "rdf", "second.ttl", "Second", 50)
INDICATORS = {indicator.id: indicator for dimension in profile() for indicator in dimension.indicators}
PREFIX = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items()) + (
    "@prefix list: <https://w3id.org/open-source-catalogue/> . @prefix spdx-licence: <http://spdx.org/licenses/> .\n"
    "@prefix eu: <http://publications.europa.eu/resource/authority/> .\n"
)


def said(turtle: str, about: IRI = SOLUTION) -> dict[IRI, list[Term]]:
    """Properties and values, written as Turtle without the subject."""
    found: dict[IRI, list[Term]] = {}
    for _, predicate, value, _ in read(f"{PREFIX}<{about.value}> {turtle} .", SYNTAXES["ttl"]):
        found.setdefault(predicate, []).append(value)
    return found


def met(facts: Facts) -> set[str]:
    return {result.indicator.id for result in measure(facts).results if result.evidence}


def now() -> datetime:
    return datetime(2026, 11, 21, tzinfo=UTC)


# The profile


def test_the_profile_gives_a_hundred_points_twenty_for_each_dimension() -> None:
    assert [dimension.id for dimension in profile()] == [
        "findability",
        "accessibility",
        "interoperability",
        "reusability",
        "contextuality",
    ]
    assert [sum(one.points for one in dimension.indicators) for dimension in profile()] == [20] * 5


def test_every_indicator_has_a_rule_in_words_in_code_and_a_way_to_its_points() -> None:
    assert {result.indicator.id for result in measure(Facts(SOLUTION, {})).results} == set(INDICATORS)
    for indicator in INDICATORS.values():
        assert set(indicator.label) == {"en", "fr", "de", "it", "es"}
        assert indicator.rule["en"].endswith(".")
        assert indicator.fix["en"][0].islower(), "it goes on after “if you”"
        assert not indicator.fix["en"].endswith(".")


# What counts


@pytest.mark.parametrize(
    ("turtle", "expected"),
    [
        pytest.param('dct:abstract "Lets citizens decide."@en', {"abstract"}, id="a short description"),
        pytest.param('dct:abstract " "@en', set(), id="white space is no description"),
        pytest.param("dct:subject list:topic\\/legal", {"subject"}, id="a topic"),
        pytest.param("dct:subject list:category\\/cms", {"subject", "category"}, id="a category is a topic, too"),
        pytest.param("dct:subject <https://elsewhere.example/cms>", set(), id="a topic of another list"),
        pytest.param('dct:subject "legal"', set(), id="a topic as a word"),
        pytest.param("dcat:theme eu:data-theme\\/GOVE", {"theme"}, id="a theme"),
        pytest.param('dcat:keyword "voting"', {"keyword"}, id="a keyword"),
        pytest.param("dct:spatial eu:country\\/ITA", {"country"}, id="a country"),
        pytest.param('dct:spatial "Italy"', set(), id="a country by its name"),
        pytest.param("dct:language eu:language\\/ITA", {"language"}, id="a language"),
        pytest.param("schema:codeRepository <https://code.example/a>", {"repository"}, id="a repository"),
        pytest.param("schema:codeRepository <git://code.example/a>", set(), id="a repository that no browser opens"),
        pytest.param("dcat:landingPage <https://a.example/>", {"landing-page"}, id="a website"),
        pytest.param("dcat:landingPage <javascript:alert(1)>", set(), id="a website that is none"),
        pytest.param("foaf:page <https://a.example/manual>", {"documentation"}, id="documentation"),
        pytest.param('owl:versionInfo "1.0"', {"release"}, id="a version"),
        pytest.param("osc:softwareType list:software-type\\/library", {"software-type"}, id="a kind of software"),
        pytest.param("schema:license spdx-licence:EUPL-1.2", {"licence"}, id="a licence of SPDX"),
        pytest.param('schema:license "EUPL-1.2"', set(), id="a licence as a word"),
        pytest.param("schema:license <https://a.example/licence>", set(), id="a licence of its own"),
        pytest.param(f"schema:license <{MINTER.thing('licence', 'MIT OR EUPL-1.2').value}>", {"licence"},
                     id="an expression of licences"),
        pytest.param("dct:publisher <https://city.example/>", {"owner"}, id="an owner"),
        pytest.param('dct:publisher "City"', set(), id="an owner as a word"),
        pytest.param("dcat:contactPoint <https://a.example/#desk>", {"contact"}, id="a contact"),
        pytest.param("adms:status <http://purl.org/adms/status/Completed>", {"status"}, id="a status of ADMS"),
        pytest.param("osc:maintenanceModel list:maintenance-type\\/none", {"maintenance"}, id="no maintenance, said"),
        pytest.param(f'dct:description "{"x" * 149}"@en', set(), id="a description one character too short"),
        pytest.param(f'dct:description "{"x" * 150}"@en', {"description"}, id="a description just long enough"),
        pytest.param('dct:abstract "a"@en, "b"@it', {"abstract", "translation"}, id="two languages"),
        pytest.param('dct:abstract "a"@en-GB, "b"@en-US', {"abstract"}, id="two kinds of one language"),
        pytest.param('dct:abstract "a"@en, "b"@und, "c"', {"abstract"}, id="a language that is not known"),
        pytest.param("schema:video <https://a.example/video>", {"screenshot"}, id="a video"),
        pytest.param('dct:modified "2026-01-01"^^xsd:date', {"date"}, id="a date"),
        pytest.param('schema:operatingSystem "web"', {"requirements"}, id="a platform"),
    ],
)  # fmt: skip
def test_what_is_said_earns_its_points(turtle: str, expected: set[str]) -> None:
    assert met(Facts(SOLUTION, said(turtle))) == expected


@pytest.mark.parametrize(
    ("link", "turtle", "expected"),
    [
        pytest.param(DCAT.distribution, "dct:license spdx-licence:MIT", {"licence"}, id="the licence of a copy"),
        pytest.param(DCAT.distribution, "dcat:downloadURL <https://a.example/a.zip>", {"release"}, id="a download"),
        pytest.param(DCT.hasVersion, 'dct:issued "2026"^^xsd:gYear', {"release", "date"}, id="the date of a release"),
        pytest.param(PROV.qualifiedAttribution, "prov:agent <https://city.example/> ; dcat:hadRole list:role\\/user",
                     {"used-by"}, id="a user"),
        pytest.param(PROV.qualifiedAttribution, "prov:agent <https://city.example/> ; dcat:hadRole list:role\\/funder",
                     set(), id="who pays is no user"),
    ],
)  # fmt: skip
def test_what_its_parts_say_counts(link: IRI, turtle: str, expected: set[str]) -> None:
    assert met(Facts(SOLUTION, {link: [PART]}, {PART: said(turtle, PART)})) == expected


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ((), set()),
        ((quality.Reading(RECORD),), {"valid", "clean"}),
        ((quality.Reading(RECORD, warnings=1),), {"valid"}),
        ((quality.Reading(RECORD, violations=1),), set()),
        ((quality.Reading(RECORD), quality.Reading(OWNER, violations=1)), set()),
        ((quality.Reading(RECORD, concept("publiccode-yml", "0.4")),), {"publiccode", "valid", "clean"}),
    ],
    ids=["none", "a good one", "one with a warning", "one that is broken", "one of two is broken", "a publiccode.yml"],
)
def test_how_its_records_were_read_counts(records: tuple[quality.Reading, ...], expected: set[str]) -> None:
    assert met(Facts(SOLUTION, {}, records=records)) == expected


def test_what_the_catalogue_inferred_does_not_count() -> None:
    assert met(Facts(SOLUTION, {DCT.publisher: [OWNER]}, inferred=frozenset({DCT.publisher}))) == set()


def test_a_score_is_the_sum_of_its_points_and_says_what_each_was_given_for() -> None:
    score = measure(Facts(SOLUTION, said('dcat:keyword "b", "a" ; dct:spatial eu:country\\/ITA')))
    assert score.total == INDICATORS["keyword"].points + INDICATORS["country"].points
    assert {r.indicator.id: r.evidence for r in score.results if r.evidence} == {
        "keyword": (Literal("b"), Literal("a")),
        "country": (IRI("http://publications.europa.eu/resource/authority/country/ITA"),),
    }
    assert sum(sum(r.points for r in score.of(dimension)) for dimension in profile()) == score.total
    gains = [result.indicator.points for result in score.missing]
    assert gains == sorted(gains, reverse=True)
    assert score.total + sum(gains) == 100


# What is stored


def reading(*triples: Triple, key: str = "r", iri: IRI = SOLUTION, report: Report | None = None) -> Reading:
    return Reading(key, key, report or Report(), Record(key, iri, frozenset(triples), key))


def opened() -> Store:
    store = Store(None, MINTER, now)
    for source in (FIRST, SECOND):
        store.put_source(source)
    return store


def stored(store: Store) -> set[Triple]:
    """The measurements in the store, without the note on how far they go."""
    return {t for t in store.triples(None, None, None, GRAPH) if t.predicate in (DQV.value, OSC.lacks)}


def recomputed(store: Store) -> set[Triple]:
    """The measurements that a store with the same descriptions should have."""
    found: set[Triple] = set()
    for thing in {t.subject for t in store.triples(None, RDF.type, None) if isinstance(t.subject, IRI)}:
        facts = measuring.facts(store, MINTER, thing)
        if facts:
            found |= quality.summary(measure(facts), thing, MINTER.page(thing, "solution"))
    return {triple for triple in found if triple.predicate in (DQV.value, OSC.lacks)}


def total(store: Store, thing: IRI = SOLUTION) -> int | None:
    node = IRI(f"{MINTER.page(thing, 'solution').value}#quality")
    value = store.value(node, DQV.value, GRAPH)
    return int(value.value) if value else None


IS_SOLUTION = Triple(SOLUTION, RDF.type, ADMS.Asset)
WARNING = Report((Finding(Severity.WARNING, "odd"),))


def test_a_measurement_is_stored_with_what_it_lacks() -> None:
    with closing(opened()) as store:
        store.put(FIRST, reading(IS_SOLUTION, Triple(SOLUTION, DCAT.keyword, Literal("x"))))
        measuring.update(store)
        assert total(store) == sum(INDICATORS[name].points for name in ("keyword", "valid", "clean"))
        lacks = {t.object for t in store.triples(None, OSC.lacks, None, GRAPH)}
        assert lacks == {one.metric for one in INDICATORS.values() if one.id not in ("keyword", "valid", "clean")}


def test_the_same_reading_again_changes_no_quad() -> None:
    with closing(opened()) as store:
        store.put(FIRST, reading(IS_SOLUTION, report=WARNING))
        measuring.update(store)
        before = set(store.quads())
        store.changed = False
        store.put(FIRST, reading(IS_SOLUTION, report=WARNING))
        measuring.update(store)
        assert set(store.quads()) == before
        assert not store.changed


def test_findings_that_come_and_go_without_a_change_of_words_are_noticed() -> None:
    with closing(opened()) as store:
        for report, expected in ((Report(), 9), (WARNING, 4), (Report(), 9)):
            store.put(FIRST, reading(IS_SOLUTION, report=report))
            measuring.update(store)
            assert total(store) == expected


def test_a_licence_on_a_distribution_that_another_record_describes_is_noticed() -> None:
    with closing(opened()) as store:
        store.put(FIRST, reading(IS_SOLUTION, Triple(SOLUTION, DCAT.distribution, PART)))
        measuring.update(store)
        before = total(store) or 0
        licence = Triple(PART, DCT.license, IRI("http://spdx.org/licenses/MIT"))
        store.put(SECOND, reading(Triple(PART, RDF.type, DCAT.Distribution), licence, iri=PART))
        measuring.update(store)
        assert total(store) == before + INDICATORS["licence"].points


def test_what_is_gone_has_no_measurement_left() -> None:
    with closing(opened()) as store:
        store.put(FIRST, reading(IS_SOLUTION, report=WARNING))
        measuring.update(store)
        store.remove("first", "r")
        measuring.update(store)
        assert not stored(store)


def test_an_owner_counts_once_a_source_says_what_the_catalogue_had_inferred() -> None:
    says = Triple(SOLUTION, DCT.publisher, OWNER)
    inferring = Record("r", SOLUTION, frozenset({IS_SOLUTION, says}), "r", inferred=(DCT.publisher,))
    with closing(opened()) as store:
        store.put(FIRST, Reading("r", "r", Report(), inferring))
        measuring.update(store)
        without = total(store) or 0
        store.put(SECOND, reading(IS_SOLUTION, says))
        measuring.update(store)
        assert total(store) == without + INDICATORS["owner"].points
        store.put(SECOND, reading(IS_SOLUTION))
        measuring.update(store)
        assert total(store) == without


def test_a_measurement_by_another_profile_is_made_anew() -> None:
    with closing(opened()) as store:
        store.put(FIRST, reading(IS_SOLUTION))
        measuring.update(store)
        right = set(store.quads())
        for triple in list(store.triples(None, None, None, GRAPH)):
            if triple.predicate in (OSC.contentHash, DQV.value):
                store._database.update(f"DELETE DATA {{ GRAPH {GRAPH} {{ {triple} }} }}")
        measuring.update(store)
        assert set(store.quads()) == right


subjects = st.sampled_from([SOLUTION, PART, USE])
predicates = st.sampled_from([DCT.license, DCT.publisher, DCAT.distribution, PROV.qualifiedAttribution, RDF.type,
                              DCAT.hadRole, PROV.agent, SCHEMA.license])  # fmt: skip
values = st.sampled_from(
    [ADMS.Asset, DCAT.Distribution, FOAF.Agent, PART, USE, concept("role", "user"), IRI("http://spdx.org/licenses/MIT")]
)
contents = st.frozensets(st.builds(Triple, subjects, predicates, values), max_size=6)
of_a_solution = contents.map(lambda triples: triples | {IS_SOLUTION})
reports = st.sampled_from([Report(), WARNING, Report((Finding(Severity.VIOLATION, "broken"),))])
inferences = st.sampled_from([(), (DCT.publisher,)])
records = st.none() | contents | of_a_solution
step = st.tuples(st.sampled_from([FIRST, SECOND]), st.sampled_from("ab"), subjects, records, reports, inferences)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(step, st.booleans()), max_size=10))
def test_what_is_stored_is_always_what_is_published(
    steps: list[
        tuple[tuple[Source, str, IRI, frozenset[Triple] | None, Report, tuple[IRI, ...]], bool]
    ],
) -> None:  # fmt: skip
    with closing(opened()) as store:
        for (source, key, topic, content, report, inferred), measured in steps:
            if content is None:
                store.remove(source.id, key)
            elif report.conforms:
                store.put(source, Reading(key, key, report, Record(key, topic, content, key, inferred=inferred)))
            else:
                store.put(source, Reading(key, key, report))
            if measured:
                measuring.update(store)
                assert stored(store) == recomputed(store)
                assert not store.differences()
        store.put_source(Source("second", "rdf", "second.ttl", "Second", 1))
        measuring.update(store)
        assert stored(store) == recomputed(store)


def seed_scores() -> list[int]:
    with closing(Store(None, MINTER, now)) as store:
        for name in code_lists.names():
            store.put_list(name, code_lists.triples(name))
        harvest(store, seed_source(), Harvesting(Fetch(), now))
        measuring.update(store)
        assert stored(store) == recomputed(store)
        return [int(t.object.value) for t in store.triples(None, DQV.value, None, GRAPH)]  # type: ignore[union-attr]


def test_the_seed_catalogue_is_scored() -> None:
    assert len(seed_scores()) >= 60


@pytest.mark.xfail(reason="held to the profile at harvest, every seed solution has a warning: none has a contact")
def test_the_seed_catalogue_is_described_well() -> None:
    scores = seed_scores()
    assert min(scores) >= 45
    assert sum(scores) / len(scores) >= 60


# What pages show


DECIDE, CITY = key("https://code.example/city/decide"), key("city")


def test_a_page_opens_its_score_into_the_arithmetic(client: FlaskClient) -> None:
    page = client.get(f"/solution/{DECIDE}").text
    shown = re.search(r"<strong>(\d+) of 100 points</strong>", page)
    rows = dict(re.findall(r'<tr id="quality-([a-z-]+)">.*?<td>(\d+) of \d+</td>', page))
    assert shown is not None
    assert set(rows) == set(INDICATORS)
    assert sum(map(int, rows.values())) == int(shown[1])
    assert "European Union Public License 1.2" in page.partition('id="quality-licence"')[2].partition("</tr>")[0]
    missing = page.partition('id="quality-translation"')[2].partition("</tr>")[0]
    assert ("0 of 4" in missing) == ("<b>+4</b> if you translate" in missing)


def test_the_scores_on_the_page_in_the_data_and_in_the_store_are_the_same(
    client: FlaskClient, web_settings: Settings
) -> None:
    page = client.get(f"/solution/{DECIDE}").text
    data = client.get(f"/solution/{DECIDE}/quality.nt")
    assert data.mimetype == "application/n-triples"
    said = [quad.triple for quad in read(data.data, SYNTAXES["nt"])]
    values = {t.subject: int(t.object.value) for t in said if t.predicate == DQV.value}  # type: ignore[union-attr]
    head = IRI(f"https://catalogue.example/solution/{DECIDE}#quality")
    assert f"<strong>{values.pop(head)} of 100 points</strong>" in page
    assert len(values) == len(INDICATORS)
    home = Home(web_settings.home)
    publication = Publication(home, home.current() or 0)
    assert publication.store.value(head, DQV.value, GRAPH) == Literal(str(sum(values.values())), datatype=XSD.integer)
    publication.close()


def test_a_score_is_no_part_of_the_description_that_others_harvest(client: FlaskClient) -> None:
    assert "dqv#" not in client.get(f"/solution/{DECIDE}.ttl").text


@pytest.mark.parametrize(
    "address",
    [f"/solution/{DECIDE}/quality.docx", f"/solution/{CITY}/quality.ttl", f"/solution/{key('gone')}/quality.ttl"],
)
def test_what_has_no_score_is_not_found(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", [f"/administration/{CITY}", "/source/files"])
def test_what_has_one_solution_shows_how_well_it_is_described(client: FlaskClient, address: str) -> None:
    score = re.search(r"<strong>(\d+) of 100", client.get(f"/solution/{DECIDE}").text)
    assert score is not None
    page = re.sub("<.*?>", "", client.get(address).text)
    assert f"Its one solution is described with {score[1]} of 100 points." in page


def test_what_has_many_solutions_shows_their_average(client: FlaskClient) -> None:
    page = re.sub("<.*?>", "", client.get("/source/feed").text)
    assert re.search(r"Its 32 solutions are described with \d+ of 100 points on average\.", page)
