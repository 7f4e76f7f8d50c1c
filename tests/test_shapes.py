"""Every property shape of `shapes/`: named, explained in four languages, and shown by one description that it accepts
and one that it does not. pySHACL is the judge."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse
from pyshacl import validate
from rdflib import RDF, RDFS, SH, BNode, Graph, URIRef
from rdflib import Literal as RdflibLiteral
from rdflib.namespace import DCTERMS, SKOS
from rdflib.term import Node

from catalogue.validation import guide

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "shapes" / "examples"
PROFILES = sorted(path.stem for path in (ROOT / "shapes").glob("*.ttl"))
NAMESPACE = "https://w3id.org/open-source-catalogue/shapes/"
LANGUAGES = {"en", "fr", "de", "it"}
SEVERITIES = {SH.Violation, SH.Warning, SH.Info}
TARGETS = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.targetNode)
# The parts of SHACL Core that the catalogue's own engine compiles, and what a shape says of itself.
KNOWN = (
    "targetClass targetSubjectsOf targetObjectsOf targetNode property path inversePath minCount maxCount datatype"
    " nodeKind class in hasValue pattern flags minLength maxLength minInclusive maxInclusive uniqueLang languageIn"
    " node or and not xone closed ignoredProperties equals disjoint lessThanOrEquals severity deactivated"
    " name message description order group"
)
# What comes with a description of each concept that it names: enough to know its list, its name and a licence's type.
FACTS = {RDF.type, SKOS.inScheme, SKOS.prefLabel, DCTERMS.type}
TripleOfNodes = tuple[Node, Node, Node]


def node(term: NamedNode | BlankNode | Literal | Triple) -> Node:
    """A term for rdflib as it was written: rdflib's own parser rewrites hexBinary in capitals, among others."""
    if isinstance(term, NamedNode):
        return URIRef(term.value)
    if isinstance(term, BlankNode):
        return BNode(term.value)
    assert isinstance(term, Literal)
    kind = None if term.language else URIRef(term.datatype.value)
    return RdflibLiteral(term.value, lang=term.language, datatype=kind, normalize=False)


def triples(path: Path) -> Iterator[tuple[str, TripleOfNodes]]:
    """The statements of a Turtle or TriG file, each with the name of its graph."""
    syntax = RdfFormat.TRIG if path.suffix == ".trig" else RdfFormat.TURTLE
    for quad in parse(path.read_bytes(), format=syntax, base_iri="https://examples.example/"):
        name = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
        yield name, (node(quad.subject), node(quad.predicate), node(quad.object))


@cache
def shapes(profile: str) -> Graph:
    graph = Graph()
    for _, triple in triples(ROOT / "shapes" / f"{profile}.ttl"):
        graph.add(triple)
    return graph


@cache
def examples(profile: str) -> dict[str, list[TripleOfNodes]]:
    """The descriptions of an examples file by what their names end in: `pass/Dataset-title`."""
    found: dict[str, list[TripleOfNodes]] = {}
    path = EXAMPLES / f"{profile}.trig"
    for name, triple in triples(path) if path.exists() else ():
        found.setdefault("/".join(name.split("/")[-2:]), []).append(triple)
    return found


@cache
def vocabulary() -> dict[Node, list[TripleOfNodes]]:
    """Statements of the code lists about their concepts, by concept."""
    facts: dict[Node, list[TripleOfNodes]] = {}
    for path in sorted((ROOT / "vocab").glob("*.ttl")):
        statements = [triple for _, triple in triples(path)]
        concepts = {s for s, p, o in statements if (p, o) == (RDF.type, SKOS.Concept)}
        for triple in statements:
            if triple[0] in concepts and triple[1] in FACTS:
                facts.setdefault(triple[0], []).append(triple)
    return facts


def described(statements: list[TripleOfNodes]) -> Graph:
    """A description with the facts of the concepts that it names, and that those name."""
    graph, waiting = Graph(), list(statements)
    while waiting:
        triple = waiting.pop()
        if triple not in graph:
            graph.add(triple)
            waiting += vocabulary().get(triple[2], [])
    return graph


@cache
def pages(profile: str) -> dict[str, tuple[guide.Property, guide.Demand]]:
    """What the page of a profile says of each shape."""
    rows = [row for one in guide.profile(profile).classes for row in one.properties]
    return {demand.anchor: (row, demand) for row in rows for demand in row.demands}


def written(profile: str, turtle: str) -> list[TripleOfNodes]:
    """The statements of an example as the page shows it."""
    text = f"{guide.profile(profile).prefixes}\n{turtle}"
    quads = parse(text, format=RdfFormat.TURTLE)
    return [(node(quad.subject), node(quad.predicate), node(quad.object)) for quad in quads]


def targeted(profile: str) -> set[Node]:
    return {shape for target in TARGETS for shape in shapes(profile).subjects(target)}


def property_shapes() -> list[tuple[str, URIRef]]:
    """All that a report can name: the property shapes with an IRI, and those of node shapes with a target."""
    found = []
    for profile in PROFILES:
        graph = shapes(profile)
        named = {shape for shape in graph.subjects(SH.path) if isinstance(shape, URIRef)}
        used = {shape for owner in targeted(profile) for shape in graph.objects(owner, SH.property)}
        found += [(profile, shape) for shape in sorted(named | used, key=str) if isinstance(shape, URIRef)]
    return found


def alone(profile: str, shape: URIRef) -> Graph:
    """One property shape with the targets of its node shapes and all that it refers to: small, so quick to check."""
    graph, small = shapes(profile), Graph()
    for owner in graph.subjects(SH.property, shape):
        small.add((owner, RDF.type, SH.NodeShape))
        small.add((owner, SH.property, shape))
        for target in TARGETS:
            for value in graph.objects(owner, target):
                small.add((owner, target, value))
    waiting: list[Node] = [shape]
    seen: set[Node] = set()
    while waiting:
        subject = waiting.pop()
        seen.add(subject)
        for triple in graph.triples((subject, None, None)):
            small.add(triple)
            waiting += [triple[2]] if triple[2] not in seen else []
    return small


def results(statements: list[TripleOfNodes], profile: str, shape: URIRef) -> int:
    """How many results of this very shape pySHACL reports."""
    _, report, _ = validate(described(statements), shacl_graph=alone(profile, shape), advanced=False)
    assert isinstance(report, Graph)
    return sum(1 for _ in report.subjects(SH.sourceShape, shape))


def local(shape: URIRef) -> str:
    return shape.rpartition("#")[2]


every_shape = pytest.mark.parametrize(
    ("profile", "shape"), [pytest.param(p, s, id=f"{p}-{local(s)}") for p, s in property_shapes()]
)
every_profile = pytest.mark.parametrize("profile", PROFILES)


@every_shape
def test_its_good_example_has_no_result(profile: str, shape: URIRef) -> None:
    good = examples(profile).get(f"pass/{local(shape)}")
    assert good, f"shapes/examples/{profile}.trig lacks <pass/{local(shape)}>"
    assert results(good, profile, shape) == 0


@every_shape
def test_its_good_example_is_looked_at(profile: str, shape: URIRef) -> None:
    graph, good = shapes(profile), examples(profile).get(f"pass/{local(shape)}", [])
    owners = list(graph.subjects(SH.property, shape))
    subjects, predicates, objects = ({triple[place] for triple in good} for place in range(3))
    where = {SH.targetClass: objects, SH.targetSubjectsOf: predicates, SH.targetObjectsOf: predicates}
    where[SH.targetNode] = subjects | objects
    aims = {(target, value) for owner in owners for target in TARGETS for value in graph.objects(owner, target)}
    assert any(value in where[target] for target, value in aims), "the description has none of the shape's targets"


@every_shape
def test_its_bad_example_has_a_result(profile: str, shape: URIRef) -> None:
    bad = examples(profile).get(f"fail/{local(shape)}")
    assert bad, f"shapes/examples/{profile}.trig lacks <fail/{local(shape)}>"
    assert results(bad, profile, shape) > 0


@every_shape
def test_what_the_page_shows_of_its_examples_is_judged_as_they_are(profile: str, shape: URIRef) -> None:
    row, demand = pages(profile)[local(shape)]
    assert row.accepted
    assert results(written(profile, row.accepted), profile, shape) == 0
    if demand.refused:
        assert results(written(profile, demand.refused), profile, shape) > 0


@every_shape
def test_it_says_what_is_wrong_in_four_languages_and_where_that_is_written(profile: str, shape: URIRef) -> None:
    graph = shapes(profile)
    assert (shape, RDF.type, SH.PropertyShape) in graph
    for said in (SH.name, SH.message):
        texts = [value for value in graph.objects(shape, said) if isinstance(value, RdflibLiteral)]
        assert sorted(text.language or "" for text in texts) == sorted(LANGUAGES), said
        assert all(text.strip() == str(text) and "{" not in text for text in texts), said
    assert set(graph.objects(shape, SH.severity)) <= SEVERITIES
    assert len(list(graph.objects(shape, SH.severity))) == 1
    sources = list(graph.objects(shape, RDFS.seeAlso))
    assert sources
    assert all(isinstance(source, URIRef) and source.startswith("http") for source in sources)


@every_shape
def test_it_is_named_after_its_profile_and_its_node_shape(profile: str, shape: URIRef) -> None:
    owners = set(shapes(profile).subjects(SH.property, shape)) & targeted(profile)
    assert owners, "no node shape with a target has it"
    assert any(shape.startswith(f"{owner}-") for owner in owners)
    assert re.fullmatch(re.escape(f"{NAMESPACE}{profile}#") + r"\w+-\w+(-[\w-]+)?", shape)


@every_profile
def test_node_shapes_with_targets_are_explained_and_report_through_named_property_shapes(profile: str) -> None:
    graph = shapes(profile)
    for owner in targeted(profile):
        assert {getattr(label, "language", None) for label in graph.objects(owner, RDFS.label)} == LANGUAGES, owner
        assert graph.value(owner, RDFS.comment), owner
        assert graph.value(owner, RDFS.seeAlso), owner
        assert all(isinstance(shape, URIRef) for shape in graph.objects(owner, SH.property)), owner


@every_profile
def test_only_those_parts_of_shacl_are_used_that_our_engine_knows(profile: str) -> None:
    used = {predicate for predicate in shapes(profile).predicates() if str(predicate).startswith(str(SH))}
    assert used <= {SH[name] for name in KNOWN.split()}


@every_profile
def test_whatever_a_shape_refers_to_is_defined_in_the_same_file(profile: str) -> None:
    graph = shapes(profile)
    ours = {term for triple in graph for term in triple if str(term).startswith(f"{NAMESPACE}{profile}#")}
    assert {term for term in ours if term not in set(graph.subjects())} == set()


@every_profile
def test_there_are_no_examples_of_shapes_that_are_no_more(profile: str) -> None:
    known = {f"{kind}/{local(shape)}" for of, shape in property_shapes() if of == profile for kind in ("pass", "fail")}
    assert set(examples(profile)) == known


@every_profile
def test_the_shapes_are_well_formed(profile: str) -> None:
    conforms, _, text = validate(Graph(), shacl_graph=shapes(profile), meta_shacl=True, advanced=False)
    assert conforms, text


EU = "http://publications.europa.eu/resource/authority/"
DCAT = "http://www.w3.org/ns/dcat#"
DCAT_AP = "http://data.europa.eu/r5r/"
DCT = "http://purl.org/dc/terms/"
# Codes of the EU's tables that the packaged lists lack, as these tables are longer and grow: Mandarin, Czechoslovakia.
UNLISTED = (
    ("adms-ap", "Dataset-language", DCT + "language", "language/CMN"),
    ("adms-ap", "Dataset-spatial", DCT + "spatial", "country/CSK"),
    ("dcat-ap", "Dataset-language-code", DCT + "language", "language/CMN"),
    ("dcat-ap", "Dataset-spatial-value", DCT + "spatial", "country/CSK"),
    ("dcat-ap", "Dataset-spatial-value", DCT + "spatial", "place/ITA_ROM"),
    ("dcat-ap", "Dataset-spatial-code", DCT + "spatial", "country/CSK"),
    ("dcat-ap", "Dataset-type-value", DCT + "type", "dataset-type/CODE_LIST"),
    ("dcat-ap", "Dataset-accrualPeriodicity-code", DCT + "accrualPeriodicity", "frequency/OF_TOMORROW"),
    ("dcat-ap", "Distribution-format-code", DCT + "format", "file-type/OF_TOMORROW"),
    (
        "dcat-ap",
        "Distribution-availability-code",
        DCAT_AP + "availability",
        "planned-availability/OP_DATPRO",
    ),
    ("dcat-ap", "Catalog-themeTaxonomy-value", DCAT + "themeTaxonomy", "data-theme"),
    ("catalogue", "Solution-spatial-code", DCT + "spatial", "country/CSK"),
)
CLASSES = {name: URIRef(DCAT + name) for name in ("Catalog", "Dataset", "Distribution")}
CLASSES["Solution"] = URIRef("http://usefulinc.com/ns/doap#Project")


@pytest.mark.parametrize(("profile", "name", "path", "code"), UNLISTED, ids=lambda part: part)
def test_a_code_that_may_be_right_is_no_error(profile: str, name: str, path: str, code: str) -> None:
    shape, thing = URIRef(f"{NAMESPACE}{profile}#{name}"), URIRef("https://city.example/id/thing")
    said: list[TripleOfNodes] = [(thing, RDF.type, CLASSES[name.partition("-")[0]])]
    assert results([*said, (thing, URIRef(path), URIRef(EU + code))], profile, shape) == 0
    assert results([*said, (thing, URIRef(path), URIRef(f"{EU}{code}-x"))], profile, shape) == 1
