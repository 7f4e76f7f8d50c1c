"""The SPARQL 1.1 Protocol, over real HTTP: what a request may look like, what it is answered, and what a limit says."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlencode

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store
from SPARQLWrapper import CSV, JSON, TURTLE, XML, SPARQLWrapper
from werkzeug.serving import make_server

from catalogue.home import Home
from catalogue.settings import load
from catalogue.sparql.guard import LONGEST_BYTES
from endpoint import create_app

SIZE = 4000
LIMITS = {"query_timeout": "1.5", "query_memory": "200", "query_size": "2", "query_workers": "2", "query_queue": "1"}
CROSS = "{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
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
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
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
    (publication / "manifest.json").write_text("{}")
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
    "two queries in a form": (by_post(ONE + b"&" + ONE), 400, "there are 2"),
    "queries in address and body": (by_post(b"ASK {}", DIRECT, ONE.decode()), 400, "and not into the address"),
    "a query in the address of a POST": (by_post(b"", FORM, ONE.decode()), 400, "and not into the address"),
    "a form without query": (by_post(b"a=b"), 400, "There is no query"),
    "a form that is no form": (by_post(ONE, DIRECT), 400, "line 1, column 1: expected SELECT, ASK"),
    "another content type": (by_post(b"ASK {}", "text/plain"), 415, "and it is text/plain"),
    "no content type": (Request("POST", "", ONE), 415, "and it is none"),
    "UTF-16": (by_post("ASK {}".encode("utf-16"), f"{DIRECT}; charset=UTF-16"), 415, "must be UTF-8"),
    "UTF-16 that is not declared": (by_post("ASK {}".encode("utf-16"), DIRECT), 400, "is not UTF-8"),
    "Latin-1 in the address": (Request("GET", "query=ASK%7B%7D%23%E9"), 400, "in the address is not UTF-8"),
    "Latin-1 in a form": (by_post(ONE + b"%23%E9"), 400, "in the body is not UTF-8"),
    "bad syntax": (by_get("SELECT *\n{ ?s }"), 400, "line 2, column 7: expected"),
    "an empty query": (by_get(""), 400, "line 1, column 1: the query is empty"),
    "a relative graph": (by_get(ASK, **{"default-graph-uri": "x"}), 400, "not an absolute IRI"),
    "a graph that is no IRI": (by_get(ASK, **{"named-graph-uri": "a:b c"}), 400, "not an absolute IRI"),
    "an update by GET": (Request("GET", urlencode({"update": UPDATE})), 403, "updates are not offered"),
    "an update in a form": (by_post(urlencode({"update": UPDATE}).encode()), 403, "updates are not offered"),
    "an update": (by_post(UPDATE.encode(), "application/sparql-update"), 403, "updates are not offered"),
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
    "time": (by_get(f"SELECT (COUNT(*) AS ?n) {CROSS}"), 504, "took longer than 1.5 seconds (query_timeout)"),
    "memory": (by_get(f"SELECT * {CROSS} ORDER BY ?c ?f ?i"), 503, "200 megabytes of memory (query_memory)"),
    "size": (by_get(f"SELECT * {CROSS}"), 503, "larger than 2 megabytes (query_size)"),
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
    assert {"GET", "POST"} <= set(reply.headers["allow"].split(", "))


TABLE, GRAPH = "SELECT ?o { <http://x/1> ?p ?o }", CONSTRUCT
NEGOTIATED = {
    "nothing": (TABLE, {}, "", JSON_RESULTS),
    "anything": (TABLE, {}, "*/*", JSON_RESULTS),
    "JSON": (TABLE, {}, "application/json", JSON_RESULTS),
    "XML": (TABLE, {}, "application/sparql-results+xml", XML_RESULTS),
    "text/xml": (ASK, {}, "text/xml", XML_RESULTS),
    "CSV": (TABLE, {}, "text/csv", "text/csv"),
    "XML before JSON": (TABLE, {}, "application/json;q=0.5, application/sparql-results+xml;q=0.8", XML_RESULTS),
    "any but JSON": (TABLE, {}, "*/*;q=0.1, application/sparql-results+json;q=0, application/json;q=0", XML_RESULTS),
    "TSV": (TABLE, {}, "text/tab-separated-values", "text/tab-separated-values"),
    "a format before Accept": (TABLE, {"format": "csv"}, JSON_RESULTS, "text/csv"),
    "output": (TABLE, {"output": "xml"}, "", XML_RESULTS),
    "a graph": (GRAPH, {}, "", "text/turtle"),
    "JSON-LD": (GRAPH, {}, "application/ld+json", "application/ld+json"),
    "RDF/XML": (GRAPH, {}, "application/rdf+xml, text/turtle;q=0.9", "application/rdf+xml"),
    "N-Triples": ("DESCRIBE <http://x/1>", {}, "application/n-triples", "application/n-triples"),
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


def test_head_is_get_without_the_body(server: Server) -> None:
    reply = server.send(Request("HEAD", urlencode({"query": ASK})))
    assert (reply.status, reply.media_type, reply.body) == (200, JSON_RESULTS, b"")


def test_pages_of_other_hosts_may_ask(server: Server) -> None:
    headers = {"Origin": "http://x", "Access-Control-Request-Method": "POST"}
    reply = server.send(Request("OPTIONS", headers=headers))
    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert "Content-Type" in reply.headers["access-control-allow-headers"]


DESCRIBED = """
PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
SELECT ?endpoint (COUNT(DISTINCT ?format) AS ?formats) (COUNT(DISTINCT ?graph) AS ?graphs)
WHERE {
  ?service a sd:Service ;
    sd:endpoint ?endpoint ;
    sd:supportedLanguage sd:SPARQL11Query ;
    sd:resultFormat ?format ;
    sd:defaultDataset ?dataset .
  ?dataset sd:defaultGraph/a sd:Graph ;
    sd:namedGraph/sd:name ?graph .
}
GROUP BY ?endpoint
"""


@pytest.mark.parametrize("accept", ["text/turtle", "application/rdf+xml", "application/ld+json", "*/*", ""])
def test_without_a_query_the_endpoint_describes_itself(server: Server, accept: str) -> None:
    reply = server.send(Request("GET", headers={"Accept": accept} if accept else {}))
    described = Store()
    described.load(reply.body, RdfFormat.from_media_type(reply.media_type))
    (row,) = described.query(DESCRIBED)  # type: ignore[misc, union-attr]
    assert [term.value for term in row] == [server.url, "8", "3"]


def test_browsers_get_a_form_that_works_without_script(server: Server) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    page = server.send(Request("GET", headers={"Accept": accept}))
    body = page.body.decode()
    assert (page.status, page.media_type) == (200, "text/html")
    assert '<label for="query">' in body
    assert "<script" not in body
    for link in re.findall(r'href="/sparql\?([^"]+)"', body):
        assert server.send(Request("GET", link.replace("&amp;", "&"))).status == 200


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


def until(condition: Callable[[], bool], timeout_s: float = 20) -> bool:
    deadline = time.monotonic() + timeout_s
    while not (reached := condition()) and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    return reached


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def granian(home: Home) -> Iterator[Server]:
    """The server of the product, whose chunked transfers end as if whole when an application fails under way."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = load({**LIMITS, "home": str(home.path), "port": str(port), "workers": "1"}, {})
    environment = {**os.environ, **settings.environment(), "PYTHONPATH": str(Path(__file__).parents[1])}
    code = "from catalogue.server import serve; from catalogue.settings import load; serve(load())"
    with subprocess.Popen([sys.executable, "-c", code], env=environment) as process:
        assert until(lambda: listens(port))
        yield Server(port)
        process.terminate()


def test_no_part_of_an_answer_looks_whole(granian: Server) -> None:
    whole = granian.get("SELECT ?s ?o ?b { ?s ?p ?o . VALUES ?b { 1 2 } }", "text/csv")
    assert (whole.status, len(whole.body)) == (200, int(whole.headers["content-length"]))
    assert whole.body.count(b"\r\n") == 2 * SIZE + 1
    big = granian.get("SELECT ?s ?o ?b { ?s ?p ?o . VALUES ?b { 1 2 } }", "application/sparql-results+json")
    assert (big.status, len(big.body)) == (200, int(big.headers["content-length"]))
    assert len(json.loads(big.body)["results"]["bindings"]) == 2 * SIZE
    cut = granian.get(f"SELECT * {CROSS}", "text/csv")
    assert (cut.status, cut.media_type) == (503, "text/plain")
    assert b"query_size" in cut.body
