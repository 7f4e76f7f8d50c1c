"""Writing: whoever holds the lock opens the state, does one job, publishes, and lets go.

There is no standing writer process to hand a job to. The lock is the queue: the server needs no restart, since its
workers watch which publication is current, and a process that is killed frees the lock and leaves nothing behind.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime

from catalogue import code_lists, measuring
from catalogue.fetch import Fetch
from catalogue.harvest import Account, Harvest, Harvesting, harvest
from catalogue.home import Home
from catalogue.identity import Minter
from catalogue.model import Source
from catalogue.operations import Failing, Operations, Run
from catalogue.publication import Manifest, manifest, publish
from catalogue.rdf import IRI, Triple, text
from catalogue.settings import Settings
from catalogue.sources import source_at as source_at
from catalogue.store import Store
from catalogue.vocabulary import ADMS, DCAT, DCT, FOAF, RDF

Clock = Callable[[], datetime]
# What the packaged seed says gives way to every source that knows better.
SEED_PRECEDENCE = 90


class Writer:
    """The right to write, with the state open. Get one from `writing`."""

    def __init__(self, home: Home, store: Store, settings: Settings, clock: Clock) -> None:
        self.home, self.store = home, store
        self._settings, self._clock = settings, clock

    def harvest(self, source: Source, how: Harvesting) -> Harvest:
        """Harvests one source, publishes what it changed and logs the run."""
        operations = Operations(self.home.operations)
        done = harvest(self.store, source, replace(how, operations=operations))
        self.publish()
        self._log(operations, done.run(self._clock()), done.account)
        return done

    def _log(self, operations: Operations, run: Run, account: Account) -> None:
        """Logs a run, which records failed in it, and that wishes for it from before it began are granted."""
        good = operations.last_good(run.source)
        operations.failed(run.source, account.rejected, Failing(run.started, run.ended, good.ended if good else None))
        operations.mended(run.source, account.mended)
        operations.grant(run.source, run.begin)
        operations.add(run)

    def forget(self, source_id: str) -> int:
        """Removes all that a source has said and publishes that; returns how many records went."""
        keys = list(self.store.keys(source_id))
        for key in keys:
            self.store.remove(source_id, key)
        self.publish()
        Operations(self.home.operations).mended(source_id, keys)
        return len(keys)

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

    What a writer before did not come to publish, killed or stopped by an error, this one publishes with its own.
    """
    home = Home(settings.home)
    with (
        home.writing(purpose, settings.lock_timeout),
        closing(Store(home.store, Minter(settings.base), clock)) as store,
    ):
        store.changed = home.unpublished.exists()
        home.unpublished.touch()
        try:
            writer = Writer(home, store, settings, clock)
            writer.prepare()
            yield writer
        finally:
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
