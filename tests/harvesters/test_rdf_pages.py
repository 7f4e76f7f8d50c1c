"""Catalogues of many documents, on real servers: pages, catalogues in catalogues, datasets that are only named."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from catalogue import sandbox
from catalogue.errors import SourceError
from catalogue.fetch import Fetch
from catalogue.harvest import Harvesting, harvest
from catalogue.harvesters import rdf
from catalogue.identity import Minter
from catalogue.model import Checkpoint, Document, Found, Partial, Reading, Source, Unchanged
from catalogue.rdf import Quad, Syntax
from catalogue.store import Store
from catalogue.vocabulary import PREFIXES
from tests.remote import world
from tests.visits import visit

HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
HEAD += "@prefix hydra: <http://www.w3.org/ns/hydra/core#> .\n"
MINTER = Minter("https://catalogue.example")
PUBLISHER = '<http://e/org> a foaf:Organization ; foaf:name "Org" .'


@dataclass
class Site:
    """Turtle by path, or HTML; {0} in it is the address of the site. A path without is 404; a number is a status."""

    url: str = ""
    pages: dict[str, str | int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> str | int:
        self.asked.append(path)
        return self.pages.get(path, 404)


def server(site: Site) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = site.answer(self.path)
            body = b"" if isinstance(answer, int) else answer.replace("{0}", site.url).encode()
            body = body if body.startswith(b"<!") or not body else HEAD.encode() + body
            tag = f'"{hash(body)}"'
            is_known = bool(body) and self.headers.get("If-None-Match") == tag
            self.send_response(304 if is_known else answer if isinstance(answer, int) else 200)
            self.send_header("Content-Type", "text/turtle")
            self.send_header("ETag", tag)
            self.end_headers()
            self.wfile.write(b"" if is_known else body)

        def log_message(self, *_: object) -> None:
            """Nothing is written."""

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def served() -> Iterator[Site]:
    site = Site()
    with server(site) as running:
        site.url = f"http://127.0.0.1:{running.server_port}"
        Thread(target=running.serve_forever).start()
        yield site
        running.shutdown()


site = pytest.fixture(served)
other_site = pytest.fixture(served)


def dataset(name: str) -> str:
    return f'<http://e/{name}> a dcat:Dataset ; dct:title "{name}"@en ; dct:publisher <http://e/org> . {PUBLISHER}\n'


def found(site: Site, path: str = "/", **options: Any) -> list[Found]:
    return list(rdf.documents(visit(site.url + path, **options)))


def keys(found: list[Found]) -> list[str]:
    return [item[0] for item in found if isinstance(item, tuple)]


def things(found: list[Found]) -> list[str]:
    """The keys without `http://e/`; `!` before what could not be read."""
    names = [item.key if isinstance(item, Reading) else item[0] for item in found if isinstance(item, tuple | Reading)]
    marks = ["!" if isinstance(item, Reading) else "" for item in found if isinstance(item, tuple | Reading)]
    return [mark + name.removeprefix("http://e/") for mark, name in zip(marks, names, strict=True)]


# Pages.


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("<> a hydra:PartialCollectionView ; hydra:next <{0}/2> .", id="iri, new generation"),
        pytest.param('<> a hydra:PagedCollection ; hydra:nextPage "{0}/2" .', id="text, old generation"),
        pytest.param('<> a hydra:PagedCollection ; hydra:next "/2"^^xsd:anyURI .', id="relative text"),
        pytest.param("[] a hydra:PagedCollection ; hydra:next <2> .", id="blank node"),
        pytest.param("<{0}/catalogue#page> hydra:next <2> .", id="node of no class"),
        pytest.param("<> hydra:next <2> ; hydra:nextPage <{0}/wrong> .", id="new before old"),
        pytest.param("<> hydra:next <2> . <{0}/x> hydra:next <{0}/wrong> .", id="own word before others'"),
        pytest.param("<> hydra:next <{0}/> . <{0}/x> hydra:next <2> .", id="new before known"),
        pytest.param("<> hydra:next <2#page> .", id="fragment"),
    ],
)
def test_the_next_page_is_read_however_it_is_named(site: Site, link: str) -> None:
    site.pages = {"/": dataset("a") + link, "/2": dataset("b") + "<> a hydra:PagedCollection ."}
    assert things(found(site)) == ["a", "b"]
    assert site.asked == ["/", "/2"]


def test_pages_are_split_into_things_each_told_once(site: Site) -> None:
    catalogue = '<http://e/cat> a dcat:Catalog ; dct:title "Cat"@en ; dcat:dataset <http://e/{}> .'
    site.pages = {
        "/": dataset("a") + catalogue.format("a") + "<> hydra:next <2> .",
        "/2": dataset("b") + dataset("a") + catalogue.format("b") + "<> hydra:previous <{0}/> .",
    }
    documents = [item for item in found(site) if isinstance(item, tuple)]
    assert [key for key, _ in documents] == ["http://e/a", "http://e/cat", "http://e/b"]
    records = [reading.record for item in documents for reading in rdf.readings(*item, MINTER)]
    assert [len(record.triples) for record in records if record] == [5, 2, 5]


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        pytest.param({"/": "<> hydra:next <{0}/> ."}, "lead in a circle", id="page that is its own next"),
        pytest.param({"/": "<> hydra:next <2> .", "/2": "<> hydra:next <{0}/> ."}, "lead in a circle", id="circle"),
        pytest.param({"/": "<> hydra:next <2> ."}, "status 404", id="page that is missing"),
        pytest.param({"/": "<> hydra:next <2> .", "/2": "no turtle"}, "/2: Turtle", id="page that cannot be read"),
    ],
)
def test_pages_without_an_end_are_an_error_of_the_source(site: Site, pages: dict[str, str | int], message: str) -> None:
    site.pages = pages
    with pytest.raises(SourceError, match=message):
        found(site)


ENDS = {
    "total": 'a hydra:PagedCollection ; hydra:totalItems 3 ; hydra:nextPage "{0}/2"',
    "last": "hydra:last </2> ; hydra:next </2#it>",
    "last, to the first": 'hydra:lastPage "{0}/2" ; hydra:next </>',
    "other last": "hydra:last </3> ; hydra:next </2>",
    "too few": "hydra:totalItems 4 ; hydra:next </2>",
    "no number": "hydra:totalItems 'all' ; hydra:next </2>",
}


@pytest.mark.parametrize("end", ["total", "last", "last, to the first"])
def test_pages_end_where_all_that_was_announced_has_come_or_on_the_last_one(site: Site, end: str) -> None:
    site.pages = {"/": dataset("a") + dataset("b") + "<> hydra:next <2> .", "/2": dataset("c") + f"<> {ENDS[end]} ."}
    for _ in range(2):
        items = found(site)
        assert (things(items), Partial() in items) == (["a", "b", "c"], False)
    assert site.asked == ["/", "/2"] * 2


@pytest.mark.parametrize("end", ["other last", "too few", "no number"])
def test_other_pages_that_are_their_own_next_are_an_error_of_the_source(site: Site, end: str) -> None:
    site.pages = {"/": dataset("a") + dataset("b") + "<> hydra:next <2> .", "/2": dataset("c") + f"<> {ENDS[end]} ."}
    with pytest.raises(SourceError, match="lead in a circle"):
        found(site)


@pytest.mark.parametrize("beyond", [pytest.param(404, id="missing"), pytest.param("", id="empty")])
def test_a_page_behind_all_that_was_announced_need_not_be_there(site: Site, beyond: str | int) -> None:
    last = dataset("b") + "<> hydra:totalItems {} ; hydra:next </3> ."
    site.pages = {"/": dataset("a") + "<> hydra:next <2> .", "/2": last.replace("{}", "2"), "/3": beyond}
    assert things(found(site)) == ["a", "b"]
    site.pages["/2"] = last.replace("{}", "3")
    with pytest.raises(SourceError, match=r"status 404|empty"):
        found(site)


def test_pages_that_bring_less_than_they_announce_let_nothing_go_and_are_told(site: Site) -> None:
    total = '<{0}/cat> a hydra:PagedCollection ; hydra:totalItems "1200"^^xsd:integer .'
    site.pages = {"/": dataset("a") + total + "<> hydra:next <2> .", "/2": dataset("a") + dataset("b") + total}
    [partial] = [item for item in found(site) if isinstance(item, Partial)]
    [finding] = partial.findings
    assert finding.message == "rdf: the pages announce 1,200 items; 2 different ones came"
    site.pages["/2"] = dataset("b") + total.replace("1200", "1201")
    assert Partial() in found(site)


def test_pages_that_go_on_without_bringing_anything_end(site: Site) -> None:
    empty = {f"/{n}": f"<> a hydra:PartialCollectionView ; hydra:next </{n + 1}> ." for n in range(2, 100)}
    site.pages = {"/": dataset("a") + "<> hydra:next <2> .", **empty}
    with pytest.raises(SourceError, match="have brought nothing new"):
        found(site)
    assert len(site.asked) == 11
    site.pages["/"] += "<> hydra:totalItems 1 ."
    assert things(found(site)) == ["a"]


def test_a_page_on_another_site_is_not_fetched_from_a_private_address(site: Site, other_site: Site) -> None:
    site.pages = {"/": dataset("a") + f"<> hydra:next <{other_site.url}/2> ."}
    other_site.pages = {"/2": dataset("b")}
    told = found(site)
    assert things(told) == ["a", f"!{other_site.url}/2"]
    assert Partial() in told
    assert not other_site.asked


def test_a_document_without_pages_stays_one(site: Site) -> None:
    site.pages = {"/": dataset("a") + dataset("b")}
    assert keys(found(site)) == [f"{site.url}/"]


def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """Collects the addresses of what is parsed from now on."""
    parse, addresses = sandbox.parse_mended, list[str | None]()

    def noting(content: bytes, syntax: Syntax, base_iri: str | None) -> list[Quad]:
        addresses.append(base_iri)
        return parse(content, syntax, base_iri)

    monkeypatch.setattr(sandbox, "parse_mended", noting)
    return addresses


def origins(found: list[Found]) -> list[str]:
    return [item.origin.removeprefix("http://e/") for item in found if isinstance(item, Unchanged)]


@pytest.mark.parametrize("path", ["/", "/sub"], ids=["root", "nested"])
def test_pages_that_are_as_they_were_are_not_parsed_again(
    site: Site, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    site.pages = {
        "/": nested("dcat:catalog <{0}/sub>", "cat"),
        path: dataset("a") + dataset("b") + "<> hydra:next <2> .",
        "/2": dataset("a") + "<> hydra:next <3> .",
        "/3": nested("dcat:catalog <{0}/more>", "all") + "<> a hydra:PartialCollectionView .",
        "/more": dataset("d"),
    }
    memory: dict[str, Any] = {}
    known = {f"http://e/{name}" for name in ("a", "b", "all", "d")} | {f"{site.url}/"}
    found(site, memory=memory)
    memory = json.loads(json.dumps(memory))
    addresses = parsed(monkeypatch)
    assert origins(found(site, memory=memory, known=known)) == ["a", "b", "all", "d"]
    assert addresses == []
    site.pages["/2"] = dataset("c") + "<> hydra:next <3> ."
    told = found(site, memory=memory, known=known)
    assert (origins(told), things(told)[-1], addresses) == (["a", "b", "all", "d"], "c", [f"{site.url}/2"])
    assert told.index(Checkpoint()) < [item[0] if isinstance(item, tuple) else "" for item in told].index("http://e/c")


@pytest.mark.parametrize(
    ("known", "again"),
    [
        pytest.param("", ["/", "/2"], id="nothing is in the catalogue"),
        pytest.param("ab", ["/2"], id="some was rejected"),
        pytest.param("abc", [], id="all is there"),
    ],
)
def test_a_page_is_parsed_again_as_long_as_some_of_it_is_not_in_the_catalogue(
    site: Site, monkeypatch: pytest.MonkeyPatch, known: str, again: list[str]
) -> None:
    site.pages = {"/": dataset("a") + dataset("b") + "<> hydra:next <2> .", "/2": dataset("c")}
    memory: dict[str, Any] = {}
    found(site, memory=memory)
    addresses = parsed(monkeypatch)
    for _ in range(2):
        addresses.clear()
        told = found(site, memory=memory, known={f"http://e/{name}" for name in known})
        assert sorted([*things(told), *origins(told)]) == ["a", "b", "c"]
        assert addresses == [site.url + path for path in again]


def test_a_page_that_says_otherwise_what_one_before_it_said_is_parsed_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = dataset("a") + '<http://e/a> dct:abstract "Other"@en . <> a hydra:PartialCollectionView .'
    site.pages = {"/": dataset("a") + "<> hydra:next <2> .", "/2": other}
    memory: dict[str, Any] = {}
    found(site, memory=memory)
    addresses = parsed(monkeypatch)
    told = found(site, memory=memory, known={"http://e/a"})
    assert (origins(told), things(told), addresses) == (["a"], ["a"], [f"{site.url}/2"])


def test_of_pages_that_are_no_more_nothing_is_remembered(site: Site) -> None:
    site.pages = {"/": dataset("a") + "<> hydra:next <2> .", "/2": dataset("b")}
    memory: dict[str, Any] = {}
    found(site, memory=memory)
    site.pages = {"/": dataset("a") + "<> hydra:next <3> .", "/3": dataset("b")}
    found(site, memory=memory)
    assert {name for name in memory if name.startswith("page ")} == {f"page {site.url}{path}" for path in ("/", "/3")}


# Catalogues in catalogues.


def nested(link: str, name: str) -> str:
    return f"<http://e/{name}> a dcat:Catalog ; {link} .\n"


@pytest.mark.parametrize(
    "link", ["dcat:catalog <{0}/sub>", "dct:hasPart <{0}/sub#it>", 'dcat:catalog "{0}/sub"'], ids=["3", "part", "text"]
)
def test_a_catalogue_in_a_catalogue_is_read_from_its_own_address(site: Site, link: str) -> None:
    site.pages = {"/": nested(link, "cat"), "/sub": dataset("b") + "<> hydra:next <sub2> .", "/sub2": dataset("c")}
    assert things(found(site)) == [f"{site.url}/", "b", "c"]


@pytest.mark.parametrize(
    "root",
    [
        pytest.param("<{0}/cat> a dcat:Catalog ; dct:hasPart <{0}/d> . <{0}/d> a dcat:Dataset .", id="no catalogue"),
        pytest.param(
            "<{0}/cat> a dcat:Catalog ; dcat:catalog <{0}/sub> . <{0}/sub> dcat:dataset <{0}/d> .", id="described here"
        ),
        pytest.param("<{0}/d> a dcat:Dataset ; dct:hasPart <{0}/e> .", id="part of a dataset"),
        pytest.param("<{0}/cat> a dcat:Catalog ; dcat:catalog <{0}/#it>, <urn:x:y> .", id="no other address"),
    ],
)
def test_what_is_no_catalogue_elsewhere_is_not_fetched(site: Site, root: str) -> None:
    site.pages = {"/": root}
    found(site)
    assert site.asked == ["/"]


def test_catalogues_that_list_each_other_are_read_once(site: Site) -> None:
    site.pages = {"/": nested("dcat:catalog <{0}/a>, <{0}/b>", "r")}
    site.pages |= {"/a": nested("dcat:catalog <{0}/b>", "a"), "/b": nested("dcat:catalog <{0}/a>, <{0}/>", "b")}
    assert things(found(site)) == [f"{site.url}/", "a", "b"]
    assert site.asked == ["/", "/a", "/b"]


def test_catalogues_in_catalogues_are_read_five_deep(site: Site) -> None:
    site.pages = {f"/{n}": nested(f"dcat:catalog <{{0}}/{n + 1}>", str(n)) for n in range(9)}
    found(site, "/0")
    assert site.asked == [f"/{n}" for n in range(6)]


def test_other_catalogues_are_left_alone_when_the_source_says_so(site: Site) -> None:
    site.pages = {"/": nested("dcat:catalog <{0}/sub>", "cat")}
    assert keys(found(site, nested=False)) == [f"{site.url}/"]


@pytest.mark.parametrize(
    ("answer", "is_partial"),
    [pytest.param(404, False, id="gone"), pytest.param(500, True, id="broken"), pytest.param("<", False, id="no rdf")],
)
def test_a_catalogue_that_cannot_be_read_is_told_and_keeps_no_other_out(
    site: Site, answer: str | int, is_partial: bool
) -> None:
    site.pages = {"/": nested("dcat:catalog <{0}/a>, <{0}/b>", "cat"), "/a": answer, "/b": dataset("b")}
    told = found(site)
    assert things(told) == [f"{site.url}/", f"!{site.url}/a", "b"]
    assert (Partial() in told) == is_partial


PAGE = "<!DOCTYPE html><html><title>Log in</title></html>"


def test_web_pages_in_place_of_catalogues_keep_what_was_read_although_nothing_is_remembered(
    site: Site, tmp_path: Path
) -> None:
    numbers = range(12)
    links = ", ".join(f"<{{0}}/{number}>" for number in numbers)
    site.pages = {"/": nested(f"dcat:catalog {links}", "cat"), **{f"/{n}": dataset(f"d{n}") for n in numbers}}
    with world(tmp_path) as home:
        home.harvest("rdf", f"{site.url}/")
        before = home.keys()
        assert len(before) == 13
        site.pages.update({f"/{number}": PAGE for number in numbers})
        for _ in range(2):
            done = home.harvest("rdf", f"{site.url}/", follow=True)
            assert (done.error, done.counts["missing"], done.counts["gone"]) == (None, 0, 0)
            assert "answers with a web page “Log in”, not with RDF" in done.findings[-1][1].message
        assert before <= home.keys()


def test_a_web_page_in_place_of_a_later_page_of_a_catalogue_keeps_what_was_read(site: Site) -> None:
    site.pages = {"/": nested("dcat:catalog <{0}/a>", "cat"), "/a": dataset("a") + "<> hydra:next <2> .", "/2": PAGE}
    assert Partial() in found(site)


def test_a_dataset_that_is_a_web_page_keeps_nothing_that_is_gone(site: Site) -> None:
    site.pages = {"/": "<http://e/cat> a dcat:Catalog ; dcat:dataset <{0}/a> .", "/a": PAGE}
    told = found(site, follow=True)
    assert Partial() not in told
    assert f"!{site.url}/a" in things(told)


def test_ten_documents_in_a_row_that_cannot_be_read_end_the_visit(site: Site) -> None:
    links = ", ".join(f"<{{0}}/{n}>" for n in range(30))
    site.pages = {"/": nested(f"dcat:catalog {links}", "cat")} | {f"/{n}": 500 for n in range(30)}
    with pytest.raises(SourceError, match="10 documents in a row"):
        found(site)


# Datasets that are only named.


def test_a_dataset_without_a_description_is_fetched_when_the_source_says_so(site: Site) -> None:
    listed = "<http://e/cat> a dcat:Catalog ; dcat:dataset <{0}/a>, <http://e/here> . <http://e/here> a dcat:Dataset ."
    site.pages = {"/": listed, "/a": "<{0}/a> a dcat:Dataset ."}
    assert keys(found(site)) == [f"{site.url}/"]
    assert keys(found(site, follow=True)) == [f"{site.url}/", f"{site.url}/a"]


def test_datasets_that_are_only_named_are_told_when_they_are_not_followed(site: Site) -> None:
    listed = "<http://e/cat> a dcat:Catalog ; dcat:dataset <http://e/a>, <http://e/b>, <{0}/c> . <> hydra:next <2> ."
    site.pages = {"/": listed + dataset("a"), "/2": dataset("b"), "/c": "<{0}/c> a dcat:Dataset ."}
    for _ in range(2):
        [reading] = [item for item in found(site) if isinstance(item, Reading)]
        [finding] = reading.report.findings
        assert (reading.record, finding.value, "description: 1;" in finding.message) == (None, f"{site.url}/c", True)
    assert not [item for item in found(site, follow=True) if isinstance(item, Reading)]


def test_a_dataset_that_another_page_describes_is_not_fetched(site: Site) -> None:
    listed = "<http://e/cat> a dcat:Catalog ; dcat:dataset <{0}/a> . <> hydra:next <2> ."
    site.pages = {"/": listed, "/2": "<{0}/a> a dcat:Dataset ."}
    found(site, follow=True)
    assert site.asked == ["/", "/2"]


def test_a_followed_document_is_asked_for_only_if_it_has_changed(site: Site) -> None:
    listed = "<http://e/cat> a dcat:Catalog ; dcat:dataset <{0}/a> ."
    site.pages = {"/": listed, "/a": "<{0}/a> a dcat:Dataset ; foaf:page <{0}/b> . <{0}/b> a dcat:Dataset ."}
    memory: dict[str, Any] = {}
    both = {f"{site.url}/a", f"{site.url}/b"}
    first = found(site, follow=True, memory=memory)
    assert set(keys(first)) == {f"{site.url}/", *both}
    again = found(site, follow=True, memory=memory, known=both)
    assert {item.origin for item in again if isinstance(item, Unchanged)} == both
    rejected = found(site, follow=True, memory=memory, known={f"{site.url}/a"})
    assert not [item for item in rejected if isinstance(item, Unchanged)]


# Whole harvests.


def test_a_paged_catalogue_harvested_twice_changes_nothing_and_loses_what_is_gone(site: Site, tmp_path: Path) -> None:
    site.pages = {"/": dataset("a") + dataset("b") + "<> hydra:next <2> .", "/2": dataset("c")}
    how = Harvesting(Fetch(allow_private=("127.0.0.1",)), lambda: datetime(2025, 1, 1, tzinfo=UTC))
    source = Source("test", "rdf", f"{site.url}/", "Test", 50, patience=1)
    store = Store(tmp_path, MINTER, lambda: datetime(2025, 1, 1, tzinfo=UTC))
    counts: list[Mapping[str, int]] = [harvest(store, source, how).counts for _ in range(2)]
    assert (counts[0]["new"], counts[1]["new"], counts[1]["unchanged"]) == (3, 0, 3)
    site.pages["/2"] = dataset("d")
    third = harvest(store, source, how).counts
    assert (third["new"], third["unchanged"], third["gone"]) == (1, 2, 1)


def test_a_paged_catalogue_that_is_remembered_is_kept_whole_without_being_parsed(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages = {"/": dataset("a") + dataset("b") + "<> hydra:next <2> .", "/2": dataset("c")}
    with world(tmp_path) as home:
        assert home.harvest("rdf", f"{site.url}/").counts["new"] == 3
        before, addresses = home.quads(), parsed(monkeypatch)
        again = home.harvest("rdf", f"{site.url}/")
        assert (again.error, again.counts["unchanged"], again.counts["missing"], addresses) == (None, 3, 0, [])
        assert home.quads() == before
        site.pages["/2"] = dataset("d")
        third = home.harvest("rdf", f"{site.url}/").counts
        assert (third["new"], third["unchanged"], third["missing"]) == (1, 2, 1)
        assert home.harvest("rdf", f"{site.url}/").counts["gone"] == 1
        assert len(home.keys()) == 3
        assert addresses == [f"{site.url}/2"]


def test_documents_of_a_paged_source_are_of_the_media_type_that_they_are_in(site: Site) -> None:
    site.pages = {"/": dataset("a") + "<> a hydra:PagedCollection ."}
    [(_, document)] = (item for item in found(site) if isinstance(item, tuple))
    assert isinstance(document, Document)
    assert (document.media_type, document.url, document.etag) == ("application/n-quads", "http://e/a", None)
