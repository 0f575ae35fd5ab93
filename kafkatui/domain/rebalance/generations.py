"""What a group's coordinator writes to ``__consumer_offsets`` (the group's log): every completed generation
and every commit.
"""

from dataclasses import dataclass
from typing import NamedTuple

from kafkatui.domain.cluster.groups import Member
from kafkatui.domain.cluster.partitions import TopicPartition


@dataclass(frozen=True, slots=True)
class Generation:
    """A classic group as its coordinator wrote it to ``__consumer_offsets`` when a generation was complete,
    or when the last member had left.
    """

    group_id: str
    number: int
    """The generation id. When a static member comes back, the group is written again with the same id. 0: the
    group has just been made, or the coordinator has deleted it.
    """
    assignor: str | None
    """``None``: the group is empty."""
    members: tuple[Member, ...]
    """In order of member id; empty: the group has no members, or is deleted."""
    at: float
    """When the broker wrote it, in monotonic seconds of this machine."""


class Commit(NamedTuple):
    """One committed offset as the coordinator wrote it to ``__consumer_offsets``."""

    partition: TopicPartition
    offset: int
    """The next offset the group will read."""
    at: float
    """When the broker wrote it, in monotonic seconds of this machine."""


@dataclass(frozen=True, slots=True)
class GroupLogNews:
    """What was written since the last news to the watched group's partition of ``__consumer_offsets``."""

    generations: tuple[Generation, ...] = ()
    """Of all classic groups of that partition, in the order written; each appears in one news only."""
    group_id: str | None = None
    """The watched group."""
    up_to_date: bool = False
    """Everything written up to now is read: a generation that has not come by now was not completed."""
    skipped: int = 0
    """Offsets jumped over since the last news, to keep to the limit of bytes: generations may be missing."""
    commits: tuple[Commit, ...] = ()
    """Of the watched group, classic or KIP-848, in the order written."""


def group_partition(group_id: str, partitions: int) -> int:
    """Which of the `partitions` of ``__consumer_offsets`` holds a group: Java's ``hashCode`` of its name.

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
