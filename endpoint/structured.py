"""A solution for search engines: schema.org as JSON-LD, in a data block that no browser runs."""

from typing import Any

from catalogue.rdf import IRI
from catalogue.vocabulary import DCAT, DCT, RDF, SCHEMA
from endpoint.description import Description
from endpoint.labels import code
from endpoint.sections import purpose
from endpoint.view import View

_CLASSES = (
    SCHEMA.WebApplication,
    SCHEMA.MobileApplication,
    SCHEMA.SoftwareSourceCode,
    SCHEMA.SoftwareApplication,
)


def software(about: Description, view: View) -> dict[str, Any]:
    """Name, purpose, licence, repository and author of a solution."""
    types = about.all(RDF.type)
    sentence = purpose(about, view)
    found = {
        "@context": "https://schema.org",
        "@type": next((code(cls) for cls in _CLASSES if cls in types), "SoftwareApplication"),
        "@id": about.thing.value,
        "name": view.name(about.thing).value,
        "description": sentence.value if sentence else None,
        "license": _first(about, SCHEMA.license),
        "codeRepository": _first(about, SCHEMA.codeRepository),
        "url": _first(about, DCAT.landingPage),
        "author": [
            {"@type": "Organization", "@id": owner.value, "name": view.name(owner).value}
            for owner in about.iris(DCT.publisher)
        ],
    }
    return {name: value for name, value in found.items() if value}


def _first(about: Description, name: IRI) -> str | None:
    return next((value.value for value in about.iris(name)), None)
