"""What is wrong with a publiccode.yml is found where the reference parser finds it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.model import Finding, Report, Severity
from catalogue.publiccode.rules import RULES
from catalogue.publiccode.validator import MAX_FINDINGS, validate

SHARED = Path(__file__).parents[3] / "shared" / "data"
ERROR, WARNING, ADVICE = Severity.VIOLATION, Severity.WARNING, Severity.INFO

# A file that the reference parser has nothing to say of; each section can be taken out and another put in.
SECTIONS = {
    "version": 'publiccodeYmlVersion: "0.7"\n',
    "name": "name: Lamp\n",
    "url": "url: https://git.example.org/town/lamp\n",
    "platforms": "platforms: [web]\n",
    "status": "developmentStatus: stable\n",
    "type": "softwareType: standalone/web\n",
    "description": "description:\n  en:\n    shortDescription: Light\n"
    f"    longDescription: {'x' * 150}\n    features: [on]\n",
    "legal": "legal:\n  license: EUPL-1.2\n",
    "maintenance": "maintenance:\n  type: none\n",
    "localisation": "localisation:\n  localisationReady: true\n  availableLanguages: [en]\n",
}


def file(first: str = "", *without: str) -> bytes:
    """The file with other lines first, and without some of its sections."""
    return (first + "".join(text for name, text in SECTIONS.items() if name not in without)).encode()


Found = tuple[Severity, str | None, int | None, int | None]


def found(report: Report) -> list[Found]:
    return [(finding.severity, finding.path, finding.line, finding.column) for finding in report.findings]


def only(content: bytes) -> Finding:
    (finding,) = validate(content).findings
    return finding


def test_a_whole_file_has_no_findings() -> None:
    assert validate(file()) == Report()


@pytest.mark.parametrize(
    ("section", "path"),
    [
        ("version", "publiccodeYmlVersion"),
        ("name", "name"),
        ("url", "url"),
        ("platforms", "platforms"),
        ("status", "developmentStatus"),
        ("type", "softwareType"),
        ("description", "description"),
        ("legal", "legal.license"),
        ("maintenance", "maintenance.type"),
    ],
)
def test_a_missing_key_is_found_at_the_mapping_that_lacks_it(section: str, path: str) -> None:
    assert found(validate(file("\n", section))) == [(ERROR, path, 2, 1)]


def test_of_a_missing_section_the_mandatory_keys_are_found() -> None:
    assert found(validate(file("", "localisation"))) == [
        (ERROR, "localisation.localisationReady", 1, 1),
        (ERROR, "localisation.availableLanguages", 1, 1),
    ]


@pytest.mark.parametrize(
    ("first", "without", "expected"),
    [
        pytest.param("name:\n", "name", ("name", 1, 1), id="null"),
        pytest.param("name: ''\n", "name", ("name", 1, 1), id="blank"),
        pytest.param("platforms: []\n", "platforms", ("platforms", 1, 1), id="empty list"),
        pytest.param("description: {}\n", "description", ("description", 1, 1), id="empty description"),
        pytest.param("legal: {}\n", "legal", ("legal.license", 1, 8), id="empty section"),
        pytest.param("legal:\n", "legal", ("legal.license", 1, 7), id="section without a value"),
        pytest.param(
            "legal:\n  mainCopyrightOwner: Town\n", "legal", ("legal.license", 2, 3), id="section with other keys"
        ),
        pytest.param(
            "localisation:\n  localisationReady: true\n  availableLanguages: []\n",
            "localisation",
            ("localisation.availableLanguages", 3, 3),
            id="no languages",
        ),
        pytest.param("organisation:\n  name: Town\n", "", ("organisation.uri", 2, 3), id="organisation without a URI"),
        pytest.param("fundedBy:\n- name: Town\n", "", ("fundedBy[0].uri", 2, 3), id="funder without a URI"),
        pytest.param("fundedBy:\n-\n", "", ("fundedBy[0].uri", 2, 2), id="funder without anything"),
        pytest.param("supports: [{}]\n", "", ("supports[0].id", 1, 12), id="standard without an id"),
        pytest.param("dependsOn:\n  open:\n  - version: 7\n", "", ("dependsOn.open[0].name", 3, 5), id="dependency"),
    ],
)
def test_what_is_there_without_a_value_is_found(first: str, without: str, expected: tuple[str, int, int]) -> None:
    assert found(validate(file(first, without))) == [(ERROR, *expected)]


def description(block: str) -> bytes:
    return file(f"description:\n  en:\n{block}", "description")


LONG = f"    longDescription: {'x' * 150}\n"


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        pytest.param(LONG + "    features: [a]\n", ("shortDescription", 3, 5), id="no short description"),
        pytest.param(
            "    shortDescription: a\n    features: [a]\n", ("longDescription", 3, 5), id="no long description"
        ),
        pytest.param("    shortDescription: a\n" + LONG, ("features", 3, 5), id="no features"),
        pytest.param(
            "    shortDescription: a\n" + LONG + "    features: []\n", ("features", 5, 5), id="empty features"
        ),
    ],
)
def test_every_language_needs_its_texts(block: str, expected: tuple[str, int, int]) -> None:
    path, line, column = expected
    assert found(validate(description(block))) == [(ERROR, f"description.en.{path}", line, column)]


def test_a_tag_with_more_than_letters_is_in_brackets() -> None:
    assert found(validate(file("description:\n  en-US: {shortDescription: a, features: [a]}\n", "description"))) == [
        (ERROR, "description[en-US].longDescription", 2, 10)
    ]


def test_wrong_tags_are_found_once_at_the_key_of_the_descriptions() -> None:
    blocks = f"{{shortDescription: a, longDescription: {'x' * 150}, features: [a]}}"
    finding = only(file(f"description:\n  ita: {blocks}\n  en_GB: {blocks}\n  it: {blocks}\n", "description"))
    assert (finding.path, finding.line, finding.column) == ("description", 1, 1)
    assert finding.fix == "ita: Write it. en_GB: Write en-GB."


def test_texts_without_a_language_are_found() -> None:
    content = file("description:\n  shortDescription: a\n" + SECTIONS["description"].partition("\n")[2], "description")
    assert found(validate(content)) == [(ERROR, "description.shortDescription", 2, 1)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("x" * 151, 151),
        ("x" * 150 + "\n", 151),
        ("e\u0301" * 151, 151),
        ("👩‍👩‍👧" * 151, 151),
        ("🇮🇹" * 151, 151),
        ("👍🏽" * 151, 151),
        ("각" * 151, 151),
        ("\u1100\u1161\u11a8" * 151, 151),
        ("x\r\n" * 75 + "x", 151),
        ("नि" * 151, 151),
    ],
)
def test_lengths_are_counted_as_a_reader_counts(text: str, number: int) -> None:
    # YAML reads escapes in quotes only, and folds line ends that are written out.
    escaped = "".join(f"\\U{ord(character):08x}" for character in text)
    shorter = "".join(f"\\U{ord(character):08x}" for character in text[: len(text) - len(text) // number])
    block = '    shortDescription: "{}"\n' + LONG + "    features: [a]\n"
    assert only(description(block.format(escaped))).message == f"This text has {number} characters, more than 150."
    assert validate(description(block.format(shorter))).conforms


def test_a_text_is_long_enough_by_what_a_reader_counts() -> None:
    text = r"e\u0301" * 149
    block = f'    shortDescription: a\n    longDescription: "{text}"\n    features: [a]\n'
    finding = only(description(block))
    assert (finding.path, finding.line, finding.column) == ("description.en.longDescription", 4, 5)
    assert (finding.message, finding.fix) == ("This text has 149 characters, fewer than 150.", "Write at least 1 more.")


WRONG_TYPES = [
    pytest.param("name: []\n", "name", ("name", 1), "Write one text.", id="list for a text"),
    pytest.param(
        "name:\n  a: b\n", "name", ("name", 2), "Write the text itself, without keys.", id="mapping for a text"
    ),
    pytest.param(
        "platforms: web\n", "platforms", ("platforms", 1), "Begin each entry with `- `.", id="text for a list"
    ),
    pytest.param("usedBy:\n- name: A\n", "", ("usedBy[0]", 2), "Write the text itself, without keys.", id="user"),
    pytest.param("organisation: Town\n", "", ("organisation", 1), "Write `uri: ` before it.", id="text for keys"),
    pytest.param(
        "dependsOn: {open: [PHP]}\n", "", ("dependsOn.open[0]", 1), "Write `name: ` before it.", id="dependency"
    ),
    pytest.param(
        "description: a\n", "description", ("description", 1), "Write `en:` and the texts below it.", id="texts"
    ),
    pytest.param(
        "localisation:\n  localisationReady: yes\n  availableLanguages: [en]\n",
        "localisation",
        ("localisation.localisationReady", 2),
        "Write true, without quotes.",
        id="YAML 1.1",
    ),
    pytest.param(
        "localisation:\n  localisationReady: 'true'\n  availableLanguages: [en]\n",
        "localisation",
        ("localisation.localisationReady", 2),
        "Write true, without quotes.",
        id="truth in quotes",
    ),
    pytest.param(
        "dependsOn:\n  open:\n  - name: A\n    optional: perhaps\n",
        "",
        ("dependsOn.open[0].optional", 4),
        "Write true or false.",
        id="no truth",
    ),
]


@pytest.mark.parametrize(("first", "without", "place", "fix"), WRONG_TYPES)
def test_a_value_of_the_wrong_type_is_found_at_its_line(
    first: str, without: str, place: tuple[str, int], fix: str
) -> None:
    finding = only(file(first, without))
    assert (finding.severity, finding.path, finding.line, finding.column) == (ERROR, *place, 1)
    assert finding.fix == fix


@pytest.mark.parametrize(
    ("first", "path", "fix"),
    [
        ("landingUrl: https://a.example\n", "landingUrl", "Did you mean “landingURL”?"),
        ("xyz: 1\n", "xyz", "Leave it out."),
        ("intendedAudience: {usedBy: [a]}\n", "intendedAudience.usedBy", "Write it at the left margin, in no section."),
        ("x-town: 1\n", "x-town", "Keep it in another file."),
        ("licence: MIT\n", "licence", "Did you mean “license”, below legal?"),
        ("maintainers: []\n", "maintainers", "Did you mean “contacts”, below maintenance?"),
        ("summary: a\n", "summary", "Did you mean “shortDescription”, below description.[lang]?"),
        ("repo_url: a\n", "repo_url", "Did you mean “url”?"),
        ("availableLanguage: []\n", "availableLanguage", "Did you mean “availableLanguages”, below localisation?"),
        ("tags: [a]\n", "tags", "Write categories."),
        ("organisation: {uri: 'urn:x-a:b', url: c}\n", "organisation.url", "Write uri."),
        ("<<: {usedBy: []}\n", "<<", "Write the keys out."),
        ("de: {leika: []}\n", "de", "Use supports and organisation."),
        ("It: {}\n", "It", "Write IT."),
        ("contacts: []\n", "contacts", "Write it below maintenance."),
        ("shortDescription: a\n", "shortDescription", "Write it below description.[lang]."),
    ],
)
def test_an_unknown_key_is_an_error(first: str, path: str, fix: str) -> None:
    finding = only(file(first))
    assert (finding.severity, finding.path, finding.line, finding.column) == (ERROR, path, 1, 1)
    assert finding.fix == fix


@pytest.mark.parametrize(
    ("url", "fix"),
    [
        ("https://github.com/A/b", None),
        ("https://github.com/a/b.git", None),
        ("https://git.example.org/city/tools.git", None),
        ("https://gitlab.com/a/b/c", None),
        ("https://github.com/orgs/a/repositories", None),
        ("https://github.com/A", "Write the repository's address."),
        ("https://github.com/a/b.git/c.git", "Write https://github.com/a/b.git"),
        ("https://github.com/A/b/tree/main", "Write https://github.com/A/b"),
        ("https://github.com/a/b/issues", "Write https://github.com/a/b"),
        ("https://raw.githubusercontent.com/a/b/main/publiccode.yml", "Write https://github.com/a/b"),
        ("https://gitlab.com/a/b/c/-/blob/main/d.md", "Write https://gitlab.com/a/b/c"),
        ("https://bitbucket.org/a/b/src/main/d.md", "Write https://bitbucket.org/a/b"),
        ("https://codeberg.org/a/b/src/branch/main", "Write https://codeberg.org/a/b"),
        (
            "https://git.example.org/a/b/tree/main/forms",
            "Write https://git.example.org/a/b unless that folder alone is the software.",
        ),
        (
            "https://codeberg.org/a/b/src/branch/main/forms",
            "Write https://codeberg.org/a/b unless that folder alone is the software.",
        ),
        ("https://www.town.example/", "Write the repository's address."),
    ],
)
def test_a_page_of_a_forge_is_told_from_a_repository(url: str, fix: str | None) -> None:
    findings = validate(file(f"url: {url}\n", "url")).findings
    assert [(finding.severity, finding.fix) for finding in findings] == ([] if fix is None else [(ADVICE, fix)])


@pytest.mark.parametrize(
    ("first", "without", "fix"),
    [
        ("", "status", "Add developmentStatus, such as `developmentStatus: stable`."),
        ("legal: {license: ''}\n", "legal", "Give it a value, such as `license: EUPL-1.2`."),
        ("maintenance: {type: contract}\n", "maintenance", "Add contractors, a list of who is paid, and until when."),
        ("dependsOn: {open: [{version: '7'}]}\n", "", "Add name, such as `name: PostgreSQL`."),
    ],
)
def test_what_is_missing_is_shown_by_an_example(first: str, without: str, fix: str) -> None:
    assert only(file(first, without)).fix == fix


@pytest.mark.parametrize(
    ("uri", "fix"),
    [
        ("c_h501", "Write a web address; of a code of the Italian index, urn:x-italian-pa:c_h501"),
        ("www.town.example", "Write https://www.town.example"),
        ("Town of Lamp", "Write a web address or a URN."),
    ],
)
def test_what_stands_for_the_uri_of_an_organisation_is_told_from_its_form(uri: str, fix: str) -> None:
    assert only(file(f"organisation: {{uri: {uri}}}\n", "")).fix == fix


@pytest.mark.parametrize(
    ("written", "fix"),
    [
        ("Mozilla Public License 2.0", "Write MPL-2.0."),
        ("European Union Public Licence (EUPL) v. 1.2", "Write EUPL-1.2."),
        ("GNU GENERAL PUBLIC LICENSE Version 3", "Write GPL-3.0-only or GPL-3.0-or-later, whichever is meant."),
        ("GNU General Public License v3.0 only", "Write GPL-3.0-only."),
        ("GNU Lesser General Public License v2.1 or later", "Write LGPL-2.1-or-later."),
        ("GNU General Public License v3.0 (or any later version)", "Write one, such as EUPL-1.2 or EUPL-1.2 OR MIT."),
    ],
)
def test_a_licence_by_its_name_is_told_as_spdx_writes_it(written: str, fix: str) -> None:
    assert only(file(f"legal: {{license: '{written}'}}\n", "legal")).fix == fix


@pytest.mark.parametrize(
    ("first", "fix"),
    [
        ("categories: [healthcare]\n", "Write it below intendedAudience.scope."),
        ("categories: [security]\n", "Did you mean “it-security”? Write it below intendedAudience.scope."),
        ("categories: [nothing]\n", "Choose from https://yml.publiccode.tools/categories-list.html"),
        ("intendedAudience: {scope: [citizens]}\n", "Choose from https://yml.publiccode.tools/scope-list.html"),
    ],
)
def test_a_value_of_a_long_list_is_looked_for_in_the_other_and_the_list_is_named(first: str, fix: str) -> None:
    assert only(file(first)).fix == fix


TYPES = "addon, configurationFiles, library, standalone/backend, standalone/desktop, standalone/iot, standalone/mobile"


@pytest.mark.parametrize(
    ("written", "meant"),
    [("standalone/utility", ""), ("standalone", ""), ("desktop", "standalone/desktop"), ("adon", "addon")],
)
def test_only_what_tells_values_apart_makes_one_likely(written: str, meant: str) -> None:
    fix = only(file(f"softwareType: {written}\n", "type")).fix or ""
    values = f"The values are {TYPES}, standalone/other, standalone/web."
    assert fix == (f"Did you mean “{meant}”? {values}" if meant else values)


def test_space_around_an_address_is_what_is_wrong_with_it() -> None:
    finding = only(file("url: ' https://github.com/a/b/c.git'\n", "url"))
    assert (finding.severity, (finding.fix or "").partition(";")[0]) == (ERROR, "Take the space around it out")


def test_a_symbolic_link_saved_as_a_file_names_the_file() -> None:
    assert only(b"src/publiccode.yml").fix == "It names another file, as a symbolic link does: take src/publiccode.yml."


def test_a_key_that_comes_twice_is_found_where_it_comes_again() -> None:
    assert found(validate(file("intendedAudience:\n  scope: [security]\n  scope: []\n"))) == [
        (ERROR, "intendedAudience.scope", 3, 3)
    ]


@pytest.mark.parametrize(
    ("written", "severity", "fix"),
    [
        pytest.param('"0.1"', ERROR, 'Write "0.7", and check the keys.', id="too old"),
        pytest.param('"0.6"', ERROR, 'Write "0.7", and check the keys.', id="without changes"),
        pytest.param("0.7", ERROR, 'Write "0.7", in quotes.', id="a number"),
        pytest.param("0.5.0", WARNING, 'Write "0.7", or "0" for the latest of its kind.', id="older"),
    ],
)
def test_versions_are_those_of_the_reference_parser(written: str, severity: Severity, fix: str) -> None:
    finding = only(file(f"publiccodeYmlVersion: {written}\n", "version"))
    place = (finding.path, finding.line, finding.column)
    assert (finding.severity, *place) == (severity, "publiccodeYmlVersion", 1, 1)
    assert finding.fix == fix


@pytest.mark.parametrize("version", ["0", "0.7", "0.7.0"])
def test_the_latest_versions_have_no_findings(version: str) -> None:
    assert validate(file(f'publiccodeYmlVersion: "{version}"\n', "version")) == Report()


def test_of_another_kind_of_version_nothing_more_is_said() -> None:
    assert found(validate(b'xyz: 1\npubliccodeYmlVersion: "1"\n')) == [(ERROR, "publiccodeYmlVersion", 2, 1)]


VALUES = [
    pytest.param("url: lamp\n", "url", (ERROR, "url", 1, 1), id="no url"),
    pytest.param("url: git@a.example:b/c.git\n", "url", (ERROR, "url", 1, 1), id="scp form"),
    pytest.param("url: ssh://git@a.example/b/c.git\n", "url", (ADVICE, "url", 1, 1), id="ssh"),
    pytest.param(
        "url: https://github.com/a/b/blob/main/c.md\n", "url", (ADVICE, "url", 1, 1), id="page of a file, too"
    ),
    pytest.param("url: https://gitlab.com/a\n", "url", (ADVICE, "url", 1, 1), id="page of an account"),
    pytest.param("landingURL: a.example/b\n", "", (ERROR, "landingURL", 1, 1), id="no scheme"),
    pytest.param("landingURL: ''\n", "", (ERROR, "landingURL", 1, 1), id="blank address"),
    pytest.param("landingURL:\n", "", (ADVICE, "landingURL", 1, 1), id="no address"),
    pytest.param("roadmap: javascript:x\n", "", (ERROR, "roadmap", 1, 1), id="script"),
    pytest.param("roadmap: https://a.example/%zz\n", "", (ERROR, "roadmap", 1, 1), id="escape"),
    pytest.param("roadmap: https://a b.example/\n", "", (ERROR, "roadmap", 1, 1), id="space in a host"),
    pytest.param("roadmap: https://a.example/b c\n", "", (ADVICE, "roadmap", 1, 1), id="space in a path"),
    pytest.param("roadmap: https://me@a.example/\n", "", (ADVICE, "roadmap", 1, 1), id="user"),
    pytest.param("isBasedOn: lamp\n", "", (ERROR, "isBasedOn[0]", 1, 1), id="one origin"),
    pytest.param("isBasedOn:\n- https://a.example/b\n- lamp\n", "", (ERROR, "isBasedOn[1]", 3, 3), id="origins"),
    pytest.param("releaseDate: 2023-02-29\n", "", (ERROR, "releaseDate", 1, 1), id="no such day"),
    pytest.param("releaseDate: 2023-02-01T00:00:00Z\n", "", (ERROR, "releaseDate", 1, 1), id="time"),
    pytest.param("releaseDate: ''\n", "", (ERROR, "releaseDate", 1, 1), id="blank day"),
    pytest.param("softwareVersion: 1.10\n", "", (ADVICE, "softwareVersion", 1, 1), id="a number"),
    pytest.param("logo: /a.svg\n", "", (ERROR, "logo", 1, 1), id="absolute path"),
    pytest.param("logo: file:///a.svg\n", "", (ERROR, "logo", 1, 1), id="file"),
    pytest.param("logo: a.jpg\n", "", (ERROR, "logo", 1, 1), id="format"),
    pytest.param("logo: ../a.png\n", "", (ADVICE, "logo", 1, 1), id="out of the repository"),
    pytest.param("logo: https://github.com/a/b/blob/main/c.png\n", "", (ADVICE, "logo", 1, 1), id="page of a file"),
    pytest.param("categories:\n- backups\n", "", (ERROR, "categories[0]", 2, 3), id="category"),
    pytest.param("categories: ['']\n", "", (ERROR, "categories[0]", 1, 14), id="blank category"),
    pytest.param("developmentStatus: Stable\n", "status", (ERROR, "developmentStatus", 1, 1), id="status"),
    pytest.param("softwareType: standalone\n", "type", (ERROR, "softwareType", 1, 1), id="type"),
    pytest.param("intendedAudience:\n  scope: [town]\n", "", (ERROR, "intendedAudience.scope[0]", 2, 11), id="scope"),
    pytest.param(
        "intendedAudience:\n  countries: [IT, it]\n", "", (WARNING, "intendedAudience.countries[1]", 2, 19), id="it"
    ),
    pytest.param("intendedAudience: {countries: [It]}\n", "", (ERROR, "intendedAudience.countries[0]", 1, 32), id="It"),
    pytest.param("intendedAudience: {countries: [UK]}\n", "", (ERROR, "intendedAudience.countries[0]", 1, 32), id="UK"),
    pytest.param("intendedAudience: {countries: [EU]}\n", "", (ERROR, "intendedAudience.countries[0]", 1, 32), id="EU"),
    pytest.param("organisation:\n  uri: c_h501\n", "", (ERROR, "organisation.uri", 2, 3), id="code for a URI"),
    pytest.param("organisation: {uri: 'urn: x'}\n", "", (ERROR, "organisation.uri", 1, 16), id="URN"),
    pytest.param("supports: [{id: 'alias:gdrp'}]\n", "", (ERROR, "supports[0].id", 1, 13), id="alias"),
    pytest.param("supports: [{id: 'ftp://a.example/b'}]\n", "", (ADVICE, "supports[0].id", 1, 13), id="no link"),
    pytest.param(
        "fundedBy: [{uri: 'ldap://a.example/b'}]\n", "", (ADVICE, "fundedBy[0].uri", 1, 13), id="no link, too"
    ),
    pytest.param("supports: [{id: gdpr}]\n", "", (ERROR, "supports[0].id", 1, 13), id="alias without its prefix"),
    pytest.param("legal:\n  license: EUPL\n", "legal", (ERROR, "legal.license", 2, 3), id="licence"),
    pytest.param("legal:\n  license: EUPL 1.2\n", "legal", (ERROR, "legal.license", 2, 3), id="licence with a space"),
    pytest.param("legal:\n  license: mit or 0bsd\n", "legal", (ERROR, "legal.license", 2, 3), id="small operator"),
    pytest.param("legal:\n  license: mit\n", "legal", (ADVICE, "legal.license", 2, 3), id="licence in small letters"),
    pytest.param("legal:\n  license: GPL-3.0\n", "legal", (ADVICE, "legal.license", 2, 3), id="old licence"),
    pytest.param("legal:\n  license: EUPL-1.2-or-later\n", "legal", (ADVICE, "legal.license", 2, 3), id="ending"),
    pytest.param("dependsOn: {hardware: []}\n", "", (ADVICE, "dependsOn.hardware", 1, 13), id="empty list"),
    pytest.param("applicationSuite: ''\n", "", (ADVICE, "applicationSuite", 1, 1), id="blank text"),
    pytest.param("inputTypes: [text]\n", "", (ERROR, "inputTypes[0]", 1, 14), id="media type"),
    pytest.param("IT:\n  countryExtensionVersion: '2'\n", "", (ERROR, "IT.countryExtensionVersion", 2, 3), id="Italy"),
]


@pytest.mark.parametrize(("first", "without", "expected"), VALUES)
def test_a_wrong_value_is_found_at_its_key_or_in_a_list_at_itself(first: str, without: str, expected: Found) -> None:
    report = validate(file(first, without))
    deprecated = [finding for finding in report.findings if "deprecated since" in finding.message]
    (finding,) = (finding for finding in report.findings if finding not in deprecated)
    assert (finding.severity, finding.path, finding.line, finding.column) == expected


@pytest.mark.parametrize(
    "first",
    [
        "organisation: {uri: 'urn:x-italian-pa:c_h501'}\n",
        "organisation: {uri: 'https://town.example/'}\n",
        "fundedBy: [{uri: 'urn:x-foo:bar'}]\n",
        "supports: [{id: alias:nis2}, {id: 'https://a.example/b'}, {id: 'urn:isbn:0451450523'}]\n",
        "isBasedOn: [https://a.example/b, https://a.example/c]\n",
        "releaseDate: 2024-02-29\n",
        "softwareVersion: 2024\n",
        "logo: img/logo.svgz\n",
        "intendedAudience: {countries: [IT, XK], unsupportedCountries: [US], scope: [security]}\n",
        "usedBy: [Town]\n",
        "dependsOn: {open: [{name: A, optional: True}]}\n",
    ],
)
def test_what_is_right_has_no_findings(first: str) -> None:
    assert validate(file(first)) == Report()


@pytest.mark.parametrize("tag", ["it", "pt-BR", "zh-Hans", "sl-IT-nedis", "de-1996", "es-419", "gsw", "sr-Latn-RS"])
def test_language_tags_are_taken(tag: str) -> None:
    content = f"localisation:\n  localisationReady: false\n  availableLanguages: [{tag}]\n"
    assert validate(file(content, "localisation")) == Report()


@pytest.mark.parametrize(
    ("tag", "fix", "severity"),
    [
        ("it_IT", "Write it-IT.", ERROR),
        ("ita", "Write it.", ERROR),
        ("ger", "Write de.", ERROR),
        ("Italian", "Write it.", ERROR),
        ("xx", "Write a tag such as it, en or pt-BR.", ERROR),
        ("en-ZX", "Write a tag such as it, en or pt-BR.", ERROR),
        ("cz", "Write cs.", ERROR),
        ("ee", "Did you mean “et”?", ADVICE),
        ("sr-lat", "Did you mean “sr-Latn”?", ADVICE),
    ],
)
def test_what_is_no_language_tag_is_found(tag: str, fix: str, severity: Severity) -> None:
    finding = only(file(f"localisation:\n  localisationReady: false\n  availableLanguages: [{tag}]\n", "localisation"))
    assert (finding.path, finding.line, finding.column) == ("localisation.availableLanguages[0]", 3, 24)
    assert (finding.fix, finding.severity) == (fix, severity)


CONTACTS = "  contacts:\n  - name: A\n"
CONTRACTORS = "  contractors:\n  - name: A\n    until: 2030-01-01\n"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param("  type: internal\n" + CONTACTS, [], id="internal"),
        pytest.param("  type: community\n" + CONTACTS, [], id="community"),
        pytest.param("  type: none\n" + CONTACTS, [], id="none"),
        pytest.param("  type: contract\n" + CONTRACTORS, [], id="contract"),
        pytest.param("  type: internal\n", [(ERROR, "contacts", 2, 3)], id="internal without contacts"),
        pytest.param("  type: community\n  contacts:\n", [(ERROR, "contacts", 3, 3)], id="contacts without a value"),
        pytest.param("  type: community\n  contacts: []\n", [(ADVICE, "contacts", 3, 3)], id="no contacts"),
        pytest.param("  type: contract\n", [(ERROR, "contractors", 2, 3)], id="contract without contractors"),
        pytest.param("  type: none\n" + CONTRACTORS, [(ERROR, "contractors", 3, 3)], id="contractors without contract"),
        pytest.param(
            "  contractors: [{}]\n",
            [(ERROR, "contractors", 2, 3), (ERROR, "type", 2, 3)],
            id="contractors without a type are not looked at",
        ),
        pytest.param("  type: own\n", [(ERROR, "type", 2, 3)], id="unknown type"),
        pytest.param(
            "  type: contract\n  contractors:\n  - email: a\n    website: b\n",
            [
                (ERROR, "contractors[0].email", 4, 5),
                (ERROR, "contractors[0].name", 4, 5),
                (ERROR, "contractors[0].until", 4, 5),
                (ERROR, "contractors[0].website", 5, 5),
            ],
            id="contractor",
        ),
        pytest.param(
            "  type: internal\n  contacts:\n  - name: A\n    email: a@b\n    phone: '123456'\n",
            [(ERROR, "contacts[0].email", 5, 5), (ADVICE, "contacts[0].phone", 6, 5)],
            id="contact",
        ),
    ],
)
def test_maintenance_has_conditions(lines: str, expected: list[Found]) -> None:
    places = [(severity, f"maintenance.{path}", line, column) for severity, path, line, column in expected]
    assert sorted(found(validate(file("maintenance:\n" + lines, "maintenance"))), key=str) == sorted(places, key=str)


@pytest.mark.parametrize(
    ("first", "without", "expected"),
    [
        ("monochromeLogo: a.svg\n", "", [(WARNING, "monochromeLogo", 1, 1)]),
        ("inputTypes: [text/plain]\n", "", [(WARNING, "inputTypes", 1, 1)]),
        ("outputTypes: []\n", "", [(WARNING, "outputTypes", 1, 1)]),
        ("legal:\n  license: MIT\n  repoOwner: A\n", "legal", [(WARNING, "legal.repoOwner", 3, 3)]),
        ("legal:\n  license: MIT\n  authorsFile: A\n", "legal", [(WARNING, "legal.authorsFile", 3, 3)]),
        ("legal:\n  license: MIT\n  repoOwner:\n", "legal", [(ADVICE, "legal.repoOwner", 3, 3)]),
        ("legal:\n  license: MIT\n  authorsFile: ''\n", "legal", [(WARNING, "legal.authorsFile", 3, 3)]),
        ("legal:\n  license: MIT\n  repoOwner: ''\n", "legal", [(WARNING, "legal.repoOwner", 3, 3)]),
        ("monochromeLogo: ''\n", "", [(ADVICE, "monochromeLogo", 1, 1)]),
        ("IT:\n  riuso: {codiceIPA: a b}\n", "", [(ADVICE, "IT", 1, 1), (ERROR, "IT.riuso.codiceIPA", 2, 11)]),
        ("IT: {}\n", "", [(ADVICE, "IT", 1, 1)]),
        ("it: {}\n", "", [(WARNING, "it", 1, 1)]),
        ("it: {}\nIT: {}\n", "", [(ERROR, "it", 1, 1), (WARNING, "it", 1, 1), (ADVICE, "IT", 2, 1)]),
        ("IT:\n  conforme: {gdpr: true}\n", "", [(ADVICE, "IT", 1, 1), (WARNING, "IT.conforme", 2, 3)]),
        ("IT:\n  riuso: {codiceIPA: c}\n", "", [(ADVICE, "IT", 1, 1), (WARNING, "IT.riuso.codiceIPA", 2, 11)]),
    ],
)
def test_deprecated_keys_are_warned_of(first: str, without: str, expected: list[Found]) -> None:
    assert found(validate(file(first, without))) == expected


def test_a_deprecated_key_says_what_to_write_instead() -> None:
    (_, finding) = validate(file("IT:\n  riuso: {codiceIPA: c_h501}\n")).findings
    assert finding.fix == "Use organisation.uri, and write urn:x-italian-pa:c_h501 there."


def test_a_key_newer_than_the_version_is_mentioned() -> None:
    (newer, _) = validate(file('supports: [{id: alias:io}]\npubliccodeYmlVersion: "0.5"\n', "version")).findings
    assert (newer.severity, newer.path, newer.message) == (ADVICE, "supports", "This key came with 0.7.")


@pytest.mark.parametrize(
    ("content", "message", "line", "column"),
    [
        (b"", "The file is empty.", 1, 1),
        (b"# name\n", "The file is empty but for comments.", 1, 1),
        (b"name: \xff", "The file is not UTF-8.", 1, 7),
        (b"- a", "The file holds no keys with values.", 1, 1),
        (b"a: 1\n---\nb: 1\n", "The file holds more than one YAML document.", 2, 1),
    ],
)
def test_what_cannot_be_read_is_one_violation(content: bytes, message: str, line: int, column: int) -> None:
    finding = only(content)
    assert (finding.severity, finding.message, finding.line, finding.column) == (ERROR, message, line, column)


def test_findings_are_in_the_order_of_lines_and_not_endless() -> None:
    report = validate(file("categories:\n" + "- x\n" * 300))
    lines = [finding.line for finding in report.findings[:-1]]
    assert lines == sorted(lines)
    assert len(lines) == MAX_FINDINGS
    assert report.findings[-1].message == "There is more to find; these are the first 200."


KEYS = sorted({name for path in RULES for name in path.replace("[]", "").split(".")} | {"en", "en-US", "xx", "<<"})
TEXTS = st.sampled_from(
    ["", "~", "yes", "https://[::1", "https://a:b", "https://x/%zz", "urn:", "alias:", "git@a:b", "//", "contract"]
) | st.text(max_size=12)
TREES = st.recursive(
    TEXTS | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | TEXTS, inner, max_size=6),
    max_leaves=20,
)


def flow(tree: object) -> str:
    """A tree as YAML in one line; texts in quotes with every special character escaped, but plain where they can be."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(value)}" for key, value in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(flow, tree)) + "]"
    text = str(tree).lower() if isinstance(tree, bool) else str(tree)
    if text.isascii() and text.isalnum():
        return text
    return '"' + "".join(f"\\U{ord(character):08x}" for character in text) + '"'


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from(KEYS), TREES, max_size=10))
def test_whatever_a_file_says_it_gets_a_report(tree: dict[str, object]) -> None:
    content = flow(tree).encode()
    report = validate(content)
    assert report == validate(content)
    assert all(finding.message.endswith(".") for finding in report.findings)


@given(st.binary(max_size=200))
def test_any_bytes_get_a_report(content: bytes) -> None:
    assert isinstance(validate(content), Report)


def real_files() -> Iterator[Path]:
    yield from sorted((SHARED / "publiccode").glob("*.yml"))


@pytest.mark.skipif(not (SHARED / "publiccode").is_dir(), reason="the collection of real files is not here")
def test_findings_on_real_files_stand_in_the_file_at_what_they_name() -> None:
    for path in real_files():
        content = path.read_bytes()
        lines = content.decode().removeprefix("\ufeff").splitlines()
        for finding in validate(content).findings:
            where = f"{path.name}:{finding.line}:{finding.column} {finding.path} {finding.message}"
            assert finding.line, where
            assert finding.line <= len(lines) + 1, where
            if finding.path and "missing" not in finding.message and finding.column != 1:
                name = finding.path.rpartition(".")[2].partition("[")[0]
                rest = lines[finding.line - 1][(finding.column or 1) - 1 :]
                assert finding.path.endswith("]") or rest.strip("'\"").startswith(name), where


@pytest.mark.skipif(not (SHARED / "publiccode").is_dir(), reason="the collection of real files is not here")
def test_most_of_the_real_files_conform() -> None:
    reports = [validate(path.read_bytes()) for path in real_files()]
    assert (len(reports), sum(report.conforms for report in reports)) == (109, 65)
