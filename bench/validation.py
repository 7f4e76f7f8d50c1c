"""Validating: the engine beside pySHACL, on the same records, with the same results.

Each step runs in a process of its own (`python -m bench.validation STEP PROFILE COUNT`), so that its peak memory is its
own. Time begins with triples in memory and compiled shapes, and ends with results; of two processes it includes their
start and the reports.
"""

import argparse
import hashlib
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from bench.plan import PARENT, Plan, clock
from bench.report import figure, megabytes, ratio, table
from catalogue.code_lists import resources
from catalogue.rdf import IRI, SYNTAXES, Literal, Subject, Term, Triple, read
from catalogue.validation.batch import CHUNK, reports
from catalogue.validation.closure import closure
from catalogue.validation.engine import evaluate
from catalogue.validation.report import Asked
from catalogue.validation.shacl import Oracle
from catalogue.validation.shapes import Result, Shapes, packaged
from catalogue.vocabulary import DCAT, DCT, RDF

_PROFILES = ("adms-ap", "dcat-ap")
_SEED = 1
_SMALLEST, _LARGEST = 100, 10_000
_STEP_TIMEOUT_S = 3600
# Every fifth record has something wrong, as in harvests.
_DEFECTS = 5

Numbers = dict[str, Any]
Record = frozenset[Triple]


def run(plan: Plan) -> Iterator[str]:
    """The section of this benchmark, in Markdown."""
    yield from _section(sorted({_SMALLEST, *(min(size, _LARGEST) for size in plan.sizes)}))


def _section(sizes: Sequence[int]) -> Iterator[str]:
    yield "## Validating"
    yield (
        "Solutions of the seed catalogue with all that they name, over and over under new names, every fifth with a"
        " defect. pySHACL gets the same triples, converted without parsing. Whole: all in one graph; chunks: graphs of"
        f" {CHUNK} records; alone: each record for itself, as harvests do it. Times: how many times the rate of plain"
        " pySHACL over the whole graph. Memory is the peak of the process, of two processes of the larger."
    )
    for profile in _PROFILES:
        rows = [row for count in sizes for row in _rows(profile, count)]
        yield f"### {profile}"
        yield table(("", "records", "seconds", "records/s", "times", "memory", "results"), rows)


def _rows(profile: str, count: int) -> Iterator[Sequence[str]]:
    found = {name: _in_process(name, profile, count) for name in _STEPS}
    plain = found["pySHACL, whole"]
    for name, numbers in found.items():
        same = numbers["digest"] in (None, plain["digest"])
        yield (
            name,
            f"{count:,}",
            figure(numbers["seconds"]),
            figure(count / numbers["seconds"]),
            ratio(plain["seconds"], numbers["seconds"]),
            megabytes(numbers["memory"]),
            f"{numbers['results']:,}" + ("" if same else " (others)"),
        )


def _in_process(step: str, profile: str, count: int) -> Numbers:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bench.validation", "--step", step, profile, str(count)],
        cwd=PARENT,
        capture_output=True,
        text=True,
        timeout=_STEP_TIMEOUT_S,
        check=True,
    )
    found: Numbers = json.loads(done.stdout)
    return found


# Records.


def records(count: int) -> Iterator[Record]:
    """Solutions with what they name, the same in every run; each has names of its own."""
    chance = random.Random(_SEED)
    originals = _originals()
    for number in range(count):
        record = list(_renamed(originals[number % len(originals)], number))
        if number % _DEFECTS == 0:
            _spoil(record, chance)
        yield frozenset(record)


def _originals() -> list[list[Triple]]:
    about: dict[object, list[Triple]] = {}
    for path in sorted(resources("data").glob("*.ttl")):
        for quad in read(path.read_bytes(), SYNTAXES["ttl"]):
            about.setdefault(quad.subject, []).append(quad.triple)
    solutions = (triples for triples in about.values() if any(triple.object == DCAT.Dataset for triple in triples))
    return [
        triples + [other for name in {triple.object for triple in triples} for other in about.get(name, ())]
        for triples in solutions
    ]


def _renamed(triples: Iterable[Triple], number: int) -> Iterator[Triple]:
    triples = list(triples)
    names: dict[object, Subject] = {t.subject: IRI(f"{t.subject.value}.{number}") for t in triples}  # type: ignore[union-attr]
    for triple in triples:
        value: Term = names.get(triple.object, triple.object)  # type: ignore[arg-type]
        yield Triple(names[triple.subject], triple.predicate, value)


def _spoil(record: list[Triple], chance: random.Random) -> None:
    """No title, a text for a link, a date that is none, or a code of no list."""
    place = next(place for place, triple in enumerate(record) if triple.predicate == DCT.title)
    thing = record[place].subject
    wrong = (
        Triple(thing, DCT.publisher, Literal("somebody")),
        Triple(thing, DCT.issued, Literal("soon")),
        Triple(thing, DCT.language, IRI("http://publications.europa.eu/resource/authority/language/xx")),
        Triple(thing, DCAT.distribution, thing),
    )
    record[place] = chance.choice(wrong)
    record.sort(key=lambda triple: triple.predicate != RDF.type)


# Steps.


def _graphs(found: Iterable[Record], size: int) -> Iterator[set[Triple]]:
    """The records together in graphs of so many, each with what code lists say."""
    waiting = iter(found)
    while chunk := list(islice(waiting, size)):
        triples = set().union(*chunk)
        yield triples | closure(triples)


def _engine(found: list[Record], shapes: Shapes, size: int) -> Iterator[Result]:
    for graph in _graphs(found, size):
        yield from evaluate(graph, shapes)


def _pyshacl(found: list[Record], shapes: Shapes, size: int) -> Iterator[Result]:
    oracle = Oracle(shapes.triples)
    for graph in _graphs(found, size):
        yield from oracle.verdict(graph)


_Step = Callable[[list[Record], Shapes], Iterator[Result]]
_STEPS: dict[str, _Step | None] = {
    "pySHACL, whole": lambda found, shapes: _pyshacl(found, shapes, len(found)),
    "pySHACL, chunks": lambda found, shapes: _pyshacl(found, shapes, CHUNK),
    "engine, whole": lambda found, shapes: _engine(found, shapes, len(found)),
    "engine, chunks": lambda found, shapes: _engine(found, shapes, CHUNK),
    "engine, alone": lambda found, shapes: _engine(found, shapes, 1),
    "engine, alone, two processes": None,
}


def _measure(name: str, profile: str, count: int) -> Numbers:
    shapes = packaged(profile)
    closure([])  # reads the code lists
    step = _STEPS[name]
    if step is None:
        return _two_processes(profile, count)
    found = list(records(count))
    begin = time.perf_counter()
    results = set(step(found, shapes))
    seconds = time.perf_counter() - begin
    digest = hashlib.sha256("\n".join(sorted(map(str, results))).encode()).hexdigest()
    return {"seconds": seconds, "results": len(results), "digest": digest, "memory": _memory(resource.RUSAGE_SELF)}


def _two_processes(profile: str, count: int) -> Numbers:
    found = [(str(number), record) for number, record in enumerate(records(count))]
    begin = time.perf_counter()
    results = sum(len(report.findings) for _, report in reports(found, Asked(profile, clock()), 2))
    seconds = time.perf_counter() - begin
    memory = max(_memory(resource.RUSAGE_SELF), _memory(resource.RUSAGE_CHILDREN))
    return {"seconds": seconds, "results": results, "digest": None, "memory": memory}


def _memory(whose: int) -> int:
    return resource.getrusage(whose).ru_maxrss * 1024


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.validation", description="Measures the validation engine.")
    parser.add_argument("--quick", action="store_true", help="100 and 1,000 records")
    parser.add_argument("--step", nargs=3, metavar=("NAME", "PROFILE", "COUNT"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        name, profile, count = arguments.step
        print(json.dumps(_measure(name, profile, int(count))))
        return
    for section in _section((_SMALLEST, 1_000) if arguments.quick else (_SMALLEST, 1_000, _LARGEST)):
        print(f"{section}\n", flush=True)


if __name__ == "__main__":
    main()
