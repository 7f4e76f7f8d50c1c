"""SPARQL Update for operators: the update operation of the SPARQL 1.1 Protocol, at `/sparql/update` and `/sparql`.

https://www.w3.org/TR/sparql11-protocol/#update-operation. An update is carried out whole or not at all, and what it
changed is published when the answer comes.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Request, Response, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from catalogue.editing import update as carry_out
from catalogue.rdf import is_iri
from catalogue.updates import Update
from endpoint.operators import MOST_BYTES, address, authorise, body, decoded, done, edited, for_programs, is_operator
from endpoint.reader import settings

blueprint = Blueprint("update", __name__)
for_programs(blueprint)

_FORM, _UPDATE = "application/x-www-form-urlencoded", "application/sparql-update"
_UTF_8 = ("utf-8", "utf8", "us-ascii")
_Pairs = list[tuple[str, str]]


def is_meant(environ: Mapping[str, Any], token: str) -> bool:
    """Whether an update is sent to the address of queries, so that operators' clients with one address need no other.

    The body of a form is read for that, of operators only, and can be read again. Raises RequestEntityTooLarge.
    """
    if environ["REQUEST_METHOD"] != "POST" or not token:
        return False
    assert isinstance(environ, dict)  # as PEP 3333 has it
    asked = Request(environ)
    if asked.mimetype != _FORM or not is_operator(environ, token):
        return asked.mimetype == _UPDATE
    asked.max_content_length = MOST_BYTES
    content = asked.get_data(cache=False)
    environ |= {"wsgi.input": BytesIO(content), "CONTENT_LENGTH": str(len(content))}
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return any(name == "update" for name, _ in parse_qsl(content.decode("latin-1"), keep_blank_values=True))


@blueprint.post("/sparql")
@blueprint.post("/sparql/update")
def update() -> Response:
    """Carries out an update."""
    authorise()
    asked = _asked()
    edited(lambda: carry_out(settings(), asked, lambda: datetime.now(UTC)))
    return done()


def _asked() -> Update:
    """The update that the request sends, as a form or as it is; raises HTTPException for what the protocol forbids."""
    if request.mimetype not in (_FORM, _UPDATE):
        given = request.mimetype or "none"
        raise UnsupportedMediaType(f"The body's Content-Type must be {_UPDATE} or {_FORM}, and it is {given}.")
    if (charset := request.mimetype_params.get("charset", "utf-8")).lower() not in _UTF_8:
        raise UnsupportedMediaType(f"The body must be UTF-8, and its Content-Type says {charset}.")
    in_address = _pairs(request.query_string, "address")
    if _all(in_address, "update") or _all(in_address, "query"):
        raise BadRequest("The update belongs into the body, and not into the address.")
    if request.mimetype == _UPDATE:
        return _update(decoded(body(), "body"), in_address)
    form = _pairs(body(), "body")
    updates = _all(form, "update")
    if len(updates) != 1 or _all(form, "query"):
        raise BadRequest(f"There must be one parameter “update” and no “query”, and there are {len(updates)} updates.")
    return _update(updates[0], in_address + form)


def _update(text: str, parameters: _Pairs) -> Update:
    if not text.strip():
        raise BadRequest("The update is empty.")
    if len(_all(parameters, "version")) > 1:
        raise BadRequest("There may be one parameter “version” of SPARQL, and there are several.")
    using, using_named = (_all(parameters, name) for name in ("using-graph-uri", "using-named-graph-uri"))
    for graph in using + using_named:
        if not is_iri(graph):
            raise BadRequest(f"The name of a graph is not an absolute IRI: {graph[:100]!r}.")
    return Update(text, address(), using, using_named)


def _pairs(encoded: bytes, place: str) -> _Pairs:
    try:
        return parse_qsl(decoded(encoded, place), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise BadRequest(f"A parameter in the {place} is not UTF-8: {error.reason}.") from error


def _all(parameters: _Pairs, name: str) -> tuple[str, ...]:
    return tuple(value for key, value in parameters if key == name)
