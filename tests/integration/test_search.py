"""The search on real brokers: it finds what a plain dump of the same topic has, and says what it did not
read."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from kafkatui.config import load_config
from kafkatui.errors import ClusterError, UsageError
from kafkatui.kafka.admin import Admin
from kafkatui.search.news import Ended, Found, Missed, News, Plan, Progress, Wanted
from kafkatui.search.process import Search, searching
from tests.integration.conftest import Kafka
from tests.integration.eventually import eventually
from tests.integration.kafka_clients import write
from tests.patience import PATIENCE

pytestmark = pytest.mark.kafka

NOW = 1_795_780_800.0


class Result:
    """All news of a search, sorted by kind."""

    def __init__(self, plan: Plan, news: Sequence[News]) -> None:
        self.plan = plan
        self.records = [record for one in news if isinstance(one, Found) for record in one.records]
        self.missed = [one for one in news if isinstance(one, Missed)]
        self.progress = [one for one in news if isinstance(one, Progress)]
        (self.ended,) = [one for one in news if isinstance(one, Ended)]

    @property
    def places(self) -> list[tuple[int, int]]:
        return sorted((record.partition, record.offset) for record in self.records)


async def search(kafka: Kafka, topic: str, text: str | None, **more: object) -> Result:
    wanted = Wanted(topic, text, NOW, **more)  # type: ignore[arg-type]
    async with (
        asyncio.timeout(60 * PATIENCE),
        searching(load_config(kafka.bootstrap_servers), wanted) as found,
    ):
        plan = await found.plan()
        found.begin()
        return Result(plan, [one async for one in found.news()])


async def dump(
    kafka: Kafka, topic: str, partitions: int = 1, **settings: object
) -> list[tuple[int, int, bytes | None, bytes | None]]:
    """Every record of a topic, read by aiokafka's consumer."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap_servers, **settings)
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for number in range(partitions)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        found: list[tuple[int, int, bytes | None, bytes | None]] = []
        async with asyncio.timeout(60 * PATIENCE):
            while any([await consumer.position(one) < ends[one] for one in places]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += [(one.partition, one.offset, one.key, one.value) for one in records]
        return sorted(found)
    finally:
        await consumer.stop()


def value(number: int) -> bytes:
    status = ("paid", "FAILED", "open")[number % 3]
    return b'{"id": %d, "status": "%s", "customer": {"id": "c-%d"}}' % (number, status.encode(), number % 7)


@pytest.mark.parametrize("codec", [None, "gzip", "snappy", "lz4", "zstd"])
async def test_it_finds_what_a_dump_has(
    kafka: Kafka, admin: Admin, unique: Callable[[str], str], codec: str | None
) -> None:
    topic = unique("orders")
    await admin.create_topics([topic], partitions=4)
    async with admin.producer(compression_type=codec, linger_ms=50) as producer:
        for number in range(3000):
            headers = [("trace", b"t-%d" % number)] if number % 5 == 0 else []
            key = None if number % 11 == 0 else b"key-%d" % (number % 50)
            data = None if number % 100 == 0 and key else value(number)
            await producer.send(
                topic, data, key, partition=number % 3, headers=headers
            )  # partition 3 is empty
        await producer.flush()
    everything = await dump(kafka, topic, 4)
    assert len(everything) == 3000
    filters: dict[str, Callable[[bytes, bytes], bool]] = {
        "FAILED": lambda key, data: b"FAILED" in data,
        "failed key-7": lambda key, data: b"FAILED" in data and b"key-7" in key,
        "key = key-7": lambda key, data: key == b"key-7",
        "value = null": lambda key, data: data == b"null",
        "value.customer.id = c-3": lambda key, data: b'"c-3"' in data,
        "value.id > 2990": lambda key, data: b"id" in data and int(data.split(b" ")[1][:-1]) > 2990,
        "value:/FAI.*c-[12]\\W/ or key:49": lambda key, data: (
            (b"FAIL" in data and data[-4:-3] in b"12") or b"49" in key
        ),
        "nowhere": lambda key, data: False,
    }
    for text, fits in filters.items():
        result = await search(kafka, topic, text)
        wanted = [
            (p, offset)
            for p, offset, key, data in everything
            if fits(key or b"", b"null" if data is None else data)
        ]
        assert (result.places, result.missed, result.ended.why) == (wanted, [], None), text
        last = result.progress[-1]
        assert (last.scanned, last.offsets, last.records, last.found) == (3000, 3000, 3000, len(wanted))
    result = await search(kafka, topic, "header.trace:t-2000")
    assert [record.headers for record in result.records] == [(("trace", b"t-2000"),)]
    result = await search(kafka, topic, None)
    assert sorted((one.partition, one.offset, one.key, one.value) for one in result.records) == everything
    assert result.plan.octets is not None


async def test_only_what_can_fit_is_read(kafka: Kafka, admin: Admin, unique: Callable[[str], str]) -> None:
    topic = unique("orders")
    await admin.create_topics([topic], partitions=3)
    await write(admin, topic, {0: [b"x"] * 10, 1: [b"x"] * 10, 2: [b"x"] * 10})
    result = await search(kafka, topic, "partition:1 offset:3..5")
    assert (result.plan.ranges, result.plan.left_out) == (((1, 3, 6),), 2)
    assert result.places == [(1, 3), (1, 4), (1, 5)]
    assert (await search(kafka, topic, "x", partitions=(2,), start="8")).places == [(2, 8), (2, 9)]
    assert (await search(kafka, topic, "x", start="-1")).places == [(0, 9), (1, 9), (2, 9)]
    assert (await search(kafka, topic, "x", start="latest")).places == []
    assert len((await search(kafka, topic, "x", start="1970-01-02")).places) == 30
    assert (await search(kafka, topic, "x", start="2100-01-01")).places == []


async def test_transactions(kafka: Kafka, admin: Admin, unique: Callable[[str], str]) -> None:
    topic = unique("orders")
    await admin.create_topics([topic], partitions=1)
    async with admin.producer(transactional_id=unique("tx")) as producer:
        for outcome in ("committed", "aborted", "committed", "aborted"):
            await producer.begin_transaction()
            for _ in range(3):
                await producer.send_and_wait(topic, outcome.encode(), partition=0)
            await (producer.commit_transaction() if outcome == "committed" else producer.abort_transaction())
        wanted = [
            (p, offset) for p, offset, _, _ in await dump(kafka, topic, isolation_level="read_committed")
        ]
        result = await search(kafka, topic, None, committed=True)
        assert (result.places, result.missed, len(wanted)) == (wanted, [], 6)
        assert {record.value for record in result.records} == {b"committed"}
        assert result.progress[-1].aborted == 6
        both = await search(kafka, topic, "ted")
        assert len(both.places) == 12
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"open", partition=0)
        result = await search(kafka, topic, None, committed=True)
        assert result.places == wanted
        (missed,) = result.missed
        assert (missed.first, missed.last) == (16, 16)
        assert "still open" in missed.why
        assert len((await search(kafka, topic, "open")).places) == 1
        await producer.abort_transaction()


async def test_a_log_with_holes(kafka: Kafka, admin: Admin, unique: Callable[[str], str]) -> None:
    topic = unique("orders")
    settings = {
        "cleanup.policy": "compact",
        "segment.ms": "100",
        "min.cleanable.dirty.ratio": "0.01",
        "max.compaction.lag.ms": "100",
        "delete.retention.ms": "0",
    }
    await admin.create_topics([topic], partitions=1, configs=settings)
    await write(admin, topic, {0: [b"%d" % number for number in range(50)]})

    async def compacted() -> bool:
        await write(admin, topic, {0: [b"more"]})  # a segment is rolled when a record comes
        return len(await dump(kafka, topic)) < 20

    await eventually(compacted, deadline=120, every=1)
    result = await search(kafka, topic, None)
    assert result.missed == []
    assert result.progress[-1].scanned == result.progress[-1].offsets > len(result.records)
    assert result.records[-1].value == b"more"


async def test_records_that_are_deleted_meanwhile_are_told(
    kafka: Kafka, admin: Admin, unique: Callable[[str], str]
) -> None:
    topic = unique("orders")
    await admin.create_topics([topic], partitions=1)
    await write(admin, topic, {0: [b"x"] * 20})
    wanted = Wanted(topic, "x", NOW)
    async with (
        asyncio.timeout(60 * PATIENCE),
        searching(load_config(kafka.bootstrap_servers), wanted) as found,
    ):
        plan = await found.plan()
        await admin.delete_records(topic, {0: 7})
        found.begin()
        result = Result(plan, [one async for one in found.news()])
    assert result.places == [(0, offset) for offset in range(7, 20)]
    (missed,) = result.missed
    assert (missed.first, missed.last) == (0, 6)
    assert "the log starts at 7 now" in missed.why


@pytest.mark.parametrize("again", [False, True])
async def test_a_topic_that_is_deleted_meanwhile_is_told(
    kafka: Kafka, admin: Admin, unique: Callable[[str], str], again: bool
) -> None:
    topic = unique("orders")
    await admin.create_topics([topic], partitions=2)
    await write(admin, topic, {0: [b"x"] * 20, 1: [b"x"] * 5})
    wanted = Wanted(topic, "x", NOW)
    async with (
        asyncio.timeout(90 * PATIENCE),
        searching(load_config(kafka.bootstrap_servers), wanted) as found,
    ):
        plan = await found.plan()
        await admin.delete_topics([topic])
        if again:

            async def made() -> bool:
                try:
                    await admin.create_topics([topic], partitions=2)
                except ClusterError:
                    return False
                return True

            await eventually(made, deadline=30)
        found.begin()
        result = Result(plan, [one async for one in found.news()])
    told = [one.why for one in result.missed] + [result.ended.why or ""]
    assert any("the topic was deleted" in why for why in told), told


async def test_a_large_record_is_searched_whole(
    kafka: Kafka, admin: Admin, unique: Callable[[str], str]
) -> None:
    topic = unique("orders")
    await admin.create_topics([topic], partitions=1, configs={"max.message.bytes": "12000000"})
    large = b"a" * 10_000_000 + b"needle"
    async with admin.producer(max_request_size=12_000_000) as producer:
        for data in (b"before", large, b"after needle"):
            await producer.send_and_wait(topic, data, partition=0)
    result = await search(kafka, topic, "needle")
    assert [record.value for record in result.records] == [large, b"after needle"]
    cut = await search(kafka, topic, "needle", kept=1000)
    assert next((len(one.value or b""), one.value_size) for one in cut.records) == (1000, 10_000_006)


async def test_most_bytes_and_what_was_not_reached(
    kafka: Kafka, admin: Admin, unique: Callable[[str], str]
) -> None:
    topic = unique("orders")
    await admin.create_topics([topic], partitions=1)
    await write(admin, topic, {0: [b"x" * 1000] * 50})
    result = await search(kafka, topic, "x", most_bytes=5000)
    assert 0 < len(result.records) < 50
    (missed,) = result.missed
    assert (missed.first, missed.last) == (len(result.records), 49)
    assert "bytes were read" in (result.ended.why or "")


async def test_what_cannot_be_searched(kafka: Kafka, admin: Admin, unique: Callable[[str], str]) -> None:
    topic = unique("orders")
    with pytest.raises(ClusterError, match="there is no topic"):
        await search(kafka, topic, "x")
    await admin.create_topics([topic], partitions=1)
    with pytest.raises(UsageError, match="there is no field"):
        await search(kafka, topic, "foo:bar")
    with pytest.raises(UsageError, match="has no partition 4"):
        await search(kafka, topic, "x", partitions=(4,))
    with pytest.raises(UsageError, match="a start is"):
        await search(kafka, topic, "x", start="then")
    empty = await search(kafka, topic, "x")
    assert (empty.places, empty.missed, empty.ended.why) == ([], [], None)


async def test_a_regular_expression_without_end_is_ended(
    kafka: Kafka, admin: Admin, unique: Callable[[str], str]
) -> None:
    topic = unique("orders")
    await admin.create_topics([topic], partitions=1)
    await write(admin, topic, {0: [b"fine", b"a" * 60, b"never"]})
    result = await search(kafka, topic, "value:/^(a+)+$|fine/")
    assert (result.missed, result.ended.why) == ([], None)
    result = await search(kafka, topic, "value:/^(a+)+b$/")
    (missed,) = result.missed
    assert missed.partition == 0
    assert missed.first <= 1 <= (missed.last or 0)
    assert "write a simpler one" in (result.ended.why or "")


async def test_it_follows_stops_and_goes_on(kafka: Kafka, admin: Admin, unique: Callable[[str], str]) -> None:
    topic = unique("orders")
    await admin.create_topics([topic], partitions=2)
    await write(admin, topic, {0: [b"old"]})
    wanted = Wanted(topic, "value:new", NOW, start="latest", follow=True)
    async with (
        asyncio.timeout(60 * PATIENCE),
        searching(load_config(kafka.bootstrap_servers), wanted) as found,
    ):
        await found.plan()
        found.begin()
        await write(admin, topic, {0: [b"new 1", b"other"], 1: [b"new 2"]})
        news = found.news()
        assert sorted(filter(None, await values(news, 2))) == [b"new 1", b"new 2"]
        found.stop()
        found.go_on()
        await write(admin, topic, {1: [b"new 3"]})
        assert await values(news, 1) == [b"new 3"]


async def values(news: AsyncIterator[News], count: int) -> list[bytes | None]:
    found: list[bytes | None] = []
    async for one in news:
        if isinstance(one, Found):
            found += [record.value for record in one.records]
        if len(found) >= count:
            break
    return found


async def test_its_process_ends_with_its_owner(
    kafka: Kafka, admin: Admin, unique: Callable[[str], str]
) -> None:
    topic = unique("orders")
    await admin.create_topics([topic], partitions=1)
    await write(admin, topic, {0: [b"x"] * 5})
    wanted = Wanted(topic, "x", NOW, follow=True)
    async with (
        asyncio.timeout(60 * PATIENCE),
        searching(load_config(kafka.bootstrap_servers), wanted) as found,
    ):
        await found.plan()
        found.begin()
        await values(found.news(), 5)
        close_input(found)  # as the system does when kafkatui is killed
        assert await found._process.wait() == 0
    async with (
        asyncio.timeout(60 * PATIENCE),
        searching(load_config(kafka.bootstrap_servers), wanted) as found,
    ):
        await found.plan()
        found.begin()
        os.kill(found.pid, signal.SIGKILL)
        news = [one async for one in found.news()]
        assert "its process ended (signal 9)" in str(news[-1])
    with pytest.raises(ProcessLookupError):
        os.kill(found.pid, 0)


def close_input(found: Search) -> None:
    assert found._process.stdin is not None
    found._process.stdin.close()
