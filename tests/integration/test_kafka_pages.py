"""What the pages of a topic and of a group show, on a real broker."""

import asyncio
from collections.abc import Callable

import pytest

from kafkatui.domain.cluster.faults import FaultKind
from kafkatui.domain.cluster.groups import Member
from kafkatui.errors import ClusterError
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.groups import describe_groups, read_group_list
from kafkatui.kafka.log_scan import LogScan
from kafkatui.watch.topic_page import TopicPageWatch
from kafkatui.watch.topics import TopicsWatch
from tests.integration.conftest import Kafka
from tests.integration.eventually import eventually
from tests.integration.kafka_clients import new_member, write
from tests.integration.kafka_tools import topics_tool

pytestmark = pytest.mark.kafka


async def test_settings_times_sizes_and_open_transactions(
    admin: Admin, asker: Asker, unique: Callable[[str], str]
) -> None:
    topic = unique("orders")
    await admin.create_topics([topic], partitions=2, configs={"retention.ms": "3600000"})
    await write(admin, topic, {0: [b"x"] * 3})
    watch = TopicPageWatch(asker, topic)
    found = await watch.read()
    overrides = {one.name: one.value for one in found.settings if one.is_override}
    assert overrides["retention.ms"] == "3600000"
    policy = next(one for one in found.settings if one.name == "cleanup.policy")
    assert (policy.value, policy.is_override) == ("delete", False)
    assert policy.documentation is not None
    assert "<" not in policy.documentation
    assert found.first_written.keys() == found.last_written.keys() == {0}
    assert found.first_written[0] <= found.last_written[0]
    assert found.sizes[0] > 0
    assert found.sizes[1] == 0
    assert (found.transactions, found.settings_fault, found.transactions_fault) == ((), None, None)
    async with admin.producer(transactional_id=topic) as producer:
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"not yet", b"key", partition=1)
        (one,) = (await watch.read()).transactions or ()
        assert (one.partition, one.start_offset, one.transactional_id) == (1, 0, topic)
        assert one.timestamp is not None
        await producer.commit_transaction()


async def test_no_more_replicas_are_asked_for_than_there_are(
    kafka: Kafka, admin: Admin, asker: Asker, unique: Callable[[str], str]
) -> None:
    """Kafka's own tool lists such partitions, but the broker takes what producers with acks=all send."""
    topic = unique("orders")
    await admin.create_topics([topic], partitions=1, replicas=1, configs={"min.insync.replicas": "2"})
    tool = await asyncio.to_thread(topics_tool, kafka.bootstrap_servers, "--under-min-isr-partitions")
    assert topic in tool
    value = await TopicsWatch(asker, lambda: {topic}, LogScan(asker, limit=0)).read()
    (found,) = (one for one in value.topics if one.name == topic)
    assert value.min_isr[topic] == 2
    assert value.refusing(found) == ()
    async with admin.producer(acks="all") as producer:
        await producer.send_and_wait(topic, b"x")


async def test_a_topic_that_is_not_there(asker: Asker, unique: Callable[[str], str]) -> None:
    with pytest.raises(ClusterError) as failed:
        await TopicPageWatch(asker, unique("nothing")).read()
    assert failed.value.kind is FaultKind.GONE


@pytest.mark.kip848
async def test_a_member_that_subscribed_to_a_regular_expression(
    kafka: Kafka, admin: Admin, asker: Asker, unique: Callable[[str], str]
) -> None:
    topic, group = unique("orders"), unique("billing")
    await admin.create_topics([topic], partitions=2)
    async with new_member(kafka.bootstrap_servers, group, f"^{topic}.*", "c1"):

        async def found() -> Member | None:
            listed = [one for one in (await read_group_list(asker))[0] if one.group_id == group]
            described = await describe_groups(asker, listed)
            members = described[0].members if described else None
            return members[0] if members and members[0].assignment else None

        member = await eventually(found, 30)
        assert member.regex is not None
        assert f"^{topic}.*" in member.regex, "librdkafka writes it in brackets"
        assert {partition.topic for partition in member.assignment} == {topic}
