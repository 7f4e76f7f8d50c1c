"""A list in other forms than a page: what was searched for, to work on elsewhere."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from xml.sax.saxutils import escape, quoteattr

from catalogue.model import Kind
from catalogue.profiles.tables import Profile
from catalogue.profiles.views import conforming, described
from catalogue.publication import Publication
from catalogue.rdf import IRI
from catalogue.search import Entry, Results
from endpoint.representations import HTML, REPRESENTATIONS, Representation

Body = Callable[[Publication, Kind, Results, str], bytes]
# A spreadsheet takes a cell that begins with one of these for a formula, and would run it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MOST_ROWS = 10_000
_MOST_DESCRIBED = 1_000
MOST_IN_PROFILE = 200  # each is validated, which takes some 5 ms
_MOST_NEWS = 50


@dataclass(frozen=True)
class Export(Representation):
    """A form of a list: `body` makes it, of at most `most` entries at once, sorted by `sort` if it says so."""

    body: Body | None = None
    most: int = _MOST_ROWS
    sort: str = ""


def _csv(publication: Publication, _: Kind, results: Results, __: str) -> bytes:
    """RFC 4180, UTF-8 with a byte order mark, by which spreadsheets know it."""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\r\n")
    columns = ("licence", "country", "owner", "status", "type", "topic", "language", "source")
    writer.writerow(("iri", "page", "title", "summary", *columns, "modified"))
    for entry in results.entries:
        cells = (" ".join(entry.facets.get(name, ())) for name in columns)
        row = (entry.iri, _page(publication, entry), _english(entry.title), _english(entry.summary), *cells)
        writer.writerow([_harmless(cell) for cell in (*row, entry.modified)])
    return b"\xef\xbb\xbf" + output.getvalue().encode()


def _json(publication: Publication, kind: Kind, results: Results, address: str) -> bytes:
    items = [{**asdict(entry), "page": _page(publication, entry)} for entry in results.entries]
    for item in items:
        item.pop("text")
    return json.dumps(
        {"list": address, "kind": kind.name, "total": results.total, "items": items}, ensure_ascii=False, indent=1
    ).encode()


def _atom(publication: Publication, kind: Kind, results: Results, address: str) -> bytes:
    """RFC 4287: the newest first."""
    updated = max((entry.modified for entry in results.entries), default="") or publication.manifest.created
    entries = "".join(_atom_entry(publication, entry) for entry in results.entries)
    title = escape(f"{publication.manifest.title}: {kind.plural}")
    path, mark, query = address.partition("?")
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<id>{escape(address)}</id><title>{title}</title><updated>{updated}</updated>"
        f"<author><name>{escape(publication.manifest.title)}</name></author>"
        f'<link rel="self" type="application/atom+xml" href={quoteattr(f"{path}.atom{mark}{query}")}/>'
        f'<link rel="alternate" href={quoteattr(address)}/>\n{entries}</feed>\n'
    ).encode()


def _atom_entry(publication: Publication, entry: Entry) -> str:
    page = _page(publication, entry)
    return (
        f"<entry><id>{escape(entry.iri)}</id><title>{escape(_english(entry.title))}</title>"
        f"<updated>{entry.modified or publication.manifest.created}</updated><link href={quoteattr(page)}/>"
        f"<summary>{escape(_english(entry.summary))}</summary></entry>\n"
    )


def in_profile(publication: Publication, results: Results, wanted: "Export", profile: Profile) -> tuple[bytes, int]:
    """Each thing as a profile wants it, without natural persons; and how many cannot be had so."""
    assert wanted.write is not None
    things = [IRI(entry.iri) for entry in results.entries]
    made = [conforming(described(publication, thing), thing, profile, persons=False) for thing in things]
    return wanted.write(triple for one in made for triple in one.triples), sum(not one.triples for one in made)


def _described(item: Representation) -> Body:
    """The statements about each thing itself, without those of its parts."""

    def body(publication: Publication, _: Kind, results: Results, __: str) -> bytes:
        assert item.write is not None
        return item.write(
            triple for entry in results.entries for triple in publication.store.triples(IRI(entry.iri), None, None)
        )

    return body


def _page(publication: Publication, entry: Entry) -> str:
    return f"{publication.manifest.base}/{entry.kind}/{entry.key}"


def _english(texts: Mapping[str, str]) -> str:
    return texts.get("en") or next(iter(texts.values()), "")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _linked_data() -> Iterable[Export]:
    for item in REPRESENTATIONS.values():
        if item.write is not None:
            also = tuple(name for name in item.also if name != "application/json")
            yield Export(
                item.suffix, item.media_type, item.label, item.write, also, body=_described(item), most=_MOST_DESCRIBED
            )


EXPORTS: Mapping[str, Export] = {
    item.suffix: item
    for item in (
        Export(HTML.suffix, HTML.media_type, HTML.label, also=HTML.also),
        Export("csv", "text/csv", "CSV", body=_csv),
        Export("json", "application/json", "JSON", body=_json),
        *_linked_data(),
        Export("atom", "application/atom+xml", "Atom", body=_atom, most=_MOST_NEWS, sort="modified"),
    )
}
