"""Where publiccode.yml files are: in directories, single, and on the web."""

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from catalogue.errors import SourceError
from catalogue.fetch import Fetch
from catalogue.model import Document, Finding, Reading, Report, Severity
from catalogue.publiccode.forges import raw_address
from catalogue.yaml import MAX_BYTES

WEB = ("http://", "https://")
_MEDIA_TYPE = "application/yaml"


def documents(location: str, fetch: Fetch) -> Iterator[tuple[str, Document] | Reading]:
    """The files at a directory, file or address, each with its path in the directory, its name or the address as key.

    Every `*.yml` and `*.yaml` of a directory counts, whatever its name, but in hidden folders; symbolic links that
    leave the directory are not followed. Raises SourceError when there is nothing at the location.
    """
    if location.lower().startswith(WEB):
        yield location, fetch.get(raw_address(location), max_bytes=MAX_BYTES)
        return
    path = Path(location)
    if path.is_file():
        yield _read(path, path.name)
    elif path.is_dir():
        yield from _walk(path)
    else:
        raise SourceError(f"publiccode: {location}: no such file or directory")


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
    return name, Document(name, content, _MEDIA_TYPE, datetime.fromtimestamp(status.st_mtime, UTC))


def rejected(key: str, origin: str, message: str) -> Reading:
    return Reading(key, origin, Report((Finding(Severity.VIOLATION, message),)))
