"""Verdicts of a group after several readings of its lag."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

import pytest

from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.lag.ages import Bound, Seen
from kafkatui.domain.lag.group_topic import GroupTopic
from kafkatui.domain.lag.history import LagHistory
from kafkatui.domain.lag.lag import GroupLag
from kafkatui.domain.lag.looks import columns_of
from kafkatui.domain.lag.membership import Membership
from kafkatui.domain.lag.standing import Standing
from kafkatui.domain.lag.unread import Answer, Doubt, Rest
from kafkatui.domain.lag.verdicts import Kept, PartitionVerdict, Verdict
from tests.faults import coded
from tests.group_builders import lag
from tests.work import lines_run, lines_run_by_piece

ALL = Membership(2, True, frozenset(range(2)))
EMPTY = Membership(0, False, frozenset())


def owned(*numbers: int) -> Membership:
    """These partitions have an owner."""
    return Membership(1, True, frozenset(numbers))


class Told:
    """The verdicts after readings, and the sparklines drawn beside them."""

    def __init__(self) -> None:
        self.judged = GroupTopic("billing", "orders", None, unowned_before=True, asks_unread=False)
        self.drawn = LagHistory()

    def observe(self, lag: GroupLag) -> None:
        self.drawn.observe(lag)
        for _ in self.judged.look(lag.ends_taken_at, *columns_of(lag)):
            pass

    def judge(self, members: Membership) -> None:
        self.judged.attend(members, self.judged.at)
        for _ in self.judged.judge():
            pass


def history(readings: Iterable[GroupLag]) -> Told:
    told = Told()
    for reading in readings:
        told.observe(reading)
    return told


def rows(told: Told, members: Membership = ALL) -> list[PartitionVerdict]:
    told.judge(members)
    assert told.drawn.newest is not None
    return [told.judged.row(one) for one in told.drawn.newest.partitions]


def group(told: Told, members: Membership = ALL) -> Standing:
    told.judge(members)
    assert told.judged.standing is not None
    return told.judged.standing


def test_nothing_is_drawn_of_a_topic_that_was_made_again() -> None:
    drawn = LagHistory()
    for at in range(20):
        drawn.observe(replace(lag([100 * at], [200 * at], float(at)), topic_id="a"))
    drawn.observe(replace(lag([5000], [6000], 20.0), topic_id="b"))
    assert [cell for cell in drawn.spark(0, 20, 120.0) if cell is not None] == [1000]


def test_one_look_of_each_kind() -> None:
    told = history(
        [
            lag(
                [10, 5, 2, 12, None, None, None, 7],
                [10, 9, 9, 10, 9, 9, None, 9],
                0,
                starts=[0, 0, 5, 0, 0, 0, 0, 0],
                end_faults={6: coded("NOT_LEADER_OR_FOLLOWER")},
                commit_faults={7: coded("UNSTABLE_OFFSET_COMMIT")},
            )
        ]
    )
    found = rows(told, owned(0, 1, 2, 3, 4, 6, 7))
    assert [row.verdict for row in found] == [
        Verdict.OK,
        Verdict.MEASURING,
        Verdict.LOST,
        Verdict.BEYOND,
        Verdict.UNSET,
        Verdict.UNREAD,
        Verdict.UNKNOWN,
        Verdict.UNKNOWN,
    ]
    assert [row.kept for row in found[4:7]] == [Kept.UNSET, Kept.NOT_CONSUMED, Kept.UNKNOWN]
    assert [row.shown_lag for row in found] == [0, 4, 7, 0, None, None, None, 2]
    assert found[3].lag.lag == -2
    whole = group(told, owned(0, 1, 2, 3, 4, 6, 7))
    assert whole.verdict is Verdict.LOST
    assert whole.phrase == "records lost, 1 of 8"
    assert (whole.known_lag, whole.unset, whole.unread, whole.unknown) == (11, 1, 1, 2)
    assert whole.worst == 2


def behind(seconds: int) -> list[GroupLag]:
    """Partition 0 keeps up, partition 1 falls behind by 20/s; both commit every 5 s."""
    return [
        lag([100 * (at // 5 * 5), 80 * (at // 5 * 5)], [100 * at, 100 * at], float(at))
        for at in range(seconds)
    ]


def test_falling_behind() -> None:
    told = history(behind(60))
    assert [row.verdict for row in rows(told)] == [Verdict.OK, Verdict.BEHIND]
    whole = group(told)
    assert whole.verdict is Verdict.BEHIND
    assert whole.worst == 1
    assert whole.phrase == "falling behind, 1 of 2"
    assert whole.trend.rate_in == pytest.approx(200, rel=0.05)


def test_how_old_the_oldest_record_is_by_the_looks() -> None:
    """1,000 offsets a second are written, 500 read: after 60 s the reader is where the log was 30 s ago."""
    told = history(lag([500 * at], [1_000 * at], 100.0 + at) for at in range(61))
    oldest = group(told).oldest
    assert oldest is not None
    assert oldest.bound is Bound.ABOUT
    assert oldest.age(160.0).seconds == pytest.approx(30, abs=3)
    assert rows(told)[0].oldest == oldest
    assert group(history(lag([100], [100], float(at)) for at in range(20))).oldest is None


@pytest.mark.parametrize("ends", [[100] * 30, [100] * 20 + [110] * 10])
def test_a_record_that_was_there_at_the_first_look_is_at_least_so_old(ends: list[int]) -> None:
    told = history(lag([50], [end], 100.0 + at) for at, end in enumerate(ends))
    assert group(told, EMPTY).oldest == Seen(100.0, Bound.AT_LEAST)


def test_the_age_where_all_members_left_while_kafkatui_looked() -> None:
    told = Told()
    for at in range(60):
        committed = min(10 * at, 200)
        told.observe(lag([committed], [10 * at], 100.0 + at))
        told.judge(ALL if at < 21 else EMPTY)
    oldest = group(told, EMPTY).oldest
    assert oldest is not None
    assert oldest.bound is Bound.ABOUT
    assert oldest.at == pytest.approx(120, abs=2)


def test_a_record_that_came_later_where_nobody_reads_has_no_age() -> None:
    told = Told()
    told.judge(EMPTY)
    for at in range(30):
        told.observe(lag([50], [50 if at < 20 else 60], 100.0 + at))
        told.judge(EMPTY)
    assert group(told, EMPTY).oldest is None


def test_no_verdict_comes_too_early() -> None:
    for seconds in range(1, 13):
        assert {row.verdict for row in rows(history(behind(seconds)))} <= {Verdict.OK, Verdict.MEASURING}


def test_catching_up_shows_the_time_left() -> None:
    told = history(lag([200 * at], [10_000 + 100 * at], float(at)) for at in range(40))
    (row,) = rows(told)
    assert row.verdict is Verdict.CATCHING
    assert row.empty_in == pytest.approx(61, rel=0.1)


def test_stuck() -> None:
    told = history(lag([500, 100 * at], [500 + 100 * at, 100 * at], float(at)) for at in range(60))
    assert [row.verdict for row in rows(told)] == [Verdict.STUCK, Verdict.OK]
    assert group(told).phrase == "stuck, 1 of 2"
    assert group(told).verdict.mark is Mark.BROKEN


def test_rewound_and_then_no_longer() -> None:
    looks = [lag([100], [100], float(at)) for at in range(20)]
    looks += [lag([40], [100], 20.0)]
    assert rows(history(looks))[0].verdict is Verdict.REWOUND
    looks += [lag([100], [100 + at - 20], float(at)) for at in range(21, 90)]
    assert rows(history(looks))[0].verdict is not Verdict.REWOUND


def test_a_topic_made_again_is_not_rewound() -> None:
    told = history(
        [*(lag([100], [100], float(at)) for at in range(20)), lag([100], [3], 20.0), lag([2], [3], 21.0)]
    )
    assert rows(told)[0].verdict is Verdict.MEASURING
    assert rows(history([lag([100], [100], 0.0), lag([100], [3], 1.0)]))[0].verdict is Verdict.BEYOND


def test_an_empty_group() -> None:
    quiet = history(lag([60], [100], float(at)) for at in range(40))
    assert rows(quiet, EMPTY)[0].verdict is Verdict.STOPPED
    assert group(quiet, EMPTY).verdict is Verdict.STOPPED
    busy = history(lag([60], [100 + at], float(at)) for at in range(40))
    assert rows(busy, EMPTY)[0].verdict is Verdict.UNREAD
    assert group(busy, EMPTY).phrase == "nobody reads: the group has no members"


def test_nothing_committed_at_all() -> None:
    told = history([lag([None, None], [5, 5], 0)])
    assert group(told).verdict is Verdict.UNSET
    assert (group(told).known_lag, group(told).unset) == (None, 2)


def test_no_partition_is_called_unowned_while_the_group_rebalances() -> None:
    told = history([lag([3, None], [5, 5], 0)])
    found = rows(told, Membership(1, True, frozenset(), settled=False))
    assert [row.verdict for row in found] == [Verdict.MEASURING, Verdict.MEASURING]


def test_one_denied_commit_changes_only_its_own_row() -> None:
    denied = coded("TOPIC_AUTHORIZATION_FAILED")
    told = history(
        lag([10 * at, None], [10 * at, 10 * at], float(at), commit_faults={1: denied}) for at in range(30)
    )
    assert [row.verdict for row in rows(told)] == [Verdict.OK, Verdict.UNKNOWN]
    assert group(told).verdict is Verdict.UNKNOWN
    assert (group(told).lag, group(told).known_lag) == (None, 0)


def test_more_partitions() -> None:
    told = history(lag([10 * at] * (1 + at // 20), [10 * at] * (1 + at // 20), float(at)) for at in range(40))
    assert [row.verdict for row in rows(told)] == [Verdict.OK, Verdict.OK]


def test_sparks_share_a_scale_that_shrinks_late() -> None:
    told = history([lag([0, 0], [10, 400], 0.0), lag([0, 0], [10, 0], 60.0), lag([0, 0], [20, 5], 119.0)])
    assert told.drawn.scale == 400
    told.observe(lag([0, 0], [20, 5], 121.0))
    assert told.drawn.scale == 20
    assert told.drawn.spark(1, 12, 120.0) == (*(None,) * 5, 0, *(None,) * 5, 5)
    assert told.drawn.spark(7, 4, 120.0) == (None,) * 4


def test_the_sparkline_shows_no_sawtooth() -> None:
    told = history(lag([100 * (at // 5 * 5)], [100 * at], float(at)) for at in range(125))
    assert set(told.drawn.spark(0, 10, 120.0)) == {400}


def test_an_old_reading_changes_nothing() -> None:
    told = history([lag([1], [5], 10.0), lag([5], [5], 9.0)])
    assert rows(told)[0].shown_lag == 4


def test_every_verdict_has_a_word_a_mark_and_help() -> None:
    assert len({verdict.word for verdict in Verdict}) == len(Verdict)
    for verdict in Verdict:
        assert len(verdict.word) <= 8
        assert verdict.hint.endswith(".")
        assert len(verdict.hint) <= 80


def test_ten_thousand_partitions_are_cheap() -> None:
    drawn, judged = LagHistory(), Told().judged
    for at in range(4):
        reading = lag([100 * at] * 10_000, [101 * at] * 10_000, float(at))
        assert lines_run(partial(drawn.observe, reading)) < 90_000
        assert max(lines_run_by_piece(judged.look(reading.ends_taken_at, *columns_of(reading)))) < 160_000
        judged.attend(ALL, judged.at)
        assert max(lines_run_by_piece(judged.judge())) < 80_000


@pytest.mark.parametrize(
    ("rest", "verdict", "phrase"),
    [
        (None, Verdict.MEASURING, "measuring"),
        (Rest.READABLE, Verdict.STUCK, "stuck, 1 of 2"),
        (Rest.NOTHING, Verdict.OK, "keeping up"),
        (Rest.OPEN, Verdict.WAITING, "probably waits for an open transaction, 1 of 2"),
        (Rest.DENIED, Verdict.UNKNOWN, "not known, without READ on the topic, 1 of 2"),
        (Rest.UNKNOWN, Verdict.UNKNOWN, "not known, 1 of 2"),
    ],
)
def test_the_records_between_commit_and_end_decide(rest: Rest | None, verdict: Verdict, phrase: str) -> None:
    told = Told()
    told.judged = GroupTopic("billing", "orders", None, unowned_before=True, asks_unread=True)
    for at in range(60):
        told.observe(lag([500, 100 * at], [510, 100 * at], float(at)))
        told.judge(ALL)
    (doubt,) = told.judged.doubts
    assert doubt == Doubt("orders", 0, 500, 510)
    if rest is not None:
        assert told.judged.answer(Answer(doubt, rest))
    assert rows(told)[0].verdict is verdict
    assert group(told).phrase == phrase
    assert bool(told.judged.doubts) == (rest is None)


def test_seldom_commits_are_shown_and_are_no_problem() -> None:
    seen = set()
    told = Told()
    for at in range(400):
        told.observe(lag([100 * (at // 40 * 40)], [100 * at], float(at)))
        seen |= {row.verdict for row in rows(told, owned(0))}
    assert seen <= {Verdict.OK, Verdict.MEASURING, Verdict.CATCHING}
    assert group(told, owned(0)).commits_every == "commits every 40 s"
    assert rows(told, owned(0))[0].hint.endswith("It commits every 40 s.")
