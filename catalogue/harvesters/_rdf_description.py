"""What a document describes: its statements by subject, and which subjects are things of their own."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, unquote

from catalogue import rdf
from catalogue.model import Kind, kind_of
from catalogue.rdf import IRI, BlankNode, Literal, Quad, Subject, Term, Triple
from catalogue.sandbox import Flaw
from catalogue.vocabulary import ADMS, DCAT, OWL, RDF, SKOS, XSD

_FILES = "file:///"
STANDALONE = frozenset({DCAT.Catalog, ADMS.AssetRepository, SKOS.ConceptScheme, OWL.Ontology})
_OF_TEXTS = frozenset({XSD.string, RDF.langString})
_DEPENDENT = frozenset({"distribution", "release", "contact"})


def file_iri(name: str) -> str:
    """What a file of a source is called within it."""
    return _FILES + quote(name)


class Statement(NamedTuple):
    """A triple of RDF 1.1, which `catalogue.rdf.Triple` is not by its type."""

    subject: Subject
    predicate: IRI
    object: Term


@dataclass(frozen=True)
class Description:
    """What a document says by subject, without duplicates; every blank node is a key, if only with nothing said."""

    about: Mapping[Subject, Mapping[Statement, None]]
    kinds: Mapping[Subject, Kind | None]
    things: frozenset[Subject]
    files: Mapping[Subject, str]
    flaws: Mapping[Subject, Sequence[Flaw]]

    def objects(self, subject: Term, *predicates: IRI) -> list[Term]:
        """The values of the first of the predicates that has any, sorted."""
        said = () if isinstance(subject, Literal) else self.about.get(subject, ())
        for predicate in predicates:
            if found := [statement.object for statement in said if statement.predicate == predicate]:
                return sorted(found, key=str)
        return []

    def values(self, subject: Term, *predicates: IRI) -> list[str]:
        return [term.value for term in self.objects(subject, *predicates) if not isinstance(term, BlankNode)]

    def file(self, subject: Subject) -> str | None:
        """The file of a directory that says what a subject is, else the first that mentions it."""
        graph = self.files.get(subject)
        return unquote(graph.removeprefix(_FILES)) if graph else None


def described(quads: Iterable[Quad], of_files: bool) -> Description:
    """The union of all graphs; `of_files` when the graphs have the names of files."""
    about: dict[Subject, dict[Statement, None]] = defaultdict(dict)
    types: dict[Subject, set[IRI]] = defaultdict(set)
    files: dict[Subject, str] = {}
    flaws: dict[Subject, list[Flaw]] = defaultdict(list)
    empty: dict[Subject, set[Statement]] = defaultdict(set)
    for quad in quads:
        said = _statement(quad)
        if flaw := Flaw.of(quad):
            about.setdefault(said.subject, {})
            flaws[said.subject].append(flaw)
            continue
        about[said.subject][said] = None
        if isinstance(said.object, Literal) and not said.object.value and said.object.datatype in _OF_TEXTS:
            empty[said.subject].add(said)
        if isinstance(said.object, BlankNode):
            about.setdefault(said.object, {})
        first = said.subject not in files or (said.predicate == RDF.type and said.subject not in types)
        if of_files and first and isinstance(quad.graph_name, IRI):
            files[said.subject] = quad.graph_name.value
        if said.predicate == RDF.type and isinstance(said.object, IRI):
            types[said.subject].add(said.object)
    for subject, fields in empty.items():
        if len(about[subject]) > len(fields):  # else it would not be described at all
            about[subject] = {said: None for said in about[subject] if said not in fields}
    kinds = {subject: kind_of(types[subject]) if subject in types else None for subject in about}
    things = frozenset(subject for subject, kind in kinds.items() if _is_thing(kind, types.get(subject, set())))
    return Description(dict(about), kinds, things, files, flaws)


def _statement(quad: Quad) -> Statement:
    assert not isinstance(quad.subject, Triple)  # the sandbox lets RDF 1.2 through nowhere
    assert not isinstance(quad.object, Triple)
    return Statement(quad.subject, quad.predicate, _clean(quad.object))


def _is_thing(kind: Kind | None, types: set[IRI]) -> bool:
    return (kind is not None and kind.name not in _DEPENDENT) or not types.isdisjoint(STANDALONE)


def _clean(term: Term) -> Term:
    """A literal without the characters that XML cannot carry, and without the blanks that set it off in a file."""
    if not isinstance(term, Literal):
        return term
    clean = rdf.text(term.value).value
    clean = clean.strip() if term.datatype in _OF_TEXTS else clean
    if clean == term.value:
        return term
    return Literal(clean, language=term.language) if term.language else Literal(clean, datatype=term.datatype)
