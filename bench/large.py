"""A catalogue of a hundred thousand: what one record more costs there.

Harvesting so many takes most of an hour, and says no more than harvesting a thousand on top of them. So the ten
thousand of the plan are copied nine times under other keys, in bulk, and then a thousand new files are harvested, as
a source of their own, for the first time. Owners are shared by all copies: the biggest has ten times the solutions.
"""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyoxigraph

from bench import generate
from bench.harvest import allocated
from bench.plan import Plan, settings
from bench.report import figure, ratio, table
from catalogue.fetch import Fetch
from catalogue.harvest import Harvest, Harvesting, harvest
from catalogue.home import Home
from catalogue.identity import Minter
from catalogue.publication import Publication
from catalogue.search import Index, Question
from catalogue.store import Store
from catalogue.writer import Writer, source_at, writing

_SEED = 10_000
_COPIES = 9
_MORE = 1_000
_THINGS = re.compile(r"/(solution|distribution|release|contact)/[a-z2-7]([a-z2-7]{9})")
_RECORDS = re.compile(r"/record/([^/>]+)/")
_CHANGES = re.compile(r"/change/(\d+)>")


def run(plan: Plan) -> Iterator[str]:
    """The sections of the report."""
    yield "## A hundred thousand"
    yield (
        f"The {_SEED:,} generated solutions copied {_COPIES} times in bulk under other keys; then {_MORE:,} new files"
        " harvested on top, as on top of the code lists alone. The engine's own state differs: the small one has just"
        " been opened, the large one has been loaded in bulk and compacted."
    )
    # Kept with the working directory, for the benchmarks that only read.
    large_home = plan.home_path(_SEED * (_COPIES + 1))
    shutil.rmtree(large_home, ignore_errors=True)
    with TemporaryDirectory(dir=plan.workdir) as folder:
        files = _new_files(Path(folder))
        small = _measured(Path(folder) / "small", files)
        shutil.copytree(plan.home(_SEED), large_home)
        _multiply(plan.home(_SEED), large_home, Path(folder) / "copies.nq")
        large = _measured(large_home, files)
    yield table(
        ("solutions", "quads", "publish all", "harvest more", "publish those", "list page", "search"),
        [_row(small), _row(large)],
    )
    share = ratio(large["rate"], small["rate"])
    yield f"Records a second with {_SEED * (_COPIES + 1):,} solutions there, as a ratio to none: {share}."
    disk = (large["disk"] - small["disk"]) / large["before"]
    yield (
        f"The store of the {large['before']:,.0f} before the new ones: {figure(disk / 1e3)} kB each, without the code"
        " lists."
    )


def _row(numbers: dict[str, float]) -> tuple[str, ...]:
    return (
        f"{numbers['solutions']:,.0f}",
        f"{numbers['quads']:,.0f}",
        f"{figure(numbers['publish_all'])} s",
        f"{figure(numbers['rate'])} records/s",
        f"{figure(numbers['publish_more'])} s",
        f"{figure(numbers['list'] * 1e3)} ms",
        f"{figure(numbers['search'] * 1e3)} ms",
    )


def _new_files(folder: Path) -> Path:
    """Files that are not among the first ten thousand."""
    generate.write(folder / "files", _SEED + _MORE)
    return sorted((folder / "files").iterdir())[-1]


def _multiply(original: Path, home: Path, copies: Path) -> None:
    with closing(Store(Home(original).store, Minter(settings(original).base), _now)) as store:
        last = store.log.last
    source = pyoxigraph.Store.read_only(str(Home(original).store))
    target = pyoxigraph.Store(str(Home(home).store))
    for copy in range(1, _COPIES + 1):
        rename = _renamer(copy, last)
        with copies.open("w", encoding="utf-8") as file:
            file.writelines(f"{rename(str(quad))} .\n" for quad in source)
        target.bulk_load(path=str(copies), format=pyoxigraph.RdfFormat.N_QUADS)
        copies.unlink()


def _renamer(copy: int, last: int) -> Callable[[str], str]:
    letter = "bcdefghij"[copy - 1]

    def rename(line: str) -> str:
        line = _THINGS.sub(rf"/\1/{letter}\2", line)
        line = _RECORDS.sub(rf"/record/\1/copy-{copy}-", line)
        return _CHANGES.sub(lambda found: f"/change/{int(found[1]) + copy * last}>", line)

    return rename


def _measured(home: Path, files: Path) -> dict[str, float]:
    chosen = settings(home)
    with writing(chosen, "bench", _now) as writer:
        disk = allocated(writer.home.store)
        publish_all = _timed(lambda: writer.publish(anew=True))
        before = _solutions(writer)
        begin = time.perf_counter()
        done = _harvest(writer, files)
        seconds = time.perf_counter() - begin
        publish_more = _timed(writer.publish)
        return {
            "disk": disk,
            "before": before,
            "publish_all": publish_all,
            "publish_more": publish_more,
            "rate": done.counts["new"] / seconds,
            "quads": len(writer.store),
            **_reading(writer),
        }


def _harvest(writer: Writer, files: Path) -> Harvest:
    return harvest(writer.store, source_at("publiccode", str(files), "more"), Harvesting(Fetch(), _now))


def _search(writer: Writer) -> Index:
    current = writer.home.current()
    assert current is not None
    return Publication(writer.home, current).search


def _solutions(writer: Writer) -> int:
    return _search(writer).counts().get("solution", 0)


def _reading(writer: Writer) -> dict[str, float]:
    search = _search(writer)
    listing = min(_timed(lambda: search.ask(Question("solution"))) for _ in range(5))
    asked = min(_timed(lambda: search.ask(Question("solution", "data service"))) for _ in range(5))
    return {"solutions": _solutions(writer), "list": listing, "search": asked}


def _timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _now() -> datetime:
    return datetime.now(UTC)
