"""Everything that is published, in one file, without the data of natural persons: what VoID names as void:dataDump."""

import time
from collections.abc import Callable, Generator
from datetime import datetime
from hashlib import sha256
from itertools import islice
from threading import BoundedSemaphore

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import ServiceUnavailable

from catalogue import exports
from catalogue.errors import QueryLimit
from catalogue.rdf import SYNTAXES, write
from catalogue.sparql.pool import Pool
from endpoint.reader import Edition, edition, reader
from endpoint.representations import REPRESENTATIONS
from endpoint.sparql import Sending
from endpoint.visitors import visitor

blueprint = Blueprint("dumps", __name__)

PATH = "/dump.nt"
# A hundredth of a second's work.
_AT_ONCE = 2_000
# A process makes one dump at a time; how many are being sent, and to whom, is counted with the answers of queries.
MAKING = BoundedSemaphore(1)
_RETRY_AFTER_S = 60
_BUSY = "Other dumps are being made or sent. Try again in a minute."


@blueprint.get(PATH)
def dump() -> Response:
    """The dump, sent while it is read from one publication."""
    held = edition()
    manifest = held.publication.manifest
    response = Response(content_type=REPRESENTATIONS["nt"].content_type, headers={"Cache-Control": "public, no-cache"})
    response.automatically_set_content_length = False
    response.set_etag(sha256(f"{manifest.number} {manifest.created}".encode()).hexdigest()[:32])
    response.last_modified = datetime.fromisoformat(manifest.created)
    response.make_conditional(request)
    if request.method == "GET" and response.status_code == 200:
        response.response = _sending(held)
    return response


def _sending(held: Edition) -> Sending:
    pool: Pool = current_app.extensions["sparql"]
    client = visitor(request.environ, pool.settings.trusted_proxies)
    if not MAKING.acquire(blocking=False):
        raise ServiceUnavailable(_BUSY, None, _RETRY_AFTER_S)
    source = reader()
    source.keep(held)  # the one that the ETag is of, whatever is published meanwhile

    def finish() -> None:
        source.release(held)
        MAKING.release()

    try:
        return Sending(pool.send(_pieces(held, finish), REPRESENTATIONS["nt"].media_type, client), "nt")
    except QueryLimit as error:
        finish()
        raise ServiceUnavailable(_BUSY, None, _RETRY_AFTER_S) from error
    except BaseException:
        finish()
        raise


def _pieces(held: Edition, finish: Callable[[], None]) -> Generator[bytes]:
    """The lines, some thousand at a time; between them this thread rests as long as it worked, for pages come first."""
    try:
        triples = (quad.triple for quad in exports.statements(held.publication))
        started = time.monotonic()
        while piece := list(islice(triples, _AT_ONCE)):
            content = write(piece, SYNTAXES["nt"], {})
            time.sleep(time.monotonic() - started)
            yield content
            started = time.monotonic()
    finally:
        finish()
