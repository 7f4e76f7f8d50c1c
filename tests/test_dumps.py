"""The dump is of one publication, and gives back what it took however it ends."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from catalogue.home import Home, is_held
from catalogue.settings import Settings, load
from catalogue.writer import writing
from endpoint import create_app
from endpoint.reader import PublicationReader


def publish(settings: Settings) -> None:
    with writing(settings, "test", lambda: datetime.now(UTC)) as writer:
        writer.publish(anew=True)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = load({"home": tmp_path / "home"}, {})
    publish(made)
    return made


@pytest.fixture
def application(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    yield app
    app.extensions["sparql"].close()


def test_an_edition_that_is_kept_stays_open_until_its_last_reader_has_gone(settings: Settings) -> None:
    home = Home(settings.home)
    reader = PublicationReader(home)
    first = reader.acquire()
    reader.keep(first)
    reader.release(first)
    reader.close()
    assert is_held(home.publication(first.number))
    reader.release(first)
    assert not is_held(home.publication(first.number))


def test_a_dump_that_cannot_begin_keeps_nobody_from_the_next(
    application: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = application.test_client()
    with monkeypatch.context() as full:
        full.setattr(tempfile, "tempdir", "/nowhere")  # as where the disk is full: an answer has no file
        assert visitor.get("/dump.nt").status_code >= 500
    assert visitor.get("/dump.nt", buffered=True).status_code == 200
