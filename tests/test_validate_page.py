"""The ways into validation on the web: the page, the API, and the profiles to read."""

import io
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from playwright.sync_api import Browser
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from catalogue.checking import Check, Checker, bounded, visitors
from catalogue.errors import DocumentError, FetchError
from catalogue.fetch import Fetch
from catalogue.model import Document
from catalogue.rdf import SYNTAXES, read
from catalogue.settings import Settings, load
from catalogue.validation.guide import TITLES, profile
from catalogue.validation.shapes import packaged
from endpoint import create_app
from endpoint.turns import Turns
from endpoint.validation import Desk
from tests.barriers import barriers

EXAMPLES = Path(__file__).parent.parent / "endpoint" / "examples"
BROKEN, GOOD = (EXAMPLES / "publiccode-broken.yml").read_bytes(), (EXAMPLES / "publiccode-good.yml").read_bytes()
TURTLE = (EXAMPLES / "adms-ap-broken.ttl").read_bytes()
LARGEST = 10 * 1024 * 1024
SCRIPT = b'publiccodeYmlVersion: "0.7"\nname: <script>alert(1)</script>\nurl: javascript:alert(1)\n'
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def submit(client: FlaskClient, **fields: object) -> TestResponse:
    """Sends the form; a pair of name and content is a file."""
    values = {
        name: FileStorage(io.BytesIO(value[1]), value[0]) if isinstance(value, tuple) else value
        for name, value in fields.items()
    }
    boundary, body = encode_multipart(values)
    return client.post("/validate", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def paste(client: FlaskClient, text: bytes, **fields: str) -> TestResponse:
    return submit(client, text=text.decode("utf-8", "replace"), way="text", **fields)


def upload(client: FlaskClient, content: bytes, name: str = "publiccode.yml") -> TestResponse:
    return submit(client, file=(name, content), way="file")


def send(client: FlaskClient, content: bytes, media_type: str = "application/yaml", **headers: str) -> TestResponse:
    return client.post("/api/validate", data=content, content_type=media_type, headers=headers)


@pytest.fixture(scope="module")
def website() -> Iterator[str]:
    """A server of the broken publiccode.yml, whatever is asked for."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(BROKEN)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def near(web_settings: Settings, website: str) -> FlaskClient:
    """A client of an application that may fetch from that server."""
    app = create_app(web_settings)
    app.extensions["desk"] = Desk(Checker(Fetch(allow_private=[website.removeprefix("http://")])))
    return app.test_client()


def test_the_form_works_before_anything_is_published(empty_settings: Settings) -> None:
    client = create_app(empty_settings).test_client()
    assert client.get("/validate").status_code == 200
    assert paste(client, GOOD).status_code == 200


def test_every_way_has_a_label_and_a_button(client: FlaskClient) -> None:
    page = client.get("/validate").text
    for name in ("url", "file", "text", "profile"):
        assert f'<label for="{name}">' in page
    assert re.findall(r'name="way" value="(\w+)"', page) == ["url", "file", "text"]


@pytest.mark.parametrize("name", [path.stem for path in sorted(EXAMPLES.iterdir())])
def test_an_example_fills_the_form(client: FlaskClient, name: str) -> None:
    assert f"/validate?example={name}#text" in client.get("/validate").text
    page = client.get(f"/validate?example={name}").text
    assert "Desk Finder" in page
    assert f'<option value="{name.rpartition("-")[0]}" selected>' in page


def test_a_verdict_leads_to_the_lines(client: FlaskClient) -> None:
    page = paste(client, BROKEN).text
    assert "Does not conform to publiccode.yml" in page
    assert "<h3>8 errors</h3>" in page
    assert '<a href="#L15">line 15, column 3</a>' in page
    assert '<tr id="L15" class="violation">' in page
    assert "Did you mean EUPL-1.2" in page
    assert page.index("8 errors") < page.index("1 warning<") < page.index("1 piece of advice<")


def test_a_finding_of_a_shape_leads_to_its_rule(client: FlaskClient) -> None:
    page = paste(client, TURTLE).text
    links = set(re.findall(r'href="/profile/adms-ap#([\w-]+)"', page))
    assert links
    assert links <= set(re.findall(r'id="([\w-]+)"', client.get("/profile/adms-ap").text))


def test_the_text_is_there_to_be_mended(client: FlaskClient) -> None:
    page = paste(client, BROKEN, profile="publiccode").text
    assert BROKEN.decode().replace('"', "&#34;") in page
    assert '<option value="publiccode" selected>' in page


def test_what_conforms_is_told_so(client: FlaskClient) -> None:
    assert "Conforms to publiccode.yml" in upload(client, GOOD).text


def test_findings_are_in_the_language_of_the_reader(client: FlaskClient) -> None:
    data = {"text": TURTLE.decode(), "way": "text"}
    page = client.post("/validate", data=data, headers={"Accept-Language": "de"}).text
    assert '<p lang="de">Es fehlt eine Beschreibung' in page


def test_an_address_becomes_one_that_can_be_shared(client: FlaskClient, near: FlaskClient, website: str) -> None:
    data = {"url": f" {website}/a?b=c&d ", "way": "url", "profile": "publiccode", "text": "ignored"}
    answer = near.post("/validate", data=data)
    assert answer.status_code == 303
    shared = near.get(answer.location)
    assert "Does not conform to publiccode.yml" in shared.text
    assert shared.headers["Cache-Control"] == "no-store"


REFUSED = {
    "private": ("http://10.0.0.1/publiccode.yml", "private address"),
    "loopback": ("http://127.0.0.1:8000/", "private address"),
    "loopback by name": ("http://localhost:8000/", "private address"),
    "script": ("javascript:alert(1)", "only http and https"),
    "file": ("file:///etc/passwd", "only http and https"),
    "no address": ("here", "http"),
}


@pytest.mark.parametrize(("url", "said"), REFUSED.values(), ids=REFUSED)
def test_an_address_that_is_not_fetched_is_told_with_the_reason(client: FlaskClient, url: str, said: str) -> None:
    page = client.get("/validate", query_string={"url": url})
    problem = send(client, json.dumps({"url": url}).encode(), "application/json")
    assert (page.status_code, problem.status_code) == (422, 422)
    assert said in page.text
    assert said in problem.json["detail"]
    assert "CATALOGUE_" not in page.text


def test_visitors_do_not_reach_what_harvests_may(website: str) -> None:
    checker = visitors(load({"allow_private": website.removeprefix("http://")}, {}))
    with pytest.raises(FetchError, match=r"is a private address$"):
        checker.document(website)


WRONG = {
    "nothing": ({"way": "text"}, 400, "The document is empty."),
    "spaces": ({"way": "text", "text": " \r\n"}, 400, "The document is empty."),
    "no file": ({"way": "file"}, 400, "There is no file."),
    "an empty file": ({"way": "file", "file": ("a.ttl", b"")}, 400, "The document is empty."),
    "an unknown profile": ({"way": "text", "text": "a", "profile": "x"}, 400, "There is no profile “x”"),
    "too large a file": ({"way": "file", "file": ("a", b"#" * (LARGEST + 1))}, 413, "larger than 10 MB"),
    "too large a form": ({"way": "file", "file": ("a.ttl", b"#" * 2 * LARGEST)}, 413, "larger than 10 MB"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "status", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_checked_is_told_beside_the_form(
    client: FlaskClient, data: dict[str, object], status: int, said: str
) -> None:
    answer = submit(client, **data)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert said in answer.text
    assert '<label for="text">' in answer.text


def test_an_address_that_is_missing_is_told(client: FlaskClient) -> None:
    assert client.get("/validate?url=&profile=").status_code == 400
    assert client.get("/validate?example=none").status_code == 404


HOSTILE = {
    "bytes": (bytes(range(256)), "a.bin"),
    "deep YAML": (b"publiccodeYmlVersion: " + b"[" * 100_000, "publiccode.yml"),
    "deep JSON-LD": (b'{"a":' * 100_000, "a.jsonld"),
    "DOCTYPE": (b'<!DOCTYPE r [<!ENTITY a "b">]><r xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>', "a.rdf"),
    "one long line": (b'publiccodeYmlVersion: "' + b"x" * LARGEST, "publiccode.yml"),
    "script": (SCRIPT, "<script>alert(1)</script>.yml"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "name"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_document_gets_a_verdict_and_nothing_of_it_is_run(
    client: FlaskClient, content: bytes, name: str
) -> None:
    answer = upload(client, content[:LARGEST], name)
    assert answer.status_code == 200
    assert "Does not conform" in answer.text
    assert "<script" not in answer.text
    assert "\0" not in answer.text
    assert len(answer.data) < 100_000


def test_of_a_long_document_the_lines_with_findings_are_shown(client: FlaskClient) -> None:
    page = upload(client, b"# comment\n" * 5_000 + BROKEN).text
    assert "5,001 lines without findings" in page
    assert 'id="L5015" class="violation"' in page
    assert len(page) < 100_000


def test_a_large_text_is_not_given_back_whether_or_not_it_was_checked(client: FlaskClient) -> None:
    large = {"way": "text", "text": "publiccodeYmlVersion: x\n#" + "x" * 300_000}
    refused = submit(client, **large, profile="x")
    assert (refused.status_code, len(refused.data) < 100_000) == (400, True)
    checked = submit(client, **large)
    assert (checked.status_code, len(checked.data) < 100_000) == (200, True)


def test_an_endless_title_is_not_told_with_every_finding(client: FlaskClient) -> None:
    title = "x" * 300_000
    turtle = (
        f'<https://example.org/a> a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> "{title}" .'
    )
    page = upload(client, turtle.encode(), "a.ttl").text
    assert "Does not conform" in page
    assert len(page) < 100_000


def test_the_api_answers_as_the_command_does(client: FlaskClient) -> None:
    answer = send(client, BROKEN)
    assert answer.mimetype == "application/json"
    assert answer.json.keys() == {"conforms", "profile", "results"}
    assert (answer.json["conforms"], answer.json["profile"]) == (False, "publiccode")
    assert len(answer.json["results"]) == 10


def test_the_api_gives_the_report_that_is_accepted(client: FlaskClient) -> None:
    turtle = send(client, TURTLE, "text/turtle", Accept="text/turtle")
    assert turtle.mimetype == "text/turtle"
    assert list(read(turtle.data, SYNTAXES["ttl"]))
    text = send(client, TURTLE, "text/turtle", Accept="text/plain", **{"Accept-Language": "it"})
    assert text.text.startswith("The document: non conforme a adms-ap")


def test_the_api_takes_an_address(near: FlaskClient, website: str) -> None:
    answer = send(near, json.dumps({"url": f"{website}/publiccode.yml"}).encode(), "application/json")
    assert answer.json["profile"] == "publiccode"


def test_the_api_takes_a_profile(client: FlaskClient) -> None:
    answer = client.post("/api/validate?profile=dcat-ap", data=TURTLE, content_type="text/turtle")
    assert answer.json["profile"] == "dcat-ap"


def test_json_that_names_no_address_is_the_document(client: FlaskClient) -> None:
    for content in (b"[" * 5_000, b'{"@id": "http://a.example/", "url": "x"}'):
        assert send(client, content, "application/json").json["conforms"] is False


PROBLEMS = {
    "empty": (b"", "text/turtle", {}, 400),
    "wrong type": (b"x", "image/png", {}, 415),
    "form": (b"a=b", "application/x-www-form-urlencoded", {}, 415),
    "too large": (b"#" * (LARGEST + 1), "text/turtle", {}, 413),
    "not acceptable": (BROKEN, "application/yaml", {"Accept": "image/png"}, 406),
}


@pytest.mark.parametrize(("content", "media_type", "headers", "status"), PROBLEMS.values(), ids=PROBLEMS)
def test_problems_of_the_api_are_json(
    client: FlaskClient, content: bytes, media_type: str, headers: dict[str, str], status: int
) -> None:
    answer = send(client, content, media_type, **headers)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json.keys() == {"type", "title", "status", "detail"}
    assert answer.json["status"] == status


def test_the_api_says_which_methods_it_has(client: FlaskClient) -> None:
    answer = client.get("/api/validate", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert "POST" in answer.headers["Allow"]
    assert client.get("/api/nothing", headers={"Accept": "text/html"}).mimetype == "application/problem+json"


def test_who_comes_when_all_places_are_taken_is_asked_to_come_again(web_settings: Settings) -> None:
    app = create_app(web_settings)
    desk = app.extensions["desk"]
    app.extensions["desk"] = replace(desk, checking=Turns(1, waiting=1, patience_s=0.05, busy="Busy."))
    client = app.test_client()
    with app.extensions["desk"].checking.turn():
        page, problem = paste(client, GOOD), send(client, GOOD)
    assert paste(client, GOOD).status_code == 200
    assert (page.status_code, problem.status_code) == (503, 503)
    assert page.headers["Retry-After"] == problem.headers["Retry-After"] == "5"


def test_a_place_is_free_again_whatever_happened(client: FlaskClient, web: Flask) -> None:
    for _ in range(5):
        client.get("/validate?url=http://10.0.0.1/")
        upload(client, bytes(range(256)))
    assert send(client, GOOD).status_code == 200


def test_a_larger_document_is_checked_in_a_process_of_its_own_with_the_same_verdict() -> None:
    document = Document("publiccode.yml", BROKEN, "", NOW)
    asked = Check(None, NOW)
    assert bounded(document, asked) == Checker(Fetch()).check(document, asked)


def test_a_check_that_takes_too_long_is_ended() -> None:
    document = Document("", b"@prefix a: <http://a.example/> .\n" + b"a:a a:b a:c .\n" * 400_000, "text/turtle", NOW)
    with pytest.raises(DocumentError, match=r"not checked within 0\.3 seconds"):
        bounded(document, Check("dcat-ap", NOW), seconds=0.3)


@pytest.mark.parametrize("name", TITLES)
def test_a_profile_tells_every_property_of_its_shapes(client: FlaskClient, name: str) -> None:
    page = client.get(f"/profile/{name}").text
    named = {node for node, text in packaged(name).texts.items() if text.messages}
    missing = [node for node in named if f'id="{node.value.rpartition("#")[2]}"' not in page]
    assert missing == []
    assert f'href="/profile/{name}"' in client.get("/profile").text


@pytest.mark.parametrize("name", TITLES)
def test_a_profile_shows_an_example_of_every_property_folded(client: FlaskClient, name: str) -> None:
    page = client.get(f"/profile/{name}").text
    rows = [row for one in profile(name).classes for row in one.properties]
    assert page.count("<summary>Example<") == len(rows)
    assert "<details open" not in page
    assert all(f"<code>{escape(row.accepted)}</code>" in page for row in rows)


def test_a_profile_is_also_its_shapes(client: FlaskClient) -> None:
    by_suffix = client.get("/profile/cpov.ttl")
    by_accept = client.get("/profile/cpov", headers={"Accept": "text/turtle"})
    assert by_suffix.data == by_accept.data
    assert len(list(read(by_suffix.data, SYNTAXES["ttl"]))) > 100
    assert 'rel="alternate"; type="text/html"' in by_suffix.headers["Link"]
    assert client.get("/profile/none").status_code == client.get("/profile/cpov.nt").status_code == 404


def test_a_profile_speaks_the_language_of_the_reader(client: FlaskClient) -> None:
    assert "Es fehlt eine Beschreibung" in client.get("/profile/adms-ap?lang=de").text


def test_obligations_are_those_of_the_profile(client: FlaskClient) -> None:
    page = client.get("/profile/adms-ap").text
    rows = dict(re.findall(r'<code>([\w:]+)</code></th>\s*<td><abbr title="(\w+)">', page.partition("</section>")[0]))
    assert rows["dct:title"] == rows["dcat:contactPoint"] == "mandatory"
    assert rows["dcat:keyword"] == "recommended"
    assert rows["adms:status"] == "optional"


def test_record_pages_lead_to_another_check(client: FlaskClient) -> None:
    page = client.get("/source/files/record/decide/publiccode.yml").text
    assert 'href="/validate?url=https://origin.example/decide/publiccode.yml"' in page


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", ["/validate?example=adms-ap-broken", "/profile/adms-ap", "/profile", "/validate?url=x:y"]
)
def test_the_pages_are_accessible_and_fit(browser: Browser, address: str, path: str, scheme: str, width: int) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address + path)
    if "example" in path:
        page.get_by_role("button", name="Check the text").click()
        page.get_by_role("heading", name="Does not conform to ADMS-AP 2.01").wait_for()
    page.evaluate("for (const hidden of document.querySelectorAll('main details')) hidden.open = true")
    found = barriers(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert found == []
    assert wide <= width


@pytest.mark.browser
def test_a_document_is_checked_and_mended_by_keyboard_and_without_script(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/validate")
    page.get_by_role("link", name="A broken publiccode.yml").press("Enter")
    page.get_by_role("button", name="Check the text").press("Enter")
    page.get_by_role("heading", name="8 errors").wait_for()
    page.get_by_role("link", name="line 15, column 3").press("Enter")
    assert page.url.endswith("#L15")
    page.get_by_label("A text").fill(GOOD.decode())
    page.get_by_role("button", name="Check the text").press("Enter")
    page.get_by_role("heading", name="Conforms to publiccode.yml").wait_for()
    context.close()


@pytest.mark.browser
def test_enter_in_the_address_checks_the_address(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/validate")
    page.get_by_label("An address on the web").fill("http://10.0.0.1/publiccode.yml")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="It was not checked").wait_for()
    assert page.url.endswith("/validate?url=http%3A%2F%2F10.0.0.1%2Fpubliccode.yml&profile=")
    page.close()


@pytest.mark.browser
def test_a_file_is_checked(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/validate")
    page.get_by_label("A file").set_input_files(EXAMPLES / "adms-ap-good.ttl")
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("heading", name="Conforms to ADMS-AP 2.01").wait_for()
    page.close()
