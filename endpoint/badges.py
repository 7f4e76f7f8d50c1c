"""Badges for READMEs: whether a record or a solution is listed, how good its description is, as small pictures."""

import hashlib
from collections.abc import Mapping

from flask import Blueprint, Response, make_response
from markupsafe import escape
from werkzeug.exceptions import NotFound

from catalogue.identity import KEY
from catalogue.rdf import IRI, Literal
from catalogue.vocabulary import OSC
from endpoint import quality
from endpoint.federation import findings
from endpoint.reader import Edition, edition, settings
from endpoint.records import Departed, find
from endpoint.view import View

blueprint = Blueprint("badges", __name__)

# Long enough to spare the catalogue, short enough to see what one has mended.
_CACHED = "public, max-age=600"
_LONGEST_NAME = 30
# Badges are shown to everybody, and so in one language.
_LANGUAGES = ("en",)
_COLOURS = {"good": "#0b6b3a", "fair": "#7a4d00", "bad": "#a01722"}
_GONE = "no longer listed"
_GOOD_POINTS, _FAIR_POINTS = 70, 40
# Widths in Verdana of 11 pixels, in tenths; `textLength` has a browser with another font make do with the same room.
_WIDTHS: Mapping[str, int] = {
    **dict.fromkeys("fijlt|'.,:; !/()[]", 42),
    **dict.fromkeys("mwMWO@%·", 98),
    **dict.fromkeys("ABCDEFGHJKLNPQRSTUVXYZ&", 76),
}
_WIDTH = 70
_PADDING = 6


@blueprint.get("/badge/<source_id>/<path:name>.svg")
def of_record(source_id: str, name: str) -> Response:
    """Whether a record is in use, and how much there is to mend in it."""
    held = edition()
    try:
        node, _ = find(held, source_id, name, suffixes=False)
    except Departed:
        return _answer(_GONE, "bad")
    state = held.publication.store.value(node, OSC.recordState, held.publication.minter.graph("meta"))
    return _answer(*_state(held, node, state.value if isinstance(state, Literal) else ""))


@blueprint.get("/solution/<key>/badge.svg")
def of_solution(key: str) -> Response:
    """That a solution is listed, and its score."""
    held = edition()
    found = held.publication.resolve("solution", key) if KEY.fullmatch(key) else None
    if found is None and held.publication.tombstone("solution", key):
        return _answer(_GONE, "bad")
    if found is None:
        raise NotFound("Badges are of solutions that are listed.")
    score = quality.quality(found, View(held, _LANGUAGES))
    if score is None:
        raise NotFound("Badges are of solutions that are listed.")
    colour = "good" if score.total >= _GOOD_POINTS else "fair" if score.total >= _FAIR_POINTS else "bad"
    return _answer(f"listed · {score.total}/100", colour)


def _state(held: Edition, node: IRI, state: str) -> tuple[str, str]:
    found = [finding.severity for finding in findings(held, node)]
    errors, warnings = found.count("violation"), found.count("warning")
    if state == "current":
        return (f"listed · {_number(warnings, 'warning')}", "fair") if warnings else ("listed", "good")
    if state == "outside":
        return "not for this catalogue", "fair"
    word = "listed, outdated" if state == "stale" else "not listed"
    return (f"{word} · {_number(errors, 'error')}" if errors else word), "fair" if state == "stale" else "bad"


def _number(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _answer(words: str, colour: str) -> Response:
    image = picture(_name(str(settings().title)), words, _COLOURS[colour])
    response = make_response(image)
    response.headers["Content-Type"] = "image/svg+xml"
    response.headers["Cache-Control"] = _CACHED
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(hashlib.sha256(image.encode()).hexdigest()[:32])
    return response


def _name(title: str) -> str:
    return title if len(title) <= _LONGEST_NAME else f"{title[: _LONGEST_NAME - 1].rstrip()}…"


def width(text: str) -> int:
    """How many pixels a text takes."""
    return round(sum(_WIDTHS.get(letter, _WIDTH) for letter in text) / 10)


def picture(name: str, words: str, colour: str) -> str:
    """Two words beside each other; what is to be read aloud is its title. No style that a policy could refuse."""
    left, right = width(name) + 2 * _PADDING, width(words) + 2 * _PADDING
    title = escape(f"{name}: {words}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" viewBox="0 0 {left + right} 20"'
        f' role="img" aria-label="{title}"><title>{title}</title>'
        f'<clipPath id="r"><rect width="{left + right}" height="20" rx="3"/></clipPath><g clip-path="url(#r)">'
        f'<rect width="{left}" height="20" fill="#3b4657"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">'
        f"{_words(name, _PADDING)}{_words(words, left + _PADDING)}</g></svg>\n"
    )


def _words(text: str, x: int) -> str:
    return f'<text x="{x}" y="14" textLength="{width(text)}" lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'
