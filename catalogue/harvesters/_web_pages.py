"""Pages for people, where an answer for machines is expected: error pages, log-ins and consent forms come with 200."""

import re

from catalogue.errors import SourceError
from catalogue.model import Document
from catalogue.visit import Visit

_HEAD_BYTES = 4096
# What comes before is never read in another way (*+): there would be 2^n ways for n comments.
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|<!--.*?-->|<\?xml[^>]*>)*+<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_TITLE = re.compile(rb"<title[^>]*>\s*([^<]{1,200}?)\s*</title", re.IGNORECASE)


def is_page(document: Document) -> bool:
    """Whether a document is HTML, whatever its media type says."""
    return _PAGE.match(document.content[:_HEAD_BYTES]) is not None


def check_no_page(visit: Visit, document: Document, wanted: str) -> None:
    """Raises SourceError, with the title of the page, for one that comes in place of what is wanted."""
    if is_page(document):
        title = _TITLE.search(document.content[:_HEAD_BYTES])
        named = f" “{title[1].decode('utf-8', 'replace')}”" if title else ""
        raise SourceError(f"{visit.source.id}: {document.url} answers with a web page{named}, not with {wanted}")
