"""What the words of the Digital Public Goods registry stand for: its sectors, the UN's goals, names of countries."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from catalogue.code_lists import notations, triples
from catalogue.rdf import IRI, Literal
from catalogue.vocabulary import SKOS

# What the API's documentation says that its digital public goods are screened against.
STANDARD = IRI("https://github.com/DPGAlliance/DPG-Standard")

# The UN's own IRIs of the Sustainable Development Goals, and their short names.
_GOAL = "http://metadata.un.org/sdg/"
_GOALS = (
    "No poverty",
    "Zero hunger",
    "Good health and well-being",
    "Quality education",
    "Gender equality",
    "Clean water and sanitation",
    "Affordable and clean energy",
    "Decent work and economic growth",
    "Industry, innovation and infrastructure",
    "Reduced inequalities",
    "Sustainable cities and communities",
    "Responsible consumption and production",
    "Climate action",
    "Life below water",
    "Life on land",
    "Peace, justice and strong institutions",
    "Partnerships for the goals",
)
GOALS: Mapping[int, tuple[IRI, str]] = {
    number: (IRI(f"{_GOAL}{number}"), f"Goal {number}: {name}") for number, name in enumerate(_GOALS, 1)
}

# The sectors that mean what one of the scopes of publiccode.yml means; the others stay words.
SCOPES: Mapping[str, str] = {
    "agriculture": "agriculture",
    "economics/finance": "finance-and-economic-development",
    "education": "education",
    "emergency response": "emergency-services",
    "employment": "employment",
    "energy": "energy",
    "environment": "environment",
    "governance": "government",
    "health": "healthcare",
    "infrastructure": "infrastructures",
    "justice": "justice",
    "research": "research",
    "security": "security",
    "social protection": "welfare",
    "travel and hospitality": "tourism",
}

# Names that the UN or the registry uses, and that our list has under another one.
_NAMES: Mapping[str, str] = {
    "usa": "US",
    "united states of america": "US",
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "northern ireland": "GB",
    "scotland": "GB",
    "wales": "GB",
    "russian federation": "RU",
    "republic of korea": "KR",
    "viet nam": "VN",
    "lao people's democratic republic": "LA",
    "syrian arab republic": "SY",
    "iran (islamic republic of)": "IR",
    "brunei darussalam": "BN",
    "republic of moldova": "MD",
    "united republic of tanzania": "TZ",
    "turkey": "TR",
    "cabo verde": "CV",
    "ivory coast": "CI",
    "congo": "CG",
    "congo (congo-brazzaville)": "CG",
    "republic of the congo": "CG",
    "democratic republic of the congo": "CD",
    "dr congo": "CD",
    "palestine": "PS",
    "palestine state": "PS",
    "state of palestine": "PS",
    "burma": "MM",
    "swaziland": "SZ",
    "holy see": "VA",
    "hong kong": "HK",
    "macao": "MO",
    "pitcairn": "PN",
    "virgin islands, british": "VG",
    "virgin islands, u.s.": "VI",
    "saint helena, ascension and tristan da cunha": "SH",
    "united states minor outlying islands": "UM",
    "south georgia and the south sandwich islands": "GS",
}


def country(name: str) -> str | None:
    """The code of a country by its name in any language of our list, in one that the UN uses, or by the code itself."""
    if len(name) > _LONGEST_NAME:
        return None
    known = _by_name()
    return known.get(_folded(name)) or known.get(_folded(_BRACKETS.sub("", name)))


@cache
def _by_name() -> Mapping[str, str]:
    codes = {iri.value: code for code, iri in notations("country").items()}
    labels = [triple for triple in triples("country") if triple.predicate == SKOS.prefLabel]
    names = {
        _folded(label.object.value): codes[label.subject.value]
        for label in labels
        if isinstance(label.object, Literal) and isinstance(label.subject, IRI) and label.subject.value in codes
    }
    bare = {_folded(_BRACKETS.sub("", name)): code for name, code in names.items()}
    special = {_folded(name): code for name, code in _NAMES.items()}
    return bare | names | {code.lower(): code for code in codes.values()} | special


_BRACKETS = re.compile(r"\s*\(.*?\)")
# What is longer is no country, and must not take the expression above for ever.
_LONGEST_NAME = 200


def _folded(name: str) -> str:
    """A name without what spellings differ in: case, accents, "&", "St.", "the"."""
    plain = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
    folded = " ".join(plain.casefold().replace("\u2019", "'").replace("&", " and ").split())
    return re.sub(r"\bthe ", "", re.sub(r"\bst\.?(?= )", "saint", folded))
