"""Validates many records or documents with all cores.

Processes are forked, so that they have the compiled shapes and the code lists from the start: a process that begins
afresh takes longer to read these than to validate hundreds of records. So nothing here is for a process that has
threads or an open store.
"""

import gc
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import chain, islice
from typing import TypeVar

from catalogue.model import Report
from catalogue.rdf import SYNTAXES, Triple, read, statement
from catalogue.validation.closure import closure
from catalogue.validation.report import Asked, outcome
from catalogue.validation.shapes import packaged

# Large enough that handing it over costs little, small enough that results come early and memory stays flat.
CHUNK = 100
# With fewer chunks, to start processes and to hand things over takes as long as it spares.
_ENOUGH = 4
_N_TRIPLES = SYNTAXES["nt"]
# Chunks that wait in front of each process.
_AHEAD = 2

Records = Iterable[tuple[str, Collection[Triple]]]
_Item = TypeVar("_Item")
_Found = TypeVar("_Found")


def reports(records: Records, asked: Asked, processes: int | None = None) -> Iterator[tuple[str, Report]]:
    """The report on each record, with its key, in the order in which they come.

    `processes` is the number of cores unless given; with 1, or with few records, nothing is started.
    """
    packaged(asked.profile)
    closure(())  # both are read before there are processes, which then have them
    chunks = _chunks(records, CHUNK)
    count = processes or cores()
    begin = list(islice(chunks, _ENOUGH if count > 1 else 0))
    following = chain(begin, chunks)
    if len(begin) == _ENOUGH:
        # As N-Triples: pickling terms takes the parent four times as long, which then holds up all processes.
        texts = ([(key, "\n".join(map(statement, triples))) for key, triples in chunk] for chunk in following)
        yield from chain.from_iterable(_in_processes(partial(_read_and_validated, asked), texts, count))
    else:
        yield from chain.from_iterable(_validated(asked, chunk) for chunk in following)


def spread(work: Callable[[_Item], _Found], items: Collection[_Item], at_once: int) -> list[_Found]:
    """The answers to all items in their order, by all cores, `at_once` a turn; by this process if they are few.

    `work` and the items are pickled.
    """
    if len(items) < _ENOUGH * at_once or cores() == 1:
        return list(map(work, items))
    chunks = _chunks(items, at_once)
    try:
        return [*chain.from_iterable(_in_processes(partial(_worked, work), chunks, cores()))]
    except BrokenProcessPool:  # one was killed: for one after another there may be memory enough
        return list(map(work, items))


def cores() -> int:
    return len(os.sched_getaffinity(0))


def _chunks(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    items = iter(items)
    while chunk := list(islice(items, size)):
        yield chunk


def _in_processes(work: Callable[[_Item], _Found], items: Iterable[_Item], count: int) -> Iterator[_Found]:
    waiting: deque[Future[_Found]] = deque()
    # What the processes have from the start is not looked through for garbage again and again.
    with ProcessPoolExecutor(count, multiprocessing.get_context("fork"), gc.freeze) as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > count * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _worked(work: Callable[[_Item], _Found], chunk: list[_Item]) -> list[_Found]:
    return list(map(work, chunk))


def _read_and_validated(asked: Asked, texts: list[tuple[str, str]]) -> list[tuple[str, Report]]:
    return _validated(asked, [(key, [quad.triple for quad in read(text, _N_TRIPLES)]) for key, text in texts])


def _validated(asked: Asked, chunk: list[tuple[str, Collection[Triple]]]) -> list[tuple[str, Report]]:
    return [(key, outcome(triples, asked).report) for key, triples in chunk]
