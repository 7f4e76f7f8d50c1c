"""Attacks on the real server: others are served, breaches are named, and nothing is left behind.

`bench.attackers` has the attacks; how much slower others are served is measured by `python -m bench attacks`.
"""

import http.client
import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import ServiceUnavailable

from bench import attackers, servers
from bench.attackers import ATTACKS, CLOSED, GAVE_UP, Attack, Attacker
from bench.attacks import ATTACKERS, POLITE, calm, tree
from catalogue.server import SLOW_BODIES, threads
from catalogue.settings import Settings, load
from endpoint.intake import MOST_HEADER_CHARACTERS, OF_A_CLIENT, Intake
from tests.waiting import PATIENCE_S, until

SECONDS, CALM_S = 1.5, 5.0
LIMITS = {"query_timeout": "3", "query_memory": "200", "query_size": "2", "auto_harvest": "no", "workers": "2"}
# The server, who prepares answers, two web processes with their children, and what each may be about to replace.
MOST_PROCESSES = 2 + 2 * (1 + 2 * 4)
GROWTH_BYTES = 300_000_000
SOLUTIONS = "SELECT (COUNT(*) AS ?n) { ?s a <http://www.w3.org/ns/dcat#Dataset> }"
# What attackers are told, among other things.
NAMED = {
    "cartesian products": "504 query_timeout",
    "deep nesting": "403 nested deeper than 100 levels",
    "huge literals": "503 query_memory",
    "queries of 10 MB": "413 longer than",
    "slow bodies": "503 Too many bodies",
    "malformed requests": "400",
    "many distinct cheap queries": "200",
}


@dataclass(frozen=True)
class Served:
    """The server that is attacked: its port, its first process, and where it says what goes wrong."""

    port: int
    root: int
    log: Path

    def ask(self, path: str, accept: str = "*/*") -> tuple[int, str]:
        """What a polite client is answered."""
        with closing(
            http.client.HTTPConnection("127.0.0.1", self.port, PATIENCE_S, source_address=(POLITE, 0))
        ) as client:
            client.request("GET", path, headers={"Accept": accept})
            response = client.getresponse()
            return response.status, response.read().decode()

    def solutions(self, mark: object) -> int:
        """How many a query finds, which no cache has where the mark is new."""
        query = quote(f"{SOLUTIONS} # {mark}")
        status, body = self.ask(f"/sparql?query={query}", "application/sparql-results+json")
        assert status == 200, body
        return int(json.loads(body)["results"]["bindings"][0]["n"]["value"])


@pytest.fixture(scope="module")
def served(web_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    log, port = tmp_path_factory.mktemp("attacks") / "log", servers.free_port()
    limits = {f"CATALOGUE_{name.upper()}": value for name, value in {**LIMITS, "port": str(port)}.items()}
    root = Path(__file__).parents[1]
    environment = {**os.environ, **web_settings.environment(), **limits, "PYTHONPATH": str(root)}
    command = [sys.executable, "-m", "catalogue", "serve"]
    with log.open("wb") as said, subprocess.Popen(command, env=environment, stdout=said, stderr=said) as process:
        there = Served(port, process.pid, log)
        try:
            assert until(lambda: there.ask("/livez")), there.log.read_text()
            there.solutions("warm")
            yield there
        finally:
            process.terminate()


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_others_are_served_and_nothing_is_left(attack: Attack, served: Served) -> None:
    expected, before = served.solutions(attack.name), tree(served.root)
    started = [attackers.start(attack, served.port, address, SECONDS, PATIENCE_S) for address in ATTACKERS]
    marks = count()
    while any(attacker.poll() is None for attacker in started):
        assert served.solutions(f"{attack.name} {next(marks)}") == expected
        assert served.ask("/", "text/html")[0] == 200
        assert "Ticket tool" in served.ask("/solutions?q=ticket", "text/html")[1]
        time.sleep(0.05)
    told = attackers.outcome(started)
    statuses = {words.split()[0] for words in told} - {CLOSED.split()[0], GAVE_UP.split()[0]}
    assert statuses <= set(map(str, attack.statuses)), told
    assert any(NAMED.get(attack.name, "") in words for words in told), told
    calm(served.root, CALM_S)
    after = tree(served.root)
    assert len(after) <= MOST_PROCESSES
    assert sum(after.values()) - sum(before.values()) < GROWTH_BYTES
    assert served.solutions("afterwards") == expected
    assert "Traceback" not in served.log.read_text()


def test_every_attack_that_must_name_its_limit_is_there() -> None:
    assert set(NAMED) <= {attack.name for attack in ATTACKS}


@settings(max_examples=100)
@given(request=st.binary(max_size=300), is_whole=st.booleans())
def test_whatever_comes_is_refused_and_the_server_lives(served: Served, request: bytes, is_whole: bool) -> None:
    attacker = Attacker(served.port, ATTACKERS[0], time.monotonic() + PATIENCE_S)
    lines = (b"GET /" + request + b" HTTP/1.1\r\nHost: x\r\n\r\n") if is_whole else request + b"\r\n\r\n"
    with attacker.connect() as connection:
        connection.sendall(lines)
        connection.settimeout(0.2)
        try:
            answer = connection.recv(1000)
        except TimeoutError:
            answer = b""  # it waits for the rest of a request
        except ConnectionError:
            answer = b""
    assert not answer.startswith(b"HTTP/1.1 5")
    assert served.ask("/livez") == (200, "ok\n")


# Long headers


@pytest.mark.parametrize("name", ["HTTP_ACCEPT", "HTTP_X_FORWARDED_FOR", "HTTP_HOST", "HTTP_IF_NONE_MATCH"])
def test_a_header_that_is_longer_than_any_is_not_taken_apart(name: str) -> None:
    def answer(length: int) -> str:
        told: list[str] = []
        environ = {"REMOTE_ADDR": "192.0.2.1", "SERVER_PORT": "1", "REQUEST_METHOD": "GET", name: "a" * length}
        b"".join(Intake(pages, ())(environ, lambda status, *_: told.append(status)))
        return told[0]

    def pages(_: dict[str, Any], start: Callable[..., object]) -> list[bytes]:
        start("200 OK", [])
        return []

    assert answer(MOST_HEADER_CHARACTERS) == "200 OK"
    assert answer(MOST_HEADER_CHARACTERS + 1).startswith("431 ")


# Slow bodies


class Stuck(io.BytesIO):
    """A body that comes when it is let go, and not before."""

    def __init__(self) -> None:
        super().__init__(b"late")
        self.let_go, self.is_read = threading.Event(), threading.Event()

    def read(self, size: int | None = -1) -> bytes:
        self.is_read.set()
        assert self.let_go.wait(PATIENCE_S)
        return super().read(size)


def reading(environ: dict[str, Any], _: object) -> list[bytes]:
    return [environ["wsgi.input"].read()]


def taken(taker: Intake, body: io.BytesIO, client: str) -> bytes:
    environ = {"wsgi.input": body, "REMOTE_ADDR": client, "CONTENT_LENGTH": "1000", "SERVER_PORT": "1"}
    return b"".join(taker(environ, print))


@contextmanager
def stuck(taker: Intake, clients: Sequence[str]) -> Iterator[None]:
    """As many bodies are on their way, until the end of the block."""
    bodies = [Stuck() for _ in clients]
    with ThreadPoolExecutor(len(bodies)) as readers:
        waiting = [readers.submit(taken, taker, *pair) for pair in zip(bodies, clients, strict=True)]
        for body in bodies:
            assert body.is_read.wait(PATIENCE_S)
        yield
        for body in bodies:
            body.let_go.set()
        assert [found.result() for found in waiting] == [b"late"] * len(bodies)


def test_a_client_has_some_bodies_on_their_way_and_no_more() -> None:
    taker = Intake(reading, ())
    with stuck(taker, ["192.0.2.1"] * OF_A_CLIENT):
        with pytest.raises(ServiceUnavailable, match="Too many bodies"):
            taken(taker, io.BytesIO(b"one more"), "192.0.2.1")
        assert taken(taker, io.BytesIO(b"another's"), "192.0.2.2") == b"another's"
    assert taken(taker, io.BytesIO(b"one more"), "192.0.2.1") == b"one more"
    assert not taker._reading


def test_all_clients_together_leave_threads_for_pages() -> None:
    taker = Intake(reading, ())
    clients = [f"192.0.2.{number}" for number in range(SLOW_BODIES)]
    with stuck(taker, clients), pytest.raises(ServiceUnavailable, match="Too many bodies"):
        taken(taker, io.BytesIO(b"one more"), "192.0.2.99")
    usual = load({}, {})
    assert threads(usual) > usual.query_workers + usual.query_queue + SLOW_BODIES


@given(content=st.binary(max_size=300_000), size=st.integers(1, 100_000))
def test_a_body_is_read_as_it_was_sent(content: bytes, size: int) -> None:
    def in_parts(environ: dict[str, Any], _: object) -> list[bytes]:
        return list(iter(lambda: environ["wsgi.input"].read(size), b""))

    for application in (reading, in_parts):
        assert taken(Intake(application, ()), io.BytesIO(content), "192.0.2.1") == content
