"""Each part of SHACL Core that shapes may use: what the specification says, the engine does, and pySHACL does."""

import logging
import re
from collections.abc import Iterable, Iterator

import pytest

from catalogue.errors import DocumentError
from catalogue.model import Severity
from catalogue.rdf import SYNTAXES, BlankNode, Term, Triple, read
from catalogue.validation.constraints import component
from catalogue.validation.engine import evaluate
from catalogue.validation.shacl import Oracle
from catalogue.validation.shapes import Result, compiled

PREFIXES = """
@prefix : <https://example.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def triples(turtle: str) -> set[Triple]:
    return {quad.triple for quad in read(PREFIXES + turtle, SYNTAXES["ttl"])}


def short(term: Term | None) -> str:
    """`:name` of a thing, the lexical form of a literal, `_` of a blank node, `-` of nothing."""
    if term is None or isinstance(term, BlankNode):
        return "-" if term is None else "_"
    return term.value.replace("https://example.org/", ":")


def found(results: Iterable[Result]) -> list[str]:
    """`focus value` of each result."""
    return sorted(f"{short(result.focus)} {short(result.value)}" for result in results)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """rdflib logs a traceback for each ill-typed literal."""
    logger = logging.getLogger("rdflib.term")
    logger.disabled = True
    yield
    logger.disabled = False


def on_p(constraint: str, path: str = ":p") -> str:
    """Shapes with one property shape for the things of the class :T."""
    return f":S a sh:NodeShape ; sh:targetClass :T ; sh:property :P . :P sh:path {path} ; {constraint} ."


def things(*values: str) -> str:
    """A thing :t1, :t2, … for each, with these values of :p."""
    return "\n".join(f":t{number} a :T ; :p {value} ." for number, value in enumerate(values, 1) if value)


CASES = {
    # Targets.
    "a class is the target of its instances": (on_p("sh:minCount 1"), ":a a :T . :b a :U .", [":a -"]),
    "a class is the target of its subclasses' instances": (
        on_p("sh:minCount 1"),
        ":a a :V . :V rdfs:subClassOf :U . :U rdfs:subClassOf :T . :b a :U ; :p 1 .",
        [":a -"],
    ),
    "subclasses may go round in a circle": (
        on_p("sh:minCount 1"),
        ":a a :U . :U rdfs:subClassOf :T . :T rdfs:subClassOf :U .",
        [":a -"],
    ),
    "a node is a target though the data does not have it": (
        ":S a sh:NodeShape ; sh:targetNode :a ; sh:property [ sh:path :p ; sh:minCount 1 ] .",
        ":b :q 1 .",
        [":a -"],
    ),
    "the subjects of a property are targets": (
        ":S a sh:NodeShape ; sh:targetSubjectsOf :q ; sh:property [ sh:path :p ; sh:minCount 1 ] .",
        ":a :q 1 . :b :r 1 .",
        [":a -"],
    ),
    "the values of a property are targets, literals too": (
        ":S a sh:NodeShape ; sh:targetObjectsOf :q ; sh:nodeKind sh:IRI .",
        ':a :q "text", :b .',
        ["text text"],
    ),
    "a shape that is a class has its instances as targets": (
        ":T a sh:NodeShape, rdfs:Class ; sh:property [ sh:path :p ; sh:minCount 1 ] .",
        ":a a :T .",
        [":a -"],
    ),
    "a property shape may have targets of its own": (
        ":P a sh:PropertyShape ; sh:targetClass :T ; sh:path :p ; sh:minCount 1 .",
        ":a a :T .",
        [":a -"],
    ),
    "a node with two reasons to be a target has its result once": (
        ":S a sh:NodeShape ; sh:targetClass :T, :U ; sh:property [ sh:path :p ; sh:minCount 1 ] .",
        ":a a :T, :U .",
        [":a -"],
    ),
    # Paths.
    "an inverse path leads to what names the node": (
        on_p("sh:maxCount 1", "[ sh:inversePath :has ]"),
        ":a a :T . :b a :T . :c :has :a, :b . :d :has :a .",
        [":a -"],
    ),
    "a sequence path leads from step to step, each node once": (
        on_p("sh:maxCount 1", "( :p :q )"),
        ":a a :T ; :p :x, :y . :x :q 1 . :y :q 1 . :b a :T ; :p :x, :z . :z :q 2 .",
        [":b -"],
    ),
    "a sequence path may have inverse steps": (
        on_p("sh:hasValue :c", "( :p [ sh:inversePath :p ] )"),
        ":a a :T ; :p :x . :b a :T ; :p :y . :c :p :x .",
        [":b -"],
    ),
    # Counts.
    "minCount counts values": (on_p("sh:minCount 2"), things("1", "1, 2", "1, 1"), [":t1 -", ":t3 -"]),
    "minCount 0 asks for nothing": (on_p("sh:minCount 0"), ":a a :T .", []),
    "maxCount counts values": (on_p("sh:maxCount 1"), things("1", "1, 2"), [":t2 -"]),
    "maxCount 0 forbids a property": (on_p("sh:maxCount 0"), things("1") + ":b a :T .", [":t1 -"]),
    "two forms of one number are two values": (on_p("sh:maxCount 1"), things("1, 01"), [":t1 -"]),
    # Kinds of values.
    "class wants an instance, of a subclass too": (
        on_p("sh:class :C"),
        things(":x", ":y", ":z", '"text"') + ":x a :C . :y a :D . :D rdfs:subClassOf :C .",
        [":t3 :z", ":t4 text"],
    ),
    "two classes are both wanted": (
        on_p("sh:class :C, :D"),
        things(":x", ":y", ":z") + ":x a :C, :D . :y a :C .",
        [":t2 :y", ":t3 :z"],
    ),
    "datatype wants literals of the datatype": (
        on_p("sh:datatype xsd:integer"),
        things("1", '"1"', '"1"^^xsd:int', ":x", "1.0"),
        [":t2 1", ":t3 1", ":t4 :x", ":t5 1.0"],
    ),
    "datatype wants well-formed literals": (
        on_p("sh:datatype xsd:date"),
        things('"2026-02-28"^^xsd:date', '"2026-02-30"^^xsd:date', '"soon"^^xsd:date', '"2026-01-01Z"^^xsd:date'),
        [":t2 2026-02-30", ":t3 soon"],
    ),
    "datatype xsd:string wants no language": (on_p("sh:datatype xsd:string"), things('"a"', '"a"@en'), [":t2 a"]),
    "datatype rdf:langString wants a language": (
        on_p("sh:datatype rdf:langString"),
        things('"a"', '"a"@en'),
        [":t1 a"],
    ),
    "datatypes unknown to SPARQL have every form": (on_p("sh:datatype :mine"), things('"?"^^:mine', '"?"'), [":t2 ?"]),
    "derived integers have bounds": (
        on_p("sh:datatype xsd:unsignedByte"),
        things('"255"^^xsd:unsignedByte', '"256"^^xsd:unsignedByte', '"-1"^^xsd:unsignedByte'),
        [":t2 256", ":t3 -1"],
    ),
    "booleans have four forms": (
        on_p("sh:datatype xsd:boolean"),
        things('"true"^^xsd:boolean', '"1"^^xsd:boolean', '"yes"^^xsd:boolean'),
        [":t3 yes"],
    ),
    "nodeKind IRI": (on_p("sh:nodeKind sh:IRI"), things(":x", '"a"', "_:b1"), [":t2 a", ":t3 _"]),
    "nodeKind Literal": (on_p("sh:nodeKind sh:Literal"), things(":x", '"a"', "_:b1"), [":t1 :x", ":t3 _"]),
    "nodeKind BlankNode": (on_p("sh:nodeKind sh:BlankNode"), things(":x", '"a"', "_:b1"), [":t1 :x", ":t2 a"]),
    "nodeKind BlankNodeOrIRI": (on_p("sh:nodeKind sh:BlankNodeOrIRI"), things(":x", '"a"', "_:b1"), [":t2 a"]),
    "nodeKind BlankNodeOrLiteral": (on_p("sh:nodeKind sh:BlankNodeOrLiteral"), things(":x", '"a"', "_:b1"), [":t1 :x"]),
    "nodeKind IRIOrLiteral": (on_p("sh:nodeKind sh:IRIOrLiteral"), things(":x", '"a"', "_:b1"), [":t3 _"]),
    # Values.
    "in wants a term of the list": (
        on_p('sh:in ( :x "a"@en 1 )'),
        things(":x", '"a"@EN', "1", "01", '"a"', ":y"),
        [":t4 01", ":t5 a", ":t6 :y"],
    ),
    "hasValue wants the term among others": (
        on_p("sh:hasValue 1"),
        things("1, 2", "01") + ":b a :T .",
        [":b -", ":t2 -"],
    ),
    "two values of hasValue are both wanted": (on_p("sh:hasValue 1, 2"), things("1, 2", "1"), [":t2 -"]),
    "hasValue of a node shape is the node": (
        ":S a sh:NodeShape ; sh:targetClass :T ; sh:hasValue :t1 .",
        things("1", "1"),
        [":t2 -"],
    ),
    # Texts.
    "pattern searches, in IRIs too": (
        on_p('sh:pattern "^https://ex|b+"'),
        things(":x", '"abba"', '"c"', "<mailto:x>", "_:b1"),
        [":t3 c", ":t4 mailto:x", ":t5 _"],
    ),
    "pattern has the flag i": (on_p('sh:pattern "^A$" ; sh:flags "i"'), things('"a"', '"ab"'), [":t2 ab"]),
    "pattern reads the form of any literal": (on_p('sh:pattern "^0"'), things("01", "1"), [":t2 1"]),
    "minLength counts characters, of IRIs too": (
        on_p("sh:minLength 3"),
        things('"abc"', '"ab"', "<a:b>", "<x:>", "_:blank", '"àé€"'),
        [":t2 ab", ":t4 x:", ":t5 _"],
    ),
    "minLength 0 takes blank nodes": (on_p("sh:minLength 0"), things('""', "_:b1"), []),
    "maxLength counts characters": (on_p("sh:maxLength 2"), things('"abc"', '"ab"', "_:b"), [":t1 abc", ":t3 _"]),
    "uniqueLang allows a language once": (
        on_p("sh:uniqueLang true"),
        things('"a"@en, "b"@fr, "c", "d"', '"a"@en, "b"@EN', '"a"@en, "b"@en-GB'),
        [":t2 -"],
    ),
    "uniqueLang false allows all": (on_p("sh:uniqueLang false"), things('"a"@en, "b"@en'), []),
    "languageIn takes a language and its variants": (
        on_p('sh:languageIn ( "en" "fr" )'),
        things('"a"@en', '"a"@en-GB', '"a"@FR', '"a"@de', '"a"', ":x", '"a"@eng'),
        [":t4 a", ":t5 a", ":t6 :x", ":t7 a"],
    ),
    # Order.
    "minInclusive compares numbers": (
        on_p("sh:minInclusive 2"),
        things("2", "1", "2.5", "1e3", '"2"', ":x", '"x"^^xsd:integer', "_:b1"),
        [":t2 1", ":t5 2", ":t6 :x", ":t7 x", ":t8 _"],
    ),
    "maxInclusive compares numbers": (on_p("sh:maxInclusive 2"), things("2", "2.01", "-1"), [":t2 2.01"]),
    "minInclusive compares days": (
        on_p('sh:minInclusive "2026-01-01"^^xsd:date'),
        things('"2026-01-01"^^xsd:date', '"2025-12-31"^^xsd:date'),
        [":t2 2025-12-31"],
    ),
    "minInclusive compares times in their zones": (
        on_p('sh:minInclusive "2026-01-01T00:00:00Z"^^xsd:dateTime'),
        things(
            '"2026-01-01T00:30:00+01:00"^^xsd:dateTime',
            '"2026-01-01T01:00:00+01:00"^^xsd:dateTime',
            '"2027-01-01T00:00:00"^^xsd:dateTime',
        ),
        [":t1 2026-01-01T00:30:00+01:00", ":t3 2027-01-01T00:00:00"],
    ),
    "lessThanOrEquals compares with every value of the other": (
        on_p("sh:lessThanOrEquals :q"),
        ":a a :T ; :p 1, 3 ; :q 2, 4 . :b a :T ; :p 1 . :c a :T ; :p 2 ; :q 2.0 .",
        [":a 3"],
    ),
    "lessThanOrEquals compares days": (
        on_p("sh:lessThanOrEquals :q"),
        ':a a :T ; :p "2026-01-01"^^xsd:date ; :q "2026-01-02"^^xsd:date .'
        ':b a :T ; :p "2026-01-03"^^xsd:date ; :q "2026-01-02"^^xsd:date .',
        [":b 2026-01-03"],
    ),
    "lessThanOrEquals does not compare texts with numbers": (
        on_p("sh:lessThanOrEquals :q"),
        ':a a :T ; :p "1" ; :q 2 . :b a :T ; :p "a" ; :q "b" .',
        [":a 1"],
    ),
    # Pairs.
    "equals wants the same values": (
        on_p("sh:equals :q"),
        ":a a :T ; :p 1, 2 ; :q 2, 3 . :b a :T ; :p 1 ; :q 1 . :c a :T ; :q 4 .",
        [":a 1", ":a 3", ":c 4"],
    ),
    "disjoint wants other values": (on_p("sh:disjoint :q"), ":a a :T ; :p 1, 2 ; :q 2, 3 .", [":a 2"]),
    # Logic.
    "node wants a shape to accept the value": (
        on_p("sh:node :N") + ":N sh:property [ sh:path :q ; sh:minCount 1 ] .",
        things(":x", ":y", '"text"') + ":x :q 1 .",
        [":t2 :y", ":t3 text"],
    ),
    "node takes a warning of the shape for refusal": (
        on_p("sh:node :N") + ":N sh:property [ sh:path :q ; sh:minCount 1 ; sh:severity sh:Warning ] .",
        things(":x"),
        [":t1 :x"],
    ),
    "not turns a shape round": (on_p("sh:not [ sh:datatype xsd:string ]"), things('"a"', '"a"@en'), [":t1 a"]),
    "and wants all": (
        on_p("sh:and ( [ sh:minLength 2 ] [ sh:pattern 'a' ] )"),
        things('"ab"', '"a"', '"bc"'),
        [":t2 a", ":t3 bc"],
    ),
    "or wants one": (on_p("sh:or ( [ sh:minLength 2 ] [ sh:pattern 'a' ] )"), things('"a"', '"b"'), [":t2 b"]),
    "two lists of or are both wanted": (
        on_p("sh:or ( [ sh:minLength 2 ] [ sh:pattern 'a' ] ), ( [ sh:nodeKind sh:IRI ] [ sh:maxLength 2 ] )"),
        things('"ab"', '"abc"'),
        [":t2 abc"],
    ),
    "xone wants exactly one": (
        on_p("sh:xone ( [ sh:minLength 2 ] [ sh:pattern 'a' ] )"),
        things('"a"', '"b"', '"ab"'),
        [":t2 b", ":t3 ab"],
    ),
    "members of a list may be property shapes": (
        ":S a sh:NodeShape ; sh:targetClass :T ;"
        " sh:or ( [ sh:path :p ; sh:minCount 1 ] [ sh:path :q ; sh:minCount 1 ] ) .",
        ":a a :T ; :p 1 . :b a :T ; :q 1 . :c a :T .",
        [":c :c"],
    ),
    "logic nests": (
        on_p("sh:not [ sh:or ( [ sh:and ( [ sh:minLength 2 ] [ sh:maxLength 3 ] ) ] [ sh:hasValue 'x' ] ) ]"),
        things('"ab"', '"x"', '"y"', '"abcd"'),
        [":t1 ab", ":t2 x"],
    ),
    # The rest.
    "closed allows the properties of its shapes and the ignored": (
        ":S a sh:NodeShape ; sh:targetClass :T ; sh:closed true ; sh:ignoredProperties ( rdf:type :r ) ;"
        " sh:property [ sh:path :p ], [ sh:path [ sh:inversePath :q ] ] .",
        ":a a :T ; :p 1 ; :r 2 ; :q 3, 4 .",
        [":a 3", ":a 4"],
    ),
    "closed false closes nothing": (":S a sh:NodeShape ; sh:targetClass :T ; sh:closed false .", things("1"), []),
    "closed without properties takes what is not described": (
        on_p("sh:node [ sh:closed true ]"),
        things(":x", ":y", '"text"') + ":x :q 1 .",
        [":t1 :x"],
    ),
    "a property shape in a property shape looks at its values": (
        on_p("sh:property [ sh:path :q ; sh:minCount 1 ]"),
        things(":x", ":y") + ":x :q 1 .",
        [":y -"],
    ),
    "a deactivated shape has no results": (on_p("sh:minCount 1 ; sh:deactivated true"), ":a a :T .", []),
    "every node conforms to a deactivated shape": (
        on_p("sh:not [ sh:minLength 9 ; sh:deactivated true ]"),
        things('"a"'),
        [":t1 a"],
    ),
    "a node that names itself is no end": (
        on_p("sh:node [ sh:property [ sh:path :p ; sh:maxCount 1 ] ]"),
        ":a a :T ; :p :a . :b a :T ; :p :b, :a .",
        [":b :b"],
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("shapes", "data", "expected"), CASES.values(), ids=CASES.keys())
def test_the_engine_does_what_shacl_says(shapes: str, data: str, expected: list[str]) -> None:
    graph, ours = triples(data), compiled(triples(shapes))
    results = evaluate(graph, ours)
    assert found(results) == expected
    assert set(results) == Oracle(ours.triples).verdict(graph)


REFUSED = {
    "qualified shapes": (
        on_p("sh:qualifiedValueShape [ sh:nodeKind sh:IRI ] ; sh:qualifiedMinCount 1"),
        "sh:qualified",
    ),
    "SPARQL": (on_p('sh:sparql [ sh:select "SELECT $this {}" ]'), "sh:sparql is not supported"),
    "sh:lessThan": (on_p("sh:lessThan :q"), "sh:lessThan is not supported"),
    "what is no term of SHACL": (on_p("sh:shape :N"), "sh:shape is not supported"),
    "a parameter twice": (on_p("sh:minCount 1, 2"), "sh:minCount has more than one value"),
    "a count that is no number": (on_p('sh:minCount "one"'), "is not an xsd:integer"),
    "a count on a node shape": (":S sh:targetClass :T ; sh:minCount 1 .", "for property shapes only"),
    "an alternative path": (on_p("sh:minCount 1", "[ sh:alternativePath ( :p :q ) ]"), "its path is neither"),
    "a path of any length": (on_p("sh:minCount 1", "[ sh:zeroOrMorePath :p ]"), "its path is neither"),
    "a sequence of one step": (on_p("sh:minCount 1", "( :p )"), "at least two steps"),
    "recursion": (on_p("sh:node :N") + ":N sh:property [ sh:path :q ; sh:node :N ] .", "recursion"),
    "a shape that is not there": (on_p("sh:node :N"), "not described"),
    "a property shape without path": (":S sh:targetClass :T ; sh:property [ sh:minCount 1 ] .", "property shapes only"),
    "a list that is none": (on_p("sh:in :x"), "no list"),
    "an unknown kind of node": (on_p("sh:nodeKind sh:Text"), "no kind of node"),
    "an unknown severity": (on_p("sh:minCount 1 ; sh:severity :Bad"), "no severity"),
    "a target that is a text": (":S sh:targetNode 'a' ; sh:nodeKind sh:IRI .", "not an IRI"),
    "a pattern that is none": (on_p("sh:pattern '['"), "the pattern"),
    "a pattern of XPath that Python has not": (on_p(r"sh:pattern '\\p{L}'"), "not supported here"),
    "a pattern of Python that XPath has not": (on_p("sh:pattern '(?!a)b'"), "not supported here"),
    "a flag that Python has not": (on_p("sh:pattern 'a' ; sh:flags 'q'"), "not supported here"),
}


@pytest.mark.parametrize(("shapes", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_shapes_that_are_not_understood_whole_are_refused(shapes: str, message: str) -> None:
    with pytest.raises(DocumentError, match=re.escape(message)):
        compiled(triples(shapes), "mine")


def test_a_refusal_names_the_shapes_and_the_shape() -> None:
    with pytest.raises(DocumentError, match=re.escape("mine: the shape <https://example.org/P>: sh:sparql")):
        compiled(triples(on_p("sh:sparql []")), "mine")


def test_results_have_path_component_severity_and_shape() -> None:
    shapes = compiled(triples(on_p("sh:minCount 1 ; sh:severity sh:Info", "( :p [ sh:inversePath :q ] )")))
    (result,) = evaluate(triples(":a a :T ."), shapes)
    assert str(result.path) == "<https://example.org/p>/^<https://example.org/q>"
    assert (result.component, result.severity) == (component("minCount"), Severity.INFO)
    assert short(result.shape) == ":P"


def test_a_hostile_chain_of_classes_takes_no_longer_than_another() -> None:
    count = 100_000
    chain = "".join(f":C{number} rdfs:subClassOf :C{number + 1} ." for number in range(count))
    nodes = "".join(f":t{number} a :T ; :p :v{number} . :v{number} a :C0 ." for number in range(count))
    graph, shapes = triples(chain + nodes), compiled(triples(on_p(f"sh:class :C{count}")))
    assert evaluate(graph, shapes) == []
