"""Lists of repositories, and of accounts as governments publish them, as the addresses in them.

The shapes are those in use: a line each; JSON and YAML lists of addresses or of objects with one; CSV with a column of
them; GitHub's (`Country: [account, …]`), Italy's (`- name: …, orgs: […], repos: […]`) and both of France's
(`host: {forge: …, owners: {account: …}}` and `address: {…}`).
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from catalogue.errors import DocumentError
from catalogue.harvesters import _json
from catalogue.harvesters._forge import kind_of_host
from catalogue.harvesters._git import is_git
from catalogue.identity import repository
from catalogue.yaml import Mapping as YamlMapping
from catalogue.yaml import Node, Scalar, Sequence
from catalogue.yaml import read as read_yaml

MAX_BYTES = 20 * 1024 * 1024
_MAX_NODES = 1_000_000
_LONGEST_HEADING = 2_000


@dataclass(frozen=True)
class Target:
    """Something to read: the address of an account or of a repository, or of a whole forge.

    `what` is "account" or "repository" where the list says so; `forge` is its kind where the list says that. `git` is
    the address of a repository that is written for git: where there is no forge, it can be cloned. `fault` is what is
    wrong with an entry that is none.
    """

    url: str
    what: str = ""
    forge: str = ""
    git: str = ""
    fault: str = ""


_ADDRESS = re.compile(r"(?:git\+)?(?:https?|ssh|git)://[^\s/?#]+(?:[/?#]\S*)?|[\w.+-]+@[\w.-]+:[^\s]+", re.IGNORECASE)
_BARE = re.compile(r"[\w-]+(?:\.[\w-]+)+/[\w.~+-]+(?:/[\w.~+-]+)*/?", re.ASCII)
_HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?", re.IGNORECASE)
_ACCOUNT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")
# Keys whose value is the address of a repository or account, the surest first, and what it then is.
_SINGLE = (
    ("repository_url", "repository"),
    ("repositoryURL", "repository"),
    ("repositoryUrl", "repository"),
    ("codeRepository", "repository"),
    ("repository", "repository"),
    ("repo_url", "repository"),
    ("repo", "repository"),
    ("organization_url", "account"),
    ("organisation_url", "account"),
    ("html_url", ""),
    ("web_url", ""),
    ("url", ""),
    ("URL", ""),
    ("address", ""),
)
# The columns of a table whose headings, in letters only, are such keys.
_COLUMNS = {re.sub("[^a-z]", "", key.lower()): key for key, _ in reversed(_SINGLE)}
# Keys whose value is a list of such, or of more of the same.
_SEVERAL = {
    "repos": "repository",
    "repositories": "repository",
    "codeHosting": "",
    "orgs": "account",
    "organizations": "account",
    "organisations": "account",
    "groups": "account",
    "accounts": "account",
    "code": "",
    "urls": "",
    "publishers": "",
    "sources": "",
    "items": "",
    "data": "",
}
# What has one of these keys describes a software and is no list, whatever lists there are in it.
_DESCRIBED = frozenset(
    {key for key, _ in _SINGLE}
    | {"publiccodeYmlVersion", "name", "description", "legal", "maintenance", "localisation", "platforms"}
    | {"softwareType", "developmentStatus", "license", "licenses", "@context", "releases"}
)
# What one of the objects in a list has if it describes something, and is not there for its address alone.
_DESCRIBING = _DESCRIBED.difference((key for key, _ in _SINGLE), ["name"]) | {"permissions", "publiccodeYml"}
# The columns of a table of files: one that names them, and one of what only a file has.
_FILE = frozenset({"file", "filename", "path"})
_OF_FILES = frozenset({"bytes", "checksum", "commit", "md5", "sha1", "sha256", "size"})
# A list that says so means that an entry is not to be read.
_IGNORED = ("ignored_since", "disabled")


def targets(content: bytes) -> list[Target] | None:
    """What is in a list, in its order and once each; None of what is no list, nor can be read as one."""
    for parse in (_json_value, _yaml_value, _csv_value, _lines):
        value = parse(content)
        if isinstance(value, dict) and not _DESCRIBED.isdisjoint(value):
            return None
        found = {target.url: target for target in _walk(value)}
        if any(not target.fault for target in found.values()):
            return list(found.values())
    return None


def is_plain(content: bytes) -> bool:
    """Whether JSON is a list of addresses and no more, or one of objects that are all on forges which are known."""
    value, found = _json_value(content), targets(content)
    if not found or _describes(value):
        return False
    is_of_texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return is_of_texts or all(_is_on_forge(target.url) for target in found)


def _describes(value: Any) -> bool:
    if isinstance(value, dict):
        is_linked = any(key.startswith("@") for key in value)
        return is_linked or not _DESCRIBING.isdisjoint(value) or any(map(_describes, value.values()))
    return isinstance(value, list) and any(map(_describes, value))


def is_of_files(content: bytes) -> bool:
    """Whether a table tells where files were copied from: it has repositories in it, and is no list of them."""
    first = content.partition(b"\n")[0][:_LONGEST_HEADING].decode(errors="replace")
    heading = {name.strip().strip('"').lower() for name in re.split("[,;\t]", first)}
    return not (heading.isdisjoint(_FILE) or heading.isdisjoint(_OF_FILES))


def _json_value(content: bytes) -> Any:
    try:
        value = _json.parse(content, max_bytes=MAX_BYTES, found=[])
    except DocumentError:
        return None
    return value if isinstance(value, list | dict) else None


def _yaml_value(content: bytes) -> Any:
    # A list at the top is read as that of a key: YAML lets it stand at the same indentation.
    plain = re.sub(rb"\A(?:\xef\xbb\xbf)?(?:[ \t]*(?:#[^\n]*)?\r?\n)*---[ \t]*\r?\n", b"", content)
    key = b"list: " if plain.lstrip().startswith(b"[") else b"list:\n"
    for document, unwrap in ((plain, False), (key + plain, True)):
        try:
            node: Node | None = read_yaml(document, MAX_BYTES, max_nodes=_MAX_NODES)
        except DocumentError:
            continue
        node = node.get("list") if unwrap and isinstance(node, YamlMapping) else node
        value = _value(node) if node is not None else None
        if isinstance(value, dict | list):
            return value
    return None


def _value(node: Node) -> Any:
    if isinstance(node, Scalar):
        return None if node.is_null else node.text
    if isinstance(node, Sequence):
        return [_value(item) for item in node.items]
    return {key.text: _value(child) for key, child in node.entries}


def _csv_value(content: bytes) -> Any:
    """The rows of a table with a column of addresses, by its heading or by what is in it."""
    text = _text(content)
    heading = (text or "").partition("\n")[0]
    separator = max(",;\t", key=heading.count)
    try:
        names, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    except (csv.Error, ValueError):
        return None
    keys = [_COLUMNS.get(re.sub("[^a-z]", "", name.lower()), name) for name in names]
    if set(_COLUMNS.values()).isdisjoint(keys):
        columns = ((name, [row[at].strip() for row in rows if len(row) > at]) for at, name in enumerate(names))
        found = [at for at, (name, cells) in enumerate(columns) if _is_of_addresses(name, list(filter(None, cells)))]
        if len(names) < 2 or not found:
            return None
        keys[found[0]] = "url"
    return [dict(zip(keys, row, strict=False)) for row in rows]


def _is_of_addresses(name: str, cells: list[str]) -> bool:
    """Whether a column is one of repositories or accounts: by its name, or since all of it is on forges."""
    addresses = [cell for cell in map(_whole, cells) if _ADDRESS.fullmatch(cell)]
    is_told = bool(re.search("repo|git", name, re.IGNORECASE))
    is_all = bool(cells) and len(addresses) == len(cells) and not _ADDRESS.fullmatch(_whole(name.strip()))
    return is_all and (is_told or all(map(_is_on_forge, addresses)))


def _lines(content: bytes) -> Any:
    """The lines of a text, without comments, if one is an address."""
    text = _text(content)
    lines = [re.sub(r"(?:^|\s)#.*", "", line).strip() for line in (text or "").splitlines()]
    lines = [line for line in lines if line]
    return lines if any(_ADDRESS.fullmatch(_whole(line)) for line in lines) else None


def _text(content: bytes) -> str | None:
    """A text; what is not UTF-8 as Latin-1, since addresses are the same in both."""
    if len(content) > MAX_BYTES:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _whole(written: str) -> str:
    """An address; what has no scheme and is on a forge that is known by its name, with one."""
    return f"https://{written}" if _BARE.fullmatch(written) and _is_on_forge(f"https://{written}") else written


def _is_on_forge(address: str) -> bool:
    try:
        return bool(kind_of_host(urlsplit(address).netloc))
    except ValueError:
        return False


def _walk(value: Any, what: str = "") -> Iterator[Target]:
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, what)
    elif isinstance(value, dict):
        yield from _object(value, what)
    elif isinstance(value, str) and value.strip():
        yield _target(value.strip(), what)


def _object(value: dict[str, Any], what: str) -> Iterator[Target]:
    """Whatever an object names: its own address, lists of addresses, or addresses as keys."""
    if any(value.get(key) for key in _IGNORED):
        return
    inside = [key for key in value if key in _SEVERAL and isinstance(value[key], list | dict)]
    for key in inside:
        yield from _walk(value[key], _SEVERAL[key] or what)
    single = next(((key, found) for key, found in _SINGLE if _json.text(value.get(key))), None)
    if single and not inside:
        yield _target(value[single[0]].strip(), single[1] or what)
    elif not inside and "name" not in value:
        yield from _keyed(value)


def _keyed(value: dict[str, Any]) -> Iterator[Target]:
    """A table by address, by host or by the name of a country."""
    entries = [(key, entry) for key, entry in value.items() if not _is_ignored(entry)]
    # Where entries name their code, their keys are pages of who has it.
    pages = any(isinstance(entry, dict) and "code" in entry for _, entry in entries)
    if pages:
        yield from _walk([entry.get("code") for _, entry in entries if isinstance(entry, dict)])
        return
    # Names without a host mean something only where there is nothing else.
    if not all(isinstance(entry, list) for _, entry in entries):
        entries = [(key, entry) for key, entry in entries if not isinstance(entry, list)]
    for key, entry in entries:
        for fits, read in _KEYED:
            if fits(key, entry):
                yield from read(key, entry)
                break


def _is_ignored(entry: Any) -> bool:
    return isinstance(entry, dict) and any(entry.get(key) for key in _IGNORED)


def _hosted(host: str, entry: dict[str, Any]) -> Iterator[Target]:
    """A forge with the accounts on it, all of it where there are none."""
    forge = _json.text(entry.get("forge")) or ""
    owners = entry.get("owners")
    if not isinstance(owners, dict | list):
        yield Target(f"https://{host}", "account", forge)
        return
    named = owners.items() if isinstance(owners, dict) else ((str(name), None) for name in owners)
    for name, owner in named:
        if not _is_ignored(owner):
            yield Target(f"https://{host}/{name}", "account", forge)


def _accounts(_: str, names: list[Any]) -> Iterator[Target]:
    """Addresses, or accounts of GitHub by their names alone."""
    for name in _json.texts(names):
        is_name = _ACCOUNT.fullmatch(name)
        yield Target(f"https://github.com/{name}", "account", "github") if is_name else _target(name, "")


_KEYED: tuple[tuple[Callable[[str, Any], bool], Callable[[str, Any], Iterator[Target]]], ...] = (
    (
        lambda key, _: bool(_ADDRESS.fullmatch(key)),
        lambda key, entry: iter([_target(key, "", _json.text(_json.member(entry, "forge")) or "")]),
    ),
    (lambda key, entry: bool(_HOST.fullmatch(key)) and isinstance(entry, dict), _hosted),
    (lambda _, entry: isinstance(entry, list), _accounts),
    (lambda _, entry: isinstance(entry, dict), lambda _, entry: _object(entry, "")),
)


def _target(written: str, what: str, forge: str = "") -> Target:
    """An entry's address, as https where it is written for git."""
    written = _whole(written)
    if not _ADDRESS.fullmatch(written):
        return Target(written[:200], fault="This is no address of a repository or of an account.")
    try:
        repo = repository(written)
        parts = urlsplit(written)
    except ValueError:
        return Target(written[:200], fault="This is no address of a repository or of an account.")
    if parts.scheme.lower() in ("http", "https") and "@" not in parts.netloc:
        return Target(written, what, forge, written if is_git(written) else "")
    # A list is somebody else's: it must not be able to use this machine's keys.
    return Target(repo.url, what, forge, f"{repo.url}.git")
