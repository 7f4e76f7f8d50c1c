"""Incoming webhooks of the Software Catalog API: what one says, once it is known who says it.

`POST {"event": "create|update|delete", "subject": "/software/<id>"}` with the header `X-Webhook-Signature`, the
HMAC-SHA256 of the body in hexadecimal. Nothing in it is fresh: whoever has seen one can send it again, so all that may
come of one is that the source is read, which it is anyway, and that what it says is deleted, and then has not, is gone
at once.
"""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass

from catalogue.errors import CatalogueError, DocumentError

HEADER = "X-Webhook-Signature"
CLIENT = "webhook"
"""Who wishes a source to be read, where it has told so itself."""
MAX_BYTES = 16 * 1024  # a message has about a hundred
_EVENTS = frozenset({"create", "update", "delete"})
_SUBJECT = re.compile(r"/(?:software|publishers)/(?P<id>[A-Za-z0-9._~-]{1,100})")


class SignatureError(CatalogueError):
    """A message is not signed with the secret."""


@dataclass(frozen=True)
class Event:
    """What happened (`create`, `update`, `delete`) to which entry."""

    event: str
    subject: str

    @property
    def key(self) -> str:
        """The key of its record in the source."""
        name, _, identifier = self.subject.removeprefix("/").partition("/")
        return f"publisher-{identifier}" if name == "publishers" else identifier


def verify(body: bytes, signature: str, secret: str) -> Event:
    """The event of a message that is signed; raises SignatureError for any other, DocumentError for what is no event.

    Takes the same time whatever the signature is.
    """
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not secret or not hmac.compare_digest(expected.encode(), signature.strip().lower().encode(errors="replace")):
        raise SignatureError(f"The header {HEADER} is not the HMAC-SHA256 of the body with the secret of this source.")
    if len(body) > MAX_BYTES:
        raise DocumentError(f"The message is larger than {MAX_BYTES} bytes.")
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DocumentError("The message is not JSON.") from error
    event, subject = (said.get("event"), said.get("subject")) if isinstance(said, dict) else (None, None)
    if not isinstance(event, str) or event not in _EVENTS:
        raise DocumentError(f"The message has no `event` that is {', '.join(sorted(_EVENTS))}.")
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise DocumentError("The message has no `subject` such as /software/<id>.")
    return Event(event, subject)
