"""The last rebalance of a group before the program began, from ``__consumer_offsets``."""

import asyncio
from collections.abc import Callable
from time import monotonic

import pytest
from aiokafka import TopicPartition

from kafkatui.domain.rebalance.past import PastRebalances
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.past_rebalances import search
from tests.integration.conftest import Kafka
from tests.integration.eventually import eventually
from tests.integration.kafka_clients import classic_member, new_member, write

pytestmark = pytest.mark.kafka

Unique = Callable[[str], str]
CLOCK = 1.0
"""Seconds by which two readings of the clock, before and after an answer, may differ."""


@pytest.fixture
async def topic(admin: Admin, unique: Unique) -> str:
    """A new topic with two partitions."""
    name = unique("orders")
    await admin.create_topics([name], partitions=2)
    return name


async def found(asker: Asker, **limits: int) -> PastRebalances:
    """What a whole pass finds."""
    values = [value async for value in search(asker, **limits)]
    assert [value.done for value in values] == [False] * (len(values) - 1) + [True]
    assert [value.octets for value in values] == sorted(value.octets for value in values)
    return values[-1]


async def test_the_newest_generation_is_found_behind_many_commits(
    kafka: Kafka, admin: Admin, topic: str, asker: Asker, unique: Unique
) -> None:
    group = unique("billing")
    await write(admin, topic, {0: [b"x"] * 3})
    began = monotonic()
    async with classic_member(kafka.bootstrap_servers, group, topic, "one") as one:
        async with classic_member(kafka.bootstrap_servers, group, topic, "two") as two:
            await eventually(lambda: one.assignment() and two.assignment(), 20)

            async def both() -> bool:
                past = (await found(asker)).of(group)
                return past is not None and past.members == 2

            await eventually(both, 20)
            settled = monotonic()
            for offset in range(200):
                await one.commit({TopicPartition(topic, 0): 1 + offset % 3})
            value = await found(asker)
            past = value.of(group)
            assert past is not None
            assert past.number >= 2
            assert began - CLOCK <= past.at <= settled + CLOCK
            assert len(value.read) == value.partitions
        limited = await found(asker, most=0)
        assert (limited.of(group), limited.has_read(group), limited.octets) == (None, False, 0)
    left = await eventually(lambda: _left(asker, group), 20)
    assert left.members == 0, "everybody left: that is a rebalance too"


async def _left(asker: Asker, group: str) -> object:
    past = (await found(asker)).of(group)
    return past if past is not None and past.members == 0 else None


async def test_a_deleted_group_has_none(
    kafka: Kafka, admin: Admin, topic: str, asker: Asker, unique: Unique
) -> None:
    group = unique("billing")
    async with classic_member(kafka.bootstrap_servers, group, topic, "one"):
        await eventually(lambda: _members(asker, group, 1), 20)
    await eventually(lambda: _members(asker, group, 0), 20)
    await admin.delete_groups([group])

    async def gone() -> bool:
        value = await found(asker)
        return value.has_read(group) and value.of(group) is None

    await eventually(gone, 20)


async def _members(asker: Asker, group: str, number: int) -> bool:
    past = (await found(asker)).of(group)
    return past is not None and past.members == number


@pytest.mark.kip848
async def test_the_newest_epoch_of_a_kip_848_group(
    kafka: Kafka, admin: Admin, topic: str, asker: Asker, unique: Unique
) -> None:
    group, began = unique("search"), monotonic()
    await write(admin, topic, {0: [b"x"] * 3})
    async with new_member(kafka.bootstrap_servers, group, topic, "one") as read:
        await asyncio.to_thread(read, 1)
        past = (await found(asker)).of(group)
        assert past is not None
        assert past.members is None
        assert past.number >= 1
        assert began - CLOCK <= past.at
