"""The search index of a publication: text in many languages, facets, lists. The only module that knows tantivy.

Lists and facets come from here and never from SPARQL: at 100,000 solutions, counting a facet takes about a millisecond
here and 600 in the store, sorting by title one against 5,700 (`docs/performance.md`).
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Occur

from catalogue.errors import StoreError

VERSION = 2  # of the index's fields: another one makes the next publication rebuild it

FACETS = ("type", "licence", "country", "topic", "owner", "status", "language", "source", "level")
SORTS = ("relevance", "title", "modified")
_STEMMERS = {
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nb": "norwegian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "sv": "swedish",
}
_WORD = re.compile(r"\w+")
# More words than a person types; each adds a dozen terms to the query.
_MAX_WORDS = 16
_MAX_WORD = 64
_WRITER_MEMORY_BYTES = 50_000_000


@dataclass(frozen=True)
class Entry:
    """One thing in the index. `title`, `summary` and `text` hold the words by language tag ("" for none)."""

    iri: str
    kind: str
    key: str
    title: Mapping[str, str]
    summary: Mapping[str, str] = field(default_factory=dict)
    text: Mapping[str, str] = field(default_factory=dict)
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    modified: str = ""


@dataclass(frozen=True)
class Question:
    """What a list shows: values of one facet widen it, facets narrow it."""

    kind: str
    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = "relevance"
    offset: int = 0
    size: int = 20


@dataclass(frozen=True)
class Results:
    """`total` entries match; `corrected` when none had the words as typed and near ones were taken."""

    total: int
    entries: tuple[Entry, ...]
    facets: Mapping[str, tuple[tuple[str, int], ...]]
    corrected: bool = False


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("iri", "kind", "address", "title_order", *FACETS):
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in ("title", "plain"):
        builder.add_text_field(name, tokenizer_name="plain")
    for language in _STEMMERS:
        builder.add_text_field(f"text_{language}", tokenizer_name=f"stem_{language}", index_option="freq")
    builder.add_bytes_field("entry", stored=True)
    builder.add_text_field("modified", fast=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def _analyzers() -> dict[str, tantivy.TextAnalyzer]:
    """Lower case and without accents for all, stemmed for each language: "gestión" is found as "gestion"."""

    def folded() -> tantivy.TextAnalyzerBuilder:
        builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        for step in (
            tantivy.Filter.remove_long(_MAX_WORD * 4),
            tantivy.Filter.lowercase(),
            tantivy.Filter.ascii_fold(),
        ):
            builder = builder.filter(step)
        return builder

    stemmed = {
        f"stem_{code}": folded().filter(tantivy.Filter.stemmer(name)).build() for code, name in _STEMMERS.items()
    }
    return {"plain": folded().build(), **stemmed}


class _Index:
    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.analyzers = _analyzers()
        try:
            if create:
                path.mkdir(parents=True, exist_ok=True)
                self.index = tantivy.Index(_schema(), path=str(path))
            else:
                self.index = tantivy.Index.open(str(path))
        except (ValueError, OSError) as error:
            raise StoreError(f"search: the index in {path} cannot be opened: {error}") from error
        for name, analyzer in self.analyzers.items():
            self.index.register_tokenizer(name, analyzer)


class IndexWriter(_Index):
    """Changes an index; nothing is seen before `commit`."""

    def __init__(self, path: Path, *, create: bool) -> None:
        super().__init__(path, create=create)
        self._writer = self.index.writer(_WRITER_MEMORY_BYTES, 1)

    def put(self, entry: Entry) -> None:
        """Adds an entry in place of the one of the same IRI."""
        self.remove(entry.iri)
        self._writer.add_document(_document(entry))

    def remove(self, iri: str) -> None:
        self._writer.delete_documents_by_term("iri", iri)

    def commit(self) -> None:
        """Writes all changes and ends; merged segments included, so that no thread outlives this."""
        self._writer.commit()
        self._writer.wait_merging_threads()


def _document(entry: Entry) -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("iri", entry.iri)
    document.add_text("kind", entry.kind)
    document.add_text("address", f"{entry.kind}/{entry.key}")
    document.add_text("title_order", _title_order(entry.title))
    document.add_text("modified", entry.modified)
    for name, values in entry.facets.items():
        for value in values:
            document.add_text(name, value)
    for title in set(entry.title.values()):
        document.add_text("title", title)
    for language, text in _texts(entry):
        document.add_text("plain", text)
        stem = language.partition("-")[0]
        if stem in _STEMMERS:
            document.add_text(f"text_{stem}", text)
    document.add_bytes("entry", _stored(entry))
    return document


def _texts(entry: Entry) -> Iterator[tuple[str, str]]:
    for texts in (entry.title, entry.summary, entry.text):
        yield from texts.items()


def _stored(entry: Entry) -> bytes:
    stored = {
        "iri": entry.iri,
        "kind": entry.kind,
        "key": entry.key,
        "title": dict(entry.title),
        "summary": dict(entry.summary),
        "facets": {name: list(values) for name, values in entry.facets.items()},
        "modified": entry.modified,
    }
    return json.dumps(stored, ensure_ascii=False, separators=(",", ":")).encode()


def _title_order(titles: Mapping[str, str]) -> str:
    title = titles.get("en") or next(iter(titles.values()), "")
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode() or title
    return " ".join(plain.casefold().split())[:80]


class Index(_Index):
    """A publication's index, for reading."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._schema = self.index.schema
        self._searcher = self.index.searcher()

    def ask(self, question: Question, facets: Iterable[str] = FACETS) -> Results:
        """Answers a list; a facet's counts leave its own filter out, so that they say what choosing a value gives."""
        words = self._words(question.text, near=False)
        found = self._search(question, words)
        corrected = False
        if _count(found) == 0 and question.text.strip():
            words = self._words(question.text, near=True)
            found = self._search(question, words)
            corrected = _count(found) > 0
        entries = tuple(self._entry(address) for _, address in found.hits)
        return Results(_count(found), entries, self._facets(question, words, tuple(facets)), corrected)

    def find(self, kind: str, key: str) -> Entry | None:
        """The entry at an address."""
        return self._one("address", f"{kind}/{key}")

    def entry(self, iri: str) -> Entry | None:
        """The entry of a thing."""
        return self._one("iri", iri)

    def count(self, question: Question) -> int:
        """How many entries a list has."""
        return _count(self._searcher.search(self._query(question, self._words(question.text, near=False)), 1))

    def counts(self) -> dict[str, int]:
        """How many entries there are of each kind."""
        return dict(self._terms(tantivy.Query.all_query(), ("kind",))["kind"])

    def _one(self, field_name: str, value: str) -> Entry | None:
        hits = self._searcher.search(tantivy.Query.term_query(self._schema, field_name, value), 1).hits
        return self._entry(hits[0][1]) if hits else None

    def _search(self, question: Question, words: list[tantivy.Query]) -> tantivy.SearchResult:
        order = {"title": ("title_order", tantivy.Order.Asc), "modified": ("modified", tantivy.Order.Desc)}
        # Without words all entries are equally relevant; the newest first is what a browser wants.
        sort = "modified" if question.sort == "relevance" and not words else question.sort
        by_field, direction = order.get(sort, (None, tantivy.Order.Desc))
        query = self._query(question, words)
        return self._searcher.search(
            query, question.size, order_by_field=by_field, offset=question.offset, order=direction
        )

    def _query(self, question: Question, words: list[tantivy.Query], without: str = "") -> tantivy.Query:
        parts = [tantivy.Query.term_query(self._schema, "kind", question.kind)]
        for name, values in question.filters.items():
            if name in FACETS and name != without and values:
                parts.append(tantivy.Query.term_set_query(self._schema, name, list(values)))
        filters = [(Occur.Must, tantivy.Query.const_score_query(part, 0.0)) for part in parts]
        return tantivy.Query.boolean_query(filters + [(Occur.Must, word) for word in words])

    def _words(self, text: str, *, near: bool) -> list[tantivy.Query]:
        words = _WORD.findall(text)[:_MAX_WORDS]
        return [self._word(word[:_MAX_WORD], last=word is words[-1], near=near) for word in words]

    def _word(self, word: str, *, last: bool, near: bool) -> tantivy.Query:
        """A word as typed in titles first, then anywhere, in any language's stem; the last one may be unfinished."""
        plain = "".join(self.analyzers["plain"].analyze(word))
        query = tantivy.Query
        if not plain:
            return query.empty_query()
        options = [
            query.boost_query(query.term_query(self._schema, "title", plain), 4.0),
            query.term_query(self._schema, "plain", plain),
        ]
        for code in _STEMMERS:
            stems = self.analyzers[f"stem_{code}"].analyze(word)
            options += [query.term_query(self._schema, f"text_{code}", stem, "freq") for stem in stems]
        if last and len(plain) > 2:
            options.append(query.fuzzy_term_query(self._schema, "plain", plain, distance=0, prefix=True))
        if near and len(plain) > 3:
            options += [query.fuzzy_term_query(self._schema, name, plain, distance=1) for name in ("title", "plain")]
        return query.disjunction_max_query(options, 0.1)

    def _facets(
        self, question: Question, words: list[tantivy.Query], facets: tuple[str, ...]
    ) -> dict[str, tuple[tuple[str, int], ...]]:
        chosen = [name for name in facets if question.filters.get(name)]
        counts = self._terms(self._query(question, words), tuple(name for name in facets if name not in chosen))
        for name in chosen:
            counts |= self._terms(self._query(question, words, without=name), (name,))
        return counts

    def _terms(self, query: tantivy.Query, names: tuple[str, ...]) -> dict[str, tuple[tuple[str, int], ...]]:
        if not names:
            return {}
        asked = {name: {"terms": {"field": name, "size": 10_000}} for name in names}
        answer: dict[str, Any] = self._searcher.aggregate(query, asked)
        return {
            name: tuple((bucket["key"], bucket["doc_count"]) for bucket in answer[name]["buckets"]) for name in names
        }

    def _entry(self, address: tantivy.DocAddress) -> Entry:
        stored = json.loads(bytes(self._searcher.doc(address).get_first("entry") or b""))
        facets = {name: tuple(values) for name, values in stored.pop("facets").items()}
        return Entry(**stored, facets=facets)


def _count(found: tantivy.SearchResult) -> int:
    return found.count or 0  # type: ignore[attr-defined]  # missing in the package's stub
