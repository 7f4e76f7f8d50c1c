"""Git repositories give the files of their last commit, and git gets nothing that it could do harm with."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from threading import Thread

import pytest

from catalogue.errors import SourceError
from catalogue.fetch import Fetch, Network
from catalogue.harvesters import _git
from catalogue.harvesters._git import Limits, address, is_git, opened, remote
from catalogue.harvesters.publiccode import documents, readings
from catalogue.model import Reading, Source
from catalogue.visit import Visit
from tests.remote import MINTER, World, world
from tests.visits import visit

pytestmark = pytest.mark.skipif(which("git") is None, reason="git is not installed")
FILE = "name: Lamp\nurl: {url}\n"


def git(folder: Path, *arguments: str) -> str:
    """Runs git as nobody in particular."""
    identity = {f"GIT_{who}_{what}": "a@a.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**os.environ, **identity, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, env=environment, capture_output=True, text=True).stdout


def commit(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (folder / name).write_text(content)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=x")


@pytest.fixture(name="tree")
def tree_(tmp_path: Path) -> Path:
    """A working copy with one commit, below a directory that is served."""
    folder = tmp_path / "served" / "town" / "lamp"
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, {"publiccode.yml": FILE.format(url="https://a.example/town/lamp"), "big.bin": "x" * 100_000})
    return folder


class _Server(BaseHTTPRequestHandler):
    """Git's own server for the web, as a CGI program."""

    root = Path()
    seen: list[tuple[str, str]] = []  # noqa: RUF012 - one list for all requests
    redirect = ""

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _serve(self, body: bytes) -> None:
        self.seen.append((self.path, self.headers.get("Authorization", "")))
        if self.redirect:
            self.send_response(301)
            self.send_header("Location", self.redirect + self.path)
            self.end_headers()
            return
        path, _, query = self.path.partition("?")
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }
        done = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(lines.pop("Status", "200").split()[0]))
        for name, text in lines.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(name="server")
def server_(tree: Path) -> Iterator[tuple[str, type[_Server]]]:
    git(tree, "config", "uploadpack.allowFilter", "true")
    handler = type("Handler", (_Server,), {"root": tree.parents[1], "seen": [], "redirect": ""})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", handler
    server.shutdown()
    server.server_close()


@pytest.fixture(name="home")
def home_(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def test_a_repository_on_the_web_is_cloned_and_once_more_only_when_it_has_changed(
    home: World, tree: Path, server: tuple[str, type[_Server]]
) -> None:
    location = f"{server[0]}/town/lamp/.git"
    commit(tree, {"publiccode.yml": FILE.format(url=f"{server[0]}/town/lamp/")})
    first = home.harvest("publiccode", location)
    before = home.quads()
    server[1].seen.clear()
    second = home.harvest("publiccode", location)
    assert not [path for path, _ in server[1].seen if "upload-pack" in path and "info/refs" not in path][1:]
    commit(tree, {"publiccode.yml": FILE.format(url=f"{server[0]}/town/lamp") + "softwareVersion: '2'\n"})
    third = home.harvest("publiccode", location)
    assert (first.error, second.error, third.error) == (None, None, None)
    assert (first.counts["new"], second.counts["unchanged"], third.counts["changed"]) == (1, 1, 1)
    assert len(before) > 0
    assert first.traffic.bytes < 100_000


@pytest.mark.parametrize("how", [{}, {"git": True}], ids=["where there is no forge", "as the source says"])
def test_repositories_of_a_list_are_cloned(
    home: World, tree: Path, server: tuple[str, type[_Server]], tmp_path: Path, how: dict[str, bool]
) -> None:
    location = f"{server[0]}/town/lamp/.git"
    commit(tree, {"publiccode.yml": FILE.format(url=location)})
    (tmp_path / "list.txt").write_text(f"{location}\n{server[0]}/town/none.git\n")
    given = {"token": "T", "environment": {"T": "secret"}}
    list(documents(visit(tmp_path / "list.txt", "publiccode", **given, **how)))
    assert {header for _, header in server[1].seen} == {""}
    first = home.harvest("publiccode", str(tmp_path / "list.txt"), **how)
    server[1].seen.clear()
    second = home.harvest("publiccode", str(tmp_path / "list.txt"), **how)
    assert not [path for path, _ in server[1].seen if "lamp" in path and "pack" in path and "info/refs" not in path][1:]
    assert (first.error, first.counts["new"], second.counts["unchanged"]) == (None, 1, 1)
    assert [origin for origin, _ in first.rejected] == [f"{server[0]}/town/none.git"]
    server[1].redirect = "http://127.0.0.1:1"
    third = [home.harvest("publiccode", str(tmp_path / "list.txt"), **how) for _ in range(3)]
    assert {harvest.counts["missing"] + harvest.counts["gone"] for harvest in third} == {0}


def test_what_is_cloned_from_elsewhere_than_it_says_is_a_technical_fork(
    tree: Path, server: tuple[str, type[_Server]]
) -> None:
    ((key, document),) = (
        i for i in documents(visit(f"{server[0]}/town/lamp/.git", "publiccode")) if isinstance(i, tuple)
    )
    (reading,) = readings(key, document, MINTER)
    assert reading.report.findings[0].message.startswith("technical fork")


@pytest.mark.parametrize("bare", [True, False], ids=["bare", "with git = true"])
def test_a_repository_on_this_machine_is_read_where_it_is(tree: Path, tmp_path: Path, bare: bool) -> None:
    (tree / "publiccode.yml").write_text("not committed")
    location = tmp_path / "lamp.git" if bare else tree
    if bare:
        git(tmp_path, "clone", "--quiet", "--bare", str(tree), str(location))
    found = list(documents(visit(location, "publiccode", git=not bare)))
    ((key, document),) = (item for item in found if isinstance(item, tuple))
    (reading,) = readings(key, document, MINTER)
    assert reading.record is not None
    assert (reading.key, reading.record.iri) == ("lamp", MINTER.solution("https://a.example/town/lamp"))
    assert reading.record.original == FILE.format(url="https://a.example/town/lamp")


def test_a_repository_without_the_file_is_told_of(tree: Path) -> None:
    git(tree, "rm", "--quiet", "publiccode.yml")
    commit(tree, {"other.yml": FILE})
    (reading,) = documents(visit(tree, "publiccode", git=True))
    assert isinstance(reading, Reading)
    assert reading.report.findings[0].message == "There is no publiccode.yml in the repository."


def test_a_repository_that_loses_its_file_is_gone_after_two_visits(home: World, tree: Path) -> None:
    home.harvest("publiccode", str(tree), git=True)
    git(tree, "rm", "--quiet", "publiccode.yml")
    commit(tree, {"other.yml": FILE})
    done = [home.harvest("publiccode", str(tree), git=True) for _ in range(2)]
    assert [(harvest.counts["missing"], harvest.counts["gone"]) for harvest in done] == [(1, 0), (0, 1)]
    assert home.keys() == {"entry~lamp"}


@pytest.mark.parametrize("where", ["here", "on the web"])
def test_a_repository_with_nothing_in_it_is_told_of(
    home: World, tmp_path: Path, server: tuple[str, type[_Server]], where: str
) -> None:
    empty = tmp_path / "served" / "none.git"
    git(tmp_path, "init", "--quiet", "--bare", str(empty))
    done = home.harvest("publiccode", str(empty) if where == "here" else f"{server[0]}/none.git")
    assert done.error is not None
    assert "none.git: there is no commit in the repository" in done.error


@pytest.mark.parametrize(("target", "found"), [("docs.yml", True), ("/etc/hostname", False), ("../x.yml", False)])
def test_a_symbolic_link_counts_inside_of_the_repository_only(tree: Path, target: str, found: bool) -> None:
    (tree / "publiccode.yml").unlink()
    (tree / "publiccode.yml").symlink_to(target)
    commit(tree, {"docs.yml": FILE.format(url="https://a.example/town/lamp")})
    items = list(documents(visit(tree, "publiccode", git=True)))
    assert any(isinstance(item, tuple) for item in items) is found


def test_a_repository_that_starts_programs_starts_none(tree: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc"):
        path = tree / ".git" / "hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\ntouch {mark}\n")
        path.chmod(0o755)
    for name, value in {
        "core.fsmonitor": f"touch {mark}",
        "core.sshCommand": f"touch {mark};",
        "remote.origin.url": f"ext::touch {mark}",
        "remote.origin.promisor": "true",
        "extensions.partialClone": "origin",
        "core.pager": f"touch {mark}",
    }.items():
        git(tree, "config", name, value)
    commit(tree, {".gitattributes": "*.yml filter=evil diff=evil\n"})
    git(tree, "config", "filter.evil.smudge", f"touch {mark}; cat")
    git(tree, "config", "diff.evil.textconv", f"touch {mark}; cat")
    # What is missing would be fetched from the promisor, by the program that is named as its protocol.
    blob = git(tree, "rev-parse", "HEAD:publiccode.yml").strip()
    (tree / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    mark.unlink(missing_ok=True)
    with suppress(SourceError):
        list(documents(visit(tree, "publiccode", git=True)))
    assert not mark.exists()


def test_a_redirect_is_not_followed(server: tuple[str, type[_Server]]) -> None:
    server[1].redirect = "http://127.0.0.1:1"
    with pytest.raises(SourceError, match="301"):
        list(documents(visit(f"{server[0]}/town/lamp/.git", "publiccode")))


def test_a_repository_that_is_under_its_longer_name_only_is_found_there(
    home: World, tree: Path, server: tuple[str, type[_Server]]
) -> None:
    (tree / ".git").rename(tree.parent / "lamp.git")
    git(tree.parent / "lamp.git", "config", "core.bare", "true")

    def serve(self: _Server, body: bytes) -> None:
        # As GitLab does.
        self.redirect = "" if "/lamp.git/" in self.path else server[0]
        _Server._serve(self, body)

    server[1]._serve = serve  # type: ignore[method-assign]
    done = home.harvest("publiccode", f"{server[0]}/town/lamp", git=True)
    again = home.harvest("publiccode", f"{server[0]}/town/lamp", git=True)
    assert (done.error, done.counts["outside"], again.error) == (None, 1, None)


def test_a_private_address_is_not_cloned_from(server: tuple[str, type[_Server]]) -> None:
    source = Source("test", "publiccode", f"{server[0]}/town/lamp.git", "Test", 10)
    with pytest.raises(SourceError, match="private address"):
        list(documents(Visit(source, Fetch())))
    assert server[1].seen == []


def test_git_connects_to_the_address_that_was_checked(server: tuple[str, type[_Server]]) -> None:
    port = server[0].rpartition(":")[2]
    fetch = Fetch(allow_private=(f"code.example:{port}",), network=Network(resolve=lambda _host, _port: ["127.0.0.1"]))
    source = Source("test", "publiccode", f"http://code.example:{port}/town/lamp/.git", "Test", 10)
    assert [item for item in documents(Visit(source, fetch)) if isinstance(item, tuple)]


def test_the_token_is_a_header_and_stands_in_no_argument(server: tuple[str, type[_Server]]) -> None:
    given = visit(f"{server[0]}/town/lamp/.git", "publiccode", environment={"T": "secret"}, token="T")
    assert [item for item in documents(given) if isinstance(item, tuple)]
    assert {header for _, header in server[1].seen} == {"Basic b2F1dGgyOnNlY3JldA=="}


@pytest.mark.parametrize(
    ("limits", "message"),
    [(Limits(size_bytes=100), "larger than 100 bytes"), (Limits(time_s=0), "took more than 0 s")],
    ids=["size", "time"],
)
def test_a_repository_that_takes_too_much_is_let_go(
    server: tuple[str, type[_Server]], limits: Limits, message: str
) -> None:
    location = f"{server[0]}/town/lamp/.git"
    with pytest.raises(SourceError, match=message), opened(visit(location), location, limits):
        pass


def test_nothing_is_left_of_a_clone(server: tuple[str, type[_Server]], tmp_path: Path) -> None:
    script = (
        "import sys, tempfile; from pathlib import Path; from tests.visits import visit;"
        "from catalogue.harvesters.publiccode import documents;"
        "list(documents(visit(sys.argv[1], 'publiccode')));"
        "print([path.name for path in Path(tempfile.gettempdir()).iterdir()])"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp"), "PYTHONPATH": str(Path(__file__).parents[2])}
    (tmp_path / "tmp").mkdir()
    command = [sys.executable, "-c", script, f"{server[0]}/town/lamp/.git"]
    assert subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize(
    ("location", "url", "host", "port"),
    [
        ("git@a.example:b/c.git", "ssh://git@a.example/b/c.git", "a.example", 22),
        ("ssh://git@a.example:2222/b/c", "ssh://git@a.example:2222/b/c", "a.example", 2222),
        ("git+https://a.example/b/c", "https://a.example/b/c", "a.example", 443),
        ("http://a.example:8080/b/c.git", "http://a.example:8080/b/c.git", "a.example", 8080),
    ],
)
def test_every_form_of_an_address_leads_to_one_host(location: str, url: str, host: str, port: int) -> None:
    assert is_git(location)
    found = remote(location)
    assert (found.url, found.host, found.port) == (url, host, port)


@pytest.mark.parametrize(
    "location",
    [
        "git://a.example/b.git",
        "git+file:///etc/passwd",
        "ext::sh -c touch% x.git",
        "https://user:word@a.example/b.git",
        "https://token@a.example/b.git",
        "ssh://-oProxyCommand=touch/b.git",
        "https:///b.git",
        "git+https://[::1/b",
    ],
)
def test_other_protocols_and_addresses_with_passwords_are_refused(location: str) -> None:
    with pytest.raises(SourceError) as raised:
        remote(location)
    assert "word" not in str(raised.value).replace("password", "")
    assert "token@" not in str(raised.value)


@pytest.mark.parametrize(
    ("allowed", "host", "found", "expected"),
    [
        ((), "a.example", "93.184.216.34", True),
        ((), "a.example", "127.0.0.1", False),
        ((), "a.example", "::ffff:10.0.0.1", False),
        ((), "169.254.169.254", "", False),
        (("10.0.0.0/8",), "a.example", "10.1.2.3", True),
        (("a.example",), "a.example", "10.1.2.3", True),
        (("a.example:443",), "a.example", "10.1.2.3", True),
        (("a.example:80",), "a.example", "10.1.2.3", False),
        (("127.0.0.1:443",), "a.example", "127.0.0.1", True),
        (("[::1]:443",), "a.example", "::1", True),
    ],
)
def test_only_public_and_allowed_addresses_are_connected_to(
    allowed: tuple[str, ...], host: str, found: str, expected: bool
) -> None:
    fetch = Fetch(allow_private=allowed, network=Network(resolve=lambda _host, _port: [found]))
    try:
        assert (address(fetch, host, 443) != "") is expected
    except SourceError:
        assert not expected


@pytest.mark.parametrize(
    ("location", "name"),
    [("git@a.example:b/c.git", "a.example"), ("ssh://git@a.example:2222/b/c", "'[a.example]:2222'")],
)
def test_the_key_of_a_host_is_looked_for_where_ssh_writes_it_down(location: str, name: str) -> None:
    command = _git._ssh(visit(location), remote(location), "93.184.216.34")["GIT_SSH_COMMAND"]
    assert f" -o HostKeyAlias={name} " in command
    assert " -o HostName=93.184.216.34 -o" in command


def test_no_setting_of_the_user_reaches_git(monkeypatch: pytest.MonkeyPatch, tree: Path) -> None:
    monkeypatch.setenv("GIT_DIR", "/nonsense")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "/nonsense")
    assert [item for item in documents(visit(tree, "publiccode", git=True)) if isinstance(item, tuple)]


def test_the_key_of_a_repository_is_its_address() -> None:
    assert _git.key_of("git@a.example:b/c.git") == "a.example~b~c"
