"""Where publiccode.yml files are: in directories, single, on the web, in repositories, on forges, in lists of these."""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from catalogue.errors import FetchError, SourceError
from catalogue.harvesters import _forge_found, _forge_lists, _forge_visit, _git
from catalogue.harvesters._forge import NoForge, kind_of_host
from catalogue.harvesters._forge_lists import Target
from catalogue.harvesters._forge_visit import OPTIONS
from catalogue.harvesters._web_pages import check_no_page
from catalogue.model import Document, Finding, Found, Reading, Report, Severity, Unchanged
from catalogue.publiccode.forges import found_in, raw_address
from catalogue.visit import Visit, is_web
from catalogue.yaml import MAX_BYTES

WEB = ("http://", "https://")
_MEDIA_TYPE = "application/yaml"
# Of a file, or of a list of repositories: how long a list may be.
_MAX_BYTES = _forge_lists.MAX_BYTES
# What the pages of forges say of themselves.
_HEAD_BYTES = 64 * 1024
_META = re.compile(rb"<meta\b[^<>]{1,500}>", re.IGNORECASE)
_SAYS_WHAT = re.compile(rb"[\"'](?:og:site_name|application-name|author|generator)[\"']", re.IGNORECASE)
_IS_FORGE = re.compile(rb"content=[\"'](?:GitLab|GitHub|Gitea|Forgejo|Gogs|Bitbucket)\b", re.IGNORECASE)
# What servers answer to a program that they would show the page to a person.
_NOT_FOR_US = frozenset({401, 403, 404, 406})
_FILES = (".yml", ".yaml", ".json", ".csv", ".txt")


def documents(visit: Visit) -> Iterator[Found]:
    """What is at a location: files in a directory, a file, a repository, what a forge has, or all that a list names.

    A file has its path in the directory, its name or its address as key; what is found in a repository, the address
    of that. Every `*.yml` and `*.yaml` of a directory counts, whatever its name, but in hidden folders; symbolic links
    that leave the directory are not followed. Raises SourceError when there is nothing at the location.
    """
    location = visit.location
    is_file = Path(location).is_file() or (is_web(location) and _is_file(location))
    is_said = visit.option("git", OPTIONS) and not is_file
    if is_said or _git.is_git(location) or _git.is_repository(Path(location)):
        return _forge_visit.cloned(visit, location)
    if is_web(location):
        return _from_web(visit)
    path = Path(location)
    if path.is_file():
        return _from_file(visit, path)
    if path.is_dir():
        return _walk(path)
    raise SourceError(f"publiccode: {location}: no such file or directory")


def is_on_forge(location: str) -> bool:
    """Whether an address is of an account or a repository, or of a whole forge, by the name of its host."""
    if not is_web(location):
        return _git.is_git(location)
    is_file = raw_address(location) != location or found_in(location) or _is_file(location)
    return bool(kind_of_host(urlsplit(location).netloc)) and not is_file


def is_page_of_forge(location: str, document: Document | None) -> bool:
    """Whether what an address answered is the page of an account or repository, as forges show them."""
    if (
        document is None
        or not _forge_visit.is_page(document)
        or _is_file(location)
        or raw_address(location) != location
    ):
        return False
    tags = _META.findall(document.content[:_HEAD_BYTES])
    return any(_SAYS_WHAT.search(tag) and _IS_FORGE.search(tag) for tag in tags)


def _is_file(address: str) -> bool:
    return urlsplit(address).path.lower().endswith(_FILES)


def is_list(location: str, document: Document | None) -> bool:
    """Whether a text, YAML, CSV or JSON file at a location is a list of repositories or accounts."""
    name = location.lower().partition("?")[0]
    if not name.endswith(_FILES):
        return False
    if document is None:
        file = _read(Path(location), location, _MAX_BYTES)
        document = file[1] if isinstance(file, tuple) else None
    if document is None or _forge_lists.is_of_files(document.content):
        return False
    if name.endswith(".json"):
        return _forge_lists.is_plain(document.content)
    return _forge_lists.targets(document.content) is not None


def _from_web(visit: Visit) -> Iterator[Found]:
    location = visit.location
    is_said = any(visit.option(name, OPTIONS) for name in ("forge", "api"))
    if is_on_forge(location) or (is_said and not _is_file(location)):
        yield from _forge_visit.documents(visit, [Target(location)], listed=False)
        return
    try:
        document = visit.get(raw_address(location), max_bytes=_MAX_BYTES)
    except FetchError as error:
        if _is_file(location) or error.status not in _NOT_FOR_US:
            raise
        yield from _asked(visit, error)
        return
    if isinstance(document, Unchanged):
        yield document
    elif _forge_visit.is_page(document):
        if _is_file(location):
            check_no_page(visit, document, "a file")
        # The name of the host does not tell, so the forge is asked which it is.
        yield from _forge_visit.documents(visit, [Target(location)], listed=False)
    else:
        yield from _file_or_list(visit, location, _forge_found.plain(document))


def _asked(visit: Visit, error: FetchError) -> Iterator[Found]:
    """What a forge has whose pages are not shown to programs; raises the error where there is no forge."""
    try:
        yield from _forge_visit.documents(visit, [Target(visit.location)], listed=False)
    except NoForge:
        raise error from None


def _from_file(visit: Visit, path: Path) -> Iterator[Found]:
    file = _read(path, path.name, _MAX_BYTES)
    if isinstance(file, Reading):
        yield file
    else:
        yield from _file_or_list(visit, *file)


def _file_or_list(visit: Visit, key: str, document: Document) -> Iterator[Found]:
    """A publiccode.yml, what a list names, or what a file of a forge's answers says."""
    is_named = key.rpartition("/")[2].lower().startswith("publiccode.")
    entries = None if is_named else _forge_visit.saved_answer(visit, document.content)
    targets = None if is_named else _forge_lists.targets(document.content)
    if entries is not None:
        yield from _forge_visit.saved(visit, entries, document.fetched)
    elif targets is not None:
        yield from _forge_visit.documents(visit, targets, listed=True)
    else:
        # One byte more than may be, so that the reader sees that there is more.
        yield key, replace(document, content=document.content[: MAX_BYTES + 1])


def _walk(root: Path) -> Iterator[tuple[str, Document] | Reading]:
    inside = root.resolve()
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if name.startswith(".") or path.suffix.lower() not in (".yml", ".yaml"):
                continue
            # A name that is not UTF-8 must not keep the other files from being read.
            shown = os.fsencode(path.relative_to(root).as_posix()).decode(errors="replace")
            if path.resolve().is_relative_to(inside):
                yield _read(path, shown)
            else:
                yield rejected(shown, shown, "The symbolic link leads out of the directory.")


def _read(path: Path, name: str, max_bytes: int = MAX_BYTES) -> tuple[str, Document] | Reading:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return rejected(name, name, "This is not a file.")
        with path.open("rb") as file:
            # One byte more than may be, so that the reader sees that there is more.
            content = file.read(max_bytes + 1)
    except OSError as error:
        return rejected(name, name, f"The file cannot be read: {error.strerror}.")
    return name, Document(name, content, _MEDIA_TYPE, datetime.fromtimestamp(status.st_mtime, UTC))


def rejected(key: str, origin: str, message: str) -> Reading:
    return Reading(key, origin, Report((Finding(Severity.VIOLATION, message),)))
