"""One rebalance of a group: its cause, the partitions that moved, how long it took, how long members paused,
and where this is known from.

A cause is named only if it was seen. Members read on until their next heartbeat tells them of the rebalance,
so outsiders know only how long the rebalance took, and that no pause was longer. Times are monotonic seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil, floor, inf

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.rebalance.ownership import Move

KEPT_MOVES = 500
"""Moves listed of one rebalance; all are counted."""


class Source(StrEnum):
    """Where a rebalance is known from."""

    LOOKS = "looks"
    """DescribeGroups or ConsumerGroupDescribe, asked again and again: times are brackets."""
    LOG = "log"
    """``__consumer_offsets``: every completed generation, exact."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one member owned before a rebalance and after it, and when it gave up and got partitions."""

    name: str
    """Its short name."""
    client_id: str
    before: tuple[TopicPartition, ...] | None
    """``None``: it was not in the group."""
    after: tuple[TopicPartition, ...] | None
    """``None``: it is not in the group any more."""
    revoked_at: float | None = None
    """When its listener was called to give up partitions; ``None``: it is not a consumer of the deck, or its
    listener was not called.
    """
    released_at: float | None = None
    """When its listener was done with that; ``None``: not yet, or not reported."""
    assigned_at: float | None = None
    """When it got its new assignment; ``None``: not yet, or not reported."""
    static: bool = False
    """It has a group instance id: if it leaves and is soon back, there is no rebalance."""
    reads_on: bool = False
    """KIP-848 and cooperative assignors: it went on reading the partitions that it did not give up."""
    handed_over: float | None = None
    """If `reads_on`: seconds from when it gave up partitions until all of these had their new owners, by
    reports of the consumers; ``None``: not reported, or it gave up nothing.
    """
    at_most: float | None = None
    """The longest time, in seconds, that it can have paused, as far as outsiders know; ``None``: not known,
    or it did not pause.
    """

    @property
    def gave_up(self) -> tuple[TopicPartition, ...]:
        """The partitions it owned before and not after, sorted."""
        return tuple(sorted(set(self.before or ()) - set(self.after or ())))

    @property
    def got(self) -> tuple[TopicPartition, ...]:
        """The partitions it owns after and did not own before, sorted."""
        return tuple(sorted(set(self.after or ()) - set(self.before or ())))

    @property
    def pause(self) -> float | None:
        """Seconds for which it read nothing, by its own reports; ``None``: not reported, or `reads_on`."""
        if (
            self.reads_on
            or self.revoked_at is None
            or self.assigned_at is None
            or self.assigned_at < self.revoked_at
        ):
            return None
        return self.assigned_at - self.revoked_at

    @property
    def giving_up(self) -> float | None:
        """Seconds it took to give up its partitions, while the others waited; ``None``: not reported, or it
        is not in the group any more.
        """
        if self.revoked_at is None or self.released_at is None or self.after is None:
            return None
        return self.released_at - self.revoked_at


@dataclass(frozen=True, slots=True)
class Rebalance:
    """One rebalance, or the first look at the group (`first`)."""

    number: int
    """Counts up from 1 in each group; 0 for the first look."""
    started_at: float
    """When the first look showed it, or when the first consumer of the deck gave up partitions for it; its
    end where neither is known.
    """
    ended_at: float | None
    """The first look after it, or the exact end from the group's log; ``None``: it still goes on."""
    first: bool = False
    joined: tuple[str, ...] = ()
    """Short member names, in the order seen."""
    gone: tuple[str, ...] = ()
    """Short names of the members that are no longer in the group."""
    resubscribed: tuple[str, ...] = ()
    """Short names of the members whose subscription changed."""
    grown: Mapping[str, int] = field(default_factory=dict)
    """How many partitions are new to the group, by topic."""
    moves: tuple[Move, ...] | None = ()
    """At most `KEPT_MOVES`; ``None``: the assignment before it is not known."""
    moved: Mapping[str, int] = field(default_factory=dict)
    """How many partitions changed their owner, by topic."""
    abandoned: Mapping[str, int] = field(default_factory=dict)
    """How many partitions lost their owner and got no new one, by topic."""
    owned: Mapping[str, int] = field(default_factory=dict)
    """How many partitions had an owner when it ended, by topic."""
    members: int = 0
    """How many members the group had when it ended, or has now if it goes on."""
    state: str | None = None
    """The group's state at its end, or at the newest look if it goes on; ``None``: not known."""
    took_at_least: float = 0.0
    """The shortest time, in seconds, that it can have taken: from the first look that showed it to the last
    one, or to its end in the log.
    """
    took_at_most: float | None = None
    """The longest time, in seconds, that it can have taken: from the last look before it to the first look
    after it, or to its end in the log. ``None``: it still goes on, or its begin was not seen, or the group
    has no members left (then it lasts until one joins).
    """
    at_least: float = 0.0
    """The shortest time, in seconds, that the longest pause of a member which stayed can have lasted: 0
    unless consumers of the deck reported their pauses.
    """
    at_most: float | None = None
    """The longest time, in seconds, that a member which stayed can have paused: `took_at_most`, or less where
    commits in the group's log or reports of the deck's consumers show it. 0: no member that stayed gave up
    anything; ``None``: not known.
    """
    open_until: float = 0.0
    """The last time at which its assignment was surely not complete."""
    taken_at: float | None = None
    """Cooperative: when the first of its two generations was complete, which only took partitions away;
    ``None``: there was only one, or the log did not show it.
    """
    stops_all: bool = True
    """Every member gives up all its partitions. Else (KIP-848, cooperative assignors) only partitions that
    move are not read for a while.
    """
    cooperative: bool = False
    """A classic group whose assignor lets members keep what does not move."""
    generation: int | None = None
    """The generation that began with it, or the group epoch (KIP-848); ``None``: not known."""
    source: Source = Source.LOOKS
    """Where its end and the assignment after it are known from."""
    assignor: str | None = None
    """The assignor after it; ``None``: not known."""
    assignor_before: str | None = None
    coordinator: int | None = None
    """Node id of the group coordinator after it; ``None``: not known."""
    coordinator_before: int | None = None
    shares: tuple[Share, ...] = ()
    """One for every member that was in the group before or after it, in order of first sight. Empty: the
    assignment before is not known, or a classic group's rebalance still goes on.
    """
    deeds: tuple[Deed, ...] = ()
    """The deeds of the deck that led to it, or made it slow, in order of time."""
    unread: float | None = None
    """Seconds for which nobody read the partitions of consumers that the deck killed, froze or blocked: from
    the first such deed until the last of these partitions had a new owner. ``None``: there was no such deed,
    these consumers owned nothing, or one of the two times is not known.
    """
    acts: Mapping[str, Act] = field(default_factory=dict)
    """The acts of the deck that made members join or leave, by short name of the member."""

    @property
    def visible(self) -> bool:
        """Whether a cause was seen: a deed, a member that joined, another subscription, new partitions."""
        led = any(deed.act is not Act.SLOW for deed in self.deeds)
        return bool(led or self.joined or self.resubscribed or self.grown)

    @property
    def classic(self) -> bool:
        """Whether the group spoke the classic protocol (it has generations), not KIP-848 (it has epochs)."""
        return self.stops_all or self.cooperative

    @property
    def kept_membership(self) -> bool:
        """KIP-848: whether a static member left by a deed, and the coordinator keeps its membership for
        it.
        """
        return not (self.gone or self.classic) and any(deed.act is Act.LEAVE for deed in self.deeds)

    @property
    def exact(self) -> bool:
        """Whether every member that paused reported for how long: then `at_most` is the longest pause."""
        return self.at_most is not None and self.at_least == self.at_most > 0

    def listed(self, topic: str) -> tuple[Move, ...]:
        """The moves of partitions of one topic, as far as they are kept in `moves`."""
        return tuple(move for move in self.moves or () if move.partition.topic == topic)

    @property
    def narrowed(self) -> bool:
        """Whether it is known that the longest pause was shorter than the rebalance."""
        return self.at_most is not None and self.took_at_most is not None and self.at_most < self.took_at_most

    @property
    def took(self) -> str | None:
        """How long it took, as exactly as it is known: ``<1s``, ``1.2–2.0s``, ``18–21 min``; ``None``: not
        known.
        """
        if self.took_at_most is None:
            return None
        if self.took_at_most < 1.0:
            return "<1s"
        least, most = bounds(self.took_at_least, self.took_at_most)
        if self.took_at_least < 0.05:
            return f"<{most}"
        return most if most.startswith(least) and most[len(least)] in " s" else f"{least}–{most}"

    @property
    def longest(self) -> str | None:
        """The longest pause, as members reported it: ``0.02s``; ``None``: not all of them did."""
        if not self.exact or self.at_most is None:
            return None
        return f"{self.at_most:.2f}s" if self.at_most < 1.0 else f"{self.at_most:.1f}s"


UNITS = ((100.0, 1.0, "s", 1), (600.0, 1.0, "s", 0), (6000.0, 60.0, " min", 0), (inf, 3600.0, " h", 0))
"""Rows of (times shorter than so many seconds, seconds of the unit they are shown in, its name, decimals)."""


def bounds(least: float, most: float) -> tuple[str, str]:
    """A lower and an upper bound in the unit of the upper one, in at most ten cells with a dash between them:
    ``18`` and ``21 min``. Rounded away from each other.
    """
    unit, name, decimals = next(
        (unit, name, decimals) for below, unit, name, decimals in UNITS if most < below
    )
    scale = 10**decimals / unit
    low, high = floor(round(least * scale, 6)), ceil(round(most * scale, 6))
    return f"{low / 10**decimals:.{decimals}f}", f"{high / 10**decimals:.{decimals}f}{name}"


def tenths_up(seconds: float) -> float:
    """An upper bound in tenths of a second, never less than it is."""
    return ceil(round(seconds * 10, 6)) / 10


def tenths_down(seconds: float) -> float:
    """A lower bound in tenths of a second, never more than it is."""
    return floor(round(seconds * 10, 6)) / 10
