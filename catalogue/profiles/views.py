"""Views of descriptions, and what of them obeys a profile's shapes."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from catalogue.model import Severity
from catalogue.profiles.tables import Kind, Profile
from catalogue.publication import Publication
from catalogue.rdf import IRI, Literal, Term, Triple
from catalogue.validation import engine
from catalogue.validation.closure import closure, listed
from catalogue.validation.facts import Facts
from catalogue.validation.shapes import Result, packaged
from catalogue.vocabulary import DCAT, DCT, FOAF, PROV, RDF, SKOS, V


def view(triples: Iterable[Triple], about: IRI, profile: Profile) -> set[Triple]:
    """What a profile says of a thing, its parts and what they name, from a description; `view` of it is itself.

    Empty when the thing is of no kind that the profile has.
    """
    facts = Facts(triples)
    made = _View(facts, profile.kinds)
    kind = next((name for name in profile.kinds if made.is_of(about, name)), None)
    if kind is not None:
        made.describe(about, kind)
    if "record" in profile.kinds and kind in ("catalogue", "solution"):
        for page in facts.subjects(FOAF.primaryTopic, about):
            if made.is_of(page, "record"):
                made.describe(page, "record")
    return made.triples


class _View:
    """A view as it grows, from one node to those that it names."""

    def __init__(self, facts: Facts, kinds: Mapping[str, Kind]) -> None:
        self.triples: set[Triple] = set()
        self._facts, self._kinds = facts, kinds
        self._seen: set[tuple[Term, str]] = set()

    def is_of(self, node: Term, kind: str) -> bool:
        types = self._about(node).objects(node, RDF.type)
        return any(cls in types for cls in self._kinds[kind].classes)

    def describe(self, node: Term, kind: str) -> None:
        if (node, kind) in self._seen or isinstance(node, Literal):
            return
        self._seen.add((node, kind))
        facts, row = self._about(node), self._kinds[kind]
        types = facts.objects(node, RDF.type)
        self.triples.update(
            Triple(node, RDF.type, cls) for cls in (row.classes[0], *(also for also in row.also if also in types))
        )
        for one in row.properties:
            for value in one.values(node, facts):
                self.triples.add(Triple(node, one.name, value))
                if one.gives is not None and not isinstance(value, Literal):
                    self.triples.add(Triple(value, RDF.type, one.gives))
                if one.into and self.is_of(value, one.into):
                    self.describe(value, one.into)

    def _about(self, node: Term) -> Facts:
        """What is said of a node; of a term of a code list, what the list says of it."""
        return _listed(node) if listed(node) else self._facts


@lru_cache(4096)
def _listed(node: IRI) -> Facts:
    return Facts(closure((Triple(node, SKOS.related, node),)))


# What obeys the shapes


@dataclass(frozen=True)
class Omission:
    """What a profile's view of a thing (`about`) lacks although it is published: `iri`, which is the thing itself or a
    node of it, or, where there is a `value`, only that value of it."""

    about: IRI
    iri: str
    reasons: tuple[str, ...]
    value: str = ""


@dataclass(frozen=True)
class Conforming:
    """A thing as a profile wants it, without violations of its shapes; no triples when that cannot be had."""

    about: IRI
    triples: frozenset[Triple]
    omissions: tuple[Omission, ...] = ()


# Data of a natural person is for the page of their software, not for copying on: publiccode.yml asks for real people.
PERSONS = (V.Individual, FOAF.Person)


# What is left out: a node (None, None), or one value of one of its properties.
_Fault = tuple[Term, IRI | None, Term | None]


def conforming(triples: Collection[Triple], about: IRI, profile: Profile, *, persons: bool = True) -> Conforming:
    """The view of a thing, and what had to be left out so that it obeys the profile's shapes.

    A value that is wrong is left out; a node that lacks something goes, with all references to it; when that is the
    thing itself, all goes. Without `persons`, they are left out before.
    """
    said = Facts(triples)
    used = triples if persons else without_persons(triples)
    kept = view(used, about, profile)
    if not kept:
        reason = f"{profile.title} has nothing of this kind."
        return Conforming(about, frozenset(), (Omission(about, about.value, (reason,)),))
    say = _Reasons(profile, said, Facts(used))
    omissions: list[Omission] = []
    known: dict[_Fault, list[str]] = {}
    while faults := _faults(kept, profile, say, known):
        known |= faults
        omissions += (_omission(about, fault, reasons) for fault, reasons in faults.items())
        if (about, None, None) in faults:
            return Conforming(about, frozenset(), (_whole(about, omissions),))
        kept = view(_without(kept, faults), about, profile)
    return Conforming(about, frozenset(kept), tuple(omissions))


def without_persons(triples: Iterable[Triple]) -> list[Triple]:
    """The statements but those about natural persons and those that name them."""
    triples = list(triples)
    persons = {t.subject for t in triples if t.predicate == RDF.type and t.object in PERSONS}
    return [t for t in triples if t.subject not in persons and t.object not in persons]


def _faults(
    kept: set[Triple], profile: Profile, say: "_Reasons", known: Mapping[_Fault, list[str]]
) -> dict[_Fault, list[str]]:
    found: dict[_Fault, list[str]] = {}
    for result in engine.evaluate(kept, packaged(profile.name)):
        if result.severity is Severity.VIOLATION:
            path = result.path if isinstance(result.path, IRI) else None
            of_value = path is not None and result.value is not None
            fault = (result.focus, path, result.value) if of_value else (result.focus, None, None)
            reasons = found.setdefault(fault, [])
            if (reason := say.of(result, known)) not in reasons:
                reasons.append(reason)
    return found


def _without(kept: set[Triple], faults: Collection[_Fault]) -> set[Triple]:
    nodes = {node for node, path, _ in faults if path is None}
    return {
        t
        for t in kept
        if t.subject not in nodes and t.object not in nodes and (t.subject, t.predicate, t.object) not in faults
    }


@dataclass(frozen=True)
class _Reasons:
    """Says why something breaks the profile, with what was said of it before (`said`) and without persons (`used`)."""

    profile: Profile
    said: Facts
    used: Facts

    def of(self, result: Result, known: Mapping[_Fault, list[str]]) -> str:
        """The reason in words; what a node lacks because of what was left out before (`known`), by that."""
        path = result.path
        given = self.said.objects(result.focus, path) if isinstance(path, IRI) and result.value is None else ()
        if not given or not isinstance(path, IRI):
            return packaged(self.profile.name).texts[result.shape].messages["en"]
        if not self.used.objects(result.focus, path):
            return f"All it has as {_local(path)} are natural persons, who are left out."
        names = ", ".join(sorted(map(self._name, given)))
        if path == DCT.license:
            return f"{self.profile.title} wants a single licence with its type; this has {names}."
        faults = [fault for value in given for fault in ((value, None, None), (result.focus, path, value))]
        causes = dict.fromkeys(cause for fault in faults for cause in known.get(fault, ()))
        return f"It has {_local(path)}, but none that can be used. {' '.join(causes) or names}"

    def _name(self, value: Term) -> str:
        names = sorted(map(_text, self.said.objects(value, DCT.title))) if isinstance(value, IRI) else []
        return names[0] if names else _text(value)


def _omission(about: IRI, fault: _Fault, reasons: list[str]) -> Omission:
    node, path, value = fault
    what = f"{_local(path)} {_text(value)}" if path is not None and value is not None else ""
    return Omission(about, _text(node), tuple(reasons), what)


def _whole(about: IRI, omissions: list[Omission]) -> Omission:
    """All reasons why a thing is left out: its own, then those of its nodes and values."""
    own = [reason for one in omissions if one.iri == about.value and not one.value for reason in one.reasons]
    others = [one for one in omissions if one.iri != about.value or one.value]
    more = [f"{one.value or one.iri}: {reason}" for one in others for reason in one.reasons]
    return Omission(about, about.value, (*own, *more))


def _text(term: Term) -> str:
    return term.value


def _local(path: IRI) -> str:
    return path.value.replace("#", "/").rpartition("/")[2]


def described(publication: Publication, thing: IRI) -> set[Triple]:
    """A description with all that profiles want to know: of releases and of agents and licences, more than names."""
    triples = publication.description(thing)
    for release in _named(triples, (DCT.hasVersion, DCAT.hasVersion)):
        triples |= publication.description(release)
    for node in _named(triples, (DCT.publisher, DCT.creator, DCT.license, PROV.agent)):
        triples.update(publication.store.triples(node, None, None))
    return triples


def _named(triples: Iterable[Triple], predicates: tuple[IRI, ...]) -> set[IRI]:
    return {t.object for t in triples if t.predicate in predicates and isinstance(t.object, IRI)}
