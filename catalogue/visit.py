"""One visit to a source, as a harvester sees it: the network, what it remembers, and the options of the source.

What every kind of source needs beside a GET is here, once: conditional requests, paging that ends, tokens.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from catalogue.errors import FetchError, NotModified, SourceError
from catalogue.fetch import Fetch
from catalogue.model import Document, Source, Unchanged

MAX_PAGES = 100_000
_ETAG = "etag "


@dataclass(frozen=True)
class Option:
    """An option of a kind of source in `catalogue.toml`: its type is that of its default."""

    default: bool | int | str | tuple[str, ...]
    help: str


# Every kind has it: a token never stands in a file that is shown or shared.
TOKEN = Option("", "The name of the environment variable with the token for the source, such as GITHUB_TOKEN.")


@dataclass(frozen=True)
class Visit:
    """What a harvester is given for one visit.

    `memory` holds JSON values from visit to visit; what is written to it is kept at a Checkpoint and at the end of a
    visit that ended well. `known` are the origins of which the catalogue holds records. `environment` is where tokens
    are.
    """

    source: Source
    fetch: Fetch
    memory: MutableMapping[str, Any] = field(default_factory=dict)
    known: Collection[str] = frozenset()
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def location(self) -> str:
        return self.source.location

    def option(self, name: str, options: Mapping[str, Option]) -> Any:
        """The value of an option of the source, its default when it has none."""
        return self.source.options.get(name, options[name].default)

    def token(self) -> str | None:
        """The source's token, None when it has none; raises SourceError when the environment lacks it, and for one that
        no header can have: whoever tried to send it would tell it with the error."""
        variable = str(self.source.options.get("token", ""))
        token = self.environment.get(variable, "").strip() if variable else ""
        if variable and not token:
            raise SourceError(f"{self.source.id}: the environment has no {variable}, which is to hold its token")
        if not (token.isascii() and token.isprintable()):
            raise SourceError(
                f"{self.source.id}: what the environment has as {variable} is no token: it has a line end or another"
                " character in it that cannot be sent; write the token alone"
            )
        return token or None

    def get(self, url: str, **how: Any) -> Document | Unchanged:
        """The document at a URL, or that it is the one that its records were read from. `how` as for `Fetch.get`."""
        etag, modified, origin = self.memory.get(_ETAG + url, (None, None, ""))
        if origin not in self.known:
            return self.fetch.get(url, **how)
        try:
            return self.fetch.get(url, etag=etag, modified=modified, **how)
        except NotModified:
            return Unchanged(origin)

    def remember(self, document: Document, origin: str) -> None:
        """Lets `get` ask next time only whether a document has changed, all of whose records are in the catalogue."""
        if document.asked and (document.etag or document.modified):
            self.memory[_ETAG + document.asked] = [document.etag, document.modified, origin]

    def pages(self, first: str, following: Callable[[Document], str | None], **how: Any) -> Iterator[Document]:
        """A page and those after it; `following` gives the address of the next, None on the last one.

        Raises SourceError for a page that was there before, and when there is no end.
        """
        url: str | None = first
        seen: set[str] = set()
        while url is not None:
            if url in seen:
                raise SourceError(f"{self.source.id}: its pages lead in a circle; {url} comes a second time")
            if len(seen) == MAX_PAGES:
                raise SourceError(f"{self.source.id}: it has more than {MAX_PAGES:,} pages")
            seen.add(url)
            page = self.fetch.get(url, **how)
            yield page
            url = following(page)


def is_web(location: str) -> bool:
    """Whether a location is a web address, and not a path."""
    return urlsplit(location).scheme.lower() in ("http", "https")


def is_missing(error: FetchError) -> bool:
    """Whether a server said that there is nothing at an address, now (404) or for good (410)."""
    return error.status in (404, 410)
