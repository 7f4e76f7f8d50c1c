"""The facts beside a thing's text: for each kind a table of labels and the properties that they are read from.

The first of a row's properties that the thing has counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from catalogue.rdf import IRI, Term
from catalogue.vocabulary import (
    ADMS,
    DCAT,
    DCT,
    DOAP,
    DOAP_PROGRAMMING_LANGUAGE,
    FOAF,
    ORG,
    OSC,
    OWL,
    RDFS,
    SCHEMA,
    SKOS,
    V_ORGANIZATION_NAME,
    V,
)
from endpoint.description import Description
from endpoint.labels import code
from endpoint.licence_words import meaning
from endpoint.show import Shown, Text
from endpoint.view import View

Rows = tuple[tuple[str, tuple[IRI, ...]], ...]


@dataclass(frozen=True)
class Fact:
    """A label, its values, and what they mean in plain words."""

    label: str
    values: tuple[Shown, ...]
    note: str = ""


VERSION = (OWL.versionInfo, DCAT.version, SCHEMA.softwareVersion)
_LICENCE = (SCHEMA.license, DCT.license, DOAP.license)
_WORK: Rows = (
    ("Country", (DCT.spatial,)),
    ("Languages", (DCT.language,)),
    ("Published", (DCT.issued,)),
    ("Updated", (DCT.modified,)),
    ("Identifier", (DCT.identifier,)),
    ("Source", (DCT.source,)),
)
_ORGANISATION: Rows = (
    ("Level", (OSC.level,)),
    ("Kind of body", (DCT.type, ORG.classification)),
    ("Country", (DCT.spatial,)),
    ("Part of", (ORG.subOrganizationOf, ORG.unitOf)),
    ("Founded", (SCHEMA.foundingDate,)),
    ("Website", (FOAF.homepage,)),
)
FACTS: Mapping[str, Rows] = {
    "solution": (
        ("Owner", (DCT.publisher,)),
        ("Licence", _LICENCE),
        ("Status", (OSC.developmentStatus, ADMS.status)),
        ("Maintenance", (OSC.maintenanceModel,)),
        ("Version", VERSION),
        ("Released", ()),
        ("Kind of software", (OSC.softwareType,)),
        ("Country", (DCT.spatial,)),
        ("Languages", (DCT.language,)),
        ("Platforms", (SCHEMA.operatingSystem, DOAP.os)),
        ("Programming language", (SCHEMA.programmingLanguage, DOAP_PROGRAMMING_LANGUAGE)),
        ("Part of", (SCHEMA.applicationSuite, DCT.isPartOf)),
        ("Copyright", (DCT.rightsHolder, SCHEMA.copyrightHolder)),
        ("Ready for translation", (OSC.localisationReady,)),
        ("Website", (DCAT.landingPage, DOAP.homepage)),
    ),
    "initiative": (
        ("Led by", (DCT.publisher,)),
        ("Rights holder", (DCT.rightsHolder,)),
        ("Kind of initiative", (OSC.initiativeType,)),
        ("Status", (OSC.initiativeStatus,)),
        ("Level", (OSC.level,)),
        ("Country", (DCT.spatial,)),
        ("Founded", (SCHEMA.foundingDate,)),
        ("Began", (SCHEMA.startDate,)),
        ("Ended", (SCHEMA.endDate,)),
        ("Languages", (DCT.language,)),
        ("Membership", (OSC.membershipPolicy,)),
        ("Website", (FOAF.homepage, DOAP.homepage)),
    ),
    "administration": _ORGANISATION,
    "owner": _ORGANISATION,
    "release": (
        ("Release of", (DCT.isVersionOf,)),
        ("Version", VERSION),
        ("Released", (DCT.issued,)),
        ("Licence", _LICENCE),
        ("Owner", (DCT.publisher,)),
        ("Status", (OSC.developmentStatus, ADMS.status)),
    ),
    "distribution": (
        ("Licence", _LICENCE),
        ("Address", (DCAT.accessURL,)),
        ("Download", (DCAT.downloadURL,)),
        ("Format", (DCAT.mediaType, DCT.format)),
        ("Size", (SCHEMA.fileSize,)),
        ("Status", (ADMS.status,)),
    ),
    "article": (("Published by", (DCT.publisher,)), ("Part of", (DCT.isPartOf,)), *_WORK),
    "event": (
        ("Begins", (SCHEMA.startDate,)),
        ("Ends", (SCHEMA.endDate,)),
        ("Place", (SCHEMA.location,)),
        ("Attendance", (SCHEMA.eventAttendanceMode,)),
        ("Part of", (DCT.isPartOf,)),
        *_WORK,
    ),
    "document": (
        ("Kind of document", (DCT.type,)),
        ("Published by", (DCT.publisher,)),
        ("Part of", (DCT.isPartOf,)),
        *_WORK,
    ),
    "licence": (
        ("Identifier", (DCT.identifier, SKOS.notation)),
        ("Approval", (DCT.type,)),
        ("Consists of", (DCT.hasPart,)),
        ("Replaced by", (DCT.isReplacedBy,)),
        ("Text", (RDFS.seeAlso,)),
    ),
    "topic": (
        ("Code", (SKOS.notation,)),
        ("List", (SKOS.inScheme,)),
        ("Broader", (SKOS.broader, SKOS.broadMatch)),
        ("Same as", (SKOS.exactMatch, SKOS.closeMatch)),
    ),
    "contact": (
        ("E-mail", (V.hasEmail,)),
        ("Telephone", (V.hasTelephone,)),
        ("Organisation", (V_ORGANIZATION_NAME,)),
        ("Website", (V.hasURL,)),
    ),
}


def facts(kind: str, about: Description, view: View) -> list[Fact]:
    """The facts that a thing of a kind has."""
    found = ((label, about.values(*properties) or _from_parts(kind, label, about)) for label, properties in FACTS[kind])
    return [_fact(label, values, view) for label, values in found if values]


def _fact(label: str, values: list[Term], view: View) -> Fact:
    words = meaning(values[0]) if label == "Licence" and len(values) == 1 and isinstance(values[0], IRI) else ""
    return Fact(label, _spoken(values) or view.shown(values), words)


# Terms of schema.org, which no code list has.
_ATTENDANCE = {
    "OfflineEventAttendanceMode": "In person",
    "OnlineEventAttendanceMode": "Online",
    "MixedEventAttendanceMode": "In person and online",
}


def _spoken(values: list[Term]) -> tuple[Shown, ...]:
    codes = [code(value) for value in values if isinstance(value, IRI)]
    return tuple(Text(_ATTENDANCE[name]) for name in codes if name in _ATTENDANCE)


def _from_parts(kind: str, label: str, about: Description) -> list[Term]:
    """What a solution's current release and its distributions say, where it says nothing itself."""
    if kind != "solution":
        return []
    release = about.value(DCAT.hasCurrentVersion, DCT.hasVersion)
    if label == "Licence":
        said = (about.values(*_LICENCE, node=node) for node in about.values(DCAT.distribution))
        return list(dict.fromkeys(value for values in said for value in values))
    of_release = {"Version": VERSION, "Released": (DCT.issued,)}.get(label)
    return about.values(*of_release, node=release) if of_release and release else []
