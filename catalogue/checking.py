"""From a file or an address to a verdict: what the command, the page and the API share.

It stands above `catalogue.validation`, which never fetches, and below whoever asks; so the endpoint can check addresses
without knowing `catalogue.fetch`. Strangers' documents are checked by `bounded`, which ends in any case.
"""

import gc
import json
import os
import pickle
import re
import resource
import subprocess
import sys
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from catalogue import children
from catalogue.errors import DocumentError, FetchError
from catalogue.fetch import Fetch
from catalogue.model import Document
from catalogue.publiccode import online
from catalogue.publiccode.forges import raw_address
from catalogue.rdf import SYNTAXES
from catalogue.sandbox import guess
from catalogue.seccomp import close_network
from catalogue.settings import Settings
from catalogue.validation.batch import spread
from catalogue.validation.documents import MAX_BYTES, PUBLICCODE, validate
from catalogue.validation.report import Item, Outcome

YAML_TYPES = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/vnd.yaml")
_YAML_SUFFIXES = (".yml", ".yaml")
_YAML_KEY = re.compile(rb"^[A-Za-z]\w*:(?:\s|$)", re.MULTILINE)
_ACCEPT = ", ".join([*(syntax.media_type for syntax in SYNTAXES.values()), *YAML_TYPES[:1], "*/*;q=0.5"])
_WEB = ("http://", "https://")
# Documents that a process is given at a time; the quickest take some milliseconds each.
_AT_ONCE = 4
# Checked in this process: the worst of them take half a second, where a process of its own takes as long to start.
_SMALL_BYTES = 16 * 1024
# The largest documents that there may be take longer than anyone waits for a page, and hold the interpreter.
_LIMIT_S = 25
_MEMORY_BYTES = 2 * 1024**3
# Pages come first.
_NICE = 10
_TOO_MUCH = "Split the document into several, or check it with the command: catalogue validate FILE"
# Strangers wait less long for an address than harvests do, and hold a place meanwhile.
_VISITORS_TIMEOUT_S = 15
# What is said to operators, who alone can do something about it.
_FOR_OPERATORS = re.compile(r"^fetch: GET |; name it in CATALOGUE_\w+ to allow it| \(CATALOGUE_\w+ sets it\)")


@dataclass(frozen=True)
class Check:
    """What is asked: against which profile (None: the one that the document is of), at what time, in which language."""

    profile: str | None
    now: datetime
    language: str = "en"


@dataclass(frozen=True)
class Checker:
    """Checks documents and what is at addresses; `fetch` says how far that may go."""

    fetch: Fetch

    def document(self, url: str) -> Document:
        """What is at an address; of a page on which a forge shows a file, the file. Raises FetchError."""
        return self.fetch.get(raw_address(url.strip()), accept=_ACCEPT, max_bytes=MAX_BYTES)

    def check(self, document: Document, asked: Check) -> Outcome:
        """What is wrong with a document."""
        return _checked(asked, document)

    def check_all(self, documents: Collection[Document], asked: Check) -> list[Outcome]:
        """The same of each of many, by all cores; not for a process with threads, see `catalogue.validation.batch`."""
        return spread(partial(_checked, asked), documents, _AT_ONCE)

    def check_online(self, document: Document, asked: Check) -> Outcome:
        """The same, and whether the addresses in a publiccode.yml answer."""
        found = self.check(document, asked)
        if found.profile != PUBLICCODE or not document.content.strip() or len(document.content) > MAX_BYTES:
            return found
        url = document.url if document.url.startswith(_WEB) else None
        findings = online.validate(document.content, self.fetch, url).findings
        return Outcome(PUBLICCODE, tuple(Item(finding, finding.path or "") for finding in findings))


@dataclass(frozen=True)
class VisitorsChecker(Checker):
    """A checker for strangers: it speaks to no private address, whatever harvests may do, and ends in any case."""

    def document(self, url: str) -> Document:
        try:
            return super().document(url)
        except FetchError as error:
            raise FetchError(_FOR_OPERATORS.sub("", str(error))) from error

    def check(self, document: Document, asked: Check) -> Outcome:
        return super().check(document, asked) if len(document.content) <= _SMALL_BYTES else bounded(document, asked)


def visitors(settings: Settings) -> VisitorsChecker:
    """The checker of the page and the API. What `allow_private` allows, it allows to harvests, which operators
    configure: a visitor who names an address would read what is there."""
    return VisitorsChecker(Fetch(timeout_s=min(settings.fetch_timeout, _VISITORS_TIMEOUT_S)))


def _checked(asked: Check, document: Document) -> Outcome:
    return validate(document, _profile(document, asked.profile), asked.now, asked.language)


def _profile(document: Document, asked: str | None) -> str | None:
    """YAML is publiccode.yml, also where the key that tells it is mistyped."""
    return PUBLICCODE if asked is None and _is_yaml(document) else asked


def _is_yaml(document: Document) -> bool:
    if document.media_type.partition(";")[0].strip().lower() in YAML_TYPES:
        return True
    if urlsplit(document.url).path.lower().endswith(_YAML_SUFFIXES):
        return True
    try:
        guess(document)
    except DocumentError:
        return bool(_YAML_KEY.search(document.content))
    return False


def bounded(document: Document, asked: Check, seconds: float = _LIMIT_S) -> Outcome:
    """`Checker.check` in a process of its own; raises DocumentError where it takes too much time or memory."""
    head = {"url": document.url, "media_type": document.media_type, "asked": asdict(asked)}
    try:
        given = json.dumps(head, default=datetime.isoformat).encode() + b"\n" + document.content
        done = children.run("catalogue.checking", given, seconds)
    except subprocess.TimeoutExpired as error:
        raise DocumentError(f"the document was not checked within {seconds:g} seconds", fix=_TOO_MUCH) from error
    if done.returncode:
        raise DocumentError("to check the document takes too much memory", fix=_TOO_MUCH)
    outcome: Outcome = pickle.loads(done.stdout)  # noqa: S301 - of our own process, which wrote objects of ours
    return outcome


def _main() -> None:
    """The process of `bounded`: a line of JSON and the document in, the outcome out."""
    os.nice(_NICE)
    close_network()
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    # Behind the parent's clock, for a parent that was killed.
    resource.setrlimit(resource.RLIMIT_CPU, (2 * _LIMIT_S, resource.RLIM_INFINITY))
    gc.disable()  # it would look through millions of terms again and again; the process ends soon
    head: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    now = datetime.fromisoformat(head["asked"]["now"])
    asked = Check(head["asked"]["profile"], now, head["asked"]["language"])
    document = Document(head["url"], sys.stdin.buffer.read(), head["media_type"], now)
    sys.stdout.buffer.write(pickle.dumps(Checker(Fetch()).check(document, asked)))


if __name__ == "__main__":
    _main()
