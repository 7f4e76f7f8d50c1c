"""The benchmarks' own parts: files that are the same each time and worth harvesting, and clients that count right."""

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bench import generate, kinds
from bench.load import Request, Unexpected, check, compare, each_once
from bench.plan import Plan
from bench.report import figure, ratio, table
from catalogue.fetch import Fetch
from catalogue.harvest import Harvesting, harvest
from catalogue.harvesters import HARVESTERS
from catalogue.identity import Minter
from catalogue.store import Store
from catalogue.writer import source_at
from tests.remote import world

FILES, FEW = 20, 3


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    contents = []
    for name in ("first", "second"):
        generate.write(tmp_path / name, FILES)
        contents.append([generate.path(tmp_path / name, number).read_bytes() for number in range(FILES)])
    assert contents[0] == contents[1]
    assert len(set(contents[0])) == FILES


def test_another_seed_gives_other_bytes() -> None:
    assert generate.document(0) != generate.document(0, generate.SEED + 1)


def test_a_file_does_not_depend_on_how_many_there_are(tmp_path: Path) -> None:
    generate.write(tmp_path, FILES)
    assert generate.path(tmp_path, 7).read_bytes() == generate.document(7)


def test_files_lie_in_folders_of_a_thousand(tmp_path: Path) -> None:
    assert [generate.path(tmp_path, number).parent.name for number in (0, 999, 1000)] == ["000", "000", "001"]


def test_generated_files_are_harvested_without_rejection(tmp_path: Path) -> None:
    generate.write(tmp_path, FILES)

    def clock() -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    with closing(Store(None, Minter("https://catalogue.example"), clock)) as store:
        done = harvest(store, source_at("publiccode", str(tmp_path)), Harvesting(Fetch(), clock))
    assert (done.error, done.rejected, done.counts["new"]) == (None, [], FILES)


@pytest.mark.parametrize("name", kinds.KINDS)
def test_a_source_of_every_kind_is_harvested_whole_and_then_unchanged(name: str, tmp_path: Path) -> None:
    kind, solutions = kinds.KINDS[name], [kinds.Solution.of(number) for number in range(FEW)]
    with kinds.source(name, tmp_path, solutions) as location, world(tmp_path) as served:
        first, again = (served.harvest(kind.harvester, location, **kind.options) for _ in range(2))
    assert (first.error, first.rejected, again.error) == (None, [], None)
    assert kinds.written(first) >= FEW
    assert kinds.written(again) == 0


def test_every_kind_of_source_is_measured() -> None:
    assert {kind.harvester for kind in kinds.KINDS.values()} == set(HARVESTERS)


def test_what_is_measured_of_a_kind_is_a_row() -> None:
    first = {"records": 100, "seconds": 2.0, "quads": 300, "requests": 3, "memory": 100_000_000}
    again = first | {"seconds": 0.1, "requests": 1}
    larger = {"records": 400, "seconds": 8.0, "memory": 110_000_000}
    told = ("100", "50", "3", "0.1 s", "**20.00x**", "3", "1", "50", "**1.00x**", "100 MB", "110 MB", "**1.10x**")
    assert kinds.row("ckan", first, again, larger) == ("ckan", *told)


class _Server(BaseHTTPRequestHandler):
    """Answers with a length, in chunks, with nothing (304), or with an error."""

    protocol_version = "HTTP/1.1"
    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        if self.path == "/chunks":
            self._answer(200, b"4\r\nbody\r\n0\r\n\r\n", "Transfer-Encoding", "chunked")
        elif self.path == "/same":
            self._answer(304, b"", "ETag", '"same"')
        else:
            self._answer(404 if self.path == "/gone" else 200, b"body", "Content-Length", "4")

    def _answer(self, status: int, body: bytes, header: str, value: str) -> None:
        self.send_response(status)
        self.send_header(header, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def port() -> Iterator[int]:
    _Server.asked = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), _Server) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [("/", 200, b"body"), ("/chunks", 200, b"body"), ("/same", 304, b"")],
    ids=["length", "chunks", "not modified"],
)
def test_every_kind_of_answer_is_read_whole(port: int, path: str, status: int, body: bytes) -> None:
    assert [answer.body for answer in check(port, [Request(path)], status)] == [body]


def test_an_answer_with_another_status_is_not_measured(port: int) -> None:
    with pytest.raises(Unexpected, match="/gone answers 404, not 200"):
        check(port, [Request("/"), Request("/gone")], 200)


def test_threads_count_answers_and_failures(port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")  # without wrk
    plan = Plan(tmp_path, sizes=(), size=0, window_s=0.2, rounds=1)
    requests = [Request("/"), Request("/chunks"), Request("/same"), Request("/gone")]
    [rate] = compare([(port, requests)], 2, plan)
    assert 0 < rate.median_ms <= rate.p99_ms
    assert rate.per_second == pytest.approx(_Server.asked / 0.2, rel=0.5)
    assert _Server.asked / 4 - 3 <= rate.failed <= _Server.asked / 4 + 3


def test_each_request_is_made_once(port: int) -> None:
    [rate] = each_once([(port, [Request("/"), Request("/chunks"), Request("/gone")])], 2)
    assert (_Server.asked, rate.failed) == (3, 1)


@pytest.mark.parametrize(
    ("value", "written"), [(0.01234, "0.0123"), (45.678, "45.7"), (345.6, "346"), (12345, "12,300"), (0, "0")]
)
def test_figures_have_three_digits_that_count(value: float, written: str) -> None:
    assert figure(value) == written


def test_a_ratio_with_nothing_is_a_dash() -> None:
    assert (ratio(3, 2), ratio(3, 0)) == ("**1.50x**", "–")


def test_a_table_is_markdown() -> None:
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | ---: |\n| 1 | 2 |"
