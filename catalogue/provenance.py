"""What the catalogue says of itself: its sources, their records and reports, the catalogue's own records.

Pure functions from the model to triples, all without blank nodes; `catalogue.store` writes them into the graphs that
it names.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from catalogue.model import Finding, Record, Report, Severity, Source
from catalogue.rdf import IRI, Literal, Term, Triple, content_hash, is_iri, text
from catalogue.vocabulary import ADMS, ADMS_CHANGE_TYPE, DCAT, DCT, FOAF, OSC, PROV, RDF, SH, XSD

_SEVERITIES = {Severity.VIOLATION: SH.Violation, Severity.WARNING: SH.Warning, Severity.INFO: SH.Info}


def time(moment: datetime) -> Literal:
    """An xsd:dateTime in UTC, to the second."""
    return Literal(moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"), datatype=XSD.dateTime)


def number(value: int) -> Literal:
    """An xsd:integer."""
    return Literal(str(value), datatype=XSD.integer)


def source_description(node: IRI, source: Source) -> set[Triple]:
    triples = {
        Triple(node, RDF.type, DCAT.Catalog),
        Triple(node, DCT.identifier, text(source.id)),
        Triple(node, DCT.title, text(source.title, "en")),
        Triple(node, OSC.sourceKind, text(source.kind)),
        Triple(node, OSC.precedence, number(source.precedence)),
    }
    if source.location.startswith(("http://", "https://")) and is_iri(source.location):
        triples.add(Triple(node, DCAT.accessURL, IRI(source.location)))
    return triples


def record_description(node: IRI, record: Record) -> set[Triple]:
    triples = {
        Triple(node, FOAF.primaryTopic, record.iri),
        Triple(node, OSC.contentHash, Literal(content_hash(record.triples))),
        Triple(node, OSC.recordState, Literal("current")),
        *(Triple(node, OSC.inferred, term) for term in record.inferred),
    }
    if record.document_hash:
        triples.add(Triple(node, OSC.documentHash, Literal(record.document_hash)))
    if record.original:
        triples.add(Triple(node, PROV.value, text(record.original)))
    if record.conforms_to:
        triples.add(Triple(node, DCT.conformsTo, IRI(record.conforms_to)))
    return triples


def catalogue_record(page: IRI, entity: IRI, issued: Term | Triple, modified: Term | Triple) -> set[Triple]:
    status = "created" if issued == modified else "updated"
    return {
        Triple(page, RDF.type, DCAT.CatalogRecord),
        Triple(page, FOAF.primaryTopic, entity),
        Triple(page, DCT.issued, issued),
        Triple(page, DCT.modified, modified),
        Triple(page, ADMS.status, IRI(ADMS_CHANGE_TYPE + status)),
    }


def report_description(node: IRI, report: Report) -> set[Triple]:
    """A sh:ValidationReport `{record}#report` with a result `{record}#finding-{n}` for each finding; none without."""
    if not report.findings:
        return set()
    head = IRI(f"{node.value}#report")
    triples = {
        Triple(head, RDF.type, SH.ValidationReport),
        Triple(head, SH.conforms, Literal(str(report.conforms).lower(), datatype=XSD.boolean)),
    }
    for position, finding in enumerate(report.findings, 1):
        result = IRI(f"{node.value}#finding-{position}")
        triples |= {Triple(head, SH.result, result), Triple(result, SH.focusNode, node), *_finding(result, finding)}
    return triples


def _finding(result: IRI, finding: Finding) -> Iterator[Triple]:
    yield Triple(result, RDF.type, SH.ValidationResult)
    yield Triple(result, SH.resultSeverity, _SEVERITIES[finding.severity])
    yield Triple(result, SH.resultMessage, text(finding.message, "en"))
    for predicate, value in ((SH.value, finding.value), (OSC.findingCode, finding.path), (OSC.findingFix, finding.fix)):
        if value is not None:
            yield Triple(result, predicate, text(value))
    for predicate, position in ((OSC.line, finding.line), (OSC.column, finding.column)):
        if position is not None:
            yield Triple(result, predicate, number(position))
