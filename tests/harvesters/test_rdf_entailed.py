"""What follows from words of other vocabularies, and what does not."""

import pytest

from catalogue.harvesters._rdf_entailed import CLASSES, entailed
from catalogue.model import kind_of
from catalogue.rdf import IRI, SYNTAXES, Quad, read
from catalogue.vocabulary import DCAT, PREFIXES

HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
SOFTWARE = "a schema:SoftwareApplication, doap:Project"


def quads(turtle: str) -> list[Quad]:
    return list(read(HEAD + turtle, SYNTAXES["ttl"]))


def new(turtle: str) -> set[Quad]:
    said = quads(turtle)
    found = list(entailed(said))
    assert found[: len(said)] == said
    assert list(entailed(found)) == found
    return set(found) - set(said)


@pytest.mark.parametrize(
    ("turtle", "expected"),
    [
        pytest.param("<http://e/a> a schema:SoftwareSourceCode .", "a doap:Project", id="software"),
        pytest.param("<http://e/a> a <https://w3id.org/okn/o/sd#Software> .", "a doap:Project", id="other software"),
        pytest.param("<http://e/a> a schema:GovernmentOrganization .", "a foaf:Organization", id="organisation"),
        pytest.param("<http://e/a> a schema:DataCatalog .", "a dcat:Catalog", id="catalogue"),
        pytest.param("<http://e/c> dcat:dataset <http://e/a> . <http://e/a> dct:title 'A' .", "a dcat:Dataset",
                     id="listed without a class"),
        pytest.param("<http://e/c> dcat:dataset <http://e/a> . <http://e/a> a <http://e/Programme> .",
                     "a dcat:Dataset", id="listed with a class of its own"),
        pytest.param("<http://e/a> a doap:Project ; schema:name 'A' .", "dct:title 'A'", id="title"),
        pytest.param("<http://e/a> a doap:Project ; doap:name 'A' ; rdfs:label 'B' .", "dct:title 'A'",
                     id="likeliest title"),
        pytest.param("<http://e/a> a dcat:Dataset ; schema:description 'A'@en .", "dct:description 'A'@en",
                     id="description"),
        pytest.param("<http://e/a> a doap:Project ; schema:keywords 'a, b;'@en .", "dcat:keyword 'a'@en, 'b'@en",
                     id="keywords"),
        pytest.param("<http://e/a> a doap:Project ; doap:repository <https://git.e/o/r> .",
                     "schema:codeRepository <https://git.e/o/r>", id="repository"),
        pytest.param("<http://e/a> a doap:Project ; doap:repository [ doap:location <https://git.e/o/r> ] .",
                     "schema:codeRepository <https://git.e/o/r>", id="place of a repository"),
        pytest.param("<http://e/a> a foaf:Organization ; schema:legalName 'A' .", "foaf:name 'A'", id="name"),
        pytest.param("<http://e/a> a dcat:Dataset ; dct:isVersionOf <http://e/b> . <http://e/b> a adms:Asset .",
                     "a doap:Version", id="release"),
        pytest.param("<http://e/a> a adms:Asset . <http://e/b> a dcat:Dataset ; dcat:hasVersion <http://e/a> .",
                     "a doap:Version", id="release by what has it"),
        pytest.param("<http://e/a> a dcat:Catalog ; schema:dataset <http://e/b> .", "dcat:dataset <http://e/b>",
                     id="list"),
    ],
)  # fmt: skip
def test_what_other_words_say_is_said_in_our_own_too(turtle: str, expected: str) -> None:
    assert new(turtle) == set(quads(f"<http://e/a> {expected} ."))


@pytest.mark.parametrize(
    "turtle",
    [
        pytest.param("<http://e/a> a schema:SoftwareApplication, doap:Version .", id="release"),
        pytest.param("<http://e/a> a schema:Dataset, adms:AssetRepository .", id="catalogue of its own"),
        pytest.param("<http://e/a> a doap:Project ; schema:name 'A' ; dct:title 'B' .", id="title of its own"),
        pytest.param("<http://e/a> a foaf:Organization ; skos:prefLabel 'A' ; rdfs:label 'B' .", id="name of its own"),
        pytest.param("<http://e/c> dcat:dataset <http://e/a>, 'a' .", id="listed without a description"),
        pytest.param("<http://e/a> a doap:Project ; schema:publisher 'Me' .", id="publisher in words"),
        pytest.param("<http://e/a> a doap:Project ; doap:repository 'svn' .", id="repository that is no address"),
        pytest.param("<http://e/a> a dcat:Dataset ; dct:isVersionOf <http://e/a> .", id="version of itself"),
        pytest.param("<http://e/a> a dcat:Dataset ; dct:isVersionOf <http://e/b> . "
                     "<http://e/b> a adms:Asset ; dct:isVersionOf <http://e/a> .", id="versions of each other"),
        pytest.param("<http://e/a> a dcat:Dataset ; dct:isVersionOf <http://e/b> .", id="version of what is elsewhere"),
        pytest.param("<http://e/a> a dcat:Dataset, doap:Project ; dct:isVersionOf <http://e/b> .", id="project"),
        pytest.param("<http://e/a> a skos:Concept ; schema:name 'A' .", id="other kind"),
        pytest.param("[] schema:softwareRequirements [ a schema:SoftwareApplication ; schema:name 'Python' ] .",
                     id="requirement"),
    ],
)  # fmt: skip
def test_nothing_is_said_of_what_a_thing_says_itself(turtle: str) -> None:
    assert not new(turtle)


def test_a_release_of_doap_belongs_to_its_project() -> None:
    found = new(
        "<http://e/a> a doap:Project ; doap:release <http://e/r> . <http://e/r> a doap:Version ; doap:revision '1'."
    )
    release = "<http://e/r> dct:isVersionOf <http://e/a> ; dcat:version '1' ; owl:versionInfo '1' ."
    assert found == set(quads(f"<http://e/a> dct:hasVersion <http://e/r> . {release}"))


def test_a_requirement_that_has_a_repository_is_software_of_its_own() -> None:
    required = "<http://e/b> a schema:SoftwareSourceCode ; schema:codeRepository <https://git.e/o/b> ."
    found = new(f"<http://e/a> {SOFTWARE} ; schema:softwareRequirements <http://e/b> . {required}")
    assert [quad.subject for quad in found] == [IRI("http://e/b")]


def test_every_class_becomes_one_of_a_kind() -> None:
    assert not [meant for meant in CLASSES.values() if not kind_of({meant}) and meant != DCAT.Catalog]
    assert not [written for written in CLASSES if kind_of({written})]
