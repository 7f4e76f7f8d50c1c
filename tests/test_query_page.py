"""The pages of queries: `/queries`, `/query/{name}`, and `/sparql` in a browser, with its editor and without script."""

import csv
import html
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

from catalogue.identity import key
from catalogue.queries import shipped
from catalogue.settings import Settings
from catalogue.vocabulary import PREFIXES
from endpoint import create_app
from tests.barriers import barriers

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SOLUTION = key("https://code.example/city/decide")
TITLES = """PREFIX dct: <http://purl.org/dc/terms/>
SELECT ?thing ?title WHERE { ?thing a <http://usefulinc.com/ns/doap#Project> ; dct:title ?title }"""
BAD = "SELECT ?s WHERE {\n  ?s a doap:Project .\n}"


@pytest.fixture(scope="module")
def client(web_settings: Settings) -> Iterator[FlaskClient]:
    """Of an application of its own: the processes that evaluate its queries end with it."""
    app = create_app(web_settings)
    with app.test_client() as client:
        yield client
    app.extensions["sparql"].close()


def sparql(text: str, **more: str) -> str:
    return "/sparql?" + urlencode({"query": text, **more})


def cells(page: str) -> list[list[str]]:
    """The texts of a table's cells, row by row."""
    rows = re.findall(r"<tr>(.*?)</tr>", page.split("<tbody>")[1], re.DOTALL)
    return [
        [html.unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        for row in rows
    ]


def test_the_list_has_all_queries_by_subject(client: FlaskClient) -> None:
    page = client.get("/queries").text
    for query in shipped().values():
        assert f'<a href="/query/{query.name}">{html.escape(query.title)}</a>' in page
        assert html.escape(query.description) in page
        assert f"<h2>{query.subject}</h2>" in page


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_query_has_a_page_with_its_answer_and_its_text(name: str, client: FlaskClient) -> None:
    reply = client.get(f"/query/{name}")
    assert reply.status_code == 200
    assert f"<h1>{html.escape(shipped()[name].title)}</h1>" in reply.text
    assert re.search(r'<h2 id="answer">[\d,]+ rows?</h2>', reply.text)
    assert "BASE &lt;https://catalogue.example/&gt;" in reply.text
    for parameter in shipped()[name].parameters:
        assert f'<label for="value-{parameter.name}">{parameter.description}</label>' in reply.text


def test_names_are_links_to_our_pages_in_the_place_of_addresses(client: FlaskClient) -> None:
    page = client.get("/query/not-reused?lang=it").text
    assert f"/solution/{SOLUTION}" not in page  # a company uses it
    page = client.get("/query/most-reused?lang=it").text
    assert cells(page) == [["Decidere insieme", "1"]]
    assert f'<a href="/solution/{SOLUTION}">' in page
    assert "Solution label" not in page


def test_a_value_of_the_address_is_in_the_form_the_query_and_the_answer(client: FlaskClient) -> None:
    page = client.get("/query/not-reused?licence=mit").text
    assert '<option value="MIT" selected>MIT License (MIT)</option>' in page
    assert "VALUES ?licence { &lt;http://spdx.org/licenses/MIT&gt; }" in page
    assert '<a href="/query/not-reused.csv?licence=mit" rel="nofollow">CSV</a>' in page
    assert len(cells(page)) == 21


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/query/not-reused?licence=NONE", "licence: &#39;NONE&#39; is no code of the list licence"),
        ("/query/new-solutions?days=many", "days: &#39;many&#39; is no whole number"),
        ("/query/changes-since?since=1.1.2026", "write it like 2026-01-31"),
        ("/query/not-reused?license=MIT", "it has licence"),
    ],
)
def test_a_wrong_value_is_named_where_it_stands(path: str, words: str, client: FlaskClient) -> None:
    reply = client.get(path)
    assert reply.status_code == 400
    assert words in reply.text
    assert '<h2 id="answer">' not in reply.text
    assert client.get(path.replace("?", ".csv?")).status_code == 400


def test_there_is_no_other_query(client: FlaskClient) -> None:
    assert client.get("/query/nothing").status_code == 404
    assert client.get("/query/topics.pdf").status_code == 406


@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        ("csv", "text/csv"),
        ("tsv", "text/tab-separated-values"),
        ("json", "application/sparql-results+json"),
        ("xml", "application/sparql-results+xml"),
    ],
)
def test_downloads_are_the_endpoints(suffix: str, media_type: str, client: FlaskClient) -> None:
    reply = client.get(f"/query/most-reused.{suffix}?fewest=1")
    assert reply.status_code == 303
    assert reply.location.startswith("/sparql?query=")
    answer = client.get(f"/query/most-reused.{suffix}", follow_redirects=True)
    assert answer.mimetype == media_type
    assert "Decide &lt;b&gt;together" in answer.text.replace("<b>", "&lt;b&gt;")
    assert (
        client.get("/query/most-reused", headers={"Accept": media_type}).location
        == client.get(f"/query/most-reused.{suffix}").location
    )


def test_the_text_of_a_query_can_be_had_alone(client: FlaskClient) -> None:
    reply = client.get("/query/not-reused.rq?licence=MIT")
    assert reply.mimetype == "application/sparql-query"
    assert "VALUES ?licence { <http://spdx.org/licenses/MIT> }" in reply.text
    editor = re.search(
        r'<a href="(/sparql[^"]*)" rel="nofollow">Open it in the editor</a>', client.get("/query/topics").text
    )
    assert editor is not None
    (text,) = parse_qs(urlsplit(html.unescape(editor[1])).query)["query"]
    assert text == client.get("/query/topics.rq").text


def test_an_answer_is_as_new_as_its_publication_or_as_the_clock(client: FlaskClient) -> None:
    kept, moving = client.get("/query/topics"), client.get("/query/new-solutions")
    assert kept.last_modified is not None
    assert moving.last_modified is None
    again = client.get("/query/topics", headers={"If-None-Match": kept.headers["ETag"]})
    assert again.status_code == 304


def test_a_browser_gets_a_table_and_a_program_gets_data(client: FlaskClient) -> None:
    page = client.get(sparql(TITLES), headers=BROWSER)
    assert page.mimetype == "text/html"
    assert f'<a href="/solution/{SOLUTION}">' in page.text
    assert html.escape(TITLES) in page.text
    assert client.get(sparql(TITLES)).mimetype == "application/sparql-results+json"
    assert client.get(sparql(TITLES, format="csv"), headers=BROWSER).mimetype == "text/csv"
    assert client.get(sparql(TITLES, format="html")).mimetype == "text/html"
    program = {"Accept": "application/sparql-results+xml, text/html;q=0.5"}
    assert client.get(sparql(TITLES), headers=program).mimetype == "application/sparql-results+xml"


@pytest.mark.parametrize(
    ("bindings", "shown"),
    [
        ('"text"', "text"),
        ('"texte"@fr', "texte fr"),
        ("42", "42"),
        ("4.50", "4.5"),
        ("1e6", "1000000"),
        ("true", "Yes"),
        ('"2026-01-31"^^<http://www.w3.org/2001/XMLSchema#date>', "31 January 2026"),
        (r'"tab\there, line\nthere"', "tab\there, line\nthere"),
        ("<https://elsewhere.example/a?b=c>", "elsewhere.example/a?b=c"),
        ("<javascript:alert(1)>", "javascript:alert(1)"),
        ('"<script>alert(1)</script>"', "<script>alert(1)</script>"),
        ("<http://purl.org/dc/terms/title>", "dct:title"),
        ("UNDEF", ""),
    ],
)
def test_a_value_is_shown_as_people_read_it(bindings: str, shown: str, client: FlaskClient) -> None:
    page = client.get(sparql(f"SELECT ?a ?b WHERE {{ VALUES (?a ?b) {{ ({bindings} 1) }} }}", format="html"))
    assert cells(page.text) == [[shown, "1"]]
    assert "<script>alert" not in page.text
    assert 'href="javascript' not in page.text


def test_the_first_rows_are_shown_and_all_are_counted(client: FlaskClient) -> None:
    numbers = " ".join(map(str, range(15)))
    page = client.get(
        sparql(f"SELECT * WHERE {{ VALUES ?a {{ {numbers} }} VALUES ?b {{ {numbers} }} }}", format="html")
    )
    assert '<h2 id="answer">225 rows</h2>' in page.text
    assert "The first 200 are below" in page.text
    assert len(cells(page.text)) == 200


@pytest.mark.parametrize("query", [
    "SELECT ?x WHERE { VALUES ?n { 1 2 } %s }",
    "CONSTRUCT { ?n <http://x/p> ?x } WHERE { VALUES ?n { <http://x/1> <http://x/2> } %s }",
])  # fmt: skip
def test_a_value_of_megabytes_is_counted_and_not_shown(query: str, client: FlaskClient) -> None:
    doubled = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(21))
    page = client.get(sparql(query % f'BIND("x" AS ?x0) {doubled} BIND(?x21 AS ?x)', format="html"))
    assert (page.status_code, '<h2 id="answer">2 rows</h2>' in page.text) == (200, True)
    assert "The first 0 are below; the downloads have all of them" in page.text
    assert len(page.text) < 100_000


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ASK { ?s ?p ?o }", '<h2 id="answer">Yes</h2>'),
        ("ASK { ?s ?s ?s }", '<h2 id="answer">No</h2>'),
        ("SELECT ?s WHERE { ?s ?s ?s }", "The catalogue has nothing that this asks for."),
        (f"DESCRIBE <https://catalogue.example/id/solution/{SOLUTION}>", '<th scope="col">property</th>'),
        ("CONSTRUCT { ?s a ?s } WHERE { ?s ?s ?s }", "The catalogue has nothing that this asks for."),
        ("SELECT (TRIPLE(<a:a>, <a:b>, 1) AS ?t) WHERE {}", "1 row"),
        ("SELECT ?b WHERE { ?s a <http://usefulinc.com/ns/doap#Project> BIND(BNODE() AS ?b) } LIMIT 1", "1 row"),
    ],
)
def test_every_form_of_a_query_has_its_answer(text: str, words: str, client: FlaskClient) -> None:
    reply = client.get(sparql(text, format="html"))
    assert reply.status_code == 200
    assert words in reply.text


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        (BAD, 400, "line 2, column 8: the prefix doap: is not declared"),
        ("SELECT ?s WHERE { ?s ?p }", 400, "line 1, column"),
        ("SELECT * WHERE { SERVICE <https://a.example/> { ?s ?p ?o } }", 403, "SERVICE"),
        ("CLEAR ALL", 403, "updates"),
    ],
)
def test_an_error_is_shown_with_its_place_and_the_query_stays(
    text: str, status: int, words: str, client: FlaskClient
) -> None:
    reply = client.get(sparql(text, format="html"))
    assert reply.status_code == status
    assert words in html.unescape(reply.text)
    assert html.escape(text) in reply.text
    assert '<h2 id="answer">' not in reply.text


def test_the_place_of_an_error_is_marked(client: FlaskClient) -> None:
    page = client.get(sparql(BAD, format="html")).text
    assert 'data-line="2" data-column="8"' in page
    marked = re.search(r"<pre><code>(.*?)</code></pre>", page, re.DOTALL)
    assert marked is not None
    line, caret = re.sub(r"<[^>]*>", "", marked[1]).split("\n")
    assert line[caret.index("^") :].startswith("doap:")


def test_two_queries_are_an_error_on_the_page_too(client: FlaskClient) -> None:
    reply = client.get("/sparql?query=ASK%7B%7D&query=ASK%7B%7D&format=html")
    assert reply.status_code == 400
    assert "there are 2" in reply.text


def test_the_page_is_there_before_anything_is_published(empty_settings: Settings) -> None:
    app = create_app(empty_settings)
    reply = app.test_client().get("/sparql", headers=BROWSER)
    app.extensions["sparql"].close()
    assert reply.status_code == 200


def test_script_is_allowed_on_this_page_alone_and_only_ours(client: FlaskClient) -> None:
    policy = client.get("/sparql", headers=BROWSER).headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "script-src" not in client.get("/queries").headers["Content-Security-Policy"]
    assert "<script>" not in client.get("/sparql", headers=BROWSER).text


def test_the_editor_knows_classes_properties_and_codes_with_their_names(client: FlaskClient) -> None:
    reply = client.get("/sparql/terms.json")
    terms = json.loads(reply.data)
    assert terms["prefixes"] == dict(PREFIXES)
    assert "Project" in terms["classes"]["http://usefulinc.com/ns/doap#"]
    assert terms["properties"]["http://purl.org/dc/terms/"]["publisher"] == "Publisher"
    assert "developmentStatus" in terms["properties"]["https://w3id.org/open-source-catalogue/ns#"]
    assert terms["codes"]["http://publications.europa.eu/resource/authority/country/"]["ITA"] == "Italy"
    assert "EUPL-1.2" in terms["codes"]["http://spdx.org/licenses/"]
    assert client.get("/sparql/terms.json", headers={"If-None-Match": reply.headers["ETag"]}).status_code == 304


def query(settings: Settings, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [
        sys.executable,
        "-m",
        "catalogue",
        "query",
        *words,
        "--home",
        str(settings.home),
        "--base",
        settings.base,
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_command_line_lists_and_asks_shipped_queries(web_settings: Settings) -> None:
    listed = query(web_settings, "--list").stdout
    assert "not-reused: Software under a licence" in listed
    assert "  --set licence=EUPL-1.2  (The licence)" in listed
    done = query(web_settings, "--name", "not-reused", "--set", "licence=MIT", "--format", "csv")
    assert len(list(csv.reader(io.StringIO(done.stdout)))) == 22


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--name", "nothing"), "there is no shipped query 'nothing'; there are changes-since, "),
        (("--name", "not-reused", "--set", "licence=NONE"), "licence: 'NONE' is no code"),
        (("--name", "topics", "--set", "licence"), "--set takes NAME=VALUE"),
        (("--set", "licence=MIT", "ASK {}"), "--set is for"),
        (("--name", "topics", "ASK {}"), "Give one of"),
        ((), "Give one of"),
    ],
)
def test_the_command_line_says_what_it_cannot_ask(web_settings: Settings, words: tuple[str, ...], said: str) -> None:
    done = query(web_settings, *words)
    assert done.returncode == 2
    assert said in done.stderr


PAGES = {
    "list": "/queries",
    "query": "/query/not-reused",
    "wrong value": "/query/quality-by-owner?fewest=x",
    "editor": "/sparql",
    "error": sparql(BAD, format="html"),
    "answer": sparql(TITLES, format="html"),
}


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page that fails the test if it asks another host, or if its script or the policy has something to say."""
    page = browser.new_page(base_url=address)
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    page.close()
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    assert [text for text in said if "status of 400" not in text] == []


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_axe_finds_nothing(page: Page, path: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(path)
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert barriers(page) == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_nothing_is_wider_than_the_screen(page: Page, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(path)
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
def test_a_query_is_written_and_run_with_the_keyboard_alone(page: Page) -> None:
    page.goto("/sparql")
    page.get_by_role("textbox", name="Query").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("SELECT ?s WHERE { ?s a doap:")
    for typed, wanted in (("Proj", "doap:Project"), (" ; lic", "dct:license")):
        page.keyboard.type(typed)
        page.keyboard.press("Control+Space")
        hints = page.get_by_role("listbox", name="Completions")
        hints.get_by_text(wanted).first.wait_for()
        assert barriers(page, "target-size") == []  # the list lies over the button, which is no target meanwhile
        page.keyboard.press("Enter")
        hints.wait_for(state="detached")
    page.keyboard.type(" <http://spdx.org/licenses/MIT> }")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "format"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Control+Enter")
    page.locator("#answer").wait_for()
    text = page.locator("#query").input_value()
    assert "PREFIX doap: <http://usefulinc.com/ns/doap#>" in text
    assert "a doap:Project ; dct:license" in text


@pytest.mark.browser
def test_the_editor_marks_the_line_of_an_error_and_says_it(page: Page) -> None:
    page.goto(PAGES["error"])
    page.locator(".yasqe .wrong").wait_for()
    described = page.get_by_role("textbox", name="Query").get_attribute("aria-describedby")
    assert described == "query-help fault"
    assert "line 2, column 8" in page.locator("#fault").inner_text()


@pytest.mark.browser
def test_a_query_needs_no_script(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=address)
    page = context.new_page()
    page.goto("/sparql")
    page.get_by_label("Query").fill("SELECT (1 AS ?one) WHERE {}")
    page.get_by_role("button", name="Run the query").click()
    page.get_by_role("heading", name="1 row").wait_for()
    page.goto("/query/not-reused")
    page.get_by_label("The licence").select_option("MIT")
    page.get_by_role("button", name="Ask").click()
    page.get_by_role("heading", name="21 rows").wait_for()
    assert page.url.endswith("/query/not-reused?licence=MIT")
    context.close()
