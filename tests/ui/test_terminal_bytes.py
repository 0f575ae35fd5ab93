"""Nothing from outside reaches the terminal as a control: every text hostile, byte for byte."""

import re
import sys

import pytest

from tests.pty_terminal import Terminal

FORBIDDEN = {
    "a title": b"\x1b]0;pwned",
    "the clipboard": b"\x1b]52;c;cHduZWQ=",
    "a control sequence": b"\x1b[777q",
    "a device control string": b"\x1bP777q",
    "an 8-bit control sequence": "\x9b".encode(),
    "an 8-bit title": "\x9d".encode(),
    "raw 8-bit controls": b"777q\x9c",
    "right to left": "\u202e".encode(),
    "an isolate": "\u2066".encode(),
    "a direction mark": "\u200f".encode(),
    "an Arabic mark": "\u061c".encode(),
    "a line separator": "\u2028".encode(),
    "zero width": "\u200b".encode(),
    "a byte order mark": "\ufeff".encode(),
    "a tag": "\U000e0041".encode(),
    "a surrogate": b"\xed\xa0\x80",
    "nul": b"\x00",
    "del": b"\x7f",
    "backspace": b"\x08",
    "a bell": b"pwned\x07",
    "vertical tab": b"\x0b",
}

SEEN = (
    *("topic", "group", "client", "key", "value", "header", "lost", "lagfault", "tfault"),
    *("logfault", "client2", "detail"),
)
"""Words in front of the attacks: what is not drawn proves nothing."""


@pytest.mark.parametrize("ascii_only", [False, True], ids=["unicode", "ascii"])
def test_no_control_reaches_the_terminal(ascii_only: bool) -> None:
    seen: set[str] = set()
    env = {"KAFKATUI_ASCII": "1"} if ascii_only else {}
    with Terminal([sys.executable, "-m", "tests.ui.hostile"], columns=200, rows=60, env=env) as terminal:
        terminal.wait_for("problems", 20)
        # every pane with the hostile topic and group, a record, its raw forms, pickers, palette, help
        steps = [
            "down",
            "2",
            "right",
            "3",
            "down",
            "4",
            "up",
            "enter",
            "b",
            "b",
            "escape",
            "c",
            "escape",
            "t",
            "escape",
        ]
        # the log of the group, every entry opened, the code behind one, the history of all groups
        entries = ["2", "down", "down", "down", "enter", "N", "N", "v", "escape", "y", "escape"]
        for step in [
            *steps,
            *entries,
            *("H", "down", "enter", "escape"),
            "!",
            "!",
            "!",
            "1",
            "/",
            "t",
            "escape",
            ":",
            "t",
            "o",
            "escape",
            "escape",
            "?",
            "escape",
        ]:
            terminal.press(step)
            text = terminal.text
            seen.update(word for word in SEEN if re.search(rf"\b{word}", text))
        terminal.press("q")
        assert terminal.wait_for_end(10) == 0
    found = [name for name, attack in FORBIDDEN.items() if attack in terminal.written]
    assert not found
    assert b"[red]mark[/red]" in terminal.written  # markup is text, and was drawn
    assert [word for word in SEEN if word not in seen] == []
    if ascii_only:
        drawn = re.sub(
            rb"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\))", b"", bytes(terminal.written)
        )
        assert drawn.isascii()
