"""A writer killed at any instant: the last publication is served, and the next writer carries on."""

import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalogue.home import Home
from catalogue.publication import Publication
from catalogue.rdf import IRI, Literal
from catalogue.settings import Settings, load
from catalogue.vocabulary import ADMS, DCAT, DCT, RDF
from catalogue.writer import writing

KILLS = 12
# Writes generations of twenty records, each with its generation in two places, publishing within and after each.
WRITER = """
import sys
from datetime import UTC, datetime
from catalogue.model import Reading, Record, Report, Source
from catalogue.rdf import Literal, Triple
from catalogue.settings import load
from catalogue.vocabulary import ADMS, DCAT, DCT, RDF
from catalogue.writer import writing

settings = load({"home": sys.argv[1]}, {})
source = Source("test", "rdf", "test.ttl", "Test", 10)
with writing(settings, "test", lambda: datetime.now(UTC)) as writer:
    writer.publish()
    writer.store.put_source(source)
    print("ready", flush=True)
    for generation in range(10_000):
        for number in range(20):
            iri = writer.store.minter.thing("solution", str(number))
            name = Literal(f"{sys.argv[2]}-{generation}", language="en")
            triples = frozenset(
                {Triple(iri, RDF.type, ADMS.Asset), Triple(iri, DCT.title, name), Triple(iri, DCAT.keyword, name)}
            )
            writer.store.put(source, Reading(str(number), "x", Report(), Record(str(number), iri, triples, "x")))
            if number == 10:
                writer.publish()
        writer.publish()
"""


def kill_at_a_random_point(home: Path, life: int, chance: random.Random) -> None:
    command = [sys.executable, "-c", WRITER, str(home), str(life)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0, 0.5))
        process.kill()


def check_publication(home: Home) -> None:
    """The publication opens; its index and its store agree; no record was written by halves."""
    number = home.current()
    assert number is not None
    publication = Publication(home, number)
    solutions = [t.subject for t in publication.store.triples(None, RDF.type, ADMS.Asset)]
    assert publication.search.counts().get("solution", 0) == len(solutions)
    for solution in solutions:
        assert isinstance(solution, IRI)
        assert publication.store.objects(solution, DCT.title) == publication.store.objects(solution, DCAT.keyword)
        entry = publication.search.entry(solution.value)
        assert entry is not None
        assert Literal(entry.title["en"], language="en") == publication.store.value(solution, DCT.title)
    publication.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load({"home": tmp_path / "home"}, {})


def test_a_writer_that_is_killed_loses_nothing_that_was_published(settings: Settings) -> None:
    home = Home(settings.home)
    chance = random.Random(20260101)  # the same points each time
    seen = 0
    for life in range(KILLS):
        kill_at_a_random_point(settings.home, life, chance)
        number = home.current()
        assert number is not None
        assert number >= seen
        seen = number
        check_publication(home)
    with writing(settings, "test", lambda: datetime.now(UTC)) as writer:
        assert not writer.store.differences()
        writer.publish(anew=True)
    check_publication(home)
    assert not list(home.published.glob("*.draft"))
    assert len(home.publications()) <= settings.keep


# An edit of a graph, which no event of the change log tells, by a writer that dies before it can publish it.
EDITOR = """
import os, sys
from datetime import UTC, datetime
from catalogue.editing import _apply
from catalogue.rdf import IRI, Quad
from catalogue.settings import load
from catalogue.updates import Change
from catalogue.writer import writing

node = IRI("http://e/x")
with writing(load({"home": sys.argv[1]}, {}), "test", lambda: datetime.now(UTC)) as writer:
    writer.publish()
    writer.publish = lambda: os._exit(9)
    _apply(writer, Change({Quad(node, node, node, node)}))
"""


def test_what_a_killed_writer_wrote_is_published_by_the_next_also_where_the_log_tells_nothing(
    settings: Settings,
) -> None:
    home, node = Home(settings.home), IRI("http://e/x")
    assert subprocess.run([sys.executable, "-c", EDITOR, str(settings.home)], check=False).returncode == 9
    assert not holds(home, node)
    with writing(settings, "test", lambda: datetime.now(UTC)):
        pass  # a refused edit: it publishes nothing, and forgets nothing
    with writing(settings, "test", lambda: datetime.now(UTC)) as writer:
        assert writer.publish()
    assert holds(home, node)
    with writing(settings, "test", lambda: datetime.now(UTC)) as writer:
        assert writer.publish() is None
    assert not home.unpublished.exists()


def holds(home: Home, graph: IRI) -> bool:
    number = home.current()
    assert number is not None
    publication = Publication(home, number)
    try:
        return graph in publication.store.named_graphs()
    finally:
        publication.close()
