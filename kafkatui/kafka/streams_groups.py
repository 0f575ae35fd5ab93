"""Groups of Kafka Streams programs (KIP-1071): StreamsGroupDescribe.

A task is a partition number of a subtopology, which reads the partition with that number of each of its
source topics: so a member of such a group owns partitions like any other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from kafkatui.domain.cluster.groups import Group, GroupKind, Member
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.described import Found, describe, sorted_partitions
from kafkatui.kafka.faults import UnsupportedError
from kafkatui.kafka.requests import Api, Request


async def describe_streams_groups(asker: Asker, node_id: int, groups: Sequence[Group]) -> Found:
    """Each group with its members and the partitions that their active tasks read, from its coordinator."""
    if not groups:
        return {}, []
    names = [group.group_id for group in groups]

    def build(module: Any, version: int) -> Any:
        return module.StreamsGroupDescribeRequest(group_ids=tuple(names), include_authorized_operations=False)

    request = Request(Api.STREAMS_GROUP_DESCRIBE, build)
    try:
        return await describe(asker, node_id, request, groups, _member, partial(_group, node_id))
    except UnsupportedError as error:
        return {one.group_id: replace(one, coordinator=node_id, fault=error.fault) for one in groups}, []


def _member(group: Any, item: Any) -> Member:
    sources = _sources(group)
    topics = {name for names in sources.values() for name in names}
    return Member(
        item.member_id,
        item.client_id,
        item.client_host.removeprefix("/"),
        item.instance_id,
        _partitions(item.assignment.active_tasks, sources),
        tuple(sorted(topics)) or None,
        _partitions(item.target_assignment.active_tasks, sources),
        item.member_epoch,
    )


def _sources(group: Any) -> Mapping[str, Sequence[str]]:
    """By subtopology the topics it reads; empty: the broker does not tell, as before the first member is
    ready, or where a source topic is missing.
    """
    topology = group.topology
    return {
        one.subtopology_id: (*one.source_topics, *(topic.name for topic in one.repartition_source_topics))
        for one in (topology.subtopologies if topology is not None else None) or ()
    }


def _partitions(tasks: Sequence[Any], sources: Mapping[str, Sequence[str]]) -> tuple[TopicPartition, ...]:
    return sorted_partitions(
        [(topic, task.partitions) for task in tasks for topic in sources.get(task.subtopology_id, ())]
    )


def _group(node_id: int, item: Any, members: tuple[Member, ...], now: float) -> Group:
    return Group(
        item.group_id,
        GroupKind.STREAMS,
        item.group_state,
        None,
        node_id,
        members,
        item.group_epoch,
        item.assignment_epoch,
        protocol_type="streams",
        described_at=now,
    )
