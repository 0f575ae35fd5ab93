"""The standings of all groups on all topics, and the problems of a cluster."""

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.groups import ClusterGroups, Group, GroupCommits, GroupKind
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import (
    Broker,
    ClusterTopics,
    Partition,
    Topic,
    TopicLog,
    TopicPartition,
)
from kafkatui.domain.cluster.topics_view import topic_rows
from kafkatui.domain.lag.judging import Known
from kafkatui.domain.lag.standings import Outlook, Standing
from kafkatui.domain.lag.verdicts import Verdict
from kafkatui.domain.problems import Problem, Problems
from tests.faults import coded, fault
from tests.group_builders import classic, lag, member
from tests.work import lines_run_by_piece


def topic(
    name: str,
    partitions: int = 2,
    *,
    leader: int | None = 1,
    replicas: tuple[int, ...] = (1, 2),
    isr: tuple[int, ...] = (1, 2),
) -> Topic:
    return Topic(name, tuple(Partition(n, leader, 0, replicas, isr) for n in range(partitions)))


def topics(
    ends: Mapping[str, tuple[int | None, ...]], at: float, *more: Topic, starts: int = 0
) -> ClusterTopics:
    return ClusterTopics(
        brokers=(Broker(1, "a", 9092), Broker(2, "b", 9092)),
        topics=(*(topic(name, len(found)) for name, found in ends.items()), *more),
        logs={name: TopicLog((starts,) * len(found), found, at) for name, found in ends.items()},
    )


def commits(at: float, topic: str = "orders", *committed: int) -> GroupCommits:
    return GroupCommits({TopicPartition(topic, n): offset for n, offset in enumerate(committed)}, taken_at=at)


BILLING = classic(member("c1", 0), member("c2", 1))


def watched(outlook: Outlook, at: float, end: int, committed: int, group: Group = BILLING) -> None:
    """One look: orders has two partitions, and billing has the same lag on both."""
    read = ClusterGroups((group,), {"billing": commits(at, "orders", committed, committed)})
    for _ in outlook.observe(topics({"orders": (end, end)}, at + 0.1), read):
        pass


def standing(outlook: Outlook) -> Standing:
    (found,) = outlook.standings
    return found


def problems(
    told: Problems, outlook: Outlook, found: ClusterTopics | None, groups: ClusterGroups | None, at: float
) -> tuple[Problem, ...]:
    for _ in told.observe(found, groups, outlook, at):
        pass
    return told.newest


def test_usage_of_a_topic() -> None:
    outlook = Outlook()
    read = ClusterGroups(
        (BILLING, classic(group_id="audit")),
        {"billing": commits(1.0, "orders", 90), "audit": commits(1.0, "orders", 100, 100)},
    )
    for _ in outlook.observe(topics({"orders": (100, 100), "clicks": (5,)}, 2.0), read):
        pass
    usage = outlook.usage["orders"]
    assert (usage.groups, usage.lag, usage.unset) == (2, 10, 1)
    assert "clicks" not in outlook.usage
    assert outlook.readers["orders"] == ("billing", "audit")
    assert outlook.readers.get("clicks", ()) == ()


def test_ends_older_than_the_commits_are_not_used() -> None:
    outlook = Outlook()
    read = ClusterGroups((BILLING,), {"billing": commits(5.0, "orders", 90, 90)})
    for _ in outlook.observe(topics({"orders": (80, 80)}, 4.0), read):
        pass
    assert standing(outlook).lag is None
    for _ in outlook.observe(topics({"orders": (95, 95)}, 6.0), read):
        pass
    assert standing(outlook).lag == 10


def test_groups_and_logs_that_did_not_change_are_not_judged_again() -> None:
    outlook = Outlook()
    found = topics({"orders": (100, 100), "clicks": (5,)}, 2.0)
    audit = classic(group_id="audit")
    told = {"billing": commits(1.0, "orders", 90, 90), "audit": commits(1.0, "clicks", 5)}

    def look(found: ClusterTopics, *groups: Group) -> tuple[int, dict[tuple[str, str], int | None]]:
        for _ in outlook.observe(found, ClusterGroups(groups, told)):
            pass
        return outlook.changes, {(one.group, one.topic): one.lag for one in outlook.standings}

    assert look(found, BILLING, audit) == (1, {("billing", "orders"): 20, ("audit", "clicks"): 0})
    described_again = replace(BILLING, described_at=9.0)
    assert look(found, described_again, audit)[0] == 1
    one_log = {**found.logs, "orders": TopicLog((0, 0), (110, 100), 3.0)}
    told["billing"] = commits(2.5, "orders", 90, 90)
    changes, lags = look(replace(found, logs=one_log), described_again, audit)
    assert (changes, lags) == (2, {("billing", "orders"): 30, ("audit", "clicks"): 0})
    assert look(replace(found, logs=one_log), audit) == (3, {("audit", "clicks"): 0})
    assert "orders" not in outlook.usage


@pytest.mark.parametrize(
    ("group", "commit"),
    [
        (replace(BILLING, members=None, fault=coded("NOT_COORDINATOR")), None),
        (BILLING, fault("no answer from broker 2")),
        (replace(BILLING, members=None, fault=fault("refused")), fault("refused")),
    ],
)
def test_a_group_that_one_look_lacks_goes_on_reading_its_topics(group: Group, commit: Fault | None) -> None:
    outlook = Outlook()
    watched(outlook, 1.0, 100, 90)
    assert outlook.usage["orders"].lag == 20
    answer = GroupCommits(fault=commit, taken_at=3.0) if commit else GroupCommits({}, taken_at=3.0)
    for _ in outlook.observe(
        topics({"orders": (100, 100)}, 4.0), ClusterGroups((group,), {"billing": answer})
    ):
        pass
    usage = outlook.usage["orders"]
    assert (usage.groups, usage.lag, usage.complete) == (1, None, True)
    assert outlook.readers["orders"] == ("billing",)
    assert standing(outlook).verdict is Verdict.UNKNOWN
    assert outlook.judgements()["billing"].known is Known.NOT_KNOWN
    watched(outlook, 5.0, 100, 90)
    assert outlook.usage["orders"].lag == 20


def test_where_groups_may_be_missing_no_count_is_complete() -> None:
    outlook = Outlook()
    found = topics({"orders": (100,), "clicks": (5,)}, 2.0)
    told = {"billing": commits(1.0, "orders", 90)}
    for _ in outlook.observe(found, ClusterGroups((BILLING,), told, lists_all=False)):
        pass
    assert {name: (usage.groups, usage.complete) for name, usage in outlook.usage.items()} == {
        "orders": (1, False),
        "clicks": (0, False),
    }
    rows = topic_rows(found, {}, outlook.usage)
    assert {name: (row.groups, row.complete) for name, row in rows.items()} == {
        "orders": (1, False),
        "clicks": (0, False),
    }
    for _ in outlook.observe(found, ClusterGroups((BILLING,), told)):
        pass
    assert {name: usage.complete for name, usage in outlook.usage.items()} == {"orders": True}


def test_ends_that_were_not_asked_for_yet_are_waited_for() -> None:
    outlook = Outlook()
    read = ClusterGroups((BILLING,), {"billing": commits(1.0, "orders", 90, 90)})
    for _ in outlook.observe(replace(topics({"orders": (95, 95)}, 2.0), logs={}), read):
        pass
    assert standing(outlook).verdict is Verdict.MEASURING
    assert outlook.judgements()["billing"].known is Known.PENDING
    for _ in outlook.observe(topics({"orders": (None, 95)}, 2.0), read):
        pass
    assert standing(outlook).verdict is Verdict.UNKNOWN


def test_an_unknown_end_makes_the_sum_unknown() -> None:
    outlook = Outlook()
    read = ClusterGroups((BILLING,), {"billing": commits(1.0, "orders", 90, 90)})
    for _ in outlook.observe(topics({"orders": (95, None)}, 2.0), read):
        pass
    assert outlook.usage["orders"].lag is None


def test_falling_behind_is_a_problem_and_stuck_a_worse_one() -> None:
    outlook, told = Outlook(), Problems()
    for at in range(40):
        watched(outlook, float(at), 100 * at, 80 * at)
    assert standing(outlook).verdict is Verdict.BEHIND
    (problem,) = problems(told, outlook, None, None, 40.0)
    assert (problem.mark, problem.topic, problem.group) == (Mark.WORSE, "orders", "billing")
    assert problem.text == "falling behind, +40/s, 1,560 behind"
    for at in range(40, 90):
        watched(outlook, float(at), 100 * at, 3120)
    (problem,) = problems(told, outlook, None, None, 90.0)
    assert problem.mark is Mark.BROKEN
    assert problem.text.startswith("stuck, ")


def test_a_problem_remembers_since_when() -> None:
    outlook, told = Outlook(), Problems()
    broken = topics({}, 0.0, topic("orders", 2, leader=None))
    assert problems(told, outlook, broken, None, 5.0)[0].since == 5.0
    assert problems(told, outlook, broken, None, 9.0)[0].since == 5.0
    assert problems(told, outlook, topics({}, 0.0), None, 10.0) == ()
    assert problems(told, outlook, broken, None, 11.0)[0].since == 11.0


def test_a_group_that_lost_its_members_while_we_looked() -> None:
    outlook, told = Outlook(), Problems()
    for at in range(5):
        watched(outlook, float(at), 100 * at, 100 * at)
    for at in range(5, 20):
        watched(outlook, float(at), 100 * at, 500, classic(state="Empty"))
    (problem,) = problems(told, outlook, None, None, 20.0)
    assert problem.text == "no members any more, +200/s, 2,800 behind"
    quiet = Outlook()
    for at in range(20):
        watched(quiet, float(at), 100 * at, 500, classic(state="Empty"))
    assert problems(Problems(), quiet, None, None, 20.0) == ()


def test_partitions_without_an_owner() -> None:
    """At the first look this is a problem at once; a partition that lost its owner later has ten seconds."""
    outlook, told = Outlook(), Problems()
    watched(outlook, 0.0, 10, 10, classic(member("c1", 0)))
    assert (standing(outlook).unowned, standing(outlook).verdict) == (1, Verdict.UNREAD)
    (problem,) = problems(told, outlook, None, None, 0.0)
    assert problem.text == "1 partition without an owner"
    watched(outlook, 1.0, 10, 10)
    watched(outlook, 2.0, 10, 10, classic(member("c1", 0)))
    assert (standing(outlook).unowned, standing(outlook).verdict) == (1, Verdict.OK)
    assert problems(told, outlook, None, None, 2.0) == ()
    watched(outlook, 13.0, 10, 10, classic(member("c1", 0)))
    (problem,) = problems(told, outlook, None, None, 13.0)
    assert (problem.text, problem.since) == ("1 partition without an owner", 13.0)


def test_a_topic_that_no_member_reads_has_no_missing_owners() -> None:
    outlook = Outlook()
    watched(outlook, 0.0, 10, 10, classic(member("c1", subscription=("clicks",))))
    assert [found.unowned for found in outlook.standings if found.topic == "orders"] == [0]


def test_commits_below_the_log_start() -> None:
    outlook = Outlook()
    read = ClusterGroups((BILLING,), {"billing": commits(1.0, "orders", 3, 90)})
    for _ in outlook.observe(topics({"orders": (100, 100)}, 2.0, starts=50), read):
        pass
    (problem,) = problems(Problems(), outlook, None, None, 2.0)
    assert problem.text == "commit below the log start on 1 partition: records lost"


def test_a_topic_made_again_has_lost_no_records() -> None:
    outlook = Outlook()

    def look(read: ClusterGroups, found: ClusterTopics, topic_id: str) -> Standing:
        logs = {name: replace(log, topic_id=topic_id) for name, log in found.logs.items()}
        for _ in outlook.observe(replace(found, logs=logs), read):
            pass
        return standing(outlook)

    def told(at: float, committed: int) -> ClusterGroups:
        return ClusterGroups((BILLING,), {"billing": commits(at, "orders", committed, committed)})

    old = topics({"orders": (1900, 1900)}, 1.5, starts=1750)
    for at in range(2):
        look(told(at, 1800), replace(old, logs={"orders": replace(old.logs["orders"], taken_at=at)}), "a")
    assert look(told(2.0, 5), old, "a").lost == 0  # these starts are older than the commits
    found = look(told(3.0, 2000), topics({"orders": (2000, 2000)}, 3.5), "b")
    assert (found.lost, found.lag, found.trend.rate_in) == (0, 0, None)
    found = look(told(4.0, 3), topics({"orders": (9, 9)}, 4.5, starts=5), "b")
    assert found.lost == 2
    assert look(told(5.0, 3), topics({"orders": (9, 9)}, 4.5, starts=5), "b").lost == 2  # newer starts


def test_a_topic_made_again_has_its_problems_since_then() -> None:
    outlook, told = Outlook(), Problems()
    broken = topic("orders", 2, leader=None)
    assert problems(told, outlook, topics({}, 0.0, replace(broken, topic_id="a")), None, 5.0)[0].since == 5.0
    assert problems(told, outlook, topics({}, 0.0, replace(broken, topic_id="b")), None, 9.0)[0].since == 9.0


def test_replicas_and_brokers_worst_first() -> None:
    found = topics(
        {}, 0.0, topic("a", 3, isr=(1,)), topic("b", 1, leader=None, isr=()), topic("c", 1, replicas=(1, 3))
    )
    told = problems(Problems(), Outlook(), found, None, 0.0)
    assert [(one.mark, one.topic, one.text) for one in told] == [
        (Mark.BROKEN, "b", "1 partition offline"),
        (Mark.BROKEN, None, "broker 3 is gone"),
        (Mark.WORSE, "a", "3 partitions under-replicated (broker 2)"),
    ]


def test_a_broker_that_is_gone_is_a_problem() -> None:
    told = Problems()
    problems(told, Outlook(), topics({}, 0.0), None, 0.0)
    (problem,) = problems(told, Outlook(), ClusterTopics(brokers=(Broker(1, "a", 1),)), None, 1.0)
    assert problem.text == "broker 2 is gone"


def test_the_same_problem_in_many_places_is_one_line() -> None:
    found = topics({}, 0.0, *(topic(f"t{n}", n + 1, isr=(1,)) for n in range(50)))
    (problem,) = problems(Problems(), Outlook(), found, None, 0.0)
    assert problem.topic == "t49"
    assert problem.text == "50 partitions under-replicated (broker 2), and 49 other topics"


def test_of_very_many_groups_with_a_harmful_problem_the_worst_are_listed_and_the_others_counted() -> None:
    watched(outlook := Outlook(), 0.0, 100, 100)
    lost = [
        replace(standing(outlook), group=f"g{number}", verdict=Verdict.LOST, lost=1, known_lag=number)
        for number in range(150)
    ]
    many = cast("Outlook", SimpleNamespace(changes=1, standings=lost))
    found = problems(Problems(), many, None, None, 1.0)
    assert len(found) == 100
    assert found[-1].text.endswith("and 50 other groups")
    assert not any("other groups" in one.text for one in found[:-1])


def test_a_denied_topic_or_group_is_a_problem() -> None:
    denied = Group("secret", GroupKind.UNKNOWN, fault=coded("GROUP_AUTHORIZATION_FAILED"))
    (problem,) = problems(Problems(), Outlook(), None, ClusterGroups((denied,)), 0.0)
    assert (problem.mark, problem.group, problem.text) == (
        Mark.DENIED,
        "secret",
        "GROUP_AUTHORIZATION_FAILED",
    )


@pytest.mark.parametrize(
    ("why", "mark", "text"),
    [
        (coded("COORDINATOR_LOAD_IN_PROGRESS"), Mark.MOVING, "its coordinator is still loading"),
        (coded("COORDINATOR_NOT_AVAILABLE"), Mark.MOVING, "its coordinator is not there yet"),
        (coded("NOT_COORDINATOR"), Mark.MOVING, "its coordinator is moving"),
        (fault("broker 2: no answer", FaultKind.TIMED_OUT), Mark.UNKNOWN, "broker 2: no answer"),
    ],
)
def test_a_group_that_could_not_be_described_is_not_always_denied(why: Fault, mark: Mark, text: str) -> None:
    (problem,) = problems(Problems(), Outlook(), None, ClusterGroups((Group("billing", fault=why),)), 0.0)
    assert (problem.mark, problem.group, problem.text) == (mark, "billing", text)


def test_many_groups_whose_coordinator_starts_are_one_line_beside_a_denied_one() -> None:
    loading = [Group(f"g{number}", fault=coded("COORDINATOR_LOAD_IN_PROGRESS")) for number in range(50)]
    secret = Group("secret", fault=coded("GROUP_AUTHORIZATION_FAILED"))
    told = problems(Problems(), Outlook(), None, ClusterGroups((*loading, secret)), 0.0)
    assert [(problem.group, problem.text) for problem in told] == [
        ("g0", "its coordinator is still loading, and 49 other groups"),
        ("secret", "GROUP_AUTHORIZATION_FAILED"),
    ]


def test_rewinds_and_groups_that_come_and_go_begin_again() -> None:
    outlook = Outlook()
    for at in range(40):
        watched(outlook, float(at), 100 * at, 100 * at)
    watched(outlook, 40.0, 4000, 100)
    assert standing(outlook).verdict is Verdict.REWOUND
    assert standing(outlook).trend.rate_in is None
    for _ in outlook.observe(topics({"orders": (1, 1)}, 41.0), ClusterGroups()):
        pass
    assert list(outlook.standings) == []
    assert outlook.usage == {}


def test_no_piece_of_work_is_long() -> None:
    """20 groups with commits on 10,000 partitions each."""
    ends = {f"t{n}": (1000,) * 100 for n in range(100)}
    offsets = {TopicPartition(f"t{n}", p): 990 for n in range(100) for p in range(100)}
    groups = [classic(group_id=f"g{n}") for n in range(20)]
    read = ClusterGroups(
        tuple(groups), {group.group_id: GroupCommits(offsets, taken_at=1.0) for group in groups}
    )
    outlook = Outlook()
    pieces = lines_run_by_piece(outlook.observe(topics(ends, 2.0), read))
    assert len(pieces) > 100
    assert max(pieces) < 50_000


def test_commits_newer_than_the_ends_are_not_known_yet_and_no_alarm() -> None:
    """Lag is counted only from ends asked for after the commits; until then its verdict is `MEASURING`."""
    outlook = Outlook()
    read = ClusterGroups((BILLING,), {"billing": commits(2.0, "orders", 90, 90)})
    for _ in outlook.observe(topics({"orders": (100, 100)}, 1.0), read):
        pass
    assert (standing(outlook).lag, standing(outlook).verdict) == (None, Verdict.MEASURING)
    assert outlook.usage["orders"].mark < Mark.UNKNOWN
    for _ in outlook.observe(topics({"orders": (100, 100)}, 3.0), read):
        pass
    assert standing(outlook).lag == 20


@pytest.mark.parametrize("stops_at", [5, 30, 80])
def test_commits_that_stay_the_same_object_are_judged_like_equal_new_ones(stops_at: int) -> None:
    """That equal answers stay the same objects changes no verdict."""
    anew, kept = Outlook(), Outlook()
    before: GroupCommits | None = None
    verdicts = set()
    for number in range(90):
        at = 2.0 * number
        found = topics({"orders": (40 * number, 1000)}, at + 0.5)
        told = commits(at, "orders", 40 * min(number, stops_at), 1000)
        first = before if before == told else told
        assert first is not None
        before = first
        for outlook, answer in ((anew, told), (kept, first)):
            groups = ClusterGroups((BILLING,), {"billing": answer}, commits_taken_at=at)
            for _ in outlook.observe(found, groups):
                pass
        assert list(anew.standings) == list(kept.standings)
        verdicts |= {standing.verdict for standing in kept.standings}
    assert len(verdicts) > 1 or stops_at == 80


@pytest.mark.parametrize(("asked_at", "verdict"), [(9.5, Verdict.OK), (10.5, Verdict.REWOUND)])
def test_lower_commits_are_rewound_only_if_they_were_asked_for_after_the_higher_ones(
    asked_at: float, verdict: Verdict
) -> None:
    """Two tasks ask: the answer about all groups may be older than the newest about the shown group."""
    outlook = Outlook()
    watched(outlook, 0.0, 100, 100)
    shown = replace(lag([120, 120], [120, 120], 10.2), commits_asked_at=9.9, commits_taken_at=10.0)
    for _ in outlook.observe_lag(shown):
        pass
    older = ClusterGroups(
        (BILLING,), {"billing": commits(asked_at + 0.1, "orders", 110, 110)}, commits_taken_at=asked_at
    )
    for _ in outlook.observe(topics({"orders": (120, 120)}, 11.0), older):
        pass
    (found,) = outlook.standings
    assert found.verdict is verdict
