"""What travels: Source, Document, Record, Finding, Report. RDF is the model: none has a field per property."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from catalogue.errors import RecordError
from catalogue.rdf import IRI, BlankNode, Triple
from catalogue.vocabulary import ADMS, CV, DCAT, DCT, DOAP, FOAF, ORG, SCHEMA, SKOS, V


class Severity(StrEnum):
    """How bad a finding is; only a violation keeps a record out."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Source:
    """A remote catalogue that we read. `precedence`: where sources disagree on a single value, the lowest wins."""

    id: str
    kind: str
    location: str
    title: str
    precedence: int


@dataclass(frozen=True)
class Document:
    """Bytes as fetched; `url` is where they came from in the end, after redirects or as a file's name."""

    url: str
    content: bytes
    media_type: str
    fetched: datetime
    etag: str | None = None
    modified: str | None = None


@dataclass(frozen=True)
class Finding:
    """One thing to mend. `path` is the key or property, `line` and `column` count from 1; `focus` is the IRI of the
    node that it is about, and `code` that of the shape or rule that was broken, where there are such."""

    severity: Severity
    message: str
    path: str | None = None
    value: str | None = None
    fix: str | None = None
    line: int | None = None
    column: int | None = None
    focus: str | None = None
    code: str | None = None


@dataclass(frozen=True)
class Report:
    """The outcome of reading and validating one record."""

    findings: tuple[Finding, ...] = ()

    @property
    def conforms(self) -> bool:
        return not any(finding.severity is Severity.VIOLATION for finding in self.findings)


@dataclass(frozen=True)
class Record:
    """What one source says of one thing: the thing's IRI and triples without blank nodes.

    `key` names the record within its source, and stays when its content changes. `original` is the document as
    written by its author, kept byte for byte where it is text.
    """

    key: str
    iri: IRI
    triples: frozenset[Triple]
    origin: str
    conforms_to: str | None = None
    inferred: tuple[IRI, ...] = ()
    original: str | None = None
    document_hash: str | None = None

    def __post_init__(self) -> None:
        if any(isinstance(node, BlankNode) for triple in self.triples for node in (triple.subject, triple.object)):
            raise RecordError(f"{self.origin}: a record cannot hold blank nodes, which have no identity to keep")


@dataclass(frozen=True)
class Reading:
    """What came of reading one item of a source: its report, and its record unless a violation kept it out."""

    key: str
    origin: str
    report: Report
    record: Record | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of thing: its name in addresses, its plural (the address of its list), its classes."""

    name: str
    plural: str
    label: str
    classes: tuple[IRI, ...]


# The first kind with a class of the thing wins, so the narrow ones stand first: a release is a dcat:Dataset, too.
KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("release", "releases", "Release", (DOAP.Version,)),
        Kind("initiative", "initiatives", "Initiative", (FOAF.Project, SCHEMA.Project)),
        Kind(
            "solution",
            "solutions",
            "Solution",
            (ADMS.Asset, DOAP.Project, DCAT.Dataset),
        ),
        Kind("distribution", "distributions", "Distribution", (DCAT.Distribution,)),
        Kind("administration", "administrations", "Administration", (CV.PublicOrganisation,)),
        Kind("article", "news", "Article", (SCHEMA.NewsArticle,)),
        Kind("event", "events", "Event", (SCHEMA.Event,)),
        Kind("licence", "licences", "Licence", (DCT.LicenseDocument,)),
        Kind("contact", "contacts", "Contact", (V.Kind, V.Individual, V.Organization)),
        Kind("topic", "topics", "Topic", (SKOS.Concept,)),
        Kind("owner", "owners", "Owner", (FOAF.Organization, ORG.Organization, FOAF.Agent, FOAF.Person)),
        Kind("document", "documents", "Document", (SCHEMA.CreativeWork,)),
    )
}


def kind_of(types: frozenset[IRI] | set[IRI]) -> Kind | None:
    """The kind of a thing by its classes, None when it is none of the things described (a node of another)."""
    for kind in KINDS.values():
        if not types.isdisjoint(kind.classes):
            return kind
    return None
