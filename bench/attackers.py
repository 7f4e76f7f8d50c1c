"""What attackers do to a server: a table of attacks, each of which says what a server may answer.

`python -m bench.attackers NAME PORT ADDRESS SECONDS PATIENCE` is one attacker, who comes from a loopback address; it
prints as JSON what it was told and how often. A process of its own, so that its work does not hold the interpreter
of who measures.
"""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from random import Random
from urllib.parse import quote

# An attacker on another machine would not take the server's cores.
_NICE = 10
# Between two requests of a connection: who asks without a pause is a flood, which is for a proxy to stop.
_PAUSE_S = 0.05
_DROP_S = 0.5
_KIB = 1024
# Of a long answer its head and its end say how it went.
_KEPT_BYTES = 256 * _KIB
GAVE_UP, CLOSED = "gave up", "closed"
_ROOT = Path(__file__).parents[1]


@dataclass
class Attacker:
    """One address from which a server is attacked until a deadline; `told` counts what the server said.

    Nothing is asked after the deadline; `patience_s` is for how much longer an answer is waited for.
    """

    port: int
    address: str
    deadline: float
    patience_s: float = 0
    told: Counter[str] = field(default_factory=Counter)
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def left_s(self) -> float:
        return max(0.001, self.deadline - time.monotonic())

    def connect(self, receive_bytes: int = 0) -> socket.socket:
        connection = socket.socket()
        if receive_bytes:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        connection.settimeout(self.left_s + self.patience_s)
        connection.bind((self.address, 0))
        connection.connect(("127.0.0.1", self.port))
        return connection

    def pause(self, seconds: float) -> None:
        time.sleep(min(seconds, self.left_s))


# What one connection does once; what came of it, in words.
Act = Callable[[Attacker, int], str]


@dataclass(frozen=True)
class Attack:
    """An attack by several connections of each attacker at once. `statuses` are those that a server may answer with."""

    name: str
    act: Act
    statuses: frozenset[int]
    connections: int = 8


# How an attacker is answered

_REASONS = re.compile(
    rb"\((query_[a-z]+)\)|(longer than \d+ KiB|larger than \d+ MB|nested deeper than \d+ levels|too deeply nested"
    rb"|Too many (?:documents|bodies)|too much memory|not checked within \d+ seconds)"
)
_CUT = b"This answer is not whole"


def said(answer: bytes) -> str:
    """The status of an answer, with the limit that it names, or that it was cut by."""
    if not answer:
        return CLOSED
    head, _, body = answer.partition(b"\r\n\r\n")
    status = head[9:12].decode("latin-1")
    is_told = not status.startswith(("2", "3"))
    reason = _REASONS.search(body, max(body.find(_CUT), 0)) if is_told or _CUT in body else None
    words = (reason[1] or reason[2]).decode() if reason else ""
    return " ".join(filter(None, (status, "cut" if _CUT in body else "", words)))


def _rest(connection: socket.socket) -> bytes:
    """What has come, and what comes behind it; raises TimeoutError when nothing has."""
    answer = connection.recv(_KEPT_BYTES)
    with suppress(OSError):
        while data := connection.recv(_KEPT_BYTES):
            answer += data
    return answer


def _exchange(attacker: Attacker, request: bytes) -> str:
    """Sends bytes on a connection of their own and reads to the end of what comes."""
    answer = b""
    try:
        with attacker.connect() as connection:
            with suppress(ConnectionError):  # refused before it was sent; what the server said can be read
                connection.sendall(request)
            while data := connection.recv(_KEPT_BYTES):
                answer = (answer + data) if len(answer) < 2 * _KEPT_BYTES else answer[:_KIB] + answer[-_KIB:] + data
    except TimeoutError:
        return GAVE_UP
    except OSError:
        pass  # closed; the answer may have come all the same
    return said(answer)


def get(path: str, accept: str = "*/*") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: catalogue\r\nAccept: {accept}\r\nConnection: close\r\n\r\n".encode()


def post(path: str, media_type: str, body: bytes, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    head = f"POST {path} HTTP/1.1\r\nHost: catalogue\r\nContent-Type: {media_type}\r\nContent-Length: {size}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body


def _sending(requests: Sequence[bytes] | Callable[[int], bytes]) -> Act:
    """Sends whole requests in turn, or the n-th of endlessly many."""

    def act(attacker: Attacker, number: int) -> str:
        request = requests(number) if callable(requests) else requests[number % len(requests)]
        return _exchange(attacker, request)

    return act


def _querying(*texts: str) -> Act:
    return _sending([post("/sparql", "application/sparql-query", text.encode()) for text in texts])


# Queries

_ALL, _MORE, _MOST = "?a ?b ?c .", "?d ?e ?f .", "?g ?h ?i ."
_CARTESIAN = (
    f"SELECT (COUNT(*) AS ?n) {{ {_ALL} {_MORE} {_MOST} }}",
    f"SELECT (COUNT(DISTINCT ?i) AS ?n) {{ {_ALL} {_MORE} {_MOST} FILTER(?c != ?f && ?f != ?i) }}",
    f"CONSTRUCT {{ ?a ?e ?i }} {{ {_ALL} {_MORE} {_MOST} }}",
)
_PATHS = (
    "SELECT (COUNT(*) AS ?n) { ?a (!<urn:x>|^!<urn:x>)* ?b }",
    "SELECT (COUNT(*) AS ?n) { ?a ((!<urn:x>/!<urn:y>)*/(!<urn:z>)*)* ?b . ?b (!<urn:x>)+ ?c }",
    "ASK { ?a ((((!<urn:x>)*)*)*)* ?b . ?c (^!<urn:x>)* ?d FILTER(?b = <urn:none>) }",
)
_GROUPED = (
    'SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?b), STR(?c)); SEPARATOR="") AS ?all) { ?a ?b ?c }',
    f"SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?c), STR(?d), STR(?f))) AS ?all) {{ {_ALL} {_MORE} }}",
    f"SELECT ?b (GROUP_CONCAT(DISTINCT STR(?f)) AS ?all) {{ {_ALL} {_MORE} }} GROUP BY ?b",
)
_SORTED = (
    f"SELECT * {{ {_ALL} {_MORE} }} ORDER BY ?f ?c ?e",
    f"SELECT DISTINCT ?a ?c ?d ?f {{ {_ALL} {_MORE} }} ORDER BY DESC(CONCAT(STR(?a), STR(?f)))",
)
_NESTED = (
    f"SELECT * {{ FILTER({'(' * 20_000}1{')' * 20_000}) }}",
    f"SELECT * {{ FILTER({'!' * 50_000}?x) }}",
    f"SELECT * {{ FILTER({'-' * 50_000}1 = 1) }}",
    f"SELECT * {'{' * 5_000}{'}' * 5_000}",
    f"SELECT * {{ {'OPTIONAL { ?s ?p ?o ' * 90}{'}' * 90} }}",
    f"SELECT * {{ {' UNION '.join(['{ ?s ?p ?o }'] * 2_000)} }}",
    f"SELECT * {{ ?s {'^' * 50_000}<urn:p> ?o }}",
    f"SELECT * {{ ?s {'(' * 99}<urn:p>{')*' * 99} ?o }}",
    f"SELECT * {{ ?s ?p {'[ ?p ' * 90}1{' ]' * 90} }}",
    f"SELECT * {{ {'?s ?p ?o FILTER EXISTS { ' * 90}{'}' * 90} }}",
)
_DOUBLED = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(36))
_LITERALS = (
    f'SELECT * {{ ?s ?p "{"x" * 60_000}" }}',
    f'SELECT * {{ BIND("{"x" * 1_000}" AS ?x0) {_DOUBLED} }}',
    f'SELECT (REPLACE(REPLACE(REPLACE(?x, ".", ?x), ".", ?x), ".", ?x) AS ?y) {{ BIND("{"x" * 2_000}" AS ?x) }}',
    f"SELECT ({'9' * 60_000} AS ?x) {{}}",
    f'ASK {{ FILTER("{"9" * 60_000}"^^<http://www.w3.org/2001/XMLSchema#decimal> > 1) }}',
)
_REGEX = (
    f'SELECT (COUNT(*) AS ?n) {{ {_ALL} {_MORE} FILTER(REGEX(STR(?c), CONCAT("(.*a){{9}}", STR(?f)), "i")) }}',
    f'SELECT (COUNT(*) AS ?n) {{ {_ALL} FILTER(REGEX(STR(?c), "{"(a*)*" * 300}$")) {_MORE} }}',
    'ASK { ?s ?p ?o FILTER(REGEX(STR(?o), "((((a{100}){100}){100}){100}){100}")) }',
)
_LARGE = post("/sparql", "application/sparql-query", f"SELECT * {{ {_ALL} {_MORE} }}".encode())


def _cheap(number: int) -> bytes:
    return get(f"/sparql?query={quote(f'SELECT ?o {{ <urn:x:{number}> ?p ?o }} # {os.getpid()}')}", "text/csv")


# Slow clients


def _slow_reader(attacker: Attacker, _: int) -> str:
    """Takes a byte a drop of an answer that has no end."""
    answer = b""
    try:
        with attacker.connect(receive_bytes=4 * _KIB) as connection:
            connection.sendall(_LARGE)
            answer = connection.recv(16)
            while attacker.left_s > _DROP_S and (data := connection.recv(1)):
                answer += data
                attacker.pause(_DROP_S)
    except TimeoutError:
        return said(answer) if answer else GAVE_UP
    except OSError:
        pass
    return said(answer)


def _slow_sender(*starts: bytes) -> Act:
    """Sends the start of a request, and then a byte a drop, which never makes it whole."""

    def act(attacker: Attacker, number: int) -> str:
        try:
            with attacker.connect() as connection:
                connection.sendall(starts[number % len(starts)])
                while attacker.left_s > _DROP_S:
                    connection.settimeout(_DROP_S)
                    with suppress(TimeoutError):
                        return said(_rest(connection))
                    connection.sendall(b"a")
        except OSError:
            return CLOSED
        attacker.pause(_DROP_S)
        return GAVE_UP

    return act


_SLOW_HEADERS = (b"GET / HTTP/1.1\r\nHost: catalogue\r\nX-Slow: ", b"GET /", b"")
_SLOW_BODIES = (
    post("/sparql", "application/sparql-query", b"SELECT ", 60_000),
    post("/api/validate", "text/turtle", b"# ", 60_000),
    post("/validate", "application/x-www-form-urlencoded", b"text=", 60_000),
    post("/sparql", "application/x-www-form-urlencoded", b"query=", 60_000),
    post("/hooks/none", "application/json", b"{", 6_000),
)


def _crowd(attacker: Attacker, number: int) -> str:
    """Stands in line for a while before it asks, and after it was answered."""
    try:
        with attacker.connect() as connection:
            attacker.pause(1)
            connection.sendall(get(("/", "/livez", "/solutions", "/owners")[number % 4], "text/html"))
            answer = _rest(connection)
            attacker.pause(1)
    except TimeoutError:
        return GAVE_UP
    except OSError:
        return CLOSED
    return said(answer)


# What is malformed

_HOST = b"Host: catalogue\r\nConnection: close\r\n"
_MALFORMED = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"FETCH /sparql HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET /%zz%ff%00/../..//etc/passwd HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET /solution/%c3%28%a0 HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET /static/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET /sparql?query=%ff%fe&query=%zz HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET /sparql?query=ASK%7B%7D&default-graph-uri=%00 HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET /sparql?query=ASK%20%7B%7D HTTP/1.1\r\nAccept: \xff;q=\xfe,*/*;q=nan\r\n" + _HOST + b"\r\n",
    b"GET /resource?iri=%00javascript:%0d%0aX-Evil:1 HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET /solutions HTTP/1.1\r\nAccept-Language: " + b"x-," * 2_000 + b"\r\n" + _HOST + b"\r\n",
    b"GET / HTTP/1.1\r\nX-Forwarded-For: \xff, ::1%, 999.1.1.1\r\n" + _HOST + b"\r\n",
    b"GET / HTTP/1.1\r\nHost: \xff\xfe evil/..\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.1\r\nIf-Modified-Since: 99999\r\nIf-None-Match: \"\r\nRange: bytes=-9-\r\n" + _HOST + b"\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 500 + _HOST + b"\r\n",
    b"GET / HTTP/1.1\r\nX: " + b"y" * 1_000_000 + b"\r\n" + _HOST + b"\r\n",
    b"GET /" + b"y" * 100_000 + b" HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"POST /sparql HTTP/1.1\r\nContent-Length: -1\r\n" + _HOST + b"\r\n",
    b"POST /sparql HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n" + _HOST + b"\r\n",
    b"POST /sparql HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 9\r\n" + _HOST + b"\r\nASK{}",
    b"POST /sparql HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n" + _HOST + b"\r\nzz\r\nASK{}",
    b"POST /sparql HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n" + _HOST + b"\r\n5\r\nASK{}\r\n0\r\n\r\n",
    post("/sparql", "application/sparql-query; charset=utf-16", b"\xff\xfeA\0S\0K\0"),
    post("/sparql", "application/sparql-query", b"ASK { ?s ?p \"\xff\xc3\x28\" }"),
    post("/sparql", "application/x-www-form-urlencoded", b"query=%ff&query&&=&%=%"),
    post("/sparql", "multipart/form-data; boundary=", b"--\r\n"),
    post("/validate", "multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\r\n\r\n--x"),
    post("/validate", "multipart/form-data; boundary=x", b"--x\r\n\r\n\r\n" * 500 + b"--x--"),
    post("/api/validate", "text/\xe9\x00".encode("latin-1").decode("latin-1"), b"x"),
    post("/hooks/../../x", "application/json", b"[" * 5_000),
    post("/sparql/update", "application/sparql-update", b"DROP ALL"),
)  # fmt: skip


def _malformed(number: int) -> bytes:
    """The table, and noise between its lines: whole requests in which some bytes are others."""
    request = bytearray(_MALFORMED[number // 2 % len(_MALFORMED)])
    random = Random(number)
    for _ in range(number % 2 * 5):
        request[random.randrange(len(request))] = random.randrange(256)
    return bytes(request) if number % 11 else random.randbytes(500) + b"\r\n\r\n"


# Pages that cost

_COSTLY = (
    "/solutions?q=" + quote("a* OR (b AND NOT c)~9 ^99 [* TO *] " * 20),
    "/solutions?q=" + quote("\u202e\u0000é' \" < > ; -- " * 30),
    "/solutions?q=a&page=999999999&size=100",
    "/solutions?page=999999999&size=999999999",
    "/solutions?" + "&".join(f"licence=x{n}&country=y{n}&topic=z{n}" for n in range(200)),
    "/solutions?sort=none&page=-1&size=1e9",
    "/solutions.csv?size=10000",
    "/solutions.json",
    "/solutions.ttl?page=1",
    "/solutions.jsonld?profile=adms-ap",
    "/solutions.rdf?q=a",
    "/topics?all=topic",
    "/queries/" + "x" * 5_000,
    "/duplicates",
    "/void.ttl",
)


def _costly(number: int) -> bytes:
    """Some of them with a parameter that makes them another page for a cache."""
    path = _COSTLY[number % len(_COSTLY)]
    mark = "&" if "?" in path else "?"
    return get(f"{path}{mark}lang=en&size={1 + number % 100}" if number % 3 == 0 else path, "text/html, */*;q=0.5")


# Documents


_BOMBS: tuple[tuple[str, str], ...] = (
    ("application/yaml", "publiccodeYmlVersion: '0.5'\na0: &a0 [x]\n@aliases\n"),
    ("application/yaml", "name: " + "[" * 50_000),
    ("application/rdf+xml", '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e0 "x">@entities]><r>&e11;</r>'),
    ("application/rdf+xml", '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]><r>&f;</r>'),
    ("text/turtle", "<urn:s> <urn:p> " + "[ <urn:p> " * 30_000),
    ("application/ld+json", '{"@id":' * 50_000),
    ("application/ld+json", '{"@context": "http://127.0.0.1:1/context", "@id": "urn:x"}'),
    ("application/json", '{"url": "http://127.0.0.1:1/"}'),
    ("application/json", '{"url": "file:///etc/passwd"}'),
    ("application/yaml", "@keys"),
    ("text/turtle", "@statements"),
    ("text/turtle", "@prefix : <http://x/> . :s :p '@long' ."),
)


@cache
def _documents() -> tuple[bytes, ...]:
    """The bombs, with what is too long to be written down."""
    parts = {
        "@aliases": "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)),
        "@entities": "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12)),
        "@keys": "\n".join(f"key{n}: {{a: [b, c, {{d: e}}]}}" for n in range(40_000)),
        "@statements": "".join(f"<urn:s:{n}> a <http://www.w3.org/ns/dcat#Dataset> .\n" for n in range(20_000)),
        "@long": "x" * 8_000_000,
    }
    made = []
    for media_type, text in _BOMBS:
        for name, part in parts.items():
            text = text.replace(name, part) if name in text[:200] else text
        made.append(post("/api/validate", media_type, text.encode()))
    return tuple(made)


def _heavy(number: int) -> bytes:
    return _documents()[number % len(_documents())]


_LONG = b"SELECT * { ?s ?p ?o } #" + b"x" * 10_000_000
_LONG_QUERIES = (
    post("/sparql", "application/sparql-query", _LONG),
    post("/sparql", "application/x-www-form-urlencoded", b"query=" + _LONG),
)
_EVALUATED = frozenset({200, 400, 403, 503, 504})
_ANY_BUT_FAULTS = frozenset({200, *range(300, 309), *range(400, 432), 505})
ATTACKS = (
    Attack("cartesian products", _querying(*_CARTESIAN), _EVALUATED),
    Attack("property path explosions", _querying(*_PATHS), _EVALUATED),
    Attack("`GROUP_CONCAT` of everything", _querying(*_GROUPED), _EVALUATED),
    Attack("`ORDER BY` of everything", _querying(*_SORTED), _EVALUATED),
    Attack("expensive `REGEX`", _querying(*_REGEX), _EVALUATED),
    Attack("deep nesting", _querying(*_NESTED), _EVALUATED),
    Attack("huge literals", _querying(*_LITERALS), _EVALUATED),
    Attack("queries of 10 MB", _sending(_LONG_QUERIES), frozenset({413}), connections=4),
    Attack("many distinct cheap queries", _sending(_cheap), frozenset({200, 503})),
    Attack("slow readers", _slow_reader, frozenset({200, 503, 504}), connections=30),
    Attack("slow headers", _slow_sender(*_SLOW_HEADERS), frozenset({400, 408}), connections=50),
    Attack("slow bodies", _slow_sender(*_SLOW_BODIES), frozenset({400, 404, 408, 413, 503}), connections=50),
    Attack("200 connections at once", _crowd, frozenset({200, 503}), connections=100),
    Attack("malformed requests", _sending(_malformed), _ANY_BUT_FAULTS, connections=4),
    Attack("expensive pages", _sending(_costly), _ANY_BUT_FAULTS | {503}, connections=4),
    Attack("heavy documents", _sending(_heavy), frozenset({200, 400, 413, 415, 422, 503}), connections=4),
)
BY_NAME: Mapping[str, Attack] = {attack.name: attack for attack in ATTACKS}


# One attacker, and starting some


def run(attack: Attack, port: int, address: str, seconds: float, patience_s: float) -> Counter[str]:
    """Attacks for as long; what the attacker was told, and how often."""
    attacker = Attacker(port, address, time.monotonic() + seconds, patience_s)
    threads = [threading.Thread(target=_act, args=(attacker, attack)) for _ in range(attack.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return attacker.told


def _act(attacker: Attacker, attack: Attack) -> None:
    while attacker.left_s > _PAUSE_S:
        try:
            told = attack.act(attacker, next(attacker.numbers))
        except OSError:
            told = CLOSED
        attacker.told[told] += 1
        attacker.pause(_PAUSE_S)


def start(attack: Attack, port: int, address: str, seconds: float, patience_s: float) -> "subprocess.Popen[bytes]":
    """An attacker in a process of its own; `outcome` waits for it."""
    command = [sys.executable, "-m", "bench.attackers", attack.name, str(port), address, str(seconds), str(patience_s)]
    return subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE)


def outcome(attackers: Sequence["subprocess.Popen[bytes]"]) -> Counter[str]:
    """What all of them were told, once they have ended."""
    return sum((Counter(json.loads(attacker.communicate()[0])) for attacker in attackers), Counter())


if __name__ == "__main__":
    os.nice(_NICE)
    name, port, address, *times = sys.argv[1:]
    print(json.dumps(run(BY_NAME[name], int(port), address, *map(float, times))))
