"""The command line. The only module that knows click.

Exit codes: 0 done, 1 there are findings, 2 wrong usage or unreadable input, 3 another process is writing.
"""

import itertools
import json
import os
import random
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from catalogue import __version__, backups, configuration, doctor, exports, measuring, schedule, server
from catalogue.checking import Check, Checker
from catalogue.decisions import Editor, Plan, carry_out
from catalogue.decisions import as_json as as_json_entry
from catalogue.decisions import as_text as as_text_entry
from catalogue.duplicates import KINDS as COMPARED
from catalogue.duplicates import Proposal, duplicates
from catalogue.errors import BusyError, CatalogueError, SettingsError, SourceError
from catalogue.harvest import Harvest, Harvesting
from catalogue.harvesters import HARVESTERS
from catalogue.home import Home
from catalogue.identity import Minter
from catalogue.model import CURATED, Document, Finding, Severity, Source
from catalogue.notices import STOPPED, Messenger, Webhook, is_untold
from catalogue.operations import Operations, Run
from catalogue.profiles.tables import PROFILES
from catalogue.publication import Publication, rollback
from catalogue.queries import find, shipped
from catalogue.reports import as_json as as_json_run
from catalogue.reports import sums
from catalogue.server import end_with_supervisor
from catalogue.settings import SETTINGS, Settings, load, read_sources
from catalogue.sources import (
    Configured,
    Found,
    check,
    configured,
    is_same_place,
    meant,
    recognise,
    source_at,
    tables,
    usable,
)
from catalogue.sources import due as due_now
from catalogue.sparql.local import FORMATS as RESULT_FORMATS
from catalogue.sparql.local import answer
from catalogue.store import Store
from catalogue.validation.documents import KNOWN, MAX_BYTES
from catalogue.validation.report import LANGUAGES, Outcome, as_json, as_text, as_turtle
from catalogue.writer import fetcher, preview, seed_source, writing

FINDINGS, UNUSABLE, BUSY = 1, 2, 3
_PROGRESS_EVERY = 100
_MOST_LACKING = 3
_SHOWN_RUNS = 5
# So many runs back, a webhook is told of what it could not be told when they ended.
_RETOLD = 20
# How often a waiting harvest looks whether something is due, and by how much it gives way to other processes.
_LOOK_EVERY_S = 60
_POLITE = 10

Command = TypeVar("Command", bound=Callable[..., Any])


def _clock() -> datetime:
    return datetime.now(UTC)


def _environment() -> dict[str, str]:
    """Variables as secrets are read from them: without the line end of the file that they came from, which no header
    can have, and which would be told with the secret."""
    return {name: value.strip() for name, value in os.environ.items()}


def _settings_options(*names: str) -> Callable[[Command], Command]:
    """Flags for settings; every command has `--home`, `--base` and `--config`."""

    def decorate(command: Command) -> Command:
        for setting in reversed(SETTINGS):
            if setting.name in ("home", "base", *names):
                text = f"{setting.help} [{setting.variable}; default: {setting.default}]"
                command = click.option(f"--{setting.name.replace('_', '-')}", setting.name, help=text)(command)
        return click.option("--config", type=click.Path(path_type=Path), help="The settings file to read.")(command)

    return decorate


def _load(config: Path | None, **flags: Any) -> Settings:
    return load(flags, config=config)


class _Group(click.Group):
    """Turns the catalogue's errors into one line and an exit code."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except BusyError as error:
            _fail(error, BUSY)
        except CatalogueError as error:
            _fail(error, UNUSABLE)
        except PermissionError as error:
            whose = "run it as the user that the catalogue's files belong to"
            _fail(f"{error.filename}: {error.strerror}; {whose}", UNUSABLE)


def _fail(error: CatalogueError | str, code: int) -> None:
    click.echo(f"Error: {error}", err=True)
    sys.exit(code)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="catalogue")
def main() -> None:
    """The catalogue a public body runs to describe, validate, publish and federate its open source."""


_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


# Serving


@main.command()
@_settings_options("host", "port", "workers")
def demo(config: Path | None, **flags: Any) -> None:
    """Build a catalogue from the packaged seed data if there is none, serve it, print its address."""
    settings = _load(config, **flags)
    if Home(settings.home).current() is None:
        click.echo("Building the demonstration catalogue …")
        with writing(settings, "catalogue demo", _clock) as writer:
            done = writer.harvest(seed_source(), Harvesting(fetcher(settings), _clock))
        _print_harvest(done)
    _serve(settings)


@main.command()
@_settings_options("host", "port", "workers")
def serve(config: Path | None, **flags: Any) -> None:
    """Serve the current publication until interrupted."""
    _serve(_load(config, **flags))


def _serve(settings: Settings) -> None:
    home = Home(settings.home)
    if home.store.exists():
        _finish_interrupted(settings)
    if home.current() is None and settings.sources and settings.auto_harvest:
        with writing(settings, "catalogue serve", _clock) as writer:  # an empty one, which the sources fill
            writer.publish(anew=True)
    if home.current() is None:
        raise click.UsageError(f"There is nothing to serve in {home.path} yet: load or harvest something, or try demo.")
    server.check_address(settings.host, settings.port)
    click.echo(f"Serving on http://{settings.host}:{settings.port}/ (stop with Ctrl-C)")
    server.serve(settings)


def _finish_interrupted(settings: Settings) -> None:
    """Publishes what a writer that was killed left unpublished; one that is at work will do so itself."""
    try:
        with Home(settings.home).writing("catalogue serve", 0):
            pass
    except BusyError:
        return
    with writing(settings, "catalogue serve", _clock) as writer:
        writer.publish()


# Filling


@main.command()
@click.argument("names", metavar="[SOURCE]…", nargs=-1)
@click.option("--kind", help=f"Harvest a location of this kind ({', '.join(HARVESTERS)}) without configuration.")
@click.option("--source", "source_id", help="With --kind: the source's id; without it, one made from the location.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--allow-deletions", is_flag=True, help="Remove what is gone even when it is a large share of a source.")
@click.option("--due", is_flag=True, help="Only what is due by its schedule, or wished; for a timer.")
@click.option("--wait", is_flag=True, help="With --due: wait until something is.")
@_json
@_settings_options("allow_private", "fetch_timeout", "harvest_timeout", "lock_timeout")
def harvest(
    names: tuple[str, ...],
    kind: str | None,
    source_id: str | None,
    dry_run: bool,
    allow_deletions: bool,
    due: bool,
    wait: bool,
    as_json: bool,
    config: Path | None,
    **flags: Any,
) -> None:
    """Harvest the configured sources, all or those named; or one LOCATION with --kind."""
    if (due and kind) or (wait and not due):
        raise click.UsageError("--due is of configured sources, and --wait goes with it.")
    if source_id and not kind:
        raise click.UsageError("--source names what is harvested with --kind; configured sources are named without it.")
    settings, stop = _load(config, **flags), _Stop()
    how = Harvesting(
        fetcher(settings),
        _clock,
        dry_run=dry_run,
        allow_deletions=allow_deletions,
        most_gone=settings.most_gone,
        environment=_environment(),
        proceed=_Progress(settings.harvest_timeout, stop, is_shown=not due),
    )
    if due:
        _harvest_due(settings, names, _Harvester(settings, how, stop, only_due=True), wait, as_json)
    else:
        sys.exit(_run(_Harvester(settings, how, stop), _sources(settings, names, kind, source_id), as_json))


@main.command("load")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(exists=True))
@click.option("--source", "source_id", default="local", show_default=True, help="The source that the records are of.")
@_json
@_settings_options("lock_timeout")
def load_files(files: tuple[str, ...], source_id: str, as_json: bool, config: Path | None, **flags: Any) -> None:
    """Load RDF files as records of a named source; what else the source has said stays."""
    settings = _load(config, **flags)
    stop = _Stop()
    how = Harvesting(fetcher(settings), _clock, complete=False, proceed=_Progress(settings.harvest_timeout, stop))
    chosen = [_alone(source_at("rdf", file, source_id, source_id)) for file in files]
    sys.exit(_run(_Harvester(settings, how, stop), chosen, as_json))


def _sources(settings: Settings, names: tuple[str, ...], kind: str | None, source_id: str | None) -> list[Configured]:
    if kind is not None:
        if len(names) != 1:
            raise click.UsageError("With --kind, name one location: a directory, a file or a URL.")
        return [_alone(source_at(kind, names[0], source_id or ""))]
    if not settings.sources:
        raise click.UsageError("No source is configured in catalogue.toml; name a location with --kind.")
    if names:
        return [_configured(settings, name) for name in names]
    awake = [one for one in configured(settings).values() if not one.paused]
    if not awake:
        raise click.UsageError("All sources are paused: name one to read it, or catalogue source resume one.")
    return awake


def _alone(source: Source) -> Configured:
    return Configured(source, schedule.parse(schedule.MANUAL))


def _configured(settings: Settings, name: str) -> Configured:
    for entry in settings.sources:
        if entry["id"] == name:
            return check(entry, settings.file)
    known = [entry["id"] for entry in settings.sources]
    raise click.UsageError(
        f"No source {name!r} is configured; there are: {', '.join(known) or 'none'}{meant(name, known)}"
    )


class _Stop:
    """Whether this process was asked to end (SIGTERM): it then finishes the record in hand, publishes and logs."""

    def __init__(self) -> None:
        self._event = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: self._event.set())

    def __bool__(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        return self._event.wait(seconds)


@dataclass(frozen=True)
class _Harvester:
    """Harvests one source after the other; with `only_due`, those that still are when it is their turn."""

    settings: Settings
    how: Harvesting
    stop: _Stop
    only_due: bool = False

    def __call__(self, chosen: Iterable[Configured]) -> Iterator[Harvest]:
        for one in chosen:
            if not self.stop:
                yield from self._harvest(one)

    def _harvest(self, one: Configured) -> Iterator[Harvest]:
        if self.how.dry_run:
            yield preview(self.settings, one.source, self.how)
            return
        operations = Operations(Home(self.settings.home).operations)
        with writing(self.settings, f"catalogue harvest {one.source.id}", _clock) as writer:
            if self.only_due and not due_now([one], operations, _clock()):
                return  # another process has read it, while this one waited to write
            done = writer.harvest(one.source, self.how, notice=STOPPED if one.webhook else None)
            last, *before = operations.runs(one.source.id, _RETOLD)
        if one.webhook is not None:
            untold = [run for run in reversed(before) if is_untold(run)]
            self._tell(one.webhook, one.source, [*untold, last], operations)
        yield done

    def _tell(self, webhook: Webhook, source: Source, runs: Sequence[Run], operations: Operations) -> None:
        messenger = Messenger(fetcher(self.settings), Minter(self.settings.base), _environment())
        for run, words in messenger.tell_all(webhook, source, runs, is_stopped=bool(self.stop)):
            operations.notice(run, words)
            if is_untold(replace(run, notice=words)):
                click.echo(f"{source.id}, run {run.number}: {words}", err=True)


def _harvest_due(settings: Settings, names: tuple[str, ...], harvester: _Harvester, wait: bool, as_json: bool) -> None:
    """Harvests what is due; a source that is configured wrongly keeps none of the others from it."""
    if end_with_supervisor(lambda: os.kill(os.getpid(), signal.SIGTERM)):
        os.nice(_POLITE)  # pages come first
    for name in names:
        _configured(settings, name)
    operations = Operations(Home(settings.home).operations)
    while True:
        found, wrong = usable(replace(settings, sources=read_sources(settings.file)))
        if wrong:
            _log_unusable(settings, found, operations)
        chosen = due_now([one for one in found.values() if not names or one.source.id in names], operations, _clock())
        if chosen or not wait or harvester.stop.wait(_LOOK_EVERY_S * random.uniform(0.75, 1.25)):  # noqa: S311 - jitter
            break
    for error in wrong:
        click.echo(f"Error: {error}", err=True)
    if not chosen and not as_json:
        click.echo("Nothing is due.")
        sys.exit(UNUSABLE if wrong else 0)
    code = _run(harvester, chosen, as_json)
    if not wait:  # who waits has done what it is for, whatever came of it; the log tells that
        sys.exit(UNUSABLE if wrong else code)


def _log_unusable(settings: Settings, usable: Mapping[str, Configured], operations: Operations) -> None:
    """Notes of sources that are configured wrongly that they could not be read, which nobody would see otherwise."""
    for entry in read_sources(settings.file):
        if entry["id"] in usable:
            continue
        try:
            check(entry, settings.file)
        except SettingsError as error:
            words, now = str(error).removeprefix(f"{settings.file}: "), _clock().isoformat()
            if [run.error for run in operations.runs(entry["id"], 1)] != [words]:
                operations.add(Run(entry["id"], now, now, error=words))


def _run(harvester: _Harvester, chosen: Iterable[Configured], as_json: bool) -> int:
    """Harvests, tells what came of it, and returns the exit code for that."""
    done: list[Harvest] = []
    told: list[dict[str, Any]] = []
    try:
        for harvest in harvester(chosen):
            done.append(harvest)
            if as_json:
                told.append(_harvest_json(harvest))
            else:
                _print_harvest(harvest)
    finally:  # what was done is told even if another process then kept writing for too long
        if as_json:
            click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    if any(harvest.error for harvest in done):
        return UNUSABLE
    return FINDINGS if any(harvest.is_lacking for harvest in done) else 0


class _Progress:
    """Shows how far a harvest is: one line on a terminal, a line now and then elsewhere. Ends one that is to stop."""

    def __init__(self, timeout_s: float, stop: _Stop, *, is_shown: bool = True) -> None:
        self._timeout_s, self._stop, self._is_shown = timeout_s, stop, is_shown

    def __call__(self, done: Harvest) -> None:
        read = sum(done.counts[name] for name in ("new", "changed", "unchanged", "outside", "rejected"))
        elapsed = (_clock() - done.started).total_seconds()
        if self._stop:
            raise SourceError(f"{done.source.id}: stopped; the {read} records read until then are in")
        if elapsed > self._timeout_s:
            raise SourceError(
                f"{done.source.id}: stopped after {self._timeout_s:g} seconds (CATALOGUE_HARVEST_TIMEOUT);"
                f" the {read} records read until then are in"
            )
        if self._is_shown:
            self._show(done, read)

    def _show(self, done: Harvest, read: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{done.source.id}: {read} records", nl=False, err=True)
        elif read % _PROGRESS_EVERY == 0:
            click.echo(f"{done.source.id}: {read} records", err=True)


def _print_harvest(done: Harvest) -> None:
    if sys.stderr.isatty():
        click.echo(err=True)
    counts = done.counts
    columns = ("new", "changed", "unchanged", "gone", "rejected", "unread", "warnings", "outside", "missing")
    click.echo(f"{done.source.title} ({done.source.kind}, source {done.source.id})")
    click.echo("  " + "  ".join(f"{counts[name]} {name}" for name in columns))
    click.echo(f"  in {_seconds(done):.1f} s, {done.traffic.requests:,} requests, {done.traffic.bytes:,} bytes")
    if not (done.error or any(done.counts.values())):
        click.echo(f"  Nothing was read: nothing is new, or there is nothing of the kind {done.source.kind} there")
    violations = [
        (origin, finding)
        for origin, report in done.rejected
        for finding in report.findings
        if finding.severity is Severity.VIOLATION
    ]
    unread = frozenset(done.account.named.get("unread", ()))
    _print_findings("Rejected", "record", violations)
    _print_findings("Could not be read", "part", [found for found in done.findings if found[0] in unread])
    if done.error:
        click.echo(f"\nNot finished: {done.error}", err=True)


def _seconds(done: Harvest) -> float:
    return max(0.0, (_clock() - done.started).total_seconds())


def _print_findings(title: str, about: str, findings: Sequence[tuple[str, Finding]]) -> None:
    if findings:
        click.echo(f"\n{title}:")
        rows = [(origin, _place(finding), finding.message, finding.fix or "") for origin, finding in findings]
        _print_table((about, "place", "what is wrong", "how to mend it"), rows)


def _place(finding: Finding) -> str:
    place = "" if finding.line is None else f"{finding.line}:{finding.column or 1}"
    return " ".join(part for part in (place, finding.path) if part)


def _harvest_json(done: Harvest) -> dict[str, Any]:
    return {
        "source": asdict(done.source),
        "counts": dict(done.counts),
        "seconds": round(_seconds(done), 3),
        "requests": done.traffic.requests,
        "bytes": done.traffic.bytes,
        "findings": [{"record": origin, **asdict(finding)} for origin, finding in done.findings],
        "error": done.error,
    }


def _print_table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]
    # The last two columns hold sentences; padding them would only wrap the lines.
    for row in (header, *rows):
        click.echo("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


# Sources


@main.group("source")
def source() -> None:
    """Configure the sources in catalogue.toml: what is read, from where, when."""


@source.command("add")
@click.argument("location", metavar="URL-or-PATH")
@click.option("--id", "source_id", default="", help="Its name in addresses; without it, one made from the location.")
@click.option("--kind", default="", help=f"{', '.join(HARVESTERS)}; without it, the kind is recognised.")
@click.option("--schedule", "when", default=schedule.DEFAULT, show_default=True, help=f"{schedule.WORDS}.")
@click.option("--title", default="", help="Its name on pages; without it, one made from the location.")
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@_json
@_settings_options("allow_private", "fetch_timeout")
def add_source(
    location: str,
    source_id: str,
    kind: str,
    when: str,
    title: str,
    dry_run: bool,
    as_json: bool,
    config: Path | None,
    **flags: Any,
) -> None:
    """Recognise what is at an address or a path, and write it into catalogue.toml."""
    settings = _load(config, **flags)
    found = recognise(location, fetcher(settings), kind)
    free_id = _free_id(settings, found)
    entry = {
        "id": source_id or free_id,
        "kind": found.kind,
        "location": found.location,
        "title": title or found.title,
        "schedule": when,
    }
    check(entry, settings.file)
    configuration.add(settings.file, entry, is_written=not dry_run)
    if as_json:
        written = {**entry, "reading": found.reading, "note": found.note or None, "file": str(settings.file)}
        click.echo(json.dumps(written, indent=2, ensure_ascii=False))
        return
    if found.note:
        click.echo(f"Not sure: {found.note}", err=True)
    click.echo(f"{found.location} is a source of the kind {found.kind}.\n{found.reading}\n")
    click.echo(configuration.table(entry))
    verb = "Would be added to" if dry_run else "Added to"
    click.echo(f"{verb} {settings.file}. Read it now: catalogue harvest {entry['id']}")


def _free_id(settings: Settings, found: Found) -> str:
    """An id of its own; raises SettingsError when the location is a source already, however it is written."""
    for one in usable(settings)[0].values():
        if is_same_place(one.source.location, found.location):
            raise SettingsError(f"{settings.file}: {found.location} is the source {one.source.id!r} already")
    taken = {CURATED, *(entry["id"] for entry in settings.sources)}
    names = itertools.chain([found.id], (f"{found.id}-{number}" for number in itertools.count(2)))
    return next(name for name in names if name not in taken)


@source.command("list")
@_json
@_settings_options()
def list_sources(as_json: bool, config: Path | None, **flags: Any) -> None:
    """Say which sources are configured, how each last went, and when it is read next."""
    settings = _load(config, **flags)
    found, wrong = usable(settings)
    told = [_told(settings, one, 1) for one in found.values()]
    if as_json:
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    elif not told and not wrong:
        click.echo(f"No source is configured in {settings.file} yet: catalogue source add ADDRESS")
    else:
        rows = [(one["id"], one["kind"], one["schedule"], one["next"] or "", _last(one), one["title"]) for one in told]
        _print_table(("id", "kind", "schedule", "next", "last", "title"), rows)
    for name, count in {} if as_json else _left(settings).items():
        records = "1 record" if count == 1 else f"{count:,} records"
        words = f"{name} ({records}). To take it out: catalogue source remove {name} --records"
        click.echo(f"Not configured, but in the catalogue: {words}")
    for error in wrong:
        click.echo(f"Error: {error}", err=True)
    if wrong:
        sys.exit(UNUSABLE)


def _left(settings: Settings) -> dict[str, int]:
    """The sources that are not configured, or are no more, and how many records there are of each."""
    home = Home(settings.home)
    current = home.current()
    names = Operations(home.operations).latest().keys() - {entry["id"] for entry in settings.sources}
    if current is None or not names:
        return {}
    store = Store(home.publication(current) / "store", Minter(settings.base), _clock, read_only=True)
    counts = {name: sum(1 for _ in store.keys(name)) for name in sorted(names)}
    return {name: count for name, count in counts.items() if count}


@source.command("show")
@click.argument("source_id", metavar="ID")
@_json
@_settings_options()
def show_source(source_id: str, as_json: bool, config: Path | None, **flags: Any) -> None:
    """Say all that is configured of a source, and how its last runs went."""
    settings = _load(config, **flags)
    told = _told(settings, _configured(settings, source_id), _SHOWN_RUNS)
    if as_json:
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    for name, value in told.items():
        if name not in ("runs", "options", "begun", "notices"):
            click.echo(f"{name:<11} {'' if value is None else value}".rstrip())
    for name, value in told["options"].items():
        click.echo(f"{name:<11} {value}")
    if told["begun"]:
        click.echo(f"{'now':<11} {_last(told)}")
    if told["runs"]:
        _print_table(("started", "result"), [(run["started"], _result(run)) for run in told["runs"]])
    for notice in told["notices"]:
        click.echo(notice)


@source.command("remove")
@click.argument("source_id", metavar="ID")
@click.option("--records", is_flag=True, help="Also remove all that it has said from the catalogue.")
@_settings_options("lock_timeout")
def remove_source(source_id: str, records: bool, config: Path | None, **flags: Any) -> None:
    """Take a source out of catalogue.toml; what it has said stays, unless you say --records.

    With --records, that may be a source that is configured no more.
    """
    settings = _load(config, **flags)
    if not (records and source_id in _left(settings)):
        configuration.remove(settings.file, source_id)
        click.echo(f"Taken out of {settings.file}.")
    if records:
        with writing(settings, f"catalogue source remove {source_id}", _clock) as writer:
            number = writer.forget(source_id)
        click.echo(f"{number} records are gone from the catalogue.")


@source.command("pause")
@click.argument("source_id", metavar="ID")
@_settings_options()
def pause_source(source_id: str, config: Path | None, **flags: Any) -> None:
    """Leave a source alone until it is resumed; what it has said stays."""
    settings = _load(config, **flags)
    configuration.pause(settings.file, source_id, paused=True)
    click.echo(f"{source_id} is not read any more, unless you name it: catalogue harvest {source_id}")


@source.command("resume")
@click.argument("source_id", metavar="ID")
@_settings_options()
def resume_source(source_id: str, config: Path | None, **flags: Any) -> None:
    """Read a paused source again as scheduled."""
    settings = _load(config, **flags)
    configuration.pause(settings.file, source_id, paused=False)
    click.echo(f"{source_id} is read again as scheduled.")


@source.command("kinds")
def list_kinds() -> None:
    """Say which kinds of source there are, and what can be said of each in catalogue.toml."""
    click.echo("\n".join(tables()), nl=False)


def _told(settings: Settings, one: Configured, runs: int) -> dict[str, Any]:
    """A source as the command line tells it."""
    log = Operations(Home(settings.home).operations)
    known = log.runs(one.source.id, schedule.ENOUGH_RUNS)
    moment = None if one.paused else schedule.due_at(one.schedule, one.source.id, known)
    begun = log.begun().get(one.source.id)
    return {
        **{name: value for name, value in asdict(one.source).items() if name != "options"},
        "schedule": one.schedule.text,
        "paused": one.paused,
        "next": max(moment, _clock()).isoformat(timespec="minutes") if moment else None,
        "webhook": one.webhook and f"{one.webhook.address} ({one.webhook.on})",
        "begun": begun and {"since": begun.started[:16], "alive": Home(settings.home).is_written},
        "options": dict(one.source.options),
        "runs": [as_json_run(run, Minter(settings.base)) for run in known[:runs]],
        "notices": [f"Run {run.number}: {run.notice}" for run in known[:runs] if run.notice],
    }


def _last(told: dict[str, Any]) -> str:
    if told["begun"]:
        return f"{'being read since' if told['begun']['alive'] else 'did not end: began'} {told['begun']['since']}"
    return _result(told["runs"][0]) if told["runs"] else "never read"


def _result(run: dict[str, Any]) -> str:
    return f"failed: {run['error']}" if run["error"] else sums(run["counts"]) or "nothing to do"


# Checking


@main.command()
@click.argument("locations", metavar="FILE-or-URL…", nargs=-1, required=True)
@click.option("--profile", type=click.Choice(KNOWN), help="What to check against; without it, what the document is.")
@click.option("--format", "form", type=click.Choice(("text", "json", "turtle")), default="text", show_default=True)
@click.option("--online", is_flag=True, help="Also ask whether the addresses in a publiccode.yml answer.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@_settings_options("allow_private", "fetch_timeout")
def validate(
    locations: tuple[str, ...],
    profile: str | None,
    form: str,
    online: bool,
    language: str,
    config: Path | None,
    **flags: Any,
) -> None:
    """Check publiccode.yml or RDF files, what is at URLs, or standard input (-).

    Exit code 0 means that all conform, with or without warnings; 1 that one does not; 2 that one cannot be had.
    """
    if form == "turtle" and len(locations) > 1:
        raise click.UsageError("With --format turtle, name one file: the report does not say which file it is on.")
    checker, asked = Checker(fetcher(_load(config, **flags))), Check(profile, _clock(), language)
    # All are read before the first is checked, so that what is printed is whole.
    documents = [_document(checker, location) for location in locations]
    found = [checker.check_online(one, asked) for one in documents] if online else checker.check_all(documents, asked)
    if form == "json":
        reports = [as_json(outcome) for outcome in found]
        click.echo(json.dumps(reports if len(locations) > 1 else reports[0], indent=2, ensure_ascii=False))
    elif form == "turtle":
        click.echo(as_turtle(found[0], language), nl=False)
    else:
        click.echo("\n".join(_texts(locations, found, language)), nl=False)
    if not all(outcome.conforms for outcome in found):
        sys.exit(FINDINGS)


def _document(checker: Checker, location: str) -> Document:
    """What is at a location. Of a file that is too large, enough to know that it is."""
    if location.startswith(("http://", "https://")):
        return checker.document(location)
    if location == "-":
        return Document("", sys.stdin.buffer.read(MAX_BYTES + 1), "", _clock())
    path = Path(location)
    try:
        with path.open("rb") as file:
            return Document(path.absolute().as_uri(), file.read(MAX_BYTES + 1), "", _clock())
    except OSError as error:
        raise SourceError(f"validate: {location}: {error.strerror}") from error


def _texts(locations: Iterable[str], found: Iterable[Outcome], language: str) -> Iterator[str]:
    for location, outcome in zip(locations, found, strict=True):
        yield as_text(outcome, "standard input" if location == "-" else location, language)


# Reading


@main.command()
@click.argument("query", required=False)
@click.option("-f", "--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A .rq file.")
@click.option("--name", help="A shipped query.")
@click.option("--set", "values", metavar="NAME=VALUE", multiple=True, help="With --name: a parameter's value.")
@click.option("--list", "is_list", is_flag=True, help="List the shipped queries and their parameters.")
@click.option("--format", "form", type=click.Choice(RESULT_FORMATS), default="table", show_default=True)
@_settings_options("query_timeout", "query_memory", "query_size")
def query(
    query: str | None,
    file: Path | None,
    name: str | None,
    values: tuple[str, ...],
    is_list: bool,
    form: str,
    config: Path | None,
    **flags: Any,
) -> None:
    """Run a SPARQL query on the current publication."""
    if is_list:
        _list_queries()
        return
    settings = _load(config, **flags)
    given = [] if query is None else [query]
    if file is not None:
        given.append(file.read_text(encoding="utf-8"))
    if name is not None:
        given.append(find(name).bound(settings.base, _assignments(values)))
    elif values:
        raise click.UsageError("--set is for the shipped query of a --name.")
    if len(given) != 1:
        raise click.UsageError("Give one of a query, a file with -f, and a shipped query with --name.")
    for chunk in answer(settings, given[0], form):
        sys.stdout.buffer.write(chunk)


def _assignments(written: Iterable[str]) -> dict[str, str]:
    for assignment in written:
        if "=" not in assignment:
            raise click.UsageError(f"--set takes NAME=VALUE, and not {assignment!r}.")
    return dict(assignment.split("=", 1) for assignment in written)


def _list_queries() -> None:
    for asked in shipped().values():
        click.echo(f"{asked.name}: {asked.title}")
        for parameter in asked.parameters:
            click.echo(f"  --set {parameter.name}={parameter.default}  ({parameter.description})")


@main.command()
@click.option("--format", "syntax", type=click.Choice(exports.FORMATS), default="nq", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file; without it, the screen.")
@click.option("--contacts", is_flag=True, help="Include the contact data of natural persons.")
@click.option("--profile", type=click.Choice(tuple(PROFILES)), help="Only what obeys this profile.")
@click.option(
    "--omitted",
    type=click.Path(path_type=Path, dir_okay=False),
    help="With --profile: a file for what was left out, and why; JSON lines when its name ends in .json, else CSV.",
)
@_settings_options()
def export(
    syntax: str,
    output: Path | None,
    contacts: bool,
    profile: str | None,
    omitted: Path | None,
    config: Path | None,
    **flags: Any,
) -> None:
    """Write the published catalogue; contact data of persons is left out by default."""
    if omitted is not None and profile is None:
        raise click.UsageError("--omitted says what a profile leaves out: name one with --profile.")
    publication = _publication(_load(config, **flags))
    if profile is None:
        _export(publication, syntax, output, contacts, None)
        return
    with ExitStack() as stack:
        rows = stack.enter_context(omitted.open("w", encoding="utf-8", newline="")) if omitted else None
        account = exports.Account(rows, as_json=omitted is not None and omitted.suffix == ".json")
        _export(publication, syntax, output, contacts, exports.Wanted(PROFILES[profile], account))
    _print_account(account, PROFILES[profile].title)


def _export(
    publication: Publication, syntax: str, output: Path | None, contacts: bool, wanted: exports.Wanted | None
) -> None:
    if output is None:
        exports.write(publication, syntax, sys.stdout.buffer, contacts=contacts, wanted=wanted)
    else:
        exports.write_file(publication, syntax, output, contacts=contacts, wanted=wanted)


def _print_account(account: exports.Account, title: str) -> None:
    """What was left out, on the error stream, since the export itself may be on the other."""
    click.echo(f"{title}: {account.exported} exported, {account.left_out} left out", err=True)
    for reason, count in account.reasons.most_common():
        click.echo(f"{count:>8}  {reason}", err=True)


@main.command()
@_json
@_settings_options()
def stats(as_json: bool, config: Path | None, **flags: Any) -> None:
    """Say what the current publication holds."""
    settings = _load(config, **flags)
    publication = _publication(settings)
    quality = measuring.overview(publication.store, publication.minter)
    numbers: dict[str, Any] = {
        "publication": publication.manifest.number,
        "created": publication.manifest.created,
        "base": publication.manifest.base,
        "statements": len(publication.store),
        "things": publication.manifest.counts,
        "quality": asdict(quality) if quality else None,
        "sources": {
            name: dict(run.counts) for name, run in Operations(Home(settings.home).operations).latest().items()
        },
    }
    if as_json:
        click.echo(json.dumps(numbers, indent=2))
        return
    click.echo(f"Publication {numbers['publication']} of {numbers['created']}, {numbers['statements']} statements")
    for kind, count in sorted(publication.manifest.counts.items()):
        click.echo(f"  {count:>8}  {kind}")
    if quality:
        most = ", ".join(f"{name} ({count})" for name, count in list(quality.lacking.items())[:_MOST_LACKING])
        click.echo(f"Quality: {quality.average} of 100 points on average; most often missing: {most}")


def _publication(settings: Settings) -> Publication:
    home = Home(settings.home)
    current = home.current()
    if current is None:
        raise click.UsageError(f"There is no publication in {home.path} yet: load or harvest something, or try demo.")
    return Publication(home, current)


# Editing


@main.command("duplicates")
@click.option("--kind", type=click.Choice(tuple(COMPARED)), help="Only of this kind.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many, the surest first.")
@_json
@_settings_options()
def list_duplicates(kind: str | None, limit: int, as_json: bool, config: Path | None, **flags: Any) -> None:
    """Say which entries may be of one thing; none is merged unless you do."""
    publication = _publication(_load(config, **flags))
    kinds = (kind,) if kind else tuple(COMPARED)
    found = [one for name in kinds for one in duplicates(publication.store, publication.minter, name)]
    found.sort(key=lambda one: -one.strength)
    shown = [_proposal(publication, one) for one in found[:limit]]
    if as_json:
        click.echo(json.dumps({"total": len(found), "proposals": shown}, indent=2, ensure_ascii=False))
        return
    for one in shown:
        click.echo(f"{one['strength']:>3} %  {one['a']['title']}  |  {one['b']['title']}")
        click.echo("".join(f"       {reason}\n" for reason in one["reasons"]) + f"       {one['command']}")
    click.echo(f"{len(shown)} of {len(found)} proposals" if found else "Nothing is proposed.")


def _proposal(publication: Publication, one: Proposal) -> dict[str, Any]:
    entries = []
    for iri in (one.a, one.b):
        page, label = publication.page(iri), publication.label(iri)
        path = page.value.removeprefix(publication.minter.base) if page else iri.value
        entries.append({"iri": iri.value, "page": path, "title": " ".join(label.value.split()) if label else path})
    told = {"kind": one.kind, "strength": one.strength, "reasons": one.reasons, "a": entries[0], "b": entries[1]}
    return {**told, "command": f"catalogue merge {entries[0]['page']} {entries[1]['page']}"}


_dry_run = click.option("--dry-run", is_flag=True, help="Say what would be published, and change nothing.")


@main.command("merge")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@_dry_run
@_json
@_settings_options("lock_timeout")
def merge_entries(a: str, b: str, dry_run: bool, as_json: bool, config: Path | None, **flags: Any) -> None:
    """Make one entry of A and B, because you know that they are one thing.

    A and B are IRIs, addresses or paths of pages, or the keys in these.
    """
    _decide(_load(config, **flags), "merge", lambda editor: editor.merge(a, b), dry_run, as_json)


@main.command("split")
@click.argument("a", metavar="A")
@click.argument("b", metavar="[B]", required=False)
@_dry_run
@_json
@_settings_options("lock_timeout")
def split_entry(a: str, b: str | None, dry_run: bool, as_json: bool, config: Path | None, **flags: Any) -> None:
    """Part A from what it was merged with; with B, note that the two are two and are not to be proposed."""
    _decide(_load(config, **flags), "split", lambda editor: editor.split(a, b), dry_run, as_json)


def _decide(settings: Settings, what: str, plan: Callable[[Editor], Plan], dry_run: bool, as_json: bool) -> None:
    publication = _publication(settings)
    with ExitStack() as stack:
        writer = None if dry_run else stack.enter_context(writing(settings, f"catalogue {what}", _clock))
        reader = publication.store if writer is None else writer.store
        try:
            made = plan(Editor(reader, publication.minter))
        except ValueError as error:
            raise click.UsageError(str(error)) from error
        lines = [line for entry in made.entries for line in as_text_entry(reader, entry)]
        if writer is not None:
            carry_out(writer.store, made)
            writer.publish()
    if as_json:
        entries = [as_json_entry(entry) for entry in made.entries]
        click.echo(json.dumps({"dry_run": dry_run, "entries": entries}, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(("This would be published:" if dry_run else "This is published now:", *lines)))


# Operating


@main.command("doctor")
@_json
@click.option("--repair", is_flag=True, help="Recompute published descriptions that differ from the records.")
@_settings_options("lock_timeout")
def examine(as_json: bool, repair: bool, config: Path | None, **flags: Any) -> None:
    """Check the installation, the state and the publication."""
    settings = _load(config, **flags)
    if repair:
        with writing(settings, "catalogue doctor", _clock) as writer:
            writer.repair()
    checks = list(doctor.examine(settings, _clock))
    if as_json:
        click.echo(json.dumps([asdict(check) for check in checks], indent=2))
    else:
        for check in checks:
            click.echo(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.finding}")
    if not all(check.ok for check in checks):
        sys.exit(FINDINGS)


@main.command()
@_settings_options("keep", "lock_timeout")
def publish(config: Path | None, **flags: Any) -> None:
    """Publish the state as it is."""
    with writing(_load(config, **flags), "catalogue publish", _clock) as writer:
        made = writer.publish(anew=True)
    if made is not None:
        click.echo(f"Publication {made.number} is served now.")


@main.command("rollback")
@_settings_options("lock_timeout")
def roll_back(config: Path | None, **flags: Any) -> None:
    """Serve the publication before the current one again."""
    settings = _load(config, **flags)
    home = Home(settings.home)
    with home.writing("catalogue rollback", settings.lock_timeout):
        number = rollback(home)
    click.echo(f"Publication {number} is served now. The state is as it was: the next change publishes it again.")


@main.command()
@click.argument("directory", type=click.Path(path_type=Path))
@_settings_options("lock_timeout")
def backup(directory: Path, config: Path | None, **flags: Any) -> None:
    """Copy everything to a new DIRECTORY, also while the catalogue is served."""
    settings = _load(config, **flags)
    backups.backup(settings, directory)
    click.echo(f"Backed up to {directory}.")


@main.command()
@click.argument("directory", type=click.Path(path_type=Path, exists=True, file_okay=False))
@_settings_options("lock_timeout")
def restore(directory: Path, config: Path | None, **flags: Any) -> None:
    """Make the catalogue what a backup in DIRECTORY holds; what it was before is kept beside it."""
    settings = _load(config, **flags)
    kept = backups.restore(settings, directory, _clock)
    with writing(settings, "catalogue restore", _clock) as writer:
        writer.publish(anew=True)
    click.echo(f"Restored from {directory}." + (f" What was there before is in {kept}." if kept else ""))
