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
        pytest.param("<http://e/d> dct:publisher <http://e/a> . <http://e/a> foaf:name 'A' .", "a foaf:Agent",
                     id="publisher without a class"),
        pytest.param("<http://e/d> dcat:contactPoint <http://e/a> . <http://e/a> a v:Contact ; v:fn 'A' .", "a v:Kind",
                     id="contact with a class of its own"),
        pytest.param("<http://e/d> dcat:distribution <http://e/a> . <http://e/a> dcat:accessURL <http://e/zip> .",
                     "a dcat:Distribution", id="distribution without a class"),
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
        pytest.param("<http://e/a> a doap:Project ; doap:repository [ doap:browse <http://e/cgit> ; "
                     "doap:location <https://e/r.git> ], [ doap:browse <http://e/cgit> ; doap:location <git://e/r> ] .",
                     "schema:codeRepository <https://e/r.git>, <http://e/cgit>", id="best place of each repository"),
        pytest.param("<http://e/a> schema:codeRepository <https://git.e/o/r> .", "a doap:Project",
                     id="without a class, but with code"),
        pytest.param("<http://e/a> a <http://wikiba.se/ontology#Item> ; schema:codeRepository <https://git.e/o/r> .",
                     "a doap:Project", id="of a class that says nothing, but with code"),
        pytest.param("<http://e/a> a doap:Project ; skos:prefLabel 'A' ; rdfs:label 'B' .", "dct:title 'A'",
                     id="title by its label"),
        pytest.param("<http://e/a> a doap:Project ; schema:version '1' .", "dcat:version '1'", id="version"),
        pytest.param("<http://e/a> a doap:Project ; schema:author ('me' <http://e/b> <http://e/c>) .",
                     "dct:creator <http://e/b>, <http://e/c>", id="list"),
        pytest.param("<http://e/a> a doap:Project ; doap:created '2020-01-02'@en ; schema:dateModified '2021' .",
                     "dct:created '2020-01-02'^^xsd:date ; dct:modified '2021'", id="dates"),
        pytest.param("<http://e/a> a doap:Version ; doap:created '2020-01-02' .",
                     "dct:created '2020-01-02'^^xsd:date ; dct:issued '2020-01-02'^^xsd:date", id="date of a release"),
        pytest.param("<http://e/a> a schema:CreativeWork ; schema:name 'A' .", "dct:title 'A'", id="document"),
        pytest.param("<http://e/a> a foaf:Project ; doap:name 'A' ; schema:url <http://e/> .",
                     "dct:title 'A' ; foaf:homepage <http://e/>", id="initiative"),
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
        pytest.param("<http://e/a> a schema:Dataset ; schema:about <http://e/b> .", id="document about a thing"),
        pytest.param("<http://e/a> a owl:Ontology ; schema:codeRepository <https://git.e/o/r> .", id="ontology"),
        pytest.param("<https://github.com/o/r#a> a doap:Project . <https://github.com/o> a doap:Project .",
                     id="names that are no repositories"),
        pytest.param("<https://github.com/o/r> a doap:Project ; schema:codeRepository <https://git.e/o/r> .",
                     id="repository beside a name that is one"),
        pytest.param("<http://e/a> a doap:Project ; doap:maintainer <http://e/b> . <http://e/b> foaf:name 'B' .",
                     id="maintainer without a mail address"),
        pytest.param("<http://e/a> a doap:Project ; doap:maintainer <http://e/b> ; dcat:contactPoint <http://e/c> . "
                     "<http://e/b> foaf:mbox <mailto:b@e.org> .", id="contact of its own"),
        pytest.param("<http://e/a> a doap:Project ; schema:downloadUrl <http://e/z> ; dcat:distribution <http://e/d> .",
                     id="distribution of its own"),
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


def test_software_that_is_called_by_the_address_of_a_repository_has_that() -> None:
    assert new("<https://github.com/o/r> a doap:Project .") == set(
        quads("<https://github.com/o/r> schema:codeRepository <https://github.com/o/r> .")
    )


def test_a_contact_in_other_words_is_one() -> None:
    said = "<http://e/c> a schema:ContactPoint ; schema:name 'Ann' ; schema:email <mailto:a@e.org> ."
    found = new(f"<http://e/a> a doap:Project ; dcat:contactPoint <http://e/c> . {said}")
    assert found == set(quads("<http://e/c> a v:Kind ; v:fn 'Ann' ; v:hasEmail <mailto:a@e.org> ."))


@pytest.mark.parametrize(
    ("said", "name"),
    [("foaf:name 'Ann'@en ; foaf:mbox <mailto:a@e.org>", "'Ann'@en"),
     ("schema:givenName 'Ann' ; schema:familyName 'Lee' ; schema:email <mailto:a@e.org>", "'Ann Lee'")],
    ids=["name", "parts of a name"],
)  # fmt: skip
def test_who_maintains_software_and_has_a_mail_address_is_its_contact(said: str, name: str) -> None:
    found = new(f"<http://e/a> a doap:Project ; doap:maintainer <http://e/b> . <http://e/b> {said} .")
    contact = f"<http://e/b> a v:Individual, v:Kind ; v:fn {name} ; v:hasEmail <mailto:a@e.org> ."
    assert found == set(quads(f"<http://e/a> dcat:contactPoint <http://e/b> . {contact}"))


def test_an_address_at_which_software_can_be_had_is_that_of_a_distribution() -> None:
    said = "<http://e/a> a doap:Project ; schema:downloadUrl <http://e/zip> ; doap:download-page <http://e/get> ."
    found = {(quad.predicate, quad.object) for quad in new(said) if quad.predicate != DCAT.distribution}
    expected = "a dcat:Distribution ; dcat:accessURL <http://e/zip>, <http://e/get> ; dcat:downloadURL <http://e/zip>"
    assert found == {(quad.predicate, quad.object) for quad in quads(f"[] {expected} .")}


def test_what_many_things_share_is_not_repeated_without_end() -> None:
    """Repeated for each of them, the members of this list and the places of this repository would fill any memory."""
    number = 30_000
    members = " ".join(f"<http://e/{n}>" for n in range(number))
    places = ", ".join(f"<http://e/{n}>" for n in range(number))
    things = "".join(
        f"<http://t/{n}> a doap:Project ; schema:author _:l ; doap:repository _:r . " for n in range(number)
    )
    found = new_of(f"_:x rdf:first <http://e/> ; rdf:rest ({members}) . _:r doap:location {places} . "
                   + things.replace("_:l", "_:x"))  # fmt: skip
    assert len(found) < 2_000_000


def new_of(turtle: str) -> list[Quad]:
    return list(entailed(quads(turtle)))
