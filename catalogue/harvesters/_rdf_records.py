"""Descriptions as records, with findings on what they lack."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence

from catalogue import identity
from catalogue.errors import DocumentError
from catalogue.harvesters._rdf_description import STANDALONE, Description, Statement
from catalogue.harvesters._rdf_identity import title_of
from catalogue.harvesters._rdf_names import Names
from catalogue.model import Finding, Reading, Record, Report, Severity
from catalogue.rdf import IRI, Subject
from catalogue.sandbox import Flaw
from catalogue.vocabulary import ADMS, DCT, FOAF, OWL, PROV, RDF, RDFS, SKOS, SPDX, V

_MOST_NAMED = 3
_LOCAL = ("urn:", "file:")
_FIXES = {
    "IRI": "Write what no IRI can have percent-encoded, or leave it out if it is none",
    "language tag": "Write the tag with hyphens, such as pt-BR",
}
# Vocabularies whose classes are those of words, and of what belongs to things.
_OF_PARTS = tuple(one.iri for one in (OWL, RDF, RDFS, SKOS, ADMS, DCT, FOAF, PROV, SPDX, V))
_EMPTY = Finding(
    Severity.VIOLATION,
    "rdf: nothing can be kept of what is said here, since the names in it are no IRIs",
    fix="Name things by IRIs: a scheme, and nothing that has to be percent-encoded",
)


def unreadable(key: str, origin: str, error: DocumentError) -> Reading:
    """The reading of a document that says nothing that could be kept."""
    finding = Finding(Severity.VIOLATION, str(error), fix=error.fix, line=error.line, column=error.column)
    return Reading(key, origin, Report((finding,)))


def readings_of(names: Names, origin: str, content: bytes) -> Iterator[Reading]:
    """A reading for each thing described, in the order of their IRIs."""
    document_hash = hashlib.sha256(content).hexdigest()
    for iri, subjects in sorted(names.records().items(), key=lambda item: item[0].value):
        yield reading_of(iri, names, subjects, origin, document_hash)


def reading_of(iri: IRI, names: Names, subjects: Collection[Subject], origin: str, document_hash: str) -> Reading:
    """What is said of some subjects, as the record of the thing with this IRI.

    Its key is the hash of the thing's name in the source, of its minted IRI where it has none.
    """
    description = names.description
    things = [subject for subject in subjects if names.iri(names.owners[subject]) == iri == names.iri(subject)]
    known = sorted(thing.value for thing in things if isinstance(thing, IRI))
    key = identity.key(known[0] if known else iri.value)
    files = [file for thing in things if (file := description.file(thing))]
    said = [statement for subject in subjects for statement in description.about[subject]]
    origin = min(files, default=origin)
    flaws = tuple(_flaw(flaw) for subject in subjects for flaw in description.flaws.get(subject, ()))
    if not said:
        return Reading(key, origin, Report((_EMPTY, *flaws)))
    record = Record(
        key=key,
        iri=iri,
        triples=frozenset(map(names.triple, said)),
        origin=origin,
        document_hash=document_hash,
        same=frozenset(other for thing in things for other in names.same(thing)),
    )
    unknown = (finding for thing in things for finding in _of_no_kind(thing, subjects, names))
    return Reading(key, origin, Report((*_merged(known), *unknown, *_dangling(said, description), *flaws)), record)


def _merged(known: Sequence[str]) -> Iterator[Finding]:
    if len(known) > 1:
        yield Finding(
            Severity.WARNING,
            f"rdf: {' and '.join(known)} have the same identity, so they are read as one thing",
            fix="Give them different repositories, identifiers or pages, or one name",
        )


def _of_no_kind(thing: Subject, subjects: Collection[Subject], names: Names) -> Iterator[Finding]:
    """That a thing with a name, for which somebody may look, has no page in the catalogue; or what a catalogue has."""
    if names.description.kinds[thing] is not None:
        return
    is_listing = any(IRI(one) in STANDALONE for one in names.description.values(thing, RDF.type))
    nodes = [node for node in subjects if isinstance(node, IRI)] if is_listing else [thing]
    unknown = [node for node in nodes if _is_unknown(node, names.description)]
    if not unknown or (not is_listing and names.is_referred_to(thing)):
        return
    classes = sorted({one for node in unknown for one in names.description.values(node, RDF.type)})
    shown = ", ".join(classes[:_MOST_NAMED])
    what = f"of the things in it, {len(unknown):,} have no page" if is_listing else "it is kept, but has no page"
    yield Finding(
        Severity.WARNING,
        f"rdf: {what}, as the catalogue has no kind of thing for {shown or 'what has no class'}",
        path=RDF.type.value,
        value=classes[0] if classes else None,
        fix="If it is software, say that it is a doap:Project, adms:Asset, dcat:Dataset or schema:SoftwareApplication",
    )


def _is_unknown(node: Subject, description: Description) -> bool:
    """Whether a node has a name, and no class of a vocabulary that describes words or what belongs to things."""
    classes = description.values(node, RDF.type)
    is_known = description.kinds[node] is not None or any(IRI(one) in STANDALONE for one in classes)
    is_part = any(one.startswith(_OF_PARTS) for one in classes)
    return not is_known and not is_part and bool(title_of(description, node))


def _dangling(said: Iterable[Statement], description: Description) -> Iterator[Finding]:
    """Names that nobody can look up, as they are of this source alone, but not described in it."""
    targets = {(statement.object, statement.predicate) for statement in said if isinstance(statement.object, IRI)}
    local = ((target, path) for target, path in targets if target.value.startswith(_LOCAL))
    for target, path in sorted((pair for pair in local if pair[0] not in description.about), key=str):
        yield Finding(
            Severity.WARNING,
            f"rdf: {target} is described nowhere in the document",
            path=path.value,
            value=target.value,
            fix="Describe it, correct its name, or refer to an http(s) address",
        )


def _flaw(flaw: Flaw) -> Finding:
    mended = f"it is read as {flaw.mended}" if flaw.mended else "what is said with it is left out"
    return Finding(
        Severity.WARNING,
        f"rdf: {flaw.written!r} is no {flaw.part}; {mended}",
        path=flaw.predicate or None,
        value=flaw.written,
        fix=_FIXES.get(flaw.part),
        line=flaw.line,
        column=flaw.column,
    )
