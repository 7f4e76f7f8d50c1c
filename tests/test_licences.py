"""Licences are read as SPDX writes them, and near misses are told what was probably meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.identity import Minter
from catalogue.licences import licence, suggestions
from catalogue.rdf import IRI, Triple, text
from catalogue.vocabulary import DCT, RDF, RDFS

MINTER = Minter("https://catalogue.example")
SPDX = "http://spdx.org/licenses/"


@pytest.mark.parametrize(
    ("written", "expression", "parts"),
    [
        ("EUPL-1.2", "EUPL-1.2", ["EUPL-1.2"]),
        ("mit", "MIT", ["MIT"]),
        ("(MIT)", "MIT", ["MIT"]),
        ("EUPL-1.2 or AGPL-3.0-or-later", "EUPL-1.2 OR AGPL-3.0-or-later", ["EUPL-1.2", "AGPL-3.0-or-later"]),
        ("MIT AND (0BSD OR EUPL-1.2)", "MIT AND (0BSD OR EUPL-1.2)", ["MIT", "0BSD", "EUPL-1.2"]),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0", ["GPL-2.0-only"]),
        ("EUPL-1.1+", "EUPL-1.1+", ["EUPL-1.1"]),
        ("LicenseRef-City", "LicenseRef-City", []),
        ("MIT OR DocumentRef-x:LicenseRef-y", "MIT OR DocumentRef-x:LicenseRef-y", ["MIT"]),
    ],
)
def test_an_expression_has_a_normal_form_and_parts(written: str, expression: str, parts: list[str]) -> None:
    found = licence(written)
    assert (found.expression, [part.value for part in found.parts]) == (expression, [SPDX + part for part in parts])
    assert not found.guessed
    assert not found.deprecated


@pytest.mark.parametrize(
    ("written", "expression"),
    [("AGPL-3.0", "AGPL-3.0-only"), ("gpl-2.0+", "GPL-2.0-or-later"), ("AGPL-3.0+", "AGPL-3.0-or-later")],
)
def test_a_deprecated_identifier_is_read_as_what_replaced_it(written: str, expression: str) -> None:
    found = licence(written)
    assert found.expression == expression
    assert found.deprecated == ((written, expression),)


@pytest.mark.parametrize(
    ("written", "expression"),
    [
        ("EUPL 1.2", "EUPL-1.2"),
        ("EUPL v1.2", "EUPL-1.2"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("The MIT License", "MIT"),
        ("GPL-2.0 or later", "GPL-2.0-or-later"),
    ],
)
def test_a_text_that_names_one_licence_without_doubt_is_read(written: str, expression: str) -> None:
    assert licence(written).guessed
    assert licence(written).expression == expression


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("GPLv3", ("GPL-3.0-only", "GPL-3.0-or-later")),
        ("EUPL-1.2-or-later", ("EUPL-1.2",)),
        ("Apache2", ("Apache-2.0",)),
        ("CC0", ("CC0-1.0",)),
        ("MIT/Apache-2.0", ("MIT", "Apache-2.0")),
        ("European Union Public Licence (EUPL-1.2)", ("EUPL-1.2",)),
        ("open source", ()),
    ],
)
def test_other_texts_are_no_licence_and_have_suggestions(written: str, meant: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        licence(written)
    assert [name for name in meant if name not in suggestions(written)] == []
    assert bool(suggestions(written)) == bool(meant)


@pytest.mark.parametrize(
    "written",
    ["", " ", "MIT OR", "MIT MIT", "Classpath-exception-2.0", "MIT WITH MIT", "NONE", "((", "🙂", "M" * 501, "(" * 500],
)
def test_what_is_no_expression_is_a_value_error(written: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        licence(written)


def test_a_single_licence_has_the_iri_of_spdx() -> None:
    assert licence("mit").iri(MINTER) == IRI(SPDX + "MIT")
    assert licence("mit").triples(MINTER) == {Triple(IRI(SPDX + "MIT"), RDF.type, DCT.LicenseDocument)}


def test_an_expression_has_an_iri_of_ours_with_its_text_and_parts() -> None:
    found = licence("EUPL-1.2 or mit")
    node = found.iri(MINTER)
    label = text("EUPL-1.2 OR MIT", "und")
    assert node == MINTER.thing("licence", "EUPL-1.2 OR MIT")
    assert found.triples(MINTER) == {
        Triple(node, RDF.type, DCT.LicenseDocument),
        Triple(node, RDFS.label, label),
        Triple(node, DCT.title, label),
        Triple(node, DCT.hasPart, IRI(SPDX + "EUPL-1.2")),
        Triple(node, DCT.hasPart, IRI(SPDX + "MIT")),
    }


WORDS = st.sampled_from(["MIT", "EUPL-1.2", "AGPL-3.0", "LicenseRef-a", "Classpath-exception-2.0", "x"])
OPERATORS = st.sampled_from(["AND", "OR", "WITH", "(", ")", "+", ","])


@given(st.text(max_size=60) | st.lists(WORDS | OPERATORS, max_size=12).map(" ".join))
def test_any_text_is_a_licence_or_a_value_error_and_a_normal_form_is_its_own(written: str) -> None:
    try:
        found = licence(written)
    except ValueError:
        assert isinstance(suggestions(written), tuple)
    else:
        assert licence(found.expression).expression == found.expression
