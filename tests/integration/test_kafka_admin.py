"""Changes of a real cluster: partitions, groups and their members."""

from collections.abc import Callable

import pytest

from kafkatui.config import load_config
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.errors import ClusterError, ReadOnlyError
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.commits import read_commits
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.groups import describe_groups, read_group_list
from kafkatui.kafka.listing import EARLIEST
from kafkatui.kafka.topics import read_metadata, read_offsets, read_policies
from tests.integration.conftest import Kafka
from tests.integration.eventually import eventually
from tests.integration.kafka_clients import classic_member

pytestmark = pytest.mark.kafka

Unique = Callable[[str], str]


async def members(asker: Asker, group_id: str) -> list[str] | None:
    """The ids of the group's members; ``None``: there is no such group."""
    listed, _ = await read_group_list(asker)
    groups = await describe_groups(asker, [group for group in listed if group.group_id == group_id])
    return [member.member_id for group in groups for member in group.members or ()] if groups else None


async def test_one_more_partition(asker: Asker, admin: Admin, unique: Unique) -> None:
    topic = unique("grows")
    await admin.create_topics([topic], partitions=2)
    await admin.create_partitions(topic, 3)

    async def grown() -> bool:
        _, (found,), *_ = await read_metadata(asker, [topic])
        return len(found.partitions) == 3

    await eventually(grown)
    with pytest.raises(ClusterError, match=f"^adding partitions to {topic}: {topic}: INVALID_PARTITIONS"):
        await admin.create_partitions(topic, 3)
    await admin.delete_topics([topic])
    with pytest.raises(ClusterError, match="UNKNOWN_TOPIC_OR_PARTITION"):
        await admin.create_partitions(topic, 4)


async def test_groups_are_deleted_once_they_are_empty(
    kafka: Kafka, asker: Asker, admin: Admin, unique: Unique
) -> None:
    topic, group_id, missing = unique("orders"), unique("billing"), unique("missing")
    await admin.create_topics([topic], partitions=1)
    async with classic_member(kafka.bootstrap_servers, group_id, topic, "one") as one:
        await one.commit(dict.fromkeys(one.assignment(), 0))
        with pytest.raises(
            ClusterError, match=f"^deleting {group_id}, {missing}: {group_id}: NON_EMPTY_GROUP$"
        ):
            await admin.delete_groups([group_id, missing])
    await admin.delete_groups([group_id, missing])
    assert await members(asker, group_id) is None
    assert (await read_commits(asker, [group_id]))[group_id].offsets == {}
    await admin.delete_groups([group_id])
    await admin.delete_topics([topic])


async def test_members_are_removed(kafka: Kafka, asker: Asker, admin: Admin, unique: Unique) -> None:
    topic, group_id = unique("orders"), unique("billing")
    await admin.create_topics([topic], partitions=2)
    async with (
        classic_member(kafka.bootstrap_servers, group_id, topic, "one", group_instance_id="place"),
        classic_member(kafka.bootstrap_servers, group_id, topic, "two"),
    ):

        async def both() -> list[str] | None:
            found = await members(asker, group_id)
            return found if found is not None and len(found) == 2 else None

        before: list[str] = await eventually(both)
        await admin.remove_members(group_id, [*before, "nobody"])
        # those that live join again, under new ids
        assert not set(before) & set(await members(asker, group_id) or ())
    await admin.remove_members(group_id, before)
    await admin.remove_members(
        group_id, await members(asker, group_id) or ()
    )  # the static one does not leave
    await admin.remove_members(unique("missing"), before)
    await admin.remove_members(group_id, [])
    await admin.delete_groups([group_id])
    await admin.delete_topics([topic])


async def test_offsets_are_set_from_outside_only_while_nobody_is_a_member(
    kafka: Kafka, asker: Asker, admin: Admin, unique: Unique
) -> None:
    topic, group_id = unique("orders"), unique("billing")
    place = TopicPartition(topic, 0)
    await admin.create_topics([topic], partitions=1)
    async with classic_member(kafka.bootstrap_servers, group_id, topic, "one") as one:
        await one.commit(dict.fromkeys(one.assignment(), 0))
        with pytest.raises(ClusterError, match=f"^moving {group_id}: {group_id}: UNKNOWN_MEMBER_ID$"):
            await admin.commit_offsets(group_id, {place: 5})
    await admin.commit_offsets(group_id, {place: 5})
    assert (await read_commits(asker, [group_id]))[group_id].offsets == {place: 5}


async def test_deleted_records_move_the_log_start(asker: Asker, admin: Admin, unique: Unique) -> None:
    topic = unique("orders")
    await admin.create_topics([topic], partitions=2)
    async with admin.producer() as producer:
        for _ in range(5):
            await producer.send_and_wait(topic, b"x", partition=1)
    await admin.delete_records(topic, {1: 3})
    await read_metadata(asker, [topic])
    assert (await read_offsets(asker, {topic: [0, 1]}, EARLIEST))[topic][0] == [0, 3]
    with pytest.raises(ClusterError, match=f"^deleting records of {topic}: OFFSET_OUT_OF_RANGE"):
        await admin.delete_records(topic, {1: 9})


async def test_a_setting_of_a_topic_is_changed_and_the_others_stay(
    asker: Asker, admin: Admin, unique: Unique
) -> None:
    topic = unique("orders")
    await admin.create_topics([topic], partitions=1, configs={"cleanup.policy": "compact"})
    await admin.set_topic_configs(topic, {"min.insync.replicas": "2"})

    async def both() -> bool:
        policy = (await read_policies(asker, [topic]))[topic]
        return bool(policy.compacted) and policy.min_isr == 2

    await eventually(both)
    with pytest.raises(ClusterError, match=f"^changing {topic}: INVALID_CONFIG"):
        await admin.set_topic_configs(topic, {"no.such.setting": "1"})


async def test_replicas_are_where_they_were_asked_for(asker: Asker, admin: Admin, unique: Unique) -> None:
    topic = unique("orders")
    await admin.create_topics([topic], partitions=2, brokers=((1,), (1,)))
    _, (found,), *_ = await read_metadata(asker, [topic])
    assert [one.replicas for one in found.partitions] == [(1,), (1,)]


async def test_read_only_ends_these_changes_too(kafka: Kafka) -> None:
    async with Cluster(load_config(kafka.bootstrap_servers, environ={}, read_only=True)) as cluster:
        admin = Admin(cluster)
        for change in (
            admin.create_partitions("orders", 3),
            admin.delete_groups(["billing"]),
            admin.remove_members("billing", ["one"]),
            admin.commit_offsets("billing", {TopicPartition("orders", 0): 1}),
            admin.delete_records("orders", {0: 1}),
            admin.set_topic_configs("orders", {"retention.ms": "1"}),
        ):
            with pytest.raises(ReadOnlyError, match="--read-only"):
                await change
