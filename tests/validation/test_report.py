"""Reports: words, order, and the forms in which they leave."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from catalogue.model import Finding, Severity
from catalogue.rdf import SYNTAXES, Triple, read
from catalogue.validation.engine import evaluate
from catalogue.validation.report import (
    LANGUAGES,
    MAX_FINDINGS,
    Asked,
    Item,
    Outcome,
    as_json,
    as_text,
    as_turtle,
    grouped,
    outcome,
)
from catalogue.validation.shacl import graph
from catalogue.validation.shapes import PROFILES, compiled, packaged
from catalogue.vocabulary import PREFIXES, RDF, SH

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
DATA = """<https://example.org/a> a dcat:Dataset, adms:Asset ; dct:title "Decide"@en, "Decidere"@it ;
  dct:language "it" ; dct:publisher "https://example.org/city" ;
  dct:spatial <http://publications.europa.eu/resource/authority/country/ITA> ."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logger = logging.getLogger("rdflib.term")
    logger.disabled = True
    yield
    logger.disabled = False


def triples(turtle: str) -> list[Triple]:
    return [quad.triple for quad in read(HEAD + turtle, SYNTAXES["ttl"])]


def told(turtle: str = DATA, profile: str = "adms-ap", language: str = "en") -> Outcome:
    return outcome(triples(turtle), Asked(profile, NOW, language))


def test_findings_name_property_thing_value_and_rule() -> None:
    (item,) = [item for item in told().items if item.finding.value == "it"]
    finding = item.finding
    assert (item.label, item.title) == ("Language", "Decide")
    assert finding.focus == "https://example.org/a"
    assert finding.path == "http://purl.org/dc/terms/language"
    assert finding.code is not None
    assert finding.code.startswith("https://w3id.org/open-source-catalogue/shapes/adms-ap#")
    assert (
        finding.fix == "Did you mean “Italian”? Write <http://publications.europa.eu/resource/authority/language/ITA>."
    )


@pytest.mark.parametrize(
    ("language", "label", "title"),
    [
        ("en", "Language", "Decide"),
        ("it", "Lingua", "Decidere"),
        ("de", "Sprache", "Decide"),
        ("xx", "Language", "Decide"),
    ],
)
def test_labels_and_titles_are_in_the_language_or_else_english(language: str, label: str, title: str) -> None:
    (item,) = [item for item in told(language=language).items if item.finding.value == "it"]
    assert (item.label, item.title) == (label, title)


def test_an_address_in_a_text_is_to_be_written_as_a_link() -> None:
    fixes = {item.finding.fix for item in told().items if item.finding.value == "https://example.org/city"}
    assert "Write it as a link, not as a text: <https://example.org/city>." in fixes


def test_concepts_of_lists_are_not_reported_unless_described() -> None:
    assert not [item for item in told().items if item.finding.focus and "authority" in item.finding.focus]


def test_the_worst_comes_first() -> None:
    ranks = [list(Severity).index(item.finding.severity) for item in told().items]
    assert ranks == sorted(ranks)
    severities = [severity for severity, _ in grouped(told().items)]
    assert severities == sorted(set(severities), key=list(Severity).index)


def test_groups_hold_every_item_once() -> None:
    found = told()
    assert sum(len(items) for _, by_label in grouped(found.items) for items in by_label.values()) == len(found.items)


def test_json_has_what_the_command_line_promises() -> None:
    made = json.loads(json.dumps(as_json(told())))
    assert set(made) == {"conforms", "profile", "results"}
    assert (made["conforms"], made["profile"]) == (False, "adms-ap")
    keys = {"severity", "focus", "path", "value", "message", "fix", "line", "column"}
    assert all(set(result) == keys for result in made["results"])
    assert {result["severity"] for result in made["results"]} <= {"violation", "warning", "info"}


def test_only_a_violation_makes_a_report_fail() -> None:
    warning = Outcome("x", (Item(Finding(Severity.WARNING, "Careful.")),))
    assert as_json(warning)["conforms"] is True
    assert as_json(Outcome("x", (Item(Finding(Severity.VIOLATION, "No.")),)))["conforms"] is False


REPORT_SHAPES = """
[] a sh:NodeShape ; sh:targetClass sh:ValidationReport ; sh:property
  [ sh:path sh:conforms ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:boolean ],
  [ sh:path sh:result ; sh:class sh:ValidationResult ; sh:nodeKind sh:BlankNodeOrIRI ] .
[] a sh:NodeShape ; sh:targetClass sh:ValidationResult ; sh:property
  [ sh:path sh:focusNode ; sh:minCount 1 ; sh:maxCount 1 ],
  [ sh:path sh:resultSeverity ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ],
  [ sh:path sh:sourceConstraintComponent ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ],
  [ sh:path sh:resultPath ; sh:maxCount 1 ; sh:nodeKind sh:BlankNodeOrIRI ],
  [ sh:path sh:value ; sh:maxCount 1 ],
  [ sh:path sh:resultMessage ; sh:or ( [ sh:datatype xsd:string ] [ sh:datatype rdf:langString ] ) ] .
"""


def test_turtle_is_a_validation_report() -> None:
    made = [quad.triple for quad in read(as_turtle(told()), SYNTAXES["ttl"])]
    assert evaluate(made, compiled(triples(REPORT_SHAPES))) == []
    assert sum(triple.predicate == RDF.type and triple.object == SH.ValidationResult for triple in made) > 5


def test_turtle_is_the_same_each_time_and_rdflib_reads_it() -> None:
    assert as_turtle(told()) == as_turtle(told())
    assert len(graph(quad.triple for quad in read(as_turtle(told()), SYNTAXES["ttl"]))) > 20


def test_turtle_spells_out_paths() -> None:
    data = DATA + " <https://example.org/d> a dcat:Distribution ."
    made = as_turtle(told(data, "catalogue")).decode()
    assert "sh:inversePath dcat:distribution" in made


def test_text_is_for_people() -> None:
    made = as_text(told(language="it"), "dati.ttl", "it")
    assert made.startswith("dati.ttl: non conforme a adms-ap\n\nErrori (")
    assert "  Lingua\n    Decidere: " in made
    assert "      trovato: it\n" in made


def test_long_values_are_cut_in_texts_only() -> None:
    found = told(f'<https://example.org/a> a dcat:Dataset ; dct:language "{"x" * 999}" .')
    assert "x" * 201 not in as_text(found, "x")
    assert "x" * 999 in json.dumps(as_json(found))


def test_what_is_endless_is_cut_wherever_it_is_told() -> None:
    endless = "x" * 100_000
    found = told(f'<https://example.org/a> a dcat:Dataset ; dct:title "{endless}" ; dct:language "{endless}" .')
    assert {item.title for item in found.items} == {"x" * 200 + "…"}
    assert {item.finding.value for item in found.items if item.label == "Language"} == {"x" * 2_000 + "…"}
    assert len(as_text(found, "x")) < 20_000


def test_a_hostile_number_of_findings_is_cut_and_counted() -> None:
    many = " ".join(f"<https://example.org/{number}> a dcat:Dataset ." for number in range(MAX_FINDINGS))
    found = told(many)
    assert len(found.items) == MAX_FINDINGS + 1
    assert found.items[-1].finding.message.endswith(" more findings are not listed.")


@pytest.mark.parametrize("profile", PROFILES)
def test_every_property_shape_has_a_name_and_a_message_in_every_language(profile: str) -> None:
    shapes = packaged(profile)
    for targeted in shapes.targeted:
        for shape in targeted.shape.properties:
            text = shapes.texts[shape.node]
            assert set(text.names) >= set(LANGUAGES), shape.node
            assert set(text.messages) >= set(LANGUAGES), shape.node
