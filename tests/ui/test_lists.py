"""The lists: cursor by key, few lines painted, mouse and keys."""

from collections.abc import Sequence
from functools import partial

import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.events import MouseScrollDown
from textual.geometry import Region
from textual.widgets import Input

from kafkatui.widgets.columns import Cell, Column
from kafkatui.widgets.fitting import out_of_sight
from kafkatui.widgets.lines import HeadClicked, Lines, Scrolled
from kafkatui.widgets.long_list import LongList
from kafkatui.widgets.stream import Stream
from tests.work import lines_run

COLUMNS = (
    Column("mark", "", 2, right=True),
    Column("name", "NAME", 0, sortable=True),
    Column("lag", "LAG", 9, right=True, sortable=True),
)


class ListApp(App[None]):
    """A list and a field to take the focus away."""

    def __init__(self, lines: Lines) -> None:
        super().__init__()
        self.lines = lines
        self.heard: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.lines
        yield Input()

    def on_mount(self) -> None:
        self.lines.columns(*COLUMNS)
        self.lines.focus()

    def on_long_list_moved(self, message: LongList.Moved) -> None:
        self.heard.append(f"moved {message.key}")

    def on_long_list_chosen(self, message: LongList.Chosen) -> None:
        self.heard.append(f"chosen {message.key}")

    def on_head_clicked(self, message: HeadClicked) -> None:
        self.heard.append(f"head {message.column}")


def keys(count: int) -> list[str]:
    return [f"topic-{number:05}" for number in range(count)]


def cells(key: str) -> Sequence[Cell]:
    return ("●", key, "12")


def numbered(number: int, key: str) -> Sequence[Cell]:
    return (str(number), key, str(number))


def texts(lines: Lines) -> list[str]:
    return [lines.render_line(y).text for y in range(lines.size.height)]


async def test_keys_move_and_open() -> None:
    rows = LongList(cursor_before=1)
    app = ListApp(rows)
    async with app.run_test(size=(40, 14)) as pilot:
        rows.show(keys(100), cells)
        await pilot.press("j", "down", "k", "enter")
        assert app.heard == [
            "moved topic-00000",
            "moved topic-00001",
            "moved topic-00000",
            "chosen topic-00000",
        ]
        await pilot.press("G")
        assert (rows.cursor, rows.top) == ("topic-00099", 100 - rows.rows_shown)
        await pilot.press("home", "pagedown", "pageup", "ctrl+f", "ctrl+b", "end", "g")
        assert (rows.cursor, rows.top) == ("topic-00000", 0)
        await pilot.press("up")
        assert rows.cursor == "topic-00000"


async def test_the_cursor_stays_on_its_key() -> None:
    rows = LongList(cursor_before=1)
    app = ListApp(rows)
    async with app.run_test(size=(40, 14)):
        rows.show(keys(100), cells)
        rows.cursor = "topic-00003"
        assert texts(rows)[4] == " ●›topic-00003                        12"
        rows.show(list(reversed(keys(100))), cells)
        assert rows.cursor == "topic-00003"
        assert [line for line in texts(rows) if "›" in line] == [" ●›topic-00003                        12"]
        rows.show(keys(3), cells)
        assert rows.cursor == "topic-00003"
        assert not [line for line in texts(rows) if "›" in line]
        assert app.heard == []


async def test_a_list_says_that_it_goes_on() -> None:
    rows = LongList(cursor_before=1)
    app = ListApp(rows)
    heard: list[tuple[int, int]] = []
    async with app.run_test(
        size=(40, 14),
        message_hook=lambda message: (
            heard.append(rows.out_of_sight) if isinstance(message, Scrolled) else None
        ),
    ) as pilot:
        rows.show(keys(100), cells)
        await pilot.pause()
        shown = rows.rows_shown
        assert set(heard) == {(0, 100 - shown)}
        await pilot.press("end")
        await pilot.pause()
        assert heard[-1] == rows.out_of_sight == (100 - shown, 0)
        rows.show(keys(shown), cells)
        await pilot.pause()
        assert heard[-1] == (0, 0)
        rows.show(keys(shown + 2), cells)
        await pilot.resize_terminal(40, 12)
        await pilot.pause()
        assert heard[-1][0] + heard[-1][1] == 4
    assert out_of_sight(0, 0) == out_of_sight(0, 0, short=True) == ""
    assert out_of_sight(0, 1_900) == "1,900 more below"
    assert out_of_sight(3, 0) == "3 more above"
    assert out_of_sight(3, 19) == "3 above, 19 below"
    assert out_of_sight(3, 19, short=True) == "↑3 ↓19"


async def test_a_column_grows_where_a_figure_has_no_room() -> None:
    rows = LongList(cursor_before=1)
    app = ListApp(rows)
    async with app.run_test(size=(40, 14)) as pilot:
        rows.show(keys(3), lambda key: ("●", key, "12,345,678,901" if key.endswith("1") else "12"))
        await pilot.pause()
        assert texts(rows)[2] == " ● topic-00001            12,345,678,901"
        rows.show(keys(3), cells)
        await pilot.pause()
        assert rows.column_widths()[2] == 14  # it does not shrink
        rows.show(keys(3), lambda key: ("●", key, "1" * 60))
        await pilot.pause()
        assert texts(rows)[2].split() == ["●", "topic-00001", "…"]  # there is no room: no part of it


async def test_only_what_changed_is_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = LongList(cursor_before=1)
    app = ListApp(rows)
    async with app.run_test(size=(40, 14)) as pilot:
        figures = dict.fromkeys(keys(100), "0")
        asked: list[str] = []

        def counted(key: str) -> Sequence[Cell]:
            asked.append(key)
            return ("●", key, Content.styled(figures[key], "bold"))

        rows.show(keys(100), counted)
        await pilot.pause()
        asked.clear()
        regions: list[Region] = []
        monkeypatch.setattr(rows, "refresh", lambda *found, **more: regions.extend(found))
        rows.show(keys(100), counted)
        assert regions == []
        figures["topic-00004"] = figures["topic-00050"] = "1"
        rows.show(keys(100), counted)
        assert regions == [Region(31, 5, 9, 1)]
        assert set(asked) == set(keys(rows.rows_shown))


async def test_the_cursor_is_painted_just_after_a_change_of_style(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = LongList(cursor_before=1)
    app = ListApp(rows)
    async with app.run_test(size=(40, 14)) as pilot:
        rows.show(keys(100), cells)
        rows.cursor = "topic-00001"
        await pilot.pause()
        rows.notify_style_update()
        regions: list[Region] = []
        monkeypatch.setattr(rows, "refresh", lambda *found, **more: regions.extend(found))
        rows.cursor = "topic-00003"
        assert regions == [Region(0, 2, 40, 1), Region(0, 4, 40, 1)]


async def test_ten_thousand_rows_do_not_hold_the_loop() -> None:
    rows = LongList(cursor_before=1)
    app = ListApp(rows)
    async with app.run_test(size=(120, 40)) as pilot:
        rows.show(keys(10_000), cells)
        await pilot.pause()
        many = keys(10_000)
        assert lines_run(lambda: rows.show(many, partial(numbered, 1))) < 18_000


async def test_mouse() -> None:
    rows = LongList(cursor_before=1)
    app = ListApp(rows)
    async with app.run_test(size=(40, 14)) as pilot:
        rows.show(keys(100), cells)
        await pilot.click(LongList, offset=(5, 0))
        await pilot.click(LongList, offset=(38, 0))
        await pilot.click(LongList, offset=(0, 0))
        await pilot.click(LongList, offset=(5, 3), times=2)
        assert app.heard == ["head name", "head lag", "moved topic-00002", "chosen topic-00002"]


async def test_the_wheel_leaves_focus_and_cursor_alone() -> None:
    rows = LongList(cursor_before=1)
    app = ListApp(rows)
    async with app.run_test(size=(40, 14)) as pilot:
        rows.show(keys(100), cells)
        rows.cursor = "topic-00001"
        app.query_one(Input).focus()
        await pilot.pause()
        rows.post_message(MouseScrollDown(rows, 3, 3, 0, 0, 0, False, False, False))
        await pilot.pause()
        assert rows.top > 0
        assert rows.cursor == "topic-00001"
        assert app.focused is app.query_one(Input)


async def test_an_arrow_stands_where_it_is_sorted() -> None:
    rows = LongList(cursor_before=1)
    app = ListApp(rows)
    async with app.run_test(size=(40, 14)):
        rows.sorted_by = ("lag", True)
        assert texts(rows)[0].endswith("↓LAG")
        rows.sorted_by = ("name", False)
        assert texts(rows)[0].startswith("   NAME↑")


async def test_a_row_that_is_gone_is_struck() -> None:
    rows = LongList(cursor_before=1)
    app = ListApp(rows)
    async with app.run_test(size=(40, 14)):
        rows.show(keys(3), cells, struck={"topic-00001"})
        struck = [
            any(segment.style and segment.style.strike for segment in rows.render_line(y)) for y in range(4)
        ]
        assert struck == [False, False, True, False]


async def test_a_careless_cell_is_made_harmless() -> None:
    rows = LongList(cursor_before=1)
    app = ListApp(rows)
    async with app.run_test(size=(40, 14)):
        rows.show(["\x1b[31m"], lambda key: ("●", key, Content.styled("\x9b[/x]\n", "bold")))
        assert texts(rows)[1] == " ● ␛[31m                          �[/x]␊"


async def test_every_line_is_exactly_as_wide_as_the_list() -> None:
    rows = LongList(cursor_before=1)
    app = ListApp(rows)
    async with app.run_test(size=(40, 14)):
        rows.show(["注文" * 30, "e\u0301" * 90, "", "x" * 99], lambda key: ("●", key, Content(key)))
        assert {rows.render_line(y).cell_length for y in range(13)} == {40}


async def test_a_stream_follows_until_one_looks_up() -> None:
    rows = Stream()
    app = ListApp(rows)
    async with app.run_test(size=(40, 14)) as pilot:
        rows.show(0, 100, lambda row: ("●", f"row {row}", ""))
        assert (rows.cursor, rows.end_row - rows.top) == (99, rows.rows_shown)
        await pilot.press("up")
        assert (rows.following, rows.cursor) == (False, 98)
        top = rows.top
        rows.show(0, 150, lambda row: ("●", f"row {row}", ""))
        assert (rows.cursor, rows.top) == (98, top)
        rows.show(120, 250, lambda row: ("●", f"row {row}", ""))
        assert (rows.cursor, rows.top) == (120, 120)
        await pilot.press("end")
        assert (rows.following, rows.cursor) == (True, 249)
        rows.post_message(MouseScrollDown(rows, 3, 3, 0, 0, 0, False, False, False))
        await pilot.pause()
        assert rows.following


async def test_a_stream_asks_for_a_row_once() -> None:
    rows = Stream()
    app = ListApp(rows)
    asked: list[int] = []

    def counted(row: int) -> Sequence[Cell]:
        asked.append(row)
        return (f"row {row}",)

    async with app.run_test(size=(40, 14)):
        for end in range(50, 80):
            rows.show(0, end, counted)
            texts(rows)
        assert len(asked) <= 30 + rows.rows_shown + 2 * 30  # the cursor's row is painted again as it moves on


async def test_enter_opens_the_first_row_while_none_has_the_cursor() -> None:
    rows = LongList()
    app = ListApp(rows)
    async with app.run_test(size=(40, 14)) as pilot:
        await pilot.press("enter")
        rows.show(keys(3), cells)
        await pilot.press("enter")
        assert app.heard == ["moved topic-00000", "chosen topic-00000"]
