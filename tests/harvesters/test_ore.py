"""Canada's Open Resource Exchange: each release of an administration becomes a solution, in two languages."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.errors import SourceError
from catalogue.harvesters.ore import documents, readings, recognises
from catalogue.identity import Minter
from catalogue.model import Document, Reading, Severity
from catalogue.rdf import IRI, SYNTAXES, Literal, read
from catalogue.vocabulary import CV, DCT, ORG, OSC, RDF, SCHEMA, SKOS, V, concept
from tests.remote import Reply, serving, world
from tests.visits import visit

MINTER = Minter("https://catalogue.example")
SHARED = Path(__file__).parents[3] / "shared" / "data" / "canada-ore"
GOLDEN = Path(__file__).parent / "ore"
HEAD = "schemaVersion: '1.0'\nadminCode: Lum-Lam\nreleases:\n"
LAMP = """\
  - contact: {email: lamp@example.ca}
    date: {created: '2020-01-31', metadataLastUpdated: '2021-01-31'}
    description:
      whatItDoes: {en: Gives light., fr: Donne de la lumière.}
    category: '43232400'
    name: {en: Lamp, fr: Lampe}
    licences:
      - {URL: {en: 'https://git.example.ca/lamp/LICENSE', fr: 'https://git.example.ca/lamp/LICENSE'}, spdxID: MIT}
    repositoryURL: {en: 'https://git.example.ca/town/lamp', fr: 'https://git.example.ca/town/lamp'}
    tags: {en: [light], fr: [lumière]}
"""


def read_all(content: str | bytes, url: str = "federal/lum-lam.yml") -> list[Reading]:
    body = content.encode() if isinstance(content, str) else content
    document = Document(url, body, "application/yaml", datetime(2026, 11, 21, tzinfo=UTC))
    return list(readings("federal/lum-lam.yml", document, MINTER))


def read_one(content: str | bytes) -> Reading:
    (found,) = read_all(content)
    return found


def terms(found: Reading, predicate: IRI, subject: IRI | None = None) -> Iterator[IRI | Literal]:
    assert found.record is not None, found.report
    for triple in found.record.triples:
        if triple.predicate == predicate and subject in (None, triple.subject):
            assert isinstance(triple.object, IRI | Literal)
            yield triple.object


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.yml")), ids=lambda path: path.stem)
def test_a_release_says_what_its_golden_graph_says(path: Path) -> None:
    record = read_one(path.read_bytes()).record
    assert record is not None
    assert record.triples == {quad.triple for quad in read(path.with_suffix(".ttl").read_bytes(), SYNTAXES["ttl"])}


def test_the_administration_publishes_under_its_code() -> None:
    found = read_one(HEAD + LAMP)
    administration = MINTER.organisation("urn:x-ca-ore:lum-lam", "")
    assert set(terms(found, DCT.publisher)) == {administration}
    assert CV.PublicOrganisation in set(terms(found, RDF.type, administration))
    assert set(terms(found, OSC.level, administration)) == {concept("level", "national")}
    assert set(terms(found, SKOS.notation, IRI(f"{administration.value}#identifier"))) == {
        Literal("urn:x-ca-ore:lum-lam")
    }
    assert found.record is not None
    assert (found.record.inferred, found.report.findings) == ((), ())


def test_the_record_keeps_the_text_that_its_findings_are_told_of() -> None:
    first, second = read_all(HEAD + LAMP + LAMP.replace("lamp", "wick").replace("spdxID: MIT", "spdxID: Mine"))
    assert first.record is not None
    assert second.record is not None
    (finding,) = second.report.findings
    assert second.record.original is not None
    assert "spdxID: Mine" in second.record.original.splitlines()[(finding.line or 0) - 1]
    assert first.record.original == second.record.original
    assert first.key != second.key
    assert first.origin == second.origin == "federal/lum-lam.yml"


def test_a_key_stays_when_other_releases_come_before_it() -> None:
    (before,) = read_all(HEAD + LAMP)
    _, after = read_all(HEAD + LAMP.replace("lamp", "wick") + LAMP)
    assert before.key == after.key


def test_releases_of_one_repository_have_keys_of_their_own() -> None:
    found = read_all(HEAD + LAMP + LAMP.replace("en: Lamp", "en: Wick"))
    assert len({reading.key for reading in found}) == 2
    assert len({reading.record.iri for reading in found if reading.record}) == 1


@pytest.mark.parametrize(
    ("content", "message", "line", "column"),
    [
        pytest.param("", "empty", 1, 1, id="nothing"),
        pytest.param("a: b: c", "not valid YAML", 1, 5, id="no YAML"),
        pytest.param("- a", "no keys", 1, 1, id="a list"),
        pytest.param("---\na: b\n---\nc: d\n", "more than one", 3, 1, id="a schema of two documents"),
        pytest.param("adminCode: a\n", "no releases", 1, 1, id="no releases"),
        pytest.param("adminCode: a\nreleases: []\n", "no releases", 2, 11, id="an empty list"),
        pytest.param(HEAD + "  - {name: {en: Lamp}}\n", "no address", 4, 5, id="no repository"),
        pytest.param(
            HEAD + "  - name: Lamp\n    repositoryURL: {en: lamp}\n", "no address", 5, 20, id="no address of one"
        ),
        pytest.param(HEAD + "  - {repositoryURL: https://a.example/b}\n", "name", 4, 5, id="no name"),
    ],
)
def test_only_what_breaks_identity_keeps_a_release_out(content: str, message: str, line: int, column: int) -> None:
    found = read_one(content)
    (violation,) = found.report.findings
    assert found.record is None
    assert violation.severity is Severity.VIOLATION
    assert message in violation.message
    assert (violation.line, violation.column) == (line, column)


def test_what_stands_among_releases_and_is_none_is_told_with_its_place() -> None:
    told, found = read_all(HEAD + "  - lamp\n  -\n" + LAMP)
    assert found.record is not None
    (violation,) = told.report.findings
    assert (told.record, violation.message, violation.value) == (None, "This is no release.", "lamp")
    assert (violation.line, violation.column) == (4, 5)


@pytest.mark.parametrize(
    ("old", "new", "path", "line"),
    [
        ("spdxID: MIT", "spdxID: Mine", "licences", 11),
        ("category: '43232400'", "status: Done", "status", 8),
        ("lamp@example.ca", "lamp", "contact", 4),
        ("whatItDoes", "whatItCosts", "description", 4),
    ],
)
def test_what_cannot_be_used_is_a_warning_with_its_place(old: str, new: str, path: str, line: int) -> None:
    found = read_one(HEAD + LAMP.replace(old, new))
    assert found.record is not None
    (warning,) = found.report.findings
    assert (warning.severity, warning.path, warning.line) == (Severity.WARNING, path, line)


def test_a_page_in_the_place_of_a_name_is_no_name() -> None:
    found = read_one(HEAD + LAMP.replace("lamp@example.ca", "a@example.ca, name: 'https://a.example/b'"))
    assert set(terms(found, V.fn)) == set()
    assert set(terms(found, V.hasURL)) == {IRI("https://a.example/b")}


def test_without_the_code_the_account_is_the_publisher() -> None:
    found = read_one((HEAD + LAMP).replace("adminCode: Lum-Lam\n", ""))
    assert found.record is not None
    assert found.record.inferred == (DCT.publisher,)


def test_texts_without_a_language_are_in_an_unknown_one() -> None:
    found = read_one(HEAD + "  - {name: Lamp, repositoryURL: https://git.example.ca/town/lamp, tags: [light]}\n")
    assert set(terms(found, SCHEMA.name)) == {Literal("Lamp", language="und")}


OLD = """\
name: {en: Board of Light, fr: Conseil de la lumière}
releases:
  - name: {en: Lamp, fr: Lampe}
    description: {en: Gives light., fr: Donne de la lumière.}
    contact: {email: lamp@example.ca, URL: {en: 'https://lamp.example.ca'}}
    permissions:
      licenses:
        - {name: GPLv2, URL: {en: 'https://git.example.ca/lamp/LICENSE'}}
      usageType: [openSource]
    repositoryURL: {en: 'https://git.example.ca/town/lamp'}
    status: Production
    version: 1.54.0
    date: {created: 2008}
"""


def test_files_of_before_the_standard_are_read() -> None:
    found = read_one(OLD)
    assert found.report.findings == ()
    board = MINTER.organisation(None, "Board of Light", "CA")
    assert set(terms(found, DCT.publisher)) >= {board}
    assert CV.PublicOrganisation in set(terms(found, RDF.type, board))
    assert set(terms(found, SCHEMA.license)) == {IRI("http://spdx.org/licenses/GPL-2.0-only")}
    assert Literal("Donne de la lumière.", language="fr") in set(terms(found, DCT.description))
    assert set(terms(found, OSC.developmentStatus)) == {concept("development-status", "stable")}
    assert set(terms(found, SCHEMA.softwareVersion)) == {Literal("1.54.0")}
    assert set(terms(found, V.hasURL)) == {IRI("https://lamp.example.ca")}


def test_older_files_tell_the_day_the_team_and_the_description_in_their_own_words() -> None:
    older = OLD.replace("description:", "desc:").replace("{created: 2008}", "{created: 2008, lastModified: 2018-01-03}")
    found = read_one(older + "    organization: {en: Light tools, fr: Outils de lumière}\n")
    assert found.report.findings == ()
    assert Literal("Gives light.", language="en") in set(terms(found, DCT.description))
    assert {value.value for value in terms(found, DCT.modified)} == {"2018-01-03"}
    team = MINTER.organisation(None, "Board of Light Light tools", "CA")
    assert set(terms(found, ORG.subOrganizationOf, team)) == {MINTER.organisation(None, "Board of Light", "CA")}
    updated = read_one(OLD + "    dateUpdated: 2017-12-14\n")
    assert {value.value for value in terms(updated, DCT.modified)} == {"2017-12-14"}


def test_all_files_published_together_are_read_as_the_files() -> None:
    alone = read_one(HEAD + LAMP)
    file = "".join(f"    {line}\n" for line in (HEAD + LAMP).splitlines())
    wick = file.replace("town/lamp", "town/wick").replace("Lum-Lam", "wick")
    first, second = read_all(f"federal:\n  lum-lam:\n{file}municipal:\n  wick:\n{wick}", "https://a.example/code.json")
    assert alone.record is not None
    assert first.record is not None
    assert first.record.triples == alone.record.triples
    agent = MINTER.organisation("urn:x-ca-ore:wick", "")
    assert set(terms(second, OSC.level, agent)) == {concept("level", "local")}
    assert first.key != second.key


def test_the_american_spelling_of_licences_is_read() -> None:
    found = read_one(HEAD + LAMP.replace("licences:", "licenses:"))
    assert found.report.findings == ()
    assert set(terms(found, SCHEMA.license)) == {IRI("http://spdx.org/licenses/MIT")}


def test_who_is_in_the_folder_of_others_is_no_administration() -> None:
    found = read_one((HEAD + LAMP).encode())
    document = Document("others/public.yml", (HEAD + LAMP).encode(), "", datetime(2026, 11, 21, tzinfo=UTC))
    (other,) = readings("others/public.yml", document, MINTER)
    agent = MINTER.organisation("urn:x-ca-ore:lum-lam", "")
    assert CV.PublicOrganisation in set(terms(found, RDF.type, agent))
    assert CV.PublicOrganisation not in set(terms(other, RDF.type, agent))
    assert set(terms(other, DCT.publisher)) == {agent}


YAML = st.recursive(
    st.sampled_from(["x", "''", "~", "2020-01-31", "https://a.example/b", "[]", "{}", "MIT", "é"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(st.sampled_from(["en", "fr", "URL", "name", "email", "spdxID"]), inner, max_size=3).map(
            lambda items: "{" + ", ".join(f"{key}: {value}" for key, value in items.items()) + "}"
        )
    ),
    max_leaves=8,
)
FIELDS = (
    "contact date description name licences repositoryURL tags downloadURL homepageURL languages partners relatedCode"
)


@settings(max_examples=200, deadline=None)
@given(value=st.dictionaries(st.sampled_from([*FIELDS.split(), "status", "team"]), YAML, min_size=1))
def test_no_value_in_any_place_is_an_exception(value: dict[str, str]) -> None:
    lines = "".join(f"    {name}: {written}\n" for name, written in value.items())
    assert read_all(HEAD + "  -\n" + lines)


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=200))
def test_no_content_is_an_exception(content: bytes) -> None:
    assert read_all(content)


def test_files_of_a_directory_are_harvested_once(tmp_path: Path) -> None:
    folder = tmp_path / "code" / "federal"
    folder.mkdir(parents=True)
    (folder / "a.yml").write_text(HEAD + LAMP, encoding="utf-8")
    (folder / "b.yaml").write_text("adminCode: b\n", encoding="utf-8")
    with world(tmp_path) as there:
        first = there.harvest("ore", str(tmp_path / "code"))
        quads = there.quads()
        second = there.harvest("ore", str(tmp_path / "code"))
        assert (first.counts["new"], first.counts["rejected"]) == (1, 1)
        assert (second.counts["unchanged"], second.counts["changed"], there.quads() == quads) == (1, 0, True)


def test_an_address_is_asked_only_whether_it_changed(tmp_path: Path) -> None:
    asked = []

    def answer(request: object) -> Reply:
        known = '"1"' in str(request)
        asked.append(known)
        return Reply(b"" if known else HEAD + LAMP, "text/plain", 304 if known else 200, {"ETag": '"1"'})

    with serving(answer) as server, world(tmp_path) as there:
        there.harvest("ore", f"{server}/lum-lam.yml")
        second = there.harvest("ore", f"{server}/lum-lam.yml")
        assert (asked, second.counts["unchanged"]) == ([False, True], 1)


def test_nothing_at_the_location_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such"):
        list(documents(visit(tmp_path / "none", "ore")))


def test_a_file_is_recognised_by_its_keys(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(HEAD + LAMP, encoding="utf-8")
    (tmp_path / "b.yml").write_text("name: Lamp\nurl: https://a.example/b\n", encoding="utf-8")
    assert recognises(str(tmp_path / "a.yml"), None)
    assert recognises(str(tmp_path), None)
    assert not recognises(str(tmp_path / "b.yml"), None)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared research data (../shared) is not beside this checkout")
def test_all_real_releases_are_published_and_only_the_schema_is_not(tmp_path: Path) -> None:
    with world(tmp_path) as there:
        first = there.harvest("ore", str(SHARED))
        quads = there.quads()
        second = there.harvest("ore", str(SHARED))
        assert first.counts["new"] == 44
        assert [origin for origin, _ in first.rejected] == ["schemaCode.yaml"]
        assert (second.counts["unchanged"], there.quads() == quads) == (44, True)
