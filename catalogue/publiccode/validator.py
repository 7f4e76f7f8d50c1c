"""What is wrong with a publiccode.yml, as the reference parser sees it (see `catalogue.publiccode`).

Keys are spelled as that parser spells them (`description.en.features`, `description[en-US].features`,
`maintenance.contacts[0].email`), and findings stand where it has them: at the key; of an entry of a list at the entry;
of a missing key at the mapping that lacks it; of a value of the wrong type, or an unknown key, at the first column of
the value's line. It has no place (0:0) for what lacks a whole section; here that is where the section is missing.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from catalogue.errors import DocumentError
from catalogue.model import Finding, Report, Severity
from catalogue.publiccode import standard
from catalogue.publiccode.rules import FILE, RULES, Deprecated, Rule, Schema, Type
from catalogue.publiccode.values import (
    Fault,
    boolean,
    did_you_mean,
    is_empty,
    is_number,
    language_fault,
    loses_digits,
    near,
)
from catalogue.yaml import MAX_BYTES, Mapping, Node, Scalar, Sequence, read

# Enough for any file that was meant; a hostile one must not make work without end.
MAX_FINDINGS = 200
MAX_SHOWN = 200


def validate(content: bytes, max_bytes: int = MAX_BYTES) -> Report:
    """The report on a file, in the order of its lines; of a file that is no YAML, why.

    As with the reference parser nothing more is said of a version of another kind (1.0), since its rules are not known.
    Never raises.
    """
    try:
        root = read(content, max_bytes)
    except DocumentError as error:
        return Report((unreadable(error),))
    version = root.get("publiccodeYmlVersion")
    if isinstance(version, Scalar) and not version.text.startswith("0") and not is_empty(version):
        return Report(tuple(finding for finding in findings(root) if finding.path == "publiccodeYmlVersion"))
    return Report(findings(root))


def unreadable(error: DocumentError) -> Finding:
    """The finding on a file that cannot be read at all."""
    return Finding(Severity.VIOLATION, str(error), None, None, error.fix, error.line, error.column)


def findings(root: Mapping) -> tuple[Finding, ...]:
    """What is wrong with a file whatever version it names, in the order of its lines."""
    validation = _Validation(_since(root))
    try:
        validation.mapping(root, "", FILE)
    except _Enough:
        validation.found.append(Finding(Severity.INFO, f"There is more to find; these are the first {MAX_FINDINGS}."))
    return tuple(sorted(validation.found, key=_order))


def _order(finding: Finding) -> tuple[bool, int, int]:
    """Findings without a place stand last."""
    return finding.line is None, finding.line or 0, finding.column or 0


def key_path(path: str, name: str) -> str:
    return f"{path}.{name[:MAX_SHOWN]}" if path else name[:MAX_SHOWN]


def language_path(path: str, tag: str) -> str:
    """The path of a block of texts: the reference parser puts a tag with more than letters into brackets."""
    return key_path(path, tag) if re.fullmatch(r"[A-Za-z]+", tag) else f"{path}[{tag[:MAX_SHOWN]}]"


def item_path(path: str, index: int) -> str:
    return f"{path}[{index}]"


def _since(root: Mapping) -> str:
    """The version that keys must not be newer than."""
    version = root.get("publiccodeYmlVersion")
    known = isinstance(version, Scalar) and version.text in standard.VERSIONS and version.text != "0"
    return version.text if known and isinstance(version, Scalar) else standard.LATEST


_Place = tuple[int, int]


def _at(node: Node) -> _Place:
    return node.line, node.column


def _line(node: Node) -> _Place:
    """Where the reference parser has what it cannot decode."""
    return node.line, 1


_EMPTY = Fault("This key has no value.", "Leave it out, or give it a value.")
_GIVE = "Give it a value"


class _Enough(Exception):
    """There are as many findings as are listed."""


class _Validation:
    """Collects the findings on one file that names version `since`."""

    def __init__(self, since: str) -> None:
        self.found: list[Finding] = []
        self._since = since

    def mapping(self, node: Mapping, path: str, schema: Schema) -> None:
        self._duplicates(node, path)
        for key, child in node.entries:
            inner = schema.keys.get(key.text)
            if inner is None:
                self._unknown(key, path, schema.keys)
            else:
                self._entry(key, child, key_path(path, key.text), inner, node)
        for name, inner in schema.keys.items():
            if node.get(name) is None:
                self._missing(key_path(path, name), inner, _at(node), node)

    def _find(self, fault: Fault, path: str, place: _Place, node: Node | None = None) -> None:
        if len(self.found) >= MAX_FINDINGS:
            raise _Enough
        value = node.text[:MAX_SHOWN] if isinstance(node, Scalar) else None
        self.found.append(Finding(fault.severity, fault.message, path, value, fault.fix, *place))

    def _advise(self, message: str, path: str, place: _Place, fix: str | None) -> None:
        self._find(Fault(message, fix, Severity.INFO), path, place)

    def _duplicates(self, node: Mapping, path: str) -> None:
        for key in node.duplicates:
            fault = Fault("This key is there twice; the first one was read.", "Keep one of them.")
            self._find(fault, key_path(path, key.text), _at(key))

    def _unknown(self, key: Scalar, path: str, known: Iterable[str]) -> None:
        self._find(_unknown_fault(key, path, known), key_path(path, key.text), _line(key))

    def _missing(self, path: str, schema: Schema, place: _Place, parent: Mapping, how: str = "is missing") -> None:
        """A mandatory key; of a mandatory section the keys that are mandatory in it."""
        rule = schema.rule
        condition = _type_of(parent) if _type_of(parent) in rule.mandatory_if else None
        if rule.type is Type.MAPPING and rule.mandatory:
            self._missing_inside(path, schema, place)
        elif rule.mandatory or condition:
            reason = f" where maintenance is of type {condition}" if condition else ""
            fix = f"Add {path.rpartition('.')[2]}" if how == "is missing" else _GIVE
            self._find(Fault(f"{rule.missing}{reason} and {how}.", _such_as(fix, rule)), path, place)

    def _missing_inside(self, path: str, schema: Schema, place: _Place) -> None:
        nothing = Mapping((), *place)
        for name, inner in schema.keys.items():
            self._missing(key_path(path, name), inner, place, nothing)

    def _entry(self, key: Scalar, node: Node, path: str, schema: Schema, parent: Mapping) -> None:
        rule = schema.rule
        null = isinstance(node, Scalar) and node.is_null
        if not null and self._is_out_of_place(key, path, rule, parent):
            return
        told = self._deprecated(key, node, path, rule)
        if null:
            self._null(key, node, path, schema, parent, told)
            return
        if rule.since and _is_before(self._since, rule.since):
            fix = f'Write publiccodeYmlVersion: "{standard.LATEST}".'
            self._advise(f"This key came with {rule.since}.", path, _at(key), fix)
        self._value(node, path, _at(key), schema, told)

    def _is_out_of_place(self, key: Scalar, path: str, rule: Rule, parent: Mapping) -> bool:
        """Whether a key must not be there beside the others; its value is then not looked at."""
        if rule.only_if and _type_of(parent) not in rule.only_if:
            message = f"This key must not be there unless maintenance is of type {' or '.join(rule.only_if)}."
            self._find(Fault(message, "Leave it out, or change the type."), path, _at(key))
            return True
        if rule.unless and parent.get(rule.unless) is not None:
            self._find(Fault(f"The key {rule.unless} is there, too.", "Leave this one out."), path, _at(key))
        return False

    def _deprecated(self, key: Scalar, node: Node, path: str, rule: Rule) -> bool:
        if rule.deprecated is None or not _is_told(node, rule, rule.deprecated):
            return False
        severity = Severity.WARNING if rule.deprecated.warns else Severity.INFO
        fix = rule.deprecated.fix.replace("{value}", node.text[:MAX_SHOWN] if isinstance(node, Scalar) else "")
        fault = Fault(f"This key is deprecated since {rule.deprecated.since}.", fix, severity)
        self._find(fault, path, _at(key))
        return True

    def _null(self, key: Scalar, node: Node, path: str, schema: Schema, parent: Mapping, told: bool) -> None:
        rule = schema.rule
        if rule.type is Type.MAPPING and rule.mandatory:
            self._missing_inside(path, schema, _at(node))
        elif rule.mandatory or _type_of(parent) in rule.mandatory_if:
            self._missing(path, schema, _at(key), parent, "has no value")
        elif not told:
            self._advise(_EMPTY.message, path, _at(key), _EMPTY.fix)

    def _value(self, node: Node, path: str, place: _Place, schema: Schema, told: bool = False) -> None:
        """A value that is there; `place` is where it is told of, `told` whether it was already."""
        if schema.rule.or_text and isinstance(node, Scalar) and schema.inner:
            self._value(node, item_path(path, 0), place, schema.inner)
        elif isinstance(node, Scalar) and schema.rule.type is Type.TEXT:
            self._text(node, path, place, schema.rule, told)
        elif isinstance(node, Scalar) and node.boolean is not None and schema.rule.type is Type.BOOLEAN:
            return
        elif isinstance(node, Sequence) and schema.rule.type is Type.LIST:
            self._list(node, path, place, schema, told)
        elif isinstance(node, Mapping) and schema.rule.type is Type.MAPPING:
            self.mapping(node, path, schema)
        elif isinstance(node, Mapping) and schema.rule.type is Type.LANGUAGES:
            self._languages(node, path, place, schema)
        else:
            self._find(_wrong_type(node, schema), path, _line(node), node)

    def _text(self, node: Scalar, path: str, place: _Place, rule: Rule, told: bool) -> None:
        if not node.text.strip():
            self._blank(path, place, rule, told)
        elif rule.quoted and is_number(node):
            number = Fault("This is a number, where a text is asked for.", f'Write "{node.text}", in quotes.')
            self._find(number, path, place, node)
        elif fault := _fault(node.text, rule):
            self._find(fault, path, place, node)
        elif loses_digits(node):
            fix = f'Write "{node.text}", in quotes.'
            self._advise("Without quotes this is a number; programs may write it otherwise.", path, place, fix)

    def _blank(self, path: str, place: _Place, rule: Rule, told: bool) -> None:
        if rule.mandatory:
            self._find(Fault(f"{rule.missing} and has no value.", _such_as(_GIVE, rule)), path, place)
        elif rule.check and not rule.blank:
            self._find(_EMPTY, path, place)
        elif not told:
            self._advise(_EMPTY.message, path, place, _EMPTY.fix)

    def _list(self, node: Sequence, path: str, place: _Place, schema: Schema, told: bool) -> None:
        if not node.items and schema.rule.mandatory:
            self._find(Fault(f"{schema.rule.missing} and has no entries.", "Add an entry."), path, place)
        elif not node.items and not told:
            self._advise("This list has no entries.", path, place, "Leave it out, or add an entry.")
        for index, item in enumerate(node.items):
            if schema.inner:
                self._item(item, item_path(path, index), schema.inner)

    def _item(self, node: Node, path: str, schema: Schema) -> None:
        if isinstance(node, Scalar) and node.is_null:
            if schema.rule.type is Type.MAPPING:
                self._missing_inside(path, schema, _at(node))
                return
            node = Scalar("", False, node.line, node.column)
        self._value(node, path, _at(node), schema)

    def _languages(self, node: Mapping, path: str, place: _Place, schema: Schema) -> None:
        """The blocks of texts, one a language."""
        block = schema.inner
        if block is None or not node.entries:
            self._find(
                Fault("This must have at least one language.", "Write `en:` and the texts below it."), path, place
            )
            return
        self._duplicates(node, path)
        strangers = [(key, child) for key, child in node.entries if key.text in block.keys]
        for key, _ in strangers:
            fault = Fault("This text is in no language.", "Write the language, such as `en:`, above it.")
            self._find(fault, key_path(path, key.text), _line(key))
        languages = [(key, child) for key, child in node.entries if key.text not in block.keys]
        self._tags([key for key, _ in languages], path, place)
        for key, child in languages:
            self._block(child, language_path(path, key.text), block)

    def _tags(self, keys: list[Scalar], path: str, place: _Place) -> None:
        """The languages' names; the reference parser tells once that one of them is wrong, and not which."""
        faults = {key.text[:MAX_SHOWN]: fault for key in keys if (fault := language_fault(key.text))}
        wrong = [name for name, fault in faults.items() if fault.severity is Severity.VIOLATION]
        if wrong:
            fixes = " ".join(f"{name}: {faults[name].fix}" for name in wrong)
            message = f"Not a language tag (BCP 47): {', '.join(wrong)}."
            self._find(Fault(message[: 2 * MAX_SHOWN], fixes[: 2 * MAX_SHOWN]), path, place)
        for key in keys:
            fault = faults.get(key.text[:MAX_SHOWN])
            if fault and fault.severity is Severity.INFO:
                self._find(fault, language_path(path, key.text), _at(key), key)

    def _block(self, node: Node, path: str, schema: Schema) -> None:
        if isinstance(node, Scalar) and node.is_null:
            node = Mapping((), node.line, node.column)
        self._value(node, path, _at(node), schema)


def _type_of(parent: Mapping) -> str:
    """The value of the key `type` beside a key."""
    node = parent.get("type")
    return node.text if isinstance(node, Scalar) else ""


def _is_before(version: str, since: str) -> bool:
    return [int(part) for part in version.split(".")] < [int(part) for part in since.split(".")]


def _such_as(fix: str, rule: Rule) -> str:
    return f"{fix}, {rule.example}." if rule.example else f"{fix}."


def _is_told(node: Node, rule: Rule, deprecated: Deprecated) -> bool:
    """Whether the reference parser speaks of a deprecated key that has this value."""
    if not isinstance(node, Scalar):
        return deprecated.invalid
    if is_empty(node):
        return deprecated.empty and not node.is_null
    return deprecated.invalid or _fault(node.text, rule) is None


def _fault(value: str, rule: Rule) -> Fault | None:
    """What is wrong with a text; where only the space around it is, to take that out mends it."""
    fault = rule.check(value) if rule.check else None
    stripped = rule.check(value.strip()) if fault and rule.check and value != value.strip() else fault
    if fault and (stripped is None or stripped.severity is Severity.INFO is not fault.severity):
        return replace(fault, fix="Take the space around it out; a text that begins with > or | has it at its end.")
    return fault


def _unknown_fault(key: Scalar, path: str, known: Iterable[str]) -> Fault:
    if key.text == "<<" and key.plain:
        return Fault("Merge keys are not part of YAML 1.2; this one was not read.", "Write the keys out.")
    names = list(known)
    if not path and re.fullmatch(r"[A-Za-z]{2}", key.text) and key.text.upper() != "IT":
        return Fault("The reference parser knows no section for this country.", "Use supports and organisation.")
    if key.text.lower().startswith("x-"):
        return Fault("The reference parser knows no extension keys, and refuses the file.", "Keep it in another file.")
    current = standard.RENAMED.get(key.text, key.text.upper())
    fix = f"Write {current}." if current in names else _elsewhere(key.text, path) or did_you_mean(key.text, names)
    return Fault("This is not a key of publiccode.yml.", fix or _synonym(key.text, path) or "Leave it out.")


def _elsewhere(name: str, path: str) -> str | None:
    """Where a key belongs that stands in the wrong section: of several places the first in the standard."""
    if path and name in FILE.keys:
        return "Write it at the left margin, in no section."
    sections = (path.rpartition(".")[0] for path in RULES if path.endswith(f".{name}") and "[]" not in path)
    section = next(sections, None)
    return f"Write it below {section.replace('*', '[lang]')}." if section else None


def _synonym(name: str, path: str) -> str | None:
    """The key that another vocabulary's word stands for, or the one of another section that it is near to."""
    word = re.sub(r"[\W_]", "", name).lower()
    meant = standard.SYNONYMS.get(word) or standard.SYNONYMS.get(word.removesuffix("s"))
    meant = meant or next((inner for inner in _SECTIONED if inner.endswith(f".{near(name, _NAMES)}")), None)
    if meant is None:
        return None
    section, _, key = meant.rpartition(".")
    return f"Did you mean “{key}”{'' if section in ('', path) else f', below {section}'}?"


# The keys of sections, those of Italy's left out; a language is [lang].
_SECTIONED = tuple(
    path.replace("*", "[lang]")
    for path in RULES
    if "." in path and not path.endswith(("*", "[]")) and "[]" not in path and path[:3].lower() != "it."
)
_NAMES = tuple(dict.fromkeys(path.rpartition(".")[2] for path in _SECTIONED))


def _wrong_type(node: Node, schema: Schema) -> Fault:
    """What a value should have been, and how to make it that."""
    rule = schema.rule
    kind = {Scalar: "text", Sequence: "list", Mapping: "mapping"}[type(node)]
    if rule.type is Type.TEXT:
        fix = "Write the text itself, without keys." if kind == "mapping" else "Write one text."
        return Fault(f"This should be a text, not a {kind}.", fix)
    if rule.type is Type.BOOLEAN:
        meant = boolean(node)
        if meant:
            return Fault("In YAML 1.2 this is a text, not true or false.", f"Write {meant}, without quotes.")
        return Fault("This should be true or false.", "Write true or false.")
    if rule.type is Type.LIST:
        return Fault(f"This should be a list, not a {kind}.{rule.type_note}", "Begin each entry with `- `.")
    if rule.type is Type.LANGUAGES:
        return Fault("This should have a block for each language.", "Write `en:` and the texts below it.")
    first = next((name for name, inner in schema.keys.items() if inner.rule.mandatory), "")
    fix = f"Write `{first}: ` before it." if kind == "text" and first else f"Write: {', '.join(schema.keys)}."
    return Fault(f"This should have keys of its own, not be a {kind}.", fix)
