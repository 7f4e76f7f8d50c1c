"""Which node belongs to which thing. Every step is linear in the number of statements, or sorts them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from catalogue.harvesters._rdf_description import Description
from catalogue.rdf import IRI, Literal, Subject, Term
from catalogue.vocabulary import RDF

# What many things refer to is repeated in the record of each, so it has to be short.
_MAX_REPEATED = 4


def owners_of(description: Description, tokens: Mapping[Term, str]) -> Mapping[Subject, Subject]:
    """For every subject the one whose record it is in: itself for a thing."""
    parts = _parts(description)
    referrers: dict[Subject, list[Subject]] = defaultdict(list)
    for subject, nodes in parts.items():
        for node in nodes:
            referrers[node].append(subject)
    owners = {thing: thing for thing in description.things}
    nodes = [subject for subject in description.about if subject not in description.things]
    for circle in reversed(_circles(nodes, lambda node: parts.get(node, ()))):
        inside = frozenset(circle)
        outside = {owners[r] for node in circle for r in referrers[node] if r not in inside}
        owners.update(_circle_owners(circle, outside, tokens))
    return owners


def _circle_owners(
    circle: Iterable[Subject], outside: set[Subject], tokens: Mapping[Term, str]
) -> Iterator[tuple[Subject, Subject]]:
    """The owners of nodes that refer to each other (mostly: of one node), by the owners of what refers to them."""
    by_token = partial(min, key=lambda subject: tokens[subject])
    if len(outside) == 1:
        owner = next(iter(outside))
        return ((node, owner) for node in circle)
    named = {node for node in circle if isinstance(node, IRI)}
    first = by_token(outside | named or set(circle))
    return ((node, node if node in named else first) for node in circle)


def _parts(description: Description) -> Mapping[Subject, Sequence[Subject]]:
    """Subject → the nodes that it refers to and that can belong to it; `{thing}#…` belongs to the thing alone."""
    bases = {subject: base for subject in description.about if (base := base_of(subject, description))}
    fixed = description.things | bases.keys()
    parts: dict[Subject, dict[Subject, None]] = defaultdict(dict)
    for node, base in bases.items():
        parts[base][node] = None
    for subject, said in description.about.items():
        nodes = (statement.object for statement in said if not isinstance(statement.object, Literal))
        parts[subject].update((n, None) for n in nodes if n != subject and n in description.about and n not in fixed)
    return {subject: tuple(nodes) for subject, nodes in parts.items()}


def repeated_in(description: Description, owners: Mapping[Subject, Subject]) -> frozenset[Subject]:
    """The nodes that several things refer to and of which nothing is said but their classes."""
    targets = {said.object for statements in description.about.values() for said in statements}
    return frozenset(
        subject
        for subject, said in description.about.items()
        if owners[subject] == subject and subject in targets and subject not in description.things
        if len(said) <= _MAX_REPEATED and all(statement.predicate == RDF.type for statement in said)
    )


def base_of(subject: Subject, description: Description) -> Subject | None:
    if not isinstance(subject, IRI) or "#" not in subject.value or subject in description.things:
        return None
    base = IRI(subject.value.partition("#")[0])
    return base if base in description.about else None


def _circles(nodes: Iterable[Subject], parts: Callable[[Subject], Iterable[Subject]]) -> list[list[Subject]]:
    """The strongly connected components, each after those that it leads to."""
    walk = _Walk(parts)
    for node in nodes:
        walk.start(node)
    return walk.found


class _Walk:
    """Tarjan's algorithm for strongly connected components, without recursion: a chain can have any length."""

    def __init__(self, parts: Callable[[Subject], Iterable[Subject]]) -> None:
        self.found: list[list[Subject]] = []
        self._parts = parts
        self._index: dict[Subject, int] = {}
        self._low: dict[Subject, int] = {}
        self._done: set[Subject] = set()
        self._stack: list[Subject] = []
        self._path: list[tuple[Subject, Iterator[Subject]]] = []

    def start(self, start: Subject) -> None:
        if start not in self._index:
            self._enter(start)
        while self._path:
            node, rest = self._path[-1]
            following = next((n for n in rest if n not in self._done), None)
            if following is None:
                self._leave()
            elif following in self._index:
                self._low[node] = min(self._low[node], self._index[following])
            else:
                self._enter(following)

    def _enter(self, node: Subject) -> None:
        self._index[node] = self._low[node] = len(self._index)
        self._stack.append(node)
        self._path.append((node, iter(self._parts(node))))

    def _leave(self) -> None:
        node, _ = self._path.pop()
        if self._path:
            before = self._path[-1][0]
            self._low[before] = min(self._low[before], self._low[node])
        if self._low[node] == self._index[node]:
            circle: list[Subject] = []
            while not circle or circle[-1] != node:
                circle.append(self._stack.pop())
            self._done.update(circle)
            self.found.append(circle)
