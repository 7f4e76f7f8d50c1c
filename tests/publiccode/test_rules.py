"""The table of publiccode.yml's keys agrees with the text of the standard, and with itself."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.code_lists import notations
from catalogue.publiccode import values
from catalogue.publiccode.rules import FILE, RULES, Schema, Type
from catalogue.publiccode.standard import ALIASES, LATEST, VERSIONS

STANDARD = Path(__file__).parents[3] / "shared" / "specs" / "publiccode-yml" / "standard"
needs_the_standard = pytest.mark.skipif(not STANDARD.is_dir(), reason="the text of the standard is not here")


def keys_of(path: str) -> set[str]:
    """The keys that a chapter of the standard has headings for, spelled as in the table."""
    text = (STANDARD / path).read_text(encoding="utf-8")
    headings = re.findall(r"^(?:Key|Section) ``([^`]+)``", text, re.MULTILINE)
    return {heading.replace("[lang]", "*").replace("/", ".") for heading in headings}


@needs_the_standard
def test_every_key_of_the_text_has_a_rule() -> None:
    assert keys_of("schema.core.rst") - RULES.keys() == set()


@needs_the_standard
@pytest.mark.parametrize("section", ["IT", "it"])
def test_every_key_of_the_italian_section_has_a_rule(section: str) -> None:
    # The text has a typing error, piattafome.
    named = {name.replace("piattafome", "piattaforme") for name in keys_of("schema.it.rst")}
    assert {f"{section}.{name}" for name in named} - RULES.keys() == set()


@needs_the_standard
def test_every_rule_of_a_section_is_in_the_text() -> None:
    inner = {name for name in RULES if "[]" not in name and name not in ("description.*", "IT", "it")}
    named = keys_of("schema.core.rst") | {
        f"{section}.{name}" for section in ("IT", "it") for name in keys_of("schema.it.rst")
    }
    assert {name for name in inner if name not in named} == {"IT.piattaforme.pagopa", "it.piattaforme.pagopa"}


@needs_the_standard
def test_the_keys_that_the_text_deprecates_are_deprecated() -> None:
    text = (STANDARD / "schema.core.rst").read_text(encoding="utf-8")
    named = {name.replace("[lang]", "*").replace("/", ".") for name in re.findall(r"^Key ``(.+)`` \(\*dep", text, re.M)}
    assert {name for name, rule in RULES.items() if rule.deprecated and name[:2].lower() != "it"} == named


@needs_the_standard
def test_the_aliases_are_those_of_the_list() -> None:
    text = (STANDARD / "aliases-list.rst").read_text(encoding="utf-8")
    assert dict(re.findall(r"^(\w+) +(https://\S+)$", text, re.MULTILINE)) == ALIASES


def test_every_rule_stands_in_the_tree() -> None:
    def paths(schema: Schema, path: str) -> set[str]:
        start = f"{path}." if path else ""
        found = {start + name for name in schema.keys}
        for name, inner in schema.keys.items():
            found |= paths(inner, start + name)
        if schema.inner:
            below = path + ("[]" if schema.rule.type is Type.LIST else ".*")
            found |= {below} | paths(schema.inner, below)
        return found

    assert paths(FILE, "") == RULES.keys()


def test_a_list_has_a_rule_for_its_entries_and_nothing_else_has() -> None:
    for name, rule in RULES.items():
        assert (f"{name}[]" in RULES) is (rule.type is Type.LIST), name


def test_the_latest_version_is_accepted_and_rules_name_accepted_versions() -> None:
    named = {rule.since for rule in RULES.values() if rule.since}
    named |= {rule.deprecated.since for rule in RULES.values() if rule.deprecated}
    assert named | {LATEST} <= set(VERSIONS)


@pytest.mark.parametrize(("name", "number"), [("category", 106), ("scope", 24), ("country", 251)])
def test_the_code_lists_are_whole(name: str, number: int) -> None:
    assert len(notations(name)) == number


CHECKS = [rule.check for rule in RULES.values() if rule.check]
# What addresses, tags, expressions and paths are made of.
# fmt: off
PARTS = st.sampled_from((
    "https://", "http://", "urn:", "alias:", "//", "/", "\\", "@", ":", ".", "..", "[", "]", "[::1]", "[:::]", "%",
    "%zz", "%41", "?", "#", "a.example", "xn--", "ß", "é", "123", ":99999", "-", "_", "+", "EUPL-1.2", " OR ", " WITH ",
    "(", ")", "it", "-IT", "-x-", "x-", "2020-01-31", " ", "\x00", "\u202e", "\ud7ff",
))
# fmt: on
WRITTEN = st.lists(PARTS, max_size=8).map("".join) | st.text(max_size=40)


@given(WRITTEN)
def test_no_check_raises_and_every_fault_is_a_sentence(value: str) -> None:
    faults = [fault for check in CHECKS if (fault := check(value))]
    assert all(fault.message.endswith(".") for fault in faults)


@given(WRITTEN)
def test_what_has_no_fault_has_a_value(value: str) -> None:
    assert values.web_fault(value) or values.address(value) == value
    assert values.email_fault(value) or values.email(value)
    assert values.phone_fault(value) or values.phone(value)
    assert values.date_fault(value) or values.day(value) == value
    assert values.country_fault(value) or values.country_code(value) == value
    assert values.language_fault(value) or values.language_tag(value)
    assert values.licence_fault(value) or values.expression(value)
    assert values.supported_fault(value) or values.supported(value)
    assert values.organisation_fault(value) or values.organisation(value)
