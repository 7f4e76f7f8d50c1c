"""Runs of harvests: the page of one, the feed of many, and both for programs."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from flask import Blueprint, Response, g, make_response, render_template, request
from werkzeug.exceptions import BadRequest, NotFound

from catalogue.identity import Minter
from catalogue.operations import KEPT_RUNS, Operations, Run
from catalogue.rdf import Triple
from catalogue.reports import as_json, as_triples, counts, node, sums
from endpoint.federation import titles
from endpoint.reader import edition, home
from endpoint.representations import HTML, REPRESENTATIONS, Representation, negotiate
from endpoint.show import Moment

blueprint = Blueprint("runs", __name__)

JSON = Representation("json", "application/json", "JSON")
# JSON before JSON-LD, whose other name is the media type of JSON.
FORMS: Mapping[str, Representation] = {"html": HTML, "json": JSON, **REPRESENTATIONS}
_ONLY: Mapping[str, Callable[[Run], bool]] = {"errors": lambda run: run.is_wrong, "changes": lambda run: run.is_news}
_FEED_RUNS = 50
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OUTCOMES = {
    "broken": "Broken since the run before",
    "mended": "Mended",
    "rejected": "Rejected",
    "outside": "Not for this catalogue",
    "new": "New",
    "changed": "Changed",
    "gone": "Gone",
    "unread": "Could not be read",
}


def log() -> Operations:
    """The log of the catalogue that is shown."""
    return Operations(home().operations)


@blueprint.get("/source/<source_id>/run/<name>")
def one_run(source_id: str, name: str) -> Response:
    """A run: when, with which result, and which records it touched."""
    held = edition()
    number, _, suffix = name.partition(".")
    found = log().run(source_id, int(number)) if _is_number(number) and (not suffix or suffix in FORMS) else None
    if found is None:
        raise NotFound(
            f"There is no run {name[:20]} of the source “{source_id}”, or it is so old that it is forgotten."
        )
    g.live = True
    wanted, minter = negotiate(request, suffix, FORMS), held.publication.minter
    if wanted.write is not None:
        response = make_response(wanted.write(as_triples(found, minter)))
    elif wanted is JSON:
        response = make_response(text(as_json(found, minter) | {"notice": found.notice}))
    else:
        response = make_response(_page(found, titles(held).get(source_id, source_id)))
    response.headers["Content-Type"] = wanted.content_type
    return alternates(response, f"/source/{source_id}/run/{number}", wanted, FORMS)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16


def _page(run: Run, title: str) -> str:
    records = [
        (words, [_named(run, name, key) for key in run.records[name]], run.counts.get(name, 0))
        for name, words in _OUTCOMES.items()
        if run.records.get(name)
    ]
    address = f"/source/{run.source}/run/{run.number}"
    others = [form for form in FORMS.values() if form is not HTML]
    return render_template(
        "run.html",
        run=run,
        title=title,
        counts=counts(run),
        records=records,
        path=address,
        moment=Moment,
        forms=others,
        words=words(run),
        took=took(run.seconds),
        size=size(run.bytes),
    )


@dataclass(frozen=True)
class Named:
    """What a run names: a record, with the path of its page, or a part of the source, and why it could not be read."""

    name: str
    path: str = ""
    reasons: Sequence[str] = ()


def _named(run: Run, outcome: str, name: str) -> Named:
    if outcome == "unread":
        return Named(name, reasons=run.reasons.get(name, ()))
    return Named(name, record_path(run.source, name))


def record_path(source_id: str, key: str) -> str:
    """The path of a record's page, also of one that went."""
    minter = edition().publication.minter
    return minter.record(source_id, key).value.removeprefix(minter.base)


def words(run: Run) -> str:
    """What came of a run, in a line."""
    if run.error is not None:
        return f"failed: {run.error}"
    return sums(counts(run)) or "nothing to do"


def took(seconds: float) -> str:
    """A duration as people say it."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def size(count: int) -> str:
    """A number of bytes as people say it."""
    return (
        f"{count:,} bytes"
        if count < 10_000
        else f"{count / 1000:,.0f} kB"
        if count < 10**7
        else f"{count / 10**6:,.0f} MB"
    )


def text(told: object) -> str:
    """JSON for programs that people may look at."""
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def triples(runs: Iterable[Run], minter: Minter) -> Iterator[Triple]:
    """Runs in PROV."""
    for run in runs:
        yield from as_triples(run, minter)


def feed(source_id: str, title: str, minter: Minter) -> str:
    """The newest runs of a source in Atom (RFC 4287); `?only=errors` and `?only=changes` leave the others out."""
    only = request.args.get("only", "")
    if only and only not in _ONLY:
        raise BadRequest(f"only can be {', '.join(_ONLY)}.")
    runs = [run for run in log().runs(source_id, KEPT_RUNS) if not only or _ONLY[only](run)][:_FEED_RUNS]
    page = minter.source(source_id).value
    address = f"{page}.atom" + (f"?only={only}" if only else "")
    updated = runs[0].ended if runs else edition().publication.manifest.created
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<id>{escape(address)}</id><title>{_xml(title)}: harvests</title><updated>{escape(updated)}</updated>"
        f"<author><name>{_xml(edition().publication.manifest.title)}</name></author>"
        f'<link rel="self" type="application/atom+xml" href={quoteattr(address)}/><link href={quoteattr(page)}/>\n'
        f"{''.join(_entry(run, minter) for run in runs)}</feed>\n"
    )


def _entry(run: Run, minter: Minter) -> str:
    address = node(run, minter).value
    touched = [f"{name}: {', '.join(keys)}" for name, keys in run.records.items() if keys]
    touched += [f"{part}: {' '.join(why)}" for part, why in run.reasons.items()]
    summary = " · ".join([words(run), *touched])
    return (
        f"<entry><id>{escape(address)}</id><title>{_xml(words(run))}</title><updated>{escape(run.ended)}</updated>"
        f"<link href={quoteattr(address)}/><summary>{_xml(summary)}</summary></entry>\n"
    )


def _xml(value: str) -> str:
    """Text that XML 1.0 can hold."""
    return escape(_NO_XML.sub("", value))


def alternates(response: Response, path: str, wanted: Representation, forms: Mapping[str, Representation]) -> Response:
    """Says which other forms there are (RFC 8288)."""
    others: Sequence[Representation] = [form for form in forms.values() if form is not wanted]
    links = (f'<{path}.{form.suffix}>; rel="alternate"; type="{form.media_type}"' for form in others)
    response.headers["Link"] = ", ".join(links)
    return response
