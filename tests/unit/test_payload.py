"""Bytes as text and as indented JSON, without loss."""

import pytest

from kafkatui.domain.records.payload import hex_of, pretty_json, text_of


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"user-03", "user-03"),
        (b"", ""),
        ("заказ".encode(), "заказ"),
        ("заказ".encode()[:-1], "зака"),
        (b"a\tb\nc", "a\tb\nc"),
        (b"\x1b]0;x\x07 a text with a few controls in it", "\x1b]0;x\x07 a text with a few controls in it"),
        (b"\x00\x00\x00\x00\x01hello", None),
        (b"\x0a\x07\x75\x01\x02", None),
        (b"\xff\xfe", None),
        (b"caf\xe9 au lait", None),
    ],
)
def test_text(data: bytes, text: str | None) -> None:
    assert text_of(data) == text


def test_hex() -> None:
    assert hex_of(b"\x0a\x07\x75") == "0a 07 75"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('{"b":1,"a":2}', ["{", '  "b": 1,', '  "a": 2', "}"]),
        ('{"a":1,"a":2}', ["{", '  "a": 1,', '  "a": 2', "}"]),
        ("[]", ["[]"]),
        ("{}", ["{}"]),
        ('{"a":{},"b":[]}', ["{", '  "a": {},', '  "b": []', "}"]),
        (
            '[12345678901234567890.10, 1e400, -0, 0.1000, "\\u0007", "é", true, null, NaN]',
            [
                "[",
                "  12345678901234567890.10,",
                "  1e400,",
                "  -0,",
                "  0.1000,",
                '  "\\u0007",',
                '  "é",',
                "  true,",
                "  null,",
                "  NaN",
                "]",
            ],
        ),
        ('{"n":{"m":["x"]}}', ["{", '  "n": {', '    "m": [', '      "x"', "    ]", "  }", "}"]),
    ],
)
def test_json_is_indented_and_not_changed(text: str, lines: list[str]) -> None:
    assert (pretty_json(text) or "").split("\n") == lines


@pytest.mark.parametrize(
    "text",
    ["", "null", "12", '"text"', "{", "{'a': 1}", '{"a":1} x', "[" * 100_000, "orders", '{"a":' * 5_000],
)
def test_a_text_that_is_no_json_object_or_array_is_not_indented(text: str) -> None:
    assert pretty_json(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "[" * 400 + ",".join("1" * 30_000) + "]" * 400,  # blanks before each line would be 24 MB
        "[" * 100_000 + "]" * 100_000,
        "[" + ",".join("1" * 200_000) + "]",
        '{"a":' * 5_000 + "1" + "}" * 5_000,
    ],
    ids=["deep", "deeper", "many", "nested"],
)
def test_json_that_would_become_too_long_is_not_indented(text: str) -> None:
    assert pretty_json(text) is None
