"""Inventories of US agencies become solutions, whatever shape they are in; what is not open source does not."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.harvesters.codejson import documents, readings, recognises
from catalogue.identity import Minter
from catalogue.model import Document, Reading, Severity
from catalogue.rdf import IRI, SYNTAXES, Literal, read
from catalogue.vocabulary import CV, DCAT, DCT, DOAP_BUG_DATABASE, FOAF, ORG, OSC, RDF, SCHEMA, SKOS, V, concept
from tests.remote import Reply, Request, serving, world
from tests.visits import visit

MINTER = Minter("https://catalogue.example")
SHARED = Path(__file__).parents[3] / "shared" / "data" / "code-gov"
REPOSITORY = "https://git.example.gov/agency/lamp"
LAMP = MINTER.solution(REPOSITORY)


def release(**values: Any) -> dict[str, Any]:
    """A release of 2.0.0 with all that the schema wants; a value of None takes a key out."""
    given = {
        "name": "Lamp",
        "description": "Gives light.",
        "organization": "Bureau of Light",
        "permissions": {"usageType": "openSource", "licenses": [{"name": "MIT", "URL": None}]},
        "repositoryURL": REPOSITORY,
        "laborHours": 10,
        "tags": ["light"],
        "contact": {"email": "lamp@example.gov"},
    } | values
    return {name: value for name, value in given.items() if value is not None}


def read_all(value: object, tmp_path: Path) -> list[Reading]:
    path = tmp_path / "code.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    found = []
    for item in documents(visit(path, "codejson")):
        if isinstance(item, Reading):
            found.append(item)
        else:
            assert isinstance(item, tuple)
            found.extend(readings(*item, MINTER))
    return found


def read_one(value: object, tmp_path: Path) -> Reading:
    (found,) = read_all(value, tmp_path)
    return found


def objects(found: Reading, predicate: IRI, subject: IRI | None = None) -> set[str]:
    assert found.record is not None, found.report
    return {
        triple.object.value
        for triple in found.record.triples
        if triple.predicate == predicate
        and subject in (None, triple.subject)
        and isinstance(triple.object, IRI | Literal)
    }


SHAPES = {
    "2.0.0": {"version": "2.0.0", "agency": "DOL", "measurementType": {"method": "projects"}, "releases": [release()]},
    "1.0.1": {
        "version": "1.0.1",
        "projects": [
            {
                "agency": {"name": "Department of Light", "acronym": "DOL"},
                "name": "Lamp",
                "description": "Gives light.",
                "license": "MIT",
                "openSourceProject": 1,
                "governmentWideReuseProject": 0,
                "tags": ["light"],
                "contact": {"email": "lamp@example.gov"},
                "repository": REPOSITORY,
            }
        ],
    },
    "a bare list": [release()],
    "a single object": release(),
    "one release in place of a list": {"agency": "DOL", "releases": release()},
    "nothing before a release": {"agency": "DOL", "releases": [None, release()]},
    "an inventory with a name": {"name": "Our code", "agency": "DOL", "releases": [release()]},
    "an inventory in a list": [{"agency": "DOL", "releases": [release()]}],
    "releases by names of their own": {"releases": {"DOL/Lamp": release(agency="DOL")}},
    "an organisation that is an object": release(organization={"acronym": "BL", "name": "Bureau of Light"}),
    "other spellings": {
        "Name": "Lamp",
        "Description": "Gives light.",
        "repositoryUrl": REPOSITORY + ".git",
        "Tags": "light",
        "permissions": {"usageType": ["openSource"], "licenses": {"name": "MIT"}},
        "contact": [{"email": "lamp@example.gov", "phone": 2025550100}],
    },
}


@pytest.mark.parametrize("other", ["lamp", [], {}, {"description": "Gives light."}], ids=str)
def test_what_stands_among_releases_and_is_none_is_told(other: object, tmp_path: Path) -> None:
    mended, told = read_all({"agency": "DOL", "releases": [release(), other]}, tmp_path)
    assert mended.record is not None
    assert (told.record, [one.path for one in told.report.findings]) == (None, ["name"])


def test_a_release_that_lists_its_versions_is_one(tmp_path: Path) -> None:
    found = read_one({**release(), "agency": "DOL", "releases": [{"version": "1"}]}, tmp_path)
    assert found.record is not None
    assert found.record.iri == LAMP


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_every_shape_of_an_inventory_says_the_same_of_its_software(shape: object, tmp_path: Path) -> None:
    found = read_one(shape, tmp_path)
    assert found.record is not None
    assert found.record.iri == LAMP
    assert objects(found, DCT.title, LAMP) == {"Lamp"}
    assert objects(found, DCT.description, LAMP) == {"Gives light."}
    assert objects(found, SCHEMA.license) == {"http://spdx.org/licenses/MIT"}
    assert objects(found, DCAT.keyword) == {"light"}
    assert objects(found, V.hasEmail) == {"mailto:lamp@example.gov"}
    assert found.report.findings == ()


def test_a_whole_release_says_what_its_golden_graph_says(tmp_path: Path) -> None:
    value = release(
        version="1.2.0",
        longDescription="Gives light, all night.",
        status="Release Candidate",
        homepageURL="https://lamp.example.gov",
        downloadURL="https://lamp.example.gov/lamp.zip",
        feedbackMechanism=REPOSITORY + "/issues",
        languages=["Ada"],
        platforms=["linux", "web"],
        softwareType="standalone/backend",
        maintenance="internal",
        localisation="false",
        date={"created": "2020-01-31", "lastModified": "2021-02-03T04:05:06Z", "metadataLastUpdated": "2022-01-01"},
        partners=[{"name": "DOD", "email": "x@example.gov"}],
        relatedCode=[{"name": "Wick", "URL": "https://git.example.gov/agency/wick", "isGovernmentRepo": True}],
        reusedCode=[{"name": "Oil", "URL": "https://git.example.gov/agency/oil"}],
        contact={"name": "Ada", "email": "lamp@example.gov", "phone": "202 555 0100", "URL": "https://example.gov/a"},
    )
    found = read_one({"agency": "DOL", "releases": [value]}, tmp_path)
    golden = (Path(__file__).parent / "codejson" / "whole.ttl").read_bytes()
    assert found.record is not None
    assert found.record.triples == {quad.triple for quad in read(golden, SYNTAXES["ttl"])}


def test_organisations_are_public_bodies_and_units_belong_to_their_agency(tmp_path: Path) -> None:
    found = read_one({"agency": "DOL", "releases": [release()]}, tmp_path)
    agency, unit = MINTER.organisation(None, "DOL", "US"), MINTER.organisation(None, "DOL Bureau of Light", "US")
    assert objects(found, DCT.publisher) == {unit.value}
    assert objects(found, ORG.subOrganizationOf, unit) == {agency.value}
    assert objects(found, SKOS.prefLabel, unit) == {"Bureau of Light"}
    assert CV.PublicOrganisation.value in objects(found, RDF.type, unit) & objects(found, RDF.type, agency)
    assert objects(found, OSC.level, agency) == {"https://w3id.org/open-source-catalogue/level/national"}


def test_without_agency_and_organisation_the_account_is_the_publisher(tmp_path: Path) -> None:
    found = read_one(release(organization=None), tmp_path)
    assert found.record is not None
    assert found.record.inferred == (DCT.publisher,)
    assert objects(found, DCT.publisher) == {MINTER.organisation("https://git.example.gov/agency", "").value}


@pytest.mark.parametrize(
    ("written", "known"),
    [
        pytest.param("https://github.com/Town/Lamp/releases/tag/1.0", "https://github.com/town/lamp", id="a release"),
        pytest.param("https://github.com/town/lamp/issues", "https://github.com/town/lamp", id="its tickets"),
        pytest.param("github.com/town/lamp", "https://github.com/town/lamp", id="no scheme"),
        pytest.param("git@github.com:town/lamp.git", "https://github.com/town/lamp", id="scp form"),
        pytest.param(
            "https://sourceforge.net/projects/lamp/files/x", "https://sourceforge.net/projects/lamp", id="downloads"
        ),
        pytest.param(
            "https://gitlab.com/a/b/lamp/-/releases", "https://gitlab.com/a/b/lamp", id="a release in a sub-group"
        ),
    ],
)
def test_a_page_of_a_repository_is_known_as_the_repository(written: str, known: str, tmp_path: Path) -> None:
    found = read_one(release(repositoryURL=written), tmp_path)
    assert objects(found, SCHEMA.codeRepository) == {known}
    assert found.record is not None
    assert found.record.iri == MINTER.solution(known)


@pytest.mark.parametrize(
    "written", ["https://github.com/town", "ftp://example.gov/lamp", "lamp", 7, "https://example.gov/lamp.zip"]
)
def test_what_has_no_repository_is_known_by_its_agency_and_name(written: object, tmp_path: Path) -> None:
    found = read_one(release(repositoryURL=written), tmp_path)
    again = read_one(release(repositoryURL=written, description="Else."), tmp_path)
    assert found.record is not None
    assert again.record is not None
    assert found.record.iri == again.record.iri != LAMP
    assert objects(found, SCHEMA.codeRepository) == set()
    assert [finding.path for finding in found.report.findings] == ["repositoryURL"]


@pytest.mark.parametrize(
    "pages",
    [{"homepageURL": "https://github.com/town/lamp"}, {"downloadURL": "https://github.com/Town/lamp/archive/v1.zip"}],
    ids=["home page", "download"],
)
@pytest.mark.parametrize("written", [None, "https://example.gov/lamp.zip"], ids=["nothing", "no repository"])
def test_where_no_repository_is_stated_it_is_the_one_that_is_given_as_a_page(
    pages: dict[str, str], written: str | None, tmp_path: Path
) -> None:
    found = read_one(release(repositoryURL=written, **pages), tmp_path)
    assert found.record is not None
    assert found.record.iri == MINTER.solution("https://github.com/town/lamp")
    (finding,) = found.report.findings
    assert "known by https://github.com/town/lamp" in finding.message


@pytest.mark.parametrize(
    "template",
    [
        "https://github.com/usgs/REPOSITORY_NAME.git",
        "https://github.com/agency/your-repo",
        "https://github.com/ORG/REPO",
        "https://github.com/OWNER/repo-name/",
    ],
)
def test_what_is_left_of_a_template_joins_nothing(template: str, tmp_path: Path) -> None:
    first, second = (
        read_one(release(name=name, repositoryURL=template, downloadURL=f"{template}/archive/main.zip"), tmp_path)
        for name in ("Lamp", "Bell")
    )
    assert first.record is not None
    assert second.record is not None
    assert first.record.iri != second.record.iri
    assert objects(first, DCAT.landingPage) == set()
    assert "of a template" in {f.path: f.message for f in first.report.findings}["repositoryURL"]


def test_an_address_that_is_none_is_told(tmp_path: Path) -> None:
    found = read_one(release(contact={"name": "Office", "email": "lamp at example.gov"}), tmp_path)
    assert (objects(found, V.fn), objects(found, V.hasEmail)) == ({"Office"}, set())
    assert [finding.path for finding in found.report.findings] == ["contact.email"]


def test_what_does_not_apply_says_nothing(tmp_path: Path) -> None:
    found = read_one(release(version="N/A", status="released", homepageURL="n/a", maintenance="none"), tmp_path)
    assert objects(found, DCAT.version) == set()
    assert objects(found, OSC.developmentStatus) == {concept("development-status", "stable").value}
    assert objects(found, OSC.maintenanceModel) == {concept("maintenance-type", "none").value}
    assert found.report.findings == ()


def test_an_agency_without_releases_says_so(tmp_path: Path) -> None:
    assert read_all({"version": "2.0.0", "agency": "DOL", "releases": []}, tmp_path) == []


def test_related_code_is_given_as_in_every_version(tmp_path: Path) -> None:
    related = [{"name": "a", "URL": "https://a.example/a"}, {"codeName": "b", "codeURL": "https://a.example/b"}]
    found = read_one(release(relatedCode=[*related, {"codeName": "", "codeURL": ""}]), tmp_path)
    assert objects(found, DCT.relation) == {"https://a.example/a", "https://a.example/b"}


@pytest.mark.parametrize(
    ("usage", "why"),
    [
        ({"permissions": {"usageType": "exemptByCIO", "licenses": None}}, "exemptByCIO"),
        ({"permissions": {"usageType": "governmentWideReuse"}, "repositoryVisibility": "private"}, "is private"),
        ({"repositoryVisibility": "internal"}, "is internal"),
        ({"permissions": None, "openSourceProject": 0, "governmentWideReuseProject": 0}, "closed"),
    ],
    ids=["exempt", "private", "internal", "not open"],
)
def test_a_repository_on_a_forge_is_no_sign_that_everyone_can_read_it(usage: Any, why: str, tmp_path: Path) -> None:
    found = read_one(release(repositoryURL="https://github.com/town/lamp", **usage), tmp_path)
    assert found.is_outside
    assert why in found.report.findings[0].message


def test_what_is_exempt_but_has_a_public_repository_is_published(tmp_path: Path) -> None:
    exempt = {"permissions": {"usageType": "exemptByLaw"}, "repositoryVisibility": "public"}
    assert read_one(release(**exempt), tmp_path).record is not None


@pytest.mark.parametrize(
    "usage",
    [
        {"permissions": {"usageType": "exemptByLaw", "licenses": None}},
        {"permissions": {"usageType": "governmentWideReuse", "licenses": []}},
        {"permissions": None, "openSourceProject": 0, "closedProject": 1},
    ],
    ids=["exempt", "for the government", "closed"],
)
def test_what_is_not_open_source_is_not_published_and_the_report_says_so(usage: Any, tmp_path: Path) -> None:
    found = read_one(release(repositoryURL="https://example.gov/software/lamp", **usage), tmp_path)
    assert found.record is None
    (finding,) = found.report.findings
    assert finding.severity is Severity.INFO
    assert "not open source" in finding.message


def test_what_is_called_closed_but_has_an_open_repository_is_published_with_a_warning(tmp_path: Path) -> None:
    found = read_one(release(permissions={"usageType": "governmentWideReuse", "licenses": []}), tmp_path)
    assert found.record is not None
    assert [finding.path for finding in found.report.findings] == ["permissions.usageType"]


def test_addresses_of_feedback_and_pages_are_those_of_documents(tmp_path: Path) -> None:
    pages = {"feedbackMechanisms": ["https://a.example/issues"], "supplementaryURLs": ["x", "https://a.example/b"]}
    found = read_one(release(**pages), tmp_path)
    assert objects(found, DOAP_BUG_DATABASE) == {"https://a.example/issues"}
    assert objects(found, FOAF.page) == {"https://a.example/b"}


@pytest.mark.parametrize(
    ("licenses", "expected"),
    [
        ([{"name": "Public Domain, CC0-1.0", "URL": "https://a.example/LICENSE"}], "http://spdx.org/licenses/CC0-1.0"),
        ([{"name": "Apache License 2.0 (Apache-2.0)"}], "http://spdx.org/licenses/Apache-2.0"),
        ([{"URL": "https://api.github.com/licenses/mit"}], "http://spdx.org/licenses/MIT"),
        ([{"name": "GPLv3"}], "http://spdx.org/licenses/GPL-3.0-only"),
        ([{"name": "?", "URL": "https://opensource.org/licenses/NASA-1.3"}], "http://spdx.org/licenses/NASA-1.3"),
        ([{"URL": "https://www.gnu.org/licenses/lgpl-3.0.en.html"}], "http://spdx.org/licenses/LGPL-3.0-only"),
        ([{"URL": "https://creativecommons.org/publicdomain/zero/1.0/"}], "http://spdx.org/licenses/CC0-1.0"),
        ("Apache License, Version 2.0", "http://spdx.org/licenses/Apache-2.0"),
    ],
)
def test_licences_are_told_by_name_and_address(licenses: object, expected: str, tmp_path: Path) -> None:
    found = read_one(release(permissions={"usageType": "openSource", "licenses": licenses}), tmp_path)
    assert objects(found, SCHEMA.license) == {expected}


def test_of_several_licences_all_hold(tmp_path: Path) -> None:
    licenses = [{"name": "MIT"}, {"name": "Apache-2.0"}]
    found = read_one(release(permissions={"usageType": "openSource", "licenses": licenses}), tmp_path)
    assert objects(found, SCHEMA.license) == {MINTER.thing("licence", "Apache-2.0 AND MIT").value}
    assert [finding.severity for finding in found.report.findings] == [Severity.INFO]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("", "empty", id="nothing"),
        pytest.param("{", "not valid JSON", id="no JSON"),
        pytest.param('{"a": 1, "a": 2}', "twice", id="a key twice"),
        pytest.param("[" * 5000 + "]" * 5000, "nested", id="deep"),
        pytest.param("[1, null]", "no releases", id="no objects"),
        pytest.param('{"releases": []}', "no releases", id="an empty inventory"),
        pytest.param('{"name": "Lamp", "status": "Alpha"}', "Nothing says which", id="a name alone"),
        pytest.param('{"name": " ", "repositoryURL": "https://a.example/b"}', "name", id="no name"),
    ],
)
def test_only_what_breaks_identity_keeps_a_release_out(content: str, message: str, tmp_path: Path) -> None:
    found = read_one(content, tmp_path)
    assert found.record is None
    assert found.report.findings[0].severity is Severity.VIOLATION
    assert message in found.report.findings[0].message


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ({"name": "Lamp"}, "“Lamp”"),
        ({"repositoryURL": REPOSITORY}, REPOSITORY),
    ],
    ids=["no repository", "no name"],
)
def test_what_keeps_a_release_out_names_it_and_its_file(broken: dict[str, Any], named: str, tmp_path: Path) -> None:
    (told,) = [found for found in read_all([release(), broken], tmp_path) if found.record is None]
    message = told.report.findings[0].message
    assert message.startswith("code.json: ")
    assert named in message


def test_releases_of_one_repository_are_records_of_their_own_about_one_solution(tmp_path: Path) -> None:
    found = read_all([release(name="Lamp"), release(name="Wick"), release(repositoryURL=REPOSITORY + "/x")], tmp_path)
    assert len({reading.key for reading in found}) == 3
    assert [reading.record and reading.record.iri == LAMP for reading in found] == [True, True, False]


def test_a_document_is_the_same_wherever_its_release_stands_in_the_file(tmp_path: Path) -> None:
    path, one, two = tmp_path / "code.json", release(), release(name="Wick", repositoryURL=REPOSITORY + "-wick")
    path.write_text(json.dumps([one, two]), encoding="utf-8")
    first = {item[0]: item[1].content for item in documents(visit(path, "codejson")) if isinstance(item, tuple)}
    path.write_text(json.dumps([{"name": "New", "repositoryURL": "https://a.example/new"}, two, one]), encoding="utf-8")
    second = {item[0]: item[1].content for item in documents(visit(path, "codejson")) if isinstance(item, tuple)}
    assert len(first) == 2
    assert first.items() <= second.items()


def test_a_file_that_breaks_keeps_its_releases(tmp_path: Path) -> None:
    path = tmp_path / "code.json"
    path.write_text(json.dumps([release(), release(repositoryURL=REPOSITORY + "-b")]), encoding="utf-8")
    with world(tmp_path) as there:
        assert there.harvest("codejson", str(path)).counts["new"] == 2
        path.write_text("<html>", encoding="utf-8")
        for _ in range(3):
            done = there.harvest("codejson", str(path))
            assert (done.counts["rejected"], done.counts["unchanged"], done.counts["gone"]) == (1, 2, 0)
        path.write_text(json.dumps([release()]), encoding="utf-8")
        assert there.harvest("codejson", str(path)).counts["missing"] == 2  # a release, and the file's own record
        done = there.harvest("codejson", str(path))
        assert (done.counts["unchanged"], done.counts["gone"], done.counts["rejected"]) == (1, 2, 0)


def test_what_is_as_it_was_is_not_read_again_and_what_is_gone_goes(tmp_path: Path) -> None:
    content = json.dumps({"agency": "DOL", "releases": [release(), release(repositoryURL=REPOSITORY + "-b")]})
    asked: list[bool] = []

    def answer(request: Request) -> Reply:
        known = request.headers.get("If-None-Match") == f'"{len(content)}"'
        asked.append(known)
        return Reply(
            b"" if known else content, "application/json", 304 if known else 200, {"ETag": f'"{len(content)}"'}
        )

    with serving(answer) as server, world(tmp_path) as there:
        first = there.harvest("codejson", f"{server}/code.json")
        quads = there.quads()
        second = there.harvest("codejson", f"{server}/code.json")
        assert (first.counts["new"], second.counts["unchanged"], there.quads() == quads) == (2, 2, True)
        content = json.dumps({"agency": "DOL", "releases": [release()]})
        there.harvest("codejson", f"{server}/code.json")
        third = there.harvest("codejson", f"{server}/code.json")
        assert asked == [False, True, False, True]
        assert (third.counts["gone"], third.counts["unchanged"]) == (1, 1)


def test_the_code_json_of_a_repository_describes_it() -> None:
    whole = {"agency": None, "foundIn": "https://github.com/town/lamp", "release": {"name": "Lamp"}}
    document = Document("k", json.dumps(whole).encode(), "application/json", datetime(2026, 1, 1, tzinfo=UTC))
    (found,) = readings("k", document, MINTER)
    assert found.record is not None
    assert found.record.iri == MINTER.solution("https://github.com/town/lamp")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = sorted(
    {*release(), "status", "date", "partners", "relatedCode", "platforms", "categories", "licenses", "agency"}
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.dictionaries(st.sampled_from(NAMES), JSON))
def test_no_value_in_any_place_is_an_exception(value: dict[str, Any], tmp_path: Path) -> None:
    assert read_all([{**release(), **value}, value], tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("code.json", "{}", True),
        ("town__lamp.code.json", "", True),
        ("inventory.json", '{"agency": "DOL", "releases": [', True),
        ("package.json", '{"name": "lamp"}', False),
        ("code.yml", "", False),
    ],
)
def test_an_inventory_is_recognised(name: str, content: str, expected: bool, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert recognises(str(tmp_path / name), None) is expected
    assert recognises(str(tmp_path), None) is expected


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared research data (../shared) is not beside this checkout")
def test_real_inventories_are_published_but_for_what_is_closed(tmp_path: Path) -> None:
    with world(tmp_path) as there:
        first = there.harvest("codejson", str(SHARED / "agency-files"))
        quads = there.quads()
        second = there.harvest("codejson", str(SHARED / "agency-files"))
        assert (first.counts["new"], first.counts["outside"], first.counts["rejected"]) == (606, 704, 1)
        assert (second.counts["new"], second.counts["changed"], second.counts["unchanged"]) == (0, 0, 606)
        assert there.quads() == quads
        assert (second.counts["outside"], second.counts["rejected"]) == (704, 1)
        assert [report.findings[0].severity for _, report in first.rejected] == [Severity.VIOLATION]
