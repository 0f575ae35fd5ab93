"""Consumer groups: their members, the partitions these own, and the offsets that groups have committed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from operator import is_
from typing import NamedTuple

from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.cluster.partitions import TopicPartition


class GroupKind(StrEnum):
    """Which protocol a group speaks; the values are ListGroups' own group types."""

    CLASSIC = "classic"
    CONSUMER = "consumer"
    """KIP-848: the broker assigns."""
    SHARE = "share"
    """KIP-932: no partition has one owner, see `Group.sharing`."""
    STREAMS = "streams"
    """KIP-1071."""
    UNKNOWN = "unknown"
    """A broker before KIP-848, or a type this program has not heard of."""


DEAD = "Dead"
"""The state in which a coordinator describes a group that does not exist."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a group, from DescribeGroups or ConsumerGroupDescribe."""

    member_id: str
    client_id: str
    host: str
    """Its address as the broker saw it, without the leading slash."""
    group_instance_id: str | None = None
    """The name of a static member (KIP-345); ``None``: it is no static member."""
    assignment: tuple[TopicPartition, ...] = ()
    """The partitions it owns now, sorted; empty while a classic group rebalances."""
    subscription: tuple[str, ...] | None = None
    """Topics it subscribed to, sorted; ``None``: not known (or a regular expression)."""
    target: tuple[TopicPartition, ...] | None = None
    """KIP-848: the partitions that the broker wants it to own, sorted; ``None`` for classic groups."""
    epoch: int | None = None
    """KIP-848 member epoch; ``None`` for classic groups, whose generation no API tells."""
    regex: str | None = None
    """KIP-848: the regular expression that it subscribed to; ``None``: it did not, or a classic group."""


class SharedPartition(NamedTuple):
    """Where a share group stands on one partition."""

    start_offset: int | None
    """The share-partition start offset: records before it are done; those from it on are with members, wait
    to be handed out, or are done too. ``None``: none yet.
    """
    lag: int | None
    """Records still to be handed out; ``None``: the broker does not tell (before Kafka 4.2). It is less than
    the log end minus the start offset.
    """
    fault: Fault | None = None
    """Why both are not known; ``None``: they are."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """The members of a share group (KIP-932), and where it stands."""

    members: tuple[Member, ...] = ()
    """In order of member id. Several members may have the same partition."""
    offsets: Mapping[TopicPartition, SharedPartition] = field(default_factory=dict)
    fault: Fault | None = None
    """Why `offsets` are not known; ``None``: they are."""

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that it reads, sorted."""
        read = {topic for member in self.members for topic in member.subscription or ()}
        return tuple(sorted(read | {place.topic for place in self.offsets}))

    @property
    def lag(self) -> int | None:
        """The lag of all partitions, summed; ``None``: the broker does not tell, or not of one of them."""
        return self.lag_on(None)

    def lag_on(self, topic: str | None) -> int | None:
        """The same of one topic."""
        known = [
            one.lag
            for place, one in self.offsets.items()
            if one.start_offset is not None and topic in {None, place.topic}
        ]
        if self.fault is not None or None in known or not known:
            return None
        return sum(one for one in known if one is not None)


@dataclass(frozen=True, slots=True)
class Group:
    """A group as its coordinator describes it."""

    group_id: str
    kind: GroupKind = GroupKind.UNKNOWN
    state: str | None = None
    """Kafka's word: ``Stable``, ``Empty``, ``PreparingRebalance``, ``CompletingRebalance``, ``Dead``;
    KIP-848: ``Assigning``, ``Reconciling``; ``None``: not known.
    """
    assignor: str | None = None
    """``range``, ``uniform``, …; ``None``: none chosen yet, or not known."""
    coordinator: int | None = None
    """Node id of the group coordinator; ``None``: not known."""
    members: tuple[Member, ...] | None = None
    """In order of member id; ``None``: not known (denied, not described yet)."""
    epoch: int | None = None
    """KIP-848: the group epoch, which counts changes of members and subscriptions; ``None``: a classic
    group.
    """
    assignment_epoch: int | None = None
    """KIP-848: the group epoch that the target assignment was made for; ``None``: a classic group."""
    fault: Fault | None = None
    """Why it could not be described; ``None``: it was."""
    protocol_type: str | None = None
    """``consumer``; of groups of other clients e.g. ``connect`` or ``sr``; empty: the group has no member and
    only commits; ``None``: not known.
    """
    sharing: Sharing | None = None
    """What a share group does: its `members` are not known, as no partition has one owner. ``None``: not
    described yet, or another kind of group.
    """
    described_at: float | None = field(default=None, compare=False)
    """Monotonic seconds since when every description of the group has been equal to this one; see
    `ClusterGroups.looked_at` for the time of the newest. ``None``: only listed so far, not described."""

    @property
    def rebalancing(self) -> bool:
        """Whether the group's state is one of those in which partitions change their owners."""
        return self.state in {"PreparingRebalance", "CompletingRebalance", "Assigning", "Reconciling"}

    @property
    def gone(self) -> bool:
        """Whether its coordinator says that there is no such group."""
        return self.state == DEAD and self.fault is None


@dataclass(frozen=True, slots=True)
class GroupCommits:
    """All committed offsets of one group, from OffsetFetch."""

    offsets: Mapping[TopicPartition, int] = field(default_factory=dict)
    """The next offset the group will read. Partitions without a commit are absent."""
    faults: Mapping[TopicPartition, Fault] = field(default_factory=dict)
    """Partitions whose commit could not be read, and why."""
    fault: Fault | None = None
    """Why no commit of the group could be read; ``None``: they could."""
    taken_at: float = field(default=0.0, compare=False)
    """Monotonic seconds since when every answer about the group has been equal to this one; see
    `ClusterGroups.commits_taken_at` for the time of the newest. Log ends read later are not older than these
    commits."""


@dataclass(frozen=True, slots=True)
class ClusterGroups:
    """The groups of a cluster and their commits. Whatever did not change since the look before is the same
    object as then: each group, its commits, and `groups` and `commits` as a whole."""

    groups: tuple[Group, ...] = ()
    """By name. Kafka leaves out what this user may not describe."""
    commits: Mapping[str, GroupCommits] = field(default_factory=dict)
    """By group; missing: not asked yet."""
    notes: tuple[str, ...] = ()
    """Why some groups may be missing now (a broker that did not list its groups), each one line."""
    listed_at: float | None = None
    """Monotonic seconds at which the list of groups was asked for: a group that is not in `groups` did not
    exist then. ``None``: not asked yet."""
    lists_all: bool = True
    """Kafka lists every group to this user: the user has DESCRIBE on the cluster. Else Kafka lists only
    groups that the user may describe, and does not say so.
    """
    described_at: float | None = None
    """Monotonic seconds at which all groups were described last; ``None``: not yet."""
    watched: str | None = None
    """The group that was described alone after that (it is the one shown); ``None``: none was …"""
    watched_at: float | None = None
    """… and the monotonic seconds of that description."""
    commits_taken_at: float | None = None
    """Monotonic seconds at which the commits of all groups were read last; ``None``: not yet."""

    def looked_at(self, group: Group) -> float | None:
        """Monotonic seconds at which a group of `groups` was described last; ``None``: not yet."""
        if group.described_at is None:
            return None
        newest = self.watched_at if group.group_id == self.watched else self.described_at
        return group.described_at if newest is None else max(group.described_at, newest)

    @property
    def left_out(self) -> str | None:
        """Why `groups` may lack some groups; ``None``: it has all."""
        if self.notes:
            return self.notes[0]
        return None if self.lists_all else ONLY_DESCRIBED


def unchanged(before: tuple[Group, ...], now: Sequence[Group]) -> tuple[Group, ...]:
    """`now`, with those of `before` that are equal; `before` itself where all are."""
    if len(before) == len(now) and all(map(is_, before, now)):
        return before
    known = {group.group_id: group for group in before}
    found = tuple(
        old if (old := known.get(group.group_id)) is not None and (old is group or old == group) else group
        for group in now
    )
    return before if len(before) == len(found) and all(map(is_, before, found)) else found


def unchanged_commits(
    before: Mapping[str, GroupCommits], now: Mapping[str, GroupCommits]
) -> Mapping[str, GroupCommits]:
    """`now`, with those of `before` that are equal; `before` itself where all are."""
    found = {
        name: old if (old := before.get(name)) is not None and (old is new or old == new) else new
        for name, new in now.items()
    }
    same = len(before) == len(found) and all(map(is_, map(before.get, found), found.values()))
    return before if same else found


ONLY_DESCRIBED = "only groups that this user may describe are listed"


def not_listed(before: Iterable[Group], listed: Iterable[Group]) -> tuple[Group, ...]:
    """Groups of `before` that are missing in a new list. They may still exist, if only the broker that would
    list them is down, so they are asked for by name.
    """
    names = {group.group_id for group in listed}
    return tuple(group for group in before if group.group_id not in names and not group.gone)


def still_there(described: Iterable[Group], listed: Iterable[Group]) -> tuple[Group, ...]:
    """The groups that exist, sorted by name: those listed, and those asked for by name (`described`) of which
    the coordinator does not say that they are gone.
    """
    names = {group.group_id for group in listed}
    there = (group for group in described if group.group_id in names or not group.gone)
    return tuple(sorted(there, key=lambda group: group.group_id))
