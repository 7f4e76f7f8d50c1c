"""Where sources say that something changed: that is noted, and the next harvest takes it up. Nothing is read here."""

import os
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, make_response, request
from werkzeug.exceptions import (
    BadRequest,
    Forbidden,
    NotFound,
    RequestEntityTooLarge,
    TooManyRequests,
    UnsupportedMediaType,
)

from catalogue import webhooks
from catalogue.errors import DocumentError
from catalogue.operations import Operations
from catalogue.settings import Settings
from endpoint.reader import home, settings

blueprint = Blueprint("hooks", __name__)

# A source that has said this often in a day that it changed is read often enough.
_MOST_A_DAY = 10_000
_DAY = timedelta(days=1)


@blueprint.post("/hooks/<source_id>")
def received(source_id: str) -> Response:
    """Notes that a source wishes to be read, if it is the source that says so."""
    secret = _secret(settings(), source_id)
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("A message is application/json.")
    try:
        event = webhooks.verify(_body(), request.headers.get(webhooks.HEADER, ""), secret)
    except webhooks.SignatureError as error:
        raise Forbidden(str(error)) from error
    except DocumentError as error:
        raise BadRequest(str(error)) from error
    operations, now = Operations(home().operations), datetime.now(UTC)
    if operations.wishes(now - _DAY, source=source_id, client=webhooks.CLIENT) >= _MOST_A_DAY:
        raise TooManyRequests("This source has told of enough changes for today.")
    # Only what is said to be deleted is gone once it is not found; of what is new, the list may not know yet.
    deleted = event.key if event.event == "delete" else ""
    operations.wish(source_id, now, record=deleted, client=webhooks.CLIENT)
    return make_response("", 202, {"Cache-Control": "no-store"})


def _secret(configured: Settings, source_id: str) -> str:
    """The secret that the source signs with; raises Forbidden where there is none."""
    source = next((source for source in configured.sources if source.get("id") == source_id), None)
    if source is None:
        raise NotFound(f"“{source_id[:60]}” is no source of this catalogue.")
    variable = source.get("hook_secret")
    secret = os.environ.get(variable, "").strip() if isinstance(variable, str) and variable else ""
    if not secret:
        raise Forbidden("This source has no secret to sign messages with, so none are taken.")
    return secret


def _body() -> bytes:
    request.max_content_length = webhooks.MAX_BYTES
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise RequestEntityTooLarge(f"A message has at most {webhooks.MAX_BYTES} bytes.") from error
