"""How panes 2 and 3 behave: keys, messages, states, and what they hand on."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from kafkatui.domain.cluster.groups import ClusterGroups, Group, GroupKind
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.lag.lag import GroupLag
from kafkatui.domain.rebalance.rebalances import Rebalance
from kafkatui.panes.assignments import AssignmentsPane
from kafkatui.panes.offsets import OffsetsPane
from kafkatui.panes.pane import Pane
from kafkatui.watch.pace import Pace
from kafkatui.widgets.long_list import LongList
from tests.faults import coded, fault
from tests.group_builders import classic, lag, member, rebalancing
from tests.ui.group_panes import PaneApp, assignments, offsets
from tests.ui.shop_data import NOW, SOON
from tests.work import lines_run

TWO = classic(member("c1", 0, 1, 2), member("c2", 3, 4, 5))


def now(*groups: Group, step: float = 1.0) -> list[Reading[ClusterGroups]]:
    """Readings up to this moment."""
    end = NOW
    return [
        Reading(ClusterGroups((group,)), taken_at=end - step * (len(groups) - 1 - place))
        for place, group in enumerate(groups)
    ]


def later(group: Group) -> Reading[ClusterGroups]:
    """What a look after `now` told."""
    return Reading(ClusterGroups((group,)), taken_at=SOON)


def lag_now(committed: list[int | None], ends: list[int | None]) -> Reading[GroupLag]:
    at = NOW
    return Reading(lag(committed, ends, at), taken_at=at)


def assignments_pane(app: PaneApp) -> AssignmentsPane:
    assert isinstance(app.pane, AssignmentsPane)
    return app.pane


def offsets_pane(app: PaneApp) -> OffsetsPane:
    assert isinstance(app.pane, OffsetsPane)
    return app.pane


def text(app: PaneApp) -> str:
    """Everything on the screen."""
    width, height = app.size
    return "\n".join(
        "".join(segment.text for segment in strip)
        for strip in app.screen._compositor.render_strips()[:height]
        if width
    )


@pytest.mark.parametrize("make", [lambda: assignments(now(TWO)), lambda: offsets([lag_now([1], [2])])])
async def test_left_and_right_ask_for_another_group(make: object) -> None:
    app = make()  # type: ignore[operator]  # one of the two lambdas above
    async with app.run_test(size=(70, 14)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.press("tab", "left", "right", "right")
        await pilot.pause()
        assert app.steps == [-1, 1, 1]


async def test_owners_for_other_panes() -> None:
    app = assignments(now(TWO, rebalancing("c1", "c2")))
    async with app.run_test(size=(70, 14)):
        await app.workers.wait_for_complete()
        shown = app.model.view.shown
        assert shown.map is not None
        assert shown.map.owners == {0: "c1", 1: "c1", 2: "c1", 3: "c2", 4: "c2", 5: "c2"}
        assert app.pane.mark is Mark.MOVING


async def test_an_outage_keeps_the_last_map_and_says_so() -> None:
    readings = now(TWO)
    readings.append(replace(readings[-1], fault=fault("no answer from broker 1")))
    app = assignments(readings)
    async with app.run_test(size=(70, 14)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.pane.has_class("-stale")
        assert "c1 10.0.0.7" in text(app)
        assert "no answer from broker 1" in text(app)


async def test_a_group_that_is_not_known_for_once_keeps_its_map() -> None:
    app = assignments(now(TWO, replace(TWO, members=None, fault=coded("COORDINATOR_NOT_AVAILABLE"))))
    async with app.run_test(size=(70, 14)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "c1 10.0.0.7" in text(app)
        assert "not known: its coordinator is not there yet" in text(app)


async def test_a_group_deleted_and_back() -> None:
    at = NOW
    gone = Reading(ClusterGroups(), taken_at=at)
    readings = [replace(now(TWO)[0], taken_at=at - 1), gone]
    app = assignments(readings)
    async with app.run_test(size=(70, 14)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "billing was deleted" in text(app)
        assert app.pane.mark is Mark.BROKEN
        app.pane.reading = Reading(ClusterGroups((TWO,)), taken_at=at + 1)
        await pilot.pause()
        assert "c1 10.0.0.7" in text(app)
        assert app.model.view.groups.vanished == {}


async def test_what_a_broker_did_not_list_is_not_deleted() -> None:
    at = NOW
    partial = Reading(ClusterGroups(notes=("broker 2 did not list its groups",)), taken_at=at)
    app = assignments([replace(now(TWO)[0], taken_at=at - 1), partial])
    async with app.run_test(size=(90, 14)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "is not listed: broker 2 did not list its groups" in text(app)


async def test_a_topic_that_is_not_there_has_no_partition_without_an_owner() -> None:
    app = assignments(now(TWO), topic="nowhere")
    async with app.run_test(size=(90, 14)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "There is no topic nowhere, or this user may not describe it." in text(app)
        assert "no owner" not in text(app)
        app.model.take_deck("billing")  # the deck makes its topic when it is needed
        await pilot.pause()
        assert "The deck has no topic yet: j lets a consumer join, and makes it." in text(app)


async def test_while_no_topic_is_told_what_members_own_tells_the_partitions() -> None:
    app = assignments(now(TWO), topic="nowhere", partitions=None)
    async with app.run_test(size=(90, 14)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "asking" in text(app)
        app.model.select("orders", "billing")
        await pilot.pause()
        assert "c1 10.0.0.7" in text(app)


async def test_the_span_of_the_lanes() -> None:
    app = assignments(now(TWO, TWO))
    async with app.run_test(size=(70, 14)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.press("tab")
        assert "60 S" in text(app)
        await pilot.press("shift+right")
        await pilot.pause()
        assert "5 MIN" in text(app)
        await pilot.press("shift+left", "shift+left", "shift+left")
        await pilot.pause()
        assert "30 S" in text(app)


async def test_down_goes_on_into_the_log_and_up_back() -> None:
    app = assignments(now(TWO, classic(member("c1", *range(6)))))
    async with app.run_test(size=(70, 14)) as pilot:
        await app.workers.wait_for_complete()
        pane = assignments_pane(app)
        await pilot.press("tab", "down", "down")  # c1, c2 that is gone
        assert pane.members.has_focus
        await pilot.press("down")
        assert pane.log_list.has_focus
        assert pane.log_list.cursor_row == 0
        await pilot.press("down", "down")  # the last one
        assert pane.log_list.cursor_row == 1
        await pilot.press("up", "up")
        assert pane.members.has_focus
        assert pane.members.cursor_row == 1
        assert pane.log_list.cursor is None


async def test_enter_in_the_log_opens_that_entry() -> None:
    app = assignments(now(TWO, classic(member("c1", *range(6)))))
    async with app.run_test(size=(70, 14)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.press("tab", "down", "down", "down", "enter", "down", "enter")
        await pilot.pause()
        newest, first = app.opened
        assert isinstance(newest, Rebalance)
        assert isinstance(first, Rebalance)
        assert newest.gone == ("c2",)
        assert first.first


async def test_y_copies_the_line_under_the_cursor() -> None:
    app = assignments(now(TWO, classic(member("c1", *range(6)))))
    async with app.run_test(size=(70, 14)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.press("tab", "down", "y")
        assert app.clipboard == ""  # of a member the screen copies the name
        await pilot.press("down", "down", "y")
        assert "3 of 6 moved (3 c2→c1, 4 c2→c1, 5 c2→c1) · took <1.0s · pause at most 1.0s" in app.clipboard


async def test_enter_outside_the_log_opens_the_newest_entry() -> None:
    three = classic(member("c1", 0, 1), member("c2", 3, 4), member("c3", 2, 5))
    four = classic(member("c1", 0, 1), member("c2", 3, 4), member("c3", 2), member("c4", 5))
    app = assignments(now(TWO, three, four))
    async with app.run_test(size=(70, 14)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.press("tab", "enter", "down", "enter")
        await pilot.pause()
        for entry in app.opened:
            assert isinstance(entry, Rebalance)
            assert entry.joined == ("c4",)
        assert len(app.opened) == 2


async def test_a_click_puts_the_cursor_into_the_log() -> None:
    app = assignments(now(TWO, classic(member("c1", *range(6)))))
    async with app.run_test(size=(70, 14)) as pilot:
        await app.workers.wait_for_complete()
        pane = assignments_pane(app)
        await pilot.click(pane.log_list, offset=(5, 1))
        assert pane.log_list.has_focus
        assert pane.log_list.cursor_row == 1
        await pilot.click(pane.members, offset=(5, 1))
        assert pane.members.has_focus
        assert pane.log_list.cursor is None


async def test_an_entry_keeps_the_cursor_while_newer_ones_come_in() -> None:
    app = assignments(now(TWO))
    async with app.run_test(size=(70, 14)) as pilot:
        await app.workers.wait_for_complete()
        pane = assignments_pane(app)
        await pilot.press("tab", "down", "down", "down")
        key = pane.log_list.cursor
        assert key is not None
        pane.reading = later(classic(member("c1", *range(6))))
        await pilot.pause()
        assert pane.log_list.cursor == key
        assert pane.log_list.cursor_row == 1
        assert pane.log_list.top == 0  # what is new is in sight
        assert pane.members.cursor is None  # there is one cursor


async def test_what_comes_above_the_visible_part_of_the_log_is_counted() -> None:
    three = classic(member("c1", 0, 1), member("c2", 3, 4), member("c3", 2, 5))
    app = assignments(now(TWO, three, TWO, three, TWO))
    async with app.run_test(size=(70, 12)) as pilot:
        await app.workers.wait_for_complete()
        pane = assignments_pane(app)
        pane.log_list.focus()
        await pilot.press("end", "enter")
        await pilot.pause()
        at, key = pane.log_list.top, pane.log_list.cursor
        assert at > 0
        assert f"{at} newer above" in text(app)
        pane.reading = later(three)
        await pilot.pause()
        assert pane.log_list.cursor == key
        assert f"{at + 1} newer above" in text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert pane.members.has_focus
        assert pane.log_list.top == 0
        assert "newer above" not in text(app)


async def test_who_scrolled_the_log_stays_there_until_the_cursor_moves() -> None:
    three = classic(member("c1", 0, 1), member("c2", 3, 4), member("c3", 2, 5))
    app = assignments(now(TWO, three, TWO, three, TWO))
    async with app.run_test(size=(70, 12)) as pilot:
        await app.workers.wait_for_complete()
        pane = assignments_pane(app)
        await pilot.press("tab", "down")
        pane.log_list.top = 1
        first = pane.log_list.keys[1]
        pane.reading = later(three)
        await pilot.pause()
        assert pane.log_list.keys[pane.log_list.top] == first
        assert "2 newer above" in text(app)
        await pilot.press("down")
        await pilot.pause()
        assert pane.log_list.top == 0


async def test_the_cursor_stays_on_its_member() -> None:
    app = assignments(now(TWO))
    async with app.run_test(size=(70, 14)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.press("tab", "down", "down")
        pane = assignments_pane(app)
        key = pane.members.cursor
        assert key is not None
        assert key.startswith("c2")
        assert "owns 3–5" in text(app)
        pane.reading = later(classic(member("c0", 0), member("c1", 1, 2), member("c2", 3, 4, 5)))
        await pilot.pause()
        assert pane.members.cursor == key


async def test_many_idle_members_share_a_row() -> None:
    group = classic(member("c0", 0), *(member(f"idle{n:02}") for n in range(20)))
    app = assignments(now(group, group), partitions=1)
    async with app.run_test(size=(70, 14)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "20 idle" in text(app)
        assert "nobody" in text(app)


def rows(app: PaneApp) -> list[str]:
    """The lines of the map with its last row."""
    lines = [line.strip("│┃ ") for line in text(app).splitlines()]
    first = next(place for place, line in enumerate(lines) if line.startswith("MEMBER"))
    last = next(place for place, line in enumerate(lines) if "nobody" in line)
    return lines[first + 1 : last + 1]


async def test_who_joins_anew_stands_before_those_that_are_gone() -> None:
    old = classic(*(member(f"c{one}", one - 1, tail=f"old{one}") for one in (1, 2, 3)))
    new = classic(*(member(f"c{one}", one - 1, tail=f"new{one}") for one in (1, 2, 3)))
    app = assignments(now(old, classic(state="Empty"), new))
    async with app.run_test(size=(80, 12)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        found = rows(app)
        assert len(found) == 4
        assert not any("gone" in line for line in found)
        app.pane.reading = later(classic(*(new.members or ())[1:]))
        await pilot.pause()
        gone = ["gone" in line for line in rows(app)[:-1]]
        assert gone[:3] == [False, False, True]
        assert gone == sorted(gone)


async def test_where_rows_do_not_fit_the_gone_go_first() -> None:
    seven = classic(*(member(f"c{one}", one) for one in range(7)))
    left = classic(*(member(f"c{one}", one) for one in range(3, 7)))
    app = assignments(now(seven, left), partitions=7)
    async with app.run_test(size=(80, 12)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        found = rows(app)
        assert [line.split()[0] for line in found[:4]] == ["c3", "c4", "c5", "c6"]
        assert sum("gone" in line for line in found) == 1


async def test_who_is_below_the_fold_is_counted_and_idle_ones_are_told() -> None:
    group = classic(*(member(f"c{one}", *([one - 1] if one < 7 else [])) for one in range(1, 9)))
    app = assignments(now(group, group))
    async with app.run_test(size=(80, 12)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "2 more below · 2 idle: c7 c8" in text(app)
        await pilot.press("tab", "end")
        await pilot.pause()
        assert "2 more above · 2 idle: c7 c8" in text(app)


async def test_nothing_from_outside_is_a_control() -> None:
    evil = "\x1b]0;x\x07[/b]\u202e"
    group = Group(
        evil,
        GroupKind.CLASSIC,
        evil,
        evil,
        1,
        (member(evil, 0, host=evil), member(evil, 1, tail=evil)),
        fault=None,
    )
    app = assignments(now(group, group), group=evil, groups=(evil,), topic="orders")
    async with app.run_test(size=(120, 14)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.press("tab", "down")
        await pilot.pause()
        shown = text(app)
        assert not {"\x1b", "\x07", "\u202e"} & set(shown)
        assert "[/b]" in shown
    app = offsets([lag_now([1], [2])], owners={0: evil}, group=evil)
    async with app.run_test(size=(120, 14)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert not {"\x1b", "\x07", "\u202e"} & set(text(app))


async def test_a_held_picture_stands_still_but_remembers() -> None:
    app = assignments(now(TWO))
    async with app.run_test(size=(70, 14)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        pane = assignments_pane(app)
        pane.held = True
        pane.reading = later(classic(member("c1", *range(6))))
        await pilot.pause()
        assert "c2 10.0.0.7" in text(app)
        pane.held = False
        await pilot.pause()
        assert "c2 gone" in text(app)


async def test_offsets_of_another_group_start_anew() -> None:
    asked: list[tuple[str, str]] = []

    async def follow(group: str, topic: str, pace: Pace) -> AsyncGenerator[Reading[GroupLag]]:
        asked.append((group, topic))
        reading = lag_now([5], [7 if group == "billing" else 9])
        assert reading.value is not None
        yield replace(reading, value=replace(reading.value, group_id=group))

    app = offsets([], follow=follow)
    async with app.run_test(size=(70, 14)) as pilot:
        await app.workers.wait_for_complete()
        app.model.select("orders", "audit")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert asked[-1] == ("audit", "orders")
        assert "lag 4 " in text(app)


async def test_the_verdict_of_the_cursor_is_explained() -> None:
    app = offsets([lag_now([3], [1])], owners={0: "c1"})
    async with app.run_test(size=(110, 14)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.press("tab", "down")
        await pilot.pause()
        assert "−2 The commit is past the log end" in text(app)


@pytest.mark.parametrize("partitions", [10_000])
async def test_ten_thousand_partitions_do_not_stall(partitions: int) -> None:
    group = classic(*(member(f"m{n:02}", *range(n, partitions, 40)) for n in range(40)))
    app = assignments(now(group, group), partitions=partitions)
    async with app.run_test(size=(134, 19)) as pilot:
        assert await lines_for(pilot, app.pane, now(group)[0]) < 75_000
    app = offsets(
        [lag_now([5] * partitions, [7] * partitions)], owners=dict.fromkeys(range(partitions), "c1")
    )
    async with app.run_test(size=(134, 19)) as pilot:
        assert await lines_for(pilot, app.pane, lag_now([6] * partitions, [9] * partitions)) < 75_000
        assert app.query_one("#total").display


async def lines_for(pilot: Pilot[None], pane: Pane, reading: Reading[Any]) -> int:
    """How many lines of Python a pane runs for one more reading."""
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    return lines_run(lambda: setattr(pane, "reading", reading))


async def test_a_rebalance_of_forty_members_does_not_stall() -> None:
    def look(shift: int) -> Group:
        return classic(
            *(member(f"m{one:02}", *(n for n in range(200) if (n + shift) % 40 == one)) for one in range(40))
        )

    app = assignments(now(look(0), look(1)), partitions=200)
    async with app.run_test(size=(134, 19)) as pilot:
        for shift in range(2, 5):
            assert await lines_for(pilot, app.pane, now(look(shift))[0]) < 10_000


async def test_the_keys_go_on_while_a_message_stands_in_place_of_the_body() -> None:
    app = offsets([lag_now([1], [2])])
    async with app.run_test(size=(70, 14)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.press("tab")
        app.pane.say("asking", Mark.MOVING)
        await pilot.pause()
        await pilot.press("right")
        app.pane.say("still asking", Mark.MOVING)
        await pilot.pause()
        app.pane.say(None)
        await pilot.pause()
        await pilot.press("right")
        assert app.steps == [1, 1]
        assert app.pane.query_one(LongList).has_focus


async def test_a_pane_with_a_message_takes_the_focus_too() -> None:
    app = offsets([lag_now([1], [2])])
    async with app.run_test(size=(70, 14)) as pilot:
        await app.workers.wait_for_complete()
        app.pane.say("Group billing was deleted.", Mark.BROKEN)
        app.pane.focus_list()
        await pilot.pause()
        await pilot.press("right")
        assert app.steps == [1]


async def test_the_title_has_one_blank_before_its_mark() -> None:
    app = offsets([lag_now([1], [2])])
    async with app.run_test(size=(70, 14)) as pilot:
        await app.workers.wait_for_complete()
        app.pane.say("Group billing was deleted.", Mark.BROKEN)
        await pilot.pause()
        assert "3 Offsets ✗" in text(app)
