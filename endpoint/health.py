"""Whether this process runs, and whether it can answer."""

from flask import Blueprint, Response, jsonify, make_response

from catalogue.errors import StoreError
from catalogue.search import Question
from endpoint.reader import edition

blueprint = Blueprint("health", __name__)

_UNCACHED = {"Cache-Control": "no-store"}
# Entities are found by their links; every combination of filters would be crawled without end.
_ROBOTS = "User-agent: *\nDisallow: /sparql\nDisallow: /*?\n"


@blueprint.get("/livez")
def livez() -> Response:
    """The process answers."""
    return make_response("ok\n", 200, {"Content-Type": "text/plain; charset=utf-8", **_UNCACHED})


@blueprint.get("/readyz")
def readyz() -> Response:
    """The current publication and its search index can be read; else 503 with the reason."""
    try:
        held = edition()
        solutions = held.publication.search.count(Question("solution"))
    except StoreError as error:
        return make_response(jsonify(ready=False, reason=str(error)), 503, _UNCACHED)
    return make_response(jsonify(ready=True, publication=held.number, solutions=solutions), 200, _UNCACHED)


@blueprint.get("/robots.txt")
def robots() -> Response:
    return make_response(_ROBOTS, 200, {"Content-Type": "text/plain; charset=utf-8"})
