"""The command line, as typed: real processes, real files, exit codes."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import rdflib

from catalogue.home import Home
from tests.waiting import PATIENCE_S, until

EXAMPLE = """\
publiccodeYmlVersion: "0.7.0"
name: {name}
url: https://git.example.org/{name}
platforms: [web]
developmentStatus: stable
softwareType: standalone/web
description:
  en:
    shortDescription: What {name} does in a sentence.
legal:
  license: EUPL-1.2
maintenance:
  type: community
  contacts:
    - name: Jane Roe
      email: jane@example.org
localisation:
  localisationReady: true
  availableLanguages: [en]
"""
GRAPH = """\
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
<https://elsewhere.example/dataset/1> a dcat:Dataset ; dct:title "From a file"@en .
"""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def command_line(home: Path) -> Run:
    def run(*arguments: object, code: int = 0) -> "subprocess.CompletedProcess[str]":
        environment = os.environ | {"CATALOGUE_HOME": str(home)}
        command = [sys.executable, "-m", "catalogue", *map(str, arguments)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return run


@pytest.fixture
def bare(tmp_path: Path) -> Run:
    """The command line where there is no catalogue yet."""
    return command_line(tmp_path / "home")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of nothing but the code lists, which take a moment to write."""
    home = tmp_path_factory.mktemp("empty") / "home"
    command_line(home)("publish")
    return home


@pytest.fixture
def run(bare: Run, empty: Path, tmp_path: Path) -> Run:
    """The command line on a catalogue without records."""
    shutil.copytree(empty, tmp_path / "home")
    return bare


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("one", "two"):
        (folder / f"{name}.yml").write_text(EXAMPLE.format(name=name))
    (folder / "broken.yml").write_text("name: [unclosed\nurl: x\n")
    return folder


def counts(done: "subprocess.CompletedProcess[str]") -> dict[str, int]:
    return json.loads(done.stdout)[0]["counts"]


def test_a_harvest_tells_what_went_in_and_what_was_rejected_and_why(run: Run, files: Path) -> None:
    done = run("harvest", "--kind", "publiccode", files, code=1)
    assert "2 new  0 changed  0 unchanged  0 gone  1 rejected" in done.stdout
    (row,) = (line for line in done.stdout.splitlines() if "broken.yml" in line)
    assert "2:4" in row


def test_a_harvest_tells_what_of_a_source_could_not_be_read(run: Run, tmp_path: Path) -> None:
    page = "<> <https://w3id.org/tree#relation> [ <https://w3id.org/tree#node> <none.trig> ] ."
    (tmp_path / "index.trig").write_text(f"<#s> <https://w3id.org/tree#view> <> . {page}")
    for _ in range(2):  # the exit code tells how it is, not what turned
        done = run("harvest", "--kind", "ldes", tmp_path / "index.trig", code=1)
        assert "0 rejected  1 unread  1 warnings" in done.stdout
    _, _, told = done.stdout.partition("Could not be read:")
    assert "none.trig is no file of the source" in told
    assert "Correct the link to the page" in told


def test_a_second_harvest_changes_nothing(run: Run, files: Path, tmp_path: Path) -> None:
    run("harvest", "--kind", "publiccode", files, code=1)
    before = run("stats").stdout
    again = counts(run("harvest", "--kind", "publiccode", files, "--json", code=1))
    assert (again.get("new", 0), again.get("changed", 0), again["gone"], again["unchanged"]) == (0, 0, 0, 2)
    assert run("stats").stdout == before


def test_a_dry_run_writes_nothing_at_all(bare: Run, files: Path, tmp_path: Path) -> None:
    run = bare
    done = run("harvest", "--kind", "publiccode", files, "--dry-run", code=1)
    assert "2 new" in done.stdout
    assert not (tmp_path / "home").exists()
    run("harvest", "--kind", "publiccode", files, code=1)
    (files / "one.yml").write_text(EXAMPLE.format(name="one").replace("stable", "beta"))
    (files / "two.yml").unlink()
    before = run("stats").stdout
    planned = counts(run("harvest", "--kind", "publiccode", files, "--dry-run", "--json", code=1))
    assert (planned["changed"], planned["missing"], planned["rejected"]) == (1, 1, 1)
    assert run("stats").stdout == before


def test_what_a_source_no_longer_has_goes_and_what_breaks_stays(run: Run, files: Path) -> None:
    run("harvest", "--kind", "publiccode", files, code=1)
    (files / "one.yml").unlink()
    (files / "two.yml").write_text("name: [")
    done = counts(run("harvest", "--kind", "publiccode", files, "--json", code=1))
    assert (done["missing"], done["gone"], done["rejected"]) == (1, 0, 2)
    assert json.loads(run("stats", "--json").stdout)["things"]["solution"] == 2
    done = counts(run("harvest", "--kind", "publiccode", files, "--json", code=1))
    assert (done["missing"], done["gone"], done["rejected"]) == (0, 1, 2)
    assert json.loads(run("stats", "--json").stdout)["things"]["solution"] == 1


def test_a_source_that_suddenly_empties_is_held_back(run: Run, files: Path) -> None:
    for number in range(8):
        (files / f"more{number}.yml").write_text(EXAMPLE.format(name=f"more{number}"))
    run("harvest", "--kind", "publiccode", files, code=1)
    for number in range(8):
        (files / f"more{number}.yml").unlink()
    run("harvest", "--kind", "publiccode", files, code=1)
    done = run("harvest", "--kind", "publiccode", files, code=2)
    assert "--allow-deletions" in done.stderr
    assert json.loads(run("stats", "--json").stdout)["things"]["solution"] == 10
    run("harvest", "--kind", "publiccode", files, "--allow-deletions", code=1)
    assert json.loads(run("stats", "--json").stdout)["things"]["solution"] == 2


def test_configured_sources_are_harvested_by_name(run: Run, files: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "catalogue.toml").write_text(
        f'[[source]]\nid = "files"\nkind = "publiccode"\nlocation = "{files}"\ntitle = "Our files"\n'
    )
    assert "Our files (publiccode, source files)" in run("harvest", code=1).stdout
    assert "2 unchanged" in run("harvest", "files", code=1).stdout
    assert "there are: files" in run("harvest", "other", code=2).stderr


def test_a_port_that_another_server_has_is_not_shared(run: Run, tmp_path: Path) -> None:
    (tmp_path / "one.ttl").write_text(GRAPH)
    run("load", tmp_path / "one.ttl")
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as other:
        port = other.getsockname()[1]
        refused = run("serve", "--host", "127.0.0.1", "--port", str(port), code=2)
    assert f"127.0.0.1:{port} cannot be had" in refused.stderr
    assert "Serving on" not in refused.stdout


def test_loading_files_adds_to_a_named_source(run: Run, tmp_path: Path) -> None:
    (tmp_path / "one.ttl").write_text(GRAPH)
    (tmp_path / "two.ttl").write_text(GRAPH.replace("dataset/1", "dataset/2"))
    assert "1 new" in run("load", tmp_path / "one.ttl", "--source", "mine").stdout
    assert "1 new" in run("load", tmp_path / "two.ttl", "--source", "mine").stdout
    assert json.loads(run("stats", "--json").stdout)["things"]["solution"] == 2


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["query", "ASK {}"], "nothing has been published"),
        (["serve"], "nothing to serve"),
        (["harvest"], "No source is configured"),
        (["harvest", "--kind", "unknown", "."], "known are publiccode"),
        (["harvest", "--kind", "publiccode", "/nowhere/at/all"], "/nowhere/at/all"),
        (["backup", "x"], "no catalogue"),
        (["rollback"], "no publication"),
        (["stats", "--config", "/nowhere.toml"], "does not exist"),
        (["load", "/nowhere.ttl"], "does not exist"),
        (["publish", "--keep", "none"], "keep"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value)[:30],
)
def test_wrong_usage_is_explained_with_exit_code_2(bare: Run, arguments: list[str], problem: str) -> None:
    assert problem in bare(*arguments, code=2).stderr


def test_queries_are_answered_in_every_form(run: Run, files: Path, tmp_path: Path) -> None:
    run("harvest", "--kind", "publiccode", files, code=1)
    query = (
        "PREFIX dct: <http://purl.org/dc/terms/> PREFIX doap: <http://usefulinc.com/ns/doap#>"
        " SELECT ?title WHERE { ?s a doap:Project ; dct:title ?title } ORDER BY ?title"
    )
    (tmp_path / "q.rq").write_text(query)
    assert run("query", query).stdout.splitlines() == ["title", "-----", "one", "two"]
    assert run("query", "-f", tmp_path / "q.rq", "--format", "csv").stdout.splitlines() == ["title", "one", "two"]
    assert json.loads(run("query", query, "--format", "json").stdout)["head"] == {"vars": ["title"]}
    assert run("query", "ASK { ?s ?p ?o }").stdout == "true\n"
    assert "line 1, column" in run("query", "SELECT ?x WHERE {", code=2).stderr
    assert "SERVICE" in run("query", "ASK { SERVICE <http://x.example/> { ?s ?p ?o } }", code=2).stderr


@pytest.mark.parametrize("form", ["nq", "trig", "ttl", "rdf", "jsonld", "nt"])
def test_exports_parse_and_leave_persons_out(run: Run, files: Path, tmp_path: Path, form: str) -> None:
    run("harvest", "--kind", "publiccode", files, code=1)
    run("export", "--format", form, "-o", tmp_path / "out")
    text = (tmp_path / "out").read_text()
    assert "https://git.example.org/one" in text
    assert "Jane Roe" not in text
    assert "jane@example.org" not in text
    if form in ("ttl", "nt"):
        rdflib.Graph().parse(data=text, format={"ttl": "turtle", "nt": "nt"}[form])
    assert "Jane Roe" in run("export", "--format", "nq", "--contacts").stdout


def test_rolling_back_and_publishing_again(run: Run, files: Path) -> None:
    run("harvest", "--kind", "publiccode", files, code=1)
    (files / "three.yml").write_text(EXAMPLE.format(name="three"))
    run("harvest", "--kind", "publiccode", files, code=1)
    run("rollback")
    assert json.loads(run("stats", "--json").stdout)["things"]["solution"] == 2
    run("publish")
    assert json.loads(run("stats", "--json").stdout)["things"]["solution"] == 3


def test_a_backup_restores_what_was_there_and_keeps_what_it_replaces(run: Run, files: Path, tmp_path: Path) -> None:
    run("harvest", "--kind", "publiccode", files, code=1)
    run("backup", tmp_path / "saved")
    assert "exists already" in run("backup", tmp_path / "saved", code=2).stderr
    (files / "one.yml").unlink()
    run("harvest", "--kind", "publiccode", files, code=1)
    run("restore", tmp_path / "saved")
    assert json.loads(run("stats", "--json").stdout)["things"]["solution"] == 2
    assert list((tmp_path / "home" / "state").glob("before-restore-*"))
    run("doctor")
    assert "no backup" in run("restore", files, code=2).stderr


def test_the_doctor_finds_nothing_wrong_and_says_so_in_json(run: Run, files: Path) -> None:
    run("harvest", "--kind", "publiccode", files, code=1)
    checks = json.loads(run("doctor", "--json").stdout)
    assert {check["name"] for check in checks} == {"package", "disk", "state", "publication"}
    assert all(check["ok"] for check in checks)


def test_another_writer_is_waited_for_and_then_named(run: Run, files: Path, tmp_path: Path) -> None:
    with Home(tmp_path / "home").writing("a test", 0):
        done = run("harvest", "--kind", "publiccode", files, "--lock-timeout", "0.2", code=3)
    assert "being written by a test" in done.stderr


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as response:
        return str(response.read().decode())


class Server:
    """`catalogue serve` as a process of its own."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "catalogue", "serve", "--home", str(home), "--port", str(self.port)]
        self.process = subprocess.Popen(command, start_new_session=True)
        assert until(lambda: get(self.url + "/livez"))

    def members(self) -> list[str]:
        """The processes of the server's session: itself and its workers (their SPARQL children have their own)."""
        return [pid for pid, _ in self._members()]

    def workers(self) -> set[str]:
        """Those that answer requests: a process that harvests what is due, too, may come and go."""
        return {pid for pid, command in self._members() if " serve " in command} - {str(self.process.pid)}

    def _members(self) -> Iterator[tuple[str, str]]:
        command = ["ps", "-o", "pid=,args=", "-s", str(self.process.pid)]
        for line in subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines():
            pid, _, arguments = line.strip().partition(" ")
            yield pid, arguments


@pytest.fixture
def server(run: Run, files: Path, tmp_path: Path) -> Iterator[Server]:
    run("harvest", "--kind", "publiccode", files, code=1)
    started = Server(tmp_path / "home")
    yield started
    if started.process.poll() is None:
        started.process.terminate()
        started.process.wait(PATIENCE_S)


def test_commands_work_while_the_server_runs_and_pages_show_the_result(
    run: Run, files: Path, tmp_path: Path, server: Server
) -> None:
    assert "Fresh arrival" not in get(server.url + "/solutions")
    (tmp_path / "new.ttl").write_text(GRAPH.replace("From a file", "Fresh arrival"))
    run("load", tmp_path / "new.ttl")
    assert until(lambda: "Fresh arrival" in get(server.url + "/solutions"))
    query = "/sparql?query=ASK%20%7B%20%3Fs%20%3Fp%20%22Fresh%20arrival%22%40en%20%7D"
    assert until(lambda: '"boolean":true' in get(server.url + query).replace(" ", ""))


def test_the_server_prepares_answers_once_a_publication_stays(server: Server, tmp_path: Path) -> None:
    tried = tmp_path / "home" / "published"
    assert until(lambda: len(list(tried.glob("*/answers/*"))) > 40)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_the_server_ends_with_all_of_its_processes(server: Server, sign: signal.Signals) -> None:
    get(server.url + "/sparql?query=ASK%7B%7D")
    children = subprocess.run(["pgrep", "-f", "catalogue.sparql.worker"], capture_output=True, text=True, check=False)
    assert len(server.members()) >= 3
    server.process.send_signal(sign)
    assert server.process.wait(PATIENCE_S) == 0
    assert until(lambda: not server.members())
    mine = [pid for pid in children.stdout.split() if Path(f"/proc/{pid}").exists() and _parent_was(pid, server)]
    assert mine == []


def _parent_was(pid: str, server: Server) -> bool:
    """Whether a SPARQL child is left of this server: it serves this server's home."""
    try:
        return str(server.process.args[5]).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()  # type: ignore[index]
    except FileNotFoundError:
        return False


def test_a_server_that_is_killed_leaves_no_workers(server: Server) -> None:
    server.process.kill()
    server.process.wait()
    assert until(lambda: not server.members())


def test_a_worker_that_dies_is_replaced(server: Server) -> None:
    before = server.workers()
    worker = max(before, key=int)
    os.kill(int(worker), signal.SIGKILL)
    assert until(lambda: len(server.workers() - {worker}) == len(before))
    assert until(lambda: get(server.url + "/livez"))


def test_a_writer_killed_before_it_published_is_finished_when_the_server_starts(
    run: Run, files: Path, tmp_path: Path
) -> None:
    run("harvest", "--kind", "publiccode", files, code=1)
    script = (
        "import os, sys; from datetime import UTC, datetime; from catalogue.harvest import Harvesting, harvest;"
        " from catalogue.settings import load; from catalogue.writer import fetcher, source_at, writing\n"
        "settings = load({'home': sys.argv[1]}, {})\n"
        "with writing(settings, 'test', lambda: datetime.now(UTC)) as writer:\n"
        "    how = Harvesting(fetcher(settings), lambda: datetime.now(UTC), complete=False)\n"
        "    harvest(writer.store, source_at('rdf', sys.argv[2], 'late'), how)\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    (tmp_path / "late.ttl").write_text(GRAPH.replace("From a file", "Late arrival"))
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "home"), str(tmp_path / "late.ttl")], check=False)
    assert json.loads(run("stats", "--json").stdout)["things"]["solution"] == 2
    server = Server(tmp_path / "home")
    try:
        assert "Late arrival" in get(server.url + "/solutions")
    finally:
        server.process.terminate()
        server.process.wait(PATIENCE_S)
