"""What the sandbox reads, and what it says of what it does not read."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import sandbox
from catalogue.errors import DocumentError
from catalogue.model import Document
from catalogue.rdf import IRI, SYNTAXES, BlankNode, DefaultGraph, Literal, Quad, Syntax
from catalogue.sandbox import Limits

TURTLE, XML, JSON_LD = SYNTAXES["ttl"], SYNTAXES["rdf"], SYNTAXES["jsonld"]
HEAD = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'
NAME = f'{HEAD}<rdf:Description rdf:about="http://e/a"><e:p>é</e:p></rdf:Description></rdf:RDF>'
NAMED = [Quad(IRI("http://e/a"), IRI("http://e/p"), Literal("é"), DefaultGraph())]
LAUGHS = '<!DOCTYPE rdf:RDF [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>\n' + HEAD


def declared(encoding: str) -> bytes:
    return f"<?xml version='1.0' encoding='{encoding}'?>{NAME}".encode(encoding)


def refusal(content: bytes, syntax: Syntax, limits: Limits | None = None) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        sandbox.parse(content, syntax, None, limits)
    return caught.value


@pytest.mark.parametrize(
    ("content", "syntax"),
    [
        pytest.param('<http://e/a> <http://e/p> "é" .'.encode(), TURTLE, id="turtle"),
        pytest.param('\ufeff<http://e/a> <http://e/p> "é" .'.encode(), TURTLE, id="turtle with a byte order mark"),
        pytest.param('{"@id": "http://e/a", "http://e/p": "é"}'.encode(), JSON_LD, id="json-ld"),
        pytest.param(NAME.encode(), XML, id="xml"),
        pytest.param(NAME.encode("utf-16"), XML, id="xml in utf-16 with a byte order mark"),
        pytest.param(declared("utf-8"), XML, id="xml that declares utf-8"),
        pytest.param(declared("utf-16-le"), XML, id="xml that declares utf-16"),
        pytest.param(declared("iso-8859-1"), XML, id="xml that declares latin-1"),
        pytest.param(declared("windows-1252"), XML, id="xml that declares windows-1252"),
    ],
)
def test_a_document_of_each_syntax_and_encoding_is_read(content: bytes, syntax: Syntax) -> None:
    assert sandbox.parse(content, syntax, None) == NAMED


def test_relative_names_are_resolved_against_the_base() -> None:
    [quad] = sandbox.parse(b"<a> <#p> <../c> .", TURTLE, "http://e/x/y")
    assert str(quad) == "<http://e/x/a> <http://e/x/y#p> <http://e/c>"


def test_a_base_that_is_no_iri_is_as_none() -> None:
    with pytest.raises(DocumentError, match="No scheme found"):
        sandbox.parse(b"<a> <#p> <../c> .", TURTLE, "http://e/ x")


def test_labels_of_blank_nodes_are_those_of_the_document() -> None:
    [quad] = sandbox.parse(b"_:who <http://e/p> _:whom .", TURTLE, None)
    assert (quad.subject, quad.object) == (BlankNode("who"), BlankNode("whom"))


def test_named_graphs_are_kept() -> None:
    [quad] = sandbox.parse(b'<http://e/a> <http://e/p> "x" <http://e/g> .', SYNTAXES["nq"], None)
    assert quad.graph_name == IRI("http://e/g")


@pytest.mark.parametrize(
    ("content", "syntax", "message", "place"),
    [
        pytest.param(b"<http://a> <http://b> <http", TURTLE, "Unexpected end of file", (1, 23), id="truncated turtle"),
        pytest.param(b"\n<http://a> e:b 1 .", TURTLE, "prefix e: has not been", (2, 12), id="unbound prefix"),
        pytest.param(
            b'# \xc3\xa9\n<http://a> "\xe9', TURTLE, "byte 0xE9 is not UTF-8", (2, 13), id="turtle in latin-1"
        ),
        pytest.param("# x".encode("utf-16"), TURTLE, "byte 0xFF is not UTF-8", (1, 1), id="turtle in utf-16"),
        pytest.param(
            NAME.encode("latin-1"), XML, "byte 0xE9 is not UTF-8", (1, NAME.index("é") + 1), id="undeclared latin-1"
        ),
        pytest.param(b"<?xml version='1.0' encoding='klingon'?><a/>", XML, "'klingon'", (1, 1), id="unknown encoding"),
        pytest.param(f"{HEAD}\n<rdf:Description>".encode(), XML, "ends too early", (2, 18), id="truncated xml"),
        pytest.param(f"{HEAD}\n<a></b>".encode(), XML, "mismatched tag", (2, 6), id="mismatched tags"),
        pytest.param(f"{HEAD}\n&nbsp;</rdf:RDF>".encode(), XML, "undefined entity", (2, 1), id="unknown entity"),
        pytest.param(
            f'{HEAD}\n<rdf:Description rdf:about="tel:+49 40"/>\n</rdf:RDF>'.encode(),
            XML,
            "'tel:[+]49 40': Invalid IRI",
            (2, 41),
            id="space in an iri of xml",
        ),
        pytest.param(LAUGHS.encode(), XML, "DOCTYPE", (1, 19), id="billion laughs"),
        pytest.param(LAUGHS.encode("utf-16"), XML, "DOCTYPE", (1, 19), id="billion laughs in utf-16"),
        pytest.param(f"<!-- -->\n{LAUGHS}".encode("utf-16-be"), XML, "DOCTYPE", (2, 19), id="laughs without a mark"),
        pytest.param(b'{"@id": "http://a",\n}', JSON_LD, "Trailing commas", (2, 1), id="json syntax"),
        pytest.param(
            b'{"http://a":\n{"@id": 5}}', JSON_LD, "@id value must be a string", (2, 11), id="json-ld meaning"
        ),
        pytest.param(
            b'{"@graph": [\n{"@context": [{"a": "http://a"}, "https://context.example/"], "a": 1}]}',
            JSON_LD,
            "@context https://context.example/ is on the web",
            (2, 35),
            id="remote context",
        ),
    ],
)
def test_an_error_says_what_and_where(content: bytes, syntax: Syntax, message: str, place: tuple[int, int]) -> None:
    error = refusal(content, syntax)
    assert error.args[0].startswith(syntax.label)
    with pytest.raises(DocumentError, match=message):
        raise error
    assert (error.line, error.column) == place


@pytest.mark.parametrize(
    ("content", "syntax"),
    [
        pytest.param(content, syntax, id=f"{syntax.name}: {content.decode()[:12] or 'nothing'}")
        for syntax, *contents in (
            (TURTLE, b"", b" \n", b"# only this"),
            (SYNTAXES["nq"], b"", b"\n"),
            (JSON_LD, b"", b"{}", b"[]", b'{"name": "not linked data"}'),
            (XML, b"", b" ", f"{HEAD}</rdf:RDF>".encode()),
        )
        for content in contents
    ],
)
def test_a_document_without_a_statement_is_an_error(content: bytes, syntax: Syntax) -> None:
    error = refusal(content, syntax)
    assert str(error) == f"{syntax.label}: the document is empty: it has no statement"
    assert error.fix


@pytest.mark.parametrize("text", ["<<( <http://a> <http://b> 1 )>>", '"x"@en--ltr'], ids=["triple term", "direction"])
def test_rdf_1_2_is_refused_by_name(text: str) -> None:
    error = refusal(f"<http://e/a> <http://e/p> {text} .".encode(), TURTLE)
    assert "RDF 1.2" in str(error)
    assert "<http://e/a> and predicate <http://e/p>" in str(error)


NESTED = b'{"http://e/p":' * 10_000 + b"1" + b"}" * 10_000
MANY = b"".join(b'<http://e/%d> <http://e/p> "text" .\n' % number for number in range(200_000))
LONG = b"@prefix e: <http://e/" + b"x" * 100_000 + b"> .\n" + b"".join(b"e:a e:p %d .\n" % n for n in range(100))


@pytest.mark.parametrize(
    ("content", "syntax", "limits", "message"),
    [
        pytest.param(NESTED, JSON_LD, Limits(), "too much memory|nested too deeply", id="json-ld, 10,000 deep"),
        pytest.param(MANY, TURTLE, Limits(max_quads=10), "more than 10 statements", id="statements"),
        pytest.param(MANY, TURTLE, Limits(max_bytes=1000), "larger than 1000 bytes", id="bytes"),
        pytest.param(
            LONG, TURTLE, Limits(max_output_bytes=1 << 20), "full IRIs, the document is too", id="long prefixes"
        ),
        pytest.param(MANY * 10, TURTLE, Limits(memory_bytes=120 << 20), "more than 120 MiB of memory", id="memory"),
        pytest.param(MANY * 10, TURTLE, Limits(seconds=1), "within 1 seconds|processor time", id="time"),
    ],
)
def test_a_limit_is_an_error_that_names_it(content: bytes, syntax: Syntax, limits: Limits, message: str) -> None:
    error = refusal(content, syntax, limits)
    with pytest.raises(DocumentError, match=message):
        raise error
    assert error.fix


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(list(SYNTAXES.values())),
    st.binary(max_size=60) | st.text("<>{}[]\"':@#a \n\\&;!?/.", max_size=60).map(str.encode),
)
def test_whatever_the_bytes_there_are_statements_or_an_error(syntax: Syntax, content: bytes) -> None:
    try:
        assert sandbox.parse(content, syntax, "http://e/")
    except DocumentError as error:
        message = str(error)
    else:
        message = syntax.label
    assert message.startswith((syntax.label, "RDF 1.2"))


DOCUMENT = Document("http://e/catalogue", b"", "", datetime(2025, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("url", "media_type", "content", "name"),
    [
        pytest.param("http://e/x.rdf", "text/turtle; charset=utf-8", b"", "ttl", id="media type before suffix"),
        pytest.param("http://e/x", "Application/LD+JSON", b"", "jsonld", id="media type in capitals"),
        pytest.param("http://e/x", "application/xml", b"", "rdf", id="xml is rdf/xml"),
        pytest.param("http://e/x.ttl?download=1", "text/plain", b"", "ttl", id="suffix where the type says little"),
        pytest.param("folder.nt/x.OWL", "", b"", "rdf", id="suffix of a file"),
        pytest.param("http://e/x", "", NAME.encode(), "rdf", id="looks like rdf/xml"),
        pytest.param("http://e/x", "", declared("utf-16-le"), "rdf", id="looks like rdf/xml in utf-16"),
        pytest.param("http://e/x", "", b'\xef\xbb\xbf{"@id": "a"}', "jsonld", id="looks like json-ld"),
        pytest.param("http://e/x", "", b'[{"@id": "a"}]', "jsonld", id="looks like a list of json-ld"),
        pytest.param("http://e/x", "", b"# x\n@prefix e: <http://e/> .\ne:a a e:b .", "ttl", id="looks like turtle"),
        pytest.param("http://e/x", "", b"PREFIX e: <http://e/>\ne:a a e:b .", "ttl", id="looks like sparql's turtle"),
        pytest.param("http://e/x", "", b'<http://a> <http://b> "c d" .', "ttl", id="looks like triples"),
        pytest.param("http://e/x", "", b"[] a <http://e/b> .", "ttl", id="starts with a blank node"),
        pytest.param("http://e/x", "", b'_:a <http://b> "c d"@en <http://g> .', "nq", id="looks like quads"),
        pytest.param("http://e/x", "", b"_:a<http://b>_:c _:g.1.", "nq", id="looks like quads of blank nodes"),
        pytest.param("http://e/x", "", b"@prefix e: <http://e/> .\ne:g { e:a a e:b }", "trig", id="looks like trig"),
        pytest.param("http://e/x", "", b"GRAPH <http://g> { }", "trig", id="starts with a graph"),
    ],
)
def test_the_syntax_is_guessed(url: str, media_type: str, content: bytes, name: str) -> None:
    document = replace(DOCUMENT, url=url, media_type=media_type, content=content)
    assert sandbox.guess(document).name == name


@pytest.mark.parametrize(
    "content",
    [b"", b"<!DOCTYPE html>\n<html lang='en'>", b"<?xml version='1.0'?><feed/>", b"publiccodeYmlVersion: 0.2"],
    ids=["nothing", "html", "other xml", "yaml"],
)
def test_a_document_that_looks_like_no_syntax_is_refused(content: bytes) -> None:
    with pytest.raises(DocumentError, match="in no RDF syntax") as caught:
        sandbox.guess(replace(DOCUMENT, media_type="text/html", content=content))
    assert "text/turtle" in str(caught.value.fix)


@pytest.mark.parametrize(
    "content",
    [
        b"_:x" + b"<a>_:x" * 300_000,
        b"_:x<a>" + b"_:" * 800_000,
        b'<a><b>"x"' + b"_:" * 800_000,
        b"prefix " + b"._:" * 500_000,
        b"prefix" + b" " * 1_600_000,
        b"prefix " + b"GRAPH " * 300_000,
        b" " * 1_600_000 + b"x",
    ],
    ids=["nodes", "labels", "labels after a text", "labels after dots", "spaces after a word", "graphs", "spaces"],
)
def test_a_text_that_looks_like_many_things_is_looked_at_in_no_time(
    content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at as a whole, since the first 16 KiB would take seconds where the whole takes hours."""
    monkeypatch.setattr(sandbox, "_HEAD_BYTES", len(content))
    with suppress(DocumentError):
        sandbox.guess(replace(DOCUMENT, content=content))


# Several documents in one child.


def batched(*contents: bytes, limits: Limits | None = None) -> list[list[Quad] | str]:
    """What becomes of each document of a batch: its quads, or what is said of it."""
    batch = sandbox.Batch(XML, limits)
    for content in contents:
        batch.add(content, None)
    found: list[list[Quad] | str] = []
    for content in contents:
        try:
            found.append(batch.parse(content, None))
        except DocumentError as error:
            found.append(str(error))
    return found


def test_of_a_batch_each_document_has_its_own_statements_or_error() -> None:
    bad = HEAD.encode()
    first, broken, empty, twice = batched(NAME.encode(), bad, f"{HEAD}</rdf:RDF>".encode(), NAME.encode())
    assert first == twice == NAMED
    assert broken == str(refusal(bad, XML))
    assert "no statement" in empty


def test_documents_that_are_too_much_together_are_read_one_by_one() -> None:
    other = NAME.replace("http://e/a", "http://e/b")
    limits = Limits(max_bytes=len(NAME.encode()))
    first, second = batched(NAME.encode(), other.encode(), limits=limits)
    assert (first, len(second)) == (NAMED, 1)


@pytest.mark.parametrize("number", [0, 3_000], ids=["first", "in the middle"])
def test_a_document_that_ends_the_parser_does_not_make_those_of_its_batch_expensive(number: int) -> None:
    """Read one by one, they would take longer than a test may."""
    bad, batch = b'{"http://e/p": ' * 20_000, sandbox.Batch(JSON_LD)
    documents = [b'{"@id": "http://e/%d", "http://e/p": 1}' % document for document in range(6_000)]
    documents.insert(number, bad)
    for document in documents:
        batch.add(document, None)
    for document in documents[:number]:
        assert len(batch.parse(document, None)) == 1
    with pytest.raises(DocumentError):
        batch.parse(bad, None)
    assert all(len(batch.parse(document, None)) == 1 for document in documents[number + 1 :])


def test_asking_for_a_document_that_is_in_no_batch_leaves_the_batch_as_it_is() -> None:
    batch = sandbox.Batch(JSON_LD)
    documents = [b'{"@id": "http://e/%d", "http://e/p": 1}' % document for document in range(6_000)]
    for document in documents:
        batch.add(document, None)
    assert len(batch.parse(b'{"@id": "http://e/other", "http://e/p": 1}', None)) == 1
    assert all(len(batch.parse(document, None)) == 1 for document in documents)


def test_a_document_that_no_batch_knows_is_read_by_itself() -> None:
    assert sandbox.Batch(XML).parse(NAME.encode(), None) == NAMED
