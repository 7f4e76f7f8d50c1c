"""What becomes of JSON that strangers wrote."""

import json
import math
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.errors import DocumentError
from catalogue.harvesters import _json
from catalogue.model import Finding

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=100)
@given(VALUES, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_what_json_holds_is_read_as_it_is_in_every_encoding(value: object, encoding: str) -> None:
    assert _json.parse(json.dumps(value).encode(encoding)) == value


@settings(max_examples=300)
@given(st.binary() | st.text(alphabet='[]{}:,"\\u0dN1e-. tfn\n').map(str.encode))
def test_no_bytes_end_in_another_error(content: bytes) -> None:
    with suppress(DocumentError):
        _json.parse(content, found=[])


@pytest.mark.parametrize(
    ("content", "line", "column", "words"),
    [
        pytest.param(b"", 1, 1, "empty", id="nothing"),
        pytest.param(b'{\n  "a": 1,\n}', 3, 1, "valid JSON", id="a comma too many"),
        pytest.param(b'{"a": 1,\r\n "a": 2}', 2, 2, "there twice", id="a key that comes twice"),
        pytest.param(
            b'{"a": {"\\u0062": 1, "b": 2}}', 1, 21, "The key b", id="a key that comes twice, spelt otherwise"
        ),
        pytest.param(b'["NaN",\n NaN]', 2, 2, "NaN is no number", id="NaN"),
        pytest.param(b"[-Infinity]", 1, 2, "-Infinity", id="infinity"),
        pytest.param(b"[1, 1e999]", 1, 5, "too large", id="a number that no software has"),
        pytest.param(b"[" + b"7" * 5000 + b"]", 1, 2, "too many digits", id="a number that takes long to read"),
        pytest.param(b"[" * 65 + b"]" * 65, 1, 65, "nested deeper", id="deep"),
        pytest.param(b"[" * 200_000, 1, 65, "nested deeper", id="deep without an end"),
        pytest.param(b'["\xe4"]', 1, 3, "not UTF-8", id="Latin-1"),
        pytest.param(b'["a\tb"]', 1, 4, "control character", id="a tab in a text"),
        pytest.param(b'{"a": 1}\n{"a": 2}', 2, 1, "extra data", id="lines of JSON"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(content: bytes, line: int, column: int, words: str) -> None:
    with pytest.raises(DocumentError, match=words) as caught:
        _json.parse(content)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_a_document_that_is_too_large_is_not_looked_at() -> None:
    with pytest.raises(DocumentError, match="larger than 10 bytes"):
        _json.parse(b"[" * 11, max_bytes=10)


def test_a_key_that_comes_twice_can_be_a_warning() -> None:
    found: list[Finding] = []
    assert _json.parse(b'{"a": 1, "a": [2, {"b": 0, "b": 3}]}', found=found) == {"a": [2, {"b": 3}]}
    assert [(finding.path, finding.column) for finding in found] == [("a", 10), ("b", 28)]


def test_half_a_character_becomes_a_sign_for_one() -> None:
    assert _json.parse(b'{"\\ud83d": ["\\udc00x", "\\ud83d\\ude00"]}') == {"\N{REPLACEMENT CHARACTER}": ["\N{REPLACEMENT CHARACTER}x", "\N{GRINNING FACE}"]}  # fmt: skip  # noqa: E501


@given(VALUES)
def test_helpers_give_none_for_what_is_of_another_type(value: object) -> None:
    for helper in (_json.text, _json.url, _json.date):
        assert helper(value) is None or isinstance(helper(value), str)
    assert all(isinstance(item, str) for item in _json.texts(value))
    assert all(isinstance(item, dict) for item in _json.objects(value))
    _json.member(value, "a", "b")


@pytest.mark.parametrize(
    ("helper", "value", "expected"),
    [
        (_json.text, "  a ", "a"),
        (_json.text, " ", None),
        (_json.text, 1, None),
        (_json.texts, ["a", 1, "", None], ("a",)),
        (_json.texts, "a", ("a",)),
        (_json.texts, None, ()),
        (_json.objects, {"a": 1}, ({"a": 1},)),
        (_json.url, "https://example.org/a", "https://example.org/a"),
        (_json.url, "https://example.org/a b", None),
        (_json.url, "javascript:alert(1)", None),
        (_json.url, "https://", None),
        (_json.date, "2026-01-31T10:00:00Z", "2026-01-31"),
        (_json.date, "2026-02-31", None),
        (_json.date, "2026-01-31x", None),
        (_json.boolean, "True", True),
        (_json.boolean, 1, None),
    ],
)
def test_values_are_read_as_what_they_were_meant_to_be(helper, value: object, expected: object) -> None:  # type: ignore[no-untyped-def]
    assert helper(value) == expected


def test_a_number_is_what_it_was() -> None:
    assert _json.parse(b"[1, -1.5, 1e3]") == [1, -1.5, 1000.0]
    assert math.isfinite(_json.parse(b"1e308"))
