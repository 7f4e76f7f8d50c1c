"""Content negotiation: one thing in five forms, chosen by Accept, suffix or parameter, cached by ETag."""

import pytest
from flask.testing import FlaskClient
from rdflib import Graph
from rdflib.compare import isomorphic
from werkzeug.test import TestResponse

from catalogue.identity import key
from catalogue.rdf import SYNTAXES

THING = f"/solution/{key('https://code.example/city/decide')}"
TYPES = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "nt": "application/n-triples",
}
RDFLIB_NAMES = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml", "nt": "nt"}
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        pytest.param("text/html", "text/html", id="a page"),
        pytest.param(CHROME, "text/html", id="a browser"),
        pytest.param("*/*", "text/html", id="anything is a page"),
        pytest.param("text/*", "text/html", id="any text is a page"),
        pytest.param("", "text/html", id="an empty header is a page"),
        pytest.param("text/turtle", "text/turtle", id="Turtle"),
        pytest.param("application/ld+json", "application/ld+json", id="JSON-LD"),
        pytest.param("application/rdf+xml", "application/rdf+xml", id="RDF/XML"),
        pytest.param("application/n-triples", "application/n-triples", id="N-Triples"),
        pytest.param(
            'application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded"', "application/ld+json", id="a profile"
        ),
        pytest.param("text/turtle;charset=utf-8", "text/turtle", id="a charset"),
        pytest.param("TEXT/Turtle", "text/turtle", id="capitals"),
        pytest.param("application/json", "application/ld+json", id="JSON is JSON-LD"),
        pytest.param("application/xml", "application/rdf+xml", id="XML is RDF/XML"),
        pytest.param("application/*", "application/ld+json", id="any application type"),
        pytest.param("text/html;q=0.5, text/turtle", "text/turtle", id="the better quality wins"),
        pytest.param("text/turtle;q=0.3, application/rdf+xml;q=0.7", "application/rdf+xml", id="of two qualities"),
        pytest.param("text/turtle, text/html", "text/html", id="a page wins ties"),
        pytest.param("text/turtle, */*", "text/turtle", id="a named type wins over a wildcard"),
        pytest.param("text/turtle, */*;q=0.1", "text/turtle", id="rdflib and curl"),
        pytest.param("text/html;q=0, */*", "text/turtle", id="no page, anything else"),
        pytest.param(
            "image/png, application/n-triples;q=0.1", "application/n-triples", id="what is not offered is passed"
        ),
    ],
)
def test_the_accept_header_chooses_the_form(client: FlaskClient, accept: str, expected: str) -> None:
    response = client.get(THING, headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (200, expected)


@pytest.mark.parametrize("accept", ["image/png", "text/html;q=0, */*;q=0", "application/pdf;q=0.5, video/*"])
def test_a_form_that_is_not_offered_is_refused_with_what_is(client: FlaskClient, accept: str) -> None:
    response = client.get(THING, headers={"Accept": accept})
    assert response.status_code == 406
    assert all(media_type in response.text for media_type in TYPES.values())


@pytest.mark.parametrize("suffix", TYPES)
def test_a_suffix_wins_over_the_header(client: FlaskClient, suffix: str) -> None:
    response = client.get(f"{THING}.{suffix}", headers={"Accept": CHROME})
    assert (response.status_code, response.mimetype) == (200, TYPES[suffix])


def test_the_page_has_a_suffix_too(client: FlaskClient) -> None:
    assert client.get(f"{THING}.html", headers={"Accept": "text/turtle"}).mimetype == "text/html"


@pytest.mark.parametrize("named", ["ttl", "text/turtle"])
def test_a_parameter_chooses_the_form(client: FlaskClient, named: str) -> None:
    assert client.get(THING, query_string={"format": named}).mimetype == "text/turtle"


def test_an_unknown_parameter_is_refused(client: FlaskClient) -> None:
    assert client.get(THING, query_string={"format": "docx"}).status_code == 406


def graph(response: TestResponse, suffix: str) -> Graph:
    return Graph().parse(data=response.data, format=RDFLIB_NAMES[suffix])


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # of rdflib's own making
@pytest.mark.parametrize("suffix", ["ttl", "jsonld", "rdf"])
def test_all_forms_say_the_same(client: FlaskClient, suffix: str) -> None:
    plain = graph(client.get(f"{THING}.nt"), "nt")
    assert len(plain) > 50
    assert isomorphic(plain, graph(client.get(f"{THING}.{suffix}"), suffix))


@pytest.mark.parametrize("suffix", TYPES)
def test_a_form_is_the_same_bytes_each_time(client: FlaskClient, suffix: str) -> None:
    assert client.get(f"{THING}.{suffix}").data == client.get(f"{THING}.{suffix}").data


def test_every_form_says_where_the_others_are(client: FlaskClient) -> None:
    response = client.get(THING, headers={"Accept": "text/turtle"})
    assert response.headers["Content-Location"] == f"{THING}.ttl"
    links = response.headers["Link"]
    for suffix in ("html", "jsonld", "rdf", "nt"):
        assert f'<{THING}.{suffix}>; rel="alternate"' in links
    assert f'<{THING}>; rel="canonical"' in links
    assert 'rel="describes"' in links


def test_a_page_names_the_data_that_describe_it(client: FlaskClient) -> None:
    assert f'<{THING}.ttl>; rel="describedby"; type="text/turtle"' in client.get(THING).headers["Link"]


@pytest.mark.parametrize("address", [THING, f"{THING}.ttl", "/", "/solutions", "/solutions.csv", "/sources", "/about"])
def test_a_copy_that_is_still_good_is_not_sent_again(client: FlaskClient, address: str) -> None:
    first = client.get(address)
    assert {"Accept", "Accept-Language"} <= set(first.vary)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_date_of_its_last_change_makes_a_copy_good(client: FlaskClient) -> None:
    first = client.get(THING)
    assert client.get(THING, headers={"If-Modified-Since": first.headers["Last-Modified"]}).status_code == 304


def test_the_log_of_harvests_makes_no_promise_by_date(client: FlaskClient) -> None:
    assert "Last-Modified" not in client.get("/sources").headers


def test_forms_and_languages_have_etags_of_their_own(client: FlaskClient) -> None:
    asked = [{"Accept": "text/html"}, {"Accept": "text/turtle"}, {"Accept-Language": "it"}]
    assert len({client.get(THING, headers=headers).headers["ETag"] for headers in asked}) == 3


@pytest.mark.parametrize("suffix", ["", *(f".{name}" for name in TYPES)])
def test_head_has_the_headers_and_no_body(client: FlaskClient, suffix: str) -> None:
    head, get = client.head(THING + suffix), client.get(THING + suffix)
    assert head.data == b""
    assert {**head.headers, "Date": ""} == {**get.headers, "Date": ""}


@pytest.mark.parametrize(
    "address", [THING, f"{THING}.jsonld", "/solutions.json", THING.replace("/solution", "/id/solution")]
)
def test_pages_of_other_sites_may_read(client: FlaskClient, address: str) -> None:
    assert client.get(address).headers["Access-Control-Allow-Origin"] == "*"


def test_the_names_of_forms_are_those_of_the_syntaxes() -> None:
    assert {name: SYNTAXES[name].media_type for name in TYPES} == TYPES
