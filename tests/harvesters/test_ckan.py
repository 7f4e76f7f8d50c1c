"""What becomes of the packages of CKAN portals, and of what comes in their place."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.errors import SourceError
from catalogue.harvesters import ckan
from catalogue.model import Deleted, Document, Found, Partial, Reading, Record
from catalogue.rdf import IRI, Literal, Term
from catalogue.vocabulary import (
    ADMS,
    COUNTRY,
    DATA_THEME,
    DCAT,
    DCT,
    DOAP,
    FOAF,
    LANGUAGE,
    RDF,
    SCHEMA,
    SKOS,
    SPDX_LICENCE,
    V,
)
from tests.remote import MINTER, NOW, Reply, Request, World, serving, world
from tests.visits import visit

SHARED = Path(__file__).parents[3] / "shared" / "data" / "dcat"
PAGE = "https://portal.example/dataset/medusa"
JSON = "application/json"


def package(name: str = "medusa", **fields: Any) -> dict[str, Any]:
    return {"id": f"id-{name}", "name": name, "title": name.title(), "notes": "What it does.", **fields}


def read(said: Any, language: str = "") -> Reading:
    content = json.dumps({"language": language, "package": said}).encode()
    [reading] = ckan.readings("id-medusa", Document(PAGE, content, JSON, NOW), MINTER)
    return reading


def record(said: Any, language: str = "") -> Record:
    found = read(said, language).record
    assert found is not None
    return found


def values(said: Record, predicate: IRI, subject: Term | None = None) -> set[Any]:
    node = subject or said.iri
    return {t.object for t in said.triples if t.subject == node and t.predicate == predicate}


# One package.


@pytest.mark.parametrize(
    "fields",
    [
        {"publisher": [{"name": "City", "url": "https://city.example/", "type": "LocalAuthority"}]},
        {"extras": [{"key": "publisher_name", "value": "City"}, {"key": "publisher_url", "value": "https://city.example/"},
                    {"key": "publisher_type", "value": "http://purl.org/adms/publishertype/LocalAuthority"}]},
    ],
    ids=["object", "extras"],
)  # fmt: skip
def test_what_is_said_of_the_publisher_is_kept(fields: dict[str, Any]) -> None:
    said = record(package(**fields))
    [publisher] = values(said, DCT.publisher)
    assert values(said, FOAF.homepage, publisher) == {IRI("https://city.example/")}
    assert values(said, DCT.type, publisher) == {IRI("http://purl.org/adms/publishertype/LocalAuthority")}


def test_a_package_is_a_solution_known_by_its_page() -> None:
    said = record(package(metadata_modified="2024-05-06T07:08:09.123456"), "it")
    assert said.iri == IRI(PAGE)
    assert {DCAT.Dataset, ADMS.Asset} <= values(said, RDF.type)
    assert values(said, DCT.title) == {Literal("Medusa", language="it")}
    assert values(said, DCT.description) == {Literal("What it does.", language="it")}
    assert {literal.value for literal in values(said, DCT.modified)} == {"2024-05-06T07:08:09Z"}
    assert said.same == {IRI("https://portal.example/dataset/id-medusa")}


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"title": {"en": "Book", "fr": "Livre", "de": ""}}, id="a field of languages"),
        pytest.param({"title": "Book", "title_translated": {"en": "Book", "fr": "Livre"}}, id="a translated field"),
        pytest.param({"title_translated": '{"en": "Book", "fr": "Livre"}'}, id="as JSON in a text"),
        pytest.param({"title": "x", "title_en": "Book", "title_fr": "Livre"}, id="a field for each language"),
        pytest.param({"extras": [{"key": "title_translated", "value": '{"en":"Book","fr":"Livre"}'}]}, id="an extra"),
    ],
)
def test_texts_keep_their_languages_however_they_are_written(fields: dict[str, Any]) -> None:
    assert values(record(package(**fields)), DCT.title) == {
        Literal("Book", language="en"),
        Literal("Livre", language="fr"),
    }


REPOSITORY = "https://github.com/city/medusa"


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"extras": [{"key": "Source code", "value": REPOSITORY}]}, id="an extra"),
        pytest.param({"code_repository": f"{REPOSITORY}.git"}, id="a field"),
        pytest.param({"url": f"{REPOSITORY}/"}, id="the package's own address, on a forge"),
        pytest.param({"resources": [{"id": "r", "url": REPOSITORY, "format": "Git"}]}, id="a resource by its format"),
        pytest.param({"resources": [{"id": "r", "url": REPOSITORY, "name": "Quellcode"}]}, id="a resource by its name"),
    ],
)
def test_a_package_with_a_repository_is_known_by_it(fields: dict[str, Any]) -> None:
    said = record(package(license_id="eupl-1.2", **fields))
    source = MINTER.thing("distribution", f"{REPOSITORY} source")
    assert said.iri == MINTER.solution(REPOSITORY)
    assert IRI(PAGE) in said.same
    assert values(said, SCHEMA.codeRepository) == {IRI(REPOSITORY)}
    assert {DOAP.Project, SCHEMA.SoftwareSourceCode} <= values(said, RDF.type)
    assert values(said, DCAT.distribution) == {source}
    assert values(said, DCT.license, source) == {IRI(SPDX_LICENCE + "EUPL-1.2")}


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"url": "https://github.com/city"}, id="an account"),
        pytest.param({"url": "https://medusa.example/city/medusa"}, id="a home page"),
        pytest.param(
            {"resources": [{"id": "r", "url": f"{REPOSITORY}/raw/main/data.csv", "format": "CSV"}]}, id="a file in one"
        ),
        pytest.param(
            {"resources": [{"id": "r", "url": f"{REPOSITORY}/archive/v1.zip", "name": "source code"}]}, id="a download"
        ),
        pytest.param({"extras": [{"key": "repository", "value": "see the page"}]}, id="words"),
        pytest.param({"extras": [{"key": "repository", "value": [REPOSITORY, f"{REPOSITORY}2"]}]}, id="two of them"),
    ],
)
def test_what_is_not_the_one_repository_of_a_package_does_not_name_it(fields: dict[str, Any]) -> None:
    assert record(package(**fields)).iri == IRI(PAGE)


def test_the_uri_of_ckanext_dcat_names_a_package_unless_it_is_one_of_ours() -> None:
    own = "https://data.example/id/1"
    assert record(package(extras=[{"key": "uri", "value": own}])).iri == IRI(own)
    theirs = MINTER.solution(REPOSITORY).value
    assert record(package(uri=theirs)).iri == IRI(PAGE)


def test_resources_are_distributions_named_as_ckanext_dcat_does() -> None:
    said = record(
        package(
            license_url="https://creativecommons.org/licenses/by/4.0/",
            resources=[
                {"id": "one", "url": "https://x.example/a.csv", "name": "A", "url_type": "upload"},
                {"id": "two", "url": "not an address", "license": "http://data.example/licence"},
                {"id": "three", "url": "https://x.example/b", "state": "deleted"},
            ],
        )
    )
    one, two = (IRI(f"https://portal.example/dataset/id-medusa/resource/{name}") for name in ("one", "two"))
    assert values(said, DCAT.distribution) == {one, two}
    assert values(said, DCAT.accessURL, one) == values(said, DCAT.downloadURL, one) == {IRI("https://x.example/a.csv")}
    assert values(said, DCT.license, one) == {IRI(SPDX_LICENCE + "CC-BY-4.0")}
    assert IRI("http://data.example/licence") in values(said, DCT.license, two)


def test_who_and_what_about() -> None:
    reading = read(
        package(
            organization={"id": "o", "name": "city", "title": "The City"},
            groups=[{"name": "gove", "title": "Government"}, {"name": "misc", "title": "Other things"}],
            tags=[{"name": "voting"}, {"name": "gone", "state": "deleted"}],
            maintainer="A. Person",
            maintainer_email="a@city.example",
            extras=[
                {"key": "language", "value": '["it", "http://publications.europa.eu/resource/authority/language/FRA"]'},
                {"key": "theme", "value": f'["{DATA_THEME}TECH"]'},
                {"key": "spatial_uri", "value": f"{COUNTRY}ITA"},
                {"key": "contact_name", "value": "Office"},
                {"key": "contact_email", "value": "office@city.example"},
                {"key": "alternate_identifier", "value": '["a-1"]'},
            ],
        )
    )
    said = reading.record
    assert said is not None
    [publisher] = values(said, DCT.publisher)
    assert publisher == MINTER.organisation("https://portal.example/organization/city", "")
    assert values(said, FOAF.name, publisher) == {Literal("The City", language="und")}
    assert values(said, DCAT.theme) == {IRI(DATA_THEME + "GOVE"), IRI(DATA_THEME + "TECH")}
    assert {keyword.value for keyword in values(said, DCAT.keyword)} == {"voting", "Other things"}
    assert values(said, DCT.language) == {IRI(LANGUAGE + "ITA"), IRI(LANGUAGE + "FRA")}
    assert values(said, DCT.spatial) == {IRI(COUNTRY + "ITA")}
    assert {t.object.value for t in said.triples if t.predicate == SKOS.notation} >= {"a-1"}  # type: ignore[union-attr]
    kinds = {
        frozenset(values(said, RDF.type, node)): {mail.value for mail in values(said, V.hasEmail, node)}
        for node in values(said, DCAT.contactPoint)
    }
    assert kinds == {
        frozenset({V.Kind, V.Individual}): {"mailto:a@city.example"},
        frozenset({V.Kind}): {"mailto:office@city.example"},
    }


def test_other_portals_write_the_same_in_other_ways() -> None:
    said = record(
        package(
            organization="city",
            tags=[{"display_name": {"de": "Abstimmung", "fr": "vote"}}, {"name": "x", "display_name": {}}],
            contact_points=[{"name": "Office", "email": "office@city.example"}],
        )
    )
    assert values(said, DCT.publisher) == {MINTER.organisation("https://portal.example/organization/city", "")}
    assert {str(keyword) for keyword in values(said, DCAT.keyword)} == {'"Abstimmung"@de', '"vote"@fr', '"x"@und'}
    assert len(values(said, DCAT.contactPoint)) == 1
    assert {keyword.value for keyword in values(record(package(tags=["a", "b"])), DCAT.keyword)} == {"a", "b"}


def test_what_an_editor_can_mend_is_a_warning_and_only_a_package_without_a_name_is_kept_out() -> None:
    reading = read({"name": "x", "license_id": "secret", "url": "no address", "metadata_created": "yesterday"})
    assert reading.record is not None
    assert {finding.path for finding in reading.report.findings} == {"title", "notes", "url", "issued", "license_id"}
    assert read({"title": "X"}).record is None
    assert read(["x"]).record is None


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = [
    "id",
    "name",
    "title",
    "title_translated",
    "notes",
    "tags",
    "keywords",
    "groups",
    "organization",
    "extras",
    "resources",
    "url",
    "uri",
    "license_id",
    "license_url",
    "state",
    "maintainer",
    "maintainer_email",
    "author",
    "publisher",
    "contact",
    "theme",
    "language",
    "spatial_uri",
    "version",
    "issued",
    "metadata_created",
    "identifier",
    "documentation",
    "conforms_to",
    "repository",
    "source_code",
]
PARTS = ["id", "key", "value", "name", "title", "url", "format", "state", "display_name", "email", "uri", "license"]


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(FIELDS),
        NESTED | st.lists(st.dictionaries(st.sampled_from(PARTS), NESTED, max_size=5), max_size=3),
    )
)
def test_no_package_is_too_strange_to_be_read(said: dict[str, Any]) -> None:
    assert read(said).report is not None


# A portal.


@dataclass
class Portal:
    """CKAN's package_search over some packages; `before` is called before each page, with its number."""

    packages: list[dict[str, Any]]
    most: int = 1000
    asked: list[Request] = field(default_factory=list)
    before: Any = None

    def __call__(self, request: Request) -> Reply:
        self.asked.append(request)
        if request.path != "/api/3/action/package_search":
            return Reply("", status=404)
        if self.before:
            self.before(len(self.asked))
        start, rows = int(request.query["start"]), min(int(request.query["rows"]), self.most)
        found = sorted(self.packages, key=lambda package: package["id"])
        result = {"count": len(found), "results": found[start : start + rows]}
        return Reply(json.dumps({"success": True, "result": result}), JSON)


def portal(number: int) -> Portal:
    return Portal([package(f"p{n:03}") for n in range(number)])


def found(answer: Any, path: str = "", **options: Any) -> list[Found]:
    with serving(answer) as base:
        return list(ckan.documents(visit(base + path, "ckan", **options)))


def test_all_pages_are_read_in_a_stable_order_also_where_the_portal_gives_fewer_than_asked() -> None:
    served = portal(25)
    served.most = 10
    documents = found(served, rows=20)
    assert [key for key, _ in documents] == [f"id-p{n:03}" for n in range(25)]  # type: ignore[misc]
    assert [request.query["start"] for request in served.asked] == ["0", "10", "20"]
    assert {request.query["sort"] for request in served.asked} == {"id asc"}


@pytest.mark.parametrize(
    ("path", "options", "search"),
    [
        pytest.param("", {}, {}, id="everything"),
        pytest.param("/", {"query": "water", "filter": "type:app"}, {"q": "water", "fq": "type:app"}, id="options"),
        pytest.param("/organization/city", {}, {"fq": 'organization:"city"'}, id="an organisation's page"),
        pytest.param("/group/a%20%22b", {}, {"fq": 'groups:"a \\"b"'}, id="a group's page"),
        pytest.param(
            "/dataset", {"organization": "city"}, {"fq": 'organization:"city"'}, id="an organisation by option"
        ),
        pytest.param("/dataset/p1", {}, {"fq": 'name:"p1"'}, id="one package"),
        pytest.param(
            "/dataset/?q=x&tags=a&tags=b&organization=city&sort=name+asc&_tags_limit=0&page=3&ext_bbox=1",
            {},
            {"q": "x", "fq": '(tags:"a") AND (tags:"b") AND (organization:"city")'},
            id="a list with what was chosen beside it",
        ),
        pytest.param(
            "/organization/city?tags=a",
            {},
            {"fq": '(tags:"a") AND (organization:"city")'},
            id="an organisation's page with what was chosen beside it",
        ),
        pytest.param(
            "/api/3/action/package_search?q=x&fq=tags:a&rows=5",
            {"filter": "type:app"},
            {"q": "x", "fq": "(tags:a) AND (type:app)"},
            id="a search of the API",
        ),
    ],
)
def test_a_portal_is_known_by_any_of_its_addresses(path: str, options: dict[str, Any], search: dict[str, str]) -> None:
    served = portal(1)
    [(_, document)] = found(served, path, **options)  # type: ignore[misc]
    assert {name: value for name, value in served.asked[0].query.items() if name in ("q", "fq")} == search
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/dataset/p000", document.url)


def test_drafts_and_private_packages_are_left_out_and_deleted_ones_are_said_to_be() -> None:
    states = [package("a", state="deleted"), package("b", state="draft"), package("c", private=True), package("d")]
    documents = found(Portal(states))
    assert [type(item) for item in documents] == [Deleted, Deleted, Deleted, tuple]


@pytest.mark.parametrize("change", ["insert", "remove", "grow"])
def test_a_portal_that_changes_while_it_is_read_loses_nothing(change: str) -> None:
    served = portal(20)

    def before(page: int) -> None:
        if page == 2:
            {
                "insert": lambda: served.packages.insert(0, package("a")),
                "remove": lambda: served.packages.pop(0),
                "grow": lambda: served.packages.append(package("z")),
            }[change]()

    served.before = before
    documents = found(served, rows=10)
    keys = [item[0] for item in documents if isinstance(item, tuple)]
    assert Partial() in documents
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("counted", [len, lambda _: 12, lambda _: 0], ids=["those of a page", "too few", "none"])
def test_a_portal_that_counts_fewer_than_it_has_loses_nothing(counted: Callable[[list[Any]], int]) -> None:
    packages = [package(f"p{n:03}") for n in range(25)]

    def served(request: Request) -> Reply:
        start, rows = int(request.query["start"]), int(request.query["rows"])
        page = packages[start : start + rows]
        return Reply(json.dumps({"success": True, "result": {"count": counted(page), "results": page}}), JSON)

    documents = found(served, rows=10)
    assert [item[0] for item in documents if isinstance(item, tuple)] == [f"id-{one['name']}" for one in packages]
    assert documents[-1] == Partial()


def test_a_portal_that_gives_the_same_page_again_is_told_and_loses_nothing(home: World) -> None:
    served = portal(25)
    answer = Reply(json.dumps({"success": True, "result": {"count": 25, "results": served.packages[:10]}}), JSON)
    with serving(lambda _: answer) as base:
        for _ in range(3):
            done = home.harvest("ckan", base, rows=10)
            assert (done.counts["unread"], done.counts["missing"], len(home.keys())) == (1, 0, 10)
        told = [str(one.message) for _, one in done.findings]
        assert "The portal counts 25 packages; 10 different ones came." in told


@pytest.mark.parametrize("ghost", [3, 14, 24], ids=["on the first page", "on the second", "the last"])
def test_a_portal_whose_index_has_more_than_its_database_is_told_and_loses_nothing(ghost: int, home: World) -> None:
    served = portal(25)

    def answer(request: Request) -> Reply:
        reply = json.loads(served(request).content)
        reply["result"]["results"] = [one for one in reply["result"]["results"] if one["id"] != f"id-p{ghost:03}"]
        return Reply(json.dumps(reply), JSON)

    with serving(answer) as base:
        for outcome in ("new", "unchanged", "unchanged"):
            done = home.harvest("ckan", base, rows=10)
            assert (done.error, done.counts[outcome], done.counts["unread"]) == (None, 24, 1)


@pytest.mark.parametrize("broken", [0, 13, 24], ids=["the first", "one between", "the last"])
def test_one_package_that_the_portal_fails_at_keeps_no_other_out(broken: int, home: World) -> None:
    served = portal(25)

    def answer(request: Request) -> Reply:
        start, rows = int(request.query["start"]), int(request.query["rows"])
        return Reply("", status=500) if start <= broken < start + rows else served(request)

    with serving(answer) as base:
        for outcome in ("new", "unchanged"):
            done = home.harvest("ckan", base, rows=20)
            assert (done.error, done.counts[outcome]) == (None, 24)
            assert done.counts["missing"] == 0
            assert any(f"start={broken}: status 500" in finding.message for _, finding in done.findings)


def test_a_portal_that_is_down_is_left_soon() -> None:
    asked = []

    def answer(request: Request) -> Reply:
        asked.append(request)
        return Reply("", status=500)

    with serving(answer) as base, pytest.raises(SourceError, match="status 500"):
        next(ckan.documents(visit(base, "ckan")))
    assert len(asked) < 8


def test_each_package_without_a_name_is_told(home: World) -> None:
    nameless = [{"id": "", "title": title} for title in ("One", "Two")]
    with serving(Portal([*nameless, package()])) as base:
        for outcome in ("new", "unchanged"):
            done = home.harvest("ckan", base)
            assert (done.counts["rejected"], done.counts[outcome]) == (2, 1)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        pytest.param(
            Reply('{"success": false, "error": {"__type": "Search Query Error", "message": "bad fq"}}', JSON),
            "Search Query Error; message: bad fq",
            id="CKAN's envelope of an error",
        ),
        pytest.param(
            Reply(
                '{"success": false, "error": {"__type": "Validation Error", "rows": ["Invalid integer"]}}', JSON, 409
            ),
            "refuses .*status 409.: Validation Error; rows: .*Invalid integer",
            id="with a status of its own",
        ),
        pytest.param(
            Reply('{"success": false, "error": {"__type": "Authorization Error", "message": "No"}}', JSON, 403),
            "status 403.: Authorization Error; message: No",
            id="no access",
        ),
        pytest.param(Reply("<!DOCTYPE html><title>Log in</title>", "text/html"), "web page “Log in”", id="a web page"),
        pytest.param(Reply("<html>", JSON), "web page", id="a web page that calls itself JSON"),
        pytest.param(Reply('{"success": true, "result": []}', JSON), "no `count`", id="another API"),
        pytest.param(
            Reply('{"success": true, "result": {"count": "9", "results": []}}', JSON), "no `count`", id="types"
        ),
        pytest.param(
            Reply('{"success": true, "result": {"count": 9, "results": []}}', JSON),
            "gives only 0",
            id="less than counted",
        ),
        pytest.param(Reply("[" * 100_000, JSON), "nested deeper|recursion", id="deep JSON"),
        pytest.param(Reply(b"\xff\xfe\x00", JSON), "not UTF-16", id="no text"),
        pytest.param(Reply("", JSON), "empty", id="nothing"),
        pytest.param(Reply("", status=404), "status 404", id="not found"),
    ],
)
def test_what_is_no_answer_of_ckan_is_told_in_words(reply: Reply, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        found(lambda _: reply)


def test_a_portal_without_end_is_left() -> None:
    same = {"success": True, "result": {"count": 10**9, "results": [package()]}}
    with pytest.raises(SourceError, match="nothing new"):
        found(lambda _: Reply(json.dumps(same), JSON))


def test_a_token_goes_to_the_portal_only() -> None:
    served = portal(1)
    with serving(served) as base:
        list(ckan.documents(visit(base, "ckan", environment={"KEY": "secret"}, token="KEY")))
    assert served.asked[0].headers["Authorization"] == "secret"


@pytest.mark.parametrize(
    ("location", "content", "expected"),
    [
        ("https://x.example/api/3/action/package_search", None, True),
        ("https://x.example", b'<html><head><meta name="generator" content="ckan 2.10.4" />', True),
        ("https://x.example", b"<html>", False),
    ],
)
def test_a_portal_is_recognised(location: str, content: bytes | None, expected: bool) -> None:
    document = None if content is None else Document(location, content, "text/html", NOW)
    assert ckan.recognises(location, document) is expected


# Into a store.


@pytest.fixture
def home(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def test_the_same_portal_again_changes_no_quad_and_what_it_drops_is_gone_at_the_second_miss(home: World) -> None:
    served = portal(12)
    with serving(served) as base:
        assert home.harvest("ckan", base).counts["new"] == 12
        before = home.quads()
        again = home.harvest(
            "ckan",
            base,
        )
        assert (again.counts["unchanged"], again.error) == (12, None)
        assert home.quads() == before
        served.packages.pop()
        assert home.harvest("ckan", base).counts["gone"] == 0
        assert home.harvest("ckan", base).counts["gone"] == 1
        served.packages[0]["title"] = "Another"
        assert home.harvest("ckan", base).counts["changed"] == 1
    assert len(home.keys()) == 11


def test_a_package_that_is_said_to_be_deleted_is_gone_at_once(home: World) -> None:
    served = portal(3)
    with serving(served) as base:
        home.harvest("ckan", base)
        served.packages[0]["state"] = "deleted"
        assert home.harvest("ckan", base).counts["gone"] == 1


def dataset(name: str) -> str:
    path = SHARED / f"ckanext-dcat__{name}"
    if not path.exists():
        pytest.skip("the shared data are not here")
    return path.read_text(encoding="utf-8")


def test_a_catalogue_of_ckanext_dcat_is_read_as_rdf(home: World) -> None:
    turtle = dataset("dataset_health_multilingual.ttl")

    def answer(request: Request) -> Reply:
        if request.path == "/catalog.ttl" and request.query["fq"] == "type:app":
            return Reply(turtle, "text/turtle")
        return Reply("", status=404)

    with serving(answer) as base:
        first = home.harvest("ckan", base, rdf=True, filter="type:app")
        assert (first.error, first.rejected) == (None, [])
        assert first.counts["new"] >= 1
        assert home.harvest("ckan", base, rdf=True, filter="type:app").counts["unchanged"] == first.counts["new"]


def test_where_there_is_no_catalogue_in_rdf_each_dataset_is_asked_for(home: World) -> None:
    turtle = dataset("dataset_multilingual.ttl")
    served = portal(2)

    def answer(request: Request) -> Reply:
        if request.path == "/dataset/p000.ttl":
            return Reply(turtle, "text/turtle")
        return served(request)

    with serving(answer) as base:
        done = home.harvest("ckan", base, rdf=True)
    assert done.error is None
    assert done.counts["new"] >= 1
    assert [origin for origin, _ in done.rejected] == [f"{base}/dataset/p001.ttl"]


def test_a_bad_iri_of_a_dataset_costs_no_more_than_its_statement(home: World) -> None:
    about = f"a <{DCAT.iri}Dataset> ; <{DCT.iri}title> 'Lamp'@en ; <{DCAT.iri}landingPage> <http://e.example/a b> ."
    served = portal(1)

    def answer(request: Request) -> Reply:
        is_dataset = request.path == "/dataset/p000.ttl"
        return Reply(f"<http://e.example/lamp> {about}", "text/turtle") if is_dataset else served(request)

    with serving(answer) as base:
        done = home.harvest("ckan", base, rdf=True)
    assert (done.counts["new"], done.counts["rejected"]) == (1, 0)
    assert [finding.value for _, finding in done.findings if "is no IRI" in finding.message] == ["http://e.example/a b"]
