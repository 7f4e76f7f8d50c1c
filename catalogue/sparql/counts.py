"""The queries that count a publication: its statements by property, its things by class, its links by source.

Each answers rows of `?key` and `?n`. They read most of a catalogue, which takes seconds of a large one.
"""

from collections.abc import Iterable

from catalogue.database import Reader
from catalogue.identity import Minter

# The source of a record is a part of its graph's name.
_SOURCE = 'STRBEFORE(STRAFTER(STR(?record), "/graph/record/"), "/") AS ?key'
CLASSES = "SELECT ?key (COUNT(*) AS ?n) { ?thing a ?key } GROUP BY ?key"
PROPERTIES = "SELECT ?key (COUNT(*) AS ?n) { ?thing ?key ?value } GROUP BY ?key"
DERIVED = f"""PREFIX prov: <http://www.w3.org/ns/prov#>
SELECT ?key (COUNT(*) AS ?n) {{ ?page prov:wasDerivedFrom ?record BIND({_SOURCE}) }} GROUP BY ?key"""
SAME = f"""PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX prov: <http://www.w3.org/ns/prov#>
SELECT ?key (COUNT(DISTINCT ?same) AS ?n) {{
  ?thing owl:sameAs ?same . ?page foaf:primaryTopic ?thing ; prov:wasDerivedFrom ?record BIND({_SOURCE})
}} GROUP BY ?key"""
_IN_GRAPHS = "SELECT ?key (COUNT(*) AS ?n) {{ VALUES ?key {{ {} }} GRAPH ?key {{ ?s ?p ?o }} }} GROUP BY ?key"


def graphs(store: Reader, minter: Minter) -> tuple[list[str], list[str]]:
    """The names of the graphs that are no record's, sorted; and those of records, after what all of them begin with."""
    of_records = f"{minter.graph('record').value}/"
    names = [graph.value for graph in store.named_graphs()]
    records = [name.removeprefix(of_records) for name in names if name.startswith(of_records)]
    return sorted(name for name in names if not name.startswith(of_records)), records


def in_graphs(names: Iterable[str]) -> str:
    """How many statements there are in each of these graphs."""
    return _IN_GRAPHS.format(" ".join(f"<{name}>" for name in names))
