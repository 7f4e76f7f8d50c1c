"""The configured sources: what `catalogue.toml` says of each, checked, and what a location is likely a source of.

Mistakes are named with the file, the source, the option, and what would be right.
"""

import difflib
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from catalogue import schedule
from catalogue.errors import FetchError, SettingsError
from catalogue.fetch import Fetch
from catalogue.harvesters import HARVESTERS, Harvester
from catalogue.identity import key
from catalogue.model import CURATED, Document, Source
from catalogue.notices import OCCASIONS, Webhook
from catalogue.operations import Operations
from catalogue.schedule import Schedule
from catalogue.settings import Settings
from catalogue.visit import TOKEN, Option, is_web

# What can be said of every source; the kind gives the precedence where none is said.
KEYS: Mapping[str, Option] = {
    "id": Option("", "Its name in addresses, of a-z, 0-9 and -; it never changes."),
    "kind": Option("", "What reads it: one of the kinds below."),
    "location": Option("", "A web address, or a file or directory, which may be relative to this file."),
    "title": Option("", "Its name on pages; without it, one made from its location."),
    "schedule": Option(schedule.DEFAULT, f"When it is read: {schedule.WORDS}."),
    "paused": Option(False, "Whether it is left alone, but for a harvest that names it."),
    "precedence": Option(0, "Where sources disagree on a single value, the lowest wins; without it, that of its kind."),
    "patience": Option(
        Source.patience, "In how many complete harvests in a row a record has to be missing before it is gone."
    ),
    "token": Option(
        "", f"{TOKEN.help} Only the server of `location` gets it, as Bearer if its kind says nothing else."
    ),
    "webhook": Option("", "The web address that is told of its runs."),
    "webhook_on": Option("changes", "Of which: errors, changes (and errors), or always."),
    "webhook_secret": Option("", "The name of the environment variable with the secret that signs what it is told."),
}
_TYPES = {bool: "true or false", int: "a whole number", str: "a text", tuple: "a list of texts"}
_SCP = re.compile(r"[\w.+-]+@[\w.-]+:.+")
_USER = re.compile(r"//[^/?#]*@")
# By ssh there is a user, and no password, in an address; on the web, a user without a password is a token.
_SECRET = re.compile(r"(?:git\+)?https?://[^/?#]*@|[\w+.-]+://[^/?#:]*:[^/?#@]*@", re.IGNORECASE)
# Not of small letters, as most secrets are that are written there by mistake, and would then be told in messages.
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_CONFIGURED_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_LONGEST_ID = 60
_NO_ADDRESS = "an address of a source begins with https:// or http://; a file is named by its path"
# Characters of what was answered that are shown.
_SHOWN = 80
# What servers of a kind answer beside an address that says nothing itself, as those of interfaces do.
_BESIDE = {
    "{base}?verb=Identify": ("oai-pmh", re.compile(rb"//www\.openarchives\.org/OAI/2\.0/")),
    "{base}/api/3/action/package_search?rows=1&start=0": ("ckan", re.compile(rb'"success"\s*:\s*true')),
    "{base}/software": ("software-catalog-api", re.compile(rb'"publiccodeYml"\s*:')),
    "{base}/v1/software": ("software-catalog-api", re.compile(rb'"publiccodeYml"\s*:')),
    "{base}/repositories?page=1&perPage=1": (
        "software-catalog-api",
        re.compile(rb'"(?:publicCodeUrl|lastActivityAt)"\s*:'),
    ),
    "{base}?query=ASK%7B%7D": ("sparql", re.compile(rb'"boolean"\s*:|http://www\.w3\.org/2005/sparql-results#')),
    "{origin}/api/v1/version": ("publiccode", re.compile(rb'\{\s*"version"\s*:\s*"')),
    "{origin}/api/v4/projects?per_page=1&simple=true": ("publiccode", re.compile(rb'"path_with_namespace"\s*:')),
    "{origin}/api/v3/meta": ("publiccode", re.compile(rb'"verifiable_password_authentication"\s*:')),
    "{origin}/rest/api/1.0/application-properties": ("publiccode", re.compile(rb'"displayName"\s*:\s*"Bitbucket')),
}
_MACHINES = "application/json, application/sparql-results+json, application/xml;q=0.5, */*;q=0.1"
_LOOKED_AT = 1 << 20


@dataclass(frozen=True)
class Configured:
    """A source as configured: the source itself, when it is read, and who is told."""

    source: Source
    schedule: Schedule
    webhook: Webhook | None = None
    paused: bool = False


@dataclass(frozen=True)
class Found:
    """What a location is likely a source of; `note` says why that is less than sure, "" when it is."""

    kind: str
    location: str
    id: str
    title: str
    note: str = ""

    @property
    def reading(self) -> str:
        """How it will be read, in a sentence."""
        return purpose(self.kind)


def configured(settings: Settings) -> dict[str, Configured]:
    """The configured sources by their ids; raises SettingsError for the first that cannot be used."""
    found, wrong = usable(settings)
    if wrong:
        raise wrong[0]
    return found


def usable(settings: Settings) -> tuple[dict[str, Configured], list[SettingsError]]:
    """The configured sources that can be used, by their ids, and what is wrong with the others."""
    found: dict[str, Configured] = {}
    wrong = []
    for entry in settings.sources:
        try:
            if entry["id"] in found:
                raise SettingsError(f"{settings.file}: two sources have the id {entry['id']!r}")
            found[entry["id"]] = check(entry, settings.file)
        except SettingsError as error:
            wrong.append(error)
    return found, wrong


def secrets(one: Configured) -> list[str]:
    """The names of the environment variables that a source needs."""
    named = [str(one.source.options.get(name, "")) for name in ("token", "hook_secret")]
    return [name for name in (*named, one.webhook.secret if one.webhook else "") if name]


def due(chosen: Iterable[Configured], operations: Operations, now: datetime) -> list[Configured]:
    """Those of some sources that are to be read now, by their schedules or because somebody wishes it."""
    wished = operations.wished()
    return [
        one
        for one in chosen
        if not one.paused
        and schedule.is_due(
            one.schedule,
            one.source.id,
            operations.runs(one.source.id, schedule.ENOUGH_RUNS),
            now,
            wished=one.source.id in wished,
        )
    ]


def check(entry: Mapping[str, Any], file: Path) -> Configured:
    """One `[[source]]` of a file; raises SettingsError naming what cannot be used and what could."""
    try:
        return _configured(entry, file.absolute().parent)
    except (ValueError, SettingsError) as error:
        raise SettingsError(f"{file}: source {entry['id']!r}: {error}") from error


def _configured(entry: Mapping[str, Any], folder: Path) -> Configured:
    check_id(entry["id"])
    if not _CONFIGURED_ID.fullmatch(entry["id"]):
        raise ValueError(f"its id is not of a-z, 0-9 and -, such as {slug(entry['id'])!r}")
    harvester = _harvester(entry["kind"])
    known = {**harvester.OPTIONS, **KEYS}
    said = {name: _value(name, value, known) for name, value in entry.items()}
    location = place(said["location"], folder)
    options = {name: said[name] for name in (*harvester.OPTIONS, "token") if said.get(name, "") != ""}
    source = Source(
        said["id"],
        said["kind"],
        location,
        said.get("title") or name_of(location),
        _positive(said, "precedence", harvester.PRECEDENCE),
        _positive(said, "patience", Source.patience),
        options,
    )
    return Configured(source, _schedule(said), _webhook(said), said.get("paused", False))


def check_id(source_id: object) -> None:
    """Raises ValueError for an id that is taken."""
    if source_id == CURATED:
        raise ValueError(f"the id {CURATED!r} is that of what operators say themselves; give the source another one")


def _harvester(kind: str) -> Harvester:
    if kind not in HARVESTERS:
        raise ValueError(f"{kind!r} is no kind of source; known are {', '.join(HARVESTERS)}{meant(kind, HARVESTERS)}")
    return HARVESTERS[kind]


def _value(name: str, value: object, known: Mapping[str, Option]) -> Any:
    if name not in known:
        raise ValueError(f"{name!r} is no option of it; known are {', '.join(known)}{meant(name, known)}")
    default = known[name].default
    given = tuple(value) if isinstance(value, list) and all(isinstance(item, str) for item in value) else value
    if type(given) is not type(default):  # not isinstance: True is an int
        raise ValueError(f"{name} should be {_TYPES[type(default)]}, not {value!r}")
    if name in ("token", "webhook_secret", "hook_secret") and not _VARIABLE.fullmatch(str(given)):
        wanted = "the name of an environment variable, and not the secret itself: of capitals, digits and _"
        raise ValueError(f"{name} should be {wanted}")
    return given


def meant(name: str, known: Iterable[str]) -> str:
    """What somebody may have meant by a name that is not known, as the end of a sentence; "" where that is open."""
    close = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _positive(said: Mapping[str, Any], name: str, default: int) -> int:
    number: int = said.get(name, default)
    if number < 1:
        raise ValueError(f"{name} should be at least 1, not {number}")
    return number


def _schedule(said: Mapping[str, Any]) -> Schedule:
    text = said.get("schedule", schedule.DEFAULT)
    try:
        return schedule.parse(text)
    except ValueError as error:
        raise ValueError(f"schedule {text!r}: {error}") from error


def _webhook(said: Mapping[str, Any]) -> Webhook | None:
    address, on = said.get("webhook", ""), said.get("webhook_on", KEYS["webhook_on"].default)
    if on not in OCCASIONS:
        raise ValueError(f"webhook_on can be {', '.join(OCCASIONS)}, not {on!r}{meant(on, OCCASIONS)}")
    if address and not is_web(address):
        raise ValueError(f"webhook should be an http or https address, not {address!r}")
    return Webhook(address, on, said.get("webhook_secret", "")) if address else None


def place(location: str, folder: Path) -> str:
    """A location as it is kept: an address as written, a path in full, seen from a folder.

    A name with `~` that no user has is that of a file, as it is to a shell. Raises SettingsError for none, and for an
    address with a password or token in it, which would stand in files and on pages.
    """
    if _SECRET.match(location):
        shown = _USER.sub("//", location)
        raise SettingsError(
            f"{shown}: an address with a password or token in it is no location of a source;"
            " take it out, put it into a variable of the environment, and name that as `token`"
        )
    if not location.strip():
        raise SettingsError("its location is empty; give an address, a file or a directory")
    if "://" in location or _SCP.fullmatch(location):
        return location
    return str((folder / os.path.expanduser(location)).resolve())  # noqa: PTH111 - Path.expanduser raises for no user


def is_same_place(one: str, other: str) -> bool:
    """Whether two locations differ in nothing that servers tell apart."""
    return _plain(one) == _plain(other)


def _plain(location: str) -> str:
    if not is_web(location):
        return location
    parts = urlsplit(location)
    path = parts.path.rstrip("/")
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower(), path=path, fragment="").geturl()


def name_of(location: str) -> str:
    """What a source is called that has no title: the last part of its location that says something."""
    path = unquote(urlsplit(location).path if "://" in location else location).rstrip("/")
    return path.rsplit("/", 1)[-1] or urlsplit(location).netloc or "source"


def source_at(kind: str, location: str, source_id: str = "", title: str = "") -> Source:
    """An unconfigured source: called after where it is, and the same each time it is harvested."""
    where = place(location, Path.cwd())
    name = name_of(where)
    try:
        precedence = _harvester(kind).PRECEDENCE
    except ValueError as error:
        raise SettingsError(str(error)) from error
    if source_id and not _ID.fullmatch(source_id):
        raise SettingsError(f"{source_id!r} cannot be the id of a source: letters, digits, - . and _ can")
    try:
        check_id(source_id)
    except ValueError as error:
        raise SettingsError(str(error)) from error
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in name.lower()).strip("-") or "source"
    return Source(source_id or f"{plain}-{key(where)[:4]}", kind, where, title or name, precedence)


def slug(text: str) -> str:
    """A text in a-z, 0-9 and -."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST_ID].strip("-") or "source"


# What a location is


@dataclass(frozen=True)
class _Answer:
    """What an address answered: a document, or why there is none; neither of what is no address of the web."""

    document: Document | None = None
    error: FetchError | None = None

    def __str__(self) -> str:
        """In words, for whoever expected something else."""
        if self.document is None:
            return str(self.error or "")
        if "html" in self.document.media_type:
            return "it is a web page; give the address of the data: of a file, an interface, or an account on a forge"
        begins = " ".join(self.document.content[:_SHOWN].decode(errors="replace").split())
        kind = self.document.media_type or "something"
        return f"it answers with {kind} that begins with {begins}" if begins else "it answers with nothing"


def recognise(location: str, fetch: Fetch, kind: str = "", folder: Path | None = None) -> Found:
    """What a location is a source of: by what it answers, else by what its server answers where those of a kind do.
    `kind`, where it is given, is taken; what speaks against it is noted.

    Raises SettingsError where no kind fits.
    """
    where = place(location, folder or Path.cwd())
    if kind:
        _known_kind(kind)
        return Found(kind, where, _id(where), _title(where), _doubt(kind, where, fetch))
    answer, kinds = _likely(where, fetch)
    if kinds:
        note = f"it could not be read just now, and is taken by its address: {answer}" if answer.error else ""
        return Found(kinds[0], where, _id(where), _title(where), note)
    for found in _asked_beside(where, answer, fetch):
        return Found(found, where, _id(where), _title(where))
    words = str(answer) or ("://" in where and _NO_ADDRESS)
    reason = f" ({words})" if words else ""
    raise SettingsError(
        f"{where}: no kind of source is recognised{reason}; name one with --kind: {', '.join(HARVESTERS)}"
    )


def _doubt(kind: str, where: str, fetch: Fetch) -> str:
    """Why a location may be no source of a kind that somebody says it is; "" where nothing speaks against it."""
    try:
        answer, kinds = _likely(where, fetch)
    except SettingsError as error:
        return str(error)
    if answer.error and not answer.error.status:
        return str(answer.error)
    return f"it looks like one of the kind {kinds[0]}" if kinds and kind not in kinds else ""


def _likely(where: str, fetch: Fetch) -> tuple[_Answer, list[str]]:
    """What a location answers, and the kinds that recognise it; raises SettingsError for what cannot be read."""
    try:
        answer = _look(where, fetch)
        return answer, [kind for kind, module in HARVESTERS.items() if module.recognises(where, answer.document)]
    except OSError as error:
        raise SettingsError(f"{error.filename or where}: it cannot be read: {error.strerror or error}") from error


def _known_kind(kind: str) -> None:
    try:
        _harvester(kind)
    except ValueError as error:
        raise SettingsError(str(error)) from error


def _look(where: str, fetch: Fetch) -> _Answer:
    """What an address answers; an address that cannot be read may still tell by itself what it is.

    Raises OSError for a file or directory that cannot be read.
    """
    if is_web(where):
        try:
            return _Answer(fetch.get(where))
        except FetchError as error:
            return _Answer(error=error)
    if "://" not in where and not _SCP.fullmatch(where):
        _check_readable(Path(where))
    return _Answer()


def _asked_beside(where: str, answer: _Answer, fetch: Fetch) -> Iterator[str]:
    """The kinds whose servers answer so beside an address; a host that does not answer is not asked again and again."""
    has_answered = bool(answer.document or (answer.error and answer.error.status))
    origin = urljoin(where, "/").rstrip("/")
    base = where.partition("#")[0].partition("?")[0].rstrip("/")
    for place, (kind, mark) in _BESIDE.items() if is_web(where) else ():
        try:
            found = fetch.get(place.format(base=base, origin=origin), accept=_MACHINES)
        except FetchError as error:
            if not (has_answered or error.status):
                return
        else:
            if mark.search(found.content[:_LOOKED_AT]):
                yield kind


def _check_readable(path: Path) -> None:
    if not path.exists():
        raise SettingsError(f"{path}: there is no such file or directory; an address begins with https://")
    if path.is_dir():
        next(path.iterdir(), None)
    elif path.is_file():
        path.open("rb").close()


def _title(where: str) -> str:
    parts = urlsplit(where) if "://" in where else None
    return f"{parts.hostname}{unquote(parts.path).rstrip('/')}" if parts and parts.hostname else name_of(where)


def _id(where: str) -> str:
    """Of an address its host and the end of its path, which tell most; of a path its last part."""
    if "://" not in where:
        return slug(name_of(where))
    parts = urlsplit(where)
    host = re.sub(r"^(?:www|api|data)\.|\.[a-z]+$", "", parts.hostname or "")
    last = unquote(parts.path).rstrip("/").rsplit("/", 1)[-1]
    return slug(f"{host} {re.sub(r'[.][a-z0-9]{1,6}$', '', last)}")


# What there is


def purpose(kind: str) -> str:
    """What a kind of source is, in the first sentence of its module."""
    text = (getattr(HARVESTERS[kind], "__doc__", None) or kind).strip()
    return " ".join(re.split(r"(?<=\.)\s|\n\n", text, maxsplit=1)[0].split())


def tables() -> Iterator[str]:
    """The options of every source and of each kind, as Markdown: documentation that cannot grow old."""
    yield f"### Every source\n\n{_table(KEYS)}"
    for name, module in HARVESTERS.items():
        own = {option: found for option, found in module.OPTIONS.items() if option not in KEYS}
        options = _table(own) if own else "It has no options of its own.\n"
        yield f"### `{name}`\n\n{purpose(name)} Precedence {module.PRECEDENCE}.\n\n{options}"


def _table(options: Mapping[str, Option]) -> str:
    rows = [f"| `{name}` | {_default(option)} | {option.help} |" for name, option in options.items()]
    return "\n".join(("| option | default | meaning |", "| --- | --- | --- |", *rows)) + "\n"


def _default(option: Option) -> str:
    value = option.default
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    shown = " ".join(value) if isinstance(value, tuple) else str(value or "")
    return f"`{shown}`" if shown else "(none)"
