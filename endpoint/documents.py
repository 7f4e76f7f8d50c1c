"""Documents about what the catalogue is made of: its code lists, graphs and changes, in every form that things have."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response, g, render_template, request
from werkzeug.urls import iri_to_uri

from catalogue.rdf import IRI, Quad
from endpoint.description import Description
from endpoint.labels import languages
from endpoint.reader import edition
from endpoint.representations import HTML, Representation, alternates, made, negotiate, respond
from endpoint.show import Shown, Text
from endpoint.statements import statements
from endpoint.view import View

_FOOTER = re.compile(rb"<footer.*</footer>", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """One row of a table, found by its `id` as a fragment."""

    id: str
    cells: tuple[Shown, ...]


@dataclass(frozen=True)
class Document:
    """What a page says of a resource; `query` is what to ask of it; all statements are listed if `is_told`."""

    about: IRI
    kind: str
    title: Text
    lead: Text | None = None
    facts: tuple[tuple[str, tuple[Shown, ...]], ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    query: str = ""
    is_told: bool = False


@dataclass(frozen=True)
class Resource:
    """A resource at an address: the statements of its description, the page that shows it, and when it last changed."""

    about: IRI
    path: str
    quads: Callable[[], Iterable[Quad]]
    page: Callable[[View], Document]
    modified: str = ""


def answer(resource: Resource, suffix: str, offered: Mapping[str, Representation]) -> Response:
    """A resource in the form that a request wants."""
    wanted = negotiate(request, suffix, offered)
    if wanted is HTML:
        response = page_body(resource.path, lambda view: _page(resource, view, offered))
    else:
        form = (resource.path, wanted.suffix + wanted.parameters)
        response = respond(edition().bodies.get(form, lambda: _data(resource, wanted)), wanted)
    path = iri_to_uri(resource.path)
    response.headers["Content-Location"] = f"{path}.{wanted.suffix}"
    links = [f'<{path}>; rel="canonical"', f'<{iri_to_uri(resource.about.value)}>; rel="describes"']
    response.headers["Link"] = ", ".join([*links, *alternates(resource.path, offered, wanted)])
    return response if wanted is HTML else dated(response, resource.modified)


def _data(resource: Resource, wanted: Representation) -> bytes:
    if wanted.dataset is not None:
        return wanted.dataset(resource.quads())
    return made(wanted, (quad.triple for quad in resource.quads()), resource.about)


def _page(resource: Resource, view: View, offered: Mapping[str, Representation]) -> str:
    shown = resource.page(view)
    told = Description(resource.about, (quad.triple for quad in resource.quads())) if shown.is_told else None
    return render_template(
        "resource.html",
        document=shown,
        path=resource.path,
        representations=[item for item in offered.values() if item is not HTML],
        statements=statements(told, view) if told else [],
    )


def page_body(path: str, make: Callable[[View], str]) -> Response:
    """A page. Its ETag leaves out what stands below all pages, which every publication changes."""
    spoken, bodies = languages(request), edition().bodies
    body = bodies.get((path, spoken), lambda: make(View(edition(), spoken)))
    response = respond(body, HTML)
    told = bodies.get((path, spoken, "told"), lambda: _FOOTER.sub(b"", body.content))
    response.set_etag(told.etag, weak=True)
    return response


def dated(response: Response, modified: str) -> Response:
    """Gives a response the date of what it shows, and not of the publication; none where it is not known."""
    g.live = True
    if modified:
        moment = datetime.fromisoformat(modified)
        response.last_modified = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return response
