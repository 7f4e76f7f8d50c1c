"""Our DCAT-AP shapes against the official ones: the same verdicts on real and on mutated descriptions, but for the
differences that are listed here with their reasons. pySHACL judges by both."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TypeGuard

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse
from pyshacl import validate
from rdflib import RDF, SH, BNode, Graph, URIRef
from rdflib import Literal as RdflibLiteral
from rdflib.term import Node

from catalogue import code_lists
from catalogue.harvesters import publiccode, rdf
from catalogue.identity import Minter
from catalogue.model import Document, Reading
from tests.visits import visit

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
OFFICIAL = SHARED / "specs" / "dcat-ap-3.0.1-shacl"
PARTS = ("shapes.ttl", "range.ttl", "mdr-vocabularies.shape.ttl", "shapes_recommended.ttl")
MINTER = Minter("https://catalogue.example")
DCT = "http://purl.org/dc/terms/"
DCAT = "http://www.w3.org/ns/dcat#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
EU = "http://publications.europa.eu/resource/authority/"
SHAPE = "https://w3id.org/open-source-catalogue/shapes/dcat-ap#"
TYPE = NamedNode(str(RDF.type))
Graph_ = frozenset[Triple]

pytestmark = pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official shapes (../shared/specs) are not here")


@dataclass(frozen=True)
class Result:
    """One result of a report; `shape` is the last part of the node shape's name, of ours of the property shape's."""

    focus: str
    path: str
    severity: str
    shape: str
    component: str

    @property
    def verdict(self) -> tuple[str, str, str]:
        return self.focus, self.path, self.severity


@dataclass(frozen=True)
class Known:
    """A difference that is meant: results of the official shapes, or of ours, that the others do not have.

    `shape` is a pattern of the whole of Result.shape; `path` and `component` are its endings.
    """

    by: str
    shape: str
    path: str
    reason: str
    component: str = ""

    def covers(self, by: str, result: Result) -> bool:
        return (
            by == self.by
            and re.fullmatch(self.shape, result.shape) is not None
            and result.path.endswith(self.path)
            and result.component.endswith(self.component)
        )


KNOWN = (
    Known(
        "official",
        r"(Catalog|Dataset|DataService|DatasetSeries)_ShapeCV",
        "terms/publisher",
        "They want every publisher, by an IRI, to be in the EU's list of corporate bodies, which holds those of the EU;"
        " the text (controlled vocabularies) asks for it of these only. We ask for a known publisher type.",
    ),
    Known(
        "official",
        r"(Catalog|Distribution)_Shape",
        "terms/rights",
        "They allow one value; 3.0.1 allows several (its change log, issue 370).",
        "MaxCountConstraintComponent",
    ),
    Known(
        "official",
        r"Dataset_Shape",
        "dcat#spatialResolutionInMeters",
        "They allow one value; 3.0.1 allows several (its change log, issue 380).",
        "MaxCountConstraintComponent",
    ),
    Known(
        "official",
        r"CatalogRecord_Shape",
        "terms/conformsTo",
        "They allow one value; the text has 0..*.",
        "MaxCountConstraintComponent",
    ),
    Known(
        "official",
        r"Checksum_ShapeCV",
        "terms#algorithm",
        "They want an IRI that begins with https, of a class that SPDX defines with http: no algorithm of SPDX passes.",
        "NodeConstraintComponent",
    ),
    Known(
        "official",
        r"(Dataset|DatasetSeries)_ShapeCV",
        "terms/spatial",
        "We do not package the lists of places and continents, so any address that begins like theirs passes.",
        "NodeConstraintComponent",
    ),
    Known(
        "official",
        r"(Dataset|DatasetSeries)_Shape",
        "terms/spatial",
        "The tables of the EU describe their places, and we do not package them: an address like theirs passes.",
        "ClassConstraintComponent",
    ),
    Known(
        "official",
        r"Dataset_ShapeCV",
        "terms/type",
        "We do not package the list of dataset types, so any address that begins like its codes passes.",
        "NodeConstraintComponent",
    ),
    Known(
        "official",
        r"Dataset_Shape",
        "terms/type",
        "The table of the EU that we do not package describes its types, so any address that looks like theirs passes.",
        "ClassConstraintComponent",
    ),
    Known(
        "official",
        r"(Distribution|DataService)_Shape(CV)?",
        "terms/format",
        "The table of file types grows: what looks like a code of it, and is not among those that we know, is advice.",
    ),
    Known(
        "official",
        r"(Dataset|DatasetSeries)_Shape(CV)?",
        "terms/accrualPeriodicity",
        "The table of frequencies grows: what looks like a code of it, and is not among those that we know, is advice.",
    ),
    Known(
        "ours",
        r"(Dataset|CatalogRecord)-(issued|modified)-value|PeriodOfTime-(start|end)Date-value",
        "",
        "They check these dates with sh:shape, which is no term of SHACL, so not at all.",
    ),
    Known(
        "ours",
        r"Dataset-hasVersion-value",
        "dcat#hasVersion",
        "They check dct:hasVersion only, which 3.0 replaced by dcat:hasVersion; we check both.",
    ),
    Known(
        "ours",
        r"Identifier-notation(-value)?",
        "core#notation",
        "They let an identifier have no notation, or one that is no literal; the text has one literal, mandatory.",
    ),
    Known(
        "ours",
        r"\w+-\w+-language",
        "",
        "The text wants titles, descriptions and keywords with a language; no official shape looks.",
    ),
    Known(
        "ours",
        r"\w+-\w+-known",
        "",
        "Advice to check a code that may be right: they know the whole table, or call it wrong.",
    ),
    Known("ours", r"Kind-hasEmail-value", "", "vCard's hasEmail is a link (mailto:); DCAT-AP leaves contacts open."),
    Known(
        "ours",
        r"Attribution-\w+(-value)?",
        "",
        "DCAT 3 describes an attribution by agent and role; DCAT-AP leaves it open.",
    ),
)


def node(term: NamedNode | BlankNode | Literal | Triple) -> Node:
    """A term for rdflib as it was written: rdflib's own parser rewrites hexBinary in capitals, among others."""
    if isinstance(term, NamedNode):
        return URIRef(term.value)
    if isinstance(term, BlankNode):
        return BNode(term.value)
    assert isinstance(term, Literal)
    kind = None if term.language else URIRef(term.datatype.value)
    return RdflibLiteral(term.value, lang=term.language, datatype=kind, normalize=False)


def triples(content: bytes, format: RdfFormat = RdfFormat.TURTLE) -> Graph_:
    read = parse(content, format=format, base_iri="https://city.example/", lenient=format == RdfFormat.RDF_XML)
    return frozenset(item.triple if isinstance(item, Quad) else item for item in read)


def graph(statements: Iterator[Triple] | Graph_) -> Graph:
    made = Graph()
    for subject, predicate, value in statements:
        made.add((node(subject), node(predicate), node(value)))
    return made


@cache
def shapes(by: str) -> Graph:
    paths = [OFFICIAL / name for name in PARTS] if by == "official" else [ROOT / "shapes" / "dcat-ap.ttl"]
    return graph(triple for path in paths for triple in triples(path.read_bytes()))


@cache
def facts() -> dict[object, list[Triple]]:
    """What goes with a description of the codes that it names: classes, list and names of concepts, and their lists."""
    found: dict[object, list[Triple]] = {}
    wanted = {TYPE.value, SKOS + "inScheme", SKOS + "prefLabel"}
    for name in code_lists.names():
        for triple in code_lists.triples(name):
            if triple.predicate.value in wanted:
                found.setdefault(triple.subject, []).append(triple)
    # Of a list that is not packaged, the one code that the mutations use.
    europe, continents = NamedNode(EU + "continent/EUROPE"), NamedNode(EU + "continent")
    found[europe] = [
        Triple(europe, TYPE, NamedNode(SKOS + "Concept")),
        Triple(europe, TYPE, NamedNode(DCT + "Location")),
        Triple(europe, NamedNode(SKOS + "inScheme"), continents),
    ]
    return found


def closed(statements: Graph_) -> Graph_:
    """A description with the facts of the codes that it names."""
    added: set[Triple] = set()
    waiting = [triple.object for triple in statements]
    while waiting:
        for triple in facts().get(waiting.pop(), ()):
            if triple not in added:
                added.add(triple)
                waiting.append(triple.object)
    return statements | added


def fragment(term: Node | None) -> str:
    return re.split(r"[#/]", str(term))[-1]


def source(by: str, shape: Node) -> str:
    """The named shape that a result is from: of ours itself, of the official ones the node shape that has it."""
    owner = shape if isinstance(shape, URIRef) else shapes(by).value(None, SH.property, shape)
    return fragment(owner)


def path(report: Graph, result: Node) -> str:
    """The IRI of the property, with a caret before it when it is followed backwards; nothing for a thing as a whole."""
    found = report.value(result, SH.resultPath)
    inverse = report.value(found, SH.inversePath) if isinstance(found, BNode) else None
    return f"^{inverse}" if inverse else str(found or "")


def results(by: str, statements: Graph_) -> set[Result]:
    """The results for what the description itself describes; the codes that come with it are not its subject."""
    described = {node(triple.subject) for triple in statements}
    _, report, _ = validate(
        graph(closed(statements)), shacl_graph=shapes(by), advanced=False, allow_warnings=True, inplace=True
    )
    assert isinstance(report, Graph)
    return {
        Result(
            str(report.value(result, SH.focusNode)),
            path(report, result),
            fragment(report.value(result, SH.resultSeverity)),
            source(by, report.value(result, SH.sourceShape)),  # type: ignore[arg-type]
            fragment(report.value(result, SH.sourceConstraintComponent)),
        )
        for result in report.objects(None, SH.result)
        if report.value(result, SH.focusNode) in described
    }


# A description of everything, with every property that either set of shapes knows.
COMPLETE = """
@prefix : <https://city.example/> .
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix country: <http://publications.europa.eu/resource/authority/country/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcatap: <http://data.europa.eu/r5r/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix eli: <http://data.europa.eu/eli/ontology#> .
@prefix eu: <http://publications.europa.eu/resource/authority/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix iana: <https://www.iana.org/assignments/media-types/application/> .
@prefix language: <http://publications.europa.eu/resource/authority/language/> .
@prefix locn: <http://www.w3.org/ns/locn#> .
@prefix odrl: <http://www.w3.org/ns/odrl/2/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix spdx: <http://spdx.org/rdf/terms#> .
@prefix theme: <http://publications.europa.eu/resource/authority/data-theme/> .
@prefix time: <http://www.w3.org/2006/time#> .
@prefix v: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

:catalogue a dcat:Catalog ;
  dct:title "Open source of the city"@en ;
  dct:description "What the city publishes."@en ;
  dct:publisher :city ;
  dcat:dataset :app ;
  dcat:service :api ;
  dct:license :licence ;
  dct:language language:ITA ;
  dct:issued "2025-01-31"^^xsd:date ;
  dct:modified "2026-01-31"^^xsd:date ;
  dct:spatial country:ITA ;
  dcat:themeTaxonomy eu:data-theme ;
  foaf:homepage :home ;
  dcat:record :record ;
  dcat:catalog :part ;
  dct:hasPart :part ;
  dct:isPartOf :whole ;
  dct:creator :city ;
  dct:rights :rights ;
  dcatap:applicableLegislation :act .

:record a dcat:CatalogRecord ;
  foaf:primaryTopic :app ;
  dct:modified "2026-01-31T10:00:00Z"^^xsd:dateTime ;
  dct:issued "2025-01"^^xsd:gYearMonth ;
  adms:status <http://purl.org/adms/changetype/updated> ;
  dct:conformsTo :standard ;
  dct:language language:ITA ;
  dct:source :origin ;
  dct:title "Record"@en ;
  dct:description "What is known of the application."@en .

:app a dcat:Dataset ;
  dct:title "Parking permits"@en ;
  dct:description "Residents ask for a permit."@en ;
  dct:publisher :city ;
  dcat:contactPoint :helpdesk ;
  dcat:distribution :source ;
  dcat:keyword "parking"@en ;
  dcat:theme theme:TRAN ;
  dct:spatial eu:continent\\/EUROPE ;
  dct:temporal :period ;
  dct:language language:ITA ;
  dcat:landingPage :home ;
  foaf:page :manual ;
  dct:issued "2024"^^xsd:gYear ;
  dct:modified "2026-01-31"^^xsd:date ;
  dct:accrualPeriodicity eu:frequency\\/MONTHLY ;
  dct:accessRights eu:access-right\\/PUBLIC ;
  dct:conformsTo :standard ;
  dct:creator :city ;
  dcat:hasVersion :release ;
  dct:hasVersion :release ;
  dcat:version "2.1" ;
  adms:versionNotes "Faster."@en ;
  dct:identifier "parking" ;
  adms:identifier :identifier ;
  dct:isReferencedBy :article ;
  dct:relation :other ;
  dct:source :older ;
  dct:provenance :provenance ;
  prov:qualifiedAttribution :attribution ;
  dcat:qualifiedRelation :relationship ;
  adms:sample :source ;
  dct:type eu:dataset-type\\/CODE_LIST ;
  prov:wasGeneratedBy :build ;
  dcat:spatialResolutionInMeters 10.0 ;
  dcat:temporalResolution "P1D"^^xsd:duration ;
  dcatap:applicableLegislation :act .

:source a dcat:Distribution ;
  dcat:accessURL <https://forge.example/city/parking> ;
  dct:license :licence ;
  dct:format eu:file-type\\/ZIP ;
  dct:description "The source code."@en ;
  dcatap:availability eu:planned-availability\\/STABLE ;
  dct:title "Source code"@en ;
  dcat:downloadURL <https://forge.example/city/parking.zip> ;
  dcat:mediaType iana:zip ;
  dcat:compressFormat iana:gzip ;
  dcat:packageFormat iana:x-tar ;
  dcat:byteSize "1048576"^^xsd:nonNegativeInteger ;
  spdx:checksum :checksum ;
  adms:status eu:distribution-status\\/COMPLETED ;
  dct:issued "2024-01-31"^^xsd:date ;
  dct:modified "2026-01-31"^^xsd:date ;
  dct:language language:ITA ;
  dct:conformsTo :standard ;
  foaf:page :manual ;
  dcat:accessService :api ;
  dct:rights :rights ;
  odrl:hasPolicy :policy ;
  dcat:spatialResolutionInMeters 10.0 ;
  dcat:temporalResolution "P1D"^^xsd:duration ;
  dcatap:applicableLegislation :act .

:api a dcat:DataService ;
  dct:title "Interface"@en ;
  dcat:endpointURL <https://api.example/> ;
  dcat:endpointDescription <https://api.example/openapi.json> ;
  dcat:servesDataset :app ;
  dct:publisher :city ;
  dcat:contactPoint :helpdesk ;
  dcat:keyword "parking"@en ;
  dcat:theme theme:TRAN ;
  dct:conformsTo :standard ;
  dct:description "Answers queries."@en ;
  dct:format eu:file-type\\/JSON ;
  dcat:landingPage :home ;
  dct:license :licence ;
  dct:accessRights eu:access-right\\/PUBLIC ;
  dcatap:applicableLegislation :act .

:city a foaf:Agent ; foaf:name "City of Trento"@en ; dct:type <http://purl.org/adms/publishertype/LocalAuthority> .
:helpdesk a v:Kind ; v:fn "Help desk"@en ; v:hasEmail <mailto:helpdesk@city.example> .
:licence a dct:LicenseDocument ; dct:type <http://purl.org/adms/licencetype/PublicDomain> .
:concept a skos:Concept ; skos:prefLabel "Parking"@en .
:scheme a skos:ConceptScheme ; dct:title "Themes of the city"@en .
:identifier a adms:Identifier ; skos:notation "IT-17" .
:checksum a spdx:Checksum ;
  spdx:algorithm spdx:checksumAlgorithm_sha256 ;
  spdx:checksumValue "9F86D081"^^xsd:hexBinary .
:place a dct:Location ;
  dcat:bbox "POLYGON((11 46, 12 46, 12 47, 11 46))" ;
  dcat:centroid "POINT(11 46)" ;
  locn:geometry "POINT(11 46)" .
:period a dct:PeriodOfTime ; dcat:startDate "2024-01-01"^^xsd:date ; dcat:endDate "2026-01-31"^^xsd:date ;
  time:hasBeginning :start ; time:hasEnd :end .
:relationship a dcat:Relationship ; dct:relation :older ; dcat:hadRole :role .
:attribution a prov:Attribution ; prov:agent :city ; dcat:hadRole :role .

:series a dcat:DatasetSeries ;
  dct:title "Applications of the city"@en ;
  dct:description "One a year."@en ;
  dct:publisher :city ;
  dcat:contactPoint :helpdesk ;
  dct:accrualPeriodicity eu:frequency\\/ANNUAL ;
  dct:spatial country:ITA ;
  dct:modified "2026-01-31"^^xsd:date ;
  dct:issued "2020-01-31"^^xsd:date ;
  dct:temporal :period ;
  dcatap:applicableLegislation :act .
:app dcat:inSeries :series .

:whole a dcat:Catalog .
:part a dcat:Catalog .
:origin a dcat:CatalogRecord .
:release a dcat:Dataset .
:older a dcat:Dataset .
:other a dcat:Dataset .
:home a foaf:Document .
:manual a foaf:Document .
:article a foaf:Document .
:standard a dct:Standard .
:rights a dct:RightsStatement .
:act a eli:LegalResource .
:provenance a dct:ProvenanceStatement .
:build a prov:Activity .
:policy a odrl:Policy .
:start a time:Instant .
:end a time:Instant .
:role a dcat:Role .
iana:zip a dct:MediaType .
iana:gzip a dct:MediaType .
iana:x-tar a dct:MediaType .
eu:dataset-type\\/CODE_LIST a skos:Concept ; skos:prefLabel "Code list"@en ; skos:inScheme eu:dataset-type .
"""
HOME = "https://city.example/"
SUBJECTS = (
    *("catalogue", "record", "app", "source", "api", "city", "helpdesk", "licence", "concept", "scheme", "identifier"),
    *("checksum", "place", "period", "relationship", "attribution", "series"),
)
OTHERS = {
    "string": "other",
    "decimal": "20.0",
    "duration": "P7D",
    "nonNegativeInteger": "7",
    "hexBinary": "AB",
    "date": "2020-02-29",
    "gYear": "2020",
    "gYearMonth": "2020-02",
    "dateTime": "2020-02-29T10:00:00Z",
}
Mutation = Callable[[Triple], list[Triple]]


@cache
def complete() -> Graph_:
    return triples(COMPLETE.encode())


def iri(name: str) -> NamedNode:
    return NamedNode(HOME + name)


def is_code(term: object) -> TypeGuard[NamedNode]:
    return isinstance(term, NamedNode) and term.value.startswith((EU, "http://purl.org/adms/", "https://www.iana.org/"))


def replaced(triple: Triple, *values: NamedNode | BlankNode | Literal) -> list[Triple]:
    return [Triple(triple.subject, triple.predicate, value) for value in values]


def like_it(triple: Triple, other: NamedNode | BlankNode) -> list[Triple]:
    """The statement of another thing, which has the same classes as the one that it was of."""
    known = complete().union(facts().get(triple.object, ()))
    classes = [said.object for said in known if (said.subject, said.predicate) == (triple.object, TYPE)]
    return replaced(triple, other) + [Triple(other, TYPE, cls) for cls in classes]


def dropped(triple: Triple) -> list[Triple]:
    return []


def doubled(triple: Triple) -> list[Triple]:
    """With a second value of the same kind."""
    value = triple.object
    if not isinstance(value, Literal):
        return [triple, *like_it(triple, iri(f"second-{fragment(node(triple.predicate))}"))]
    if value.language:
        return [triple, *replaced(triple, Literal("Another", language="en"))]
    return [triple, *replaced(triple, Literal(OTHERS[fragment(node(value.datatype))], datatype=value.datatype))]


def as_text(triple: Triple) -> list[Triple]:
    return [triple] if isinstance(triple.object, Literal) else replaced(triple, Literal("some text", language="en"))


def as_link(triple: Triple) -> list[Triple]:
    return replaced(triple, iri("somewhere")) if isinstance(triple.object, Literal) else [triple]


def as_number(triple: Triple) -> list[Triple]:
    integer = NamedNode("http://www.w3.org/2001/XMLSchema#integer")
    return replaced(triple, Literal("17", datatype=integer)) if isinstance(triple.object, Literal) else [triple]


def without_language(triple: Triple) -> list[Triple]:
    value = triple.object
    return replaced(triple, Literal(value.value)) if isinstance(value, Literal) else [triple]


def of_no_list(triple: Triple) -> list[Triple]:
    return replaced(triple, NamedNode(f"{triple.object.value}_X")) if is_code(triple.object) else [triple]


def of_another_list(triple: Triple) -> list[Triple]:
    return like_it(triple, iri("own-code")) if is_code(triple.object) else [triple]


def undescribed(triple: Triple) -> list[Triple]:
    return [triple] if isinstance(triple.object, Literal) else replaced(triple, iri("nowhere"))


def nameless(triple: Triple) -> list[Triple]:
    return (
        [triple] if isinstance(triple.object, Literal) else like_it(triple, BlankNode(fragment(node(triple.predicate))))
    )


MUTATIONS: dict[str, Mutation] = {
    "whole": lambda triple: [triple],
    "dropped": dropped,
    "doubled": doubled,
    "as text": as_text,
    "as link": as_link,
    "as number": as_number,
    "without language": without_language,
    "of no list": of_no_list,
    "of another list": of_another_list,
    "undescribed": undescribed,
    "nameless": nameless,
}


def moved(statements: Graph_, home: str) -> Graph_:
    """The same description under other names, so that many can be judged at once."""

    def rename(term: object) -> object:
        if isinstance(term, NamedNode):
            return NamedNode(term.value.replace(HOME, home))
        return BlankNode(f"b{abs(hash(home))}{term.value}") if isinstance(term, BlankNode) else term

    return frozenset(Triple(rename(s), p, rename(o)) for s, p, o in statements)  # type: ignore[arg-type]


def mutated(subject: str, mutation: Mutation) -> Graph_:
    """What is said of one node, with every property changed in the same way, and the classes of what it names."""
    known = complete()
    own = {triple for triple in known if triple.subject == iri(subject)}
    changed = {new for triple in own for new in ([triple] if triple.predicate == TYPE else mutation(triple))}
    objects = {triple.object for triple in changed} - {iri(subject)}
    kinds = {TYPE, NamedNode(DCT + "type"), NamedNode(SKOS + "inScheme")}
    return frozenset(changed | {said for said in known if said.subject in objects and said.predicate in kinds})


@cache
def mutations() -> dict[str, Graph_]:
    """Each mutation that changes a node, by the node's name and its own, under names of its own."""
    made = {
        f"{subject} {name}": mutated(subject, change)
        for subject in SUBJECTS
        for name, change in MUTATIONS.items()
        if name == "whole" or mutated(subject, change) != mutated(subject, MUTATIONS["whole"])
    }
    return {name: moved(statements, f"https://m{n}.example/") for n, (name, statements) in enumerate(made.items())}


def said(readings: Iterator[Reading]) -> Graph_:
    return frozenset(triple for reading in readings if reading.record for triple in reading.record.triples)


def seed() -> Graph_:
    found = [item for item in rdf.documents(visit(code_lists.resources("data"))) if isinstance(item, tuple)]
    return said(reading for key, document in found for reading in rdf.readings(key, document, MINTER))


def software_files() -> Graph_:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    paths = sorted((SHARED / "data" / "publiccode").glob("*.yml"))
    found = [Document(path.name, path.read_bytes(), "application/yaml", now) for path in paths]
    return said(reading for document in found for reading in publiccode.readings(document.url, document, MINTER))


def foreign(name: str) -> Graph_:
    syntax = RdfFormat.RDF_XML if name.endswith(".rdf") else RdfFormat.TURTLE
    return triples((SHARED / "data" / "dcat" / name).read_bytes(), syntax)


FOREIGN = (
    "ckanext-dcat__dataset.rdf",
    "ckanext-dcat__catalog.rdf",
    "ckanext-dcat__dataset_gov_de.rdf",
    "dcatapit__dataset.rdf",
    "fairdatapoint__disgenet.ttl",
)
Verdicts = dict[str, set[Result]]


def judged(statements: Graph_) -> Verdicts:
    return {by: results(by, statements) for by in ("official", "ours")}


@cache
def judged_mutations() -> Verdicts:
    """All at once, since pySHACL takes longest to begin."""
    return judged(frozenset[Triple]().union(*mutations().values()))


@cache
def judged_real(name: str) -> Verdicts:
    sources = {"seed": seed, "publiccode.yml files": software_files}
    return judged(sources[name]() if name in sources else foreign(name))


REAL = ("seed", "publiccode.yml files", *FOREIGN)


def differences(verdicts: Verdicts) -> Iterator[tuple[str, Result]]:
    """The results that stand behind each verdict that only one side gives."""
    for by, other in (("official", "ours"), ("ours", "official")):
        shared = {result.verdict for result in verdicts[other]}
        yield from ((by, result) for result in verdicts[by] if result.verdict not in shared)


def unexplained(verdicts: Verdicts) -> list[tuple[str, Result]]:
    return [found for found in differences(verdicts) if not any(known.covers(*found) for known in KNOWN)]


@pytest.mark.parametrize("name", REAL)
def test_real_descriptions_get_the_same_verdicts(name: str) -> None:
    verdicts = judged_real(name)
    assert verdicts["official"]
    assert unexplained(verdicts) == []


@pytest.mark.parametrize("name", sorted(mutations()) if OFFICIAL.is_dir() else [])
def test_mutated_descriptions_get_the_same_verdicts(name: str) -> None:
    focuses = {node(triple.subject) for triple in mutations()[name]}
    verdicts = {
        by: {r for r in found if URIRef(r.focus) in focuses or BNode(r.focus) in focuses}
        for by, found in judged_mutations().items()
    }
    assert unexplained(verdicts) == []


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: f"{known.by}: {known.shape} {known.path}")
def test_known_differences_occur(known: Known) -> None:
    everything = [judged_mutations(), *map(judged_real, REAL)]
    assert any(known.covers(*found) for verdicts in everything for found in differences(verdicts))


def test_the_complete_description_is_as_the_official_shapes_want_it() -> None:
    found = results("official", complete())
    excused = {"terms/publisher", "terms#algorithm"}
    stubs = {HOME + stub for stub in ("whole", "part", "origin", "release", "older", "other")}
    assert {r for r in found if r.focus not in stubs and not r.path.endswith(tuple(excused))} == set()


def test_every_official_property_is_tried() -> None:
    tried = {triple.predicate.value for triple in complete()}
    paths = {str(found) for found in shapes("official").objects(None, SH.path) if isinstance(found, URIRef)}
    assert paths - tried == set()
