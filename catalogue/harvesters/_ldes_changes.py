"""The members of a page as changes of objects: which object, when, and what is said of it from then on.

Of a DCAT-AP feed a member is an activity, its object the entity, and the graph named after the activity what is said of
it. Of other streams a member is a version of its object, of which it speaks in its own name, or the object itself; with
it go the nodes that it leads to and that the page describes, but for those that members are about.
Create and update are the same to a catalogue, and so is an activity without a type: only a deletion is different.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from catalogue.errors import DocumentError
from catalogue.harvesters._ldes_page import Page, Path, Stream
from catalogue.harvesters._rdf_description import Statement
from catalogue.model import Finding, Severity
from catalogue.rdf import IRI, BlankNode, Literal, Term
from catalogue.vocabulary import AS, DCT, PROV, RDF

# What many members lead to is repeated for each: a page may grow by this factor, or to this many statements.
_MAX_GROWTH = 20
_MAX_STATEMENTS = 1_000_000
_MAX_IRI = 2_000
# Of a number that orders members, and of a word.
_DIGITS = 40

# A declared path that leads nowhere is tried, then these: contexts of JSON-LD that turn `as:published` into an address
# on the page's host are common.
_VERSION_OF: Path = (AS.object.value,)
_TIMESTAMPS: tuple[Path, ...] = ((AS.published.value,), (PROV.generatedAtTime.value,))
_IS_VERSION_OF: Path = (DCT.isVersionOf.value,)
_TYPE: Path = (RDF.type.value,)
# When a thing itself was changed is a part of its description, and stays when it is what orders the versions.
_DESCRIBES = frozenset({DCT.created.value, DCT.issued.value, DCT.modified.value})
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True)
class Change:
    """What a member says; `payload` is about `object`, None when that was deleted, and empty when the page does not say
    it. `timestamp` is in UTC and sorts as text, with what orders changes of one time; None when the member has none."""

    member: str
    object: str
    timestamp: str | None
    payload: tuple[Statement, ...] | None

    @property
    def is_state(self) -> bool:
        """Whether the member is the object itself, not one of its versions: it may be said anew."""
        return self.member == self.object


def changes(page: Page, stream: Stream, members: Iterable[Term]) -> Iterator[Change | Finding]:
    """What members of a page say, in order, and what is wrong with them.

    Raises DocumentError when they share so much that the page is far larger in parts than as a whole.
    """
    left = max(_MAX_STATEMENTS, _MAX_GROWTH * len(page))
    about = (node for one in page.members for node in (one, *_objects(page, stream, one, timed=True)))
    apart = frozenset(about) | page.controls
    for member in members:
        for found in _read(page, stream, member, apart):
            left -= len(found.payload or ()) if isinstance(found, Change) else 0
            if left < 0:
                raise DocumentError(
                    "the members of this page share too many long descriptions", fix="Give what they share an IRI"
                )
            yield found


def moment(text: str) -> str | None:
    """A time in UTC, in a form that sorts as text; without a zone it is taken for UTC. None for what is no time."""
    try:
        parsed = datetime.fromisoformat(_DATE.sub(r"\1T00:00:00\2", text.strip()))
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC).isoformat("T", "microseconds")
    except (ValueError, OverflowError):
        return None


def _read(page: Page, stream: Stream, member: Term, apart: Collection[Term]) -> Iterator[Change | Finding]:
    if not isinstance(member, IRI):
        yield _finding(member, "has no IRI, so it cannot be told from others", "Give each member an IRI")
        return
    texts = _timestamps(page, stream, member)
    times = [time for text in texts if (time := moment(text))]
    if texts and not times:
        fix = "Write it as 2026-01-31T12:00:00Z"
        yield _finding(member, f"has a timestamp that is none: {texts[0][:80]!r}", fix, Severity.WARNING)
    about = _objects(page, stream, member, timed=bool(times))
    if len(about) != 1 or not isinstance(about[0], IRI) or len(about[0].value) > _MAX_IRI:
        yield _finding(member, "does not say with one IRI what object it is about", "Name one object by its IRI")
        return
    order = " ".join(filter(None, (max(times, default=""), _sequence(page, stream, member))))
    change = Change(member.value, about[0].value, order or None, None)
    if _is_deletion(page, stream, member):
        yield change
    else:
        yield replace(change, payload=_payload(page, stream, member, about[0], apart))


def silent(change: Change, why: str) -> Finding:
    """That nobody says what a member is to say."""
    fix = "Describe the object in the graph that is named after the member, or answer at the member's address"
    return _finding(IRI(change.member), f"says nothing of its object on this page, {why}", fix)


def _finding(member: Term, says: str, fix: str, severity: Severity = Severity.VIOLATION) -> Finding:
    name = member.value if isinstance(member, IRI) else str(member)
    return Finding(severity, f"ldes: the member {name[:_MAX_IRI]} {says}", path="tree:member", value=name, fix=fix)


def _timestamps(page: Page, stream: Stream, member: IRI) -> list[str]:
    paths = (stream.timestamp, *_TIMESTAMPS)
    found = ([v.value for v in page.values(member, path) if isinstance(v, Literal)] for path in paths)
    return next(filter(None, found), [])


def _sequence(page: Page, stream: Stream, member: IRI) -> str:
    """What orders members of one time, in a form that sorts as text: numbers, times and words."""
    written = max((v.value for v in page.values(member, stream.sequence) if isinstance(v, Literal)), default="")
    return written.zfill(_DIGITS) if written.isdecimal() else moment(written) or written[:_DIGITS]


def _objects(page: Page, stream: Stream, member: Term, timed: bool) -> list[Term]:
    """What a member is about: itself when it names nothing else.

    A stream that declares no path to the object may still have versions, which then say when they were made; but in a
    list that is no stream, what is a version of something is a thing of its own: a release.
    """
    paths = [stream.version_of, _VERSION_OF]
    if stream.is_stream and timed and not stream.version_of:
        paths.append(_IS_VERSION_OF)
    return next(filter(None, (page.values(member, path) for path in paths)), [member])


def _is_deletion(page: Page, stream: Stream, member: IRI) -> bool:
    said = page.values(member, stream.delete_path or _TYPE)
    declared = {value.value for value in said if not isinstance(value, BlankNode)} & set(stream.deletes)
    return bool(declared) or AS.Delete in page.objects(member, RDF.type)


def _payload(page: Page, stream: Stream, member: IRI, about: IRI, apart: Collection[Term]) -> tuple[Statement, ...]:
    """What is said of the object: in the member's graph, else by the member as a version, else beside it; an activity
    may also lead to a graph without a name."""
    named, star = page.graph(member), page.star(member, apart)
    if any(said.predicate == AS.object and said.subject == member for said in star):
        return tuple(named or page.inner_graphs(star) or page.star(about, apart))
    if about == member:
        return tuple(named or star)
    return tuple(_of_object(named or _without_version(star, stream, member), member, about)) or tuple(
        page.star(about, apart)
    )


def _without_version(quads: Iterable[Statement], stream: Stream, member: IRI) -> Iterator[Statement]:
    """What a version says, but not that and since when it is one."""
    declared = {path[0] for path in (stream.version_of, stream.timestamp) if len(path) == 1}
    own = (declared | {*_IS_VERSION_OF, PROV.generatedAtTime.value}) - _DESCRIBES
    return (said for said in quads if said.subject != member or said.predicate.value not in own)


def _of_object(quads: Iterable[Statement], member: IRI, about: IRI) -> Iterator[Statement]:
    """The same said of the object instead of the version."""
    for said in quads:
        subject = about if said.subject == member else said.subject
        yield Statement(subject, said.predicate, about if said.object == member else said.object)
