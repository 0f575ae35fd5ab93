"""Brokers: what each leads and holds, its place in the quorum, its size on disk; and the replicas of
partitions.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from kafkatui.domain.cluster.faults import Fault, mark_of
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import Broker, ClusterTopics, Partition


@dataclass(frozen=True, slots=True)
class Quorum:
    """The quorum of controllers of a cluster without ZooKeeper, from DescribeQuorum."""

    leader: int | None
    """Node id of the active controller; ``None``: there is none now."""
    ends: Mapping[int, int] = field(default_factory=dict)
    """By node id: where its copy of the metadata log ends; -1: not known."""
    voters: frozenset[int] = frozenset()
    """Node ids that vote for a controller; the others of `ends` only follow."""

    def behind(self, node: int) -> int | None:
        """How many records of the metadata log a node lacks; ``None``: not known."""
        end, leads = self.ends.get(node, -1), self.ends.get(-1 if self.leader is None else self.leader, -1)
        return None if end < 0 or leads < 0 else max(0, leads - end)


@dataclass(frozen=True, slots=True)
class BrokerDisk:
    """The logs of one broker, from DescribeLogDirs."""

    size: int
    """Bytes of all logs."""
    usable: int | None = None
    """Bytes that are free on its disks; ``None``: the broker does not tell (before Kafka 3.3)."""
    sizes: Mapping[tuple[str, int], int] = field(default_factory=dict)
    """By topic and partition: bytes of its log on this broker."""


@dataclass(frozen=True, slots=True)
class ClusterBrokers:
    """What only the page of brokers asks for."""

    quorum: Quorum | None = None
    """``None``: not known; see `quorum_fault`."""
    quorum_fault: Fault | None = None
    """Why the quorum is not known; ``None``: it is, or was not asked for yet."""
    disks: Mapping[int, BrokerDisk] = field(default_factory=dict)
    """By node id."""
    disk_faults: Mapping[int, Fault] = field(default_factory=dict)
    """By node id: why its logs are not known."""

    def copied(self, topic: str, partition: int, leader: int | None, node: int) -> float | None:
        """How much of a partition a broker has copied from its leader, from 0 to 1; ``None``: not known."""
        whole = None if leader is None else self.disks.get(leader)
        copy = self.disks.get(node)
        if whole is None or copy is None or not (size := whole.sizes.get((topic, partition))):
            return None
        return min(1.0, copy.sizes.get((topic, partition), 0) / size)


@dataclass(frozen=True, slots=True)
class BrokerRow:
    """One broker."""

    node_id: int
    address: str | None
    """``host:port``; ``None``: it is not alive, and was not seen."""
    rack: str | None
    leads: int
    """Partitions that it leads."""
    replicas: int
    """Partitions that it holds a replica of."""
    lagging: int
    """Replicas of it that are not in the ISR."""
    size: int | None
    """Bytes on its disks; ``None``: not known."""
    role: str
    """``controller``, ``voter``, ``broker``; ``?``: not known."""
    behind: int | None
    """Records of the metadata log that it lacks; ``None``: not known."""
    is_up: bool
    fault: Fault | None = None
    """Why its size is not known."""

    @property
    def mark(self) -> Mark:
        """Broken where it is gone, worse where replicas of it are not in sync."""
        if not self.is_up:
            return Mark.BROKEN
        if self.lagging:
            return Mark.WORSE
        return Mark.OK if self.fault is None else max(Mark.OK, mark_of(self.fault))


def broker_rows(
    topics: ClusterTopics, seen: Iterable[int], known: Mapping[int, Broker], more: ClusterBrokers
) -> dict[str, BrokerRow]:
    """A row for every broker that is alive, was seen alive (`seen`), or holds a replica; by node id as text.
    `known`: the addresses of brokers that were seen.
    """
    leads: Counter[int] = Counter()
    replicas: Counter[int] = Counter()
    lagging: Counter[int] = Counter()
    for topic in topics.topics:
        for partition in topic.partitions:
            if partition.leader is not None:
                leads[partition.leader] += 1
            replicas.update(partition.replicas)
            if partition.under_replicated:
                lagging.update(set(partition.replicas) - set(partition.isr) - set(partition.adding))
    alive = {broker.node_id: broker for broker in topics.brokers}
    rows = {}
    for node in sorted({*seen, *alive, *replicas}):
        broker = alive.get(node) or known.get(node)
        disk = more.disks.get(node)
        rows[str(node)] = BrokerRow(
            node_id=node,
            address=None if broker is None else f"{broker.host}:{broker.port}",
            rack=None if broker is None else broker.rack,
            leads=leads[node],
            replicas=replicas[node],
            lagging=lagging[node],
            size=disk.size if disk is not None and node in alive else None,
            role=_role(node, more.quorum),
            behind=None if more.quorum is None else more.quorum.behind(node),
            is_up=node in alive,
            fault=more.disk_faults.get(node),
        )
    return rows


def _role(node: int, quorum: Quorum | None) -> str:
    if quorum is None:
        return "?"
    if node == quorum.leader:
        return "controller"
    return "voter" if node in quorum.voters else "broker"


class Replica(Enum):
    """What a broker is to a partition."""

    NONE = "no replica"
    LEADER = "leader"
    IN_SYNC = "in sync"
    LAGGING = "lagging"
    DEAD = "dead"
    ADDED = "being added"
    REMOVED = "being removed"


@dataclass(frozen=True, slots=True)
class ReplicaRow:
    """The replicas of one partition."""

    topic: str
    partition: int
    replicas: Mapping[int, Replica]
    """By node id; a broker that is missing holds none."""
    is_offline: bool
    refuses: bool = False
    """Whether its leader refuses producers with ``acks=all``, as fewer replicas are in sync than
    ``min.insync.replicas``.
    """

    @property
    def is_whole(self) -> bool:
        """Whether it has a leader and all replicas are in sync."""
        return not self.is_offline and not {Replica.LAGGING, Replica.DEAD} & set(self.replicas.values())

    @property
    def is_moving(self) -> bool:
        """Whether a reassignment of it goes on."""
        return bool({Replica.ADDED, Replica.REMOVED} & set(self.replicas.values()))

    @property
    def added(self) -> list[int]:
        """Node ids of the brokers that a reassignment copies it to."""
        return [node for node, what in self.replicas.items() if what is Replica.ADDED]


def replica_rows(topics: ClusterTopics, topic: str | None) -> Iterator[ReplicaRow]:
    """The partitions of one topic; ``None``: those of all topics that have no leader, a replica that is
    not in sync, or are being reassigned.
    """
    alive = {broker.node_id for broker in topics.brokers}
    for one in topics.topics:
        if topic in {None, one.name}:
            refusing = topics.refusing(one) or ()
            for partition in one.partitions:
                bad = partition.offline or partition.under_replicated or partition.moving
                if topic is not None or bad or partition.number in refusing:
                    yield ReplicaRow(
                        one.name,
                        partition.number,
                        _replicas(partition, alive),
                        partition.offline,
                        partition.number in refusing,
                    )


def _replicas(partition: Partition, alive: set[int]) -> dict[int, Replica]:
    found = {}
    for node in partition.replicas:
        if node not in alive:
            found[node] = Replica.DEAD
        elif node == partition.leader:
            found[node] = Replica.LEADER
        elif node in partition.adding and node not in partition.isr:
            found[node] = Replica.ADDED
        elif node in partition.removing:
            found[node] = Replica.REMOVED
        else:
            found[node] = Replica.IN_SYNC if node in partition.isr else Replica.LAGGING
    return found
