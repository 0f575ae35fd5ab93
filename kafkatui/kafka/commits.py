"""Committed offsets of groups: OffsetFetch."""

import asyncio
import sys
from collections.abc import Iterable, Mapping, Sequence
from time import monotonic
from types import MappingProxyType
from typing import Any

from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.cluster.groups import GroupCommits
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.bounds import MOST_PARTITIONS
from kafkatui.kafka.coordinators import Answers, ask_coordinators
from kafkatui.kafka.faults import NO_COORDINATOR, UnsupportedError, fault_of
from kafkatui.kafka.requests import Api, Request, make

OFFSETS_A_PIECE = 1_000
"""Offsets worked on before other tasks run."""

MANY = 8
"""The first version of OffsetFetch that takes several groups (Kafka 3.0)."""

NO_COMMITS: Mapping[str, GroupCommits] = MappingProxyType({})
NO_FAULTS: Mapping[TopicPartition, Fault] = MappingProxyType({})


async def read_commits(
    asker: Asker,
    group_ids: Iterable[str],
    topics: Mapping[str, Sequence[int]] | None = None,
    *,
    known: Mapping[str, GroupCommits] = NO_COMMITS,
) -> dict[str, GroupCommits]:
    """The committed offsets of each group: all, or only those of the partitions in `topics`; with the fault
    of each group or partition that could not be read. Those that are equal to the `known` ones are these
    objects.

    Source: OffsetFetch. Changes nothing, and joins no group.
    """

    async def ask(node_id: int, part: Sequence[str]) -> Answers[GroupCommits]:
        try:
            return await _fetch_many(asker, node_id, part, topics, known)
        except UnsupportedError:
            return await _fetch_one_by_one(asker, node_id, part, topics)

    return await ask_coordinators(
        asker, group_ids, ask, lambda _, why: GroupCommits(fault=why, taken_at=monotonic())
    )


async def _fetch_many(
    asker: Asker,
    node_id: int,
    group_ids: Sequence[str],
    topics: Mapping[str, Sequence[int]] | None,
    known: Mapping[str, GroupCommits],
) -> Answers[GroupCommits]:
    def build(module: Any, version: int) -> Any:
        wanted = _wanted(module, topics)
        groups = tuple(
            make(module.OffsetFetchRequestGroup, group_id=name, topics=wanted) for name in group_ids
        )
        return module.OffsetFetchRequest(groups=groups, require_stable=False)

    async def made(answer: Any) -> Answers[GroupCommits]:
        now, since = monotonic(), 0
        found: dict[str, GroupCommits] = {}
        moved: list[str] = []
        for item in answer.groups:
            if item.error_code in NO_COORDINATOR:
                moved.append(item.group_id)
            else:
                name = sys.intern(item.group_id)
                commits = await _commits(item, item.error_code, now)
                before = known.get(name)
                found[name] = before if before is not None and before == commits else commits
                since += len(commits.offsets)
            if since > OFFSETS_A_PIECE:
                since = 0
                await asyncio.sleep(0)
        return found, moved

    return await asker.made(node_id, Request(Api.OFFSET_FETCH, build, MANY), made)


async def _fetch_one_by_one(
    asker: Asker, node_id: int, group_ids: Sequence[str], topics: Mapping[str, Sequence[int]] | None
) -> Answers[GroupCommits]:
    found: dict[str, GroupCommits] = {}
    moved: list[str] = []
    for group_id in group_ids:

        def build(module: Any, version: int, group_id: str = group_id) -> Any:
            wanted = _wanted(module, topics)
            return make(module.OffsetFetchRequest, group_id=group_id, topics=wanted, require_stable=False)

        answer = await asker.ask(node_id, Api.OFFSET_FETCH, build, lowest=2)
        code = answer.error_code
        if code in NO_COORDINATOR:
            moved.append(group_id)
        else:
            found[group_id] = await _commits(answer, code, monotonic())
    return found, moved


def _wanted(module: Any, topics: Mapping[str, Sequence[int]] | None) -> Any:
    if topics is None:
        return None
    kind = getattr(module, "OffsetFetchRequestTopics", None) or module.OffsetFetchRequestTopic
    return tuple(kind(name=name, partition_indexes=tuple(numbers)) for name, numbers in topics.items())


async def _commits(answer: Any, code: int, now: float) -> GroupCommits:
    if code:
        return GroupCommits(fault=fault_of(code), taken_at=now)
    offsets: dict[TopicPartition, int] = {}
    faults: dict[TopicPartition, Fault] = {}
    since = 0
    for topic in answer.topics:
        name = sys.intern(topic.name)  # thousands of groups may read one topic
        for item in topic.partitions:
            if not 0 <= item.partition_index < MOST_PARTITIONS:
                continue  # no partition has such a number, and it would be taken as a size
            if item.error_code:
                faults[TopicPartition(name, int(item.partition_index))] = fault_of(item.error_code)
            elif item.committed_offset >= 0:
                offsets[TopicPartition(name, int(item.partition_index))] = int(item.committed_offset)
        since += len(topic.partitions)
        if since > OFFSETS_A_PIECE:
            since = 0
            await asyncio.sleep(0)
    return GroupCommits(offsets, faults or NO_FAULTS, taken_at=now)
