"""How a resource can be shown, and which way a request wants."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Request, Response, current_app, has_request_context, make_response, request
from werkzeug.exceptions import NotAcceptable
from werkzeug.http import parse_options_header
from werkzeug.urls import iri_to_uri

from catalogue.database import PUBLISHED, quad
from catalogue.rdf import IRI, SYNTAXES, Quad, Triple, write, write_dataset
from catalogue.settings import Settings
from catalogue.vocabulary import PREFIXES
from endpoint import jsonld
from endpoint.bodies import Body


@dataclass(frozen=True)
class Representation:
    """One way to show a resource: its suffix, media type and name; `write` makes it of triples, pages have templates.

    `also` are media types that ask for the same, `parameters` what the Content-Type says besides the type, `dataset`
    makes it of statements in graphs where it has such, and `about` of triples with those of one thing first.
    """

    suffix: str
    media_type: str
    label: str
    write: Callable[[Iterable[Triple]], bytes] | None = None
    also: tuple[str, ...] = ()
    parameters: str = ""
    dataset: Callable[[Iterable[Quad]], bytes] | None = None
    about: Callable[[Iterable[Triple], IRI], bytes] | None = None

    @property
    def content_type(self) -> str:
        """The Content-Type header: text types say that they are UTF-8."""
        charset = "; charset=utf-8" if self.media_type.startswith("text/") else ""
        return self.media_type + charset + self.parameters


class NotOffered(NotAcceptable):
    """None of the forms that a resource has is wanted. Names them, in words and as links."""

    def __init__(self, offered: Mapping[str, Representation]) -> None:
        super().__init__(offer(offered))
        self.offered = offered

    def get_headers(
        self, environ: dict[str, Any] | None = None, scope: dict[str, Any] | None = None
    ) -> list[tuple[str, str]]:
        """With the links that errors keep."""
        headers = list(super().get_headers(environ, scope))
        if has_request_context():
            headers.append(("Link", ", ".join(alternates(stem(request.path, self.offered), self.offered))))
        return headers


def stem(path: str, offered: Mapping[str, Representation]) -> str:
    """An address without the suffix of a form."""
    start, _, suffix = path.rpartition(".")
    return start if suffix in offered else path


def alternates(
    path: str, offered: Mapping[str, Representation], wanted: Representation | None = None, query: str = ""
) -> Iterator[str]:
    """Links to the forms of a resource but the one that is shown (RFC 8288); pages have no `query`."""
    address = iri_to_uri(path)
    for item in offered.values():
        if wanted is None or item.suffix != wanted.suffix:
            asked = query if item.write or item.dataset else ""
            yield f'<{address}.{item.suffix}{asked}>; rel="alternate"; type="{item.media_type}"'


def respond(body: Body, wanted: Representation) -> Response:
    """A response in a representation."""
    response = make_response(body.content, 200, {"Content-Type": wanted.content_type})
    response.set_etag(body.etag)
    return response


def made(wanted: Representation, triples: Iterable[Triple], about: IRI | None = None) -> bytes:
    """Triples in any representation but a page, where there is one with what is said of one thing first."""
    if wanted.dataset is not None:
        return wanted.dataset(quad(triple, PUBLISHED) for triple in triples)
    if about is not None and wanted.about is not None:
        return wanted.about(triples, about)
    assert wanted.write is not None
    return wanted.write(triples)


_ALSO = {
    "jsonld": ("application/json",),
    "rdf": ("application/xml", "text/xml"),
    "ttl": ("application/x-turtle", "text/n3"),
    "nt": ("text/plain",),
    "nq": ("text/x-nquads", "text/nquads"),
    "trig": ("application/x-trig",),
}


def _syntax(name: str) -> Representation:
    syntax = SYNTAXES[name]
    return Representation(
        name,
        syntax.media_type,
        syntax.label,
        lambda triples: write(triples, syntax, PREFIXES),
        _ALSO[name],
        about=lambda triples, thing: write(triples, syntax, PREFIXES, thing),
    )


def _dataset(name: str) -> Representation:
    syntax = SYNTAXES[name]
    return Representation(
        name,
        syntax.media_type,
        syntax.label,
        also=_ALSO[name],
        dataset=lambda quads: write_dataset(quads, syntax, PREFIXES),
    )


def _jsonld(form: str = jsonld.COMPACTED, address: str = "", profile: str = "") -> Representation:
    """JSON-LD in one of its forms; `profile` is what was asked for, and is said back."""
    syntax = SYNTAXES["jsonld"]
    return Representation(
        syntax.name,
        syntax.media_type,
        syntax.label,
        lambda triples: jsonld.write(triples, form, address=address),
        _ALSO["jsonld"],
        parameters=f'; profile="{profile}"' if profile else "",
        about=lambda triples, thing: jsonld.write(triples, form, thing, address),
    )


HTML = Representation("html", "text/html", "HTML", also=("application/xhtml+xml",))
# In the order in which they are preferred where a request likes several equally.
REPRESENTATIONS: Mapping[str, Representation] = {
    "html": HTML,
    "ttl": _syntax("ttl"),
    "jsonld": _jsonld(),
    "rdf": _syntax("rdf"),
    "nt": _syntax("nt"),
}
# Syntaxes that say in which graph each statement is.
DATASETS: Mapping[str, Representation] = {name: _dataset(name) for name in ("trig", "nq")}
ALL: Mapping[str, Representation] = {**REPRESENTATIONS, **DATASETS}


def negotiate(
    request: Request, suffix: str = "", offered: Mapping[str, Representation] = REPRESENTATIONS
) -> Representation:
    """The representation that a request wants: by suffix, by `?format=`, else by Accept (RFC 9110, 12.5.1).

    Of the parameters of media types only JSON-LD's `profile` counts. Raises NotOffered, listing what is offered.
    """
    asked = suffix or request.args.get("format", "")
    if asked:
        found = _named(asked, offered)
    elif request.headers.get("Accept", "").strip():
        found = _accepted(list(request.accept_mimetypes), offered)
    else:
        found = next(iter(offered.values()))
    if found is None:
        raise NotOffered(offered)
    has_forms = offered is REPRESENTATIONS or offered is ALL
    return _profiled(request, found) if has_forms and found.suffix == "jsonld" else found


def _profiled(request: Request, found: Representation) -> Representation:
    """JSON-LD in the form that the `profile` of its media type names: a list of IRIs; others than ours do not count."""
    for media_range, _ in request.accept_mimetypes:
        name, options = parse_options_header(media_range)
        if name.lower() == found.media_type and "profile" in options:
            asked = options["profile"].split()
            form = next((form for form in jsonld.FORMS if form in asked), "")
            address = next((iri for iri in asked if iri == _context()), "") if form == jsonld.COMPACTED else ""
            return _jsonld(form, address, f"{form} {address}".rstrip()) if form else found
    return found


def _context() -> str:
    settings: Settings = current_app.extensions["settings"]
    return f"{settings.base}{jsonld.PATH}"


def offer(offered: Mapping[str, Representation]) -> str:
    """What is offered, in words."""
    types = ", ".join(f"{item.media_type} (.{item.suffix})" for item in offered.values())
    return f"This address is offered as {types}."


def _named(name: str, offered: Mapping[str, Representation]) -> Representation | None:
    if name in offered:
        return offered[name]
    types = {_type(one) for one in name.split(",")}  # SPARQLWrapper names several
    return next((item for item in offered.values() if types & {item.media_type, *item.also}), None)


def _accepted(ranges: list[tuple[str, float]], offered: Mapping[str, Representation]) -> Representation | None:
    wanted = [(_type(media_range), quality) for media_range, quality in ranges]
    best: Representation | None = None
    highest = (0.0, 0)
    for item in offered.values():
        rank = max(_rank(item.media_type, wanted), *(_named_rank(name, wanted) for name in item.also), (0.0, 0))
        if rank[0] > 0 and rank > highest:
            best, highest = item, rank
    return best


def _rank(media_type: str, wanted: list[tuple[str, float]]) -> tuple[float, int]:
    """The quality of a type, from the most specific range that matches it, and how specific that is."""
    patterns = ("*/*", media_type.partition("/")[0] + "/*", media_type)
    specific, quality = max(((patterns.index(name), q) for name, q in wanted if name in patterns), default=(0, 0.0))
    return quality, specific


def _named_rank(media_type: str, wanted: list[tuple[str, float]]) -> tuple[float, int]:
    """The same for another name of a type, which counts only where it is named."""
    return _rank(media_type, [pair for pair in wanted if pair[0] == media_type])


def _type(media_range: str) -> str:
    return media_range.partition(";")[0].strip().lower()
