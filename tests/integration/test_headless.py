"""What is known of a real cluster is the same with the screen and without it."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from aiokafka import TopicPartition

from kafkatui.app import KafkaTui
from kafkatui.config import load_config
from kafkatui.kafka.admin import Admin
from kafkatui.screens.monitor import MonitorScreen
from tests.headless import known
from tests.integration.conftest import Kafka
from tests.integration.eventually import eventually
from tests.integration.kafka_clients import classic_member, write
from tests.patience import PATIENCE

pytestmark = pytest.mark.kafka


class Headless:
    """The script in a process of its own."""

    def __init__(self) -> None:
        self.newest: dict[str, Any] = {}
        """What it told last."""

    @asynccontextmanager
    async def running(self, *args: str) -> AsyncGenerator[None]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.headless", *args, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        reading = asyncio.create_task(self._read(process.stdout))
        try:
            yield
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
            await reading

    async def _read(self, lines: asyncio.StreamReader) -> None:
        async for line in lines:
            self.newest = json.loads(line)


async def test_without_a_screen_the_same_is_known(
    kafka: Kafka, admin: Admin, unique: Callable[[str], str]
) -> None:
    topic, reads, behind = unique("orders"), unique("reads"), unique("behind")
    await admin.create_topics([topic], partitions=4)
    await write(admin, topic, {number: [b"a"] * 10 for number in range(4)})
    servers, headless = kafka.bootstrap_servers, Headless()
    async with AsyncExitStack() as stack, AsyncExitStack() as owned:
        member = await stack.enter_async_context(classic_member(servers, reads, topic, "c1"))
        slow = await stack.enter_async_context(classic_member(servers, behind, topic, "s1"))
        await eventually(lambda: len(member.assignment()) == len(slow.assignment()) == 4, deadline=30)
        await member.commit({TopicPartition(topic, number): 10 for number in range(4)})
        await slow.commit({TopicPartition(topic, number): number for number in range(4)})
        app = KafkaTui(load_config(servers, None, [], {}), owned, topic=topic, group=reads)
        async with app.run_test(size=(120, 40)):
            seconds = str(120 * PATIENCE)
            await stack.enter_async_context(headless.running(servers, topic, reads, seconds))

            def on_screen() -> dict[str, Any]:
                return known(app.screen.view, topic) if isinstance(app.screen, MonitorScreen) else {}

            def lags(told: dict[str, Any]) -> bool:
                return told.get("lags") == {reads: 0, behind: 34} and len(told["owners"]) == 4

            await eventually(lambda: lags(on_screen()) and lags(headless.newest), deadline=30)
            other = await stack.enter_async_context(classic_member(servers, reads, topic, "c2"))
            await eventually(lambda: len(other.assignment()) == 2, deadline=30)

            def rebalanced(told: dict[str, Any]) -> bool:
                return [one[2] for one in told["rebalances"]] == [["c2"]] and len(
                    set(told["owners"].values())
                ) == 2

            await eventually(lambda: rebalanced(on_screen()) and rebalanced(headless.newest), deadline=30)
            await eventually(lambda: on_screen() == headless.newest, deadline=60)
            assert headless.newest["partitions"] == [[number, 0] for number in range(4)]


async def test_the_model_runs_five_seconds_without_textual(
    kafka: Kafka, admin: Admin, unique: Callable[[str], str]
) -> None:
    topic = unique("orders")
    await admin.create_topics([topic], partitions=1)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.headless", kafka.bootstrap_servers, topic, unique("nobody"), "5"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told, complaints = await asyncio.wait_for(process.communicate(), 60 * PATIENCE)
    assert (process.returncode, complaints) == (0, b"")
    assert json.loads(told.splitlines()[-1])["lags"] == {}
