"""The samples of ``kafkatui metrics``, made from the view of a cluster."""

from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import TYPE_CHECKING, Any

from kafkatui.cli.report import SEVERITIES
from kafkatui.domain.cluster.members import by_topic
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.lag.lag import PartitionLag
from kafkatui.watch.view import ClusterView

if TYPE_CHECKING:
    from prometheus_client.core import Metric

PREFIX = "kafkatui_kafka_"
STALE = 120.0
"""Figures from an answer that is older than so many seconds have no sample."""


class Figures:
    """Makes the samples of each request from the newest view. It runs in a thread of the server, and reads
    only frozen parts of the view.
    """

    def __init__(
        self,
        view: Callable[[], ClusterView],
        *,
        partitions: bool = False,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """`view` gives the newest view; `partitions`: samples for single partitions too; `now`: the clock."""
        self._view, self._partitions, self._now = view, partitions, now

    def collect(self) -> "Iterator[Metric]":
        """All samples. (The name is that of prometheus-client.)"""
        view, now = self._view(), self._now()
        yield from _cluster(view, now)
        if _is_fresh(view.topics_reading, now):
            yield from _topics(view)
            yield from _partitions(view) if self._partitions else ()
            if _is_fresh(view.groups_reading, now):
                yield from _groups(view, now)
                yield from _partition_lags(view) if self._partitions else ()


def _is_fresh(reading: Reading[Any], now: float) -> bool:
    return reading.taken_at is not None and now - reading.taken_at <= STALE


def _gauge(name: str, help_text: str, labels: Iterable[str], samples: Iterable[tuple[Any, ...]]) -> "Metric":
    """A gauge. `samples`: the values of the labels, then the value; ``None``: no such sample."""
    from prometheus_client.core import GaugeMetricFamily

    gauge = GaugeMetricFamily(PREFIX + name, help_text, labels=[*labels])
    for *values, value in samples:
        if value is not None:
            gauge.add_metric([str(one) for one in values], float(value))
    return gauge


def _cluster(view: ClusterView, now: float) -> "Iterator[Metric]":
    topics = view.topics.value
    readings: dict[str, Reading[Any]] = {"topics": view.topics_reading, "groups": view.groups_reading}
    yield _gauge(
        "exporter_up",
        "1: the newest look was answered, 0: it was not.",
        ["what"],
        ((what, one.fault is None and one.taken_at is not None) for what, one in readings.items()),
    )
    yield _gauge(
        "exporter_age_seconds",
        "Seconds since the newest answer.",
        ["what"],
        ((what, None if one.taken_at is None else now - one.taken_at) for what, one in readings.items()),
    )
    brokers = () if topics is None else topics.brokers
    yield _gauge(
        "broker_info",
        "Brokers that are alive by Metadata.",
        ["broker_id", "address", "port", "rack_id"],
        ((one.node_id, one.host, one.port, one.rack or "", 1) for one in brokers),
    )
    yield _gauge(
        "cluster_info",
        "The cluster.",
        ["cluster_id", "cluster_version", "broker_count"],
        [] if topics is None else [(topics.cluster_id or "", topics.version or "", len(brokers), 1)],
    )
    yield _gauge(
        "problems",
        "Problems as on line 2 of the screen, by severity.",
        ["severity"],
        (
            (severity, sum(one.mark is mark for one in view.problems))
            for mark, severity in SEVERITIES.items()
            if severity in {"warning", "critical", "unknown", "denied"} and view.digested
        ),
    )


def _topics(view: ClusterView) -> "Iterator[Metric]":
    value = view.topics.value
    topics = () if value is None else value.topics
    logs = {} if value is None else value.logs
    yield _gauge(
        "topic_info",
        "Topics.",
        ["topic_name", "partition_count", "replication_factor"],
        ((one.name, len(one.partitions), one.replication_factor or "", 1) for one in topics),
    )
    yield _gauge(
        "topic_partitions_offline",
        "Partitions without a leader.",
        ["topic_name"],
        ((one.name, sum(part.offline for part in one.partitions)) for one in topics if one.error is None),
    )
    yield _gauge(
        "topic_partitions_under_replicated",
        "Partitions whose ISR is smaller than their replicas.",
        ["topic_name"],
        (
            (one.name, sum(part.under_replicated for part in one.partitions))
            for one in topics
            if one.error is None
        ),
    )
    yield _gauge(
        "topic_partitions_below_min_isr",
        "Partitions whose leader refuses producers with acks=all: fewer replicas in sync than "
        "min.insync.replicas.",
        ["topic_name"],
        (
            (one.name, len(refusing))
            for one in topics
            if value is not None and (refusing := value.refusing(one)) is not None
        ),
    )
    for name, help_text, column in (
        ("topic_high_water_mark_sum", "Log end offsets of all partitions, summed.", "ends"),
        ("topic_low_water_mark_sum", "Log start offsets of all partitions, summed.", "starts"),
    ):
        sums = ((topic, _sum(getattr(log, column))) for topic, log in logs.items())
        yield _gauge(name, help_text, ["topic_name"], sums)


def _partitions(view: ClusterView) -> "Iterator[Metric]":
    value = view.topics.value
    logs = {} if value is None else value.logs
    place = ["topic_name", "partition_id"]
    for name, help_text, column in (
        ("topic_partition_high_water_mark", "Log end offset, as a client sees it.", "ends"),
        ("topic_partition_low_water_mark", "Log start offset.", "starts"),
    ):
        offsets = (
            (topic, number, offset)
            for topic, log in logs.items()
            for number, offset in enumerate(getattr(log, column))
        )
        yield _gauge(name, help_text, place, offsets)


def _partition_lags(view: ClusterView) -> "Iterator[Metric]":
    yield _gauge(
        "consumer_group_topic_partition_lag",
        "Lag on a partition with a commit.",
        ["group_id", "topic_name", "partition_id"],
        _lags(view),
    )


def _lags(view: ClusterView) -> Iterator[tuple[Any, ...]]:
    """Group, topic, partition and lag. Where the log end was asked for before the commit there is none: the
    group would seem to be ahead.
    """
    topics, groups = view.topics.value, view.groups.value
    if topics is None or groups is None:
        return
    for group, commits in groups.commits.items():
        for place, committed in commits.offsets.items() if commits.fault is None else ():
            log = topics.logs.get(place.topic)
            if log is None or place.partition >= len(log.ends) or log.taken_at < commits.taken_at:
                continue
            lag = PartitionLag(place, committed, log.starts[place.partition], log.ends[place.partition]).lag
            yield group, place.topic, place.partition, None if lag is None else max(0, lag)


def _label(number: int | None) -> str:
    """A number as the value of a label; empty: not known."""
    return "" if number is None else str(number)


def _sum(offsets: Iterable[int | None]) -> int | None:
    """The sum; ``None``: one of them is not known."""
    known = list(offsets)
    return None if None in known else sum(offset for offset in known if offset is not None)


def _members(view: ClusterView) -> "Iterator[Metric]":
    """What members have, and what their groups have committed, by group and topic."""
    value = view.groups.value
    empty: list[tuple[str, int]] = []
    members: dict[tuple[str, str], int] = {}
    partitions: dict[tuple[str, str], int] = {}
    offsets: dict[tuple[str, str], int] = {}
    for group in () if value is None else value.groups:
        if group.members is None:
            continue
        empty.append((group.group_id, sum(not member.assignment for member in group.members)))
        for member in group.members:
            for topic, numbers in by_topic(member.assignment).items():
                place = group.group_id, topic
                members[place] = members.get(place, 0) + 1
                partitions[place] = partitions.get(place, 0) + len(numbers)
    for name, commits in ({} if value is None else value.commits).items():
        for partition, offset in commits.offsets.items():
            place = name, partition.topic
            offsets[place] = offsets.get(place, 0) + offset
    yield _gauge("consumer_group_members_empty", "Members that have no partition.", ["group_id"], empty)
    for metric, help_text, found in (
        ("consumer_group_topic_members", "Members that have a partition of the topic.", members),
        ("consumer_group_topic_assigned_partitions", "Partitions that members have.", partitions),
        ("consumer_group_topic_offset_sum", "Committed offsets, summed.", offsets),
    ):
        samples = ((*place, number) for place, number in found.items())
        yield _gauge(metric, help_text, ["group_id", "topic_name"], samples)


def _groups(view: ClusterView, now: float) -> "Iterator[Metric]":
    rows = view.groups.rows.values()
    yield _gauge(
        "consumer_group_info",
        "Groups, with the state in Kafka's word. 1: Stable, else 0.",
        ["group_id", "group_type", "state", "coordinator_id"],
        (
            (row.group, row.kind, row.state, _label(row.coordinator), row.state == "Stable")
            for row in rows
            if row.state is not None
        ),
    )
    yield _gauge(
        "consumer_group_members", "Members.", ["group_id"], ((row.group, row.members) for row in rows)
    )
    yield _gauge(
        "consumer_group_lag",
        "Lag on all topics, summed.",
        ["group_id"],
        ((row.group, row.lag) for row in rows),
    )
    yield from _members(view)
    standings = view.groups.standings
    place = ["group_id", "topic_name"]
    yield _gauge(
        "consumer_group_topic_lag",
        "Lag on a topic, summed.",
        place,
        ((one.group, one.topic, one.lag) for one in standings),
    )
    yield _gauge(
        "consumer_group_topic_partitions_without_commit",
        "Partitions that it reads and has no commit on.",
        place,
        ((one.group, one.topic, one.unset + one.unread) for one in standings),
    )
    yield _gauge(
        "consumer_group_topic_partitions_lost",
        "Partitions whose commit is below the log start.",
        place,
        ((one.group, one.topic, one.lost) for one in standings),
    )
    yield _gauge(
        "consumer_group_topic_rate_in",
        "Offsets written per second.",
        place,
        ((one.group, one.topic, one.trend.rate_in) for one in standings),
    )
    yield _gauge(
        "consumer_group_topic_rate_out",
        "Offsets committed per second.",
        place,
        ((one.group, one.topic, one.trend.rate_out) for one in standings),
    )
    yield _gauge(
        "consumer_group_topic_age_seconds",
        "Age of the oldest record that is not committed. bound=at least: it was there at the first look.",
        [*place, "bound"],
        (
            (one.group, one.topic, one.oldest.bound.value, one.oldest.age(now).seconds)
            for one in standings
            if one.oldest is not None
        ),
    )
    yield _gauge(
        "consumer_group_topic_verdict",
        "The verdict: 1 for the one that holds.",
        [*place, "verdict", "severity"],
        (
            (one.group, one.topic, one.verdict.name.lower(), SEVERITIES[one.verdict.mark], 1)
            for one in standings
            if one.verdict.name != "MEASURING"
        ),
    )
