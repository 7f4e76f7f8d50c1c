"""Which IRIs name one thing, and which of its names is the published one.

What is known stands in the graph `identity`:

    {record} osc:matches {iri}          the same repository, identifier, account or redirect, as the record's source or
                                        its server shows them
    {record} osc:declaresSame {iri}     owl:sameAs in what the record says of its topic, and the name under which DOIs,
                                        Wikidata and the like have it
    {a} osc:mergedWith {b}              an editor decided so
    {a} osc:keptApart true              an editor decided so: nothing but osc:mergedWith joins it to another
    {a} owl:differentFrom {b}           an editor decided so: no claim about one of them joins it to the other
    {other name} owl:sameAs {name}      what follows: the published name of everything that has another one, too

What follows is a function of the rest and of the records' topics, so the order of harvests cannot show, and taking a
record or a decision back takes back what it joined. What many claim at once is doubted (see `_Claims`), and no code
of a code list is ever joined to anything.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, islice

from catalogue.database import After, Delta, Reader, quad
from catalogue.identity import Minter, registered
from catalogue.model import Record, kind_of
from catalogue.rdf import IRI, Literal, Term, Triple, is_iri
from catalogue.vocabulary import ADMS, DCT, FOAF, OSC, OWL, RDF, SKOS, XSD

# Of more names of a thing, or records that claim one name, something is wrong with the claims. It also bounds the work.
_MOST_NAMES = 500
_MOST = 50
_KEPT_NAMES = 100_000
_ORGANISATIONS = frozenset({"owner", "administration"})
_TRUE = Literal("true", datatype=XSD.boolean)


@dataclass(frozen=True)
class Naming:
    """The published names as they will be after a change: `now` says where they differ from `base`, if anywhere."""

    base: "Equivalence"
    now: Mapping[IRI, IRI] = field(default_factory=dict)

    def canonical(self, iri: IRI) -> IRI:
        """The published name of what has this one."""
        return self.now.get(iri) or self.base.canonical(iri)

    def names(self, canonical: IRI) -> list[IRI]:
        """All names of what is published under this one."""
        if canonical not in self.now:
            return self.base.names(canonical)
        return [name for name, published in self.now.items() if published == canonical]

    @property
    def moves(self) -> dict[IRI, tuple[IRI, IRI]]:
        """The names whose published name changes: from which to which."""
        pairs = {name: (self.base.canonical(name), published) for name, published in self.now.items()}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


class Equivalence:
    """The names in one database. `ranks` is the precedence of each source, read when needed."""

    def __init__(self, database: Reader, minter: Minter, ranks: Mapping[str, int]) -> None:
        self._database, self._minter, self._ranks = database, minter, ranks
        self.graph = minter.graph("identity")
        self._canonical: dict[IRI, IRI | None] = {}

    def canonical(self, iri: IRI) -> IRI:
        """The published name of what has this one."""
        if iri not in self._canonical:
            value = self._database.value(iri, OWL.sameAs, self.graph)
            if len(self._canonical) >= _KEPT_NAMES:
                self._canonical.clear()
            self._canonical[iri] = value if isinstance(value, IRI) else None
        return self._canonical[iri] or iri

    def names(self, canonical: IRI) -> list[IRI]:
        """All names of what is published under this one, which comes first."""
        return names(self._database, self._minter, canonical)

    def claim(self, delta: Delta, node: IRI, record: Record | None) -> None:
        """Replaces what a record claims of other names, None for a record that goes."""
        claims = _claimed(record, self._minter) if record else ()
        new = {Triple(node, claim, name) for claim, name in claims if record and name != record.iri}
        delta.replace(self.graph, self._database.triples(node, None, None, self.graph), new)

    def decide(self, delta: Delta, a: IRI, b: IRI) -> None:
        """Notes that an editor holds two names for those of one thing."""
        apart = {Triple(one, OWL.differentFrom, other) for one, other in ((a, b), (b, a))}
        known = {triple for triple in apart if quad(triple, self.graph) in self._database}
        delta.replace(self.graph, known, {Triple(a, OSC.mergedWith, b)})

    def part(self, delta: Delta, name: IRI) -> None:
        """Notes that an editor holds a name for that of a thing of its own.

        Turns the merges that join it, with the names that records join to it, to others into their opposite; where
        there are none, keeps it apart from what records claim. So what is published is as it was before a merge.
        """
        merged = self.merges(name)
        without = Delta()
        without.replace(self.graph, merged, ())
        own = _Claims(After(self._database, without), self._minter, self._ranks).members(name)
        crossing = {triple for triple in merged if (triple.subject in own) != (triple.object in own)}
        apart = {Triple(triple.subject, OWL.differentFrom, triple.object) for triple in crossing}
        delta.replace(self.graph, crossing, apart or {Triple(name, OSC.keptApart, _TRUE)})

    def merges(self, name: IRI) -> set[Triple]:
        """What editors decided that joins the names of what has this one."""
        alike = self.names(self.canonical(name))
        return {t for one in alike for t in self._database.triples(one, OSC.mergedWith, None, self.graph)}

    def is_described(self, name: IRI) -> bool:
        """Whether a record says something of what has this name, and uses it."""
        records = self._minter.graph("record").value + "/"
        graphs = (one.graph_name for one in self._database.quads(name))
        return any(isinstance(graph, IRI) and graph.value.startswith(records) for graph in graphs)

    def after(self, delta: Delta, after: Reader, about: Collection[IRI]) -> Naming:
        """The names as they are once a change is made that concerns some of them; adds what follows to the change."""
        if not self.claimed(delta) and all(map(self._is_alone, about)):
            return Naming(self)
        states = [_Claims(database, self._minter, self._ranks) for database in (self._database, after)]
        # Where a change joins or parts two names, one of them is among those that it concerns.
        concerned = states[0].concerned(about) | states[1].concerned(about)
        now: dict[IRI, IRI] = {}
        for start in sorted(concerned, key=str):
            if start not in now:
                members = states[1].members(start)
                now.update(dict.fromkeys(members, states[1].published(members)))
        naming = Naming(self, now if any(name != to or self.canonical(name) != to for name, to in now.items()) else {})
        for name, (old, new) in naming.moves.items():
            was = {Triple(name, OWL.sameAs, old)} if old != name else set()
            delta.replace(self.graph, was, {Triple(name, OWL.sameAs, new)} if new != name else ())
        return naming

    def _is_alone(self, name: IRI) -> bool:
        """Whether nothing is known of other names of a thing, as of most."""
        nodes = (t.subject for t in _about(self._database, self._minter.graph("meta"), name))
        known = (self._database.triples(node, None, None, self.graph) for node in (name, *nodes))
        mentions = self._database.triples(None, None, name, self.graph)
        return next(chain(mentions, *known), None) is None

    def claimed(self, delta: Delta) -> set[IRI]:
        """The names that a change's claims are about."""
        changed = (one for one in (*delta.added, *delta.removed) if one.graph_name == self.graph)
        return {node for one in changed for node in (one.subject, one.object) if isinstance(node, IRI)}

    def committed(self, naming: Naming) -> None:
        """The change is in the database."""
        self._canonical.update(naming.now)

    def differences(self) -> Delta:
        """What the graph's consequences lack and have too much; empty when all is well."""
        delta, claims = Delta(), _Claims(self._database, self._minter, self._ranks)
        old = set(self._database.triples(None, OWL.sameAs, None, self.graph))
        mentioned = {node for t in self._database.triples(None, None, None, self.graph) for node in (t[0], t[2])}
        new: set[Triple] = set()
        done: set[IRI] = set()
        for start in sorted((node for node in mentioned if isinstance(node, IRI)), key=str):
            if start not in done:
                members = claims.members(start)
                done |= members
                published = claims.published(members)
                new |= {Triple(name, OWL.sameAs, published) for name in members if name != published}
        delta.replace(self.graph, old, new)
        return delta

    def forget(self) -> None:
        """What was looked up may have changed."""
        self._canonical.clear()


def names(database: Reader, minter: Minter, canonical: IRI) -> list[IRI]:
    """All names of what is published under this one, which comes first."""
    others = database.triples(None, OWL.sameAs, canonical, minter.graph("identity"))
    return [canonical, *sorted((t.subject for t in others if isinstance(t.subject, IRI)), key=str)]


def records(database: Reader, minter: Minter, canonical: IRI) -> list[IRI]:
    """The records about a published thing, under whatever name, in a stable order."""
    meta = minter.graph("meta")
    found = (t.subject for name in names(database, minter, canonical) for t in _about(database, meta, name))
    return sorted((node for node in found if isinstance(node, IRI)), key=str)


def published(database: Reader, minter: Minter, name: IRI) -> IRI:
    """The name under which a thing is published that has this one."""
    found = database.value(name, OWL.sameAs, minter.graph("identity"))
    return found if isinstance(found, IRI) else name


def _claimed(record: Record, minter: Minter) -> Iterator[tuple[IRI, IRI]]:
    """What a record claims of the names of its topic: what its source shows, what it declares, how it is registered.

    An organisation has the names, too, under which those know it who have one of its addresses only.
    """
    about: dict[IRI, set[Term | Triple]] = {}
    for triple in record.triples:
        if triple.subject == record.iri:
            about.setdefault(triple.predicate, set()).add(triple.object)
    nodes = about.get(ADMS.identifier, set())
    notations = (t.object for t in record.triples if t.subject in nodes and t.predicate == SKOS.notation)
    numbers = (number.value for number in (*notations, *about.get(DCT.identifier, ())) if isinstance(number, Literal))
    declared = {name.value for name in about.get(OWL.sameAs, ()) if isinstance(name, IRI)}
    names = {name for number in (record.iri.value, *declared, *numbers) if (name := registered(number))}
    yield from ((OSC.matches, name) for name in record.same)
    yield from ((OSC.declaresSame, IRI(name)) for name in names | declared if is_iri(name))
    if _kind_name({cls for cls in about.get(RDF.type, ()) if isinstance(cls, IRI)}) == "owner":
        yield from ((OSC.matches, name) for name in _minted((record.iri.value,), minter))
        yield from ((OSC.declaresSame, name) for name in _minted(declared, minter))


def _minted(addresses: Iterable[str], minter: Minter) -> Iterator[IRI]:
    """The IRIs that we mint of organisations with these addresses."""
    for address in addresses:
        if not address.startswith(f"{minter.base}/") and "#" not in address:
            with suppress(ValueError):
                yield minter.organisation(address, "")


def _kind_name(types: set[IRI]) -> str | None:
    """The name of a kind, the same for all organisations."""
    kind = kind_of(types)
    if kind is None:
        return None
    return "owner" if kind.name in _ORGANISATIONS else kind.name


def _about(database: Reader, meta: IRI, topic: IRI) -> Iterator[Triple]:
    return database.triples(None, FOAF.primaryTopic, topic, meta)


class _Claims:
    """What one state of the database says of which names belong together.

    A claim counts for nothing when its source makes the same one of another thing, too (a page that a source gives as
    the repository of all it has), when it is made of two things with identities of their own (two administrations
    that share an account), and when more than `_MOST` records make it. What descriptions declare counts for nothing in
    a whole that it would make of things of two kinds, or of two with identities of their own, such as two repositories.
    """

    def __init__(self, database: Reader, minter: Minter, ranks: Mapping[str, int]) -> None:
        self._database, self._minter, self._ranks = database, minter, ranks
        self._graph, self._meta = minter.graph("identity"), minter.graph("meta")
        self._sources = minter.source("").value
        self._things = f"{minter.base}/id/"
        self._lists = minter.graph("vocabulary").value + "/"
        self._known: dict[tuple[IRI, IRI], list[IRI]] = {}

    def members(self, start: IRI) -> set[IRI]:
        """All names of the thing that has this one."""
        whole = self._reach(start, self._any)
        if len(whole) <= _MOST_NAMES and not self._is_doubtful(whole):
            return whole
        sure = self._reach(start, self._sure)
        return sure if len(sure) <= _MOST_NAMES else self._reach(start, self._decided)

    def concerned(self, starts: Iterable[IRI]) -> set[IRI]:
        """The names that may be those of the same thing as one of these."""
        return {name for start in starts for name in self._reach(start, self._any)}

    def published(self, members: Iterable[IRI]) -> IRI:
        """The name to publish: of the record of lowest precedence, one that we minted before others."""
        return min(members, key=lambda name: (self._rank(name), not name.value.startswith(self._things), name.value))

    def _rank(self, name: IRI) -> float:
        nodes = (t.subject for t in islice(_about(self._database, self._meta, name), _MOST))
        ranks = (self._ranks[self._source(node)] for node in nodes if isinstance(node, IRI))
        # What operators say of a thing (precedence 0) is no reason to publish it under the name that they used.
        return min((rank for rank in ranks if rank), default=float("inf"))

    def _source(self, node: IRI) -> str:
        return node.value.removeprefix(self._sources).partition("/")[0]

    def _reach(self, start: IRI, edges: Callable[[IRI], Iterable[IRI]]) -> set[IRI]:
        """What edges lead to from a name; some more than `_MOST_NAMES` when there are so many."""
        found, waiting = {start}, [start]
        while waiting and len(found) <= _MOST_NAMES:
            for name in edges(waiting.pop()):
                if name not in found:
                    found.add(name)
                    waiting.append(name)
        return found

    def _any(self, name: IRI) -> Iterator[IRI]:
        yield from self._sure(name)
        yield from self._claimed(name, OSC.declaresSame)

    def _sure(self, name: IRI) -> Iterator[IRI]:
        yield from self._decided(name)
        yield from self._claimed(name, OSC.matches)

    def _decided(self, name: IRI) -> Iterator[IRI]:
        for triple in self._database.triples(name, OSC.mergedWith, None, self._graph):
            if isinstance(triple.object, IRI):
                yield triple.object
        for triple in self._database.triples(None, OSC.mergedWith, name, self._graph):
            if isinstance(triple.subject, IRI):
                yield triple.subject

    def _claimed(self, name: IRI, claim: IRI) -> list[IRI]:
        """The names that records join to this one by a kind of claim."""
        if (name, claim) not in self._known:
            self._known[name, claim] = list(self._claims(name, claim))
        return self._known[name, claim]

    def _claims(self, name: IRI, claim: IRI) -> Iterator[IRI]:
        if self._is_apart(name):
            return
        targets = set()
        for triple in islice(_about(self._database, self._meta, name), _MOST):
            assert isinstance(triple.subject, IRI)
            targets.update(self._database.objects(triple.subject, claim, self._graph))
        found = {target for target in targets if isinstance(target, IRI) and name in self._topics(target, claim)}
        for other in found | self._topics(name, claim):
            if not self._is_apart(other) and not self._are_two(name, other):
                yield other

    def _are_two(self, one: IRI, other: IRI) -> bool:
        """Whether an editor said that two names are not those of one thing."""
        pairs = (Triple(one, OWL.differentFrom, other), Triple(other, OWL.differentFrom, one))
        return any(quad(pair, self._graph) in self._database for pair in pairs)

    def _topics(self, target: IRI, claim: IRI) -> set[IRI]:
        """The topics of the records that rightly claim a name."""
        nodes = [t.subject for t in islice(self._database.triples(None, claim, target, self._graph), _MOST + 1)]
        by_source: dict[str, set[IRI]] = {}
        for node in nodes:
            assert isinstance(node, IRI)
            topic = self._database.value(node, FOAF.primaryTopic, self._meta)
            if isinstance(topic, IRI):
                by_source.setdefault(self._source(node), set()).add(topic)
        if len(nodes) > _MOST:
            return set()
        found = {topic for topics in by_source.values() if len(topics) == 1 for topic in topics}
        minted = {topic for topic in found if topic.value.startswith(self._things)}
        return found - minted if len(minted) > 1 else found

    def _is_apart(self, name: IRI) -> bool:
        is_decided = quad(Triple(name, OSC.keptApart, _TRUE), self._graph) in self._database
        return is_decided or self._is_code(name)

    def _is_code(self, name: IRI) -> bool:
        if name.value.startswith(self._things):
            return False
        graphs = (one.graph_name for one in self._database.quads(name, RDF.type, None))
        return any(isinstance(graph, IRI) and graph.value.startswith(self._lists) for graph in graphs)

    def _is_doubtful(self, members: set[IRI]) -> bool:
        if len(members) == 1:
            return False
        kinds = {kind for name in members if (kind := self._kind(name))}
        if len(kinds) > 1:
            return True
        minted = {name for name in members if name.value.startswith(self._things)}
        # What we mint of a name's own address is that name once more.
        minted -= {one for name in members - minted for one in _minted((name.value,), self._minter)}
        return bool(minted) and not minted <= self._reach(min(minted, key=str), self._sure)

    def _kind(self, name: IRI) -> str | None:
        """The kind of thing that the records about a name say it is."""
        types: set[IRI] = set()
        for triple in islice(_about(self._database, self._meta, name), _MOST):
            assert isinstance(triple.subject, IRI)
            graph = self._minter.graph_of(triple.subject)
            types.update(value for value in self._database.objects(name, RDF.type, graph) if isinstance(value, IRI))
        return _kind_name(types)
