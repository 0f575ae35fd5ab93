"""The page of one group."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.groups import Group, GroupCommits, GroupKind
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.lag.group_standing import group_standing
from kafkatui.domain.rebalance.past import PastRebalance, PastRebalances
from kafkatui.screens.group import GroupScreen
from kafkatui.screens.group_text import GroupSource, group_lines
from kafkatui.screens.groups import GroupsScreen
from kafkatui.screens.monitor import MonitorScreen
from kafkatui.widgets.page import Page
from tests.faults import coded
from tests.group_builders import classic, consumer, member
from tests.ui import group_stories as stories
from tests.ui.monitor_app import MonitorApp
from tests.ui.shop_data import EVIL, NOW
from tests.ui.streams import shop_topics
from tests.ui.test_groups import many_groups, opened, streams
from tests.ui.waiting import until

NOT_READ: Reading[PastRebalances] = Reading()
Snap = Callable[..., bool]


async def page_of(pilot: Pilot[None], group: str) -> GroupScreen:
    pane = await opened(pilot)
    pane.lines.cursor = group
    await pilot.press("d")
    await until(pilot, lambda: isinstance(pilot.app.screen, GroupScreen))
    screen = pilot.app.screen
    assert isinstance(screen, GroupScreen)
    await until(pilot, lambda: isinstance(screen.focused, Page) and bool(screen.page.lines))
    await pilot.pause()
    return screen


async def billing(pilot: Pilot[None]) -> None:
    await page_of(pilot, "billing")


async def points(pilot: Pilot[None]) -> None:
    await page_of(pilot, "points")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
def test_a_share_group(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(MonitorApp(streams()), terminal_size=size, run_before=points)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
def test_a_classic_group(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(MonitorApp(streams()), terminal_size=size, run_before=billing)


def lines(
    group: Group,
    commits: GroupCommits | None = None,
    *,
    cells: int = 100,
    past: Reading[PastRebalances] = NOT_READ,
) -> list[str]:
    story = stories.timeline_of(*stories.crashed()).story("billing") if group.group_id == "billing" else None
    row = group_standing(group, commits, ())
    source = GroupSource(
        row, group, commits, shop_topics(NOW), (), story, past, NOW, lambda at: f"{at:.0f}", cells
    )
    return [line if isinstance(line, str) else line.plain for line in group_lines(source)]


def test_a_group_that_reconciles_names_who_blocks_and_who_waits() -> None:
    group = consumer(
        member("ix-00", 0, 1, target=[0, 1], epoch=17),
        member("ix-01", 2, 3, 4, 5, target=[2, 3], epoch=16),
        member("ix-07", target=[4, 5], epoch=16, instance="ix-07"),
        state="Reconciling",
    )
    found = "\n".join(lines(group))
    assert "epochs    group 17, assignment 17; members: 1 at 17, 2 at 16" in found
    assert "gives up orders 4–5: ix-07 waits for it" in found
    assert "waits for orders 4–5 until ix-01 gave up" in found
    assert "static member ix-07" in found


def test_a_regular_expression_is_shown() -> None:
    subscribed = replace(member("ix-00", 0, target=[0], subscription=None), regex="^ord.*" + EVIL)
    found = "\n".join(lines(consumer(subscribed)))
    assert "subscribed to the topics that match ^ord.*" in found
    assert "not known" not in found
    assert "its subscription is not known" in "\n".join(lines(consumer(member("c1", 0, subscription=None))))


def test_the_last_rebalance_is_a_sentence() -> None:
    (group,) = [one for one in many_groups().groups if one.group_id == "billing"]
    found = " ".join(line.strip() for line in lines(group))
    assert "rebalance" in found
    assert "A crash is noticed only after session.timeout" in found


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (NOT_READ, "none since kafkatui runs; searching __consumer_offsets for the one before …"),
        (Reading(PastRebalances({}, 50)), "none since kafkatui runs; searching"),
        (
            Reading(PastRebalances({"quiet": PastRebalance(NOW - 10_800, 12, 3)}, 1, frozenset({0}))),
            f"3 h ago, {NOW - 10_800:.0f}, before kafkatui looked: generation 12, 3 members",
        ),
        (
            Reading(PastRebalances({"quiet": PastRebalance(NOW - 10_800, 12, None)}, 1, frozenset({0}))),
            "before kafkatui looked: epoch 12",
        ),
        (
            Reading(PastRebalances({}, 1, frozenset({0}), done=True)),
            "none since kafkatui runs, and __consumer_offsets has none",
        ),
        (
            Reading(PastRebalances({}, 1, frozenset(), 64_000_000, done=True)),
            "the one before was not found in the part of __consumer_offsets that was read (64.0 MB)",
        ),
        (
            Reading(None, coded("TOPIC_AUTHORIZATION_FAILED")),
            "those before are not known: that takes READ on __consumer_offsets",
        ),
        (Reading(None, Fault(FaultKind.TIMED_OUT, "no answer")), "those before are not known: no answer"),
    ],
)
def test_the_last_rebalance_before_kafkatui(past: Reading[PastRebalances], said: str) -> None:
    group = classic(member("c1", 0))
    found = " ".join(line.strip() for line in lines(replace(group, group_id="quiet"), past=past))
    assert said in found


@pytest.mark.parametrize(
    ("group", "said"),
    [
        ("secret", "it cannot be read: GROUP_AUTHORIZATION_FAILED"),
        ("points", "members of a share group take single records"),
        ("connect-s3", "it reads no topic, as far as known"),
    ],
)
async def test_groups_without_topics_have_a_page_too(group: str, said: str) -> None:
    async with MonitorApp(streams()).run_test(size=(100, 30)) as pilot:
        screen = await page_of(pilot, group)
        text = [line if isinstance(line, str) else line.plain for line in screen.page.lines]
        assert said in " ".join(text)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, GroupsScreen)


def test_nothing_in_a_name_gets_to_the_terminal() -> None:
    group = Group(
        EVIL,
        GroupKind.CLASSIC,
        EVIL,
        EVIL,
        1,
        (member("c1", 0, topic=EVIL, host=EVIL, instance=EVIL, subscription=(EVIL, "orders")),),
    )
    for cells in (60, 100, 140):
        assert not [
            line
            for line in lines(group, cells=cells)
            if any(ord(sign) < 32 or sign == "\x9b" for sign in line)
        ]


async def test_d_in_the_panes_and_enter_back_to_them_and_a_group_that_vanishes() -> None:
    async with MonitorApp(streams()).run_test(size=(100, 30)) as pilot:
        monitor = pilot.app.screen
        assert isinstance(monitor, MonitorScreen)
        await opened(pilot)
        await pilot.press("escape")
        monitor.show_group("billing")
        await pilot.press("3", "d")
        await until(pilot, lambda: isinstance(pilot.app.screen, GroupScreen))
        screen = pilot.app.screen
        assert isinstance(screen, GroupScreen)
        await until(pilot, lambda: isinstance(screen.focused, Page))
        monitor.model.take_groups(Reading(many_groups().__class__(), taken_at=NOW + 3))
        await until(pilot, lambda: "not there any more" in str(screen.page.lines[0]))
        await pilot.press("enter")
        await pilot.pause()
        assert pilot.app.screen is monitor
