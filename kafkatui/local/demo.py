"""The demo: a local cluster, and the programs of a small shop that use it."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Collection
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from kafkatui.errors import LocalClusterError
from kafkatui.local.cluster import LocalCluster
from kafkatui.local.places import cache_directory
from kafkatui.local.processes import Process
from kafkatui.local.steps import StartStep, StepFailedError, Steps, Tell

SHOP = "kafkatui.actors.shop"
"""The shop's module, started by name: the package ``local`` imports no Kafka client."""
FILL_SECONDS = 120.0
"""Seconds without a line from the shop after which its start counts as failed; if its process ends, that is
noticed at once. On a busy machine eight services took more than 30 s to begin.
"""
PROPERTIES = {"group.initial.rebalance.delay.ms": "200"}
"""With this delay, members that start together join in one rebalance; without it each waits for the others'
next heartbeat."""


class Demo:
    """Apache Kafka with the shop's topics and services; an async context manager.

    Inside the block Kafka answers at `bootstrap_servers`. Topics and services follow: they are the last two
    steps passed to ``on_step`` (see `STEPS`). If one fails, the demo goes on without it, and the step says
    why.
    """

    def __init__(
        self, brokers: Literal[1, 3] = 1, on_step: Callable[[StartStep], None] | None = None
    ) -> None:
        self.cluster = LocalCluster(brokers, PROPERTIES, on_step)
        self.pids: dict[str, int] = {}
        """The process ids of the shop's services, by client id, as they begin."""
        self._on_step = on_step
        self._shop: Process | None = None
        self._filling: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        try:
            steps = Steps(("topics", "traffic"), self._on_step, cache_directory() / "usual.json")
            await self.cluster.start(meanwhile=self._prepare)
            self._filling = asyncio.create_task(self._fill(steps))
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def bootstrap_servers(self) -> str:
        """Every broker's ``host:port``."""
        return self.cluster.bootstrap_servers

    async def filled(self) -> None:
        """Wait until every service has begun. Raises `LocalClusterError` if topics or traffic failed."""
        if self._filling is not None:
            await asyncio.shield(self._filling)

    async def stop(self) -> None:
        """End the shop and the cluster, within 2 s."""
        if self._filling is not None:
            self._filling.cancel()
            with suppress(asyncio.CancelledError, LocalClusterError):
                await self._filling
        await self.cluster.stop()

    async def _prepare(self) -> None:
        """Start the shop's process, so that it imports its modules while Kafka starts."""
        command = [sys.executable, "-m", SHOP, "--bootstrap-servers", self.bootstrap_servers]
        package = str(Path(__file__).parents[2])  # absolute: the shop runs in another directory
        path = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
        self._shop = await self.cluster.spawn("shop", command, env={"PYTHONPATH": path})

    async def _fill(self, steps: Steps) -> None:
        assert self._shop is not None
        self._shop.send("go")
        with steps.step("topics", "orders payments clicks audit") as tell:
            topics = (await self._news_with("topics"))["topics"]
            tell(f"{len(topics)}: {' '.join(topics)}")
        with steps.step("traffic", "the shop's services") as tell:
            await self._services(tell)
        steps.remember()

    async def _services(self, tell: Tell) -> None:
        """Note the process ids of the services, and wait until all have begun. A service that begins quickly
        may say so before the shop has written the names of all.
        """
        started: set[str] = set()
        while not self.pids or self.pids.keys() - started:
            news = await self._news_with("services", "started", waiting=self.pids.keys() - started)
            if "services" in news:
                self.pids.update(news["services"])
            else:
                started.add(news["actor"])
            if self.pids:
                tell(f"{len(started)} of {len(self.pids)} services")

    async def _news_with(self, *keys: str, waiting: Collection[str] = ()) -> dict[str, Any]:
        """The next line of the shop, a JSON object, that has one of the fields `keys`; `waiting`: the
        services whose line is waited for.

        Raises `LocalClusterError` if the shop ended, or no such line came within `FILL_SECONDS`: its text
        names these services, with the last error of each.
        """
        assert self._shop is not None
        errors: dict[str, str] = {}
        with suppress(TimeoutError):
            async with asyncio.timeout(FILL_SECONDS):
                async for line in self._shop.lines():
                    news = json.loads(line)
                    if not news.keys().isdisjoint(keys):
                        return dict(news)
                    if "error" in news:
                        errors[str(news.get("actor"))] = str(news["error"])
        named = ", ".join(f"{name} ({errors[name]})" if name in errors else name for name in sorted(waiting))
        log = self.cluster.log("shop")
        raise StepFailedError(
            f"some services of the demo did not start: {named}"
            if named
            else "the demo's services did not start: see their last lines",
            log,
        )


class DemoStart:
    """The start of a demo. It may begin before there is a screen, as the broker takes the longest."""

    def __init__(self, brokers: Literal[1, 3], owned: AsyncExitStack) -> None:
        """Begins at once, in the running loop; closing `owned` ends the demo, even while it still starts."""
        self.brokers = brokers
        self._steps: list[StartStep] = []
        self._listener: Callable[[StartStep], None] = self._steps.append
        self._starting = asyncio.create_task(self._start(owned))
        owned.push_async_callback(self._cancel)

    async def _start(self, owned: AsyncExitStack) -> Demo:
        return await owned.enter_async_context(Demo(self.brokers, self._pass_on))

    def listen(self, listener: Callable[[StartStep], None]) -> None:
        """Call `listener` with every step so far, and with each change from now on."""
        self._listener = listener
        for step in self._steps:
            listener(step)

    async def started(self) -> Demo:
        """Wait until Kafka answers. Raises `LocalClusterError`."""
        return await asyncio.shield(self._starting)

    def _pass_on(self, step: StartStep) -> None:
        self._listener(step)

    def cancel(self) -> None:
        """Cancel a start that has not ended; its processes and files are removed in the background."""
        self._starting.cancel()

    async def stop(self) -> None:
        """End the demo, or its start."""
        self.cancel()
        with suppress(asyncio.CancelledError, LocalClusterError):
            await (await self._starting).stop()

    async def _cancel(self) -> None:
        self.cancel()
        with suppress(asyncio.CancelledError, LocalClusterError):
            await self._starting
