"""`python -m bench`: runs the chosen benchmarks and prints Markdown; `--help` says the rest."""

import argparse
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.plan import Plan
from bench.report import machine

_BENCHMARKS = ("harvest", "kinds", "web", "describe", "sparql", "validation", "attacks", "large")
# Only when asked for: minutes, and ten gigabytes of disk.
_NOT_BY_DEFAULT = frozenset({"large"})


def main() -> None:
    arguments = _arguments()
    # Ended from outside, this still stops the servers that it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    usual = [name for name in _BENCHMARKS if name not in _NOT_BY_DEFAULT]
    chosen = [name for name in _BENCHMARKS if name in (arguments.names or usual)]
    print(f"{machine()}\n", flush=True)
    with _workdir(arguments.workdir) as workdir:
        plan = _plan(workdir, arguments)
        for name in chosen:
            begin = time.monotonic()
            for section in import_module(f"bench.{name}").run(plan):
                print(f"{section}\n", flush=True)
            print(f"{name}: {time.monotonic() - begin:.0f} s", file=sys.stderr)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures the catalogue beside its peers.")
    # Not `choices`, which argparse also holds the empty list of "all" against.
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which of {', '.join(_BENCHMARKS)}; all if none")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="1,000 solutions and short windows: some minutes")
    size.add_argument("--full", action="store_true", help="100,000 solutions as well: an hour or more")
    parser.add_argument("--size", type=int, help="solutions to serve, harvested unless the working directory has them")
    parser.add_argument("--workdir", type=Path, help="keep files and homes in this directory, and reuse them")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(_BENCHMARKS):
        parser.error(f"no benchmark {sorted(unknown)[0]!r}; there are {', '.join(_BENCHMARKS)}")
    return arguments


def _plan(workdir: Path, arguments: argparse.Namespace) -> Plan:
    if arguments.quick:
        return Plan(workdir, sizes=(1_000,), size=arguments.size or 1_000, window_s=1, rounds=1, things=40)
    sizes = (1_000, 10_000, 100_000) if arguments.full else (1_000, 10_000)
    return Plan(workdir, sizes, size=arguments.size or sizes[-1], window_s=5, rounds=3)


@contextmanager
def _workdir(chosen: Path | None) -> Iterator[Path]:
    if chosen is None:
        with TemporaryDirectory(prefix="bench-") as made:
            yield Path(made)
    else:
        chosen.mkdir(parents=True, exist_ok=True)
        yield chosen.absolute()


if __name__ == "__main__":
    main()
