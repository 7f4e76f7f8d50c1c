"""Harvesters: one module and one line here for each kind of source.

A harvester has no state, no clock and no network of its own. It is two functions: `documents` finds and fetches,
`readings` turns one document into records, purely.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol

from catalogue.fetch import Fetch
from catalogue.harvesters import publiccode, rdf
from catalogue.identity import Minter
from catalogue.model import Document, Reading


class Harvester(Protocol):
    """What the module of a kind of source has."""

    PRECEDENCE: int
    """Where sources disagree on a single value, the lowest wins (see `catalogue.merge`)."""

    def documents(self, location: str, fetch: Fetch) -> Iterator[tuple[str, Document] | Reading]:
        """The documents at a location, each with its key in the source; a Reading for one that cannot be read.

        Raises SourceError when the source as a whole cannot be read.
        """

    def readings(self, key: str, document: Document, minter: Minter) -> Iterator[Reading]:
        """What a document says: at least one reading, and never an exception for what a stranger wrote."""


HARVESTERS: Mapping[str, Harvester] = {"publiccode": publiccode, "rdf": rdf}
