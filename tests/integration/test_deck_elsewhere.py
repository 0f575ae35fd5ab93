"""The deck on clusters that kafkatui did not start: nothing is left, however kafkatui ends, and no secret is
shown."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from kafkatui.deck import ledger
from kafkatui.domain.cluster.groups import Group
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import ReportKind
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.groups import describe_groups
from kafkatui.kafka.topics import read_metadata
from kafkatui.local import LocalCluster
from tests.integration.decks import running_deck
from tests.integration.eventually import eventually
from tests.integration.kafka_clients import connected
from tests.integration.processes import alive

pytestmark = pytest.mark.kafka


async def test_closing_the_deck_removes_its_topics_and_its_group(
    cluster: Cluster, asker: Asker, own_ledger: Path
) -> None:
    async with running_deck(cluster) as running:
        assert not await there(asker, running.deck.group)
        await running.join(2)
        assert len(notes(own_ledger)) == 1
        assert ledger.left_behind(cluster.cluster_id) == []  # this process lives
        await running.act(Act.FREEZE, "c1")
        await running.act(Act.STUCK, "c2")
    assert not await there(asker, running.deck.group)
    assert not [pid for pid in running.pids if alive(pid)]
    assert notes(own_ledger) == []


async def test_topics_and_group_of_a_crashed_kafkatui_are_found_and_removed(
    cluster: Cluster, asker: Asker, own_ledger: Path
) -> None:
    servers = ",".join(cluster.config.bootstrap_servers)
    command = (sys.executable, "-m", "tests.integration.run_a_deck", servers)
    consumer = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert consumer.stdout is not None
    told = json.loads(await consumer.stdout.readline())
    assert ledger.left_behind(cluster.cluster_id) == []
    os.kill(consumer.pid, signal.SIGKILL)
    await consumer.communicate()
    await eventually(lambda: not [pid for pid in told["pids"] if alive(pid)])
    assert ledger.left_behind("another cluster") == []
    (leftover,) = ledger.left_behind(cluster.cluster_id)
    assert leftover.name == told["group"]
    assert await there(asker, told["group"])
    await ledger.remove(cluster, leftover)
    assert not await there(asker, told["group"])
    assert notes(own_ledger) == []


def test_only_topics_and_groups_of_the_deck_are_removed(own_ledger: Path) -> None:
    note = {"cluster_id": "a", "group": "kafkatui-deck", "topics": ["orders"], "pid": 1, "born": "never"}
    own_ledger.mkdir()
    for number, content in enumerate([json.dumps(note), "", "[]", "{}"]):
        (own_ledger / f"{number}.json").write_text(content)
    assert ledger.left_behind("a") == []


def notes(directory: Path) -> list[Path]:
    """The files of the ledger."""
    return list(directory.iterdir())


async def there(asker: Asker, name: str) -> bool:
    """Whether the cluster has the group of that name, or a topic of it."""
    (group,) = await describe_groups(asker, [Group(name)])
    _, topics, *_ = await read_metadata(asker)
    return group.state not in (None, "Dead") or any(topic.name.startswith(name) for topic in topics)


async def test_a_login_reaches_the_consumers_alone_and_a_frozen_broker_holds_up_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "org.apache.kafka.common.security.plain.PlainLoginModule"
    properties = {
        "listener.name.login.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.login.plain.sasl.jaas.config": f'{module} required user_alice="hush-hush";',
    }
    login = ("sasl.mechanism=PLAIN", "sasl.username=alice", "sasl.password=hush-hush")
    async with (
        LocalCluster(properties=properties, extra_listeners={"LOGIN": "SASL_PLAINTEXT"}) as local,
        connected(local.servers("LOGIN"), "security.protocol=SASL_PLAINTEXT", *login) as cluster,
    ):
        monkeypatch.setenv("KAFKATUI_CACHE", str(tmp_path))
        async with running_deck(cluster) as running:
            for _ in range(2):
                await running.join(1)
                for pid in filter(alive, running.pids):
                    process = psutil.Process(pid)
                    seen = " ".join([*process.cmdline(), *process.environ().values()])
                    assert "hush-hush" not in seen
                await running.act(Act.PROTOCOL)
                await running.settled()
            assert running.reports("c1", ReportKind.FAULT) == []
            assert "hush-hush" not in running.logs()
            await local.freeze(1)
        assert len(notes(tmp_path / "deck")) == 1  # nobody could remove it: the next start offers to
