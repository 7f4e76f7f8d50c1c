"""Simple Dublin Core (oai_dc), as a solution.

It has fifteen elements and no rules for their values, so an element's values are told apart by what they look like:
of identifiers and relations those that are repositories, of rights those that are licences. A record with one
repository is known by it, another by its OAI identifier.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping

from catalogue.errors import DocumentError
from catalogue.harvesters import _json, _source_code
from catalogue.harvesters._entry import Entry, date_or_time
from catalogue.harvesters._oai_protocol import elements, local_name, text_of
from catalogue.identity import Minter, Repository
from catalogue.model import Document, Finding, Reading, Record, Report, Severity
from catalogue.rdf import IRI, text
from catalogue.sandbox import Element
from catalogue.vocabulary import DCAT, DCT, DOAP, FOAF, RDF, SCHEMA

MEDIA_TYPE = "application/json"
SOFTWARE = ("software", "c_5ce6", "source code", "sourcecode", "computer program", "logiciel", "programa informático")
"""Words for software, the third that of COAR's vocabulary of resource types."""

# Both generations of Dublin Core have its elements, and servers write their namespaces with and without the slash.
_DC = re.compile(r"\{https?://purl\.org/dc/(?:elements/1\.[01]|terms)/?\}\w+")
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_DOI = re.compile(r"(?:doi:\s*|info:doi/)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
# Statements of access, not licences.
_ACCESS = re.compile(r"info:eu-repo/semantics/\w+|https?://purl\.org/coar/access_right/\w+|\w+ ?access", re.IGNORECASE)

Values = Mapping[str, list[tuple[str, str]]]
"""The values of each element, each with the language that it is said to be in."""


def is_dublin_core(content: Element) -> bool:
    return local_name(content) == "dc" and any(map(_is_said, elements(content)))


def _is_said(element: Element) -> bool:
    return _DC.fullmatch(element.name) is not None


def _texts_in(element: Element) -> Iterator[str]:
    """All text of an element, that of marks in it included, such as the emphasis in a title."""
    for item in element.content:
        yield from (item,) if isinstance(item, str) else _texts_in(item)


def is_of_type(content: Element, words: tuple[str, ...]) -> bool:
    """Whether a dc:type has one of the words."""
    said = filter(_is_said, elements(content))
    types = [text_of(element).casefold() for element in said if local_name(element) == "type"]
    return any(word.casefold() in found for found in types for word in words)


def document(identifier: str, content: Element, url: str, page: Document) -> Document:
    """The OAI identifier, and the elements by name as `[[text, language], …]` in their order."""
    said: dict[str, list[list[str]]] = {}
    for element in elements(content):
        if _is_said(element) and (value := "".join(_texts_in(element)).strip()):
            said.setdefault(local_name(element), []).append([value, element.attributes.get(_LANGUAGE, "")])
    record = {"identifier": identifier, "elements": said}
    return Document(url, json.dumps(record, ensure_ascii=False, sort_keys=True).encode(), MEDIA_TYPE, page.fetched)


def readings(key: str, document: Document, minter: Minter) -> Iterator[Reading]:
    origin = document.url if document.is_remote else key
    try:
        content = _json.parse(document.content)
    except DocumentError as error:
        yield _rejected(key, origin, str(error))
        return
    said, identifier = (
        _values(_json.member(content, "elements")),
        _json.text(_json.member(content, "identifier")) or key,
    )
    if not said.get("title"):
        yield _rejected(key, origin, "The record has no title.")
        return
    repository = _repository(said)
    own = IRI(identifier) if _json.url(identifier) and not identifier.startswith(f"{minter.base}/") else None
    known = minter.thing("solution", repository.identity if repository else identifier)
    entry = Entry(minter, known if repository or own is None else own, repository)
    entry.identifier(identifier)
    for describe in _PARTS:
        describe(entry, said)
    same = frozenset({own} if own else ()) - {entry.iri}
    record = Record(
        key, entry.iri, frozenset(entry.triples), origin, original=text(document.content.decode()).value, same=same
    )
    yield Reading(key, origin, Report(tuple(entry.findings)), record)


def _rejected(key: str, origin: str, message: str) -> Reading:
    return Reading(key, origin, Report((Finding(Severity.VIOLATION, message),)))


def _values(said: _json.Json) -> Values:
    """What `document` wrote, and nothing else."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, pairs in said.items() if isinstance(said, dict) else ():
        pairs = [pair for pair in _json.items(pairs) if isinstance(pair, list) and len(pair) == 2]
        found[name] = [(value, str(tag)) for first, tag in pairs if (value := _json.text(first))]
    return found


def _repository(said: Values) -> Repository | None:
    """That of the first element that names any on a forge."""
    for name in ("identifier", "source", "relation"):
        if found := list(filter(None, (_source_code.on_forge(value) for value, _ in said.get(name, ())))):
            return _source_code.only(found)
    return None


def _titles(entry: Entry, said: Values) -> None:
    titles = [entry.literal(*pair) for pair in said["title"]]
    entry.say(entry.iri, DCT.title, *titles)
    entry.say(entry.iri, SCHEMA.name, *titles)
    if entry.repository:
        entry.say(entry.iri, DOAP.name, *titles)
        entry.say(entry.source, DCT.title, *titles)


def _texts(predicate: IRI, element: str) -> Callable[[Entry, Values], None]:
    def say_texts(entry: Entry, said: Values) -> None:
        entry.say(entry.iri, predicate, *(entry.literal(*pair) for pair in said.get(element, ())))

    return say_texts


def _publishers(entry: Entry, said: Values) -> None:
    for pair in said.get("publisher", ()):
        if agent := entry.organisation([entry.literal(*pair)]):
            entry.say(entry.iri, DCT.publisher, agent)


def _creators(entry: Entry, said: Values) -> None:
    """Persons or bodies, which Dublin Core does not tell apart: known within the record only."""
    for name, _ in said.get("creator", ()):
        node = entry.node("creator", name)
        entry.say(entry.iri, DCT.creator, node)
        entry.say(node, RDF.type, FOAF.Agent)
        entry.say(node, FOAF.name, entry.literal(name))


def _dates(entry: Entry, said: Values) -> None:
    """The earliest: what dc:date is the date of is not said."""
    dates = sorted((value for value, _ in said.get("date", ()) if date_or_time(value)))
    if dates:
        entry.dated(DCT.issued, dates[0], "dc:date")


def _identifiers(entry: Entry, said: Values) -> None:
    """Of web addresses and DOIs, the first is that of the record's page."""
    pages = []
    for value, _ in said.get("identifier", ()):
        entry.identifier(value)
        doi = _DOI.fullmatch(value)
        pages += [page for page in (f"https://doi.org/{doi[1]}" if doi else value,) if _json.url(page)]
    for page in pages[:1]:
        entry.page(DCAT.landingPage, page, "dc:identifier")


def _relations(entry: Entry, said: Values) -> None:
    for value, _ in said.get("relation", ()):
        is_other = entry.repository is None or entry.repository != _source_code.on_forge(value)
        address = entry.address(value, "dc:relation") if _json.url(value) and is_other else None
        entry.say(entry.iri, DCT.relation, *filter(None, (address,)))


def _languages(entry: Entry, said: Values) -> None:
    for value, _ in said.get("language", ()):
        entry.spoken(value)


def _licences(entry: Entry, said: Values) -> None:
    named = [value for value, _ in said.get("rights", ()) if not _ACCESS.fullmatch(value)]
    known = entry.licensed(entry.source if entry.repository else entry.iri, *named)
    if not known:
        fix = "Write the identifier of SPDX, or the address of the licence."
        entry.warn("No licence was recognised.", "dc:rights", named[0] if named else None, fix)


_PARTS: tuple[Callable[[Entry, Values], None], ...] = (
    _titles,
    _texts(DCT.description, "description"),
    _texts(DCAT.keyword, "subject"),
    _publishers,
    _creators,
    _dates,
    _identifiers,
    _relations,
    _languages,
    _licences,
)
