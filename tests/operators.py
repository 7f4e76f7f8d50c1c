"""A running catalogue with a token, as operators have it: the real server in two processes, and requests to it."""

import http.client
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from catalogue.settings import Settings, load
from tests.waiting import listens, until

TOKEN = "correct horse battery staple"
PREFIXES = "PREFIX x: <http://x.example/> PREFIX dct: <http://purl.org/dc/terms/>\n"
TURTLE, FORM, DIRECT = "text/turtle", "application/x-www-form-urlencoded", "application/sparql-update"


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class Server:
    """A server at a port; requests carry its token unless told otherwise."""

    port: int

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def send(
        self,
        method: str,
        path: str,
        body: bytes | str | None = None,
        media_type: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        given = {"Authorization": f"Bearer {TOKEN}", **({"Content-Type": media_type} if media_type else {})}
        content = body.encode() if isinstance(body, str) else body
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, path, content, {**given, **(headers or {})})
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, found, response.read())

    def update(self, text: str, address: str = "") -> Reply:
        return self.send("POST", f"/sparql/update{address}", text, DIRECT)

    def ask(self, pattern: str) -> bool:
        """Whether a pattern is found, as any visitor is told. The prefixes x and dct are declared."""
        query = urlencode({"query": f"{PREFIXES}ASK {{ {pattern} }}"})
        reply = self.send("GET", f"/sparql?{query}", headers={"Accept": "application/sparql-results+json"})
        assert reply.status == 200, reply.text
        return bool(json.loads(reply.body)["boolean"])

    def graph(self, name: str) -> str:
        """The path of a graph that is named in the address."""
        return f"/graphs?graph={quote(name, safe='')}"


def settings(home: Path, **more: str) -> Settings:
    given = {"token": TOKEN, "workers": "2", "auto_harvest": "no", "query_timeout": "6", "lock_timeout": "1"}
    return load({"home": str(home), "base": "https://catalogue.example", **given, **more}, {})


@contextmanager
def serving(used: Settings) -> Iterator[Server]:
    """The server of these settings, but for the port, until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, **used.environment(), "PYTHONPATH": str(Path(__file__).parents[1])}
    environment["CATALOGUE_PORT"] = str(port)
    code = "from catalogue.server import serve; from catalogue.settings import load; serve(load())"
    with subprocess.Popen([sys.executable, "-c", code], env=environment) as process:
        try:
            assert until(lambda: listens(port))
            yield Server(port)
        finally:
            process.terminate()
