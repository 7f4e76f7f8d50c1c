"""The two profiles as tables: which properties of which nodes a view has, and where their values come from."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from catalogue.profiles.values import (
    STATUSES,
    Change,
    Choice,
    architecture,
    english,
    first,
    known,
    last,
    licence_type,
    moment,
    most_open,
    other_type,
    renamed,
    same,
    single_licence,
)
from catalogue.rdf import IRI, Term
from catalogue.validation.facts import Facts
from catalogue.vocabulary import (
    ADMS,
    CV,
    DCAT,
    DCATAP,
    DCT,
    ELI,
    FOAF,
    ORG,
    OWL,
    PROV,
    RDFS,
    SCHEMA,
    SKOS,
    SPDX,
    V,
)


@dataclass(frozen=True)
class Property:
    """A property in a view, with the values of itself and of `also`; of `instead`, where they have none.

    Each value is changed, and left out where that gives None; `choose` keeps one. `into` is the kind of node that a
    value is described as, `gives` the class that the property's range says it has.
    """

    name: IRI
    also: tuple[IRI, ...] = ()
    instead: IRI | None = None
    change: Change = same
    choose: Choice | None = None
    into: str = ""
    gives: IRI | None = None

    def values(self, node: Term, facts: Facts) -> Collection[Term]:
        found = self._taken((self.name, *self.also), node, facts)
        if not found and self.instead is not None:
            found = self._taken((self.instead,), node, facts)
        return (self.choose(found, facts),) if self.choose and found else found

    def _taken(self, names: Iterable[IRI], node: Term, facts: Facts) -> Sequence[Term]:
        said = {value: None for name in names for value in facts.objects(node, name)}
        changed = {self.change(value, facts): None for value in said}
        return [value for value in changed if value is not None]


@dataclass(frozen=True)
class Kind:
    """A kind of node: the classes that tell it (the first is the view's name for it), those that are kept beside."""

    classes: tuple[IRI, ...]
    also: tuple[IRI, ...] = ()
    properties: tuple[Property, ...] = ()


@dataclass(frozen=True)
class Profile:
    """A profile: its name in addresses, its title, its IRI, and how it has the kinds of nodes. The order of kinds
    tells as what a thing of several is described."""

    name: str
    title: str
    iri: IRI
    kinds: Mapping[str, Kind]


_DATASETS = (DCAT.Dataset, ADMS.Asset)
_AGENTS = (FOAF.Agent, FOAF.Organization, FOAF.Group, FOAF.Person, CV.PublicOrganisation, ORG.Organization)
_CONTACTS = (V.Kind, V.Organization, V.Individual, V.Group, V.Location)
_TITLE = Property(DCT.title)
# DCMI makes dct:abstract a kind of dct:description: an abstract is one.
_DESCRIPTION = Property(DCT.description, instead=DCT.abstract)
_CONTACT = Property(DCAT.contactPoint, into="contact")
_KEYWORD = Property(DCAT.keyword)
_PAGE = Property(FOAF.page, gives=FOAF.Document)
_HOMEPAGE = Property(FOAF.homepage, choose=first, gives=FOAF.Document)
_THEME = Property(DCAT.theme, into="concept")
_LANGUAGE = Property(DCT.language, into="concept")
_SPATIAL = Property(DCT.spatial, into="concept")
_DISTRIBUTION = Property(DCAT.distribution, into="distribution")
_ISSUED = Property(DCT.issued, choose=first)
_MODIFIED = Property(DCT.modified, choose=last)
_FORMAT = Property(DCT.format, choose=first, into="concept")
_IDENTIFIER = Property(DCT.identifier)
_CONCEPT = Kind(
    (SKOS.Concept,),
    (DCT.LinguisticSystem, DCT.Location, DCT.MediaTypeOrExtent, DCT.MediaType, DCT.RightsStatement, DCT.Frequency),
    (Property(SKOS.prefLabel), Property(SKOS.inScheme)),
)
_CONTACT_NODE = Kind(
    _CONTACTS,
    _CONTACTS,
    tuple(Property(name) for name in (V.fn, V.hasEmail, V.hasTelephone, V.hasURL)),
)

_ISSUED_AT, _MODIFIED_AT = (
    Property(DCT.issued, change=moment, choose=first),
    Property(DCT.modified, change=moment, choose=last),
)
_ADMS_STATUS = Property(
    ADMS.status,
    change=partial(renamed, names={theirs: ours for ours, theirs in STATUSES.items()}),
    choose=first,
    into="concept",
)
ADMS_AP = Profile(
    "adms-ap",
    "ADMS-AP 2.01",
    IRI("https://github.com/SEMICeu/ADMS-AP/tree/a5488a5b41f3ba1d8a2518a063c47b798882acab/releases/2.01"),
    {
        "catalogue": Kind(
            (DCAT.Catalog, ADMS.AssetRepository),
            (ADMS.AssetRepository,),
            (
                _TITLE,
                _DESCRIPTION,
                Property(DCT.publisher, choose=known, into="agent"),
                _CONTACT,
                Property(DCAT.dataset),
                Property(DCAT.themeTaxonomy),
                _SPATIAL,
                _HOMEPAGE,
                _KEYWORD,
                Property(DCT.issued, change=moment),
            ),
        ),
        "solution": Kind(
            _DATASETS,
            (ADMS.Asset,),
            (
                _CONTACT,
                _DESCRIPTION,
                Property(DCT.publisher, into="agent"),
                _TITLE,
                Property(DCT.type, change=architecture, into="concept"),
                _DISTRIBUTION,
                _KEYWORD,
                Property(DCAT.landingPage, choose=first, gives=FOAF.Document),
                _THEME,
                _LANGUAGE,
                Property(DCT.relation),
                _SPATIAL,
                Property(ADMS.includedAsset),
                _ADMS_STATUS,
                Property(ADMS.translation),
                Property(ADMS.versionNotes, choose=english),
                _IDENTIFIER,
                _ISSUED_AT,
                _MODIFIED_AT,
                Property(DCT.isVersionOf, (DCAT.isVersionOf,), choose=first),
                Property(DCT.hasVersion, (DCAT.hasVersion,), into="solution"),
                _PAGE,
                Property(OWL.versionInfo, (DCAT.version,)),
                Property(SKOS.altLabel, (DCT.alternative,)),
            ),
        ),
        "distribution": Kind(
            (DCAT.Distribution, ADMS.AssetDistribution),
            (ADMS.AssetDistribution,),
            (
                Property(DCAT.accessURL),
                Property(DCT.license, change=single_licence, choose=most_open, into="licence"),
                _FORMAT,
                Property(ADMS.representationTechnique, choose=first, into="concept"),
                _ADMS_STATUS,
                Property(DCT.description),
                _TITLE,
                _ISSUED_AT,
                _MODIFIED_AT,
                Property(DCT.publisher, into="agent"),
                Property(SCHEMA.fileSize, choose=first),
                Property(SPDX.checksum, choose=first, into="checksum"),
            ),
        ),
        "checksum": Kind((SPDX.Checksum,), (), (Property(SPDX.algorithm), Property(SPDX.checksumValue))),
        "agent": Kind(
            _AGENTS,
            (FOAF.Organization, FOAF.Group, FOAF.Person),
            (Property(FOAF.name, instead=SKOS.prefLabel), Property(DCT.type, into="concept")),
        ),
        "contact": _CONTACT_NODE,
        "licence": Kind(
            (DCT.LicenseDocument,),
            (),
            (Property(DCT.type, change=licence_type), Property(DCT.description), Property(RDFS.label)),
        ),
        "concept": _CONCEPT,
    },
)
DCAT_AP = Profile(
    "dcat-ap",
    "DCAT-AP 3.0.1",
    IRI("https://semiceu.github.io/DCAT-AP/releases/3.0.1/"),
    {
        "catalogue": Kind(
            (DCAT.Catalog, ADMS.AssetRepository),
            (),
            (
                _TITLE,
                _DESCRIPTION,
                Property(DCT.publisher, choose=known, into="agent"),
                Property(DCAT.dataset),
                Property(DCT.license, choose=most_open, into="licence"),
                _LANGUAGE,
                _ISSUED,
                _MODIFIED,
                _SPATIAL,
                _HOMEPAGE,
                Property(DCT.creator, choose=known, into="agent"),
            ),
        ),
        "solution": Kind(
            _DATASETS,
            (),
            (
                _TITLE,
                _DESCRIPTION,
                _CONTACT,
                _DISTRIBUTION,
                _KEYWORD,
                Property(DCT.publisher, choose=known, into="agent"),
                _THEME,
                _SPATIAL,
                _LANGUAGE,
                Property(DCAT.landingPage, gives=FOAF.Document),
                _PAGE,
                _ISSUED,
                _MODIFIED,
                Property(DCT.accrualPeriodicity, choose=first, into="concept"),
                Property(DCT.accessRights, choose=first, into="concept"),
                Property(DCT.conformsTo, gives=DCT.Standard),
                Property(DCT.creator, into="agent"),
                Property(DCAT.hasVersion, (DCT.hasVersion,), into="solution"),
                Property(DCAT.isVersionOf, (DCT.isVersionOf,)),
                Property(DCAT.version, (OWL.versionInfo,), choose=first),
                Property(ADMS.versionNotes),
                _IDENTIFIER,
                Property(ADMS.identifier, into="identifier"),
                Property(DCT.relation),
                Property(PROV.qualifiedAttribution, into="attribution"),
                Property(DCT.type, change=other_type, into="concept"),
                Property(DCATAP.applicableLegislation, gives=ELI.LegalResource),
            ),
        ),
        "distribution": Kind(
            (DCAT.Distribution, ADMS.AssetDistribution),
            (),
            (
                Property(DCAT.accessURL),
                Property(DCT.license, choose=most_open, into="licence"),
                _FORMAT,
                Property(DCT.description),
                Property(DCATAP.availability, choose=first, into="concept"),
                _TITLE,
                Property(DCAT.downloadURL),
                Property(DCAT.mediaType, choose=first, into="concept"),
                Property(DCAT.byteSize, choose=first),
                Property(ADMS.status, change=partial(renamed, names=STATUSES), choose=first, into="concept"),
                _ISSUED,
                _MODIFIED,
                _LANGUAGE,
                Property(DCT.conformsTo, gives=DCT.Standard),
                _PAGE,
            ),
        ),
        "record": Kind(
            (DCAT.CatalogRecord,),
            (),
            (
                Property(FOAF.primaryTopic),
                _ISSUED,
                _MODIFIED,
                Property(ADMS.status, choose=first, into="concept"),
                Property(DCT.conformsTo, gives=DCT.Standard),
                _TITLE,
                Property(DCT.description),
                _LANGUAGE,
            ),
        ),
        "identifier": Kind(
            (ADMS.Identifier,),
            (),
            (Property(SKOS.notation, choose=first), Property(ADMS.schemaAgency)),
        ),
        "attribution": Kind(
            (PROV.Attribution,),
            (),
            (Property(PROV.agent, into="agent"), Property(DCAT.hadRole, into="concept")),
        ),
        "agent": Kind(
            _AGENTS,
            (FOAF.Organization, FOAF.Group, FOAF.Person),
            (Property(FOAF.name, instead=SKOS.prefLabel), Property(DCT.type, choose=first, into="concept")),
        ),
        "contact": _CONTACT_NODE,
        "licence": Kind((DCT.LicenseDocument,), (), (Property(DCT.description), Property(RDFS.label))),
        "concept": _CONCEPT,
    },
)
PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in (ADMS_AP, DCAT_AP)}
