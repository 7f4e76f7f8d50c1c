"""JSON of strangers, read safely, and its values read as what they were meant to be.

What RFC 8259 leaves open and software reads in several ways is refused, as I-JSON (RFC 7493) has it: keys that come
twice, numbers that no other software can hold. A lone surrogate, which no text can hold, becomes U+FFFD.
"""

import json
import re
from collections.abc import Iterator
from datetime import date as day
from typing import Any, NoReturn

from catalogue.errors import DocumentError
from catalogue.model import Finding, Severity
from catalogue.rdf import is_iri

Json = Any
"""What a document holds: dict, list, str, int, float, bool or None."""

MAX_BYTES = 50 * 1024 * 1024
MAX_DEPTH = 64
MAX_DIGITS = 40  # more than any number that counts something; Python itself gives up at 4,300
_MAX_FINDINGS = 50
_MAX_SHOWN = 200


def parse(
    content: bytes, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH, found: list[Finding] | None = None
) -> Json:
    """The value that a document in UTF-8, UTF-16 or UTF-32 holds; raises DocumentError with line, column and fix.

    With `found`, a key that comes twice is a warning in there and its last value holds, as for most software; without,
    it is an error like the others.
    """
    if len(content) > max_bytes:
        raise DocumentError(f"The file is larger than {max_bytes} bytes.", fix="Shorten it, or give it in parts.")
    text = _decode(content)
    repeated: list[str] = []
    try:
        value = json.loads(text, object_pairs_hook=_members(repeated), parse_int=_integer, parse_float=_number,
                           parse_constant=_refuse)  # fmt: skip
    except (_Refused, RecursionError) as error:
        _look_closer(text, max_depth, None)
        raise DocumentError(_DEEP, fix=f"Nest at most {max_depth} lists and objects.") from error
    except json.JSONDecodeError as error:
        raise _unreadable(text, error) from error
    if repeated or _depth(value) > max_depth:
        _look_closer(text, max_depth, found)
    return _mended(value) if _SURROGATE.search(text) else value


def text(value: Json) -> str | None:
    """A text that is not blank, without the space around it."""
    return (value.strip() or None) if isinstance(value, str) else None


def texts(value: Json) -> tuple[str, ...]:
    """The texts of a list; a text in place of a list of texts is one of them."""
    return tuple(found for item in items(value) if (found := text(item)))


def items(value: Json) -> tuple[Json, ...]:
    """The values of a list; one in place of a list is its only one, and null is none."""
    return tuple(value) if isinstance(value, list) else () if value is None else (value,)


def objects(value: Json) -> tuple[dict[str, Json], ...]:
    """The objects of a list; one in place of a list is its only one."""
    return tuple(item for item in items(value) if isinstance(item, dict))


def member(value: Json, *path: str) -> Json:
    """What is at the end of a path of keys; None when there is no such."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def url(value: Json) -> str | None:
    """An http or https address that can be published as an IRI."""
    found = text(value)
    return found if found and re.match(r"https?://[^/?#\s]", found, re.IGNORECASE) and is_iri(found) else None


def date(value: Json) -> str | None:
    """The day, as YYYY-MM-DD, of a date or of a date and time in ISO 8601."""
    found = text(value) or ""
    match = re.match(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:$|[T ][0-9])", found)
    try:
        return day.fromisoformat(match[1]).isoformat() if match else None
    except ValueError:
        return None


def boolean(value: Json) -> bool | None:
    """A truth value; also "true" and "false" as texts, since many write them so."""
    known = {"true": True, "false": False}
    return value if isinstance(value, bool) else known.get((text(value) or "").lower())


# By their byte order mark; without one by where the first two characters have zero bytes (RFC 4627, 3), all ASCII.
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\x00\x00\x00", "utf-32-be"),
    (b"\x00", "utf-16-be"),
)


def _decode(content: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    if encoding is None:
        zeros = content[1:4]
        encoding = "utf-32-le" if zeros == b"\0\0\0" else "utf-16-le" if zeros[:1] == b"\0" else "utf-8"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line, column = _place(content[: error.start].decode(encoding, "replace"))
        name = encoding.upper().removesuffix("-SIG")
        raise DocumentError(f"The file is not {name}.", line, column, "Save it as UTF-8.") from error


class _Refused(Exception):
    """The document holds something that is refused; a second look finds where."""


def _refuse(_: str) -> NoReturn:
    raise _Refused


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise _Refused
    return int(digits)


def _number(digits: str) -> float:
    value = float(digits)
    if abs(value) == float("inf"):
        raise _Refused
    return value


def _members(repeated: list[str]) -> Any:
    def members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        value = dict(pairs)
        if len(value) != len(pairs) and not repeated:
            repeated.append(pairs[0][0])
        return value

    return members


def _depth(value: Json) -> int:
    """How many lists and objects lie in each other, counted without recursion."""
    depth, level = 0, [value]
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [child for item in level for child in (item.values() if isinstance(item, dict) else item)]
    return depth


_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def _mended(value: Json) -> Json:
    """The value without lone surrogates; it is not too deep to recurse."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return value


# What is wrong, in the words of Python's parser, and what mends it.
_FIXES = (
    ("Expecting property name", "Write keys in double quotes, with no comma behind the last entry."),
    ("Expecting value", "Write a value here, with no comma behind the last one; texts need double quotes."),
    ("Expecting ',' delimiter", "Put a comma between entries, and check that quotes and brackets are closed."),
    ("Expecting ':' delimiter", "Put a colon between key and value."),
    ("Unterminated string", "Close the quotes."),
    ("Invalid control character", "Write line ends and tabs in a text as \\n and \\t."),
    ("Invalid \\", "Write a backslash in a text as \\\\."),
    ("Extra data", "Keep one JSON value, or save one a line as JSON lines."),
)


def _unreadable(text: str, error: json.JSONDecodeError) -> DocumentError:
    if not text.strip():
        return DocumentError("The file is empty.", 1, 1)
    words = error.msg[:1].lower() + error.msg[1:]
    fix = next((fix for part, fix in _FIXES if error.msg.startswith(part)), None)
    return DocumentError(f"The file is not valid JSON: {words}.", *_place(text[: error.pos]), fix)


def _place(before: str) -> tuple[int, int]:
    """Line and column behind a text."""
    lines = re.split(r"\r\n|[\r\n]", before)
    return len(lines), len(lines[-1]) + 1


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|-?(?:NaN|Infinity)|-?[0-9][0-9.eE+-]*', re.DOTALL)


def _look_closer(text: str, max_depth: int, found: list[Finding] | None) -> None:
    """Raises DocumentError for the first thing that is refused; keys that come twice go to `found` if there is one."""
    for fault, token, offset, fix in _faults(text, max_depth):
        line, column = _place(text[:offset])
        if found is None or fault is not _TWICE:
            raise DocumentError(fault.format(token[:_MAX_SHOWN]), line, column, fix)
        message = "This key is there twice; the last value holds."
        found.append(Finding(Severity.WARNING, message, token[:_MAX_SHOWN], None, fix, line, column))
        if len(found) >= _MAX_FINDINGS:
            return


_TWICE = "The key {} is there twice."
_DEEP = "The file is nested deeper than it may be."
_NO_NUMBER = "{} is no number that JSON has."
_LARGE = "A number has too many digits, or is too large."


def _faults(text: str, max_depth: int) -> Iterator[tuple[str, str, int, str]]:
    """What is refused in a document: what is wrong, with which token, at which offset, and what mends it.

    `keys` has for each list or object that is open the keys read so far, of a list None.
    """
    keys: list[set[str] | None] = []
    last, offset = "", 0
    for match in _TOKEN.finditer(text):
        piece = match[0]
        if piece in "{[":
            keys.append(set() if piece == "{" else None)
            if len(keys) > max_depth:
                yield _DEEP, piece, match.start(), f"Nest at most {max_depth} lists and objects."
                return
        elif piece in "}]":
            keys.pop()
        elif piece == ":" and keys and keys[-1] is not None:
            key = json.loads(last)
            if key in keys[-1]:
                yield _TWICE, key, offset, "Keep one of them."
            keys[-1].add(key)
        elif piece.lstrip("-")[0] in "NI":
            yield _NO_NUMBER, piece, match.start(), "Write null, or leave it out."
        elif piece[0] in "-0123456789" and _is_too_large(piece):
            yield _LARGE, piece, match.start(), "Write it as a text in double quotes."
        last, offset = piece, match.start()


def _is_too_large(piece: str) -> bool:
    if piece.lstrip("-").isdigit():
        return len(piece) > MAX_DIGITS
    return abs(float(piece)) == float("inf")
