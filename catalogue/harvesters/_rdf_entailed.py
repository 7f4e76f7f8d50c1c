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

from catalogue.harvesters._source_code import on_forge
from catalogue.identity import key
from catalogue.model import kind_of
from catalogue.rdf import IRI, BlankNode, Literal, Quad, Subject, Term, Triple
from catalogue.sandbox import FLAW
from catalogue.vocabulary import ADMS, DCAT, DCT, DOAP, FOAF, OWL, RDF, RDFS, SCHEMA, SKOS, XSD, V

_OKN = "https://w3id.org/okn/o/sd#"
_RELEASE, _CREATED = IRI(DOAP.iri + "release"), IRI(DOAP.iri + "created")
_DOWNLOAD, _LISTED = IRI(SCHEMA.iri + "downloadUrl"), IRI(SCHEMA.iri + "distribution")
_W3 = "http://www.w3.org/ns/"

CLASSES: Mapping[IRI, IRI] = {
    IRI(namespace + name): meant
    for namespace, names, meant in (
        (SCHEMA.iri, "SoftwareApplication MobileApplication WebApplication SoftwareSourceCode", DOAP.Project),
        (_OKN, "Software", DOAP.Project),
        (_OKN, "SoftwareVersion", DOAP.Version),
        ("http://dbpedia.org/ontology/", "Software", DOAP.Project),
        ("http://purl.org/dc/dcmitype/", "Software", DOAP.Project),
        (DCT.iri, "Software", DOAP.Project),
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

RANGES: Mapping[IRI, IRI] = {
    DCAT.dataset: DCAT.Dataset,
    DCAT.distribution: DCAT.Distribution,
    DCAT.contactPoint: V.Kind,
    DCT.publisher: FOAF.Agent,
}
"""Property → the class of those of its values that are described, and of no kind by their own."""

_TOLD: Mapping[IRI, frozenset[IRI]] = {
    DCAT.Distribution: frozenset({DCAT.accessURL, DCAT.downloadURL}),
    V.Kind: frozenset({V.fn, V.hasEmail}),
    FOAF.Agent: frozenset({FOAF.name}),
}
"""Class → what has to be said of what gets it in this way."""

_TEXT: Mapping[IRI, tuple[IRI, ...]] = {
    DCT.title: (SKOS.prefLabel, FOAF.name, SCHEMA.name, DOAP.name, IRI(SCHEMA.iri + "headline"), RDFS.label),
    DCT.abstract: (IRI(SCHEMA.iri + "abstract"), DOAP.shortdesc),
    DCT.description: (IRI(SCHEMA.iri + "description"), DOAP.description, RDFS.comment),
    DCT.publisher: (IRI(SCHEMA.iri + "publisher"), IRI(SCHEMA.iri + "provider")),
    DCT.issued: (IRI(SCHEMA.iri + "datePublished"),),
    DCT.modified: (IRI(SCHEMA.iri + "dateModified"),),
}
_WORK: Mapping[IRI, tuple[IRI, ...]] = {
    **_TEXT,
    DCT.creator: (IRI(SCHEMA.iri + "creator"), IRI(SCHEMA.iri + "author")),
    DCT.created: (IRI(SCHEMA.iri + "dateCreated"), _CREATED),
    DCT.hasVersion: (_RELEASE,),
    DCAT.dataset: (IRI(SCHEMA.iri + "dataset"),),
    DCAT.distribution: (_LISTED,),
    DCAT.keyword: (IRI(SCHEMA.iri + "keywords"),),
    DCAT.landingPage: (SCHEMA.url, IRI("http://www.wikidata.org/prop/direct/P856")),
    OWL.versionInfo: (IRI(DOAP.iri + "revision"),),
    DCAT.version: (IRI(DOAP.iri + "revision"), IRI(SCHEMA.iri + "version")),
    SCHEMA.codeRepository: (DOAP.repository,),
    SCHEMA.license: (DOAP.license,),
}
_AGENT: Mapping[IRI, tuple[IRI, ...]] = {
    FOAF.name: (SCHEMA.name, IRI(SCHEMA.iri + "legalName"), RDFS.label),
    FOAF.homepage: (SCHEMA.url,),
}
WORDS: Mapping[str, Mapping[IRI, tuple[IRI, ...]]] = {
    **dict.fromkeys(("solution", "catalogue"), _WORK),
    "distribution": {**_WORK, DCAT.downloadURL: (IRI(SCHEMA.iri + "contentUrl"), _DOWNLOAD)},
    "release": {**_WORK, DCT.issued: (IRI(SCHEMA.iri + "datePublished"), _CREATED)},
    **dict.fromkeys(("article", "event", "document"), _TEXT),
    "initiative": {**_TEXT, FOAF.homepage: (SCHEMA.url,)},
    **dict.fromkeys(("owner", "administration"), _AGENT),
}
"""Kind of thing → property → those that say the same; the first that a thing has, where it does not say it itself."""

# What says the same to every reader of the catalogue.
_ALSO = {FOAF.name: (SKOS.prefLabel, DCT.title)}
_TEXTS = frozenset({DCT.title, DCT.abstract, DCT.description, DCAT.keyword, DCAT.version, FOAF.name, OWL.versionInfo})
_DATES = frozenset({DCT.created, DCT.issued, DCT.modified})
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
# ADMS-AP has no class for releases: they are assets, or data sets, that are versions of others.
_VERSIONED = frozenset({DCAT.Dataset, ADMS.Asset})
_CATALOGUES = frozenset({DCAT.Catalog, ADMS.AssetRepository})
# What software runs with or is made into has no entry, unless it says where its own code is.
_REQUIREMENTS = frozenset(IRI(SCHEMA.iri + n) for n in ("softwareRequirements", "softwareSuggestions", "targetProduct"))
_VERSION_OF, _HAS_VERSION = frozenset({DCT.isVersionOf, DCAT.isVersionOf}), frozenset({DCT.hasVersion, DCAT.hasVersion})
_PLACES = (DOAP.location, IRI(DOAP.iri + "browse"))
# Property of software and releases → what their distribution says of its value.
_DOWNLOADS: Mapping[IRI, tuple[IRI, ...]] = {
    _DOWNLOAD: (DCAT.accessURL, DCAT.downloadURL),
    IRI(DOAP.iri + "file-release"): (DCAT.accessURL, DCAT.downloadURL),
    IRI(DOAP.iri + "download-page"): (DCAT.accessURL,),
}
# Words in which a maintainer's mail address is written.
_MAIL = dict.fromkeys((V.hasEmail, FOAF.mbox, IRI(SCHEMA.iri + "email"))).keys()
_MAINTAINERS = (DOAP.maintainer, IRI(SCHEMA.iri + "maintainer"))
_NAMES = (V.fn, FOAF.name, SCHEMA.name, RDFS.label)
_PART_NAMES = (IRI(SCHEMA.iri + "givenName"), IRI(SCHEMA.iri + "familyName"))
# Many things may lead to one list or repository: more of its members, or places, than anybody writes are not repeated.
_MAX_LISTED, _MAX_PLACES = 200_000, 10
# Classes that everything may have: what has no other is software if it says where its code is.
_ANYTHING = frozenset({IRI("http://wikiba.se/ontology#Item"), IRI(OWL.iri + "Thing"), IRI(SCHEMA.iri + "Thing")})
# Others describe with it what they say of a thing, in a document without a name.
_NAMED = IRI(SCHEMA.iri + "Dataset")
# What is looked at from the value, and all that is looked at.
_BACKWARDS = frozenset({*_REQUIREMENTS, *_VERSION_OF, *_HAS_VERSION, *RANGES})
_WATCHED = frozenset(
    {
        *(RDF.type, RDF.first, RDF.rest, DCAT.contactPoint, *_PLACES, *_BACKWARDS),
        *(name for names in _TOLD.values() for name in names),
        *(*_MAIL, *_MAINTAINERS, *_NAMES, *_PART_NAMES, *_DOWNLOADS),
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
    contacts: set[Term] = field(default_factory=set)
    left: int = _MAX_LISTED
    """How many members of lists may still be repeated."""

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
            kind = _kind(own.union(new))
            for predicate, others in WORDS.get(kind, {}).items():
                if predicate not in about:
                    yield from (Quad(subject, predicate, one) for one in self._words(about, predicate, others))
            if kind == "solution":
                yield from self._of_software(subject, about)
            if kind in ("solution", "release") and DCAT.distribution not in about and _LISTED not in about:
                yield from _downloads(subject, about)
            for release in about.get(_RELEASE, ()):
                if not isinstance(release, Literal) and DCT.isVersionOf not in self.about.get(release, ()):
                    yield Quad(release, DCT.isVersionOf, subject)

    def _of_software(self, subject: Subject, about: _About) -> Iterator[Quad]:
        """That it is called by its repository's address, and that who maintains it can be written to."""
        is_place = isinstance(subject, IRI) and "#" not in subject.value and on_forge(subject.value) is not None
        if is_place and SCHEMA.codeRepository not in about and DOAP.repository not in about:
            yield Quad(subject, SCHEMA.codeRepository, subject)
        for contact in about.get(DCAT.contactPoint, ()):
            known = self.about.get(contact, {})
            if not isinstance(contact, Literal) and _TOLD[V.Kind].isdisjoint(known) and not _MAIL.isdisjoint(known):
                yield from self._of_contact(contact, known, (V.Kind,))
        if DCAT.contactPoint in about:
            return
        for person in (one for name in _MAINTAINERS for value in about.get(name, ()) for one in self._members(value)):
            known = self.about.get(person, {})
            if not isinstance(person, Literal) and any(name in known for name in _MAIL):
                yield Quad(subject, DCAT.contactPoint, person)
                # Of no stated class it is a person, whose data are not for copying on (DOAP, doap:maintainer).
                yield from self._of_contact(person, known, (V.Individual, V.Kind))

    def _of_contact(self, person: Subject, about: _About, classes: Iterable[IRI]) -> Iterator[Quad]:
        if person in self.contacts:
            return
        self.contacts.add(person)
        own = frozenset(value for value in about.get(RDF.type, ()) if isinstance(value, IRI))
        if not _kind(own.union(self._classes(person, own))):
            yield from (Quad(person, RDF.type, cls) for cls in classes)
        yield from _contact(person, about)

    def _members(self, value: Term) -> Iterator[Term]:
        """The members of a list, of anything else itself."""
        if RDF.first not in self.about.get(value, ()):
            yield value
        seen = set[Term]()
        while RDF.first in (about := self.about.get(value, {})) and value not in seen and self.left:
            seen.add(value)
            self.left -= 1
            yield about[RDF.first][0]
            value = next(iter(about.get(RDF.rest, ())), RDF.nil)

    def _classes(self, subject: Term, own: frozenset[IRI]) -> Collection[IRI]:
        if own and own <= _VERSIONED and self._is_version(subject):
            return {DOAP.Version}
        if _kind(own) or (subject in self.required and SCHEMA.codeRepository not in self.about[subject]):
            return ()
        about = self.about[subject]
        is_named = any(one in about for one in (DCT.title, *_WORK[DCT.title]))
        found = {CLASSES[one] for one in own if one in CLASSES and (is_named or one != _NAMED)}
        if own <= _ANYTHING and SCHEMA.codeRepository in about:
            return {DOAP.Project}
        listed = self.listed.get(subject)
        is_told = listed is not None and (listed not in _TOLD or not _TOLD[listed].isdisjoint(about))
        return found or ({listed} if listed and is_told else ())

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
        for value in (member for whole in about[other] for member in self._members(whole)):
            if predicate == SCHEMA.codeRepository:
                yield from self._addresses(value)
            elif predicate == DCAT.keyword and isinstance(value, Literal):
                yield from (_text(one, value) for one in re.split(r"\s*[,;]\s*", value.value) if one.strip())
            elif predicate in _DATES:
                yield _date(value)
            elif isinstance(value, Literal) == (predicate in _TEXTS):
                yield value

    def _addresses(self, repository: Term) -> Iterator[Term]:
        """Where a repository is: what it is called, unless it is described; then best where browsers go."""
        about = self.about.get(repository)
        named = [[repository]] if about is None else [about.get(name, ())[:_MAX_PLACES] for name in _PLACES]
        found = [[place for place in places if isinstance(place, IRI)] for places in named]
        on_web = [[place for place in places if place.value.startswith(("http://", "https://"))] for places in found]
        yield from next(filter(None, (*on_web, *found)), ())


@lru_cache(maxsize=4096)
def _kind(classes: frozenset[IRI]) -> str:
    kind = kind_of(classes)
    return kind.name if kind else "" if classes.isdisjoint(_CATALOGUES) else "catalogue"


def _contact(person: Subject, about: _About) -> Iterator[Quad]:
    """What a contact is called, and its mail address."""
    names = next((about[name] for name in _NAMES if name in about), ())
    parts = [value.value for name in _PART_NAMES for value in about.get(name, ()) if isinstance(value, Literal)]
    mails = next(about[name] for name in _MAIL if name in about)
    yield from (Quad(person, V.fn, name) for name in names if isinstance(name, Literal))
    if parts and not names:
        yield Quad(person, V.fn, Literal(" ".join(parts)))
    yield from (Quad(person, V.hasEmail, mail) for mail in mails if isinstance(mail, IRI))


def _downloads(subject: Subject, about: _About) -> Iterator[Quad]:
    """A distribution for each address at which a thing says that it can be had."""
    for name, predicates in _DOWNLOADS.items():
        for place in (place for place in about.get(name, ()) if isinstance(place, IRI)):
            node = BlankNode(f"download-{key(f'{subject} {place}')}")
            yield Quad(subject, DCAT.distribution, node)
            yield Quad(node, RDF.type, DCAT.Distribution)
            yield from (Quad(node, predicate, place) for predicate in predicates)


def _date(value: Term) -> Term:
    """A date as one, where it is written as a text."""
    is_text = isinstance(value, Literal) and value.datatype in (XSD.string, RDF.langString)
    return Literal(value.value, datatype=XSD.date) if is_text and _DAY.fullmatch(value.value) else value


def _text(written: str, whole: Literal) -> Literal:
    return Literal(written.strip(), language=whole.language) if whole.language else Literal(written.strip())
