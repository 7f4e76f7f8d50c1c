"""Linked data event streams: every page once, the latest of every object, and visits that are broken off anywhere."""

import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.errors import DocumentError, SourceError
from catalogue.fetch import Fetch
from catalogue.harvest import Harvest, Harvesting, harvest
from catalogue.harvesters import ldes
from catalogue.harvesters._ldes_changes import Change, changes, moment
from catalogue.harvesters._ldes_page import Page
from catalogue.identity import Minter
from catalogue.model import Checkpoint, Deleted, Document, Finding, Reading, Source
from catalogue.operations import Memory, Operations
from catalogue.rdf import IRI, SYNTAXES, Quad, Triple, read
from catalogue.store import Store
from catalogue.vocabulary import PREFIXES
from tests.visits import visit

SHARED = Path(__file__).parents[3] / "shared" / "data" / "dcat"
CASES = SHARED / "ldes-dcat-ap-test-cases"
BELGIUM = SHARED / "data-gov-be-ldes"
EX = "http://example.com/"
NAMES = {**PREFIXES, "ex": EX, "ldes": "https://w3id.org/ldes#", "tree": "https://w3id.org/tree#"}
HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in NAMES.items())
FEED = "<#s> a ldes:EventStream ; tree:view <> ; ldes:versionOfPath as:object ; ldes:timestampPath as:published .\n"
TRIG = "application/trig"


@dataclass
class Answer:
    """What the site says at a path; `etag` is also what it compares with."""

    body: bytes = b""
    media_type: str = TRIG
    status: int = 200
    etag: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Site(ThreadingHTTPServer):
    """Answers what a test lays down, by path, and counts what it is asked for and what it need not send again."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Answer] = {}
        self.otherwise: Callable[[str], Answer] = lambda path: Answer(status=404)
        self.asked: Counter[str] = Counter()
        self.unchanged: Counter[str] = Counter()
        self.tokens: dict[str, str | None] = {}

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def put(self, path: str, text: str, **how: Any) -> None:
        self.answers[path] = Answer((HEAD + text).encode(), **how)


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        site = self.server
        site.asked[self.path] += 1
        site.tokens[self.path] = self.headers.get("Authorization")
        answer = site.answers.get(self.path) or site.otherwise(self.path)
        is_known = answer.etag is not None and self.headers.get("If-None-Match") == answer.etag
        site.unchanged[self.path] += is_known
        self.send_response(304 if is_known else answer.status)
        given = {"Content-Type": answer.media_type, "ETag": answer.etag, **answer.headers}
        for name, value in given.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"" if is_known else answer.body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    thread = Thread(target=lambda: site.serve_forever(0.01))
    thread.start()
    yield site
    site.shutdown()
    thread.join()
    site.server_close()


class Stopped(Exception):
    """The process ends."""


class Catalogue:
    """A store and what is remembered beside it; each harvest starts as a new process would."""

    def __init__(self, path: Path, location: str) -> None:
        clock = itertools.count()
        start = datetime(2026, 11, 21, tzinfo=UTC)
        self.clock = lambda: start + timedelta(seconds=next(clock))
        self.store = Store(None, Minter("https://catalogue.example"), self.clock)
        self.operations = Operations(path / "operations.db")
        self.source = Source("feed", "ldes", location, "Feed", ldes.PRECEDENCE)

    def harvest(self, **how: Any) -> Harvest:
        fetch = Fetch(allow_private=("127.0.0.1",), timeout_s=5)
        return harvest(self.store, self.source, Harvesting(fetch, self.clock, operations=self.operations, **how))

    def close(self) -> None:
        self.store.close()

    def triples(self, of: str = EX) -> set[Triple]:
        """What is published of things under an address."""
        found = self.store.triples(None, None, None)
        return {t for t in found if isinstance(t.subject, IRI) and t.subject.value.startswith(of)}

    def titles(self) -> dict[str, str]:
        """Of each thing under example.com its title."""
        titles = (t for t in self.triples() if t.predicate == IRI(PREFIXES["dct"] + "title"))
        return {str(t.subject.value).removeprefix(EX): t.object.value for t in titles}  # type: ignore[union-attr]


@pytest.fixture
def catalogue(tmp_path: Path, site: Site) -> Iterator[Catalogue]:
    with closing(Catalogue(tmp_path, f"{site.base}/feed")) as catalogue:
        yield catalogue


def activity(number: str, thing: str, kind: str = "Update", at: str | None = None, title: str | None = None) -> str:
    """A member of a DCAT-AP feed, which gives a thing a title."""
    published = f' ; as:published "{at}"^^xsd:dateTime' if at else ""
    payload = f'<m/{number}> {{ ex:{thing} a dcat:Dataset ; dct:title "{title}" }}\n' if title else ""
    kind = f"a as:{kind} ; " if kind else ""
    return f"<#s> tree:member <m/{number}> . <m/{number}> {kind}as:object ex:{thing}{published} .\n{payload}"


def leads(*targets: str, page: str = "") -> str:
    """The relations of a page."""
    return "".join(f"<{page}> tree:relation [ a tree:Relation ; tree:node <{target}> ] .\n" for target in targets)


def graph(path: Path) -> set[Triple]:
    return {quad.triple for quad in read(path.read_bytes(), SYNTAXES["ttl"])}


def creations(path: Path) -> Iterator[str]:
    """A graph as the members of a feed, one for each subject."""
    for number, (subject, said) in enumerate(itertools.groupby(sorted(graph(path), key=str), lambda t: t.subject)):
        yield f"<#s> tree:member <m/{number}> . <m/{number}> a as:Create ; as:object {subject} ; "
        yield f'as:published "2023-01-01T00:00:00Z"^^xsd:dateTime . <m/{number}> {{ {" . ".join(map(str, said))} }}\n'


def ask(triples: Iterable[Triple], query: str) -> bool:
    store = pyoxigraph.Store()
    store.extend(Quad(*triple) for triple in triples)
    return bool(store.query(query))


def outcomes(done: Harvest) -> Counter[str]:
    """How many records had which outcome, whatever validation says of them."""
    return Counter({name: done.counts[name] for name in ("new", "changed", "unchanged", "gone")})


def flaws(done: Harvest) -> list[tuple[str, Finding]]:
    """What is wrong with pages."""
    return [(origin, finding) for origin, finding in done.findings if origin.startswith("page ")]


def day(number: int) -> str:
    return f"2026-01-{number:02}T00:00:00Z"


# The suite of test cases for harvesting DCAT-AP feeds.


@pytest.mark.parametrize("name", [f"test{number}" for number in range(1, 28)])
def test_a_case_of_the_suite_leads_from_before_to_after(name: str, site: Site, catalogue: Catalogue) -> None:
    case = CASES / name
    if not case.is_dir():
        pytest.skip("this case of the suite is not beside the project")
    site.put("/feed", FEED + "".join(creations(case / "before.ttl")))
    assert catalogue.harvest().error is None
    assert catalogue.triples() == graph(case / "before.ttl")
    site.answers["/feed"] = Answer((case / "feed.trig").read_bytes())
    done = catalogue.harvest()
    assert catalogue.triples() == graph(case / "after.ttl")
    assert ask(catalogue.triples(), (case / "test.sparql").read_text())
    report = json.loads((case / "report.json").read_text())
    counts = {"added": done.counts["new"], "updated": done.counts["changed"], "removed": done.counts["gone"]}
    assert counts == {name: report[name] for name in counts}
    assert (done.error, done.rejected) == (None, [])


# Walking from page to page.


def test_all_pages_are_read_once_whatever_relation_leads_to_them(site: Site, catalogue: Catalogue) -> None:
    kinds = ("GreaterThanOrEqualToRelation", "LessThanRelation", "SubstringRelation", "Relation", "Unheard")
    nodes = [f"[ a tree:{kind} ; tree:node </page/{number % 3}#part> ]" for number, kind in enumerate(kinds)]
    site.put("/feed", FEED + f"<> tree:relation {', '.join(nodes)} .")
    for number in range(3):
        site.put(f"/page/{number}", activity("1", f"thing{number}", title="Lamp"))
    assert catalogue.harvest().error is None
    assert catalogue.titles() == {f"thing{number}": "Lamp" for number in range(3)}
    assert set(site.asked.values()) == {1}


def test_pages_that_lead_in_a_circle_end(site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", FEED + leads("page"))
    site.put("/page", leads("feed", "page", "/page#self") + activity("1", "lamp", title="Lamp"))
    assert catalogue.harvest().error is None
    assert (catalogue.titles(), site.asked) == ({"lamp": "Lamp"}, {"/feed": 1, "/page": 1})


def test_a_page_is_known_by_where_it_redirects_to(site: Site, catalogue: Catalogue) -> None:
    site.answers["/feed"] = Answer(status=302, headers={"Location": "/root"})
    site.put("/root", FEED + leads("page", "root") + activity("1", "lamp", title="Lamp"))
    site.put("/page", activity("1", "tray", title="Tray"))
    assert catalogue.harvest().error is None
    assert (catalogue.titles(), site.asked["/root"]) == ({"lamp": "Lamp", "tray": "Tray"}, 1)


def test_of_the_views_of_a_collection_the_whole_one_is_entered(site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", "<#s> a ldes:EventStream ; tree:view <by-place>, <by-time> . <by-time> a ldes:EventSource .")
    site.put("/by-time", activity("1", "lamp", title="Lamp"))
    catalogue.harvest()
    assert (catalogue.titles(), site.asked) == ({"lamp": "Lamp"}, {"/feed": 1, "/by-time": 1})


def test_of_the_collections_of_a_page_the_one_that_is_entered_there_is_read(site: Site, catalogue: Catalogue) -> None:
    other = "<#other> tree:view <elsewhere> ; tree:member ex:other . ex:other dct:title 'Other' .\n"
    site.put("/feed", other + FEED + activity("1", "lamp", title="Lamp"))
    catalogue.harvest()
    assert catalogue.titles() == {"lamp": "Lamp"}


def test_a_page_that_is_gone_for_good_is_an_empty_one(site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", FEED + leads("gone") + activity("1", "lamp", title="Lamp"))
    site.answers["/gone"] = Answer(status=410)
    done = catalogue.harvest()
    assert (done.error, flaws(done), catalogue.titles()) == (None, [], {"lamp": "Lamp"})


def test_pages_that_are_missing_are_warnings_until_they_are_back(site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", FEED + leads("none", "page"))
    site.put("/page", activity("1", "lamp", title="Lamp"))
    done = catalogue.harvest()
    [(origin, finding)] = flaws(done)
    assert (done.error, catalogue.titles(), finding.severity) == (None, {"lamp": "Lamp"}, "warning")
    assert (origin, finding.value) == (f"page {site.base}/none", f"{site.base}/none")
    assert "status 404" in finding.message
    assert (done.counts["unread"], done.counts["rejected"], done.account.named["unread"]) == (1, 0, [origin])
    assert not [key for key in catalogue.store.keys("feed") if key.startswith("page-")]
    site.put("/none", activity("1", "tray", title="Tray"))
    done = catalogue.harvest()
    assert (flaws(done), catalogue.titles()) == ([], {"lamp": "Lamp", "tray": "Tray"})
    assert list(catalogue.store.read_from("feed", origin)) == []


@pytest.mark.parametrize("now", ["", None], ids=["readable", "missing"])
def test_what_was_wrong_with_a_page_does_not_outlive_what_is_remembered_of_it(
    now: str | None, site: Site, catalogue: Catalogue
) -> None:
    site.put("/feed", FEED + leads("page"))
    site.put("/page", "<")
    assert catalogue.harvest().counts["rejected"] == 1
    assert list(catalogue.store.read_from("feed", f"page {site.base}/page"))
    del site.answers["/page"]
    if now is not None:
        site.put("/page", now)
    Memory(catalogue.operations, "feed", "another edition").keep()
    assert catalogue.harvest().counts["gone"] == 1
    assert not list(catalogue.store.read_from("feed", f"page {site.base}/page"))


@pytest.mark.parametrize(
    ("syntax", "text"),
    [
        pytest.param(
            "jsonld",
            """{"@context": {"as": "https://www.w3.org/ns/activitystreams#", "tree": "https://w3id.org/tree#"},
            "@id": "#s", "tree:view": {"@id": ""}, "tree:member": {"@id": "#m", "@type": "as:Create",
            "as:object": {"@id": "http://example.com/lamp"},
            "@graph": {"@id": "http://example.com/lamp", "http://purl.org/dc/terms/title": "Lamp"}}}""",
            id="json-ld, with the graph in the member",
        ),
        pytest.param(
            "nq",
            "<BASE/feed#s> <https://w3id.org/tree#member> <BASE/m> .\n"
            "<BASE/m> <https://www.w3.org/ns/activitystreams#object> <http://example.com/lamp> .\n"
            '<http://example.com/lamp> <http://purl.org/dc/terms/title> "Lamp" <BASE/m> .\n',
            id="n-quads",
        ),
        pytest.param(
            "ttl",
            "@prefix tree: <https://w3id.org/tree#> . @prefix dct: <http://purl.org/dc/terms/> .\n"
            "<#s> tree:view <> ; tree:member <http://example.com/lamp> . <http://example.com/lamp> dct:title 'Lamp' .",
            id="turtle, which has no graphs",
        ),
    ],
)
def test_a_page_is_read_in_the_syntax_of_its_media_type(
    syntax: str, text: str, site: Site, catalogue: Catalogue
) -> None:
    media_type = SYNTAXES[syntax].media_type + "; charset=utf-8"
    site.answers["/feed"] = Answer(text.replace("BASE", site.base).encode(), media_type)
    done = catalogue.harvest()
    assert (done.error, flaws(done), catalogue.titles()) == (None, [], {"lamp": "Lamp"})


# The latest of each object.


VERSIONS = {
    "1": activity("1", "lamp", "Create", day(1), "First"),
    "2": activity("2", "lamp", "Update", day(2), "Second"),
    "3": activity("3", "lamp", "Update", day(3), "Third"),
}


@pytest.mark.parametrize("order", list(itertools.permutations(VERSIONS)), ids="".join)
def test_the_latest_version_counts_whatever_the_order_of_pages(
    order: tuple[str, ...], site: Site, catalogue: Catalogue
) -> None:
    site.put("/feed", FEED + leads(*(f"page/{number}" for number in order)))
    for number, version in VERSIONS.items():
        site.put(f"/page/{number}", version)
    done = catalogue.harvest()
    assert catalogue.titles() == {"lamp": "Third"}
    assert outcomes(done) == Counter(new=1)


@pytest.mark.parametrize("order", list(itertools.permutations("123")), ids="".join)
def test_the_latest_version_counts_whatever_the_order_of_visits(
    order: tuple[str, ...], site: Site, catalogue: Catalogue
) -> None:
    for number in order:
        site.put("/feed", FEED + VERSIONS[number])
        catalogue.harvest()
    assert catalogue.titles() == {"lamp": "Third"}


@pytest.mark.parametrize("kind", ["Create", "Update", ""], ids=["create", "update", "no type"])
def test_all_but_a_deletion_puts_what_it_describes(kind: str, site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", FEED + activity("1", "lamp", kind, day(1), "Lamp"))
    catalogue.harvest()
    assert catalogue.titles() == {"lamp": "Lamp"}


def test_what_was_deleted_stays_so_when_an_older_update_comes_late(site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", FEED + VERSIONS["1"])
    catalogue.harvest()
    site.put("/feed", FEED + activity("3", "lamp", "Delete", day(3)))
    assert catalogue.harvest().counts["gone"] == 1
    site.put("/feed", FEED + VERSIONS["2"])
    assert (catalogue.harvest().counts["new"], catalogue.triples()) == (0, set())
    site.put("/feed", FEED + activity("4", "lamp", "Create", day(4), "Again"))
    assert (catalogue.harvest().counts["new"], catalogue.titles()) == (1, {"lamp": "Again"})


def test_a_stream_says_itself_what_a_deletion_is(site: Site, catalogue: Catalogue) -> None:
    declared = "<#s> ldes:versionDeletePath ex:change ; ldes:versionDeleteObject ex:Removal .\n"
    site.put("/feed", FEED + VERSIONS["1"])
    catalogue.harvest()
    site.put("/feed", FEED + declared + activity("2", "lamp", "", day(2)) + "<m/2> ex:change ex:Removal .")
    assert catalogue.harvest().counts["gone"] == 1


def test_what_a_stream_no_longer_has_was_not_deleted(site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", FEED + VERSIONS["1"] + activity("9", "tray", at=day(1), title="Tray"))
    catalogue.harvest()
    site.put("/feed", FEED + activity("9", "tray", at=day(1), title="Tray"))
    for _ in range(3):
        assert catalogue.harvest().counts["gone"] == 0
    assert catalogue.titles() == {"lamp": "First", "tray": "Tray"}


@pytest.mark.parametrize("at", [None, day(1)], ids=["without timestamps", "at the same time"])
def test_where_timestamps_do_not_tell_the_order_of_pages_does(at: str | None, site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", FEED + leads("a", "b"))
    site.put("/a", activity("1", "lamp", at=at, title="First") + activity("2", "lamp", at=at, title="Second"))
    site.put("/b", activity("3", "lamp", at=at, title="Third"))
    catalogue.harvest()
    assert catalogue.titles() == {"lamp": "Third"}
    site.put("/a", "# changed\n" + (site.answers["/a"].body.decode()))
    assert (outcomes(catalogue.harvest()), catalogue.titles()) == (Counter(), {"lamp": "Third"})
    site.put("/b", site.answers["/b"].body.decode() + activity("4", "lamp", at=at, title="Fourth"))
    catalogue.harvest()
    assert catalogue.titles() == {"lamp": "Fourth"}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000000+00:00"),
        ("2026-01-31T12:00:00", "2026-01-31T12:00:00.000000+00:00"),
        ("2026-01-31T12:00:00.123456789+02:00", "2026-01-31T10:00:00.123456+00:00"),
        ("2026-01-31", "2026-01-31T00:00:00.000000+00:00"),
        ("2026-01-31-05:00", "2026-01-31T05:00:00.000000+00:00"),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_timestamps_of_every_form_compare(written: str, expected: str | None) -> None:
    assert moment(written) == expected


@given(st.text())
def test_no_timestamp_is_too_odd(written: str) -> None:
    found = moment(written)
    assert found is None or moment(found) == found


# What a member says of its object.

VERSION = "<#s> a ldes:EventStream ; tree:view <> ; tree:member <v/1>, <v/2> .\n"
DESCRIBED = " a dcat:Dataset ; dct:isVersionOf ex:lamp ; prov:generatedAtTime '%s'^^xsd:dateTime ; dct:title '%s' .\n"


@pytest.mark.parametrize(
    "declared",
    [
        pytest.param("<#s> ldes:versionOfPath dct:isVersionOf ; ldes:timestampPath prov:generatedAtTime .", id="said"),
        pytest.param("<#s> ldes:versionOfPath ( dct:isVersionOf ) .", id="said as a path"),
        pytest.param("<#s> ldes:timestampPath prov:generatedAtTime .", id="in part"),
        pytest.param("", id="not said"),
    ],
)
def test_a_version_speaks_of_its_object_in_its_own_name(declared: str, site: Site, catalogue: Catalogue) -> None:
    members = "<v/1>" + DESCRIBED % (day(1), "Old") + "<v/2>" + DESCRIBED % (day(2), "New")
    site.put("/feed", VERSION + declared + members + "<v/2> dcat:version '2' ; dct:source <v/2> .")
    catalogue.harvest()
    said = {(str(t.predicate), str(t.object)) for t in catalogue.triples() if t.subject == IRI(EX + "lamp")}
    names = {"dct": "title source", "dcat": "version", "rdf": "type"}
    expected = {f"<{PREFIXES[prefix]}{name}>" for prefix, words in names.items() for name in words.split()}
    assert {predicate for predicate, _ in said} == expected
    assert (f"<{PREFIXES['dct']}source>", f"<{EX}lamp>") in said
    assert catalogue.titles() == {"lamp": "New"}


def test_in_a_list_that_is_no_stream_a_version_of_something_is_a_thing(site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", "<#c> tree:view <> ; tree:member ex:1 . ex:1 dct:isVersionOf ex:lamp ; dct:title '1' .")
    catalogue.harvest()
    assert catalogue.titles() == {"1": "1"}


def test_a_member_without_a_version_is_the_thing_and_may_be_said_anew(site: Site, catalogue: Catalogue) -> None:
    for title in ("Lamp", "Better lamp"):
        site.put("/feed", f"<#c> tree:view <> ; tree:member ex:lamp . ex:lamp a dcat:Dataset ; dct:title '{title}' .")
        catalogue.harvest()
        assert catalogue.titles() == {"lamp": title}


def test_a_context_that_misses_the_paths_does_not_matter(site: Site, catalogue: Catalogue) -> None:
    declared = "<#s> tree:view <> ; ldes:versionOfPath <object> ; ldes:timestampPath <published> .\n"
    site.put("/feed", declared + VERSIONS["3"] + VERSIONS["1"])
    catalogue.harvest()
    assert catalogue.titles() == {"lamp": "Third"}


def test_what_an_activity_says_beside_its_graph_is_not_of_the_object(site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", FEED + VERSIONS["1"] + "<m/1> dct:creator ex:someone . ex:lamp dct:subject ex:elsewhere .")
    catalogue.harvest()
    assert {str(t.predicate)[-6:-1] for t in catalogue.triples()} == {"#type", "title"}


def test_an_object_that_is_described_beside_its_activity_is_read_there(site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", FEED + activity("1", "lamp") + "ex:lamp a dcat:Dataset ; dct:title 'Lamp' .")
    catalogue.harvest()
    assert catalogue.titles() == {"lamp": "Lamp"}


def test_blank_nodes_go_with_what_leads_to_them(site: Site, catalogue: Catalogue) -> None:
    nodes = "v:hasAddress [ v:fn 'Town' ; dct:relation _:b ] . _:b dct:title 'Inner' . "
    site.put("/feed", f"<#c> tree:view <> ; tree:member ex:lamp . ex:lamp a dcat:Dataset ; {nodes}")
    catalogue.harvest()
    values = {str(t.object) for t in catalogue.triples()}
    assert {'"Town"', '"Inner"'} <= values
    site.put("/feed", site.answers["/feed"].body.decode().replace("_:b", "_:other"))
    assert outcomes(catalogue.harvest()) == Counter(unchanged=1)


def test_what_a_version_leads_to_on_its_page_goes_with_it_but_for_what_others_are_about(
    site: Site, catalogue: Catalogue
) -> None:
    one = "ex:1 dct:isVersionOf ex:d ; dct:title 'D' ; dcat:distribution ex:file ; dct:relation ex:e, <#s> ."
    other = "ex:2 dct:isVersionOf ex:e ; dct:title 'E' ; dct:relation ex:d ."
    nodes = "ex:file a dcat:Distribution ; dct:title 'File' ; dct:license ex:l . ex:l a dct:LicenseDocument . "
    times = "ex:1 prov:generatedAtTime '2026-01-01T00:00:00Z' . ex:2 prov:generatedAtTime '2026-01-01T00:00:00Z' ."
    site.put(
        "/feed",
        FEED.replace("as:object", "dct:isVersionOf") + "<#s> tree:member ex:1, ex:2 ." + one + other + nodes + times,
    )
    assert outcomes(catalogue.harvest()) == Counter(new=2)
    assert catalogue.titles() == {"d": "D", "e": "E", "file": "File"}
    assert {str(t.subject.value) for t in catalogue.triples("http://") if "tree#" in str(t.predicate)} == set()


def test_a_version_that_leads_to_very_much_is_read_without_it(site: Site, catalogue: Catalogue) -> None:
    many = "".join(f"ex:s skos:note '{n}' . " for n in range(3_000))
    site.put(
        "/feed", f"<#c> tree:view <> ; tree:member ex:a . ex:a a dcat:Dataset ; dct:title 'A' ; dct:type ex:s . {many}"
    )
    catalogue.harvest()
    assert len([t for t in catalogue.triples() if t.subject == IRI(EX + "s")]) == 0
    assert catalogue.titles() == {"a": "A"}


@pytest.mark.parametrize(
    ("member", "there"),
    [
        pytest.param("<m>", "<m> as:object ex:lamp . <m> { ex:lamp a dcat:Dataset ; dct:title 'Lamp' }", id="activity"),
        pytest.param("<m> . <m> as:object ex:lamp ; as:published '2026-01-01T00:00:00Z'",
                     "<m> { ex:lamp a dcat:Dataset ; dct:title 'Lamp' }", id="payload of an activity"),
        pytest.param("<m> . <m> dct:isVersionOf ex:lamp ; prov:generatedAtTime '2026-01-01T00:00:00Z'",
                     "ex:lamp a dcat:Dataset ; dct:title 'Lamp' .", id="object of a version"),
    ],
)  # fmt: skip
def test_a_member_that_a_page_only_names_is_read_at_its_own_address(
    member: str, there: str, site: Site, catalogue: Catalogue
) -> None:
    path = "dct:isVersionOf" if "isVersionOf" in member else "as:object"
    site.put("/feed", f"<#s> a ldes:EventStream ; tree:view <> ; ldes:versionOfPath {path} ; tree:member {member} .")
    site.put("/m", there)
    done = catalogue.harvest()
    assert (catalogue.titles(), flaws(done)) == ({"lamp": "Lamp"}, [])
    catalogue.harvest()
    assert site.asked["/m"] == 1


ORDERS = {
    "sequence": "ldes:timestampPath prov:generatedAtTime ; ldes:sequencePath ex:number",
    "sequence alone": "ldes:sequencePath ex:number",
    "time of the version": "ldes:timestampPath as:updated ; ldes:versionTimestampPath dct:modified",
    "sequence of the version": "ldes:versionTimestampPath prov:generatedAtTime ; ldes:versionSequencePath ex:number",
}


@pytest.mark.parametrize("order", ORDERS)
def test_versions_are_in_the_order_that_the_stream_declares(order: str, site: Site, catalogue: Catalogue) -> None:
    stream = f"<#s> a ldes:EventStream ; tree:view <> ; ldes:versionOfPath dct:isVersionOf ; {ORDERS[order]} .\n"
    same = "dct:isVersionOf ex:lamp ; prov:generatedAtTime '2026-01-01T00:00:00Z'"
    late = f"ex:2 {same} ; as:updated '{day(1)}' ; dct:modified '{day(2)}' ; ex:number 10 ; dct:title 'Late' ."
    early = f"ex:1 {same} ; as:updated '{day(2)}' ; dct:modified '{day(1)}' ; ex:number 9 ; dct:title 'Early' ."
    site.put("/feed", f"{stream} <#s> tree:member ex:2 . <#s> tree:member ex:1 . {late} {early}")
    catalogue.harvest()
    assert catalogue.titles() == {"lamp": "Late"}


def test_members_in_a_list_are_members(site: Site, catalogue: Catalogue) -> None:
    text = FEED + activity("1", "a", title="A") + activity("2", "b", title="B")
    text = re.sub(r"<#s> tree:member <m/\d> \.", "", text) + "<#s> tree:member ( <m/1> <m/2> ) . <#o> tree:member () ."
    site.put("/feed", text)
    assert flaws(catalogue.harvest()) == []
    assert catalogue.titles() == {"a": "A", "b": "B"}


def test_a_graph_without_a_name_goes_with_what_leads_to_it(site: Site, catalogue: Catalogue) -> None:
    member = (
        "<m> as:object ex:lamp ; ex:payload _:g . _:g { ex:lamp a dcat:Dataset ; dct:title 'Lamp' ; v:hasAddress _:a }"
    )
    site.put("/feed", f"{FEED} <#s> tree:member <m> . {member} _:a v:fn 'Town' .")
    catalogue.harvest()
    assert catalogue.titles() == {"lamp": "Lamp"}
    assert '"Town"' in {str(t.object) for t in catalogue.triples()}


@pytest.mark.parametrize(
    ("status", "is_asked_again"), [pytest.param(404, False, id="missing"), pytest.param(500, True, id="failing")]
)
def test_a_member_that_cannot_be_had_is_told_and_asked_for_again_if_that_may_help(
    status: int, is_asked_again: bool, site: Site, catalogue: Catalogue
) -> None:
    other = "<other> as:object ex:o . <other> { ex:o dct:title 'O' } <> ldes:immutable true ."
    site.put("/feed", f"{FEED} <#s> tree:member <m>, <other> . {other}")
    site.put("/m", "", status=status)
    assert "nor can it be read" in flaws(catalogue.harvest())[0][1].message
    before = site.asked["/m"]
    catalogue.harvest()
    assert (site.asked["/m"] > before, catalogue.titles()) == (is_asked_again, {"o": "O"})


def test_a_server_of_members_that_does_not_answer_is_given_up_until_the_next_visit(
    site: Site, catalogue: Catalogue
) -> None:
    members = "".join(f"<#s> tree:member <http://127.0.0.1:1/{n}> . " for n in range(12))
    site.put("/feed", f"{FEED} {members} <> ldes:immutable true .")
    done = catalogue.harvest()
    assert "2 pages there were not asked for" in str(done.error)
    assert ["does not answer" in finding.message for _, finding in flaws(done)] == [False] * 10 + [True] * 2
    assert catalogue.harvest().error == done.error
    assert site.asked["/feed"] == 2


def test_a_busy_server_of_members_is_left_alone_and_asked_again_later(site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", FEED + "<#s> tree:member <m>, <n> .")
    site.put("/m", "<m> as:object ex:m . <m> { ex:m dct:title 'M' }")
    site.put("/n", "", status=429, headers={"Retry-After": "3600"})
    assert catalogue.harvest().error
    site.put("/n", "<n> as:object ex:n . <n> { ex:n dct:title 'N' }")
    catalogue.harvest()
    assert (catalogue.titles(), site.asked["/m"]) == ({"m": "M", "n": "N"}, 1)


def test_a_distribution_of_its_own_joins_the_dataset_that_names_it(site: Site, catalogue: Catalogue) -> None:
    dataset = "<m/1> { ex:d a dcat:Dataset ; dct:title 'D' ; dcat:distribution ex:file ; dct:publisher ex:p ."
    publisher = "ex:p a foaf:Organization ; foaf:name 'P' }\n"
    file = "<m/2> { ex:file a dcat:Distribution ; dct:title 'File' ; dcat:accessURL <http://example.org/f> }\n"
    site.put("/feed", FEED + activity("1", "d") + activity("2", "file") + dataset + publisher + file)
    assert outcomes(catalogue.harvest()) == Counter(new=2)
    assert {str(t.subject.value).removeprefix(EX) for t in catalogue.triples() if isinstance(t.subject, IRI)} == {
        "d", "file", "p",
    }  # fmt: skip
    site.put("/feed", FEED + activity("3", "file", "Delete"))
    catalogue.harvest()
    assert catalogue.titles() == {"d": "D"}


@pytest.mark.parametrize(
    ("member", "message"),
    [
        pytest.param("<#s> tree:member [ as:object ex:a ] .", "has no IRI", id="no name"),
        pytest.param("<#s> tree:member 'a' .", "has no IRI", id="a text"),
        pytest.param("<#s> tree:member <m> . <m> as:object ex:a, ex:b .", "with one IRI", id="two objects"),
        pytest.param("<#s> tree:member <m> . <m> as:object [ dct:title 'A' ] .", "with one IRI", id="blank object"),
        pytest.param("<#s> tree:member <m> . <m> as:object ex:a .", "says nothing of its object", id="no payload"),
        pytest.param("<#s> tree:member <m> .", "says nothing of its object", id="nothing"),
        pytest.param(activity("1", "a", at="today", title="A"), "a timestamp that is none: 'today'", id="no time"),
    ],
)
def test_a_member_that_cannot_be_read_keeps_none_out(
    member: str, message: str, site: Site, catalogue: Catalogue
) -> None:
    site.put("/feed", FEED + member + activity("9", "lamp", title="Lamp"))
    done = catalogue.harvest()
    assert done.error is None
    assert catalogue.titles()["lamp"] == "Lamp"
    assert [message in finding.message for _, finding in flaws(done)] == [True]


@pytest.mark.parametrize("graph", ["", "<m> "], ids=["among the others", "in its graph"])
def test_a_bad_iri_of_a_member_costs_no_more_than_its_statement(graph: str, site: Site, catalogue: Catalogue) -> None:
    lamp = f"{graph}{{ ex:lamp a dcat:Dataset ; dct:title 'Lamp' ; dcat:landingPage <http://e.example/a b> }}"
    site.put("/feed", f"{FEED} <#s> tree:member <m> . <m> as:object ex:lamp . {lamp}")
    done = catalogue.harvest()
    assert (done.error, catalogue.titles()) == (None, {"lamp": "Lamp"})
    assert [finding.value for _, finding in done.findings if "no IRI" in finding.message] == ["http://e.example/a b"]


# From visit to visit.


def test_a_second_visit_changes_nothing(site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", FEED + "".join(VERSIONS.values()) + leads("page"))
    site.put("/page", activity("9", "tray", "Delete", day(1)) + activity("8", "desk", title="Desk"))
    catalogue.harvest()
    before = set(catalogue.store.quads())
    done = catalogue.harvest()
    assert (outcomes(done), set(catalogue.store.quads())) == (Counter(), before)


def test_nothing_comes_back_when_all_is_read_anew(site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", FEED + "".join(VERSIONS.values()) + activity("9", "tray", "Delete", day(2)) + leads("page"))
    site.put("/page", activity("8", "tray", "Create", day(1), "Tray"))
    catalogue.harvest()
    before = set(catalogue.store.quads())
    catalogue.operations.memory("feed", "another").keep()
    done = catalogue.harvest()
    assert (outcomes(done), set(catalogue.store.quads())) == (Counter(unchanged=1, gone=0), before)


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        pytest.param({"Cache-Control": "public, max-age=604800, immutable"}, "", id="by header"),
        pytest.param({}, "<> ldes:immutable true .\n", id="by statement"),
    ],
)
def test_pages_that_never_change_are_not_asked_for_again(
    headers: dict[str, str], said: str, site: Site, catalogue: Catalogue
) -> None:
    site.put("/feed", FEED + leads("old"))
    site.put("/old", said + leads("new") + VERSIONS["1"], headers=headers)
    site.put("/new", VERSIONS["2"])
    catalogue.harvest()
    site.put("/new", VERSIONS["2"] + VERSIONS["3"])
    catalogue.harvest()
    assert site.asked == {"/feed": 2, "/old": 1, "/new": 2}
    assert catalogue.titles() == {"lamp": "Third"}


def test_other_pages_are_asked_whether_they_changed(site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", FEED + leads("page"), etag='"1"')
    site.put("/page", VERSIONS["1"], etag='"1"')
    catalogue.harvest()
    site.put("/page", VERSIONS["2"], etag='"2"')
    catalogue.harvest()
    assert (site.unchanged["/feed"], site.unchanged["/page"], catalogue.titles()) == (1, 0, {"lamp": "Second"})
    catalogue.harvest()
    assert (site.unchanged["/feed"], site.unchanged["/page"]) == (2, 1)


def test_what_a_stream_declares_on_one_page_holds_for_all(site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", FEED.replace("as:object", "ex:of") + leads("page"), etag='"1"')
    site.put("/page", "<#s> tree:member <m/1> . <m/1> ex:of ex:lamp ; dct:title 'First' .")
    catalogue.harvest()
    site.put("/page", "<#s> tree:member <m/2> . <m/2> ex:of ex:lamp ; dct:title 'Second' .")
    catalogue.harvest()
    assert catalogue.titles() == {"lamp": "Second"}


def stopping(after: int) -> Callable[[Harvest], None]:
    """Ends the process when it has gone on so often."""
    calls = itertools.count(1)

    def proceed(_: Harvest) -> None:
        if next(calls) == after:
            raise Stopped

    return proceed


@pytest.mark.parametrize("after", range(1, 12))
def test_a_visit_that_is_killed_goes_on_where_it_was(after: int, site: Site, catalogue: Catalogue) -> None:
    pages = [f"page/{number}" for number in range(5)]
    site.put("/feed", FEED + leads(*pages))
    for number, page in enumerate(pages):
        site.put(f"/{page}", activity("1", f"thing{number}", at=day(number + 1), title="Lamp"))
    with pytest.raises(Stopped):
        catalogue.harvest(proceed=stopping(after))
    done = catalogue.harvest()
    assert (done.error, catalogue.titles()) == (None, {f"thing{number}": "Lamp" for number in range(5)})
    if after <= 6:  # while it walked: every page was asked for once
        assert set(site.asked.values()) == {1}


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_source_is_left_alone_and_read_on_later(status: int, site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", FEED + leads("a", "b", "c"))
    site.put("/a", activity("1", "lamp", title="Lamp"))
    site.put("/c", activity("1", "tray", title="Tray"))
    site.answers["/b"] = Answer(status=status, headers={"Retry-After": "3600"})
    done = catalogue.harvest()
    assert f"status {status}" in str(done.error)
    assert (catalogue.titles(), site.asked["/c"]) == ({"lamp": "Lamp"}, 0)
    site.put("/b", "")
    assert catalogue.harvest().error is None
    assert catalogue.titles() == {"lamp": "Lamp", "tray": "Tray"}
    assert (site.asked["/feed"], site.asked["/a"]) == (1, 1)


def test_a_page_that_stays_busy_does_not_keep_others_from_being_read_again(site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", FEED + leads("busy"))
    site.answers["/busy"] = Answer(status=429)
    for _ in range(3):
        catalogue.harvest()
    site.put("/feed", FEED + activity("1", "lamp", title="Lamp") + leads("busy"))
    catalogue.harvest()
    catalogue.harvest()
    assert catalogue.titles() == {"lamp": "Lamp"}


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(["ant", "bee"]), st.booleans(), st.integers(1, 9)), max_size=9
    )
)
def test_what_is_told_does_not_depend_on_how_members_are_spread(members: list[tuple[int, str, bool, int]]) -> None:
    """Timestamps that differ decide alone: the latest of each thing is told, once, if it is no deletion."""
    unique = {(thing, at): (page, deleted) for page, thing, deleted, at in members}
    texts = dict.fromkeys(range(4), FEED)
    for number, ((thing, at), (page, deleted)) in enumerate(unique.items()):
        kind, title = ("Delete", None) if deleted else ("Update", str(at))
        texts[page] += activity(str(number), thing, kind, day(at), title)
    told = list(_told(texts))
    latest = {thing: max(at for other, at in unique if other == thing) for thing, _ in unique}
    assert dict(told) == {EX + thing: None if unique[thing, at][1] else str(at) for thing, at in latest.items()}
    assert len(told) == len(latest)


def _told(texts: Mapping[int, str]) -> Iterator[tuple[str, str | None]]:
    """What pages tell of each thing: its title, None when it is deleted."""
    notes = ldes._Notes({})
    for text in texts.values():
        page = Page.of(read(HEAD + text, SYNTAXES["trig"], "http://example.org/feed"), ())
        for change in changes(page, notes.stream(page), page.members):
            assert isinstance(change, Change)
            notes.take(change, Document("http://example.org/feed", b"", TRIG, datetime(2026, 1, 1, tzinfo=UTC)))
    for found in notes.told():
        match found:
            case Deleted(origin):
                yield origin, None
            case (key, Document(content=content)):
                yield key, content.decode().split('"')[1]


# Hostile and broken sources.


def test_a_million_relations_are_not_followed(site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", FEED + activity("1", "lamp", title="Lamp") + leads(*(f"p/{n}" for n in range(10_005))))
    notes: dict[str, Any] = {}
    walk = ldes._Walk(visit(f"{site.base}/feed", "ldes"), ldes._Notes(notes), most=50)
    found = list(walk.pages())
    with pytest.raises(SourceError, match="more than 50 pages"):
        walk.check()
    assert sum(site.asked.values()) == 50
    messages = [f.report.findings[0].message for f in found if isinstance(f, Reading)]
    assert "ldes: of 10005 pages that this one leads to, 10000 were followed" in messages


def test_a_source_without_end_is_left(site: Site) -> None:
    site.otherwise = lambda path: Answer((HEAD + leads(path + "x", page=path)).encode())
    walk = ldes._Walk(visit(f"{site.base}/feed", "ldes"), ldes._Notes({}), most=20)
    assert sum(isinstance(found, Checkpoint) for found in walk.pages()) == 20
    with pytest.raises(SourceError, match="more than 20 pages"):
        walk.check()


@pytest.mark.parametrize(
    "target", ["http://10.0.0.1/", "http://[::1]:9/", "file:///etc/passwd", "urn:x", "http://a\u2100b.example/"]
)
def test_a_page_does_not_lead_out_of_the_web(target: str, site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", FEED + leads(target, "moved") + activity("1", "lamp", title="Lamp"))
    site.answers["/moved"] = Answer(status=302, headers={"Location": "http://169.254.169.254/latest"})
    done = catalogue.harvest()
    assert (done.error, catalogue.titles()) == (None, {"lamp": "Lamp"})
    assert len(flaws(done)) == 2


@pytest.mark.parametrize(
    ("body", "media_type", "message"),
    [
        pytest.param(b"[" * 300_000 + b"]" * 300_000, "application/ld+json", "", id="deep json-ld"),
        pytest.param(b'{"@context": "http://10.0.0.1/c", "a": 1}', "application/ld+json", "on the web", id="context"),
        pytest.param(b"<html><p>Sorry", "text/html", "no RDF syntax", id="html"),
        pytest.param(b"<a> <b> ", "text/turtle", "Unexpected end", id="cut off"),
        pytest.param(b"\xff\xfe\x00", "text/turtle", "not UTF-8", id="bytes"),
    ],
)
def test_a_page_that_cannot_be_read_does_not_stop_the_others(
    body: bytes, media_type: str, message: str, site: Site, catalogue: Catalogue
) -> None:
    site.put("/feed", FEED + leads("bad", "good"))
    site.answers["/bad"] = Answer(body, media_type, etag='"1"')
    site.put("/good", activity("1", "lamp", title="Lamp"))
    for _ in range(2):
        done = catalogue.harvest()
        assert (done.error, catalogue.titles()) == (None, {"lamp": "Lamp"})
        [(_, finding)] = flaws(done)
        assert (finding.severity, message in finding.message) == ("violation", True)
    site.put("/bad", activity("1", "tray", title="Tray"))
    assert flaws(catalogue.harvest()) == []
    assert set(catalogue.titles()) == {"lamp", "tray"}


@pytest.mark.parametrize(
    "answer", [Answer(status=404), Answer(status=410), Answer(b"<p>", "text/html")], ids=["missing", "gone", "html"]
)
def test_a_source_without_its_first_page_keeps_what_it_said(answer: Answer, site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", FEED + VERSIONS["1"])
    catalogue.harvest()
    site.answers["/feed"] = answer
    assert catalogue.harvest().error is not None
    assert catalogue.titles() == {"lamp": "First"}


def test_a_server_that_does_not_answer_is_given_up(site: Site, catalogue: Catalogue) -> None:
    with Site() as other:
        dead = other.base
    site.put("/feed", FEED + leads(*(f"{dead}/{number}" for number in range(30)), "page"))
    site.put("/page", activity("1", "lamp", title="Lamp"))
    done = catalogue.harvest()
    assert str(done.error) == f"ldes: {dead} did not answer; 20 pages there were not asked for"
    assert (len(flaws(done)), catalogue.titles()) == (10, {"lamp": "Lamp"})


def test_members_that_share_what_they_say_do_not_multiply_it() -> None:
    shared = "".join(f"_:shared ex:p {number} .\n" for number in range(2_000))
    members = "".join(f"<#s> tree:member ex:{n} . ex:{n} ex:q _:shared .\n" for n in range(1_000))
    page = Page.of(read(HEAD + FEED + shared + members, SYNTAXES["trig"], "http://example.org/feed"), ())
    with pytest.raises(DocumentError, match="share too many long descriptions"):
        list(changes(page, page.stream, page.members))


def test_a_circle_of_blank_nodes_and_a_path_that_is_one_end(site: Site, catalogue: Catalogue) -> None:
    path = "<#s> tree:view <> ; ldes:versionOfPath _:path . _:path rdf:first ex:of ; rdf:rest _:path .\n"
    site.put("/feed", path + "<#s> tree:member ex:a . ex:a dct:title 'A' ; ex:p _:b . _:b ex:p _:c . _:c ex:p _:b .")
    assert (catalogue.harvest().error, catalogue.titles()) == (None, {"a": "A"})


def test_what_is_no_stream_is_told_and_loses_nothing(site: Site, catalogue: Catalogue) -> None:
    site.put("/feed", FEED + VERSIONS["1"])
    catalogue.harvest()
    site.put("/feed", "ex:lamp a dcat:Dataset ; dct:title 'Lamp' .")
    done = catalogue.harvest()
    assert "says nothing of an event stream" in str(done.error)
    assert catalogue.titles() == {"lamp": "First"}


@pytest.mark.parametrize(("media_type", "body"), [("application/ld+json", b"{}"), ("text/turtle", b"")])
def test_a_first_page_that_says_nothing_is_told_and_loses_nothing(
    site: Site, catalogue: Catalogue, media_type: str, body: bytes
) -> None:
    site.put("/feed", FEED + "<#s> tree:member ex:a . ex:a dct:title 'A' .")
    assert catalogue.harvest().error is None
    site.answers["/feed"] = Answer(body, media_type)
    assert "the document is empty" in (catalogue.harvest().error or "")
    assert catalogue.titles() == {"a": "A"}


def test_a_token_is_for_the_server_of_the_source_alone(site: Site) -> None:
    other = site.base.replace("127.0.0.1", "localhost")
    site.put("/feed", FEED + leads("page", f"{other}/other"))
    trip = visit(f"{site.base}/feed", "ldes", environment={"TOKEN": "secret"}, token="TOKEN")
    trip = replace(trip, fetch=Fetch(allow_private=("127.0.0.1", "localhost")))
    list(ldes.documents(trip))
    assert site.tokens == {"/feed": "Bearer secret", "/page": "Bearer secret", "/other": None}


# Files, and what is a stream.


def test_a_stream_in_files_is_read_within_its_folder(tmp_path: Path) -> None:
    feed, page = tmp_path / "feed", tmp_path / "feed" / "a b" / "index.trig"
    page.parent.mkdir(parents=True)
    (tmp_path / "secret.trig").write_text(HEAD + activity("1", "secret", title="Secret"))
    (feed / "link.trig").symlink_to(tmp_path / "secret.trig")
    out = ("../secret.trig", "link.trig", "a%20b", "a%00b", "none.trig")
    (feed / "index.trig").write_text(HEAD + leads("a%20b/index.trig", *out))
    page.write_text(HEAD + activity("1", "lamp", title="Lamp"))
    for location in (feed, feed / "index.trig"):
        with closing(Catalogue(tmp_path, str(location))) as catalogue:
            done = catalogue.harvest()
            assert (done.error, catalogue.titles(), len(flaws(done))) == (None, {"lamp": "Lamp"}, len(out))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(FEED, True, id="a stream"),
        pytest.param(leads("page"), True, id="a page of a tree"),
        pytest.param("ex:a a dcat:Dataset .", False, id="other RDF"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_a_stream_is_recognised_by_what_it_says(text: str, expected: bool, tmp_path: Path) -> None:
    document = Document("http://example.org/", (HEAD + text).encode(), TRIG, datetime(2026, 1, 1, tzinfo=UTC))
    assert ldes.recognises("http://example.org/", document) is expected
    (tmp_path / "index.trig").write_text(HEAD + text)
    assert ldes.recognises(str(tmp_path), None) is expected
    assert not ldes.recognises(str(tmp_path / "none"), None)


# A real stream.


@pytest.mark.skipif(not BELGIUM.is_dir(), reason="the pages of data.gov.be are not beside the project")
def test_a_real_stream_is_read_and_its_pages_that_are_not_there_are_warnings(site: Site, catalogue: Catalogue) -> None:
    paths = [f"/{path.relative_to(BELGIUM).as_posix()}" for path in sorted(BELGIUM.rglob("*.trig"))]
    site.answers = {path: Answer((BELGIUM / path[1:]).read_bytes(), "text/plain") for path in paths}
    site.put("/feed", leads(*paths))
    done, members = catalogue.harvest(), b"".join(answer.body for answer in site.answers.values())
    assert done.error is None
    assert {finding.severity for _, finding in flaws(done)} == {"warning"}
    objects = set(re.findall(rb"activitystreams#object> <([^>]+)>", members))
    assert done.counts["new"] == len(objects) > 0
    again = catalogue.harvest()
    assert (again.counts["new"], again.counts["changed"], again.counts["gone"]) == (0, 0, 0)
