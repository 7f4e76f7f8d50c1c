"""What a profile's view does with single values: how they change, and which one is kept where only one may be."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from catalogue import code_lists
from catalogue.rdf import IRI, Literal, Term
from catalogue.validation.closure import listed
from catalogue.validation.facts import Facts
from catalogue.validation.literals import well_formed
from catalogue.vocabulary import ADMS_STATUS, DCT, DISTRIBUTION_STATUS, EIRA, FOAF, RDFS, SKOS, SPDX_LICENCE, XSD

Change = Callable[[Term, Facts], Term | None]
Choice = Callable[[Sequence[Term], Facts], Term]

_DAY = re.compile(r"(-?\d+-\d\d-\d\d)(Z|[+-]\d\d:\d\d)?")
# ADMS → the EU's list for distributions; both have just these.
STATUSES = {
    IRI(ADMS_STATUS + ours): IRI(DISTRIBUTION_STATUS + theirs)
    for ours, theirs in (
        ("Completed", "COMPLETED"),
        ("Deprecated", "DEPRECATED"),
        ("UnderDevelopment", "DEVELOP"),
        ("Withdrawn", "WITHDRAWN"),
    )
}
# How licences begin, the most open first; of one that is not here we do not know, so it comes last.
_OPENNESS = (
    ("CC0", "Unlicense", "0BSD", "MIT-0", "WTFPL"),
    ("MIT", "BSD", "ISC", "Apache", "Zlib", "PostgreSQL", "Python", "BlueOak", "CECILL-B", "CC-BY-3", "CC-BY-4"),
    ("LGPL", "MPL", "EPL", "CDDL", "CECILL-C"),
    ("EUPL", "GPL", "OSL", "CECILL-1", "CECILL-2", "CC-BY-SA"),
    ("AGPL",),
)


def same(value: Term, _: Facts) -> Term | None:
    """The value as it is."""
    return value


def moment(value: Term, _: Facts) -> Term | None:
    """ADMS-AP has xsd:dateTime only: a day is its beginning in UTC; a year or month has no day, so it is left out."""
    if not isinstance(value, Literal) or value.datatype == XSD.dateTime:
        return value
    parts = _DAY.fullmatch(value.value)
    if value.datatype != XSD.date or not well_formed(value) or parts is None:
        return None
    return Literal(f"{parts[1]}T00:00:00{parts[2] or 'Z'}", datatype=XSD.dateTime)


def renamed(value: Term, _: Facts, names: Mapping[IRI, IRI]) -> Term | None:
    """What another list calls a term."""
    return names.get(value, value) if isinstance(value, IRI) else value


def architecture(value: Term, _: Facts) -> Term | None:
    """Classes of EIRA, the only types of software that ADMS-AP knows."""
    return value if isinstance(value, IRI) and value.value.startswith(EIRA) else None


def other_type(value: Term, facts: Facts) -> Term | None:
    """Types but those of EIRA and of our own lists, which are not on the list that DCAT-AP names."""
    return None if architecture(value, facts) or listed(value) else value


def licence_type(value: Term, _: Facts) -> Term | None:
    """The type as ADMS-AP calls it."""
    return _licence_types().get(value, value)


@cache
def _licence_types() -> Mapping[Term, Term]:
    said = code_lists.triples("licence-type")
    return {t.subject: t.object for t in said if t.predicate == SKOS.closeMatch and isinstance(t.object, IRI)}  # type: ignore[misc]


def single_licence(value: Term, facts: Facts) -> Term | None:
    """A licence that can stand alone: of `A OR B` the most open; of `A AND B` and `A WITH B` none can."""
    if listed(value) or not facts.objects(value, DCT.hasPart):
        return value
    for label in facts.objects(value, RDFS.label):
        words = label.value.split() if isinstance(label, Literal) else []
        parts = [IRI(SPDX_LICENCE + word) for word in words[::2]]
        if words[1::2] and set(words[1::2]) == {"OR"} and all(map(listed, parts)):
            return min(parts, key=_closedness)
    return None


def _closedness(licence: Term) -> tuple[int, str]:
    """The less, the more open."""
    name = str(licence)[1:-1].removeprefix(SPDX_LICENCE)
    ranks = (rank for rank, begins in enumerate(_OPENNESS) if name.startswith(begins))
    return next(ranks, len(_OPENNESS)), name


def most_open(values: Sequence[Term], _: Facts) -> Term:
    """ADMS-AP 2.01, 7.2: of several licences the most open one is given."""
    return min(values, key=_closedness)


def first(values: Sequence[Term], _: Facts) -> Term:
    return min(values, key=_order)


def last(values: Sequence[Term], _: Facts) -> Term:
    return max(values, key=_order)


def _order(value: Term) -> tuple[str, str]:
    return value.value, str(value)


def english(values: Sequence[Term], _: Facts) -> Term:
    """A text in English where there is one, as one text has to do for all languages."""
    return min(values, key=lambda v: (not (isinstance(v, Literal) and v.language == "en"), _order(v)))


def known(values: Sequence[Term], facts: Facts) -> Term:
    """The first that has a name here: an agent without one would break the profile."""
    return min(values, key=lambda value: (not facts.objects(value, FOAF.name), _order(value)))
