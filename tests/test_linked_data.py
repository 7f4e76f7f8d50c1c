"""Linked data: every IRI that is minted or known answers, in every form, the same each time, whatever its letters."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Dataset, Graph
from rdflib.compare import isomorphic

from catalogue.home import Home
from catalogue.identity import Minter
from catalogue.model import Reading, Record, Report, Source
from catalogue.publication import Publication
from catalogue.rdf import IRI, SYNTAXES, Literal, Triple, read, write
from catalogue.settings import Settings, load
from catalogue.vocabulary import PREFIXES
from catalogue.writer import Writer, writing
from endpoint import create_app, jsonld

BASE = "https://catalogue.example"
MINTER = Minter(BASE)
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
LISTS = "https://w3id.org/open-source-catalogue/"
SOLUTION = MINTER.solution("https://code.example/city/decide")
PATH = SOLUTION.value.replace(f"{BASE}/id", "")
FOREIGN = IRI("https://elsewhere.example/assets/1#it")
GONE, FOREIGN_GONE = MINTER.thing("solution", "gone"), IRI("https://elsewhere.example/assets/gone")
SUFFIXES = {
    "ttl": "turtle",
    "jsonld": "json-ld",
    "rdf": "xml",
    "nt": "nt",
    "trig": "trig",
    "nq": "nquads",
}
HTML, TURTLE = "text/html", "text/turtle"
PROFILE = "http://www.w3.org/ns/json-ld#"
# Of rdflib's own making.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning", "ignore:Dataset")

ODD = {
    "a fragment": "https://odd.example/assets#1",
    "a query": "https://odd.example/?asset=1&lang=it",
    "a query and a fragment": "https://odd.example/?asset=1#it",
    "a trailing slash": "https://odd.example/assets/1/",
    "no trailing slash": "https://odd.example/assets/1",
    "an escaped space": "https://odd.example/assets/a%20b",
    "letters that are not ASCII": "https://odd.example/città/à",
    "such letters escaped": "https://odd.example/citt%C3%A0/b",
    "a plus": "https://odd.example/c++",
    "an escaped per cent": "https://odd.example/100%25",
    "an escaped slash": "https://odd.example/a%2Fb",
    "quotes": "https://odd.example/it's(1)",
    "a suffix": "https://odd.example/asset.ttl",
    "a URN": "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    "a prefix of ours as its scheme": "dct:odd",
}
FEED = Source("odd", "rdf", "https://odd.example/all.ttl", "Odd feed", 20)


def say(writer: Writer, key: str, about: str, title: str, more: str = "") -> None:
    """Writes one record; its title has all that XML and Turtle escape."""
    said = (
        f"@prefix dcat: <{PREFIXES['dcat']}> . @prefix adms: <{PREFIXES['adms']}> . @prefix dct: <{PREFIXES['dct']}> ."
    )
    said += f"<{about}> a dcat:Dataset, adms:Asset ; dct:title {json.dumps(title)}@en, 'sì'@it . {more}"
    triples = frozenset(quad.triple for quad in read(said, SYNTAXES["ttl"]))
    record = Record(key, IRI(about), triples, f"https://odd.example/{quote(key)}")
    writer.store.put(FEED, Reading(key, record.origin, Report(), record))


def part(whole: str) -> str:
    """A distribution with an IRI of its own elsewhere, and a property that no XML element can be named by."""
    return (
        f"<{whole}> dcat:distribution <https://odd.example/file#1> ; <https://odd.example/terms/1> 'x' ."
        " <https://odd.example/file#1> a dcat:Distribution ; dcat:accessURL <https://odd.example/file> ."
    )


@pytest.fixture(scope="module")
def odd_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A catalogue of things with odd IRIs and odd record keys."""
    settings = load({"home": str(tmp_path_factory.mktemp("odd")), "base": BASE, "title": "Odd"}, {})
    with writing(settings, "test", lambda: NOW) as writer:
        writer.store.put_source(FEED)
        for name, iri in ODD.items():
            say(
                writer,
                f"{name}/è #?.ttl",
                iri,
                f'The {name}\r\n<"&\\>\u2028',
                part(iri) if name == "a fragment" else "",
            )
        writer.publish()
    return settings


@pytest.fixture(scope="module")
def odd_web(odd_settings: Settings) -> Flask:
    return create_app(odd_settings)


@pytest.fixture
def odd(odd_web: Flask) -> Iterator[FlaskClient]:
    with odd_web.test_client() as client:
        yield client


# Every IRI answers


def minted(settings: Settings) -> set[str]:
    """Every IRI of ours in a publication, and some terms of our lists; the catalogue's own is another page's."""
    home = Home(settings.home)
    publication = Publication(home, home.current() or 0)
    terms = {term for quad in publication.store.quads() for term in (*quad.triple, quad.graph_name)}
    publication.close()
    found = {term.value for term in terms if isinstance(term, IRI)}
    ours = {iri for iri in found if iri.startswith((f"{BASE}/", LISTS))}
    terms_of_lists = sorted(iri for iri in ours if iri.startswith(LISTS))
    kept = ours - {*terms_of_lists} | {*terms_of_lists[::8]}
    return {iri for iri in kept if not iri.startswith(MINTER.catalogue.value) and iri != f"{BASE}/"}


@pytest.mark.parametrize("fixture", ["web", "odd_web"])
@pytest.mark.parametrize("accept", [HTML, TURTLE])
def test_every_iri_that_is_minted_answers(request: pytest.FixtureRequest, fixture: str, accept: str) -> None:
    app: Flask = request.getfixturevalue(fixture)
    client, failed = app.test_client(), []
    for iri in sorted(minted(app.extensions["settings"])):
        own = iri.startswith(f"{BASE}/")
        address = iri.removeprefix(BASE).partition("#")[0] if own else f"/resource?iri={quote(iri, safe='')}"
        response = client.get(address, headers={"Accept": accept}, follow_redirects=True)
        if (response.status_code, response.mimetype) not in ((200, accept), (410, accept)):
            failed.append((response.status_code, response.mimetype, iri))
    assert not failed


@pytest.mark.parametrize(
    ("iri", "place"),
    [
        pytest.param(SOLUTION.value, PATH, id="ours"),
        pytest.param(f"{SOLUTION.value}#contact", f"{PATH}#contact", id="a node of ours"),
        pytest.param(FOREIGN.value, MINTER.page(FOREIGN, "solution").value.removeprefix(BASE), id="one of elsewhere"),
        pytest.param(GONE.value, GONE.value.removeprefix(f"{BASE}/id"), id="ours, gone"),
        pytest.param(FOREIGN_GONE.value, "/change/43", id="one of elsewhere, gone"),
        pytest.param(f"{BASE}/change/1", "/change/1", id="a change"),
        pytest.param(f"{BASE}/graph/meta", "/graph/meta", id="a graph"),
        pytest.param(f"{BASE}/graph/record/feed/thing-0", "/graph/record/feed/thing-0", id="a record's graph"),
        pytest.param(f"{BASE}/source/feed", "/source/feed", id="a source"),
        pytest.param(
            f"{BASE}/source/files/record/broken.yml#report", "/source/files/record/broken.yml#report", id="a report"
        ),
        pytest.param(f"{LISTS}role", "/vocabulary/role", id="a code list"),
        pytest.param(f"{LISTS}ns#column", "/vocabulary/osc#column", id="a term of the vocabulary"),
        pytest.param(f"{LISTS}quality/total", "/vocabulary/quality#total", id="a metric"),
        pytest.param(f"{LISTS}shapes/adms-ap#IsAgent", "/shapes/adms-ap#IsAgent", id="a shape"),
        pytest.param("http://spdx.org/licenses/", "/vocabulary/licence", id="a list of elsewhere"),
    ],
)
def test_any_iri_leads_to_what_describes_it(client: FlaskClient, iri: str, place: str) -> None:
    response = client.get("/resource", query_string={"iri": iri})
    assert (response.status_code, response.location) == (303, place)


@pytest.mark.parametrize(
    "iri", ["https://nowhere.example/", f"{BASE}/id/solution/aaaaaaaaaa", "no iri", "//x", f"{BASE}//x"]
)
def test_an_iri_that_is_not_known_is_not_found(client: FlaskClient, iri: str) -> None:
    assert client.get("/resource", query_string={"iri": iri}).status_code == 404


@pytest.mark.parametrize(("accept", "place"), [(HTML, "/about"), (TURTLE, "/void")])
def test_the_catalogue_itself_is_described(client: FlaskClient, accept: str, place: str) -> None:
    response = client.get("/catalog", headers={"Accept": accept})
    assert (response.status_code, response.location) == (303, place)
    named = client.get("/resource", query_string={"iri": f"{MINTER.catalogue.value}#publisher"})
    assert named.location == "/catalog#publisher"


def test_resource_wants_an_iri(client: FlaskClient) -> None:
    assert client.get("/resource").status_code == 400


def test_the_form_that_is_asked_for_is_kept_on_the_way(client: FlaskClient) -> None:
    response = client.get("/resource", query_string={"iri": f"{SOLUTION.value}#contact", "format": "ttl"})
    assert response.location == f"{PATH}?format=ttl#contact"


@pytest.mark.parametrize("iri", ODD.values(), ids=ODD)
def test_odd_iris_survive(odd: FlaskClient, iri: str) -> None:
    """Asked for as it should be, shown on the page, named by each form and by the links."""
    page = odd.get(f"/resource?iri={quote(iri, safe='')}", headers={"Accept": HTML}, follow_redirects=True)
    assert page.status_code == 200
    path = page.headers["Content-Location"].removesuffix(".html")
    assert odd.get(path).status_code == 200
    for suffix in ("ttl", "jsonld", "rdf", "nt"):
        response = odd.get(f"{path}.{suffix}")
        quads = list(read(response.data, SYNTAXES["ttl" if suffix == "nt" else suffix]))
        titled = {quad.subject for quad in quads if quad.predicate.value == f"{PREFIXES['dct']}title"}
        assert IRI(iri) in titled, suffix
    trig = odd.get(f"{path}.trig?view=record")
    assert any(
        quad.graph_name.value.startswith(f"{BASE}/graph/record/odd/") for quad in read(trig.data, SYNTAXES["trig"])
    )


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        pytest.param("https://odd.example/assets/a b", "an escaped space", id="a space for an escaped one"),
        pytest.param("https://odd.example/assets/a+b", "an escaped space", id="a form's space"),
        pytest.param("https://odd.example/assets/a%2520b", "an escaped space", id="escaped once"),
        pytest.param("https://odd.example/?asset=1&lang=it", "a query", id="nothing escaped"),
        pytest.param("https://odd.example/c++", "a plus", id="a plus that is none of a form"),
        pytest.param("https://odd.example/città/b", "such letters escaped", id="letters for escaped ones"),
        pytest.param("https://odd.example/citt%C3%A0/%C3%A0", "letters that are not ASCII", id="escaped letters"),
    ],
)
def test_an_iri_escaped_too_little_or_too_much_is_understood(odd: FlaskClient, sent: str, name: str) -> None:
    response = odd.get(f"/resource?iri={sent}")
    assert response.location == odd.get("/resource", query_string={"iri": ODD[name]}).location


def test_a_slash_at_the_end_tells_things_apart(odd: FlaskClient) -> None:
    places = {odd.get("/resource", query_string={"iri": ODD[name]}).location for name in ODD if "slash" in name}
    assert len(places) == 3


def test_a_part_without_a_page_leads_to_its_whole(odd: FlaskClient) -> None:
    whole = odd.get("/resource", query_string={"iri": ODD["a fragment"]}).location
    assert odd.get("/resource", query_string={"iri": "https://odd.example/file#1"}).location == whole


# Every form says the same


def merged(content: bytes, suffix: str) -> Graph:
    """All statements, whatever their graph."""
    if suffix not in ("trig", "nq"):
        return Graph().parse(data=content, format=SUFFIXES[suffix])
    graph = Graph()
    for subject, predicate, value, _ in Dataset().parse(data=content, format=SUFFIXES[suffix]).quads():
        graph.add((subject, predicate, value))
    return graph


ADDRESSES = {
    "a thing": PATH,
    "a change": "/change/1",
    "what is gone": GONE.value.removeprefix(f"{BASE}/id"),
    "a record's graph": "/graph/record/feed/thing-0",
    "a list's graph": "/graph/vocabulary/role",
    "a code list": "/vocabulary/role",
    "the vocabulary": "/vocabulary/osc",
    "the lists": "/vocabulary",
    "a graph": "/graph/meta",
    "shapes": "/shapes/cpov",
}
WITH_GRAPHS = ("a thing", "a change", "what is gone", "a record's graph", "a list's graph")


@pytest.mark.parametrize("name", ADDRESSES)
def test_every_form_is_the_same_graph(client: FlaskClient, name: str) -> None:
    plain = merged(client.get(f"{ADDRESSES[name]}.nt").data, "nt")
    assert len(plain) > 2
    for suffix in list(SUFFIXES)[: None if name in WITH_GRAPHS else 4]:
        content = client.get(f"{ADDRESSES[name]}.{suffix}").data
        assert isomorphic(plain, merged(content, suffix)), suffix
        assert list(read(content, SYNTAXES[suffix]))


@pytest.mark.parametrize("iri", ODD.values(), ids=ODD)
@pytest.mark.parametrize("suffix", ["ttl", "jsonld", "rdf"])
def test_every_form_of_odd_things_is_the_same_graph(odd: FlaskClient, iri: str, suffix: str) -> None:
    path = odd.get("/resource", query_string={"iri": iri}).location or ""
    forms = {name: {q.triple for q in read(odd.get(f"{path}.{name}").data, SYNTAXES[name])} for name in ("nt", suffix)}
    lost = {t for t in forms["nt"] - forms[suffix] if t.predicate.value != "https://odd.example/terms/1"}
    assert not lost
    assert forms[suffix] <= forms["nt"]


def test_a_property_that_no_element_can_be_named_by_leaves_the_xml_whole(odd: FlaskClient) -> None:
    path = odd.get("/resource", query_string={"iri": ODD["a fragment"]}).location
    assert b"terms/1" in odd.get(f"{path}.ttl").data
    assert len(Graph().parse(data=odd.get(f"{path}.rdf").data, format="xml")) > 5


def test_the_thing_stands_first_and_subjects_stand_apart(client: FlaskClient) -> None:
    body = client.get(f"{PATH}.ttl").text.split("\n\n")
    assert body[0].startswith("@prefix adms:")
    assert body[1].startswith(f"<{SOLUTION.value}> a ")
    assert all(paragraph.startswith("<") for paragraph in body[1:])
    assert client.get(f"{PATH}.jsonld").get_json()["@graph"][0]["@id"] == SOLUTION.value


def test_a_description_stands_by_itself(client: FlaskClient) -> None:
    """With all that ADMS-AP wants described: who publishes, whom to ask, under which licence, and what codes mean."""
    said = Graph().parse(data=client.get(f"{PATH}.ttl").data, format="turtle")
    answer = said.query(
        """
        PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/>
        PREFIX foaf: <http://xmlns.com/foaf/0.1/> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        PREFIX v: <http://www.w3.org/2006/vcard/ns#>
        ASK {
          ?asset a dcat:Dataset ; dct:publisher ?owner ; dcat:contactPoint ?contact ; dcat:distribution ?file ;
            dct:subject ?topic ; dct:hasVersion ?release ; dct:spatial ?country .
          ?owner a foaf:Agent ; foaf:name ?name .
          ?contact a v:Kind ; v:hasEmail ?address .
          ?file a dcat:Distribution ; dct:license ?licence .
          ?licence a dct:LicenseDocument ; skos:prefLabel ?called ; dct:type ?kind .
          ?topic a skos:Concept ; skos:prefLabel ?label ; skos:inScheme ?list .
          ?country skos:prefLabel ?words ; skos:notation ?code .
          ?release dct:title ?title .
          ?record a dcat:CatalogRecord ; foaf:primaryTopic ?asset ; dct:modified ?when .
        }"""
    )
    assert answer.askAnswer


def test_who_said_what_is_told_on_request(client: FlaskClient) -> None:
    response = client.get(f"{PATH}?view=record", headers={"Accept": "application/trig"})
    graphs = {quad.graph_name for quad in read(response.data, SYNTAXES["trig"])}
    records = {MINTER.graph("record", "feed", "thing-0"), MINTER.graph("record", "files", "decide/publiccode.yml")}
    assert graphs == {*records, MINTER.graph("meta")}
    assert response.headers["Content-Location"] == f"{PATH}.trig?view=record"
    plain = client.get(f"{PATH}.nq?view=record").data
    assert set(read(plain, SYNTAXES["nq"])) == set(read(response.data, SYNTAXES["trig"]))


@pytest.mark.parametrize(("query", "status"), [("view=record", 406), ("view=nonsense", 400)])
def test_a_view_needs_a_syntax_with_graphs(client: FlaskClient, query: str, status: int) -> None:
    assert client.get(f"{PATH}?{query}", headers={"Accept": TURTLE}).status_code == status


@pytest.mark.parametrize("suffix", ["trig", "nq"])
def test_a_record_has_syntaxes_with_graphs(client: FlaskClient, suffix: str) -> None:
    response = client.get(f"/source/files/record/decide/publiccode.yml.{suffix}")
    graphs = {quad.graph_name for quad in read(response.data, SYNTAXES[suffix])}
    assert graphs == {MINTER.graph("record", "files", "decide/publiccode.yml"), MINTER.graph("meta")}
    path = "/source/files/record/decide/publiccode.yml"
    negotiated = client.get(path, headers={"Accept": SYNTAXES[suffix].media_type})
    assert negotiated.data == response.data
    assert negotiated.headers["Content-Location"] == f"{path}.{suffix}"
    assert f'<{path}.{suffix}>; rel="alternate"' in client.get(path).headers["Link"]


# JSON-LD


@pytest.mark.parametrize(
    ("accept", "profile", "kind"),
    [
        pytest.param("", "", dict, id="compacted where nothing is said"),
        pytest.param(f';profile="{PROFILE}compacted"', f"{PROFILE}compacted", dict, id="compacted"),
        pytest.param(f';profile="{PROFILE}expanded"', f"{PROFILE}expanded", list, id="expanded"),
        pytest.param(f'; q=0.9; profile="{PROFILE}flattened"', f"{PROFILE}flattened", list, id="flattened, a quality"),
        pytest.param(';profile="https://elsewhere.example/"', "", dict, id="a profile that is not known"),
    ],
)
def test_the_profile_of_json_ld_chooses_its_form(client: FlaskClient, accept: str, profile: str, kind: type) -> None:
    response = client.get(PATH, headers={"Accept": f"application/ld+json{accept}"})
    assert response.mimetype_params.get("profile", "") == profile
    assert isinstance(response.get_json(), kind)
    plain = {quad.triple for quad in read(client.get(f"{PATH}.nt").data, SYNTAXES["nt"])}
    assert {quad.triple for quad in read(response.data, SYNTAXES["jsonld"])} == plain


def test_the_context_is_published_and_can_be_referred_to(client: FlaskClient) -> None:
    address = f"{BASE}/context.jsonld"
    accept = f'application/ld+json;profile="{PROFILE}compacted {address}"'
    response = client.get(PATH, headers={"Accept": accept})
    assert response.get_json()["@context"] == address
    assert address in response.headers["Content-Type"]
    published = client.get("/context.jsonld")
    assert published.mimetype == "application/ld+json"
    whole = published.get_json()["@context"]
    assert {*PREFIXES.items()} <= {(name, told) for name, told in whole.items() if isinstance(told, str)}
    used = client.get(f"{PATH}.jsonld").get_json()["@context"]
    assert used.items() <= whole.items()
    referred = response.data.replace(json.dumps(address).encode(), json.dumps(whole).encode())
    assert set(read(referred, SYNTAXES["jsonld"])) == set(read(client.get(f"{PATH}.jsonld").data, SYNTAXES["jsonld"]))


def test_names_of_the_context_are_read_like_words(client: FlaskClient) -> None:
    thing = client.get(f"{PATH}.jsonld").get_json()["@graph"][0]
    assert thing["title"] == {"en": "Decide <b>together</b>", "it": "Decidere insieme"}
    assert thing["repository"] == "https://code.example/city/decide"
    assert "dcat:Dataset" in thing["@type"]


_IRIS = st.sampled_from(
    [
        "https://a.example/x", "https://a.example/y#z", "urn:x:y", "dct:x", "title:x", "mailto:a@b.example",
        *(f"{PREFIXES[name]}{end}" for name in ("dct", "foaf", "schema") for end in ("title", "a/b", "")),
        "http://purl.org/dc/terms/publisher", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
    ]
).map(IRI)  # fmt: skip
_LITERALS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=8).map(Literal),
    st.builds(
        lambda words, tag: Literal(words, language=tag), st.text("aé<\n", max_size=3), st.sampled_from(["en", "pt-br"])
    ),
    st.builds(lambda words, kind: Literal(words, datatype=kind), st.text("1a", max_size=3), _IRIS),
)


@given(
    st.sets(st.builds(Triple, _IRIS, _IRIS, st.one_of(_IRIS, _LITERALS)), max_size=12), st.sampled_from(jsonld.FORMS)
)
def test_json_ld_holds_any_statements(triples: set[Triple], form: str) -> None:
    written = jsonld.write(triples, form)
    assert {quad.triple for quad in read(written, SYNTAXES["jsonld"], lenient=True)} == triples


# What is not there, and what is not offered


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_was_never_there_says_so_in_the_form_that_is_wanted(client: FlaskClient, suffix: str) -> None:
    response = client.get("/solution/aaaaaaaaaa", headers={"Accept": SYNTAXES[suffix].media_type})
    assert (response.status_code, response.mimetype) == (404, SYNTAXES[suffix].media_type)
    assert "404" in {getattr(quad.object, "value", "") for quad in read(response.data, SYNTAXES[suffix])}
    assert client.get(f"/solution/aaaaaaaaaa.{suffix}").mimetype == SYNTAXES[suffix].media_type


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/json", "application/problem+json"),
        ("text/html", "text/html"),
        ("*/*", "text/html"),
        ("image/png", "text/plain"),
    ],
)
def test_so_do_other_forms(client: FlaskClient, accept: str, expected: str) -> None:
    response = client.get("/solution/aaaaaaaaaa", headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (404, expected)


@pytest.mark.parametrize("address", [PATH, "/change/1", "/graph/record/feed/thing-0", "/vocabulary/role"])
def test_a_form_that_is_not_offered_is_answered_with_links_to_those_that_are(client: FlaskClient, address: str) -> None:
    response = client.get(address, headers={"Accept": "image/png"})
    assert response.status_code == 406
    for suffix in ("html", "ttl", "jsonld", "rdf", "nt"):
        assert f'<{address}.{suffix}>; rel="alternate"' in response.headers["Link"]


@pytest.mark.parametrize(
    "accept",
    [
        "text/turtle;q=",
        ";;;",
        "/",
        "*",
        "text",
        "text/turtle;q=abc",
        ",,,",
        "text/turtle;q=2",
        "é",
        'a/b;c="',
        "*/*;q=-1",
    ],
)
@pytest.mark.parametrize("address", [PATH, "/vocabulary/role", "/nowhere"])
def test_a_malformed_header_does_no_harm(client: FlaskClient, address: str, accept: str) -> None:
    response = client.get(address, headers={"Accept": accept})
    assert response.status_code in (200, 404, 406)


def test_a_thing_says_of_which_classes_it_is(client: FlaskClient) -> None:
    links = client.get(f"{PATH}.ttl").headers["Link"]
    assert '<http://www.w3.org/ns/dcat#Dataset>; rel="type"' in links
    assert f'<{SOLUTION.value}>; rel="describes"' in links


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_gone_says_so_in_every_form(client: FlaskClient, suffix: str) -> None:
    response = client.get(f"{ADDRESSES['what is gone']}.{suffix}")
    assert (response.status_code, response.mimetype) == (410, SYNTAXES[suffix].media_type)
    values = {getattr(quad.object, "value", "") for quad in read(response.data, SYNTAXES[suffix])}
    assert {"https://www.w3.org/ns/activitystreams#Delete", GONE.value, "Vanished", "2026-11-21T10:00:00Z"} <= values


# The same each time

_PRINTS_ALL = """
import hashlib, sys
from catalogue.settings import load
from endpoint import create_app
client = create_app(load({"home": sys.argv[1], "base": "https://catalogue.example"}, {})).test_client()
for address in sys.argv[2:]:
    response = client.get(address)
    told = [response.headers["ETag"], response.headers.get("Last-Modified")]
    print(address, hashlib.sha256(response.data).hexdigest(), *told)
"""


def test_another_process_sends_the_same_bytes(client: FlaskClient, web_settings: Settings) -> None:
    addresses = [f"{PATH}.{suffix}" for suffix in SUFFIXES] + [f"{PATH}.trig?view=record", "/vocabulary/role.rdf"]
    told = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent.parent)}
        command = [sys.executable, "-c", _PRINTS_ALL, str(web_settings.home), *addresses]
        told.add(subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60).stdout)
    assert len(told) == 1
    etags = re.findall(rb'"\w+"', told.pop())
    assert [client.get(address).headers["ETag"].encode() for address in addresses] == etags


@pytest.mark.parametrize("suffix", ["", ".html", *(f".{name}" for name in SUFFIXES)])
def test_a_publication_that_does_not_change_a_thing_leaves_its_etag_and_its_date(tmp_path: Path, suffix: str) -> None:
    settings = load({"home": str(tmp_path), "base": BASE, "title": "Test"}, {})
    path = MINTER.page(IRI("https://odd.example/1"), "solution").value.removeprefix(BASE)
    seen = []
    for day, change in enumerate((("1", "One"), ("2", "Two"), ("1", "One, changed"))):
        with writing(settings, "test", lambda day=day: NOW + timedelta(days=day)) as writer:  # type: ignore[misc]
            writer.store.put_source(FEED)
            say(writer, change[0], f"https://odd.example/{change[0]}", change[1])
            writer.publish()
        response = create_app(settings).test_client().get(path + suffix)
        seen.append((response.headers["ETag"], response.headers["Last-Modified"]))
    assert seen[0][0] == seen[1][0]
    assert seen[1][0] != seen[2][0]
    # A page also shows what refers to the thing, so it has the date of its publication.
    is_page = suffix in ("", ".html")
    assert (seen[0][1] == seen[1][1]) is not is_page
    assert seen[1][1] != seen[2][1]


@pytest.mark.parametrize("name", [name for name in ADDRESSES if name != "what is gone"])
@pytest.mark.parametrize("suffix", ["", ".ttl", ".jsonld"])
def test_a_copy_that_is_still_good_is_not_sent_again(client: FlaskClient, name: str, suffix: str) -> None:
    address = ADDRESSES[name] + suffix
    first, head = client.get(address), client.head(address)
    assert head.data == b""
    assert {**head.headers, "Date": ""} == {**first.headers, "Date": ""}
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    if since := first.headers.get("Last-Modified"):
        assert client.get(address, headers={"If-Modified-Since": since}).status_code == 304


def test_what_rdf_xml_cannot_name_is_left_out_of_it_alone() -> None:
    said = [Triple(IRI("https://a.example/"), IRI(f"https://a.example/{end}"), Literal("x\r\ny")) for end in ("p", "1")]
    held = {quad.triple for quad in read(write(said, SYNTAXES["rdf"], PREFIXES), SYNTAXES["rdf"])}
    assert held == {said[0]}
