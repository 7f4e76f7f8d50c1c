"""One harvest of one source: documents → readings → reconcile → write, and what it did.

What a stranger wrote never ends a harvest, and a source that fails keeps what it said before.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from catalogue.code_lists import fingerprint as lists_fingerprint
from catalogue.errors import SourceError
from catalogue.fetch import Fetch
from catalogue.harvesters import HARVESTERS, Harvester
from catalogue.identity import Minter
from catalogue.model import Document, Finding, Reading, Report, Severity, Source
from catalogue.operations import Run
from catalogue.rdf import IRI, Triple
from catalogue.store import Outcome, Store

# A source that loses more than this share of its records at once is more likely broken than empty …
_MOST_GONE = 0.3
# … unless there are so few that any loss is a large share.
_FEW = 5


@dataclass
class Harvest:
    """What a harvest did: how many records had which outcome, and the findings of each, by origin."""

    source: Source
    started: datetime
    counts: Counter[str] = field(default_factory=Counter)
    findings: list[tuple[str, Finding]] = field(default_factory=list)
    rejected: list[tuple[str, Report]] = field(default_factory=list)
    error: str | None = None

    def run(self, ended: datetime) -> Run:
        """The entry of the harvest log."""
        return Run(self.source.id, self.started.isoformat(), ended.isoformat(), dict(self.counts), self.error)


@dataclass(frozen=True)
class Harvesting:
    """How to harvest: the network and the clock are arguments.

    `complete`: what the source no longer has is gone. `dry_run`: nothing is written. `proceed` is called after each
    reading with what has been done so far, and may raise to stop.
    """

    fetch: Fetch
    clock: Callable[[], datetime]
    complete: bool = True
    dry_run: bool = False
    allow_deletions: bool = False
    proceed: Callable[[Harvest], object] = bool


def harvest(store: Store, source: Source, how: Harvesting) -> Harvest:
    """Harvests one source into the store.

    A source that cannot be read ends in `Harvest.error`; everything written until then stays.
    """
    done = Harvest(source, how.clock())
    if not how.dry_run:
        store.put_source(source)
    known = store.documents(source.id)
    seen: set[str] = set()
    read_origins: set[str] = set()
    try:
        for reading in _readings(store.minter, HARVESTERS[source.kind], source, how.fetch, known):
            seen.add(reading.key)
            read_origins.add(reading.origin)
            _take(store, done, reading, how)
            how.proceed(done)
        _remove_gone(store, done, _gone(known, seen, None if how.complete else read_origins), how)
    except SourceError as error:
        done.error = str(error)
    return done


@dataclass(frozen=True)
class _Unchanged(Reading):
    """A record of a document that is byte for byte the one read before."""


def _readings(
    minter: Minter, harvester: Harvester, source: Source, fetch: Fetch, known: dict[str, dict[str, str]]
) -> Iterator[Reading]:
    for item in harvester.documents(source.location, fetch):
        if isinstance(item, Reading):
            yield item
            continue
        key, document = item
        digest = _document_hash(document)
        origin = document.url if document.url.startswith(("http://", "https://")) else key
        before = known.get(origin, {})
        if before and all(known_digest == digest for known_digest in before.values()):
            yield from (_Unchanged(record_key, origin, Report()) for record_key in before)
            continue
        for reading in harvester.readings(key, document, minter):
            yield _reconcile(reading, digest, minter)


def _reconcile(reading: Reading, digest: str, minter: Minter) -> Reading:
    """Keeps a source from speaking in the catalogue's own name: of its pages, records and graphs."""
    if reading.record is None:
        return reading
    own, things = f"{minter.base}/", f"{minter.base}/id/"

    def is_theirs(triple: Triple) -> bool:
        subject = triple.subject
        return not (isinstance(subject, IRI) and subject.value.startswith(own) and not subject.value.startswith(things))

    triples = frozenset(triple for triple in reading.record.triples if is_theirs(triple))
    return replace(reading, record=replace(reading.record, triples=triples, document_hash=digest))


def _take(store: Store, done: Harvest, reading: Reading, how: Harvesting) -> None:
    if isinstance(reading, _Unchanged):
        done.counts[Outcome.UNCHANGED] += 1
        return
    outcome = store.preview(done.source, reading) if how.dry_run else store.put(done.source, reading)
    done.counts[outcome] += 1
    done.findings += [(reading.origin, finding) for finding in reading.report.findings]
    done.counts["warnings"] += sum(finding.severity is Severity.WARNING for finding in reading.report.findings)
    if outcome is Outcome.REJECTED:
        done.rejected.append((reading.origin, reading.report))


def _gone(known: dict[str, dict[str, str]], seen: set[str], origins: set[str] | None) -> list[str]:
    """The keys of the records that are no longer there; with `origins`, only of documents that were read again."""
    considered = known.keys() if origins is None else known.keys() & origins
    return sorted(key for origin in considered for key in known[origin] if key not in seen)


def _remove_gone(store: Store, done: Harvest, gone: list[str], how: Harvesting) -> None:
    total = len(gone) + sum(done.counts[outcome] for outcome in (Outcome.CHANGED, Outcome.UNCHANGED, Outcome.REJECTED))
    if len(gone) > _FEW and len(gone) > total * _MOST_GONE and not how.allow_deletions:
        raise SourceError(
            f"{done.source.id}: {len(gone)} of {total} records are no longer there; they were kept."
            " If that is right, harvest again with --allow-deletions"
        )
    for key in gone:
        if not how.dry_run:
            store.remove(done.source.id, key)
    done.counts["gone"] = len(gone)


def _document_hash(document: Document) -> str:
    digest = hashlib.sha256(_mapping().encode())
    digest.update(document.url.encode())
    digest.update(document.content)
    return digest.hexdigest()


@cache
def _mapping() -> str:
    """Changes with the harvesters and the code lists, so that what they would read anew is not taken for unchanged."""
    digest = hashlib.sha256(lists_fingerprint().encode())
    for path in sorted((Path(__file__).parent / "harvesters").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
