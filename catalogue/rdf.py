"""RDF terms, syntaxes and hashes. With `catalogue.store`, the only module that knows pyoxigraph."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Triple, parse, serialize
from pyoxigraph import Literal as Literal

from catalogue.errors import DocumentError

__all__ = [
    "IRI",
    "SYNTAXES",
    "BlankNode",
    "DefaultGraph",
    "Literal",
    "Quad",
    "Subject",
    "Syntax",
    "Term",
    "Triple",
    "content_hash",
    "is_iri",
    "order",
    "read",
    "statement",
    "text",
    "write",
    "write_dataset",
    "write_graphs",
]

IRI = NamedNode
Subject = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal


@dataclass(frozen=True)
class Syntax:
    """One RDF syntax: the name used on the command line, as a suffix and in links."""

    name: str
    media_type: str
    label: str
    format: RdfFormat
    graphs: bool = False


SYNTAXES = {
    syntax.name: syntax
    for syntax in (
        Syntax("ttl", "text/turtle", "Turtle", RdfFormat.TURTLE),
        Syntax("jsonld", "application/ld+json", "JSON-LD", RdfFormat.JSON_LD),
        Syntax("rdf", "application/rdf+xml", "RDF/XML", RdfFormat.RDF_XML),
        Syntax("nt", "application/n-triples", "N-Triples", RdfFormat.N_TRIPLES),
        Syntax("trig", "application/trig", "TriG", RdfFormat.TRIG, graphs=True),
        Syntax("nq", "application/n-quads", "N-Quads", RdfFormat.N_QUADS, graphs=True),
    )
}

# What a property's name ends in where it is written as an XML element.
_XML_NAME = re.compile(r"[^\W\d][\w.\u00b7-]*$")
_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
# C0 controls but tab and line ends, and the two non-characters: not allowed in XML 1.0, so no RDF/XML could hold them.
_UNPRINTABLE = {code: None for code in range(0x20) if code not in (0x9, 0xA, 0xD)} | {0xFFFE: None, 0xFFFF: None}


def text(value: str, language: str | None = None) -> Literal:
    """A literal of harvested text that every syntax can carry: without control characters."""
    clean = value.translate(_UNPRINTABLE)
    return Literal(clean, language=language) if language else Literal(clean)


def is_iri(value: str) -> bool:
    """Whether a text is an absolute IRI that every syntax can carry."""
    try:
        NamedNode(value)
    except ValueError:
        return False
    return ":" in value


def order(triple: Triple) -> str:
    """A sort key: by subject, `rdf:type` first, then predicate and object; the same in every process."""
    predicate = str(triple.predicate)
    return f"{triple.subject} {'' if predicate == _TYPE else predicate} {triple.object}"


def statement(triple: Triple) -> str:
    """One N-Triples statement, which is also a SPARQL triple; the terms escape themselves."""
    return f"{triple.subject} {triple.predicate} {triple.object} ."


def content_hash(triples: Iterable[Triple]) -> str:
    """SHA-256 of the sorted N-Triples: of a graph without blank nodes this is its canonical form (RDFC-1.0)."""
    digest = hashlib.sha256()
    for line in sorted(statement(triple) for triple in triples):
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def write(triples: Iterable[Triple], syntax: Syntax, prefixes: Mapping[str, str], first: IRI | None = None) -> bytes:
    """Serialises in a stable order with the prefixes that are of use: the same triples give the same bytes.

    What is said of `first` comes first. RDF/XML cannot hold a property whose IRI ends in no XML name: what such
    properties say is left out of it.
    """
    keyed = {order(triple): triple for triple in triples}
    if syntax.format == RdfFormat.RDF_XML:
        keyed = {key: triple for key, triple in keyed.items() if _XML_NAME.search(triple.predicate.value)}
    head = f"{first} "
    own: list[Triple] = []
    others: list[Triple] = []
    for key in sorted(keyed):
        (own if key.startswith(head) else others).append(keyed[key])
    used = _used("".join(keyed), prefixes)
    result = serialize(own + others, format=syntax.format, prefixes=used)
    assert result is not None  # only a call with an output returns nothing
    return _ARRANGED.get(syntax.name, bytes)(result)


def write_dataset(quads: Iterable[Quad], syntax: Syntax, prefixes: Mapping[str, str]) -> bytes:
    """The same for statements in graphs, of which the default graph comes first."""
    keyed = {_graph_order(quad): quad for quad in quads}
    used = _used(" ".join(f"{name} {line}" for name, line in keyed), prefixes)
    result = serialize([keyed[key] for key in sorted(keyed)], format=syntax.format, prefixes=used)
    assert result is not None
    return _ARRANGED.get(syntax.name, bytes)(result)


def _graph_order(quad: Quad) -> tuple[str, str]:
    return "" if isinstance(quad.graph_name, DefaultGraph) else str(quad.graph_name), order(quad.triple)


def _used(words: str, prefixes: Mapping[str, str]) -> dict[str, str]:
    return {name: iri for name, iri in prefixes.items() if f"<{iri}" in words}


def _arranged(turtle: bytes) -> bytes:
    """Prefixes in order, which the serialiser writes in that of a hash table, and a line between subjects."""
    lines = turtle.splitlines(keepends=True)
    body = next((number for number, line in enumerate(lines) if not line.startswith(b"@prefix ")), len(lines))
    # A line that is not indented begins a subject, or closes a graph: line ends within texts are escaped.
    spaced = (line if line[:1] in b"\t}\n" else b"\n" + line for line in lines[body:])
    return (b"".join(sorted(lines[:body])) + b"".join(spaced)).lstrip(b"\n")


def _returns_kept(xml: bytes) -> bytes:
    """XML's readers take a bare carriage return for a line feed (https://www.w3.org/TR/xml/#sec-line-ends)."""
    return xml.replace(b"\r", b"&#13;")


# Syntax → what is done to what the serialiser writes.
_ARRANGED: Mapping[str, Callable[[bytes], bytes]] = {"ttl": _arranged, "trig": _arranged, "rdf": _returns_kept}


def write_graphs(quads: Iterable[Quad], output: IO[bytes], syntax: Syntax, prefixes: Mapping[str, str]) -> None:
    """Streams quads to a file in a syntax that has named graphs."""
    serialize(quads, output, format=syntax.format, prefixes=dict(prefixes))


def read(content: bytes | str, syntax: Syntax, base_iri: str | None = None, lenient: bool = False) -> Iterator[Quad]:
    """Parses a whole document; raises DocumentError with line and column. If `lenient`, IRIs are taken as they stand.

    Only for documents of this project: foreign bytes go through `catalogue.sandbox`, since some of them
    (deep JSON-LD, nested XML entities) end the process that parses them.
    """
    try:
        yield from parse(content, format=syntax.format, base_iri=base_iri, lenient=lenient)
    except SyntaxError as error:
        raise DocumentError(f"{syntax.label}: {error.msg}", error.lineno, error.offset) from error
