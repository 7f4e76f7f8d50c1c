"""codemeta.json becomes a solution, however it is written; persons are named only where they want to be written to."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.harvesters.codemeta import readings, recognises
from catalogue.identity import Minter
from catalogue.model import Document, Reading, Severity
from catalogue.rdf import IRI, SYNTAXES, Literal, read
from catalogue.vocabulary import (
    DCAT,
    DCT,
    DOAP_BUG_DATABASE,
    FOAF,
    OSC,
    SCHEMA,
    SKOS,
    V,
)
from tests.remote import Reply, serving, world

MINTER = Minter("https://catalogue.example")
SHARED = Path(__file__).parents[3] / "shared" / "data" / "codemeta"
GOLDEN = Path(__file__).parent / "codemeta"
REPOSITORY = "https://git.example.org/town/lamp"
HEAD = {
    "@context": "https://w3id.org/codemeta/3.0",
    "@type": "SoftwareSourceCode",
    "name": "Lamp",
    "codeRepository": REPOSITORY,
}


def read_all(value: object, url: str = "codemeta.json") -> list[Reading]:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    document = Document(url, content, "application/json", datetime(2026, 11, 21, tzinfo=UTC))
    return list(readings("codemeta.json", document, MINTER))


def read_one(value: object, url: str = "codemeta.json") -> Reading:
    (found,) = read_all(value, url)
    return found


def lamp(**values: Any) -> Reading:
    return read_one({**HEAD, **values})


def values(found: Reading, predicate: IRI) -> set[str]:
    def texts() -> Iterator[str]:
        assert found.record is not None, found.report
        for triple in found.record.triples:
            if triple.predicate == predicate:
                assert isinstance(triple.object, IRI | Literal)
                yield triple.object.value

    return set(texts())


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_a_file_says_what_its_golden_graph_says(path: Path) -> None:
    found = read_one(path.read_bytes())
    assert found.record is not None
    assert found.record.triples == {
        quad.triple for quad in read(path.with_suffix(".ttl").read_bytes(), SYNTAXES["ttl"])
    }
    assert found.report.findings == ()


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(HEAD, id="3.0"),
        pytest.param([HEAD], id="a list"),
        pytest.param({"@type": "Code", "title": "Lamp", "codeRepository": REPOSITORY}, id="the first version"),
        pytest.param({"@context": "x", "@graph": [HEAD, {"@type": "Person", "name": "Ada"}]}, id="a graph"),
        pytest.param({"@graph": {"@graph": HEAD}}, id="a graph of one"),
        pytest.param(
            {"@graph": [{"@id": "#py", "@type": "ComputerLanguage", "name": "Python"}, HEAD]}, id="a flattened graph"
        ),
        pytest.param({f"schema:{name}": value for name, value in HEAD.items() if name[0] != "@"}, id="prefixes"),
        pytest.param({"http://schema.org/name": "Lamp", "codeRepository": REPOSITORY}, id="IRIs as keys"),
        pytest.param({**HEAD, "@type": "schema:SoftwareSourceCode"}, id="a type with a prefix"),
        pytest.param({**HEAD, "@type": ["Dataset", "SoftwareSourceCode"]}, id="a crate that is software, too"),
        pytest.param(
            [
                {
                    "@type": ["http://schema.org/SoftwareSourceCode"],
                    "http://schema.org/name": [{"@value": "Lamp"}],
                    "http://schema.org/codeRepository": [{"@id": REPOSITORY}],
                }
            ],
            id="expanded",
        ),
        pytest.param({**HEAD, "name": ["Lamp"], "codeRepository": [REPOSITORY]}, id="lists for texts"),
        pytest.param({**HEAD, "codeRepository": {"@id": REPOSITORY}}, id="an object for an address"),
        pytest.param({**HEAD, "name": {"@value": "Lamp"}}, id="a value object"),
        pytest.param({**HEAD, "codeRepository": f"git+{REPOSITORY}.git"}, id="a repository as package managers do"),
        pytest.param({**HEAD, "codeRepository": "", "issueTracker": f"{REPOSITORY}/issues"}, id="only its tickets"),
    ],
)
def test_every_way_to_write_it_says_the_same(value: object) -> None:
    found = read_one(value)
    assert found.record is not None
    assert found.record.iri == MINTER.solution(REPOSITORY)
    assert values(found, DCT.title) == {"Lamp"}
    assert values(found, SCHEMA.codeRepository) == {REPOSITORY}


def test_what_software_refers_to_in_its_graph_is_read_there() -> None:
    people = [
        {"@id": "#ada", "@type": "Person", "name": "Ada", "email": "ada@example.org", "affiliation": {"@id": "#lamp"}},
        {"@id": "#town", "@type": "Organization", "name": "Town of Lamp"},
    ]
    software = {**HEAD, "@id": "#lamp", "maintainer": {"@list": [{"@id": "#ada"}]}, "publisher": {"@id": "#town"}}
    found = read_one({"@graph": [software, *people]})
    assert values(found, FOAF.name) == {"Town of Lamp"}
    assert values(found, V.fn) == {"Ada"}
    assert "#town" not in {getattr(t.object, "value", "") for t in (found.record.triples if found.record else ())}


def test_an_address_in_an_object_is_not_missing() -> None:
    assert "codeRepository" not in {one.path for one in lamp(codeRepository={"@id": REPOSITORY}).report.findings}


def test_names_in_a_language_are_in_it() -> None:
    found = lamp(name={"@value": "Lampe", "@language": "de"})
    assert found.record is not None
    assert Literal("Lampe", language="de") in {triple.object for triple in found.record.triples}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b"{", "not valid JSON", id="no JSON"),
        pytest.param(b"[" * 1000 + b"]" * 1000, "nested", id="deep"),
        pytest.param(b"[]", "describes no software", id="an empty list"),
        pytest.param(b'{"@type": "Person", "name": "Ada"}', "describes no software", id="a person"),
        pytest.param(b'{"@type": "schema:Dataset", "name": "D", "url": "https://a.example"}', "no software", id="data"),
        pytest.param(b'{"codeRepository": "https://a.example/b"}', "name", id="no name"),
        pytest.param(b'{"name": "Lamp", "identifier": "lamp"}', "Nothing says which", id="no identity"),
    ],
)
def test_only_what_breaks_identity_keeps_a_file_out(content: bytes, message: str) -> None:
    found = read_one(content)
    assert found.record is None
    assert [finding.severity for finding in found.report.findings] == [Severity.VIOLATION]
    assert message in found.report.findings[0].message


def test_a_key_that_is_there_twice_is_a_warning_with_its_place() -> None:
    found = read_one(b'{"name": "Lamp",\n "name": "Wick", "codeRepository": "https://a.example/b"}')
    assert values(found, DCT.title) == {"Wick"}
    assert [(finding.severity, finding.line) for finding in found.report.findings] == [(Severity.WARNING, 2)]


@pytest.mark.parametrize(
    ("given", "identity"),
    [
        ({"identifier": "10.5281/zenodo.123"}, "https://doi.org/10.5281/zenodo.123"),
        ({"identifier": "10.5281/zenodo.123; RRID:SCR_1"}, "https://doi.org/10.5281/zenodo.123"),
        (
            {"identifier": {"@type": "PropertyValue", "propertyID": "doi", "value": "10.5281/zenodo.123"}},
            "https://doi.org/10.5281/zenodo.123",
        ),
        ({"identifier": "https://zenodo.org/doi/10.5281/Zenodo.123"}, "https://doi.org/10.5281/zenodo.123"),
        ({"@id": "https://doi.org/10.5281/zenodo.123"}, "https://doi.org/10.5281/zenodo.123"),
        ({"identifier": {"@type": "PropertyValue", "@id": "https://doi.org/10.1/x"}, "url": "https://a.example"},
         "https://a.example"),
        ({"url": "https://lamp.example.org"}, "https://lamp.example.org"),
    ],
)  # fmt: skip
def test_without_a_repository_it_is_known_by_its_doi_else_its_page(given: dict[str, Any], identity: str) -> None:
    found = read_one({"@type": "SoftwareSourceCode", "name": "Lamp", **given})
    assert found.record is not None
    assert found.record.iri == MINTER.thing("solution", identity)
    assert [finding.path for finding in found.report.findings] == ["codeRepository"]


def test_software_with_a_repository_is_the_one_known_by_its_doi() -> None:
    found = lamp(identifier="10.5281/zenodo.123")
    assert found.record is not None
    assert found.record.same == {MINTER.thing("solution", "https://doi.org/10.5281/zenodo.123")}


def test_pages_of_a_project_are_not_its_repository() -> None:
    found = lamp(codeRepository="https://town.github.io/lamp/", issueTracker="https://github.com/town/lamp/issues")
    assert found.record is not None
    assert found.record.iri == MINTER.solution("https://github.com/town/lamp")
    assert [finding.path for finding in found.report.findings] == ["codeRepository"]


def test_a_file_that_a_forge_gives_describes_its_repository() -> None:
    url = "https://raw.githubusercontent.com/town/lamp/main/codemeta.json"
    found = read_one({"@type": "SoftwareSourceCode", "name": "Lamp"}, url)
    assert found.origin == url
    assert found.record is not None
    assert found.record.iri == MINTER.solution("https://github.com/town/lamp")


def test_a_file_found_elsewhere_describes_the_repository_that_it_names() -> None:
    found = read_one(HEAD, "https://raw.githubusercontent.com/somebody/lamp/main/codemeta.json")
    assert found.record is not None
    assert found.record.iri == MINTER.solution(REPOSITORY)
    assert "was found in https://github.com/somebody/lamp" in found.report.findings[0].message


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("https://spdx.org/licenses/GPL-3.0", {"http://spdx.org/licenses/GPL-3.0-only"}),
        ("http://spdx.org/licenses/MIT.html", {"http://spdx.org/licenses/MIT"}),
        ("MIT", {"http://spdx.org/licenses/MIT"}),
        ({"@id": "https://spdx.org/licenses/EUPL-1.2"}, {"http://spdx.org/licenses/EUPL-1.2"}),
        ({"@type": "CreativeWork", "name": "EUPL 1.2"}, {"http://spdx.org/licenses/EUPL-1.2"}),
        (["https://www.apache.org/licenses/LICENSE-2.0"], {"http://spdx.org/licenses/Apache-2.0"}),
        ("https://a.example/licence", set()),
    ],
)
def test_licences_are_told_by_address_or_name(licence: object, expected: set[str]) -> None:
    found = lamp(license=licence)
    assert values(found, SCHEMA.license) == expected
    assert [finding.path for finding in found.report.findings] == ([] if expected else ["license"])


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("https://www.repostatus.org/#active", "stable"),
        ("wip", "development"),
        (["http://repostatus.org/#abandoned", "https://a.example/level"], "obsolete"),
        ({"@id": "https://www.repostatus.org/#concept"}, "concept"),
        ("beta", "beta"),
        ("Inactif", None),
    ],
)
def test_states_of_repostatus_are_development_states(state: object, code: str | None) -> None:
    found = lamp(developmentStatus=state)
    expected = {f"https://w3id.org/open-source-catalogue/development-status/{code}"} if code else set()
    assert values(found, OSC.developmentStatus) == expected
    assert [finding.path for finding in found.report.findings] == ([] if code else ["developmentStatus"])


def test_persons_are_contacts_only_with_an_address() -> None:
    ada = {"@type": "Person", "givenName": "Ada", "familyName": "Lum", "email": "ada@example.org"}
    bob = {"@type": "Person", "givenName": "Bob", "familyName": "Lum"}
    found = lamp(author=[ada, bob, "Eve"], maintainer=ada)
    assert values(found, V.fn) == {"Ada Lum"}
    assert values(found, V.hasEmail) == {"mailto:ada@example.org"}
    assert found.record is not None
    assert "Bob" not in "".join(map(str, found.record.triples))


def test_an_organisation_publishes_and_funds() -> None:
    town = {"@type": "Organization", "@id": "https://ror.org/0001", "name": "Town"}
    found = lamp(author=[{"@type": "Person", "name": "Ada"}, town], funder={"@type": "Organization", "@name": "State"},
                 funding=[{"@type": "Grant", "name": "X", "funder": {"name": "Union"}}, "12345"])  # fmt: skip
    assert found.record is not None
    assert values(found, DCT.publisher) == {MINTER.organisation("https://ror.org/0001", "").value}
    assert values(found, SCHEMA.funder) == {MINTER.organisation(None, name).value for name in ("State", "Union")}
    assert found.record.inferred == ()
    assert {"Town", "State", "Union"} <= values(found, SKOS.prefLabel)


def test_types_of_organisations_may_have_a_prefix_and_stand_in_a_list_in_order() -> None:
    found = lamp(
        author=[{"@list": [{"@type": ["http://schema.org/Organization"], "schema:name": [{"@value": "Town"}]}]}]
    )
    assert values(found, DCT.publisher) == {MINTER.organisation(None, "Town").value}


def test_one_text_may_have_several_languages_and_systems() -> None:
    found = lamp(programmingLanguage="Python, C++", operatingSystem="Linux; Windows")
    assert values(found, SCHEMA.programmingLanguage) == {"Python", "C++"}
    assert len(values(found, SCHEMA.operatingSystem)) == 2


def test_keywords_of_a_long_blank_take_no_time() -> None:
    assert values(lamp(keywords="light" + " " * 4_000_000 + "oil"), DCAT.keyword)


def test_keywords_and_languages_may_be_one_text_or_things() -> None:
    found = lamp(keywords="light, oil", programmingLanguage={"@type": "ComputerLanguage", "name": "R"})
    assert values(found, DCAT.keyword) == {"light", "oil"}
    assert values(found, SCHEMA.programmingLanguage) == {"R"}


def test_the_terms_of_the_first_version_are_read_as_those_of_now() -> None:
    found = read_one(
        {
            "@type": "Code",
            "title": "Lamp",
            "codeRepository": REPOSITORY,
            "agent": [
                {"@type": "person", "name": "Ada", "email": "ada@example.org", "isMaintainer": True},
                {"@type": "organization", "name": "Town of Lamp", "email": "info@example.org"},
            ],
            "dependency": [{"packageId": "wick", "version": "1.99", "packageSystem": "https://example.org"}],
            "downloadLink": "https://example.org/lamp.tar.gz",
            "licenseId": "MIT",
            "operatingSystems": ["Linux"],
            "publisher": "Board of Light",
            "tags": ["light"],
            "URL": "https://lamp.example.org/",
        }
    )
    assert found.report.findings == ()
    assert values(found, V.fn) == {"Ada"}
    assert values(found, FOAF.name) == {"Board of Light"}
    assert values(found, DCAT.keyword) == {"light"}
    assert values(found, DCAT.downloadURL) == {"https://example.org/lamp.tar.gz"}
    assert values(found, DCAT.landingPage) == {"https://lamp.example.org/"}
    assert values(found, SCHEMA.operatingSystem) == {"Linux"}
    assert "wick" in values(found, SCHEMA.name)


@pytest.mark.parametrize(
    "publisher",
    [
        {"@type": "GovernmentOrganization", "name": "Town of Lamp"},
        {"@type": ["CollegeOrUniversity"], "name": "Town of Lamp"},
        {"@type": "organization", "name": "Town of Lamp"},
        {"name": "Town of Lamp"},
        "Town of Lamp",
    ],
)
def test_who_publishes_is_an_organisation_however_it_is_written(publisher: object) -> None:
    found = lamp(publisher=publisher)
    assert values(found, FOAF.name) == {"Town of Lamp"}
    assert found.record is not None
    assert found.record.inferred == ()


@pytest.mark.parametrize(
    ("term", "value", "predicate", "expected"),
    [
        ("alternateName", ["Lume", {"@value": "Leuchte"}], DCT.alternative, {"Lume", "Leuchte"}),
        ("logo", "https://lamp.example/logo.svg", FOAF.logo, {"https://lamp.example/logo.svg"}),
        (
            "image",
            {"@type": "ImageObject", "url": "https://a.example/i.png"},
            SCHEMA.image,
            {"https://a.example/i.png"},
        ),
        ("screenshot", ["https://a.example/s.png", "img/s.png"], SCHEMA.screenshot, {"https://a.example/s.png"}),
        ("featureList", ["bright", "small"], SCHEMA.featureList, {"bright", "small"}),
        ("isBasedOn", {"@id": "https://a.example/wick"}, SCHEMA.isBasedOn, {"https://a.example/wick"}),
    ],
)
def test_terms_of_schema_org_are_read_beside_those_of_codemeta(
    term: str, value: object, predicate: IRI, expected: set[str]
) -> None:
    found = lamp(**{term: value})
    assert values(found, predicate) == expected
    assert found.report.findings == ()


@pytest.mark.parametrize("email", ["unknown", "ada [at] example.org", "ada@example"])
def test_who_cannot_be_written_to_is_not_named(email: str) -> None:
    found = lamp(author={"@type": "Person", "name": "Ada", "email": email})
    assert values(found, V.fn) == set()
    assert [(finding.path, finding.value) for finding in found.report.findings] == [("author", email)]


@pytest.mark.parametrize("name", ["publisher", "author"])
def test_a_person_is_no_organisation(name: str) -> None:
    found = lamp(**{name: {"@type": "Person", "name": "Ada"}})
    assert "Ada" not in values(found, FOAF.name)
    assert found.record is not None
    assert found.record.inferred == (DCT.publisher,)


def test_requirements_may_be_numbered_as_r_writes_them() -> None:
    found = lamp(softwareRequirements={"1": {"name": "R", "version": ">= 4"}, "2": "zlib", "SystemRequirements": None})
    assert values(found, SCHEMA.softwareVersion) == {">= 4"}
    assert {"R", "zlib"} <= values(found, SCHEMA.name)


@pytest.mark.parametrize(
    ("written", "expected"),
    [("2018-04-16T10:54:22Z+0200", {"2018-04-16T10:54:22+02:00"}), ("2018-04", {"2018-04"}), ("yesterday", set())],
)
def test_dates_are_read_as_tools_write_them(written: str, expected: set[str]) -> None:
    found = lamp(dateModified=written)
    assert values(found, DCT.modified) == expected
    assert len(found.report.findings) == (not expected)


@pytest.mark.parametrize(
    ("modified", "expected"),
    [
        pytest.param({}, {"2020-02-29T00:00:00Z"}, id="only the day of publication"),
        pytest.param({"dateModified": "2020-02-29T10:00:00Z"}, {"2020-02-29T00:00:00Z"}, id="the same day"),
        pytest.param({"dateModified": "2023-05-23"}, set(), id="modified since"),
    ],
)
def test_the_day_of_the_first_publication_is_not_that_of_a_later_version(
    modified: dict[str, str], expected: set[str]
) -> None:
    found = lamp(version="1.5", datePublished="2020-02-29", **modified)
    assert found.record is not None
    release = MINTER.thing("release", f"{REPOSITORY} 1.5")
    issued = {t.object for t in found.record.triples if t.subject == release and t.predicate == DCT.issued}
    assert {getattr(day, "value", "") for day in issued} == expected
    assert "2020-02-29" in values(found, DCT.issued)


def test_addresses_within_the_file_are_left_out() -> None:
    found = lamp(readme="README.md", softwareHelp={"@id": "/help"}, issueTracker=REPOSITORY + "/issues")
    assert values(found, FOAF.page) == set()
    assert values(found, DOAP_BUG_DATABASE) == {REPOSITORY + "/issues"}
    assert found.report.findings == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["@id", "@type", "@value", "@list", "name", "url", "1", "funder"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)
TERMS = (
    "@id @type @graph name codeRepository url identifier license version description author contributor maintainer"
    " funder funding keywords programmingLanguage operatingSystem softwareRequirements developmentStatus readme"
    " dateModified issueTracker applicationCategory copyrightHolder downloadUrl"
)


@settings(max_examples=300, deadline=None)
@given(value=st.dictionaries(st.sampled_from(TERMS.split()), JSON))
def test_no_value_in_any_place_is_an_exception(value: dict[str, Any]) -> None:
    assert read_all(value)
    assert read_all({**HEAD, **value})


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=100))
def test_no_content_is_an_exception(content: bytes) -> None:
    assert read_all(content)


def test_an_address_is_asked_only_whether_it_changed(tmp_path: Path) -> None:
    asked = []

    def answer(request: object) -> Reply:
        known = '"1"' in str(request)
        asked.append(known)
        return Reply(b"" if known else json.dumps(HEAD), "text/plain", 304 if known else 200, {"ETag": '"1"'})

    with serving(answer) as server, world(tmp_path) as there:
        there.harvest("codemeta", f"{server}/codemeta.json")
        second = there.harvest("codemeta", f"{server}/codemeta.json")
        assert (asked, second.counts["unchanged"]) == ([False, True], 1)


def test_a_file_is_recognised_by_name_or_context(tmp_path: Path) -> None:
    (tmp_path / "codemeta.json").write_text("{}", encoding="utf-8")
    (tmp_path / "lamp.json").write_text(json.dumps(HEAD), encoding="utf-8")
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    recognised = {path.name: recognises(str(path), None) for path in tmp_path.iterdir()}
    assert recognised == {"codemeta.json": True, "lamp.json": True, "other.json": False}
    assert recognises(str(tmp_path), None)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared research data (../shared) is not beside this checkout")
def test_all_real_files_are_published(tmp_path: Path) -> None:
    with world(tmp_path) as there:
        first = there.harvest("codemeta", str(SHARED))
        quads = there.quads()
        second = there.harvest("codemeta", str(SHARED))
        assert (first.counts["new"], first.counts["rejected"]) == (13, 0)
        assert (second.counts["unchanged"], there.quads() == quads) == (13, True)
