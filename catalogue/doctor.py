"""Whether installation, state and publication are well: one check after the other, none changing anything."""

import importlib.metadata
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from catalogue.errors import CatalogueError
from catalogue.home import Home
from catalogue.identity import Minter
from catalogue.publication import Publication, manifest
from catalogue.settings import Settings
from catalogue.sources import secrets, usable
from catalogue.store import Store

_LEAST_FREE_BYTES = 1 << 30


@dataclass(frozen=True)
class Check:
    """What was looked at, whether it is well, and what was found: with the way to mend it when it is not."""

    name: str
    ok: bool
    finding: str


def examine(settings: Settings, clock: Callable[[], datetime]) -> Iterator[Check]:
    """Every check that can be made; later ones are left out when what they need is missing."""
    home = Home(settings.home)
    yield _package()
    yield _disk(home)
    if settings.sources:
        yield _sources(settings)
    if not home.store.exists():
        yield Check("state", False, f"there is no catalogue in {home.path}; load or harvest something, or try demo")
        return
    yield _state(home, settings, clock)
    yield _publication(home)


def _package() -> Check:
    """Another distribution installs a package of our name, and then hides or is hidden by ours."""
    owners = importlib.metadata.packages_distributions().get("catalogue", [])
    others = sorted({owner for owner in owners if owner != "open-source-catalogue"})
    if others:
        return Check(
            "package", False, f"{others[0]} also installs a package called catalogue; use an environment of its own"
        )
    return Check("package", True, "no other package of this name")


def _disk(home: Home) -> Check:
    there = next(path for path in (home.path.absolute(), *home.path.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    enough = free >= _LEAST_FREE_BYTES
    return Check("disk", enough, f"{free / 1e9:.1f} GB free" + ("" if enough else "; publishing needs at least 1 GB"))


def _sources(settings: Settings) -> Check:
    """Whether the configured sources can be used. A variable that this environment lacks may be in the service's."""
    found, wrong = usable(settings)
    if wrong:
        return Check("sources", False, "; ".join(map(str, wrong)))
    named = [name for one in found.values() for name in secrets(one)]
    lacking = sorted({name for name in named if not os.environ.get(name)})
    rest = f"; this environment has no {', '.join(lacking)}, which the one that harvests needs" if lacking else ""
    return Check("sources", True, f"{len(found)} configured{rest}")


def _state(home: Home, settings: Settings, clock: Callable[[], datetime]) -> Check:
    try:
        with home.writing("catalogue doctor", settings.lock_timeout):
            store = Store(home.store, Minter(settings.base), clock)
            wrong = store.differences()
            change, size = store.log.last, len(store)
            store.close()
    except CatalogueError as error:
        return Check("state", False, str(error))
    if wrong:
        count = len(wrong.added) + len(wrong.removed)
        return Check(
            "state", False, f"{count} published statements differ from the records; run catalogue doctor --repair"
        )
    return Check("state", True, f"{size} statements, {change} changes; what is published is what the records say")


def _publication(home: Home) -> Check:
    try:
        number = home.current()
        if number is None:
            return Check("publication", False, "nothing is published yet; run catalogue publish")
        publication = Publication(home, number)
        indexed, counted = publication.search.counts(), manifest(home, number).counts
    except CatalogueError as error:
        return Check("publication", False, str(error))
    if indexed != counted:
        return Check(
            "publication", False, f"publication {number}: its index differs from its manifest; run catalogue publish"
        )
    others = [path for path in Path(home.published).iterdir() if path.suffix == ".draft"]
    rest = f", {len(others)} unfinished beside it (cleared by the next)" if others else ""
    return Check("publication", True, f"publication {number} of {publication.manifest.created} opens{rest}")
