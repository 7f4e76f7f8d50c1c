"""The front page, and the page that says what this is."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, make_response, render_template, request

from catalogue.model import KINDS
from catalogue.rdf import IRI, Literal
from catalogue.search import Entry, Question
from catalogue.vocabulary import COUNTRY, LISTS, SKOS
from endpoint import facets
from endpoint.federation import titles
from endpoint.labels import code, languages
from endpoint.openapi import LINKS
from endpoint.reader import Edition, edition
from endpoint.representations import HTML, REPRESENTATIONS, respond
from endpoint.show import Link, Text
from endpoint.view import View

blueprint = Blueprint("pages", __name__)

_NEWEST = 6
_INITIATIVES = 3
_TOPICS = 14
_KINDS = 6
_LICENCES = 6
_FOREBEARS = ("Open Source Observatory (OSOR)", "European Commission Open Source Programme Office (EC OSPO)")
_COUNTED = ("solution", "initiative", "administration", "owner")


@dataclass(frozen=True)
class Tile:
    """A value of a facet: its name, a short code, how many things have it, its share of the largest in percent."""

    link: Link
    code: str
    count: int
    share: int


# A tile for each country of the EU and the EFTA and their neighbours, about where it lies: row by row, nine columns.
# Tiles and not outlines: small countries are as easy to find as large ones, and no border is drawn.
_EUROPE = (
    "ISL . . . NOR SWE FIN . .",
    ". . . . DNK . EST . .",
    "IRL GBR . NLD DEU POL LVA . .",
    ". . BEL LUX CZE SVK LTU UKR .",
    ". . FRA CHE LIE AUT HUN ROU MDA",
    "PRT ESP . ITA SVN HRV . BGR .",
    ". . . MLT . . GRC . CYP",
)
_UNION = "EUR"  # the code list of countries has the European Union, too
_ON_MAP = frozenset(" ".join(_EUROPE).split())


@blueprint.get("/")
def home() -> Response:
    """What this is, a search box, what there is, and what is new."""
    held, spoken = edition(), languages(request)
    response = respond(held.bodies.get(("/", spoken), lambda: _home(View(held, spoken))), HTML)
    response.headers["Link"] = LINKS
    return response


def _home(view: View) -> str:
    held = view.edition
    solutions = held.publication.search.ask(
        Question("solution", sort="modified", size=_NEWEST), ("topic", "country", "licence", "type")
    )
    counts = held.publication.manifest.counts
    topics = [pair for pair in solutions.facets["topic"] if pair[0].startswith(f"{LISTS}topic/")]
    countries = _tiles(view, "country", solutions.facets["country"])
    return render_template(
        "home.html",
        counts=[(KINDS[name], counts.get(name, 0)) for name in _COUNTED],
        countries=sum(tile.code != _UNION for tile in countries),
        newest=view.cards(solutions.entries),
        initiatives=view.cards(_initiatives(held)),
        topics=_tiles(view, "topic", topics[:_TOPICS]),
        europe=_map(view, countries),
        elsewhere=sorted((tile for tile in countries if tile.code not in _ON_MAP), key=lambda tile: str(tile.link)),
        licences=_tiles(view, "licence", solutions.facets["licence"][:_LICENCES]),
        kinds=_tiles(view, "type", solutions.facets["type"][:_KINDS]),
    )


def _initiatives(held: Edition) -> list[Entry]:
    """The two that this catalogue carries on, where it has them, and the newest."""
    newest = held.publication.search.ask(Question("initiative", sort="modified", size=_INITIATIVES), ()).entries
    found = [*(entry for entry in _forebears(held) if entry), *newest]
    return list({entry.iri: entry for entry in found}.values())[:_INITIATIVES]


def _forebears(held: Edition) -> list[Entry | None]:
    """The entries of the initiatives named in `_FOREBEARS`, None for one that the publication has not."""

    def find(name: str) -> Entry | None:
        entries = held.publication.search.ask(Question("initiative", text=name, size=5), ()).entries
        return next((entry for entry in entries if name in entry.title.values()), None)

    return held.once("forebears", lambda: [find(name) for name in _FOREBEARS])


def _map(view: View, countries: Sequence[Tile]) -> list[list[tuple[Tile, str] | None]]:
    """The rows of the map: a country's tile and letters (0 where nothing comes from it), None for no country."""
    known = {tile.code: tile for tile in countries}

    def tile(name: str) -> Tile | None:
        return None if name == "." else known.get(name) or Tile(Link(view.name(IRI(COUNTRY + name))), name, 0, 0)

    def lettered(tile: Tile | None) -> tuple[Tile, str] | None:
        """With the two letters that people know a country by."""
        notation = tile and view.publication.store.value(IRI(COUNTRY + tile.code), SKOS.notation)
        return (tile, notation.value if isinstance(notation, Literal) else tile.code) if tile else None

    return [[lettered(tile(name)) for name in row.split()] for row in _EUROPE]


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
            sources=len(titles(held)),
            representations=[item for item in REPRESENTATIONS.values() if item.write],
            base=held.publication.minter.base,
            lineage=_lineage(held),
        ),
        200,
        {"Link": LINKS},
    )


def _lineage(held: Edition) -> list[Link]:
    """The two initiatives whose work this carries on, linked when they are in the catalogue."""
    found = zip(_FOREBEARS, _forebears(held), strict=True)
    return [Link(Text(name), f"/initiative/{entry.key}" if entry else "") for name, entry in found]
