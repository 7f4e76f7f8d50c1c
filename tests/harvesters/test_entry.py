"""What the values of catalogues' entries are read as: repositories, dates, licences, keys."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.harvesters import _source_code
from catalogue.harvesters._entry import Entry, date_or_time, record_key
from catalogue.identity import Minter
from catalogue.rdf import IRI
from catalogue.vocabulary import DCT, SPDX_LICENCE

MINTER = Minter("https://catalogue.example")


@pytest.mark.parametrize(
    ("url", "declared", "on_forge"),
    [
        ("https://github.com/City/App.git", "https://github.com/city/app", "https://github.com/city/app"),
        ("https://gitlab.com/a/b/c", "https://gitlab.com/a/b/c", "https://gitlab.com/a/b/c"),
        ("https://git.city.example/team/app", "https://git.city.example/team/app", "https://git.city.example/team/app"),
        ("https://code.city.example/app.git", "https://code.city.example/app", None),
        ("https://city.example/scm/app", "https://city.example/scm/app", None),
        ("https://github.com/city/app/tree/main/part", "https://github.com/city/app", None),
        ("https://github.com/city", None, None),
        ("https://github.com/city/app/releases/tag/v1", None, None),
        ("https://github.com/city/app/issues", None, None),
        ("https://raw.example/x.zip", None, None),
        ("ftp://github.com/city/app", None, None),
        ("no address", None, None),
        ("", None, None),
    ],
)
def test_an_address_is_of_a_repository_by_its_field_or_by_its_host(
    url: str, declared: str | None, on_forge: str | None
) -> None:
    said, guessed = _source_code.declared(url), _source_code.on_forge(url)
    assert (said and said.url, guessed and guessed.url) == (declared, on_forge)


def test_only_one_repository_names_software() -> None:
    one, two = (_source_code.declared(f"https://github.com/city/{name}") for name in ("a", "b"))
    assert _source_code.only([None, one, one]) == one
    assert _source_code.only([one, two]) is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2024", "2024"),
        ("2024-05", "2024-05"),
        ("2024-05-06", "2024-05-06"),
        ("2024-05-06T07:08:09.123456", "2024-05-06T07:08:09Z"),
        ("2024-05-06 07:08", "2024-05-06T07:08:00Z"),
        ("2024-05-06T07:08:09+0200", "2024-05-06T07:08:09+02:00"),
        ("2024-02-30", None),
        ("2024-05-06T25:00:00", None),
        ("06.05.2024", None),
        ("٢٠٢٤", None),
    ],
)
def test_dates_are_written_as_xml_schema_does(written: str, read: str | None) -> None:
    found = date_or_time(written)
    assert (found and found.value) == read


@pytest.mark.parametrize(
    ("named", "licence"),
    [
        (["EUPL-1.2"], SPDX_LICENCE + "EUPL-1.2"),
        (["http://publications.europa.eu/resource/authority/licence/EUPL_1_2"], SPDX_LICENCE + "EUPL-1.2"),
        (["http://publications.europa.eu/resource/authority/licence/CC_BY_4_0"], SPDX_LICENCE + "CC-BY-4.0"),
        (["odc-odbl"], SPDX_LICENCE + "ODbL-1.0"),
        (["cc-by", "http://www.opendefinition.org/licenses/cc-by"], "http://www.opendefinition.org/licenses/cc-by"),
        (["ours", ""], None),
    ],
)
def test_licences_are_those_of_spdx_where_they_can_be_told(named: list[str], licence: str | None) -> None:
    entry = Entry(MINTER, IRI("https://e.example/1"), None)
    assert entry.licensed(entry.iri, *named) is (licence is not None)
    assert {t.object for t in entry.triples if t.predicate == DCT.license} == ({IRI(licence)} if licence else set())


@given(st.text())
def test_every_name_makes_a_key_that_can_stand_in_an_address(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9._~-]{1,100}", record_key(name))


def test_different_names_make_different_keys() -> None:
    names = ["oai:r:1", "oai-r-1", "oai:r/1", "oai:r:1 ", "OAI:r:1"]
    assert len({record_key(name) for name in names}) == len(names)
