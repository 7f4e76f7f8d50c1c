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
# Of these schemes a port says nothing of the one at which the web has the same forge.
_NOT_OF_THE_WEB = frozenset({"ssh", "git"})
# Where forges take SSH for those who are behind a firewall: it is the same forge.
_SSH_HOSTS = {
    "ssh.github.com": "github.com",
    "altssh.gitlab.com": "gitlab.com",
    "altssh.bitbucket.org": "bitbucket.org",
}
# These hosts answer the same repository whatever the case of its path; for others the case may matter.
_CASELESS_HOSTS = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gitee.com"})
# How forges write "this folder on that branch" behind a repository's path, which is that of an account and a name at
# least; what follows the branch is the sub-path.
_FOLDER = re.compile(
    r"(?P<repository>/+[^/]+/+[^/].*?)"
    r"(?:/(?:-/(?:tree|blob)|tree|blob|src/(?:branch|tag|commit))/[^/]+(?P<path>/.*)?|/-/?)"
)
_BITBUCKET_FOLDER = re.compile(r"(?P<repository>/[^/]+/[^/]+)/src/[^/]+(?P<path>/.*)?")
# Gitweb writes which repository it shows in the query, with parts that are separated by semicolons.
_GITWEB = re.compile(r"(?:^|[;&])p=([^;&]+\.git)(?=/*(?:[;&]|$))")
# What is known by a name that is written in many ways, as whoever gives these names writes it.
_NAMES = (
    (
        re.compile(r"(?:https?://(?:dx\.|www\.)?doi\.org/|doi:\s*|(?:urn|info):doi[:/])?(10\.\d{4,9}/\S+)", re.I),
        "https://doi.org/{}",
    ),
    (
        re.compile(r"https?://(?:www\.|m\.)?wikidata\.org/(?:wiki|entity)/q(\d+)", re.I),
        "http://www.wikidata.org/entity/Q{}",
    ),
    (re.compile(r"(?:https?://)?(?:www\.)?ror\.org/(0[a-z0-9]{8})/?", re.I), "https://ror.org/{}"),
)
# The portal was Joinup before; its addresses lead on.
_PORTAL = re.compile(r"https?://(?:joinup|(?:www\.)?interoperable-europe)\.ec\.europa\.eu/", re.I)
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
    fragment, default ports and those of other schemes than the web's do not count; GitLab's sub-groups, the sub-path of
    a monorepo and the repository that Gitweb shows do.
    Raises ValueError, naming the cause, for what is no address of a repository.
    """
    host, path = _host_and_path(url)
    if shown := _GITWEB.search(urlsplit(url.strip()).query):
        path = f"{path}/{shown[1]}"
    path, folder = _split_folder(host, path)
    path = _clean_path(path)
    path = re.sub(r"(?<!\.git)(?:\.git)+$", "", path, flags=re.IGNORECASE).rstrip("/")
    if host in _CASELESS_HOSTS:
        path = path.lower()
    return Repository(f"https://{host}{path}", _clean_path(folder).strip("/"))


def registered(name: str) -> str | None:
    """The name by which DOIs, Wikidata, ROR or the EU's portal know a thing, however it is written; None for others."""
    text = name.strip()
    if _PORTAL.match(text):
        return _PORTAL.sub("https://interoperable-europe.ec.europa.eu/", text).rstrip("/")
    matches = ((pattern.fullmatch(text), form) for pattern, form in _NAMES)
    return next((form.format(found[1].lower()) for found, form in matches if found), None)


def web_address(url: str) -> str:
    """The canonical form of a web page's address, for the identity of what the page stands for."""
    url = registered(url) or url
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
    scheme = parts.scheme.lower()
    port = None if parts.port == _DEFAULT_PORTS[scheme] or scheme in _NOT_OF_THE_WEB else parts.port
    host = _clean_host(parts.hostname, port)
    return _SSH_HOSTS.get(host, host), parts.path


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
    mark = (_BITBUCKET_FOLDER if host == "bitbucket.org" else _FOLDER).fullmatch(path)
    return (mark["repository"], mark["path"] or "") if mark else (path, "")


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
