"""Prepared answers are those that the engine gives, of this publication and of no other; who prepares may be killed."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalogue.database import RESULTS, Query, Snapshot
from catalogue.home import Home
from catalogue.settings import Settings
from catalogue.sparql import prepared
from catalogue.sparql.pool import Pool
from catalogue.sparql.prepared import prepare
from tests.waiting import PATIENCE_S


@pytest.fixture
def settings(web_settings: Settings, tmp_path: Path) -> Settings:
    """The settings of a catalogue of its own, of which nothing is prepared: the shared one may have had a server."""
    home = tmp_path / "home"
    shutil.copytree(web_settings.home, home, ignore=shutil.ignore_patterns("answers", "twice"))
    return Settings(web_settings.values | {"home": home})


@pytest.fixture
def home(settings: Settings) -> Home:
    return Home(settings.home)


@pytest.fixture
def pool(home: Home, settings: Settings) -> Iterator[Pool]:
    with Pool(home, settings) as pool:
        yield pool


def current(home: Home) -> int:
    number = home.current()
    assert number is not None
    return number


def asked(home: Home, settings: Settings) -> list[str]:
    return list(prepared.texts(Snapshot(home.publication(current(home)) / "store"), settings.base))


def everything(home: Home, settings: Settings) -> None:
    prepare(home, current(home), settings.base, lambda: True, long_s=0)


@pytest.mark.parametrize("name", RESULTS)
def test_what_is_prepared_is_what_the_engine_answers(name: str, home: Home, settings: Settings, pool: Pool) -> None:
    queries = [Query(text, name, "http://x/") for text in asked(home, settings)]
    answered = [b"".join(pool.run(query)) for query in queries]
    everything(home, settings)
    publication = home.publication(current(home))
    assert [prepared.prepared(publication, query) for query in queries] == answered
    assert len(queries) > 40


def test_a_prepared_answer_is_given_without_asking_the_engine(home: Home, settings: Settings, pool: Pool) -> None:
    everything(home, settings)
    text = asked(home, settings)[0]
    for path in home.publication(current(home)).glob("answers/*.csv"):
        path.write_bytes(b"from the file\r\n")
    answer = pool.run(Query(text, "csv"))
    assert (answer.start, answer.media_type, answer.rest) == (b"from the file\r\n", "text/csv", None)
    graph = f"{settings.base}/graph/meta"
    assert b"".join(pool.run(Query(text, "csv", default_graphs=(graph,)))) != b"from the file\r\n"


def test_a_new_publication_does_not_give_the_answers_of_the_one_before(home: Home, settings: Settings) -> None:
    everything(home, settings)
    number, text = current(home), asked(home, settings)[0]
    shutil.copytree(home.publication(number), home.publication(number + 1), ignore=shutil.ignore_patterns("answers"))
    home.set_current(number + 1)
    assert prepared.prepared(home.publication(number), Query(text, "csv")) is not None
    assert prepared.prepared(home.publication(number + 1), Query(text, "csv")) is None


def test_what_changes_with_the_clock_is_not_prepared(home: Home, settings: Settings) -> None:
    assert not [text for text in asked(home, settings) if "NOW()" in text]


def test_what_is_quick_is_not_kept_and_nothing_is_tried_twice(home: Home, settings: Settings) -> None:
    prepare(home, current(home), settings.base, lambda: True, long_s=PATIENCE_S)
    answers = home.publication(current(home)) / "answers"
    tried = sorted(answers.iterdir())
    assert {path.suffix for path in tried} == {""}
    assert len(tried) == len(asked(home, settings))
    everything(home, settings)
    assert sorted(answers.iterdir()) == tried


def test_a_publication_that_is_replaced_is_left_at_once(home: Home, settings: Settings) -> None:
    looks = iter([True, True])
    prepare(home, current(home), settings.base, lambda: next(looks, False), long_s=0)
    assert len([path for path in (home.publication(current(home)) / "answers").iterdir() if not path.suffix]) == 2


def test_the_process_prepares_what_stays_and_ends_with_who_started_it(home: Home, settings: Settings) -> None:
    command = (
        "import sys; from pathlib import Path; from catalogue.home import Home; from catalogue.sparql import prepared;"
        " prepared._SETTLED_S = 0; prepared.main(Home(Path(sys.argv[1])), sys.argv[2], 1024)"
    )
    arguments = [sys.executable, "-c", command, str(settings.home), settings.base]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, cwd=Path(__file__).parents[1]) as process:
        assert process.stdin is not None
        try:
            last = home.publication(current(home)) / "answers"
            deadline, wanted = time.monotonic() + PATIENCE_S, len(asked(home, settings))
            while len([path for path in last.glob("*") if not path.suffix]) < wanted:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
            # Where the system shares processors out among sessions, ours must not be slowed down with it.
            assert os.getsid(process.pid) == process.pid
            assert os.getpriority(os.PRIO_PROCESS, process.pid) == 19
            process.stdin.close()
            assert process.wait(PATIENCE_S) == 0
        finally:
            process.kill()
