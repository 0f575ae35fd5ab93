"""Of three brokers one dies and comes back: which leaders moved is in the timeline soon after the cluster
knows it.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from time import monotonic

import pytest
import pytest_asyncio
from aiokafka.errors import NotEnoughReplicasError

from kafkatui.domain.cluster.changes import ChangeKind
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.cluster_state import read_log_dirs, read_quorum
from kafkatui.kafka.log_scan import LogScan
from kafkatui.kafka.topics import read_metadata
from kafkatui.local import LocalCluster
from kafkatui.watch.brokers import BrokersWatch
from kafkatui.watch.follow import follow
from kafkatui.watch.model import Model
from kafkatui.watch.streams import streams
from kafkatui.watch.topics import TopicsWatch
from tests.integration.eventually import eventually
from tests.integration.kafka_clients import connected
from tests.integration.kafka_tools import begin_to_move, topics_tool
from tests.patience import PATIENCE

pytestmark = [pytest.mark.kafka, pytest.mark.asyncio(loop_scope="module")]

OF_LEADERS = {ChangeKind.BROKER_GONE, ChangeKind.LEADERS}
"""Changes that tell where leaders went: a look may come between their move and the end of the broker."""
SOON = 2.0
"""Seconds after the cluster knows of a change in which it must be known here too."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def local() -> AsyncIterator[LocalCluster]:
    async with LocalCluster(3) as local:
        yield local


async def test_a_broker_that_dies_is_told_with_its_leaders(local: LocalCluster) -> None:
    async with connected(local.bootstrap_servers, "request.timeout.ms=1500") as cluster:
        admin, other = Admin(cluster), cluster.asker("other")
        await admin.create_topics(["safe"], partitions=6, replicas=3)
        await admin.create_topics(["strict"], partitions=2, replicas=3, configs={"min.insync.replicas": "3"})
        model = Model()
        model.select("safe", None)
        following = asyncio.create_task(follow(model, streams(cluster)))
        try:
            timeline = model.view.happened.timeline

            def is_well() -> bool:
                topics = model.view.topics.value
                safe = next((one for one in topics.topics if one.name == "safe"), None) if topics else None
                return safe is not None and all(
                    part.leader and len(part.isr) == 3 for part in safe.partitions
                )

            await eventually(is_well, 20)
            quorum = await read_quorum(other)
            assert quorum.leader in quorum.voters
            assert {1, 2, 3} <= quorum.ends.keys()
            disks, faults = await read_log_dirs(other)
            assert (set(disks), faults) == ({1, 2, 3}, {})
            assert all(disk.sizes[("safe", 0)] >= 0 and disk.usable for disk in disks.values())
            dead = next(node for node in cluster.brokers if node != 1)
            led = [part.number for part in cluster.topics["safe"].partitions if part.leader == dead]
            assert led
            await local.kill(dead)

            async def cluster_knows() -> bool:
                brokers, *_ = await read_metadata(other, ["safe"])
                return dead not in {broker.node_id for broker in brokers}

            await eventually(cluster_knows, 30)
            knew_at = monotonic()
            gone = await eventually(
                lambda: next((one for one in timeline.changes if one.kind is ChangeKind.BROKER_GONE), None),
                20,
            )
            assert gone.subject == f"broker {dead}"
            assert gone.at - knew_at <= SOON * PATIENCE

            def refuses() -> bool:
                value = model.view.topics.value
                strict = next((one for one in value.topics if one.name == "strict"), None) if value else None
                return value is not None and strict is not None and value.refusing(strict) == (0, 1)

            await eventually(refuses, 30)
            text = "2 partitions below min.insync.replicas: acks=all is refused"
            await eventually(
                lambda: ("strict", text) in [(one.topic, one.text) for one in model.view.problems], 10
            )
            async with admin.producer(acks="all") as producer:
                await producer.send_and_wait("safe", b"x")
                with pytest.raises(NotEnoughReplicasError):
                    await producer.send_and_wait("strict", b"x")
            moved = [one.sentence for one in timeline.changes if one.kind in OF_LEADERS]
            assert any(f"broker {dead} is gone: it led " in one or "changed leaders" in one for one in moved)
            await local.restart(dead)
            await eventually(lambda: any(one.kind is ChangeKind.BROKER_BACK for one in timeline.changes), 30)
            await eventually(
                lambda: any(
                    one.kind is ChangeKind.ISR_GREW and "all replicas are in sync now" in one.sentence
                    for one in timeline.changes
                ),
                30,
            )
            assert [one.at for one in timeline.changes] == sorted(
                (one.at for one in timeline.changes), reverse=True
            )
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


async def test_a_reassignment_is_no_under_replicated_partition(local: LocalCluster) -> None:
    """It is throttled, so that it goes on for long; Kafka's own tool calls nothing under-replicated."""
    async with connected(local.bootstrap_servers) as cluster:
        admin = Admin(cluster)
        await admin.create_topics(["wander"], partitions=1, replicas=1)
        async with admin.producer(acks="all") as producer:
            for _ in range(40):
                await producer.send_and_wait("wander", random.randbytes(100_000))
        async with cluster.asker("topics") as asker:
            watch = TopicsWatch(asker, lambda: {"wander"}, LogScan(asker, limit=0))
            value = await watch.read()
            (topic,) = (one for one in value.topics if one.name == "wander")
            (leader,) = topic.partitions[0].replicas
            other = await asyncio.to_thread(begin_to_move, local.bootstrap_servers, topic)
            moving = None

            async def is_moving() -> bool:
                nonlocal moving
                found = await TopicsWatch(asker, lambda: {"wander"}, LogScan(asker, limit=0)).read()
                moving = next(one for one in found.topics if one.name == "wander").partitions[0]
                return moving.moving

            await eventually(is_moving, 20)
            assert moving is not None
            assert (moving.adding, moving.removing) == ((other,), (leader,))
            assert not moving.under_replicated
            tool = await asyncio.to_thread(
                topics_tool, local.bootstrap_servers, "--under-replicated-partitions"
            )
            assert "wander" not in tool
            brokers = BrokersWatch(asker, lambda: {"wander": 1})
            await brokers.read()
            copied = (await brokers.read()).copied("wander", 0, leader, other)
            assert copied is not None
            assert 0 <= copied < 1
