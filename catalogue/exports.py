"""Bulk exports of a publication: every syntax, streamed, without the contact data of natural persons."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO

from catalogue.publication import Publication
from catalogue.rdf import SYNTAXES, Quad, write_graphs
from catalogue.vocabulary import FOAF, PREFIXES, RDF, V

FORMATS = tuple(sorted(SYNTAXES))
# publiccode.yml asks for real people as contacts; their data is for the page of their software, not for copying on.
_PERSONS = (V.Individual, FOAF.Person)


def statements(publication: Publication, *, contacts: bool = False) -> Iterator[Quad]:
    """The published statements; without `contacts`, neither persons nor references to them."""
    persons = set()
    if not contacts:
        persons = {triple.subject for cls in _PERSONS for triple in publication.store.triples(None, RDF.type, cls)}
    for quad in publication.published():
        if quad.subject not in persons and quad.object not in persons:
            yield quad


def write(publication: Publication, syntax: str, output: IO[bytes], *, contacts: bool = False) -> None:
    """Writes the catalogue in a syntax (a key of `SYNTAXES`); memory does not grow with the catalogue."""
    write_graphs(statements(publication, contacts=contacts), output, SYNTAXES[syntax], PREFIXES)


def write_file(publication: Publication, syntax: str, path: Path, *, contacts: bool = False) -> None:
    """Writes a file that is there whole or not at all."""
    draft = path.with_name(path.name + ".part")
    with draft.open("wb") as file:
        write(publication, syntax, file, contacts=contacts)
    draft.replace(path)
