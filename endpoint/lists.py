"""Lists of things: search, facets, sorting, paging; all of it in the address, so that a list can be shared."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from catalogue.entries import INDEXED
from catalogue.model import KINDS, Kind
from catalogue.profiles.tables import Profile
from catalogue.rdf import IRI, is_iri
from catalogue.search import FACETS, SORTS, Question, Results
from catalogue.vocabulary import LISTS
from endpoint import facets, profiled
from endpoint.exports import EXPORTS, MOST_IN_PROFILE, Export, in_profile
from endpoint.federation import titles
from endpoint.labels import code, languages
from endpoint.reader import Edition, edition
from endpoint.representations import REPRESENTATIONS, negotiate, respond
from endpoint.show import Link, Text
from endpoint.turns import Turns
from endpoint.view import View

blueprint = Blueprint("lists", __name__)

_BY_PLURAL = {kind.plural: kind for kind in KINDS.values() if kind.name in INDEXED}
_PLURAL = f"<any({', '.join(_BY_PLURAL)}):plural>"
_SIZE = 20
_MOST_ON_A_PAGE = 100
# An export is up to two seconds of work for the interpreter, which pages share; a process makes one at a time.
_EXPORTS = Turns(1, waiting=4, patience_s=10, busy="Other exports are being made.")
_MOST_WORDS = 500  # characters of a search
_MOST_VALUES, _LONGEST_VALUE = 20, 500
_SHOWN_VALUES = 8
# Kind of a code list's terms → heading, facet of solutions, how the terms shown there begin.
_OVERVIEWS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "licence": (("Licences of solutions", "licence", "http"),),
    "topic": (
        ("Topics", "topic", f"{LISTS}topic/"),
        ("Areas of government", "topic", f"{LISTS}scope/"),
        ("Categories of software", "topic", f"{LISTS}category/"),
        ("Countries", "country", "http"),
        ("Languages", "language", "http"),
        ("Kinds of software", "type", "http"),
        ("Statuses", "status", "http"),
    ),
}
_SHOWN_WHEN_OPENED = 500

SORT_NAMES = {"relevance": "Best match", "title": "Name", "modified": "Last updated"}
# What each list is about, in a sentence.
LEADS: Mapping[str, str] = {
    "solution": "Software that public bodies publish, use or share under open source licences.",
    "initiative": "Programmes, policies, communities and offices that further open source in the public sector.",
    "administration": "Public bodies that publish, use or pay for open source software.",
    "owner": "Companies, associations and communities behind the software.",
    "licence": "Licences of the software in this catalogue, and all others of the SPDX list.",
    "topic": "What the software is about and for whom: topics, areas of government, countries, languages.",
    "article": "News of the initiatives.",
    "event": "Events of the initiatives.",
    "document": "Case studies, guidelines, studies and strategies.",
}


@dataclass(frozen=True)
class Request:
    """What a list's address asks for; nothing when it is bare. `notes` say what was changed because it did not fit."""

    kind: Kind
    text: str
    filters: Mapping[str, tuple[str, ...]]
    sort: str
    page: int
    size: int | None
    opened: str
    profile: Profile | None = None
    is_bare: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    """A value of a facet: how many it leads to, and the address that adds it or takes it away."""

    name: Text
    count: int
    href: str
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """A facet's values; `more` leads to those that are not shown."""

    name: str
    heading: str
    choices: tuple[Choice, ...]
    chosen: int
    more: str = ""
    hidden: int = 0


@blueprint.get(f"/{_PLURAL}")
def page_or_data(plural: str) -> Response:
    """A list as the Accept header asks."""
    return _list(_BY_PLURAL[plural], "")


@blueprint.get(f"/{_PLURAL}.<any({', '.join(EXPORTS)}):suffix>")
def data(plural: str, suffix: str) -> Response:
    """A list in the form that its suffix names."""
    return _list(_BY_PLURAL[plural], suffix)


def _list(kind: Kind, suffix: str) -> Response:
    wanted = negotiate(request, suffix, EXPORTS)
    assert isinstance(wanted, Export)
    asked = read(kind, request.args)
    held = edition()
    if wanted.body is not None:
        return _export(held, asked, wanted)
    if (asked.size or 0) > _MOST_ON_A_PAGE:
        note = f"A page shows at most {_MOST_ON_A_PAGE}; there are more pages, and exports have all."
        asked = replace(asked, size=_MOST_ON_A_PAGE, notes=(*asked.notes, note))
    view = View(held, languages(request))
    key = (_href(asked), asked.profile and asked.profile.name, asked.is_bare, asked.notes, view.languages)
    response = respond(held.bodies.get(key, lambda: _page(asked, view)), wanted)
    others = [(item, _href(asked, suffix=item.suffix, page=1, size=None)) for item in EXPORTS.values() if item.body]
    response.headers["Link"] = ", ".join(
        f'<{href}>; rel="alternate"; type="{item.media_type}"' for item, href in others
    )
    return response


def _page(asked: Request, view: View) -> str:
    results, asked = ask(view.edition, asked)
    return render_template(
        "list.html",
        kind=asked.kind,
        lead=LEADS[asked.kind.name],
        asked=asked,
        results=results,
        cards=view.cards(results.entries),
        facets=_facets(view, asked, results),
        chips=_chips(view, asked),
        overview=_overview(view, asked),
        sorts=_sorts(asked),
        paging=_paging(asked, results.total),
        exports=[(item, _href(asked, suffix=item.suffix, page=1, size=None)) for item in EXPORTS.values() if item.body],
    )


def _export(held: Edition, asked: Request, wanted: Export) -> Response:
    assert wanted.body is not None
    if asked.profile is not None and wanted.write is None:
        raise BadRequest(f"profile={asked.profile.name} is offered for linked data only, not as {wanted.label}.")
    most = wanted.most if asked.profile is None else MOST_IN_PROFILE
    size = min(asked.size or most, most)
    results, asked = ask(held, replace(asked, size=size, sort=wanted.sort or asked.sort))
    asked = replace(asked, size=None if size == most else size)
    with _EXPORTS.turn():
        response = _data(held, asked, wanted, results)
    response.headers["Content-Type"] = wanted.content_type
    response.headers["X-Total-Count"] = str(results.total)
    links = [f'<{_href(asked)}>; rel="alternate"; type="text/html"']
    if asked.profile is not None:
        links.append(profiled.link(asked.profile))
    if asked.page > 1:
        links.append(f'<{_href(asked, suffix=wanted.suffix, page=asked.page - 1)}>; rel="prev"')
    if asked.page * size < results.total:
        links.append(f'<{_href(asked, suffix=wanted.suffix, page=asked.page + 1)}>; rel="next"')
    response.headers["Link"] = ", ".join(links)
    return response


def _data(held: Edition, asked: Request, wanted: Export, results: Results) -> Response:
    assert wanted.body is not None
    if asked.profile is None:
        address = held.publication.minter.base + _href(asked)
        return make_response(wanted.body(held.publication, asked.kind, results, address))
    content, omitted = in_profile(held.publication, results, wanted, asked.profile)
    response = make_response(content)
    response.headers["X-Omitted-Count"] = str(omitted)
    return response


# Reading the address


def read(kind: Kind, args: MultiDict[str, str]) -> Request:
    """Reads a list's parameters. Raises BadRequest naming one that is no number or not offered."""
    text = " ".join(args.get("q", "").split())
    notes = []
    if len(text) > _MOST_WORDS:
        text = text[:_MOST_WORDS]
        notes.append(f"The search was cut after {_MOST_WORDS} characters.")
    sort = args.get("sort") or _usual(kind, text)
    if sort not in SORTS:
        raise BadRequest(f"sort={sort} is not offered; it can be {', '.join(SORTS)}.")
    return Request(
        kind=kind,
        text=text,
        filters={name: _values(args, name) for name in FACETS if args.get(name)},
        sort=sort,
        page=_number(args, "page") or 1,
        size=_number(args, "size"),
        opened=args.get("all", "") if args.get("all") in FACETS else "",
        profile=profiled.asked(args),
        is_bare=not (args.keys() - {"lang", "format", "profile"}),
        notes=tuple(notes),
    )


def _values(args: MultiDict[str, str], name: str) -> tuple[str, ...]:
    """The values of a filter. Each is in the address of every other, so a page has as many as their square."""
    values = tuple(dict.fromkeys(filter(None, args.getlist(name))))
    if len(values) > _MOST_VALUES:
        raise BadRequest(f"{name}=… is there {len(values)} times; it can be {_MOST_VALUES} times.")
    if longest := next((value for value in values if len(value) > _LONGEST_VALUE), ""):
        raise BadRequest(f"{name}={longest[:40]}… is longer than {_LONGEST_VALUE} characters.")
    return values


def _usual(kind: Kind, text: str) -> str:
    """How a list is sorted when nobody asks for something else; code lists have no news."""
    return "relevance" if text else "title" if kind.name in _OVERVIEWS else "modified"


def _number(args: MultiDict[str, str], name: str) -> int | None:
    given = args.get(name, "")
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) < 10 and int(given) > 0):
        raise BadRequest(f"{name}={given[:40]} is not a whole number of 1 or more.")
    return int(given)


def ask(held: Edition, asked: Request) -> tuple[Results, Request]:
    """Asks the index; a page behind the last becomes the last, and a note says so."""
    codes = facets.codes(held, asked.kind.name)
    notes = list(asked.notes)
    size = asked.size or _SIZE
    question = Question(
        asked.kind.name,
        asked.text,
        {name: tuple(codes[name].value(value) for value in values) for name, values in asked.filters.items()},
        asked.sort,
        0,
        size,
    )
    page = asked.page
    if page > 1:
        last = max(1, -(-held.publication.search.count(question) // size))
        if page > last:
            notes.append(f"There is no page {page}; this is the last one.")
            page = last
    question = replace(question, offset=(page - 1) * size)
    if question.text or question.filters:
        results = held.publication.search.ask(question)
    else:
        results = replace(held.publication.search.ask(question, ()), facets=facets.counts(held, question.kind))
    return results, replace(asked, page=page, size=size, notes=tuple(notes))


# Writing addresses


def _href(asked: Request, *, suffix: str = "", **changes: object) -> str:
    """The address of the list that differs in some respects; what is as usual is left out."""
    changed = replace(asked, **changes)  # type: ignore[arg-type]
    usual = _usual(asked.kind, changed.text)
    pairs: list[tuple[str, str]] = [("q", changed.text)] if changed.text else []
    pairs += [(name, value) for name in FACETS for value in changed.filters.get(name, ())]
    pairs += [("sort", changed.sort)] if changed.sort != usual else []
    pairs += [("size", str(changed.size))] if changed.size not in (None, _SIZE) else []
    pairs += [("page", str(changed.page))] if changed.page > 1 else []
    pairs += [("all", changed.opened)] if changed.opened and not suffix else []
    pairs += [("profile", changed.profile.name)] if changed.profile and suffix in REPRESENTATIONS else []
    dotted = f".{suffix}" if suffix else ""
    return f"/{asked.kind.plural}{dotted}" + (f"?{urlencode(pairs)}" if pairs else "")


def _toggled(asked: Request, name: str, code: str) -> str:
    values = asked.filters.get(name, ())
    changed = tuple(value for value in values if value != code) if code in values else (*values, code)
    return _href(asked, filters={**asked.filters, name: changed}, page=1)


# What the page shows


def _overview(view: View, asked: Request) -> list[tuple[str, list[tuple[Link, int]]]]:
    """What solutions have of the code lists, list by list: more to the point than a thousand terms by name."""
    if asked.kind.name not in _OVERVIEWS or not asked.is_bare:
        return []
    counts = facets.counts(view.edition, "solution")
    return [
        (heading, found)
        for heading, facet, starts in _OVERVIEWS[asked.kind.name]
        if (found := [(view.link(IRI(value)), n) for value, n in counts.get(facet, ()) if value.startswith(starts)])
    ]


def _facets(view: View, asked: Request, results: Results) -> list[Facet]:
    codes = facets.codes(view.edition, asked.kind.name)
    found = []
    for name in facets.HEADINGS:
        counts = results.facets.get(name, ())
        if counts and (len(codes[name].by_value) > 1 or asked.filters.get(name)):
            found.append(_facet(view, asked, name, counts))
    return found


def _facet(view: View, asked: Request, name: str, counts: Sequence[tuple[str, int]]) -> Facet:
    codes = facets.codes(view.edition, asked.kind.name)[name]
    given = asked.filters.get(name, ())
    chosen = {codes.value(value) for value in given}
    most = _SHOWN_WHEN_OPENED if asked.opened == name else _SHOWN_VALUES
    shown = [pair for pair in counts if pair[0] in chosen]
    shown += islice((pair for pair in counts if pair[0] not in chosen), max(0, most - len(shown)))
    names = {value: _value_name(view, name, value) for value, _ in shown}
    often = Counter(text.value for text in names.values())
    choices = []
    for value, count in shown:
        # A chosen value stands in the address as it was given: by its code or as a whole IRI.
        given_as = value if value in given else codes.code(value)
        text = names[value] if often[names[value].value] == 1 else _told_apart(names[value], value)
        choices.append(Choice(text, count, _toggled(asked, name, given_as), value in chosen))
    hidden = len(counts) - len(shown)
    more = _href(asked, opened=name) + f"#facet-{name}" if hidden else ""
    return Facet(name, facets.heading(asked.kind.name, name), tuple(choices), len(chosen), more, hidden)


def _told_apart(name: Text, value: str) -> Text:
    """A name with the list that it is of: "Collaboration (category)"."""
    return Text(f"{name.value} ({value.rsplit('/', 2)[-2]})", name.language)


def _value_name(view: View, facet: str, value: str) -> Text:
    if facet == "source":
        return Text(titles(view.edition).get(value, value))
    if facet == "licence" or not is_iri(value):
        return Text(code(IRI(value)) if is_iri(value) else value)
    return view.name(IRI(value))


def _chips(view: View, asked: Request) -> list[Link]:
    """What narrows the list, each with the address of the list without it."""
    codes = facets.codes(view.edition, asked.kind.name)
    chips = (
        [Link(Text(f"“{asked.text}”"), _href(asked, text="", sort=_usual(asked.kind, ""), page=1))]
        if asked.text
        else []
    )
    for name, values in asked.filters.items():
        for value in values:
            known = codes[name].value(value)
            words = _value_name(view, name, known) if known in codes[name].by_value else Text(value)
            heading = facets.heading(asked.kind.name, name)
            chips.append(Link(Text(f"{heading}: {words.value}", words.language), _toggled(asked, name, value)))
    return chips


def _sorts(asked: Request) -> list[tuple[str, str, bool]]:
    offered = SORTS if asked.text else tuple(name for name in SORTS if name != "relevance")
    return [(SORT_NAMES[name], _href(asked, sort=name, page=1), name == asked.sort) for name in offered]


@dataclass(frozen=True)
class Paging:
    """Where a page of a list stands among the others."""

    first: int
    last: int
    page: int
    pages: int
    previous: str
    next: str
    numbers: tuple[tuple[int, str], ...]


def _paging(asked: Request, total: int) -> Paging:
    size = asked.size or _SIZE
    pages = max(1, -(-total // size))
    near = {1, pages, *range(asked.page - 2, asked.page + 3)}
    return Paging(
        first=min((asked.page - 1) * size + 1, total),
        last=min(asked.page * size, total),
        page=asked.page,
        pages=pages,
        previous=_href(asked, page=asked.page - 1) if asked.page > 1 else "",
        next=_href(asked, page=asked.page + 1) if asked.page < pages else "",
        numbers=tuple((number, _href(asked, page=number)) for number in sorted(near) if 1 <= number <= pages),
    )
