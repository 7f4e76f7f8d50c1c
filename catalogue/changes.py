"""The change log: what happened to which thing, numbered without gaps in the graph `changes`.

An event is `{base}/change/{number}`, an as:Create, as:Update or as:Delete with as:object, as:published and, for what
is gone, the names that it had. The time is when it was written here, so it never goes back, whatever sources say.

Beside the events, `{thing} dct:isReplacedBy {other}` says of what is gone under which name it is published now.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

from catalogue.database import Delta, Reader
from catalogue.identity import Minter
from catalogue.rdf import IRI, Literal, Quad, Triple
from catalogue.vocabulary import AS, DCT, FOAF, RDF, SKOS

_NAMES = (DCT.title, FOAF.name, SKOS.prefLabel)


def change_of(before: set[Triple], after: set[Triple]) -> IRI | None:
    """What happened to a thing whose own statements were and are these; None when nothing did."""
    if before == after:
        return None
    if not before:
        return AS.Create
    return AS.Update if after else AS.Delete


class ChangeLog:
    """The log of one database. The caller commits what `add` puts into a transaction, and then calls `committed`."""

    def __init__(self, database: Reader, minter: Minter) -> None:
        self._database, self._minter = database, minter
        self.graph = minter.graph("changes")
        self._pending = 0

    @cached_property
    def last(self) -> int:
        """The number of the newest event, 0 when there is none: found by doubling and halving, then kept in step."""
        bound = 1
        while self._is_logged(bound):
            bound *= 2
        return bisect_left(range(bound), True, lo=bound // 2, key=lambda number: not self._is_logged(number + 1))

    def add(
        self,
        delta: Delta,
        events: list[tuple[IRI, IRI]],
        removed: set[Triple],
        now: Literal,
        replaced: Mapping[IRI, Collection[IRI]],
    ) -> None:
        """Adds an event for each (thing, class of the change); `removed` is what was unpublished, `replaced` under
        which names things are published now that had another one."""
        for number, (thing, change) in enumerate(events, self.last + 1):
            event = self._event(number)
            others = replaced.get(thing, ()) if change == AS.Delete else ()
            known = self._database.triples(thing, DCT.isReplacedBy, None, self.graph)
            delta.replace(self.graph, known, {Triple(thing, DCT.isReplacedBy, other) for other in others})
            delta.added.add(Quad(event, RDF.type, change, self.graph))
            delta.added.add(Quad(event, AS.object, thing, self.graph))
            delta.added.add(Quad(event, AS.published, now, self.graph))
            if change == AS.Delete:
                names = (t.object for t in removed if t.subject == thing and t.predicate in _NAMES)
                delta.added.update(Quad(event, AS.name, name, self.graph) for name in names)
        self._pending = len(events)

    def first(self, thing: IRI) -> Literal | None:
        """When a thing was first published, None for one that never was."""
        events = self._database.triples(None, AS.object, thing, self.graph)
        times = (
            self._database.value(t.subject, AS.published, self.graph) for t in events if isinstance(t.subject, IRI)
        )
        return min((time for time in times if isinstance(time, Literal)), key=str, default=None)

    def committed(self) -> None:
        """The transaction is in the database."""
        self.last, self._pending = self.last + self._pending, 0

    def abandoned(self) -> None:
        """The transaction was not meant, or did not work."""
        self._pending = 0

    def things(self, after: int) -> Iterator[IRI]:
        """The things that events after a number are about, each once."""
        seen = set()
        for number in range(after + 1, self.last + 1):
            thing = self._database.value(self._event(number), AS.object, self.graph)
            if isinstance(thing, IRI) and thing not in seen:
                seen.add(thing)
                yield thing

    def _event(self, number: int) -> IRI:
        return IRI(f"{self._minter.base}/change/{number}")

    def _is_logged(self, number: int) -> bool:
        return next(self._database.triples(self._event(number), None, None, self.graph), None) is not None
