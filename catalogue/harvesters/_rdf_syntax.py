"""Documents whose media type or suffix may be wrong: what they say in the syntax that they are said to be in, else in
the one that they look like."""

from collections.abc import Callable
from dataclasses import replace

from catalogue import sandbox
from catalogue.errors import DocumentError
from catalogue.model import Document
from catalogue.rdf import Quad, Syntax


def parsed(document: Document, parse: Callable[[Syntax], list[Quad]]) -> list[Quad]:
    """What parsing gives. Raises DocumentError: where both fail, that of the syntax that the document looks like."""
    said = sandbox.guess(document)
    try:
        return parse(said)
    except DocumentError as error:
        looks = _looks(document)
        # Turtle allows most of what the line formats have wrong, and would hide it.
        if looks is None or looks == said or (said.name in ("nt", "nq") and looks.name == "ttl"):
            raise
        return _parsed_as(looks, said, parse, error)


def _parsed_as(looks: Syntax, said: Syntax, parse: Callable[[Syntax], list[Quad]], first: DocumentError) -> list[Quad]:
    try:
        return parse(looks)
    except DocumentError as error:
        message = f"{error} (it looks like {looks.label}, but is served or named as {said.label})"
        raise DocumentError(message, error.line, error.column, error.fix) from first


def _looks(document: Document) -> Syntax | None:
    try:
        return sandbox.guess(replace(document, url="", media_type=""))
    except DocumentError:
        return None
