"""Clients that others wrote, as their documentation has them used, against the real server.

Everything is on loopback, and the clients are kept from asking elsewhere.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from xml.dom.minidom import Document

import pytest
from rdflib import RDF, Dataset, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore
from SPARQLWrapper import CSV, JSON, JSONLD, N3, POST, RDFXML, TSV, TURTLE, XML, SPARQLWrapper

from catalogue.writer import writing
from tests.conftest import NOW, SOLUTION, fill
from tests.operators import TOKEN, Server, serving, settings

TITLE = f"SELECT ?t {{ <{SOLUTION.value}> <http://purl.org/dc/terms/title> ?t FILTER(LANG(?t) = 'it') }}"
EXPECTED = "Decidere insieme"
ASK = f"ASK {{ <{SOLUTION.value}> ?p ?o }}"
CONSTRUCT = f"CONSTRUCT {{ <{SOLUTION.value}> ?p ?o }} WHERE {{ <{SOLUTION.value}> ?p ?o }}"
DESCRIBE = f"DESCRIBE <{SOLUTION.value}>"
BEARER = f"Bearer {TOKEN}"
ME, NAME, OTHER = URIRef(SOLUTION.value), URIRef("http://x.example/notes"), URIRef("http://x.example/other")
NOTE = (URIRef("http://x.example/s"), URIRef("http://x.example/p"), Literal("of rdflib"))
# rdflib's own: what it does to a query with its own bindings, and to its old class of datasets.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib", "ignore:.*deprecat:DeprecationWarning")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    used = settings(tmp_path_factory.mktemp("clients"))
    with writing(used, "test", lambda: NOW) as writer:
        fill(writer)
    with serving(used) as running:
        yield running


@pytest.fixture
def endpoint(server: Server) -> str:
    return f"{server.root}/sparql"


# SPARQLWrapper


@pytest.fixture(params=["GET", "POST", "postdirectly"])
def wrapper(request: pytest.FixtureRequest, endpoint: str) -> SPARQLWrapper:
    client = SPARQLWrapper(endpoint)
    client.setMethod("GET" if request.param == "GET" else POST)
    if request.param == "postdirectly":
        client.setRequestMethod("postdirectly")
    return client


@pytest.mark.parametrize("form", [JSON, XML, CSV, TSV])
def test_sparqlwrapper_gets_tables_in_each_format(wrapper: SPARQLWrapper, form: str) -> None:
    wrapper.setQuery(TITLE)
    wrapper.setReturnFormat(form)
    answer = wrapper.queryAndConvert()
    text = answer.toxml() if isinstance(answer, Document) else answer
    assert EXPECTED in (text.decode() if isinstance(text, bytes) else json.dumps(text, ensure_ascii=False))


@pytest.mark.parametrize("query", [CONSTRUCT, DESCRIBE], ids=["construct", "describe"])
@pytest.mark.parametrize("form", [TURTLE, N3, RDFXML, XML, JSONLD])
def test_sparqlwrapper_gets_graphs_in_each_format(wrapper: SPARQLWrapper, query: str, form: str) -> None:
    wrapper.setQuery(query)
    wrapper.setReturnFormat(form)
    answer = wrapper.queryAndConvert()
    graph = answer if isinstance(answer, Graph) else Graph().parse(data=answer, format="turtle")
    assert (ME, DCTERMS.title, Literal(EXPECTED, "it")) in graph


def test_sparqlwrapper_asks(wrapper: SPARQLWrapper) -> None:
    wrapper.setQuery(ASK)
    wrapper.setReturnFormat(JSON)
    assert wrapper.queryAndConvert()["boolean"] is True  # type: ignore[index, call-overload]


@pytest.mark.parametrize("how", ["urlencoded", "postdirectly"])
def test_sparqlwrapper_updates_with_the_token(server: Server, endpoint: str, how: str) -> None:
    client = SPARQLWrapper(endpoint, f"{endpoint}/update")
    client.setMethod(POST)
    client.setRequestMethod(how)
    client.addCustomHttpHeader("Authorization", BEARER)
    client.setQuery(f"INSERT DATA {{ GRAPH {NAME.n3()} {{ {NAME.n3()} {RDF.value.n3()} '{how}' }} }}")
    client.query()
    assert server.ask(f"GRAPH {NAME.n3()} {{ ?s ?p '{how}' }}")


# rdflib


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("form", ["xml", "json", "csv", "tsv"])
def test_rdflibs_store_queries(endpoint: str, method: str, form: str) -> None:
    graph = Graph(SPARQLStore(endpoint, method=method, returnFormat=form))
    assert [str(row[0]) for row in graph.query(TITLE)] == [EXPECTED]  # type: ignore[index]
    if form in ("xml", "json"):  # rdflib reads no boolean from the others
        assert graph.query(ASK).askAnswer
    if form == "xml":  # with the others, it takes tables only
        assert (ME, DCTERMS.title, Literal(EXPECTED, "it")) in graph.query(CONSTRUCT).graph  # type: ignore[operator]


def test_rdflibs_store_is_a_graph(endpoint: str) -> None:
    graph = Graph(SPARQLStore(endpoint))
    assert (ME, DCTERMS.title, Literal(EXPECTED, "it")) in graph
    titles = set(graph.triples((ME, DCTERMS.title, None)))
    assert {str(value) for _, _, value in titles} == {"Decide <b>together</b>", EXPECTED}
    assert len(graph) > 1000
    assert graph.value(ME, DCTERMS.publisher) is not None


def test_rdflibs_update_store_adds_and_removes_with_the_token(server: Server, endpoint: str) -> None:
    store = SPARQLUpdateStore(endpoint, f"{endpoint}/update", headers={"Authorization": BEARER})
    graph = Graph(store, OTHER)
    graph.add(NOTE)
    assert server.ask(f"GRAPH {OTHER.n3()} {{ ?s ?p 'of rdflib' }}")
    assert set(graph) == {NOTE}
    assert len(graph) == 1
    graph.remove((None, None, Literal("of rdflib")))
    assert len(graph) == 0
    graph.update("INSERT DATA { <http://x.example/s> <http://x.example/p> 2 }")
    assert len(graph) == 1
    Dataset(store).remove_graph(graph)
    assert not server.ask(f"GRAPH {OTHER.n3()} {{}}")


def test_rdflibs_update_store_is_refused_without_the_token(endpoint: str) -> None:
    with pytest.raises(Exception, match=r"401|Unauthorized"):
        Graph(SPARQLUpdateStore(endpoint, f"{endpoint}/update"), OTHER).add(NOTE)


# curl

curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
CURL = {
    "GET": (["-G", "--data-urlencode", f"query={TITLE}", "-H", "Accept: text/csv"], "/sparql", EXPECTED),
    "a form": (["--data-urlencode", f"query={TITLE}", "-H", "Accept: text/csv"], "/sparql", EXPECTED),
    "a query": (["-H", "Content-Type: application/sparql-query", "--data-binary", TITLE], "/sparql", EXPECTED),
    "a header": (["-L", "-H", "Accept: text/turtle"], SOLUTION.value.partition("example")[2], EXPECTED),
    "compressed, all at once": (["--compressed"], "/dump.nt", EXPECTED),
    "a graph": (["-H", "Accept: application/n-triples"], "/graphs?default", ""),
    "an update": (
        ["--oauth2-bearer", TOKEN, "-H", "Content-Type: application/sparql-update", "--data-binary", "CLEAR DEFAULT"],
        "/sparql/update",
        "",
    ),
    "a graph that is sent": (
        ["--oauth2-bearer", TOKEN, "-X", "PUT", "-H", "Content-Type: text/turtle", "--data-binary", "<a:b> <a:b> 1 ."],
        f"/graphs?graph={quote(NAME, safe='')}",
        "",
    ),
}


@curl
@pytest.mark.parametrize(("options", "path", "expected"), CURL.values(), ids=CURL)
def test_curl_as_the_documentation_has_it(server: Server, options: list[str], path: str, expected: str) -> None:
    command = ["curl", "--silent", "--show-error", "--fail", *options, f"{server.root}{path}"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout.decode()


# Comunica

# Where `npm install @comunica/query-sparql` was run, if anywhere: it fetches hundreds of packages.
_COMUNICA = os.environ.get("COMUNICA", "")
_PROGRAM = """
const net = require('node:net'), connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...given) {
  const to = Array.isArray(given[0]) ? given[0][0] : given[0], host = (to && to.host) || 'localhost';
  if (!['127.0.0.1', 'localhost', '::1'].includes(host)) throw new Error('an outbound connection to ' + host);
  return connect.apply(this, given);
};
const { QueryEngine } = require('@comunica/query-sparql');
const [source, query] = process.argv.slice(1);
new QueryEngine().queryBindings(query, { sources: [JSON.parse(source)] })
  .then(found => found.toArray())
  .then(rows => console.log(JSON.stringify(rows.map(row => row.get('t').value).sort())))
  .catch(error => { console.error(error); process.exit(1); });
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
@pytest.mark.skipif(
    not (Path(_COMUNICA) / "node_modules/@comunica/query-sparql").is_dir() or not _COMUNICA,
    reason="COMUNICA names no folder in which @comunica/query-sparql is installed",
)
@pytest.mark.parametrize("kind", ["", "sparql", "file"], ids=["found by itself", "an endpoint", "a description"])
def test_comunica_finds_what_there_is(server: Server, kind: str) -> None:
    """By the service description alone; told that this is an endpoint; and following a thing's own address."""
    path = "/solution/" + SOLUTION.value.rpartition("/")[2] if kind == "file" else "/sparql"
    source = {"value": f"{server.root}{path}", **({"type": kind} if kind else {})}
    query = f"SELECT ?t {{ <{SOLUTION.value}> <{DCTERMS.title}> ?t }}"
    command = ["node", "-e", _PROGRAM, json.dumps(source), query]
    done = subprocess.run(command, cwd=_COMUNICA, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["Decide <b>together</b>", EXPECTED]
