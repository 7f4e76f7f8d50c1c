"""`catalogue validate`: what it says of files, addresses and standard input, and how it ends."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from catalogue.cli import main
from catalogue.rdf import SYNTAXES, read
from catalogue.validation import profile_page
from catalogue.vocabulary import SH

EXAMPLES = Path(__file__).parent.parent / "endpoint" / "examples"
GOOD, BROKEN = EXAMPLES / "publiccode-good.yml", EXAMPLES / "publiccode-broken.yml"
GOOD_TURTLE, BROKEN_TURTLE = EXAMPLES / "adms-ap-good.ttl", EXAMPLES / "adms-ap-broken.ttl"
KEYS = {"severity", "focus", "path", "value", "message", "fix", "line", "column"}
LARGEST = 10 * 1024 * 1024


def run(*words: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["validate", *map(str, words)], input=stdin)


def reported(*words: object, stdin: bytes | None = None) -> Any:
    return json.loads(run(*words, "--format", "json", stdin=stdin).stdout)


@pytest.fixture(scope="module")
def website() -> Iterator[str]:
    """A server of the examples, on which publiccode.yml is the broken one, served as plain text."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            files = {"/publiccode.yml": BROKEN, "/it": GOOD_TURTLE}
            found = files.get(self.path)
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/turtle" if found is GOOD_TURTLE else "text/plain")
            self.end_headers()
            self.wfile.write(found.read_bytes() if found else b"")

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("path", sorted(EXAMPLES.iterdir()), ids=lambda path: path.name)
def test_the_examples_of_the_page_are_what_they_are_called(path: Path) -> None:
    done = reported(path)
    assert done["conforms"] is ("good" in path.name)
    assert (done["results"] == []) is ("good" in path.name)
    assert done["profile"] == path.name.rpartition("-")[0]


def test_a_report_has_the_keys_that_are_promised() -> None:
    done = reported(BROKEN)
    assert done.keys() == {"conforms", "profile", "results"}
    assert all(result.keys() == KEYS for result in done["results"])
    (licence,) = [result for result in done["results"] if result["path"] == "legal.license"]
    assert (licence["severity"], licence["value"], licence["line"], licence["column"]) == ("violation", "EUPL", 15, 3)
    assert "EUPL-1.2" in licence["fix"]


def test_several_files_give_a_list() -> None:
    assert [report["conforms"] for report in reported(GOOD, BROKEN, GOOD_TURTLE)] == [True, False, True]
    assert isinstance(reported(GOOD), dict)


def test_people_read_a_verdict_and_findings_by_severity_and_field() -> None:
    text = run(BROKEN).stdout
    assert text.startswith(f"{BROKEN}: does not conform to publiccode\n\nErrors (8)\n  url\n    line 4, column 1: ")
    assert "Write true, without quotes." in text
    assert text.index("Errors (8)") < text.index("Warnings (1)") < text.index("Did you mean “et”?")


def test_messages_are_in_the_language_asked_for() -> None:
    assert "Es fehlt eine Beschreibung" in run(BROKEN_TURTLE, "--language", "de").stdout


def test_turtle_is_a_validation_report() -> None:
    done = run(BROKEN_TURTLE, "--format", "turtle")
    triples = {quad.triple for quad in read(done.stdout, SYNTAXES["ttl"])}
    assert sum(triple.predicate == SH.result for triple in triples) == 14
    assert run(GOOD, BROKEN, "--format", "turtle").exit_code == 2


WARNED = GOOD.read_bytes().replace(b'"0.7"', b'"0.5"')
ENDS: dict[str, tuple[bytes, int]] = {
    "a good file": (GOOD.read_bytes(), 0),
    "a file with warnings only": (WARNED, 0),
    "a broken file": (BROKEN.read_bytes(), 1),
    "an empty file": (b"", 1),
    "a file of spaces": (b" \n", 1),
    "no YAML": (b"publiccodeYmlVersion: [", 1),
    "a file of bytes": (bytes(range(256)), 1),
    "a deep file": (b"publiccodeYmlVersion: " + b"[" * 100_000, 1),
    "deep JSON-LD": (b'{"a":' * 100_000, 1),
    "a DOCTYPE": (b'<!DOCTYPE r [<!ENTITY a "b">]><r xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>', 1),
    "too large a file": (b"#" * (LARGEST + 1), 1),
}  # fmt: skip


@pytest.mark.parametrize(("content", "code"), ENDS.values(), ids=ENDS)
def test_the_exit_code_says_whether_all_conform(content: bytes, code: int) -> None:
    done = run("-", stdin=content)
    assert done.exit_code == code
    assert done.stdout.startswith("standard input: ")


def test_a_broken_document_has_a_place() -> None:
    done = reported("-", stdin=b"@prefix a: <http://a.example/> .\n<http://b.example/> a:b .\n")
    assert not done["conforms"]
    assert done["results"][0]["line"] == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere.yml",), "nowhere.yml: No such file"),
        ((EXAMPLES,), "Is a directory"),
        ((GOOD, "nowhere.yml"), "nowhere.yml"),
        ((GOOD, "--profile", "unknown"), "publiccode"),
        ((), "FILE-or-URL"),
        (("http://127.0.0.1:8999/x",), "private address"),
    ],
    ids=["missing file", "directory", "one of two missing", "profile", "nothing", "private address"],
)
def test_what_cannot_be_had_is_an_error_without_a_report(words: tuple[object, ...], said: str) -> None:
    done = run(*words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_file_that_is_not_named_publiccode_is_one_if_it_is_yaml(tmp_path: Path) -> None:
    file = tmp_path / "description.yaml"
    file.write_text("name: Decide\n")
    assert reported(file)["profile"] == "publiccode"
    assert reported("-", stdin=b"publiccodeYmlVersoin: 0.7\nname: Decide\n")["profile"] == "publiccode"


def test_a_profile_can_be_asked_for() -> None:
    assert reported(GOOD_TURTLE, "--profile", "dcat-ap")["profile"] == "dcat-ap"


def test_relative_addresses_in_a_file_are_read(tmp_path: Path) -> None:
    file = tmp_path / "it.ttl"
    file.write_text("<> a <http://www.w3.org/ns/dcat#Dataset> .")
    assert reported(file)["results"][0]["focus"] == file.as_uri()


def test_an_address_is_fetched(website: str) -> None:
    host = website.removeprefix("http://")
    assert reported(f"{website}/publiccode.yml", "--allow-private", host)["profile"] == "publiccode"
    assert reported(f"{website}/it", "--allow-private", host)["conforms"]
    missing = run(f"{website}/missing", "--allow-private", host)
    assert (missing.exit_code, "404" in missing.stderr) == (2, True)


def test_addresses_in_a_file_are_asked_only_if_wanted(website: str, tmp_path: Path) -> None:
    file = tmp_path / "publiccode.yml"
    text = GOOD.read_text().replace("https://git.example.org/city/desk-finder.git", f"{website}/it")
    file.write_text(text.replace("https://desks.example.org/", f"{website}/missing"))
    host = website.removeprefix("http://")
    offline, online = reported(file), reported(file, "--online", "--allow-private", host)
    assert "landingURL" not in {result["path"] for result in offline["results"]}
    assert {"landingURL"} == {result["path"] for result in online["results"] if "404" in result["message"]}


def test_the_documented_profiles_are_those_of_the_shapes() -> None:
    written = Path(__file__).parent.parent / "docs" / "profile.md"
    assert written.read_text(encoding="utf-8") == profile_page.page()
