"""What the packaged code lists say of the concepts and licences that a record names.

Shapes ask whether a value is of a list (skos:inScheme) and has a class; a record only names it. So these facts come
beside the record when it is validated: of what it names, never a whole list.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from catalogue.code_lists import names, resources
from catalogue.rdf import IRI, SYNTAXES, Literal, Term, Triple, read
from catalogue.vocabulary import DCT, RDF, RDFS, SKOS

_KEPT = frozenset({RDF.type, SKOS.inScheme, SKOS.prefLabel, DCT.title, DCT.type, RDFS.label})
# Beneath this a suggestion is more often wrong than right.
_LIKENESS = 0.75


@dataclass(frozen=True)
class Code:
    """A concept, its labels by language, and what people may write for it, case-folded: notation, last part of its
    IRI, labels."""

    iri: IRI
    labels: Mapping[str, str]
    spellings: frozenset[str]


@dataclass(frozen=True)
class _Lists:
    facts: Mapping[object, tuple[Triple, ...]]
    members: Mapping[IRI, tuple[Code, ...]]


def closure(triples: Iterable[Triple]) -> set[Triple]:
    """Classes, lists, types and labels of the concepts that are named as values; and of their types in turn."""
    facts = _lists().facts
    found: set[Triple] = set()
    ahead = [facts[triple.object] for triple in triples if triple.object in facts]
    while ahead:
        about = ahead.pop()
        if about[0] not in found:
            found.update(about)
            ahead += [facts[triple.object] for triple in about if triple.object in facts]
    return found


def listed(node: Term) -> bool:
    """Whether a node is a concept of a packaged list."""
    return node in _lists().facts


@lru_cache(maxsize=4096)
def suggestion(value: Term, schemes: tuple[IRI, ...]) -> Code | None:
    """What someone may have meant with a wrong value: a concept of the lists, or one that stands among them; None
    when none is close."""
    codes = [code for scheme in schemes for code in _codes(scheme)]
    written = [word for word in _words(value) if word]
    for word in written:
        exact = next((code for code in codes if word in code.spellings), None)
        if exact is not None:
            return None if exact.iri == value else exact
    if _is_elsewhere(value, codes):  # what any address ends with is like some code: …/LICENSE, …/gpl
        return None
    spellings = {spelling: code for code in codes for spelling in code.spellings}
    for word in written:
        for close in difflib.get_close_matches(word, spellings, n=1, cutoff=_LIKENESS):
            return spellings[close]
    return None


def _is_elsewhere(value: Term, codes: Iterable[Code]) -> bool:
    """Whether a value is an address, and not where any of the codes is."""
    is_address = isinstance(value, IRI) or "://" in value.value
    return is_address and value.value.rpartition("/")[0] not in {code.iri.value.rpartition("/")[0] for code in codes}


def _codes(scheme: IRI) -> Sequence[Code]:
    """The concepts of a list; of anything else, itself."""
    lists = _lists()
    if scheme in lists.members:
        return lists.members[scheme]
    return (_code(scheme, lists.facts.get(scheme, ()), ()),)


def _words(value: Term) -> tuple[str, ...]:
    text = value.value.strip().casefold()
    return (text, _last_part(text)) if isinstance(value, IRI) or "://" in text else (text,)


def _last_part(iri: str) -> str:
    return iri.rstrip("/#").rpartition("/")[2].rpartition("#")[2]


@cache
def _lists() -> _Lists:
    """All lists; about 0.1 s, once in a process."""
    facts: dict[Term, list[Triple]] = {}
    notations: dict[Term, list[str]] = {}
    for triple in _triples():
        if triple.predicate in _KEPT:
            facts.setdefault(triple.subject, []).append(triple)  # type: ignore[arg-type]
        elif triple.predicate == SKOS.notation and isinstance(triple.object, Literal):
            notations.setdefault(triple.subject, []).append(triple.object.value)  # type: ignore[arg-type]
    concepts = {node: about for node, about in facts.items() if any(one.predicate == SKOS.inScheme for one in about)}
    members: dict[IRI, list[Code]] = {}
    for node, about in concepts.items():
        for triple in about:
            if triple.predicate == SKOS.inScheme and isinstance(triple.object, IRI) and isinstance(node, IRI):
                members.setdefault(triple.object, []).append(_code(node, about, notations.get(node, [])))
    return _Lists(
        {node: tuple(about) for node, about in concepts.items()},
        {scheme: tuple(codes) for scheme, codes in members.items()},
    )


def _triples() -> Iterator[Triple]:
    for name in names():
        for quad in read((resources("vocab") / f"{name}.ttl").read_bytes(), SYNTAXES["ttl"]):
            yield quad.triple


def _code(node: IRI, about: Sequence[Triple], notations: Sequence[str]) -> Code:
    labels = [one.object for one in about if one.predicate == SKOS.prefLabel and isinstance(one.object, Literal)]
    spellings = (*notations, _last_part(node.value), *(label.value for label in labels))
    return Code(
        node,
        {label.language or "": label.value for label in labels} or {"": _last_part(node.value)},
        frozenset(spelling.casefold() for spelling in spellings),
    )
