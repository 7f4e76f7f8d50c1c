"""Licences as inventories of software name them: by an address, an abbreviation, a sentence."""

import re
from collections.abc import Iterable, Mapping

from catalogue.licences import MAX_LENGTH, Licence, licence
from catalogue.publiccode.values import expression

# Where the address of a licence holds its identifier; groups of Creative Commons are its elements and version.
_ADDRESSES = tuple(
    (re.compile(r"https?://(?:www\.)?" + pattern, re.IGNORECASE), name)
    for pattern, name in (
        (r"spdx\.org/licenses?/([\w.+-]+?)(?:\.html|\.json|\.txt)?/?(?:#.*)?", r"\1"),
        (r"opensource\.org/licen[sc]es?/([\w.+-]+?)(?:\.php|\.html)?/?", r"\1"),
        (r"(?:choosealicense\.com|api\.github\.com)/licenses/([\w.+-]+?)/?", r"\1"),
        (r"creativecommons\.org/licenses/([a-z-]+)/([\d.]+)(?:/[\w./-]*)?", r"CC-\1-\2"),
        (r"creativecommons\.org/publicdomain/zero/([\d.]+)(?:/[\w./-]*)?", r"CC0-\1"),
        (r"gnu\.org/licenses/(?:old-licenses/)?(agpl|lgpl|gpl|fdl)-([\d.]+?)(?:-standalone)?(?:\.\w\w)?(?:\.\w+)?",
         r"\1-\2-only"),
        (r"apache\.org/licenses/LICENSE-([\d.]+?)(?:\.\w+)?", r"Apache-\1"),
        (r"mozilla\.org/(?:[\w-]+/)?MPL/([\d.]+)/?", r"MPL-\1"),
        (r"eclipse\.org/legal/epl-(?:v)?(\d)(?:\.|-?v?)?(\d)\d?(?:\.\w+)?/?", r"EPL-\1.\2"),
        (r"(?:joinup\.ec\.europa\.eu|eupl\.eu|interoperable-europe\.ec\.europa\.eu)/.*?(1\.[12])(?:/.*)?", r"EUPL-\1"),
        (r"(?:joinup|interoperable-europe)\.ec\.europa\.eu/(?:collection/eupl/eupl-text-eupl-"
         r"|licence/european-union-public-licence-v(?:ersion-)?)1([12])(?:-or-later)?(?:-eupl)?/?(?:[?#].*)?",
         r"EUPL-1.\1"),
        (r"usefulinc\.com/doap/licenses/asl-?2\.?0?", "Apache-2.0"),
        (r"usefulinc\.com/doap/licenses/(mit|w3c)", r"\1"),
    )
)  # fmt: skip
# Names in use that can mean no other licence, in lower case.
_NAMES: Mapping[str, str] = {
    "nasa open source": "NASA-1.3",
    "nasa open source agreement": "NASA-1.3",
    "nasa open source agreement 1.3": "NASA-1.3",
    "nosa": "NASA-1.3",
    "cc0": "CC0-1.0",
    "cc-zero": "CC0-1.0",
    "creative commons zero": "CC0-1.0",
    "gplv2": "GPL-2.0-only",
    "gplv3": "GPL-3.0-only",
    "gpl v2": "GPL-2.0-only",
    "gpl v3": "GPL-3.0-only",
    "agplv3": "AGPL-3.0-only",
    "lgplv3": "LGPL-3.0-only",
    "apache 2": "Apache-2.0",
    "apache2": "Apache-2.0",
    "expat": "MIT",
}


def named(*texts: str) -> Licence | None:
    """The licence that the first text which names one means; None where none does."""
    return next(filter(None, (_named(text) for text in texts if len(text) <= MAX_LENGTH)), None)


def _named(text: str) -> Licence | None:
    for pattern, name in _ADDRESSES:
        if found := pattern.fullmatch(text):
            return _version(found.expand(name))
    if re.match(r"https?:", text, re.IGNORECASE):
        return None
    whole = expression(_NAMES.get(" ".join(text.lower().split()), text))
    return whole or next(filter(None, map(expression, _pieces(text))), None)


def _version(name: str) -> Licence | None:
    """An address may leave out the `.0` of a version, or `-only` where the licence has no such form."""
    shorter = name.removesuffix("-only")
    return next(filter(None, map(expression, (name, shorter, f"{shorter}.0-only"))), None)


def _pieces(text: str) -> Iterable[str]:
    """What stands between commas or in brackets: "Public Domain, CC0-1.0"."""
    pieces = re.split(r"\s*[,;()]\s*", text)
    return (piece for piece in pieces if len(pieces) > 1 and re.search(r"\d", piece))


def together(licences: Iterable[Licence]) -> Licence | None:
    """All of several licences as one expression: what holds for somebody who is to keep to every one of them."""
    distinct = sorted({found.expression: found for found in licences}.values(), key=lambda found: found.expression)
    if len(distinct) < 2:
        return distinct[0] if distinct else None
    joined = " AND ".join(f"({one.expression})" if " " in one.expression else one.expression for one in distinct)
    try:
        return licence(joined)
    except ValueError:  # more of them than an expression may have
        return distinct[0]
