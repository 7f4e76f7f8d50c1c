"""Settings: declared once, found in four places, refused with the place named."""

from pathlib import Path

import pytest

from catalogue.errors import SettingsError
from catalogue.settings import SETTINGS, Setting, load

DOCUMENTATION = Path(__file__).parent.parent / "docs" / "operators.md"


def config(path: Path, text: str) -> Path:
    file = path / "catalogue.toml"
    file.write_text(text)
    return file


def test_flags_come_before_environment_before_file_before_default(tmp_path: Path) -> None:
    file = config(tmp_path, "port = 3\nworkers = 3\nkeep = 3\n")
    found = load({"port": 1}, {"CATALOGUE_PORT": "2", "CATALOGUE_WORKERS": "2"}, file)
    assert (found.port, found.workers, found.keep, found.query_timeout) == (1, 2, 3, 20.0)


def test_the_file_of_the_home_directory_is_read_without_being_named(tmp_path: Path) -> None:
    config(tmp_path, 'title = "Ours"\n')
    assert load({"home": tmp_path}, {}).title == "Ours"


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("CATALOGUE_PORT", "http", "CATALOGUE_PORT.*'http'"),
        ("CATALOGUE_WORKERS", "0", "at least 1"),
        ("CATALOGUE_WORKERS", "2.5", "must be a whole number"),
        ("CATALOGUE_MOST_GONE", "30%", "must be a number"),
        ("CATALOGUE_QUERY_TIMEOUT", "-1", "more than 0 seconds"),
        ("CATALOGUE_BASE", "catalogue.example", "http or https"),
        ("CATALOGUE_BASE", "https://c.example/?x", "without query"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_place(name: str, value: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        load({}, {name: value})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("prot = 1", "unknown setting 'prot'"),
        ("[[sources]]\nid = 'x'", r"unknown setting 'sources'; did you mean 'source'\?"),
        ("colour = 1", "unknown setting 'colour'; known are home, base"),
        ("[[source]]\nid = 'x'\nkind = 'rdf'\nlocaton = 'y'", r"lacks location; is it 'locaton'\?"),
        ("port = ", "catalogue.toml"),
        ("[[source]]\nid = 'x'", "lacks kind"),
        ("[[source]]\nid = 'A b'\nkind = 'rdf'\nlocation = 'x'", "a-z, 0-9"),
    ],
)
def test_a_mistake_in_the_file_is_explained(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        load({}, {}, config(tmp_path, text))


def test_a_file_that_was_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not exist"):
        load({}, {}, tmp_path / "none.toml")


def test_sources_are_read_in_order(tmp_path: Path) -> None:
    file = config(tmp_path, "".join(f"[[source]]\nid='s{n}'\nkind='rdf'\nlocation='x'\n" for n in range(3)))
    assert [source["id"] for source in load({}, {}, file).sources] == ["s0", "s1", "s2"]


def test_the_environment_of_a_child_gives_the_same_settings() -> None:
    first = load({"allow_private": ("127.0.0.1:80", "10.0.0.0/8"), "port": 99}, {})
    second = load({}, first.environment())
    assert second.port == 99
    assert second.allow_private == first.allow_private
    assert second.environment() == first.environment()


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_documented_with_its_default(setting: Setting) -> None:
    default = f"`{setting.default}`" if setting.default else "(none)"
    assert f"| `{setting.name}` | {default} | {setting.help} |" in DOCUMENTATION.read_text()
