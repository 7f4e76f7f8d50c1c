"""The writer's store as a harvest sees it: it also notes which records became new, changed, gone, rejected, and which
of them broke or were mended.

Counts say how much happened, and reports also say to which records. Memory stays flat: of each outcome only the first
records are named, but for those that cannot be used, which are as many as there are findings to keep.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from catalogue.model import Reading, Source
from catalogue.store import Outcome, Store

MOST_NAMED = 100
_GONE, _BROKEN, _MENDED = "gone", "broken", "mended"


@dataclass
class Account:
    """What became of a source's records; `failing` are those that could not be used before."""

    failing: Collection[str] = frozenset()
    named: dict[str, list[str]] = field(default_factory=dict)
    rejected: set[str] = field(default_factory=set)
    mended: set[str] = field(default_factory=set)

    def note(self, key: str, outcome: str) -> None:
        """Notes one record."""
        if outcome == Outcome.REJECTED:
            self.rejected.add(key)
            if key not in self.failing:
                self._name(_BROKEN, key)
        elif key in self.failing:
            self.mended.add(key)
            self._name(_MENDED, key)
        if outcome != Outcome.UNCHANGED:
            self._name(outcome, key)

    def _name(self, outcome: str, key: str) -> None:
        keys = self.named.setdefault(str(outcome), [])
        if len(keys) < MOST_NAMED:
            keys.append(key)


class Witness(Store):
    """The store, with an account of what is written to it since `account` was set."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.account = Account()

    def put(self, source: Source, reading: Reading) -> Outcome:
        outcome = super().put(source, reading)
        self.account.note(reading.key, outcome)
        return outcome

    def remove(self, source_id: str, key: str) -> None:
        super().remove(source_id, key)
        self.account.note(key, _GONE)
