"""Things: `/id/…` names them, `/{kind}/{key}` describes them, as a page or as linked data."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response as BaseResponse

from catalogue.entries import INDEXED
from catalogue.identity import KEY
from catalogue.model import KINDS
from catalogue.profiles.tables import Profile
from catalogue.rdf import IRI, Triple
from catalogue.vocabulary import AS, RDF, SPDX_LICENCE
from endpoint import facts, profiled, quality, sections, statements
from endpoint.description import Description
from endpoint.documents import dated, page_body
from endpoint.federation import titles
from endpoint.labels import languages
from endpoint.provenance import accounts
from endpoint.reader import edition
from endpoint.representations import (
    ALL,
    DATASETS,
    HTML,
    REPRESENTATIONS,
    Representation,
    alternates,
    made,
    negotiate,
    respond,
)
from endpoint.runs import log, record_path
from endpoint.show import Link, Moment, Text
from endpoint.structured import software
from endpoint.view import View

blueprint = Blueprint("things", __name__)

_VIEWS: Mapping[str, Mapping[str, Representation]] = {"": ALL, "record": {"html": HTML, **DATASETS}}
_KIND = f"<any({', '.join(KINDS)}):kind>"


@blueprint.get(f"/id/{_KIND}/<key>")
def identifier(kind: str, key: str) -> BaseResponse:
    """The thing itself is no document: 303 to what describes it (https://www.w3.org/TR/cooluris/#r303gendocument)."""
    found = _find(kind, key)
    path = edition().labels.known(found).path if isinstance(found, IRI) else f"/{kind}/{key}"
    return redirect(iri_to_uri(path + _query()), 303)


def _query() -> str:
    return f"?{request.query_string.decode('latin-1')}" if request.query_string else ""


@blueprint.get(f"/{_KIND}/<name>")
def thing(kind: str, name: str) -> BaseResponse:
    """The description of a thing, or of what has become of it."""
    key, dot, suffix = name.rpartition(".")
    if suffix not in ALL:
        key, dot, suffix = name, "", ""
    found = _find(kind, key)
    if not isinstance(found, IRI):
        return _gone(kind, key, found, negotiate(request, suffix, ALL))
    path = edition().labels.known(found).path
    if path != f"/{kind}/{key}":
        return redirect(iri_to_uri(path + dot + suffix + _query()), 302)
    offered = _offered()
    wanted, profile = negotiate(request, suffix, offered), profiled.asked(request.args)
    if wanted is HTML:
        response = page_body(path, lambda view: _page(kind, found, view))
    else:
        query = _asked_query(profile)
        form = (path, wanted.suffix + wanted.parameters, query)
        response = respond(edition().bodies.get(form, lambda: _data(found, wanted, profile)), wanted)
    return _linked(response, found, path, wanted, profile)


def _offered() -> Mapping[str, Representation]:
    """What was said where (`?view=record`) needs a syntax that has graphs, unless it is a page."""
    view = request.args.get("view", "")
    if view not in _VIEWS:
        raise BadRequest(f"view={view[:40]} is not offered; it can be record.")
    return _VIEWS[view]


def _asked_query(profile: Profile | None) -> str:
    """What of a request's parameters tells data apart, as an address says it."""
    asked = {"profile": profile and profile.name, "view": request.args.get("view")}
    pairs = {name: value for name, value in asked.items() if value}
    return f"?{urlencode(pairs)}" if pairs else ""


@blueprint.get("/solution/<key>/quality.<suffix>")
def arithmetic(key: str, suffix: str) -> BaseResponse:
    """A solution's score in DQV. Not a part of its description, so that no other catalogue takes it for one."""
    found, wanted = _find("solution", key), REPRESENTATIONS.get(suffix)
    if not isinstance(found, IRI) or wanted is None or wanted.write is None:
        raise NotFound("Scores are of solutions, in the forms that their pages name.")
    path, write = edition().labels.known(found).path, wanted.write
    body = edition().bodies.get((path, "quality", suffix), lambda: write(quality.triples(edition(), found)))
    response = respond(body, wanted)
    response.headers["Link"] = f'<{path}>; rel="describes"'
    return response


def _find(kind: str, key: str) -> IRI | set[Triple]:
    """The thing at an address, or the tombstone of what was there. Raises NotFound when nothing ever was."""
    publication = edition().publication
    if kind == "licence" and not KEY.fullmatch(key):
        return _licence(key)
    found = publication.resolve(kind, key) if KEY.fullmatch(key) else None
    if found is not None and edition().labels.known(found).path:
        return found
    tombstone = publication.tombstone(kind, key)
    if not tombstone:
        raise NotFound(f"Nothing with the key “{key}” is among the {KINDS[kind].plural}.")
    return tombstone


def _licence(identifier: str) -> IRI:
    """A licence by its SPDX identifier: `/licence/EUPL-1.2`."""
    entry = edition().publication.search.entry(SPDX_LICENCE + identifier)
    if entry is None:
        raise NotFound(f"“{identifier}” is no licence of the SPDX list.")
    return IRI(entry.iri)


def _data(about: IRI, wanted: Representation, profile: Profile | None) -> bytes:
    publication = edition().publication
    if request.args.get("view") and wanted.dataset is not None:
        return wanted.dataset(publication.accounts(about))
    described = (
        publication.description(about) if profile is None else profiled.view(publication, about, profile).triples
    )
    return made(wanted, described, about)


def _page(kind: str, iri: IRI, view: View) -> str:
    about = Description(iri, view.publication.statements(iri))
    parts, score = sections.sections(kind, about, view), quality.quality(iri, view)
    taken = [part.id for part in parts] + [row.id for group in (score.groups if score else ()) for row in group.rows]
    context: dict[str, Any] = {
        "kind": KINDS[kind],
        "is_listed": kind in INDEXED,
        "iri": iri.value,
        "title": sections.title(kind, about, view),
        "purpose": sections.purpose(about, view),
        "facts": facts.facts(kind, about, view),
        "sections": parts,
        "statements": statements.statements(about, view, taken),
        "quality": score,
        "accounts": accounts(about, view),
        "representations": [item for item in REPRESENTATIONS.values() if item.write],
        "path": view.path(iri),
    }
    if kind == "solution":
        context["structured"] = software(about, view)
    return render_template("thing.html", **context)


def _gone(kind: str, key: str, tombstone: set[Triple], wanted: Representation) -> Response:
    """What is known of a thing that every source has taken back: its name, and when it went."""
    event = Description(
        next(t.subject for t in tombstone if t.predicate == AS.object and isinstance(t.subject, IRI)), tombstone
    )
    if wanted is not HTML:
        response = make_response(made(wanted, tombstone), 410, {"Content-Type": wanted.content_type})
    else:
        view = View(edition(), languages(request))
        title = view.choose(event.texts(AS.name)) or Text(f"{KINDS[kind].label} {key}")
        when = next((Moment(value.value) for value in event.texts(AS.published)), None)
        named = {
            "kind": KINDS[kind],
            "is_listed": kind in INDEXED,
            "path": f"/{kind}/{key}",
            "departures": [account for thing in event.iris(AS.object) for account in _departures(thing)],
        }
        g.live = True
        response = make_response(render_template("gone.html", title=title, when=when, **named), 410)
    links = [*alternates(f"/{kind}/{key}", ALL, wanted), *_described(event.thing)]
    response.headers["Link"] = ", ".join(links)
    return response


def _departures(thing: IRI) -> Iterator[tuple[Link, Link, Moment, str]]:
    """The records of a thing that went: of which source, which, when, and why."""
    known = titles(edition())
    for one in log().departures(thing.value):
        source = Link(Text(known.get(one.source, one.source)), f"/source/{one.source}")
        yield source, Link(Text(one.record), record_path(one.source, one.record)), Moment(one.moment[:16]), one.why


def _described(event: IRI) -> Iterator[str]:
    yield f'<{edition().labels.relative(event)}>; rel="describedby"'


def _linked(response: Response, about: IRI, path: str, wanted: Representation, profile: Profile | None) -> Response:
    """Says where this form of the description is, and all others (RFC 8288). Pages show all, whatever the profile."""
    query = _asked_query(profile)
    response.headers["Content-Location"] = f"{path}.{wanted.suffix}{'' if wanted is HTML else query}"
    form = (path, wanted.suffix, query, "links")
    links = edition().bodies.get(form, lambda: ", ".join(_links(about, path, wanted, profile)))
    response.headers["Link"] = links.content.decode()
    # A page also shows what refers to the thing, and so is of the publication's date.
    return response if wanted is HTML else dated(response, edition().publication.modified(about))


def _links(about: IRI, path: str, wanted: Representation, profile: Profile | None) -> Iterator[str]:
    query = _asked_query(profile)
    yield f'<{path}>; rel="canonical"'
    yield f'<{iri_to_uri(about.value)}>; rel="describes"'
    for cls in _classes(about):
        yield f'<{iri_to_uri(cls.value)}>; rel="type"'
    yield from alternates(path, _offered(), wanted, query)
    if wanted is HTML:
        data = "trig" if request.args.get("view") else "ttl"
        yield f'<{path}.{data}{query}>; rel="describedby"; type="{ALL[data].media_type}"'
    elif profile is not None:
        yield profiled.link(profile)


def _classes(about: IRI) -> list[IRI]:
    return [value for value in edition().publication.store.objects(about, RDF.type) if isinstance(value, IRI)]
