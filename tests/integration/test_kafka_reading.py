"""Topics, groups and lag of a real Kafka; lag against Kafka's own ``kafka-consumer-groups``."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from unittest.mock import ANY

import aiokafka
import pytest

from kafkatui.domain.cluster.groups import Group, GroupKind
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.errors import ClusterError
from kafkatui.kafka import commits, coordinators, requests
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.commits import read_commits
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.groups import describe_groups, read_group_list
from kafkatui.kafka.lag import read_group_lag
from kafkatui.kafka.listing import LATEST
from kafkatui.kafka.requests import Api
from kafkatui.kafka.topics import NO_POLICY, Policy, read_ends, read_metadata, read_offsets, read_policies
from tests.faults import coded
from tests.integration.conftest import Kafka
from tests.integration.eventually import eventually
from tests.integration.kafka_clients import classic_member, new_member, write
from tests.integration.kafka_tools import consumer_groups_tool

pytestmark = pytest.mark.kafka

Unique = Callable[[str], str]


@pytest.fixture
async def topic(cluster: Cluster, unique: Unique) -> AsyncIterator[str]:
    """A topic of three partitions with 5, 3 and 0 records."""
    name, admin = unique("orders"), Admin(cluster)
    await admin.create_topics([name], partitions=3)
    await write(admin, name, {0: [b"x"] * 5, 1: [b"x"] * 3})
    yield name
    await admin.delete_topics([name])


async def test_a_topic_and_its_logs(asker: Asker, topic: str) -> None:
    before = asker.cluster.requests
    brokers, topics, cluster_id, notes = await read_metadata(asker)
    assert asker.cluster.requests > before
    assert cluster_id
    assert notes == ()
    (found,) = (found for found in topics if found.name == topic)
    assert [partition.number for partition in found.partitions] == [0, 1, 2]
    assert {partition.leader for partition in found.partitions} <= {broker.node_id for broker in brokers}
    assert found.replication_factor == 1
    assert found.topic_id
    log = (await read_ends(asker, [found]))[topic]
    assert (log.starts, log.ends, log.faults) == ((0, 0, 0), (5, 3, 0), ())
    again = await read_ends(asker, [found], starts={topic: replace(log, starts=(1, 1, 0))})
    assert again[topic].starts == (1, 1, 0)  # taken over, not asked for
    assert again[topic].ends == (5, 3, 0)
    for other in (
        replace(log, starts=(1, 1, 1)),  # no log starts beyond its end
        replace(log, starts=(1, 1, 0), ends=(9, 3, 0)),  # its end went back
        replace(log, starts=(1, 1, 0), topic_id="of another topic of this name"),
    ):
        assert (await read_ends(asker, [found], starts={topic: other}))[topic] == replace(log, taken_at=ANY)


async def test_a_missing_topic_or_group_is_an_error_and_is_not_created(asker: Asker, unique: Unique) -> None:
    name = unique("missing")
    for _ in range(2):
        _, (found,), *_ = await read_metadata(asker, [name])
        assert found.error == coded("UNKNOWN_TOPIC_OR_PARTITION")
    offsets = await read_offsets(asker, {name: [0]}, LATEST)
    assert offsets[name] == ([None], {0: coded("UNKNOWN_TOPIC_OR_PARTITION")})
    with pytest.raises(ClusterError, match="UNKNOWN_TOPIC_OR_PARTITION"):
        await read_group_lag(asker, "nobody", name)
    assert await read_policies(asker, [name]) == {name: NO_POLICY}
    assert name not in [topic.name for topic in (await read_metadata(asker))[1]]


async def test_policies(asker: Asker, topic: str, unique: Unique) -> None:
    compacted = unique("state")
    admin = Admin(asker.cluster)
    settings = {"cleanup.policy": "compact,delete", "min.insync.replicas": "2"}
    await admin.create_topics([compacted], partitions=1, configs=settings)
    found = await read_policies(asker, [topic, compacted])
    assert found == {topic: Policy(False, 1), compacted: Policy(True, 2)}
    await admin.delete_topics([compacted])


async def test_a_missing_partition_affects_no_other(asker: Asker, topic: str) -> None:
    await read_metadata(asker, [topic])
    known = asker.cluster.topics[topic]
    asker.cluster.topics[topic] = replace(
        known, partitions=(*known.partitions, known.partitions[0]._replace(number=7))
    )
    offsets, faults = (await read_offsets(asker, {topic: [0, 7]}, LATEST))[topic]
    assert (offsets[0], offsets[7]) == (5, None)
    assert faults == {7: coded("UNKNOWN_TOPIC_OR_PARTITION")}


async def test_a_classic_group(kafka: Kafka, asker: Asker, topic: str, unique: Unique) -> None:
    group_id = unique("billing")
    async with (
        classic_member(kafka.bootstrap_servers, group_id, topic, "one") as one,
        classic_member(kafka.bootstrap_servers, group_id, topic, "two", group_instance_id="static"),
    ):
        await one.commit(dict.fromkeys(one.assignment(), 1))

        async def settled() -> Group | None:
            listed, notes = await read_group_list(asker)
            assert notes == ()
            (group,) = await describe_groups(asker, [group for group in listed if group.group_id == group_id])
            members = group.members or ()
            return group if len(members) == 2 and all(member.assignment for member in members) else None

        group: Group = await eventually(settled)
        assert (group.kind, group.state, group.assignor) == (GroupKind.CLASSIC, "Stable", "roundrobin")
        assert group.coordinator in asker.cluster.brokers
        members = group.members or ()
        owned = sorted(partition for member in members for partition in member.assignment)
        assert owned == [TopicPartition(topic, number) for number in range(3)]
        assert {(member.client_id, member.group_instance_id) for member in members} == {
            ("one", None),
            ("two", "static"),
        }
        assert {member.subscription for member in members} == {(topic,)}


@pytest.mark.kip848
async def test_a_classic_group_that_was_listed_as_a_new_one(
    kafka: Kafka, asker: Asker, topic: str, unique: Unique
) -> None:
    group_id = unique("billing")
    async with classic_member(kafka.bootstrap_servers, group_id, topic, "one"):

        async def found() -> Group | None:
            (group,) = await describe_groups(asker, [Group(group_id, GroupKind.CONSUMER)])
            return group if group.members else None

        group = await eventually(found)
        assert (group.kind, group.state) == (GroupKind.CLASSIC, "Stable")


@pytest.mark.kip848
async def test_a_kip_848_group_is_never_dead(
    kafka: Kafka, asker: Asker, topic: str, unique: Unique, monkeypatch: pytest.MonkeyPatch
) -> None:
    group_id = unique("shipping")
    async with new_member(kafka.bootstrap_servers, group_id, topic, "new") as read:
        await asyncio.to_thread(read, 1)
        listed, _ = await read_group_list(asker)
        (found,) = (group for group in listed if group.group_id == group_id)
        assert found.kind is GroupKind.CONSUMER
        (group,) = await describe_groups(asker, [found])
        assert (group.kind, group.state, group.assignor) == (GroupKind.CONSUMER, "Stable", "uniform")
        (member,) = group.members or ()
        assert (
            member.assignment == member.target == tuple(TopicPartition(topic, number) for number in range(3))
        )
        assert (member.client_id, member.subscription, member.epoch) == ("new", (topic,), group.epoch)
        # listed by a broker that tells no kind
        (unknown,) = await describe_groups(asker, [replace(found, kind=GroupKind.UNKNOWN, state=None)])
        assert (unknown.state, len(unknown.members or ())) == ("Stable", 1)
        # described by a broker that only knows classic groups
        monkeypatch.setitem(requests.NEWEST, Api.CONSUMER_GROUP_DESCRIBE, -1)
        monkeypatch.setitem(requests.NEWEST, Api.DESCRIBE_GROUPS, 5)
        (old,) = await describe_groups(asker, [found])
        assert (old.state, old.members) == ("Stable", None)
        assert old.fault is not None
        assert "ConsumerGroupDescribe" in old.fault.text


@pytest.mark.kip848
async def test_deleted_groups_are_dead(asker: Asker, unique: Unique) -> None:
    gone = [Group(unique("a"), GroupKind.CLASSIC), Group(unique("b"), GroupKind.CONSUMER)]

    async def told() -> tuple[Group, ...]:
        """The first request for a coordinator makes ``__consumer_offsets``."""
        groups = await describe_groups(asker, gone)
        return groups if all(group.fault is None for group in groups) else ()

    classic, new = await eventually(told, 20)
    assert (classic.state, classic.members) == (new.state, new.members) == ("Dead", ())


async def test_coordinators_that_moved_are_looked_up_again(
    kafka: Kafka, asker: Asker, topic: str, unique: Unique, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [unique("a"), unique("b")]
    for group_id in ids:
        async with classic_member(kafka.bootstrap_servers, group_id, topic, "c") as member:
            await member.commit(dict.fromkeys(member.assignment(), 2))
    wanted = {TopicPartition(topic, number): 2 for number in range(3)}
    assert [commits.offsets for commits in (await read_commits(asker, ids)).values()] == [wanted, wanted]
    for group_id in ids:
        asker.cluster.coordinators[group_id] = 99
    assert [commits.offsets for commits in (await read_commits(asker, ids)).values()] == [wanted, wanted]
    # as brokers before Kafka 3.0 are asked: one key, one group a request
    asker.cluster.coordinators.clear()
    monkeypatch.setitem(requests.NEWEST, Api.FIND_COORDINATOR, coordinators.MANY - 1)
    monkeypatch.setitem(requests.NEWEST, Api.OFFSET_FETCH, commits.MANY - 1)
    assert [commits.offsets for commits in (await read_commits(asker, ids)).values()] == [wanted, wanted]
    limited = await read_commits(asker, ids[:1], {topic: [1]})
    assert limited[ids[0]].offsets == {TopicPartition(topic, 1): 2}


HEAD = "GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST CLIENT-ID"
COLUMNS = HEAD.split()


def rows(printed: str) -> set[tuple[str, ...]]:
    """The lines of ``--describe`` of several groups, below their heads."""
    lines = [line.split() for line in printed.splitlines()]
    assert COLUMNS in lines
    return {tuple(line) for line in lines if len(line) == len(COLUMNS) and line != COLUMNS}


async def ours(asker: Asker, group_id: str, topic: str) -> set[tuple[str, ...]]:
    """The same lines made from kafkatui's own readings."""
    listed, _ = await read_group_list(asker)
    (group,) = await describe_groups(asker, [group for group in listed if group.group_id == group_id])
    owners = {partition: member for member in group.members or () for partition in member.assignment}
    lag = await read_group_lag(asker, group_id, topic)
    found = set()
    for item in lag.partitions:
        owner = owners.get(item.partition)
        if owner is None and item.committed_offset is None:
            continue
        numbers = [item.committed_offset, item.log_end_offset, item.lag]
        who = ("-", "-", "-") if owner is None else (owner.member_id, f"/{owner.host}", owner.client_id)
        written = ("-" if number is None else str(number) for number in numbers)
        found.add((group_id, topic, str(item.partition.partition), *written, *who))
    return found


@pytest.mark.kip848
async def test_lag_is_what_kafkas_own_tool_says(
    kafka: Kafka, asker: Asker, topic: str, unique: Unique
) -> None:
    """Both kinds of group in one run of the tool, as it takes seconds; nothing is written meanwhile."""
    classic, new, left = unique("classic"), unique("new"), unique("left")
    async with classic_member(kafka.bootstrap_servers, left, topic, "gone") as member:
        await member.commit({aiokafka.TopicPartition(topic, 1): 9})  # beyond the end
    async with (
        classic_member(kafka.bootstrap_servers, classic, topic, "old") as one,
        new_member(kafka.bootstrap_servers, new, topic, "young") as read,
    ):
        await one.commit({aiokafka.TopicPartition(topic, 0): 2, aiokafka.TopicPartition(topic, 2): 0})
        await asyncio.to_thread(read, 4)
        groups = (classic, new, left)

        async def all_ours() -> set[tuple[str, ...]]:
            return {row for group_id in groups for row in await ours(asker, group_id, topic)}

        before = await all_ours()
        wanted = [argument for group_id in groups for argument in ("--group", group_id)]
        printed = await asyncio.to_thread(
            consumer_groups_tool, kafka.bootstrap_servers, "--describe", *wanted
        )
        after = await all_ours()
    assert before == after
    told = rows(printed)
    assert {row[3] for row in told} >= {"-", "0", "2", "9"}
    assert before == told
