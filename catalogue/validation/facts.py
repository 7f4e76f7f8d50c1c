"""The data that is validated, indexed in memory by subject and predicate."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from catalogue.rdf import IRI, Literal, Subject, Term, Triple
from catalogue.vocabulary import RDF, RDFS

# A dict serves as a set that keeps its order.
_Values = dict[Term, None]
_NOTHING: Mapping[IRI, _Values] = {}


class Facts:
    """Distinct triples. Reads of what is not there give empty collections."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        outgoing: dict[Term, dict[IRI, _Values]] = {}
        for triple in triples:
            # The stub allows for RDF 1.2's triple terms, which `catalogue.sandbox` refuses.
            subject, value = triple.subject, triple.object
            outgoing.setdefault(subject, {}).setdefault(triple.predicate, {})[value] = None  # type: ignore[index,arg-type]
        self._outgoing = outgoing
        self._incoming: dict[IRI, dict[Term, _Values]] = {}
        self._subclasses: dict[Term, set[Term]] = {}
        self._has_subclasses = any(RDFS.subClassOf in properties for properties in outgoing.values())

    def __contains__(self, node: object) -> bool:
        """Whether a node is the subject of a triple."""
        return node in self._outgoing

    def __iter__(self) -> Iterator[Subject]:
        """The subjects."""
        return (node for node in self._outgoing if not isinstance(node, Literal))

    def properties(self, subject: Term) -> Mapping[IRI, Collection[Term]]:
        """Everything said of a node, by predicate."""
        return self._outgoing.get(subject, _NOTHING)

    def objects(self, subject: Term, predicate: IRI) -> Collection[Term]:
        return self._outgoing.get(subject, _NOTHING).get(predicate, ())

    def subjects(self, predicate: IRI, value: Term) -> Collection[Term]:
        return self.incoming(predicate).get(value, ())

    def incoming(self, predicate: IRI) -> Mapping[Term, Collection[Term]]:
        """The values of a predicate, each with its subjects."""
        found = self._incoming.get(predicate)
        if found is None:
            found = self._incoming[predicate] = {}
            for subject, properties in self._outgoing.items():
                for value in properties.get(predicate, ()):
                    found.setdefault(value, {})[subject] = None
        return found

    def having(self, predicate: IRI) -> Iterator[Term]:
        """The subjects of a predicate."""
        return (subject for subject, properties in self._outgoing.items() if predicate in properties)

    def is_instance(self, node: Term, of: Term) -> bool:
        """Whether a class of the node is the class or, by rdfs:subClassOf in the data, below it."""
        types = self.objects(node, RDF.type)
        return of in types or (self._has_subclasses and not self._below(of).isdisjoint(types))

    def instances(self, of: Term) -> Iterator[Term]:
        """The nodes of a class and of the classes below it; a node may come twice."""
        yield from self.subjects(RDF.type, of)
        if self._has_subclasses:
            for kind in self._below(of):
                yield from self.subjects(RDF.type, kind)

    def _below(self, of: Term) -> set[Term]:
        """The classes below a class, which may be among them. Kept, so that no chain of classes is walked for each
        node of a hostile document."""
        below = self._subclasses.get(of)
        if below is None:
            below = self._subclasses[of] = set()
            ahead = list(self.subjects(RDFS.subClassOf, of))
            while ahead:
                kind = ahead.pop()
                if kind not in below:
                    below.add(kind)
                    ahead += self.subjects(RDFS.subClassOf, kind)
        return below
