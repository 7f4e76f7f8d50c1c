"""SPARQL endpoints: all things of some classes with what belongs to them, or what a query of one's own gives.

Endpoints cut their answers short and say nothing (Virtuoso at 10,000 rows, as it is installed). So what is there is
counted first; the things are listed, each page beginning behind the last thing of the one before; and they are
described some at a time, fewer where an answer lacks one of them or has as many triples as such limits have. Each is
read as if it had been described alone, so its record does not depend on what was asked for with it.

An answer that is the one of last time is not parsed, as long as the catalogue has all that was read of it. What comes
or goes shifts only a few of the groups in which things are asked for, not all behind it: see `_batches`.
"""

import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from catalogue.errors import DocumentError, FetchError, SourceError
from catalogue.harvesters import _rdf_members
from catalogue.harvesters import _sparql_queries as queries
from catalogue.harvesters._sparql_protocol import Broken, Endpoint, digest
from catalogue.identity import Minter, key
from catalogue.model import Checkpoint, Document, Finding, Found, Partial, Reading, Report, Severity, Unchanged
from catalogue.rdf import IRI, BlankNode, Quad, Term, Triple, is_iri
from catalogue.sandbox import FLAW, Flaw
from catalogue.visit import MAX_PAGES, TOKEN, Option, Visit
from catalogue.vocabulary import ADMS, DCAT, DOAP, RDF, SCHEMA

PRECEDENCE = 50
_SOFTWARE = (SCHEMA.SoftwareSourceCode, SCHEMA.SoftwareApplication)
_CLASSES = (
    *(DCAT.Dataset, ADMS.Asset, DOAP.Project, *_SOFTWARE),
    *(IRI(c.value.replace(SCHEMA.iri, queries.SECURE_SCHEMA)) for c in _SOFTWARE),
)
OPTIONS: Mapping[str, Option] = {
    "classes": Option(tuple(c.value for c in _CLASSES), "The IRIs of the classes whose things are taken."),
    "query": Option(
        "",
        "A CONSTRUCT in place of the catalogue's own, or the file that holds it. With $LIMIT and $OFFSET, on a"
        " sub-select of things, it is asked page by page.",
    ),
    "page": Option(50, "How many things are asked for at once."),
    "timeout": Option(60, "How many seconds a query may take."),
    "token": TOKEN,
}

# A list has so many times the rows of what is described at once.
_LISTED = 25
# The longest address that all servers take is 8,000 characters; IRIs grow when they are written into one.
_MAX_ADDRESS = 7_000
# Answers of so many triples or solutions, and of every round number, look cut off.
_LIMIT, _ROUND = 10_000, 1_000
# One thing can be too much for an endpoint; several in a row mean that it is down.
_MAX_FAILURES = 3
# Every so many batches, one ends where the name of a thing says so, and not where those before it are enough.
_SYNCHRONISED = 4
_PAGED = "Write the query with $LIMIT and $OFFSET on a sub-select of the things, or have it asked for fewer by `page`."
_ANSWER = "answer "
_KEPT_AT_ONCE = 20
_Node = Term | Triple


def recognises(location: str, document: Document | None) -> bool:
    """By the usual end of an endpoint's path, or its service description."""
    if urlsplit(location).path.rstrip("/").endswith("/sparql"):
        return True
    description = b"http://www.w3.org/ns/sparql-service-description#"
    return document is not None and description in document.content and b"supportedLanguage" in document.content


def documents(visit: Visit) -> Iterator[Found]:
    """Things, each with what belongs to it, as `_rdf_members` has them.

    Raises SourceError for an endpoint that gives fewer things than it counts, after those that it does give.
    """
    endpoint = Endpoint(visit, replace(visit.fetch, timeout_s=float(visit.option("timeout", OPTIONS))))
    size, told = max(1, int(visit.option("page", OPTIONS))), _Told(visit)
    if query := str(visit.option("query", OPTIONS)).strip():
        yield from _answers(endpoint, _read(query), size, told)
    else:
        yield from _Harvest(endpoint, queries.classes(visit.option("classes", OPTIONS)), size, told).found()
    told.forget_others()


def readings(key: str, document: Document, minter: Minter) -> Iterator[Reading]:
    yield from _rdf_members.readings(key, document, minter)


@dataclass
class _Told:
    """What was read of each answer, by what was asked."""

    visit: Visit
    _asked: set[str] = field(default_factory=set)

    def again(self, asked: str, answer: Document) -> Sequence[str] | None:
        """The keys of what was read of these very words before, None unless the catalogue has all of it."""
        name = self._name(asked)
        kept = self.visit.memory.get(name)
        if not kept or kept["hash"] != digest(answer) or any(key not in self.visit.known for key in kept["told"]):
            return None
        told: Sequence[str] = kept["told"]
        return told

    def anew(self, asked: str, answer: Document, found: Iterable[Found], is_cut: bool) -> Iterator[Found]:
        """What is read of an answer, which is remembered once it has been dealt with, if it is whole."""
        if self.visit.memory.pop(self._name(asked), None):
            # If the visit fails, what it has written by then is not what is remembered.
            yield Checkpoint()
        told, is_whole = [], not is_cut
        for one in found:
            yield one
            told += [one[0]] if isinstance(one, tuple) else []
            is_whole = is_whole and isinstance(one, tuple)
        if is_whole:
            self.visit.memory[self._name(asked)] = {"hash": digest(answer), "told": told}
            if len(self._asked) % _KEPT_AT_ONCE == 0:
                yield Checkpoint()  # what is remembered of a large endpoint is itself large

    def forget_others(self) -> None:
        """Forgets what was not asked this time; what is asked for together may be others each time."""
        for name in [name for name in self.visit.memory if name.startswith(_ANSWER) and name not in self._asked]:
            del self.visit.memory[name]

    def _name(self, asked: str) -> str:
        name = _ANSWER + key(asked)
        self._asked.add(name)
        return name


@dataclass
class _Harvest:
    """The things of some classes."""

    endpoint: Endpoint
    classes: Sequence[IRI]
    size: int
    told: _Told
    most: int = field(init=False)
    _is_local: bool = False
    _listed: int = 0
    _failures: int = 0

    def __post_init__(self) -> None:
        self.most = self.size

    @property
    def name(self) -> str:
        return self.endpoint.visit.source.id

    def found(self) -> Iterator[Found]:
        counted = self._count()
        self._is_local = not self._sees_outer()
        nameless: list[str] = []
        for batch in self._batches(chain.from_iterable(self._things(counted)), nameless):
            yield from self._described(batch)
            yield from (_rejected(name, "Its name is no IRI.") for name in nameless)
            nameless.clear()
        yield from (_rejected(name, "Its name is no IRI.") for name in nameless)
        # Some may have been removed meanwhile, so a second count decides.
        if self._listed < counted and self._listed < (counted := self._count()):
            raise SourceError(
                f"{self.name}: the endpoint counts {counted:,} things but lists {self._listed:,}; none was taken for"
                " gone. Narrow the option `classes`, or write a `query` with $LIMIT and $OFFSET"
            )

    def _count(self) -> int:
        [*values] = self.endpoint.column(queries.count(self.classes), "number")
        if len(values) != 1 or not values[0].isascii() or not values[0].isdigit():
            raise Broken(f"{self.name}: the endpoint does not count what it has: {values[:3]}")
        return int(values[0][:15])

    def _sees_outer(self) -> bool:
        """Whether the endpoint reads filters in OPTIONAL as SPARQL has them; one that fails at this is not asked to."""
        try:
            return bool(self.endpoint.column(queries.OUTER, "inner"))
        except (FetchError, Broken):
            return False

    def _query(self, things: Iterable[IRI]) -> str:
        return queries.description(things, self._is_local)

    def _things(self, counted: int) -> Iterator[list[str]]:
        """The names of the things in order, page by page."""
        last: IRI | None = None
        before: frozenset[str] = frozenset()
        rows = _LISTED * self.most
        for _ in range(MAX_PAGES):
            names = self.endpoint.column(queries.listing(self.classes, last, rows), "thing")
            new = [name for name in dict.fromkeys(names) if name not in before]
            self._listed += len(new)
            if self._listed > 2 * counted + rows:
                raise SourceError(f"{self.name}: the endpoint lists things without end; it counted {counted:,}")
            yield new
            usable = [name for name in new if is_iri(name)]
            if not usable:
                return
            last, before = IRI(usable[-1]), frozenset(names)

    def _batches(self, names: Iterable[str], nameless: list[str]) -> Iterator[list[IRI]]:
        """As many things at once as are wanted and an address can hold; what is no IRI is put to the `nameless`.

        Some of them end behind a thing whose name says so: so that when a thing is added, only the batches up to the
        next such are others than the last time, and all that follow can be told to be as they were.
        """
        batch: list[IRI] = []
        for name in names:
            if not is_iri(name):
                nameless.append(name)
                continue
            thing = IRI(name)
            if batch and (len(batch) >= self.size or self._is_too_long([*batch, thing])):
                yield batch
                batch = []
            batch.append(thing)
            if zlib.crc32(name.encode()) % (_SYNCHRONISED * self.most) == 0:
                yield batch
                batch = []
        if batch:
            yield batch

    def _is_too_long(self, things: Sequence[IRI]) -> bool:
        return len(self.endpoint.address(self._query(things))) > _MAX_ADDRESS

    def _described(self, things: Sequence[IRI]) -> Iterator[Found]:
        """The things' documents; in halves, if together they are too much."""
        query = self._query(things)
        try:
            answer = self.endpoint.construct(query)
            if told := self.told.again(query, answer):
                self._answered(things)
                yield from map(Unchanged, told)
                return
            quads = self.endpoint.graph(answer)
        except (FetchError, Broken) as error:
            yield from self._failed(things, error)
            return
        said = _by_subject(quads)
        about = (quad for thing in things for quad in said.get(thing, ()) if quad.predicate != FLAW)
        is_cut = _looks_cut(answer, _number(quads), sum(_solutions(quad, said) for quad in about))
        if len(things) > 1 and (is_cut or any(thing not in said for thing in things)):
            yield from self._in_halves(things)
            return
        self._answered(things)
        documents = (self._document(thing, _description(thing, said), answer) for thing in things)
        if is_cut:
            message = f"The endpoint gives {_number(quads):,} statements of this alone, as if they were cut off there."
            yield _cut(things[0].value, message, "description", "Have the endpoint give more at once.")
        yield from self.told.anew(query, answer, documents, is_cut)

    def _answered(self, things: Sequence[IRI]) -> None:
        self._failures = 0
        self.size = min(self.most, max(self.size, 2 * len(things)))

    def _document(self, thing: IRI, quads: Sequence[Quad], answer: Document) -> Found:
        """What is said of a thing, without what is said of others in it that are listed, too."""
        others = {q.subject for q in quads if q.predicate == RDF.type and q.object in self.classes}
        primary = frozenset(node for node in (thing, *others) if not isinstance(node, Triple))
        try:
            members = dict(_rdf_members.members(quads, answer, primary))
        except DocumentError as error:
            return _rejected(thing.value, str(error))
        if not quads:
            return _rejected(thing.value, "The endpoint lists it, but says nothing of it.")
        # A licence would be called otherwise.
        return thing.value, members.get(thing.value) or _rdf_members.member(thing, quads, answer)

    def _in_halves(self, things: Sequence[IRI]) -> Iterator[Found]:
        middle = len(things) // 2
        self.size = max(1, middle)  # the next will hardly be smaller
        yield from self._described(things[:middle])
        yield from self._described(things[middle:])

    def _failed(self, things: Sequence[IRI], error: SourceError) -> Iterator[Found]:
        if len(things) > 1:
            yield from self._in_halves(things)
            return
        self._failures += 1
        if self._failures >= _MAX_FAILURES:
            raise error
        yield _rejected(things[0].value, str(error))


def _number(quads: Iterable[Quad]) -> int:
    """How many triples the endpoint gave: those that could be kept, and what stands for those that could not."""
    return sum(quad.predicate != FLAW or ((flaw := Flaw.of(quad)) is not None and not flaw.mended) for quad in quads)


def _by_subject(quads: Iterable[Quad]) -> Mapping[_Node, Sequence[Quad]]:
    said: dict[_Node, list[Quad]] = defaultdict(list)
    for quad in quads:
        said[quad.subject].append(quad)
    return dict(said)


def _description(thing: IRI, said: Mapping[_Node, Sequence[Quad]]) -> list[Quad]:
    """What `queries.description` gives for a thing alone, out of what it gave for several."""
    found = dict.fromkeys(said.get(thing, ()))
    reached = list(found)
    for _ in range(queries.STEPS):
        leads = {q.object for q in reached if isinstance(q.object, BlankNode) or q.predicate in queries.FOLLOWED}
        reached = [quad for node in leads for quad in said.get(node, ())]
        found.update(dict.fromkeys(reached))
    return list(found)


def _solutions(quad: Quad, said: Mapping[_Node, Sequence[Quad]], steps: int = queries.STEPS) -> int:
    """How many solutions of `queries.description` a statement is in: more than one where its object leads on. Virtuoso
    counts those, and what many things lead to is in as many, but only once among the triples."""
    if not steps or not (isinstance(quad.object, BlankNode) or quad.predicate in queries.FOLLOWED):
        return 1
    return max(1, sum(_solutions(further, said, steps - 1) for further in said.get(quad.object, ())))


def _looks_cut(answer: Document, *sizes: int) -> bool:
    """Whether an answer says that it was cut off, as Virtuoso does, or is of a size at which endpoints do so."""
    is_round = any(size >= _LIMIT or (size and size % _ROUND == 0) for size in sizes)
    return is_round or "x-sparql-maxrows" in answer.headers


def _rejected(name: str, message: str) -> Reading:
    """With the key that its record has where there is one."""
    return Reading(key(name), name, Report((Finding(Severity.VIOLATION, message),)))


# A query of the source's own.


def _answers(endpoint: Endpoint, query: str, size: int, told: _Told) -> Iterator[Found]:
    """What the query gives, all at once or page by page; Partial where an answer looks cut off."""
    before: frozenset[str] = frozenset()
    for number in range(MAX_PAGES):
        asked = queries.page(query, size, number * size)
        answer = endpoint.construct(asked)
        if known := told.again(asked, answer):
            yield from map(Unchanged, known)
            names = frozenset(known)
        else:
            quads = endpoint.graph(answer)
            described = list(_rdf_members.members(quads, answer))
            if not described:
                return
            if is_cut := _looks_cut(answer, _number(quads)):
                message = (
                    f"Answer {number + 1} to the query has {_number(quads):,} statements, as if it were cut off there."
                )
                yield _cut(f"{endpoint.visit.location} (answer {number + 1})", message, "query", _PAGED)
            yield from told.anew(asked, answer, described, is_cut)
            names = frozenset(name for name, _ in described)
        if not queries.is_paged(query):
            return
        if names <= before:
            raise SourceError(
                f"{endpoint.visit.source.id}: page {number + 1} of the query has what the one before has; put $LIMIT"
                " and $OFFSET, with ORDER BY, on a sub-select of the things"
            )
        before = names


def _cut(origin: str, message: str, path: str, fix: str) -> Partial:
    return Partial(origin, (Finding(Severity.WARNING, message, path, fix=fix),))


def _read(query: str) -> str:
    """The query itself, or what the file of this name holds."""
    if "{" in query:
        text = query
    else:
        try:
            text = Path(query).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(f"sparql: the query {query!r} is neither SPARQL nor a file that can be read") from error
    if "CONSTRUCT" not in text.upper():
        raise SourceError("sparql: the option `query` has to be a CONSTRUCT")
    return text
