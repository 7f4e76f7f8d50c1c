"""Foreign RDF and XML, parsed in a child process with limits. Nothing else gives a stranger's bytes to such a parser.

The parser ends its process on deep JSON-LD (stack), expands XML entities without end and takes what memory it gets.
So each document has a process of its own, which dies alone. The child is `python -m catalogue.sandbox`; it reads a line
of JSON (see `_Task`) and the document from standard input, writes N-Quads to standard output (of XML that is no RDF, a
tree in JSON), and for a document that cannot be read one JSON object (`message`, `line`, `column`, `fix`) to standard
error, with status `_REFUSED`.

One call takes about 80 ms more than parsing, most of it the start of Python. A child is not used twice: its limits
on memory and processor time are those of one document, or of a `Batch` of small ones. Of a batch, the child writes for
each document a line of JSON (`size` or `error`), and as many bytes of N-Quads.
"""

import bisect
import html
import io
import json
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from itertools import islice
from typing import IO, Any
from urllib.parse import quote
from xml.parsers import expat

from catalogue import children
from catalogue.code_lists import resources
from catalogue.errors import DocumentError
from catalogue.model import Document
from catalogue.rdf import (
    IRI,
    SYNTAXES,
    BlankNode,
    DefaultGraph,
    Literal,
    Quad,
    Syntax,
    Triple,
    is_iri,
    read,
    write_graphs,
)
from catalogue.seccomp import close_network

_REFUSED = 3
_N_QUADS = SYNTAXES["nq"]
# XML as such is no syntax of RDF, but is decoded and checked as RDF/XML is.
_XML = replace(SYNTAXES["rdf"], name="xml", label="XML")
_READ = {**SYNTAXES, _XML.name: _XML}
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
# Possessive, and labels bounded: a stranger's text is looked at in the process that serves pages, and 4,000 characters
# of `_:x<a>_:x<a>…` once took longer than anybody waits.
_NODE = r"""(?:<[^<>\s]*+>|_:(?:[^\s<>".]|\.+(?=[^\s<>".])){1,100}+)"""
_LITERAL = r'"(?:[^"\\\n]|\\.)*+"(?:@[\w-]++|\^\^<[^<>\s]*+>)?+'
# The first that the start of a document matches says its syntax. Turtle is last: it allows most of the others' texts.
_LOOKS = tuple(
    (re.compile(r"(?:\s|#[^\n]*\n)*+" + pattern, re.IGNORECASE | re.DOTALL), name)
    for pattern, name in (
        (r"<(?:\?xml|!--|!DOCTYPE|\w*:?RDF)\b.*http://www\.w3\.org/1999/02/22-rdf-syntax-ns#", "rdf"),
        (r'(?:\{\s*"|\[\s*\{)', "jsonld"),
        (rf"{_NODE}[ \t]*+<[^<>\s]++>[ \t]*+(?:{_NODE}|{_LITERAL})[ \t]*+{_NODE}[ \t]*+\.", "nq"),
        (rf"(?:@?(?:prefix|base)\b.*[\s.](?!\s))?(?:GRAPH\s++)?(?:{_NODE}|\w*+:\w*+)?\s*+\{{", "trig"),
        (rf"(?:@?(?:prefix|base)\s|(?:{_NODE}|\[\s*+\])\s*+(?:a\s|<[^<>\s]+:))", "ttl"),
    )
)

_XML_DECLARATION = re.compile(r"^<\?xml[^>]*?\sencoding\s*=\s*(?:\"([\w.-]+)\"|'([\w.-]+)')")
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# XML 1.0, appendix F.1: UTF-16 without a byte order mark, known by its first character, "<".
_FIRST_CHARACTERS = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_NO_ELEMENT = expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]
_REMOTE_CONTEXT = re.compile(r'"@context"\s*:\s*(?:\[\s*(?:\{[^{}]*\}\s*,\s*)*)?"([^"\n]+)"')
_CUTS = re.compile(r'[>},\]"]')
_CONTEXT_KEY = re.compile(r'(?<!\\)"@context"\s*:')
_STRING = re.compile(r'\s*("(?:[^"\\\n]|\\.)*")')
_LIST = re.compile(r"\s*\[")
_TOKEN = re.compile(r'\s*(?:(?P<string>"(?:[^"\\\n]|\\.)*")|[\[\]{}:,]|[^\s\[\]{}:,"]+)')
# Contexts by address → the file in `vocab/contexts`, our own words for those terms that catalogues use.
_CONTEXTS = tuple(
    (re.compile(rf"https?://(?:www\.)?{address}[/#]?", re.IGNORECASE), name)
    for address, name in (
        (r"schema\.org(?:/docs/jsonldcontext\.json(?:ld)?)?", "schema"),
        (r"(?:w3id\.org/codemeta|doi\.org/10\.5063/schema/codemeta)(?:[/-]?v?[0-9.]+)?", "codemeta"),
        (r"(?:raw\.githubusercontent\.com|raw\.github\.com|codemeta\.github\.io)/.*codemeta.*\.jsonld", "codemeta"),
        (r"w3\.org/ns/activitystreams(?:\.jsonld)?", "activitystreams"),
        (r"w3\.org/ns/dcat(?:[23])?(?:\.jsonld)?", "dcat"),
        (r"semiceu\.github\.io/DCAT-AP/(?!.*hvd).*\.jsonld", "dcat-ap"),
        (r"raw\.githubusercontent\.com/SEMICeu/DCAT-AP/(?!.*hvd).*\.jsonld", "dcat-ap"),
        (r"data\.europa\.eu/r5r/?", "dcat-ap"),
        (r"project-open-data\.cio\.gov/v1\.\d/schema/catalog\.jsonld", "dcat-us"),
        (r"(?:[\w.-]+/)+dcat-us(?:[\w./-]*/)?[\w.-]*\.jsonld", "dcat-us"),
    )
)
# A packaged context takes up to ten kilobytes, and an address that is known a hundred characters.
_MAX_CONTEXTS = 5_000
_MAX_ADDRESS = 300

FLAW = IRI("urn:x-catalogue:flaw")
"""The predicate of statements about what was mended or left out; no vocabulary has it, and no record."""

_LOST = IRI("urn:x-catalogue:lost")
_TOLD = f" <{FLAW.value}> ".encode()
# So many seconds on the clock for one of the processor.
_CLOCK = 3
# What parsers say of terms; a document with more flaws than this is one of another kind.
_MENDABLE = re.compile(r"\b(?:IRI|scheme|host|port|authority|language)\b", re.IGNORECASE)
_MAX_FLAWS = 500
_AUTHORITY = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?://[^/?#\s]*)?")
_FOREIGN = re.compile(r"%(?![0-9A-Fa-f]{2})|[\x00-\x20\x7f\[\]{}|\\^`<>\"]")
# What machines write for each other is rarely ten elements deep; each level is one of Python's when the tree is read.
_MAX_DEPTH = 100
# As a tree, an element takes up to half a kilobyte.
_MAX_ELEMENTS = 500_000
# Looking for the place of an error parses the document up to twenty times more.
_MAX_SEARCHED = 4 * _MIB


@dataclass(frozen=True)
class Limits:
    """What parsing one document may take. `seconds` counts processor time, and on the clock three times as much, since
    others are at work, too; `max_output_bytes` is the size of the document as N-Quads, which prefixes can make far
    larger than the document is."""

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
    may_be_empty: bool = False
    is_mended: bool = False
    batch: tuple[tuple[int, str | None], ...] | None = None
    """Of the documents of a batch, one behind the other, the size in bytes and the base; None for a single document."""


@dataclass(frozen=True)
class Flaw:
    """What was wrong with a term of a document: `written` in it, now `mended`, or left out with its statement.

    `part` is what it was to be ("IRI", "language tag"); `predicate` that of the statement, empty when it is its subject
    that was wrong.
    """

    part: str
    predicate: str
    written: str
    mended: str | None
    line: int | None = None
    column: int | None = None

    @classmethod
    def of(cls, quad: Quad) -> "Flaw | None":
        """The flaw that a statement of `parse_mended` tells, None for any other statement."""
        if quad.predicate != FLAW or not isinstance(quad.object, Literal):
            return None
        try:
            flaw = cls(*json.loads(quad.object.value))
        except (TypeError, ValueError, RecursionError):  # a stranger wrote a statement like ours
            return None
        texts, places = (flaw.part, flaw.predicate, flaw.written, flaw.mended or ""), (flaw.line, flaw.column)
        is_ours = all(isinstance(text, str) for text in texts) and all(isinstance(n, int | None) for n in places)
        return flaw if is_ours else None

    def quad(self, subject: IRI | BlankNode, graph: IRI | BlankNode | DefaultGraph | None = None) -> Quad:
        """The statement that tells this of a subject, in the graph of the flaw."""
        return Quad(subject, FLAW, Literal(json.dumps(list(asdict(self).values()))), graph)


@dataclass(frozen=True, slots=True)
class Element:
    """An element of an XML document. Names are `{namespace}local`, as ElementTree writes them."""

    name: str
    attributes: Mapping[str, str]
    content: tuple["Element | str", ...]
    """Texts, which are never empty nor beside each other, and elements."""


def parse(
    content: bytes, syntax: Syntax, base_iri: str | None, limits: Limits | None = None, may_be_empty: bool = False
) -> list[Quad]:
    """The quads of a document, at least one unless it `may_be_empty`; labels of blank nodes are the document's own.

    RDF 1.1 only. Raises DocumentError, with line and column where they can be known, for everything else: a syntax
    error, another encoding, a DOCTYPE, a context on the web, a limit (named), an empty document.
    """
    return list(read(_run(_task(syntax, base_iri, limits, may_be_empty), content), _N_QUADS))


def parse_mended(
    content: bytes, syntax: Syntax, base_iri: str | None, limits: Limits | None = None, may_be_empty: bool = False
) -> list[Quad]:
    """As `parse`, but a single bad IRI or language does not refuse the document, where the rest of it can be read.

    Characters that no IRI can have are percent-encoded; a statement with what is still none is left out. Each such
    flaw is told by a statement with the same subject and the predicate FLAW; see `Flaw`.
    """
    return list(read(_run_mended(_task(syntax, base_iri, limits, may_be_empty), content, _run), _N_QUADS))


def _task(syntax: Syntax, base_iri: str | None, limits: Limits | None, may_be_empty: bool) -> _Task:
    return _Task(syntax.name, base_iri if base_iri and is_iri(base_iri) else None, limits or Limits(), may_be_empty)


def _run_mended(task: _Task, content: bytes, run: Callable[[_Task, bytes], bytes]) -> bytes:
    """What running a task writes of a document, mended where that helps; the error is that of the task."""
    if task.syntax != "jsonld":  # its parser passes over bad IRIs without a word
        try:
            return run(task, content)
        except DocumentError as error:
            if not _MENDABLE.search(str(error)):
                raise
    with suppress(DocumentError):
        mended = run(replace(task, is_mended=True), content)
        if not all(_TOLD in line for line in io.BytesIO(mended)):
            return mended
    return run(task, content)


class Batch:
    """Documents of one syntax that are parsed together, in one child, when the first of them is asked for.

    The limits are those of one document, for all of them. The one at which they are exceeded, or that ends the parser,
    is parsed by itself when it is asked for, and those behind it together again, so that it makes no other expensive.
    """

    def __init__(self, syntax: Syntax, limits: Limits | None = None) -> None:
        self._syntax, self._limits = syntax, limits or Limits()
        self._waiting: dict[tuple[bytes, str | None], None] = {}
        self._parsed: dict[tuple[bytes, str | None], bytes | DocumentError] = {}

    def add(self, content: bytes, base_iri: str | None) -> None:
        """Lets a document be parsed with the others."""
        self._waiting[content, base_iri] = None

    def parse(self, content: bytes, base_iri: str | None) -> list[Quad]:
        """The quads of a document, or its error, as `parse_mended` has them."""
        document = (content, base_iri)
        if document in self._waiting:
            self._parse_waiting()
        found = self._parsed.pop(document, None)
        if isinstance(found, DocumentError):
            raise found
        if found is None:
            return parse_mended(content, self._syntax, base_iri, self._limits)
        return list(read(found, _N_QUADS))

    def _parse_waiting(self) -> None:
        waiting = list(self._waiting)
        self._waiting.clear()
        with suppress(DocumentError):  # together they are larger than a document may be
            while len(waiting) > 1:
                pieces = list(self._pieces(waiting))
                self._parsed.update(zip(waiting, pieces, strict=False))
                del waiting[: len(pieces) + 1]

    def _pieces(self, documents: Sequence[tuple[bytes, str | None]]) -> Iterator[bytes | DocumentError]:
        """What became of each document, up to the one that ended the parser."""
        batch = tuple((len(content), base if base and is_iri(base) else None) for content, base in documents)
        task = replace(_task(self._syntax, None, self._limits, may_be_empty=False), batch=batch)
        output = io.BytesIO(_run(task, b"".join(content for content, _ in documents)))
        while (line := output.readline()).endswith(b"\n"):
            head = json.loads(line)
            piece = output.read(head.get("size", 0))
            if len(piece) < head.get("size", 0):
                return
            yield _refusal(head["error"]) if "error" in head else piece


def parse_xml(content: bytes, limits: Limits | None = None) -> Element:
    """The root of an XML document, without comments and processing instructions. Raises DocumentError as `parse`."""
    return _element(json.loads(_run(_Task(_XML.name, None, limits or Limits()), content)))


def _element(written: list[Any]) -> Element:
    name, attributes, content = written
    return Element(name, attributes, tuple(c if isinstance(c, str) else _element(c) for c in content))


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
    """The document as the child writes it, which has nothing of ours but the package's place.

    Of a batch, what it wrote before it ended, for whatever reason.
    """
    label = _READ[task.syntax].label
    if len(content) > task.limits.max_bytes:
        raise DocumentError(f"{label}: the document is larger than {task.limits.max_bytes} bytes", fix=_TOO_LONG)
    given, seconds = json.dumps(asdict(task)).encode() + b"\n" + content, _CLOCK * task.limits.seconds
    try:
        done = children.run("catalogue.sandbox", given, seconds)
    except subprocess.TimeoutExpired as error:
        if task.batch is not None:
            return error.stdout or b""
        raise DocumentError(f"{label}: not read within {seconds} seconds", fix=_TOO_LONG) from error
    if done.returncode and task.batch is None:
        raise _failure(label, done.returncode, done.stderr)
    return done.stdout


def _failure(label: str, status: int, errors: bytes) -> DocumentError:
    if status == _REFUSED:
        return _refusal(json.loads(errors))
    if -status in _DEATHS:
        cause, fix = _DEATHS[signal.Signals(-status)]
        return DocumentError(f"{label}: {cause}", fix=fix)
    last = errors.decode("utf-8", "replace").strip().rpartition("\n")[2]
    return DocumentError(f"{label}: the parser failed (status {status}): {last}")


def _refusal(report: Mapping[str, Any]) -> DocumentError:
    error = DocumentError(**report)
    error.fix = error.fix or next((fix for part, fix in _FIXES.items() if part in str(error)), None)
    return error


# From here on: what runs in the child.


def _child() -> int:
    """Reads a task and a document, writes what is in it; returns the exit status."""
    given = json.loads(sys.stdin.buffer.readline())
    task = _Task(**{**given, "limits": Limits(**given["limits"])})
    _limit(task.limits)
    try:
        content = sys.stdin.buffer.read()
        # Unbuffered: what was written is there for whoever reads it, however the child ends.
        written = io.FileIO(sys.stdout.fileno(), "w", closefd=False)
        with io.BufferedWriter(_Bounded(written, task.limits.max_output_bytes)) as output:
            if task.batch is None:
                _write(content, task, output)
            else:
                _write_batch(content, task, output)
    except DocumentError as error:
        return _refuse(error)
    except MemoryError:
        limit = task.limits.memory_bytes // _MIB
        return _refuse(DocumentError(f"parsing it takes more than {limit} MiB of memory", fix=_TOO_LONG))
    return 0


def _write(content: bytes, task: _Task, output: IO[bytes]) -> None:
    text = _text(content, task)
    text = _with_contexts(text) if task.syntax == "jsonld" else text
    if task.syntax == _XML.name:
        output.write(json.dumps(_tree(text), ensure_ascii=False).encode())
    elif text.strip():
        write_graphs(_allowed(_located(text, task), task), output, _N_QUADS, {})


def _write_batch(content: bytes, task: _Task, output: IO[bytes]) -> None:
    """Each document, mended, or its own error; a limit that all of them share is an error of all."""
    rest = io.BytesIO(content)
    for size, base in task.batch or ():
        written, head = b"", dict[str, Any]()
        try:
            written = _run_mended(replace(task, base_iri=base), rest.read(size), _written)
            head["size"] = len(written)
        except DocumentError as error:
            head["error"] = _report(error)
        output.write(json.dumps(head).encode() + b"\n" + written)
        output.flush()


def _written(task: _Task, content: bytes) -> bytes:
    output = io.BytesIO()
    _write(content, task, output)
    return output.getvalue()


def _limit(limits: Limits) -> None:
    close_network()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 1))


def _refuse(error: DocumentError) -> int:
    sys.stderr.write(json.dumps(_report(error)))
    return _REFUSED


def _report(error: DocumentError) -> dict[str, Any]:
    return {"message": str(error), "line": error.line, "column": error.column, "fix": error.fix}


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


def _text(content: bytes, task: _Task) -> str:
    """The document's characters, without a byte order mark; XML well-formed, without DOCTYPE."""
    syntax = _READ[task.syntax]
    is_xml = syntax.media_type == _XML.media_type
    text = _decoded(content, _xml_encoding(content) if is_xml else "utf-8-sig", syntax)
    if not text.strip() and not task.may_be_empty:
        raise _empty(syntax)
    if not is_xml or not text.strip():
        return text
    _check_xml(text, syntax.label)
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


def _check_xml(text: str, label: str) -> None:
    """Refuses a DOCTYPE before its entities are read, and what is not well-formed.

    The RDF parser itself is lax: it reads a truncated document as if it were whole, and knows DOCTYPE in any place.
    """
    parser = expat.ParserCreate("utf-8")

    def refuse(*_: object) -> None:
        raise DocumentError(
            f"{label}: a DOCTYPE is not read, since its entities can grow without end",
            parser.CurrentLineNumber,
            parser.CurrentColumnNumber + 1,
            "Leave the DOCTYPE out and write its entities in full",
        )

    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        reason = "it ends too early" if error.code == _NO_ELEMENT else expat.ErrorString(error.code)
        raise DocumentError(f"{label}: not well-formed: {reason}", error.lineno, error.offset + 1) from error


def _tree(text: str) -> list[Any]:
    """The root as `[name, {attribute: value}, [texts and elements]]`; of a text that `_text` gave."""
    builder = _Builder()
    try:
        builder.parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise DocumentError(f"XML: not well-formed: {reason}", error.lineno, error.offset + 1) from error
    return list(builder.root[0])


class _Builder:
    """Collects a document's elements, as many and as deep as there may be."""

    def __init__(self) -> None:
        self.root: list[Any] = []
        self._open, self._number = [self.root], 0
        self.parser = expat.ParserCreate("utf-8", " ")
        self.parser.buffer_text, self.parser.buffer_size = True, _MIB
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._number += 1
        if len(self._open) > _MAX_DEPTH:
            raise self._refusal(f"its elements are nested more than {_MAX_DEPTH} deep")
        if self._number > _MAX_ELEMENTS:
            raise self._refusal(f"it has more than {_MAX_ELEMENTS} elements")
        element: list[Any] = [_clark(name), {_clark(key): value for key, value in attributes.items()}, []]
        self._open[-1].append(element)
        self._open.append(element[2])

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _characters(self, characters: str) -> None:
        content = self._open[-1]
        if content and isinstance(content[-1], str):
            content[-1] += characters  # the parser's buffer was full
        else:
            content.append(characters)

    def _refusal(self, cause: str) -> DocumentError:
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        return DocumentError(f"XML: {cause}", line, column, _TOO_MUCH)


def _clark(name: str) -> str:
    namespace, _, local = name.rpartition(" ")
    return f"{{{namespace}}}{local}" if namespace else local


def _empty(syntax: Syntax) -> DocumentError:
    return DocumentError(f"{syntax.label}: the document is empty: it has no statement", fix="Check its address or file")


def _located(text: str, task: _Task) -> Iterator[Quad]:
    """The quads, and errors with a place and in our words."""
    if task.is_mended:
        yield from _Mending(text, task.base_iri).quads(read(text, SYNTAXES[task.syntax], task.base_iri, lenient=True))
        return
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
    return _unknown_context(text, context[1] if context else "", context.start(1) if context else None)


def _unknown_context(text: str, address: str, start: int | None) -> DocumentError:
    line, column = _position(text[:start]) if start is not None else (None, None)
    name = f" {address}" if address else ""
    return DocumentError(
        f"JSON-LD: its @context{name} is on the web, and documents are read without fetching others",
        line,
        column,
        "Write the context's terms into the document, or serve the document as Turtle",
    )


def _with_contexts(text: str) -> str:
    """A JSON-LD document with the contexts that it names by address written out: the packaged ones of `_CONTEXTS`.

    Lines stay where they are. Raises DocumentError for the address of any other context.
    """
    parts, end = [], 0
    places = sorted(set(islice(_named_contexts(text), _MAX_CONTEXTS + 1)))
    if len(places) > _MAX_CONTEXTS:
        raise DocumentError(f"JSON-LD: it names contexts more than {_MAX_CONTEXTS} times", fix="Name them once")
    for start, stop in places:
        address = text[start + 1 : stop - 1].replace("\\/", "/")
        packaged = next((name for pattern, name in _CONTEXTS if pattern.fullmatch(address[:_MAX_ADDRESS])), None)
        if packaged is None:
            raise _unknown_context(text, address[:_MAX_ADDRESS], start + 1)
        parts += [text[end:start], _context(packaged)]
        end = stop
    return "".join((*parts, text[end:]))


def _named_contexts(text: str) -> Iterator[tuple[int, int]]:
    """Where the strings stand that are contexts: values of "@context", and members of lists that are."""
    for key in _CONTEXT_KEY.finditer(text):
        if single := _STRING.match(text, key.end()):
            yield single.span(1)
        elif opened := _LIST.match(text, key.end()):
            yield from _members(text, opened.end())


def _members(text: str, position: int) -> Iterator[tuple[int, int]]:
    """Where the strings stand that are directly in the list that starts here."""
    depth = 1
    while depth and (token := _TOKEN.match(text, position)):
        position = token.end()
        if token["string"] and depth == 1:
            yield token.span("string")
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0].lstrip(), 0)


@cache
def _context(name: str) -> str:
    """A packaged context in one line."""
    written = json.loads((resources("vocab") / "contexts" / f"{name}.jsonld").read_text(encoding="utf-8"))
    return json.dumps(written["@context"])


class _Mending:
    """Quads as a lenient parser gives them → quads of valid terms, each flaw told once a subject and predicate."""

    def __init__(self, text: str, base_iri: str | None) -> None:
        self._text, self._folder = text, (base_iri or "").rpartition("/")[0] + "/"
        self._told: set[Quad] = set()

    def quads(self, quads: Iterable[Quad]) -> Iterator[Quad]:
        for quad in quads:
            if ":" not in quad.predicate.value:
                continue  # a key of JSON that no context defines, which says nothing (JSON-LD 1.1, 5.1)
            terms = [_mended(term) for term in quad]
            about, predicate = terms[0], quad.predicate.value
            for term, mended in zip(quad, terms, strict=True):
                if mended != term:
                    name = "" if term == quad.subject else predicate
                    subject = about if isinstance(about, IRI | BlankNode) else _LOST
                    yield from self._tell(subject, terms[3], name, term, mended)
            if None not in terms:
                yield Quad(*terms)

    def _tell(self, subject: IRI | BlankNode, graph: Any, predicate: str, term: Any, mended: Any) -> Iterator[Quad]:
        part, written = _part(term)
        if written not in self._text:  # it is relative
            written = written.removeprefix(self._folder)
        flaw = Flaw(part, predicate, written, _part(mended)[1] if mended else None)
        told = flaw.quad(subject, graph)
        if told not in self._told and len(self._told) < _MAX_FLAWS:
            self._told.add(told)
            line, column = self._place(written)
            yield replace(flaw, line=line, column=column).quad(subject, graph)

    def _place(self, written: str) -> tuple[int | None, int | None]:
        """Where a text first stands, as it is or as XML writes it."""
        if len(self._text) <= _MAX_SEARCHED:
            found = (self._text.find(form) for form in (written, html.escape(written, quote=False)))
            start = next((start for start in found if start >= 0), None)
            return (None, None) if start is None else _position(self._text[:start])
        return None, None


def _part(term: Any) -> tuple[str, str]:
    """What of a term can be wrong, and what it is."""
    if not isinstance(term, Literal):
        return "IRI", term.value
    return ("language tag", term.language) if term.language else ("datatype", term.datatype.value)


def _mended(term: Any) -> Any:
    """A term that is valid: the same, or one that says what it was meant to; None when there is none."""
    if isinstance(term, IRI):
        return term if is_iri(term.value) else _mended_iri(term.value)
    if not isinstance(term, Literal):
        return term
    if term.language is None:
        return term if is_iri(term.datatype.value) else None
    for language in (term.language, term.language.replace("_", "-")):
        with suppress(ValueError):
            return Literal(term.value, language=language, direction=term.direction)
    return Literal(term.value)


def _mended_iri(written: str) -> IRI | None:
    head = _AUTHORITY.match(written.strip())
    if head is None:
        return None
    before, mark, fragment = written.strip()[head.end() :].partition("#")
    if "//" in head[0] and before and before[0] not in "/?":
        return None  # what is wrong is in the name of the host
    rest = before + mark + fragment.replace("#", "%23")
    mended = head[0] + _FOREIGN.sub(lambda match: quote(match[0], safe=""), rest)
    return IRI(mended) if is_iri(mended) else None


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
    if not (number or task.may_be_empty):
        raise _empty(SYNTAXES[task.syntax])


if __name__ == "__main__":
    sys.exit(_child())
