"""One step of a group from a snapshot to the next; two of a cooperative rebalance are one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kafkatui.domain.cluster.groups import GroupKind
from kafkatui.domain.cluster.members import by_topic, other_name
from kafkatui.domain.rebalance.causes import WITHIN
from kafkatui.domain.rebalance.ownership import Move
from kafkatui.domain.rebalance.rebalances import KEPT_MOVES, Source
from kafkatui.domain.rebalance.snapshots import Change, Snapshot, owned_by_topic

COOPERATIVE = frozenset({"cooperative-sticky"})
"""Assignors of classic groups with which members keep what does not move, and read on."""


@dataclass(slots=True)
class Step:
    """How the group came to a snapshot."""

    before: Snapshot
    """The snapshot it came from; of the first look: its own."""
    snapshot: Snapshot
    change: Change
    ended_at: float
    settled_at: float | None = None
    """When it was last known not to rebalance before; ``None``: never."""
    unsettled: tuple[float, float] | None = None
    """The first and the last look that showed it rebalance."""
    source: Source = Source.LOOKS
    state: str | None = None
    passed: Mapping[str, str] = field(default_factory=dict)
    """Client ids of members that came and went meanwhile, by short name."""
    grown: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    """Short names of all members before and after, by key."""
    moves: tuple[Move, ...] | None = ()
    abandoned: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """By topic: the numbers of the partitions that nobody owns any more."""
    owned: Mapping[str, int] = field(default_factory=dict)
    bounds: dict[str, float] = field(default_factory=dict)
    """Seconds for which members paused at most, by key, as far as commits tell."""
    taken_at: float | None = None
    """Cooperative, of both steps in one: when the first was complete, which only took partitions away."""
    entire: "Step | None" = None
    """It is the second step of a cooperative rebalance: both in one."""

    def __post_init__(self) -> None:
        self.compare(self.before, self.change)
        self.owned = owned_by_topic(self.snapshot.members.values())

    def compare(self, before: Snapshot, change: Change) -> None:
        """It came from this snapshot."""
        self.before, self.change = before, change.in_short
        self.names = names = _names(before, self.snapshot)
        self.moves = None
        self.abandoned = by_topic(change.dropped)
        if before.known:
            self.moves = tuple(
                Move(partition, None if source is None else names[source], names[target])
                for partition, source, target in change.moves[:KEPT_MOVES]
            )

    @property
    def first(self) -> bool:
        """It is the first look."""
        return self.before is self.snapshot

    @property
    def cooperative(self) -> bool:
        """Classic, and members kept what did not move."""
        old, new = self.before.assignor, self.snapshot.assignor if self.snapshot.known else None
        return self.classic and (old or new) in COOPERATIVE and (new or old) in COOPERATIVE

    @property
    def classic(self) -> bool:
        """Not KIP-848."""
        return self.snapshot.kind is not GroupKind.CONSUMER

    def continues(self, last: "Step") -> bool:
        """It is the second step of a cooperative rebalance: those who were to get what others gave up in the
        `last` step get it.
        """
        if last.first or not (last.cooperative and self.cooperative and last.abandoned):
            return False
        if self.change.joined or self.change.gone or self.change.resubscribed or self.passed or self.grown:
            return False
        began = self.ended_at if self.unsettled is None else self.unsettled[0]
        return began - last.ended_at < WITHIN and all(move.source is None for move in self.moves or ())

    def after(self, last: "Step", change: Change) -> "Step":
        """Both steps of a cooperative rebalance in one; `change`: from before both to after both."""
        first = last.ended_at if last.unsettled is None else last.unsettled[0]
        until = last.ended_at if self.unsettled is None else self.unsettled[1]
        exact = last.ended_at if last.source is Source.LOG else None
        return Step(
            before=last.before,
            snapshot=self.snapshot,
            change=change,
            ended_at=self.ended_at,
            settled_at=last.settled_at,
            unsettled=(min(first, last.ended_at), max(until, last.ended_at)),
            source=self.source,
            state=self.state,
            passed=last.passed,
            grown=last.grown,
            taken_at=exact if last.taken_at is None else last.taken_at,
        )


def _names(before: Snapshot, after: Snapshot) -> Mapping[str, str]:
    """One that is gone may have had the name of one that came."""
    if before.names == after.names:
        return after.names
    taken = set(after.names.values())
    names = dict(after.names)
    for key, name in before.names.items():
        if key not in names:
            names[key] = other_name(name, before.members[key]) if name in taken else name
    return names
