"""What pane 1 looks like: every state, every width. Look at the report before updating."""

from collections.abc import Callable, Sequence

import pytest
from textual.pilot import Pilot

from kafkatui.domain.cluster.faults import FaultKind
from kafkatui.domain.cluster.partitions import ClusterTopics
from kafkatui.domain.cluster.reading import Reading
from kafkatui.watch.pace import Pace
from kafkatui.widgets import themes
from tests.faults import fault
from tests.ui.pane_app import PaneApp, TopicsAlone
from tests.ui.shop_data import NOW, USAGE, looks, shop

Snap = Callable[..., bool]


def app(
    readings: Sequence[Reading[ClusterTopics]], *, cursor: str | None = "orders", **look: object
) -> PaneApp:
    """Pane 1 after these readings."""
    return PaneApp(lambda: TopicsAlone(readings, Pace(2.0), USAGE), topic=cursor, **look)  # type: ignore[arg-type]  # a snapshot's look is checked by looking


@pytest.mark.parametrize("size", [(50, 14), (66, 14), (44, 14), (36, 14), (120, 14)], ids=str)
def test_full(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(app(looks()), terminal_size=size)


def test_narrow(snap_compare: Snap) -> None:
    assert snap_compare(app(looks(), narrow=True), terminal_size=(80, 8))


def test_first_look(snap_compare: Snap) -> None:
    assert snap_compare(app(looks(1)), terminal_size=(66, 14))


def test_loading(snap_compare: Snap) -> None:
    assert snap_compare(app([]), terminal_size=(50, 10))


def test_empty(snap_compare: Snap) -> None:
    assert snap_compare(app([Reading(ClusterTopics(), taken_at=NOW)]), terminal_size=(50, 10))


def test_denied(snap_compare: Snap) -> None:
    text = "reading the topics: CLUSTER_AUTHORIZATION_FAILED: User:ann may not DESCRIBE"
    assert snap_compare(app([Reading(None, fault(text, FaultKind.DENIED))]), terminal_size=(50, 10))


def test_stale(snap_compare: Snap) -> None:
    last = looks()[-1].value
    readings = [*looks(), Reading(last, fault("no answer from broker 2"), NOW - 14, NOW + 2.4)]
    assert snap_compare(app(readings), terminal_size=(66, 14))


def test_a_topic_is_gone(snap_compare: Snap) -> None:
    readings = [*looks(), Reading(shop(NOW, 200.0, without="orders"), taken_at=NOW)]
    assert snap_compare(app(readings), terminal_size=(66, 14))


def test_sorted_filtered(snap_compare: Snap) -> None:
    async def keys(pilot: Pilot[None]) -> None:
        await pilot.press("s", "s", "s", "slash", "e", "r", "enter")

    assert snap_compare(app(looks()), terminal_size=(66, 14), run_before=keys)


def test_no_match_and_internal(snap_compare: Snap) -> None:
    async def keys(pilot: Pilot[None]) -> None:
        await pilot.press("i", "slash", "z", "z")

    assert snap_compare(app(looks()), terminal_size=(66, 10), run_before=keys)


def test_in_ascii(snap_compare: Snap) -> None:
    assert snap_compare(app(looks(), ascii_only=True), terminal_size=(66, 14))


def test_light(snap_compare: Snap) -> None:
    assert snap_compare(app(looks(), theme=themes.LIGHT.name), terminal_size=(66, 14))


def test_without_colour(snap_compare: Snap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(app(looks()), terminal_size=(66, 14))
