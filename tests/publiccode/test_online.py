"""What only the network tells of a publiccode.yml is asked once an address, of real servers, and not without end."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from catalogue.fetch import Fetch
from catalogue.model import Severity
from catalogue.publiccode import online
from catalogue.publiccode.validator import validate

ERROR, ADVICE = Severity.VIOLATION, Severity.INFO


def png(width: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", width, 10)


def gzipped(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(content) + packer.flush()


SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'
FILES = {
    "/town/lamp": b"A page.",
    "/wide.png": png(120),
    "/narrow.png": png(119),
    "/page.png": b"<!doctype html>",
    "/logo.svg": SVG,
    "/logo.svgz": gzipped(SVG),
    "/broken.svgz": b"\x1f\x8bnothing",
    "/page.svg": b"<!doctype html>",
    "/logo.gif": b"GIF89a",
    "/photo.jpg": b"\xff\xd8\xff\xe0",
    "/raw/main/img/logo.svg": SVG,
}


class Site(ThreadingHTTPServer):
    """Serves FILES and counts what it was asked for."""

    asked: Counter[str]


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = FILES.get(self.path)
        self.server.asked[self.path] += 1  # type: ignore[attr-defined]
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[Site]:
    site = Site(("127.0.0.1", 0), _Answer)
    thread = Thread(target=site.serve_forever)
    thread.start()
    yield site
    site.shutdown()
    thread.join()
    site.server_close()


@pytest.fixture
def site(server: Site) -> Site:
    server.asked = Counter()
    return server


FETCH = Fetch(allow_private=("127.0.0.1",), timeout_s=5)
Found = tuple[Severity, str | None, int | None, int | None, str]


def found(site: Site, content: str, document: str | None = None) -> list[Found]:
    """What the network adds to what the validator finds, by the beginning of its message."""
    host = f"http://127.0.0.1:{site.server_port}"
    file = f"url: HOST/town/lamp\n{content}".replace("HOST", host).encode()
    findings = online.validate(file, FETCH, host + document if document else None).findings
    known = validate(file).findings
    assert findings[: len(known)] == known
    new = findings[len(known) :]
    return [(f.severity, f.path, f.line, f.column, f.message.partition(":")[0]) for f in new]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("landingURL: HOST/town/lamp\n", None, id="answers"),
        pytest.param("landingURL: HOST/none\n", (ERROR, "landingURL", 2, 1, "There is no answer"), id="no page"),
        pytest.param("roadmap: HOST/none\n", (ERROR, "roadmap", 2, 1, "There is no answer"), id="no roadmap"),
        pytest.param(
            "description:\n  en-GB:\n    documentation: HOST/none\n",
            (ERROR, "description[en-GB].documentation", 4, 5, "There is no answer"),
            id="no documentation",
        ),
        pytest.param("logo: HOST/wide.png\n", None, id="wide logo"),
        pytest.param("logo: HOST/logo.svg\n", None, id="logo in SVG"),
        pytest.param("logo: HOST/logo.svgz\n", None, id="logo in SVG, compressed"),
        pytest.param("logo: HOST/narrow.png\n", (ERROR, "logo", 2, 1, "This logo is 119 pixels wide."), id="narrow"),
        pytest.param("logo: HOST/page.png\n", (ERROR, "logo", 2, 1, "This is not a PNG image."), id="no PNG"),
        pytest.param("logo: HOST/page.svg\n", (ADVICE, "logo", 2, 1, "This is not an SVG image."), id="no SVG"),
        pytest.param("logo: HOST/broken.svgz\n", (ADVICE, "logo", 2, 1, "This is not an SVG image."), id="broken SVG"),
        pytest.param(
            "logo: HOST/logo.gif\n",
            (ERROR, "logo", 2, 1, "The name of a logo must end in .svg, .svgz, .png."),
            id="other format",
        ),
        pytest.param("description: {en: {screenshots: [HOST/photo.jpg]}}\n", None, id="screenshot"),
        pytest.param(
            "description: {en: {screenshots: [HOST/wide.png, HOST/none.png]}}\n",
            (ERROR, "description.en.screenshots[1]"),
            id="no screenshot",
        ),
        pytest.param(
            "description: {en: {screenshots: [HOST/page.png]}}\n",
            (ADVICE, "description.en.screenshots[0]"),
            id="screenshot of another format",
        ),
    ],
)
def test_addresses_are_asked_and_images_are_looked_at(site: Site, content: str, expected: tuple[object] | None) -> None:
    results = found(site, content)
    assert [result[: len(expected or ())] for result in results] == ([expected] if expected else [])


def test_a_path_is_looked_for_beside_the_file(site: Site) -> None:
    assert found(site, "logo: img/logo.svg\n", "/raw/main/publiccode.yml") == []
    assert site.asked == {"/town/lamp": 1, "/raw/main/img/logo.svg": 1}


def test_a_path_in_an_unknown_place_is_not_looked_for(site: Site) -> None:
    assert found(site, "logo: img/logo.svg\n") == []
    assert site.asked == {"/town/lamp": 1}


def test_an_address_is_asked_once(site: Site) -> None:
    (first, second) = found(site, "landingURL: HOST/none\nroadmap: HOST/none\n")
    assert (first[1], second[1]) == ("landingURL", "roadmap")
    assert site.asked["/none"] == 1


def test_what_is_wrong_already_is_not_asked(site: Site) -> None:
    assert found(site, "landingURL: ' HOST/wide.png'\nlogo: /wide.png\n", "/publiccode.yml") == []
    assert site.asked == {"/town/lamp": 1}


def test_a_file_of_many_addresses_makes_a_limited_number_of_requests(site: Site) -> None:
    pictures = ", ".join(f"HOST/{number}.png" for number in range(50))
    *others, last = found(site, f"description: {{en: {{screenshots: [{pictures}]}}}}\n")
    assert len(others) == online.MAX_REQUESTS - 1
    assert last == (ADVICE, None, None, None, "11 more addresses were not asked.")
    assert site.asked.total() == online.MAX_REQUESTS


def test_a_file_that_cannot_be_read_asks_nothing(site: Site) -> None:
    assert online.validate(b"a: b: c", FETCH) == validate(b"a: b: c")
    assert site.asked == {}


def test_without_leave_no_private_address_is_asked(site: Site) -> None:
    file = f"url: http://127.0.0.1:{site.server_port}/town/lamp\n".encode()
    last = online.validate(file, Fetch()).findings[-1]
    assert (last.severity, last.path) == (ERROR, "url")
    assert site.asked == {}
