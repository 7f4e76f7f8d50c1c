"""A backup that is restored is there as it was saved, whatever a killed process left beside what it replaces."""

import fcntl
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalogue.backups import backup, restore
from catalogue.errors import StoreError
from catalogue.home import Home
from catalogue.operations import Operations, Run
from catalogue.settings import load
from catalogue.writer import writing

# Leaves a journal with a run that is not in the file itself yet.
KILLED = """
import os, sys
from pathlib import Path
from catalogue.operations import Operations

connection = Operations(Path(sys.argv[1])).connect()
connection.execute("INSERT INTO run (source, started, ended, counts) VALUES ('late', 'x', 'y', '{}')")
connection.commit()
os._exit(9)
"""


def test_the_journal_of_a_killed_process_is_not_restored_into_the_log(tmp_path: Path) -> None:
    settings, saved = load({"home": tmp_path / "home"}, {}), tmp_path / "saved"
    log = Operations(tmp_path / "home" / "operations.db")
    with writing(settings, "test", lambda: datetime.now(UTC)) as writer:
        writer.publish()
    log.add(Run("early", "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:01+00:00"))
    backup(settings, saved)
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "home" / "operations.db")], check=False)
    assert set(log.latest()) == {"early", "late"}
    restore(settings, saved, lambda: datetime.now(UTC))
    assert set(log.latest()) == {"early"}


def test_a_backup_beside_another_one_is_refused(tmp_path: Path) -> None:
    settings, home = load({"home": tmp_path / "home"}, {}), Home(tmp_path / "home")
    with writing(settings, "test", lambda: datetime.now(UTC)) as writer:
        writer.publish()
    with (home.state / "backup.lock").open("w") as file:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX)
        with pytest.raises(StoreError, match="another one is being made"):
            backup(settings, tmp_path / "saved")
    backup(settings, tmp_path / "saved")


def test_a_restore_that_was_killed_at_its_last_step_is_finished(tmp_path: Path) -> None:
    settings, home = load({"home": tmp_path / "home"}, {}), Home(tmp_path / "home")
    with writing(settings, "test", lambda: datetime.now(UTC)) as writer:
        writer.publish()
    home.store.rename(home.restored)
    marked = home.restored / "marked"
    marked.touch()
    with home.writing("test", 0):
        assert (home.store / marked.name).exists()
        assert not home.restored.exists()
