"""Real clients for the tests of `kafkatui.kafka`: connected clusters, members of groups of both kinds."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer
from confluent_kafka import Consumer

from kafkatui.config import load_config
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.connection import Cluster


@asynccontextmanager
async def connected(bootstrap_servers: str, *properties: str) -> AsyncGenerator[Cluster]:
    """A connected `Cluster`."""
    async with Cluster(load_config(bootstrap_servers, None, properties, {})) as cluster:
        await cluster.connect()
        yield cluster


async def write(
    admin: Admin, topic: str, values: Mapping[int, Sequence[bytes | None]], **settings: object
) -> None:
    """Write `values`, which are by partition, in their order."""
    async with admin.producer(**settings) as producer:
        for partition, items in values.items():
            for value in items:
                await producer.send_and_wait(topic, value, b"key", partition=partition)


@asynccontextmanager
async def classic_member(
    bootstrap_servers: str, group_id: str, topic: str, client_id: str, **settings: object
) -> AsyncGenerator[AIOKafkaConsumer]:
    """A consumer that has joined a classic group; it leaves at the end of the block."""
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap_servers,
        group_id=group_id,
        client_id=client_id,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        heartbeat_interval_ms=200,
        session_timeout_ms=10_000,
        **settings,
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


@asynccontextmanager
async def new_member(
    bootstrap_servers: str, group_id: str, topic: str, client_id: str
) -> AsyncGenerator[Callable[[int], object]]:
    """A member of a KIP-848 group. Gives a function that reads n records and commits them."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap_servers,
            "group.id": group_id,
            "group.protocol": "consumer",
            "client.id": client_id,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([topic])

    def read(count: int) -> None:
        seen = 0
        while seen < count:
            message = consumer.poll(0.1)
            if message is not None and message.error() is None:
                consumer.commit(message=message, asynchronous=False)
                seen += 1

    try:
        yield read
    finally:
        await asyncio.to_thread(consumer.close)
