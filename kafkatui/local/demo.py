"""The demo: a local cluster, and a small shop that lives on it."""

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
from kafkatui.local.steps import StartStep, StepFailedError, Steps

SHOP = "kafkatui.actors.shop"
"""By name: what is local imports no client."""
FILL_SECONDS = 120.0
"""Seconds of silence after which the shop counts as failed; where it ends, that is known at once. On a busy
machine eight services took more than 30 s to begin.
"""
PROPERTIES = {"group.initial.rebalance.delay.ms": "200"}
"""Members that begin together join in one rebalance; else each waits for the others' next heartbeat."""


class Demo:
    """Apache Kafka with the shop's topics and services; an async context manager.

    Inside the block Kafka answers at `bootstrap_servers`. Topics and services come right after, as the
    last two steps told to ``on_step`` (see `STEPS`); if they fail, the demo goes on without, and the step
    says why.
    """

    def __init__(
        self, brokers: Literal[1, 3] = 1, on_step: Callable[[StartStep], None] | None = None
    ) -> None:
        self.cluster = LocalCluster(brokers, PROPERTIES, on_step)
        self.pids: dict[str, int] = {}
        """The shop's services by client id, as they begin."""
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
        """Let the shop import what it needs while Kafka starts."""
        command = [sys.executable, "-m", SHOP, "--bootstrap-servers", self.bootstrap_servers]
        package = str(Path(__file__).parents[2])  # it is run elsewhere, where a relative path leads nowhere
        path = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
        self._shop = await self.cluster.spawn("shop", command, env={"PYTHONPATH": path})

    async def _fill(self, steps: Steps) -> None:
        assert self._shop is not None
        self._shop.send("go")
        with steps.step("topics", "orders payments clicks audit") as tell:
            topics = (await self._heard("topics"))["topics"]
            tell(f"{len(topics)}: {' '.join(topics)}")
        with steps.step("traffic", "the shop's services") as tell:
            services = (await self._heard("services"))["services"]
            self.pids.update(services)
            waiting = set(services)
            while waiting:
                waiting.discard((await self._heard("started", waiting))["actor"])
                tell(f"{len(services) - len(waiting)} of {len(services)} services")
        steps.remember()

    async def _heard(self, what: str, waiting: Collection[str] = ()) -> dict[str, Any]:
        """The shop's next line that has the field `what`; `waiting` are the services that are waited for.

        Raises `LocalClusterError` if the shop ended, or none came within `FILL_SECONDS`: it names them, and
        what they said last.
        """
        assert self._shop is not None
        errors: dict[str, str] = {}
        with suppress(TimeoutError):
            async with asyncio.timeout(FILL_SECONDS):
                async for line in self._shop.lines():
                    news = json.loads(line)
                    if what in news:
                        return dict(news)
                    if "error" in news:
                        errors[str(news.get("actor"))] = str(news["error"])
        named = ", ".join(f"{one} ({errors[one]})" if one in errors else one for one in sorted(waiting))
        log = self.cluster.log("shop")
        raise StepFailedError(
            f"some services of the demo did not start: {named}"
            if named
            else "the demo's services did not start: see their last lines",
            log,
        )


class DemoStart:
    """A demo on its way; it may begin before there is a screen: the broker is what takes longest."""

    def __init__(self, brokers: Literal[1, 3], owned: AsyncExitStack) -> None:
        """Begins at once, in the running loop; leaving `owned` ends it, whether it has come up or not."""
        self.brokers = brokers
        self._told: list[StartStep] = []
        self._listener: Callable[[StartStep], None] = self._told.append
        self._starting = asyncio.create_task(self._start(owned))
        owned.push_async_callback(self._cancel)

    async def _start(self, owned: AsyncExitStack) -> Demo:
        return await owned.enter_async_context(Demo(self.brokers, self._tell))

    def listen(self, listener: Callable[[StartStep], None]) -> None:
        """Tell `listener` every step so far, and each change from now on."""
        self._listener = listener
        for step in self._told:
            listener(step)

    async def started(self) -> Demo:
        """Wait until the port answers. Raises `LocalClusterError`."""
        return await asyncio.shield(self._starting)

    def _tell(self, step: StartStep) -> None:
        self._listener(step)

    def cancel(self) -> None:
        """Give up what has not come up; it cleans up by itself."""
        self._starting.cancel()

    async def _cancel(self) -> None:
        self.cancel()
        with suppress(asyncio.CancelledError, LocalClusterError):
            await self._starting
