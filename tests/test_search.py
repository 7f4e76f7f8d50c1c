"""The search index: words in many languages, facets that tell the truth, lists in order."""

from pathlib import Path

import pytest

from catalogue.errors import StoreError
from catalogue.search import Entry, Index, IndexWriter, Question

EN, IT = "en", "it"


def entry(name: str, **values: object) -> Entry:
    facts: dict[str, object] = {"iri": f"https://c.example/id/solution/{name}", "kind": "solution", "key": name}
    return Entry(**(facts | {"title": {EN: name}} | values))  # type: ignore[arg-type]


ENTRIES = (
    entry("ticket", title={EN: "Ticket office"}, summary={EN: "Registries of tickets"}, modified="2026-03-01"),
    entry("gestion", title={IT: "Gestione pratiche"}, summary={"es": "Gestión de expedientes"}, modified="2026-02-01"),
    entry("strasse", title={"de": "Straßenverzeichnis"}, text={"de": "Ämter und Behörden"}, modified="2026-01-01"),
    entry("alpha", facets={"licence": ("EUPL-1.2", "MIT"), "country": ("ITA",)}, modified="2026-05-01"),
    entry("beta", facets={"licence": ("MIT",), "country": ("ITA", "FRA")}, modified="2026-04-01"),
    entry("owner", kind="owner", title={EN: "Ticket owner"}),
)


@pytest.fixture
def index(tmp_path: Path) -> Index:
    writer = IndexWriter(tmp_path / "index", create=True)
    for one in ENTRIES:
        writer.put(one)
    writer.commit()
    return Index(tmp_path / "index")


def found(index: Index, text: str = "", **more: object) -> list[str]:
    return [hit.key for hit in index.ask(Question("solution", text, **more)).entries]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("ticket", ["ticket"]),
        ("TICKETS", ["ticket"]),
        ("registry", ["ticket"]),
        ("tick", ["ticket"]),
        ("gestión", ["gestion"]),
        ("gestion", ["gestion"]),
        ("behörde", ["strasse"]),
        ("amter", ["strasse"]),
        ("ticket registries", ["ticket"]),
        ("ticket gestion", []),
        ('"; DROP (x:y AND [', []),
        ("   ", ["alpha", "beta", "ticket", "gestion", "strasse"]),
    ],
)
def test_words_are_found_whatever_their_case_accents_and_endings(index: Index, words: str, keys: list[str]) -> None:
    assert found(index, words) == keys


def test_a_mistyped_word_finds_near_ones_and_says_so(index: Index) -> None:
    results = index.ask(Question("solution", "tikcet"))
    assert [hit.key for hit in results.entries] == ["ticket"]
    assert results.corrected
    assert not index.ask(Question("solution", "ticket")).corrected


@pytest.mark.parametrize(
    ("filters", "keys"),
    [
        ({"licence": ("MIT",)}, ["alpha", "beta"]),
        ({"licence": ("EUPL-1.2",)}, ["alpha"]),
        ({"licence": ("EUPL-1.2", "MIT")}, ["alpha", "beta"]),
        ({"licence": ("MIT",), "country": ("FRA",)}, ["beta"]),
        ({"licence": ("none",)}, []),
        ({"unknown": ("x",), "licence": ("EUPL-1.2",)}, ["alpha"]),
    ],
)
def test_values_of_a_facet_widen_and_facets_narrow(
    index: Index, filters: dict[str, tuple[str, ...]], keys: list[str]
) -> None:
    assert found(index, filters=filters) == keys


def test_a_facets_counts_say_what_choosing_a_value_gives(index: Index) -> None:
    chosen = {"licence": ("EUPL-1.2",)}
    counts = index.ask(Question("solution", filters=chosen)).facets
    assert dict(counts["licence"]) == {"MIT": 2, "EUPL-1.2": 1}
    assert dict(counts["country"]) == {"ITA": 1}
    for value, count in counts["country"]:
        assert index.count(Question("solution", filters=chosen | {"country": (value,)})) == count


def test_lists_are_sorted_and_paged(index: Index) -> None:
    assert found(index, sort="title") == ["alpha", "beta", "gestion", "strasse", "ticket"]
    assert found(index, sort="modified", offset=1, size=2) == ["beta", "ticket"]
    assert index.ask(Question("solution", offset=4, size=2)).total == 5


def test_an_entry_is_found_by_address_and_by_iri_as_it_was_put(index: Index) -> None:
    stored = index.find("solution", "alpha")
    assert stored == ENTRIES[3]
    assert index.entry(ENTRIES[3].iri) == stored
    assert index.find("owner", "alpha") is None


def test_putting_an_entry_again_replaces_it_and_removing_takes_it_away(tmp_path: Path, index: Index) -> None:
    writer = IndexWriter(tmp_path / "index", create=False)
    writer.put(entry("alpha", title={EN: "Omega"}))
    writer.remove(ENTRIES[4].iri)
    writer.commit()
    assert found(Index(tmp_path / "index"), sort="title") == ["gestion", "alpha", "strasse", "ticket"]
    assert index.counts() == {"solution": 5, "owner": 1}


def test_a_missing_index_is_explained(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        Index(tmp_path / "none")
