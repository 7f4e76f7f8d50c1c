"""Federation in the open: what was read from where, when, with which result, finding by finding."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, g, make_response, render_template, request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.urls import iri_to_uri

from catalogue.operations import Operations
from catalogue.rdf import IRI, Literal, Triple, is_iri
from catalogue.vocabulary import DCT, FOAF, OSC, PROV, SH
from endpoint import quality
from endpoint.description import Description
from endpoint.federation import SEVERITIES, Finding, Line, findings, messages, sources, titles
from endpoint.labels import languages
from endpoint.reader import Edition, edition, home
from endpoint.representations import REPRESENTATIONS, negotiate
from endpoint.show import Moment, external
from endpoint.statements import statements
from endpoint.view import View

blueprint = Blueprint("sources", __name__)

_SIZE = 100
_SHOWN_RUNS = 10
_SHOWN_MESSAGES = 8
# A longer text is shown as far as its last finding, and the rest at its source.
_SHOWN_LINES = 2_000
_SAFE = "/!$&'()*+,;=:@~-._"
STATES = ("current", "stale", "rejected")


@blueprint.get("/sources")
def all_sources() -> Response:
    """Every source: how many records in which state, and how its last harvest went."""
    held = edition()
    g.live = True
    runs = _operations().latest()
    return make_response(
        render_template("sources.html", sources=list(sources(held).values()), runs=runs, moment=Moment)
    )


@blueprint.get("/source/<source_id>")
def one_source(source_id: str) -> Response:
    """A source: its harvests, what is most often to be mended, and its records."""
    held = edition()
    source = sources(held).get(source_id)
    if source is None:
        raise NotFound(f"“{source_id}” is no source of this catalogue.")
    g.live = True
    state, severity = request.args.get("state", ""), request.args.get("findings", "")
    if (state and state not in STATES) or (severity and severity not in SEVERITIES.values()):
        raise BadRequest(f"state can be {', '.join(STATES)}; findings can be {', '.join(SEVERITIES.values())}.")
    lines = [
        line
        for line in source.lines
        if (not state or line.state == state) and (not severity or line.findings.get(severity))
    ]
    return make_response(
        render_template(
            "source.html",
            source=source,
            runs=_operations().runs(source_id, _SHOWN_RUNS),
            quality=quality.of_source(held, source_id),
            messages=messages(held, source_id).most_common(_SHOWN_MESSAGES),
            paging=_paging(source_id, lines, state, severity),
            state=state,
            severity=severity,
            moment=Moment,
        )
    )


@dataclass(frozen=True)
class Rows:
    """One page of a source's records, each with the address of its page."""

    lines: tuple[tuple[Line, str], ...]
    total: int
    first: int
    previous: str
    next: str


def _paging(source_id: str, lines: Sequence[Line], state: str, severity: str) -> Rows:
    asked = request.args.get("page", "1")
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 10 and int(asked)):
        raise BadRequest(f"page={asked[:40]} is not a whole number of 1 or more.")
    page = min(int(asked), max(1, -(-len(lines) // _SIZE)))
    given = {name: value for name, value in (("state", state), ("findings", severity)) if value}

    def address(number: int) -> str:
        return f"/source/{source_id}?" + urlencode({**given, "page": str(number)})

    shown = lines[(page - 1) * _SIZE : page * _SIZE]
    return Rows(
        tuple((line, f"/source/{source_id}/record/{line.key}") for line in shown),
        len(lines),
        (page - 1) * _SIZE + 1,
        address(page - 1) if page > 1 else "",
        address(page + 1) if page * _SIZE < len(lines) else "",
    )


@blueprint.get("/source/<source_id>/record/<path:name>")
def record(source_id: str, name: str) -> Response:
    """A record: its state, its findings, and its original text with the lines that they are about."""
    held = edition()
    node, suffix = _find(held, source_id, name)
    wanted = negotiate(request, suffix)
    path = held.labels.relative(node)
    if wanted.write is not None:
        response = make_response(wanted.write(_triples(held, node)))
        response.headers["Content-Type"] = wanted.content_type
    else:
        response = _record_page(held, source_id, node, path)
    others = (item for item in REPRESENTATIONS.values() if item is not wanted)
    links = (f'<{iri_to_uri(path)}.{item.suffix}>; rel="alternate"; type="{item.media_type}"' for item in others)
    response.headers["Link"] = ", ".join(links)
    return response


def _find(held: Edition, source_id: str, name: str) -> tuple[IRI, str]:
    """The record of an address, which may end with a suffix: one whose key ends so has precedence."""
    minter, store = held.publication.minter, held.publication.store
    stem, _, suffix = name.rpartition(".")
    for key, rest in ((name, ""), (stem, suffix)):
        for spelt in (key, quote(key, safe=_SAFE)):
            address = f"{minter.base}/source/{source_id}/record/{spelt}"
            is_known = is_iri(address) and store.value(IRI(address), OSC.recordState, minter.graph("meta"))
            if is_known and (not rest or rest in REPRESENTATIONS):
                return IRI(address), rest
    raise NotFound(f"There is no record “{name}” of the source “{source_id}”.")


def _triples(held: Edition, node: IRI) -> Iterator[Triple]:
    """What a record says, as harvested; what is known of the record; what is to be mended in it."""
    minter, store = held.publication.minter, held.publication.store
    yield from store.triples(None, None, None, _graph(held, node))
    yield from store.triples(node, None, None, minter.graph("meta"))
    quality = minter.graph("quality")
    report = IRI(f"{node.value}#report")
    yield from store.triples(report, None, None, quality)
    for result in store.objects(report, SH.result, quality):
        if isinstance(result, IRI):
            yield from store.triples(result, None, None, quality)


def _graph(held: Edition, node: IRI) -> IRI:
    source, _, key = node.value.removeprefix(held.publication.minter.source("").value).partition("/record/")
    return held.publication.minter.graph("record", source, key)


@dataclass(frozen=True)
class Original:
    """A line of a document as its author wrote it, and the findings about it."""

    number: int
    text: str
    findings: tuple[Finding, ...]


def _record_page(held: Edition, source_id: str, node: IRI, path: str) -> Response:
    view = View(held, languages(request))
    meta = {t.predicate: t.object for t in held.publication.store.triples(node, None, None, view.meta)}
    topic, origin, original = meta.get(FOAF.primaryTopic), meta.get(DCT.source), meta.get(PROV.value)
    found = findings(held, node)
    lines = _original(original.value if isinstance(original, Literal) else "", found)
    about = Description(node, _triples(held, node))
    return make_response(
        render_template(
            "record.html",
            source=titles(held).get(source_id, source_id),
            source_path=f"/source/{source_id}",
            key=_plain(meta.get(DCT.identifier)),
            state=_plain(meta.get(OSC.recordState)),
            topic=view.link(topic) if isinstance(topic, IRI) else None,
            origin=external(_plain(origin)) if origin else None,
            facts=[(label, view.show(meta[name])) for label, name in _FACTS if name in meta],  # type: ignore[arg-type]
            inferred=[view.name(value) for value in about.iris(OSC.inferred)],
            findings=found,
            original=lines[:_SHOWN_LINES],
            hidden=max(0, len(lines) - _SHOWN_LINES),
            statements=statements(about, view, hidden=(PROV.value,)),
            representations=[item for item in REPRESENTATIONS.values() if item.write],
            path=path,
        )
    )


_FACTS = (("First read", DCT.issued), ("Changed", DCT.modified), ("Written by the rules of", DCT.conformsTo))


def _original(text: str, found: Sequence[Finding]) -> list[Original]:
    by_line: dict[int, list[Finding]] = {}
    for finding in found:
        if finding.line is not None:
            by_line.setdefault(finding.line, []).append(finding)
    return [Original(n, line, tuple(by_line.get(n, ()))) for n, line in enumerate(text.splitlines(), 1)]


def _operations() -> Operations:
    return Operations(home().operations)


def _plain(term: object) -> str:
    return term.value if isinstance(term, IRI | Literal) else ""
