"""Who is in a group and owns what at one moment, and what changed from one such moment to another."""

from collections import Counter
from collections.abc import Container, Generator, Iterable, Mapping
from dataclasses import dataclass, field, replace

from kafkatui.domain.cluster.groups import GroupKind, Member
from kafkatui.domain.cluster.members import member_key, spans
from kafkatui.domain.cluster.partitions import TopicPartition

PIECE = 2000
"""Partitions looked at in one piece of work: some 2 ms."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The members of a group at one moment, and the partitions each owns."""

    members: Mapping[str, Member]
    """By `member_key`."""
    names: Mapping[str, str]
    """Short names of the members, by `member_key`."""
    kind: GroupKind
    assignor: str | None = None
    """``None``: none chosen yet, or not known."""
    coordinator: int | None = None
    """Node id; ``None``: not known."""
    number: int | None = None
    """Generation, or group epoch (KIP-848); ``None``: not known."""
    known: bool = True
    """Whether the assignment is known: a classic group does not tell it while it rebalances."""

    def same(self, other: "Snapshot") -> bool:
        """Whether both have the same members with the same partitions; the generations may differ."""
        if self.known != other.known or self.members.keys() != other.members.keys():
            return False
        return all(_alike(member, other.members[key]) for key, member in self.members.items())


def _alike(one: Member, other: Member) -> bool:
    return one.assignment == other.assignment and not resubscribed(one, other)


def resubscribed(before: Member, after: Member) -> bool:
    """Whether both descriptions of a member tell its subscription, and the two are not the same."""
    both_known = before.subscription is not None and after.subscription is not None
    return both_known and before.subscription != after.subscription


class Shared:
    """Replaces members and partitions by equal objects known from before, so that looks share them: this
    takes less memory, and comparing is quick.
    """

    def __init__(self) -> None:
        self._partitions: dict[TopicPartition, TopicPartition] = {}

    def members(
        self, members: Iterable[Member], old: Mapping[str, Member]
    ) -> Generator[None, None, dict[str, Member]]:
        """The members by `member_key`; a member, or an assignment, that is equal to the one in `old` is that
        same object. Yields after each piece of work.
        """
        found: dict[str, Member] = {}
        done = 0
        for member in members:
            key = member_key(member)
            before = old.get(key)
            if before is not None and before.assignment == member.assignment:
                member = before if before == member else replace(member, assignment=before.assignment)
            elif member.assignment:
                member = replace(member, assignment=self._share(member.assignment))
            found[key] = member
            done += len(member.assignment)
            if done >= PIECE:
                done = 0
                yield
        return found

    def _share(self, partitions: tuple[TopicPartition, ...]) -> tuple[TopicPartition, ...]:
        if len(self._partitions) > 50 * PIECE:
            self._partitions.clear()  # else partitions of deleted topics would stay for ever
        return tuple(map(self._partitions.setdefault, partitions, partitions))


@dataclass(frozen=True, slots=True)
class Change:
    """The differences between two snapshots of a group; members are named by `member_key`."""

    joined: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    resubscribed: tuple[str, ...] = ()
    """Members in both snapshots whose subscription differs."""
    moves: tuple[tuple[TopicPartition, str | None, str], ...] = ()
    """(partition, old owner, new owner), of partitions that have an owner after; old owner ``None``: nobody.
    """
    moved: Mapping[str, int] = field(default_factory=dict)
    """By topic: how many partitions `moves` has."""
    came: Mapping[str, tuple[TopicPartition, ...]] = field(default_factory=dict)
    """The same moves by new owner, sorted: the partitions it got …"""
    left: Mapping[str, tuple[TopicPartition, ...]] = field(default_factory=dict)
    """… and by old owner, sorted: the partitions that other members got from it."""
    dropped: Mapping[TopicPartition, str] = field(default_factory=dict)
    """Partitions that had an owner before and have none after, with the old owner."""

    @property
    def in_short(self) -> "Change":
        """The same without the single partitions, small enough to be kept for each rebalance."""
        return Change(self.joined, self.gone, self.resubscribed, moved=self.moved)

    @property
    def any(self) -> bool:
        """Whether members, subscriptions or owners differ."""
        return bool(self.joined or self.gone or self.resubscribed or self.moves or self.dropped)


def change(before: Snapshot, after: Snapshot) -> Generator[None, None, Change]:
    """The differences from one snapshot to another; yields after each piece of work. Without owners where one
    of them has no known assignment.
    """
    old, new = before.members, after.members
    joined = tuple(key for key in new if key not in old)
    gone = tuple(key for key in old if key not in new)
    other = tuple(key for key in new if key in old and resubscribed(old[key], new[key]))
    if not (before.known and after.known):
        return Change(joined, gone, other)
    lost: dict[TopicPartition, str] = {}
    given: dict[str, tuple[TopicPartition, ...]] = {}
    done = 0
    for key, member in old.items():
        kept = new[key].assignment if key in new else ()
        if kept is not member.assignment:
            given[key] = _without(member.assignment, set(kept))
            lost.update(dict.fromkeys(given[key], key))
            done += len(member.assignment)
        if done >= PIECE:
            done = 0
            yield
    moves: list[tuple[TopicPartition, str | None, str]] = []
    moved: Counter[str] = Counter()
    came: dict[str, tuple[TopicPartition, ...]] = {}
    for key, member in new.items():
        had = old[key].assignment if key in old else ()
        if had is not member.assignment:
            came[key] = got = _without(member.assignment, set(had))
            moves += [(partition, lost.pop(partition, None), key) for partition in got]
            moved.update({topic: len(part) for topic, part in spans(got)})
            done += 2 * len(member.assignment)
        if done >= PIECE:
            done = 0
            yield
    left: dict[str, tuple[TopicPartition, ...]] = {}
    for key, partitions in given.items():
        left[key] = _without(partitions, lost)
        done += len(partitions)
        if done >= PIECE:
            done = 0
            yield
    return Change(joined, gone, other, tuple(moves), dict(moved), came, left, lost)


def _without(
    partitions: tuple[TopicPartition, ...], others: Container[TopicPartition]
) -> tuple[TopicPartition, ...]:
    return tuple([partition for partition in partitions if partition not in others]) if others else partitions


def owned_by_topic(members: Iterable[Member]) -> dict[str, int]:
    """How many partitions of each topic have an owner."""
    owned: Counter[str] = Counter()
    for member in members:
        owned.update({topic: len(part) for topic, part in spans(member.assignment)})
    return dict(owned)
