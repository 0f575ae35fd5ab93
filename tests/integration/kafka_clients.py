"""Real clients for the tests of `kafkatui.kafka`: connected clusters, members of groups of both kinds."""

import asyncio
import struct
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from enum import IntEnum
from typing import Any, cast

from aiokafka import AIOKafkaConsumer
from confluent_kafka import Consumer

from kafkatui.config import load_config
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.requests import Api, Build, make


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


class MemberApi(IntEnum):
    """What members of groups send; kafkatui itself never does."""

    JOIN_GROUP = 11
    SYNC_GROUP = 14
    STREAMS_GROUP_HEARTBEAT = 88

    @property
    def label(self) -> str:
        return self.name


async def _send(asker: Asker, api: MemberApi, build: Build) -> Any:
    """The answer of the first broker."""
    return await asker.ask(next(iter(asker.cluster.brokers)), cast(Api, api), build)


MEMBER_ID_REQUIRED = 79


async def join_as_connect(asker: Asker, group: str) -> str:
    """Join a classic group as a worker of Kafka Connect does, with bytes that no consumer sends; returns the
    member id.
    """
    metadata = struct.pack(">hh", 1, 21) + b"http://127.0.0.1:8083" + struct.pack(">q", 7)
    member = ""

    def join(module: Any, version: int) -> Any:
        return make(
            module.JoinGroupRequest,
            group_id=group,
            session_timeout=timedelta(seconds=30),
            rebalance_timeout=timedelta(seconds=30),
            member_id=member,
            protocol_type="connect",
            protocols=(module.JoinGroupRequestProtocol(name="sessioned", metadata=metadata),),
        )

    answer = await _send(asker, MemberApi.JOIN_GROUP, join)
    if answer.error_code == MEMBER_ID_REQUIRED:
        member = answer.member_id
        answer = await _send(asker, MemberApi.JOIN_GROUP, join)
    assert not answer.error_code, answer.error_code
    member, generation = answer.member_id, answer.generation_id

    def sync(module: Any, version: int) -> Any:
        given = struct.pack(">hh", 1, 0) + metadata[2:] + struct.pack(">ii", 1, 1) + b"\0\4sink\0\0\0\0"
        return make(
            module.SyncGroupRequest,
            group_id=group,
            generation_id=generation,
            member_id=member,
            protocol_type="connect",
            protocol_name="sessioned",
            assignments=(module.SyncGroupRequestAssignment(member_id=member, assignment=given),),
        )

    answer = await _send(asker, MemberApi.SYNC_GROUP, sync)
    assert not answer.error_code, answer.error_code
    return str(member)


async def streams_heartbeat(
    asker: Asker, group: str, topic: str, member: str, epoch: int = 0, tasks: tuple[int, ...] = ()
) -> tuple[int, tuple[int, ...]]:
    """A member whose program has one subtopology, which reads `topic`, says that it is there and has these
    tasks. Returns its epoch, and the partition numbers of the tasks that it shall have.
    """

    def build(module: Any, version: int) -> Any:
        own = module.TaskIds(subtopology_id="0", partitions=tasks)
        subtopology = module.Subtopology(
            subtopology_id="0",
            source_topics=(topic,),
            state_changelog_topics=(),
            repartition_source_topics=(),
            copartition_groups=(),
        )
        return module.StreamsGroupHeartbeatRequest(
            group_id=group,
            member_id=member,
            member_epoch=epoch,
            endpoint_information_epoch=0,
            rebalance_timeout=timedelta(seconds=30),
            topology=None if epoch else module.Topology(epoch=0, subtopologies=(subtopology,)),
            active_tasks=(own,) if tasks else (),
            standby_tasks=(),
            warmup_tasks=(),
            process_id=member,
            client_tags=(),
            task_offsets=None,
            task_end_offsets=None,
        )

    answer = await _send(asker, MemberApi.STREAMS_GROUP_HEARTBEAT, build)
    assert not answer.error_code, (answer.error_code, answer.error_message)
    found = [number for task in answer.active_tasks or () for number in task.partitions]
    return answer.member_epoch, tuple(found) if answer.active_tasks is not None else tasks
