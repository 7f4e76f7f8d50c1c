"""What a document says in words of other vocabularies, said in the catalogue's own as well.

Where `_rdf_dialect` changes a statement alone, this looks at the others: a thing of a kind of its own gets no second
one, but for an asset that is a version of another, which is a release; and a thing that has a title gets none from its
label. Every step is linear in the number of statements.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from catalogue.model import kind_of
from catalogue.rdf import IRI, Literal, Quad, Term, Triple
from catalogue.sandbox import FLAW
from catalogue.vocabulary import ADMS, DCAT, DCT, DOAP, FOAF, OWL, RDF, RDFS, SCHEMA, SKOS

_OKN = "https://w3id.org/okn/o/sd#"
_RELEASE = IRI(DOAP.iri + "release")
_W3 = "http://www.w3.org/ns/"

CLASSES: Mapping[IRI, IRI] = {
    IRI(namespace + name): meant
    for namespace, names, meant in (
        (SCHEMA.iri, "SoftwareApplication MobileApplication WebApplication SoftwareSourceCode", DOAP.Project),
        (_OKN, "Software", DOAP.Project),
        (_OKN, "SoftwareVersion", DOAP.Version),
        ("http://dbpedia.org/ontology/", "Software", DOAP.Project),
        ("http://purl.org/dc/dcmitype/", "Software", DOAP.Project),
        ("http://www.ebi.ac.uk/swo/", "SWO_0000001", DOAP.Project),
        (_W3 + "earl#", "Software", DOAP.Project),
        ("https://w3id.org/italia/onto/ADMS/", "SemanticAsset", ADMS.Asset),
        (DCAT.iri, "DatasetSeries", DCAT.Dataset),
        (SCHEMA.iri, "Dataset", DCAT.Dataset),
        (SCHEMA.iri, "DataCatalog", DCAT.Catalog),
        (SCHEMA.iri, "DataDownload", DCAT.Distribution),
        (SCHEMA.iri, "Organization GovernmentOrganization GovernmentOffice ResearchOrganization", FOAF.Organization),
        (SCHEMA.iri, "EducationalOrganization CollegeOrUniversity Corporation NGO", FOAF.Organization),
        (_W3, "prov#Organization org#FormalOrganization org#OrganizationalUnit", FOAF.Organization),
        (_W3, "regorg#RegisteredOrganization", FOAF.Organization),
        (FOAF.iri, "Group", FOAF.Organization),
        (DCT.iri, "Agent", FOAF.Agent),
    )
    for name in names.split()
}
"""Class → the one of the catalogue's that a thing has, too, if it has none."""

RANGES: Mapping[IRI, IRI] = {DCAT.dataset: DCAT.Dataset}
"""Property → the class of those of its values that are described, and of no kind by their own."""

_WORK: Mapping[IRI, tuple[IRI, ...]] = {
    DCT.title: (SCHEMA.name, DOAP.name, RDFS.label),
    DCT.abstract: (IRI(SCHEMA.iri + "abstract"), DOAP.shortdesc),
    DCT.description: (IRI(SCHEMA.iri + "description"), DOAP.description, RDFS.comment),
    DCT.publisher: (IRI(SCHEMA.iri + "publisher"), IRI(SCHEMA.iri + "provider")),
    DCT.creator: (IRI(SCHEMA.iri + "creator"), IRI(SCHEMA.iri + "author")),
    DCT.hasVersion: (_RELEASE,),
    DCAT.dataset: (IRI(SCHEMA.iri + "dataset"),),
    DCAT.distribution: (IRI(SCHEMA.iri + "distribution"),),
    DCAT.downloadURL: (IRI(SCHEMA.iri + "contentUrl"),),
    DCAT.keyword: (IRI(SCHEMA.iri + "keywords"),),
    DCAT.landingPage: (SCHEMA.url,),
    OWL.versionInfo: (IRI(DOAP.iri + "revision"),),
    DCAT.version: (IRI(DOAP.iri + "revision"),),
    SCHEMA.codeRepository: (DOAP.repository,),
    SCHEMA.license: (DOAP.license,),
}
_AGENT: Mapping[IRI, tuple[IRI, ...]] = {
    FOAF.name: (SCHEMA.name, IRI(SCHEMA.iri + "legalName"), RDFS.label),
    FOAF.homepage: (SCHEMA.url,),
}
WORDS: Mapping[str, Mapping[IRI, tuple[IRI, ...]]] = {
    **dict.fromkeys(("solution", "release", "distribution", "catalogue"), _WORK),
    **dict.fromkeys(("owner", "administration"), _AGENT),
}
"""Kind of thing → property → those that say the same; the first that a thing has, where it does not say it itself."""

# What says the same to every reader of the catalogue.
_ALSO = {DCT.title: (SKOS.prefLabel, FOAF.name), FOAF.name: (SKOS.prefLabel, DCT.title)}
_TEXTS = frozenset({DCT.title, DCT.abstract, DCT.description, DCAT.keyword, DCAT.version, FOAF.name, OWL.versionInfo})
# ADMS-AP has no class for releases: they are assets, or data sets, that are versions of others.
_VERSIONED = frozenset({DCAT.Dataset, ADMS.Asset})
_CATALOGUES = frozenset({DCAT.Catalog, ADMS.AssetRepository})
# What software runs with or is made into has no entry, unless it says where its own code is.
_REQUIREMENTS = frozenset(IRI(SCHEMA.iri + n) for n in ("softwareRequirements", "softwareSuggestions", "targetProduct"))
_VERSION_OF, _HAS_VERSION = frozenset({DCT.isVersionOf, DCAT.isVersionOf}), frozenset({DCT.hasVersion, DCAT.hasVersion})
_PLACES = (DOAP.location, IRI(DOAP.iri + "browse"))
# What is looked at from the value, and all that is looked at.
_BACKWARDS = frozenset({*_REQUIREMENTS, *_VERSION_OF, *_HAS_VERSION, *RANGES})
_WATCHED = frozenset(
    {
        *(RDF.type, *_PLACES, *_BACKWARDS),
        *(term for words in (_WORK, _AGENT, _ALSO) for own, others in words.items() for term in (own, *others)),
    }
)

_About = Mapping[IRI, Sequence[Term]]


def entailed(quads: Iterable[Quad]) -> Iterator[Quad]:
    """The statements, and then what follows from them."""
    said = _Said()
    for quad in quads:
        said.take(quad)
        yield quad
    yield from said.more()


@dataclass
class _Said:
    """What of a document others can follow from: of each subject what is looked at, in the document's order."""

    about: dict[Term, dict[IRI, list[Term]]] = field(default_factory=lambda: defaultdict(dict))
    listed: dict[Term, IRI] = field(default_factory=dict)
    required: set[Term] = field(default_factory=set)
    versions: dict[Term, dict[Term, None]] = field(default_factory=lambda: defaultdict(dict))
    """Thing → what it is said to be a version of."""

    def take(self, quad: Quad) -> None:
        subject, predicate, value, _ = quad
        assert not isinstance(subject, Triple)  # the sandbox lets RDF 1.2 through nowhere
        assert not isinstance(value, Triple)
        if predicate == FLAW:
            return
        about = self.about[subject]
        if predicate in _WATCHED:
            about.setdefault(predicate, []).append(value)
            if predicate in _BACKWARDS:
                self._take_backwards(subject, predicate, value)

    def _take_backwards(self, subject: Term, predicate: IRI, value: Term) -> None:
        if predicate in _REQUIREMENTS:
            self.required.add(value)
        elif predicate in _VERSION_OF:
            self.versions[subject][value] = None
        elif predicate in _HAS_VERSION:
            self.versions[value][subject] = None
        else:
            self.listed.setdefault(value, RANGES[predicate])

    def more(self) -> Iterator[Quad]:
        for subject, about in self.about.items():
            assert not isinstance(subject, Literal)  # nothing is said of one
            own = frozenset(value for value in about.get(RDF.type, ()) if isinstance(value, IRI))
            new = self._classes(subject, own)
            yield from (Quad(subject, RDF.type, one) for one in sorted(new, key=str))
            for predicate, others in WORDS.get(_kind(own.union(new)), {}).items():
                if predicate not in about:
                    yield from (Quad(subject, predicate, one) for one in self._words(about, predicate, others))
            for release in about.get(_RELEASE, ()):
                if not isinstance(release, Literal) and DCT.isVersionOf not in self.about.get(release, ()):
                    yield Quad(release, DCT.isVersionOf, subject)

    def _classes(self, subject: Term, own: frozenset[IRI]) -> Collection[IRI]:
        if own and own <= _VERSIONED and self._is_version(subject):
            return {DOAP.Version}
        if _kind(own) or (subject in self.required and SCHEMA.codeRepository not in self.about[subject]):
            return ()
        found = {CLASSES[one] for one in own if one in CLASSES}
        return found or {self.listed[one] for one in (subject,) if one in self.listed}

    def _is_version(self, subject: Term) -> bool:
        """Whether it is a version of something that is described, too, and is none of it."""
        wholes = (whole for whole in self.versions.get(subject, ()) if whole != subject)
        found = (whole for whole in wholes if RDF.type in self.about.get(whole, ()))
        return any(subject not in self.versions.get(whole, ()) for whole in found)

    def _words(self, about: _About, predicate: IRI, others: Sequence[IRI]) -> Iterator[Term]:
        """The values of the first of the others that there is."""
        other = next((one for one in others if one in about), None)
        if other is None or any(one in about for one in _ALSO.get(predicate, ())):
            return
        for value in about[other]:
            if predicate == SCHEMA.codeRepository:
                yield from self._addresses(value)
            elif predicate == DCAT.keyword and isinstance(value, Literal):
                yield from (_text(one, value) for one in re.split(r"\s*[,;]\s*", value.value) if one.strip())
            elif isinstance(value, Literal) == (predicate in _TEXTS):
                yield value

    def _addresses(self, repository: Term) -> Iterator[Term]:
        """Where a repository is: what it is called, unless it is described."""
        about = self.about.get(repository)
        found = (repository,) if about is None else (place for name in _PLACES for place in about.get(name, ()))
        yield from (place for place in found if isinstance(place, IRI))


@lru_cache(maxsize=4096)
def _kind(classes: frozenset[IRI]) -> str:
    kind = kind_of(classes)
    return kind.name if kind else "" if classes.isdisjoint(_CATALOGUES) else "catalogue"


def _text(written: str, whole: Literal) -> Literal:
    return Literal(written.strip(), language=whole.language) if whole.language else Literal(written.strip())
