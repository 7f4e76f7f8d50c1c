"""What is said in old or local words, said in today's: Joinup's production data, ADMS.SW, ADMS 1, usual misspellings.

Each rule is a row of a table here (research: `specs.md` 1.7). A rule changes a statement alone, without looking at
others, and says a second time what it said the first. What no rule knows stays as it is; so does a literal that stands
where an IRI is expected but is none.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from urllib.parse import unquote

from catalogue.code_lists import notations
from catalogue.harvesters import _licence_names
from catalogue.rdf import IRI, Literal, Quad, Subject, Term, is_iri
from catalogue.vocabulary import (
    ADMS,
    DCAT,
    DCT,
    DOAP,
    DOAP_BUG_DATABASE,
    DOAP_PROGRAMMING_LANGUAGE,
    FOAF,
    OWL,
    PREFIXES,
    PROV,
    RDF,
    RDFS,
    SCHEMA,
    SKOS,
    V,
)

_JOINUP = "http://joinup.eu/"
_ADMSSW = "http://purl.org/adms/sw/"
_RADION = "http://www.w3.org/ns/radion#"
_CODEMETA = "https://codemeta.github.io/terms/"

PROPERTIES: Mapping[str, IRI] = {
    _JOINUP + "solution/source_code_repository": SCHEMA.codeRepository,
    _JOINUP + "solution/issue_tracker": DOAP_BUG_DATABASE,
    _JOINUP + "solution/wiki": IRI(DOAP.iri + "wiki"),
    _JOINUP + "solution/metrics_page": RDFS.seeAlso,
    _JOINUP + "vocabulary/topic": DCT.subject,
    _JOINUP + "licence/legal-type": DCT.subject,
    "http://purl.org/dc/dcmitype/StillImage": FOAF.logo,
    FOAF.iri + "Image": SCHEMA.image,
    "http://xmlns.com/foaf/spec/#term_homepage": FOAF.homepage,
    _ADMSSW + "forkOf": PROV.wasDerivedFrom,
    _ADMSSW + "fundedBy": SCHEMA.funder,
    _ADMSSW + "locale": SCHEMA.inLanguage,
    _ADMSSW + "package": DCAT.distribution,
    _ADMSSW + "project": DCT.isVersionOf,
    _ADMSSW + "release": DCT.hasVersion,
    _ADMSSW + "status": ADMS.status,
    _ADMSSW + "tagURL": DCAT.accessURL,
    _RADION + "distribution": DCAT.distribution,
    _RADION + "keyword": DCAT.keyword,
    _RADION + "theme": DCAT.theme,
    _RADION + "version": OWL.versionInfo,
    _CODEMETA + "issueTracker": DOAP_BUG_DATABASE,
    _CODEMETA + "maintainer": DOAP.maintainer,
    _CODEMETA + "readme": FOAF.page,
    "http://www.wikidata.org/prop/direct/P1324": SCHEMA.codeRepository,
    ADMS.iri + "accessURL": DCAT.accessURL,
    DCAT.iri + "accessUrl": DCAT.accessURL,
    DCAT.iri + "downloadUrl": DCAT.downloadURL,
    V.iri + "email": V.hasEmail,
    V.iri + "formattedName": V.fn,
    V.iri + "url": V.hasURL,
}
"""Property → what it is called today."""

CLASSES: Mapping[str, IRI] = {
    _ADMSSW + "SoftwarePackage": DCAT.Distribution,
    _ADMSSW + "SoftwareProject": DOAP.Project,
    _ADMSSW + "SoftwareRelease": DOAP.Version,
    _ADMSSW + "SoftwareRepository": DCAT.Catalog,
    _RADION + "Asset": ADMS.Asset,
    _RADION + "Distribution": DCAT.Distribution,
    _RADION + "Repository": DCAT.Catalog,
    ADMS.iri + "SemanticAsset": ADMS.Asset,
    ADMS.iri + "SemanticAssetDistribution": ADMS.AssetDistribution,
    ADMS.iri + "SemanticAssetRepository": ADMS.AssetRepository,
    V.iri + "VCard": V.Kind,
}
"""Class → what it is called today."""

# The names of values; the misspelt two are those of the ADMS vocabularies of 2015.
VALUES: Mapping[str, IRI] = {
    "http://purl.org/adms/licencetype/ISOcompliant": IRI("http://purl.org/adms/licencetype/OSIcompliant"),
    "http://purl.org/adms/licencetype/NonISOcompliant": IRI("http://purl.org/adms/licencetype/NonOSIcompliant"),
}
"""Value of any property → what it is called today."""

ADDRESSES = frozenset(
    {
        *(ADMS.status, DCAT.accessURL, DCAT.contactPoint, DCAT.dataset, DCAT.distribution, DCAT.downloadURL),
        *(DCAT.landingPage, DCAT.theme, DCT.conformsTo, DCT.hasPart, DCT.isPartOf, DCT.language, DCT.license),
        *(DCT.publisher, DCT.relation, DCT.source, DCT.spatial, DCT.subject, DCT.type, FOAF.account, FOAF.homepage),
        *(FOAF.logo, FOAF.page, OWL.sameAs, PROV.wasDerivedFrom, RDFS.seeAlso, SCHEMA.codeRepository, SCHEMA.funder),
        *(SCHEMA.image, SCHEMA.isBasedOn, SCHEMA.license, SCHEMA.screenshot, SCHEMA.softwareHelp, SCHEMA.url),
        *(DOAP.homepage, DOAP.license, DOAP.location, DOAP.repository, V.hasURL),
        *(DOAP_BUG_DATABASE, IRI(DOAP.iri + "wiki")),
    }
)
"""Properties of which a literal with a web address is meant as an IRI."""

MAILBOXES = frozenset({FOAF.mbox, V.hasEmail, IRI(SCHEMA.iri + "email")})
"""Properties of which a literal with a mail address is meant as `mailto:`."""

WORDS = frozenset({DOAP.name, DOAP.os, DOAP_PROGRAMMING_LANGUAGE})
"""Properties of which a name relative to the file is meant as a word: a widespread generator of DOAP writes them so."""

TOPICS = frozenset({DCT.subject, DCAT.theme})
"""Properties of which a literal is meant as a keyword."""

LICENCES = frozenset({DCT.license, SCHEMA.license, DOAP.license, OWL.sameAs, SKOS.exactMatch})
"""Properties of which an address of a licence at SPDX, in any spelling, is meant as its IRI; but for what says that two
are the same, that at its publisher's, too."""

_SAME = frozenset({OWL.sameAs, SKOS.exactMatch})
_SCHEMA_HTTPS = "https://schema.org/"
# Namespaces are names, not addresses: with https they are others, which nobody means. Of Dublin Core there are two.
_NAMESPACES = {
    **{"https" + iri.removeprefix("http"): iri for iri in PREFIXES.values() if iri.startswith("http:")},
    "http://purl.org/dc/elements/1.1/": DCT.iri,
}
_SPDX = re.compile(
    r"https?://(?:www\.)?spdx\.org/licenses/([A-Za-z0-9.+-]+?)(?:\.(?:html|json|rdf|txt|ttl))?/?(?:#.*)?"
)
# How the EU's list of licences writes their identifiers: EUPL_1_2.
_AUTHORITY = re.compile(r"https?://publications\.europa\.eu/resource/authority/licence/(\w+)")
_WEB = re.compile(r"(?:https?|ftp|git|ssh)://\S+", re.IGNORECASE)
_MAIL = re.compile(r"(?:mailto:)?([^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+)", re.IGNORECASE)


def normalised(quads: Iterable[Quad]) -> Iterator[Quad]:
    """The statements in today's words, in their order."""
    for subject, predicate, value, graph in quads:
        property_ = _property(predicate)
        meant = _object(property_, value)
        # A topic in words is what a keyword is.
        property_ = DCAT.keyword if property_ in TOPICS and isinstance(meant, Literal) else property_
        yield Quad(_subject(subject), property_, meant, graph)


@lru_cache(maxsize=4096)
def _property(predicate: IRI) -> IRI:
    return PROPERTIES.get(predicate.value) or _in_namespace(predicate)


@lru_cache(maxsize=4096)
def _class(name: IRI) -> IRI:
    return CLASSES.get(name.value) or _in_namespace(name)


def _in_namespace(term: IRI) -> IRI:
    found = next((iri for iri in _NAMESPACES if term.value.startswith(iri)), None)
    return IRI(_NAMESPACES[found] + term.value[len(found) :]) if found else term


def _subject(subject: Subject) -> Subject:
    return _licence(subject) if isinstance(subject, IRI) else subject


def _object(predicate: IRI, value: Term) -> Term:
    if isinstance(value, Literal):
        value = _meant(predicate, value)
    if not isinstance(value, IRI):
        return value
    if predicate in WORDS and value.value.startswith("file:"):
        return Literal(unquote(value.value.rpartition("/")[2]))
    if predicate == RDF.type:
        return _class(value)
    if predicate in LICENCES:
        return _licence(value) if predicate in _SAME else _of_software(value)
    if value.value.startswith(_SCHEMA_HTTPS) and predicate.value.startswith(SCHEMA.iri) and predicate != SCHEMA.url:
        return _in_namespace(value)  # a member of one of its enumerations
    return VALUES.get(value.value, value)


def _meant(predicate: IRI, literal: Literal) -> Term:
    """The IRI that a literal is meant to be, else the literal."""
    written = literal.value.strip()
    if predicate in ADDRESSES and _WEB.fullmatch(written) and is_iri(written):
        return IRI(written)
    if predicate in LICENCES and written.lower() in _licences():
        return _licences()[written.lower()]
    mail = _MAIL.fullmatch(written) if predicate in MAILBOXES else None
    return IRI(f"mailto:{mail[1]}") if mail and is_iri(f"mailto:{mail[1]}") else literal


def _licence(iri: IRI) -> IRI:
    """SPDX's own IRI of a licence, if this is another spelling of it."""
    if "spdx.org/licenses/" not in iri.value:
        return iri
    found = _SPDX.fullmatch(iri.value)
    return _licences().get(found[1].lower(), iri) if found else iri


@lru_cache(maxsize=4096)
def _of_software(iri: IRI) -> IRI:
    """The same of other addresses, such as a licence's own; those of Creative Commons tell more: their countries."""
    if found := _AUTHORITY.fullmatch(iri.value):
        return _licences().get(re.sub(r"(?<=\d)_(?=\d)", ".", found[1]).replace("_", "-").lower(), iri)
    named = None if "creativecommons.org/" in iri.value else _licence_names.named(iri.value)
    return _licences().get(named.expression.lower(), iri) if named else _licence(iri)


@cache
def _licences() -> Mapping[str, IRI]:
    """Identifier in lower case → IRI, of the licences that SPDX lists."""
    return {identifier.lower(): iri for identifier, iri in notations("licence").items()}
