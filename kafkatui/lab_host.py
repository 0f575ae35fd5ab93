"""Opens labs: the list, the start of a cluster, the lab; and ends what it opened."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from kafkatui.config import Config, parse_bootstrap
from kafkatui.errors import KafkaTuiError, LabError, LocalClusterError
from kafkatui.labs.lesson import Lesson
from kafkatui.labs.lessons import lesson_named
from kafkatui.labs.progress import note_progress
from kafkatui.labs.texts import lesson_texts
from kafkatui.local.cluster import LocalCluster
from kafkatui.local.steps import StartStep, StepFailedError
from kafkatui.screens.labs import LabsScreen
from kafkatui.screens.start import StartScreen
from kafkatui.terminal import TerminalApp

if TYPE_CHECKING:
    from kafkatui.labs.run import Run

STEPS = ("resolve", "Java", "format", "start")
"""The steps of the start of a cluster without topics and traffic."""
WORDS_A_SECOND = 3.5
"""How quickly a lab that plays itself lets people read."""
TIMEOUT = 2.0
"""Seconds for an answer of a broker: a frozen broker must not hold up the picture of a lab."""


@dataclass(frozen=True, slots=True)
class LabWish:
    """What the command line asks of the labs."""

    language: str
    lesson: Lesson | None = None
    """The lab to begin with; ``None``: the list."""
    auto: bool = False
    """Whether the lab plays itself, and the program ends after it."""
    speed: float = 1.0
    pictures: Path | None = None
    """The directory for a picture of each step; ``None``: none are made."""


class LabHost:
    """The labs of one program. Everything it opens is closed with `owned`, or before another cluster is
    started.
    """

    def __init__(
        self,
        app: TerminalApp,
        show: Callable[[Screen[None]], Awaitable[None]],
        owned: AsyncExitStack,
        config: Config,
        wish: LabWish,
    ) -> None:
        """`show` shows a screen in place of all others."""
        self.wish = wish
        self.wanted = ""
        """The name of the lab that was begun last; empty: none was."""
        self._app = app
        self._show = show
        self._owned = owned
        self._config = config
        self._local: LocalCluster | None = None
        self._made: tuple[int, Mapping[str, str]] = (0, {})
        """How many brokers the running cluster has, and its settings."""
        self._cluster_stack = AsyncExitStack()
        """Closes the cluster of the labs."""
        self._lab_stack = AsyncExitStack()
        """Closes the lab on the screen."""

    async def open_list(self) -> None:
        """Show the list of labs; a lab on the screen ends."""
        await self._lab_stack.aclose()
        await self._show(LabsScreen(self.wish.language))

    async def begin(self, name: str) -> None:
        """Begin a lab: start its cluster if it does not run yet."""
        self.wanted = name
        self._app.farewell = ()  # a start that failed before is not why the program ends
        lesson = lesson_named(name)
        if lesson is None:
            return
        try:
            local = await self._started(lesson)
            if local is not None:
                await self._open(lesson, local)
        except KafkaTuiError as error:
            self._app.farewell = (str(error),)
            self._app.notify(str(error), severity="error", timeout=10)
            if self.wish.auto:
                self._app.exit(return_code=1)

    async def _started(self, lesson: Lesson) -> LocalCluster | None:
        """A running cluster for a lesson; ``None``: its start failed, and the screen says why."""
        brokers, wanted = lesson.brokers, (lesson.brokers, lesson.properties)
        await self._lab_stack.aclose()
        if self._local is not None and wanted == self._made:
            return self._local
        await self._cluster_stack.aclose()
        self._local = None
        self._cluster_stack = await self._owned.enter_async_context(AsyncExitStack())
        screen = StartScreen(brokers, STEPS, "Lab")
        await self._show(screen)

        def tell(step: StartStep) -> None:
            if self._app.return_code is None:
                screen.show_step(step)

        local = LocalCluster(brokers, lesson.properties, tell)
        try:
            await self._cluster_stack.enter_async_context(local)
        except LocalClusterError as error:
            log = error.log if isinstance(error, StepFailedError) else ()
            self._app.farewell = (f"the lab's cluster did not start: {error}", *log)
            screen.fail(str(error))
            if self.wish.auto:
                self._app.exit(return_code=1)
            return None
        self._local, self._made = local, wanted
        return local

    async def _open(self, lesson: Lesson, local: LocalCluster) -> None:
        from kafkatui.kafka.connection import Cluster
        from kafkatui.labs.run import Run
        from kafkatui.screens.lab import LabScreen
        from kafkatui.watch.streams import streams

        stack = self._lab_stack = await self._owned.enter_async_context(AsyncExitStack())
        servers = parse_bootstrap(local.bootstrap_servers)
        config = replace(
            self._config, bootstrap_servers=servers, tls=None, sasl=None, request_timeout=TIMEOUT
        )
        cluster = await stack.enter_async_context(Cluster(config))
        await cluster.connect()
        lab = lesson.lab(cluster, local.spawn, local)
        stack.push_async_callback(lab.close)
        try:
            await lab.begin()
        except TimeoutError as error:
            raise LabError("the lab's cluster does not answer in time: esc, and begin again") from error
        run = Run(lesson, lab)
        await run.begin()
        port = servers[0].rpartition(":")[2]
        screen = LabScreen(run, self.wish.language, f"Kafka {local.version} :{port}", streams(cluster))
        await self._show(screen)
        if self.wish.auto:
            await self._play(run, screen)

    async def close(self) -> None:
        """End the lab, and the cluster of the labs."""
        await self._lab_stack.aclose()
        await self._cluster_stack.aclose()
        self._local = None

    def note(self, run: "Run") -> None:
        """Note how far the user has come."""
        note_progress(run.lesson.name, sum(run.passed))

    async def _play(self, run: "Run", screen: Any) -> None:
        """Let the lab play itself, and end the program: exit code 0 only if every check has held."""
        from kafkatui.labs.run import Phase, play

        texts = lesson_texts(run.lesson.name, self.wish.language)
        if self.wish.pictures is not None:
            await asyncio.to_thread(self.wish.pictures.mkdir, parents=True, exist_ok=True)

        async def read() -> None:
            """Give people time to read what is shown now; take a picture of each comparison."""
            step = texts.steps[run.place]
            shown = {
                Phase.PREDICT: f"{step.say} " + " ".join(one.ask for one in step.questions),
                Phase.ACT: step.press,
                Phase.COMPARE: step.why,
            }.get(run.phase, texts.can)
            await asyncio.sleep(len(shown.split()) / WORDS_A_SECOND / self.wish.speed)
            screen.draw()
            if self.wish.pictures is not None and run.phase in {Phase.PREDICT, Phase.COMPARE, Phase.FREE}:
                await self._settled()
                place = run.place + 1 + (run.phase is Phase.FREE)
                name = f"{run.lesson.name}-{place:02}-{run.phase.name.lower()}.svg"
                self._app.save_screenshot(name, str(self.wish.pictures))

        began = monotonic()
        try:
            await play(run, read)
            await read()
        except KafkaTuiError as error:
            self._app.farewell = (f"lab {run.lesson.name}: {error}",)
        passed = sum(run.passed)
        if passed < len(run.lesson.steps) and not self._app.farewell:
            self._app.farewell = (
                f"lab {run.lesson.name}: {passed} of {len(run.lesson.steps)} steps have passed",
            )
        self.note(run)
        self._app.log(f"lab {run.lesson.name}: {monotonic() - began:.0f} s")
        self._app.exit(return_code=1 if self._app.farewell else 0)

    async def _settled(self) -> None:
        """Wait until what was drawn is on the screen."""
        done = asyncio.Event()
        self._app.call_after_refresh(done.set)
        await done.wait()
