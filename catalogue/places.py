"""Where in a text stands what a finding is about, for readers that know no lines: JSON, and YAML that was parsed.

Nothing is guessed: a place is told where the value, else the key, stands exactly once in what the author wrote.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from catalogue.model import Finding, Report

# Characters of a text that is looked through: nobody looks for a place in a longer one.
_MOST = 200_000
_KEY = re.compile(r"[A-Za-z_@$][\w@$:-]*")
_INDEX = re.compile(r"\[[^\]]*\]")


def placed(report: Report, text: str | None) -> Report:
    """A report whose findings have a line and a column where these are to be seen in a text."""
    if not text or len(text) > _MOST or all(finding.line is not None for finding in report.findings):
        return report
    return Report(tuple(finding if finding.line else _placed(finding, text) for finding in report.findings))


def _placed(finding: Finding, text: str) -> Finding:
    for pattern in _patterns(finding):
        found = list(islice(re.finditer(pattern, text, re.MULTILINE), 2))
        if len(found) == 1:
            lines = f"{text[: found[0].start('it')]}|".splitlines()
            return replace(finding, line=len(lines), column=len(lines[-1]))
    return finding


def _patterns(finding: Finding) -> Iterator[str]:
    """What to look for: first the value, whole, as it is written, then the key."""
    if finding.value:
        spelt = {finding.value, *(json.dumps(finding.value, ensure_ascii=flag)[1:-1] for flag in (True, False))}
        either = "|".join(re.escape(one) for one in sorted(spelt))
        yield rf"""(?:["']|[:\[,-][^\S\n]*)(?P<it>{either})(?:["']|[^\S\n]*(?:[,}}\]#]|$))"""
    key = _INDEX.sub("", finding.path or "").rpartition(".")[2]
    if _KEY.fullmatch(key):
        yield rf"""(?:^|[{{\[,-])[^\S\n]*["']?(?P<it>{re.escape(key)})["']?[^\S\n]*:"""
