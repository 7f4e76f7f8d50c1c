"""Where a document says what, in each syntax."""

import pytest

from catalogue.rdf import IRI, SYNTAXES, BlankNode, read
from catalogue.validation.places import places
from catalogue.vocabulary import DCT, RDF

BASE = "https://example.org/id/"
A, B = IRI(f"{BASE}a"), IRI(f"{BASE}b")

TURTLE = """@prefix dct: <http://purl.org/dc/terms/> .
@prefix ex: <https://example.org/id/> .
# A comment.
ex:a dct:relation ex:b ;
  dct:title "A", "ex:b dct:title" .
ex:b
  <http://purl.org/dc/terms/title> "B" ; dct:relation
    ex:a .
"""
SPARQL_PREFIXES = """PREFIX dct: <http://purl.org/dc/terms/>
BASE <https://example.org/id/>
PREFIX ex: <https://example.org/id/>
<a> dct:relation <b> ;
  dct:title "A" .
ex:b
  dct:title "B" .
"""
XML = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:dct="http://purl.org/dc/terms/" xml:base="https://example.org/id/">
<rdf:Description rdf:about="https://example.org/id/a">
  <dct:title>A</dct:title> <dct:relation rdf:resource="b"/>
</rdf:Description>
<rdf:Description
  rdf:about="b"><dct:title>B</dct:title></rdf:Description>
</rdf:RDF>
"""
JSON = """{"@context": {"dct": "http://purl.org/dc/terms/", "ex": "https://example.org/id/"},
"@graph": [
{"@id": "ex:c", "dct:relation": [{"@id": "ex:b"}, {"@id": "ex:a"}]},
{"@id": "https://example.org/id/a",
  "dct:title": "A"},
{
  "@id": "ex:b", "dct:title": "B"}]}
"""
LINES = """<https://example.org/id/c> <http://purl.org/dc/terms/relation> <https://example.org/id/b> .


<https://example.org/id/a> <http://purl.org/dc/terms/relation> <https://example.org/id/b> .
<https://example.org/id/a> <http://purl.org/dc/terms/title> "A" .
<https://example.org/id/b> <http://purl.org/dc/terms/title> "B" .
"""
CASES = {
    "ttl": (TURTLE, (4, 1), (5, 3), (6, 1), (7, 3)),
    "trig": (SPARQL_PREFIXES, (4, 1), (5, 3), (6, 1), (7, 3)),
    "rdf": (XML, (4, 1), (5, 3), (7, 1), (8, 17)),
    "jsonld": (JSON, (4, 9), (5, 3), (7, 10), (7, 18)),
    "nt": (LINES, (4, 1), (5, 28), (6, 1), (6, 28)),
}
Place = tuple[int, int]


@pytest.mark.parametrize("syntax", CASES)
def test_things_and_their_properties_have_places(syntax: str) -> None:
    text, *expected = CASES[syntax]
    found = places(text, syntax, [quad.triple for quad in read(text, SYNTAXES[syntax], BASE)])
    assert [found[A, None], found[A, DCT.title], found[B, None], found[B, DCT.title]] == expected


def test_blank_nodes_have_places_by_their_labels() -> None:
    text = '@prefix dct: <http://purl.org/dc/terms/> .\n\n_:x dct:title "X" .'
    (quad,) = read(text, SYNTAXES["ttl"])
    assert places(text, "ttl", [quad.triple])[BlankNode("x"), DCT.title] == (3, 5)


def test_what_is_not_spelled_out_has_no_place() -> None:
    text = "<https://example.org/id/a> a <https://example.org/T> ."
    found = places(text, "ttl", [quad.triple for quad in read(text, SYNTAXES["ttl"])])
    assert (A, None) in found
    assert (A, RDF.type) not in found


HOSTILE = {
    "a word without end": "x" * 1_000_000,
    "dots and blanks": ". " * 500_000,
    "blanks": "." + " " * 1_000_000,
    "brackets": "<" * 1_000_000,
    "open strings": '"x' * 500_000,
    "objects": "{ " * 500_000,
    "comments": "#\n" * 500_000,
    "a line of hashes": "#" * 1_000_000,
    "a comment of comments": "# " * 500_000,
    "colons": "a:" * 500_000,
    "labels": "_:" + "." * 1_000_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("syntax", ["ttl", "rdf", "jsonld"])
def test_a_hostile_text_takes_no_longer_than_another(text: str, syntax: str) -> None:
    places(text, syntax, [])
