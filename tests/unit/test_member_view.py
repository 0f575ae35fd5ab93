"""The members of a group for its page."""

from kafkatui.domain.cluster.groups import GroupCommits
from kafkatui.domain.cluster.member_view import member_rows, to_blame
from kafkatui.domain.cluster.partitions import TopicLog
from tests.group_builders import classic, consumer, member, parts

LOGS = {"orders": TopicLog((0,) * 6, (1000, 1000, 1000, 1000, None, 1000), 1.0)}


def commits(*offsets: int) -> GroupCommits:
    return GroupCommits(dict(zip(parts("orders", *range(len(offsets))), offsets, strict=True)))


def test_the_lag_of_each_member_and_who_has_most_of_it() -> None:
    group = classic(member("c1", 0, 1), member("c2", 2), member("c3", 5))
    rows = member_rows(group, commits(990, 1000, 200), LOGS)
    assert [(row.name, row.lag) for row in rows] == [("c1", 10), ("c2", 800), ("c3", None)]
    found = to_blame(rows)
    assert found is not None
    assert (found[0], round(found[1], 2)) == ("c2", 0.99)
    assert to_blame(member_rows(group, commits(990, 1000, 990), LOGS)) is None, "little lag"
    assert to_blame(member_rows(classic(member("c1", 2)), commits(0, 0, 0), LOGS)) is None, "one member"


def test_what_is_not_known_is_no_lag() -> None:
    group = classic(member("c1", 0, 4))
    assert member_rows(group, commits(1, 1, 1, 1, 1), LOGS)[0].lag is None
    assert member_rows(group, None, LOGS)[0].lag is None
    assert member_rows(group, GroupCommits(), {})[0].lag is None


def test_who_blocks_and_who_waits_name_each_other() -> None:
    group = consumer(
        member("ix-00", 0, 1, target=[0, 1], epoch=17),
        member("ix-01", 5, 6, 8, 9, target=[5, 6], epoch=16),
        member("ix-07", target=[8, 9], epoch=16),
        state="Reconciling",
    )
    calm, blocks, waits = member_rows(group, None, {})
    assert (calm.gives_up, calm.waits_for) == ((), ())
    assert (blocks.gives_up, blocks.blocks) == (parts("orders", 8, 9), ("ix-07",))
    assert (waits.waits_for, waits.blocked_by) == (parts("orders", 8, 9), ("ix-01",))


def test_a_group_without_members_has_no_rows() -> None:
    assert member_rows(classic(), None, {}) == ()
