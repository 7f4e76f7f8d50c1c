"""Names and pages of IRIs, in the languages that a reader asks for, cached for one publication."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from flask import Request

from catalogue.entries import INDEXED
from catalogue.model import KINDS
from catalogue.publication import Publication
from catalogue.rdf import IRI, Literal
from catalogue.vocabulary import ADMS, DCT, DOAP, FOAF, PREFIXES, RDFS, SCHEMA, SKOS, V
from endpoint.show import Link, Text, external, short_address

# The first property that names a thing counts; the later ones name what is no catalogued thing.
_NAMES = (SKOS.prefLabel, DCT.title, FOAF.name, SCHEMA.name, DOAP.name, V.fn, RDFS.label)
# The first segments of the addresses of our pages about one thing.
_PAGES = frozenset({*KINDS, "source"})
_CACHED_NAMES = 20_000  # about 10 MB; a list of 10,000 solutions shows some 3,000 owners, topics and licences
_MOST_LANGUAGES = 6
_PRIMARY_SUBTAG = re.compile(r"[a-z]{2,3}")


class Known(NamedTuple):
    """What there is to show of an IRI: its names in all languages, its page on this host, its short code."""

    names: tuple[Text, ...]
    path: str
    code: str


class Labels:
    """The labels of one publication; safe to share between threads."""

    def __init__(self, publication: Publication) -> None:
        self._store, self._minter = publication.store, publication.minter
        self.known = lru_cache(_CACHED_NAMES)(self._look_up)
        self.name = lru_cache(_CACHED_NAMES)(self._name)
        self.link = lru_cache(_CACHED_NAMES)(self._link)

    def _look_up(self, iri: IRI) -> Known:
        return Known(self._names(iri), self._path(iri), code(iri))

    def _names(self, iri: IRI) -> tuple[Text, ...]:
        for name in _NAMES:
            texts = [Text(v.value, v.language or "") for v in self._store.objects(iri, name) if isinstance(v, Literal)]
            if texts:
                return tuple(texts)
        # An organisation of which a source knows the identifier and nothing else.
        nodes = (node for node in self._store.objects(iri, ADMS.identifier) if isinstance(node, IRI))
        notations = (value for node in nodes for value in self._store.objects(node, SKOS.notation))
        return tuple(Text(value.value) for value in notations if isinstance(value, Literal))[:1]

    def _path(self, iri: IRI) -> str:
        """The page of a thing; a node of a thing is a place on its page, a record graph the page of the record."""
        own = self._minter.base + "/"
        address, _, fragment = iri.value.partition("#")
        if address.startswith(own + "graph/record/"):
            source, _, key = address.removeprefix(own + "graph/record/").partition("/")
            return self.relative(self._minter.record(source, key))
        if address.startswith(own) and not address.startswith(own + "id/"):
            return self.relative(IRI(address)) if address.removeprefix(own).partition("/")[0] in _PAGES else ""
        thing = self._minter.entity(iri)
        kind = self._store.kind(thing)
        if kind is None or not (address.startswith(own) or kind.name in INDEXED):
            return ""
        return self.relative(self._minter.page(thing, kind.name)) + (f"#{fragment}" if thing != iri else "")

    def relative(self, iri: IRI) -> str:
        """An address of ours on whatever host it is served from."""
        return iri.value.removeprefix(self._minter.base)

    def _name(self, iri: IRI, languages: tuple[str, ...]) -> Text:
        """The name of an IRI; of one that has none, its short form."""
        return choose(self.known(iri).names, languages) or Text(compact(iri) or self._short(iri))

    def _short(self, iri: IRI) -> str:
        """Of ours the fragment or the path, whatever the host; of others the address as people read it."""
        own = self.relative(iri)
        if own == iri.value:
            return short_address(iri.value)
        return own[own.index("#") :] if "#" in own else own

    def _link(self, iri: IRI, languages: tuple[str, ...]) -> Link:
        """A link to the page of a thing, else to its own address."""
        name, path = self.name(iri, languages), self.known(iri).path
        # What is ours and has no page is nowhere else either.
        is_ours = iri.value.startswith(self._minter.base + "/")
        return Link(name, path if path or is_ours else external(iri.value).href)


def choose(texts: Iterable[Text], languages: tuple[str, ...]) -> Text | None:
    """The text in the first of the languages that has one, then without a language, then the first."""
    by_language: dict[str, Text] = {}
    for text in texts:
        by_language.setdefault(text.language.partition("-")[0].lower(), text)
    for language in (*languages, ""):
        if language in by_language:
            return by_language[language]
    return next(iter(by_language.values()), None)


def chosen(texts: Mapping[str, str], languages: tuple[str, ...]) -> Text | None:
    """`choose`, of texts by language tag."""
    return choose((Text(value, language) for language, value in texts.items()), languages)


def code(iri: IRI) -> str:
    """The last part of an IRI: `EUPL-1.2`, `ITA`."""
    return iri.value.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1]


@lru_cache(2_000)
def compact(iri: IRI) -> str:
    """`dct:title`; empty for an IRI of no namespace that we know."""
    for prefix, namespace in PREFIXES.items():
        local = iri.value.removeprefix(namespace)
        if local != iri.value and local and "/" not in local and "#" not in local:
            return f"{prefix}:{local}"
    return ""


def languages(request: Request) -> tuple[str, ...]:
    """The reader's languages, the best first, by their primary subtags: `?lang=`, Accept-Language, then English."""
    asked = (request.args.get("lang", ""), *request.accept_languages.values())
    primary = (tag.replace("_", "-").partition("-")[0].lower() for tag in asked)
    known = [tag for tag in dict.fromkeys(primary) if _PRIMARY_SUBTAG.fullmatch(tag)]
    return tuple(dict.fromkeys([*known[:_MOST_LANGUAGES], "en"]))
