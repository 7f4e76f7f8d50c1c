"""Public bodies as registers and inventories name them: their identifiers, accounts and levels."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import unquote

from catalogue.identity import repository
from catalogue.rdf import IRI, Literal, Triple, is_iri, text
from catalogue.vocabulary import ADMS, ADMS_PUBLISHER_TYPE, CV, DCT, FOAF, OSC, RDF, SKOS, concept

# Names within registers that have no addresses of their own. The Italian one is that of publiccode.yml.
ITALIAN = "urn:x-italian-pa:"
CANADIAN = "urn:x-ca-ore:"
FRENCH = "urn:x-fr-pso:"
AGENCIES: Mapping[str, Literal] = {
    ITALIAN: text("Agenzia per l’Italia Digitale", "it"),
    CANADIAN: text("Treasury Board of Canada Secretariat", "en"),
    FRENCH: text("Direction de l’information légale et administrative", "fr"),
}
PUBLISHER_TYPES: Mapping[str, str] = {
    "local": "LocalAuthority",
    "regional": "RegionalAuthority",
    "national": "NationalAuthority",
    "supranational": "SupraNationalAuthority",
}

_LISTS_OF_ACCOUNTS = re.compile(r"(https?://[^/]+)/(?:orgs|groups)/([^?#]+?)(?:/repositories|/-/.*)?/?")


def public(agent: IRI, place: IRI | None, level: str) -> Iterator[Triple]:
    """That an organisation is a public body, where, and of which level (of the code list `level`, "" for unknown)."""
    yield Triple(agent, RDF.type, CV.PublicOrganisation)
    if place:
        yield Triple(agent, DCT.spatial, place)
    if level in PUBLISHER_TYPES:
        yield Triple(agent, OSC.level, concept("level", level))
        yield Triple(agent, DCT.type, IRI(ADMS_PUBLISHER_TYPE + PUBLISHER_TYPES[level]))


def identified(agent: IRI, uri: str, fragment: str = "identifier") -> Iterator[Triple]:
    """An identifier as a node of the organisation, with the agency that gives it where that is known."""
    node = IRI(f"{agent.value}#{fragment}")
    yield Triple(agent, ADMS.identifier, node)
    yield Triple(node, RDF.type, ADMS.Identifier)
    yield Triple(node, SKOS.notation, text(uri))
    for prefix, agency in AGENCIES.items():
        if uri.startswith(prefix):
            yield Triple(node, ADMS.schemaAgency, agency)


class Account(NamedTuple):
    """An account on a forge, or a forge of its own: its canonical address, as repositories in it begin, and name."""

    url: str
    name: str


def account(written: str) -> Account | None:
    """The account at an address, also where that is of the list of its repositories; None for what is none."""
    address = written.strip()
    if listed := _LISTS_OF_ACCOUNTS.fullmatch(address):
        address = f"{listed[1]}/{listed[2]}"
    try:
        url = repository(address).url
    except ValueError:
        return None
    host, _, path = url.removeprefix("https://").partition("/")
    return Account(url, unquote(path) or host) if is_iri(url) else None


def account_page(agent: IRI, url: str) -> Iterator[Triple]:
    """The page of an organisation's account."""
    page, found = IRI(url), account(url)
    yield Triple(agent, FOAF.account, page)
    yield Triple(page, RDF.type, FOAF.OnlineAccount)
    if found:
        yield Triple(page, FOAF.accountName, text(found.name))
