"""Servers on loopback that play a stranger's, and harvests of them into a real store."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from catalogue.fetch import Fetch, Network
from catalogue.harvest import Harvest, Harvesting, harvest
from catalogue.identity import Minter
from catalogue.model import Source
from catalogue.operations import Operations
from catalogue.rdf import Quad
from catalogue.store import Store

MINTER = Minter("https://catalogue.example")
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@dataclass
class Request:
    """What was asked for: the path, the parameters of the query, the headers."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass
class Reply:
    content: str | bytes
    media_type: str = "text/plain"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Answer = Callable[[Request], Reply]


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """A server at an address without a trailing slash, until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            reply = answer(Request(parts.path, dict(parse_qsl(parts.query)), dict(self.headers)))
            content = reply.content.encode() if isinstance(reply.content, str) else reply.content
            self.send_response(reply.status)
            for name, value in {"Content-Type": reply.media_type, **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class World:
    """A store, what is remembered of its sources, and a clock that goes a minute on with each look at it."""

    def __init__(self, store: Store, operations: Operations) -> None:
        self.store, self._operations = store, operations

    def harvest(self, kind: str, location: str, **options: Any) -> Harvest:
        source = Source("test", kind, location, "Test", 50, options=options)
        fetch = Fetch(allow_private=("127.0.0.1",), network=Network(sleep=lambda _: None))
        return harvest(self.store, source, Harvesting(fetch, self.clock, operations=self._operations))

    def clock(self) -> datetime:
        return NOW

    def keys(self) -> set[str]:
        return set(self.store.keys("test"))

    def quads(self) -> set[Quad]:
        return set(self.store.quads())


@contextmanager
def world(path: Path) -> Iterator[World]:
    moments = iter(range(1_000_000))
    with closing(Store(None, MINTER, lambda: NOW + timedelta(minutes=next(moments)))) as store:
        yield World(store, Operations(path / "operations.db"))
