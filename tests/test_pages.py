"""Lists, sources, the front page: what they show, and how they answer to bad addresses and bad days."""

import csv
import io
import json
import re
import threading
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Graph

from catalogue.home import Home, is_held
from catalogue.identity import Minter, key
from catalogue.model import Reading, Record, Report, Source
from catalogue.rdf import Literal, Triple
from catalogue.settings import Settings
from catalogue.vocabulary import ADMS, DCT, RDF
from catalogue.writer import writing
from endpoint import create_app
from endpoint.bodies import Bodies
from endpoint.facets import table
from endpoint.reader import PublicationReader
from tests.conftest import BASE

SOLUTION = key("https://code.example/city/decide")
PAGES = ("/", "/solutions", "/initiatives", "/administrations", "/owners", "/licences", "/topics", "/news", "/events",
         "/documents", "/sources", "/source/feed", "/source/files", "/source/files/record/decide/publiccode.yml",
         "/source/files/record/broken.yml", "/about", f"/solution/{SOLUTION}", "/nothing")  # fmt: skip
ATOM = "{http://www.w3.org/2005/Atom}"


def results(page: str) -> int:
    found = re.search(r'id="results">(?:(No)|([\d,]+)) result', page)
    assert found is not None
    return int(found[2].replace(",", "")) if found[2] else 0


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_closed_to_what_it_does_not_need(client: FlaskClient, address: str) -> None:
    headers = client.get(address, headers={"Accept": "text/html"}).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_one_title_and_names_where_it_is(client: FlaskClient, address: str) -> None:
    page = client.get(address, headers={"Accept": "text/html"}).text
    assert len(re.findall(r"<h1[ >]", page)) == 1
    assert "· Test catalogue</title>" in page
    assert '<a class="skip" href="#main">' in page
    assert "https://" not in "".join(re.findall(r'<(?:link|img|script)[^>]*(?:href|src)="([^"]*)"', page))


@pytest.mark.parametrize("address", ["/", "/solutions", f"/solution/{SOLUTION}", "/ns", "/vocabulary/topic"])
def test_a_name_in_another_language_is_plain_where_markup_cannot_stand(client: FlaskClient, address: str) -> None:
    wanted = {"Accept": "text/html", "Accept-Language": "de"}
    page = client.get(address, headers=wanted, follow_redirects=True).text
    assert re.search(r"<title>[^<]*</title>", page)
    assert re.findall(r'="[^"]*<', page) == []


def test_the_front_page_says_what_there_is(client: FlaskClient) -> None:
    page = client.get("/").text
    assert "<strong>32</strong> solutions" in page
    assert "<strong>3</strong> countries" in page
    assert "Open programme" in page
    assert 'href="/solutions?country=ITA"' in page


# Lists


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("", 32, id="all"),
        pytest.param("q=ticket", 30, id="a word"),
        pytest.param("q=tickt", 30, id="a word with a slip"),
        pytest.param("q=gestion", 1, id="without its accent"),
        pytest.param("licence=EUPL-1.2", 11, id="a code"),
        pytest.param("licence=http://spdx.org/licenses/EUPL-1.2", 11, id="an IRI"),
        pytest.param("licence=EUPL-1.2&licence=MIT", 32, id="values of one facet widen"),
        pytest.param("licence=EUPL-1.2&country=FRA", 0, id="facets narrow"),
        pytest.param("topic=topic/collaboration", 1, id="a code of one list, where two have it"),
        pytest.param("topic=collaboration", 0, id="an ambiguous code"),
        pytest.param("country=ATLANTIS", 0, id="an unknown value"),
        pytest.param("source=files", 1, id="a source"),
        pytest.param(f"owner={key('city')}", 1, id="an owner"),
        pytest.param("nonsense=1", 32, id="an unknown parameter"),
        pytest.param("country=", 32, id="an empty value"),
    ],
)
def test_a_list_finds(client: FlaskClient, query: str, expected: int) -> None:
    assert results(client.get(f"/solutions?{query}").text) == expected


@pytest.mark.parametrize(
    ("plural", "shown"), [("licences", "MIT License"), ("topics", "Participation"), ("topics", "Italy")]
)
def test_code_lists_show_what_solutions_have(client: FlaskClient, plural: str, shown: str) -> None:
    page = client.get(f"/{plural}").text
    assert re.search(rf">{shown}</a> <b>\d+</b>", page)
    assert 'class="card"' not in page
    assert 'class="card"' in client.get(f"/{plural}?sort=title").text


def test_what_was_corrected_is_said(client: FlaskClient) -> None:
    assert "spelt alike" in client.get("/solutions?q=tickt").text
    assert "spelt alike" not in client.get("/solutions?q=ticket").text


def test_a_facet_counts_what_its_choice_leads_to(client: FlaskClient) -> None:
    page = client.get("/solutions?licence=MIT").text
    for link, count in re.findall(
        r'<a href="(/solutions\?[^"]*)" rel="nofollow"[^>]*>(?:<span>)[^\n]*<b>(\d+)</b>', page
    ):
        chosen = client.get(link.replace("&amp;", "&")).text
        if "licence=MIT&amp;" in link and "licence=E" not in link:
            assert results(chosen) == int(count), link


def test_a_filter_is_a_chip_that_takes_it_away(client: FlaskClient) -> None:
    page = client.get("/solutions?licence=EUPL-1.2&country=ATLANTIS").text
    assert re.search(r'<li><a href="/solutions\?licence=EUPL-1.2" rel="nofollow">.*Country: ATLANTIS', page)
    assert re.search(r'<li><a href="/solutions\?country=ATLANTIS" rel="nofollow">.*Licence: EUPL-1.2', page)
    assert "Take a filter away" in page


def test_a_list_is_paged(client: FlaskClient) -> None:
    first, last = client.get("/solutions?sort=title").text, client.get("/solutions?sort=title&page=2").text
    assert '<link rel="next" href="/solutions?sort=title&amp;page=2">' in first
    assert '<link rel="prev" href="/solutions?sort=title">' in last
    assert first.count('class="card"') == 20
    assert last.count('class="card"') == 12


def test_a_page_behind_the_last_is_the_last(client: FlaskClient) -> None:
    page = client.get("/solutions?page=999999999").text
    assert "There is no page 999999999" in page
    assert page.count('class="card"') == 12


@pytest.mark.parametrize(
    "query",
    [
        "&".join(f"topic=x{n}" for n in range(21)),
        f"owner={'x' * 501}",
        "page=0",
        "page=-1",
        "page=x",
        "page=1e9",
        "page=²",
        "size=0",
        "sort=price",
        f"page={'9' * 50}",
    ],
)
def test_a_parameter_that_does_not_fit_is_named(client: FlaskClient, query: str) -> None:
    response = client.get(f"/solutions?{query}", headers={"Accept": "text/html"})
    assert response.status_code == 400
    assert query.partition("=")[0] + "=" in response.text


def test_no_page_shows_more_than_a_hundred(client: FlaskClient) -> None:
    page = client.get("/topics?size=100000&sort=title").text
    assert page.count('class="card"') == 100
    assert "at most 100" in page


@pytest.mark.parametrize(
    "query",
    [
        "q=" + "x" * 10_000,
        "q=" + "a " * 400,
        "q=%00",
        "q=<script>alert(1)</script>",
        "q=%22%20AND%20",
        "country=%22%3E",
        "q=%F0%9F%92%A9",
    ],
)
def test_any_words_may_be_searched_for(client: FlaskClient, query: str) -> None:
    response = client.get(f"/solutions?{query}")
    assert response.status_code == 200
    assert "<script>alert" not in response.text


def test_a_table_can_be_opened_without_danger(client: FlaskClient) -> None:
    response = client.get("/solutions.csv?country=ESP")
    assert response.data.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(response.data.decode("utf-8-sig")))
    assert row["title"] == "'=Foreign gestión"
    assert row["iri"] == "https://elsewhere.example/assets/1#it"


def test_an_export_has_the_whole_search(client: FlaskClient) -> None:
    found = json.loads(client.get("/solutions.json?licence=MIT").data)
    assert found["total"] == len(found["items"]) == 21


def test_an_export_is_paged_by_its_links(client: FlaskClient) -> None:
    response = client.get("/solutions.json?size=10&page=2")
    assert response.json is not None
    assert len(response.json["items"]) == 10
    assert '</solutions.json?size=10>; rel="prev"' in response.headers["Link"]
    assert '</solutions.json?size=10&page=3>; rel="next"' in response.headers["Link"]
    assert response.headers["X-Total-Count"] == "32"


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # of rdflib's own making
@pytest.mark.parametrize("suffix", ["ttl", "jsonld", "rdf", "nt"])
def test_a_list_is_linked_data(client: FlaskClient, suffix: str) -> None:
    names = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml", "nt": "nt"}
    graph = Graph().parse(data=client.get(f"/solutions.{suffix}?licence=EUPL-1.2").data, format=names[suffix])
    assert len(set(graph.subjects())) == 11


def test_a_list_is_a_feed(client: FlaskClient) -> None:
    feed = ET.fromstring(client.get("/solutions.atom").data)
    assert len(feed.findall(f"{ATOM}entry")) == 32
    assert all(entry.findtext(f"{ATOM}updated") for entry in feed.findall(f"{ATOM}entry"))


def test_a_feed_says_where_it_is_and_what_it_is_of(client: FlaskClient) -> None:
    feed = ET.fromstring(client.get("/solutions.atom?country=ITA").data)
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {"self": f"{BASE}/solutions.atom?country=ITA", "alternate": f"{BASE}/solutions?country=ITA"}


def test_a_list_negotiates(client: FlaskClient) -> None:
    for accept in ("text/csv", "application/json", "text/turtle", "application/atom+xml"):
        assert client.get("/solutions", headers={"Accept": accept}).mimetype == accept


# Sources


def test_sources_say_how_their_last_harvest_went(client: FlaskClient) -> None:
    page = client.get("/sources").text
    assert "National feed" in page
    assert "the directory is gone" in page


def test_a_source_shows_what_is_to_be_mended_first(client: FlaskClient) -> None:
    page = client.get("/source/files").text
    assert page.index("broken.yml</a>") < page.index("decide/publiccode.yml</a>")
    assert "This is no SPDX identifier." in page
    assert "broken.yml</a>" not in client.get("/source/files?state=current").text


@pytest.mark.parametrize("query", ["state=nowhere", "findings=many", "page=0"])
def test_a_source_names_a_filter_that_does_not_fit(client: FlaskClient, query: str) -> None:
    assert client.get(f"/source/files?{query}").status_code == 400


def test_a_record_shows_its_findings_at_their_lines(client: FlaskClient) -> None:
    page = client.get("/source/files/record/decide/publiccode.yml").text
    assert '<a href="#L3">line 3, column 10</a>' in page
    assert re.search(r'<tr id="L3" class="warning">.*license: EUPL</code>.*no SPDX identifier', page)
    assert "Write EUPL-1.2." in page
    assert f"/solution/{SOLUTION}" in page


def test_a_rejected_record_has_a_page(client: FlaskClient) -> None:
    page = client.get("/source/files/record/broken.yml").text
    assert "cannot be used until" in page
    assert "Close the quote." in page


def test_a_record_is_linked_data_as_harvested(client: FlaskClient) -> None:
    data = client.get("/source/files/record/decide/publiccode.yml.ttl")
    assert data.mimetype == "text/turtle"
    assert "operatingSystem" in data.text
    assert "sh:ValidationReport" in data.text
    assert "featureList" not in data.text


# Health, errors, publications


@pytest.mark.parametrize("address", ["/livez", "/readyz", "/robots.txt"])
def test_machines_learn_that_all_is_well(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 200


def test_readiness_names_the_publication(client: FlaskClient) -> None:
    assert client.get("/readyz").json == {"ready": True, "publication": 1, "solutions": 32}


def test_without_a_publication_pages_wait(empty_settings: Settings) -> None:
    client = create_app(empty_settings).test_client()
    page = client.get("/", headers={"Accept": "text/html"})
    assert page.status_code == 503
    assert "there is no publication yet" in page.text
    assert "Retry-After" in page.headers
    assert client.get("/readyz").status_code == 503
    assert client.get("/livez").status_code == 200
    assert client.get("/solutions", headers={"Accept": "text/turtle"}).mimetype == "text/plain"


def test_pages_cannot_be_written(client: FlaskClient) -> None:
    response = client.post("/solutions", headers={"Accept": "text/html"})
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_an_error_of_ours_tells_nothing_of_itself(web_settings: Settings) -> None:
    app = create_app(web_settings)

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("secret")

    response = app.test_client().get("/broken", headers={"Accept": "text/html"})
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "Something went wrong here" in response.text


def test_static_files_never_change_at_their_address(client: FlaskClient) -> None:
    address = re.search(r'href="(/static/style\.css\?v=\w+)"', client.get("/").text)
    assert address is not None
    with client.get(address[1]) as response:
        assert "immutable" in response.headers["Cache-Control"]
        assert len(response.data) <= 25 * 1024
        assert b"url(" not in response.data


def publish(settings: Settings, name: str) -> None:
    minter = Minter(settings.base)
    source = Source("one", "rdf", "one", "One", 1)
    about = minter.thing("solution", name)
    triples = frozenset({Triple(about, RDF.type, ADMS.Asset), Triple(about, DCT.title, Literal(name, language="en"))})
    with writing(settings, "test", lambda: datetime(2026, 1, 1, tzinfo=UTC)) as writer:
        writer.store.put_source(source)
        writer.store.put(source, Reading(name, name, Report(), Record(name, about, triples, name)))
        writer.publish()


def test_a_new_publication_is_served_and_the_old_one_let_go(empty_settings: Settings) -> None:
    home = Home(empty_settings.home)
    publish(empty_settings, "first")
    reader = PublicationReader(home)
    old = reader.acquire()
    publish(empty_settings, "second")
    wait_for_look(reader)
    new = reader.acquire()
    assert (old.number, new.number) == (1, 2)
    assert old.publication.search.counts()["solution"] == 1
    reader.release(old)
    reader.release(new)
    assert not is_held(home.publication(1))
    assert is_held(home.publication(2))
    reader.close()
    assert not is_held(home.publication(2))


def wait_for_look(reader: PublicationReader) -> None:
    reader._looked = float("-inf")  # as if the time between two looks had passed


def test_a_damaged_publication_leaves_the_one_before_served(empty_settings: Settings) -> None:
    home = Home(empty_settings.home)
    publish(empty_settings, "first")
    reader = PublicationReader(home)
    reader.release(reader.acquire())
    home.set_current(99)
    wait_for_look(reader)
    edition = reader.acquire()
    assert edition.number == 1
    reader.release(edition)
    reader.close()


def test_threads_share_a_publication(web: Flask) -> None:
    statuses: list[int] = []

    def read() -> None:
        client = web.test_client()
        addresses = ("/", f"/solution/{SOLUTION}", "/solutions?q=ticket") * 5
        statuses.extend(client.get(address).status_code for address in addresses)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 60


def test_kept_bodies_stay_within_their_room() -> None:
    bodies = Bodies(most_bytes=160)
    made = [bodies.get(number, lambda: b"0123456789") for number in range(100)]
    assert len({body.etag for body in made}) == 1
    assert bodies.get("large", lambda: "x" * 100).content == b"x" * 100
    assert sum(len(body.content) for body in bodies._kept.values()) <= 160


def test_the_application_opens_nothing_before_it_is_asked(tmp_path: Path, empty_settings: Settings) -> None:
    create_app(empty_settings)
    assert list(tmp_path.iterdir()) == []


SEGMENT = st.text("abc", min_size=1, max_size=2)
VALUE = st.lists(SEGMENT, min_size=1, max_size=4).map(lambda parts: "https://lists.example/" + "/".join(parts))


@given(st.sets(VALUE, max_size=12))
def test_every_value_of_a_facet_has_a_code_of_its_own(values: set[str]) -> None:
    codes = table(sorted(values))
    assert {codes.value(codes.code(value)) for value in values} == values
    assert len({codes.code(value) for value in values}) == len(values)
    assert all(codes.value(value) == value for value in values)


def test_a_list_says_in_which_other_forms_it_is(client: FlaskClient) -> None:
    links = client.get("/solutions?licence=MIT&page=2").headers["Link"]
    assert '</solutions.csv?licence=MIT>; rel="alternate"; type="text/csv"' in links
