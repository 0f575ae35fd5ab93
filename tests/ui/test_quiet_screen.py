"""What is painted, and what is not: only what changed."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from kafkatui.domain.cluster.partitions import ClusterTopics, TopicLog
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.lag.lag import GroupLag
from kafkatui.domain.records.records import TailNews
from kafkatui.screens.monitor import MonitorScreen
from tests.ui.frames import FramesApp
from tests.ui.monitor_app import shop
from tests.ui.shop_data import NOW
from tests.ui.streams import Feed, shop_groups, shop_lag, shop_records, shop_topics

SIZE = (160, 45)
SMALL = (120, 40)
"""No room for what grows by itself: the traffic of the last two minutes."""
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


AGE = re.compile(r"(over )?\d+(\.\d)?s( ago)?")
"""How old the figures are, and for how long the group has been in its state."""
QUIET = TailNews(partitions=6, rate=5.0)
"""Nothing came since the last look."""
MOVED = 3
"""The partition of topic orders whose end moves."""


def topics_at(at: float, less: int, more: int) -> ClusterTopics:
    """Every partition has `less` records less than in the end, one `more`."""
    topics = shop_topics(at, less=less)
    ends = tuple(100 - less + more * (number == MOVED) for number in range(6))
    return replace(topics, logs={**topics.logs, "orders": TopicLog((0,) * 6, ends, at)})


def lag_at(at: float, less: int, more: int) -> GroupLag:
    """The same ends, and how far the group has read: not yet what is `more`."""
    lag = shop_lag(at)
    return replace(
        lag,
        partitions=tuple(
            replace(
                one,
                committed_offset=90 - less,
                log_end_offset=100 - less + more * (one.partition.partition == MOVED),
            )
            for one in lag.partitions
        ),
    )


async def look(
    pilot: Pilot[None], feed: Feed, at: float, tail: TailNews = QUIET, *, less: int = 0, more: int = 0
) -> None:
    """Every pane gets a reading of this monotonic second, and the second's tick."""
    feed.topics.put_nowait(Reading(topics_at(at, less, more), taken_at=at))
    feed.groups.put_nowait(Reading(shop_groups(at, less=less), taken_at=at))
    feed.lags.put_nowait(Reading(lag_at(at, less, more), taken_at=at))
    feed.tail.put_nowait(Reading(tail, taken_at=at))
    await pilot.pause()
    if isinstance(pilot.app.screen, MonitorScreen):
        pilot.app.screen._tick()
    await pilot.pause()


def not_ages(app: FramesApp, since: int) -> Iterator[str]:
    """What was painted from a frame on, and is no age: the line, and in brackets what of it was painted."""
    for number, spans in enumerate(app.painted[since:], since):
        assert spans is not None, "the whole screen was painted"
        for y, x1, x2 in spans:
            lines = app.frames[number][y], app.frames[number - 1][y]
            found = [age.span() for line in lines for age in AGE.finditer(line)]
            if not any(begin <= x1 and x2 <= end for begin, end in found):
                yield f"{lines[0][:x1]}[{lines[0][x1:x2]}]{lines[0][x2:]}"


async def watched_for_a_while(app: FramesApp, pilot: Pilot[None], feed: Feed) -> None:
    """So many looks that everything is judged, and every record is painted."""
    await look(pilot, feed, NOW - 26, shop_records(), less=12)
    for seconds in range(24, 0, -2):
        await look(pilot, feed, NOW - seconds, less=max(0, seconds // 2 - 3))
    screen = app.screen
    assert isinstance(screen, MonitorScreen)
    while screen.tail_pane._paint_due:
        await pilot.pause(0.01)
    await pilot.pause()


async def test_equal_readings_paint_nothing_but_ages() -> None:
    feed = Feed()
    app = FramesApp(feed.streams(), *SMALL, anew=True)
    async with app.run_test(size=SMALL) as pilot:
        await watched_for_a_while(app, pilot, feed)
        since = len(app.frames)
        for at in (NOW - 1.9, NOW - 1.8, NOW - 1.7):
            await look(pilot, feed, at)
    assert len(app.frames) > since, "ages were painted"
    assert not list(not_ages(app, since))


async def test_where_one_end_moved_only_its_lines_are_painted() -> None:
    feed = Feed()
    app = FramesApp(feed.streams(), *SMALL, anew=True)
    async with app.run_test(size=SMALL) as pilot:
        await watched_for_a_while(app, pilot, feed)
        since = len(app.frames)
        await look(pilot, feed, NOW - 1.9, more=1)
    painted = list(not_ages(app, since))
    lines = {
        name: [line for line in painted if re.search(pattern, line)]
        for name, pattern in {
            "topic": r"^.\W+orders [^│]*\[[^│]*\]",
            "partition": r"│  3 c2 .*\[",
            "total": r"┃│\[?[^┃]*keeping",
        }.items()
    }
    assert all(lines.values()), painted
    assert not set(painted) - {line for found in lines.values() for line in found}
