"""Foreign RDF, parsed in a child process with limits. Nothing else gives a stranger's bytes to an RDF parser.

The parser ends its process on deep JSON-LD (stack), expands XML entities without end and takes what memory it gets.
So each document has a process of its own, which dies alone. The child is `python -m catalogue.sandbox`; it reads a line
of JSON (see `_Task`) and the document from standard input, writes N-Quads to standard output, and for a document that
cannot be read one JSON object (`message`, `line`, `column`, `fix`) to standard error, with status `_REFUSED`.

One call takes about 80 ms more than parsing, most of it the start of Python. A child is not used twice: its limits
on memory and processor time are those of one document.
"""

import bisect
import io
import json
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from catalogue.errors import DocumentError
from catalogue.model import Document
from catalogue.rdf import SYNTAXES, Literal, Quad, Syntax, Triple, is_iri, read, write_graphs

_REFUSED = 3
_N_QUADS = SYNTAXES["nq"]
_MIB = 1024 * 1024

_TOO_LONG = "Split the document into several"
_TOO_MUCH = "Split the document into several, and write nested things side by side"
_DEATHS = {
    signal.SIGSEGV: ("it is nested too deeply for the parser", _TOO_MUCH),
    signal.SIGXCPU: ("parsing it takes too much processor time", _TOO_LONG),
    signal.SIGABRT: ("parsing it takes too much memory", _TOO_MUCH),
    signal.SIGKILL: ("parsing it takes too much memory", _TOO_MUCH),
}

# Part of the parser's message → how to mend what it found.
_FIXES = {
    "Invalid IRI": "Write the character percent-encoded, or leave the IRI out if it is none",
    "No scheme found": "Write the IRI in full, with its scheme",
    "has not been declared": "Declare the prefix, or correct its spelling",
    "Unknown prefix": "Declare the prefix, or correct its spelling",
    "XML namespaces are required": "Write each name with its prefix: rdf:about, not about",
    "end of file": "Fetch or save the document again, whole",
    "ends too early": "Fetch or save the document again, whole",
}

_MEDIA_TYPES = {syntax.media_type: syntax.name for syntax in SYNTAXES.values()} | {
    "application/json": "jsonld",
    "application/x-turtle": "ttl",
    "application/xml": "rdf",
    "text/n-quads": "nq",
    "text/n3": "ttl",
    "text/rdf+n3": "ttl",
    "text/xml": "rdf",
}
SUFFIXES = {name: name for name in SYNTAXES} | {"json": "jsonld", "owl": "rdf", "xml": "rdf"}
"""The suffixes of RDF files, each with the name of its syntax."""

_SUFFIX = re.compile(r"\.(\w+)(?=$|[?#])")
_HEAD_BYTES = 16 * 1024
_NODE = r"(?:<[^<>\s]*>|_:\S+)"
_LITERAL = r'"(?:[^"\\\n]|\\.)*"\S*'
# The first that the start of a document matches says its syntax. Turtle is last: it allows most of the others' texts.
_LOOKS = tuple(
    (re.compile(r"(?:\s|#[^\n]*\n)*" + pattern, re.IGNORECASE | re.DOTALL), name)
    for pattern, name in (
        (r"<(?:\?xml|!--|!DOCTYPE|\w*:?RDF)\b.*http://www\.w3\.org/1999/02/22-rdf-syntax-ns#", "rdf"),
        (r'(?:\{\s*"|\[\s*\{)', "jsonld"),
        (rf"{_NODE}[ \t]*<[^<>\s]+>[ \t]*(?:{_NODE}|{_LITERAL})[ \t]*{_NODE}[ \t]*\.", "nq"),
        (rf"(?:@?(?:prefix|base)\b.*[\s.])?(?:GRAPH\s+)?(?:{_NODE}|\w*:\w*)?\s*\{{", "trig"),
        (rf"(?:@?(?:prefix|base)\s|(?:{_NODE}|\[\s*\])\s*(?:a\s|<[^<>\s]+:))", "ttl"),
    )
)

_XML_DECLARATION = re.compile(r"^<\?xml[^>]*?\sencoding\s*=\s*(?:\"([\w.-]+)\"|'([\w.-]+)')")
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# XML 1.0, appendix F.1: UTF-16 without a byte order mark, known by its first character, "<".
_FIRST_CHARACTERS = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_NO_ELEMENT = expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]
_REMOTE_CONTEXT = re.compile(r'"@context"\s*:\s*(?:\[\s*(?:\{[^{}]*\}\s*,\s*)*)?"([^"\n]+)"')
_CUTS = re.compile(r'[>},\]"]')
# Looking for the place of an error parses the document up to twenty times more.
_MAX_SEARCHED = 4 * _MIB


@dataclass(frozen=True)
class Limits:
    """What parsing one document may take. `seconds` counts time on the clock; `max_output_bytes` is the size of the
    document as N-Quads, which prefixes can make far larger than the document is."""

    seconds: int = 20
    memory_bytes: int = 1024 * _MIB
    max_quads: int = 2_000_000
    max_bytes: int = 128 * _MIB
    max_output_bytes: int = 512 * _MIB


@dataclass(frozen=True)
class _Task:
    """What the child has to do, besides the document."""

    syntax: str
    base_iri: str | None
    limits: Limits = field(default_factory=Limits)


def parse(content: bytes, syntax: Syntax, base_iri: str | None, limits: Limits | None = None) -> list[Quad]:
    """The quads of a document, at least one; labels of blank nodes are the document's own.

    RDF 1.1 only. Raises DocumentError, with line and column where they can be known, for everything else: a syntax
    error, another encoding, a DOCTYPE, a context on the web, a limit (named), an empty document.
    """
    task = _Task(syntax.name, base_iri if base_iri and is_iri(base_iri) else None, limits or Limits())
    if len(content) > task.limits.max_bytes:
        raise DocumentError(f"{syntax.label}: the document is larger than {task.limits.max_bytes} bytes", fix=_TOO_LONG)
    return list(read(_run(task, content), _N_QUADS))


def guess(document: Document) -> Syntax:
    """The syntax of a document by its media type, else the suffix of its address, else its first characters."""
    media_type = document.media_type.partition(";")[0].strip().lower()
    suffix = _SUFFIX.search(document.url.rpartition("/")[2])
    name = _MEDIA_TYPES.get(media_type) or (suffix and SUFFIXES.get(suffix[1].lower())) or _look(document.content)
    if name is None:
        known = ", ".join(syntax.media_type for syntax in SYNTAXES.values())
        raise DocumentError(
            f"the document (media type {media_type or 'unknown'}) is in no RDF syntax that is known here",
            fix=f"Serve it with its media type ({known}) or name it with its suffix ({', '.join(SUFFIXES)})",
        )
    return SYNTAXES[name]


def _look(content: bytes) -> str | None:
    head = content[:_HEAD_BYTES].decode(_byte_encoding(content) or "utf-8", "replace").lstrip("\ufeff")
    return next((name for pattern, name in _LOOKS if pattern.match(head)), None)


def _byte_encoding(content: bytes) -> str | None:
    marks = _BYTE_ORDER_MARKS + _FIRST_CHARACTERS
    return next((encoding for mark, encoding in marks if content.startswith(mark)), None)


def _run(task: _Task, content: bytes) -> bytes:
    """The document as N-Quads, from a child that has nothing of ours but the package's place."""
    label = SYNTAXES[task.syntax].label
    try:
        child = subprocess.run(
            [sys.executable, "-P", "-s", "-m", "catalogue.sandbox"],
            input=json.dumps(asdict(task)).encode() + b"\n" + content,
            capture_output=True,
            timeout=task.limits.seconds,
            check=False,
            cwd="/",
            env={"PYTHONPATH": str(Path(__file__).absolute().parents[1]), "PYTHONDONTWRITEBYTECODE": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise DocumentError(f"{label}: not read within {task.limits.seconds} seconds", fix=_TOO_LONG) from error
    if child.returncode:
        raise _failure(label, child.returncode, child.stderr)
    return child.stdout


def _failure(label: str, status: int, errors: bytes) -> DocumentError:
    if status == _REFUSED:
        error = DocumentError(**json.loads(errors))
        error.fix = error.fix or next((fix for part, fix in _FIXES.items() if part in str(error)), None)
        return error
    if -status in _DEATHS:
        cause, fix = _DEATHS[signal.Signals(-status)]
        return DocumentError(f"{label}: {cause}", fix=fix)
    last = errors.decode("utf-8", "replace").strip().rpartition("\n")[2]
    return DocumentError(f"{label}: the parser failed (status {status}): {last}")


# From here on: what runs in the child.


def _child() -> int:
    """Reads a task and a document, writes N-Quads; returns the exit status."""
    given = json.loads(sys.stdin.buffer.readline())
    task = _Task(given["syntax"], given["base_iri"], Limits(**given["limits"]))
    _limit(task.limits)
    try:
        text = _text(sys.stdin.buffer.read(), SYNTAXES[task.syntax])
        quads = _allowed(_located(text, task), task)
        with io.BufferedWriter(_Bounded(sys.stdout.buffer, task.limits.max_output_bytes)) as output:
            write_graphs(quads, output, _N_QUADS, {})
    except DocumentError as error:
        return _refuse(error)
    except MemoryError:
        limit = task.limits.memory_bytes // _MIB
        return _refuse(DocumentError(f"parsing it takes more than {limit} MiB of memory", fix=_TOO_LONG))
    return 0


def _limit(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 1))


def _refuse(error: DocumentError) -> int:
    report = {"message": str(error), "line": error.line, "column": error.column, "fix": error.fix}
    sys.stderr.write(json.dumps(report))
    return _REFUSED


class _Bounded(io.RawIOBase):
    """A file that takes a number of bytes and no more."""

    def __init__(self, output: IO[bytes], limit: int) -> None:
        self._output, self._left = output, limit

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise DocumentError("written out with full IRIs, the document is too large", fix=_TOO_LONG)
        return self._output.write(data)


def _text(content: bytes, syntax: Syntax) -> str:
    """The document's characters, without a byte order mark; XML well-formed, without DOCTYPE."""
    is_xml = syntax.name == "rdf"
    text = _decoded(content, _xml_encoding(content) if is_xml else "utf-8-sig", syntax)
    if not text.strip():
        raise _empty(syntax)
    if not is_xml:
        return text
    _check_xml(text)
    # The parser knows UTF-8 only, and says so when the declaration names another encoding.
    return _XML_DECLARATION.sub(lambda match: "<?xml version='1.0'".ljust(len(match[0])), text, count=1)


def _xml_encoding(content: bytes) -> str:
    declared = _XML_DECLARATION.match(content[:200].decode("latin-1"))
    return _byte_encoding(content) or (declared and (declared[1] or declared[2])) or "utf-8"


def _decoded(content: bytes, encoding: str, syntax: Syntax) -> str:
    fix = "Save the document as UTF-8"
    try:
        return content.decode(encoding)
    except LookupError as error:
        raise DocumentError(f"{syntax.label}: unknown encoding {encoding!r}", 1, 1, fix) from error
    except UnicodeDecodeError as error:
        name = "UTF-8" if encoding == "utf-8-sig" else encoding.upper()
        line, column = _position(content[: error.start].decode(encoding, "replace"))
        message = f"{syntax.label}: byte 0x{content[error.start]:02X} is not {name}"
        raise DocumentError(message, line, column, fix) from error


def _position(before: str) -> tuple[int, int]:
    """Line and column, from 1, of what follows a text."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _check_xml(text: str) -> None:
    """Refuses a DOCTYPE before its entities are read, and what is not well-formed.

    The RDF parser itself is lax: it reads a truncated document as if it were whole, and knows DOCTYPE in any place.
    """
    parser = expat.ParserCreate("utf-8")

    def refuse(*_: object) -> None:
        raise DocumentError(
            "RDF/XML: a DOCTYPE is not read, since its entities can grow without end",
            parser.CurrentLineNumber,
            parser.CurrentColumnNumber + 1,
            "Leave the DOCTYPE out and write its entities in full",
        )

    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        reason = "it ends too early" if error.code == _NO_ELEMENT else expat.ErrorString(error.code)
        raise DocumentError(f"RDF/XML: not well-formed: {reason}", error.lineno, error.offset + 1) from error


def _empty(syntax: Syntax) -> DocumentError:
    return DocumentError(f"{syntax.label}: the document is empty: it has no statement", fix="Check its address or file")


def _located(text: str, task: _Task) -> Iterator[Quad]:
    """The quads, and errors with a place and in our words."""
    try:
        yield from read(text, SYNTAXES[task.syntax], task.base_iri)
    except DocumentError as error:
        if error.line is not None:
            raise
        if "LoadDocumentCallback" in str(error):
            raise _remote_context(text) from error
        raise DocumentError(str(error), *_search(text, task, str(error))) from error


def _remote_context(text: str) -> DocumentError:
    context = _REMOTE_CONTEXT.search(text)
    line, column = _position(text[: context.start(1)]) if context else (None, None)
    name = f" {context[1]}" if context else ""
    return DocumentError(
        f"JSON-LD: its @context{name} is on the web, and documents are read without fetching others",
        line,
        column,
        "Write the context's terms into the document, or serve the document as Turtle",
    )


def _search(text: str, task: _Task, message: str) -> tuple[int | None, int | None]:
    """The end of the shortest start of a text that has the same error: the parsers read from start to end."""

    def fails(end: int) -> bool:
        try:
            for _ in read(text[:end], SYNTAXES[task.syntax], task.base_iri):
                pass
        except DocumentError as error:
            return str(error) == message
        return False

    ends = [match.end() for match in _CUTS.finditer(text)] if len(text) <= _MAX_SEARCHED else []
    found = bisect.bisect_left(ends, True, key=fails)
    return _position(text[: ends[found] - 1]) if found < len(ends) else (None, None)


def _allowed(quads: Iterable[Quad], task: _Task) -> Iterator[Quad]:
    """The quads, unless there are none, too many, or some that RDF 1.1 does not have."""
    number = 0
    for number, quad in enumerate(quads, 1):
        if number > task.limits.max_quads:
            raise DocumentError(f"the document has more than {task.limits.max_quads} statements", fix=_TOO_LONG)
        if isinstance(quad.object, Triple) or (isinstance(quad.object, Literal) and quad.object.direction):
            raise DocumentError(
                f"RDF 1.2: the statement with subject {quad.subject} and predicate {quad.predicate} has a triple term "
                "or a text direction, and only RDF 1.1 is read",
                fix="Say it with triples, and texts with a language only",
            )
        yield quad
    if not number:
        raise _empty(SYNTAXES[task.syntax])


if __name__ == "__main__":
    sys.exit(_child())
