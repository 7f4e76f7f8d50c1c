"""Contexts by address, and what becomes of the flaws that a document can be read without."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import sandbox
from catalogue.code_lists import resources
from catalogue.errors import DocumentError
from catalogue.harvesters import rdf
from catalogue.model import Document, Reading, Severity
from catalogue.rdf import IRI, SYNTAXES, Quad, Triple, is_iri, read
from catalogue.sandbox import Flaw
from catalogue.vocabulary import DCAT, RDF
from tests.harvesters.test_rdf import MINTER, NOW

JSON_LD = SYNTAXES["jsonld"]
XML = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">\n'


def parsed(value: object) -> list[Quad]:
    return sandbox.parse(json.dumps(value).encode(), JSON_LD, None)


# Contexts.


@pytest.mark.parametrize(
    ("address", "term", "iri"),
    [
        ("https://schema.org", "name", "http://schema.org/name"),
        ("http://schema.org/", "codeRepository", "http://schema.org/codeRepository"),
        ("https://schema.org/docs/jsonldcontext.jsonld", "name", "http://schema.org/name"),
        ("https://w3id.org/codemeta/3.0", "issueTracker", "https://codemeta.github.io/terms/issueTracker"),
        ("https://doi.org/10.5063/schema/codemeta-2.0", "name", "http://schema.org/name"),
        (
            "https://raw.githubusercontent.com/codemeta/codemeta/master/codemeta.jsonld",
            "name",
            "http://schema.org/name",
        ),
        ("https://www.w3.org/ns/activitystreams", "summary", "https://www.w3.org/ns/activitystreams#summary"),
        ("http://www.w3.org/ns/dcat", "keyword", "http://www.w3.org/ns/dcat#keyword"),
        (
            "https://semiceu.github.io/DCAT-AP/releases/3.0.0/context/dcat-ap.jsonld",
            "releaseDate",
            "http://purl.org/dc/terms/issued",
        ),
        (
            "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld",
            "title",
            "http://purl.org/dc/terms/title",
        ),
        (
            "https://raw.githubusercontent.com/DOI-DO/dcat-us/refs/heads/main/context/dcat-us-3.0.jsonld",
            "fn",
            "http://www.w3.org/2006/vcard/ns#fn",
        ),
    ],
)
def test_a_context_that_is_known_by_its_address_is_read_from_a_copy(address: str, term: str, iri: str) -> None:
    [quad] = parsed({"@context": address, "@id": "http://e/a", term: "http://e/b"})
    assert quad.predicate.value == iri


@pytest.mark.parametrize(
    "context",
    [
        ["http://schema.org/"],
        [{"a": "http://e/a"}, "http://schema.org/"],
        ["http://schema.org/", {"a": {"@id": "http://e/a", "@context": "https://www.w3.org/ns/activitystreams"}}],
        [{"a": {"@id": "http://e/a", "@context": ["http://schema.org/", {"b": "http://e/b"}]}}, "http://schema.org/"],
    ],
)
def test_contexts_are_read_in_lists_and_within_terms(context: object) -> None:
    quads = parsed({"@context": context, "@id": "http://e/a", "name": "x"})
    assert [quad.predicate.value for quad in quads] == ["http://schema.org/name"]


def test_a_context_within_a_thing_holds_for_that_thing() -> None:
    inner = {"@id": "http://e/b", "@context": "http://schema.org/", "name": "x"}
    [_, quad] = parsed({"@context": {"p": "http://e/p"}, "@id": "http://e/a", "p": inner, "name": "y"})
    assert (quad.subject.value, quad.object.value) == ("http://e/b", "x")  # type: ignore[union-attr]


def test_slashes_can_be_escaped_in_an_address_and_a_text_is_no_context() -> None:
    content = rb'{"@context": "https:\/\/schema.org\/", "@id": "http://e/a", "name": "say \"@context\": \"http://x/\""}'
    [quad] = sandbox.parse(content, JSON_LD, None)
    assert quad.object.value == 'say "@context": "http://x/"'


@pytest.mark.parametrize(
    ("context", "address", "place"),
    [
        ('"https://c.example/x.jsonld"', "https://c.example/x.jsonld", (2, 14)),
        ('["http://schema.org/",\n "https://c.example/x"]', "https://c.example/x", (3, 3)),
        ('"x.jsonld"', "x.jsonld", (2, 14)),
        ('"https://schema.org.evil.example/"', "https://schema.org.evil.example/", (2, 14)),
    ],
)
def test_a_context_that_is_not_known_is_named_with_its_place(
    context: str, address: str, place: tuple[int, int]
) -> None:
    with pytest.raises(DocumentError) as caught:
        sandbox.parse(f'{{\n"@context": {context}, "@id": "http://e/a"}}'.encode(), JSON_LD, None)
    assert f"its @context {address} is on the web" in str(caught.value)
    assert (caught.value.line, caught.value.column) == place


def test_no_document_grows_without_end_by_its_contexts() -> None:
    content = b"[" + b",".join([b'{"@context":"http://schema.org/"}'] * 6_000) + b"]"
    with pytest.raises(DocumentError, match="names contexts more than"):
        sandbox.parse(content, JSON_LD, None)


@pytest.mark.parametrize("path", sorted((resources("vocab") / "contexts").glob("*.jsonld")), ids=lambda path: path.stem)
def test_each_packaged_context_can_be_read(path: object) -> None:
    context = json.loads(path.read_text())["@context"]  # type: ignore[attr-defined]
    terms = [t for t, v in context.items() if isinstance(v, dict) and v.get("@type") == "@id"]
    quads = list(
        read(json.dumps({"@context": context, "@id": "http://e/a", **dict.fromkeys(terms, "http://e/b")}), JSON_LD)
    )
    assert len({quad.predicate for quad in quads}) > 5


# Media types and suffixes that are wrong.


TURTLE = "@prefix dcat: <http://www.w3.org/ns/dcat#> . <http://e/a> a dcat:Dataset ."
NT = f"<http://e/a> <{RDF.type.value}> <{DCAT.Dataset.value}>"


@pytest.mark.parametrize(
    ("url", "media_type", "content"),
    [
        pytest.param("http://e/x", "application/rdf+xml; charset=utf-8", TURTLE, id="turtle served as xml"),
        pytest.param("http://e/x", "text/turtle", json.dumps({"@id": "http://e/a", "@type": DCAT.Dataset.value}),
                     id="json served as turtle"),
        pytest.param("http://e/x", "text/html", TURTLE, id="turtle served as html"),
        pytest.param("x.json", "", TURTLE, id="turtle named json"),
        pytest.param("x.nt", "", f"{NT} <http://e/g> .", id="n-quads named n-triples"),
        pytest.param("x.ttl", "", TURTLE.replace("<http://e/a>", "<http://e/g> { <http://e/a>") + " }",
                     id="trig named turtle"),
        pytest.param("x.ttl", "", f'{XML}<rdf:Description rdf:about="http://e/a"><rdf:type rdf:resource='
                     f'"{DCAT.Dataset.value}"/></rdf:Description></rdf:RDF>', id="xml named turtle"),
    ],
)  # fmt: skip
def test_a_wrong_name_for_a_syntax_does_not_matter(url: str, media_type: str, content: str) -> None:
    [reading] = rdf.readings("x", Document(url, content.encode(), media_type, NOW), MINTER)
    assert reading.record is not None
    assert reading.record.triples == {Triple(IRI("http://e/a"), RDF.type, DCAT.Dataset)}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("x.rdf", TURTLE + "\n<http://e/b> a", "Turtle: .* served or named as RDF/XML", id="other syntax"),
        pytest.param("x.nt", "<http://e/a> <http://e/b> 1 .", "N-Triples: ", id="flaw of a line"),
    ],
)
def test_where_both_syntaxes_fail_the_error_is_that_of_the_likely_one(name: str, content: str, message: str) -> None:
    [reading] = read_document(name, content)
    [finding] = reading.report.findings
    assert re.search(message, finding.message)
    assert finding.line == content.count("\n") + 1


# Flaws.


@pytest.mark.parametrize(
    ("name", "content", "mended"),
    [
        pytest.param("x.nt", "<http://e/a> <http://e/p> <http://e/b c> .", "http://e/b%20c", id="n-triples"),
        pytest.param("x.ttl", "<http://e/a> <http://e/p> <tel:+1 23> .", "tel:+1%2023", id="turtle"),
        pytest.param("x.trig", "<http://e/a> <http://e/p> <http://e/?a[0]> .", "http://e/?a%5B0%5D", id="trig"),
        pytest.param("x.nq", "<http://e/a> <http://e/p> <http://e/%zz> .", "http://e/%25zz", id="n-quads"),
        pytest.param("x.nt", "<http://e/a> <http://e/p> <http://e/#a#b> .", "http://e/#a%23b", id="two fragments"),
        pytest.param(
            "x.rdf",
            f'{XML}<rdf:Description rdf:about="http://e/a"><e:p rdf:resource="http://e/?a[1]&amp;b"/>'
            "</rdf:Description></rdf:RDF>",
            "http://e/?a%5B1%5D&b",
            id="xml",
        ),
        pytest.param(
            "x.jsonld", '{"@id": "http://e/a", "http://e/p": {"@id": "http://e/{b}"}}', "http://e/%7Bb%7D", id="json"
        ),
    ],
)
def test_a_bad_iri_is_mended_and_told_with_its_place(name: str, content: str, mended: str) -> None:
    [reading] = read_document(name, content)
    [finding] = reading.report.findings
    assert (finding.severity, finding.path, finding.line) == (
        Severity.WARNING,
        "http://e/p",
        content.count("\n", 0, 90) + 1,
    )
    assert finding.message.endswith(f"it is read as {mended}")
    assert reading.record is not None
    assert [triple.object.value for triple in reading.record.triples] == [mended]  # type: ignore[union-attr]


def read_document(name: str, content: str) -> list[Reading]:
    return list(rdf.readings(name, Document(name, content.encode(), "", NOW), MINTER))


def test_a_statement_with_what_cannot_be_mended_is_left_out() -> None:
    [reading] = read_document(
        "x.nt", "<http://e/a> <http://e/p> <http://a b/> .\n<http://e/a> <http://e/p> <http://e/b> ."
    )
    [finding] = reading.report.findings
    assert finding.message == "rdf: 'http://a b/' is no IRI; what is said with it is left out"
    assert (finding.line, finding.column) == (1, 28)
    assert reading.record is not None
    assert len(reading.record.triples) == 1


def test_a_thing_without_a_name_that_is_an_iri_is_a_violation_and_keeps_no_other_out() -> None:
    good, bad = read_document(
        "x.nt", "<http://a b/> <http://e/p> <http://e/b> .\n<http://e/a> <http://e/p> 'x' .".replace("'", '"')
    )
    assert good.record is not None
    assert bad.record is None
    assert [finding.severity for finding in bad.report.findings] == [Severity.VIOLATION, Severity.WARNING]


def test_a_document_of_nothing_but_flaws_is_refused() -> None:
    [reading] = read_document("x.nt", "<http://a b/> <http://e/p> <http://e/b> .")
    assert reading.record is None
    assert reading.report.findings[0].line == 1


def test_keys_of_json_that_no_context_defines_say_nothing() -> None:
    [reading] = read_document("x.jsonld", '{"@id": "http://e/a", "http://e/p": 1, "name": "x", "id": "y"}')
    assert not reading.report.findings
    assert reading.record is not None
    assert len(reading.record.triples) == 1


def test_a_language_tag_with_an_underscore_is_mended() -> None:
    content = f'{XML}<rdf:Description rdf:about="http://e/a"><e:p xml:lang="pt_BR">x</e:p></rdf:Description></rdf:RDF>'
    [reading] = read_document("x.rdf", content)
    assert reading.record is not None
    assert [str(triple.object) for triple in reading.record.triples] == ['"x"@pt-br']


@pytest.mark.parametrize("text", ["", "[]", "{}", "[1, 2, 3, 4]", '["a", "b", "c", "d", "e", "f"]', "[" * 5000])
def test_a_stranger_cannot_tell_flaws_for_us(text: str) -> None:
    content = f"<http://e/a> <{sandbox.FLAW.value}> {json.dumps(text)} ."
    [reading] = read_document("x.ttl", content)
    assert not reading.report.findings


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=20))
def test_an_iri_is_mended_into_one_or_not_at_all(path: str) -> None:
    mended = sandbox._mended_iri("http://e/" + path)
    assert mended is None or is_iri(mended.value)
    if mended is not None:
        assert Flaw("IRI", "", path, mended.value).quad(mended).predicate == sandbox.FLAW
