import csv
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, parse

from catalogue import vocabulary

ROOT = Path(__file__).resolve().parents[1]
VOCAB = ROOT / "vocab"
SHARED = ROOT.parent / "shared"

OURS = "https://w3id.org/open-source-catalogue/"
OSC = OURS + "ns#"
EU = "http://publications.europa.eu/resource/authority/"
ADMS = "http://purl.org/adms/"
LANGUAGES = {"en", "fr", "de", "it", "es"}

DCT = "http://purl.org/dc/terms/"
DQV = "http://www.w3.org/ns/dqv#"
OWL = "http://www.w3.org/2002/07/owl#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
AUTHORITY = "http://publications.europa.eu/ontology/authority/"

# list: (scheme, what concept IRIs start with, number of concepts)
LISTS = {
    "access-right": (EU + "access-right", EU + "access-right/", 6),
    "adms-change-type": (ADMS + "changetype/1.0", ADMS + "changetype/", 3),
    "adms-licence-type": (ADMS + "licencetype/1.0", ADMS + "licencetype/", 13),
    "adms-publisher-type": (ADMS + "publishertype/1.0", ADMS + "publishertype/", 11),
    "adms-representation-technique": (ADMS + "representationtechnique/1.0", ADMS + "representationtechnique/", 27),
    "adms-status": (ADMS + "status/1.0", ADMS + "status/", 4),
    "category": (OURS + "category", OURS + "category/", 106),
    "country": (EU + "country", EU + "country/", 251),
    "data-theme": (EU + "data-theme", EU + "data-theme/", 14),
    "development-status": (OURS + "development-status", OURS + "development-status/", 5),
    "distribution-status": (EU + "distribution-status", EU + "distribution-status/", 4),
    "file-type": (EU + "file-type", EU + "file-type/", 201),
    "frequency": (EU + "frequency", EU + "frequency/", 39),
    "initiative-status": (OURS + "initiative-status", OURS + "initiative-status/", 2),
    "initiative-type": (OURS + "initiative-type", OURS + "initiative-type/", 9),
    "language": (EU + "language", EU + "language/", 212),
    "level": (OURS + "level", OURS + "level/", 4),
    "licence": ("http://spdx.org/licenses/", "http://spdx.org/licenses/", 727),
    "licence-type": (OURS + "licence-type", OURS + "licence-type/", 2),
    "maintenance-type": (OURS + "maintenance-type", OURS + "maintenance-type/", 4),
    "page-type": (OURS + "page-type", OURS + "page-type/", 7),
    "planned-availability": (EU + "planned-availability", EU + "planned-availability/", 4),
    "role": (OURS + "role", OURS + "role/", 8),
    "scope": (OURS + "scope", OURS + "scope/", 24),
    "software-type": (OURS + "software-type", OURS + "software-type/", 9),
    "topic": (OURS + "topic", OURS + "topic/", 32),
}

OSC_TERMS = vocabulary.OSC.terms

# ADMS-AP 2.01 names these two, yet no edition of the ADMS vocabularies contains them.
UNPUBLISHED = {ADMS + "licencetype/OSIcompliant", ADMS + "licencetype/NonOSIcompliant"}


class Vocabulary:
    """A Turtle or RDF/XML file, asked by strings."""

    def __init__(self, path: Path) -> None:
        rdf_xml = path.suffix == ".rdf"
        self.store = Store()
        triples = parse(
            path=str(path),
            format=RdfFormat.RDF_XML if rdf_xml else RdfFormat.TURTLE,
            base_iri="http://localhost/",
            lenient=rdf_xml,
        )
        self.store.extend(Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in triples)

    def objects(self, subject: str, predicate: str) -> list:
        return [q.object for q in self.store.quads_for_pattern(NamedNode(subject), NamedNode(predicate), None)]

    def values(self, subject: str, predicate: str) -> list[str]:
        return [o.value for o in self.objects(subject, predicate)]

    def subjects(self, predicate: str, value) -> set[str]:
        return {q.subject.value for q in self.store.quads_for_pattern(None, NamedNode(predicate), value)}

    def instances(self, type_: str) -> set[str]:
        return self.subjects(RDF + "type", NamedNode(type_))

    @property
    def concepts(self) -> set[str]:
        return self.instances(SKOS + "Concept")

    def by_code(self, predicate: str) -> dict[str, str]:
        """{last part of a concept's IRI: the one value of the property}"""
        found = {code(c): self.values(c, predicate) for c in self.concepts}
        return {c: values[0] for c, values in found.items() if values}


def code(iri: str) -> str:
    return iri.rsplit("/", 1)[1]


@pytest.fixture(scope="module")
def vocabularies() -> dict[str, Vocabulary]:
    return {path.stem: Vocabulary(path) for path in VOCAB.glob("*.ttl")}


@pytest.fixture(params=sorted(LISTS))
def name(request) -> str:
    return request.param


@pytest.fixture
def code_list(name, vocabularies) -> Vocabulary:
    return vocabularies[name]


def shared(path: str) -> Path:
    if not SHARED.is_dir():
        pytest.skip("the shared research data (../shared) is not beside this checkout")
    return SHARED / path


def test_every_file_is_a_known_list_our_vocabulary_or_the_quality_profile(vocabularies):
    assert set(vocabularies) == {*LISTS, "osc", "quality"}


@pytest.mark.parametrize("path", sorted(VOCAB.glob("*.ttl")), ids=lambda path: path.stem)
def test_file_opens_with_a_comment_that_names_source_and_date(path):
    comment = "".join(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#"))
    assert "Source of the facts: " in comment
    assert re.search(r"Date: \d{4}-\d\d-\d\d\.", comment)


@pytest.mark.parametrize("path", sorted(VOCAB.glob("*.ttl")), ids=lambda path: path.stem)
def test_file_holds_no_blank_node(path, vocabularies):
    nodes = (node for quad in vocabularies[path.stem].store for node in (quad.subject, quad.object))
    assert {type(node) for node in nodes} == {NamedNode, Literal}


def test_vocabularies_stay_small():
    sizes = [path.stat().st_size for path in VOCAB.glob("*.ttl")]
    assert max(sizes) < 1_000_000
    assert sum(sizes) < 1_500_000


def test_list_has_one_scheme_titled_in_five_languages(name, code_list):
    assert code_list.instances(SKOS + "ConceptScheme") == {LISTS[name][0]}
    for predicate in (DCT + "title", RDFS + "label"):
        titles = code_list.objects(LISTS[name][0], predicate)
        assert sorted(t.language for t in titles) == sorted(LANGUAGES)
    assert [d.language for d in code_list.objects(LISTS[name][0], DCT + "description")] == ["en"]


def test_list_has_the_expected_number_of_concepts(name, code_list):
    _, prefix, count = LISTS[name]
    assert len(code_list.concepts) == count
    assert all(c.startswith(prefix) for c in code_list.concepts)


def test_list_describes_nothing_but_its_scheme_and_concepts(name, code_list):
    assert {q.subject.value for q in code_list.store} == {LISTS[name][0], *code_list.concepts}


def test_concept_is_in_its_scheme_only(name, code_list):
    assert {c: code_list.values(c, SKOS + "inScheme") for c in code_list.concepts} == {
        c: [LISTS[name][0]] for c in code_list.concepts
    }


def test_concept_is_named_once_in_each_language(name, code_list):
    expected = ["en"] if name == "licence" else sorted(LANGUAGES)
    for concept in code_list.concepts:
        names = code_list.objects(concept, SKOS + "prefLabel")
        assert sorted(n.language for n in names) == expected, concept
        assert all(n.value and n.value == n.value.strip() for n in names), concept


# SPDX gives a deprecated identifier and the one that replaces it the same name.
@pytest.mark.parametrize("name", sorted(set(LISTS) - {"licence"}))
def test_name_tells_one_concept_of_a_list_from_another(name, code_list):
    names = Counter(n for c in code_list.concepts for n in map(str, code_list.objects(c, SKOS + "prefLabel")))
    assert [n for n, uses in names.items() if uses > 1] == []


def test_notation_is_one_plain_string_and_unique(name, code_list):
    notations = [code_list.objects(c, SKOS + "notation") for c in code_list.concepts]
    assert all(len(n) == 1 and n[0] == Literal(n[0].value) for n in notations)
    assert len({n[0].value for n in notations}) == len(notations)


# The notations of countries and languages are ISO and BCP 47 codes; software types have a test of their own.
@pytest.mark.parametrize("name", sorted(set(LISTS) - {"country", "language", "software-type"}))
def test_notation_is_the_last_part_of_the_iri(name, vocabularies):
    assert all(c == notation for c, notation in vocabularies[name].by_code(SKOS + "notation").items())


def test_notation_of_a_software_type_has_a_slash_where_its_iri_has_a_hyphen(vocabularies):
    notations = vocabularies["software-type"].by_code(SKOS + "notation")
    assert set(notations) == {n.replace("/", "-") for n in notations.values()}
    assert notations["standalone-web"] == "standalone/web"


@pytest.mark.parametrize("mapping", ["broadMatch", "closeMatch", "exactMatch"])
def test_mapping_ends_at_a_concept_of_our_lists(mapping, vocabularies):
    concepts = {c for name in LISTS for c in vocabularies[name].concepts}
    targets = {t for name in LISTS for c in concepts for t in vocabularies[name].values(c, SKOS + mapping)}
    outside = {t for t in targets - concepts if not t.startswith(EU + "licence/")}
    assert outside == (UNPUBLISHED if mapping == "closeMatch" else set())


@pytest.mark.parametrize(
    ("development", "adms"),
    [
        ("concept", "UnderDevelopment"),
        ("development", "UnderDevelopment"),
        ("beta", "UnderDevelopment"),
        ("stable", "Completed"),
        ("obsolete", "Deprecated"),
    ],
)
def test_development_status_is_narrower_than_an_adms_status(development, adms, vocabularies):
    concept = OURS + "development-status/" + development
    assert vocabularies["development-status"].values(concept, SKOS + "broadMatch") == [ADMS + "status/" + adms]


@pytest.mark.parametrize(
    ("scope", "themes"),
    [
        ("agriculture", {"AGRI"}),
        ("finance-and-economic-development", {"ECON"}),
        ("healthcare", {"HEAL"}),
        ("local-authorities", {"REGI", "GOVE"}),
        ("sport", {"EDUC"}),
    ],
)
def test_scope_is_narrower_than_a_data_theme(scope, themes, vocabularies):
    assert {code(t) for t in vocabularies["scope"].values(OURS + "scope/" + scope, SKOS + "broadMatch")} == themes


def test_every_scope_has_a_data_theme(vocabularies):
    scopes = vocabularies["scope"]
    assert all(scopes.values(c, SKOS + "broadMatch") for c in scopes.concepts)


@pytest.mark.parametrize(
    "name", sorted(n for n in LISTS if LISTS[n][0].startswith(OURS) and n not in {"category", "scope"})
)
def test_own_concept_is_defined_in_english(name, vocabularies):
    own = vocabularies[name]
    for concept in own.concepts:
        assert [d.language for d in own.objects(concept, SKOS + "definition")] == ["en"], concept


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("access-right", "RightsStatement"),
        ("country", "Location"),
        ("file-type", "MediaTypeOrExtent"),
        ("frequency", "Frequency"),
        ("language", "LinguisticSystem"),
        ("licence", "LicenseDocument"),
    ],
)
def test_concept_has_the_class_that_profiles_expect(name, type_, vocabularies):
    assert vocabularies[name].instances(DCT + type_) == vocabularies[name].concepts


@pytest.mark.parametrize(
    ("country", "alpha_2"),
    [("ITA", "IT"), ("GBR", "GB"), ("GRC", "GR"), ("SVK", "SK"), ("FQ0", "TF"), ("1A0", "XK"), ("EUR", "EU")],
)
def test_country_has_its_alpha_2_code(country, alpha_2, vocabularies):
    assert vocabularies["country"].by_code(SKOS + "notation")[country] == alpha_2


@pytest.mark.parametrize(
    ("language", "subtag"), [("ITA", "it"), ("NOB", "nb"), ("NOR", "no"), ("CAT", "ca"), ("UKR", "uk"), ("FUR", "fur")]
)
def test_language_has_its_bcp_47_subtag(language, subtag, vocabularies):
    assert vocabularies["language"].by_code(SKOS + "notation")[language] == subtag


@pytest.mark.parametrize(
    ("licence", "type_"),
    [("EUPL-1.2", "OSICompliant"), ("GPL-2.0+", "OSICompliant"), ("CC-BY-4.0", "NonOSICompliant")],
)
def test_licence_is_typed_by_its_approval(licence, type_, vocabularies):
    iri = "http://spdx.org/licenses/" + licence
    assert vocabularies["licence"].values(iri, DCT + "type") == [OURS + "licence-type/" + type_]


def test_every_licence_has_one_known_type(vocabularies):
    licences, types = vocabularies["licence"], vocabularies["licence-type"].concepts
    found = [licences.values(c, DCT + "type") for c in licences.concepts]
    assert all(len(t) == 1 and t[0] in types for t in found)


def test_licence_is_identified_and_titled(vocabularies):
    licences = vocabularies["licence"]
    for concept in licences.concepts:
        assert licences.objects(concept, DCT + "identifier") == licences.objects(concept, SKOS + "notation")
        assert licences.objects(concept, DCT + "title") == licences.objects(concept, SKOS + "prefLabel")
        assert licences.objects(concept, RDFS + "label") == licences.objects(concept, SKOS + "prefLabel")


def test_replaced_licence_is_deprecated_and_its_replacement_is_not(vocabularies):
    licences = vocabularies["licence"]
    deprecated = licences.subjects(OWL + "deprecated", Literal(True))
    replacements = {c: licences.values(c, DCT + "isReplacedBy") for c in licences.concepts}
    assert len(deprecated) == 32
    assert {c for c, r in replacements.items() if r} <= deprecated
    assert {r for rs in replacements.values() for r in rs} <= licences.concepts - deprecated


def test_own_vocabulary_defines_its_terms(vocabularies):
    osc = vocabularies["osc"]
    assert osc.instances(OWL + "Ontology") == {OSC}
    assert osc.instances(RDF + "Property") == {OSC + term for term in OSC_TERMS}


@pytest.mark.parametrize("term", sorted(OSC_TERMS))
def test_own_term_is_labelled_explained_and_has_a_range(term, vocabularies):
    osc = vocabularies["osc"]
    assert [o.language for o in osc.objects(OSC + term, RDFS + "label")] == ["en"]
    assert [o.language for o in osc.objects(OSC + term, RDFS + "comment")] == ["en"]
    assert len(osc.objects(OSC + term, RDFS + "range")) == 1
    assert osc.values(OSC + term, RDFS + "isDefinedBy") == [OSC]


def test_the_quality_profile_is_metrics_in_dimensions_of_one_category(vocabularies):
    profile = vocabularies["quality"]
    (category,), dimensions = profile.instances(DQV + "Category"), profile.instances(DQV + "Dimension")
    metrics = profile.instances(DQV + "Metric") - {OURS + "quality/total"}
    assert {d: profile.values(d, DQV + "inCategory") for d in dimensions} == {d: [category] for d in dimensions}
    assert {profile.values(m, DQV + "inDimension")[0] for m in metrics} == dimensions
    assert sum(int(profile.values(m, OSC + "points")[0]) for m in metrics) == 100
    assert profile.values(OURS + "quality/total", OSC + "points") == ["100"]
    for node in metrics | dimensions:
        assert profile.values(node, SKOS + "notation") == [code(node)]
        assert sorted(n.language for n in profile.objects(node, SKOS + "prefLabel")) == sorted(LANGUAGES)
        assert [d.language for d in profile.objects(node, SKOS + "definition")] == ["en"]


@pytest.mark.parametrize(("name", "path"), [("category", "categories-list.rst"), ("scope", "scope-list.rst")])
def test_notations_are_the_codes_of_publiccode_yml(name, path, vocabularies):
    listed = re.findall(r"^- (\S+)$", shared(f"specs/publiccode-yml/standard/{path}").read_text(encoding="utf-8"), re.M)
    assert sorted(vocabularies[name].by_code(SKOS + "notation").values()) == sorted(listed)


def test_countries_are_those_in_use_in_the_authority_table(vocabularies):
    table = Vocabulary(shared("vocabularies/nal/countries-skos-2022.rdf"))
    in_use = {c for c, deprecated in table.by_code(AUTHORITY + "deprecated").items() if deprecated == "false"}
    assert in_use - set(map(code, vocabularies["country"].concepts)) == {"CPT"}, "Clipperton has no ISO 3166-1 code"
    assert set(map(code, vocabularies["country"].concepts)) <= in_use


def test_alpha_2_codes_are_those_of_the_authority_table_but_for_kosovo_and_the_united_kingdom(vocabularies):
    table = Vocabulary(shared("vocabularies/nal/countries-skos-2022.rdf"))
    solutions = table.store.query(
        f"""SELECT ?country ?code {{
          ?country <{AUTHORITY}op-mapped-code> ?mapped .
          ?mapped <http://purl.org/dc/elements/1.1/source> "TED_SCHEMA" ; <{AUTHORITY}legacy-code> ?code
        }}"""
    )
    ted = {code(s["country"].value): s["code"].value for s in solutions}
    ours = vocabularies["country"].by_code(SKOS + "notation")
    assert len(ted.keys() & ours.keys()) == 249
    assert {c: (ted[c], ours[c]) for c in ted.keys() & ours.keys() if ted[c] != ours[c]} == {
        "1A0": ("1A", "XK"),
        "GBR": ("UK", "GB"),
    }


@pytest.mark.parametrize(
    ("name", "path", "column", "wrong"),
    [
        ("country", "country-mapping.csv", "uri", {"sk": "CSK"}),
        ("language", "language-mapping.csv", "subject", {}),
    ],
)
def test_codes_agree_with_joinup_except_where_joinup_errs(name, path, column, wrong, vocabularies):
    with shared(f"specs/joinup-publiccode-adms-ap/{path}").open(encoding="utf-8", newline="") as file:
        joinup = {(row.get("code") or row["langcode"]).lower(): code(row[column]) for row in csv.DictReader(file)}
    ours = {notation.lower(): c for c, notation in vocabularies[name].by_code(SKOS + "notation").items()}
    assert joinup
    assert {n: c for n, c in joinup.items() if ours.get(n) != c} == wrong


def test_language_is_in_the_authority_table_or_has_a_two_letter_code(vocabularies):
    table = Vocabulary(shared("vocabularies/nal/languages-filtered.rdf"))
    in_use = {c for c, deprecated in table.by_code(AUTHORITY + "deprecated").items() if deprecated == "false"}
    missing = {c: n for c, n in vocabularies["language"].by_code(SKOS + "notation").items() if c not in in_use}
    assert len(missing) == 51
    assert all(len(notation) == 2 for notation in missing.values())


def test_data_themes_and_their_names_are_those_of_the_authority_table(vocabularies):
    table = Vocabulary(shared("vocabularies/nal/data-theme-skos.rdf"))
    ours = vocabularies["data-theme"]
    assert ours.concepts == table.concepts
    for concept in ours.concepts:
        assert set(ours.objects(concept, SKOS + "prefLabel")) <= set(table.objects(concept, SKOS + "prefLabel"))


def test_file_types_are_those_of_the_authority_table_with_its_english_names(vocabularies):
    table = Vocabulary(shared("vocabularies/nal/filetypes-skos-2022.rdf"))
    ours = vocabularies["file-type"]
    assert ours.concepts == table.concepts
    english = {c: {n.value for n in table.objects(c, SKOS + "prefLabel") if n.language == "en"} for c in ours.concepts}
    reworded = {
        code(c): next(n.value for n in ours.objects(c, SKOS + "prefLabel") if n.language == "en")
        for c in ours.concepts
        if not {n.value.lower() for n in ours.objects(c, SKOS + "prefLabel")} & {n.lower() for n in english[c]}
    }
    assert reworded == {"LAS": "LAS file", "SPARQLQ": "SPARQL query"}, "the table's names mislead"


def test_deprecated_file_types_are_those_of_the_authority_table(vocabularies):
    table = Vocabulary(shared("vocabularies/nal/filetypes-skos-2022.rdf"))
    deprecated = {c for c, value in table.by_code(AUTHORITY + "deprecated").items() if value == "true"}
    assert set(vocabularies["file-type"].by_code(OWL + "deprecated")) == deprecated


def test_frequencies_are_those_of_the_authority_table_and_later_ones(vocabularies):
    table = Vocabulary(shared("vocabularies/nal/frequencies-skos.rdf"))
    ours = vocabularies["frequency"]
    assert table.concepts <= ours.concepts
    assert {code(c) for c in ours.concepts - table.concepts} == {
        *("1MIN", "5MIN", "10MIN", "15MIN", "30MIN", "HOURLY", "BIHOURLY", "TRIHOURLY", "12HRS"),
        *("QUADRENNIAL", "QUINQUENNIAL", "DECENNIAL", "BIDECENNIAL", "TRIDECENNIAL", "AS_NEEDED", "NOT_PLANNED"),
    }


@pytest.mark.parametrize(
    ("distribution", "adms"),
    [
        ("COMPLETED", "Completed"),
        ("DEPRECATED", "Deprecated"),
        ("DEVELOP", "UnderDevelopment"),
        ("WITHDRAWN", "Withdrawn"),
    ],
)
def test_distribution_status_is_named_like_the_adms_status(distribution, adms, vocabularies):
    found = vocabularies["distribution-status"].objects(EU + "distribution-status/" + distribution, SKOS + "prefLabel")
    assert set(found) == set(vocabularies["adms-status"].objects(ADMS + "status/" + adms, SKOS + "prefLabel"))


@pytest.mark.parametrize(
    "name", ["adms-licence-type", "adms-publisher-type", "adms-representation-technique", "adms-status"]
)
def test_adms_terms_are_the_published_ones(name, vocabularies):
    published = Vocabulary(shared("vocabularies/adms/ADMS_SKOS_v1.00.rdf"))
    assert vocabularies[name].concepts == published.subjects(SKOS + "inScheme", NamedNode(LISTS[name][0]))


def test_adms_change_types_are_the_published_ones(vocabularies):
    published = shared("vocabularies/adms/ADMS_SKOS_v2.00.ttl").read_text(encoding="utf-8")
    found = set(re.findall(r"^<(http://purl\.org/adms/changetype/[a-z]+)>", published, re.M))
    assert vocabularies["adms-change-type"].concepts == found


def test_licences_are_the_named_ones_of_spdx(vocabularies):
    spdx = json.loads(shared("data/licences/spdx-licences.json").read_text(encoding="utf-8"))
    named = {licence["id"]: licence for licence in spdx if licence["name"]}
    licences = vocabularies["licence"]
    assert licences.by_code(DCT + "title") == {i: licence["name"].strip() for i, licence in named.items()}
    assert {i for i, t in licences.by_code(DCT + "type").items() if code(t) == "OSICompliant"} == {
        i for i, licence in named.items() if licence["osi_approved"]
    }


def test_licences_of_spdx_left_out_are_exceptions_or_private_identifiers():
    spdx = json.loads(shared("data/licences/spdx-licences.json").read_text(encoding="utf-8"))
    unnamed = [licence for licence in spdx if not licence["name"]]
    assert len(unnamed) == 80
    assert all(licence["is_exception"] or licence["id"].startswith("LicenseRef-") for licence in unnamed)


def test_exact_matches_of_licences_are_in_the_authority_table(vocabularies):
    table = Vocabulary(shared("vocabularies/nal/licences-skos.rdf"))
    matches = vocabularies["licence"].by_code(SKOS + "exactMatch")
    assert set(matches.values()) <= table.concepts
    assert len(matches) == len(set(matches.values())) == 37
    assert code(matches["EUPL-1.2"]) == "EUPL_1_2"
