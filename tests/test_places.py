"""Places of what findings are about, in texts whose reader knew none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.model import Finding, Report, Severity
from catalogue.places import placed

JSON = """{
  "name": "Tool",
  "license": "mit or gpl",
  "repositories": ["https://x.example/a", "nonsense \\u00e9"],
  "owner": {"name": "City", "url": "https://x.example/a"}
}
"""
YAML = "releases:\n  - name: a\n    status: Beta\n  - name: b\n    contact:\n      email: nobody\n"


def found(path: str | None, value: str | None = None, line: int | None = None) -> Finding:
    return Finding(Severity.WARNING, "It is wrong.", path, value, line=line)


@pytest.mark.parametrize(
    ("text", "finding", "place"),
    [
        pytest.param(JSON, found("license", "mit or gpl"), (3, 15), id="a value"),
        pytest.param(JSON, found("license"), (3, 4), id="a key"),
        pytest.param(JSON, found("repositories[1]", "nonsense é"), (4, 44), id="a value that is escaped"),
        pytest.param(JSON, found("repositories[2]"), (4, 4), id="a place in a list"),
        pytest.param(JSON, found("name"), None, id="a key that is there twice"),
        pytest.param(
            JSON, found("owner.url", "https://x.example/a"), (5, 30), id="a value that is there twice, with its key"
        ),
        pytest.param(JSON, found("nothing", "none"), None, id="what is not there"),
        pytest.param(JSON, found("http://www.w3.org/ns/adms#status"), None, id="a property of RDF"),
        pytest.param(YAML, found("releases[0].status", "Beta"), (3, 13), id="YAML"),
        pytest.param(YAML, found("releases[1].contact.email"), (6, 7), id="a key of YAML"),
        pytest.param(YAML, found("x", "no"), None, id="a part of a word"),
        pytest.param("", found("license"), None, id="no text"),
    ],
)
def test_what_stands_once_is_found_and_nothing_is_guessed(
    text: str, finding: Finding, place: tuple[int, int] | None
) -> None:
    (told,) = placed(Report((finding,)), text).findings
    assert (told.line, told.column) == (place or (None, None))


def test_a_place_that_is_known_stays() -> None:
    report = Report((found("license", line=7), found("license")))
    assert [one.line for one in placed(report, JSON).findings] == [7, 3]


@given(st.text(), st.lists(st.builds(found, st.none() | st.text(), st.none() | st.text())))
def test_a_place_is_within_the_text(text: str, findings: list[Finding]) -> None:
    for told in placed(Report(tuple(findings)), text).findings:
        if told.line is not None and told.column is not None:
            assert told.column <= len(text.splitlines()[told.line - 1])
