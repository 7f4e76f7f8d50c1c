"""The pages of the APIs of software catalogues: where they begin, what follows, and what is on them.

Both APIs end a list by naming no next page. The Software Catalog API names it in the body, by a cursor and nothing else
(`?page[after]=…`), so what was asked for at first (`all`, `page[size]`) has to be said again. The Dutch register names
it in the header `Link` (RFC 8288), with every parameter, and with http:// where a proxy takes the https away.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urljoin, urlsplit

from catalogue.errors import DocumentError, SourceError
from catalogue.harvesters import _json
from catalogue.harvesters._json import Json
from catalogue.harvesters._web_pages import check_no_page
from catalogue.model import Document
from catalogue.visit import Visit

PAGE_SIZE = 100  # the most that both take


@dataclass(frozen=True)
class Service:
    """Where a service is: `base` without a trailing slash; `catalog`, one of several that it has; whether it is the
    Dutch register."""

    base: str
    catalog: str = ""
    is_register: bool = False

    @property
    def software(self) -> str:
        """The first page of all software, or of all repositories."""
        if self.is_register:
            return f"{self.base}/repositories?page=1&perPage={PAGE_SIZE}"
        below = f"/catalogs/{quote(self.catalog, safe='')}" if self.catalog else ""
        return f"{self.base}{below}/software?all=true&page[size]={PAGE_SIZE}"

    def list_of(self, name: str) -> str:
        """The first page of another list."""
        return f"{self.base}/{name}?all=true&page[size]={PAGE_SIZE}"

    def entry(self, name: str, key: str) -> str:
        """The address of one entry."""
        return f"{self.base}/{name}/{quote(key, safe='')}"


_CATALOG = re.compile(r"(?P<base>.*)/catalogs/(?P<catalog>[^/]+)(?:/software)?")
_LIST = re.compile(r"(?P<base>.*)/(?P<list>software|publishers|catalogs|repositories|organisations|git-organisations)")


def service(location: str, catalog: str = "") -> Service:
    """The service at an address: of it, of its version (`/v1`), or of one of its lists."""
    parts = urlsplit(location)
    path, origin = parts.path.rstrip("/"), f"{parts.scheme}://{parts.netloc}"
    if one := _CATALOG.fullmatch(path):
        return Service(origin + one["base"], catalog or one["catalog"])
    named = _LIST.fullmatch(path)
    base = named["base"] if named else path
    is_register = "/oss-register" in path or bool(named and named["list"] in ("repositories", "git-organisations"))
    if not named and not re.search(r"/v[0-9]+$", base):
        base += "/v1"
    return Service(origin + base, catalog, is_register)


class Page(NamedTuple):
    """A page as it was fetched, and the entries on it."""

    document: Document
    entries: tuple[Json, ...]

    @property
    def total(self) -> int:
        """How many entries the whole list has, 0 where it is not said; the Dutch register says it."""
        headers = self.document.headers
        said = headers.get("total-count") or headers.get("x-total-count") or ""
        return int(said) if re.fullmatch(r"[0-9]{1,12}", said.strip()) else 0


def pages(visit: Visit, first: str, secrets: Mapping[str, str]) -> Iterator[Page]:
    """A list's pages; raises SourceError for one that is none, since what follows it cannot be known."""
    links: dict[str, str] = {}
    for document in visit.pages(
        first, lambda page: links.pop(page.url, None), accept="application/json", secrets=secrets
    ):
        check_no_page(visit, document, "a page of the API")
        body = body_of(document)
        link = _json.text(_json.member(body, "links", "next")) or _linked(document.headers.get("link", ""))
        if link:
            links[document.url] = _next(document.url, first, link)
        yield Page(document, entries(document, body))


def body_of(document: Document) -> Json:
    """The JSON of a page; raises SourceError with its address and what is wrong where."""
    try:
        return _json.parse(document.content)
    except DocumentError as error:
        place = f" (line {error.line}, column {error.column})" if error.line else ""
        raise SourceError(f"{document.url}: {error}{place}") from error


def entries(document: Document, body: Json) -> tuple[Json, ...]:
    """The entries of a page: a list, or the one at `data`, where null is an empty one as Go writes it."""
    found = body.get("data", ...) if isinstance(body, dict) else body
    if not isinstance(found, list | None) or (found is None and not isinstance(body, dict)):
        raise SourceError(f"{document.url}: this is no page of a software catalogue; it has no list of entries")
    return tuple(found or ())


_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s;,\"']+))*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s;,\"']+))", re.IGNORECASE)


def _linked(header: str) -> str | None:
    """The address with the relation `next` in a header `Link`."""
    for target, parameters in _LINK.findall(header[:10_000]):
        relation = _REL.search(parameters)
        if relation and "next" in (relation[1] or relation[2] or relation[3] or "").lower().split():
            return str(target)
    return None


def _next(page: str, first: str, link: str) -> str:
    """Where the next page is: on this very server, at this very path, which a gateway may have cut in the link, with
    the parameters of the first page that the link leaves out.

    Raises SourceError for a link to another server, which may be anyone's.
    """
    try:
        target, here = urlsplit(urljoin(page, link)), urlsplit(page)
        if target.hostname != here.hostname:
            raise ValueError(f"it is on another server, {target.hostname}")
    except ValueError as error:
        raise SourceError(f"{page}: the address of its next page cannot be used: {error}") from error
    given = {name for name, _ in parse_qsl(target.query, keep_blank_values=True)}
    missing = [f"{name}={value}" for name, value in parse_qsl(urlsplit(first).query) if name not in given]
    return f"{here.scheme}://{here.netloc}{here.path}?{'&'.join([target.query, *missing]).strip('&')}"
