"""The smallest pieces of a page: each knows its own HTML, so templates need no macro for them.

Everything is escaped here, and addresses that a browser could run (`javascript:`) never become links.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from urllib.parse import urlsplit

from markupsafe import Markup, escape

PAGE_LANGUAGE = "en"
_LINKED_SCHEMES = ("http://", "https://", "mailto:", "tel:")
_SAME_SITE = ("/", "?", "#", "mailto:", "tel:")
_LONGEST_ADDRESS = 60


@dataclass(frozen=True, slots=True)
class Text:
    """Words, and their language by BCP 47 ("" where it is not known)."""

    value: str
    language: str = ""

    def __str__(self) -> str:
        return self.value

    def __html__(self) -> str:
        if self.language and self.language.partition("-")[0] != PAGE_LANGUAGE:
            return f'<span lang="{escape(self.language)}">{escape(self.value)}</span>'
        return str(escape(self.value))


@dataclass(frozen=True)
class Link:
    """Words that lead somewhere: to a page of this host by its path, or elsewhere; plain words without `href`."""

    text: Text
    href: str = ""

    def __str__(self) -> str:
        return self.text.value

    def __html__(self) -> str:
        return self._html

    @cached_property
    def _html(self) -> str:
        """Links to licences, topics, countries stand on every page, and are made once."""
        if not self.href:
            return self.text.__html__()
        if self.href.startswith(_SAME_SITE):
            return f'<a href="{escape(self.href)}">{self.text.__html__()}</a>'
        return f'<a class="out" rel="nofollow noopener" href="{escape(self.href)}">{self.text.__html__()}</a>'


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, a month, a year or a time, as an ISO 8601 text; shown as a person writes it."""

    value: str

    def __str__(self) -> str:
        day, _, time = self.value.partition("T")
        try:
            shown = f"{date.fromisoformat(day[:10]):%-d %B %Y}"
        except ValueError:
            return self.value
        hour = time[:5]
        return f"{shown}, {hour}" if hour not in ("", "00:00") else shown

    @property
    def day(self) -> "Moment":
        return Moment(self.value[:10])

    def __html__(self) -> str:
        return f'<time datetime="{escape(self.value)}">{escape(str(self))}</time>'


@dataclass(frozen=True, slots=True)
class Literally:
    """A value as it stands in the data, with its language or datatype beside it."""

    value: str
    note: str = ""
    language: str = ""

    def __str__(self) -> str:
        return self.value

    def __html__(self) -> str:
        words = Text(self.value, self.language).__html__()
        return f"{words} <small>{escape(self.note)}</small>" if self.note else words


Shown = Text | Link | Moment | Literally | Markup


def is_linked(address: str) -> bool:
    """Whether an address may become a link."""
    return address.lower().startswith(_LINKED_SCHEMES)


def external(address: str) -> Link:
    """A link to another host, named by its address; plain words for what must not be followed."""
    return Link(Text(short_address(address)), address if is_linked(address) else "")


def short_address(address: str) -> str:
    """An address as people read it: without scheme, `www.` and the end of what is too long for a line."""
    if address.startswith(("mailto:", "tel:")):
        return address.partition(":")[2]
    if not address.startswith(("http://", "https://")):
        return address
    parts = urlsplit(address)
    short = parts.netloc.removeprefix("www.") + parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")
    return short if len(short) <= _LONGEST_ADDRESS else short[: _LONGEST_ADDRESS - 1] + "…"
