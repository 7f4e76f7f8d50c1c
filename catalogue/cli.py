"""The command line. The only module that knows click.

Exit codes: 0 done, 1 there are findings, 2 wrong usage or unreadable input, 3 another process is writing.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from catalogue import __version__, backups, doctor, exports, measuring, server
from catalogue.checking import Check, Checker
from catalogue.errors import BusyError, CatalogueError, SourceError
from catalogue.harvest import Harvest, Harvesting
from catalogue.home import Home
from catalogue.model import Document, Finding, Severity, Source
from catalogue.operations import Operations
from catalogue.profiles.tables import PROFILES
from catalogue.publication import Publication, rollback
from catalogue.settings import SETTINGS, Settings, load
from catalogue.sparql.local import FORMATS as RESULT_FORMATS
from catalogue.sparql.local import answer
from catalogue.validation.documents import KNOWN, MAX_BYTES
from catalogue.validation.report import LANGUAGES, Outcome, as_json, as_text, as_turtle
from catalogue.writer import fetcher, preview, seed_source, source_at, writing

FINDINGS, UNUSABLE, BUSY = 1, 2, 3
_PROGRESS_EVERY = 100
_MOST_LACKING = 3

Command = TypeVar("Command", bound=Callable[..., Any])


def _clock() -> datetime:
    return datetime.now(UTC)


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


def _fail(error: CatalogueError, code: int) -> None:
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
    if home.current() is None:
        raise click.UsageError(f"There is nothing to serve in {home.path} yet: load or harvest something, or try demo.")
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
@click.option("--kind", help="Harvest a directory, file or URL of this kind (publiccode, rdf) without configuration.")
@click.option("--source", "source_id", help="With --kind: the source's id; without it, one made from the location.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--allow-deletions", is_flag=True, help="Remove what is gone even when it is a large share of a source.")
@_json
@_settings_options("allow_private", "fetch_timeout", "harvest_timeout", "lock_timeout")
def harvest(
    names: tuple[str, ...],
    kind: str | None,
    source_id: str | None,
    dry_run: bool,
    allow_deletions: bool,
    as_json: bool,
    config: Path | None,
    **flags: Any,
) -> None:
    """Harvest the configured sources, all or those named; or one LOCATION with --kind."""
    settings = _load(config, **flags)
    how = Harvesting(
        fetcher(settings),
        _clock,
        dry_run=dry_run,
        allow_deletions=allow_deletions,
        proceed=_Progress(settings.harvest_timeout),
    )
    _run(settings, _sources(settings, names, kind, source_id), how, as_json)


@main.command("load")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(exists=True))
@click.option("--source", "source_id", default="local", show_default=True, help="The source that the records are of.")
@_json
@_settings_options("lock_timeout")
def load_files(files: tuple[str, ...], source_id: str, as_json: bool, config: Path | None, **flags: Any) -> None:
    """Load RDF files as records of a named source; what else the source has said stays."""
    settings = _load(config, **flags)
    how = Harvesting(fetcher(settings), _clock, complete=False, proceed=_Progress(settings.harvest_timeout))
    _run(settings, [source_at("rdf", file, source_id, source_id) for file in files], how, as_json)


def _sources(settings: Settings, names: tuple[str, ...], kind: str | None, source_id: str | None) -> list[Source]:
    if kind is not None:
        if len(names) != 1:
            raise click.UsageError("With --kind, name one location: a directory, a file or a URL.")
        return [source_at(kind, names[0], source_id or "")]
    configured = {str(entry["id"]): entry for entry in settings.sources}
    unknown = [name for name in names if name not in configured]
    if unknown or not configured:
        known = ", ".join(configured) or "none"
        raise click.UsageError(
            f"No source {unknown[0]!r} is configured; there are: {known}."
            if unknown
            else "No source is configured in catalogue.toml; name a location with --kind."
        )
    chosen = [configured[name] for name in names] or list(configured.values())
    return [source_at(entry["kind"], entry["location"], entry["id"], entry.get("title", "")) for entry in chosen]


def _run(settings: Settings, sources: Iterable[Source], how: Harvesting, as_json: bool) -> None:
    done = [_harvest(settings, source, how) for source in sources]
    if as_json:
        click.echo(json.dumps([_harvest_json(harvest) for harvest in done], indent=2, ensure_ascii=False))
    else:
        for harvest in done:
            _print_harvest(harvest)
    if any(harvest.error for harvest in done):
        sys.exit(UNUSABLE)
    if any(harvest.rejected for harvest in done):
        sys.exit(FINDINGS)


def _harvest(settings: Settings, source: Source, how: Harvesting) -> Harvest:
    if how.dry_run:
        return preview(settings, source, how)
    with writing(settings, f"catalogue harvest {source.id}", _clock) as writer:
        return writer.harvest(source, how)


class _Progress:
    """Shows how far a harvest is: one line on a terminal, a line now and then elsewhere."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s

    def __call__(self, done: Harvest) -> None:
        read = sum(done.counts[name] for name in ("new", "changed", "unchanged", "rejected"))
        elapsed = (_clock() - done.started).total_seconds()
        if elapsed > self._timeout_s:
            raise SourceError(
                f"{done.source.id}: stopped after {self._timeout_s:g} seconds (CATALOGUE_HARVEST_TIMEOUT);"
                f" the {read} records read until then are in"
            )
        if sys.stderr.isatty():
            click.echo(f"\r{done.source.id}: {read} records", nl=False, err=True)
        elif read % _PROGRESS_EVERY == 0:
            click.echo(f"{done.source.id}: {read} records", err=True)


def _print_harvest(done: Harvest) -> None:
    if sys.stderr.isatty():
        click.echo(err=True)
    counts = done.counts
    columns = ("new", "changed", "unchanged", "gone", "rejected", "warnings")
    click.echo(f"{done.source.title} ({done.source.kind}, source {done.source.id})")
    click.echo("  " + "  ".join(f"{counts[name]} {name}" for name in columns))
    if done.rejected:
        click.echo("\nRejected:")
        _print_table(
            ("record", "place", "what is wrong", "how to mend it"),
            [
                (origin, _place(finding), finding.message, finding.fix or "")
                for origin, report in done.rejected
                for finding in report.findings
                if finding.severity is Severity.VIOLATION
            ],
        )
    if done.error:
        click.echo(f"\nNot finished: {done.error}", err=True)


def _place(finding: Finding) -> str:
    place = "" if finding.line is None else f"{finding.line}:{finding.column or 1}"
    return " ".join(part for part in (place, finding.path) if part)


def _harvest_json(done: Harvest) -> dict[str, Any]:
    return {
        "source": asdict(done.source),
        "counts": dict(done.counts),
        "findings": [{"record": origin, **asdict(finding)} for origin, finding in done.findings],
        "error": done.error,
    }


def _print_table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]
    # The last two columns hold sentences; padding them would only wrap the lines.
    for row in (header, *rows):
        click.echo("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


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
    check = checker.check_online if online else checker.check
    # All are read before the first is checked, so that what is printed is whole.
    found = [check(document, asked) for document in [_document(checker, location) for location in locations]]
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
@click.option("--format", "form", type=click.Choice(RESULT_FORMATS), default="table", show_default=True)
@_settings_options("query_timeout", "query_memory", "query_size")
def query(query: str | None, file: Path | None, form: str, config: Path | None, **flags: Any) -> None:
    """Run a SPARQL query on the current publication."""
    if (query is None) == (file is None):
        raise click.UsageError("Give either a query or a file with -f.")
    text = query if query is not None else file.read_text(encoding="utf-8")  # type: ignore[union-attr]
    for chunk in answer(_load(config, **flags), text, form):
        sys.stdout.buffer.write(chunk)


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
