"""What becomes of catalogues with the Software Catalog API, and of the Dutch register."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.errors import SourceError
from catalogue.harvesters import publiccode
from catalogue.harvesters import software_catalog_api as api
from catalogue.harvesters._software_catalog_pages import Service, service
from catalogue.model import Deleted, Document, Found, Partial, Reading, Record, Unchanged
from catalogue.rdf import IRI, Literal, Triple
from catalogue.vocabulary import ADMS, COUNTRY, CV, DCT, FOAF, RDF, SKOS
from tests.remote import MINTER, NOW, Reply, Request, World, serving, world
from tests.visits import visit

SHARED = Path(__file__).parents[3] / "shared" / "data" / "developers-italia-api" / "software_page1.json"
KIND, JSON = "software-catalog-api", "application/json"
FILE = """publiccodeYmlVersion: "0.5"
name: Medusa
url: https://code.example/town/medusa
releaseDate: 2026-01-31
organisation:
  uri: urn:x-italian-pa:c_h501
legal:
  license: EUPL-1.2
description:
  en:
    shortDescription: Manages queues.
"""


def entry(number: int = 1, **fields: Any) -> dict[str, Any]:
    identifier = f"00000000-0000-4000-8000-{number:012}"
    url = f"https://code.example/town/medusa-{number}"
    return {
        "id": identifier,
        "url": f"{url}.git",
        "aliases": [],
        "publiccodeYml": FILE.replace("town/medusa", f"town/medusa-{number}"),
        "active": True,
        "vitality": "90,100",
        "createdAt": "2022-10-11T11:58:16.547551Z",
        "updatedAt": "2026-04-10T01:02:11.326326Z",
    } | fields


@dataclass
class Api:
    """Plays the API: `data` by list; a cursor is the number of the first entry behind it."""

    data: dict[str, list[Any]]
    asked: list[Request] = field(default_factory=list)
    cursor: Callable[[int], str] = str
    size: int = 100
    absolute: str = ""

    def __call__(self, request: Request) -> Reply:
        self.asked.append(request)
        name = request.path.removeprefix("/v1/")
        if name not in self.data:
            problem = {"title": "can't get it", "detail": "Not found", "status": 404}
            return Reply(json.dumps(problem), "application/problem+json", 404)
        start, size = int(request.query.get("page[after]", "0")), int(request.query.get("page[size]", "25"))
        size = min(size, self.size)
        found = [item for item in self.data[name] if request.query.get("all") or item.get("active", True)]
        is_last = start + size >= len(found)
        following = None if is_last else f"{self.absolute}?page[after]={self.cursor(start + size)}"
        return Reply(
            json.dumps({"data": found[start : start + size], "links": {"prev": None, "next": following}}), JSON
        )


def catalogue(*entries: Any, **lists: list[Any]) -> Api:
    return Api({"software": list(entries), **lists})


def found(served: Callable[[Request], Reply], path: str = "/v1", **options: Any) -> list[Found]:
    with serving(served) as base:
        return list(api.documents(visit(f"{base}{path}", KIND, **options)))


def read(kind: str, said: Any) -> Reading:
    content = json.dumps({kind: said}).encode()
    url = "https://api.example/v1/software/1"
    [reading] = api.readings("1", Document(url, content, JSON, NOW), MINTER)
    return reading


def record(kind: str, said: Any) -> Record:
    made = read(kind, said).record
    assert made is not None
    return made


def values(made: Record, predicate: IRI, subject: IRI | None = None) -> set[Any]:
    return {t.object for t in made.triples if t.subject == (subject or made.iri) and t.predicate == predicate}


# Where it is.


@pytest.mark.parametrize(
    ("location", "base", "catalog", "is_register"),
    [
        ("https://api.example", "https://api.example/v1", "", False),
        ("https://api.example/", "https://api.example/v1", "", False),
        ("https://api.example/v1", "https://api.example/v1", "", False),
        ("https://api.example/v1/", "https://api.example/v1", "", False),
        ("https://api.example/v1/software?all=true", "https://api.example/v1", "", False),
        ("https://api.example/oss/software", "https://api.example/oss", "", False),
        ("https://api.example:8443/oss/v2/publishers", "https://api.example:8443/oss/v2", "", False),
        ("https://api.example/v1/catalogs/ab-1/software", "https://api.example/v1", "ab-1", False),
        ("https://api.example/oss-register/v1", "https://api.example/oss-register/v1", "", True),
        ("https://api.example/x/v1/repositories", "https://api.example/x/v1", "", True),
    ],
)
def test_a_service_is_found_by_any_of_its_addresses(location: str, base: str, catalog: str, is_register: bool) -> None:
    assert service(location) == Service(base, catalog, is_register)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (json.dumps({"data": [entry()], "links": {}}), True),
        (json.dumps([{"id": "1", "url": "https://x.example/a/b", "lastCrawledAt": ""}]), True),
        (json.dumps([{"url": "https://x.example/a/b"}]), False),
        (json.dumps({"data": []}), False),
        ("<html>", False),
    ],
)
def test_a_service_is_recognised_by_its_entries(content: str, expected: bool) -> None:
    document = Document("https://api.example/v1/software", content.encode(), JSON, NOW)
    assert api.recognises(document.url, document) is expected


# Pages.


def test_every_page_is_asked_for_with_all_entries_whatever_the_link_leaves_out() -> None:
    served = catalogue(*map(entry, range(250)), publishers=[])
    keys = [item[0] for item in found(served) if isinstance(item, tuple)]
    assert len(set(keys)) == 250
    asked = [request.query for request in served.asked if request.path == "/v1/software"]
    assert [query.get("page[after]") for query in asked] == [None, "100", "200"]
    assert all((query["all"], query["page[size]"]) == ("true", "100") for query in asked)


def test_a_link_may_be_absolute_and_without_the_https_that_a_proxy_took_away() -> None:
    served = catalogue(*map(entry, range(150)))
    with serving(served) as base:
        served.absolute = f"{base}/v1/software"
        assert len(list(api.documents(visit(f"{base}/v1", KIND, publishers=False)))) == 150


def nine(**how: Any) -> Api:
    return Api({"software": list(map(entry, range(9)))}, size=3, **how)


@pytest.mark.parametrize(
    ("served", "words"),
    [
        pytest.param(nine(cursor=lambda _: "3"), "circle", id="a cursor that repeats"),
        pytest.param(nine(cursor=lambda number: f"0&x={number}"), "circle", id="ever new cursors"),
        pytest.param(nine(absolute="https://other.example/"), "server, other.example", id="a link to another server"),
        pytest.param(lambda _: Reply("<html>", JSON), "answers with a web page", id="a web page"),
        pytest.param(lambda _: Reply('{"items": []}', JSON), "no list of entries", id="another API"),
        pytest.param(lambda _: Reply('{"data": {}}', JSON), "no list of entries", id="data of another type"),
        pytest.param(lambda _: Reply("[" * 100_000, JSON), "nested deeper", id="deep"),
        pytest.param(catalogue(), "status 404 .can't get it: Not found.", id="an error in the API's words"),
    ],
)
def test_what_is_no_page_is_told_in_words(served: Callable[[Request], Reply], words: str) -> None:
    path = "/v2/software" if "404" in words else "/v1"
    with pytest.raises(SourceError, match=words):
        found(served, path)


def test_an_api_that_has_no_publishers_or_catalogues_has_software() -> None:
    assert [item[0] for item in found(catalogue(entry())) if isinstance(item, tuple)] == [entry()["id"]]


def test_null_is_an_empty_page() -> None:
    assert found(lambda _: Reply('{"data": null, "links": null}', JSON), publishers=False) == []


def test_one_of_several_catalogues_can_be_read() -> None:
    ours, theirs = {"id": "c-1", "name": "Ours", "publishersNamespace": "urn:x-ours:"}, {"id": "c-2", "name": "Theirs"}
    publishers = [{"id": f"p-{n}", "description": "P", "catalogId": f"c-{n}", "alternativeId": "7"} for n in (1, 2)]
    served = catalogue(
        entry(1), **{"catalogs/c-1/software": [entry(2)]}, catalogs=[ours, theirs], publishers=publishers
    )
    items = [item for item in found(served, catalog="c-1") if isinstance(item, tuple)]
    assert [key for key, _ in items] == [entry(2)["id"], "publisher-p-1"]
    assert json.loads(items[1][1].content)["publisher"]["namespace"] == "urn:x-ours:"


def test_the_own_catalogue_of_a_server_has_the_publishers_of_no_other() -> None:
    publishers = [{"id": "p-1", "description": "P"}, {"id": "p-2", "description": "P", "catalogId": "c-1"}]
    served = catalogue(**{"catalogs/%E2%88%85/software": [entry(2)]}, catalogs=[{"id": "c-1"}], publishers=publishers)
    items = [item[0] for item in found(served, catalog="∅") if isinstance(item, tuple)]
    assert items == [entry(2)["id"], "publisher-p-1"]


def test_a_token_goes_to_the_service() -> None:
    served = catalogue(entry())
    found(served, publishers=False)
    with serving(served) as base:
        list(api.documents(visit(base, KIND, environment={"KEY": "secret"}, token="KEY", publishers=False)))
    assert [request.headers.get("Authorization") for request in served.asked] == [None, "Bearer secret"]


# Entries.


def test_the_record_is_that_of_the_publiccode_yml_with_its_findings_at_its_lines() -> None:
    reading = read("software", entry())
    [alone] = publiccode.readings("1", Document("f.yml", entry()["publiccodeYml"].encode(), "", NOW), MINTER)
    assert reading.record is not None
    assert alone.record is not None
    assert (reading.record.triples, reading.report) == (alone.record.triples, alone.report)
    assert reading.record.iri == MINTER.solution("https://code.example/town/medusa-1")
    assert reading.record.origin == reading.origin == "https://api.example/v1/software/1"
    assert reading.record.original == entry()["publiccodeYml"]


def test_relative_files_are_not_looked_for_at_the_api() -> None:
    text = f"{FILE}logo: images/logo.svg\n"
    made = record("software", entry(publiccodeYml=text, url="https://code.example/town/medusa"))
    assert not any("api.example" in str(term) for triple in made.triples for term in triple)


@pytest.mark.parametrize(
    ("aliases", "same"),
    [
        ([], set()),
        (["https://code.example/town/medusa-1"], set()),
        (["https://old.example/a/b.git", "https://code.example/town/medusa-1"], {"https://old.example/a/b"}),
        ([None, 5, "no address", "https://github.com/account"], set()),
        ("https://old.example/a/b", {"https://old.example/a/b"}),
    ],
)
def test_aliases_are_other_names_of_the_same(aliases: Any, same: set[str]) -> None:
    assert record("software", entry(aliases=aliases)).same == {MINTER.solution(url) for url in same}


def test_a_file_that_names_a_repository_the_catalogue_does_not_know_it_by_is_no_other_name_of_it() -> None:
    reading = read("software", entry(publiccodeYml=FILE, aliases=["https://old.example/a/b"]))
    assert reading.record is not None
    assert (reading.record.iri, reading.record.same) == (
        MINTER.solution("https://code.example/town/medusa"),
        frozenset(),
    )
    assert any("says otherwise" in finding.message for finding in reading.report.findings)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        pytest.param(None, None, "no publiccode.yml", id="missing"),
        pytest.param(7, None, "no publiccode.yml", id="a number"),
        pytest.param(" \n", None, "no publiccode.yml", id="blank"),
        pytest.param("name: [", 2, "not valid YAML", id="no YAML"),
        pytest.param(FILE.replace("name: Medusa\n", ""), 1, "name of the software is missing", id="no name"),
        pytest.param(FILE.replace("https://code.example/town/medusa", "medusa"), 3, "no address", id="no repository"),
        pytest.param("a: b\ud83d", None, "", id="half a character"),
    ],
)
def test_an_entry_without_a_usable_publiccode_yml_is_rejected(text: Any, line: int | None, words: str) -> None:
    reading = read("software", entry(publiccodeYml=text))
    assert reading.record is None
    violation = next(finding for finding in reading.report.findings if finding.severity == "violation")
    assert words in violation.message
    assert line is None or violation.line == line


def test_what_is_inactive_is_gone_and_what_has_no_name_of_its_own_is_rejected() -> None:
    items = found(catalogue(entry(1, active=False), "text", {"publiccodeYml": FILE}), publishers=False)
    assert isinstance(items[0], Deleted)
    assert all(isinstance(item, Reading) and item.record is None for item in items[1:])


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([FILE, "https://code.example/a/b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["url", "aliases", "publiccodeYml", "id", "description", "alternativeId", "namespace", "email", "codeHosting",
         "group", "name", "organisation", "uri", "label", "publicCode", "shortDescription"]), inner, max_size=6),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["software", "publisher", "repository", "other"]), ANYTHING)
def test_nothing_that_an_entry_holds_raises(kind: str, said: Any) -> None:
    reading = read(kind, said)
    assert (reading.record is None) is not reading.report.conforms


# Publishers.


def publisher(**fields: Any) -> dict[str, Any]:
    return {"description": "Comune di Roma", "alternativeId": "c_h501", "namespace": "urn:x-italian-pa:"} | fields


def test_a_publisher_is_the_organisation_that_its_files_name() -> None:
    hosting = [
        {"url": "https://github.com/Roma/", "group": True},
        {"url": "https://git.roma.example/a/b", "group": False},
    ]
    made = record("publisher", publisher(codeHosting=hosting, email="oss@roma.example"))
    [file] = publiccode.readings("f", Document("f", FILE.encode(), "", NOW), MINTER)
    assert file.record is not None
    assert Triple(file.record.iri, DCT.publisher, made.iri) in file.record.triples
    assert {triple for triple in file.record.triples if triple.subject == made.iri} <= made.triples
    assert values(made, SKOS.prefLabel) == {Literal("Comune di Roma", language="und")}
    assert values(made, DCT.spatial) == {IRI(f"{COUNTRY}ITA")}
    assert values(made, FOAF.mbox) == {IRI("mailto:oss@roma.example")}
    assert values(made, FOAF.account) == {IRI("https://github.com/roma")}


@pytest.mark.parametrize(
    ("fields", "identity", "notation"),
    [
        (
            {"alternativeId": "https://ld.example/office/1"},
            ("https://ld.example/office/1", ""),
            "https://ld.example/office/1",
        ),
        ({"namespace": ""}, (None, "Comune di Roma"), "c_h501"),
        ({"alternativeId": None}, (None, "Comune di Roma"), None),
        ({"alternativeId": "c h501"}, (None, "Comune di Roma"), "c h501"),
    ],
)
def test_a_publisher_is_known_by_its_identifier_else_its_name(
    fields: dict[str, Any], identity: Any, notation: str | None
) -> None:
    made = record("publisher", publisher(**fields))
    assert made.iri == MINTER.organisation(*identity)
    identifiers = values(made, ADMS.identifier)
    found = {value.value for node in identifiers for value in values(made, SKOS.notation, node)}
    assert found == ({notation} if notation else set())
    assert CV.PublicOrganisation not in values(made, RDF.type)


def test_the_namespace_of_a_known_service_need_not_be_said() -> None:
    assert api.NAMESPACES == {"api.developers.italia.it": "urn:x-italian-pa:"}
    served = catalogue(publishers=[{"id": "p", **publisher()}])
    [(_, document)] = [item for item in found(served, namespace="urn:x-town:") if isinstance(item, tuple)]
    assert json.loads(document.content)["publisher"]["namespace"] == "urn:x-town:"


# The Dutch register.


def repository(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"r-{number}",
        "url": f"https://github.com/gemeente/app-{number}",
        "name": f"app-{number}",
        "shortDescription": "Een applicatie",
        "organisation": {"uri": "https://identifier.example/tooi/id/gemeente/gm1", "label": "Gemeente"},
        "publicCodeUrl": f"https://raw.example/app-{number}/publiccode.yml",
        "lastCrawledAt": "2026-08-01T00:00:00Z",
        "lastActivityAt": "2026-07-01T00:00:00Z",
    } | fields


@dataclass
class Register:
    """Plays the Dutch register; its details have what its lists leave out."""

    data: list[dict[str, Any]]
    details: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply:
        self.asked.append(request.path)
        name = request.path.rpartition("/")[2]
        if name != "repositories":
            found = self.details.get(name)
            return Reply(json.dumps(found), JSON) if found else Reply("{}", JSON, 404)
        page = int(request.query["page"])
        here = f"http://{request.headers['Host']}/oss-register/v1/repositories"
        links = [f'<{here}?page={page + 1}&perPage=2>; rel="next"', "<https://other.example/>; rel='last'"]
        more = {"Link": ", ".join(links[0 if 2 * page < len(self.data) else 1 :])}
        return Reply(json.dumps(self.data[2 * page - 2 : 2 * page]), JSON, headers=more)


def test_the_register_is_read_by_its_links_and_each_entry_with_its_details() -> None:
    file = {
        "publiccodeYmlVersion": "0.5",
        "name": "App",
        "legal": {"license": "EUPL-1.2"},
        "organisation": {"uri": "x"},
    }
    served = Register([repository(n) for n in range(5)], {"r-1": repository(1, publicCode=file)})
    items = [item for item in found(served, "/oss-register/v1") if isinstance(item, tuple)]
    assert [key for key, _ in items] == [f"r-{n}" for n in range(5)]
    made = [next(iter(api.readings(key, document, MINTER))).record for key, document in items]
    assert [item is not None and item.iri for item in made] == [MINTER.solution(repository(n)["url"]) for n in range(5)]
    assert made[1] is not None
    assert values(made[1], DCT.title) == {Literal("App", language="und")}
    assert values(made[1], DCT.publisher) == {
        MINTER.organisation("https://identifier.example/tooi/id/gemeente/gm1", "")
    }


def test_a_link_whose_path_a_gateway_has_cut_leads_on() -> None:
    served = Register([repository(n, publicCodeUrl=None) for n in range(5)])

    def answer(request: Request) -> Reply:
        reply = served(request)
        reply.headers["Link"] = reply.headers["Link"].replace("/oss-register/v1", "/v1")
        return reply if request.path.startswith("/oss-register/v1") else Reply("", status=404)

    items = found(answer, "/oss-register/v1/repositories")
    assert [item[0] for item in items if isinstance(item, tuple)] == [f"r-{n}" for n in range(5)]


@pytest.mark.parametrize(("moved", "kept"), [(3, False), (None, True)], ids=["one moves to the front", "one is added"])
def test_a_register_whose_order_changes_while_it_is_read_loses_nothing(moved: int | None, kept: bool) -> None:
    served = Register([repository(n, publicCodeUrl=None) for n in range(4)])

    def answer(request: Request) -> Reply:
        if request.query["page"] == "2":
            served.data.insert(0, repository(9, publicCodeUrl=None) if moved is None else served.data.pop(moved))
        reply = served(request)
        reply.headers["Total-Count"] = str(len(served.data))
        return reply

    items = found(answer, "/oss-register/v1")
    keys = [item[0] for item in items if isinstance(item, tuple)]
    assert len(keys) == len(set(keys)) == (4 if kept else 3)
    [partial] = [item for item in items if isinstance(item, Partial)]
    assert partial.findings[0].message.startswith("The service counts ")


def test_a_register_that_asks_for_a_key_is_told_with_how_to_give_it() -> None:
    with pytest.raises(SourceError, match=r"status 401.*asks for a key.*`token`"):
        found(lambda _: Reply('{"message": "Missing credentials"}', JSON, 401), "/oss-register/v1")


def test_what_the_register_leaves_out_of_a_file_is_no_fault_of_the_file() -> None:
    reading = read("repository", repository(publicCode={"name": "App\x85\ufeff", "x": None}))
    assert reading.report.findings == ()
    assert reading.record is not None
    assert reading.record.conforms_to is None
    assert values(reading.record, DCT.abstract) == {Literal("Een applicatie", language="und")}


@pytest.mark.parametrize(
    ("changed", "is_read"),
    [
        pytest.param({"lastCrawledAt": "2026-09-01T00:00:00Z"}, False, id="crawled"),
        pytest.param({"lastActivityAt": "2026-09-01T00:00:00Z"}, True, id="active"),
        pytest.param({"organisation": {"uri": "https://identifier.example/tooi/id/gemeente/gm2"}}, True, id="moved"),
        pytest.param({"lastActivityAt": "0001-01-01T00:00:00Z"}, True, id="of no known activity"),
    ],
)
def test_an_entry_of_the_register_is_read_again_if_what_the_list_says_of_it_changed(
    changed: dict[str, Any], is_read: bool
) -> None:
    served, memory = Register([repository(1, publicCodeUrl=None)]), dict[str, Any]()
    with serving(served) as base:
        location, known = f"{base}/oss-register/v1", [f"{base}/oss-register/v1/repositories/r-1"]
        list(api.documents(visit(location, KIND, memory)))
        served.data = [served.data[0] | changed]
        for _ in range(2 if "0001" in str(changed) else 1):
            [item] = api.documents(visit(location, KIND, memory, known))
        assert isinstance(item, tuple) is is_read


@pytest.mark.parametrize(
    ("fields", "expected"),
    [({"forkType": "TECHNICAL_FORK"}, Deleted), ({"forkType": "VARIANT_FORK", "publicCodeUrl": None}, tuple)],
)
def test_technical_forks_are_left_out_and_variants_kept(fields: dict[str, Any], expected: type) -> None:
    [item] = found(Register([repository(1, **fields)]), "/oss-register/v1")
    assert isinstance(item, expected)


# Into a store.


@pytest.fixture
def home(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def test_the_same_again_changes_no_quad_and_looks_at_no_entry(home: World) -> None:
    served = catalogue(*map(entry, range(120)), publishers=[{"id": "p", **publisher(), "updatedAt": "1"}])
    with serving(served) as base:
        assert home.harvest(KIND, base).counts["new"] == 121
        before = home.quads()
        again = home.harvest(KIND, base)
        assert (again.counts["unchanged"], again.counts["changed"], again.error) == (121, 0, None)
        assert home.quads() == before


def test_an_entry_whose_time_is_the_one_remembered_is_not_looked_at() -> None:
    served, memory = catalogue(*map(entry, range(3))), dict[str, Any]()
    with serving(served) as base:
        origins = [f"{base}/v1/software/{entry(n)['id']}" for n in range(3)]
        list(api.documents(visit(base, KIND, memory, publishers=False)))
        served.data["software"][1]["updatedAt"] = "2026-11-21T00:00:00Z"
        items = list(api.documents(visit(base, KIND, memory, origins[:2], publishers=False)))
    assert items[0] == Unchanged(origins[0])
    assert [isinstance(item, tuple) for item in items[1:]] == [True, True]  # changed; not in the catalogue


def test_one_changed_entry_costs_one_parse_and_the_vanished_are_gone_at_the_second_miss(home: World) -> None:
    served = catalogue(*map(entry, range(10)))
    with serving(served) as base:
        home.harvest(KIND, base, publishers=False)
        changed = served.data["software"][3]
        changed["publiccodeYml"] = changed["publiccodeYml"].replace("Medusa", "Hydra")
        changed["updatedAt"] = "2026-11-21T00:00:00Z"
        done = home.harvest(KIND, base, publishers=False)
        assert (done.counts["changed"], done.counts["unchanged"]) == (1, 9)
        served.data["software"][0]["vitality"] = "1"
        served.data["software"][0]["updatedAt"] = "2026-11-22T00:00:00Z"
        assert home.harvest(KIND, base, publishers=False).counts["unchanged"] == 10
        del served.data["software"][9]
        assert home.harvest(KIND, base, publishers=False).counts["gone"] == 0
        assert home.harvest(KIND, base, publishers=False).counts["gone"] == 1
        served.data["software"][0]["active"] = False
        assert home.harvest(KIND, base, publishers=False).counts["gone"] == 1
    assert len(home.keys()) == 8


def test_a_sweep_that_breaks_off_takes_nothing_away(home: World) -> None:
    served = catalogue(*map(entry, range(150)))
    with serving(served) as base:
        home.harvest(KIND, base, publishers=False)
        served.cursor = lambda _: "nowhere\x00"
        served.data["software"].reverse()
        done = home.harvest(KIND, base, publishers=False)
    assert done.error
    assert len(home.keys()) == 150


@pytest.mark.skipif(not SHARED.exists(), reason="the shared data is not there")
def test_a_real_page_is_read_whole(home: World) -> None:
    assert api.recognises(str(SHARED), None)
    done = home.harvest(KIND, str(SHARED))
    assert (done.counts["new"], done.rejected, done.error) == (25, [], None)
    before = home.quads()
    assert home.harvest(KIND, str(SHARED)).counts["unchanged"] == 25
    assert home.quads() == before
    page = json.loads(SHARED.read_text(encoding="utf-8"))
    with serving(catalogue(*page["data"])) as base:
        items = list(api.documents(visit(base, KIND, publishers=False)))
    assert sum(isinstance(item, tuple) for item in items) == 25
