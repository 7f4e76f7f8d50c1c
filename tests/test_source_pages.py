"""Pages of sources, runs and records; feeds, badges, and the wish that a record be read again."""

import html
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from rdflib import RDF, Graph, URIRef

from catalogue.fetch import Fetch
from catalogue.harvest import Harvesting
from catalogue.home import Home
from catalogue.identity import Minter, key
from catalogue.model import Source
from catalogue.operations import Departure, Failing, Operations, Run
from catalogue.rdf import IRI
from catalogue.settings import Settings, load
from catalogue.writer import writing
from endpoint import create_app
from endpoint.badges import picture, width
from endpoint.federation import Finding
from endpoint.mending import mended
from tests.conftest import FILES, GONE, NOW, say

BASE = "https://catalogue.example"
ATOM = "{http://www.w3.org/2005/Atom}"
PROV = "http://www.w3.org/ns/prov#"
OSC = "https://w3id.org/open-source-catalogue/ns#"
SOLUTION = key("https://code.example/city/decide")
RECORD = "/source/files/record/decide/publiccode.yml"
HTML = {"Accept": "text/html"}
TOML = """\
[[source]]
id = "files"
kind = "publiccode"
location = "files"

[[source]]
id = "later"
kind = "rdf"
location = "x"
schedule = "every 6 hours"
title = "Not yet <read>"

[[source]]
id = "resting"
kind = "rdf"
location = "y"
paused = true
"""


def run(number: int, error: str | None = None, **counts: int) -> Run:
    hour = f"2026-11-21T{9 + number:02}:"
    records = {
        "new": ["decide/publiccode.yml"] if counts.get("new") else [],
        "broken": ["broken.yml"] if counts.get("rejected") else [],
        "gone": ["away.yml"] if counts.get("gone") else [],
    }
    return Run("files", f"{hour}02:00+00:00", f"{hour}03:01.5+00:00", counts, error, 12, 123456, records, "Told \x07.")


@pytest.fixture(scope="module")
def configured(web_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The filled catalogue of the session with a log and configured sources of its own."""
    home = tmp_path_factory.mktemp("pages")
    for name in ("state", "published"):
        (home / name).symlink_to(Path(web_settings.home) / name)
    (home / "catalogue.toml").write_text(TOML)
    return load({"home": str(home), "base": BASE, "title": "Test catalogue"}, {})


@pytest.fixture
def log(configured: Settings) -> Iterator[Operations]:
    path = Path(configured.home) / "operations.db"
    log = Operations(path)
    for one in (run(0, new=1), run(1, rejected=1, warnings=1), run(2, unchanged=2), run(3, "files: <down>")):
        log.add(one)
    log.failed("files", ["broken.yml"], Failing("2026-11-21T10:02:00+00:00", "2026-11-21T10:03:00+00:00"))
    yield log
    for file in path.parent.glob("operations.db*"):
        file.unlink()


@pytest.fixture
def client(configured: Settings, log: Operations) -> Iterator[FlaskClient]:
    app: Flask = create_app(configured)
    app.testing = True
    with app.test_client() as client:
        yield client
    app.extensions["reader"].close()


# Sources


def test_sources_say_when_they_are_read_next_and_those_not_read_yet_are_named(client: FlaskClient) -> None:
    page = client.get("/sources", headers=HTML).text
    assert "Not yet &lt;read&gt;" in page
    assert "Every 6 hours; due now" in page
    assert "failed</strong> files: &lt;down&gt;" in page
    assert "resting" not in page


def test_all_sources_are_told_to_programs_with_their_last_harvests(client: FlaskClient) -> None:
    told = {one["source"]: one for one in json.loads(client.get("/sources.json").data)["sources"]}
    own = json.loads(client.get("/source/files.json").data)
    shared = told["files"].keys() & own.keys()
    assert {"id", "title", "kind", "schedule", "due", "begun", "states", "findings"} <= shared
    assert {name: told["files"][name] for name in shared} == {name: own[name] for name in shared}
    assert (told["files"]["run"]["number"], told["files"]["run"]["error"]) == (4, "files: <down>")
    assert "records" not in told["files"]["run"]
    assert (told["feed"]["run"], told["later"]["states"], told["later"]["due"]["now"]) == (None, {}, True)


def test_all_sources_are_rdf_too(client: FlaskClient) -> None:
    answer = client.get("/sources", headers={"Accept": "text/turtle"})
    graph = Graph().parse(data=answer.data, format="turtle")
    catalogues = set(graph.subjects(RDF.type, URIRef("http://www.w3.org/ns/dcat#Catalog")))
    assert {URIRef(f"{BASE}/source/{name}") for name in ("files", "feed")} <= catalogues
    assert '</sources.json>; rel="alternate"; type="application/json"' in answer.headers["Link"]


def test_what_could_not_be_read_of_a_source_is_said_beside_it(client: FlaskClient, log: Operations) -> None:
    log.add(run(6, warnings=1, unread=1))
    page = client.get("/sources", headers=HTML).text
    assert "; 1 part of it could not be read</p>" in page
    assert "1 warning, 1 unread<" in client.get("/source/files", headers=HTML).text
    log.add(run(7, unchanged=1))
    assert "could not be read" not in client.get("/sources", headers=HTML).text


def test_records_are_named_by_what_they_describe(client: FlaskClient) -> None:
    page = client.get("/source/feed", headers=HTML).text
    assert re.search(r'many-1</a></td><td><a href="/solution/[a-z2-7]{10}">Ticket tool 01</a></td>', page)


def test_a_broken_file_of_settings_breaks_no_page(client: FlaskClient, configured: Settings) -> None:
    configured.file.write_text("[[source]")
    try:
        assert client.get("/sources", headers=HTML).status_code == 200
        assert "by hand" in client.get(RECORD, headers=HTML).text
    finally:
        configured.file.write_text(TOML)


@pytest.mark.parametrize(
    ("added", "words"),
    [
        ("", "It is not among the configured sources, and read by hand only; what it has said stays."),
        ("paused = true", "It is paused, and not read until an operator resumes it; what it has said stays."),
        ('schedule = "now and then"', "It is configured in a way that cannot be used; its last harvest says why."),
    ],
    ids=["not configured", "paused", "wrong"],
)
def test_a_source_that_nobody_reads_by_itself_says_why(
    client: FlaskClient, configured: Settings, added: str, words: str
) -> None:
    entry = f'[[source]]\nid = "feed"\nkind = "rdf"\nlocation = "z"\n{added}\n' if added else ""
    configured.file.write_text(entry)
    try:
        assert words in html.unescape(client.get("/source/feed", headers=HTML).text)
        assert words[1:] in html.unescape(client.get("/source/feed/record/many-1", headers=HTML).text)
        refused = client.post("/source/feed/record/many-1", headers=HTML)
        assert (refused.status_code, words in html.unescape(refused.text)) == (409, True)
    finally:
        configured.file.write_text(TOML)


def test_a_source_shows_its_harvests_and_how_to_be_told(client: FlaskClient) -> None:
    page = client.get("/source/files", headers=HTML).text
    assert "Read daily; " in page
    assert '<a href="/source/files/run/4">' in page
    assert "1 rejected, 1 warning<" in page
    for link in ("/source/files.atom", "/source/files.atom?only=errors", "/source/files.json", "/source/files.ttl"):
        assert f'href="{link}"' in page


@pytest.mark.parametrize("address", ["/source/later", "/source/later.json", "/source/later.ttl", "/source/later.atom"])
def test_a_source_has_a_page_before_it_is_read(client: FlaskClient, address: str) -> None:
    assert client.get(address, headers=HTML).status_code == 200
    assert '<a href="/source/later">Not yet &lt;read&gt;</a>' in client.get("/sources", headers=HTML).text
    assert json.loads(client.get("/source/later.json").data)["due"] == {"now": True, "at": None, "wished": False}


def test_a_harvest_that_has_not_ended_is_said_to_be_under_way_or_killed(
    client: FlaskClient, log: Operations, configured: Settings
) -> None:
    log.begin(run(9, new=1))
    page = client.get("/source/files", headers=HTML).text
    assert "did not end: its process was killed" in page
    assert "So far: 1 new (as of" in page
    with Home(configured.home).writing("test", 1):
        for address in ("/source/files", "/sources"):
            assert "It is being read, since" in client.get(address, headers=HTML).text
        assert json.loads(client.get("/source/files.json").data)["begun"]["alive"] is True
    log.wish("files", datetime(2026, 11, 21, tzinfo=UTC), "decide/publiccode.yml")
    log.break_off()
    assert log.wished() == {}  # or it would be read again every few minutes
    assert "did not end" in client.get("/source/files.atom?only=errors").text
    assert json.loads(client.get("/source/files.json").data)["begun"] is None


def test_all_runs_that_are_kept_can_be_paged_through(client: FlaskClient, log: Operations) -> None:
    for _ in range(25):
        log.add(run(5, unchanged=1))
    pages, address = [], "/source/files.json"
    while address:
        told = json.loads(client.get(address).data)
        pages.append([one["number"] for one in told["runs"]])
        address = (told["older"] or "").removeprefix(BASE)
    assert pages == [[*range(29, 19, -1)], [*range(19, 9, -1)], [*range(9, 0, -1)]]
    assert '<a href="/source/files?before=20">Older harvests</a>' in client.get("/source/files", headers=HTML).text
    assert client.get("/source/files?before=x", headers=HTML).status_code == 400


def test_a_clock_that_was_set_back_does_not_hide_that_a_source_is_due(client: FlaskClient, log: Operations) -> None:
    log.add(replace(run(0), started="2100-01-01T00:00:00+00:00", ended="2099-12-31T23:00:00+00:00"))
    page = client.get("/source/files", headers=HTML).text
    assert "due now" in page
    assert "<td>0.0 s</td>" in page


def test_a_source_is_json(client: FlaskClient) -> None:
    told = json.loads(client.get("/source/files.json").data)
    assert (told["id"], told["kind"], told["schedule"]) == (f"{BASE}/source/files", "publiccode", "daily")
    assert [one["number"] for one in told["runs"]] == [4, 3, 2, 1]
    assert told["runs"][0]["error"] == "files: <down>"
    assert {record["key"]: record["state"] for record in told["records"]} == {
        "decide/publiccode.yml": "current",
        "broken.yml": "rejected",
    }
    assert json.loads(client.get("/source/files", headers={"Accept": "application/json"}).data) == told
    assert len(json.loads(client.get("/source/files.json?state=rejected").data)["records"]) == 1


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
@pytest.mark.parametrize("suffix", ["ttl", "jsonld", "rdf", "nt"])
def test_a_source_is_linked_data_with_its_runs_in_prov(client: FlaskClient, suffix: str) -> None:
    response = client.get(f"/source/files.{suffix}")
    form = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml", "nt": "nt"}[suffix]
    graph = Graph().parse(data=response.data, format=form)
    source, last = URIRef(f"{BASE}/source/files"), URIRef(f"{BASE}/source/files/run/4")
    assert (last, URIRef(f"{PROV}used"), source) in graph
    assert str(graph.value(last, URIRef(f"{OSC}failure"))) == "files: <down>"
    counted = {str(graph.value(node, URIRef("http://schema.org/name"))): int(graph.value(node, URIRef("http://schema.org/value")))
               for node in graph.objects(source, URIRef(f"{OSC}outcomeCount"))}  # fmt: skip
    assert counted == {"current": 1, "rejected": 1, "violation": 1, "warning": 1}


@pytest.mark.parametrize(
    ("query", "numbers"),
    [("", [4, 3, 2, 1]), ("?only=changes", [4, 2, 1]), ("?only=errors", [4, 2])],
    ids=["all", "changes", "errors"],
)
def test_the_feed_tells_of_runs(client: FlaskClient, query: str, numbers: list[int]) -> None:
    response = client.get(f"/source/files.atom{query}")
    assert response.mimetype == "application/atom+xml"
    feed = ET.fromstring(response.data)
    for name in ("id", "title", "updated", "author"):
        assert feed.find(ATOM + name) is not None
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}id") for entry in entries] == [f"{BASE}/source/files/run/{n}" for n in numbers]
    for entry in entries:
        assert datetime.fromisoformat(entry.findtext(f"{ATOM}updated") or "").tzinfo is not None
        assert entry.findtext(f"{ATOM}title")
    own = [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert own == [f"{BASE}/source/files.atom{query}"]


def test_the_feed_of_errors_tells_a_failure_once_and_that_of_changes_its_end(
    client: FlaskClient, log: Operations
) -> None:
    for one in (run(4, "files: <down>"), run(5, "files: <down>"), run(6, unchanged=2), run(7, unchanged=2)):
        log.add(one)
    found = {only: client.get(f"/source/files.atom?only={only}").text for only in ("errors", "changes")}
    told = {only: re.findall(r"<id>[^<]*/run/([0-9]+)</id>", text) for only, text in found.items()}
    assert told == {"errors": ["4", "2"], "changes": ["7", "4", "2", "1"]}


def test_a_feed_of_something_else_is_explained(client: FlaskClient) -> None:
    assert client.get("/source/files.atom?only=news").status_code == 400


def test_a_source_without_runs_has_an_empty_feed(client: FlaskClient) -> None:
    feed = ET.fromstring(client.get("/source/feed.atom").data)
    assert feed.findtext(f"{ATOM}updated")
    assert feed.findall(f"{ATOM}entry") == []


@pytest.mark.parametrize(
    "address", ["/source/nothing", "/source/nothing.json", "/source/files.exe", "/source/files.csv"]
)
def test_what_is_no_source_is_not_found(client: FlaskClient, address: str) -> None:
    assert client.get(address, headers=HTML).status_code == 404


# Runs


def test_a_run_says_what_it_did_and_to_which_records(client: FlaskClient) -> None:
    page = client.get("/source/files/run/2", headers=HTML).text
    assert "1 min 2 s" in page
    assert "Broken since the run before" in page
    assert '<a href="/source/files/record/broken.yml">' in page
    assert "123 kB" in page


def test_a_run_that_failed_says_so(client: FlaskClient) -> None:
    page = client.get("/source/files/run/4", headers=HTML).text
    assert "files: &lt;down&gt;" in page
    assert "What the source said before is kept." in page


def test_a_run_is_json_and_prov(client: FlaskClient) -> None:
    told = json.loads(client.get("/source/files/run/1.json").data)
    assert (told["counts"]["new"], told["requests"], told["bytes"], told["seconds"]) == (1, 12, 123456, 61.5)
    graph = Graph().parse(
        data=client.get("/source/files/run/1", headers={"Accept": "text/turtle"}).data, format="turtle"
    )
    node = URIRef(f"{BASE}/source/files/run/1")
    assert (node, URIRef(f"{PROV}generated"), URIRef(f"{BASE}{RECORD}")) in graph
    assert graph.value(node, URIRef(f"{PROV}startedAtTime")) is not None


@pytest.mark.parametrize("name", ["5", "x", "0", "²", "1.exe", f"{'9' * 40}", "-1"])
def test_a_run_that_is_not_there_is_not_found(client: FlaskClient, name: str) -> None:
    assert client.get(f"/source/files/run/{name}", headers=HTML).status_code == 404
    assert client.get("/source/feed/run/1", headers=HTML).status_code == 404


# Records


def test_a_record_says_when_it_was_tried_and_read_well(client: FlaskClient) -> None:
    page = client.get(RECORD, headers=HTML).text
    assert re.search(r"<dt>Last tried</dt><dd><time[^>]*>21 November 2026, 12:03", page)
    assert re.search(r"<dt>Last read well</dt><dd><time[^>]*>21 November 2026, 11:03", page)
    broken = client.get("/source/files/record/broken.yml", headers=HTML).text
    assert re.search(r"<dt>Last tried</dt><dd><time[^>]*>21 November 2026, 10:03", broken)
    assert "Last read well" not in broken


def test_a_record_that_is_missing_from_its_source_is_not_said_to_have_been_read_well(
    client: FlaskClient, log: Operations
) -> None:
    memory = log.memory("files", "1")
    memory["missing decide/publiccode.yml"] = 1
    memory.keep()
    memory.close()
    page = client.get(RECORD, headers=HTML).text
    assert "was not in its source in the last complete harvest" in page
    assert "Last tried" in page
    assert "Last read well" not in page


def test_a_record_of_a_document_that_cannot_be_read_is_not_said_to_have_been_read_well(
    client: FlaskClient, log: Operations
) -> None:
    address, origin = "/source/feed/record/many-1", "https://origin.example/many-1"
    assert "nothing is wrong with it" in client.get(address, headers=HTML).text
    times = "2026-11-21T10:02:00+00:00", "2026-11-21T10:03:00+00:00", "2026-11-20T10:03:00+00:00"
    log.failed("feed", [origin], Failing(*times))
    page = client.get(address, headers=HTML).text
    assert f'<a href="/source/feed/record/{origin}">What it is read from</a> cannot be read now' in page
    assert re.search(r"<dt>Last tried</dt><dd><time[^>]*>21 November 2026, 10:03", page)
    assert re.search(r"<dt>Last read well</dt><dd><time[^>]*>20 November 2026, 10:03", page)


def test_a_record_shows_what_it_would_look_like_mended(client: FlaskClient) -> None:
    page = client.get(RECORD, headers=HTML).text
    assert "<del><code>license: EUPL</code></del>" in page
    assert "<ins><code>license: EUPL-1.2</code></ins>" in page


def test_the_raw_input_is_a_download_that_no_browser_runs(client: FlaskClient) -> None:
    response = client.get("/source/files/original/decide/publiccode.yml")
    assert response.text.startswith('publiccodeYmlVersion: "0.5"\n')
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="publiccode.yml"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert client.get("/source/files/original/broken.yml").status_code == 404


def found(line: int, column: int, path: str, value: str, fix: str) -> Finding:
    return Finding("warning", "It is wrong.", path, value, fix, line, column)


@pytest.mark.parametrize(
    ("line", "finding", "expected"),
    [
        ("license: eupl-1.2", found(1, 1, "legal.license", "eupl-1.2", "Write EUPL-1.2."), "license: EUPL-1.2"),
        ("it: it", found(1, 1, "it", "", "Write it in capitals: IT."), "IT: it"),
        ("it: it", found(1, 1, "it", "it", "Write en."), "it: en"),
        ('version: 1.10', found(1, 1, "version", "1.10", 'Write "1.10", in quotes.'), 'version: "1.10"'),
        ('version: 1.10', found(1, 1, "version", "", 'Write "1.10", in quotes.'), 'version: "1.10"'),
        ('- version: 1.0 # was 1.0', found(1, 3, "x[0].version", "", 'Write "1.0", in quotes.'), None),
        ("ready: yes # yes?", found(1, 1, "ready", "yes", "Write true, without quotes."), None),
        ("ready: yes", found(1, 1, "ready", "yes", "Write true, without quotes."), "ready: true"),
        ("ready: 'no'", found(1, 1, "ready", "no", "Write false, without quotes."), "ready: false"),
        ("  - nl", found(1, 5, "countries[0]", "nl", "Write NL."), "  - NL"),
        ('page: "a.example"', found(1, 1, "page", "a.example", "Write https://a.example"), 'page: "https://a.example"'),
        ("landingUrl: x", found(1, 1, "landingUrl", "", "Did you mean “landingURL”?"), "landingURL: x"),
        ("- security", found(1, 3, "categories[0]", "security", "Did you mean “it-security”?"), None),
        ("a: MIT or GPL", found(1, 1, "a", "MIT or GPL", "Write MIT OR GPL-2.0-only."), "a: MIT OR GPL-2.0-only"),
        ("a: b", found(1, 1, "a", "b", "Write one text."), None),
        ("a: b", found(1, 1, "a", "b", "Write AGPL-3.0-only or AGPL-3.0-or-later, whichever is meant."), None),
        ("a: bc", found(1, 1, "a", "b", "Write x."), None),
        ("a: b b", found(1, 1, "a", "b", "Write x."), None),
        ("a: b", found(9, 1, "a", "b", "Write x."), None),
        ("a: b", found(1, 99, "a", "b", "Write x."), None),
    ],
)  # fmt: skip
def test_only_what_is_told_to_the_letter_is_mended(line: str, finding: Finding, expected: str | None) -> None:
    assert [one.new for one in mended(line, [finding])] == ([] if expected is None else [expected])


def test_two_findings_of_a_line_are_both_mended() -> None:
    line = "a: [eupl-1.2, mit]"
    both = [found(1, 5, "a[0]", "eupl-1.2", "Write EUPL-1.2."), found(1, 15, "a[1]", "mit", "Write MIT.")]
    assert mended(line, both)[0].new == "a: [EUPL-1.2, MIT]"


_ANY = st.text(max_size=20)


@given(
    _ANY, st.lists(st.builds(found, st.integers(-1, 5), st.integers(-1, 30), _ANY, _ANY, _ANY.map("Write {}.".format)))
)
def test_mending_never_fails(text: str, findings: list[Finding]) -> None:
    lines = text.splitlines()
    assert all(one.old == lines[one.number - 1] for one in mended(text, findings))


# Check again


def test_a_record_can_be_wished_to_be_read_again(client: FlaskClient, log: Operations) -> None:
    assert (
        '<form method="post" action="/source/files/record/decide/publiccode.yml">'
        in client.get(RECORD, headers=HTML).text
    )
    response = client.post(RECORD, headers={"Origin": "http://localhost"})
    assert (response.status_code, response.headers["Location"]) == (303, f"{RECORD}#again")
    assert list(log.wished()) == ["files"]
    page = client.get(RECORD, headers=HTML).text
    assert "Noted. The next run takes it up" in page
    assert "<form method" not in page
    client.post(RECORD)
    assert log.wishes(datetime(2026, 1, 1, tzinfo=UTC), source="files") == 1
    assert "somebody asks for it" in client.get("/source/files", headers=HTML).text
    log.grant("files", datetime(2100, 1, 1, tzinfo=UTC))
    assert log.wished() == {}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": BASE}, 303),
        ({}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_no_other_site_can_wish_in_a_visitors_name(
    client: FlaskClient, log: Operations, headers: dict[str, str], status: int
) -> None:
    assert client.post(RECORD, headers=headers).status_code == status
    assert bool(log.wished()) is (status == 303)


def test_a_visitor_can_wish_only_so_often(client: FlaskClient, log: Operations) -> None:
    keys = [f"many-{number}" for number in range(11)]
    with (Path(client.application.extensions["settings"].file)).open("a") as file:
        file.write('\n[[source]]\nid = "feed"\nkind = "rdf"\nlocation = "z"\n')
    try:
        found = [client.post(f"/source/feed/record/{key}", headers=HTML) for key in keys]
        assert [response.status_code for response in found] == [303] * 10 + [429]
        assert found[-1].headers["Retry-After"] == "3600"
        other = client.post(f"/source/feed/record/{keys[-1]}", headers={"X-Forwarded-For": "203.0.113.9"})
        assert other.status_code == 303
    finally:
        client.application.extensions["settings"].file.write_text(TOML)


@pytest.mark.parametrize(
    ("address", "status"),
    [("/source/feed/record/many-1", 409), ("/source/files/record/nothing", 404), ("/sources", 405)],
)
def test_what_nobody_would_take_up_cannot_be_wished(
    client: FlaskClient, log: Operations, address: str, status: int
) -> None:
    assert client.post(address, headers=HTML).status_code == status
    assert log.wished() == {}


def test_a_wish_that_was_granted_is_not_said_to_wait(client: FlaskClient, log: Operations) -> None:
    client.post(RECORD)
    log.grant("files", datetime(2100, 1, 1, tzinfo=UTC))
    page = client.get(RECORD, headers=HTML).text
    assert "Noted." not in page
    assert "was read again since somebody asked" in page
    assert "<form method" not in page


# Whatever keys records have


ODD = ["a b/ü.yml", "100%25.yml", "what?x=1#y.yml", 'quo"te<i>.yml', "x.ttl"]


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A catalogue whose records have odd keys, named by a run; one of them went."""
    settings = load({"home": str(tmp_path_factory.mktemp("odd")), "base": BASE}, {})
    with writing(settings, "test", lambda: NOW) as writer:
        writer.store.put_source(FILES)
        for key in [*ODD, "away?.yml"]:
            say(writer, FILES, key, GONE, f'<{GONE.value}> a dcat:Dataset, adms:Asset ; dct:title "It"@en .')
        writer.store.remove("files", "away?.yml")
        named = {"changed": ODD, "gone": ["away?.yml"], "unread": ["page 7"]}
        reasons = {"page 7": ["It is no Turtle.", "Close the <bracket>."]}
        log = Operations(writer.home.operations)
        log.add(replace(run(0, changed=5, gone=1, unread=1), records=named, reasons=reasons))
        log.departed([Departure("files", "away?.yml", GONE.value, "2026-11-21T09:03:01+00:00", "it was missing", 1)])
        writer.publish()
    app = create_app(settings)
    with app.test_client() as client:
        yield client
    app.extensions["reader"].close()


def linked(page: str) -> list[str]:
    """The addresses of records, their texts and badges that a page names."""
    found = re.findall(r'(?:href|src|action)="(/(?:source/files/(?:record|original)|badge)/[^"]+)"', page)
    return sorted({html.unescape(address) for address in found})


def test_all_addresses_of_records_lead_to_them_whatever_their_keys_are(odd: FlaskClient) -> None:
    pages = [odd.get(address, headers=HTML) for address in ("/source/files", "/source/files/run/1")]
    for page in pages:
        addresses = linked(page.text)
        assert len(addresses) >= len(ODD)
        for address in addresses:
            found = odd.get(address, headers=HTML)
            assert found.status_code == (410 if "away" in address else 200), address
            pages += [found] if found.status_code == 200 and page in pages[:2] else []
    told = json.loads(odd.get("/source/files.json").data)
    assert {one["key"] for one in told["records"]} == set(ODD)
    assert {one["page"] for one in told["records"]} == {one["page"] for one in told["runs"][0]["records"]["changed"]}
    assert "100%25.yml</a>" in odd.get("/source/files", headers=HTML).text


def test_a_record_that_went_says_when_why_and_with_which_run(odd: FlaskClient) -> None:
    response = odd.get("/source/files/record/away%3F.yml", headers=HTML)
    assert response.status_code == 410
    assert "21 November 2026, 09:03</time>: it was missing." in response.text
    assert '<a href="/source/files/run/1">run 1</a>' in response.text
    plain = odd.get("/source/files/record/away%3F.yml", headers={"Accept": "text/turtle"})
    assert plain.status_code == 410
    assert "went on 2026-11-21, 09:03 UTC: it was missing" in plain.text
    assert "<title>Open source catalogue: no longer listed</title>" in odd.get("/badge/files/away%3F.yml.svg").text


def test_what_vanished_says_why_it_did(tmp_path: Path) -> None:
    entry = '<https://x.example/{0}> a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> "{0}" .'
    for name in ("stays", "goes"):
        (tmp_path / f"{name}.ttl").write_text(entry.format(name))
    settings = load({"home": str(tmp_path / "home"), "base": BASE}, {})
    source = Source("test", "rdf", str(tmp_path), "Test", 10)
    with writing(settings, "test", lambda: NOW) as writer:
        for lost in (None, "goes", None):
            if lost:
                (tmp_path / f"{lost}.ttl").unlink()
            done = writer.harvest(source, Harvesting(Fetch(), lambda: NOW))
        iri = IRI("https://x.example/goes")
        (gone,) = done.account.named["gone"]
        address = Minter(BASE).page(iri, "solution").value.removeprefix(BASE)
    app = create_app(settings)
    with app.test_client() as client:
        record = client.get(f"/source/test/record/{gone}", headers=HTML)
        thing = client.get(address, headers=HTML)
        badge = client.get(f"{address}/badge.svg")
        (found,) = re.findall(r'"(/resource[^"]+)"', record.text)
        assert iri.value in client.get(found, headers=HTML, follow_redirects=True).text
    app.extensions["reader"].close()
    assert (record.status_code, thing.status_code, badge.status_code) == (410, 410, 200)
    why = "it was missing in 2 complete harvests, one after the other"
    assert f"{why}." in record.text
    assert '<a href="/source/test/run/3">run 3</a>' in record.text
    assert f'<a href="/source/test/record/{gone}">{gone}</a> of <a href="/source/test">Test</a> went on' in thing.text
    assert f"{why}." in thing.text
    assert "no longer listed" in badge.text


def test_a_run_says_why_a_part_of_the_source_could_not_be_read(odd: FlaskClient) -> None:
    page = odd.get("/source/files/run/1", headers=HTML).text
    assert "<li>page 7: It is no Turtle. Close the &lt;bracket&gt;.</li>" in page
    assert json.loads(odd.get("/source/files/run/1.json").data)["reasons"]["page 7"][0] == "It is no Turtle."
    assert "It is no Turtle." in odd.get("/source/files.atom").text


# Badges


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/badge/files/decide/publiccode.yml.svg", "Test catalogue: listed · 1 warning"),
        ("/badge/files/broken.yml.svg", "Test catalogue: not listed · 1 error"),
        ("/badge/feed/many-1.svg", "Test catalogue: listed"),
    ],
)
def test_a_badge_says_whether_a_record_is_listed(client: FlaskClient, address: str, words: str) -> None:
    response = client.get(address)
    assert response.mimetype == "image/svg+xml"
    image = ET.fromstring(response.data)
    assert image.findtext("{http://www.w3.org/2000/svg}title") == words
    assert response.headers["Cache-Control"] == "public, max-age=600"
    assert client.get(address, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304


def test_a_badge_of_a_solution_has_its_score(client: FlaskClient) -> None:
    response = client.get(f"/solution/{SOLUTION}/badge.svg")
    assert re.search(r"<title>Test catalogue: listed · \d+/100</title>", response.text)
    assert client.get("/solution/aaaaaaaaaa/badge.svg").status_code == 404
    assert client.get("/badge/files/nothing.svg").status_code == 404


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_badge_is_as_wide_as_its_words(name: str, words: str) -> None:
    clean = [re.sub(r"[^\x20-\x7e\xa0-\ud7ff]", "", text) for text in (name, words)]
    image = ET.fromstring(picture(clean[0], clean[1], "#000"))
    assert image.get("width") == str(width(clean[0]) + width(clean[1]) + 24)
