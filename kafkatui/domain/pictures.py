"""Who is in a group and owns what at one moment, and what changed from one such moment to another."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from kafkatui.domain.groups import GroupKind, Member
from kafkatui.domain.members import member_key
from kafkatui.domain.partitions import TopicPartition


@dataclass(frozen=True, slots=True)
class Picture:
    """A group with its assignment complete, or as complete as it is told."""

    members: Mapping[str, Member]
    """By `member_key`."""
    names: Mapping[str, str]
    """Short names by key."""
    kind: GroupKind
    assignor: str | None = None
    coordinator: int | None = None
    number: int | None = None
    """Generation, or group epoch (KIP-848)."""
    known: bool = True
    """What members own was told; a classic group that rebalances does not."""

    def same(self, other: "Picture") -> bool:
        """The same members with the same partitions; the generation may be another."""
        if self.known != other.known or self.members.keys() != other.members.keys():
            return False
        return all(_alike(member, other.members[key]) for key, member in self.members.items())

    @property
    def owned(self) -> dict[str, int]:
        """How many partitions of each topic have an owner."""
        count = Counter[str]()
        for member in self.members.values():
            count.update(partition.topic for partition in member.assignment)
        return dict(count)


def _alike(one: Member, other: Member) -> bool:
    return one.assignment == other.assignment and not resubscribed(one, other)


def resubscribed(before: Member, after: Member) -> bool:
    """Both told what they subscribed to, and it is not the same."""
    told = before.subscription is not None and after.subscription is not None
    return told and before.subscription != after.subscription


def shared(members: Iterable[Member], old: Mapping[str, Member]) -> dict[str, Member]:
    """Members by key; what is equal to what it was before is that very object, to keep memory small."""
    found: dict[str, Member] = {}
    for member in members:
        key = member_key(member)
        before = old.get(key)
        if before is not None and before.assignment == member.assignment:
            member = before if before == member else replace(member, assignment=before.assignment)
        found[key] = member
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """What is different in a picture; members are keys."""

    joined: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    resubscribed: tuple[str, ...] = ()
    moves: tuple[tuple[TopicPartition, str | None, str], ...] = ()
    """(partition, from, to); without those that nobody owns now."""
    moved: Mapping[str, int] = field(default_factory=dict)
    """By topic."""


def change(before: Picture, after: Picture, most: int) -> Change:
    """What changed; at most so many moves are listed, all are counted."""
    old, new = before.members, after.members
    joined = tuple(key for key in new if key not in old)
    gone = tuple(key for key in old if key not in new)
    other = tuple(key for key in new if key in old and resubscribed(old[key], new[key]))
    if not (before.known and after.known):
        return Change(joined, gone, other)
    lost: dict[TopicPartition, str] = {}
    for key, member in old.items():
        kept = new[key].assignment if key in new else ()
        if kept is not member.assignment:
            lost.update(dict.fromkeys(set(member.assignment).difference(kept), key))
    moves: list[tuple[TopicPartition, str | None, str]] = []
    moved: Counter[str] = Counter()
    for key, member in new.items():
        had = old[key].assignment if key in old else ()
        if had is member.assignment:
            continue
        got = set(member.assignment).difference(had)
        moved.update(partition.topic for partition in got)
        if len(moves) < most:
            moves += [(partition, lost.get(partition), key) for partition in sorted(got)[: most - len(moves)]]
    return Change(joined, gone, other, tuple(moves), dict(moved))
