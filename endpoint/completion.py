"""The terms that the query editor completes: classes and properties of the shapes, the lists and the other graphs, and
the codes of the lists, each with its English name."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TypeGuard

from catalogue import code_lists
from catalogue.code_lists import resources
from catalogue.rdf import IRI, SYNTAXES, Literal, Triple, read
from catalogue.vocabulary import (
    ADMS,
    AS,
    CV,
    DCAT,
    DCT,
    DOAP,
    DQV,
    FOAF,
    OSC,
    OWL,
    PREFIXES,
    PROV,
    RDF,
    RDFS,
    SCHEMA,
    SH,
    SKOS,
    V,
)

_SHAPED_CLASSES = frozenset({SH.targetClass, IRI(f"{SH.iri}class")})
_PROPERTY_TYPES = frozenset({RDF.Property, OWL.ObjectProperty, OWL.DatatypeProperty})
_CLASS_TYPES = frozenset({RDFS.Class, OWL.Class})
_NAMES = frozenset({SKOS.prefLabel, RDFS.label})
# What the catalogue says with these has no shape in part: releases and users, the change log, the scores.
_USED = (ADMS, AS, CV, DCAT, DCT, DOAP, DQV, FOAF, OSC, PROV, SCHEMA, V)
_FINDINGS = (SH.result, SH.resultMessage, SH.resultSeverity, SH.focusNode)


@dataclass
class _Found:
    classes: set[IRI] = field(default_factory=set)
    properties: set[IRI] = field(default_factory=set)
    codes: set[IRI] = field(default_factory=set)
    names: dict[IRI, str] = field(default_factory=dict)


@cache
def terms() -> str:
    """JSON: `prefixes`; `classes`, `properties` and `codes` as namespace → local name → name, "" where it has none."""
    found = _Found()
    _of_shapes(found)
    for name in code_lists.names():
        _of_list(found, code_lists.triples(name))
    found.properties.update(_FINDINGS)
    for namespace in _USED:
        for term in namespace.terms:
            (found.classes if term[0].isupper() else found.properties).add(IRI(namespace.iri + term))
    kinds = {"classes": found.classes, "properties": found.properties, "codes": found.codes - found.properties}
    listed = {kind: _by_namespace(iris, found.names) for kind, iris in kinds.items()}
    return json.dumps({"prefixes": PREFIXES, **listed}, ensure_ascii=False, separators=(",", ":"))


def _of_shapes(found: _Found) -> None:
    """Classes that a shape is about or asks for; properties that one is about, with the names that shapes give them."""
    for path in sorted(resources("shapes").glob("*.ttl")):
        said = [quad.triple for quad in read(path.read_bytes(), SYNTAXES["ttl"])]
        found.classes.update(
            one.object for one in said if one.predicate in _SHAPED_CLASSES and isinstance(one.object, IRI)
        )
        paths = {one.subject: one.object for one in said if one.predicate == SH.path and isinstance(one.object, IRI)}
        found.properties.update(paths.values())
        for one in said:
            if one.predicate == SH.name and one.subject in paths and _is_english(one.object):
                found.names.setdefault(paths[one.subject], one.object.value)


def _of_list(found: _Found, said: Iterable[Triple]) -> None:
    """A list's concepts, the terms that it is written with, and those that our own vocabulary defines."""
    for subject, predicate, value in sorted(said, key=str):
        found.properties.add(predicate)
        if predicate == RDF.type and isinstance(subject, IRI) and isinstance(value, IRI):
            if value in _PROPERTY_TYPES:
                found.properties.add(subject)
            elif value in _CLASS_TYPES:
                found.classes.add(subject)
            else:
                found.classes.add(value)
                found.codes.add(subject)
        elif predicate in _NAMES and isinstance(subject, IRI) and _is_english(value):
            found.names[subject] = value.value


def _is_english(value: object) -> TypeGuard[Literal]:
    return isinstance(value, Literal) and value.language in (None, "en")


def _by_namespace(iris: Iterable[IRI], names: Mapping[IRI, str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for iri in sorted(iris, key=str):
        cut = max(iri.value.rfind("/"), iri.value.rfind("#")) + 1
        if cut < len(iri.value):
            found[iri.value[:cut]][iri.value[cut:]] = names.get(iri, "")
    return dict(found)
