"""Bulk exports of a publication: every syntax, streamed, without the contact data of natural persons.

All that is published, or, in a profile, the catalogue and its solutions as that profile wants them.
"""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import IO

from catalogue.profiles.tables import Profile
from catalogue.profiles.views import PERSONS, Conforming, Omission, conforming, described
from catalogue.publication import Publication
from catalogue.rdf import IRI, SYNTAXES, DefaultGraph, Quad, order, write_graphs
from catalogue.validation.closure import listed
from catalogue.vocabulary import DCAT, FOAF, PREFIXES, RDF

FORMATS = tuple(sorted(SYNTAXES))
Told = Callable[[Conforming], object]
# The memberships of a catalogue are as many as it has things; they come with each of these.
_MEMBERS = (DCAT.dataset, DCAT.record)


def statements(publication: Publication, *, contacts: bool = False) -> Iterator[Quad]:
    """The published statements; without `contacts`, neither persons nor references to them."""
    persons = set()
    if not contacts:
        persons = {triple.subject for cls in PERSONS for triple in publication.store.triples(None, RDF.type, cls)}
    for quad in publication.published():
        if quad.subject not in persons and quad.object not in persons:
            yield quad


@dataclass(frozen=True)
class Wanted:
    """A profile to export in; `tell` is called with the catalogue and each solution, and what was left out of it."""

    profile: Profile
    tell: Told = bool


def in_profile(publication: Publication, wanted: Wanted, *, contacts: bool = False) -> Iterator[Quad]:
    """The catalogue and its solutions in a profile, one after the other; terms of code lists are described once."""
    told: set[object] = set()
    head = _catalogue(publication, wanted.profile)
    for made in chain([head], _solutions(publication, wanted.profile, contacts)):
        if made is not head or made.omissions:
            wanted.tell(made)
        terms = {t.subject for t in made.triples if isinstance(t.subject, IRI) and listed(t.subject)}
        for triple in sorted(made.triples, key=order):
            if triple.subject not in terms or triple.subject not in told:
                yield Quad(triple.subject, triple.predicate, triple.object, DefaultGraph())
        told |= terms
        if made is not head and made.triples and head.triples:
            yield from _memberships(head.about, made)


def _solutions(publication: Publication, profile: Profile, contacts: bool) -> Iterator[Conforming]:
    for member in publication.store.triples(publication.minter.catalogue, DCAT.dataset, None):
        thing = member.object
        if isinstance(thing, IRI):
            yield conforming(described(publication, thing), thing, profile, persons=contacts)


def _catalogue(publication: Publication, profile: Profile) -> Conforming:
    """The catalogue itself; its memberships are as many as it has things, and come with each of these."""
    store, catalogue = publication.store, publication.minter.catalogue
    said = [t for t in store.triples(catalogue, None, None) if t.predicate not in _MEMBERS]
    named = (t.object for t in said if isinstance(t.object, IRI))
    return conforming([*said, *(t for node in named for t in store.triples(node, None, None))], catalogue, profile)


def _memberships(catalogue: IRI, made: Conforming) -> Iterator[Quad]:
    yield Quad(catalogue, DCAT.dataset, made.about, DefaultGraph())
    for triple in made.triples:
        if triple.predicate == FOAF.primaryTopic:
            yield Quad(catalogue, DCAT.record, triple.subject, DefaultGraph())


def write(
    publication: Publication,
    syntax: str,
    output: IO[bytes],
    *,
    contacts: bool = False,
    wanted: Wanted | None = None,
) -> None:
    """Writes the catalogue in a syntax (a key of `SYNTAXES`); memory does not grow with the catalogue."""
    if wanted is None:
        quads = statements(publication, contacts=contacts)
    else:
        quads = in_profile(publication, wanted, contacts=contacts)
    write_graphs(quads, output, SYNTAXES[syntax], PREFIXES)


def write_file(
    publication: Publication, syntax: str, path: Path, *, contacts: bool = False, wanted: Wanted | None = None
) -> None:
    """Writes a file that is there whole or not at all."""
    draft = path.with_name(path.name + ".part")
    with draft.open("wb") as file:
        write(publication, syntax, file, contacts=contacts, wanted=wanted)
    draft.replace(path)


class Account:
    """Counts what is exported in a profile and why things are left out; writes the omissions as they come.

    Rows go to `output`, as CSV or as a JSON object in each line.
    """

    def __init__(self, output: IO[str] | None = None, *, as_json: bool = False) -> None:
        self.exported = self.left_out = 0
        self.reasons: Counter[str] = Counter()
        self._output, self._as_json = output, as_json
        if output is not None and not as_json:
            csv.writer(output).writerow(_COLUMNS)

    def __call__(self, made: Conforming) -> None:
        self.exported += bool(made.triples)
        self.left_out += not made.triples
        for omission in made.omissions:
            if not made.triples:
                self.reasons[omission.reasons[0]] += 1
            if self._output is not None:
                self._write(omission, self._output)

    def _write(self, omission: Omission, output: IO[str]) -> None:
        row = asdict(omission)
        if self._as_json:
            output.write(json.dumps({**row, "about": omission.about.value}, ensure_ascii=False) + "\n")
        else:
            csv.writer(output).writerow(
                (omission.about.value, omission.iri, omission.value, " ".join(omission.reasons))
            )


_COLUMNS = ("about", "iri", "value", "reasons")
