"""The description of the SPARQL service that the endpoint gives of itself (SPARQL 1.1 Service Description)."""

from collections.abc import Iterator
from urllib.parse import quote

from catalogue.database import RESULTS, Results
from catalogue.identity import Minter
from catalogue.rdf import IRI, Literal, Syntax, Triple, text
from catalogue.sparql.pool import GRAPHS
from catalogue.vocabulary import DCT, RDF, SD, VOID, XSD
from endpoint.reader import settings
from endpoint.statistics import Statistics

# Graph → what it holds. Of others (code lists), the name says it.
_TITLES = {
    "changes": "The change log",
    "identity": "Which names are one thing's",
    "meta": "The sources and their records",
    "quality": "A report for each record that has findings, and the score of each solution",
}
_JSON_LD = "http://www.w3.org/ns/formats/JSON-LD"
_PUBLISHED = "The published catalogue: merged descriptions and code lists"
_RECORDS = "The graphs of records as harvested, one for each, named by source and key; they are too many to list"


def statements(endpoint: str, minter: Minter, counted: Statistics | None, asked: str = "") -> Iterator[Triple]:
    """The endpoint at an address: an sd:Service with its language, formats, features and dataset.

    The dataset has the default graph and every named graph but those of records, which are a void:subset with the
    number of them (void:documents) and the pattern of their names; graphs say how many triples they hold. Nothing is
    claimed that does not hold: the default graph is no union of the others, and other services are not asked. Where
    operators may write, updates are taken here and at an address of their own. `counted` is None before the first
    publication; `asked` is the address at which the description is asked for, where the endpoint has another, too.
    """
    service, dataset, default = (IRI(f"{endpoint}#{name}") for name in ("service", "dataset", "default-graph"))
    yield Triple(service, RDF.type, SD.Service)
    yield Triple(service, SD.endpoint, IRI(endpoint))
    yield Triple(service, SD.endpoint, IRI(asked or endpoint))
    yield Triple(service, SD.supportedLanguage, SD.SPARQL11Query)
    yield Triple(service, SD.feature, SD.EmptyGraphs)
    for item in (*map(format_of, RESULTS.values()), *map(format_of, GRAPHS.values())):
        yield Triple(service, SD.resultFormat, item)
    yield Triple(service, SD.defaultDataset, dataset)
    # Any of them may be named in FROM, FROM NAMED, default-graph-uri and named-graph-uri.
    yield Triple(service, SD.availableGraphs, dataset)
    if settings().token:
        yield Triple(service, SD.supportedLanguage, SD.SPARQL11Update)
        yield from _updates(endpoint, dataset)
    yield Triple(dataset, RDF.type, SD.Dataset)
    yield Triple(dataset, SD.defaultGraph, default)
    yield Triple(default, DCT.title, text(_PUBLISHED, "en"))
    yield from _content(default, counted.triples if counted else None)
    if counted is not None:
        for graph, triples in counted.graphs.items():
            yield from _graph(dataset, endpoint, minter, graph, triples)
        yield from _records(dataset, endpoint, minter, sum(counted.records.values()))


def _updates(endpoint: str, dataset: IRI) -> Iterator[Triple]:
    address = f"{endpoint}/update"
    service = IRI(f"{address}#service")
    yield Triple(service, RDF.type, SD.Service)
    yield Triple(service, SD.endpoint, IRI(address))
    yield Triple(service, SD.supportedLanguage, SD.SPARQL11Update)
    yield Triple(service, SD.feature, SD.EmptyGraphs)
    yield Triple(service, SD.defaultDataset, dataset)


def _graph(dataset: IRI, endpoint: str, minter: Minter, graph: str, triples: int | None) -> Iterator[Triple]:
    name = graph.removeprefix(f"{minter.base}/graph/")
    node = IRI(f"{endpoint}#graph-{quote(name, safe='')}")
    yield Triple(dataset, SD.namedGraph, node)
    yield Triple(node, RDF.type, SD.NamedGraph)
    yield Triple(node, SD.name, IRI(graph))
    content = IRI(f"{node.value}-content")
    yield Triple(node, SD.graph, content)
    yield from _content(content, triples)
    kind, _, code_list = name.rpartition("/")
    if title := f"The code list “{code_list}”" if kind == "vocabulary" else _TITLES.get(name):
        yield Triple(content, DCT.title, text(title, "en"))


def _content(graph: IRI, triples: int | None) -> Iterator[Triple]:
    yield Triple(graph, RDF.type, SD.Graph)
    if triples is not None:
        yield Triple(graph, RDF.type, VOID.Dataset)
        yield Triple(graph, VOID.triples, number(triples))


def _records(dataset: IRI, endpoint: str, minter: Minter, count: int) -> Iterator[Triple]:
    node, space = IRI(f"{endpoint}#record-graphs"), f"{minter.base}/graph/record/"
    yield Triple(dataset, RDF.type, VOID.Dataset)
    yield Triple(dataset, VOID.subset, node)
    yield Triple(node, RDF.type, VOID.Dataset)
    yield Triple(node, DCT.description, text(_RECORDS, "en"))
    yield Triple(node, VOID.uriSpace, Literal(space))
    yield Triple(node, VOID.documents, number(count))


def format_of(item: Results | Syntax) -> IRI:
    """A format by the name that W3C gave it (https://www.w3.org/ns/formats/); the engine has another for JSON-LD."""
    return IRI(_JSON_LD if item.name == "jsonld" else item.format.iri)


def number(value: int) -> Literal:
    """A count."""
    return Literal(str(value), datatype=XSD.integer)
