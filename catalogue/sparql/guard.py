"""What a visitor's query may not ask for, decided from its text before any process sees it.

The tokens are those of Oxigraph's parser, which has no word boundaries and tries readings in order. Three things
follow, each of which once hid a SERVICE from a plainer guard:

- `trueSERVICE<…>` and `SERVICEex:a{}` are read as SERVICE, so the word is looked for inside words and prefixes, too;
- `FILTER(?a<?b)SERVICE#>` holds what looks like an IRI and is a comparison, so every `<…>` is read both ways;
- a long string with a wrong escape is two short strings, so the escapes are part of the tokens here.

The child that evaluates has no network either; this guard is what says so in words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from catalogue.errors import QueryRefused, QuerySyntaxError

LONGEST_BYTES = 64 * 1024
# Oxigraph's parser recurses: 2,500 braces overflow a stack of 8 MiB. People nest ten.
DEEPEST = 100


class Form(StrEnum):
    """The four forms of a query."""

    SELECT = "SELECT"
    ASK = "ASK"
    CONSTRUCT = "CONSTRUCT"
    DESCRIBE = "DESCRIBE"

    @property
    def is_graph(self) -> bool:
        """Whether the answer is RDF; otherwise it is a table or a truth value."""
        return self in (Form.CONSTRUCT, Form.DESCRIBE)


UPDATES = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD", "WITH"})

# The productions of SPARQL 1.1, 19.8, that the tokens below are made of.
_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd"
)
_CHAR = _BASE + "_0-9\u00b7\u0300-\u036f\u203f-\u2040"
_SCALAR = r"(?:[0-9A-CE-Fa-ce-f][0-9A-Fa-f]{3}|[Dd][0-7][0-9A-Fa-f]{2})"
_ESCAPE = rf"""\\(?:[tbnrf"'\\]|u{_SCALAR}|U0000{_SCALAR}|U00(?:0[1-9A-Fa-f]|10)[0-9A-Fa-f]{{4}})"""
_PLX = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
# One dot and no more in a local name, as Oxigraph 0.5 reads it: to it, `ex:a.b.SERVICE` ends in a SERVICE.
_LOCAL = rf"(?:[{_BASE}_:0-9]|{_PLX})(?:[{_CHAR}:-]|{_PLX})*+(?:\.++(?:[{_CHAR}:-]|{_PLX})++)?+"
# Possessive throughout: the parser never gives back what it took, and no text takes more than linear time here.
_TOKENS = re.compile(
    rf"""(?P<space>[ \t\r\n]+)
    |(?P<comment>\#)
    |(?P<string>\'\'\'(?:'{{0,2}}(?:[^'\\]|{_ESCAPE}))*\'\'\'
        |\"\"\"(?:"{{0,2}}(?:[^"\\]|{_ESCAPE}))*\"\"\"
        |'(?:[^'\\\r\n]|{_ESCAPE})*'
        |"(?:[^"\\\r\n]|{_ESCAPE})*")
    |(?P<iri><[^<>"{{}}|^`\x00-\x20]*>)
    |(?P<variable>[?$][{_CHAR}]+)
    |(?P<blank>_:[{_BASE}_0-9][{_CHAR}-]*+(?:\.++[{_CHAR}-]++)*+)
    |(?P<language>@[A-Za-z]++(?:--?[A-Za-z0-9]++)*+)
    |(?P<number>(?:[0-9]+\.[0-9]*|\.?[0-9]+)[eE][+-]?[0-9]+|[0-9]*\.[0-9]+|[0-9]+)
    |(?P<word>[{_BASE}][{_CHAR}-]*+(?:\.++[{_CHAR}-]++)*+(?::(?:{_LOCAL})?+)?+)
    |(?P<name>:(?:{_LOCAL})?+)
    |(?P<sign>(?s:.))""",
    re.VERBOSE,
)
_CODE_POINT = re.compile(rf"\\u({_SCALAR})|\\U(00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{{4}})")
_OPENING, _CLOSING = frozenset("({["), frozenset(")}]")
# After these comes an operand or a path, never a pattern: `<service/a>` is no SERVICE, even read as a comparison.
_NOT_BEFORE_SERVICE = frozenset("</")


@dataclass(frozen=True)
class Token:
    """A token and where it stands. `kind` is a group of `_TOKENS`, or `name` for what has a prefix."""

    kind: str
    text: str
    start: int
    end: int


_START = Token("sign", "", 0, 0)


def check(query: str) -> Form:
    """The form of a query that may be evaluated; raises QueryRefused or QuerySyntaxError with the reason."""
    try:
        size = len(query.encode())
    except UnicodeEncodeError as error:
        raise QuerySyntaxError(f"{position(query, error.start)}: a byte that is not UTF-8") from error
    if size > LONGEST_BYTES:
        raise QueryRefused(f"the query is longer than {LONGEST_BYTES // 1024} KiB")
    form = form_of(query)
    if _is_suspect(query):
        _check_readings(query)
    return form


def _is_suspect(query: str) -> bool:
    """Whether the text holds the letters of anything that is refused: few do, and the others need no closer look."""
    lower = query.lower()
    has_word = "service" in lower or "file:" in lower or "\\u" in lower
    return has_word or sum(map(query.count, _OPENING)) > DEEPEST


@lru_cache(64)
def form_of(query: str) -> Form:
    """The form of a query, by the first word after its prologue; raises QueryRefused or QuerySyntaxError."""
    previous = _START
    for token in tokens(query, 0):
        word = token.text.upper()
        if token.kind == "word" and word not in ("BASE", "PREFIX", "VERSION"):
            return _form_named(query, token, word)
        if token.kind not in ("word", "name", "iri", "string"):
            raise _syntax_error(query, token)
        previous = token
    if previous is _START:
        raise QuerySyntaxError("line 1, column 1: the query is empty")
    raise _syntax_error(query, previous)


def _form_named(query: str, token: Token, word: str) -> Form:
    if word in UPDATES:
        raise QueryRefused(f"{word} is an update, and updates are not offered here")
    if word not in Form.__members__:
        raise _syntax_error(query, token)
    return Form(word)


def _syntax_error(query: str, token: Token) -> QuerySyntaxError:
    return QuerySyntaxError(
        f"{position(query, token.start)}: expected SELECT, ASK, CONSTRUCT or DESCRIBE, not {token.text[:40]!r}"
    )


def position(query: str, offset: int) -> str:
    """A place of the text in words, both numbers from 1."""
    before = query[:offset]
    return f"line {before.count(chr(10)) + 1}, column {offset - before.rfind(chr(10))}"


def undeclared_prefix(query: str) -> str | None:
    """Names the first prefix that is used without a declaration; the parser says only what else it expected."""
    declared, previous = set(), _START
    for token in tokens(query, 0):
        prefix = token.text.partition(":")[0]
        if previous.text.upper() == "PREFIX":
            declared.add(prefix)
        elif token.kind == "name" and prefix not in declared:
            return f"{position(query, token.start)}: the prefix {prefix}: is not declared"
        previous = token
    return None


def tokens(query: str, start: int) -> Iterator[Token]:
    """The tokens of a text from a place in it, without comments."""
    while match := _TOKENS.match(query, start):
        kind, text, end = match.lastgroup, match.group(), match.end()
        if kind == "comment":
            end = _line_end(query, end)
        elif kind != "space":
            assert kind is not None
            yield Token("name" if kind == "word" and ":" in text else kind, text, start, end)
        start = end


def _line_end(query: str, start: int) -> int:
    """By `find` and not in the expression: a line of `<#a><#a>…` is a comment from each of its thousands of `#` on."""
    ends = (query.find("\n", start), query.find("\r", start))
    return min((end for end in ends if end >= 0), default=len(query))


def _check_readings(query: str) -> None:
    """Checks every way to read the text: after each `<…>`, and after its `<` alone. Linear, for readings meet again."""
    pending: list[tuple[int, int, Token]] = [(0, 0, _START)]
    seen: set[tuple[int, bool]] = set()
    while pending:
        start, depth, previous = pending.pop()
        for token in tokens(query, start):
            state = (token.start, previous.text in _NOT_BEFORE_SERVICE)
            if state in seen or _is_impossible(previous, token):
                break
            seen.add(state)
            if token.kind == "iri":
                pending.append((token.start + 1, depth, Token("sign", "<", token.start, token.start + 1)))
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
            if depth > DEEPEST:
                raise QueryRefused(f"{position(query, token.start)}: the query is nested deeper than {DEEPEST} levels")
            _check_token(query, previous, token)
            previous = token


def _is_impossible(previous: Token, token: Token) -> bool:
    """Whether two tokens stand together in no query, as the slashes of `<http://…>` do when `<` is a comparison."""
    slashes = previous.text == token.text == "/" and previous.end == token.start
    return slashes or (token.kind == "language" and previous.kind != "string")


def _check_token(query: str, previous: Token, token: Token) -> None:
    if token.kind == "word" and "service" in token.text.lower() and previous.text not in _NOT_BEFORE_SERVICE:
        raise _service(query, token)
    if token.kind == "name" and "service" in token.text.lower().partition(":")[0]:
        _check_name(query, previous, token)
    if token.kind == "iri" and _names_graphs(previous) and is_file(_unescaped(token.text[1:-1])):
        raise QueryRefused(f"{position(query, token.start)}: this names a file, and files are not read")


def _names_graphs(previous: Token) -> bool:
    """Whether an IRI after this token is, or starts, the name of a graph: in FROM, as BASE, or as a prefix's."""
    declares = previous.kind == "name" and previous.text.endswith(":")
    return declares or previous.text.upper() in ("FROM", "NAMED", "BASE")


def is_file(iri: str) -> bool:
    """Whether an IRI names a file of the machine that reads it."""
    return iri[:5].lower() == "file:"


def _unescaped(iri: str) -> str:
    """An IRI without the escapes that the engine resolves in one (SPARQL 1.1, 19.2)."""
    return _CODE_POINT.sub(lambda found: chr(int(found[1] or found[2], 16)), iri)


def _check_name(query: str, previous: Token, token: Token) -> None:
    """`SERVICEex:a {` is a SERVICE, unless a word before it takes a name."""
    following = next(tokens(query, token.end), _START)
    takes_a_name = previous.kind == "word" and previous.text.upper() in ("GRAPH", "FROM", "NAMED", "DESCRIBE")
    if following.text == "{" and not takes_a_name:
        raise _service(query, token)


def _service(query: str, token: Token) -> QueryRefused:
    return QueryRefused(
        f"{position(query, token.start)}: SERVICE is not offered; queries are answered from this catalogue alone"
    )
