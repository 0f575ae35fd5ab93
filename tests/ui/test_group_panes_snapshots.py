"""What panes 2 and 3 look like: every state, every width. Look at the report before updating."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kafkatui.domain.cluster.groups import ClusterGroups, Group, GroupKind
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.lag.lag import GroupLag
from kafkatui.widgets import signs
from tests.faults import coded, fault
from tests.group_builders import classic, consumer, lag, member, rebalancing
from tests.ui import group_stories as stories
from tests.ui.group_panes import PaneApp, assignments, looks, offsets
from tests.ui.shop_data import NOW

Snap = Callable[..., bool]

TWO = classic(member("c1", 0, 1, 2), member("c2", 3, 4, 5))
THREE = classic(member("c1", 0, 1), member("c2", 3, 4), member("c3", 2, 5, host="10.0.0.9"))


def story() -> list[Reading[ClusterGroups]]:
    """Two members for half a minute, then a third joins."""
    before = [(55.0 - at, TWO) for at in range(30)]
    return looks(
        *before,
        (25.0, rebalancing("c1", "c2", "c3")),
        (24.4, rebalancing("c1", "c2", "c3")),
        *((24.0 - at, THREE) for at in range(25)),
    )


SMALL, FOUR, WIDE = (80, 13), (70, 14), (134, 19)
"""The lower pane of 80x24, and the right panes of 120x40 and 200x60."""


@pytest.mark.parametrize("size", [(60, 12), SMALL, FOUR, WIDE], ids=str)
def test_assignments_full(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(assignments(story()), terminal_size=size)


@pytest.mark.parametrize("theme", ["kafkatui-light", "textual-dark"])
def test_assignments_in_other_themes(snap_compare: Snap, theme: str) -> None:
    assert snap_compare(assignments(story(), theme=theme), terminal_size=FOUR)


def test_assignments_in_ascii(snap_compare: Snap) -> None:
    signs.use_ascii(True)
    app = assignments(story())
    app.add_class("-ascii")
    assert snap_compare(app, terminal_size=FOUR)


def test_assignments_without_colour(snap_compare: Snap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(assignments(story()), terminal_size=FOUR)


def rebalance_going_on() -> PaneApp:
    return assignments(
        looks(
            *(
                (240.0 - at, classic(member("c1", 0, 1), member("c2", 2, 3), member("c4", 4, 5)))
                for at in range(236)
            ),
            *((3.2 - at, rebalancing("c1", "c2")) for at in (0.0, 1.0, 2.0, 3.0, 3.2)),
        )
    )


@pytest.mark.parametrize("size", [SMALL, FOUR], ids=str)
def test_assignments_rebalancing(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(rebalance_going_on(), terminal_size=size)


def test_assignments_unowned_idle_and_elsewhere(snap_compare: Snap) -> None:
    group = classic(
        member("c1", 0),
        member("c2", 1),
        member("c3"),
        member("c5"),
        member("reports", subscription=("clicks",)),
    )
    assert snap_compare(assignments(looks((12.0, group), (0.0, group)), partitions=3), terminal_size=FOUR)


def many(moving: bool) -> Group:
    """40 members of a KIP-848 group over 200 partitions; one gives partitions up to another."""
    members = []
    for number in range(38):
        own = list(range(number * 5, number * 5 + 5)) + [190 + number] * (number < 10)
        target = own
        if moving and number == 7:
            target = own[:-2]
        if moving and number == 8:
            target = sorted([38, 39, *own])
        members.append(member(f"ix-{number:02}", *own, target=target, epoch=17))
    members += [member(f"ix-{number}", subscription=("clicks",), target=()) for number in (38, 39)]
    return consumer(*members, state="Reconciling" if moving else "Stable")


@pytest.mark.parametrize("size", [(62, 12), FOUR, WIDE], ids=str)
def test_assignments_of_many(snap_compare: Snap, size: tuple[int, int]) -> None:
    readings = looks(
        *((30.0 - at, many(False)) for at in range(18)), *((12.0 - at, many(True)) for at in range(13))
    )
    assert snap_compare(assignments(readings, partitions=200, group="search"), terminal_size=size)


@pytest.mark.parametrize("partitions", [1, 12, 32, 48])
def test_assignments_of_some_partitions(snap_compare: Snap, partitions: int) -> None:
    half = partitions // 2
    group = classic(member("c1", *range(half)), member("c2", *range(half, partitions)))
    app = assignments(looks((5.0, group), (0.0, group)), partitions=partitions)
    assert snap_compare(app, terminal_size=FOUR)


def test_assignments_with_lag_and_long_names(snap_compare: Snap) -> None:
    group = classic(
        member("billing-service-eu-west-1-production", 0, 1, tail="4f1c-22"),
        member("billing-service-eu-west-1-production", 2, 3, tail="9a3e-33"),
        member("消費者", 4, 5),
    )
    app = assignments(looks((5.0, group), (0.0, group)), lag=lag([0] * 6, [10, 20, 9_412, 0, 0, 1], NOW))
    assert snap_compare(app, terminal_size=WIDE)


def test_assignments_stale(snap_compare: Snap) -> None:
    readings = story()
    readings.append(
        replace(readings[-1], fault=fault("no answer from broker 2"), taken_at=NOW - 14.0, retry_at=NOW + 2.4)
    )
    assert snap_compare(assignments(readings), terminal_size=FOUR)


def test_assignments_log_with_its_cursor(snap_compare: Snap) -> None:
    assert snap_compare(assignments(story()), terminal_size=FOUR, press=["tab", "end", "down", "down"])


def told(said: list[stories.Said], *, partitions: int = 6, group: str = "billing", **more: Any) -> PaneApp:
    """Pane 2 after all that."""
    readings = looks((0.0, stories.newest(said)))
    timeline = stories.timeline_of(*said, group=group)
    return assignments(readings, partitions=partitions, timeline=timeline, group=group, **more)


LOW = (80, 12)
"""The lower pane of 80x24 beside a deck."""


@pytest.mark.parametrize("size", [LOW, FOUR, WIDE], ids=str)
def test_assignments_after_a_crash(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(told(stories.crashed()), terminal_size=size)


@pytest.mark.parametrize("size", [LOW, FOUR], ids=str)
def test_assignments_while_a_crash_is_not_noticed(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(told(stories.crash_waiting(), deck_states={"c1": "crashed"}), terminal_size=size)


def test_assignments_while_one_is_frozen(snap_compare: Snap) -> None:
    app = told(stories.frozen(), deck_states={"c2": "frozen", "c3": "slow"})
    assert snap_compare(app, terminal_size=FOUR, press=["tab", "down", "down"])


@pytest.mark.parametrize("size", [LOW, FOUR], ids=str)
def test_assignments_while_all_wait_for_a_slow_one(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(told(stories.going_on(), deck_states={"c1": "slow"}), terminal_size=size)


def test_assignments_by_looks_alone(snap_compare: Snap) -> None:
    app = told(
        stories.by_looks(),
        log=[Reading(None, coded("TOPIC_AUTHORIZATION_FAILED").within("reading __consumer_offsets"), NOW)],
    )
    assert snap_compare(app, terminal_size=FOUR)


@pytest.mark.parametrize("size", [LOW, FOUR, WIDE], ids=str)
def test_assignments_where_one_blocks_and_one_waits(snap_compare: Snap, size: tuple[int, int]) -> None:
    app = told(stories.reconciling(), partitions=10, group="search")
    assert snap_compare(app, terminal_size=size, press=["tab", "down", "down"])


@pytest.mark.parametrize("size", [LOW, WIDE], ids=str)
def test_assignments_of_a_storm(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(told(stories.storm()), terminal_size=size)


def test_assignments_after_a_crash_in_ascii(snap_compare: Snap) -> None:
    signs.use_ascii(True)
    app = told(stories.crash_waiting(), deck_states={"c1": "crashed"})
    app.add_class("-ascii")
    assert snap_compare(app, terminal_size=FOUR)


def test_assignments_after_a_crash_without_colour(
    snap_compare: Snap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(told(stories.crashed()), terminal_size=FOUR)


DENIED = Group("billing", GroupKind.UNKNOWN, members=None, fault=coded("GROUP_AUTHORIZATION_FAILED"))


def test_assignments_denied(snap_compare: Snap) -> None:
    assert snap_compare(assignments(looks((0.0, DENIED))), terminal_size=FOUR)


def test_assignments_of_no_group(snap_compare: Snap) -> None:
    assert snap_compare(assignments(looks((0.0, TWO)), group=None, groups=()), terminal_size=FOUR)


def test_assignments_of_a_deleted_group(snap_compare: Snap) -> None:
    gone = Reading(ClusterGroups(), taken_at=NOW)
    assert snap_compare(assignments([*looks((3.0, TWO)), gone]), terminal_size=FOUR)


def test_assignments_loading(snap_compare: Snap) -> None:
    assert snap_compare(assignments([]), terminal_size=FOUR)


def test_assignments_empty_group(snap_compare: Snap) -> None:
    assert snap_compare(
        assignments(looks((200.0, TWO), (190.0, classic(state="Empty")), (0.0, classic(state="Empty")))),
        terminal_size=FOUR,
    )


OWNERS = {0: "c1", 1: "c1", 2: "c3", 3: "c2", 4: "c2", 5: "c3"}


def behind() -> list[Reading[GroupLag]]:
    """Two minutes in which two of six partitions fall behind; nothing is committed on one."""
    return [
        Reading(
            lag(
                [
                    14_551 - 34 * (ago // 5 * 5),
                    14_500 - 34 * (ago // 5 * 5),
                    12_020 - 14 * (ago // 5 * 5),
                    10_116 - 13 * (ago // 5 * 5),
                    None,
                    14_290,
                ],
                [14_551 - 34 * ago, 14_500 - 34 * ago, 16_770 - 54 * ago, 14_776 - 52 * ago, 13_121, 14_290],
                NOW - ago,
            ),
            taken_at=NOW - ago,
        )
        for ago in range(80, -1, -1)
    ]


@pytest.mark.parametrize("size", [(56, 12), (62, 12), SMALL, FOUR, WIDE], ids=str)
def test_offsets_full(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(offsets(behind(), owners=OWNERS), terminal_size=size)


@pytest.mark.parametrize("theme", ["kafkatui-light", "textual-dark"])
def test_offsets_in_other_themes(snap_compare: Snap, theme: str) -> None:
    assert snap_compare(offsets(behind(), owners=OWNERS, theme=theme), terminal_size=FOUR)


def test_offsets_in_ascii(snap_compare: Snap) -> None:
    signs.use_ascii(True)
    app = offsets(behind(), owners=OWNERS)
    app.add_class("-ascii")
    assert snap_compare(app, terminal_size=FOUR)


def test_offsets_without_colour(snap_compare: Snap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(offsets(behind(), owners=OWNERS), terminal_size=FOUR)


@pytest.mark.parametrize("size", [FOUR, WIDE], ids=str)
def test_offsets_every_verdict(snap_compare: Snap, size: tuple[int, int]) -> None:
    def look(ago: int) -> Reading[GroupLag]:
        committed = [
            100,
            5_000,
            500,
            40,
            900 if ago > 5 else 300,
            None,
            None,
            14_551_000,
            3,
            2_000 - 30 * ago,
        ]
        ends = [
            100,
            5_000 + 10 * (100 - ago),
            800 - ago,
            12_000,
            1_000,
            300,
            300,
            1_204_118_000,
            1,
            6_000 - 2 * ago,
        ]
        return Reading(
            lag(
                committed,
                [*ends, None],
                NOW - ago,
                starts=[0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0],
                commit_faults={},
                end_faults={10: coded("NOT_LEADER_OR_FOLLOWER")},
            ),
            taken_at=NOW - ago,
        )

    owners = dict.fromkeys((0, 1, 2, 3, 4, 5, 7, 8, 9, 10), "c1")
    app = offsets([look(ago) for ago in range(60, -1, -1)], owners=owners)
    assert snap_compare(app, terminal_size=(size[0], 15), press=["tab", "end", "up", "up"])


def test_offsets_stale(snap_compare: Snap) -> None:
    readings = behind()
    readings.append(
        replace(readings[-1], fault=fault("no answer from broker 2"), taken_at=NOW - 14.0, retry_at=NOW + 2.4)
    )
    assert snap_compare(offsets(readings, owners=OWNERS), terminal_size=FOUR)


def test_offsets_measuring(snap_compare: Snap) -> None:
    assert snap_compare(offsets(behind()[-4:], owners=None), terminal_size=FOUR)


def test_offsets_denied(snap_compare: Snap) -> None:
    denied = GroupLag("billing", "orders", (), NOW, coded("GROUP_AUTHORIZATION_FAILED"))
    assert snap_compare(offsets([Reading(denied, taken_at=NOW)]), terminal_size=FOUR)


def test_offsets_of_no_group(snap_compare: Snap) -> None:
    assert snap_compare(offsets([], group=None, groups=()), terminal_size=FOUR)


def test_offsets_of_a_deleted_group(snap_compare: Snap) -> None:
    assert snap_compare(offsets(behind(), owners=OWNERS, vanished_at=NOW), terminal_size=FOUR)


def test_offsets_loading(snap_compare: Snap) -> None:
    assert snap_compare(offsets([]), terminal_size=FOUR)
