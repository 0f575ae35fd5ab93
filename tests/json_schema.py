"""Checks a value of JSON against the part of JSON Schema that the schemas in ``docs/`` use."""

import json
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1] / "docs"
KNOWN = {
    *("$schema", "title", "description", "type", "enum"),
    *("properties", "required", "additionalProperties", "items", "oneOf"),
}
"""Every keyword the schemas may use: one that is not checked here would prove nothing."""


def schema(name: str) -> dict[str, Any]:
    """A schema of ``docs/``."""
    found: dict[str, Any] = json.loads((DOCS / name).read_text("utf-8"))
    return found


def faults(value: Any, of: dict[str, Any], where: str = "$") -> list[str]:
    """Where `value` does not fit the schema; empty: it fits."""
    assert of.keys() <= KNOWN, of.keys() - KNOWN
    if "oneOf" in of:
        several = [faults(value, one, where) for one in of["oneOf"]]
        fitting = sum(not one for one in several)
        return [] if fitting == 1 else [f"{where}: fits {fitting} of the forms: {several}"]
    types = of["type"] if isinstance(of["type"], list) else [of["type"]]
    if not any(_is(value, one) for one in types):
        return [f"{where}: {value!r} is no {' or '.join(types)}"]
    if "enum" in of and value not in of["enum"]:
        return [f"{where}: {value!r} is not one of {of['enum']}"]
    found: list[str] = []
    if isinstance(value, dict):
        properties = of["properties"]
        found += [f"{where}: no {name}" for name in of["required"] if name not in value]
        if of["additionalProperties"] is False:
            found += [f"{where}: {name} is not documented" for name in value if name not in properties]
        for name, item in value.items():
            if name in properties:
                found += faults(item, properties[name], f"{where}.{name}")
    if isinstance(value, list):
        for number, item in enumerate(value):
            found += faults(item, of["items"], f"{where}[{number}]")
    return found


def _is(value: Any, kind: str) -> bool:
    types: dict[str, type | tuple[type, ...]] = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "object": dict,
        "array": list,
        "null": type(None),
    }
    return isinstance(value, types[kind]) and (kind == "boolean" or not isinstance(value, bool))
