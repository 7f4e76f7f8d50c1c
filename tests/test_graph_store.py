"""The SPARQL 1.1 Graph Store HTTP Protocol, over real HTTP: graphs are put, got, added to and deleted."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from catalogue.rdf import SYNTAXES, DefaultGraph, Literal, read
from catalogue.settings import Settings
from catalogue.writer import writing
from tests.conftest import NOW
from tests.operators import DIRECT as UPDATE
from tests.operators import FORM, TURTLE, Reply, Server, serving, settings

NAME = "http://x.example/graphs/one"
PERSON = """@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix v: <http://www.w3.org/2006/vcard/ns#> .
<http://x.example/person/1> a foaf:Person ; foaf:businessCard [ a v:VCard ; v:fn "%s" ] ."""
ONE, TWO = PERSON % "Alice", PERSON % "Bob"
TRIPLES = 4
DEFAULT, NAMED = "/graphs?default", f"/graphs?graph={quote(NAME, safe='')}"
DIRECT = "/graphs/person/1.ttl"
META = "/graphs?graph=" + quote("https://catalogue.example/graph/meta", safe="")


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = settings(tmp_path_factory.mktemp("graphs"))
    with writing(made, "test", lambda: NOW) as writer:
        writer.publish()
    return made


@pytest.fixture(scope="module")
def server(used: Settings) -> Iterator[Server]:
    with serving(used) as running:
        yield running


def names(reply: Reply, syntax: str = "ttl") -> list[str]:
    """The names of persons in a graph as it was got."""
    assert reply.status == 200, reply.text
    quads = list(read(reply.body, SYNTAXES[syntax]))
    assert all(isinstance(quad.graph_name, DefaultGraph) for quad in quads)
    return sorted(quad.object.value for quad in quads if isinstance(quad.object, Literal))


@pytest.mark.parametrize("path", [DEFAULT, NAMED, DIRECT, "/graphs/gestión%20á?x=y"], ids=repr)
def test_what_is_put_is_got_until_it_is_deleted(server: Server, path: str) -> None:
    path = quote(path, safe="/?&=%")
    assert server.send("DELETE", path).status in (200, 404)
    first = server.send("PUT", path, ONE, TURTLE)
    assert (first.status, first.body) == (201, b""), first.text
    got = server.send("GET", path)
    assert names(got) == ["Alice"]
    assert len(list(read(got.body, SYNTAXES["ttl"]))) == TRIPLES
    assert "genid" not in got.text
    assert server.send("PUT", path, TWO, f"{TURTLE}; charset=utf-8").status == 204
    assert names(server.send("GET", path)) == ["Bob"]
    added = server.send("POST", path, ONE, TURTLE)
    assert (added.status, "Added to the graph" in added.text) == (200, True)
    assert names(server.send("GET", path)) == ["Alice", "Bob"]
    assert server.send("POST", path, "", TURTLE).status == 204
    assert names(server.send("GET", path)) == ["Alice", "Bob"]
    deleted = server.send("DELETE", path)
    assert (deleted.status, "Deleted the graph" in deleted.text) == (200, True)
    gone = server.send("GET", path)
    assert (gone.status, gone.body) == (200, b"") if path == DEFAULT else gone.status == 404


def test_a_graph_is_asked_for_under_its_own_name(server: Server) -> None:
    assert server.send("PUT", DIRECT, "<#me> a <http://x.example/C> .", TURTLE).status == 201
    own = f"{server.root}{DIRECT}"
    assert server.ask(f"GRAPH <{own}> {{ <{own}#me> a x:C }}")
    assert server.send("GET", f"/graphs?graph={quote(own, safe='')}").status == 200
    assert server.send("GET", f"/graphs/other?graph={quote('/graphs/person/1.ttl', safe='')}").status == 200
    assert server.send("DELETE", f"/graphs?graph={quote('graphs/person/1.ttl', safe='')}").status == 200
    assert not server.ask(f"GRAPH <{own}> {{ ?s ?p ?o }}")


def test_a_graph_posted_to_the_store_gets_a_name(server: Server) -> None:
    reply = server.send("POST", "/graphs", ONE, TURTLE)
    assert reply.status == 201, reply.text
    location = reply.headers["location"]
    assert location.startswith(f"{server.root}/graphs/")
    assert names(server.send("GET", location.removeprefix(server.root))) == ["Alice"]
    assert server.ask(f"GRAPH <{location}> {{ ?s ?p ?o }}")


def test_posting_makes_a_graph_that_is_not_there(server: Server) -> None:
    path = server.graph("http://x.example/made")
    assert [server.send("POST", path, text, TURTLE).status for text in (ONE, TWO, ONE)] == [201, 200, 200]


def test_an_empty_graph_exists(server: Server) -> None:
    path = server.graph("http://x.example/empty")
    assert server.send("PUT", path, "", TURTLE).status == 201
    assert [server.send(method, path).status for method in ("GET", "HEAD", "DELETE", "GET")] == [200, 200, 200, 404]
    assert server.send("DELETE", path).status == 404


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_graphs_are_put_and_got_in_every_syntax(server: Server, syntax: object) -> None:
    assert isinstance(syntax, type(SYNTAXES["ttl"]))
    path = server.graph(f"http://x.example/{syntax.name}")
    assert server.send("PUT", path, ONE, TURTLE).status == 201
    got = server.send("GET", path, headers={"Accept": f"{syntax.media_type}, */*;q=0.1"})
    assert got.headers["content-type"].partition(";")[0] == syntax.media_type
    assert names(got, syntax.name) == ["Alice"]
    assert server.send("PUT", path, got.body, syntax.media_type).status == 204
    assert names(server.send("GET", path)) == ["Alice"]
    head = server.send("HEAD", path, headers={"Accept": syntax.media_type})
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-type"] == got.headers["content-type"]


ALIASES = {
    "application/x-turtle": "ttl",
    "text/n3": "ttl",
    "text/plain": "nt",
    "application/xml": "rdf",
    "application/json": "jsonld",
    "TEXT/Turtle;charset=UTF-8": "ttl",
}


@pytest.mark.parametrize(("media_type", "syntax"), ALIASES.items(), ids=ALIASES)
def test_syntaxes_have_other_names(server: Server, media_type: str, syntax: str) -> None:
    path = server.graph("http://x.example/alias")
    server.send("PUT", path, ONE, TURTLE)
    written = server.send("GET", path, headers={"Accept": media_type})
    assert names(written, syntax) == ["Alice"]
    assert server.send("PUT", path, written.body, media_type).status == 204
    assert names(server.send("GET", path)) == ["Alice"]


@pytest.mark.parametrize("media_type", ["application/octet-stream", ""])
def test_a_file_without_a_type_is_what_its_suffix_says(server: Server, media_type: str) -> None:
    """As curl sends files."""
    path, kind = server.graph("http://x.example/file"), media_type and f"Content-Type: {media_type}\r\n"
    forms = [
        f'--b\r\nContent-Disposition: form-data; name="a"; filename="{name}"\r\n{kind}\r\n{ONE}\r\n--b--\r\n'
        for name in ("one.TTL", "one", "one.doc")
    ]
    replies = [server.send("POST", path, form, "multipart/form-data; boundary=b") for form in forms]
    assert [reply.status for reply in replies] == [201, 415, 415]
    assert names(server.send("GET", path)) == ["Alice"]
    assert server.send("DELETE", path).status == 200


def test_what_has_no_body_has_no_type_of_it(server: Server) -> None:
    path = server.graph("http://x.example/untyped")
    replies = [server.send("PUT", path, ONE, TURTLE) for _ in range(2)]
    assert [(reply.status, "content-type" in reply.headers) for reply in replies] == [(201, False), (204, False)]


def test_the_files_of_a_form_are_one_graph(server: Server) -> None:
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="{name}.ttl"\r\n'
        f"Content-Type: text/turtle; charset=utf-8\r\n\r\n{text}\r\n"
        for name, text in (("one", ONE), ("two", TWO))
    ]
    path = server.graph("http://x.example/form")
    reply = server.send("POST", path, "".join(parts) + "--b--\r\n", "multipart/form-data; boundary=b")
    assert reply.status == 201, reply.text
    assert names(server.send("GET", path)) == ["Alice", "Bob"]


def test_reading_is_conditional_and_for_everybody(server: Server) -> None:
    path = server.graph("http://x.example/read")
    server.send("PUT", path, "<http://x.example/s> <http://x.example/p> 1 .", TURTLE)
    nobody = {"Authorization": ""}
    got = server.send("GET", path, headers=nobody)
    assert got.status == 200
    again = server.send("GET", path, headers={**nobody, "If-None-Match": got.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert server.send("GET", META, headers=nobody).status == 200


def test_statements_in_the_default_graph_are_published(server: Server) -> None:
    asset = '<http://x.example/new> a <http://www.w3.org/ns/adms#Asset> ; <http://purl.org/dc/terms/title> "New"@en .'
    assert server.send("PUT", DEFAULT, asset, TURTLE).status == 201
    assert server.ask('x:new dct:title "New"@en')
    assert "New" in server.send("GET", "/solutions", headers={"Accept": "text/html"}).text
    assert server.send("GET", "/source/curated", headers={"Accept": "text/html"}).status == 200
    assert server.send("GET", "/sources", headers={"Accept": "text/html"}).status == 200
    assert server.send("DELETE", DEFAULT).status == 200
    assert not server.ask("x:new ?p ?o")
    assert server.ask("?s a <http://www.w3.org/2004/02/skos/core#Concept>")


WRONG = {
    "a graph and the default graph": ("PUT", "/graphs?default&graph=a:b", ONE, TURTLE, 400, "one graph"),
    "two graphs": ("GET", "/graphs?graph=a:b&graph=a:c", None, "", 400, "one graph"),
    "no graph": ("GET", "/graphs", None, "", 400, "Name a graph"),
    "no graph to put": ("PUT", "/graphs", ONE, TURTLE, 400, "Name a graph"),
    "an empty name": ("PUT", "/graphs?graph=", ONE, TURTLE, 400, "no IRI"),
    "a name that is no IRI": ("PUT", "/graphs?graph=a:b%20c", ONE, TURTLE, 400, "no IRI"),
    "a graph that is not there": ("GET", "/graphs?graph=a:none", None, "", 404, "no graph <a:none>"),
    "a graph of ours": ("PUT", META, ONE, TURTLE, 403, "the catalogue's own"),
    "a graph of ours, added to": ("POST", META, ONE, TURTLE, 403, "the catalogue's own"),
    "a graph of ours, deleted": ("DELETE", META, None, "", 403, "the catalogue's own"),
    "no content type": ("PUT", NAMED, ONE, "", 415, "text/turtle"),
    "another content type": ("PUT", NAMED, ONE, "text/html", 415, "text/html"),
    "a form without files": ("POST", NAMED, "a=b", FORM, 415, FORM),
    "bad RDF": ("PUT", NAMED, "<a:b> <a:b> 1 .\n<a:b> b .", TURTLE, 400, "line 2, column "),
    "another syntax": ("PUT", NAMED, ONE, "application/rdf+xml", 400, "line 1"),
    "other graphs": ("PUT", NAMED, "<a:b> { <a:b> <a:b> 1 }", "application/trig", 400, "names the graph <a:b>"),
    "a text with control characters": ("PUT", NAMED, r'<a:b> <a:b> "\u0001" .', TURTLE, 403, "control characters"),
    "a syntax that is not offered": ("GET", META + "&format=png", None, "", 406, "text/turtle"),
    "another method": ("PATCH", NAMED, ONE, TURTLE, 405, ""),
}


@pytest.mark.parametrize(("method", "path", "body", "media_type", "status", "message"), WRONG.values(), ids=WRONG)
def test_what_is_not_done_says_why(
    server: Server, method: str, path: str, body: str | None, media_type: str, status: int, message: str
) -> None:
    reply = server.send(method, path, body, media_type)
    assert (reply.status, message in reply.text) == (status, True), reply.text[:500]
    assert server.send("GET", NAMED).status == 404


@pytest.mark.parametrize(("path", "media_type"), [(NAMED, TURTLE), ("/sparql/update", UPDATE)])
def test_what_is_too_long_is_refused_before_it_is_read(server: Server, path: str, media_type: str) -> None:
    reply = server.send("POST", path, None, media_type, {"Content-Length": str(33 * 1024 * 1024)})
    assert (reply.status, "32 MiB" in reply.text) == (413, True)


def test_who_writes_can_say_which_state_is_to_be_replaced(server: Server) -> None:
    """So that no two operators overwrite each other's edits: by what was got, whatever its syntax (RFC 9110, 13.1)."""
    path = server.graph("http://x.example/guarded")
    is_there, is_not_there = {"If-Match": "*"}, {"If-None-Match": "*"}
    assert server.send("PUT", path, ONE, TURTLE, is_there).status == 412
    assert server.send("GET", path).status == 404
    assert server.send("PUT", path, ONE, TURTLE, is_not_there).status == 201
    assert server.send("POST", path, TWO, TURTLE, is_not_there).status == 412
    first = server.send("GET", path, headers={"Accept": "application/n-triples"}).headers["etag"]
    assert server.send("GET", path).headers["etag"] != first
    assert server.send("POST", path, TWO, TURTLE, {"If-Match": f'"other", {first}'}).status == 200
    stale = [server.send(method, path, ONE, TURTLE, {"If-Match": first}).status for method in ("PUT", "POST", "DELETE")]
    assert stale == [412] * 3
    assert names(server.send("GET", path)) == ["Alice", "Bob"]
    assert server.send("DELETE", path, headers={"If-Match": server.send("GET", path).headers["etag"]}).status == 200
    assert server.send("DELETE", path, headers=is_there).status == 412


def test_of_two_who_replace_the_same_state_one_does(server: Server) -> None:
    path = server.graph("http://x.example/contested")
    assert server.send("PUT", path, ONE, TURTLE).status == 201
    state = {"If-Match": server.send("GET", path).headers["etag"]}
    with ThreadPoolExecutor() as pool:
        texts = [PERSON % f"Editor {number}" for number in range(3)]
        replies = list(pool.map(lambda text: server.send("PUT", path, text, TURTLE, state).status, texts))
    assert sorted(replies) == [204, 412, 412]


def test_the_default_graph_is_guarded_by_what_operators_said_in_it(server: Server) -> None:
    assert server.send("DELETE", DEFAULT).status == 200
    assert server.send("PUT", DEFAULT, ONE, TURTLE, {"If-Match": "*"}).status == 412
    assert server.send("PUT", DEFAULT, ONE, TURTLE, {"If-None-Match": "*"}).status == 201
    assert server.send("DELETE", DEFAULT, headers={"If-None-Match": "*"}).status == 412
    assert server.send("DELETE", DEFAULT).status == 200
