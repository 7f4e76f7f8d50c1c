"""What is a page for people, and what is an answer for machines."""

from datetime import UTC, datetime

import pytest

from catalogue.harvesters._web_pages import is_page
from catalogue.model import Document


def document(content: bytes) -> Document:
    return Document("https://elsewhere.example/", content, "text/turtle", datetime(2026, 11, 21, tzinfo=UTC))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"<!DOCTYPE html><title>Log in</title>", True),
        (b"\xef\xbb\xbf <?xml version='1.0'?><!-- a > b --> <!----><HTML lang='en'>", True),
        (b"<!-- a\n--><!-- b", False),
        (b"<!-- <html> --><rdf:RDF>", False),
        (b"<htmlish>", False),
        (b"", False),
    ],
)
def test_a_page_is_known_by_how_it_begins(content: bytes, expected: bool) -> None:
    assert is_page(document(content)) == expected


@pytest.mark.parametrize("piece", [b"<!---->", b"<!-->", b"<!--", b" ", b"<?xml>", b"<!---->\n<?xml?>"])
def test_many_comments_take_no_time(piece: bytes) -> None:
    assert not is_page(document(piece * 500_000))
