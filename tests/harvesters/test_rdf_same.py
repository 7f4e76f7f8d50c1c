"""Under which other IRIs a thing is known, and under which it is not."""

import pytest

from catalogue.rdf import IRI
from tests.harvesters.test_rdf import MINTER, read

REPOSITORY = MINTER.solution("https://git.e/o/r")
ITALY = "dct:spatial <http://publications.europa.eu/resource/authority/country/ITA>"


def same(turtle: str, name: str = "http://e/a") -> frozenset[IRI]:
    records = [reading.record for reading in read(turtle) if reading.record]
    return next(record.same for record in records if record.iri == IRI(name))


@pytest.mark.parametrize(
    "said",
    [
        "schema:codeRepository <ssh://git@git.e/o/r.git>",
        "doap:repository <https://git.e/o/r>",
        "doap:repository [ doap:location <https://git.e/o/r/> ]",
        "schema:codeRepository <https://git.e/o/r>, <https://git.e/o/r.git>",
        '<http://joinup.eu/solution/source_code_repository> "https://git.e/o/r"',
    ],
)
def test_software_is_known_by_the_repository_that_it_declares(said: str) -> None:
    assert same(f"<http://e/a> a adms:Asset ; {said} .") == {REPOSITORY}


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("dcat:distribution [ a dcat:Distribution ; dcat:accessURL <https://git.e/o/r> ]", id="access url"),
        pytest.param("schema:codeRepository <https://git.e/o/r>, <https://git.e/o/s>", id="several"),
        pytest.param("schema:codeRepository <https://github.com/o>", id="account"),
        pytest.param("schema:codeRepository <https://git.e/>", id="server"),
        pytest.param("schema:codeRepository <urn:x:y>", id="no address"),
        pytest.param("schema:codeRepository <https://git.e/o/r> ; dct:isVersionOf <http://e/b>", id="release"),
        pytest.param("a doap:Version ; schema:codeRepository <https://git.e/o/r>", id="release by its class"),
    ],
)
def test_software_is_not_known_by(said: str) -> None:
    assert same(f"<http://e/a> a adms:Asset ; {said} .") == frozenset()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param('adms:identifier [ skos:notation "urn:x:1" ]', {("urn:x:1", "", "")}, id="uri"),
        pytest.param(
            'adms:identifier [ skos:notation "0301" ; adms:schemaAgency "The Agency" ], [ skos:notation "urn:x:1" ]',
            {("The Agency:0301", "", ""), ("urn:x:1", "", "")},
            id="number of an agency, and another",
        ),
        pytest.param('adms:identifier [ skos:notation "0301" ]', set(), id="number of nobody"),
        pytest.param("foaf:account <https://github.com/O>", {("https://github.com/O", "", "")}, id="account"),
        pytest.param(f'foaf:name "Comune di X"@it ; {ITALY}', {(None, "comune di x", "IT")}, id="name in a country"),
        pytest.param('foaf:name "Comune di X"@it', set(), id="name in no country"),
        pytest.param(
            f'foaf:name "X" ; {ITALY} ; adms:identifier [ skos:notation "urn:x:1" ]',
            {("urn:x:1", "", "")},
            id="name beside an identifier",
        ),
        pytest.param("foaf:homepage <https://x.example/>", set(), id="home page"),
    ],
)
def test_an_organisation_is_known_by(said: str, expected: set[tuple[str | None, str, str]]) -> None:
    found = same(f"<http://e/a> a foaf:Organization ; {said} .")
    assert found == {MINTER.organisation(*identity) for identity in expected}


def test_an_organisation_without_an_iri_is_known_by_its_further_identifiers() -> None:
    first, second = (MINTER.organisation(uri, "") for uri in ("urn:x:1", "urn:x:2"))
    turtle = '[] a foaf:Organization ; adms:identifier [ skos:notation "urn:x:1" ], [ skos:notation "urn:x:2" ] .'
    assert same(turtle, first.value) == {second}
