"""The views of descriptions in ADMS-AP and DCAT-AP, and the exports that are made of them."""

import csv
import io
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyshacl import validate
from rdflib import SH, Graph

from catalogue.code_lists import notations
from catalogue.exports import Account, Wanted, write
from catalogue.fetch import Fetch
from catalogue.harvest import Harvesting
from catalogue.home import Home
from catalogue.identity import Minter
from catalogue.licences import licence
from catalogue.model import Severity
from catalogue.profiles.tables import ADMS_AP, DCAT_AP, PROFILES, Profile
from catalogue.profiles.views import PERSONS, Conforming, conforming, described, view
from catalogue.publication import Publication
from catalogue.rdf import IRI, SYNTAXES, Literal, Term, Triple, read
from catalogue.settings import Settings, load
from catalogue.validation import engine, shacl
from catalogue.validation.closure import closure, listed
from catalogue.validation.facts import Facts
from catalogue.validation.shapes import packaged
from catalogue.vocabulary import (
    ADMS,
    ADMS_STATUS,
    COUNTRY,
    DCAT,
    DCT,
    DISTRIBUTION_STATUS,
    EIRA,
    FOAF,
    OWL,
    PREFIXES,
    RDF,
    RDFS,
    SKOS,
    SPDX_LICENCE,
    XSD,
    V,
)
from catalogue.writer import source_at, writing

ROOT = Path(__file__).parent.parent
BASE = "https://catalogue.example"
MINTER = Minter(BASE)
SOLUTION = MINTER.thing("solution", "https://code.example/city/decide")
FOREIGN = IRI("https://elsewhere.example/assets/1#it")
COMPANY, INITIATIVE = MINTER.thing("owner", "company"), MINTER.thing("initiative", "programme")
RELEASE, DISTRIBUTION = MINTER.thing("release", "1"), MINTER.thing("distribution", "1")
PREFIX = "".join(
    f"@prefix {name}: <{address}> .\n"
    for name, address in {**PREFIXES, "licence": SPDX_LICENCE, "country": COUNTRY}.items()
)
OFFICIAL = ROOT.parent / "shared" / "specs" / "dcat-ap-3.0.1-shacl"
PUBLICCODE = ROOT.parent / "shared" / "data" / "publiccode"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
S, D, P, C = (IRI(f"https://example.org/{name}") for name in ("solution", "distribution", "owner", "contact"))
EVERY_PROFILE = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())

WHOLE = f"""
<{S.value}> a dcat:Dataset, adms:Asset, doap:Project ; dct:title "Decide"@en ; dct:description "It decides."@en ;
  dct:publisher <{P.value}> ; dcat:contactPoint <{C.value}> ; dcat:distribution <{D.value}> .
<{D.value}> a dcat:Distribution ; dcat:accessURL <https://code.example/decide> ; dct:license licence:EUPL-1.2 .
<{P.value}> a foaf:Organization ; foaf:name "City"@en .
<{C.value}> a v:Organization ; v:fn "Desk" ; v:hasEmail <mailto:desk@city.example> .
"""


def triples(turtle: str) -> set[Triple]:
    return {quad.triple for quad in read(PREFIX + turtle, SYNTAXES["ttl"])}


def said(turtle: str) -> set[Triple]:
    return triples(WHOLE + turtle)


def values(found: Conforming | set[Triple], node: Term, predicate: IRI) -> set[Term]:
    statements = found.triples if isinstance(found, Conforming) else found
    return {t.object for t in statements if (t.subject, t.predicate) == (node, predicate)}  # type: ignore[misc]


def objects(facts: Facts, triple: Triple, predicate: IRI) -> set[Term]:
    """What is said of a triple's subject."""
    assert not isinstance(triple.subject, Triple)
    return set(facts.objects(triple.subject, predicate))


def violations(statements: set[Triple] | frozenset[Triple], profile: Profile) -> list[object]:
    found = engine.evaluate(statements, packaged(profile.name))
    return [result for result in found if result.severity is Severity.VIOLATION]


# Values, by profile


def iri(text: str) -> IRI:
    return IRI(text)


def day(text: str) -> Literal:
    return Literal(text, datatype=XSD.date)


def time(text: str) -> Literal:
    return Literal(text, datatype=XSD.dateTime)


MIT = iri(f"{SPDX_LICENCE}MIT")
EUPL = iri(f"{SPDX_LICENCE}EUPL-1.2")
PUBLISHER_TYPE = "http://purl.org/adms/publishertype/"
LOCALISATION_READY = iri("https://w3id.org/open-source-catalogue/ns#localisationReady")
OSI = iri("http://purl.org/adms/licencetype/OSIcompliant")
YEAR = Literal("2026", datatype=XSD.gYear)
A, B = iri("https://a.example/"), iri("https://b.example/")
# What is added to the whole description; the node and property looked at; what ADMS-AP and DCAT-AP make of it.
CASES = [
    (
        "a status",
        f"<{S.value}> adms:status <{ADMS_STATUS}Completed> .",
        (S, ADMS.status),
        {iri(f"{ADMS_STATUS}Completed")},
        set(),
    ),
    (
        "a distribution's status of ADMS",
        f"<{D.value}> adms:status <{ADMS_STATUS}UnderDevelopment> .",
        (D, ADMS.status),
        {iri(f"{ADMS_STATUS}UnderDevelopment")},
        {iri(f"{DISTRIBUTION_STATUS}DEVELOP")},
    ),
    (
        "a distribution's status of the EU",
        f"<{D.value}> adms:status <{DISTRIBUTION_STATUS}WITHDRAWN> .",
        (D, ADMS.status),
        {iri(f"{ADMS_STATUS}Withdrawn")},
        {iri(f"{DISTRIBUTION_STATUS}WITHDRAWN")},
    ),
    (
        "types",
        f"<{S.value}> dct:type <{EIRA}Solution>, <https://w3id.org/open-source-catalogue/software-type/library> .",
        (S, DCT.type),
        {iri(f"{EIRA}Solution")},
        set(),
    ),
    (
        "a day",
        f'<{S.value}> dct:issued "2026-10-01"^^xsd:date .',
        (S, DCT.issued),
        {time("2026-10-01T00:00:00Z")},
        {day("2026-10-01")},
    ),
    (
        "a day with a zone",
        f'<{S.value}> dct:issued "2026-10-01+02:00"^^xsd:date .',
        (S, DCT.issued),
        {time("2026-10-01T00:00:00+02:00")},
        {day("2026-10-01+02:00")},
    ),
    ("a year", f'<{S.value}> dct:issued "2026"^^xsd:gYear .', (S, DCT.issued), set(), {YEAR}),
    (
        "two changes",
        f"<{S.value}> dct:modified {time('2025-01-01T00:00:00Z')}, {time('2026-01-01T00:00:00Z')} .",
        (S, DCT.modified),
        {time("2026-01-01T00:00:00Z")},
        {time("2026-01-01T00:00:00Z")},
    ),
    (
        "two publishers",
        f'<{S.value}> dct:publisher <{P.value}2> . <{P.value}2> a foaf:Agent ; foaf:name "Two" .',
        (S, DCT.publisher),
        {P, iri(f"{P.value}2")},
        {P},
    ),
    (
        "a publisher without a name",
        f"<{S.value}> dct:publisher <{P.value}-> . <{P.value}-> a foaf:Agent .",
        (S, DCT.publisher),
        {P},
        {P},
    ),
    (
        "two types of publisher",
        f"<{P.value}> dct:type <{PUBLISHER_TYPE}Company>, <{PUBLISHER_TYPE}NonProfitOrganisation> .",
        (P, DCT.type),
        {iri(f"{PUBLISHER_TYPE}Company"), iri(f"{PUBLISHER_TYPE}NonProfitOrganisation")},
        {iri(f"{PUBLISHER_TYPE}Company")},
    ),
    ("a licence approved by the OSI", "", (EUPL, DCT.type), {OSI}, set()),
    ("a label of a version", f'<{S.value}> dcat:version "1.4" .', (S, OWL.versionInfo), {Literal("1.4")}, set()),
    ("a version", f'<{S.value}> owl:versionInfo "1.4" .', (S, DCAT.version), set(), {Literal("1.4")}),
    ("a release", f"<{S.value}> dcat:hasVersion <{S.value}/1> .", (S, DCT.hasVersion), {iri(f"{S.value}/1")}, set()),
    (
        "another name",
        f'<{S.value}> dct:alternative "D"@en .',
        (S, SKOS.altLabel),
        {Literal("D", language="en")},
        set(),
    ),
    ("landing pages", f"<{S.value}> dcat:landingPage {A}, {B} .", (S, DCAT.landingPage), {A}, {A, B}),
    ("a contact's class", "", (C, RDF.type), {V.Kind, V.Organization}, {V.Kind, V.Organization}),
    ("what no profile has", f"<{S.value}> osc:localisationReady true .", (S, LOCALISATION_READY), set(), set()),
]


@pytest.mark.parametrize(
    ("turtle", "place", "adms", "dcat"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_each_profile_has_values_in_its_own_way(
    turtle: str, place: tuple[IRI, IRI], adms: set[Term], dcat: set[Term]
) -> None:
    made = {name: conforming(said(turtle), S, profile) for name, profile in PROFILES.items()}
    assert all(one.triples for one in made.values()), made
    assert (values(made["adms-ap"], *place), values(made["dcat-ap"], *place)) == (adms, dcat)


LICENCES = [
    ("GPL-3.0-only OR MIT", MIT),
    ("AGPL-3.0-only OR EUPL-1.2 OR GPL-3.0-only", iri(f"{SPDX_LICENCE}EUPL-1.2")),
    ("AGPL-3.0-only OR LGPL-3.0-only", iri(f"{SPDX_LICENCE}LGPL-3.0-only")),
    ("MIT AND GPL-3.0-only", None),
    ("GPL-2.0-only WITH Classpath-exception-2.0", None),
    ("MIT OR (Apache-2.0 AND GPL-3.0-only)", None),
]


@pytest.mark.parametrize(("expression", "single"), LICENCES, ids=[case[0] for case in LICENCES])
def test_of_alternatives_adms_ap_has_the_most_open_and_of_combinations_none(
    expression: str, single: IRI | None
) -> None:
    node = licence(expression).iri(MINTER)
    turtle = WHOLE.replace("licence:EUPL-1.2", f"<{node.value}>")
    made = conforming({*triples(turtle), *licence(expression).triples(MINTER)}, S, ADMS_AP)
    assert values(made, D, DCT.license) == ({single} if single else set())
    if single is None:
        (omission,) = made.omissions
        assert (omission.iri, omission.value) == (D.value, "")
        assert expression in omission.reasons[0]
        assert made.triples
        assert not values(made, S, DCAT.distribution)
    assert values(conforming({*triples(turtle), *licence(expression).triples(MINTER)}, S, DCAT_AP), D, DCT.license) == {
        node
    }


def test_of_several_licences_the_most_open_is_given() -> None:
    both = said(f"<{D.value}> dct:license licence:MIT, licence:AGPL-3.0-only .")
    assert [values(conforming(both, S, one), D, DCT.license) for one in PROFILES.values()] == [{MIT}, {MIT}]


def test_an_abstract_is_a_description_where_there_is_no_other() -> None:
    turtle = WHOLE.replace("dct:description", "dct:abstract")
    assert values(conforming(triples(turtle), S, ADMS_AP), S, DCT.description) == {
        Literal("It decides.", language="en")
    }


# What is left out

LACKING = [
    ("no title", 'dct:title "Decide"@en ;', "adms-ap", "There is no title"),
    ("no description", 'dct:description "It decides."@en ;', "dcat-ap", "“Description” is missing"),
    ("no publisher", f"dct:publisher <{P.value}> ;", "adms-ap", "There is no publisher"),
    ("no contact", f"dcat:contactPoint <{C.value}> ;", "adms-ap", "There is no contact"),
    ("a contact without an address", "v:hasEmail <mailto:desk@city.example>", "adms-ap", "no e-mail address"),
    ("a publisher without a name", 'foaf:name "City"@en', "adms-ap", "has no name"),
]


@pytest.mark.parametrize(
    ("without", "name", "reason"), [case[1:] for case in LACKING], ids=[case[0] for case in LACKING]
)
def test_a_solution_that_lacks_what_is_mandatory_is_left_out_and_told_why(without: str, name: str, reason: str) -> None:
    made = conforming(triples(WHOLE.replace(without, "")), S, PROFILES[name])
    (omission,) = made.omissions
    assert not made.triples
    assert (omission.about, omission.iri) == (S, S.value)
    assert reason in omission.reasons[0]


def test_what_is_optional_and_wrong_is_left_out_alone() -> None:
    made = conforming(said(f"<{S.value}> dcat:theme <https://elsewhere.example/theme> ."), S, ADMS_AP)
    (omission,) = made.omissions
    assert (omission.iri, omission.value) == (S.value, "theme https://elsewhere.example/theme")
    assert "EU data themes" in omission.reasons[0]
    assert made.triples == conforming(said(""), S, ADMS_AP).triples


def test_a_person_as_the_only_contact_keeps_a_solution_out_of_adms_ap_unless_contacts_are_asked_for() -> None:
    turtle = WHOLE.replace("v:Organization", "v:Individual")
    made = conforming(triples(turtle), S, ADMS_AP, persons=False)
    assert not made.triples
    assert "natural persons" in made.omissions[0].reasons[0]
    assert conforming(triples(turtle), S, ADMS_AP).triples
    kept = conforming(triples(turtle), S, DCAT_AP, persons=False)
    assert kept.triples
    assert not values(kept, S, DCAT.contactPoint)


@EVERY_PROFILE
def test_a_thing_of_no_kind_of_the_profile_is_told_so(profile: Profile) -> None:
    made = conforming(triples(f"<{S.value}> a schema:Event ."), S, profile)
    assert not made.triples
    assert made.omissions[0].reasons == (f"{profile.title} has nothing of this kind.",)


# Invariants

NODES = st.sampled_from([S, D, P, C, MIT, IRI("https://example.org/release")])
LITERALS = st.sampled_from(
    [Literal("text", language="en"), Literal("1"), day("2026-10-01"), time("2026-10-01T00:00:00Z"), day("never")]
)
TERMS = st.one_of(
    NODES,
    LITERALS,
    st.sampled_from([*notations("adms-status").values(), *notations("distribution-status").values()]),
    st.sampled_from([IRI(f"{EIRA}Solution"), iri("https://elsewhere.example/"), *notations("country").values()][:9]),
)
USED = sorted(
    {
        name
        for one in PROFILES.values()
        for kind in one.kinds.values()
        for p in kind.properties
        for name in (p.name, *p.also)
    }
    | {DCT.abstract, DCT.hasPart},
    key=str,
)
CLASSES = sorted({cls for one in PROFILES.values() for kind in one.kinds.values() for cls in kind.classes}, key=str)
STATEMENTS = st.one_of(
    st.builds(Triple, NODES, st.sampled_from(USED), TERMS),
    st.builds(Triple, NODES, st.just(RDF.type), st.sampled_from(CLASSES)),
)


@EVERY_PROFILE
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(more=st.sets(STATEMENTS, max_size=25), whole=st.booleans())
def test_a_view_is_pure_and_a_view_of_it_is_itself(profile: Profile, more: set[Triple], whole: bool) -> None:
    description = {*more, *(triples(WHOLE) if whole else ())}
    before = set(description)
    made = view(description, S, profile)
    assert description == before
    assert view(made, S, profile) == made == view(sorted(description, key=str), S, profile)


@EVERY_PROFILE
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(more=st.sets(STATEMENTS, max_size=25))
def test_whatever_is_said_what_is_exported_obeys_the_profile(profile: Profile, more: set[Triple]) -> None:
    description = {*triples(WHOLE), *more}
    made = conforming(description, S, profile, persons=False)
    assert not violations(made.triples, profile)
    if made.triples:
        assert conforming(made.triples, S, profile) == Conforming(S, made.triples)
    assert bool(made.triples) != any(one.iri == S.value and not one.value for one in made.omissions)
    assert_derived(made.triples, description, profile)


def assert_derived(made: frozenset[Triple], description: set[Triple], profile: Profile) -> None:
    """All is said by the description or a code list, under the names of the table; classes by ranges."""
    facts = Facts(description)
    terms = {node for t in made for node in (t.subject, t.object) if isinstance(node, IRI) and listed(node)}
    lists = Facts(closure(Triple(S, DCT.relation, term) for term in terms))
    rows = [row for kind in profile.kinds.values() for row in kind.properties]
    gives = {row.gives for row in rows}
    for triple in made:
        about = lists if triple.subject in terms else facts
        if triple.predicate == RDF.type:
            # A contact or agent has the class that its own is below.
            own = objects(about, triple, RDF.type)
            kinds = [kind for kind in profile.kinds.values() if triple.object == kind.classes[0]]
            assert triple.object in own | gives or any(own & set(kind.classes) for kind in kinds), triple
            continue
        names = {row for row in rows if row.name == triple.predicate}
        sources = {name for row in names for name in (row.name, *row.also, row.instead) if name is not None}
        given = {value for name in sources for value in objects(about, triple, name)}
        changed = {row.change(value, about) for row in names for value in given}
        assert triple.object in changed, triple


# Real data


@pytest.fixture(scope="session", params=["seed", "publiccode"])
def real(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A catalogue of the packaged seed, or of files as administrations wrote them."""
    kind, location = ("rdf", ROOT / "data") if request.param == "seed" else ("publiccode", PUBLICCODE)
    if not location.exists():
        pytest.skip(f"{location} is not here")
    made = load({"home": str(tmp_path_factory.mktemp("real")), "base": BASE, "publisher": "City of Turin"}, {})
    with writing(made, "test", lambda: NOW) as writer:
        writer.harvest(source_at(kind, str(location)), Harvesting(Fetch(), lambda: NOW))
    return made


@pytest.fixture(scope="session")
def publication(real: Settings) -> Publication:
    home = Home(real.home)
    return Publication(home, home.current() or 0)


def solutions(publication: Publication) -> Iterator[IRI]:
    for triple in publication.store.triples(MINTER.catalogue, DCAT.dataset, None):
        assert isinstance(triple.object, IRI)
        yield triple.object


@EVERY_PROFILE
@pytest.mark.parametrize("persons", [False, True], ids=["without persons", "with persons"])
def test_every_exported_solution_of_real_data_obeys_its_profile(
    publication: Publication, profile: Profile, persons: bool
) -> None:
    exported = []
    for thing in solutions(publication):
        description = described(publication, thing)
        made = conforming(description, thing, profile, persons=persons)
        assert not violations(made.triples, profile), thing
        assert view(made.triples, thing, profile) == made.triples
        assert_derived(made.triples, description, profile)
        assert_true(made, description, profile, persons)
        if made.triples:
            exported.append(made.triples)
    for triples_ in random.Random(1).sample(exported, min(15, len(exported))):  # and as many with persons or without
        found = shacl.verdict(triples_, profile.name)
        assert [result for result in found if result.severity is Severity.VIOLATION] == []


def assert_true(made: Conforming, description: set[Triple], profile: Profile, persons: bool) -> None:
    """What is left out breaks the shapes when it is put back, and no person remains that was to go."""
    facts = Facts(description)
    if not persons:
        people = {t.subject for t in description if t.predicate == RDF.type and t.object in PERSONS}
        assert not people & {node for t in made.triples for node in (t.subject, t.object)}
        description = {t for t in description if t.subject not in people and t.object not in people}
    wrong = {str(result.focus)[1:-1] for result in violations(view(description, made.about, profile), profile)}  # type: ignore[attr-defined]
    for omission in made.omissions:
        assert omission.reasons
        caused = [one for one in (omission.reasons) if "none that can be used" in one or "single licence" in one]
        assert omission.iri in wrong or caused, omission
        for reason in omission.reasons:
            node = IRI(omission.iri)
            if reason.startswith("There is no contact"):
                assert not facts.objects(node, DCAT.contactPoint)
            if reason.startswith("All it has as contactPoint"):
                types = [set(facts.objects(value, RDF.type)) for value in facts.objects(node, DCAT.contactPoint)]
                assert types
                assert all(one & set(PERSONS) for one in types)
            if "Description” is missing" in reason or reason.startswith("There is no description"):
                assert not facts.objects(node, DCT.description)
                assert not facts.objects(node, DCT.abstract)


@EVERY_PROFILE
def test_an_export_is_one_graph_in_every_syntax_and_obeys_its_profile(
    publication: Publication, profile: Profile
) -> None:
    graphs = []
    for syntax in SYNTAXES.values():
        output, account = io.BytesIO(), Account()
        write(publication, syntax.name, output, contacts=True, wanted=Wanted(profile, account))
        graphs.append({quad.triple for quad in read(output.getvalue(), syntax)})
        assert account.exported + account.left_out == sum(1 for _ in solutions(publication))
        assert len(values(graphs[0], MINTER.catalogue, DCAT.dataset)) == account.exported
    assert all(graph == graphs[0] for graph in graphs)
    assert not violations(graphs[0], profile)
    if len(values(graphs[0], MINTER.catalogue, DCAT.dataset)):  # Joinup wants one of each in a file
        wanted = {SKOS.Concept, FOAF.Agent} | ({V.Kind} if profile is ADMS_AP else set())
        assert wanted <= {t.object for t in graphs[0] if t.predicate == RDF.type}
    (publisher,) = values(graphs[0], MINTER.catalogue, DCT.publisher)
    assert values(graphs[0], publisher, FOAF.name) == {Literal("City of Turin", language="en")}


@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official shapes (../shared/specs) are not here")
def test_the_official_shapes_of_dcat_ap_find_no_violation_in_its_export(publication: Publication) -> None:
    """The file as it is, with nothing beside it: what it names of code lists is described in it."""
    output = io.BytesIO()
    write(publication, "nt", output, contacts=True, wanted=Wanted(DCAT_AP))
    shapes = Graph()
    for name in ("shapes", "range", "mdr-vocabularies.shape"):
        shapes.parse(OFFICIAL / f"{name}.ttl")
    _, report, _ = validate(Graph().parse(data=output.getvalue(), format="nt"), shacl_graph=shapes)
    assert isinstance(report, Graph)
    found = list(report.objects(None, SH.result))
    assert [node for node in found if report.value(node, SH.resultSeverity) == SH.Violation] == []


@EVERY_PROFILE
def test_omissions_are_rows_of_a_table_or_objects(publication: Publication, profile: Profile) -> None:
    rows, objects = io.StringIO(), io.StringIO()
    for output, as_json in ((rows, False), (objects, True)):
        write(publication, "nt", io.BytesIO(), wanted=Wanted(profile, Account(output, as_json=as_json)))
    read_rows = list(csv.DictReader(io.StringIO(rows.getvalue())))
    read_objects = [json.loads(line) for line in objects.getvalue().splitlines()]
    assert [(row["about"], row["iri"], row["value"], row["reasons"]) for row in read_rows] == [
        (one["about"], one["iri"], one["value"], " ".join(one["reasons"])) for one in read_objects
    ]


# The command line


def test_the_command_line_exports_a_profile_and_says_what_is_left_out(web_settings: Settings, tmp_path: Path) -> None:
    omitted, output = tmp_path / "omitted.csv", tmp_path / "out.nt"
    line = f"export --profile adms-ap --format nt -o {output} --omitted {omitted} --home {web_settings.home}"
    done = subprocess.run([sys.executable, "-m", "catalogue", *line.split()], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("ADMS-AP 2.01: 1 exported, 31 left out\n")
    assert "There is no contact." in done.stderr
    assert SOLUTION.value in output.read_text()
    assert FOREIGN.value not in output.read_text()
    assert f"{FOREIGN.value},{FOREIGN.value},," in omitted.read_text()


@pytest.mark.parametrize(
    ("options", "problem"),
    [("--omitted x.csv", "--profile"), ("--profile dcat", "adms-ap")],
    ids=["no profile", "unknown"],
)
def test_the_command_line_refuses_what_makes_no_sense(options: str, problem: str, web_settings: Settings) -> None:
    line = f"export {options} --home {web_settings.home}"
    done = subprocess.run([sys.executable, "-m", "catalogue", *line.split()], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 2
    assert problem in done.stderr


# The web


def page(thing: IRI, kind: str) -> str:
    return MINTER.page(thing, kind).value.removeprefix(BASE)


@EVERY_PROFILE
@pytest.mark.parametrize("suffix", ["ttl", "jsonld", "rdf", "nt"])
def test_a_thing_is_had_in_a_profile(client: FlaskClient, profile: Profile, suffix: str) -> None:
    path = page(SOLUTION, "solution")
    answer = client.get(f"{path}.{suffix}?profile={profile.name}")
    assert answer.status_code == 200, answer.text
    found = {quad.triple for quad in read(answer.data, SYNTAXES[suffix])}
    assert not violations(found, profile)
    assert values(found, SOLUTION, DCAT.distribution) == {DISTRIBUTION}
    assert not values(found, SOLUTION, iri("https://unknown.example/terms#secretProperty"))
    assert f'<{profile.iri.value}>; rel="profile"' in answer.headers["Link"]
    assert answer.headers["Content-Location"] == f"{path}.{suffix}?profile={profile.name}"
    assert f"<{path}.html>" in answer.headers["Link"]


def test_each_profile_has_an_etag_of_its_own(client: FlaskClient) -> None:
    path = page(SOLUTION, "solution") + ".ttl"
    etags = {client.get(path + query).headers["ETag"] for query in ("", "?profile=adms-ap", "?profile=dcat-ap")}
    assert len(etags) == 3
    known = client.get(f"{path}?profile=adms-ap").headers["ETag"]
    assert client.get(f"{path}?profile=adms-ap", headers={"If-None-Match": known}).status_code == 304
    assert client.get(f"{path}?profile=dcat-ap", headers={"If-None-Match": known}).status_code == 200


@pytest.mark.parametrize("path", ["/solution/{key}.ttl", "/solution/{key}", "/solutions.ttl", "/solutions"])
def test_an_unknown_profile_is_answered_with_those_that_are_offered(client: FlaskClient, path: str) -> None:
    address = path.format(key=page(SOLUTION, "solution").rsplit("/", 1)[-1])
    answer = client.get(f"{address}?profile=dcat", headers={"Accept": "text/turtle"})
    assert answer.status_code == 400
    assert "adms-ap, dcat-ap" in answer.text


def test_what_does_not_obey_a_profile_is_not_acceptable_in_it_and_says_what_it_lacks(client: FlaskClient) -> None:
    answer = client.get(f"{page(FOREIGN, 'solution')}.ttl?profile=adms-ap")
    assert answer.status_code == 406
    assert "ADMS-AP 2.01" in answer.text
    assert "There is no contact." in answer.text
    news = client.get(f"{page(MINTER.thing('article', 'news'), 'article')}.ttl?profile=dcat-ap")
    assert news.status_code == 406
    assert "nothing of this kind" in news.text


@pytest.mark.parametrize(("thing", "kind"), [(COMPANY, "owner"), (INITIATIVE, "initiative"), (RELEASE, "release")])
def test_other_kinds_are_had_as_what_the_profile_takes_them_for(client: FlaskClient, thing: IRI, kind: str) -> None:
    answer = client.get(f"{page(thing, kind)}.nt?profile=dcat-ap")
    assert answer.status_code in (200, 406)
    if answer.status_code == 200:
        assert not violations({quad.triple for quad in read(answer.data, SYNTAXES["nt"])}, DCAT_AP)


def test_the_identifier_leads_to_the_same_profile(client: FlaskClient) -> None:
    answer = client.get(SOLUTION.value.removeprefix(BASE) + "?profile=adms-ap")
    assert (answer.status_code, answer.headers["Location"]) == (303, page(SOLUTION, "solution") + "?profile=adms-ap")


@EVERY_PROFILE
def test_a_list_is_had_in_a_profile(client: FlaskClient, profile: Profile) -> None:
    answer = client.get(f"/solutions.nt?profile={profile.name}&size=100")
    found = {quad.triple for quad in read(answer.data, SYNTAXES["nt"])}
    assert not violations(found, profile)
    things = {t.subject for t in found if (t.predicate, t.object) == (RDF.type, DCAT.Dataset)} - {RELEASE}
    assert len(things) == int(answer.headers["X-Total-Count"]) - int(answer.headers["X-Omitted-Count"]) > 0
    assert f'<{profile.iri.value}>; rel="profile"' in answer.headers["Link"]


def test_the_next_page_of_a_list_is_in_the_same_profile(client: FlaskClient) -> None:
    link = client.get("/solutions.ttl?profile=dcat-ap&size=5").headers["Link"]
    assert '</solutions.ttl?size=5&page=2&profile=dcat-ap>; rel="next"' in link


def test_profiles_are_of_linked_data_only(client: FlaskClient) -> None:
    assert client.get("/solutions.csv?profile=dcat-ap").status_code == 400
    page_ = client.get("/solutions?profile=dcat-ap", headers={"Accept": "text/html"})
    assert page_.status_code == 200
    assert "/solutions.ttl?profile=dcat-ap" in page_.text
    assert "/solutions.csv?profile" not in page_.text
    plain = client.get("/solutions", headers={"Accept": "text/html"})
    assert "profile=" not in plain.text


def test_a_concept_licence_and_place_that_a_view_names_are_described_in_it() -> None:
    made = conforming(said(f"<{S.value}> dct:spatial country:ITA ."), S, ADMS_AP)
    for name in (notations("country")["IT"], iri("http://purl.org/adms/licencetype/OSIcompliant")):
        assert name in {t.object for t in made.triples}
    assert SKOS.Concept in values(made, notations("country")["IT"], RDF.type)
    assert values(made, iri(f"{SPDX_LICENCE}EUPL-1.2"), RDFS.label)
