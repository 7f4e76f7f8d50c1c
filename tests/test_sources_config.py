"""Configured sources: checked with clear words, recognised, written into the file, harvested when due, and told of."""

import hashlib
import hmac
import json
import os
import re
import signal
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from catalogue import cli, configuration
from catalogue.errors import BusyError, SettingsError
from catalogue.fetch import Fetch, Network
from catalogue.harvest import Harvest
from catalogue.harvesters import HARVESTERS
from catalogue.home import Home
from catalogue.identity import Minter
from catalogue.model import Source
from catalogue.notices import STOPPED, Messenger, Webhook, is_untold
from catalogue.operations import Operations, Run
from catalogue.settings import load, read_sources
from catalogue.sources import KEYS, check, configured, is_same_place, recognise, source_at, tables, usable
from tests.remote import Reply, Request
from tests.strangers import Site
from tests.waiting import PATIENCE_S, until

README = Path(__file__).parent.parent / "docs" / "sources" / "README.md"
SHARED = Path(__file__).parents[2] / "shared" / "data"
LOOPBACK = Fetch(allow_private=("127.0.0.1",), timeout_s=5)
ENTRY = {"id": "it", "kind": "publiccode", "location": "files"}
PUBLICCODE = """\
publiccodeYmlVersion: "0.7.0"
name: {name}
url: https://git.example.org/{name}
platforms: [web]
developmentStatus: stable
softwareType: standalone/web
description:
  en:
    shortDescription: What {name} does in a sentence.
legal:
  license: EUPL-1.2
maintenance:
  type: community
  contacts:
    - name: Jane Roe
localisation:
  localisationReady: true
  availableLanguages: [en]
"""
COMMENTED = """\
# Ours.
title = "Ours" # and nobody else's

[[source]] # the first
id = "one"
# where it is
kind = "rdf"
location = "one.ttl"

# The second:
[[source]]
id = "two"
kind = "rdf"
location = "two.ttl"
types = []
"""


# What a file says


def test_a_source_is_read_with_all_that_is_said_of_it(tmp_path: Path) -> None:
    given = {
        **ENTRY,
        "title": "It",
        "precedence": 5,
        "patience": 3,
        "schedule": "every 6 hours",
        "token": "IT_TOKEN",
        "webhook": "https://hook.example/",
        "webhook_on": "errors",
        "webhook_secret": "IT_SECRET",
        "paused": True,
        "exclude": ["a/*", "b/*"],
    }
    found = check(given, tmp_path / "catalogue.toml")
    source = found.source
    assert (source.id, source.kind, source.title, source.precedence, source.patience) == (
        "it",
        "publiccode",
        "It",
        5,
        3,
    )
    assert source.location == str(tmp_path / "files")
    assert dict(source.options) == {"token": "IT_TOKEN", "exclude": ("a/*", "b/*")}
    assert found.schedule.text == "every 6 hours"
    assert found.webhook == Webhook("https://hook.example/", "errors", "IT_SECRET")
    assert found.paused


def test_what_is_not_said_is_as_the_kind_has_it(tmp_path: Path) -> None:
    found = check({**ENTRY, "location": "https://code.example/city"}, tmp_path / "catalogue.toml")
    source = found.source
    assert source == Source(
        "it", "publiccode", "https://code.example/city", "city", HARVESTERS["publiccode"].PRECEDENCE
    )
    assert (found.schedule.text, found.webhook, found.paused) == ("daily", None, False)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"kind": "publicode"}, r"'publicode' is no kind of source; known are .*did you mean 'publiccode'\?"),
        ({"schedul": "daily"}, r"'schedul' is no option of it; known are .*did you mean 'schedule'\?"),
        ({"exclude": "a/*"}, r"exclude should be a list of texts, not 'a/\*'"),
        ({"exclude": [1]}, "exclude should be a list of texts"),
        ({"patience": True}, "patience should be a whole number"),
        ({"patience": 0}, "patience should be at least 1"),
        ({"precedence": -1}, "precedence should be at least 1"),
        ({"paused": "yes"}, "paused should be true or false"),
        ({"title": 3}, "title should be a text"),
        ({"schedule": "often"}, "schedule 'often': it can be hourly"),
        ({"token": "ghp_x-y.z"}, "token should be the name of an environment variable, and not the secret itself"),
        ({"token": "ghp_Ab12"}, "token should be the name of an environment variable, .* of capitals, digits and _$"),
        ({"webhook_secret": "hunter2"}, "webhook_secret should be the name of an environment variable"),
        ({"id": "A b"}, "its id is not of a-z, 0-9 and -, such as 'a-b'"),
        ({"location": ""}, "its location is empty; give an address, a file or a directory"),
        ({"location": " "}, "its location is empty"),
        ({"webhook": "ftp://x"}, "webhook should be an http or https address"),
        ({"webhook": "https://x.example", "webhook_on": "error"}, r"webhook_on can be .*did you mean 'errors'\?"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_mistake_is_named_with_file_source_and_what_would_be_right(
    tmp_path: Path, said: Mapping[str, Any], problem: str
) -> None:
    with pytest.raises(SettingsError, match=rf"catalogue\.toml: source '{said.get('id', 'it')}': {problem}"):
        check({**ENTRY, **said}, tmp_path / "catalogue.toml")


@given(st.dictionaries(st.sampled_from([*KEYS, "exclude", "nonsense"]), st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2))))  # fmt: skip
def test_whatever_a_file_says_is_read_or_explained(said: dict[str, Any]) -> None:
    given = {**said, "id": "it", "kind": "publiccode", "location": "files"}
    with suppress(SettingsError):
        assert check(given, Path("catalogue.toml")).source.id == "it"


def test_one_source_that_is_wrong_keeps_no_other_from_being_used(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.toml"
    parts = ({"id": "a"}, {"id": "b", "kind": "nonsense"}, {"id": "a"}, {"id": "c"})
    file.write_text("".join(configuration.table({**ENTRY, **part}) for part in parts))
    found, wrong = usable(load({}, {}, file))
    assert list(found) == ["a", "c"]
    assert [word in str(error) for error, word in zip(wrong, ("nonsense", "two sources"), strict=True)] == [True, True]
    with pytest.raises(SettingsError, match="nonsense"):
        configured(load({}, {}, file))


def test_no_option_of_a_kind_has_the_name_of_one_that_all_have() -> None:
    for module in HARVESTERS.values():
        assert module.OPTIONS.keys() & KEYS.keys() <= {"token"}


@pytest.mark.parametrize("source_id", ["a/b", "../x", "a b", "é", "-x", "x?y"])
def test_an_id_that_would_break_addresses_is_refused(source_id: str) -> None:
    with pytest.raises(SettingsError, match="cannot be the id"):
        source_at("rdf", "x.ttl", source_id)


# The documentation


def test_the_documented_options_are_those_of_the_code() -> None:
    generated = README.read_text().partition("<!-- catalogue source kinds -->\n")[2]
    assert generated == "\n".join(tables()), "put what `catalogue source kinds` prints behind the mark"


def test_the_documented_example_has_every_kind_and_can_be_used(tmp_path: Path) -> None:
    example = re.search(r"^```toml\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)
    assert example is not None
    file = tmp_path / "catalogue.toml"
    file.write_text(example[1])
    kinds = {one.source.kind for one in configured(load({}, {}, file)).values()}
    assert kinds == HARVESTERS.keys()


# Changing the file


def test_an_entry_is_added_and_everything_else_stays(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.toml"
    file.write_text(COMMENTED)
    entry = {"id": "new", "kind": "rdf", "location": 'C:\\x "y"\x7f', "title": "Città\n", "nested": False}
    configuration.add(file, entry)
    assert file.read_text().startswith(COMMENTED)
    assert read_sources(file)[-1] == entry
    assert file.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.iterdir()] == ["catalogue.toml"]


@pytest.mark.parametrize("name", ["id", "location"])
def test_what_is_there_already_is_not_added_again(tmp_path: Path, name: str) -> None:
    file = tmp_path / "catalogue.toml"
    file.write_text(COMMENTED)
    entry = {"id": "new", "kind": "rdf", "location": "new.ttl"} | {name: {"id": "one", "location": "one.ttl"}[name]}
    with pytest.raises(SettingsError, match=f"the source 'one' has the {name}"):
        configuration.add(file, entry)
    assert file.read_text() == COMMENTED


def test_a_source_is_taken_out_without_its_neighbours(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.toml"
    file.write_text(COMMENTED)
    configuration.remove(file, "one")
    assert [source["id"] for source in read_sources(file)] == ["two"]
    assert "# The second:\n[[source]]" in file.read_text()
    assert "# where it is" not in file.read_text()


def test_a_source_that_is_paused_and_resumed_is_as_before(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.toml"
    file.write_text(COMMENTED)
    configuration.pause(file, "two", paused=True)
    assert [source.get("paused") for source in read_sources(file)] == [None, True]
    configuration.pause(file, "two", paused=True)
    configuration.pause(file, "two", paused=False)
    assert file.read_text() == COMMENTED


@pytest.mark.parametrize(
    "text",
    [
        'source = [{id = "one", kind = "rdf", location = "x"}]\n',
        'title = """\n[[source]]\n"""\n[[source]]\nid = "one"\nkind = "rdf"\nlocation = "x"\n',
    ],
    ids=["inline tables", "a text like a table"],
)
def test_a_file_that_cannot_be_changed_safely_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    file = tmp_path / "catalogue.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match="editor"):
        configuration.remove(file, "one")
    assert file.read_text() == text


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file, and no directory")
    with pytest.raises(SettingsError, match=r"home/catalogue\.toml: it cannot be written: File exists"):
        configuration.add(tmp_path / "home" / "catalogue.toml", {"id": "new", "kind": "rdf", "location": "x"})


def test_line_ends_links_and_rights_are_kept(tmp_path: Path) -> None:
    real, file = tmp_path / "real.toml", tmp_path / "catalogue.toml"
    real.write_bytes(COMMENTED.replace("\n", "\r\n").encode())
    real.chmod(0o600)
    file.symlink_to(real)
    configuration.add(file, {"id": "new", "kind": "rdf", "location": "x"})
    assert file.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o600
    assert real.read_bytes().count(b"\n") == real.read_bytes().count(b"\r\n")


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_text_survives_being_written(tmp_path: Path, text: str) -> None:
    assert tomllib.loads(configuration.table({"title": text}))["source"] == [{"title": text}]


# Webhooks and recognition, over HTTP


class Hook:
    """A server on loopback: it keeps what is posted to it, and answers GET with a document."""

    def __init__(self, status: int = 204, body: bytes = b"", media_type: str = "text/plain") -> None:
        self.posted: list[tuple[dict[str, str], bytes]] = []
        self.asked: list[str] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                hook.posted.append((dict(self.headers), content))
                self.send_response(status)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                hook.asked.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def hook() -> Iterator[Callable[..., Hook]]:
    made: list[Hook] = []

    def make(*given: Any, **named: Any) -> Hook:
        made.append(Hook(*given, **named))
        return made[-1]

    yield make
    for one in made:
        one.server.shutdown()
        one.server.server_close()


def messenger(fetch: Fetch = LOOPBACK, **environment: str) -> Messenger:
    return Messenger(fetch, Minter("https://catalogue.example"), environment)


def ran(error: str | None = None, **counts: int) -> Run:
    records = {"broken": ["x"]} if counts.get("rejected") else {}
    return Run("it", "2026-11-21T09:00:00+00:00", "2026-11-21T09:01:00+00:00", counts, error, 3, 99, records, None, 7)


SOURCE = Source("it", "rdf", "https://it.example/", "It", 50)


def test_a_webhook_is_told_with_a_signature_over_the_very_bytes(hook: Callable[..., Hook]) -> None:
    server = hook()
    said = messenger(IT_SECRET="s3cret").tell(Webhook(server.url, "always", "IT_SECRET"), SOURCE, ran(new=1))
    assert said == "The webhook was told (status 204)."
    ((headers, body),) = server.posted
    expected = hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    assert headers["X-Catalogue-Signature"] == f"sha256={expected}"
    assert headers["Content-Type"] == "application/json"
    message = json.loads(body)
    assert message["event"] == "harvest"
    assert message["source"]["id"] == "it"
    assert message["run"]["id"] == "https://catalogue.example/source/it/run/7"
    assert (message["run"]["counts"]["new"], message["run"]["requests"], message["run"]["bytes"]) == (1, 3, 99)


@pytest.mark.parametrize(
    ("on", "run", "before", "told"),
    [
        ("errors", ran(new=1), None, False),
        ("errors", ran(rejected=1), None, True),
        ("errors", ran("down"), None, True),
        ("errors", ran("down"), ran("down"), False),
        ("errors", ran("down"), ran("refused"), True),
        ("errors", ran("it answered 3 of 5 times"), ran("it answered 4 of 7 times"), False),
        ("errors", ran("status 404"), ran("status 503"), True),
        ("errors", ran(unchanged=9), ran("down"), False),
        ("changes", ran(unchanged=9), None, False),
        ("changes", ran(gone=1), None, True),
        ("changes", ran("down"), None, True),
        ("changes", ran("down"), ran("down"), False),
        ("changes", ran(unchanged=9), ran("down"), True),
        ("always", ran(unchanged=9), None, True),
        ("always", ran("down"), ran("down"), True),
    ],
)
def test_a_webhook_is_told_of_what_it_asked_for_only(
    hook: Callable[..., Hook], on: str, run: Run, before: Run | None, told: bool
) -> None:
    server = hook()
    said = messenger().tell(Webhook(server.url, on), SOURCE, replace(run, before=before and before.error))
    assert (said is not None, len(server.posted)) == (told, told)
    assert all("X-Catalogue-Signature" not in headers for headers, _ in server.posted)


@pytest.mark.parametrize(
    ("status", "allowed", "secret", "problem"),
    [
        (500, True, "", "status 500"),
        (302, True, "", "status 302; redirects are not followed"),
        (204, False, "", "private address"),
        (204, True, "NOT_SET", "the environment has no NOT_SET"),
    ],
)
def test_a_webhook_that_cannot_be_told_is_said_and_ends_nothing(
    hook: Callable[..., Hook], status: int, allowed: bool, secret: str, problem: str
) -> None:
    server = hook(status)
    fetch = LOOPBACK if allowed else Fetch()
    said = messenger(fetch).tell(Webhook(server.url, "always", secret), SOURCE, ran())
    assert said is not None
    assert problem in said
    assert server.asked == []


def test_a_webhook_is_asked_at_most_twice(hook: Callable[..., Hook]) -> None:
    server = hook(503)
    said = messenger().tell(Webhook(server.url, "always"), SOURCE, ran())
    assert said is not None
    assert len(server.posted) <= 2


def test_a_webhook_that_fails_is_told_next_time_but_not_asked_again_and_again(hook: Callable[..., Hook]) -> None:
    runs = [replace(ran(), number=number, before=None, error=error) for number, error in enumerate(("a", None, "b"))]
    webhook = Webhook(hook(404).url, "errors")
    told = list(messenger().tell_all(webhook, SOURCE, runs, is_stopped=False))
    assert [is_untold(replace(run, notice=words)) for run, words in told] == [True, False, True]
    assert all("status 404" in words for _, words in told if words)
    stopped = messenger().tell_all(webhook, SOURCE, runs, is_stopped=True)
    assert [words for _, words in stopped] == [STOPPED, None, STOPPED]
    server = hook()
    again = messenger().tell_all(Webhook(server.url, "errors"), SOURCE, runs, is_stopped=False)
    good = "The webhook was told (status 204)."
    assert [words for _, words in again] == [good, None, good]
    assert [headers["X-Catalogue-Delivery"] for headers, _ in server.posted] == ["it-0", "it-2"]


@pytest.mark.parametrize(
    ("body", "media_type", "path", "kind"),
    [
        (b"<https://x.example/1> a <http://www.w3.org/ns/dcat#Dataset> .", "text/turtle", "feed", "rdf"),
        (PUBLICCODE.format(name="x").encode(), "text/yaml", "x/publiccode.yml", "publiccode"),
    ],
    ids=["Turtle", "publiccode"],
)
def test_an_address_is_asked_once_and_recognised(
    hook: Callable[..., Hook], body: bytes, media_type: str, path: str, kind: str
) -> None:
    server = hook(200, body, media_type)
    found = recognise(server.url + path, LOOPBACK)
    assert found.kind == kind
    assert found.reading
    assert server.asked == [f"/{path}"]
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*", found.id)


PAGE = "<#s> <https://w3id.org/tree#view> <> ; a <https://w3id.org/ldes#EventStream> ."
FILES = [
    ("publiccode", "owner__tool.yml", 'publiccodeYmlVersion: "0.4"\nname: Tool\n'),
    ("publiccode", "publiccode.yaml", ""),
    ("publiccode", "history/tool/one.yml", "publiccodeYmlVersion: 0.2\n"),
    ("publiccode", "repositories.csv", "name,repository_url\nTool,https://github.com/a/tool\n"),
    ("publiccode", "accounts.txt", "https://github.com/town\n"),
    ("", "index.csv", "file,repository_url,commit\na.yml,https://github.com/a/tool,0123\n"),
    ("ldes", "index.trig", PAGE),
    (
        "software-catalog-api",
        "pages/one.json",
        '{"data": [{"id": "1", "url": "https://x.example", "publiccodeYml": "x"}]}',
    ),
    ("dpg", "registry/all.jsonl", '{"name": "A", "SDGs": [{"SDGNumber": 3}]}'),
    ("", "schema.json", '{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"SDGs": {}}}'),
    ("codejson", "agency/code.json", '{"agency": "X", "releases": []}'),
    ("codemeta", "tool/codemeta.json", "{}"),
    ("ore", "ore/body.yml", "adminCode: body\nreleases:\n- name: x\n"),
    ("register", "towns.csv", "name,country\nLamp,AT\n"),
    ("rdf", "files/deep/catalog.ttl", ""),
    ("rdf", "catalog.json", '{"@context": {}, "@graph": []}'),
    ("rdf", "catalog.xml", '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'),
    ("", "report.json", '{"added": 1}'),
    ("", "sitemap.xml", '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>'),
    ("", "README.md", "# https://github.com/a/tool"),
]


@pytest.mark.parametrize(("kind", "name", "content"), FILES, ids=[name for _, name, _ in FILES])
def test_files_and_folders_are_recognised_by_what_they_are(kind: str, name: str, content: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    for path in {file, tmp_path / name.split("/")[0]}:
        if kind:
            assert recognise(str(path), LOOPBACK).kind == kind
        else:
            with pytest.raises(SettingsError, match=r"no kind of source is recognised.*--kind: publiccode, ldes, ckan"):
                recognise(str(path), LOOPBACK)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not here")
@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("publiccode", "publiccode"),
        ("publiccode-history", "publiccode"),
        ("developers-italia-api", "software-catalog-api"),
        ("dpg", "dpg"),
        ("government-accounts/italy", "register"),
        ("administrations", "register"),
        ("canada-ore", "ore"),
        ("code-gov/agency-files", "codejson"),
        ("codemeta", "codemeta"),
        ("dcat", "rdf"),
        ("dcat/data-gov-be-ldes", "ldes"),
    ],
)
def test_folders_of_real_data_are_recognised(folder: str, kind: str) -> None:
    assert recognise(str(SHARED / folder), LOOPBACK).kind == kind


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("https://github.com/italia", "publiccode"),
        ("https://gitlab.com/town/group/tool", "publiccode"),
        ("git@git.example.org:town/tool.git", "publiccode"),
        ("https://raw.githubusercontent.com/a/b/main/publiccode.yml", "publiccode"),
        ("https://data.example.org/api/3/action/package_search?q=x", "ckan"),
        ("https://x.example.org/oai?verb=Identify", "oai-pmh"),
        ("https://portal.example.org/sparql/", "sparql"),
        ("https://agency.example.gov/code.json", "codejson"),
        ("https://x.example.org/lab/codemeta.json", "codemeta"),
        ("https://portal.example.org/catalog.ttl?page=1", "rdf"),
    ],
)
def test_an_address_that_does_not_answer_may_tell_by_itself_what_it_is(location: str, kind: str) -> None:
    unreachable = Fetch(network=Network(resolve=lambda *_: ["10.0.0.1"], sleep=lambda _: None))
    found = recognise(location, unreachable)
    assert found.kind == kind


def test_the_id_of_the_operators_own_statements_is_no_other_source_s(tmp_path: Path) -> None:
    entry = {"id": "curated", "kind": "rdf", "location": "x.ttl"}
    with pytest.raises(SettingsError, match="source 'curated': the id 'curated' is that of what operators say"):
        check(entry, tmp_path / "catalogue.toml")
    with pytest.raises(SettingsError, match="the id 'curated' is that of what operators say"):
        source_at("rdf", "x.ttl", "curated")


def test_a_folder_with_the_name_of_the_operators_own_statements_gets_another_id(home: Path) -> None:
    (home.parent / "curated").mkdir()
    (home.parent / "curated" / "x.ttl").write_text("")
    assert json.loads(catalogue(home, "source", "add", "./curated", "--json"))["id"] == "curated-2"


def test_saved_pages_of_a_software_catalogue_are_recognised_by_any_of_them(tmp_path: Path) -> None:
    (tmp_path / "catalogs.json").write_text('{"data": [{"id": "1", "name": "x"}]}')
    (tmp_path / "software.json").write_text('{"data": [{"id": "1", "url": "https://x.example", "publiccodeYml": "x"}]}')
    assert recognise(str(tmp_path), LOOPBACK).kind == "software-catalog-api"


@pytest.mark.parametrize(
    ("kind", "note"),
    [("rdf", ""), ("ckan", "it looks like one of the kind rdf")],
    ids=["that kind", "another"],
)
def test_a_kind_that_somebody_names_is_taken_and_what_speaks_against_it_is_said(
    hook: Callable[..., Hook], kind: str, note: str, tmp_path: Path
) -> None:
    body = b"<https://x.example/1> a <http://www.w3.org/ns/dcat#Dataset> ."
    found = recognise(hook(200, body, "text/turtle").url + "all.ttl", LOOPBACK, kind)
    assert (found.kind, found.note) == (kind, note)
    missing = recognise(str(tmp_path / "later"), LOOPBACK, kind)
    assert (missing.kind, "there is no such file" in missing.note) == (kind, True)
    unreachable = Fetch(network=Network(resolve=lambda *_: ["10.0.0.1"], sleep=lambda _: None))
    assert "which is a private address" in recognise("https://a.example/x", unreachable, kind).note


@pytest.mark.parametrize("again", ["https://a.example/town/", "HTTPS://A.Example/town#all", "https://a.example/town"])
def test_a_place_is_the_same_however_it_is_written(again: str) -> None:
    assert is_same_place("https://a.example/town", again)
    assert not is_same_place("https://a.example/Town?x", again)


class Beside:
    """A server that answers at one place, and with 404 elsewhere."""

    def __init__(self, path: str, body: bytes) -> None:
        self.path, self.body = path, body

    def __call__(self, site: Site, request: Request) -> Reply:
        asked = request.path + ("?" + urlencode(request.query) if request.query else "")
        return Reply(self.body, "application/json") if asked.startswith(self.path) else Reply("nothing", status=404)


@pytest.mark.parametrize(
    ("kind", "location", "path", "body"),
    [
        ("ckan", "/", "/api/3/action/package_search", b'{"help": "x", "success": true, "result": {"count": 3}}'),
        ("ckan", "/data/en", "/data/en/api/3/action/package_search", b'{"success":true}'),
        ("oai-pmh", "/oai", "/oai?verb=Identify", b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"/>'),
        (
            "software-catalog-api",
            "/v1",
            "/v1/software",
            b'{"data": [{"url": "https://x.example", "publiccodeYml": ""}]}',
        ),
        ("software-catalog-api", "", "/v1/software", b'{"data": [{"url": "https://x.example", "publiccodeYml": ""}]}'),
        ("software-catalog-api", "/api/v1/", "/api/v1/repositories", b'[{"url": "x", "lastActivityAt": "2026-01-01"}]'),
        ("sparql", "/query", "/query?query=ASK", b'{"head": {}, "boolean": true}'),
        ("publiccode", "/town/tool", "/api/v1/version", b'{"version":"9.0.0+gitea-1.22.0"}'),
        ("publiccode", "/town", "/api/v4/projects?per_page=1", b'[{"id": 1, "path_with_namespace": "town/tool"}]'),
        ("", "/other", "/other?query=ASK", b'{"success": false, "error": "no query"}'),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_interface_that_says_nothing_at_its_own_address_is_recognised_by_what_it_answers_beside_it(
    kind: str, location: str, path: str, body: bytes
) -> None:
    site = Site(Beside(path, body))
    try:
        if kind:
            found = recognise(site.base + location, LOOPBACK)
            assert (found.kind, found.location, found.note) == (kind, site.base + location, "")
        else:
            with pytest.raises(SettingsError, match=r"no kind of source is recognised \(.*status 404"):
                recognise(site.base + location, LOOPBACK)
    finally:
        site.close()


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("", "its location is empty; give an address, a file or a directory"),
        ("forge.example/town", "there is no such file or directory; an address begins with https://"),
        (
            "ftp://x.example/all.ttl",
            "an address of a source begins with https:// or http://; a file is named by its path",
        ),
        ("file:///data/all.ttl", "an address of a source begins with https:// or http://; a file is named by its path"),
    ],
    ids=["empty", "no scheme", "ftp", "file"],
)
def test_what_is_no_location_says_what_one_is(location: str, words: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(words)):
        recognise(location, LOOPBACK)


@pytest.mark.parametrize(
    ("body", "media_type", "words"),
    [
        (b"<!doctype html><title>Tool</title>", "text/html", "it is a web page; give the address of the data"),
        (b"", "text/plain", "it answers with nothing"),
        (b'{"hello": "' + b"x" * 500, "application/json", 'it answers with application/json that begins with {"hello"'),
    ],
    ids=["page", "empty", "JSON"],
)
def test_what_is_not_recognised_says_what_was_answered(
    hook: Callable[..., Hook], body: bytes, media_type: str, words: str
) -> None:
    with pytest.raises(SettingsError, match=rf"no kind of source is recognised \({re.escape(words)}") as raised:
        recognise(hook(200, body, media_type).url + "tool", LOOPBACK)
    assert len(str(raised.value)) < 500


def test_what_is_not_recognised_names_the_kinds(hook: Callable[..., Hook], tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no kind of source is recognised.*--kind: publiccode"):
        recognise(hook(200, b"hello").url + "hello.txt", LOOPBACK)
    with pytest.raises(SettingsError, match="no such file"):
        recognise(str(tmp_path / "nothing"), LOOPBACK)


@pytest.mark.parametrize("inside", ["", "publiccode.yml", "folder/publiccode.yml"], ids=["file", "folder", "below"])
def test_what_may_not_be_read_is_told_and_not_a_fault(
    inside: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "mine.ttl"
    closed = place / inside if inside else place
    closed.parent.mkdir(parents=True, exist_ok=True)
    closed.write_text("")
    opened = Path.open

    def refusing(path: Path, *how: Any, **more: Any) -> Any:
        if path == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *how, **more)

    monkeypatch.setattr(Path, "open", refusing)
    if inside:
        assert recognise(str(place), LOOPBACK).kind == "publiccode"
        return
    with pytest.raises(SettingsError, match=f"{re.escape(str(place))}: it cannot be read: Permission denied"):
        recognise(str(place), LOOPBACK)


def test_a_path_that_no_disk_takes_is_told(home: Path) -> None:
    with pytest.raises(SettingsError, match="x: it cannot be read: File name too long"):
        recognise("x" * 5000, LOOPBACK)


@pytest.mark.parametrize(
    "location",
    [
        "https://user:hunter2@a.example/b",
        "https://hunter2@a.example/b.git",
        "HTTP://hunter2:@a.example",
        "git+https://oauth2:hunter2@a.example/b",
        "ssh://git:hunter2@a.example/b",
    ],
)
def test_an_address_with_a_secret_in_it_is_not_kept(location: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="name that as `token`") as raised:
        recognise(location, LOOPBACK)
    with pytest.raises(SettingsError, match=r"source 'a': .*name that as `token`") as checked:
        check({"id": "a", "kind": "publiccode", "location": location}, tmp_path / "catalogue.toml")
    assert "hunter2" not in f"{raised.value}{checked.value}"
    assert source_at("publiccode", "ssh://git@a.example:22/b").location == "ssh://git@a.example:22/b"


def test_a_home_of_a_user_that_is_none_is_the_name_of_a_file() -> None:
    with pytest.raises(SettingsError, match=r"/~no-such-user/x: there is no such file"):
        recognise("~no-such-user/x", LOOPBACK)
    assert source_at("rdf", "~no-such-user/x").location == str(Path.cwd() / "~no-such-user/x")


# The command line


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "publiccode.yml").write_text(PUBLICCODE.format(name="one"))
    return tmp_path / "home"


def catalogue(home: Path, *arguments: str, code: int = 0, **environment: str) -> str:
    given = os.environ | {"CATALOGUE_HOME": str(home), "CATALOGUE_ALLOW_PRIVATE": "127.0.0.1"} | environment
    command = [sys.executable, "-m", "catalogue", *arguments]
    done = subprocess.run(command, cwd=home.parent, env=given, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


def test_a_source_is_added_listed_harvested_when_due_and_told_of(home: Path, hook: Callable[..., Hook]) -> None:
    server = hook()
    assert "of the kind publiccode" in catalogue(home, "source", "add", "files", "--dry-run")
    assert not (home / "catalogue.toml").exists()
    added = json.loads(catalogue(home, "source", "add", "files", "--id", "ours", "--json"))
    assert (added["id"], added["kind"]) == ("ours", "publiccode")
    assert "is the source 'ours' already" in catalogue(home, "source", "add", "./files", code=2)
    with (home / "catalogue.toml").open("a") as file:
        file.write(f'webhook = "{server.url}"\n')
    (told,) = json.loads(catalogue(home, "source", "list", "--json"))
    assert (told["id"], told["schedule"], told["runs"]) == ("ours", "daily", [])
    (done,) = json.loads(catalogue(home, "harvest", "--due", "--json"))
    assert done["counts"]["new"] == 1
    assert json.loads(server.posted[0][1])["run"]["records"]["new"][0]["key"] == "publiccode.yml"
    assert "Nothing is due." in catalogue(home, "harvest", "--due")
    shown = json.loads(catalogue(home, "source", "show", "ours", "--json"))
    assert shown["runs"][0]["counts"]["new"] == 1
    assert Operations(home / "operations.db").runs("ours")[0].notice == "The webhook was told (status 204)."


def test_what_is_due_is_harvested_although_another_entry_is_wrong(home: Path) -> None:
    home.mkdir()
    ours = configuration.table({"id": "ours", "kind": "publiccode", "location": "../files"})
    bad = configuration.table({"id": "bad", "kind": "nonsense", "location": "x"})
    (home / "catalogue.toml").write_text(ours + bad)
    assert "source 'bad': 'nonsense' is no kind" in catalogue(home, "harvest", "--due", code=2)
    log = Operations(home / "operations.db")
    assert log.runs("ours")[0].error is None
    catalogue(home, "harvest", "--due", code=2)
    (failed,) = log.runs("bad")
    with log.connection() as connection:
        connection.execute("DELETE FROM run WHERE source = 'ours'")
    catalogue(home, "harvest", "--due", "--wait")  # which the server would not have begin again at once else
    assert str(failed.error).startswith("source 'bad': 'nonsense' is no kind of source")
    assert "'nonsense' is no kind" in catalogue(home, "source", "list", code=2)


@pytest.mark.parametrize("as_json", [True, False], ids=["JSON", "text"])
def test_what_was_harvested_is_told_although_another_process_then_keeps_writing(
    capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    def harvester(_: object) -> Iterator[Harvest]:
        yield Harvest(SOURCE, datetime(2026, 11, 21, tzinfo=UTC))
        raise BusyError("another process is writing")

    with pytest.raises(BusyError):
        cli._run(harvester, [], as_json)  # type: ignore[arg-type]
    said = capsys.readouterr().out
    assert [one["source"]["id"] for one in json.loads(said)] == ["it"] if as_json else "It (rdf, source it)" in said


def test_a_token_with_the_line_end_of_its_file_is_sent_without_and_told_nowhere(home: Path) -> None:
    seen: list[str] = []

    def answer(site: Site, request: Request) -> Reply:
        seen.append(request.headers.get("Authorization", ""))
        return Reply("<https://x.example/1> a <http://www.w3.org/ns/dcat#Dataset> .", "text/turtle")

    site, home_file = Site(answer), home / "catalogue.toml"
    entry = {"id": "ours", "kind": "rdf", "location": f"{site.base}/all.ttl", "token": "OUR_TOKEN"}
    home.mkdir()
    home_file.write_text(configuration.table(entry))
    try:
        catalogue(home, "harvest", "ours", OUR_TOKEN="hunter2\n")
    finally:
        site.close()
    assert seen == ["Bearer hunter2"]


def test_an_id_that_could_not_be_read_again_is_not_written(home: Path) -> None:
    assert "its id is not of a-z, 0-9 and -" in catalogue(home, "source", "add", "files", "--id", "A.b", code=2)
    assert not (home / "catalogue.toml").exists()


def test_what_would_be_done_otherwise_than_meant_is_refused(home: Path) -> None:
    catalogue(home, "source", "add", "files", "--id", "ours")
    assert "--source names what is harvested with --kind" in catalogue(home, "harvest", "ours", "--source", "x", code=2)
    catalogue(home, "source", "pause", "ours")
    assert "All sources are paused: name one" in catalogue(home, "harvest", code=2)


def test_where_nothing_is_found_that_is_said(home: Path) -> None:
    (home.parent / "none").mkdir()
    said = catalogue(home, "harvest", "--kind", "publiccode", "none")
    assert "Nothing was read: nothing is new, or there is nothing of the kind publiccode there" in said


def test_the_doctor_looks_at_the_sources(home: Path) -> None:
    home.mkdir()
    entry = {"id": "ours", "kind": "publiccode", "location": "../files", "token": "NO_TOKEN"}
    more = {"webhook": "https://hook.example/", "webhook_secret": "NO_SECRET"}
    file = home / "catalogue.toml"
    file.write_text(configuration.table(entry | more))
    catalogue(home, "publish")
    (found,) = (one for one in json.loads(catalogue(home, "doctor", "--json")) if one["name"] == "sources")
    needed = "this environment has no NO_SECRET, NO_TOKEN, which the one that harvests needs"
    assert found == {"name": "sources", "ok": True, "finding": f"1 configured; {needed}"}
    file.write_text(configuration.table(entry | {"kind": "rfd"}))
    given = os.environ | {"CATALOGUE_HOME": str(home)}
    done = subprocess.run([sys.executable, "-m", "catalogue", "doctor"], env=given, capture_output=True, check=False)
    assert (done.returncode, b"FAIL  sources: " in done.stdout, b"did you mean 'rdf'" in done.stdout) == (1, True, True)


def test_files_of_another_user_are_told_and_no_fault(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    catalogue(home, "harvest", "--kind", "publiccode", "files")
    opened = Path.open

    def refusing(path: Path, *how: Any, **more: Any) -> Any:
        if path.name == "lock":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *how, **more)

    monkeypatch.setattr(Path, "open", refusing)
    with pytest.raises(SystemExit) as ended:
        cli.main(["publish", "--home", str(home)])
    words = f"Error: {home}/state/lock: Permission denied; run it as the user that the catalogue's files belong to\n"
    assert (ended.value.code, capsys.readouterr().err) == (2, words)


def test_a_paused_source_is_left_alone_until_it_is_named(home: Path) -> None:
    catalogue(home, "source", "add", "files", "--id", "ours")
    catalogue(home, "source", "pause", "ours")
    assert "Nothing is due." in catalogue(home, "harvest", "--due")
    assert "1 new" in catalogue(home, "harvest", "ours")
    catalogue(home, "source", "resume", "ours")
    assert "1 records are gone" in catalogue(home, "source", "remove", "ours", "--records")
    assert json.loads(catalogue(home, "stats", "--json"))["things"].get("solution", 0) == 0
    departure = Operations(home / "operations.db").departure("ours", "publiccode.yml")
    assert departure is not None
    assert (departure.why, "/id/solution/" in departure.thing) == ("its source was taken out of the catalogue", True)


def test_what_a_source_said_that_is_configured_no_more_is_named_and_can_be_taken_out(home: Path) -> None:
    catalogue(home, "source", "add", "files", "--id", "ours")
    catalogue(home, "harvest", "ours")
    catalogue(home, "source", "remove", "ours")
    left = (
        "Not configured, but in the catalogue: ours (1 record). To take it out: catalogue source remove ours --records"
    )
    assert left in catalogue(home, "source", "list")
    assert "1 records are gone" in catalogue(home, "source", "remove", "ours", "--records")
    assert left not in catalogue(home, "source", "list")
    assert "there is no source 'ours'" in catalogue(home, "source", "remove", "ours", "--records", code=2)


def test_a_source_whose_name_is_mistyped_is_guessed(home: Path) -> None:
    catalogue(home, "source", "add", "files", "--id", "ours")
    for command in (["harvest"], ["source", "show"]):
        assert "No source 'our' is configured; there are: ours; did you mean 'ours'?" in catalogue(
            home, *command, "our", code=2
        )


def test_a_harvest_tells_what_is_missing_and_what_it_took(home: Path) -> None:
    catalogue(home, "source", "add", "files", "--id", "ours")
    assert re.search(r"1 new .*\n  in \d+\.\d s, 0 requests, 0 bytes", catalogue(home, "harvest", "ours"))
    (home.parent / "files" / "publiccode.yml").unlink()
    assert "  1 missing\n" in catalogue(home, "harvest", "ours")
    (told,) = json.loads(catalogue(home, "harvest", "ours", "--json", code=0))
    assert (told["counts"]["gone"], told["requests"], told["bytes"]) == (1, 0, 0)
    assert told["seconds"] >= 0


def test_a_webhook_that_cannot_be_told_is_said_to_who_harvests(home: Path, hook: Callable[..., Hook]) -> None:
    catalogue(home, "source", "add", "files", "--id", "ours")
    with (home / "catalogue.toml").open("a") as file:
        file.write(f'webhook = "{hook().url}"\nwebhook_secret = "NO_SUCH_SECRET"\n')
    given = os.environ | {"CATALOGUE_HOME": str(home)}
    command = [sys.executable, "-m", "catalogue", "harvest", "ours"]
    done = subprocess.run(command, cwd=home.parent, env=given, capture_output=True, text=True, check=False)
    words = "The webhook could not be told: the environment has no NO_SUCH_SECRET"
    assert (done.returncode, f"ours, run 1: {words}" in done.stderr) == (0, True), done.stderr
    assert f"Run 1: {words}" in catalogue(home, "source", "show", "ours")


def test_the_log_does_not_tell_where_on_the_machine_a_place_is(home: Path) -> None:
    catalogue(home, "source", "add", "files", "--id", "ours")
    (home.parent / "files").rename(home.parent / "elsewhere")
    said = catalogue(home, "harvest", "ours", code=2)
    assert f"{home.parent}/files: no such file or directory" in said
    assert Operations(home / "operations.db").runs("ours")[0].error == "publiccode: files: no such file or directory"


def test_the_log_names_what_broke_and_what_was_mended(home: Path) -> None:
    catalogue(home, "source", "add", "files", "--id", "ours")
    file, log = home.parent / "files" / "publiccode.yml", Operations(home / "operations.db")
    catalogue(home, "harvest", "ours")
    file.write_text("name: [")
    for _ in range(2):
        catalogue(home, "harvest", "ours", code=1)
    second, first, good = log.runs("ours")
    assert (first.records, second.records) == (
        {"broken": ["publiccode.yml"], "rejected": ["publiccode.yml"]},
        {"rejected": ["publiccode.yml"]},
    )
    failing = log.failing_record("ours", "publiccode.yml")
    assert failing is not None
    assert (failing.since, failing.tried, failing.succeeded) == (first.started, second.ended, good.ended)
    file.write_text(PUBLICCODE.format(name="one").replace("stable", "beta"))
    catalogue(home, "harvest", "ours")
    assert log.runs("ours")[0].records == {"changed": ["publiccode.yml"], "mended": ["publiccode.yml"]}
    assert log.failing("ours") == {}


def test_of_a_harvest_that_never_ended_there_is_a_report_and_its_webhook_is_told(
    home: Path, tmp_path: Path, hook: Callable[..., Hook]
) -> None:
    for number in range(400):
        (tmp_path / "files" / f"{number}.yml").write_text(PUBLICCODE.format(name=f"n{number}"))
    catalogue(home, "source", "add", "files", "--id", "ours")
    server, log = hook(), Operations(home / "operations.db")
    with (home / "catalogue.toml").open("a") as file:
        file.write(f'webhook = "{server.url}"\nwebhook_on = "errors"\n')
    command = [sys.executable, "-m", "catalogue", "harvest", "ours"]
    given = os.environ | {"CATALOGUE_HOME": str(home)}
    child = subprocess.Popen(command, env=given, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert child.stderr is not None
    child.stderr.readline()  # of the first hundred records
    assert Home(home).is_written
    child.kill()
    child.communicate(timeout=PATIENCE_S)
    assert (list(log.begun()), log.runs("ours"), Home(home).is_written) == (["ours"], [], False)
    (told,) = json.loads(catalogue(home, "source", "list", "--json"))
    assert told["begun"]["alive"] is False
    assert "did not end: began 20" in catalogue(home, "source", "list")
    catalogue(home, "harvest", "--due")  # which is not so soon after a failure
    (killed,) = log.runs("ours")
    assert str(killed.error).startswith("ours: the harvest did not end: its process was killed")
    assert (log.begun(), killed.is_wrong, is_untold(killed)) == ({}, True, True)
    catalogue(home, "harvest", "ours")
    assert [json.loads(body)["run"]["number"] for _, body in server.posted] == [killed.number]
    last, killed = log.runs("ours")
    assert (last.error, last.notice, killed.notice) == (None, None, "The webhook was told (status 204).")


def test_a_log_of_an_earlier_version_is_read_and_carried_on(tmp_path: Path) -> None:
    log = Operations(tmp_path / "operations.db")
    with log.connection() as connection:
        connection.execute("DROP TABLE run")
        connection.execute(
            "CREATE TABLE run (number INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, started TEXT NOT NULL,"
            " ended TEXT NOT NULL, counts TEXT NOT NULL, error TEXT) STRICT"
        )
        connection.execute(
            "INSERT INTO run VALUES (1, 'it', '2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z', '{}', NULL)"
        )
    assert log.runs("it")[0].requests == 0
    assert log.add(ran(new=1)).number == 2
    assert [run.counts for run in log.runs("it")] == [{"new": 1}, {}]


# The server


def members(session: int) -> list[str]:
    found = subprocess.run(["ps", "-o", "args=", "-s", str(session)], capture_output=True, text=True, check=False)
    return found.stdout.splitlines()


@pytest.mark.parametrize("auto", ["yes", "no"])
def test_the_server_harvests_what_is_due_by_itself_and_ends_with_its_child(home: Path, auto: str) -> None:
    catalogue(home, "source", "add", "files", "--id", "ours")
    if auto == "no":
        catalogue(home, "publish")
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as probe:
        port = probe.server_port
    command = [sys.executable, "-m", "catalogue", "serve", "--home", str(home), "--port", str(port), "--workers", "1"]
    server = subprocess.Popen(command, start_new_session=True, env=os.environ | {"CATALOGUE_AUTO_HARVEST": auto})
    log = Operations(home / "operations.db")
    try:
        if auto == "yes":
            assert until(lambda: log.runs("ours"))
            assert until(lambda: any("--wait" in line for line in members(server.pid)))
        else:
            assert not until(lambda: any("--wait" in line for line in members(server.pid)), 4)
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(PATIENCE_S) == 0
    assert until(lambda: not members(server.pid))
    assert bool(log.runs("ours")) is (auto == "yes")


def test_a_harvest_that_is_stopped_ends_well(home: Path, tmp_path: Path) -> None:
    for number in range(400):
        (tmp_path / "files" / f"{number}.yml").write_text(PUBLICCODE.format(name=f"n{number}"))
    catalogue(home, "source", "add", "files", "--id", "ours")
    catalogue(home, "publish")
    command = [sys.executable, "-m", "catalogue", "harvest", "ours"]
    given = os.environ | {"CATALOGUE_HOME": str(home)}
    child = subprocess.Popen(command, env=given, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert child.stderr is not None
    child.stderr.readline()  # of the first hundred records
    child.send_signal(signal.SIGTERM)
    _, said = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 2, said
    (run,) = Operations(home / "operations.db").runs("ours")
    assert "stopped; the" in str(run.error)
    assert json.loads(catalogue(home, "stats", "--json"))["things"]["solution"] == run.counts["new"] < 400
