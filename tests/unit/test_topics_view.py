"""The rows of the topics pane, and their order."""

from dataclasses import replace

import pytest

from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import ClusterTopics, Partition, Topic, TopicLog
from kafkatui.domain.cluster.topics_view import (
    Made,
    TopicRow,
    TopicUsage,
    topic_rows,
)
from kafkatui.domain.lag.rates import TopicRates
from kafkatui.domain.sorted_rows import SortedRows
from tests.faults import coded
from tests.work import lines_run

HEALTHY = Partition(0, 1, 0, (1, 2, 3), (1, 2, 3))
UNDER = Partition(0, 1, 0, (1, 2, 3), (1, 2))
OFFLINE = Partition(0, None, None, (1, 2, 3), ())


def one(
    *partitions: Partition,
    log: TopicLog | None = None,
    error: Fault | None = None,
    usage: TopicUsage | None = None,
    rate: float | None = None,
    counted: int | None = None,
) -> TopicRow:
    """The line of one topic."""
    topics = ClusterTopics(
        topics=(Topic("orders", partitions, error=error),),
        logs={} if log is None else {"orders": log},
        counted={} if counted is None else {"orders": counted},
    )
    return topic_rows(topics, {"orders": rate}, {} if usage is None else {"orders": usage})["orders"]


LOG = TopicLog((10, 0), (30, 5), 1.0)


@pytest.mark.parametrize(
    ("row", "mark"),
    [
        (one(HEALTHY, log=LOG), Mark.OK),
        (one(HEALTHY), Mark.OK),
        (one(HEALTHY, UNDER, log=LOG), Mark.WORSE),
        (one(UNDER, OFFLINE, log=LOG), Mark.BROKEN),
        (one(HEALTHY, log=TopicLog((5,), (5,), 1.0)), Mark.NOTHING),
        (one(HEALTHY, log=TopicLog((5,), (5,), 1.0), rate=2.0), Mark.OK),
        (one(error=coded("TOPIC_AUTHORIZATION_FAILED")), Mark.DENIED),
        (one(error=coded("UNKNOWN_TOPIC_OR_PARTITION")), Mark.UNKNOWN),
        (
            one(HEALTHY, log=TopicLog((1,), (None,), 1.0, ((0, coded("NOT_LEADER_OR_FOLLOWER")),))),
            Mark.UNKNOWN,
        ),
        (one(HEALTHY, log=LOG, usage=TopicUsage(1, 9, 0, Mark.BROKEN)), Mark.BROKEN),
        (one(UNDER, log=LOG, usage=TopicUsage(1, 9, 0, Mark.OK)), Mark.WORSE),
    ],
)
def test_mark(row: TopicRow, mark: Mark) -> None:
    assert row.mark == mark


def test_figures() -> None:
    row = one(HEALTHY, UNDER, log=LOG, counted=25, rate=2.5, usage=TopicUsage(3, 9_412, 1))
    assert (row.partitions, row.replication_factor, row.under_replicated, row.offline) == (2, 3, 1, 0)
    assert (row.records, row.upper_bound, row.rate) == (25, False, 2.5)
    assert (row.groups, row.lag, row.unset) == (3, 9_412, 1)


@pytest.mark.parametrize(
    ("row", "records", "at_most"),
    [
        (one(HEALTHY, log=LOG), 25, True),
        (one(HEALTHY, log=LOG, counted=25), 25, False),
        (one(HEALTHY, log=LOG, counted=24), 24, False),
        (one(HEALTHY, log=LOG, counted=0), 0, False),  # nothing but markers
        (one(HEALTHY, log=TopicLog((5,), (5,), 1.0)), 0, False),
        (one(HEALTHY, log=TopicLog((5,), (None,), 1.0), counted=9), None, False),
        (one(HEALTHY, log=TopicLog((5, None), (5, 9), 1.0)), None, False),
        (one(HEALTHY, log=TopicLog((5, 2), (5, None), 1.0)), None, False),
        (one(HEALTHY, log=TopicLog((1750, 0), (0, 9), 1.0)), None, False),  # starts of a topic made anew
        (one(HEALTHY), None, False),
    ],
)
def test_records(row: TopicRow, records: int | None, at_most: bool) -> None:
    assert (row.records, row.upper_bound) == (records, at_most)


def test_what_was_not_counted_yet_is_an_upper_bound() -> None:
    asked = ClusterTopics((), (Topic("orders", (HEALTHY,)),), {"orders": LOG}, {"orders": False})
    made: dict[str, Made] = {}
    assert topic_rows(asked, {}, {}, made)["orders"].upper_bound
    asked = replace(asked, counted={"orders": 21})
    row = topic_rows(asked, {}, {}, made)["orders"]
    assert (row.records, row.upper_bound) == (21, False)
    assert topic_rows(replace(asked, counted={}), {}, {}, made)["orders"].upper_bound


def test_a_topic_nobody_reads_is_not_one_whose_readers_are_unknown() -> None:
    topics = ClusterTopics(topics=(Topic("orders", (HEALTHY,)),))
    assert topic_rows(topics, {}, {})["orders"].groups == 0
    assert topic_rows(topics, {}, None)["orders"].groups is None


def test_a_thousand_topics_take_less_than_a_frame() -> None:
    partitions = tuple(HEALTHY._replace(number=number) for number in range(10))
    names = [f"topic-{number:04}" for number in range(1000)]
    topics = ClusterTopics(
        topics=tuple(Topic(name, partitions) for name in names),
        logs={name: TopicLog((0,) * 10, (1000,) * 10, 1.0) for name in names},
        compacted=dict.fromkeys(names, False),
        counted=dict.fromkeys(names, 10_000),
    )
    later = replace(topics, logs={name: TopicLog((0,) * 10, (1100,) * 10, 2.0) for name in names})
    usage = {name: TopicUsage(2, 100, 0) for name in names}
    rates = TopicRates()
    view = SortedRows[TopicRow]({"name": lambda row: row.name}, "name")
    rates.note(topics)

    def look() -> None:
        rates.note(later)
        view.show(topic_rows(later, rates.rates, usage), 2.0)

    assert lines_run(look) < 300_000
