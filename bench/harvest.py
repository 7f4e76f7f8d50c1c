"""Harvesting and publishing: does a record cost the same in a small and in a big catalogue, and how near is the database?

Each step runs in a process of its own (`python -m bench.harvest STEP HOME FILES`), so that its peak memory is its own.
"""

import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from pyoxigraph import Quad, RdfFormat, parse, serialize
from pyoxigraph import Store as Database

from bench import generate
from bench.plan import PARENT, Plan, clock, harvesting, settings, source
from bench.report import figure, megabytes, ratio, table
from catalogue.harvest import Harvest
from catalogue.harvesters import HARVESTERS
from catalogue.home import Home
from catalogue.model import Document, Reading
from catalogue.writer import Writer, writing

_CHANGES = 5
# Enough to measure a rate that does not grow with the number of files.
_READINGS = 1_000
_EXTENDED = 10_000
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
        f"Publishing one changed record: median of {_CHANGES}. Harvesting again: nothing has changed; the ratio is of the"
        " first harvest's time to it."
    )
    yield table(
        ("files", "publish all", "write one change", "publish one change", "harvest again", "first / again"),
        [_publish_row(count, numbers) for count, numbers in found],
    )
    yield "### Beside the database alone"
    yield (
        "The quads of the finished catalogue, all graphs, loaded into an empty pyoxigraph store: as one file by"
        " `bulk_load`, and by `extend` in transactions of one record's number of quads (the first"
        f" {_EXTENDED:,} records at most). Reading alone: YAML to checked statements, without a store. Ratios are of the"
        " harvest's records/s."
    )
    yield table(
        ("files", "harvest", "reading alone", "ratio", "bulk_load", "ratio", "extend per record", "ratio"),
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
        f"{figure(numbers['store_bytes'] / count / 1e3)} kB",
        f"{figure(numbers['search_bytes'] / count / 1e3)} kB",
        megabytes(numbers["harvest_memory"]),
        megabytes(numbers["memory"]),
    )


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
    cells = [f"{count:,}", f"{figure(numbers['rate'])}/s"]
    for name in ("reading", "bulk", "extend"):
        cells += [f"{figure(numbers[name])}/s", ratio(numbers["rate"], numbers[name])]
    return tuple(cells)


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
    """When each record was done, and the peak memory then."""

    def __init__(self) -> None:
        self.times = [time.perf_counter()]
        self.memory = 0

    def __call__(self, _done: Harvest) -> None:
        self.times.append(time.perf_counter())

    def rate(self, first: int, last: int) -> float:
        return (last - first) / (self.times[last] - self.times[first])


def _first(home: Path, files: Path) -> Numbers:
    """Harvests into a new home that holds the code lists only."""
    with writing(settings(home), "bench", clock) as writer:
        writer.publish()
    before = _disk(home)
    with writing(settings(home), "bench", clock) as writer:
        lists = len(writer.store)
        stamps = _Stamps()
        how = replace(harvesting(), proceed=stamps)
        memory = _Memory(writer)
        done = writer.harvest(source(files), how)
        ended = time.perf_counter()
        quads = len(writer.store) - lists
    if done.error or done.rejected:
        raise SystemExit(f"bench: the harvest failed: {done.error or done.rejected[0]}")
    count = len(stamps.times) - 1
    after, tenth = _disk(home), max(count // 10, 1)
    return {
        "rate": stamps.rate(0, count),
        "first": stamps.rate(0, tenth),
        "last": stamps.rate(count - tenth, count),
        "seconds": stamps.times[count] - stamps.times[0],
        "publish_s": ended - stamps.times[count],
        "quads": quads,
        "store_bytes": after["store"] - before["store"],
        "search_bytes": after["search"] - before["search"],
        "harvest_memory": memory.before_publishing,
        "memory": _peak_memory(),
    }


class _Memory:
    """Notes the peak memory at the moment when a writer begins to publish."""

    def __init__(self, writer: Writer) -> None:
        self.before_publishing = 0
        publish = writer.publish

        def noted(*, anew: bool = False) -> object:
            self.before_publishing = _peak_memory()
            return publish(anew=anew)

        writer.publish = noted  # type: ignore[assignment,method-assign]


def _again(home: Path, files: Path) -> Numbers:
    """Harvests what has not changed, then changes and publishes one record at a time."""
    changes, publications = [], []
    with writing(settings(home), "bench", clock) as writer:
        again_s = _seconds(lambda: writer.harvest(source(files), harvesting()))
        for number in range(_CHANGES):
            reading = _changed(writer, files, number)
            changes.append(_seconds(lambda reading=reading: writer.store.put(source(files), reading)))
            publications.append(_seconds(writer.publish))
    return {"again_s": again_s, "change_s": median(changes), "publish_change_s": median(publications)}


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
    current = Home(home).current()
    snapshot = Home(home).publication(current or 0) / "store"
    with writing(settings(home), "bench", clock) as writer:
        read = range(min(count, _READINGS))
        documents = [generate.path(files, number).read_bytes() for number in read]
        _reading(writer, files, 0, documents[0])  # the code lists are read once, when they are first asked for
        reading_s = _seconds(lambda: [_reading(writer, files, n, documents[n]) for n in read])
    quads = home / "quads.nq"
    try:
        total = _dump(snapshot, quads)
        bulk_s = _bulk(home / "raw-bulk", quads)
        extended, extend_s = _extend(home / "raw-extend", quads, total // count, min(count, _EXTENDED))
    finally:
        quads.unlink(missing_ok=True)
    return {"reading": len(read) / reading_s, "bulk": count / bulk_s, "extend": extended / extend_s}


def _dump(snapshot: Path, target: Path) -> int:
    database = Database.read_only(str(snapshot))
    serialize(database, str(target), format=RdfFormat.N_QUADS)
    return len(database)


def _bulk(path: Path, quads: Path) -> float:
    database = Database(path)
    try:
        return _seconds(lambda: database.bulk_load(path=str(quads), format=RdfFormat.N_QUADS))
    finally:
        del database
        shutil.rmtree(path)


def _extend(path: Path, quads: Path, size: int, count: int) -> tuple[int, float]:
    """How many transactions of `size` quads were made, and their seconds; parsing does not count."""
    database = Database(path)
    statements: Iterator[Quad] = parse(path=str(quads), format=RdfFormat.N_QUADS)
    done, seconds = 0, 0.0
    try:
        while done < count and (batch := list(islice(statements, size))):
            seconds += _seconds(lambda batch=batch: database.extend(batch))
            done += 1
        return done, seconds
    finally:
        del database
        shutil.rmtree(path)


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _disk(home: Path) -> dict[str, int]:
    """Bytes on the disk of the writer's store and of the current publication's index."""
    current = Home(home).publication(Home(home).current() or 0)
    return {"store": _allocated(Home(home).store), "search": _allocated(current / "search")}


def _allocated(directory: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in directory.rglob("*") if path.is_file())


def _peak_memory() -> int:
    """Bytes. From the kernel's account of this process, since the one of getrusage begins with its parent's."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


_STEPS: dict[str, Callable[[Path, Path], Numbers]] = {"first": _first, "again": _again, "raw": _raw}

if __name__ == "__main__":
    print(json.dumps(_STEPS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))))
