"""What pane 4 and the record look like: every state, every width. Look at the report before updating."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from textual.pilot import Pilot

from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.records.records import Batch, Outcome, Record, TailNews, TransactionEnd, Unreadable
from kafkatui.panes import tail
from kafkatui.panes.tail import TailPane
from kafkatui.screens.record import RecordScreen
from kafkatui.watch.pace import Pace
from kafkatui.widgets import themes
from kafkatui.widgets.page import Page
from tests.faults import coded, fault
from tests.ui.pane_app import PaneApp, stream_of
from tests.ui.shop_data import NOW, WALL, mixed, record

Snap = Callable[..., bool]


@pytest.fixture(autouse=True)
def _paint_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "PAINT_EVERY", 0.0)


def app(readings: Sequence[Reading[TailNews]], *, compacted: bool | None = True, **look: object) -> PaneApp:
    """Pane 4 after these readings."""

    def made() -> TailPane:
        pane = TailPane(lambda topic, pace: stream_of(readings), Pace(2.0))
        pane.compacted = compacted
        return pane

    return PaneApp(made, **{"topic": "orders", **look})  # type: ignore[arg-type]  # a look is checked by looking


MIXED = [Reading(mixed(), taken_at=NOW)]
BUSY = [
    *MIXED,
    Reading(
        TailNews(
            tuple(record(20_540 + number) for number in range(41)), ((0, 3_771),), 20_100.0, partitions=6
        ),
        taken_at=NOW + 0.25,
    ),
]


async def hold(pilot: Pilot[None]) -> None:
    """Look at a record while others come in."""
    await pilot.press("up", "up", "up")
    pane = pilot.app.query_one(TailPane)
    pane.reading = Reading(
        TailNews(tuple(record(30_000 + number) for number in range(30)), ((0, 181),), 204.0),
        taken_at=NOW + 60,
    )
    await pilot.pause()


@pytest.mark.parametrize("size", [(60, 12), (120, 14), (180, 14)], ids=str)
def test_full(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(app(MIXED), terminal_size=size)


def test_narrow(snap_compare: Snap) -> None:
    assert snap_compare(app(MIXED, compacted=None, narrow=True), terminal_size=(80, 12))


def test_skipped(snap_compare: Snap) -> None:
    assert snap_compare(app(BUSY, compacted=None), terminal_size=(120, 45))


def test_held(snap_compare: Snap) -> None:
    assert snap_compare(app(MIXED), terminal_size=(80, 10), run_before=hold)


@pytest.mark.parametrize(
    ("name", "readings"),
    [
        ("loading", []),
        ("empty", [Reading(TailNews(rate=0.0, partitions=6), taken_at=NOW)]),
        (
            "denied",
            [Reading(None, coded("TOPIC_AUTHORIZATION_FAILED").within("reading orders"), None, NOW + 3)],
        ),
        (
            "partition denied",
            [
                Reading(
                    TailNews(faults=((0, coded("TOPIC_AUTHORIZATION_FAILED")),), partitions=1), taken_at=NOW
                )
            ],
        ),
        ("stale", [*MIXED, Reading(None, fault("no answer from broker 2"), NOW - 14, NOW + 2.4)]),
    ],
)
def test_states(snap_compare: Snap, name: str, readings: Sequence[Reading[TailNews]]) -> None:
    assert snap_compare(app(readings), terminal_size=(80, 10))


def test_what_is_not_usual(snap_compare: Snap) -> None:
    """Other days, an aborted transaction, batches that cannot be read."""
    day = 86_400_000
    start = 1_795_000_000_101
    batch = Batch(0, 0, "none", True, 7)
    came = (
        record(1, timestamp=start - 300 * day),
        record(2, timestamp=start - 366 * day),
        record(3, timestamp=start * 1000),
        record(4, timestamp=start, batch=batch),
        record(5, timestamp=start, batch=batch, value=None),
        Unreadable(2, 6, 17, 12, start, "its CRC is wrong"),
        Unreadable(0, 6, 6, None, start, "it cannot be unpacked: snappy: " + 9 * "corrupt input "),
        record(18, timestamp=start + 60),
    )
    ends = (TransactionEnd(2, 7, 0, 6, Outcome.ABORTED),)
    found = [Reading(TailNews(came, rate=3.0, markers=1, ends=ends, partitions=6), taken_at=NOW)]
    assert snap_compare(app(found), terminal_size=(80, 12))


def test_in_ascii(snap_compare: Snap) -> None:
    assert snap_compare(app(BUSY, ascii_only=True), terminal_size=(80, 20))


def test_light(snap_compare: Snap) -> None:
    assert snap_compare(app(MIXED, theme=themes.LIGHT.name), terminal_size=(80, 13))


def test_without_colour(snap_compare: Snap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(app(MIXED), terminal_size=(80, 13))


BATCH = Batch(16_760, 0x1F2E3D4C, "zstd", True, 4_711, 0, 300, 3, 1_204, 12)
ORDER = record(
    16_768,
    value=b'{"id":88018,"total":12.40,"big":12345678901234567890,"items":[{"sku":"A-1","n":2}],"note":null}',
    headers=(
        ("protocol", b"http"),
        ("trace-id", b"4bf92f35-1c"),
        ("empty", b""),
        ("gone", None),
        ("bin", b"\x00\xff"),
    ),
    batch=BATCH,
)
TOMBSTONE = record(16_769, value=None, key=None, headers=())
BINARY = record(16_770, value=bytes(range(200)))
LONG = record(16_771, value=b"0123456789" * 8_000)


def opened(found: Record, **look: Any) -> PaneApp:
    """A record over the tail."""
    shown = app(MIXED, **look)
    shown.call_later(
        lambda: shown.push_screen(RecordScreen(found, lambda by: None, compacted=True, clock=lambda: WALL))
    )
    return shown


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
@pytest.mark.parametrize(
    ("name", "found"),
    [("json", ORDER), ("tombstone", TOMBSTONE), ("binary", BINARY)],
    ids=["json", "null", "bytes"],
)
def test_record(snap_compare: Snap, size: tuple[int, int], name: str, found: Record) -> None:
    assert snap_compare(opened(found), terminal_size=size)


def test_record_in_ascii(snap_compare: Snap) -> None:
    assert snap_compare(opened(ORDER, ascii_only=True), terminal_size=(80, 24))


def test_record_light(snap_compare: Snap) -> None:
    assert snap_compare(opened(ORDER, theme=themes.LIGHT.name), terminal_size=(80, 24))


def test_long_record_opens_cut(snap_compare: Snap) -> None:
    async def to_the_end(pilot: Pilot[None]) -> None:
        while not isinstance(pilot.app.screen, RecordScreen):
            await pilot.pause(0.01)
        page = pilot.app.screen.query_one(Page)
        while not page.max_scroll_y:  # laid out beside the event loop
            await pilot.pause(0.01)
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.press("end")

    assert snap_compare(opened(LONG), terminal_size=(80, 16), run_before=to_the_end)
