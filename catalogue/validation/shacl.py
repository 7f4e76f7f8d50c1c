"""pySHACL, asked the same questions as the engine. The only module that knows pyshacl and rdflib.

It is the oracle of the tests and benchmarks, and the way for shapes that `shapes.compiled` refuses. pySHACL does not
do all that SHACL says; where it differs from the engine is listed in `tests/validation/test_differences.py`.
"""

from collections.abc import Iterable

import pyshacl
import rdflib
from rdflib.term import Node

from catalogue.model import Severity
from catalogue.rdf import IRI, BlankNode, Literal, Subject, Term, Triple
from catalogue.validation.shapes import Inverse, Path, Result, Sequence, packaged
from catalogue.vocabulary import RDF, SH, XSD

_SEVERITIES = {SH.Violation: Severity.VIOLATION, SH.Warning: Severity.WARNING, SH.Info: Severity.INFO}


class Oracle:
    """A shapes graph, converted once; `verdict` may be asked again and again."""

    def __init__(self, shapes: Iterable[Triple]) -> None:
        self._shapes = graph(shapes)

    def verdict(self, triples: Iterable[Triple]) -> set[Result]:
        """The results of whichever severity; `triples` holds the facts of code lists, too."""
        return self.verdict_of(graph(triples))

    def verdict_of(self, data: rdflib.Graph) -> set[Result]:
        # Severities are not allowed here (allow_warnings): nested shapes would then conform although they have results.
        _, report, _ = pyshacl.validate(data, shacl_graph=self._shapes, inplace=True, advanced=False)
        assert isinstance(report, rdflib.Graph)
        return {_result(report, node) for node in report.objects(None, _node(SH.result))}


def verdict(triples: Iterable[Triple], profile: str) -> list[Result]:
    """What pySHACL says of a graph by the packaged shapes of a profile, in a stable order."""
    return sorted(Oracle(packaged(profile).triples).verdict(triples), key=str)


def graph(triples: Iterable[Triple]) -> rdflib.Graph:
    """The triples in rdflib's memory, as terms: rdflib's parsers would rewrite `"01"^^xsd:integer` to `"1"`."""
    made = rdflib.Graph(bind_namespaces="none")
    for triple in triples:
        made.add((_node(triple.subject), _node(triple.predicate), _node(triple.object)))
    return made


def _node(term: object) -> Node:
    if isinstance(term, IRI):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    assert isinstance(term, Literal)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = None if term.datatype == XSD.string else rdflib.URIRef(term.datatype.value)
    return rdflib.Literal(term.value, datatype=datatype, normalize=False)


def _term(node: Node) -> Term:
    if isinstance(node, rdflib.URIRef):
        return IRI(str(node))
    if isinstance(node, rdflib.BNode):
        return BlankNode(str(node))
    assert isinstance(node, rdflib.Literal)
    if node.language:
        return Literal(str(node), language=node.language)
    return Literal(str(node), datatype=IRI(str(node.datatype or XSD.string.value)))


def _result(report: rdflib.Graph, node: Node) -> Result:
    focus, severity = (report.value(node, _node(term)) for term in (SH.focusNode, SH.resultSeverity))
    shape, component = (report.value(node, _node(term)) for term in (SH.sourceShape, SH.sourceConstraintComponent))
    value, path = (report.value(node, _node(term)) for term in (SH.value, SH.resultPath))
    assert focus is not None
    return Result(
        _term(focus),
        None if path is None else _path(report, path),
        _iri(component),
        _SEVERITIES[_iri(severity)],
        _subject(shape),
        None if value is None else _term(value),
    )


def _path(report: rdflib.Graph, node: Node) -> Path:
    if report.value(node, _node(RDF.first)) is None:
        return _step(report, node)
    return Sequence(tuple(_step(report, member) for member in report.items(node)))


def _step(report: rdflib.Graph, node: Node) -> IRI | Inverse:
    inverse = report.value(node, _node(SH.inversePath))
    return _iri(node) if inverse is None else Inverse(_iri(inverse))


def _iri(node: object) -> IRI:
    return IRI(str(node))


def _subject(node: object) -> Subject:
    return BlankNode(str(node)) if isinstance(node, rdflib.BNode) else _iri(node)
