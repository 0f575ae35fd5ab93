"""A list of any kind: a table of columns, and rows by key."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import ClassVar

import pytest
from textual.binding import BindingType
from textual.pilot import Pilot
from textual.widget import Widget

from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.sorted_rows import SortedRows
from kafkatui.panes.list_columns import ListColumn, from_width, laid_out, sort_values
from kafkatui.panes.list_pane import ListPane, list_bindings
from kafkatui.watch.pace import Pace
from tests.ui.pane_app import PaneApp, stream_of

MANY = {f"group-{number:05}": number * 7919 % 15_000 for number in range(15_000)}
"""Fifteen thousand groups and their lag."""

DRAWN: list[int] = []
"""The lags that were made into cells."""


def lag_cell(lag: int, width: int, unit: str) -> str:
    DRAWN.append(lag)
    return f"{lag:,}{unit}"


def twice_cell(lag: int, width: int, unit: str) -> str:
    return f"{2 * lag:,}{unit}"


TABLE: Sequence[ListColumn[int, str]] = (
    ListColumn("lag", "LAG", from_width((0, 8)), lag_cell, lambda lag: lag, "lag"),
    ListColumn("twice", "TWICE", from_width((60, 8)), twice_cell),
)


class Groups(ListPane[int, str]):
    """Groups by name, with their lag."""

    NUMBER = 5
    NAME = "Groups"
    BINDINGS: ClassVar[list[BindingType]] = list_bindings("groups")

    def __init__(self, *readings: tuple[float, Mapping[str, int]]) -> None:
        super().__init__(Pace(1e9), lambda reading: None, TABLE, SortedRows(sort_values(TABLE), "lag"))
        self.readings = readings
        self.heard: list[str] = []

    def stream(self) -> AsyncGenerator[Reading[Mapping[str, int]]]:
        return stream_of([Reading(rows, taken_at=at) for at, rows in self.readings])

    def parts(self) -> tuple[object, ...]:
        return (self.reading.value,)

    def show(self, reading: Reading[Mapping[str, int]]) -> None:
        if reading.value is not None:
            self.put(reading.value, reading.taken_at or 0.0)

    def source(self) -> str:
        return " ms"

    def mark_of(self, row: int) -> Mark:
        return Mark.OK

    def nothing_listed(self) -> str:
        return "no groups"

    def moved_to(self, key: str) -> None:
        self.heard.append(f"moved {key}")

    def opened(self, key: str) -> None:
        self.heard.append(f"opened {key}")


async def settled(pilot: Pilot[None]) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def lines(widget: Widget) -> list[str]:
    return [widget.render_line(y).text.strip() for y in range(widget.size.height)]


def test_columns_join_by_width_and_grow_by_what_is_in_them() -> None:
    assert [(one.key, one.width) for one in laid_out(TABLE, 40)] == [("lag", 8)]
    assert [(one.key, one.width) for one in laid_out(TABLE, 60, {"lag": 11})] == [("lag", 11), ("twice", 8)]
    steps = from_width((36, 6), (60, None), (100, 12))
    assert [steps(width) for width in (35, 36, 59, 60, 99, 100)] == [None, 6, 6, None, None, 12]


async def test_of_fifteen_thousand_rows_only_those_in_sight_are_drawn() -> None:
    pane = Groups((1e9, MANY))
    app = PaneApp(lambda: pane)
    async with app.run_test(size=(40, 12)) as pilot:
        await settled(pilot)
        in_sight = len(pane.in_sight)
        for key in ("end", "up", "pageup", "home", "s", "S"):
            DRAWN.clear()
            await pilot.press(key)
            await pilot.pause()
            assert len(DRAWN) <= 4 * in_sight, key
        DRAWN.clear()
        await pilot.press("slash", "9", "9", "enter")
        await pilot.pause()
        assert len(DRAWN) <= 12 * in_sight
        assert all("99" in key for key in pane.listed.keys)


async def test_moving_and_opening_is_told_to_the_pane() -> None:
    pane = Groups((1e9, {"a": 1, "b": 2}))
    async with PaneApp(lambda: pane).run_test(size=(40, 12)) as pilot:
        await settled(pilot)
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert pane.heard == ["moved a", "moved b", "opened b"]


@pytest.mark.parametrize(("key", "order"), [("S", "ba"), ("s", "ba")])
async def test_the_title_says_how_old_the_order_is_until_it_is_sorted_anew(key: str, order: str) -> None:
    pane = Groups((1e9, {"a": 1, "b": 2}), (1e9 + 41, {"a": 3, "b": 2}))
    async with PaneApp(lambda: pane).run_test(size=(60, 12)) as pilot:
        await settled(pilot)
        assert "".join(pane.listed.keys) == "ab"
        assert "order 41s old" in str(pane.where())
        pane.resort()
        assert "".join(pane.listed.keys) == "ba"
        assert "old" not in str(pane.where())


async def test_a_row_that_is_gone_is_struck_through_and_no_longer_counted() -> None:
    pane = Groups((1e9, {"a": 1, "b": 2}), (1e9 + 1, {"b": 2}))
    async with PaneApp(lambda: pane).run_test(size=(60, 12)) as pilot:
        await settled(pilot)
        assert pane.listed.keys == ("a", "b")
        assert pane.lines.is_struck(0)
        assert str(pane.title()) == "1"


async def test_where_nothing_is_listed_the_pane_says_why() -> None:
    pane = Groups((1e9, {}))
    async with PaneApp(lambda: pane).run_test(size=(60, 12)) as pilot:
        await settled(pilot)
        assert "no groups" in " ".join(lines(pane.query_one(".said")))
