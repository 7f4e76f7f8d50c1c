"""publiccode.yml files become solutions; what is wrong with them is found, with its place, and stops nothing else."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.code_lists import notations
from catalogue.errors import FetchError, SourceError
from catalogue.harvesters._publiccode_terms import STATUSES, THEMES
from catalogue.harvesters.publiccode import documents, readings
from catalogue.identity import Minter
from catalogue.model import Document, Finding, Reading, Severity
from catalogue.publiccode.forges import found_in, raw_address
from catalogue.publiccode.standard import ALIASES
from catalogue.publiccode.validator import validate
from catalogue.rdf import IRI, SYNTAXES, BlankNode, Literal, Triple, read, write
from catalogue.vocabulary import ADMS, DCAT, DCT, DOAP, FOAF, OSC, PREFIXES, RDF, SCHEMA, SKOS, V
from tests.visits import visit

MINTER = Minter("https://catalogue.example")
GOLDEN = Path(__file__).parent / "publiccode"
SHARED = Path(__file__).parents[3] / "shared" / "data"
HEAD = "name: Lamp\nurl: https://git.example.org/town/lamp\n"


def document(content: str | bytes, url: str = "publiccode.yml") -> Document:
    body = content.encode() if isinstance(content, str) else content
    return Document(url, body, "application/yaml", datetime(2026, 11, 21, tzinfo=UTC))


def reading(content: str | bytes, url: str = "publiccode.yml") -> Reading:
    (found,) = readings("publiccode.yml", document(content, url), MINTER)
    return found


def value(term: object) -> str:
    assert isinstance(term, IRI | Literal)
    return term.value


def objects(found: Reading, predicate: IRI) -> set[str]:
    """The texts of a property's values, of whatever in the record has it."""
    assert found.record is not None
    return {value(triple.object) for triple in found.record.triples if triple.predicate == predicate}


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.yml")), ids=lambda path: path.stem)
def test_a_file_says_what_its_golden_graph_says(path: Path) -> None:
    record = reading(path.read_bytes()).record
    golden = read(path.with_suffix(".ttl").read_bytes(), SYNTAXES["ttl"])
    assert record is not None
    assert record.triples == {quad.triple for quad in golden}


def test_a_record_keeps_the_file_and_says_what_was_inferred() -> None:
    content = HEAD + 'publiccodeYmlVersion: "0.5.0"\n'
    record = reading(content).record
    assert record is not None
    assert record.iri == MINTER.solution("https://git.example.org/town/lamp")
    assert (record.key, record.origin, record.original) == ("publiccode.yml", "publiccode.yml", content)
    assert record.conforms_to == "https://w3id.org/open-source-catalogue/publiccode-yml/0.5.0"
    assert record.document_hash == hashlib.sha256(content.encode()).hexdigest()
    assert record.inferred == (DCT.publisher,)


def test_what_comes_from_the_web_has_its_address_as_origin() -> None:
    found = reading(HEAD, "https://git.example.org/town/lamp/raw/branch/main/publiccode.yml")
    assert found.origin == "https://git.example.org/town/lamp/raw/branch/main/publiccode.yml"
    assert found.record is not None


@pytest.mark.parametrize(
    ("content", "message", "path", "line", "column"),
    [
        pytest.param("", "empty", None, 1, 1, id="empty"),
        pytest.param("a: b: c", "not valid YAML", None, 1, 5, id="no YAML"),
        pytest.param("name: A", "missing", "url", 1, 1, id="no url"),
        pytest.param("name: A\nurl:", "missing", "url", 2, 1, id="empty url"),
        pytest.param("name: A\nurl: [https://a.example/b]", "no address", "url", 2, 1, id="a list as url"),
        pytest.param("name: A\nurl: lamp", "no address", "url", 2, 1, id="no address"),
        pytest.param("name: A\nurl: https://github.com/town", "account", "url", 2, 1, id="an account"),
        pytest.param("name: A\nurl: https://www.town.example/", "whole site", "url", 2, 1, id="a site"),
        pytest.param("url: https://a.example/b/c", "name", "name", 1, 1, id="no name"),
        pytest.param("url: https://a.example/b/c\nname: ''", "name", "name", 2, 1, id="empty name"),
        pytest.param("url: https://a.example/b/c\nname: {a: b}", "a text", "name", 2, 1, id="a mapping as name"),
    ],
)
def test_only_what_breaks_identity_keeps_a_file_out(
    content: str, message: str, path: str | None, line: int, column: int
) -> None:
    found = reading(content)
    (violation,) = (finding for finding in found.report.findings if finding.severity is Severity.VIOLATION)
    assert found.record is None
    assert found.report.findings[0] == violation
    assert [finding.path for finding in found.report.findings].count(path) == 1
    assert message in violation.message
    assert (violation.path, violation.line, violation.column) == (path, line, column)


def test_the_report_is_the_validators_without_its_violations() -> None:
    content = HEAD + "softwareType: Library\nplatforms: web\nmonochromeLogo: a.svg\nroadmap: javascript:x\n"
    found = reading(content)
    known = validate(content.encode()).findings
    assert found.report.conforms
    assert {f.severity for f in known} == {Severity.VIOLATION, Severity.WARNING}
    assert found.report.findings == tuple(replace(finding, severity=Severity.WARNING) for finding in known)


def test_a_technical_fork_is_kept_out() -> None:
    found = reading(HEAD, "https://raw.githubusercontent.com/somebody/lamp/main/publiccode.yml")
    finding = found.report.findings[0]
    assert found.record is None
    assert found.is_outside
    assert finding.message == "technical fork: the file was found in https://github.com/somebody/lamp."
    assert (finding.path, finding.line, finding.column) == ("url", 2, 1)


@pytest.mark.parametrize("url", ["", "url: https://github.com/town\n", "url: lamp\n", "url: https://town.example\n"])
def test_a_file_without_the_address_of_a_repository_is_that_of_where_it_was_found(url: str) -> None:
    found = reading(f"name: Lamp\n{url}", "https://raw.githubusercontent.com/Town/lamp/main/publiccode.yml")
    assert found.record is not None
    assert found.record.iri == MINTER.solution("https://github.com/town/lamp")
    assert objects(found, SCHEMA.codeRepository) == {"https://github.com/town/lamp"}
    (told,) = (finding for finding in found.report.findings if finding.path == "url")
    assert told.severity is Severity.WARNING
    assert "https://github.com/town/lamp, where it was found" in told.message


def test_a_variant_is_derived_from_what_it_is_based_on() -> None:
    content = HEAD + "isBasedOn: https://git.example.org/origin/lamp\n"
    found = reading(content, "https://git.example.org/town/lamp/-/raw/main/publiccode.yml")
    assert objects(found, SCHEMA.isBasedOn) == {"https://git.example.org/origin/lamp"}


def test_a_name_in_the_description_is_enough() -> None:
    found = reading("url: https://a.example/b/c\ndescription:\n  it: {localisedName: Lume}")
    assert found.record is not None
    assert Triple(found.record.iri, DCT.title, Literal("Lume", language="it")) in found.record.triples


def test_a_name_that_is_no_title_in_any_language_is_another_name() -> None:
    found = reading(HEAD + "description:\n  it: {localisedName: Lume}\n  en: {localisedName: Light}\n")
    assert objects(found, DCT.title) == {"Lume", "Light"}
    assert objects(found, DCT.alternative) == {"Lamp"}
    some = reading(HEAD + "description:\n  it: {localisedName: Lume}\n  en: {shortDescription: A light}\n")
    assert objects(some, DCT.title) == {"Lume", "Lamp"}
    assert not objects(some, DCT.alternative)


@pytest.mark.parametrize(
    "page",
    [
        "/releases/tag/1.0",
        "/wiki",
        "/issues",
        "/blob/main/publiccode.yml",
        "/tree/main",
        "/lamp.git",
        "/archive/refs/heads/main.zip",
    ],
)
def test_a_page_about_a_repository_says_which_it_is(page: str) -> None:
    place = "https://github.com/Town/Lamp"
    content = f"name: Lamp\nurl: {place}{page}\n"
    found = reading(content, "https://raw.githubusercontent.com/town/lamp/main/publiccode.yml")
    assert found.record is not None
    assert found.record.iri == MINTER.solution(place)
    assert objects(found, SCHEMA.codeRepository) == {place}
    assert "Write https://github.com/Town/Lamp" in {finding.fix for finding in found.report.findings}


def test_american_spellings_of_keys_are_read() -> None:
    found = reading(
        HEAD + "organization: {name: Town}\nlocalization: {availableLanguages: [it]}\nlegal: {licence: MIT}\n"
    )
    assert objects(found, FOAF.name) == {"Town"}
    assert objects(found, SCHEMA.inLanguage) == {"it"}
    assert objects(found, SCHEMA.license) == {"http://spdx.org/licenses/MIT"}


def test_keys_are_read_in_any_case_unless_the_right_one_is_there() -> None:
    found = reading(
        HEAD
        + "landing-url: https://a.example/\nlandingURL: https://b.example/\nLogo: https://a.example/logo.svg\n"
        + "intendedaudience: {Countries: [it]}\ndescription:\n  en: {short_description: A lamp}\n"
    )
    assert objects(found, DCAT.landingPage) == {"https://b.example/"}
    assert objects(found, FOAF.logo) == {"https://a.example/logo.svg"}
    assert objects(found, SCHEMA.countriesSupported) == {"IT"}
    assert objects(found, DCT.abstract) == {"A lamp"}
    assert "Logo" in {finding.path for finding in found.report.findings}


def test_keys_at_the_margin_that_belong_into_one_section_are_told_and_read() -> None:
    found = reading(
        HEAD
        + "license: MIT\ncontacts: {name: Ada, email: ada@example.org}\navailableLanguages: [it]\n"
        + "features: [bright]\ndocumentation: https://a.example/\ncountries: [IT]\n"
    )
    assert objects(found, SCHEMA.license) == {"http://spdx.org/licenses/MIT"}
    assert objects(found, V.hasEmail) == {"mailto:ada@example.org"}
    assert objects(found, SCHEMA.inLanguage) == {"it"}
    assert objects(found, SCHEMA.featureList) == {"bright"}
    assert objects(found, FOAF.page) == {"https://a.example/"}
    assert objects(found, SCHEMA.countriesSupported) == {"IT"}
    told = {finding.path: finding.fix for finding in found.report.findings}
    assert told["contacts"] == "Write it below maintenance."


def test_the_address_of_an_organisation_that_is_no_uri_of_it_is_its_home_page() -> None:
    found = reading(
        HEAD
        + "organisation: {name: Town of Lamp, url: https://town.example/}\n"
        + "fundedBy: [{name: County, url: https://county.example/}]\n"
    )
    assert objects(found, FOAF.homepage) == {"https://town.example/", "https://county.example/"}
    assert objects(found, FOAF.name) == {"Town of Lamp", "County"}


@pytest.mark.parametrize(
    "url", ["git.example.org/town/lamp", "git.example.org/town/lamp.git", "git@git.example.org:town/lamp"]
)
def test_an_address_without_a_scheme_is_told_and_read(url: str) -> None:
    found = reading(f"name: Lamp\nurl: {url}\n")
    assert found.record is not None
    assert found.record.iri == MINTER.solution("https://git.example.org/town/lamp")
    assert {"url"} <= {finding.path for finding in found.report.findings}


def test_an_address_for_a_name_is_whom_to_write_to_and_dots_are_nobody() -> None:
    found = reading(HEAD + "usedBy: [Town of Lamp, ...]\nmaintenance: {contacts: [{name: ada@example.org}]}\n")
    assert objects(found, V.hasEmail) == {"mailto:ada@example.org"}
    assert "..." not in objects(found, FOAF.name)


@pytest.mark.parametrize(
    ("content", "message", "path"),
    [
        pytest.param("roadmap: https://catalogue.example/id/solution/x", "a name that this", "roadmap", id="our name"),
        pytest.param("logo: c.png", "cannot be told", "logo", id="a path in an unknown forge"),
        pytest.param(
            "description: {en: {localisedName: A}, EN: {localisedName: B}}", "twice", "description.EN", id="a language"
        ),
    ],
)
def test_what_only_the_catalogue_cannot_use_is_found_too(content: str, message: str, path: str) -> None:
    known = validate((HEAD + content).encode()).findings
    *others, last = reading(HEAD + content).report.findings
    assert len(others) == len(known)
    assert message in last.message
    assert last.path == path


@pytest.mark.parametrize(
    ("content", "predicate", "expected"),
    [
        pytest.param("softwareType: Library", OSC.softwareType, "library", id="a code in another case"),
        pytest.param("developmentStatus: ' Beta'", OSC.developmentStatus, "beta", id="a code with a space"),
        pytest.param("platforms: linux", SCHEMA.operatingSystem, "Linux", id="a text for a list"),
        pytest.param("legal: {license: EUPL 1.2}", SCHEMA.license, "EUPL-1.2", id="a licence by its name"),
        pytest.param("legal: {license: mit}", SCHEMA.license, "MIT", id="a licence in another case"),
        pytest.param("legal: {license: GNU General Public License v3.0}", SCHEMA.license, "GPL-3.0-only", id="in full"),
        pytest.param("legal: {license: GPLv3}", SCHEMA.license, "GPL-3.0-only", id="a licence as it is spoken of"),
        pytest.param(
            "legal: {license: 'https://www.gnu.org/licenses/agpl-3.0.en.html'}",
            SCHEMA.license,
            "AGPL-3.0-only",
            id="the address of a licence",
        ),
        pytest.param("intendedAudience: {countries: [it]}", DCT.spatial, "ITA", id="a country in lower case"),
        pytest.param("releaseDate: 2020-01-31T10:00:00.000Z", DCT.issued, "2020-01-31T00:00:00Z", id="a moment"),
        pytest.param("legal: MIT", SCHEMA.license, "MIT", id="a text for the section of the licence"),
        pytest.param("maintenance: internal", OSC.maintenanceModel, "internal", id="a text for its section"),
        pytest.param("organisation: Town", FOAF.name, "Town", id="a text for an organisation"),
        pytest.param("organisation: 'urn:x-example:town'", SKOS.notation, "urn:x-example:town", id="a URN for it"),
        pytest.param("intendedAudience: {countries: [UK]}", DCT.spatial, "GBR", id="the EU's code of a country"),
        pytest.param("localisation: {availableLanguages: [English]}", DCT.language, "ENG", id="a language's name"),
        pytest.param("localisation: {availableLanguages: [cz]}", SCHEMA.inLanguage, "cs", id="a country's code"),
        pytest.param("localisation: {availableLanguages: [it_IT]}", SCHEMA.inLanguage, "it-IT", id="an underscore"),
        pytest.param("localisation: {availableLanguages: [ita]}", SCHEMA.inLanguage, "it", id="three letters"),
        pytest.param("localisation: {localisationReady: 'yes'}", OSC.localisationReady, "true", id="YAML 1.1"),
        pytest.param("categories: [own]", DCAT.keyword, "own", id="an unknown category"),
        pytest.param("roadmap: ' https://a.example/b '", FOAF.page, "https://a.example/b", id="space around a link"),
        pytest.param("supports: [alias:gdpr]", DCT.conformsTo, "/reg/2016/679/oj", id="an alias without a key"),
    ],
)
def test_what_can_be_used_of_a_faulty_value_is_used(content: str, predicate: IRI, expected: str) -> None:
    found = objects(reading(HEAD + content), predicate)
    assert any(term.endswith(expected) for term in found - {"https://git.example.org/town/lamp"})
    assert len(found - {"https://git.example.org/town/lamp"}) == 1


def test_text_without_a_language_is_kept_as_of_no_language() -> None:
    found = reading(HEAD + "description:\n  shortDescription: Light\n  Italiano:\n    longDescription: Luce\n")
    assert found.record is not None
    said = {(t.predicate, t.object) for t in found.record.triples if t.subject == found.record.iri}
    assert {
        (DCT.abstract, Literal("Light", language="und")),
        (DCT.description, Literal("Luce", language="und")),
        (DCT.title, Literal("Lamp", language="und")),
    } <= said


def test_keys_of_the_first_version_are_read_under_their_names_of_now() -> None:
    found = reading(
        HEAD
        + "publiccode-yaml-version: http://w3id.org/publiccode/version/0.1\n"
        + "tags: [collaboration, it-portale]\nfreeTags: [town]\nsoftwareType: standalone\n"
        + "intendedAudience: {onlyFor: [cities, education]}\n"
        + "description:\n  eng:\n    shortDescription: A lamp\n    featureList: [bright]\n    freeTags: [light]\n"
        + "it:\n  spid: yes\n  conforme: {privacy: yes, sicuro: no}\n"
    )
    assert objects(found, SCHEMA.featureList) == {"bright"}
    assert objects(found, DCAT.keyword) == {"it-portale", "town", "light", "cities"}
    assert notations("scope")["education"].value in objects(found, DCT.subject)
    assert objects(found, DOAP.category) == {notations("category")["collaboration"].value}
    assert objects(found, DCT.conformsTo) == {ALIASES["spid"], ALIASES["gdpr"]}
    assert SCHEMA.SoftwareApplication.value in objects(found, RDF.type)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("description: A lamp\n", Literal("A lamp", language="und")),
        ("description: {en: A lamp}\n", Literal("A lamp", language="en")),
        ("description: {en: [A lamp]}\n", None),
        ("description: [A lamp]\n", None),
    ],
)
def test_a_text_in_the_place_of_a_language_s_texts_is_the_short_one(content: str, expected: Literal | None) -> None:
    found = reading(HEAD + content)
    assert found.record is not None
    said = [triple.object for triple in found.record.triples if triple.predicate == DCT.abstract]
    assert said == ([expected] if expected else [])
    titles = {triple.object for triple in found.record.triples if triple.predicate == DOAP.name}
    assert titles == {Literal("Lamp", language=expected.language if expected else "und")}


@pytest.mark.parametrize(
    ("content", "name", "inferred"),
    [
        pytest.param(
            "organisation: {uri: 'urn:x-a:b', name: Town}\nlegal: {repoOwner: Other}", "Town", False, id="uri"
        ),
        pytest.param("organisation: {name: Town}", "Town", False, id="name"),
        pytest.param("legal: {repoOwner: Town}\nIT: {riuso: {codiceIPA: c_a1}}", "Town", False, id="code"),
        pytest.param("legal: {repoOwner: Town}", "Town", False, id="owner of the repository"),
        pytest.param("usedBy: []", "town", True, id="account"),
    ],
)
def test_the_publisher_is_what_the_file_says_or_else_the_account(content: str, name: str, inferred: bool) -> None:
    found = reading(HEAD + content)
    assert found.record is not None
    (publisher,) = {t.object for t in found.record.triples if t.predicate == DCT.publisher}
    names = {value(t.object) for t in found.record.triples if t.subject == publisher and t.predicate == FOAF.name}
    assert names == {name}
    assert bool(found.record.inferred) is inferred


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+39 0544 288-711", "tel:+390544288711"),
        ("0039 (0)6 12.34.56", "tel:+396123456"),
        ("030/123456", "tel:030123456"),
        ("+343", None),
        ("06 12345 / 67890", None),
        ("+39 06 12345 int. 2", None),
    ],
)
def test_telephone_numbers_become_digits(written: str, number: str | None) -> None:
    found = reading(HEAD + f'maintenance:\n  type: internal\n  contacts:\n    - name: A\n      phone: "{written}"\n')
    assert objects(found, V.hasTelephone) == ({number} if number else set())


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("a.b@c.example", "mailto:a.b@c.example"),
        ("mailto:a+b@c.example", "mailto:a+b@c.example"),
        ("a@c", None),
        ("a@b.example, c@d.example", "mailto:a@b.example mailto:c@d.example"),
        ("a@b.example; office", "mailto:a@b.example"),
        ("a b@c.example", None),
        ("a?cc=x@c.example", "mailto:a%3Fcc%3Dx@c.example"),
    ],
)
def test_mail_addresses_become_mailto(written: str, address: str | None) -> None:
    found = reading(HEAD + f'maintenance:\n  type: internal\n  contacts:\n    - name: A\n      email: "{written}"\n')
    assert objects(found, V.hasEmail) == set((address or "").split())


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://github.com/A/B", "https://raw.githubusercontent.com/a/b/HEAD/i/l%20m.png"),
        ("https://gitlab.com/a/g/b", "https://gitlab.com/a/g/b/-/raw/HEAD/i/l%20m.png"),
        ("https://gitlab.town.example/a/b.git", "https://gitlab.town.example/a/b/-/raw/HEAD/i/l%20m.png"),
        ("https://bitbucket.org/a/b", "https://bitbucket.org/a/b/raw/HEAD/i/l%20m.png"),
        ("https://codeberg.org/a/b", None),
    ],
)
def test_the_path_of_a_file_becomes_its_address_where_the_forge_is_known(url: str, address: str | None) -> None:
    found = reading(f"name: A\nurl: {url}\nlogo: ./i/l m.png\n")
    assert objects(found, SCHEMA.image) == ({address} if address else set())


def test_the_path_of_a_file_is_beside_a_document_from_the_web() -> None:
    found = reading(HEAD + "logo: /i/l.png\n", "https://git.example.org/town/lamp/-/raw/main/publiccode.yml?inline=no")
    assert objects(found, SCHEMA.image) == {"https://git.example.org/town/lamp/-/raw/main/i/l.png"}


def test_a_file_full_of_faults_has_a_limited_report() -> None:
    report = reading(HEAD + "categories:\n" + "- x\n" * 1_000).report
    assert len(report.findings) == 201
    assert report.findings[-1].message == "There is more to find; these are the first 200."


def test_every_code_has_what_it_stands_for() -> None:
    assert STATUSES.keys() == notations("development-status").keys()
    assert THEMES.keys() == notations("scope").keys()


@pytest.mark.parametrize(
    ("page", "raw"),
    [
        ("https://github.com/a/b/blob/main/c.yml", "https://raw.githubusercontent.com/a/b/main/c.yml"),
        ("https://gitlab.com/a/g/b/-/blob/main/c.yml", "https://gitlab.com/a/g/b/-/raw/main/c.yml"),
        ("https://codeberg.org/a/b/src/branch/main/c.yml", "https://codeberg.org/a/b/raw/branch/main/c.yml"),
        ("https://bitbucket.org/a/b/src/main/c.yml", "https://bitbucket.org/a/b/raw/main/c.yml"),
        ("https://github.com/a/b/blob/main/c.png?raw=true", "https://github.com/a/b/blob/main/c.png?raw=true"),
        ("https://town.example/c.yml", "https://town.example/c.yml"),
    ],
)
def test_the_page_of_a_file_leads_to_the_file(page: str, raw: str) -> None:
    assert raw_address(page) == raw


@pytest.mark.parametrize(
    ("url", "repository"),
    [
        ("https://raw.githubusercontent.com/A/b/main/publiccode.yml", "https://github.com/a/b"),
        ("https://github.com/a/b/raw/main/publiccode.yml", "https://github.com/a/b"),
        ("https://git.example.org/a/g/b/-/raw/main/publiccode.yml", "https://git.example.org/a/g/b"),
        ("https://codeberg.org/a/b/raw/branch/main/publiccode.yml", "https://codeberg.org/a/b"),
        ("https://bitbucket.org/a/b/raw/main/publiccode.yml", "https://bitbucket.org/a/b"),
        ("https://town.example/publiccode.yml", None),
    ],
)
def test_the_address_of_a_file_tells_its_repository_where_the_forge_is_known(url: str, repository: str | None) -> None:
    assert found_in(url) == repository


def test_a_directory_gives_its_yaml_files_in_order(tmp_path: Path) -> None:
    for name in ("b/publiccode.yml", "a.YAML", "index.csv", ".git/c.yml", ".hidden.yml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(HEAD)
    found = list(documents(visit(tmp_path)))
    assert [item[0] for item in found if isinstance(item, tuple)] == ["a.YAML", "b/publiccode.yml"]
    assert [item[1].url for item in found if isinstance(item, tuple)] == ["a.YAML", "b/publiccode.yml"]


def test_a_single_file_has_its_name_as_key(tmp_path: Path) -> None:
    (tmp_path / "any.txt").write_text(HEAD)
    (found,) = documents(visit(tmp_path / "any.txt"))
    assert isinstance(found, tuple)
    assert (found[0], found[1].content) == ("any.txt", HEAD.encode())


def test_links_that_leave_the_directory_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.yml").write_text(HEAD)
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "own.yml").write_text(HEAD)
    (inside / "link.yml").symlink_to(inside / "own.yml")
    (inside / "out.yml").symlink_to(tmp_path / "secret.yml")
    (inside / "folder").symlink_to(tmp_path)
    found = {item.key if isinstance(item, Reading) else item[0]: item for item in documents(visit(inside))}
    assert [name for name, item in found.items() if isinstance(item, Reading)] == ["out.yml"]
    assert found.keys() == {"link.yml", "out.yml", "own.yml"}


def test_what_is_no_file_or_not_there_is_a_reading_of_its_own(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yml")
    (tmp_path / "gone.yml").symlink_to(tmp_path / "nothing.yml")
    found = list(documents(visit(tmp_path)))
    assert [item.key for item in found if isinstance(item, Reading)] == ["gone.yml", "pipe.yml"]


def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    with (tmp_path / "huge.yml").open("wb") as file:
        file.truncate(1 << 33)
    ((key, huge),) = (item for item in documents(visit(tmp_path)) if isinstance(item, tuple))
    (found,) = readings(key, huge, MINTER)
    assert found.report.findings[0].message == "The file is larger than 1048576 bytes."


def test_a_location_with_nothing_there_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file or directory"):
        list(documents(visit(tmp_path / "nothing")))


class _Forge(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path == "/town/lamp/-/raw/main/publiccode.yml"
        body = HEAD.replace("https://git.example.org", f"http://{self.headers['Host']}").encode() if found else b""
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def forge() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Forge)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_address_of_a_page_gives_the_file_that_it_shows(forge: str) -> None:
    location = f"{forge}/town/lamp/-/blob/main/publiccode.yml"
    ((key, found),) = (item for item in documents(visit(location)) if isinstance(item, tuple))
    (result,) = readings(key, found, MINTER)
    assert (key, result.origin) == (location, f"{forge}/town/lamp/-/raw/main/publiccode.yml")
    assert result.record is not None


def test_an_address_with_nothing_there_is_a_fetch_error(forge: str) -> None:
    with pytest.raises(FetchError, match="404"):
        list(documents(visit(f"{forge}/nothing.yml")))


KEYS = [
    "name",
    "url",
    "description",
    "it",
    "en",
    "en-US",
    "localisedName",
    "shortDescription",
    "longDescription",
    "features",
    "legal",
    "license",
    "repoOwner",
    "maintenance",
    "type",
    "contacts",
    "contractors",
    "until",
    "email",
    "phone",
    "localisation",
    "availableLanguages",
    "localisationReady",
    "dependsOn",
    "open",
    "optional",
    "usedBy",
    "fundedBy",
    "uri",
    "organisation",
    "supports",
    "id",
    "IT",
    "riuso",
    "codiceIPA",
    "piattaforme",
    "spid",
    "intendedAudience",
    "countries",
    "scope",
    "isBasedOn",
    "logo",
    "screenshots",
    "softwareType",
    "platforms",
    "releaseDate",
    "softwareVersion",
]
HOSTILE = [
    *("", "~", "yes", "javascript:alert(1)", "https://a b", "https://[::1", "https://x/%zz", "urn:x-italian-pa:c_h501"),
    *("git@a.example:b/c", "MIT OR (EUPL-1.2", "2020-02-30", "it-" + "a" * 9, "en-x", "\x00\x1f\ufffe", "\r\n\u2028"),
    *("http://catalogue.example/id/solution/x#y", "+39 06", "a@b.example", "../../etc", "/", "\u202e", "]]>", "𝒳" * 50),
    *(
        "https://example.org/\u00ad\u202e",
        "data:text/html,x",
        "mailto:a@b.example?cc=c",
        "http://",
        "https://a..b/",
        ".",
    ),
]
TEXTS = st.sampled_from(HOSTILE) | st.text(max_size=30)
NAMES = st.sampled_from(KEYS) | st.text(max_size=12)
TREES = st.recursive(
    TEXTS | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=25,
)


def flow(tree: object) -> str:
    """A tree as YAML in one line; texts quoted with every special character escaped, as JSON would."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(value)}" for key, value in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(flow, tree)) + "]"
    if isinstance(tree, bool):
        return str(tree).lower()
    escaped = "".join(c if c.isascii() and c.isalnum() else f"\\U{ord(c):08x}" for c in str(tree))
    return f'"{escaped}"'


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=150)
@given(st.dictionaries(st.sampled_from(KEYS), TREES, max_size=12), st.booleans())
def test_whatever_a_file_says_it_is_read_and_published_in_every_syntax(tree: dict[str, object], whole: bool) -> None:
    if whole:
        tree = {**tree, "name": "Lamp", "url": "https://git.example.org/town/lamp"}
    first, second = reading(flow(tree)), reading(flow(tree))
    assert first == second
    assert (first.record is None) is not first.report.conforms
    assert first.record is not None or not whole
    if first.record is not None:
        assert_publishable(first.record.triples)


def assert_publishable(triples: frozenset[Triple]) -> None:
    terms = [term for triple in triples for term in triple]
    assert not any(isinstance(term, BlankNode) for term in terms)
    schemes = {term.value.partition(":")[0].lower() for term in terms if isinstance(term, IRI)}
    assert schemes <= {"http", "https", "mailto", "tel", "urn"}
    ours = {value(t.subject) for t in triples if value(t.subject).startswith("http://catalogue.example")}
    assert not ours
    for syntax in SYNTAXES.values():
        assert {quad.triple for quad in read(write(triples, syntax, PREFIXES), syntax)} == triples, syntax.name


@given(st.binary(max_size=300))
def test_any_bytes_give_one_reading(content: bytes) -> None:
    assert isinstance(reading(content), Reading)


BROKEN = {
    "Azienda-USL-di-Bologna__DAE-RespondER.yml": "not valid YAML",
    "italia__dati-ontopia-lodview.yml": "empty",
    "italia__publiccode-parser-orb.yml": "no keys",
    "ministero-salute__it-dgc-repository-template.yml": "empty",
}
"""The broken files of the collection. RegioneUmbria__GIT has a tab between key and value, which YAML allows."""


def shared_readings(folder: str) -> Iterator[Reading]:
    for item in documents(visit(SHARED / folder)):
        yield from (item,) if isinstance(item, Reading) else readings(*item, MINTER)


@pytest.mark.skipif(not (SHARED / "publiccode").is_dir(), reason="the collection of real files is not here")
def test_of_the_real_files_only_the_broken_ones_are_kept_out() -> None:
    found = list(shared_readings("publiccode"))
    rejected: dict[str, Finding] = {r.key: r.report.findings[0] for r in found if r.record is None}
    assert rejected.keys() == BROKEN.keys()
    assert [key for key, finding in rejected.items() if BROKEN[key] not in finding.message] == []
    for item in found:
        if item.record is not None:
            assert_publishable(item.record.triples)


@pytest.mark.skipif(not (SHARED / "publiccode-history").is_dir(), reason="the collection of real files is not here")
def test_the_versions_of_a_real_file_are_one_solution_until_its_repository_moves() -> None:
    found = list(shared_readings("publiccode-history"))
    assert all(item.record is not None for item in found)
    assert len({item.record.iri for item in found if item.record}) == 4


def test_the_status_of_adms_stands_beside_ours() -> None:
    found = reading(HEAD + "developmentStatus: obsolete\n")
    assert objects(found, ADMS.status) == {"http://purl.org/adms/status/Deprecated"}
    assert objects(found, OSC.developmentStatus) == {
        "https://w3id.org/open-source-catalogue/development-status/obsolete"
    }


def test_an_application_for_the_web_only_is_a_web_application() -> None:
    assert SCHEMA.WebApplication.value in objects(reading(HEAD + "softwareType: addon\nplatforms: web\n"), RDF.type)
    both = reading(HEAD + "softwareType: addon\nplatforms: [web, linux]\n")
    assert SCHEMA.SoftwareApplication.value in objects(both, RDF.type)
