"""What the endpoint and the dataset say of themselves is true: compared with what queries of the store itself give."""

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, Store

from catalogue.rdf import SYNTAXES, read
from catalogue.settings import Settings, load
from endpoint import create_app, dumps

SD = "PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> PREFIX void: <http://rdfs.org/ns/void#> "
VOID = "PREFIX void: <http://rdfs.org/ns/void#> PREFIX owl: <http://www.w3.org/2002/07/owl#> "
PROV = "PREFIX prov: <http://www.w3.org/ns/prov#> "
FORMATS = {
    "application/sparql-results+json": "SPARQL_Results_JSON",
    "application/sparql-results+xml": "SPARQL_Results_XML",
    "text/csv": "SPARQL_Results_CSV",
    "text/tab-separated-values": "SPARQL_Results_TSV",
    "text/turtle": "Turtle",
    "application/rdf+xml": "RDF_XML",
    "application/ld+json": "JSON-LD",
    "application/n-triples": "N-Triples",
}
TYPES = ["text/turtle", "application/rdf+xml", "application/ld+json", "application/n-triples"]


@pytest.fixture(scope="module")
def application(web_settings: Settings) -> Iterator[Flask]:
    app = create_app(web_settings)
    yield app
    app.extensions["sparql"].close()


@pytest.fixture
def visitor(application: Flask) -> FlaskClient:
    return application.test_client()


def described(visitor: FlaskClient, path: str, accept: str = "") -> Store:
    reply = visitor.get(path, headers={"Accept": accept} if accept else {})
    assert reply.status_code == 200, reply.text
    store = Store()
    store.load(reply.data, RdfFormat.from_media_type(reply.mimetype or ""))
    return store


def values(store: Store, query: str) -> list[tuple[str, ...]]:
    found = store.query(query)
    return sorted(tuple(term.value if term else "" for term in row) for row in found)  # type: ignore[union-attr]


def asked(visitor: FlaskClient, query: str) -> list[tuple[str, ...]]:
    answer = json.loads(visitor.get("/sparql", query_string={"query": query, "format": "json"}, buffered=True).data)
    names = answer["head"]["vars"]
    return sorted(tuple(row[name]["value"] for name in names) for row in answer["results"]["bindings"])


@pytest.mark.parametrize("accept", [*TYPES, "*/*", ""])
def test_the_endpoint_describes_itself_in_the_form_that_is_asked_for(visitor: FlaskClient, accept: str) -> None:
    store = described(visitor, "/sparql", accept)
    (row,) = values(
        store,
        SD + "SELECT ?endpoint ?language (COUNT(?format) AS ?formats) { ?service a sd:Service ; sd:endpoint ?endpoint ;"
        " sd:supportedLanguage ?language ; sd:resultFormat ?format } GROUP BY ?endpoint ?language",
    )
    assert row == ("http://localhost/sparql", "http://www.w3.org/ns/sparql-service-description#SPARQL11Query", "8")
    assert visitor.get("/sparql").mimetype == "text/turtle"


LANGUAGES = (
    SD + "SELECT ?endpoint ?language { ?s a sd:Service ; sd:endpoint ?endpoint ; sd:supportedLanguage ?language }"
)


def test_updates_are_described_where_operators_may_write_and_nowhere_else(
    visitor: FlaskClient, web_settings: Settings
) -> None:
    app = create_app(load({**web_settings.values, "token": "a token"}, {}))
    term = "http://www.w3.org/ns/sparql-service-description#SPARQL11"
    queries = ("http://localhost/sparql", f"{term}Query")
    updates = [(f"http://localhost/sparql{path}", f"{term}Update") for path in ("", "/update")]
    assert values(described(visitor, "/sparql"), LANGUAGES) == [queries]
    assert values(described(app.test_client(), "/sparql"), LANGUAGES) == [queries, *updates]
    app.extensions["sparql"].close()


# Property → the classes of its subject and its object, as far as the vocabulary has them; None for any resource.
SCHEMA = {
    "endpoint": ("Service", None),
    "supportedLanguage": ("Service", None),
    "feature": ("Service", None),
    "resultFormat": ("Service", None),
    "defaultDataset": ("Service", "Dataset"),
    "availableGraphs": ("Service", None),
    "defaultGraph": ("Dataset", "Graph"),
    "namedGraph": (None, "NamedGraph"),
    "name": ("NamedGraph", None),
    "graph": ("NamedGraph", "Graph"),
}


def test_subjects_and_objects_are_of_the_classes_that_the_vocabulary_says(visitor: FlaskClient) -> None:
    store = described(visitor, "/sparql")
    space = "http://www.w3.org/ns/sparql-service-description#"
    used = {row[0].removeprefix(space) for row in values(store, "SELECT DISTINCT ?p { ?s ?p ?o }") if space in row[0]}
    assert used <= SCHEMA.keys()
    for name in used:
        for variable, of in zip(("?s", "?o"), SCHEMA[name], strict=True):
            wrong = f"SELECT {variable} {{ ?s sd:{name} ?o FILTER NOT EXISTS {{ {variable} a sd:{of} }} }}"
            assert of is None or values(store, SD + wrong) == []


def test_every_format_that_is_named_is_answered(visitor: FlaskClient) -> None:
    named = values(described(visitor, "/sparql"), SD + "SELECT ?format { ?service sd:resultFormat ?format }")
    space, answered = "http://www.w3.org/ns/formats/", set[str]()
    for media_type, name in FORMATS.items():
        query = "ASK {}" if "SPARQL" in name else "CONSTRUCT WHERE { ?s a ?o }"
        reply = visitor.get("/sparql", query_string={"query": query}, headers={"Accept": media_type}, buffered=True)
        assert reply.mimetype == media_type
        answered.add(space + name)
    assert {row[0] for row in named} == answered


def test_graphs_are_those_of_the_store_with_their_sizes(visitor: FlaskClient) -> None:
    store = described(visitor, "/sparql")
    told = values(store, SD + "SELECT ?name ?n { ?x sd:namedGraph [ sd:name ?name ; sd:graph [ void:triples ?n ] ] }")
    count = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    true = [row for row in asked(visitor, count) if "/graph/record/" not in row[0]]
    assert told == true
    (default,) = values(store, SD + "SELECT ?n { ?dataset a sd:Dataset ; sd:defaultGraph [ void:triples ?n ] }")
    assert [default] == asked(visitor, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")


def test_the_graphs_of_records_are_counted_and_not_listed(visitor: FlaskClient) -> None:
    store = described(visitor, "/sparql")
    ((space, count),) = values(store, SD + "SELECT ?u ?n { ?x void:subset [ void:uriSpace ?u ; void:documents ?n ] }")
    true = asked(visitor, f'SELECT ?g {{ GRAPH ?g {{}} FILTER(STRSTARTS(STR(?g), "{space}")) }}')
    assert int(count) == len(true) > 0


def test_the_description_names_the_address_that_it_was_asked_at(visitor: FlaskClient) -> None:
    found = values(
        described(visitor, "/sparql/"), SD + "SELECT ?e { ?s sd:supportedLanguage sd:SPARQL11Query ; sd:endpoint ?e }"
    )
    assert found == [("http://localhost/sparql",), ("http://localhost/sparql/",)]


def test_before_the_first_publication_the_endpoint_still_describes_itself(empty_settings: Settings) -> None:
    app = create_app(empty_settings)
    store = described(app.test_client(), "/sparql")
    assert values(store, SD + "SELECT ?endpoint { ?s sd:endpoint ?endpoint }") == [("http://localhost/sparql",)]
    assert app.test_client().get("/void").status_code == 503


def test_the_address_is_the_public_one_behind_a_proxy_that_ends_tls(
    visitor: FlaskClient, web_settings: Settings
) -> None:
    host = web_settings.base.partition("://")[2]
    reply = visitor.get("/sparql", headers={"Host": host, "Accept": "application/n-triples"})
    assert f"<{web_settings.base}/sparql>" in reply.text


@pytest.mark.parametrize("path", ["/void", *(f"/void.{suffix}" for suffix in ("ttl", "rdf", "jsonld", "nt"))])
def test_the_dataset_is_described_in_every_form(visitor: FlaskClient, path: str) -> None:
    store = described(visitor, path)
    query = VOID + "SELECT ?e { ?d a void:Dataset ; void:sparqlEndpoint ?e . [] a void:DatasetDescription }"
    assert values(store, query) == [("http://localhost/sparql",)]


def test_robots_find_the_dataset_where_they_look_first(visitor: FlaskClient) -> None:
    reply = visitor.get("/.well-known/void")
    assert (reply.status_code, reply.headers["Location"]) == (303, "/void")


STATISTICS = {
    "triples": ("SELECT ?n { ?d void:sparqlEndpoint ?e ; void:triples ?n }", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"),
    "classes": (
        "SELECT ?c ?n { ?d void:classPartition [ void:class ?c ; void:entities ?n ] }",
        "SELECT ?c (COUNT(*) AS ?n) { ?s a ?c } GROUP BY ?c",
    ),
    "properties": (
        "SELECT ?p ?n { ?d void:propertyPartition [ void:property ?p ; void:triples ?n ] }",
        "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p",
    ),
    "number of classes": (
        "SELECT ?n { ?d void:classes ?n }",
        "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }",
    ),
    "number of properties": (
        "SELECT ?n { ?d void:properties ?n }",
        "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
    ),
    "links to sources": (
        "SELECT (SUM(?n) AS ?sum) { ?l a void:Linkset ; void:linkPredicate prov:wasDerivedFrom ; void:triples ?n }",
        'SELECT (COUNT(*) AS ?n) { ?s prov:wasDerivedFrom ?r FILTER(CONTAINS(STR(?r), "/graph/record/")) }',
    ),
}


@pytest.mark.parametrize(("told", "true"), STATISTICS.values(), ids=STATISTICS)
def test_figures_are_what_queries_give(visitor: FlaskClient, told: str, true: str) -> None:
    found = values(described(visitor, "/void"), VOID + PROV + told)
    assert found == asked(visitor, PROV + true)
    assert found


def test_examples_are_published_and_of_each_kind(visitor: FlaskClient) -> None:
    for (example,) in values(described(visitor, "/void"), VOID + "SELECT ?x { ?d void:exampleResource ?x }"):
        assert asked(visitor, f"SELECT * {{ <{example}> a ?class }}")


def test_a_second_description_has_the_same_bytes_and_need_not_be_sent(visitor: FlaskClient) -> None:
    for path in ("/sparql", "/void"):
        first, second = visitor.get(path), visitor.get(path)
        assert first.data == second.data
        again = visitor.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_the_dump_that_is_named_holds_all_that_is_published_but_persons(visitor: FlaskClient) -> None:
    ((address,),) = values(described(visitor, "/void"), VOID + "SELECT ?dump { ?d void:dataDump ?dump }")
    path = "/dump.nt"
    assert address == f"https://catalogue.example{path}"
    first = visitor.get(path, buffered=True)
    assert (first.status_code, first.mimetype) == (200, "application/n-triples")
    ((published,),) = asked(visitor, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert len({quad.triple for quad in read(first.data, SYNTAXES["nt"])}) == int(published)
    head = visitor.head(path)
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", first.headers["ETag"])
    again = visitor.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_who_asks_while_a_dump_is_made_is_asked_to_come_again(visitor: FlaskClient) -> None:
    with dumps.MAKING:
        busy = visitor.get("/dump.nt")
        assert (busy.status_code, busy.headers["Retry-After"]) == (503, "60")
        head = visitor.head("/dump.nt")
        assert (head.status_code, "Content-Length" in head.headers) == (200, False)
    assert visitor.get("/dump.nt", buffered=True).status_code == 200


def test_a_dump_gives_its_place_back_when_its_reader_goes(application: Flask, visitor: FlaskClient) -> None:
    most = application.extensions["settings"].query_client
    for _ in range(most + 1):
        reply = visitor.get("/dump.nt")
        assert reply.status_code == 200
        reply.close()
        assert dumps.MAKING.acquire(timeout=10)
        dumps.MAKING.release()
