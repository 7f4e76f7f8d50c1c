"""The engine and pySHACL say the same of thousands of descriptions with something wrong in them."""

import logging
import random
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

from catalogue.code_lists import resources
from catalogue.rdf import IRI, SYNTAXES, BlankNode, Literal, Subject, Term, Triple, read
from catalogue.validation.closure import closure
from catalogue.validation.engine import evaluate
from catalogue.validation.shacl import Oracle
from catalogue.validation.shapes import PROFILES, Result, packaged
from catalogue.vocabulary import DCT, FOAF, RDF, RDFS, XSD

ROOT = Path(__file__).parents[2]
SEED = 20261121
RECORDS = 900
Record = tuple[Triple, ...]

# Properties that shapes compare by order: pySHACL ends with an exception where one value has none.
ORDERED = (DCT.issued, DCT.modified)
DATATYPES = tuple(XSD.iri + name for name in ("string", "date", "dateTime", "integer", "decimal", "anyURI", "boolean"))
LEXICAL = (
    "",
    " ",
    "x",
    "01",
    "1",
    "-1",
    "true",
    "2026-02-30",
    "2026-11-21",
    "2026-11-21T10:00:00Z",
    "mailto:a@b.example",
)
# rdflib takes these for well-formed; see test_differences.py.
LAX = (("2026-11-21T10:00:00Z", f"{XSD.iri}date"), ("2026-11-21", f"{XSD.iri}dateTime"))
LANGUAGES = ("en", "fr", "de", "it", "en-GB", "pt-br", "x-other")
IRIS = (
    "https://elsewhere.example/thing",
    "http://publications.europa.eu/resource/authority/country/ITA",
    "http://publications.europa.eu/resource/authority/country/QQQ",
    "http://publications.europa.eu/resource/authority/language/ENG",
    "http://publications.europa.eu/resource/authority/file-type/CSV",
    "http://spdx.org/licenses/EUPL-1.2",
    "http://purl.org/adms/status/Completed",
    "http://purl.org/adms/publishertype/LocalAuthority",
    "https://w3id.org/open-source-catalogue/topic/legal",
    "mailto:desk@city.example",
    "ftp://files.example/a.zip",
)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """rdflib logs a traceback for each ill-typed literal."""
    logger = logging.getLogger("rdflib.term")
    logger.disabled = True
    yield
    logger.disabled = False


def examples(profile: str) -> list[Record]:
    """The descriptions that show what each shape of a profile wants."""
    graphs: dict[object, list[Triple]] = {}
    path = ROOT / "shapes" / "examples" / f"{profile}.trig"
    for quad in read(path.read_bytes(), SYNTAXES["trig"], "https://examples.example/"):
        graphs.setdefault(quad.graph_name, []).append(quad.triple)
    return [tuple(triples) for triples in graphs.values()]


@cache
def seeds() -> tuple[Record, ...]:
    """A thing of the seed catalogue each, with what it names."""
    found = []
    about: dict[Term, list[Triple]] = {}
    for path in sorted(resources("data").glob("*.ttl")):
        for quad in read(path.read_bytes(), SYNTAXES["ttl"]):
            about.setdefault(quad.subject, []).append(quad.triple)
    for subject, triples in about.items():
        if any(triple.predicate == RDF.type and triple.object != FOAF.Document for triple in triples):
            named = [other for triple in triples for other in about.get(triple.object, ()) if triple.object != subject]
            found.append((*triples, *named))
    return tuple(found)


def value_of(triple: Triple) -> Term:
    assert not isinstance(triple.object, Triple)
    return triple.object


def other_value(value: Term, predicate: IRI, chance: random.Random) -> Term:
    """A value of another kind, datatype, language or list, or none of any."""
    lexical, datatype = chance.choice(LEXICAL), chance.choice(DATATYPES)
    literal = Literal(lexical, datatype=IRI(datatype)) if (lexical, datatype) not in LAX else value
    choices: list[Term] = [
        IRI(chance.choice(IRIS)),
        IRI(f"{value.value}x") if isinstance(value, IRI) else Literal(f"{value.value} "),
        Literal(value.value),
        Literal(value.value, language=chance.choice(LANGUAGES)),
    ]
    if predicate not in ORDERED:
        choices += [literal, BlankNode(f"b{chance.random()}"), Literal("x" * chance.choice((3, 300)), language="en")]
    return chance.choice(choices)


def mutated(record: Record, chance: random.Random) -> Record:
    """A description after one to three accidents."""
    triples = list(record)
    for _ in range(chance.choice((1, 1, 2, 3))):
        place = chance.randrange(len(triples))
        triple = triples[place]
        subject, predicate, value = triple.subject, triple.predicate, value_of(triple)
        match chance.randrange(7):
            case 0 if len(triples) > 1:
                del triples[place]
            case 1:
                triples.append(Triple(subject, predicate, other_value(value, predicate, chance)))
            case 2 if predicate not in ORDERED:
                triples.append(Triple(subject, predicate, subject))
            case 3 if chance.random() < 0.3:
                kind = chance.choice([value_of(other) for other in triples if other.predicate == RDF.type] or [subject])
                triples.append(Triple(subject, RDFS.subClassOf, kind))
            case 4:
                triples.append(Triple(subject, chance.choice(triples).predicate, value))
            case _:
                triples[place] = Triple(subject, predicate, other_value(value, predicate, chance))
    return tuple(triples)


def renamed(record: Record, number: int) -> Iterator[Triple]:
    """The description with names of its own, so that many can stand in one graph."""
    names: dict[Term, Subject] = {}
    for triple in record:
        name = triple.subject
        if isinstance(name, IRI | BlankNode):
            names[name] = (
                IRI(f"{name.value}.{number}") if isinstance(name, IRI) else BlankNode(f"{name.value}n{number}")
            )
    for triple in record:
        value = value_of(triple)
        yield Triple(names[triple.subject], triple.predicate, names.get(value, value))  # type: ignore[index]


def graph(records: Sequence[Record]) -> set[Triple]:
    triples = {triple for number, record in enumerate(records) for triple in renamed(record, number)}
    return triples | closure(triples)


def shown(results: set[Result]) -> list[str]:
    return sorted(map(str, results))[:5]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("profile", PROFILES)
def test_the_engine_says_of_mutated_descriptions_what_pyshacl_says(profile: str) -> None:
    if not (resources("shapes") / f"{profile}.ttl").exists():
        pytest.skip(f"{profile} has no shapes yet")
    chance = random.Random(f"{SEED} {profile}")
    originals = (*examples(profile) * 3, *seeds())
    triples = graph([mutated(chance.choice(originals), chance) for _ in range(RECORDS)])
    shapes = packaged(profile)
    ours, theirs = set(evaluate(triples, shapes)), Oracle(shapes.triples).verdict(triples)
    assert len(ours) > RECORDS / 4
    assert shown(ours - theirs) == []
    assert shown(theirs - ours) == []
