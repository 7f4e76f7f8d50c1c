"""The web front: pages for people, linked data for machines, from the current publication.

Reads; only `endpoint.update` and `endpoint.graphs` write, through `catalogue.editing`.

`create_app` makes the application. What varies stands in tables: `_BLUEPRINTS` here, the representations in
`endpoint.representations`, what the pages of things show in `endpoint.facts` and `endpoint.sections`.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request
from jinja2 import StrictUndefined
from markupsafe import Markup, escape

from catalogue.home import Home
from catalogue.settings import Settings, load
from catalogue.sparql.pool import Pool
from endpoint import (
    badges,
    codes,
    dumps,
    duplicates,
    errors,
    graphs,
    health,
    hooks,
    lists,
    openapi,
    pages,
    queries,
    query_page,
    reader,
    records,
    resource,
    runs,
    sources,
    sparql,
    things,
    update,
    validation,
    void,
)
from endpoint.intake import Intake
from endpoint.show import Shown

_BLUEPRINTS = (
    things.blueprint,
    resource.blueprint,
    codes.blueprint,
    lists.blueprint,
    sources.blueprint,
    records.blueprint,
    runs.blueprint,
    badges.blueprint,
    duplicates.blueprint,
    sparql.blueprint,
    update.blueprint,
    graphs.blueprint,
    query_page.blueprint,
    queries.blueprint,
    validation.blueprint,
    void.blueprint,
    dumps.blueprint,
    hooks.blueprint,
    pages.blueprint,
    health.blueprint,
    openapi.blueprint,
)

NAVIGATION = (
    ("/solutions", "Solutions"),
    ("/initiatives", "Initiatives"),
    ("/administrations", "Administrations"),
    ("/owners", "Owners"),
    ("/sources", "Sources"),
    ("/validate", "Validate"),
    ("/queries", "Queries"),
    ("/sparql", "SPARQL"),
    ("/about", "About"),
)
# Nothing from elsewhere, no script, no frames: what a stranger's text could try is refused by the browser, too.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# Caches may keep a page, but ask whether it is still good; the ETag makes that cheap.
_REVALIDATE = "public, no-cache"
_FOREVER = "public, max-age=31536000, immutable"


def create_app(settings: Settings | None = None) -> Flask:
    """The application; without settings they are read from the environment. Opens nothing before the first request."""
    app = Flask(__name__)
    used = settings or load()
    home = Home(used.home)
    app.extensions |= {
        "settings": used,
        "home": home,
        "reader": reader.PublicationReader(home),
        "sparql": Pool(home, used),
    }
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined}
    app.jinja_env.globals.update(navigation=NAVIGATION, static=_static_address(app), joined=_joined)
    app.url_map.strict_slashes = False
    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint)
    errors.register(app)
    app.context_processor(_site)
    app.after_request(_finish)
    app.teardown_appcontext(reader.release)
    app.wsgi_app = Intake(app.wsgi_app, used.trusted_proxies)  # type: ignore[assignment, method-assign]
    return app


def _site() -> dict[str, Any]:
    """What every page shows around its text."""
    held = g.get("edition")
    settings: Settings = reader.settings()
    return {"site_title": settings.title, "manifest": held.publication.manifest if held else None}


def _static_address(app: Flask) -> Callable[[str], str]:
    folder = Path(app.static_folder or "")

    @cache
    def address(name: str) -> str:
        """The address of a static file, which changes with its content."""
        return f"/static/{name}?v={hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12]}"

    return address


def _joined(values: Iterable[Shown], by: str = ", ") -> Markup:
    """Values in one line."""
    return escape(by).join(values)


def _finish(response: Response) -> Response:
    """Headers that every response has, and the answer 304 to who has it already."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint == "static":
        response.headers["Cache-Control"] = _FOREVER if "v" in request.args else _REVALIDATE
        return response
    response.headers.setdefault("Access-Control-Allow-Origin", "*")
    response.headers.setdefault("Access-Control-Expose-Headers", "Link, Content-Location, ETag, Location")
    if request.method == "OPTIONS":  # a script that sends If-None-Match asks before
        response.headers.setdefault("Access-Control-Allow-Methods", response.headers.get("Allow", "GET, HEAD, OPTIONS"))
        response.headers.setdefault("Access-Control-Allow-Headers", "*")
    response.vary.update(("Accept", "Accept-Language"))
    if request.method in ("GET", "HEAD") and response.status_code == 200:
        return _conditional(response)
    return response


def _conditional(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", _REVALIDATE)
    if response.is_streamed or "no-store" in response.headers["Cache-Control"]:
        return response
    response.add_etag()
    # What shows more than its publication (the log of harvests) says so, and is told apart by its ETag alone.
    if response.last_modified is None and "edition" in g and not g.get("live"):
        response.last_modified = datetime.fromisoformat(g.edition.publication.manifest.created)
    response.make_conditional(request)
    return response
