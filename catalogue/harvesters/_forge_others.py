"""The other files that describe the software of a repository without a publiccode.yml."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from catalogue.errors import DocumentError
from catalogue.harvesters import _json, codejson, codemeta
from catalogue.harvesters._forge_found import Place, is_address, same
from catalogue.harvesters._split import readable, rejected
from catalogue.identity import Minter, repository
from catalogue.model import Document, Finding, Reading, Record, Report, Severity
from catalogue.publiccode.forges import found_in
from catalogue.rdf import IRI
from catalogue.vocabulary import SCHEMA

_Readings = Callable[[str, Document, Minter], Iterator[Reading]]


def _inventory(_: str, document: Document, minter: Minter) -> Iterator[Reading]:
    for part in readable(document.url, document, codejson.split):
        if isinstance(part, Reading):
            yield part
        else:
            yield from codejson.readings(*part, minter)


def _codemeta(key: str, document: Document, minter: Minter) -> Iterator[Reading]:
    """Of a file that names no repository, as if it named the one that it was found in."""
    try:
        value = _json.parse(document.content, found=[])
    except DocumentError:
        value = None
    inside = found_in(document.url)
    if not isinstance(value, dict) or not inside or any(name.endswith("odeRepository") for name in value):
        yield from codemeta.readings(key, document, minter)
        return
    told = json.dumps({**value, "codeRepository": inside}).encode()
    for found in codemeta.readings(key, replace(document, content=told), minter):
        original = document.content.decode(errors="replace")
        yield replace(found, record=found.record and replace(found.record, original=original))


FILES: Mapping[str, _Readings] = {"codemeta.json": _codemeta, "code.json": _inventory}
"""What reads a file, by its name; in the order in which they are looked for."""


def reading(key: str, document: Document, place: Place, minter: Minter) -> Reading:
    """The one software that such a file describes, as that of the repository which the file was found in."""
    # Not all forges' addresses of files tell the repository; this form does, whatever the host.
    telling = replace(document, url=f"{place.repository}/-/raw/HEAD/{place.file}") if place.repository else document
    found = list(FILES[place.file](key, telling, minter))
    origin = document.url if document.is_remote else key
    if len(found) != 1:
        fix = "Name it as a source of its own kind."
        return rejected(key, origin, f"The {place.file} describes more than the software of its repository.", fix)
    record = found[0].record and replace(found[0].record, key=key, origin=origin)
    if record is None or not place.repository:
        return Reading(key, origin, found[0].report, record)
    if not _stated(record) <= set(place.addresses):
        message = f"technical fork: the {place.file} is that of another repository than {place.repository}."
        return Reading(key, origin, Report((Finding(Severity.WARNING, message, "codeRepository"),)))
    repo = repository(place.repository)
    own = {minter.thing("solution", repo.identity), *same(minter, repo, place.addresses)}
    record = replace(record, same=(record.same | own) - {record.iri})
    return Reading(key, origin, found[0].report, record)


def _stated(record: Record) -> set[str]:
    """The repositories that a record says its software is in."""
    found = {
        triple.object.value
        for triple in record.triples
        if (triple.subject, triple.predicate) == (record.iri, SCHEMA.codeRepository) and isinstance(triple.object, IRI)
    }
    return {repository(address).url for address in found if is_address(address)}
