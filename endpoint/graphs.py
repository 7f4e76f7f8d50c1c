"""The SPARQL 1.1 Graph Store HTTP Protocol, at `/graphs`: everybody reads graphs, operators write theirs.

https://www.w3.org/TR/sparql11-http-rdf-update/. A graph is named by `?graph=IRI` or `?default`, or is the one at its
own address, `/graphs/…`. `?default` is what operators said in the default graph, so that what was put is what is got;
all that is published there comes from too many sources to be a document, and is asked for at `/sparql`.
"""

import hashlib
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import (
    BadRequest,
    Forbidden,
    NotFound,
    PreconditionFailed,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from catalogue import editing, sandbox
from catalogue.database import PUBLISHED, Graph
from catalogue.publication import Publication
from catalogue.rdf import IRI, SYNTAXES, DefaultGraph, Syntax, Triple, write
from catalogue.updates import MOST_STATEMENTS, Names, curated
from catalogue.vocabulary import PREFIXES
from endpoint.bodies import Body
from endpoint.operators import (
    MOST_BYTES,
    absolute,
    address,
    authorise,
    body,
    done,
    edited,
    for_programs,
    told,
    too_large,
)
from endpoint.reader import edition, settings
from endpoint.representations import ALL, Representation, negotiate, respond

blueprint = Blueprint("graphs", __name__)
for_programs(blueprint)

_STORE = "/graphs"
_MULTIPART = "multipart/form-data"
_OFFERED = {
    name: Representation(name, syntax.media_type, syntax.label, also=ALL[name].also)
    for name, syntax in SYNTAXES.items()
}
_BY_TYPE = {one: SYNTAXES[name] for name, item in _OFFERED.items() for one in (item.media_type, *item.also)}
# What programs say of files that they do not know.
_NO_TYPES = ("", "application/octet-stream")
# Some ten megabytes, and a second to write.
_MOST_READ = 100_000
_NOT_NAMED = "Name a graph: ?graph=IRI, ?default, or by its own address below /graphs/."


@blueprint.get(_STORE)
@blueprint.get(f"{_STORE}/<path:_>")
def read(_: str = "") -> Response:
    """A graph, in the syntax that is wanted."""
    graph, wanted = _named(), negotiate(request, "", _OFFERED)
    publication = edition().publication
    triples = _content(publication, graph)
    if triples is None:
        raise NotFound(f"There is no graph {graph}.")
    if len(triples) > _MOST_READ:
        raise Forbidden(f"This graph has more than {_MOST_READ} statements. Ask for parts of it at /sparql.")
    g.live = True  # two edits in a second have one date
    content = write(Names(publication.minter).blank(triples), SYNTAXES[wanted.suffix], PREFIXES)
    return respond(Body(content, f"{_state(triples)}-{wanted.suffix}"), wanted)


def _content(publication: Publication, graph: Graph) -> list[Triple] | None:
    """The statements of a graph, of a large one the first; None for one that is not there."""
    if not isinstance(graph, IRI):
        return list(islice(curated(publication.store, publication.minter), _MOST_READ + 1))
    found = list(islice(publication.store.triples(None, None, None, graph), _MOST_READ + 1))
    return found if found or graph in publication.store.named_graphs() else None


def _state(triples: Iterable[Triple]) -> str:
    """What a graph's ETags begin with, whatever the syntax."""
    return hashlib.sha256("\n".join(sorted(map(str, triples))).encode()).hexdigest()[:32]


def _check(graph: Graph) -> None:
    """Raises PreconditionFailed unless a graph is as If-Match and If-None-Match say (RFC 9110, 13.1)."""
    if not (request.if_match or request.if_none_match):
        return
    triples = _content(edition().publication, graph)
    is_there = bool(triples) if graph is PUBLISHED else triples is not None
    state = None if triples is None else _state(triples)
    is_other = request.if_match and not _names(request.if_match.as_set(), request.if_match.star_tag, is_there, state)
    kept_out = request.if_none_match
    if is_other or _names(kept_out.as_set(include_weak=True), kept_out.star_tag, is_there, state):
        raise PreconditionFailed(f"The graph is {'' if is_there else 'not '}there, and not as the request says.")


def _names(tags: Iterable[str], is_any: bool, is_there: bool, state: str | None) -> bool:
    return (is_any and is_there) or any(tag.rpartition("-")[0] == state for tag in tags)


@blueprint.put(_STORE)
@blueprint.put(f"{_STORE}/<path:_>")
def replace(_: str = "") -> Response:
    """Has a graph hold what is sent, and nothing else."""
    authorise()
    return _written(_named(), replaces=True)


@blueprint.post(_STORE)
@blueprint.post(f"{_STORE}/<path:_>")
def add(_: str = "") -> Response:
    """Adds what is sent to a graph; sent to the store itself, it becomes a graph with a name of our own (5.5)."""
    authorise()
    if _is_store():
        name = f"{address().rstrip('/')}/{uuid.uuid4().hex}"
        response = _written(IRI(name), replaces=True)
        response.headers["Location"] = name
        return response
    return _written(_named(), replaces=False)


@blueprint.delete(_STORE)
@blueprint.delete(f"{_STORE}/<path:_>")
def delete(_: str = "") -> Response:
    """Deletes a graph."""
    authorise()
    graph = _named()
    if not edited(lambda: editing.delete(settings(), graph, lambda: datetime.now(UTC)), lambda: _check(graph)):
        raise NotFound(f"There is no graph {graph}.")
    return told(f"Deleted the graph {graph}.")


def _written(graph: Graph, *, replaces: bool) -> Response:
    """Writes what is sent. Of the answers that the protocol leaves open, these are those that W3C's tests name."""
    triples = set(_sent(graph))
    if len(triples) > MOST_STATEMENTS:
        raise RequestEntityTooLarge(f"These are more than {MOST_STATEMENTS} statements. Send them in parts.")
    now = datetime.now(UTC)
    is_new = edited(
        lambda: editing.put(settings(), graph, triples, lambda: now, replaces=replaces), lambda: _check(graph)
    )
    if is_new or replaces or not triples:
        return done(201 if is_new else 204)
    return told(f"Added to the graph {graph}.")


def _is_store() -> bool:
    return request.path.rstrip("/") == _STORE and "graph" not in request.args and "default" not in request.args


def _named() -> Graph:
    """The graph that the request is about; raises BadRequest unless it is one."""
    names = request.args.getlist("graph")
    if len(names) + ("default" in request.args) > 1:
        raise BadRequest("A request is about one graph, and this names several.")
    if "default" in request.args:
        return PUBLISHED
    if names:
        return IRI(absolute(names[0]))
    if _is_store():
        raise BadRequest(_NOT_NAMED)
    return IRI(absolute(address()))


def _sent(graph: Graph) -> Iterator[Triple]:
    """The statements in the body; of a form with files, in all of these (5.5, by multipart/form-data)."""
    base = graph.value if isinstance(graph, IRI) else address()
    if request.mimetype != _MULTIPART:
        yield from _parsed(body(), _syntax(request.mimetype), base)
        return
    for content, syntax in _files():
        yield from _parsed(content, syntax, base)


def _files() -> list[tuple[bytes, Syntax]]:
    request.max_content_length = MOST_BYTES
    try:
        found = [(file.read(), _syntax(file.mimetype, file.filename or "")) for file in request.files.values()]
    except RequestEntityTooLarge as error:
        raise too_large() from error
    if not found:
        raise BadRequest("There is no file in this form.")
    return found


def _syntax(media_type: str, filename: str = "") -> Syntax:
    """The syntax of a media type; where it says nothing, that of the file's suffix."""
    suffix = filename.rpartition(".")[2].lower()
    syntax = _BY_TYPE.get(media_type) or (SYNTAXES.get(suffix) if media_type in _NO_TYPES else None)
    if syntax is None:
        types = ", ".join(item.media_type for item in SYNTAXES.values())
        raise UnsupportedMediaType(f"The Content-Type must be one of {types}, and it is {media_type or 'none'}.")
    return syntax


def _parsed(content: bytes, syntax: Syntax, base: str) -> Iterator[Triple]:
    for quad in sandbox.parse(content, syntax, base, may_be_empty=True):
        if not isinstance(quad.graph_name, DefaultGraph):
            raise BadRequest(f"A request is about one graph, and the body names the graph {quad.graph_name}.")
        yield quad.triple
