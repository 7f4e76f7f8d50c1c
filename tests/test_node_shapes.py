"""What shapes ask of a thing as a whole, this property or that one: no property shape can say it, so `shapes/examples`
has no examples of it. pySHACL judges."""

from functools import cache
from pathlib import Path

import pytest
from pyshacl import validate
from rdflib import RDF, RDFS, SH, Graph, URIRef
from rdflib.term import Node

SHAPES = Path(__file__).resolve().parents[1] / "shapes"
NAMESPACE = "https://w3id.org/open-source-catalogue/shapes/"
LANGUAGES = {"en", "fr", "de", "it"}
CASES = {
    ("dcat-ap", "Catalog-content"): (
        "a dcat:Catalog",
        ["dcat:dataset ex:app", "dcat:service ex:api"],
        ["", 'dct:title "Software of the city"@en'],
    ),
    ("catalogue", "Solution-license"): (
        "a doap:Project",
        [
            "schema:license <http://spdx.org/licenses/MIT>",
            "dcat:distribution [ dct:license <http://spdx.org/licenses/MIT> ]",
        ],
        ["", 'dcat:distribution [ dct:title "Source code"@en ]'],
    ),
    ("catalogue", "Administration-known"): (
        "a cv:PublicOrganisation",
        ["foaf:homepage <https://city.example/>", "adms:identifier ex:identifier", 'dct:identifier "c_l378"'],
        ['foaf:name "City of Trento"@en'],
    ),
}
PREFIXES = """
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix cv: <http://data.europa.eu/m8g/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix doap: <http://usefulinc.com/ns/doap#> .
@prefix ex: <https://city.example/id/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix schema: <http://schema.org/> .
"""


@cache
def shapes(profile: str) -> Graph:
    return Graph().parse(SHAPES / f"{profile}.ttl")


def reporting() -> set[tuple[str, str]]:
    """The node shapes with a target that report in their own name, since they have a message."""
    return {
        (path.stem, str(shape).rpartition("#")[2])
        for path in SHAPES.glob("*.ttl")
        for shape in shapes(path.stem).subjects(SH.targetClass)
        if shapes(path.stem).value(shape, SH.message)
    }


def findings(profile: str, name: str, description: str) -> int:
    data = Graph().parse(data=f"{PREFIXES}ex:thing {description} .", format="turtle")
    _, report, _ = validate(data, shacl_graph=shapes(profile), advanced=False)
    assert isinstance(report, Graph)
    return sum(1 for _ in report.subjects(SH.sourceShape, URIRef(f"{NAMESPACE}{profile}#{name}")))


def test_each_of_them_is_tried_here() -> None:
    assert reporting() == set(CASES)


@pytest.mark.parametrize(
    ("case", "properties"),
    [pytest.param(case, text, id=f"{case[1]} {text}") for case, (_, good, _) in CASES.items() for text in good],
)
def test_one_of_the_properties_is_enough(case: tuple[str, str], properties: str) -> None:
    assert findings(*case, f"{CASES[case][0]} ; {properties}") == 0


@pytest.mark.parametrize(
    ("case", "properties"),
    [pytest.param(case, text, id=f"{case[1]} {text}") for case, (_, _, bad) in CASES.items() for text in bad],
)
def test_none_of_the_properties_is_a_finding(case: tuple[str, str], properties: str) -> None:
    assert findings(*case, f"{CASES[case][0]} ; {properties}") == 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[1])
def test_it_says_what_is_wrong_in_four_languages_and_how_bad_that_is(case: tuple[str, str]) -> None:
    graph, shape = shapes(case[0]), URIRef(f"{NAMESPACE}{case[0]}#{case[1]}")
    texts: list[Node] = list(graph.objects(shape, SH.message))
    assert {getattr(text, "language", None) for text in texts} == LANGUAGES
    assert len(texts) == len(LANGUAGES)
    assert graph.value(shape, SH.severity) in {SH.Violation, SH.Warning, SH.Info}
    assert graph.value(shape, RDFS.seeAlso)
    assert (shape, RDF.type, SH.NodeShape) in graph
