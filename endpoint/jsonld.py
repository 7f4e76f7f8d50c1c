"""JSON-LD 1.1 as people like to read it: compacted with the catalogue's own context, which `/context.jsonld` publishes.

A compacted description holds what it needs of the context, so that it is read without fetching anything; who names the
context's address as a profile, too, gets a reference to it instead. Nodes stand side by side in one `@graph`, the thing
first, so that the flattened form is the expanded one (https://www.w3.org/TR/json-ld11/#iana-considerations).
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from catalogue.code_lists import resources
from catalogue.rdf import IRI, Literal, Term, Triple, order
from catalogue.vocabulary import RDF, XSD

PATH = "/context.jsonld"
_FORM = "http://www.w3.org/ns/json-ld#"
COMPACTED, EXPANDED, FLATTENED = (f"{_FORM}{form}" for form in ("compacted", "expanded", "flattened"))
FORMS = (COMPACTED, EXPANDED, FLATTENED)

_Nodes = dict[str, dict[str, list[Term]]]
_Definition = str | dict[str, str]


def document() -> bytes:
    """The published context."""
    return (resources("vocab") / "contexts" / "catalogue.jsonld").read_bytes()


@cache
def context() -> Mapping[str, _Definition]:
    """Prefixes, and terms that are said of IRIs or in languages."""
    found: Mapping[str, _Definition] = json.loads(document())["@context"]
    return found


def write(triples: Iterable[Triple], form: str = COMPACTED, first: IRI | None = None, address: str = "") -> bytes:
    """A description in one of the forms; with an `address`, a compacted one refers to its context there."""
    nodes = _nodes(triples, first)
    if form != COMPACTED:
        return f"{_laid_out([_expanded(name, node) for name, node in nodes.items()])}\n".encode()
    used = _usable(nodes)
    graph = [_compacted(name, node, used) for name, node in nodes.items()]
    named = json.dumps(address) if address else _members(_needed(graph, used))
    return f'{{\n"@context": {named},\n"@graph": {_laid_out(graph)}\n}}\n'.encode()


def _laid_out(nodes: list[dict[str, Any]]) -> str:
    """A line for each property: as readable as indented throughout, and written several times as fast."""
    return "[" + ",\n".join(map(_members, nodes)) + "]"


def _members(node: Mapping[str, object]) -> str:
    lines = (f" {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in node.items())
    return "{\n" + ",\n".join(lines) + "\n}"


def _nodes(triples: Iterable[Triple], first: IRI | None) -> _Nodes:
    nodes: _Nodes = {}
    head, keyed = f"{first} ", {order(triple): triple for triple in triples}
    for key in sorted(keyed, key=lambda key: (not key.startswith(head), key)):
        triple = keyed[key]
        if not isinstance(triple.subject, Triple) and not isinstance(triple.object, Triple):
            values = nodes.setdefault(_name(triple.subject), {}).setdefault(triple.predicate.value, [])
            values.append(triple.object)
    return nodes


def _name(node: Term) -> str:
    return node.value if isinstance(node, IRI) else str(node)


def _value(value: Term) -> dict[str, str]:
    if not isinstance(value, Literal):
        return {"@id": _name(value)}
    if value.language:
        return {"@value": value.value, "@language": value.language}
    return {"@value": value.value} | ({} if value.datatype == XSD.string else {"@type": value.datatype.value})


def _split(node: Mapping[str, list[Term]]) -> tuple[list[str], list[tuple[str, list[Term]]]]:
    """The classes of a node, and its other properties; a class that is a literal is a value like others."""
    types = node.get(RDF.type.value, [])
    classes = [_name(value) for value in types if not isinstance(value, Literal)]
    rest = [(name, values) for name, values in node.items() if name != RDF.type.value]
    odd: list[Term] = [value for value in types if isinstance(value, Literal)]
    return classes, [*([(RDF.type.value, odd)] if odd else []), *rest]


def _expanded(name: str, node: Mapping[str, list[Term]]) -> dict[str, Any]:
    classes, rest = _split(node)
    head: dict[str, Any] = {"@id": name} | ({"@type": classes} if classes else {})
    return head | {key: [_value(value) for value in values] for key, values in rest}


def _usable(nodes: _Nodes) -> Mapping[str, _Definition]:
    """The context without prefixes that an IRI's scheme could be taken for."""
    values = [value for node in nodes.values() for found in node.values() for value in found]
    names = {*nodes, *(key for node in nodes.values() for key in node), *map(_iri, values)}
    schemes = {name.partition(":")[0] for name in names}
    return {key: told for key, told in context().items() if key not in schemes}


def _iri(value: Term) -> str:
    return value.datatype.value if isinstance(value, Literal) else _name(value)


def _compacted(name: str, node: Mapping[str, list[Term]], used: Mapping[str, _Definition]) -> dict[str, Any]:
    classes, rest = _split(node)
    made: dict[str, Any] = {"@id": name}
    if classes:
        made["@type"] = _one([_short(cls, used) for cls in classes])
    for key, values in rest:
        term, form = _term(_short(key, used), values, used)
        made[term] = form
    return made


def _term(key: str, values: list[Term], used: Mapping[str, _Definition]) -> tuple[str, Any]:
    """The term for a property and its values as the term has them; a term that does not fit them all is not used."""
    for term, kind in _terms().get(key, ()):
        if term not in used:
            continue
        if kind == "@id" and all(isinstance(value, IRI) for value in values):
            return term, _one([_name(value) for value in values])
        if kind == "@language" and (texts := _by_language(values)):
            return term, texts
    return key, _one([_plain(value, used) for value in values])


def _by_language(values: list[Term]) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for value in values:
        if not isinstance(value, Literal) or not value.language:
            return {}
        found.setdefault(value.language, []).append(value.value)
    return {language: _one(texts) for language, texts in found.items()}


def _plain(value: Term, used: Mapping[str, _Definition]) -> object:
    told = _value(value)
    if set(told) == {"@value"}:
        return told["@value"]
    return told | ({"@type": _short(told["@type"], used)} if "@type" in told else {})


@cache
def _terms() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Short form of a property → its terms, each with "@id" or "@language"."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for term, told in context().items():
        if not isinstance(told, str):
            kind = told.get("@type") or told["@container"]
            found[told["@id"]] = (*found.get(told["@id"], ()), (term, kind))
    return found


@cache
def _prefixes() -> Mapping[str, str]:
    return {told: name for name, told in context().items() if isinstance(told, str)}


def _short(iri: str, used: Mapping[str, _Definition]) -> str:
    """`dct:title`, or the IRI where no prefix fits."""
    cut = max(iri.rfind("#"), iri.rfind("/")) + 1
    prefix = _prefixes().get(iri[:cut])
    return f"{prefix}:{iri[cut:]}" if prefix in used and iri[cut:] else iri


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _needed(graph: list[dict[str, Any]], used: Mapping[str, _Definition]) -> dict[str, _Definition]:
    """The entries of the context that a document makes use of."""
    keys = {key for node in graph for key in node}
    terms = {key: told for key, told in used.items() if key in keys and isinstance(told, dict)}
    words = {*keys, *(told["@id"] for told in terms.values())}
    types = {word for node in graph for word in _listed(node.get("@type"))}
    types |= {
        value["@type"]
        for node in graph
        for values in node.values()
        for value in _listed(values)
        if isinstance(value, dict) and "@type" in value
    }
    prefixes = {word.partition(":")[0] for word in words | types}
    return {key: told for key, told in used.items() if key in prefixes and isinstance(told, str)} | terms


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
