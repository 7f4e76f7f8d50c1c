"""`openapi.yaml` is what the server does: every address is in it, and answers as it says, whatever it is sent."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from catalogue import yaml
from catalogue.settings import Settings, load
from catalogue.validation.documents import KNOWN
from catalogue.writer import writing
from endpoint import create_app, openapi, sparql_protocol
from endpoint.exports import EXPORTS
from endpoint.representations import ALL
from endpoint.sparql import PATHS
from tests.conftest import BASE, NOW, SOLUTION, fill
from tests.operators import TOKEN

DESCRIPTION: Mapping[str, Any] = openapi.description()
METHODS = ("get", "put", "post", "delete", "options")
# Routes that are no interface, and why.
UNTOLD = {"/static/<path:filename>": "what pages are drawn with, under names that change with the content"}
# What parameters without a list of values may be in the catalogue of the tests.
VALUES = {
    "key": SOLUTION.value.rpartition("/")[2],
    "kind": "solution",
    "source": "files",
    "record": "decide/publiccode.yml",
    "number": "1",
    "iri": SOLUTION.value,
    "graph": f"{BASE}/graph/meta",
    "url": "http://127.0.0.1/",
}
CHECKS = (
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
# Each operation has a moment, with the same inputs each time.
BOUNDED = hypothesis_settings(
    max_examples=5,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
OPERATIONS = [
    (method, path) for path, operations in DESCRIPTION["paths"].items() for method in operations if method in METHODS
]
IDS = [f"{method} {path}" for method, path in OPERATIONS]


def resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is referred to, or what is there."""
    if "$ref" not in node:
        return node
    found: Any = DESCRIPTION
    for step in node["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found  # type: ignore[no-any-return]


def parameters(method: str, path: str) -> list[Mapping[str, Any]]:
    return [resolved(one) for one in DESCRIPTION["paths"][path][method].get("parameters", ())]


def value(parameter: Mapping[str, Any]) -> str:
    named: str = parameter["name"]
    return VALUES.get(named) or parameter.get("example") or parameter["schema"]["enum"][0]


def address(method: str, path: str) -> str:
    """A path with values of the catalogue of the tests."""
    values = {one["name"]: value(one) for one in parameters(method, path) if one["in"] == "path"}
    return re.sub(r"\{([\w-]+)\}", lambda found: values[found[1]], path)


def test_every_route_is_described_and_every_description_has_a_route(web: Flask) -> None:
    routes = web.url_map.bind("localhost")
    described = {
        (method.upper(), routes.match(address(method, path), method.upper(), return_rule=True)[0].rule)
        for method, path in OPERATIONS
        if method != "options"
    }
    automatic = {"HEAD", "OPTIONS"}
    present = {
        (method, rule.rule) for rule in web.url_map.iter_rules() for method in (rule.methods or set()) - automatic
    }
    assert {one for one in present - described if one[1] not in UNTOLD} == set()
    assert UNTOLD.keys() <= {rule for _, rule in present - described}
    assert {method.upper() for method, path in OPERATIONS if path in PATHS} == {*sparql_protocol.METHODS} - {"HEAD"}


def test_the_description_is_served_as_it_is_packaged(client: FlaskClient) -> None:
    served = client.get("/openapi.yaml")
    assert (served.status_code, served.mimetype) == (200, "application/yaml")
    assert isinstance(yaml.read(served.data), yaml.Mapping)
    assert client.get("/openapi.json").get_json() == DESCRIPTION
    for path in ("/", "/about"):
        assert '</openapi.yaml>; rel="service-desc"; type="application/yaml"' in client.get(path).headers["Link"]
        assert 'href="/openapi.yaml"' in client.get(path).text


def enum(method: str, path: str, name: str) -> set[str]:
    return {*next(one for one in parameters(method, path) if one["name"] == name)["schema"]["enum"]}


def test_lists_of_values_are_those_of_the_server() -> None:
    assert enum("get", "/{kind}/{key}.{suffix}", "suffix") == {*ALL}
    assert enum("get", "/{kinds}.{suffix}", "suffix") == {*EXPORTS}
    assert enum("post", "/api/validate", "profile") == {*KNOWN}


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=IDS)
def test_operations_are_named_once_and_refer_to_what_is_there(method: str, path: str) -> None:
    operation = DESCRIPTION["paths"][path][method]
    assert [one["operationId"] for ops in DESCRIPTION["paths"].values() for one in ops.values()].count(
        operation["operationId"]
    ) == 1
    assert {one["name"] for one in parameters(method, path) if one["in"] == "path"} == set(
        re.findall(r"\{([\w-]+)\}", path)
    )
    assert all("description" in resolved(answer) for answer in operation["responses"].values())


@pytest.fixture(scope="module")
def operated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application of a catalogue with a token, whose visitors may reach no network."""
    given = {"home": str(tmp_path_factory.mktemp("described")), "base": BASE, "token": TOKEN, "lock_timeout": "1"}
    used: Settings = load(given, {})
    with writing(used, "test", lambda: NOW) as writer:
        fill(writer)
    app = create_app(used)
    yield app
    app.extensions["sparql"].close()


@pytest.fixture(scope="module")
def schema(operated: Flask) -> Any:
    return schemathesis.openapi.from_wsgi("/openapi.json", operated)


RIGHT, WRONG = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
# Where most can be sent that does not fit.
TRIED = {"/sparql", "/graphs", "/{kinds}", "/resource", "/api/validate", "/validate", "/hooks/{source}"}
# Everything as a visitor, and as an operator what takes a token.
ASKED = [
    pytest.param(method, path, token, mode, id=f"{method} {path}{' with the token' if token else ''} {mode.value}")
    for method, path in OPERATIONS
    for token in (("", TOKEN) if "security" in DESCRIPTION["paths"][path][method] else ("",))
    for mode in ((RIGHT, WRONG) if path in TRIED and method in ("get", "post") else (RIGHT,))
]


@pytest.mark.parametrize(("method", "path", "token", "mode"), ASKED)
def test_whatever_is_sent_is_answered_as_described(
    schema: Any, method: str, path: str, token: str, mode: GenerationMode
) -> None:
    operation = schema[path][method]

    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        known = {name: VALUES[name] for name in case.path_parameters or () if name in VALUES}
        if mode is RIGHT:  # of which nobody could guess one
            case.path_parameters = {**(case.path_parameters or {}), **known}
        response = case.call(headers={"Authorization": f"Bearer {token}"} if token else None)
        case.validate_response(response, checks=CHECKS)

    check()
