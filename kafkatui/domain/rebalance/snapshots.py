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

    def same(self, other: "Snapshot") -> bool:
        """The same members with the same partitions; the generation may be another."""
        if self.known != other.known or self.members.keys() != other.members.keys():
            return False
        return all(_alike(member, other.members[key]) for key, member in self.members.items())


def _alike(one: Member, other: Member) -> bool:
    return one.assignment == other.assignment and not resubscribed(one, other)


def resubscribed(before: Member, after: Member) -> bool:
    """Both told what they subscribed to, and it is not the same."""
    told = before.subscription is not None and after.subscription is not None
    return told and before.subscription != after.subscription


class Shared:
    """Makes equal things the very same, to keep memory small and comparisons short."""

    def __init__(self) -> None:
        self._partitions: dict[TopicPartition, TopicPartition] = {}

    def members(
        self, members: Iterable[Member], old: Mapping[str, Member]
    ) -> Generator[None, None, dict[str, Member]]:
        """Members by key, with what is equal to what it was in `old`; yields after each piece of work."""
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
            self._partitions.clear()  # topics come and go
        return tuple(map(self._partitions.setdefault, partitions, partitions))


@dataclass(frozen=True, slots=True)
class Change:
    """What is different in a snapshot; members are keys."""

    joined: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    resubscribed: tuple[str, ...] = ()
    moves: tuple[tuple[TopicPartition, str | None, str], ...] = ()
    """(partition, from, to); without those that nobody owns now."""
    moved: Mapping[str, int] = field(default_factory=dict)
    """By topic."""
    came: Mapping[str, tuple[TopicPartition, ...]] = field(default_factory=dict)
    """The same moves by member, sorted: what each got …"""
    left: Mapping[str, tuple[TopicPartition, ...]] = field(default_factory=dict)
    """… and what others have now."""
    dropped: Mapping[TopicPartition, str] = field(default_factory=dict)
    """Partitions that nobody owns now, and who did."""

    @property
    def in_short(self) -> "Change":
        """Without every single partition: to be kept."""
        return Change(self.joined, self.gone, self.resubscribed, moved=self.moved)

    @property
    def any(self) -> bool:
        """Something is different."""
        return bool(self.joined or self.gone or self.resubscribed or self.moves or self.dropped)


def change(before: Snapshot, after: Snapshot) -> Generator[None, None, Change]:
    """What changed; yields after each piece of work."""
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
