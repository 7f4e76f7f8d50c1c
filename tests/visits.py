"""What a harvester is given, for tests that call one."""

from collections.abc import Iterable, MutableMapping
from typing import Any

from catalogue.fetch import Fetch
from catalogue.model import Source
from catalogue.visit import Visit


def visit(
    location: object,
    kind: str = "rdf",
    memory: MutableMapping[str, Any] | None = None,
    known: Iterable[str] = (),
    environment: dict[str, str] | None = None,
    **options: Any,
) -> Visit:
    """A visit to a directory, a file or a server on loopback."""
    source = Source("test", kind, str(location), "Test", 50, options=options)
    fetch = Fetch(allow_private=("127.0.0.1",))
    return Visit(source, fetch, {} if memory is None else memory, frozenset(known), environment or {})
