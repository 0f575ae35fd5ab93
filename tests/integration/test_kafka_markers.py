"""Which topics have transactions, on a real Kafka: whether RECORDS is exact, and what it costs to know."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest

from kafkatui.domain.partitions import ClusterTopics, Topic, TopicLog
from kafkatui.domain.topics_view import topic_rows
from kafkatui.kafka import markers
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.markers import EACH, read_transactional
from kafkatui.kafka.requests import Api, Asker
from kafkatui.kafka.topics import read_ends, read_metadata
from kafkatui.watches import TopicsWatch
from tests.integration.kafka_clients import write

pytestmark = pytest.mark.kafka

Unique = Callable[[str], str]
Make = Callable[..., Awaitable[str]]

LARGE = b"x" * 10 * EACH


@pytest.fixture
async def make(admin: Admin, unique: Unique) -> AsyncIterator[Make]:
    """Makes a topic, which is deleted at the end."""
    made: list[str] = []

    async def make(name: str, partitions: int = 2) -> str:
        name = unique(name)
        await admin.create_topics([name], partitions=partitions)
        made.append(name)
        return name

    yield make
    await admin.delete_topics(made)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Api]:
    """What is asked for, in order."""
    asked: list[Api] = []
    ask = Asker.ask

    async def note(self: Asker, node_id: int | None, api: Api, *about: object, **more: object) -> object:
        asked.append(api)
        return await ask(self, node_id, api, *about, **more)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(Asker, "ask", note)
    return asked


async def look(asker: Asker, *names: str) -> tuple[list[Topic], dict[str, TopicLog]]:
    topics = [topic for topic in (await read_metadata(asker, names))[1] if topic.name in names]
    return topics, await read_ends(asker, topics)


async def test_records_are_exact_but_where_transactions_show(
    admin: Admin, asker: Asker, make: Make, unique: Unique, asked: list[Api]
) -> None:
    small, large, mixed, empty = [await make(name) for name in ("small", "large", "mixed", "empty")]
    paid, void, going, behind = [await make(name) for name in ("paid", "void", "going", "behind")]
    await write(admin, small, {0: [b"x"] * 5, 1: [b"x"] * 3})
    await write(admin, large, {1: [LARGE]})
    async with admin.producer(transactional_id=unique("tx")) as producer:
        async with producer.transaction():
            await producer.send_and_wait(paid, LARGE, partition=1)
            await producer.send_and_wait(mixed, b"x", partition=0)
        await producer.begin_transaction()
        await producer.send_and_wait(void, LARGE, partition=0)
        await producer.abort_transaction()
        await write(admin, paid, {0: [b"x"]})
        await write(admin, mixed, {0: [b"x"]})
        await producer.begin_transaction()
        await producer.send_and_wait(going, LARGE, partition=0)
        await producer.send_and_wait(behind, b"x", partition=0)
        await write(admin, behind, {0: [LARGE]})
        topics, logs = await look(asker, small, large, mixed, empty, paid, void, going, behind)
        asked.clear()
        told = await read_transactional(asker, topics, logs)
        assert asked == [Api.FETCH]
        await producer.abort_transaction()
    assert told == {
        small: False,
        large: False,
        mixed: False,  # what the newest batch tells; a marker lies below it
        paid: True,
        void: True,
        going: True,
        behind: True,
    }
    rows = topic_rows(ClusterTopics((), tuple(topics), logs, dict.fromkeys(logs, False), told), {}, {})
    figures = {name: (row.records, row.upper_bound) for name, row in rows.items()}
    assert figures[small] == (8, False)
    assert figures[large] == (1, False)
    assert figures[empty] == (0, False)
    assert figures[paid] == (3, True)  # two records and a marker
    assert figures[void] == (2, True)


async def test_little_is_asked_and_little_is_answered(
    admin: Admin, asker: Asker, make: Make, asked: list[Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [await make("wide", 8), await make("wider", 12)]
    for name, count in zip(names, (8, 12), strict=True):
        await write(admin, name, {number: [LARGE] for number in range(count)})
    topics, logs = await look(asker, *names)
    for topic in topics:
        asker.cluster.topics[topic.name] = topic
    asked.clear()
    requests, octets = asker.cluster.requests, asker.cluster.bytes
    assert await read_transactional(asker, topics, logs) == dict.fromkeys(names, False)
    assert asker.cluster.requests - requests == len(asked) == 1
    one_batch = len(LARGE) + EACH
    assert asker.cluster.bytes - octets < one_batch + 20 * EACH
    monkeypatch.setattr(markers, "AT_ONCE", 9)
    asked.clear()
    assert await read_transactional(asker, topics, logs) == dict.fromkeys(names, False)
    assert asked == [Api.FETCH] * 3


async def test_what_cannot_be_told_spoils_only_itself_and_makes_nothing(
    admin: Admin, asker: Asker, make: Make, unique: Unique
) -> None:
    plain, paid, gone, lost = [await make(name) for name in ("plain", "paid", "gone", "lost")]
    await write(admin, plain, {0: [b"x"]})
    await write(admin, lost, {0: [b"x"]})
    async with admin.producer(transactional_id=unique("tx")) as producer, producer.transaction():
        await producer.send_and_wait(paid, b"x", partition=0)
    topics, logs = await look(asker, plain, paid, gone, lost)
    logs[gone] = replace(logs[gone], ends=(4, 0))  # cut off meanwhile
    logs[paid] = replace(logs[paid], ends=(2, None))  # not told, but the other partition tells enough
    missing = unique("missing")
    topics.append(replace(topics[0], name=missing))
    logs[missing] = logs[plain]
    moved = asker.cluster.topics[lost]
    asker.cluster.topics[lost] = replace(
        moved, partitions=tuple(partition._replace(leader=99) for partition in moved.partitions)
    )
    told = await read_transactional(asker, topics, logs)
    assert told == {plain: False, paid: True, gone: None, lost: None, missing: None}
    assert missing not in [topic.name for topic in (await read_metadata(asker))[1]]
    assert await read_transactional(asker, topics, {}) == {}


async def test_only_what_is_on_screen_and_was_written_to_is_asked_again(
    admin: Admin,
    asker: Asker,
    make: Make,
    unique: Unique,
    asked: list[Api],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain, paid, hidden = [await make(name) for name in ("plain", "paid", "hidden")]
    for name in (plain, hidden):
        await write(admin, name, {0: [b"x"]})
    visible = {plain, paid}
    monkeypatch.setattr(TopicsWatch, "TRANSACTIONS_EVERY", 0.0)
    watch = TopicsWatch(asker, lambda: visible)

    async def looked() -> tuple[dict[str, bool | None], int]:
        asked.clear()
        value = await watch.read()
        return dict(value.transactional), asked.count(Api.FETCH)

    assert await looked() == ({plain: False}, 1)  # nothing is in the other one yet
    assert await looked() == ({plain: False}, 0)
    async with admin.producer(transactional_id=unique("tx")) as producer:
        async with producer.transaction():
            await producer.send_and_wait(paid, b"x", partition=0)
        assert await looked() == ({plain: False, paid: True}, 1)
        await write(admin, paid, {0: [b"x"]})
        assert await looked() == ({plain: False, paid: True}, 0)  # once seen it stays
        visible.add(hidden)
        assert await looked() == ({plain: False, paid: True, hidden: False}, 1)
        async with producer.transaction():
            await producer.send_and_wait(plain, b"x", partition=1)
        assert await looked() == ({plain: True, paid: True, hidden: False}, 1)
