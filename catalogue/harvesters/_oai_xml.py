"""An element of an XML document as a document of its own, the same bytes for the same element."""

from collections.abc import Iterator
from itertools import count
from xml.sax.saxutils import escape, quoteattr

from catalogue.sandbox import Element

_XML = "http://www.w3.org/XML/1998/namespace"
# A carriage return that was written as a reference would come back as a line feed.
_ENTITIES = {"\r": "&#13;"}


def written(element: Element) -> bytes:
    """Prefixes are numbered in the order of their first use, and declared by the root."""
    prefixes = {_XML: "xml"}
    numbers = count()
    for name in _names(element):
        namespace = name[1:].rpartition("}")[0] if name.startswith("{") else ""
        if namespace and namespace not in prefixes:
            prefixes[namespace] = f"n{next(numbers)}"
    declared = "".join(f" xmlns:{p}={quoteattr(ns)}" for ns, p in prefixes.items() if p != "xml")
    return "".join(_markup(element, prefixes, declared)).encode()


def _names(element: Element) -> Iterator[str]:
    yield element.name
    yield from element.attributes
    for item in element.content:
        if isinstance(item, Element):
            yield from _names(item)


def _markup(element: Element, prefixes: dict[str, str], declared: str = "") -> Iterator[str]:
    name = _qualified(element.name, prefixes)
    attributes = "".join(
        f" {_qualified(key, prefixes)}={quoteattr(value, {**_ENTITIES, chr(10): '&#10;', chr(9): '&#9;'})}"
        for key, value in sorted(element.attributes.items())
    )
    yield f"<{name}{declared}{attributes}>"
    for item in element.content:
        if isinstance(item, Element):
            yield from _markup(item, prefixes)
        else:
            yield escape(item, _ENTITIES)
    yield f"</{name}>"


def _qualified(name: str, prefixes: dict[str, str]) -> str:
    if not name.startswith("{"):
        return name
    namespace, _, local = name[1:].rpartition("}")
    return f"{prefixes[namespace]}:{local}"
