"""Facet values as short codes for addresses: `licence=EUPL-1.2` and not the whole IRI, where no other value has it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from catalogue.model import KINDS
from catalogue.rdf import IRI
from catalogue.search import FACETS, Question
from endpoint.reader import Edition

# Facet → its heading; a list shows those of which its kind has values, in this order.
HEADINGS: Mapping[str, str] = {
    "topic": "Topic",
    "licence": "Licence",
    "country": "Country",
    "type": "Kind",
    "status": "Status",
    "level": "Level",
    "owner": "Owner",
    "language": "Language",
    "source": "Source",
}
_HEADINGS_OF = {"initiative": {"owner": "Led by"}, "topic": {"type": "List"}, "licence": {"type": "Approval"}}


@dataclass(frozen=True)
class Codes:
    """The values of one facet of one kind of thing, and their codes."""

    by_value: Mapping[str, str]
    by_code: Mapping[str, str]

    def value(self, asked: str) -> str:
        """The value that a code or a whole IRI asks for; what is unknown stays as it is, and nothing has it."""
        return self.by_code.get(asked, asked)

    def code(self, value: str) -> str:
        return self.by_value.get(value, value)


def codes(edition: Edition, kind: str) -> Mapping[str, Codes]:
    """The codes of all facets of a kind of thing, by facet."""
    return edition.once(f"codes of {kind}", lambda: _codes(edition, kind))


def heading(kind: str, facet: str) -> str:
    return _HEADINGS_OF.get(kind, {}).get(facet, HEADINGS[facet])


def address(edition: Edition, kind: str, facet: str, iri: IRI) -> str:
    """The list of the things of a kind that have a value."""
    return f"/{KINDS[kind].plural}?" + urlencode({facet: codes(edition, kind)[facet].code(iri.value)})


def counts(edition: Edition, kind: str) -> Mapping[str, tuple[tuple[str, int], ...]]:
    """How many things of a kind have each value, among all of them."""
    return edition.once(f"counts of {kind}", lambda: edition.publication.search.ask(Question(kind, size=1)).facets)


def _codes(edition: Edition, kind: str) -> Mapping[str, Codes]:
    found = counts(edition, kind)
    return {facet: table([value for value, _ in found.get(facet, ())]) for facet in FACETS}


def table(values: Iterable[str]) -> Codes:
    """Each value by the fewest of its last segments that no other value ends with."""
    by_value: dict[str, str] = {}
    waiting = list(values)
    for segments in (1, 2):
        ends = {value: "/".join(value.rstrip("/").rsplit("/", segments)[-segments:]) for value in waiting}
        often = Counter(ends.values())
        by_value |= {value: end for value, end in ends.items() if often[end] == 1}
        waiting = [value for value in waiting if value not in by_value]
    by_value |= {value: value for value in waiting}
    return Codes(by_value, {code: value for value, code in by_value.items()})
