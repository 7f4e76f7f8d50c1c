"""The shipped queries (`queries/*.rq`): what each answers, its parameters, and its text with values for them.

A file is a whole query. Its first lines are comments, `# key: value`:

    # title: Software under a licence that nobody else reuses
    # description: What the answer says, in a sentence or two.
    # subject: Reuse
    # parameter: licence licence EUPL-1.2 The licence

A parameter has a name, a type, a default and what it is. Types are `date`, `integer`, `iri`, `string`, and the name of
each packaged code list, whose values are its codes. In the query, `VALUES ?licence { … }` holds the value, and in the
file the default: so the file is answered as it stands. A value is put there as a term, which writes itself.

IRIs that are the catalogue's own are relative in a file: `GRAPH <graph/quality>`. A column `xLabel` is a name of `x`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from urllib.parse import urljoin

from catalogue.code_lists import names, notations, resources
from catalogue.errors import QueryError
from catalogue.rdf import IRI, Literal, is_iri
from catalogue.vocabulary import XSD

_KEY = re.compile(r"^# (title|description|subject|parameter): (.+)$", re.MULTILINE)
_PARAMETER = re.compile(r"(\w+) ([\w-]+) (.+?) ([A-Z].*)")
_INTEGER = re.compile(r"-?[0-9]{1,9}")
# Where a file has the value of a parameter: a term without braces, since the files are ours.
_PLACE = re.compile(r"(VALUES \?(\w+) { )[^{}]+ }")
_LONGEST = 1000

Value = IRI | Literal


class WrongValue(QueryError):
    """A value that a parameter cannot have, or a parameter that a query does not have; `parameter` is its name."""

    def __init__(self, message: str, parameter: str) -> None:
        super().__init__(message)
        self.parameter = parameter


@dataclass(frozen=True)
class Parameter:
    """A parameter of a query; `default` is written as a visitor would write it."""

    name: str
    type: str
    default: str
    description: str

    @property
    def codes(self) -> Mapping[str, IRI]:
        """The concepts that it can be, by their codes; empty unless its type is a code list."""
        return notations(self.type) if self.type not in _TYPES else {}

    def value(self, written: str, base: str) -> Value:
        """What a visitor wrote, as a term; raises WrongValue."""
        try:
            if len(written) > _LONGEST:
                raise ValueError(f"it is longer than {_LONGEST} characters")
            return _TYPES[self.type](written, base) if self.type in _TYPES else self._concept(written)
        except ValueError as error:
            raise WrongValue(f"{self.name}: {error}", self.name) from error

    def _concept(self, written: str) -> IRI:
        folded = {code.lower(): iri for code, iri in self.codes.items()}
        if written.lower() not in folded:
            raise ValueError(f"{written!r} is no code of the list {self.type}")
        return folded[written.lower()]


def _integer(written: str, _base: str) -> Literal:
    if not _INTEGER.fullmatch(written.strip()):
        raise ValueError(f"{written!r} is no whole number of at most nine digits")
    return Literal(str(int(written)), datatype=XSD.integer)


def _date(written: str, _base: str) -> Literal:
    try:
        return Literal(date.fromisoformat(written.strip()).isoformat(), datatype=XSD.date)
    except ValueError as error:
        raise ValueError(f"{written!r} is no day; write it like 2026-01-31") from error


def _iri(written: str, base: str) -> IRI:
    """An IRI; one of the catalogue's own may be relative to its base."""
    resolved = urljoin(f"{base}/", written.strip())
    if not written.strip() or not is_iri(resolved):
        raise ValueError(f"{written!r} is no address (IRI)")
    return IRI(resolved)


def _string(written: str, _base: str) -> Literal:
    return Literal(written)


_TYPES: Mapping[str, Callable[[str, str], Value]] = MappingProxyType(
    {"date": _date, "integer": _integer, "iri": _iri, "string": _string}
)


@dataclass(frozen=True)
class ShippedQuery:
    """A query of the catalogue; `text` is its file without the first comments."""

    name: str
    title: str
    description: str
    subject: str
    parameters: tuple[Parameter, ...]
    text: str

    def bound(self, base: str, values: Mapping[str, str] = MappingProxyType({})) -> str:
        """The query with values for its parameters, and without one the default; it can be asked anywhere.

        `base` is the catalogue's. Raises WrongValue.
        """
        known = {parameter.name for parameter in self.parameters}
        for name in values:
            if name not in known:
                offered = f"it has {', '.join(sorted(known))}" if known else "it has none"
                raise WrongValue(f"{self.name} has no parameter {name!r}; {offered}", name)
        terms = {
            parameter.name: parameter.value(values.get(parameter.name, parameter.default), base)
            for parameter in self.parameters
        }
        text = _PLACE.sub(lambda at: f"{at[1]}{terms[at[2]]} }}" if at[2] in terms else at[0], self.text)
        return f"# {self.title}\nBASE {IRI(f'{base}/')}\n{text}"


def _parse(name: str, content: str) -> ShippedQuery:
    head, _, text = content.partition("\n\n")
    lines = _KEY.findall(head)
    keys = dict(lines)
    parameters = tuple(_parameter(line) for key, line in lines if key == "parameter")
    return ShippedQuery(name, keys["title"], keys["description"], keys["subject"], parameters, text)


def _parameter(line: str) -> Parameter:
    match = _PARAMETER.fullmatch(line)
    if match is None or match[2] not in (*_TYPES, *names()):
        raise ValueError(f"this is no parameter: {line!r}")
    return Parameter(*match.groups())


@cache
def shipped() -> Mapping[str, ShippedQuery]:
    """The shipped queries by name, sorted by subject and title. Read once, when first asked for."""
    files = sorted(resources("queries").glob("*.rq"))
    found = [_parse(file.stem, file.read_text(encoding="utf-8")) for file in files]
    found.sort(key=lambda query: (query.subject, query.title))
    return MappingProxyType({query.name: query for query in found})


def find(name: str) -> ShippedQuery:
    """A shipped query; raises QueryError, which lists the names, where there is none."""
    if name not in shipped():
        raise QueryError(f"there is no shipped query {name!r}; there are {', '.join(sorted(shipped()))}")
    return shipped()[name]
