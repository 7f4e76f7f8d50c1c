"""The web server: several worker processes, one that harvests what is due, one that prepares answers, supervised. The
only module that knows granian.

Granian and not gunicorn: it reads requests and writes answers outside Python, so that a slow client of a page holds no
thread, and it answers more requests (`docs/performance.md`).
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from catalogue.errors import SettingsError
from catalogue.settings import Settings

# Tells a worker who started it, since a parent that has died leaves no trace of who it was.
SUPERVISOR = "CATALOGUE_SUPERVISOR"
_TARGET = "endpoint.wsgi:app"
# Requests that wait for the SPARQL processes hold a thread each, and so do bodies that come slowly (`endpoint.intake`);
# pages are bound by the interpreter anyway.
SLOW_BODIES = 16
_SPARE_THREADS = 4
_HEADER_TIMEOUT_MS = 10_000
_STOP_TIMEOUT_S = 5
# A harvest that is stopped finishes the record in hand and publishes. What takes longer is finished at the next start.
_STOP_S = 4
_HARVEST = ("catalogue", "harvest", "--due", "--wait")
_PREPARE = "catalogue.sparql.prepared"
# Exit codes of a harvest that went as it should; after others, the next begins later and later.
_GOOD = (0, 1)
_PAUSE_S, _FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 5.0, 600.0
_LOOK_EVERY_S = 1.0


def threads(settings: Settings) -> int:
    """How many requests a worker process can have in hand."""
    queries: int = settings.query_workers + settings.query_queue
    return queries + SLOW_BODIES + _SPARE_THREADS


def serve(settings: Settings) -> None:
    """Serves until SIGINT or SIGTERM; a worker that dies is replaced. Returns when all of them have ended."""
    os.environ.update(settings.environment() | {SUPERVISOR: str(os.getpid())})
    # glibc gives each of many threads a heap of its own, and none of what pages took in it comes back.
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    modules = [(_PREPARE, str(settings.home), settings.base, str(settings.query_memory))]
    if settings.auto_harvest:
        modules.append(_HARVEST)
    with _kept_alive(modules):
        Granian(
            _TARGET,
            address=settings.host,
            port=settings.port,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=_HEADER_TIMEOUT_MS),
            websockets=False,
            workers=settings.workers,
            blocking_threads=threads(settings),
            respawn_failed_workers=True,
            workers_kill_timeout=_STOP_TIMEOUT_S,
            log_level=LogLevels.error,
        ).serve()


def check_address(host: str, port: int) -> None:
    """Raises SettingsError where an address cannot be had.

    Granian would share a port with another server of ours (SO_REUSEPORT), and requests would go to one or the other.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as error:
        raise SettingsError(f"serve: {host}:{port} cannot be had: {error.strerror}; choose another port") from error


@contextmanager
def _kept_alive(modules: Iterable[Sequence[str]]) -> Iterator[None]:
    """Has processes run modules with arguments; when one ends, another follows. They are ended together."""
    guards = [_Guard(module) for module in modules]
    threads = [threading.Thread(target=guard.run, daemon=True) for guard in guards]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for guard in guards:
            guard.end()
        deadline = time.monotonic() + _STOP_S
        for guard, thread in zip(guards, threads, strict=True):
            guard.wait(deadline)
            thread.join(_STOP_S)


class _Guard:
    """Keeps one process alive, which runs a module. Its standard input is closed when this process ends."""

    def __init__(self, module: Sequence[str]) -> None:
        self._module = module
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        pause_s = _PAUSE_S
        while not self._stopping.wait(pause_s):
            is_good = self._run() in _GOOD
            pause_s = _PAUSE_S if is_good else min(max(2 * pause_s, _FIRST_PAUSE_S), _LONGEST_PAUSE_S)

    def _run(self) -> int:
        with self._lock:
            if self._stopping.is_set():
                return 0
            command = [sys.executable, "-m", *self._module]
            self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        return self._child.wait()

    def end(self) -> None:
        with self._lock:
            self._stopping.set()
        if self._child is not None:
            self._child.terminate()

    def wait(self, deadline: float) -> None:
        """Waits for the process to end, and kills it when that takes longer."""
        if self._child is None:
            return
        try:
            self._child.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._child.kill()


def end_with_supervisor(end: Callable[[], object]) -> bool:
    """Calls `end` when the server that started this process is gone, killed without a chance to say so.

    False where no server started it.
    """
    if SUPERVISOR not in os.environ:
        return False
    threading.Thread(target=_watch, args=(int(os.environ[SUPERVISOR]), end), daemon=True).start()
    return True


def _watch(supervisor: int, end: Callable[[], object]) -> None:
    while os.getppid() == supervisor:
        time.sleep(_LOOK_EVERY_S)
    end()
