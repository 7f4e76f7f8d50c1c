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
document, the union of its files, where the name of a graph is the file's. All other named graphs are read as if they
were one. As long as no file of it is another, nothing of a directory is parsed but what could not be. A catalogue on
the web may have pages, other catalogues in it, and datasets that it only names: see `_rdf_pages`. What is said in old
or local words is read in today's: see `_rdf_dialect`.

Every step is linear in the number of triples, or sorts them.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import accumulate, groupby
from pathlib import Path

from catalogue import sandbox
from catalogue.errors import DocumentError, SourceError
from catalogue.harvesters import _rdf_members as members
from catalogue.harvesters._rdf_description import described, file_iri
from catalogue.harvesters._rdf_dialect import normalised
from catalogue.harvesters._rdf_entailed import entailed
from catalogue.harvesters._rdf_names import Names
from catalogue.harvesters._rdf_pages import OPTIONS, catalogue
from catalogue.harvesters._rdf_records import readings_of, unreadable
from catalogue.harvesters._rdf_syntax import parsed
from catalogue.harvesters._split import head
from catalogue.identity import Minter
from catalogue.model import Document, Found, Reading
from catalogue.rdf import IRI, SYNTAXES, BlankNode, Quad
from catalogue.visit import Visit, is_web

__all__ = ["OPTIONS", "PRECEDENCE", "documents", "readings", "recognises"]

PRECEDENCE = 50

DIRECTORY_KEY = "."
"""The key of the document that a directory is."""

_BROKEN = "broken"
# Of a directory together, as of a single document.
_MAX_QUADS = sandbox.Limits().max_quads
_MOST_LOOKED_AT = 20
# Files that are parsed together are not so long that one of them takes the time of others.
_BATCH_BYTES = 2 * 1024 * 1024
# Suffixes in use that do not tell the syntax: projects describe themselves in `.doap` files.
_SUFFIXES = frozenset({*sandbox.SUFFIXES, "doap", "n3", "turtle"})
# What is in an RDF file whose suffix is also that of other files.
_MARKS = {
    ".json": re.compile(rb'"@(?:context|graph|id|type)"'),
    ".xml": re.compile(rb"http://www\.w3\.org/1999/02/22-rdf-syntax-ns#"),
}


def documents(visit: Visit) -> Iterator[Found]:
    """A file, all files of a directory, or what a URL answers: one document, or of pages their members.

    Of a directory, each file that cannot be read is a Reading, with the file's path as its key.
    """
    if is_web(visit.location):
        yield from catalogue(visit)
        return
    path = Path(visit.location)
    if path.is_dir():
        yield from _directory(visit, path)
    else:
        file = _file(path, path.name)
        yield path.name, Local(file.url, file.content, "", file.fetched, source=visit.source.id)


def recognises(location: str, document: Document | None) -> bool:
    """By its media type or the suffix of its name, and what it begins with where that is one of all sorts of files; a
    directory by one such file in it."""
    if is_web(location):
        is_typed = document is not None and document.media_type in {syntax.media_type for syntax in SYNTAXES.values()}
        name = Path(location.partition("?")[0].partition("#")[0].rpartition("/")[2])
        return is_typed or _is_likely(name, lambda: document.content if document else b"")
    path = Path(location)
    files = _below(path) if path.is_dir() else [path] if path.is_file() else []
    files.sort(key=lambda file: file.suffix.lower() in _MARKS)  # those that are not opened come first
    return any(_is_likely(Path(file.name), partial(head, file)) for file in files[:_MOST_LOOKED_AT])


def _is_likely(name: Path, content: Callable[[], bytes]) -> bool:
    mark = _MARKS.get(name.suffix.lower())
    return _is_rdf(name) and (mark is None or mark.search(content()) is not None)


def readings(key: str, document: Document, minter: Minter) -> Iterator[Reading]:
    """A reading for each thing described, in the order of their IRIs; see `_rdf_records` for their keys."""
    if isinstance(document, members.Member):
        yield from members.readings(key, document, minter)
        return
    origin = document.url if document.is_remote else key
    files = document if isinstance(document, Files) else None
    try:
        quads = files.quads() if files else _parsed(document, key)
        source = document.source if isinstance(document, Local) else ""
        names = Names(described(entailed(normalised(quads)), of_files=files is not None), minter, source)
    except DocumentError as error:
        yield unreadable(key, origin, error)
    else:
        yield from (unreadable(name, name, error) for name, error in (files.errors if files else {}).items())
        yield from readings_of(names, origin, document.content)


def _parsed(document: Document, key: str) -> list[Quad]:
    base = document.url if document.is_remote else file_iri(key)
    return parsed(document, lambda syntax: sandbox.parse_mended(document.content, syntax, base))


# Files.


@dataclass(frozen=True)
class Local(Document):
    """A document of the disk; what it names relative to itself are names of its source."""

    source: str = field(default="", compare=False)


@dataclass(frozen=True)
class Files(Local):
    """The files of a directory. Its content are their names and hashes, so that it is another when one of them is; they
    are parsed when somebody asks for what they say."""

    files: tuple[Document, ...] = ()
    errors: dict[str, DocumentError] = field(default_factory=dict, compare=False)
    """By the name of each file that could not be parsed, why; filled by `quads`."""

    @classmethod
    def of(cls, files: Sequence[Document], source: str = "") -> "Files":
        content = "".join(f"{_hash(file)} {file.url}\0" for file in files).encode(errors="replace")
        return cls(DIRECTORY_KEY, content, "", max(file.fetched for file in files), source=source, files=tuple(files))

    def quads(self) -> list[Quad]:
        """What those say that can be parsed, each in a graph of its own. Raises SourceError where it is too much."""
        quads: list[Quad] = []
        for number, (file, batches) in enumerate(_with_batches(self.files)):
            try:
                quads += _in_file(_of_batch(file, batches), number, IRI(file_iri(file.url)))
            except DocumentError as error:
                self.errors[file.url] = error
            if len(quads) > _MAX_QUADS:
                raise SourceError(
                    f"rdf: the files have more than {_MAX_QUADS:,} statements; make several sources of them"
                )
        return quads


def _with_batches(files: Sequence[Document]) -> Iterator[tuple[Document, Mapping[str, sandbox.Batch]]]:
    """Each file with the batches, by syntax, of its group: to start a parser takes longer than to read most files."""
    sizes = accumulate(len(file.content) for file in files)
    for _, pairs in groupby(zip(files, sizes, strict=True), key=lambda pair: pair[1] // _BATCH_BYTES):
        group = [file for file, _ in pairs]
        batches = {name: sandbox.Batch(syntax) for name, syntax in SYNTAXES.items()}
        for file in group:
            with suppress(DocumentError):
                batches[sandbox.guess(file).name].add(file.content, file_iri(file.url))
        yield from ((file, batches) for file in group)


def _of_batch(file: Document, batches: Mapping[str, sandbox.Batch]) -> list[Quad]:
    return parsed(file, lambda syntax: batches[syntax.name].parse(file.content, file_iri(file.url)))


def _directory(visit: Visit, path: Path) -> Iterator[tuple[str, Document] | Reading]:
    """What could not be parsed the last time is tried first, and left out where it still cannot be: so that the others
    are as they were, and are not parsed with it."""
    below = _below(path)
    if not below:
        raise SourceError(f"rdf: {path} holds no file named .{', .'.join(sorted(_SUFFIXES))}")
    files, unread = list[Document](), dict[str, DocumentError]()
    for file in below:
        name = file.relative_to(path).as_posix()
        try:
            files.append(_file(file, name))
        except DocumentError as error:
            unread[name] = error
    broken = _still_broken([file for file in files if file.url in visit.memory.get(_BROKEN, ())])
    for name, cause in sorted((unread | broken).items()):
        yield unreadable(name, name, cause)
    if sound := [file for file in files if file.url not in broken]:
        whole = Files.of(sound, visit.source.id)
        yield DIRECTORY_KEY, whole
        broken |= whole.errors
    visit.memory[_BROKEN] = [*unread, *broken]


def _still_broken(doubtful: Sequence[Document]) -> dict[str, DocumentError]:
    if not doubtful:
        return {}
    tried = Files.of(doubtful)
    tried.quads()
    return tried.errors


def _below(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("*.*") if _is_rdf(file.relative_to(path)) and file.is_file())


def _hash(file: Document) -> str:
    return hashlib.sha256(file.content).hexdigest()


def _is_rdf(path: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.parts)
    return not hidden and path.suffix.removeprefix(".").lower() in _SUFFIXES


def _file(path: Path, name: str) -> Document:
    try:
        return Document(name, path.read_bytes(), "", _written(path))
    except OSError as error:
        raise DocumentError(f"rdf: {name}: {error.strerror}") from error


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
