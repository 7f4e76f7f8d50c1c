"""What the search index holds of a thing: a function of the published store."""

from collections.abc import Iterable, Mapping, Sequence

from catalogue.database import Reader
from catalogue.equivalence import records
from catalogue.identity import Minter
from catalogue.model import kind_of
from catalogue.rdf import IRI, Literal, Term, Triple, order
from catalogue.search import Entry
from catalogue.store import CATALOGUED
from catalogue.vocabulary import ADMS, DCAT, DCT, DOAP, EIRA, FOAF, OSC, RDF, SCHEMA, SKOS

Facts = Mapping[IRI, Sequence[Term]]

INDEXED = CATALOGUED | {"licence", "topic"}

_TITLES = (DCT.title, SKOS.prefLabel, FOAF.name, SCHEMA.name, DOAP.name)
_SUMMARIES = (DCT.abstract, DOAP.shortdesc, SKOS.definition, DCT.description)
_TEXTS = (DCT.description, DCAT.keyword, SCHEMA.featureList, SKOS.altLabel, DCT.alternative, DCT.identifier)
# Facet → the properties whose values it counts: those of the first that a thing has.
_FACETS = {
    "type": (OSC.softwareType, OSC.initiativeType, DCT.type),
    "country": (DCT.spatial,),
    "topic": (DCT.subject,),
    "owner": (DCT.publisher,),
    "status": (OSC.developmentStatus, OSC.initiativeStatus, ADMS.status),
    "language": (DCT.language,),
    "level": (OSC.level,),
}
_SUMMARY_LENGTH = 400


class Entries:
    """Makes the entries of one store."""

    def __init__(self, store: Reader, minter: Minter) -> None:
        self._store = store
        self._minter = minter

    def all(self) -> Iterable[Entry]:
        """Every entry: of what is catalogued, and of the code lists' concepts and licences."""
        things = {t.object for t in self._store.triples(None, FOAF.primaryTopic, None)}
        for cls in (SKOS.Concept, DCT.LicenseDocument):
            things |= {t.subject for t in self._store.triples(None, RDF.type, cls)}
        for thing in sorted((thing for thing in things if isinstance(thing, IRI)), key=str):
            entry = self.entry(thing)
            if entry is not None:
                yield entry

    def affected(self, thing: IRI) -> set[IRI]:
        """The things whose entries a change of one thing can change: itself, and what shows it."""
        around = {
            triple.subject
            for name in (DCT.publisher, DCAT.distribution)
            for triple in self._store.triples(None, name, thing)
        }
        return {thing, *(node for node in around if isinstance(node, IRI))}

    def entry(self, thing: IRI) -> Entry | None:
        """The entry of a thing, None when it is none of the kinds that are indexed, or gone."""
        facts = self._facts(thing)
        kind = kind_of({value for value in facts.get(RDF.type, ()) if isinstance(value, IRI)})
        if kind is None or kind.name not in INDEXED:
            return None
        page = self._minter.page(thing, kind.name)
        return Entry(
            iri=thing.value,
            kind=kind.name,
            key=page.value.rsplit("/", 1)[-1],
            title=_texts(facts, _TITLES) or {"": self._code(thing, facts)},
            summary={tag: _shorten(words) for tag, words in _texts(facts, _SUMMARIES).items()},
            text=self._all_texts(facts),
            facets=self._facets(thing, facts),
            modified=_plain(self._store.value(page, DCT.modified)),
        )

    def _facts(self, thing: IRI) -> Facts:
        """Everything published of a thing itself, read at once, in a stable order."""
        facts: dict[IRI, list[Term]] = {}
        for triple in sorted(self._store.triples(thing, None, None), key=order):
            if not isinstance(triple.object, Triple):
                facts.setdefault(triple.predicate, []).append(triple.object)
        return facts

    def _code(self, thing: IRI, facts: Facts) -> str:
        """What a thing without a name can be called: its identifier, else the end of its IRI."""
        nodes = (node for node in facts.get(ADMS.identifier, ()) if isinstance(node, IRI))
        codes = [_plain(code) for node in nodes for code in self._store.objects(node, SKOS.notation)]
        return codes[0] if codes else thing.value.rstrip("/").rsplit("/", 1)[-1]

    def _all_texts(self, facts: Facts) -> dict[str, str]:
        words: dict[str, list[str]] = {}
        for name in _TEXTS:
            for value in facts.get(name, ()):
                if isinstance(value, Literal):
                    words.setdefault(value.language or "", []).append(value.value)
        for owner in facts.get(DCT.publisher, ()):
            if isinstance(owner, IRI):
                words.setdefault("", []).extend(_texts(self._facts(owner), _TITLES).values())
        return {tag: "\n".join(parts) for tag, parts in words.items()}

    def _facets(self, thing: IRI, facts: Facts) -> dict[str, tuple[str, ...]]:
        values = {name: _first(facts, properties) for name, properties in _FACETS.items()}
        values |= {"licence": self._licences(facts), "source": self.sources(thing)}
        return {name: found for name, found in values.items() if found}

    def _licences(self, facts: Facts) -> tuple[str, ...]:
        """The licences of a thing and its distributions, and the single ones that an expression is made of."""
        nodes = (node for node in facts.get(DCAT.distribution, ()) if isinstance(node, IRI))
        found = {licence for node in nodes for licence in self._store.objects(node, DCT.license)}
        found |= set(facts.get(SCHEMA.license, ()))
        parts = {part for node in found if isinstance(node, IRI) for part in self._store.objects(node, DCT.hasPart)}
        return tuple(sorted(licence.value for licence in found | parts if isinstance(licence, IRI)))

    def sources(self, thing: IRI) -> tuple[str, ...]:
        """The identifiers of the sources with a record about this thing."""
        meta = self._minter.graph("meta")
        about = records(self._store, self._minter, thing)
        nodes = {source for record in about for source in self._store.objects(record, DCT.isPartOf, meta)}
        prefix = self._minter.source("").value
        return tuple(sorted(node.value.removeprefix(prefix) for node in nodes if isinstance(node, IRI)))


def _texts(facts: Facts, properties: Iterable[IRI]) -> dict[str, str]:
    """One text in each language, of the first property that has one."""
    texts: dict[str, str] = {}
    for name in properties:
        for value in facts.get(name, ()):
            if isinstance(value, Literal) and value.value.strip():
                texts.setdefault(value.language or "", value.value)
    if len(texts) > 1:
        texts.pop("", None)  # an untagged copy of what the tagged ones say
    return texts


def _first(facts: Facts, properties: tuple[IRI, ...]) -> tuple[str, ...]:
    for name in properties:
        values = [value.value for value in facts.get(name, ()) if isinstance(value, IRI)]
        # EIRA's classes are the same for nearly all software, so they tell nothing apart.
        if telling := tuple(value for value in values if not value.startswith(EIRA)):
            return telling
    return ()


def _plain(value: Term | None) -> str:
    return value.value if isinstance(value, Literal) else ""


def _shorten(words: str) -> str:
    """The first line or so of a text, cut at a word."""
    line = " ".join(words.split())
    return line if len(line) <= _SUMMARY_LENGTH else line[:_SUMMARY_LENGTH].rsplit(" ", 1)[0] + " …"
