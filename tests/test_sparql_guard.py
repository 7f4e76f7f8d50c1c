"""What a visitor's query may not ask for, however it is spelt; and that nothing else is refused."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from catalogue.errors import CatalogueError, QueryRefused, QuerySyntaxError
from catalogue.sparql import guard
from catalogue.sparql.guard import DEEPEST, LONGEST_BYTES, Form, check, undeclared_prefix

REMOTE = "<http://127.0.0.1:9/>"
EX = "PREFIX ex: <http://127.0.0.1:9/> "

DISGUISES = {
    "plain": "SELECT * { SERVICE @ {} }",
    "small letters": "SELECT * { service @ {} }",
    "silent": "SELECT * { SERVICE SILENT @ {} }",
    "silent, glued": "SELECT * { SERVICESILENT@{} }",
    "a variable": "SELECT * { SERVICE ?remote {} }",
    "after a comment": "SELECT * { # it's\nSERVICE#>\n@ {} }",
    "after a brace": "SELECT * {{}SERVICE@{}}",
    "after a dot": "SELECT * { ?s ?p ?o.SERVICE @ {} }",
    "after a number": "SELECT * { ?s ?p 1SERVICE@{} }",
    "after a decimal": "SELECT * { ?s ?p 1.SERVICE@{} }",
    "after a truth value": "SELECT * { ?s ?p trueSERVICE@{} }",
    "after a truth value and a dot": "SELECT * { ?s ?p true.SERVICE@{} }",
    "after a string": "SELECT * { ?s ?p 'x'SERVICE@{} }",
    "after a blank node": "SELECT * { ?s a[]SERVICE@{} }",
    "after a name with two dots": EX + "SELECT * { ?s ?p ex:a.b.SERVICE@{} }",
    "in EXISTS": "SELECT * { FILTER EXISTS { SERVICE @ {} } }",
    "in a subquery": "SELECT * { { SELECT * { SERVICE @ {} } } }",
    "in CONSTRUCT": "CONSTRUCT { ?s ?p ?o } { SERVICE @ { ?s ?p ?o } }",
    "glued to a name": EX + "SELECT * { SERVICEex:a{} }",
    "glued to a name whose prefix is declared": EX + "PREFIX SERVICEex: <urn:a> SELECT * { SERVICEex:a {} }",
    "glued to a name after a truth value": EX + "SELECT * { ?s ?p trueSERVICEex:a {} }",
    "as an empty prefix": "PREFIX : <http://127.0.0.1:9/> SELECT * { SERVICE:a {} }",
    "after the empty IRI": "BASE @ SELECT * { SERVICE<>{} }",
    "in what looks like an IRI": "SELECT * { FILTER(?a<?b)SERVICE#>\n@ {} }",
    "behind what looks like a string": "SELECT * { FILTER(?a<?b#>'''\n)SERVICE@{}#'''\n}",
    "in what looks like a long string": EX + "SELECT * { ?s ?p ('''  '  ex:a\\-b ) SERVICE @ {} #'''\n }",
    "in a long string that a surrogate ends": "SELECT * { ?s ?p ('''  ' #\\uD800\n) SERVICE @ {} #'''\n }",
    "after many IRIs": "SELECT * { VALUES ?x { " + "<a#b> " * 500 + "} SERVICE @ {} }",
}

ALLOWED = {
    "a string": 'SELECT * { ?s ?p "SERVICE <http://x/> {}" }',
    "a long string": "SELECT * { ?s ?p '''it's a \"SERVICE\" {''' }",
    "an escaped quote": r"""SELECT * { ?s ?p "a \" SERVICE <x> {}" }""",
    "an IRI": "SELECT * { ?s <http://x/SERVICE> <http://x/service#a> }",
    "an IRI after a variable": "SELECT * { ?s<http://x/SERVICE>?o }",
    "a relative IRI": "SELECT * { ?s <service/a> <#service> }",
    "other schemes": "SELECT * { ?s ?p <urn:x:service>, <mailto:info@a.service.example> }",
    "variables": "SELECT ?service $SERVICE { ?service ?p $SERVICE }",
    "a variable before an IRI and a group": "SELECT * { ?a ?service <http://x/> . { ?b ?c ?d } }",
    "local names": "PREFIX schema: <http://schema.org/> SELECT * { ?s schema:service ?o ; a schema:Service }",
    "a prefix": "PREFIX service: <http://x/> SELECT * { ?s service:a service:b }",
    "a graph's prefix": "PREFIX service: <http://x/> SELECT * { GRAPH service:a { ?s ?p ?o } }",
    "a dataset's prefix": "PREFIX service: <http://x/> SELECT * FROM service:a { ?s ?p ?o }",
    "a comment": "# SERVICE <http://x/> {}\nSELECT * { ?s ?p ?o } # LOAD",
    "update words": 'SELECT ?load ?insert { ?load ?insert "DELETE DATA", <http://x/DROP> }',
    "comparisons": "SELECT * { ?s ?service ?a FILTER(?a<3 && ?a>1) }",
    "escapes": r"SELECT * { ?s ?p <http://x/\u0066ile:>, '\U0001F600' }",
    "the example of a file": 'SELECT * FROM <http://x/a> { ?s ?p <file:///etc/passwd>, "FROM <file:///>" }',
}


@pytest.mark.parametrize("query", DISGUISES.values(), ids=DISGUISES)
def test_service_is_refused_in_every_disguise(query: str) -> None:
    with pytest.raises(QueryRefused, match=r"line \d+, column \d+: SERVICE is not offered"):
        check(query.replace("@", REMOTE))


@pytest.mark.parametrize("query", ALLOWED.values(), ids=ALLOWED)
def test_words_that_only_look_alike_are_allowed(query: str) -> None:
    assert check(query) is Form.SELECT
    Store().query(query, base_iri="http://x/")  # and it is SPARQL


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("SELECT*{}", Form.SELECT),
        ("ask{}", Form.ASK),
        ("PREFIX select: <http://x/> CONSTRUCT WHERE { ?s ?p ?o }", Form.CONSTRUCT),
        ("# ASK\nBASE <http://ask/> PREFIX : <a> DESCRIBE :b", Form.DESCRIBE),
    ],
    ids=lambda value: str(value)[:20],
)
def test_the_form_is_the_first_word_after_the_prologue(query: str, form: Form) -> None:
    assert check(query) is form


@pytest.mark.parametrize(
    "query",
    [
        "INSERT DATA { <a:b> <a:b> <a:b> }",
        "PREFIX x: <http://x/> DELETE WHERE { ?s ?p ?o }",
        "LOAD <http://x/>",
        "clear all",
        "WITH <g> DELETE { ?s ?p ?o } WHERE {}",
        "# SELECT\nDROP DEFAULT",
        "CREATE GRAPH <g>",
        "COPY <a> TO <b>",
        "MOVE <a> TO <b>",
        "ADD <a> TO <b>",
    ],
    ids=lambda query: query.split()[0],
)
def test_updates_are_refused_as_such(query: str) -> None:
    with pytest.raises(QueryRefused, match="updates are not offered"):
        check(query)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT * FROM <file:///etc/passwd> {}", "column 15: this names a file"),
        ("SELECT * FROM NAMED <FILE:a> {}", "this names a file"),
        ("SELECT * FROM # <http://x/>\n<file:///etc/passwd> {}", "line 2, column 1: this names a file"),
        (r"SELECT * FROM <f\u0069le:///etc/passwd> {}", "this names a file"),
        (r"SELECT * FROM <\U00000066ile:///etc/passwd> {}", "this names a file"),
        ("BASE <file:///etc/> SELECT * FROM <passwd> {}", "column 6: this names a file"),
        ("PREFIX etc: <file:///etc/> SELECT * FROM NAMED etc:passwd {}", "this names a file"),
        ("PREFIX : <File:///etc/> SELECT * FROM :passwd {}", "this names a file"),
        ("SELECT * " + "{" * 3000 + "}" * 3000, "nested deeper than 100"),
        ("SELECT (" + "(" * 101 + "1" + ")" * 101 + " AS ?x) {}", "nested deeper than 100"),
        ("SELECT * { ?s ?p " + "[ ?p " * 200 + "1" + "]" * 200 + "}", "nested deeper than 100"),
        ("ASK {} #" + "é" * (LONGEST_BYTES // 2), "longer than 64 KiB"),
    ],
    ids=[
        *("file", "named file", "after a comment", "escaped", "escaped at length", "base", "prefix", "empty prefix"),
        *("braces", "parentheses", "blank nodes", "long"),
    ],
)
def test_files_and_what_breaks_the_parser_are_refused(query: str, reason: str) -> None:
    with pytest.raises(QueryRefused, match=reason):
        check(query)


def test_nesting_as_people_write_it_is_allowed() -> None:
    assert check("SELECT * " + "{" * DEEPEST + "}" * DEEPEST + " # " + "((" * DEEPEST) is Form.SELECT


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "line 1, column 1: the query is empty"),
        ("# only a comment", "line 1, column 1: the query is empty"),
        ("PREFIX a: <b>\n  SELCT *", "line 2, column 3: expected SELECT, ASK, CONSTRUCT or DESCRIBE, not 'SELCT'"),
        ("{ ?s ?p ?o }", "line 1, column 1: expected"),
        ("ASK {\n}\udcff", "line 2, column 2: a byte that is not UTF-8"),
    ],
    ids=["empty", "comment", "misspelt", "pattern", "no text"],
)
def test_what_is_no_query_is_a_syntax_error_with_its_place(query: str, message: str) -> None:
    with pytest.raises(QuerySyntaxError) as error:
        check(query)
    assert str(error.value).startswith(message)


def test_a_prefix_without_declaration_is_named_with_its_place() -> None:
    assert undeclared_prefix("PREFIX a: <b>\nSELECT * { ?s a:x 'c:d' ; dct:title ?o }") == (
        "line 2, column 27: the prefix dct: is not declared"
    )
    assert undeclared_prefix("PREFIX a: <b> SELECT * { ?s a:x ?o }") is None


@pytest.mark.parametrize(
    "piece",
    ["a.", "<#a>", "<#a>\n", "<a", "?a<a>", "'''a'", "'''\\q", "@en-", "a-", "_:a.", "service:a ", "ex:a.", "'", '"""'],
)
def test_no_text_takes_the_guard_long(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer than a query may be: with backtracking the longest took minutes, and this would take hours."""
    longest = 4 * LONGEST_BYTES
    monkeypatch.setattr(guard, "LONGEST_BYTES", longest)
    query = ("SELECT * { ?service " + piece * longest)[:longest]
    with contextlib.suppress(CatalogueError):
        check(query)


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[str, list[int]]]:
    """A server that counts who comes, and answers nothing."""
    calls: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    calls.append(1)
                    connection.recv(4096)
                    connection.sendall(b"HTTP/1.1 500 no\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/", calls
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


PIECES = (
    "SERVICE", "service", "SILENT", "@", "ex:", "ex:a", ":a", "SERVICEex:a", "ex:a.b.", "{", "}", "{}", "(", ")", ".",
    ";", ",", " ", "\n", "#", "#>", "'", "''", "'''", '"', '"""', "\\-", "\\'", "\\q", "\\uD800", "<", ">", "<a",
    "?a<?b",
    "?s", "?p", "?o", "a", "1", "true", "1e5", "_:x", "@en", "FILTER(", "GRAPH", "VALUES ?x {", "OPTIONAL", "UNION",
    "//",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=14))
@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_passes_never_reaches_another_host(listener: tuple[str, list[int]], pieces: list[str]) -> None:
    address, calls = listener
    body = " ".join(pieces) if len(pieces) % 2 else "".join(pieces)
    query = f"PREFIX ex: <{address}> PREFIX : <{address}> SELECT * {{ ?s ?p ?o . " + body.replace("@", f"<{address}>")
    store = Store()
    store.add(Quad(NamedNode("http://x/"), NamedNode("http://x/"), Literal("x")))
    for end in ("", "}", " {} }", ") }"):
        with contextlib.suppress(CatalogueError, SyntaxError, RuntimeError, OSError, ValueError):
            check(query + end)
            list(store.query(query + end, base_iri=address))  # type: ignore[arg-type]
        assert not calls, query + end


@pytest.mark.parametrize(
    "query",
    [r"SELECT * { \u0053ERVICE @ {} }", r"SELECT * { S\u0045RVICE SILENT @ {} }", r"\u0053ELECT * { SERVICE @ {} }"],
    ids=["first letter", "another letter", "another word"],
)
def test_the_engine_reads_no_escapes_in_words(listener: tuple[str, list[int]], query: str) -> None:
    """So the guard need not: such a text is no query to it, and nobody is asked."""
    address, calls = listener
    with pytest.raises(SyntaxError):
        Store().query(query.replace("@", f"<{address}>"))
    assert not calls


@pytest.mark.parametrize("query", DISGUISES.values(), ids=DISGUISES)
def test_the_disguises_are_real(listener: tuple[str, list[int]], query: str) -> None:
    """The engine follows each of them, so the table above is about the engine, and not about the guard."""
    address, calls = listener
    store = Store()
    store.add(Quad(NamedNode("http://x/"), NamedNode("http://x/"), Literal("x")))
    with contextlib.suppress(OSError, RuntimeError):
        list(store.query(query.replace("@", f"<{address}>").replace("http://127.0.0.1:9/", address), base_iri=address))  # type: ignore[arg-type]
    assert calls or "?remote" in query
    calls.clear()
