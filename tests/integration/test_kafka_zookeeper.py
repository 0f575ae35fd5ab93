"""A cluster that still has ZooKeeper, as Kafka 3.9 may: its controller is known from Metadata."""

import asyncio
import os
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from kafkatui.domain.cluster.brokers import ClusterBrokers
from kafkatui.errors import ClusterError
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.log_scan import LogScan
from kafkatui.kafka.reassignments import read_reassignments
from kafkatui.watch.brokers import BrokersWatch
from kafkatui.watch.topics import TopicsWatch
from tests.integration import other_kafka
from tests.integration.eventually import eventually
from tests.integration.kafka_clients import connected
from tests.integration.kafka_tools import QUIET, java

pytestmark = [pytest.mark.kafka, pytest.mark.asyncio(loop_scope="module")]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def written(file: Path, **settings: object) -> str:
    """A file of properties."""
    file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), encoding="utf-8")
    return os.fspath(file)


@contextmanager
def running(home: Path, directory: Path, main: str, *arguments: str) -> Iterator[None]:
    """A Java program of Kafka 3.9; its output goes to a file in `directory`."""
    command = [java(), *QUIET, "-cp", os.fspath(home / "libs" / "*"), main, *arguments]
    with (directory / f"{main}.log").open("a") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=directory)
        try:
            yield
        finally:
            process.kill()
            process.wait()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Asker]:
    """Asks two brokers with ids 4 and 7."""
    directory = tmp_path_factory.mktemp("zookeeper")
    made = tmp_path_factory.mktemp("kafka-3.9")
    home = await asyncio.to_thread(other_kafka.kafka_home, other_kafka.OLD, made)
    zookeeper, ports = free_port(), {node: free_port() for node in (4, 7)}
    with ExitStack() as stack:
        file = written(
            directory / "zookeeper.properties",
            clientPort=zookeeper,
            clientPortAddress="127.0.0.1",
            dataDir=directory / "zookeeper",
            **{"admin.enableServer": "false"},
        )
        stack.enter_context(running(home, directory, "org.apache.zookeeper.server.ZooKeeperServerMain", file))
        for node, port in ports.items():
            (directory / str(node)).mkdir()
            file = written(
                directory / f"{node}.properties",
                **{
                    "broker.id": node,
                    "listeners": f"PLAINTEXT://127.0.0.1:{port}",
                    "log.dirs": directory / str(node) / "logs",
                    "zookeeper.connect": f"127.0.0.1:{zookeeper}",
                    "offsets.topic.replication.factor": 1,
                    "log.cleaner.dedupe.buffer.size": 4_000_000,
                },
            )
            stack.enter_context(running(home, directory / str(node), "kafka.Kafka", file))

        async def answers() -> bool:
            try:
                async with connected(f"127.0.0.1:{ports[4]}") as cluster:
                    return len(cluster.brokers) == 2
            except ClusterError:
                return False

        await eventually(answers, 60)
        async with connected(f"127.0.0.1:{ports[4]}") as cluster, cluster.asker("test") as asker:
            yield asker


async def test_the_controller_is_known_from_metadata(asker: Asker) -> None:
    watch = TopicsWatch(asker, frozenset, LogScan(asker, limit=0))
    value = await watch.read()
    assert [broker.node_id for broker in value.brokers] == [4, 7]

    async def both_answer() -> ClusterBrokers | None:
        """A broker is listed shortly before it answers everything."""
        found = await BrokersWatch(asker, dict).read()
        return found if set(found.disks) == {4, 7} else None

    brokers = await eventually(both_answer, 20)
    assert brokers.quorum_fault is None
    assert brokers.quorum is not None
    assert brokers.quorum.leader in {4, 7}
    assert brokers.quorum.behind(4) is None


async def test_reassignments_are_asked_of_the_controller(asker: Asker) -> None:
    assert await read_reassignments(asker) == {}


async def test_topics_and_their_policies(asker: Asker) -> None:
    await Admin(asker.cluster).create_topics(["orders"], partitions=2, replicas=2)

    async def is_whole() -> bool:
        value = await TopicsWatch(asker, lambda: {"orders"}, LogScan(asker, limit=0)).read()
        (topic,) = value.topics
        assert (value.compacted, value.min_isr) == ({"orders": False}, {"orders": 1})
        return not any(one.offline or one.under_replicated for one in topic.partitions)

    await eventually(is_whole, 20)
