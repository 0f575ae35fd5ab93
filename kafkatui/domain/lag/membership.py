"""The members of a group that read a topic, by the description of the group."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from kafkatui.domain.cluster.groups import Group

PIECE = 3000
"""Assigned partitions looked at in one piece of work: some 2 ms."""
NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Membership:
    """The readers of one topic in a group."""

    members: int | None = None
    """How many members the group has, whatever they read; ``None``: not known."""
    reads: bool | None = None
    """Whether a member reads the topic; ``None``: not known."""
    owned: frozenset[int] | None = None
    """Partitions that have an owner; ``None``: not known, every partition may have one."""
    settled: bool = True
    """Whether the group is not rebalancing: only then a partition that is not in `owned` has no owner."""


NOT_KNOWN = Membership()


@dataclass(frozen=True, slots=True)
class Memberships:
    """The readers of all topics of a group."""

    by_topic: Mapping[str, Membership]
    """By topic, for topics that a member subscribed to or owns a partition of."""
    other: Membership
    """The readers of every other topic."""

    def of(self, topic: str) -> Membership:
        """The readers of one topic."""
        return self.by_topic.get(topic, self.other)


@lru_cache(maxsize=4_096)
def _alike(membership: Membership) -> Membership:
    """One object for all that are equal: thousands of groups have one member with the same partitions."""
    return membership


def memberships(group: Group, found: list[Memberships]) -> Iterator[None]:
    """Put the readers of the group's topics into `found`; yields after each bounded piece of work."""
    if group.members is None:
        found.append(Memberships({}, NOT_KNOWN))
        return
    owned: dict[str, set[int]] = {}
    subscribed: set[str] = set()
    done = 0
    for member in group.members:
        subscribed.update(member.subscription or ())
        for start in range(0, len(member.assignment), PIECE):
            piece = member.assignment[start : start + PIECE]
            for topic, number in piece:
                numbers = owned.get(topic)
                if numbers is None:
                    numbers = owned[topic] = set()
                numbers.add(number)
            done += len(piece)
            if done >= PIECE:
                done = 0
                yield
    amount, settled = len(group.members), not group.rebalancing
    everything = all(member.subscription is not None for member in group.members)
    other = None if amount and not (settled and everything) else False
    found.append(
        Memberships(
            {
                topic: _alike(Membership(amount, True, frozenset(owned.get(topic, NONE)), settled))
                for topic in subscribed | owned.keys()
            },
            Membership(amount, other, NONE, settled),
        )
    )
