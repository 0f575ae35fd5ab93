"""The map of members × partitions, made of several looks at a group."""

from dataclasses import replace

import pytest

from kafkatui.domain.cluster.groups import Group
from kafkatui.domain.cluster.members import ranges, short_names
from kafkatui.domain.rebalance.ownership import Cell, OwnershipMap, Presence
from kafkatui.domain.rebalance.story import GroupStory
from tests.faults import fault
from tests.group_builders import classic, consumer, member, rebalancing
from tests.work import lines_run, lines_run_by_piece


def seen(*looks: tuple[float, Group], partitions: int = 6) -> OwnershipMap:
    """The map of orders after these looks."""
    story = GroupStory()
    for at, group in looks:
        story.observe(group, at)
    found = story.map("orders", partitions)
    assert found is not None
    return found


def drawn(found: OwnershipMap) -> dict[str, str]:
    """A row of letters for each member of the map: O owns, C came, L left, H held, . none."""
    return {
        row.name: "".join(
            "." if (cell := row.cell(number)) is Cell.NONE else cell.name[0]
            for number in range(found.partitions)
        )
        for row in found.rows
    }


TWO = classic(member("c1", 0, 1, 2), member("c2", 3, 4, 5))
THREE = classic(member("c1", 0, 1), member("c2", 3, 4), member("c3", 2, 5))


def test_the_first_look_moves_nothing() -> None:
    found = seen((0, TWO))
    assert drawn(found) == {"c1": "OOO...", "c2": "...OOO"}
    assert found.nobody == ()
    assert found.owners == {0: "c1", 1: "c1", 2: "c1", 3: "c2", 4: "c2", 5: "c2"}
    assert found.state_at is None


def test_while_a_classic_group_rebalances_its_last_owners_are_shown() -> None:
    found = seen((0, TWO), (1, rebalancing("c1", "c2", "c3")))
    assert drawn(found) == {"c1": "HHH...", "c2": "...HHH", "c3": "......"}
    assert found.nobody == (0, 1, 2, 3, 4, 5)
    assert not found.unowned
    assert found.owners[2] == "c1"
    assert found.before == ("Stable", 1)
    assert found.state_at == 1


def test_a_move_is_marked_at_both_ends_for_half_a_minute() -> None:
    looks = [(0.0, TWO), (1.0, rebalancing("c1", "c2", "c3")), (2.0, THREE)]
    assert drawn(seen(*looks)) == {"c1": "OOL...", "c2": "...OOL", "c3": "..C..C"}
    assert drawn(seen(*looks, (31.0, THREE)))["c3"] == "..C..C"
    assert drawn(seen(*looks, (32.0, THREE))) == {"c1": "OO....", "c2": "...OO.", "c3": "..O..O"}


def test_the_next_rebalance_ends_the_marks_of_the_last() -> None:
    found = seen((0, TWO), (1, THREE), (2, rebalancing("c1", "c2", "c3")), (3, THREE))
    assert drawn(found) == {"c1": "OO....", "c2": "...OO.", "c3": "..O..O"}


def test_a_rebalance_that_no_look_showed_still_marks_its_moves() -> None:
    assert drawn(seen((0, TWO), (1, THREE))) == {"c1": "OOL...", "c2": "...OOL", "c3": "..C..C"}


def test_a_rebalance_that_no_look_showed_begins_the_state_again() -> None:
    assert seen((0, TWO), (5, TWO)).state_at is None
    assert seen((0, TWO), (5, THREE), (9, THREE)).state_at == 5


def test_a_member_that_is_gone_keeps_its_row_for_a_minute() -> None:
    one = classic(member("c1", 0, 1, 2, 3, 4, 5))
    looks = [(0.0, TWO), (1.0, rebalancing("c1")), (2.0, one)]
    found = seen(*looks)
    assert drawn(found) == {"c1": "OOOCCC", "c2": "...HHH"}
    assert [row.presence for row in found.rows] == [Presence.OWNS, Presence.GONE]
    assert found.members == 1
    assert "c2" not in found.owners.values()
    assert drawn(seen(*looks, (60.5, one)))["c2"] == "...HHH"
    assert "c2" not in drawn(seen(*looks, (61.5, one)))


def test_a_member_that_joins_again_has_its_old_row() -> None:
    found = seen((0, TWO), (1, classic(member("c1", 0, 1, 2))), (2, TWO))
    assert [row.name for row in found.rows] == ["c1", "c2"]
    assert found.rows[1].gone_at is None


def test_a_static_member_that_restarts_is_the_same_member() -> None:
    found = seen(
        (0, classic(member("c1", 0, 1, tail="one", instance="pay-1"))),
        (1, classic(member("c1", 0, 1, tail="two", instance="pay-1"))),
        partitions=2,
    )
    assert found.state_at is None
    assert [(row.name, row.presence) for row in found.rows] == [("pay-1", Presence.OWNS)]


@pytest.mark.parametrize(
    ("partitions", "subscription", "presence"),
    [
        (2, ("orders",), Presence.IDLE),
        (3, ("orders",), Presence.EMPTY),
        (2, ("clicks",), Presence.ELSEWHERE),
        (2, None, Presence.IDLE),
    ],
)
def test_members_that_own_no_partition(
    partitions: int, subscription: tuple[str, ...] | None, presence: Presence
) -> None:
    group = classic(member("c1", 0), member("c2", 1), member("c3", subscription=subscription))
    assert seen((0, group), partitions=partitions).rows[2].presence is presence


def test_a_subscription_is_remembered_while_descriptions_lack_it() -> None:
    group = classic(member("c1", 0, 1), member("c2", subscription=("clicks",)))
    found = seen((0, group), (1, rebalancing("c1", "c2")), partitions=2)
    assert found.rows[1].presence is Presence.ELSEWHERE


def test_a_partition_without_an_owner_in_a_stable_group_is_a_problem() -> None:
    holes = classic(member("c1", 0, 1, 2), member("c2", 3, 4))
    found = seen((0, holes))
    assert found.nobody == (5,)
    assert found.unowned == {5}


def test_a_partition_without_an_owner_is_a_problem_after_ten_seconds_of_rebalancing() -> None:
    looks = [(0.0, TWO), *((float(at), rebalancing("c1", "c2")) for at in range(1, 11))]
    story = GroupStory()
    story.watch_owners("orders", 6)
    for at, group in looks:
        story.observe(group, at)
        found = story.map("orders", 6)
        assert found is not None
        assert not found.unowned
    story.observe(rebalancing("c1", "c2"), 11.5)
    found = story.map("orders", 6)
    assert found is not None
    assert found.unowned == {0, 1, 2, 3, 4, 5}
    assert found.nobody_since == 1


def test_a_call_of_map_changes_nothing() -> None:
    asked, silent = GroupStory(), GroupStory()
    for story in (asked, silent):
        story.watch_owners("orders", 6)
    for at, group in (
        (0.0, TWO),
        (1.0, rebalancing("c1", "c2")),
        (20.0, rebalancing("c1", "c2")),
        (40.0, TWO),
    ):
        for story in (asked, silent):
            story.observe(group, at)
        for topic, partitions in (("clicks", 3), ("orders", 4), ("orders", 6)):
            asked.map(topic, partitions)
        assert asked.map("orders", 6) == silent.map("orders", 6)


def test_a_look_that_shows_nothing_new_gives_the_map_no_other_version() -> None:
    story = GroupStory()
    story.watch_owners("orders", 6)
    versions = []
    for at, group in (
        (0.0, TWO),
        (1.0, replace(TWO, described_at=1.0)),
        (2.0, THREE),
        (3.0, THREE),
        (40.0, THREE),
    ):
        story.observe(group, at)
        versions.append(story.map_version)
    first, same, moved, still, unmarked = versions
    assert first == same < moved == still < unmarked


@pytest.mark.parametrize(
    "group",
    [classic(state="Empty"), classic(member("c1", subscription=("clicks",))), classic(state="Dead")],
)
def test_a_topic_that_no_member_reads_needs_no_owners(group: Group) -> None:
    found = seen((0, group))
    assert found.nobody == (0, 1, 2, 3, 4, 5)
    assert not found.unowned


def test_a_look_that_told_no_members_changes_nothing() -> None:
    for broken in (
        replace(TWO, members=None),
        replace(TWO, members=(), fault=fault("no answer")),
    ):
        found = seen((0, TWO), (1, broken))
        assert drawn(found) == {"c1": "OOO...", "c2": "...OOO"}
        assert found.at == 0


def test_a_group_that_is_dead_and_exists_again() -> None:
    found = seen((0, TWO), (1, classic(state="Dead")), (2, TWO))
    assert drawn(found) == {"c1": "OOO...", "c2": "...OOO"}


def test_new_partitions_are_no_change_of_owner() -> None:
    found = seen((0, classic(member("c1", 0, 1))), (1, classic(member("c1", 0, 1, 2))), partitions=4)
    assert drawn(found) == {"c1": "OOC."}
    assert found.unowned == {3}


def test_a_topic_made_again_with_fewer_partitions() -> None:
    assert drawn(seen((0, TWO), partitions=3)) == {"c1": "OOO", "c2": "..."}


def test_kip_848_members_reconcile_one_by_one() -> None:
    before = consumer(member("ix0", 0, 1, 2, target=(0, 1, 2), epoch=16))
    moving = consumer(
        member("ix0", 0, 1, 2, target=(0, 1), epoch=16),
        member("ix1", target=(2,), epoch=17),
        state="Reconciling",
    )
    after = consumer(member("ix0", 0, 1, target=(0, 1)), member("ix1", 2, target=(2,)))
    found = seen((0, before), (1, moving), partitions=3)
    assert drawn(found) == {"ix0": "OOO", "ix1": "..."}
    assert [(row.gives_up, row.waits_for) for row in found.rows] == [((2,), ()), ((), (2,))]
    assert drawn(seen((0, before), (1, moving), (2, after), partitions=3)) == {"ix0": "OOL", "ix1": "..C"}


def test_names_have_an_end_of_the_member_id_only_to_be_different() -> None:
    rows = seen(
        (0, classic(member("app", 0, tail="3fa2-77"), member("app", 1, tail="3fb1-88"), member("c2", 2)))
    ).rows
    assert [row.name for row in rows] == ["app-3fa2", "app-3fb1", "c2"]


def test_a_member_keeps_its_short_name() -> None:
    two = classic(member("app", 0, tail="3fa2-77"), member("app", 1, tail="3fb1-88"))
    found = seen(
        (0, two),
        (1, classic(member("app", 0, 1, tail="3fa2-77"))),
        (70, classic(member("app", 0, 1, tail="3fa2-77"))),
    )
    assert [row.name for row in found.rows] == ["app-3fa2"]


def test_a_member_that_joins_again_has_its_name_and_one_that_left_a_longer_one() -> None:
    found = seen(
        (0, classic(member("c1", 0), member("c2", 1, tail="3fa2-77"))),
        (1, classic(member("c1", 0, 1))),
        (2, classic(member("c1", 0), member("c2", 1, tail="9b11-88"))),
    )
    assert [(row.name, row.presence) for row in found.rows] == [
        ("c1", Presence.OWNS),
        ("c2-3fa2", Presence.GONE),
        ("c2", Presence.OWNS),
    ]


def test_names_are_unique_even_where_ids_are_odd() -> None:
    odd = [
        ("a", member("x", tail=""), ""),
        ("b", member("x", tail="", instance="x"), ""),
        ("c", member("", tail=""), ""),
    ]
    assert len(set(short_names(odd).values())) == 3


@pytest.mark.parametrize(
    ("numbers", "text"),
    [((), ""), ((3,), "3"), ((0, 1, 2, 3, 4, 146), "0–4 146"), ((0, 2, 4, 5), "0 2 4–5")],
)
def test_ranges(numbers: tuple[int, ...], text: str) -> None:
    assert ranges(numbers) == text


def test_ten_thousand_partitions_are_cheap() -> None:
    groups = [
        classic(*(member(f"m{n:02}", *range((n + shift) % 40, 10_000, 40)) for n in range(40)))
        for shift in (0, 1)
    ]
    story = GroupStory()
    for at in range(4):
        assert max(lines_run_by_piece(story.look(groups[at // 2], float(at)))) < 20_000
        assert lines_run(lambda: story.map("orders", 10_000)) < 60_000
