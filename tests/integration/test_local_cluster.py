"""The local cluster: its start, the signals to its nodes, and its end."""

import asyncio
import os
import signal

import pytest

from kafkatui.errors import LocalClusterError
from kafkatui.local import LocalCluster, StartStep
from kafkatui.local.ready import brokers_listed
from tests.integration.eventually import eventually
from tests.integration.processes import alive

pytestmark = pytest.mark.kafka


async def test_it_starts_and_leaves_nothing() -> None:
    steps: list[StartStep] = []
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


async def test_an_extra_listener_and_other_properties() -> None:
    other = {"advertised.listeners": "PLAINTEXT://kafka:9092,SECOND://127.0.0.1:1"}
    async with LocalCluster(properties=other, extra_listeners={"SECOND": "PLAINTEXT"}) as cluster:
        assert cluster.servers("SECOND") == f"127.0.0.1:{cluster.ports['SECOND']}"
        assert await brokers_listed(cluster.ports["SECOND"]) == 1


async def test_a_broker_that_cannot_start_says_why() -> None:
    steps: list[StartStep] = []
    cluster = LocalCluster(properties={"num.io.threads": "many"}, on_step=steps.append)
    with pytest.raises(LocalClusterError, match=r"^broker-1 ended with exit code 1"):
        async with cluster:
            pass
    assert (steps[-1].name, steps[-1].state) == ("start", "failed")
    assert any("num.io.threads" in line for line in steps[-1].log)
    assert not cluster.directory.exists()


async def test_a_start_that_is_cancelled_leaves_nothing() -> None:
    steps: list[StartStep] = []
    cluster = LocalCluster(on_step=steps.append)

    async def hold() -> None:
        async with cluster:
            pass

    start = asyncio.create_task(hold())
    await eventually(lambda: cluster.pids)
    pids = cluster.pids.values()
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert steps[-1].detail == "cancelled"
    assert not cluster.directory.exists()
    assert not any(alive(pid) for pid in pids)


async def test_killing_the_keeper_ends_all_processes_and_is_reported() -> None:
    async with LocalCluster() as cluster:
        assert cluster.keeper_pid is not None
        os.kill(cluster.keeper_pid, signal.SIGKILL)
        await eventually(lambda: not cluster.pids)
        with pytest.raises(LocalClusterError, match="keeper"):
            await cluster.spawn("worker", ["true"])
    assert not cluster.directory.exists()


async def silent(port: int) -> bool:
    return await brokers_listed(port, patience=0.3) is None


async def test_lines_of_a_worker_are_read_and_it_ends_with_the_cluster() -> None:
    async with LocalCluster() as cluster:
        worker = await cluster.spawn("echo", ["sh", "-c", 'while read line; do echo "got $line"; done'])
        worker.send("seven")
        async for line in worker.lines():
            assert line == "got seven"
            break
    await asyncio.sleep(0)
    assert not alive(worker.pid)
