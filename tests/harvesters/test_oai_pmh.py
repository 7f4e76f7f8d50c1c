"""What becomes of the records of OAI-PMH repositories, and of what comes in their place."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import sandbox
from catalogue.errors import SourceError
from catalogue.harvesters import oai_pmh
from catalogue.harvesters._entry import record_key
from catalogue.harvesters._oai_xml import written
from catalogue.model import Checkpoint, Deleted, Document, Found, Partial, Reading, Record
from catalogue.rdf import IRI, Literal
from catalogue.sandbox import Element
from catalogue.vocabulary import DCAT, DCT, FOAF, LANGUAGE, SCHEMA, SPDX_LICENCE
from tests.remote import MINTER, NOW, Reply, Request, World, serving, world
from tests.visits import visit

SHARED = Path(__file__).parents[3] / "shared" / "data" / "dcat"
XML = "text/xml"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def rdf(iri: str, title: str) -> str:
    return (
        f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:dcat="{DCAT.iri}" xmlns:dct="{DCT.iri}">'
        f'<dcat:Catalog rdf:about="https://r.example/catalogue"><dct:title>All</dct:title>'
        f'<dcat:dataset rdf:resource="{iri}"/></dcat:Catalog>'
        f'<dcat:Dataset rdf:about="{iri}"><dct:title xml:lang="en">{escape(title)}</dct:title></dcat:Dataset></rdf:RDF>'
    )


def dc(**elements: str | list[str]) -> str:
    said = "".join(
        f"<dc:{name}>{escape(value)}</dc:{name}>"
        for name, values in elements.items()
        for value in ([values] if isinstance(values, str) else values)
    )
    namespaces = (
        'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    )
    return f"<oai_dc:dc {namespaces}>{said}</oai_dc:dc>"


@dataclass
class Entry:
    """A record of a repository; None as its metadata when it is deleted."""

    metadata: str | None
    stamp: str = "2026-01-01T00:00:00Z"
    spec: str = ""


@dataclass
class Repository:
    """OAI-PMH over some records, `size` on a page."""

    entries: dict[str, Entry]
    prefixes: tuple[str, ...] = ("oai_dc", "dcat_ap")
    size: int = 2
    deleted: str = "persistent"
    granularity: str = "YYYY-MM-DDThh:mm:ssZ"
    sets: tuple[str, ...] = ()
    time: str = "2026-02-01T00:00:00Z"
    unsupported: tuple[str, ...] = ()
    expired: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    total: int | None = None
    asked: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply:
        query = request.query
        self.asked.append(query)
        verb, token = query.get("verb", ""), query.get("resumptionToken", "")
        if verb in self.unsupported:
            return self.answer('<error code="badVerb">no</error>')
        if token in self.broken:
            return Reply("", status=500)
        if token in self.expired:
            self.expired.discard(token)
            return self.answer('<error code="badResumptionToken">expired</error>')
        return self.answer(getattr(self, verb)(query))

    def answer(self, content: str) -> Reply:
        head = '<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        return Reply(f"{head}<responseDate>{self.time}</responseDate>{content}</OAI-PMH>", XML)

    def Identify(self, _: dict[str, str]) -> str:
        return (
            f"<Identify><deletedRecord>{self.deleted}</deletedRecord>"
            f"<granularity>{self.granularity}</granularity></Identify>"
        )

    def ListMetadataFormats(self, _: dict[str, str]) -> str:
        formats = "".join(
            f"<metadataFormat><metadataPrefix>{prefix}</metadataPrefix></metadataFormat>" for prefix in self.prefixes
        )
        return f"<ListMetadataFormats>{formats}</ListMetadataFormats>"

    def ListSets(self, _: dict[str, str]) -> str:
        if not self.sets:
            return '<error code="noSetHierarchy">no sets</error>'
        return f"<ListSets>{''.join(f'<set><setSpec>{spec}</setSpec></set>' for spec in self.sets)}</ListSets>"

    def ListRecords(self, query: dict[str, str]) -> str:
        return self.listed("ListRecords", query)

    def ListIdentifiers(self, query: dict[str, str]) -> str:
        return self.listed("ListIdentifiers", query)

    def GetRecord(self, query: dict[str, str]) -> str:
        return f"<GetRecord>{self.record(query['identifier'])}</GetRecord>"

    def listed(self, verb: str, query: dict[str, str]) -> str:
        start, since, spec = (
            query.get("resumptionToken") or f"0|{query.get('from', '')}|{query.get('set', '')}"
        ).split("|")
        those = [n for n, e in self.entries.items() if e.stamp >= since and e.spec.startswith(spec)]
        if not those:
            return '<error code="noRecordsMatch">none</error>'
        end = int(start) + self.size
        write = self.record if verb == "ListRecords" else self.header
        token = f"{end}|{since}|{spec}" if end < len(those) else ""
        total = len(those) if self.total is None else self.total
        resumption = f'<resumptionToken completeListSize="{total}" cursor="{start}">{token}</resumptionToken>'
        return f"<{verb}>{''.join(map(write, those[int(start) : end]))}{resumption}</{verb}>"

    def header(self, name: str) -> str:
        entry = self.entries[name]
        status = ' status="deleted"' if entry.metadata is None else ""
        return f"<header{status}><identifier>{escape(name)}</identifier><datestamp>{entry.stamp}</datestamp></header>"

    def record(self, name: str) -> str:
        metadata = self.entries[name].metadata
        return f"<record>{self.header(name)}{f'<metadata>{metadata}</metadata>' if metadata else ''}</record>"


def repository(number: int = 5, **given: Any) -> Repository:
    return Repository(
        {f"oai:r:{n}": Entry(rdf(f"https://r.example/{n}", f"Thing {n}")) for n in range(number)}, **given
    )


def found(answer: Any, path: str = "/oai", memory: dict[str, Any] | None = None, **options: Any) -> list[Found]:
    with serving(answer) as base:
        return list(oai_pmh.documents(visit(base + path, "oai-pmh", memory=memory, **options)))


def names(items: list[Found]) -> list[str]:
    """The OAI identifiers of the records found."""
    urls = [urlsplit(item[1].url) for item in items if isinstance(item, tuple)]
    return [dict(parse_qsl(url.query))["identifier"] for url in urls]


# Lists.


def test_all_pages_are_read_in_the_best_format_and_each_record_has_an_address() -> None:
    served = repository()
    items = found(served)
    assert names(items) == list(served.entries)
    assert Partial() not in items
    [document] = [item[1] for item in items if isinstance(item, tuple) and item[0] == record_key("oai:r:3")]
    assert document.url.endswith("/oai?verb=GetRecord&metadataPrefix=dcat_ap&identifier=oai%3Ar%3A3")


@pytest.mark.parametrize(
    ("offered", "wanted", "asked"),
    [
        (("oai_dc", "dcat_ap", "dcat"), "", "dcat_ap"),
        (("oai_dc", "DCAT-AP-IT"), "", "DCAT-AP-IT"),
        (("oai_dc", "oai_datacite", "rdf"), "", "rdf"),
        (("marc21", "oai_dc"), "", "oai_dc"),
        (("oai_dc", "dcat_ap"), "oai_dc", "oai_dc"),
    ],
)
def test_the_best_format_is_asked_for(offered: tuple[str, ...], wanted: str, asked: str) -> None:
    served = repository(1, prefixes=offered)
    found(served, prefix=wanted)
    assert {query["metadataPrefix"] for query in served.asked if "metadataPrefix" in query} == {asked}


PUBLICATION = """<rdf:RDF xmlns:rdf="{namespace}" xmlns:ow="http://www.ontoweb.org/ontology/1#"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:foaf="http://xmlns.com/foaf/0.1/">
  <ow:Publication rdf:about="oai:r:0"><dc:title>On</dc:title><dc:creator><foaf:Person/></dc:creator></ow:Publication>
</rdf:RDF>"""


@pytest.mark.parametrize("namespace", ["http://www.openarchives.org/OAI/2.0/rdf/", RDF], ids=["DSpace's", "EPrints's"])
def test_rdf_that_describes_publications_only_is_not_the_best_format(namespace: str) -> None:
    served, memory = Repository({"oai:r:0": Entry(None)}, prefixes=("oai_dc", "rdf")), dict[str, Any]()
    published = PUBLICATION.format(namespace=namespace)

    def answer(request: Request) -> Reply:
        is_rdf = request.query.get("metadataPrefix") == "rdf"
        served.entries["oai:r:0"] = Entry(published if is_rdf else dc(title="Medusa", type="Software"))
        return served(request)

    assert names(found(answer, memory=memory)) == ["oai:r:0"]
    for prefixes, asked in ((("oai_dc", "rdf"), "oai_dc"), (("oai_dc", "rdf", "dcat"), "dcat")):
        served.prefixes = prefixes
        served.asked.clear()
        found(answer, memory=memory)
        assert {query["metadataPrefix"] for query in served.asked if "metadataPrefix" in query} == {asked}


@pytest.mark.parametrize(
    ("given", "options", "words"),
    [
        pytest.param({"prefixes": ("marc21",)}, {}, "it has marc21", id="no format"),
        pytest.param({}, {"prefix": "adms"}, "no format adms; it has oai_dc, dcat_ap", id="not the format"),
        pytest.param({"sets": ("a", "b")}, {"set": "c"}, "no set c; it has a, b", id="not the set"),
        pytest.param({}, {"set": "c"}, "noSetHierarchy", id="no sets"),
    ],
)
def test_what_the_repository_does_not_have_is_told(given: dict[str, Any], options: dict[str, Any], words: str) -> None:
    with pytest.raises(SourceError, match=words):
        found(repository(**given), **options)


def test_a_set_is_looked_for_only_where_nothing_is_in_it() -> None:
    served, memory = repository(2), dict[str, Any]()
    for entry in served.entries.values():
        entry.spec = "unlisted"
    for _ in range(2):
        assert names(found(served, memory=memory, set="unlisted", full_every=1)) == list(served.entries)
    assert "ListSets" not in {query["verb"] for query in served.asked}


def test_an_address_of_a_request_says_set_and_format() -> None:
    served = repository(sets=("apps",))
    served.entries["oai:r:1"].spec = "apps"
    assert names(found(served, "/oai?verb=ListRecords&metadataPrefix=dcat_ap&set=apps&key=7")) == ["oai:r:1"]
    assert {query["key"] for query in served.asked} == {"7"}


def test_a_repository_that_lists_no_formats_is_asked_for_the_one_that_all_have() -> None:
    other = repository(2, unsupported=("ListMetadataFormats",))
    assert len([item for item in found(other) if isinstance(item, tuple | Reading)]) == 2
    assert {query["metadataPrefix"] for query in other.asked if "metadataPrefix" in query} == {"oai_dc"}


def test_an_expired_token_begins_the_list_anew_once() -> None:
    served = repository(expired={"4||"})
    assert names(found(served)) == list(served.entries)
    served = repository()
    with pytest.raises(SourceError, match="badResumptionToken"):
        found(lambda request: served.answer(
            '<error code="badResumptionToken"/>' if "resumptionToken" in request.query
            else getattr(served, request.query["verb"])(request.query)
        ))  # fmt: skip


def test_errors_may_come_with_a_status_of_their_own_as_of_invenio() -> None:
    served, memory = repository(expired={"4||"}), dict[str, Any]()

    def answer(request: Request) -> Reply:
        reply = served(request)
        return Reply(reply.content, XML, 422) if "<error" in str(reply.content) else reply

    assert names(found(answer, memory=memory)) == list(served.entries)
    assert found(answer, memory=memory) == [Partial()]
    with pytest.raises(SourceError, match="noSetHierarchy: no sets"):
        found(answer, set="c")


def test_without_listrecords_each_record_is_asked_for() -> None:
    served = repository(unsupported=("ListRecords",))
    served.entries["oai:r:1"].metadata = None
    items = found(served)
    assert names(items) == [name for name in served.entries if name != "oai:r:1"]
    assert [type(item) for item in items].count(Deleted) == 1
    assert [query["identifier"] for query in served.asked if query["verb"] == "GetRecord"] == names(items)


def test_a_list_shorter_than_it_says_is_not_complete() -> None:
    [partial] = [item for item in found(repository(total=9)) if isinstance(item, Partial)]
    [finding] = partial.findings
    assert finding.message == "The repository says that its list has 9 records; 5 came."


@pytest.mark.parametrize("last", ["<resumptionToken/>", "", None], ids=["an empty token", "no token", "no records"])
@pytest.mark.parametrize(("size", "expected"), [(5, False), (9, True)], ids=["all", "fewer"])
def test_what_the_first_page_says_of_the_size_holds_to_the_last(last: str | None, size: int, expected: bool) -> None:
    served = repository(5, total=size)

    def answer(request: Request) -> Reply:
        token = request.query.get("resumptionToken", "")
        if token == "4||" and last is None:
            served.entries |= dict.fromkeys(["oai:r:4"], Entry(None))
            return served.answer('<error code="noRecordsMatch">none</error>')
        reply = served(request)
        if token == "4||":
            return Reply(re.sub(r"<resumptionToken.*</resumptionToken>", str(last), str(reply.content)), XML)
        return reply

    items = found(answer)
    assert any(isinstance(item, Partial) for item in items) is (expected or last is None)


def test_a_token_may_be_the_same_for_all_pages() -> None:
    served, pages = repository(6, size=6), iter(range(6))

    def answer(request: Request) -> Reply:
        if request.query["verb"] != "ListRecords":
            return served(request)
        number = next(pages)
        token = "<resumptionToken>session</resumptionToken>" if number < 5 else "<resumptionToken/>"
        return served.answer(f"<ListRecords>{served.record(f'oai:r:{number}')}{token}</ListRecords>")

    assert names(found(answer)) == list(served.entries)


@pytest.mark.parametrize(
    ("token", "words"),
    [("same", "circle"), ("new", "nothing new")],
)
def test_lists_without_end_are_left(token: str, words: str) -> None:
    served = repository(1)

    def answer(request: Request) -> Reply:
        if request.query["verb"] != "ListRecords":
            return served(request)
        served.asked.append(request.query)
        name = token if token == "same" else str(len(served.asked))
        return served.answer(
            f"<ListRecords>{served.record('oai:r:0')}<resumptionToken>{name}</resumptionToken></ListRecords>"
        )

    with pytest.raises(SourceError, match=words):
        found(answer)


# From visit to visit.


def test_a_later_visit_asks_for_what_changed_with_an_overlap_and_everything_from_time_to_time() -> None:
    served, memory = repository(), dict[str, Any]()
    assert Partial() not in found(served, memory=memory)
    for expected in ("2026-01-31T23:59:59Z", "2026-01-31T23:59:59Z", None):
        served.asked.clear()
        items = found(served, memory=memory, full_every=3)
        [first] = [query for query in served.asked if query["verb"] == "ListRecords" and "metadataPrefix" in query]
        assert first.get("from") == expected
        assert (items[:1] == [Partial()]) is (expected is not None)


@pytest.mark.parametrize(
    ("given", "since"),
    [
        pytest.param({"granularity": "YYYY-MM-DD"}, "2026-01-31", id="days"),
        pytest.param({"deleted": "no"}, None, id="a repository that forgets deletions"),
        pytest.param({"time": "just now"}, None, id="a clock that cannot be read"),
    ],
)
def test_what_is_asked_since_when_depends_on_the_repository(given: dict[str, Any], since: str | None) -> None:
    served, memory = repository(**given), dict[str, Any]()
    found(served, memory=memory)
    served.asked.clear()
    found(served, memory=memory)
    assert [query.get("from") for query in served.asked if "metadataPrefix" in query] == [since]


def test_a_list_that_breaks_off_is_gone_on_with_and_a_token_is_tried_once() -> None:
    served, memory = repository(9, broken={"4||"}), dict[str, Any]()
    with pytest.raises(SourceError, match="500"):
        found(served, memory=memory)
    assert memory["resume"]["token"] == "4||"
    served.broken.clear()
    items = found(served, memory=memory)
    assert items[:2] == [Partial(), Checkpoint()]
    assert names(items) == [f"oai:r:{n}" for n in range(4, 9)]
    assert "resume" not in memory
    assert memory["since"] == served.time


def test_a_list_of_identifiers_that_breaks_off_is_gone_on_with_as_such() -> None:
    served, memory = repository(6, unsupported=("ListRecords",), broken={"4||"}), dict[str, Any]()
    with pytest.raises(SourceError, match="500"):
        found(served, memory=memory)
    served.broken.clear()
    assert names(found(served, memory=memory)) == ["oai:r:4", "oai:r:5"]


# Records.


def read(metadata: str, key: str = "oai:r:1", **options: Any) -> list[Reading]:
    served = Repository({key: Entry(metadata)}, prefixes=("oai_dc",))
    items = found(served, **options)
    return [r for item in items if isinstance(item, tuple) for r in oai_pmh.readings(*item, MINTER)]


def record(metadata: str, **options: Any) -> Record:
    [reading] = read(metadata, **options)
    assert reading.record is not None
    return reading.record


def values(said: Record, predicate: IRI) -> set[Any]:
    return {t.object for t in said.triples if t.subject == said.iri and t.predicate == predicate}


def test_rdf_keeps_its_iri_and_has_the_identifier_as_key() -> None:
    said = record(rdf("https://r.example/1", "Thing & all"))
    assert (said.key, said.iri) == (record_key("oai:r:1"), IRI("https://r.example/1"))
    assert values(said, DCT.title) == {Literal("Thing & all", language="en")}
    assert "verb=GetRecord" in said.origin


def test_a_bad_iri_of_a_record_costs_no_more_than_its_statement() -> None:
    page = '<dcat:landingPage rdf:resource="http://r.example/a b"/></dcat:Dataset>'
    [reading] = read(rdf("https://r.example/1", "Thing").replace("</dcat:Dataset>", page))
    assert reading.record is not None
    assert values(reading.record, DCT.title) == {Literal("Thing", language="en")}
    assert [finding.value for finding in reading.report.findings] == ["http://r.example/a b"]


def test_dublin_core_of_software_is_a_solution_known_by_its_repository() -> None:
    said = record(
        dc(
            title="Medusa",
            creator=["Doe, Jane"],
            publisher="The City",
            subject=["voting", "democracy"],
            description="Lets citizens decide.",
            date=["2024", "2023-05-06"],
            type=["info:eu-repo/semantics/other", "Software"],
            identifier=["https://zenodo.example/1", "10.5281/zenodo.1"],
            relation=["https://github.com/city/medusa/tree/v1.0", "https://other.example/"],
            rights=["info:eu-repo/semantics/openAccess", "https://opensource.org/licenses/AGPL-3.0"],
            language="eng",
        )
    )
    assert said.iri == MINTER.solution("https://github.com/city/medusa")
    assert values(said, DCT.title) == {Literal("Medusa", language="und")}
    assert {keyword.value for keyword in values(said, DCAT.keyword)} == {"voting", "democracy"}
    assert values(said, DCAT.landingPage) == {IRI("https://zenodo.example/1")}
    assert values(said, DCT.relation) == {IRI("https://other.example/")}
    assert values(said, SCHEMA.license) == {IRI(SPDX_LICENCE + "AGPL-3.0-only")}
    assert values(said, DCT.language) == {IRI(LANGUAGE + "ENG")}
    assert {moment.value for moment in values(said, DCT.issued)} == {"2023-05-06"}
    agents = {t.object.value for t in said.triples if t.predicate == FOAF.name}  # type: ignore[union-attr]
    assert agents == {"Doe, Jane", "The City"}


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("http://purl.org/dc/elements/1.1/", "http://purl.org/dc/terms/"),
        ("http://purl.org/dc/elements/1.1/", "http://purl.org/dc/elements/1.0/"),
        ("http://www.openarchives.org/OAI/2.0/oai_dc/", "http://www.openarchives.org/OAI/2.0/oai_dc"),
    ],
    ids=["terms", "older", "root"],
)
def test_dublin_core_is_read_in_all_its_namespaces(written: str, instead: str) -> None:
    said = record(dc(title="A", type="Software").replace(written, instead))
    assert values(said, DCT.title) == {Literal("A", language="und")}


def test_texts_with_marks_in_them_are_read_whole() -> None:
    said = record(dc(title="Tea & ? story", type="Software").replace("?", "<emph>short</emph>"))
    assert values(said, DCT.title) == {Literal("Tea & short story", language="und")}


def test_other_dublin_core_is_taken_if_the_source_says_so_and_known_by_its_identifier() -> None:
    article = dc(title="On Medusa", type="article")
    assert read(article) == []
    assert record(article, all=True).iri == MINTER.thing("solution", "oai:r:1")
    assert record(article, types=["article"]).iri == MINTER.thing("solution", "oai:r:1")


def test_an_identifier_that_is_a_web_address_is_the_name_of_the_thing() -> None:
    [reading] = read(dc(title="Medusa", type="software"), key="https://r.example/id/1")
    assert reading.record is not None
    assert reading.record.iri == IRI("https://r.example/id/1")


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        pytest.param("", "no metadata", id="nothing"),
        pytest.param(dc(type="software"), "no title", id="Dublin Core without a title"),
        pytest.param('<record xmlns="http://www.loc.gov/MARC21/slim"/>', "neither RDF nor", id="another format"),
        pytest.param(f'<rdf:RDF xmlns:rdf="{RDF}"/>', "no statement", id="RDF that says nothing"),
        pytest.param(
            f'<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description rdf:about="no IRI"><rdf:x/></rdf:Description></rdf:RDF>',
            "IRI",
            id="RDF with a bad name",
        ),
    ],
)
def test_a_record_that_cannot_be_read_keeps_no_other_out(metadata: str, words: str) -> None:
    served = repository(1)
    served.entries["oai:r:bad"] = Entry(metadata or "<!-- none -->")
    items = found(served, all=True)
    readings = [r for i in items for r in (oai_pmh.readings(*i, MINTER) if isinstance(i, tuple) else [i])]
    assert [r.key for r in readings if isinstance(r, Reading) and r.record] == [record_key("oai:r:0")]
    [bad] = [r for r in readings if isinstance(r, Reading) and not r.record]
    [finding] = bad.report.findings
    assert re.search(words, finding.message)


def test_records_without_an_identifier_are_told_and_keep_no_other_out() -> None:
    served = repository(1)
    served.entries |= {"": Entry(rdf("https://r.example/a", "A")), " ": Entry(rdf("https://r.example/b", "B"))}
    items = found(served)
    assert [item[0] for item in items if isinstance(item, tuple)] == [record_key("oai:r:0")]
    [told] = [item for item in items if isinstance(item, Reading)]
    assert [one.message for one in told.report.findings] == ["There is a record without an identifier in its header."]


def test_the_rdf_of_a_page_is_parsed_at_once_when_some_of_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [item for item in found(repository(6, size=3)) if isinstance(item, tuple)]
    children = 0
    run = sandbox.subprocess.run

    def counting(*args: Any, **how: Any) -> Any:
        nonlocal children
        children += 1
        return run(*args, **how)

    monkeypatch.setattr(sandbox.subprocess, "run", counting)
    readings = [reading for item in items for reading in oai_pmh.readings(*item, MINTER)]
    assert [reading.key for reading in readings if reading.record] == [key for key, _ in items]
    assert children == 2


# What comes in place of an answer.


LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><OAI-PMH>&b;</OAI-PMH>'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param("<!doctype html><html><title>Busy</title>", "web page “Busy”", id="a web page"),
        pytest.param(LAUGHS, "DOCTYPE", id="entities"),
        pytest.param("<a>" * 200 + "</a>" * 200, "nested more than", id="deep XML"),
        pytest.param("<OAI-PMH><Identify>", "not well-formed", id="half an answer"),
        pytest.param("<?xml version='1.0' encoding='utf-8'?><OAI-PMH>\xe9</OAI-PMH>".encode("latin-1"), "not UTF-8",
                     id="another encoding"),
        pytest.param("<rss/>", "answers with <rss>", id="other XML"),
        pytest.param("<OAI-PMH><error code='badVerb'>what?</error></OAI-PMH>", "badVerb: what", id="an error"),
        pytest.param("<OAI-PMH/>", "without <Identify>", id="no content"),
        pytest.param("{}", "not well-formed", id="JSON"),
        pytest.param("", "empty", id="nothing"),
    ],
)  # fmt: skip
def test_what_is_no_answer_of_the_protocol_is_told_in_words(content: str | bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        found(lambda _: Reply(content, XML))


@pytest.mark.parametrize(
    "odd", ["\x03", "\x1a", "\ufffe", "\uffff", "&#3;", "&#x1F;", "&#0;", "&#xFFFE;", "&#55357;"], ids=ascii
)
def test_characters_that_no_xml_can_hold_are_left_out(odd: str) -> None:
    served = repository(2)

    def answer(request: Request) -> Reply:
        reply = served(request)
        return Reply(str(reply.content).replace("Thing 1", f"Thing{odd} 1&#9;&#x41;"), XML)

    items = [item for item in found(answer) if isinstance(item, tuple)]
    read = [reading.record for item in items for reading in oai_pmh.readings(*item, MINTER)]
    assert [values(said, DCT.title) for said in read if said] == [
        {Literal("Thing 0", language="en")},
        {Literal("Thing 1\tA", language="en")},
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [("\n", ""), ("\ufeff\r\n", ""), ("<br />\n<b>Notice</b>: x in y", ""), ("", "<br />\n<b>Notice</b>: x <b>y</b>")],
    ids=["a blank line", "a mark and a line", "a warning before", "a warning behind"],
)
def test_what_a_server_says_around_its_answers_is_left_out(before: str, after: str) -> None:
    served = repository(3)

    def answer(request: Request) -> Reply:
        return Reply(f"{before}{served(request).content}{after}", XML)  # type: ignore[str-bytes-safe]

    assert names(found(answer)) == list(served.entries)


def test_a_busy_repository_is_asked_again() -> None:
    served, times = repository(1), iter(range(100))

    def answer(request: Request) -> Reply:
        return Reply("", status=503, headers={"Retry-After": "0"}) if next(times) % 2 == 0 else served(request)

    assert names(found(answer)) == ["oai:r:0"]


@pytest.mark.parametrize(
    ("location", "content", "expected"),
    [
        ("https://r.example/oai?verb=Identify", None, True),
        ("https://r.example/x", b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">', True),
        ("https://r.example/x", b"<rss/>", False),
    ],
)
def test_a_repository_is_recognised(location: str, content: bytes | None, expected: bool) -> None:
    document = None if content is None else Document(location, content, XML, NOW)
    assert oai_pmh.recognises(location, document) is expected


NAMES = st.sampled_from(["a", "b", "{http://e/x}a", "{http://e/y}b"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]) | st.sampled_from("\n\t<&>\"'"),
                min_size=1, max_size=8)  # fmt: skip
ELEMENTS = st.recursive(
    st.builds(Element, NAMES, st.dictionaries(NAMES, TEXTS, max_size=2), st.just(())),
    lambda inner: st.builds(
        lambda name, attributes, first, rest: Element(name, attributes, (first, *rest)),
        NAMES, st.dictionaries(NAMES, TEXTS, max_size=2), TEXTS, st.lists(inner, max_size=3).map(tuple),
    ),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=12, deadline=None)
@given(ELEMENTS)
def test_an_element_that_is_cut_out_is_the_one_that_was_there(element: Element) -> None:
    assert sandbox.parse_xml(written(element)) == element


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=40)
    | st.dictionaries(
        st.sampled_from(["title", "type", "rights", "date"]),
        st.lists(st.lists(st.text(max_size=9), max_size=3) | st.integers()),
    )
)
def test_no_dublin_core_is_too_strange_to_be_read(said: Any) -> None:
    content = said if isinstance(said, bytes) else json.dumps(said).encode()
    [reading] = oai_pmh.readings("oai:r:1", Document("https://r.example/x", content, "application/json", NOW), MINTER)
    assert reading.key == "oai:r:1"


# Into a store.


@pytest.fixture
def home(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def test_the_same_repository_again_changes_no_quad_and_what_it_deletes_is_gone_at_once(home: World) -> None:
    served = repository(4)
    with serving(served) as base:
        assert home.harvest("oai-pmh", base).counts["new"] == 4
        before = home.quads()
        again = home.harvest("oai-pmh", base, full_every=1)
        assert (again.counts["changed"], again.counts["new"], again.error) == (0, 0, None)
        assert home.quads() == before
        served.entries["oai:r:1"] = Entry(None, "2026-03-01T00:00:00Z")
        served.entries["oai:r:2"] = Entry(rdf("https://r.example/2", "Another"), "2026-03-01T00:00:00Z")
        changed = home.harvest("oai-pmh", base)
    assert (changed.counts["gone"], changed.counts["changed"]) == (1, 1)
    assert home.keys() == {record_key(f"oai:r:{n}") for n in (0, 2, 3)}


def test_real_metadata_of_ckanext_dcat_is_read(home: World) -> None:
    files = sorted(SHARED.glob("*.rdf"))
    if not files:
        pytest.skip("the shared data are not here")
    entries = {}
    for number, path in enumerate(files):
        start = path.read_text(encoding="utf-8", errors="replace").partition("?>")
        entries[f"oai:real:{number}"] = Entry(start[2] or start[0])
    usable = {name: entry for name, entry in entries.items() if entry.metadata and is_well_formed(entry.metadata)}
    with serving(Repository(usable)) as base:
        done = home.harvest("oai-pmh", base)
        assert done.error is None
        assert done.counts["new"] + len(done.rejected) >= len(usable)
        assert done.counts["new"] >= len(usable) - 2
        again = home.harvest("oai-pmh", base, full_every=1)
    assert again.counts["changed"] == again.counts["new"] == 0


def is_well_formed(xml: str) -> bool:
    try:
        sandbox.parse_xml(xml.strip().encode())
    except SourceError:
        return False
    return True
