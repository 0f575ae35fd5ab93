"""Counting the records of logs on a real Kafka: whether RECORDS is exact, and how many requests it takes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import NoReturn

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from kafkatui.domain.cluster.partitions import ClusterTopics, Topic, TopicLog
from kafkatui.domain.cluster.topics_view import topic_rows
from kafkatui.errors import ClusterError
from kafkatui.kafka import log_scan
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.log_scan import LogScan
from kafkatui.kafka.requests import Api
from kafkatui.kafka.topics import read_ends, read_metadata
from kafkatui.watch import topics as topics_watch
from kafkatui.watch.topics import TopicsWatch
from tests.integration.conftest import Kafka
from tests.integration.eventually import eventually
from tests.integration.kafka_clients import write

pytestmark = pytest.mark.kafka

Unique = Callable[[str], str]
Make = Callable[..., Awaitable[str]]

LIMIT = 50 * 2**20
LARGE = b"x" * 2000


@pytest.fixture
async def make(admin: Admin, unique: Unique) -> AsyncIterator[Make]:
    """A function that makes a topic, which is deleted at the end of the test."""
    made: list[str] = []

    async def make(name: str, partitions: int = 2, **configs: str) -> str:
        name = unique(name)
        configs = {key.replace("_", "."): value for key, value in configs.items()}
        await admin.create_topics([name], partitions=partitions, configs=configs)
        made.append(name)
        return name

    yield make
    await admin.delete_topics(made)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Api]:
    """The APIs of all requests, in their order."""
    asked: list[Api] = []
    ask = Asker.ask

    async def note(self: Asker, node_id: int | None, api: Api, *about: object, **more: object) -> object:
        asked.append(api)
        return await ask(self, node_id, api, *about, **more)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(Asker, "ask", note)
    return asked


@pytest.fixture
async def scan(asker: Asker) -> AsyncIterator[LogScan]:
    """A running `LogScan` with connections of its own."""
    async with asker.another("count") as counter:
        scan = LogScan(counter, limit=LIMIT)
        async with scan.running():
            yield scan


async def look(asker: Asker, *names: str) -> tuple[list[Topic], dict[str, TopicLog]]:
    topics = [topic for topic in (await read_metadata(asker, names))[1] if topic.name in names]
    return topics, await read_ends(asker, topics)


async def count(
    scan: LogScan,
    asker: Asker,
    *names: str,
    wanted: Collection[str] | None = None,
    compacted: Mapping[str, bool | None] | None = None,
) -> dict[str, int]:
    """The known numbers of records; the call also makes the scan go on."""
    topics, logs = await look(asker, *names)
    policies = compacted if compacted is not None else dict.fromkeys(names, False)
    return await scan.look(topics, logs, names if wanted is None else wanted, policies)


async def counted(scan: LogScan, asker: Asker, expected: Mapping[str, int]) -> None:
    """Wait until the topics have these numbers of records."""

    async def same() -> bool:
        found = await count(scan, asker, *expected)
        assert found == expected
        return True

    await eventually(same)


async def test_records_are_exact(
    admin: Admin, asker: Asker, scan: LogScan, make: Make, unique: Unique
) -> None:
    small, large, mixed, empty = [await make(name) for name in ("small", "large", "mixed", "empty")]
    paid, void, going, behind = [await make(name) for name in ("paid", "void", "going", "behind")]
    buried = await make("buried", 1)
    await write(admin, small, {0: [b"x"] * 5, 1: [b"x"] * 3})
    await write(admin, large, {1: [LARGE] * 300})
    async with admin.producer(transactional_id=unique("tx")) as producer:
        async with producer.transaction():
            await producer.send_and_wait(paid, LARGE, partition=1)
            await producer.send_and_wait(mixed, b"x", partition=0)
        for _ in range(20):
            async with producer.transaction():
                await producer.send_and_wait(buried, b"x", partition=0)
        await producer.begin_transaction()
        await producer.send_and_wait(void, LARGE, partition=0)
        await producer.abort_transaction()
        await write(admin, paid, {0: [b"x"]})
        await write(admin, mixed, {0: [b"x"]})
        await write(admin, buried, {0: [b"x"] * 4})
        await producer.begin_transaction()
        await producer.send_and_wait(going, LARGE, partition=0)
        await producer.send_and_wait(behind, b"x", partition=0)
        await write(admin, behind, {0: [LARGE]})
        expected = {small: 8, large: 300, mixed: 2, empty: 0, paid: 2, void: 0, buried: 24}
        expected |= {going: 1, behind: 2}  # what is open may yet be aborted, but it is there
        await counted(scan, asker, expected)
        topics, logs = await look(asker, *expected)
        rows = topic_rows(ClusterTopics((), tuple(topics), logs, counted=expected), {}, {})
        figures = {name: (row.records, row.upper_bound) for name, row in rows.items()}
        assert figures == {name: (records, False) for name, records in expected.items()}
        rows = topic_rows(ClusterTopics((), tuple(topics), logs), {}, {})
        assert (rows[buried].records, rows[buried].upper_bound) == (44, True)
        await producer.abort_transaction()
    await counted(scan, asker, {**expected, going: 0, behind: 1})


async def test_a_log_that_goes_on_or_starts_later_stays_counted(
    kafka: Kafka, admin: Admin, asker: Asker, scan: LogScan, make: Make, unique: Unique
) -> None:
    plain, paid = await make("plain", 1), await make("paid", 1)
    await write(admin, plain, {0: [b"x"] * 10})
    async with admin.producer(transactional_id=unique("tx")) as producer, producer.transaction():
        for _ in range(5):
            await producer.send_and_wait(paid, b"x", partition=0)
    await counted(scan, asker, {plain: 10, paid: 5})
    await write(admin, plain, {0: [b"x"] * 10})
    assert (await count(scan, asker, plain, paid))[plain] in {10, 20}  # it is known of a moment ago
    await counted(scan, asker, {plain: 20, paid: 5})
    client = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    await client.start()
    try:
        for name, offset in ((plain, 12), (paid, 3)):
            await client.delete_records({TopicPartition(name, 0): RecordsToDelete(before_offset=offset)})
    finally:
        await client.close()
    await counted(scan, asker, {plain: 8, paid: 2})


async def test_few_requests_are_sent_and_large_topics_are_not_counted(
    admin: Admin, asker: Asker, scan: LogScan, make: Make, asked: list[Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    wide, long = await make("wide", 12), await make("long", 1)
    await write(admin, wide, {number: [LARGE] for number in range(12)})
    await write(admin, long, {0: [LARGE] * 100})
    monkeypatch.setattr(log_scan, "LARGEST", 100_000)
    monkeypatch.setattr(log_scan, "FOLLOWED", 0)
    monkeypatch.setattr(log_scan, "EACH", 10_000)
    octets = asker.cluster.bytes
    await counted(scan, asker, {wide: 12})
    assert asker.cluster.bytes - octets < 12 * len(LARGE) * 1.5
    asked.clear()
    assert await count(scan, asker, long) == {}
    await eventually(lambda: Api.FETCH in asked)
    assert await count(scan, asker, long) == {}
    asked.clear()
    for _ in range(20):
        assert await count(scan, asker, long) == {}
        await asyncio.sleep(0.02)
    assert Api.FETCH not in asked


async def test_a_topic_that_cannot_be_counted_affects_no_other_and_is_not_created(
    admin: Admin, asker: Asker, scan: LogScan, make: Make, unique: Unique
) -> None:
    plain, lost, half = [await make(name) for name in ("plain", "lost", "half")]
    missing = unique("missing")
    for name in (plain, lost, half):
        await write(admin, name, {0: [b"x"], 1: [b"x"]})
    topics, logs = await look(asker, plain, lost, half)
    by_name = {topic.name: topic for topic in topics}
    by_name[lost] = replace(
        by_name[lost], partitions=tuple(one._replace(leader=99) for one in by_name[lost].partitions)
    )
    by_name[missing] = replace(by_name[plain], name=missing)
    logs[missing] = logs[plain]
    logs[half] = replace(logs[half], ends=(1, None))  # a leader that did not answer
    policies = dict.fromkeys(by_name, False)
    looked = 0

    async def known() -> bool:
        nonlocal looked
        looked += 1
        found = await scan.look(by_name.values(), logs, set(by_name), policies)
        assert found == {plain: 2}
        return looked > 10

    await eventually(known)
    assert missing not in [topic.name for topic in (await read_metadata(asker))[1]]
    logs[half] = replace(logs[half], ends=(1, 1))
    by_name[lost] = {topic.name: topic for topic in topics}[lost]

    async def back() -> bool:
        found = await scan.look(by_name.values(), logs, set(by_name), policies)
        assert found == {plain: 2, lost: 2, half: 2}
        return True

    await eventually(back)


async def test_compacted_logs_are_not_counted_and_those_of_unknown_policy_are_counted_again(
    admin: Admin, asker: Asker, scan: LogScan, make: Make, asked: list[Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    state = await make("state", 1)
    await write(admin, state, {0: [b"x"] * 5})
    asked.clear()
    assert await count(scan, asker, state, compacted={state: True}) == {}
    monkeypatch.setattr(log_scan, "RENEWED", 0.0)
    monkeypatch.setattr(log_scan, "FOLLOWED", 1e12)

    async def again() -> bool:
        assert await count(scan, asker, state, compacted={}) == {state: 5}
        return asked.count(Api.FETCH) >= 3

    assert Api.FETCH not in asked
    await eventually(again)
    assert await count(scan, asker, state, compacted={state: True}) == {}


async def test_only_visible_topics_with_new_records_are_downloaded(
    admin: Admin, asker: Asker, make: Make, asked: list[Api]
) -> None:
    plain, hidden = await make("plain"), await make("hidden")
    for name in (plain, hidden):
        await write(admin, name, {0: [b"x"]})
    visible = {plain}
    async with AsyncExitStack() as stack:
        scan = LogScan(await stack.enter_async_context(asker.another("count")), limit=LIMIT)
        await stack.enter_async_context(scan.running())
        watch = TopicsWatch(asker, lambda: visible, scan)

        async def looked(expected: Mapping[str, int]) -> bool:
            found = (await watch.read()).counted
            assert {name: found[name] for name in found if name in {plain, hidden}} == expected
            return True

        await eventually(lambda: looked({plain: 1}))
        asked.clear()
        for _ in range(5):
            assert await looked({plain: 1})
        assert Api.FETCH not in asked
        visible.add(hidden)
        await eventually(lambda: looked({plain: 1, hidden: 1}))
        await write(admin, plain, {1: [b"x"]})
        await eventually(lambda: looked({plain: 2, hidden: 1}))


async def test_cleanup_policies_that_were_not_answered_are_asked_for_again(
    admin: Admin, asker: Asker, scan: LogScan, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = await make("plain")
    await write(admin, plain, {0: [b"x"]})
    asked = 0

    async def silent(*_: object) -> NoReturn:
        nonlocal asked
        asked += 1
        raise ClusterError("no answer")

    monkeypatch.setattr(TopicsWatch, "POLICIES_AGAIN", 1e9)
    watch = TopicsWatch(asker, lambda: {plain}, scan)
    with monkeypatch.context() as patched:
        patched.setattr(topics_watch, "read_policies", silent)

        async def exact() -> bool:
            value = await watch.read()
            assert plain not in value.compacted
            row = topic_rows(value, {}, {})[plain]
            return (row.records, row.upper_bound) == (1, False)

        await eventually(exact)
        assert asked == 1  # not at every look
    monkeypatch.setattr(watch, "_policies_at", 0.0)  # some seconds later
    assert (await watch.read()).compacted[plain] is False
