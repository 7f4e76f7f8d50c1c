"""Waiting for what comes in its own time: no test says how fast, since a busy machine takes its time."""

import socket
import time
from collections.abc import Callable
from contextlib import suppress

PATIENCE_S = 90.0


def until(condition: Callable[[], object], patience_s: float = PATIENCE_S) -> bool:
    """Whether it came true once: it is not asked again, since what is seen may come and go.

    What cannot be reached is not true yet.
    """
    end = time.monotonic() + patience_s
    while True:
        with suppress(OSError):
            if condition():
                return True
        if time.monotonic() > end:
            return False
        time.sleep(0.02)


def listens(port: int) -> bool:
    """Whether a server of this machine takes connections."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
