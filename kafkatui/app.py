"""The app: it decides which screen is shown, and holds the global keys and the themes. It asks Kafka nothing
itself.

Modules that talk to Kafka are imported only when they are needed; in the demo, while the broker starts.
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
from textual.screen import Screen

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
    from kafkatui.lab_host import LabHost, LabWish
    from kafkatui.local.cluster import LocalCluster
    from kafkatui.local.demo import DemoStart
    from kafkatui.screens.connect import ConnectScreen
    from kafkatui.screens.lab import LabScreen
    from kafkatui.screens.labs import LabsScreen

log = logging.getLogger(__name__)

PATIENCE = 0.3
"""Seconds for which the palette may stay unpainted while it is filled; after that it is painted as it is."""

DEMO = ("orders", "payments-service")
"""The topic and the group that are selected when the demo begins."""


def go_to() -> type[Provider]:
    """The class that offers topics and groups in the palette."""
    from kafkatui.screens.goto import GoTo

    return GoTo


def import_what_asks_kafka() -> None:
    """Import, while the broker starts, the modules that are needed once it answers."""
    importlib.import_module("kafkatui.watch.streams")
    importlib.import_module("kafkatui.screens.connect")
    importlib.import_module("kafkatui.screens.monitor")
    from kafkatui.kafka.requests import load_schemas

    load_schemas()


def spare_the_collector() -> None:
    """Exclude all objects that exist by now from Python's garbage collection, and let it run less often.

    A full collection stops the event loop for 100 ms, and with 10,000 partitions there was one every second:
    answers of Kafka are made and dropped as tens of thousands of objects, none of which is part of a cycle.
    """
    gc.freeze()
    gc.set_threshold(5_000, 3, 100)


class KafkaTui(TerminalApp):
    """The program. Its owner closes, after the program has ended, everything that it opened."""

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
        Binding("L", "labs", "labs", id="app.labs", show=False, tooltip="learn Kafka in guided labs"),
        Binding("T", "change_theme", "theme", id="app.theme", show=False, tooltip="other colours"),
        SUSPEND,
    ]

    def __init__(
        self,
        config: Config,
        owned: AsyncExitStack,
        *,
        demo: "DemoStart | None" = None,
        labs: "LabWish | None" = None,
        language: str | None = None,
        interval: float = 1.0,
        topic: str | None = None,
        group: str | None = None,
        theme: str | None = None,
        ascii_only: bool = False,
        log_file: LogFile | None = None,
    ) -> None:
        """`owned` closes everything that is opened here, after the program has ended; `demo` is a demo that
        already starts, ``None``: connect to `config`; `labs`: open the labs instead; `language`: the
        language of the labs, ``None``: the locale's.

        Raises `UsageError` if there is no theme named `theme`.
        """
        signs.use_ascii(ascii_only)
        super().__init__(log_file)
        self.config = config
        self._interval = interval
        self._owned = owned
        self._demo = demo
        self._wish = labs
        self._language = language
        self._labs: LabHost | None = None
        """The labs; ``None``: none was opened."""
        self._first = (topic, group)
        for own in themes.THEMES:
            self.register_theme(own)
        self._wanted_theme = theme or themes.DARK.name
        if self._wanted_theme not in self.available_themes:
            raise UsageError(f"--theme: one of {', '.join(sorted(self.available_themes))}")
        self._cluster: Cluster | None = None
        self._session = AsyncExitStack()
        """Closes everything that is open for the cluster on screen. It is closed with `owned`, or when
        another cluster is shown.
        """
        self._local: LocalCluster | None = None
        """The cluster on screen if kafkatui started it; ``None``: somebody else did."""
        self._called = ""
        """What line 1 calls the cluster on screen."""
        self._asked: Config | None = None
        """The newest config with which a cluster was asked for that kafkatui did not start; ``None``: there
        was none yet.
        """
        self._start: DemoStart | None = None
        """The newest start of a demo; ``None``: there was none."""
        self._held_back = ExitStack()
        """While the palette is open but not filled yet, this holds a `batch_update`: no frame is painted."""
        if ascii_only:
            self.add_class("-ascii")

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Default values of the theme variables that kafkatui uses and Textual's themes lack."""
        return {"frame": "#7f7f7f", "cursor-row": "#7f7f7f 40%", "cursor-row-blurred": "#7f7f7f 20%"}

    def on_mount(self) -> None:
        self.theme = self._wanted_theme
        self.watch_log()
        self.begin()

    def begin(self) -> None:
        """Show the settings' warnings; then connect to the cluster, or start the demo."""
        for notice in self.config.notices:
            log.warning("settings: %s", notice)
            self.notify(notice, severity="warning", timeout=LONG)
        if self._wish is not None:
            self._open_labs(self._wish)
        elif self._demo is not None:
            self._show_start(self._demo)
        else:
            self._connect(self.config)

    # a cluster that runs already

    @work(exclusive=True, group="open")
    async def _connect(
        self, config: Config, name: str | None = None, local: "LocalCluster | None" = None
    ) -> None:
        """Try `config` until a cluster answers; `name`: what line 1 calls the cluster, ``None``: its first
        address; `local`: the cluster, if kafkatui started it.
        """
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

    def _begin_anew(
        self, config: Config, name: str | None, local: "LocalCluster | None", cluster_id: str
    ) -> None:
        """Connect anew: a cluster with another id (`cluster_id`) answers at the known address, so everything
        on screen is wrong for it.
        """
        log.warning("another cluster answers at %s: %s", self._called, cluster_id)
        self.notify(
            f"Another Kafka cluster answers at {self._called}: its id is {cluster_id}. "
            "Everything begins anew.",
            severity="warning",
            timeout=LONG,
        )
        self._connect(config, name, local)

    async def on_connect_screen_connected(self) -> None:
        """The cluster answered: show the monitor screen."""
        from kafkatui.deck.factory import DeckFactory
        from kafkatui.screens.monitor import MonitorScreen
        from kafkatui.watch.streams import streams

        spare_the_collector()
        if self._cluster is not None:
            log.info("connected to %s, %d brokers", self._called, len(self._cluster.brokers))
            if self._local is not None:
                self.notify("New to Kafka? L opens guided labs", timeout=8)
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
        """Connect to the address that the user typed."""
        try:
            servers = parse_bootstrap(message.address)
        except UsageError as error:
            self.notify(str(error), severity="error")
        else:
            self._connect(replace(self.config, bootstrap_servers=servers))

    def on_connect_screen_demo_wanted(self) -> None:
        """Start the demo, with one broker on this machine."""
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
            # The start screen shows a failed step itself, while it is open.
            if step.state == "failed" and screen not in self.screen_stack:
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
        """Start again what failed; the start that failed has removed its processes and files."""
        if self._labs is not None:
            self._begin_lab(self._labs.wanted)
        elif isinstance(screen := self.screen, StartScreen):
            self._start_demo(screen.brokers)

    @on(StartScreen.Cancelled)
    def _cancelled(self) -> None:
        """Go back to the cluster asked for before the demo, or end the program if there was none. The demo's
        processes and files are removed in the background, or after the program has ended.
        """
        if self._labs is not None:
            self._list_labs()
            return
        if self._asked is None or self._start is None:
            self.exit()
            return
        self.farewell = ()
        self._start.cancel()
        self._connect(self._asked)

    # labs

    @work(exclusive=True, group="open")
    async def _open_labs(self, wish: "LabWish") -> None:
        """Show the labs in place of what is shown; the demo ends, if it runs."""
        from kafkatui.lab_host import LabHost

        self._labs = LabHost(self, self._show, self._owned, self.config, wish)
        if wish.lesson is None:
            await self._labs.open_list()
        else:
            await self._labs.begin(wish.lesson.name)
        await self._session.aclose()
        if self._start is not None:
            await self._start.stop()

    def action_labs(self) -> None:
        """Open the list of labs."""
        from kafkatui.lab_host import LabWish
        from kafkatui.labs.texts import language_of

        if self._labs is None:
            self._open_labs(LabWish(language_of(self._language)))

    def on_labs_screen_begin(self, message: "LabsScreen.Begin") -> None:
        """Begin the lab that the user chose."""
        self._begin_lab(message.name)

    @work(exclusive=True, group="open")
    async def _begin_lab(self, name: str) -> None:
        if self._labs is not None:
            await self._labs.begin(name)

    def on_lab_screen_passed(self, message: "LabScreen.Passed") -> None:
        """Note how far the user has come, also in a lab that is left before its end."""
        if self._labs is not None:
            self._labs.note(message.run)

    def on_lab_screen_left(self) -> None:
        """Go back to the list of labs."""
        self._list_labs()

    @work(exclusive=True, group="open")
    async def _list_labs(self) -> None:
        if self._labs is not None:
            await self._labs.open_list()

    def on_labs_screen_left(self) -> None:
        """Go back to the cluster or the demo that was shown before; end the program if there was none."""
        self._leave_labs()

    @work(group="leave labs")
    async def _leave_labs(self) -> None:
        if self._labs is not None:
            await self._labs.close()
        self._labs = None
        if self._asked is not None:
            self._connect(self._asked)
        elif self._start is not None:
            self._start_demo(self._start.brokers)
        else:
            self.exit()

    # keys

    def _save_screenshot(self) -> None:
        """Save a screenshot, after the palette has closed."""
        self.set_timer(0.1, self.deliver_screenshot)

    def action_keys(self) -> None:
        """Show every key that works on the present screen."""
        if not isinstance(self.screen, HelpScreen):
            deck = getattr(self.screen, "deck_help", list)  # that screen's class is not imported at the start
            self.push_screen(HelpScreen(self.screen.active_bindings.values(), deck()))

    def action_command_palette(self) -> None:
        """Open the palette; nothing is painted until it lists topics and groups, or until `PATIENCE` has
        passed.
        """
        if not isinstance(self.screen, CommandPalette):
            self._held_back.enter_context(self.batch_update())
            self.set_timer(PATIENCE, self._show_palette)
        super().action_command_palette()

    @on(CommandPalette.OptionHighlighted)
    @on(CommandPalette.Closed)
    def _show_palette(self) -> None:
        """Paint the palette: it is filled or closed, or `PATIENCE` has passed."""
        if self._batch_count:
            self._held_back.close()
            if self.screen_stack:  # else the program has ended meanwhile
                self.screen.refresh()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The commands that the palette offers on every screen, in place of Textual's."""
        yield SystemCommand("Help", "keys, signs and words", self.action_keys)
        yield SystemCommand("Labs", "learn Kafka by predicting, doing and seeing  L", self.action_labs)
        yield SystemCommand("Theme", "other colours", self.action_change_theme)
        yield SystemCommand("Screenshot", "an SVG of what is on the screen", self._save_screenshot)
        yield SystemCommand("Quit", "end kafkatui", self.action_quit)

    async def _show(self, screen: Screen[None]) -> None:
        """Show `screen` in place of all screens that are open."""
        while len(self.screen_stack) > 2:
            await self.pop_screen()
        await (self.push_screen(screen) if len(self.screen_stack) == 1 else self.switch_screen(screen))
