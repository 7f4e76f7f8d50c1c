"""Backup and restore: the whole home directory, consistent, while others read and write."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from catalogue.errors import StoreError
from catalogue.home import Home
from catalogue.identity import Minter
from catalogue.operations import Operations
from catalogue.settings import Settings
from catalogue.store import Store

# What a restored catalogue needs; the publication is made again from the state.
_STATE, _OPERATIONS, _CONFIG = "state/store", "operations.db", "catalogue.toml"


def backup(settings: Settings, target: Path) -> None:
    """Copies state, harvest log and settings to a directory that does not exist yet.

    The state is a snapshot made by hard links and copied from there, so writers wait for no more than that.
    """
    home = Home(settings.home)
    if not home.store.exists():
        raise StoreError(f"backup: there is no catalogue in {home.path}")
    if target.exists():
        raise StoreError(f"backup: {target} exists already; name a new directory")
    with _alone(home):
        _copy(home, settings, target)


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    with (home.state / "backup.lock").open("w") as file:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError("backup: another one is being made; try again when it has finished") from error
        yield


def _copy(home: Home, settings: Settings, target: Path) -> None:
    snapshot = home.state / "backup"
    with home.writing("catalogue backup", settings.lock_timeout):
        shutil.rmtree(snapshot, ignore_errors=True)
        store = _open(home, settings)
        store.backup(snapshot)
        store.close()
    draft = target.with_name(target.name + ".part")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        shutil.copytree(snapshot, draft / _STATE)
        if home.operations.exists():
            Operations(home.operations).copy(draft / _OPERATIONS)
        if (home.path / _CONFIG).exists():
            shutil.copy2(home.path / _CONFIG, draft / _CONFIG)
        draft.rename(target)
    except OSError as error:
        raise StoreError(f"backup: {target} cannot be written: {error}") from error
    finally:
        shutil.rmtree(snapshot, ignore_errors=True)
        shutil.rmtree(draft, ignore_errors=True)


def restore(settings: Settings, source: Path, clock: Callable[[], datetime]) -> Path | None:
    """Puts a backup's state in place of the current one; returns where the old state was kept.

    The backup is opened, and so checked, before anything is touched.
    """
    if not (source / _STATE).is_dir():
        raise StoreError(f"restore: {source} holds no backup of a catalogue ({_STATE} is missing)")
    home = Home(settings.home)
    with home.writing("catalogue restore", settings.lock_timeout):
        draft = home.state / "restoring"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(source / _STATE, draft)
        Store(draft, Minter(settings.base), clock).close()
        draft = draft.rename(home.restored)
        kept = None
        if home.store.exists():
            kept = home.state / f"before-restore-{clock():%Y%m%dT%H%M%S}"
            home.store.rename(kept)
        draft.rename(home.store)
        for name in (_OPERATIONS, _CONFIG):
            if (source / name).exists():
                _put(source / name, home.path / name)
    return kept


def _put(source: Path, target: Path) -> None:
    """Replaces a file at once. The journal that a killed process left of a database is not of the one that comes."""
    draft = target.with_name(f"{target.name}.part")
    shutil.copy2(source, draft)
    for rest in ("-wal", "-shm"):
        target.with_name(target.name + rest).unlink(missing_ok=True)
    draft.replace(target)


def _open(home: Home, settings: Settings) -> Store:
    def clock() -> datetime:
        raise StoreError("backup: a backup changes nothing, so it needs no time")

    return Store(home.store, Minter(settings.base), clock)
