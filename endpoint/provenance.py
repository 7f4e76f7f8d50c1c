"""Who said what is on a page: the records behind a thing, and how each was read."""

from dataclasses import dataclass

from catalogue.rdf import IRI, Literal
from catalogue.vocabulary import DCT, OSC, PROV, SH
from endpoint.description import Description
from endpoint.show import Link, Moment, Text
from endpoint.view import View


@dataclass(frozen=True)
class Account:
    """One record of a source about a thing: when it changed, in which state it is, how many findings it has."""

    source: Link
    record: Link
    modified: Moment | None
    state: str
    findings: int


def accounts(about: Description, view: View) -> list[Account]:
    """The records that a thing's published description is made of."""
    store, minter = view.publication.store, view.publication.minter
    prefix = minter.graph("record").value + "/"
    graphs = [value for node in about.nodes for value in about.iris(PROV.wasDerivedFrom, node=node)]
    keys = [graph.value.removeprefix(prefix).split("/", 1) for graph in graphs if graph.value.startswith(prefix)]
    found = []
    for source, key in keys:
        record = minter.record(source, key)
        meta = {t.predicate: t.object for t in store.triples(record, None, None, minter.graph("meta"))}
        title = store.value(minter.source(source), DCT.title, minter.graph("meta"))
        modified, state = meta.get(DCT.modified), meta.get(OSC.recordState)
        found.append(
            Account(
                Link(Text(title.value if isinstance(title, Literal) else source), f"/source/{source}"),
                Link(Text(key), view.labels.relative(record)),
                Moment(modified.value).day if isinstance(modified, Literal) else None,
                state.value if isinstance(state, Literal) else "",
                sum(1 for _ in store.triples(IRI(f"{record.value}#report"), SH.result, None, minter.graph("quality"))),
            )
        )
    return found
