"""Where a document says something of a node: good enough to lead an editor there, made without a second parser.

One sweep over the names in the text: IRIs whole, by a prefix, or from their path on, since bases cut what is before. A
name that is spelled otherwise has no place, and a name within a text may be taken for the thing itself.
"""

import bisect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from catalogue.rdf import IRI, BlankNode, Term, Triple
from catalogue.validation.facts import Facts

Places = Mapping[tuple[Term, IRI | None], tuple[int, int]]
"""Node and property, or node alone → line and column, both from 1."""

# A sweep takes a second for about this much.
_MAX_CHARACTERS = 4_000_000
_TURTLE_PREFIX = re.compile(r"@?\bprefix\s+([\w.-]*):\s*<([^<>\s]*)>", re.IGNORECASE)
_XML_PREFIX = re.compile(r"""\bxmlns:([\w.-]+)\s*=\s*["']([^"']*)["']""")
_JSON_PREFIX = re.compile(r'"([\w.-]+)"\s*:\s*"([^"\s]+[/#:])"')
# Before a subject a statement, a graph's bracket or a comment ends. Quantifiers do not give back (`*+`), names begin
# where words do and comments are bounded, so that hostile texts take no longer.
_TURTLE_NAME = re.compile(
    r"(?P<subject>(?:\A|[.{}](?=\s)|(?<!\S)\#[^\n]{0,200}+\n)\s*+)?"
    r"(?P<name><[^<>\s]*+>|_:[\w.-]*\w|(?<![\w.-])[\w.-]*+:\w[^\s;,.()\[\]\"'<>]*+(?:\.[^\s;,.()\[\]\"'<>]++)*+)"
)
_XML_NAME = re.compile(
    r"""(?P<subject>\b(?:rdf:)?(?:about|nodeID)\s*=\s*["'](?P<about>[^"']*)["']"""
    r"""|\b(?:rdf:)?ID\s*=\s*["'](?P<id>[^"']*)["'])|<(?P<name>[\w.-]+:[\w.-]+)"""
)
_JSON_NAME = re.compile(
    r"""(?P<open>\{\s*)?"@?id"\s*:\s*"(?P<subject>[^"]*)"(?P<close>\s*\})?|"(?P<name>[^"\s]+)"\s*:"""
)


@dataclass(frozen=True)
class _Mention:
    """A name in the text; `subject` says that something is said of it there."""

    name: str
    offset: int
    subject: bool


def places(text: str, syntax: str, triples: Iterable[Triple]) -> Places:
    """The places of subjects and of their properties; of a long text none."""
    if len(text) > _MAX_CHARACTERS:
        return {}
    mentions, prefixes = _READERS[syntax](text), _prefixes(text)
    graph = Facts(triples)
    subjects = {name: node for node in graph for name in _spellings(node, prefixes)}
    used = {predicate for node in graph for predicate in graph.properties(node)}
    predicates = {name: predicate for predicate in used for name in _spellings(predicate, prefixes)}
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    found: dict[tuple[Term, IRI | None], tuple[int, int]] = {}
    current: Term | None = None
    for mention in mentions:
        if mention.subject:
            current, predicate = subjects.get(mention.name, current), None
        else:
            predicate = predicates.get(mention.name)
        if current is not None and (predicate is None) == mention.subject:
            line = bisect.bisect_right(starts, mention.offset)
            found.setdefault((current, predicate), (line, mention.offset - starts[line - 1] + 1))
    return found


def _turtle(text: str) -> Iterator[_Mention]:
    """SPARQL's way to declare a prefix has no full stop; it gets one, so that a subject may stand behind."""
    text = _TURTLE_PREFIX.sub(lambda match: ".".ljust(len(match[0])), text)
    for match in _TURTLE_NAME.finditer(text):
        name = match["name"]
        yield _Mention(name[1:-1] if name.startswith("<") else name, match.start("name"), match["subject"] is not None)


def _xml(text: str) -> Iterator[_Mention]:
    """A node's element begins before the attribute that names it, its properties after."""
    for match in _XML_NAME.finditer(text):
        if match["subject"] is None:
            yield _Mention(match["name"], match.start(), False)
        else:
            name = match["about"] if match["id"] is None else f"#{match['id']}"
            yield _Mention(name, max(text.rfind("<", 0, match.start()), 0), True)


def _json(text: str) -> Iterator[_Mention]:
    """An object with nothing but an identifier refers to a node; it says nothing of it."""
    for match in _JSON_NAME.finditer(text):
        if match["name"] is not None:
            yield _Mention(match["name"], match.start(), False)
        elif match["open"] is None or match["close"] is None:
            yield _Mention(match["subject"], match.start("subject") - 1, True)


_READERS = {"ttl": _turtle, "trig": _turtle, "nt": _turtle, "nq": _turtle, "rdf": _xml, "jsonld": _json}


def _prefixes(text: str) -> dict[str, str]:
    """The names of namespaces, whichever syntax they are declared in."""
    found = (pair for pattern in (_JSON_PREFIX, _XML_PREFIX, _TURTLE_PREFIX) for pair in pattern.findall(text))
    return {namespace: name for name, namespace in found if namespace}


def _spellings(node: Term, prefixes: Mapping[str, str]) -> Iterator[str]:
    if isinstance(node, BlankNode):
        yield from (f"_:{node.value}", node.value)
    if not isinstance(node, IRI):
        return
    iri = node.value
    yield iri
    host = iri.find("://")
    cuts = {iri.rfind("/"), iri.rfind("/") + 1, iri.rfind("#"), iri.rfind("#") + 1, iri.rfind(":") + 1}
    cuts.add(iri.find("/", host + 3) if host > 0 else 0)
    for cut in cuts:
        if 0 < cut < len(iri):
            yield iri[cut:]
        if iri[:cut] in prefixes:
            yield f"{prefixes[iri[:cut]]}:{iri[cut:]}"
