"""Measuring what is published: reads the facts that a score is made of, and keeps the stored measurements up to date.

They stand in the graph `quality`. What has changed since the last time is measured once before each publication,
however many records have changed it; which that is follows from the change log and from what the store marked as
unmeasured. So a process that is killed in between leaves nothing wrong, and where nothing has changed no quad does.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from catalogue.database import Delta, Reader
from catalogue.equivalence import names, records
from catalogue.identity import Minter
from catalogue.model import kind_of
from catalogue.provenance import number
from catalogue.quality import METRICS, PARTS, Facts, Reading, fingerprint, measure, summary
from catalogue.rdf import IRI, Literal, Term, Triple
from catalogue.store import Store
from catalogue.vocabulary import ADMS, DCAT, DCT, DOAP, DQV, OSC, RDF, SH

_BATCH = 500  # things measured in one transaction: some 6,000 quads


def facts(store: Reader, minter: Minter, thing: IRI) -> Facts | None:
    """What a solution is measured by, None of anything else."""
    own = _values(store, thing)
    kind = kind_of({value for value in own.get(RDF.type, ()) if isinstance(value, IRI)})
    if kind is None or kind.name != "solution":
        return None
    nodes = {(node, PARTS[name]) for name in PARTS for node in own.get(name, ()) if isinstance(node, IRI)}
    parts: dict[IRI, dict[IRI, list[Term]]] = {}
    for node, properties in nodes:
        parts.setdefault(node, {}).update({name: store.objects(node, name) for name in properties})
    about = records(store, minter, thing)
    return Facts(
        thing,
        own,
        parts,
        tuple(_readings(store, minter, about)),
        frozenset(_inferred(store, minter, thing, about)),
    )


def _values(store: Reader, node: IRI) -> dict[IRI, list[Term]]:
    """What is published of a node, by property, in a stable order."""
    found: dict[IRI, list[Term]] = {}
    for triple in store.triples(node, None, None):
        if not isinstance(triple.object, Triple):
            found.setdefault(triple.predicate, []).append(triple.object)
    for values in found.values():
        if len(values) > 1:
            values.sort(key=str)
    return found


def _inferred(store: Reader, minter: Minter, thing: IRI, records: Iterable[IRI]) -> Iterator[IRI]:
    """The properties that some records say only because the catalogue inferred them, and no other record says."""
    meta = minter.graph("meta")
    inferred = {record: store.objects(record, OSC.inferred, meta) for record in records}
    alike = names(store, minter, thing)
    for name in {name for found in inferred.values() for name in found if isinstance(name, IRI)}:
        others = (minter.graph_of(record) for record, found in inferred.items() if name not in found)
        if not any(True for graph in others for about in alike for _ in store.triples(about, name, None, graph)):
            yield name


def _readings(store: Reader, minter: Minter, records: Iterable[IRI]) -> Iterator[Reading]:
    meta, quality = minter.graph("meta"), minter.graph("quality")
    for node in records:
        standard = store.value(node, DCT.conformsTo, meta)
        results = store.objects(IRI(f"{node.value}#report"), SH.result, quality)
        found = [store.value(one, SH.resultSeverity, quality) for one in results if isinstance(one, IRI)]
        yield Reading(
            node,
            standard if isinstance(standard, IRI) else None,
            found.count(SH.Violation),
            found.count(SH.Warning),
        )


def update(store: Store) -> None:
    """Brings the stored measurements up to date; costs nothing where nothing has changed."""
    graph = store.minter.graph("quality")
    marked = set(store.triples(graph, OSC.unmeasured, None, graph))
    stamp = {
        Triple(graph, OSC.measuredChange, number(store.log.last)),
        Triple(graph, OSC.contentHash, Literal(fingerprint())),
    }
    before = {t for name in (OSC.measuredChange, OSC.contentHash) for t in store.triples(graph, name, None, graph)}
    if before == stamp and not marked:
        return
    since = _measured_change(before)
    due = _everything(store) if since is None else _due(store, since, marked)
    things = iter(sorted(due, key=str))
    while batch := list(islice(things, _BATCH)):
        delta = Delta()
        for thing in batch:
            delta.replace(graph, _stored(store, graph, thing), _measured(store, thing))
        store.write(delta)
    done = Delta()
    done.replace(graph, before | marked, stamp)
    store.write(done)


@dataclass(frozen=True)
class Overview:
    """The scores of a catalogue: how many, their mean in whole points, and for how many each indicator is missing."""

    solutions: int
    average: int
    lacking: Mapping[str, int]


def overview(store: Reader, minter: Minter) -> Overview | None:
    """The overview of what is stored; None where nothing is. Reads every measurement: a second for 100,000."""
    graph = minter.graph("quality")
    points = [int(t.object.value) for t in store.triples(None, DQV.value, None, graph) if isinstance(t.object, Literal)]
    if not points:
        return None
    lacks = (t.object.value for t in store.triples(None, OSC.lacks, None, graph) if isinstance(t.object, IRI))
    lacking = Counter(metric.removeprefix(METRICS) for metric in lacks)
    often = sorted(lacking.items(), key=lambda item: (-item[1], item[0]))
    return Overview(len(points), round(sum(points) / len(points)), dict(often))


def _measured_change(stamp: set[Triple]) -> int | None:
    """Up to which event things are measured; None when it was never done, or by another profile."""
    said = {triple.predicate: triple.object for triple in stamp}
    change = said.get(OSC.measuredChange)
    if said.get(OSC.contentHash) != Literal(fingerprint()) or not isinstance(change, Literal):
        return None
    return int(change.value)


def _due(store: Store, since: int, marked: Iterable[Triple]) -> set[IRI]:
    """What has changed, and the solutions that it is a part of."""
    changed = {*store.log.things(since), *(t.object for t in marked if isinstance(t.object, IRI))}
    wholes = (t.subject for thing in changed for name in PARTS for t in store.triples(None, name, thing))
    return changed.union(node for node in wholes if isinstance(node, IRI))


def _everything(store: Store) -> set[IRI]:
    """All that may be a solution, and all that was one when it was measured."""
    graph = store.minter.graph("quality")
    typed = (t.subject for cls in (ADMS.Asset, DOAP.Project, DCAT.Dataset) for t in store.triples(None, RDF.type, cls))
    measured = (triple.object for triple in store.triples(None, DQV.computedOn, None, graph))
    return {node for nodes in (typed, measured) for node in nodes if isinstance(node, IRI)}


def _measured(store: Store, thing: IRI) -> set[Triple]:
    found = facts(store, store.minter, thing)
    return summary(measure(found), thing, store.minter.page(thing, "solution")) if found else set()


def _stored(store: Store, graph: IRI, thing: IRI) -> set[Triple]:
    nodes = [triple.subject for triple in store.triples(None, DQV.computedOn, thing, graph)]
    return {triple for node in nodes for triple in store.triples(node, None, None, graph)}
