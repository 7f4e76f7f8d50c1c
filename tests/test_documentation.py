"""The documentation is run: every command in a console block, every query, every link."""

import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalogue.cli import main
from catalogue.settings import load
from catalogue.sparql.local import answer
from tests.waiting import listens, until

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "data" / "README.md"]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for found, text in FENCE.findall(page.read_text(encoding="utf-8")):
            if found == language:
                yield page.name, text


COMMANDS = [
    pytest.param(line[2:], id=f"{page}-{number}")
    for page, text in blocks("console")
    for number, line in enumerate(text.splitlines())
    if line.startswith("$ ")
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue with a little in it, which the commands change as they go, one after the other."""
    made = tmp_path_factory.mktemp("documentation") / "home"
    run(f"catalogue harvest --kind rdf {shlex.quote(str(ROOT / 'data'))} --source seed", made)
    return made


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """A server of that catalogue."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "catalogue", "serve", "--home", str(home), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        assert until(lambda: listens(port))
        yield f"127.0.0.1:{port}"
        server.terminate()


def run(command: str, home: Path) -> "subprocess.CompletedProcess[str]":
    words = shlex.split(command)
    assert words[0] == "catalogue"
    files = [str(ROOT / word) if (ROOT / word).is_file() else word for word in words[1:]]
    line = [sys.executable, "-m", "catalogue", *files, "--home", str(home)]
    return subprocess.run(line, cwd=home.parent, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_documentation_works(command: str, home: Path, address: str) -> None:
    if command.startswith("curl"):
        if shutil.which("curl") is None:
            pytest.skip("curl is not installed")
        words = shlex.split(command.replace("localhost:8000", address))
        done = subprocess.run([*words, "--fail"], cwd=home.parent, capture_output=True, text=True, check=False)
    else:
        done = run(command, home)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_query_of_the_documentation_is_answered(home: Path) -> None:
    queries = list(blocks("sparql"))
    assert len(queries) >= 3
    for page, query in queries:
        rows = b"".join(answer(load({"home": home}, {}), query, "csv")).splitlines()
        assert len(rows) > 1 or "HAVING" in query, f"{page}: no answer to\n{query}"


def test_every_command_is_documented() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    for name in main.commands:
        assert re.search(rf"(catalogue|make) {name}\b", text), f"catalogue {name} is nowhere documented"


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target.strip()).exists(), f"{page.name} links to {target}"


def test_the_first_screen_of_the_readme_shows_the_two_commands_and_a_picture() -> None:
    start = (ROOT / "README.md").read_text(encoding="utf-8")[:1800]
    assert "make demo" in start
    assert "make test" in start
    assert "](docs/images/home.png)" in start
