"""What is and is not in the repository: no index addresses, no paths of a machine, no generated files."""

import re
import subprocess
import sys
import tomllib
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalogue.harvesters import publiccode
from catalogue.identity import Minter
from catalogue.model import Document

ROOT = Path(__file__).parent.parent
# In pieces, so that this file does not hold what it looks for.
INDEXES = re.compile(
    "|".join(
        (
            "files[.]python" + "hosted",
            "py" + "pi[.]org",
            "registry[.]np" + "mjs",
            "proxy[.]go" + "lang",
            "deb[.]deb" + "ian",
        )
    )
)
MACHINE = re.compile("|".join(("/wo" + "rk/main", "/wo" + "rk/shared", "/ro" + "ot/")))
UNFINISHED = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "NotImplemented" + "Error")))


def tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listing.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("pattern", [INDEXES, MACHINE, UNFINISHED], ids=["indexes", "machine", "unfinished"])
def test_no_tracked_file_names(pattern: re.Pattern[str]) -> None:
    for path in tracked():
        content = path.read_bytes()
        found = None if b"\0" in content else pattern.search(content.decode(errors="replace"))
        assert found is None, f"{path.relative_to(ROOT)} holds {found and found.group()!r}"


def test_no_tracked_file_is_large_or_generated() -> None:
    for path in tracked():
        assert path.stat().st_size < 1_000_000, path
        assert path.suffix not in {".pyc", ".db", ".sst", ".lock"}, path


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-bench.txt"])
def test_requirements_are_pinned_and_hashed_and_name_no_index(name: str) -> None:
    text = (ROOT / name).read_text()
    pins = re.findall(r"^[a-z0-9._-]+==\S+", text, re.MULTILINE)
    assert len(pins) > 10
    assert text.count("--hash=sha256:") >= len(pins)
    assert "://" not in text
    assert not re.search(r"^(catalogue|endpoint)==", text, re.MULTILINE)


def test_everything_declared_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = (ROOT / "requirements.txt").read_text().lower()
    for requirement in project["dependencies"]:
        name = re.match(r"[\w.-]+", requirement)
        assert name is not None
        assert re.search(rf"^{re.escape(re.sub(r'[._]', '-', name.group().lower()))}==", locked, re.MULTILINE), name


def test_the_wheel_carries_the_code_lists_the_shapes_the_seed_the_queries_and_the_pages(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, pattern in (("vocab", "*.ttl"), ("shapes", "*.ttl"), ("data", "*.ttl"), ("queries", "*.rq")):
        for path in (ROOT / folder).glob(pattern):
            assert f"catalogue/_resources/{folder}/{path.name}" in names
    for folder in ("templates", "static"):
        for path in (ROOT / "endpoint" / folder).rglob("*"):
            assert path.is_dir() or str(path.relative_to(ROOT)) in names


def test_the_project_describes_itself_without_a_finding() -> None:
    content = (ROOT / "publiccode.yml").read_bytes()
    document = Document("publiccode.yml", content, "application/yaml", datetime.now(UTC))
    (reading,) = publiccode.readings("publiccode.yml", document, Minter("https://catalogue.example"))
    assert reading.record is not None
    assert reading.report.findings == ()
