"""URL → Document. The only module that knows requests and urllib3, and the only one that opens a connection.

What is fetched was named by strangers, so nothing of it is trusted: not its address, its size, its speed or its end.
*Private* here is every address that is not routed on the public internet; `allow_private` names the exceptions.
Each request has a connection of its own: the address was checked for this very request, the deadline is this
request's, threads share nothing, and no connection that went stale in a pool has to be told from one that was reset.
"""

import gzip
import http.client
import io
import json
import re
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar
from urllib.parse import quote, urljoin

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util import Url, parse_url

from catalogue.errors import FetchError, NotModified, SettingsError
from catalogue.model import Document

Address = IPv4Address | IPv6Address
_Given = TypeVar("_Given")

MAX_BYTES = 50 * 1024 * 1024
MAX_REDIRECTS = 5
MAX_RETRIES = 2
USER_AGENT = "catalogue-harvester/1 (linked-data catalogue of public-sector open source)"

_BLOCK_BYTES = 64 * 1024
# A server that resets a connection is often one that restarts: long enough for it, short against the deadline.
_PAUSE_S = 1.0
_TOO_SLOW = "no complete answer within the time allowed (CATALOGUE_FETCH_TIMEOUT sets it)"
_EPOCHAL = 1_000_000_000  # a number of seconds as large as this is a date
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_BUSY = frozenset({403, 429, 503})
# A forge whose quota is used up says so in headers beside a 403 or 429, with the second of the epoch of its renewal.
_SPENT = frozenset({403, 429})
_QUOTAS = (("X-RateLimit-Remaining", "X-RateLimit-Reset"), ("RateLimit-Remaining", "RateLimit-Reset"))
# gzip is the one coding asked for, and the one whose decoder in the standard library checks length and checksum.
_CODINGS = {
    "Content-Encoding": ("", "identity", "gzip", "x-gzip"),
    "Transfer-Encoding": ("", "identity", "chunked"),
}

_GLOBAL_IPV6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
# Special by https://www.iana.org/assignments/iana-ipv4-special-registry and its IPv6 sister, yet global to `ipaddress`
# of some Python versions. 6to4 and Teredo wrap an IPv4 address and are retired (RFC 7526): no catalogue lives there.
_SPECIAL: tuple[IPv4Network | IPv6Network, ...] = (
    IPv4Network("100.64.0.0/10"),
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("2001::/23"),
    IPv6Network("2001:db8::/32"),
    IPv6Network("2002::/16"),
    IPv6Network("3fff::/20"),
)

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,254}}\Z){_LABEL}(?:\.{_LABEL})*\.?")
# "2130706433", "0x7f.1" and "0177.0.0.1" are 127.0.0.1 to some readers and names to others: nobody means them well.
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?")
_CREDENTIALS = re.compile(r"(?<=//)[^/?#]*@")


class _Failed(Exception):
    """Why an attempt failed, in plain words; `retry_in_s` is the wait before another that may go better."""

    def __init__(
        self, cause: str, retry_in_s: float | None = None, status: int | None = None, said: bytes = b""
    ) -> None:
        super().__init__(cause)
        self.cause, self.retry_in_s, self.status, self.said = cause, retry_in_s, status, said


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host name as the system knows them, in its order; raises OSError for an unknown name."""
    return list(dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


def connect(address: tuple[str, int], timeout_s: float) -> socket.socket:
    """A TCP connection to an address, never to a name."""
    return socket.create_connection(address, timeout_s)


@dataclass(frozen=True)
class Network:
    """The world outside the process, as an argument. Clocks count seconds; `authorities` is a PEM file of trusted
    certificates in place of Mozilla's list, which comes with requests."""

    resolve: Callable[[str, int], Sequence[str]] = resolve
    connect: Callable[[tuple[str, int], float], socket.socket] = connect
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    authorities: Path | None = None


@dataclass(frozen=True)
class _Deadline:
    """The moment at which a request ends, on a clock of seconds."""

    clock: Callable[[], float]
    end_s: float

    def left_s(self) -> float:
        """More than zero; raises _Failed when the time is over."""
        left_s = self.end_s - self.clock()
        if left_s <= 0:
            raise _Failed(_TOO_SLOW)
        return left_s


@dataclass
class Traffic:
    """What went over the network: requests sent, and bytes of the bodies as they were decoded."""

    requests: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class _Job:
    """One request on its way through redirects; `moved` is where permanent ones have led, None once one was not.

    It is a GET, or with a body a POST."""

    url: str
    headers: Mapping[str, str]
    secrets: Mapping[str, str]
    max_bytes: int
    deadline: _Deadline
    asked: str
    moved: str | None
    redirects_left: int = MAX_REDIRECTS
    body: bytes | None = None

    @property
    def method(self) -> str:
        return "GET" if self.body is None else "POST"

    @property
    def is_conditional(self) -> bool:
        return not self.headers.keys().isdisjoint({"If-None-Match", "If-Modified-Since"})


@dataclass(frozen=True)
class _Permission:
    """An entry of the allow list: a host name or a network, on one port or on all."""

    subject: str | IPv4Network | IPv6Network
    port: int | None = None

    def covers(self, host: str, address: Address, port: int) -> bool:
        """Whether this entry lets `host`, found at `address`, be reached on `port`."""
        if self.port not in (None, port):
            return False
        return host == self.subject if isinstance(self.subject, str) else address in self.subject


@dataclass(frozen=True)
class Fetch:
    """The network as harvesters see it: GET, and POST for webhooks, within limits. Safe to share between threads.

    `allow_private` entries are addresses ("::1"), networks ("10.0.0.0/8") and host names ("localhost"), each of
    them also with a port ("127.0.0.1:8080"). `timeout_s` is for one request as a whole: names, connections, redirects,
    retries with their pauses, and the last byte. Raises SettingsError for an entry that is none of these.
    `bearer` is an address and a token that its server gets with each GET, unless other secrets are given.
    """

    allow_private: Sequence[str] = ()
    timeout_s: float = 30
    max_bytes: int = MAX_BYTES
    user_agent: str = USER_AGENT
    network: Network = field(default_factory=Network)
    traffic: Traffic = field(default_factory=Traffic)
    bearer: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        self._permissions()

    def get(
        self,
        url: str,
        accept: str | None = None,
        max_bytes: int | None = None,
        etag: str | None = None,
        modified: str | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> Document:
        """The whole document at a URL, decoded, of at most `max_bytes` bytes; never a part of it.

        `etag` and `modified` are those of the Document that the caller has: raises NotModified when it is still good.
        `secrets` are headers with tokens, which no other server gets to see, wherever this one redirects to.
        Raises FetchError with URL and cause for everything else that is not a complete answer with status 200.
        """
        job = _Job(
            url=url,
            headers=self._headers(accept, etag, modified),
            secrets=self._bearer(url) if secrets is None else secrets,
            max_bytes=self.max_bytes if max_bytes is None else max_bytes,
            deadline=self._deadline(),
            asked=url,
            moved=url,
        )
        return self._patiently(job, self._follow, MAX_RETRIES)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Sends a body, and once more when the connection broke or a busy server asks for it; returns the status.

        Redirects are not followed, and what is answered is not read. Raises FetchError with URL and cause for every
        status but 200 to 299.
        """
        given = self._headers(None, None, None) | dict(headers)
        job = _Job(url, given, {}, 0, self._deadline(), asked=url, moved=None, body=body)
        return self._patiently(job, self._sent, 1)

    def _bearer(self, url: str) -> dict[str, str]:
        address, token = self.bearer or ("", "")
        return {"Authorization": f"Bearer {token}"} if token and _origin(url) == _origin(address) else {}

    def _deadline(self) -> _Deadline:
        return _Deadline(self.network.clock, self.network.clock() + self.timeout_s)

    def _permissions(self) -> tuple[_Permission, ...]:
        return tuple(map(_permission, self.allow_private))

    def _headers(self, accept: str | None, etag: str | None, modified: str | None) -> dict[str, str]:
        wanted = {
            "User-Agent": self.user_agent,
            "Accept": accept or "*/*",
            "Accept-Encoding": "gzip",
            "Connection": "close",
            "If-None-Match": etag,
            "If-Modified-Since": modified,
        }
        return {name: value for name, value in wanted.items() if value}

    def _patiently(self, job: _Job, attempt: Callable[[_Job], _Given], retries: int) -> _Given:
        try:
            for _ in range(retries):
                try:
                    return attempt(job)
                except _Failed as failure:
                    if failure.retry_in_s is None:
                        raise
                    self._pause(failure.cause, failure.retry_in_s, failure.status, job.deadline)
            return attempt(job)
        except _Failed as failure:
            message = f"fetch: {job.method} {_printable(job.asked)}: {failure.cause}"
            raise FetchError(message, failure.status, failure.retry_in_s, failure.said) from failure

    def _pause(self, cause: str, seconds: float, status: int | None, deadline: _Deadline) -> None:
        if seconds >= deadline.left_s():
            raise _Failed(f"{cause}; another attempt in {seconds:.0f} s would be too late", seconds, status)
        self.network.sleep(seconds)

    def _sent(self, job: _Job) -> int:
        with self._answer(replace(job, url=_sendable(job.url))) as answer:
            status = answer.status_code
            if status // 100 != 2:
                cause = f"status {status}" + ("; redirects are not followed here" if status in _REDIRECTS else "")
                raise _Failed(cause, self._retry_in_s(answer), status)
            return status

    def _follow(self, job: _Job) -> Document:
        job = replace(job, url=_sendable(job.url))
        with self._answer(job) as answer:
            if answer.status_code not in _REDIRECTS:
                return self._document(job, answer)
            target = _target(job, answer.headers)
            moved = target if job.moved and answer.status_code in _PERMANENT else None
        return self._follow_to(target, replace(job, moved=moved))

    def _follow_to(self, target: str, job: _Job) -> Document:
        secrets = job.secrets if _origin(target) == _origin(job.url) else {}
        try:
            return self._follow(replace(job, url=target, secrets=secrets, redirects_left=job.redirects_left - 1))
        except _Failed as failure:
            cause = f"redirected to {_printable(target)}: {failure.cause}"
            raise _Failed(cause, failure.retry_in_s, failure.status, failure.said) from failure

    @contextmanager
    def _answer(self, job: _Job) -> Iterator[requests.Response]:
        # An adapter without a session around it: a session adds cookies, .netrc passwords, redirects of its own, and
        # the proxies of the environment, behind which the address that is checked is not the one that is reached.
        adapter = _Adapter(_Dial(self.network, self._permissions(), job.deadline))
        verify = str(self.network.authorities) if self.network.authorities else True
        with _plain_words(), closing(adapter):
            request = requests.Request(
                job.method, job.url, headers={**job.headers, **job.secrets}, data=job.body
            ).prepare()
            self.traffic.requests += 1
            with closing(adapter.send(request, timeout=job.deadline.left_s(), verify=verify)) as answer:
                yield answer

    def _document(self, job: _Job, answer: requests.Response) -> Document:
        headers = answer.headers
        if answer.status_code == http.HTTPStatus.NOT_MODIFIED and job.is_conditional:
            raise NotModified(f"fetch: GET {_printable(job.url)}: not modified")
        if answer.status_code != http.HTTPStatus.OK:
            said = _said(answer, job.secrets)
            cause = f"status {answer.status_code}{_problem(_media_type(headers.get('Content-Type', '')), said)}"
            raise _Failed(cause, self._retry_in_s(answer), answer.status_code, said)
        content = _body(answer, job.max_bytes)
        self.traffic.bytes += len(content)
        return Document(
            url=job.url,
            content=content,
            media_type=_media_type(headers.get("Content-Type", "")),
            fetched=self.network.now(),
            etag=headers.get("ETag"),
            modified=headers.get("Last-Modified"),
            asked=job.asked,
            moved=job.moved if job.moved != job.asked else None,
            headers={name.lower(): value for name, value in headers.items()},
        )

    def _retry_in_s(self, answer: requests.Response) -> float | None:
        """What a busy server asks for with Retry-After, in seconds or as a date (RFC 9110, 10.2.3), or what one whose
        quota is used up says of its renewal, as forges do."""
        wish = answer.headers.get("Retry-After", "").strip()
        if answer.status_code in _SPENT and not wish:
            return self._renewal_in_s(answer.headers)
        if answer.status_code not in _BUSY or not wish:
            return None
        if wish.isascii() and wish.isdigit():
            return float(wish)
        try:
            return max(0.0, parsedate_to_datetime(wish).timestamp() - self.network.now().timestamp())
        except (ValueError, OverflowError):
            return None

    def _renewal_in_s(self, headers: Mapping[str, str]) -> float | None:
        for remaining, reset in _QUOTAS:
            moment = headers.get(reset, "").strip()
            if headers.get(remaining, "").strip() == "0" and moment.isascii() and moment.isdigit():
                seconds = float(moment[:12])
                # Some count from now, some from 1970.
                return max(0.0, seconds - self.network.now().timestamp()) if seconds > _EPOCHAL else seconds
        return None


def _origin(url: str) -> tuple[str | None, str | None, int | None]:
    """Scheme, host and port; of nothing that has any for what is no URL."""
    try:
        parts = parse_url(url)
    except ValueError:
        return None, None, None
    return parts.scheme, parts.host, parts.port or (443 if parts.scheme == "https" else 80)


def is_public(address: Address) -> bool:
    """Whether an address is routed on the public internet; one that carries an IPv4 address is judged by that."""
    if isinstance(address, IPv4Address):
        return _is_ordinary(address)
    inner = _inner_ipv4(address)
    return _is_ordinary(inner) if inner else address in _GLOBAL_IPV6 and _is_ordinary(address)


def _inner_ipv4(address: IPv6Address) -> IPv4Address | None:
    return IPv4Address(int(address) & 0xFFFF_FFFF) if address in _NAT64 else address.ipv4_mapped


def _is_ordinary(address: Address) -> bool:
    special = address.is_multicast or address.is_reserved or any(address in network for network in _SPECIAL)
    return address.is_global and not special


def _permission(entry: str) -> _Permission:
    if network := _network(entry):
        return _Permission(network)
    url = _authority(entry)
    if not _is_host(url) or url != Url(host=url.host, port=url.port):
        raise SettingsError(f"allow_private: {entry!r} is no address, network or host name, nor one with a port")
    host = _bare(url.host or "")
    return _Permission(_network(host) or host, url.port)


def _authority(entry: str) -> Url:
    try:
        return parse_url(f"//{entry}")
    except ValueError:
        return Url()


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _bare(host: str) -> str:
    """A host as the allow list has it: without brackets, and without the dot that ends a complete name."""
    return host.strip("[]").rstrip(".").lower()


def _is_host(url: Url) -> bool:
    host = (url.host or "").strip("[]").lower()
    is_name = bool(_NAME.fullmatch(host)) and not _NUMBER.fullmatch(host)
    return is_name or ("%" not in host and _network(host) is not None)


def _is_web_port(url: Url) -> bool:
    # Below 1024 live mail, files and logins, whose servers can be made to take a GET for commands.
    return url.port in (None, 80, 443) or 1024 <= (url.port or 0) <= 65535


_URL_RULES: tuple[tuple[Callable[[Url], bool], str], ...] = (
    (lambda url: url.scheme in ("http", "https"), "only http and https are fetched"),
    (lambda url: url.auth is None, "a URL that holds a user name or password is not fetched; remove them"),
    (_is_host, "its host is neither a name, nor an IPv4 address of four decimal numbers, nor an IPv6 address"),
    (_is_web_port, "its port is none of the web's; 80, 443 and those from 1024 on are"),
)


def _sendable(url: str) -> str:
    """The URL as it is requested: host in ASCII, path percent-encoded, no fragment; raises _Failed by the rules."""
    try:
        written = parse_url(url)
        # requests drops port 0 and so would turn it into 80.
        sent = parse_url(requests.Request("GET", url).prepare().url or "")._replace(port=written.port, fragment=None)
    except ValueError as error:
        raise _Failed("not a valid http or https URL") from error
    for obeys, rule in _URL_RULES:
        if not obeys(sent):
            raise _Failed(rule)
    return sent.url


def _target(job: _Job, headers: Mapping[str, str]) -> str:
    """Where a redirect leads; the target itself is checked like any other URL when it is asked for."""
    if job.redirects_left == 0:
        raise _Failed(f"more than {MAX_REDIRECTS} redirects")
    try:
        # http.client reads headers as Latin-1, so this gives back the very bytes that the server wrote.
        target = urljoin(job.url, quote(headers.get("Location", ""), safe="!#$%&'()*+,/:;=?@[]~", encoding="latin-1"))
    except ValueError as error:
        raise _Failed("a redirect to something that is no URL") from error
    if not headers.get("Location"):
        raise _Failed("a redirect without a target")
    if job.url.startswith("https:") and target.lower().startswith("http:"):
        raise _Failed(f"a redirect from https down to {_printable(target)} is not followed")
    return target


def _printable(url: str) -> str:
    """A URL fit for a message and a log: one line, no password."""
    return "".join(filter(str.isprintable, _CREDENTIALS.sub("", url)))


def _media_type(content_type: str) -> str:
    # Without a declared type, the receiver may only know that it is bytes (RFC 9110, 8.3).
    return content_type.partition(";")[0].strip().lower() or "application/octet-stream"


def _body(answer: requests.Response, max_bytes: int) -> bytes:
    """The decoded body; raises _Failed as soon as it is known to be larger than `max_bytes`."""
    _refuse_unknown_codings(answer.headers)
    too_large = _Failed(f"larger than the {max_bytes} bytes allowed")
    if (answer.raw.length_remaining or 0) > max_bytes:
        raise too_large
    stream = _decoded(answer)
    content = bytearray()
    while block := stream.read(_BLOCK_BYTES):
        content += block
        if len(content) > max_bytes:
            raise too_large
    return bytes(content)


# What a server says of an error is for people: some sentences, on one line.
_PROBLEM_BYTES, _PROBLEM_LENGTH = 16 * 1024, 300
# Where APIs say it: RFC 9457, forges and stores, each with keys of its own.
_PROBLEM_KEYS = ("title", "detail", "message", "error_description", "exception", "error")


def _said(answer: requests.Response, secrets: Mapping[str, str]) -> bytes:
    """How the body of an error begins, as far as it can be had; without our secrets, which some servers give back.

    Nothing of pages, which many servers have for what is not found, and nobody reads here."""
    if _media_type(answer.headers.get("Content-Type", "")) == "text/html":
        return b""
    try:
        _refuse_unknown_codings(answer.headers)
        said = bytes(_decoded(answer).read(_PROBLEM_BYTES))
    except (_Failed, OSError, EOFError, zlib.error, http.client.HTTPException, urllib3.exceptions.HTTPError):
        return b""  # the status is what counts
    for secret in filter(None, map(str.split, secrets.values())):
        said = said.replace(secret[-1].encode(), b"***")  # the scheme before it, such as Bearer, is none
    return said


def _problem(media_type: str, said: bytes) -> str:
    """What the body of an error says to people, to be put behind the status; nothing of pages."""
    if media_type.endswith("json"):
        try:
            found = json.loads(said)
        except (ValueError, RecursionError):
            return ""
        words = [found.get(key) for key in _PROBLEM_KEYS] if isinstance(found, dict) else []
    else:
        words = [said.decode(errors="replace")] if media_type == "text/plain" else []
    line = ": ".join(" ".join(word.split()) for word in words if isinstance(word, str) and word.strip())
    shown = "".join(filter(str.isprintable, line))[:_PROBLEM_LENGTH]
    return f" ({shown})" if shown else ""


def _decoded(answer: requests.Response) -> Any:
    is_gzip = "gzip" in answer.headers.get("Content-Encoding", "").lower()
    return gzip.GzipFile(fileobj=answer.raw) if is_gzip else answer.raw


def _refuse_unknown_codings(headers: Mapping[str, str]) -> None:
    for name, known in _CODINGS.items():
        coding = headers.get(name, "").strip().lower()
        if coding not in known:
            raise _Failed(f"{name} {coding!r} was not asked for and is not read")


# From the library's exceptions to words and the pause before a retry; the first row that fits anything in the chain.
_WORDS: tuple[tuple[tuple[type[BaseException], ...], str, float | None], ...] = (
    ((ssl.SSLCertVerificationError,), "the server's TLS certificate is not accepted: {0.verify_message}", None),
    ((ssl.SSLError,), "TLS failed: {0}", None),
    ((TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError), _TOO_SLOW, None),
    ((ConnectionError,), "the server broke off the connection", _PAUSE_S),
    ((http.client.IncompleteRead,), "the body ended before it was complete", _PAUSE_S),
    ((EOFError,), "the gzip body ended before it was complete", None),
    ((http.client.HTTPException,), "the answer is not proper HTTP: {0}", None),
    ((gzip.BadGzipFile, zlib.error), "the body is not the gzip that it is declared to be", None),
    ((Exception,), "{0}", None),
)


@contextmanager
def _plain_words() -> Iterator[None]:
    """Turns what requests, urllib3 and http.client raise into _Failed."""
    try:
        yield
    except (OSError, urllib3.exceptions.HTTPError, EOFError, zlib.error, UnicodeError) as error:
        chain = list(_chain(error))
        kinds, words, retry_in_s = next(row for row in _WORDS if any(isinstance(link, row[0]) for link in chain))
        link = next(link for link in reversed(chain) if isinstance(link, kinds))
        raise _Failed(" ".join(words.format(link).split()), retry_in_s) from error


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and those it wraps. Not by `__context__`: that also leads to what the caller was handling."""
    yield error
    for inner in (getattr(error, "reason", None), *reversed(error.args)):
        if isinstance(inner, Exception):
            yield from _chain(inner)
            return


@dataclass(frozen=True)
class _Dial:
    """Opens the connection of a request. Resolves the name itself and connects to the very address that it checked,
    so a name that changes its address in between gains nothing."""

    network: Network
    permissions: tuple[_Permission, ...]
    deadline: _Deadline

    def __call__(self, host: str, port: int) -> socket.socket:
        """Tries the allowed addresses in turn, in the resolver's order; raises _Failed when none answers."""
        found = self._addresses(host, port)
        if not found:
            raise _Failed(f"{host} has no address")
        allowed = [address for address in found if self._allows(_bare(host), address, port)]
        if not allowed:
            raise _Failed(_refusal(host, found))
        return self._connected(host, port, allowed)

    def _addresses(self, host: str, port: int) -> list[Address]:
        if _network(host):
            return [_unwrapped(host)]
        try:
            return list(map(_unwrapped, self._resolved(host, port)))
        except TimeoutError as error:
            raise _Failed(f"{host} could not be looked up within the time allowed") from error
        except (OSError, UnicodeError) as error:
            raise _Failed(f"{host} is not known to the name service; check the spelling ({error})") from error

    def _resolved(self, host: str, port: int) -> Sequence[str]:
        # getaddrinfo takes no timeout, so it is the thread that is left behind, not the deadline.
        answer: Future[Sequence[str]] = Future()
        Thread(target=_settle, args=(answer, self.network.resolve, host, port), daemon=True).start()
        return answer.result(timeout=self.deadline.left_s())

    def _allows(self, host: str, address: Address, port: int) -> bool:
        return is_public(address) or any(entry.covers(host, address, port) for entry in self.permissions)

    def _connected(self, host: str, port: int, addresses: Sequence[Address]) -> socket.socket:
        causes = []
        for tried, address in enumerate(addresses):
            # A share of the time for each, or one address that swallows packets would take it all.
            share_s = self.deadline.left_s() / (len(addresses) - tried)
            try:
                connection = self.network.connect((str(address), port), share_s)
            except OSError as error:
                causes.append(f"{address} port {port}: {error.strerror or error}")
            else:
                # For the TLS handshake, which is next; the answer is read by _Wire.
                connection.settimeout(self.deadline.left_s())
                return connection
        raise _Failed(f"cannot connect to {host} ({'; '.join(causes)})")


def _settle(answer: Future[Sequence[str]], resolve: Callable[[str, int], Sequence[str]], host: str, port: int) -> None:
    try:
        answer.set_result(resolve(host, port))
    except (OSError, UnicodeError) as error:
        answer.set_exception(error)


def _unwrapped(text: str) -> Address:
    address = ip_address(text)
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


def _refusal(host: str, addresses: Sequence[Address]) -> str:
    names = ", ".join(map(str, addresses))
    subject = names if _network(host) else f"{host} is at {names}, which"
    return f"{subject} is a private address; name it in CATALOGUE_ALLOW_PRIVATE to allow it"


class _Wire(io.RawIOBase):
    """The bytes of an answer as they come in, until the deadline: a server that drips gains no time by each drop."""

    def __init__(self, connection: socket.socket, deadline: _Deadline) -> None:
        self._connection, self._deadline = connection, deadline
        self._raw = connection.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._connection.settimeout(self._deadline.left_s())
        return self._raw.readinto(buffer)

    def readall(self) -> bytes:
        """Refused: http.client reads without a limit only for a chunk of negative size."""
        raise http.client.HTTPException("a chunk of negative size")

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Adapter(HTTPAdapter):
    """The transport of one request, over a connection opened by `dial`."""

    def __init__(self, dial: _Dial) -> None:
        super().__init__(max_retries=0)
        self.poolmanager.pool_classes_by_scheme = _pools(dial)


def _pools(dial: _Dial) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """urllib3 makes its connections itself, from classes, so it is by classes that they learn of `dial`.

    Only the connection is replaced: certificate and server name of TLS stay those of the host name.
    """

    class Response(http.client.HTTPResponse):
        def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
            super().__init__(sock, *args, **kwargs)
            self.fp.close()
            self.fp = io.BufferedReader(_Wire(sock, dial.deadline))

        def begin(self) -> None:
            """Reads on to the final answer (RFC 9110, 15.2); http.client knows no interim one but 100."""
            super().begin()
            while self.status // 100 == 1 and self.status != http.HTTPStatus.SWITCHING_PROTOCOLS:
                self.headers = None  # type: ignore[assignment]  # or it takes the answer for read
                super().begin()

    class Plain(urllib3.connection.HTTPConnection):
        response_class = Response

        def _new_conn(self) -> socket.socket:
            return dial(self._dns_host, self.port)

    class Secure(urllib3.connection.HTTPSConnection):
        response_class = Response

        def _new_conn(self) -> socket.socket:
            return dial(self._dns_host, self.port)

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
