"""Validates many records with all cores, in memory that does not grow with their number."""

import multiprocessing
import os
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice

from catalogue.model import Report
from catalogue.rdf import SYNTAXES, Triple, read, statement
from catalogue.validation.report import Asked, outcome

# Large enough that handing it over costs little, small enough that results come early and memory stays flat.
CHUNK = 200
_N_TRIPLES = SYNTAXES["nt"]
# Chunks that wait in front of each process.
_AHEAD = 2

Records = Iterable[tuple[str, Collection[Triple]]]
_Chunk = list[tuple[str, Collection[Triple]]]


def reports(records: Records, asked: Asked, processes: int | None = None) -> Iterator[tuple[str, Report]]:
    """The report on each record, with its key, in the order in which they come.

    `processes` is the number of cores unless given; with 1, or when the records make one chunk, nothing is started.
    Processes are spawned, not forked: a store that is open is not theirs.
    """
    chunks = _chunks(records)
    begin = list(islice(chunks, 2))
    count = processes or len(os.sched_getaffinity(0))
    following = chain(begin, chunks)
    if count > 1 and len(begin) > 1:
        yield from _in_processes(following, asked, count)
    else:
        for chunk in following:
            yield from _validated(chunk, asked)


def _chunks(records: Records) -> Iterator[_Chunk]:
    records = iter(records)
    while chunk := list(islice(records, CHUNK)):
        yield chunk


def _in_processes(chunks: Iterator[_Chunk], asked: Asked, count: int) -> Iterator[tuple[str, Report]]:
    waiting: deque[Future[list[tuple[str, Report]]]] = deque()
    with ProcessPoolExecutor(count, multiprocessing.get_context("spawn")) as pool:
        for chunk in chunks:
            # As N-Triples: pickling terms takes the parent four times as long, which then holds up all processes.
            texts = [(key, "\n".join(map(statement, triples))) for key, triples in chunk]
            waiting.append(pool.submit(_read_and_validated, texts, asked))
            if len(waiting) > count * _AHEAD:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _read_and_validated(texts: list[tuple[str, str]], asked: Asked) -> list[tuple[str, Report]]:
    return _validated([(key, [quad.triple for quad in read(text, _N_TRIPLES)]) for key, text in texts], asked)


def _validated(chunk: _Chunk, asked: Asked) -> list[tuple[str, Report]]:
    return [(key, outcome(triples, asked).report) for key, triples in chunk]
