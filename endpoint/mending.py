"""What a document would look like mended: its lines with the replacements made that its findings spell out.

Only what a finding says to the letter is replaced, and only where the letter stands: a guess is left to the author.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from endpoint.federation import Finding

# An identifier, an address, or a licence expression; nothing that could be a sentence.
_EXACT = re.compile(
    r'Write (?P<quoted>"[^"\s]+"), in quotes\.'
    r"|Write (?:it in capitals: )?(?P<plain>[^\s\"“”`,]+(?: (?:AND|OR|WITH) [\w.+()-]+)*?)(?:, without quotes\.)?"
    r"|Did you mean “(?P<meant>[^”\s]+)”\?.*"
)
_WITHOUT_QUOTES = ", without quotes."
_LOOSE = re.compile(r"[\W_]+")
_KEY = re.compile(r"""(?:-\s+)?["']?(?P<key>[^\s:"'#]+)["']?\s*:""")


@dataclass(frozen=True)
class Mended:
    """A line, counted from 1, as it is and as it would be."""

    number: int
    old: str
    new: str


def mended(text: str, findings: Iterable[Finding]) -> list[Mended]:
    """The lines that would be other, in their order."""
    lines, changed = text.splitlines(), dict[int, str]()
    # From the right, so that what stands left of a replacement stays where it was found.
    for finding in sorted(findings, key=lambda found: -(found.column or 0)):
        number = finding.line or 0
        if 0 < number <= len(lines):
            before = changed.get(number, lines[number - 1])
            after = _replaced(before, finding)
            if after != before:
                changed[number] = after
    return [Mended(number, lines[number - 1], changed[number]) for number in sorted(changed)]


def _replaced(line: str, finding: Finding) -> str:
    told = _EXACT.fullmatch(finding.fix)
    if told is None:
        return line
    # What is to be put in quotes is a value, whether or not the finding says so.
    value = finding.value or (told["quoted"] or "").strip('"')
    old, start = value or finding.path.rpartition(".")[2], max(0, (finding.column or 1) - 1)
    new = _replacement(old, told)
    span = (_value_span if value else _key_span)(line, old, start) if new and old else None
    if span is None:
        return line
    first, end = _unquoted(line, *span) if finding.fix.endswith(_WITHOUT_QUOTES) else span
    return line[:first] + new + line[end:]


def _replacement(old: str, told: re.Match[str]) -> str:
    if told["meant"]:
        return told["meant"] if _same(old, told["meant"]) else ""
    return told["quoted"] or told["plain"].removesuffix(".")


def _same(one: str, other: str) -> bool:
    """Whether two names differ in case, hyphens and the like only."""
    return _LOOSE.sub("", one).casefold() == _LOOSE.sub("", other).casefold()


def _key_span(line: str, key: str, start: int) -> tuple[int, int] | None:
    """Where a key stands, which is where the finding says."""
    named = _KEY.match(line, start)
    return named.span("key") if named and named["key"] == key else None


def _value_span(line: str, value: str, start: int) -> tuple[int, int] | None:
    """Where a whole value stands behind its key, if it does so once."""
    named = _KEY.match(line, start)
    places = list(re.compile(rf"(?<![\w-]){re.escape(value)}(?![\w-])").finditer(line, named.end() if named else start))
    return places[0].span() if len(places) == 1 else None


def _unquoted(line: str, first: int, end: int) -> tuple[int, int]:
    """With the quotes around it."""
    is_quoted = line[first - 1 : first] in ("'", '"') and line[end : end + 1] == line[first - 1 : first]
    return (first - 1, end + 1) if is_quoted else (first, end)
