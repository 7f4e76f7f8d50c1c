"""Registers: lists of public administrations, of their identifiers and of their accounts on forges.

They are what organisations are matched against: whoever another source knows by an identifier, an account or the exact
name within its country is the one that has it in a register. Each entry is one record; `Record.same` has the IRIs that
are minted of its identifiers, its accounts and its names.

The lists that are known are in `_register_lists`; a table of one's own needs a column `name`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields

from catalogue import code_lists
from catalogue.errors import DocumentError
from catalogue.harvesters import _json
from catalogue.harvesters._organisations import Account, account, account_page, identified, public
from catalogue.harvesters._register_lists import Body, bodies
from catalogue.harvesters._split import beginnings, entries, part, unreadable
from catalogue.identity import Minter, organisation_identity
from catalogue.identity import key as hashed
from catalogue.model import Document, Finding, Found, Reading, Record, Report, Severity
from catalogue.publiccode import values
from catalogue.rdf import IRI, Triple, is_iri, text
from catalogue.visit import Option, Visit
from catalogue.vocabulary import DCT, FOAF, ORG, RDF, SKOS

__all__ = ["OPTIONS", "PRECEDENCE", "documents", "readings", "recognises"]

PRECEDENCE = 80
OPTIONS: Mapping[str, Option] = {}

_SUFFIXES = (".csv", ".tsv", ".txt", ".json", ".yml", ".yaml")
_LEVELS = ("local", "regional", "national", "supranational")
_LONGEST_FIRST_LINE = 2000
# What tables and lists that are known begin with, or have in their first entries.
_TABLE = re.compile(
    rb"^\W*(?:cod_amm|codice_ipa)\b|^(?:.*[,;\t])?\W?name(?:@[a-z]+)?\W?[,;\t].*\b(?:country|identifier|account|level)\b"
    rb"|^\W*item\W+itemlabel\b|^.*\b(?:country\.country_code|names\.types\.ror_display)\b",
    re.IGNORECASE,
)
_LIST = re.compile(
    rb"^[ \t]+pso_id:|\"https://(?:ld\.admin\.ch|ror\.org|www\.gov\.uk/api/organisations)/"
    rb"|^[ \t]+email_suffix:[ \t]*(?:['\"]?@|$)|^[ \t]+(?:orgs|repos):[ \t]*$"
    rb"|\A(?:#.*\n|\s)*(?:[A-Z][\w .]*:\n(?: +- [\w-]+\n)+\n)+",
    re.MULTILINE,
)


def recognises(location: str, document: Document | None) -> bool:
    """By the columns of a table, or by what only such lists have in them."""
    heads = beginnings(location, document, _SUFFIXES)
    return any(_TABLE.match(head[:_LONGEST_FIRST_LINE]) or _LIST.search(head) for head in heads)


def documents(visit: Visit) -> Iterator[Found]:
    """A document for each entry of each list."""
    return entries(visit, _SUFFIXES, _split)


def _split(name: str, document: Document) -> Iterator[tuple[str, Document]]:
    for body in bodies(name, document.content):
        # Where an entry stands is not what it says: a row more above it does not change it.
        told = {term.name: getattr(body, term.name) for term in fields(body) if term.name != "line"}
        value = {term: found for term, found in told.items() if found or term == "public"}
        if not _identity(body):
            value |= {"file": name, "line": body.line}
        yield part(hashed(f"{name}\n{_identity(body) or body.line}"), value, document)


def _identity(body: Body) -> str:
    """What an entry is known by: its first identifier, its name within its country, its first account."""
    name = next(iter(body.names.values()), "")
    uri = next((uri for uri in body.identifiers if is_iri(uri)), None)
    if uri or name:
        return organisation_identity(uri, name, body.country)
    accounts = _accounts(body)
    return organisation_identity(accounts[0].url, "") if accounts else ""


def _accounts(body: Body) -> list[Account]:
    return list(dict.fromkeys(filter(None, map(account, body.accounts))))


def readings(key: str, document: Document, minter: Minter) -> Iterator[Reading]:
    """The one reading of an entry."""
    origin = document.url if document.is_remote else key
    try:
        value = _json.parse(document.content)
    except DocumentError as error:
        yield unreadable(key, origin, error)
        return
    body = _body(value)
    if not _identity(body):
        yield Reading(key, origin, Report((_nobody(value),)))
        return
    iri, triples, findings = _described(body, minter)
    record = Record(
        key=key,
        iri=iri,
        triples=frozenset(triples),
        origin=origin,
        original=document.content.decode(),
        same=frozenset(_same(body, minter)) - {iri},
    )
    yield Reading(key, origin, Report(tuple(findings)), record)


def _nobody(value: _json.Json) -> Finding:
    """What is wrong with an entry that is of nobody, and where."""
    file, line = _json.text(_json.member(value, "file")), _json.member(value, "line")
    message = "Nothing says who this is: there is no name, identifier or account."
    return Finding(
        Severity.VIOLATION,
        f"{file}: {message}" if file else message,
        "name",
        fix="Write the name, and an identifier where there is one.",
        line=line if isinstance(line, int) and line > 0 else None,
    )


def _body(value: _json.Json) -> Body:
    """An entry as `_split` wrote it."""
    get = value.get if isinstance(value, dict) else {}.get
    country, homepage, level, part_of = (
        _json.text(get(name)) or "" for name in ("country", "homepage", "level", "part_of")
    )
    given = get("names")
    others = [pair for pair in _json.items(get("other_names")) if len(_json.texts(pair)) == 2]
    return Body(
        names={tag: said for tag, item in given.items() if (said := _json.text(item))}
        if isinstance(given, dict)
        else {},
        other_names=tuple((tag, said) for tag, said in map(_json.texts, others)),
        identifiers=_json.texts(get("identifiers")),
        accounts=_json.texts(get("accounts")),
        public=get("public") is not False,
        country=country,
        homepage=homepage,
        level=level,
        part_of=part_of,
    )


def _same(body: Body, minter: Minter) -> Iterator[IRI]:
    """The IRIs that other sources mint for the organisation, by what they know it by."""
    yield from (minter.organisation(uri, "") for uri in body.identifiers if is_iri(uri))
    yield from (minter.organisation(found.url, "") for found in _accounts(body))
    if body.country:
        yield from (minter.organisation(None, name, body.country) for name in body.names.values())


def _described(body: Body, minter: Minter) -> tuple[IRI, set[Triple], list[Finding]]:
    iri = minter.thing("owner", _identity(body))
    triples = {Triple(iri, RDF.type, FOAF.Agent), Triple(iri, RDF.type, FOAF.Organization)}
    findings: list[Finding] = []
    place = code_lists.country(body.country)
    if body.public:
        triples.update(public(iri, place, body.level))
    elif place:
        triples.add(Triple(iri, DCT.spatial, place))
    triples.update(_names(iri, body, findings))
    for number, uri in enumerate(filter(is_iri, body.identifiers)):
        triples.update(identified(iri, uri, f"identifier-{hashed(uri)}" if number else "identifier"))
    for found in _accounts(body):
        triples.update(account_page(iri, found.url))
    triples.update(_homepage(iri, body, findings))
    if body.part_of:
        triples.add(Triple(iri, ORG.subOrganizationOf, minter.organisation(body.part_of, "")))
    findings.extend(_faults(body, place))
    return iri, triples, findings


def _names(iri: IRI, body: Body, findings: list[Finding]) -> Iterator[Triple]:
    """Names in their languages; where the list has none, the account's stands for it, as for an inferred owner."""
    given = body.names
    accounts = _accounts(body)
    if not given and accounts:
        given = {"und": accounts[0].name}
        message = "The list has no name; that of the account stands for it."
        findings.append(Finding(Severity.INFO, message, "name", accounts[0].url))
    elif not given:
        findings.append(Finding(Severity.WARNING, "The list has no name.", "name", fix="Add the name."))
    for tag, name in given.items():
        yield Triple(iri, FOAF.name, text(name, tag))
        yield Triple(iri, SKOS.prefLabel, text(name, tag))
    for tag, name in body.other_names:
        yield Triple(iri, SKOS.altLabel, text(name, tag))


def _homepage(iri: IRI, body: Body, findings: list[Finding]) -> Iterator[Triple]:
    """The home page; the Italian index writes it without a scheme."""
    written = body.homepage
    address = written if "://" in written else f"https://{written}"
    if written and (page := values.address(address)):
        yield Triple(iri, FOAF.homepage, IRI(page))
        yield Triple(IRI(page), RDF.type, FOAF.Document)
    elif written:
        findings.append(Finding(Severity.WARNING, "This is no web address.", "homepage", written, "Write it in full."))


def _faults(body: Body, place: IRI | None) -> Iterator[Finding]:
    """What could not be used."""
    if body.country and place is None:
        yield Finding(Severity.WARNING, "This is no country.", "country", body.country, "Write its code, such as IT.")
    if body.level and body.level not in _LEVELS:
        yield Finding(Severity.WARNING, "This is no level.", "level", body.level, f"Write {', '.join(_LEVELS)}.")
    for uri in body.identifiers:
        if not is_iri(uri):
            fix = "Write a web address or a URN."
            yield Finding(Severity.WARNING, "This is no identifier.", "identifier", uri, fix)
    for written in body.accounts:
        if account(written) is None:
            fix = "Write its address, such as https://github.com/account."
            yield Finding(Severity.WARNING, "This is no address of an account.", "account", written, fix)
