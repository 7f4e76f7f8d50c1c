"""Federation in the open: what was read from where, when, with which result, and when it is read next."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, make_response, render_template, request
from werkzeug.exceptions import BadRequest, NotFound

from catalogue.identity import Minter
from catalogue.operations import Run
from catalogue.rdf import IRI, Triple
from catalogue.reports import as_json, count_triples
from catalogue.vocabulary import FOAF
from endpoint import quality
from endpoint.federation import SEVERITIES, Line, SourceAccount, messages, sources
from endpoint.labels import languages
from endpoint.reader import Edition, edition
from endpoint.representations import HTML, Representation, negotiate
from endpoint.runs import FORMS, JSON, alternates, feed, log, record_path, text, took, triples, words
from endpoint.show import Link, Moment
from endpoint.timetable import Begun, Plan, begun, plan_of, plans, standing

blueprint = Blueprint("sources", __name__)

_SIZE = 100
_SHOWN_RUNS = 10
_SHOWN_MESSAGES = 8
STATES = ("current", "stale", "outside", "rejected")
ATOM = Representation("atom", "application/atom+xml", "Atom")
_FORMS: Mapping[str, Representation] = {**FORMS, "atom": ATOM}


@blueprint.get("/sources")
@blueprint.get(f"/sources.<any({', '.join(FORMS)}):suffix>")
def all_sources(suffix: str = "") -> Response:
    """Every source: how many records in which state, how its last harvest went, and when the next is."""
    held = edition()
    g.live = True
    wanted = negotiate(request, suffix, FORMS)
    if wanted is HTML:
        response = make_response(_list(held))
    elif wanted.write is not None:
        known = sources(held).values()
        response = make_response(wanted.write(triple for source in known for triple in _described_by(held, source)))
    else:
        response = make_response(text(_all_told(held)))
    response.headers["Content-Type"] = wanted.content_type
    return alternates(response, "/sources", wanted, FORMS)


def _list(held: Edition) -> str:
    known, timetable = sources(held), plans()
    return render_template(
        "sources.html",
        sources=list(known.values()),
        awaited=[plan for name, plan in timetable.items() if name not in known],
        plans=timetable,
        runs=log().latest(),
        begun=begun(),
        words=words,
        moment=Moment,
        forms=[form for form in FORMS.values() if form is not HTML],
    )


def _all_told(held: Edition) -> dict[str, Any]:
    """All sources for programs, also those that are still to be read for the first time; each with its last run."""
    known, timetable, under_way, last = sources(held), plans(), begun(), log().latest()
    awaited = {name: _awaited(plan) for name, plan in timetable.items() if name not in known}
    minter = held.publication.minter
    return {
        "sources": [
            {
                **_summary(source, timetable.get(name), under_way.get(name), minter),
                "run": _shortly(last[name], minter) if name in last else None,
            }
            for name, source in {**known, **awaited}.items()
        ]
    }


def _shortly(run: Run, minter: Minter) -> dict[str, Any]:
    """A run without what it names, which its own address has."""
    return {name: said for name, said in as_json(run, minter).items() if name not in ("records", "unread", "reasons")}


@blueprint.get("/source/<name>")
def one_source(name: str) -> Response:
    """A source: its harvests, what is most often to be mended, and its records."""
    held = edition()
    source, suffix = _find(held, name)
    g.live = True
    wanted = negotiate(request, suffix, _FORMS)
    if wanted is HTML:
        response = make_response(_page(held, source))
    elif wanted.write is not None:
        response = make_response(wanted.write(_triples(held, source)))
    elif wanted is JSON:
        response = make_response(text(_told(held, source)))
    else:
        response = make_response(feed(source.id, source.title, held.publication.minter))
    response.headers["Content-Type"] = wanted.content_type
    return alternates(response, f"/source/{source.id}", wanted, _FORMS)


def _find(held: Edition, name: str) -> tuple[SourceAccount, str]:
    """The source of an address, which may end with a suffix: one that was read, or is to be for the first time."""
    known = sources(held)
    stem, _, suffix = name.rpartition(".")
    if name in known:
        return known[name], ""
    if stem in known and suffix in _FORMS:
        return known[stem], suffix
    awaited = plans()
    for wanted, rest in ((name, ""), (stem, suffix)):
        if wanted in awaited and (not rest or rest in _FORMS):
            return _awaited(awaited[wanted]), rest
    raise NotFound(f"“{name}” is no source of this catalogue.")


def _awaited(plan: Plan) -> SourceAccount:
    """A source that is to be read for the first time."""
    return SourceAccount(plan.id, plan.title, plan.kind, "")


def _page(held: Edition, source: SourceAccount) -> str:
    state, severity = _asked()
    runs = _runs(source.id)
    return render_template(
        "source.html",
        source=source,
        runs=runs,
        older=_older(source.id, runs),
        begun=begun().get(source.id),
        plan=plan_of(source.id),
        standing=standing(source.id),
        quality=quality.of_source(held, source.id),
        messages=messages(held, source.id).most_common(_SHOWN_MESSAGES),
        paging=_paging(source.id, _lines(source, state, severity), state, severity),
        state=state,
        severity=severity,
        moment=Moment,
        words=words,
        took=took,
        forms=[form for form in _FORMS.values() if form is not HTML],
    )


def _runs(source_id: str) -> list[Run]:
    """A page of a source's runs: the newest, or those before the one that `before` numbers."""
    asked = request.args.get("before", "")
    if asked and not _is_number(asked):
        raise BadRequest(f"before={asked[:40]} is not the number of a run.")
    return log().runs(source_id, _SHOWN_RUNS, **({"before": int(asked)} if asked else {}))


def _older(source_id: str, runs: Sequence[Run], suffix: str = "") -> str:
    """The address of the runs before these, "" where there are none."""
    last = runs[-1].number if runs else 0
    return f"/source/{source_id}{suffix}?before={last}" if log().runs(source_id, 1, before=last) else ""


def _described(source_id: str, key: str) -> Link | None:
    """What a record is about, by its name: many keys say nothing."""
    held = edition()
    minter, store = held.publication.minter, held.publication.store
    topic = store.value(minter.record(source_id, key), FOAF.primaryTopic, minter.graph("meta"))
    return held.labels.link(topic, languages(request)) if isinstance(topic, IRI) else None


def _is_number(asked: str) -> bool:
    return asked.isascii() and asked.isdecimal() and len(asked) < 16 and int(asked) > 0


def _asked() -> tuple[str, str]:
    state, severity = request.args.get("state", ""), request.args.get("findings", "")
    if (state and state not in STATES) or (severity and severity not in SEVERITIES.values()):
        raise BadRequest(f"state can be {', '.join(STATES)}; findings can be {', '.join(SEVERITIES.values())}.")
    return state, severity


def _lines(source: SourceAccount, state: str, severity: str) -> list[Line]:
    return [
        line
        for line in source.lines
        if (not state or line.state == state) and (not severity or line.findings.get(severity))
    ]


def _told(held: Edition, source: SourceAccount) -> dict[str, Any]:
    """A source for programs: its last runs, and a page of its records (`page`, `state`, `findings` as on the page)."""
    minter, runs = held.publication.minter, _runs(source.id)
    older = _older(source.id, runs, ".json")
    state, severity = _asked()
    rows = _paging(source.id, _lines(source, state, severity), state, severity, suffix=".json")
    return {
        **_summary(source, plan_of(source.id), begun().get(source.id), minter),
        "runs": [as_json(run, minter) for run in runs],
        "older": minter.base + older if older else None,
        "total": rows.total,
        "records": [
            {"key": line.key, "page": minter.base + path, "state": line.state, "findings": dict(line.findings)}
            for line, path, _ in rows.lines
        ],
        "next": minter.base + rows.next if rows.next else None,
    }


def _summary(source: SourceAccount, plan: Plan | None, harvest: Begun | None, minter: Minter) -> dict[str, Any]:
    """What a source is, when it is read next, and how its records are."""
    return {
        "id": minter.source(source.id).value,
        "source": source.id,
        "title": source.title,
        "kind": source.kind,
        "address": source.address or None,
        "schedule": plan.schedule if plan else None,
        "due": {"now": plan.is_due, "at": plan.at, "wished": plan.is_wished} if plan else None,
        "begun": _begun(harvest),
        "states": dict(source.states),
        "findings": dict(source.findings),
    }


def _begun(found: Begun | None) -> dict[str, Any] | None:
    """A harvest that has not ended; what is not `alive` will never end."""
    if found is None:
        return None
    return {"since": found.since.value, "seen": found.seen.value, "counts": found.counts, "alive": found.is_alive}


def _triples(held: Edition, source: SourceAccount) -> Iterator[Triple]:
    """What is known of a source, and its last runs in PROV."""
    yield from _described_by(held, source)
    yield from triples(_runs(source.id), held.publication.minter)


def _described_by(held: Edition, source: SourceAccount) -> Iterator[Triple]:
    """What is known of a source, and how many of its records are in which state."""
    minter: Minter = held.publication.minter
    node = minter.source(source.id)
    yield from held.publication.store.triples(node, None, None, minter.graph("meta"))
    for name, number in {**source.states, **source.findings}.items():
        yield from count_triples(node, name, number)


@dataclass(frozen=True)
class Rows:
    """One page of a source's records, each with the address of its page and what it describes."""

    lines: tuple[tuple[Line, str, Link | None], ...]
    total: int
    first: int
    previous: str
    next: str


def _paging(source_id: str, lines: Sequence[Line], state: str, severity: str, suffix: str = "") -> Rows:
    asked = request.args.get("page", "1")
    if not _is_number(asked):
        raise BadRequest(f"page={asked[:40]} is not a whole number of 1 or more.")
    page = min(int(asked), max(1, -(-len(lines) // _SIZE)))
    given = {name: value for name, value in (("state", state), ("findings", severity)) if value}

    def address(number: int) -> str:
        return f"/source/{source_id}{suffix}?" + urlencode({**given, "page": str(number)})

    shown = lines[(page - 1) * _SIZE : page * _SIZE]
    return Rows(
        tuple((line, record_path(source_id, line.key), _described(source_id, line.key)) for line in shown),
        len(lines),
        (page - 1) * _SIZE + 1,
        address(page - 1) if page > 1 else "",
        address(page + 1) if page * _SIZE < len(lines) else "",
    )
