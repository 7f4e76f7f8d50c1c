"""Single values of a publiccode.yml: what is wrong with a text, and what it stands for.

`*_fault` tell what is wrong with a text as written; the other functions give the value that it stands for, also where
it is not written as it should be, or None. Whatever gets None here is faulty there.
"""

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from urllib.parse import quote, urlsplit

from catalogue.code_lists import code_list, language, notations, triples
from catalogue.identity import organisation_identity
from catalogue.licences import MAX_LENGTH, Licence, licence, suggestions
from catalogue.model import Severity
from catalogue.publiccode import standard
from catalogue.publiccode.forges import Shown, raw_address, repository_of
from catalogue.rdf import Literal, is_iri
from catalogue.vocabulary import SKOS
from catalogue.yaml import Node, Scalar, Sequence


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a value, and what mends it."""

    message: str
    fix: str | None = None
    severity: Severity = Severity.VIOLATION


Check = Callable[[str], Fault | None]


def _advice(message: str, fix: str | None = None) -> Fault:
    return Fault(message, fix, Severity.INFO)


def is_empty(node: Node) -> bool:
    """Whether a node stands for no value: null, a blank text, an empty list or mapping."""
    if isinstance(node, Scalar):
        return node.is_null or not node.text.strip()
    return not (node.items if isinstance(node, Sequence) else node.entries)


@lru_cache(maxsize=4096)
def near(value: str, known: tuple[str, ...]) -> str | None:
    """The known value that a text was perhaps meant to be."""
    if len(value) > 60:
        return None
    written, lower = value.strip().lower(), {name.lower(): name for name in known}
    if found := difflib.get_close_matches(written, lower, 1, 0.9):
        return lower[found[0]]
    # What is before a slash is common to many: it says little.
    last = {name.rpartition("/")[2]: lower[name] for name in lower}
    found = difflib.get_close_matches(written.rpartition("/")[2], last, 1, 0.75)
    return last[found[0]] if found else None


def did_you_mean(value: str, known: Iterable[str]) -> str | None:
    found = near(value, tuple(known))
    return f"Did you mean “{found}”?" if found else None


# Numbers, dates, truth

_NUMBER = re.compile(r"[-+]?(?:[0-9]+|(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)|0o[0-7]+|0x[0-9a-fA-F]+")
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?")


def is_number(node: Scalar) -> bool:
    """Whether YAML 1.2's core schema reads a number."""
    return node.plain and _NUMBER.fullmatch(node.text) is not None


def loses_digits(node: Scalar) -> bool:
    """Whether a parser that reads a number writes it in another way: 1.10 as 1.1, 0123 as 123, +39 as 39."""
    return is_number(node) and not _PLAIN_NUMBER.fullmatch(node.text)


def boolean(node: Node) -> str | None:
    """ "true" or "false", also of what YAML 1.1 or quotes make a text in YAML 1.2."""
    if not isinstance(node, Scalar):
        return None
    if node.boolean is not None:
        return str(node.boolean).lower()
    value = node.text.strip().lower()
    return value if value in ("true", "false") else standard.YAML_1_1_BOOLEANS.get(value)


_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def day(value: str) -> str | None:
    """A date as YYYY-MM-DD."""
    if not _DATE.fullmatch(value):
        return None
    try:
        date.fromisoformat(value)
    except ValueError:
        return None
    return value


def date_fault(value: str) -> Fault | None:
    return None if day(value) else Fault("This is not a date.", "Write year-month-day, such as 2026-01-31.")


def version_fault(value: str) -> Fault | None:
    """What the reference parser does not accept is a violation; what is older than the latest, a warning."""
    if value not in standard.VERSIONS:
        fix = f'Write "{standard.LATEST}", and check the keys.'
        return Fault("This is not a version of publiccode.yml that is accepted.", fix)
    if value == "0" or value.startswith(standard.LATEST):
        return None
    fix = f'Write "{standard.LATEST}", or "0" for the latest of its kind.'
    return Fault(f"This is not the latest version; the file is read as {standard.LATEST}.", fix, Severity.WARNING)


# Lengths

# Below the combining marks no two characters are one for a reader, but for the end of a line.
_JOINING = re.compile(
    "[\u0300-\u1fff\u200c\u200d\u20d0-\u20ff\u2600-\u27bf\u302a-\u309a\ua000-\ufe2f\U00010000-\U0010ffff]"
)
_CLUSTER = re.compile(
    "\r\n|[\U0001f1e6-\U0001f1ff]{2}|[\u1100-\u115f\ua960-\ua97c]*(?:[\uac00-\ud7a3][\u1160-\u11ff\ud7b0-\ud7fb]*)"
    "|[\u1100-\u115f\ua960-\ua97c]+[\u1160-\u11ff\ud7b0-\ud7fb]*|.",
    re.DOTALL,
)
# Ten times what any text may have: how many more there are is then of no interest.
_MAX_COUNTED = 100_000
_JOINER = "\u200d"
_PREPENDED = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f"


def length(text: str) -> int:
    """How many characters a reader sees: the grapheme clusters of UAX 29."""
    if len(text) > _MAX_COUNTED or not _JOINING.search(text):
        return len(text) - text.count("\r\n")
    count, previous = 0, ""
    for cluster in _CLUSTER.findall(text):
        joined = previous.endswith(_JOINER) and unicodedata.category(cluster[0]) == "So"
        if not (previous not in ("", "\n", "\r", "\r\n") and (_extends(cluster[0]) or joined)):
            count += previous == "" or previous[-1] not in _PREPENDED
        previous = cluster
    return count


def _extends(character: str) -> bool:
    return (
        unicodedata.category(character) in ("Mn", "Me", "Mc")
        or character in "\u200c\u200d"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
    )


def at_most(most: int) -> Check:
    def check(value: str) -> Fault | None:
        # A text has no more clusters than characters.
        count = length(value) if len(value) > most else 0
        if count <= most:
            return None
        return Fault(f"This text has {count} characters, more than {most}.", f"Take out at least {count - most}.")

    return check


def from_to(least: int, most: int) -> Check:
    too_long = at_most(most)

    def check(value: str) -> Fault | None:
        count = length(value) if len(value) < 8 * least else least
        if count < least:
            return Fault(
                f"This text has {count} characters, fewer than {least}.", f"Write at least {least - count} more."
            )
        return too_long(value)

    return check


# Addresses

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST_PORT = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=\-]+)(?::[0-9]*)?")
_HOST = re.compile(r"(?:[\w-]+\.)+[A-Za-z]{2,}(?:[/?#]\S*)?")
_HTTP = re.compile(r"https?://", re.IGNORECASE)
_URN = re.compile(r"urn:(?!urn:)[a-z0-9][a-z0-9-]{1,31}:\S+", re.IGNORECASE)


@lru_cache(maxsize=4096)
def url_fault(value: str) -> Fault | None:
    """What is no URL of any scheme, by what Go's net/url and the validator package of the reference parser take."""
    fix = f"Write https://{value}" if _HOST.fullmatch(value) else "Write an address that begins with https://."
    fault = Fault("This is not a URL.", fix)
    scheme = _SCHEME.match(value)
    if not scheme or _CONTROL.search(value) or _BAD_ESCAPE.search(value.partition("?")[0]):
        return fault
    rest, _, fragment = value[scheme.end() :].partition("#")
    if not rest.startswith("//"):
        return None if rest.partition("?")[0].strip("/") or fragment else fault
    authority = re.split(r"[/?]", rest[2:], maxsplit=1)[0]
    return None if _HOST_PORT.fullmatch(authority.rpartition("@")[2]) else fault


@lru_cache(maxsize=4096)
def web_fault(value: str) -> Fault | None:
    """What is no web address is a violation; what cannot be published as the IRI of something, information."""
    if not _HTTP.match(value) or url_fault(value):
        fix = f"Write https://{value}" if _HOST.fullmatch(value) else "Write an address that begins with https://."
        return Fault("This is not a web address.", fix)
    if "@" in re.split(r"[/?#]", value[8:].lstrip("/"), maxsplit=1)[0]:
        return _advice("This address has a user's name in it.", "Write it without the part before the @.")
    if re.search(r"\s", value):
        return _advice("This web address has a space in it.", "Write one address, with %20 for a space.")
    if not is_iri(value):
        fix = "Write the character with % and its code."
        return _advice("This web address has a character that it must not have.", fix)
    return None


def address(value: str) -> str | None:
    """A web address that can be published as an IRI."""
    return value if web_fault(value) is None else None


def repository_fault(value: str) -> Fault | None:
    fault = url_fault(value)
    if fault is None and not _HTTP.match(value):
        return _advice("This repository cannot be looked at in a browser.", "Write its address with https://.")
    return fault


def is_site(value: str) -> bool:
    """Whether a web address has nothing behind its host, which would be the repository of all that a site has."""
    return re.fullmatch(r"https?://[^/?#]+/*", value, re.IGNORECASE) is not None


def own_repository_fault(value: str) -> Fault | None:
    """As `repository_fault`, and what a forge shows of a repository, or whose it is: the reference parser refuses these
    when it asks the network."""
    fault, place = repository_fault(value), repository_of(value)
    if not fault and is_site(value):
        return _advice("This is the address of a whole site, not of a repository.", "Write the repository's address.")
    if fault or place is None:
        return fault
    found, kind = place
    if kind is Shown.ACCOUNT:
        return _advice("This is the page of an account, not of a repository.", "Write the repository's address.")
    if kind is Shown.FOLDER:
        fix = f"Write {found} unless that folder alone is the software."
        return _advice("This is the page of a folder, not of a repository.", fix)
    return _advice("This is a page about a repository, not the repository's own.", f"Write {found}")


def organisation_fault(value: str) -> Fault | None:
    """A URI of an organisation has a host, or is a URN (RFC 2141); an Italian one names a code of the index (iPA)."""
    if value.lower().startswith("urn:"):
        return _urn_fault(value)
    if not _SCHEME.match(value) or not host_of(value) or url_fault(value):
        fix = "Write a web address or a URN."
        if _IPA.fullmatch(value):
            fix = f"Write a web address; of a code of the Italian index, urn:x-italian-pa:{value}"
        return Fault("This is not a URI.", f"Write https://{value}" if _HOST.fullmatch(value) else fix)
    if not _HTTP.match(value):
        return _NOT_PUBLISHED
    if fault := web_fault(value):
        return fault
    try:
        organisation_identity(value, "")
    except ValueError:
        return _advice("This web address names no host.", "Write the address of the organisation's site.")
    return None


def organisation(value: str) -> str | None:
    """A URI that an organisation can be known by: a web address or a URN."""
    usable = _HTTP.match(value) or value.lower().startswith("urn:")
    return value if usable and organisation_fault(value) is None else None


def host_of(value: str) -> str | None:
    """The host in a URL, None where there is none."""
    try:
        return urlsplit(value).hostname
    except ValueError:
        return None


_NOT_PUBLISHED = _advice("This URI is no link that can be followed.", "Write a web address or a URN.")
_IPA = re.compile(r"\w[\w.-]{0,30}", re.ASCII)
_IPA_URN = re.compile(r"urn:x-italian-pa:", re.IGNORECASE)


def _urn_fault(value: str) -> Fault | None:
    if italian := _IPA_URN.match(value):
        return administration_fault(value[italian.end() :])
    if _URN.fullmatch(value) and is_iri(value):
        return None
    return Fault("This is not a URN.", "Write a web address or a URN, such as urn:x-example:town.")


def administration_fault(value: str) -> Fault | None:
    """A code of the Italian index of public administrations, by its form only."""
    if _IPA.fullmatch(value):
        return None
    return Fault("This is not a code of the Italian index of administrations.", "Write one like c_h501.")


def supported_fault(value: str) -> Fault | None:
    """An alias of the standard's list, or any URI."""
    if value.startswith("alias:"):
        known = [f"alias:{name}" for name in standard.ALIASES]
        fix = did_you_mean(value, known) or f"The aliases are {', '.join(known)}."
        return None if value in known else Fault("There is no such alias.", fix)
    if value in standard.ALIASES:
        return Fault("This is not a URI.", f"Write alias:{value}.")
    if value.lower().startswith("urn:"):
        return _urn_fault(value)
    if _HTTP.match(value):
        return web_fault(value)
    if is_iri(value):
        return _NOT_PUBLISHED
    return Fault("This is not a URI.", "Write an alias such as alias:gdpr, or a web address.")


def supported(value: str) -> str | None:
    """The URI of a standard, of an alias the one that it stands for."""
    if value.startswith("alias:"):
        return standard.ALIASES.get(value.removeprefix("alias:"))
    fault = supported_fault(value)
    usable = value.lower().startswith("urn:") or _HTTP.match(value)
    return value if fault is None and usable and is_iri(value) else None


def video_fault(value: str) -> Fault | None:
    fault = web_fault(value)
    host = host_of(value) or ""
    if fault or any(host == site or host.endswith(f".{site}") for site in standard.VIDEO_SITES) or _is_peertube(value):
        return fault
    return _advice(
        "This site may not offer oEmbed, which the standard asks of videos.", "Check, or publish on one that does."
    )


def _is_peertube(value: str) -> bool:
    return re.search(r"/(?:w|videos/watch)/[\w-]+/?$", urlsplit(value).path) is not None


# Files


def file_fault(endings: tuple[str, ...] = (), kind: str = "file") -> Check:
    """A path of a file from the repository's root, or a web address; of a path also how its name must end."""

    def check(value: str) -> Fault | None:
        if value.startswith("/"):
            return Fault("This is an absolute path.", "Begin at the repository's root, without a slash.")
        if value.lower().startswith("file:"):
            return Fault("This is a file on one computer.", "Write its path from the repository's root.")
        if _HTTP.match(value):
            return web_fault(value) or _page_fault(value)
        if _SCHEME.match(value) or value.startswith("//"):
            return Fault("This is neither a path nor a web address.", "Write its path from the repository's root.")
        if value.startswith(".."):
            return _advice("This path leads out of the repository.", "Begin at the repository's root.")
        if endings and not value.lower().endswith(endings):
            return Fault(f"The name of a {kind} must end in {', '.join(endings)}.", "Use another format, or name.")
        return None

    return check


def _page_fault(value: str) -> Fault | None:
    raw = raw_address(value)
    if raw == value:
        return None
    return _advice("This is the address of a page that shows the file.", f"Write {raw}")


# Codes


def code_fault(code_list: str, page: str = "", sibling: tuple[str, str] | None = None) -> Check:
    """A code of one of our lists, in its spelling. A long list has a `page`; `sibling` is a key whose values are often
    taken for those of this one, and the list of its values."""

    def check(value: str) -> Fault | None:
        known = notations(code_list)
        if value in known:
            return None
        meant = code(code_list, value)
        fix = f"Write {meant}." if meant else _choice(value, known, page, sibling)
        return Fault("This is not among the values that this key can have.", fix)

    return check


def code(code_list: str, value: str) -> str | None:
    """The code of a list that a text is, without regard to case and to space around it."""
    known = notations(code_list)
    return value if value in known else _folded(code_list).get(value.strip().lower())


@cache
def _folded(code_list: str) -> Mapping[str, str]:
    return {name.lower(): name for name in notations(code_list)}


def _choice(value: str, known: Mapping[str, object], page: str, sibling: tuple[str, str] | None) -> str:
    """A fix that lists the values of a short list, and says where those of a long one are."""
    elsewhere = f"Write it below {sibling[0]}." if sibling and code(sibling[1], value) else None
    better = " ".join(part for part in (did_you_mean(value, known), elsewhere) if part)
    if page:
        return better or f"Choose from {page}"
    return f"{better} The values are {', '.join(known)}.".lstrip()


def one_of(*allowed: str) -> Check:
    def check(value: str) -> Fault | None:
        if value in allowed:
            return None
        return Fault("This is not among the values that this key can have.", f"Write {' or '.join(allowed)}.")

    return check


def country_fault(value: str) -> Fault | None:
    """A code of ISO 3166-1 with two letters; in lower case it is deprecated, in mixed case none."""
    upper = value.upper()
    if upper in notations("country") and upper not in standard.NO_COUNTRIES:
        if value == upper:
            return None
        severity = Severity.WARNING if value == value.lower() else Severity.VIOLATION
        return Fault("Country codes in lower case are deprecated.", f"Write {upper}.", severity)
    better = standard.COUNTRY_MISTAKES.get(upper)
    return Fault(
        "This is not a country code of ISO 3166-1 with two letters.",
        f"Write {better}." if better else "Write two letters, such as IT.",
    )


def country_code(value: str) -> str | None:
    """A country's code in capitals."""
    upper = value.strip().upper()
    return upper if upper in notations("country") and upper not in standard.NO_COUNTRIES else None


_TAG = re.compile(
    r"[a-z]{2,3}(?:-[a-z]{3}){0,3}(?:-[a-z]{4})?(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[a-wy-z0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.IGNORECASE,
)


def language_fault(value: str) -> Fault | None:
    """A language tag of BCP 47, with a primary subtag in its shortest form, as far as our list of languages goes."""
    tag = language_tag(value)
    if tag and tag in standard.UNLIKELY_LANGUAGES:
        name, likely = standard.UNLIKELY_LANGUAGES[tag]
        return _advice(f"This is {name}.", f"Did you mean “{likely}”?")
    if tag is not None and tag.lower() == value.lower():
        return None
    if better := tag or standard.LANGUAGE_MISTAKES.get(value.strip().lower()):
        return Fault("This is not a language tag (BCP 47).", f"Write {better}.")
    return Fault("This is not a language tag (BCP 47).", "Write a tag such as it, en or pt-BR.")


@lru_cache(maxsize=4096)
def language_tag(value: str) -> str | None:
    """A BCP 47 tag in its usual spelling (`pt-BR`, `zh-Hans`), None for what is none (RFC 5646, section 2.1)."""
    tag = value.strip().replace("_", "-")
    shape = _TAG.fullmatch(tag)
    if shape is None:
        return None
    primary, *others = tag.lower().split("-")
    primary = _shorter_codes().get(primary, primary)
    region = (shape["region"] or "").upper()
    if (len(primary) == 2 and language(primary) is None) or (len(region) == 2 and not _is_region(region)):
        return None
    spelled = "-".join((primary, *(_spelled(subtag) for subtag in others)))
    try:
        Literal("", language=spelled)
    except ValueError:
        return None
    return spelled


def _is_region(code: str) -> bool:
    return code in notations("country") or code in standard.MORE_REGIONS


def _spelled(subtag: str) -> str:
    if len(subtag) == 4 and subtag.isalpha():
        return subtag.title()
    return subtag.upper() if len(subtag) == 2 else subtag


@cache
def _shorter_codes() -> Mapping[str, str]:
    """The two letters of the languages whose three letters BCP 47 does not allow: "ita" is "it"."""
    codes = notations("language")
    terminological = {iri.value.rsplit("/", 1)[-1].lower(): code for code, iri in codes.items() if len(code) == 2}
    return {**terminological, **standard.BIBLIOGRAPHIC_LANGUAGES}


_SUFFIX = re.compile(r"-(?:only|or-later)\b")
_SMALL_OPERATOR = re.compile(r"(?<=[\s)])(?:and|or|with)(?=[\s(])")


def licence_fault(value: str) -> Fault | None:
    """What is no SPDX expression is a violation; what SPDX now writes in another way, information."""
    found = expression(value)
    if found is None:
        likely = suggestions(value)
        meant = f"Did you mean {' or '.join(likely)}?" if likely else None
        other = "Write one, such as EUPL-1.2 or EUPL-1.2 OR MIT."
        return Fault("This is not an SPDX licence expression.", meant or other)
    if found.guessed or _SMALL_OPERATOR.search(value):
        return Fault("This is not how SPDX writes it.", _spdx(value, found))
    return _spelling_fault(value, found)


def expression(value: str) -> Licence | None:
    """What an SPDX expression says; SPDX's endings count also where it does not have them (EUPL-1.2-or-later), and so
    does SPDX's name of a licence."""
    for written in (value, _SUFFIX.sub(lambda end: "+" if end[0] == "-or-later" else "", value)):
        try:
            return licence(written)
        except ValueError:
            continue
    named = _licences_by_name().get(_letters(value)) if len(value) <= MAX_LENGTH else None
    return replace(licence(named), guessed=True) if named else None


_SAME_LICENCE = re.compile(r"\([\w.-]+\)|\b(?:the|gnu|licen[sc]e|version|v)\b|\bv(?=\d)|(?<=\d)\.0\b")


def _letters(name: str) -> str:
    """A licence's name without what is often left out of it, or put behind it in brackets."""
    return re.sub(r"[^a-z0-9+]", "", _SAME_LICENCE.sub(" ", name.lower()))


@cache
def _licences_by_name() -> Mapping[str, str]:
    """Identifiers by SPDX's names of licences; without "only" a version of the GNU licences is that version."""
    listed = code_list("licence")
    ids = {concept: name for name, concept in listed.concepts.items()}
    names: dict[str, set[str | None]] = {}
    for concept, predicate, label in triples("licence"):
        if predicate == SKOS.prefLabel:
            current = listed.replaced.get(concept, concept)
            letters = _letters(label.value)
            for name in {letters, letters.removesuffix("only")}:
                names.setdefault(name, set()).add(ids[current] if current else None)
    return {name: found for name, several in names.items() if len(several) == 1 and (found := several.pop())}


def _spdx(value: str, found: Licence) -> str:
    """How SPDX writes it: where it is left open whether later versions count, in both ways."""
    later = found.expression.replace("-only", "-or-later")
    is_open = later != found.expression and "only" not in value.lower()
    return f"Write {found.expression} or {later}, whichever is meant." if is_open else f"Write {found.expression}."


def _spelling_fault(value: str, found: Licence) -> Fault | None:
    if found.deprecated:
        return _advice(
            "SPDX has deprecated this identifier.", _spdx(value, found) if found.expression != value else None
        )
    fix = f"Write {found.expression}."
    return None if found.expression == value.strip("()") else _advice("SPDX writes this in another way.", fix)


_MEDIA_TYPE = re.compile(r" *[A-Za-z0-9][A-Za-z0-9!#$&^_-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126} *")


def media_type_fault(value: str) -> Fault | None:
    return None if _MEDIA_TYPE.fullmatch(value) else Fault("This is not a media type.", "Write one like text/plain.")


# Persons

_EMAIL = re.compile(r"[^@\s<>()\[\],;:\"\\]+@(?:[^@\s.<>()\[\],;:\"\\/?#]+\.)+[^@\s.<>()\[\],;:\"\\/?#]{2,}")


def email_fault(value: str) -> Fault | None:
    if email(value) and not value.lower().startswith("mailto:") and ".." not in value and value == value.strip():
        return None
    fix = "Write one address, such as name@example.org."
    return Fault("This is not an e-mail address.", "Leave mailto: out." if email(value) else fix)


def email(value: str) -> str | None:
    """An address as a mailto: IRI."""
    plain = re.sub(r"^mailto:", "", value.strip(), flags=re.IGNORECASE)
    local, _, domain = plain.rpartition("@")
    iri = f"mailto:{quote(local, safe='!$*+-._~')}@{domain}"
    return iri if _EMAIL.fullmatch(plain) and is_iri(iri) else None


def phone_fault(value: str) -> Fault | None:
    """Advice only: the reference parser takes any text."""
    number = phone(value)
    if number is None:
        return _advice("This is not one telephone number.", "Write one number, such as +39 06 0123456.")
    if not re.match(r"(?:tel:)?\s*(?:\+|00)", value.strip(), re.IGNORECASE):
        return _advice("This telephone number has no international prefix.", "Begin it with + and the country.")
    return None


def phone(value: str) -> str | None:
    """A number as a tel: IRI of its digits (RFC 3966)."""
    spoken = re.sub(r"^tel:\s*", "", value.strip(), flags=re.IGNORECASE)
    international = spoken.startswith(("+", "00"))
    # A slash between digits sets the area apart, one between spaces another number.
    spoken = re.sub(r"(?<=\d)/(?=\d)", "", spoken.replace("(0)", "") if international else spoken, count=1)
    number = re.sub(r"^00", "+", re.sub(r"[\s().\-\u2010-\u2015]", "", spoken))
    return f"tel:{number}" if re.fullmatch(r"\+?[0-9]{5,15}", number) else None
