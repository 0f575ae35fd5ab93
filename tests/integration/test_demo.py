"""The demo: its steps, and the state of its groups."""

import pytest

from kafkatui.config import Config
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.groups import describe_groups, read_group_list
from kafkatui.kafka.lag import read_group_lag
from kafkatui.kafka.topics import read_metadata
from kafkatui.local import StartStep
from kafkatui.local.demo import Demo
from tests.integration.eventually import eventually
from tests.integration.processes import alive

pytestmark = pytest.mark.kafka


async def test_a_shop_with_one_group_that_keeps_up_one_behind_one_stopped() -> None:
    steps: list[StartStep] = []
    async with Demo(on_step=steps.append) as demo:
        await demo.filled()
        done = [step.name for step in steps if step.state == "done"]
        assert done == ["resolve", "Java", "format", "start", "topics", "traffic"]
        async with Cluster(Config(bootstrap_servers=(demo.bootstrap_servers,))) as cluster:
            await cluster.connect()
            asker = cluster.asker("test")
            _, topics, *_ = await read_metadata(asker)
            partitions = {topic.name: len(topic.partitions) for topic in topics}
            expected = {"orders": 6, "payments": 6, "shipments": 3, "clicks": 12, "audit": 3, "customers": 3}
            assert expected.items() <= partitions.items()

            async def members() -> dict[str, tuple[str | None, int]]:
                listed, _ = await read_group_list(asker)
                described = await describe_groups(asker, listed)
                return {group.group_id: (group.state, len(group.members or ())) for group in described}

            async def the_story() -> bool:
                return await members() == {
                    "payments-service": ("Stable", 3),
                    "shipping-service": ("Stable", 1),
                    "audit": ("Stable", 1),
                    "nightly-report": ("Empty", 0),
                }

            async def lag(group_id: str, topic: str) -> int:
                found = await read_group_lag(asker, group_id, topic)
                return sum(partition.lag or 0 for partition in found.partitions)

            async def behind() -> bool:
                return await lag("shipping-service", "payments") > 20

            await eventually(the_story, deadline=20)
            await eventually(behind, deadline=30)
            assert await lag("payments-service", "orders") < 20

            async def left() -> bool:
                return await lag("nightly-report", "shipments") > 0

            await eventually(left, deadline=30)
        pids = [*demo.pids.values(), *demo.cluster.pids.values()]
        directory = demo.cluster.directory
    assert not directory.exists()
    assert not [pid for pid in pids if alive(pid)]


async def test_three_brokers() -> None:
    async with Demo(3) as demo:
        await demo.filled()
        assert set(demo.cluster.pids) == {1, 2, 3, 100}
        async with Cluster(Config(bootstrap_servers=tuple(demo.bootstrap_servers.split(",")))) as cluster:
            await cluster.connect()
            _, topics, *_ = await read_metadata(cluster.asker("test"), ["orders"])
            assert all(len(partition.replicas or ()) == 3 for partition in topics[0].partitions)
