"""What becomes of the registry of digital public goods."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.harvesters import _dpg_terms as terms
from catalogue.harvesters import dpg
from catalogue.model import Document, Found, Reading, Record
from catalogue.rdf import IRI, Literal
from catalogue.vocabulary import COUNTRY, DCAT, DCT, FOAF, RDF, SCHEMA, SPDX_LICENCE, concept
from tests.remote import MINTER, NOW, Reply, Request, World, serving, world
from tests.visits import visit

SHARED = Path(__file__).parents[3] / "shared" / "data" / "dpg" / "solutions.jsonl"
GOOD = "https://github.com/DPGAlliance/DPG-Standard"


PERSON = {"contact_name": "Ada", "contact_email": "a@b.example"}


def solution(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Medusa",
        "aliases": ["", "MDS"],
        "description": "Manages queues.",
        "website": "https://medusa.example/",
        "license": [{"spdx": "GPL-3.0", "licenseURL": "https://code.example/LICENSE"}],
        "SDGs": [{"SDGNumber": 3, "evidenceText": "It does."}, [16, "Peace"]],
        "sectors": ["Health", "Data Collection"],
        "type": ["software"],
        "repositories": [{"name": "main", "url": "https://github.com/Town/Medusa"}, {"url": "https://github.com/town/app"}],
        "organizations": [
            {"name": "Town", "website": "https://town.example", "org_type": "owner", **PERSON},
            {"name": "Fund", "org_type": "funder"},
        ],
        "stage": "nominee",
    } | fields  # fmt: skip


def found(location: object, **options: Any) -> list[Found]:
    return list(dpg.documents(visit(location, "dpg", **options)))


def readings(items: list[Found]) -> list[Reading]:
    return [
        reading
        for item in items
        for reading in ((item,) if isinstance(item, Reading) else dpg.readings(*item, MINTER))  # type: ignore[misc]
    ]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def written(content: Any, name: str = "solutions.json") -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return written


def read(tmp_path: Path, **fields: Any) -> Reading:
    path = tmp_path / "one.json"
    path.write_text(json.dumps([{"id": "medusa", **solution(**fields)}]), encoding="utf-8")
    [reading] = readings(found(path))
    return reading


def record(tmp_path: Path, **fields: Any) -> Record:
    made = read(tmp_path, **fields).record
    assert made is not None
    return made


def values(made: Record, predicate: IRI, subject: IRI | None = None) -> set[Any]:
    return {t.object for t in made.triples if t.subject == (subject or made.iri) and t.predicate == predicate}


def english(*words: str) -> set[Literal]:
    return {Literal(word, language="en") for word in words}


# What is said.


def test_an_entry_says_what_it_is(tmp_path: Path) -> None:
    made = record(tmp_path)
    town = MINTER.organisation(None, "Town")
    expected = {
        DCT.title: english("Medusa"),
        DCT.alternative: english("MDS"),
        DCT.abstract: english("Manages queues."),
        DCAT.landingPage: {IRI("https://medusa.example/")},
        DCAT.keyword: english("Data Collection"),
        SCHEMA.license: {IRI(f"{SPDX_LICENCE}GPL-3.0-only")},
        SCHEMA.codeRepository: {IRI("https://github.com/town/medusa")},
        DCT.publisher: {town},
        DCT.rightsHolder: {town},
        SCHEMA.funder: {MINTER.organisation(None, "Fund")},
        DCT.subject: {concept("scope", "healthcare"), *(IRI(f"http://metadata.un.org/sdg/{n}") for n in (3, 16))},
    }
    assert (made.key, made.iri) == ("medusa", MINTER.solution("https://github.com/town/medusa"))
    assert {predicate: values(made, predicate) for predicate in expected} == expected
    assert values(made, FOAF.homepage, town) == {IRI("https://town.example")}


@pytest.mark.parametrize(
    "goals",
    [
        [{"sdg": "SDG3: Good Health and Well-Being", "relevance": "It does."}, {"sdg": "SDG16: Peace¸ Justice"}],
        {"sdg": ["SDG3: Good Health and Well-Being", "SDG16: Peace¸ Justice"], "relevance": "It does."},
    ],
    ids=["one by one", "together"],
)
def test_an_entry_as_the_registry_writes_it_today_says_the_same(goals: Any, tmp_path: Path) -> None:
    today = {
        "categories": ["Open Software"],
        "sdgs": goals,
        "openlicenses": [{"openLicense": "GPL-3.0", "openLicenseEvidenceURLs": "https://code.example/LICENSE"}],
        "clearOwnership": [{"clearOwnershipName": "Town", "clearOwnershipURL": "https://town.example"}],
        "documentation": "Guide:\r\nhttps://medusa.example/guide.",
        "stage": "DPG",
    }
    before = dict.fromkeys(("type", "SDGs", "license"))
    earlier = {"documentation": {"documentationURL": ["https://medusa.example/guide"]}, "stage": "DPG"}
    made = read(tmp_path, **before, **today)
    assert made.record is not None
    assert made.report.findings == ()
    assert made.record.triples == record(tmp_path, **earlier).triples


@pytest.mark.parametrize(
    ("categories", "words"),
    [
        (["Open Data", "Open AI Model"], {"open data", "open AI model"}),
        (["Open Standards"], {"open standard"}),
        (["Open Content"], {"open content"}),
    ],
)
def test_categories_of_today_are_the_types_of_before(categories: list[str], words: set[str], tmp_path: Path) -> None:
    made = record(tmp_path, type=None, sectors=[], categories=categories)
    assert values(made, DCAT.keyword) == english(*words)


def test_persons_to_contact_are_left_out(tmp_path: Path) -> None:
    made = record(tmp_path)
    assert "Ada" not in (made.original or "")
    assert not any("Ada" in str(term) or "a@b.example" in str(term) for triple in made.triples for term in triple)


@pytest.mark.parametrize(
    ("fields", "identity"),
    [
        ({"repositories": [{"url": ""}, {"url": "https://github.com/a/b"}]}, "https://github.com/a/b"),
        ({"repositories": ["https://github.com/a/b"]}, "https://github.com/a/b"),
        ({"repositories": "https://github.com/a/b"}, "https://github.com/a/b"),
        ({"repositories": None, "repositoryURL": "https://github.com/a/b.git"}, "https://github.com/a/b"),
        ({"repositories": [{"url": "https://github.com/account"}]}, "https://medusa.example"),
        ({"repositories": [{"url": "https://play.example/apps?id=1"}]}, "https://medusa.example"),
        ({"repositories": [{"url": "https://github.com/a/b/blob/master/LICENSE"}]}, "https://github.com/a/b"),
        ({"repositories": [{"url": "https://sourceforge.net/p/x/code/ci/master/tree/"}]}, "https://sourceforge.net/projects/x"),
        ({"repositories": [], "website": "https://github.com/a/b"}, "https://github.com/a/b"),
        ({"repositories": "x", "website": "https://www.Data.example/set?id=1"}, "https://data.example/set?id=1"),
    ],
)  # fmt: skip
def test_software_is_known_by_its_first_repository_else_by_its_website(tmp_path: Path, fields: dict[str, Any], identity: str) -> None:  # fmt: skip  # noqa: E501
    assert record(tmp_path, **fields).iri == MINTER.thing("solution", identity)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": " "}, "no name"),
        ({"name": ["Medusa"]}, "no name"),
        ({"repositories": [], "website": ""}, "neither a repository nor a website"),
        ({"repositories": [{"url": "https://github.com/account"}], "website": "medusa"}, "neither a repository"),
    ],
)
def test_an_entry_that_nothing_tells_from_others_is_rejected(
    tmp_path: Path, fields: dict[str, Any], words: str
) -> None:
    reading = read(tmp_path, **fields)
    assert reading.record is None
    assert words in reading.report.findings[0].message


def test_what_is_wrong_with_a_value_keeps_nothing_else_out(tmp_path: Path) -> None:
    places = {"developmentCountries": ["Italy", "Atlantis"], "deploymentCountries": ["Côte d'Ivoire", ""]}
    reading = read(tmp_path, SDGs=[{"SDGNumber": 18}, {"SDGNumber": "3"}], license=[{"spdx": "Own"}], locations=places)
    assert reading.record is not None
    assert {finding.path for finding in reading.report.findings} == {
        "SDGs",
        "license",
        "locations.developmentCountries",
    }
    assert values(reading.record, DCT.spatial) == {IRI(f"{COUNTRY}ITA")}
    assert values(reading.record, SCHEMA.countriesSupported) == {Literal("CI")}


def test_content_and_data_are_called_so(tmp_path: Path) -> None:
    made = record(tmp_path, type=["content", "data"], repositories=[])
    assert SCHEMA.CreativeWork in values(made, RDF.type)
    assert SCHEMA.SoftwareSourceCode not in values(made, RDF.type)
    assert english("open content", "open data") <= values(made, DCAT.keyword)


def test_addresses_in_the_notes_on_documentation_are_pages(tmp_path: Path) -> None:
    notes = {"documentationURL": ["User guide - https://docs.example/guide.", "none", 5]}
    pages = {IRI("https://docs.example/guide"), IRI("https://github.com/town/app")}
    assert values(record(tmp_path, documentation=notes), FOAF.page) == pages


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("United States of America", "US"),
        ("Eswatini (fmr. 'Swaziland')", "SZ"),
        ("Saint Vincent and The Grenadines", "VC"),
        ("Democratic Republic of the Congo", "CD"),
        ("Congo (Congo-Brazzaville)", "CG"),
        ("Türkiye", "TR"),
        ("Sao Tome and Principe", "ST"),
        ("Deutschland", "DE"),
        ("it", "IT"),
        ("Virgin Islands, British", "VG"),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_countries_are_known_by_the_names_in_use(name: str, code: str | None) -> None:
    assert terms.country(name) == code


@pytest.mark.parametrize("name", ["(" * 5_000_000, "a" + " " * 5_000_000 + "b"], ids=["brackets", "spaces"])
def test_what_is_no_country_takes_no_time(name: str) -> None:
    assert terms.country(name) is None


# Where entries are.


def test_lists_lines_and_single_objects_are_read_alike(write: Callable[..., Path]) -> None:
    entry = {"slug": "medusa", "states": ["nominee"], "nominee": solution()}
    lines = json.dumps(entry) + "\n\n" + json.dumps({**entry, "slug": "hydra"}) + "\n"
    alike = [
        write([entry], "a.json"),
        write(entry, "b.json"),
        write(lines, "c.jsonl"),
        write(solution(), "medusa.json"),
    ]
    triples = {record.triples for path in alike for reading in readings(found(path)) if (record := reading.record)}
    assert len(triples) == 1
    assert [reading.key for reading in readings(found(alike[2]))] == ["medusa", "hydra"]


def test_a_line_that_is_broken_is_told_and_the_others_are_read(write: Callable[..., Path]) -> None:
    path = write(f'{json.dumps(solution())}\n{{"name": 1,}}\n5\n', "x.jsonl")
    first, second, third = readings(found(path))
    assert first.record is not None
    assert [(f.line, f.column) for f in second.report.findings] == [(2, 12)]
    assert "no entry" in third.report.findings[0].message


def test_files_of_one_name_in_the_registry_s_folders_are_one_entry(write: Callable[..., Path], tmp_path: Path) -> None:
    screening = {"name": "Medusa", "clearOwnership": {}, "locations": {"developmentCountries": ["Italy"]}}
    write(solution(), "nominees/medusa.json")
    write(screening, "digitalpublicgoods/medusa.json")
    write(solution(name="Hydra", repositories=[]), "archive/hydra.json")
    write("{", "archive/broken.json")
    assert dpg.recognises(str(tmp_path), None)
    made = {reading.key: reading.record for reading in readings(found(tmp_path))}
    assert made.keys() == {"archive/broken.json", "medusa", "hydra"}
    assert made["medusa"] is not None
    assert made["hydra"] is not None
    assert values(made["medusa"], DCT.spatial) == {IRI(f"{COUNTRY}ITA")}
    assert values(made["medusa"], DCT.conformsTo) == {IRI(GOOD)}
    assert values(made["hydra"], DCT.conformsTo) == set()


def test_the_api_is_read_whole_or_one_of_its_lists(write: Callable[..., Path]) -> None:
    lists = {"/dpgs/": [{"id": "medusa", **solution(stage="DPG")}], "/nominees/": [{"id": "@firma", **solution()}]}

    def answer(request: Request) -> Reply:
        return Reply(json.dumps(lists.get(request.path)), "application/json", 200 if request.path in lists else 404)

    with serving(answer) as base:
        [medusa] = readings(found(base))
        assert medusa.record is not None
        assert values(medusa.record, DCT.conformsTo) == {IRI(GOOD)}
        assert len(found(f"{base}/", nominees=True)) == 2
        [other] = readings(found(f"{base}/nominees/"))
    assert other.key.startswith("firma-")
    assert dpg.recognises(base, Document(base, json.dumps(lists["/dpgs/"]).encode(), "", NOW))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6)
    | st.sampled_from(["https://github.com/a/b", "owner"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from([*solution(), "url", "spdx", "SDGNumber", "org_type", "locations", "documentation",
                         "documentationURL", "developmentCountries", "entry", "screened", "nominee", "states"]),
        inner, max_size=8),
    max_leaves=15,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(ANYTHING)
def test_nothing_that_an_entry_holds_raises(said: Any) -> None:
    document = Document("a.json", json.dumps([said]).encode(), "", NOW)
    for item in dpg._split("a.json", document):
        for reading in readings([item]):
            assert (reading.record is None) is not reading.report.conforms


# Into a store.


@pytest.fixture
def home(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def test_the_same_again_changes_no_quad_and_a_contact_is_no_change(home: World, write: Callable[..., Path]) -> None:
    entries = [{"id": f"e-{n}", **solution(repositories=[{"url": f"https://github.com/a/{n}"}])} for n in range(5)]
    path = write(entries)
    assert home.harvest("dpg", str(path)).counts["new"] == 5
    before = home.quads()
    entries[0]["organizations"][0]["contact_name"] = "Grace"
    assert home.harvest("dpg", str(write(entries))).counts["unchanged"] == 5
    assert home.quads() == before
    entries[0]["name"] = "Hydra"
    assert home.harvest("dpg", str(write(entries))).counts["changed"] == 1


def test_an_entry_stays_as_it_was_while_a_part_of_it_cannot_be_read(home: World, write: Callable[..., Path]) -> None:
    folder = write(solution(), "nominees/medusa.json").parent.parent
    write({"name": "Medusa", "clearOwnership": {}}, "digitalpublicgoods/medusa.json")
    assert home.harvest("dpg", str(folder)).counts["new"] == 1
    before = [quad for quad in home.quads() if quad.predicate == DCT.conformsTo]
    write("{", "digitalpublicgoods/medusa.json")
    for _ in range(3):
        done = home.harvest("dpg", str(folder))
        assert (done.counts["rejected"], done.counts["gone"], done.counts["changed"]) == (1, 0, 0)
        assert "digitalpublicgoods/medusa.json" in done.rejected[0][1].findings[0].message
    assert [quad for quad in home.quads() if quad.predicate == DCT.conformsTo] == before


@pytest.mark.skipif(not SHARED.exists(), reason="the shared data is not there")
def test_the_whole_registry_is_read() -> None:
    made = readings(found(SHARED))
    rejected = [reading.key for reading in made if reading.record is None]
    assert (len(made), rejected) == (750, ["trustlab"])  # it names an account, and no website
    assert sum(bool(values(reading.record, DCT.conformsTo)) for reading in made if reading.record) == 162
    unknown = [f for reading in made for f in reading.report.findings if (f.path or "").startswith("locations")]
    assert unknown == []
