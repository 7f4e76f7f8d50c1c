"""SHACL Core over triples in memory, as fast as Python goes; see `shapes.py` for which part of it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from catalogue.rdf import IRI, Term, Triple
from catalogue.validation.facts import Facts
from catalogue.validation.shapes import Result, Shapes, Targeted


def evaluate(triples: Iterable[Triple], shapes: Shapes) -> list[Result]:
    """The distinct results of validating a graph, in a stable order; of whichever severity.

    The graph is to hold what the shapes ask of things that it names: for concepts of code lists see `closure.py`.
    """
    found = results(triples, shapes)
    return sorted(found, key=_order) if len(found) > 1 else list(found)


def results(triples: Iterable[Triple], shapes: Shapes) -> Collection[Result]:
    """The same in no order."""
    facts = Facts(triples)
    return dict.fromkeys(result for targeted in shapes.targeted for result in _results(targeted, facts))


def _results(targeted: Targeted, facts: Facts) -> Iterator[Result]:
    for focus in dict.fromkeys(_focus_nodes(targeted, facts)):
        yield from targeted.shape.results(facts, focus)


def _focus_nodes(targeted: Targeted, facts: Facts) -> Iterator[Term]:
    for kind, terms in targeted.targets.items():
        for term in terms:
            yield from _SELECT[kind](facts, term)


# Kind of target → the focus nodes that it selects; https://www.w3.org/TR/shacl/#targets
_SELECT: Mapping[str, Callable[[Facts, IRI], Iterable[Term]]] = {
    "targetClass": Facts.instances,
    "targetNode": lambda _, node: (node,),
    "targetSubjectsOf": Facts.having,
    "targetObjectsOf": Facts.incoming,
}


def _order(result: Result) -> tuple[str, ...]:
    """By things, then by what is wrong with them."""
    return tuple(map(str, (result.focus, result.shape, result.path, result.component, result.value)))
