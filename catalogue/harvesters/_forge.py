"""What forges answer, by one table: where repositories are listed, what an entry says, where a file is.

GitHub's REST API, GitLab's v4, Gitea's and Forgejo's v1 (Gogs' is its forebear), Bitbucket's 2.0 of the cloud and 1.0
of what runs elsewhere. A forge says a lot of itself (addresses of its own API, of next pages): nothing of it leads to
another host, so no token does either.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

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


# How forges show an account's repositories on a page of their own.
_PAGES = (
    (re.compile(r"(?:groups/)?(.+?)/-/.*"), r"\1"),
    (re.compile(r"(?:orgs|groups|users)/(.+?)(?:/(?:repositories|projects))?"), r"\1"),
    (re.compile(r"([^/]+)/workspace/.*"), r"\1"),
)


@dataclass(frozen=True)
class Forge:
    """A kind of forge. Addresses have places for `{path}` (`account/name`, or `{account}` and `{name}`; percent-encoded
    as a whole it is `{id}`), `{branch}` and `{file}`; those without a scheme are below the base of the API.
    `fields` are paths of keys, with a slash between those of which the value is made.

    `lists` are tried one after the other; `nested` where accounts have any number of levels. `web` is the address of a
    repository, `also` are others that it has; `pages` tell the path of what is about it. `unarchived` is what a list is
    asked with to leave archived repositories out. `public` are fields of which one is true where all may see it.
    `refuses_for_limits`: whether a 403 is rather a limit than a file that is closed.
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
    web: str = "{origin}/{path}"
    also: tuple[str, ...] = ()
    pages: tuple[tuple[re.Pattern[str], str], ...] = _PAGES
    unarchived: str = ""
    public: tuple[str, ...] = ()
    refuses_for_limits: bool = False


_GITHUB = Forge(
    api="{origin}/api/v3",
    lists=("/orgs/{path}/repos?per_page=100", "/users/{path}/repos?per_page=100"),
    one="/repos/{path}",
    file="/repos/{path}/contents/{file}?ref={branch}",
    raw="https://raw.githubusercontent.com/{path}/{branch}/{file}",
    accept="application/vnd.github.raw+json",
    refuses_for_limits=True,
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
    unarchived="&archived=false",
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
# It searches for a pattern, and for a dot where there is none.
_GOGS = replace(
    _GITEA,
    file="/repos/{path}/raw/{branch}/{file}",
    raw="{origin}/{path}/raw/{branch}/{file}",
    whole="/repos/search?q=_&limit=50",
)
_BITBUCKET_SERVER = Forge(
    api="{origin}/rest/api/1.0",
    lists=("/projects/{account}/repos?limit=100",),
    one="/projects/{account}/repos/{name}",
    # Its lists do not tell the branch; what is asked for without one is of the usual one.
    file="/projects/{account}/repos/{name}/raw/{file}",
    raw="{origin}/projects/{account}/repos/{name}/raw/{file}",
    whole="/repos?visibility=public&limit=100",
    web="{origin}/projects/{account}/repos/{name}",
    also=("{origin}/projects/{account}/repos/{name}/browse", "{origin}/scm/{lower}"),
    pages=(
        (re.compile(r"projects/([^/]+)/repos/([^/]+)(?:/.*)?"), r"\1/\2"),
        (re.compile(r"users/([^/]+)/repos/([^/]+)(?:/.*)?"), r"~\1/\2"),
        (re.compile(r"projects/([^/]+)"), r"\1"),
        (re.compile(r"users/([^/]+)"), r"~\1"),
        (re.compile(r"scm/([^/]+/[^/]+)"), r"\1"),
    ),
    public=("public", "project.public"),
    fields={
        "id": "id",
        "path": "project.key/slug",
        "fork": "origin",
        "archived": "archived",
        "name": "name",
        "description": "description",
    },
)
FORGES: Mapping[str, Forge] = {
    "github": _GITHUB,
    "gitlab": _GITLAB,
    "gitea": _GITEA,
    "forgejo": _GITEA,
    "gogs": _GOGS,
    "bitbucket": _BITBUCKET,
    "bitbucket-server": _BITBUCKET_SERVER,
}
_APIS = {"github.com": "https://api.github.com", "bitbucket.org": "https://api.bitbucket.org/2.0"}
_HOSTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"github\.com"), "github"),
    (re.compile(r"bitbucket\.org"), "bitbucket"),
    (re.compile(r"codeberg\.org|(?:.+\.)?(?:gitea|forgejo)\..+"), "gitea"),
    # What ends in .io are the pages that people have there.
    (re.compile(r"(?:.+\.)?gitlab[\w-]*\.(?!io$).+|.+-gitlab\..+"), "gitlab"),
    (re.compile(r"(?:bitbucket|stash)\.(?!io$).+"), "bitbucket-server"),
    (re.compile(r"framagit\.org|salsa\.debian\.org|invent\.kde\.org|gitlab\.com"), "gitlab"),
)
# What answers these is a forge of this kind: the address, and what its JSON is.
_PROBES: tuple[tuple[str, str, type], ...] = (
    ("/api/v1/version", "gitea", dict),
    ("/api/v4/projects?per_page=1&simple=true", "gitlab", list),
    ("/rest/api/1.0/application-properties", "bitbucket-server", dict),
    ("/api/v3/meta", "github", dict),
)
# A forge in a folder of its host may be so deep below it.
_DEEPEST = 2


@dataclass(frozen=True)
class Repo:
    """A repository as its forge describes it; `branch` is None where there is nothing in it.

    `address` is on the forge's own host, and so are those that it has beside it, `also`. `state` changes when it is
    pushed to, and is empty where that was too short ago to tell. `about` has what there is of `_ABOUT`.
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
    also: tuple[str, ...] = ()


class NoForge(SourceError):
    """What is at an address is none of the forges that are known."""


def kind_of_host(host: str) -> str | None:
    """The kind of forge by a host's name, None where the name does not tell."""
    name = host.lower().removeprefix("www.").partition(":")[0]
    return next((kind for pattern, kind in _HOSTS if pattern.fullmatch(name)), None)


@dataclass(frozen=True)
class Host:
    """A forge in one place, for one visit: `origin` is its web address without a slash, `api` the base of its API."""

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
        narrowed = "" if self.visit.source.options.get("archived", True) else self.forge.unarchived
        lists = self.forge.lists if account else whole
        addresses = [self._address(template, account) + narrowed for template in lists]
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
        found = {name: _told(entry, paths) for name, paths in self.forge.fields.items()}
        path, number = found["path"], found["id"]
        if not isinstance(path, str) or not _PATH.fullmatch(path) or isinstance(number, dict | list | None):
            raise ValueError("The forge gives an entry that is no repository.")
        branch = _json.text(found["branch"]) if "branch" in found else "HEAD"
        pushed, visibility = _json.text(found.get("pushed")), found.get("visibility")
        is_hidden = bool(self.forge.public) and not any(_told(entry, name) is True for name in self.forge.public)
        about = {name: found.get(name) for name in _ABOUT if found.get(name) not in (None, "", [], False)}
        return Repo(
            id=str(number),
            path=path,
            address=self._own(found.get("address"), path),
            branch=None if found.get("empty") is True else branch,
            state=f"{pushed} {branch}" if pushed and _is_settled(pushed, fetched) else "",
            fork=bool(found["fork"]),
            archived=found.get("archived") is True,
            private=found.get("private") is True or visibility in ("private", "internal") or is_hidden,
            about=about,
            also=tuple(self._address(template, path) for template in self.forge.also),
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

    def web(self, path: str) -> str:
        """The address of an account's or repository's own page."""
        return self._address(self.forge.web, path)

    def path(self, page: str) -> str:
        """The path of an account or repository by that of a page about it."""
        found = ((pattern.fullmatch(page), plain) for pattern, plain in self.forge.pages)
        return next((match.expand(plain) for match, plain in found if match), page)

    def _address(self, template: str, path: str, branch: str = "", file: str = "") -> str:
        places = {"path": quote(path), "id": quote(path, safe=""), "origin": self.origin}
        # A folder is a part of the file's name where GitLab asks for the name as a whole.
        places["file"] = quote(file, safe="" if "/files/{file}" in template else "/")
        account, _, name = path.rpartition("/")
        places |= {"account": quote(account or name), "name": quote(name), "lower": quote(path.lower())}
        if self.forge is _BITBUCKET and "/" in branch:
            branch = "HEAD"  # what is behind the first slash would be taken for a folder
        # In a query, a branch such as `a&b` must stay one value; in a path, `a/b` must stay two segments.
        places["branch"] = quote(branch, safe="" if "?ref=" in template else "/")
        base = "" if template.startswith(("{origin}", "https:")) else self.api
        return base + template.format(**places)

    def _own(self, address: Any, path: str) -> str:
        """A repository's address: the forge's own word for it only where it is on its own host."""
        written = _json.url(address) or ""
        same_host = urlsplit(written).netloc.lower() == urlsplit(self.origin).netloc.lower()
        return written.removesuffix("/") if same_host else self.web(path)


def _told(entry: Any, paths: str) -> Any:
    """What an entry has at a path of keys; at several, with a slash between them, if all are texts."""
    parts = [_json.member(entry, *path.split(".")) for path in paths.split("/")]
    if len(parts) == 1:
        return parts[0]
    return "/".join(parts) if all(isinstance(part, str) for part in parts) else None


_ABOUT = ("name", "description", "homepage", "licence", "language", "topics", "created", "pushed", "archived")


def host_of(
    visit: Visit, url: str, kind: str = "", api: str = "", token_host: str = "", none: set[str] | None = None
) -> Host:
    """The forge that an address is on: the kind as said, else by the host's name, else by what it answers.

    Only the host that the source's token is for, and an API that its operator named, get it. `none` are the addresses
    where no forge was found in this visit. Raises NoForge where it is none of those in `FORGES`.
    """
    parts = urlsplit(url)
    host = parts.netloc.lower()
    # The public forges answer under one name.
    host = host.removeprefix("www.") if kind_of_host(host) else host
    root = f"{parts.scheme.lower()}://{host}"
    kind, origin = _placed(visit, root, parts.path, kind.lower() or kind_of_host(host) or "", api, none or set())
    if kind not in FORGES:
        known = ", ".join(FORGES)
        raise NoForge(f"{visit.source.id}: {root} is no forge that is known; name its kind as `forge` ({known})")
    is_for_it = host.removeprefix("www.") == token_host.lower().removeprefix("www.")
    token = visit.token() if api or is_for_it else None
    base = api or _APIS.get(host) or FORGES[kind].api.format(origin=origin)
    is_github = kind == "github" and origin == "https://github.com" and not api
    by_api = not is_github and bool(token or api or kind == "github")
    secrets = {"Authorization": f"Bearer {token}"} if token else {}
    return Host(visit, FORGES[kind], origin, base.rstrip("/"), by_api, secrets)


def _placed(visit: Visit, root: str, path: str, kind: str, api: str, none: set[str]) -> tuple[str, str]:
    """The kind of a forge, "" where there is none, and its web address, which may be a folder of its host."""
    for name, forge in FORGES.items():
        end = forge.api.removeprefix("{origin}")
        if kind in ("", name) and api.rstrip("/").endswith(end):
            base = urlsplit(api.rstrip("/").removesuffix(end))
            is_above = base.netloc.lower() == urlsplit(root).netloc and f"{path}/".startswith(f"{base.path}/")
            return name, root + base.path if is_above else root
    if kind:
        return kind, root
    folders = [folder for folder in path.split("/") if folder][:_DEEPEST]
    places = ["/".join((root, *folders[:depth])) for depth in range(len(folders) + 1)]
    return next(((found, place) for place in places if (found := _probed(visit, place, none))), ("", root))


def _probed(visit: Visit, origin: str, none: set[str]) -> str:
    """The kind of forge at an address, "" where it answers as none does; it is asked once and remembered."""
    key = f"forge {origin}"
    if key not in visit.memory:
        if origin in none:
            return ""
        kinds = (kind for path, kind, shape in _PROBES if isinstance(_answer(visit, origin + path), shape))
        kind = next(kinds, "")
        if not kind:
            none.add(origin)
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
    """The address of the next page, on the same host: by the Link header, GitLab's X-Next-Page, Bitbucket's body."""
    link = _NEXT_LINK.search(page.headers.get("link", ""))
    number = page.headers.get("x-next-page", "").strip()
    body = parsed(page)
    here = urlsplit(page.asked or page.url)
    if link:
        return _on_host(here, link[1])
    if number.isascii() and number.isdigit():
        query = re.sub(r"(^|&)page=[^&]*", "", here.query)
        return urlunsplit(here._replace(query=f"{query}&page={number}".lstrip("&")))
    start = _json.member(body, "nextPageStart")
    if isinstance(start, int):
        kept = [(name, value) for name, value in parse_qsl(here.query) if name != "start"]
        return urlunsplit(here._replace(query=urlencode([*kept, ("start", start)])))
    following = _json.member(body, "next")
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
