"""The profiles as people read them: classes, properties, obligations, ranges and code lists, out of the shapes."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from catalogue.code_lists import names, resources, triples
from catalogue.model import Severity
from catalogue.rdf import IRI, SYNTAXES, Literal, Term, read
from catalogue.validation import examples
from catalogue.validation.facts import Facts
from catalogue.validation.shapes import PROFILES, Shape, Targeted, packaged
from catalogue.vocabulary import DCT, PREFIXES, RDF, RDFS, SH, SKOS, XSD

TITLES: Mapping[str, str] = {
    "adms-ap": "ADMS-AP 2.01",
    "dcat-ap": "DCAT-AP 3.0.1",
    "cpov": "CPOV 2.1.2",
    "catalogue": "This catalogue’s own profile",
}
"""The profiles with a page, as they are called."""

ABOUT: Mapping[str, str] = {
    "adms-ap": "How the EU describes interoperability solutions, and what Joinup asks of a federated catalogue.",
    "dcat-ap": "How public catalogues in Europe describe datasets, and with them anything else they list.",
    "cpov": "How the EU describes public organisations.",
    "catalogue": "What this catalogue asks beyond the European profiles, so that a description is found and used.",
}
OBLIGATIONS: Mapping[str, str] = {"M": "mandatory", "R": "recommended", "O": "optional"}


def _sh(name: str) -> IRI:
    return IRI(SH.iri + name)


_RDF_LANGSTRING = IRI("http://www.w3.org/1999/02/22-rdf-syntax-ns#langString")
_WORDS: Mapping[Term, str] = {
    _sh("Literal"): "text",
    _sh("IRI"): "link",
    _sh("BlankNode"): "node",
    _sh("BlankNodeOrIRI"): "link or node",
    _sh("IRIOrLiteral"): "link or text",
    _sh("BlankNodeOrLiteral"): "node or text",
    _RDF_LANGSTRING: "text with its language",
    XSD.string: "text without language",
}
_MOST_CODES = 12
_PREFIX = re.compile(r"^@prefix (\w+): <([^>]*)>", re.MULTILINE)
_SEVERITIES: Mapping[Term, Severity] = {
    SH.Violation: Severity.VIOLATION,
    SH.Warning: Severity.WARNING,
    SH.Info: Severity.INFO,
}
_OBLIGED = {Severity.VIOLATION: "M", Severity.WARNING: "R", Severity.INFO: "O"}


@dataclass(frozen=True)
class Demand:
    """One shape: what it says to who does not obey; `anchor` is the local name of its IRI.

    `refused` are statements that it refuses, in Turtle; empty where what it refuses is that there are none.
    """

    anchor: str
    severity: Severity
    message: str
    refused: str = ""


@dataclass(frozen=True)
class List:
    """A code list that values are of."""

    title: str
    iri: str


@dataclass(frozen=True)
class Property:
    """What the shapes of a class say of one path: `count` is as in `0..n`, `ranges` are words or compact IRIs.

    `accepted` are statements in Turtle that obey all of them.
    """

    path: str
    name: str
    obligation: str
    count: str
    ranges: tuple[str, ...]
    lists: tuple[List, ...]
    about: str
    see: str
    accepted: str
    demands: tuple[Demand, ...]


@dataclass(frozen=True)
class Class:
    """What is asked of the things of some classes; `demands` are those over several properties."""

    anchor: str
    name: str
    classes: tuple[str, ...]
    about: tuple[str, ...]
    see: str
    properties: tuple[Property, ...]
    demands: tuple[Demand, ...]


@dataclass(frozen=True)
class Profile:
    name: str
    title: str
    about: str
    classes: tuple[Class, ...]
    prefixes: str
    """What the examples declare, in Turtle."""


def turtle(name: str) -> bytes:
    """The shapes of a profile as they are written."""
    return (resources("shapes") / f"{name}.ttl").read_bytes()


@cache
def profile(name: str, language: str = "en") -> Profile:
    """A profile in one of `report.LANGUAGES`, as far as its shapes speak it. Raises KeyError for one there is not."""
    reader = _Reader(name, _prefixes(name), language)
    return Profile(name, TITLES[name], ABOUT[name], tuple(reader.classes(_order(name))), examples.prefixes(name))


def profiles(language: str = "en") -> tuple[Profile, ...]:
    return tuple(profile(name, language) for name in PROFILES)


def _order(name: str) -> list[Term]:
    """The shapes in the order in which they were written, which is that of their weight."""
    subjects = (quad.subject for quad in read(turtle(name), SYNTAXES["ttl"]))
    return list(dict.fromkeys(node for node in subjects if isinstance(node, IRI)))


def _prefixes(name: str) -> Mapping[str, str]:
    """The catalogue's own, and what the shapes use beyond them."""
    return {**PREFIXES, **dict(_PREFIX.findall(turtle(name).decode()))}


class _Reader:
    def __init__(self, name: str, prefixes: Mapping[str, str], language: str) -> None:
        self._name, self._prefixes, self._language = name, prefixes, language
        self._shapes = packaged(name)
        self._graph = Facts(self._shapes.triples)

    def classes(self, order: list[Term]) -> Iterator[Class]:
        """One for each set of target classes, whichever shapes have it."""
        place = {node: number for number, node in enumerate(order)}
        together: dict[tuple[str, ...], list[Targeted]] = {}
        for targeted in sorted(self._shapes.targeted, key=lambda one: place.get(one.shape.node, len(place))):
            targets = tuple(sorted(self._short(term) for terms in targeted.targets.values() for term in terms))
            together.setdefault(targets, []).append(targeted)
        yield from (self._class(targets, targeted) for targets, targeted in together.items())

    def _class(self, targets: tuple[str, ...], targeted: list[Targeted]) -> Class:
        nodes = [one.shape.node for one in targeted]
        main = nodes[0]
        shapes = [shape for one in targeted for shape in one.shape.properties]
        return Class(
            _anchor(main),
            self._text(main, RDFS.label) or targets[0],
            targets,
            tuple(filter(None, (self._text(node, RDFS.comment) for node in nodes))),
            self._link(main, RDFS.seeAlso),
            tuple(self._properties(shapes, targeted[0].targets["targetClass"])),
            tuple(self._demand(node) for node in nodes if self._text(node, _sh("message"))),
        )

    def _properties(self, shapes: list[Shape], classes: tuple[IRI, ...]) -> Iterator[Property]:
        by_path: dict[str, list[Shape]] = {}
        for shape in sorted(shapes, key=lambda one: (self._number(one.node, _sh("order")) or 0, str(one.node))):
            by_path.setdefault(self._path(shape.node), []).append(shape)
        for path, same in by_path.items():
            yield self._property(path, same, classes)

    def _property(self, path: str, compiled: list[Shape], classes: tuple[IRI, ...]) -> Property:
        shapes = [shape.node for shape in compiled]
        least = {_OBLIGED[self._severity(shape)] for shape in shapes if self._number(shape, _sh("minCount"))}
        most = [number for shape in shapes if (number := self._number(shape, _sh("maxCount"))) is not None]
        obligation = next((letter for letter in OBLIGATIONS if letter in least), "O")
        return Property(
            path,
            self._text(shapes[0], _sh("name")) or path,
            obligation,
            f"{1 if obligation == 'M' else 0}..{min(most, default='n')}",
            _distinct(self._ranges(shapes)),
            self._lists(shapes),
            " ".join(_distinct(self._text(shape, RDFS.comment) for shape in shapes)),
            self._link(shapes[0], RDFS.seeAlso),
            self._accepted(compiled, classes),
            tuple(replace(self._demand(shape.node), refused=self._refused(shape, classes)) for shape in compiled),
        )

    def _accepted(self, shapes: list[Shape], classes: tuple[IRI, ...]) -> str:
        path = shapes[0].path
        assert path is not None
        about = examples.accepted(self._name, tuple(shape.node for shape in shapes), path, classes)
        return examples.turtle(self._name, about)

    def _refused(self, shape: Shape, classes: tuple[IRI, ...]) -> str:
        assert shape.path is not None
        return examples.turtle(self._name, examples.shown(self._name, "fail", shape.node, shape.path, classes))

    def _demand(self, shape: Term) -> Demand:
        return Demand(_anchor(shape), self._severity(shape), self._text(shape, _sh("message")))

    def _severity(self, shape: Term) -> Severity:
        return next((_SEVERITIES[one] for one in self._values(shape, _sh("severity"))), Severity.VIOLATION)

    def _values(self, node: Term, predicate: IRI) -> list[Term]:
        return sorted(self._graph.objects(node, predicate), key=str)

    def _number(self, node: Term, predicate: IRI) -> int | None:
        return next((int(value.value) for value in self._values(node, predicate)), None)

    def _link(self, node: Term, predicate: IRI) -> str:
        return next((value.value for value in self._values(node, predicate) if isinstance(value, IRI)), "")

    def _text(self, node: Term, predicate: IRI) -> str:
        """The text in the language, else in English."""
        texts = {v.language: v.value for v in self._values(node, predicate) if isinstance(v, Literal)}
        return texts.get(self._language) or texts.get("en") or ""

    def _path(self, shape: Term) -> str:
        """A SPARQL property path with the prefixes that are known here."""
        (path,) = self._values(shape, _sh("path"))
        steps = self._members(path) if self._graph.objects(path, RDF.first) else [path]
        return "/".join(map(self._step, steps))

    def _step(self, node: Term) -> str:
        inverse = self._values(node, _sh("inversePath"))
        return f"^{self._short(inverse[0])}" if inverse else self._short(node)

    def _members(self, head: Term) -> list[Term]:
        found: list[Term] = []
        while head != RDF.nil:
            found += self._graph.objects(head, RDF.first)
            (head,) = self._graph.objects(head, RDF.rest)
        return found

    def _lists(self, shapes: Iterable[Term]) -> tuple[List, ...]:
        known = list_titles()
        named = [shape for shape in shapes if not isinstance(shape, Literal)]
        schemes = [scheme for shape in named for scheme in self._shapes.schemes.get(shape, ())]
        found = [List(known[scheme], scheme.value) for scheme in schemes if scheme in known]
        codes = [List(_local(scheme), scheme.value) for scheme in schemes if scheme not in known]
        return tuple(dict.fromkeys([*found, *codes[:_MOST_CODES]]))

    def _ranges(self, shapes: Iterable[Term]) -> Iterator[str]:
        """What values may be, also where only a named shape says it."""
        for shape in shapes:
            for predicate, words in _RANGES.items():
                yield from (words(value) or self._short(value) for value in self._values(shape, predicate))
            yield from self._ranges(self._values(shape, _sh("node")))
            for predicate in (_sh("or"), _sh("and"), _sh("xone")):
                for head in self._values(shape, predicate):
                    yield from self._ranges(self._members(head))
            if any(XSD.string in self._graph.objects(one, _sh("datatype")) for one in self._values(shape, _NOT)):
                yield _WORDS[_RDF_LANGSTRING]

    def _short(self, term: Term) -> str:
        """`dct:title`; an IRI of no known namespace whole."""
        matches = ((prefix, iri) for prefix, iri in self._prefixes.items() if term.value.startswith(iri))
        return next((f"{prefix}:{term.value[len(iri) :]}" for prefix, iri in matches), term.value)


_NOT = _sh("not")


def _word(value: Term) -> str:
    return _WORDS.get(value, "")


_RANGES: Mapping[IRI, Callable[[Term], str]] = {
    _sh("datatype"): _word,
    _sh("nodeKind"): _word,
    _sh("class"): _word,
    _sh("pattern"): lambda value: f"like {value.value}",
    _sh("minLength"): lambda value: f"at least {value.value} characters",
    _sh("maxLength"): lambda value: f"at most {value.value} characters",
    _sh("uniqueLang"): lambda _: "one in each language",
}


@cache
def list_titles() -> Mapping[IRI, str]:
    """The packaged code lists by their IRIs, in English."""
    found: dict[IRI, str] = {}
    for name in names():
        graph = Facts(triples(name))
        for scheme in graph.instances(SKOS.ConceptScheme):
            if isinstance(scheme, IRI):
                titles = {v.language: v.value for v in graph.objects(scheme, DCT.title) if isinstance(v, Literal)}
                found[scheme] = titles.get("en", _local(scheme))
    return found


def _local(iri: IRI) -> str:
    return iri.value.rstrip("/#").replace("#", "/").rpartition("/")[2]


def _anchor(node: Term) -> str:
    return node.value.rpartition("#")[2]


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
