"""Harvesting and publishing: does a record cost the same in a small and in a big catalogue, and what is the least?

Each step runs in a process of its own (`python -m bench.harvest STEP HOME FILES`), so that its peak memory is its own.
"""

import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from pyoxigraph import DefaultGraph, Quad, RdfFormat, parse, serialize
from pyoxigraph import Store as Database

from bench import generate
from bench.plan import PARENT, Plan, clock, harvesting, settings, source
from bench.report import figure, megabytes, ratio, table
from catalogue.harvest import Harvest, harvest
from catalogue.harvesters import HARVESTERS
from catalogue.home import Home
from catalogue.model import Document, Reading
from catalogue.writer import Writer, writing

_CHANGES = 5
# Enough to measure a rate that does not grow with the number of files.
_READINGS = 1_000
# Of more records than this, only as many are loaded.
_LOADED = 10_000
_STEP_TIMEOUT_S = 4 * 3600

Numbers = dict[str, Any]


def run(plan: Plan) -> Iterator[str]:
    """The sections of this benchmark, in Markdown."""
    found = [(count, _measure(plan, count)) for count in plan.sizes]
    yield "## Harvesting"
    yield (
        "Generated publiccode.yml files harvested from a directory into a new home, each record in a transaction of its"
        " own; then published. First and last tenth: records a second while the catalogue is almost empty and almost"
        " full. Quads and disk are per record and without the code lists; peak memory is of the whole process."
    )
    yield table(
        (
            "files",
            "records/s",
            "first tenth",
            "last tenth",
            "last / first",
            "quads",
            "store",
            "search index",
            "peak memory harvesting",
            "and publishing",
        ),
        [_harvest_row(count, numbers) for count, numbers in found],
    )
    yield "### Publishing and harvesting again"
    yield (
        f"Publishing one changed record: median of {_CHANGES}. Harvesting again: nothing has changed; the ratio is of"
        " the first harvest's time to it."
    )
    yield table(
        ("files", "publish all", "write one change", "publish one change", "harvest again", "first / again"),
        [_publish_row(count, numbers) for count, numbers in found],
    )
    yield "### Beside the database alone"
    yield (
        "The quads of the finished catalogue, all graphs, loaded into an empty pyoxigraph store: as one file by"
        " `bulk_load`, and by `extend` in transactions of one record's number of quads (last / first: of its tenths)."
        f" From more than {_LOADED:,} records, {_LOADED:,} records' worth of quads. Reading alone: YAML to checked"
        " statements, without a store. All in records/s, the ratios of the harvest's to it."
    )
    yield table(
        ("files", "harvest", "reading alone", "ratio", "bulk_load", "ratio", "extend", "ratio", "last / first"),
        [_raw_row(count, numbers) for count, numbers in found],
    )


def _harvest_row(count: int, numbers: Numbers) -> tuple[str, ...]:
    return (
        f"{count:,}",
        figure(numbers["rate"]),
        figure(numbers["first"]),
        figure(numbers["last"]),
        ratio(numbers["last"], numbers["first"]),
        figure(numbers["quads"] / count),
        *(_grown(numbers, part, count) for part in ("store", "search")),
        megabytes(numbers["harvest_memory"]),
        megabytes(numbers["memory"]),
    )


def _grown(numbers: Numbers, part: str, count: int) -> str:
    return f"{figure((numbers['disk_after'][part] - numbers['disk_before'][part]) / count / 1e3)} kB"


def _publish_row(count: int, numbers: Numbers) -> tuple[str, ...]:
    return (
        f"{count:,}",
        f"{figure(numbers['publish_s'])} s",
        f"{figure(numbers['change_s'] * 1e3)} ms",
        f"{figure(numbers['publish_change_s'] * 1e3)} ms",
        f"{figure(numbers['again_s'])} s",
        ratio(numbers["seconds"], numbers["again_s"]),
    )


def _raw_row(count: int, numbers: Numbers) -> tuple[str, ...]:
    cells = [f"{count:,}", figure(numbers["rate"])]
    for name in ("reading", "bulk", "extend"):
        cells += [figure(numbers[name]), ratio(numbers["rate"], numbers[name])]
    return (*cells, ratio(numbers["extend_last"], numbers["extend_first"]))


def _measure(plan: Plan, count: int) -> Numbers:
    files, home = plan.files(count), plan.home_path(count)
    shutil.rmtree(home, ignore_errors=True)
    return {name: value for step in _STEPS for name, value in _apart(step, home, files).items()}


def _apart(step: str, home: Path, files: Path) -> Numbers:
    done = subprocess.run(
        [sys.executable, "-m", "bench.harvest", step, str(home), str(files)],
        cwd=PARENT,
        stdout=subprocess.PIPE,
        timeout=_STEP_TIMEOUT_S,
        check=True,
    )
    numbers: Numbers = json.loads(done.stdout)
    return numbers


# What the processes do


class _Stamps:
    """When each record was done."""

    def __init__(self) -> None:
        self.times = [time.perf_counter()]

    def __call__(self, _done: Harvest) -> None:
        self.times.append(time.perf_counter())

    def rate(self, first: int, last: int) -> float:
        return (last - first) / (self.times[last] - self.times[first])


def _first(home: Path, files: Path) -> Numbers:
    """Harvests into a new home that holds the code lists only."""
    with writing(settings(home), "bench", clock) as writer:
        writer.publish()
    with writing(settings(home), "bench", clock) as writer:
        lists, before = len(writer.store), _disk(home)
        stamps = _Stamps()
        done = harvest(writer.store, source(files), replace(harvesting(), proceed=stamps))
        memory = peak_memory()
        publish_s = _seconds(writer.publish)
        quads = len(writer.store) - lists
    if done.error or done.rejected:
        raise SystemExit(f"bench: the harvest failed: {done.error or done.rejected[0]}")
    count = len(stamps.times) - 1
    tenth = max(count // 10, 1)
    return {
        "rate": stamps.rate(0, count),
        "first": stamps.rate(0, tenth),
        "last": stamps.rate(count - tenth, count),
        "seconds": stamps.times[count] - stamps.times[0],
        "publish_s": publish_s,
        "quads": quads,
        "disk_before": before,
        "harvest_memory": memory,
        "memory": peak_memory(),
    }


def _again(home: Path, files: Path) -> Numbers:
    """Harvests what has not changed, then changes and publishes one record at a time."""
    changes, publications = [], []
    with writing(settings(home), "bench", clock) as writer:
        # Only now, since opening the store is what clears the logs of the process before away.
        disk = _disk(home)
        again_s = _seconds(lambda: writer.harvest(source(files), harvesting()))
        for number in range(_CHANGES):
            reading = _changed(writer, files, number)
            changes.append(_seconds(lambda reading=reading: writer.store.put(source(files), reading)))
            publications.append(_seconds(writer.publish))
    return {
        "disk_after": disk,
        "again_s": again_s,
        "change_s": median(changes),
        "publish_change_s": median(publications),
    }


def _changed(writer: Writer, files: Path, number: int) -> Reading:
    content = generate.path(files, number).read_bytes().replace(b'name: "', b'name: "New ', 1)
    return _reading(writer, files, number, content)


def _reading(writer: Writer, files: Path, number: int, content: bytes) -> Reading:
    key = generate.path(files, number).relative_to(files).as_posix()
    document = Document(key, content, "application/yaml", clock())
    return next(iter(HARVESTERS["publiccode"].readings(key, document, writer.store.minter)))


def _raw(home: Path, files: Path) -> Numbers:
    """What reading alone and the database alone do, in records a second."""
    count = sum(1 for _ in files.rglob("*.yml"))
    with writing(settings(home), "bench", clock) as writer:
        size = len(writer.store) // count
        read = range(min(count, _READINGS))
        documents = [generate.path(files, number).read_bytes() for number in read]
        _reading(writer, files, 0, documents[0])  # the code lists are read once, when they are first asked for
        reading_s = _seconds(lambda: [_reading(writer, files, n, documents[n]) for n in read])
    quads = home / "quads.nq"
    try:
        loaded = _dump(home, quads, size, max(count // _LOADED, 1))
        bulk_s = _bulk(home / "raw-bulk", quads)
        extended = _extend(home / "raw-extend", quads, size)
    finally:
        quads.unlink(missing_ok=True)
    tenth = max(len(extended) // 10, 1)
    return {
        "reading": len(read) / reading_s,
        "bulk": loaded / bulk_s,
        "extend": len(extended) / sum(extended),
        "extend_first": tenth / sum(extended[:tenth]),
        "extend_last": tenth / sum(extended[-tenth:]),
    }


def _dump(home: Path, target: Path, size: int, stride: int) -> int:
    """Writes every `stride`th batch of the current publication's quads; how many batches that were."""
    database = Database.read_only(str(Home(home).publication(Home(home).current() or 0) / "store"))
    chosen = [0]

    def quads() -> Iterator[Quad]:
        for batch in islice(_batches(database, size), None, None, stride):
            chosen[0] += 1
            yield from batch

    serialize(quads(), str(target), format=RdfFormat.N_QUADS)
    return chosen[0]


def _batches(database: Database, size: int) -> Iterator[list[Quad]]:
    """All quads in batches as like a record as can be: as much of each in the default graph, which costs half."""
    published = database.quads_for_pattern(None, None, None, DefaultGraph())
    others = (quad for quad in database if quad.graph_name != DefaultGraph())
    count = sum(1 for _ in database.quads_for_pattern(None, None, None, DefaultGraph()))
    share = round(size * count / len(database))
    while batch := [*islice(published, share), *islice(others, size - share)]:
        yield batch


def _bulk(path: Path, quads: Path) -> float:
    with _database(path) as database:
        return _seconds(lambda: database.bulk_load(path=str(quads), format=RdfFormat.N_QUADS))


def _extend(path: Path, quads: Path, size: int) -> list[float]:
    """The seconds of each transaction of `size` quads; parsing does not count."""
    statements: Iterator[Quad] = parse(path=str(quads), format=RdfFormat.N_QUADS)
    batches = iter(lambda: list(islice(statements, size)), [])
    with _database(path) as database:
        return [_seconds(lambda batch=batch: database.extend(batch)) for batch in batches]


@contextmanager
def _database(path: Path) -> Iterator[Database]:
    try:
        yield Database(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _disk(home: Path) -> dict[str, int]:
    """Bytes on the disk of the writer's store and of the current publication's index."""
    current = Home(home).publication(Home(home).current() or 0)
    return {"store": allocated(Home(home).store), "search": allocated(current / "search")}


def allocated(directory: Path) -> int:
    """Bytes of the disk that its files take."""
    return sum(path.stat().st_blocks * 512 for path in directory.rglob("*") if path.is_file())


def peak_memory() -> int:
    """Bytes. From the kernel's account of this process, since the one of getrusage begins with its parent's."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


_STEPS: dict[str, Callable[[Path, Path], Numbers]] = {"first": _first, "again": _again, "raw": _raw}

if __name__ == "__main__":
    print(json.dumps(_STEPS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))))
