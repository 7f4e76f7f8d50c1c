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

_NO_COLUMN = "Write the names of the columns in the first line; there has to be `name`."


def _of_table(content: bytes) -> Iterator[Body]:
    """The rows of a table; which one it is, the first line tells."""
    lines = io.StringIO(_decoded(content), newline="")
    head = lines.readline()
    if len(head) > csv.field_size_limit():
        raise DocumentError("The first line is too long to be the names of columns.", 1, 1, _NO_COLUMN)
    delimiter = max(",;\t|", key=head.count)
    columns = [_column(name) for name in next(csv.reader([head], delimiter=delimiter), [])]
    is_own = any(map(_NAME_COLUMN.fullmatch, columns))
    reader = next((read for column, read in _TABLES.items() if column in columns), _own if is_own else None)
    if reader is None:
        raise DocumentError("The table has no column that is known.", 1, 1, _NO_COLUMN)
    if columns == ["cod_amm", "des_amm"]:
        return _of_pairs(lines)
    # The Italian index with tabs puts nothing into quotes, but names have some in them.
    is_plain = (delimiter, reader) == ("\t", _italian)
    plain = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    return _of_rows(plain if is_plain else csv.reader(lines, delimiter=delimiter), columns, reader)


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


_MOST_LINES = 50
_OPEN = "Close the quotes, and write those within a text twice."


def _of_rows(rows: Any, columns: list[str], reader: "Callable[[dict[str, str], int], Body]") -> Iterator[Body]:
    """The rows of a reader of the csv module; one that runs on over the next ones has quotes that nobody closed."""
    began = 2
    try:
        for row in rows:
            lines = rows.line_num + 2 - began
            if lines > _MOST_LINES or (lines > 1 and len(row) < len(columns) and "\n" in row[-1]):
                raise DocumentError("The table cannot be read: a text in quotes goes on and on.", began, 1, _OPEN)
            began = rows.line_num + 2
            values = {name: value.strip() for name, value in zip(columns, row, strict=False) if name}
            if any(values.values()):
                yield reader(values, rows.line_num + 1)
    except csv.Error as error:
        raise DocumentError(f"The table cannot be read: {error}.", began, 1, _OPEN) from error


# Categories of the Italian index that are of one level only: ministries and constitutional bodies, regions; provinces,
# municipalities, metropolitan cities.
_ITALIAN_LEVELS = {"c1": "national", "c2": "national", "l4": "regional", "l5": "local", "l6": "local", "l18": "local"}


def _italian(row: Mapping[str, str], line: int) -> Body:
    """A row of the Italian index, as of 2018 (`cod_amm`) or of today (`codice_ipa`)."""
    row = {name: "" if value == "null" else value for name, value in row.items()}
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


_NAME_COLUMN = re.compile(r"name(?:[@_-].+)?")


def _own(row: Mapping[str, str], line: int) -> Body:
    """A row of one's own register: `name` (also `name@de`), `country`, `identifier`, `homepage`, `account`, `level`.

    Several identifiers or accounts have spaces between them. `public` says "no" of what is no public body.
    """
    names = {
        tag: value
        for column, value in row.items()
        if value and _NAME_COLUMN.fullmatch(column) and (tag := language_tag(column[5:] or "und") or "und")
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


def _wikidata_row(row: Mapping[str, str], line: int) -> Body:
    """A row of an answer of Wikidata's query service: `item` and `itemLabel`, and what else was asked for."""
    names = ("countrycode", "iso", "countrylabel", "country")
    country = next(filter(None, (country_code(row.get(name, "").rpartition("/")[2]) for name in names)), "")
    account = next(filter(None, (row.get(name) for name in ("github", "githubusername", "account"))), "")
    item, name = row.get("item", ""), row.get("itemlabel", "")
    return Body(
        # Of an item without a label in the language, its number stands for it.
        names={"und": name} if name and not item.endswith(f"/{name}") else {},
        country=country,
        identifiers=(item,),
        accounts=((account if "://" in account else f"https://github.com/{account}"),) if account else (),
        homepage=next(filter(None, (row.get(name) for name in ("website", "officialwebsite", "homepage"))), ""),
        line=line,
    )


def _ror_row(row: Mapping[str, str], line: int) -> Body:
    """A row of the Research Organization Registry as CSV, of its schema 1 or 2."""
    wikidata = row.get("external_ids.type.wikidata.all") or row.get("external_ids.wikidata.all") or ""
    return _research_body(
        names={"und": row.get("names.types.ror_display") or row.get("name") or ""},
        identifiers=(row.get("id", ""), *re.split(r"[;\s]+", wikidata)),
        country=row.get("locations.geonames_details.country_code") or row.get("country.country_code") or "",
        homepage=re.split(r"[;\s]", row.get("links.type.website") or row.get("links") or "")[0],
        types=row.get("types", ""),
        line=line,
    )


def _data_gouv_row(row: Mapping[str, str], line: int) -> Body:
    """A row of the organisations of data.gouv.fr; those that are public services have a badge."""
    return Body(
        names={"fr": row.get("name", "")},
        other_names=(("fr", row["acronym"]),) if row.get("acronym") else (),
        country="FR",
        identifiers=(row["url"],) if row.get("url") else (),
        public="public-service" in row.get("badges", ""),
        line=line,
    )


# The particular before the general.
_TABLES: Mapping[str, Callable[[dict[str, str], int], Body]] = {
    "cod_amm": _italian,
    "codice_ipa": _italian,
    "item": _wikidata_row,
    "country.country_code": _ror_row,
    "names.types.ror_display": _ror_row,
    "badges": _data_gouv_row,
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
    kind = re.search(r"(?:^|[/_-])(federal|provincial|municipal|aboriginal|others)\.ya?ml", name)
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


_WIKIDATA = "http://www.wikidata.org/entity/"


def _research_body(
    *, names: Mapping[str, str], identifiers: Iterable[str], country: str, homepage: str, types: str, line: int = 0,
    other_names: Iterable[tuple[str, str]] = (),
) -> Body:  # fmt: skip
    """An organisation of the Research Organization Registry; those of its type `government` are public bodies."""
    known = (f"{_WIKIDATA}{found}" if re.fullmatch(r"Q[0-9]+", found) else found for found in identifiers)
    return Body(
        names={tag: name for tag, name in names.items() if name},
        other_names=tuple(other_names),
        country=country,
        identifiers=tuple(filter(None, known)),
        homepage=homepage,
        public="government" in types.lower(),
        line=line,
    )


def _research(_: str, value: Json) -> Iterator[Body]:
    """The Research Organization Registry: its dump, or an answer of its API, in its schema 1 or 2."""
    for item in _whole(value, "items", "number_of_results"):
        if _json.text(item.get("status")) != "withdrawn":
            yield _research_two(item) if "names" in item else _research_one(item)


def _whole(value: Json, list_name: str, count_name: str) -> tuple[dict[str, Json], ...]:
    """The objects of a list, or of an answer that has them all; raises DocumentError for one that is a page of more."""
    listed = _json.objects(_json.member(value, list_name) if isinstance(value, dict) else value)
    count = _json.member(value, count_name)
    if isinstance(count, int) and count > len(listed):
        fix = "Give a file that has all of them."
        raise DocumentError(f"This is a page with {len(listed)} of {count} organisations.", 1, 1, fix)
    return listed


def _research_two(item: dict[str, Json]) -> Body:
    names = [(_json.text(one.get("lang")) or "und", _json.text(one.get("value")) or "", _json.texts(one.get("types")))
             for one in _json.objects(item.get("names"))]  # fmt: skip
    shown = {tag: name for tag, name, types in names if "ror_display" in types}
    labels = {tag: name for tag, name, types in names if "label" in types}
    links = [_json.text(one.get("value")) for one in _json.objects(item.get("links")) if one.get("type") == "website"]
    wikidata = [_json.texts(one.get("all")) for one in _json.objects(item.get("external_ids"))
                if one.get("type") == "wikidata"]  # fmt: skip
    place = next(iter(_json.objects(item.get("locations"))), {})
    return _research_body(
        names=shown | labels | shown,
        other_names=[(tag, name) for tag, name, types in names if {"acronym", "alias"} & {*types} and name],
        identifiers=(_json.text(item.get("id")) or "", *chain.from_iterable(wikidata)),
        country=_json.text(_json.member(place, "geonames_details", "country_code")) or "",
        homepage=next(filter(None, links), ""),
        types=" ".join(_json.texts(item.get("types"))),
    )


def _research_one(item: dict[str, Json]) -> Body:
    labels = [
        (_json.text(one.get("iso639")), _json.text(one.get("label"))) for one in _json.objects(item.get("labels"))
    ]
    others = (*_json.texts(item.get("acronyms")), *_json.texts(item.get("aliases")))
    return _research_body(
        names={"und": _json.text(item.get("name")) or ""} | {tag: name for tag, name in labels if tag and name},
        other_names=[("und", name) for name in others],
        identifiers=(
            _json.text(item.get("id")) or "",
            *_json.texts(_json.member(item, "external_ids", "Wikidata", "all")),
        ),
        country=_json.text(_json.member(item, "country", "country_code")) or "",
        homepage=next(iter(_json.texts(item.get("links"))), ""),
        types=" ".join(_json.texts(item.get("types"))),
    )


_BRITISH_LEVELS = {
    "ministerial department": "national",
    "non-ministerial department": "national",
    "executive agency": "national",
    "devolved administration": "regional",
    "devolved government": "regional",
}


def _british(_: str, value: Json) -> Iterator[Body]:
    """Organisations of GOV.UK, known by their pages there."""
    for item in _whole(value, "results", "total"):
        details, whole = item.get("details"), next(iter(_json.objects(item.get("parent_organisations"))), {})
        short = _json.text(_json.member(details, "abbreviation"))
        addresses = filter(None, (_json.text(item.get(name)) for name in ("web_url", "id")))
        yield Body(
            names={"en": name} if (name := _json.text(item.get("title"))) else {},
            other_names=(("en", short),) if short else (),
            country="GB",
            identifiers=tuple(addresses),
            homepage=_json.text(item.get("web_url")) or "",
            level=_BRITISH_LEVELS.get((_json.text(item.get("format")) or "").lower(), ""),
            part_of=_json.text(whole.get("web_url")) or "",
        )


_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def _all(value: Json, is_one: Callable[[Any], bool]) -> bool:
    """Whether a list or an object has entries, and its first ones are all of a kind."""
    entries = list(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())[:20]
    return bool(entries) and all(map(is_one, entries))


def _has(*names: str) -> Callable[[Json], bool]:
    return lambda item: isinstance(item, dict) and any(name in item for name in names)


def _is_research(item: Json) -> bool:
    return (_json.text(_json.member(item, "id")) or "").startswith("https://ror.org/")


_Reader = Callable[[str, Any], Iterator[Body]]
# What each list has that no other has.
_SHAPES: tuple[tuple[Callable[[Json], bool], _Reader], ...] = (
    (lambda value: _all(_json.member(value, "items") or value, _is_research), _research),
    (lambda value: _all(_json.member(value, "results") or value, _has("web_url")), _british),
    (lambda value: isinstance(value, dict) and _has("code")(value) and isinstance(value["code"], str), _canadian),
    (lambda value: isinstance(value, list) and _all(value, _has("organisations")), _swiss),
    (lambda value: isinstance(value, list) and _all(value, _has("code")), _canadian),
    (lambda value: isinstance(value, list) and _all(value, _has("orgs", "repos")), _publishers),
    (lambda value: isinstance(value, dict) and _all(value, lambda item: isinstance(item, list)), _headings),
    (lambda value: isinstance(value, dict) and all(map(_UUID.fullmatch, list(value)[:20])), _french_names),
    (lambda value: isinstance(value, dict) and _all(value, _has("name")), _french_offices),
    (lambda value: isinstance(value, dict) and _all(value, _has("forge", "pso_id", "service_of")), _french),
)


# Countries.

_MOST_WORDS = 20
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
    words = heading.casefold().replace("(", "").split(maxsplit=_MOST_WORDS)[:_MOST_WORDS]
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
