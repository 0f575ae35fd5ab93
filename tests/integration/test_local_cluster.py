"""The local cluster: it starts, takes what is asked of its nodes, and goes."""

import asyncio
from pathlib import Path

import pytest

from kafkatui.local import LocalCluster, Step
from kafkatui.local.ready import brokers_listed
from tests.integration.eventually import eventually
from tests.integration.processes import alive

pytestmark = pytest.mark.kafka


async def test_it_starts_and_leaves_nothing() -> None:
    steps: list[Step] = []
    async with LocalCluster(on_step=steps.append) as cluster:
        host, _, port = cluster.bootstrap_servers.partition(":")
        assert host == "127.0.0.1"
        assert await brokers_listed(int(port)) == 1
        directory, pids, keeper = cluster.directory, cluster.pids, cluster.keeper_pid
        assert set(pids) == {1}
        assert all(alive(pid) for pid in pids.values())
        assert directory.is_dir()
    assert [step.name for step in steps if step.state == "done"] == ["resolve", "Java", "format", "start"]
    assert not directory.exists()
    assert keeper is not None
    assert not any(alive(pid) for pid in [*pids.values(), keeper])


async def test_a_node_can_be_frozen_killed_and_started_again() -> None:
    async with LocalCluster() as cluster:
        port = cluster.ports["PLAINTEXT"]
        await cluster.freeze(1)
        await eventually(lambda: silent(port))
        await cluster.thaw(1)
        await eventually(lambda: brokers_listed(port))
        await cluster.kill(1)
        assert cluster.pids == {}
        assert await brokers_listed(port) is None
        await cluster.restart(1)
        assert await brokers_listed(port) == 1


async def silent(port: int) -> bool:
    return await brokers_listed(port, patience=0.3) is None


async def test_a_worker_is_heard_and_ends_with_the_cluster(tmp_path: Path) -> None:
    async with LocalCluster() as cluster:
        worker = await cluster.spawn("echo", ["sh", "-c", 'while read line; do echo "got $line"; done'])
        worker.send("seven")
        async for line in worker.lines():
            assert line == "got seven"
            break
    await asyncio.sleep(0)
    assert not alive(worker.pid)
