"""The SPARQL 1.1 Protocol as a client sees it: a query by GET, and its answer.

SPARQLWrapper, which many use for this, opens connections of its own, to wherever an endpoint redirects it. Here queries
go through the one place where addresses are checked, and sizes and times have limits.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from catalogue import sandbox
from catalogue.errors import DocumentError, FetchError, SourceError
from catalogue.fetch import Fetch
from catalogue.harvesters import _json
from catalogue.harvesters._web_pages import check_no_page
from catalogue.model import Document
from catalogue.rdf import SYNTAXES, Quad, Syntax
from catalogue.sandbox import Element
from catalogue.visit import Visit

_GRAPHS = "application/n-triples, text/turtle;q=0.9, application/rdf+xml;q=0.8, application/ld+json;q=0.7"
_TABLES = "application/sparql-results+json, application/sparql-results+xml;q=0.9, application/json;q=0.8"
_QUERY = re.compile(r"([?&]query=)[^&\s:]+")
_RESULTS = "{http://www.w3.org/2005/sparql-results#}"
_MAX_SHOWN = 200


class Broken(SourceError):
    """An answer that is not what was asked for, or only a part of it."""


@dataclass(frozen=True)
class Endpoint:
    """A SPARQL endpoint; `fetch` has the time limit of a query."""

    visit: Visit
    fetch: Fetch

    def address(self, query: str) -> str:
        location = self.visit.location.partition("#")[0]
        return f"{location}{'&' if '?' in location else '?'}{urlencode({'query': query})}"

    def construct(self, query: str) -> Document:
        """What a CONSTRUCT gives, not parsed yet. Raises FetchError, or Broken for what is no whole answer."""
        # The query is in the address, which says nothing of the answer.
        return replace(self._answer(query, _GRAPHS), url=self.visit.location)

    def graph(self, answer: Document) -> list[Quad]:
        """The triples of an answer, which may be none. Raises Broken for what is no RDF."""
        try:
            return _parsed(answer) if answer.content.strip() else []
        except DocumentError as error:
            raise Broken(f"{self.visit.source.id}: {error}; the answer begins with {_beginning(answer)}") from error

    def column(self, query: str, name: str) -> list[str]:
        """The values of one variable of a SELECT. Raises FetchError, or Broken for what is no table."""
        document = self._answer(query, _TABLES)
        is_xml = document.content.lstrip()[:1] == b"<"
        try:
            return list(_xml_values(document, name) if is_xml else _json_values(document, name))
        except DocumentError as error:
            raise Broken(f"{self.visit.source.id}: {error}; the answer begins with {_beginning(document)}") from error

    def _answer(self, query: str, accept: str) -> Document:
        token = self.visit.token()
        secrets = {"Authorization": token} if token else {}
        try:
            document = self.fetch.get(self.address(query), accept=accept, secrets=secrets)
        except FetchError as error:
            raise FetchError(_told(str(error)), error.status, error.retry_in_s, error.said) from error
        check_no_page(self.visit, replace(document, url=self.visit.location), "the answer to a SPARQL query")
        # Virtuoso answers 200 with what it has when its own time is over.
        if state := document.headers.get("x-sql-state"):
            words = document.headers.get("x-sql-message", "")[:_MAX_SHOWN]
            raise Broken(
                f"{self.visit.source.id}: the endpoint gave up before the answer was complete: {state} {words}"
            )
        return document


def _told(message: str) -> str:
    """What went wrong with a query, which itself is too long to be told, and whose time has a limit of its own."""
    return _QUERY.sub(r"\1…", message).replace("CATALOGUE_FETCH_TIMEOUT sets", "the option `timeout` sets")


def digest(answer: Document) -> str:
    """Of what an answer says: the order of N-Triples, which a store need not keep, is not among it."""
    content = answer.content
    if answer.media_type in (SYNTAXES["nt"].media_type, "text/plain"):
        content = b"\n".join(sorted(content.splitlines()))
    return hashlib.sha256(content).hexdigest()


def _parsed(document: Document) -> list[Quad]:
    """The triples, and what was mended: stores take what no syntax can carry, such as `<tel:+39 06>`."""
    return sandbox.parse_mended(document.content, _syntax(document), None, may_be_empty=True)


def _syntax(document: Document) -> Syntax:
    """By the media type; many endpoints serve N-Triples as plain text, as it was before RDF 1.1."""
    if document.media_type == "text/plain":
        return SYNTAXES["nt"]
    return sandbox.guess(document)


def _beginning(document: Document) -> str:
    text = document.content[:_MAX_SHOWN].decode("utf-8", "replace")
    return repr(re.sub(r"\s+", " ", text).strip())


def _json_values(document: Document, name: str) -> Iterator[str]:
    """SPARQL 1.1 Query Results JSON Format."""
    bindings = _json.member(_json.parse(document.content, found=[]), "results", "bindings")
    if not isinstance(bindings, list):
        raise DocumentError("this is no table of SPARQL results")
    for binding in bindings:
        if value := _json.text(_json.member(binding, name, "value")):
            yield value


def _xml_values(document: Document, name: str) -> Iterator[str]:
    """SPARQL Query Results XML Format."""
    root = sandbox.parse_xml(document.content)
    if root.name != f"{_RESULTS}sparql":
        raise DocumentError("this is no table of SPARQL results")
    for result in _within(_within((root,), "results"), "result"):
        bound = (b for b in _within((result,), "binding") if b.attributes.get("name") == name)
        for value in (v for b in bound for v in b.content if isinstance(v, Element)):
            yield "".join(item for item in value.content if isinstance(item, str)).strip()


def _within(parents: Iterator[Element] | tuple[Element, ...], name: str) -> Iterator[Element]:
    found = (item for parent in parents for item in parent.content if isinstance(item, Element))
    return (element for element in found if element.name == _RESULTS + name)
