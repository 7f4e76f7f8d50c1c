"""Where the engine and pySHACL differ, all of it, with the reason; each fails when pySHACL comes to agree."""

import logging
from collections.abc import Iterator

import pytest
from pyshacl.errors import ReportableRuntimeError

from catalogue.rdf import IRI, SYNTAXES, BlankNode, Literal, Triple, read
from catalogue.validation.engine import evaluate
from catalogue.validation.shacl import Oracle
from catalogue.validation.shapes import compiled
from catalogue.vocabulary import RDF, RDFS, XSD

EX = "https://example.org/"
THING, P, Q, T = (IRI(EX + name) for name in "apqT")


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logger = logging.getLogger("rdflib.term")
    logger.disabled = True
    yield
    logger.disabled = False


def shapes(constraint: str) -> set[Triple]:
    turtle = f"""
@prefix : <{EX}> . @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:S a sh:NodeShape ; sh:targetClass :T ; sh:property :P . :P sh:path :p ; {constraint} ."""
    return {quad.triple for quad in read(turtle, SYNTAXES["ttl"])}


def verdicts(constraint: str, *said: Triple) -> tuple[bool, bool]:
    """Whether the engine and pySHACL accept."""
    graph = shapes(constraint)
    data = [Triple(THING, RDF.type, T), *said]
    return not evaluate(data, compiled(graph)), not Oracle(graph).verdict(data)


# rdflib reads literals with Python's own functions, which are laxer than XML Schema, and know years 1 to 9999 only.
LITERALS = {
    "a day is no dateTime": ("2026-11-21", "dateTime", False),
    "a dateTime without seconds": ("2026-11-21T10:00Z", "dateTime", False),
    "a dateTime with a blank": ("2026-11-21 10:00:00", "dateTime", False),
    "a dateTime is no date": ("2026-11-21T10:00:00Z", "date", False),
    "a week is no date": ("2026-W47-6", "date", False),
    "blanks around a number": (" 1 ", "integer", False),
    "underscores in a number": ("1_000", "integer", False),
    "digits of other scripts": ("\u0661", "integer", False),
    "a decimal with an exponent": ("1E3", "decimal", False),
    "an infinity spelled out": ("infinity", "double", False),
    "a year of five digits": ("12026-01-01", "date", True),
    "a year before our era": ("-0044-03-15", "date", True),
    "the end of a day": ("2026-11-21T24:00:00", "dateTime", True),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("lexical", "name", "ours"), LITERALS.values(), ids=LITERALS.keys())
def test_a_literal_is_well_formed_as_xml_schema_has_it(lexical: str, name: str, ours: bool) -> None:
    literal = Literal(lexical, datatype=IRI(XSD.iri + name))
    assert verdicts(f"sh:datatype xsd:{name}", Triple(THING, P, literal)) == (ours, not ours)


def test_a_language_range_may_have_more_than_one_part() -> None:
    """pySHACL compares whole tags and first parts; langMatches compares parts from the first on."""
    value = Literal("Velo", language="de-CH-1996")
    assert verdicts('sh:languageIn ( "de-CH" )', Triple(THING, P, value)) == (True, False)


def test_the_end_of_a_pattern_is_the_end_of_the_value() -> None:
    """Python's `$` also matches before a last line end; XPath's does not."""
    assert verdicts('sh:pattern "^a$"', Triple(THING, P, Literal("a\n"))) == (False, True)


def test_the_flag_s_lets_a_dot_match_line_ends() -> None:
    """pySHACL knows the flags i and m."""
    assert verdicts('sh:pattern "a.b" ; sh:flags "s"', Triple(THING, P, Literal("a\nb"))) == (True, False)


def test_a_closed_shape_knows_no_exceptions() -> None:
    """pySHACL ignores `a rdfs:Resource`, which inference adds."""
    value = IRI(f"{EX}x")
    said = (Triple(THING, P, value), Triple(value, RDF.type, RDFS.Resource))
    assert verdicts("sh:node [ sh:closed true ]", *said) == (False, True)


def test_a_blank_node_comes_before_nothing() -> None:
    """The specification wants a result; pySHACL ends with an exception."""
    said = [Triple(THING, RDF.type, T), Triple(THING, P, BlankNode()), Triple(THING, Q, Literal("a"))]
    graph = shapes("sh:lessThanOrEquals :q")
    assert len(evaluate(said, compiled(graph))) == 1
    with pytest.raises(ReportableRuntimeError):
        Oracle(graph).verdict(said)
