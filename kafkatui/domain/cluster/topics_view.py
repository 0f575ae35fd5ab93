"""The rows of the topics pane: the figures of each topic, and of the groups that read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import ClusterTopics, Topic, TopicLog


@dataclass(frozen=True, slots=True)
class TopicUsage:
    """Figures of the groups that read a topic, summed."""

    groups: int
    """How many groups have a member that reads it, or a commit on it."""
    lag: int | None
    """Sum over these groups; ``None``: not known for one of them."""
    unset: int
    """How many partitions, assigned to or subscribed by a group, have no commit of it; `lag` is without
    them.
    """
    mark: Mark = Mark.NOTHING
    """The worst mark among the verdicts of these groups."""
    complete: bool = True
    """Whether all groups are known; if not, `groups` and `lag` are lower bounds."""


class TopicRow(NamedTuple):
    """A row of the topics pane. (A named tuple: a thousand are made at every look.)"""

    name: str
    mark: Mark
    partitions: int | None
    """How many partitions it has; ``None``: not known."""
    replication_factor: int | None
    under_replicated: int
    """How many partitions have an ISR that is smaller than their replicas."""
    offline: int
    """How many partitions have no leader."""
    records: int | None
    """How many records it holds: counted, or else the log end minus the log start offsets of all partitions,
    summed. Never negative; ``None``: not known for one of the partitions.
    """
    upper_bound: bool
    """Whether `records` is only an upper bound: they were not counted, and not every offset need be a
    record.
    """
    rate: float | None
    """Offsets written per second; ``None``: not known."""
    groups: int | None
    """How many groups read it; ``None``: the groups are not known (yet)."""
    lag: int | None
    """The lag of all its groups, summed; ``None``: not known, or no group reads it (`groups` is 0)."""
    unset: int
    """See `TopicUsage.unset`."""
    complete: bool
    """See `TopicUsage.complete`."""
    internal: bool
    """Whether it is a topic of Kafka itself."""
    fault: Fault | None
    """Why something of it is not known: the topic's own fault, else a fault of its partitions or its log;
    ``None``: there is none.
    """


class Counted(NamedTuple):
    """The figures of a topic and its log, kept to save time: they are right as long as `topic` and `log` are
    the same objects.
    """

    topic: Topic
    log: TopicLog | None
    replication_factor: int | None
    under_replicated: int
    offline: int
    records: int | None
    fault: Fault | None


class Made(NamedTuple):
    """A row, and all that it was made of: if this is the same at the next look, so is the row."""

    counted: Counted
    exact: int | None
    """How many records were counted; ``None``: they were not counted."""
    rate: float | None
    usage: TopicUsage | None
    row: TopicRow


def topic_rows(
    topics: ClusterTopics,
    rates: Mapping[str, float | None],
    usage: Mapping[str, TopicUsage] | None,
    made: dict[str, Made] | None = None,
) -> dict[str, TopicRow]:
    """A row for each topic, by name, in order of name. `rates`: offsets written per second by topic; `usage`:
    by topic, ``None``: groups are not known yet; `made`: the rows of the last call, which this call reuses
    and changes.
    """
    made = {} if made is None else made
    rows = {}
    for topic in topics.topics:
        name = topic.name
        log = topics.logs.get(name)
        exact = topics.counted.get(name)
        rate = rates.get(name)
        used = usage.get(name, _UNREAD) if usage is not None else None
        old = made.get(name)
        counted = old.counted if old is not None else None
        if counted is None or counted.topic is not topic or counted.log is not log:
            counted = count(topic, log)
        if old is None or counted is not old.counted or (exact, rate, used) != old[1:4]:
            old = made[name] = Made(counted, exact, rate, used, _row(counted, exact, rate, used))
        rows[name] = old.row
    for name in made.keys() - rows.keys():
        del made[name]
    return rows


_UNREAD = TopicUsage(groups=0, lag=None, unset=0)


def count(topic: Topic, log: TopicLog | None) -> Counted:
    """The figures of a topic and its log."""
    under = offline = 0
    factor: int | None = None
    fault = topic.error
    for _, leader, _, replicas, isr, _, error, adding, _ in topic.partitions:
        copies = len(replicas) - len(adding)
        if len(isr) < copies:
            under += 1
        if leader is None:
            offline += 1
        if factor is None or copies < factor:
            factor = copies
        if error is not None and fault is None:
            fault = error
    if fault is None and log is not None and log.faults:
        fault = log.faults[0][1]
    return Counted(topic, log, factor, under, offline, _records(log), fault)


def _row(known: Counted, exact: int | None, rate: float | None, usage: TopicUsage | None) -> TopicRow:
    topic = known.topic
    if topic.error is not None and topic.error.kind is FaultKind.DENIED:
        mark = Mark.DENIED
    elif known.offline:
        mark = Mark.BROKEN
    elif known.under_replicated:
        mark = Mark.WORSE
    elif known.fault is not None:
        mark = Mark.UNKNOWN
    elif known.records == 0 and not rate:
        mark = Mark.NOTHING
    else:
        mark = Mark.OK
    return TopicRow(
        name=topic.name,
        mark=mark if usage is None else max(mark, usage.mark),
        partitions=len(topic.partitions) or None,
        replication_factor=known.replication_factor,
        under_replicated=known.under_replicated,
        offline=known.offline,
        records=known.records if exact is None or not known.records else exact,
        upper_bound=exact is None and bool(known.records),
        rate=rate,
        groups=None if usage is None else usage.groups,
        lag=None if usage is None else usage.lag,
        unset=0 if usage is None else usage.unset,
        complete=usage is None or usage.complete,
        internal=topic.internal,
        fault=known.fault,
    )


def _records(log: TopicLog | None) -> int | None:
    if log is None or not log.ends or len(log.starts) != len(log.ends):
        return None
    records = 0
    for start, end in zip(log.starts, log.ends, strict=True):
        if start is None or end is None or end < start:  # not known, or start and end are not of the same log
            return None
        records += end - start
    return records


def when_gone(row: TopicRow) -> TopicRow:
    """The row of a topic that was deleted: its last figures, without mark and rate."""
    return row._replace(mark=Mark.NOTHING, rate=None)
