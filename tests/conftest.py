"""Fixtures that several test modules share: a small catalogue with one of everything that pages can show."""

import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from catalogue.identity import Minter
from catalogue.model import Finding, Reading, Record, Report, Severity, Source
from catalogue.operations import Operations, Run
from catalogue.rdf import IRI, SYNTAXES, Triple, read
from catalogue.settings import Settings, load
from catalogue.vocabulary import PREFIXES
from catalogue.writer import Writer, writing
from endpoint import create_app

# How long an example takes says how busy the machine is.
hypothesis_settings.register_profile("unhurried", deadline=None)
hypothesis_settings.load_profile("unhurried")

BASE = "https://catalogue.example"
MINTER = Minter(BASE)
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
PREFIX = "".join(
    f"@prefix {name}: <{iri}> .\n"
    for name, iri in {
        **PREFIXES,
        "id": f"{BASE}/id/",
        "country": "http://publications.europa.eu/resource/authority/country/",
        "language": "http://publications.europa.eu/resource/authority/language/",
        "licence": "http://spdx.org/licenses/",
        "list": "https://w3id.org/open-source-catalogue/",
    }.items()
)
HOSTILE = (
    "# Heading\\n\\nA **bold** word. <script>alert(1)</script><img src=x onerror=alert(1)>"
    " [bad](javascript:alert(1)) [good](https://elsewhere.example/good)"
    " ![picture](https://elsewhere.example/track.png) <p style='position:fixed' class='site'>styled</p>"
)


def iri(kind: str, identity: str) -> IRI:
    return MINTER.thing(kind, identity)


SOLUTION = iri("solution", "https://code.example/city/decide")
FOREIGN = IRI("https://elsewhere.example/assets/1#it")
CITY = iri("owner", "city")
COMPANY = iri("owner", "company")
INITIATIVE = iri("initiative", "programme")
GONE = iri("solution", "gone")
RELEASE, DISTRIBUTION = iri("release", "1"), iri("distribution", "1")
FEED = Source("feed", "rdf", "https://feed.example/all.ttl", "National feed", 20)
FILES = Source("files", "publiccode", "files", "Files of repositories", 10)
ORIGINAL = 'publiccodeYmlVersion: "0.5"\nname: Decide\nlicense: EUPL\nurl: https://code.example/city/decide\n'

THINGS = {
    SOLUTION: f"""
<{SOLUTION.value}> a dcat:Dataset, adms:Asset, doap:Project, schema:WebApplication ;
  dct:title "Decide <b>together</b>"@en, "Decidere insieme"@it ;
  dct:abstract "Lets citizens decide."@en, "Fa decidere i cittadini."@it ;
  dct:description "{HOSTILE}"@en, "Una descrizione lunga."@it ;
  dct:publisher <{CITY.value}> ; schema:license licence:EUPL-1.2 ;
  schema:codeRepository <https://code.example/city/decide> ; dcat:landingPage <https://decide.example/> ;
  osc:developmentStatus <https://w3id.org/open-source-catalogue/development-status/stable> ;
  osc:softwareType <https://w3id.org/open-source-catalogue/software-type/standalone-web> ;
  dct:subject <https://w3id.org/open-source-catalogue/topic/participation>,
    <https://w3id.org/open-source-catalogue/topic/collaboration>,
    <https://w3id.org/open-source-catalogue/category/collaboration> ;
  dct:spatial country:ITA ; dct:language language:ITA, language:ENG ;
  dcat:keyword "voting"@en ; schema:featureList "Proposals"@en, "Proposte"@it ;
  schema:image <javascript:alert(1)> ; foaf:page <https://decide.example/manual> ;
  dcat:distribution <{DISTRIBUTION.value}> ;
  dct:hasVersion <{RELEASE.value}> ; dcat:hasCurrentVersion <{RELEASE.value}> ;
  prov:qualifiedAttribution <{SOLUTION.value}#user> ; dcat:contactPoint <{SOLUTION.value}#contact> ;
  <https://unknown.example/terms#secretProperty> "kept" .
<{SOLUTION.value}#user> a prov:Attribution ; prov:agent <{COMPANY.value}> ;
  dcat:hadRole <https://w3id.org/open-source-catalogue/role/user> .
<{SOLUTION.value}#contact> a v:Kind ; v:fn "Service desk" ; v:hasEmail <mailto:desk@city.example> .
<{DISTRIBUTION.value}> a dcat:Distribution ; dct:title "Source code"@en ;
  dcat:accessURL <https://code.example/city/decide> ; dct:license licence:EUPL-1.2 .
<{RELEASE.value}> a doap:Version, dcat:Dataset ; dct:title "Decide 1.4"@en ; owl:versionInfo "1.4" ;
  dct:isVersionOf <{SOLUTION.value}> ; dct:issued "2026-10-01"^^xsd:date .
""",
    FOREIGN: f"""
<{FOREIGN.value}> a dcat:Dataset, adms:Asset, doap:Project ; dct:title "=Foreign gestión"@es ;
  dct:abstract "Software with an identifier of its own."@en ; dct:publisher <{COMPANY.value}> ;
  dct:spatial country:ESP ; schema:license licence:MIT .
""",
    CITY: f"""
<{CITY.value}> a cv:PublicOrganisation, foaf:Agent, foaf:Organization ;
  foaf:name "City of Turin"@en, "Città di Torino"@it ; skos:prefLabel "City of Turin"@en, "Città di Torino"@it ;
  dct:spatial country:ITA ; osc:level <https://w3id.org/open-source-catalogue/level/local> ;
  foaf:homepage <https://city.example/> .
""",
    COMPANY: f"""
<{COMPANY.value}> a foaf:Organization, foaf:Agent ; foaf:name "Helpers"@en ; dct:spatial country:DEU .
""",
    INITIATIVE: f"""
<{INITIATIVE.value}> a foaf:Project, schema:Project, dcat:Catalog ; dct:title "Open programme"@en ;
  dct:abstract "Brings cities together."@en ; dct:publisher <{CITY.value}> ; dcat:dataset <{SOLUTION.value}> ;
  osc:initiativeType <https://w3id.org/open-source-catalogue/initiative-type/programme> ;
  osc:purpose "Share software."@en ; osc:service <{INITIATIVE.value}#service> .
<{INITIATIVE.value}#service> a schema:Service ; dct:title "Help desk"@en ; dct:description "Answers questions."@en .
""",
    iri("article", "news"): f"""
<{iri("article", "news").value}> a schema:NewsArticle, foaf:Document ; dct:title "Programme begins"@en ;
  dct:issued "2026-05-04"^^xsd:date ; dct:isPartOf <{INITIATIVE.value}> .
""",
}
MANY = 30


def triples(turtle: str) -> frozenset[Triple]:
    return frozenset(quad.triple for quad in read(PREFIX + turtle, SYNTAXES["ttl"]))


def say(writer: Writer, source: Source, key: str, about: IRI, turtle: str, report: Report | None = None) -> None:
    """Writes one record of a source."""
    original = ORIGINAL if source is FILES else None
    record = Record(key, about, triples(turtle), f"https://origin.example/{key}", original=original)
    writer.store.put(source, Reading(key, record.origin, report or Report(), record))


def fill(writer: Writer) -> None:
    """Writes the catalogue that the tests of the web look at."""
    for source in (FEED, FILES):
        writer.store.put_source(source)
    for number, (about, turtle) in enumerate(THINGS.items()):
        say(writer, FEED, f"thing-{number}", about, turtle)
    for number in range(MANY):
        about = iri("solution", f"many {number}")
        licence, country = ("MIT", "FRA") if number % 3 else ("EUPL-1.2", "ITA")
        say(
            writer,
            FEED,
            f"many-{number}",
            about,
            f'<{about.value}> a dcat:Dataset, adms:Asset ; dct:title "Ticket tool {number:02}"@en ;'
            f" schema:license licence:{licence} ; dct:spatial country:{country} .",
        )
    finding = Finding(Severity.WARNING, "This is no SPDX identifier.", "license", "EUPL", "Write EUPL-1.2.", 3, 10)
    say(
        writer,
        FILES,
        "decide/publiccode.yml",
        SOLUTION,
        f'<{SOLUTION.value}> a doap:Project ; dct:title "Decide <b>together</b>"@en ; schema:operatingSystem "web" .',
        Report((finding,)),
    )
    broken = Finding(Severity.VIOLATION, "The file is no YAML.", None, None, "Close the quote.", 2, 1)
    writer.store.put(FILES, Reading("broken.yml", "broken.yml", Report((broken,))))
    for about in (GONE, IRI("https://elsewhere.example/assets/gone")):
        key = f"gone-{about.value.rsplit('/', 1)[-1]}"
        say(writer, FEED, key, about, f'<{about.value}> a dcat:Dataset, adms:Asset ; dct:title "Vanished"@en .')
        writer.store.remove(FEED.id, key)
    Operations(writer.home.operations).add(
        Run("feed", "2026-11-21T09:00:00+00:00", "2026-11-21T09:01:00+00:00", {"new": 3})
    )
    Operations(writer.home.operations).add(
        Run("files", "2026-11-21T09:02:00+00:00", "2026-11-21T09:03:00+00:00", {}, "files: the directory is gone")
    )
    writer.publish()


@pytest.fixture(scope="session")
def web_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of a filled catalogue, whose IRIs start with another host than the one that it is served from."""
    settings = load({"home": str(tmp_path_factory.mktemp("web")), "base": BASE, "title": "Test catalogue"}, {})
    with writing(settings, "test", lambda: NOW) as writer:
        fill(writer)
    return settings


@pytest.fixture(scope="session")
def web(web_settings: Settings) -> Iterator[Flask]:
    """The application on the filled catalogue."""
    app = create_app(web_settings)
    app.testing = True
    yield app
    app.extensions["sparql"].close()


@pytest.fixture
def client(web: Flask) -> Iterator[FlaskClient]:
    with web.test_client() as client:
        yield client


@pytest.fixture(scope="module")
def address(web_settings: Settings) -> Iterator[str]:
    """Where the filled catalogue is served, by an application that ends with the module, and its processes with it."""
    app = create_app(web_settings)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["sparql"].close()


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser without a window; of a module and no longer, since it keeps an event loop running."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def empty_settings(tmp_path: Path) -> Settings:
    """The settings of a catalogue in which nothing has been published."""
    return load({"home": str(tmp_path), "base": BASE}, {})
