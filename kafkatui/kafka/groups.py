"""Groups: ListGroups, DescribeGroups (classic), ConsumerGroupDescribe (KIP-848)."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import Any

from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.cluster.groups import DEAD, Group, GroupKind, Member
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.bounds import MOST_GROUPS, NonsenseError
from kafkatui.kafka.coordinators import NOT_ANSWERED, Answers, ask_coordinators
from kafkatui.kafka.decode import decode_assignment, decode_subscription
from kafkatui.kafka.described import Found, describe, partitions_of
from kafkatui.kafka.faults import (
    UnsupportedError,
    fault_of,
)
from kafkatui.kafka.requests import Api, Request, make
from kafkatui.kafka.share_groups import describe_share_groups
from kafkatui.kafka.streams_groups import describe_streams_groups
from kafkatui.kafka.topics import read_metadata

OFFSETS_TOPIC = "__consumer_offsets"
DESCRIBE = 1 << 8
"""The bit of the right DESCRIBE among the authorized operations of a resource (``AclOperation``)."""


async def read_group_list(asker: Asker) -> tuple[tuple[Group, ...], tuple[str, ...]]:
    """All groups this user may describe, sorted by id, with state, kind and coordinator; and sentences that
    say why some groups may be missing.

    Every broker is asked at the same time and lists the groups it coordinates. No broker lists a group whose
    partition of ``__consumer_offsets`` has no leader, and none reports an error for it. Brokers before Kafka
    2.6 do not send the state, those before 3.8 not the kind. Raises `ClusterError` where no broker answers.
    Source: ListGroups.
    """
    brokers = sorted(asker.cluster.brokers)
    if not brokers:
        raise ClusterError("reading the groups: no broker is known")
    answers = await asyncio.gather(*(_list_groups(asker, node_id) for node_id in brokers))
    found: dict[str, Group] = {}
    notes: list[str] = []
    for node_id, (groups, fault) in zip(brokers, answers, strict=True):
        for group in groups:
            if group.group_id not in found or found[group.group_id].state == DEAD:
                found[group.group_id] = group
        if fault is not None:
            why = fault.text.split(": ", 1)[-1]  # the broker is named already
            notes.append(f"groups of broker {node_id} are missing: {why}")
    if len(notes) == len(brokers):
        fault = answers[0][1] or NOT_ANSWERED
        raise ClusterError(f"reading the groups: {fault}", fault.kind)
    if len(found) > MOST_GROUPS:
        raise NonsenseError(
            f"the cluster has {len(found):,} groups, kafkatui follows {MOST_GROUPS:,} at most"
        )
    notes += await _without_coordinator(asker)
    asker.cluster.coordinators.update(
        (group.group_id, group.coordinator) for group in found.values() if group.coordinator is not None
    )
    return tuple(sorted(found.values(), key=lambda group: group.group_id)), tuple(notes)


async def _without_coordinator(asker: Asker) -> list[str]:
    """A sentence on the partitions of ``__consumer_offsets`` that no broker leads; empty: every known
    partition has a leader.
    """
    cluster = asker.cluster

    def offline() -> tuple[int, int]:
        topic = cluster.topics.get(OFFSETS_TOPIC)
        partitions = () if topic is None else topic.partitions
        return sum(partition.leader not in cluster.brokers for partition in partitions), len(partitions)

    if offline()[0]:
        with suppress(ClusterError):  # keep the older Metadata then
            await read_metadata(asker, [OFFSETS_TOPIC])
    number, of = offline()
    if not number:
        return []
    return [f"groups on {number} of {of} partitions of {OFFSETS_TOPIC} are missing: no broker leads them"]


async def lists_all_groups(asker: Asker) -> bool:
    """Whether ListGroups lists every group to this user: that needs the right DESCRIBE on the cluster.
    Without it the answer holds only the groups this user may describe, and no error. ``False`` also where a
    broker is too old to report the right (before Kafka 2.8).

    Raises `ClusterError`. Source: the authorized operations of DescribeCluster.
    """

    def build(module: Any, version: int) -> Any:
        return make(
            module.DescribeClusterRequest,
            include_cluster_authorized_operations=True,
            include_fenced_brokers=False,
        )

    try:
        answer = await asker.ask(None, Api.DESCRIBE_CLUSTER, build)
    except UnsupportedError:
        return False
    return not answer.error_code and bool(answer.cluster_authorized_operations & DESCRIBE)


async def describe_groups(asker: Asker, groups: Sequence[Group]) -> tuple[Group, ...]:
    """`groups`, each with its members; in the same order.

    A group that cannot be described keeps its listed values and gets a `fault`. A share group has its members
    in `Group.sharing`. A group that no longer exists is ``Dead`` without members. (Classic DescribeGroups
    calls a live KIP-848 group ``Dead`` too; therefore such a group is described by its own API.) Source:
    DescribeGroups, ConsumerGroupDescribe, ShareGroupDescribe, StreamsGroupDescribe.
    """
    listed = {group.group_id: group for group in groups}

    async def ask(node_id: int, group_ids: Sequence[str]) -> Answers[Group]:
        return await _describe(asker, node_id, [listed[group_id] for group_id in group_ids])

    def faulty(group_id: str, why: Fault) -> Group:
        return replace(listed[group_id], members=None, fault=why)

    found = await ask_coordinators(asker, listed, ask, faulty)
    return tuple(found.get(group.group_id, group) for group in groups)


async def _list_groups(asker: Asker, node_id: int) -> tuple[list[Group], Fault | None]:
    def build(module: Any, version: int) -> Any:
        return make(module.ListGroupsRequest, states_filter=(), types_filter=())

    async def made(answer: Any) -> tuple[list[Group], Fault | None]:
        fault = fault_of(answer.error_code).within(f"broker {node_id}") if answer.error_code else None
        return [
            Group(
                sys.intern(item.group_id),
                _kind(getattr(item, "group_type", "")),
                getattr(item, "group_state", "") or None,
                coordinator=node_id,
                protocol_type=item.protocol_type,
            )
            for item in answer.groups
        ], fault

    try:
        return await asker.made(node_id, Request(Api.LIST_GROUPS, build), made)
    except ClusterError as error:
        return [], error.fault


def _kind(word: str) -> GroupKind:
    try:
        return GroupKind(word.lower())
    except ValueError:
        return GroupKind.UNKNOWN


async def _describe(asker: Asker, node_id: int, groups: Sequence[Group]) -> Answers[Group]:
    """Describe each group by the API of its kind; by the other API where the coordinator answers that the
    group is not of that kind (any more)."""
    new = [group for group in groups if group.kind is GroupKind.CONSUMER]
    old = [group for group in groups if group.kind in {GroupKind.CLASSIC, GroupKind.UNKNOWN}]
    (found, moved), (more, also_moved), *others = await asyncio.gather(
        _describe_consumer(asker, node_id, new),
        _describe_classic(asker, node_id, old),
        describe_share_groups(asker, node_id, [one for one in groups if one.kind is GroupKind.SHARE]),
        describe_streams_groups(asker, node_id, [one for one in groups if one.kind is GroupKind.STREAMS]),
    )
    by_id = {group.group_id: group for group in groups}
    in_vain = {group_id for group_id, group in found.items() if group is None}
    missing = {group_id for group_id, group in more.items() if group is None}
    (second, moved_2), (third, moved_3) = await asyncio.gather(
        _describe_consumer(asker, node_id, [by_id[group_id] for group_id in missing]),
        _describe_classic(asker, node_id, [by_id[group_id] for group_id in in_vain]),
    )
    answers: dict[str, Group] = {}
    for answers_of in (found, more, second, third, *(answered for answered, _ in others)):
        for group_id, group in answers_of.items():
            if group is not None and not (group_id in answers and group.members is None):
                answers[group_id] = group
    not_here = [*moved, *also_moved, *moved_2, *moved_3, *(name for _, names in others for name in names)]
    for group_id, group in by_id.items():
        if group_id not in answers and group_id not in not_here:
            answers[group_id] = replace(
                group, state=DEAD, coordinator=node_id, members=(), fault=None, described_at=monotonic()
            )
    return answers, not_here


async def _describe_classic(asker: Asker, node_id: int, groups: Sequence[Group]) -> Found:
    if not groups:
        return {}, []

    def build(module: Any, version: int) -> Any:
        return make(
            module.DescribeGroupsRequest,
            groups=tuple(group.group_id for group in groups),
            include_authorized_operations=False,
        )

    def group_of(item: Any, members: tuple[Member, ...], now: float) -> Group | None:
        if item.group_state == DEAD:
            return None
        return Group(
            sys.intern(item.group_id),
            GroupKind.CLASSIC,
            item.group_state,
            item.protocol_data or None,
            node_id,
            members,
            protocol_type=item.protocol_type,
            described_at=now,
        )

    request = Request(Api.DESCRIBE_GROUPS, build)
    return await describe(asker, node_id, request, groups, _classic_member, group_of)


def _classic_member(group: Any, item: Any) -> Member:
    """Only consumers send subscriptions and assignments of topics; those of Kafka Connect or of a schema
    registry are other things.
    """
    reads = group.protocol_type in {"", "consumer"}
    return Member(
        item.member_id,
        sys.intern(item.client_id),
        sys.intern(item.client_host.removeprefix("/")),
        getattr(item, "group_instance_id", None),
        (decode_assignment(item.member_assignment) or ()) if reads else (),
        decode_subscription(item.member_metadata) if reads else (),
    )


async def _describe_consumer(asker: Asker, node_id: int, groups: Sequence[Group]) -> Found:
    if not groups:
        return {}, []

    def build(module: Any, version: int) -> Any:
        return module.ConsumerGroupDescribeRequest(
            group_ids=tuple(group.group_id for group in groups), include_authorized_operations=False
        )

    def group_of(item: Any, members: tuple[Member, ...], now: float) -> Group:
        return Group(
            item.group_id,
            GroupKind.CONSUMER,
            item.group_state,
            item.assignor_name or None,
            node_id,
            members,
            item.group_epoch,
            item.assignment_epoch,
            protocol_type="consumer",
            described_at=now,
        )

    request = Request(Api.CONSUMER_GROUP_DESCRIBE, build)
    try:
        return await describe(asker, node_id, request, groups, _consumer_member, group_of)
    except UnsupportedError as error:
        # only groups listed as KIP-848 get the fault: the others simply do not exist
        return {
            group.group_id: replace(group, coordinator=node_id, members=None, fault=error.fault)
            for group in groups
            if group.kind is GroupKind.CONSUMER
        }, []


def _consumer_member(_: Any, item: Any) -> Member:
    names = tuple(sorted(item.subscribed_topic_names))
    return Member(
        item.member_id,
        item.client_id,
        item.client_host.removeprefix("/"),
        item.instance_id,
        partitions_of(item.assignment),
        names if names or not item.subscribed_topic_regex else None,
        partitions_of(item.target_assignment),
        item.member_epoch,
        item.subscribed_topic_regex or None,
    )
