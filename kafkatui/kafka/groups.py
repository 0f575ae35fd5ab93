"""Consumer groups: ListGroups, DescribeGroups (classic), ConsumerGroupDescribe (KIP-848), OffsetFetch."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import Any

from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.groups import DEAD, Group, GroupCommits, GroupKind, Member
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.bounds import MOST_GROUPS, MOST_PARTITIONS, NonsenseError
from kafkatui.kafka.coordinators import NOTHING_TOLD, Answers, ask_coordinators
from kafkatui.kafka.decode import decode_assignment, decode_subscription
from kafkatui.kafka.faults import (
    GROUP_ID_NOT_FOUND,
    NO_COORDINATOR,
    UnsupportedError,
    fault_of,
)
from kafkatui.kafka.requests import Api, Request, make
from kafkatui.kafka.topics import read_metadata

OFFSETS_A_PIECE = 1_000
"""Offsets worked on before others get their turn."""

MANY = 8
"""OffsetFetch takes many groups from this version on (Kafka 3.0)."""

OFFSETS_TOPIC = "__consumer_offsets"
DESCRIBE = 1 << 8
"""The bit of this right among the authorized operations of a resource (``AclOperation``)."""

TOO_MUCH = Fault(FaultKind.NONSENSE, "its members have more partitions than kafkatui takes")

NOT_FOLLOWED = frozenset({GroupKind.SHARE, GroupKind.STREAMS})


async def read_group_list(asker: Asker) -> tuple[tuple[Group, ...], tuple[str, ...]]:
    """All groups this user may describe, by name, with state, kind and coordinator; and why some may be
    missing.

    Every broker is asked at the same time, each lists the groups it coordinates. A group whose partition of
    ``__consumer_offsets`` has no leader is listed by none, without an error. Brokers before Kafka 2.6 tell no
    state, those before 3.8 no kind. Raises `ClusterError` where none answers. Source: ListGroups.
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
        fault = answers[0][1] or NOTHING_TOLD
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
    """How many partitions of ``__consumer_offsets`` no broker leads; empty: all have a leader, as far as is
    told.
    """
    cluster = asker.cluster

    def offline() -> tuple[int, int]:
        topic = cluster.topics.get(OFFSETS_TOPIC)
        partitions = () if topic is None else topic.partitions
        return sum(partition.leader not in cluster.brokers for partition in partitions), len(partitions)

    if offline()[0]:
        with suppress(ClusterError):  # what was known stands
            await read_metadata(asker, [OFFSETS_TOPIC])
    number, of = offline()
    if not number:
        return []
    return [f"groups on {number} of {of} partitions of {OFFSETS_TOPIC} are missing: no broker leads them"]


async def lists_all_groups(asker: Asker) -> bool:
    """Whether ListGroups tells this user of every group: that takes DESCRIBE on the cluster. Without it only
    those groups are listed that this user may describe, and nothing says so. ``False`` also where a broker
    does not tell (before Kafka 2.8).

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

    What cannot be told of one is its `fault`, beside what was listed. Share and streams groups are left as
    they are. A group that is gone is ``Dead`` and has no members; a live KIP-848 group never is, as classic
    DescribeGroups would have it. Source: DescribeGroups, ConsumerGroupDescribe.
    """
    listed = {group.group_id: group for group in groups}
    todo = [group.group_id for group in groups if group.kind not in NOT_FOLLOWED]

    async def ask(node_id: int, group_ids: Sequence[str]) -> Answers[Group]:
        return await _describe(asker, node_id, [listed[group_id] for group_id in group_ids])

    def faulty(group_id: str, why: Fault) -> Group:
        return replace(listed[group_id], members=None, fault=why)

    found = await ask_coordinators(asker, todo, ask, faulty)
    return tuple(found.get(group.group_id, group) for group in groups)


async def read_commits(
    asker: Asker, group_ids: Iterable[str], topics: Mapping[str, Sequence[int]] | None = None
) -> dict[str, GroupCommits]:
    """All committed offsets of each group, or only those for the partitions `topics`; each fault beside its
    item.

    Source: OffsetFetch. Changes nothing, and needs no membership.
    """

    async def ask(node_id: int, part: Sequence[str]) -> Answers[GroupCommits]:
        try:
            return await _fetch_many(asker, node_id, part, topics)
        except UnsupportedError:
            return await _fetch_one_by_one(asker, node_id, part, topics)

    return await ask_coordinators(
        asker, group_ids, ask, lambda _, why: GroupCommits(fault=why, taken_at=monotonic())
    )


async def _list_groups(asker: Asker, node_id: int) -> tuple[list[Group], Fault | None]:
    def build(module: Any, version: int) -> Any:
        return make(module.ListGroupsRequest, states_filter=(), types_filter=())

    async def made(answer: Any) -> tuple[list[Group], Fault | None]:
        fault = fault_of(answer.error_code).within(f"broker {node_id}") if answer.error_code else None
        return [
            Group(
                item.group_id,
                _kind(getattr(item, "group_type", "")),
                getattr(item, "group_state", "") or None,
                coordinator=node_id,
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
    """Each by the API of its kind; by the other one where the coordinator says it is not of that kind (any
    more)."""
    new = [group for group in groups if group.kind is GroupKind.CONSUMER]
    old = [group for group in groups if group.kind is not GroupKind.CONSUMER]
    (found, moved), (more, also_moved) = await asyncio.gather(
        _describe_consumer(asker, node_id, new), _describe_classic(asker, node_id, old)
    )
    by_id = {group.group_id: group for group in groups}
    in_vain = {group_id for group_id, group in found.items() if group is None}
    missing = {group_id for group_id, group in more.items() if group is None}
    (second, moved_2), (third, moved_3) = await asyncio.gather(
        _describe_consumer(asker, node_id, [by_id[group_id] for group_id in missing]),
        _describe_classic(asker, node_id, [by_id[group_id] for group_id in in_vain]),
    )
    answers: dict[str, Group] = {}
    for told in (found, more, second, third):
        for group_id, group in told.items():
            if group is not None and not (group_id in answers and group.members is None):
                answers[group_id] = group
    not_here = [*moved, *also_moved, *moved_2, *moved_3]
    for group_id, group in by_id.items():
        if group_id not in answers and group_id not in not_here:
            answers[group_id] = replace(
                group, state=DEAD, coordinator=node_id, members=(), fault=None, described_at=monotonic()
            )
    return answers, not_here


Described = tuple[dict[str, Group | Fault | None], list[str]]
"""By group, ``None`` where it is not of the kind asked for, or not there; and groups coordinated
elsewhere."""

Found = tuple[dict[str, Group | None], list[str]]
"""The same, with faults beside what was listed."""


def _beside_listed(described: Described, groups: Sequence[Group], node_id: int) -> Found:
    told, moved = described
    found: dict[str, Group | None] = {}
    for group in groups:
        if group.group_id in told:
            one = told[group.group_id]
            if isinstance(one, Fault):
                one = replace(group, coordinator=node_id, members=None, fault=one)
            found[group.group_id] = one
    return found, [*moved]


async def _describe_classic(asker: Asker, node_id: int, groups: Sequence[Group]) -> Found:
    if not groups:
        return {}, []

    def build(module: Any, version: int) -> Any:
        return make(
            module.DescribeGroupsRequest,
            groups=tuple(group.group_id for group in groups),
            include_authorized_operations=False,
        )

    asked = frozenset(group.group_id for group in groups)

    async def made(answer: Any) -> Described:
        now, room = monotonic(), MOST_PARTITIONS
        found: dict[str, Group | Fault | None] = {}
        moved: list[str] = []
        for told in answer.groups:
            name = told.group_id
            if name not in asked:
                continue  # nobody asked for it
            if told.error_code in NO_COORDINATOR:
                moved.append(name)
            elif told.error_code == GROUP_ID_NOT_FOUND or (not told.error_code and told.group_state == DEAD):
                found[name] = None
            elif told.error_code:
                found[name] = fault_of(told.error_code, getattr(told, "error_message", None))
            else:
                members, room = _members(_classic_member, told.members, room)
                found[name] = (
                    TOO_MUCH
                    if members is None
                    else Group(
                        name,
                        GroupKind.CLASSIC,
                        told.group_state,
                        told.protocol_data or None,
                        node_id,
                        members,
                        described_at=now,
                    )
                )
        return found, moved

    request = Request(Api.DESCRIBE_GROUPS, build)
    return _beside_listed(await asker.made(node_id, request, made), groups, node_id)


def _members(
    member: Callable[[Any], Member], told: Sequence[Any], room: int
) -> tuple[tuple[Member, ...] | None, int]:
    """The members of a group by id, ``None`` where there are more than `room`, their partitions counted too;
    and what is left of it."""
    room -= len(told)
    found: list[Member] = []
    for one in told if room >= 0 else ():
        found.append(member(one))
        room -= len(found[-1].assignment)
        if room < 0:
            break
    return (None if room < 0 else tuple(sorted(found, key=lambda one: one.member_id))), max(room, 0)


def _classic_member(told: Any) -> Member:
    return Member(
        told.member_id,
        told.client_id,
        told.client_host.removeprefix("/"),
        getattr(told, "group_instance_id", None),
        decode_assignment(told.member_assignment) or (),
        decode_subscription(told.member_metadata),
    )


async def _describe_consumer(asker: Asker, node_id: int, groups: Sequence[Group]) -> Found:
    if not groups:
        return {}, []

    def build(module: Any, version: int) -> Any:
        return module.ConsumerGroupDescribeRequest(
            group_ids=tuple(group.group_id for group in groups), include_authorized_operations=False
        )

    asked = frozenset(group.group_id for group in groups)

    async def made(answer: Any) -> Described:
        now, room = monotonic(), MOST_PARTITIONS
        found: dict[str, Group | Fault | None] = {}
        moved: list[str] = []
        for told in answer.groups:
            name = told.group_id
            if name not in asked:
                continue  # nobody asked for it
            if told.error_code in NO_COORDINATOR:
                moved.append(name)
            elif told.error_code == GROUP_ID_NOT_FOUND:
                found[name] = None
            elif told.error_code:
                found[name] = fault_of(told.error_code, told.error_message)
            else:
                members, room = _members(_consumer_member, told.members, room)
                found[name] = (
                    TOO_MUCH
                    if members is None
                    else Group(
                        name,
                        GroupKind.CONSUMER,
                        told.group_state,
                        told.assignor_name or None,
                        node_id,
                        members,
                        told.group_epoch,
                        told.assignment_epoch,
                        described_at=now,
                    )
                )
        return found, moved

    request = Request(Api.CONSUMER_GROUP_DESCRIBE, build)
    try:
        described = await asker.made(node_id, request, made)
    except UnsupportedError as error:
        # a group not listed as KIP-848 may still be gone; one that is cannot be described by this broker
        return {
            group.group_id: replace(group, coordinator=node_id, members=None, fault=error.fault)
            for group in groups
            if group.kind is GroupKind.CONSUMER
        }, []
    return _beside_listed(described, groups, node_id)


def _consumer_member(told: Any) -> Member:
    names = tuple(sorted(told.subscribed_topic_names))
    return Member(
        told.member_id,
        told.client_id,
        told.client_host.removeprefix("/"),
        told.instance_id,
        _partitions(told.assignment),
        names if names or not told.subscribed_topic_regex else None,
        _partitions(told.target_assignment),
        told.member_epoch,
    )


def _partitions(assignment: Any) -> tuple[TopicPartition, ...]:
    if sum(len(topic.partitions) for topic in assignment.topic_partitions) > MOST_PARTITIONS:
        raise NonsenseError(TOO_MUCH.text)
    found = tuple(
        sorted(
            TopicPartition(topic.topic_name, int(number))
            for topic in assignment.topic_partitions
            for number in topic.partitions
        )
    )
    if any(not 0 <= number < MOST_PARTITIONS for _, number in found):
        raise NonsenseError("a member has a partition with a number that none has")
    return found


async def _fetch_many(
    asker: Asker, node_id: int, group_ids: Sequence[str], topics: Mapping[str, Sequence[int]] | None
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
        for told in answer.groups:
            if told.error_code in NO_COORDINATOR:
                moved.append(told.group_id)
            else:
                commits = found[told.group_id] = await _commits(told, told.error_code, now)
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


async def _commits(told: Any, code: int, now: float) -> GroupCommits:
    if code:
        return GroupCommits(fault=fault_of(code), taken_at=now)
    offsets: dict[TopicPartition, int] = {}
    faults: dict[TopicPartition, Fault] = {}
    since = 0
    for topic in told.topics:
        for item in topic.partitions:
            if not 0 <= item.partition_index < MOST_PARTITIONS:
                continue  # no partition has such a number, and it would be taken as a size
            if item.error_code:
                faults[TopicPartition(topic.name, int(item.partition_index))] = fault_of(item.error_code)
            elif item.committed_offset >= 0:
                offsets[TopicPartition(topic.name, int(item.partition_index))] = int(item.committed_offset)
        since += len(topic.partitions)
        if since > OFFSETS_A_PIECE:
            since = 0
            await asyncio.sleep(0)
    return GroupCommits(offsets, faults, taken_at=now)
