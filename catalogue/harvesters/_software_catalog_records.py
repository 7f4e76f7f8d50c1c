"""What entries of software catalogues with an API say: of software, of publishers, of the Dutch register."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import unquote

from catalogue.harvesters import _json, publiccode
from catalogue.harvesters._json import Json
from catalogue.harvesters._source_code import declared
from catalogue.identity import Minter, repository
from catalogue.model import Document, Finding, Reading, Record, Report, Severity
from catalogue.publiccode import values
from catalogue.rdf import IRI, Term, Triple, is_iri, text
from catalogue.vocabulary import ADMS, COUNTRY, CV, DCT, FOAF, RDF, SKOS

# By the host of a service: what its publishers' identifiers are codes of, where its own catalogue does not say so.
NAMESPACES = {"api.developers.italia.it": "urn:x-italian-pa:"}
_ITALIAN = re.compile(r"urn:x-italian-pa:[\w.-]+", re.IGNORECASE | re.ASCII)
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)

# Not of a web address, since relative names of files would be read as the API's.
_NAME = "publiccode.yml"


def rejected(key: str, origin: str, message: str, fix: str | None = None) -> Reading:
    return Reading(key, origin, Report((Finding(Severity.VIOLATION, message, fix=fix),)))


def software(key: str, origin: str, entry: Json, minter: Minter) -> Reading:
    """The publiccode.yml of an entry, and what other addresses its software has."""
    written = _json.member(entry, "publiccodeYml")
    if not isinstance(written, str) or not written.strip():
        return rejected(key, origin, "This entry has no publiccode.yml.")
    reading = _read(key, written, minter)
    if reading.record is None:
        return replace(reading, origin=origin)
    current = _json.text(_json.member(entry, "url"))
    addresses = [address for address in (current, *_json.texts(_json.member(entry, "aliases"))) if address]
    known = {minter.thing("solution", repo.identity) for address in addresses if (repo := declared(address))}
    iri, found = reading.record.iri, reading.report.findings
    same = known - {iri} if iri in known else frozenset[IRI]()
    if known and iri not in known:
        message = f"The catalogue has this at {current}, its publiccode.yml says otherwise; it is taken at its word."
        found = (*found, Finding(Severity.WARNING, message, "url"))
    record = replace(reading.record, origin=origin, same=frozenset(same))
    return Reading(key, origin, Report(found), record)


def _read(key: str, written: str, minter: Minter) -> Reading:
    document = Document(_NAME, written.encode(), "application/yaml", datetime.min.replace(tzinfo=UTC))
    return next(iter(publiccode.readings(key, document, minter)))


def register_entry(key: str, origin: str, entry: Json, minter: Minter) -> Reading:
    """An entry of the Dutch register, which has a part of a publiccode.yml, or what the forge says in its place.

    Both are read as the standard is. What they lack, the file itself may have: so nothing is said of that.
    """
    reading = _read(key, json.dumps(_as_publiccode(entry), ensure_ascii=False), minter)
    found = tuple(finding for finding in reading.report.findings if finding.severity is Severity.VIOLATION)
    placeless = tuple(replace(finding, line=None, column=None) for finding in found)
    original = json.dumps(entry, ensure_ascii=False, sort_keys=True, indent=2)
    record = reading.record and replace(reading.record, origin=origin, conforms_to=None, original=original)
    return Reading(key, origin, Report(placeless), record)


def _as_publiccode(entry: Json) -> dict[str, Json]:
    """The register's words under the standard's keys; its address and organisation are those it has checked."""

    def said(*path: str) -> str | None:
        return _json.text(_json.member(entry, *path))

    file = _json.member(entry, "publicCode")
    organisation = {"uri": said("organisation", "uri"), "name": said("organisation", "label")}
    described = {
        "shortDescription": said("shortDescription") or said("description"),
        "longDescription": said("longDescription"),
    }
    whole = {"name": said("name"), "description": described} | (file if isinstance(file, dict) else {})
    whole["url"] = said("url") or said("repositoryUrl")
    if any(organisation.values()):
        whole["organisation"] = organisation
    return {_printable(name): _printable(value) for name, value in whole.items()}


# What YAML cannot hold unescaped (1.2.2, 5.1); JSON escapes the first thirty-two by itself.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")


def _printable(value: Json) -> Json:
    if isinstance(value, str):
        return _UNPRINTABLE.sub("", value)
    if isinstance(value, list):
        return [_printable(item) for item in value]
    if isinstance(value, dict):
        return {_printable(name): _printable(item) for name, item in value.items()}
    return value


def publisher(key: str, origin: str, entry: Json, minter: Minter) -> Reading:
    """An organisation: name, identifier, address for letters, and accounts where its repositories are."""
    name = _json.text(_json.member(entry, "description"))
    uri = _identifier(entry)
    if not (name or uri):
        return rejected(key, origin, "This publisher has neither a name nor an identifier.")
    node = minter.organisation(uri, name or "")
    triples: set[Triple] = set()

    def say(subject: IRI, predicate: IRI, *objects: Term) -> None:
        triples.update(Triple(subject, predicate, value) for value in objects)

    say(node, RDF.type, FOAF.Organization, FOAF.Agent)
    if name:
        say(node, FOAF.name, text(name, "und"))
        say(node, SKOS.prefLabel, text(name, "und"))
    _say_identifier(say, node, uri or _json.text(_json.member(entry, "alternativeId")))
    if mailbox := values.email(_json.text(_json.member(entry, "email")) or ""):
        say(node, FOAF.mbox, IRI(mailbox))
    for hosting in _json.objects(_json.member(entry, "codeHosting")):
        if hosting.get("group") is not False:
            _say_account(say, node, _json.text(hosting.get("url")) or "")
    original = json.dumps(entry, ensure_ascii=False, sort_keys=True, indent=2)
    record = Record(key, node, frozenset(triples), origin, original=original)
    return Reading(key, origin, Report(), record)


_Say = Callable[..., None]


def _identifier(entry: Json) -> str | None:
    """The URI that a publisher's identifier is, or becomes with the namespace of its catalogue."""
    written = _json.text(_json.member(entry, "alternativeId"))
    if written is None or _ADDRESS.match(written) or written.lower().startswith("urn:"):
        return values.organisation(written) if written else None
    namespace = _json.text(_json.member(entry, "namespace"))
    return values.organisation(namespace + written) if namespace else None


def _say_identifier(say: _Say, node: IRI, identifier: str | None) -> None:
    """As publiccode.yml's `organisation` does it: with a code of the Italian index, it is a public body of Italy."""
    if identifier is None:
        return
    italian, place = _ITALIAN.fullmatch(identifier), IRI(f"{node.value}#identifier")
    say(node, ADMS.identifier, place)
    say(place, RDF.type, ADMS.Identifier)
    say(place, SKOS.notation, text(identifier.lower() if italian else identifier))
    if italian:
        say(node, RDF.type, CV.PublicOrganisation)
        say(node, DCT.spatial, IRI(COUNTRY + "ITA"))
        say(place, ADMS.schemaAgency, text("Agenzia per l’Italia Digitale", "it"))


def _say_account(say: _Say, node: IRI, address: str) -> None:
    """An account, a group of one, or a whole forge."""
    try:
        page = repository(address).url
    except ValueError:
        return
    if not is_iri(page):
        return
    host, _, path = page.removeprefix("https://").partition("/")
    say(node, FOAF.account, IRI(page))
    say(IRI(page), RDF.type, FOAF.OnlineAccount)
    say(IRI(page), FOAF.accountName, text(unquote(path) or host))
