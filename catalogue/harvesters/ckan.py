"""CKAN portals: all packages, or those of an organisation, a group, a query, from the action API or as RDF.

From the API, each package is a document of its own, so that one that has not changed is not read again. As RDF (the
portal has ckanext-dcat), the pages of its catalogue are read, each dataset with what belongs to it.

A portal changes while it is read, and there is no way to hold it still. The packages come in the order of their ids, so
that an edit moves none; where the portal's count of them still differs from those that came, nothing is taken for gone.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from catalogue import sandbox
from catalogue.errors import DocumentError, FetchError, SourceError
from catalogue.harvesters import _ckan_package, _json, _rdf_members, rdf
from catalogue.harvesters._entry import record_key
from catalogue.harvesters._json import Json
from catalogue.harvesters._web_pages import check_no_page
from catalogue.identity import Minter
from catalogue.model import Deleted, Document, Finding, Found, Partial, Reading, Report, Severity, Unchanged
from catalogue.rdf import SYNTAXES
from catalogue.visit import MAX_PAGES, TOKEN, Option, Visit, is_missing

PRECEDENCE = 50
OPTIONS: Mapping[str, Option] = {
    "query": Option("", "What to search for (CKAN's `q`); without it, everything."),
    "filter": Option("", "Fields to filter by (CKAN's `fq`), such as `type:application`."),
    "organization": Option("", "The name of the one organisation whose packages are taken."),
    "rows": Option(100, "How many packages are asked for at once; CKAN gives at most 1,000."),
    "language": Option("", "The language of texts that say none, as a tag such as `it`."),
    "rdf": Option(False, "Read the RDF of the portal's extension ckanext-dcat in place of its API."),
    "token": TOKEN,
}
MAX_ROWS = 1000
# So many pages without anything new, and a portal is taken to give them without end.
_MAX_STALE = 3
# Where a portal fails, it is asked for so many times fewer packages; if at more than so many in a row, it is down.
_FEWER, _MAX_PASSED = 5, 2
_BROKEN_PACKAGE = "Have the portal mend this package; until then, nothing that is missing is taken for gone."

_API = "/api/3/action/"
# The pages of a portal below its base, with the field of its search that they stand for.
_PAGES = re.compile(r"/(?:api(?:/.*)?|catalog\.\w+|(organization|group|dataset)(?:/(?!new$|_)([^/]+))?)/?$")
_SEARCHES = ("/organization", "/group", "/dataset")
_NO_FIELD = re.compile(r"q|fq|page|sort|_.*|ext_.*|\W.*")
_FIELDS = {"organization": "organization", "group": "groups", "dataset": "name"}
_GENERATOR = re.compile(rb"""<meta\s+name=["']generator["']\s+content=["']ckan\b""", re.IGNORECASE)
_HEAD_BYTES = 16 * 1024
_JSON = "application/json"
# Counters of visitors, which change daily and say nothing of the package.
_VOLATILE = frozenset({"tracking_summary"})


@dataclass(frozen=True)
class _Portal:
    """Where a portal is, and the search for what is wanted of it."""

    base: str
    query: str
    filters: tuple[str, ...]

    @property
    def search(self) -> dict[str, str]:
        joined = " AND ".join(f"({part})" if len(self.filters) > 1 else part for part in self.filters)
        return {name: value for name, value in (("q", self.query), ("fq", joined)) if value}

    def action(self, name: str, **arguments: object) -> str:
        return f"{self.base}{_API}{name}?{urlencode(arguments)}"

    def page(self, name: str) -> str:
        return f"{self.base}/dataset/{quote(name, safe='')}"


def recognises(location: str, document: Document | None) -> bool:
    """By the path of its API, or a page that says CKAN made it."""
    if _API in location:
        return True
    return document is not None and _GENERATOR.search(document.content[:_HEAD_BYTES]) is not None


def documents(visit: Visit) -> Iterator[Found]:
    """The packages, each with its id as key and its page as address.

    Raises SourceError with the portal's words where it refuses, and where what answers is no portal.
    """
    portal = _portal(visit)
    if visit.option("rdf", OPTIONS):
        yield from _rdf(visit, portal)
        return
    language = str(visit.option("language", OPTIONS))
    for package in _packages(visit, portal):
        if isinstance(package, Partial):
            yield package
        elif package.get("state", "active") == "active" and package.get("private") is not True:
            yield _document(portal, package, language, visit)
        elif name := _json.text(package.get("name")):
            yield Deleted(portal.page(name))


def readings(key: str, document: Document, minter: Minter) -> Iterator[Reading]:
    """One reading: of a package as the API gives it, or of a dataset in RDF."""
    if document.media_type == _JSON:
        yield _ckan_package.reading(key, document, minter)
    else:
        yield from rdf.readings(key, document, minter)


def _portal(visit: Visit) -> _Portal:
    """By the address of the portal, of one of its lists, or of a search of its API."""
    parts = urlsplit(visit.location)
    page = _PAGES.search(parts.path)
    path = parts.path[: page.start()] if page else parts.path.rstrip("/")
    asked = dict(parse_qsl(parts.query))
    filters = [asked.get("fq", ""), str(visit.option("filter", OPTIONS))]
    if page and page[0].startswith(_SEARCHES):
        # As CKAN's own pages do with what was chosen beside their lists.
        chosen = (pair for pair in parse_qsl(parts.query) if not _NO_FIELD.fullmatch(pair[0]))
        filters += [_is(*pair) for pair in chosen]
    if page and page[2]:
        filters.append(_is(_FIELDS[page[1]], unquote(page[2])))
    if organization := str(visit.option("organization", OPTIONS)):
        filters.append(_is("organization", organization))
    query = str(visit.option("query", OPTIONS)) or asked.get("q", "")
    return _Portal(f"{parts.scheme}://{parts.netloc}{path}", query, tuple(filter(None, filters)))


def _is(field: str, value: str) -> str:
    """A clause of Solr's query language, in which a quoted text has two characters that mean more than themselves."""
    escaped = re.sub(r'(["\\])', r"\\\1", value)
    return f'{field}:"{escaped}"'


# The API.


def _packages(visit: Visit, portal: _Portal) -> Iterator[dict[str, Json] | Partial]:
    """Each package once; and Partial where they were not all that the portal says it has.

    Behind as many as it counts the portal is asked once more if the page was full: some count those of a page.
    """
    counts: set[int] = set()
    seen: set[str] = set()
    came = stale = 0
    for page in _pages(visit, portal):
        if isinstance(page, Partial):
            yield page
            continue
        before = len(seen)
        if page.packages or not page.start:
            counts.add(page.count)
        for package in page.packages:
            identifier = _identifier(package)
            if identifier not in seen:
                seen.add(identifier)
                yield package
        came = page.end
        if page.is_last or (page.end >= page.count and len(seen) == before):
            break
        stale = stale + 1 if len(seen) == before else 0
        if stale == _MAX_STALE:
            raise SourceError(f"{visit.source.id}: the portal goes on, but {stale} pages have brought nothing new")
    yield from _lacking(portal, counts, came, len(seen))


@dataclass(frozen=True)
class _Page:
    """What a search gives of so many `rows` from a `start` on, and how many it counts in all."""

    start: int
    rows: int
    count: int
    packages: list[dict[str, Json]]

    @property
    def end(self) -> int:
        return self.start + len(self.packages)

    @property
    def is_last(self) -> bool:
        """Also where it is empty: the portal's index has some that its database lacks, or it goes no further."""
        return not self.packages or (self.end >= self.count and len(self.packages) < self.rows)


def _pages(visit: Visit, portal: _Portal) -> Iterator[_Page | Partial]:
    """The pages of the search, without end. Where the portal fails at one, it is asked for fewer packages, and past the
    one that it fails at alone, which is told.

    Raises SourceError where it fails at several in a row, or gives none of those that it counts.
    """
    most = rows = max(1, min(int(visit.option("rows", OPTIONS)), MAX_ROWS))
    start, passed = 0, list[Partial]()
    for _ in range(MAX_PAGES):
        url = portal.action("package_search", **portal.search, sort="id asc", rows=rows, start=start)
        try:
            page = _Page(start, rows, *_result(visit, url))
        except FetchError as error:
            if (error.status or 500) < 500 or len(passed) == _MAX_PASSED:
                raise
            if rows == 1:
                passed.append(Partial(url, (Finding(Severity.WARNING, str(error), "results", fix=_BROKEN_PACKAGE),)))
                start += 1
            rows = max(1, rows // _FEWER)
            continue
        if not page.packages and page.count and not start:
            raise SourceError(f"{visit.source.id}: the portal counts {page.count:,} packages, but gives only 0")
        yield from passed
        yield page
        start, rows, passed = page.end, min(most, rows * _FEWER), []
    raise SourceError(f"{visit.source.id}: the portal has more than {MAX_PAGES:,} pages")


def _lacking(portal: _Portal, counts: set[int], came: int, different: int) -> Iterator[Partial]:
    """Where the packages that came were not those that the portal counts: a fault only where it counts as before."""
    if len(counts) == 1 and different < max(counts):  # else it changed meanwhile, and what is missing comes next time
        message = f"The portal counts {max(counts):,} packages; {different:,} different ones came."
        fix = "Have the portal give each package on one page, in the order of their ids, and count them right."
        yield Partial(portal.base, (Finding(Severity.WARNING, message, "count", fix=fix),))
    elif counts != {came} or different != came:
        yield Partial()


def _identifier(package: Mapping[str, Json]) -> str:
    """What a package is known by on the portal; of one without a name, all that it says, so that each is told."""
    known = _json.text(package.get("id")) or _json.text(package.get("name"))
    return known or json.dumps(package, sort_keys=True)


def _result(visit: Visit, url: str) -> tuple[int, list[dict[str, Json]]]:
    """How many packages a search finds, and those of this page; raises SourceError for any other answer."""
    result = _action(visit, url)
    count, packages = _json.member(result, "count"), _json.member(result, "results")
    if not isinstance(count, int) or isinstance(count, bool) or not isinstance(packages, list):
        raise SourceError(f"{visit.source.id}: {url} has no `count` and `results`, so it is no search of CKAN")
    return count, list(_json.objects(packages))


def _action(visit: Visit, url: str) -> Json:
    try:
        document = visit.fetch.get(url, accept=_JSON, secrets=_secrets(visit))
    except FetchError as error:
        raise _refused(visit, url, error) from error
    check_no_page(visit, document, "CKAN's API, which is below the address of the portal")
    try:
        answer = _json.parse(document.content, found=[])
    except DocumentError as error:
        raise SourceError(f"{visit.source.id}: {url}: {error}") from error
    if _json.member(answer, "success") is not True:
        raise SourceError(f"{visit.source.id}: the portal refuses {url}: {_refusal(answer)}")
    return _json.member(answer, "result")


def _refused(visit: Visit, url: str, error: FetchError) -> SourceError:
    """CKAN's words where the answer has them, as with the statuses 400, 403 and 409; else the error."""
    try:
        answer = _json.parse(error.said, found=[])
    except DocumentError:
        return error
    if (error.status or 500) >= 500 or not isinstance(_json.member(answer, "error"), dict):
        return error
    return SourceError(f"{visit.source.id}: the portal refuses {url} (status {error.status}): {_refusal(answer)}")


def _refusal(answer: Json) -> str:
    """What CKAN's envelope of an error says."""
    error = _json.member(answer, "error")
    if not isinstance(error, dict):
        return _json.text(error) or "it does not say why"
    words = [f"{name}: {_json.text(value) or value}" for name, value in error.items() if name != "__type"]
    return "; ".join((str(error.get("__type", "error")), *words))[:500]


def _secrets(visit: Visit) -> dict[str, str]:
    token = visit.token()
    return {"Authorization": token} if token else {}


def _document(portal: _Portal, package: Mapping[str, Json], language: str, visit: Visit) -> tuple[str, Document]:
    name = _json.text(package.get("name")) or _json.text(package.get("id")) or ""
    said = {field: value for field, value in package.items() if field not in _VOLATILE}
    content = json.dumps({"language": language, "package": said}, ensure_ascii=False, sort_keys=True).encode()
    key = record_key(_identifier(package))
    return key, Document(portal.page(name), content, _JSON, visit.fetch.network.now())


# RDF.


def _rdf(visit: Visit, portal: _Portal) -> Iterator[Found]:
    """The pages of the catalogue that ckanext-dcat makes; where it has no such, each dataset by itself."""
    url = f"{portal.base}/catalog.ttl?{urlencode({**portal.search, 'page': 1})}"
    try:
        # The harvester of RDF knows how such a catalogue's pages follow each other.
        yield from rdf.documents(replace(visit, source=replace(visit.source, location=url)))
    except FetchError as error:
        if not (is_missing(error) and str(error).startswith(f"fetch: GET {url}:")):
            raise
        yield from _datasets(visit, portal)


def _datasets(visit: Visit, portal: _Portal) -> Iterator[Found]:
    for package in _packages(visit, portal):
        if isinstance(package, Partial):
            yield package
        elif name := _json.text(package.get("name")):
            yield from _dataset(visit, f"{portal.page(name)}.ttl")


def _dataset(visit: Visit, url: str) -> Iterator[Found]:
    """What the RDF of one dataset says; one that cannot be had or read keeps no other out, and is as it was."""
    memory = f"dataset {url}"
    try:
        document = visit.fetch.get(url, accept=SYNTAXES["ttl"].media_type, secrets=_secrets(visit))
        found = list(_rdf_members.members(sandbox.parse_mended(document.content, SYNTAXES["ttl"], url), document))
    except (FetchError, DocumentError) as error:
        fix = error.fix if isinstance(error, DocumentError) else None
        yield Reading(record_key(url), url, Report((Finding(Severity.VIOLATION, str(error), fix=fix),)))
        yield from map(Unchanged, visit.memory.get(memory, ()))
    else:
        yield from found
        visit.memory[memory] = [key for key, _ in found]
