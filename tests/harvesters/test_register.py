"""Registers: every list of administrations and accounts in use becomes organisations to match others against."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.harvesters import publiccode
from catalogue.harvesters._organisations import account
from catalogue.harvesters.register import documents, readings, recognises
from catalogue.identity import Minter
from catalogue.model import Document, Reading, Severity
from catalogue.rdf import IRI, Literal
from catalogue.vocabulary import ADMS, CV, DCT, FOAF, ORG, OSC, RDF, SKOS
from tests.remote import Reply, serving, world
from tests.visits import visit

MINTER = Minter("https://catalogue.example")
SHARED = Path(__file__).parents[3] / "shared" / "data"
COUNTRY = "http://publications.europa.eu/resource/authority/country/"
real = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared research data (../shared) is not beside this checkout"
)


def read_all(path: Path) -> list[Reading]:
    found = []
    for item in documents(visit(path, "register")):
        if isinstance(item, Reading):
            found.append(item)
        else:
            assert isinstance(item, tuple)
            found.extend(readings(*item, MINTER))
    return found


def read_list(tmp_path: Path, name: str, content: str | bytes) -> list[Reading]:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_all(path)


def values(found: Reading, predicate: IRI) -> set[str]:
    """The texts of a property, with their language where they have one; of an IRI what follows the last slash."""

    def texts() -> Iterator[str]:
        assert found.record is not None, found.report
        for triple in found.record.triples:
            if triple.subject == found.record.iri and triple.predicate == predicate:
                assert isinstance(triple.object, IRI | Literal)
                tag = triple.object.language if isinstance(triple.object, Literal) else None
                yield f"{triple.object.value}@{tag}" if tag else triple.object.value

    return set(texts())


def organisation(uri: str) -> IRI:
    return MINTER.organisation(uri, "")


IPA_2018 = 'cod_amm,des_amm\r\nc_L117,Comune di Terni\r\nabc,Autorita\' dei fiumi A, B e C\r\nx,Istituto "G. B." \r\n'
IPA_NOW = (
    "Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Tipologia,Codice_Categoria,Acronimo,Sito_istituzionale\n"
    'c_L117,"Comune di Terni",1,Pubbliche Amministrazioni,L6,,www.comune.terni.example\n'
    "gas,Gas Terni,2,Gestori di Pubblici Servizi,S01,GT,https://gas.example\n"
)
SWISS = json.dumps(
    [
        {
            "id": "https://ld.admin.ch/department/I",
            "name": {"de": "Departement", "fr": "Département"},
            "abbreviation": {"de": "D"},
            "organisations": [{"id": "https://ld.admin.ch/office/I.1", "name": {"de": "Amt", "it": "Ufficio"}}],
        },
        {
            "id": "https://ld.admin.ch/canton",
            "name": {"de": "Kantone"},
            "organisations": [{"id": "https://ld.admin.ch/canton/20", "name": {"de": "Thurgau"}}],
        },
    ]
)
CANADIAN = "---\n- code: 'on'\n  name:\n    en: Ontario\n    fr: Ontario\n  email_suffix:\n"
FRENCH = """\
gitlab.com:
  forge: gitlab
  owners:
    Labo-A:
      pso_id: DB2B74D4-4dbc-4d7d-ba1b-5762e2cb06b8
    labo-b:
      pso_id: 00000000-0000-0000-0000-000000000000
    labo-c:
forge.labo.example.fr:
  forge: gitlab
  pso_id: db2b74d4-4dbc-4d7d-ba1b-5762e2cb06b8
"""
FRENCH_OLD = """\
https://github.com/labo:
  service_of:
    - Laboratoire
    - Fonction publique
  pso_id:
    - db2b74d4-4dbc-4d7d-ba1b-5762e2cb06b8
https://github.com/ville:
  service_of:
    - Fonction publique territoriale
  pso_id:
    - 00000000-0000-0000-0000-000000000000
"""
ITALIAN = """\
- name: "Ministero della Luce"
  id: "m_lu"
  orgs:
    - "https://github.com/orgs/Luce/repositories"
  repos:
    - "https://github.com/altri/lume"
- name: "_"
  orgs:
    - "https://github.com/altri"
"""
GITHUB = "Italy:\n  - luce\n\nU.S. City:\n  - Lamp-City\n\nNew Zealand Crown Research:\n  - nz\n\nCivic:\n  - x\n"


def names_of(found: list[Reading]) -> list[set[str]]:
    return [values(reading, SKOS.prefLabel) for reading in found]


def iris(found: list[Reading]) -> list[IRI]:
    return [reading.record.iri for reading in found if reading.record]


def places(found: list[Reading]) -> list[str]:
    return ["".join(values(reading, DCT.spatial)).removeprefix(COUNTRY) for reading in found]


def levels(found: list[Reading]) -> list[str]:
    return ["".join(values(reading, OSC.level)).rpartition("/")[2] for reading in found]


def is_public(found: list[Reading]) -> list[bool]:
    return [CV.PublicOrganisation.value in values(reading, RDF.type) for reading in found]


def accounts(found: list[Reading]) -> list[set[str]]:
    return [values(reading, FOAF.account) for reading in found]


def test_the_italian_index_of_2018_has_names_with_commas_and_quotes_as_they_are(tmp_path: Path) -> None:
    found = read_list(tmp_path, "ipa.csv", IPA_2018)
    assert names_of(found) == [{"Comune di Terni@it"}, {"Autorita' dei fiumi A, B e C@it"}, {'Istituto "G. B."@it'}]
    assert iris(found) == [organisation(f"urn:x-italian-pa:{code}") for code in ("c_l117", "abc", "x")]
    assert (places(found), is_public(found)) == (["ITA"] * 3, [True] * 3)


def test_the_italian_index_of_today_has_levels_home_pages_and_companies(tmp_path: Path) -> None:
    found = read_list(tmp_path, "enti.csv", IPA_NOW)
    assert iris(found) == [organisation("urn:x-italian-pa:c_l117"), organisation("urn:x-italian-pa:gas")]
    assert (levels(found), is_public(found)) == (["local", ""], [True, False])
    assert [values(reading, FOAF.homepage) for reading in found] == [
        {"https://www.comune.terni.example"},
        {"https://gas.example"},
    ]
    assert values(found[1], SKOS.altLabel) == {"GT@it"}


def test_swiss_groups_are_bodies_where_they_have_an_abbreviation(tmp_path: Path) -> None:
    found = read_list(tmp_path, "organisations.json", SWISS)
    ids = ["office/I.1", "department/I", "canton/20"]
    assert iris(found) == [organisation(f"https://ld.admin.ch/{name}") for name in ids]
    assert names_of(found) == [{"Amt@de", "Ufficio@it"}, {"Departement@de", "Département@fr"}, {"Thurgau@de"}]
    assert levels(found) == ["national", "national", "regional"]
    assert values(found[0], ORG.subOrganizationOf) == {organisation("https://ld.admin.ch/department/I").value}


def test_canadian_administrations_are_known_by_code_and_their_level_is_the_files(tmp_path: Path) -> None:
    (found,) = read_list(tmp_path, "administrations-provincial.yml", CANADIAN)
    assert iris([found]) == [organisation("urn:x-ca-ore:on")]
    assert (names_of([found]), places([found])) == ([{"Ontario@en", "Ontario@fr"}], ["CAN"])
    assert levels([found]) == ["regional"]


def test_french_accounts_of_one_service_are_one_organisation(tmp_path: Path) -> None:
    found = read_list(tmp_path, "comptes.yml", FRENCH)
    service = organisation("urn:x-fr-pso:db2b74d4-4dbc-4d7d-ba1b-5762e2cb06b8")
    unknown = [organisation(f"https://gitlab.com/labo-{name}") for name in "bc"]
    assert iris(found) == [service, *unknown]
    assert accounts(found)[0] == {"https://gitlab.com/labo-a", "https://forge.labo.example.fr"}
    assert names_of(found)[1:] == [{"labo-b@und"}, {"labo-c@und"}]


def test_a_service_that_is_not_known_is_not_one_service(tmp_path: Path) -> None:
    found = read_list(tmp_path, "comptes.yml", FRENCH_OLD)
    assert iris(found)[1] == organisation("https://github.com/ville")
    assert names_of(found) == [{"Laboratoire@fr"}, {"Fonction publique territoriale@fr"}]


def test_french_names_and_offices_are_read(tmp_path: Path) -> None:
    service = "db2b74d4-4dbc-4d7d-ba1b-5762e2cb06b8"
    (named,) = read_list(tmp_path, "top.yml", f"{service}: Laboratoire\n")
    office_of = (
        f"https://libre.example.fr:\n  name: Libre\n  country: FR\n  pso_id: {service}\n  code: [https://a.example/b]\n"
    )
    (office,) = read_list(tmp_path, "ospo.yml", office_of)
    assert (iris([named]), names_of([named])) == ([organisation(f"urn:x-fr-pso:{service}")], [{"Laboratoire@fr"}])
    assert values(office, ORG.subOrganizationOf) == {organisation(f"urn:x-fr-pso:{service}").value}
    assert (values(office, FOAF.homepage), accounts([office])) == ({"https://libre.example.fr"}, [set()])


def test_italian_publishers_have_accounts_and_a_code_where_they_are_administrations(tmp_path: Path) -> None:
    found = read_list(tmp_path, "publishers.yml", ITALIAN)
    assert iris(found) == [organisation("urn:x-italian-pa:m_lu"), organisation("https://github.com/altri")]
    assert accounts(found) == [{"https://github.com/luce"}, {"https://github.com/altri"}]
    assert (is_public(found), names_of(found)[1]) == ([True, False], {"altri@und"})


def test_headings_of_githubs_list_are_countries_and_levels(tmp_path: Path) -> None:
    found = read_list(tmp_path, "governments.yml", GITHUB)
    assert iris(found)[1] == organisation("https://github.com/lamp-city")
    assert places(found) == ["ITA", "USA", "NZL", ""]
    assert levels(found) == ["", "local", "", ""]
    assert is_public(found) == [True] * 4
    assert is_public(read_list(tmp_path, "civic_hackers.yml", GITHUB)) == [False] * 4


OWN = (
    "name,name@de,country,identifier,homepage,account,level,public\n"
    'Town,Stadt,Austria,urn:x-town:1 https://ror.org/1,town.example,"https://github.com/Town https://git.town.example",local,\n'
    "Lamp Ltd,,AT,,,,,no\n"
)


def test_a_register_of_ones_own_is_a_table(tmp_path: Path) -> None:
    town, company = read_list(tmp_path, "own.csv", OWN)
    assert town.record is not None
    assert names_of([town, company]) == [{"Town@und", "Stadt@de"}, {"Lamp Ltd@und"}]
    assert (places([town, company]), levels([town]), is_public([town, company])) == (
        ["AUT"] * 2,
        ["local"],
        [True, False],
    )
    assert town.record.iri == organisation("urn:x-town:1")
    assert len(values(town, ADMS.identifier)) == 2
    by_identifier = {organisation("https://ror.org/1")}
    by_account = {organisation("https://github.com/town"), organisation("https://git.town.example")}
    by_name = {MINTER.organisation(None, name, "AT") for name in ("Town", "Stadt")}
    assert town.record.same == by_identifier | by_account | by_name
    assert iris([company]) == [MINTER.organisation(None, "lamp  LTD", "at")]


def research(number: int, **values: object) -> dict[str, object]:
    """An organisation as schema 2 of the Research Organization Registry has it."""
    return {
        "id": f"https://ror.org/0{number}",
        "names": [
            {"value": "IL", "lang": None, "types": ["acronym"]},
            {"value": "Institut für Licht", "lang": "de", "types": ["label"]},
            {"value": "Institute of Light", "lang": "en", "types": ["label", "ror_display"]},
        ],
        "locations": [{"geonames_details": {"country_code": "AT", "country_name": "Austria"}}],
        "links": [
            {"type": "wikipedia", "value": "https://w.example"},
            {"type": "website", "value": "https://il.example"},
        ],
        "external_ids": [{"type": "wikidata", "all": ["Q42"], "preferred": None}],
        "types": ["government"],
        "status": "active",
    } | values


OLD_RESEARCH = {
    "id": "https://ror.org/01",
    "name": "Institute of Light",
    "labels": [{"iso639": "de", "label": "Institut für Licht"}],
    "acronyms": ["IL"],
    "aliases": [],
    "country": {"country_code": "AT", "country_name": "Austria"},
    "links": ["https://il.example"],
    "external_ids": {"Wikidata": {"preferred": None, "all": ["Q42"]}},
    "types": ["Government"],
}
RESEARCH_CSV = (
    "id,external_ids.type.wikidata.all,links.type.website,locations.geonames_details.country_code,"
    "names.types.ror_display,status,types\n"
    "https://ror.org/01,Q42,https://il.example,AT,Institute of Light,active,government\n"
)
OLD_RESEARCH_CSV = (
    "id,name,types,links,country.country_code,external_ids.Wikidata.all\n"
    "https://ror.org/01,Institute of Light,Government,https://il.example,AT,Q42\n"
)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("ror.json", [research(1)], id="schema 2"),
        pytest.param("ror.json", {"number_of_results": 1, "items": [research(1)]}, id="an answer"),
        pytest.param("ror.json", [OLD_RESEARCH], id="schema 1"),
        pytest.param("ror.csv", RESEARCH_CSV, id="a table of schema 2"),
        pytest.param("ror.csv", OLD_RESEARCH_CSV, id="a table of schema 1"),
    ],
)
def test_research_organisations_are_known_by_their_identifiers(name: str, content: object, tmp_path: Path) -> None:
    written = content if isinstance(content, str) else json.dumps(content)
    (found,) = read_list(tmp_path, name, written)
    assert found.record is not None
    assert (found.record.iri, found.report.findings) == (organisation("https://ror.org/01"), ())
    assert organisation("http://www.wikidata.org/entity/Q42") in found.record.same
    assert MINTER.organisation(None, "Institute of Light", "AT") in found.record.same
    assert (is_public([found]), places([found])) == ([True], ["AUT"])
    assert values(found, FOAF.homepage) == {"https://il.example"}
    assert recognises(str(tmp_path / name), None)


def test_what_the_research_registry_withdrew_or_calls_no_government_is_not_public(tmp_path: Path) -> None:
    listed = [research(1), research(2, status="withdrawn"), research(3, types=["company"])]
    found = read_list(tmp_path, "ror.json", json.dumps(listed))
    assert iris(found) == [organisation("https://ror.org/01"), organisation("https://ror.org/03")]
    assert is_public(found) == [True, False]
    assert names_of(found)[0] == {"Institute of Light@en", "Institut für Licht@de"}


@pytest.mark.parametrize(
    "page",
    [
        {"number_of_results": 41, "items": [research(1)]},
        {"total": 41, "results": [{"title": "Ministry", "web_url": "https://www.gov.uk/m"}]},
    ],
    ids=["research", "British"],
)
def test_a_page_of_a_list_is_not_taken_for_the_list(page: object, tmp_path: Path) -> None:
    (found,) = read_list(tmp_path, "a.json", json.dumps(page))
    assert found.record is None
    assert "a page with 1 of 41" in found.report.findings[0].message


def test_british_organisations_are_known_by_their_pages(tmp_path: Path) -> None:
    page = "https://www.gov.uk/government/organisations/"
    office = {
        "id": "https://www.gov.uk/api/organisations/office",
        "title": "Office of Light",
        "format": "Executive agency",
        "web_url": f"{page}office",
        "details": {"abbreviation": "OL", "govuk_status": "live"},
        "parent_organisations": [{"id": "https://www.gov.uk/api/organisations/ministry", "web_url": f"{page}ministry"}],
    }
    (found,) = read_list(tmp_path, "a.json", json.dumps({"results": [office], "total": 1}))
    assert iris([found]) == [organisation(f"{page}office")]
    assert (levels([found]), places([found]), names_of([found])) == (["national"], ["GBR"], [{"Office of Light@en"}])
    assert values(found, ORG.subOrganizationOf) == {organisation(f"{page}ministry").value}


def test_answers_of_wikidata_are_organisations(tmp_path: Path) -> None:
    rows = "item,itemLabel,countryLabel,website,github\nhttp://www.wikidata.org/entity/Q7,Town,Austria,https://t.example,Town\n"
    (found,) = read_list(tmp_path, "query.csv", rows)
    assert found.record is not None
    assert found.record.iri == organisation("http://www.wikidata.org/entity/Q7")
    assert organisation("https://github.com/town") in found.record.same
    assert (places([found]), recognises(str(tmp_path / "query.csv"), None)) == (["AUT"], True)


def test_an_item_of_wikidata_without_a_label_has_no_name(tmp_path: Path) -> None:
    rows = "item,itemLabel,countryLabel\nhttp://www.wikidata.org/entity/Q7,Q7,Austria\n"
    (found,) = read_list(tmp_path, "query.csv", rows)
    assert found.record is not None
    assert (found.record.iri, names_of([found])) == (organisation("http://www.wikidata.org/entity/Q7"), [set()])
    assert {finding.path for finding in found.report.findings} == {"name"}


def test_a_table_is_known_by_its_names_in_any_language(tmp_path: Path) -> None:
    found = read_list(tmp_path, "own.csv", "name@de,country\nStadt Lampe,AT\n")
    assert (names_of(found), places(found)) == ([{"Stadt Lampe@de"}], ["AUT"])


def test_organisations_of_data_gouv_fr_are_public_where_they_have_the_badge(tmp_path: Path) -> None:
    rows = (
        '"id";"name";"acronym";"url";"badges"\n'
        '"1";"Ville de Lampe";"VL";"https://www.data.gouv.fr/fr/organizations/lampe/";"public-service,certified"\n'
        '"2";"Lampe SA";"";"https://www.data.gouv.fr/fr/organizations/sa/";""\n'
    )
    found = read_list(tmp_path, "organizations.csv", rows)
    assert (is_public(found), places(found)) == ([True, False], ["FRA", "FRA"])


def test_the_italian_index_with_tabs_has_quotes_and_words_for_nothing(tmp_path: Path) -> None:
    rows = (
        "cod_amm\tdes_amm\tsito_istituzionale\ttipologia_amm\tacronimo\n"
        'a\t"Istituto" di Luce\tnull\tPubbliche Amministrazioni\tnull\n'
        'b\t"Ente\tlume.example\tGestori di Pubblici Servizi\tE\n'
        "c\tComune\tnull\tPubbliche Amministrazioni\tnull\n"
    )
    found = read_list(tmp_path, "amministrazioni.txt", rows)
    assert names_of(found) == [{'"Istituto" di Luce@it'}, {'"Ente@it'}, {"Comune@it"}]
    assert [values(one, SKOS.altLabel) for one in found] == [set(), {"E@it"}, set()]
    assert [one.report.findings for one in found] == [()] * 3


@pytest.mark.parametrize("rest", ["", "Two,AT\n" * 100], ids=["at the end", "far from the end"])
def test_quotes_that_nobody_closed_are_told_and_do_not_swallow_rows(rest: str, tmp_path: Path) -> None:
    whole, broken = read_list(tmp_path, "own.csv", f'name,country\nOne,AT\n"Open,AT\nThree,AT\n{rest}')
    assert whole.record is not None
    (violation,) = broken.report.findings
    assert (broken.record, violation.line) == (None, 3)
    assert "Close the quotes" in (violation.fix or "")


def test_a_row_of_nobody_is_told_with_its_place(tmp_path: Path) -> None:
    _, told = read_list(tmp_path, "own.csv", "name,country\nOne,AT\n,AT\n")
    (violation,) = told.report.findings
    assert (told.record, violation.line, violation.message[:9]) == (None, 3, "own.csv: ")


def test_a_name_may_have_line_breaks(tmp_path: Path) -> None:
    assert names_of(read_list(tmp_path, "own.csv", 'name,country\n"Town\nof Lamp",AT\n')) == [{"Town\nof Lamp@und"}]


@pytest.mark.parametrize(
    ("name", "level", "public"),
    [
        ("federal.yml", "national", True),
        ("administrations-municipal.yml", "local", True),
        ("aboriginal.yml", "", True),
        ("others.yml", "", False),
    ],
)
def test_the_files_of_the_canadian_exchange_tell_the_level(name: str, level: str, public: bool, tmp_path: Path) -> None:
    found = read_list(tmp_path, name, CANADIAN)
    assert (levels(found), is_public(found)) == ([level], [public])


def test_a_file_that_breaks_keeps_what_it_held(tmp_path: Path) -> None:
    (tmp_path / "list").mkdir()
    files = {"a.csv": "name,country\nOne,AT\nTwo,AT\n", "b.csv": "name,country\nThree,AT\n"}
    for name, content in files.items():
        (tmp_path / "list" / name).write_text(content)
    with world(tmp_path) as there:
        assert there.harvest("register", str(tmp_path / "list")).counts["new"] == 3
        before = there.quads()
        (tmp_path / "list" / "a.csv").write_text("")
        for _ in range(3):
            done = there.harvest("register", str(tmp_path / "list"))
            assert (done.counts["rejected"], done.counts["unchanged"], done.counts["gone"]) == (1, 3, 0)
        assert before <= there.quads()


def test_a_heading_of_very_many_words_takes_no_time(tmp_path: Path) -> None:
    assert len(read_list(tmp_path, "governments.json", json.dumps({"a " * 2_000_000: ["lamp"]}))) == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_may_have_other_delimiters_and_a_byte_order_mark(delimiter: str, tmp_path: Path) -> None:
    content = "name,country\nZürich,CH\n".replace(",", delimiter)
    assert names_of(read_list(tmp_path, "a.csv", b"\xef\xbb\xbf" + content.encode())) == [{"Zürich@und"}]
    assert names_of(read_list(tmp_path, "a.csv", content.encode("cp1252"))) == [{"Zürich@und"}]
    assert names_of(read_list(tmp_path, "a.csv", content.encode("utf-16"))) == [{"Zürich@und"}]


@pytest.mark.parametrize(
    ("row", "path"),
    [
        (",Narnia,,,,", "country"),
        (",,lamp,,,", "identifier"),
        (",,,a b,,", "homepage"),
        (",,,,lamp,", "account"),
        (",,,,,high", "level"),
    ],
)
def test_what_cannot_be_used_is_a_warning(row: str, path: str, tmp_path: Path) -> None:
    (found,) = read_list(tmp_path, "own.csv", f"name,country,identifier,homepage,account,level\nTown{row}\n")
    assert found.record is not None
    assert [(finding.severity, finding.path) for finding in found.report.findings] == [(Severity.WARNING, path)]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("a.csv", "", "no column", id="an empty table"),
        pytest.param("a.csv", "file,bytes\na,1\n", "no column", id="another table"),
        pytest.param("a.csv", "name" + "x" * 200_000, "too long", id="one long line"),
        pytest.param("a.json", "[1]", "no list of administrations", id="another list"),
        pytest.param("a.json", '{"a": 1', "not valid JSON", id="no JSON"),
        pytest.param("a.yml", "a: b: c", "not valid YAML", id="no YAML"),
        pytest.param("a.yml", "", "empty", id="an empty file"),
        pytest.param("a.csv", "name,country\n,IT\n", "Nothing says who", id="nobody"),
    ],
)
def test_a_list_that_is_none_is_rejected_with_its_reason(name: str, content: str, message: str, tmp_path: Path) -> None:
    (found,) = read_list(tmp_path, name, content)
    assert found.record is None
    assert found.report.findings[0].severity is Severity.VIOLATION
    assert message in found.report.findings[0].message


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("https://github.com/Town", "https://github.com/town"),
        ("https://github.com/orgs/Town/repositories", "https://github.com/town"),
        ("https://gitlab.com/groups/town/sub", "https://gitlab.com/town/sub"),
        ("https://git.town.example/", "https://git.town.example"),
        ("town", None),
    ],
)
def test_accounts_are_written_as_repositories_in_them_begin(written: str, known: str | None) -> None:
    found = account(written)
    assert (found.url if found else None) == known


def test_an_owner_inferred_from_an_account_is_the_administration_that_has_it(tmp_path: Path) -> None:
    content = b"name: Lamp\nurl: https://github.com/Luce/lume\n"
    document = Document("publiccode.yml", content, "", datetime(2026, 1, 1, tzinfo=UTC))
    (software,) = publiccode.readings("publiccode.yml", document, MINTER)
    ministry = read_list(tmp_path, "publishers.yml", ITALIAN)[0]
    assert software.record is not None
    assert ministry.record is not None
    owners = {triple.object for triple in software.record.triples if triple.predicate == DCT.publisher}
    assert owners <= ministry.record.same


def test_a_row_more_above_changes_no_other_row(tmp_path: Path) -> None:
    with world(tmp_path) as there:
        path = tmp_path / "ipa.csv"
        path.write_text(IPA_2018, encoding="utf-8")
        first = there.harvest("register", str(path))
        quads = there.quads()
        second = there.harvest("register", str(path))
        assert (first.counts["new"], second.counts["unchanged"], there.quads() == quads) == (3, 3, True)
        path.write_text(IPA_2018.replace("des_amm\r\n", "des_amm\r\nnew,Nuovo Ente\r\n"), encoding="utf-8")
        third = there.harvest("register", str(path))
        assert (third.counts["new"], third.counts["unchanged"], third.counts["changed"]) == (1, 3, 0)


def test_an_address_is_asked_only_whether_it_changed(tmp_path: Path) -> None:
    asked = []

    def answer(request: object) -> Reply:
        known = '"1"' in str(request)
        asked.append(known)
        return Reply(b"" if known else OWN, "text/csv", 304 if known else 200, {"ETag": '"1"'})

    with serving(answer) as server, world(tmp_path) as there:
        there.harvest("register", f"{server}/own.csv")
        second = there.harvest("register", f"{server}/own.csv")
        assert (asked, second.counts["unchanged"]) == ([False, True], 2)


CELLS = st.text(st.sampled_from('abz, ;"\n\t:/.@é\x00-_'), max_size=60)


@settings(max_examples=150, deadline=None)
@given(content=CELLS, head=st.sampled_from(["name,country,account\n", "cod_amm,des_amm\n", "codice_ipa;a\n", ""]))
def test_no_table_is_an_exception(content: str, head: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    read_list(tmp_path_factory.getbasetemp(), "any.csv", head + content)


KEYS = "id name organisations code orgs repos forge owners pso_id service_of en https://a.example/b"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("https://github.com/a"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(KEYS.split())), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(value=JSON)
def test_no_list_is_an_exception(value: object, tmp_path_factory: pytest.TempPathFactory) -> None:
    for wrapped in (value, [value], {"x": value}, [{"id": "https://a.example/x", "organisations": value}]):
        read_list(tmp_path_factory.getbasetemp(), "any.json", json.dumps(wrapped))


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", IPA_2018, True),
        ("a.csv", IPA_NOW, True),
        ("a.csv", OWN, True),
        ("a.csv", "file,bytes\n", False),
        ("a.json", SWISS, True),
        ("a.yml", CANADIAN, True),
        ("a.yml", FRENCH, True),
        ("a.yml", ITALIAN, True),
        ("a.yml", GITHUB, True),
        ("a.yml", "name: Lamp\nurl: https://a.example/b\nplatforms:\n  - web\n", False),
        ("a.yml", "\n" * 60_000, False),
    ],
)
def test_a_register_is_recognised(name: str, content: str, expected: bool, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert recognises(str(tmp_path / name), None) is expected


@real
@pytest.mark.parametrize(
    ("folder", "new", "rejected"),
    [
        ("government-accounts/france", 363, ["awesome-codegouvfr.yml"]),
        ("government-accounts/italy", 44, []),
        ("government-accounts/canada", 61, []),
        ("administrations/swiss-organisations.json", 127, []),
    ],
)
def test_real_lists_are_read_once(folder: str, new: int, rejected: list[str], tmp_path: Path) -> None:
    with world(tmp_path) as there:
        first = there.harvest("register", str(SHARED / folder))
        quads = there.quads()
        second = there.harvest("register", str(SHARED / folder))
        assert (first.counts["new"], [origin for origin, _ in first.rejected]) == (new, rejected)
        assert (second.counts["unchanged"], second.counts["changed"], there.quads() == quads) == (new, 0, True)


@real
def test_every_row_of_the_italian_index_is_an_administration() -> None:
    found = list(documents(visit(SHARED / "administrations" / "ipa-2018.csv", "register")))
    assert len(found) == 22_661
    assert len({item[0] for item in found if isinstance(item, tuple)}) == 22_661


@real
def test_every_account_of_githubs_lists_is_an_organisation() -> None:
    found = read_all(SHARED / "government-accounts" / "github-government")
    assert all(reading.record for reading in found)
    assert len(found) == 1549
