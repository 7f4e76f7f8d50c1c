"""The quality score of a solution: points for what is published of it, each with the values that earned them.

Pure. What is measured, for how many points, and the cheapest way to them is said in `vocab/quality.ttl`, in the form
of DQV (https://www.w3.org/TR/vocab-dqv/); what counts for each indicator is said here. An indicator gives all of its
points or none, so a score is a sum that anyone can check.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from catalogue.code_lists import resources
from catalogue.rdf import IRI, SYNTAXES, Literal, Term, Triple, read
from catalogue.vocabulary import (
    ADMS,
    ADMS_STATUS,
    COUNTRY,
    DATA_THEME,
    DCAT,
    DCT,
    DOAP,
    DQV,
    FOAF,
    LANGUAGE,
    LISTS,
    OSC,
    OWL,
    PROV,
    RDF,
    SCHEMA,
    SKOS,
    SPDX_LICENCE,
    XSD,
    concept,
)

LIST = "quality"
METRICS = f"{LISTS}{LIST}/"
TOTAL = IRI(f"{METRICS}total")
# What leads to a node whose own statements count, too: which of them.
PARTS: Mapping[IRI, tuple[IRI, ...]] = {
    DCAT.distribution: (DCT.license, DCAT.downloadURL),
    DCAT.hasCurrentVersion: (DCT.issued,),
    DCT.hasVersion: (DCT.issued,),
    DCAT.hasVersion: (DCT.issued,),
    PROV.qualifiedAttribution: (DCAT.hadRole, PROV.agent),
}

_LONG = 150  # characters that publiccode.yml asks of a longDescription
_WEB = ("http://", "https://")
_PUBLICCODE = f"{LISTS}publiccode-yml/"
# What an SPDX expression of several licences is minted as.
_EXPRESSION = "/id/licence/"

Values = Mapping[IRI, Sequence[Term]]


@dataclass(frozen=True)
class Reading:
    """How a record about a thing was read: by which version of a standard, and what is to be mended in it."""

    node: IRI
    standard: IRI | None = None
    violations: int = 0
    warnings: int = 0


@dataclass(frozen=True)
class Facts:
    """What a score is a function of: a thing's own statements, those of its `PARTS`, and its records.

    `inferred` are the properties whose values the catalogue inferred and no source says: they do not count.
    """

    thing: IRI
    own: Values
    parts: Mapping[IRI, Values] = field(default_factory=dict)
    records: Sequence[Reading] = ()
    inferred: frozenset[IRI] = frozenset()

    def all(self, *properties: IRI) -> Iterator[Term]:
        """The thing's own values of some properties."""
        for name in properties:
            yield from self.own.get(name, ()) if name not in self.inferred else ()

    def of_parts(self, links: Iterable[IRI], *properties: IRI) -> Iterator[Term]:
        """The values of the nodes that some of the `PARTS` lead to."""
        for link in links:
            for node in self.own.get(link, ()):
                part = self.parts.get(node, {}) if isinstance(node, IRI) else {}
                for name in properties:
                    yield from part.get(name, ())


@dataclass(frozen=True)
class Indicator:
    """One row of the profile: texts by language, and what is worth the points."""

    id: str
    dimension: str
    points: int
    label: Mapping[str, str]
    rule: Mapping[str, str]
    fix: Mapping[str, str]

    @property
    def metric(self) -> IRI:
        return IRI(METRICS + self.id)


@dataclass(frozen=True)
class Dimension:
    """A group of indicators."""

    id: str
    label: Mapping[str, str]
    question: Mapping[str, str]
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True)
class Result:
    """What became of an indicator: the values that earned its points, none when it was not met."""

    indicator: Indicator
    evidence: tuple[Term, ...]

    @property
    def points(self) -> int:
        return self.indicator.points if self.evidence else 0


@dataclass(frozen=True)
class Score:
    """The results of all indicators, in the profile's order."""

    results: tuple[Result, ...]

    @property
    def total(self) -> int:
        return sum(result.points for result in self.results)

    def of(self, dimension: Dimension) -> tuple[Result, ...]:
        return tuple(result for result in self.results if result.indicator.dimension == dimension.id)

    @property
    def missing(self) -> tuple[Result, ...]:
        """What has no points, what would bring most first."""
        return tuple(sorted((r for r in self.results if not r.evidence), key=lambda r: -r.indicator.points))


def measure(facts: Facts) -> Score:
    """The score of what is published of a solution."""
    indicators = (indicator for dimension in profile() for indicator in dimension.indicators)
    return Score(tuple(Result(one, tuple(dict.fromkeys(_RULES[one.id](facts)))) for one in indicators))


def summary(score: Score, thing: IRI, page: IRI) -> set[Triple]:
    """What is stored of a score: a dqv:QualityMeasurement `{page}#quality` of the total, with an osc:lacks for each
    indicator that gave no points.

    All else follows from that and the profile. With a measurement of each missing indicator, measuring took 27 % of
    the time that writing a record takes, and so it takes 12 %.
    """
    node = IRI(f"{page.value}#quality")
    lacks = (Triple(node, OSC.lacks, result.indicator.metric) for result in score.missing)
    return {*_measurement(node, thing, TOTAL, score.total), *lacks}


def measurements(score: Score, thing: IRI, page: IRI) -> set[Triple]:
    """A score in full: its `summary`, and a dqv:QualityMeasurement `{page}#quality-{id}` of each indicator."""
    found = summary(score, thing, page)
    for result in score.results:
        node = IRI(f"{page.value}#quality-{result.indicator.id}")
        found.update(_measurement(node, thing, result.indicator.metric, result.points))
        found.update(Triple(node, PROV.wasDerivedFrom, value) for value in result.evidence if isinstance(value, IRI))
    return found


def _measurement(node: IRI, thing: IRI, metric: IRI, points: int) -> Iterator[Triple]:
    yield Triple(node, RDF.type, DQV.QualityMeasurement)
    yield Triple(node, DQV.computedOn, thing)
    yield Triple(node, DQV.isMeasurementOf, metric)
    yield Triple(node, DQV.value, Literal(str(points), datatype=XSD.integer))


# The profile


@cache
def profile() -> tuple[Dimension, ...]:
    """The dimensions with their indicators, in the order of `vocab/quality.ttl`."""
    content = (resources("vocab") / f"{LIST}.ttl").read_bytes()
    said: dict[IRI, dict[IRI, list[Term]]] = {}
    for subject, predicate, value, _ in read(content, SYNTAXES["ttl"]):
        said.setdefault(subject, {}).setdefault(predicate, []).append(value)
    return tuple(
        Dimension(
            node.value.removeprefix(METRICS),
            _texts(facts, SKOS.prefLabel),
            _texts(facts, SKOS.definition),
            tuple(_indicator(metric, of) for metric, of in said.items() if of.get(DQV.inDimension) == [node]),
        )
        for node, facts in said.items()
        if DQV.Dimension in facts[RDF.type]
    )


def _indicator(metric: IRI, said: Values) -> Indicator:
    (dimension,), (points,) = said[DQV.inDimension], said[OSC.points]
    return Indicator(
        metric.value.removeprefix(METRICS),
        dimension.value.removeprefix(METRICS),
        int(points.value),
        _texts(said, SKOS.prefLabel),
        _texts(said, SKOS.definition),
        _texts(said, OSC.findingFix),
    )


def _texts(said: Values, name: IRI) -> dict[str, str]:
    return {value.language or "": value.value for value in said[name] if isinstance(value, Literal)}


@cache
def fingerprint() -> str:
    """Changes with the profile and its rules, so that what they would measure otherwise is measured anew."""
    digest = hashlib.sha256((resources("vocab") / f"{LIST}.ttl").read_bytes())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()


# The rules: what counts for each indicator

Rule = Callable[[Facts], Iterator[Term]]


def _any(*properties: IRI) -> Rule:
    """Any value of some properties."""
    return lambda facts: (value for value in facts.all(*properties) if value.value.strip())


def _among(starts: tuple[str, ...], *properties: IRI) -> Rule:
    """IRIs that begin like those of a list, or of the web."""
    return lambda facts: (v for v in facts.all(*properties) if isinstance(v, IRI) and v.value.startswith(starts))


def _release(facts: Facts) -> Iterator[Term]:
    yield from facts.all(
        DCAT.hasCurrentVersion, DCT.hasVersion, DCAT.hasVersion, OWL.versionInfo, DCAT.version, SCHEMA.softwareVersion
    )
    yield from facts.of_parts((DCAT.distribution,), DCAT.downloadURL)


def _publiccode(facts: Facts) -> Iterator[Term]:
    for record in facts.records:
        if record.standard and record.standard.value.startswith(_PUBLICCODE):
            yield record.node


def _valid(facts: Facts) -> Iterator[Term]:
    if not any(record.violations for record in facts.records):
        yield from (record.node for record in facts.records)


def _clean(facts: Facts) -> Iterator[Term]:
    if not any(record.violations or record.warnings for record in facts.records):
        yield from (record.node for record in facts.records)


def _licence(facts: Facts) -> Iterator[Term]:
    yield from facts.all(SCHEMA.license, DCT.license, DOAP.license)
    yield from facts.of_parts((DCAT.distribution,), DCT.license)


def _spdx(facts: Facts) -> Iterator[Term]:
    for value in _licence(facts):
        if isinstance(value, IRI) and (value.value.startswith(SPDX_LICENCE) or _EXPRESSION in value.value):
            yield value


def _long(facts: Facts) -> Iterator[Term]:
    texts = facts.all(DCT.description, DOAP.description)
    yield from (value for value in texts if isinstance(value, Literal) and len(value.value) >= _LONG)


def _translated(facts: Facts) -> Iterator[Term]:
    """One text in each language, when there are several."""
    texts = (value for value in facts.all(DCT.abstract, DCT.description) if isinstance(value, Literal))
    by_language = {value.language: value for value in texts if value.language not in (None, "und")}
    if len({language.partition("-")[0] for language in by_language if language}) > 1:
        yield from by_language.values()


def _users(facts: Facts) -> Iterator[Term]:
    for node in facts.all(PROV.qualifiedAttribution):
        part = facts.parts.get(node, {}) if isinstance(node, IRI) else {}
        if concept("role", "user") in part.get(DCAT.hadRole, ()):
            yield from part.get(PROV.agent, ())


def _dated(facts: Facts) -> Iterator[Term]:
    yield from facts.all(DCT.issued, DCT.modified)
    yield from facts.of_parts((DCAT.hasCurrentVersion, DCT.hasVersion, DCAT.hasVersion), DCT.issued)


_RULES: Mapping[str, Rule] = {
    "abstract": _any(DCT.abstract, DOAP.shortdesc),
    "subject": _among((f"{LISTS}topic/", f"{LISTS}scope/", f"{LISTS}category/"), DCT.subject),
    "theme": _among((DATA_THEME,), DCAT.theme),
    "keyword": _any(DCAT.keyword),
    "country": _among((COUNTRY,), DCT.spatial),
    "language": _among((LANGUAGE,), DCT.language),
    "repository": _among(_WEB, SCHEMA.codeRepository),
    "landing-page": _among(_WEB, DCAT.landingPage, DOAP.homepage, FOAF.homepage),
    "documentation": _among(_WEB, SCHEMA.softwareHelp, FOAF.page),
    "release": _release,
    "publiccode": _publiccode,
    "category": _among((f"{LISTS}category/",), DCT.subject),
    "software-type": _among((f"{LISTS}software-type/",), OSC.softwareType),
    "valid": _valid,
    "clean": _clean,
    "licence": _spdx,
    "owner": _among(("",), DCT.publisher),
    "contact": _any(DCAT.contactPoint),
    "status": _among((f"{LISTS}development-status/", ADMS_STATUS), OSC.developmentStatus, ADMS.status),
    "maintenance": _among((f"{LISTS}maintenance-type/",), OSC.maintenanceModel),
    "description": _long,
    "translation": _translated,
    "screenshot": _among(_WEB, SCHEMA.screenshot, SCHEMA.video),
    "used-by": _users,
    "date": _dated,
    "requirements": _any(SCHEMA.operatingSystem, DOAP.os, DCT.requires, SCHEMA.softwareRequirements),
}
