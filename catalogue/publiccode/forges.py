"""How forges address the files of repositories."""

import posixpath
import re
from enum import Enum, auto
from urllib.parse import quote, unquote, urljoin

from catalogue.identity import Repository, repository
from catalogue.rdf import is_iri

# The pages on which forges show a file, and where they give the file itself.
_PAGES = (
    (
        re.compile(r"https?://(?:www\.)?github\.com/([^/]+/[^/]+)/blob/([^?#]+)"),
        r"https://raw.githubusercontent.com/\1/\2",
    ),
    (re.compile(r"(https?://[^/]+/[^?#]+)/-/blob/([^?#]+)"), r"\1/-/raw/\2"),
    (re.compile(r"(https?://[^/]+/[^/?#]+/[^/?#]+)/src/(branch|tag|commit)/([^?#]+)"), r"\1/raw/\2/\3"),
    (re.compile(r"(https?://bitbucket\.org/[^/?#]+/[^/?#]+)/src/([^?#]+)"), r"\1/raw/\2"),
)


def raw_address(url: str) -> str:
    """The address of a file itself where the given one is of the page that a forge shows it on."""
    for page, raw in _PAGES:
        if page.fullmatch(url):
            return page.sub(raw, url)
    return url


# How the address of a file names the repository that it is in.
_PLACES = (
    (re.compile(r"https?://raw\.githubusercontent\.com/([^/]+/[^/]+)/.+"), r"https://github.com/\1"),
    (re.compile(r"(https?://github\.com/[^/]+/[^/]+)/raw/.+"), r"\1"),
    (re.compile(r"(https?://[^/]+/.+?)/-/raw/.+"), r"\1"),
    (re.compile(r"(https?://[^/]+/[^/]+/[^/]+)/raw/(?:branch|tag|commit)/.+"), r"\1"),
    (re.compile(r"(https?://bitbucket\.org/[^/]+/[^/]+)/raw/.+"), r"\1"),
)


def found_in(url: str) -> str | None:
    """The repository that a file was found in by the file's address; None when the address does not tell."""
    for pattern, found in _PLACES:
        if pattern.fullmatch(url):
            try:
                return repository(pattern.sub(found, url)).url
            except ValueError:
                return None
    return None


class Shown(Enum):
    """What a page of a forge shows."""

    ACCOUNT = auto()
    FOLDER = auto()
    OTHER = auto()


# Pages that are not a repository's own; the group is the repository's address. The first that matches tells.
_ABOUT = (
    (r"(https?://(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org)/[^/?#]+)/?", Shown.ACCOUNT),
    (r"(https?://[^/?#]+/[^/?#]+/[^?#]+?)(?:/-)?/tree/[^/?#]+/[^/?#].*", Shown.FOLDER),
    (r"(https?://[^/?#]+/[^/?#]+/[^/?#]+)/src/(?:branch|tag|commit)/[^/?#]+/[^/?#].*", Shown.FOLDER),
    # These forges have no sub-groups: whatever is below a repository is about it.
    (
        r"(https?://(?:www\.)?(?:github\.com/(?!orgs/)|bitbucket\.org/|codeberg\.org/)[^/?#]+/[^/?#]+)/[^/?#].*",
        Shown.OTHER,
    ),
    (r"(https?://[^/?#]+/[^/?#]+/[^?#]+?)(?:/-/[a-z]|/(?:blob|tree)/).*", Shown.OTHER),
)


def repository_of(url: str) -> tuple[str, Shown] | None:
    """The repository that a page of a forge is about, and what it shows; None for what may be a repository itself.

    Of an account, its own address.
    """
    for pattern, shown in _ABOUT:
        if found := re.fullmatch(pattern, url):
            return found[1], shown
    raw = found_in(url)
    return (raw, Shown.OTHER) if raw else None


_NO_SCHEME = re.compile(r"(?:[\w-]+\.)+[A-Za-z]{2,}/\S+")


def repository_named(written: str) -> str:
    """The repository that a page of a forge is about; what may be a repository itself, or a part of one, as it is.

    An address without a scheme is that of the web.
    """
    url = f"https://{written}" if _NO_SCHEME.fullmatch(written) else written
    place = repository_of(url)
    return place[0] if place and place[1] is Shown.OTHER else url


_SAFE = "/!$&'()*+,;=:@~-._"


def file_address(path: str, repo: Repository | None, document_url: str | None) -> str | None:
    """The address of a file of a repository by its path there; None where the forge is not known."""
    inside = posixpath.normpath(unquote(path).replace("\\", "/").lstrip("/"))
    base = _files(repo, document_url)
    if base is None or inside == "." or inside.startswith(".."):
        return None
    address = f"{base}{quote(inside, safe=_SAFE)}"
    return address if is_iri(address) else None


def _files(repo: Repository | None, document_url: str | None) -> str | None:
    """Where the files of the repository are: beside the document on the web, else where a known forge has them."""
    if document_url:
        return urljoin(document_url, ".")
    url = repo.url if repo else ""
    host, _, path = url.removeprefix("https://").partition("/")
    if host == "github.com":
        return f"https://raw.githubusercontent.com/{path}/HEAD/"
    if host == "gitlab.com" or host.startswith("gitlab."):
        return f"{url}/-/raw/HEAD/"
    return f"{url}/raw/HEAD/" if host == "bitbucket.org" else None
