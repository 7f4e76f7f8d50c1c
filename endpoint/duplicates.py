"""What may be there twice, for an editor: pairs of entries side by side, why they may be one, and what to type."""

from dataclasses import dataclass
from threading import Lock
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.exceptions import BadRequest

from catalogue.duplicates import KINDS, MOST_LISTED, Listed, Proposal, listed
from catalogue.rdf import IRI
from catalogue.sparql.prepared import proposed
from catalogue.vocabulary import DCT, SCHEMA
from endpoint.federation import titles
from endpoint.labels import languages
from endpoint.reader import Edition, edition, home
from endpoint.show import Link, Shown, Text
from endpoint.view import Card, View

blueprint = Blueprint("duplicates", __name__)

_SIZE = 20
# This many entries are compared in half a second while somebody waits; more beforehand, and on the command line.
_MOST_COMPARED = 5_000
_WORDS = ((80, "very likely"), (60, "likely"), (0, "possible"))
_HEADINGS = {"solution": "Solutions", "organisation": "Organisations"}
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True)
class Side:
    """One of two entries: its card, where it comes from, its repository, its identifier."""

    card: Card
    sources: tuple[Link, ...]
    addresses: tuple[Shown, ...]
    iri: str


@dataclass(frozen=True)
class Pair:
    """Two entries that may be one, and how sure that is."""

    sides: tuple[Side, Side]
    words: str
    reasons: tuple[str, ...]
    paths: str


@blueprint.get("/duplicates")
def page() -> Response:
    """The proposals for one kind, the surest first."""
    held = edition()
    kind = request.args.get("kind", next(iter(KINDS)))
    if kind not in KINDS:
        raise BadRequest(f"kind={kind[:40]} is not compared; it can be {', '.join(KINDS)}.")
    found = _found(held, kind)
    total, first = found or Listed(0, ())
    pages = max(1, -(-len(first) // _SIZE))
    number = min(_page(), pages)
    view = View(held, languages(request))
    shown = first[(number - 1) * _SIZE : number * _SIZE]
    return make_response(
        render_template(
            "duplicates.html",
            kind=kind,
            kinds=[(name, heading, _address(name, 1)) for name, heading in _HEADINGS.items()],
            is_known=found is not None,
            total=total,
            most=MOST_LISTED,
            pairs=[pair for one in shown if (pair := _pair(one, view))],
            first=(number - 1) * _SIZE + 1,
            page=number,
            pages=pages,
            previous=_address(kind, number - 1) if number > 1 else "",
            next=_address(kind, number + 1) if number < pages else "",
        )
    )


def _found(held: Edition, kind: str) -> Listed | None:
    """The proposals, as they were worked out beforehand, else by the first who asks; None where that is too much for
    somebody who waits."""
    known = proposed(home().publication(held.number), kind)
    if known or sum(held.publication.manifest.counts.get(name, 0) for name in KINDS[kind]) > _MOST_COMPARED:
        return known
    with _ONE_AT_A_TIME:
        return held.once(f"duplicates of {kind}", lambda: listed(held.publication.store, held.publication.minter, kind))


def _page() -> int:
    given = request.args.get("page", "1")
    if not (given.isascii() and given.isdecimal() and len(given) < 10 and int(given)):
        raise BadRequest(f"page={given[:40]} is not a whole number of 1 or more.")
    return int(given)


def _address(kind: str, number: int) -> str:
    given = {"kind": kind} if kind != next(iter(KINDS)) else {}
    query = urlencode({**given, **({"page": str(number)} if number > 1 else {})})
    return "/duplicates" + (f"?{query}" if query else "")


def _pair(one: Proposal, view: View) -> Pair | None:
    a, b = _side(one.a, view), _side(one.b, view)
    if a is None or b is None:
        return None
    words = next(words for least, words in _WORDS if one.strength >= least)
    return Pair((a, b), words, one.reasons, f"{view.path(one.a)} {view.path(one.b)}")


def _side(iri: IRI, view: View) -> Side | None:
    entry = view.publication.search.entry(iri.value)
    if entry is None:
        return None
    known = titles(view.edition)
    sources = tuple(Link(Text(known.get(name, name)), f"/source/{name}") for name in entry.facets.get("source", ()))
    addresses = view.publication.store.objects(iri, SCHEMA.codeRepository)
    numbers = view.publication.store.objects(iri, DCT.identifier)
    return Side(view.card(entry), sources, tuple(map(view.show, (*addresses, *numbers))), iri.value)
