"""XML that is no RDF, as the sandbox reads it."""

import pytest

from catalogue import sandbox
from catalogue.errors import DocumentError
from catalogue.rdf import SYNTAXES
from catalogue.sandbox import Element, Limits

LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_names_have_namespaces_and_texts_are_whole(encoding: str) -> None:
    xml = f'<?xml version="1.0" encoding="{encoding}"?><a xmlns="u:a" b="1"><x:c xmlns:x="u:x" xml:lang="it">perch'
    xml += "é<!-- not this --> &lt;<![CDATA[&]]></x:c> </a>"
    inner = Element("{u:x}c", {LANGUAGE: "it"}, ("perché <&",))
    assert sandbox.parse_xml(xml.encode(encoding)) == Element("{u:a}a", {"b": "1"}, (inner, " "))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b'<!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>', "DOCTYPE", id="a DOCTYPE"),
        pytest.param(b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "DOCTYPE", id="an outside DOCTYPE"),
        pytest.param(b"<a>&b;</a>", "undefined entity", id="an entity"),
        pytest.param(b"<a>" * 101 + b"</a>" * 101, "nested more than 100 deep", id="depth"),
        pytest.param(b"<a>" + b"<b/>" * 500_001 + b"</a>", "more than 500000 elements", id="number"),
        pytest.param(b"<a:b/>", "unbound prefix", id="a prefix without a namespace"),
        pytest.param(b"<a><b></a>", "mismatched tag", id="tags that do not match"),
        pytest.param(b"<?xml version='1.0' encoding='klingon'?><a/>", "unknown encoding", id="an unknown encoding"),
        pytest.param(b"<a>\xe9</a>", "not UTF-8", id="another encoding than it says"),
        pytest.param(b" ", "empty", id="nothing"),
    ],
)
def test_what_is_dangerous_or_broken_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(DocumentError, match=words):
        sandbox.parse_xml(content)


def test_a_tree_that_would_be_too_large_is_refused() -> None:
    namespace = "u:" + "x" * 10_000
    content = f'<a xmlns="{namespace}">{"<b/>" * 1000}</a>'.encode()
    with pytest.raises(DocumentError, match="too large"):
        sandbox.parse_xml(content, Limits(max_output_bytes=1_000_000))
    with pytest.raises(DocumentError, match="larger than 10 bytes"):
        sandbox.parse_xml(content, Limits(max_bytes=10))


@pytest.mark.parametrize("content", [b"", b"\n", b"@prefix a: <u:a> ."])
def test_rdf_may_say_nothing_where_that_is_an_answer(content: bytes) -> None:
    assert sandbox.parse(content, SYNTAXES["ttl"], None, may_be_empty=True) == []
