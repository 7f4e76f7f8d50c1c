"""The front page, and the page that says what this is."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, make_response, render_template, request

from catalogue.model import KINDS
from catalogue.rdf import IRI
from catalogue.search import Question
from catalogue.vocabulary import LISTS
from endpoint import facets
from endpoint.federation import sources
from endpoint.labels import code, languages
from endpoint.reader import edition
from endpoint.representations import REPRESENTATIONS
from endpoint.show import Link, Text
from endpoint.view import View

blueprint = Blueprint("pages", __name__)

_NEWEST = 6
_INITIATIVES = 4
_TOPICS = 14
_LICENCES = 6
_COUNTED = ("solution", "initiative", "administration", "owner")


@dataclass(frozen=True)
class Tile:
    """A value of a facet: its name, a short code, how many things have it, its share of the largest in percent."""

    link: Link
    code: str
    count: int
    share: int


@blueprint.get("/")
def home() -> Response:
    """What this is, a search box, what there is, and what is new."""
    held = edition()
    view = View(held, languages(request))
    search = held.publication.search
    solutions = search.ask(Question("solution", sort="modified", size=_NEWEST), ("topic", "country", "licence"))
    initiatives = search.ask(Question("initiative", sort="modified", size=_INITIATIVES), ())
    counts = held.publication.manifest.counts
    topics = [pair for pair in solutions.facets["topic"] if pair[0].startswith(f"{LISTS}topic/")]
    return make_response(
        render_template(
            "home.html",
            counts=[(KINDS[name], counts.get(name, 0)) for name in _COUNTED],
            newest=view.cards(solutions.entries),
            initiatives=view.cards(initiatives.entries),
            topics=_tiles(view, "topic", topics[:_TOPICS]),
            countries=sorted(_tiles(view, "country", solutions.facets["country"]), key=lambda tile: str(tile.link)),
            licences=_tiles(view, "licence", solutions.facets["licence"][:_LICENCES]),
        )
    )


def _tiles(view: View, facet: str, counts: Sequence[tuple[str, int]]) -> list[Tile]:
    most = max((count for _, count in counts), default=1)
    return [
        Tile(
            Link(view.name(IRI(value)), facets.address(view.edition, "solution", facet, IRI(value))),
            code(IRI(value)),
            count,
            max(2, round(100 * count / most)),
        )
        for value, count in counts
    ]


@blueprint.get("/about")
def about() -> Response:
    """What the catalogue is for, where it comes from, what is in it, and how to use it."""
    held = edition()
    counts = held.publication.manifest.counts
    return make_response(
        render_template(
            "about.html",
            counts=[(KINDS[name], count) for name, count in sorted(counts.items()) if name in KINDS],
            sources=list(sources(held).values()),
            representations=[item for item in REPRESENTATIONS.values() if item.write],
            base=held.publication.minter.base,
            lineage=_lineage(View(held, languages(request))),
        )
    )


def _lineage(view: View) -> list[tuple[str, Link]]:
    """The two initiatives whose work this carries on, linked when they are in the catalogue."""
    found = []
    for name in ("Open Source Observatory (OSOR)", "European Commission Open Source Programme Office (EC OSPO)"):
        entries = view.publication.search.ask(Question("initiative", text=name, size=1), ()).entries
        known = next((entry for entry in entries if name in entry.title.values()), None)
        found.append((name, Link(Text(name), f"/initiative/{known.key}" if known else "")))
    return found
