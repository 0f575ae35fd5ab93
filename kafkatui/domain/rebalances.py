"""The timeline of one group: its rebalances, each with what was seen of its cause, its moves and how long it
paused.

Everything is seen from outside, by looking again and again. A cause is named only if it was seen; a pause is
a bracket between the looks around it. Times are monotonic seconds, given by the caller.
"""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kafkatui.domain.deeds import Deed
from kafkatui.domain.groups import Group, GroupKind
from kafkatui.domain.lanes import Lanes
from kafkatui.domain.ownership import Difference, Move, OwnershipMap
from kafkatui.domain.ownership_memory import Ownership
from kafkatui.domain.partitions import TopicPartition

KEPT_EVENTS = 100
KEPT_MOVES = 500
"""Moves listed of one rebalance; all are counted."""


class Source(StrEnum):
    """Where it is known from."""

    LOOKS = "looks"
    """DescribeGroups or ConsumerGroupDescribe, asked again and again: times are brackets."""
    LOG = "log"
    """``__consumer_offsets``: every completed generation, exact."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one member had before a rebalance and after it."""

    name: str
    """Short."""
    client_id: str
    before: tuple[TopicPartition, ...] | None
    """``None``: it was not in the group."""
    after: tuple[TopicPartition, ...] | None
    """``None``: it is not in the group any more."""
    revoked_at: float | None = None
    """When its listener was called to give up; ``None``: not one of ours, or it was not called."""
    released_at: float | None = None
    """When it had given up."""
    assigned_at: float | None = None
    """When it was told what it got."""

    @property
    def gave_up(self) -> tuple[TopicPartition, ...]:
        """What it had and has no longer, sorted."""
        return tuple(sorted(set(self.before or ()) - set(self.after or ())))

    @property
    def got(self) -> tuple[TopicPartition, ...]:
        """What it has and had not, sorted."""
        return tuple(sorted(set(self.after or ()) - set(self.before or ())))

    @property
    def pause(self) -> float | None:
        """Seconds for which it read nothing, by its own clock; ``None``: not told."""
        if self.revoked_at is None or self.assigned_at is None or self.assigned_at < self.revoked_at:
            return None
        return self.assigned_at - self.revoked_at


@dataclass(frozen=True, slots=True)
class Rebalance:
    """One rebalance as seen from outside, or the first look at the group (`first`)."""

    number: int
    """Counts up from 1; 0 for the first look."""
    started_at: float
    """The first look that showed it."""
    ended_at: float | None
    """The first look after it; ``None``: it still goes on."""
    first: bool = False
    joined: tuple[str, ...] = ()
    """Short member names, in the order seen."""
    gone: tuple[str, ...] = ()
    """Members that are no longer there: whether they left or were timed out is not told."""
    resubscribed: tuple[str, ...] = ()
    grown: Mapping[str, int] = field(default_factory=dict)
    """Partitions new to the group, by topic."""
    moves: tuple[Move, ...] | None = ()
    """At most `KEPT_MOVES`; ``None``: what was owned before is not known."""
    moved: Mapping[str, int] = field(default_factory=dict)
    """How many partitions changed their owner, by topic."""
    owned: Mapping[str, int] = field(default_factory=dict)
    """How many partitions had an owner when it ended, by topic."""
    members: int = 0
    """Members of the group when it ended, or now."""
    state: str | None = None
    """The group's state at the newest look of it."""
    at_least: float = 0.0
    """Seconds between the first and the last look that showed the group without its assignment complete."""
    at_most: float | None = None
    """Seconds between the looks before and after it; ``None``: it still goes on, or its begin was not
    seen.
    """
    stops_all: bool = True
    """Classic groups stop as a whole; with KIP-848 only what moves pauses."""
    generation: int | None = None
    """The generation that began with it, or the group epoch (KIP-848); ``None``: not told."""
    source: Source = Source.LOOKS
    """Where its end and its outcome are known from."""
    assignor: str | None = None
    assignor_before: str | None = None
    shares: tuple[Share, ...] = ()
    """Every member before or after, in order of first sight; empty: what was before is not known."""
    deeds: tuple[Deed, ...] = ()
    """What the deck did that led to it, in order of time."""

    @property
    def visible(self) -> bool:
        """A cause was seen: a join, another subscription, new partitions."""
        return bool(self.joined or self.resubscribed or self.grown)

    def listed(self, topic: str) -> tuple[Move, ...]:
        """The moves in one topic, as far as they are kept."""
        return tuple(move for move in self.moves or () if move.partition.topic == topic)

    @property
    def bracket(self) -> str | None:
        """How long it paused, as exactly as looking from outside can tell: ``<1s``, ``1.2–2.0s``; ``None``:
        not known.
        """
        if self.at_most is None:
            return None
        if self.at_most < 1.0:
            return "<1s"
        if self.at_least < 0.05:
            return f"<{self.at_most:.1f}s"
        if f"{self.at_least:.1f}" == f"{self.at_most:.1f}":
            return f"{self.at_most:.1f}s"
        return f"{self.at_least:.1f}–{self.at_most:.1f}s"


@dataclass(slots=True)
class _Open:
    """A rebalance that is going on."""

    number: int
    started_at: float
    settled_at: float | None
    joined: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    resubscribed: list[str] = field(default_factory=list)
    grown: Counter[str] = field(default_factory=Counter)
    moves: list[Move] = field(default_factory=list)
    moved: Counter[str] = field(default_factory=Counter)
    unsettled: tuple[float, float] | None = None
    blind: bool = False
    """It was already going on at the first look: who owned what before is not known."""


class GroupStory:
    """All that is remembered of one group between looks: `observe` every description, in order of time."""

    def __init__(self) -> None:
        self.lanes = Lanes()
        self._ownership = Ownership()
        self._events: deque[Rebalance] = deque(maxlen=KEPT_EVENTS)
        self._open: _Open | None = None
        self._number = 0
        self._settled_at: float | None = None
        self._looked_at: float | None = None
        self._group: Group | None = None

    @property
    def looked_at(self) -> float | None:
        """The newest look that told members."""
        return self._looked_at

    @property
    def events(self) -> tuple[Rebalance, ...]:
        """Newest first; the first of them may still go on."""
        going_on = (
            () if self._open is None or self._group is None else (self._event(self._open, self._group, None),)
        )
        return (*going_on, *self._events)

    def map(self, topic: str, partitions: int) -> OwnershipMap | None:
        """Members × partitions of one topic at the newest look; ``None``: none told members yet."""
        return None if self._looked_at is None else self._ownership.map(topic, partitions, self._looked_at)

    def observe(self, group: Group, at: float) -> None:
        """Take in a description made at `at`; one that is not newer than the last is passed over."""
        if self._looked_at is not None and at <= self._looked_at:
            return
        difference = self._ownership.observe(group, at)
        if not difference.told:
            return
        if difference.first:
            self._events.appendleft(
                Rebalance(
                    number=0,
                    started_at=at,
                    ended_at=at,
                    first=True,
                    owned=owned_by_topic(group),
                    members=len(group.members or ()),
                    state=group.state,
                )
            )
        if self._open is None and (group.rebalancing or (difference.changed and not difference.first)):
            self._number += 1
            self._open = _Open(self._number, at, self._settled_at, blind=difference.first)
        if self._open is not None:
            self._collect(self._open, difference)
            if group.rebalancing:
                since = self._open.unsettled[0] if self._open.unsettled else at
                self._open.unsettled = (since, at)
            else:
                self._events.appendleft(self._event(self._open, group, at))
                self._open = None
        if not group.rebalancing:
            self._settled_at = at
        self.lanes.observe(group, at)
        self._group = group
        self._looked_at = at

    def _collect(self, event: _Open, difference: Difference) -> None:
        event.joined += [name for name in difference.joined if name not in event.joined]
        event.gone += [name for name in difference.gone if name not in event.gone]
        event.resubscribed += [name for name in difference.resubscribed if name not in event.resubscribed]
        event.grown.update(partition.topic for partition in difference.grown)
        event.moved.update(move.partition.topic for move in difference.moves)
        event.moves += difference.moves[: KEPT_MOVES - len(event.moves)]

    def _event(self, event: _Open, group: Group, ended_at: float | None) -> Rebalance:
        first, last = event.unsettled or (event.started_at, event.started_at)
        known = ended_at is not None and event.settled_at is not None
        return Rebalance(
            number=event.number,
            started_at=event.started_at,
            ended_at=ended_at,
            joined=tuple(event.joined),
            gone=tuple(event.gone),
            resubscribed=tuple(event.resubscribed),
            grown=dict(event.grown),
            moves=None if event.blind else tuple(event.moves),
            moved=dict(event.moved),
            owned=owned_by_topic(group),
            members=len(group.members or ()),
            state=group.state,
            at_least=last - first,
            at_most=ended_at - event.settled_at
            if known and ended_at and event.settled_at is not None
            else None,
            stops_all=group.kind is not GroupKind.CONSUMER,
        )


def owned_by_topic(group: Group) -> dict[str, int]:
    """How many partitions of each topic have an owner."""
    return dict(Counter(partition.topic for member in group.members or () for partition in member.assignment))
