"""Licences as SPDX writes them. The only module that knows license_expression.

An expression (SPDX 2.3, annex D) is a licence's identifier or several with AND, OR, WITH and brackets. Identifiers are
compared without regard to case, as SPDX says. The index of identifiers takes 25 ms and is loaded when first asked for.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from license_expression import (  # type: ignore[import-untyped]
    ExpressionError,
    ExpressionParseError,
    LicenseSymbol,
    Licensing,
    ParseError,
    get_license_index,
)

from catalogue.code_lists import code_list
from catalogue.identity import Minter
from catalogue.rdf import IRI, Triple, text
from catalogue.vocabulary import DCT, RDF, RDFS, SPDX_LICENCE

# The longest expressions in use have a dozen licences; the parser recurses on brackets.
MAX_LENGTH = 500
_OPERATORS = frozenset({"and", "or", "with"})
_WORD = re.compile(r"[A-Za-z0-9.:+-]+")
_OWN = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+")
_FILLERS = re.compile(r"\b(?:the|gnu|software|licen[sc]es?|version)\b|\bv(?=\.?\s*\d)|(?<=[a-z])v(?=\d)", re.IGNORECASE)


@dataclass(frozen=True)
class Licence:
    """An expression in its normal form, the SPDX licences in it, and what was not as SPDX writes it.

    `deprecated` are identifiers that SPDX replaced, each with the one that stands here for it; `guessed` when the text
    is no expression but names one licence without doubt ("EUPL 1.2").
    """

    expression: str
    parts: tuple[IRI, ...]
    deprecated: tuple[tuple[str, str], ...] = ()
    guessed: bool = False

    def iri(self, minter: Minter) -> IRI:
        """SPDX's IRI of a single licence; one of our own for any other expression."""
        if len(self.parts) == 1 and self.parts[0].value == SPDX_LICENCE + self.expression:
            return self.parts[0]
        return minter.thing("licence", self.expression)

    def triples(self, minter: Minter) -> frozenset[Triple]:
        """A dct:LicenseDocument; of an expression also its text (rdfs:label, dct:title) and dct:hasPart."""
        node = self.iri(minter)
        described = {Triple(node, RDF.type, DCT.LicenseDocument)}
        if node not in self.parts:
            label = text(self.expression, "und")
            described |= {Triple(node, RDFS.label, label), Triple(node, DCT.title, label)}
            described |= {Triple(node, DCT.hasPart, part) for part in self.parts}
        return frozenset(described)


@dataclass(frozen=True)
class _Identifier:
    id: str
    is_exception: bool
    replaced: bool


@lru_cache(maxsize=4096)
def licence(expression: str) -> Licence:
    """What an SPDX expression says; raises ValueError, naming the cause, for a text that is none."""
    if len(expression) > MAX_LENGTH:
        raise ValueError(f"an expression has at most {MAX_LENGTH} characters")
    try:
        return _parsed(expression)
    except ValueError:
        known = _by_compact_name().get(_compact(expression), ())
        if len(known) != 1:
            raise
        return Licence(known[0], (IRI(SPDX_LICENCE + known[0]),), guessed=True)


@lru_cache(maxsize=4096)
def suggestions(expression: str) -> tuple[str, ...]:
    """SPDX identifiers that a text which is no expression may mean, the likeliest first, at most three."""
    if len(expression) > MAX_LENGTH:
        return ()
    stem = _stem(_compact(expression))
    if len(stem) < 2:
        return ()
    same = [name for name in _licences() if _stem(_compact(name)) == stem]
    named = [_index()[word.lower()].id for word in _WORD.findall(expression) if word.lower() in _index()]
    family = [name for name in reversed(_licences()) if _compact(name).startswith(stem)]
    if same or named or family:
        return tuple((same or named or sorted(family, key=len))[:3])
    lower = {name.lower(): name for name in _licences()}
    return tuple(lower[name] for name in difflib.get_close_matches(expression.strip().lower(), lower, 1, 0.75))


def _parsed(expression: str) -> Licence:
    _check_shape(expression)
    words = {word: _symbol(word) for word in _WORD.findall(expression) if word.lower() not in _OPERATORS}
    symbols = {symbol.key: symbol for symbol in words.values()}
    plain = _WORD.sub(lambda found: words[found[0]].key if found[0] in words else found[0].upper(), expression)
    normal, keys = _checked(plain, list(symbols.values()))
    known = _index()
    ids = dict.fromkeys(key.removesuffix("+") for key in keys if not symbols[key].is_exception)
    parts = tuple(IRI(SPDX_LICENCE + key) for key in ids if key.lower() in known)
    replaced = {word: symbol.key for word, symbol in words.items() if _is_replaced(word)}
    return Licence(normal, parts, tuple(replaced.items()))


def _is_replaced(word: str) -> bool:
    return not _OWN.fullmatch(word) and _identifier(word).replaced


def _check_shape(expression: str) -> None:
    """Raises ValueError for operators and brackets out of place, some of which end in assertions of the parser."""
    depth, operand_is_next = 0, True
    for part in re.findall(r"[()]|[^\s()]+", expression):
        begins = part == "(" or (part != ")" and part.lower() not in _OPERATORS)
        depth += (part == "(") - (part == ")")
        if begins != operand_is_next or depth < 0:
            raise ValueError(f"{part!r} is out of place")
        operand_is_next = part == "(" or part.lower() in _OPERATORS
    if operand_is_next or depth:
        raise ValueError("the expression is not complete")


def _checked(expression: str, symbols: list[LicenseSymbol]) -> tuple[str, list[str]]:
    """Normal form and identifiers in order; raises ValueError with the parser's words."""
    licensing = Licensing(symbols)
    try:
        parsed = licensing.parse(expression, validate=True, strict=True)
    except (ExpressionError, ParseError, ExpressionParseError) as error:
        raise ValueError(str(error)) from error
    if parsed is None:
        raise ValueError("the text is empty")
    return parsed.render("{symbol.key}"), [symbol.key for symbol in licensing.license_symbols(parsed)]


def _symbol(word: str) -> LicenseSymbol:
    """The symbol of an identifier in SPDX's spelling; raises ValueError for one that SPDX does not have."""
    if _OWN.fullmatch(word):
        return LicenseSymbol(word)
    known = _identifier(word)
    return LicenseSymbol(known.id, is_exception=known.is_exception)


def _identifier(word: str) -> _Identifier:
    """An identifier as SPDX has it now, also with the operator `+`; raises ValueError for one that it does not have."""
    known = _index().get(word.lower())
    if known is not None:
        return known
    base = _index().get(word.lower().removesuffix("+"))
    if base is None:
        raise ValueError(f"SPDX has no licence {word!r}")
    later = _index().get(base.id.lower().replace("-only", "-or-later"))
    if base.replaced and later is not None:
        return _Identifier(later.id, False, True)
    return _Identifier(base.id + "+", base.is_exception, base.replaced)


@cache
def _index() -> Mapping[str, _Identifier]:
    """All identifiers of SPDX by their lower-case form: one that was replaced leads to what replaced it."""
    listed = code_list("licence")
    exceptions = (entry["spdx_license_key"] for entry in get_license_index() if entry["is_exception"])
    index = {name.lower(): _Identifier(name, True, False) for name in exceptions if name}
    for name, concept in listed.concepts.items():
        current = listed.replaced.get(concept) or concept
        index[name.lower()] = _Identifier(current.value.removeprefix(SPDX_LICENCE), False, concept in listed.replaced)
    return index


@cache
def _licences() -> tuple[str, ...]:
    return tuple(sorted({known.id for known in _index().values() if not (known.is_exception or known.replaced)}))


@cache
def _by_compact_name() -> Mapping[str, tuple[str, ...]]:
    names: dict[str, tuple[str, ...]] = {}
    for name in _licences():
        names[_compact(name)] = (*names.get(_compact(name), ()), name)
    return names


def _compact(name: str) -> str:
    """A name without case, punctuation and filling words: "Apache License, Version 2.0" is "apache20"."""
    return re.sub(r"[^a-z0-9+]", "", _FILLERS.sub("", name.lower()))


def _stem(compact: str) -> str:
    """The family and version of a compact name: of "gpl30only", "gpl30orlater" and "gpl3" it is "gpl3"."""
    return re.sub(r"(?<=\d)0$", "", re.sub(r"(?:only|orlater|\+)$", "", compact))
