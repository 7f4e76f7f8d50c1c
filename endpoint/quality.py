"""How well things are described: a solution's score opened into its arithmetic, and the averages of many."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from catalogue import measuring
from catalogue.equivalence import published
from catalogue.quality import Dimension, Result, measure, measurements, profile
from catalogue.rdf import IRI, Literal, Term, Triple
from catalogue.vocabulary import DCT, DQV, FOAF
from endpoint.labels import chosen
from endpoint.reader import Edition
from endpoint.show import Shown, Text
from endpoint.view import View

_SHOWN_VALUES = 3
_SHOWN_CHARACTERS = 80
_SHOWN_FIXES = 3


@dataclass(frozen=True)
class Row:
    """An indicator: its points of those that it can give, what they were given for, else how to have them."""

    id: str
    label: Text
    rule: Text
    points: int
    most: int
    evidence: tuple[Shown, ...]
    further: int
    fix: Text


@dataclass(frozen=True)
class Group:
    """A dimension with its indicators."""

    label: Text
    question: Text
    rows: tuple[Row, ...]

    @property
    def points(self) -> int:
        return sum(row.points for row in self.rows)

    @property
    def most(self) -> int:
        return sum(row.most for row in self.rows)


@dataclass(frozen=True)
class Quality:
    """A score; `next` is what would bring most."""

    total: int
    groups: tuple[Group, ...]
    next: tuple[Row, ...]


@dataclass(frozen=True)
class Average:
    """The mean score of some solutions, in whole points."""

    points: int
    count: int


def quality(thing: IRI, view: View) -> Quality | None:
    """The score of a solution; None of anything else."""
    facts = measuring.facts(view.publication.store, view.publication.minter, thing)
    if facts is None:
        return None
    score = measure(facts)
    groups = tuple(_group(dimension, score.of(dimension), view) for dimension in profile())
    return Quality(score.total, groups, tuple(_row(result, view) for result in score.missing[:_SHOWN_FIXES]))


def _group(dimension: Dimension, results: Iterable[Result], view: View) -> Group:
    label, question = chosen(dimension.label, view.languages), chosen(dimension.question, view.languages)
    return Group(label or Text(dimension.id), question or Text(""), tuple(_row(result, view) for result in results))


def _row(result: Result, view: View) -> Row:
    of = result.indicator
    return Row(
        f"quality-{of.id}",
        chosen(of.label, view.languages) or Text(of.id),
        chosen(of.rule, view.languages) or Text(""),
        result.points,
        of.points,
        tuple(_shown(value, view) for value in result.evidence[:_SHOWN_VALUES]),
        max(0, len(result.evidence) - _SHOWN_VALUES),
        chosen(of.fix, view.languages) or Text(""),
    )


def _shown(value: Term, view: View) -> Shown:
    if isinstance(value, Literal) and len(value.value) > _SHOWN_CHARACTERS:
        return Text(value.value[:_SHOWN_CHARACTERS].rstrip() + " …", value.language or "")
    return view.show(value)


def triples(edition: Edition, thing: IRI) -> set[Triple]:
    """A solution's score in DQV, indicator by indicator."""
    publication = edition.publication
    facts = measuring.facts(publication.store, publication.minter, thing)
    return measurements(measure(facts), thing, publication.minter.page(thing, "solution")) if facts else set()


def of_owner(view: View, owner: IRI) -> Average | None:
    """The average of what an organisation publishes; None when that is nothing."""
    found = (triple.subject for triple in view.publication.store.triples(None, DCT.publisher, owner))
    return _average(view.edition, (thing for thing in found if isinstance(thing, IRI)))


def of_source(edition: Edition, source_id: str) -> Average | None:
    """The average of what a source has records about, whoever else describes it, too."""
    return edition.once(f"quality of {source_id}", lambda: _average(edition, _topics(edition, source_id)))


def _topics(edition: Edition, source_id: str) -> set[IRI]:
    store, minter = edition.publication.store, edition.publication.minter
    meta = minter.graph("meta")
    records = [triple.subject for triple in store.triples(None, DCT.isPartOf, minter.source(source_id), meta)]
    topics = (store.value(node, FOAF.primaryTopic, meta) for node in records if isinstance(node, IRI))
    return {published(store, minter, topic) for topic in topics if isinstance(topic, IRI)}


def _average(edition: Edition, things: Iterable[IRI]) -> Average | None:
    points = list(_totals(edition, things))
    return Average(round(sum(points) / len(points)), len(points)) if points else None


def _totals(edition: Edition, things: Iterable[IRI]) -> Iterator[int]:
    """The stored scores of those things that are solutions."""
    store, minter = edition.publication.store, edition.publication.minter
    graph = minter.graph("quality")
    for thing in things:
        found = store.value(IRI(f"{minter.page(thing, 'solution').value}#quality"), DQV.value, graph)
        if isinstance(found, Literal):
            yield int(found.value)
