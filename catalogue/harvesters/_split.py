"""Sources that are files of many entries, on disk or on the web: found, read, and split into a document an entry.

An entry that is as it was is then skipped by its hash, whatever else changed in its file.
"""

import json
import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from catalogue.errors import DocumentError, NotModified, SourceError
from catalogue.harvesters._json import Json
from catalogue.harvesters._web_pages import check_no_page
from catalogue.model import Document, Finding, Found, Reading, Report, Severity, Unchanged
from catalogue.publiccode.forges import raw_address
from catalogue.visit import Visit, is_web

MAX_BYTES = 50 * 1024 * 1024
_HEAD_BYTES = 1 << 16
_MOST_LOOKED_AT = 20
_LIST = "list "

Split = Callable[[str, Document], Iterator[tuple[str, Document] | Reading]]
"""The entries of a file, given its name (its path in a directory, its address on the web) and content."""


def entries(visit: Visit, suffixes: Collection[str], split: Split) -> Iterator[Found]:
    """The entries of all files of a source: of those with the suffixes in a directory, of one file, of an address.

    A file that is no such list is a Reading. What an address answers is not read again while its server says that it
    is as it was. Raises SourceError when there is nothing at the location.
    """
    if is_web(visit.location):
        yield from _remote(visit, raw_address(visit.location), split)
        return
    for found in local(visit.location, suffixes):
        if isinstance(found, Reading):
            yield from kept(visit, found.key, [found])
        else:
            yield from kept(visit, found[0], readable(found[0], found[1], split))


def kept(
    visit: Visit, name: str, found: Iterable[tuple[str, Document] | Reading], *seen: str | None
) -> Iterator[Found]:
    """What a file of a source holds; of one that cannot be read, what it held when it last could be is as it was.

    `seen` are the marks of its version, by which its server tells whether it has changed.
    """
    origins, is_broken = [], False
    for one in found:
        if isinstance(one, Reading) and one.key == name:
            is_broken = True
        else:
            origins.append(one.origin if isinstance(one, Reading) else one[0])
        yield one
    if is_broken:
        before = visit.memory.get(_LIST + name, (None, None, ()))[2]
        yield from map(Unchanged, sorted({*before} - {*origins}))
    else:
        visit.memory[_LIST + name] = [*(seen or (None, None)), origins]


def readable(name: str, document: Document, split: Split) -> Iterator[tuple[str, Document] | Reading]:
    """The entries of a file, or the Reading that says why it has none."""
    try:
        yield from split(name, document)
    except DocumentError as error:
        yield unreadable(name, document.url if document.is_remote else name, error)


def fetched(visit: Visit, address: str, max_bytes: int) -> Document | Unchanged:
    """What an address of a file answers. Raises SourceError for a page for people, which comes in its place."""
    document = visit.get(raw_address(address), max_bytes=max_bytes)
    if isinstance(document, Document):
        check_no_page(visit, document, "a file")
    return document


def _remote(visit: Visit, url: str, split: Split) -> Iterator[Found]:
    etag, modified, known = visit.memory.get(_LIST + url, (None, None, ()))
    try:
        document = visit.fetch.get(url, max_bytes=MAX_BYTES, etag=etag, modified=modified)
    except NotModified:
        yield from map(Unchanged, known)
        return
    check_no_page(visit, document, "a file")
    yield from kept(visit, url, readable(url, document, split), document.etag, document.modified)


def local(location: str, suffixes: Collection[str]) -> Iterator[tuple[str, Document] | Reading]:
    """The file at a path, or those below it whose names end in one of the suffixes, each with its path there.

    Hidden files and folders do not count, and symbolic links that leave the directory are not followed.
    Raises SourceError when there is nothing at the location.
    """
    path = Path(location)
    if path.is_file():
        yield _read(path, path.name)
    elif path.is_dir():
        yield from _walk(path, tuple(suffixes))
    else:
        raise SourceError(f"{location}: no such file or directory")


def _walk(root: Path, suffixes: tuple[str, ...]) -> Iterator[tuple[str, Document] | Reading]:
    inside = root.resolve()
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if name.startswith(".") or not name.lower().endswith(suffixes):
                continue
            # A name that is not UTF-8 must not keep the other files from being read.
            shown = os.fsencode(path.relative_to(root).as_posix()).decode(errors="replace")
            if path.resolve().is_relative_to(inside):
                yield _read(path, shown)
            else:
                yield rejected(shown, shown, "The symbolic link leads out of the directory.")


def _read(path: Path, name: str) -> tuple[str, Document] | Reading:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return rejected(name, name, "This is not a file.")
        with path.open("rb") as file:
            # One byte more than may be, so that the reader sees that there is more.
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        return rejected(name, name, f"The file cannot be read: {error.strerror}.")
    return name, Document(name, content, "", datetime.fromtimestamp(status.st_mtime, UTC))


def part(key: str, value: Json, whole: Document) -> tuple[str, Document]:
    """One entry as a document of its own, the same bytes for the same entry."""
    content = json.dumps(value, ensure_ascii=False, sort_keys=True).encode(errors="replace")
    return key, Document(key, content, "application/json", whole.fetched)


def rejected(key: str, origin: str, message: str, fix: str | None = None, path: str | None = None) -> Reading:
    return Reading(key, origin, Report((Finding(Severity.VIOLATION, message, path, fix=fix),)))


def unreadable(key: str, origin: str, error: DocumentError) -> Reading:
    finding = Finding(Severity.VIOLATION, str(error), fix=error.fix, line=error.line, column=error.column)
    return Reading(key, origin, Report((finding,)))


def beginnings(location: str, document: Document | None, suffixes: Collection[str]) -> list[bytes]:
    """The first bytes of what an address answered; of the file at a path, or of some of those in a directory.

    Nothing of a file whose name does not end in one of the suffixes.
    """
    endings = tuple(suffixes)
    if document is not None:
        return [document.content[:_HEAD_BYTES]] if names(location)[0].endswith(endings) else []
    path = Path(location)
    inside = sorted(path.iterdir()) if path.is_dir() else [path]
    files = [file for file in inside if file.name.lower().endswith(endings) and file.is_file()]
    return [head(file) for file in files[:_MOST_LOOKED_AT]]


def head(path: Path, size: int = _HEAD_BYTES) -> bytes:
    """How a file begins; nothing of one that cannot be opened, which need not keep its neighbours from being known."""
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError:
        return b""


def names(location: str) -> list[str]:
    """The name at the end of an address or path, or those in a directory, in lower case and without a query."""
    path = Path(location)
    if not is_web(location) and path.is_dir():
        return sorted(entry.name.lower() for entry in path.iterdir())
    return [location.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2].lower()]
