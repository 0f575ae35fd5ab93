"""The few tests that also run on the container image: connecting, and the request of each pane."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from kafkatui.config import Config
from kafkatui.domain.records.records import Record
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.groups import describe_groups, read_group_list
from kafkatui.kafka.lag import read_group_lag
from kafkatui.kafka.records import tail
from kafkatui.kafka.topics import read_metadata
from tests.integration.conftest import Kafka

pytestmark = [pytest.mark.kafka, pytest.mark.smoke]


@pytest.fixture
async def cluster(kafka: Kafka) -> AsyncIterator[Cluster]:
    async with Cluster(Config(bootstrap_servers=(kafka.bootstrap_servers,))) as cluster:
        await cluster.connect()
        yield cluster


@pytest.fixture
async def orders(cluster: Cluster, unique: Callable[[str], str]) -> str:
    """A topic of three partitions with seven records in each."""
    topic = unique("orders")
    admin = Admin(cluster)
    await admin.create_topics([topic], partitions=3)
    async with admin.producer() as producer:
        for number in range(21):
            await producer.send_and_wait(topic, b"%d" % number, partition=number % 3)
    return topic


async def test_a_cluster_says_who_it_is(cluster: Cluster) -> None:
    assert cluster.cluster_id
    assert len(cluster.brokers) == 1
    assert cluster.version is not None
    assert cluster.requests > 0


async def test_a_topic_is_listed_with_its_partitions(cluster: Cluster, orders: str) -> None:
    _, topics, *_ = await read_metadata(cluster.asker("topics"))
    (topic,) = (topic for topic in topics if topic.name == orders)
    assert [partition.number for partition in topic.partitions] == [0, 1, 2]
    assert all(partition.leader in cluster.brokers for partition in topic.partitions)


async def test_a_live_group_has_its_member(
    kafka: Kafka, cluster: Cluster, orders: str, unique: Callable[[str], str]
) -> None:
    group_id = unique("billing")
    async with AIOKafkaConsumer(
        orders, bootstrap_servers=kafka.bootstrap_servers, group_id=group_id, client_id="biller"
    ):
        asker = cluster.asker("groups")
        listed, _ = await read_group_list(asker)
        (group,) = await describe_groups(asker, [group for group in listed if group.group_id == group_id])
    assert group.state == "Stable"
    assert group.members is not None
    assert [member.client_id for member in group.members] == ["biller"]


async def test_the_lag_of_a_group(
    kafka: Kafka, cluster: Cluster, orders: str, unique: Callable[[str], str]
) -> None:
    group_id = unique("billing")
    async with AIOKafkaConsumer(
        bootstrap_servers=kafka.bootstrap_servers, group_id=group_id, enable_auto_commit=False
    ) as consumer:
        partitions = [TopicPartition(orders, number) for number in (0, 1)]
        consumer.assign(partitions)
        await consumer.commit({partitions[0]: 7, partitions[1]: 2})
    found = await read_group_lag(cluster.asker("lag"), group_id, orders)
    assert [lag.committed_offset for lag in found.partitions] == [7, 2, None]
    assert [lag.lag for lag in found.partitions] == [0, 5, None]


async def test_the_tail_of_a_topic(cluster: Cluster, orders: str) -> None:
    records: list[Record] = []
    async with aclosing(tail(cluster.asker("tail"), orders, limit=2**21)) as news:
        async for latest in news:
            records += latest.records
            if len(records) == 21:
                break
    assert sorted(int(record.value or b"-1") for record in records) == list(range(21))
