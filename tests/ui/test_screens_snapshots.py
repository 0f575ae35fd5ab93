"""What the screens look like: main, not connected, start, help, pickers. Look before updating."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest
from textual.pilot import Pilot

from kafkatui.app import KafkaTui
from kafkatui.config import Config
from kafkatui.domain.cluster.faults import FaultKind
from kafkatui.domain.cluster.reading import Reading
from kafkatui.kafka.diagnosis import Attempt, ConnectError
from kafkatui.local.steps import STEPS, StartStep
from kafkatui.panes import group_pane
from kafkatui.screens import connect
from kafkatui.screens.connect import ConnectScreen
from kafkatui.screens.start import StartScreen
from kafkatui.watch.streams import Streams
from tests.faults import fault
from tests.ui.deck_app import DeckApp, NotedFactory
from tests.ui.monitor_app import MonitorApp
from tests.ui.shop_data import NOW
from tests.ui.streams import prepared, shop_groups, shop_lag, shop_records, shop_topics

Snap = Callable[..., bool]


class Then(datetime):
    """A clock on the wall that stands still."""

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # a test's clock
        return datetime(2026, 11, 22, 14, 22, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _the_same_time_of_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "datetime", Then)
    monkeypatch.setattr(group_pane, "time", lambda: 1_795_000_000.0)


def shop() -> Streams:
    """A healthy cluster at one moment."""
    return prepared(
        topics=[Reading(shop_topics(NOW - 2), taken_at=NOW - 2), Reading(shop_topics(NOW), taken_at=NOW)],
        groups=[Reading(shop_groups(NOW - 3), taken_at=NOW)],
        lags=lambda group, topic: [Reading(shop_lag(NOW, group, topic), taken_at=NOW)],
        tails=lambda topic: [Reading(shop_records(topic), taken_at=NOW)],
    )


async def settled(pilot: Pilot[None]) -> None:
    for _ in range(5):
        await pilot.pause()


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (100, 30), (120, 40), (160, 45), (200, 60)], ids=str)
def test_main_screen(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(MonitorApp(shop()), terminal_size=size, run_before=settled)


def test_main_screen_in_light(snap_compare: Snap) -> None:
    assert snap_compare(
        MonitorApp(shop(), theme="kafkatui-light"), terminal_size=(120, 40), run_before=settled
    )


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
def test_main_screen_in_ascii(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(MonitorApp(shop(), ascii_only=True), terminal_size=size, run_before=settled)


def test_main_screen_without_colour(snap_compare: Snap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(MonitorApp(shop()), terminal_size=(120, 40), run_before=settled)


def test_main_screen_zoomed(snap_compare: Snap) -> None:
    assert snap_compare(MonitorApp(shop()), terminal_size=(80, 24), run_before=settled, press=["3", "z"])


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=["80x24", "120x40", "200x60"])
def test_main_screen_with_the_deck_out(snap_compare: Snap, size: tuple[int, int]) -> None:
    app = DeckApp(shop(), NotedFactory(brokers=3))
    pressed = ["4"] if size == (120, 40) else ["2"]  # the row is dim where its letters do not work
    assert snap_compare(app, terminal_size=size, run_before=settled, press=pressed)


def test_the_deck_on_another_cluster(snap_compare: Snap) -> None:
    async def take_out(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await pilot.press("D", "left", "enter", "2")
        await settled(pilot)

    app = DeckApp(shop(), NotedFactory(ours=False), ascii_only=True)
    assert snap_compare(app, terminal_size=(80, 24), run_before=take_out)


def test_may_the_deck_be_taken_out(snap_compare: Snap) -> None:
    async def ask(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await pilot.press("D")
        await pilot.pause()

    app = DeckApp(shop(), NotedFactory(ours=False))
    assert snap_compare(app, terminal_size=(80, 24), run_before=ask)


def test_loading(snap_compare: Snap) -> None:
    assert snap_compare(MonitorApp(prepared()), terminal_size=(120, 40), run_before=settled)


def test_an_outage_of_everything(snap_compare: Snap) -> None:
    why = fault("reading the topics: broker 1 at 10.0.0.7:9092: no answer in time", FaultKind.TIMED_OUT)
    streams = prepared(
        topics=[
            Reading(shop_topics(NOW - 14), taken_at=NOW - 14),
            Reading(shop_topics(NOW - 14), why, NOW - 14, NOW + 4),
        ],
        groups=[
            Reading(shop_groups(NOW - 15), taken_at=NOW - 14),
            Reading(shop_groups(NOW - 15), why, NOW - 14, NOW + 4),
        ],
        lags=lambda group, topic: [
            Reading(shop_lag(NOW - 14, group, topic), taken_at=NOW - 14),
            Reading(shop_lag(NOW - 14, group, topic), why, NOW - 14, NOW + 4),
        ],
        tails=lambda topic: [
            Reading(shop_records(topic), taken_at=NOW - 14),
            Reading(None, why, NOW - 14, NOW + 4),
        ],
    )
    assert snap_compare(MonitorApp(streams), terminal_size=(120, 40), run_before=settled)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
def test_help(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def ask(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await pilot.press("question_mark")

    assert snap_compare(MonitorApp(shop()), terminal_size=size, run_before=ask)


def test_groups_to_pick_from(snap_compare: Snap) -> None:
    async def ask(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await pilot.press("c")
        await settled(pilot)

    assert snap_compare(MonitorApp(shop()), terminal_size=(80, 24), run_before=ask)


def test_go_to(snap_compare: Snap) -> None:
    async def ask(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await pilot.press("colon", *"pay")
        await settled(pilot)
        pilot.app.screen.query_one("CommandInput").cursor_blink = False  # type: ignore[attr-defined]  # Input's

    assert snap_compare(MonitorApp(shop()), terminal_size=(80, 24), run_before=ask)


class ConnectApp(KafkaTui):
    """Shows that nothing answers."""

    def __init__(self, *attempts: Attempt, ascii_only: bool = False) -> None:
        super().__init__(Config(), AsyncExitStack(), ascii_only=ascii_only)
        self._attempts = attempts

    def begin(self) -> None:
        async def fail() -> None:
            raise ConnectError(Config(), self._attempts)

        self.push_screen(ConnectScreen("localhost:9092", fail, lambda: 0.0))


REFUSED = (
    Attempt("[::1]:9092", "refused: nothing listens there"),
    Attempt(
        "127.0.0.1:9092", "refused: nothing listens there", "start Kafka, or give the address it listens at"
    ),
)
ADVERTISED = Attempt(
    "127.0.0.1:9092",
    "answers, but advertises kafka:9092, which cannot be reached from here: the name does not resolve",
    "set advertised.listeners on the broker to an address that can be reached from here",
)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 16)], ids=str)
def test_nothing_listens(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(ConnectApp(*REFUSED), terminal_size=size, run_before=settled)


def test_it_advertises_an_address_out_of_reach(snap_compare: Snap) -> None:
    assert snap_compare(ConnectApp(ADVERTISED), terminal_size=(80, 24), run_before=settled)


def test_not_connected_in_ascii(snap_compare: Snap) -> None:
    assert snap_compare(ConnectApp(*REFUSED, ascii_only=True), terminal_size=(80, 24), run_before=settled)


class StartApp(KafkaTui):
    """Shows a start."""

    def __init__(self, *steps: StartStep, failure: str | None = None) -> None:
        super().__init__(Config(), AsyncExitStack())
        self._told = steps
        self._failure = failure

    def begin(self) -> None:
        screen = StartScreen(1)
        self.push_screen(screen)
        for name in STEPS:
            screen.show_step(StartStep(name, usual_seconds=100.0, measured=True))
        for step in self._told:
            screen.show_step(step)
        if self._failure is not None:
            self.call_after_refresh(screen.fail, self._failure)


DONE = (
    StartStep("resolve", "45 files, cache", "done", 0.1, 0.1, measured=True),
    StartStep("Java", "17.0.15, JAVA_HOME", "done", 0.0, 0.1, measured=True),
    StartStep("format", "1 directory", "done", 0.1, 0.1, measured=True),
)


def test_starting(snap_compare: Snap) -> None:
    working = StartStep("start", "broker 1, pid 4711", "working", None, 2.5, measured=True)
    assert snap_compare(StartApp(*DONE, working), terminal_size=(80, 24), run_before=settled)


def test_downloading(snap_compare: Snap) -> None:
    """Bytes of bytes; how long the start took when nothing was downloaded says nothing now."""
    working = StartStep("resolve", "from Maven Central", "working", fetched=12_345_678, of=44_172_119)
    assert snap_compare(StartApp(working), terminal_size=(80, 24), run_before=settled)


def test_the_start_failed(snap_compare: Snap) -> None:
    log = (
        "Error occurred during initialization of VM",
        "Could not reserve enough space for 262144KB object heap",
    )
    failed = StartStep("start", "broker 1 ended with exit code 1", "failed", 0.3, 2.5, log)
    app = StartApp(*DONE, failed, failure="Java did not get its memory: free 300 MB, then try again")
    assert snap_compare(app, terminal_size=(80, 24), run_before=settled)
