"""Forges give what their accounts and repositories have: with few requests, and nothing lost when one fails."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.harvesters._forge import host_of
from catalogue.harvesters._forge_found import Place, as_publiccode, packed, plain, unpacked
from catalogue.harvesters._forge_lists import Target, targets
from catalogue.harvesters._forge_visit import _path
from catalogue.harvesters.publiccode import documents, readings, recognises
from catalogue.model import Document, Reading
from catalogue.rdf import IRI
from catalogue.vocabulary import ADMS, DCAT, DCT, DOAP_PROGRAMMING_LANGUAGE, FOAF, SCHEMA
from tests.remote import MINTER, Answer, Reply, Request, World, serving, world
from tests.visits import visit

SHARED = Path(__file__).parents[3] / "shared" / "data"
OLD = "2024-01-15T10:30:00Z"
FILE = "name: {name}\nurl: {url}\n"


@dataclass
class Fake:
    """A repository of a forge that is played."""

    id: int
    path: str
    files: dict[str, str] = field(default_factory=dict)
    pushed: str = OLD
    fork: bool = False
    archived: bool = False
    private: bool = False
    branch: str | None = "main"
    was: str = ""
    about: dict[str, Any] = field(default_factory=dict)


@dataclass
class Forge:
    """Plays a forge: answers of its API, files where it has them, and what was asked."""

    kind: str
    repos: list[Fake]
    size: int = 100
    asked: list[str] = field(default_factory=list)
    spent_after: int | None = None
    broken: str = ""
    tokens: set[str] = field(default_factory=set)
    base: str = ""

    def __call__(self, request: Request) -> Reply:
        path = unquote(request.path)
        self.asked.append(path)
        self.tokens.add(request.headers.get("Authorization", ""))
        if self.broken and self.broken in path:
            return Reply("", status=500)
        if self.spent_after is not None and len(self.asked) > self.spent_after:
            return Reply("", status=403, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1900000000"})
        return self._file(path, request) or self._api(path, request) or Reply("nothing", status=404)

    def count(self, part: str) -> int:
        return sum(part in path for path in self.asked)

    def _file(self, path: str, request: Request) -> Reply | None:
        for repo in self.repos:
            for name, content in repo.files.items():
                if path in _PLACES[self.kind](repo, name):
                    etag = f'"{hash(content)}"'
                    same = request.headers.get("If-None-Match") == etag
                    text = content.replace("{url}", f"{self.base}/{repo.path}")
                    return Reply("" if same else text, status=304 if same else 200, headers={"ETag": etag})
        return None

    def _api(self, path: str, request: Request) -> Reply | None:
        listed = [repo for repo in self.repos if path in _LISTS[self.kind](repo.path.rpartition("/")[0])]
        if listed:
            page = int(request.query.get("page", "1"))
            part = listed[(page - 1) * self.size : page * self.size]
            more = f"{self.base}{request.path}?page={page + 1}" if page * self.size < len(listed) else ""
            return self._page(part, more)
        for repo in self.repos:
            if path == _ONES[self.kind](repo.path):
                entry = json.dumps(self._entry(repo))
                etag = f'"{hash(entry)}"'
                same = request.headers.get("If-None-Match") == etag
                return Reply("" if same else entry, status=304 if same else 200, headers={"ETag": etag})
            if repo.was and path == _ONES[self.kind](repo.was):
                return Reply("", status=301, headers={"Location": self.base + _ONES[self.kind](repo.path)})
        return None

    def _page(self, part: list[Fake], more: str) -> Reply:
        entries: Any = [self._entry(repo) for repo in part]
        if self.kind == "bitbucket":
            return Reply(json.dumps({"values": entries, **({"next": more} if more else {})}), "application/json")
        # A forge behind a proxy may know itself by another name.
        link = {"Link": f'<{more.replace("127.0.0.1", "forge.internal")}>; rel="next"'} if more else {}
        return Reply(json.dumps(entries), "application/json", headers=link)

    def _entry(self, repo: Fake) -> dict[str, Any]:
        return _ENTRIES[self.kind](repo, f"{self.base}/{repo.path}") | repo.about


_API = {"github": "", "gitlab": "/api/v4", "gitea": "/api/v1", "bitbucket": "/2.0"}
_LISTS: dict[str, Callable[[str], tuple[str, ...]]] = {
    "github": lambda account: (f"/orgs/{account}/repos",),
    "gitlab": lambda account: (f"/api/v4/groups/{account.partition('/')[0]}/projects",),
    "gitea": lambda account: (f"/api/v1/users/{account}/repos",),
    "bitbucket": lambda account: (f"/2.0/repositories/{account}",),
}
_ONES: dict[str, Callable[[str], str]] = {
    "github": lambda path: f"/repos/{path}",
    "gitlab": lambda path: f"/api/v4/projects/{path}",
    "gitea": lambda path: f"/api/v1/repos/{path}",
    "bitbucket": lambda path: f"/2.0/repositories/{path}",
}
_PLACES: dict[str, Callable[[Fake, str], tuple[str, ...]]] = {
    "github": lambda repo, name: (f"/repos/{repo.path}/contents/{name}",),
    "gitlab": lambda repo, name: (
        f"/{repo.path}/-/raw/{repo.branch}/{name}",
        f"/api/v4/projects/{repo.path}/repository/files/{name}/raw",
    ),
    "gitea": lambda repo, name: (
        f"/{repo.path}/raw/branch/{repo.branch}/{name}",
        f"/api/v1/repos/{repo.path}/raw/{name}",
    ),
    "bitbucket": lambda repo, name: (
        f"/{repo.path}/raw/{'HEAD' if '/' in str(repo.branch) else repo.branch}/{name}",
        f"/2.0/repositories/{repo.path}/src/{repo.branch}/{name}",
    ),
}
_ENTRIES: dict[str, Callable[[Fake, str], dict[str, Any]]] = {
    "github": lambda repo, url: {
        "id": repo.id,
        "full_name": repo.path,
        "html_url": url,
        "default_branch": repo.branch,
        "pushed_at": repo.pushed,
        "fork": repo.fork,
        "archived": repo.archived,
        "private": repo.private,
    },
    "gitlab": lambda repo, url: {
        "id": repo.id,
        "path_with_namespace": repo.path,
        "web_url": url,
        "default_branch": repo.branch,
        "last_activity_at": repo.pushed,
        "forked_from_project": {"id": 1} if repo.fork else None,
        "archived": repo.archived,
        "visibility": "private" if repo.private else "public",
    },
    "gitea": lambda repo, url: {
        "id": repo.id,
        "full_name": repo.path,
        "html_url": url,
        "default_branch": repo.branch or "",
        "updated_at": repo.pushed,
        "fork": repo.fork,
        "archived": repo.archived,
        "private": repo.private,
    },
    "bitbucket": lambda repo, url: {
        "uuid": f"{{{repo.id}}}",
        "full_name": repo.path,
        "links": {"html": {"href": url}},
        "mainbranch": {"name": repo.branch} if repo.branch else None,
        "updated_on": repo.pushed,
        "parent": {"full_name": "x/y"} if repo.fork else None,
        "is_private": repo.private,
    },
}
KINDS = sorted(_API)


@pytest.fixture(name="home")
def home_(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def options(forge: Forge) -> dict[str, Any]:
    """GitHub's API is nowhere near its pages; those of the others are where they always are."""
    return {"forge": forge.kind} | ({"api": forge.base} if forge.kind == "github" else {})


def lamp(number: int, account: str = "town", **how: Any) -> Fake:
    return Fake(number, f"{account}/lamp{number}", {"publiccode.yml": FILE.format(name="Lamp", url="{url}")}, **how)


def keys(made: World) -> set[str]:
    """The names of the repositories of which there are records."""
    return {key.rpartition("~")[2] for key in made.store.keys("test")}


@pytest.mark.parametrize("kind", KINDS)
def test_an_account_gives_the_files_of_its_repositories_once_and_then_asks_for_its_pages_only(
    home: World, kind: str
) -> None:
    forge = Forge(kind, [*map(lamp, range(6)), *(Fake(n, f"town/empty{n}") for n in range(10, 24))], size=8)
    with serving(forge) as forge.base:
        first = home.harvest("publiccode", f"{forge.base}/town", **options(forge))
        before, forge.asked = home.quads(), []
        second = home.harvest("publiccode", f"{forge.base}/town", **options(forge))
    assert (first.error, first.rejected, first.counts["new"]) == (None, [], 6)
    assert keys(home) == {f"lamp{n}" for n in range(6)}
    assert (second.error, second.counts["unchanged"]) == (None, 6)
    assert home.quads() == before
    # Three pages; Gitea's account is first taken for an organisation.
    assert len(forge.asked) == 3 + (kind == "gitea")


def test_only_what_was_pushed_to_is_asked_for_again(home: World) -> None:
    forge = Forge("gitea", [lamp(1), lamp(2), Fake(3, "town/bare")])
    with serving(forge) as forge.base:
        home.harvest("publiccode", f"{forge.base}/town", **options(forge))
        forge.repos[0].files["publiccode.yml"] += "softwareVersion: '2'\n"
        forge.repos[0].pushed = forge.repos[1].pushed = "2025-01-01T00:00:00Z"
        forge.asked = []
        done = home.harvest("publiccode", f"{forge.base}/town", **options(forge))
    assert (done.counts["changed"], done.counts["unchanged"]) == (1, 1)
    assert forge.count("/raw/") == 2


def test_what_was_pushed_to_a_moment_ago_is_asked_for_again_with_a_condition(home: World) -> None:
    forge = Forge("gitea", [lamp(1, pushed=datetime.now(UTC).isoformat())])
    with serving(forge) as forge.base:
        home.harvest("publiccode", f"{forge.base}/town", **options(forge))
        forge.asked = []
        done = home.harvest("publiccode", f"{forge.base}/town", **options(forge))
    assert done.counts["unchanged"] == 1
    assert forge.count("/raw/") == 1


def test_a_repository_that_loses_its_file_is_gone_after_two_visits(home: World) -> None:
    forge = Forge("gitlab", [lamp(1), lamp(2)])
    with serving(forge) as forge.base:
        home.harvest("publiccode", f"{forge.base}/town", **options(forge))
        forge.repos[0].files, forge.repos[0].pushed = {}, "2025-01-01T00:00:00Z"
        home.harvest("publiccode", f"{forge.base}/town", **options(forge))
        assert len(home.keys()) == 2
        home.harvest("publiccode", f"{forge.base}/town", **options(forge))
    assert keys(home) == {"lamp2"}


@pytest.mark.parametrize("kind", KINDS)
def test_private_empty_and_excluded_repositories_are_left_out_and_archived_ones_by_choice(
    home: World, kind: str
) -> None:
    repos = [lamp(1), lamp(2, private=True), lamp(3, branch=None), lamp(4), lamp(5, archived=True)]
    forge = Forge(kind, repos)
    with serving(forge) as forge.base:
        more = {"exclude": ("town/*4",), "archived": False}
        home.harvest("publiccode", f"{forge.base}/town", **options(forge), **more)
    # Bitbucket archives nothing.
    assert keys(home) == {"lamp1"} | ({"lamp5"} if kind == "bitbucket" else set())


@pytest.mark.parametrize(
    ("link", "found"),
    [("docs/publiccode.yml", True), ("./docs/publiccode.yml", True), ("../x.yml", False), ("/etc/x.yml", False),
     ("publiccode.yml", False), ("publiccode.yml\n", False), ("none.yml", False)],
)  # fmt: skip
@pytest.mark.parametrize("token", ["", "T"], ids=["by its address", "by the API"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_symbolic_link_is_followed_inside_of_the_repository(kind: str, token: str, link: str, found: bool) -> None:
    file = FILE.format(name="Lamp", url="{url}")
    forge = Forge(kind, [Fake(1, "town/lamp", {"publiccode.yml": link, "docs/publiccode.yml": file})])
    with serving(forge) as forge.base:
        given = visit(f"{forge.base}/town", environment={"T": "x"}, token=token, **options(forge))
        items = [item for item in documents(given) if isinstance(item, tuple)]
        records = [reading.record for item in items for reading in readings(*item, MINTER)]
    assert [record is not None for record in records] == [found]
    assert len([path for path in forge.asked if "publiccode.yml" in path]) == 1 + found


@pytest.mark.parametrize("branch", ["release/1.0", "été", "a&b=c", "main#1"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_file_is_that_of_the_usual_branch_whatever_its_name(home: World, kind: str, branch: str) -> None:
    forge = Forge(kind, [lamp(1, branch=branch)])
    with serving(forge) as forge.base:
        done = home.harvest("publiccode", f"{forge.base}/town", **options(forge))
    assert (done.error, done.rejected, keys(home)) == (None, [], {"lamp1"})


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://github.com/orgs/Italia/repositories?type=all", "Italia"),
        ("https://github.com/Italia/Lamp.git", "Italia/Lamp"),
        ("https://gitlab.com/groups/town/light/-/archived", "town/light"),
        ("https://gitlab.com/town/light/lamp/-/tree/main/src", "town/light/lamp"),
        ("https://gitlab.com/town/light/lamp/-/issues/4", "town/light/lamp"),
        ("https://codeberg.org/town/-/projects", "town"),
        ("https://bitbucket.org/town/workspace/repositories/", "town"),
        ("https://bitbucket.town.example/users/jo/repos/lamp/browse", "~jo/lamp"),
        ("https://bitbucket.town.example/projects/TOWN", "TOWN"),
    ],
)
def test_pages_about_an_account_or_repository_lead_to_it(url: str, path: str) -> None:
    assert _path(url, host_of(visit(url), url)) == path


def test_technical_forks_are_skipped_and_variants_kept(home: World) -> None:
    origin = "https://elsewhere.example/origin/lamp"
    files = [FILE.format(name="Fork", url=origin), FILE.format(name="Variant", url="{url}") + f"isBasedOn: {origin}\n"]
    repos = [Fake(n, f"town/fork{n}", {"publiccode.yml": file}, fork=True) for n, file in enumerate(files)]
    copy = Fake(7, "town/copy", {"publiccode.yml": files[0]})
    forge = Forge("gitea", [*repos, copy])
    with serving(forge) as forge.base:
        done = home.harvest("publiccode", f"{forge.base}/town", **options(forge))
        forge.asked = []
        home.harvest("publiccode", f"{forge.base}/town", **options(forge))
    assert (done.rejected, done.counts["outside"]) == ([], 1)
    assert "technical fork" in {finding.message.partition(":")[0] for _, finding in done.findings}
    assert keys(home) - {"copy"} == {"fork1"}
    # What was found to be a copy is looked at again, lest its mending go unseen; a fork that its forge knows is not.
    assert (forge.count("copy"), forge.count("fork0")) == (1, 0)


def test_what_says_that_it_has_moved_elsewhere_is_gone_after_two_visits(home: World) -> None:
    forge = Forge("gitea", [lamp(1), lamp(2)])
    with serving(forge) as forge.base:
        home.harvest("publiccode", f"{forge.base}/town", **options(forge))
        forge.repos[0].files["publiccode.yml"] = FILE.format(name="Lamp", url="https://elsewhere.example/town/lamp")
        forge.repos[0].pushed = "2025-01-01T00:00:00Z"
        done = [home.harvest("publiccode", f"{forge.base}/town", **options(forge)) for _ in range(2)]
    assert [(harvest.counts["missing"], harvest.counts["gone"]) for harvest in done] == [(1, 0), (0, 1)]


def test_a_forge_that_cannot_tell_whether_an_address_is_an_old_one_makes_no_fork(home: World) -> None:
    forge = Forge("gitea", [Fake(1, "town/lamp", {"publiccode.yml": ""}, was="town/light"), lamp(2)])
    with serving(forge) as forge.base:
        forge.repos[0].files["publiccode.yml"] = FILE.format(name="Lamp", url=f"{forge.base}/town/light")
        home.harvest("publiccode", f"{forge.base}/town", **options(forge))
        forge.repos[0].files["publiccode.yml"] += "softwareVersion: '2'\n"
        forge.repos[0].pushed, forge.broken = "2025-01-01T00:00:00Z", "/repos/town/light"
        done = [home.harvest("publiccode", f"{forge.base}/town", **options(forge)) for _ in range(3)]
    assert {(harvest.error, harvest.counts["missing"], harvest.counts["gone"]) for harvest in done} == {(None, 0, 0)}
    assert keys(home) == {"lamp", "lamp2"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_names_the_address_before_a_renaming_is_no_fork(kind: str) -> None:
    forge = Forge(kind, [Fake(1, "town/lamp", {"publiccode.yml": ""}, was="town/light")])
    with serving(forge) as forge.base:
        forge.repos[0].files["publiccode.yml"] = FILE.format(name="Lamp", url=f"{forge.base}/town/light")
        found = [item for item in documents(visit(f"{forge.base}/town", "publiccode", **options(forge))) if item]
        ((key, document),) = (item for item in found if isinstance(item, tuple))
        (reading,) = readings(key, document, MINTER)
        expected = {MINTER.solution(f"{forge.base}/town/{name}") for name in ("light", "lamp")}
    assert reading.record is not None
    assert {reading.record.iri, *reading.record.same} == expected


def test_a_renamed_repository_keeps_its_entry(home: World) -> None:
    forge = Forge("gitea", [lamp(1), lamp(2)])
    with serving(forge) as forge.base:
        home.harvest("publiccode", f"{forge.base}/town", **options(forge))
        forge.repos[0].path, forge.repos[0].was = "town/torch", "town/lamp1"
        done = home.harvest("publiccode", f"{forge.base}/town", **options(forge))
        again = home.harvest("publiccode", f"{forge.base}/town", **options(forge))
    assert (done.counts["new"], done.counts["gone"]) == (1, 1)
    assert (again.counts["new"], again.counts["missing"], again.counts["unchanged"]) == (0, 0, 2)
    assert keys(home) == {"torch", "lamp2"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_repository_asked_for_by_an_old_address_has_it_as_an_alias(kind: str) -> None:
    forge = Forge(kind, [lamp(1, was="town/light")])
    with serving(forge) as forge.base:
        location = f"{forge.base}/town/light"
        found = [item for item in documents(visit(location, "publiccode", **options(forge))) if isinstance(item, tuple)]
        ((reading,),) = (list(readings(*item, MINTER)) for item in found)
        assert reading.record is not None
        assert reading.record.iri == MINTER.solution(f"{forge.base}/town/lamp1")
        assert reading.record.same == {MINTER.solution(location)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_repository_of_a_list_costs_one_request_when_nothing_has_changed(
    home: World, tmp_path: Path, kind: str
) -> None:
    forge = Forge(kind, [lamp(1), lamp(2)])
    with serving(forge) as forge.base:
        (tmp_path / "list.yml").write_text(f"- {forge.base}/town/lamp1\n- {forge.base}/town/lamp2\n")
        home.harvest("publiccode", str(tmp_path / "list.yml"), **options(forge))
        forge.asked = []
        again = home.harvest("publiccode", str(tmp_path / "list.yml"), **options(forge))
        assert (again.counts["unchanged"], len(forge.asked), again.traffic.bytes) == (2, 2, 0)
        del forge.repos[0]
        done = [home.harvest("publiccode", str(tmp_path / "list.yml"), **options(forge)) for _ in range(2)]
    assert [harvest.counts["gone"] for harvest in done] == [0, 1]
    assert keys(home) - {"lamp1"} == {"lamp2"}


def test_groups_have_repositories_at_any_depth(home: World) -> None:
    forge = Forge("gitlab", [lamp(1, "town/light"), lamp(2, "town")])
    with serving(forge) as forge.base:
        home.harvest("publiccode", f"{forge.base}/town", **options(forge))
        assert keys(home) == {"lamp1", "lamp2"}
        home.harvest("publiccode", f"{forge.base}/town/light/lamp1", **options(forge))
    assert forge.asked[-2].endswith("/projects/town/light/lamp1")


def test_a_used_up_quota_ends_the_visit_and_the_next_goes_on(home: World) -> None:
    forge = Forge("gitea", [*map(lamp, range(10))], size=4)
    with serving(forge) as forge.base:
        forge.spent_after = 8
        first = home.harvest("publiccode", f"{forge.base}/town", **options(forge))
        forge.asked, forge.spent_after = [], None
        second = home.harvest("publiccode", f"{forge.base}/town", **options(forge))
    assert first.error is not None
    assert "until 2030-03-17 17:46:40 UTC" in first.error
    assert "A token raises the quota" in first.error
    assert first.counts["new"] + second.counts["new"] == 10
    assert forge.count("/raw/") == 10 - first.counts["new"]


def test_a_list_that_was_cut_short_goes_on_with_the_accounts_that_are_left(home: World, tmp_path: Path) -> None:
    forge = Forge("gitea", [lamp(n, f"town{n}") for n in range(4)])
    with serving(forge) as forge.base:
        (tmp_path / "list.txt").write_text("\n".join(f"{forge.base}/town{n}" for n in range(4)))
        forge.spent_after = 7
        first = home.harvest("publiccode", str(tmp_path / "list.txt"), **options(forge))
        forge.asked, forge.spent_after = [], None
        second = home.harvest("publiccode", str(tmp_path / "list.txt"), **options(forge))
        assert not forge.count("town0")
        third = home.harvest("publiccode", str(tmp_path / "list.txt"), **options(forge))
    assert first.error
    assert (second.error, second.counts["missing"], len(home.keys())) == (None, 0, 4)
    assert (third.error, third.counts["unchanged"]) == (None, 4)
    assert forge.count("town0")


def test_an_account_of_a_list_that_fails_keeps_what_was_read_from_it(home: World, tmp_path: Path) -> None:
    forge = Forge("gitea", [lamp(n, f"town{n}") for n in range(3)])
    (tmp_path / "list.json").write_text("[]")
    with serving(forge) as forge.base:
        (tmp_path / "list.json").write_text(json.dumps([f"{forge.base}/town{n}" for n in range(3)]))
        home.harvest("publiccode", str(tmp_path / "list.json"), **options(forge))
        forge.broken, forge.repos = "town1", [repo for repo in forge.repos if "town2" not in repo.path]
        done = [home.harvest("publiccode", str(tmp_path / "list.json"), **options(forge)) for _ in range(3)]
    assert [harvest.error for harvest in done] == [None] * 3
    assert "could not be read" in done[0].rejected[0][1].findings[0].message
    assert {"lamp0", "lamp1"} <= keys(home)
    assert "lamp2" not in keys(home)


def test_a_file_that_cannot_be_fetched_stops_no_other_and_many_end_the_visit(home: World) -> None:
    forge = Forge("gitea", [*map(lamp, range(8))])
    with serving(forge) as forge.base:
        forge.broken = "lamp3/raw"
        done = home.harvest("publiccode", f"{forge.base}/town", **options(forge))
        assert (done.error, done.counts["new"], len(done.rejected)) == (None, 7, 1)
        forge.broken, forge.repos = "/raw/", [lamp(n) for n in range(20, 60)]
        forge.asked = []
        done = home.harvest("publiccode", f"{forge.base}/town", **options(forge))
    assert done.error is not None
    assert "500" in done.error
    assert forge.count("/raw/") == 5


# GitHub's second kind of limit tells of itself in the body alone, and raw files are refused without a word.
REFUSALS = {
    "a limit that tells no moment": Reply('{"message": "You have exceeded a secondary rate limit."}', status=403),
    "too many requests": Reply("", status=429),
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS.keys())
@pytest.mark.parametrize("kind", KINDS)
def test_what_a_forge_refuses_to_show_is_not_gone_and_not_forgotten(home: World, kind: str, refusal: Reply) -> None:
    forge = Forge(kind, [*map(lamp, range(12))])
    refused: set[str] = set()

    def answer(request: Request) -> Reply:
        is_refused = any(f"/lamp{number}/" in unquote(request.path) for number in refused)
        forge.asked.append(request.path) if is_refused else None
        return refusal if is_refused and "publiccode" in request.path else forge(request)

    with serving(answer) as forge.base:
        home.harvest("publiccode", f"{forge.base}/town", **options(forge))
        for repo in forge.repos:
            repo.pushed = "2025-01-01T00:00:00Z"
        forge.repos += [lamp(20), lamp(21)]
        refused |= {"3", "20"}
        done = [home.harvest("publiccode", f"{forge.base}/town", **options(forge)) for _ in range(3)]
        assert {f"lamp{number}" for number in range(12)} <= keys(home)
        refused.clear()
        last = home.harvest("publiccode", f"{forge.base}/town", **options(forge))
    assert {harvest.counts["gone"] for harvest in done} == {0}
    assert (last.error, last.rejected, keys(home)) == (None, [], {repo.path.partition("/")[2] for repo in forge.repos})


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS.keys())
def test_github_is_not_asked_on_and_on_while_it_refuses(home: World, tmp_path: Path, refusal: Reply) -> None:
    forge = Forge("github", [lamp(n, f"town{n}") for n in range(30)])

    def answer(request: Request) -> Reply:
        forge.asked.append(request.path)
        return refusal

    (tmp_path / "list.txt").write_text("".join(f"https://github.com/town{n}\n" for n in range(30)))
    with serving(answer) as forge.base:
        done = home.harvest("publiccode", str(tmp_path / "list.txt"), api=forge.base)
    assert done.error is not None
    assert "gives no more answers for now" in done.error
    assert len(forge.asked) <= 10


def test_the_quota_of_one_host_keeps_no_other_from_being_read(home: World, tmp_path: Path) -> None:
    spent, other = Forge("gitlab", [], spent_after=0), Forge("gitlab", [lamp(1)])
    with serving(spent) as spent.base, serving(other) as other.base:
        (tmp_path / "list.txt").write_text(f"{spent.base}/a\n{spent.base}/b\n{other.base}/town\n")
        done = home.harvest("publiccode", str(tmp_path / "list.txt"), forge="gitlab")
    assert done.error is not None
    assert "gives no more answers until" in done.error
    assert (keys(home), len(spent.asked)) == ({"lamp1"}, 1)


@pytest.mark.parametrize(
    ("folder", "kind", "said"),
    [
        pytest.param("/git", "gitlab", False, id="GitLab, which is asked"),
        pytest.param("/a/git", "gitea", False, id="Gitea, which is asked"),
        pytest.param("/a/b/c", "gitlab", True, id="GitLab, by its API"),
        pytest.param("/town", "gitea", True, id="Gitea, with an account of the same name"),
    ],
)
@pytest.mark.parametrize("place", ["/town", "/town/lamp1", ""], ids=["account", "repository", "whole"])
def test_a_forge_in_a_folder_of_its_host_is_found_there(
    home: World, folder: str, kind: str, said: bool, place: str
) -> None:
    forge = Forge(kind, [lamp(1)])

    def answer(request: Request) -> Reply:
        if not request.path.startswith(folder):
            return Reply("<!DOCTYPE html><html>", "text/html")
        path = request.path.removeprefix(folder)
        if path.startswith(_API[kind]) and path.endswith(("/version", "/v4/projects", "/repos/search")):
            return Reply('{"version": "1"}' if path.endswith("version") else json.dumps([forge._entry(lamp(1))]))
        return forge(Request(path, request.query, request.headers))

    with serving(answer) as base:
        forge.base = base + folder
        how = {"api": forge.base + _API[kind]} if said else {"git": False}
        done = home.harvest("publiccode", forge.base + place, **how)
        again = home.harvest("publiccode", forge.base + place, **how)
    assert (done.error, done.rejected, done.counts["new"]) == (None, [], 1)
    assert again.counts["unchanged"] == 1
    assert set(home.store.keys("test")) == {f"{forge.base.partition('://')[2].replace('/', '~')}~town~lamp1"}


def bitbucket_server(files: dict[str, str], entries: list[dict[str, Any]]) -> Answer:
    """Plays a Bitbucket that somebody runs, with a page an entry."""
    root = "/rest/api/1.0"

    def answer(request: Request) -> Reply:
        # The case of a project's key does not count.
        request.path = request.path.replace("/projects/town/", "/projects/TOWN/")
        if request.path == f"{root}/application-properties":
            return Reply('{"version": "8.9.0", "displayName": "Bitbucket"}', "application/json")
        if request.path in (f"{root}/projects/TOWN/repos", f"{root}/repos"):
            start = int(request.query.get("start", "0"))
            page = {"size": 1, "limit": 1, "start": start, "values": entries[start : start + 1]}
            page |= {"isLastPage": start + 1 == len(entries)}
            page |= {"nextPageStart": None if page["isLastPage"] else start + 1}
            return Reply(json.dumps(page), "application/json")
        for entry in entries:
            if request.path == f"{root}/projects/TOWN/repos/{entry['slug']}":
                return Reply(json.dumps(entry), "application/json")
            if request.path == f"/projects/TOWN/repos/{entry['slug']}/raw/publiccode.yml":
                return Reply(files[entry["slug"]].replace("{base}", f"http://{request.headers['Host']}"))
        return Reply("<!DOCTYPE html><html>", "text/html", status=404)

    return answer


@pytest.mark.parametrize(
    ("place", "count"),
    [
        ("/projects/TOWN", 3),
        ("", 3),
        ("/projects/TOWN/repos/lamp/browse", 1),
        ("/projects/TOWN/repos/lamp", 1),
        ("/scm/town/lamp", 1),
    ],
)
def test_a_bitbucket_of_ones_own_is_read(home: World, place: str, count: int) -> None:
    project = {"key": "TOWN", "id": 1, "name": "Town", "public": False, "type": "NORMAL"}
    plain = {"project": project, "state": "AVAILABLE", "public": True, "archived": False}
    entries = [
        {"id": number, "slug": slug, "name": slug.title(), **plain, **more}
        for number, (slug, more) in enumerate(
            {
                "lamp": {},
                "bulb": {"description": "Gives light."},
                "fork": {"origin": {"slug": "lamp"}},
                "shut": {"public": False},
                "torch": {},
            }.items()
        )
    ]
    files = {
        "lamp": FILE.format(name="Lamp", url="{base}/scm/town/lamp.git"),
        "bulb": FILE.format(name="Bulb", url="{base}/projects/TOWN/repos/bulb/browse"),
        "fork": FILE.format(name="Lamp", url="{base}/scm/town/lamp.git"),
        "shut": FILE.format(name="Shut", url="{base}/projects/TOWN/repos/shut"),
        "torch": FILE.format(name="Torch", url="{base}/projects/TOWN/repos/torch"),
    }
    with serving(bitbucket_server(files, entries)) as address:
        if place.startswith("/scm"):
            done = home.harvest("publiccode", address + place, forge="bitbucket-server")
        else:
            done = home.harvest("publiccode", address + place)
        again = home.harvest("publiccode", address + place, forge="bitbucket-server")
    assert (done.error, done.rejected, done.counts["new"], again.counts["unchanged"]) == (None, [], count, count)
    assert keys(home) == ({"lamp", "bulb", "torch"} if count == 3 else {"lamp"})


def test_gitlab_leaves_archived_repositories_out_without_a_token_too(home: World) -> None:
    asked = []

    def answer(request: Request) -> Reply:
        asked.append(request.query.get("archived"))
        return Reply("[]", "application/json")

    with serving(answer) as base:
        home.harvest("publiccode", f"{base}/town", forge="GitLab", archived=False)
        home.harvest("publiccode", f"{base}/town", forge="gitlab")
    assert asked == ["false", None]


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        pytest.param(Reply("{"), "cannot be read", id="no JSON"),
        pytest.param(Reply('{"message": "Hello"}'), "no list of repositories", id="an object"),
        pytest.param(Reply("[" * 100_000), "cannot be read", id="deep"),
        pytest.param(Reply("null"), "no list", id="null"),
        pytest.param(Reply("x" * (17 << 20)), "larger than", id="a huge page"),
        pytest.param(
            Reply('[{"id": 1}]', headers={"Link": '</next>; rel="next"'}), "not on others", id="the same page"
        ),
        pytest.param(Reply("[]", headers={"Link": '<?page=2>; rel="next"'}), "in a circle", id="a circle"),
        pytest.param(Reply("", status=401), "401", id="a token that is none"),
    ],
)
def test_a_forge_that_answers_nonsense_is_a_source_that_fails(home: World, reply: Reply, message: str) -> None:
    with serving(lambda _: reply) as base:
        done = home.harvest("publiccode", f"{base}/town", forge="gitea")
    assert done.error is not None
    assert message in done.error


@pytest.mark.parametrize(
    "entry",
    [
        None,
        1,
        [],
        {},
        {"id": 1, "full_name": "../../etc/passwd"},
        {"id": 1, "full_name": "town"},
        {"id": {}, "full_name": "town/lamp"},
        {"id": 1, "full_name": ["town/lamp"]},
        {"id": 1, "full_name": "town/lamp?x=y"},
    ],
    ids=json.dumps,
)
def test_an_entry_that_is_no_repository_is_found_and_stops_nothing(home: World, entry: Any) -> None:
    good = {"id": 9, "full_name": "town/lamp", "html_url": "https://bank.example/x", "default_branch": "main"}

    def answer(request: Request) -> Reply:
        if request.path.startswith("/api"):
            return Reply(json.dumps([entry, good]), "application/json")
        return Reply(FILE.format(name="Lamp", url=f"http://{request.headers['Host']}/town/lamp"))

    with serving(answer) as base:
        done = home.harvest("publiccode", f"{base}/town", forge="gitea")
    assert (done.error, done.counts["new"], len(done.rejected)) == (None, 1, 1)


def test_the_token_goes_to_the_forge_only_and_into_no_message(home: World) -> None:
    elsewhere = Forge("gitlab", [])
    forge = Forge("gitlab", [*map(lamp, range(3))], size=1)
    with serving(elsewhere) as elsewhere.base, serving(forge) as forge.base:
        page = forge._page
        forge._page = lambda part, more: page(part, more and more.replace(forge.base, elsewhere.base))  # type: ignore[method-assign]
        found = list(documents(visit(f"{forge.base}/town", environment={"T": "secret"}, token="T", forge="gitlab")))
    assert not any("secret" in str(item) for item in found)
    assert sum(isinstance(item, tuple) for item in found) == 3
    assert forge.tokens == {"Bearer secret"}
    assert elsewhere.asked == []


def test_a_list_cannot_name_a_host_that_gets_the_token(tmp_path: Path) -> None:
    ours, theirs = Forge("gitlab", [lamp(1)]), Forge("gitlab", [lamp(2)])
    with serving(ours) as ours.base, serving(theirs) as theirs.base:
        (tmp_path / "list.txt").write_text(f"{ours.base}/town\n{theirs.base}/town\n")
        how = {"environment": {"T": "secret"}, "token": "T", "forge": "gitlab"}
        for token_host in ("", ours.base.removeprefix("http://")):
            list(documents(visit(tmp_path / "list.txt", token_host=token_host, **how)))
    assert (ours.tokens, theirs.tokens) == ({"", "Bearer secret"}, {""})


def test_a_forge_whose_address_does_not_tell_is_asked_which_it_is(home: World) -> None:
    forge = Forge("gitea", [lamp(1)])

    def answer(request: Request) -> Reply:
        if request.path == "/api/v1/version":
            return Reply('{"version": "1.22.0"}', "application/json")
        return Reply("<!DOCTYPE html><html>", "text/html") if request.path == "/town" else forge(request)

    with serving(answer) as forge.base:
        done = home.harvest("publiccode", f"{forge.base}/town")
    assert (done.error, done.counts["new"]) == (None, 1)


def test_a_page_that_is_on_no_forge_is_a_source_error(home: World) -> None:
    with serving(lambda _: Reply("<html>", "text/html")) as base:
        done = home.harvest("publiccode", f"{base}/town")
    assert done.error is not None
    assert "is no forge that is known" in done.error


def test_a_page_in_place_of_a_file_is_no_file(home: World) -> None:
    forge = Forge("gitea", [Fake(1, "town/lamp", {"publiccode.yml": "<!DOCTYPE html><p>Sign in"}), lamp(2)])
    with serving(forge) as forge.base:
        done = home.harvest("publiccode", f"{forge.base}/town", **options(forge))
    assert (done.rejected, keys(home)) == ([], {"lamp2"})


def test_both_spellings_of_the_name_count(home: World) -> None:
    forge = Forge("gitea", [Fake(1, "town/lamp", {"publiccode.yaml": FILE.format(name="Lamp", url="{url}")})])
    with serving(forge) as forge.base:
        home.harvest("publiccode", f"{forge.base}/town", **options(forge))
    assert keys(home) == {"lamp"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_repository_named_for_itself_that_loses_its_file_is_gone_after_two_visits(home: World, kind: str) -> None:
    forge = Forge(kind, [lamp(1)])
    with serving(forge) as forge.base:
        home.harvest("publiccode", f"{forge.base}/town/lamp1", **options(forge))
        forge.repos[0].files, forge.repos[0].pushed = {}, "2025-01-01T00:00:00Z"
        done = [home.harvest("publiccode", f"{forge.base}/town/lamp1", **options(forge)) for _ in range(2)]
    assert [(harvest.counts["missing"], harvest.counts["gone"]) for harvest in done] == [(1, 0), (0, 1)]


def test_a_repository_named_for_itself_that_has_nothing_is_told_of(home: World) -> None:
    forge = Forge("gitea", [Fake(1, "town/lamp")])
    with serving(forge) as forge.base:
        done = home.harvest("publiccode", f"{forge.base}/town/lamp", **options(forge))
    assert [report.findings[0].message for _, report in done.rejected] == [
        "There is no publiccode.yml in the repository, or none that is to be taken."
    ]


ABOUT = {
    "name": "Lamp 💡",
    "description": "Gives light.",
    "license": {"spdx_id": "EUPL-1.2"},
    "language": "Python",
    "topics": ["light", "night"],
    "homepage": "https://lamp.example/",
    "created_at": "2020-02-03T04:05:06Z",
}


def test_metadata_alone_make_a_record_where_the_source_says_so(home: World) -> None:
    repos = [Fake(1, "town/lamp", archived=True, about=ABOUT), Fake(2, "town/fork", fork=True, about=ABOUT), lamp(3)]
    forge = Forge("github", repos)
    with serving(forge) as forge.base:
        done = home.harvest("publiccode", f"{forge.base}/town", without_publiccode="metadata", **options(forge))
        before = home.quads()
        again = home.harvest("publiccode", f"{forge.base}/town", without_publiccode="metadata", **options(forge))
        assert (done.counts["new"], again.counts["unchanged"], home.quads()) == (2, 2, before)
        found = documents(visit(f"{forge.base}/town", without_publiccode="metadata", **options(forge)))
        ((key, document), _) = (item for item in found if isinstance(item, tuple))
        (reading,) = readings(key, document, MINTER)
        iri = MINTER.solution(f"{forge.base}/town/lamp")
    record = reading.record
    assert record is not None
    assert (record.iri, record.conforms_to, record.inferred) == (iri, None, (DCT.publisher,))
    said = {(triple.predicate, getattr(triple.object, "value", "")) for triple in record.triples}
    assert {
        (DCT.title, "Lamp 💡"),
        (DCT.abstract, "Gives light."),
        (SCHEMA.license, "http://spdx.org/licenses/EUPL-1.2"),
        (DCAT.keyword, "night"),
        (DOAP_PROGRAMMING_LANGUAGE, "Python"),
        (SCHEMA.programmingLanguage, "Python"),
        (DCAT.landingPage, "https://lamp.example/"),
        (ADMS.status, "http://purl.org/adms/status/Deprecated"),
        (DCT.issued, "2020-02-03"),
        (DCT.modified, "2024-01-15"),
        (FOAF.name, "town"),
    } <= said


def test_a_file_without_an_address_is_of_its_repository_but_not_in_a_copy(home: World) -> None:
    silent, broken = {"publiccode.yml": "name: Lamp\n"}, {"publiccode.yml": "name: a: b\n"}
    repos = [
        Fake(1, "town/own", silent),
        Fake(2, "town/copy", silent, fork=True),
        Fake(3, "town/odd", broken, fork=True),
    ]
    forge = Forge("gitea", repos)
    with serving(forge) as forge.base:
        done = home.harvest("publiccode", f"{forge.base}/town", **options(forge))
    assert (done.counts["new"], keys(home)) == (1, {"own", "odd"})
    assert [report.findings[0].message[:23] for _, report in done.rejected] == ["The file is not valid Y"]


@pytest.mark.parametrize(
    ("about", "predicate", "expected"),
    [
        pytest.param({"homepage": "lamp.example/de"}, DCAT.landingPage, {"https://lamp.example/de"}, id="no scheme"),
        pytest.param({"homepage": "n/a"}, DCAT.landingPage, set(), id="no page"),
        pytest.param({"licence": ["MIT"]}, SCHEMA.license, {"http://spdx.org/licenses/MIT"}, id="a list of one"),
        pytest.param({"licence": "other"}, SCHEMA.license, set(), id="another licence"),
        pytest.param(
            {"licence": ["MIT", "other", "Apache-2.0"]},
            DCT.hasPart,
            {"http://spdx.org/licenses/MIT", "http://spdx.org/licenses/Apache-2.0"},
            id="several licences",
        ),
    ],
)
def test_what_forges_say_in_their_own_ways_is_read(about: dict[str, Any], predicate: IRI, expected: set[str]) -> None:
    place = Place("https://git.example.org/town/lamp", about={"name": "Lamp", **about})
    empty = Document(place.repository, b"", "application/json", datetime(2026, 11, 22, tzinfo=UTC))
    (reading,) = readings("lamp", packed(empty, place), MINTER)
    assert reading.record is not None
    said = reading.record.triples
    assert {getattr(triple.object, "value", "") for triple in said if triple.predicate == predicate} == expected


def test_codemeta_and_code_json_count_where_there_is_no_publiccode(home: World) -> None:
    codemeta = json.dumps({"@context": "https://w3id.org/codemeta/3.0", "@type": "SoftwareSourceCode", "name": "Lamp"})
    inventory = json.dumps({"name": "Bulb", "permissions": {"usageType": "openSource"}, "description": "x"})
    copied = json.dumps(json.loads(codemeta) | {"codeRepository": "https://github.com/origin/lamp"})
    forge = Forge("gitlab", [
        Fake(1, "town/lamp", {"codemeta.json": codemeta, "code.json": inventory}),
        Fake(2, "town/bulb", {"code.json": inventory}),
        Fake(3, "town/fork", {"codemeta.json": codemeta}, fork=True),
        Fake(4, "town/copy", {"codemeta.json": copied}),
    ])  # fmt: skip
    with serving(forge) as forge.base:
        done = home.harvest("publiccode", f"{forge.base}/town", without_publiccode="codemeta", **options(forge))
    assert (done.rejected, done.counts["outside"]) == ([], 1)
    assert ("codemeta.json", "codeRepository") in {(at.rpartition("/")[2], one.path) for at, one in done.findings}
    assert keys(home) - {"copy"} == {"lamp", "bulb"}


def test_an_unknown_choice_is_told_of(home: World) -> None:
    done = home.harvest("publiccode", "https://github.com/town", without_publiccode="yes")
    assert done.error is not None
    assert "skip, codemeta, metadata, all" in done.error


def addresses(content: str | bytes) -> list[str] | None:
    found = targets(content if isinstance(content, bytes) else content.encode())
    return None if found is None else [target.url for target in found]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("# a\nhttps://a.example/b/c # d: e\n\ngit@a.example:f/g.git", ["b/c", "f/g"], id="lines"),
        pytest.param('["https://a.example/b"]', ["b"], id="JSON texts"),
        pytest.param('{"repositories": [{"url": "https://a.example/b/c", "n": 1}]}', ["b/c"], id="JSON objects"),
        pytest.param("---\n# x\n- https://a.example/b\n- url: https://a.example/c/d\n", ["b", "c/d"], id="YAML"),
        pytest.param("[https://a.example/b, https://a.example/c]", ["b", "c"], id="YAML in brackets"),
        pytest.param("id;Repository\n1;https://a.example/b/c\n", ["b/c"], id="CSV"),
        pytest.param('"url"\r\n"https://a.example/b/c"\r\n', ["b/c"], id="CSV of one column"),
        pytest.param("Name,Repository URL\nA,https://a.example/b/c\n", ["b/c"], id="CSV with words in its heading"),
        pytest.param("Home page\tCode_Repository\nhttps://x.example\thttps://a.example/b/c\n", ["b/c"], id="surest"),
        pytest.param("Città;git repo\nForlì;https://a.example/b/c\n".encode("cp1252"), ["b/c"], id="CSV in Latin-1"),
        pytest.param("- name: A\n  orgs: [https://a.example/b]\n  repos:\n  - https://a.example/c/d\n", ["b", "c/d"],
                     id="Italy's"),
        pytest.param("a.example:\n  forge: gitlab\n  owners:\n    b:\n      pso_id: 1\n    c:\n"
                     "      ignored_since: 2024-01-01\n", ["b"], id="France's"),
        pytest.param("https://a.example/b:\n  pso_id: [1]\nhttps://a.example/c:\n  ignored_since: 2024-01-01\n", ["b"],
                     id="France's by address"),
        pytest.param("https://page.example:\n  code: [https://a.example/b]\nhttps://more.example:\n  name: x\n", ["b"],
                     id="France's offices"),
        pytest.param("name: A\nurl: https://a.example/b/c", None, id="a publiccode.yml"),
        pytest.param("name: A\ndescription: {en: {features: [light]}}", None, id="a publiccode.yml without an address"),
        pytest.param("- code: a\n  name: {en: A}\n", None, id="administrations without accounts"),
        pytest.param("", None, id="nothing"),
        pytest.param("\xff\xfe", None, id="no text"),
    ],
)  # fmt: skip
def test_lists_are_read_in_the_shapes_that_are_in_use(content: str, expected: list[str] | None) -> None:
    found = addresses(content)
    assert found == (expected and [f"https://a.example/{path}" for path in expected])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            "github.com/a/b\nwww.gitlab.com/c/d/e #x\n", ["github.com/a/b", "www.gitlab.com/c/d/e"], id="lines"
        ),
        pytest.param("- name: A\n  orgs:\n  - github.com/a\n", ["github.com/a"], id="Italy's"),
        pytest.param("Ente;Link\nA;https://github.com/a\nB;\n", ["github.com/a"], id="a column of what is on forges"),
    ],
)
def test_what_is_on_a_known_forge_needs_no_more_to_be_known(content: str, expected: list[str]) -> None:
    assert addresses(content) == [f"https://{path}" for path in expected]


@pytest.mark.parametrize(
    "content",
    [
        "data.csv;github.com\nA;B\n",
        "Page,Home\nA,https://town.example/\n",
        "See github.com/a/b for more.\n",
        "Issue,Link\n1,https://github.com/a/b\n2,https://town.example/x\n",
    ],
)
def test_what_only_names_forges_is_no_list(content: str) -> None:
    assert addresses(content) is None


def test_names_below_a_country_are_accounts_of_github() -> None:
    assert addresses("Italy:\n  - italia\nU.K. Central:\n  - alphagov\n") == [
        "https://github.com/italia",
        "https://github.com/alphagov",
    ]


def test_an_entry_of_a_list_that_is_no_address_is_told_of(home: World, tmp_path: Path) -> None:
    forge = Forge("gitea", [lamp(1)])
    with serving(forge) as forge.base:
        (tmp_path / "list.txt").write_text(f"{forge.base}/town/lamp1\nhttp//wrong\n")
        done = home.harvest("publiccode", str(tmp_path / "list.txt"), **options(forge))
    assert (done.error, done.counts["new"]) == (None, 1)
    assert [origin for origin, _ in done.rejected] == ["http//wrong"]


@pytest.mark.parametrize(
    "content",
    [
        "https://" + "a" * 5_000_000 + " x\n",
        "a" * 5_000_000 + "@" + "a" * 5_000_000 + ": \n",
        "https://a.example/x" + " " * 5_000_000 + "x\n",
        "github." * 1_000_000 + "com/a b\n",
        "url," * 500_000 + "\n" + "https://a.example/b," * 500_000,
    ],
    ids=["a host", "a user", "space", "a name", "columns"],
)
def test_a_list_that_means_harm_costs_little_time(content: str) -> None:
    targets(content.encode())


@given(st.binary(max_size=200))
def test_no_list_raises(content: bytes) -> None:
    targets(content)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just("https://a.example/b/c"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "full_name", "url", "repos", "owners", "code", "a.example"]), inner)
    ),
)


@given(JSON)
def test_no_list_of_any_shape_raises(value: Any) -> None:
    targets(json.dumps(value).encode())


FIELDS = ["id", "full_name", "html_url", "default_branch", "pushed_at", "description", "license", "topics", "name"]


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_no_entry_raises_but_for_what_it_lacks(entry: dict[str, Any]) -> None:
    host = host_of(visit("https://github.com/town"), "https://github.com/town")
    try:
        repo = host.repo({"id": 1, "full_name": "town/lamp", **entry}, datetime.now(UTC))
    except ValueError:
        return
    document = packed(Document(repo.address, b"", "", datetime.now(UTC)), Place(repo.address, about=repo.about))
    (reading,) = readings("key", document, MINTER)
    assert reading.record is not None


@given(st.binary(max_size=50), st.lists(st.just("https://a.example/b/d"), max_size=1))
def test_a_file_stays_the_same_bytes_with_its_place(content: bytes, others: list[str]) -> None:
    place = Place("https://a.example/b/c", tuple(others), "publiccode.yml")
    found = unpacked(packed(Document("https://a.example/f", content, "", datetime.now(UTC)), place))
    assert found is not None
    assert (found[0].content, found[1]) == (content, place)


def test_a_server_cannot_say_where_its_file_was_found() -> None:
    document = packed(Document("https://a.example/f", b"", "", datetime.now(UTC)), Place("https://a.example/b/c"))
    assert unpacked(plain(document)) is None


def test_what_a_forge_says_is_said_under_the_keys_of_the_standard() -> None:
    root = as_publiccode(Place("https://a.example/b/c", about={"license": "x", "description": 3, "licence": "other"}))
    assert [key.text for key, _ in root.entries] == ["name", "url"]


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("https://github.com/italia", True),
        ("https://gitlab.town.example/group/sub", True),
        ("https://bitbucket.town.example/projects/TOWN", True),
        ("https://town.gitlab.io/lamp", False),
        ("https://github.com/italia/lamp", True),
        ("git@github.com:italia/lamp.git", True),
        ("https://a.example/publiccode.yml", True),
        ("https://github.com/a/b/blob/main/data.ttl", False),
        ("https://raw.githubusercontent.com/a/b/main/code.json", False),
        ("https://a.example/catalog.ttl", False),
    ],
)
def test_accounts_repositories_and_files_are_recognised(location: str, expected: bool) -> None:
    assert recognises(location, None) is expected


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ('<meta content="GitLab" property="og:site_name">', True),
        ("<meta name='author' content='Forgejo – Beyond coding. We Forge.'>", True),
        ('<META NAME="author" CONTENT="Gitea - Git with a cup of tea">', True),
        ('<meta name="application-name" content="Bitbucket">', True),
        ('<meta name="keywords" content="GitLab, CI">', False),
        ('<meta name="author" content="A friend of GitLab">', False),
        ("<p>GitLab", False),
    ],
)
def test_a_forge_of_any_name_is_recognised_by_its_pages(page: str, expected: bool) -> None:
    content = f"<!DOCTYPE html>\n<html><head><title>Town</title>{page}".encode()
    location = "https://code.town.example/town"
    assert recognises(location, Document(location, content, "text/html", datetime.now(UTC))) is expected
    for file in ("/lamp/catalog.yml", "/lamp/-/blob/main/catalog.ttl"):
        assert not recognises(location + file, Document(location + file, content, "text/html", datetime.now(UTC)))


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.yml", "- https://github.com/italia\n", True),
        ("b.yml", "- name: A\n", False),
        ("c.json", '["https://github.com/italia"]', True),
        ("d.json", '{"repositories": [{"name": "A", "url": "https://github.com/italia/a"}]}', True),
        ("e.json", '[{"name": "A", "repositoryURL": "https://github.com/italia/a", "permissions": {}}]', False),
        ("f.json", '{"@context": "https://schema.org", "codeRepository": "https://github.com/a/b"}', False),
        ("g.json", '{"items": [{"url": "https://town.example/data", "description": "Some data"}]}', False),
    ],
)
def test_a_list_is_recognised_by_what_is_in_it(tmp_path: Path, name: str, content: str, expected: bool) -> None:
    (tmp_path / name).write_text(content)
    assert recognises(str(tmp_path / name), None) is expected
    document = Document(f"https://a.example/{name}", content.encode(), "", datetime.now(UTC))
    assert recognises(f"https://a.example/{name}", document) is expected


def test_a_used_up_quota_is_told_with_the_moment_of_its_renewal_in_seconds_too(home: World) -> None:
    headers = {"Retry-After": "7200"}
    with serving(lambda _: Reply("", status=429, headers=headers)) as base:
        done = home.harvest("publiccode", f"{base}/town", forge="gitlab")
    until = datetime.now(UTC) + timedelta(hours=2)
    assert done.error is not None
    assert f"until {until:%Y-%m-%d %H}" in done.error


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not here")
@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("github-government/governments.yml", 956),
        ("france/comptes-organismes-publics.yml", 370),
        ("france/comptes-organismes-publics-with-pso-id.yml", 370),
        ("france/fr-public-sector-ospo.yml", 13),
        ("france/awesome-codegouvfr.yml", 20),
        ("italy/publishers.yml", 18),
        ("italy/publishers.thirdparty.yml", 45),
    ],
)
def test_real_lists_of_accounts_are_read(path: str, count: int) -> None:
    found = targets((SHARED / "government-accounts" / path).read_bytes())
    assert found is not None
    assert len(found) == count
    assert not [target for target in found if target.fault]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not here")
@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("github-government/research.yml", r"^ +- ([\w-]+)"),
        ("france/awesome-codegouvfr.yml", r"^https://github\.com/([^:]+)"),
        ("italy/publishers.yml", r"^ +- \"https://github\.com/([^\"]+)"),
        ("italy/publishers.thirdparty.yml", r"^ +- \"https://github\.com/([^\"]+)"),
    ],
)
def test_each_account_and_repository_of_a_real_list_is_visited(home: World, path: str, entry: str) -> None:
    location = SHARED / "government-accounts" / path
    names = re.findall(entry, location.read_text(), re.MULTILINE)
    asked = []

    def answer(request: Request) -> Reply:
        asked.append(request.path)
        name = unquote(request.path).removeprefix("/orgs/").removeprefix("/repos/").removesuffix("/repos")
        if request.path.startswith("/repos/") and "/contents/" not in request.path:
            entry = {"id": name, "full_name": name, "html_url": f"https://github.com/{name}", "default_branch": "main"}
            return Reply(json.dumps(entry), "application/json")
        return Reply("[]" if request.path.startswith("/orgs/") else "", status=200 if "/orgs/" in request.path else 404)

    with serving(answer) as base:
        done = home.harvest("publiccode", str(location), api=base)
    assert done.error is None
    assert len(names) > 10
    wanted = {f"/repos/{name}" if "/" in name else f"/orgs/{name}/repos" for name in names}
    assert wanted <= set(asked)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not here")
def test_real_entries_of_github_become_records_from_a_file(home: World) -> None:
    location = SHARED / "forge" / "worldbank-github-repos.json"
    done = home.harvest("publiccode", str(location), without_publiccode="metadata")
    forks = sum(entry["fork"] for entry in json.loads(location.read_bytes()))
    assert (done.error, done.rejected, done.counts["new"]) == (None, [], 27 - forks)
    assert done.traffic.requests == 0


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not here")
def test_a_real_organisation_is_harvested_from_its_forge(home: World) -> None:
    entries = json.loads((SHARED / "forge" / "worldbank-github-repos.json").read_bytes())

    def answer(request: Request) -> Reply:
        is_list = request.path == "/orgs/worldbank/repos"
        return Reply(json.dumps(entries), "application/json") if is_list else Reply("", status=404)

    with serving(answer) as base:
        how = {"api": base, "without_publiccode": "metadata"}
        done = home.harvest("publiccode", "https://github.com/worldbank", **how)
        again = home.harvest("publiccode", "https://github.com/worldbank", **how)
    assert (done.error, done.rejected) == (None, [])
    assert done.counts["new"] == again.counts["unchanged"] == len(entries) - sum(entry["fork"] for entry in entries)
    assert again.traffic.requests < 10


def test_targets_of_one_list_are_each_read_once() -> None:
    assert targets(b"https://a.example/b\nhttps://a.example/b\n") == [Target("https://a.example/b")]


def test_readings_of_a_list_are_readings(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("https://gitlab.invalid/town\n")
    found = list(documents(visit(tmp_path / "list.txt")))
    assert [type(item) for item in found if isinstance(item, Reading)] == [Reading]
    assert isinstance(MINTER.solution("https://a.example/b"), IRI)
