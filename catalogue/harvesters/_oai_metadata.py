"""RDF in a record of OAI-PMH: an element of RDF/XML, cut out of the answer."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from catalogue.errors import DocumentError
from catalogue.harvesters import _rdf_members
from catalogue.harvesters._oai_xml import written
from catalogue.identity import Minter
from catalogue.model import Document, Finding, Reading, Report, Severity
from catalogue.rdf import SYNTAXES, Triple
from catalogue.sandbox import Batch, Element
from catalogue.vocabulary import ADMS, DCAT, DOAP, FOAF, RDF

_RDF_XML = SYNTAXES["rdf"]
_RDF = f"{{{RDF.iri}}}"
_CATALOGUES = ("http://schema.org/", "https://schema.org/", *(n.iri for n in (ADMS, DCAT, DOAP)))
# An element of RDF/XML need not be in rdf:RDF. What its parser would take for one is every XML there is.
_ROOTS = (*_CATALOGUES, FOAF.iri)


@dataclass(frozen=True)
class Payload(Document):
    """The RDF of a record, which is parsed with that of the others on its page."""

    page: Batch = field(default_factory=lambda: Batch(_RDF_XML), hash=False, compare=False, repr=False)


def new_page() -> Batch:
    """What the payloads of a page are parsed in: those that are there when the first of them is read."""
    return Batch(_RDF_XML)


def is_rdf(content: Element) -> bool:
    is_known = content.name.startswith(tuple(f"{{{namespace}}}" for namespace in _ROOTS))
    return content.name == f"{_RDF}RDF" or is_known or f"{_RDF}about" in content.attributes


def is_of_catalogues(element: Element) -> bool:
    """Whether it or anything in it is of a vocabulary in which catalogues describe what they have."""
    names = (element.name.lstrip("{"), *element.attributes.values())
    inside = (item for item in element.content if isinstance(item, Element))
    return any(name.startswith(_CATALOGUES) for name in names) or any(map(is_of_catalogues, inside))


def document(content: Element, url: str, answer: Document, page: Batch) -> Payload:
    payload = Payload(url, written(content), _RDF_XML.media_type, answer.fetched, page=page)
    page.add(payload.content, None)
    return payload


def readings(key: str, document: Document, minter: Minter) -> Iterator[Reading]:
    """The first thing has the record's key; of a catalogue that only lists it, nothing is read.

    Every record of a repository repeats the catalogue that they are all of.
    """
    origin = document.url if document.is_remote else key
    try:
        page = document.page if isinstance(document, Payload) else new_page()
        quads = page.parse(document.content, None)
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
