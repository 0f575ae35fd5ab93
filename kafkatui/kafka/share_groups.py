"""Share groups (KIP-932): ShareGroupDescribe and DescribeShareGroupOffsets."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.groups import Group, GroupKind, Member, SharedPartition, Sharing
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.bounds import LARGEST_OFFSET, MOST_PARTITIONS
from kafkatui.kafka.coordinators import NOT_ANSWERED
from kafkatui.kafka.described import Found, describe, partitions_of
from kafkatui.kafka.faults import UnsupportedError, fault_of
from kafkatui.kafka.requests import Api, Request

OFF = Fault(FaultKind.UNSUPPORTED, "the broker is too old to describe it, or its share.version is off")

Offsets = tuple[dict[TopicPartition, SharedPartition], Fault | None]
"""The share-partition start offsets of one group, and why they are not known."""


async def describe_share_groups(asker: Asker, node_id: int, groups: Sequence[Group]) -> Found:
    """Each group with its members and offsets in `Group.sharing`, from its coordinator."""
    if not groups:
        return {}, []
    names = [group.group_id for group in groups]

    def build(module: Any, version: int) -> Any:
        return module.ShareGroupDescribeRequest(group_ids=tuple(names), include_authorized_operations=False)

    request = Request(Api.SHARE_GROUP_DESCRIBE, build)
    try:
        (found, moved), offsets = await asyncio.gather(
            describe(asker, node_id, request, groups, _member, partial(_group, node_id)),
            _read_offsets(asker, node_id, names),
        )
    except UnsupportedError:
        return {one.group_id: replace(one, coordinator=node_id, fault=OFF) for one in groups}, []
    for name, group in found.items():
        if group is None:
            continue
        if group.fault is not None and group.fault.kind is FaultKind.UNSUPPORTED:
            found[name] = replace(group, fault=OFF)
        elif group.sharing is not None:
            sharing = Sharing(group.sharing.members, *offsets.get(name, ({}, NOT_ANSWERED)))
            found[name] = replace(group, sharing=sharing)
    return found, moved


def _member(_: Any, item: Any) -> Member:
    return Member(
        item.member_id,
        item.client_id,
        item.client_host.removeprefix("/"),
        None,
        partitions_of(item.assignment),
        tuple(sorted(item.subscribed_topic_names)),
        None,
        item.member_epoch,
    )


def _group(node_id: int, item: Any, members: tuple[Member, ...], now: float) -> Group:
    return Group(
        item.group_id,
        GroupKind.SHARE,
        item.group_state,
        item.assignor_name or None,
        node_id,
        None,
        item.group_epoch,
        item.assignment_epoch,
        protocol_type="share",
        described_at=now,
        sharing=Sharing(members),
    )


async def _read_offsets(asker: Asker, node_id: int, names: Sequence[str]) -> dict[str, Offsets]:
    """By group. Only brokers since Kafka 4.2 tell the lag."""

    def build(module: Any, version: int) -> Any:
        group = module.DescribeShareGroupOffsetsRequestGroup
        groups = tuple(group(group_id=name, topics=None) for name in names)
        return module.DescribeShareGroupOffsetsRequest(groups=groups)

    try:
        answer = await asker.ask(node_id, Api.DESCRIBE_SHARE_GROUP_OFFSETS, build)
    except ClusterError as error:
        return {name: ({}, error.fault) for name in names}
    found: dict[str, Offsets] = {}
    for group in answer.groups:
        if group.error_code:
            found[group.group_id] = {}, fault_of(group.error_code)
            continue
        found[group.group_id] = (
            {
                TopicPartition(topic.topic_name, int(item.partition_index)): SharedPartition(
                    _known(item.start_offset),
                    _known(getattr(item, "lag", -1)),
                    fault_of(item.error_code) if item.error_code else None,
                )
                for topic in group.topics
                for item in topic.partitions
                if 0 <= item.partition_index < MOST_PARTITIONS
            },
            None,
        )
    return found


def _known(number: int) -> int | None:
    return int(number) if 0 <= number <= LARGEST_OFFSET else None
