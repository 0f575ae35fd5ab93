"""The rules of the verdicts on a real broker. Looks are real; the seconds between them are made up."""

from collections.abc import Callable

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import TopicPartition as Place
from kafkatui.domain.lag.verdicts import Verdict
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.ages import read_times
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.groups import describe_groups, read_group_list
from kafkatui.kafka.topics import read_metadata
from tests.integration.conftest import Kafka
from tests.integration.eventually import eventually
from tests.integration.group_watch import Watch, read_and_commit, three_commits
from tests.integration.kafka_clients import classic_member, write

pytestmark = pytest.mark.kafka

WORSE_THAN_ALARMS = {Verdict.STUCK, Verdict.BEHIND, Verdict.UNREAD, Verdict.SILENT}


@pytest.fixture
async def watch(admin: Admin, asker: Asker, unique: Callable[[str], str]) -> Watch:
    topic = unique("orders")
    await admin.create_topics([topic], partitions=1)
    return Watch(asker, unique("billing"), topic)


async def test_a_member_that_stopped_committing_is_stuck(kafka: Kafka, admin: Admin, watch: Watch) -> None:
    async with classic_member(kafka.bootstrap_servers, watch.group, watch.topic, "c1") as consumer:
        await three_commits(watch, consumer, admin)
        await write(admin, watch.topic, {0: [b"x"] * 5})
        assert (await watch.looks(25)).verdict is Verdict.MEASURING
        standing = await watch.looks(20)
        assert standing.verdict is Verdict.STUCK
        assert watch.problem is not None
        assert watch.problem.text == "stuck, 5 behind"
        await read_and_commit(consumer, 5)
        assert (await watch.look()).verdict is Verdict.OK
        for _ in range(15):
            await write(admin, watch.topic, {0: [b"x"] * 2})
            await read_and_commit(consumer, 1)
            standing = await watch.look()
        assert standing.verdict is not Verdict.MEASURING, "fifteen seconds after it resumed"


async def test_a_member_that_never_commits_is_not_called_stuck(
    kafka: Kafka, admin: Admin, watch: Watch
) -> None:
    async with classic_member(kafka.bootstrap_servers, watch.group, watch.topic, "c1") as consumer:
        await write(admin, watch.topic, {0: [b"x"] * 5})
        await read_and_commit(consumer, 1)
        assert (await watch.looks(110)).verdict is Verdict.MEASURING
        standing = await watch.looks(20)
        assert (standing.verdict, standing.phrase) == (Verdict.SILENT, "no commit for 2 min")
        assert watch.seen == {Verdict.MEASURING, Verdict.SILENT}
        assert watch.problem is not None
        assert watch.problem.mark is Mark.WORSE


async def test_markers_and_aborted_records_are_no_lag_to_be_stuck_at(
    kafka: Kafka, admin: Admin, watch: Watch
) -> None:
    async with (
        admin.producer(transactional_id=watch.topic) as producer,
        classic_member(
            kafka.bootstrap_servers, watch.group, watch.topic, "c1", isolation_level="read_committed"
        ) as consumer,
    ):
        for _ in range(3):
            async with producer.transaction():
                await producer.send(watch.topic, b"x", b"key", partition=0)
            record = await consumer.getone()
            await consumer.commit({TopicPartition(watch.topic, 0): record.offset + 1})
            await watch.look()
        standing = await watch.looks(150)
        assert (standing.verdict, standing.lag) == (Verdict.OK, 1)
        await producer.begin_transaction()
        for _ in range(20):
            await producer.send(watch.topic, b"never mind", b"key", partition=0)
        await producer.abort_transaction()
        standing = await watch.looks(150)
        assert (standing.verdict, standing.lag) == (Verdict.OK, 22)
        assert not watch.seen & WORSE_THAN_ALARMS
        await write(admin, watch.topic, {0: [b"x"]})
        assert (await watch.looks(60)).verdict is Verdict.STUCK


async def test_an_open_transaction_is_waited_for(kafka: Kafka, admin: Admin, watch: Watch) -> None:
    async with (
        admin.producer(transactional_id=watch.topic) as producer,
        classic_member(
            kafka.bootstrap_servers, watch.group, watch.topic, "c1", isolation_level="read_committed"
        ) as consumer,
    ):
        await three_commits(watch, consumer, admin)
        await producer.begin_transaction()
        await producer.send_and_wait(watch.topic, b"not yet", b"key", partition=0)
        standing = await watch.looks(60)
        assert standing.verdict is Verdict.WAITING
        assert standing.phrase == "probably waits for an open transaction"
        await producer.commit_transaction()
        await read_and_commit(consumer, 1)
        assert (await watch.look()).verdict in {Verdict.OK, Verdict.MEASURING}


async def test_a_group_that_commits_without_members_reads_its_topic(
    kafka: Kafka, admin: Admin, watch: Watch
) -> None:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka.bootstrap_servers, group_id=watch.group, enable_auto_commit=False
    )
    await consumer.start()
    try:
        place = TopicPartition(watch.topic, 0)
        consumer.assign([place])
        await write(admin, watch.topic, {0: [b"x"]})
        await consumer.commit({place: 0})
        for number in range(12):
            await write(admin, watch.topic, {0: [b"x"] * 3})
            await consumer.commit({place: 3 * number + 1})
            await watch.look(5.0)
        assert Verdict.UNREAD not in watch.seen
        for _ in range(8):
            await write(admin, watch.topic, {0: [b"x"] * 3})
            standing = await watch.look(5.0)
        assert standing.verdict is Verdict.UNREAD, "its commits do not advance any more"
    finally:
        await consumer.stop()


async def test_a_commit_past_the_end(kafka: Kafka, admin: Admin, watch: Watch) -> None:
    async with classic_member(kafka.bootstrap_servers, watch.group, watch.topic, "c1") as consumer:
        await write(admin, watch.topic, {0: [b"x"]})
        await read_and_commit(consumer, 1)
        await consumer.commit({TopicPartition(watch.topic, 0): 9})
        standing = await watch.look()
        assert (standing.verdict, standing.lag) == (Verdict.BEYOND, 0)
        assert watch.problem is not None
        assert watch.problem.text == "commit past the end on 1 partition"


async def test_a_consumer_that_stopped_reads_nothing_any_more(
    kafka: Kafka, admin: Admin, watch: Watch
) -> None:
    async with classic_member(kafka.bootstrap_servers, watch.group, watch.topic, "c1") as consumer:
        for _ in range(20):
            await write(admin, watch.topic, {0: [b"x"] * 9})
            await read_and_commit(consumer, 9)
            standing = await watch.look()
        assert standing.verdict is Verdict.OK
        assert standing.trend.rate_out == pytest.approx(9, rel=0.3)
    await eventually(lambda: _is_empty(watch))
    await write(admin, watch.topic, {0: [b"x"] * 9})
    await watch.look()
    standing = await watch.look()
    assert (standing.verdict, standing.trend.rate_out) == (Verdict.UNREAD, 0.0)


async def _is_empty(watch: Watch) -> bool:
    listed = [one for one in (await read_group_list(watch.asker))[0] if one.group_id == watch.group]
    return (await describe_groups(watch.asker, listed))[0].members == ()


async def test_the_age_of_the_record_at_the_commit(
    kafka: Kafka, admin: Admin, asker: Asker, unique: Callable[[str], str]
) -> None:
    """Exact by one batch: each record here is a batch with a timestamp of its own."""
    topic = unique("orders")
    await admin.create_topics([topic], partitions=2)
    await read_metadata(asker)
    async with admin.producer() as producer:
        for number in range(5):
            await producer.send_and_wait(topic, b"x", partition=0, timestamp_ms=1_700_000_000_000 + number)
    wanted = {TopicPartition(topic, 0): 3, TopicPartition(topic, 1): 0}
    found = await read_times(asker, {Place(*place): offset for place, offset in wanted.items()})
    assert found == {Place(topic, 0): 1_700_000_000_003}
    assert await read_times(asker, {Place(topic, 0): 5}) == {}
