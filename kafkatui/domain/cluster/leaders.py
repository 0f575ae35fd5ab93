"""Which partitions have another leader than before."""

from collections.abc import Iterable
from typing import NamedTuple

from kafkatui.domain.cluster.members import ranges
from kafkatui.domain.cluster.partitions import Topic

LISTED = 4
"""Topics that are listed one by one for each broker."""


class Moved(NamedTuple):
    """A partition whose leader is another one."""

    topic: str
    partition: int
    leader: int | None
    """Node id of the new one; ``None``: no broker leads it."""


def moved_leaders(before: Iterable[Topic], after: Iterable[Topic]) -> tuple[Moved, ...]:
    """Partitions whose leader changed, by topic and number; those that are not there both times are left
    out.
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
