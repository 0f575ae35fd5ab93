"""One step of a group from a snapshot to the next. The two steps of a cooperative rebalance can be merged
into one. Times are monotonic seconds.
"""

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
    """How a group came from one snapshot to the next."""

    before: Snapshot
    """The snapshot the group came from; for the first look the same object as `snapshot`."""
    snapshot: Snapshot
    """The snapshot the group came to."""
    change: Change
    ended_at: float
    """The first look that showed `snapshot`, or the time of its generation in the group's log."""
    settled_at: float | None = None
    """The last time before the step at which the group was known not to rebalance; ``None``: there is none.
    """
    unsettled: tuple[float, float] | None = None
    """Times of the first and the last look that showed the group rebalance; ``None``: no look did."""
    source: Source = Source.LOOKS
    state: str | None = None
    """The group's state at the end of the step, in Kafka's word; ``None``: not known."""
    passed: Mapping[str, str] = field(default_factory=dict)
    """Client ids, by short name, of members that joined and left again within the step."""
    grown: Mapping[str, int] = field(default_factory=dict)
    """By topic: how many new partitions got an owner."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Short names of all members before and after, by key."""
    moves: tuple[Move, ...] | None = ()
    """At most `KEPT_MOVES`; ``None``: the assignment before the step is not known."""
    abandoned: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """By topic: the numbers of the partitions that nobody owns any more."""
    owned: Mapping[str, int] = field(default_factory=dict)
    """By topic: how many partitions have an owner after the step."""
    bounds: dict[str, float] = field(default_factory=dict)
    """By member key: the longest time, in seconds, that the member can have paused, as found from commits."""
    taken_at: float | None = None
    """Of two merged steps: when the first of them, which only took partitions away, was complete by the
    group's log; ``None``: the step is not merged, or the log did not show the first.
    """
    entire: "Step | None" = None
    """For the second step of a cooperative rebalance: both steps merged; ``None`` for every other step."""

    def __post_init__(self) -> None:
        self.compare(self.before, self.change)
        self.owned = owned_by_topic(self.snapshot.members.values())

    def compare(self, before: Snapshot, change: Change) -> None:
        """Set the snapshot the step came from, and what changed since that."""
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
        """Whether the step is the first look at the group, not a rebalance."""
        return self.before is self.snapshot

    @property
    def cooperative(self) -> bool:
        """Whether the group is classic and its assignor lets members keep the partitions that do not move."""
        old, new = self.before.assignor, self.snapshot.assignor if self.snapshot.known else None
        return self.classic and (old or new) in COOPERATIVE and (new or old) in COOPERATIVE

    @property
    def classic(self) -> bool:
        """Whether the group speaks the classic protocol, not KIP-848."""
        return self.snapshot.kind is not GroupKind.CONSUMER

    def continues(self, last: "Step") -> bool:
        """Whether this is the second step of a cooperative rebalance whose first step is `last`: partitions
        that members gave up in `last` get their new owners.
        """
        if last.first or not (last.cooperative and self.cooperative and last.abandoned):
            return False
        if self.change.joined or self.change.gone or self.change.resubscribed or self.passed or self.grown:
            return False
        began = self.ended_at if self.unsettled is None else self.unsettled[0]
        return began - last.ended_at < WITHIN and all(move.source is None for move in self.moves or ())

    def after(self, last: "Step", change: Change) -> "Step":
        """This step merged with `last`, the first step of the same cooperative rebalance; `change`: what
        changed from before `last` to after this step.
        """
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
    """Short names of all members before and after, by key. A member that joined may have the name that a
    member which left had: the one that left gets a longer name.
    """
    if before.names == after.names:
        return after.names
    taken = set(after.names.values())
    names = dict(after.names)
    for key, name in before.names.items():
        if key not in names:
            names[key] = other_name(name, before.members[key]) if name in taken else name
    return names
