"""What a group's coordinator wrote down of it: every completed generation, from ``__consumer_offsets``."""

from dataclasses import dataclass
from typing import NamedTuple

from kafkatui.domain.cluster.groups import Member
from kafkatui.domain.cluster.partitions import TopicPartition


@dataclass(frozen=True, slots=True)
class Generation:
    """A classic group as it was written down when a generation was complete, or its last member gone."""

    group_id: str
    number: int
    """The generation id; a static member that comes back is written down under the same one. 0: the group
    has just been made, or is gone: what the coordinator knew of it is deleted.
    """
    assignor: str | None
    """``None``: the group is empty."""
    members: tuple[Member, ...]
    """In order of member id; empty: the group is Empty, or gone."""
    at: float
    """When the broker wrote it, in monotonic seconds of this machine."""


class Commit(NamedTuple):
    """One committed offset as it was written down."""

    partition: TopicPartition
    offset: int
    """The next offset the group will read."""
    at: float
    """When the broker wrote it, in monotonic seconds of this machine."""


@dataclass(frozen=True, slots=True)
class GroupLogNews:
    """What came since the last news in the watched group's partition of ``__consumer_offsets``.

    Generations are those of classic groups only.
    """

    generations: tuple[Generation, ...] = ()
    """Of all classic groups of that partition, in the order written; none is told twice."""
    group_id: str | None = None
    """The watched group."""
    up_to_date: bool = False
    """Everything up to now is read: what is not here did not happen."""
    skipped: int = 0
    """Offsets jumped over since the last news, to keep to the limit of bytes: generations may be missing."""
    commits: tuple[Commit, ...] = ()
    """Of the watched group, of either protocol, in the order written."""


def group_partition(group_id: str, partitions: int) -> int:
    """Which partition of ``__consumer_offsets`` a group is written down in: Java's ``hashCode`` of its name.

    Source: Kafka's ``GroupCoordinatorService.partitionFor``.
    """
    code = 0
    for unit in _utf16(group_id):
        code = (31 * code + unit) & 0xFFFFFFFF
    signed = code - (1 << 32) if code >= 1 << 31 else code
    return (0 if signed == -(1 << 31) else abs(signed)) % partitions


def _utf16(text: str) -> list[int]:
    data = text.encode("utf-16-be", "surrogatepass")
    return [data[place] << 8 | data[place + 1] for place in range(0, len(data), 2)]
