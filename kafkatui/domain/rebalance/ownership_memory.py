"""The memory behind the map of members × partitions: it puts the looks at one group together.

DescribeGroups gives the assignment of a classic group in the state ``Stable`` only. So while the group
rebalances the map shows the last known owners. Times are monotonic seconds, given by the caller.
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
"""Seconds for which a member that left the group keeps its row."""
UNOWNED_AFTER = 10.0
"""Seconds without an owner after which a partition counts as unowned even while the group rebalances."""


@dataclass(slots=True)
class _Seen:
    """A member of the group, or one that left less than `GONE_FOR` seconds ago."""

    key: str
    """See `member_key`."""
    name: str
    """Its short name."""
    member: Member
    """The newest description of it."""
    assignment: tuple[TopicPartition, ...] = ()
    """The newest assignment that was described."""
    subscription: tuple[str, ...] | None = None
    """The newest subscription that was described; ``None``: none was."""
    gone_at: float | None = None
    """Time of the first look without it; ``None``: it is in the group."""
    numbers: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """The answers of `of`, by topic, for this `assignment`."""

    def of(self, topic: str) -> tuple[int, ...]:
        """The partition numbers of a topic in its newest assignment that was described."""
        if topic not in self.numbers:
            self.numbers[topic] = of_topic(self.assignment, topic)
        return self.numbers[topic]


class Ownership:
    """Remembers the members of one group and what each owned last. Feed every look to `observe`, ask `map`
    for a topic.
    """

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self._group: Group | None = None
        self._first_at: float | None = None
        self._marks = Marks()
        self._watched: tuple[str, int] | None = None
        """The topic whose partitions without owner are remembered in `_unowned`, and how many partitions it
        has; ``None``: none yet.
        """
        self._unowned: dict[int, float] = {}
        """By partition number of that topic that has no owner: the time of the first look without one."""
        self._looked_at = 0.0
        self.version = 0
        """It counts up whenever `map` may give another answer (for `at` alone it does not)."""
        self._state_at: float | None = None
        self._state_from = 0.0
        """Since when the group is in its state, as far as looks show."""
        self._before: tuple[str, float] | None = None
        """These three are fields of `OwnershipMap`: `state_at`, the same with the first look as begin, and
        `before`."""

    def observe(self, group: Group, at: float, moved: Change) -> None:
        """Take in a description of the group, made at `at`, that tells its members; `moved`: what changed
        since the last description that had the assignment.
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
            self._state_at = self._state_from = at  # no look showed this rebalance: the state began again

    def names(self, keys: Iterable[str]) -> dict[str, str]:
        """Short names by key, for members that are in the group or left it less than `GONE_FOR` seconds
        ago.
        """
        return {key: self._seen[key].name for key in keys}

    def meet(self, members: Mapping[str, Member], at: float, *, over: bool) -> None:
        """Give short names to the members of a generation, completed at `at`, that no look has shown yet;
        `over`: a later look has been taken, so members that are new here have left since.
        """
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
        """Take in the members of the group at `at`; whether any joined or left since the last look."""
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
        """Forget members that left `GONE_FOR` seconds ago or earlier; whether there were any."""
        old = [
            key
            for key, seen in self._seen.items()
            if seen.gone_at is not None and at - seen.gone_at >= GONE_FOR
        ]
        for key in old:
            del self._seen[key]
        return bool(old)

    def _assignments(self) -> None:
        """Take the assignments and subscriptions out of the newest descriptions of the members."""
        for seen in self._seen.values():
            if seen.gone_at is not None:
                continue
            if seen.member.assignment is not seen.assignment:
                seen.assignment = seen.member.assignment
                seen.numbers = {}
            if seen.member.subscription is not None:
                seen.subscription = seen.member.subscription

    def watch(self, topic: str, partitions: int) -> None:
        """Remember from now on, for this topic only, since when its partitions have no owner."""
        if self._watched == (topic, partitions):
            return
        if self._watched is None or self._watched[0] != topic:
            self._unowned = {}
        self._watched = topic, partitions
        self.version += 1
        self._note_unowned()

    def map(self, topic: str, partitions: int, at: float) -> OwnershipMap | None:
        """The map for one topic as of the last look, made at `at`; ``None``: no look found the members yet. A
        call changes nothing.
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
        """KIP-848: add to each row whom it waits for. A partition that a member has to give up is no longer
        in the assignment that the broker describes, but the member holds it until it has the group's epoch.
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
    """Partition numbers that are not among `owned`; all of them if `blank`: the assignment is not known."""
    if not blank and len(owned) >= partitions:
        return ()
    return tuple([number for number in range(partitions) if blank or number not in owned])


def _facts(group: Group) -> tuple[object, ...]:
    """All that a description says about the group, without the time it was made."""
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
