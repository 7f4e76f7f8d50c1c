"""A record: what it says, what is wrong with it and how it would be right, and the wish that it be read again."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from werkzeug.exceptions import Conflict, Forbidden, Gone, NotFound, TooManyRequests
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response as BaseResponse

from catalogue.database import quad
from catalogue.operations import Departure, Failing
from catalogue.rdf import IRI, Literal, Quad, Triple, is_iri
from catalogue.vocabulary import DCT, FOAF, OSC, PROV, SH
from endpoint.description import Description
from endpoint.federation import Finding, findings, titles
from endpoint.labels import languages
from endpoint.mending import mended
from endpoint.reader import Edition, edition, settings
from endpoint.representations import ALL, HTML, Representation, alternates, negotiate
from endpoint.runs import log, record_path
from endpoint.show import Link, Moment, Shown, external
from endpoint.statements import statements
from endpoint.timetable import plan_of, standing
from endpoint.view import View
from endpoint.visitors import visitor

blueprint = Blueprint("records", __name__)

# A longer text is shown as far as its last finding, and the rest at its source.
_SHOWN_LINES = 2_000
_SAFE = "/!$&'()*+,;=:@~-._"
# How often a record may be wished to be read again, and how many wishes one visitor may have.
_AGAIN = timedelta(minutes=10)
_VISITORS_TIME, _VISITORS_WISHES, _EVERYBODYS_WISHES = timedelta(hours=1), 10, 1_000
# What is downloaded is a stranger's: no browser is to run any of it, whatever it takes it for.
_SANDBOX = "default-src 'none'; sandbox"


@blueprint.get("/source/<source_id>/record/<path:name>")
def record(source_id: str, name: str) -> Response:
    """A record: its state, its findings, and its original text with the lines that they are about."""
    held = edition()
    try:
        node, suffix = find(held, source_id, name)
    except Departed as departed:
        if negotiate(request, "", ALL) is not HTML:
            raise
        return _departed_page(held, departed.departure)
    wanted = negotiate(request, suffix, ALL)
    path = held.labels.relative(node)
    response = _record_page(held, source_id, node, path) if wanted is HTML else make_response(_data(held, node, wanted))
    response.headers["Content-Type"] = wanted.content_type
    response.headers["Content-Location"] = f"{iri_to_uri(path)}.{wanted.suffix}"
    response.headers["Link"] = ", ".join(alternates(path, ALL, wanted))
    return response


def find(held: Edition, source_id: str, name: str, *, suffixes: bool = True) -> tuple[IRI, str]:
    """The record of an address, which may end with a suffix: one whose key ends so has precedence.

    Raises Departed for one that went, NotFound for one that never was.
    """
    minter, store = held.publication.minter, held.publication.store
    stem, _, suffix = name.rpartition(".")
    for key, rest in ((name, ""), (stem, suffix))[: 1 + suffixes]:
        for spelt in (quote(key, safe=_SAFE), key):
            address = f"{minter.base}/source/{source_id}/record/{spelt}"
            is_known = is_iri(address) and store.value(IRI(address), OSC.recordState, minter.graph("meta"))
            if is_known and (not rest or rest in ALL):
                return IRI(address), rest
    departure = log().departure(source_id, name) or log().departure(source_id, stem)
    if departure is not None:
        raise Departed(departure)
    raise NotFound(f"There is no record “{name}” of the source “{source_id}”.")


class Departed(Gone):
    """A record went."""

    def __init__(self, departure: Departure) -> None:
        when = departure.moment[:16].replace("T", ", ")
        super().__init__(f"The record “{departure.record}” went on {when} UTC: {departure.why}.")
        self.departure = departure


def _departed_page(held: Edition, departure: Departure) -> Response:
    view = View(held, languages(request))
    g.live = True
    page = render_template(
        "departed.html",
        departure=departure,
        moment=Moment(departure.moment[:16]),
        source=titles(held).get(departure.source, departure.source),
        source_path=f"/source/{departure.source}",
        # The address finds its page, or that it is gone, too.
        thing=Link(view.name(IRI(departure.thing)), f"/resource?iri={quote(departure.thing, safe='')}")
        if departure.thing
        else None,
    )
    return make_response(page, 410)


def _data(held: Edition, node: IRI, wanted: Representation) -> bytes:
    if wanted.dataset is not None:
        return wanted.dataset(_quads(held, node))
    assert wanted.write is not None  # what has neither is a page
    return wanted.write(_triples(held, node))


def _quads(held: Edition, node: IRI) -> Iterator[Quad]:
    """What a record says in its own graph, and what is known of it in that of the sources."""
    minter, store = held.publication.minter, held.publication.store
    own, meta = minter.graph_of(node), minter.graph("meta")
    yield from (quad(triple, own) for triple in store.triples(None, None, None, own))
    yield from (quad(triple, meta) for triple in store.triples(node, None, None, meta))


def _triples(held: Edition, node: IRI) -> Iterator[Triple]:
    """What a record says, as harvested; what is known of the record; what is to be mended in it."""
    minter, store = held.publication.minter, held.publication.store
    yield from store.triples(None, None, None, held.publication.minter.graph_of(node))
    yield from store.triples(node, None, None, minter.graph("meta"))
    quality = minter.graph("quality")
    report = IRI(f"{node.value}#report")
    yield from store.triples(report, None, None, quality)
    for result in store.objects(report, SH.result, quality):
        if isinstance(result, IRI):
            yield from store.triples(result, None, None, quality)


@dataclass(frozen=True)
class Original:
    """A line of a document as its author wrote it, and the findings about it."""

    number: int
    text: str
    findings: tuple[Finding, ...]


@blueprint.get("/source/<source_id>/original/<path:name>")
def original(source_id: str, name: str) -> Response:
    """What a record was read from, as its author wrote it, to download."""
    held = edition()
    node, _ = find(held, source_id, name, suffixes=False)
    written = held.publication.store.value(node, PROV.value, held.publication.minter.graph("meta"))
    if not isinstance(written, Literal):
        raise NotFound("What this record was read from is not kept here, but at its source.")
    response = make_response(written.value)
    file = re.sub(r"[^A-Za-z0-9._-]+", "-", name.rpartition("/")[2]).strip(".-") or "record"
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    response.headers["Content-Security-Policy"] = _SANDBOX
    return response


@blueprint.post("/source/<source_id>/record/<path:name>")
def check_again(source_id: str, name: str) -> BaseResponse:
    """Notes the wish that a record be read again, for the next run to take up."""
    held, now = edition(), datetime.now(UTC)
    node, _ = find(held, source_id, name, suffixes=False)
    _refuse_other_sites()
    if plan_of(source_id) is None:
        raise Conflict(f"Nobody would take the wish up. About the source: {standing(source_id)} Ask the operators.")
    key, client = _key(held, node), _client()
    if not log().wishes(now - _AGAIN, source=source_id, record=key):
        _limit(now, client)
        log().wish(source_id, now, key, client)
    return redirect(iri_to_uri(f"{held.labels.relative(node)}#again"), 303)


def _limit(now: datetime, client: str) -> None:
    since = now - _VISITORS_TIME
    if log().wishes(since, client=client) >= _VISITORS_WISHES or log().wishes(since) >= _EVERYBODYS_WISHES:
        raise TooManyRequests("Many records were asked for. Ask again in an hour.", retry_after=_VISITORS_TIME.seconds)


def _key(held: Edition, node: IRI) -> str:
    return _plain(held.publication.store.value(node, DCT.identifier, held.publication.minter.graph("meta")))


def _refuse_other_sites() -> None:
    """No other site may have a visitor's browser ask in their name. Programs send neither header, and no cookies."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    own = {request.host, urlsplit(str(settings().base)).netloc}
    if (site and site != "same-origin") or (not site and origin and urlsplit(origin).netloc not in own):
        raise Forbidden("Another site asked for this in your name. Press the button on the record's own page.")


def _client() -> str:
    """Who asks, known again but not named."""
    address = visitor(request.environ, settings().trusted_proxies).client
    return hashlib.sha256(f"visitor {address}".encode()).hexdigest()[:16]


def _record_page(held: Edition, source_id: str, node: IRI, path: str) -> Response:
    view = View(held, languages(request))
    meta = {t.predicate: t.object for t in held.publication.store.triples(node, None, None, view.meta)}
    topic, origin, written = meta.get(FOAF.primaryTopic), meta.get(DCT.source), _plain(meta.get(PROV.value))
    key, state = _plain(meta.get(DCT.identifier)), _plain(meta.get(OSC.recordState))
    segment, missed = path.partition("/record/")[2], log().missed(source_id, key) if state == "current" else 0
    failing = log().failing_record(source_id, key)
    document = None if failing else log().failing_record(source_id, _plain(origin))
    found = findings(held, node)
    lines = _original(written, found)
    g.live = True
    about = Description(node, _triples(held, node))
    return make_response(
        render_template(
            "record.html",
            source=titles(held).get(source_id, source_id),
            source_path=f"/source/{source_id}",
            key=key,
            state=state,
            topic=view.link(topic) if isinstance(topic, IRI) else None,
            origin=external(_plain(origin)) if origin else None,
            facts=[*_dates(about, view), *_tries(source_id, state, failing or document, missed)],
            missed=missed,
            document=record_path(source_id, _plain(origin)) if document else "",
            inferred=[view.name(value) for value in about.iris(OSC.inferred)],
            findings=found,
            mended=mended(written, found),
            again=_again(source_id, key),
            standing=standing(source_id),
            download=f"/source/{source_id}/original/{segment}" if written else "",
            badge=f"/badge/{source_id}/{segment}.svg",
            badge_address=f"{held.publication.minter.base}/badge/{source_id}/{segment}.svg",
            address=node.value,
            original=lines[:_SHOWN_LINES],
            hidden=max(0, len(lines) - _SHOWN_LINES),
            statements=statements(about, view, hidden=(PROV.value,)),
            representations=[item for item in ALL.values() if item is not HTML],
            path=path,
        )
    )


_FACTS = (("First read", DCT.issued), ("Changed", DCT.modified), ("Written by the rules of", DCT.conformsTo))


def _dates(about: Description, view: View) -> list[tuple[str, Shown]]:
    found = ((label, about.value(name)) for label, name in _FACTS)
    return [(label, view.show(value)) for label, value in found if value is not None]


def _original(text: str, found: Sequence[Finding]) -> list[Original]:
    by_line: dict[int, list[Finding]] = {}
    for finding in found:
        if finding.line is not None:
            by_line.setdefault(finding.line, []).append(finding)
    return [Original(n, line, tuple(by_line.get(n, ()))) for n, line in enumerate(text.splitlines(), 1)]


@dataclass(frozen=True)
class Again:
    """Whether a record can be wished to be read again, whether it is, was a moment ago and has been read since, and
    when its source is read next."""

    is_offered: bool
    is_asked: bool = False
    is_granted: bool = False
    is_due: bool = False
    next: Moment | None = None


def _again(source_id: str, key: str) -> Again:
    plan = plan_of(source_id)
    if plan is None:
        return Again(False)
    is_waiting = log().is_waiting(source_id, key)
    asked = log().wishes(datetime.now(UTC) - _AGAIN, source=source_id, record=key) > 0
    return Again(True, is_waiting, asked and not is_waiting, plan.is_due, plan.next)


def _tries(source_id: str, state: str, failing: Failing | None, missed: int) -> list[tuple[str, Shown]]:
    """When a record was last tried, and when it could last be used. `failing` is what is known of it, or of the text
    that it is read from; the log does not name the last harvest that found one that was missing since."""
    runs, good = log().runs(source_id, 1), log().last_good(source_id)
    tried = failing.tried if failing else runs[0].ended if runs else ""
    if missed:
        succeeded = ""
    elif failing or state != "current":
        succeeded = (failing.succeeded or "") if failing and state != "rejected" else ""
    else:
        succeeded = good.ended if good else ""
    found = (("Last tried", tried), ("Last read well", succeeded))
    return [(label, Moment(moment[:16])) for label, moment in found if moment]


def _plain(term: object) -> str:
    return term.value if isinstance(term, IRI | Literal) else ""
