"""YAML of strangers, read safely into a small tree. The only module that knows ruamel.yaml.

The tree is built from libyaml's stream of events, so no depth of nesting recurses, no tag constructs an object and no
alias multiplies the work: everything that a document can grow by has a limit. All scalars stay text (`NO` is "NO",
`1.10` is "1.10", dates are not touched); what a plain scalar means in the core schema of YAML 1.2 is asked for where
it matters. libyaml skips a byte order mark and takes all usual line ends. One file takes 0.5 ms, where the loader that
keeps comments takes 21 ms.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from catalogue.errors import DocumentError

MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text; `plain` when it was written without quotes, block indicator or tag."""

    text: str
    plain: bool
    line: int
    column: int

    _BOOLEANS: ClassVar = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}

    @property
    def boolean(self) -> bool | None:
        """The boolean that it is by YAML 1.2's core schema, else None: `yes`, `no`, `on` and `off` are texts."""
        return self._BOOLEANS.get(self.text) if self.plain else None

    @property
    def is_null(self) -> bool:
        """Whether it stands for no value by YAML 1.2's core schema: nothing at all, `~` or `null`."""
        return self.plain and self.text in ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes."""

    items: "tuple[Node, ...]"
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their nodes in the order written; of a key that comes again only the first entry is there.

    `duplicates` are the keys of the entries left out. A merge key (`<<`, YAML 1.1) is a key like any other.
    """

    entries: "tuple[tuple[Scalar, Node], ...]"
    line: int
    column: int
    duplicates: tuple[Scalar, ...] = ()

    def get(self, key: str) -> "Node | None":
        """The node at a key, None when there is none."""
        return next((node for name, node in self.entries if name.text == key), None)


Node = Scalar | Sequence | Mapping


@dataclass(frozen=True)
class Limits:
    """How large a document may be: bytes as written; nodes and nesting with every alias counted as what it repeats."""

    max_bytes: int = MAX_BYTES
    max_depth: int = 32
    max_nodes: int = 50_000
    max_aliases: int = 100


def read(
    content: bytes,
    max_bytes: int = MAX_BYTES,
    max_depth: int = 32,
    max_nodes: int = 50_000,
    max_aliases: int = 100,
) -> Mapping:
    """The one mapping that a YAML document is; raises DocumentError with line, column and fix for all else."""
    root = read_any(content, Limits(max_bytes, max_depth, max_nodes, max_aliases))
    if not isinstance(root, Mapping):
        fix = "Write `key: value` lines."
        if isinstance(root, Scalar) and _FILE_NAME.fullmatch(root.text):
            fix = f"It names another file, as a symbolic link does: take {root.text[:200]}."
        raise DocumentError("The file holds no keys with values.", root.line, root.column, fix)
    return root


_FILE_NAME = re.compile(r"\S+\.ya?ml", re.IGNORECASE)


def read_any(content: bytes, limits: Limits) -> Node:
    """The mapping, list or text that a YAML document is; raises DocumentError as `read` does."""
    _check_text(content, limits.max_bytes)
    try:
        root = _tree(_events(content), limits)
    except DocumentError as error:
        if _FLOW_COLON not in str(error) or len(content) > _MAX_SLOW_BYTES:
            raise
        root = _tree(_events(content, pure=True), limits)
    if root is None or (isinstance(root, Scalar) and root.is_null):
        only_comments = root is None and content.removeprefix(b"\xef\xbb\xbf").strip()
        message = "The file is empty but for comments." if only_comments else "The file is empty."
        raise DocumentError(message, 1, 1, "Write the keys into it.")
    return root


# libyaml as ruamel.yaml has it knows YAML 1.1 here: it refuses `[https://example.org]`, which is good YAML 1.2. The
# parser in Python takes it, at 2 ms a kilobyte: so not from a large file.
_FLOW_COLON = "found unexpected ':'"
_MAX_SLOW_BYTES = 1 << 16


def _tree(events: Iterator[Any], limits: Limits) -> Node | None:
    """None where there is no document at all."""
    tree = _Tree(limits)
    for event in events:
        tree.take(event)
    return tree.root


def _check_text(content: bytes, max_bytes: int) -> None:
    if len(content) > max_bytes:
        raise DocumentError(f"The file is larger than {max_bytes} bytes.", fix="Shorten it.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DocumentError("The file is written in UTF-16.", 1, 1, "Save it as UTF-8.")
    try:
        content.decode()
    except UnicodeDecodeError as error:
        raise DocumentError("The file is not UTF-8.", *_place(content, error.start), "Save it as UTF-8.") from error


def _place(content: bytes, offset: int) -> tuple[int, int]:
    """Line and column of a byte, where everything before it is UTF-8."""
    before = content[:offset].decode().removeprefix("\ufeff")
    lines = re.split(r"\r\n|[\r\n\x85\u2028\u2029]", before)
    return len(lines), len(lines[-1]) + 1


# What libyaml says, and what mends it.
_FIXES = (
    (_FLOW_COLON, "Put quotes around an address in brackets."),
    ("mapping values are not allowed", "Put quotes around a text that has `: ` in it, and check the indentation."),
    (
        "cannot start any token",
        "Indent with spaces, not tabs, and put quotes around a text that begins with @, ` or %.",
    ),
    (
        "could not find expected ':'",
        "Put `: ` behind the key, indent each line of a text that has several, and check that quotes are closed.",
    ),
    ("violates indentation", "Indent with spaces, not tabs."),
    ("expected <block end>", "Check the indentation of this line and of those before it."),
    ("did not find expected", "Check the indentation, and that all quotes and brackets are closed."),
    ("unexpected end of stream", "Close the quotes."),
    ("undefined tag handle", "Put quotes around a text that begins with an exclamation mark."),
    ("while scanning an alias", "Put quotes around a text that begins with an asterisk."),
    ("while scanning an anchor", "Put quotes around a text that begins with an ampersand."),
    ("control characters", "Take the invisible character out."),
)


def _events(content: bytes, pure: bool = False) -> Iterator[Any]:
    """The parser's events, libyaml's unless `pure`; raises DocumentError where the text is no YAML."""
    text = content.decode().removeprefix("\ufeff") if pure else content
    try:
        yield from YAML(typ="safe", pure=pure).parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        words = ", ".join(part for part in (error.context, error.problem) if part)
        raise DocumentError(f"The file is not valid YAML: {words}.", line, column, _fix(words)) from error
    except ReaderError as error:
        words = f"{error.reason} (character {error.character:#06x})"
        offset = len(str(text)[: error.position].encode()) if pure else error.position
        line, column = _place(content, offset)
        raise DocumentError(f"The file is not valid YAML: {words}.", line, column, _fix(words)) from error
    except YAMLError as error:
        raise DocumentError(f"The file is not valid YAML: {error}.") from error


def _fix(words: str) -> str | None:
    return next((fix for part, fix in _FIXES if part in words), None)


@dataclass(slots=True)
class _Open:
    """A collection that is being read: what it holds so far, how many nodes deep and large that is."""

    event: Any
    nodes: list[Node] = field(default_factory=list)
    height: int = 1
    size: int = 1


@dataclass(frozen=True, slots=True)
class _Anchored:
    node: Node
    height: int
    size: int


class _Tree:
    """The tree as far as it has been read."""

    def __init__(self, limits: Limits) -> None:
        self.root: Node | None = None
        self._limits = limits
        self._open: list[_Open] = []
        self._anchors: dict[str, _Open | _Anchored] = {}
        self._begin: Any = None
        self._aliases = self._size = 0

    def take(self, event: Any) -> None:
        if isinstance(event, DocumentStartEvent):
            self._begin = event
        elif isinstance(event, NodeEvent) and self.root is not None and not self._open:
            self._another(event)
        elif isinstance(event, ScalarEvent):
            self._scalar(event)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            self._start(event)
        elif isinstance(event, CollectionEndEvent):
            self._end()
        elif isinstance(event, AliasEvent):
            self._repeat(event)

    def _another(self, event: Any) -> None:
        """A `---` that nothing follows begins a document, too, but loses nothing."""
        if not isinstance(event, ScalarEvent) or event.value:
            message = "The file holds more than one YAML document."
            raise DocumentError(message, *_mark(self._begin), "Keep one of them.")

    def _scalar(self, event: ScalarEvent) -> None:
        self._grow(event, 0, 1)
        line, column = _mark(event)
        node = Scalar(event.value, event.implicit[0], line, column)
        if event.anchor:
            self._anchors[event.anchor] = _Anchored(node, 0, 1)
        self._add(node, 0, 1)

    def _start(self, event: Any) -> None:
        opened = _Open(event)
        self._open.append(opened)
        self._grow(event, 0, 1)
        if event.anchor:
            self._anchors[event.anchor] = opened

    def _end(self) -> None:
        done = self._open.pop()
        node = _mapping(done) if isinstance(done.event, MappingStartEvent) else _sequence(done)
        # An anchor may be defined anew inside of what it was on: the last definition holds.
        if done.event.anchor and self._anchors[done.event.anchor] is done:
            self._anchors[done.event.anchor] = _Anchored(node, done.height, done.size)
        self._add(node, done.height, done.size)

    def _repeat(self, event: AliasEvent) -> None:
        self._aliases += 1
        if self._aliases > self._limits.max_aliases:
            message = f"The file has more than {self._limits.max_aliases} aliases."
            raise DocumentError(message, *_mark(event), "Write out what they repeat.")
        anchored = self._anchors.get(event.anchor)
        if anchored is None:
            fix = f"Define &{event.anchor} before, or put quotes around a text that begins with an asterisk."
            raise DocumentError(f"The alias *{event.anchor} refers to nothing.", *_mark(event), fix)
        if isinstance(anchored, _Open):
            raise DocumentError(f"The alias *{event.anchor} stands inside what it repeats.", *_mark(event))
        self._grow(event, anchored.height, anchored.size)
        self._add(anchored.node, anchored.height, anchored.size)

    def _add(self, node: Node, height: int, size: int) -> None:
        """Puts a complete node into the collection that is open."""
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        parent.nodes.append(node)
        parent.height = max(parent.height, height + 1)
        parent.size += size

    def _grow(self, event: Any, height: int, size: int) -> None:
        self._size += size
        if len(self._open) + height > self._limits.max_depth:
            message = f"The file is nested deeper than {self._limits.max_depth} levels."
            raise DocumentError(message, *_mark(event), "Close the brackets before, or indent less.")
        if self._size > self._limits.max_nodes:
            message = f"The file has more than {self._limits.max_nodes} values."
            raise DocumentError(message, *_mark(event), "Shorten it.")


def _mark(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _sequence(done: _Open) -> Sequence:
    return Sequence(tuple(done.nodes), *_mark(done.event))


def _mapping(done: _Open) -> Mapping:
    entries: dict[str, tuple[Scalar, Node]] = {}
    duplicates = []
    for key, node in zip(done.nodes[::2], done.nodes[1::2], strict=True):
        if not isinstance(key, Scalar):
            fix = "Put quotes around a text that begins with a bracket."
            raise DocumentError("A key is not a text.", key.line, key.column, fix)
        if key.text in entries:
            duplicates.append(key)
        else:
            entries[key.text] = (key, node)
    return Mapping(tuple(entries.values()), *_mark(done.event), tuple(duplicates))
