"""What a run measures, how long, and where its files lie until it ends."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import generate
from catalogue.fetch import Fetch
from catalogue.harvest import Harvesting
from catalogue.home import Home
from catalogue.model import Source
from catalogue.publication import Publication
from catalogue.search import Entry, Question
from catalogue.settings import Settings, load
from catalogue.writer import source_at, writing

SOURCE = "bench"
PARENT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Plan:
    """Sizes in solutions: `sizes` to harvest, `size` to serve; `things` different ones are asked for.

    Each figure is the median of `rounds` windows of `window_s`.
    """

    workdir: Path
    sizes: tuple[int, ...]
    size: int
    window_s: float
    rounds: int
    things: int = 500
    clients: tuple[int, ...] = (1, 16)

    def files(self, count: int) -> Path:
        """A directory of generated files, made when it is first asked for."""
        directory = self.workdir / f"files-{count}"
        if not directory.exists():
            generate.write(directory, count)
        return directory

    def home(self, count: int) -> Path:
        """A home that has harvested and published them, made when it is first asked for."""
        path = self.home_path(count)
        if Home(path).current() is None:
            subprocess.run(
                [sys.executable, "-m", "bench.plan", str(path), str(self.files(count))], cwd=PARENT, check=True
            )
        return path

    def home_path(self, count: int) -> Path:
        return self.workdir / f"home-{count}"


def settings(home: Path, **flags: object) -> Settings:
    """The default settings for a home, whatever the environment says."""
    return load({"home": home, **flags}, {})


def clock() -> datetime:
    return datetime.now(UTC)


def harvesting() -> Harvesting:
    return Harvesting(Fetch(), clock)


def source(files: Path) -> Source:
    return source_at("publiccode", str(files), SOURCE)


@contextmanager
def publication(home: Path) -> Iterator[Publication]:
    """A home's current publication."""
    number = Home(home).current()
    assert number is not None, f"nothing is published in {home}"
    current = Publication(Home(home), number)
    try:
        yield current
    finally:
        current.close()


def solutions(home: Path, count: int) -> list[Entry]:
    """Some of the solutions of a home's current publication."""
    with publication(home) as current:
        return list(current.search.ask(Question("solution", sort="title", size=count), ()).entries)


if __name__ == "__main__":
    # In a process of its own: one that has had a store open for writing must not start others.
    with writing(settings(Path(sys.argv[1])), "bench", clock) as made:
        made.harvest(source(Path(sys.argv[2])), harvesting())
