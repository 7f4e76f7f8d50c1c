"""Things: identifiers, pages, tombstones, and what a page may never do with what strangers wrote."""

import json
import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from catalogue.home import Home
from catalogue.identity import key
from catalogue.publication import Publication
from catalogue.rdf import IRI, Literal, Triple
from catalogue.settings import Settings
from catalogue.vocabulary import ADMS, OWL, SKOS
from endpoint import markdown, sections
from endpoint.description import Description
from endpoint.reader import edition
from endpoint.statements import property_name
from endpoint.view import View

BASE = "https://catalogue.example"
SOLUTION = key("https://code.example/city/decide")
CITY, COMPANY, INITIATIVE = key("city"), key("company"), key("programme")
FOREIGN = key("https://elsewhere.example/assets/1#it")
GONE, FOREIGN_GONE = key("gone"), key("https://elsewhere.example/assets/gone")
TURTLE = {"Accept": "text/turtle"}


@pytest.mark.parametrize(
    ("identifier", "page"),
    [
        pytest.param(f"/id/solution/{SOLUTION}", f"/solution/{SOLUTION}", id="a solution"),
        pytest.param(f"/id/owner/{CITY}", f"/administration/{CITY}", id="an owner that is an administration"),
        pytest.param(f"/id/owner/{COMPANY}", f"/owner/{COMPANY}", id="an owner that is none"),
        pytest.param(
            f"/id/initiative/{INITIATIVE}?format=ttl", f"/initiative/{INITIATIVE}?format=ttl", id="a parameter"
        ),
        pytest.param(f"/id/solution/{GONE}", f"/solution/{GONE}", id="what is gone"),
    ],
)
def test_an_identifier_leads_to_its_description(client: FlaskClient, identifier: str, page: str) -> None:
    response = client.get(identifier)
    assert (response.status_code, response.location) == (303, page)


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        pytest.param(f"/owner/{CITY}", f"/administration/{CITY}", id="an administration among the owners"),
        pytest.param(
            f"/administration/{COMPANY}.ttl", f"/owner/{COMPANY}.ttl", id="an owner among the administrations"
        ),
    ],
)
def test_a_thing_has_one_page(client: FlaskClient, asked: str, page: str) -> None:
    response = client.get(asked)
    assert (response.status_code, response.location) == (302, page)


def test_a_licence_is_found_by_its_spdx_identifier(client: FlaskClient) -> None:
    page = client.get("/licence/EUPL-1.2", follow_redirects=True)
    assert page.status_code == 200
    assert "European Union Public License 1.2" in page.text
    assert "Solutions (11)" in page.text


@pytest.mark.parametrize(
    "address",
    [
        f"/solution/{key('never there')}",
        "/solution/short",
        "/solution/%22%3E%3Cscript%3E",
        "/solution/a%20b%3Cc%3E",
        f"/solution/{SOLUTION}.docx",
        f"/id/solution/{key('never there')}",
        "/licence/NOT-A-LICENCE",
        "/licence/%22",
        f"/planet/{SOLUTION}",
        "/source/nobody",
        "/source/feed/record/none",
        "/source/a%20b/record/c%22d",
    ],
)
@pytest.mark.parametrize(("accept", "expected"), [("text/html", "text/html"), ("text/turtle", "text/turtle")])
def test_what_never_was_is_not_found(client: FlaskClient, address: str, accept: str, expected: str) -> None:
    response = client.get(address, headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (404, expected)


@pytest.mark.parametrize("gone", [GONE, FOREIGN_GONE], ids=["ours", "with an identifier of its own"])
def test_what_is_gone_leaves_a_tombstone(client: FlaskClient, gone: str) -> None:
    page, data = client.get(f"/solution/{gone}"), client.get(f"/solution/{gone}", headers=TURTLE)
    assert (page.status_code, data.status_code) == (410, 410)
    assert "Vanished" in page.text
    assert "21 November 2026" in page.text
    assert "as:Delete" in data.text


def test_an_identifier_of_elsewhere_has_a_page_here(client: FlaskClient) -> None:
    response = client.get(f"/solution/{FOREIGN}")
    assert "Foreign gestión" in response.text
    assert "https://elsewhere.example/assets/1#it" in response.text


def test_no_statement_is_left_out_of_a_page(client: FlaskClient, web_settings: Settings) -> None:
    home = Home(web_settings.home)
    publication = Publication(home, home.current() or 0)
    text = unescape(client.get(f"/solution/{SOLUTION}").text)
    for triple in publication.statements(IRI(f"{BASE}/id/solution/{SOLUTION}")):
        assert str(triple.predicate)[1:-1] in text
        assert getattr(triple.object, "value", "").splitlines()[0] in text or isinstance(triple.object, IRI)
    publication.close()


def test_links_stay_on_the_host_that_serves_them(client: FlaskClient) -> None:
    for address in (f"/solution/{SOLUTION}", "/", "/solutions", f"/initiative/{INITIATIVE}"):
        assert f'href="{BASE}' not in client.get(address).text


@pytest.mark.parametrize("address", [f"/solution/{SOLUTION}", "/solutions", "/", f"/administration/{CITY}"])
def test_what_strangers_wrote_cannot_act(client: FlaskClient, address: str) -> None:
    page = client.get(address).text
    assert "<b>together" not in page
    assert not re.search(r"<script(?! type=\"application/ld\+json\")", page)
    assert not re.search(r"<[^>]+\s(on\w+|style)\s*=", page)
    assert not re.search(r"(href|src)=\"\s*javascript:", page, re.IGNORECASE)
    assert "<img" not in page


def test_a_description_keeps_its_structure(client: FlaskClient) -> None:
    page = client.get(f"/solution/{SOLUTION}").text
    assert "<h3>Heading</h3>" in page
    assert "<strong>bold</strong>" in page
    assert '<a href="https://elsewhere.example/good" rel="nofollow noopener">good</a>' in page
    assert ">picture</a>" in page


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("[a](data:text/html,x)", "<p>[a](data:text/html,x)</p>\n", id="a data address is no link"),
        pytest.param("<a href='/admin'>x</a>", '<p><a rel="nofollow noopener">x</a></p>\n', id="no link to this host"),
        pytest.param("<form action=x><input></form>", "", id="no forms"),
        pytest.param("<svg><script>1</script></svg>y", "<p>y</p>", id="no drawings"),
        pytest.param("<h1>x</h1>", "<h3>x</h3>", id="headings step down"),
        pytest.param("###### x", "<h6>x</h6>\n", id="to the sixth level at most"),
        pytest.param("a < b & c", "<p>a &lt; b &amp; c</p>\n", id="signs are escaped"),
    ],
)
def test_markdown_becomes_harmless_html(text: str, expected: str) -> None:
    assert markdown.html(text).strip() == expected.strip()


def test_deep_markdown_ends(client: FlaskClient) -> None:
    assert markdown.html("> " * 50_000 + "[" * 50_000)


@pytest.mark.parametrize(
    ("languages", "title", "declared"),
    [
        pytest.param("it-IT,it;q=0.9,en;q=0.5", "Decidere insieme", 'lang="it"', id="Italian"),
        pytest.param("en", "Decide &lt;b&gt;together&lt;/b&gt;", "", id="English"),
        pytest.param("fi", "Decide &lt;b&gt;together&lt;/b&gt;", "", id="English where there is nothing else"),
    ],
)
def test_texts_are_in_the_readers_language_and_say_so(
    client: FlaskClient, languages: str, title: str, declared: str
) -> None:
    page = client.get(f"/solution/{SOLUTION}", headers={"Accept-Language": languages}).text
    heading = re.search(r"<h1>.*</h1>", page)
    assert heading is not None
    assert title in heading[0]
    assert declared in heading[0]


def test_a_parameter_chooses_the_language(client: FlaskClient) -> None:
    page = client.get(f"/solution/{SOLUTION}?lang=it", headers={"Accept-Language": "en"}).text
    assert "Una descrizione lunga." in page
    assert "Proposte" in page
    assert '<html lang="en">' in page


@pytest.mark.parametrize("lang", ["", "x" * 1000, "it-IT-x", "%00", "<script>"])
def test_a_language_that_is_none_does_no_harm(client: FlaskClient, lang: str) -> None:
    assert client.get(f"/solution/{SOLUTION}", query_string={"lang": lang}).status_code == 200


def test_a_solution_says_what_matters_first(client: FlaskClient) -> None:
    page = client.get(f"/solution/{SOLUTION}").text.partition("All statements")[0]
    for words in ("City of Turin", "European Union Public License", "share its source code", "Stable", "1.4", "Italy",
                  "Who uses it", "Helpers", "code.example/city/decide", "desk@city.example", "1 October 2026",
                  "Open programme", "National feed", "Files of repositories"):  # fmt: skip
        assert words in page


def test_an_initiative_shows_its_services_solutions_and_news(client: FlaskClient) -> None:
    page = client.get(f"/initiative/{INITIATIVE}").text.partition("All statements")[0]
    for words in ("Share software.", "Help desk", "Answers questions.", "Decide", "Programme begins", "4 May 2026"):
        assert words in page


def test_an_administration_shows_what_it_owns(client: FlaskClient) -> None:
    page = client.get(f"/administration/{CITY}").text
    assert "Solutions (1)" in page
    assert "Initiatives (1)" in page
    assert "Città di Torino" in page


def test_an_owner_shows_what_it_uses(client: FlaskClient) -> None:
    assert re.search(r"Uses</h2>.*Decide", client.get(f"/owner/{COMPANY}").text, re.DOTALL)


def test_a_distribution_leads_back_to_what_it_is_of(client: FlaskClient) -> None:
    page = client.get(f"/distribution/{key('1')}").text.partition("All statements")[0]
    assert re.search(rf'What it is of</h2>.*<a href="/solution/{SOLUTION}">', page, re.DOTALL)


@pytest.mark.parametrize(
    ("kind", "name", "title"),
    [
        pytest.param("release", "decide", "code.example/decide 1.4", id="a release without its version"),
        pytest.param("release", "decide-1.4", "code.example/decide-1.4", id="a release with its version"),
        pytest.param("solution", "decide", "code.example/decide", id="a solution"),
    ],
)
def test_a_release_is_named_with_its_version_once(web: Flask, kind: str, name: str, title: str) -> None:
    thing = IRI(f"https://code.example/{name}")
    about = Description(thing, [Triple(thing, OWL.versionInfo, Literal("1.4"))])
    with web.test_request_context():
        assert sections.title(kind, about, View(edition(), ("en",))).value == title


def test_an_identifier_is_shown_once_and_with_who_gave_it(web: Flask) -> None:
    city, nodes = IRI("https://elsewhere.example/city"), [IRI(f"https://elsewhere.example/city#{n}") for n in "abc"]
    said = [Triple(city, ADMS.identifier, node) for node in nodes]
    said += [Triple(node, SKOS.notation, Literal("c_l219")) for node in nodes]
    said += [Triple(nodes[1], ADMS.schemaAgency, Literal("IPA"))]
    with web.test_request_context():
        found = sections.sections("owner", Description(city, said), View(edition(), ("en",)))
    (section,) = (section for section in found if section.id == "identifiers")
    assert [(str(item.title), [str(detail) for detail in item.details]) for item in section.items] == [
        ("c_l219", ["IPA"])
    ]


def test_search_engines_get_structured_data(client: FlaskClient) -> None:
    page = client.get(f"/solution/{SOLUTION}").text
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    assert "<" not in block[1]
    data = json.loads(block[1])
    assert data["@type"] == "WebApplication"
    assert data["license"] == "http://spdx.org/licenses/EUPL-1.2"
    assert data["codeRepository"] == "https://code.example/city/decide"
    assert data["author"][0]["name"] == "City of Turin"


def test_no_page_leads_nowhere(web: Flask) -> None:
    """Every link of every page, of lists only as far as one filter goes; none that would fetch from outside."""
    client, seen, waiting = web.test_client(), {"/"}, ["/"]
    while waiting:
        address = waiting.pop()
        with client.get(address, headers={"Accept": "text/html, */*;q=0.1"}, follow_redirects=True) as response:
            assert response.status_code == 200, address
            page = response.text if response.mimetype == "text/html" else ""
        ids = re.findall(r'\bid="([^"]+)"', page)
        assert len(ids) == len(set(ids)), address
        assert not re.search(r"<(ul|ol|dl)\b[^>]*>\s*</\1>", page), address  # a list of nothing is read aloud as one
        links = {unescape(link).partition("#")[0] for link in re.findall(r'href="(/[^"]*)"', page)}
        left_out = ("/topic", "/validate?url=")
        fresh = {link for link in links - seen if link.count("=") <= 1 and not link.startswith(left_out)}
        seen |= fresh
        waiting += sorted(fresh)
    assert len(seen) > 150


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("http://www.w3.org/ns/dcat#accessURL", "Access URL"),
        ("http://schema.org/codeRepository", "Code repository"),
        ("http://www.w3.org/2006/vcard/ns#organization-name", "Organization name"),
        ("http://purl.org/dc/terms/spatial", "Country or place"),
        ("https://unknown.example/", ""),
    ],
)
def test_a_property_has_a_name_in_words(name: str, words: str) -> None:
    assert property_name(IRI(name)) == words
