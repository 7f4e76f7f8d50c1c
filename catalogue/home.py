"""The one directory: where everything lies, who may write, and which publication is current.

state/store          the writer's Oxigraph database
state/restored       a whole backup that is about to take the database's place
state/lock           held by the one process that writes; names it
state/unpublished    there while what is written may not be published yet
published/<n>/       an immutable publication: store, search, manifest.json; later answers to its own queries
published/current    the number of the publication that readers serve, replaced atomically
operations.db        SQLite: the harvest log
catalogue.toml       settings (optional)
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from catalogue.errors import BusyError, StoreError


class Home:
    """A catalogue's directory. Making one does nothing; what is missing is created by the first writer."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.state = path / "state"
        self.store = self.state / "store"
        self.restored = self.state / "restored"
        self.unpublished = self.state / "unpublished"
        self.published = path / "published"
        self.operations = path / "operations.db"

    @contextmanager
    def writing(self, purpose: str, timeout_s: float) -> Iterator[None]:
        """Holds the writer's lock, waiting up to `timeout_s` for another process; then raises BusyError naming it.

        The kernel frees the lock when its process ends, however it ends.
        """
        self._create()
        with (self.state / "lock").open("a+") as file:
            self._acquire(file.fileno(), timeout_s)
            file.truncate(0)
            file.write(f"{purpose}, process {os.getpid()}")
            file.flush()
            if self.restored.exists() and not self.store.exists():  # a restore that was killed at its last step
                self.restored.rename(self.store)
            try:
                yield
            finally:
                file.truncate(0)

    @property
    def is_written(self) -> bool:
        """Whether some process holds the writer's lock."""
        try:
            file = (self.state / "lock").open()
        except OSError:
            return False
        with file:
            try:
                fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def _create(self) -> None:
        try:
            self.state.mkdir(parents=True, exist_ok=True)
            self.published.mkdir(exist_ok=True)
        except OSError as error:
            raise StoreError(f"home: {self.path} cannot be written: {error.strerror}") from error

    def _acquire(self, descriptor: int, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() >= deadline:
                    holder = (self.state / "lock").read_text() or "another process"
                    raise BusyError(
                        f"the catalogue in {self.path} is being written by {holder}; try again when it has finished"
                    ) from error
            time.sleep(0.05)

    def publication(self, number: int) -> Path:
        return self.published / str(number)

    def publications(self) -> list[int]:
        """The numbers of the complete publications, ascending."""
        if not self.published.is_dir():
            return []
        names = (path.parent.name for path in self.published.glob("*/manifest.json"))
        return sorted(int(name) for name in names if name.isdecimal())

    def current(self) -> int | None:
        """The number of the publication that is served, None before the first."""
        try:
            text = (self.published / "current").read_text()
        except FileNotFoundError:
            return None
        if not text.strip().isdecimal():
            raise StoreError(
                f"home: {self.published / 'current'} holds {text!r} and not a number; run catalogue publish"
            )
        return int(text)

    def set_current(self, number: int) -> None:
        """Points readers at a publication: they see the one before or this one, never anything else."""
        replace_file(self.published / "current", f"{number}\n")


def hold(publication: Path) -> IO[str]:
    """Keeps a publication from being pruned until the returned file is closed, or its process ends.

    Raises StoreError for one that is there no more.
    """
    try:
        file = (publication / "manifest.json").open()
    except OSError as error:
        raise StoreError(f"publication {publication.name}: it cannot be held: {error.strerror}") from error
    fcntl.flock(file.fileno(), fcntl.LOCK_SH)
    return file


def is_held(publication: Path) -> bool:
    """Whether some process holds a publication."""
    with (publication / "manifest.json").open() as file:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def replace_file(path: Path, content: str) -> None:
    """Replaces a file at once and for good: flushed to the disk before it takes the old one's place."""
    draft = path.with_name(path.name + ".new")
    with draft.open("w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    flush_directory(path.parent)


def flush_directory(path: Path) -> None:
    """Makes what was created or renamed in a directory survive a loss of power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
