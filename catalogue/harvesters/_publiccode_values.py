"""Readers of single values of a publiccode.yml: texts, links, files."""

import re

from catalogue.harvesters._publiccode_draft import Draft, Place, Reader, plain
from catalogue.model import Severity
from catalogue.publiccode.forges import file_address, raw_address
from catalogue.rdf import IRI, is_iri, text
from catalogue.vocabulary import DCT, FOAF, RDF, concept
from catalogue.yaml import Node


def web_page(*predicates: IRI, page_type: str | None = None) -> Reader:
    """Reads the address of a page, which becomes a foaf:Document."""

    def read_page(draft: Draft, node: Node, place: Place) -> None:
        address = draft.address(node, place)
        if address is None:
            return
        page = IRI(address)
        draft.say(page, RDF.type, FOAF.Document)
        if page_type:
            draft.say(page, DCT.type, concept("page-type", page_type))
        for predicate in predicates:
            draft.say(draft.solution, predicate, page)

    return read_page


def file_itself(draft: Draft, node: Node, place: Place) -> str | None:
    """The address of a file of the repository, given as an address (also of a page that shows it) or as a path."""
    value = plain(node)
    if value is None:
        return None
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", value):
        address = draft.address(node, place)
        raw = raw_address(address) if address else ""
        return raw if is_iri(raw) else None
    address = file_address(value, draft.repository, draft.document_url)
    if address is None and not value.startswith(".."):
        fix = "Write the whole address of the file."
        draft.find(Severity.INFO, "The address of this file cannot be told; it was left out.", place, node, fix)
    return address


def prose(*predicates: IRI) -> Reader:
    """Reads a text of the description."""

    def read_prose(draft: Draft, node: Node, place: Place) -> None:
        if value := plain(node):
            for predicate in predicates:
                draft.say(draft.solution, predicate, text(value, place.language))

    return read_prose


def phrases(predicate: IRI) -> Reader:
    """Reads a list of texts."""

    def read_phrases(draft: Draft, node: Node, place: Place) -> None:
        for value in draft.texts(node, place):
            draft.say(draft.solution, predicate, text(value, place.language))

    return read_phrases
