"""What is painted, and what is not: only what changed."""

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
