"""What becomes of RDF files: which records, which IRIs, which errors."""

import json
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import identity, sandbox
from catalogue.errors import DocumentError, SourceError
from catalogue.harvesters import rdf
from catalogue.identity import Minter
from catalogue.model import Document, Reading, Record, Severity
from catalogue.rdf import IRI, SYNTAXES, BlankNode, Literal, Quad, Triple, order, write_graphs
from catalogue.vocabulary import DCAT, DCT, FOAF, PREFIXES, RDF, V
from tests.remote import world
from tests.visits import visit

CASES = Path(__file__).parent / "rdf"
ROOT = Path(__file__).parents[2]
FOREIGN = ROOT.parent / "shared" / "data" / "dcat"
MINTER = Minter("https://catalogue.example")
NOW = datetime(2025, 1, 1, tzinfo=UTC)
HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items()) + "@prefix t: <urn:t:> .\n"


def harvest(location: Path) -> list[Reading]:
    return list(readings_of(rdf.documents(visit(location))))


def readings_of(found: Iterable[tuple[str, Document] | Reading]) -> Iterator[Reading]:
    for item in found:
        if isinstance(item, Reading):
            yield item
        else:
            yield from rdf.readings(*item, MINTER)


def read(turtle: str, url: str = "things.ttl") -> list[Reading]:
    return list(rdf.readings(url, Document(url, (HEAD + turtle).encode(), "text/turtle", NOW), MINTER))


def records(turtle: str) -> dict[str, Record]:
    """The records of a Turtle text by their IRIs, without the base."""
    found = [reading.record for reading in read(turtle) if reading.record]
    return {record.iri.value.removeprefix(MINTER.base): record for record in found}


def iri_of(turtle: str) -> IRI:
    """The IRI of the one record of a Turtle text."""
    [record] = records(turtle).values()
    return record.iri


def values(record: Record, predicate: IRI) -> set[str]:
    return {triple.object.value for triple in record.triples if triple.predicate == predicate}  # type: ignore[union-attr]


# Golden cases.


@pytest.mark.parametrize("name", ["dataset", "blank-nodes.ttl", "graphs.trig"])
def test_the_records_are_those_of_the_expected_file(name: str) -> None:
    expected = CASES / f"{name.partition('.')[0]}.expected.trig"
    assert without_prefixes(as_trig(harvest(CASES / name))) == without_prefixes(expected.read_text())


def without_prefixes(trig: str) -> list[str]:
    """The lines but for the prefixes, which the serialiser writes in any order."""
    return [line for line in trig.splitlines() if not line.startswith("@prefix")]


def as_trig(readings: Iterable[Reading]) -> str:
    """Each record as a graph that has its IRI as its name."""
    output = BytesIO()
    kept = [reading.record for reading in readings if reading.record]
    quads = (Quad(*triple, record.iri) for record in kept for triple in sorted(record.triples, key=order))
    write_graphs(quads, output, SYNTAXES["trig"], PREFIXES)
    return output.getvalue().decode()


# Documents.


def test_the_files_of_a_directory_are_one_document_with_the_same_bytes_every_time(tmp_path: Path) -> None:
    (tmp_path / "b.ttl").write_text("[] <http://e/p> [ <http://e/q> [] ] .")
    (tmp_path / "a.nt").write_text("_:x <http://e/p> _:y .")
    [(key, document)], [again] = (list(rdf.documents(visit(tmp_path))) for _ in range(2))  # type: ignore[misc]
    assert key == "."
    assert again == (key, document)
    assert isinstance(document, rdf.Files)
    assert len(document.quads()) == 3
    assert again[1].quads() == document.quads()  # type: ignore[index, union-attr]
    (tmp_path / "a.nt").write_text("_:x <http://e/p> _:z .")
    [(_, other)] = rdf.documents(visit(tmp_path))  # type: ignore[misc]
    assert other.content != document.content


def test_a_name_of_one_file_is_described_in_another_and_each_record_knows_its_file() -> None:
    readings = harvest(CASES / "dataset")
    assert {reading.origin for reading in readings} == {"organisations.ttl", "solutions.ttl"}
    assert not any("urn:x-seed" in str(triple) for reading in readings for triple in reading.record.triples)  # type: ignore[union-attr]
    assert not any(reading.report.findings for reading in readings)


def test_a_file_of_a_directory_that_cannot_be_read_keeps_no_other_out(tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "file.ttl").write_text("<http://e/a> <http://e/p>\n .")
    (tmp_path / "good.ttl").write_text("<http://e/a> <http://e/p> 1 .")
    bad, good = harvest(tmp_path)
    [finding] = bad.report.findings
    assert (bad.key, bad.record, finding.severity) == ("bad/file.ttl", None, Severity.VIOLATION)
    assert (finding.line, finding.column) == (2, 2)
    assert good.record is not None


class Parser:
    """That of RDF files: their names as they are parsed, and those that it fails at whatever they hold."""

    def __init__(self) -> None:
        self.failing, self._names = set[str](), list[str]()

    def __call__(self, file: Document, batches: Mapping[str, sandbox.Batch]) -> list[Quad]:
        self._names.append(file.url)
        if file.url in self.failing:
            raise DocumentError("not read within 20 seconds")
        return PARSED(file, batches)

    def names(self) -> list[str]:
        """Those parsed since the last time that it was asked."""
        names, self._names = self._names, []
        return names


PARSED = rdf._of_batch


@pytest.fixture
def parser(monkeypatch: pytest.MonkeyPatch) -> Parser:
    parser = Parser()
    monkeypatch.setattr(rdf, "_of_batch", parser)
    return parser


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.ttl").write_text(f"{HEAD}<http://e/{name}> a dcat:Dataset ; dct:title '{name}'@en .")
    return folder


def test_of_a_directory_only_what_could_not_be_read_is_parsed_again_until_a_file_is_another(
    files: Path, parser: Parser
) -> None:
    good = (files / "b.ttl").read_text()
    (files / "b.ttl").write_text("<http://e/a> <http://e/p>\n .")
    with world(files.parent) as home:
        assert home.harvest("rdf", str(files)).counts == {
            "new": 2,
            "rejected": 1,
            "missing": 0,
            "gone": 0,
            "warnings": 0,
        }
        assert parser.names() == ["a.ttl", "b.ttl", "c.ttl"]
        for parsed in (["b.ttl", "a.ttl", "c.ttl"], ["b.ttl"], ["b.ttl"]):
            again = home.harvest("rdf", str(files))
            assert (again.counts["unchanged"], again.counts["rejected"]) == (2, 1)
            assert parser.names() == parsed
            assert [(origin, finding.line) for origin, finding in again.findings] == [("b.ttl", 2)]
        (files / "b.ttl").write_text(good)
        assert home.harvest("rdf", str(files)).counts["new"] == 1
        assert home.harvest("rdf", str(files)).counts["rejected"] == 0
        parser.names()
        home.harvest("rdf", str(files))
        assert parser.names() == []


def test_many_files_of_a_directory_are_parsed_together_and_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what is broken, what is mended and what is relative; a parser is started once for each syntax."""
    run, started = sandbox._run, list[str]()
    monkeypatch.setattr(sandbox, "_run", lambda task, content: started.append(task.syntax) or run(task, content))
    ttl = HEAD + "<http://e/{0}> a dcat:Dataset ; dct:title 'T{0}'@en ; dct:relation <#it>, [ dct:title 'x' ] . "
    xml = '<r:RDF xmlns:r="{1}" xmlns:a="{2}"><a:Dataset r:about="http://e/{0}"/></r:RDF>'
    namespaces = ("http://www.w3.org/1999/02/22-rdf-syntax-ns#", DCAT.iri)
    for number in range(12):
        (tmp_path / f"{number:02}.ttl").write_text(ttl.format(number) + "<#it> dct:title 'it' .")
        (tmp_path / f"{number:02}.rdf").write_text(xml.format(f"x{number}", *namespaces))
    (tmp_path / "relative.rdf").write_text(xml.format("y", *namespaces).replace("http://e/", "#"))
    (tmp_path / "bad.ttl").write_text("<http://e/a> <http://e/p>\n .")
    (tmp_path / "mended.ttl").write_text(ttl.format("a b"))
    for name in ("http://e/j", "http://e/j k"):
        (tmp_path / f"{name[9:]}.jsonld").write_text(json.dumps({"@id": name, "@type": [DCAT.Dataset.value]}))
    together = harvest(tmp_path)
    assert sorted(started) == ["jsonld", "rdf", "ttl"]
    assert [(r.origin, r.report.findings[0].line) for r in together if r.record is None] == [("bad.ttl", 2)]
    assert len([reading for reading in together if reading.record]) == 28
    flawed = {reading.origin for reading in together if reading.record and "no IRI" in str(reading.report.findings)}
    assert flawed == {"mended.ttl", "j k.jsonld"}
    apart = [rdf._parsed(Document(f.name, f.read_bytes(), "", NOW), f.name) for f in sorted(tmp_path.glob("0*"))]
    files = [Document(f.name, f.read_bytes(), "", NOW) for f in sorted(tmp_path.glob("0*"))]
    assert len(rdf.Files.of(files).quads()) == sum(map(len, apart))


def test_a_file_that_once_could_not_be_parsed_is_tried_again_and_loses_nothing(files: Path, parser: Parser) -> None:
    with world(files.parent) as home:
        home.harvest("rdf", str(files))
        before = home.keys()
        with (files / "a.ttl").open("a") as file:
            file.write("# edited")
        parser.failing = {"b.ttl"}
        for _ in range(3):
            done = home.harvest("rdf", str(files))
            assert (done.counts["rejected"], done.counts["missing"], done.counts["gone"]) == (1, 0, 0)
            assert [str(finding.message) for _, finding in done.findings] == ["not read within 20 seconds"]
        assert home.keys() == before | {"b.ttl"}
        parser.failing = set()
        assert home.harvest("rdf", str(files)).counts["rejected"] == 0


def test_a_file_that_cannot_be_opened_keeps_no_other_out_and_loses_nothing(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.read_bytes

    def read(path: Path) -> bytes:
        if path.name == "b.ttl":
            raise PermissionError(13, "Permission denied")
        return opened(path)

    with world(files.parent) as home:
        home.harvest("rdf", str(files))
        monkeypatch.setattr(Path, "read_bytes", read)
        for _ in range(3):
            done = home.harvest("rdf", str(files))
            assert (done.error, done.counts["rejected"], done.counts["missing"]) == (None, 1, 0)
            assert [finding.message for _, finding in done.findings] == ["rdf: b.ttl: Permission denied"]
        assert len(home.store.read_from("test", "b.ttl")) == 2


def test_files_that_are_too_much_together_are_an_error_of_the_source(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world(files.parent) as home:
        home.harvest("rdf", str(files))
        before = home.quads()
        (files / "d.ttl").write_text(f"{HEAD}<http://e/d> a dcat:Dataset .")
        monkeypatch.setattr(rdf, "_MAX_QUADS", 6)
        for _ in range(2):
            assert "more than 6 statements" in str(home.harvest("rdf", str(files)).error)
        assert home.quads() == before


def test_a_directory_is_recognised_by_few_of_its_files_and_none_of_the_hidden(tmp_path: Path) -> None:
    hidden, packages = tmp_path / ".git", tmp_path / "node_modules"
    for folder in (hidden, packages):
        folder.mkdir()
    (hidden / "x.ttl").write_text("")
    (hidden / "x.json").write_text('{"@context": {}}')
    assert not rdf.recognises(str(tmp_path), None)
    for number in range(50):
        (packages / f"{number}.json").write_text("{}")
    (tmp_path / "z.json").write_text('{"@context": {}}')
    assert not rdf.recognises(str(tmp_path), None)
    (tmp_path / "z.ttl").write_text("")
    assert rdf.recognises(str(tmp_path), None)


def test_a_directory_that_is_as_it_was_writes_nothing_and_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.ttl").write_text(f"{HEAD}<http://e/{name}> a dcat:Dataset ; dct:title '{name}'@en .")
    with world(tmp_path) as home:
        assert home.harvest("rdf", str(folder)).counts["new"] == 3
        before = home.quads()
        assert home.harvest("rdf", str(folder)).counts["unchanged"] == 3
        assert home.quads() == before
        (folder / "c.ttl").unlink()
        assert home.harvest("rdf", str(folder)).counts["missing"] == 1
        assert home.harvest("rdf", str(folder)).counts["gone"] == 1
        home.store.remove("test", next(iter(home.keys())))
        home.store.remove("test", next(iter(home.keys())))
        assert home.harvest("rdf", str(folder)).counts["new"] == 2


def test_files_of_suffixes_that_do_not_tell_the_syntax_are_read_by_their_first_characters(tmp_path: Path) -> None:
    xml = '<Project xmlns="http://usefulinc.com/ns/doap#" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
    (tmp_path / "a.doap").write_text(f'<?xml version="1.0"?>\n{xml.replace("/>", "><name>A</name></Project>")}')
    (tmp_path / "b.n3").write_text(HEAD + "<http://e/b> a doap:Project .")
    assert rdf.recognises(str(tmp_path), None)
    assert len([reading for reading in harvest(tmp_path) if reading.record]) == 2


def test_hidden_files_and_those_of_other_suffixes_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for name in (".git/x.ttl", ".x.ttl", "x.csv", "x"):
        (tmp_path / name).write_text("no RDF")
    with pytest.raises(SourceError, match="holds no file named"):
        list(rdf.documents(visit(tmp_path)))


def test_a_file_that_does_not_exist_is_an_error_of_the_source(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"things\.ttl: No such file"):
        list(rdf.documents(visit(tmp_path / "things.ttl")))


class Catalogue(BaseHTTPRequestHandler):
    """A site with one catalogue in JSON-LD, which it calls JSON."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"@id": "#a", "http://e/accept": "%s"}' % self.headers["Accept"].encode())

    def log_message(self, *_: object) -> None:
        """Nothing is written."""


@pytest.fixture
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Catalogue) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/catalogue"
        server.shutdown()


def test_a_url_is_fetched_and_read_in_the_syntax_that_it_answers(site: str) -> None:
    [reading] = readings_of(rdf.documents(visit(site)))
    assert reading.record is not None
    assert (reading.origin, reading.record.iri) == (site, IRI(f"{site}#a"))
    [triple] = reading.record.triples
    assert "text/turtle;q=1" in str(triple.object)


def test_the_origin_is_the_url_of_what_was_fetched_else_the_name_of_the_file() -> None:
    [remote] = read("<#a> rdfs:label 1 .", "https://e/catalogue.ttl")
    [local] = read("<#a> rdfs:label 1 .", "catalogue.ttl")
    assert (remote.origin, remote.record.iri.value) == ("https://e/catalogue.ttl", "https://e/catalogue.ttl#a")  # type: ignore[union-attr]
    assert local.origin == "catalogue.ttl"


# Which nodes share a record.


@pytest.mark.parametrize(
    ("turtle", "expected"),
    [
        pytest.param("<http://e/a> a adms:Asset ; dct:creator [ rdfs:label 1 ] .", {"http://e/a": 3}, id="blank node"),
        pytest.param("<http://e/a> a adms:Asset . <http://e/a#b> rdfs:label 1 .", {"http://e/a": 2}, id="fragment"),
        pytest.param(
            "<http://e/a> a adms:Asset ; foaf:page <http://e/b> . <http://e/b> dct:title 1 .",
            {"http://e/a": 3},
            id="node that one thing refers to",
        ),
        pytest.param(
            "<http://e/a> a adms:Asset ; dct:relation <http://e/b> . <http://e/b> dct:relation <http://e/c> . "
            "<http://e/c> dct:relation <http://e/b> .",
            {"http://e/a": 4},
            id="nodes in a circle that one thing refers to",
        ),
        pytest.param(
            "<http://e/a> a adms:Asset ; foaf:page <http://e/p> ; dcat:distribution <http://e/d> . "
            "<http://e/d> a dcat:Distribution ; foaf:page <http://e/p> . <http://e/p> dct:title 1 .",
            {"http://e/a": 6},
            id="node that a thing and its part refer to",
        ),
        pytest.param(
            "<http://e/a> a adms:Asset ; foaf:page <http://e/p> . <http://e/b> a adms:Asset ; foaf:page <http://e/p> . "
            "<http://e/p> dct:title 1 .",
            {"http://e/a": 2, "http://e/b": 2, "http://e/p": 1},
            id="node that two things refer to",
        ),
        pytest.param(
            "<http://e/a> a adms:Asset ; foaf:page <http://e/p> . <http://e/b> a adms:Asset ; foaf:page <http://e/p> . "
            "<http://e/p> a foaf:Document .",
            {"http://e/a": 3, "http://e/b": 3},
            id="class of a node that two things refer to",
        ),
        pytest.param(
            "<http://e/a> a adms:Asset ; dct:rights _:r . <http://e/b> a adms:Asset ; dct:rights _:r . "
            "_:r rdfs:label 1 .",
            {"http://e/a": 3, "http://e/b": 2},
            id="blank node that two things refer to",
        ),
        pytest.param(
            "<http://e/a> a adms:Asset ; dcat:distribution <http://e/d> ; dcat:hasVersion <http://e/r> . "
            "<http://e/d> a dcat:Distribution . <http://e/r> a doap:Version ; dct:isVersionOf <http://e/a> .",
            {"http://e/a": 6},
            id="distribution and release",
        ),
        pytest.param("<http://e/d> a dcat:Distribution .", {"http://e/d": 1}, id="distribution of nothing"),
        pytest.param(
            "<http://e/c> a dcat:Catalog ; dcat:dataset <http://e/a> . <http://e/a> a dcat:Dataset ; "
            "dct:isPartOf <http://e/c> .",
            {"http://e/a": 2, "http://e/c": 2},
            id="catalogue that its only dataset refers to",
        ),
        pytest.param(
            "<http://e/x> dct:relation <http://e/y> . <http://e/y> dct:relation <http://e/x> .",
            {"http://e/x": 1, "http://e/y": 1},
            id="nodes that only refer to each other",
        ),
    ],
)
def test_a_record_holds_its_thing_and_what_belongs_to_it(turtle: str, expected: dict[str, int]) -> None:
    assert {iri: len(record.triples) for iri, record in records(turtle).items()} == expected


# IRIs.


@pytest.mark.parametrize(
    ("turtle", "expected"),
    [
        pytest.param(
            "t:a a adms:Asset ; schema:codeRepository <ssh://git@github.com/O/R.git> .",
            MINTER.solution("https://github.com/o/r"),
            id="solution by repository",
        ),
        pytest.param(
            "t:a a doap:Project ; doap:repository [ doap:location <https://git.e/o/r/> ] .",
            MINTER.solution("https://git.e/o/r"),
            id="solution by its doap repository",
        ),
        pytest.param(
            "t:a a adms:Asset ; dcat:distribution [ a dcat:Distribution ; dcat:accessURL <https://git.e/o/r> ] .",
            MINTER.solution("https://git.e/o/r"),
            id="solution by its distribution",
        ),
        pytest.param("t:a a adms:Asset .", MINTER.thing("solution", "urn:t:a"), id="solution by its name"),
        pytest.param(
            't:a a foaf:Organization ; foaf:homepage <https://e/> ; adms:identifier [ skos:notation "urn:x:1" ] .',
            MINTER.organisation("urn:x:1", ""),
            id="organisation by a uri as identifier",
        ),
        pytest.param(
            't:a a foaf:Agent ; adms:identifier [ skos:notation "0301" ; adms:schemaAgency "CBE" ] .',
            MINTER.organisation("CBE:0301", ""),
            id="organisation by number and agency",
        ),
        pytest.param(
            't:a a foaf:Agent ; foaf:homepage <http://www.e.org> ; adms:identifier [ skos:notation "0301" ] .',
            MINTER.organisation("https://e.org/", ""),
            id="organisation by home page, as a number alone says little",
        ),
        pytest.param(
            '[] a cv:PublicOrganisation ; foaf:name "Città di Roma"@it, "City of  Rome"@en .',
            MINTER.organisation(None, "city of rome"),
            id="organisation by english name",
        ),
        pytest.param(
            "t:a a foaf:Project ; foaf:homepage <https://www.e.org/x/> .",
            MINTER.thing("initiative", "https://e.org/x"),
            id="initiative by home page",
        ),
        pytest.param("t:a a schema:Event .", MINTER.thing("event", "urn:t:a"), id="event by its name"),
        pytest.param(
            '[] a schema:Event ; dct:title "Open  Day"@en .',
            MINTER.thing("event", "event:open day"),
            id="blank node by kind and title",
        ),
        pytest.param("t:a rdfs:label 1 .", MINTER.thing("resource", "urn:t:a"), id="of no known kind"),
        pytest.param("<http://e/a> a adms:Asset .", IRI("http://e/a"), id="iri of its own"),
        pytest.param(
            "<https://catalogue.example/id/solution/x> a adms:Asset ; schema:codeRepository <https://git.e/o/r> .",
            IRI("https://catalogue.example/id/solution/x"),
            id="our own export",
        ),
    ],
)
def test_a_thing_without_an_iri_gets_one_from_its_identity(turtle: str, expected: IRI) -> None:
    assert iri_of(turtle) == expected


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        pytest.param(
            "t:d a dcat:Distribution .", MINTER.thing("distribution", "https://git.e/o/r d"), id="by its name"
        ),
        pytest.param(
            "t:d a dcat:Distribution ; dcat:accessURL <https://git.e/o/r.git> .",
            MINTER.thing("distribution", "https://git.e/o/r source"),
            id="source code, as publiccode.yml's",
        ),
        pytest.param(
            't:d a doap:Version ; schema:softwareVersion "1.2" .',
            MINTER.thing("release", "https://git.e/o/r 1.2"),
            id="release by version, as publiccode.yml's",
        ),
        pytest.param(
            "t:d rdfs:label 1 .", IRI(f"{MINTER.solution('https://git.e/o/r').value}#d"), id="node by its name"
        ),
    ],
)
def test_a_part_gets_an_iri_from_its_thing_and_its_name(part: str, expected: IRI) -> None:
    [record] = records(
        f"t:a a adms:Asset ; schema:codeRepository <https://git.e/o/r> ; dct:relation t:d . {part}"
    ).values()
    assert values(record, DCT.relation) == {expected.value}


def test_parts_with_the_same_last_name_stay_apart() -> None:
    [record] = records("<http://e/a> a adms:Asset ; dct:relation <urn:x:n>, <urn:y:n> . <urn:x:n> rdfs:label 1 . "
                       "<urn:y:n> rdfs:label 2 .").values()  # fmt: skip
    assert values(record, DCT.relation) == {f"http://e/a#n-{identity.key(name)}" for name in ("urn:x:n", "urn:y:n")}


def test_a_part_of_a_fragment_has_one_fragment_only() -> None:
    [record] = records("<http://e/#a> a adms:Asset ; dct:relation <urn:x:n> . <urn:x:n> rdfs:label 1 .").values()
    assert values(record, DCT.relation) == {"http://e/#a-n"}


def test_a_blank_node_keeps_its_iri_when_something_else_is_edited() -> None:
    node = "<http://e/a> dct:relation [ rdfs:label 1 ; dct:relation [ rdfs:label 2 ] ] ."
    before, after = (
        records(node + more)["http://e/a"] for more in ("", " <http://e/a> dct:title 1 ; dct:creator [] .")
    )
    assert before.triples < after.triples


def test_blank_nodes_that_say_the_same_stay_apart_unless_the_same_refers_to_them() -> None:
    same = '[ rdfs:label "x" ]'
    [apart] = records(f"<http://e/a> dct:creator {same} ; dct:publisher {same} .").values()
    [one] = records(f"<http://e/a> dct:creator {same}, {same} .").values()
    assert values(apart, DCT.creator).isdisjoint(values(apart, DCT.publisher))
    assert (len(apart.triples), len(one.triples)) == (4, 2)


SHARED = "dcat:distribution [ a dcat:Distribution ; dcat:accessURL <https://e.example/data> ]"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f'dct:title "A" ; {SHARED}', f'dct:title "B" ; {SHARED}'),
        (f't:id "1" ; dct:identifier "1" ; dct:title "A" ; {SHARED}', f'dct:identifier "2" ; dct:title "A" ; {SHARED}'),
        ('dct:title "A" ; dct:description "one"', 'dct:title "A" ; dct:description "other"'),
        ('dct:title "A" ; dct:publisher [ foaf:name "P" ]', 'dct:title "A" ; dct:publisher [ foaf:name "Q" ]'),
        ('dct:title "A" ; doap:homepage <https://a.example/>', 'dct:title "A" ; doap:homepage <https://b.example/>'),
    ],
    ids=["same place to get it", "same place and title", "same title", "publishers", "home pages"],
)
def test_software_without_a_name_is_not_known_by_its_title_or_where_it_is_to_be_had(one: str, other: str) -> None:
    found = records(f"[] a dcat:Dataset ; {one} . [] a dcat:Dataset ; {other} .")
    assert len([name for name in found if name.startswith("/id/solution/")]) == 2


@pytest.mark.parametrize("kind", ["foaf:Organization", "foaf:Project", "schema:Event"])
def test_things_without_names_that_share_a_page_are_told_apart_by_their_titles(kind: str) -> None:
    said = "[] a {} ; foaf:homepage <https://portal.example/> ; dct:title '{}' ."
    assert len(records(said.format(kind, "A") + said.format(kind, "B") + said.format(kind, "A"))) == 2


def test_software_without_a_name_keeps_its_iri_when_it_is_described_otherwise() -> None:
    said = '[] a dcat:Dataset ; dct:title "A" ; dct:identifier "1" ; dct:description "{}" .'
    assert iri_of(said.format("one")) == iri_of(said.format("other"))


def test_an_inventory_of_an_american_agency_is_read_as_json_ld() -> None:
    """Its things have no names, and often no classes."""
    said = {
        "@context": "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld",
        "@type": "dcat:Catalog",
        "dataset": [
            {
                "@type": "dcat:Dataset",
                "identifier": f"X-{number}",
                "title": "Code",
                "publisher": {"name": "Agency"},
                "contactPoint": {"@type": "vcard:Contact", "fn": "Ann", "hasEmail": "mailto:a@e.example"},
                "distribution": [{"accessURL": "https://e.example/"}],
            }
            for number in range(2)
        ],
    }
    document = Document("data.json", json.dumps(said).encode(), "", NOW)
    found = [reading.record for reading in rdf.readings("data.json", document, MINTER) if reading.record]
    kinds = [record.iri.value.split("/")[-2] for record in found]
    assert sorted(kinds) == ["owner", "resource", "solution", "solution"]
    solution = found[kinds.index("solution")]
    types = {triple.object for triple in solution.triples if triple.predicate == RDF.type}
    assert {DCAT.Dataset, DCAT.Distribution, V.Kind} <= types


def test_what_is_named_relative_to_a_file_is_another_in_each_source(tmp_path: Path) -> None:
    (tmp_path / "doap.ttl").write_text(f"{HEAD}<#it> a doap:Project ; doap:name 'A' .")
    for place in (tmp_path, tmp_path / "doap.ttl"):
        found = set()
        for name in ("one", "other"):
            asked = visit(place)
            source = replace(asked.source, id=name)
            [reading] = readings_of(rdf.documents(replace(asked, source=source)))
            assert reading.record
            found.add(reading.record.iri)
        assert len(found) == 2


def test_things_of_one_identity_are_one_record_with_a_warning() -> None:
    repository = "a adms:Asset ; schema:codeRepository <https://git.e/o/r>"
    [reading] = read(f"t:b {repository} ; dct:title 2 . t:a {repository} ; dct:title 1 .")
    [finding] = reading.report.findings
    assert finding.message.startswith("rdf: urn:t:a and urn:t:b have the same identity")
    assert reading.record is not None
    assert values(reading.record, DCT.title) == {"1", "2"}
    assert reading.key == identity.key("urn:t:a")


def test_a_name_of_this_source_that_nobody_describes_is_a_warning() -> None:
    [reading] = read("t:a a adms:Asset ; dct:publisher t:b ; dct:relation <http://elsewhere/> .")
    [finding] = reading.report.findings
    assert (finding.severity, finding.path, finding.value) == (Severity.WARNING, DCT.publisher.value, "urn:t:b")


@pytest.mark.parametrize(
    ("turtle", "says"),
    [
        pytest.param("<http://e/a> a <http://e/C> ; dct:title 'A' .", "for http://e/C", id="of an unknown class"),
        pytest.param("<http://e/a> rdfs:label 'A' .", "has no class", id="of no class"),
        pytest.param("<http://e/a> a dcat:Catalog ; dct:title 'A' .", "", id="catalogue"),
        pytest.param(
            "<http://e/a> a dcat:Catalog ; dcat:service <http://e/s> . <http://e/s> a <http://e/S> ; rdfs:label 1 .",
            "of the things in it, 1 have no page",
            id="catalogue of other things",
        ),
        pytest.param(
            "<http://e/a> a dcat:Catalog ; foaf:page <http://e/p> . <http://e/p> a foaf:Document ; dct:title 'P' .",
            "",
            id="page of a catalogue",
        ),
        pytest.param("<http://e/a> a dcat:Dataset ; dct:title 'A' .", "", id="of a kind"),
        pytest.param("<http://e/a> a owl:Class ; rdfs:label 'A' .", "", id="word of a vocabulary"),
        pytest.param("<http://e/a> a <http://e/C> .", "", id="without a name"),
        pytest.param("<http://e/a> dct:format <http://e/f>, _:b . <http://e/f> rdfs:label 'CSV' .", "", id="node"),
    ],
)
def test_a_thing_with_a_name_that_has_no_page_is_a_warning(turtle: str, says: str) -> None:
    findings = [finding.message for reading in read(turtle) for finding in reading.report.findings]
    assert len(findings) == bool(says)
    assert all("no page" in message and says in message for message in findings)


def test_the_key_of_a_record_stays_when_its_content_changes() -> None:
    before, after = (read(f"t:a a adms:Asset ; schema:codeRepository <https://git.e/{name}> .") for name in "ab")
    assert before[0].key == after[0].key == identity.key("urn:t:a")
    assert before[0].record != after[0].record


def test_texts_are_without_the_blanks_around_them_and_empty_ones_say_nothing() -> None:
    [record] = records('<http://e/a> dct:title """\n  A\n  B\n  """@en ; dcat:keyword "", " " .').values()
    assert {triple.object for triple in record.triples} == {Literal("A\n  B", language="en")}


def test_a_mail_address_stays_one_though_its_owner_is_called_by_it() -> None:
    found = records("<http://e/a> a dcat:Dataset ; dct:creator <mailto:a@e.org> . <mailto:a@e.org> a foaf:Agent ; "
                    "foaf:name 'A' ; foaf:mbox <mailto:a@e.org> .")  # fmt: skip
    [agent] = [record for record in found.values() if record.iri != IRI("http://e/a")]
    assert values(agent, FOAF.mbox) == {"mailto:a@e.org"}
    assert values(found["http://e/a"], DCT.creator) == {agent.iri.value}


def test_characters_that_xml_cannot_carry_are_left_out_of_literals() -> None:
    [record] = records(r'<http://e/a> dct:title "a\u0001b"@en, "\u0002"^^xsd:token, "c\td" .').values()
    expected = {Literal("ab", language="en"), Literal("", datatype=IRI(PREFIXES["xsd"] + "token")), Literal("c\td")}
    assert {triple.object for triple in record.triples} == expected


# Documents that nobody should have written.


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("x.rdf", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "DOCTYPE", id="doctype"),
        pytest.param("x.rdf", '<!DOCTYPE a [<!ENTITY b "c">]><a/>'.encode("utf-16"), "DOCTYPE", id="doctype in utf-16"),
        pytest.param("x.jsonld", b'{"http://e/p":' * 10_000, "Unexpected end|memory|deeply", id="deep json-ld"),
        pytest.param("x.ttl", b"<http://e/a> <http://e/p> \xff", "not UTF-8", id="not utf-8"),
        pytest.param("x.ttl", b"<http://e/a> <http://e", "Unexpected end of file", id="truncated"),
        pytest.param("x.ttl", b"", "empty", id="empty"),
        pytest.param("x", b"hello", "no RDF syntax", id="no RDF"),
        pytest.param(
            "x.ttl",
            b"".join(b"_:n%d <http://e/p> _:n%d ." % (n, (n + 1) % 101) for n in range(101)),
            "101 blank nodes refer to each other in circles",
            id="large circle of blank nodes",
        ),
    ],
)
def test_a_document_that_cannot_be_read_is_one_reading_with_a_violation(
    name: str, content: bytes, message: str
) -> None:
    [reading] = rdf.readings(name, Document(name, content, "", NOW), MINTER)
    [finding] = reading.report.findings
    assert (reading.key, reading.record, finding.severity) == (name, None, Severity.VIOLATION)
    with pytest.raises(AssertionError, match=message):
        raise AssertionError(finding.message)


@pytest.mark.parametrize(
    "link",
    ["_:n{0} <http://e/p> _:n{1} .", "<http://e/{0}> <http://e/p> <http://e/{1}> ."],
    ids=["blank nodes", "IRIs"],
)
def test_a_chain_can_be_of_any_length(link: str) -> None:
    chain = "".join(link.format(n, n + 1) for n in range(20_000))
    [record] = records(f"<http://e/a> <http://e/p> _:n0, <http://e/0> . {chain}").values()
    assert len(record.triples) == 20_002


# Properties.

NODES = st.sampled_from(
    [*(IRI(f"http://e/{n}") for n in "abc"), IRI("http://e/a#1"), *(IRI(f"urn:t:{n}") for n in "xyz")]
    + [BlankNode(f"n{n}") for n in range(6)]
)
CLASSES = st.sampled_from([DCAT.Dataset, DCAT.Distribution, DCAT.Catalog, IRI("http://e/Class")])
PREDICATES = st.sampled_from([DCT.relation, DCAT.distribution, DCT.creator])
TYPE = st.just(IRI("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"))
TITLE = st.just(DCT.title)
TRIPLES = (
    st.builds(Triple, NODES, PREDICATES, NODES)
    | st.builds(Triple, NODES, TYPE, CLASSES)
    | st.builds(Triple, NODES, TITLE, st.sampled_from([Literal("1"), Literal("2")]))
)
SOME = settings(max_examples=40, deadline=None)


def document(triples: Iterable[Triple]) -> Document:
    content = "".join(f"{triple.subject} {triple.predicate} {triple.object} .\n" for triple in triples)
    return Document("x.nt", content.encode(), "application/n-triples", NOW)


def said(found: Document) -> list[Record]:
    kept = [reading.record for reading in rdf.readings("x.nt", found, MINTER)]
    return [replace(record, document_hash=None) for record in kept if record]


@SOME
@given(st.lists(TRIPLES, min_size=1, max_size=25), st.randoms(use_true_random=False))
def test_labels_and_order_do_not_change_the_records(triples: list[Triple], chance: random.Random) -> None:
    labels = chance.sample(range(100), 100)
    other = [Triple(relabelled(t.subject, labels), t.predicate, relabelled(t.object, labels)) for t in triples]  # type: ignore[arg-type]
    chance.shuffle(other)
    first = said(document(triples))
    assert said(document(other)) == first
    assert not any(isinstance(term, BlankNode) for record in first for triple in record.triples for term in triple)


def relabelled(term: object, labels: list[int]) -> object:
    return BlankNode(f"m{labels[int(term.value[1:])]}") if isinstance(term, BlankNode) else term


@SOME
@given(st.lists(st.builds(Triple, NODES, PREDICATES, NODES), min_size=1, max_size=25))
def test_the_records_together_say_what_the_document_says(triples: list[Triple]) -> None:
    nodes = {
        term
        for triple in triples
        for term in (triple.subject, triple.object)
        if "_:" in str(term) or "urn" in str(term)
    }
    marks = {Triple(node, DCT.title, Literal(str(node))) for node in nodes}  # type: ignore[arg-type]
    union = {triple for record in said(document([*triples, *marks])) for triple in record.triples}
    names = {t.object.value: t.subject for t in union if t.predicate == DCT.title}  # type: ignore[union-attr]

    def named(term: object) -> object:
        return names.get(str(term), term)

    assert union == {Triple(named(t.subject), t.predicate, named(t.object)) for t in (*triples, *marks)}  # type: ignore[arg-type]


# Real data.


@pytest.mark.skipif(not FOREIGN.is_dir(), reason="the shared files of other catalogues are not here")
def test_files_of_other_catalogues_are_read_or_say_where_they_cannot_be() -> None:
    readings = harvest(FOREIGN)
    refused = [finding for reading in readings if reading.record is None for finding in reading.report.findings]
    assert len(readings) - len(refused) > 500
    assert all(finding.line or "document is empty" in finding.message for finding in refused)


@pytest.mark.skipif(not list(ROOT.glob("data/*.ttl")), reason="the seed data are not here")
def test_the_seed_data_are_read_without_findings() -> None:
    readings = harvest(ROOT / "data")
    assert not [finding for reading in readings for finding in reading.report.findings]
    kept = [reading.record for reading in readings if reading.record]
    assert not [triple for record in kept for triple in record.triples if "urn:x-seed:" in str(triple)]
