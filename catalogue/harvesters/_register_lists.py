"""The lists of public administrations and of their accounts that are in use, each read into the same few words.

An entry in these words (`Body`) is what the list says, no more: which languages names are in and which country they
are of is what the list is known to be.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import Any

from catalogue.code_lists import notations, triples
from catalogue.errors import DocumentError
from catalogue.harvesters import _json
from catalogue.harvesters._json import Json
from catalogue.harvesters._organisations import CANADIAN, FRENCH, ITALIAN, account
from catalogue.publiccode.values import is_empty, language_tag
from catalogue.rdf import Literal
from catalogue.vocabulary import SKOS
from catalogue.yaml import Limits, Node, Scalar, Sequence, read_any

MAX_BYTES = 50 * 1024 * 1024
_YAML_LIMITS = Limits(max_bytes=4 << 20, max_nodes=400_000, max_aliases=1000)


@dataclass(frozen=True)
class Body:
    """One entry: names and other names by language, the country's code, identifiers (the strongest first, as IRIs),
    accounts and home page as written, level, what it is a part of (an identifier), and whether it is a public body."""

    names: Mapping[str, str] = field(default_factory=dict)
    other_names: tuple[tuple[str, str], ...] = ()
    country: str = ""
    identifiers: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    homepage: str = ""
    level: str = ""
    part_of: str = ""
    public: bool = True
    line: int = 0
    """Where it stands in its file, 0 where that is not known."""


def bodies(name: str, content: bytes) -> Iterator[Body]:
    """The entries of a list, given its file's name; raises DocumentError for what is none of the lists known."""
    suffix = name.partition("?")[0].rpartition(".")[2].lower()
    if suffix in ("csv", "tsv", "txt"):
        return _of_table(content)
    if suffix in ("yml", "yaml"):
        return _of_values(name, _plain(read_any(content, _YAML_LIMITS)))
    if suffix == "json" or content.lstrip()[:1] in (b"[", b"{"):
        return _of_values(name, _json.parse(content, MAX_BYTES))
    return _of_table(content)


def _of_values(name: str, value: Json) -> Iterator[Body]:
    """The entries of a list in JSON or YAML, by the first reader that finds what its list has."""
    read = next((read for is_it, read in _SHAPES if is_it(value)), None)
    if read is None:
        fix = "The lists that are known are in docs/sources/register.md; the simplest is a CSV with a column `name`."
        raise DocumentError("This is no list of administrations that is known.", 1, 1, fix)
    return read(name, value)


def _plain(node: Node) -> Json:
    """A YAML tree as the lists, dictionaries and texts that JSON would give; the depth of a tree is limited."""
    if isinstance(node, Scalar):
        return None if is_empty(node) else node.text
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    return {key.text: _plain(value) for key, value in node.entries}


# Tables.


def _of_table(content: bytes) -> Iterator[Body]:
    """The rows of a table; which one it is, the first line tells."""
    lines = io.StringIO(_decoded(content), newline="")
    head = lines.readline()
    delimiter = max(",;\t|", key=head.count)
    columns = [_column(name) for name in next(csv.reader([head], delimiter=delimiter), [])]
    reader = next((read for column, read in _TABLES.items() if column in columns), None)
    if reader is None:
        fix = "Write the names of the columns in the first line; there has to be `name`."
        raise DocumentError("The table has no column that is known.", 1, 1, fix)
    if columns == ["cod_amm", "des_amm"]:
        return _of_pairs(lines)
    return _of_rows(lines, columns, delimiter, reader)


def _decoded(content: bytes) -> str:
    """The text of a table: by its byte order mark, else UTF-8, else what spreadsheets save it in."""
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _column(name: str) -> str:
    return name.strip().strip('"').lower().replace(" ", "_")


def _of_pairs(lines: Iterable[str]) -> Iterator[Body]:
    """The index of 2018: a code and a name, which nobody put into quotes where it has commas or quotes in it."""
    for number, line in enumerate(lines, 2):
        code, _, name = line.rstrip("\r\n").partition(",")
        if code.strip() or name.strip():
            yield _italian({"cod_amm": code, "des_amm": name.strip()}, number)


def _of_rows(
    lines: Iterable[str], columns: list[str], delimiter: str, reader: "Callable[[dict[str, str], int], Body]"
) -> Iterator[Body]:
    rows = csv.reader(lines, delimiter=delimiter)
    try:
        for row in rows:
            values = {name: value.strip() for name, value in zip(columns, row, strict=False) if name}
            if any(values.values()):
                yield reader(values, rows.line_num + 1)
    except csv.Error as error:
        raise DocumentError(f"The table cannot be read: {error}.", rows.line_num + 1, 1) from error


# Categories of the Italian index that are of one level only: ministries and constitutional bodies, regions; provinces,
# municipalities, metropolitan cities.
_ITALIAN_LEVELS = {"c1": "national", "c2": "national", "l4": "regional", "l5": "local", "l6": "local", "l18": "local"}


def _italian(row: Mapping[str, str], line: int) -> Body:
    """A row of the Italian index, as of 2018 (`cod_amm`) or of today (`codice_ipa`)."""
    code = row.get("codice_ipa") or row.get("cod_amm", "")
    name = row.get("denominazione_ente") or row.get("des_amm", "")
    kind = row.get("tipologia") or row.get("tipologia_amm", "")
    return Body(
        names={"it": name},
        other_names=(("it", row["acronimo"]),) if row.get("acronimo") else (),
        country="IT",
        identifiers=(f"{ITALIAN}{code.strip().lower()}",) if code.strip() else (),
        homepage=row.get("sito_istituzionale", ""),
        level=_ITALIAN_LEVELS.get(row.get("codice_categoria", "").lower(), ""),
        public=not kind or ("pubblic" in kind.lower() and "gestori" not in kind.lower()),
        line=line,
    )


def _own(row: Mapping[str, str], line: int) -> Body:
    """A row of one's own register: `name` (also `name@de`), `country`, `identifier`, `homepage`, `account`, `level`.

    Several identifiers or accounts have spaces between them. `public` says "no" of what is no public body.
    """
    names = {
        tag: value
        for column, value in row.items()
        if value and re.fullmatch(r"name(?:[@_-].+)?", column) and (tag := language_tag(column[5:] or "und") or "und")
    }
    return Body(
        names=names,
        country=country_code(row.get("country", "")) or row.get("country", ""),
        identifiers=tuple(row.get("identifier", "").split()),
        accounts=tuple(row.get("account", "").split()),
        homepage=row.get("homepage", ""),
        level=row.get("level", "").lower(),
        public=row.get("public", "").lower() not in ("no", "false", "0"),
        line=line,
    )


_TABLES: Mapping[str, Callable[[dict[str, str], int], Body]] = {
    "cod_amm": _italian,
    "codice_ipa": _italian,
    "name": _own,
    "name@en": _own,
}


# Lists in JSON and YAML.


def _texts(value: Json) -> dict[str, str]:
    """The texts of an object by language."""
    entries = value.items() if isinstance(value, dict) else ()
    return {tag: found for name, item in entries if (tag := language_tag(name)) and (found := _json.text(item))}


_SWISS_LEVELS = (
    ("https://ld.admin.ch/canton/", "regional"),
    ("https://ld.admin.ch/municipality/", "local"),
    ("https://ld.admin.ch/", "national"),
)


def _swiss(_: str, value: Json) -> Iterator[Body]:
    """Groups of organisations. A group with an abbreviation is a body itself (a department); others are headings."""
    seen = set()
    for group in _json.objects(value):
        members = _json.objects(group.get("organisations"))
        is_body = "abbreviation" in group
        for item in chain(members, [group] if is_body else []):
            identifier = _json.text(item.get("id")) or ""
            if identifier not in seen:
                seen.add(identifier)
                whole = _json.text(group.get("id")) if is_body and item is not group else None
                yield _swiss_body(item, identifier, whole or "")


def _swiss_body(item: dict[str, Json], identifier: str, whole: str) -> Body:
    others = {**_texts(item.get("abbreviation")), **_texts(item.get("alternativeName"))}
    level = next((level for prefix, level in _SWISS_LEVELS if identifier.startswith(prefix)), "")
    return Body(
        names=_texts(item.get("name")),
        other_names=tuple(others.items()),
        country="CH",
        identifiers=(identifier,) if identifier else (),
        level=level,
        part_of="" if whole == identifier else whole,
    )


_CANADIAN_LEVELS = {"federal": "national", "provincial": "regional", "municipal": "local"}


def _canadian(name: str, value: Json) -> Iterator[Body]:
    """Administrations by code. The level is in the file's name; those of the file of others are not all public."""
    kind = re.search(r"administrations?-(\w+)\.", name)
    for item in _json.objects(value):
        code = _json.text(item.get("code")) or ""
        yield Body(
            names=_texts(item.get("name")),
            country="CA",
            identifiers=(f"{CANADIAN}{code.lower()}",) if code else (),
            level=_CANADIAN_LEVELS.get(kind[1] if kind else "", ""),
            public=kind is None or kind[1] != "others",
        )


# What stands for "not known" where an identifier has to be given.
_NO_SERVICE = "00000000-0000-0000-0000-000000000000"


def _french(_: str, value: Json) -> Iterator[Body]:
    """Forges with the accounts in them, or forges and accounts by their addresses; one entry for each organisation.

    An organisation whose identifier is not known is known by its account: the name with it is often that of a whole
    branch of the administration.
    """
    found: dict[str, Body] = {}
    for address, item in _french_accounts(value):
        services = [service for service in _json.texts(item.get("pso_id")) if service != _NO_SERVICE]
        own = account(address)
        identifier = f"{FRENCH}{services[0].lower()}" if services else own.url if own else ""
        names = _json.texts(item.get("service_of"))[:1]
        body = found.get(identifier or address, Body())
        found[identifier or address] = Body(
            names=body.names or ({"fr": names[0]} if names else {}),
            country="FR",
            identifiers=(identifier,) if identifier else (),
            accounts=(*body.accounts, address),
        )
    return iter(found.values())


def _french_accounts(value: dict[str, Json]) -> Iterator[tuple[str, dict[str, Json]]]:
    """Addresses with what is said of each; of a forge with accounts, those."""
    for host, item in value.items():
        whole = host if host.startswith("http") else f"https://{host}"
        owners = _json.member(item, "owners")
        found = (
            {f"{whole}/{owner}": about for owner, about in owners.items()}
            if isinstance(owners, dict)
            else {whole: item}
        )
        yield from ((address, about if isinstance(about, dict) else {}) for address, about in found.items())


def _french_offices(_: str, value: Json) -> Iterator[Body]:
    """Open source programme offices by their page. The accounts that they look after are of whoever they belong to."""
    for homepage, item in value.items():
        name = _json.text(item.get("name")) if isinstance(item, dict) else None
        yield Body(
            names={"fr": name} if name else {},
            country=country_code(_json.text(_json.member(item, "country")) or "") or "FR",
            identifiers=(homepage,),
            homepage=homepage,
            part_of=f"{FRENCH}{service.lower()}" if (service := _json.text(_json.member(item, "pso_id"))) else "",
        )


def _french_names(_: str, value: Json) -> Iterator[Body]:
    """Names by the identifier of the service directory."""
    for identifier, name in value.items():
        names = {"fr": found} if (found := _json.text(name)) else {}
        yield Body(names=names, country="FR", identifiers=(f"{FRENCH}{identifier.lower()}",))


def _publishers(_: str, value: Json) -> Iterator[Body]:
    """Publishers with their accounts, with a code of the Italian index where they are administrations."""
    for item in _json.objects(value):
        code, name = _json.text(item.get("id")) or "", _json.text(item.get("name")) or ""
        yield Body(
            names={"it": name} if re.search(r"\w", name.replace("_", "")) else {},
            country="IT" if code else "",
            identifiers=(f"{ITALIAN}{code.lower()}",) if code else (),
            accounts=_json.texts(item.get("orgs")),
            public=bool(code),
        )


_LEVELS = (
    (r"council|city|cities|county|local|special district|municipal", "local"),
    (r"states?\b|tribal|province|region", "regional"),
    (r"federal|military|central", "national"),
    (r"european union|united nations|international", "supranational"),
)


def _headings(name: str, value: Json) -> Iterator[Body]:
    """Accounts of GitHub below headings, most of which are countries. Which of the files it is, its name tells."""
    public = "government" in name.lower().rpartition("/")[2]
    for heading, accounts in value.items():
        level = next((level for pattern, level in _LEVELS if re.search(pattern, heading.lower())), "")
        for written in _json.texts(accounts):
            yield Body(
                country=_country_of(heading) or "",
                accounts=(f"https://github.com/{written}",),
                level=level if public else "",
                public=public,
            )


_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def _all(value: Json, is_one: Callable[[Any], bool]) -> bool:
    """Whether a list or an object has entries, and its first ones are all of a kind."""
    entries = list(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())[:20]
    return bool(entries) and all(map(is_one, entries))


def _has(*names: str) -> Callable[[Json], bool]:
    return lambda item: isinstance(item, dict) and any(name in item for name in names)


_Reader = Callable[[str, Any], Iterator[Body]]
# What each list has that no other has.
_SHAPES: tuple[tuple[Callable[[Json], bool], _Reader], ...] = (
    (lambda value: isinstance(value, list) and _all(value, _has("organisations")), _swiss),
    (lambda value: isinstance(value, list) and _all(value, _has("code")), _canadian),
    (lambda value: isinstance(value, list) and _all(value, _has("orgs", "repos")), _publishers),
    (lambda value: isinstance(value, dict) and _all(value, lambda item: isinstance(item, list)), _headings),
    (lambda value: isinstance(value, dict) and all(map(_UUID.fullmatch, list(value)[:20])), _french_names),
    (lambda value: isinstance(value, dict) and _all(value, _has("name")), _french_offices),
    (lambda value: isinstance(value, dict) and _all(value, _has("forge", "pso_id", "service_of")), _french),
)


# Countries.

# Headings in use that are no name of a country.
_SHORT_NAMES = {"u.s": "US", "u.k": "GB", "usa": "US", "uk": "GB", "republic of korea": "KR", "turkey": "TR"}


@cache
def _countries() -> Mapping[str, str]:
    """The codes of countries by their names in the languages of the code list."""
    codes: dict[object, str] = {iri: code for code, iri in notations("country").items()}
    labels = [(t.subject, t.object) for t in triples("country") if t.predicate == SKOS.prefLabel]
    named = sorted((codes[one], label.value) for one, label in labels if one in codes and isinstance(label, Literal))
    return {name.casefold(): code for code, name in named}


def _country_of(heading: str) -> str | None:
    """The code of the country that a heading is, or begins with: "U.S. Federal", "New Zealand Crown Research"."""
    words = heading.casefold().replace("(", "").split()
    for count in range(len(words), 0, -1):
        start = " ".join(words[:count]).rstrip(".:,")
        if found := _SHORT_NAMES.get(start) or _countries().get(start):
            return found
    return None


def country_code(written: str) -> str | None:
    """The code of a country by its code of two or three letters, or its name."""
    known = notations("country")
    upper = written.strip().upper()
    if upper in known:
        return upper
    by_three = {iri.value.rsplit("/", 1)[-1]: code for code, iri in known.items()}
    return by_three.get(upper) or _SHORT_NAMES.get(upper.lower()) or _countries().get(written.strip().casefold())
