"""What one reader sees of a publication: names, values and cards in the reader's languages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalogue.rdf import IRI, Literal, Term
from catalogue.search import Entry
from catalogue.vocabulary import XSD
from endpoint import markdown
from endpoint.labels import choose, chosen, code
from endpoint.reader import Edition
from endpoint.show import Link, Literally, Moment, Shown, Text, external, is_linked

_TIMES = frozenset({XSD.date, XSD.dateTime, XSD.gYear, XSD.gYearMonth})
_STRINGS = frozenset({XSD.string, IRI("http://www.w3.org/1999/02/22-rdf-syntax-ns#langString")})
_TRUTH = {"true": "Yes", "1": "Yes", "false": "No", "0": "No"}
_SUMMARY_LENGTH = 240


@dataclass(frozen=True)
class Card:
    """One result of a list."""

    title: Link
    summary: Text | None
    owner: Link | None
    facts: tuple[Text, ...]
    modified: Moment | None


class View:
    """A reader's view of an edition; made for one request."""

    def __init__(self, edition: Edition, languages: tuple[str, ...]) -> None:
        self.edition, self.languages = edition, languages
        self.publication, self.labels = edition.publication, edition.labels
        self.meta = edition.publication.minter.graph("meta")

    def name(self, iri: IRI) -> Text:
        return self.labels.name(iri, self.languages)

    def link(self, iri: IRI) -> Link:
        return self.labels.link(iri, self.languages)

    def path(self, iri: IRI) -> str:
        """The path of a thing's page; "" when it has none."""
        return self.labels.known(iri).path

    def choose(self, literals: Iterable[Literal]) -> Text | None:
        """The text in the reader's best language."""
        return choose((Text(value.value, value.language or "") for value in literals), self.languages)

    def show(self, value: Term) -> Shown:
        """A value as people read it."""
        if isinstance(value, IRI):
            return self.link(value)
        if not isinstance(value, Literal):
            return Text(value.value)
        if value.datatype in _TIMES:
            return Moment(value.value)
        if value.datatype == XSD.boolean:
            return Text(_TRUTH.get(value.value, value.value))
        return Text(value.value, value.language or "") if not is_linked(value.value) else external(value.value)

    def literally(self, value: Term) -> Shown:
        """A value as the data have it: the language or datatype is said."""
        if not isinstance(value, Literal):
            return self.show(value)
        if value.language:
            return Literally(value.value, value.language, value.language)
        return Literally(value.value, "" if value.datatype in _STRINGS else code(value.datatype))

    def shown(self, values: Sequence[Term]) -> tuple[Shown, ...]:
        """Values, of texts in several languages only those in the reader's best."""
        best = self.choose(value for value in values if isinstance(value, Literal) and value.language)
        return tuple(
            self.show(value)
            for value in values
            if not (best and isinstance(value, Literal) and value.language and value.language != best.language)
        )

    def card(self, entry: Entry) -> Card:
        """A search result, from what the index holds of it."""
        title = chosen(entry.title, self.languages) or Text(entry.key)
        owner = next(iter(entry.facets.get("owner", ())), None)
        names = (IRI(value) for name in _CARD_FACTS for value in entry.facets.get(name, ())[:2])
        return Card(
            Link(title, f"/{entry.kind}/{entry.key}"),
            _cut(chosen(entry.summary, self.languages)),
            self.link(IRI(owner)) if owner else None,
            tuple(Text(code(iri)) if iri.value.startswith(_SPDX) else self.name(iri) for iri in names),
            Moment(entry.modified).day if entry.modified else None,
        )

    def cards(self, entries: Iterable[Entry]) -> tuple[Card, ...]:
        return tuple(self.card(entry) for entry in entries)


_SPDX = "http://spdx.org/licenses/"
_CARD_FACTS = ("licence", "country", "status", "level")


def _cut(text: Text | None) -> Text | None:
    """A summary of a line or two; some are the beginning of a long text in Markdown."""
    return text and Text(markdown.plain(text.value, _SUMMARY_LENGTH), text.language)
