"""`python -m bench.shared DIRECTORY`: real files of every kind, harvested into one catalogue, and what came of it.

Not a benchmark: it shows that sources by many hands go in together. Every source is harvested twice, and the second
time must change no quad; the sources, but for the largest, are harvested once more in the opposite order into another
catalogue, and must give the same. The histories of single files are replayed in their order. Ends with 1 when one of
this is not so.
"""

import argparse
import shutil
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar
from urllib.parse import quote

from bench.plan import settings
from bench.report import table
from catalogue.fetch import Fetch
from catalogue.harvest import Harvest, Harvesting
from catalogue.harvesters import HARVESTERS
from catalogue.model import Source
from catalogue.vocabulary import ADMS, DCAT, DCT
from catalogue.writer import Writer, writing

# What tells when things happened, not what is published.
_DATES = frozenset({DCT.issued, DCT.modified, ADMS.status})


@dataclass(frozen=True)
class _Given:
    """A source of the directory: its kind, the glob of its files there, and its options."""

    id: str
    kind: str
    files: str
    options: Mapping[str, Any] = field(default_factory=dict)


_SOURCES = (
    _Given("publiccode", "publiccode", "publiccode/*.y*ml"),
    _Given("software-catalog", "software-catalog-api", "developers-italia-api/*.json"),
    _Given("dpg", "dpg", "dpg/solutions.jsonl"),
    _Given("agencies", "codejson", "code-gov/agency-files/*.json"),
    _Given("codemeta", "codemeta", "codemeta/*.json"),
    _Given("canada", "ore", "canada-ore/federal__*.yml"),
    _Given("forge", "publiccode", "forge/worldbank-github-repos.json", {"without_publiccode": "metadata"}),
    _Given("dcat", "rdf", "dcat/*.*"),
    _Given("belgium", "ldes", "dcat/data-gov-be-ldes"),
    _Given("switzerland", "register", "administrations/swiss-organisations.json"),
    _Given("italy", "register", "administrations/ipa-2018.csv"),
    _Given("italy-accounts", "register", "government-accounts/italy/publishers.yml"),
    _Given("canada-administrations", "register", "government-accounts/canada/*.yml"),
    _Given("france-accounts", "register", "government-accounts/france/comptes-organismes-publics-with-pso-id.yml"),
    _Given("github-accounts", "register", "government-accounts/github-government/governments.yml"),
)
_LARGEST = "italy"
_SERVED = "served"
_HISTORIES = "publiccode-history"


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.shared", description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--home", type=Path, help="keep the catalogue in this directory, for a look at it")
    parser.add_argument("--rejected", action="store_true", help="print each rejected record with its reason")
    arguments = parser.parse_args()
    given = [one for one in _SOURCES if any(arguments.directory.glob(one.files))]
    with TemporaryDirectory(prefix="shared-") as folder, _served(Path(folder) / _SERVED) as address:
        work = Path(folder)
        sources = [_source(one, arguments.directory, work, address) for one in given]
        allowed = (address.removeprefix("http://").rstrip("/"),)
        small = [source for source in sources if source.id != _LARGEST]
        first = _harvested(arguments.home or work / "first", small, allowed)
        histories = [_replayed(work / "history", path) for path in sorted((arguments.directory / _HISTORIES).glob("*"))]
        reverse = _harvested(work / "second", small[::-1], allowed)
        largest = _harvested(arguments.home or work / "first", [one for one in sources if one not in small], allowed)
    return _told(first, largest, reverse, histories, arguments.rejected)


@dataclass(frozen=True)
class _Outcome:
    """What came of harvesting all sources: each source's two runs with seconds, whether the second changed a quad, what
    is published."""

    runs: Sequence[tuple[Harvest, float, Harvest, float]]
    unstable: Sequence[str]
    published: frozenset[Any]
    solutions: int


def _source(given: _Given, root: Path, work: Path, address: str) -> Source:
    """The source; of some files of a directory, a directory of these."""
    if given.kind == "ldes":
        location = address + _linked(root / given.files, work / _SERVED / given.id)
    elif "*" not in given.files:
        location = str(root / given.files)
    else:
        chosen = work / "files" / given.id
        chosen.mkdir(parents=True)
        for path in sorted(root.glob(given.files)):
            if path.is_file() and path.name != "index.csv":
                shutil.copyfile(path, chosen / path.name)
        location = str(chosen)
    precedence = HARVESTERS[given.kind].PRECEDENCE
    return Source(given.id, given.kind, location, given.id, precedence, options=given.options)


def _linked(stream: Path, target: Path) -> str:
    """A stream of which the folder has a part of the pages, and a page that links to all of these: its address."""
    shutil.copytree(stream, target)
    pages = sorted(path.relative_to(target).as_posix() for path in (target / "root").rglob("*.trig"))
    links = " , ".join(f"[ tree:node <{quote(page)}> ]" for page in pages)
    text = f"@prefix tree: <https://w3id.org/tree#> .\n<> a tree:Node ; tree:relation {links} .\n"
    (target / "all.ttl").write_text(text, encoding="utf-8")
    return f"{target.name}/all.ttl"


def _harvested(home: Path, sources: Sequence[Source], allowed: Sequence[str]) -> _Outcome:
    runs, unstable = [], []
    with writing(settings(home), "harvest-shared", _now) as writer:
        for source in sources:
            first, seconds = _run(writer, source, allowed)
            before = len(writer.store), writer.store.log.last
            second, again = _run(writer, source, allowed)
            if (len(writer.store), writer.store.log.last) != before:
                unstable.append(source.id)
            runs.append((first, seconds, second, again))
            print(f"{source.id}: {seconds:.1f} s, again {again:.1f} s", file=sys.stderr, flush=True)
        if writer.store.differences():
            unstable.append("what is published is not what the records say")
        published = frozenset(t for t in writer.store.triples(None, None, None) if t.predicate not in _DATES)
        solutions = sum(1 for _ in writer.store.triples(writer.store.minter.catalogue, DCAT.dataset, None))
    return _Outcome(runs, unstable, published, solutions)


def _run(writer: Writer, source: Source, allowed: Sequence[str]) -> tuple[Harvest, float]:
    begin = time.perf_counter()
    done = writer.harvest(source, Harvesting(Fetch(allow_private=allowed), _now))
    return done, time.perf_counter() - begin


def _replayed(work: Path, history: Path) -> tuple[str, list[str]]:
    """A file's versions, one after the other in one place: what each harvest did."""
    place = work / history.name / "files"
    place.mkdir(parents=True)
    source = Source(history.name, "publiccode", str(place), history.name, 10)
    outcomes = []
    with writing(settings(work / history.name / "home"), "harvest-shared", _now) as writer:
        for version in sorted(history.glob("*.yml")):
            shutil.copyfile(version, place / "publiccode.yml")
            counts = writer.harvest(source, Harvesting(Fetch(), _now)).counts
            outcomes.append(
                next(name for name in ("new", "changed", "unchanged", "outside", "rejected") if counts[name])
            )
        events = writer.store.log.last
        assert not writer.store.differences()
    return f"{history.name} ({events} events)", outcomes


def _told(
    first: _Outcome,
    largest: _Outcome,
    reverse: _Outcome,
    histories: Sequence[tuple[str, list[str]]],
    list_rejected: bool,
) -> int:
    print(f"{first.solutions:,} solutions are published.\n")
    heads = ("source", "kind", "s", "again", "new", "repeated", "outside", "rejected", "warnings", "error")
    print(table(heads, [_row(*run) for run in (*first.runs, *largest.runs)]))
    for name, outcomes in histories:
        print(f"\n{name}: {', '.join(outcomes)}")
    if list_rejected:
        for done, *_ in (*first.runs, *largest.runs):
            for origin, report in done.rejected:
                print(f"\n{done.source.id} {origin}: {report.findings[0].message}")
    wrong = [
        f"harvested again, it changed something: {name}"
        for name in (*first.unstable, *largest.unstable, *reverse.unstable)
    ]
    if first.published != reverse.published:
        differ = sorted(str(one) for one in first.published ^ reverse.published)
        wrong.append(f"the order of sources shows in {len(differ)} statements, such as {differ[0]}")
    for line in wrong:
        print(f"\nWRONG: {line}")
    return 1 if wrong else 0


def _row(done: Harvest, seconds: float, _: Harvest, again: float) -> tuple[str, ...]:
    numbers = (f"{done.counts[name]:,}" for name in ("new", "repeated", "outside", "rejected", "warnings"))
    return (done.source.id, done.source.kind, f"{seconds:.1f}", f"{again:.1f}", *numbers, done.error or "")


@contextmanager
def _served(root: Path) -> Iterator[str]:
    """The directory over HTTP on loopback."""
    handler = partial(_Quiet, directory=str(root))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    """Says nothing of each request, and knows the media types of RDF."""

    extensions_map: ClassVar[dict[str, str]] = {"": "text/plain", ".trig": "application/trig", ".ttl": "text/turtle"}

    def log_message(self, *_: object) -> None:
        return


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    sys.exit(main())
