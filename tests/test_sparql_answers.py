"""Answers on their way: a part is never taken for the whole, limits are counted as told, what is kept is bounded."""

import csv
import io
import json
import threading
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Generator, Iterator

import pytest
from pyoxigraph import RdfFormat, parse

from catalogue.database import Query
from catalogue.errors import QueryError, QueryLimit
from catalogue.settings import load
from catalogue.sparql.answers import Answer, Kept, Meter, Spool
from endpoint.sparql import cut
from tests.waiting import PATIENCE_S

TABLES = {
    "json": '{"head":{"vars":["o"]},"results":{"bindings":[{"o":{"type":"literal","value":"a \\" b"}},'
    '{"o":{"type":"uri","value":"http://x/"}}]}}',
    "xml": '<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head></head><results><result>'
    '<binding name="o"><literal>a</literal></binding></result></results></sparql>',
    "csv": 'o,p\r\n"a ""b"", c",1\r\n"two\r\nlines",2\r\nx,3\r\n',
    "tsv": '?o\t?p\n"a \\"b\\" c"\t1\n<http://x/>\t"""\'"\n_:b\t3\n',
    "rdf": '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="http://x/"><p xmlns="http://x/">a</p></rdf:Description></rdf:RDF>',
    "jsonld": '[{"@id":"http://x/","http://x/p":[{"@value":"a"}]},{"@id":"http://x/2","http://x/p":[{"@id":"b:c"}]}]',
    "nt": '<http://x/a> <http://x/p> "a \\"b\\"" .\n<http://x/b> <http://x/p> <http://x/c> .\n'
    '_:b <http://x/p> "x"@en .\n',
    "ttl": '@prefix x: <http://x/> .\nx:a x:p "a \\"b\\"" , x:b ;\n\tx:q 1 .\n<http://x/b> a <http://x/c> .\n',
}


def rdf(syntax: RdfFormat) -> Callable[[bytes], object]:
    return lambda content: list(parse(content, format=syntax, base_iri="http://x/"))


def rows(dialect: str) -> Callable[[bytes], object]:
    return lambda content: list(csv.reader(io.StringIO(content.decode(errors="replace"), newline=""), dialect))


PARSERS: dict[str, Callable[[bytes], object]] = {
    "json": json.loads,
    "xml": ElementTree.fromstring,
    "csv": rows("excel"),
    "tsv": rows("excel-tab"),
    "rdf": rdf(RdfFormat.RDF_XML),
    "jsonld": rdf(RdfFormat.JSON_LD),
    "nt": rdf(RdfFormat.N_TRIPLES),
    "ttl": rdf(RdfFormat.TURTLE),
}


@pytest.mark.parametrize("name", TABLES)
def test_no_parser_takes_an_answer_that_was_cut_wherever_that_was(name: str) -> None:
    """Even Python's csv, which takes everything else, and whoever mends what is not UTF-8."""
    whole = TABLES[name].encode()
    PARSERS[name](whole)
    for length in range(len(whole)):
        part = whole[:length]
        ended = part + cut("it is too long (query_size)", is_quoted=name == "csv" and part.count(b'"') % 2 == 1)
        with pytest.raises((SyntaxError, ValueError, csv.Error)):
            PARSERS[name](ended)
        assert b"not whole: it is too long (query_size)" in ended


def test_the_end_of_a_cut_answer_is_not_text() -> None:
    with pytest.raises(UnicodeDecodeError):
        cut("x", is_quoted=False).decode()


def chunks(contents: list[bytes], error: Exception | None = None) -> Generator[bytes]:
    yield from contents
    if error:
        raise error


def spooled(contents: Generator[bytes]) -> tuple[Spool, threading.Event]:
    left = threading.Event()
    return Spool(contents, left.set), left


def test_a_large_answer_is_read_while_it_is_written() -> None:
    go = threading.Event()

    def slowly() -> Generator[bytes]:
        yield b"first"
        go.wait(PATIENCE_S)
        yield b"second"

    rest, left = spooled(slowly())
    answer = Answer("text/csv", 1, b"start ", rest)
    pieces = iter(answer)
    assert [next(pieces), next(pieces)] == [b"start ", b"first"]
    go.set()
    assert list(pieces) == [b"second"]
    assert left.is_set()


def test_what_cuts_an_answer_is_raised_after_all_that_came_before() -> None:
    rest, left = spooled(chunks([b"a" * 100_000, b"b"], QueryLimit("too much", "query_size")))
    read = io.BytesIO()
    with pytest.raises(QueryLimit, match="too much"):
        read.writelines(Answer("text/csv", 1, b"", rest))
    assert read.getvalue() == b"a" * 100_000 + b"b"
    assert left.is_set()


def test_whatever_ends_an_answer_early_is_told() -> None:
    rest, _ = spooled(chunks([b"half"], MemoryError()))
    with pytest.raises(QueryError, match="broke off"):
        b"".join(Answer("text/csv", 1, b"", rest))


def test_an_answer_that_nobody_reads_stops_being_written() -> None:
    ended = threading.Event()

    def endless() -> Generator[bytes]:
        try:
            while True:
                yield b"x" * 1000
        finally:
            ended.set()

    rest, left = spooled(endless())
    next(rest)
    rest.close()
    rest.close()
    assert left.is_set()
    assert ended.wait(PATIENCE_S)
    with pytest.raises(StopIteration):
        next(rest)


LIMITS = load({"query_size": "1", "query_rows": "10"}, {})
ROWS = {
    "json": (b'{"head":{"vars":["o"]},"results":{"bindings":[', b'{"o":{"type":"literal","value":"x"}},'),
    "xml": (b"<sparql><head></head><results>", b'<result><binding name="o"><uri>a:b</uri></binding></result>'),
    "csv": (b"o\r\n", b"x\r\n"),
    "tsv": (b"?o\n", b'"x"\n'),
    "nt": (b"", b"<a:b> <a:b> <a:b> .\n"),
}


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_rows_are_counted_however_the_answer_is_cut_into_pieces(name: str, size: int) -> None:
    start, row = ROWS[name]

    def measure(count: int) -> None:
        meter, content = Meter(LIMITS, name), start + row * count
        for at in range(0, len(content), size):
            meter.count(content[at : at + size])

    measure(10)
    with pytest.raises(QueryLimit, match=r"more than 10 rows \(query_rows\)"):
        measure(13)


def test_bytes_are_counted_in_every_format() -> None:
    meter = Meter(LIMITS, "ttl")
    meter.count(b"x" * 1024 * 1024)
    with pytest.raises(QueryLimit, match=r"larger than 1 megabytes \(query_size\)"):
        meter.count(b"x")


def answers(count: int) -> Iterator[tuple[Query, Answer]]:
    for number in range(count):
        yield Query(f"ASK {{}} # {number}", "json"), Answer("x/y", 1, b"x" * 10_000)


def test_what_is_kept_is_bounded_and_what_was_asked_for_last_stays() -> None:
    kept, (first, *others) = Kept(100_000), list(answers(50))
    kept.put(*first)
    for query, answer in others:
        kept.put(query, answer)
        assert kept.get(1, first[0]) is first[1]
        assert kept.size_bytes <= 100_000
    assert kept.get(1, others[0][0]) is None


def test_what_is_kept_belongs_to_its_publication_format_and_dataset() -> None:
    kept, query = Kept(100_000), Query("ASK {}", "json")
    kept.put(query, Answer("x/y", 1, b"true"))
    assert kept.get(1, Query("ASK {}", "json")) is not None
    for other in (Query("ASK {}", "xml"), Query("ASK {}", "json", None, ("a:b",)), Query("ASK { }", "json")):
        assert kept.get(1, other) is None
    assert kept.get(2, query) is None


def test_the_names_of_graphs_count_for_what_is_kept() -> None:
    kept = Kept(5_000)
    kept.put(Query("ASK {}", "json", None, ("a:" + "b" * 10_000,)), Answer("x/y", 1, b"true"))
    assert kept.size_bytes == 0


def test_what_is_larger_than_all_the_room_is_not_kept() -> None:
    kept = Kept(5_000)
    kept.put(*next(answers(1)))
    assert kept.size_bytes == 0


def test_an_error_that_cuts_is_told_once_and_then_the_answer_is_over() -> None:
    rest, _ = spooled(chunks([b"a"], QueryError("gone")))
    assert next(rest) == b"a"
    with pytest.raises(QueryError):
        next(rest)
    rest.close()
