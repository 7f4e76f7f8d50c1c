"""A run of a harvest told to others: as JSON, and in PROV."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from catalogue.identity import Minter
from catalogue.operations import Run
from catalogue.provenance import number, time
from catalogue.rdf import IRI, Triple, text
from catalogue.vocabulary import OSC, PROV, RDF, RDFS, SCHEMA

# What is counted of each run, in the order in which it is told; others are told after these.
COUNTS = ("new", "changed", "unchanged", "gone", "missing", "outside", "rejected", "warnings")
_GENERATED, _INVALIDATED = ("new", "changed"), ("gone",)


def counts(run: Run) -> dict[str, int]:
    """Every count of a run, 0 where nothing had that outcome."""
    return {name: run.counts.get(name, 0) for name in (*COUNTS, *sorted(run.counts.keys() - {*COUNTS}))}


def sums(counts: Mapping[str, int]) -> str:
    """What was counted, in a line, without what did not happen."""
    found = ((f"{number:,}", name) for name, number in counts.items() if number)
    return ", ".join(f"{number} {'warning' if (number, name) == ('1', 'warnings') else name}" for number, name in found)


def node(run: Run, minter: Minter) -> IRI:
    """`{base}/source/{id}/run/{number}`."""
    return IRI(f"{minter.source(run.source).value}/run/{run.number}")


def as_json(run: Run, minter: Minter) -> dict[str, Any]:
    """A run as pages and webhooks tell it. `records` are the first of each outcome, with their pages' addresses; what
    is `unread` are parts of the source, such as a page of a feed, and `reasons` says why."""
    return {
        "id": node(run, minter).value,
        "number": run.number,
        "source": run.source,
        "started": run.started,
        "ended": run.ended,
        "seconds": round(run.seconds, 3),
        "counts": counts(run),
        "requests": run.requests,
        "bytes": run.bytes,
        "error": run.error,
        "unread": list(run.records.get("unread", ())),
        "reasons": {part: list(why) for part, why in run.reasons.items()},
        "records": {
            name: [{"key": key, "page": minter.record(run.source, key).value} for key in keys]
            for name, keys in run.records.items()
            if name != "unread"
        },
    }


def as_triples(run: Run, minter: Minter) -> Iterator[Triple]:
    """A prov:Activity that used the source and generated or invalidated records; its counts are nodes of their own."""
    activity = node(run, minter)
    yield Triple(activity, RDF.type, PROV.Activity)
    yield Triple(activity, RDFS.label, text(f"Harvest of {run.source}, run {run.number}", "en"))
    yield Triple(activity, PROV.used, minter.source(run.source))
    yield Triple(activity, PROV.startedAtTime, time(run.begin))
    yield Triple(activity, PROV.endedAtTime, time(run.end))
    if run.error is not None:
        yield Triple(activity, OSC.failure, text(run.error, "en"))
    for name, count in {**counts(run), "requests": run.requests, "bytes": run.bytes}.items():
        yield from count_triples(activity, name, count)
    for predicate, names in ((PROV.generated, _GENERATED), (PROV.invalidated, _INVALIDATED)):
        for key in (key for name in names for key in run.records.get(name, ())):
            yield Triple(activity, predicate, minter.record(run.source, key))


def count_triples(about: IRI, name: str, count: int) -> Iterator[Triple]:
    """`about` osc:outcomeCount `{about}#{name}`, a schema:PropertyValue with the name and the number."""
    value = IRI(f"{about.value}#{quote(name, safe='')}")
    yield Triple(about, OSC.outcomeCount, value)
    yield Triple(value, RDF.type, SCHEMA.PropertyValue)
    yield Triple(value, SCHEMA.name, text(name, "en"))
    yield Triple(value, SCHEMA.value, number(count))
