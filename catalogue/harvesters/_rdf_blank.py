"""Tokens of blank nodes: hashes of what they say, which do not depend on labels or order."""

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from catalogue.errors import DocumentError
from catalogue.harvesters._rdf_description import Description, Statement
from catalogue.rdf import IRI, BlankNode, Subject, Term

# Blank nodes that refer to each other in a circle are told apart in cubic time: a hundred take about a second.
_MAX_CIRCLE = 100


class Blank:
    """Tokens for nodes: of a blank node a hash of what it leads to, of an IRI itself.

    Blank nodes with one token say the same. Tokens do not depend on labels, order, or what leads to the node, but for
    nodes that lead into a circle of blank nodes: those get the token of their whole group and their rank in it.
    """

    def __init__(self, description: Description) -> None:
        self._about = description.about
        self.tokens: dict[Term, str] = {
            subject: str(subject) for subject in description.about if isinstance(subject, IRI)
        }
        self.incoming: dict[Subject, list[Statement]] = {s: [] for s in description.about if isinstance(s, BlankNode)}
        for statements in description.about.values():
            for said in statements:
                if isinstance(said.object, BlankNode):
                    self.incoming[said.object].append(said)
        self._order = self._leaves_first()
        self.circular = [node for node in self.incoming if node not in self.tokens]
        for group in _groups(self.circular, self._neighbours):
            self._tell_apart(group)

    def referrers_first(self) -> Iterator[Subject]:
        """All blank nodes, each outside of circles after those that refer to it."""
        yield from self.circular
        yield from reversed(self._order)

    def token(self, term: Term) -> str:
        """A blank node has none before the nodes that it leads to have theirs."""
        return self.tokens.get(term, "_:") if isinstance(term, BlankNode) else str(term)

    def _leaves_first(self) -> list[Subject]:
        """Gives a token to each blank node outside of circles, after those that it refers to; returns their order."""
        waiting = {
            node: sum(isinstance(said.object, BlankNode) for said in self._about[node]) for node in self.incoming
        }
        ready = deque(node for node, number in waiting.items() if not number)
        order: list[Subject] = []
        while ready:
            node = ready.popleft()
            order.append(node)
            self.tokens[node] = hash_of(self._said_of(node))
            for said in self.incoming[node]:
                if isinstance(said.subject, BlankNode):
                    waiting[said.subject] -= 1
                    if not waiting[said.subject]:
                        ready.append(said.subject)
        return order

    def _said_of(self, node: Subject) -> Iterator[str]:
        return (f"{said.predicate} {self.token(said.object)}" for said in self._about[node])

    def _neighbours(self, node: Subject) -> Iterator[Subject]:
        outward = (said.object for said in self._about[node])
        inward = (said.subject for said in self.incoming[node])
        return (n for n in (*outward, *inward) if isinstance(n, BlankNode) and n not in self.tokens)

    def _tell_apart(self, group: Sequence[Subject]) -> None:
        if len(group) > _MAX_CIRCLE:
            raise DocumentError(
                f"{len(group)} blank nodes refer to each other in circles; at most {_MAX_CIRCLE} can be told apart",
                fix="Give them IRIs",
            )
        said_of, said_to = ({node: sorted(said(node)) for node in group} for said in (self._said_of, self._said_to))
        signatures = {node: (said_of[node], said_to[node]) for node in group}
        links = [
            (said.subject, said.predicate.value, said.object)
            for node in group
            for said in self._about[node]
            if isinstance(said.object, BlankNode) and said.object in signatures
        ]
        ranks = _told_apart(_ranked(signatures), links)
        linked = (f"_:{ranks[subject]} {predicate} _:{ranks[target]}" for subject, predicate, target in links)
        said = (f"_:{ranks[node]} {signature!r}" for node, signature in signatures.items())
        token = hash_of((*linked, *said))
        self.tokens.update({node: hash_of((token, str(rank))) for node, rank in ranks.items()})

    def _said_to(self, node: Subject) -> Iterator[str]:
        return (f"{said.subject} {said.predicate}" for said in self.incoming[node] if isinstance(said.subject, IRI))


_Link = tuple[Subject, str, Subject]


def _told_apart(colours: Mapping[Subject, int], links: Sequence[_Link]) -> Mapping[Subject, int]:
    """Colours the nodes of a group, finer from round to round, until no two have the same.

    Where equals remain, one is chosen: any, as equals can be exchanged for each other (but in graphs so regular that
    nobody writes them; there the choice goes by the labels).
    """
    while len(set((colours := _refined(colours, links)).values())) < len(colours):
        shared = min(colour for colour, number in Counter(colours.values()).items() if number > 1)
        chosen = min((node for node, colour in colours.items() if colour == shared), key=str)
        colours = _ranked({node: (colour, node != chosen) for node, colour in colours.items()})
    return colours


def _refined(colours: Mapping[Subject, int], links: Sequence[_Link]) -> Mapping[Subject, int]:
    """Colours that tell apart whatever has neighbours of different colours."""
    while True:
        around: dict[Subject, list[tuple[str, str, int]]] = {node: [] for node in colours}
        for subject, predicate, target in links:
            around[subject].append(("to", predicate, colours[target]))
            around[target].append(("from", predicate, colours[subject]))
        finer = _ranked({node: (colour, sorted(around[node])) for node, colour in colours.items()})
        if len(set(finer.values())) == len(set(colours.values())):
            return finer
        colours = finer


def _ranked(signatures: Mapping[Subject, tuple[object, ...]]) -> Mapping[Subject, int]:
    texts = {node: repr(signature) for node, signature in signatures.items()}
    ranks = {text: rank for rank, text in enumerate(sorted(set(texts.values())))}
    return {node: ranks[text] for node, text in texts.items()}


def hash_of(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _groups(nodes: Iterable[Subject], neighbours: Callable[[Subject], Iterable[Subject]]) -> Iterator[list[Subject]]:
    """The nodes by what is connected."""
    seen: set[Subject] = set()
    for start in nodes:
        if start not in seen:
            seen.add(start)
            group = [start]
            for node in group:  # grows while it is walked
                new = [n for n in dict.fromkeys(neighbours(node)) if n not in seen]
                seen.update(new)
                group += new
            yield group
