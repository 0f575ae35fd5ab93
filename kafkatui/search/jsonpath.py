"""Values inside JSON: reading the JSON of a key or value, and following a path in it."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from kafkatui.search.nodes import Every, Step

NO_JSON = object()
"""The document of bytes that are not JSON."""


def document(data: bytes | None) -> Any:
    """The JSON in `data`, which is UTF-8; `NO_JSON` for null and for bytes that are no JSON."""
    if data is None:
        return NO_JSON
    try:
        return orjson.loads(data)
    except ValueError:  # what it refuses the standard library may read: single surrogates, NaN, large numbers
        return exact_document(data)


def exact_document(data: bytes | None) -> Any:
    """As `document`, with whole numbers of any size exact: four times as slow."""
    if data is None:
        return NO_JSON
    try:
        return json.loads(data.decode())
    except (ValueError, RecursionError):
        return NO_JSON


LARGEST_EXACT = 2**63
"""From here on `document` may give a whole number as the nearest float."""


def last_document(read_one: Callable[[bytes | None], Any]) -> Callable[[bytes | None], Any]:
    """A function like `read_one` that keeps the newest document: several conditions ask for the same."""
    newest: bytes | None = None
    made: Any = NO_JSON

    def read(data: bytes | None) -> Any:
        nonlocal newest, made
        if data is not newest:
            made = read_one(data)
            newest = data
        return made

    return read


def follow(path: Sequence[Step]) -> Callable[[Any], list[Any]]:
    """A function that gives the values at `path` in a document: none, one, or with ``[*]`` several."""
    if all(isinstance(step, str) for step in path):
        names = tuple(path)

        def member(found: Any) -> list[Any]:
            for name in names:
                if type(found) is not dict or name not in found:
                    return []
                found = found[name]
            return [found]

        return member

    def walk(found: Any) -> list[Any]:
        values = [found]
        for step in path:
            values = _step(values, step)
            if not values:
                break
        return values

    return walk


def _step(values: list[Any], step: Step) -> list[Any]:
    if isinstance(step, str):
        return [value[step] for value in values if type(value) is dict and step in value]
    if step is Every.ITEM:
        return [item for value in values if type(value) is list for item in value]
    assert isinstance(step, int)
    return [value[step] for value in values if type(value) is list and -len(value) <= step < len(value)]


def text_of(value: Any) -> str:
    """A value inside JSON as a text: a string as it is, everything else as compact JSON."""
    if type(value) is str:
        return value
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        return ""
