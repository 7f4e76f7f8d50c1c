"""The packaged code lists (`vocab/*.ttl`): which concept a code stands for. Read once each, when first asked for."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from catalogue.rdf import IRI, SYNTAXES, Triple, read
from catalogue.vocabulary import DCT, OWL, SKOS

_PACKAGE = Path(__file__).parent


def resources(name: str) -> Path:
    """Where a folder of packaged files is (`vocab`, `shapes`): in the wheel, else in the checkout."""
    packaged = _PACKAGE / "_resources" / name
    return packaged if packaged.is_dir() else _PACKAGE.parent / name


@dataclass(frozen=True)
class CodeList:
    """A list's concepts by skos:notation, and what replaces those that are deprecated (None: nothing does)."""

    concepts: Mapping[str, IRI]
    replaced: Mapping[IRI, IRI | None]


@cache
def code_list(name: str) -> CodeList:
    """The list in `vocab/{name}.ttl`: concepts with skos:notation, owl:deprecated and dct:isReplacedBy."""
    content = (resources("vocab") / f"{name}.ttl").read_bytes()
    concepts: dict[str, IRI] = {}
    replaced: dict[IRI, IRI | None] = {}
    for subject, predicate, value, _ in read(content, SYNTAXES["ttl"]):
        if predicate == SKOS.notation:
            concepts[value.value] = subject
        elif predicate == OWL.deprecated and value.value == "true":
            replaced.setdefault(subject)
        elif predicate == DCT.isReplacedBy:
            replaced[subject] = value
    return CodeList(concepts, replaced)


def notations(name: str) -> Mapping[str, IRI]:
    """The concepts of a list by skos:notation, in the list's order: `notations("country")["IT"]`."""
    return code_list(name).concepts


def country(code: str) -> IRI | None:
    """The EU's concept of a country by its ISO 3166-1 alpha-2 code, in either case."""
    return notations("country").get(code.upper())


def language(tag: str) -> IRI | None:
    """The EU's concept of the language of a BCP 47 tag, by its primary subtag: of `pt-BR` it is Portuguese."""
    return notations("language").get(tag.partition("-")[0].lower())


def names() -> list[str]:
    """The names of the packaged lists, our own vocabulary (`osc`) included."""
    return sorted(path.stem for path in resources("vocab").glob("*.ttl"))


def triples(code_list: str) -> frozenset[Triple]:
    """A whole list as packaged."""
    content = (resources("vocab") / f"{code_list}.ttl").read_bytes()
    return frozenset(quad.triple for quad in read(content, SYNTAXES["ttl"]))


@cache
def fingerprint() -> str:
    """Changes with any of the lists."""
    digest = hashlib.sha256()
    for name in names():
        digest.update((resources("vocab") / f"{name}.ttl").read_bytes())
    return digest.hexdigest()
