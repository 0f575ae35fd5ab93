"""What a line of the topics pane shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import ClusterTopics, Topic, TopicLog


@dataclass(frozen=True, slots=True)
class TopicUsage:
    """Who reads a topic, summed over its groups."""

    groups: int
    """Groups with a member that reads it, or with a commit on it."""
    lag: int | None
    """Sum over these groups; ``None``: not known for one of them."""
    unset: int
    """Partitions assigned or to be read where nothing is committed: their lag is not in `lag`."""
    mark: Mark = Mark.NOTHING
    """The worst verdict among them."""
    complete: bool = True
    """All groups are known; else `groups` and `lag` are at least so many."""


class TopicRow(NamedTuple):
    """A line of the pane. (A named tuple: a thousand are made at every look.)"""

    name: str
    mark: Mark
    partitions: int | None
    """``None``: no broker said it."""
    replication_factor: int | None
    under_replicated: int
    """Partitions whose ISR is smaller than their replicas."""
    offline: int
    """Partitions without a leader."""
    records: int | None
    """Counted one by one, else log end minus log start offsets of all partitions; never negative; ``None``:
    not known for one of them.
    """
    upper_bound: bool
    """They were not counted, and offsets may have holes: records are at most so many."""
    rate: float | None
    """Offsets written per second; ``None``: not known."""
    groups: int | None
    """``None``: the groups are not known (yet)."""
    lag: int | None
    """Of all its groups; ``None``: not known, or nobody reads it (`groups` is 0)."""
    unset: int
    complete: bool
    """`groups` and `lag` are of all groups there are; else some may be missing."""
    internal: bool
    fault: Fault | None
    """The worst that was answered for it, by name."""


class Counted(NamedTuple):
    """What was counted of a topic and its log: as long as both are the same objects it need not be counted
    again.
    """

    topic: Topic
    log: TopicLog | None
    replication_factor: int | None
    under_replicated: int
    offline: int
    records: int | None
    fault: Fault | None


class Made(NamedTuple):
    """A line, and what it was made of."""

    counted: Counted
    exact: int | None
    rate: float | None
    usage: TopicUsage | None
    row: TopicRow


def topic_rows(
    topics: ClusterTopics,
    rates: Mapping[str, float | None],
    usage: Mapping[str, TopicUsage] | None,
    made: dict[str, Made] | None = None,
) -> dict[str, TopicRow]:
    """A line for each topic, in order of name. `made`: what the last call made, for this one to use and to
    change.
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
    """Count what is in a topic and its log."""
    under = offline = 0
    factor: int | None = None
    fault = topic.error
    for _, leader, _, replicas, isr, _, error in topic.partitions:
        copies = len(replicas)
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
        if start is None or end is None or end < start:  # not told, or not of the same log
            return None
        records += end - start
    return records


def when_gone(row: TopicRow) -> TopicRow:
    """The line of a topic that is gone: its last figures, nothing going on."""
    return row._replace(mark=Mark.NOTHING, rate=None)
