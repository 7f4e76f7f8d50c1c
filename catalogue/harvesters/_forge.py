"""What forges answer, by one table: where repositories are listed, what an entry says, where a file is.

GitHub's REST API, GitLab's v4, Gitea's and Forgejo's v1, Bitbucket's 2.0. A forge says a lot of itself (addresses of
its own API, of next pages): nothing of it leads to another host, so no token does either.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from catalogue.errors import DocumentError, FetchError, SourceError
from catalogue.harvesters import _json
from catalogue.model import Document
from catalogue.visit import Visit, is_missing

# A hundred entries of GitHub's, with a page of text in each.
_MAX_PAGE_BYTES = 16 * 1024 * 1024
# GitLab writes the time of the last push at most once an hour, and caches in front of files hold them for minutes: for
# so long, a file may change while the forge's entry does not.
_SETTLED = timedelta(hours=2)
_PATH = re.compile(r"[\w~+-][\w.~+-]*(?:/[\w.~+-]*[\w~+-][\w.~+-]*)+", re.ASCII)


@dataclass(frozen=True)
class Forge:
    """A kind of forge. Addresses have places for `{path}` (`account/name`), `{id}` (the same, percent-encoded),
    `{branch}` and `{file}`; those without a scheme are below the base of the API.

    `lists` are tried one after the other; `nested` where accounts have any number of levels.
    """

    api: str
    lists: tuple[str, ...]
    one: str
    file: str
    raw: str
    fields: Mapping[str, str]
    whole: str | None = None
    nested: bool = False
    accept: str = "*/*"


_GITHUB = Forge(
    api="{origin}/api/v3",
    lists=("/orgs/{path}/repos?per_page=100", "/users/{path}/repos?per_page=100"),
    one="/repos/{path}",
    file="/repos/{path}/contents/{file}?ref={branch}",
    raw="https://raw.githubusercontent.com/{path}/{branch}/{file}",
    accept="application/vnd.github.raw+json",
    fields={
        "id": "id",
        "path": "full_name",
        "address": "html_url",
        "branch": "default_branch",
        "pushed": "pushed_at",
        "fork": "fork",
        "archived": "archived",
        "private": "private",
        "visibility": "visibility",
        "name": "name",
        "description": "description",
        "language": "language",
        "homepage": "homepage",
        "licence": "license.spdx_id",
        "topics": "topics",
        "created": "created_at",
    },
)
_GITLAB = Forge(
    api="{origin}/api/v4",
    lists=(
        "/groups/{id}/projects?include_subgroups=true&with_shared=false&order_by=id&sort=asc&per_page=100",
        "/users/{id}/projects?order_by=id&sort=asc&per_page=100",
    ),
    one="/projects/{id}?license=true",
    file="/projects/{id}/repository/files/{file}/raw?ref={branch}",
    raw="{origin}/{path}/-/raw/{branch}/{file}",
    whole="/projects?visibility=public&pagination=keyset&order_by=id&sort=asc&per_page=100",
    nested=True,
    fields={
        "id": "id",
        "path": "path_with_namespace",
        "address": "web_url",
        "branch": "default_branch",
        "pushed": "last_activity_at",
        "fork": "forked_from_project",
        "archived": "archived",
        "empty": "empty_repo",
        "visibility": "visibility",
        "name": "name",
        "description": "description",
        "licence": "license.key",
        "topics": "topics",
        "created": "created_at",
    },
)
_GITEA = Forge(
    api="{origin}/api/v1",
    lists=("/orgs/{path}/repos?limit=50", "/users/{path}/repos?limit=50"),
    one="/repos/{path}",
    file="/repos/{path}/raw/{file}?ref={branch}",
    raw="{origin}/{path}/raw/branch/{branch}/{file}",
    whole="/repos/search?sort=id&order=asc&limit=50",
    fields={
        "id": "id",
        "path": "full_name",
        "address": "html_url",
        "branch": "default_branch",
        "pushed": "updated_at",
        "fork": "fork",
        "archived": "archived",
        "empty": "empty",
        "private": "private",
        "name": "name",
        "description": "description",
        "language": "language",
        "homepage": "website",
        "licence": "licenses",
        "topics": "topics",
        "created": "created_at",
    },
)
_BITBUCKET = Forge(
    api="{origin}/2.0",
    lists=("/repositories/{path}?pagelen=100",),
    one="/repositories/{path}",
    file="/repositories/{path}/src/{branch}/{file}",
    raw="{origin}/{path}/raw/{branch}/{file}",
    fields={
        "id": "uuid",
        "path": "full_name",
        "address": "links.html.href",
        "branch": "mainbranch.name",
        "pushed": "updated_on",
        "fork": "parent",
        "private": "is_private",
        "name": "name",
        "description": "description",
        "language": "language",
        "homepage": "website",
        "created": "created_on",
    },
)
FORGES: Mapping[str, Forge] = {
    "github": _GITHUB,
    "gitlab": _GITLAB,
    "gitea": _GITEA,
    "forgejo": _GITEA,
    "bitbucket": _BITBUCKET,
}
_APIS = {"github.com": "https://api.github.com", "bitbucket.org": "https://api.bitbucket.org/2.0"}
_HOSTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"github\.com"), "github"),
    (re.compile(r"bitbucket\.org"), "bitbucket"),
    (re.compile(r"codeberg\.org|(?:.+\.)?(?:gitea|forgejo)\..+"), "gitea"),
    (re.compile(r"(?:.+\.)?gitlab[\w-]*\..+|.+-gitlab\..+"), "gitlab"),
    (re.compile(r"framagit\.org|salsa\.debian\.org|invent\.kde\.org|gitlab\.com"), "gitlab"),
)
# What answers these is a forge of this kind: the address, and what its JSON is.
_PROBES: tuple[tuple[str, str, type], ...] = (
    ("/api/v1/version", "gitea", dict),
    ("/api/v4/projects?per_page=1&simple=true", "gitlab", list),
)


@dataclass(frozen=True)
class Repo:
    """A repository as its forge describes it; `branch` is None where there is nothing in it.

    `address` is on the forge's own host. `state` changes when it is pushed to, and is empty where that was too short
    ago to tell. `about` has what there is of `_ABOUT`.
    """

    id: str
    path: str
    address: str
    branch: str | None
    state: str
    fork: bool
    archived: bool
    private: bool
    about: Mapping[str, Any]


def kind_of_host(host: str) -> str | None:
    """The kind of forge by a host's name, None where the name does not tell."""
    name = host.lower().removeprefix("www.").partition(":")[0]
    return next((kind for pattern, kind in _HOSTS if pattern.fullmatch(name)), None)


@dataclass(frozen=True)
class Host:
    """A forge in one place, for one visit: `origin` is its web address, `api` the base of its API."""

    visit: Visit
    forge: Forge
    origin: str
    api: str
    by_api: bool
    """Whether files are asked for by the API, which takes tokens, and not by their own addresses."""
    secrets: Mapping[str, str]

    def pages(self, account: str) -> Iterator[tuple[Document, list[Any]]]:
        """The entries of an account, of the whole forge where that is "", page by page. Raises SourceError."""
        whole = (self.forge.whole,) if self.forge.whole else ()
        addresses = [self._address(template, account) for template in (self.forge.lists if account else whole)]
        if not addresses:
            raise SourceError(f"{self.visit.source.id}: {self.origin} lists repositories by account only; name one")
        for address in addresses[:-1]:
            pages = self._pages(address)
            try:
                first = next(pages, None)
            except FetchError as error:
                if not is_missing(error):
                    raise
                continue
            yield from [first] if first else []
            yield from pages
            return
        yield from self._pages(addresses[-1])

    def _pages(self, first: str) -> Iterator[tuple[Document, list[Any]]]:
        seen: set[str] = set()
        how = {"accept": "application/json", "max_bytes": _MAX_PAGE_BYTES, "secrets": self.secrets}
        for page in self.visit.pages(first, _following, **how):
            entries = _entries(page)
            names = {str(_json.member(entry, self.forge.fields["id"])) for entry in entries}
            if entries and names <= seen:
                raise SourceError(f"{self.visit.source.id}: {page.url}: the page has nothing that was not on others")
            seen |= names
            yield page, entries

    def one(self, path: str, origin: str = "") -> Document | str:
        """The entry of a repository, or `origin` where it is still the one that what is there was read with."""
        address = self._address(self.forge.one, path)
        how = {"accept": "application/json", "max_bytes": _MAX_PAGE_BYTES, "secrets": self.secrets}
        if not origin:
            return self.visit.fetch.get(address, **how)  # type: ignore[arg-type]
        found = self.visit.get(address, **how)
        return found if isinstance(found, Document) else found.origin

    def repo(self, entry: Any, fetched: datetime) -> Repo:
        """An entry; raises ValueError, saying what is wrong, for one that cannot be used."""
        found = {name: _json.member(entry, *path.split(".")) for name, path in self.forge.fields.items()}
        path, number = found["path"], found["id"]
        if not isinstance(path, str) or not _PATH.fullmatch(path) or isinstance(number, dict | list | None):
            raise ValueError("The forge gives an entry that is no repository.")
        branch, pushed = _json.text(found["branch"]), _json.text(found["pushed"])
        visibility = found.get("visibility")
        about = {name: found.get(name) for name in _ABOUT if found.get(name) not in (None, "", [], False)}
        return Repo(
            id=str(number),
            path=path,
            address=self._web(found["address"], path),
            branch=None if found.get("empty") is True else branch,
            state=f"{pushed} {branch}" if pushed and _is_settled(pushed, fetched) else "",
            fork=bool(found["fork"]),
            archived=found.get("archived") is True,
            private=found.get("private") is True or visibility in ("private", "internal"),
            about=about,
        )

    def asked(self, repo: Repo, file: str) -> str:
        """The address to ask for a file at."""
        if self.by_api:
            return self._address(self.forge.file, repo.path, repo.branch or "", file)
        return self.raw(repo, file)

    def raw(self, repo: Repo, file: str) -> str:
        """The address of a file as a reader finds it, whose neighbours are those of the file."""
        template = self.forge.raw
        if self.forge is _GITHUB and self.origin != "https://github.com":
            template = "{origin}/{path}/raw/{branch}/{file}"
        return self._address(template, repo.path, repo.branch or "", file)

    def _address(self, template: str, path: str, branch: str = "", file: str = "") -> str:
        places = {"path": quote(path), "id": quote(path, safe=""), "origin": self.origin, "file": quote(file)}
        # In a query, a branch such as `a&b` must stay one value; in a path, `a/b` must stay two segments.
        places["branch"] = quote(branch, safe="" if "?ref=" in template else "/")
        base = "" if template.startswith(("{origin}", "https:")) else self.api
        return base + template.format(**places)

    def _web(self, address: Any, path: str) -> str:
        """A repository's address: the forge's own word for it only where it is on its own host."""
        written = _json.url(address) or ""
        same_host = urlsplit(written).netloc.lower() == urlsplit(self.origin).netloc.lower()
        return written.removesuffix("/") if same_host else f"{self.origin}/{path}"


_ABOUT = ("name", "description", "homepage", "licence", "language", "topics", "created", "pushed", "archived")


def host_of(visit: Visit, url: str, kind: str = "", api: str = "", token_host: str = "") -> Host:
    """The forge that an address is on: the kind as said, else by the host's name, else by what it answers.

    Only the host that the source's token is for, and an API that its operator named, get it. Raises SourceError where
    the forge is none of those in `FORGES`.
    """
    parts = urlsplit(url)
    host = parts.netloc.lower()
    # The public forges answer under one name.
    host = host.removeprefix("www.") if kind_of_host(host) else host
    origin = f"{parts.scheme.lower()}://{host}"
    kind = kind or kind_of_host(parts.netloc) or _probed(visit, origin)
    if kind not in FORGES:
        known = ", ".join(FORGES)
        raise SourceError(f"{visit.source.id}: {origin} is no forge that is known; name its kind as `forge` ({known})")
    is_for_it = host.removeprefix("www.") == token_host.lower().removeprefix("www.")
    token = visit.token() if api or is_for_it else None
    base = api or _APIS.get(host) or FORGES[kind].api.format(origin=origin)
    is_github = kind == "github" and origin == "https://github.com" and not api
    by_api = not is_github and bool(token or api or kind == "github")
    secrets = {"Authorization": f"Bearer {token}"} if token else {}
    return Host(visit, FORGES[kind], origin, base.rstrip("/"), by_api, secrets)


def _probed(visit: Visit, origin: str) -> str:
    """The kind of forge at an address, "" where it answers as none does; it is asked once and remembered."""
    key = f"forge {origin}"
    if key not in visit.memory:
        kinds = (kind for path, kind, shape in _PROBES if isinstance(_answer(visit, origin + path), shape))
        kind = next(kinds, "")
        if not kind:
            return ""
        visit.memory[key] = kind
    return str(visit.memory[key])


def _answer(visit: Visit, url: str) -> Any:
    """The JSON at an address, None where there is none; raises FetchError where nobody answers."""
    try:
        return _json.parse(visit.fetch.get(url, accept="application/json", max_bytes=_MAX_PAGE_BYTES).content)
    except FetchError as error:
        if error.status is None:
            raise
    except DocumentError:
        pass
    return None


def parsed(page: Document) -> Any:
    """What a forge answers; raises SourceError where it is no JSON."""
    try:
        return _json.parse(page.content, found=[])
    except DocumentError as error:
        raise SourceError(f"{page.url}: the forge's answer cannot be read: {error}") from error


def _entries(page: Document) -> list[Any]:
    value = parsed(page)
    for key in ("values", "data"):
        value = value.get(key, value) if isinstance(value, dict) else value
    if not isinstance(value, list):
        raise SourceError(f"{page.url}: the forge's answer is no list of repositories")
    return value


_NEXT_LINK = re.compile(r'<([^<>]*)>\s*;[^<]*\brel\s*=\s*"?next\b', re.IGNORECASE)


def _following(page: Document) -> str | None:
    """The address of the next page: by the Link header, GitLab's X-Next-Page or Bitbucket's body; on the same host."""
    link = _NEXT_LINK.search(page.headers.get("link", ""))
    number = page.headers.get("x-next-page", "").strip()
    body = parsed(page)
    here = urlsplit(page.asked or page.url)
    if link:
        return _on_host(here, link[1])
    if number.isascii() and number.isdigit():
        query = re.sub(r"(^|&)page=[^&]*", "", here.query)
        return urlunsplit(here._replace(query=f"{query}&page={number}".lstrip("&")))
    following = body.get("next") if isinstance(body, dict) else None
    return _on_host(here, following) if isinstance(following, str) and following else None


def _on_host(here: Any, address: str) -> str | None:
    try:
        there = urlsplit(address)
    except ValueError:
        return None
    # Behind a proxy, a forge may know itself by another name; elsewhere it has nothing to send a token to.
    return urlunsplit(there._replace(scheme=here.scheme, netloc=here.netloc, path=there.path or here.path, fragment=""))


def _is_settled(pushed: str, fetched: datetime) -> bool:
    try:
        moment = datetime.fromisoformat(pushed)
        return fetched - moment > _SETTLED
    except (ValueError, TypeError, OverflowError):
        return False
