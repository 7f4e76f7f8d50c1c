"""Starts the servers that are compared, on free loopback ports, and stops each by its process's number."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from bench.load import Request, Unexpected, ask
from bench.plan import PARENT, settings
from catalogue import server
from catalogue.home import Home

_START_TIMEOUT_S = 60
_STOP_TIMEOUT_S = 15


@contextmanager
def ours(home: Path) -> Iterator[int]:
    """`catalogue serve` with its defaults; gives its port."""
    port = free_port()
    command = [sys.executable, "-m", "catalogue", "serve", "--home", str(home), "--port", str(port)]
    with _running(command, port):
        yield port


@contextmanager
def gunicorn(home: Path) -> Iterator[int]:
    """The same application under gunicorn: as many processes and threads as `catalogue serve` has."""
    port = free_port()
    chosen = settings(home, port=port)
    threads = server.threads(chosen)
    command = [
        *(sys.executable, "-m", "gunicorn", "endpoint.wsgi:app", "--bind", f"127.0.0.1:{port}"),
        *("--workers", str(chosen.workers), "--worker-class", "gthread", "--threads", str(threads)),
        *("--log-level", "error", "--no-control-socket"),
    ]
    with _running(command, port, chosen.environment()):
        yield port


@contextmanager
def oxigraph(home: Path) -> Iterator[int]:
    """Oxigraph's own server on the store of the current publication."""
    port = free_port()
    current = Home(home).current()
    store = Home(home).publication(current or 0) / "store"
    command = [str(_OXIGRAPH), "serve-read-only", "--location", str(store), "--bind", f"127.0.0.1:{port}"]
    with _running(command, port):
        yield port


_OXIGRAPH = Path(sys.executable).with_name("oxigraph")


def has_gunicorn() -> bool:
    return find_spec("gunicorn") is not None


def has_oxigraph() -> bool:
    return _OXIGRAPH.exists()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: Sequence[str], port: int, environment: Mapping[str, str] | None = None) -> Iterator[None]:
    # Settings of whoever runs this must not reach the servers.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CATALOGUE_")}
    # A file and not a pipe, which a server that says much would fill, and then wait.
    with TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            cwd=PARENT,
            env=inherited | dict(environment or {}),
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
        )
        try:
            _wait(process, port, said)
            yield
        finally:
            _stop(process)


def _wait(process: "subprocess.Popen[bytes]", port: int, said: IO[bytes]) -> None:
    """Returns when the server answers, whatever it answers."""
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said.seek(0)
            last = said.read().decode(errors="replace").strip().splitlines()[-1:]
            raise Unexpected(f"a server ended with {process.returncode}: {' '.join(last)}")
        try:
            ask(port, Request("/"))
        except (OSError, IndexError, ValueError):
            time.sleep(0.1)
        else:
            return
    raise Unexpected(f"nothing answers on port {port} after {_START_TIMEOUT_S} seconds")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Asks the process to end; if it does not, ends it with all the processes that it started (its own session)."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
