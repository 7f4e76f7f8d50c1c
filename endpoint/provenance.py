"""Who said what is on a page: the records behind a thing, and how each was read."""

from collections.abc import Iterator
from dataclasses import dataclass

from catalogue.equivalence import names
from catalogue.rdf import IRI, Literal
from catalogue.vocabulary import DCT, OSC, PROV, SH
from endpoint.description import Description
from endpoint.disagreements import Disagreement, disagreements
from endpoint.show import Link, Moment, Text, external
from endpoint.view import View


@dataclass(frozen=True)
class Account:
    """One record of a source about a thing: when it changed, in which state it is, how many findings it has."""

    source: Link
    record: Link
    modified: Moment | None
    state: str
    findings: int


@dataclass(frozen=True)
class Accounts:
    """The records behind a thing, where they disagree, and the other names that they have for it."""

    records: tuple[Account, ...]
    disagreements: tuple[Disagreement, ...]
    names: tuple[Link, ...]


def accounts(about: Description, view: View) -> Accounts | None:
    """What the page of a thing says of its sources; None of what no record is about."""
    found = tuple(_records(about, view))
    if not found:
        return None
    others = names(view.publication.store, view.publication.minter, about.thing)[1:]
    disputed = disagreements(about.thing, view) if len(found) > 1 else ()
    return Accounts(found, disputed, tuple(_name(name, view) for name in others))


def _name(name: IRI, view: View) -> Link:
    """Another name of a thing: its address elsewhere, or the one that it had here, which leads to this page."""
    path = view.labels.relative(name)
    return external(name.value) if path == name.value else Link(Text(path), path)


def _records(about: Description, view: View) -> Iterator[Account]:
    """The records that a thing's published description is made of."""
    store, minter = view.publication.store, view.publication.minter
    prefix = minter.graph("record").value + "/"
    graphs = [value for node in about.nodes for value in about.iris(PROV.wasDerivedFrom, node=node)]
    for graph in (graph for graph in graphs if graph.value.startswith(prefix)):
        source, _, key = graph.value.removeprefix(prefix).partition("/")
        record = minter.record_of(graph)
        meta = {t.predicate: t.object for t in store.triples(record, None, None, minter.graph("meta"))}
        title = store.value(minter.source(source), DCT.title, minter.graph("meta"))
        modified, state = meta.get(DCT.modified), meta.get(OSC.recordState)
        yield Account(
            Link(Text(title.value if isinstance(title, Literal) else source), f"/source/{source}"),
            Link(Text(key), view.labels.relative(record)),
            Moment(modified.value).day if isinstance(modified, Literal) else None,
            state.value if isinstance(state, Literal) else "",
            sum(1 for _ in store.triples(IRI(f"{record.value}#report"), SH.result, None, minter.graph("quality"))),
        )
