"""Brokers, topics, their partitions and replicas, and where each partition's log starts and ends."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.cluster.releases import is_before


class TopicPartition(NamedTuple):
    """One partition of one topic."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}"


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker that is alive by Metadata, at the address it advertises."""

    node_id: int
    host: str
    port: int
    rack: str | None = None


class Partition(NamedTuple):
    """One partition as Metadata describes it. (A named tuple: 10,000 of them are made at every look.)"""

    number: int
    leader: int | None
    """Node id; ``None``: no leader, the partition is offline."""
    leader_epoch: int | None
    replicas: tuple[int, ...]
    """Node ids, the preferred leader first."""
    isr: tuple[int, ...]
    """Node ids of the in-sync replicas, the leader included."""
    offline_replicas: tuple[int, ...] = ()
    error: Fault | None = None
    """The partition's own error code, e.g. ``LEADER_NOT_AVAILABLE``."""
    adding: tuple[int, ...] = ()
    """Node ids of the `replicas` that a reassignment adds, and that still copy the log."""
    removing: tuple[int, ...] = ()
    """Node ids of the `replicas` that a reassignment removes at its end."""

    @property
    def moving(self) -> bool:
        """Whether a reassignment of it goes on."""
        return bool(self.adding or self.removing)

    @property
    def offline(self) -> bool:
        """Whether it has no leader: nobody can read or write it now."""
        return self.leader is None

    @property
    def under_replicated(self) -> bool:
        """Whether the ISR is smaller than the replicas, those that a reassignment adds left aside
        (``kafka-topics --under-replicated-partitions``).
        """
        return len(self.isr) < len(self.replicas) - len(self.adding)

    def below(self, least: int, *, capped: bool) -> bool:
        """Whether it has a leader that refuses producers with ``acks=all``: fewer replicas are in sync than
        `least`, its ``min.insync.replicas``. `capped`: brokers since Kafka 3.7 ask for no more replicas than
        there are. Source: KAFKA-15583; tried with 4.1.
        """
        asked = min(least, len(self.replicas)) if capped else least
        return not self.offline and len(self.isr) < asked


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as Metadata describes it."""

    name: str
    partitions: tuple[Partition, ...]
    """By number, ascending."""
    internal: bool = False
    """Whether it is a topic of Kafka itself, e.g. ``__consumer_offsets``."""
    topic_id: str | None = None
    """A topic that was deleted and made again has another id; ``None`` from brokers before 2.8."""
    error: Fault | None = None
    """The topic's own error code, e.g. ``TOPIC_AUTHORIZATION_FAILED``."""

    @property
    def replication_factor(self) -> int | None:
        """How many replicas each partition has, the smallest number if they differ; ``None``: it has no known
        partitions.
        """
        return min((len(partition.replicas) for partition in self.partitions), default=None)


@dataclass(frozen=True, slots=True)
class TopicLog:
    """Where the log of each partition of a topic starts and ends, by partition number, from ListOffsets."""

    starts: tuple[int | None, ...]
    """Log start offsets; ``None``: not known."""
    ends: tuple[int | None, ...]
    """Log end offsets as a client sees them: the high watermark; ``None``: not known."""
    taken_at: float
    """Monotonic seconds at which the ends were asked for."""
    faults: tuple[tuple[int, Fault], ...] = ()
    """(partition, why) for offsets that could not be read."""
    topic_id: str | None = None
    """The id of the topic when its log was read: a topic that is deleted and made again gets another id.
    ``None``: not known.
    """


def went_back(before: Iterable[int | None], after: Iterable[int | None]) -> bool:
    """Whether the offset of some partition is smaller than before: its log was truncated, or the topic was
    deleted and made again. Both are in the order of partitions; ``None``: not known.
    """
    return any(
        old is not None and new is not None and new < old for old, new in zip(before, after, strict=False)
    )


@dataclass(frozen=True, slots=True)
class ClusterTopics:
    """The brokers and topics of a cluster, and the logs of the topics."""

    brokers: tuple[Broker, ...] = ()
    """Brokers that are alive, sorted by node id."""
    topics: tuple[Topic, ...] = ()
    """By name. Kafka leaves out what this user may not describe."""
    logs: Mapping[str, TopicLog] = field(default_factory=dict)
    """By topic; missing: not asked for yet."""
    compacted: Mapping[str, bool | None] = field(default_factory=dict)
    """By topic: whether ``cleanup.policy`` has ``compact``, so that offsets have holes; ``None``: not known;
    missing: not asked for yet.
    """
    min_isr: Mapping[str, int] = field(default_factory=dict)
    """By topic: ``min.insync.replicas``; missing: not known (yet)."""
    moves_fault: Fault | None = None
    """Why it is not known whether partitions that are not fully in sync are being reassigned; ``None``: it is
    known, or there are none.
    """
    counted: Mapping[str, int] = field(default_factory=dict)
    """By topic: how many records its logs hold, counted batch by batch; missing: not counted (yet), so it is
    not known how many of the offsets are records.
    """
    cluster_id: str | None = None
    version: str | None = None
    """The release whose metadata version is finalized, e.g. ``4.1``, from ApiVersions; ``None``: not
    known.
    """
    notes: tuple[str, ...] = ()
    """One line for each question about the whole cluster that was not fully answered (e.g. by one broker)."""

    @property
    def moving(self) -> dict[str, int]:
        """The topics with a partition that is being reassigned, and how many partitions each has."""
        return {
            topic.name: len(topic.partitions)
            for topic in self.topics
            if any(one.moving for one in topic.partitions)
        }

    def refusing(self, topic: Topic) -> tuple[int, ...] | None:
        """Numbers of the partitions that refuse producers with ``acks=all``, see `Partition.below`; ``None``:
        the topic's ``min.insync.replicas`` is not known.

        (``kafka-topics --under-min-isr-partitions`` also lists partitions with fewer replicas than that.)
        """
        least = self.min_isr.get(topic.name)
        if least is None:
            return None
        capped = not is_before(self.version, "3.7")
        return tuple(one.number for one in topic.partitions if one.below(least, capped=capped))
