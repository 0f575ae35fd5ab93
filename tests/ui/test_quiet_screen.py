"""What is painted, and what is not: only what changed."""

import pytest

from tests.ui.frames import FramesApp
from tests.ui.monitor_app import shop

SIZE = (160, 45)
KEYS = (
    "down",
    "2",
    "down",
    "3",
    "z",
    "z",
    "question_mark",
    "escape",
    "4",
    "up",
    "space",
    "space",
    "r",
    "tab",
)


async def test_the_parts_that_are_painted_add_up_to_the_whole_screen() -> None:
    app = FramesApp(shop(), *SIZE)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        for key in KEYS:
            await pilot.press(key)
            await pilot.pause()
            whole = [strip.text for strip in app.screen._compositor.render_strips()]
            assert app.frames[-1] == whole, f"after {key}"
    parts = [spans for spans in app.painted if spans is not None]
    assert parts, "the screen was painted as a whole every time"
    assert any(x1 > 0 and x2 < SIZE[0] for spans in parts for _, x1, x2 in spans)


@pytest.mark.parametrize(
    ("keys", "begun", "whole"),
    [
        (("question_mark",), "Help: keys", "↑ ↓ k j"),
        (("H",), "Rebalances of all groups", "No group has rebalanced"),
        (("colon",), "Search for", "topic orders"),
        (("4", "up", "enter"), "orders/3 @ 98", "VALUE JSON"),
        (("2", "down", "down", "enter"), "billing · first look", "known."),
    ],
    ids=["help", "history", "palette", "record", "event"],
)
async def test_the_first_frame_of_a_screen_is_complete(keys: tuple[str, ...], begun: str, whole: str) -> None:
    app = FramesApp(shop(), 120, 40)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press(*keys)
        for _ in range(100):
            if whole in "\n".join(app.frames[-1]):
                break
            await pilot.pause(0.01)
    shown = ["\n".join(frame) for frame in app.frames]
    first = next((frame for frame in shown if begun in frame), "")
    assert whole in first, first
