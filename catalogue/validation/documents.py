"""Validates a document: whichever it is, publiccode.yml or RDF in any syntax, against the profile that fits it.

Nothing is fetched, and a stranger's bytes are parsed in `catalogue.sandbox` only.
"""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from catalogue import sandbox
from catalogue.errors import DocumentError
from catalogue.model import Document, Finding, Severity
from catalogue.publiccode import validator
from catalogue.rdf import IRI, Syntax, Triple, is_iri
from catalogue.validation.places import places
from catalogue.validation.report import Asked, Item, Outcome, outcome
from catalogue.validation.shapes import PROFILES
from catalogue.vocabulary import ADMS, CV, DCAT, OSC, RDF

PUBLICCODE = "publiccode"
KNOWN = (PUBLICCODE, *PROFILES)
"""What a document can be validated against."""

MAX_BYTES = 10 * 1024 * 1024
_LIMITS = sandbox.Limits(max_bytes=MAX_BYTES, max_quads=500_000)
_NAME = re.compile(r"(?:.*/)?publiccode\.ya?ml", re.IGNORECASE)
_KEY = re.compile(rb"^(?:\xef\xbb\xbf)?publiccodeYmlVersion[ \t]*:", re.MULTILINE)
_RDF = "rdf"


def validate(document: Document, profile: str | None, now: datetime, language: str = "en") -> Outcome:
    """What is wrong with a document, against the profile asked for or else the one that it is of (see `recognised`).

    A document that cannot be read does not conform: the finding says why and, where it can be known, at which line and
    column. Raises ValueError for a profile that there is not.
    """
    if profile is not None and profile not in KNOWN:
        raise ValueError(f"no profile {profile!r}; there are {', '.join(KNOWN)}")
    refused = _refused(document.content)
    if refused is not None:
        return _broken(refused, profile or _RDF)
    if profile == PUBLICCODE or (profile is None and is_publiccode(document)):
        findings = validator.validate(document.content).findings
        return Outcome(PUBLICCODE, tuple(Item(finding, finding.path or "") for finding in findings))
    try:
        syntax = sandbox.guess(document)
    except DocumentError as error:
        return _broken(error, profile or _RDF)
    try:
        base = document.url if is_iri(document.url) else None
        quads = sandbox.parse(document.content, syntax, base, _LIMITS)
    except DocumentError as error:
        return _broken(_explained(error, document.content, syntax), profile or _RDF)
    triples = frozenset(quad.triple for quad in quads)
    return outcome(triples, _asked(document, triples, syntax, profile, now, language))


def _refused(content: bytes) -> DocumentError | None:
    """What the parsers need not see. An empty file says nothing wrong, and nothing else either."""
    if len(content) > MAX_BYTES:
        return DocumentError(f"the document is larger than {MAX_BYTES // 1024**2} MiB", fix="Split it into several")
    if not content.strip():
        return DocumentError("the document is empty", 1, 1, "Check its address or file")
    return None


def _broken(error: DocumentError, profile: str) -> Outcome:
    finding = Finding(Severity.VIOLATION, str(error), fix=error.fix, line=error.line, column=error.column)
    return Outcome(profile, (Item(finding),))


def _explained(error: DocumentError, content: bytes, syntax: Syntax) -> DocumentError:
    """What the parser said, with what else the document tells of it."""
    text = content.decode("utf-8", "replace").removeprefix("\ufeff")
    if _EXHAUSTED.search(str(error)) and syntax.name in _NESTING:
        depth, offset = _depth(text, _NESTING[syntax.name])
        if depth > _DEEP:
            before = text[:offset]
            line, column = before.count("\n") + 1, offset - before.rfind("\n")
            message = f"{syntax.label}: it is nested {depth:,} levels deep, too deeply to be read"
            return DocumentError(message, line, column, _SIDE_BY_SIDE)
    if syntax.name in _TURTLES:
        error.fix = _turtle_fix(error, text) or error.fix
    return error


# What the parser says when it came to an end of time, memory or stack.
_EXHAUSTED = re.compile(r"seconds|memory|stack size|processor time|nested too deeply")
# Texts, whose brackets do not count, else what opens or closes a level.
_NESTING = {
    "jsonld": re.compile(r'"(?:[^"\\]|\\.)*+"|(?P<open>[\[{])|(?P<close>[\]}])', re.DOTALL),
    "rdf": re.compile(r"<!--.*?-->|<[^<>/!?][^<>]*/>|(?P<open><[^<>/!?])|(?P<close></)", re.DOTALL),
}
_DEEP = 500
_SIDE_BY_SIDE = "Describe nested things side by side, each with an identifier, and refer to them by it"


def _depth(text: str, pattern: re.Pattern[str]) -> tuple[int, int]:
    """How many levels deep a text is nested, and where it becomes too deep."""
    depth = deepest = 0
    place = len(text)
    for match in pattern.finditer(text):
        if match["open"]:
            depth += 1
            place = match.start() if depth == _DEEP + 1 and deepest <= _DEEP else place
            deepest = max(deepest, depth)
        elif match["close"]:
            depth -= 1
    return deepest, place


_TURTLES = ("ttl", "trig", "nt", "nq")
_TURTLE_FIXES = {
    "Line jumps are not allowed": 'Close the quotes; a text of several lines stands between """ and """',
    "should be followed by a dot": "End the statement with a full stop, or go on with a semicolon",
    "should end with a ']'": "Close the bracket, or go on with a semicolon",
    "Unexpected end": "Fetch or save the document again, whole",
}
# What the rest of the document was taken for, because its end is missing.
_OPENED = {'"': "quotes that open", "'": "quotes that open", "<": "angle bracket that opens"}


def _turtle_fix(error: DocumentError, text: str) -> str | None:
    if "end of file" not in str(error):
        return next((fix for part, fix in _TURTLE_FIXES.items() if part in str(error)), None)
    lines = text.split("\n")
    line = lines[error.line - 1] if error.line and error.line <= len(lines) else ""
    opened = _OPENED.get(line[(error.column or 1) - 1 : error.column or 1])
    return f"Close the {opened} here" if opened else None


def is_publiccode(document: Document) -> bool:
    """By its name, else by the key that every publiccode.yml has."""
    return bool(_NAME.fullmatch(urlsplit(document.url).path) or _KEY.search(document.content))


def recognised(triples: Collection[Triple]) -> str:
    """The profile of a graph: our own by our terms, then ADMS-AP, CPOV, and DCAT-AP of whatever is left."""
    terms = {term for triple in triples for term in (triple.predicate, triple.object) if isinstance(term, IRI)}
    classes = {triple.object for triple in triples if triple.predicate == RDF.type}
    if any(term in OSC for term in terms):
        return "catalogue"
    if DCAT.Dataset in classes and any(term.value.startswith(ADMS.iri) for term in terms):
        return "adms-ap"
    if CV.PublicOrganisation in classes and DCAT.Dataset not in classes and DCAT.Catalog not in classes:
        return "cpov"
    return "dcat-ap"


def _asked(
    document: Document, triples: Collection[Triple], syntax: Syntax, profile: str | None, now: datetime, language: str
) -> Asked:
    text = document.content.decode("utf-8", "replace")
    asked = Asked(profile or recognised(triples), now, language, whole=True)
    return replace(asked, places=places(text, syntax.name, triples))
