"""The description of every address, parameter and answer: OpenAPI 3.1, at `/openapi.yaml` and `/openapi.json`."""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, make_response

from catalogue import yaml

blueprint = Blueprint("openapi", __name__)

# Says where it is on answers that one may come to first (RFC 8631).
LINKS = (
    '</openapi.yaml>; rel="service-desc"; type="application/yaml", </about#data>; rel="service-doc"; type="text/html"'
)
_FILE = Path(__file__).with_suffix(".yaml")
_INTEGER = re.compile(r"-?\d+", re.ASCII)


@blueprint.get("/openapi.<any(yaml, json):suffix>")
def described(suffix: str) -> Response:
    """The description."""
    return make_response(_BODIES[suffix](), 200, {"Content-Type": f"application/{suffix}"})


@cache
def description() -> Any:
    """The description as JSON has it."""
    return _plain(yaml.read(_FILE.read_bytes()))


@cache
def _json() -> str:
    return json.dumps(description(), ensure_ascii=False, indent=1) + "\n"


_BODIES: Mapping[str, Callable[[], str]] = {"yaml": cache(lambda: _FILE.read_text(encoding="utf-8")), "json": _json}


def _plain(node: yaml.Node) -> Any:
    if isinstance(node, yaml.Mapping):
        return {name.text: _plain(value) for name, value in node.entries}
    if isinstance(node, yaml.Sequence):
        return [_plain(item) for item in node.items]
    if node.boolean is not None or node.is_null:
        return node.boolean
    return int(node.text) if node.plain and _INTEGER.fullmatch(node.text) else node.text
