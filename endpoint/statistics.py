"""What a publication counts of itself: its statements by property, its things by class, its links by source.

Worked out by the SPARQL processes, once for a publication in each web process, when it is first asked for: it takes
seconds of a large catalogue. Where a query's limit is too small for it, what has not been counted is not told.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from catalogue.database import Query
from catalogue.errors import QueryLimit
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


# The source of a record is a part of its graph's name.
_SOURCE = 'STRBEFORE(STRAFTER(STR(?record), "/graph/record/"), "/") AS ?key'
_CLASSES = "SELECT ?key (COUNT(*) AS ?n) { ?thing a ?key } GROUP BY ?key"
_PROPERTIES = "SELECT ?key (COUNT(*) AS ?n) { ?thing ?key ?value } GROUP BY ?key"
_DERIVED = f"""PREFIX prov: <http://www.w3.org/ns/prov#>
SELECT ?key (COUNT(*) AS ?n) {{ ?page prov:wasDerivedFrom ?record BIND({_SOURCE}) }} GROUP BY ?key"""
_SAME = f"""PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX prov: <http://www.w3.org/ns/prov#>
SELECT ?key (COUNT(DISTINCT ?same) AS ?n) {{
  ?thing owl:sameAs ?same . ?page foaf:primaryTopic ?thing ; prov:wasDerivedFrom ?record BIND({_SOURCE})
}} GROUP BY ?key"""
_IN_GRAPHS = "SELECT ?key (COUNT(*) AS ?n) {{ VALUES ?key {{ {} }} GRAPH ?key {{ ?s ?p ?o }} }} GROUP BY ?key"


def statistics(edition: Edition, pool: Pool) -> Statistics:
    """The statistics of the published catalogue."""
    return edition.once("statistics", lambda: _statistics(edition, pool))


def _statistics(edition: Edition, pool: Pool) -> Statistics:
    publication = edition.publication
    of_records = f"{publication.minter.graph('record').value}/"
    names = [graph.value for graph in publication.store.named_graphs()]
    fixed = sorted(name for name in names if not name.startswith(of_records))
    records = Counter(name.removeprefix(of_records).partition("/")[0] for name in set(names) - set(fixed))
    counted = _counts(pool, _IN_GRAPHS.format(" ".join(f"<{name}>" for name in fixed)))
    return Statistics(
        classes=_counts(pool, _CLASSES),
        properties=_counts(pool, _PROPERTIES),
        graphs={name: counted.get(name, 0) if counted else None for name in fixed},
        records=dict(sorted(records.items())),
        derived=_counts(pool, _DERIVED),
        same=_counts(pool, _SAME),
    )


def _counts(pool: Pool, text: str) -> dict[str, int]:
    try:
        answered = json.loads(b"".join(pool.run(Query(text, "json"))))
    except QueryLimit:
        return {}
    rows = answered["results"]["bindings"]
    return {row["key"]["value"]: int(row["n"]["value"]) for row in rows if "key" in row and row["key"]["value"]}
