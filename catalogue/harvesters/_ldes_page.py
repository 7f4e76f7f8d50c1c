"""One page of a TREE collection: where it leads, what it declares, and what it says of each member (TREE, LDES 1.0).

Pure, and linear in the number of statements: a page is a stranger's.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, islice
from typing import Any

from catalogue.harvesters._rdf_description import Statement
from catalogue.rdf import IRI, BlankNode, DefaultGraph, Literal, Quad, Term, Triple
from catalogue.vocabulary import LDES, RDF, TREE

# Of a property path that is a list: a list of RDF can be a circle.
_MAX_PATH = 10
# Members can share a node with any number of values, and each member would go through all of them.
_MAX_VALUES = 100
# A dataset with all its distributions has a few hundred statements.
_MAX_STAR = 2_000

_IS_STREAM = (RDF.type, LDES.EventStream)

Path = tuple[str, ...]
"""A property path: predicates, one after the other. An empty one is not declared."""


@dataclass(frozen=True)
class Stream:
    """What a collection declares of its members: where they name the object that they are a version of, where the
    timestamp of the version and what orders those of one time, and how they say that the object is no more."""

    is_stream: bool = False
    version_of: Path = ()
    timestamp: Path = ()
    sequence: Path = ()
    delete_path: Path = ()
    deletes: tuple[str, ...] = ()

    @property
    def declares(self) -> bool:
        return bool(self.version_of or self.timestamp or self.deletes)

    @classmethod
    def remembered(cls, written: Mapping[str, Any]) -> "Stream":
        """One that went through JSON."""
        paths = {name: tuple(value) for name, value in written.items() if name != "is_stream"}
        return cls(is_stream=written["is_stream"], **paths)


@dataclass(frozen=True)
class Page:
    """The statements of a page, `default` outside of its named graphs; `names` are the addresses that it answers to,
    without fragments."""

    default: Sequence[Statement]
    graphs: Mapping[Term, Sequence[Statement]]
    names: frozenset[str]

    @classmethod
    def of(cls, quads: Iterable[Quad], names: Iterable[str]) -> "Page":
        graphs: dict[Term, list[Statement]] = defaultdict(list)
        default: list[Statement] = []
        for quad in quads:
            said = default if isinstance(quad.graph_name, DefaultGraph) else graphs[quad.graph_name]
            said.append(_statement(quad))
        return cls(default, dict(graphs), frozenset(names))

    def __len__(self) -> int:
        return len(self.default) + sum(map(len, self.graphs.values()))

    @property
    def is_of_stream(self) -> bool:
        """Whether any of it is said in the words of TREE or LDES."""
        whole = chain(self.default, *self.graphs.values())
        terms = (term for said in whole for term in (said.predicate, said.object) if isinstance(term, IRI))
        return any(term.value.startswith((TREE.iri, LDES.iri)) for term in terms)

    @cached_property
    def relations(self) -> list[str]:
        """The pages that this one leads to, in its order: by its own relations, by all there are if none is its own.

        The type of a relation only tells a client what it can leave out, and a catalogue leaves nothing out.
        """
        found = [(said.subject, said.object) for said in self.default if said.predicate == TREE.relation]
        own = [relation for page, relation in found if self._is_this(page)]
        relations = dict.fromkeys(own or (relation for _, relation in found))
        return _addresses(node for relation in relations for node in self.objects(relation, TREE.node))

    @property
    def views(self) -> list[str]:
        """Where else the collection can be entered, first where all of it is (ldes:EventSource); each has all members.

        Nowhere when this page is such a place itself, or leads on.
        """
        nodes = dict.fromkeys(said.object for said in self.default if said.predicate == TREE.view)
        if self.relations or any(map(self._is_this, nodes)):
            return []
        return _addresses(sorted(nodes, key=lambda node: LDES.EventSource not in self.objects(node, RDF.type)))

    @property
    def members(self) -> list[Term]:
        """The members in the page's order: of the collection that can be entered here, of all if none can."""
        here = {said.subject for said in self.default if said.predicate == TREE.view and self._is_this(said.object)}
        found = [said for said in self.default if said.predicate == TREE.member]
        own = [said for said in found if said.subject in here] or found
        return list(dict.fromkeys(member for said in own for member in self._listed(said.object)))

    @property
    def controls(self) -> frozenset[Term]:
        """Pages, collections and what else is described for the sake of paging."""
        return frozenset(said.subject for said in self.default if said.predicate.value.startswith((TREE.iri, LDES.iri)))

    @property
    def is_immutable(self) -> bool:
        """Whether the page says that it will not change."""
        said = (said for said in self.default if said.predicate == LDES.immutable and self._is_this(said.subject))
        return any(isinstance(said.object, Literal) and said.object.value in ("true", "1") for said in said)

    @property
    def stream(self) -> Stream:
        """What the page declares of its members. A stream need not have the versions of an object in their order."""
        times = self._path(LDES.versionTimestampPath), self._path(LDES.versionSequencePath)
        timestamp, sequence = times if times[0] else (self._path(LDES.timestampPath), self._path(LDES.sequencePath))
        return Stream(
            is_stream=any(LDES.EventStream in self.objects(stream, RDF.type) for stream in self._streams),
            version_of=self._path(LDES.versionOfPath),
            timestamp=timestamp,
            sequence=sequence,
            delete_path=self._path(LDES.versionDeletePath),
            deletes=tuple(v.value for v in self._declared(LDES.versionDeleteObject) if not isinstance(v, BlankNode)),
        )

    def beside(self, other: "Page", subject: IRI) -> "Page":
        """With what another page says of a subject in short: blank nodes have names of their own there."""
        said = (said for said in other.star(subject) if said.subject == subject)
        return replace(self, default=[*self.default, *(s for s in said if not isinstance(s.object, BlankNode))])

    def objects(self, subject: Term, predicate: IRI) -> list[Term]:
        """The values of a property in the default graph."""
        return list(self._values.get((subject, predicate), ()))

    def values(self, subject: Term, path: Path) -> list[Term]:
        """The values at the end of a path in the default graph; as many as a member may have, and a few more."""
        found = [subject] if path else []
        for predicate in map(IRI, path):
            values = (value for node in found for value in self._values.get((node, predicate), ()))
            found = list(dict.fromkeys(islice(values, _MAX_VALUES)))
        return found

    def star(self, subject: Term, apart: Collection[Term] | None = None) -> list[Statement]:
        """What the default graph says of a subject, and of the blank nodes that this leads to; with the nodes that are
        `apart`, also of all others that it describes, unless that is far more than belongs to one thing."""
        own = self._about.get(subject, ())
        whole = [] if apart is None else self._with_nodes(own, apart)
        return whole if 0 < len(whole) <= _MAX_STAR else self._with_nodes(own)

    def graph(self, name: Term) -> list[Statement]:
        """What a named graph says, and the default graph of the blank nodes in it."""
        return self._with_nodes(self.graphs.get(name, ()))

    def inner_graphs(self, quads: Iterable[Statement]) -> list[Statement]:
        """What is said in the graphs without a name that statements lead to."""
        names = dict.fromkeys(said.object for said in quads if isinstance(said.object, BlankNode))
        return self._with_nodes(said for name in names for said in self.graphs.get(name, ()))

    def _with_nodes(self, quads: Iterable[Statement], apart: Collection[Term] | None = None) -> list[Statement]:
        """Statements with those of the blank nodes that they lead to, or of all nodes but some: then not many more than
        one thing has."""
        found = dict.fromkeys(quads)
        queue = list(found)
        described: set[Term] = {said.subject for said in queue if not isinstance(said.subject, BlankNode)}
        most = None if apart is None else _MAX_STAR + 1
        for said in islice(queue, most):  # grows while it is walked
            for node in (said.subject, said.object):
                if node not in described and self._leads_to(node, apart):
                    described.add(node)
                    inside = self.graphs.get(node, ()) if isinstance(node, BlankNode) else ()
                    more = islice(chain(self._about.get(node, ()), inside), most)
                    new = [other for other in more if other not in found]
                    found.update(dict.fromkeys(new))
                    queue += new
        return list(found)

    def _leads_to(self, node: Term, apart: Collection[Term] | None) -> bool:
        """Whether what is said of a node belongs to what leads to it."""
        return isinstance(node, BlankNode) or (apart is not None and isinstance(node, IRI) and node not in apart)

    @cached_property
    def _about(self) -> Mapping[Term, Sequence[Statement]]:
        return _grouped((said.subject, said) for said in self.default)

    @cached_property
    def _values(self) -> Mapping[tuple[Term, IRI], Sequence[Term]]:
        return _grouped(((said.subject, said.predicate), said.object) for said in self.default)

    @cached_property
    def _streams(self) -> Iterable[Term]:
        """The collections that the page is of, and not those that a member may describe."""
        of_members = [said.subject for said in self.default if said.predicate in (TREE.view, TREE.member)]
        typed = (said.subject for said in self.default if (said.predicate, said.object) == _IS_STREAM)
        return dict.fromkeys(of_members or typed)

    def _listed(self, node: Term) -> Iterator[Term]:
        """The members of a list, as contexts of JSON-LD make them, else the node itself."""
        seen: set[Term] = set()
        if not self.objects(node, RDF.first):
            yield from () if node == RDF.nil else (node,)
        while node not in seen and (first := self.objects(node, RDF.first)):
            seen.add(node)
            yield first[0]
            node = next(iter(self.objects(node, RDF.rest)), RDF.nil)

    def _declared(self, predicate: IRI) -> Iterator[Term]:
        return (value for stream in self._streams for value in self.objects(stream, predicate))

    def _path(self, predicate: IRI) -> Path:
        node = next(self._declared(predicate), None)
        if isinstance(node, IRI) and node != RDF.nil:
            return (node.value,)
        steps: list[Term] = []
        while node is not None and node != RDF.nil and len(steps) < _MAX_PATH:
            steps += self.objects(node, RDF.first)[:1]
            node = next(iter(self.objects(node, RDF.rest)), None)
        return tuple(step.value for step in steps) if all(isinstance(step, IRI) for step in steps) else ()

    def _is_this(self, node: Term) -> bool:
        return isinstance(node, IRI) and node.value.partition("#")[0] in self.names


def _statement(quad: Quad) -> Statement:
    assert not isinstance(quad.subject, Triple)  # the sandbox lets RDF 1.2 through nowhere
    assert not isinstance(quad.object, Triple)
    return Statement(quad.subject, quad.predicate, quad.object)


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return dict(groups)


def _addresses(nodes: Iterable[Term]) -> list[str]:
    """The addresses of pages, each once; a fragment is a part of its page."""
    return list(dict.fromkeys(node.value.partition("#")[0] for node in nodes if isinstance(node, IRI)))
