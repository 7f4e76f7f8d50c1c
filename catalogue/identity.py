"""Who is who: canonical repository URLs, identities of organisations, and the IRIs minted from them.

Once minted, an IRI never changes. So an identity says what a thing *is* (its repository, its identifier), never what
it is called or what class it turned out to have: all organisations share one kind of IRI, whether or not they are
administrations. Software is never matched by title.
"""

import base64
import hashlib
import posixpath
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from catalogue.rdf import IRI

KEY_LENGTH = 10
KEY = re.compile(r"[a-z2-7]{10}")

_SCP_FORM = re.compile(r"(?:[\w.+-]+@)(?P<host>\[[0-9A-Fa-f:.]+\]|[\w.-]+):(?!//)(?P<path>.+)")
_DEFAULT_PORTS = {"http": 80, "https": 443, "ssh": 22, "git": 9418}
_SCHEMES = frozenset(_DEFAULT_PORTS)
# These hosts answer the same repository whatever the case of its path; for others the case may matter.
_CASELESS_HOSTS = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gitee.com"})
# How forges write "this folder on that branch" behind a repository's path; what follows the branch is the sub-path.
_FOLDER_MARKS = re.compile(r"/(?:-/(?:tree|blob)|tree|blob|src/(?:branch|tag|commit))/[^/]+(?P<path>/.*)?$|/-/?$")
_BITBUCKET_FOLDER = re.compile(r"^(?P<repository>/[^/]+/[^/]+)/src/[^/]+(?P<path>/.*)?$")
_SAFE = "!$&'()*+,;=:@~-._"


@dataclass(frozen=True)
class Repository:
    """A code repository, and the folder of it that holds the software when it is not the whole (a monorepo)."""

    url: str
    path: str = ""

    @property
    def identity(self) -> str:
        """The text that the key of its software is made of."""
        return f"{self.url}//{self.path}" if self.path else self.url


def repository(url: str) -> Repository:
    """The canonical form of a repository's address: every usual spelling of one repository gives the same.

    Scheme, case of the host, `www.`, `.git`, trailing and double slashes, ssh and `git@` forms, user-info, query,
    fragment and default ports do not count; GitLab's sub-groups and the sub-path of a monorepo do.
    Raises ValueError, naming the cause, for what is no address of a repository.
    """
    host, path = _host_and_path(url)
    path, folder = _split_folder(host, path)
    path = _clean_path(path)
    path = re.sub(r"(?:\.git)+$", "", path, flags=re.IGNORECASE).rstrip("/")
    if host in _CASELESS_HOSTS:
        path = path.lower()
    return Repository(f"https://{host}{path}", _clean_path(folder).strip("/"))


def web_address(url: str) -> str:
    """The canonical form of a web page's address, for the identity of what the page stands for."""
    host, path = _host_and_path(url)
    query = urlsplit(url.strip()).query
    return f"https://{host}{_clean_path(path)}" + (f"?{query}" if query else "")


def _host_and_path(url: str) -> tuple[str, str]:
    text = url.strip()
    if scp := _SCP_FORM.fullmatch(text):
        return _clean_host(scp["host"].strip("[]"), None), "/" + scp["path"].split("?")[0].split("#")[0]
    parts = urlsplit(re.sub(r"^git\+", "", text))
    if parts.scheme.lower() not in _SCHEMES:
        raise ValueError(f"{url!r} has no scheme that a repository can have (https, http, ssh, git)")
    if not parts.hostname:
        raise ValueError(f"{url!r} names no host")
    port = None if parts.port == _DEFAULT_PORTS[parts.scheme.lower()] else parts.port
    return _clean_host(parts.hostname, port), parts.path


def _clean_host(host: str, port: int | None) -> str:
    name = host.lower().rstrip(".")
    if not name.isascii():
        name = name.encode("idna").decode()
    name = name.removeprefix("www.")
    if ":" in name:
        name = f"[{name}]"
    elif not re.fullmatch(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?", name):
        raise ValueError(f"{host!r} is not a host's name")
    return name if port is None else f"{name}:{port}"


def _split_folder(host: str, path: str) -> tuple[str, str]:
    pattern = _BITBUCKET_FOLDER if host == "bitbucket.org" else _FOLDER_MARKS
    mark = pattern.search(path)
    if mark is None:
        return path, ""
    repository_path = mark["repository"] if host == "bitbucket.org" else path[: mark.start()]
    return repository_path, mark["path"] or ""


def _clean_path(path: str) -> str:
    decoded = unicodedata.normalize("NFC", unquote(path))
    clean = posixpath.normpath("/" + quote(decoded, safe="/" + _SAFE)) if decoded.strip("/") else ""
    return re.sub(r"^/+", "/", clean).rstrip("/")


def organisation_identity(uri: str | None, name: str, country: str = "") -> str:
    """What an organisation is known by: its URI (a web address or URN), else its exact name within its country.

    Names are compared without regard to case and spacing; nothing else is guessed.
    """
    if uri:
        stripped = uri.strip()
        if stripped.lower().startswith(("http://", "https://")):
            return web_address(stripped)
        return unicodedata.normalize("NFC", stripped).lower()
    folded = " ".join(unicodedata.normalize("NFC", name).casefold().split())
    return f"name:{country.lower()}:{folded}"


def key(identity: str) -> str:
    """The first ten characters of the lower-case base32 SHA-256 of an identity: 50 bits."""
    digest = hashlib.sha256(identity.encode()).digest()
    return base64.b32encode(digest).decode().lower()[:KEY_LENGTH]


def _segment(name: str) -> str:
    """A record's key as it stands in an address; slashes stay, since keys can be paths."""
    return quote(name, safe="/" + _SAFE)


@dataclass(frozen=True)
class Minter:
    """Mints the IRIs of one catalogue; `base` has no trailing slash and is independent of the host served from."""

    base: str

    def thing(self, kind: str, identity: str) -> IRI:
        """`{base}/id/{kind}/{key}`."""
        return IRI(f"{self.base}/id/{kind}/{key(identity)}")

    def solution(self, repository_url: str) -> IRI:
        """The IRI of the software in a repository. Raises ValueError when it is no address of one."""
        return self.thing("solution", repository(repository_url).identity)

    def organisation(self, uri: str | None, name: str, country: str = "") -> IRI:
        return self.thing("owner", organisation_identity(uri, name, country))

    def page(self, iri: IRI, kind: str) -> IRI:
        """The page that describes a thing: of a minted IRI without its `/id`, of a foreign one by its hash."""
        prefix = f"{self.base}/id/"
        if iri.value.startswith(prefix):
            return IRI(f"{self.base}/{kind}/{iri.value.rsplit('/', 1)[-1]}")
        return IRI(f"{self.base}/{kind}/{key(iri.value)}")

    def entity(self, iri: IRI) -> IRI:
        """The thing that a node belongs to: our own fragments (`{thing}#…`) to the thing, all else to itself."""
        if iri.value.startswith(self.base + "/") and "#" in iri.value:
            return IRI(iri.value.partition("#")[0])
        return iri

    def graph(self, *path: str) -> IRI:
        """`{base}/graph/…`, an argument for each part of the path."""
        return IRI("/".join((f"{self.base}/graph", *map(_segment, path))))

    @property
    def catalogue(self) -> IRI:
        return IRI(f"{self.base}/catalog")

    def source(self, source_id: str) -> IRI:
        return IRI(f"{self.base}/source/{source_id}")

    def record(self, source_id: str, record_key: str) -> IRI:
        return IRI(f"{self.base}/source/{source_id}/record/{_segment(record_key)}")

    def graph_of(self, record: IRI) -> IRI:
        """The graph that holds what a record says."""
        source, _, key = record.value.removeprefix(f"{self.base}/source/").partition("/record/")
        return IRI(f"{self.base}/graph/record/{source}/{key}")

    def record_of(self, graph: IRI) -> IRI:
        """The record whose words a graph holds."""
        source, _, key = graph.value.removeprefix(f"{self.base}/graph/record/").partition("/")
        return IRI(f"{self.base}/source/{source}/record/{key}")
