"""The load generator: keep-alive clients that each send the next request when they have the answer.

`wrk` where it is installed; it costs a tenth of what these threads do, and on a shared machine that is a part of the
figure. Figures of one cannot be compared with figures of the other.
"""

import json
import re
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from shutil import which
from statistics import median
from typing import BinaryIO

_ANSWER_TIMEOUT_S = 30
_WARM_UP_SHARE = 0.2


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


def rates(port: int, requests: Sequence[Request], clients: int, window_s: float, workdir: Path) -> Rate:
    """Loads a server for a window, after a shorter one that does not count."""
    run = _wrk if which("wrk") else _threads
    run(port, requests, clients, max(window_s * _WARM_UP_SHARE, 0.2), workdir)
    return run(port, requests, clients, window_s, workdir)


def middle(found: Sequence[Rate]) -> Rate:
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


def _wrk(port: int, requests: Sequence[Request], clients: int, window_s: float, workdir: Path) -> Rate:
    """wrk takes whole seconds only; latencies and duration come in microseconds."""
    script = workdir / "wrk.lua"
    # Requests are ASCII, so a JSON string is a Lua string.
    script.write_text(_SCRIPT % ",\n".join(json.dumps(request.encode(port).decode()) for request in requests))
    seconds = max(round(window_s), 1)
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
    requests: Sequence[bytes]
    deadline: float
    latencies: list[float] = field(default_factory=list)
    failed: int = 0

    def run(self) -> None:
        turns = cycle(self.requests)
        while time.perf_counter() < self.deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=_ANSWER_TIMEOUT_S) as connection:
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self._converse(connection, turns)
            except (OSError, ValueError):
                self.failed += 1

    def _converse(self, connection: socket.socket, turns: "cycle[bytes]") -> None:
        with connection.makefile("rb") as stream:
            while (begin := time.perf_counter()) < self.deadline:
                connection.sendall(next(turns))
                answer = _answer(stream)
                self.latencies.append(time.perf_counter() - begin)
                self.failed += answer.status >= 400
                if answer.headers.get("connection", "").lower() == "close":
                    return


def _answer(stream: BinaryIO) -> Answer:
    status = int(stream.readline().split(maxsplit=2)[1:2][0])
    headers = {}
    while (line := stream.readline().decode("latin-1").strip()):
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


def _threads(port: int, requests: Sequence[Request], clients: int, window_s: float, _workdir: Path) -> Rate:
    encoded = [request.encode(port) for request in requests]
    begin = time.perf_counter()
    # Each client begins elsewhere in the list.
    made = [
        _Client(port, encoded[start:] + encoded[:start], begin + window_s)
        for start in (number * len(encoded) // clients for number in range(clients))
    ]
    threads = [threading.Thread(target=client.run, daemon=True) for client in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(window_s + 2 * _ANSWER_TIMEOUT_S)
    elapsed = time.perf_counter() - begin
    latencies = sorted(latency * 1000 for client in made for latency in client.latencies)
    if not latencies:
        raise Unexpected(f"nothing on port {port} was answered in {window_s:g} seconds")
    failed = sum(client.failed for client in made)
    slow = latencies[min(len(latencies) * 99 // 100, len(latencies) - 1)]
    return Rate(len(latencies) / elapsed, median(latencies), slow, failed)
