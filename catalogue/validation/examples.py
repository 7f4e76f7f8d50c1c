"""The examples of the shapes (`shapes/examples/*.trig`), cut down to what a property needs, for reading.

Of each shape there is a description that it accepts, in the graph `pass/{local name}`, and one that it refuses, in
`fail/{local name}`; the tests hold every one of them to that.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from catalogue.code_lists import resources
from catalogue.rdf import IRI, SYNTAXES, BlankNode, Literal, Subject, Triple, read, write
from catalogue.validation import engine
from catalogue.validation.closure import closure
from catalogue.validation.shapes import Inverse, Path, packaged
from catalogue.validation.shapes import Sequence as Steps
from catalogue.vocabulary import PREFIXES, RDF

_BASE = "https://examples.example/"
_PREFIX = re.compile(r"^@prefix ([\w-]+): <([^>]*)>", re.MULTILINE)

Description = tuple[Triple, ...]


@cache
def accepted(profile: str, shapes: tuple[Subject, ...], path: Path, classes: tuple[IRI, ...]) -> Description:
    """What a thing of the classes may say by the path of these shapes, so that all of them accept it.

    The one of their examples that says most; empty where none does.
    """
    every = [shown(profile, "pass", shape, path, classes) for shape in shapes]
    found = [about for about in every if about and set(shapes).isdisjoint(_refusing(profile, about))]
    return max(found, key=len, default=())


def _refusing(profile: str, about: Description) -> Iterator[Subject]:
    return (result.shape for result in engine.evaluate([*about, *closure(about)], packaged(profile)))


def shown(profile: str, kind: str, shape: Subject, path: Path, classes: tuple[IRI, ...]) -> Description:
    """What a shape's example says by the shape's path: the thing's class, the statements on the path, and what is said
    of their values. Empty where it says nothing: that something is missing cannot be shown."""
    about = _graphs(profile)[f"{kind}/{shape.value.rpartition('#')[2]}"]
    kept: dict[Triple, None] = {}
    for typed in (triple for triple in about if triple.predicate == RDF.type and triple.object in classes):
        over = _along(about, typed.subject, path)
        values = {node for triple in over for node in (triple.subject, triple.object)} - {typed.subject}
        if over:
            kept |= dict.fromkeys([typed, *over, *(triple for triple in about if triple.subject in values)])
    return tuple(kept)


def _along(about: Description, focus: object, path: Path) -> list[Triple]:
    """The statements that a path leads over."""
    nodes, found = {focus}, []
    for step in path.steps if isinstance(path, Steps) else (path,):
        if isinstance(step, Inverse):
            over = [triple for triple in about if triple.predicate == step.path and triple.object in nodes]
            nodes = {triple.subject for triple in over}
        else:
            over = [triple for triple in about if triple.predicate == step and triple.subject in nodes]
            nodes = {triple.object for triple in over}
        found += over
    return found


def turtle(profile: str, about: Description) -> str:
    """The statements without the declarations of their prefixes, which `prefixes` has."""
    lines = _written(profile, about).splitlines()
    return "\n".join(line for line in lines if not line.startswith("@prefix ")).replace("\t", "  ").strip()


def prefixes(profile: str) -> str:
    """What the examples of a profile declare, a line each."""
    every = tuple(triple for about in _graphs(profile).values() for triple in about)
    return "\n".join(line for line in _written(profile, every).splitlines() if line.startswith("@prefix "))


def _written(profile: str, about: Description) -> str:
    first = next((triple.subject for triple in about if isinstance(triple.subject, IRI)), None)
    return write(about, SYNTAXES["ttl"], _prefixes(profile), first).decode()


@cache
def _graphs(profile: str) -> Mapping[str, Description]:
    """The descriptions by their names; blank nodes get the same labels in each process."""
    found: dict[str, list[Triple]] = {}
    labels: dict[BlankNode, BlankNode] = {}
    for quad in read(_text(profile), SYNTAXES["trig"], _BASE):
        subject, value = (
            labels.setdefault(term, BlankNode(f"b{len(labels)}")) if isinstance(term, BlankNode) else term
            for term in (quad.subject, quad.object)
        )
        assert isinstance(quad.graph_name, IRI)
        assert not isinstance(subject, Literal | Triple)
        found.setdefault(quad.graph_name.value.removeprefix(_BASE), []).append(Triple(subject, quad.predicate, value))
    return {name: tuple(triples) for name, triples in found.items()}


@cache
def _prefixes(profile: str) -> Mapping[str, str]:
    """The catalogue's own, and what the examples use beyond them."""
    return {**PREFIXES, **dict(_PREFIX.findall(_text(profile)))}


def _text(profile: str) -> str:
    return (resources("shapes") / "examples" / f"{profile}.trig").read_text(encoding="utf-8")
