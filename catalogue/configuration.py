"""Changes `catalogue.toml` as an editor would: a line here, a table there, and everything else as its author left it.

The file is read again after each change, and is replaced only when it says exactly what was meant.
"""

import json
import os
import re
import stat
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from catalogue.errors import SettingsError
from catalogue.home import flush_directory

_Sources = Sequence[Mapping[str, Any]]
_HEADER = re.compile(r"[ \t]*\[")
_SOURCE = re.compile(r"[ \t]*\[\[[ \t]*source[ \t]*\]\][ \t]*(?:#.*)?$")


def add(file: Path, entry: Mapping[str, Any], *, is_written: bool = True) -> None:
    """Appends a `[[source]]`; raises SettingsError when one has its id or location, or the file cannot be changed.

    Without `is_written`, only that.
    """

    def edit(text: str) -> str:
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        return text + gap + table(entry)

    def meant(sources: _Sources) -> _Sources:
        for known in sources:
            for name in ("id", "location"):
                if known.get(name) == entry[name]:
                    raise SettingsError(
                        f"{file}: the source {known.get('id')!r} has the {name} {entry[name]!r} already"
                    )
        return [*sources, entry]

    _change(file, edit, meant, is_written=is_written)


def remove(file: Path, source_id: str) -> None:
    """Takes a `[[source]]` out, with the comments within it."""

    def edit(text: str) -> str:
        lines = text.splitlines(keepends=True)
        first, end = _block(file, text, source_id)
        return "".join(lines[:first] + lines[end:])

    _change(file, edit, lambda sources: [known for known in sources if known.get("id") != source_id])


def pause(file: Path, source_id: str, *, paused: bool) -> None:
    """Has a source left alone, or read again as scheduled."""

    def edit(text: str) -> str:
        lines = text.splitlines(keepends=True)
        first, end = _block(file, text, source_id)
        kept = [line for line in lines[first + 1 : end] if not re.match(r"[ \t]*paused[ \t]*=", line)]
        header = lines[first] if lines[first].endswith("\n") else f"{lines[first]}\n"
        return "".join([*lines[:first], header, *(["paused = true\n"] if paused else []), *kept, *lines[end:]])

    def changed(known: Mapping[str, Any]) -> Mapping[str, Any]:
        rest = {name: value for name, value in known.items() if name != "paused"}
        return rest | ({"paused": True} if paused else {})

    _change(
        file, edit, lambda sources: [changed(known) if known.get("id") == source_id else known for known in sources]
    )


def table(entry: Mapping[str, Any]) -> str:
    """A `[[source]]` in TOML."""
    return "".join(("[[source]]\n", *(f"{name} = {_toml(value)}\n" for name, value in entry.items())))


def _toml(value: object) -> str:
    # JSON's texts, numbers, lists and booleans are TOML's, too, but for one character that JSON lets stand.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _block(file: Path, text: str, source_id: str) -> tuple[int, int]:
    """The lines of a source's table: from its header to behind its last line that is neither empty nor a comment."""
    lines = text.splitlines()
    headers = [number for number, line in enumerate(lines) if _SOURCE.match(line)]
    ids = [source.get("id") for source in _sources(_parsed(file, text))]
    if source_id not in ids:
        raise SettingsError(f"{file}: there is no source {source_id!r}")
    if len(headers) != len(ids):
        raise SettingsError(f"{file}: its sources are not written as [[source]] tables; change it in an editor")
    first = headers[ids.index(source_id)]
    end = next((n for n, line in enumerate(lines[first + 1 :], first + 1) if _HEADER.match(line)), len(lines))
    while end > first + 1 and re.match(r"[ \t]*(?:#|$)", lines[end - 1]):
        end -= 1
    return first, end


def _change(
    file: Path, edit: Callable[[str], str], meant: Callable[[_Sources], _Sources], *, is_written: bool = True
) -> None:
    text = _read(file)
    before = _parsed(file, text)
    wanted = {**before, "source": [dict(source) for source in meant(_sources(before))]}
    made = edit(text.replace("\r\n", "\n"))
    if (
        _sources(_parsed(file, made)) != wanted["source"]
        or {**_parsed(file, made), "source": wanted["source"]} != wanted
    ):
        raise SettingsError(f"{file}: it is written in a way that cannot be changed safely; change it in an editor")
    if is_written:
        _replace(file, made.replace("\n", "\r\n") if "\r\n" in text else made)


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode() if file.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: {error}") from error


def _parsed(file: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: {error}") from error


def _sources(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    sources: list[dict[str, Any]] = content.get("source", [])
    return sources


def _replace(file: Path, text: str) -> None:
    """At once and for good, through links and with the rights that the file has."""
    target = file.resolve()
    draft = target.with_name(f"{target.name}.{os.getpid()}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as output:
            if target.exists():
                os.fchmod(output.fileno(), stat.S_IMODE(target.stat().st_mode))
            output.write(text.encode())
            output.flush()
            os.fsync(output.fileno())
        draft.replace(target)
        flush_directory(target.parent)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise SettingsError(f"{file}: it cannot be written: {error.strerror}") from error
