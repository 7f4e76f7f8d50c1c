"""Which source said what of one thing, where only one of them can be published: who is followed, and who is not.

What is not here is published whatever others say (`catalogue.merge`), so nobody has to give way.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from catalogue.database import Reader, quad
from catalogue.identity import Minter, repository
from catalogue.merge import Group, Rank, group, winner
from catalogue.rdf import IRI, Literal, Term, Triple
from catalogue.vocabulary import DCAT, DCT, OSC, SCHEMA, SKOS

# Thousands of records may name one owner; the first of them tell enough, and keep a page quick.
_MOST_STATEMENTS = 5_000
_MOST_RECORDS = 5

# What a record's word counts for, its source, the record.
_Witness = tuple[Rank, str, IRI]


@dataclass(frozen=True)
class Value:
    """A value, with the sources that say it, the best first, and some of their records (nodes of the graph `meta`)."""

    term: Term
    sources: tuple[str, ...]
    records: tuple[IRI, ...]


@dataclass(frozen=True)
class Property:
    """What is said of what is published once (in each language): the value that wins, then the others.

    A title is said with several properties, for those who know one of them: `predicates`, the best known first.
    """

    predicates: tuple[IRI, ...]
    language: str
    values: tuple[Value, ...]

    @property
    def is_disputed(self) -> bool:
        """Whether records differ; what one record alone says twice is its own affair, and two spellings of the address
        of one repository say the same."""
        is_address = SCHEMA.codeRepository in self.predicates
        meant = {_repository(value.term) if is_address else value.term for value in self.values}
        return len(meant) > 1 and len({record for value in self.values for record in value.records}) > 1


def _repository(term: Term) -> object:
    """What an address of a repository is the address of."""
    try:
        return repository(term.value) if isinstance(term, IRI) else term
    except ValueError:
        return term


def said(reader: Reader, minter: Minter, names: Iterable[IRI], canonical: Callable[[IRI], IRI]) -> list[Property]:
    """What the records say of what has these names, by property and language, `canonical` giving published names."""
    ranks = precedences(reader, minter)
    thing = next(iter(names := list(names)))
    groups: dict[Group, dict[Triple, list[_Witness]]] = {}
    for source, record, triple in islice(_statements(reader, minter, names), _MOST_STATEMENTS):
        value = canonical(triple.object) if isinstance(triple.object, IRI) else triple.object
        published = Triple(thing, triple.predicate, value)
        is_part = isinstance(value, IRI) and minter.entity(value) != value  # a node of the description's own making
        if (competing := group(published)) and not is_part:
            inferred = quad(Triple(record, OSC.inferred, triple.predicate), minter.graph("meta")) in reader
            witness = Rank(inferred, ranks.get(source, 0)), source, record
            groups.setdefault(competing, {}).setdefault(published, []).append(witness)
    alike: dict[tuple[str, tuple[Value, ...]], list[IRI]] = {}
    for competing in sorted(groups, key=_order):
        alike.setdefault((competing.language, _values(groups[competing])), []).append(competing.predicate)
    return [Property(tuple(predicates), language, values) for (language, values), predicates in alike.items()]


def precedences(reader: Reader, minter: Minter) -> dict[str, int]:
    """The precedence of each source by its identifier."""
    prefix = minter.source("").value
    found = reader.triples(None, OSC.precedence, None, minter.graph("meta"))
    return {
        node.value.removeprefix(prefix): int(value.value)
        for node, _, value in found
        if isinstance(node, IRI) and isinstance(value, Literal)
    }


def _statements(reader: Reader, minter: Minter, names: Iterable[IRI]) -> Iterator[tuple[str, IRI, Triple]]:
    """What records say of a thing under any of its names, each with its source and its record."""
    prefix = minter.graph("record").value + "/"
    for name in names:
        for one in reader.quads(name):
            if isinstance(one.graph_name, IRI) and one.graph_name.value.startswith(prefix):
                source = one.graph_name.value.removeprefix(prefix).partition("/")[0]
                yield source, minter.record_of(one.graph_name), one.triple


def _values(said: dict[Triple, list[_Witness]]) -> tuple[Value, ...]:
    """The values of one group, that which wins first."""
    ranked = {triple: min(rank for rank, _, _ in witnesses) for triple, witnesses in said.items()}
    best = winner((rank, triple) for triple, rank in ranked.items())
    ordered = sorted(said, key=lambda triple: (triple != best, ranked[triple], str(triple.object)))
    return tuple(_value(one, said[one]) for one in ordered)


def _value(triple: Triple, witnesses: list[_Witness]) -> Value:
    ordered = sorted(witnesses, key=lambda witness: (witness[0], witness[2].value))
    assert not isinstance(triple.object, Triple)  # no property that is published once is of statements
    return Value(
        triple.object,
        tuple(dict.fromkeys(source for _, source, _ in ordered)),
        tuple(record for _, _, record in ordered[:_MOST_RECORDS]),
    )


# What people look for first.
_FIRST = (
    *(DCT.title, SKOS.prefLabel, DCT.publisher, SCHEMA.license, DCT.license, SCHEMA.codeRepository, DCAT.landingPage),
    *(OSC.developmentStatus, OSC.softwareType, DCT.abstract, DCT.description),
)


def _order(competing: Group) -> tuple[int, str, str]:
    place = _FIRST.index(competing.predicate) if competing.predicate in _FIRST else len(_FIRST)
    return place, competing.predicate.value, competing.language
