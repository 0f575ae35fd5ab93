"""Brokers, topics, their partitions and replicas, and where each partition's log starts and ends."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from kafkatui.domain.cluster.faults import Fault


class TopicPartition(NamedTuple):
    """One partition of one topic."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}"


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker that the cluster says is alive, at the address it advertises."""

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

    @property
    def offline(self) -> bool:
        """Nobody can read or write it now."""
        return self.leader is None

    @property
    def under_replicated(self) -> bool:
        """The ISR is smaller than the replicas (``kafka-topics --under-replicated-partitions``)."""
        return len(self.isr) < len(self.replicas)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as Metadata describes it."""

    name: str
    partitions: tuple[Partition, ...]
    """By number, ascending."""
    internal: bool = False
    """Kafka's own, e.g. ``__consumer_offsets``."""
    topic_id: str | None = None
    """A topic deleted and made again has another one; ``None`` from brokers before 2.8."""
    error: Fault | None = None
    """The topic's own error code, e.g. ``TOPIC_AUTHORIZATION_FAILED``."""

    @property
    def replication_factor(self) -> int | None:
        """Replicas of a partition, the smallest where they differ; ``None`` where nothing is told."""
        return min((len(partition.replicas) for partition in self.partitions), default=None)


@dataclass(frozen=True, slots=True)
class TopicLog:
    """Where the log of each partition of a topic starts and ends, by partition number, from ListOffsets."""

    starts: tuple[int | None, ...]
    """Log start offsets; ``None``: not told."""
    ends: tuple[int | None, ...]
    """Log end offsets as a client sees them: the high watermark; ``None``: not told."""
    taken_at: float
    """Monotonic seconds at which the ends were asked for."""
    faults: tuple[tuple[int, Fault], ...] = ()
    """(partition, why) for what was not told."""
    topic_id: str | None = None
    """Whose log it is: a topic that was deleted and made again has another id. ``None``: not told."""


def went_back(before: Iterable[int | None], after: Iterable[int | None]) -> bool:
    """Whether an offset of a partition is smaller than it was: the log was cut off, or the topic was deleted
    and made again.
    """
    return any(
        old is not None and new is not None and new < old for old, new in zip(before, after, strict=False)
    )


@dataclass(frozen=True, slots=True)
class ClusterTopics:
    """What the topics task knows of a cluster."""

    brokers: tuple[Broker, ...] = ()
    """Alive, by node id."""
    topics: tuple[Topic, ...] = ()
    """By name. Kafka leaves out what this user may not describe."""
    logs: Mapping[str, TopicLog] = field(default_factory=dict)
    """By topic; a topic that is missing here has not been asked yet."""
    compacted: Mapping[str, bool | None] = field(default_factory=dict)
    """By topic: ``cleanup.policy`` has ``compact``, so offsets have holes; ``None``: not told; missing: not
    asked yet.
    """
    counted: Mapping[str, int] = field(default_factory=dict)
    """By topic: records in its logs, counted batch by batch from their starts on; missing: not counted (yet),
    so that nobody knows how many offsets are records.
    """
    cluster_id: str | None = None
    version: str | None = None
    """The release whose metadata version is finalized, e.g. ``4.1``, from ApiVersions; ``None``: not told."""
    notes: tuple[str, ...] = ()
    """Whole-cluster answers that failed in part, each one line (e.g. a broker that did not answer)."""
