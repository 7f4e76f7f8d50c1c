"""How many sources' statements about one thing become its one published description.

Pure: the description is a function of the set of (statement, rank), so neither the order of harvests nor how often one
ran can show in it. Union, but for the properties that a thing has once, where what a source states wins over what was
inferred, then the source of lowest precedence and, between equals, the smallest term.
"""

from collections.abc import Iterable
from typing import NamedTuple

from catalogue.rdf import IRI, Literal, Subject, Triple
from catalogue.vocabulary import ADMS, DCAT, DCT, DOAP, FOAF, OSC, OWL, SCHEMA, SKOS

# Upper cardinality 1 in ADMS-AP 2.01 or DCAT-AP 3.0.1, or one by nature.
SINGLE = frozenset(
    {
        ADMS.status,
        DCAT.hasCurrentVersion,
        DCAT.landingPage,
        DCAT.version,
        DCT.isVersionOf,
        DCT.issued,
        DCT.license,
        DCT.modified,
        DCT.publisher,
        DOAP.homepage,
        DOAP.license,
        DOAP.name,
        DOAP.repository,
        FOAF.logo,
        OSC.developmentStatus,
        OSC.initiativeStatus,
        OSC.level,
        OSC.localisationReady,
        OSC.maintenanceModel,
        OSC.softwareType,
        OWL.versionInfo,
        SCHEMA.codeRepository,
        SCHEMA.endDate,
        SCHEMA.foundingDate,
        SCHEMA.image,
        SCHEMA.license,
        SCHEMA.softwareVersion,
        SCHEMA.startDate,
        SCHEMA.url,
    }
)
# Once in each language.
SINGLE_PER_LANGUAGE = frozenset(
    {
        ADMS.versionNotes,
        DCT.abstract,
        DCT.description,
        DCT.title,
        DOAP.description,
        DOAP.shortdesc,
        SCHEMA.name,
        SKOS.prefLabel,
    }
)


class Rank(NamedTuple):
    """What a statement counts for, the least the most: whether it was only inferred, the precedence of its source."""

    inferred: bool
    precedence: int


class Group(NamedTuple):
    """Statements of which only one is published: of one property of a thing, in one language where it has any."""

    subject: Subject
    predicate: IRI
    language: str


def group(triple: Triple) -> Group | None:
    """The group that a statement competes in, None when it is published whatever others say."""
    subject, predicate, value = triple
    if predicate in SINGLE:
        return Group(subject, predicate, "")
    if predicate in SINGLE_PER_LANGUAGE:
        return Group(subject, predicate, (value.language or "") if isinstance(value, Literal) else "")
    return None


def winner(candidates: Iterable[tuple[Rank, Triple]]) -> Triple | None:
    """The statement to publish of one group's; None of none."""
    return min(candidates, key=lambda candidate: (candidate[0], str(candidate[1].object)), default=(None, None))[1]


def description(statements: Iterable[tuple[Rank, Triple]]) -> set[Triple]:
    """The published description of what the statements are about."""
    published: set[Triple] = set()
    groups: dict[Group, list[tuple[Rank, Triple]]] = {}
    for rank, triple in statements:
        competing = group(triple)
        if competing is None:
            published.add(triple)
        else:
            groups.setdefault(competing, []).append((rank, triple))
    published.update(best for candidates in groups.values() if (best := winner(candidates)))
    return published
