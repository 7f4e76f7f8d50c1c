"""What a publication counts of itself: its statements by property, its things by class, its links by source.

Prepared where that takes long (`catalogue.sparql.prepared`), and otherwise worked out when it is first asked for. Where
a query's limit is too small for it, what has not been counted is not told.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from catalogue.database import Query
from catalogue.errors import QueryLimit
from catalogue.sparql import counts
from catalogue.sparql.pool import Pool
from endpoint.reader import Edition


@dataclass(frozen=True)
class Statistics:
    """Counts by IRI, of statements with a property, things of a class, statements of a graph that is not a record's;
    and by a source's identifier, of its record graphs, of things derived from them, of other names for these things.

    Empty where nobody counted; for a graph None.
    """

    classes: Mapping[str, int]
    properties: Mapping[str, int]
    graphs: Mapping[str, int | None]
    records: Mapping[str, int]
    derived: Mapping[str, int]
    same: Mapping[str, int]

    @property
    def triples(self) -> int | None:
        """Statements of the default graph."""
        return sum(self.properties.values()) or None


def statistics(edition: Edition, pool: Pool) -> Statistics:
    """The statistics of the published catalogue."""
    return edition.once("statistics", lambda: _statistics(edition, pool))


def _statistics(edition: Edition, pool: Pool) -> Statistics:
    publication = edition.publication
    fixed, of_records = counts.graphs(publication.store, publication.minter)
    records = Counter(name.partition("/")[0] for name in of_records)
    counted = _counts(pool, counts.in_graphs(fixed))
    return Statistics(
        classes=_counts(pool, counts.CLASSES),
        properties=_counts(pool, counts.PROPERTIES),
        graphs={name: counted.get(name, 0) if counted else None for name in fixed},
        records=dict(sorted(records.items())),
        derived=_counts(pool, counts.DERIVED),
        same=_counts(pool, counts.SAME),
    )


def _counts(pool: Pool, text: str) -> dict[str, int]:
    try:
        answered = json.loads(b"".join(pool.run(Query(text, "json"))))
    except QueryLimit:
        return {}
    rows = answered["results"]["bindings"]
    return {row["key"]["value"]: int(row["n"]["value"]) for row in rows if "key" in row and row["key"]["value"]}
