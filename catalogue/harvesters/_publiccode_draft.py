"""What one publiccode.yml says, as far as it has been read: triples, and findings for what cannot be used.

Nothing here raises for what a stranger wrote: a value that cannot be used is a finding, and the rest is read on.
"""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache

from catalogue.harvesters._publiccode_terms import RENAMED, YAML_1_1_BOOLEANS
from catalogue.identity import Minter, Repository
from catalogue.model import Finding, Severity
from catalogue.rdf import IRI, Term, Triple, is_iri
from catalogue.yaml import Mapping as YamlMapping
from catalogue.yaml import Node, Scalar, Sequence

# Enough for any file that was meant; what a hostile one has beyond is counted.
MAX_FINDINGS = 200
MAX_SHOWN = 200

_WEB = re.compile(r"https?://[^/?#@\s\\]+(?:[/?#]\S*)?", re.IGNORECASE)
_WITH_USER = re.compile(r"https?://[^/?#]*@", re.IGNORECASE)
_HOST = re.compile(r"(?:[\w-]+\.)+[A-Za-z]{2,}(?:[/?#]\S*)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PLAIN_KEY = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: its key path (`description[en-US].features[2]`), and the language of texts there."""

    path: str = ""
    language: str = "und"

    def key(self, name: str) -> "Place":
        shown = name[:MAX_SHOWN]
        if not self.path:
            return Place(shown, self.language)
        joined = f"{self.path}.{shown}" if _PLAIN_KEY.fullmatch(shown) else f"{self.path}[{shown}]"
        return Place(joined, self.language)

    def item(self, index: int) -> "Place":
        return Place(f"{self.path}[{index}]", self.language)

    def spoken(self, language: str) -> "Place":
        return Place(self.path, language)


Reader = Callable[["Draft", Node, Place], str | None]


@dataclass(frozen=True)
class Section:
    """The keys of a mapping, each with what reads its node; `deprecated` has for each such key what to write now."""

    keys: Mapping[str, Reader]
    mandatory: tuple[str, ...] = ()
    deprecated: Mapping[str, str] = field(default_factory=dict)


class Draft:
    """Collects the triples and findings of one file; `document_url` is where the file was found, if on the web."""

    def __init__(self, minter: Minter, repository: Repository, document_url: str | None) -> None:
        self.minter, self.repository, self.document_url = minter, repository, document_url
        self.solution = minter.thing("solution", repository.identity)
        self.triples: set[Triple] = set()
        self.languages: dict[str, str | None] = {}
        """The languages of the description, with the name of the software in each that has one of its own."""
        self.owner: dict[str, str] = {}
        """What the file says of its publisher: `uri`, `name`, `code`, `repository owner`."""
        self._findings: list[Finding] = []
        self._left_out = 0

    @cached_property
    def distribution(self) -> IRI:
        return self.minter.thing("distribution", f"{self.repository.identity} source")

    def node(self, name: str) -> IRI:
        """A node of the solution: `{solution}#{name}`."""
        return IRI(f"{self.solution.value}#{name}")

    def say(self, subject: IRI, predicate: IRI, *objects: Term) -> None:
        for value in objects:
            self.triples.add(Triple(subject, predicate, value))

    @property
    def findings(self) -> tuple[Finding, ...]:
        more = Finding(Severity.INFO, f"{self._left_out} more findings are not listed.")
        return (*self._findings, more) if self._left_out else tuple(self._findings)

    def find(self, severity: Severity, message: str, place: Place, node: Node, fix: str | None = None) -> None:
        if len(self._findings) >= MAX_FINDINGS:
            self._left_out += 1
            return
        value = node.text[:MAX_SHOWN] if isinstance(node, Scalar) else None
        self._findings.append(Finding(severity, message, place.path or None, value, fix, node.line, node.column))

    def warn(self, message: str, place: Place, node: Node, fix: str | None = None) -> None:
        self.find(Severity.WARNING, message, place, node, fix)

    def suggestion(self, value: str, known: Mapping[str, object]) -> str | None:
        """ "Did you mean …?" for a value that is not among the known ones, while findings are still listed."""
        if len(self._findings) >= MAX_FINDINGS or len(value) > 60:
            return None
        near = _near(value.strip(), tuple(known))
        return f"Did you mean “{near}”?" if near else None

    def section(self, node: Node, place: Place, section: Section) -> dict[str, str]:
        """Reads a mapping's keys; what their readers give, by key. Of a node that is no mapping, nothing."""
        values: dict[str, str] = {}
        if not isinstance(node, YamlMapping):
            self.warn("This should have keys of its own.", place, node, f"Write: {', '.join(list(section.keys)[:3])} …")
            return values
        self.repeated(node, place)
        for key, child in node.entries:
            value = self._entry(key, child, place.key(key.text), section)
            if value is not None:
                values[key.text] = value
        present = {key.text for key, _ in node.entries}
        for name in section.mandatory:
            if name not in present:
                self.warn("This key is mandatory and is missing.", place.key(name), node, f"Add {name}.")
        return values

    def repeated(self, node: YamlMapping, place: Place) -> None:
        for key in node.duplicates:
            self.warn("This key is there twice; the first one was read.", place.key(key.text), key, "Keep one of them.")

    def _entry(self, key: Scalar, node: Node, place: Place, section: Section) -> str | None:
        reader = section.keys.get(key.text)
        if reader is None:
            self._unknown(key, place, section)
            return None
        if key.text in section.deprecated:
            self.warn("This key is deprecated.", place, key, section.deprecated[key.text])
        if is_empty(node):
            self._empty(place, node, key.text in section.mandatory)
            return None
        return reader(self, node, place)

    def _unknown(self, key: Scalar, place: Place, section: Section) -> None:
        if key.text == "<<" and key.plain:
            self.warn("Merge keys are not part of YAML 1.2; this one was not read.", place, key, "Write the keys out.")
            return
        current = RENAMED.get(key.text)
        fix = f"Write {current}." if current in section.keys else self.suggestion(key.text, section.keys)
        self.warn("This is not a key of publiccode.yml.", place, key, fix or "Leave it out.")

    def _empty(self, place: Place, node: Node, mandatory: bool) -> None:
        if mandatory:
            self.warn("This key is mandatory and has no value.", place, node, "Give it a value.")
        else:
            self.find(Severity.INFO, "This key has no value.", place, node, "Leave it out, or give it a value.")

    def items(self, node: Node, place: Place) -> Iterator[tuple[Node, Place]]:
        """The entries of a list; of a node that is no list, itself."""
        if not isinstance(node, Sequence):
            self.warn(
                "This should be a list; it was read as its only entry.", place, node, "Begin the entry with `- `."
            )
            yield node, place
            return
        for index, item in enumerate(node.items):
            where = place.item(index)
            if is_empty(item):
                self._empty(where, item, mandatory=False)
            else:
                yield item, where

    def text(self, node: Node, place: Place) -> str | None:
        """A text without the space around it; None, with a finding, for what is none."""
        if isinstance(node, Scalar) and not is_empty(node):
            return node.text.strip()
        if isinstance(node, Scalar):
            self._empty(place, node, mandatory=False)
        else:
            kind = "list" if isinstance(node, Sequence) else "mapping"
            self.warn(f"This should be a text, not a {kind}.", place, node, "Write one text.")
        return None

    def texts(self, node: Node, place: Place) -> Iterator[tuple[str, Node, Place]]:
        """The texts of a list of them."""
        for item, where in self.items(node, place):
            value = self.text(item, where)
            if value is not None:
                yield value, item, where

    def boolean(self, node: Node, place: Place) -> str | None:
        """ "true" or "false". YAML 1.1's spellings, which are deprecated, are read with a finding."""
        if not isinstance(node, Scalar):
            self.warn("This should be true or false.", place, node, "Write true or false.")
            return None
        if node.boolean is not None:
            return str(node.boolean).lower()
        value = node.text.strip().lower()
        meant = value if value in ("true", "false") else YAML_1_1_BOOLEANS.get(value)
        if meant is None:
            self.warn("This should be true or false.", place, node, "Write true or false.")
        else:
            self.warn("In YAML 1.2 this is a text, not true or false.", place, node, f"Write {meant}, without quotes.")
        return meant

    def date(self, node: Node, place: Place) -> str | None:
        """A date as YYYY-MM-DD."""
        value = self.text(node, place)
        if value is None or _is_date(value):
            return value
        self.warn("This is not a date.", place, node, "Write year-month-day, such as 2026-01-31.")
        return None

    def address(self, node: Node, place: Place) -> str | None:
        """The address of something on the web, which can be published as an IRI."""
        value = self.text(node, place)
        if value is None:
            return None
        cause, fix = web_fault(value)
        if cause is None and value.startswith(f"{self.minter.base}/id/"):
            cause, fix = "This is a name that this catalogue gives.", "Write the address of a page."
        if cause is not None:
            self.warn(cause, place, node, fix)
            return None
        return value


def is_empty(node: Node) -> bool:
    """Whether a node stands for no value: null, a blank text, an empty list or mapping."""
    if isinstance(node, Scalar):
        return node.is_null or not node.text.strip()
    return not (node.items if isinstance(node, Sequence) else node.entries)


@lru_cache(maxsize=4096)
def web_fault(value: str) -> tuple[str | None, str | None]:
    """Why a text cannot be published as the IRI of something on the web, and what mends it; None when it can."""
    if _WITH_USER.match(value):
        return "This address has a user's name in it.", "Write it without the part before the @."
    if not _WEB.match(value):
        fix = f"Write https://{value}" if _HOST.fullmatch(value) else "Write an address that begins with https://."
        return "This is not a web address.", fix
    if not _WEB.fullmatch(value):
        return "This web address has a space in it.", "Write one address, with %20 for a space."
    if not is_iri(value):
        return "This web address has a character that it must not have.", "Write the character with % and its code."
    return None, None


def _is_date(value: str) -> bool:
    if not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def _near(value: str, known: tuple[str, ...]) -> str | None:
    lower = {name.lower(): name for name in known}
    near = difflib.get_close_matches(value.lower(), lower, 1, 0.75)
    return lower[near[0]] if near else None
