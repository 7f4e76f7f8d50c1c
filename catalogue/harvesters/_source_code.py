"""Which of the addresses that a catalogue gives are those of a repository of code.

Entries of general catalogues name many addresses, and one of them decides the identity of the software. So an address
counts only where its place says so (a field for it) or its host does, and only if it is the one repository named there.
"""

import re
from collections.abc import Iterable

from catalogue.identity import Repository, repository
from catalogue.rdf import is_iri

_ACCOUNT_HOSTS = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gitee.com", "framagit.org"})
_FORGE_HOST = re.compile(r"(?:git|gitlab|gitea|forgejo|forge|code|salsa)\.(?:[\w-]+\.)+\w+|(?:[\w-]+\.)*gitlab\.\w+")
# Below a repository: downloads and single files of it, its tickets, its pages; and what is no repository at all.
_OTHER = re.compile(
    r"/(?:-/)?(?:archive|releases|raw|issues|wiki|wikis|pull|merge_requests|actions|downloads)(?:/|$)"
    r"|\.(?:zip|tgz|gz|bz2|xz|jar|exe|pdf|csv|json|xml|xlsx?)$|^/(?:explore|search|users?|topics|orgs)/",
    re.IGNORECASE,
)


def declared(url: str) -> Repository | None:
    """The repository at an address that is said to be of one."""
    try:
        found = repository(url)
    except ValueError:
        return None
    path = found.url.removeprefix("https://").partition("/")[2]
    is_usable = bool(path) and is_iri(found.url) and not _OTHER.search(f"/{path}/{found.path}".rstrip("/"))
    return found if is_usable and not _is_account(found) else None


def on_forge(url: str) -> Repository | None:
    """The repository at an address of which nothing is known, if its host is one of repositories, whole."""
    found = declared(url)
    if found is None or found.path or "?" in url:
        return None
    host = found.url.removeprefix("https://").partition("/")[0]
    is_forge = host in _ACCOUNT_HOSTS or _FORGE_HOST.fullmatch(host) or url.rstrip("/").lower().endswith(".git")
    has_name = found.url.count("/") >= 4 if host not in _ACCOUNT_HOSTS else _is_named(found)
    return found if is_forge and has_name else None


def _is_account(found: Repository) -> bool:
    host, _, path = found.url.removeprefix("https://").partition("/")
    return host in _ACCOUNT_HOSTS and "/" not in path


def _is_named(found: Repository) -> bool:
    """On most such hosts a repository is one of an account; on GitLab's, below any number of groups."""
    host, _, path = found.url.removeprefix("https://").partition("/")
    return path.count("/") == 1 or (host in ("gitlab.com", "framagit.org") and "/" in path)


def only(found: Iterable[Repository | None]) -> Repository | None:
    """The repository, if there is one and no more."""
    distinct = {repo for repo in found if repo is not None}
    return distinct.pop() if len(distinct) == 1 else None
