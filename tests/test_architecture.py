"""The layers and owners of `docs/architecture.md`, read from the imports: a rule that nothing runs is soon false."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# Lower never imports higher, equals never import each other; a package's modules share its layer and their own order.
LAYERS = (
    {"catalogue", "catalogue.errors"},
    {
        "catalogue.children",
        "catalogue.rdf",
        "catalogue.settings",
        "catalogue.home",
        "catalogue.yaml",
        "catalogue.operations",
        "catalogue.seccomp",
        "catalogue.webhooks",
    },
    {"catalogue.configuration", "catalogue.schedule", "catalogue.vocabulary"},
    {"catalogue.identity", "catalogue.model", "catalogue.merge", "catalogue.code_lists"},
    {
        "catalogue.fetch",
        "catalogue.sandbox",
        "catalogue.places",
        "catalogue.provenance",
        "catalogue.licences",
        "catalogue.queries",
        "catalogue.search",
    },
    {"catalogue.publiccode", "catalogue.reports", "catalogue.visit"},
    {"catalogue.notices", "catalogue.validation"},
    {"catalogue.checking"},
    {"catalogue.database", "catalogue.harvesters"},
    {"catalogue.equivalence", "catalogue.changes", "catalogue.quality"},
    {"catalogue.descriptions", "catalogue.disagreements", "catalogue.duplicates", "catalogue.sources"},
    {"catalogue.store"},
    {
        "catalogue.decisions",
        "catalogue.entries",
        "catalogue.harvest",
        "catalogue.measuring",
        "catalogue.sparql",
    },
    {"catalogue.publication", "catalogue.updates"},
    {"catalogue.profiles"},
    {"catalogue.writer", "catalogue.exports"},
    {"catalogue.backups", "catalogue.doctor", "catalogue.editing", "catalogue.server"},
    {"catalogue.cli", "endpoint"},
    {"catalogue.__main__"},
)
# Each outside package and the only modules that may name it.
OWNERS = {
    "click": {"catalogue.cli"},
    "flask": {"endpoint"},
    "granian": {"catalogue.server"},
    "jinja2": {"endpoint"},
    "license_expression": {"catalogue.licences"},
    "markdown_it": {"endpoint.markdown"},
    "markupsafe": {"endpoint"},
    "nh3": {"endpoint.markdown"},
    "pyshacl": {"catalogue.validation.shacl"},
    "rdflib": {"catalogue.validation.shacl"},
    "pyoxigraph": {"catalogue.database", "catalogue.rdf"},
    "requests": {"catalogue.fetch"},
    "ruamel": {"catalogue.yaml"},
    "sqlite3": {"catalogue.operations"},
    "tantivy": {"catalogue.search"},
    "urllib3": {"catalogue.fetch"},
    "werkzeug": {"endpoint"},
}
LONGEST_FUNCTION = 50


def modules() -> dict[str, Path]:
    found = {}
    for package in ("catalogue", "endpoint"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def imports(module: str) -> Iterator[tuple[str, int]]:
    """The modules that a module imports, with the lines; `from package import module` counts as the module."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: a relative import"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name in MODULES else str(node.module), node.lineno


def layer(module: str) -> tuple[int, str]:
    """The number of a module's layer, and the entry of the table that it falls under."""
    matches = [
        (number, room)
        for number, rooms in enumerate(LAYERS)
        for room in rooms
        if module == room or (module.startswith(room + ".") and room != "catalogue")
    ]
    assert matches, f"{module} is in no layer of tests/test_architecture.py"
    return max(matches, key=lambda match: len(match[1]))


def owner(module: str, owners: set[str]) -> bool:
    return any(module == name or module.startswith(name + ".") for name in owners)


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_imports_only_from_below(module: str) -> None:
    number, room = layer(module)
    for imported, line in imports(module):
        if imported in MODULES:
            below, other = layer(imported)
            assert other == room or below < number, (
                f"{module}:{line} imports {imported} of its own layer or a higher one"
            )


@pytest.mark.parametrize("module", sorted(MODULES))
def test_outside_packages_are_named_by_their_owners_only(module: str) -> None:
    for imported, line in imports(module):
        package = imported.partition(".")[0]
        if package in sys.stdlib_module_names and package not in OWNERS:
            continue
        if package not in ("catalogue", "endpoint"):
            assert package in OWNERS, f"{module}:{line} imports {package}, which has no owner yet"
            assert owner(module, OWNERS[package]), f"{module}:{line} imports {package}; its owner is {OWNERS[package]}"


def test_the_endpoint_reads_publications_and_knows_no_harvester() -> None:
    forbidden = ("catalogue.harvest", "catalogue.harvesters", "catalogue.writer", "catalogue.fetch")
    for module in MODULES:
        if module.startswith("endpoint"):
            assert not [name for name, _ in imports(module) if name.startswith(forbidden)], module


def functions(module: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("module", sorted(MODULES))
def test_no_function_is_longer_than_a_screen(module: str) -> None:
    for function in functions(module):
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        assert length <= LONGEST_FUNCTION, f"{module}:{function.lineno} {function.name} has {length} lines"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_every_module_says_what_it_is_for(module: str) -> None:
    assert ast.get_docstring(tree(module)), f"{module} has no docstring"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_nothing_is_imported_late(module: str) -> None:
    for function in functions(module):
        late = [node.lineno for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]
        assert not late, f"{module}:{late[0]} imports inside a function"


def test_layers_and_owners_are_those_that_the_documentation_tells() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\w]+) \| ((?:`[\w.]+`(?:, )?)+) \|$", text, re.MULTILINE)
    told = {name: set(re.findall(r"[\w.]+", words)) for name, words in rows}
    expected = {str(number): rooms - {"catalogue"} for number, rooms in enumerate(LAYERS, 1)} | OWNERS
    assert told == {name: {room.removeprefix("catalogue.") for room in rooms} for name, rooms in expected.items()}


def test_all_modules_are_looked_at() -> None:
    assert len(MODULES) > 30
