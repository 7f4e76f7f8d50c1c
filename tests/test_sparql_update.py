"""SPARQL Update for operators, over real HTTP: who may, what it changes, and what harvests leave of it."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from catalogue import doctor, equivalence
from catalogue.editing import update
from catalogue.errors import ConflictError
from catalogue.home import Home
from catalogue.publication import Publication
from catalogue.rdf import IRI, Literal
from catalogue.settings import Settings, load
from catalogue.updates import Update
from catalogue.vocabulary import AS, DCT, RDF
from catalogue.writer import writing
from endpoint import create_app
from tests.conftest import BASE, FEED, FILES, NOW, SOLUTION, fill, say
from tests.operators import DIRECT, FORM, PREFIXES, TOKEN, Server, serving, settings

OWN = "https://catalogue.example/graph/"
ME = SOLUTION.value


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = settings(tmp_path_factory.mktemp("operated"))
    with writing(made, "test", lambda: NOW) as writer:
        fill(writer)
    return made


@pytest.fixture(scope="module")
def server(used: Settings) -> Iterator[Server]:
    with serving(used) as running:
        yield running


# Updates, and what is asked afterwards: patterns that are found, and patterns that are not.
G, H = "GRAPH <http://x.example/g>", "GRAPH <http://x.example/h>"
T = "<http://x.example/s> <http://x.example/p>"
START = f"INSERT DATA {{ {T} 'd' {G} {{ {T} 'g' }} {H} {{ {T} 'h' }} }} ;\n"
DONE: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "insert data": (f"INSERT DATA {{ x:s x:p 1 {G} {{ x:s x:p 2 }} }}", (f"{T} 1", f"{G} {{ {T} 2 }}"), (f"{T} 2",)),
    "delete data": (f"{START} DELETE DATA {{ {T} 'd' {G} {{ {T} 'g' }} }}", (), (f"{T} 'd'", f"{G} {{ {T} 'g' }}")),
    "delete where": (f"{START} DELETE WHERE {{ {G} {{ ?s ?p ?o }} {T} 'd' }}", (), (f"{T} 'd'", f"{G} {{ {T} ?o }}")),
    "delete and insert": (
        f"{START} DELETE {{ {G} {{ ?s ?p ?o }} }} INSERT {{ ?s x:was ?o . {H} {{ ?s x:was ?o }} }} "
        f"WHERE {{ {G} {{ ?s ?p ?o }} }}",
        ("<http://x.example/s> x:was 'g'", f"{H} {{ <http://x.example/s> x:was 'g' . {T} 'h' }}"),
        (f"{G} {{ {T} ?o }}",),
    ),
    "the graph is a variable": (
        f"{START} INSERT {{ GRAPH ?g {{ ?g x:counted ?n }} }} WHERE {{ SELECT ?g (COUNT(*) AS ?n) WHERE {{"
        " GRAPH ?g { ?s x:p ?o } FILTER(STRSTARTS(STR(?g), 'http://x.example/')) } GROUP BY ?g }",
        (f"{G} {{ x:g x:counted 1 }}", f"{H} {{ x:h x:counted 1 }}"),
        (),
    ),
    "with": (
        f"{START} WITH x:g DELETE {{ ?s ?p ?o }} INSERT {{ ?s x:new ?o }} WHERE {{ ?s ?p ?o }}",
        (f"{G} {{ x:s x:new 'g' }}", f"{T} 'd'"),
        (f"{G} {{ {T} ?o }}", "x:s x:new ?o"),
    ),
    "using": (
        f"{START} INSERT {{ x:s x:from ?o }} USING x:g USING NAMED x:h "
        "WHERE { { ?s x:p ?o } UNION { GRAPH ?n { ?s x:p ?o } } }",
        ("x:s x:from 'g'", "x:s x:from 'h'"),
        ("x:s x:from 'd'",),
    ),
    "a later operation sees an earlier one": (
        "INSERT DATA { x:a x:p 1 } ; INSERT { x:b x:p ?o } WHERE { x:a x:p ?o } ; DELETE DATA { x:a x:p 1 }",
        ("x:b x:p 1",),
        ("x:a x:p 1",),
    ),
    "blank nodes": (f"INSERT DATA {{ {G} {{ x:s x:p [ x:q 1 ] }} }}", (f"{G} {{ x:s x:p ?b . ?b x:q 1 }}",), ()),
    "create": ("CREATE GRAPH x:empty", ("GRAPH x:empty {}",), ()),
    "create what is there, silently": (f"{START} CREATE SILENT GRAPH x:g", (f"{G} {{ {T} 'g' }}",), ()),
    "copy": (f"{START} COPY x:g TO x:h", (f"{H} {{ {T} 'g' }}", f"{G} {{ {T} 'g' }}"), (f"{H} {{ {T} 'h' }}",)),
    "add": (f"{START} ADD GRAPH x:g TO GRAPH x:h", (f"{H} {{ {T} 'g', 'h' }}",), ()),
    "move": (
        f"{START} MOVE x:g TO x:h",
        (f"{H} {{ {T} 'g' }}",),
        ("GRAPH x:g {}", f"{H} {{ {T} 'h' }}"),
    ),
    "add to the default graph": (f"{START} ADD x:g TO DEFAULT", (f"{T} 'g', 'd'",), ()),
    "clear": (f"{START} CLEAR GRAPH x:g", ("GRAPH x:g {}", f"{T} 'd'"), (f"{G} {{ {T} 'g' }}",)),
    "clear what is not there": (f"CLEAR GRAPH x:none ; {START}", (f"{T} 'd'",), ()),
    "clear default": (f"{START} CLEAR DEFAULT", (f"{G} {{ {T} 'g' }}", f"<{ME}> dct:title ?t"), (f"{T} 'd'",)),
    "clear named": (f"{START} CLEAR NAMED", (f"{T} 'd'",), (f"{G} {{ {T} 'g' }}", f"{H} {{ {T} ?o }}")),
    "drop": (f"{START} DROP GRAPH x:g", (f"{H} {{ {T} 'h' }}",), ("GRAPH x:g {}",)),
    "drop all": (
        f"{START} DROP ALL",
        (f"GRAPH <{OWN}changes> {{ ?s ?p ?o }}", f"<{ME}> dct:title ?t"),
        ("GRAPH x:g {}", f"{T} ?o"),
    ),
    "a setup of W3C's": (
        "DROP ALL ; CREATE GRAPH x:g ; CLEAR ALL ; INSERT DATA { GRAPH x:g { x:s x:p <test> } }",
        (f"{G} {{ x:s x:p ?o FILTER(STRENDS(STR(?o), '/sparql/test')) }}",),
        (),
    ),
}


@pytest.mark.parametrize(("text", "found", "missing"), DONE.values(), ids=DONE)
def test_an_update_is_seen_by_the_next_query(
    server: Server, text: str, found: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    reply = server.update(f"{PREFIXES}DROP ALL ;\n{text}")
    assert (reply.status, reply.body) == (204, b""), reply.text
    wrong = [f"not {pattern}" for pattern in found if not server.ask(pattern)]
    wrong += [pattern for pattern in missing if server.ask(pattern)]
    assert wrong == []


TITLE = "http://purl.org/dc/terms/title"
UPDATE = "INSERT DATA { <http://x.example/s> <http://x.example/p> 1 }"
BODY = urlencode({"update": UPDATE})
RIGHT = {
    "direct": ("", UPDATE, DIRECT),
    "direct with a charset": ("", UPDATE, f"{DIRECT}; charset=UTF-8"),
    "a form": ("", BODY, FORM),
    "a form with a charset": ("", BODY, f"{FORM}; charset=utf-8"),
    "direct with a version": ("", UPDATE, f"{DIRECT}; version=1.2"),
    "a form with a version": ("", f"{BODY}&version=1.2", FORM),
    "direct with a byte order mark": ("", f"\ufeff{UPDATE}", DIRECT),
}


@pytest.mark.parametrize(("address", "body", "media_type"), RIGHT.values(), ids=RIGHT)
def test_updates_come_in_two_ways(server: Server, address: str, body: str, media_type: str) -> None:
    assert server.update("DROP ALL").status == 204
    assert server.send("POST", f"/sparql/update{address}", body, media_type).status == 204
    assert server.ask(f"{T} 1")


ONE, TWO = (f"using-graph-uri={quote(f'http://x.example/{name}', safe='')}" for name in "gh")
NAMED = ONE.replace("graph", "named-graph", 1)
TO = "INSERT { GRAPH x:to { ?s ?p ?o } }"
COPIES, FROM_NAMED = f"{TO} WHERE {{ ?s ?p ?o }}", f"{TO} WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }}"
DATASETS = {
    "a default graph": (f"?{ONE}", COPIES, "g", "dh"),
    "two default graphs": (f"?{ONE}&{TWO}", COPIES, "gh", "d"),
    "a named graph": (f"?{NAMED}", FROM_NAMED, "g", "dh"),
    "a named graph and no default": (f"?{NAMED}", COPIES, "", "dgh"),
    "both": (f"?{NAMED}&{TWO}", f"{TO} WHERE {{ {{ ?s ?p ?o }} UNION {{ GRAPH x:g {{ ?s ?p ?o }} }} }}", "gh", "d"),
    "delete where": (f"?{ONE}", f"DELETE WHERE {{ ?s ?p ?o }} ; {COPIES}", "g", "dh"),
}  # fmt: skip


@pytest.mark.parametrize(("address", "text", "found", "missing"), DATASETS.values(), ids=DATASETS)
@pytest.mark.parametrize("is_form", [False, True], ids=["direct", "form"])
def test_the_request_names_the_graphs_of_the_patterns(
    server: Server, address: str, text: str, found: str, missing: str, is_form: bool
) -> None:
    assert server.update(f"{PREFIXES}DROP ALL ;\n{START}").status == 204
    body, media_type = (urlencode({"update": PREFIXES + text}), FORM) if is_form else (PREFIXES + text, DIRECT)
    reply = server.send("POST", f"/sparql/update{address}", body, media_type)
    assert reply.status == 204, reply.text
    assert [one for one in found if not server.ask(f"GRAPH x:to {{ {T} '{one}' }}")] == []
    assert [one for one in missing if server.ask(f"GRAPH x:to {{ {T} '{one}' }}")] == []


# One address for both, as W3C's protocol tests have it: method, address, media type, body, status.
P1, P2 = (quote(f"http://x.example/protocol/{name}", safe="") for name in "12")
INSERT_1 = "INSERT DATA { GRAPH <http://x.example/protocol/1> { <http://x.example/s> <http://x.example/p> 1 } }"
COPY = "INSERT { GRAPH <http://x.example/protocol/2> { ?s ?p ?o } } WHERE { ?s ?p ?o }"
WITH = "WITH <http://x.example/protocol/1> " + COPY
RELATIVE = (
    "BASE <http://x.example/> CLEAR SILENT GRAPH <protocol/2> ; INSERT DATA { GRAPH <protocol/2> { <s> <p> <o> } }"
)
ONE_ADDRESS: dict[str, tuple[str, str, str, bytes | str, int]] = {
    "update_post_form": ("POST", "", FORM, urlencode({"update": INSERT_1}), 204),
    "update_post_direct": ("POST", "", DIRECT, INSERT_1, 204),
    "update_post_direct, a charset": ("POST", "", f"{DIRECT}; charset=utf-8", INSERT_1, 204),
    "update_dataset_default_graph": ("POST", f"?using-graph-uri={P1}", DIRECT, COPY, 204),
    "update_dataset_default_graphs": ("POST", f"?using-graph-uri={P1}&using-graph-uri={P2}", DIRECT, COPY, 204),
    "update_dataset_named_graphs": ("POST", f"?using-named-graph-uri={P1}", DIRECT, COPY, 204),
    "update_dataset_full": ("POST", f"?using-graph-uri={P1}&using-named-graph-uri={P2}", DIRECT, COPY, 204),
    "a form that names graphs": ("POST", "", FORM, urlencode({"update": COPY}) + f"&using-graph-uri={P1}", 204),
    "update_base_uri": ("POST", "", DIRECT, RELATIVE, 204),
    "query_post_form": ("POST", "", FORM, urlencode({"query": "ASK {}"}), 200),
    "query_post_direct": ("POST", "", "application/sparql-query", "ASK {}", 200),
    "query_get": ("GET", "?query=ASK%20%7B%7D", "", b"", 200),
    "bad_query_method": ("PUT", "?query=ASK%20%7B%7D", "", b"", 405),
    "bad_multiple_queries": ("POST", "", FORM, "query=ASK%20%7B%7D&query=ASK%20%7B%7D", 400),
    "bad_query_wrong_media_type": ("POST", "", "text/plain", "ASK {}", 415),
    "bad_query_missing_form_type": ("POST", "", "", "query=ASK%20%7B%7D", 415),
    "bad_query_missing_direct_type": ("POST", "", "", "ASK {}", 415),
    "bad_query_non_utf8": ("POST", "", "application/sparql-query; charset=UTF-16", "ASK {}".encode("utf-16"), 415),
    "bad_query_syntax": ("GET", "?query=ASK%20%7B", "", b"", 400),
    "bad_update_get": ("GET", f"?{urlencode({'update': INSERT_1})}", "", b"", 403),
    "bad_multiple_updates": ("POST", "", FORM, f"{BODY}&{BODY}", 400),
    "a query and an update": ("POST", "", FORM, f"{BODY}&query=ASK%20%7B%7D", 400),
    "bad_update_wrong_media_type": ("POST", "", "text/plain", INSERT_1, 415),
    "bad_update_missing_form_type": ("POST", "", "", urlencode({"update": INSERT_1}), 415),
    "bad_update_non_utf8": ("POST", "", f"{DIRECT}; charset=UTF-16", INSERT_1.encode("utf-16"), 415),
    "bad_update_syntax": ("POST", "", FORM, urlencode({"update": "CLEAR XYZ"}), 400),
    "bad_update_dataset_conflict": ("POST", "", FORM, urlencode({"update": WITH}) + f"&using-graph-uri={P1}", 400),
}  # fmt: skip


@pytest.mark.parametrize(("method", "address", "media_type", "body", "status"), ONE_ADDRESS.values(), ids=ONE_ADDRESS)
@pytest.mark.parametrize("path", ["/sparql", "/sparql/"])
def test_one_address_takes_queries_and_an_operators_updates(
    server: Server, path: str, method: str, address: str, media_type: str, body: bytes | str, status: int
) -> None:
    reply = server.send(method, path + address, body, media_type)
    assert reply.status == status, reply.text
    if status == 204 and "INSERT DATA { GRAPH" in str(body):
        assert server.ask("GRAPH ?g { x:s x:p ?o FILTER(STRSTARTS(STR(?g), 'http://x.example/protocol/')) }")


@pytest.mark.parametrize("given", ["", "Bearer wrong", f"Basic {TOKEN}", "Bearer"])
@pytest.mark.parametrize(
    ("media_type", "body", "status", "said"),
    [(DIRECT, UPDATE, 401, "token"), (FORM, BODY, 403, "updates are for operators")],
    ids=["direct", "form"],
)
def test_where_queries_are_answered_nobody_else_updates(
    server: Server, given: str, media_type: str, body: str, status: int, said: str
) -> None:
    reply = server.send("POST", "/sparql", body, media_type, {"Authorization": given})
    assert (reply.status, said in reply.text) == (status, True)


CROSS = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER(?a = ?l && ?b = ?k)"
WRONG = {
    "no update": (FORM, "a=b", 400, "one parameter “update”"),
    "two updates": (FORM, f"{BODY}&{BODY}", 400, "there are 2"),
    "two versions": (FORM, f"{BODY}&version=1.1&version=1.2", 400, "there are several"),
    "an update and a query": (FORM, f"{BODY}&query=ASK%7B%7D", 400, "no “query”"),
    "another content type": ("text/plain", UPDATE, 415, "text/plain"),
    "no content type": ("", UPDATE, 415, "none"),
    "UTF-16": (f"{DIRECT}; charset=UTF-16", UPDATE.encode("utf-16"), 415, "UTF-16"),
    "not UTF-8": (DIRECT, b"INSERT DATA { <a:b> <a:b> '\xe9' }", 400, "not UTF-8"),
    "not UTF-8 in a form": (FORM, "update=%E9", 400, "not UTF-8"),
    "an empty update": (DIRECT, " ", 400, "empty"),
    "bad syntax": (DIRECT, "CREATE GRAPH <a:b> ;\n CLEAR XYZ", 400, "line 2, column "),
    "a query": (DIRECT, "ASK {}", 400, "line 1, column 1: expected INSERT"),
    "LOAD": (DIRECT, "LOAD SILENT <http://127.0.0.1/>", 403, "LOAD is not offered"),
    "LOAD after another": (DIRECT, f"{UPDATE} ;\n# ;\nload <file:///etc/passwd>", 403, "line 4, column 1: LOAD"),
    "SERVICE": (DIRECT, "INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", 403, "SERVICE"),
    "a graph of ours": (DIRECT, f"INSERT DATA {{ GRAPH <{OWN}meta> {{ <a:b> <a:b> 1 }} }}", 403, f"{OWN}meta"),
    "a graph of ours, dropped": (DIRECT, f"DROP GRAPH <{OWN}changes>", 403, f"{OWN}changes"),
    "a graph of ours, cleared": (DIRECT, f"CLEAR GRAPH <{OWN}record/feed/thing-0>", 403, "the catalogue's own"),
    "a graph of ours, moved": (DIRECT, f"MOVE <{OWN}changes> TO <a:b>", 403, f"{OWN}changes"),
    "a graph of ours, made": (DIRECT, f"CREATE GRAPH <{OWN}new>", 403, f"{OWN}new"),
    "graphs of ours, by a variable": (DIRECT, "DELETE WHERE { GRAPH ?g { ?s ?p ?o } }", 403, OWN),
    "the catalogue itself": (DIRECT, "INSERT DATA { <https://catalogue.example/catalog> <a:b> 1 }", 403, "catalog"),
    "a name": (DIRECT, "INSERT DATA { <a:b> <http://www.w3.org/2002/07/owl#sameAs> <a:c> }", 409, "catalogue merge"),
    "what a source says": (DIRECT, f"DELETE WHERE {{ <{ME}> a ?type }}", 409, "the source feed"),
    "a code list": (DIRECT, "DELETE WHERE { ?s a <http://www.w3.org/2004/02/skos/core#Concept> }", 409, "itself says"),
    "a graph that is there": (DIRECT, "CREATE GRAPH <a:b> ; CREATE GRAPH <a:b>", 409, "there already"),
    "a graph that is not there": (DIRECT, "DROP GRAPH <a:none>", 409, "no graph <a:none>"),
    "time": (DIRECT, f"INSERT {{ ?a <a:b> ?i }} WHERE {{ {CROSS} }}", 504, "longer than 6 seconds"),
    "nesting": (DIRECT, f"INSERT {{ ?a <a:b> ?i }} WHERE {{ {'{' * 3000}{'}' * 3000} }}", 403, "deep"),
}  # fmt: skip


@pytest.mark.parametrize(("media_type", "body", "status", "message"), WRONG.values(), ids=WRONG)
def test_what_is_not_done_says_why_and_changes_nothing(
    server: Server, media_type: str, body: bytes | str, status: int, message: str
) -> None:
    if media_type == DIRECT and isinstance(body, str) and body.startswith(("INSERT", "DELETE", "DROP", "MOVE")):
        body = f"INSERT DATA {{ <a:half> <a:half> 1 GRAPH <a:half> {{ {T} 1 }} }} ;\n{body}"
    reply = server.send("POST", "/sparql/update", body, media_type)
    assert (reply.status, reply.headers["content-type"]) == (status, "text/plain; charset=utf-8"), reply.text
    assert message in reply.text
    assert not server.ask("{ <a:half> ?p ?o } UNION { GRAPH <a:half> { ?s ?p ?o } } UNION { GRAPH <a:b> {} }")


IN_ADDRESS = {
    "an update": (f"?{BODY}", 400, "into the body"),
    "a relative graph": ("?using-graph-uri=x", 400, "not an absolute IRI"),
    "a graph that is no IRI": ("?using-named-graph-uri=a:b%20c", 400, "not an absolute IRI"),
    "not UTF-8": ("?using-graph-uri=%E9", 400, "not UTF-8"),
}


@pytest.mark.parametrize(("address", "status", "message"), IN_ADDRESS.values(), ids=IN_ADDRESS)
def test_a_wrong_address_is_explained(server: Server, address: str, status: int, message: str) -> None:
    reply = server.update(UPDATE, address)
    assert (reply.status, message in reply.text) == (status, True), reply.text


@pytest.mark.parametrize("clause", ["WITH <a:b> DELETE { ?s ?p ?o }", "DELETE { ?s ?p ?o } USING <a:b>"])
def test_graphs_are_named_by_the_request_or_by_the_update(server: Server, clause: str) -> None:
    reply = server.update(f"{clause} WHERE {{ ?s ?p ?o }}", f"?{ONE}")
    assert (reply.status, "using-graph-uri" in reply.text) == (400, True)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_updates_are_posted(server: Server, method: str) -> None:
    reply = server.send(method, f"/sparql/update?{BODY}")
    allowed = set(reply.headers["allow"].split(", "))
    assert (reply.status, allowed) == (405, {"OPTIONS", "POST"})


def basic(pair: str) -> str:
    return f"Basic {b64encode(pair.encode()).decode()}"


STRANGERS = {
    "no token": ("", ""),
    "another token": ("Bearer wrong", ', error="invalid_token"'),
    "part of the token": (f"Bearer {TOKEN[:-1]}", ', error="invalid_token"'),
    "another scheme": (f"Digest {TOKEN}", ""),
    "no password": (f"Basic {TOKEN}", ""),
    "another password": (basic("operator:wrong"), ', error="invalid_token"'),
    "the token as the name": (basic(f"{TOKEN}:"), ', error="invalid_token"'),
    "a password that is no text": ("Basic /////w==", ""),
}


@pytest.mark.parametrize(("authorization", "more"), STRANGERS.values(), ids=STRANGERS)
@pytest.mark.parametrize(("method", "path"), [("POST", "/sparql/update"), ("PUT", "/graphs?graph=a:b")])
def test_who_has_no_token_changes_nothing(
    server: Server, method: str, path: str, authorization: str, more: str
) -> None:
    reply = server.send(method, path, UPDATE, DIRECT, {"Authorization": authorization})
    challenge = f'Bearer realm="catalogue"{more}, Basic realm="catalogue", charset="UTF-8"'
    assert (reply.status, reply.headers["www-authenticate"]) == (401, challenge)
    assert TOKEN not in reply.text
    assert not server.ask("GRAPH <a:b> {}")


@pytest.mark.parametrize("path", ["/sparql", "/sparql/", "/sparql/update"])
@pytest.mark.parametrize(("media_type", "body"), [(DIRECT, UPDATE), (FORM, BODY)], ids=["direct", "form"])
def test_the_token_may_come_as_a_password(server: Server, path: str, media_type: str, body: str) -> None:
    """So that clients have it that know names and passwords only: Jena, RDF4J, rdflib, SPARQLWrapper."""
    assert server.update("DROP ALL").status == 204
    for name in ("operator", ""):
        given = {"Authorization": basic(f"{name}:{TOKEN}")}
        assert server.send("POST", path, body, media_type, given).status == 204
    assert server.ask(f"{T} 1")


@pytest.mark.parametrize("header", [{"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}], ids=["origin", "fetch"])
@pytest.mark.parametrize(("media_type", "body"), [(DIRECT, UPDATE), (FORM, BODY)], ids=["direct", "form"])
def test_a_password_that_a_browser_adds_says_nothing(
    server: Server, header: dict[str, str], media_type: str, body: str
) -> None:
    """It is added to what any page sends here, also the form of a stranger; nor is it asked for."""
    given = {"Authorization": basic(f"operator:{TOKEN}"), **header}
    reply = server.send("POST", "/sparql/update", body, media_type, given)
    assert (reply.status, reply.headers["www-authenticate"]) == (401, 'Bearer realm="catalogue"')
    assert server.send("POST", "/sparql", body, media_type, given).status in (401, 403)
    assert server.send("POST", "/sparql", body, media_type, header).status == 204


@pytest.mark.parametrize("path", ["/sparql", "/sparql/update", "/graphs?default"])
def test_scripts_of_other_pages_may_send_a_token_that_they_were_given(server: Server, path: str) -> None:
    asked = {"Origin": "http://x", "Access-Control-Request-Method": "POST", "Authorization": ""}
    reply = server.send("OPTIONS", path, headers=asked)
    assert reply.status in (200, 204)
    assert "Authorization" in reply.headers["access-control-allow-headers"].split(", ")
    assert "POST" in reply.headers["access-control-allow-methods"]


def test_both_processes_see_at_once_what_was_published(server: Server) -> None:
    """Also on pages, which each process renders of the publication that it knows."""
    for number in range(3):
        assert server.update(f"DROP ALL ; INSERT DATA {{ <{ME}> <{TITLE}> 'Title {number}'@en }}").status == 204
        pages = [server.send("GET", ME.replace("https://catalogue.example/id", "")) for _ in range(6)]
        assert [page.status for page in pages] == [200] * 6
        assert [page for page in pages if f"Title {number}" not in page.text] == []


def test_who_finds_another_process_writing_is_told_which_and_when_to_come_back(server: Server, used: Settings) -> None:
    with Home(used.home).writing("a long harvest", 1):
        reply = server.update(UPDATE)
    assert (reply.status, reply.headers["retry-after"]) == (503, "10")
    assert "a long harvest" in reply.text
    assert server.update(UPDATE).status == 204


# From here on without a server: what becomes of edits when sources change.


@pytest.fixture
def alone(tmp_path: Path) -> Settings:
    """A catalogue in which two sources give a solution two titles."""
    made = settings(tmp_path)
    with writing(made, "test", clock) as writer:
        for source, title in ((FEED, "Of the feed"), (FILES, "Of the files")):
            writer.store.put_source(source)
            say(writer, source, "one", SOLUTION, described(title))
        writer.publish()
    return made


def clock() -> datetime:
    return datetime.now(UTC)


def described(title: str) -> str:
    return f'<{ME}> a adms:Asset ; dct:title "{title}"@en ; dct:license <http://x.example/{title[-4:]}> .'


def titles(used: Settings) -> list[str]:
    with writing(used, "test", clock) as writer:
        assert not writer.store.differences()
        return [value.value for value in writer.store.objects(SOLUTION, DCT.title) if isinstance(value, Literal)]


def edit(used: Settings, text: str) -> None:
    update(used, Update(PREFIXES + text.replace("ME", f"<{ME}>"), BASE), clock)


def test_a_curated_value_wins_until_it_is_deleted(alone: Settings) -> None:
    assert titles(alone) == ["Of the files"]
    edit(alone, "INSERT DATA { ME dct:title 'Ours'@en }")
    assert titles(alone) == ["Ours"]
    edit(alone, "DELETE DATA { ME dct:title 'Ours'@en }")
    assert titles(alone) == ["Of the files"]


def test_a_value_of_a_source_is_replaced_but_not_deleted(alone: Settings) -> None:
    edit(alone, "DELETE { ME dct:title ?old } INSERT { ME dct:title 'Ours'@en } WHERE { ME dct:title ?old }")
    assert titles(alone) == ["Ours"]
    edit(alone, "CLEAR DEFAULT")
    with pytest.raises(ConflictError, match="the source files says it"):
        edit(alone, "INSERT DATA { GRAPH <a:b> { ME dct:title 1 } } ; DELETE WHERE { ME dct:title ?old }")
    assert titles(alone) == ["Of the files"]
    with writing(alone, "test", clock) as writer:
        assert not writer.store.has_graph(IRI("a:b"))


def test_harvests_and_repairs_keep_what_operators_said(alone: Settings) -> None:
    edit(alone, "INSERT DATA { ME dct:title 'Ours'@en ; dct:subject <a:s> GRAPH <a:b> { ME dct:title 'Named' } }")
    with writing(alone, "test", clock) as writer:
        say(writer, FEED, "one", SOLUTION, described("Of the feed, anew"))
        writer.store.remove(FILES.id, "one")
        writer.store.rebuild()
        writer.publish()
    assert titles(alone) == ["Ours"]
    states = {check.name: check.ok for check in doctor.examine(alone, clock)}
    assert states["state"] is states["publication"] is True
    home = Home(alone.home)
    number = home.current()
    assert number is not None
    store = Publication(home, number).store
    assert [value.value for value in store.objects(SOLUTION, DCT.title, IRI("a:b"))] == ["Named"]
    assert next(store.triples(SOLUTION, DCT.subject, IRI("a:s")), None) is not None


def test_what_nobody_else_describes_goes_with_the_edit_and_is_logged(alone: Settings) -> None:
    edit(alone, "INSERT DATA { x:new a <http://www.w3.org/ns/adms#Asset> ; dct:title 'New'@en }")
    edit(alone, "DELETE WHERE { x:new ?p ?o }")
    with writing(alone, "test", clock) as writer:
        store, thing = writer.store, IRI("http://x.example/new")
        assert list(store.quads(thing)) == []
        assert list(store.keys("curated")) == []
        events = sorted(t.subject for t in store.triples(None, AS.object, thing, store.log.graph))
        kinds = [store.value(event, RDF.type, store.log.graph) for event in events]
        assert kinds == [AS.Create, AS.Delete]
        assert not store.differences()


def test_an_alias_is_edited_as_the_thing_that_it_names(alone: Settings) -> None:
    alias = IRI("http://x.example/alias")
    with writing(alone, "test", clock) as writer:
        say(writer, FEED, "alias", alias, f'<{alias.value}> a adms:Asset ; dct:title "Alias"@en .')
        writer.store.merge(SOLUTION, alias)
        writer.publish()
        published = equivalence.published(writer.store, writer.store.minter, alias)
    edit(alone, "INSERT DATA { x:alias dct:title 'Ours'@en }")
    with writing(alone, "test", clock) as writer:
        assert equivalence.published(writer.store, writer.store.minter, alias) == published
        assert [str(value) for value in writer.store.objects(published, DCT.title)] == ['"Ours"@en']
    edit(alone, f"DELETE WHERE {{ {published} dct:title 'Ours'@en }}")
    assert "Ours" not in titles(alone)


def test_edits_of_two_things_that_become_one_can_be_taken_back(alone: Settings) -> None:
    other = IRI("http://x.example/other")
    edit(
        alone,
        "INSERT DATA { ME dct:title 'Ours'@en . x:other a <http://www.w3.org/ns/adms#Asset> ; dct:title 'Ours'@en }",
    )
    with writing(alone, "test", clock) as writer:
        writer.store.merge(SOLUTION, other)
        writer.publish()
        published = equivalence.published(writer.store, writer.store.minter, other)
    edit(alone, f"DELETE WHERE {{ {published} dct:title 'Ours'@en }}")
    with writing(alone, "test", clock) as writer:
        published = equivalence.published(writer.store, writer.store.minter, other)
        assert [str(value) for value in writer.store.objects(published, DCT.title)] == ['"Of the files"@en']
        assert not writer.store.differences()


def test_without_a_token_nobody_changes_anything(alone: Settings) -> None:
    app = create_app(load({**alone.values, "token": ""}, {}))
    with app.test_client() as client:
        replies = [
            client.post("/sparql/update", data=UPDATE, content_type=DIRECT, headers={"Authorization": "Bearer "}),
            *(client.open("/graphs?graph=a:b", method=method) for method in ("PUT", "POST", "DELETE")),
        ]
    assert [reply.status_code for reply in replies] == [403] * 4
    assert "CATALOGUE_TOKEN" in replies[0].text
    app.extensions["sparql"].close()


def test_the_token_is_shown_nowhere(alone: Settings) -> None:
    assert TOKEN not in repr(alone)
    assert load({}, alone.environment()).token == TOKEN
