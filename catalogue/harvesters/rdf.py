"""RDF files and directories of them → records: one for each thing described.

A record holds the triples of its thing and of the nodes that belong to it. A node belongs to the one thing whose
description leads to it: a blank node, `{thing}#…`, an IRI of no known kind (an adms:Identifier, a page), and
distributions, releases and contacts, which have no life of their own. A node that several things lead to stands alone.
But a blank node cannot, and belongs to the first of them; and where nothing is said of a node but its classes (a home
page that is a foaf:Document), each of the things says so. Things are what `catalogue.model` has kinds for, catalogues
and concept schemes, and whatever nobody refers to.

What has an http(s) IRI keeps it. All else (blank nodes, `urn:` names, names relative to a local file) gets an IRI that
is minted from its identity, so that the same thing gets the same IRI from every source, or within its thing:
`{thing}#…`, from its local name, or for a blank node from a hash of its content (see `_rdf_blank`), so that an edit
elsewhere does not rename it.

The files of a directory are one dataset: who is meant by a name of one file can stand in another. So a directory is one
document, the union of its files as N-Quads, where the name of a graph is the file's. All other named graphs are read as
if they were one. A catalogue on the web may have pages, other catalogues in it, and datasets that it only names: see
`_rdf_pages`. What is said in old or local words is read in today's: see `_rdf_dialect`.

Every step is linear in the number of triples, or sorts them.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from catalogue import sandbox
from catalogue.errors import DocumentError, SourceError
from catalogue.harvesters import _rdf_members as members
from catalogue.harvesters._rdf_description import described, file_iri
from catalogue.harvesters._rdf_dialect import normalised
from catalogue.harvesters._rdf_names import Names
from catalogue.harvesters._rdf_pages import OPTIONS, catalogue
from catalogue.harvesters._rdf_records import readings_of, unreadable
from catalogue.identity import Minter
from catalogue.model import Document, Found, Reading
from catalogue.rdf import IRI, SYNTAXES, BlankNode, Quad
from catalogue.visit import Visit, is_web

__all__ = ["OPTIONS", "PRECEDENCE", "documents", "readings", "recognises"]

PRECEDENCE = 50

DIRECTORY_KEY = "."
"""The key of the document that a directory is."""


def documents(visit: Visit) -> Iterator[Found]:
    """A file, the union of a directory's files, or what a URL answers: one document, or of pages their members.

    Of a directory, each file that cannot be read is a Reading, with the file's path as its key.
    """
    if is_web(visit.location):
        yield from catalogue(visit)
        return
    path = Path(visit.location)
    if path.is_dir():
        yield from _directory(path)
    else:
        yield path.name, _file(path, path.name)


def recognises(location: str, document: Document | None) -> bool:
    """By its media type or the suffix of its name; a directory by one such file in it."""
    if document is not None and document.media_type in {syntax.media_type for syntax in SYNTAXES.values()}:
        return True
    path = Path(location)
    files = path.rglob("*.*") if document is None and path.is_dir() else (path,)
    return any(_is_rdf(Path(file.name)) for file in files)


def readings(key: str, document: Document, minter: Minter) -> Iterator[Reading]:
    """A reading for each thing described, in the order of their IRIs; see `_rdf_records` for their keys."""
    if isinstance(document, members.Member):
        yield from members.readings(key, document, minter)
        return
    origin = document.url if document.is_remote else key
    base = None if key == DIRECTORY_KEY else document.url if document.is_remote else file_iri(key)
    try:
        quads = sandbox.parse_mended(document.content, sandbox.guess(document), base)
        names = Names(described(normalised(quads), of_files=key == DIRECTORY_KEY), minter)
    except DocumentError as error:
        yield unreadable(key, origin, error)
    else:
        yield from readings_of(names, origin, document.content)


# Files.


def _directory(path: Path) -> Iterator[tuple[str, Document] | Reading]:
    files = sorted(file for file in path.rglob("*.*") if _is_rdf(file.relative_to(path)) and file.is_file())
    if not files:
        raise SourceError(f"rdf: {path} holds no file named .{', .'.join(sandbox.SUFFIXES)}")
    quads: list[Quad] = []
    for number, file in enumerate(files):
        name = file.relative_to(path).as_posix()
        document = _file(file, name)
        try:
            parsed = sandbox.parse_mended(document.content, sandbox.guess(document), file_iri(name))
        except DocumentError as error:
            yield unreadable(name, name, error)
        else:
            quads += _in_file(parsed, number, IRI(file_iri(name)))
    if quads:
        fetched = max(_written(file) for file in files)
        yield DIRECTORY_KEY, Document(DIRECTORY_KEY, _n_quads(quads), SYNTAXES["nq"].media_type, fetched)


def _is_rdf(path: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.parts)
    return not hidden and path.suffix.removeprefix(".").lower() in sandbox.SUFFIXES


def _file(path: Path, name: str) -> Document:
    try:
        return Document(name, path.read_bytes(), "", _written(path))
    except OSError as error:
        raise SourceError(f"rdf: {name}: {error.strerror}") from error


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _in_file(quads: Iterable[Quad], number: int, graph: IRI) -> Iterator[Quad]:
    """The quads in a file's graph; blank nodes named by file and order, since the parser names some at random."""
    labels: dict[BlankNode, BlankNode] = {}

    def named(node: BlankNode) -> BlankNode:
        return labels.setdefault(node, BlankNode(f"f{number}n{len(labels)}"))

    for quad in quads:
        subject = named(quad.subject) if isinstance(quad.subject, BlankNode) else quad.subject
        value = named(quad.object) if isinstance(quad.object, BlankNode) else quad.object
        yield Quad(subject, quad.predicate, value, graph)


def _n_quads(quads: Iterable[Quad]) -> bytes:
    return b"".join(f"{quad} .\n".encode() for quad in quads)
