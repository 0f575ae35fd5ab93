"""Which member owns which partition: the map of members × partitions of one topic."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from kafkatui.domain.cluster.groups import Group, Member
from kafkatui.domain.cluster.partitions import TopicPartition


class Cell(Enum):
    """Whether one member owns, or owned, one partition."""

    NONE = "none"
    """The member does not own the partition, and did not lately."""
    OWNS = "owns"
    CAME = "came"
    """The member owns the partition, and did not before the last rebalance."""
    LEFT = "left"
    """The member owned the partition before the last rebalance; another member owns it now."""
    HELD = "held"
    """The member was the last owner known: the group rebalances, or the member is gone."""


class Presence(Enum):
    """How a member takes part in the shown topic."""

    OWNS = "owns"
    EMPTY = "empty"
    """Subscribed, owns nothing (yet), though there are enough partitions for all members."""
    IDLE = "idle"
    """Subscribed, owns nothing, and there are fewer partitions than members."""
    ELSEWHERE = "elsewhere"
    """In the group, but not subscribed to this topic."""
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Move:
    """A partition changed its owner."""

    partition: TopicPartition
    source: str | None
    """Short name of the member that owned it before; ``None``: nobody."""
    target: str | None
    """Short name of the member that owns it now; ``None``: nobody."""


@dataclass(frozen=True, slots=True)
class MapRow:
    """One member's row for one topic; partition numbers are sorted."""

    key: str
    """Stays the same while the member is the same: the group instance id of a static member, else the member
    id.
    """
    name: str
    """Short and unique in the group, as it came from outside: not yet printable."""
    member: Member
    """The newest description of the member."""
    presence: Presence
    owns: tuple[int, ...] = ()
    """Owned now; empty while a classic group rebalances, or once the member is gone."""
    held: frozenset[int] = frozenset()
    """The partitions it owned when its assignment was last known; empty unless a classic group rebalances or
    the member is gone.
    """
    came: frozenset[int] = frozenset()
    """The partitions it got in the last rebalance."""
    left: frozenset[int] = frozenset()
    """The partitions that other members took over from it in the last rebalance."""
    gives_up: tuple[int, ...] = ()
    """KIP-848: owned, but not in the member's target assignment."""
    waits_for: tuple[int, ...] = ()
    """KIP-848: in the member's target assignment, not owned yet."""
    holders: tuple[str, ...] = ()
    """KIP-848: short names of the members that still hold partitions of `waits_for`, in order of first sight.
    """
    gone_at: float | None = None
    """Monotonic seconds of the first look without the member; ``None``: it is in the group."""
    owned: frozenset[int] = frozenset()
    """`owns` as a set."""

    def cell(self, partition: int) -> Cell:
        """Whether this member owns, or owned, the partition of this number."""
        if partition in self.owned:
            return Cell.CAME if partition in self.came else Cell.OWNS
        if partition in self.held:
            return Cell.HELD
        return Cell.LEFT if partition in self.left else Cell.NONE


@dataclass(frozen=True, slots=True)
class OwnershipMap:
    """Members × partitions of one topic."""

    group: Group
    topic: str
    partitions: int
    """How many partitions the topic has."""
    rows: tuple[MapRow, ...]
    """In order of first sight, members that are gone included."""
    nobody: tuple[int, ...]
    """Partitions that no member owns now."""
    nobody_since: float | None
    """Monotonic seconds since when the first of `nobody` has no owner; ``None``: all have one."""
    unowned: frozenset[int]
    """The partitions of `nobody` that should have an owner by now: this is a problem."""
    at: float
    """Monotonic seconds of the look that the map shows."""
    state_at: float | None
    """Monotonic seconds since when the group is in its state; ``None``: it already was at the first look."""
    seen_at: float
    """Monotonic seconds of the first look at the group."""
    before: tuple[str, float] | None
    """The state before this one, and the seconds it lasted, at least; ``None``: no other state was seen."""
    owners: Mapping[int, str] = field(default_factory=dict)
    """Short name of the owner by partition; while a classic group rebalances, of the last known owner."""

    @property
    def members(self) -> int:
        """How many members the group has now, members that read other topics included."""
        return sum(row.gone_at is None for row in self.rows)


STANDS_STILL = frozenset({"frozen", "stuck"})
"""States of a consumer of the deck that make it lose its membership while its process still runs."""


def is_out(row: MapRow, deck_state: str) -> bool:
    """Whether a consumer of the deck is no longer a member of its group, but its process still runs.

    `row` is its row of the map; `deck_state` the states the deck shows for it, e.g. ``slow, frozen``.
    """
    return row.gone_at is not None and not STANDS_STILL.isdisjoint(deck_state.split(", "))
