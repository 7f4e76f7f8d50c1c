"""Things: `/id/…` names them, `/{kind}/{key}` describes them, as a page or as linked data."""

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response as BaseResponse

from catalogue.entries import INDEXED
from catalogue.identity import KEY
from catalogue.model import KINDS
from catalogue.profiles.tables import Profile
from catalogue.rdf import IRI, Triple
from catalogue.vocabulary import AS, SPDX_LICENCE
from endpoint import facts, profiled, quality, sections, statements
from endpoint.description import Description
from endpoint.labels import languages
from endpoint.provenance import accounts
from endpoint.reader import edition
from endpoint.representations import REPRESENTATIONS, Representation, negotiate, respond
from endpoint.show import Moment, Text
from endpoint.structured import software
from endpoint.view import View

blueprint = Blueprint("things", __name__)

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
    if suffix not in REPRESENTATIONS:
        key, dot, suffix = name, "", ""
    found = _find(kind, key)
    wanted, profile = negotiate(request, suffix), profiled.asked(request.args)
    if not isinstance(found, IRI):
        return _gone(kind, key, found, wanted)
    path = edition().labels.known(found).path
    if path != f"/{kind}/{key}":
        return redirect(iri_to_uri(path + dot + suffix + _query()), 302)
    spoken = languages(request)
    if wanted.write is None:
        body = edition().bodies.get((path, spoken), lambda: _page(kind, found, View(edition(), spoken)))
    else:
        form = (path, wanted.suffix, profile and profile.name)
        body = edition().bodies.get(form, lambda: _data(found, wanted, profile))
    return _linked(respond(body, wanted), found, path, wanted, profile)


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
    assert wanted.write is not None
    publication = edition().publication
    if profile is None:
        return wanted.write(publication.description(about))
    return wanted.write(profiled.view(publication, about, profile).triples)


def _page(kind: str, iri: IRI, view: View) -> str:
    about = Description(iri, view.publication.statements(iri))
    parts, score = sections.sections(kind, about, view), quality.quality(iri, view)
    taken = [part.id for part in parts] + [row.id for group in (score.groups if score else ()) for row in group.rows]
    context: dict[str, Any] = {
        "kind": KINDS[kind],
        "is_listed": kind in INDEXED,
        "iri": iri.value,
        "title": sections.title(about, view),
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
    if wanted.write is not None:
        return make_response(wanted.write(tombstone), 410, {"Content-Type": wanted.content_type})
    view = View(edition(), languages(request))
    event = Description(next(t.subject for t in tombstone if isinstance(t.subject, IRI)), tombstone)
    title = view.choose(event.texts(AS.name)) or Text(f"{KINDS[kind].label} {key}")
    when = next((Moment(value.value) for value in event.texts(AS.published)), None)
    body = render_template(
        "gone.html", kind=KINDS[kind], is_listed=kind in INDEXED, title=title, when=when, path=f"/{kind}/{key}"
    )
    return make_response(body, 410)


def _linked(response: Response, about: IRI, path: str, wanted: Representation, profile: Profile | None) -> Response:
    """Says where this form of the description is, and all others (RFC 8288). Pages show all, whatever the profile."""
    query = f"?profile={profile.name}" if profile else ""
    own = query if wanted.write else ""
    response.headers["Content-Location"] = f"{path}.{wanted.suffix}{own}"
    links = [f'<{path}>; rel="canonical"', f'<{iri_to_uri(about.value)}>; rel="describes"']
    others = (item for item in REPRESENTATIONS.values() if item is not wanted)
    links += [
        f'<{path}.{item.suffix}{query if item.write else ""}>; rel="alternate"; type="{item.media_type}"'
        for item in others
    ]
    if wanted.write is None:
        links.append(f'<{path}.ttl{query}>; rel="describedby"; type="text/turtle"')
    elif profile is not None:
        links.append(profiled.link(profile))
    response.headers["Link"] = ", ".join(links)
    return response
