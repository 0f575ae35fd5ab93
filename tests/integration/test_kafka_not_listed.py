"""A broker dies that has the only replica of some partitions of ``__consumer_offsets``: no broker lists their

groups, without an error. The groups still exist.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest
import pytest_asyncio

from kafkatui.domain.cluster.groups import ClusterGroups
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.topics import read_metadata
from kafkatui.local import LocalCluster
from kafkatui.watch.pace import Pace
from kafkatui.watch.streams import streams
from tests.integration.eventually import eventually
from tests.integration.kafka_clients import classic_member, connected

pytestmark = [pytest.mark.kafka, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def local() -> AsyncIterator[LocalCluster]:
    async with LocalCluster(3, properties={"offsets.topic.replication.factor": "1"}) as local:
        yield local


@asynccontextmanager
async def looks(cluster: Cluster) -> AsyncIterator[list[ClusterGroups]]:
    """Every look at the groups, while the topics are read too, as the panes do it."""
    values: list[ClusterGroups] = []

    async def follow_groups() -> None:
        async with aclosing(streams(cluster).groups(lambda: None, Pace(0.3))) as stream:
            async for reading in stream:
                values.extend([] if reading.value is None else [reading.value])

    async def follow_topics() -> None:
        async with aclosing(streams(cluster).topics(lambda: (), Pace(1.0))) as stream:
            async for _ in stream:
                pass

    tasks = [asyncio.create_task(follow()) for follow in (follow_groups, follow_topics)]
    try:
        yield values
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def names(value: ClusterGroups) -> list[str]:
    return [group.group_id for group in value.groups]


async def test_groups_without_a_coordinator_are_not_taken_for_deleted(local: LocalCluster) -> None:
    async with connected(local.bootstrap_servers, "request.timeout.ms=1500") as cluster:
        await Admin(cluster).create_topics(["safe"], partitions=1, replicas=3)
        groups = [f"g{number}" for number in range(6)]
        for group_id in groups:
            async with classic_member(local.bootstrap_servers, group_id, "safe", "c") as member:
                await member.commit(dict.fromkeys(member.assignment(), 1))
        async with looks(cluster) as seen:
            await eventually(lambda: seen and names(seen[-1]) == groups and seen[-1].left_out is None, 20)
            by_broker = {group.group_id: group.coordinator for group in seen[-1].groups}
            dead = by_broker["g0"]
            assert dead is not None
            lost = [group_id for group_id, node in by_broker.items() if node == dead]
            since = len(seen)
            await local.kill(dead)
            why = "partitions of __consumer_offsets are missing: no broker leads them"
            await eventually(lambda: (seen[-1].left_out or "").endswith(why), 30)

            for value in seen[since:]:
                assert names(value) == groups, "none of them is gone"
            untold = {group.group_id for group in seen[-1].groups if group.fault is not None}
            assert untold == set(lost)
            assert all(seen[-1].commits[group_id].fault is not None for group_id in lost)

            async with connected(local.bootstrap_servers) as other:  # a program that is started now
                await read_metadata(other.asker("topics"))
                async with looks(other) as later:
                    await eventually(lambda: later and (later[-1].left_out or "").endswith(why), 10)
                    assert names(later[-1]) == [group_id for group_id in groups if group_id not in lost]

            await local.restart(dead)
            await eventually(
                lambda: (
                    seen[-1].left_out is None
                    and names(seen[-1]) == groups
                    and all(group.fault is None for group in seen[-1].groups)
                ),
                20,
            )
            assert all(names(value) == groups for value in seen[since:])

            await Admin(cluster).delete_groups(["g0"])
            await eventually(lambda: names(seen[-1]) == groups[1:], 10)
            assert seen[-1].left_out is None
