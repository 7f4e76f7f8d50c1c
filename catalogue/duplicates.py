"""Pairs of entries that may be of one thing, for an editor to decide on: nothing here is ever merged by itself.

Pure: the proposals are a function of what is published and of what editors decided before (the graph `identity`), in
the same order in every process. Only what shares something is compared (a title, a path, an owner, a home on the web),
and in what very many share each only with its neighbours, so that the time grows with the number of things and not
with its square.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, islice
from typing import NamedTuple, TypeVar

from catalogue.database import Reader
from catalogue.identity import Minter, Repository, repository, web_address
from catalogue.rdf import IRI, Literal, Term, Triple
from catalogue.vocabulary import ADMS, DCAT, DCT, DOAP, FOAF, ORG, OSC, OWL, SCHEMA, SKOS

SOLUTION, ORGANISATION = "solution", "organisation"
# The kinds of entries that are compared with each other.
KINDS: Mapping[str, frozenset[str]] = {
    SOLUTION: frozenset({"solution"}),
    ORGANISATION: frozenset({"owner", "administration"}),
}

# In a block of more than these, not all pairs are looked at: of those that are equal each is paired with the first, of
# those that may be alike each is compared with its next neighbours in the alphabet.
_MOST_EQUAL = 8
_MOST_COMPARED = 12
_NEIGHBOURS = 4
_LONGEST_NAME = 200
MOST_LISTED = 1_000

T = TypeVar("T", bound=Hashable)


class Reason(NamedTuple):
    """Why two entries may be one, in words, and how sure that alone makes it, from 0 to 1."""

    words: str
    weight: float


@dataclass(frozen=True)
class Proposal:
    """Two entries that may be one, in the order of their IRIs; `strength` is from 1 to 99."""

    kind: str
    a: IRI
    b: IRI
    strength: int
    reasons: tuple[str, ...]


class Name(NamedTuple):
    """A name without what is written now so, now so: what is left of it in a row, its words, its version."""

    key: str
    words: tuple[str, ...]
    version: str


@dataclass(frozen=True, slots=True)
class Thing:
    """What there is to compare of one entry; `homes` and `repositories` are addresses as they are written."""

    iri: IRI
    names: frozenset[Name]
    owners: frozenset[IRI] = frozenset()
    homes: frozenset[str] = frozenset()
    repositories: frozenset[str] = frozenset()
    countries: frozenset[IRI] = frozenset()


Match = tuple[Thing, Thing, Reason]


class Listed(NamedTuple):
    """The surest of some proposals, and how many there are."""

    total: int
    first: tuple[Proposal, ...]


def duplicates(reader: Reader, minter: Minter, kind: str) -> Iterator[Proposal]:
    """What is proposed for one of KINDS, the surest first; whether pairs are known to be two is asked one by one."""
    found = proposals(kind, _READERS[kind](reader, minter))
    told_apart = _Apart(reader, minter)
    return (proposal for proposal in found if not told_apart(proposal.a, proposal.b))


def listed(reader: Reader, minter: Minter, kind: str) -> Listed:
    """As many proposals for one of KINDS as somebody may look through."""
    found = tuple(duplicates(reader, minter, kind))
    return Listed(len(found), found[:MOST_LISTED])


def proposals(kind: str, things: Iterable[Thing]) -> list[Proposal]:
    """The pairs that what the things show of themselves speaks for, the surest first."""
    ordered = sorted(things, key=lambda thing: thing.iri.value)
    reasons: dict[tuple[IRI, IRI], dict[str, float]] = {}
    for rule in _RULES[kind]:
        for one, other, reason in rule(ordered):
            if one.iri != other.iri and not _in_two_folders(one, other):
                pair = (one.iri, other.iri) if one.iri.value < other.iri.value else (other.iri, one.iri)
                reasons.setdefault(pair, {})[reason.words] = reason.weight
    found = (Proposal(kind, a, b, _strength(said.values()), _surest(said)) for (a, b), said in reasons.items())
    return sorted(found, key=lambda one: (-one.strength, one.a.value, one.b.value))


def _strength(weights: Iterable[float]) -> int:
    """Of independent reasons, in percent."""
    doubt = 1.0
    for weight in sorted(weights):
        doubt *= 1 - weight
    return min(99, round(100 * (1 - doubt)))


def _surest(said: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(sorted(said, key=lambda words: (-said[words], words)))


def _in_two_folders(one: Thing, other: Thing) -> bool:
    """Whether two things are in one repository, each in a place of its own."""
    folders = {place.url: place.path for place in _repositories(one)}
    return any(folders.get(place.url, place.path) != place.path for place in _repositories(other))


# Names


def _words(table: str) -> frozenset[str]:
    return frozenset(table.split())


_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}(?:[^\W\d_]\b)?")
_WORD = re.compile(r"[^\W_]+(?:\.\d+)*")
# A number behind a name is that of a version, unless it looks like a year.
_VERSION = re.compile(r"v?\d{1,3}|v?\d+(?:\.\d+)+[a-z]?\d*|v\d+")
_KINDS_OF_SOFTWARE = frozenset(
    ("app", "application", "applicazione", "aplicacion", "logiciel", "programma", "software")
)
_LEGAL_FORMS = _words(
    """ab ae ag aisbl aps as asa asbl bhd bv co company corp corporation cv doo eg ev gbr ggmbh gmbh inc incorporated
    kft kg lda limited llc llp ltd mbh nv od oe og ohg ong ood oy oyj plc pty sa sagl sarl sas sasu sc scarl scrl se
    sl slu snc soc spa spzoo srl srls sro ug vof vzw zrt"""
)
# Words that tell no two things apart.
_SAYS_NOTHING = _words(
    """a an and app application d da das de degli dei del della delle dem den der des di die du e ed een el en et eu
    for fur het i il in l la las le les los of official open og och os para per platform plataforma plateforme
    piattaforma plattform pour progetto project projekt projet proyecto sistema software source system systeme the til
    tool und van von voor web website y"""
)


def fold(name: str, endings: Collection[str] = _KINDS_OF_SOFTWARE) -> Name | None:
    """A name without case, accents, punctuation and spacing, without its version and the `endings` that say what it is.

    None of what has neither letters nor digits.
    """
    words = _WORD.findall(_DOTTED.sub(_undotted, _plain(name[:_LONGEST_NAME])))
    if not words:
        return None
    version = ""
    while len(words) > 1 and (words[-1] in endings or (not version and _VERSION.fullmatch(words[-1]))):
        last = words.pop()
        version = version if last in endings else last.removeprefix("v")
    if version and len(words) > 1 and words[-1] in ("v", "version", "versione", "release"):
        words.pop()
    return Name("".join(words), tuple(words), version)


def _plain(name: str) -> str:
    if name.isascii():
        return name.lower()
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def _undotted(match: re.Match[str]) -> str:
    return match[0].replace(".", "")


def alike(one: Name, other: Name) -> bool:
    """Whether two names may be ways to write one: the same words, or such as differ in a letter or say nothing."""
    if one.key == other.key:
        return True
    mine = [word for word in one.words if word not in other.words]
    yours = [word for word in other.words if word not in one.words]
    if not (mine and yours):
        return all(word in _SAYS_NOTHING for word in (*mine, *yours))
    if not is_near("".join(mine), "".join(yours)):
        return False
    return not any(len(word) < 3 or any(map(str.isdigit, word)) for word in (*mine, *yours))


def is_near(one: str, other: str) -> bool:
    """Whether two words differ by so few slips of the pen that they may be one: one in five letters, two in twelve."""
    shorter = min(len(one), len(other))
    most = 0 if shorter < 5 else 1 if shorter < 12 else 2
    if abs(len(one) - len(other)) > most:
        return False
    begin = _shared(one, other)
    one, other = one[begin:][::-1], other[begin:][::-1]
    end = _shared(one, other)
    one, other = one[end:], other[end:]
    # One slip is in one place, and each makes at most one letter another: most pairs are told apart by that already.
    if most == 1 and max(len(one), len(other)) > 2:
        return False
    return sum((Counter(one) - Counter(other)).values()) <= most and _slips(one, other) <= most


def _shared(one: str, other: str) -> int:
    """How many letters two words have in common at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _slips(one: str, other: str) -> int:
    """How many letters to add, leave out, change or swap with the next to make one word the other."""
    last, before, row = [0], [0], list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, another in enumerate(other, 1):
            steps = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != another))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == another:
                steps = min(steps, last[j - 2] + 1)
            row.append(steps)
    return row[-1]


# Blocks


def _blocks(things: Iterable[Thing], keys: Callable[[Thing], Iterable[T]]) -> Iterator[tuple[T, list[Thing]]]:
    """What shares a key, where there is more than one of it; in the order of the things."""
    found: dict[T, list[Thing]] = defaultdict(list)
    for thing in things:
        for key in keys(thing):
            found[key].append(thing)
    return ((key, block) for key, block in found.items() if len(block) > 1)


def _pairs(block: Sequence[Thing]) -> Iterator[tuple[Thing, Thing]]:
    """The pairs of what is equal; of very many, each with the first: merged one by one they become one all the same."""
    if len(block) <= _MOST_EQUAL:
        return combinations(block, 2)
    return ((block[0], other) for other in block[1:])


def _alike(block: Sequence[Thing]) -> Iterator[tuple[Thing, Thing, Name, Name]]:
    """The pairs in a block whose names are alike, with these names."""
    named = sorted(
        ((name, thing) for thing in block for name in thing.names), key=lambda one: (one[0], one[1].iri.value)
    )
    seen = set()
    for (name, thing), (another, other) in _compared(named):
        if alike(name, another) and thing.iri != other.iri:
            pair = thing.iri, other.iri, name, another
            if pair not in seen:
                seen.add(pair)
                yield thing, other, name, another


def _compared(named: Sequence[tuple[Name, Thing]]) -> Iterator[tuple[tuple[Name, Thing], tuple[Name, Thing]]]:
    if len(named) <= _MOST_COMPARED:
        yield from combinations(named, 2)
        return
    for key in (_forwards, _backwards, _sorted_words):
        ordered = sorted(named, key=lambda one: key(one[0]))
        for place, one in enumerate(ordered):
            yield from ((one, other) for other in islice(ordered, place + 1, place + 1 + _NEIGHBOURS))


def _forwards(name: Name) -> str:
    return name.key


def _backwards(name: Name) -> str:
    return name.key[::-1]


def _sorted_words(name: Name) -> str:
    return " ".join(sorted(word for word in name.words if word not in _SAYS_NOTHING))


def _keys(thing: Thing) -> set[str]:
    return {name.key for name in thing.names}


# Rules for solutions


def _same_title(things: Sequence[Thing]) -> Iterator[Match]:
    for key, block in _blocks(things, _keys):
        for _, owned in _blocks(block, lambda thing: thing.owners):
            for one, other in _pairs(owned):
                yield one, other, _of_one_owner(one, other, key)
        for page, shown in _blocks(block, _pages):
            for one, other in _pairs(shown):
                yield one, other, Reason(f"the same title and the same page, {page}", 0.85)


def _of_one_owner(one: Thing, other: Thing, key: str) -> Reason:
    versions = [{name.version for name in thing.names if name.key == key} for thing in (one, other)]
    if versions[0].isdisjoint(versions[1]) and "" not in versions[0] | versions[1]:
        return Reason("the same title but for the version, and the same owner", 0.4)
    return Reason("the same title and the same owner", 0.8)


def _similar_title(things: Sequence[Thing]) -> Iterator[Match]:
    for _, block in _blocks(things, lambda thing: thing.owners):
        for one, other, name, another in _alike(block):
            if name.key != another.key:
                yield one, other, Reason("titles that are alike, and the same owner", 0.5)


def _mirrored(things: Sequence[Thing]) -> Iterator[Match]:
    """The same account and repository at two forges: a mirror, a move, or two that chose the same names."""
    for _, block in _blocks(things, lambda thing: {_roughly(address) for address in thing.repositories} - {""}):
        for one, other in _pairs(block):
            mine, yours = _repositories(one), _repositories(other)
            for here, there in ((here, there) for here in mine for there in yours if _path(here) == _path(there)):
                if here.url != there.url and "/" in _path(here):
                    words = f"the same path, {_path(here)}, at {_list((_host(here), _host(there)))}"
                    yield one, other, Reason(words, 0.6 if one.owners & other.owners else 0.4)


def _roughly(address: str) -> str:
    """Enough of an address to find those that may have a path in common; cheaper than to read it."""
    path = address.partition("//")[2].partition("/")[2].rstrip("/").lower().removesuffix(".git")
    return path if "/" in path else ""


def _repositories(thing: Thing) -> list[Repository]:
    found = (_repository(address) for address in sorted(thing.repositories))
    return [place for place in found if place]


@lru_cache(1_000)
def _repository(address: str) -> Repository | None:
    try:
        return repository(address)
    except ValueError:
        return None


def _path(place: Repository) -> str:
    path = place.url.removeprefix("https://").partition("/")[2].lower()
    return "//".join(filter(None, (path, place.path)))


def _host(place: Repository) -> str:
    return place.url.removeprefix("https://").partition("/")[0]


def _list(values: Iterable[str]) -> str:
    return " and ".join(sorted(values))


# Rules for organisations

# Hosts whose pages are accounts of many, and say nothing of one another.
_ACCOUNT_HOSTS = _words(
    """bitbucket.org bsky.app codeberg.org facebook.com gitee.com github.com gitlab.com instagram.com linkedin.com
    sourceforge.net twitter.com x.com youtube.com"""
)


def _same_name(things: Sequence[Thing]) -> Iterator[Match]:
    for _, block in _blocks(things, _keys):
        for one, other in _pairs(block):
            # Of names in several languages only one is told: they are ways to say the same, and no further reasons.
            shared = _keys(other)
            name = " ".join(min(name.words for name in one.names if name.key in shared))
            if one.countries & other.countries:
                yield one, other, Reason(f"the same name in the same country, “{name}”", 0.8)
            elif not (one.countries and other.countries):
                weight = 0.6 if one.countries or other.countries else 0.5
                yield one, other, Reason(f"the same name, and not both say a country, “{name}”", weight)


def _similar_name(things: Sequence[Thing]) -> Iterator[Match]:
    for home, block in _blocks(things, _homes):
        for one, other, _, _ in _alike(block):
            yield one, other, Reason(f"names that are alike, and the same home on the web, {home}", 0.5)


def _homes(thing: Thing) -> set[str]:
    """The hosts where an organisation is at home, and its accounts with others."""
    found = set()
    for page in _pages(thing):
        host, _, path = page.partition("/")
        account = path.partition("/")[0].lower()
        found.add(f"{host}/{account}".rstrip("/") if host in _ACCOUNT_HOSTS else host)
    return found - _ACCOUNT_HOSTS


def _pages(thing: Thing) -> set[str]:
    """The addresses of a thing, as people write them and each in one way only."""
    return {page for home in thing.homes if (page := _page(home))}


def _page(address: str) -> str:
    try:
        return web_address(address).removeprefix("https://")
    except ValueError:
        return ""


_RULES: Mapping[str, tuple[Callable[[Sequence[Thing]], Iterator[Match]], ...]] = {
    SOLUTION: (_same_title, _similar_title, _mirrored),
    ORGANISATION: (_same_name, _similar_name),
}

# Reading


def _solutions(reader: Reader, minter: Minter) -> Iterator[Thing]:
    things = _catalogued(reader, minter, KINDS[SOLUTION])
    names = _values(reader, things, DCT.title)
    owners, repositories = _values(reader, things, DCT.publisher), _values(reader, things, SCHEMA.codeRepository)
    pages = _values(reader, things, DCAT.landingPage, FOAF.homepage, DOAP.homepage)
    for thing in things:
        yield Thing(
            thing,
            _names(names[thing], _KINDS_OF_SOFTWARE),
            _iris(owners[thing]),
            _addresses((*repositories[thing], *pages[thing])),
            _addresses(repositories[thing]),
        )


def _organisations(reader: Reader, minter: Minter) -> Iterator[Thing]:
    things = _catalogued(reader, minter, KINDS[ORGANISATION])
    names, countries = _values(reader, things, FOAF.name, SKOS.prefLabel), _values(reader, things, DCT.spatial)
    homes = _values(reader, things, FOAF.homepage, FOAF.account)
    for thing in things:
        yield Thing(
            thing,
            _names(names[thing], _LEGAL_FORMS),
            homes=_addresses(homes[thing]),
            countries=_iris(countries[thing]),
        )


_READERS: Mapping[str, Callable[[Reader, Minter], Iterator[Thing]]] = {
    SOLUTION: _solutions,
    ORGANISATION: _organisations,
}


def _catalogued(reader: Reader, minter: Minter, kinds: Collection[str]) -> set[IRI]:
    """What has an entry on a page of one of the kinds."""
    starts = tuple(f"{minter.base}/{kind}/" for kind in kinds)
    pages = reader.triples(None, FOAF.primaryTopic, None)
    return {
        thing
        for page, _, thing in pages
        if isinstance(page, IRI) and page.value.startswith(starts) and isinstance(thing, IRI)
    }


def _values(reader: Reader, things: Collection[IRI], *predicates: IRI) -> Mapping[IRI, list[Term]]:
    """The published values of some properties, in one pass over each: faster than to ask for each thing's."""
    found: dict[IRI, list[Term]] = defaultdict(list)
    for predicate in predicates:
        for subject, _, value in reader.triples(None, predicate, None):
            if subject in things:
                found[subject].append(value)
    return found


def _names(values: Iterable[Term], endings: Collection[str]) -> frozenset[Name]:
    texts = {value.value for value in values if isinstance(value, Literal)}
    return frozenset(name for text in texts if (name := fold(text, endings)))


def _iris(values: Iterable[Term]) -> frozenset[IRI]:
    return frozenset(value for value in values if isinstance(value, IRI))


def _addresses(values: Iterable[Term]) -> frozenset[str]:
    return frozenset(value.value for value in values if isinstance(value, IRI))


# What is known to be two


class _Apart:
    """Tells which entries are known to be two: by an editor, a source that relates them, a register of both."""

    def __init__(self, reader: Reader, minter: Minter) -> None:
        self._reader = reader
        identity = minter.graph("identity")
        self._alone = {t.subject for t in reader.triples(None, OSC.keptApart, None, identity)}
        self._wholes: dict[Term | Triple, AbstractSet[Term | Triple]] = defaultdict(frozenset)
        for predicate in (ORG.subOrganizationOf, ORG.unitOf):
            for unit, _, whole in reader.triples(None, predicate, None):
                self._wholes[unit] |= {whole}
        self._different = {
            frozenset((t.subject, t.object)) for t in reader.triples(None, OWL.differentFrom, None, identity)
        }

    def __call__(self, a: IRI, b: IRI) -> bool:
        is_decided = a in self._alone or b in self._alone or frozenset((a, b)) in self._different
        return (
            is_decided
            or self._relates(a, b)
            or self._relates(b, a)
            or self._are_units_of_two(a, b)
            or self._are_registered(a, b)
        )

    def _relates(self, a: IRI, b: IRI) -> bool:
        return any(triple.predicate not in _SAYS_SAME for triple in self._reader.triples(a, None, b))

    def _are_units_of_two(self, a: IRI, b: IRI) -> bool:
        """Whether they are parts of two organisations: each ministry has its general secretariat."""
        mine, yours = self._wholes.get(a, frozenset()), self._wholes.get(b, frozenset())
        return bool(mine) and bool(yours) and mine.isdisjoint(yours)

    def _are_registered(self, a: IRI, b: IRI) -> bool:
        """Whether a register that gives everybody one number has both, under two."""
        mine = self._numbers(a)
        yours = self._numbers(b) if mine else {}  # most have none, and there may be a hundred thousand pairs
        return any(mine[register].isdisjoint(yours[register]) for register in mine.keys() & yours.keys())

    def _numbers(self, thing: IRI) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for node in self._reader.objects(thing, ADMS.identifier):
            if isinstance(node, IRI):
                for notation in self._reader.objects(node, SKOS.notation):
                    if register := _register(notation.value):
                        found[register].add(notation.value)
        return found


_SAYS_SAME = frozenset({OWL.sameAs, SKOS.exactMatch, SKOS.closeMatch})
_REGISTERS = re.compile(r"(?:https?://)?(?:www\.)?(ror\.org|wikidata\.org|isni\.org)/|(urn:[^:]+):", re.IGNORECASE)


def _register(number: str) -> str:
    """The register that an organisation's number is of; "" where that is not known from the number."""
    found = _REGISTERS.match(number)
    return (found[1] or found[2]).lower() if found else ""
