"""What a publication knows of its sources: their records, the state of each, and its findings.

Read in one pass over the accounts, once for a publication; the text and findings of a single record are read when asked
for.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from catalogue.rdf import IRI, Literal, Term, Triple
from catalogue.vocabulary import DCAT, DCT, OSC, RDF, SH
from endpoint.reader import Edition

SEVERITIES: Mapping[Term, str] = {SH.Violation: "violation", SH.Warning: "warning", SH.Info: "info"}
_ORDER = tuple(SEVERITIES.values())


@dataclass(frozen=True)
class Line:
    """A record in a list: its key, its state (current, stale, outside, rejected), how many findings by severity."""

    key: str
    state: str
    findings: Mapping[str, int]


@dataclass
class SourceAccount:
    """A source and its records, those with most to mend first."""

    id: str
    title: str
    kind: str
    address: str
    lines: list[Line] = field(default_factory=list)

    @property
    def states(self) -> Counter[str]:
        return Counter(line.state for line in self.lines)

    @property
    def findings(self) -> Counter[str]:
        return Counter(severity for line in self.lines for severity in Counter(line.findings).elements())


@dataclass(frozen=True)
class Finding:
    """One thing to mend in a record, in words; `line` and `column` count from 1."""

    severity: str
    message: str
    path: str
    value: str
    fix: str
    line: int | None
    column: int | None


def sources(edition: Edition) -> Mapping[str, SourceAccount]:
    """All sources by their identifiers, in the order of their titles."""
    return edition.once("sources", lambda: _sources(edition))


def titles(edition: Edition) -> Mapping[str, str]:
    """The titles of the sources, without reading their records."""
    return edition.once("source titles", lambda: {found.id: found.title for found in _described(edition)})


def _described(edition: Edition) -> Iterator[SourceAccount]:
    publication = edition.publication
    meta = publication.minter.graph("meta")
    for triple in publication.store.triples(None, RDF.type, DCAT.Catalog, meta):
        assert isinstance(triple.subject, IRI)  # the store holds no other sources
        said = {t.predicate: t.object for t in publication.store.triples(triple.subject, None, None, meta)}
        identifier = _plain(said.get(DCT.identifier))
        title = _plain(said.get(DCT.title)) or identifier
        yield SourceAccount(identifier, title, _plain(said.get(OSC.sourceKind)), _plain(said.get(DCAT.accessURL)))


def _sources(edition: Edition) -> Mapping[str, SourceAccount]:
    found = {source.id: source for source in sorted(_described(edition), key=lambda source: source.title.casefold())}
    minter = edition.publication.minter
    prefix = minter.source("").value
    findings = _findings_by_record(edition)
    for triple in edition.publication.store.triples(None, OSC.recordState, None, minter.graph("meta")):
        record = _plain(triple.subject)
        source, _, key = record.removeprefix(prefix).partition("/record/")
        if source in found:
            counts: Mapping[str, int] = findings.get(record, {})
            found[source].lines.append(Line(unquote(key), _plain(triple.object), counts))
    for account in found.values():
        account.lines.sort(key=lambda line: (*(-line.findings.get(severity, 0) for severity in _ORDER), line.key))
    return found


def _findings_by_record(edition: Edition) -> dict[str, Counter[str]]:
    publication = edition.publication
    counts: dict[str, Counter[str]] = {}
    for triple in publication.store.triples(None, SH.resultSeverity, None, publication.minter.graph("quality")):
        record = _plain(triple.subject).partition("#")[0]
        counts.setdefault(record, Counter())[SEVERITIES.get(_term(triple), "info")] += 1
    return counts


def messages(edition: Edition, source_id: str) -> Counter[tuple[str, str]]:
    """How often each message stands for each key, in all records of a source."""
    return edition.once(f"messages of {source_id}", lambda: _messages(edition, source_id))


def _messages(edition: Edition, source_id: str) -> Counter[tuple[str, str]]:
    minter, store = edition.publication.minter, edition.publication.store
    quality, prefix = minter.graph("quality"), minter.record(source_id, "").value

    def said(name: IRI) -> dict[str, str]:
        found = ((_plain(triple.subject), _plain(triple.object)) for triple in store.triples(None, name, None, quality))
        return {node: words for node, words in found if node.startswith(prefix)}

    keys = said(OSC.findingCode)
    return Counter((keys.get(node, ""), message) for node, message in said(SH.resultMessage).items())


def findings(edition: Edition, record: IRI) -> list[Finding]:
    """What is to be mended in a record: the worst first, then in the order of the text."""
    publication = edition.publication
    quality = publication.minter.graph("quality")
    results = publication.store.objects(IRI(f"{record.value}#report"), SH.result, quality)
    found = []
    for node in results:
        if isinstance(node, IRI):
            said = {t.predicate: t.object for t in publication.store.triples(node, None, None, quality)}
            found.append(_finding(said))
    return sorted(found, key=lambda finding: (_ORDER.index(finding.severity), finding.line or 0, finding.column or 0))


def _finding(said: Mapping[IRI, object]) -> Finding:
    line, column = _plain(said.get(OSC.line)), _plain(said.get(OSC.column))
    severity = said.get(SH.resultSeverity)
    return Finding(
        severity=SEVERITIES.get(severity, "info") if isinstance(severity, IRI) else "info",
        message=_plain(said.get(SH.resultMessage)),
        path=_plain(said.get(OSC.findingCode)),
        value=_plain(said.get(SH.value)),
        fix=_plain(said.get(OSC.findingFix)),
        line=int(line) if line.isdecimal() else None,
        column=int(column) if column.isdecimal() else None,
    )


def _term(triple: Triple) -> Term:
    assert not isinstance(triple.object, Triple)  # no such term is ever stored
    return triple.object


def _plain(term: object) -> str:
    return term.value if isinstance(term, IRI | Literal) else ""
