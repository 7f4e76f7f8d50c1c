"""The last part of a page: every statement that is published there, whatever else the page shows of it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from catalogue.rdf import IRI
from catalogue.vocabulary import DCT, FOAF, PROV
from endpoint.description import Description
from endpoint.labels import compact
from endpoint.show import Shown, Text
from endpoint.view import View


@dataclass(frozen=True)
class Statements:
    """Everything that is said of one node: rows of a property (its name, its short form, its IRI) and its values."""

    id: str
    title: Text
    iri: str
    rows: tuple[tuple[str, str, str, tuple[Shown, ...]], ...]


def statements(
    about: Description, view: View, taken: Iterable[str] = (), hidden: tuple[IRI, ...] = ()
) -> list[Statements]:
    """Every statement about a thing, its nodes and parts, and its catalogue record; the thing stands first.

    A node is found on the page by its fragment, unless that is `taken`; `hidden` are properties that the page shows
    whole elsewhere.
    """
    used = {*taken, *_IDS}
    groups = []
    for node in sorted(about.nodes, key=lambda node: node != about.thing):
        if isinstance(node, IRI):
            fragment = node.value.partition("#")[2]
            groups.append(
                Statements(
                    "" if fragment in used else fragment,
                    view.name(node),
                    node.value,
                    tuple(
                        (property_name(name), compact(name), name.value, tuple(map(view.literally, values)))
                        for name, values in about.nodes[node].items()
                        if name not in hidden
                    ),
                )
            )
            used.add(fragment)
    return groups


# What the page itself uses.
_IDS = frozenset({"main", "site-search", "sources", "statements", "findings", "original", "quality"})
_NAMES: Mapping[IRI, str] = {
    DCT.spatial: "Country or place",
    DCT.subject: "Topic",
    DCT.issued: "Published",
    DCT.isPartOf: "Part of",
    FOAF.page: "Page",
    FOAF.primaryTopic: "Describes",
    PROV.wasDerivedFrom: "Derived from",
}


_WORD_ENDS = re.compile(r"-|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@lru_cache(1_000)
def property_name(name: IRI) -> str:
    """The name of a property in words: `schema:codeRepository` is "Code repository"."""
    local = name.value.replace("#", "/").rsplit("/", 1)[-1]
    words = [word if word.isupper() else word.lower() for word in _WORD_ENDS.sub(" ", local).split()]
    spoken = " ".join(words)
    return _NAMES.get(name) or spoken[:1].upper() + spoken[1:]
