"""A topic that was deleted and created again with the same name is another topic."""

from collections.abc import Awaitable, Callable

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from kafkatui.domain.cluster.groups import ClusterGroups
from kafkatui.domain.cluster.partitions import ClusterTopics
from kafkatui.domain.cluster.topics_view import topic_rows
from kafkatui.domain.lag.standings import Outlook
from kafkatui.errors import ClusterError
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.commits import read_commits
from kafkatui.kafka.groups import describe_groups, read_group_list
from kafkatui.kafka.lag import read_group_lag
from kafkatui.kafka.log_scan import LogScan
from kafkatui.kafka.topics import read_ends
from kafkatui.watch.topics import TopicsWatch
from tests.integration.conftest import Kafka
from tests.integration.eventually import eventually
from tests.integration.kafka_clients import classic_member, write

pytestmark = pytest.mark.kafka


async def test_nothing_is_remembered_of_a_deleted_topic(
    kafka: Kafka, admin: Admin, asker: Asker, unique: Callable[[str], str]
) -> None:
    name, group = unique("orders"), unique("billing")
    watch = TopicsWatch(asker, lambda: {name}, LogScan(asker, limit=2**20))
    outlook = Outlook()
    seen: list[ClusterTopics] = []

    async def look() -> ClusterTopics:
        listed = tuple(one for one in (await read_group_list(asker))[0] if one.group_id == group)
        commits = await read_commits(asker, [group])
        read = ClusterGroups(await describe_groups(asker, listed), commits)
        seen.append(await watch.read())
        for _ in outlook.observe(seen[-1], read):
            pass
        return seen[-1]

    await admin.create_topics([name], partitions=1)
    await write(admin, name, {0: [b"x"] * 20})
    client = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    await client.start()
    try:
        await client.delete_records({TopicPartition(name, 0): RecordsToDelete(before_offset=15)})
    finally:
        await client.close()
    async with classic_member(kafka.bootstrap_servers, group, name, "c1") as consumer:
        for _ in range(5):
            await consumer.getone()
        await consumer.commit()
        await eventually(lambda: consumer.assignment())
    assert (await look()).logs[name].starts == (15,)
    first = next(topic for topic in seen[-1].topics if topic.name == name)
    lag = await read_group_lag(asker, group, name)
    assert lag.topic_id == first.topic_id

    await admin.delete_topics([name])
    await eventually(lambda: _made(admin, name))
    await write(admin, name, {0: [b"x"] * 3})
    # Between two looks at Metadata it still has its old id: what is asked for by name is of the new one.
    async with asker.another("late") as late:
        log = (await read_ends(late, [first], starts=seen[-1].logs))[name]
        assert (log.starts, log.ends) == ((0,), (3,))
    await eventually(lambda: _is_another(look, name, first.topic_id))
    for topics in seen:
        rows = topic_rows(topics, {}, outlook.usage)
        assert all(row.records is None or row.records >= 0 for row in rows.values())
    assert seen[-1].logs[name].starts == (0,)
    assert all(standing.lost == 0 for standing in outlook.standings)
    assert (await read_group_lag(asker, group, name)).topic_id not in {None, first.topic_id}
    await admin.delete_topics([name])


async def _made(admin: Admin, name: str) -> bool:
    """Create the topic; ``False``: the old one is not deleted yet."""
    try:
        await admin.create_topics([name], partitions=1)
    except ClusterError as error:
        raise AssertionError(error) from error
    return True


async def _is_another(look: Callable[[], Awaitable[ClusterTopics]], name: str, topic_id: str | None) -> bool:
    log = (await look()).logs.get(name)
    return log is not None and log.topic_id != topic_id and log.ends == (3,)
