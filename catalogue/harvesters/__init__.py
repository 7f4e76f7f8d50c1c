"""Harvesters: one module and one line here for each kind of source.

A harvester has no state, no clock and no network of its own. It is two functions: `documents` finds and fetches,
`readings` turns one document into records, purely.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol

from catalogue.harvesters import (
    ckan,
    codejson,
    codemeta,
    dpg,
    ldes,
    oai_pmh,
    ore,
    publiccode,
    rdf,
    register,
    software_catalog_api,
    sparql,
)
from catalogue.identity import Minter
from catalogue.model import Document, Found, Reading
from catalogue.visit import Option, Visit


class Harvester(Protocol):
    """What the module of a kind of source has."""

    PRECEDENCE: int
    """Where sources disagree on a single value, the lowest wins (see `catalogue.merge`)."""
    OPTIONS: Mapping[str, Option]
    """What can be said of a source of this kind in `catalogue.toml`, beside what every source has."""

    def documents(self, visit: Visit) -> Iterator[Found]:
        """The documents of a source, each with its key there, and what else there is to know of them.

        A document is asked for when the one before has been written. Raises SourceError when the source as a whole
        cannot be read; one document that cannot be read is a Reading with a violation.
        """

    def readings(self, key: str, document: Document, minter: Minter) -> Iterator[Reading]:
        """What a document says: at least one reading, and never an exception for what a stranger wrote."""

    def recognises(self, location: str, document: Document | None) -> bool:
        """Whether a location is likely a source of this kind: an address and what it answered, or a local path."""


# In the order in which they are asked whether they recognise a location: the particular before the general.
HARVESTERS: Mapping[str, Harvester] = {
    "publiccode": publiccode,
    "ldes": ldes,
    "ckan": ckan,
    "oai-pmh": oai_pmh,
    "sparql": sparql,
    "software-catalog-api": software_catalog_api,
    "dpg": dpg,
    "codejson": codejson,
    "codemeta": codemeta,
    "ore": ore,
    "register": register,
    "rdf": rdf,
}
