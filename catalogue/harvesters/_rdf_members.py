"""A page of many things → a document for each, so that what did not change is not read again.

A member says all that its page says of one primary thing (see `_PRIMARY`) and of whatever that leads to: distributions,
releases, contacts, publishers. Those have no document of their own, since every page repeats them; what no primary
thing leads to has. A catalogue is a primary thing, but without what it lists: its list is the source.

The same thing said in the same way gives the same bytes, on whatever page, in whatever order and with whatever labels
of blank nodes. So a member has none of the statements that grow with a page (`_LISTS`, paging).
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from catalogue import identity, rdf
from catalogue.errors import DocumentError
from catalogue.harvesters._rdf_blank import Blank, hash_of
from catalogue.harvesters._rdf_description import Description, Statement, described
from catalogue.harvesters._rdf_dialect import normalised
from catalogue.harvesters._rdf_entailed import entailed
from catalogue.harvesters._rdf_names import Names
from catalogue.harvesters._rdf_owners import base_of, owners_of
from catalogue.harvesters._rdf_records import reading_of, unreadable
from catalogue.identity import Minter
from catalogue.model import Document, Reading
from catalogue.rdf import IRI, SYNTAXES, BlankNode, Literal, Quad, Subject, Term
from catalogue.vocabulary import ADMS, DCAT, DCT, FOAF, RDF, SKOS

_N_QUADS = SYNTAXES["nq"]
_PRIMARY = frozenset({"solution", "initiative", "article", "event", "document"})
_CATALOGUES = frozenset({DCAT.Catalog, ADMS.AssetRepository})
_PAGING = ("http://www.w3.org/ns/hydra/core#", "https://w3id.org/tree#", "https://w3id.org/ldes#")
# What others say with a list that grows from page to page; a thing itself keeps what it says with them.
_LISTS = frozenset(
    {
        *(DCAT.catalog, DCAT.dataset, DCAT.record, DCAT.service, SKOS.hasTopConcept, SKOS.narrower),
        *(IRI(DCAT.iri + name) for name in ("servesDataset", "seriesMember")),
        *(IRI("http://schema.org/" + name) for name in ("dataset", "owns")),
        *(IRI("http://www.w3.org/ns/org#" + name) for name in ("hasMember", "hasSubOrganization", "hasUnit")),
        *(IRI(FOAF.iri + name) for name in ("made", "publications")),
    }
)
_CATALOGUE_LISTS = _LISTS | {DCT.hasPart, DCAT.themeTaxonomy}
# A node that says so belongs to what it says it of, though that need not lead to it.
_BELONGS = frozenset({FOAF.primaryTopic, DCT.isVersionOf, DCAT.isVersionOf})
_TOPIC = BlankNode("topic")
# Mints names for blank nodes, which have none of their own; what it mints is no IRI of a catalogue.
_TOKENS = Minter("urn:x-member")
# What many things lead to is repeated for each of them: a page may grow by this factor, or to this many statements.
_MAX_GROWTH = 20
_MAX_STATEMENTS = 1_000_000


@dataclass(frozen=True)
class Member(Document):
    """A document that `members` wrote, which is no stranger's."""


def members(
    content: Iterable[Quad], origin: Document, primary: Collection[Subject] = ()
) -> Iterator[tuple[str, Member]]:
    """The things of a page, each with its key in the source: its IRI, or for a blank node a token of its identity.

    `primary` are things of their own beside those that are by their kind.
    A document's `url` is its key; its content is canonical N-Quads. Raises DocumentError for a page that is far larger
    in parts than as a whole.
    """
    page = _Page(described(entailed(normalised(content)), of_files=False), primary)
    left = max(_MAX_STATEMENTS, _MAX_GROWTH * sum(map(len, page.description.about.values())))
    for topic, said in page.members():
        flaws = _flaws(page.description, {topic, *(statement.subject for statement in said)})
        left -= len(said)
        if left < 0:
            raise DocumentError(
                "rdf: too many things of this page lead to the same long descriptions",
                fix="Give what many things refer to a page of its own",
            )
        if said or flaws:
            yield _document(topic, said, flaws, origin)


def member(topic: IRI, content: Iterable[Quad], origin: Document) -> Document:
    """The document of one thing, of which all of the content is said: that of an event of a stream, say."""
    quads = list(content)
    description = described(entailed(normalised(quads)), of_files=False)
    if topic not in description.about:  # it would be called otherwise, as a licence is, but its source calls it so
        description = described(quads, of_files=False)
    said = (statement for about in description.about.values() for statement in about)
    return _document(topic, said, _flaws(description, description.about), origin)[1]


def readings(key: str, document: Document, minter: Minter) -> Iterator[Reading]:
    """One reading, of all that a member says: its record is that of its thing."""
    origin = document.url if document.is_remote else key
    try:
        # No stranger's bytes: `members` wrote them.
        description = described(rdf.read(document.content, _N_QUADS), of_files=False)
        topic = _topic(description, (document.url, key))
        names = Names(replace(description, things=description.things | {topic}), minter)
    except DocumentError as error:
        yield unreadable(key, origin, error)
        return
    document_hash = hashlib.sha256(document.content).hexdigest()
    yield reading_of(names.iri(topic), names, description.about, origin, document_hash)


def _topic(description: Description, names: Iterable[str]) -> Subject:
    """The thing that a member is about, as `members` marks it."""
    candidates: tuple[Subject, ...] = (*(IRI(name) for name in names if rdf.is_iri(name)), _TOPIC)
    for topic in candidates:
        if topic in description.about:
            return topic
    raise DocumentError("rdf: the document does not describe what it is named after")


class _Page:
    """What a page describes, and which of it goes with which thing."""

    def __init__(self, description: Description, primary: Collection[Subject]) -> None:
        self.description = description
        self._catalogues = frozenset(filter(self._is_catalogue, description.about))
        kinds = description.kinds.items()
        by_kind = {subject for subject, kind in kinds if kind and kind.name in _PRIMARY}
        self._primary = self._catalogues | by_kind | (description.about.keys() & primary)
        self._belonging = self._attached()

    def members(self) -> Iterator[tuple[Subject, list[Statement]]]:
        """Each thing with the statements of its member."""
        covered: set[Subject] = set()
        for topic in sorted(self._primary, key=str):
            said = self._closure(topic)
            covered.update(statement.subject for statement in said)
            yield topic, said
        for owner, nodes in self._others(covered | self._primary).items():
            yield owner, [said for node in nodes for said in self._kept(node, owner)]

    def _others(self, covered: Collection[Subject]) -> Mapping[Subject, Sequence[Subject]]:
        """What no primary thing leads to: by the thing that a node belongs to, as in a document that is not split."""
        rest = dict.fromkeys(subject for subject in self.description.about if subject not in covered)
        queue = list(rest)
        for node in queue:  # grows while it is walked
            targets = (said.object for said in self.description.about[node])
            new = [target for target in targets if isinstance(target, BlankNode) and target not in rest]
            rest.update(dict.fromkeys(new))
            queue += new
        about = {subject: self.description.about[subject] for subject in rest}
        apart = replace(self.description, about=about, things=self.description.things & rest.keys())
        found: dict[Subject, list[Subject]] = defaultdict(list)
        for subject, owner in sorted(owners_of(apart, Blank(apart).tokens).items(), key=str):
            found[owner].append(subject)
        return found

    def _closure(self, topic: Subject) -> list[Statement]:
        """What is said of a thing and of all that it leads to, up to other primary things."""
        found: dict[Subject, None] = {topic: None}
        said: list[Statement] = []
        queue = [topic]
        for node in queue:  # grows while it is walked
            said_here = list(self._kept(node, topic))
            said += said_here
            leads = (*self._leads(node, said_here), *self._belonging.get(node, ()))
            new = [n for n in dict.fromkeys(leads) if n not in found and n not in self._primary]
            found.update(dict.fromkeys(new))
            queue += new
        return said

    def _kept(self, node: Subject, topic: Subject) -> Iterator[Statement]:
        """What is said of a node that does not depend on the page."""
        lists = _CATALOGUE_LISTS if node in self._catalogues else () if node == topic else _LISTS
        for said in self.description.about[node]:
            value = said.object.value if said.predicate == RDF.type and isinstance(said.object, IRI) else ""
            is_paging = said.predicate.value.startswith(_PAGING) or value.startswith(_PAGING)
            if said.predicate not in lists and not is_paging:
                yield said

    def _leads(self, node: Subject, said: Iterable[Statement]) -> Iterator[Subject]:
        """The described nodes that statements lead to: a concept to none but blank nodes, or it would be its scheme."""
        kind = self.description.kinds[node]
        is_concept = kind is not None and kind.name == "topic"
        for target in (statement.object for statement in said if not isinstance(statement.object, Literal)):
            if target in self.description.about and (isinstance(target, BlankNode) or not is_concept):
                yield target

    def _attached(self) -> Mapping[Subject, list[Subject]]:
        """Node → the fragments of its IRI, and what says that it belongs to it."""
        found: dict[Subject, list[Subject]] = defaultdict(list)
        for subject, said in self.description.about.items():
            if base := base_of(subject, self.description):
                found[base].append(subject)
            for target in (s.object for s in said if s.predicate in _BELONGS and not isinstance(s.object, Literal)):
                found[target].append(subject)
        return found

    def _is_catalogue(self, subject: Subject) -> bool:
        said = self.description.about[subject]
        return any(Statement(subject, RDF.type, catalogue) in said for catalogue in _CATALOGUES)


def _flaws(description: Description, subjects: Iterable[Subject]) -> list[Quad]:
    """What was wrong with a thing, without its place: the same thing is elsewhere on another page."""
    found = ((subject, flaw) for subject in subjects for flaw in description.flaws.get(subject, ()))
    return [replace(flaw, line=None, column=None).quad(subject) for subject, flaw in found]


def _document(topic: Subject, said: Iterable[Statement], flaws: Iterable[Quad], origin: Document) -> tuple[str, Member]:
    quads = [*(Quad(*statement) for statement in said), *flaws]
    description = described(quads, of_files=False)
    labels = _labels(description, topic)
    lines = sorted({f"{_named(s, labels)} {p} {_named(o, labels)} .\n" for s, p, o, _ in quads})
    key = topic.value if isinstance(topic, IRI) else _token(description, topic)
    return key, Member(key, "".join(lines).encode(), _N_QUADS.media_type, origin.fetched)


def _named(term: Term, labels: Mapping[Subject, BlankNode]) -> Term:
    return labels.get(term, term) if isinstance(term, BlankNode) else term


def _labels(description: Description, topic: Subject) -> Mapping[Subject, BlankNode]:
    """Labels of blank nodes by what they say and what refers to them; those that are alike in both become one."""
    try:
        blank = Blank(description)
    except DocumentError:
        return {topic: _TOPIC}  # it cannot be read, either, and `readings` says why
    circular = frozenset(blank.circular)
    labels: dict[Subject, BlankNode] = {}
    names: dict[Subject, str] = {}
    for node in blank.referrers_first():
        named = {} if node in circular else names  # in a circle, nobody is first
        incoming = (
            f"{said.predicate} {named.get(said.subject, blank.token(said.subject))}" for said in blank.incoming[node]
        )
        names[node] = hash_of((blank.tokens[node], *incoming))
        labels[node] = BlankNode(f"b{identity.key(names[node])}")
    return {**labels, topic: _TOPIC}


def _token(description: Description, topic: Subject) -> str:
    """`{kind}-{key}` of a blank node, by the identity that it will have in the catalogue."""
    try:
        minted = Names(replace(description, things=description.things | {topic}), _TOKENS).iri(topic)
    except DocumentError:
        return f"resource-{identity.key(str(sorted(map(str, description.about))))}"
    return "-".join(minted.value.split("/")[-2:])
