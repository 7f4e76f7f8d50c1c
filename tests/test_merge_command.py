"""`catalogue duplicates`, `merge` and `split`, as typed: what they say, what they do, and which mistakes they name."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from catalogue.identity import Minter
from catalogue.rdf import IRI

MINTER = Minter("http://localhost:8000")
FEED = """\
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix schema: <http://schema.org/> .
@prefix lic: <http://spdx.org/licenses/> .
<https://elsewhere.example/decide> a dcat:Dataset, adms:Asset ; dct:title "Decide"@en ; schema:license lic:MIT ;
  dct:publisher <https://elsewhere.example/city> .
<https://elsewhere.example/decide-2> a dcat:Dataset, adms:Asset ; dct:title "DECIDE!"@en ;
  schema:license lic:EUPL-1.2 ; dct:publisher <https://elsewhere.example/city> .
<https://elsewhere.example/other> a dcat:Dataset, adms:Asset ; dct:title "Other"@en .
<https://elsewhere.example/city> a foaf:Organization, foaf:Agent ; foaf:name "City of Turin"@en .
"""
FILE = """\
publiccodeYmlVersion: "0.4"
name: {name}
url: https://git.example.org/city/decide
legal:
  license: EUPL-1.2
"""
DECIDE, DECIDE_2, OTHER = (f"https://elsewhere.example/{name}" for name in ("decide", "decide-2", "other"))
CITY = "https://elsewhere.example/city"
REPOSITORY = "https://git.example.org/city/decide"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def command_line(home: Path) -> Run:
    def run(*arguments: object, code: int = 0) -> "subprocess.CompletedProcess[str]":
        environment = os.environ | {"CATALOGUE_HOME": str(home)}
        command = [sys.executable, "-m", "catalogue", *map(str, arguments)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return run


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of two entries that look alike, another, and one that two sources have under one address."""
    folder = tmp_path_factory.mktemp("filled")
    run = command_line(folder / "home")
    (folder / "feed.ttl").write_text(FEED)
    run("load", folder / "feed.ttl", "--source", "feed")
    for name in ("one", "two"):
        (folder / name).mkdir()
        (folder / name / "publiccode.yml").write_text(FILE.format(name=f"Name {name}"))
        run("harvest", "--kind", "publiccode", folder / name, "--source", name)
    return folder / "home"


@pytest.fixture
def run(filled: Path, tmp_path: Path) -> Run:
    shutil.copytree(filled, tmp_path / "home")
    return command_line(tmp_path / "home")


def page(iri: str, kind: str = "solution") -> str:
    return MINTER.page(IRI(iri), kind).value.removeprefix(MINTER.base)


def counts(run: Run) -> int:
    return int(json.loads(run("stats", "--json").stdout)["things"]["solution"])


def test_duplicates_are_listed_with_the_command_that_merges_them(run: Run) -> None:
    told = json.loads(run("duplicates", "--json").stdout)
    (one,) = told["proposals"]
    assert (told["total"], one["kind"], one["reasons"]) == (1, "solution", ["the same title and the same owner"])
    assert {one["a"]["iri"], one["b"]["iri"]} == {DECIDE, DECIDE_2}
    run(*one["command"].split()[1:])
    assert "Nothing is proposed" in run("duplicates").stdout


def test_kind_and_limit_narrow_the_list(run: Run) -> None:
    assert "Nothing is proposed" in run("duplicates", "--kind", "organisation").stdout
    assert "1 of 1 proposals" in run("duplicates", "--kind", "solution", "--limit", "1").stdout
    run("duplicates", "--kind", "licence", code=2)
    run("duplicates", "--limit", "0", code=2)


def test_a_dry_run_says_what_would_be_published_and_changes_nothing(run: Run) -> None:
    done = run("merge", DECIDE, DECIDE_2, "--dry-run").stdout
    assert "This would be published:" in done
    assert "dct:title en" in done
    assert "DECIDE! (feed), given up: Decide (feed)" in done
    assert "City of Turin (feed)" in done
    assert "European Union Public License 1.2 (feed), given up: MIT License (feed)" in done
    assert counts(run) == 4


def test_merging_and_splitting(run: Run) -> None:
    before = run("export", "--format", "nt").stdout
    planned = json.loads(run("merge", DECIDE, page(DECIDE_2), "--dry-run", "--json").stdout)
    done = json.loads(run("merge", DECIDE, page(DECIDE_2), "--json").stdout)
    assert (planned.pop("dry_run"), done.pop("dry_run")) == (True, False)
    assert planned == done
    (entry,) = done["entries"]
    assert (entry["iri"], entry["other_names"], entry["records"]) == (DECIDE, [DECIDE_2], 2)
    assert counts(run) == 3
    assert "one thing already" in run("merge", DECIDE_2, DECIDE, code=2).stderr
    assert len(json.loads(run("split", page(DECIDE_2), "--json").stdout)["entries"]) == 2
    assert counts(run) == 4
    dates = ("modified>", "issued>", "changetype")
    after = run("export", "--format", "nt").stdout
    changed = set(before.splitlines()) ^ set(after.splitlines())
    assert [line for line in changed if not any(word in line for word in dates)] == []
    assert "Nothing is proposed" in run("duplicates").stdout
    run("doctor")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(DECIDE_2, id="an IRI"),
        pytest.param(f"<{DECIDE_2}>", id="an IRI as Turtle writes it"),
        pytest.param(page(DECIDE_2), id="a path"),
        pytest.param(page(DECIDE_2).lstrip("/"), id="a path without its slash"),
        pytest.param(page(DECIDE_2).rsplit("/", 1)[-1], id="a key"),
        pytest.param("https://public.example" + page(DECIDE_2), id="an address of a page on any host"),
        pytest.param(f"http://localhost:8000{page(DECIDE_2)}.ttl?lang=en", id="an address of linked data"),
    ],
)
def test_whatever_names_an_entry_will_do_before_it_was_merged_and_after(run: Run, name: str) -> None:
    (entry,) = json.loads(run("merge", DECIDE, name, "--json").stdout)["entries"]
    assert entry["other_names"] == [DECIDE_2]
    assert "one thing already" in run("merge", DECIDE, name, code=2).stderr


def test_a_repository_names_its_entry(run: Run) -> None:
    (entry,) = json.loads(run("merge", REPOSITORY + ".git", OTHER, "--dry-run", "--json").stdout)["entries"]
    assert entry["iri"] == MINTER.solution(REPOSITORY).value


def test_it_is_noted_that_two_are_two(run: Run) -> None:
    run("split", DECIDE, DECIDE_2)
    assert "Nothing is proposed" in run("duplicates").stdout
    assert counts(run) == 4
    run("merge", DECIDE, DECIDE_2)
    assert counts(run) == 3
    run("doctor")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["merge", DECIDE, "nonsense"], "nonsense is nothing that this catalogue has"),
        (["merge", DECIDE, "https://elsewhere.example/nothing"], "is nothing that this catalogue has"),
        (["merge", DECIDE, "aaaaaaaaaa"], "is nothing that this catalogue has"),
        (["merge", DECIDE, DECIDE], "one thing already"),
        (["merge", DECIDE, CITY], "they cannot be one thing"),
        (["merge", DECIDE, "http://spdx.org/licenses/MIT"], "is a term of a code list"),
        (["merge", DECIDE], "Missing argument"),
        (["split", OTHER], "is not merged with anything"),
        (["split", OTHER, OTHER], "are the same"),
        (["split", REPOSITORY], "come from the same repository address"),
        (["split", REPOSITORY], "give one a folder in its url"),
        (["split", "http://spdx.org/licenses/MIT"], "is a term of a code list"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value)[:40],
)
def test_mistakes_are_named(run: Run, arguments: list[str], problem: str) -> None:
    done = run(*arguments, "--dry-run", code=2)
    assert problem in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [["duplicates"], ["merge", "a", "b"], ["split", "a"]], ids=" ".join)
def test_where_nothing_is_published_there_is_nothing_to_decide(tmp_path: Path, arguments: list[str]) -> None:
    assert "There is no publication" in command_line(tmp_path / "none")(*arguments, code=2).stderr
    assert not (tmp_path / "none").exists()
