"""The pool: answers, limits, and what becomes of the children; with real children on a real store."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from catalogue.database import Query
from catalogue.errors import QueryError, QueryLimit, QueryRefused, QuerySyntaxError, StoreError
from catalogue.home import Home, is_held
from catalogue.settings import Settings, load
from catalogue.sparql import worker
from catalogue.sparql.places import Visitor
from catalogue.sparql.pool import Pool
from tests.waiting import PATIENCE_S, until

SIZE = 2000
LIMITS = {"query_timeout": "5", "query_memory": "200", "query_size": "3", "query_workers": "2", "query_queue": "4"}
CROSS = "{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
ENDLESS = f"SELECT (COUNT(*) AS ?n) {CROSS}"


def publish(home: Home, number: int, size: int) -> None:
    """A publication of a store with as many triples in the default graph, and one in a named graph."""
    path = home.publication(number)
    path.mkdir(parents=True)
    store = Store(str(path / "store"))
    store.extend(Quad(NamedNode(f"http://x/{n}"), NamedNode("http://x/p"), Literal(f"value {n}")) for n in range(size))
    store.add(Quad(NamedNode("http://x/a"), NamedNode("http://x/p"), Literal("in g"), NamedNode("http://x/g")))
    store.flush()
    del store
    (path / "manifest.json").write_text("{}")
    home.set_current(number)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("home"))
    publish(home, 1, SIZE)
    return home


@pytest.fixture(scope="module")
def pool(home: Home) -> Iterator[Pool]:
    with Pool(home, settings()) as pool:
        yield pool


def settings(**flags: str) -> Settings:
    return load({**LIMITS, **flags}, {})


def ask(pool: Pool, text: str, **dataset: tuple[str, ...]) -> str:
    return b"".join(pool.run(Query(text, "csv", "http://x/", **dataset))).decode()


def children() -> list[int]:
    """The processes that this one started and that still run."""
    listing = subprocess.run(
        ["ps", "-o", "pid=,stat=,args=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=False
    )
    lines = (line.split() for line in listing.stdout.splitlines() if "catalogue.sparql.worker" in line)
    return [int(pid) for pid, state, *_ in lines if not state.startswith("Z")]


def endless(pool: Pool) -> None:
    with pytest.raises(QueryLimit, match="query_timeout"):
        ask(pool, ENDLESS)


@pytest.mark.parametrize(
    ("query", "form", "media_type", "content"),
    [
        ("ASK { <http://x/1> ?p ?o }", "json", "application/sparql-results+json", '{"head":{},"boolean":true}'),
        ("SELECT ?o { <1> <p> ?o }", "csv", "text/csv", "o\r\nvalue 1\r\n"),
        ("SELECT ?o { <1> <p> ?o }", "tsv", "text/tab-separated-values", '?o\n"value 1"\n'),
        ("SELECT ?o { <1> ?none ?o . ?o ?p 1 }", "xml", "application/sparql-results+xml", "<results></results>"),
        ("CONSTRUCT { <1> <q> ?o } { <1> <p> ?o }", "nt", "application/n-triples", '<http://x/q> "value 1" .\n'),
        ("DESCRIBE <1>", "ttl", "text/turtle", '<http://x/1> <http://x/p> "value 1"'),
        ("DESCRIBE <1>", "jsonld", "application/ld+json", '"@value":"value 1"'),
        ("DESCRIBE <1>", "rdf", "application/rdf+xml", ">value 1<"),
    ],
    ids=["ask json", "select csv", "select tsv", "select xml", "construct nt", "describe ttl", "jsonld", "rdf"],
)
def test_answers_come_in_every_format(pool: Pool, query: str, form: str, media_type: str, content: str) -> None:
    answer = pool.run(Query(query, form, "http://x/"))
    assert (answer.media_type, answer.publication, answer.rest) == (media_type, 1, None)
    assert content in answer.start.decode()


@pytest.mark.parametrize(
    ("dataset", "values"),
    [
        ({"default_graphs": ("http://x/g",)}, ["in g"]),
        ({"default_graphs": ("http://x/g", "http://x/unknown")}, ["in g"]),
        ({"default_graphs": ("http://x/unknown",)}, []),
        ({"named_graphs": ("http://x/g",)}, []),
    ],
    ids=["one graph", "one of them unknown", "unknown", "named only"],
)
def test_the_dataset_of_the_request_overrides_that_of_the_query(
    pool: Pool, dataset: dict[str, tuple[str, ...]], values: list[str]
) -> None:
    text = ask(pool, "SELECT ?o FROM <http://x/other> { ?s ?p ?o }", **dataset)
    assert text.splitlines()[1:] == values


@pytest.mark.parametrize(
    ("query", "kind", "message"),
    [
        ("SELECT *\nWHERE { ?s ?p }", QuerySyntaxError, r"^line 2, column \d+: expected"),
        ("SELECT * { ?s ex:p ?o }", QuerySyntaxError, "^line 1, column 15: the prefix ex: is not declared$"),
        ("SELECT (1 AS ?s) { ?s ?p ?o }", QuerySyntaxError, "^line 1"),
        ("SELECT * { SERVICE <http://127.0.0.1/> {} }", QueryRefused, "SERVICE is not offered"),
        ("CLEAR ALL", QueryRefused, "updates are not offered"),
        ("SELECT " + "{" * 3000, QueryRefused, "nested deeper"),
        ("SELECT (1" + "+1" * 32000 + " AS ?x) {}", QueryRefused, "too long or too deeply nested for the parser"),
        ("DESCRIBE <1>", QueryRefused, "not answered as 'csv', but as ttl, jsonld, rdf, nt"),
        (ENDLESS, QueryLimit, r"longer than 5 seconds \(query_timeout\)"),
        (f"SELECT * {CROSS}", QueryLimit, r"larger than 3 megabytes \(query_size\)"),
    ],
    ids=["syntax", "prefix", "scope", "service", "update", "braces", "sum", "form", "time", "size"],
)
def test_what_is_not_answered_says_why_and_harms_nobody(
    pool: Pool, query: str, kind: type[QueryError], message: str
) -> None:
    with pytest.raises(kind, match=message):
        ask(pool, query)
    assert ask(pool, "SELECT ?o { <1> <p> ?o }") == "o\r\nvalue 1\r\n"
    assert len(children()) <= 2


def test_a_query_that_needs_too_much_memory_ends_with_its_process(home: Home) -> None:
    """With a minute to reach the limit, so that on a busy machine it is not the time that ends it."""
    with Pool(home, settings(query_timeout="60")) as pool:
        with pytest.raises(QueryLimit, match=r"more than 200 megabytes of memory \(query_memory\)"):
            ask(pool, f"SELECT * {CROSS} ORDER BY ?c ?f ?i")
        assert ask(pool, "SELECT ?o { <1> <p> ?o }") == "o\r\nvalue 1\r\n"


LARGE = "SELECT ?s ?o ?b { ?s ?p ?o . VALUES ?b { 1 2 3 4 5 6 7 8 } }"


def test_a_large_answer_leaves_before_it_is_whole(pool: Pool) -> None:
    answer = pool.run(Query(LARGE, "json", "http://x/"))
    assert len(answer.start) <= 1024 * 1024 + 64 * 1024
    assert answer.rest is not None
    assert len(json.loads(b"".join(answer))["results"]["bindings"]) == 8 * SIZE


def test_a_large_answer_that_nobody_fetches_holds_no_child(home: Home) -> None:
    with Pool(home, settings(query_workers="1")) as pool:
        answer = pool.run(Query(LARGE, "json", "http://x/"))
        assert ask(pool, "ASK {}") == "true"
        answer.close()


def test_who_gives_up_a_large_answer_frees_its_child_and_its_place(home: Home) -> None:
    with Pool(home, settings(query_workers="1", query_queue="1", query_size="500", query_timeout="60")) as pool:
        for _ in range(4):
            pool.run(Query(f"SELECT * {CROSS}", "csv", "http://x/")).close()
        assert ask(pool, "ASK {}") == "true"


def test_a_query_whose_client_has_gone_is_stopped(home: Home) -> None:
    with Pool(home, settings(query_workers="1", query_timeout="60")) as pool:
        started = time.monotonic()
        with pytest.raises(QueryError, match="nobody waits"):
            pool.run(Query(ENDLESS, "csv"), Visitor("a", lambda: time.monotonic() - started > 0.5))
        assert ask(pool, "ASK {}") == "true"


def test_what_was_answered_once_is_not_evaluated_again(home: Home) -> None:
    with Pool(home, settings()) as pool:
        query = Query("SELECT ?o { <1> <p> ?o }", "csv", "http://x/")
        assert pool.run(query) is pool.run(query)


@pytest.mark.parametrize("word", ["NOW()", "rand ( )", "UUID()", "STRUUID()", "NOW#\n()"])
def test_what_changes_is_evaluated_each_time(home: Home, word: str) -> None:
    with Pool(home, settings()) as pool:
        query = Query(f"SELECT ({word} AS ?x) {{}}", "csv")
        assert pool.run(query).start != pool.run(query).start


def test_graphs_of_a_request_that_name_files_are_refused(pool: Pool) -> None:
    for dataset in ({"default_graphs": ("file:///etc/passwd",)}, {"named_graphs": ("a:b", "FILE:x")}):
        with pytest.raises(QueryRefused, match="names a file"):
            ask(pool, "ASK {}", **dataset)


def test_nothing_is_started_before_the_first_query_and_nothing_is_left_at_the_end(home: Home) -> None:
    before = set(children())
    pool = Pool(home, settings())
    assert set(children()) == before
    ask(pool, "ASK {}")
    assert len(set(children()) - before) == 1
    pool.close()
    assert set(children()) == before
    with pytest.raises(QueryError, match="shutting down"):
        ask(pool, "ASK {}")


def test_twenty_at_once_are_answered_or_told_that_the_endpoint_is_busy(home: Home) -> None:
    outcomes: list[str] = []

    def one(pool: Pool) -> None:
        try:
            text = f"SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o . ?t ?q ?u }} # {threading.get_ident()}"
            answer = pool.run(Query(text, "csv"), Visitor(str(threading.get_ident())))
            outcomes.append(b"".join(answer).decode().split()[1])
        except QueryLimit as error:
            outcomes.append(error.limit)

    with Pool(home, settings(query_timeout="20")) as pool:
        threads = [threading.Thread(target=one, args=(pool,)) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(outcomes) == 20
        assert set(outcomes) <= {str(SIZE * SIZE), "query_queue"}
        assert outcomes.count(str(SIZE * SIZE)) >= 6
        assert ask(pool, "ASK {}") == "true"


def test_others_are_answered_beside_a_runaway_query(home: Home) -> None:
    with Pool(home, settings()) as pool:
        ask(pool, "ASK {}")
        runaway = threading.Thread(target=endless, args=(pool,))
        runaway.start()
        answered = 0
        while runaway.is_alive():
            answered += b"".join(pool.run(Query(f"ASK {{}} # {answered}", "csv"), Visitor("another"))) == b"true"
        runaway.join()
        assert answered > 10


def test_a_new_publication_is_what_the_next_query_asks(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with Pool(home, settings()) as pool:
        with pytest.raises(StoreError, match="nothing has been published yet"):
            ask(pool, "ASK {}")
        publish(home, 1, 10)
        count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
        assert ask(pool, count).split()[1] == "10"
        assert is_held(home.publication(1))
        publish(home, 2, 20)
        assert ask(pool, count).split()[1] == "20"
        assert not is_held(home.publication(1))
        home.set_current(3)
        with pytest.raises(StoreError, match="cannot be read"):
            ask(pool, count)
        home.set_current(2)
        assert ask(pool, count).split()[1] == "20"


def test_a_child_that_was_killed_from_outside_is_replaced(home: Home) -> None:
    before = set(children())
    with Pool(home, settings()) as pool:
        ask(pool, "ASK {}")
        for child in set(children()) - before:
            os.kill(child, signal.SIGKILL)
        assert until(lambda: set(children()) == before)
        assert ask(pool, "ASK { ?s ?p ?o }") == "true"


def start(home: Home) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "catalogue.sparql.worker", str(home.publication(1)), "200", "20"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(Path(__file__).parents[1])},
    )


def test_children_make_way_for_pages(home: Home) -> None:
    before = set(children())
    with Pool(home, settings()) as pool:
        ask(pool, "ASK {}")
        (child,) = set(children()) - before
        own = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, child) == min(own + worker.NICE, 19)


def test_a_long_query_makes_way_for_others(home: Home) -> None:
    before = set(children())
    with Pool(home, settings()) as pool:
        ask(pool, "ASK {}")
        (child,) = set(children()) - before
        first = os.getpriority(os.PRIO_PROCESS, child)
        asking = threading.Thread(target=endless, args=(pool,))
        asking.start()
        assert until(lambda: os.getpriority(os.PRIO_PROCESS, child) > first)
        asking.join()


def test_a_process_that_has_made_way_is_replaced(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalogue.sparql.pool._LONG_S", 0)
    before = set(children())
    with Pool(home, settings(query_timeout="60")) as pool:
        ask(pool, "ASK {}")
        (child,) = set(children()) - before
        assert ask(pool, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }").split() == ["n", str(SIZE**2)]
        assert child not in children()
        assert ask(pool, "ASK {}") == "true"


def test_a_child_that_evaluates_ends_with_its_parent(home: Home) -> None:
    with start(home) as child:
        assert child.stdin is not None
        child.stdin.write(worker.request(Query(ENDLESS, "csv")))
        child.stdin.flush()
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(0.5)
        child.stdin.close()
        assert child.wait(PATIENCE_S) == 0


def test_a_child_has_no_network(home: Home) -> None:
    """What the guard overlooks reaches nobody: the frame below goes past it."""
    with socket.create_server(("127.0.0.1", 0)) as server, start(home) as child:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(worker.request(Query(f"ASK {{ SERVICE <{address}> {{}} }}", "json")))
        child.stdin.flush()
        kind, length = worker.HEADER.unpack(child.stdout.read(worker.HEADER.size))
        assert kind == worker.FAILED
        assert json.loads(child.stdout.read(length))[0] == "QueryRefused"
        with pytest.raises(TimeoutError):
            server.accept()
        child.stdin.close()


def test_a_child_inherits_no_descriptors(home: Home, tmp_path: Path) -> None:
    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc")
    before = set(children())
    with (tmp_path / "secret").open("w") as secret, Pool(home, settings()) as pool:
        os.set_inheritable(secret.fileno(), True)
        ask(pool, "ASK {}")
        (child,) = set(children()) - before
        opened = {str(path.readlink()) for path in Path(f"/proc/{child}/fd").iterdir()}
        environment = Path(f"/proc/{child}/environ").read_text()
    assert not [name for name in opened if "secret" in name]
    assert "HOME=" not in environment


def test_what_cannot_be_sent_leaves_no_place_taken(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with Pool(home, settings(query_client="1")) as pool:
        with monkeypatch.context() as full:
            full.setattr(tempfile, "tempdir", "/nowhere")  # as where the disk is full
            for _ in range(2):
                with pytest.raises(QueryError, match="temporary file"):
                    pool.send((piece for piece in [b"a"]), "text/plain", Visitor("client"))
        assert b"".join(pool.send((piece for piece in [b"a"]), "text/plain", Visitor("client"))) == b"a"
