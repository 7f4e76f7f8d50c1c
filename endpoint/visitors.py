"""Who makes a request: the client's address, also behind proxies, and whether its connection still stands."""

import os
import socket
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Any

from catalogue.sparql.places import Visitor

# Whoever has one address of an IPv6 network of this size has all of them.
_IPV6_PREFIX = 64
_DESCRIPTORS = Path("/proc/self/fd")
# The first byte of Linux's `struct tcp_info`, when neither side has closed.
_ESTABLISHED = 1


def visitor(environ: Mapping[str, Any], proxies: tuple[str, ...]) -> Visitor:
    """The client of a WSGI request. `proxies` are the networks of those whose X-Forwarded-For is believed."""
    peer, port = environ.get("REMOTE_ADDR", ""), environ.get("SERVER_PORT", "")
    return Visitor(_client(peer, environ.get("HTTP_X_FORWARDED_FOR", ""), proxies), Connection(peer, port).has_gone)


@lru_cache(1024)
def _client(peer: str, forwarded: str, proxies: tuple[str, ...]) -> str:
    """The last address that is no proxy of ours: what stands before it in the header, the client may have made up."""
    client = peer
    before = [_without_port(address.strip()) for address in forwarded.split(",") if address.strip()]
    while before and _is_in(client, proxies):
        client = before.pop()
    return _shared(client)


def _without_port(address: str) -> str:
    """Some proxies write the port behind an address, which another connection has another one of."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


def _is_in(address: str, networks: tuple[str, ...]) -> bool:
    with suppress(ValueError):
        return any(ip_address(address) in ip_network(network) for network in networks)
    return False


def _shared(address: str) -> str:
    with suppress(ValueError):
        if isinstance(found := ip_address(address), IPv6Address):
            return str(found.ipv4_mapped or ip_network((found, _IPV6_PREFIX), strict=False))
    return address


class Connection:
    """The connection of a request, of which WSGI tells only the peer's address, and not that it was closed.

    So: all connections of that peer that stand at the first look, of which one is ours. When none of them stands any
    more, ours has gone. With one client at an address that is exact; behind a proxy, which keeps its connections, it
    finds nothing, and nothing is lost but the time until the query's limit.
    """

    def __init__(self, peer: str, port: str) -> None:
        self._peer, self._port = peer, port
        self._candidates: set[int] | None = None

    def has_gone(self) -> bool:
        """Whether nobody reads the answer any more; False where that cannot be told. Takes a fraction of a ms."""
        at_port = [(os.fstat(s.fileno()).st_ino, _peer(s)) for s in _sockets() if str(s.getsockname()[1]) == self._port]
        if not at_port:  # not even the listening socket: no server that we know, or not Linux
            return False
        standing = {number for number, peer in at_port if peer == self._peer}
        self._candidates = standing if self._candidates is None else self._candidates & standing
        return not self._candidates


def _sockets() -> Iterator[socket.socket]:
    """This process's internet sockets; each is good until the next is asked for."""
    for name in os.listdir(_DESCRIPTORS) if _DESCRIPTORS.is_dir() else ():  # noqa: PTH208 (a tenth of the time)
        with suppress(OSError):  # closed in the meantime
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                with socket.socket(fileno=os.dup(int(name))) as found:
                    if found.family in (socket.AF_INET, socket.AF_INET6):
                        yield found


def _peer(connection: socket.socket) -> str:
    """The address at the other end, while neither side has closed."""
    with suppress(OSError):
        if connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == _ESTABLISHED:
            return str(connection.getpeername()[0])
    return ""
