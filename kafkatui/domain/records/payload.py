"""The bytes of keys, values and headers as text: as UTF-8, as hexadecimal digits, or as indented JSON."""

import codecs
import json
from typing import Any

INDENT = "  "
MOST_PARTS = 150_000
"""JSON with more values than this, about, is not indented: that would hold up the rest of the program."""
MOST_GROWTH = 16
"""Indented JSON may be so many times as long as it was sent, at most: lines of deeply nested JSON begin with
very many blanks.
"""

_CONTROLS = [chr(code) for code in range(0x20) if chr(code) not in "\t\n\r"]


def text_of(data: bytes) -> str | None:
    """`data` read as UTF-8, not yet `printable`; ``None``: it is not text.

    A character that is cut at the end (only the beginning of a value is kept) is left out. Data with a NUL,
    or with a control character in every tenth place or more, is not text.
    """
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return None
    controls = sum(map(text.count, _CONTROLS))
    return None if "\0" in text or controls * 10 > len(text) else text


def hex_of(data: bytes) -> str:
    """``0a 07 75``."""
    return data.hex(" ")


def pretty_json(text: str) -> str | None:
    """JSON indented over several lines: keys in the order sent, even if one is there twice; numbers as sent.

    ``None``: the text is no JSON object or array, or has very many parts, or is nested very deep.
    """
    start = text.lstrip()[:1]
    if start not in {"{", "["} or sum(map(text.count, ",[{")) > MOST_PARTS:
        return None
    try:
        value = json.loads(
            text, object_pairs_hook=_pairs, parse_int=_number, parse_float=_number, parse_constant=_number
        )
        lines = _Lines(1000 + MOST_GROWTH * len(text))
        _lay_out(value, "", "", lines)
    except (ValueError, RecursionError):
        return None
    return "\n".join(lines)


# `json` is given functions, not the classes themselves: a call of a function lets other threads run.


def _pairs(members: list[tuple[str, Any]]) -> "_Pairs":
    return _Pairs(members)


def _number(written: str) -> "_Number":
    return _Number(written)


class _Lines(list[str]):
    """Lines of at most `room` characters in all; raises `ValueError` for more."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self._room = room

    def append(self, line: str) -> None:
        self._room -= len(line) + 1
        if self._room < 0:
            raise ValueError("too long")
        super().append(line)


class _Pairs(list[tuple[str, Any]]):
    """The members of an object, in order."""


class _Number(str):
    """A number as it was written."""

    __slots__ = ()


def _lay_out(value: Any, before: str, indent: str, lines: _Lines, after: str = "") -> None:
    inner = indent + INDENT
    if isinstance(value, _Pairs):
        if not value:
            lines.append(f"{before}{{}}{after}")
            return
        lines.append(before + "{")
        for place, (key, member) in enumerate(value, 1):
            _lay_out(member, f"{inner}{_quoted(key)}: ", inner, lines, "," if place < len(value) else "")
        lines.append(f"{indent}}}{after}")
    elif isinstance(value, list):
        if not value:
            lines.append(f"{before}[]{after}")
            return
        lines.append(before + "[")
        for place, member in enumerate(value, 1):
            _lay_out(member, inner, inner, lines, "," if place < len(value) else "")
        lines.append(f"{indent}]{after}")
    elif isinstance(value, _Number):
        lines.append(f"{before}{value}{after}")
    else:
        lines.append(f"{before}{_quoted(value)}{after}")


def _quoted(value: str | bool | None) -> str:
    """A value as JSON; letters of all languages as they are, not as ``\\u`` escapes."""
    return json.dumps(value, ensure_ascii=False)
