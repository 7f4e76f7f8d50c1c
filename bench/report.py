"""Markdown: tables, and the line that says which machine the figures are of."""

import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from shutil import which

_PACKAGES = ("pyoxigraph", "oxigraph", "tantivy", "flask", "granian", "gunicorn")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column is text and whose others are numbers."""
    rule = ["---", *("---:" for _ in header[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, rule, *rows))


def figure(value: float) -> str:
    """Three digits that count: 12,300, 45.6, 0.789."""
    if value >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def ratio(value: float, reference: float) -> str:
    """How many times the reference a value is; a dash when there is nothing to compare with."""
    return f"**{value / reference:.2f}x**" if reference else "–"


def megabytes(size_bytes: float) -> str:
    return f"{figure(size_bytes / 1e6)} MB"


def machine() -> str:
    """One line: cores, memory, versions, and the state of the machine when the run began."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {found}" for name in _PACKAGES if (found := _version(name)))
    return (
        f"Machine: {os.cpu_count()} cores ({platform.machine()}, {_processor()}), {memory:.0f} GiB of memory,"
        f" {platform.system()} {platform.release()}, Python {platform.python_version()}, {versions}, {client()};"
        f" load average {os.getloadavg()[0]:.1f} at the start. The load generator shares the cores with the servers."
    )


def client() -> str:
    """Which load generator is used (see `bench.load`)."""
    if which("wrk") is None:
        return "clients: Python threads"
    words = subprocess.run(["wrk", "--version"], capture_output=True, text=True, check=False).stdout.split()
    return f"clients: wrk {words[1] if len(words) > 1 else ''}".rstrip()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown processor"
    )
