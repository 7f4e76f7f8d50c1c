"""One harvest of one source: documents → readings → reconcile → write, and what it did.

What a stranger wrote never ends a harvest, and a source that fails keeps what it said before.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from catalogue.code_lists import fingerprint as lists_fingerprint
from catalogue.code_lists import resources
from catalogue.equivalence import published
from catalogue.errors import SourceError
from catalogue.fetch import Fetch, Traffic
from catalogue.harvesters import HARVESTERS
from catalogue.identity import Minter
from catalogue.model import (
    Checkpoint,
    Deleted,
    Document,
    Finding,
    Found,
    Partial,
    Reading,
    Report,
    Severity,
    Source,
    Unchanged,
)
from catalogue.operations import MISSING as _MISSING
from catalogue.operations import Memory, Operations, Run
from catalogue.places import placed
from catalogue.rdf import IRI, Triple
from catalogue.store import Outcome, Store
from catalogue.validation.report import Asked, outcome
from catalogue.visit import Visit, is_web
from catalogue.vocabulary import FOAF
from catalogue.webhooks import CLIENT

# Kinds whose readings come with a report by the rules of their own standard.
_OWN_RULES = frozenset({"publiccode", "software-catalog-api"})
# So few records that any loss is a large share.
_FEW = 5
_WHOLE, _READ = "whole ", "read "
_PROFILE = "catalogue"
# Characters of a rejected document that are kept for those who mend it.
_MOST_SHOWN = 200_000
# Findings of one harvest that are told at its end; all are stored with their records.
_MOST_TOLD = 10_000


_GONE, _BROKEN, _MENDED, _UNREAD = "gone", "broken", "mended", "unread"
# Behind the hash of a document of which more records follow: a visit may break off between two of them.
_MORE = "+"
# Of each outcome the first records are named: counts say how much happened, and memory stays flat.
MOST_NAMED = 100


@dataclass
class Account:
    """Which records became new, changed, gone, rejected, and which of them broke or were mended.

    `failing` are those that could not be used before. All that cannot be used now are named: their findings are kept.
    `unread` is what could not be read in the run before; `lost` counts what else is not read now, and `reasons` says
    why. `departed` are all records that went: of which thing, and why.
    """

    failing: Collection[str] = frozenset()
    unread: Collection[str] = frozenset()
    named: dict[str, list[str]] = field(default_factory=dict)
    rejected: set[str] = field(default_factory=set)
    mended: set[str] = field(default_factory=set)
    reasons: dict[str, list[str]] = field(default_factory=dict)
    departed: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        return len({*self.named.get(_UNREAD, ())} - {*self.unread})

    def note(self, key: str, outcome: str) -> None:
        """Notes one record."""
        if outcome == Outcome.REJECTED:
            self.rejected.add(key)
            if key not in self.failing:
                self.name(_BROKEN, key)
        elif key in self.failing:
            self.mended.add(key)
            self.name(_MENDED, key)
        if outcome != Outcome.UNCHANGED:
            self.name(outcome, key)

    def name(self, outcome: str, key: str) -> None:
        """Names what had an outcome."""
        keys = self.named.setdefault(str(outcome), [])
        if len(keys) < MOST_NAMED:
            keys.append(key)


@dataclass
class Harvest:
    """What a harvest did: how many records had which outcome, and the findings of each, by origin."""

    source: Source
    started: datetime
    account: Account = field(default_factory=Account)
    counts: Counter[str] = field(default_factory=Counter)
    findings: list[tuple[str, Finding]] = field(default_factory=list)
    rejected: list[tuple[str, Report]] = field(default_factory=list)
    traffic: Traffic = field(default_factory=Traffic)
    error: str | None = None

    @property
    def is_lacking(self) -> bool:
        """Whether records were rejected, or parts of the source could not be read; new or known."""
        return bool(self.counts[Outcome.REJECTED] or self.counts[_UNREAD])

    def run(self, ended: datetime) -> Run:
        """The entry of the harvest log."""
        times = self.started.isoformat(), ended.isoformat()
        traffic = self.traffic.requests, self.traffic.bytes
        account = self.account
        named, lost = {**account.named}, account.lost
        counts, reasons = dict(self.counts), {**account.reasons}
        return Run(self.source.id, *times, counts, self._told, *traffic, named, lost=lost, reasons=reasons)

    @property
    def _told(self) -> str | None:
        """The error as everybody may read it: without where on this machine a place is."""
        location = self.source.location
        folder = "" if is_web(location) else f"{Path(location).parent}/"
        return self.error and self.error.replace(folder, "") if len(folder) > 1 else self.error


@dataclass(frozen=True)
class Harvesting:
    """How to harvest: the network, the clock and the environment are arguments.

    `complete`: what the source no longer has is gone. `dry_run`: nothing is written. A source that would lose more
    than `most_gone` of its records at once, a share, is more likely broken than empty: they are kept, unless
    `allow_deletions`. `proceed` is called after each reading and
    each checkpoint with what has been done so far, and may raise to stop.
    Without `operations`, nothing is remembered of a source from one harvest to the next.
    """

    fetch: Fetch
    clock: Callable[[], datetime]
    complete: bool = True
    dry_run: bool = False
    allow_deletions: bool = False
    most_gone: float = 0.3
    environment: Mapping[str, str] = field(default_factory=dict)
    operations: Operations | None = None
    proceed: Callable[[Harvest], object] = bool


def harvest(store: Store, source: Source, how: Harvesting) -> Harvest:
    """Harvests one source into the store.

    A source that cannot be read ends in `Harvest.error`; everything written until then stays.
    """
    done = Harvest(source, how.clock(), _account(how.operations, source))
    if not how.dry_run:
        store.put_source(source)
    work = _Work(store, how, done)
    try:
        for found in _documents(source, work.visit()):
            work.take(found)
        work.finish()
    except SourceError as error:
        done.error = str(error)
    finally:
        work.close()
    return done


def _documents(source: Source, visit: Visit) -> Iterator[Found]:
    """What its kind finds. A place on the disk that cannot be looked into is an error of the source, but none of the
    disk that is written to meanwhile."""
    try:
        yield from HARVESTERS[source.kind].documents(visit)
    except OSError as error:
        raise SourceError(f"{source.id}: {error.filename or source.location}: {error.strerror or error}") from error


def _account(operations: Operations | None, source: Source) -> Account:
    """An account that knows what was wrong before."""
    if operations is None:
        return Account()
    unread = [origin for run in operations.runs(source.id, 1) for origin in run.records.get(_UNREAD, ())]
    return Account(operations.failing(source.id), unread)


class _Work:
    """A harvest under way."""

    def __init__(self, store: Store, how: Harvesting, done: Harvest) -> None:
        self._store, self._how, self._done = store, how, done
        self._source = done.source
        self._harvester = HARVESTERS[self._source.kind]
        self._memory = _memory(how, self._source)
        # What the source itself says is deleted need not be missing more than once.
        self._told = how.operations.wished_records(self._source.id, CLIENT) if how.operations else frozenset[str]()
        self._partial = not how.complete
        self._seen: set[str] = set()
        self._spared: set[str] = set()
        # What the catalogue has, and the source now says is not for it.
        self._leaving: set[str] = set()
        self._reread: set[str] = set()
        self._is_doubtful = False

    def visit(self) -> Visit:
        fetch = replace(self._how.fetch, traffic=self._done.traffic)
        known = _Origins(self._store, self._source.id, self._memory)
        self._visit = Visit(self._source, fetch, self._memory, known, self._how.environment)
        if "token" not in self._harvester.OPTIONS and (token := self._visit.token()):
            # Kinds that have the option themselves know better how and where their servers want it.
            self._visit = replace(self._visit, fetch=replace(fetch, bearer=(self._source.location, token)))
        return self._visit

    def take(self, found: Found) -> None:
        """Deals with one thing that the harvester found, wholly."""
        match found:
            case Reading():
                self._spare([(found.key, found.origin, self._reading(found))])
            case Unchanged(origin):
                records = self._store.read_from(self._source.id, origin)
                self._is_doubtful |= not (records and _is_settled(self._memory, origin, records.values()))
                self._as_before(records)
            case Deleted(origin):
                self._remove(self._store.read_from(self._source.id, origin), "its source says that it is no more")
            case Partial(origin, findings):
                self._partial = True
                self._unread(origin, findings)
            case Checkpoint():
                self._keep()
                self._how.proceed(self._done)
            case key, document:
                self._document(key, document)

    def finish(self) -> None:
        """Removes what is gone; the source has been read to its end."""
        if self._partial:
            unseen = [key for origin in self._reread for key in self._unseen(origin)]
            self._remove(unseen, "it is no longer in the document that it was read from")
        else:
            self._remove_missing()
        self._tidy()
        self._keep()

    def close(self) -> None:
        """Lets go of what is remembered."""
        if isinstance(self._memory, Memory):
            self._memory.close()

    def _document(self, key: str, document: Document) -> None:
        origin = document.url if document.is_remote else key
        digest, before = _document_hash(document), self._store.read_from(self._source.id, origin)
        if _is_whole(before.values(), digest):
            self._unchanged(before)
        elif not before and (made := self._made_of(key, digest)):
            self._unchanged(made)
        else:
            self._reread.add(origin)
            readings = self._harvester.readings(key, document, self._store.minter)
            # One after the other: a list of the readings would hold every record of a large document at once.
            marked = _marked(readings, digest)
            told = [(one.key, one.origin, self._reading(self._checked(one, document, mark))) for one, mark in marked]
            self._spare(told)
            if any(one is Outcome.REJECTED for _, _, one in told) or any(self._unseen(origin)):
                self._memory[_READ + origin] = ""
                return  # to be read again next time, whether or not it has changed
            if not self._store.read_from(self._source.id, origin):
                # Its records name other origins, as those of a directory's files.
                self._memory[_WHOLE + key] = [digest, len(self._of(digest))]
        self._settle(origin, digest)
        self._visit.remember(document, origin)

    def _settle(self, origin: str, digest: str) -> None:
        """Remembers of which document the records of an origin are, unless some of them are of none."""
        is_whole = _is_whole(self._store.read_from(self._source.id, origin).values(), digest)
        if is_whole and self._memory.get(_READ + origin) != digest:
            self._memory[_READ + origin] = digest
        elif not is_whole:
            self._memory.pop(_READ + origin, None)

    def _made_of(self, key: str, digest: str) -> Collection[str]:
        """The records that were made of all of a document; none where some of it is to be read again.

        There are fewer than remembered after a visit to another version of it that broke off.
        """
        made = self._of(digest)
        return made if self._memory.get(_WHOLE + key) == [digest, len(made)] else ()

    def _of(self, digest: str) -> set[str]:
        """The records that were made of the document with a hash."""
        return {key for mark in (digest, digest + _MORE) for key in self._store.made_of(self._source.id, mark)}

    def _checked(self, reading: Reading, document: Document, digest: str) -> Reading:
        """A reading fit to be written, with what is to be mended in it."""
        if reading.record is None:
            return replace(reading, original=_original(document))
        reconciled = _reconcile(reading, digest, self._store.minter)
        if self._source.kind in _OWN_RULES:
            return reconciled
        return _validated(reconciled, self._done.started)

    def _unchanged(self, keys: Collection[str]) -> None:
        self._seen.update(keys)
        self._done.counts[Outcome.UNCHANGED] += len(keys)
        self._how.proceed(self._done)

    def _as_before(self, records: Mapping[str, str]) -> None:
        """Deals with records as they were when they were last read, which is told each time of those not in use."""
        others = {key: self._store.outcome(self._source.id, key) for key, digest in records.items() if not digest}
        self._unchanged([key for key in records if others.get(key, Outcome.UNCHANGED) is Outcome.UNCHANGED])
        for key, before in others.items():
            if before is not Outcome.UNCHANGED:
                self._seen.add(key)
                self._done.counts[before] += 1
            if before is Outcome.OUTSIDE:
                self._outside(key)

    def _outside(self, key: str) -> None:
        """What is not for this catalogue is missing from what the source has for it, and goes like what is missing."""
        if self._store.holds(self._source.id, key):
            self._seen.discard(key)
            self._leaving.add(key)

    def _reading(self, reading: Reading) -> Outcome | None:
        if reading.key in self._seen and not self._partial:
            self._repeated(reading)
            return None
        self._seen.add(reading.key)
        written = reading.record.original if reading.record else reading.original
        reading = replace(reading, report=placed(reading.report, written))
        dry_run, done = self._how.dry_run, self._done
        outcome = self._store.preview(self._source, reading) if dry_run else self._store.put(self._source, reading)
        done.counts[outcome] += 1
        done.account.note(reading.key, outcome)
        self._find(reading.origin, reading.report.findings)
        if outcome is Outcome.REJECTED and len(done.rejected) < _MOST_TOLD:
            done.rejected.append((reading.origin, reading.report))
        if outcome is Outcome.OUTSIDE:
            self._outside(reading.key)
        self._how.proceed(done)
        return outcome

    def _spare(self, told: Collection[tuple[str, str, Outcome | None]]) -> None:
        """An origin of which nothing could be read says nothing of the records that were read from it before.

        Nor does a source whose own address answers with such say anything of what it leads to.
        """
        read = {origin for _, origin, one in told if one is not Outcome.REJECTED}
        for key, origin in {(key, origin) for key, origin, _ in told if origin not in read}:
            self._spared.update(self._store.read_from(self._source.id, origin))
            self._partial |= self._source.location in (key, origin)

    def _repeated(self, reading: Reading) -> None:
        message = f"The source has the record {reading.key} more than once; the first is taken."
        self._find(reading.origin, (Finding(Severity.WARNING, message),))
        self._done.counts["repeated"] += 1

    def _unread(self, origin: str, findings: Collection[Finding]) -> None:
        """Tells of what there is no record of, as there is of what was read and rejected."""
        if findings:
            self._find(origin, findings)
            self._done.counts[_UNREAD] += 1
            self._done.account.name(_UNREAD, origin)
            if origin in self._done.account.named[_UNREAD]:
                said = (words for one in findings for words in (one.message, one.fix) if words)
                self._done.account.reasons[origin] = [*said]

    def _find(self, origin: str, findings: Iterable[Finding]) -> None:
        for finding in findings:
            if len(self._done.findings) < _MOST_TOLD:
                self._done.findings.append((origin, finding))
            self._done.counts["warnings"] += finding.severity is Severity.WARNING

    def _unseen(self, origin: str) -> Iterator[str]:
        return (key for key in self._store.read_from(self._source.id, origin) if not self._is_there(key))

    def _is_there(self, key: str) -> bool:
        return key in self._seen or key in self._spared

    def _remove_missing(self) -> None:
        """Removes what was missing often enough, and counts how often the rest was."""
        keys = [key for key in self._store.keys(self._source.id) if not self._is_there(key)]
        missed = {key: self._memory.get(_MISSING + key, 0) + 1 for key in keys}
        told = [key for key in missed if key in self._told]
        gone = [key for key, times in missed.items() if times >= self._source.patience and key not in self._told]
        for name in [name for name in self._memory if name.startswith(_MISSING)]:
            if name.removeprefix(_MISSING) not in missed:
                del self._memory[name]
        self._memory.update({_MISSING + key: times for key, times in missed.items()})
        self._done.counts["missing"] = len(missed) - len(gone) - len(told)
        self._check_share([*gone, *told])
        self._remove(told, "its source told that it was deleted, and does not have it any more")
        self._remove(gone, f"it was missing in {self._source.patience} complete harvests, one after the other")

    def _check_share(self, gone: Collection[str]) -> None:
        total, share = len(gone) + len(self._seen | self._spared), self._how.most_gone
        is_much = len(gone) > total * share and (len(gone) > _FEW or self._is_emptied(gone))
        if is_much and not self._how.allow_deletions:
            self._done.counts["missing"] += len(gone)
            self._keep()
            raise SourceError(
                f"{self._source.id}: {len(gone)} of {total} records are no longer there; they were kept."
                " If that is right, harvest again with --allow-deletions"
            )

    def _is_emptied(self, gone: Collection[str]) -> bool:
        """Whether several records are gone and none is left: no source, however small, is thought to do so."""
        held = (key for key in gone if self._store.holds(self._source.id, key))
        left = (key for key in self._seen | self._spared if self._store.holds(self._source.id, key))
        return len(list(islice(held, 2))) == 2 and not (self._done.counts[Outcome.NEW] or any(left))

    def _remove(self, keys: Collection[str], why: str) -> None:
        for key in keys:
            self._seen.discard(key)
            if key not in self._leaving:  # of what is not for this catalogue, the record stays and says why
                self._done.account.departed[key] = (described(self._store, self._source.id, key), why)
            if not self._how.dry_run:
                self._store.remove(self._source.id, key, is_kept=key in self._leaving)
            self._done.account.note(key, _GONE)
        self._done.counts["gone"] += len(keys)

    def _tidy(self) -> None:
        """Forgets what is no longer there, and all that was remembered where a part of it turned out to be wrong: the
        next visit then reads everything anew."""
        if self._is_doubtful:
            missing = {name: times for name, times in self._memory.items() if name.startswith(_MISSING)}
            self._memory.forget() if isinstance(self._memory, Memory) else self._memory.clear()
            self._memory.update(missing)
        elif self._done.counts["gone"]:
            names = [name for name in self._memory if name.startswith(_READ)]
            for name in names:
                if not self._store.read_from(self._source.id, name.removeprefix(_READ)):
                    del self._memory[name]

    def _keep(self) -> None:
        if isinstance(self._memory, Memory) and not self._how.dry_run:
            self._memory.keep()


def described(store: Store, source_id: str, key: str) -> str:
    """The IRI of what a record describes, under which it is published; "" of one that describes nothing."""
    record, meta = store.minter.record(source_id, key), store.minter.graph("meta")
    topic = store.value(record, FOAF.primaryTopic, meta)
    return published(store, store.minter, topic).value if isinstance(topic, IRI) else ""


class _Origins(Collection[str]):
    """The origins of which the store has records that were not rejected, looked up one by one. Those are not among them
    that a visit wrote which broke off then: what is remembered of them is of the version before."""

    def __init__(self, store: Store, source_id: str, memory: Mapping[str, Any]) -> None:
        self._store, self._source_id, self._memory = store, source_id, memory

    def __contains__(self, origin: object) -> bool:
        if not isinstance(origin, str):
            return False
        digests = self._store.read_from(self._source_id, origin).values()
        return bool(digests) and all(digests) and _is_settled(self._memory, origin, digests)

    def __iter__(self) -> Iterator[str]:
        return iter(self._store.origins(self._source_id))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _memory(how: Harvesting, source: Source) -> MutableMapping[str, Any]:
    """What is remembered of a source: nothing when another mapping would read it anew."""
    if how.operations is None:
        return {}
    return how.operations.memory(source.id, f"{_mapping()} {source.kind} {source.location} {dict(source.options)}")


def _reconcile(reading: Reading, digest: str, minter: Minter) -> Reading:
    """Keeps a source from speaking in the catalogue's own name: of its pages, records and graphs."""
    assert reading.record is not None
    own, things = f"{minter.base}/", f"{minter.base}/id/"

    def is_theirs(triple: Triple) -> bool:
        subject = triple.subject
        return not (isinstance(subject, IRI) and subject.value.startswith(own) and not subject.value.startswith(things))

    triples = frozenset(triple for triple in reading.record.triples if is_theirs(triple))
    return replace(reading, record=replace(reading.record, triples=triples, document_hash=digest))


def _original(document: Document) -> str | None:
    """A document as its author wrote it, where it is text that people mend."""
    text = document.content[: _MOST_SHOWN + 1].decode(errors="replace")
    return None if len(text) > _MOST_SHOWN or "\0" in text else text


def _validated(reading: Reading, now: datetime) -> Reading:
    """Adds what the catalogue's profile finds wrong. It is published all the same, so nothing is worse than a warning;
    advice is what scores are for."""
    assert reading.record is not None
    found = outcome(reading.record.triples, Asked(_PROFILE, now)).report.findings
    # What other records say of this thing (a path that begins with ^) cannot be judged by one alone.
    told = (one for one in found if one.severity is not Severity.INFO and not (one.path or "").startswith("^"))
    serious = (replace(one, severity=Severity.WARNING) for one in told)
    return replace(reading, report=Report((*reading.report.findings, *serious)))


def _marked(readings: Iterable[Reading], digest: str) -> Iterator[tuple[Reading, str]]:
    """Each reading of a document, and the hash that its record is to bear: with the last one it is whole."""
    held: Reading | None = None
    for reading in readings:
        if held is not None:
            yield held, digest + _MORE
        held = reading
    if held is not None:
        yield held, digest


def _is_whole(marks: Collection[str], digest: str) -> bool:
    """Whether records bearing these were made of the document with this hash, to its last one."""
    return digest in marks and set(marks) <= {digest, digest + _MORE}


def _is_settled(memory: Mapping[str, Any], origin: str, marks: Collection[str]) -> bool:
    """Whether records bearing these marks are those that the memory is of; also where it has no word of them. Of a
    document that is to be read again it has an empty one, which is that of records that were rejected."""
    digest = memory.get(_READ + origin)
    return digest is None or _is_whole(marks, digest)


def _document_hash(document: Document) -> str:
    digest = hashlib.sha256(_mapping().encode())
    digest.update(document.url.encode())
    digest.update(document.content)
    return digest.hexdigest()


@cache
def _mapping() -> str:
    """Changes with whatever makes readings of documents, so that what would be read anew is not taken for unchanged."""
    digest = hashlib.sha256(lists_fingerprint().encode())
    package = Path(__file__).parent
    code = (path for name in ("harvesters", "publiccode", "validation") for path in (package / name).rglob("*.py"))
    for path in sorted((*code, package / "identity.py", *resources("shapes").glob("*.ttl"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()
