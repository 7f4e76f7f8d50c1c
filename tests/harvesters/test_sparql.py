"""What becomes of SPARQL endpoints: real ones that hold real data, and such as cut their answers or give others."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat
from pyoxigraph import Store as Endpoint

from catalogue.errors import SourceError
from catalogue.fetch import USER_AGENT
from catalogue.harvesters import _sparql_queries as queries
from catalogue.harvesters import sparql
from catalogue.identity import key
from catalogue.model import Checkpoint, Document, Found, Partial, Reading, Record, Unchanged
from catalogue.rdf import IRI, SYNTAXES, Literal
from catalogue.vocabulary import ADMS, DCAT, DCT, FOAF, PREFIXES, V
from tests.remote import MINTER, NOW, Reply, Request, World, serving, world
from tests.visits import visit

SHARED = Path(__file__).parents[3] / "shared" / "data" / "dcat"
HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
NT = "application/n-triples"
RESULTS = "application/sparql-results+json"


def thing(name: str) -> str:
    return f"""<https://e.example/{name}> a dcat:Dataset, adms:Asset ; dct:title "Thing {name}"@en ;
      dct:publisher <https://e.example/city> ; dcat:contactPoint [ a v:Kind ; v:hasEmail <mailto:a@e.example> ] ;
      dcat:distribution <https://e.example/{name}/files> .
    <https://e.example/{name}/files> a dcat:Distribution ; dct:license [ a dct:LicenseDocument ; dct:title "Free" ] .
    <https://e.example/city> a foaf:Organization ; foaf:name "City" ; foaf:made <https://e.example/other> ."""


class Server:
    """A SPARQL endpoint; `change` may make another reply of its own, and `asked` are its queries."""

    def __init__(self, *names: str, change: Callable[[str, Reply], Reply] | None = None) -> None:
        self.store, self.asked, self.change = Endpoint(), list[str](), change
        self.load("\n".join(map(thing, names)))

    def load(self, turtle: str) -> None:
        self.store.load(HEAD + turtle, format=RdfFormat.TURTLE)

    def __call__(self, request: Request) -> Reply:
        query = request.query["query"]
        self.asked.append(query)
        answer = self.store.query(query)
        is_graph = "CONSTRUCT" in query
        format_ = RdfFormat.N_TRIPLES if is_graph else QueryResultsFormat.JSON
        reply = Reply(answer.serialize(format=format_) or b"", NT if is_graph else RESULTS)  # type: ignore[union-attr]
        return self.change(query, reply) if self.change else reply


def found(answer: Any, **options: Any) -> list[Found]:
    with serving(answer) as base:
        return list(sparql.documents(visit(f"{base}/sparql", "sparql", **options)))


def names(items: list[Found]) -> list[str]:
    return [item[0].removeprefix("https://e.example/") for item in items if isinstance(item, tuple)]


def records(items: list[Found]) -> list[Record]:
    read = [r for item in items if isinstance(item, tuple) for r in sparql.readings(*item, MINTER)]
    return [reading.record for reading in read if reading.record]


# The things of an endpoint.


def test_each_thing_is_a_record_with_what_belongs_to_it_two_steps_away() -> None:
    [said] = records(found(Server("a")))
    assert said.iri == IRI("https://e.example/a")
    pairs = {(triple.predicate, triple.object) for triple in said.triples}
    assert (DCT.title, Literal("Thing a", language="en")) in pairs
    assert (DCT.title, Literal("Free")) in pairs
    assert (FOAF.name, Literal("City")) in pairs
    assert (V.hasEmail, IRI("mailto:a@e.example")) in pairs


def test_all_things_are_listed_and_described_some_at_a_time() -> None:
    served = Server(*(f"{n:02}" for n in range(20)))
    assert names(found(served, page=3)) == [f"{n:02}" for n in range(20)]
    assert len([query for query in served.asked if "CONSTRUCT" in query]) == 7
    served.asked.clear()
    # Each thing has two classes, so it is there twice, and 25 rows are not all.
    assert names(found(served, page=1)) == [f"{n:02}" for n in range(20)]
    assert len([query for query in served.asked if "SELECT ?thing" in query]) == 3


NESTED = """<https://e.example/{0}> a dcat:Dataset, adms:Asset ; dct:title "{0}"@en ;
      dct:publisher <https://e.example/o> ; dct:relation <https://e.example/p> ;
      dcat:distribution <https://e.example/{0}/code> .
    <https://e.example/{0}/code> a schema:SoftwareSourceCode ; schema:name "Code of {0}" ;
      schema:author <https://e.example/p> .
    <https://e.example/p> a foaf:Person ; foaf:name "P" .
    <https://e.example/o> a foaf:Organization ; foaf:name "O" ; dcat:contactPoint <https://e.example/p> ."""


def test_things_that_others_lead_to_are_records_of_their_own_whatever_they_are_asked_for_with() -> None:
    served = Server()
    served.load("\n".join(NESTED.format(name) for name in "abcdef"))
    once = found(served)
    assert sorted(names(once)) == sorted([*"abcdef", *(f"{name}/code" for name in "abcdef")])
    assert len([query for query in served.asked if "CONSTRUCT" in query]) == 1
    contents = {item[0]: item[1].content for item in once if isinstance(item, tuple)}
    assert b"Code of" not in contents["https://e.example/a"]
    for size in (1, 2, 5):
        again = found(served, page=size)
        assert {item[0]: item[1].content for item in again if isinstance(item, tuple)} == contents


def blind(served: Server) -> Callable[[str, Reply], Reply]:
    """A store whose filters in OPTIONAL see nothing that is bound outside of it."""

    def change(query: str, reply: Reply) -> Reply:
        if "OPTIONAL" not in query:
            return reply
        if "SELECT" in query:
            return Reply('{"head": {"vars": ["inner"]}, "results": {"bindings": [{}]}}', RESULTS)
        local = re.sub(r"\|\| \?\w+ IN \([^)]*\)", "", query)
        return Reply(served.store.query(local).serialize(format=RdfFormat.N_TRIPLES) or b"", NT)  # type: ignore[union-attr]

    return change


def test_what_belongs_to_things_is_had_of_stores_with_blind_filters_too() -> None:
    served = Server(*"abcdef")
    served.load("\n".join(NESTED.format(name) for name in "ghi"))
    contents = {item[0]: item[1].content for item in found(served) if isinstance(item, tuple)}
    assert b"City" in contents["https://e.example/a"]
    served.change = blind(served)
    assert {item[0]: item[1].content for item in found(served) if isinstance(item, tuple)} == contents
    assert not [query for query in served.asked[-3:] if "OPTIONAL" in query and "CONSTRUCT" in query]


def test_a_licence_that_is_listed_keeps_its_name() -> None:
    served = Server()
    iri = "https://www.apache.org/licenses/LICENSE-2.0"
    served.load(f'<{iri}> a dct:LicenseDocument ; dct:title "Apache"@en .')
    [item] = found(served, classes=[f"{DCT.iri}LicenseDocument"])
    assert isinstance(item, tuple)
    assert item[0] == iri


def test_after_an_answer_that_is_too_much_more_is_asked_for_again() -> None:
    def change(query: str, reply: Reply) -> Reply:
        return Reply("", status=500) if "CONSTRUCT" in query and "example/00>" in query else reply

    served = Server(*(f"{n:02}" for n in range(40)), change=change)
    assert len(names(found(served, page=8))) == 39
    sizes = [len(set(re.findall(r"example/\d\d>", query))) for query in served.asked if "CONSTRUCT" in query]
    assert sizes[-3:] == [8, 8, 8]


def test_schema_org_is_read_by_either_of_its_names() -> None:
    served = Server()
    served.load("""@prefix s: <https://schema.org/> .
      <https://e.example/a> a s:SoftwareSourceCode ; s:name "A" ; s:publisher <https://e.example/city> .
      <https://e.example/city> a s:Organization ; s:name "City" .""")
    [said] = records(found(served))
    assert any(getattr(triple.object, "value", "") == "City" for triple in said.triples)


def test_things_without_a_name_are_passed_over() -> None:
    served = Server("a")
    served.load('[] a dcat:Dataset ; dct:title "nameless" .')
    assert names(found(served)) == ["a"]


def test_the_classes_can_be_chosen() -> None:
    served = Server("a")
    served.load("<https://e.example/b> a doap:Project ; doap:name 'B' .")
    assert names(found(served, classes=["http://usefulinc.com/ns/doap#Project"])) == ["b"]


@pytest.mark.parametrize("name", ["no iri", "https://e.example/> } DROP ALL #", "relative"])
def test_nothing_but_an_iri_gets_into_a_query(name: str) -> None:
    with pytest.raises(SourceError, match="no IRI"):
        queries.classes([name])


def test_long_names_are_asked_for_in_addresses_that_servers_take() -> None:
    served = Server(*(f"{n}{'x' * 900}" for n in range(12)))
    assert len(names(found(served))) == 12
    assert len([query for query in served.asked if "CONSTRUCT" in query]) > 1


def cut(most: int) -> Callable[[str, Reply], Reply]:
    """An endpoint that gives so many rows or triples and no more, and says nothing of it."""

    def change(query: str, reply: Reply) -> Reply:
        if "CONSTRUCT" in query:
            lines = reply.content.splitlines(keepends=True)
            return Reply(b"".join(lines[:most]), NT)  # type: ignore[arg-type]
        if "COUNT" in query:
            return reply
        answer = json.loads(reply.content)
        answer["results"]["bindings"] = answer["results"]["bindings"][:most]
        return Reply(json.dumps(answer), RESULTS)

    return change


def test_where_answers_are_cut_off_fewer_things_are_asked_for_until_all_are_there() -> None:
    served = Server(*(f"{n:02}" for n in range(9)), change=cut(20))
    assert names(found(served, page=9)) == [f"{n:02}" for n in range(9)]


def limited(served: Server, most: int, headers: dict[str, str]) -> Callable[[str, Reply], Reply]:
    """Virtuoso, which gives the triples of so many solutions: fewer than those, where many lead to the same node."""

    def change(query: str, reply: Reply) -> Reply:
        if "CONSTRUCT" not in query:
            return reply
        answer = served.store.query(f"{query} LIMIT {most}").serialize(format=RdfFormat.N_TRIPLES) or b""  # type: ignore[union-attr]
        return Reply(answer, NT, headers=headers if len(answer) < len(reply.content) else {})

    return change


@pytest.mark.parametrize(
    ("most", "headers"),
    [(10_000, {}), (5_003, {"X-SPARQL-MaxRows": "5003"})],
    ids=["of ten thousand", "of any number that is said"],
)
def test_where_solutions_are_cut_off_nothing_of_a_thing_is_lost(most: int, headers: dict[str, str]) -> None:
    served, number = Server(), most // 94 + 1  # each thing makes 94 solutions
    titles = "".join(f'<https://e.example/o> foaf:name "Name {n}" .\n' for n in range(90))
    things = "".join(
        f"<https://e.example/{n:03}> a dcat:Dataset ; dct:publisher <https://e.example/o> ; dct:title 'a', 'b', 'c' .\n"
        for n in range(number)
    )
    served.load(titles + things)
    contents = {item[0]: item[1].content for item in found(served, page=20) if isinstance(item, tuple)}
    assert len(contents) == number
    served.change = limited(served, most, headers)
    assert {item[0]: item[1].content for item in found(served, page=500) if isinstance(item, tuple)} == contents


def test_a_thing_of_which_alone_there_is_too_much_is_told_each_time() -> None:
    served, memory = Server("a", "b"), dict[str, Any]()
    served.load("".join(f"<https://e.example/b> dct:subject {n} .\n" for n in range(1500)))
    served.change = limited(served, 1000, {"X-SPARQL-MaxRows": "1000"})
    for known in ((), ("https://e.example/a", "https://e.example/b")):
        items = found(served, memory=memory, known=known)
        assert [item.origin for item in items if isinstance(item, Partial)] == ["https://e.example/b"]
        assert len([item for item in items if isinstance(item, tuple | Unchanged)]) == 2


def test_a_whole_answer_is_not_taken_for_read_after_one_that_was_cut_off() -> None:
    served, memory, known = Server("a"), dict[str, Any](), ("https://e.example/a",)
    assert names(found(served, memory=memory)) == ["a"]
    served.change = limited(served, 3, {"X-SPARQL-MaxRows": "3"})
    found(served, memory=memory, known=known)
    served.change = None
    assert names(found(served, memory=memory, known=known)) == ["a"]


def test_an_endpoint_that_lists_less_than_it_counts_is_told_with_how_to_mend_it() -> None:
    def change(query: str, reply: Reply) -> Reply:
        return Reply(reply.content.replace(b'"3"', b'"9000"'), RESULTS) if b"number" in reply.content else reply  # type: ignore[operator, union-attr]

    with serving(Server("a", "b", "c", change=change)) as base:
        items = sparql.documents(visit(f"{base}/sparql", "sparql"))
        assert [next(items)[0][-1] for _ in range(3)] == ["a", "b", "c"]  # type: ignore[index]
        with pytest.raises(SourceError, match=r"counts 9,000 things but lists 3.*\$LIMIT"):
            next(items)


def test_one_thing_that_the_endpoint_fails_at_keeps_no_other_out() -> None:
    def change(query: str, reply: Reply) -> Reply:
        return Reply("", status=500) if "CONSTRUCT" in query and "example/b>" in query else reply

    items = found(Server("a", "b", "c", "d", change=change))
    assert sorted(names(items)) == ["a", "c", "d"]
    [rejected] = [item for item in items if isinstance(item, Reading)]
    assert (rejected.key, rejected.origin) == (key("https://e.example/b"), "https://e.example/b")


@pytest.mark.parametrize("media_type", ["", "text/odd"])
@pytest.mark.parametrize("content", ["", "Error 42"])
def test_one_odd_answer_keeps_no_other_thing_out(content: str, media_type: str) -> None:
    def change(query: str, reply: Reply) -> Reply:
        return Reply(content, media_type) if "CONSTRUCT" in query and "example/b>" in query else reply

    served, memory = Server("a", "b", "c", "d", change=change), dict[str, Any]()
    for known in ((), ("https://e.example/a", "https://e.example/c", "https://e.example/d")):
        items = found(served, memory=memory, known=known)
        assert [item.origin for item in items if isinstance(item, Reading)] == ["https://e.example/b"]
        assert len([item for item in items if isinstance(item, tuple | Unchanged)]) == 3


def test_an_endpoint_that_is_down_is_left() -> None:
    def change(query: str, reply: Reply) -> Reply:
        return Reply("", status=500) if "CONSTRUCT" in query else reply

    served = Server(*(f"{n:02}" for n in range(50)), change=change)
    with pytest.raises(SourceError, match="500"):
        found(served)
    assert len(served.asked) < 20


def test_names_that_are_no_iris_are_told_and_a_list_without_end_is_left() -> None:
    def listing(query: str, bindings: list[str]) -> Reply:
        values = [{"thing": {"type": "uri", "value": value}} for value in bindings]
        count = [{"number": {"type": "literal", "value": "1"}}]
        return Reply(json.dumps({"results": {"bindings": count if "COUNT" in query else values}}), RESULTS)

    with serving(lambda request: listing(request.query["query"], ["no iri"])) as base:
        [rejected] = sparql.documents(visit(f"{base}/sparql", "sparql"))
    assert isinstance(rejected, Reading)
    numbers = iter(range(10**9))

    def answer(request: Request) -> Reply:
        if "CONSTRUCT" in request.query["query"]:
            return Reply("", NT)
        return listing(request.query["query"], [f"https://e.example/{next(numbers)}" for _ in range(1002)])

    with pytest.raises(SourceError, match="without end"):
        found(answer)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        pytest.param(Reply("<!DOCTYPE html><title>SPARQL editor</title>", "text/html"), "web page “SPARQL editor”",
                     id="a web page"),
        pytest.param(Reply("Virtuoso 37000 Error SP030", "text/plain"), "begins with 'Virtuoso", id="words"),
        pytest.param(Reply('{"boolean": true}', RESULTS), "no table", id="another result"),
        pytest.param(Reply('{"results": {"bindings": [1, {"number": 2}]}}', RESULTS), "does not count", id="types"),
        pytest.param(Reply("<rss/>", "application/xml"), "no table", id="other XML"),
        pytest.param(Reply("<a>" * 300, "application/xml"), "nested more|not well-formed", id="deep XML"),
        pytest.param(Reply("[" * 9999, RESULTS), "nested deeper", id="deep JSON"),
        pytest.param(Reply("", status=404), "404", id="nothing"),
        pytest.param(Reply("Virtuoso 37000 Error SP030: SPARQL\n compiler", "text/plain", 400),
                     "status 400 .Virtuoso 37000 Error SP030: SPARQL compiler", id="an error in words"),
        pytest.param(Reply('{"exception": "Not supported: VALUES", "status": "ERROR"}', "application/json", 400),
                     "status 400 .Not supported: VALUES", id="an error in JSON"),
        pytest.param(Reply("{}", RESULTS, headers={"X-SQL-State": "S1TAT"}), "gave up .*S1TAT", id="part of an answer"),
    ],
)  # fmt: skip
def test_what_is_no_answer_to_a_query_is_told_in_words(reply: Reply, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        found(lambda _: reply)


def test_an_error_names_the_endpoint_and_the_option_that_mends_it_but_no_query() -> None:
    def slow(request: Request) -> Reply:
        sleep(1.5)
        return Reply("{}", RESULTS)

    with pytest.raises(SourceError, match=r"/sparql\?query=…: status 500$"):
        found(lambda _: Reply("", status=500))
    with pytest.raises(SourceError, match=r"\?query=…: no complete answer .*the option `timeout` sets it"):
        found(slow, timeout=1)


def test_tables_in_xml_are_read_too() -> None:
    def change(query: str, reply: Reply) -> Reply:
        if "CONSTRUCT" in query:
            return reply
        answer = served.store.query(query).serialize(format=QueryResultsFormat.XML)  # type: ignore[union-attr]
        return Reply(answer or b"", "application/sparql-results+xml")

    served = Server("a", "b", change=change)
    assert names(found(served)) == ["a", "b"]


def test_names_that_no_syntax_can_carry_are_percent_encoded_and_texts_are_left_as_they_are() -> None:
    def change(query: str, reply: Reply) -> Reply:
        assert isinstance(reply.content, bytes)
        broken = b"<https://e.example/a> <http://purl.org/dc/terms/relation> <tel:+39 [06]> .\n"
        text = b'<https://e.example/a> <http://purl.org/dc/terms/abstract> "<tel:+39 [06]>"@en .\n'
        return Reply(reply.content + broken + text, NT) if "CONSTRUCT" in query else reply

    [said] = records(found(Server("a", change=change)))
    objects = {triple.object for triple in said.triples}
    assert {IRI("tel:+39%20%5B06%5D"), Literal("<tel:+39 [06]>", language="en")} <= objects


@pytest.mark.parametrize("name", ["ttl", "rdf", "jsonld"])
def test_a_bad_iri_costs_its_statement_only_in_every_syntax_and_is_told(name: str) -> None:
    broken = {
        "ttl": b"<https://e.example/a> <http://purl.org/dc/terms/relation> <tel:+39 06>, <no iri> .",
        "rdf": b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:d="http://purl.org/dc/terms/">'
        b'<rdf:Description rdf:about="https://e.example/a"><d:title>A</d:title><d:relation rdf:resource="tel:+39 06"/>'
        b'<d:relation rdf:resource="no iri"/></rdf:Description></rdf:RDF>',
        "jsonld": b'{"@id": "https://e.example/a", "http://purl.org/dc/terms/title": "A", '
        b'"http://purl.org/dc/terms/relation": [{"@id": "tel:+39 06"}, {"@id": "no iri"}]}',
    }[name]

    def change(query: str, reply: Reply) -> Reply:
        assert isinstance(reply.content, bytes)
        kept = reply.content if name == "ttl" else b""
        return Reply(kept + broken, SYNTAXES[name].media_type) if "CONSTRUCT" in query else reply

    [item] = found(Server("a", change=change))
    assert isinstance(item, tuple)
    [reading] = sparql.readings(*item, MINTER)
    assert reading.record
    assert IRI("tel:+39%2006") in {triple.object for triple in reading.record.triples}
    assert "'tel:+39 06' is no IRI; it is read as tel:+39%2006" in str(reading.report)


def test_no_redirect_into_a_private_network_is_followed() -> None:
    inside = Server("a")
    with serving(inside) as private:
        moved = Reply("", status=302, headers={"Location": f"{private}/sparql"})
        with serving(lambda _: moved) as base:
            asked = visit(f"{base}/sparql", "sparql")
            allowed = replace(asked.fetch, allow_private=(base.removeprefix("http://"),))
            with pytest.raises(SourceError, match="CATALOGUE_ALLOW_PRIVATE"):
                list(sparql.documents(replace(asked, fetch=allowed)))
    assert inside.asked == []


def test_queries_say_who_asks() -> None:
    agents = set()

    def answer(request: Request) -> Reply:
        agents.add(request.headers["User-Agent"])
        return served(request)

    served = Server("a")
    assert names(found(answer)) == ["a"]
    assert agents == {USER_AGENT}


# A query of one's own.


ALL = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
PAGED = """CONSTRUCT { ?thing ?p ?o } WHERE {
  { SELECT DISTINCT ?thing WHERE { ?thing a <http://www.w3.org/ns/dcat#Dataset> } ORDER BY ?thing LIMIT $LIMIT OFFSET $OFFSET }
  ?thing ?p ?o
}"""  # noqa: E501


def test_a_query_of_ones_own_is_asked_at_once_or_page_by_page(tmp_path: Path) -> None:
    served = Server("a", "b", "c")
    assert names(found(served, query=ALL)) == ["a", "b", "c"]
    file = tmp_path / "things.rq"
    file.write_text(PAGED)
    assert names(found(served, query=str(file), page=2)) == ["a", "b", "c"]
    assert len(served.asked) == 4


def test_a_paged_query_that_gives_the_same_page_again_is_told() -> None:
    with pytest.raises(SourceError, match="has what the one before has"):
        found(Server("a"), query=PAGED.replace("OFFSET $OFFSET", "# $OFFSET\n"))


def test_an_answer_of_a_round_number_of_triples_is_not_taken_for_complete() -> None:
    served = Server("a")
    served.load("".join(f"<https://e.example/a> dct:subject {n} .\n" for n in range(1500)))
    assert not any(isinstance(item, Partial) for item in found(served, query=ALL))
    served = Server("a", change=cut(1000))
    served.load("".join(f"<https://e.example/a> dct:subject {n} .\n" for n in range(1500)))
    [partial] = [item for item in found(served, query=ALL) if isinstance(item, Partial)]
    [finding] = partial.findings
    assert "Answer 1 to the query has 1,000 statements, as if it were cut off there." in finding.message


@pytest.mark.parametrize(("query", "words"), [("missing.rq", "neither"), ("SELECT * {}", "CONSTRUCT")])
def test_what_is_no_query_for_things_is_told(query: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        found(Server("a"), query=query)


@pytest.mark.parametrize(
    ("location", "content", "expected"),
    [
        ("https://e.example/sparql", None, True),
        ("https://e.example/sparql/?default-graph-uri=x", None, True),
        ("https://e.example/query", b"<http://www.w3.org/ns/sparql-service-description#> sd:supportedLanguage", True),
        ("https://e.example/query", b"<html>", False),
    ],
)
def test_an_endpoint_is_recognised(location: str, content: bytes | None, expected: bool) -> None:
    document = None if content is None else Document(location, content, "text/turtle", NOW)
    assert sparql.recognises(location, document) is expected


# Visits that follow.


def test_answers_that_are_those_of_last_time_are_not_read_again() -> None:
    served, memory, known = Server(*(f"{n:03}" for n in range(60))), dict[str, Any](), set[str]()

    def visited(**options: Any) -> tuple[int, int]:
        """How many things were read, and how many were told to be as they were."""
        items = found(served, memory=memory, known=known, page=2, **options)
        read = {item[0] for item in items if isinstance(item, tuple)}
        known.update(read)
        return len(read), sum(isinstance(item, Unchanged) for item in items)

    assert visited() == (60, 0)
    assert visited() == (0, 60)
    served.load(thing("0045"))
    read, unchanged = visited()
    assert read + unchanged == 61
    assert read <= 30
    assert visited() == (0, 61)
    # Of what the catalogue lacks, the whole answer is read.
    known.discard("https://e.example/010")
    assert 1 <= visited()[0] <= 2
    served.store.update("DELETE WHERE { <https://e.example/000> ?p ?o }")
    assert sum(visited()) == 60
    assert len([name for name in memory if name.startswith("answer ")]) <= 45


def test_where_one_thing_always_fails_the_same_is_asked_each_time_and_no_other_read_again() -> None:
    def change(query: str, reply: Reply) -> Reply:
        return Reply("", status=500) if "CONSTRUCT" in query and "example/007>" in query else reply

    served, memory = Server(*(f"{n:03}" for n in range(120)), change=change), dict[str, Any]()
    known = names(found(served, memory=memory, page=10))
    assert len(known) == 119
    for _ in range(3):
        again = found(served, memory=memory, page=10, known=[f"https://e.example/{name}" for name in known])
        assert names(again) == []


def test_the_answers_to_a_query_of_ones_own_are_not_read_again_either() -> None:
    served, memory = Server("a", "b", "c"), dict[str, Any]()
    once = found(served, memory=memory, query=PAGED, page=2)
    again = found(
        served, memory=memory, known=[item[0] for item in once if isinstance(item, tuple)], query=PAGED, page=2
    )
    assert [item for item in again if not isinstance(item, Checkpoint)] == [
        Unchanged(item[0]) for item in once if isinstance(item, tuple)
    ]


# Into a store.


@pytest.fixture
def home(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def test_the_same_endpoint_again_changes_no_quad_and_what_it_drops_is_gone_at_the_second_miss(home: World) -> None:
    served = Server(*"abcdefgh")
    with serving(served) as base:
        location = f"{base}/sparql"
        assert home.harvest("sparql", location).counts["new"] == 8
        before = home.quads()
        again = home.harvest("sparql", location, page=3)
        assert (again.counts["unchanged"], again.error) == (8, None)
        assert home.quads() == before
        served.store.update("DELETE WHERE { <https://e.example/c> ?p ?o }")
        served.store.update('INSERT DATA { <https://e.example/d> <http://purl.org/dc/terms/abstract> "new"@en }')
        assert home.harvest("sparql", location).counts["changed"] == 1
        assert home.harvest("sparql", location).counts["gone"] == 1
    assert len(home.keys()) == 7


def test_real_catalogues_behind_an_endpoint_are_read_whole(home: World) -> None:
    files = [*SHARED.glob("ckanext-dcat__*.rdf"), *SHARED.glob("dcat*.rdf"), *SHARED.glob("fairdatapoint*.ttl")]
    if not files:
        pytest.skip("the shared data are not here")
    served = Server()
    for path in files:
        format_ = RdfFormat.RDF_XML if path.suffix == ".rdf" else RdfFormat.TURTLE
        served.store.load(path.read_bytes(), format=format_, base_iri="https://e.example/", lenient=True)
    wanted = {ADMS.Asset, DCAT.Dataset}
    things = {q.subject for q in served.store if q.object in wanted and isinstance(q.subject, IRI)}
    with serving(served) as base:
        done = home.harvest("sparql", f"{base}/sparql")
        assert done.error is None
        assert done.rejected == []
        assert done.counts["new"] == len(things) > 10
        again = home.harvest("sparql", f"{base}/sparql", page=7)
    assert again.counts["changed"] == again.counts["new"] == 0
