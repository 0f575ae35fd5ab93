"""Which partitions have another leader in a new reading of the topics than in the one before."""

from collections.abc import Iterable
from typing import NamedTuple

from kafkatui.domain.cluster.members import ranges
from kafkatui.domain.cluster.partitions import Topic

LISTED = 4
"""So many topics are named for each broker; of more, only the number is said."""


class Moved(NamedTuple):
    """A partition that has another leader now."""

    topic: str
    partition: int
    leader: int | None
    """Node id of the new leader; ``None``: no broker leads it."""


def moved_leaders(before: Iterable[Topic], after: Iterable[Topic]) -> tuple[Moved, ...]:
    """Partitions whose leader changed, sorted by topic and number; a partition that is missing in one of the
    readings is left out.
    """
    led = {(topic.name, one.number): one.leader for topic in before for one in topic.partitions}
    return tuple(
        Moved(topic.name, one.number, one.leader)
        for topic in sorted(after, key=lambda topic: topic.name)
        for one in topic.partitions
        if led.get((topic.name, one.number), one.leader) != one.leader
    )


def say_moved(moved: Iterable[Moved]) -> str:
    """``broker 1 now leads orders 0 3, clicks 1; no broker leads audit 2``; empty: nothing moved."""
    by_leader: dict[int | None, dict[str, list[int]]] = {}
    for topic, partition, leader in moved:
        by_leader.setdefault(leader, {}).setdefault(topic, []).append(partition)
    said = []
    for leader, topics in sorted(by_leader.items(), key=lambda pair: (pair[0] is None, pair[0] or 0)):
        names = [f"{name} {ranges(numbers)}" for name, numbers in topics.items()]
        more = f" and {len(names) - LISTED} other topics" if len(names) > LISTED else ""
        who = "no broker leads" if leader is None else f"broker {leader} now leads"
        said.append(f"{who} {', '.join(names[:LISTED])}{more}")
    return "; ".join(said)
