"""What code lists add to a record, and what they suggest."""

import pytest

from catalogue.code_lists import names
from catalogue.rdf import IRI, Literal, Term, Triple
from catalogue.rdf import read as _read
from catalogue.validation import closure as module
from catalogue.validation.closure import closure, listed, suggestion
from catalogue.vocabulary import COUNTRY, DCT, LISTS, RDF, SKOS, SPDX_LICENCE

THING = IRI("https://example.org/a")
COUNTRIES, LICENCES, TOPICS = IRI(COUNTRY[:-1]), IRI(SPDX_LICENCE), IRI(f"{LISTS}topic")


def test_a_named_concept_comes_with_its_class_list_and_names() -> None:
    italy = IRI(f"{COUNTRY}ITA")
    facts = closure([Triple(THING, DCT.spatial, italy)])
    assert {triple.subject for triple in facts} == {italy}
    assert {Triple(italy, RDF.type, DCT.Location), Triple(italy, SKOS.inScheme, COUNTRIES)} <= facts
    assert Triple(italy, SKOS.prefLabel, Literal("Italie", language="fr")) in facts


def test_a_licence_comes_with_its_type() -> None:
    facts = closure([Triple(THING, DCT.license, IRI(f"{SPDX_LICENCE}EUPL-1.2"))])
    kind = IRI(f"{LISTS}licence-type/OSICompliant")
    assert Triple(IRI(f"{SPDX_LICENCE}EUPL-1.2"), DCT.type, kind) in facts
    assert any(triple.subject == kind and triple.predicate == SKOS.inScheme for triple in facts)


def test_what_is_in_no_list_adds_nothing() -> None:
    assert closure([Triple(THING, DCT.spatial, IRI(f"{COUNTRY}QQQ")), Triple(THING, DCT.title, Literal("x"))]) == set()
    assert not listed(IRI(f"{COUNTRY}QQQ"))
    assert not listed(COUNTRIES), "a list is no concept"


def test_each_list_is_read_once_however_much_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []
    monkeypatch.setattr(module, "read", lambda content, syntax: read.append(content) or _read(content, syntax))
    module._lists.cache_clear()
    assert all(listed(IRI(f"{COUNTRY}{code}")) for code in ("ITA", "FRA", "DEU"))
    assert len(read) == len(set(read)) == len(names()) > 20


SUGGESTIONS: dict[str, tuple[Term, IRI, str | None]] = {
    "a notation for an IRI": (Literal("IT"), COUNTRIES, "ITA"),
    "a notation in an IRI": (IRI(f"{COUNTRY}IT"), COUNTRIES, "ITA"),
    "another site's IRI": (IRI("https://elsewhere.example/countries/fra"), COUNTRIES, "FRA"),
    "a name in another language": (Literal("Germania", language="it"), COUNTRIES, "DEU"),
    "a misspelt name": (Literal("Itly"), COUNTRIES, "ITA"),
    "a licence with a blank": (Literal("EUPL 1.2"), LICENCES, "EUPL-1.2"),
    "a licence's page": (IRI(f"{SPDX_LICENCE}EUPL-1.2.html"), LICENCES, "EUPL-1.2"),
    "a misspelt code": (IRI(f"{SPDX_LICENCE}EUPL1.2"), LICENCES, "EUPL-1.2"),
    "a licence's text": (IRI("https://forge.example/tool/LICENSE"), LICENCES, None),
    "an address as text": (Literal("https://forge.example/gpl"), LICENCES, None),
    "a topic in capitals": (Literal("Accessibility"), TOPICS, "accessibility"),
    "nothing alike": (Literal("weather forecast"), COUNTRIES, None),
    "an empty text": (Literal(" "), COUNTRIES, None),
    "the right concept": (IRI(f"{COUNTRY}ITA"), COUNTRIES, None),
    "a concept that is allowed alone": (IRI(f"{COUNTRY}FR"), IRI(f"{COUNTRY}FRA"), "FRA"),
}


@pytest.mark.parametrize(("value", "scheme", "expected"), SUGGESTIONS.values(), ids=SUGGESTIONS.keys())
def test_a_wrong_code_gets_the_one_that_was_meant(value: Term, scheme: IRI, expected: str | None) -> None:
    code = suggestion(value, (scheme,))
    assert (code and code.iri.value.rpartition("/")[2]) == expected
