"""The shipped queries: each is well-formed, answers the seed or a catalogue made for it, and answers it rightly.

What is right is counted another way: in Python, from the statements of the publication.
"""

import csv
import io
import json
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue import queries
from catalogue.code_lists import names
from catalogue.database import Query, Snapshot
from catalogue.errors import QueryError
from catalogue.harvest import Harvesting
from catalogue.home import Home
from catalogue.identity import Minter
from catalogue.model import Finding, Reading, Record, Report, Severity, Source
from catalogue.queries import Parameter, WrongValue, find, shipped
from catalogue.rdf import IRI, SYNTAXES, Literal, read
from catalogue.settings import Settings, load
from catalogue.vocabulary import COUNTRY, DCAT, DCT, LANGUAGE, OSC, PREFIXES, PROV, SCHEMA, concept
from catalogue.writer import Writer, fetcher, seed_source, writing

BASE = "https://catalogue.example"
MINTER = Minter(BASE)
FOLDER = Path(__file__).parent.parent / "queries"
NOW = datetime.now(UTC)
EUPL = "http://spdx.org/licenses/EUPL-1.2"
# Nothing in the seed has a release, a dependency, a contract, a copy, a second source or an error.
MADE = {
    "dependencies", "deprecated-but-used", "licence-contradictions", "maintenance-ending", "proprietary-dependencies",
    "published-twice", "rejected-records", "several-sources", "stale-owners", "variants",
}  # fmt: skip
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The seed catalogue, published."""
    settings = load({"home": str(tmp_path_factory.mktemp("seed")), "base": BASE}, {})
    with writing(settings, "test", lambda: NOW) as writer:
        writer.harvest(seed_source(), Harvesting(fetcher(settings), lambda: NOW))
    return settings


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A small catalogue of two sources with what the seed has not."""
    settings = load({"home": str(tmp_path_factory.mktemp("made")), "base": BASE}, {})
    with writing(settings, "test", lambda: NOW) as writer:
        fill(writer)
    return settings


def day(days: int) -> str:
    return f'"{(NOW + timedelta(days=days)).date()}"^^xsd:date'


SOLUTIONS = f"""
id:a a doap:Project, dcat:Dataset, adms:Asset ; dct:title "Portal"@en ; dct:publisher id:one ;
  schema:license licence:MIT ; dcat:distribution <{BASE}/id/distribution/aaaaaaaaaa> ;
  dct:hasVersion id:ra ; schema:isBasedOn <https://code.example/origin> ;
  dct:requires id:ax, id:ay ; dcat:qualifiedRelation id:aq ; prov:qualifiedAttribution id:au, id:ac ;
  adms:status <http://purl.org/adms/status/Deprecated> .
<{BASE}/id/distribution/aaaaaaaaaa> a dcat:Distribution ; dct:license licence:Apache-2.0 .
id:ax a schema:SoftwareApplication ; schema:name "PostgreSQL"@und . id:ay schema:name "Oracle"@und .
id:aq a dcat:Relationship ; dct:relation id:ay ; dcat:hadRole role:dependency-proprietary .
id:au a prov:Attribution ; prov:agent id:two ; dcat:hadRole role:user .
id:ac a prov:Attribution ; prov:agent id:two ; dcat:hadRole role:contractor ; schema:endDate {day(100)} .
id:b a doap:Project, dcat:Dataset, adms:Asset ; dct:title "Portal"@en ; dct:publisher id:two ;
  dct:hasVersion id:rb ; schema:isBasedOn <https://code.example/origin> ; dct:requires id:bx ;
  prov:qualifiedAttribution id:bu, id:bc, id:bd .
id:bx schema:name "postgresql"@und .
id:bu a prov:Attribution ; prov:agent id:two ; dcat:hadRole role:user .
id:bc a prov:Attribution ; prov:agent id:one ; dcat:hadRole role:contractor ; schema:endDate {day(500)} .
id:bd a prov:Attribution ; prov:agent id:one ; dcat:hadRole role:contractor ; schema:endDate {day(-400)} .
id:ra a doap:Version ; dct:isVersionOf id:a ; dct:issued {day(-1500)} .
id:rb a doap:Version ; dct:isVersionOf id:b ; dct:issued {day(-10)} .
id:e a dcat:Dataset, adms:Asset ; dct:title "Of another portal"@en .
id:one a foaf:Agent, foaf:Organization ; foaf:name "One"@en .
id:two a foaf:Agent, foaf:Organization ; foaf:name "Two"@en .
"""


def fill(writer: Writer) -> None:
    known = {**PREFIXES, "id": f"{BASE}/id/solution/", "licence": "http://spdx.org/licenses/"}
    known["role"] = "https://w3id.org/open-source-catalogue/role/"
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in known.items())
    said = [quad.triple for quad in read(prefixes + SOLUTIONS, SYNTAXES["ttl"])]
    parts = {
        "a": "a ax ay aq au ac",
        "b": "b bx bu bc bd",
        "ra": "ra",
        "rb": "rb",
        "e": "e",
        "one": "one",
        "two": "two",
    }
    for source in (Source("first", "rdf", "first", "First", 10), Source("second", "rdf", "second", "Second", 20)):
        writer.store.put_source(source)
        for key, nodes in parts.items():
            about = {IRI(f"{BASE}/id/solution/{node}") for node in nodes.split()}
            if key == "a":
                about.add(IRI(f"{BASE}/id/distribution/aaaaaaaaaa"))
            if key == "b" and source.id == "second":
                continue
            record = Record(
                key, IRI(f"{BASE}/id/solution/{key}"), frozenset(t for t in said if t.subject in about), key
            )
            writer.store.put(source, Reading(key, key, Report(), record))
    broken = Finding(Severity.VIOLATION, "The file is no YAML.", None, None, "Close the quote.", 2, 1)
    writer.store.put(source, Reading("broken.yml", "broken.yml", Report((broken,))))
    writer.publish()


def rows(settings: Settings, name: str, **values: str) -> Rows:
    output = io.BytesIO()
    Snapshot(home_of(settings) / "store").answer(Query(find(name).bound(settings.base, values), "csv"), output)
    return list(csv.DictReader(io.StringIO(output.getvalue().decode())))


@pytest.mark.parametrize("name", [path.stem for path in sorted(FOLDER.glob("*.rq"))])
def test_a_file_says_what_it_answers_and_is_answered_as_it_stands(name: str, seed: Settings) -> None:
    query, content = find(name), (FOLDER / f"{name}.rq").read_text(encoding="utf-8")
    assert content.startswith(
        f"# title: {query.title}\n# description: {query.description}\n# subject: {query.subject}\n"
    )
    assert query.description.endswith(".")
    assert max(len(line) for line in query.text.splitlines()) <= 150
    snapshot = Snapshot(home_of(seed) / "store")
    as_it_stands, bound = io.BytesIO(), io.BytesIO()
    snapshot.answer(Query(content, "csv", f"{BASE}/"), as_it_stands)
    snapshot.answer(Query(query.bound(BASE), "csv"), bound)
    assert as_it_stands.getvalue() == bound.getvalue()


def test_there_are_queries_for_all_that_the_catalogue_knows() -> None:
    assert len(shipped()) >= 40
    subjects = Counter(query.subject for query in shipped().values())
    assert len(subjects) >= 8
    assert min(subjects.values()) >= 2
    assert len({query.title for query in shipped().values()}) == len(shipped())


@pytest.mark.parametrize("name", [path.stem for path in sorted(FOLDER.glob("*.rq"))])
def test_every_query_has_an_answer(name: str, seed: Settings, made: Settings) -> None:
    found = rows(made if name in MADE else seed, name)
    assert found
    assert {column.removesuffix("Label") for column in found[0]} <= set(found[0]), "a label of nothing"


def home_of(settings: Settings) -> Path:
    home = Home(settings.home)
    number = home.current()
    assert number is not None
    return home.publication(number)


class Facts:
    """The published statements of a catalogue, read without SPARQL."""

    def __init__(self, settings: Settings) -> None:
        self.store = Snapshot(home_of(settings) / "store")
        listed = self.store.objects(MINTER.catalogue, DCAT.dataset)
        self.solutions = {solution.value for solution in listed if isinstance(solution, IRI)}

    def values(self, subject: str, predicate: IRI) -> list[str]:
        return [value.value for value in self.store.objects(IRI(subject), predicate)]  # type: ignore[union-attr]

    def named(self, subject: str, predicate: IRI) -> str:
        return self.values(subject, predicate)[0]


@pytest.fixture(scope="module")
def facts(seed: Settings) -> Facts:
    return Facts(seed)


def test_solutions_by_country_and_licence(seed: Settings, facts: Facts) -> None:
    expected = Counter(
        (country, licence)
        for solution in facts.solutions
        for country in facts.values(solution, DCT.spatial)
        for licence in facts.values(solution, SCHEMA.license)
    )
    found = rows(seed, "solutions-by-country-and-licence")
    assert {(row["country"], row["licence"]): int(row["solutions"]) for row in found} == expected


def test_the_share_of_a_licence(seed: Settings, facts: Facts) -> None:
    licensed: dict[str, list[str]] = defaultdict(list)
    for solution in facts.solutions:
        for country in facts.values(solution, DCT.spatial):
            licensed[country] += facts.values(solution, SCHEMA.license)
    expected = {country: round(100 * found.count(EUPL) / len(found), 1) for country, found in licensed.items() if found}
    shares = {row["country"]: float(row["percent"]) for row in rows(seed, "licence-share-by-country")}
    assert shares == pytest.approx({country: share for country, share in expected.items() if share}, abs=0.06)


def test_licences_and_solutions_without_one(seed: Settings, facts: Facts) -> None:
    expected = Counter(licence for solution in facts.solutions for licence in facts.values(solution, SCHEMA.license))
    found = rows(seed, "licences-by-approval")
    assert {row["licence"]: int(row["solutions"]) for row in found} == expected
    without = {solution for solution in facts.solutions if not facts.values(solution, SCHEMA.license)}
    assert {row["solution"] for row in rows(seed, "without-licence")} == without


def users(facts: Facts, solution: str) -> set[str]:
    """Who uses a solution, its publisher left out."""
    used = {
        facts.named(part, PROV.agent)
        for part in facts.values(solution, PROV.qualifiedAttribution)
        if concept("role", "user").value in facts.values(part, DCAT.hadRole)
    }
    return used - set(facts.values(solution, DCT.publisher))


def test_what_is_reused_and_what_is_not(seed: Settings, facts: Facts) -> None:
    used = {solution: users(facts, solution) for solution in facts.solutions}
    assert {row["solution"]: int(row["users"]) for row in rows(seed, "most-reused")} == {
        solution: len(found) for solution, found in used.items() if found
    }
    eupl = {solution for solution in facts.solutions if EUPL in facts.values(solution, SCHEMA.license)}
    assert {row["solution"] for row in rows(seed, "not-reused")} == {one for one in eupl if not used[one]}
    reusers = Counter(user for found in used.values() for user in found)
    assert {row["user"]: int(row["solutions"]) for row in rows(seed, "largest-reusers")} == reusers


def test_topics_without_a_language_and_of_a_country(seed: Settings, facts: Facts) -> None:
    topics: dict[str, set[str]] = defaultdict(set)
    for solution in facts.solutions:
        for topic in facts.values(solution, DCT.subject):
            topics[topic].add(solution)
    for name, prop, value, chosen in (
        ("topics-without-language", DCT.language, f"{LANGUAGE}NLD", {"language": "nl"}),
        ("topics-missing-in-country", DCT.spatial, f"{COUNTRY}FRA", {"country": "FR"}),
    ):
        lacking = {
            topic: len(found)
            for topic, found in topics.items()
            if not any(value in facts.values(solution, prop) for solution in found)
        }
        assert {row["topic"]: int(row["solutions"]) for row in rows(seed, name, **chosen)} == lacking


def test_languages(seed: Settings, facts: Facts) -> None:
    spoken = [facts.values(solution, DCT.language) for solution in facts.solutions]
    expected = {
        language: (sum(language in found for found in spoken), sum([language] == found for found in spoken))
        for language in {language for found in spoken for language in found}
    }
    found = {row["language"]: (int(row["solutions"]), int(row["only"])) for row in rows(seed, "languages")}
    assert found == expected


def test_hosts_of_source_code(seed: Settings, facts: Facts) -> None:
    hosts = Counter(
        repository.split("/")[2].lower()
        for solution in facts.solutions
        for repository in facts.values(solution, SCHEMA.codeRepository)
    )
    assert {row["host"]: int(row["solutions"]) for row in rows(seed, "code-hosts")} == hosts


def test_what_descriptions_lack(seed: Settings, facts: Facts) -> None:
    quality = MINTER.graph("quality")
    lacks = Counter(t.object.value for t in facts.store.triples(None, OSC.lacks, None, quality))  # type: ignore[union-attr]
    found = rows(seed, "fields-missing")
    assert {row["indicator"]: int(row["solutions"]) for row in found} == lacks
    assert {row["percent"] for row in found if int(row["solutions"]) == len(facts.solutions)} == {"100"}
    assert sum(int(row["solutions"]) for row in rows(seed, "score-distribution")) == len(facts.solutions)


def test_what_a_source_contributes(seed: Settings, made: Settings, facts: Facts) -> None:
    kinds = {row["kind"]: (int(row["things"]), int(row["only"])) for row in rows(seed, "source-contribution")}
    assert kinds["solution"] == (len(facts.solutions), len(facts.solutions))
    of_first = {
        row["kind"]: (int(row["things"]), int(row["only"])) for row in rows(made, "source-contribution", source="first")
    }
    assert of_first["solution"] == (3, 1)
    assert of_first["administration or other organisation"] == (2, 0)
    assert rows(seed, "source-contribution", source="nobody") == []


def test_everything_is_new_in_a_new_catalogue(seed: Settings, facts: Facts) -> None:
    assert {row["solution"] for row in rows(seed, "new-solutions")} == facts.solutions
    (changes,) = rows(seed, "changes-since")
    assert changes["day"] == str(NOW.date())
    assert rows(seed, "changes-since", since=str(NOW.date() + timedelta(days=1))) == []


def ends(found: Rows, column: str) -> list[str]:
    """The last part of the IRIs of a column."""
    return [row[column].rpartition("/")[2] for row in found]


def test_risks(made: Settings) -> None:
    (stale,) = rows(made, "stale-owners")
    assert (stale["ownerLabel"], stale["stale"], stale["dated"]) == ("One", "1", "1")
    assert rows(made, "stale-owners", years="9") == []
    assert ends(rows(made, "maintenance-ending"), "solution") == ["a"]
    assert ends(rows(made, "maintenance-ending", days="600"), "solution") == ["a", "b"]
    (used,) = rows(made, "deprecated-but-used")
    assert (used["solution"], used["userLabel"]) == (f"{BASE}/id/solution/a", "Two")
    (contradiction,) = rows(made, "licence-contradictions")
    assert contradiction["distributionLicence"] == "http://spdx.org/licenses/Apache-2.0"


def test_dependencies_are_counted_whatever_the_case_of_their_letters(made: Settings) -> None:
    assert rows(made, "dependencies") == [
        {"dependency": "PostgreSQL", "solutions": "2"},
        {"dependency": "Oracle", "solutions": "1"},
    ]
    assert rows(made, "proprietary-dependencies") == [{"dependency": "Oracle", "solutions": "1"}]


def test_a_solution_without_owner_and_licence_is_counted(made: Settings) -> None:
    """A portal's assets are no doap:Project, and may say little."""
    without = {row["solutionLabel"]: row["owner"] for row in rows(made, "without-licence")}
    assert without == {"Portal": f"{BASE}/id/solution/two", "Of another portal": ""}
    assert "Of another portal" in {row["solutionLabel"] for row in rows(made, "new-solutions")}
    assert [row["solutions"] for row in rows(made, "maintenance-models")] == ["3"]


def test_copies_and_sources(made: Settings) -> None:
    assert ends(rows(made, "published-twice"), "solution") == ["a", "b"]
    assert ends(rows(made, "variants"), "solution") == ["a", "b"]
    assert [(row["solutionLabel"], row["sources"]) for row in rows(made, "several-sources")] == [
        ("Portal", "2"),
        ("Of another portal", "2"),
    ]
    (rejected,) = rows(made, "rejected-records")
    assert (rejected["state"], rejected["message"], rejected["fix"]) == (
        "rejected",
        "The file is no YAML.",
        "Close the quote.",
    )
    assert ends(rows(made, "most-reused"), "solution") == ["a"]  # the other is used by its own publisher


@pytest.mark.parametrize(
    ("kind", "written", "term"),
    [
        ("integer", " -7 ", '"-7"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("date", "2026-01-31", '"2026-01-31"^^<http://www.w3.org/2001/XMLSchema#date>'),
        ("iri", "https://a.example/b", "<https://a.example/b>"),
        ("iri", "id/owner/x", f"<{BASE}/id/owner/x>"),
        ("string", 'a "quoted" } word', '"a \\"quoted\\" } word"'),
        ("country", "it", f"<{COUNTRY}ITA>"),
        ("language", "mt", f"<{LANGUAGE}MLT>"),
        ("licence", "eupl-1.2", f"<{EUPL}>"),
        ("topic", "legal", "<https://w3id.org/open-source-catalogue/topic/legal>"),
    ],
)
def test_a_value_becomes_a_term_of_its_type(kind: str, written: str, term: str) -> None:
    assert str(Parameter("x", kind, "", "").value(written, BASE)) == term


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("integer", "1.5"),
        ("integer", "1 } UNION { ?s ?p ?o"),
        ("integer", "9" * 10),
        ("date", "31.1.2026"),
        ("iri", "https://a.example/> } SERVICE <b"),
        ("iri", ""),
        ("country", "ZZ"),
        ("licence", "http://spdx.org/licenses/MIT"),
        ("string", "a" * 1001),
    ],
)
def test_another_value_is_refused_by_name(kind: str, written: str) -> None:
    with pytest.raises(WrongValue, match=r"^x: ") as raised:
        Parameter("x", kind, "", "").value(written, BASE)
    assert raised.value.parameter == "x"


def test_names_that_are_not_there_are_answered_with_those_that_are() -> None:
    with pytest.raises(WrongValue, match="it has licence"):
        find("not-reused").bound(BASE, {"license": "MIT"})
    with pytest.raises(WrongValue, match="it has none"):
        find("topics").bound(BASE, {"topic": "legal"})
    with pytest.raises(QueryError, match="languages"):
        find("nothing")


ECHO = queries._parse(
    "echo",
    "# title: Echo\n# description: Says it.\n# subject: Tests\n# parameter: one string a One\n"
    "# parameter: two string b Two\n\nSELECT ?one ?two WHERE {\n"
    '  VALUES ?one { "a" }\n  VALUES ?two { "b" }\n}\n',
)


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_gets_out_of_its_quotes(facts: Facts, one: str, two: str) -> None:
    assert echoed(facts, one, two) == [(one, two)]


def test_a_text_that_looks_like_a_place_for_a_value_is_none(facts: Facts) -> None:
    one = "VALUES ?two { 7 }"
    assert echoed(facts, one, "second") == [(one, "second")]


def echoed(facts: Facts, one: str, two: str) -> list[tuple[str, str]]:
    output = io.BytesIO()
    facts.store.answer(Query(ECHO.bound(BASE, {"one": one, "two": two}), "json"), output)
    bindings = json.loads(output.getvalue())["results"]["bindings"]
    return [(row["one"]["value"], row["two"]["value"]) for row in bindings]


def test_every_type_is_one_that_the_form_can_offer() -> None:
    kinds = {parameter.type for query in shipped().values() for parameter in query.parameters}
    assert kinds >= {"date", "integer", "iri", "string", "country", "language", "licence", "topic"}
    assert kinds <= {"date", "integer", "iri", "string", *names()}


def test_a_value_of_another_type_is_no_literal() -> None:
    assert isinstance(Parameter("x", "string", "", "").value("http://a.example/", BASE), Literal)
