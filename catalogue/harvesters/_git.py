"""Git repositories: the files at the root of the last commit, by the `git` on the machine.

What is cloned was named by strangers, so git gets nothing of its user's settings, asks nobody anything, runs no hook,
follows no redirect, takes no submodule and checks nothing out. It connects to the very address that was checked, is
given a time and a size, and only the commit's list of files and the files asked for where the server can do that.
"""

import base64
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path
from shlex import quote
from shutil import which
from urllib.parse import urlsplit

from catalogue.errors import SourceError
from catalogue.fetch import Fetch, is_public
from catalogue.identity import repository
from catalogue.model import Document
from catalogue.visit import Visit
from catalogue.yaml import MAX_BYTES

MAX_CLONE_BYTES = 1024 * 1024 * 1024
MAX_CLONE_S = 300
_LOOK_S = 0.1
_MAX_WORDS = 300
_SCP = re.compile(r"(?:(?P<user>[\w.+-]+)@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[\w.-]+):(?!//)(?P<path>[^\s]+)")
_PORTS = {"https": 443, "http": 80, "ssh": 22}
_HARMLESS: Mapping[str, str] = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.askPass": "",
    "credential.helper": "",
    "http.followRedirects": "false",
    "http.proxy": "",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "60",
    "fetch.fsckObjects": "true",
    "transfer.unpackLimit": "1",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "submodule.recurse": "false",
    "filter.lfs.smudge": "",
    "filter.lfs.required": "false",
    "safe.directory": "*",
}


@dataclass(frozen=True)
class Limits:
    """How much one clone may take: bytes on disk, and seconds from the first connection to the last byte."""

    size_bytes: int = MAX_CLONE_BYTES
    time_s: float = MAX_CLONE_S


@dataclass(frozen=True)
class Remote:
    """A repository on another machine: the address that git is given, and where it leads."""

    url: str
    scheme: str
    host: str
    port: int


def is_git(location: str) -> bool:
    """Whether a location is one for git by its form: `….git`, `git+https://…`, `ssh://…`, `user@host:path`."""
    parts = re.match(r"([a-z+]+)://", location, re.IGNORECASE)
    if parts is None:
        return bool(_SCP.fullmatch(location) and "@" in location)
    scheme = parts[1].lower()
    return scheme in ("ssh", "git") or scheme.startswith("git+") or location.rstrip("/").lower().endswith(".git")


def is_repository(path: Path) -> bool:
    """Whether a directory is a bare repository."""
    return (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir()


@dataclass(frozen=True)
class Clone:
    """A repository at hand: the commit that was read, and its files."""

    commit: str
    _run: "_Git"

    def file(self, name: str, source: str) -> Document | None:
        """A file at the root, also where a symbolic link inside of the repository leads to it; None where there is
        none. Of a file that is too large, one byte more than may be read."""
        asked = f"{self.commit}:{name}\n".encode()
        heading = self._run("cat-file", "--batch-check", "--follow-symlinks", given=asked).decode(errors="replace")
        found = re.fullmatch(r"([0-9a-f]{40,64}) blob ([0-9]+)\n", heading)
        if found is None:
            return None
        content = b"\0" * (MAX_BYTES + 1) if int(found[2]) > MAX_BYTES else self._run("cat-file", "blob", found[1])
        return Document(source, content, "application/octet-stream", datetime.now(UTC))


@contextmanager
def opened(visit: Visit, location: str, limits: Limits | None = None) -> Iterator[Clone]:
    """The repository at an address or path. Raises SourceError where there is none, or it may not be reached."""
    limits = limits or Limits()
    with tempfile.TemporaryDirectory(prefix="catalogue-git-") as folder:
        if Path(location).is_dir():
            # Nothing is cloned, and no protocol allowed that what is configured there could start a program by.
            run = _Git(Path(location).resolve(), _environment(Path(folder), {}, ""), limits, visit.source.id)
        else:
            run = _cloned(visit, remote(location), Path(folder), limits)
        commit = run("rev-parse", "--verify", "--quiet", "HEAD^{commit}", failing=True).decode().strip()
        if not commit:
            raise SourceError(f"{visit.source.id}: git: {location}: there is no commit in the repository")
        yield Clone(commit, run)


def remote(location: str) -> Remote:
    """The address of a repository for git; raises SourceError for a form or a protocol that is not let through."""
    plain = re.sub(r"^git\+", "", location.strip(), flags=re.IGNORECASE)
    scp = _SCP.fullmatch(plain)
    if scp and "://" not in plain and not plain.startswith("-"):
        user = f"{scp['user']}@" if scp["user"] else ""
        return Remote(f"ssh://{user}{scp['host']}/{scp['path'].lstrip('/')}", "ssh", scp["host"].strip("[]"), 22)
    try:
        parts = urlsplit(plain)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError as error:
        raise SourceError("git: this is no address of a repository") from error
    if scheme not in _PORTS or not host or not re.fullmatch(r"[\w.:-]+", host) or host.startswith("-"):
        raise SourceError("git: a repository is cloned by https, http or ssh only")
    if parts.password is not None or (parts.username and scheme != "ssh"):
        raise SourceError("git: an address with a password or token in it is not cloned; name a variable as `token`")
    return Remote(plain, scheme, host, port or _PORTS[scheme])


def address(fetch: Fetch, host: str, port: int) -> str:
    """The address to connect to: the first that is public or allowed. Raises SourceError where none is."""
    try:
        found = [str(ip_address(host))] if _is_number(host) else list(fetch.network.resolve(host, port))
    except OSError as error:
        raise SourceError(f"git: {host} is not known to the name service") from error
    for written in found:
        plain = ip_address(written.partition("%")[0])
        mapped = getattr(plain, "ipv4_mapped", None) or plain
        if is_public(mapped) or any(_covers(entry, host, str(mapped), port) for entry in fetch.allow_private):
            return str(mapped)
    raise SourceError(f"git: {host} is at a private address; name it in CATALOGUE_ALLOW_PRIVATE to allow it")


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _covers(entry: str, host: str, found: str, port: int) -> bool:
    """Whether an entry of `Fetch.allow_private` lets a host at an address be reached."""
    try:
        return ip_address(found) in ip_network(entry, strict=False)
    except ValueError:
        parts = urlsplit(f"//{entry}")
        name = (parts.hostname or "").rstrip(".")
        return name in (host.lower().rstrip("."), found) and parts.port in (None, port)


def found(visit: Visit, location: str) -> tuple[str, str]:
    """The address that git finds a repository on another machine at, and its last commit, "" where there is none.

    GitLab sends on to the address that ends in `.git`. Raises SourceError.
    """
    try:
        return location, _head(visit, location)
    except SourceError as error:
        whole = location.rstrip("/")
        if whole.endswith(".git") or not re.search(r"redirect|error: 30[1278]", str(error)):
            raise
    return f"{whole}.git", _head(visit, f"{whole}.git")


def _head(visit: Visit, location: str) -> str:
    where = remote(location)
    with tempfile.TemporaryDirectory(prefix="catalogue-git-") as folder:
        run = _connected(visit, where, Path(folder), Limits())
        found = run("ls-remote", "--quiet", "--", where.url, "HEAD").decode(errors="replace").split()
    return found[0] if found else ""


def _cloned(visit: Visit, where: Remote, folder: Path, limits: Limits) -> "_Git":
    run, bare = _connected(visit, where, folder, limits), folder / "repository"
    run(
        *("clone", "--quiet", "--bare", "--depth=1", "--single-branch", "--no-tags", "--filter=blob:none"),
        *("--no-recurse-submodules", "--template=", "--", where.url, str(bare)),
    )
    visit.fetch.traffic.bytes += _size(bare)
    return replace(run, folder=bare)


def _connected(visit: Visit, where: Remote, folder: Path, limits: Limits) -> "_Git":
    """Git in an empty directory, let through to one repository only."""
    pinned = address(visit.fetch, where.host, where.port)
    token = visit.token()
    settings = dict(_secret(where, token) if token else {})
    if where.scheme != "ssh":
        shown = f"[{pinned}]" if ":" in pinned else pinned
        settings["http.curloptResolve"] = f"{where.host}:{where.port}:{shown}"
    environment = _environment(folder, settings, where.scheme)
    if where.scheme == "ssh":
        environment |= _ssh(visit, where, pinned)
    visit.fetch.traffic.requests += 1
    return _Git(folder, environment, limits, visit.source.id, folder)


def _secret(where: Remote, token: str) -> Iterator[tuple[str, str]]:
    """The token as a header: not in the address, where logs and process lists would show it."""
    if where.scheme != "ssh":
        # All forges take a token as the password of a user whose name they do not look at.
        basic = base64.b64encode(f"oauth2:{token}".encode()).decode()
        yield f"http.{where.scheme}://{urlsplit(where.url).netloc}/.extraHeader", f"Authorization: Basic {basic}"


def _ssh(visit: Visit, where: Remote, pinned: str) -> dict[str, str]:
    options = {
        "BatchMode": "yes",
        "StrictHostKeyChecking": "yes",
        "HostName": pinned,
        # As the user's list of known hosts has it.
        "HostKeyAlias": where.host if where.port == _PORTS["ssh"] else f"[{where.host}]:{where.port}",
        "ConnectTimeout": "30",
        "ForwardAgent": "no",
        "ProxyCommand": "none",
    }
    command = " ".join(["ssh", "-F", os.devnull, *(f"-o {name}={quote(value)}" for name, value in options.items())])
    agent = visit.environment.get("SSH_AUTH_SOCK")
    return {"GIT_SSH_COMMAND": command, "GIT_SSH_VARIANT": "ssh"} | ({"SSH_AUTH_SOCK": agent} if agent else {})


def _environment(home: Path, settings: Mapping[str, str], protocol: str) -> dict[str, str]:
    """All that git gets of an environment; settings go by it since everybody on the machine can see arguments."""
    settings = {**_HARMLESS, **settings}
    numbered = enumerate(settings.items())
    return {
        "PATH": os.defpath if which("git", path=os.defpath) else os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_ALLOW_PROTOCOL": protocol,
        "GIT_PROTOCOL_FROM_USER": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_CONFIG_COUNT": str(len(settings)),
        **{name: text for at, (key, value) in numbered for name, text in _numbered(at, key, value)},
    }


def _numbered(at: int, key: str, value: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (f"GIT_CONFIG_KEY_{at}", key), (f"GIT_CONFIG_VALUE_{at}", value)


@dataclass(frozen=True)
class _Git:
    """Runs git on a repository; `measured` is the directory whose size is limited."""

    folder: Path
    environment: Mapping[str, str]
    limits: Limits
    source: str
    measured: Path | None = None
    started: float = field(default_factory=time.monotonic)

    def __call__(self, *arguments: str, given: bytes = b"", failing: bool = False) -> bytes:
        """What a command writes; raises SourceError when it takes too much, or fails and is not `failing`."""
        try:
            # A group of its own: git starts programs that would outlive it.
            with (
                tempfile.TemporaryFile() as output,
                tempfile.TemporaryFile() as errors,
                tempfile.TemporaryFile() as asked,
            ):
                asked.write(given)
                asked.seek(0)
                process = subprocess.Popen(
                    ["git", "-C", str(self.folder), *arguments],  # noqa: S607 - the `git` on the machine
                    env=dict(self.environment),
                    stdin=asked,
                    stdout=output,
                    stderr=errors,
                    start_new_session=True,
                )
                self._wait(process)
                output.seek(0)
                errors.seek(0)
                if process.returncode and not failing:
                    raise SourceError(f"{self.source}: git: {_words(errors.read(1 << 16)) or 'the command failed'}")
                return output.read()
        except FileNotFoundError as error:
            raise SourceError(f"{self.source}: git is not installed on this machine") from error

    def _wait(self, process: "subprocess.Popen[bytes]") -> None:
        try:
            while process.poll() is None:
                if time.monotonic() - self.started > self.limits.time_s:
                    raise SourceError(f"{self.source}: git: it took more than {self.limits.time_s:.0f} s")
                if self.measured and _size(self.measured) > self.limits.size_bytes:
                    raise SourceError(f"{self.source}: git: it is larger than {self.limits.size_bytes} bytes")
                time.sleep(_LOOK_S if time.monotonic() - self.started > 1 else 0.01)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _size(folder: Path) -> int:
    """The bytes of what is in a directory; what vanishes meanwhile counts nothing."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(path) / name).lstat().st_size
            except OSError:
                continue
    return total


def _words(errors: bytes) -> str:
    """What git says, in one line, without addresses that hold a password."""
    text = " ".join(errors.decode(errors="replace").split())
    return "".join(filter(str.isprintable, re.sub(r"(?<=//)[^/\s@]*@", "", text)))[:_MAX_WORDS]


def key_of(location: str) -> str:
    """A record's key by the repository's address; of one on this machine, by its name."""
    if Path(location).is_dir():
        return re.sub(r"\.git$", "", Path(location).resolve().name)
    return repository(remote(location).url).identity.removeprefix("https://").replace("/", "~")
