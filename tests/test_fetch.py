"""Fetch against real servers on loopback; what must not be connected to is shown by a `connect` that was not called."""

import gzip
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from catalogue.errors import FetchError, NotModified, SettingsError
from catalogue.fetch import MAX_REDIRECTS, MAX_RETRIES, Fetch, Network, is_public
from tests.wire import CERTIFICATE, NOW, PUBLIC, Answer, Clock, Make, Server, World, drip, hold, redirect, reply, reset


def gzipped(content: bytes) -> bytes:
    # Without the time, which would give each of several test processes other names for the tests.
    return gzip.compress(content, mtime=0)


@pytest.fixture
def serve() -> Iterator[Make]:
    servers = list[Server]()

    def make(*answers: Answer, tls: ssl.SSLContext | None = None) -> Server:
        servers.append(Server(answers, tls))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


def local(server: Server, timeout_s: float = 5, network: Network | None = None) -> Fetch:
    return Fetch([server.netloc], timeout_s=timeout_s, network=network or Clock().network())


def failure(fetch: Fetch, url: str) -> str:
    with pytest.raises(FetchError) as raised:
        fetch.get(url)
    return str(raised.value)


def test_a_document_holds_what_the_answer_said(serve: Make) -> None:
    headers = ("Content-Type: Text/Turtle; charset=utf-8", 'ETag: "1"', "Last-Modified: Sun, 01 Mar 2026 00:00:00 GMT")
    server = serve(reply("200 OK", b"<> a <> .", *headers))
    document = local(server).get(server.url + "a b?q=é#part")
    assert document.url == server.url + "a%20b?q=%C3%A9"
    assert (document.content, document.media_type, document.fetched) == (b"<> a <> .", "text/turtle", NOW)
    assert (document.etag, document.modified) == ('"1"', "Sun, 01 Mar 2026 00:00:00 GMT")


@pytest.mark.parametrize("interim", ["102 Processing", "103 Early Hints"])
def test_an_answer_that_is_not_yet_the_last_is_passed_over(serve: Make, interim: str) -> None:
    server = serve(f"HTTP/1.1 {interim}\r\nLink: </style>\r\n\r\n".encode() * 2 + reply("200 OK", b"hello"))
    assert local(server).get(server.url).content == b"hello"


def test_an_undeclared_media_type_is_octet_stream(serve: Make) -> None:
    server = serve(reply())
    document = local(server).get(server.url)
    assert (document.media_type, document.etag, document.modified) == ("application/octet-stream", None, None)


@pytest.mark.parametrize(
    ("arguments", "header"),
    [
        ({}, "Accept: */*"),
        ({"accept": "text/turtle"}, "Accept: text/turtle"),
        ({"etag": '"1"'}, 'If-None-Match: "1"'),
        ({"modified": "Sun, 01 Mar 2026 00:00:00 GMT"}, "If-Modified-Since: Sun, 01 Mar 2026 00:00:00 GMT"),
        ({}, "Accept-Encoding: gzip"),
        ({}, "User-Agent: catalogue-harvester/1"),
    ],
)
def test_a_request_says_what_is_wanted(serve: Make, arguments: dict[str, Any], header: str) -> None:
    server = serve(reply())
    local(server).get(server.url, **arguments)
    assert f"\r\n{header}" in server.requests[0]


def test_nothing_is_taken_from_the_environment(serve: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither proxies nor passwords: what goes out is what the code says."""
    (tmp_path / "netrc").write_text("default login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    proxy, server = serve(reply()), serve(reply())
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    local(server).get(server.url)
    assert proxy.requests == []
    assert "Authorization" not in server.requests[0]


def test_cookies_are_neither_kept_nor_sent(serve: Make) -> None:
    server = serve(reply("302 Found", b"", "Location: /next", "Set-Cookie: id=1; Path=/"), reply())
    local(server).get(server.url)
    assert "Cookie" not in server.requests[1]


ADDRESSES = {
    "93.184.215.14": True,
    "2606:2800:21f:cb07:6820:80da:af6b:8b2c": True,
    "::ffff:93.184.215.14": True,
    "64:ff9b::93.184.215.14": True,
    "0.0.0.0": False,
    "0.1.2.3": False,
    "10.0.0.1": False,
    "100.64.0.1": False,
    "100.127.255.255": False,
    "127.0.0.1": False,
    "127.255.255.254": False,
    "169.254.169.254": False,
    "172.16.0.1": False,
    "172.31.255.255": False,
    "192.0.0.8": False,
    "192.0.2.1": False,
    "192.88.99.1": False,
    "192.168.1.1": False,
    "198.18.0.1": False,
    "198.51.100.1": False,
    "203.0.113.1": False,
    "224.0.0.1": False,
    "239.255.255.250": False,
    "240.0.0.1": False,
    "255.255.255.255": False,
    "::": False,
    "::1": False,
    "::127.0.0.1": False,
    "::93.184.215.14": False,
    "::ffff:127.0.0.1": False,
    "::ffff:10.0.0.1": False,
    "::ffff:0:127.0.0.1": False,
    "64:ff9b::127.0.0.1": False,
    "64:ff9b::10.0.0.1": False,
    "64:ff9b:1::93.184.215.14": False,
    "100::1": False,
    "2001::1": False,
    "2001:0:4136:e378:8000:63bf:3fff:fdd2": False,
    "2001:db8::1": False,
    "2002:7f00:1::": False,
    "2002:a00:1::": False,
    "3fff::1": False,
    "5f00::1": False,
    "fc00::1": False,
    "fd12:3456::1": False,
    "fe80::1": False,
    "fe80::1%eth0": False,
    "fec0::1": False,
    "ff02::1": False,
}


@pytest.mark.parametrize(("address", "expected"), ADDRESSES.items())
def test_only_addresses_routed_on_the_internet_are_public(address: str, expected: bool) -> None:
    assert is_public(ip_address(address)) is expected


PRIVATE = [address for address, public in ADDRESSES.items() if not public]


@pytest.mark.parametrize("address", [address for address in PRIVATE if "%" not in address])
def test_a_private_address_is_not_connected_to(address: str) -> None:
    world = World({})
    host = f"[{address}]" if ":" in address else address
    message = failure(Fetch(network=world.network()), f"http://{host}/")
    assert message.endswith("is a private address; name it in CATALOGUE_ALLOW_PRIVATE to allow it")
    assert (world.connections, world.lookups) == ([], [])


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_of_a_private_address_is_not_connected_to(address: str) -> None:
    world = World({"name.test": [address]})
    message = failure(Fetch(network=world.network()), "http://name.test/")
    assert message.startswith("fetch: GET http://name.test/: name.test is at ")
    assert world.connections == []


@pytest.mark.parametrize("url", ["http://localhost/", "http://LOCALHOST:8080/", "https://localhost:8443/"])
def test_localhost_is_private_to_the_systems_resolver_too(url: str) -> None:
    world = World({})
    assert "is a private address" in failure(Fetch(network=Network(connect=world.connect)), url)
    assert world.connections == []


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("ftp://93.184.215.14/", "only http and https"),
        ("file:///etc/passwd", "only http and https"),
        ("data:text/plain,hello", "only http and https"),
        ("gopher://93.184.215.14/", "only http and https"),
        ("httpx://93.184.215.14/", "only http and https"),
        ("", "not a valid"),
        ("93.184.215.14/path", "not a valid"),
        ("//93.184.215.14/", "not a valid"),
        ("http://", "not a valid"),
        ("http:///path", "not a valid"),
        ("http://:80/", "not a valid"),
        ("http://[::1/", "not a valid"),
        ("http://93.184.215.14:65536/", "not a valid"),
        ("http://93.184.215.14:-1/", "not a valid"),
        ("http://93.184.215.14:http/", "not a valid"),
        ("http://93.184.215.14:0/", "its port"),
        ("http://93.184.215.14:25/", "its port"),
        ("http://user@93.184.215.14/", "user name or password"),
        ("http://user:secret@93.184.215.14/", "user name or password"),
        ("https://93.184.215.14@10.0.0.1/", "user name or password"),
        ("http://2130706433/", "its host"),
        ("http://0x7f000001/", "its host"),
        ("http://0x7f.0.0.1/", "its host"),
        ("http://0177.0.0.1/", "its host"),
        ("http://127.1/", "its host"),
        ("http://127.0.0.1./", "its host"),
        ("http://127.0.0.01/", "its host"),
        ("http://256.0.0.1/", "its host"),
        ("http://name.1/", "its host"),
        ("http://%31%32%37.0.0.1/", "127.0.0.1 is a private address"),
        ("http://name..test/", "its host"),
        ("http://name.test../", "its host"),
        ("http://-name.test/", "its host"),
        (f"http://{'a' * 64}.test/", "its host"),
        (f"http://{'a.' * 127}test/", "its host"),
        ("http://[fe80::1%25eth0]/", "its host"),
        ("http://[fe80::1%eth0]/", "its host"),
        ("http://１２７.0.0.1/", "not a valid"),
        ("http://127。0。0。1/", "not a valid"),
        ("http://93.184.215.14\\@127.0.0.1/", "cannot connect to 93.184.215.14"),
    ],
)
def test_a_url_outside_the_rules_is_refused_by_name(url: str, cause: str) -> None:
    world = World({})
    message = failure(Fetch(network=world.network()), url)
    assert message.startswith("fetch: GET ")
    assert cause in message
    assert {address for address, _ in world.connections} <= {PUBLIC}
    assert "secret" not in message


@pytest.mark.parametrize(
    ("host", "asked"),
    [("bücher.test", "xn--bcher-kva.test"), ("NAME.test", "name.test"), ("name.test.", "name.test.")],
)
def test_a_host_name_is_asked_for_in_ascii(serve: Make, host: str, asked: str) -> None:
    world = World({asked: [PUBLIC]}, serve(reply()))
    document = Fetch(network=world.network()).get(f"http://{host}/")
    assert (world.lookups, document.url) == ([asked], f"http://{asked}/")


def test_a_message_stays_on_one_line() -> None:
    assert "\n" not in failure(Fetch(), "http://user:secret@a\n/ERROR forged entry")


def test_an_unknown_name_is_told_as_such() -> None:
    message = failure(Fetch(network=World({}).network()), "http://nowhere.test/")
    assert "nowhere.test is not known to the name service; check the spelling" in message


def test_a_name_without_an_address_is_told_as_such() -> None:
    world = World({"empty.test": [""]})
    assert failure(Fetch(network=world.network()), "http://empty.test/").endswith("empty.test has no address")


def test_an_address_that_changes_after_the_check_gains_nothing(serve: Make) -> None:
    world = World({"name.test": [PUBLIC, "127.0.0.1"]}, serve(reply()))
    Fetch(network=world.network()).get("http://name.test/")
    assert (world.lookups, world.connections) == (["name.test"], [(PUBLIC, 80)])


def test_every_connection_is_checked_anew(serve: Make) -> None:
    world = World({"name.test": [PUBLIC, "127.0.0.1"]}, serve(redirect("/again")))
    message = failure(Fetch(network=world.network()), "http://name.test/")
    assert "redirected to http://name.test/again: name.test is at 127.0.0.1, which is a private address" in message
    assert world.connections == [(PUBLIC, 80)]


def test_of_several_addresses_only_the_public_ones_are_tried() -> None:
    world = World({"name.test": [f"127.0.0.1 2606:4700::1 ::1 {PUBLIC}"]})
    message = failure(Fetch(network=world.network()), "http://name.test/")
    assert world.connections == [("2606:4700::1", 80), (PUBLIC, 80)]
    assert f"2606:4700::1 port 80: Connection refused; {PUBLIC} port 80: Connection refused" in message


def test_an_ipv4_address_in_ipv6_clothes_is_connected_to_as_ipv4(serve: Make) -> None:
    world = World({"name.test": [f"::ffff:{PUBLIC}"]}, serve(reply()))
    Fetch(network=world.network()).get("http://name.test/")
    assert world.connections == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080/"),
        ("127.0.0.0/8", "http://127.1.2.3/"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080/"),
        ("127.0.0.1:8080", "http://intranet.test:8080/"),
        ("::1", "http://[::1]/"),
        ("[::1]:8080", "http://[::1]:8080/"),
        ("fd00::/8", "http://[fd12::1]/"),
        ("10.0.0.0/8", "http://[::ffff:10.0.0.1]/"),
        ("64:ff9b::/96", "http://[64:ff9b::10.0.0.1]/"),
        ("intranet.test", "http://intranet.test:8080/"),
        ("Intranet.test.:8080", "http://intranet.test:8080/"),
        ("intranet.test", "http://INTRANET.test.:8080/"),
    ],
)
def test_an_entry_of_the_allow_list_lifts_the_refusal(serve: Make, entry: str, url: str) -> None:
    names = {"intranet.test": ["127.0.0.1"], "intranet.test.": ["127.0.0.1"]}
    world = World(names, serve(reply()))
    assert Fetch([entry], network=world.network()).get(url).content == b"hello"


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8081/"),
        ("127.0.0.1:8080", "http://127.0.0.1/"),
        ("127.0.0.1", "http://127.0.0.2/"),
        ("127.0.0.1", "http://[::1]/"),
        ("10.0.0.0/8", "http://11.0.0.1.intranet.test/"),
        ("intranet.test", "http://127.0.0.1/"),
        ("intranet.test", "http://other.intranet.test/"),
        ("intranet.test:8080", "http://intranet.test:9090/"),
    ],
)
def test_an_entry_lifts_the_refusal_of_nothing_else(entry: str, url: str) -> None:
    hosts = ("intranet.test", "other.intranet.test", "11.0.0.1.intranet.test")
    names = {host: ["127.0.0.1"] for host in hosts}
    world = World(names)
    assert "is a private address" in failure(Fetch([entry], network=world.network()), url)
    assert world.connections == []


@pytest.mark.parametrize(
    "entry", ["", " ", "10.0.0.0/33", "http://localhost", "a/b", "user@host", "host:port", "host:99999", "127.1", "*"]
)
def test_an_entry_that_names_nothing_is_refused_at_once(entry: str) -> None:
    with pytest.raises(SettingsError, match="allow_private"):
        Fetch([entry])


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
@pytest.mark.parametrize("target", ["/there/it?is=1", "there/it?is=1", "//{netloc}/there/it?is=1", "./there/it?is=1#x"])
def test_a_redirect_is_followed_and_named(serve: Make, status: str, target: str) -> None:
    server = serve(reply())
    server.answers = [redirect(target.format(netloc=server.netloc), status), reply()]
    document = local(server).get(server.url)
    assert (document.content, document.url) == (b"hello", server.url + "there/it?is=1")


def test_a_redirect_with_bytes_beyond_ascii_is_followed_byte_by_byte(serve: Make) -> None:
    server = serve(redirect("/\u00c3\u00a9 x"), reply())
    assert local(server).get(server.url).url == server.url + "%C3%A9%20x"


def test_the_last_redirect_that_is_allowed_is_followed(serve: Make) -> None:
    server = serve(*[redirect(f"/{number}") for number in range(MAX_REDIRECTS)], reply())
    assert local(server).get(server.url).url == f"{server.url}{MAX_REDIRECTS - 1}"


def test_a_loop_of_redirects_ends(serve: Make) -> None:
    server = serve(redirect("/"))
    assert failure(local(server), server.url).endswith("more than 5 redirects")
    assert len(server.requests) == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    ("location", "cause"),
    [
        ("http://10.0.0.1/", "10.0.0.1 is a private address"),
        ("//169.254.169.254/latest/meta-data", "169.254.169.254 is a private address"),
        ("http://inside.test/", "inside.test is at 10.0.0.1, which is a private address"),
        ("http://2130706433/", "its host is neither"),
        ("http://0177.0.0.1/", "its host is neither"),
        ("http://0x7f.1/", "its host is neither"),
        ("http://[::ffff:7f00:1]/", "127.0.0.1 is a private address"),
        ("http://name.test\\@10.0.0.1/", "user name or password"),
        ("http://user:secret@name.test/", "user name or password"),
        ("file:///etc/passwd", "only http and https"),
        ("javascript:alert(1)", "only http and https"),
        ("http://name.test:22/", "its port"),
        ("http://[::1/", "a redirect to something that is no URL"),
        ("", "a redirect without a target"),
    ],
)
def test_the_target_of_a_redirect_is_checked_like_the_first(serve: Make, location: str, cause: str) -> None:
    world = World({"name.test": [PUBLIC], "inside.test": ["10.0.0.1"]}, serve(redirect(location)))
    message = failure(Fetch(network=world.network()), "http://name.test/")
    assert message.startswith("fetch: GET http://name.test/: ")
    assert cause in message
    assert "secret" not in message
    assert world.connections == [(PUBLIC, 80)]


@pytest.fixture
def tls(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    pem = tmp_path / "catalogue.test.pem"
    pem.write_text(CERTIFICATE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context, pem


def test_tls_is_for_the_name_while_the_connection_is_to_the_address(
    serve: Make, tls: tuple[ssl.SSLContext, Path]
) -> None:
    context, authorities = tls
    names: list[str | None] = []
    context.sni_callback = lambda _connection, name, _context: names.append(name)
    world = World({"catalogue.test": [PUBLIC]}, serve(reply(), tls=context))
    network = replace(world.network(), authorities=authorities)
    assert Fetch(network=network).get("https://catalogue.test/").content == b"hello"
    assert (names, world.connections) == (["catalogue.test"], [(PUBLIC, 443)])


@pytest.mark.parametrize(
    ("url", "is_trusted"),
    [("https://other.test/", True), (f"https://{PUBLIC}/", True), ("https://catalogue.test/", False)],
)
def test_a_certificate_of_another_name_or_authority_is_refused(
    serve: Make, tls: tuple[ssl.SSLContext, Path], url: str, is_trusted: bool
) -> None:
    world = World({"other.test": [PUBLIC], "catalogue.test": [PUBLIC]}, serve(reply(), tls=tls[0]))
    network = replace(world.network(), authorities=tls[1] if is_trusted else None)
    assert "the server's TLS certificate is not accepted: " in failure(Fetch(network=network), url)


def test_plain_http_on_a_tls_port_is_told_as_such(serve: Make) -> None:
    server = serve(reply())
    assert "TLS failed" in failure(local(server), f"https://{server.netloc}/")


@pytest.mark.parametrize("target", ["http://catalogue.test/", "HTTP://catalogue.test/"])
def test_a_redirect_from_https_down_to_http_is_refused(
    serve: Make, tls: tuple[ssl.SSLContext, Path], target: str
) -> None:
    context, authorities = tls
    world = World({"catalogue.test": [PUBLIC]}, serve(redirect(target), tls=context))
    network = replace(world.network(), authorities=authorities)
    message = failure(Fetch(network=network), "https://catalogue.test/")
    assert f"a redirect from https down to {target} is not followed" in message
    assert world.connections == [(PUBLIC, 443)]


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP"])
@pytest.mark.parametrize("body", [gzipped(b"hello"), gzipped(b"hel") + gzipped(b"lo")])
def test_gzip_is_decoded(serve: Make, coding: str, body: bytes) -> None:
    server = serve(reply("200 OK", body, f"Content-Encoding: {coding}"))
    assert local(server).get(server.url).content == b"hello"


@pytest.mark.parametrize("header", ["Content-Encoding: {}", "Transfer-Encoding: {}"])
@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "gzip, gzip", "chunked, gzip", "unheard-of"])
def test_a_coding_that_was_not_asked_for_is_refused(serve: Make, header: str, coding: str) -> None:
    server = serve(reply("200 OK", zlib.compress(b"hello"), header.format(coding), "Content-Length: 13"))
    assert f"{coding!r} was not asked for" in failure(local(server), server.url)


CAP = 1000


@pytest.mark.parametrize(
    ("answer", "fits"),
    [
        (reply("200 OK", b"x" * CAP), True),
        (reply("200 OK", b"x" * (CAP + 1)), False),
        (reply("200 OK", b"", "Content-Length: 99999999999999"), False),
        (reply("200 OK", gzipped(b"x" * CAP), "Content-Encoding: gzip"), True),
        (reply("200 OK", gzipped(b"x" * (CAP + 1)), "Content-Encoding: gzip"), False),
        (b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * CAP, True),
        (b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * (CAP + 1), False),
        (reply("200 OK", b"3e8\r\n" + b"x" * CAP + b"\r\n0\r\n\r\n", "Transfer-Encoding: chunked"), True),
        (reply("200 OK", b"3e9\r\n" + b"x" * (CAP + 1) + b"\r\n0\r\n\r\n", "Transfer-Encoding: chunked"), False),
    ],
)
def test_the_cap_counts_decoded_bytes(serve: Make, answer: bytes, fits: bool) -> None:
    server = serve(answer)
    fetch = replace(local(server), max_bytes=CAP)
    if fits:
        assert len(fetch.get(server.url).content) == CAP
    else:
        assert failure(fetch, server.url).endswith("larger than the 1000 bytes allowed")


def test_a_request_may_set_a_cap_of_its_own(serve: Make) -> None:
    server = serve(reply())
    assert local(server).get(server.url, max_bytes=5).content == b"hello"
    with pytest.raises(FetchError, match="larger than the 4 bytes"):
        local(server).get(server.url, max_bytes=4)


@pytest.mark.parametrize("headers", [("Content-Encoding: gzip",), ("Content-Encoding: gzip", "Content-Length: 999999")])
def test_a_gzip_bomb_ends_at_the_cap_and_not_at_its_end(serve: Make, headers: tuple[str, ...]) -> None:
    """Had it been read on, the answer would have ended in time over or in a body cut off."""
    bomb = gzipped(b"\0" * 50_000_000)
    server = serve(hold(reply("200 OK", bomb, *headers)))
    assert "larger than" in failure(replace(local(server), max_bytes=1_000_000), server.url)


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (reply("200 OK", b"hel", "Content-Length: 5"), "the body ended before"),
        (reply("200 OK", b"", "Content-Length: 5"), "the body ended before"),
        (reply("200 OK", b"5\r\nhel", "Transfer-Encoding: chunked"), "the body ended before"),
        (reply("200 OK", b"5\r\nhello\r\n", "Transfer-Encoding: chunked"), "the body ended before"),
        (reply("200 OK", b"", "Transfer-Encoding: chunked"), "the body ended before"),
        (reply("200 OK", b"five\r\nhello\r\n0\r\n\r\n", "Transfer-Encoding: chunked"), "the body ended before"),
        (reply("200 OK", b"-1\r\nhello\r\n0\r\n\r\n", "Transfer-Encoding: chunked"), "a chunk of negative size"),
        (reply("200 OK", gzipped(b"hello")[:-1], "Content-Encoding: gzip"), "the gzip body ended before"),
        (
            reply("200 OK", gzipped(b"hello")[:-1], "Content-Encoding: gzip", "Content-Length: 25"),
            "the body ended before",
        ),
        (reply("200 OK", b"hello, world", "Content-Encoding: gzip"), "the body is not the gzip"),
        (reply("200 OK", gzipped(b"hello")[:-8] + bytes(8), "Content-Encoding: gzip"), "is not the gzip"),
        (reply("200 OK", gzipped(b"hello") + b"more", "Content-Encoding: gzip"), "is not the gzip"),
        (reset(reply("200 OK", b"hel", "Content-Length: 5")), "the server broke off the connection"),
        (reset(b"HTTP/1.0 200 OK\r\n\r\nhel"), "the server broke off the connection"),
        (reset(b"HTTP/1.1 200 OK\r\nContent-"), "the server broke off the connection"),
        (reset(), "the server broke off the connection"),
        (b"", "the server broke off the connection"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "the answer is not proper HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 101 + b"\r\n", "the answer is not proper HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 65536 + b"\r\n\r\n", "the answer is not proper HTTP"),
        (reply("200 OK", b"hello", "Content-Length: 4", "Content-Length: 5"), "Content-Length"),
    ],
)
def test_an_answer_that_is_not_complete_is_an_error(serve: Make, answer: Answer, cause: str) -> None:
    server = serve(answer)
    message = failure(local(server), server.url)
    assert message.startswith(f"fetch: GET {server.url}: ")
    assert cause in message


@pytest.mark.parametrize(
    "answer",
    [
        drip(b"", b"H"),
        drip(b"HTTP/1.1 200 OK\r\n", b"X: y"),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        drip(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        drip(reply("200 OK", b"", "Content-Length: 100000"), b"x"),
        drip(b"HTTP/1.0 200 OK\r\n\r\n", b"x"),
        drip(reply("200 OK", b"", "Transfer-Encoding: chunked"), b"1\r\nx\r\n"),
        drip(reply("200 OK", b"0\r\n", "Transfer-Encoding: chunked"), b"X: y\r\n"),
        drip(reply("200 OK", b"", "Content-Encoding: gzip", "Content-Length: 9999"), gzipped(b"")),
        hold(b""),
    ],
    ids=["status", "header", "continue", "hints", "body", "open end", "chunks", "trailers", "gzip members", "silence"],
)
def test_a_server_that_drips_ends_at_the_deadline(serve: Make, answer: Answer) -> None:
    server = serve(answer)
    message = failure(local(server, timeout_s=0.2, network=Network()), server.url)
    assert "no complete answer within the time allowed (CATALOGUE_FETCH_TIMEOUT sets it)" in message


def test_the_deadline_is_for_all_redirects_together(serve: Make) -> None:
    def slow(peer: socket.socket) -> None:
        time.sleep(0.15)
        peer.sendall(redirect("/again"))

    server = serve(slow)
    assert "no complete answer" in failure(local(server, timeout_s=0.25, network=Network()), server.url)
    assert len(server.requests) == 2


def test_the_deadline_is_for_the_tls_handshake_too(serve: Make) -> None:
    server = serve(hold(b""))
    fetch = local(server, timeout_s=0.2, network=Network())
    assert "no complete answer" in failure(fetch, f"https://{server.netloc}/")


def test_the_deadline_is_for_the_name_service_too() -> None:
    answered = threading.Event()

    def resolve(host: str, port: int) -> Sequence[str]:
        answered.wait(5)
        return [PUBLIC]

    message = failure(Fetch(timeout_s=0.1, network=Network(resolve=resolve)), "http://name.test/")
    answered.set()
    assert message.endswith("name.test could not be looked up within the time allowed")


def test_one_silent_address_leaves_time_for_the_others(serve: Make) -> None:
    world = World({"name.test": [f"2606:4700::1 {PUBLIC}"]}, serve(reply()))
    shares = list[float]()

    def connect(address: tuple[str, int], timeout_s: float) -> socket.socket:
        shares.append(timeout_s)
        if ":" in address[0]:
            raise TimeoutError("timed out")
        return world.connect(address, timeout_s)

    network = replace(world.network(), connect=connect, clock=Clock())
    assert Fetch(timeout_s=10, network=network).get("http://name.test/").content == b"hello"
    assert shares == [5, 10]


@pytest.mark.parametrize(
    "status", ["201 Created", "204 No Content", "206 Partial Content", "300 Multiple Choices", "404 Not Found", "500 X"]
)
def test_a_status_other_than_200_is_an_error(serve: Make, status: str) -> None:
    server = serve(reply(status, b""))
    assert failure(local(server), server.url) == f"fetch: GET {server.url}: status {status[:3]}"
    assert len(server.requests) == 1


@pytest.mark.parametrize("validator", [{"etag": '"1"'}, {"modified": "Sun, 01 Mar 2026 00:00:00 GMT"}])
def test_a_copy_that_is_still_good_is_told_by_not_modified(serve: Make, validator: dict[str, Any]) -> None:
    server = serve(redirect("/there"), reply("304 Not Modified", b""))
    with pytest.raises(NotModified, match=f"fetch: GET {server.url}there: not modified"):
        local(server).get(server.url, **validator)


def test_a_304_that_nobody_asked_for_is_an_error(serve: Make) -> None:
    server = serve(reply("304 Not Modified", b""))
    assert "status 304" in failure(local(server), server.url)
    with pytest.raises(FetchError) as raised:
        local(server).get(server.url)
    assert not isinstance(raised.value, NotModified)


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
@pytest.mark.parametrize(
    ("wish", "pause_s"),
    [("2", 2), ("0", 0), ("Sun, 01 Mar 2026 12:00:03 GMT", 3), ("Sun, 01 Mar 2026 11:00:00 GMT", 0)],
)
def test_a_busy_server_is_asked_again_when_it_says(serve: Make, status: str, wish: str, pause_s: float) -> None:
    clock, server = Clock(), serve(reply(status, b"", f"Retry-After: {wish}"), reply())
    assert local(server, network=clock.network()).get(server.url).content == b"hello"
    assert clock.pauses_s == [pause_s]


@pytest.mark.parametrize("wish", ["5", "3600", "9" * 400, "Sun, 01 Mar 2026 13:00:00 GMT"])
def test_a_busy_server_is_not_waited_for_beyond_the_deadline(serve: Make, wish: str) -> None:
    clock, server = Clock(), serve(reply("429 Too Many", b"", f"Retry-After: {wish}"))
    message = failure(local(server, timeout_s=5, network=clock.network()), server.url)
    assert "status 429; another attempt in " in message
    assert (clock.pauses_s, len(server.requests)) == ([], 1)


@pytest.mark.parametrize(
    ("status", "wish"), [("503 X", "soon"), ("503 X", "-1"), ("503 X", "²"), ("503 X", ""), ("500 X", "1")]
)
def test_other_answers_are_not_asked_for_again(serve: Make, status: str, wish: str) -> None:
    server = serve(reply(status, b"", f"Retry-After: {wish}"))
    assert failure(local(server), server.url).endswith(f"status {status[:3]}")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        reply("503 Unavailable", b"", "Retry-After: 1"),
        reset(),
        reset(reply("200 OK", b"hel", "Content-Length: 5")),
        reply("200 OK", b"hel", "Content-Length: 5"),
    ],
    ids=["busy", "reset", "reset in the body", "cut off"],
)
def test_attempts_are_counted(serve: Make, answer: Answer) -> None:
    clock, server = Clock(), serve(*[answer] * MAX_RETRIES, reply())
    assert local(server, network=clock.network()).get(server.url).content == b"hello"
    assert clock.pauses_s == [1, 1]
    server = serve(answer)
    failure(local(server), server.url)
    assert len(server.requests) == MAX_RETRIES + 1


def test_a_refusal_is_not_tried_again() -> None:
    world = World({"name.test": ["10.0.0.1"]})
    failure(Fetch(network=world.network()), "http://name.test/")
    assert world.lookups == ["name.test"]


def test_the_cause_is_the_requests_own_and_not_what_the_caller_was_handling(serve: Make) -> None:
    server = serve(b"nonsense\r\n\r\n")
    try:
        raise ConnectionResetError("the caller's")
    except ConnectionResetError:
        assert "not proper HTTP: nonsense" in failure(local(server), server.url)


def test_one_fetch_serves_many_threads(serve: Make) -> None:
    server = serve(reply())
    fetch, contents = local(server), list[bytes]()
    threads = [threading.Thread(target=lambda: contents.append(fetch.get(server.url).content)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert contents == [b"hello"] * 8


@pytest.mark.parametrize(
    ("media_type", "body", "words"),
    [
        ("application/problem+json", b'{"title": "No", "detail": "not  found", "status": 404}', " (No: not found)"),
        ("application/json", b'{"message": "API rate limit\\nexceeded", "code": 7}', " (API rate limit exceeded)"),
        ("application/json", b'{"error": {"message": "deep"}}', ""),
        ("application/json", b"[1, {", ""),
        ("text/plain; charset=utf-8", b"Error SP030\r\n\x1b[0m at line 3", " (Error SP030 [0m at line 3)"),
        ("text/plain", b"x" * 20_000, f" ({'x' * 300})"),
        ("text/html", b"<title>No</title>", ""),
        ("text/plain", b"you sent key-1234", " (you sent ***)"),
    ],
    ids=["RFC 9457", "JSON", "an object", "broken JSON", "words", "many words", "a page", "our secret"],
)
def test_what_a_server_says_of_an_error_is_told_on_one_line_without_secrets(
    serve: Make, media_type: str, body: bytes, words: str
) -> None:
    server = serve(reply("404 Not Found", body, f"Content-Type: {media_type}"))
    with pytest.raises(FetchError) as raised:
        local(server).get(server.url, secrets={"X-Api-Key": "key-1234"})
    assert str(raised.value).endswith(f": status 404{words}")
    assert raised.value.said == (b"" if "html" in media_type else body.replace(b"key-1234", b"***")[: 16 * 1024])


@pytest.mark.parametrize("ending", [hold, lambda start: drip(start, b"x")], ids=["holds", "drips"])
def test_an_error_whose_body_never_ends_is_told_by_its_status(serve: Make, ending: Any) -> None:
    start = b"HTTP/1.1 500 Oops\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n\r\n"
    server = serve(ending(start))
    assert ": status 500" in failure(local(server, timeout_s=1, network=Network()), server.url)
