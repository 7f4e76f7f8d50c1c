"""The IRI of everything that a document describes: its own where it has one on the web, else minted from identity."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from urllib.parse import unquote

from catalogue import identity
from catalogue.harvesters._rdf_blank import Blank, hash_of
from catalogue.harvesters._rdf_description import Description, Statement
from catalogue.harvesters._rdf_dialect import MAILBOXES
from catalogue.harvesters._rdf_identity import (
    IDENTITIES,
    distinguishing,
    is_declared,
    local_part,
    parent_identity,
    same_as,
    title_of,
)
from catalogue.harvesters._rdf_owners import owners_of, repeated_in
from catalogue.identity import Minter
from catalogue.model import Kind
from catalogue.rdf import IRI, Literal, Subject, Term, Triple

# Parts of things that have IRIs of their own kind, not `{thing}#…`.
_MINTED_PARTS = frozenset({"distribution", "release"})


class Names:
    """The IRI of every subject of a document; `records` says which subjects share a record. Raises DocumentError."""

    def __init__(self, description: Description, minter: Minter, source: str = "") -> None:
        self._blank = Blank(description)
        self.description, self.owners = description, owners_of(description, self._blank.tokens)
        self._minter, self._source = minter, source
        self._parents: dict[Subject, str] = {}
        self._iris: dict[Subject, IRI] = {
            subject: subject for subject in description.about if isinstance(subject, IRI) and _is_web(subject.value)
        }
        unnamed = [subject for subject in description.about if subject not in self._iris]
        self._iris.update(self._told_apart([subject for subject in unnamed if self.owners[subject] == subject]))
        self._name_parts([subject for subject in unnamed if subject not in self._iris])

    def iri(self, subject: Subject) -> IRI:
        return self._iris[subject]

    def same(self, subject: Subject) -> frozenset[IRI]:
        """The other IRIs that a thing has by its identities; see `catalogue.model.Record`."""
        return frozenset(same_as(self.description, subject, self._minter)) - {self._iris[subject]}

    def is_referred_to(self, subject: Subject) -> bool:
        return subject in self._targets

    @cached_property
    def _targets(self) -> frozenset[Term]:
        return frozenset(said.object for about in self.description.about.values() for said in about)

    def triple(self, said: Statement) -> Triple:
        """A statement as a record has it."""
        value = said.object
        # A mail address may also be the name of whoever has it, and stays what it is.
        if not isinstance(value, Literal) and said.predicate not in MAILBOXES:
            value = self._iris.get(value, value)
        return Triple(self._iris[said.subject], said.predicate, value)

    def records(self) -> Mapping[IRI, Collection[Subject]]:
        """The subjects of each record by its IRI; repeated ones are in the records of all that refer to them."""
        repeated = repeated_in(self.description, self.owners)
        found: dict[IRI, dict[Subject, None]] = defaultdict(dict)
        for subject, said in self.description.about.items():
            if subject not in repeated:
                members = found[self._iris[self.owners[subject]]]
                members[subject] = None
                members.update((s.object, None) for s in said if s.object in repeated and isinstance(s.object, IRI))
        return found

    def _told_apart(self, subjects: Iterable[Subject]) -> Mapping[Subject, IRI]:
        """The minted IRIs; an address that things of several names share is no identity of any of them, nor is one at
        which several solutions are to be had."""
        minted = {subject: self._minted(subject) for subject in subjects}
        groups: dict[IRI, list[Subject]] = defaultdict(list)
        for subject, iri in minted.items():
            groups[iri].append(subject)
        for iri, group in groups.items():
            kind = self.description.kinds[group[0]]
            titles = {title_of(self.description, subject) for subject in group} - {""}
            if kind and len(group) > 1 and (len(titles) > 1 or kind.name == "solution"):
                for subject in group:
                    if not is_declared(self.description, subject, self._minter, iri):
                        minted[subject] = self._minted_by_name(subject, kind)
        return minted

    def _minted(self, subject: Subject) -> IRI:
        kind = self.description.kinds[subject]
        identify = IDENTITIES.get(kind.name if kind else "")
        known = identify(self.description, subject, self._minter) if identify else iter(())
        return next(known, None) or self._minted_by_name(subject, kind)

    def _minted_by_name(self, subject: Subject, kind: Kind | None) -> IRI:
        name = kind.name if kind else "resource"
        name = "owner" if name == "administration" else name
        if name == "owner" and (written := title_of(self.description, subject)):
            return self._minter.organisation(None, written)
        title = " ".join(unicodedata.normalize("NFC", title_of(self.description, subject)).casefold().split())
        if isinstance(subject, IRI):
            # A name relative to a file is one of its source alone: others have files that are called the same.
            is_local = subject.value.startswith("file:") and self._source
            return self._minter.thing(name, f"{self._source} {subject.value}" if is_local else subject.value)
        if name == "solution":  # software is never known by its title alone
            parts = distinguishing(self.description, subject)
            named = " ".join((title, *parts)) if parts else self._blank.tokens[subject]
            return self._minter.thing(name, f"{name}:{named}")
        return self._minter.thing(name, f"{name}:{title}" if kind and title else self._blank.tokens[subject])

    def _name_parts(self, parts: Iterable[Subject]) -> None:
        """Names the nodes that belong to things: those with names, then blank nodes after those that refer to them."""
        slugs = {part: _slug(part.value) for part in parts if isinstance(part, IRI)}
        numbers = Counter((self._place(part), slug) for part, slug in slugs.items())
        for part, slug in slugs.items():
            unique = numbers[self._place(part), slug] == 1
            self._iris[part] = self._part(part, slug if unique else f"{slug}-{identity.key(part.value)}")
        blank = [node for node in self._blank.referrers_first() if node not in self._iris]
        numbers = Counter((self._place(node), self._blank.tokens[node]) for node in blank)
        for node in blank:
            token = self._blank.tokens[node]
            unique = numbers[self._place(node), token] == 1
            self._iris[node] = self._part(node, identity.key(token if unique else self._in_context(node, token)))

    def _parent(self, owner: Subject) -> str:
        if owner not in self._parents:
            self._parents[owner] = parent_identity(self.description, owner, self._iris[owner])
        return self._parents[owner]

    def _place(self, part: Subject) -> tuple[IRI, str]:
        kind = self.description.kinds[part]
        return self._iris[self.owners[part]], kind.name if kind and kind.name in _MINTED_PARTS else ""

    def _part(self, part: Subject, local: str) -> IRI:
        owner, kind = self._place(part)
        if kind:
            parent = self._parent(self.owners[part])
            known = local_part(self.description, part, kind, parent)
            return self._minter.thing(kind, f"{parent} {known or local}")
        return IRI(f"{owner.value}{'-' if '#' in owner.value else '#'}{local}")

    def _in_context(self, node: Subject, token: str) -> str:
        """What tells a blank node from others with the same content in the same record: what refers to it."""
        incoming = self._blank.incoming[node]
        return hash_of((token, *(f"{said.predicate} {self._iris.get(said.subject)}" for said in incoming)))


def _is_web(iri: str) -> bool:
    return iri.lower().startswith(("http://", "https://"))


def _slug(name: str) -> str:
    """The last part of a name, in letters, digits and hyphens."""
    local = re.split(r"[/#:]", unquote(name).rstrip("/#:"))[-1]
    plain = unicodedata.normalize("NFKD", local).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or identity.key(name)
