"""The list of all groups: its rows, its order, its keys."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from kafkatui.domain.cluster.groups import (
    ClusterGroups,
    Group,
    GroupCommits,
    GroupKind,
    SharedPartition,
    Sharing,
)
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.cluster.reading import Reading
from kafkatui.panes.groups import GroupsPane
from kafkatui.screens.group import GroupScreen
from kafkatui.screens.groups import GroupsScreen
from kafkatui.screens.monitor import MonitorScreen
from kafkatui.watch.streams import Streams
from kafkatui.widgets import themes
from kafkatui.widgets.columns import Cell
from kafkatui.widgets.long_list import LongList
from tests.faults import coded
from tests.group_builders import member
from tests.ui.monitor_app import MonitorApp
from tests.ui.shop_data import EVIL, NOW
from tests.ui.streams import prepared, shop_groups, shop_lag, shop_records, shop_topics
from tests.ui.waiting import until

Snap = Callable[..., bool]


def commits(topic: str, offset: int) -> GroupCommits:
    return GroupCommits({TopicPartition(topic, number): offset for number in range(6)}, taken_at=NOW - 2)


SHARING = Sharing(
    (
        member("points-1", 0, 1, topic="clicks", subscription=("clicks",), epoch=3),
        member("points-2", 1, topic="clicks", subscription=("clicks",), epoch=3),
    ),
    {
        TopicPartition("clicks", 0): SharedPartition(80, 12),
        TopicPartition("clicks", 1): SharedPartition(None, None),
    },
)


def many_groups(at: float = NOW - 2) -> ClusterGroups:
    """Groups of every kind, of which one cannot be described."""
    billing = shop_groups(at)
    others = [
        (Group("", GroupKind.CLASSIC, "Empty", None, 1, (), described_at=at), commits("audit", 40)),
        (
            Group("connect-s3", GroupKind.CLASSIC, "Stable", "compatible", 1, (), protocol_type="connect"),
            GroupCommits(taken_at=at),
        ),
        (Group("nightly", GroupKind.CLASSIC, "Empty", None, 1, (), described_at=at), commits("payments", 97)),
        (
            Group("points", GroupKind.SHARE, "Stable", "simple", 1, None, 3, 3, sharing=SHARING),
            GroupCommits(),
        ),
        (
            Group("search", GroupKind.CONSUMER, "Reconciling", "uniform", 1, (), 17, 16, described_at=at),
            commits("clicks", 100),
        ),
        (
            Group("secret", GroupKind.CLASSIC, coordinator=1, fault=coded("GROUP_AUTHORIZATION_FAILED")),
            GroupCommits(fault=coded("GROUP_AUTHORIZATION_FAILED"), taken_at=at),
        ),
        (
            Group(EVIL, GroupKind.CLASSIC, "PreparingRebalance", None, 1, (), protocol_type=EVIL),
            GroupCommits(),
        ),
    ]
    groups = sorted([*billing.groups, *(group for group, _ in others)], key=lambda group: group.group_id)
    found = {**billing.commits, **{group.group_id: taken for group, taken in others}}
    return ClusterGroups(tuple(groups), found, commits_taken_at=at, described_at=at, listed_at=at)


def streams(*groups: ClusterGroups) -> Streams:
    return prepared(
        topics=[Reading(shop_topics(NOW - 1), taken_at=NOW), Reading(shop_topics(NOW + 1), taken_at=NOW)],
        groups=[Reading(value, taken_at=NOW) for value in groups or (many_groups(),)],
        lags=lambda group, topic: [Reading(shop_lag(NOW, group, topic), taken_at=NOW)],
        tails=lambda topic: [Reading(shop_records(topic), taken_at=NOW)],
    )


async def opened(pilot: Pilot[None], *, press: str = "5", rows: int = 8) -> GroupsPane:
    """Open the list, and wait until it has all rows."""
    monitor = pilot.app.screen
    assert isinstance(monitor, MonitorScreen)
    await until(pilot, lambda: len(monitor.view.groups.rows) == rows and monitor.view.groups.judged)
    await pilot.press(press)
    await until(pilot, lambda: isinstance(pilot.app.screen, GroupsScreen))
    screen = pilot.app.screen
    assert isinstance(screen, GroupsScreen)
    await until(pilot, lambda: isinstance(screen.focused, LongList) and len(screen.pane.listed.keys) == rows)
    await pilot.pause()
    return screen.pane


async def show_list(pilot: Pilot[None]) -> None:
    await opened(pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 16)], ids=str)
def test_every_kind_of_group(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(MonitorApp(streams()), terminal_size=size, run_before=show_list)


def test_in_the_light(snap_compare: Snap) -> None:
    app = MonitorApp(streams(), theme=themes.LIGHT.name)
    assert snap_compare(app, terminal_size=(120, 24), run_before=show_list)


def test_in_ascii(snap_compare: Snap) -> None:
    app = MonitorApp(streams(), ascii_only=True)
    assert snap_compare(app, terminal_size=(100, 24), run_before=show_list)


async def test_enter_selects_the_group_in_the_four_panes() -> None:
    async with MonitorApp(streams()).run_test(size=(120, 40)) as pilot:
        monitor = pilot.app.screen
        pane = await opened(pilot)
        pane.lines.cursor = "nightly"
        await pilot.press("enter")
        await pilot.pause()
        assert pilot.app.screen is monitor
        assert isinstance(monitor, MonitorScreen)
        assert (monitor.topic, monitor.group) == ("payments", "nightly")
        assert monitor.offsets_pane.has_focus_within


async def test_a_group_that_reads_no_topic_has_only_its_page() -> None:
    async with MonitorApp(streams()).run_test(size=(120, 40)) as pilot:
        pane = await opened(pilot)
        pane.lines.cursor = "connect-s3"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, GroupScreen))


async def test_c_on_a_topic_without_readers_leads_to_the_list_and_a_group_without_topic_to_its_page() -> None:
    async with MonitorApp(streams()).run_test(size=(120, 40)) as pilot:
        monitor = pilot.app.screen
        await opened(pilot)
        await pilot.press("escape")
        assert isinstance(monitor, MonitorScreen)
        monitor.show_topic("scratch")
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.screen, GroupsScreen))
        await pilot.press("escape")
        monitor.go_to_group("connect-s3")
        await until(pilot, lambda: isinstance(pilot.app.screen, GroupScreen))


async def test_a_filter_searches_states_and_kinds_too_and_is_kept() -> None:
    async with MonitorApp(streams()).run_test(size=(120, 40)) as pilot:
        pane = await opened(pilot)
        await pilot.press("slash", *"empty", "enter")
        assert set(pane.listed.keys) == {"", "nightly"}
        await pilot.press("5")
        await pilot.press("1")
        await pilot.pause()
        assert isinstance(pilot.app.screen, MonitorScreen)
        await pilot.press("5")
        await until(pilot, lambda: isinstance(pilot.app.screen, GroupsScreen))
        screen = pilot.app.screen
        assert isinstance(screen, GroupsScreen)
        await until(pilot, lambda: screen.is_mounted and bool(screen.pane.listed.keys))
        assert set(screen.pane.listed.keys) == {"", "nightly"}
        await pilot.press("slash", "escape")
        await pilot.pause()
        assert len(screen.pane.listed.keys) == 8
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, MonitorScreen)


async def test_rows_stay_where_they_are_and_what_got_worse_is_counted() -> None:
    before = many_groups()
    async with MonitorApp(streams(before)).run_test(size=(120, 40)) as pilot:
        monitor = pilot.app.screen
        assert isinstance(monitor, MonitorScreen)
        pane = await opened(pilot)
        order = pane.listed.keys
        assert order[0] in {"search", EVIL}, "what rebalances stands before what is healthy"
        lost = {**before.commits, "": commits("audit", 120)}
        worse = replace(before, commits=lost, commits_taken_at=NOW + 3)
        monitor.model.take_groups(Reading(worse, taken_at=NOW + 3))
        monitor.model.take_topics(Reading(shop_topics(NOW + 4), taken_at=NOW + 4))
        await until(pilot, lambda: monitor.view.groups.rows[""].word == "beyond")
        await pilot.pause()
        assert pane.listed.keys == order
        assert "1 got worse: s sorts" in pane.title().plain
        pane.resort()
        await pilot.pause()
        assert pane.listed.keys[0] == ""
        assert "got worse" not in pane.title().plain


async def test_a_list_of_15_000_groups_asks_for_the_cells_on_screen_only() -> None:
    at = NOW - 2
    groups = tuple(
        Group(f"group-{number:05}", GroupKind.CLASSIC, "Empty", None, 1, (), described_at=at)
        for number in range(15_000)
    )
    value = ClusterGroups(groups, dict.fromkeys((group.group_id for group in groups), GroupCommits()))
    async with MonitorApp(streams(value)).run_test(size=(120, 40)) as pilot:
        pane = await opened(pilot, rows=15_000)
        asked: list[str] = []

        def counted(key: str) -> Sequence[Cell]:
            asked.append(key)
            return pane._cells(key)

        pane.lines.show(pane.listed.keys, counted)
        await pilot.pause()
        asked.clear()
        await pilot.press("down", "pagedown", "end", "up", "home")
        await pilot.pause()
        assert len(asked) <= 5 * (pane.lines.rows_shown + 2)
