"""The load generator: keep-alive clients that each send the next request when they have the answer.

For requests in turn that is `wrk` where it is installed; it costs a tenth of what these threads do, and on a shared
machine that is a part of the figure. It cannot ask for each thing just once, so there it is always the threads. Figures
of one cannot be compared with figures of the other.
"""

import json
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from shutil import which
from statistics import median
from typing import BinaryIO

from bench.plan import Plan
from bench.report import figure

_ANSWER_TIMEOUT_S = 30
_ONCE_TIMEOUT_S = 120


class Unexpected(Exception):
    """A server does not answer as it should, so that there is nothing to measure."""


@dataclass(frozen=True)
class Request:
    """A GET of a path, as sent."""

    path: str
    headers: tuple[tuple[str, str], ...] = ()

    def encode(self, port: int) -> bytes:
        lines = [f"GET {self.path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *(f"{n}: {v}" for n, v in self.headers)]
        return "\r\n".join((*lines, "", "")).encode()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Rate:
    """What one window gave: answers a second, latencies in milliseconds, how many answers were none or errors."""

    per_second: float
    median_ms: float
    p99_ms: float
    failed: int = 0

    def cells(self) -> tuple[str, str, str]:
        """Three cells of a table."""
        failed = f" ({self.failed} failed)" if self.failed else ""
        return f"{figure(self.per_second)}{failed}", figure(self.median_ms), figure(self.p99_ms)


# A port, and what is asked there.
Target = tuple[int, Sequence[Request]]


def ask(port: int, request: Request) -> Answer:
    """One request on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port), timeout=_ANSWER_TIMEOUT_S) as connection:
        connection.sendall(request.encode(port))
        with connection.makefile("rb") as stream:
            return _answer(stream)


def check(port: int, requests: Sequence[Request], status: int) -> list[Answer]:
    """Asks each once, which also warms the server; raises Unexpected for the first with another status."""
    answers = [ask(port, request) for request in requests]
    for request, answer in zip(requests, answers, strict=True):
        if answer.status != status:
            raise Unexpected(f"{request.path[:80]} answers {answer.status}, not {status}")
    return answers


def compare(targets: Sequence[Target], clients: int, plan: Plan) -> list[Rate]:
    """Asks each server the same again and again, in windows by turns, so that what else goes on hits all alike."""
    run = _wrk if which("wrk") else _threads
    rounds = [[run(port, requests, clients, plan) for port, requests in targets] for _ in range(plan.rounds)]
    return [_middle([found[place] for found in rounds]) for place in range(len(targets))]


def each_once(targets: Sequence[Target], clients: int) -> list[Rate]:
    """Makes each request once, server by server."""
    return [_once(port, requests, clients) for port, requests in targets]


def _middle(found: Sequence[Rate]) -> Rate:
    """The round with the median rate, with the failures of all."""
    chosen = sorted(found, key=lambda rate: rate.per_second)[len(found) // 2]
    return Rate(chosen.per_second, chosen.median_ms, chosen.p99_ms, sum(rate.failed for rate in found))


# wrk

_SCRIPT = """
local requests = {%s}
local next = 0
request = function()
  next = next %% #requests + 1
  return requests[next]
end
done = function(summary, latency)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write
    + summary.errors.status + summary.errors.timeout
  io.write(string.format("bench %%d %%d %%.0f %%.0f %%d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), failed))
end
"""
_RESULT = re.compile(r"^bench (\d+) (\d+) (\d+) (\d+) (\d+)$", re.MULTILINE)


def _wrk(port: int, requests: Sequence[Request], clients: int, plan: Plan) -> Rate:
    """wrk takes whole seconds only; latencies and duration come in microseconds."""
    script = plan.workdir / "wrk.lua"
    # Requests are ASCII, so a JSON string is a Lua string.
    script.write_text(_SCRIPT % ",\n".join(json.dumps(request.encode(port).decode()) for request in requests))
    seconds = max(round(plan.window_s), 1)
    done = subprocess.run(
        ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "-s", str(script), f"http://127.0.0.1:{port}"],
        capture_output=True,
        text=True,
        timeout=seconds + _ANSWER_TIMEOUT_S,
        check=True,
    )
    result = _RESULT.search(done.stdout)
    if result is None:
        raise Unexpected(f"wrk says {done.stdout[-200:]!r}")
    answers, duration, middle_us, slow_us, failed = map(int, result.groups())
    return Rate(answers / duration * 1e6, middle_us / 1000, slow_us / 1000, failed)


# Python threads


@dataclass
class _Client:
    """One keep-alive connection; a reader of its own, since http.client takes longer than many servers answer."""

    port: int
    requests: Iterator[bytes]
    deadline: float
    latencies: list[float] = field(default_factory=list)
    failed: int = 0

    def run(self) -> None:
        while self._connect():
            pass

    def _connect(self) -> bool:
        """Uses one connection until it ends; whether there is more to ask."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=_ANSWER_TIMEOUT_S) as connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with connection.makefile("rb") as stream:
                    return self._converse(connection, stream)
        except (OSError, ValueError, IndexError):
            self.failed += 1
            return time.perf_counter() < self.deadline

    def _converse(self, connection: socket.socket, stream: BinaryIO) -> bool:
        for request in self.requests:
            begin = time.perf_counter()
            if begin >= self.deadline:
                return False
            connection.sendall(request)
            answer = _answer(stream)
            self.latencies.append(time.perf_counter() - begin)
            self.failed += answer.status >= 400
            if answer.headers.get("connection", "").lower() == "close":
                return True
        return False


def _answer(stream: BinaryIO) -> Answer:
    status = int(stream.readline().split()[1])
    headers = {}
    while line := stream.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Answer(status, headers, _body(stream, status, headers))


def _body(stream: BinaryIO, status: int, headers: dict[str, str]) -> bytes:
    if status in (204, 304):
        return b""
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return stream.read(int(headers.get("content-length", "0")))
    parts = []
    while (size := int(stream.readline(), 16)) > 0:
        parts.append(stream.read(size))
        stream.readline()
    stream.readline()
    return b"".join(parts)


def _threads(port: int, requests: Sequence[Request], clients: int, plan: Plan) -> Rate:
    encoded = [request.encode(port) for request in requests]
    # Each client begins elsewhere in the list.
    starts = [number * len(encoded) // clients for number in range(clients)]
    return _run(port, [cycle(encoded[start:] + encoded[:start]) for start in starts], plan.window_s)


def _once(port: int, requests: Sequence[Request], clients: int) -> Rate:
    encoded = [request.encode(port) for request in requests]
    return _run(port, [iter(encoded[number::clients]) for number in range(clients)], _ONCE_TIMEOUT_S)


def _run(port: int, requests: Sequence[Iterator[bytes]], timeout_s: float) -> Rate:
    """A client for each iterator, until all have ended or the time is over."""
    begin = time.perf_counter()
    clients = [_Client(port, mine, begin + timeout_s) for mine in requests]
    threads = [threading.Thread(target=client.run, daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout_s + 2 * _ANSWER_TIMEOUT_S)
    elapsed = time.perf_counter() - begin
    latencies = sorted(latency * 1000 for client in clients for latency in client.latencies)
    if not latencies:
        raise Unexpected(f"nothing on port {port} was answered in {elapsed:.0f} seconds")
    slow = latencies[min(len(latencies) * 99 // 100, len(latencies) - 1)]
    return Rate(len(latencies) / elapsed, median(latencies), slow, sum(client.failed for client in clients))
