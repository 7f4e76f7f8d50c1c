"""What an editor decides: that two entries are of one thing, or that one is of a thing of its own.

A plan is worked out from any reader and shows what would be published; `carry_out` writes it. All that is decided
stands in the graph `identity` (see `catalogue.equivalence`), and can be taken back.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from catalogue import equivalence
from catalogue.database import After, Delta, Reader
from catalogue.disagreements import Property, Value, precedences, said
from catalogue.equivalence import Equivalence
from catalogue.identity import KEY, Minter
from catalogue.identity import key as key_of
from catalogue.model import KINDS, Kind, kind_of
from catalogue.rdf import IRI, Literal, Term, Triple, is_iri
from catalogue.store import CATALOGUED, Store
from catalogue.vocabulary import DCT, FOAF, OWL, PREFIXES, RDF, SCHEMA, SKOS

_ORGANISATIONS = frozenset({"owner", "administration"})
_TITLES = (SKOS.prefLabel, DCT.title, FOAF.name)


@dataclass(frozen=True)
class Entry:
    """A thing as it would be published: its name, the path of its page, its other names, what its sources say."""

    iri: IRI
    path: str
    names: tuple[IRI, ...]
    records: int
    properties: tuple[Property, ...]


@dataclass(frozen=True)
class Plan:
    """A decision that can be carried out: what to write, and the entries that there are then."""

    steps: tuple[Callable[[Store], None], ...]
    entries: tuple[Entry, ...]


def carry_out(store: Store, plan: Plan) -> None:
    """Writes a plan that was made of this store."""
    for step in plan.steps:
        step(store)


class Editor:
    """Finds what an editor means, and plans what is to be done with it. Every error is a ValueError in plain words."""

    def __init__(self, reader: Reader, minter: Minter) -> None:
        self._reader, self._minter = reader, minter
        self._identity = minter.graph("identity")
        self._names = Equivalence(reader, minter, precedences(reader, minter))

    def merge(self, a: str, b: str) -> Plan:
        """Two entries become one."""
        one, other = self.find(a), self.find(b)
        kinds = self._kind(one), self._kind(other)
        if self._names.canonical(one) == self._names.canonical(other):
            raise ValueError(f"{a} and {b} are one thing already: {self._path(one)}")
        if kinds[0] != kinds[1] and not {kind.name for kind in kinds} <= _ORGANISATIONS:
            raise ValueError(
                f"{self._path(one)} is of the kind {kinds[0].label}, {self._path(other)} of the kind {kinds[1].label}:"
                " they cannot be one thing"
            )
        delta = Delta()
        self._names.decide(delta, one, other)
        (entry, *rest) = self._entries(delta, (one, other))
        if rest:
            raise ValueError(f"{a} and {b} have too many names together; split some of them first")
        undone = self._told_apart(one, other)
        return Plan((lambda store: store.merge(one, other), *_writing(self._identity, undone, ())), (entry,))

    def split(self, a: str, b: str | None = None) -> Plan:
        """An entry is parted from all that it was merged with; of two that are named, it is noted that they are two."""
        one, other = self.find(a), None if b is None else self.find(b)
        self._kind(one)
        if other is not None and self._names.canonical(one) != self._names.canonical(other):
            noted = {Triple(one, OWL.differentFrom, other)}
            return Plan(tuple(_writing(self._identity, (), noted)), self._entries(Delta(), (one, other)))
        if one == other:
            raise ValueError(f"{a} and {b} are the same")
        self._check_names(one, a)
        delta = Delta()
        self._names.part(delta, one)
        names = self._names.names(self._names.canonical(one))
        return Plan((lambda store: store.split(one),), self._entries(delta, names))

    def find(self, text: str) -> IRI:
        """The name that an editor means by an IRI, the address or path of a page, or the key in it."""
        given = text.strip().removeprefix("<").removesuffix(">")
        if is_iri(given) and self._is_known(IRI(given)):
            return IRI(given)
        found = {name for kind, key in _addresses(given) for name in self._named(kind, key)}
        if not found and is_iri(given):
            found = {name for name in self._of_repository(given) if self._is_known(name)}
        if len(found) > 1:
            raise ValueError(f"{text} may be several things: " + ", ".join(sorted(name.value for name in found)))
        if not found:
            raise ValueError(
                f"{text} is nothing that this catalogue has: give an IRI, the address of a page, its path or its key"
            )
        return found.pop()

    def _of_repository(self, address: str) -> Iterator[IRI]:
        try:
            yield self._minter.solution(address)
        except ValueError:
            return

    def _named(self, kind: str, key: str) -> set[IRI]:
        """What has a key: a name that we minted with it, else a foreign one whose hash it is."""
        minted = {IRI(f"{self._minter.base}/id/{'owner' if kind in _ORGANISATIONS else kind}/{key}")}
        if known := {name for name in minted if self._is_known(name)}:
            return known
        topics = self._reader.objects(IRI(f"{self._minter.base}/{kind}/{key}"), FOAF.primaryTopic)
        if topics:
            return {topic for topic in topics if isinstance(topic, IRI)}
        others = (t.subject for t in self._reader.triples(None, OWL.sameAs, None, self._identity))
        return {name for name in others if isinstance(name, IRI) and key_of(name.value) == key and self._is(name, kind)}

    def _is(self, name: IRI, kind: str) -> bool:
        found = self._reader.kind(self._names.canonical(name))
        return found is not None and (found.name == kind or {found.name, kind} <= _ORGANISATIONS)

    def _is_known(self, name: IRI) -> bool:
        return self._reader.kind(self._names.canonical(name)) is not None

    def _kind(self, name: IRI) -> Kind:
        """The kind of a thing; raises ValueError when it is none that is merged."""
        kind = self._reader.kind(self._names.canonical(name))
        assert kind is not None  # only what is known is found
        if any(self._in_list(one.graph_name) for one in self._reader.quads(name, RDF.type, None)):
            raise ValueError(f"{self._path(name)} is a term of a code list, which stays as its publisher has it")
        if kind.name not in CATALOGUED:
            raise ValueError(f"{self._path(name)} is of the kind {kind.label}, which is part of what it belongs to")
        return kind

    def _in_list(self, graph: object) -> bool:
        return isinstance(graph, IRI) and graph.value.startswith(self._minter.graph("vocabulary").value + "/")

    def _check_names(self, name: IRI, given: str) -> None:
        canonical = self._names.canonical(name)
        if self._names.merges(name) or sum(map(self._names.is_described, self._names.names(canonical))) > 1:
            return
        records = equivalence.records(self._reader, self._minter, canonical)
        if len(records) < 2:
            raise ValueError(f"{given} is not merged with anything; to say that it is not B: catalogue split {given} B")
        raise ValueError(
            f"the {len(records)} records of {given} come from the same repository address or identifier, so they cannot"
            " be told apart: give one a folder in its url"
        )

    def _told_apart(self, a: IRI, b: IRI) -> set[Triple]:
        """What was noted of two things being two."""
        names = {name for end in (a, b) for name in self._names.names(self._names.canonical(end))}
        noted = (t for name in names for t in self._reader.triples(name, OWL.differentFrom, None, self._identity))
        return {triple for triple in noted if triple.object in names}

    def _entries(self, delta: Delta, about: Collection[IRI]) -> tuple[Entry, ...]:
        """What some names are published as once a change of the graph `identity` is made."""
        naming = self._names.after(delta, After(self._reader, delta), about)
        found = {naming.canonical(name): tuple(sorted(naming.names(naming.canonical(name)), key=str)) for name in about}
        things = [iri for iri in found if any(map(self._names.is_described, found[iri]))]
        return tuple(self._entry(iri, found[iri], naming.canonical) for iri in sorted(things, key=str))

    def _entry(self, iri: IRI, names: tuple[IRI, ...], canonical: Callable[[IRI], IRI]) -> Entry:
        meta = self._minter.graph("meta")
        records = sum(1 for name in names for _ in self._reader.triples(None, FOAF.primaryTopic, name, meta))
        properties = said(self._reader, self._minter, (iri, *names), canonical)
        path = self._minter.page(iri, self._kind_of(names)).value.removeprefix(self._minter.base)
        return Entry(iri, path, tuple(name for name in names if name != iri), records, tuple(properties))

    def _kind_of(self, names: Iterable[IRI]) -> str:
        records = self._minter.graph("record").value
        types = {
            one.object
            for name in names
            for one in self._reader.quads(name, RDF.type)
            if isinstance(one.graph_name, IRI) and one.graph_name.value.startswith(records)
        }
        kind = kind_of({cls for cls in types if isinstance(cls, IRI)})
        return kind.name if kind else "owner"

    def _path(self, name: IRI) -> str:
        canonical = self._names.canonical(name)
        kind = self._reader.kind(canonical)
        return self._minter.page(canonical, kind.name).value.removeprefix(self._minter.base) if kind else name.value


def _addresses(text: str) -> list[tuple[str, str]]:
    """The kinds and keys that a text may mean; of a key alone, every kind."""
    parts = [part for part in urlsplit(text).path.split("/") if part]
    if not parts or not KEY.fullmatch(key := parts[-1].partition(".")[0]):
        return []
    if len(parts) == 1:
        return [(kind, key) for kind in KINDS]
    return [(parts[-2], key)] if parts[-2] in KINDS else []


def _writing(graph: IRI, old: Iterable[Triple], new: Iterable[Triple]) -> Iterator[Callable[[Store], None]]:
    delta = Delta()
    delta.replace(graph, old, new)
    if delta:
        yield lambda store: store.write(delta)


def as_text(reader: Reader, entry: Entry) -> Iterator[str]:
    """An entry in lines: what it is called, whose it is, and where its sources disagree, who wins and who gives way."""
    yield f"{entry.path}  {_title(reader, entry)} ({entry.records} {'record' if entry.records == 1 else 'records'})"
    for name in entry.names:
        yield f"  also {name.value}"
    for one in entry.properties:
        if one.is_disputed or one.predicates[0] in _ALWAYS_SHOWN:
            words = [_words(reader, value) for value in one.values]
            yield f"  {_property(one):<24}  {words[0]}" + (f", given up: {'; '.join(words[1:])}" if words[1:] else "")


_ALWAYS_SHOWN = frozenset({DCT.title, DCT.publisher, SCHEMA.license, SKOS.prefLabel})
_LONGEST = 70


def _property(one: Property) -> str:
    first = one.predicates[0].value
    found = (f"{name}:{first.removeprefix(iri)}" for name, iri in PREFIXES.items() if first.startswith(iri))
    return f"{next(found, first)} {one.language}".strip()


def _words(reader: Reader, value: Value) -> str:
    name = value.term.value if isinstance(value.term, Literal) else _name(reader, value.term)
    line = " ".join(name.split())
    return f"{line if len(line) <= _LONGEST else line[: _LONGEST - 1] + '…'} ({', '.join(value.sources)})"


def _name(reader: Reader, term: Term) -> str:
    """What something is published as, in English if there is such a name."""
    names = [
        v for name in _TITLES if isinstance(term, IRI) for v in reader.objects(term, name) if isinstance(v, Literal)
    ]
    return min(names, key=lambda name: name.language != "en", default=term).value


def _title(reader: Reader, entry: Entry) -> str:
    titles = {one.language: one.values[0].term.value for one in entry.properties if one.predicates[0] in _TITLES}
    return titles.get("en") or next(iter(titles.values()), None) or _name(reader, entry.iri)


def as_json(entry: Entry) -> dict[str, Any]:
    """An entry for programs: all that is published once, who says it, and what gives way."""
    return {
        "iri": entry.iri.value,
        "page": entry.path,
        "other_names": [name.value for name in entry.names],
        "records": entry.records,
        "says": [
            {
                "properties": [predicate.value for predicate in one.predicates],
                "language": one.language or None,
                "value": one.values[0].term.value,
                "sources": list(one.values[0].sources),
                "given_up": [{"value": value.term.value, "sources": list(value.sources)} for value in one.values[1:]],
            }
            for one in entry.properties
        ],
    }
