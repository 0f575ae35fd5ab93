"""Descriptions of groups, whatever API they come from: members, within bounds, beside the listed groups."""

import sys
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import Any

from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.groups import Group, Member
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.bounds import MOST_PARTITIONS, NonsenseError
from kafkatui.kafka.faults import GROUP_ID_NOT_FOUND, NO_COORDINATOR, fault_of
from kafkatui.kafka.requests import Request

TOO_MUCH = Fault(FaultKind.NONSENSE, "its members have more partitions than kafkatui takes")

Described = tuple[dict[str, Group | Fault | None], list[str]]
"""The answers by group id; ``None``: the group is not of the kind asked for, or does not exist. And the ids
of the groups that another broker coordinates."""

Found = tuple[dict[str, Group | None], list[str]]
"""Like `Described`, but a fault is within the listed group."""


MakeMember = Callable[[Any, Any], Member]
"""Makes a member of what an answer says of its group and of itself."""
MakeGroup = Callable[[Any, tuple[Member, ...], float], Group | None]
"""Makes a group of what an answer says of it, its members, and the monotonic seconds of the description;
``None``: it does not exist."""


async def describe(
    asker: Asker,
    node_id: int,
    request: Request,
    groups: Sequence[Group],
    member: MakeMember,
    group_of: MakeGroup,
) -> Found:
    """Ask a coordinator by `request`, which names these groups. A fault is put into the group as it was
    listed. Raises `ClusterError`.
    """
    asked = frozenset(group.group_id for group in groups)

    async def made(answer: Any) -> Described:
        return _described(answer, asked, member, group_of)

    answered, moved = await asker.made(node_id, request, made)
    found: dict[str, Group | None] = {}
    for group in groups:
        if group.group_id in answered:
            entry = answered[group.group_id]
            if isinstance(entry, Fault):
                entry = replace(group, coordinator=node_id, members=None, sharing=None, fault=entry)
            found[group.group_id] = entry
    return found, [*moved]


def _described(answer: Any, asked: Container[str], member: MakeMember, group_of: MakeGroup) -> Described:
    """An answer that describes groups. Groups that are not among `asked` are left out."""
    now, room = monotonic(), MOST_PARTITIONS
    found: dict[str, Group | Fault | None] = {}
    moved: list[str] = []
    for item in answer.groups:
        name = sys.intern(item.group_id)
        if name not in asked:
            continue
        if item.error_code in NO_COORDINATOR:
            moved.append(name)
        elif item.error_code == GROUP_ID_NOT_FOUND:
            found[name] = None
        elif item.error_code:
            found[name] = fault_of(item.error_code, getattr(item, "error_message", None))
        else:
            members, room = _members(partial(member, item), item.members, room)
            found[name] = TOO_MUCH if members is None else group_of(item, members, now)
    return found, moved


def _members(
    member: Callable[[Any], Member], items: Sequence[Any], room: int
) -> tuple[tuple[Member, ...] | None, int]:
    """The members of a group sorted by id, and how much of `room` is left. Each member and each of its
    partitions takes 1 of `room`; ``None``: there is not enough."""
    room -= len(items)
    found: list[Member] = []
    for item in items if room >= 0 else ():
        found.append(member(item))
        room -= len(found[-1].assignment)
        if room < 0:
            break
    return (None if room < 0 else tuple(sorted(found, key=lambda item: item.member_id))), max(room, 0)


def partitions_of(assignment: Any) -> tuple[TopicPartition, ...]:
    """The partitions of an assignment, sorted. Raises `NonsenseError`."""
    return sorted_partitions([(topic.topic_name, topic.partitions) for topic in assignment.topic_partitions])


def sorted_partitions(topics: Iterable[tuple[str, Sequence[int]]]) -> tuple[TopicPartition, ...]:
    """(topic, numbers) as sorted partitions. Raises `NonsenseError` for too many, or impossible numbers."""
    topics = list(topics)
    if sum(len(numbers) for _, numbers in topics) > MOST_PARTITIONS:
        raise NonsenseError(TOO_MUCH.text)
    found = sorted(TopicPartition(name, int(number)) for name, numbers in topics for number in numbers)
    if any(not 0 <= number < MOST_PARTITIONS for _, number in found):
        raise NonsenseError("a member has a partition with a number that none has")
    return tuple(found)
