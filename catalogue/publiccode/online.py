"""What only the network tells of a publiccode.yml: whether its addresses answer, and its images are images.

Nothing here is asked unless somebody asks for it. Every request goes through `catalogue.fetch`, each address once, and
no file makes more than MAX_REQUESTS of them: addresses beyond that are counted, not asked. As in the reference parser
an address that does not answer is a violation, and so is a logo in PNG that is none or is too narrow; what other images
hold it does not look at, so that is information.
"""

import posixpath
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from catalogue.errors import DocumentError, FetchError
from catalogue.fetch import Fetch
from catalogue.identity import Repository, repository
from catalogue.model import Document, Finding, Report, Severity
from catalogue.publiccode import standard, validator
from catalogue.publiccode.forges import file_address, raw_address
from catalogue.publiccode.validator import MAX_SHOWN, item_path, key_path, language_path
from catalogue.publiccode.values import Fault
from catalogue.yaml import Mapping as YamlMapping
from catalogue.yaml import Node, Scalar, Sequence, read

MAX_REQUESTS = 40
MAX_BYTES = 10 * 1024 * 1024
# The text of the standard asks for 1000, the reference parser for this.
MIN_LOGO_WIDTH = 120

_WEB = ("http://", "https://")


def validate(content: bytes, fetch: Fetch, document_url: str | None = None) -> Report:
    """The validator's report, and what the network tells; `document_url` is where the file is, if on the web.

    Files named by path are looked for beside the file, else in its repository where the forge is known; what the
    validator finds a violation is not asked for. Never raises.
    """
    offline = validator.validate(content)
    try:
        root = read(content)
    except DocumentError:
        return offline
    wrong = {finding.path for finding in offline.findings if finding.severity is Severity.VIOLATION}
    return Report((*offline.findings, *_findings(root, _Network(fetch), document_url, wrong)))


class _Limit(Exception):
    """There were enough requests."""


class _Network:
    """Asks for each address once."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._answers: dict[str, Document | FetchError] = {}

    def get(self, address: str) -> bytes:
        """What is at an address. Raises FetchError, and _Limit where there were enough requests."""
        if address not in self._answers:
            if len(self._answers) >= MAX_REQUESTS:
                raise _Limit
            self._answers[address] = self._ask(address)
        answer = self._answers[address]
        if isinstance(answer, FetchError):
            raise answer
        return answer.content

    def _ask(self, address: str) -> Document | FetchError:
        try:
            return self._fetch.get(address, max_bytes=MAX_BYTES)
        except FetchError as error:
            return error


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of the file: key path, place of a finding about it, value."""

    path: str
    line: int
    column: int
    value: str


def _findings(
    root: YamlMapping, network: _Network, document_url: str | None, wrong: set[str | None]
) -> Iterator[Finding]:
    not_asked = set()
    repo = _repository(root)
    for text, judge in _judged(root):
        address = _address(text.value, repo, document_url)
        if address is None or text.path in wrong:
            continue
        try:
            fault = _fault(judge, address, network)
        except _Limit:
            not_asked.add(address)
            continue
        if fault:
            value = text.value[:MAX_SHOWN]
            yield Finding(fault.severity, fault.message, text.path, value, fault.fix, text.line, text.column)
    if not_asked:
        yield Finding(Severity.INFO, f"{len(not_asked)} more addresses were not asked.")


def _repository(root: YamlMapping) -> Repository | None:
    node = root.get("url")
    try:
        return repository(node.text if isinstance(node, Scalar) else "")
    except ValueError:
        return None


def _address(value: str, repo: Repository | None, document_url: str | None) -> str | None:
    """The web address that a text is, or that it stands for as the path of a file."""
    if value.lower().startswith(_WEB):
        return raw_address(value)
    return None if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", value) else file_address(value, repo, document_url)


# What is at an address judged by its name and content; the name is judged before anything is asked.
_Get = Callable[[str], bytes]
_Judge = Callable[[str, _Get], Fault | None]


def _fault(judge: _Judge, address: str, network: _Network) -> Fault | None:
    try:
        return judge(address, network.get)
    except FetchError as error:
        return Fault(f"There is no answer: {error}.", "Check the address.")


def _answers(address: str, get: _Get) -> None:
    get(address)


def _is_logo(address: str, get: _Get) -> Fault | None:
    kind = _kind(address)
    if kind not in standard.LOGOS:
        return Fault(f"The name of a logo must end in {', '.join(standard.LOGOS)}.", "Use another format, or name.")
    content = get(address)
    if kind == ".png":
        return _png_fault(content)
    return None if _SVG.search(_inflated(content)) else Fault("This is not an SVG image.", None, Severity.INFO)


def _is_screenshot(address: str, get: _Get) -> Fault | None:
    if _kind(address) not in standard.SCREENSHOTS:
        endings = ", ".join(standard.SCREENSHOTS)
        return Fault(f"The name of a screenshot must end in {endings}.", "Use another format, or name.")
    if get(address).startswith((_PNG, _JPEG)):
        return None
    return Fault("This is neither a PNG nor a JPEG image.", None, Severity.INFO)


_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_GZIP = b"\x1f\x8b"
_SVG = re.compile(rb"<(?:\w+:)?svg[\s>]")
# An SVG begins with its root; what comes before it is short.
_HEAD_BYTES = 64 * 1024


def _kind(address: str) -> str:
    return posixpath.splitext(urlsplit(address).path)[1].lower()


def _png_fault(content: bytes) -> Fault | None:
    """PNG, section 11.2.2: the width is the four bytes behind the name of the first chunk."""
    if not content.startswith(_PNG) or content[12:16] != b"IHDR" or len(content) < 24:
        return Fault("This is not a PNG image.", "Save it as PNG, or use SVG.")
    width = int.from_bytes(content[16:20])
    if width >= MIN_LOGO_WIDTH:
        return None
    return Fault(f"This logo is {width} pixels wide.", f"Use an SVG, or a PNG of at least {MIN_LOGO_WIDTH} pixels.")


def _inflated(content: bytes) -> bytes:
    """The beginning of what is perhaps compressed."""
    if not content.startswith(_GZIP):
        return content[:_HEAD_BYTES]
    try:
        return zlib.decompressobj(wbits=31).decompress(content, _HEAD_BYTES)
    except zlib.error:
        return b""


_JUDGES: Mapping[str, _Judge] = {
    "url": _answers,
    "landingURL": _answers,
    "roadmap": _answers,
    "logo": _is_logo,
    "monochromeLogo": _is_logo,
    "legal.authorsFile": _answers,
    "description.*.documentation": _answers,
    "description.*.apiDocumentation": _answers,
    "description.*.screenshots.[]": _is_screenshot,
}


def _judged(root: YamlMapping) -> Iterator[tuple[_Text, _Judge]]:
    for pattern, judge in _JUDGES.items():
        for text in _texts(root, pattern.split("."), _Text("", root.line, root.column, "")):
            yield text, judge


def _texts(node: Node, steps: list[str], at: _Text) -> Iterator[_Text]:
    """The texts where steps lead: names of keys, `*` for any language, `[]` for any entry of a list."""
    if not steps:
        if isinstance(node, Scalar) and node.text.strip() and not node.is_null:
            yield _Text(at.path, at.line, at.column, node.text.strip())
        return
    for path, place, child in _inner(node, steps[0], at.path):
        yield from _texts(child, steps[1:], _Text(path, place.line, place.column, ""))


def _inner(node: Node, step: str, path: str) -> Iterator[tuple[str, Node, Node]]:
    """Path, place of findings and node of what one step leads to."""
    if isinstance(node, Sequence) and step == "[]":
        yield from ((item_path(path, index), item, item) for index, item in enumerate(node.items))
    elif isinstance(node, YamlMapping):
        for key, child in node.entries:
            if step == "*":
                yield language_path(path, key.text), key, child
            elif step == key.text:
                yield key_path(path, key.text), key, child
