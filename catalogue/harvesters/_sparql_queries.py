"""The queries of the SPARQL harvester. Nothing gets into them but numbers and IRIs, checked and written as such."""

from collections.abc import Iterable

from catalogue.errors import SourceError
from catalogue.rdf import IRI, is_iri
from catalogue.vocabulary import ADMS, DCAT, DCT, DOAP, FOAF, PROV, SCHEMA, V

# schema.org says that both names are good, and stores have either.
SECURE_SCHEMA = SCHEMA.iri.replace("http:", "https:")

# Things with names of their own only: without one, nobody can ask for the rest of what is said of them.
_THINGS = """
  VALUES ?class { $CLASSES }
  ?thing a ?class .
  FILTER (isIRI(?thing))"""

_COUNT = f"""
SELECT (COUNT(DISTINCT ?thing) AS ?number) WHERE {{{_THINGS}
}}"""

# Not by OFFSET: Virtuoso sorts no more than 10,000 rows, and what comes or goes meanwhile moves all behind it.
_LIST = f"""
SELECT ?thing WHERE {{{_THINGS}$AFTER
}}
ORDER BY STR(?thing)
LIMIT $LIMIT"""

_AFTER = """
  FILTER (STR(?thing) > STR($LAST))"""

# What a description leads to is described, too, if it is a blank node or one of the nodes that belong to a thing. Not
# along every property: a catalogue, a concept or a place leads to all the others.
_PARTS = (
    "dcat:distribution dcat:contactPoint dcat:landingPage dct:publisher dct:creator dct:license dct:rights"
    " dct:rightsHolder adms:contactPoint adms:identifier adms:sample foaf:page foaf:homepage doap:repository"
    " doap:release doap:maintainer doap:developer schema:publisher schema:author schema:creator schema:maintainer"
    " schema:license schemas:publisher schemas:author schemas:creator schemas:maintainer schemas:license prov:agent"
    " prov:qualifiedAttribution spdx:checksum vcard:hasEmail vcard:hasTelephone"
)
_NAMESPACES = {
    "adms": ADMS.iri,
    "dcat": DCAT.iri,
    "dct": DCT.iri,
    "doap": DOAP.iri,
    "foaf": FOAF.iri,
    "prov": PROV.iri,
    "schema": SCHEMA.iri,
    "schemas": SECURE_SCHEMA,
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": V.iri,
}
FOLLOWED = frozenset(IRI(_NAMESPACES[name.partition(":")[0]] + name.partition(":")[2]) for name in _PARTS.split())
"""The properties along which a description goes on; it does so from every blank node, too."""

STEPS = 2
"""How far a description goes."""

_PREFIXES = "".join(f"\nPREFIX {name}: <{iri}>" for name, iri in _NAMESPACES.items())
_FOLLOWED = ", ".join(_PARTS.split())
_DESCRIPTION = f"""{_PREFIXES}
CONSTRUCT {{
  ?thing ?property ?value .
  ?value ?second ?part .
  ?part ?third ?detail .
}} WHERE {{
  VALUES ?thing {{ $THINGS }}
  ?thing ?property ?value .
  OPTIONAL {{
    ?value ?second ?part .
    FILTER (isBlank(?value) || ?property IN ({_FOLLOWED}))
    OPTIONAL {{
      ?part ?third ?detail .
      FILTER (isBlank(?part) || ?second IN ({_FOLLOWED}))
    }}
  }}
}}"""

# The same for stores to which a filter in OPTIONAL is blind to what is bound outside of it, as QLever and Blazegraph:
# of what names lead to, they would leave out everything and say nothing. It names the things three times.
_LOCAL_DESCRIPTION = f"""{_PREFIXES}
CONSTRUCT {{ ?node ?property ?value }} WHERE {{
  {{ VALUES ?node {{ $THINGS }} ?node ?property ?value . }}
  UNION {{
    VALUES ?thing {{ $THINGS }} ?thing ?first ?node . ?node ?property ?value .
    FILTER (isBlank(?node) || ?first IN ({_FOLLOWED}))
  }}
  UNION {{
    VALUES ?thing {{ $THINGS }} ?thing ?first ?part . ?part ?second ?node . ?node ?property ?value .
    FILTER ((isBlank(?part) || ?first IN ({_FOLLOWED})) && (isBlank(?node) || ?second IN ({_FOLLOWED})))
  }}
}}"""

OUTER = """
SELECT ?inner WHERE {
  VALUES ?outer { 1 }
  OPTIONAL { VALUES ?inner { 2 } FILTER (?outer = 1) }
}"""
"""Gives `?inner` where a filter in OPTIONAL sees what is bound outside of it, as SPARQL 1.1 has it (18.6, LeftJoin)."""


def classes(names: Iterable[str]) -> list[IRI]:
    """Raises SourceError for what is no IRI, and could end one in a query."""
    written = list(names)
    for name in written:
        if not is_iri(name):
            raise SourceError(f"sparql: {name!r} among the `classes` is no IRI")
    return [IRI(name) for name in written]


def count(classes: Iterable[IRI]) -> str:
    """How many things there are: `?number`."""
    return _COUNT.replace("$CLASSES", _terms(classes))


def listing(classes: Iterable[IRI], last: IRI | None, limit: int) -> str:
    """The things behind the last, in order, some more than once: `?thing`."""
    after = _AFTER.replace("$LAST", str(last)) if last else ""
    return _LIST.replace("$AFTER", after).replace("$LIMIT", str(int(limit))).replace("$CLASSES", _terms(classes))


def description(things: Iterable[IRI], is_local: bool = False) -> str:
    """What is said of things, and of what belongs to them up to two steps away; `is_local` for where OUTER fails."""
    return (_LOCAL_DESCRIPTION if is_local else _DESCRIPTION).replace("$THINGS", _terms(things))


def page(query: str, limit: int, offset: int) -> str:
    """A page of a query of the source's own."""
    return query.replace("$LIMIT", str(int(limit))).replace("$OFFSET", str(int(offset)))


def is_paged(query: str) -> bool:
    return "$LIMIT" in query and "$OFFSET" in query


def _terms(iris: Iterable[IRI]) -> str:
    return " ".join(map(str, iris))
