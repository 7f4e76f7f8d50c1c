"""Readers of single values of a publiccode.yml: texts, links, files, codes, languages, mail addresses, telephones."""

import posixpath
import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote, unquote, urljoin

from catalogue.code_lists import language, notations
from catalogue.harvesters._publiccode_draft import Draft, Place, Reader
from catalogue.harvesters._publiccode_files import raw_address
from catalogue.model import Severity
from catalogue.rdf import IRI, Literal, is_iri, text
from catalogue.vocabulary import DCT, FOAF, RDF, concept
from catalogue.yaml import Node, Scalar

_EMAIL = re.compile(r"[^@\s<>()\[\],;:\"\\]+@(?:[^@\s.<>()\[\],;:\"\\/?#]+\.)+[^@\s.<>()\[\],;:\"\\/?#]{2,}")


def email(draft: Draft, node: Node, place: Place) -> str | None:
    """An address as a mailto: IRI."""
    value = draft.text(node, place)
    if value is None:
        return None
    address = re.sub(r"^mailto:", "", value, flags=re.IGNORECASE)
    local, _, domain = address.rpartition("@")
    iri = f"mailto:{quote(local, safe='!$*+-._~')}@{domain}"
    if _EMAIL.fullmatch(address) and is_iri(iri):
        return iri
    draft.warn("This is not an e-mail address.", place, node, "Write one address, such as name@example.org.")
    return None


def phone(draft: Draft, node: Node, place: Place) -> str | None:
    """A number as a tel: IRI of its digits (RFC 3966)."""
    value = draft.text(node, place)
    if value is None:
        return None
    spoken = re.sub(r"^tel:", "", value, flags=re.IGNORECASE)
    international = spoken.startswith(("+", "00"))
    # A slash between digits sets the area apart, one between spaces another number.
    spoken = re.sub(r"(?<=\d)/(?=\d)", "", spoken.replace("(0)", "") if international else spoken, count=1)
    number = re.sub(r"^00", "+", re.sub(r"[\s().\-\u2010-\u2015]", "", spoken))
    if not re.fullmatch(r"\+?[0-9]{5,15}", number):
        draft.warn("This is not one telephone number.", place, node, "Write one number, such as +39 06 0123456.")
        return None
    if not international:
        draft.warn(
            "This telephone number has no international prefix.", place, node, "Begin it with + and the country."
        )
    return f"tel:{number}"


def web_page(*predicates: IRI, page_type: str | None = None) -> Reader:
    """Reads the address of a page, which becomes a foaf:Document."""

    def read_page(draft: Draft, node: Node, place: Place) -> None:
        address = draft.address(node, place)
        if address is None:
            return
        page = IRI(address)
        draft.say(page, RDF.type, FOAF.Document)
        if page_type:
            draft.say(page, DCT.type, concept("page-type", page_type))
        for predicate in predicates:
            draft.say(draft.solution, predicate, page)

    return read_page


_SAFE = "/!$&'()*+,;=:@~-._"


def file_address(draft: Draft, node: Node, place: Place) -> str | None:
    """The address of a file of the repository, given as an address or as a path from the repository's root."""
    value = draft.text(node, place)
    if value is None:
        return None
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", value):
        return _file_itself(draft, node, place)
    path = posixpath.normpath(unquote(value).replace("\\", "/").lstrip("/"))
    if path == "." or path.startswith(".."):
        draft.warn("This is no path of a file in the repository.", place, node, "Begin at its root.")
        return None
    base = _files(draft)
    address = f"{base}{quote(path, safe=_SAFE)}"
    if base is None or not is_iri(address):
        fix = "Write the whole address of the file."
        draft.find(Severity.INFO, "The address of this file cannot be told; it was left out.", place, node, fix)
        return None
    return address


def _file_itself(draft: Draft, node: Node, place: Place) -> str | None:
    """The address of a file, also where the one given is of the page that a forge shows it on."""
    address = draft.address(node, place)
    if address is None:
        return None
    raw = raw_address(address)
    if raw != address:
        draft.warn("This is the address of a page that shows the file.", place, node, f"Write {raw}")
    return raw if is_iri(raw) else None


def _files(draft: Draft) -> str | None:
    """Where the files of the repository are: beside the document on the web, else where a known forge has them."""
    if draft.document_url:
        return urljoin(draft.document_url, ".")
    url = draft.repository.url
    host, _, path = url.removeprefix("https://").partition("/")
    if host == "github.com":
        return f"https://raw.githubusercontent.com/{path}/HEAD/"
    if host == "gitlab.com" or host.startswith("gitlab."):
        return f"{url}/-/raw/HEAD/"
    return f"{url}/raw/HEAD/" if host == "bitbucket.org" else None


def check_length(draft: Draft, value: str, node: Node, place: Place, most: int, least: int = 0) -> None:
    if len(value) > most:
        draft.warn(f"This text has more than {most} characters.", place, node, f"Take {len(value) - most} out.")
    elif len(value) < least:
        draft.warn(f"This text has fewer than {least} characters.", place, node, "Tell more.")


def prose(*predicates: IRI, most: int, least: int = 0) -> Reader:
    """Reads a text of the description."""

    def read_prose(draft: Draft, node: Node, place: Place) -> str | None:
        value = draft.text(node, place)
        if value is not None:
            check_length(draft, value, node, place, most, least)
            for predicate in predicates:
                draft.say(draft.solution, predicate, text(value, place.language))
        return value

    return read_prose


def phrases(predicate: IRI) -> Reader:
    """Reads a list of texts."""

    def read_phrases(draft: Draft, node: Node, place: Place) -> str | None:
        for value, _, where in draft.texts(node, place):
            draft.say(draft.solution, predicate, text(value, where.language))
        return "present"

    return read_phrases


def unread(draft: Draft, node: Node, place: Place) -> None:
    """What is kept in the document as written only."""


def list_code(draft: Draft, node: Node, place: Place, code_list: str) -> str | None:
    """A code of one of our lists in its spelling."""
    value = draft.text(node, place)
    known = notations(code_list)
    if value is None or value in known:
        return value
    spelled = next((code for code in known if code.lower() == value.lower()), None)
    fix = f"Write {spelled}." if spelled else _choice(draft.suggestion(value, known), known)
    draft.warn("This is not among the values that this key can have.", place, node, fix)
    return spelled


def _choice(suggestion: str | None, known: Mapping[str, IRI]) -> str:
    """A fix that lists the values of a short list."""
    if len(known) < 10:
        values = f"The values are {', '.join(known)}."
        return f"{suggestion} {values}" if suggestion else values
    return suggestion or "See the list in the standard, https://yml.publiccode.tools/."


_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")


@lru_cache(maxsize=4096)
def _tag(value: str) -> str | None:
    """A BCP 47 tag in its usual spelling (`pt-BR`, `zh-Hans`), None for what is none (RFC 5646, section 2.1)."""
    tag = value.strip().replace("_", "-")
    if not _TAG.fullmatch(tag):
        return None
    primary, *others = tag.lower().split("-")
    primary = _shorter_codes().get(primary, primary)
    spelled = "-".join((primary, *(_spelled(subtag) for subtag in others)))
    try:
        Literal("", language=spelled)
    except ValueError:
        return None
    return spelled


def _spelled(subtag: str) -> str:
    if len(subtag) == 4 and subtag.isalpha():
        return subtag.title()
    return subtag.upper() if len(subtag) == 2 else subtag


@lru_cache(maxsize=1)
def _shorter_codes() -> Mapping[str, str]:
    """The two letters of the languages whose three letters BCP 47 does not allow: "ita" is "it"."""
    codes = notations("language")
    return {iri.value.rsplit("/", 1)[-1].lower(): code for code, iri in codes.items() if len(code) == 2}


def language_tag(draft: Draft, written: Scalar, place: Place) -> str | None:
    """A language tag in its usual spelling."""
    value = written.text.strip()
    tag = _tag(value)
    if tag is None:
        draft.warn("This is not a language tag (BCP 47).", place, written, "Write a tag such as it, en or pt-BR.")
    elif tag.lower() != value.lower():
        draft.warn("BCP 47 writes this language otherwise.", place, written, f"Write {tag}.")
    elif language(tag) is None and tag != "und":
        draft.warn("This language is not in the EU's list of languages.", place, written, "Check the tag.")
    return tag
