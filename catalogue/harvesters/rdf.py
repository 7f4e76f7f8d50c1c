"""RDF files and directories of them → records: one for each thing described.

A record holds the triples of its thing and of the nodes that belong to it. A node belongs to the one thing whose
description leads to it: a blank node, `{thing}#…`, an IRI of no known kind (an adms:Identifier, a page), and
distributions, releases and contacts, which have no life of their own. A node that several things lead to stands alone.
But a blank node cannot, and belongs to the first of them; and where nothing is said of a node but its classes (a home
page that is a foaf:Document), each of the things says so. Things are what `catalogue.model` has kinds for, catalogues
and concept schemes, and whatever nobody refers to.

What has an http(s) IRI keeps it. All else (blank nodes, `urn:` names, names relative to a local file) gets an IRI that
is minted from its identity, so that the same thing gets the same IRI from every source, or within its thing:
`{thing}#…`, from its local name, or for a blank node from a hash of its content (see `_Blank`), so that an edit
elsewhere does not rename it.

The files of a directory are one dataset: who is meant by a name of one file can stand in another. So a directory is one
document, the union of its files as N-Quads, where the name of a graph is the file's. All other named graphs are read as
if they were one.

Every step is linear in the number of triples, or sorts them.
"""

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import quote, unquote

from catalogue import identity, rdf, sandbox
from catalogue.errors import DocumentError, SourceError
from catalogue.fetch import Fetch
from catalogue.identity import Minter
from catalogue.model import Document, Finding, Kind, Reading, Record, Report, Severity, kind_of
from catalogue.rdf import IRI, SYNTAXES, BlankNode, Literal, Quad, Subject, Term, Triple
from catalogue.vocabulary import ADMS, DCAT, DCT, DOAP, FOAF, OWL, RDF, RDFS, SCHEMA, SKOS, V

PRECEDENCE = 50

T = TypeVar("T")

DIRECTORY_KEY = "."
"""The key of the document that a directory is."""

_FILES = "file:///"
_ACCEPT = ", ".join(f"{syntax.media_type};q={'0.9' if syntax.graphs else '1'}" for syntax in SYNTAXES.values())
# Blank nodes that refer to each other in a circle are told apart in cubic time: a hundred take about a second.
_MAX_CIRCLE = 100

_STANDALONE = frozenset({DCAT.Catalog, ADMS.AssetRepository, SKOS.ConceptScheme, OWL.Ontology})
_DEPENDENT = frozenset({"distribution", "release", "contact"})
# Those of them that have IRIs of their own kind, not `{thing}#…`.
_MINTED_PARTS = frozenset({"distribution", "release"})
_LOCAL = ("urn:", "file:")
# What many things refer to is repeated in the record of each, so it has to be short.
_MAX_REPEATED = 4
_TITLES = (DCT.title, FOAF.name, SKOS.prefLabel, DOAP.name, SCHEMA.name, RDFS.label, V.fn)
_PAGES = (FOAF.homepage, DCAT.landingPage, SCHEMA.url)


def documents(location: str, fetch: Fetch) -> Iterator[tuple[str, Document] | Reading]:
    """One document: what a URL answers, a file, or the union of a directory's files.

    Of a directory, each file that cannot be read is a Reading, with the file's path as its key.
    """
    if location.startswith(("http://", "https://")):
        document = fetch.get(location, accept=_ACCEPT)
        yield location, document
        return
    path = Path(location)
    if path.is_dir():
        yield from _directory(path)
    else:
        yield path.name, _file(path, path.name)


def readings(key: str, document: Document, minter: Minter) -> Iterator[Reading]:
    """A reading for each thing described, in the order of their IRIs.

    Key of a record: the hash of the thing's name in the source, of its minted IRI where it has none.
    """
    remote = document.url.startswith(("http://", "https://"))
    origin = document.url if remote else key
    base = None if key == DIRECTORY_KEY else document.url if remote else _file_iri(key)
    try:
        quads = sandbox.parse(document.content, sandbox.guess(document), base)
        description = _described(quads, of_files=key == DIRECTORY_KEY)
        blank = _Blank(description)
    except DocumentError as error:
        yield _unreadable(key, origin, error)
        return
    owners = _owners(description, blank.tokens)
    names = _Names(description, blank, owners, minter)
    repeated = _repeated(description, owners)
    document_hash = hashlib.sha256(document.content).hexdigest()
    for iri, subjects in sorted(names.records(repeated).items(), key=lambda item: item[0].value):
        yield _reading(iri, names, subjects, origin, document_hash)


def _unreadable(key: str, origin: str, error: DocumentError) -> Reading:
    finding = Finding(Severity.VIOLATION, str(error), fix=error.fix, line=error.line, column=error.column)
    return Reading(key, origin, Report((finding,)))


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
            parsed = sandbox.parse(document.content, sandbox.guess(document), _file_iri(name))
        except DocumentError as error:
            yield _unreadable(name, name, error)
        else:
            quads += _in_file(parsed, number, IRI(_file_iri(name)))
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


def _file_iri(name: str) -> str:
    return _FILES + quote(name)


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


# What a document describes.


class _Statement(NamedTuple):
    """A triple of RDF 1.1, which `catalogue.rdf.Triple` is not by its type."""

    subject: Subject
    predicate: IRI
    object: Term


@dataclass(frozen=True)
class _Description:
    """What a document says by subject, without duplicates; every blank node is a key, if only with nothing said."""

    about: Mapping[Subject, Mapping[_Statement, None]]
    kinds: Mapping[Subject, Kind | None]
    things: frozenset[Subject]
    files: Mapping[Subject, str]

    def objects(self, subject: Term, *predicates: IRI) -> list[Term]:
        """The values of the first of the predicates that has any, sorted."""
        said = () if isinstance(subject, Literal) else self.about.get(subject, ())
        for predicate in predicates:
            if found := [statement.object for statement in said if statement.predicate == predicate]:
                return sorted(found, key=str)
        return []

    def values(self, subject: Term, *predicates: IRI) -> list[str]:
        return [term.value for term in self.objects(subject, *predicates) if not isinstance(term, BlankNode)]

    def file(self, subject: Subject) -> str | None:
        """The file of a directory that says what a subject is, else the first that mentions it."""
        graph = self.files.get(subject)
        return unquote(graph.removeprefix(_FILES)) if graph else None


def _described(quads: Iterable[Quad], of_files: bool) -> _Description:
    """The union of all graphs; `of_files` when the graphs have the names of files."""
    about: dict[Subject, dict[_Statement, None]] = defaultdict(dict)
    types: dict[Subject, set[IRI]] = defaultdict(set)
    files: dict[Subject, str] = {}
    for quad in quads:
        said = _statement(quad)
        about[said.subject][said] = None
        if isinstance(said.object, BlankNode):
            about.setdefault(said.object, {})
        first = said.subject not in files or (said.predicate == RDF.type and said.subject not in types)
        if of_files and first and isinstance(quad.graph_name, IRI):
            files[said.subject] = quad.graph_name.value
        if said.predicate == RDF.type and isinstance(said.object, IRI):
            types[said.subject].add(said.object)
    kinds = {subject: kind_of(types[subject]) if subject in types else None for subject in about}
    things = frozenset(subject for subject, kind in kinds.items() if _is_thing(kind, types.get(subject, set())))
    return _Description(dict(about), kinds, things, files)


def _statement(quad: Quad) -> _Statement:
    assert not isinstance(quad.subject, Triple)  # the sandbox lets RDF 1.2 through nowhere
    assert not isinstance(quad.object, Triple)
    return _Statement(quad.subject, quad.predicate, _clean(quad.object))


def _is_thing(kind: Kind | None, types: set[IRI]) -> bool:
    return (kind is not None and kind.name not in _DEPENDENT) or not types.isdisjoint(_STANDALONE)


def _clean(term: Term) -> Term:
    """A literal without the characters that XML cannot carry."""
    if not isinstance(term, Literal):
        return term
    clean = rdf.text(term.value).value
    if clean == term.value:
        return term
    return Literal(clean, language=term.language) if term.language else Literal(clean, datatype=term.datatype)


# Blank nodes.


class _Blank:
    """Tokens for nodes: of a blank node a hash of what it leads to, of an IRI itself.

    Blank nodes with one token say the same. Tokens do not depend on labels, order, or what leads to the node, but for
    nodes that lead into a circle of blank nodes: those get the token of their whole group and their rank in it.
    """

    def __init__(self, description: _Description) -> None:
        self._about = description.about
        self.tokens: dict[Term, str] = {
            subject: str(subject) for subject in description.about if isinstance(subject, IRI)
        }
        self.incoming: dict[Subject, list[_Statement]] = {s: [] for s in description.about if isinstance(s, BlankNode)}
        for statements in description.about.values():
            for said in statements:
                if isinstance(said.object, BlankNode):
                    self.incoming[said.object].append(said)
        self._order = self._leaves_first()
        self._circular = [node for node in self.incoming if node not in self.tokens]
        for group in _groups(self._circular, self._neighbours):
            self._tell_apart(group)

    def referrers_first(self) -> Iterator[Subject]:
        """All blank nodes, each outside of circles after those that refer to it."""
        yield from self._circular
        yield from reversed(self._order)

    def token(self, term: Term) -> str:
        """A blank node has none before the nodes that it leads to have theirs."""
        return self.tokens.get(term, "_:") if isinstance(term, BlankNode) else str(term)

    def _leaves_first(self) -> list[Subject]:
        """Gives a token to each blank node outside of circles, after those that it refers to; returns their order."""
        waiting = {
            node: sum(isinstance(said.object, BlankNode) for said in self._about[node]) for node in self.incoming
        }
        ready = deque(node for node, number in waiting.items() if not number)
        order: list[Subject] = []
        while ready:
            node = ready.popleft()
            order.append(node)
            self.tokens[node] = _hash(self._said_of(node))
            for said in self.incoming[node]:
                if isinstance(said.subject, BlankNode):
                    waiting[said.subject] -= 1
                    if not waiting[said.subject]:
                        ready.append(said.subject)
        return order

    def _said_of(self, node: Subject) -> Iterator[str]:
        return (f"{said.predicate} {self.token(said.object)}" for said in self._about[node])

    def _neighbours(self, node: Subject) -> Iterator[Subject]:
        outward = (said.object for said in self._about[node])
        inward = (said.subject for said in self.incoming[node])
        return (n for n in (*outward, *inward) if isinstance(n, BlankNode) and n not in self.tokens)

    def _tell_apart(self, group: Sequence[Subject]) -> None:
        if len(group) > _MAX_CIRCLE:
            raise DocumentError(
                f"{len(group)} blank nodes refer to each other in circles; at most {_MAX_CIRCLE} can be told apart",
                fix="Give them IRIs",
            )
        said_of, said_to = ({node: sorted(said(node)) for node in group} for said in (self._said_of, self._said_to))
        signatures = {node: (said_of[node], said_to[node]) for node in group}
        links = [
            (said.subject, said.predicate.value, said.object)
            for node in group
            for said in self._about[node]
            if isinstance(said.object, BlankNode) and said.object in signatures
        ]
        ranks = _told_apart(_ranked(signatures), links)
        linked = (f"_:{ranks[subject]} {predicate} _:{ranks[target]}" for subject, predicate, target in links)
        said = (f"_:{ranks[node]} {signature!r}" for node, signature in signatures.items())
        token = _hash((*linked, *said))
        self.tokens.update({node: _hash((token, str(rank))) for node, rank in ranks.items()})

    def _said_to(self, node: Subject) -> Iterator[str]:
        return (f"{said.subject} {said.predicate}" for said in self.incoming[node] if isinstance(said.subject, IRI))


_Link = tuple[Subject, str, Subject]


def _told_apart(colours: Mapping[Subject, int], links: Sequence[_Link]) -> Mapping[Subject, int]:
    """Colours the nodes of a group, finer from round to round, until no two have the same.

    Where equals remain, one is chosen: any, as equals can be exchanged for each other (but in graphs so regular that
    nobody writes them; there the choice goes by the labels).
    """
    while len(set((colours := _refined(colours, links)).values())) < len(colours):
        shared = min(colour for colour, number in Counter(colours.values()).items() if number > 1)
        chosen = min((node for node, colour in colours.items() if colour == shared), key=str)
        colours = _ranked({node: (colour, node != chosen) for node, colour in colours.items()})
    return colours


def _refined(colours: Mapping[Subject, int], links: Sequence[_Link]) -> Mapping[Subject, int]:
    """Colours that tell apart whatever has neighbours of different colours."""
    while True:
        around: dict[Subject, list[tuple[str, str, int]]] = {node: [] for node in colours}
        for subject, predicate, target in links:
            around[subject].append(("to", predicate, colours[target]))
            around[target].append(("from", predicate, colours[subject]))
        finer = _ranked({node: (colour, sorted(around[node])) for node, colour in colours.items()})
        if len(set(finer.values())) == len(set(colours.values())):
            return finer
        colours = finer


def _ranked(signatures: Mapping[Subject, tuple[object, ...]]) -> Mapping[Subject, int]:
    texts = {node: repr(signature) for node, signature in signatures.items()}
    ranks = {text: rank for rank, text in enumerate(sorted(set(texts.values())))}
    return {node: ranks[text] for node, text in texts.items()}


def _hash(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _groups(nodes: Iterable[Subject], neighbours: Callable[[Subject], Iterable[Subject]]) -> Iterator[list[Subject]]:
    """The nodes by what is connected."""
    seen: set[Subject] = set()
    for start in nodes:
        if start not in seen:
            seen.add(start)
            group = [start]
            for node in group:  # grows while it is walked
                new = [n for n in dict.fromkeys(neighbours(node)) if n not in seen]
                seen.update(new)
                group += new
            yield group


# Which node belongs to which thing.


def _owners(description: _Description, tokens: Mapping[Term, str]) -> Mapping[Subject, Subject]:
    """For every subject the one whose record it is in: itself for a thing."""
    parts = _parts(description)
    referrers: dict[Subject, list[Subject]] = defaultdict(list)
    for subject, nodes in parts.items():
        for node in nodes:
            referrers[node].append(subject)
    owners = {thing: thing for thing in description.things}
    nodes = [subject for subject in description.about if subject not in description.things]
    for circle in reversed(_circles(nodes, lambda node: parts.get(node, ()))):
        inside = frozenset(circle)
        outside = {owners[r] for node in circle for r in referrers[node] if r not in inside}
        owners.update(_circle_owners(circle, outside, tokens))
    return owners


def _circle_owners(
    circle: Iterable[Subject], outside: set[Subject], tokens: Mapping[Term, str]
) -> Iterator[tuple[Subject, Subject]]:
    """The owners of nodes that refer to each other (mostly: of one node), by the owners of what refers to them."""
    by_token = partial(min, key=lambda subject: tokens[subject])
    if len(outside) == 1:
        owner = next(iter(outside))
        return ((node, owner) for node in circle)
    named = {node for node in circle if isinstance(node, IRI)}
    first = by_token(outside | named or set(circle))
    return ((node, node if node in named else first) for node in circle)


def _parts(description: _Description) -> Mapping[Subject, Sequence[Subject]]:
    """Subject → the nodes that it refers to and that can belong to it; `{thing}#…` belongs to the thing alone."""
    bases = {subject: base for subject in description.about if (base := _base(subject, description))}
    fixed = description.things | bases.keys()
    parts: dict[Subject, dict[Subject, None]] = defaultdict(dict)
    for node, base in bases.items():
        parts[base][node] = None
    for subject, said in description.about.items():
        nodes = (statement.object for statement in said if not isinstance(statement.object, Literal))
        parts[subject].update((n, None) for n in nodes if n != subject and n in description.about and n not in fixed)
    return {subject: tuple(nodes) for subject, nodes in parts.items()}


def _repeated(description: _Description, owners: Mapping[Subject, Subject]) -> frozenset[Subject]:
    """The nodes that several things refer to and of which nothing is said but their classes."""
    targets = {said.object for statements in description.about.values() for said in statements}
    return frozenset(
        subject
        for subject, said in description.about.items()
        if owners[subject] == subject and subject in targets and subject not in description.things
        if len(said) <= _MAX_REPEATED and all(statement.predicate == RDF.type for statement in said)
    )


def _base(subject: Subject, description: _Description) -> Subject | None:
    if not isinstance(subject, IRI) or "#" not in subject.value or subject in description.things:
        return None
    base = IRI(subject.value.partition("#")[0])
    return base if base in description.about else None


def _circles(nodes: Iterable[Subject], parts: Callable[[Subject], Iterable[Subject]]) -> list[list[Subject]]:
    """The strongly connected components, each after those that it leads to."""
    walk = _Walk(parts)
    for node in nodes:
        walk.start(node)
    return walk.found


class _Walk:
    """Tarjan's algorithm for strongly connected components, without recursion: a chain can have any length."""

    def __init__(self, parts: Callable[[Subject], Iterable[Subject]]) -> None:
        self.found: list[list[Subject]] = []
        self._parts = parts
        self._index: dict[Subject, int] = {}
        self._low: dict[Subject, int] = {}
        self._done: set[Subject] = set()
        self._stack: list[Subject] = []
        self._path: list[tuple[Subject, Iterator[Subject]]] = []

    def start(self, start: Subject) -> None:
        if start not in self._index:
            self._enter(start)
        while self._path:
            node, rest = self._path[-1]
            following = next((n for n in rest if n not in self._done), None)
            if following is None:
                self._leave()
            elif following in self._index:
                self._low[node] = min(self._low[node], self._index[following])
            else:
                self._enter(following)

    def _enter(self, node: Subject) -> None:
        self._index[node] = self._low[node] = len(self._index)
        self._stack.append(node)
        self._path.append((node, iter(self._parts(node))))

    def _leave(self) -> None:
        node, _ = self._path.pop()
        if self._path:
            before = self._path[-1][0]
            self._low[before] = min(self._low[before], self._low[node])
        if self._low[node] == self._index[node]:
            circle: list[Subject] = []
            while not circle or circle[-1] != node:
                circle.append(self._stack.pop())
            self._done.update(circle)
            self.found.append(circle)


# Identity.


def _repositories(description: _Description, subject: Subject) -> Iterator[str]:
    """The addresses that can be those of a solution's repository, the likeliest first."""
    yield from description.values(subject, SCHEMA.codeRepository)
    yield from description.values(subject, DOAP.repository)
    nodes = description.objects(subject, DOAP.repository)
    yield from sorted(url for node in nodes for url in description.values(node, DOAP.location))
    nodes = description.objects(subject, DCAT.distribution)
    urls = sorted(url for node in nodes for url in description.values(node, DCAT.accessURL))
    # The query of a repository's address says nothing; that of a download often says everything.
    yield from (url for url in urls if "?" not in url)


def _identifiers(description: _Description, subject: Subject) -> list[str]:
    """The identifiers of an organisation as URIs; a number only together with the agency that gave it."""
    found = set()
    for node in description.objects(subject, ADMS.identifier):
        agencies = description.values(node, ADMS.schemaAgency) or description.values(
            node, ADMS.schemeAgency, DCT.creator
        )
        for notation in description.values(node, SKOS.notation):
            if ":" in notation:
                found.add(notation)
            elif agencies:
                found.add(f"{agencies[0]}:{notation}")
    return sorted(found)


def _title(description: _Description, subject: Subject) -> str:
    """The English title, else the first in alphabetical order."""
    titles = [term for term in description.objects(subject, *_TITLES) if isinstance(term, Literal)]
    return min(titles, key=lambda term: (term.language != "en", term.value)).value if titles else ""


def _solution(description: _Description, subject: Subject, minter: Minter) -> Iterator[IRI]:
    yield from _usable(minter.solution, _repositories(description, subject))


def _organisation(description: _Description, subject: Subject, minter: Minter) -> Iterator[IRI]:
    uris = (*_identifiers(description, subject), *description.values(subject, FOAF.homepage))
    yield from _usable(lambda uri: minter.organisation(uri, ""), uris)
    if name := _title(description, subject):
        yield minter.organisation(None, name)


def _page_of(kind: str) -> Callable[[_Description, Subject, Minter], Iterator[IRI]]:
    def identify(description: _Description, subject: Subject, minter: Minter) -> Iterator[IRI]:
        pages = description.values(subject, *_PAGES)
        yield from _usable(lambda page: minter.thing(kind, identity.web_address(page)), pages)

    return identify


def _usable(read: Callable[[str], T], values: Iterable[str]) -> Iterator[T]:
    for value in values:
        with suppress(ValueError):  # not the address of what it should be: the next may be
            yield read(value)


def _parent_identity(description: _Description, parent: Subject, iri: IRI) -> str:
    """What the identities of a thing's distributions and releases start with: its repository's, else its IRI."""
    repositories = _usable(identity.repository, _repositories(description, parent))
    return next((repository.identity for repository in repositories), iri.value)


def _local_part(description: _Description, part: Subject, kind: str, parent_identity: str) -> str | None:
    """What tells a release or distribution from its sisters in every source: its version, or that it is the source.

    publiccode.yml files give theirs the same identities.
    """
    if kind == "release":
        return next(iter(description.values(part, SCHEMA.softwareVersion, DCAT.version, OWL.versionInfo)), None)
    urls = () if description.objects(part, DCAT.downloadURL) else description.values(part, DCAT.accessURL)
    is_source = any(found.identity == parent_identity for found in _usable(identity.repository, urls))
    return "source" if is_source else None


_IDENTITIES: Mapping[str, Callable[[_Description, Subject, Minter], Iterator[IRI]]] = {
    "solution": _solution,
    "administration": _organisation,
    "owner": _organisation,
    **{kind: _page_of(kind) for kind in ("initiative", "document", "article", "event")},
}


# Names.


class _Names:
    """The IRI of every subject of a document; `records` says which subjects share a record."""

    def __init__(
        self, description: _Description, blank: _Blank, owners: Mapping[Subject, Subject], minter: Minter
    ) -> None:
        self.description, self.owners = description, owners
        self._blank, self._minter = blank, minter
        self._parents: dict[Subject, str] = {}
        self._iris: dict[Subject, IRI] = {
            subject: subject for subject in description.about if isinstance(subject, IRI) and _is_web(subject.value)
        }
        unnamed = [subject for subject in description.about if subject not in self._iris]
        self._iris.update({subject: self._minted(subject) for subject in unnamed if owners[subject] == subject})
        self._name_parts([subject for subject in unnamed if subject not in self._iris])

    def iri(self, subject: Subject) -> IRI:
        return self._iris[subject]

    def triple(self, said: _Statement) -> Triple:
        """A statement as a record has it."""
        value = said.object
        return Triple(
            self._iris[said.subject],
            said.predicate,
            value if isinstance(value, Literal) else self._iris.get(value, value),
        )

    def records(self, repeated: frozenset[Subject]) -> Mapping[IRI, Collection[Subject]]:
        """The subjects of each record by its IRI; `repeated` are in the records of all that refer to them."""
        found: dict[IRI, dict[Subject, None]] = defaultdict(dict)
        for subject, said in self.description.about.items():
            if subject not in repeated:
                members = found[self._iris[self.owners[subject]]]
                members[subject] = None
                members.update((s.object, None) for s in said if s.object in repeated and isinstance(s.object, IRI))
        return found

    def _minted(self, subject: Subject) -> IRI:
        kind = self.description.kinds[subject]
        identify = _IDENTITIES.get(kind.name if kind else "")
        known = identify(self.description, subject, self._minter) if identify else iter(())
        return next(known, None) or self._minted_by_name(subject, kind)

    def _minted_by_name(self, subject: Subject, kind: Kind | None) -> IRI:
        name = kind.name if kind else "resource"
        name = "owner" if name == "administration" else name
        title = " ".join(unicodedata.normalize("NFC", _title(self.description, subject)).casefold().split())
        if isinstance(subject, IRI):
            return self._minter.thing(name, subject.value)
        return self._minter.thing(name, f"{name}:{title}" if kind and title else self._blank.tokens[subject])

    def _name_parts(self, parts: Iterable[Subject]) -> None:
        """Names the nodes that belong to things: those with names, then blank nodes after those that refer to them."""
        slugs = {part: _slug(part.value) for part in parts if isinstance(part, IRI)}
        numbers = Counter((self._place(part), slug) for part, slug in slugs.items())
        for part, slug in slugs.items():
            unique = numbers[self._place(part), slug] == 1
            self._iris[part] = self._part(part, slug if unique else f"{slug}-{identity.key(part.value)}")
        blank = [node for node in self._blank.referrers_first() if node not in self._iris]
        numbers = Counter((self._place(node), self._blank.tokens[node]) for node in blank)
        for node in blank:
            token = self._blank.tokens[node]
            unique = numbers[self._place(node), token] == 1
            self._iris[node] = self._part(node, identity.key(token if unique else self._in_context(node, token)))

    def _parent(self, owner: Subject) -> str:
        if owner not in self._parents:
            self._parents[owner] = _parent_identity(self.description, owner, self._iris[owner])
        return self._parents[owner]

    def _place(self, part: Subject) -> tuple[IRI, str]:
        kind = self.description.kinds[part]
        return self._iris[self.owners[part]], kind.name if kind and kind.name in _MINTED_PARTS else ""

    def _part(self, part: Subject, local: str) -> IRI:
        owner, kind = self._place(part)
        if kind:
            parent = self._parent(self.owners[part])
            known = _local_part(self.description, part, kind, parent)
            return self._minter.thing(kind, f"{parent} {known or local}")
        return IRI(f"{owner.value}{'-' if '#' in owner.value else '#'}{local}")

    def _in_context(self, node: Subject, token: str) -> str:
        """What tells a blank node from others with the same content in the same record: what refers to it."""
        incoming = self._blank.incoming[node]
        return _hash((token, *(f"{said.predicate} {self._iris.get(said.subject)}" for said in incoming)))


def _is_web(iri: str) -> bool:
    return iri.lower().startswith(("http://", "https://"))


def _slug(name: str) -> str:
    """The last part of a name, in letters, digits and hyphens."""
    local = re.split(r"[/#:]", unquote(name).rstrip("/#:"))[-1]
    plain = unicodedata.normalize("NFKD", local).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or identity.key(name)


# Records.


def _reading(iri: IRI, names: _Names, subjects: Collection[Subject], origin: str, document_hash: str) -> Reading:
    description = names.description
    things = [subject for subject in subjects if names.iri(names.owners[subject]) == iri == names.iri(subject)]
    known = sorted(thing.value for thing in things if isinstance(thing, IRI))
    key = identity.key(known[0] if known else iri.value)
    files = [file for thing in things if (file := description.file(thing))]
    said = [statement for subject in subjects for statement in description.about[subject]]
    triples = frozenset(map(names.triple, said))
    record = Record(key, iri, triples, min(files, default=origin), document_hash=document_hash)
    return Reading(key, record.origin, Report((*_merged(known), *_dangling(said, description))), record)


def _merged(known: Sequence[str]) -> Iterator[Finding]:
    if len(known) > 1:
        yield Finding(
            Severity.WARNING,
            f"rdf: {' and '.join(known)} have the same identity, so they are read as one thing",
            fix="Give them different repositories, identifiers or pages, or one name",
        )


def _dangling(said: Iterable[_Statement], description: _Description) -> Iterator[Finding]:
    """Names that nobody can look up, as they are of this source alone, but not described in it."""
    targets = {(statement.object, statement.predicate) for statement in said if isinstance(statement.object, IRI)}
    local = ((target, path) for target, path in targets if target.value.startswith(_LOCAL))
    for target, path in sorted((pair for pair in local if pair[0] not in description.about), key=str):
        yield Finding(
            Severity.WARNING,
            f"rdf: {target} is described nowhere in the document",
            path=path.value,
            value=target.value,
            fix="Describe it, correct its name, or refer to an http(s) address",
        )
