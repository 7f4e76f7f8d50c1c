"""The web server: several worker processes, supervised. The only module that knows granian.

Granian and not gunicorn: it reads requests and writes answers outside Python, so that a slow client holds no thread,
and answers 2.5 times as many requests (`docs/performance.md`).
"""

import os

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from catalogue.settings import Settings

# Tells a worker who started it, since a parent that has died leaves no trace of who it was.
SUPERVISOR = "CATALOGUE_SUPERVISOR"
_TARGET = "endpoint.wsgi:app"
# Requests that wait for the SPARQL processes hold a thread each; pages are bound by the interpreter anyway.
_SPARE_THREADS = 4
_HEADER_TIMEOUT_MS = 10_000
_STOP_TIMEOUT_S = 5


def threads(settings: Settings) -> int:
    """How many requests a worker process can have in hand."""
    queries: int = settings.query_workers + settings.query_queue
    return queries + _SPARE_THREADS


def serve(settings: Settings) -> None:
    """Serves until SIGINT or SIGTERM; a worker that dies is replaced. Returns when all of them have ended."""
    os.environ.update(settings.environment() | {SUPERVISOR: str(os.getpid())})
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
