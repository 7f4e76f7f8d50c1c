"""What one publiccode.yml says, as far as it has been read: triples.

Nothing here raises for what a stranger wrote, nor tells what is wrong with it: `catalogue.publiccode` does. What can be
used of a wrong value is used, the rest left out. Only what cannot be used for a reason of the catalogue's own is a
finding of its own.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from catalogue.identity import Minter, Repository
from catalogue.model import Finding, Severity
from catalogue.publiccode import values
from catalogue.publiccode.validator import MAX_FINDINGS, MAX_SHOWN, item_path, key_path, language_path
from catalogue.publiccode.values import is_empty
from catalogue.rdf import IRI, Term, Triple
from catalogue.yaml import Mapping as YamlMapping
from catalogue.yaml import Node, Scalar, Sequence


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: its key path (`description[en-US].features[2]`), and the language of texts there."""

    path: str = ""
    language: str = "und"

    def key(self, name: str) -> "Place":
        return Place(key_path(self.path, name), self.language)

    def item(self, index: int) -> "Place":
        return Place(item_path(self.path, index), self.language)

    def block(self, written: str, language: str) -> "Place":
        """The texts of a language, as written and in its usual spelling."""
        return Place(language_path(self.path, written), language)


Reader = Callable[["Draft", Node, Place], str | None]
Section = Mapping[str, Reader]
"""The keys of a mapping, each with what reads its node."""


class Draft:
    """Collects the triples of one file; `document_url` is where the file was found, if on the web."""

    def __init__(self, minter: Minter, repository: Repository, document_url: str | None) -> None:
        self.minter, self.repository, self.document_url = minter, repository, document_url
        self.solution = minter.thing("solution", repository.identity)
        self.triples: set[Triple] = set()
        self.languages: dict[str, str | None] = {}
        """The languages of the description, with the name of the software in each that has one of its own."""
        self.owner: dict[str, str] = {}
        """What the file says of its publisher: `uri`, `name`, `code`, `repository owner`."""
        self.findings: list[Finding] = []
        """What could not be used, at most MAX_FINDINGS."""

    @cached_property
    def distribution(self) -> IRI:
        return self.minter.thing("distribution", f"{self.repository.identity} source")

    def node(self, name: str) -> IRI:
        """A node of the solution: `{solution}#{name}`."""
        return IRI(f"{self.solution.value}#{name}")

    def say(self, subject: IRI, predicate: IRI, *objects: Term) -> None:
        for value in objects:
            self.triples.add(Triple(subject, predicate, value))

    def find(self, severity: Severity, message: str, place: Place, node: Node, fix: str) -> None:
        if len(self.findings) < MAX_FINDINGS:
            value = node.text[:MAX_SHOWN] if isinstance(node, Scalar) else None
            self.findings.append(Finding(severity, message, place.path, value, fix, node.line, node.column))

    def section(self, node: Node, place: Place, section: Section) -> dict[str, str]:
        """Reads a mapping's keys; what their readers give, by key. Of a node that is no mapping, nothing.

        A key counts by its letters, whatever their case, where the right one is not there.
        """
        found: dict[str, str] = {}
        entries = node.entries if isinstance(node, YamlMapping) else ()
        missing = {_letters(name): name for name in section.keys() - {key.text for key, _ in entries}}
        for key, child in entries:
            name = key.text if key.text in section else missing.get(_letters(key.text))
            reader = section[name] if name else None
            value = reader(self, child, place.key(key.text)) if reader and not is_empty(child) else None
            if name and value is not None:
                found[name] = value
        return found

    def items(self, node: Node, place: Place) -> Iterator[tuple[Node, Place]]:
        """The entries of a list that have a value; of a node that is no list, itself."""
        if not isinstance(node, Sequence):
            yield node, place
            return
        yield from ((item, place.item(index)) for index, item in enumerate(node.items) if not is_empty(item))

    def texts(self, node: Node, place: Place) -> Iterator[str]:
        """The texts of a list of them."""
        for item, _ in self.items(node, place):
            if value := plain(item):
                yield value

    def address(self, node: Node, place: Place) -> str | None:
        """The address of something on the web, which can be published as an IRI."""
        value = values.address(plain(node) or "")
        ours = f"{self.minter.base}/id/".partition("://")[2]
        if value and value.partition("://")[2].startswith(ours):
            fix = "Write the address of a page."
            self.find(Severity.WARNING, "This is a name that this catalogue gives.", place, node, fix)
            return None
        return value


def _letters(name: str) -> str:
    """A key without case and punctuation, in one of its two English spellings."""
    return re.sub(r"[\W_]", "", name).lower().replace("z", "s").replace("licence", "license")


def plain(node: Node) -> str | None:
    """A text without the space around it."""
    return node.text.strip() if isinstance(node, Scalar) and not is_empty(node) else None


def reader(value: Callable[[str], str | None] = str) -> Reader:
    """Reads a text as the value that it stands for."""

    def read_value(_draft: Draft, node: Node, _place: Place) -> str | None:
        written = plain(node)
        return value(written) if written else None

    return read_value
