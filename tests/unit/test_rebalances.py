"""The timeline of a group, and the lanes of its members."""

import pytest

from kafkatui.domain.cluster.groups import Group
from kafkatui.domain.rebalance.lanes import Lane, Lanes
from kafkatui.domain.rebalance.rebalances import Rebalance
from kafkatui.domain.rebalance.story import GroupStory
from tests.group_builders import classic, consumer, member, rebalancing

TWO = classic(member("c1", 0, 1, 2), member("c2", 3, 4, 5))
THREE = classic(member("c1", 0, 1), member("c2", 3, 4), member("c3", 2, 5))


def story(*looks: tuple[float, Group]) -> GroupStory:
    told = GroupStory()
    for at, group in looks:
        told.observe(group, at)
    return told


def newest(*looks: tuple[float, Group]) -> Rebalance:
    return story(*looks).events[0]


def test_the_first_look_is_an_event_of_its_own() -> None:
    event = newest((0, TWO))
    assert event.first
    assert event.members == 2
    assert event.owned == {"orders": 6}


def test_looks_that_show_no_change_make_no_rebalance() -> None:
    assert len(story((0, TWO), (1, TWO), (2, TWO)).events) == 1


def test_a_join_is_a_visible_cause() -> None:
    event = newest(
        (0, TWO), (1, rebalancing("c1", "c2", "c3")), (1.6, rebalancing("c1", "c2", "c3")), (2.2, THREE)
    )
    assert event.visible
    assert event.joined == ("c3",)
    assert event.number == 1
    assert (event.started_at, event.ended_at) == (1, 2.2)
    assert event.moved == {"orders": 2}
    assert event.owned == {"orders": 6}
    assert [(m.partition.partition, m.source, m.target) for m in event.listed("orders")] == [
        (2, "c1", "c3"),
        (5, "c2", "c3"),
    ]
    assert (event.took, event.longest) == ("0.6–2.2s", None)
    assert (event.at_least, event.at_most) == (0, 2.2), "members read on until they are told"


def test_a_rebalance_that_no_look_showed() -> None:
    assert newest((0, TWO), (0.5, THREE)).took == "<1s"
    assert newest((0, TWO), (2.5, THREE)).took == "<2.5s"


@pytest.mark.parametrize(
    ("begin", "last", "end", "took"),
    [
        (1.0, 1.69, 3.61, "0.6–3.7s"),
        (1.0, 3.6, 3.601, "2.6–3.7s"),
        (1.0, 90.0, 100.0, "89–100s"),
        (9.0, 1000.0, 1199.0, "16–20 min"),
        (9.0, 1209.0, 1209.9, "20–21 min"),
        (1.0, 9000.0, 9001.0, "2–3 h"),
        (1.0, 64.0, 64.1, "63.0–64.1s"),
    ],
)
def test_a_lower_bound_is_rounded_down_and_an_upper_bound_up(
    begin: float, last: float, end: float, took: str
) -> None:
    all_three = rebalancing("c1", "c2", "c3")
    assert newest((0, TWO), (begin, all_three), (last, all_three), (end, THREE)).took == took


def test_a_member_that_is_gone_is_not_a_visible_cause() -> None:
    event = newest((0, TWO), (1, rebalancing("c1")), (2, classic(member("c1", 0, 1, 2, 3, 4, 5))))
    assert event.gone == ("c2",)
    assert not event.visible


def test_a_rebalance_without_any_change() -> None:
    event = newest((0, TWO), (1, rebalancing("c1", "c2")), (2, TWO))
    assert (event.joined, event.gone, event.moves) == ((), (), ())
    assert not event.visible


def test_a_rebalance_that_goes_on() -> None:
    event = newest((0, TWO), (1, rebalancing("c1", "c2")))
    assert event.ended_at is None
    assert (event.took, event.at_most) == (None, None)
    assert event.state == "PreparingRebalance"


def test_first_seen_in_the_middle_of_a_rebalance() -> None:
    told = story((0, rebalancing("c1", "c2")), (1, TWO))
    event = told.events[0]
    assert event.moves is None
    assert (event.took, event.at_most) == (None, None)
    assert told.events[1].first


def test_a_restarted_dynamic_member_is_another_member() -> None:
    event = newest((0, TWO), (1, classic(member("c1", 0, 1, 2), member("c2", 3, 4, 5, tail="bbbb-2222"))))
    assert (event.joined, event.gone) == (("c2",), ("c2-aaaa",))
    assert {(move.source, move.target) for move in event.moves or ()} == {("c2-aaaa", "c2")}
    assert event.moved == {"orders": 3}


def test_another_subscription_is_a_visible_cause() -> None:
    wide = classic(member("c1", 0, 1, 2, subscription=("clicks", "orders")), member("c2", 3, 4, 5))
    assert newest((0, TWO), (1, wide)).resubscribed == ("c1",)


def test_new_partitions_are_a_visible_cause() -> None:
    more = classic(member("c1", 0, 1, 2, 6), member("c2", 3, 4, 5, 7))
    event = newest((0, TWO), (1, more))
    assert event.grown == {"orders": 2}
    assert event.visible


def test_members_join_a_group_that_had_none() -> None:
    event = newest((0, classic(state="Empty")), (1, rebalancing("c1")), (2, classic(member("c1", 0, 1))))
    assert event.joined == ("c1",)
    assert [(m.source, m.target) for m in event.listed("orders")] == [(None, "c1"), (None, "c1")]


def test_the_last_member_goes() -> None:
    event = newest((0, TWO), (1, classic(state="Empty")))
    assert event.gone == ("c1", "c2")
    assert event.ended_at == 1


def test_kip_848_moves_count_into_one_rebalance() -> None:
    def group(state: str, *owned: tuple[int, ...]) -> Group:
        targets = [(0, 1), (2, 3)]
        return consumer(
            *(member(f"ix{n}", *own, target=targets[n]) for n, own in enumerate(owned)), state=state
        )

    told = story(
        (0, consumer(member("ix0", 0, 1, 2, 3, target=(0, 1, 2, 3)))),
        (1, group("Reconciling", (0, 1, 2, 3), ())),
        (2, group("Reconciling", (0, 1), (2,))),
        (3, group("Stable", (0, 1), (2, 3))),
    )
    event = told.events[0]
    assert len(told.events) == 2
    assert event.moved == {"orders": 2}
    assert not event.stops_all
    assert event.took == "1.0–3.0s"
    assert (event.at_least, event.at_most) == (0, 3)


def test_a_look_older_than_the_last_is_ignored() -> None:
    told = story((5, THREE), (4, TWO), (5, TWO))
    assert len(told.events) == 1
    assert told.looked_at == 5


def test_events_are_bounded_and_moves_too() -> None:
    big = [classic(*(member(f"m{n}", *range((n + s) % 4, 4000, 4)) for n in range(4))) for s in range(4)]
    told = story(*((float(at), big[at % 4]) for at in range(150)))
    assert len(told.events) == 100
    assert len(told.events[0].moves or ()) == 500
    assert told.events[0].moved == {"orders": 4000}


def lanes(*looks: tuple[float, Group]) -> Lanes:
    drawn = Lanes()
    for at, group in looks:
        drawn.observe(group, at)
    return drawn


def letters(cells: tuple[Lane, ...]) -> str:
    return "".join(" .=~-[x"[cell] for cell in cells)


def test_lanes() -> None:
    def pause(*names: str) -> Group:
        return rebalancing(*names)

    looks = [
        *((float(at), TWO) for at in range(10)),
        (10.0, pause("c1", "c2", "c3")),
        (11.0, pause("c1", "c2", "c3")),
        *((float(at), THREE) for at in range(12, 15)),
        (15.0, pause("c1", "c3")),
        (16.0, classic(member("c1", 0, 1, 2), member("c3", 3, 4, 5))),
        (19.0, classic(member("c1", 0, 1, 2), member("c3", 3, 4, 5))),
    ]
    drawn = lanes(*looks)
    assert letters(drawn.lane("c1-aaaa-1111", 20, 20)) == "==========~~===~===="
    assert letters(drawn.lane("c3-aaaa-1111", 20, 20)) == "          [~===~===="
    assert letters(drawn.lane("c2-aaaa-1111", 20, 20)) == "==========~~===x    "
    assert letters(drawn.lane("c1-aaaa-1111", 10, 20)) == "=====~=~=="
    assert letters(drawn.lane("nobody", 5, 20)) == "     "
    assert drawn.cell_of(10.0, 20, 20) == 10
    assert drawn.cell_of(-1.0, 20, 20) is None


def test_a_lane_shows_nothing_for_a_time_without_looks() -> None:
    drawn = lanes((0.0, TWO), (1.0, TWO), (31.0, TWO))
    assert letters(drawn.lane("c1-aaaa-1111", 32, 32)) == "==" + " " * 29 + "="


def test_lanes_move_by_whole_cells() -> None:
    drawn = lanes((0.0, TWO), (100.2, THREE))
    before = drawn.cell_of(100.2, 30, 60)
    drawn.observe(THREE, 101.4)
    assert drawn.cell_of(100.2, 30, 60) == before == 29


def test_an_idle_member() -> None:
    idle = classic(member("c1", 0), member("c2"))
    assert letters(lanes((0.0, idle), (1.0, idle)).lane("c2-aaaa-1111", 2, 2)) == ".."
