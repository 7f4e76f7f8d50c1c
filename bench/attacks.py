"""Attacks: how long a polite client waits while two attackers do their worst, and what is left of it afterwards.

The polite client asks for one ordinary thing after another on a connection from an address of its own, since the
server's limits are by address. `bench.attackers` has the table of what the attackers do.
"""

import http.client
import os
import resource
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import quote

from bench import attackers, servers
from bench.attackers import Attack
from bench.load import Unexpected
from bench.plan import Plan, solutions
from bench.report import figure, ratio, table

POLITE, ATTACKERS = "127.0.0.9", ("127.0.0.2", "127.0.0.3")
_WINDOW_S = 3
_PAUSE_S = 0.01
_TIMEOUT_S = 30
# Attackers are processes of Python, which are under way after this time.
_RAMP_S = 0.7
# Attackers wait for their last answers until the limit on time is past, so that the answer that names it is seen.
_PATIENCE_S = 20
_CALM_S = 15
_CALM_SHARE = 0.05
_PROC = Path("/proc")


def ordinary(things: Sequence[str]) -> dict[str, str]:
    """The paths that visitors ask for all day, by name; `things` are keys of solutions."""
    query = f"SELECT ?p ?o {{ <urn:x:polite> ?p ?o }} # {time.time()}"
    return {
        "home page": "/",
        "solution": f"/solution/{things[0]}",
        "list with search": "/solutions?q=software&sort=title",
        "point query": f"/sparql?query={quote(query)}",
        "livez": "/livez",
    }


@dataclass
class Polite:
    """A client that asks, waits for the answer, and asks again; latencies in ms by the name of what it asked for."""

    port: int
    paths: Mapping[str, str]
    latencies: dict[str, list[float]] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)

    def ask(self, seconds: float) -> "Polite":
        deadline = time.monotonic() + seconds
        asked = cycle(self.paths.items())
        connection = self._connection()
        while time.monotonic() < deadline:
            name, path = next(asked)
            begin = time.perf_counter()
            try:
                connection.request("GET", path, headers=_headers(path))
                response = connection.getresponse()
                response.read()
                if response.status != 200:
                    self.failed[str(response.status)] += 1
            except (OSError, http.client.HTTPException):
                self.failed["no answer"] += 1
                connection.close()
                connection = self._connection()
            self.latencies.setdefault(name, []).append(1000 * (time.perf_counter() - begin))
            time.sleep(_PAUSE_S)
        connection.close()
        return self

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, _TIMEOUT_S, source_address=(POLITE, 0))

    @property
    def all(self) -> list[float]:
        return [latency for found in self.latencies.values() for latency in found]


def _headers(path: str) -> dict[str, str]:
    """A query's answer is for a program; a browser's header would be answered with a page."""
    return {"Accept": "text/csv" if path.startswith("/sparql") else "text/html, */*;q=0.1"}


def points(latencies: Sequence[float]) -> tuple[float, float, float]:
    """Median, p95 and p99."""
    parts = quantiles(latencies, n=100, method="inclusive") if len(latencies) > 1 else [latencies[0]] * 99
    return median(latencies), parts[94], parts[98]


# The server's processes


def tree(root: int) -> dict[int, int]:
    """The processes of a server and what they started: number → memory in bytes (its share of what is shared)."""
    parents: dict[int, list[int]] = {}
    for number, fields in _processes():
        parents.setdefault(int(fields[1]), []).append(number)
    found, pending = {}, [root]
    while pending:
        number = pending.pop()
        pending += parents.get(number, [])
        if (size := _memory(number)) is not None:
            found[number] = size
    return found


def server_of(port: int) -> int:
    """The process of `catalogue serve` at a port, which this process started."""
    for number, fields in _processes():
        words = (_PROC / str(number) / "cmdline").read_bytes().split(b"\0")
        if int(fields[1]) == os.getpid() and str(port).encode() in words:
            return number
    raise Unexpected(f"no process serves port {port}")


def _processes() -> Iterator[tuple[int, list[str]]]:
    """Each process that lives: its number, and what stands in /proc/…/stat after its name."""
    for path in _PROC.iterdir():
        if path.name.isdecimal():
            try:
                fields = (path / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                yield int(path.name), fields


def _memory(number: int) -> int | None:
    try:
        lines = (_PROC / str(number) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:")), None)


def _used_s(root: int) -> float:
    """Seconds of processor that a server's processes have used."""
    ticks = os.sysconf("SC_CLK_TCK")
    members = tree(root)
    return sum((int(fields[11]) + int(fields[12])) / ticks for number, fields in _processes() if number in members)


def calm(root: int, most_s: float = _CALM_S) -> float:
    """Waits until a server does nothing any more; the seconds that it took."""
    begin = time.monotonic()
    while time.monotonic() < begin + most_s:
        used, looked = _used_s(root), time.monotonic()
        time.sleep(0.25)
        if abs(_used_s(root) - used) <= _CALM_SHARE * (time.monotonic() - looked):
            break
    return max(0.0, time.monotonic() - begin - 0.25)


def warm(port: int, paths: Mapping[str, str]) -> None:
    """Has every web process start what it keeps: caches, and the children that evaluate."""
    query = quote("SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?o ?q ?r } #")

    def ask(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, _TIMEOUT_S, source_address=(f"127.0.1.{number}", 0))
        for path in (*paths.values(), f"/sparql?query={query}{number}"):
            connection.request("GET", path)
            connection.getresponse().read()
        connection.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(1, 17)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# The tables

_HEAD = ("attack", "median", "p95", "p99", "× alone", "worst", "failed", "bytes before", "after", "processes", "calm")


def run(plan: Plan) -> Iterator[str]:
    """The section of this benchmark, in Markdown."""
    _allow_connections()
    home = plan.home(plan.size)
    paths = ordinary([entry.key for entry in solutions(home, 1)])
    window_s = _WINDOW_S + plan.window_s
    with servers.ours(home) as port:
        root = server_of(port)
        warm(port, paths)
        calm(root)
        idle = Polite(port, paths).ask(window_s)
        yield "## Attacks"
        yield (
            f"`catalogue serve` with its defaults over {plan.size:,} solutions. A polite client asks for one thing"
            f" after another, alone for {window_s:g} s, and then as long during each attack by two clients from other"
            " addresses. Times in ms; failed are answers that were not 200."
        )
        yield table(("alone", "answers", "median", "p95", "p99"), _idle_rows(idle))
        rows = [_row(attack, port, root, paths, idle, window_s) for attack in attackers.ATTACKS]
    head = (
        "attack",
        "median",
        "p95",
        "p99",
        "× alone",
        "worst ×",
        "failed",
        "memory before",
        "after",
        "processes",
        "calm",
    )
    yield table(head, [row for row, _ in rows])
    yield (
        "× alone: median to median; worst: of the kind of request that suffered most. Memory: of all processes of the"
        " server, in bytes, when it is calm again; processes: before and after; calm: seconds until nothing runs."
    )
    yield table(("attack", "what the attackers were told, how often"), [told for _, told in rows])


def _idle_rows(idle: Polite) -> Iterator[tuple[str, ...]]:
    for name, latencies in (*idle.latencies.items(), ("all", idle.all)):
        yield name, str(len(latencies)), *map(figure, points(latencies))


def _row(
    attack: Attack, port: int, root: int, paths: Mapping[str, str], idle: Polite, window_s: float
) -> tuple[tuple[str, ...], tuple[str, str]]:
    before = tree(root)
    length_s = window_s + _RAMP_S
    started = [attackers.start(attack, port, address, length_s, _PATIENCE_S) for address in ATTACKERS]
    time.sleep(_RAMP_S)
    polite = Polite(port, paths).ask(window_s)
    told = attackers.outcome(started)
    calm_s = calm(root)
    after = tree(root)
    worst, name = max((median(found) / median(idle.latencies[name]), name) for name, found in polite.latencies.items())
    failed = " ".join(f"{words}: {number}" for words, number in polite.failed.items()) or "0"
    middle, *slow = points(polite.all)
    row = (
        attack.name,
        *map(figure, (middle, *slow)),
        ratio(middle, median(idle.all)),
        f"{worst:.1f}x ({name})",
        failed,
        f"{sum(before.values()):,}",
        f"{sum(after.values()):,}",
        f"{len(before)} → {len(after)}",
        f"{calm_s:.1f} s",
    )
    return row, (attack.name, "; ".join(f"{words} ({number:,})" for words, number in told.most_common()))


def _allow_connections() -> None:
    """More open files than some systems allow at first: the server inherits this."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
