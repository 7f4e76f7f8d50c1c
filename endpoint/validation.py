"""Validation for people and programs: the form and its verdict, the API, and the profiles to read.

Nothing is kept. What a stranger sends is bounded in size, time and number at once; what a stranger names is fetched by
`catalogue.checking`, from the public internet only.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import cast
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.sansio.blueprints import BlueprintSetupState
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    NotFound,
    RequestEntityTooLarge,
    ServiceUnavailable,
    UnprocessableEntity,
    UnsupportedMediaType,
)

from catalogue import checking
from catalogue.checking import YAML_TYPES, Check, Checker
from catalogue.errors import SourceError
from catalogue.model import Document, Finding
from catalogue.rdf import IRI, SYNTAXES, is_iri
from catalogue.validation import guide
from catalogue.validation.documents import KNOWN, MAX_BYTES, PUBLICCODE
from catalogue.validation.report import LANGUAGES, Item, Outcome, as_json, as_text, as_turtle, grouped
from endpoint.labels import compact, languages
from endpoint.representations import HTML, REPRESENTATIONS, Representation, negotiate
from endpoint.turns import RETRY_AFTER_S, Turns

blueprint = Blueprint("validation", __name__)

# How much beyond the document a form may hold.
_FORM_BYTES = 64 * 1024
# Each who checks or waits holds a thread, and pages come first. Addresses have places of their own: one that answers
# slowly keeps nobody from pasting.
_CHECKS_AT_ONCE, _FETCHES_AT_ONCE = 2, 4
# Longer documents are shown where something was found, with some lines around it.
_SHOWN_LINES, _AROUND, _SHOWN_CHARACTERS = 1_000, 2, 500
# A text longer than this is not given back for mending; that is an editor's work.
_MENDED_BYTES = 200 * 1024
_REQUEST_BYTES = 8 * 1024
_LINE_END = re.compile(r"\r\n|\n|\r")
_UNSHOWN = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(0x20), 0x7F) if code not in (0x9, 0xA, 0xD)}

_JSON, _ANY = "application/json", ("", "application/octet-stream", "text/plain")
_TAKEN = frozenset(
    {*(syntax.media_type for syntax in SYNTAXES.values()), *YAML_TYPES, *_ANY, _JSON}
    | {"application/xml", "text/xml", "text/n3", "application/x-turtle", "text/n-quads"}
)
_REPORTS: Mapping[str, Representation] = {
    "json": Representation("json", _JSON, "JSON"),
    "txt": Representation("txt", "text/plain", "Text"),
    "ttl": REPRESENTATIONS["ttl"],
}
_PROFILE_FORMS = {"html": HTML, "ttl": REPRESENTATIONS["ttl"]}
PROFILES: Mapping[str, str] = {PUBLICCODE: "publiccode.yml", **guide.TITLES}
_EXAMPLES: Mapping[str, tuple[str, str, str]] = {
    "publiccode-good": ("A good publiccode.yml", "publiccode-good.yml", PUBLICCODE),
    "publiccode-broken": ("A broken publiccode.yml", "publiccode-broken.yml", PUBLICCODE),
    "adms-ap-good": ("A good description in Turtle", "adms-ap-good.ttl", "adms-ap"),
    "adms-ap-broken": ("A broken description in Turtle", "adms-ap-broken.ttl", "adms-ap"),
}
_SEVERITIES = {
    "violation": ("error", "errors"),
    "warning": ("warning", "warnings"),
    "info": ("piece of advice", "pieces of advice"),
}


def _turns(places: int) -> Turns:
    return Turns(places, waiting=4, patience_s=2, busy="Too many documents are being checked.")


@dataclass(frozen=True)
class Desk:
    """The checker, and the places at it."""

    checker: Checker
    fetching: Turns = field(default_factory=lambda: _turns(_FETCHES_AT_ONCE))
    checking: Turns = field(default_factory=lambda: _turns(_CHECKS_AT_ONCE))

    def document(self, url: str) -> Document:
        """What is at an address."""
        with _place(self.fetching):
            return self.checker.document(url)

    def check(self, document: Document, profile: str | None) -> Outcome:
        if not document.content.strip():
            raise BadRequest("The document is empty.")
        with _place(self.checking):
            return self.checker.check(document, Check(profile, datetime.now(UTC), _language()))


@blueprint.record_once
def _prepare(state: BlueprintSetupState) -> None:
    state.app.extensions["desk"] = Desk(checking.visitors(state.app.extensions["settings"]))


def _desk() -> Desk:
    return cast(Desk, current_app.extensions["desk"])


@contextmanager
def _place(places: Turns) -> Iterator[None]:
    """A place, soon; what cannot be had or read is told to the client, who named or sent it."""
    with places.turn():
        try:
            yield
        except SourceError as error:
            fix = getattr(error, "fix", None)
            raise UnprocessableEntity(f"{error}. {fix}." if fix else str(error)) from error


def _language() -> str:
    """The first of the reader's languages that findings are written in."""
    return next(tag for tag in languages(request) if tag in LANGUAGES)


def _asked_profile(given: str) -> str | None:
    if given and given not in KNOWN:
        raise BadRequest(f"There is no profile “{given[:40]}”; there are {', '.join(KNOWN)}.")
    return given or None


# The page


@dataclass(frozen=True)
class Form:
    """What stands in the form."""

    url: str = ""
    text: str = ""
    profile: str = ""


@dataclass(frozen=True)
class Line:
    """A line of the document and what was found there; `skipped` lines before it are not shown."""

    number: int
    text: str
    findings: tuple[Finding, ...]
    skipped: int


@dataclass(frozen=True)
class Group:
    """The findings of one severity, by the name of the property."""

    severity: str
    count: str
    items: Mapping[str, list[Item]]


@dataclass(frozen=True)
class Verdict:
    """What was found in a document, as the page shows it. `language` is that of the findings."""

    name: str
    outcome: Outcome
    groups: tuple[Group, ...]
    lines: tuple[Line, ...]
    left: int
    language: str

    @property
    def profile(self) -> str:
        return PROFILES.get(self.outcome.profile, "RDF")

    @property
    def shown(self) -> frozenset[int]:
        return frozenset(line.number for line in self.lines)


@blueprint.get("/validate")
def form() -> Response:
    """The form; filled with an example; or the verdict on what is at an address, which can be shared."""
    given = Form(url=request.args.get("url", "").strip(), profile=request.args.get("profile", ""))
    name = request.args.get("example", "")
    if name:
        return _page(_example(name))
    if "url" not in request.args:
        return _page(given)
    return _answer(given, lambda: _of_address(given))


@blueprint.post("/validate")
def submitted() -> Response:
    """The verdict on what was pasted or uploaded; an address becomes one that can be shared."""
    try:
        _limit(MAX_BYTES + _FORM_BYTES)
        way = request.form.get("way") or next((name for name in ("url", "text") if request.form.get(name)), "file")
        given = Form(request.form.get("url", "").strip(), request.form.get("text", ""), request.form.get("profile", ""))
    except RequestEntityTooLarge:
        return _page(Form(), error=RequestEntityTooLarge(_TOO_LARGE))
    if way == "url":
        return make_response(redirect(f"/validate?{urlencode({'url': given.url, 'profile': given.profile})}", 303))
    if way == "file":
        return _answer(Form(profile=given.profile), lambda: _of_file(given.profile))
    return _answer(given, lambda: _of_text(given))


_TOO_LARGE = f"The document is larger than {MAX_BYTES // 1024**2} MB."


def _limit(most_bytes: int) -> None:
    request.max_content_length = request.max_form_memory_size = most_bytes
    request.max_form_parts = 20


def _of_address(given: Form) -> Verdict:
    profile = _asked_profile(given.profile)
    if not given.url:
        raise BadRequest("There is no address.")
    document = _desk().document(given.url)
    return _verdict(document.url, document, profile)


def _of_file(profile: str) -> Verdict:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise BadRequest("There is no file.")
    content = upload.read()
    if len(content) > MAX_BYTES:
        raise RequestEntityTooLarge(_TOO_LARGE)
    # Browsers know few media types, and guess; the name says more.
    document = Document(quote(upload.filename), content, "", datetime.now(UTC))
    return _verdict(upload.filename, document, _asked_profile(profile))


def _of_text(given: Form) -> Verdict:
    # Forms send line ends as CR LF, whatever was pasted.
    content = given.text.replace("\r\n", "\n").encode()
    if len(content) > MAX_BYTES:
        raise RequestEntityTooLarge(_TOO_LARGE)
    return _verdict("The text", Document("", content, "", datetime.now(UTC)), _asked_profile(given.profile))


def _verdict(name: str, document: Document, profile: str | None) -> Verdict:
    outcome = _desk().check(document, profile)
    lines = _LINE_END.split(document.content.decode("utf-8", "replace").translate(_UNSHOWN))
    shown = tuple(_shown(lines, outcome))
    language = "en" if outcome.profile == PUBLICCODE else _language()
    return Verdict(name, outcome, tuple(_groups(outcome)), shown, len(lines) - len(shown), language)


def _groups(outcome: Outcome) -> Iterator[Group]:
    for severity, by_label in grouped(outcome.items):
        number = sum(map(len, by_label.values()))
        yield Group(severity.value, f"{number:,} {_SEVERITIES[severity.value][number != 1]}", by_label)


def _shown(lines: list[str], outcome: Outcome) -> Iterator[Line]:
    """The lines to show, each with what was found there."""
    by_line: dict[int, list[Finding]] = {}
    for item in outcome.items:
        if item.finding.line is not None:
            by_line.setdefault(item.finding.line, []).append(item.finding)
    wanted = range(1, len(lines) + 1)
    if len(lines) > _SHOWN_LINES:
        near = {number + by for number in by_line for by in range(-_AROUND, _AROUND + 1)} or set(range(1, 20))
        wanted = sorted(near.intersection(wanted))  # type: ignore[assignment]
    last = 0
    for number in wanted:
        text = lines[number - 1]
        cut = text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]} …"
        yield Line(number, cut, tuple(by_line.get(number, ())), number - last - 1)
        last = number


def _answer(given: Form, check: Callable[[], Verdict]) -> Response:
    """The page with a verdict, or with what kept from it."""
    kept = given if len(given.text.encode()) <= _MENDED_BYTES else Form(profile=given.profile)
    try:
        verdict = check()
    except HTTPException as error:
        return _page(kept, error=error)
    return _page(kept, verdict)


def _page(given: Form, verdict: Verdict | None = None, error: HTTPException | None = None) -> Response:
    body = render_template(
        "validate.html",
        form=given,
        verdict=verdict,
        error=error,
        profiles=PROFILES,
        short=_short,
        examples={name: label for name, (label, _, _) in _EXAMPLES.items()},
        readable=guide.TITLES,
        base=current_app.extensions["settings"].base,
        most_megabytes=MAX_BYTES // 1024**2,
    )
    response = make_response(body, error.code if error else 200)
    if verdict or error:
        response.headers["Cache-Control"] = "no-store"
    if isinstance(error, ServiceUnavailable):
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _short(path: str) -> str:
    """`dct:title`; keys and paths of several steps as they are."""
    return (is_iri(path) and compact(IRI(path))) or path


def _example(name: str) -> Form:
    if name not in _EXAMPLES:
        raise NotFound(f"There is no example “{name[:40]}”.")
    _, file, profile = _EXAMPLES[name]
    return Form(text=_example_text(file), profile=profile)


@cache
def _example_text(file: str) -> str:
    return (Path(__file__).parent / "examples" / file).read_text(encoding="utf-8")


# The API


@blueprint.post("/api/validate")
def api() -> Response:
    """A report on the body, or on what is at the address that the body names."""
    wanted = negotiate(request, offered=_REPORTS)
    profile = _asked_profile(request.args.get("profile", ""))
    _limit(MAX_BYTES)
    document = _sent()
    outcome = _desk().check(document, profile)
    body = _BODIES[wanted.suffix](outcome, document.url or "The document")
    return make_response(body, 200, {"Content-Type": wanted.content_type, "Cache-Control": "no-store"})


# Suffix → the report, from what was found and the document's name.
_BODIES: Mapping[str, Callable[[Outcome, str], str | bytes]] = {
    "json": lambda outcome, _: json.dumps(as_json(outcome), ensure_ascii=False, indent=2) + "\n",
    "txt": lambda outcome, name: as_text(outcome, name, _language()),
    "ttl": lambda outcome, _: as_turtle(outcome, _language()),
}


def _sent() -> Document:
    if request.mimetype not in _TAKEN:
        taken = ", ".join(sorted(_TAKEN - {""}))
        raise UnsupportedMediaType(f"{request.mimetype} is not read here. Send one of: {taken}.")
    try:
        content = request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise RequestEntityTooLarge(_TOO_LARGE) from error
    url = _named(content) if request.mimetype == _JSON else None
    return Document("", content, request.mimetype, datetime.now(UTC)) if url is None else _desk().document(url)


def _named(content: bytes) -> str | None:
    """The address in `{"url": "…"}`; None where the JSON is the document itself."""
    if len(content) > _REQUEST_BYTES:
        return None
    try:
        asked = json.loads(content)
    except (ValueError, RecursionError):
        return None
    url = asked.get("url") if isinstance(asked, dict) and asked.keys() == {"url"} else None
    return url if isinstance(url, str) else None


# The profiles


@blueprint.get("/profile")
def profiles() -> Response:
    """Which profiles there are."""
    return make_response(render_template("profile.html", profile=None, profiles=guide.profiles(_language())))


@blueprint.get("/profile/<name>")
def profile(name: str) -> Response:
    """A profile to read, or its shapes."""
    stem, _, suffix = name.partition(".")
    if stem not in guide.TITLES or (suffix and suffix not in _PROFILE_FORMS):
        raise NotFound(f"There is no profile “{name[:40]}”; there are {', '.join(guide.TITLES)}.")
    wanted = negotiate(request, suffix, _PROFILE_FORMS)
    if wanted is HTML:
        language = _language()
        shown = guide.profile(stem, language)
        body = render_template("profile.html", profile=shown, obligations=guide.OBLIGATIONS, language=language)
        response = make_response(body)
    else:
        response = make_response(guide.turtle(stem), 200, {"Content-Type": wanted.content_type})
    other = next(item for item in _PROFILE_FORMS.values() if item is not wanted)
    address = url_for("validation.profile", name=f"{stem}.{other.suffix}")
    response.headers["Link"] = f'<{address}>; rel="alternate"; type="{other.media_type}"'
    return response
