"""Every namespace and term that the catalogue uses, closed: a term that is not listed here fails.

A test asserts that each term of our own (`OSC`) is defined in `vocab/osc.ttl`.
"""

from catalogue.rdf import IRI


class Namespace:
    """A closed namespace: `DCT.title` is an IRI, `DCT.titel` raises AttributeError."""

    def __init__(self, iri: str, terms: str) -> None:
        self.iri = iri
        self.terms = frozenset(terms.split())

    def __getattr__(self, term: str) -> IRI:
        if term.startswith("__") or term not in self.terms:
            raise AttributeError(f"{term!r} is not a term of {self.iri} in catalogue.vocabulary")
        iri = IRI(self.iri + term)
        self.__dict__[term] = iri
        return iri

    def __contains__(self, iri: object) -> bool:
        return isinstance(iri, IRI) and iri.value.startswith(self.iri) and iri.value[len(self.iri) :] in self.terms


ADMS = Namespace(
    "http://www.w3.org/ns/adms#",
    "Asset AssetDistribution AssetRepository Identifier identifier schemaAgency schemeAgency status versionNotes"
    " includedAsset representationTechnique translation",
)
AS = Namespace("https://www.w3.org/ns/activitystreams#", "Create Update Delete object published name")
CV = Namespace("http://data.europa.eu/m8g/", "PublicOrganisation ContactPoint contactPoint email telephone contactPage")
DCAT = Namespace(
    "http://www.w3.org/ns/dcat#",
    "Catalog CatalogRecord Dataset Distribution DataService Resource accessURL downloadURL contactPoint dataset"
    " distribution hadRole hasCurrentVersion hasVersion keyword landingPage mediaType qualifiedRelation record"
    " service theme themeTaxonomy version Relationship catalog byteSize isVersionOf",
)
DCATAP = Namespace("http://data.europa.eu/r5r/", "applicableLegislation availability")
DCT = Namespace(
    "http://purl.org/dc/terms/",
    "LicenseDocument LinguisticSystem Location MediaTypeOrExtent Standard RightsStatement abstract alternative"
    " conformsTo created creator description format hasPart hasVersion identifier isPartOf isReplacedBy isVersionOf"
    " issued language license modified publisher relation requires rights rightsHolder source spatial subject"
    " temporal title type accessRights accrualPeriodicity Frequency MediaType",
)
# Of the European Legislation Identifier.
ELI = Namespace("http://data.europa.eu/eli/ontology#", "LegalResource")
DOAP = Namespace(
    "http://usefulinc.com/ns/doap#",
    "Project Version Repository category description homepage license location maintainer name os repository shortdesc",
)
# These are no Python names, so they are not among the terms above.
DOAP_BUG_DATABASE = IRI("http://usefulinc.com/ns/doap#bug-database")
DOAP_PROGRAMMING_LANGUAGE = IRI("http://usefulinc.com/ns/doap#programming-language")
DQV = Namespace(
    "http://www.w3.org/ns/dqv#",
    "Category Dimension Metric QualityMeasurement computedOn expectedDataType inCategory inDimension isMeasurementOf"
    " value",
)
FOAF = Namespace(
    "http://xmlns.com/foaf/0.1/",
    "Agent Document Group Organization Person Project OnlineAccount account accountName homepage isPrimaryTopicOf logo"
    " accountServiceHomepage mbox name page primaryTopic",
)
# What a server answered.
HTTP = Namespace("http://www.w3.org/2011/http#", "Response reasonPhrase statusCodeValue")
# Linked data event streams, and the hypermedia that they are paged with.
LDES = Namespace(
    "https://w3id.org/ldes#",
    "EventSource EventStream immutable sequencePath timestampPath versionDeleteObject versionDeletePath versionOfPath"
    " versionSequencePath versionTimestampPath",
)
ORG = Namespace("http://www.w3.org/ns/org#", "Organization subOrganizationOf classification hasUnit unitOf")
OSC = Namespace(
    "https://w3id.org/open-source-catalogue/ns#",
    "developmentStatus softwareType maintenanceModel localisationReady level initiativeType initiativeStatus"
    " service stakeholderGroup principle versionMin versionMax optional contentHash documentHash sourceKind"
    " precedence inferred recordState purpose philosophy membershipPolicy feed furtherTopicCount snapshot"
    " memberCount solutionCount newsCount eventCount topicCount findingCode findingFix line column points"
    " lacks measuredChange unmeasured matches declaresSame mergedWith keptApart failure outcomeCount",
)
OWL = Namespace(
    "http://www.w3.org/2002/07/owl#",
    "Ontology ObjectProperty DatatypeProperty Class deprecated differentFrom sameAs versionInfo",
)
PROV = Namespace(
    "http://www.w3.org/ns/prov#",
    "Activity Attribution Entity agent endedAtTime generated generatedAtTime invalidated invalidatedAtTime"
    " qualifiedAttribution startedAtTime used value wasAssociatedWith wasDerivedFrom wasGeneratedBy",
)
RDF = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "type Property first langString rest nil")
RDFS = Namespace(
    "http://www.w3.org/2000/01/rdf-schema#",
    "label comment seeAlso isDefinedBy range domain subPropertyOf subClassOf Class Literal Resource",
)
SCHEMA = Namespace(
    "http://schema.org/",
    "SoftwareApplication WebApplication MobileApplication SoftwareSourceCode CreativeWork NewsArticle Event Product"
    " Project PropertyValue Service applicationCategory applicationSuite award codeRepository copyrightHolder"
    " countriesNotSupported countriesSupported endDate eventAttendanceMode featureList fileSize foundingDate funder"
    " image inLanguage isBasedOn license location maintainer name numberOfItems operatingSystem programmingLanguage"
    " screenshot softwareHelp softwareRequirements softwareVersion startDate url video about memberOf value",
)
SD = Namespace(
    "http://www.w3.org/ns/sparql-service-description#",
    "Dataset EmptyGraphs Graph NamedGraph SPARQL11Query SPARQL11Update Service availableGraphs defaultDataset"
    " defaultGraph endpoint feature graph name namedGraph resultFormat supportedLanguage",
)
SH = Namespace(
    "http://www.w3.org/ns/shacl#",
    "ValidationReport ValidationResult Violation Warning Info conforms result resultSeverity resultMessage"
    " resultPath focusNode value sourceShape sourceConstraintComponent NodeShape PropertyShape path inversePath"
    " targetClass targetNode targetSubjectsOf targetObjectsOf property severity deactivated name description message"
    " order group defaultValue flags ignoredProperties closed IRI BlankNode Literal BlankNodeOrIRI"
    " BlankNodeOrLiteral IRIOrLiteral node or and not xone hasValue in",
)
SKOS = Namespace(
    "http://www.w3.org/2004/02/skos/core#",
    "Concept ConceptScheme Collection altLabel broadMatch broader closeMatch definition exactMatch hasTopConcept"
    " hiddenLabel inScheme narrower notation note prefLabel scopeNote related topConceptOf",
)
SPDX = Namespace("http://spdx.org/rdf/terms#", "Checksum algorithm checksum checksumValue")
TREE = Namespace("https://w3id.org/tree#", "member node relation view")
V = Namespace(
    "http://www.w3.org/2006/vcard/ns#",
    "Kind Group Individual Location Organization fn hasAddress hasEmail hasTelephone hasURL",
)
# "organization-name" is no Python name, so it is not among the terms above.
V_ORGANIZATION_NAME = IRI("http://www.w3.org/2006/vcard/ns#organization-name")
# Its property "class" is no Python name, so it is not among the terms.
VOID = Namespace(
    "http://rdfs.org/ns/void#",
    "Dataset DatasetDescription Linkset classPartition classes dataDump distinctSubjects documents entities"
    " exampleResource feature inDataset linkPredicate objectsTarget openSearchDescription properties property"
    " propertyPartition rootResource sparqlEndpoint subjectsTarget subset triples uriRegexPattern uriSpace vocabulary",
)
VOID_CLASS = IRI("http://rdfs.org/ns/void#class")
XSD = Namespace(
    "http://www.w3.org/2001/XMLSchema#",
    "anyURI boolean date dateTime decimal gYear gYearMonth integer string",
)

PREFIXES = {
    "adms": ADMS.iri,
    "as": AS.iri,
    "cv": CV.iri,
    "dcat": DCAT.iri,
    "dcatap": DCATAP.iri,
    "dct": DCT.iri,
    "doap": DOAP.iri,
    "dqv": DQV.iri,
    "eli": ELI.iri,
    "foaf": FOAF.iri,
    "org": ORG.iri,
    "osc": OSC.iri,
    "owl": OWL.iri,
    "prov": PROV.iri,
    "rdf": RDF.iri,
    "rdfs": RDFS.iri,
    "schema": SCHEMA.iri,
    "sd": SD.iri,
    "sh": SH.iri,
    "skos": SKOS.iri,
    "spdx": SPDX.iri,
    "v": V.iri,
    "void": VOID.iri,
    "xsd": XSD.iri,
}

# Code lists. Their concepts are `{scheme}/{code}`; ours live beside the vocabulary, the others at their publishers.
LISTS = "https://w3id.org/open-source-catalogue/"
COUNTRY = "http://publications.europa.eu/resource/authority/country/"
LANGUAGE = "http://publications.europa.eu/resource/authority/language/"
DATA_THEME = "http://publications.europa.eu/resource/authority/data-theme/"
ADMS_STATUS = "http://purl.org/adms/status/"
DISTRIBUTION_STATUS = "http://publications.europa.eu/resource/authority/distribution-status/"
ADMS_PUBLISHER_TYPE = "http://purl.org/adms/publishertype/"
ADMS_CHANGE_TYPE = "http://purl.org/adms/changetype/"
SPDX_LICENCE = "http://spdx.org/licenses/"
# The European Interoperability Reference Architecture: what ADMS-AP says a solution is.
EIRA = "http://data.europa.eu/dr8/"


def concept(scheme: str, code: str) -> IRI:
    """The concept of one of our own code lists: `concept("topic", "legal")`."""
    return IRI(f"{LISTS}{scheme}/{code}")
