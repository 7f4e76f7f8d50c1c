"""Harvested Markdown as HTML that can do no harm, and as plain words. The only module that knows nh3 and markdown_it.

What strangers write may hold scripts, styles, tracking pictures and links that pretend to be ours: only plain text
structure passes, pictures become links, and links go only where a reader sees that they go.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup, escape

_TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "dl", "dt", "em", "h3", "h4", "h5", "h6", "hr", "i"),
    *(
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ),
}
_SILENT = {"script", "style", "iframe", "object", "embed", "template", "noscript", "title", "svg", "math"}
# More than the longest description of the standard by a factor of five; parsing takes time in proportion.
_LONGEST = 50_000
# Descriptions stand below a heading of the second level.
_HEADING_SHIFT = 2
_MARKS = re.compile(r"[*_`#<>\[\]&]|://")
_HEADING = re.compile(r"(</?)h([1-6])\b", re.IGNORECASE)


@lru_cache(1_000)
def html(markdown: str) -> Markup:
    """Markdown, with or without HTML in it, as HTML that is safe to show below a heading of the second level."""
    rendered = _HEADING.sub(_shifted, _parser().render(markdown[:_LONGEST]))
    clean = nh3.clean(
        rendered,
        tags=_TAGS,
        clean_content_tags=_SILENT,
        attributes={"a": {"href"}, "ol": {"start"}, "abbr": {"title"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="nofollow noopener",
    )
    return Markup(clean)  # noqa: S704  # nh3 has just made it safe


def plain(markdown: str, length: int) -> str:
    """The words of a text, without its marks, cut at a word after `length` characters."""
    words = " ".join((html(markdown).striptags() if _MARKS.search(markdown) else markdown).split())
    return words if len(words) <= length else words[:length].rsplit(" ", 1)[0] + " …"


def _shifted(heading: re.Match[str]) -> str:
    return f"{heading[1]}h{min(int(heading[2]) + _HEADING_SHIFT, 6)}"


def _image(_: RendererHTML, tokens: Sequence[Token], index: int, *__: object) -> str:
    token = tokens[index]
    source = str(token.attrs.get("src", ""))
    return f'<a href="{escape(source)}">{escape(token.content or "picture")}</a>'


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")
    parser.add_render_rule("image", _image)
    return parser
