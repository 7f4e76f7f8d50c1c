"""Code lists, the catalogue's own vocabulary, its shapes, and its JSON-LD context: what descriptions are made with.

Terms have IRIs at w3id.org, which is to lead here: a list's own is `/vocabulary/{list}`, a term of it a place there,
and a term that descriptions use has a page of its own.
"""

from collections.abc import Iterable
from functools import cache

from flask import Blueprint, Response, make_response, redirect
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from catalogue.code_lists import names, resources, triples
from catalogue.database import PUBLISHED, quad
from catalogue.rdf import IRI, SYNTAXES, Literal, Quad, Triple, read
from catalogue.vocabulary import DCT, DQV, LISTS, OWL, RDF, RDFS, SKOS
from endpoint import jsonld
from endpoint.description import Description
from endpoint.documents import Document, Resource, Row, answer
from endpoint.labels import code
from endpoint.reader import edition
from endpoint.representations import ALL, REPRESENTATIONS
from endpoint.show import Link, Text
from endpoint.view import View

blueprint = Blueprint("codes", __name__)

_LISTS = "/vocabulary"
_SCHEMES = (SKOS.ConceptScheme, OWL.Ontology, DQV.Category)
_NAMES = (DCT.title, SKOS.prefLabel, RDFS.label)
_MEANINGS = (SKOS.definition, RDFS.comment, SKOS.scopeNote, DCT.description)


def place(term: IRI) -> str:
    """Where a list or a term of one is shown here, used or not; "" for what is in no list."""
    name = _list_of(term)
    if not name:
        return ""
    return f"{_LISTS}/{name}" + ("" if term == _scheme(name) else f"#{code(term)}")


def _list_of(term: IRI) -> str:
    prefix = edition().publication.minter.graph("vocabulary").value + "/"
    graphs = (found.graph_name for found in edition().publication.store.quads(term, None, None))
    of = (graph.value.removeprefix(prefix) for graph in graphs if isinstance(graph, IRI) and prefix in graph.value)
    return next(of, "")


@blueprint.get(_LISTS)
@blueprint.get(f"{_LISTS}.<any({', '.join(ALL)}):suffix>")
def lists(suffix: str = "") -> Response:
    """Which code lists there are."""
    about = IRI(f"{edition().publication.minter.base}{_LISTS}")
    schemes = {name: scheme for name in names() if (scheme := _scheme(name))}

    def page(view: View) -> Document:
        rows = (Row(name, (Link(_title(name, view), f"{_LISTS}/{name}"), *_lead(name, view))) for name in schemes)
        return Document(about, "Linked data", Text("Code lists"), columns=("List", "What it is for"), rows=tuple(rows))

    def quads() -> Iterable[Quad]:
        for name, scheme in schemes.items():
            yield quad(Triple(about, DCT.hasPart, scheme), PUBLISHED)
            yield from (quad(t, PUBLISHED) for t in _triples(name) if t.subject == scheme)

    return answer(Resource(about, _LISTS, quads, page), suffix, REPRESENTATIONS)


@blueprint.get(f"{_LISTS}/<name>")
def one_list(name: str) -> Response:
    """A code list whole, or the vocabulary."""
    stem, _, suffix = name.rpartition(".") if name.rpartition(".")[2] in ALL else (name, "", "")
    if stem not in names():
        raise NotFound(f"There is no code list “{stem[:40]}”; there are {', '.join(names())}.")
    return answer(_listed(stem), suffix, REPRESENTATIONS)


def _listed(name: str) -> Resource:
    scheme = _scheme(name) or IRI(LISTS + name)
    return Resource(
        scheme,
        f"{_LISTS}/{name}",
        lambda: (quad(triple, PUBLISHED) for triple in _triples(name)),
        lambda view: _list_page(name, scheme, view),
        "".join(value.value for value in _about(name).texts(DCT.modified, node=scheme)[:1]),
    )


@blueprint.get(f"{_LISTS}/<name>/<path:term>")
def one_term(name: str, term: str) -> BaseResponse:
    """The way from a term's IRI, whose end this address has, to where it is shown."""
    for iri in _terms(name) if name in names() else ():
        if iri.value == f"{LISTS}{name}/{term}" or code(iri) == term:
            return redirect(edition().labels.known(iri).path or place(iri), 303)
    raise NotFound(f"“{term[:80]}” is no term of the list “{name[:40]}”.")


@blueprint.get("/ns")
def namespace() -> BaseResponse:
    """The vocabulary by the end of its namespace's IRI."""
    return redirect(f"{_LISTS}/osc", 303)


@blueprint.get("/shapes/<name>")
def shapes(name: str) -> BaseResponse:
    """The shapes of a profile; to be read by people, they are at `/profile/{name}`."""
    stem, _, suffix = name.rpartition(".") if name.rpartition(".")[2] in ALL else (name, "", "")
    if not has_shapes(stem):
        raise NotFound(f"There are no shapes “{stem[:40]}”.")
    about = IRI(f"{LISTS}shapes/{stem}")
    rows = tuple(Row(code(shape), (Text(code(shape)),)) for shape in _named(_shapes(stem)) if "#" in shape.value)
    words = (("In words", (Link(Text(f"/profile/{stem}"), f"/profile/{stem}"),)),)
    page = Document(about, "Shapes", Text(stem), facts=words, columns=("Shape",), rows=rows)
    shown = Resource(about, f"/shapes/{stem}", lambda: (quad(t, PUBLISHED) for t in _shapes(stem)), lambda _: page)
    return answer(shown, suffix, REPRESENTATIONS)


@blueprint.get(jsonld.PATH)
def context() -> Response:
    """The context of the catalogue's JSON-LD."""
    response = make_response(jsonld.document(), 200, {"Content-Type": "application/ld+json"})
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def has_shapes(name: str) -> bool:
    """Whether there are shapes of this name."""
    return name.replace("-", "").isalnum() and (resources("shapes") / f"{name}.ttl").is_file()


# What is packaged does not change while a process runs.


@cache
def _triples(name: str) -> frozenset[Triple]:
    return triples(name)


@cache
def _shapes(name: str) -> frozenset[Triple]:
    content = (resources("shapes") / f"{name}.ttl").read_bytes()
    return frozenset(found.triple for found in read(content, SYNTAXES["ttl"]))


@cache
def _about(name: str) -> Description:
    return Description(_scheme(name) or IRI(f"{LISTS}{name}"), _triples(name))


@cache
def _scheme(name: str) -> IRI | None:
    heads = [t.subject for t in _triples(name) if t.predicate == RDF.type and t.object in _SCHEMES]
    return min((head for head in heads if isinstance(head, IRI)), key=str, default=None)


@cache
def _terms(name: str) -> tuple[IRI, ...]:
    """What a list has besides itself, in the order of the IRIs."""
    return tuple(iri for iri in _named(_triples(name)) if iri != _scheme(name))


def _named(said: Iterable[Triple]) -> list[IRI]:
    """What statements say the class of, and has an IRI."""
    return sorted({t.subject for t in said if t.predicate == RDF.type and isinstance(t.subject, IRI)}, key=str)


def _list_page(name: str, about: IRI, view: View) -> Document:
    columns = ("Term", "Code", "What it means")
    rows = tuple(_row(name, term, view) for term in _terms(name))
    return Document(about, "Code list", _title(name, view), next(iter(_lead(name, view)), None), (), columns, rows)


def _row(name: str, term: IRI, view: View) -> Row:
    said = _about(name)
    texts = (said.texts(*_NAMES, node=term), said.texts(*_MEANINGS, node=term))
    title, meaning = (view.choose(found) or Text("") for found in texts)
    return Row(code(term), (Link(title, view.path(term)), Text(code(term)), meaning))


def _title(name: str, view: View) -> Text:
    return view.choose(_texts(name, _NAMES)) or Text(name)


def _lead(name: str, view: View) -> tuple[Text, ...]:
    return tuple(filter(None, [view.choose(_texts(name, _MEANINGS))])) or (Text(""),)


def _texts(name: str, properties: tuple[IRI, ...]) -> list[Literal]:
    scheme = _scheme(name)
    return _about(name).texts(*properties, node=scheme) if scheme else []
