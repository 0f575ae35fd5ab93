"""How the event screen, the timeline of all groups and the code behave."""

from dataclasses import replace

import pytest
from textual.content import Content

from kafkatui.deck.code import Excerpt, lines_of
from kafkatui.domain.cluster.groups import Group, Member
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.rebalance.rebalances import Rebalance
from kafkatui.domain.rebalance.timeline import Timeline
from kafkatui.screens import event_lines
from kafkatui.screens.code import CodeScreen
from kafkatui.screens.event import EventScreen, act_behind
from kafkatui.screens.event_lines import PageSource, entry_lines, entry_title
from kafkatui.screens.events import EventsScreen
from kafkatui.widgets.long_list import LongList
from kafkatui.widgets.page import Page
from tests.group_builders import classic, member, parts
from tests.ui import group_stories as stories
from tests.ui.event_app import ScreenApp, event, events
from tests.ui.group_panes import clock
from tests.ui.monitor_app import MonitorApp, shop
from tests.ui.shop_data import NOW
from tests.ui.test_monitor import settle
from tests.work import lines_run


def text(app: ScreenApp) -> str:
    """Everything on the screen."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def lines(timeline: Timeline, place: int = 0, *, group: str = "billing", cells: int = 76) -> list[str]:
    story = timeline.story(group)
    told = PageSource(story.entries[place], story, NOW, clock, cells)
    return [line.plain if isinstance(line, Content) else line for line in entry_lines(told)]


def row(found: list[str], name: str) -> str:
    """The last line that begins with a name: the table stands below the sentence."""
    return next(line for line in reversed(found) if line.startswith(name))


# what is told


def test_a_crash_is_told_with_who_got_what() -> None:
    found = lines(stories.timeline_of(*stories.crashed()))
    assert row(found, "what").endswith("c1 crashed")
    assert "x 14:21:47 c1 killed  5.6s before" in row(found, "key")
    assert "generation 5" in row(found, "group")
    assert "from the group's log, its end is exact" in row(found, "known")
    assert " ".join(row(found, "c1 gone").split()) == "c1 gone □ □ · · · · · · · · · · 0–1 – –"
    assert " ".join(row(found, "c2").split()) == "c2 · · ■ ◇ · · ◆ ◆ ■ · · · 3 0–1 0.03s"
    assert "records arrived" in row(found, "waited")
    sentence = next(place for place, line in enumerate(found) if line.startswith("A crash is noticed"))
    assert found.index(row(found, "key")) < sentence < found.index(row(found, "group"))


def test_looks_tell_brackets() -> None:
    found = lines(stories.timeline_of(*stories.by_looks()))
    assert row(found, "what").endswith("c1 gone, cause not visible from outside")
    assert "times lie between two of them" in row(found, "known")
    assert row(found, "took").split()[1] == "1.5–3.0s"
    assert row(found, "pause").split(maxsplit=1)[1] == "at most 3.0s: from outside no more is known"
    assert row(found, "c2").split()[-1] == "≤3.0s"


def test_a_deed_is_told_with_its_effect() -> None:
    timeline = stories.timeline_of(*stories.crashed())
    entry = timeline.story("billing").entries[1]
    assert entry_title(entry, "billing", clock) == "billing · key x · 14:21:47"
    found = lines(timeline, 1)
    assert row(found, "did").split()[1:3] == ["c1", "killed"]
    assert row(found, "effect").endswith("after 5.6s: 2 c1 crashed")
    assert row(found, "c2").split()[-3:] == ["3", "0–1", "0.03s"]


def test_a_deed_without_effect_so_far() -> None:
    found = lines(stories.timeline_of(*stories.crash_waiting()))
    assert "no rebalance came of it so far" in row(found, "effect")
    assert not [line for line in found if line.startswith("MEMBER")]


def test_what_goes_on_has_no_after_yet() -> None:
    found = lines(stories.timeline_of(*stories.reconciling(), group="search"), group="search")
    assert "NOW" in row(found, "MEMBER")
    assert "for 3.0s" in row(found, "goes on")


def test_several_topics_have_a_section_each() -> None:
    def both(name: str, first: tuple[int, ...], second: tuple[int, ...]) -> Member:
        return replace(member(name), assignment=(*parts("clicks", *first), *parts("orders", *second)))

    timeline = stories.timeline_of(
        (3.0, classic(both("c1", (0, 1), (0,)))),
        (2.0, classic(both("c1", (0,), (0,)), both("c2", (1,), ()))),
    )
    found = lines(timeline)
    assert [line for line in found if line in {"clicks", "orders"}] == ["clicks", "orders"]
    assert sum(line.startswith("c1") for line in found) == 2


@pytest.mark.parametrize(("partitions", "cells"), [(32, 116), (33, 116), (200, 76), (32, 60)])
def test_what_has_no_cells_is_told_in_numbers(partitions: int, cells: int) -> None:
    half = partitions // 2
    timeline = stories.timeline_of(
        (2.0, classic(member("c1", *range(partitions)))),
        (1.0, classic(member("c1", *range(half)), member("c2", *range(half, partitions)))),
    )
    found = lines(timeline, cells=cells)
    assert f"{half}–{partitions - 1}" in row(found, "c2")
    assert max(map(len, found)) <= cells


def test_every_line_fits() -> None:
    for said in (stories.crashed(), stories.by_looks(), stories.storm(), stories.going_on()):
        for cells in (56, 76, 130):
            assert max(map(len, lines(stories.timeline_of(*said), cells=cells))) <= cells


def test_forty_members_and_two_hundred_partitions_are_laid_out_quickly() -> None:
    def group(shift: int) -> Group:
        return classic(
            *(member(f"m{one:02}", *(n for n in range(200) if (n + shift) % 40 == one)) for one in range(40))
        )

    timeline = stories.timeline_of((2.0, group(0)), (1.0, group(1)))
    assert lines_run(lambda: lines(timeline, cells=130)) < 60_000


def test_what_is_not_known_of_records_is_said_so() -> None:
    assert event_lines._records(None) == "not known"
    assert event_lines._records(0).startswith("no record arrived")
    assert event_lines._records(1).startswith("~1 record arrived")
    assert event_lines._records(1200).startswith("~1,200 records arrived")


def test_the_columns_are_named_as_the_protocol_has_it() -> None:
    classic_group = lines(stories.timeline_of(*stories.crashed()))
    assert row(classic_group, "MEMBER").split()[3:5] == ["LOST", "GOT"]
    assert row(classic_group, "revoked") == "revoked   everything: c2 2, c3 2"
    new = lines(
        stories.timeline_of(*stories.reconciling(done=True), group="search"), group="search", cells=110
    )
    assert "GAVE UP" in row(new, "MEMBER")
    assert not [line for line in new if line.startswith("revoked")]


# keys


async def test_n_and_capital_n_step_through_the_log() -> None:
    app = event(stories.timeline_of(*stories.crashed()))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "billing · 2 · generation 5" in text(app)
        assert "N previous" in text(app)
        assert "newer" not in text(app)
        await pilot.press("n", "n", "N")
        await pilot.pause()
        assert "key x" in text(app)
        await pilot.press("N")
        await pilot.pause()
        assert "billing · 1 · generation 4" in text(app)
        await pilot.press("n", "n")
        await pilot.pause()
        assert "billing · 2 · generation 5" in text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, EventScreen)


async def test_what_goes_on_is_told_anew_when_it_ends() -> None:
    timeline = stories.timeline_of(*stories.going_on())
    app = event(timeline)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "goes on" in text(app)
        four = (stories.C1, stories.C2, member("c3", 4), member("c4", 5))
        stories.take_in(timeline, "billing", (-0.3, stories.generation(5, *four)), (-0.4, classic(*four)))
        screen = app.screen
        assert isinstance(screen, EventScreen)
        screen._refresh()
        await pilot.pause()
        assert "goes on" not in text(app)
        assert isinstance(screen.entry, Rebalance)
        assert screen.entry.ended_at is not None


async def test_v_shows_the_code_and_v_closes_it() -> None:
    app = event(stories.timeline_of(*stories.crashed()), 1)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("v")
        await pilot.pause()
        assert isinstance(app.screen, CodeScreen)
        assert "SIGKILL" in text(app)
        await pilot.press("v")
        await pilot.pause()
        assert isinstance(app.screen, EventScreen)


async def test_v_says_where_there_is_no_code_of_ours() -> None:
    app = event(stories.timeline_of(*stories.by_looks()))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.pause()
        assert "v code" not in text(app)
        await pilot.press("v")
        await pilot.pause()
        assert isinstance(app.screen, EventScreen)
        assert "no code of ours" in text(app)


async def test_y_copies_the_text() -> None:
    app = event(stories.timeline_of(*stories.crashed()))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("y")
        await pilot.pause()
        assert app.clipboard.startswith("billing · 2 · generation 5 · 14:21:53\n")
        assert "c1 gone" in app.clipboard


def test_the_act_behind_an_entry() -> None:
    story = stories.timeline_of(*stories.crashed()).story("billing")
    assert [act_behind(entry) for entry in story.entries] == [
        Act.CRASH,
        Act.CRASH,
        Act.JOIN,
        Act.JOIN,
        None,
    ]
    assert isinstance(story.entries[1], Deed)


# the timeline


async def test_the_timeline_is_dismissed_with_what_is_opened() -> None:
    timeline = stories.timeline_of(*stories.crashed())
    stories.take_in(timeline, "audit", *stories.by_looks())
    app = events(timeline)
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        assert app.screen.query_one(LongList).end_row == 3
        await pilot.press("down", "enter")
        await pilot.pause()
        audit = timeline.story("audit").events[0]
        assert app.answers == [("audit", audit)]


async def test_back_from_what_the_timeline_opened_is_the_timeline() -> None:
    """One step, and the cursor stands where it stood."""
    async with MonitorApp(shop()).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        stories.take_in(screen.view.happened.timeline, "billing", *stories.crashed())
        stories.take_in(screen.view.happened.timeline, "audit", *stories.by_looks())
        await pilot.press("H", "down")
        opened = pilot.app.screen.query_one(LongList).cursor
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, EventScreen)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, EventsScreen)
        assert pilot.app.screen.query_one(LongList).cursor == opened is not None
        await pilot.press("escape")
        await pilot.pause()
        assert pilot.app.screen is screen


async def test_a_timeline_has_room_for_the_date_of_another_day() -> None:
    timeline = stories.timeline_of(*stories.crashed())
    app = ScreenApp(lambda: EventsScreen(timeline, clock=lambda at: "Nov 21 14:22"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "Nov 21 14:22 billing c1 crashed" in text(app)


async def test_a_timeline_without_rebalances_says_so() -> None:
    app = events(Timeline())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "No group has rebalanced" in text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert app.answers == [None]


# the code


@pytest.mark.parametrize("act", list(Act))
async def test_the_code_of_every_act_is_shown(act: Act) -> None:
    excerpt = lines_of(act, "classic")
    app = ScreenApp(lambda: CodeScreen(excerpt))
    async with app.run_test(size=(60, 16)) as pilot:
        await pilot.pause()
        shown = text(app)
        assert excerpt.file in shown
        if excerpt.first is not None:
            first = excerpt.source.splitlines()[excerpt.first - 1].split("(")[0].strip()
            assert first in shown
        await pilot.press("q")
        await pilot.pause()
        assert not isinstance(app.screen, CodeScreen)


async def test_code_too_wide_goes_on_below_and_is_harmless() -> None:
    excerpt = Excerpt("a.py", f"x = '{'word ' * 30}\x1b[31m'\n" + "y" * 200, 1, 2)
    app = ScreenApp(lambda: CodeScreen(excerpt))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        shown = text(app)
        assert "\x1b" not in shown
        assert shown.count("word") == 30
        assert shown.count("y") >= 200
        assert app.screen.query_one(Page).has_focus
