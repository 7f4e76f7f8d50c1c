"""What things are known by, whatever they are called in a document: the identities that their IRIs are minted from."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import TypeVar

from catalogue import identity
from catalogue.code_lists import notations
from catalogue.harvesters._rdf_description import Description
from catalogue.identity import Minter
from catalogue.rdf import IRI, BlankNode, Literal, Subject
from catalogue.vocabulary import ADMS, DCAT, DCT, DOAP, FOAF, OWL, RDFS, SCHEMA, SKOS, V

T = TypeVar("T")

_TITLES = (DCT.title, FOAF.name, SKOS.prefLabel, DOAP.name, SCHEMA.name, RDFS.label, V.fn)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_PAGES = (FOAF.homepage, DCAT.landingPage, SCHEMA.url)


def _declared(description: Description, subject: Subject) -> Iterator[str]:
    """The addresses that a solution says are those of its repository."""
    yield from description.values(subject, SCHEMA.codeRepository)
    yield from description.values(subject, DOAP.repository)
    nodes = description.objects(subject, DOAP.repository)
    yield from sorted(url for node in nodes for url in description.values(node, DOAP.location))


def _repositories(description: Description, subject: Subject) -> Iterator[str]:
    """The addresses that can be those of a solution's repository, the likeliest first."""
    yield from _declared(description, subject)
    nodes = description.objects(subject, DCAT.distribution)
    urls = sorted(url for node in nodes for url in description.values(node, DCAT.accessURL))
    # The query of a repository's address says nothing; that of a download often says everything.
    yield from (url for url in urls if "?" not in url)


def _identifiers(description: Description, subject: Subject) -> list[str]:
    """The identifiers of an organisation as URIs; a number only together with the agency that gave it."""
    found = set()
    for node in description.objects(subject, ADMS.identifier):
        agencies = description.values(node, ADMS.schemaAgency) or description.values(
            node, ADMS.schemeAgency, DCT.creator
        )
        for notation in description.values(node, SKOS.notation):
            if _URI.fullmatch(notation):
                found.add(notation)
            elif agencies:
                found.add(f"{agencies[0]}:{notation}")
    return sorted(found)


def title_of(description: Description, subject: Subject) -> str:
    """The English title, else the first in alphabetical order."""
    titles = [term for term in description.objects(subject, *_TITLES) if isinstance(term, Literal)]
    return min(titles, key=lambda term: (term.language != "en", term.value)).value if titles else ""


def _solution(description: Description, subject: Subject, minter: Minter) -> Iterator[IRI]:
    yield from _usable(minter.solution, _repositories(description, subject))


def is_declared(description: Description, subject: Subject, minter: Minter, iri: IRI) -> bool:
    """Whether the IRI is minted of what is said to be the thing's own: its repository, its identifier, its name."""
    kind = description.kinds[subject]
    if kind and kind.name == "solution":
        own = tuple(_usable(minter.solution, _declared(description, subject)))
        return iri in own or iri not in tuple(_solution(description, subject, minter))
    own = tuple(_usable(lambda uri: minter.organisation(uri, ""), _identifiers(description, subject)))
    return iri in own


def distinguishing(description: Description, subject: Subject) -> list[str]:
    """What says, beside its title, which software a nameless one is: its identifiers, its pages, who publishes it."""
    publishers = description.objects(subject, DCT.publisher, DCT.creator)
    names = (title_of(description, node) if isinstance(node, BlankNode) else node.value for node in publishers)
    own = (value for name in (DCT.identifier, *_PAGES, DOAP.homepage) for value in description.values(subject, name))
    return sorted(filter(None, (*own, *names)))


def _organisation(description: Description, subject: Subject, minter: Minter) -> Iterator[IRI]:
    uris = (*_identifiers(description, subject), *description.values(subject, FOAF.homepage))
    yield from _usable(lambda uri: minter.organisation(uri, ""), uris)
    if name := title_of(description, subject):
        yield minter.organisation(None, name)


def _page_of(kind: str) -> Callable[[Description, Subject, Minter], Iterator[IRI]]:
    def identify(description: Description, subject: Subject, minter: Minter) -> Iterator[IRI]:
        pages = description.values(subject, *_PAGES)
        yield from _usable(lambda page: minter.thing(kind, identity.web_address(page)), pages)

    return identify


def _usable(read: Callable[[str], T], values: Iterable[str]) -> Iterator[T]:
    for value in values:
        with suppress(ValueError):  # not the address of what it should be: the next may be
            yield read(value)


def parent_identity(description: Description, parent: Subject, iri: IRI) -> str:
    """What the identities of a thing's distributions and releases start with: its repository's, else its IRI."""
    repositories = _usable(identity.repository, _repositories(description, parent))
    return next((repository.identity for repository in repositories), iri.value)


def local_part(description: Description, part: Subject, kind: str, parent_identity: str) -> str | None:
    """What tells a release or distribution from its sisters in every source: its version, or that it is the source.

    publiccode.yml files give theirs the same identities.
    """
    if kind == "release":
        return next(iter(description.values(part, SCHEMA.softwareVersion, DCAT.version, OWL.versionInfo)), None)
    urls = () if description.objects(part, DCAT.downloadURL) else description.values(part, DCAT.accessURL)
    is_source = any(found.identity == parent_identity for found in _usable(identity.repository, urls))
    return "source" if is_source else None


IDENTITIES: Mapping[str, Callable[[Description, Subject, Minter], Iterator[IRI]]] = {
    "solution": _solution,
    "administration": _organisation,
    "owner": _organisation,
    **{kind: _page_of(kind) for kind in ("initiative", "document", "article", "event")},
}


# Other IRIs of one thing.


# On these hosts a repository is below the account that it belongs to.
_ACCOUNT_HOSTS = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gitee.com"})


def same_as(description: Description, subject: Subject, minter: Minter) -> Iterator[IRI]:
    """The IRIs minted of what a thing says it is known by."""
    kind = description.kinds[subject]
    if kind and kind.name == "solution":
        yield from _same_solution(description, subject, minter)
    elif kind and kind.name in ("administration", "owner"):
        yield from _same_organisation(description, subject, minter)


def _same_solution(description: Description, subject: Subject, minter: Minter) -> Iterator[IRI]:
    """By its repository, if it declares just one: several are as likely those of its parts.

    A release that is not said to be one has the repository of what it is a version of.
    """
    if description.objects(subject, DCT.isVersionOf, DCAT.isVersionOf):
        return
    found = {found.identity: url for url in _declared(description, subject) for found in _usable(_repository, [url])}
    if len(found) == 1:
        yield from map(minter.solution, found.values())


def _repository(url: str) -> identity.Repository:
    """Raises ValueError for what is no repository, or an account with many of them, too."""
    found = identity.repository(url)
    host, _, path = found.url.removeprefix("https://").partition("/")
    if not path or (host in _ACCOUNT_HOSTS and "/" not in path):
        raise ValueError(f"{url!r} is no repository")
    return found


def _same_organisation(description: Description, subject: Subject, minter: Minter) -> Iterator[IRI]:
    identifiers = _identifiers(description, subject)
    uris = (*identifiers, *description.values(subject, FOAF.account))
    yield from _usable(lambda uri: minter.organisation(uri, ""), uris)
    countries = {code for place in description.objects(subject, DCT.spatial) if (code := _countries().get(place))}
    if not identifiers and len(countries) == 1:
        names = {term.value for title in _TITLES for term in description.objects(subject, title)}
        yield from (minter.organisation(None, name, *countries) for name in names if name.strip())


@cache
def _countries() -> Mapping[object, str]:
    """The ISO 3166-1 alpha-2 codes of the EU's concepts of countries."""
    return {concept: code for code, concept in notations("country").items()}
