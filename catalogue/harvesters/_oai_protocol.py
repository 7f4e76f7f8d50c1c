"""OAI-PMH 2.0 (openarchives.org/OAI/openarchivesprotocol.html) as a client sees it: requests and what answers say.

Elements are known by their local names: some servers still have the namespace of version 1.1, or none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from catalogue import sandbox
from catalogue.errors import DocumentError, FetchError, SourceError
from catalogue.harvesters._web_pages import check_no_page
from catalogue.model import Document
from catalogue.sandbox import Element
from catalogue.visit import Visit

_ACCEPT = "text/xml, application/xml;q=0.9"
_MAX_WORDS = 300
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?Z)?")


class Refusal(SourceError):
    """The answer is an error of the protocol; `code` is one of its section 3.6."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Answer:
    """The element named as the verb that was asked, and when the server answered by its own clock."""

    content: Element
    time: str
    document: Document

    @property
    def token(self) -> str:
        """Where the list goes on; empty at its end."""
        found = child(self.content, "resumptionToken")
        return text_of(found) if found else ""

    @property
    def size(self) -> int | None:
        """How many there are in all of the list, if the server says so."""
        found = child(self.content, "resumptionToken")
        written = found.attributes.get("completeListSize", "").strip() if found else ""
        return int(written) if re.fullmatch(r"[0-9]{1,12}", written) else None


@dataclass(frozen=True)
class Service:
    """A repository of OAI-PMH, and what it said of itself."""

    visit: Visit
    base: str
    identity: Element | None = field(default=None, hash=False)

    def address(self, verb: str, **arguments: str) -> str:
        mark = "&" if "?" in self.base else "?"
        return f"{self.base}{mark}{urlencode({'verb': verb, **{k.rstrip('_'): v for k, v in arguments.items() if v}})}"

    def ask(self, verb: str, **arguments: str) -> Answer:
        """Raises Refusal for an error of the protocol, SourceError for what is no answer of it."""
        url = self.address(verb, **arguments)
        token = self.visit.token()
        secrets = {"Authorization": token} if token else {}
        try:
            document = self.visit.fetch.get(url, accept=_ACCEPT, secrets=secrets)
        except FetchError as error:
            raise self._refused(url, error) from error
        check_no_page(self.visit, document, "OAI-PMH")
        try:
            root = _parsed(document.content)
        except DocumentError as error:
            raise SourceError(f"{self.visit.source.id}: {url}: {_placed(error)}") from error
        if local_name(root) != "OAI-PMH":
            raise SourceError(f"{self.visit.source.id}: {url} answers with <{local_name(root)}>, not with <OAI-PMH>")
        if errors := list(children(root, "error")):
            raise self._refusal(url, errors)
        content = child(root, verb)
        if content is None:
            raise SourceError(f"{self.visit.source.id}: {url} answers without <{verb}>")
        time = child(root, "responseDate")
        return Answer(content, text_of(time) if time else "", document)

    def said(self, name: str) -> str:
        """What Identify says in one element."""
        found = child(self.identity, name) if self.identity else None
        return text_of(found) if found else ""

    def overlapping(self, moment: str) -> str:
        """A moment of the server's clock as `from` has it, one granule before: what came in the same may be missing."""
        known = moment_of(moment)
        if known is None:
            return ""
        if "T" in self.said("granularity"):
            return (known - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return (known - timedelta(days=1)).strftime("%Y-%m-%d")

    def _refused(self, url: str, error: FetchError) -> SourceError:
        """The error of the protocol that came with a status of HTTP's, as of InvenioRDM with 422; else the error."""
        try:
            root = _parsed(error.said)
        except DocumentError:
            return error
        errors = list(children(root, "error")) if local_name(root) == "OAI-PMH" else []
        return self._refusal(url, errors) if errors else error

    def _refusal(self, url: str, errors: list[Element]) -> Refusal:
        codes = [error.attributes.get("code", "").strip() for error in errors]
        words = "; ".join(f"{code}: {text_of(error)}" for code, error in zip(codes, errors, strict=True))
        return Refusal(f"{self.visit.source.id}: {url}: {words[:_MAX_WORDS]}", codes[0])


def moment_of(written: str) -> datetime | None:
    """A UTCdatetime of the protocol, of either granularity."""
    if not _MOMENT.fullmatch(written):
        return None
    try:
        return datetime.fromisoformat(written.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError:
        return None


# Control characters, U+FFFE and U+FFFF as bytes of UTF-8, and references to any. Texts that people paste have them.
_ODD = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|&#(?:x([0-9a-f]{1,8})|([0-9]{1,8}));", re.IGNORECASE
)
_START = re.compile(rb"<\?xml\b|<(?:[\w.-]+:)?OAI-PMH\b")
_END = re.compile(rb"</(?:[\w.-]+:)?OAI-PMH\s*>")
_CHARACTER = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


def _parsed(content: bytes) -> Element:
    """The root of an answer, without the characters that no XML can hold and what a server's programs say around it:
    these would keep out all that comes after."""
    try:
        return sandbox.parse_xml(content)
    except DocumentError as error:
        mended = _ODD.sub(_held, _trimmed(content))
        if mended == content or "not well-formed" not in str(error):
            raise
        return sandbox.parse_xml(mended)


def _trimmed(content: bytes) -> bytes:
    """From the beginning of XML to the end of the answer: blank lines come before, warnings of PHP before and after."""
    start, ends = _START.search(content), [end.end() for end in _END.finditer(content)]
    return content[start.start() : ends[-1]] if start and ends else content


def _held(odd: re.Match[bytes]) -> bytes:
    """A reference to a character that XML can hold; nothing in place of any other."""
    if not odd.lastindex:
        return b""
    code = int(odd[1], 16) if odd[1] else int(odd[2])
    return odd[0] if code <= 0x10FFFF and _CHARACTER.fullmatch(chr(code)) else b""


def _placed(error: DocumentError) -> str:
    return f"{error} (line {error.line}, column {error.column})" if error.line else str(error)


def local_name(element: Element) -> str:
    return element.name.rpartition("}")[2]


def elements(parent: Element) -> Iterator[Element]:
    return (item for item in parent.content if isinstance(item, Element))


def children(parent: Element, name: str) -> Iterator[Element]:
    return (item for item in elements(parent) if local_name(item) == name)


def child(parent: Element, name: str) -> Element | None:
    return next(children(parent, name), None)


def text_of(element: Element) -> str:
    """The text in an element, without that of elements in it and the space around it."""
    return "".join(item for item in element.content if isinstance(item, str)).strip()
