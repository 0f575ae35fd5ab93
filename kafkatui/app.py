"""The app: which screen is shown when, global keys, themes. It asks Kafka nothing itself.

What talks to Kafka is imported when it is needed: in the demo that is while the broker starts.
"""

import asyncio
import gc
import importlib
import logging
from collections.abc import Iterable
from contextlib import AsyncExitStack, ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual import on, work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette, Provider
from textual.events import Key
from textual.screen import Screen
from textual.widgets import Input

from kafkatui.config import Config, parse_bootstrap
from kafkatui.errors import LocalClusterError, UsageError
from kafkatui.local.steps import StartStep, StepFailedError
from kafkatui.logfile import LogFile
from kafkatui.screens.help import HelpScreen
from kafkatui.screens.start import StartScreen
from kafkatui.terminal import LONG, SUSPEND, TerminalApp
from kafkatui.widgets import signs, themes

if TYPE_CHECKING:
    from kafkatui.kafka.connection import Cluster
    from kafkatui.local.cluster import LocalCluster
    from kafkatui.local.demo import DemoStart
    from kafkatui.screens.connect import ConnectScreen

log = logging.getLogger(__name__)

LATIN = dict(
    zip(
        "йцукенгшщзфывапролдячсмитьЙЦУКЕНГШЩЗФЫВАПРОЛДЯЧСМИТЬ",
        "qwertyuiopasdfghjklzxcvbnmQWERTYUIOPASDFGHJKLZXCVBNM",
        strict=True,
    )
)
"""The letter in the same place of a Latin keyboard."""

PATIENCE = 0.3
"""Seconds in which the palette is to be filled; after that it is shown as it is."""

DEMO = ("orders", "payments-service")
"""Topic and group with which the story of the demo begins."""


def go_to() -> type[Provider]:
    """The palette's source of topics and groups."""
    from kafkatui.screens.goto import GoTo

    return GoTo


def import_what_asks_kafka() -> None:
    """Import, while the broker starts, what is needed once it answers."""
    importlib.import_module("kafkatui.watch.streams")
    importlib.import_module("kafkatui.screens.connect")
    importlib.import_module("kafkatui.screens.monitor")
    from kafkatui.kafka.requests import load_schemas

    load_schemas()


def spare_the_collector() -> None:
    """Leave out of Python's garbage collection what is loaded by now, and look at the rest in larger bites.

    A look through everything holds the loop for 100 ms, and at 10,000 partitions there was one each second:
    what Kafka tells comes and goes in tens of thousands of values, none of which is part of a cycle.
    """
    gc.freeze()
    gc.set_threshold(5_000, 3, 100)


class KafkaTui(TerminalApp):
    """The program. What it opens is closed by its owner after it has ended."""

    CSS_PATH = Path(__file__).with_name("app.tcss")
    TITLE = "kafkatui"
    COMMANDS = App.COMMANDS | {go_to}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "quit", id="app.quit"),
        Binding("ctrl+q", "quit", "quit", id="app.quit.ctrl", show=False, priority=True),
        Binding("question_mark", "keys", "help", id="app.help", key_display="?"),
        Binding("f1", "keys", "help", id="app.help.f1", show=False),
        Binding(
            "colon",
            "command_palette",
            "go to",
            id="app.goto",
            key_display=":",
            tooltip="any topic or group, by its letters",
        ),
        Binding("T", "change_theme", "theme", id="app.theme", show=False, tooltip="other colours"),
        SUSPEND,
    ]

    def __init__(
        self,
        config: Config,
        owned: AsyncExitStack,
        *,
        demo: "DemoStart | None" = None,
        interval: float = 1.0,
        topic: str | None = None,
        group: str | None = None,
        theme: str | None = None,
        ascii_only: bool = False,
        log_file: LogFile | None = None,
    ) -> None:
        """`owned` closes what is opened here, after the end; `demo` is on its way already.

        Raises `UsageError` for a theme that is not there.
        """
        signs.use_ascii(ascii_only)
        super().__init__(log_file)
        self.config = config
        self._interval = interval
        self._owned = owned
        self._demo = demo
        self._first = (topic, group)
        for own in themes.THEMES:
            self.register_theme(own)
        self._wanted_theme = theme or themes.DARK.name
        if self._wanted_theme not in self.available_themes:
            raise UsageError(f"--theme: one of {', '.join(sorted(self.available_themes))}")
        self._cluster: Cluster | None = None
        self._session = AsyncExitStack()
        """Closes what is open on the cluster on screen; closed with `owned`, or when another one is shown."""
        self._local: LocalCluster | None = None
        """The cluster on screen, where it is ours."""
        self._called = ""
        self._asked: Config | None = None
        """Where a cluster was asked for last that is not ours; ``None``: nowhere yet."""
        self._start: DemoStart | None = None
        self._held_back = ExitStack()
        """While it is open: the palette is on its way, and no frame is painted."""
        if ascii_only:
            self.add_class("-ascii")

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """What kafkatui's own themes name and Textual's do not."""
        return {"frame": "#7f7f7f", "cursor-row": "#7f7f7f 40%", "cursor-row-blurred": "#7f7f7f 20%"}

    def on_mount(self) -> None:
        self.theme = self._wanted_theme
        self.watch_log()
        self.begin()

    def begin(self) -> None:
        """Connect, or start the demo."""
        for notice in self.config.notices:
            log.warning("settings: %s", notice)
            self.notify(notice, severity="warning", timeout=LONG)
        if self._demo is not None:
            self._show_start(self._demo)
        else:
            self._connect(self.config)

    # a cluster that is there

    @work(exclusive=True, group="open")
    async def _connect(
        self, config: Config, name: str | None = None, local: "LocalCluster | None" = None
    ) -> None:
        """Try `config` until it answers; `name` is what line 1 calls the cluster; `local`: it is ours."""
        from kafkatui.kafka.connection import Cluster
        from kafkatui.screens.connect import ConnectScreen

        if local is None:
            self._asked = config
        before, self._session = self._session, await self._owned.enter_async_context(AsyncExitStack())
        cluster = self._cluster = await self._session.enter_async_context(Cluster(config))
        cluster.on_other_cluster = partial(self._begin_anew, config, name, local)
        self._local = local
        others = len(config.bootstrap_servers) - 1
        self._called = name or config.bootstrap_servers[0] + (f" +{others}" if others else "")
        await self._show(ConnectScreen(",".join(config.bootstrap_servers), cluster.connect))
        await before.aclose()

    def _begin_anew(self, config: Config, name: str | None, local: "LocalCluster | None", told: str) -> None:
        """Another cluster, whose id was `told`, answers where one was known: nothing shown is true of it."""
        log.warning("another cluster answers at %s: %s", self._called, told)
        self.notify(
            f"Another Kafka cluster answers at {self._called}: its id is {told}. Everything begins anew.",
            severity="warning",
            timeout=LONG,
        )
        self._connect(config, name, local)

    async def on_connect_screen_connected(self) -> None:
        """The cluster answered: show it."""
        from kafkatui.deck.factory import DeckFactory
        from kafkatui.screens.monitor import MonitorScreen
        from kafkatui.watch.streams import streams

        spare_the_collector()
        if self._cluster is not None:
            log.info("connected to %s, %d brokers", self._called, len(self._cluster.brokers))
            topic, group = self._first
            factory = DeckFactory(self._cluster, self._session, cluster_name=self._called, local=self._local)
            screen = MonitorScreen(
                streams(self._cluster),
                name=self._called,
                interval=self._interval,
                topic=topic,
                group=group,
                read_only=self.config.read_only,
                factory=None if self.config.read_only else factory,
            )
            await self._show(screen)

    def on_connect_screen_new_address(self, message: "ConnectScreen.NewAddress") -> None:
        """Try another address."""
        try:
            servers = parse_bootstrap(message.address)
        except UsageError as error:
            self.notify(str(error), severity="error")
        else:
            self._connect(replace(self.config, bootstrap_servers=servers))

    def on_connect_screen_demo_wanted(self) -> None:
        """Start a Kafka on this machine."""
        self._start_demo(1)

    def _start_demo(self, brokers: Literal[1, 3]) -> None:
        from kafkatui.local.demo import DemoStart

        self._show_start(DemoStart(brokers, self._owned))

    # a cluster on this machine

    @work(exclusive=True, group="open")
    async def _show_start(self, start: "DemoStart") -> None:
        self.farewell = ()
        self._start = start
        screen = StartScreen(start.brokers)
        await self._show(screen)
        preparing = asyncio.create_task(asyncio.to_thread(import_what_asks_kafka))

        def tell(step: StartStep) -> None:
            if self.return_code is not None:
                return  # the program ends, and the demo with it
            screen.show_step(step)
            if step.seconds is not None:
                log.info("demo: %s %s in %.2f s: %s", step.name, step.state, step.seconds, step.detail)
            if step.state == "failed" and screen not in self.screen_stack:  # it asks no screen that is gone
                self.notify(f"{step.name}: {step.detail}", severity="error")

        start.listen(tell)
        try:
            demo = await start.started()
        except LocalClusterError as error:
            lines = error.log if isinstance(error, StepFailedError) else ()
            self.farewell = (f"the demo did not start: {error}", *(f"  {line}" for line in lines))
            screen.fail(str(error))
            return
        await preparing
        servers = parse_bootstrap(demo.bootstrap_servers)
        config = replace(self.config, bootstrap_servers=servers, tls=None, sasl=None)
        if self._first == (None, None):
            self._first = DEMO
        self._connect(config, f"demo :{servers[0].rpartition(':')[2]}", demo.cluster)

    @on(StartScreen.Retry)
    def _try_again(self) -> None:
        """Start the demo anew; what has failed has cleaned up after itself."""
        if isinstance(screen := self.screen, StartScreen):
            self._start_demo(screen.brokers)

    @on(StartScreen.Cancelled)
    def _cancelled(self) -> None:
        """Back to where the demo was asked for; what was begun is cleaned up, there or after the end."""
        if self._asked is None or self._start is None:
            self.exit()
            return
        self.farewell = ()
        self._start.cancel()
        self._connect(self._asked)

    # keys

    def _save_screenshot(self) -> None:
        """Save one, once the palette is gone."""
        self.set_timer(0.1, self.deliver_screenshot)

    def action_keys(self) -> None:
        """Show every key that works here."""
        if not isinstance(self.screen, HelpScreen):
            deck = getattr(self.screen, "deck_help", list)  # a screen that asks Kafka is imported late
            self.push_screen(HelpScreen(self.screen.active_bindings.values(), deck()))

    def action_command_palette(self) -> None:
        """Open the palette; its first frame has what can be gone to in it."""
        if not isinstance(self.screen, CommandPalette):
            self._held_back.enter_context(self.batch_update())
            self.set_timer(PATIENCE, self._show_palette)
        super().action_command_palette()

    @on(CommandPalette.OptionHighlighted)
    @on(CommandPalette.Closed)
    def _show_palette(self) -> None:
        """It is filled, or it takes too long."""
        if self._batch_count:
            self._held_back.close()
            self.screen.refresh()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the palette offers everywhere: this program's own help and zoom, in place of Textual's."""
        yield SystemCommand("Help", "keys, signs and words", self.action_keys)
        yield SystemCommand("Theme", "other colours", self.action_change_theme)
        yield SystemCommand("Screenshot", "an SVG of what is on the screen", self._save_screenshot)
        yield SystemCommand("Quit", "end kafkatui", self.action_quit)

    def meant(self, key: Key) -> Key:
        """A key typed on a Russian layout counts as the Latin one in its place, outside of text fields."""
        latin = LATIN.get(key.character or "")
        return key if latin is None or isinstance(self.focused, Input) else Key(latin, latin)

    async def _show(self, screen: Screen[None]) -> None:
        """Replace whatever is on screen."""
        while len(self.screen_stack) > 2:
            await self.pop_screen()
        await (self.push_screen(screen) if len(self.screen_stack) == 1 else self.switch_screen(screen))
