"""How a resource can be shown, and which way a request wants."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from flask import Request, Response, make_response
from werkzeug.exceptions import NotAcceptable

from catalogue.rdf import SYNTAXES, Triple, write
from catalogue.vocabulary import PREFIXES
from endpoint.bodies import Body


@dataclass(frozen=True)
class Representation:
    """One way to show a resource: its suffix, media type and name; `write` makes it of triples, pages have templates.

    `also` are media types that ask for the same.
    """

    suffix: str
    media_type: str
    label: str
    write: Callable[[Iterable[Triple]], bytes] | None = None
    also: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """The Content-Type header: text types say that they are UTF-8."""
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type


def respond(body: Body, wanted: Representation) -> Response:
    """A response in a representation."""
    response = make_response(body.content, 200, {"Content-Type": wanted.content_type})
    response.set_etag(body.etag)
    return response


_ALSO = {
    "jsonld": ("application/json",),
    "rdf": ("application/xml", "text/xml"),
    "ttl": ("application/x-turtle", "text/n3"),
    "nt": ("text/plain",),
}


def _syntax(name: str) -> Representation:
    syntax = SYNTAXES[name]
    return Representation(
        name, syntax.media_type, syntax.label, lambda triples: write(triples, syntax, PREFIXES), _ALSO.get(name, ())
    )


HTML = Representation("html", "text/html", "HTML", also=("application/xhtml+xml",))
# In the order in which they are preferred where a request likes several equally.
REPRESENTATIONS: Mapping[str, Representation] = {
    "html": HTML,
    **{name: _syntax(name) for name in ("ttl", "jsonld", "rdf", "nt")},
}


def negotiate(
    request: Request, suffix: str = "", offered: Mapping[str, Representation] = REPRESENTATIONS
) -> Representation:
    """The representation that a request wants: by suffix, by `?format=`, else by Accept (RFC 9110, 12.5.1).

    Parameters of a media type (`profile`, `charset`) do not count. Raises NotAcceptable, listing what is offered.
    """
    asked = suffix or request.args.get("format", "")
    if asked:
        found = _named(asked, offered)
    elif request.headers.get("Accept", "").strip():
        found = _accepted(list(request.accept_mimetypes), offered)
    else:
        found = next(iter(offered.values()))
    if found is None:
        raise NotAcceptable(offer(offered))
    return found


def offer(offered: Mapping[str, Representation]) -> str:
    """What is offered, in words."""
    types = ", ".join(f"{item.media_type} (.{item.suffix})" for item in offered.values())
    return f"This address is offered as {types}."


def _named(name: str, offered: Mapping[str, Representation]) -> Representation | None:
    if name in offered:
        return offered[name]
    plain = _type(name)
    return next((item for item in offered.values() if plain in (item.media_type, *item.also)), None)


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
