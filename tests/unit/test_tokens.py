"""When a token expires, and why a broker refuses it."""

import base64
import json

import pytest

from kafkatui.kafka.tokens import expires_at, token_refused


def token(claims: object) -> str:
    encoded = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{encoded}.c2ln"


@pytest.mark.parametrize(
    ("text", "end"),
    [
        (token({"exp": 1000}), 1000.0), (token({"exp": 1000.5}), 1000.5), (token({"exp": "1000"}), None),
        (token({"exp": 10**30}), None), (token({"exp": -1}), None), (token({}), None), (token([1]), None),
        ("opaque", None), ("a.b.c", None), ("a.\xff.c", None), ("..", None), ("", None),
    ],
)  # fmt: skip
def test_when_a_token_ends(text: str, end: float | None) -> None:
    assert expires_at(text) == end


@pytest.mark.parametrize(
    ("text", "answer", "told"),
    [
        (token({"exp": 0}), b"", "the OAUTHBEARER token expired at 1970-01-01 00:00:00 UTC"),
        (token({"exp": 1000}), b'{"status":"x"}', "the OAUTHBEARER token expired at 1970-01-01 00:16:40 UTC"),
        (
            token({"exp": 3000}),
            b'{"status":"invalid_token"}',
            "the OAUTHBEARER token is refused (invalid_token)",
        ),
        ("opaque", b'{"status":"invalid_scope"}', "the OAUTHBEARER token is refused (invalid_scope)"),
        ("opaque", b"\xff", "the OAUTHBEARER token is refused"),
        ("opaque", b"[" * 100_000, "the OAUTHBEARER token is refused"),
        ("opaque", b'{"status":[1]}', "the OAUTHBEARER token is refused"),
    ],
)
def test_why_a_token_is_refused(text: str, answer: bytes, told: str) -> None:
    assert token_refused(text, answer, 2000.0) == told
