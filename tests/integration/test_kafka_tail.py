"""The tail of real topics that are written, deleted, created again, flooded; reading never creates a
topic."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from time import monotonic

import aiokafka.codec
import pytest
from aiokafka import TopicPartition as AdminPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, RecordsToDelete
from aiokafka.errors import KafkaError

from kafkatui.config import load_config
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.records.records import KEPT, Outcome, Record, TailNews
from kafkatui.domain.records.tail_log import TailLog
from kafkatui.errors import ClusterError, ReadOnlyError
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.lag import read_group_lag
from kafkatui.kafka.records import tail
from kafkatui.kafka.topics import read_metadata
from kafkatui.local import LocalCluster
from kafkatui.watch.pace import Pace
from kafkatui.watch.streams import streams
from tests.integration.conftest import Kafka
from tests.integration.eventually import eventually
from tests.integration.kafka_clients import connected, write
from tests.patience import PATIENCE

pytestmark = pytest.mark.kafka

LIMIT = 2 * 1024 * 1024


class TailReader:
    """Follows a tail in a task of its own, and keeps all its news."""

    def __init__(self, cluster: Cluster, topic: str, limit: int = LIMIT) -> None:
        self.records: list[Record] = []
        self.news: list[TailNews] = []
        self._asker = cluster.asker("tail")
        self._task = asyncio.create_task(self._follow(topic, limit))

    async def _follow(self, topic: str, limit: int) -> None:
        async with aclosing(tail(self._asker, topic, limit=limit)) as read:
            async for news in read:
                self.news.append(news)
                self.records.extend(news.records)

    async def __aenter__(self) -> "TailReader":
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._asker.close()

    async def ended(self) -> BaseException | None:
        done, _ = await asyncio.wait([self._task], timeout=10 * PATIENCE)
        assert done
        return self._task.exception()

    def values(self) -> list[bytes | None]:
        return [record.value for record in self.records]

    @property
    def over(self) -> bool:
        return self._task.done()

    @property
    def skipped(self) -> int:
        return sum(news.skipped for news in self.news)


async def test_the_newest_records_come_first_then_new_ones(
    admin: Admin, cluster: Cluster, unique: Callable[[str], str]
) -> None:
    topic = unique("tail")
    await admin.create_topics([topic], partitions=2)
    await write(admin, topic, {0: [b"%d" % number for number in range(100)], 1: [None]})
    async with TailReader(cluster, topic) as told:
        await eventually(lambda: told.news)
        assert told.news[0].partitions == 2
        await eventually(lambda: len(told.records) == 26)
        assert [record.offset for record in told.records if record.partition == 0] == list(range(75, 100))
        await write(admin, topic, {1: [b"new"]}, compression_type="lz4")
        await eventually(lambda: told.values()[-1] == b"new")
        new = told.records[-1]
        assert (new.topic, new.partition, new.offset, new.timestamp_type) == (topic, 1, 1, "CreateTime")
        assert new.batch is not None
        assert new.batch.codec == "lz4"
        await eventually(lambda: told.news[-1].rate is not None)
        assert told.skipped == 0
    await admin.delete_topics([topic])


async def test_new_partitions_are_followed_from_their_start(
    admin: Admin, cluster: Cluster, unique: Callable[[str], str]
) -> None:
    topic = unique("grows")
    await admin.create_topics([topic], partitions=1)
    async with TailReader(cluster, topic) as told:
        await eventually(lambda: told.news)
        client = AIOKafkaAdminClient(bootstrap_servers=list(cluster.config.bootstrap_servers))
        await client.start()
        await client.create_partitions({topic: NewPartitions(3)})
        await client.close()

        async def third_is_written() -> bool:
            try:
                await write(admin, topic, {2: [b"third"]})
            except (AssertionError, ValueError):  # the producer has not heard of it yet
                return False
            return True

        await eventually(third_is_written)
        async with cluster.asker("topics") as asker:
            await read_metadata(asker)  # as the topics task does every few seconds
        await eventually(lambda: b"third" in told.values())
        assert told.news[-1].partitions == 3
    await admin.delete_topics([topic])


async def test_a_flood_is_jumped_over_and_counted(
    admin: Admin, cluster: Cluster, unique: Callable[[str], str]
) -> None:
    topic, limit, seconds = unique("flood"), 200_000, 3.0
    await admin.create_topics([topic], partitions=2)
    async with TailReader(cluster, topic, limit) as told, admin.producer(linger_ms=5) as producer:
        await eventually(lambda: told.news)
        bytes_before, began, written = cluster.bytes, monotonic(), 0
        while monotonic() - began < seconds:
            for _ in range(50):
                await producer.send(topic, bytes(1000))
                written += 1
            await asyncio.sleep(0.02)
        await producer.flush()
        await eventually(lambda: len(told.records) + told.skipped == written)
        spent = cluster.bytes - bytes_before
        assert told.skipped > written / 3
        assert spent < limit * (monotonic() - began + 1) * 1.2
    await admin.delete_topics([topic])


@pytest.mark.parametrize("transactional", [False, True])
async def test_the_newest_record_is_shown_however_large(
    admin: Admin, cluster: Cluster, unique: Callable[[str], str], transactional: bool
) -> None:
    """Each record is larger than may be downloaded at once; those between are jumped over, the last is
    not."""
    topic, limit, size = unique("large"), 200_000, 400_000
    await admin.create_topics([topic], partitions=1)
    before = cluster.bytes
    settings = {"transactional_id": unique("tx")} if transactional else {}
    async with admin.producer(**settings) as producer:
        for number in range(4):
            if transactional:
                async with producer.transaction():
                    await producer.send_and_wait(topic, b"%d" % number + bytes(size))
            else:
                await producer.send_and_wait(topic, b"%d" % number + bytes(size))
    began = monotonic()
    async with TailReader(cluster, topic, limit) as told:
        await eventually(lambda: len(told.records) == 2)
        assert [(value or b"")[:1] for value in told.values()] == [b"0", b"3"]
        assert monotonic() - began > 1.5
        assert cluster.bytes - before < 5 * size
        assert told.skipped == (5 if transactional else 2)
        whole = [(news.gaps, len(news.records)) for news in told.news if news.records]
        assert whole == [((), 1), (((0, told.skipped),), 1)]
    await admin.delete_topics([topic])


async def test_huge_records_are_cut(admin: Admin, cluster: Cluster, unique: Callable[[str], str]) -> None:
    topic, size = unique("huge"), KEPT + 1000
    await admin.create_topics([topic], partitions=1, configs={"max.message.bytes": str(3 * KEPT)})
    async with TailReader(cluster, topic, 4 * LIMIT) as told:
        await write(admin, topic, {0: [b"a", bytes(size), b"b"]}, max_request_size=3 * KEPT)
        await eventually(lambda: len(told.records) == 3)
        assert [record.value_size for record in told.records] == [1, size, 1]
        assert len(told.records[1].value or b"") == KEPT
    await admin.delete_topics([topic])


async def test_transactions_leave_markers(
    admin: Admin, cluster: Cluster, unique: Callable[[str], str]
) -> None:
    topic = unique("paid")
    await admin.create_topics([topic], partitions=1)
    async with TailReader(cluster, topic) as told:
        async with admin.producer(transactional_id=unique("tx")) as producer, producer.transaction():
            await producer.send_and_wait(topic, b"once")
        await eventually(lambda: sum(news.markers for news in told.news) == 1)
        (record,) = told.records
        assert record.batch is not None
        assert record.batch.transactional
        assert record.batch.producer_id is not None
    await admin.delete_topics([topic])


async def test_the_marker_of_an_aborted_transaction_is_shown(
    admin: Admin, cluster: Cluster, unique: Callable[[str], str]
) -> None:
    topic = unique("taken-back")
    await admin.create_topics([topic], partitions=1)
    log = TailLog()
    async with TailReader(cluster, topic) as told:
        async with admin.producer(transactional_id=unique("tx")) as producer:
            for aborts in (False, True, False):
                await producer.begin_transaction()
                await producer.send_and_wait(topic, b"aborted" if aborts else b"kept")
                await (producer.abort_transaction() if aborts else producer.commit_transaction())
        await eventually(lambda: sum(len(news.ends) for news in told.news) == 3)
        for at, news in enumerate(told.news):
            log.add(news, float(at))
        kept = [log[number] for number in range(log.first, log.end)]
        found = [(one.value, one.outcome) for one in kept if isinstance(one, Record)]
        assert found == [
            (b"kept", Outcome.COMMITTED),
            (b"aborted", Outcome.ABORTED),
            (b"kept", Outcome.COMMITTED),
        ]
    await admin.delete_topics([topic])


async def test_snappy_with_a_little_endian_header_is_read(
    admin: Admin, cluster: Cluster, unique: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker accepts it, as Java ignores the version in the header."""
    header = aiokafka.codec._XERIAL_V1_HEADER
    monkeypatch.setattr(aiokafka.codec, "_XERIAL_V1_HEADER", (*header[:-2], 1 << 24, 1 << 24))
    topic = unique("snappy")
    await admin.create_topics([topic], partitions=1)
    async with TailReader(cluster, topic) as told:
        await write(admin, topic, {0: [b"x" * 2000]}, compression_type="snappy")
        await eventually(lambda: told.values() == [b"x" * 2000])
        batch = told.records[0].batch
        assert batch is not None
        assert batch.codec == "snappy"
    await admin.delete_topics([topic])


async def test_a_topic_deleted_and_made_again(
    admin: Admin, cluster: Cluster, unique: Callable[[str], str]
) -> None:
    topic = unique("again")
    await admin.create_topics([topic], partitions=1)
    async with TailReader(cluster, topic) as told:
        await eventually(lambda: told.news)
        await write(admin, topic, {0: [b"a"]})
        await eventually(lambda: told.values() == [b"a"])
        await admin.delete_topics([topic])
        await eventually(lambda: _gone(cluster, topic))
        await admin.create_topics([topic], partitions=1)
        await write(admin, topic, {0: [b"again"]})
        if not told.over:  # it either saw that the topic was gone, or goes on in the new one
            await eventually(lambda: told.over or b"again" in told.values())
    async with TailReader(cluster, topic) as told:
        await eventually(lambda: told.values() == [b"again"])
    await admin.delete_topics([topic])


async def test_the_stream_goes_on_in_a_topic_made_again(
    admin: Admin, cluster: Cluster, unique: Callable[[str], str]
) -> None:
    """Without the topic the stream has a fault; in the new topic it begins at the start, although offsets
    look alike."""
    topic = unique("reborn")
    await admin.create_topics([topic], partitions=1)
    readings: list[Reading[TailNews]] = []

    async def follow() -> None:
        async with aclosing(streams(cluster).tail(topic, Pace(0.2))) as stream:
            async for reading in stream:
                readings.append(reading)  # noqa: PERF401 - one by one, as they come

    def values() -> list[bytes | None]:
        return [record.value for reading in readings if reading.value for record in reading.value.records]

    task = asyncio.create_task(follow())
    try:
        await eventually(lambda: readings)
        await write(admin, topic, {0: [b"old"]})
        await eventually(lambda: values() == [b"old"])
        await admin.delete_topics([topic])
        await eventually(lambda: readings[-1].fault is not None)
        assert str(readings[-1].fault).startswith(f"{topic} does not exist")
        await admin.create_topics([topic], partitions=1)
        await write(admin, topic, {0: [b"new"]})
        await eventually(lambda: values() == [b"old", b"new"])
        assert readings[-1].fault is None
        told = [(news.topic_id, news.records) for reading in readings if (news := reading.value) is not None]
        assert len({topic_id for topic_id, _ in told}) == 2
        assert len({topic_id for topic_id, records in told if records}) == 2
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await admin.delete_topics([topic])


async def test_records_deleted_before_they_were_read_are_counted_and_the_rest_is_read(
    admin: Admin, cluster: Cluster, unique: Callable[[str], str]
) -> None:
    """OFFSET_OUT_OF_RANGE: DeleteRecords, or retention, overtakes a tail that must wait."""
    topic, limit = unique("trimmed"), 2_000
    await admin.create_topics([topic], partitions=1)
    client = AIOKafkaAdminClient(bootstrap_servers=list(cluster.config.bootstrap_servers))
    await client.start()
    async with TailReader(cluster, topic, limit) as told:
        await eventually(lambda: told.news)
        await write(admin, topic, {0: [bytes(2 * limit)]})
        await eventually(lambda: told.records)  # and now it may not read for almost two seconds
        read = len(told.records)
        await write(admin, topic, {0: [b"a", b"b", b"c"]})
        await client.delete_records({AdminPartition(topic, 0): RecordsToDelete(4)})
        await write(admin, topic, {0: [b"d"]})
        assert len(told.records) == read
        await eventually(lambda: told.values()[read:] == [b"d"])
        assert told.skipped == 3
        await write(admin, topic, {0: [b"e"]})
        await eventually(lambda: told.values()[read:] == [b"d", b"e"])
        assert told.news[-1].faults == ()
    await client.close()
    await admin.delete_topics([topic])


async def _own_topics(asker: Asker) -> list[str]:
    return [topic.name for topic in (await read_metadata(asker))[1] if not topic.internal]


async def _gone(cluster: Cluster, topic: str) -> bool:
    async with cluster.asker("topics") as asker:
        return (await read_metadata(asker, [topic]))[1][0].error is not None


async def test_read_only_ends_every_change(kafka: Kafka, unique: Callable[[str], str]) -> None:
    topic = unique("never")
    async with Cluster(load_config(kafka.bootstrap_servers, environ={}, read_only=True)) as cluster:
        await cluster.connect()
        admin = Admin(cluster)
        for change in (admin.create_topics([topic], partitions=1), admin.delete_topics([topic])):
            with pytest.raises(ReadOnlyError, match="--read-only"):
                await change
        with pytest.raises(ReadOnlyError, match="producing"):
            async with admin.producer():
                pass
        assert await _gone(cluster, topic)


async def test_changes_that_fail_say_why(admin: Admin, unique: Callable[[str], str]) -> None:
    topic = unique("once")
    await admin.create_topics([topic], partitions=1)
    with pytest.raises(ClusterError, match="TOPIC_ALREADY_EXISTS"):
        await admin.create_topics([topic], partitions=1)
    await admin.delete_topics([topic])
    with pytest.raises(ClusterError, match="UNKNOWN_TOPIC_OR_PARTITION"):
        await admin.delete_topics([topic])


async def test_looking_creates_no_topic_where_brokers_create_them() -> None:
    """``auto.create.topics.enable=true``: a topic goes while its tail, lag and Metadata are asked for."""
    async with (
        LocalCluster(properties={"auto.create.topics.enable": "true"}) as local,
        connected(local.bootstrap_servers) as cluster,
    ):
        admin = Admin(cluster)
        await admin.create_topics(["gone"], partitions=2)
        await write(admin, "gone", {0: [b"x"]})
        async with TailReader(cluster, "gone") as told, cluster.asker("looks") as asker:
            await eventually(lambda: told.records)
            await read_group_lag(asker, "nobody", "gone")
            await admin.delete_topics(["gone"])
            until = monotonic() + 3
            refused = 0
            while monotonic() < until:
                _, topics, *_ = await read_metadata(asker)
                assert "gone" not in [topic.name for topic in topics] or refused == 0
                try:
                    await read_group_lag(asker, "nobody", "gone")
                except ClusterError:
                    refused += 1
                await asyncio.sleep(0.05)
            assert refused > 10
            error = await told.ended()
            assert isinstance(error, ClusterError)
            assert str(error) == "gone does not exist any more"
            with pytest.raises(ClusterError, match=r"^gone does not exist$"):  # looking again makes none
                async with aclosing(tail(asker, "gone", limit=LIMIT)) as read:
                    await anext(read)
            assert await _own_topics(asker) == []
        async with admin.producer() as producer:  # a producer of ours creates none either
            with pytest.raises((KafkaError, TimeoutError)):
                await asyncio.wait_for(producer.send_and_wait("gone", b"x"), 1)
        async with cluster.asker("looks") as asker:
            assert await _own_topics(asker) == []
