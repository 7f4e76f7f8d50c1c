"""Each rule of the dialects, and that what no rule knows stays as it is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.harvesters._rdf_dialect import ADDRESSES, CLASSES, LICENCES, PROPERTIES, VALUES, normalised
from catalogue.rdf import IRI, SYNTAXES, Literal, Quad, read
from catalogue.vocabulary import DCT, PREFIXES, RDF

PREFIX = {
    **PREFIXES,
    "j": "http://joinup.eu/",
    "admssw": "http://purl.org/adms/sw/",
    "radion": "http://www.w3.org/ns/radion#",
    "sschema": "https://schema.org/",
    "codemeta": "https://codemeta.github.io/terms/",
    "sdcat": "https://www.w3.org/ns/dcat#",
    "spdxl": "http://spdx.org/licenses/",
}
HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIX.items())
A = IRI("http://e/a")


def quads(turtle: str) -> list[Quad]:
    return list(read(HEAD + turtle, SYNTAXES["ttl"]))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('j:solution\\/source_code_repository "https://e/r"', "schema:codeRepository <https://e/r>"),
        ('j:solution\\/issue_tracker "https://e/i"', "doap:bug-database <https://e/i>"),
        ('j:solution\\/wiki "https://e/w"', "doap:wiki <https://e/w>"),
        ('j:solution\\/metrics_page "https://e/m"', "rdfs:seeAlso <https://e/m>"),
        ("j:vocabulary\\/topic <http://e/t>", "dct:subject <http://e/t>"),
        ("j:licence\\/legal-type <http://e/t>", "dct:subject <http://e/t>"),
        ('<http://purl.org/dc/dcmitype/StillImage> "https://e/logo.png"', "foaf:logo <https://e/logo.png>"),
        ('foaf:Image "https://e/banner.png"', "schema:image <https://e/banner.png>"),
        ('<http://xmlns.com/foaf/spec/#term_homepage> "https://e/"^^xsd:anyURI', "foaf:homepage <https://e/>"),
        ("admssw:forkOf <http://e/b>", "prov:wasDerivedFrom <http://e/b>"),
        ("admssw:fundedBy <http://e/b>", "schema:funder <http://e/b>"),
        ('admssw:locale "en"', 'schema:inLanguage "en"'),
        ("admssw:package <http://e/b>", "dcat:distribution <http://e/b>"),
        ("admssw:project <http://e/b>", "dct:isVersionOf <http://e/b>"),
        ("admssw:release <http://e/b>", "dct:hasVersion <http://e/b>"),
        ("admssw:status <http://e/b>", "adms:status <http://e/b>"),
        ("admssw:tagURL <http://e/b>", "dcat:accessURL <http://e/b>"),
        ("radion:distribution <http://e/b>", "dcat:distribution <http://e/b>"),
        ('radion:keyword "k"@en', 'dcat:keyword "k"@en'),
        ("radion:theme <http://e/b>", "dcat:theme <http://e/b>"),
        ('radion:version "1"', 'owl:versionInfo "1"'),
        ("adms:accessURL <http://e/b>", "dcat:accessURL <http://e/b>"),
        ('dct:subject "water"@en', 'dcat:keyword "water"@en'),
        ('<http://purl.org/dc/elements/1.1/subject> "water"', 'dcat:keyword "water"'),
        ('dcat:theme "water"', 'dcat:keyword "water"'),
        ("dcat:accessUrl <http://e/b>", "dcat:accessURL <http://e/b>"),
        ("dcat:downloadUrl <http://e/b>", "dcat:downloadURL <http://e/b>"),
        ("v:email <mailto:a@e.org>", "v:hasEmail <mailto:a@e.org>"),
        ('v:formattedName "n"', 'v:fn "n"'),
        ("v:url <http://e/b>", "v:hasURL <http://e/b>"),
        ("a admssw:SoftwareProject", "a doap:Project"),
        ("a admssw:SoftwareRelease", "a doap:Version"),
        ("a admssw:SoftwarePackage", "a dcat:Distribution"),
        ("a admssw:SoftwareRepository", "a dcat:Catalog"),
        ("a radion:Asset", "a adms:Asset"),
        ("a radion:Distribution", "a dcat:Distribution"),
        ("a radion:Repository", "a dcat:Catalog"),
        ("a adms:SemanticAsset", "a adms:Asset"),
        ("a adms:SemanticAssetDistribution", "a adms:AssetDistribution"),
        ("a adms:SemanticAssetRepository", "a adms:AssetRepository"),
        ("a v:VCard", "a v:Kind"),
        ("dct:type <http://purl.org/adms/licencetype/ISOcompliant>",
         "dct:type <http://purl.org/adms/licencetype/OSIcompliant>"),
        ("dct:type <http://purl.org/adms/licencetype/NonISOcompliant>",
         "dct:type <http://purl.org/adms/licencetype/NonOSIcompliant>"),
        ('sschema:fileSize "1.0"^^xsd:decimal', 'schema:fileSize "1.0"^^xsd:decimal'),
        ("a sschema:Event", "a schema:Event"),
        ("sschema:eventAttendanceMode sschema:OnlineEventAttendanceMode",
         "schema:eventAttendanceMode <http://schema.org/OnlineEventAttendanceMode>"),
        ("a sdcat:Dataset", "a dcat:Dataset"),
        ('<http://purl.org/dc/elements/1.1/title> "A"@en', 'dct:title "A"@en'),
        ('dcat:accessURL " https://e/x "^^xsd:anyURI', "dcat:accessURL <https://e/x>"),
        ('foaf:page "https://e/x"', "foaf:page <https://e/x>"),
        ('v:hasEmail "a@e.org"', "v:hasEmail <mailto:a@e.org>"),
        ('foaf:mbox "mailto:a@e.org"', "foaf:mbox <mailto:a@e.org>"),
        ("dct:license <https://spdx.org/licenses/EUPL-1.2.html>", "dct:license spdxl:EUPL-1.2"),
        ("dct:license <http://www.spdx.org/licenses/eupl-1.2>", "dct:license spdxl:EUPL-1.2"),
        ("owl:sameAs <https://spdx.org/licenses/MIT.json>", "owl:sameAs spdxl:MIT"),
        ('schema:license "https://spdx.org/licenses/MIT"', "schema:license spdxl:MIT"),
        ('dct:license "mit"', "dct:license spdxl:MIT"),
        ("dct:license <http://www.opensource.org/licenses/MIT>", "dct:license spdxl:MIT"),
        ("doap:license <https://www.apache.org/licenses/LICENSE-2.0.html>", "doap:license spdxl:Apache-2.0"),
        ('schema:license "https://www.gnu.org/licenses/agpl-3.0.html"', "schema:license spdxl:AGPL-3.0-only"),
        ("dct:license <http://publications.europa.eu/resource/authority/licence/EUPL_1_2>",
         "dct:license spdxl:EUPL-1.2"),
        ("dct:license <http://publications.europa.eu/resource/authority/licence/MIT>", "dct:license spdxl:MIT"),
        ("dct:license <http://publications.europa.eu/resource/authority/licence/BSD_3_CLAUSE>",
         "dct:license spdxl:BSD-3-Clause"),
        ("dct:license <https://joinup.ec.europa.eu/collection/eupl/eupl-text-eupl-12>", "dct:license spdxl:EUPL-1.2"),
        ("dct:license <http://joinup.ec.europa.eu/licence/european-union-public-licence-version-12-or-later-eupl>",
         "dct:license spdxl:EUPL-1.2"),
        ("dct:license <https://interoperable-europe.ec.europa.eu/licence/european-union-public-licence-v11>",
         "dct:license spdxl:EUPL-1.1"),
        ("doap:license <http://usefulinc.com/doap/licenses/asl20>", "doap:license spdxl:Apache-2.0"),
        ("doap:license <http://usefulinc.com/doap/licenses/mit>", "doap:license spdxl:MIT"),
        ("codemeta:issueTracker <http://e/i>", "doap:bug-database <http://e/i>"),
        ("codemeta:maintainer <http://e/m>", "doap:maintainer <http://e/m>"),
        ("codemeta:readme <http://e/r>", "foaf:page <http://e/r>"),
        ("<http://www.wikidata.org/prop/direct/P1324> <https://git.e/o/r>",
         "schema:codeRepository <https://git.e/o/r>"),
        ("doap:name <file:///folder/JIRA%20API>", 'doap:name "JIRA API"'),
        ("doap:programming-language <file:///java>", 'doap:programming-language "java"'),
        ('sschema:email "a@e.org"', "schema:email <mailto:a@e.org>"),
    ],
)  # fmt: skip
def test_a_statement_is_said_in_todays_words(written: str, meant: str) -> None:
    assert list(normalised(quads(f"<http://e/a> {written} ."))) == quads(f"<http://e/a> {meant} .")


def test_a_licence_is_described_under_its_own_iri() -> None:
    [quad] = normalised(quads("<https://spdx.org/licenses/MIT.html> a dct:LicenseDocument ."))
    assert quad.subject == IRI("http://spdx.org/licenses/MIT")


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param('foaf:homepage "see our site"', id="text that is no address"),
        pytest.param('foaf:homepage "www.example.org"', id="address without a scheme"),
        pytest.param('<http://purl.org/dc/terms/identifier> "https://e/x"', id="address as identifier"),
        pytest.param('v:hasEmail "info at e dot org"', id="hidden mail address"),
        pytest.param('v:hasEmail "a@b"', id="mail address without a domain"),
        pytest.param('dct:license "free as in beer"', id="licence in words"),
        pytest.param("dct:license <https://spdx.org/licenses/NoSuch-1.0.html>", id="licence that SPDX does not list"),
        pytest.param("dct:license <http://creativecommons.org/licenses/by/3.0/it/>", id="licence of a country"),
        pytest.param(
            "dct:license <http://publications.europa.eu/resource/authority/licence/COM_REUSE>", id="other list"
        ),
        pytest.param("doap:license <http://usefulinc.com/doap/licenses/gpl>", id="licence without its version"),
        pytest.param("dct:license <https://joinup.ec.europa.eu/page/eupl-text-11-12>", id="page of two licences"),
        pytest.param("doap:programming-language <http://dbpedia.org/resource/Java>", id="language with an address"),
        pytest.param("owl:sameAs <http://www.opensource.org/licenses/MIT>", id="page of a licence"),
        pytest.param("foaf:page <https://spdx.org/licenses/MIT.html>", id="page about a licence"),
        pytest.param("schema:url <https://schema.org/Event>", id="page of schema.org"),
        pytest.param("dct:relation <https://www.w3.org/ns/dcat#>", id="address with https of a namespace"),
        pytest.param("a <http://e/Class>", id="unknown class"),
    ],
)
def test_what_no_rule_knows_stays(statement: str) -> None:
    said = quads(f"<http://e/a> {statement} .")
    assert list(normalised(said)) == said


def test_a_foaf_logo_that_is_no_address_stays_a_text() -> None:
    [quad] = normalised(quads('<http://e/a> <http://purl.org/dc/dcmitype/StillImage> "4711" .'))
    assert quad.object == Literal("4711")


TERMS = st.sampled_from(
    [IRI(iri) for iri in (*PROPERTIES, *CLASSES, *VALUES, "https://schema.org/x", "https://spdx.org/licenses/MIT.html")]
)
NAMES = st.sampled_from([RDF.type, DCT.title, *sorted((*ADDRESSES, *LICENCES), key=str), *map(IRI, PROPERTIES)])
TEXTS = st.sampled_from(["https://e/x", "https://spdx.org/licenses/MIT.html", "MIT", "a@b.cc", " ", "http://[", "x"])


@settings(max_examples=200, deadline=None)
@given(TERMS, NAMES, TERMS | st.builds(Literal, TEXTS | st.text()))
def test_what_was_normalised_is_normal(subject: IRI, predicate: IRI, value: IRI | Literal) -> None:
    once = list(normalised([Quad(subject, predicate, value)]))
    assert list(normalised(once)) == once
    assert len(once) == 1
