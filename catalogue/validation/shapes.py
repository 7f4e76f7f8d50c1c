"""Shapes: the packaged ones (`shapes/*.ttl`) and any other, compiled to a tree that checks nodes of `Facts`.

What may stand in a shapes graph is a part of SHACL Core (https://www.w3.org/TR/shacl/): the targets by class, node,
subjects and objects; the components of `constraints.COMPONENTS`, sh:property and sh:closed; paths that are an IRI, an
inverse, or a sequence of these. Anything else in the namespace of SHACL, and recursion, raises DocumentError: a shape
that is half understood would let wrong data pass.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from catalogue.code_lists import resources
from catalogue.errors import DocumentError
from catalogue.model import Severity
from catalogue.rdf import IRI, SYNTAXES, Literal, Subject, Term, Triple, read
from catalogue.validation.constraints import COMPONENTS, Check, Declaration, component, truth
from catalogue.validation.facts import Facts
from catalogue.vocabulary import RDF, RDFS, SH, SKOS

PROFILES = ("adms-ap", "dcat-ap", "cpov", "catalogue")
"""The profiles that have packaged shapes."""

_PROPERTY, _CLOSED = component("property"), component("closed")
_SEVERITIES = {SH.Violation: Severity.VIOLATION, SH.Warning: Severity.WARNING, SH.Info: Severity.INFO}
_SHAPES = frozenset({SH.NodeShape, SH.PropertyShape})
_TARGETS = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
# Terms of SHACL that a shape may have beside parameters and targets.
_OTHER = frozenset(
    {"path", "property", "severity", "deactivated", "closed", "ignoredProperties", "flags"}
    | {"name", "description", "message", "order", "group", "defaultValue"}
)


@dataclass(frozen=True)
class Inverse:
    """The path from a value to what has it."""

    path: IRI

    def __str__(self) -> str:
        return f"^{self.path}"


@dataclass(frozen=True)
class Sequence:
    """One step after the other; its text is a SPARQL property path."""

    steps: tuple["IRI | Inverse", ...]

    def __str__(self) -> str:
        return "/".join(map(str, self.steps))


Path = IRI | Inverse | Sequence
_Walk = Callable[[Facts, Term], Collection[Term]]


@dataclass(frozen=True)
class Result:
    """One result of validation, as sh:ValidationResult has it; `path` is None when the node itself is at fault."""

    focus: Term
    path: Path | None
    component: IRI
    severity: Severity
    shape: Subject
    value: Term | None


@dataclass(frozen=True)
class Text:
    """What a shape says to people, by language; `order` is its place among the others."""

    names: Mapping[str, str]
    messages: Mapping[str, str]
    order: float = 0


@dataclass(frozen=True)
class Constraint:
    component: IRI
    check: Check


@dataclass(frozen=True)
class Shape:
    """A compiled shape. `walk` leads from a focus node to its value nodes, None when these are the node itself;
    `absent` are the constraints that can fail without value nodes; `closed` the predicates that may be used."""

    node: Subject
    severity: Severity
    path: Path | None
    walk: _Walk | None
    constraints: tuple[Constraint, ...]
    absent: tuple[Constraint, ...]
    properties: tuple["Shape", ...]
    closed: frozenset[Term] | None

    def results(self, facts: Facts, focus: Term) -> Iterator[Result]:
        """Lazily, so that to know whether there is one costs no more than the first."""
        values = (focus,) if self.walk is None else self.walk(facts, focus)
        for constraint in self.constraints if values else self.absent:
            for value in constraint.check(facts, focus, values):
                yield Result(focus, self.path, constraint.component, self.severity, self.node, value)
        for shape in self.properties:
            for value in values:
                yield from shape.results(facts, value)
        if self.closed is not None:
            yield from self._foreign(self.closed, facts, focus, values)

    def _foreign(
        self, allowed: frozenset[Term], facts: Facts, focus: Term, values: Collection[Term]
    ) -> Iterator[Result]:
        for node in values:
            for predicate, objects in facts.properties(node).items():
                if predicate not in allowed:
                    for value in objects:
                        yield Result(focus, predicate, _CLOSED, self.severity, self.node, value)

    def conforms(self, facts: Facts, focus: Term) -> bool:
        """Whether there is no result, of whichever severity."""
        return next(self.results(facts, focus), None) is None


@dataclass(frozen=True)
class Targeted:
    """A shape and the terms that select its focus nodes, by the kind of target."""

    shape: Shape
    targets: Mapping[str, tuple[IRI, ...]]


@dataclass(frozen=True)
class Shapes:
    """A compiled shapes graph; `triples` is the graph itself, with the labels of blank nodes that results have."""

    targeted: tuple[Targeted, ...]
    texts: Mapping[Subject, Text]
    schemes: Mapping[Subject, tuple[IRI, ...]]
    """The code lists, and single concepts, that the values of a property shape may be of."""
    triples: frozenset[Triple] = field(repr=False)


@cache
def packaged(profile: str) -> Shapes:
    """The shapes of one of the profiles; compiled once in a process."""
    content = (resources("shapes") / f"{profile}.ttl").read_bytes()
    return compiled((quad.triple for quad in read(content, SYNTAXES["ttl"])), profile)


def compiled(triples: Iterable[Triple], name: str = "shapes") -> Shapes:
    """A shapes graph, compiled; raises DocumentError, with `name` and the shape, for what is not supported."""
    triples = frozenset(triples)
    compiler = _Compiler(name, Facts(triples))
    targeted = tuple(Targeted(compiler.shape(node), targets) for node, targets in compiler.targets())
    schemes = {node: tuple(sorted(compiler.schemes(node), key=str)) for node in compiler.compiled}
    return Shapes(targeted, {node: compiler.text(node) for node in compiler.compiled}, schemes, triples)


class _Compiler:
    """Compiles each shape once; remembers which are under way, to know recursion."""

    def __init__(self, name: str, graph: Facts) -> None:
        self.name, self.graph = name, graph
        self.compiled: dict[Subject, Shape] = {}
        self._under_way: set[Term] = set()

    def targets(self) -> Iterator[tuple[Subject, dict[str, tuple[IRI, ...]]]]:
        """The shapes that have targets, in a stable order; of one that is also a class, its instances are targets."""
        for node in sorted(self.graph, key=str):
            targets = {kind: tuple(self._iris(node, kind)) for kind in _TARGETS}
            types = self.graph.objects(node, RDF.type)
            if RDFS.Class in types and isinstance(node, IRI) and not _SHAPES.isdisjoint(types):
                targets["targetClass"] += (node,)
            if any(targets.values()):
                yield node, targets

    def _iris(self, node: Subject, name: str) -> Iterator[IRI]:
        for value in self.graph.objects(node, getattr(SH, name)):
            if not isinstance(value, IRI):
                raise self.error(node, f"sh:{name} {value} is not an IRI")
            yield value

    def shape(self, node: Term) -> Shape:
        if isinstance(node, Literal) or node not in self.graph:
            raise self.error(node, "it is named as a shape but not described")
        if node in self._under_way:
            raise self.error(node, "it leads back to itself, and recursion is not supported")
        if node not in self.compiled:
            self._under_way.add(node)
            self.compiled[node] = self._compile(node)
            self._under_way.discard(node)
        return self.compiled[node]

    def _compile(self, node: Subject) -> Shape:
        self._refuse_foreign(node)
        path = self._path(node)
        severity = self._severity(node)
        walk = None if path is None else _walk(path)
        declaration = _Declaration(self, node)
        properties = tuple(self._properties(node))
        constraints = list(self._constraints(declaration, path is not None))
        closed = self._closed(declaration, properties)
        if any(truth(declaration, value) for value in self.graph.objects(node, SH.deactivated)):
            return Shape(node, severity, path, walk, (), (), (), None)
        return Shape(
            node,
            severity,
            path,
            walk,
            tuple(constraint for _, constraint in constraints),
            tuple(constraint for name, constraint in constraints if COMPONENTS[name].absent),
            properties,
            closed,
        )

    def error(self, node: Term, reason: str) -> DocumentError:
        return DocumentError(f"{self.name}: the shape {node}: {reason}")

    def _refuse_foreign(self, node: Term) -> None:
        for predicate in self.graph.properties(node):
            name = predicate.value[len(SH.iri) :]
            known = name in COMPONENTS or name in _OTHER or name in _TARGETS
            if predicate.value.startswith(SH.iri) and not known:
                raise self.error(node, f"sh:{name} is not supported")

    def _severity(self, node: Term) -> Severity:
        given = self._one(node, "severity")
        if given is None:
            return Severity.VIOLATION
        if not isinstance(given, IRI) or given not in _SEVERITIES:
            raise self.error(node, f"{given} is no severity of SHACL")
        return _SEVERITIES[given]

    def _one(self, node: Term, name: str) -> Term | None:
        values = list(self.graph.objects(node, getattr(SH, name)))
        if len(values) > 1:
            raise self.error(node, f"sh:{name} has more than one value")
        return values[0] if values else None

    def _properties(self, node: Term) -> Iterator[Shape]:
        for value in self._sorted(node, SH.property):
            shape = self.shape(value)
            if shape.path is None:
                raise self.error(value, "it is a value of sh:property without sh:path")
            yield shape

    def _sorted(self, node: Term, predicate: IRI) -> list[Term]:
        return sorted(self.graph.objects(node, predicate), key=str)

    def _constraints(self, declaration: "_Declaration", has_path: bool) -> Iterator[tuple[str, Constraint]]:
        for name, kind in COMPONENTS.items():
            values = declaration.parameters(name)
            if kind.single and len(values) > 1:
                raise declaration.refuse(f"sh:{name} has more than one value")
            if kind.paths and values and not has_path:
                raise declaration.refuse(f"sh:{name} is for property shapes only")
            for value in values:
                yield name, Constraint(component(name), kind.compile(declaration, value))

    def _closed(self, declaration: "_Declaration", properties: tuple[Shape, ...]) -> frozenset[Term] | None:
        value = self._one(declaration.node, "closed")
        if value is None or not truth(declaration, value):
            return None
        ignored = [
            member for head in declaration.parameters("ignoredProperties") for member in declaration.members(head)
        ]
        return frozenset([*ignored, *(shape.path for shape in properties if isinstance(shape.path, IRI))])

    def _path(self, node: Term) -> Path | None:
        given = self._one(node, "path")
        if given is None:
            return None
        if not self.graph.objects(given, RDF.first):
            return self._step(node, given)
        steps = tuple(self._step(node, member) for member in self.members(given))
        if len(steps) < 2:
            raise self.error(node, "a sequence path has at least two steps")
        return Sequence(steps)

    def _step(self, node: Term, given: Term) -> IRI | Inverse:
        if isinstance(given, IRI):
            return given
        inverse = self._one(given, "inversePath")
        if isinstance(inverse, IRI) and len(self.graph.properties(given)) == 1:
            return Inverse(inverse)
        raise self.error(node, "its path is neither an IRI, nor the inverse of one, nor a sequence of such")

    def members(self, head: Term) -> list[Term]:
        """The members of a list, which is at least one long."""
        found: list[Term] = []
        seen: set[Term] = set()
        while head != RDF.nil or not found:
            first, rest = list(self.graph.objects(head, RDF.first)), list(self.graph.objects(head, RDF.rest))
            if len(first) != 1 or len(rest) != 1 or head in seen:
                raise DocumentError(f"{self.name}: {head} is no list, or an empty one")
            seen.add(head)
            found += first
            head = rest[0]
        return found

    def text(self, node: Term) -> Text:
        order = next(iter(self.graph.objects(node, SH.order)), None)
        return Text(
            self._by_language(node, SH.name) or self._by_language(node, RDFS.label),
            self._by_language(node, SH.message),
            float(order.value) if isinstance(order, Literal) else 0,
        )

    def _by_language(self, node: Term, predicate: IRI) -> dict[str, str]:
        values = sorted(self.graph.objects(node, predicate), key=str)
        return {value.language or "": value.value for value in values if isinstance(value, Literal)}

    def schemes(self, node: Term) -> set[IRI]:
        """The lists that a shape leads to: values of sh:hasValue for skos:inScheme, and what sh:in allows."""
        if SKOS.inScheme in self.graph.objects(node, SH.path):
            return self._named(node)
        following = list(self.graph.objects(node, SH.node))
        for name in ("or", "and", "xone"):
            for head in self.graph.objects(node, IRI(SH.iri + name)):
                following += self.members(head)
        if SH.path not in self.graph.properties(node):
            following += self.graph.objects(node, SH.property)
        return {scheme for other in following for scheme in self.schemes(other)} | self._allowed(node)

    def _named(self, node: Term) -> set[IRI]:
        values = self.graph.objects(node, SH.hasValue)
        return {value for value in values if isinstance(value, IRI)} | self._allowed(node)

    def _allowed(self, node: Term) -> set[IRI]:
        members = [member for head in self.graph.objects(node, IRI(f"{SH.iri}in")) for member in self.members(head)]
        return {member for member in members if isinstance(member, IRI)}


class _Declaration(Declaration):
    def __init__(self, compiler: _Compiler, node: Term) -> None:
        self._compiler, self.node = compiler, node

    def refuse(self, reason: str) -> DocumentError:
        return self._compiler.error(self.node, reason)

    def parameters(self, name: str) -> list[Term]:
        return sorted(self._compiler.graph.objects(self.node, IRI(SH.iri + name)), key=str)

    def members(self, head: Term) -> list[Term]:
        return self._compiler.members(head)

    def nested(self, node: Term) -> Shape:
        return self._compiler.shape(node)


def _walk(path: Path) -> _Walk:
    """The function that finds the value nodes of a path."""
    if isinstance(path, IRI):
        return lambda facts, focus: facts.objects(focus, path)
    if isinstance(path, Inverse):
        return lambda facts, focus: facts.subjects(path.path, focus)
    steps = [_walk(step) for step in path.steps]

    def walk(facts: Facts, focus: Term) -> Collection[Term]:
        nodes: Collection[Term] = (focus,)
        for step in steps:
            nodes = {value: None for node in nodes for value in step(facts, node)}
        return nodes

    return walk
