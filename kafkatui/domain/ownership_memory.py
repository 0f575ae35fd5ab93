"""Successive looks at a group become a map of members × partitions.

A classic group tells outsiders no assignment while it rebalances (DescribeGroups fills it in ``Stable``
only), so the map remembers who owned a partition last. Times are monotonic seconds, given by the caller.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kafkatui.domain.groups import Group, GroupKind, Member
from kafkatui.domain.members import by_topic, member_key, short_names
from kafkatui.domain.ownership import MapRow, OwnershipMap, Presence
from kafkatui.domain.partitions import TopicPartition

GONE_FOR = 60.0
"""Seconds a member that is gone keeps its row."""
MOVED_FOR = 30.0
"""Seconds a moved partition is marked, unless the next rebalance begins before."""
UNOWNED_AFTER = 10.0
"""Seconds without an owner after which a partition counts as unowned even while the group rebalances."""


@dataclass(slots=True)
class _Seen:
    key: str
    name: str
    member: Member
    owned: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """By topic, as last told."""
    subscription: tuple[str, ...] | None = None
    gone_at: float | None = None


class Ownership:
    """What is remembered of one group between looks. Feed every `Group` to `observe`, ask `map` for a
    topic.
    """

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self._group: Group | None = None
        self._first_at: float | None = None
        self._known = False  # assignments were told at least once
        self._owner: dict[TopicPartition, str] = {}
        self._came: dict[TopicPartition, tuple[str, float]] = {}
        self._left: dict[TopicPartition, tuple[str, float]] = {}
        self._unowned: dict[TopicPartition, float] = {}
        self._state_at: float | None = None
        self._state_from = 0.0
        self._before: tuple[str, float] | None = None
        self._was_rebalancing = False

    def observe(self, group: Group, at: float) -> bool:
        """Take in one description of the group, made at `at`; ``False``: it tells no members."""
        if group.members is None or group.fault is not None:
            return False
        first = self._first_at is None
        if first:
            self._first_at = self._state_from = at
        elif self._group is not None and group.state != self._group.state:
            self._before = (self._group.state or "?", at - self._state_from)
            self._state_at = self._state_from = at
        self._group = group
        changed = self._membership(group.members, at)
        self._name()
        if group.rebalancing and not self._was_rebalancing:
            self._came.clear()
            self._left.clear()
        if not (group.rebalancing and group.kind is not GroupKind.CONSUMER):
            changed = self._assignments(at) or changed
        self._was_rebalancing = group.rebalancing
        if changed and not first and not group.rebalancing and self._state_from < at:
            self._state_at = self._state_from = at  # a rebalance was missed: the state began anew
        return True

    def name(self, key: str) -> str:
        """The short name of a member that was seen in the last minute."""
        return self._seen[key].name

    def meet(self, members: Mapping[str, Member], at: float, *, gone: bool) -> None:
        """Name members that no look showed: they are `gone` already, or the next look will show them."""
        for key, member in members.items():
            if key not in self._seen:
                self._seen[key] = _Seen(key, "", member, gone_at=at if gone else None)
        self._name()

    def _name(self) -> None:
        for key, name in short_names(
            (seen.key, seen.member, seen.name) for seen in self._seen.values()
        ).items():
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
            elif seen.gone_at is not None and at - seen.gone_at >= GONE_FOR:
                del self._seen[key]
        return changed

    def _assignments(self, at: float) -> bool:
        """Who owns what now; whether that, or a subscription, changed."""
        resubscribed = False
        moved: list[tuple[TopicPartition, str | None, str]] = []
        for key, seen in self._seen.items():
            if seen.gone_at is not None:
                continue
            member = seen.member
            if member.subscription is not None:
                if seen.subscription is not None and seen.subscription != member.subscription:
                    resubscribed = True
                seen.subscription = member.subscription
            seen.owned = by_topic(member.assignment)
            for partition in member.assignment:
                before = self._owner.get(partition)
                if before == key:
                    continue
                moved.append((partition, before, key))
                self._owner[partition] = key
        if not self._known:
            self._known = True
            return resubscribed
        if moved and not (self._was_rebalancing or (self._group and self._group.rebalancing)):
            self._came.clear()  # the rebalance before this one was missed whole: its marks end here
            self._left.clear()
        for partition, source, target in moved:
            self._came[partition] = (target, at)
            if source is not None:
                self._left[partition] = (source, at)
        return resubscribed or bool(moved)

    def map(self, topic: str, partitions: int, at: float) -> OwnershipMap | None:
        """The map for one topic as of the last look; ``None``: no look told members yet."""
        group = self._group
        if group is None or self._first_at is None:
            return None
        rebalancing = group.rebalancing
        blank = rebalancing and group.kind is not GroupKind.CONSUMER
        present = sum(seen.gone_at is None for seen in self._seen.values())
        came, left = _by_owner(self._came, topic, at), _by_owner(self._left, topic, at)
        rows = tuple(
            self._row(seen, topic, partitions, present, blank, came, left) for seen in self._seen.values()
        )
        owned = frozenset().union(*(row.owned for row in rows)) if rows else frozenset()
        nobody = tuple(number for number in range(partitions) if number not in owned)
        since = self._since(topic, nobody, at)
        read = any(row.presence not in {Presence.ELSEWHERE, Presence.GONE} for row in rows)
        unowned = frozenset(
            number for number in nobody if read and (not rebalancing or at - since[number] >= UNOWNED_AFTER)
        )
        last = {number: row.name for row in rows if row.gone_at is None for number in row.held}
        return OwnershipMap(
            group=group,
            topic=topic,
            partitions=partitions,
            rows=rows,
            nobody=nobody,
            nobody_since=min(since.values(), default=None),
            unowned=unowned,
            at=at,
            state_at=self._state_at,
            seen_at=self._first_at,
            before=self._before,
            owners=last | {number: row.name for row in rows for number in row.owns},
        )

    @staticmethod
    def _row(
        seen: _Seen,
        topic: str,
        partitions: int,
        present: int,
        blank: bool,
        came: Mapping[str, set[int]],
        left: Mapping[str, set[int]],
    ) -> MapRow:
        numbers = tuple(number for number in seen.owned.get(topic, ()) if number < partitions)
        gone = seen.gone_at is not None
        owns = () if blank or gone else numbers
        target = None if gone or seen.member.target is None else by_topic(seen.member.target).get(topic, ())
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
            held=frozenset(numbers) if blank or gone else frozenset(),
            came=frozenset(came.get(seen.key, ())),
            left=frozenset(left.get(seen.key, ())),
            gives_up=() if target is None else tuple(sorted(set(owns) - set(target))),
            waits_for=() if target is None else tuple(sorted(set(target) - set(owns))),
            gone_at=seen.gone_at,
            owned=frozenset(owns),
        )

    def _since(self, topic: str, nobody: tuple[int, ...], at: float) -> dict[int, float]:
        old = {number: since for (name, number), since in self._unowned.items() if name == topic}
        since = {number: old.get(number, at) for number in nobody}
        self._unowned = {TopicPartition(topic, number): when for number, when in since.items()}
        return since


def _by_owner(
    marks: Mapping[TopicPartition, tuple[str, float]], topic: str, at: float
) -> dict[str, set[int]]:
    """The partitions of a topic that are marked at `at`, by the member they are marked for."""
    found: dict[str, set[int]] = {}
    for partition, (owner, since) in marks.items():
        if partition.topic == topic and at - since < MOVED_FOR:
            found.setdefault(owner, set()).add(partition.partition)
    return found
