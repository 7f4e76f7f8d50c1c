"""The rules beside the shapes: dates, and Joinup's rules over whole documents."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import pytest

from catalogue.model import Severity
from catalogue.rdf import SYNTAXES, read
from catalogue.validation import rules
from catalogue.validation.facts import Facts
from catalogue.validation.report import LANGUAGES
from catalogue.validation.rules import RULES, Breach
from catalogue.vocabulary import PREFIXES

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
HEAD = "@prefix : <https://example.org/> .\n" + "".join(
    f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items()
)


def found(rule: Callable[[Facts, datetime], Iterable[Breach]], turtle: str) -> list[str]:
    """`focus value` of each breach."""
    facts = Facts(quad.triple for quad in read(HEAD + turtle, SYNTAXES["ttl"]))
    return sorted(f"{_short(breach.focus.value)} {_short(breach.value.value)}" for breach in rule(facts, NOW))


def _short(value: str) -> str:
    return value.replace("https://example.org/", ":")


DATES = {
    "yesterday": ('"2026-11-20"^^xsd:date', False),
    "today": ('"2026-11-21"^^xsd:date', False),
    "tomorrow, as it is already elsewhere": ('"2026-11-22"^^xsd:date', False),
    "the day after": ('"2026-11-23"^^xsd:date', True),
    "a time of next year": ('"2027-01-01T00:00:00Z"^^xsd:dateTime', True),
    "this year": ('"2026"^^xsd:gYear', False),
    "next year": ('"2027"^^xsd:gYear', True),
    "next month": ('"2026-12"^^xsd:gYearMonth', True),
    "a year of five digits": ('"12026-01-01"^^xsd:date', True),
    "before our era": ('"-9999-01-01"^^xsd:date', False),
    "a date that is none": ('"2099-99-99"^^xsd:date', False),
    "a text": ('"2099-01-01"', False),
}


@pytest.mark.parametrize(("literal", "is_future"), DATES.values(), ids=DATES.keys())
def test_dates_in_the_future_are_found(literal: str, is_future: bool) -> None:
    assert bool(found(rules.future_dates, f":a dct:modified {literal} .")) == is_future


def test_references_lead_to_what_is_described_or_listed() -> None:
    data = """
:a dct:publisher :b, :c ; dct:license <http://spdx.org/licenses/MIT>, <http://spdx.org/licenses/NONE> ;
  dcat:contactPoint "desk" ; foaf:page :d .
:b a foaf:Agent ."""
    assert found(rules.dangling_references, data) == [":a :c", ":a http://spdx.org/licenses/NONE"]


def test_two_solutions_of_a_collection_have_two_titles() -> None:
    data = """
:one a dcat:Catalog ; dcat:dataset :a, :b . :two a dcat:Catalog ; dcat:dataset :c .
:a a dcat:Dataset ; dct:title "Open  Forms"@en . :b a dcat:Dataset ; dct:title "open forms"@en .
:c a dcat:Dataset ; dct:title "Open Forms"@en ."""
    assert found(rules.repeated_titles, data) == [":b open forms"]


def test_a_release_may_have_the_title_of_its_solution_and_languages_may_share_one() -> None:
    data = """
:a a dcat:Dataset ; dct:title "Decide"@en, "Decide"@it .
:r a dcat:Dataset ; dct:isVersionOf :a ; dct:title "Decide"@en .
"""
    assert found(rules.repeated_titles, data) == []


def test_solutions_of_no_collection_are_compared_with_each_other() -> None:
    data = ':a a dcat:Dataset ; dct:title "X"@en . :b a dcat:Dataset ; dct:title "X"@en .'
    assert found(rules.repeated_titles, data) == [":b X"]


def test_a_distribution_has_one_parent() -> None:
    assert found(rules.shared_distributions, ":a dcat:distribution :d, :e . :b dcat:distribution :d .") == [":d :b"]


def test_a_release_has_one_solution() -> None:
    data = """
:a dct:hasVersion :r, :s . :b dcat:hasVersion :r . :r a dcat:Dataset .
:s a dcat:Dataset ; dct:isVersionOf :a ."""
    assert found(rules.shared_releases, data) == [":r :b"]


def test_every_rule_speaks_four_languages() -> None:
    for rule in RULES:
        assert set(rule.names) == set(rule.messages) == set(LANGUAGES), rule.code
        assert all(rule.messages.values())
        assert rule.severity is not Severity.INFO
