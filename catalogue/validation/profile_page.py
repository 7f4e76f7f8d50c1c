"""Writes the profiles for reading: `python -m catalogue.validation.profile_page > docs/profile.md`."""

from collections.abc import Iterator
from itertools import chain

from catalogue.model import Severity
from catalogue.validation.guide import OBLIGATIONS, Class, Demand, Profile, Property, profiles

_HEAD = """# Profiles

What a description has to say, by each profile that the catalogue validates. This page is made from the shapes in
[`shapes/`](../shapes/) by `python -m catalogue.validation.profile_page > docs/profile.md`; a running catalogue has it
at `/profile`, in four languages, with links.

An M property is mandatory: without it the description does not conform. An R property is recommended: to lack it is a
warning. All others are optional (O). A count of `1..1` means exactly one value, `0..n` any number. What follows a
property are the words of the findings: **error** where a description does not conform, *warning* and *advice* where it
does. The examples are those that the shapes are tested with
([`shapes/examples/`](../shapes/examples/)), cut down to the property; what they say of things is made up.
"""
_MARKS = {Severity.VIOLATION: "**error**", Severity.WARNING: "*warning*", Severity.INFO: "*advice*"}
_TABLE = "| | property | count | values | what a finding says |\n| --- | --- | --- | --- | --- |"


def page() -> str:
    """The page in Markdown, in English."""
    return "\n".join([_HEAD, *(line for profile in profiles() for line in _profile(profile))])


def _profile(profile: Profile) -> Iterator[str]:
    yield f"## {profile.title}\n"
    yield f"{profile.about} Name on the command line: `{profile.name}`.\n"
    yield f"<details><summary>Prefixes of its examples</summary>\n\n{_snippet(profile.prefixes)}\n</details>\n"
    for one in profile.classes:
        yield from _class(one)


def _class(one: Class) -> Iterator[str]:
    yield f"### {one.name}\n"
    yield ", ".join(f"`{name}`" for name in one.classes) + ". " + _plain(" ".join(one.about)) + "\n"
    yield from (f"{_demand(demand)}\n" for demand in one.demands)
    if one.properties:
        yield _TABLE
        yield from map(_row, one.properties)
        yield f"\n<details><summary>Examples of {one.name}</summary>\n"
        yield from chain.from_iterable(map(_examples, one.properties))
        yield "</details>\n"


def _examples(row: Property) -> Iterator[str]:
    yield f"{_plain(row.name)} `{row.path}`, right:\n"
    yield _snippet(row.accepted)
    for demand in row.demands:
        if demand.refused:
            yield f"Not right, {_demand(demand)}\n"
            yield _snippet(demand.refused)


def _snippet(turtle: str) -> str:
    return f"```turtle\n{turtle}\n```\n"


def _row(row: Property) -> str:
    lists = ", ".join(f"[{entry.title}]({entry.iri})" for entry in row.lists)
    values = "; ".join(
        [*(f"`{_cell(name)}`" if ":" in name else name for name in row.ranges), *([lists] if lists else [])]
    )
    said = "<br>".join(filter(None, (*map(_demand, row.demands), _plain(row.about))))
    name = f"{_plain(row.name)}<br>`{row.path}`"
    return f"| {_obligation(row)} | {name} | {row.count} | {values} | {said} |"


def _obligation(row: Property) -> str:
    return f'<abbr title="{OBLIGATIONS[row.obligation]}">{row.obligation}</abbr>'


def _demand(demand: Demand) -> str:
    return f"{_MARKS[demand.severity]}: {_plain(demand.message)}"


def _plain(text: str) -> str:
    """As text of a cell, in which nothing is markup."""
    return _cell(text).replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


if __name__ == "__main__":
    print(page(), end="")
