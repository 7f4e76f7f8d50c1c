"""Documents as people bring them: whichever kind, however broken."""

from datetime import UTC, datetime

import pytest

from catalogue.model import Document, Severity
from catalogue.rdf import SYNTAXES, read, write
from catalogue.validation import documents
from catalogue.validation.documents import recognised, validate
from catalogue.validation.report import Outcome
from catalogue.vocabulary import PREFIXES

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
LINES = HEAD.count("\n")
BODY = """<https://example.org/a> a dcat:Dataset ;
  dct:title "Decide"@en ; adms:status <http://purl.org/adms/status/Complete> ;
  dct:publisher <https://example.org/nobody> .
"""
PUBLICCODE = b'publiccodeYmlVersion: "0.5"\nname: Decide\n'


def document(content: str | bytes, url: str = "file.ttl", media_type: str = "") -> Document:
    return Document(url, content.encode() if isinstance(content, str) else content, media_type, NOW)


def paths(found: Outcome) -> set[str | None]:
    return {finding.path for finding in found.report.findings}


PROFILED = {
    "ADMS-AP by its terms": ("<a:a> a dcat:Dataset ; adms:status <a:b> .", "adms-ap"),
    "DCAT-AP without": ("<a:a> a dcat:Dataset .", "dcat-ap"),
    "DCAT-AP of anything else": ("<a:a> foaf:name 'x' .", "dcat-ap"),
    "CPOV by its class": ("<a:a> a cv:PublicOrganisation .", "cpov"),
    "our own by our terms": ("<a:a> a dcat:Dataset, adms:Asset ; osc:level <a:b> .", "catalogue"),
    "an organisation in a catalogue is DCAT-AP": ("<a:a> a cv:PublicOrganisation . <a:b> a dcat:Catalog .", "dcat-ap"),
}


@pytest.mark.parametrize(("turtle", "profile"), PROFILED.values(), ids=PROFILED.keys())
def test_the_profile_is_recognised(turtle: str, profile: str) -> None:
    assert recognised([quad.triple for quad in read(HEAD + turtle, SYNTAXES["ttl"])]) == profile


@pytest.mark.parametrize("syntax", ["ttl", "nt", "rdf", "jsonld"])
def test_rdf_is_validated_in_every_syntax(syntax: str) -> None:
    triples = [quad.triple for quad in read(HEAD + BODY, SYNTAXES["ttl"])]
    content = write(triples, SYNTAXES[syntax], PREFIXES)
    found = validate(document(content, f"file.{syntax}"), None, NOW)
    assert found.profile == "adms-ap"
    assert not found.conforms
    assert all(finding.line for finding in found.report.findings if finding.focus == "https://example.org/a")


def test_findings_stand_where_the_document_says_it_else_at_the_thing() -> None:
    found = validate(document(HEAD + BODY), None, NOW).report.findings
    by_path = {finding.path: (finding.line, finding.column) for finding in found}
    assert by_path["http://www.w3.org/ns/adms#status"] == (LINES + 2, 27)
    assert by_path["http://purl.org/dc/terms/description"] == (LINES + 1, 1)


def test_a_wrong_code_is_mended() -> None:
    found = validate(document(HEAD + BODY), None, NOW, "de").report.findings
    (finding,) = [finding for finding in found if finding.value and finding.value.endswith("/Complete")]
    assert finding.fix == "Meinten Sie „Abgeschlossen“? Schreiben Sie <http://purl.org/adms/status/Completed>."


def test_the_rules_over_documents_are_applied() -> None:
    found = validate(document(HEAD + BODY), "adms-ap", NOW).report.findings
    assert [f.severity for f in found if f.value == "https://example.org/nobody"] == [Severity.WARNING]


def test_the_profile_that_is_asked_for_is_taken() -> None:
    assert validate(document(HEAD + BODY), "dcat-ap", NOW).profile == "dcat-ap"


def test_an_unknown_profile_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="no profile 'dcat'; there are publiccode, adms-ap"):
        validate(document(BODY), "dcat", NOW)


RECOGNISED_FILES = {
    "by its name": document(b"name: x\n", "publiccode.yml"),
    "by its name in a repository": document(b"name: x\n", "https://code.example/raw/main/publiccode.yaml?inline=1"),
    "by its key": document(PUBLICCODE, "stdin"),
    "by its key after comments": document(b"# mine\n\n" + PUBLICCODE, "file.txt", "text/plain"),
    "by its key after a byte order mark": document(b"\xef\xbb\xbf" + PUBLICCODE, "file"),
}


@pytest.mark.parametrize("given", RECOGNISED_FILES.values(), ids=RECOGNISED_FILES.keys())
def test_publiccode_is_recognised(given: Document) -> None:
    found = validate(given, None, NOW)
    assert (found.profile, found.conforms) == ("publiccode", False)
    assert "url" in paths(found)


def test_publiccode_is_validated_when_it_is_asked_for() -> None:
    assert validate(document("name: x", "x.yml"), "publiccode", NOW).profile == "publiccode"


UNREADABLE: dict[str, tuple[Document, str, tuple[int, int] | None]] = {
    "an empty file": (document(""), "empty", (1, 1)),
    "an empty publiccode.yml": (document("", "publiccode.yml"), "empty", (1, 1)),
    "blanks": (document(" \n\t\n"), "empty", (1, 1)),
    "prefixes alone": (document(HEAD), "no statement", None),
    "Turtle that breaks off": (document("<a:a> <a:b>\n <a:c> ;\n  <a:d"), "Turtle", (3, 3)),
    "JSON that breaks off": (document('{"@id": "a:a",\n "a:b" "c"}', "a.jsonld"), "JSON-LD", (2, 8)),
    "XML that is none": (document("<rdf:RDF>\n<a></b></rdf:RDF>", "a.rdf"), "not well-formed", (2, 6)),
    "bytes that are no text": (document(b'<a:a> <a:b>\n "\xff" .'), "is not UTF-8", (2, 3)),
    "a page of the web": (document("<!DOCTYPE html><title>x</title>", "x", "text/html"), "no RDF syntax", None),
    "too much": (document(b" " * (documents.MAX_BYTES + 1)), "larger than 10 MiB", None),
}


@pytest.mark.parametrize(("given", "message", "place"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_cannot_be_read_does_not_conform(given: Document, message: str, place: tuple[int, int] | None) -> None:
    found = validate(given, None, NOW)
    (finding,) = found.report.findings
    assert not found.conforms
    assert message in finding.message
    assert (finding.line, finding.column) == (place or (None, None))


def test_a_good_document_conforms() -> None:
    body = """<https://example.org/city> a foaf:Agent ; foaf:name "City"@en ;
  dct:type <http://purl.org/adms/publishertype/LocalAuthority> ."""
    found = validate(document(HEAD + body), "dcat-ap", NOW)
    assert found.conforms, found.report.findings


OPENED = "<https://example.org/a> a dcat:Dataset ;\n  "
TURTLE_FIXES = {
    "a text to the end of its line": (
        'dct:title "Decide ;',
        'Close the quotes; a text of several lines stands between """',
    ),
    "a text to the end of the file": ('dct:title "Decide .', "Close the quotes that open here"),
    "a long text": ('dct:title """Decide" .\n', "Close the quotes that open here"),
    "an address": ("dct:type <https://example.org/b .\n", "Close the angle bracket that opens here"),
    "a bracket": ("dct:type [ dct:title 'x' .\n", "Close the bracket"),
    "a statement": ('dct:title "Decide"\n', "End the statement with a full stop"),
    "in the middle of a name": ("dct:title ", "Fetch or save the document again"),
}


@pytest.mark.parametrize(("rest", "fix"), TURTLE_FIXES.values(), ids=TURTLE_FIXES.keys())
def test_what_is_left_open_in_turtle_is_told(rest: str, fix: str) -> None:
    more = '\n  dct:description "y" .\n' if rest.endswith(";") else ""
    (finding,) = validate(document(HEAD + OPENED + rest + more), None, NOW).report.findings
    assert (finding.fix or "").startswith(fix), finding


DEEP = 66_000
NESTED = {
    "JSON-LD, told by its parser": ('{"a:b":' * DEEP, "a.jsonld", (1, 7 * 500 + 1)),
    "lists, with brackets in a text": ('{"a:c": "[[[\\"[",\n"a:b":' + "[" * DEEP, "a.jsonld", (2, 7 + 499)),
}


@pytest.mark.parametrize(("content", "name", "place"), NESTED.values(), ids=NESTED.keys())
def test_what_is_nested_too_deeply_is_told_as_that(content: str, name: str, place: tuple[int, int]) -> None:
    (finding,) = validate(document(content, name), None, NOW).report.findings
    assert "levels deep, too deeply to be read" in finding.message
    assert (finding.line, finding.column) == place
    assert (finding.fix or "").startswith("Describe nested things side by side")
