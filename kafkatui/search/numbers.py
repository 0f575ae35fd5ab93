"""Numbers in texts and in JSON."""

import re
from typing import Any

from kafkatui.search.nodes import Number

WRITTEN = re.compile(r"-?[0-9]{1,300}(?:\.[0-9]{1,300})?(?:[eE][+-]?[0-9]{1,3})?")
"""A number as a filter and a text write it; more digits are a text."""


def number_of(text: str) -> Number:
    """The number that `text`, which matches `WRITTEN`, says."""
    return float(text) if any(sign in text for sign in ".eE") else int(text)


def number_in(value: Any) -> Number | None:
    """The number that a value of JSON or a text is; ``None``: it is none."""
    kind = type(value)
    if kind is int or kind is float:
        number: Number = value
        return number
    if kind is str and len(value) <= 700 and WRITTEN.fullmatch(value):
        return number_of(value)
    return None
