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
from catalogue.validation.closure import closure, listed
from catalogue.validation.engine import evaluate
from catalogue.validation.report import Asked
from catalogue.validation.shacl import Oracle
from catalogue.validation.shapes import Result, packaged
from catalogue.vocabulary import DCAT, DCT, RDF

_PROFILES = ("adms-ap", "dcat-ap")
_SEED = 1
_SMALLEST, _LARGEST = 100, 10_000
_PYSHACL_MOST = 1_000
_STEP_TIMEOUT_S = 600
# Every fifth record has something wrong, as in harvests.
_DEFECTS = 5

Numbers = dict[str, Any]
Record = frozenset[Triple]
# Focus, path, severity, shape and value, as a finding has them.
Told = tuple[str | None, str | None, str, str | None, str | None]


def run(plan: Plan) -> Iterator[str]:
    """The section of this benchmark, in Markdown."""
    yield from _section(sorted({_SMALLEST, *(min(size, _LARGEST) for size in plan.sizes)}))


def _section(sizes: Sequence[int]) -> Iterator[str]:
    yield "## Validating"
    yield (
        "Solutions of the seed catalogue with all that they name, over and over under new names, every fifth with a"
        " defect. pySHACL gets the same triples, converted without parsing. Whole: all in one graph; chunks: graphs of"
        f" {CHUNK} records; alone: each record for itself, as harvests do it; two processes: the same, to reports, and"
        " with few records in one. Times: how many times the rate of plain pySHACL over the whole graph. Memory is"
        " the peak of the process, of two processes of the larger. Results: those on what records describe, not those"
        " on the codes that they name, which no report tells; the same in each row unless it says so. Of more than"
        f" {_PYSHACL_MOST:,} records pySHACL validates so many, and the other rows are compared with each other."
    )
    for profile in _PROFILES:
        rows = [row for count in sizes for row in _rows(profile, count)]
        yield f"### {profile}"
        yield table(("", "records", "seconds", "records/s", "times", "memory", "results"), rows)


def _rows(profile: str, count: int) -> Iterator[Sequence[str]]:
    found = {name: _in_process(name, profile, _part(name, count)) for name in _STEPS}
    plain = found["pySHACL, whole"]
    whole = next(numbers for numbers in found.values() if numbers["records"] == count)
    for name, numbers in found.items():
        rate, is_part = numbers["records"] / numbers["seconds"], numbers["records"] < count
        same = is_part or numbers["digest"] == whole["digest"]
        yield (
            name,
            f"{numbers['records']:,} of {count:,}" if is_part else f"{count:,}",
            figure(numbers["seconds"]),
            figure(rate),
            ratio(rate, plain["records"] / plain["seconds"]),
            megabytes(numbers["memory"]),
            f"{numbers['results']:,}" + ("" if same else " (others)"),
        )


def _part(step: str, count: int) -> int:
    """How many of the records a step gets: pySHACL would take minutes, and its rate does not rise with their number."""
    return min(count, _PYSHACL_MOST) if step.startswith("pySHACL") else count


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


def _engine(found: list[Record], profile: str, size: int) -> Iterator[Told]:
    shapes = packaged(profile)
    for graph in _graphs(found, size):
        yield from _told(evaluate(graph, shapes))


def _pyshacl(found: list[Record], profile: str, size: int) -> Iterator[Told]:
    oracle = Oracle(packaged(profile).triples)
    for graph in _graphs(found, size):
        yield from _told(oracle.verdict(graph))


def _told(results: Iterable[Result]) -> Iterator[Told]:
    """What a report tells of results; of concepts it tells nothing, since no record describes one."""
    for result in results:
        if not listed(result.focus):
            path = result.path.value if isinstance(result.path, IRI) else result.path and str(result.path)
            value = result.value and result.value.value
            yield result.focus.value, path, result.severity.value, result.shape.value, value


def _two_processes(found: list[Record], profile: str) -> Iterator[Told]:
    keyed = ((str(number), record) for number, record in enumerate(found))
    for _, report in reports(keyed, Asked(profile, clock()), 2):
        for finding in report.findings:
            yield finding.focus, finding.path, finding.severity.value, finding.code, finding.value


_Step = Callable[[list[Record], str], Iterator[Told]]
_STEPS: dict[str, _Step] = {
    "pySHACL, whole": lambda found, profile: _pyshacl(found, profile, len(found)),
    "pySHACL, chunks": lambda found, profile: _pyshacl(found, profile, CHUNK),
    "engine, whole": lambda found, profile: _engine(found, profile, len(found)),
    "engine, chunks": lambda found, profile: _engine(found, profile, CHUNK),
    "engine, alone": lambda found, profile: _engine(found, profile, 1),
    "engine, alone, two processes": _two_processes,
}


def _measure(name: str, profile: str, count: int) -> Numbers:
    packaged(profile)
    closure([])  # reads the code lists
    found = list(records(count))
    begin = time.perf_counter()
    told = list(_STEPS[name](found, profile))
    seconds = time.perf_counter() - begin
    digest = hashlib.sha256("\n".join(sorted(map(str, told))).encode()).hexdigest()
    memory = max(map(_memory, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
    return {"records": count, "seconds": seconds, "results": len(told), "digest": digest, "memory": memory}


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
