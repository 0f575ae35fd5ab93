"""What the demo still does when its cluster is on the screen already."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from contextvars import Context
from types import SimpleNamespace
from typing import cast

from kafkatui.app import KafkaTui
from kafkatui.config import load_config
from kafkatui.local.demo import Demo, DemoStart
from kafkatui.local.steps import StartStep
from kafkatui.screens.monitor import MonitorScreen
from tests import lying_server as server
from tests.lying_server import LyingServer, lying
from tests.ui.waiting import until


class Begun(DemoStart):
    """A demo whose port answers, and whose services are still starting."""

    def __init__(self, port: int) -> None:
        self.brokers = 1
        self.tell: Callable[[StartStep], None] = lambda step: None
        self._demo = SimpleNamespace(bootstrap_servers=f"127.0.0.1:{port}", cluster=None)

    def listen(self, listener: Callable[[StartStep], None]) -> None:
        self.tell = listener

    async def started(self) -> Demo:
        return cast(Demo, self._demo)


async def test_services_that_do_not_start_are_said_on_the_main_screen() -> None:
    def metadata(liar: LyingServer, _: bytes) -> bytes:
        topics = server.array([server.topic("orders", server.array([server.partition(0)]))])
        return server.metadata(server.array([liar.itself()]), topics)

    async with lying({server.METADATA: metadata}) as liar, AsyncExitStack() as owned:
        start = Begun(liar.port)
        app = KafkaTui(load_config(None, None, (), {}), owned, demo=start, interval=0.1)
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: isinstance(app.screen, MonitorScreen))
            failed = StartStep("traffic", state="failed", detail="the services did not start", seconds=30.0)
            Context().run(start.tell, failed)  # the task that fills it was begun before there was a program
            await until(pilot, lambda: len(app._notifications) > 0)
            (said,) = (note.message for note in app._notifications)
            assert said == "traffic: the services did not start"
