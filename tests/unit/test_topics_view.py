"""Lines of the topics pane, and their order."""

from dataclasses import replace
from time import thread_time

import pytest

from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import ClusterTopics, Partition, Topic, TopicLog
from kafkatui.domain.cluster.topics_view import (
    GONE_FOR,
    Made,
    TopicRow,
    TopicsView,
    TopicUsage,
    matches,
    sort_rows,
    topic_rows,
)
from kafkatui.domain.lag.rates import TopicRates
from tests.faults import coded

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


def rows(*pairs: tuple[str, int | None]) -> dict[str, TopicRow]:
    return {name: one(HEALTHY, log=LOG)._replace(name=name, records=records) for name, records in pairs}


@pytest.mark.parametrize(("descending", "names"), [(False, "dbac"), (True, "badc")])
def test_sorting_keeps_names_in_order_and_unknown_last(descending: bool, names: str) -> None:
    found = sort_rows(rows(("a", 5), ("b", 5), ("c", None), ("d", 1)).values(), "records", descending)
    expected = {"dbac": "dabc", "badc": "abdc"}[names]
    assert "".join(row.name for row in found) == expected


def test_the_order_stays_when_figures_change() -> None:
    view = TopicsView()
    view.show(rows(("a", 1), ("b", 2), ("c", 3)), 0.0)
    view.sort("records", True)
    assert [*view.keys] == ["c", "b", "a"]
    view.show(rows(("a", 9), ("b", 2), ("c", 3)), 1.0)
    assert [*view.keys] == ["c", "b", "a"]
    view.sort()
    assert [*view.keys] == ["a", "c", "b"]


def test_new_topics_come_in_at_their_place() -> None:
    view = TopicsView()
    view.show(rows(("a", 1), ("m", 2), ("z", 3)), 0.0)
    view.show(rows(("a", 1), ("c", 1), ("m", 2), ("n", 1), ("z", 3), ("zz", 1)), 0.0)
    assert [*view.keys] == ["a", "c", "m", "n", "z", "zz"]


def test_topics_that_are_gone_stay_for_a_while() -> None:
    view = TopicsView()
    view.show(rows(("a", 1), ("b", 2)), 0.0)
    view.show(rows(("b", 2)), 1.0)
    assert [*view.keys] == ["a", "b"]
    assert set(view.gone) == {"a"}
    assert (view.rows["a"].records, view.rows["a"].rate) == (1, None)
    assert view.total == 1
    view.show(rows(("b", 2)), 1.0 + GONE_FOR - 0.1)
    assert [*view.keys] == ["a", "b"]
    view.forget(1.0 + GONE_FOR)
    assert [*view.keys] == ["b"]
    assert not view.gone


def test_a_topic_that_comes_back_is_not_gone() -> None:
    view = TopicsView()
    view.show(rows(("a", 1), ("b", 2)), 0.0)
    view.show(rows(("b", 2)), 1.0)
    view.show(rows(("a", 7), ("b", 2)), 2.0)
    assert not view.gone
    assert view.rows["a"].records == 7


def test_internal_topics_are_counted() -> None:
    shown = rows(("__consumer_offsets", 1), ("a", 1))
    shown["__consumer_offsets"] = shown["__consumer_offsets"]._replace(internal=True)
    view = TopicsView()
    view.show(shown, 0.0)
    assert ([*view.keys], view.hidden, view.total) == (["a"], 1, 1)
    view.show_internal(True)
    assert ([*view.keys], view.hidden, view.total) == (["__consumer_offsets", "a"], 0, 2)


@pytest.mark.parametrize(
    ("pattern", "name", "found"),
    [("ord", "Orders", True), ("Ord", "orders", False), ("Ord", "Orders", True), ("x", "orders", False)],
)
def test_filter_minds_capitals_only_if_it_has_some(pattern: str, name: str, found: bool) -> None:
    assert matches(pattern, name) is found


def test_filter() -> None:
    view = TopicsView()
    view.show(rows(("apple", 1), ("pear", 2)), 0.0)
    view.filter("PEAR")
    assert [*view.keys] == []
    view.filter("ea")
    assert [*view.keys] == ["pear"]
    view.filter("")
    assert [*view.keys] == ["apple", "pear"]


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
    rates, view = TopicRates(), TopicsView()
    rates.note(topics)
    took = []
    for _ in range(5):
        began = thread_time()
        rates.note(later)
        view.show(topic_rows(later, rates.rates, usage), 2.0)
        took.append(thread_time() - began)
    assert min(took) < 0.016
