"""RDF in a record of OAI-PMH: an element of RDF/XML, cut out of the answer."""

from collections.abc import Iterator
from dataclasses import replace

from catalogue import sandbox
from catalogue.errors import DocumentError
from catalogue.harvesters import _rdf_members
from catalogue.harvesters._oai_xml import written
from catalogue.identity import Minter
from catalogue.model import Document, Finding, Reading, Report, Severity
from catalogue.rdf import SYNTAXES, Triple
from catalogue.sandbox import Element
from catalogue.vocabulary import ADMS, DCAT, DOAP, FOAF, RDF

_RDF_XML = SYNTAXES["rdf"]
_RDF = f"{{{RDF.iri}}}"
# An element of RDF/XML need not be in rdf:RDF. What its parser would take for one is every XML there is.
_ROOTS = ("http://schema.org/", "https://schema.org/", *(n.iri for n in (ADMS, DCAT, DOAP, FOAF)))


def is_rdf(content: Element) -> bool:
    is_known = content.name.startswith(tuple(f"{{{namespace}}}" for namespace in _ROOTS))
    return content.name == f"{_RDF}RDF" or is_known or f"{_RDF}about" in content.attributes


def document(content: Element, url: str, page: Document) -> Document:
    return Document(url, written(content), _RDF_XML.media_type, page.fetched)


def readings(key: str, document: Document, minter: Minter) -> Iterator[Reading]:
    """The first thing has the record's key; of a catalogue that only lists it, nothing is read.

    Every record of a repository repeats the catalogue that they are all of.
    """
    origin = document.url if document.is_remote else key
    try:
        quads = sandbox.parse(document.content, _RDF_XML, None)
        members = [m for k, d in _rdf_members.members(quads, document) for m in _rdf_members.readings(k, d, minter)]
    except DocumentError as error:
        finding = Finding(Severity.VIOLATION, str(error), None, None, error.fix)
        yield Reading(key, origin, Report((finding,)))
        return
    things = [member for member in members if not _is_catalogue(member)] or members
    for number, member in enumerate(things):
        named = f"{key}-{member.key}" if number else key
        record = member.record and replace(member.record, key=named, origin=origin)
        yield Reading(named, origin, member.report, record)


def _is_catalogue(reading: Reading) -> bool:
    record = reading.record
    return record is not None and Triple(record.iri, RDF.type, DCAT.Catalog) in record.triples
