"""How a page is split into things, and what is read of each."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.errors import DocumentError
from catalogue.harvesters import _rdf_members as members
from catalogue.harvesters import rdf
from catalogue.model import Document, Reading
from catalogue.rdf import IRI, SYNTAXES, BlankNode, Quad, Triple, read
from tests.harvesters.test_rdf import HEAD, MINTER, SOME, TRIPLES, relabelled

PAGE = Document("https://e/page", b"", "text/turtle", datetime(2025, 1, 1, tzinfo=UTC))
PUBLISHER = 'a foaf:Organization ; foaf:name "Org" ; adms:identifier [ skos:notation "urn:x:1" ]'


def split(turtle: str) -> dict[str, str]:
    """The content of each member by its key, without `http://e/`."""
    quads = read(HEAD + turtle, SYNTAXES["ttl"])
    return {key.removeprefix("http://e/"): document.content.decode() for key, document in members.members(quads, PAGE)}


def read_members(turtle: str) -> list[Reading]:
    found = members.members(read(HEAD + turtle, SYNTAXES["ttl"]), PAGE)
    return [reading for key, document in found for reading in members.readings(key, document, MINTER)]


@pytest.mark.parametrize(
    ("turtle", "expected"),
    [
        pytest.param(
            f"<http://e/a> a dcat:Dataset ; dct:publisher <http://e/o> . <http://e/o> {PUBLISHER} .",
            {"a": 6},
            id="publisher within its dataset",
        ),
        pytest.param(
            "<http://e/a> a dcat:Dataset ; dct:publisher <http://e/o> . "
            f"<http://e/b> a dcat:Dataset ; dct:publisher <http://e/o> . <http://e/o> {PUBLISHER} .",
            {"a": 6, "b": 6},
            id="publisher within each of its datasets",
        ),
        pytest.param(
            "<http://e/a> a dcat:Dataset ; dct:relation <http://e/b> . <http://e/b> a dcat:Dataset .",
            {"a": 2, "b": 1},
            id="other dataset",
        ),
        pytest.param(
            "<http://e/a> a adms:Asset ; dcat:distribution [ a dcat:Distribution ; dct:license <http://e/l> ] ; "
            "dct:hasVersion <http://e/r> . <http://e/r> a doap:Version . <http://e/l> a dct:LicenseDocument .",
            {"a": 7},
            id="distribution, licence and release",
        ),
        pytest.param(
            "<http://e/a> a adms:Asset . <http://e/r> a doap:Version ; dct:isVersionOf <http://e/a> . "
            "<http://e/m> a dcat:CatalogRecord ; foaf:primaryTopic <http://e/a> . <http://e/a#x> rdfs:label 1 .",
            {"a": 6},
            id="what says that it belongs to it",
        ),
        pytest.param(
            "<http://e/c> a dcat:Catalog ; dct:title 1 ; dcat:dataset <http://e/a> ; dct:hasPart <http://e/a> . "
            "<http://e/a> a dcat:Dataset ; dct:isPartOf <http://e/c> .",
            {"a": 2, "c": 2},
            id="catalogue without what it lists",
        ),
        pytest.param(
            "<http://e/a> a dcat:Dataset ; dct:subject <http://e/t> . <http://e/t> a skos:Concept ; "
            "skos:prefLabel 1 ; skos:inScheme <http://e/s> . <http://e/s> a skos:ConceptScheme ; "
            "skos:hasTopConcept <http://e/t> .",
            {"a": 5, "s": 2},
            id="concept without its scheme",
        ),
        pytest.param(
            "<http://e/a> a dcat:Dataset ; dct:publisher <http://e/o> . <http://e/o> a foaf:Agent ; "
            "<http://xmlns.com/foaf/0.1/made> <http://e/a>, <http://e/b> .",
            {"a": 3},
            id="publisher without the list of its works",
        ),
        pytest.param(
            f"<http://e/o> {PUBLISHER} . <http://e/i> a foaf:Project ; dct:title 1 .",
            {"i": 2, "o": 4},
            id="publisher alone",
        ),
        pytest.param(
            "<https://e/page> a <http://www.w3.org/ns/hydra/core#PagedCollection> ; "
            "<http://www.w3.org/ns/hydra/core#totalItems> 7 . <http://e/a> a dcat:Dataset .",
            {"a": 1},
            id="page without its paging",
        ),
        pytest.param(
            "<http://e/x> rdfs:label 1 ; rdfs:seeAlso <http://e/y> . <http://e/y> rdfs:label 2 .",
            {"x": 3},
            id="of no kind",
        ),
    ],
)  # fmt: skip
def test_a_page_is_split_by_its_primary_things(turtle: str, expected: dict[str, int]) -> None:
    assert {name: content.count("\n") for name, content in split(turtle).items()} == expected


def test_a_thing_is_the_same_document_on_whatever_page() -> None:
    a = f"<http://e/a> a dcat:Dataset ; dct:publisher _:x ; dct:creator [ foaf:name 1 ] . _:x {PUBLISHER} ."
    other = f"_:y {PUBLISHER} . <http://e/b> a dcat:Dataset ; dct:publisher _:y ; dct:relation <http://e/a> ."
    assert split(a)["a"] == split(other + a)["a"] == split(a.replace("_:x", "_:z") + other)["a"]


@pytest.mark.parametrize(
    ("thing", "key"),
    [
        ("[] a adms:Asset ; schema:codeRepository <https://git.e/o/r>", "solution"),
        ('[] a schema:Event ; dct:title "Open day"', "event"),
        ("[] rdfs:label 1", "resource"),
    ],
)
def test_a_blank_node_has_a_key_that_stays_when_the_rest_is_edited(thing: str, key: str) -> None:
    [before], after = split(f"{thing} ."), split(f"{thing} . <http://e/b> a dcat:Dataset .")
    assert before.startswith(f"{key}-")
    assert before in after


def test_a_name_of_the_source_alone_is_the_key_and_no_address() -> None:
    quads = read("<urn:x:a> a <http://www.w3.org/ns/dcat#Dataset> .", SYNTAXES["ttl"])
    [(key, document)] = members.members(quads, PAGE)
    [reading] = members.readings(key, document, MINTER)
    assert (key, document.url, reading.origin) == ("urn:x:a", "urn:x:a", "urn:x:a")
    assert reading.record is not None
    assert reading.record.iri == MINTER.thing("solution", "urn:x:a")


def test_a_member_is_one_record_of_all_that_it_says_named_as_elsewhere() -> None:
    turtle = (
        "<http://e/a> a dcat:Dataset ; dct:publisher [ a foaf:Organization ; foaf:homepage <https://o.e/> ] ; "
        "dct:creator <http://e/o> ; schema:codeRepository <https://git.e/o/r> . <http://e/o> a foaf:Agent ."
    )
    [reading] = read_members(turtle)
    whole = rdf.readings("x.ttl", Document("x.ttl", (HEAD + turtle).encode(), "text/turtle", PAGE.fetched), MINTER)
    records = [other.record for other in whole if other.record]
    assert reading.record is not None
    assert reading.record.triples == {triple for record in records for triple in record.triples}
    assert reading.key in {record.key for record in records}
    assert reading.record.same == {MINTER.solution("https://git.e/o/r")}
    assert reading.origin == "http://e/a"


def test_nodes_in_a_circle_that_is_too_large_keep_no_other_thing_out() -> None:
    circle = "".join(f"_:n{n} dct:relation _:n{(n + 1) % 101} . " for n in range(101))
    bad, good = read_members(
        f"<http://e/a> a dcat:Dataset ; dct:relation _:n0 . {circle} <http://e/b> a dcat:Dataset ."
    )
    assert bad.record is None
    assert "refer to each other in circles" in bad.report.findings[0].message
    assert good.record is not None


def test_a_page_that_grows_without_end_is_refused() -> None:
    parts = "".join(f"<http://e/o> dct:title {n} . " for n in range(2_000))
    things = "".join(f"<http://e/{n}> a dcat:Dataset ; dct:publisher <http://e/o> . " for n in range(1_000))
    with pytest.raises(DocumentError, match="too many things"):
        split(f"<http://e/o> a foaf:Agent . {parts}{things}")


@SOME
@given(st.lists(TRIPLES, min_size=1, max_size=25), st.randoms(use_true_random=False))
def test_labels_and_order_do_not_change_the_documents(triples: list[Triple], chance: random.Random) -> None:
    labels = chance.sample(range(100), 100)
    other = [Triple(relabelled(t.subject, labels), t.predicate, relabelled(t.object, labels)) for t in triples]  # type: ignore[arg-type]
    chance.shuffle(other)
    first, second = (
        sorted((key, document.content) for key, document in members.members([Quad(*t) for t in said], PAGE))
        for said in (triples, other)
    )
    assert first == second


@SOME
@given(st.lists(TRIPLES, min_size=1, max_size=25))
def test_each_thing_is_read_once_and_everything_said_of_names_is_kept(triples: list[Triple]) -> None:
    found = list(members.members([Quad(*triple) for triple in triples], PAGE))
    readings = [reading for key, document in found for reading in members.readings(key, document, MINTER)]
    names = [key for key, _ in found if ":" in key]
    assert len(names) == len(set(names))
    assert len(readings) == len(found)
    assert all(reading.record for reading in readings)
    kept = {triple for reading in readings if reading.record for triple in reading.record.triples}
    named = {t for t in triples if not any(isinstance(n, BlankNode) or n.value.startswith("urn:") for n in t)}  # type: ignore[union-attr]
    lists = {IRI("http://www.w3.org/ns/dcat#dataset")}
    assert {triple for triple in named if triple.predicate not in lists} <= kept
