"""Every setting, declared once: its name, type, default and help, which is also its documentation.

Precedence: flags over environment (`CATALOGUE_…`) over `catalogue.toml` over defaults.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from catalogue.errors import SettingsError

# "true" and "false" are TOML's own.
_SWITCH = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "off": False, "0": False}


class Secret(str):
    """A text that is not shown where values are."""

    __slots__ = ()

    def __new__(cls, value: str) -> "Secret":
        return super().__new__(cls, value.strip())

    def __repr__(self) -> str:
        return "(set)" if self else "(none)"


def _positive(value: str) -> int:
    try:
        number = int(value)
    except ValueError:
        raise ValueError("must be a whole number") from None
    if number < 1:
        raise ValueError("must be at least 1")
    return number


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise ValueError("must be a number") from None


def _seconds(value: str) -> float:
    number = _number(value)
    if not 0 < number < float("inf"):
        raise ValueError("must be more than 0 seconds")
    return number


def _share(value: str) -> float:
    number = _number(value)
    if not 0 <= number <= 1:
        raise ValueError("must be from 0 to 1")
    return number


def _switch(value: str) -> bool:
    if value.strip().lower() not in _SWITCH:
        raise ValueError("must be yes or no")
    return _SWITCH[value.strip().lower()]


def _base(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be an http or https address without query or fragment")
    return value.rstrip("/")


def _words(value: str) -> tuple[str, ...]:
    return tuple(value.replace(",", " ").split())


def _networks(value: str) -> tuple[str, ...]:
    return tuple(str(ip_network(word)) for word in _words(value))


@dataclass(frozen=True)
class Setting:
    """One setting; its environment variable is `CATALOGUE_` and its name in capitals."""

    name: str
    read: Callable[[str], Any]
    default: str
    help: str

    @property
    def variable(self) -> str:
        return f"CATALOGUE_{self.name.upper()}"


SETTINGS = (
    Setting("home", Path, "catalogue-home", "The one directory that holds everything, and the one to back up."),
    Setting(
        "base",
        _base,
        "http://localhost:8000",
        "The address that minted IRIs start with, whatever host the pages are served from. Fixed once records exist.",
    ),
    Setting("title", str, "Open source catalogue", "The catalogue's name, on every page and in its metadata."),
    Setting(
        "description",
        str,
        "Open source software that public bodies publish, use or share: what it is, whose it is and where its code is.",
        "What the catalogue is, in its metadata.",
    ),
    Setting("publisher", str, "", "Who publishes the catalogue, in its metadata; without it, the catalogue's name."),
    Setting("host", str, "127.0.0.1", "The address to listen on."),
    Setting("port", _positive, "8000", "The port to listen on."),
    Setting("workers", _positive, "2", "How many web processes answer requests."),
    Setting("keep", _positive, "3", "How many publications are kept for rollback, the current one included."),
    Setting(
        "allow_private",
        _words,
        "",
        "Addresses, networks or host:port pairs that harvesting may reach although they are private.",
    ),
    Setting("fetch_timeout", _seconds, "30", "Seconds that fetching one document may take."),
    Setting("harvest_timeout", _seconds, "3600", "Seconds that harvesting one source may take."),
    Setting(
        "most_gone",
        _share,
        "0.3",
        "The share of a source's records that may be gone at once; of more, none is removed.",
    ),
    Setting("auto_harvest", _switch, "yes", "Whether the running server harvests by itself what is due: yes or no."),
    Setting("lock_timeout", _seconds, "60", "Seconds to wait for another process that is writing."),
    Setting(
        "token",
        Secret,
        "",
        "What operators send to change data over HTTP (Authorization: Bearer …); without it, nobody can.",
    ),
    Setting("query_timeout", _seconds, "20", "Seconds that a SPARQL query may take."),
    Setting("query_memory", _positive, "1024", "Megabytes of memory that a SPARQL query may use."),
    Setting("query_size", _positive, "512", "Megabytes that a SPARQL query's result may have."),
    Setting("query_rows", _positive, "5000000", "Rows that a SPARQL query's result may have."),
    Setting("query_workers", _positive, "4", "SPARQL queries that each web process evaluates at once."),
    Setting("query_queue", _positive, "40", "SPARQL queries that may wait in each web process."),
    Setting(
        "query_client", _positive, "16", "SPARQL queries that one client may have in hand at once in each web process."
    ),
    Setting(
        "trusted_proxies",
        _networks,
        "127.0.0.0/8 ::1",
        "Addresses and networks of proxies whose header X-Forwarded-For says who the client is.",
    ),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}
FILE = "catalogue.toml"
_FILE_VARIABLE = "CATALOGUE_CONFIG"


@dataclass(frozen=True)
class Settings:
    """The settings in force, read-only: `settings.base`, `settings.port` …; `sources` are the configured ones.

    `file` is where sources are configured, whether or not it exists.
    """

    values: Mapping[str, Any]
    sources: tuple[Mapping[str, Any], ...] = ()
    file: Path = Path(FILE)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(f"{name!r} is no setting") from None

    def environment(self) -> dict[str, str]:
        """The settings as environment variables, for child processes."""
        environment = {_BY_NAME[name].variable: _spell(value) for name, value in self.values.items()}
        return environment | ({_FILE_VARIABLE: _spell(self.file)} if self.file.exists() else {})


def _spell(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(value)
    return str(value.absolute() if isinstance(value, Path) else value)


def load(
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    config: Path | None = None,
) -> Settings:
    """Reads all settings; raises SettingsError naming the setting, its value, where it stands and the cause.

    `config` is the file named by `--config`, else by CATALOGUE_CONFIG; without either, `catalogue.toml` in the home
    directory is read if it exists.
    """
    environ = os.environ if environment is None else environment
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    home = Path(str(given.get("home") or environ.get("CATALOGUE_HOME") or _BY_NAME["home"].default))
    named = config or (Path(environ[_FILE_VARIABLE]) if environ.get(_FILE_VARIABLE) else None)
    file = named or home / FILE
    table = _table(file, required=named is not None)
    values = {}
    for setting in SETTINGS:
        text, place = _find(setting, given, environ, table)
        values[setting.name] = _read(setting, text, place)
    return Settings(values, _sources(table, file), file)


def _find(
    setting: Setting, flags: Mapping[str, Any], environ: Mapping[str, str], table: Mapping[str, Any]
) -> tuple[str, str]:
    if setting.name in flags:
        return _spell(flags[setting.name]), f"--{setting.name.replace('_', '-')}"
    if setting.variable in environ:
        return environ[setting.variable], setting.variable
    if setting.name in table:
        value = table[setting.name]
        return (" ".join(map(str, value)) if isinstance(value, list) else str(value)), FILE
    return setting.default, "default"


def _read(setting: Setting, text: str, place: str) -> Any:
    try:
        return setting.read(text)
    except ValueError as error:
        raise SettingsError(f"setting {setting.name} ({place}): {text!r} cannot be used: {error}") from error


def read_sources(file: Path) -> tuple[Mapping[str, Any], ...]:
    """The sources that a settings file has now, none when there is no such file."""
    return _sources(_table(file, required=False), file)


def _sources(table: Mapping[str, Any], file: Path) -> tuple[Mapping[str, Any], ...]:
    sources = table.get("source", [])
    if not isinstance(sources, list) or not all(isinstance(source, dict) for source in sources):
        raise SettingsError(f"settings: {file}: a source is configured as [[source]] with id, kind and location")
    for source in sources:
        missing = [name for name in ("id", "kind", "location") if not isinstance(source.get(name), str)]
        if missing or not re.fullmatch(r"[a-z0-9][a-z0-9-]*", source["id"]):
            problem = (
                f"lacks {missing[0]}{_meant(missing[0], source, 'is it')}"
                if missing
                else "has an id that is not of a-z, 0-9 and -"
            )
            raise SettingsError(f"settings: {file}: source {source.get('id', source)!r} {problem}")
    return tuple(sources)


def _table(path: Path, required: bool) -> Mapping[str, Any]:
    if not path.exists():
        if required:
            raise SettingsError(f"settings: {path} does not exist")
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"settings: {path}: {error}") from error
    unknown = sorted(set(table) - set(_BY_NAME) - {"source"})
    if unknown:
        known = (*_BY_NAME, "source")
        meant = _meant(unknown[0], known, "did you mean") or f"; known are {', '.join(known)}"
        raise SettingsError(f"settings: {path}: unknown setting {unknown[0]!r}{meant}")
    return table


def _meant(name: str, known: Iterable[str], question: str) -> str:
    close = difflib.get_close_matches(name, list(known), 1)
    return f"; {question} {close[0]!r}?" if close else ""
