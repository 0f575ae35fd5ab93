"""What the tests of the screen share: time stands still; nothing of this machine or an earlier test shows."""

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
import textual.app
import textual.constants
import textual.pilot
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from kafkatui.widgets import signs
from tests.ui.shop_data import SOON, WALL

DRAWN = ("kafkatui.panes.", "kafkatui.screens.", "kafkatui.widgets.")
OF_A_TERMINAL = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "COLORTERM")
"""Variables that change what Textual draws."""
FRAME = 1 / 50
"""Seconds in which a screen that has something to paint paints it."""


class Beside:
    """Calls that threads do beside the event loop."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.going_on: set[asyncio.Future[Any]] = set()
        give_away = asyncio.BaseEventLoop.run_in_executor

        def noted(loop: asyncio.BaseEventLoop, *call: Any) -> asyncio.Future[Any]:
            future = give_away(loop, *call)
            self.going_on.add(future)
            future.add_done_callback(self.going_on.discard)
            return future

        monkeypatch.setattr(asyncio.BaseEventLoop, "run_in_executor", noted)


async def nothing_is_left_to_do(beside: Beside) -> None:
    """What `Pilot` waits for: no callback is ready, no thread is at work, and no timer is due within a frame.

    Textual's own looks how much processor time the process gets: beside busy neighbours that is little, and
    it waits too short; without them it waits longer than needed.
    """
    loop = asyncio.get_running_loop()
    assert isinstance(loop, asyncio.BaseEventLoop)
    patience = 0.4  # seconds: a timer that never rests is no reason to wait for ever
    while patience > 0.0:
        await asyncio.sleep(0)
        if loop._ready:  # type: ignore[attr-defined]
            patience -= 0.0004  # nor is what comes faster than a busy machine can paint it
            continue
        if beside.going_on:
            await asyncio.wait(beside.going_on, timeout=1.0)
            patience -= 0.2
            continue
        now = loop.time()
        due = [timer.when() for timer in loop._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
        if not due or min(due) > now + FRAME:
            return
        pause = max(0.001, min(due) - now)
        await asyncio.sleep(pause)
        patience -= pause


PARSED: dict[tuple[Any, ...], list[RuleSet]] = {}
"""Rules of style sheets, by their text and the variables in it."""
parse_rules = Stylesheet._parse_rules


def parsed_once(sheet: Stylesheet, *args: Any, **options: Any) -> list[RuleSet]:
    """What Textual does for each app anew, and again for each theme: a third of the time of a small test."""
    key = (args, *options.items(), frozenset(sheet._variables.items()))
    if key not in PARSED:
        PARSED[key] = parse_rules(sheet, *args, **options)
    return PARSED[key]


@pytest.fixture(autouse=True)
def _the_same_everywhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every pane and screen looks at `SOON` and `WALL`, in UTC, in a terminal with all colours and signs."""
    for name, module in list(sys.modules.items()):
        if name.startswith(DRAWN) and getattr(module, "monotonic", None) is time.monotonic:
            monkeypatch.setattr(module, "monotonic", lambda: SOON)
        if name.startswith(DRAWN) and getattr(module, "time", None) is time.time:
            monkeypatch.setattr(module, "time", lambda: WALL)
    monkeypatch.setattr(textual.constants, "TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setattr(Stylesheet, "_parse_rules", parsed_once)
    beside = Beside(monkeypatch)
    for module in (textual.app, textual.pilot):
        monkeypatch.setattr(module, "wait_for_idle", lambda *_: nothing_is_left_to_do(beside))
    for name in OF_A_TERMINAL:
        monkeypatch.delenv(name, raising=False)
    zone = os.environ.get("TZ")
    _use_zone("UTC")
    yield
    _use_zone(zone)
    signs.use_ascii(False)


def _use_zone(zone: str | None) -> None:
    if zone is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = zone
    time.tzset()
