"""Who is who: the same repository by any spelling, and IRIs that depend on nothing else."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.identity import KEY, Minter, Repository, key, organisation_identity, registered, repository
from catalogue.rdf import IRI

MINTER = Minter("https://catalogue.example")
# Longer than any that is meant, and its end looks like what is left out.
_LONG = "https://git.example.org/a/b" + ".git" * 20_000 + "-"


@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [
        ("https://github.com/italia/publiccode-crawler", "https://github.com/italia/publiccode-crawler"),
        ("http://GitHub.com/Italia/publiccode-crawler/", "https://github.com/italia/publiccode-crawler"),
        ("https://www.github.com/italia/publiccode-crawler.git", "https://github.com/italia/publiccode-crawler"),
        ("https://github.com/italia/publiccode-crawler.git/", "https://github.com/italia/publiccode-crawler"),
        ("https://github.com/italia/publiccode-crawler.GIT.git", "https://github.com/italia/publiccode-crawler"),
        ("https://git.example.org/g/cafe%CC%81", "https://git.example.org/g/caf%C3%A9"),
        ("https://git.example.org/g/a%40b", "https://git.example.org/g/a@b"),
        ("git@github.com:italia/publiccode-crawler.git", "https://github.com/italia/publiccode-crawler"),
        ("ssh://git@github.com:22/italia/publiccode-crawler", "https://github.com/italia/publiccode-crawler"),
        ("git+https://github.com/italia/publiccode-crawler", "https://github.com/italia/publiccode-crawler"),
        ("git://github.com/italia/publiccode-crawler.git", "https://github.com/italia/publiccode-crawler"),
        ("https://me:secret@github.com/italia/publiccode-crawler", "https://github.com/italia/publiccode-crawler"),
        (
            "https://github.com//italia//publiccode-crawler?tab=readme#top",
            "https://github.com/italia/publiccode-crawler",
        ),
        ("https://github.com:443/italia/publiccode-crawler", "https://github.com/italia/publiccode-crawler"),
        ("  https://github.com/italia/publiccode-crawler\n", "https://github.com/italia/publiccode-crawler"),
        ("ssh://git@ssh.github.com:443/italia/publiccode-crawler.git", "https://github.com/italia/publiccode-crawler"),
        ("ssh://git@git.example.org:2222/Group/Project.git", "https://git.example.org/Group/Project"),
        (
            "http://git.example.org/gitweb/?p=Group/Project.git;a=summary",
            "https://git.example.org/gitweb/Group/Project",
        ),
        ("http://git.example.org/?a=tree;p=Project.git", "https://git.example.org/Project"),
        ("https://gitlab.com/group/tree", "https://gitlab.com/group/tree"),
        ("https://gitlab.com/tree/blob/", "https://gitlab.com/tree/blob"),
        ("https://git.example.org:8443/Group/Project", "https://git.example.org:8443/Group/Project"),
        ("https://git.example.org/Group/Project", "https://git.example.org/Group/Project"),
        ("https://gitlab.com/group/sub/deeper/project", "https://gitlab.com/group/sub/deeper/project"),
        ("https://gitlab.com/group/project/-/", "https://gitlab.com/group/project"),
        ("https://bücher.example/kiosk", "https://xn--bcher-kva.example/kiosk"),
        ("https://git.example.org./a%7Eb/caf%C3%A9", "https://git.example.org/a~b/caf%C3%A9"),
        pytest.param(_LONG, _LONG, id="long"),
    ],
)
def test_every_usual_spelling_of_a_repository_is_one_repository(spelling: str, canonical: str) -> None:
    assert repository(spelling) == Repository(canonical)


@pytest.mark.parametrize(
    ("address", "folder"),
    [
        ("https://github.com/o/r/tree/main/packages/app/", "packages/app"),
        ("https://gitlab.example.org/o/sub/r/-/tree/main/packages/app", "packages/app"),
        ("https://codeberg.org/o/r/src/branch/main/packages/app", "packages/app"),
        ("https://bitbucket.org/o/r/src/main/packages/app", "packages/app"),
        ("https://github.com/o/r/tree/main", ""),
        ("https://github.com//o//r.git//tree/main/", ""),
        ("https://gitlab.example.org/o/sub/r/-/tree/main/src/tree/main/x", "src/tree/main/x"),
        ("https://github.com/o/r", ""),
    ],
)
def test_the_folder_of_a_monorepo_is_kept_apart_from_its_repository(address: str, folder: str) -> None:
    found = repository(address)
    assert found.path == folder
    assert found.url.endswith("/o/sub/r") or found.url.endswith("/o/r")


def test_two_folders_of_one_repository_are_two_solutions() -> None:
    one, other = ("https://github.com/o/r/tree/main/a", "https://github.com/o/r/tree/main/b")
    assert len({MINTER.solution(one), MINTER.solution(other), MINTER.solution("https://github.com/o/r")}) == 3


@pytest.mark.parametrize(
    "text", ["", "not a url", "ftp://x/y", "https://", "file:///etc/passwd", "https://a b/c", "/x"]
)
def test_what_is_no_address_of_a_repository_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        repository(text)


segments = st.text(string.ascii_letters + string.digits + "-_~é ", min_size=1, max_size=12).filter(
    lambda text: text.strip() == text and text not in {"tree", "blob", "src", "-"}
)
hosts = st.sampled_from(["github.com", "git.example.org", "gitlab.example.eu:8443"])
paths = st.lists(segments, min_size=2, max_size=4).map("/".join)


@given(hosts, paths)
def test_canonicalising_twice_changes_nothing(host: str, path: str) -> None:
    once = repository(f"https://{host}/{path}")
    assert repository(once.url) == Repository(once.url)


@given(
    hosts,
    paths,
    st.sampled_from(["https://", "http://", "git+https://", "https://user@"]),
    st.sampled_from(["", "www."]),
    st.sampled_from(["", ".git", "/", ".git/", "?x=1", "#readme"]),
)
def test_spelling_never_changes_the_key(host: str, path: str, scheme: str, www: str, ending: str) -> None:
    if scheme == "http://" and ":" in host:
        scheme = "https://"
    plain = MINTER.solution(f"https://{host}/{path}")
    assert MINTER.solution(f"{scheme}{www}{host.upper()}/{path}{ending}") == plain


@given(st.text())
def test_keys_are_ten_characters_of_base32(identity: str) -> None:
    assert KEY.fullmatch(key(identity))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("https://www.niis.org/", "NIIS"), ("http://niis.org", "Nordic Institute")),
        (("urn:x-italian-pa:PCM", "Presidenza"), ("urn:x-italian-pa:pcm", "")),
        ((None, "Stadt  München"), (None, "stadt münchen")),
        (("https://www.wikidata.org/wiki/Q42", "One"), ("http://wikidata.org/entity/q42", "")),
        (("http://ror.org/02ABCDE12", "One"), ("https://ror.org/02abcde12/", "")),
    ],
)
def test_an_organisation_is_known_by_its_identifier_else_by_its_name(
    one: tuple[str | None, str], other: tuple[str | None, str]
) -> None:
    assert organisation_identity(*one) == organisation_identity(*other)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("http://dx.doi.org/10.5281/Zenodo.1", "https://doi.org/10.5281/zenodo.1"),
        ("doi: 10.5281/ZENODO.1", "https://doi.org/10.5281/zenodo.1"),
        ("info:doi/10.5281/zenodo.1", "https://doi.org/10.5281/zenodo.1"),
        (" 10.5281/zenodo.1", "https://doi.org/10.5281/zenodo.1"),
        ("https://m.wikidata.org/wiki/q42", "http://www.wikidata.org/entity/Q42"),
        ("https://www.wikidata.org/wiki/Special:EntityData/Q42", None),
        ("ror.org/02ABCDE12", "https://ror.org/02abcde12"),
        (
            "http://joinup.ec.europa.eu/collection/c/solution/s/",
            "https://interoperable-europe.ec.europa.eu/collection/c/solution/s",
        ),
        ("https://doi.example/10.5281/zenodo.1", None),
        ("https://x.example/?see=https://doi.org/10.5281/zenodo.1", None),
        ("Q42", None),
    ],
)
def test_what_registers_know_a_thing_by_is_one_name_however_it_is_written(written: str, name: str | None) -> None:
    assert registered(written) == name
    assert name is None or registered(name) == name


def test_organisations_of_one_name_in_two_countries_are_two() -> None:
    assert organisation_identity(None, "Ministry of Justice", "FRA") != organisation_identity(
        None, "Ministry of Justice", "EST"
    )


def test_the_page_of_a_thing_is_its_iri_without_id_and_of_a_foreign_thing_a_hash() -> None:
    minted = MINTER.thing("solution", "x")
    assert MINTER.page(minted, "solution").value == minted.value.replace("/id/", "/")
    assert MINTER.page(IRI("http://elsewhere.example/a#b"), "owner").value.startswith(
        "https://catalogue.example/owner/"
    )


def test_our_fragments_belong_to_their_thing_and_foreign_ones_to_themselves() -> None:
    assert MINTER.entity(IRI("https://catalogue.example/id/owner/a#identifier")).value.endswith("/id/owner/a")
    assert MINTER.entity(IRI("http://elsewhere.example/list#b")).value == "http://elsewhere.example/list#b"
