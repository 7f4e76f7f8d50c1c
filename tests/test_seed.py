"""The packaged seed catalogue: whole, connected, and saying what OSOR and the EC OSPO say of themselves."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from catalogue import code_lists
from catalogue.fetch import Fetch
from catalogue.harvest import Harvest, Harvesting, harvest
from catalogue.identity import Minter
from catalogue.rdf import IRI, Literal, Triple
from catalogue.store import Store
from catalogue.vocabulary import (
    ADMS_PUBLISHER_TYPE,
    COUNTRY,
    DATA_THEME,
    DCAT,
    DCT,
    DOAP,
    FOAF,
    LANGUAGE,
    LISTS,
    OSC,
    RDF,
    SCHEMA,
    SKOS,
    SPDX_LICENCE,
)
from catalogue.writer import seed_source

MINTER = Minter("https://catalogue.example")
EVERY_LIST = (LISTS, COUNTRY, LANGUAGE, DATA_THEME, SPDX_LICENCE, "http://purl.org/adms/")


@pytest.fixture(scope="module")
def loaded() -> Iterator[tuple[Store, Harvest]]:
    with closing(Store(None, MINTER, lambda: datetime.now(UTC))) as store:
        for name in code_lists.names():
            store.put_list(name, code_lists.triples(name))
        done = harvest(store, seed_source(), Harvesting(Fetch(), lambda: datetime.now(UTC)))
        yield store, done


@pytest.fixture
def store(loaded: tuple[Store, Harvest]) -> Store:
    return loaded[0]


def named(store: Store, title: str) -> IRI:
    (found,) = {
        t.subject
        for predicate in (DCT.title, FOAF.name)
        for language in ("en", None)
        for t in store.triples(None, predicate, Literal(title, language=language) if language else Literal(title))
    }
    assert isinstance(found, IRI)
    return found


def of_class(store: Store, cls: IRI) -> set[IRI]:
    return {t.subject for t in store.triples(None, RDF.type, cls) if isinstance(t.subject, IRI)}


def labels(store: Store, subject: IRI, predicate: IRI) -> set[str]:
    values = [value for value in store.objects(subject, predicate) if isinstance(value, IRI)]
    return {
        name.value
        for value in values
        for label in (SKOS.prefLabel, DCT.title, FOAF.name)
        for name in store.objects(value, label)
        if isinstance(name, Literal) and name.language == "en"
    }


def test_everything_goes_in(loaded: tuple[Store, Harvest]) -> None:
    _, done = loaded
    assert done.error is None
    assert done.rejected == []
    assert done.counts["new"] > 200


def test_the_names_of_the_files_are_gone_for_minted_iris(store: Store) -> None:
    assert not [t for t in store.triples(None, None, None) if "urn:x-seed" in f"{t.subject} {t.object}"]


def test_there_are_many_solutions_of_many_countries_each_with_what_one_asks_first(store: Store) -> None:
    solutions = of_class(store, DOAP.Project)
    countries = {value for solution in solutions for value in store.objects(solution, DCT.spatial)}
    assert len(solutions) >= 60
    assert len(countries) >= 15
    for solution in solutions:
        for predicate in (DCT.title, DCT.abstract, DCT.publisher, SCHEMA.codeRepository, DCT.subject, DCT.source):
            assert store.objects(solution, predicate), f"{solution} lacks {predicate}"


def test_every_code_is_in_its_list_and_every_organisation_is_described(store: Store) -> None:
    for triple in store.triples(None, None, None):
        value = triple.object
        if isinstance(value, IRI) and value.value.startswith(EVERY_LIST) and triple.predicate != RDF.type:
            known = any(True for _ in store.triples(value, RDF.type, None))
            assert known or str(triple.subject).startswith(tuple(f"<{iri}" for iri in EVERY_LIST)), triple
        if triple.predicate == DCT.publisher and isinstance(value, IRI):
            assert store.objects(value, FOAF.name), triple


def test_osor_says_what_it_offers_to_whom_and_who_owns_it(store: Store) -> None:
    osor = named(store, "Open Source Observatory (OSOR)")
    assert store.kind(osor).name == "initiative"  # type: ignore[union-attr]
    assert "European Commission" in labels(store, osor, DCT.publisher)
    assert len(store.objects(osor, OSC.service)) >= 3
    assert len(store.objects(osor, OSC.stakeholderGroup)) == 3
    (owner,) = (value for value in store.objects(osor, DCT.publisher) if isinstance(value, IRI))
    assert IRI(ADMS_PUBLISHER_TYPE + "SupraNationalAuthority") in store.objects(owner, DCT.type)


def test_the_ec_ospo_says_its_principles_its_founding_and_its_news(store: Store) -> None:
    ospo = named(store, "European Commission Open Source Programme Office (EC OSPO)")
    assert {value.lower() for value in labels(store, ospo, OSC.principle)} == {
        "think open",
        "transform",
        "share",
        "contribute",
        "secure",
        "stay in control",
    }
    assert [str(value)[1:5] for value in store.objects(ospo, SCHEMA.foundingDate)] == ["2020"]
    members = [t.subject for t in store.triples(None, DCT.isPartOf, ospo)]
    kinds = [store.kind(member) for member in members]
    assert sum(kind is not None and kind.name == "article" for kind in kinds) == 7
    assert sum(kind is not None and kind.name == "event" for kind in kinds) == 1
    assert {"ICT", "Collaboration", "ICT security", "Legal", "Standardisation"} <= labels(store, ospo, DCT.subject)


def test_initiatives_are_of_every_level_and_several_countries(store: Store) -> None:
    initiatives = of_class(store, FOAF.Project)
    levels = {value for one in initiatives for value in store.objects(one, OSC.level)}
    countries = {value for one in initiatives for value in store.objects(one, DCT.spatial)}
    assert {str(level).rsplit("/", 1)[-1][:-1] for level in levels} == {
        "supranational",
        "national",
        "regional",
        "local",
    }
    assert len(countries) >= 8


def test_loading_it_again_changes_nothing(loaded: tuple[Store, Harvest]) -> None:
    store, _ = loaded
    before: set[object] = set(store.quads())
    again = harvest(store, seed_source(), Harvesting(Fetch(), lambda: datetime.now(UTC)))
    assert (again.counts["new"], again.counts["changed"], again.counts["gone"]) == (0, 0, 0)
    assert set(store.quads()) == before


def test_distributions_belong_to_one_solution_each(store: Store) -> None:
    parents: dict[object, list[Triple]] = {}
    for triple in store.triples(None, DCAT.distribution, None):
        parents.setdefault(triple.object, []).append(triple)
    assert parents
    assert all(len(found) == 1 for found in parents.values())
