"""Successive looks at a group become a map of members × partitions.

A classic group tells outsiders no assignment while it rebalances (DescribeGroups fills it in ``Stable``
only), so the map remembers who owned a partition last. Times are monotonic seconds, given by the caller.
"""

from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field, replace

from kafkatui.domain.cluster.groups import Group, GroupKind, Member
from kafkatui.domain.cluster.members import member_key, short_names
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.rebalance.ownership import MapRow, OwnershipMap, Presence
from kafkatui.domain.rebalance.ownership_marks import Marks, of_topic
from kafkatui.domain.rebalance.snapshots import Change

GONE_FOR = 60.0
"""Seconds a member that is gone keeps its row."""
UNOWNED_AFTER = 10.0
"""Seconds without an owner after which a partition counts as unowned even while the group rebalances."""


@dataclass(slots=True)
class _Seen:
    key: str
    name: str
    member: Member
    assignment: tuple[TopicPartition, ...] = ()
    """As last told."""
    subscription: tuple[str, ...] | None = None
    gone_at: float | None = None
    numbers: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Of `assignment`, by the topics asked for."""

    def of(self, topic: str) -> tuple[int, ...]:
        """The partitions of a topic it had when that was last told."""
        if topic not in self.numbers:
            self.numbers[topic] = of_topic(self.assignment, topic)
        return self.numbers[topic]


class Ownership:
    """What is remembered of one group between looks. Feed every `Group` to `observe`, ask `map` for a
    topic.
    """

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self._group: Group | None = None
        self._first_at: float | None = None
        self._marks = Marks()
        self._watched: tuple[str, int] | None = None
        """The topic of which it is remembered since when partitions have no owner, and how many it has."""
        self._unowned: dict[int, float] = {}
        """Partition of that topic → monotonic seconds since when it has no owner."""
        self._looked_at = 0.0
        self.version = 0
        """Another number: `map` may give something else than before, its time apart."""
        self._state_at: float | None = None
        self._state_from = 0.0
        self._before: tuple[str, float] | None = None

    def observe(self, group: Group, at: float, moved: Change) -> None:
        """Take in one description of the group that tells its members, made at `at`; `moved` is what changed
        since the last one that told assignments.
        """
        first = self._first_at is None
        self._looked_at = at
        different = self._group is None or _facts(group) != _facts(self._group)
        if first:
            self._first_at = self._state_from = at
        elif self._group is not None and group.state != self._group.state:
            self._before = (self._group.state or "?", at - self._state_from)
            self._state_at = self._state_from = at
        changed = self._membership(group.members or (), at)
        if changed:
            self._name()
        forgot = self._forget(at)
        was_rebalancing = self._group is not None and self._group.rebalancing
        if group.rebalancing and not was_rebalancing:
            self._marks.clear()
        if not (group.rebalancing and group.kind is not GroupKind.CONSUMER):
            self._assignments()
            self._marks.add(moved, at, alone=not (group.rebalancing or was_rebalancing))
        self._group = group
        expired = self._marks.pass_time(at)
        if changed or forgot or expired or different or moved.any or first:
            self.version += 1
            self._note_unowned()
        if (changed or moved.any) and not first and not group.rebalancing and self._state_from < at:
            self._state_at = self._state_from = at  # a rebalance was missed: the state began anew

    def names(self, keys: Iterable[str]) -> dict[str, str]:
        """Short names of members seen in the last minute."""
        return {key: self._seen[key].name for key in keys}

    def meet(self, members: Mapping[str, Member], at: float, *, over: bool) -> None:
        """Name all members of a moment that no look showed: it is `over`, or the next look will show it."""
        new = [key for key in members if key not in self._seen]
        for key in new:
            self._seen[key] = _Seen(key, "", members[key], gone_at=at if over else None)
        if new:
            self.version += 1
            self._name(set() if over else self._seen.keys() - members.keys())

    def _name(self, leaving: Set[str] = frozenset()) -> None:
        seen = self._seen.values()
        gone = {one.key for one in seen if one.gone_at is not None} | leaving
        for key, name in short_names(((one.key, one.member, one.name) for one in seen), gone).items():
            self._seen[key].name = name

    def _membership(self, members: Iterable[Member], at: float) -> bool:
        """Who is there now; whether someone came or went."""
        now = {member_key(member): member for member in members}
        changed = False
        for key, member in now.items():
            seen = self._seen.get(key)
            if seen is None:
                self._seen[key] = _Seen(key, "", member)
                changed = True
                continue
            changed = changed or seen.gone_at is not None
            seen.gone_at = None
            seen.member = member
        for key, seen in list(self._seen.items()):
            if key not in now and seen.gone_at is None:
                seen.gone_at = at
                changed = True
        return changed

    def _forget(self, at: float) -> bool:
        """Give up the rows of members that are gone for `GONE_FOR` seconds; whether there were any."""
        old = [
            key
            for key, seen in self._seen.items()
            if seen.gone_at is not None and at - seen.gone_at >= GONE_FOR
        ]
        for key in old:
            del self._seen[key]
        return bool(old)

    def _assignments(self) -> None:
        """Who owns what now, and who reads what."""
        for seen in self._seen.values():
            if seen.gone_at is not None:
                continue
            if seen.member.assignment is not seen.assignment:
                seen.assignment = seen.member.assignment
                seen.numbers = {}
            if seen.member.subscription is not None:
                seen.subscription = seen.member.subscription

    def watch(self, topic: str, partitions: int) -> None:
        """Remember from now on since when partitions of this topic have no owner, and of no other topic."""
        if self._watched == (topic, partitions):
            return
        if self._watched is None or self._watched[0] != topic:
            self._unowned = {}
        self._watched = topic, partitions
        self.version += 1
        self._note_unowned()

    def map(self, topic: str, partitions: int, at: float) -> OwnershipMap | None:
        """The map for one topic as of the last look; ``None``: no look told members yet. Asking changes
        nothing.
        """
        group = self._group
        if group is None or self._first_at is None:
            return None
        rebalancing = group.rebalancing
        blank = rebalancing and group.kind is not GroupKind.CONSUMER
        present = sum(seen.gone_at is None for seen in self._seen.values())
        came, left = self._marks.of(topic)
        rows = tuple(
            self._row(seen, topic, partitions, present, blank, came, left) for seen in self._seen.values()
        )
        if group.kind is GroupKind.CONSUMER:
            rows = self._blocked(rows, topic, group)
        owners = {number: row.name for row in rows if row.gone_at is None for number in row.held or row.owns}
        nobody = _not_in(owners, partitions, blank=blank)
        known = self._unowned if self._watched == (topic, partitions) else {}
        since = {number: known.get(number, at) for number in nobody}
        first = min(since.values(), default=None)
        read = any(row.presence not in {Presence.ELSEWHERE, Presence.GONE} for row in rows)
        unowned: frozenset[int] = frozenset()
        if read and first is not None and (not rebalancing or at - first >= UNOWNED_AFTER):
            unowned = frozenset(
                number for number in nobody if not rebalancing or at - since[number] >= UNOWNED_AFTER
            )
        return OwnershipMap(
            group=group,
            topic=topic,
            partitions=partitions,
            rows=rows,
            nobody=nobody,
            nobody_since=first,
            unowned=unowned,
            at=at,
            state_at=self._state_at,
            seen_at=self._first_at,
            before=self._before,
            owners=owners,
        )

    @staticmethod
    def _row(
        seen: _Seen,
        topic: str,
        partitions: int,
        present: int,
        blank: bool,
        came: Mapping[str, frozenset[int]],
        left: Mapping[str, frozenset[int]],
    ) -> MapRow:
        numbers = seen.of(topic)
        if numbers and numbers[-1] >= partitions:
            numbers = tuple(number for number in numbers if number < partitions)
        gone = seen.gone_at is not None
        owns = () if blank or gone else numbers
        owned = frozenset(numbers)
        target = None
        if not gone and seen.member.target is not None:
            target = [number for number in of_topic(seen.member.target, topic) if number < partitions]
        subscribed = seen.subscription is None or topic in seen.subscription
        if gone:
            presence = Presence.GONE
        elif numbers:
            presence = Presence.OWNS
        elif not subscribed:
            presence = Presence.ELSEWHERE
        else:
            presence = Presence.IDLE if partitions < present else Presence.EMPTY
        return MapRow(
            key=seen.key,
            name=seen.name,
            member=seen.member,
            presence=presence,
            owns=owns,
            held=owned if blank or gone else frozenset(),
            came=came.get(seen.key, frozenset()),
            left=left.get(seen.key, frozenset()),
            gives_up=() if target is None else tuple(sorted(owned.difference(target))),
            waits_for=() if target is None else tuple(sorted(set(target) - owned)),
            gone_at=seen.gone_at,
            owned=frozenset() if blank or gone else owned,
        )

    def _blocked(self, rows: tuple[MapRow, ...], topic: str, group: Group) -> tuple[MapRow, ...]:
        """KIP-848: who holds what others wait for. The broker no longer counts as assigned what a member is
        told to give up: until that member has reached the group's epoch, it still holds it.
        """
        holders = {number: row.key for row in rows if row.gone_at is None for number in row.owns}
        dropped = self._marks.dropped(topic)
        giving: dict[str, list[int]] = {}
        for row in rows:
            epoch = row.member.epoch
            if row.gone_at is None and epoch is not None and group.epoch is not None and epoch < group.epoch:
                giving[row.key] = [number for number, key in dropped.items() if key == row.key]
                holders.update(dict.fromkeys(giving[row.key], row.key))
        names = {row.key: row.name for row in rows}
        waits = {row.key: {holders[number] for number in row.waits_for if number in holders} for row in rows}
        return tuple(
            replace(
                row,
                gives_up=tuple(sorted({*row.gives_up, *giving.get(row.key, ())})),
                holders=tuple(names[key] for key in names if key in waits[row.key] and key != row.key),
            )
            for row in rows
        )

    def _note_unowned(self) -> None:
        """Remember which partitions of the watched topic have no owner as of the last look."""
        if self._watched is None or self._group is None:
            return
        topic, partitions = self._watched
        blank = self._group.rebalancing and self._group.kind is not GroupKind.CONSUMER
        owned = {number for seen in self._seen.values() if seen.gone_at is None for number in seen.of(topic)}
        nobody = _not_in(owned, partitions, blank=blank)
        self._unowned = {number: self._unowned.get(number, self._looked_at) for number in nobody}


def _not_in(owned: Collection[int], partitions: int, *, blank: bool) -> tuple[int, ...]:
    """Partitions that no member owns; `blank`: nobody owns anything now."""
    if not blank and len(owned) >= partitions:
        return ()
    return tuple([number for number in range(partitions) if blank or number not in owned])


def _facts(group: Group) -> tuple[object, ...]:
    """What a description tells, without its time."""
    return (
        group.state,
        group.kind,
        group.assignor,
        group.coordinator,
        group.members,
        group.epoch,
        group.assignment_epoch,
        group.fault,
    )
