"""Reports: from results to findings in the words of those who have to mend them, and to JSON, Turtle and text."""

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from catalogue.model import Finding, Report, Severity
from catalogue.rdf import IRI, SYNTAXES, BlankNode, Literal, Subject, Term, Triple, is_iri, text, write
from catalogue.validation import engine
from catalogue.validation.closure import closure, listed, suggestion
from catalogue.validation.facts import Facts
from catalogue.validation.places import Places
from catalogue.validation.rules import RULES, Breach, Rule
from catalogue.validation.shapes import Inverse, Path, Result, Sequence, Shapes, Text, packaged
from catalogue.vocabulary import DCT, FOAF, LISTS, PREFIXES, RDF, RDFS, SCHEMA, SH, SKOS, XSD, V

LANGUAGES = ("en", "fr", "de", "it")
_TITLES = (DCT.title, FOAF.name, SKOS.prefLabel, V.fn, SCHEMA.name, RDFS.label)
_RANKS = {Severity.VIOLATION: 0, Severity.WARNING: 1, Severity.INFO: 2}
_SEVERITIES = {Severity.VIOLATION: SH.Violation, Severity.WARNING: SH.Warning, Severity.INFO: SH.Info}
_RULE = IRI(f"{LISTS}shapes/rules#RuleConstraintComponent")
# More than anyone mends in one go; what a hostile document has beyond is counted.
MAX_FINDINGS = 1000
# A value that is longer is cut in texts for people; one that is longer by far wherever it is told, since a thing of
# many findings has its title with each.
_MAX_SHOWN = 200
_MAX_TOLD = 2_000
_WORDS: Mapping[str, Mapping[str, str]] = {
    "rule": {
        "en": "This does not obey the rule “{0}”.",
        "fr": "La règle « {0} » n’est pas respectée.",
        "de": "Die Regel „{0}“ ist nicht eingehalten.",
        "it": "La regola «{0}» non è rispettata.",
    },
    "meant": {
        "en": "Did you mean “{0}”? Write {1}.",
        "fr": "Vouliez-vous dire « {0} » ? Écrivez {1}.",
        "de": "Meinten Sie „{0}“? Schreiben Sie {1}.",
        "it": "Si intendeva «{0}»? Scrivere {1}.",
    },
    "link": {
        "en": "Write it as a link, not as a text: <{0}>.",
        "fr": "Écrivez-le comme un lien, pas comme un texte : <{0}>.",
        "de": "Schreiben Sie es als Link, nicht als Text: <{0}>.",
        "it": "Scriverlo come collegamento, non come testo: <{0}>.",
    },
    "conforms": {
        "en": "{0}: conforms to {1}",
        "fr": "{0} : conforme à {1}",
        "de": "{0}: entspricht {1}",
        "it": "{0}: conforme a {1}",
    },
    "fails": {
        "en": "{0}: does not conform to {1}",
        "fr": "{0} : non conforme à {1}",
        "de": "{0}: entspricht {1} nicht",
        "it": "{0}: non conforme a {1}",
    },
    "violation": {"en": "Errors", "fr": "Erreurs", "de": "Fehler", "it": "Errori"},
    "warning": {"en": "Warnings", "fr": "Avertissements", "de": "Warnungen", "it": "Avvisi"},
    "info": {"en": "Advice", "fr": "Conseils", "de": "Hinweise", "it": "Consigli"},
    "place": {
        "en": "line {0}, column {1}",
        "fr": "ligne {0}, colonne {1}",
        "de": "Zeile {0}, Spalte {1}",
        "it": "riga {0}, colonna {1}",
    },
    "found": {"en": "found: {0}", "fr": "trouvé : {0}", "de": "gefunden: {0}", "it": "trovato: {0}"},
    "more": {
        "en": "{0} more findings are not listed.",
        "fr": "{0} autres constats ne sont pas affichés.",
        "de": "{0} weitere Befunde sind nicht aufgeführt.",
        "it": "Altre {0} segnalazioni non sono elencate.",
    },
    "document": {"en": "The document", "fr": "Le document", "de": "Das Dokument", "it": "Il documento"},
}


@dataclass(frozen=True)
class Item:
    """A finding and what a page shows around it: the name of the property, the title of the thing. `result` is None
    where no shape said it."""

    finding: Finding
    label: str = ""
    title: str | None = None
    result: Result | None = None
    order: float = 0


@dataclass(frozen=True)
class Outcome:
    """All that was found in one document or record, the worst first."""

    profile: str
    items: tuple[Item, ...]

    @property
    def report(self) -> Report:
        return Report(tuple(item.finding for item in self.items))

    @property
    def conforms(self) -> bool:
        return self.report.conforms


@dataclass(frozen=True)
class Asked:
    """How to report: against which profile, in which language, at what time; `whole` says that the triples are a
    document, to which the rules over documents apply; `places` where it says what."""

    profile: str
    now: datetime
    language: str = "en"
    whole: bool = False
    places: Places | None = None


def outcome(triples: Collection[Triple], asked: Asked) -> Outcome:
    """Validates a record or document with what code lists say of the concepts that it names.

    Results about such a concept itself are left out unless the triples describe it: the lists are not their fault.
    """
    shapes = packaged(asked.profile)
    facts = Facts(triples)
    every = engine.results([*triples, *closure(triples)], shapes)
    found = [result for result in every if _concerns(result.focus, facts)]
    # Of the hundred thousand results that a large document can have, most are counted and no more.
    worst = heapq.nsmallest(MAX_FINDINGS, found, lambda result: _rank_of_result(result, shapes, asked))
    items = [_of_result(result, shapes, facts, asked) for result in worst]
    for rule in RULES:
        if asked.profile in rule.profiles and (asked.whole or not rule.whole):
            items += (_of_breach(breach, rule, facts, asked) for breach in rule.breaches(facts, asked.now))
    items.sort(key=_rank)
    listed_items = [_with_fix(item, shapes, asked.language) for item in items[:MAX_FINDINGS]]
    left = len(found) - len(worst) + len(items) - len(listed_items)
    return Outcome(asked.profile, (*listed_items, *_left_out(left, asked.language)))


def _left_out(count: int, language: str) -> Iterator[Item]:
    if count > 0:
        yield Item(Finding(Severity.INFO, _say("more", language, count)))


def _concerns(focus: Term, facts: Facts) -> bool:
    return focus in facts or not listed(focus)


def _rank(item: Item) -> tuple[object, ...]:
    finding = item.finding
    place = (finding.line or 0, finding.column or 0)
    return (_RANKS[finding.severity], place, finding.focus or "", item.order, finding.code or "", finding.value or "")


def _rank_of_result(result: Result, shapes: Shapes, asked: Asked) -> tuple[object, ...]:
    """As `_rank` of its item, and the same in every process."""
    words = shapes.texts.get(result.shape)
    return (
        _RANKS[result.severity],
        tuple(number or 0 for number in _place(result.focus, _property(result.path), asked)),
        _name(result.focus) or "",
        words.order if words else 0,
        result.shape.value,
        result.value.value if result.value else "",
        str(result.focus),
        str(result.value),
        result.component.value,
    )


def _of_result(result: Result, shapes: Shapes, facts: Facts, asked: Asked) -> Item:
    words = shapes.texts.get(result.shape, Text({}, {}))
    label = _in_language(words.names, asked.language) or _short(result.path)
    message = _in_language(words.messages, asked.language) or _say("rule", asked.language, _local(result.component))
    line, column = _place(result.focus, _property(result.path), asked)
    finding = Finding(
        result.severity,
        message,
        _text_of(result.path),
        None if result.value is None else _cut(result.value.value, _MAX_TOLD),
        None,
        line,
        column,
        _name(result.focus),
        result.shape.value if isinstance(result.shape, IRI) else None,
    )
    return Item(finding, label, title(facts, result.focus, asked.language), result, words.order)


def _of_breach(breach: Breach, rule: Rule, facts: Facts, asked: Asked) -> Item:
    line, column = _place(breach.focus, breach.path, asked)
    finding = Finding(
        rule.severity,
        _in_language(rule.messages, asked.language),
        breach.path.value,
        _cut(breach.value.value, _MAX_TOLD),
        None,
        line,
        column,
        _name(breach.focus),
        rule.code,
    )
    return Item(finding, _in_language(rule.names, asked.language), title(facts, breach.focus, asked.language))


def _with_fix(item: Item, shapes: Shapes, language: str) -> Item:
    """To find what was meant takes some milliseconds, so it is done for what is shown only."""
    fix = _fix(item.result, shapes, language)
    return item if fix is None else replace(item, finding=replace(item.finding, fix=fix))


def _fix(result: Result | None, shapes: Shapes, language: str) -> str | None:
    if result is None or result.value is None:
        return None
    code = suggestion(result.value, shapes.schemes.get(result.shape, ()))
    if code is not None:
        return _say("meant", language, _in_language(code.labels, language), f"<{code.iri.value}>")
    address = result.value.value.strip()
    wants_link = isinstance(result.value, Literal) and _local(result.component) in ("NodeKind", "Class", "Node", "Or")
    if wants_link and address.startswith(("http://", "https://")) and is_iri(address):
        return _say("link", language, address)
    return None


def title(facts: Facts, node: Term, language: str) -> str | None:
    """What a thing is called, in the language if it can be."""
    for predicate in _TITLES:
        found = {
            value.language or "": value.value for value in facts.objects(node, predicate) if isinstance(value, Literal)
        }
        if found:
            return _cut(_in_language(found, language), _MAX_SHOWN)
    return None


def _cut(written: str, most: int) -> str:
    return written if len(written) <= most else f"{written[:most]}…"


def _in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in a language, else English, else without language, else any; empty when there is none."""
    tags = (language, "en", "", *sorted(texts))
    return next((texts[tag] for tag in tags if tag in texts), "")


def _say(key: str, language: str, *values: object) -> str:
    return _in_language(_WORDS[key], language).format(*values)


def _place(focus: Term, predicate: IRI | None, asked: Asked) -> tuple[int, int] | tuple[None, None]:
    places = asked.places or {}
    return places.get((focus, predicate)) or places.get((focus, None)) or (None, None)


def _property(path: Path | None) -> IRI | None:
    """The property of the focus node that a path begins with."""
    if isinstance(path, Sequence):
        return _property(path.steps[0])
    return None if isinstance(path, Inverse) else path


def _text_of(path: Path | None) -> str | None:
    """An IRI, or a SPARQL property path."""
    if path is None:
        return None
    return path.value if isinstance(path, IRI) else str(path)


def _name(node: Term) -> str | None:
    return node.value if isinstance(node, IRI) else None


def _short(path: Path | None) -> str:
    return "" if path is None else _local_name(path.value if isinstance(path, IRI) else str(path))


def _local_name(iri: str) -> str:
    return iri.rstrip("/#>").replace("#", "/").rpartition("/")[2]


def _local(component: IRI) -> str:
    return component.value[len(SH.iri) :].removesuffix("ConstraintComponent")


def grouped(items: Iterable[Item]) -> Iterator[tuple[Severity, dict[str, list[Item]]]]:
    """The items by severity, the worst first, and within it by the name of the property."""
    for severity, of_severity in groupby(sorted(items, key=_rank), key=lambda item: item.finding.severity):
        by_label: dict[str, list[Item]] = {}
        for item in of_severity:
            by_label.setdefault(item.label, []).append(item)
        yield severity, by_label


def as_json(found: Outcome) -> dict[str, object]:
    """The object that `catalogue validate --format json` prints for a file."""
    return {
        "conforms": found.conforms,
        "profile": found.profile,
        "results": [_json(finding) for finding in found.report.findings],
    }


def _json(finding: Finding) -> dict[str, object]:
    return {
        "severity": finding.severity.value,
        "focus": finding.focus,
        "path": finding.path,
        "value": finding.value,
        "message": finding.message,
        "fix": finding.fix,
        "line": finding.line,
        "column": finding.column,
    }


def as_turtle(found: Outcome, language: str = "en") -> bytes:
    """A sh:ValidationReport; https://www.w3.org/TR/shacl/#validation-report"""
    report = BlankNode("report")
    triples = {
        Triple(report, RDF.type, SH.ValidationReport),
        Triple(report, SH.conforms, Literal(str(found.conforms).lower(), datatype=XSD.boolean)),
    }
    width = len(str(len(found.items)))
    for number, item in enumerate(found.items, 1):
        node = BlankNode(f"result{number:0{width}}")
        triples |= {Triple(report, SH.result, node), *_result_triples(node, item, language)}
    return write(triples, SYNTAXES["ttl"], PREFIXES)


def _result_triples(node: BlankNode, item: Item, language: str) -> Iterator[Triple]:
    finding = item.finding
    message = finding.message if finding.fix is None else f"{finding.message} {finding.fix}"
    yield Triple(node, RDF.type, SH.ValidationResult)
    yield Triple(node, SH.resultSeverity, _SEVERITIES[finding.severity])
    yield Triple(node, SH.resultMessage, text(message, language))
    yield from _of_shape(node, item.result) if item.result else _of_rule(node, finding)


def _of_shape(node: BlankNode, result: Result) -> Iterator[Triple]:
    yield Triple(node, SH.focusNode, result.focus)
    yield Triple(node, SH.sourceConstraintComponent, result.component)
    yield Triple(node, SH.sourceShape, result.shape)
    if result.value is not None:
        yield Triple(node, SH.value, result.value)
    if result.path is not None:
        head = f"{node.value}path"
        yield Triple(node, SH.resultPath, _path_head(result.path, head))
        yield from _path_triples(result.path, head)


def _of_rule(node: BlankNode, finding: Finding) -> Iterator[Triple]:
    yield Triple(node, SH.sourceConstraintComponent, _RULE)
    for predicate, link in (
        (SH.focusNode, finding.focus),
        (SH.resultPath, finding.path),
        (SH.sourceShape, finding.code),
    ):
        if link is not None and is_iri(link):
            yield Triple(node, predicate, IRI(link))
    if finding.value is not None:
        yield Triple(node, SH.value, text(finding.value))


def _path_head(path: Path, name: str) -> Subject:
    return path if isinstance(path, IRI) else BlankNode(name)


def _path_triples(path: Path, name: str) -> Iterator[Triple]:
    """https://www.w3.org/TR/shacl/#property-paths, from the blank node `name` on."""
    if isinstance(path, Inverse):
        yield Triple(BlankNode(name), SH.inversePath, path.path)
    if isinstance(path, Sequence):
        for number, step in enumerate(path.steps):
            cell, rest = BlankNode(f"{name}{number or ''}"), BlankNode(f"{name}{number + 1}")
            yield Triple(cell, RDF.first, _path_head(step, f"{name}step{number}"))
            yield Triple(cell, RDF.rest, rest if number + 1 < len(path.steps) else RDF.nil)
            yield from _path_triples(step, f"{name}step{number}")


def as_text(found: Outcome, name: str, language: str = "en") -> str:
    """Lines for people: a verdict, then what to mend by severity and property."""
    lines = [_say("conforms" if found.conforms else "fails", language, name, found.profile)]
    for severity, by_label in grouped(found.items):
        lines += ["", f"{_say(severity.value, language)} ({sum(map(len, by_label.values()))})"]
        for label, items in by_label.items():
            lines.append(f"  {label or _say('document', language)}")
            lines += (line for item in items for line in _lines(item, language))
    return "\n".join(lines) + "\n"


def _lines(item: Item, language: str) -> Iterator[str]:
    finding = item.finding
    about = item.title or finding.focus
    place = _say("place", language, finding.line, finding.column or 1) if finding.line else None
    yield "    " + ": ".join(part for part in (place, about, finding.message) if part)
    if finding.value is not None:
        yield "      " + _say("found", language, " ".join(_cut(finding.value, _MAX_SHOWN).split()))
    if finding.fix is not None:
        yield "      " + finding.fix
