"""Every IRI that is known here, whosever it is: `/resource?iri=` leads to what describes it.

Graphs and changes have addresses of their own here, too. A record's graph and a code list's are shown with all they
hold; the others grow with the catalogue, so what they are is told, and how to ask for a part of them.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from urllib.parse import quote, unquote, urlencode

from flask import Blueprint, request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from catalogue.database import PUBLISHED, quad
from catalogue.equivalence import published
from catalogue.rdf import IRI, Quad, Triple, is_iri, text
from catalogue.vocabulary import AS, DCT, LISTS, RDF, SD
from endpoint import codes
from endpoint.documents import Document, Resource, answer
from endpoint.reader import edition
from endpoint.representations import ALL, HTML, REPRESENTATIONS, negotiate
from endpoint.show import Link, Moment, Text
from endpoint.view import View

blueprint = Blueprint("resource", __name__)

# The graphs that grow with the catalogue, and what each holds.
_GRAPHS: Mapping[str, str] = {
    "meta": "Sources and their records: state, origin, dates, hashes, and what a record was read from.",
    "quality": "What was found wrong with records, and how well solutions are described.",
    "identity": "Which names are one thing's: what records claim, what editors decided, and what follows.",
    "changes": "The change log: what was created, updated and deleted, numbered without gaps.",
}
_CHANGES = {AS.Create: "Created", AS.Update: "Updated", AS.Delete: "Deleted"}
_PASSED = ("format", "lang", "profile", "view")
# Of what a node is part of; deeper nodes are rare, and a node that thousands refer to is no part of any.
_MOST_STEPS, _MOST_REFERRERS = 4, 50


@blueprint.get("/resource")
def resource() -> Response:
    """303 to what describes an IRI, here or under another name; 404 when it is not known."""
    if not request.args.get("iri"):
        raise BadRequest("Name an IRI, with its special characters escaped: /resource?iri=https%3A%2F%2F…")
    for iri in _spellings():
        if path := resolve(iri):
            return redirect(_asked_like_this(path, iri), 303)
    raise NotFound(f"Nothing is known here of <{request.args['iri'][:200]}>.")


@blueprint.get("/catalog")
def catalogue() -> Response:
    """The catalogue itself: what it says of itself, in words or as data."""
    return redirect("/about" if negotiate(request) is HTML else "/void", 303)


def _asked_like_this(path: str, iri: IRI) -> str:
    """An address with the parameters of the request that choose a form, unless they are a part of the IRI."""
    asked = [(name, value) for name, value in request.args.items() if name in _PASSED]
    query = urlencode([(name, value) for name, value in asked if f"{name}={value}" not in iri.value])
    address, mark, fragment = path.partition("#")
    return f"{address}{'?' if query else ''}{query}{mark}{fragment}"


def _spellings() -> Iterator[IRI]:
    """An IRI as it was sent, then as it may have been before someone escaped it too little or too much."""
    sent = request.args["iri"]
    rest = unquote(request.query_string.decode("latin-1").partition("iri=")[2])
    for words in (sent, sent.replace(" ", "+"), rest, quote(sent, safe=_KEPT), unquote(sent), quote(rest, safe=_KEPT)):
        spelt = words.replace(" ", "%20")
        if is_iri(spelt):
            yield IRI(spelt)


_KEPT = "/!$&'()*+,;=:@~-._?#%[]"


def resolve(iri: IRI) -> str:
    """The path of what describes an IRI, "" for one that is not known."""
    held = edition()
    name = published(held.publication.store, held.publication.minter, iri)
    found = (find(name) for find in (_own, _page, codes.place, _shapes, _parent))
    return next(filter(None, found), "") or _deletion(iri)


def _page(iri: IRI) -> str:
    return edition().labels.known(iri).path if _is_said(iri) else ""


def _is_said(iri: IRI) -> bool:
    """Whether anything is said of an IRI, in any graph: a page of nothing would be not found."""
    return next(edition().publication.store.quads(iri, None, None), None) is not None


def _own(iri: IRI) -> str:
    """What is ours and no thing: a graph, a record or a run of a source, a page."""
    base, address = edition().publication.minter.base, iri.value
    if not address.startswith(f"{base}/"):
        return ""
    path = address.removeprefix(base)
    graph = re.match(r"/graph/(?P<name>[^#]+)", path)
    if graph and graph["name"] in _GRAPHS:
        return path
    if _OWN.match(path):
        known = IRI(address.partition("#")[0])
        is_known = known == edition().publication.minter.catalogue or _is_said(known) or _is_graph(known)
        return path if is_known or "/run/" in path else ""
    if thing := re.match(r"/id/(?P<kind>\w+)/(?P<key>\w+)", path):
        kind, key = thing["kind"], thing["key"]
        is_gone = edition().publication.tombstone(kind, key) and not edition().publication.resolve(kind, key)
        return f"/{kind}/{key}" if is_gone else ""
    return ""


_OWN = re.compile(r"/(graph|source|change)/.+|/catalog(#.*)?$")


def _is_graph(iri: IRI) -> bool:
    return next(edition().publication.store.triples(None, None, None, iri), None) is not None


def _shapes(iri: IRI) -> str:
    found = re.fullmatch(rf"{re.escape(LISTS)}(?P<path>shapes/(?P<name>[\w-]+)(#.*)?)", iri.value)
    return f"/{found['path']}" if found and codes.has_shapes(found["name"]) else ""


def _parent(iri: IRI) -> str:
    """The page of the thing that a node without one is a part of: a release or distribution with an IRI elsewhere."""
    store, seen, near = edition().publication.store, {iri}, [iri]
    if next(store.triples(iri, None, None), None) is None:
        return ""
    for _ in range(_MOST_STEPS):
        around = [node for one in near for node in _referrers(one) if node not in seen]
        for node in around:
            if path := edition().labels.known(node).path:
                return path
        seen.update(around)
        near = around
    return ""


def _referrers(node: IRI) -> list[IRI]:
    """What a node is a version of or a part of, and what refers to it, in a stable order."""
    store = edition().publication.store
    above = [value for name in (DCT.isVersionOf, DCT.isPartOf) for value in store.objects(node, name)]
    found = [t.subject for t in islice(store.triples(None, None, node), _MOST_REFERRERS)]
    return [one for one in (*above, *sorted(found, key=str)) if isinstance(one, IRI)]


def _deletion(iri: IRI) -> str:
    """What tells of the end of something that had an IRI elsewhere."""
    store, changes = edition().publication.store, edition().publication.minter.graph("changes")
    events = (t.subject for t in store.triples(None, AS.object, iri, changes))
    numbers = [edition().labels.relative(event) for event in events if isinstance(event, IRI)]
    return max(numbers, key=lambda path: int(path.rpartition("/")[2]), default="")


# Graphs


@blueprint.get("/graph/<any(" + ", ".join(_GRAPHS) + "):name>")
@blueprint.get("/graph/<any(" + ", ".join(_GRAPHS) + "):name>.<any(" + ", ".join(ALL) + "):suffix>")
def system_graph(name: str, suffix: str = "") -> Response:
    """What a graph is that grows with the catalogue, and how to ask for a part of it."""
    about = edition().publication.minter.graph(name)
    query = f"SELECT * WHERE {{\n  GRAPH {about} {{ ?subject ?property ?value }}\n}}\nLIMIT 100"
    said = (
        Triple(about, RDF.type, SD.NamedGraph),
        Triple(about, SD.name, about),
        Triple(about, DCT.title, text(f"Graph “{name}”", "en")),
        Triple(about, DCT.description, text(_GRAPHS[name], "en")),
        Triple(about, DCT.isPartOf, edition().publication.minter.catalogue),
    )
    page = Document(about, "Graph", Text(f"Graph “{name}”"), Text(_GRAPHS[name]), query=query, is_told=True)
    shown = Resource(about, f"/graph/{name}", lambda: (quad(t, PUBLISHED) for t in said), lambda _: page)
    return answer(shown, suffix, REPRESENTATIONS)


@blueprint.get("/graph/<any(record, vocabulary):of>/<path:name>")
def whole_graph(of: str, name: str) -> Response:
    """A graph with all that it holds, in the syntaxes that name graphs, too; as a page, what shows the same."""
    about, suffix = _find(of, name)
    path, page = edition().labels.relative(about), _pages[of](about)
    modified = edition().publication.store.value(page, DCT.modified, edition().publication.minter.graph("meta"))
    shown = Resource(
        about,
        path,
        lambda: _graph(about),
        lambda view: _graph_page(about, page, view),
        "" if modified is None or of == "vocabulary" else modified.value,
    )
    return answer(shown, suffix, ALL)


def _find(of: str, name: str) -> tuple[IRI, str]:
    """The graph of an address, which may end with a suffix: one whose own name ends so has precedence."""
    stem, _, suffix = name.rpartition(".")
    for key, rest in ((name, ""), (stem, suffix)):
        graph = edition().publication.minter.graph(of, key)
        if key and (not rest or rest in ALL) and _is_graph(graph):
            return graph, rest
    raise NotFound(f"There is no graph “{of}/{name[:80]}”.")


def _graph(about: IRI) -> Iterator[Quad]:
    return (quad(triple, about) for triple in edition().publication.store.triples(None, None, None, about))


def _record(graph: IRI) -> IRI:
    return edition().publication.minter.record_of(graph)


def _list(graph: IRI) -> IRI:
    return IRI(f"{edition().publication.minter.base}/vocabulary/{graph.value.rpartition('/')[2]}")


_pages: Mapping[str, Callable[[IRI], IRI]] = {"record": _record, "vocabulary": _list}


def _graph_page(about: IRI, page: IRI, view: View) -> Document:
    path = view.labels.relative(page)
    shown = Document(about, "Graph", Text(view.labels.relative(about)), is_told=path.startswith("/source"))
    return replace(shown, facts=(("Shown at", (_link(path),)),))


def _link(path: str) -> Link:
    return Link(Text(path), path)


# Changes


@blueprint.get("/change/<name>")
def change(name: str) -> Response:
    """An event of the change log: what happened to which thing, and when."""
    number, _, suffix = name.partition(".")
    publication = edition().publication
    about, changes = IRI(f"{publication.minter.base}/change/{quote(number)}"), publication.minter.graph("changes")
    said = list(publication.store.triples(about, None, None, changes)) if number.isascii() else []
    if not said or (suffix and suffix not in ALL):
        raise NotFound(f"There is no change {name[:20]}; the last one is {publication.manifest.change}.")
    when = publication.store.value(about, AS.published, changes)
    shown = Resource(
        about,
        f"/change/{number}",
        lambda: (quad(triple, changes) for triple in said),
        lambda view: _change_page(about, said, view),
        when.value if when else "",
    )
    return answer(shown, suffix, ALL)


def _change_page(about: IRI, said: Iterable[Triple], view: View) -> Document:
    values = {t.predicate: t.object for t in said if not isinstance(t.object, Triple)}
    number, what, thing = int(about.value.rpartition("/")[2]), values[RDF.type], values[AS.object]
    assert isinstance(what, IRI)
    near = [n for n in (number - 1, number + 1) if 0 < n <= view.publication.manifest.change]
    facts = (
        (_CHANGES.get(what, "Changed"), (view.show(thing),)),
        ("When", (Moment(values[AS.published].value),)),
        ("Before and after", tuple(Link(Text(f"Change {n}"), f"/change/{n}") for n in near)),
    )
    return Document(about, "Change", Text(f"Change {number}"), facts=facts, is_told=True)
