"""What the published catalogue is as a dataset: VoID, at `/void` and where robots look for it first."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import cast

from flask import Blueprint, Response, current_app, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from catalogue.model import KINDS
from catalogue.rdf import IRI, SYNTAXES, Literal, Triple, text
from catalogue.search import Question
from catalogue.sparql.pool import GRAPHS, Pool
from catalogue.vocabulary import DCT, FOAF, OWL, PREFIXES, PROV, RDF, VOID, VOID_CLASS, XSD
from endpoint import dumps
from endpoint.reader import Edition, edition, settings
from endpoint.representations import REPRESENTATIONS, negotiate, respond
from endpoint.service_description import format_of, number
from endpoint.sparql_protocol import public_address
from endpoint.statistics import Statistics, statistics

blueprint = Blueprint("void", __name__)

_FORMATS = {name: REPRESENTATIONS[name] for name in GRAPHS}


@blueprint.get("/.well-known/void")
def well_known() -> BaseResponse:
    """https://www.w3.org/TR/void/#well-known: the way to the description."""
    return redirect("/void", 303)


@blueprint.get("/void")
@blueprint.get("/void.<suffix>")
def void(suffix: str = "") -> Response:
    """The description of the dataset."""
    wanted = negotiate(request, suffix, _FORMATS)
    endpoint = public_address(request.environ, settings().base)
    held, pool, write = edition(), cast(Pool, current_app.extensions["sparql"]), wanted.write
    assert write is not None  # no page is among the formats
    body = held.bodies.get(
        ("void", endpoint, wanted.suffix), lambda: write(statements(held, statistics(held, pool), endpoint))
    )
    return respond(body, wanted)


def statements(held: Edition, counted: Statistics, endpoint: str) -> Iterator[Triple]:
    """The dataset `{base}/catalog` with its statistics, partitions, links to sources, and examples.

    Parts are named `{base}/void#…`. A figure that was not counted is left out.
    """
    manifest, minter = held.publication.manifest, held.publication.minter
    document, dataset, chosen = IRI(f"{minter.base}/void"), minter.catalogue, settings()
    yield Triple(document, RDF.type, VOID.DatasetDescription)
    yield Triple(document, FOAF.primaryTopic, dataset)
    yield Triple(dataset, RDF.type, VOID.Dataset)
    yield Triple(dataset, DCT.title, text(manifest.title))
    yield Triple(dataset, DCT.description, text(chosen.description))
    yield Triple(dataset, DCT.modified, Literal(manifest.created, datatype=XSD.dateTime))
    yield Triple(dataset, FOAF.homepage, IRI(f"{minter.base}/"))
    yield Triple(dataset, VOID.sparqlEndpoint, IRI(endpoint))
    yield Triple(dataset, VOID.dataDump, IRI(f"{minter.base}{dumps.PATH}"))
    yield Triple(dataset, VOID.entities, number(sum(manifest.counts.values())))
    for name in GRAPHS:
        yield Triple(dataset, VOID.feature, format_of(SYNTAXES[name]))
    yield from _minted(dataset, document, minter.base)
    yield from _examples(held, dataset)
    yield from _partitions(dataset, document, counted)
    for source, links in counted.derived.items():
        yield from _linkset(dataset, document, source, PROV.wasDerivedFrom, links, minter.source(source))
    for source, links in counted.same.items():
        yield from _linkset(dataset, document, source, OWL.sameAs, links, minter.source(source))


def _minted(dataset: IRI, document: IRI, base: str) -> Iterator[Triple]:
    """Things of RDF sources keep their IRIs, so what is true of the others is said of a subset."""
    subset = IRI(f"{document.value}#minted")
    yield Triple(dataset, VOID.subset, subset)
    yield Triple(subset, RDF.type, VOID.Dataset)
    yield Triple(subset, DCT.title, text("Things whose IRIs are of this catalogue", "en"))
    yield Triple(subset, VOID.uriSpace, Literal(f"{base}/id/"))


def _examples(held: Edition, dataset: IRI) -> Iterator[Triple]:
    """The first of each kind of thing, by title."""
    for kind in KINDS:
        for entry in held.publication.search.ask(Question(kind, sort="title", size=1), ()).entries:
            yield Triple(dataset, VOID.exampleResource, IRI(entry.iri))


def _partitions(dataset: IRI, document: IRI, counted: Statistics) -> Iterator[Triple]:
    if counted.triples is not None:
        yield Triple(dataset, VOID.triples, number(counted.triples))
        yield Triple(dataset, VOID.properties, number(len(counted.properties)))
    if counted.classes:
        yield Triple(dataset, VOID.classes, number(len(counted.classes)))
    for name, things in counted.classes.items():
        yield from _partition(dataset, document, (VOID.classPartition, VOID_CLASS, VOID.entities), name, things)
    for name, triples in counted.properties.items():
        yield from _partition(dataset, document, (VOID.propertyPartition, VOID.property, VOID.triples), name, triples)
    for space in sorted(_namespaces({**counted.classes, **counted.properties})):
        yield Triple(dataset, VOID.vocabulary, IRI(space))


def _partition(dataset: IRI, document: IRI, terms: tuple[IRI, IRI, IRI], name: str, count: int) -> Iterator[Triple]:
    """`terms`: what makes it a partition, what it is partitioned by, what is counted in it."""
    part = IRI(f"{document.value}#{sha256(f'{terms[0].value} {name}'.encode()).hexdigest()[:16]}")
    yield Triple(dataset, terms[0], part)
    yield Triple(part, RDF.type, VOID.Dataset)
    yield Triple(part, terms[1], IRI(name))
    yield Triple(part, terms[2], number(count))


def _namespaces(terms: Mapping[str, int]) -> set[str]:
    """Those of the vocabularies that we know by a prefix."""
    return {space for space in PREFIXES.values() if any(term.startswith(space) for term in terms)}


def _linkset(dataset: IRI, document: IRI, source: str, predicate: IRI, links: int, target: IRI) -> Iterator[Triple]:
    """The links from the published things to a source: which records they come of, or their names there."""
    linkset = IRI(f"{document.value}#{'same' if predicate == OWL.sameAs else 'derived'}-{source}")
    yield Triple(dataset, VOID.subset, linkset)
    yield Triple(linkset, RDF.type, VOID.Linkset)
    yield Triple(linkset, VOID.subjectsTarget, dataset)
    yield Triple(linkset, VOID.objectsTarget, target)
    yield Triple(linkset, VOID.linkPredicate, predicate)
    yield Triple(linkset, VOID.triples, number(links))
    yield Triple(target, RDF.type, VOID.Dataset)
