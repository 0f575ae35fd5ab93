"""One rebalance of a group: what is known of its cause and its moves, how long it took and how long members
paused, and from where.

A cause is named only if it was seen. Members read on until their next heartbeat tells them of the rebalance:
from outside only how long it took is known, and that no pause was longer. Times are monotonic seconds.
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
    static: bool = False
    """It has a group instance id: leaving and coming back soon is no rebalance."""
    reads_on: bool = False
    """KIP-848 and cooperative assignors: what it did not give up it went on reading."""
    handed_over: float | None = None
    """Where it read on: seconds from when it gave something up until all of that had its new owner, by their
    own clocks; ``None``: not told, or it gave up nothing.
    """
    at_most: float | None = None
    """Seconds for which it paused at most, as far as that is known from outside; ``None``: not known, or it
    did not pause.
    """

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
        """Seconds for which it read nothing, by its own clock; ``None``: not told, or it read on."""
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
        """Seconds it took to give up, while the others waited; ``None``: not told, or it is gone."""
        if self.revoked_at is None or self.released_at is None or self.after is None:
            return None
        return self.released_at - self.revoked_at


@dataclass(frozen=True, slots=True)
class Rebalance:
    """One rebalance, or the first look at the group (`first`)."""

    number: int
    """Counts up from 1; 0 for the first look."""
    started_at: float
    """The first look that showed it, or the first of our own consumers that gave up for it; where nothing
    showed it begin: its end.
    """
    ended_at: float | None
    """The first look after it, or, from the log, its end; ``None``: it still goes on."""
    first: bool = False
    joined: tuple[str, ...] = ()
    """Short member names, in the order seen."""
    gone: tuple[str, ...] = ()
    """Short names of the members that are no longer in the group."""
    resubscribed: tuple[str, ...] = ()
    grown: Mapping[str, int] = field(default_factory=dict)
    """Partitions new to the group, by topic."""
    moves: tuple[Move, ...] | None = ()
    """At most `KEPT_MOVES`; ``None``: what was owned before is not known."""
    moved: Mapping[str, int] = field(default_factory=dict)
    """How many partitions changed their owner, by topic."""
    abandoned: Mapping[str, int] = field(default_factory=dict)
    """How many partitions lost their owner and got no other one, by topic."""
    owned: Mapping[str, int] = field(default_factory=dict)
    """How many partitions had an owner when it ended, by topic."""
    members: int = 0
    """Members of the group when it ended, or now."""
    state: str | None = None
    """The group's state at the newest look of it."""
    took_at_least: float = 0.0
    """Seconds it surely took: between the first and the last look that showed the group without its
    assignment complete, or from the log.
    """
    took_at_most: float | None = None
    """Seconds it took at most: between the looks before and after it, or until its end in the log; ``None``:
    it still goes on, its begin was not seen, or nobody is left: then it lasts until somebody joins.
    """
    at_least: float = 0.0
    """Seconds for which a member that stays surely paused: 0 unless members told it themselves."""
    at_most: float | None = None
    """Seconds for which a member that stays paused at most: as long as it took, less where commits in the
    group's log tell more, or exactly; 0: no member that stays gave up anything; ``None``: not known.
    """
    open_until: float = 0.0
    """The last moment at which its assignment was surely not complete."""
    taken_at: float | None = None
    """Cooperative: when the first of its generations was complete, which only took partitions away;
    ``None``: there was none, or the log did not tell.
    """
    stops_all: bool = True
    """Everyone gives up everything; with KIP-848 and cooperative assignors only what moves pauses."""
    cooperative: bool = False
    """A classic group whose assignor lets members keep what does not move."""
    generation: int | None = None
    """The generation that began with it, or the group epoch (KIP-848); ``None``: not told."""
    source: Source = Source.LOOKS
    """Where its end and its outcome are known from."""
    assignor: str | None = None
    assignor_before: str | None = None
    coordinator: int | None = None
    """Node id of the group coordinator after it."""
    coordinator_before: int | None = None
    shares: tuple[Share, ...] = ()
    """Every member before or after, in order of first sight; empty: what was before is not known, a classic
    group's rebalance goes on, or it is long ago.
    """
    deeds: tuple[Deed, ...] = ()
    """What the deck did that led to it, or made it slow, in order of time."""
    unread: float | None = None
    """Seconds for which nobody read the partitions of members that died: from the moment the deck killed,
    froze or blocked the first of them until the last partition had its new owner; ``None``: nobody died by
    the deck, had nothing, or one of the two is not known.
    """
    acts: Mapping[str, Act] = field(default_factory=dict)
    """Why members joined or are gone, by short name, where the deck did it."""

    @property
    def visible(self) -> bool:
        """A cause was seen: a deed, a join, another subscription, new partitions."""
        led = any(deed.act is not Act.SLOW for deed in self.deeds)
        return bool(led or self.joined or self.resubscribed or self.grown)

    @property
    def classic(self) -> bool:
        """It has generations; with KIP-848 it has epochs."""
        return self.stops_all or self.cooperative

    @property
    def kept_membership(self) -> bool:
        """KIP-848: a static member has left for a while, and its membership is kept."""
        return not (self.gone or self.classic) and any(deed.act is Act.LEAVE for deed in self.deeds)

    @property
    def exact(self) -> bool:
        """Every member that had something told how long it paused: `at_most` is the longest."""
        return self.at_most is not None and self.at_least == self.at_most > 0

    def listed(self, topic: str) -> tuple[Move, ...]:
        """The moves in one topic, as far as they are kept."""
        return tuple(move for move in self.moves or () if move.partition.topic == topic)

    @property
    def narrowed(self) -> bool:
        """Something tells that the pause was shorter than the rebalance."""
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
        """The longest pause where members told it: ``0.02s``; ``None``: they did not."""
        if not self.exact or self.at_most is None:
            return None
        return f"{self.at_most:.2f}s" if self.at_most < 1.0 else f"{self.at_most:.1f}s"


UNITS = ((100.0, 1.0, "s", 1), (600.0, 1.0, "s", 0), (6000.0, 60.0, " min", 0), (inf, 3600.0, " h", 0))
"""Below so many seconds: in what unit, its name, and how many decimals."""


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
