"""What is published, as a function of what all records say: worked out for one record's change, or for everything."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import TypeVar

from catalogue.database import PUBLISHED, Delta, Reader, quad
from catalogue.equivalence import Equivalence, Naming
from catalogue.identity import Minter
from catalogue.merge import Group, Rank, description, group, winner
from catalogue.rdf import IRI, Quad, Subject, Term, Triple
from catalogue.vocabulary import DCAT, DOAP, FOAF, OSC, OWL, RDF, SCHEMA

T = TypeVar("T")
Place = tuple[Subject | Triple, IRI]
_PAGES = frozenset({DCAT.landingPage, DOAP.homepage, FOAF.homepage, FOAF.page, SCHEMA.url})


class Descriptions:
    """The published descriptions of one database, where each thing has its published name.

    `ranks` is the precedence of each source, read when needed.
    """

    def __init__(self, database: Reader, minter: Minter, ranks: Mapping[str, int], equivalence: Equivalence) -> None:
        self._database = database
        self._minter, self._meta = minter, minter.graph("meta")
        self._ranks = ranks
        self._names = equivalence
        self._own, self._things = f"{minter.base}/", f"{minter.base}/id/"
        self._records = minter.graph("record").value + "/"
        self._lists = minter.graph("vocabulary").value + "/"

    def change(
        self, graph: IRI, rank: int, old: set[Triple], new: set[Triple], besides: Collection[Place] = ()
    ) -> tuple[set[Triple], set[Triple]]:
        """What is to be added to and removed from the published descriptions when a record's graph changes.

        Costs no more than the record's own change, however many records describe the same things. Holds as long as
        the change gives no thing another name and nothing in it is inferred, so that is for `anew` to work out: the
        subjects and properties `besides` which this leaves alone.
        """
        naming = Naming(self._names)
        old, new = ({t for t in self._named(said, naming) if (t[0], t[1]) not in besides} for said in (old, new))
        added, removed = set(), set()
        groups: dict[Group, tuple[set[Triple], set[Triple]]] = {}
        for triple in old | new:
            competing = group(triple)
            if competing is not None:
                gone, mine = groups.setdefault(competing, (set(), set()))
                (mine if triple in new else gone).add(triple)
            elif triple not in old:
                if quad(triple, PUBLISHED) not in self._database:
                    added.add(triple)
            elif triple not in new and not self._is_said(triple, graph):
                removed.add(triple)
        for competing, (gone, mine) in groups.items():
            before, after = self._compete(competing, graph, Rank(False, rank), gone, mine)
            added |= after - before
            removed |= before - after
        return added, removed

    def touched(self, after: Reader, naming: Naming, inferred: Iterable[Triple]) -> set[Place]:
        """The subjects and properties that are to be worked out anew since things get other names, or since what a
        record says of them is inferred.

        `after` is the database after the change, but for what is published.
        """
        mentions = set(inferred)
        for name in naming.moves:
            for database in (self._database, after):
                found = chain(database.quads(name), database.quads(None, None, name))
                mentions.update(one.triple for one in found if self._merges(one.graph_name))
        named = chain(self._named(mentions, Naming(self._names)), self._named(mentions, naming))
        return {(triple.subject, triple.predicate) for triple in named}

    def anew(self, after: Reader, naming: Naming, places: Iterable[Place]) -> tuple[set[Triple], set[Triple]]:
        """As `change`, for these subjects and properties, by the names that hold after the change."""
        added, removed = set(), set()
        for subject, predicate in places:
            known = set(self._database.triples(subject, predicate, None))
            said = description(self._said_after(after, naming, subject, predicate))
            added |= said - known
            removed |= known - said
        return added, removed

    def _said_after(
        self, after: Reader, naming: Naming, subject: Subject | Triple, predicate: IRI
    ) -> Iterator[tuple[Rank, Triple]]:
        for name in naming.names(subject) if isinstance(subject, IRI) else (subject,):
            for one in after.quads(name, predicate):
                if self._merges(one.graph_name):
                    rank = self._rank_of(one, after)
                    yield from ((rank, triple) for triple in self._named((one.triple,), naming))

    def _named(self, triples: Iterable[Triple], naming: Naming) -> set[Triple]:
        """Statements as they are published: by published names, and without a thing being the same as itself.

        A page that is a name of what it is about stays the address that it is where somebody is to go there, and the
        thing does not become a page.
        """
        found = set()
        for triple in triples:
            subject, predicate, value = triple
            about = naming.canonical(subject) if isinstance(subject, IRI) else subject
            object_ = naming.canonical(value) if isinstance(value, IRI) and predicate not in _PAGES else value
            is_itself = predicate == OWL.sameAs and about == object_
            is_page = predicate == RDF.type and value == FOAF.Document and about != subject
            if is_itself or is_page:
                continue
            # Most have one name, and a new statement costs more than the question.
            is_same = about is subject and object_ is value
            found.add(triple if is_same else Triple(about, predicate, object_))
        return found

    def differences(self) -> Delta:
        """What the published descriptions lack and have too much, by the records; empty when all is well."""
        statements: dict[Subject | Triple, list[tuple[Rank, Triple]]] = {}
        naming = Naming(self._names)
        for one in self._database.quads():
            if self._merges(one.graph_name):
                for triple in self._named((one.triple,), naming):
                    statements.setdefault(triple.subject, []).append((self._rank_of(one, self._database), triple))
        delta = Delta()
        for subject, said in statements.items():
            delta.replace(PUBLISHED, self._database.triples(subject, None, None), description(said))
        for triple in self._database.triples(None, None, None):
            if triple.subject not in statements and not self.is_own(triple.subject):
                delta.removed.add(quad(triple, PUBLISHED))
        return delta

    def is_own(self, subject: object) -> bool:
        """Whether a published node is the catalogue's own word: itself or one of its catalogue records."""
        if not isinstance(subject, IRI):
            return False
        return subject.value.startswith(self._own) and not subject.value.startswith(self._things)

    def _compete(
        self, competing: Group, graph: IRI, rank: Rank, gone: set[Triple], mine: set[Triple]
    ) -> tuple[set[Triple], set[Triple]]:
        """What is published of a group and what should be, now that a record says `mine` and no longer `gone`."""
        subject, predicate, _ = competing
        before = {t for t in self._database.triples(subject, predicate, None) if group(t) == competing}
        if before and not gone & before:
            return before, {self._challenge(next(iter(before)), graph, rank, mine)}
        others = (said for said in self._said(subject, predicate, None, graph) if group(said[1]) == competing)
        best = winner(chain(((rank, triple) for triple in mine), others))
        return before, {best} if best else set()

    def _challenge(self, published: Triple, graph: IRI, rank: Rank, mine: set[Triple]) -> Triple:
        """The winner between what is published and what a record says now.

        The published value is the best of all others already, and the first record found to say it mostly decides: so
        thousands of records that spell the name of one owner in two ways cost no more each than a few.
        """
        challenger = winner((rank, triple) for triple in mine - {published})
        if challenger is None:
            return published
        own = (rank,) if published in mine else ()
        others = self._said(published.subject, published.predicate, published.object, graph)
        ranks = chain(own, (other for other, _ in others))
        is_smaller = str(challenger.object) < str(published.object)
        wins = all(other >= rank if is_smaller else other > rank for other in ranks)
        return challenger if wins else published

    def _is_said(self, triple: Triple, besides: IRI) -> bool:
        return next(self._said(triple.subject, triple.predicate, triple.object, besides), None) is not None

    def _said(
        self, subject: Subject | Triple, predicate: IRI, value: Term | Triple | None, besides: IRI
    ) -> Iterator[tuple[Rank, Triple]]:
        """What other records say, each statement by published names."""
        naming = Naming(self._names)
        for about in self._all_names(subject):
            for object_ in self._all_names(value):
                for one in self._database.quads(about, predicate, object_):
                    if one.graph_name != besides and self._merges(one.graph_name):
                        rank = self._rank_of(one, self._database)
                        named = self._named((one.triple,), naming)
                        yield from ((rank, triple) for triple in named if value in (None, triple.object))

    def _all_names(self, term: T) -> list[T] | list[IRI]:
        return self._names.names(term) if isinstance(term, IRI) else [term]

    def _merges(self, graph: object) -> bool:
        return isinstance(graph, IRI) and graph.value.startswith((self._records, self._lists))

    def _rank_of(self, one: Quad, database: Reader) -> Rank:
        """What a record's statement counts for, as the records of a database are."""
        graph = one.graph_name
        if not (isinstance(graph, IRI) and graph.value.startswith(self._records)):
            return Rank(False, 0)  # a code list: its publisher's word on its own terms comes first
        mark = Triple(self._minter.record_of(graph), OSC.inferred, one.predicate)
        is_inferred = group(one.triple) is not None and quad(mark, self._meta) in database
        return Rank(is_inferred, self._ranks[graph.value[len(self._records) :].partition("/")[0]])
