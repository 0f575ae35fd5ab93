"""Who owns which partition: the map of members × partitions, and what one look told beyond the last."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from kafkatui.domain.cluster.groups import Group, Member
from kafkatui.domain.cluster.partitions import TopicPartition


class Cell(Enum):
    """What one member is to one partition."""

    NONE = "none"
    OWNS = "owns"
    CAME = "came"
    """Owns it, and did not before the last rebalance."""
    LEFT = "left"
    """Owned it before the last rebalance."""
    HELD = "held"
    """Owned it until now: the group rebalances, or the member is gone."""


class Presence(Enum):
    """How a member takes part in the shown topic."""

    OWNS = "owns"
    EMPTY = "empty"
    """Subscribed, owns nothing (yet): there is a partition for it."""
    IDLE = "idle"
    """Subscribed, owns nothing, and there are fewer partitions than members."""
    ELSEWHERE = "elsewhere"
    """In the group, not subscribed to this topic."""
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Move:
    """A partition changed its owner. Names are the short ones; ``None``: nobody."""

    partition: TopicPartition
    source: str | None
    target: str | None


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
    """As last described."""
    presence: Presence
    owns: tuple[int, ...] = ()
    held: frozenset[int] = frozenset()
    came: frozenset[int] = frozenset()
    left: frozenset[int] = frozenset()
    gives_up: tuple[int, ...] = ()
    """KIP-848: owned, but not in the target."""
    waits_for: tuple[int, ...] = ()
    """KIP-848: in the target, not owned yet."""
    holders: tuple[str, ...] = ()
    """KIP-848: short names of the members that hold what it waits for, in order of first sight."""
    gone_at: float | None = None
    owned: frozenset[int] = frozenset()
    """`owns` as a set."""

    def cell(self, partition: int) -> Cell:
        """What this member is to one partition."""
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
    """In order of first sight, those that are gone included."""
    nobody: tuple[int, ...]
    """Partitions no member owns now."""
    nobody_since: float | None
    """Since when the one that is longest without an owner has none."""
    unowned: frozenset[int]
    """Those of `nobody` that should have an owner by now: trouble."""
    at: float
    """The look the map is of."""
    state_at: float | None
    """Since when the group is in its state; ``None``: it already was at the first look."""
    seen_at: float
    """The first look at the group."""
    before: tuple[str, float] | None
    """The state before this one, and the seconds it lasted (at least)."""
    owners: Mapping[int, str] = field(default_factory=dict)
    """Partition → short name of its owner; while a classic group rebalances, of its last."""

    @property
    def members(self) -> int:
        """Members of the group now, those that read other topics included."""
        return sum(row.gone_at is None for row in self.rows)


STANDS_STILL = frozenset({"frozen", "stuck"})
"""A consumer of ours in one of these states is no longer a member when its time is up, but it still runs."""


def is_out(row: MapRow, deck_state: str) -> bool:
    """Whether a consumer of ours was put out of its group and still runs; `deck_state`: how it fares."""
    return row.gone_at is not None and not STANDS_STILL.isdisjoint(deck_state.split(", "))
