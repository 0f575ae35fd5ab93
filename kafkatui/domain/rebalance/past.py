"""The last rebalance of every group before the program began, as the log of the groups has kept it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kafkatui.domain.rebalance.generations import group_partition


@dataclass(frozen=True, slots=True)
class PastRebalance:
    """The newest generation of a classic group, or the newest epoch of a KIP-848 group."""

    at: float
    """When the coordinator wrote it, in monotonic seconds of this machine; may be below 0."""
    number: int
    """The generation, or the epoch."""
    members: int | None
    """How many members it had; ``None``: not known, as in KIP-848 groups."""


@dataclass(frozen=True, slots=True)
class PastRebalances:
    """What one pass over ``__consumer_offsets`` has found so far."""

    groups: Mapping[str, PastRebalance] = field(default_factory=dict)
    """By group id. Of a group that is not read to its end it is the newest up to there."""
    partitions: int = 0
    """How many partitions the topic has; 0: it does not exist."""
    read: frozenset[int] = frozenset()
    """Partitions that were read to their end."""
    octets: int = 0
    """Bytes that were read."""
    done: bool = False
    """The pass has ended, though perhaps not at the end of every partition."""

    def of(self, group: str) -> PastRebalance | None:
        """The last rebalance of a group; ``None``: its part of the log was not read to the end, or has
        none.
        """
        return self.groups.get(group) if self.has_read(group) else None

    def has_read(self, group: str) -> bool:
        """Whether the partition that a group is in was read to its end."""
        return not self.partitions or group_partition(group, self.partitions) in self.read
