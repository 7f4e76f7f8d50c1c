"""Outgoing webhooks: who looks after a source is told of its runs, signed, and only of those asked for."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalogue.errors import FetchError, SettingsError
from catalogue.fetch import Fetch
from catalogue.identity import Minter
from catalogue.model import Source
from catalogue.operations import Run
from catalogue.reports import as_json

_UNTOLD = "The webhook could not be told: "
STOPPED = f"{_UNTOLD}the process that harvested ended first; the next run tells it"
"""What is noted of a run whose webhook was not told yet."""
SIGNATURE = "X-Catalogue-Signature"
# Each includes those before it: who wants to know of changes wants to know that there will be none.
OCCASIONS: Mapping[str, Callable[[Run], bool]] = {
    "errors": lambda run: run.is_wrong,
    "changes": lambda run: run.is_news,
    "always": lambda _: True,
}


@dataclass(frozen=True)
class Webhook:
    """Whom to tell of a source's runs, and on which occasions; `secret` names an environment variable, "" for none."""

    address: str
    on: str = "changes"
    secret: str = ""


@dataclass(frozen=True)
class Messenger:
    """Tells webhooks of runs; the network and the environment are arguments."""

    fetch: Fetch
    minter: Minter
    environment: Mapping[str, str] = field(default_factory=dict)

    def tell_all(
        self, webhook: Webhook, source: Source, runs: Iterable[Run], *, is_stopped: bool
    ) -> Iterator[tuple[Run, str | None]]:
        """Tells a webhook of runs, the oldest first; yields each with what came of it. One that cannot be told of a run
        is not asked again for those after it, nor any by a process that is to end."""
        failed = STOPPED if is_stopped else None
        for run in runs:
            told = failed if failed and OCCASIONS[webhook.on](run) else self.tell(webhook, source, run)
            if told is not None and told.startswith(_UNTOLD):
                failed = told
            yield run, told

    def tell(self, webhook: Webhook, source: Source, run: Run) -> str | None:
        """Posts a run to a webhook if it asks for such; returns what came of it in words, and raises nothing."""
        if not OCCASIONS[webhook.on](run):
            return None
        body = json.dumps(self._message(source, run), ensure_ascii=False).encode()
        try:
            status = self.fetch.post(webhook.address, body, self._headers(webhook, run, body))
        except (FetchError, SettingsError) as error:
            return f"{_UNTOLD}{error}"
        return f"The webhook was told (status {status})."

    def _message(self, source: Source, run: Run) -> dict[str, Any]:
        return {
            "event": "harvest",
            "catalogue": self.minter.base,
            "source": {"id": source.id, "title": source.title, "kind": source.kind, "location": source.location},
            "run": as_json(run, self.minter),
        }

    def _headers(self, webhook: Webhook, run: Run, body: bytes) -> dict[str, str]:
        """`X-Catalogue-Delivery` is the same when a message comes twice."""
        headers = {"Content-Type": "application/json", "X-Catalogue-Delivery": f"{run.source}-{run.number}"}
        if webhook.secret:
            key = self.environment.get(webhook.secret)
            if not key:
                raise SettingsError(f"the environment has no {webhook.secret}, which is to hold the webhook's secret")
            headers[SIGNATURE] = signature(key, body)
        return headers


def is_untold(run: Run) -> bool:
    """Whether a webhook should have been told of a run, and could not be."""
    return (run.notice or "").startswith(_UNTOLD)


def signature(key: str, body: bytes) -> str:
    """`sha256=` and the HMAC-SHA256 of a body in hexadecimal, as forges sign theirs."""
    return "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
