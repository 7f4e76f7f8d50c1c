"""A file with the repository that it was found in, or what a forge says of a repository without one, as a document.

What is read from a file depends on where it was found, which its own bytes do not tell. So both are the content of one
document, and a change of either is a change.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from catalogue.errors import DocumentError
from catalogue.harvesters import _json
from catalogue.identity import Minter, Repository, repository
from catalogue.model import Document
from catalogue.publiccode.forges import repository_named
from catalogue.rdf import IRI, Literal, Triple, is_iri, text
from catalogue.vocabulary import DCAT, DCT, DOAP_PROGRAMMING_LANGUAGE, SCHEMA, XSD
from catalogue.yaml import Mapping as YamlMapping
from catalogue.yaml import Scalar
from catalogue.yaml import read as read_yaml

# Documents of this type are made here only: see `plain`.
MEDIA_TYPE = "application/vnd.open-source-catalogue.found+json"


@dataclass(frozen=True)
class Place:
    """A repository in which something was found; `others` are addresses that it had or has beside its own.

    `file` is the name of the file there, "" where there is none and `about` is what its forge says of it.
    """

    repository: str
    others: tuple[str, ...] = ()
    file: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def addresses(self) -> tuple[str, ...]:
        """All of its addresses in canonical form, its own first."""
        return tuple(dict.fromkeys(repository(address).url for address in (self.repository, *self.others)))


def packed(document: Document, place: Place) -> Document:
    """A document that holds a file with its place; without a file, what its forge says of it."""
    found = {
        "repository": place.repository,
        "others": sorted(place.others),
        "file": place.file,
        "about": place.about,
        # JSON holds no bytes that are not UTF-8; a file that is not is to be found faulty by whoever reads it.
        "text": document.content.decode(errors="surrogateescape") if place.file else "",
    }
    content = json.dumps(found, sort_keys=True).encode()
    return replace(document, content=content, media_type=MEDIA_TYPE)


def unpacked(document: Document) -> tuple[Document, Place] | None:
    """The file with its place; None of a document that holds a file only."""
    if document.media_type != MEDIA_TYPE:
        return None
    found = json.loads(document.content)
    place = Place(found["repository"], tuple(found["others"]), found["file"], found["about"])
    content = found["text"].encode(errors="surrogateescape")
    return replace(document, content=content, media_type="application/octet-stream"), place


def plain(document: Document) -> Document:
    """A document from the web, which is none of ours whatever its server says."""
    return replace(document, media_type="application/yaml") if document.media_type == MEDIA_TYPE else document


def declared(content: bytes) -> Repository | None:
    """The repository that a publiccode.yml says it is of, None where it cannot be told."""
    try:
        node = read_yaml(content).get("url")
        return repository(repository_named(node.text.strip())) if isinstance(node, Scalar) else None
    except (DocumentError, ValueError):
        return None


def is_readable(content: bytes) -> bool:
    """Whether a publiccode.yml can be read at all; what is wrong with one that cannot is to be told."""
    try:
        read_yaml(content)
    except DocumentError:
        return False
    return True


def same(minter: Minter, repo: Repository, addresses: tuple[str, ...]) -> frozenset[IRI]:
    """The IRIs that the software of a repository has under the others of its addresses."""
    others = (Repository(address, repo.path).identity for address in addresses if address != repo.url)
    return frozenset(minter.thing("solution", identity) for identity in others)


_NO_SCHEME = re.compile(r"(?:[\w-]+\.)+[A-Za-z]{2,}(?:[/?#]\S*)?")


def as_publiccode(place: Place) -> YamlMapping:
    """What a forge says of a repository, in the words of publiccode.yml."""
    about = place.about
    # Forges that tell several licences found each of them: all hold.
    licences = [name for name in _json.texts(about.get("licence")) if name not in ("NOASSERTION", "other")]
    homepage = _json.text(about.get("homepage")) or ""
    description = _json.text(about.get("description"))
    said = {
        "name": _json.text(about.get("name")) or place.addresses[0].rsplit("/", 1)[-1],
        "url": place.repository,
        "landingURL": _json.url(f"https://{homepage}" if _NO_SCHEME.fullmatch(homepage) else homepage),
        "developmentStatus": "obsolete" if about.get("archived") is True else None,
        "description": {"shortDescription": description} if description else None,
        "legal": {"license": " AND ".join(licences)} if licences else None,
    }
    return _mapping(said)


def _mapping(said: Mapping[str, Any]) -> YamlMapping:
    """The tree of what is said; what nothing is said of is left out."""
    nodes = {
        key: _mapping(value) if isinstance(value, Mapping) else Scalar(value, False, 1, 1)
        for key, value in said.items()
        if value
    }
    return YamlMapping(tuple((Scalar(key, True, 1, 1), node) for key, node in nodes.items()), 1, 1)


def more(solution: IRI, place: Place) -> Iterator[Triple]:
    """What a forge says that publiccode.yml has no words for: topics, the language of most of the code, and when it was
    created and last pushed to."""
    for topic in _json.texts(place.about.get("topics")):
        yield Triple(solution, DCAT.keyword, text(topic, "und"))
    if language := _json.text(place.about.get("language")):
        for predicate in (SCHEMA.programmingLanguage, DOAP_PROGRAMMING_LANGUAGE):
            yield Triple(solution, predicate, text(language))
    for key, predicate in (("created", DCT.issued), ("pushed", DCT.modified)):
        if day := _json.date(place.about.get(key)):
            yield Triple(solution, predicate, Literal(day, datatype=XSD.date))


def is_address(address: str) -> bool:
    """Whether an address is one of a repository that can be published."""
    try:
        return is_iri(repository(address).url) and is_iri(address)
    except ValueError:
        return False
