"""Literals as values: which are ill-typed, and which of two is the greater.

Lexical forms are those of XML Schema (https://www.w3.org/TR/xmlschema11-2/). Order is that of pySHACL, which is that
of SPARQL where SPARQL has one, and by datatype where it has none, so that the engine and pySHACL give one verdict.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from catalogue.rdf import Literal
from catalogue.vocabulary import XSD

_SIGN_AND_DIGITS = r"[+-]?[0-9]+"
_DECIMAL = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_FLOAT = rf"(?:{_DECIMAL}(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN)"
_DATE = r"(?P<year>-?(?:[1-9][0-9]{3,}|0[0-9]{3}))-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
_TIME = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
_DURATION = r"-?P(?=.)(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?(?:T(?=.)(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?"

# Local name of an XML Schema datatype → bounds of its values; all have the lexical forms of xsd:integer.
_INTEGERS: Mapping[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-128, 127),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 255),
}
_LEXICAL: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        **dict.fromkeys(_INTEGERS, _SIGN_AND_DIGITS),
        "boolean": "true|false|0|1",
        "decimal": _DECIMAL,
        "double": _FLOAT,
        "float": _FLOAT,
        "date": _DATE + _ZONE,
        "dateTime": f"{_DATE}T{_TIME}{_ZONE}",
        "time": _TIME + _ZONE,
        "duration": _DURATION,
        "hexBinary": "(?:[0-9a-fA-F]{2})*",
    }.items()
}
_NUMERIC = frozenset({*_INTEGERS, "decimal", "double", "float"})
_TEXTUAL = frozenset({"string", "normalizedString", "token", "language", "anyURI"})
_PYTHON: Mapping[str, Callable[[str], object]] = {
    **dict.fromkeys(_INTEGERS, int),
    "decimal": Decimal,
    "double": float,
    "float": float,
    "boolean": lambda lexical: lexical.lower() in ("1", "true"),
    "date": lambda lexical: date.fromisoformat(lexical[:10]),
    "dateTime": datetime.fromisoformat,
    "time": time.fromisoformat,
}


class Incomparable(Exception):
    """Two literals that have no order, since one of them is ill-typed or of an unknown datatype."""


def _local(datatype: str) -> str:
    """The local name of an XML Schema datatype, empty for any other."""
    return datatype[len(XSD.iri) :] if datatype.startswith(XSD.iri) else ""


def well_formed(literal: Literal) -> bool:
    """Whether a literal has a lexical form of its datatype; datatypes that are not known here have every form."""
    return _well_formed(literal.value, _local(literal.datatype.value))


@lru_cache(maxsize=16384)
def _well_formed(lexical: str, name: str) -> bool:
    pattern = _LEXICAL.get(name)
    if pattern is None:
        return True
    match = pattern.fullmatch(lexical)
    if match is None:
        return False
    if name in _INTEGERS:
        return _within(lexical, *_INTEGERS[name])
    return "day" not in pattern.groupindex or _is_day(match)


def _within(lexical: str, least: int | None, most: int | None) -> bool:
    if least is None and most is None:
        return True
    try:
        number = int(lexical)
    except ValueError:  # more digits than Python reads, so out of every bound but an open one
        return (least if lexical.startswith("-") else most) is None
    return (least is None or number >= least) and (most is None or number <= most)


def _is_day(match: re.Match[str]) -> bool:
    """Whether the calendar has the day; it repeats every 400 years, and Python's has none before 1 or after 9999."""
    try:
        date(2000 + int(match["year"][-4:]) % 400, int(match["month"]), int(match["day"]))
    except ValueError:
        return False
    return True


@lru_cache(maxsize=16384)
def _value(lexical: str, name: str) -> Any:
    """The Python value of a lexical form, None where there is none."""
    convert = _PYTHON.get(name)
    if convert is None:
        return None
    try:
        return convert(lexical)
    except (ValueError, InvalidOperation):
        return None


def textual(literal: Literal) -> bool:
    """Whether the value is a text, which compares with texts only."""
    return literal.language is not None or _local(literal.datatype.value) in _TEXTUAL


def equal(one: Literal, other: Literal) -> bool:
    """Whether two literals have one value; raises Incomparable where that cannot be known."""
    names = _local(one.datatype.value), _local(other.datatype.value)
    values = _value(one.value, names[0]), _value(other.value, names[1])
    if _numeric(names, values):
        return bool(values[0] == values[1])
    if one.language != other.language or one.datatype != other.datatype:
        return False
    if textual(one) or one.value == other.value:
        return one.value == other.value
    if None in values:
        raise Incomparable
    return bool(values[0] == values[1])


def greater(one: Literal, other: Literal) -> bool:
    """Whether the first follows the second; literals of different datatypes are ordered by these."""
    names = _local(one.datatype.value), _local(other.datatype.value)
    values = _value(one.value, names[0]), _value(other.value, names[1])
    if _numeric(names, values):
        return bool(values[0] > values[1])
    if one.datatype != other.datatype:
        return one.datatype.value > other.datatype.value
    if one.language != other.language:
        return (one.language or "") > (other.language or "")
    if None not in values:
        return bool(_ordered(values[0]) > _ordered(values[1]))
    return one.value > other.value


def _numeric(names: tuple[str, str], values: tuple[Any, Any]) -> bool:
    return names[0] in _NUMERIC and names[1] in _NUMERIC and None not in values


def _ordered(value: Any) -> Any:
    """A time without a zone has no order with one that has a zone; it comes first."""
    if isinstance(value, datetime | time):
        return (value.tzinfo is not None, value)
    return value


def at_most(one: Literal, other: Literal) -> bool:
    """`one <= other`, as sh:lessThanOrEquals compares: texts with texts, all else by value."""
    if textual(one) or textual(other):
        return textual(one) and textual(other) and one.value <= other.value
    if not greater(one, other):
        return True
    try:
        return equal(one, other)
    except Incomparable:
        return False


def compare(one: Literal, other: Literal) -> int:
    """-1, 0 or 1, as sh:minInclusive and its like compare; raises Incomparable."""
    if textual(one) != textual(other):
        raise Incomparable
    if equal(one, other):
        return 0
    values = [_value(literal.value, _local(literal.datatype.value)) for literal in (one, other)]
    if all(isinstance(value, datetime | time) for value in values) and one.datatype == other.datatype:
        if (values[0].tzinfo is None) != (values[1].tzinfo is None):
            raise Incomparable
        return 1 if values[0] > values[1] else -1
    return 1 if greater(one, other) else -1
