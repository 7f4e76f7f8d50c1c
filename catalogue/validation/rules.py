"""What data must obey that SHACL cannot say: rules over dates and over a whole document.

Those of a whole document are Joinup's, with which it refuses what its ADMS-AP shapes let pass: references that lead
nowhere, two solutions of one title in a collection, distributions and releases that are shared. Joinup stops at each;
here a reference is a warning, since what it names may be described elsewhere.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalogue.model import Severity
from catalogue.rdf import IRI, Literal, Term
from catalogue.validation.closure import listed
from catalogue.validation.facts import Facts
from catalogue.validation.literals import well_formed
from catalogue.vocabulary import ADMS, DCAT, DCT, LISTS, RDF, XSD

_RULES = f"{LISTS}shapes/rules#"
_DATES = (DCT.issued, DCT.modified)
_DATATYPES = (XSD.date, XSD.dateTime, XSD.gYear, XSD.gYearMonth)
_VERSIONS = (DCT.hasVersion, DCAT.hasVersion)
_REFERENCES = (
    DCT.publisher,
    DCAT.contactPoint,
    DCAT.distribution,
    DCAT.dataset,
    DCT.isVersionOf,
    *_VERSIONS,
    ADMS.includedAsset,
    DCT.license,
)


@dataclass(frozen=True)
class Breach:
    """A place where a rule is broken."""

    focus: Term
    path: IRI
    value: Term


@dataclass(frozen=True)
class Rule:
    """`whole`: it is over a document, not over a record. Names and messages are by language."""

    code: str
    severity: Severity
    profiles: tuple[str, ...]
    whole: bool
    breaches: Callable[[Facts, datetime], Iterable[Breach]]
    names: Mapping[str, str]
    messages: Mapping[str, str]


def future_dates(facts: Facts, now: datetime) -> Iterator[Breach]:
    """Days after tomorrow: today's date differs by a day over the earth."""
    latest = (now + timedelta(days=1)).date().isoformat()
    for predicate in _DATES:
        for focus in facts.having(predicate):
            for value in facts.objects(focus, predicate):
                if isinstance(value, Literal) and _is_after(value, latest):
                    yield Breach(focus, predicate, value)


def _is_after(value: Literal, latest: str) -> bool:
    """Years, months and days compare as texts, as far as both go; a year of five digits is far ahead."""
    if value.datatype not in _DATATYPES or not well_formed(value) or value.value.startswith("-"):
        return False
    if value.value[4:5].isdigit():
        return True
    return value.value[:10] > latest[: len(value.value[:10])]


def dangling_references(facts: Facts, _: datetime) -> Iterator[Breach]:
    for predicate in _REFERENCES:
        for focus in facts.having(predicate):
            for value in facts.objects(focus, predicate):
                if not isinstance(value, Literal) and value not in facts and not listed(value):
                    yield Breach(focus, predicate, value)


def repeated_titles(facts: Facts, _: datetime) -> Iterator[Breach]:
    """Per collection; the solutions of no collection are together as one."""
    for members in _collections(facts):
        seen: dict[tuple[str, str | None], Term] = {}
        for focus in members:
            for title in facts.objects(focus, DCT.title):
                if isinstance(title, Literal):
                    key = " ".join(title.value.casefold().split()), title.language
                    if seen.setdefault(key, focus) != focus:
                        yield Breach(focus, DCT.title, title)


def _collections(facts: Facts) -> Iterator[list[Term]]:
    solutions = {node for node in facts.instances(DCAT.Dataset) if not facts.objects(node, DCT.isVersionOf)}
    alone = set(solutions)
    for catalogue in facts.instances(DCAT.Catalog):
        members = solutions.intersection(facts.objects(catalogue, DCAT.dataset))
        alone -= members
        yield sorted(members, key=str)
    yield sorted(alone, key=str)


def shared_distributions(facts: Facts, _: datetime) -> Iterator[Breach]:
    for node, parents in facts.incoming(DCAT.distribution).items():
        if not isinstance(node, Literal):
            yield from _beyond_one(node, DCAT.distribution, parents)


def shared_releases(facts: Facts, _: datetime) -> Iterator[Breach]:
    releases = {*facts.having(DCT.isVersionOf), *(node for term in _VERSIONS for node in facts.incoming(term))}
    for node in releases:
        parents = set(facts.objects(node, DCT.isVersionOf))
        for predicate in _VERSIONS:
            parents.update(facts.subjects(predicate, node))
        if DCAT.Dataset in facts.objects(node, RDF.type):
            yield from _beyond_one(node, DCT.isVersionOf, parents)


def _beyond_one(node: Term, path: IRI, parents: Iterable[Term]) -> Iterator[Breach]:
    for parent in sorted(parents, key=str)[1:]:
        yield Breach(node, path, parent)


_ALL = ("adms-ap", "dcat-ap", "cpov", "catalogue")
_JOINUP = ("adms-ap",)

RULES = (
    Rule(
        f"{_RULES}future-date",
        Severity.WARNING,
        _ALL,
        False,
        future_dates,
        {"en": "Date", "fr": "Date", "de": "Datum", "it": "Data"},
        {
            "en": "The date is in the future. Check the year, the month and the day.",
            "fr": "La date est dans le futur. Vérifiez l’année, le mois et le jour.",
            "de": "Das Datum liegt in der Zukunft. Prüfen Sie Jahr, Monat und Tag.",
            "it": "La data è nel futuro. Verificare anno, mese e giorno.",
        },
    ),
    Rule(
        f"{_RULES}reference",
        Severity.WARNING,
        _JOINUP,
        True,
        dangling_references,
        {"en": "Reference", "fr": "Référence", "de": "Verweis", "it": "Riferimento"},
        {
            "en": "What this refers to is not described in the document; Joinup refuses that. Describe it, or correct"
            " its address.",
            "fr": "L’objet de cette référence n’est pas décrit dans le document ; Joinup le refuse. Décrivez-le ou"
            " corrigez son adresse.",
            "de": "Worauf dies verweist, ist im Dokument nicht beschrieben; Joinup lehnt das ab. Beschreiben Sie es,"
            " oder berichtigen Sie die Adresse.",
            "it": "L’oggetto di questo riferimento non è descritto nel documento; Joinup lo rifiuta. Descriverlo o"
            " correggerne l’indirizzo.",
        },
    ),
    Rule(
        f"{_RULES}title",
        Severity.VIOLATION,
        _JOINUP,
        True,
        repeated_titles,
        {"en": "Title", "fr": "Titre", "de": "Titel", "it": "Titolo"},
        {
            "en": "Another solution of the same collection has this title. Give each a title of its own.",
            "fr": "Une autre solution de la même collection porte ce titre. Donnez à chacune un titre distinct.",
            "de": "Eine andere Lösung derselben Sammlung hat diesen Titel. Geben Sie jeder einen eigenen Titel.",
            "it": "Un’altra soluzione della stessa raccolta ha questo titolo. Dare a ciascuna un titolo proprio.",
        },
    ),
    Rule(
        f"{_RULES}distribution",
        Severity.VIOLATION,
        _JOINUP,
        True,
        shared_distributions,
        {"en": "Distribution", "fr": "Distribution", "de": "Distribution", "it": "Distribuzione"},
        {
            "en": "This distribution belongs to more than one solution or release. Describe one for each.",
            "fr": "Cette distribution est de plusieurs solutions ou versions publiées. Décrivez-en une pour chacune.",
            "de": "Diese Distribution gehört zu mehreren Lösungen oder Releases. Beschreiben Sie je eine eigene.",
            "it": "Questa distribuzione appartiene a più soluzioni o rilasci. Descriverne una per ciascuna.",
        },
    ),
    Rule(
        f"{_RULES}release",
        Severity.VIOLATION,
        _JOINUP,
        True,
        shared_releases,
        {"en": "Release", "fr": "Version publiée", "de": "Release", "it": "Rilascio"},
        {
            "en": "This release belongs to more than one solution. Describe one for each.",
            "fr": "Cette version publiée appartient à plusieurs solutions. Décrivez-en une pour chacune.",
            "de": "Dieses Release gehört zu mehreren Lösungen. Beschreiben Sie für jede eine eigene.",
            "it": "Questo rilascio appartiene a più soluzioni. Descriverne una per ciascuna.",
        },
    ),
)
"""All rules, in the order in which they are applied."""
