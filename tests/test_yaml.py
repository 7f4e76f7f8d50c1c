"""YAML of strangers becomes a small tree of texts, or an error that says where and what to do."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.errors import DocumentError
from catalogue.yaml import Mapping, Node, Scalar, Sequence, read


def scalar(content: str, key: str = "a") -> Scalar:
    node = read(content.encode()).get(key)
    assert isinstance(node, Scalar)
    return node


def plain(node: Node | None) -> object:
    if isinstance(node, Mapping):
        return {key.text: plain(child) for key, child in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.text if node else None


@pytest.mark.parametrize("text", ["NO", "1.10", "0x10", "2020-01-01", "1e3", "~", "null", "yes", "0777", "1_000"])
def test_a_scalar_stays_the_text_it_was_written_as(text: str) -> None:
    assert scalar(f"a: {text}").text == text


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("False", False), ("TRUE", True), ("yes", None), ("no", None), ("on", None), ("'true'", None)],
)
def test_only_yaml_1_2_booleans_without_quotes_are_booleans(text: str, value: bool | None) -> None:
    assert scalar(f"a: {text}").boolean is value


@pytest.mark.parametrize(("text", "null"), [("", True), ("~", True), ("null", True), ("''", False), ("'~'", False)])
def test_null_is_nothing_a_tilde_or_null_without_quotes(text: str, null: bool) -> None:
    assert scalar(f"a: {text}").is_null is null


def test_a_tagged_scalar_is_not_plain() -> None:
    assert scalar("a: !!str true").boolean is None


def test_positions_count_from_one_in_characters() -> None:
    tree = read("# é\nà: [x, {y: z}]\n".encode())
    key, items = tree.entries[0]
    assert isinstance(items, Sequence)
    assert ((key.line, key.column), (items.line, items.column)) == ((2, 1), (2, 4))
    assert [(item.line, item.column) for item in items.items] == [(2, 5), (2, 8)]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfa: 1\nb: 2\n",
        b"a: 1\r\nb: 2\r\n",
        b"a: 1\rb: 2",
        b"---\na: 1\nb: 2\n...",
        b"---\na: 1\nb: 2\n---\n",
    ],
)
def test_byte_order_marks_line_ends_and_document_marks_do_not_count(content: bytes) -> None:
    assert plain(read(content)) == {"a": "1", "b": "2"}


def test_of_a_repeated_key_the_first_entry_stays_and_the_others_are_listed() -> None:
    tree = read(b"a: 1\nb: 2\na: 3\n")
    assert plain(tree) == {"a": "1", "b": "2"}
    assert [(key.text, key.line) for key in tree.duplicates] == [("a", 3)]


def test_an_alias_is_the_node_it_repeats() -> None:
    assert plain(read(b"a: &x [1, {b: c}]\nd: *x\ne: &x 2\nf: *x")) == {
        "a": ["1", {"b": "c"}],
        "d": ["1", {"b": "c"}],
        "e": "2",
        "f": "2",
    }


def test_an_anchor_defined_anew_inside_its_own_node_keeps_the_inner_one() -> None:
    assert plain(read(b"a: &x [&x 1]\nb: *x")) == {"a": ["1"], "b": "1"}


@pytest.mark.parametrize("before", ["", "\ufeff", "# é\n", "b: &x [1]\nc: *x\n"])
def test_an_address_in_brackets_needs_no_quotes(before: str) -> None:
    tree = read(f"{before}a: [https://a.example/b]\n".encode())
    assert plain(tree.get("a")) == ["https://a.example/b"]


def test_an_error_far_behind_an_address_in_brackets_has_its_place() -> None:
    """libyaml stops at the address, before it has read so far; it is the other parser that finds the error."""
    with pytest.raises(DocumentError, match="special characters") as caught:
        read(f"a: [https://a.example/é]\n{'# é' * 12_000}\nb: é\x07\n".encode()[: 1 << 16])
    assert (caught.value.line, caught.value.column) == (3, 5)


def test_a_large_file_must_have_quotes_around_addresses_in_brackets() -> None:
    with pytest.raises(DocumentError, match="unexpected ':'") as caught:
        read(b"a: [https://a.example/b]\n" + b"#" * (1 << 16))
    assert caught.value.fix == "Put quotes around an address in brackets."


def test_a_merge_key_is_a_key_like_any_other() -> None:
    assert plain(read(b"a: {<<: {b: 1}}")) == {"a": {"<<": {"b": "1"}}}


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "message", "line", "column"),
    [
        pytest.param(b"a: 1\nb: \xc3\xa9\xff\n", "not UTF-8", 2, 5, id="bytes that are no UTF-8"),
        pytest.param("a: 1\n".encode("utf-16"), "UTF-16", 1, 1, id="UTF-16"),
        pytest.param("a: 1\nb: é\x07\n".encode(), "control characters", 2, 5, id="a control character"),
        pytest.param(b"a: 1\nb: c: d\n", "mapping values are not allowed", 2, 5, id="a colon in a text"),
        pytest.param(b"a:\n\t- b\n", "cannot start any token", 2, 1, id="a tab"),
        pytest.param(b"a: 'b\n", "while scanning a quoted scalar", None, None, id="an open quote"),
        pytest.param(b"a: !x!y z\n", "undefined tag handle", 1, 4, id="an unknown tag handle"),
        pytest.param(b"", "empty", 1, 1, id="nothing"),
        pytest.param(b"# a: 1\n", "empty", 1, 1, id="comments"),
        pytest.param(b"---\n...\n", "empty", 1, 1, id="an empty document"),
        pytest.param(b"../other.yml", "no keys", 1, 1, id="a text"),
        pytest.param(b"- a\n", "no keys", 1, 1, id="a list"),
        pytest.param(b"a: 1\n---\nb: 2\n", "more than one", 2, 1, id="two documents"),
        pytest.param(b"a: 1\n---\n- b\n", "more than one", 2, 1, id="a list as the second document"),
        pytest.param(b"a: {{ name }}\n", "not a text", 1, 5, id="a template"),
        pytest.param(b"a: 1\nb: *c\n", "refers to nothing", 2, 4, id="an alias of nothing"),
        pytest.param(b"a: &x\n  b: *x\n", "inside what it repeats", 2, 6, id="an alias of its ancestor"),
        pytest.param(b"a: " + b"[" * 40 + b"]" * 40, "deeper than 32", 1, 35, id="deep lists"),
        pytest.param(b"a: " + b"{b: " * 99_999, "deeper than 32", 1, None, id="very deep mappings"),
        pytest.param(
            b"a: &x [[[[[[[[[[1]]]]]]]]]]\nb: [[[[[[[[[[[[[[[[[[[[[[[*x", "deeper", 2, 27, id="deep by an alias"
        ),
        pytest.param(b"a: [" + b"x," * 50_001 + b"]", "more than 50000 values", 1, None, id="many values"),
        pytest.param(BOMB.encode(), "values", None, None, id="a bomb of aliases"),
        pytest.param(b"a: &x 1\nb: [" + b"*x," * 101 + b"]", "more than 100 aliases", 2, 305, id="many aliases"),
        pytest.param(b"a: " + b"x" * (1 << 20), "larger than 1048576 bytes", None, None, id="many bytes"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_place(
    content: bytes, message: str, line: int | None, column: int | None
) -> None:
    with pytest.raises(DocumentError, match=message) as caught:
        read(content)
    assert line is None or caught.value.line == line
    assert column is None or caught.value.column == column


@pytest.mark.parametrize(
    "content",
    [
        b"- " * 500_000,
        b"? " * 500_000,
        b"[" * 1_000_000,
        b"a: '" + b"\n" * 1_000_000,
        b"#" * 1_000_000,
        b"&a " * 300_000,
        b"a: [" + b"x:y, " * 13_000,
    ],
    ids=["lists", "keys", "brackets", "quote", "comment", "anchors", "colons"],
)
def test_a_hostile_document_costs_little_time(content: bytes) -> None:
    with pytest.raises(DocumentError):
        read(content)


@given(st.binary(max_size=200) | st.text("ab:-[]{}&*!|>'\"%@`#,? \n\t~<é", max_size=60).map(str.encode))
def test_any_bytes_are_a_mapping_or_a_document_error(content: bytes) -> None:
    with suppress(DocumentError):
        assert isinstance(read(content), Mapping)
