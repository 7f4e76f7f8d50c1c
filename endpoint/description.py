"""A thing's published statements, arranged for reading: by node and property, in a stable order."""

from collections.abc import Iterable, Mapping

from catalogue.rdf import IRI, Literal, Subject, Term, Triple, order


class Description:
    """The statements about a thing, its nodes and parts, and its catalogue record."""

    def __init__(self, thing: IRI, triples: Iterable[Triple]) -> None:
        self.thing = thing
        self.nodes: dict[Subject, dict[IRI, list[Term]]] = {}
        for triple in sorted(triples, key=order):
            if not isinstance(triple.subject, Triple) and not isinstance(triple.object, Triple):
                self.nodes.setdefault(triple.subject, {}).setdefault(triple.predicate, []).append(triple.object)

    def properties(self, node: Subject | None = None) -> Mapping[IRI, list[Term]]:
        return self.nodes.get(node or self.thing, {})

    def values(self, *properties: IRI, node: Term | None = None) -> list[Term]:
        """The values of the first of the properties that a node (the thing, unless named) has."""
        found = {} if isinstance(node, Literal) else self.nodes.get(node or self.thing, {})
        return next((found[name] for name in properties if name in found), [])

    def value(self, *properties: IRI, node: Term | None = None) -> Term | None:
        return next(iter(self.values(*properties, node=node)), None)

    def all(self, *properties: IRI, node: Term | None = None) -> list[Term]:
        """The values of all of the properties, each once."""
        found = {} if isinstance(node, Literal) else self.nodes.get(node or self.thing, {})
        return list(dict.fromkeys(value for name in properties for value in found.get(name, ())))

    def texts(self, *properties: IRI, node: Term | None = None) -> list[Literal]:
        return [value for value in self.values(*properties, node=node) if isinstance(value, Literal)]

    def iris(self, *properties: IRI, node: Term | None = None) -> list[IRI]:
        return [value for value in self.all(*properties, node=node) if isinstance(value, IRI)]
