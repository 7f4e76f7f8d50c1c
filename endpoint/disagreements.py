"""Where the sources of a thing disagree, as its page shows it: what is published, what is not, and who says so."""

from dataclasses import dataclass

from catalogue.disagreements import Property, Value, said
from catalogue.equivalence import names, published
from catalogue.rdf import IRI, Literal
from endpoint.federation import titles
from endpoint.labels import compact
from endpoint.show import Link, Literally, Shown, Text, external
from endpoint.statements import property_name
from endpoint.view import View

_LONGEST = 160  # characters of a text


@dataclass(frozen=True)
class Claim:
    """A value, and a record of each source that says it."""

    value: Shown
    records: tuple[Link, ...]


@dataclass(frozen=True)
class Disagreement:
    """What sources say of what is published once, with the properties that it is said with: the first is published."""

    name: str
    shorts: tuple[str, ...]
    claims: tuple[Claim, ...]


def disagreements(thing: IRI, view: View) -> tuple[Disagreement, ...]:
    """The properties on which the records of a thing differ."""
    store, minter = view.publication.store, view.publication.minter
    found = said(store, minter, names(store, minter, thing), lambda iri: published(store, minter, iri))
    return tuple(_disagreement(one, view) for one in found if one.is_disputed)


def _disagreement(one: Property, view: View) -> Disagreement:
    claims = tuple(Claim(_shown(value, view), _records(value, view)) for value in one.values)
    return Disagreement(property_name(one.predicates[0]), tuple(map(compact, one.predicates)), claims)


def _shown(value: Value, view: View) -> Shown:
    """A value as the data have it, long texts by their beginning."""
    term = value.term
    if isinstance(term, Literal) and len(term.value) > _LONGEST:
        return Literally(term.value[:_LONGEST].rstrip() + " …", term.language or "", term.language or "")
    if isinstance(term, IRI) and not view.path(term):
        return Link(Text(term.value), external(term.value).href)  # short forms of two addresses may be the same
    return view.literally(term)


def _records(value: Value, view: View) -> tuple[Link, ...]:
    """The first record of each source, under the source's title and its own key."""
    known, prefix = titles(view.edition), view.publication.minter.source("").value
    found: dict[str, Link] = {}
    for record in value.records:
        source, _, key = record.value.removeprefix(prefix).partition("/record/")
        found.setdefault(source, Link(Text(f"{known.get(source, source)}: {key}"), view.labels.relative(record)))
    return tuple(found.values())
