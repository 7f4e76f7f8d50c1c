"""Servers that answer as no server should, and a world of names and addresses, for tests of what reads a network."""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from catalogue.fetch import Network

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
PUBLIC = "93.184.215.14"
TLS_HELLO = b"\x16\x03"

Answer = bytes | Callable[[socket.socket], None]
Make = Callable[..., "Server"]

# For catalogue.test, 2020 to 2120, made for these tests; it protects nothing.
CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgLQu3hxLHQfPctB2Y
JEjgPMcLjpgMZdEOZk+odvE60NWhRANCAASi8nd5+GcpGT6jX+M1prYsOPbIiKut
xeSePiRLnkQjlhKm//Y7vQuugw3TMCebXqInz8vtoZFkpPnL04cusfp9
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBfzCCASagAwIBAgIBATAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5jYXRhbG9n
dWUudGVzdDAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowGTEXMBUG
A1UEAwwOY2F0YWxvZ3VlLnRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASi
8nd5+GcpGT6jX+M1prYsOPbIiKutxeSePiRLnkQjlhKm//Y7vQuugw3TMCebXqIn
z8vtoZFkpPnL04cusfp9o10wWzAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBR3
pZ1R9pNFhHSjU7n1jZnIW0cq2TAOBgNVHQ8BAf8EBAMCAoQwGQYDVR0RBBIwEIIO
Y2F0YWxvZ3VlLnRlc3QwCgYIKoZIzj0EAwIDRwAwRAIgAm1pbCLfZ+h4p8bM08wa
hVrrap1/NxdvQx5qLPDyFYsCIEOHiKpA16tLBeQ25QxyD4vMOqsEKnVApTnTOT8P
NmWx
-----END CERTIFICATE-----
"""


def reply(status: str = "200 OK", body: bytes = b"hello", *headers: str) -> bytes:
    """An answer with its Content-Length, unless the headers say how the body ends."""
    framed = any(header.lower().startswith(("content-length:", "transfer-encoding:")) for header in headers)
    lines = [f"HTTP/1.1 {status}", *headers, *([] if framed else [f"Content-Length: {len(body)}"])]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def redirect(target: str, status: str = "302 Found") -> bytes:
    return reply(status, b"", f"Location: {target}")


def reset(after: bytes = b"") -> Callable[[socket.socket], None]:
    """Sends some bytes, then RST in place of FIN."""

    def answer(peer: socket.socket) -> None:
        peer.sendall(after)
        time.sleep(0.05 if after else 0)  # or the RST overtakes the bytes
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return answer


def drip(start: bytes, drop: bytes) -> Callable[[socket.socket], None]:
    """Sends a start at once, then a drop from time to time, as long as somebody listens."""

    def answer(peer: socket.socket) -> None:
        peer.sendall(start)
        while True:
            time.sleep(0.02)
            peer.sendall(drop)

    return answer


def hold(start: bytes) -> Callable[[socket.socket], None]:
    """Sends a start, and then nothing, until the other side closes."""

    def answer(peer: socket.socket) -> None:
        peer.sendall(start)
        peer.recv(1)

    return answer


class Server:
    """A listening socket whose n-th connection gets the n-th answer; the last answer is for all that follow."""

    def __init__(self, answers: Sequence[Answer], tls: ssl.SSLContext | None = None) -> None:
        self.answers, self.tls, self.requests = answers, tls, list[str]()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.netloc = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.netloc}/"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                peer, _ = self.socket.accept()
                with suppress(OSError), peer, self._secured(peer) as stream:
                    self._answer(stream)

    def _secured(self, peer: socket.socket) -> socket.socket:
        return self.tls.wrap_socket(peer, server_side=True) if self.tls else peer

    def _answer(self, peer: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request and not request.startswith(TLS_HELLO):
            request += peer.recv(65536) or b"\r\n\r\n"
        answer = self.answers[min(len(self.requests), len(self.answers) - 1)]
        self.requests.append(request.decode("latin-1"))
        answer(peer) if callable(answer) else peer.sendall(answer)

    def close(self) -> None:
        # A shutdown wakes the thread that accepts; a close alone would not.
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class World:
    """Names and addresses as a test has them: every connection is recorded, and made to one server on loopback."""

    def __init__(self, names: Mapping[str, Sequence[str]], server: Server | None = None) -> None:
        self.names, self.server = {name: list(answers) for name, answers in names.items()}, server
        self.lookups: list[str] = []
        self.connections: list[tuple[str, int]] = []

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """The n-th lookup of a name gets its n-th answer, a list of addresses separated by spaces."""
        self.lookups.append(host)
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        answers = self.names[host]
        return (answers.pop(0) if len(answers) > 1 else answers[0]).split()

    def connect(self, address: tuple[str, int], timeout_s: float) -> socket.socket:
        self.connections.append(address)
        if self.server is None:
            raise ConnectionRefusedError(111, "Connection refused")
        return socket.create_connection(("127.0.0.1", self.server.port), timeout_s)

    def network(self) -> Network:
        return Network(resolve=self.resolve, connect=self.connect, sleep=lambda _: None)


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.time_s, self.pauses_s = 1000.0, list[float]()

    def __call__(self) -> float:
        return self.time_s

    def sleep(self, seconds: float) -> None:
        self.pauses_s.append(seconds)
        self.time_s += seconds

    def network(self) -> Network:
        return Network(sleep=self.sleep, clock=self, now=lambda: NOW)
