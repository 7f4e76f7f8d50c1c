"""What travels: Source, Document, Record, Finding, Report. RDF is the model: none has a field per property."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

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
    """A remote catalogue that we read.

    `precedence`: where sources disagree on a single value, the lowest wins. `patience`: in how many complete harvests,
    one after the other, a record has to be missing before it is gone. `options` are those of its kind.
    """

    id: str
    kind: str
    location: str
    title: str
    precedence: int
    patience: int = 2
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)


CURATED = "curated"
"""The id of the source that operators' own statements are records of, which no other source can have."""


@dataclass(frozen=True)
class Document:
    """Bytes as fetched; `url` is where they came from in the end, after redirects or as a file's name.

    Of what came over HTTP, `asked` is the address asked for, `moved` the one to ask for from now on when permanent
    redirects said so (RFC 9110, 15.4), and `headers` those of the answer, their names in lower case.
    """

    url: str
    content: bytes
    media_type: str
    fetched: datetime
    etag: str | None = None
    modified: str | None = None
    asked: str | None = None
    moved: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def is_remote(self) -> bool:
        """Whether it has a web address, and not just a name within its source."""
        return self.url.lower().startswith(("http://", "https://"))


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
    written by its author, kept byte for byte where it is text. `same` are other IRIs of the same thing, as the source
    or its server shows them: that minted of its repository for software with an IRI of its own, of an address that
    redirects here for good, of each identifier of an organisation. What a description merely claims with owl:sameAs
    is not among them; it is read from the triples.
    """

    key: str
    iri: IRI
    triples: frozenset[Triple]
    origin: str
    conforms_to: str | None = None
    inferred: tuple[IRI, ...] = ()
    original: str | None = None
    document_hash: str | None = None
    same: frozenset[IRI] = frozenset()

    def __post_init__(self) -> None:
        if any(isinstance(node, BlankNode) for triple in self.triples for node in (triple.subject, triple.object)):
            raise RecordError(f"{self.origin}: a record cannot hold blank nodes, which have no identity to keep")


@dataclass(frozen=True)
class Reading:
    """What came of reading one item of a source: its report, and its record unless a violation kept it out; of one
    that was kept out, `original` is what there is to mend.

    Without a violation nothing is wrong with it, but it is not what this catalogue is of, and the report says why.
    """

    key: str
    origin: str
    report: Report
    record: Record | None = None
    original: str | None = None

    @property
    def is_outside(self) -> bool:
        return self.record is None and bool(self.report.findings) and self.report.conforms


@dataclass(frozen=True)
class Unchanged:
    """What was read from `origin` before is as it was."""

    origin: str


@dataclass(frozen=True)
class Deleted:
    """The source says that what was read from `origin` is no more."""

    origin: str


@dataclass(frozen=True)
class Partial:
    """What a visit finds is not all that the source has: what is missing is not gone. `findings` say, where that is a
    fault, what of the source (`origin`) could not be read, and why."""

    origin: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Checkpoint:
    """A later visit may go on from here: what the harvester remembers now is kept once all before it is written."""


# What a harvester finds, one after the other: a document with its key in the source, or one of the others.
Found = tuple[str, Document] | Reading | Unchanged | Deleted | Partial | Checkpoint


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
