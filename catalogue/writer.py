"""Writing: whoever holds the lock opens the state, does one job, publishes, and lets go.

There is no standing writer process to hand a job to. The lock is the queue: the server needs no restart, since its
workers watch which publication is current, and a process that is killed frees the lock and leaves nothing behind.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime

from catalogue import code_lists, measuring
from catalogue.fetch import Fetch
from catalogue.harvest import Account, Harvest, Harvesting, described, harvest
from catalogue.home import Home
from catalogue.identity import Minter
from catalogue.model import Source
from catalogue.operations import Departure, Failing, Operations, Run
from catalogue.publication import Manifest, manifest, publish
from catalogue.rdf import IRI, Triple, text
from catalogue.settings import Settings
from catalogue.sources import source_at as source_at
from catalogue.store import Store
from catalogue.vocabulary import ADMS, DCAT, DCT, FOAF, RDF

Clock = Callable[[], datetime]
# What the packaged seed says gives way to every source that knows better.
SEED_PRECEDENCE = 90
# How often a harvest that is under way gives a sign of life.
_BEAT_S = 5.0


class _Beat:
    """Notes now and then how far a harvest is, so that of one that never ends there is a report, too."""

    def __init__(self, operations: Operations, how: Harvesting, notice: str | None) -> None:
        self._operations, self._how, self._notice = operations, how, notice
        self._noted = 0.0

    def __call__(self, done: Harvest) -> None:
        if time.monotonic() - self._noted >= _BEAT_S:
            self.note(done)
        self._how.proceed(done)

    def note(self, done: Harvest) -> None:
        self._operations.begin(replace(done.run(self._how.clock()), notice=self._notice))
        self._noted = time.monotonic()


class Writer:
    """The right to write, with the state open. Get one from `writing`."""

    def __init__(self, home: Home, store: Store, settings: Settings, clock: Clock) -> None:
        self.home, self.store = home, store
        self._settings, self._clock = settings, clock

    def harvest(self, source: Source, how: Harvesting, notice: str | None = None) -> Harvest:
        """Harvests one source, publishes what it changed and logs the run; with a `notice` if it should never end."""
        operations = Operations(self.home.operations)
        beat = _Beat(operations, how, notice)
        beat.note(Harvest(source, how.clock()))
        done = harvest(self.store, source, replace(how, operations=operations, proceed=beat))
        self.publish()
        self._log(operations, done.run(self._clock()), done.account)
        return done

    def _log(self, operations: Operations, run: Run, account: Account) -> None:
        """Logs a run, which records failed in it, and that wishes for it from before it began are granted."""
        good = operations.last_good(run.source)
        operations.failed(run.source, account.rejected, Failing(run.started, run.ended, good.ended if good else None))
        operations.mended(run.source, account.mended)
        operations.grant(run.source, run.begin)
        number = operations.add(run).number
        went = ((key, *why) for key, why in account.departed.items())
        operations.departed(Departure(run.source, key, thing, run.ended, why, number) for key, thing, why in went)

    def forget(self, source_id: str) -> int:
        """Removes all that a source has said and publishes that; returns how many records went."""
        operations = Operations(self.home.operations)
        # First of all, or a source that comes back would be thought to be as it was, without a record.
        with closing(operations.memory(source_id, "")) as memory:
            memory.forget()
            memory.keep()
        things = {key: described(self.store, source_id, key) for key in self.store.keys(source_id)}
        for key in things:
            self.store.remove(source_id, key)
        self.publish()
        operations.mended(source_id, things)
        now, why = self._clock().isoformat(), "its source was taken out of the catalogue"
        operations.departed(Departure(source_id, key, thing, now, why) for key, thing in things.items())
        return len(things)

    def publish(self, *, anew: bool = False) -> Manifest | None:
        """Publishes what is not yet published, None when nothing is; `anew` whatever there is, with a new index."""
        measuring.update(self.store)
        anew = anew or self.store.rebuilt
        if not (anew or self.store.changed or self._is_behind()):
            return None
        lists, keep = code_lists.fingerprint(), self._settings.keep
        made = publish(self.home, self.store, self._settings.title, lists, self._clock, keep, anew=anew)
        self.store.changed = self.store.rebuilt = False
        return made

    def _is_behind(self) -> bool:
        """Whether an earlier writer ended between writing and publishing."""
        current = self.home.current()
        return current is None or manifest(self.home, current).change != self.store.log.last

    def repair(self) -> None:
        """Recomputes what is published from the records, and publishes that."""
        self.store.rebuild()
        self.publish()

    def prepare(self) -> None:
        """Brings the packaged code lists and the catalogue's own description up to date."""
        current = self.home.current()
        if current is None or manifest(self.home, current).lists != code_lists.fingerprint():
            for name in code_lists.names():
                self.store.put_list(name, code_lists.triples(name))
        self.store.put_catalogue(_catalogue(self.store.minter, self._settings))


def _catalogue(minter: Minter, settings: Settings) -> set[Triple]:
    """The catalogue in its own words: what both profiles want of one, and its publisher, `{base}/catalog#publisher`."""
    catalogue, publisher = minter.catalogue, IRI(f"{minter.catalogue.value}#publisher")
    homepage = IRI(f"{minter.base}/")
    return {
        *(Triple(catalogue, RDF.type, cls) for cls in (DCAT.Catalog, ADMS.AssetRepository)),
        Triple(catalogue, DCT.title, text(settings.title, "en")),
        Triple(catalogue, DCT.description, text(settings.description, "en")),
        Triple(catalogue, DCT.publisher, publisher),
        Triple(publisher, RDF.type, FOAF.Agent),
        Triple(publisher, FOAF.name, text(settings.publisher or settings.title, "en")),
        Triple(catalogue, FOAF.homepage, homepage),
        Triple(homepage, RDF.type, FOAF.Document),
    }


@contextmanager
def writing(settings: Settings, purpose: str, clock: Clock) -> Iterator[Writer]:
    """Opens the state for writing; raises BusyError when another process keeps writing for too long.

    What a writer before did not come to publish, killed or stopped by an error, this one publishes with its own; and of
    a harvest of its that never ended, it is logged that it failed.
    """
    home = Home(settings.home)
    with (
        home.writing(purpose, settings.lock_timeout),
        closing(Store(home.store, Minter(settings.base), clock)) as store,
    ):
        store.changed = home.unpublished.exists()
        home.unpublished.touch()
        operations = Operations(home.operations)
        operations.break_off()
        try:
            writer = Writer(home, store, settings, clock)
            writer.prepare()
            yield writer
        finally:
            operations.break_off()
            if not store.changed:
                home.unpublished.unlink()


def preview(settings: Settings, source: Source, how: Harvesting) -> Harvest:
    """A dry run, on the current publication and without the lock: nothing is written."""
    home, minter = Home(settings.home), Minter(settings.base)
    current = home.current()
    path = None if current is None else home.publication(current) / "store"
    how = replace(how, operations=Operations(home.operations))
    return harvest(Store(path, minter, how.clock, read_only=path is not None), source, how)


def fetcher(settings: Settings) -> Fetch:
    """The network, with the limits of the settings."""
    return Fetch(allow_private=settings.allow_private, timeout_s=settings.fetch_timeout)


def seed_source() -> Source:
    """The packaged seed catalogue."""
    location = str(code_lists.resources("data"))
    return Source("seed", "rdf", location, "Seed catalogue", SEED_PRECEDENCE)
