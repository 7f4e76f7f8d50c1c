"""The SPARQL 1.1 Protocol, over real HTTP: what a request may look like, what it is answered, and what a limit says."""

import csv
import http.client
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, unquote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store
from SPARQLWrapper import CSV, JSON, TURTLE, XML, SPARQLWrapper
from werkzeug.serving import make_server

from catalogue.home import Home
from catalogue.settings import load
from catalogue.sparql.guard import LONGEST_BYTES
from endpoint import create_app
from endpoint.sparql_protocol import unquoted
from tests.waiting import PATIENCE_S, listens, until

SIZE = 4000
LIMITS = {"query_timeout": "5", "query_memory": "200", "query_size": "2", "query_workers": "2", "query_queue": "1"}
CROSS = "{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
MANIFEST = {
    "number": 1,
    "created": "2026-03-01T12:00:00Z",
    "base": "http://localhost:8000",
    "title": "x",
    "change": 0,
    "lists": "",
    "search": 0,
    "counts": {},
}
ASK = "ASK { ?s ?p ?o }"
CONSTRUCT = "CONSTRUCT { <a> <http://x/p> ?o } { <http://x/1> ?p ?o }"
FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
JSON_RESULTS, XML_RESULTS = "application/sparql-results+json", "application/sparql-results+xml"


@dataclass(frozen=True)
class Request:
    """`address` is the query of the address, encoded."""

    method: str
    address: str = ""
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]


@dataclass(frozen=True)
class Server:
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/sparql"

    def send(self, request: Request) -> Reply:
        """Sends these headers and no others, as libraries would."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        connection.putrequest(request.method, f"/sparql?{request.address}".rstrip("?"))
        length = {} if request.body is None else {"Content-Length": str(len(request.body))}
        for name, value in {**request.headers, **length}.items():
            connection.putheader(name, value)
        connection.endheaders(request.body)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, content)

    def get(self, text: str, accept: str = "", **parameters: str) -> Reply:
        headers = {"Accept": accept} if accept else {}
        return self.send(Request("GET", urlencode({"query": text, **parameters}), None, headers))


def publish(path: Path) -> Home:
    home = Home(path)
    publication = home.publication(1)
    publication.mkdir(parents=True)
    store = Store(str(publication / "store"))
    value = NamedNode("http://x/p")
    store.extend(Quad(NamedNode(f"http://x/{n}"), value, Literal(f"value {n}")) for n in range(SIZE))
    for name in ("data1", "data2"):
        store.add(Quad(NamedNode(f"http://x/{name}#s"), value, Literal(name), NamedNode(f"http://x/{name}")))
    store.flush()
    del store
    (publication / "manifest.json").write_text(json.dumps(MANIFEST))
    home.set_current(1)
    return home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return publish(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def server(home: Home) -> Iterator[Server]:
    app = create_app(load({**LIMITS, "home": str(home.path)}, {}))
    listening = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield Server(listening.server_port)
    listening.shutdown()
    thread.join()
    listening.server_close()
    app.extensions["sparql"].close()


G1, G2 = quote("http://x/data1"), quote("http://x/data2")
IN_DEFAULT = quote("ASK { <http://x/data1#s> ?p ?o }")
IN_BOTH = quote("ASK { <http://x/data1#s> ?p ?a . <http://x/data2#s> ?p ?b }")
IN_NAMED = quote("ASK { GRAPH ?g { <http://x/data1#s> ?p ?o } FILTER NOT EXISTS { ?s ?p ?o } }")
FULL = quote(
    "ASK { <http://x/data1#s> ?p ?o GRAPH <http://x/data1> { ?s ?p ?o } GRAPH <http://x/data2> { ?t ?q ?r }"
    " FILTER NOT EXISTS { <http://x/data2#s> ?p ?x } }"
)
FROM_1 = quote("ASK FROM <http://x/data1> FROM NAMED <http://x/data2> { ?s ?p 'data1' GRAPH ?g { ?t ?q 'data2' } }")
FROM_2 = quote("ASK FROM <http://x/data2> { <http://x/data1#s> ?p ?o }")


def by_get(text: str, **parameters: str) -> Request:
    return Request("GET", urlencode({"query": text, **parameters}))


def by_post(body: bytes, media_type: str = FORM, address: str = "") -> Request:
    return Request("POST", address, body, {"Content-Type": media_type})


# As the W3C's protocol tests have them; all are true.
TRUE = {
    "GET": Request("GET", f"query={IN_NAMED}&named-graph-uri={G1}"),
    "GET with one default graph": Request("GET", f"query={IN_DEFAULT}&default-graph-uri={G1}"),
    "GET with two default graphs": Request("GET", f"query={IN_BOTH}&default-graph-uri={G1}&default-graph-uri={G2}"),
    "GET with an unknown graph": Request("GET", f"query={IN_DEFAULT}&default-graph-uri={G1}&default-graph-uri=a:b"),
    "a form": by_post(f"query={IN_DEFAULT}&default-graph-uri={G1}".encode()),
    "a form, the graph in the address": by_post(f"query={IN_DEFAULT}".encode(), FORM, f"default-graph-uri={G1}"),
    "a form with a charset": by_post(f"query={quote(ASK)}".encode(), f"{FORM}; charset=UTF-8"),
    "a query": by_post(ASK.encode(), DIRECT),
    "a query, the graphs in the address": by_post(
        unquote(IN_BOTH).encode(), DIRECT, f"default-graph-uri={G1}&default-graph-uri={G2}"
    ),
    "the request's graphs before the query's": Request("GET", f"query={FROM_2}&default-graph-uri={G1}"),
    "a form, each graph elsewhere": by_post(
        f"query={IN_BOTH}&default-graph-uri={G1}".encode(), FORM, f"default-graph-uri={G2}"
    ),
    "a form with a named graph": by_post(f"query={IN_NAMED}&named-graph-uri={G1}&named-graph-uri={G2}".encode()),
    "a form, default and named graphs": by_post(
        f"query={FULL}&default-graph-uri={G1}&named-graph-uri={G1}&named-graph-uri={G2}".encode()
    ),
    "a query, default and named graphs in the address": by_post(
        unquote(FULL).encode(), DIRECT, f"default-graph-uri={G1}&named-graph-uri={G1}&named-graph-uri={G2}"
    ),
    "a query in US-ASCII": by_post(ASK.encode(), f"{DIRECT}; charset=US-ASCII"),
    "capitals in the media type": by_post(ASK.encode(), "Application/SPARQL-Query;charset=utf-8"),
    "plus signs for spaces": Request("GET", "query=ASK+%7B+%3Fs+%3Fp+%3Fo+%7D"),
    "the query's own graphs": Request("GET", f"query={FROM_1}"),
    "a version": Request("GET", f"query={quote(ASK)}&version=1.2"),
    "a version of the media type": by_post(ASK.encode(), f"{DIRECT}; version=1.2"),
    "a byte order mark": by_post(f"\ufeff{ASK}".encode(), DIRECT),
    "an empty body": Request("GET", f"query={quote(ASK)}", b"", {"Content-Type": FORM}),
    "other parameters": Request("GET", f"query={quote(ASK)}&timeout=3&named-graph-uri-of=x"),
    "other characters": by_post('ASK { FILTER(STRLEN("é€𝄞") = 3) }'.encode(), DIRECT),
}


@pytest.mark.parametrize("request_", TRUE.values(), ids=TRUE)
def test_queries_come_in_three_ways(server: Server, request_: Request) -> None:
    reply = server.send(request_)
    assert (reply.status, reply.media_type) == (200, JSON_RESULTS), reply.body
    assert json.loads(reply.body)["boolean"] is True


UPDATE = "INSERT DATA { <a:b> <a:b> <a:b> }"
ONE = b"query=ASK%7B%7D"
WRONG = {
    "two queries": (Request("GET", "query=ASK%7B%7D&query=ASK%7B%7D"), 400, "one parameter “query”, and there are 2"),
    "two queries, one of them empty": (Request("GET", "query=ASK%7B%7D&query="), 400, "and there are 2"),
    "two versions": (Request("GET", "query=ASK%7B%7D&version=1.1&version=1.2"), 400, "there are several"),
    "a body with GET": (Request("GET", "query=ASK%7B%7D", ONE, {"Content-Type": FORM}), 400, "there is no body"),
    "a query in the body of a GET": (Request("GET", "", ONE, {"Content-Type": FORM}), 400, "there is no body"),
    "a query and an update": (
        Request("GET", urlencode({"query": ASK, "update": UPDATE})),
        400,
        "a query or an update, and this is both",
    ),
    "a query and an update in a form": (
        by_post(urlencode({"query": ASK, "update": UPDATE}).encode()),
        400,
        "this is both",
    ),
    "an update in the address of a POST": (by_post(ONE, FORM, urlencode({"update": UPDATE})), 403, "for operators"),
    "a form with another charset": (by_post(ONE, f"{FORM}; charset=iso-8859-1"), 415, "says iso-8859-1"),
    "a form as multipart": (by_post(ONE, "multipart/form-data; boundary=x"), 415, "it is multipart/form-data"),
    "a file as graph": (by_get(ASK, **{"default-graph-uri": "file:///etc/passwd"}), 403, "files are not read"),
    "FROM a file": (by_get("ASK FROM <file:///etc/passwd> {}"), 403, "column 10: this names a file"),
    "two queries in a form": (by_post(ONE + b"&" + ONE), 400, "there are 2"),
    "queries in address and body": (by_post(b"ASK {}", DIRECT, ONE.decode()), 400, "and not into the address"),
    "a query in the address of a POST": (by_post(b"", FORM, ONE.decode()), 400, "and not into the address"),
    "a form without query": (by_post(b"a=b"), 400, "There is no query"),
    "a form that is no form": (by_post(ONE, DIRECT), 400, "line 1, column 1: expected SELECT, ASK"),
    "another content type": (by_post(b"ASK {}", "text/plain"), 415, "and it is text/plain"),
    "a compressed body": (
        Request("POST", "", b"x", {"Content-Type": DIRECT, "Content-Encoding": "gzip"}),
        415,
        "compressed (gzip)",
    ),
    "no content type": (Request("POST", "", ONE), 415, "and it is none"),
    "UTF-16": (by_post("ASK {}".encode("utf-16"), f"{DIRECT}; charset=UTF-16"), 415, "must be UTF-8"),
    "UTF-16 that is not declared": (by_post("ASK {}".encode("utf-16"), DIRECT), 400, "is not UTF-8"),
    "Latin-1 in the address": (Request("GET", "query=ASK%7B%7D%23%E9"), 400, "in the address is not UTF-8"),
    "Latin-1 in a form": (by_post(ONE + b"%23%E9"), 400, "in the body is not UTF-8"),
    "bad syntax": (by_get("SELECT *\n{ ?s }"), 400, "line 2, column 7: expected"),
    "an empty query": (by_get(""), 400, "line 1, column 1: the query is empty"),
    "a relative graph": (by_get(ASK, **{"default-graph-uri": "x"}), 400, "not an absolute IRI"),
    "a graph that is no IRI": (by_get(ASK, **{"named-graph-uri": "a:b c"}), 400, "not an absolute IRI"),
    "an update by GET": (Request("GET", urlencode({"update": UPDATE})), 403, "updates are for operators"),
    "an update in a form": (by_post(urlencode({"update": UPDATE}).encode()), 403, "updates are for operators"),
    "an update": (by_post(UPDATE.encode(), "application/sparql-update"), 403, "updates are for operators"),
    "an update as a query": (by_get(UPDATE), 403, "INSERT is an update"),
    "SERVICE": (by_get("ASK { SERVICE <http://127.0.0.1/> {} }"), 403, "column 7: SERVICE is not offered"),
    "a long query": (by_post(b"ASK {} #" + b"x" * LONGEST_BYTES, DIRECT), 413, "longer than 64 KiB"),
    "a long body": (by_post(b"x" * 300_000), 413, ""),
    "a format that is not offered": (
        Request("GET", ONE.decode(), None, {"Accept": "image/png"}),
        406,
        "offered as application/sparql-results+json",
    ),
    "a format of the other kind": (by_get(ASK, format="ttl"), 406, "(format=csv)"),
    "time": (by_get(f"SELECT (COUNT(*) AS ?n) {CROSS}"), 504, "took longer than 5 seconds (query_timeout)"),
    "memory": (by_get(f"SELECT * {CROSS} ORDER BY ?c ?f ?i"), 503, "200 megabytes of memory (query_memory)"),
    "stack": (by_post(b"ASK { FILTER(1" + b"+1" * 32000 + b") }", DIRECT), 403, "too long or too deeply nested"),
}


@pytest.mark.parametrize(("request_", "status", "message"), WRONG.values(), ids=WRONG)
def test_what_is_not_answered_says_why_in_plain_text(
    server: Server, request_: Request, status: int, message: str
) -> None:
    reply = server.send(request_)
    assert (reply.status, reply.media_type) == (status, "text/plain"), reply.body
    assert message in reply.body.decode()
    assert reply.headers["access-control-allow-origin"] == "*"
    assert server.get(ASK).status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(server: Server, method: str) -> None:
    reply = server.send(Request(method, "", b"ASK {}", {"Content-Type": DIRECT}))
    assert reply.status == 405
    assert {"GET", "HEAD", "OPTIONS", "POST"} == set(reply.headers["allow"].split(", "))
    assert b"not with " + method.encode() in reply.body


TABLE, GRAPH = "SELECT ?o { <http://x/1> ?p ?o }", CONSTRUCT
NEGOTIATED = {
    "nothing": (TABLE, {}, "", JSON_RESULTS),
    "anything": (TABLE, {}, "*/*", JSON_RESULTS),
    "JSON": (TABLE, {}, "application/json", JSON_RESULTS),
    "XML": (TABLE, {}, "application/sparql-results+xml", XML_RESULTS),
    "text/xml": (ASK, {}, "text/xml", XML_RESULTS),
    "CSV": (TABLE, {}, "text/csv", "text/csv"),
    "any text": (TABLE, {}, "text/*", "text/csv"),
    "any application": (TABLE, {}, "application/*;q=0.2", JSON_RESULTS),
    "the more specific": (TABLE, {}, "application/*;q=0.9, application/sparql-results+json;q=0.1", XML_RESULTS),
    "one of many": (TABLE, {}, "image/png, text/html;q=0.1, text/csv;q=0.5, application/x", "text/csv"),
    "a parameter of the type": (TABLE, {}, "application/sparql-results+xml;charset=utf-8", XML_RESULTS),
    "a name as media type": (TABLE, {"format": XML_RESULTS}, "", XML_RESULTS),
    "the last of two": (TABLE, {"output": "csv", "format": "xml"}, "", XML_RESULTS),
    "XML before JSON": (TABLE, {}, "application/json;q=0.5, application/sparql-results+xml;q=0.8", XML_RESULTS),
    "any but JSON": (TABLE, {}, "*/*;q=0.1, application/sparql-results+json;q=0, application/json;q=0", XML_RESULTS),
    "TSV": (TABLE, {}, "text/tab-separated-values", "text/tab-separated-values"),
    "a format before Accept": (TABLE, {"format": "csv"}, JSON_RESULTS, "text/csv"),
    "output": (TABLE, {"output": "xml"}, "", XML_RESULTS),
    "a name of others for JSON": (TABLE, {"format": "srj"}, "", JSON_RESULTS),
    "a name of others for XML": (TABLE, {"output": "srx"}, "", XML_RESULTS),
    "a graph": (GRAPH, {}, "", "text/turtle"),
    "a graph before a page": (GRAPH, {}, "application/n-quads,text/turtle;q=0.6,text/html;q=0.1", "text/turtle"),
    "a graph no less than a page": (GRAPH, {}, "text/turtle, text/html;q=0.9, */*;q=0.1", "text/turtle"),
    "JSON-LD": (GRAPH, {}, "application/ld+json", "application/ld+json"),
    "RDF/XML": (GRAPH, {}, "application/rdf+xml, text/turtle;q=0.9", "application/rdf+xml"),
    "N-Triples": ("DESCRIBE <http://x/1>", {}, "application/n-triples", "application/n-triples"),
    "a graph, any text": (GRAPH, {}, "text/*", "text/turtle"),
    "a graph as json": (GRAPH, {"format": "json"}, "", "application/ld+json"),
    "a graph as turtle": (GRAPH, {"output": "turtle"}, "", "text/turtle"),
    "a graph as nt": (GRAPH, {"format": "nt"}, "", "application/n-triples"),
}


@pytest.mark.parametrize(("text", "parameters", "accept", "media_type"), NEGOTIATED.values(), ids=NEGOTIATED)
def test_the_format_is_negotiated(
    server: Server, text: str, parameters: dict[str, str], accept: str, media_type: str
) -> None:
    reply = server.get(text, accept, **parameters)
    assert (reply.status, reply.media_type) == (200, media_type), reply.body
    assert "Accept" in reply.headers["vary"]
    assert b"value 1" in reply.body or text == ASK


def test_relative_iris_are_resolved_against_the_endpoint(server: Server) -> None:
    assert server.get(CONSTRUCT, format="nt").body.startswith(f"<http://127.0.0.1:{server.port}/a>".encode())


@pytest.mark.parametrize("text", [ASK, "SELECT * {"], ids=["an answer", "an error"])
def test_head_is_get_without_the_body(server: Server, text: str) -> None:
    head, get = server.send(Request("HEAD", urlencode({"query": text}))), server.get(text)
    assert (head.status, head.media_type, head.body) == (get.status, get.media_type, b"")
    assert {**head.headers, "date": ""} == {**get.headers, "date": ""}


def test_who_has_an_answer_already_is_told_so(server: Server) -> None:
    first = server.get(TABLE)
    headers = {"If-None-Match": first.headers["etag"]}
    again = server.send(Request("GET", urlencode({"query": TABLE}), None, headers))
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert "content-length" not in again.headers
    other = server.send(Request("GET", urlencode({"query": TABLE, "format": "csv"}), None, headers))
    assert other.status == 200
    assert first.headers["cache-control"] == "public, no-cache"
    assert int(first.headers["content-length"]) == len(first.body)


def test_pages_of_other_hosts_may_ask(server: Server) -> None:
    headers = {"Origin": "http://x", "Access-Control-Request-Method": "POST"}
    reply = server.send(Request("OPTIONS", headers=headers))
    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert "Content-Type" in reply.headers["access-control-allow-headers"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sparqlwrapper_gets_what_it_asks_for(server: Server, method: str) -> None:
    client = SPARQLWrapper(server.url)
    client.setMethod(method)
    client.setQuery(TABLE)
    client.setReturnFormat(JSON)
    assert client.queryAndConvert()["results"]["bindings"][0]["o"]["value"] == "value 1"  # type: ignore[index, call-overload]
    client.setReturnFormat(CSV)
    assert client.queryAndConvert() == b"o\r\nvalue 1\r\n"
    client.setReturnFormat(XML)
    assert "value 1" in client.queryAndConvert().toxml()  # type: ignore[union-attr]
    client.setQuery(GRAPH)
    client.setReturnFormat(TURTLE)
    assert b"value 1" in client.queryAndConvert()  # type: ignore[operator]


def test_who_finds_all_places_taken_is_told_when_to_come_back(server: Server) -> None:
    replies: list[Reply] = []
    text = f"SELECT (COUNT(*) AS ?n) {CROSS}"
    threads = [threading.Thread(target=lambda: replies.append(server.get(text))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    busy = [reply for reply in replies if "retry-after" in reply.headers]
    assert sorted({reply.status for reply in replies}) == [503, 504]
    assert len(busy) >= 3
    assert all(b"query_queue" in reply.body and reply.status == 503 for reply in busy)


def test_a_client_that_goes_away_holds_nothing(server: Server) -> None:
    for _ in range(6):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            address = urlencode({"query": "SELECT ?s ?o ?b { ?s ?p ?o . VALUES ?b { 1 2 } }"})
            connection.sendall(f"GET /sparql?{address} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert until(lambda: server.get(ASK).status == 200)


@pytest.fixture(scope="module")
def granian(home: Home) -> Iterator[Server]:
    """The server of the product, which ends a transfer as if it were whole when an application fails under way."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = load(
        {
            **LIMITS,
            "query_timeout": "240",
            "home": str(home.path),
            "port": str(port),
            "workers": "1",
            "auto_harvest": "no",
        },
        {},
    )
    environment = {**os.environ, **settings.environment(), "PYTHONPATH": str(Path(__file__).parents[1])}
    code = "from catalogue.server import serve; from catalogue.settings import load; serve(load())"
    with subprocess.Popen([sys.executable, "-c", code], env=environment) as process:
        try:
            assert until(lambda: listens(port))
            yield Server(port)
        finally:
            process.terminate()


LARGE = "SELECT ?s ?o ?b { ?s ?p ?o . VALUES ?b { 1 2 } }"
CUT: dict[str, Callable[[bytes], object]] = {
    "json": lambda body: json.loads(body),
    "xml": ElementTree.fromstring,
    "csv": lambda body: list(csv.reader(io.StringIO(body.decode(errors="replace"), newline=""))),
    "tsv": lambda body: list(csv.reader(io.StringIO(body.decode(errors="replace"), newline=""), "excel-tab")),
    "ttl": lambda body: Store().load(body, RdfFormat.TURTLE),
    "nt": lambda body: Store().load(body, RdfFormat.N_TRIPLES),
    "rdf": lambda body: Store().load(body, RdfFormat.RDF_XML),
    "jsonld": lambda body: Store().load(body, RdfFormat.JSON_LD),
}


@pytest.mark.parametrize("name", CUT)
def test_an_answer_that_is_cut_is_no_answer_to_any_parser(granian: Server, name: str) -> None:
    form = "SELECT *" if name in ("json", "xml", "csv", "tsv") else "CONSTRUCT { ?a ?e ?i }"
    cut = granian.get(f"{form} {CROSS}", format=name)
    assert cut.status == 200
    assert b"not whole: the query was stopped: its result is larger than 2 megabytes (query_size)" in cut.body
    with pytest.raises((SyntaxError, ValueError, csv.Error)):
        CUT[name](cut.body)


def test_a_large_answer_is_sent_while_it_is_found(granian: Server) -> None:
    large = granian.get(LARGE, JSON_RESULTS)
    assert (large.status, large.headers["transfer-encoding"]) == (200, "chunked")
    assert len(json.loads(large.body)["results"]["bindings"]) == 2 * SIZE
    small = granian.get(TABLE, JSON_RESULTS)
    assert (small.status, int(small.headers["content-length"])) == (200, len(small.body))


def test_who_goes_away_while_a_query_is_evaluated_frees_its_process(granian: Server) -> None:
    """One is evaluated and one waits, since they are one client's; each might take longer than the last one waits."""
    with ExitStack() as stack:
        for number in range(2):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", granian.port)))
            address = urlencode({"query": f"SELECT (COUNT(*) AS ?n) {CROSS} # {number}"})
            connection.sendall(f"GET /sparql?{address} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        time.sleep(0.2)
    assert granian.get(f"{ASK} # after them").status == 200


def test_a_new_publication_never_serves_an_old_answer(tmp_path: Path) -> None:
    home = publish(tmp_path)
    app = create_app(load({**LIMITS, "home": str(tmp_path)}, {}))
    client = app.test_client()

    def ask() -> tuple[bool, str]:
        reply = client.get("/sparql", query_string={"query": "ASK { <http://x/new> ?p ?o }"})
        return json.loads(reply.data)["boolean"], reply.headers["ETag"]

    before = ask()
    assert ask() == before == (False, before[1])
    newer = home.publication(2)
    shutil.copytree(home.publication(1), newer)
    store = Store(str(newer / "store"))
    store.add(Quad(NamedNode("http://x/new"), NamedNode("http://x/p"), Literal("x")))
    store.flush()
    del store
    home.set_current(2)
    assert ask()[0] is True
    home.set_current(1)
    assert ask() == before
    app.extensions["sparql"].close()


@given(
    st.one_of(
        st.text(alphabet="ab%+=0aFf3D \n\r\té_", max_size=20),
        st.text(st.characters(codec="utf-8"), max_size=60).map(quote),
    )
)
def test_a_parameter_is_read_as_the_standard_library_reads_it(written: str) -> None:
    try:
        expected = unquote_plus(written, errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(UnicodeDecodeError):
            unquoted(written.encode())
    else:
        assert unquoted(written.encode()) == expected
