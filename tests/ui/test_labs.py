"""The screen of a lab: what is asked, which keys work when, and what is drawn."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from kafkatui.domain.cluster.marks import Mark
from kafkatui.labs.progress import note_progress, progress_file, read_progress
from kafkatui.labs.run import Phase
from kafkatui.screens.lab_pictures import pictures
from kafkatui.screens.labs import LabsScreen
from kafkatui.widgets import signs
from kafkatui.widgets.filter_input import FilterInput
from kafkatui.widgets.focus import in_sight
from tests.ui.lab_app import LabApp, PreparedLab, fan_out, rebalance
from tests.ui.waiting import until

Snap = Callable[..., bool]


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("KAFKATUI_STATE", str(tmp_path))
    return tmp_path


async def answered(pilot: Pilot[None]) -> None:
    await pilot.pause()
    await pilot.press("1", "2", "0", "enter", "1", "1", "9", "enter")
    await pilot.pause()


async def compared(pilot: Pilot[None]) -> None:
    """The key is pressed, and the cluster has done it."""
    app = pilot.app
    assert isinstance(app, LabApp)
    await pilot.pause()
    if app.lab.run.question is not None:
        await answered(pilot)
    run, lab = app.lab.run, app.lab.run.lab
    assert isinstance(lab, PreparedLab)
    run.before = fan_out(written=False)
    run.pressed = 1
    run.phase = Phase.OBSERVE
    lab.seen = fan_out(written=True)
    run.take(lab.seen)
    await pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=str)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_question(snap_compare: Snap, size: tuple[int, int], language: str) -> None:
    assert snap_compare(LabApp("fan-out", language), terminal_size=size)


def test_the_key_to_press(snap_compare: Snap) -> None:
    assert snap_compare(LabApp("fan-out"), terminal_size=(80, 24), run_before=answered)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
def test_the_comparison(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(LabApp("fan-out"), terminal_size=size, run_before=compared)


def test_the_comparison_in_ascii(snap_compare: Snap) -> None:
    assert snap_compare(LabApp("fan-out", ascii_only=True), terminal_size=(120, 40), run_before=compared)


def test_members_and_their_minute(snap_compare: Snap) -> None:
    assert snap_compare(LabApp("rebalance", seen=rebalance()), terminal_size=(120, 40))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_list(snap_compare: Snap, language: str) -> None:
    note_progress("fan-out", 5)
    note_progress("keys", 2)
    assert snap_compare(LabApp(None, language), terminal_size=(80, 24))


async def test_a_key_works_only_after_the_prediction() -> None:
    app = LabApp("fan-out")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("K")
        assert app.lab.run.phase is Phase.PREDICT
        assert "prediction" in str(app.lab.said)
        await pilot.press("n", "n")
        assert app.lab.run.next_key() == "K"
        await pilot.press("x")
        assert app.lab.run.next_key() == "K"
        assert "later" in str(app.lab.said)
        assert not app.lab.run.allows("x")


async def test_the_next_step_begins_only_when_this_one_has_passed() -> None:
    app = LabApp("fan-out")
    async with app.run_test(size=(120, 40)) as pilot:
        await answered(pilot)
        await pilot.press("n")
        assert app.lab.run.place == 0
        assert "120 records" in str(app.lab.said)
        await compared(pilot)
        assert [one.right for one in app.lab.run.predicted] == [True, False]
        await pilot.press("n")
        assert app.lab.run.place == 1
        assert app.lab.run.phase is Phase.PREDICT


async def test_a_step_that_has_passed_is_noted_at_once() -> None:
    """Who leaves a lab in its middle finds in the list how far they came."""
    app = LabApp("fan-out")
    async with app.run_test(size=(120, 40)) as pilot:
        await compared(pilot)
        await until(pilot, lambda: read_progress() == {"fan-out": 1})


async def test_a_number_takes_digits_and_backspace() -> None:
    app = LabApp("fan-out")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("1", "a", "3", "backspace", "2", "0")
        assert app.lab.typed == "120"
        await pilot.press("enter")
        assert app.lab.run.predicted[0].answer == 120


async def test_an_empty_answer_is_no_answer() -> None:
    app = LabApp("fan-out")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("enter")
        assert not app.lab.run.predicted
        assert "number" in str(app.lab.said)


async def test_words_and_hint_stand_in_the_lesson() -> None:
    app = LabApp("fan-out")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("h")
        assert any("HINT" in str(line) for line in app.lab.page.lines)
        await pilot.press("g")
        assert any("ISR" in str(line) for line in app.lab.page.lines)
        await pilot.press("escape")
        assert not any("ISR" in str(line) for line in app.lab.page.lines)


async def test_a_key_on_a_russian_layout_is_the_key_on_its_place() -> None:
    app = LabApp("fan-out", "ru")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("т", "т")  # n, twice
        assert app.lab.run.next_key() == "K"


async def test_begin_anew_resets_the_lab() -> None:
    app = LabApp("fan-out")
    async with app.run_test(size=(120, 40)) as pilot:
        await answered(pilot)
        lab = app.lab.run.lab
        assert isinstance(lab, PreparedLab)
        await pilot.press("r")
        await until(pilot, lambda: lab.resets == 1 and app.lab.run.phase is Phase.PREDICT)
        assert not app.lab.run.predicted


async def test_the_list_begins_at_the_first_lab_that_is_not_done() -> None:
    note_progress("fan-out", 5)
    app = LabApp(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, LabsScreen)
        assert app.screen.names.cursor == "keys"


def test_progress_is_only_ever_more() -> None:
    note_progress("keys", 3)
    note_progress("keys", 1)
    assert read_progress() == {"keys": 3}


def test_progress_that_cannot_be_read_is_none(state: Path) -> None:
    progress_file().write_text("no json")
    assert read_progress() == {}


def test_what_is_not_known_is_drawn_as_unknown() -> None:
    from kafkatui.labs.lessons import lesson_named
    from kafkatui.labs.observation import Observation
    from kafkatui.labs.texts import frame_texts

    lesson = lesson_named("fan-out")
    assert lesson is not None
    lines = [str(line) for line in pictures(lesson, Observation(), frame_texts("en"), 70)]
    assert any("billing" in line and "?" in line for line in lines)


async def test_tab_leads_through_the_panes_and_back_to_the_lesson() -> None:
    app = LabApp("fan-out")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        lab = app.lab
        assert lab.focused is lab.page
        shown = []
        for _ in range(2):
            await pilot.press("tab")
            shown.append(next(pane.NUMBER for pane in lab.panes if pane.has_focus_within))
        await pilot.press("tab")
        assert shown == [3, 4]  # this lesson begins with the offsets
        assert lab.focused is lab.page
        await pilot.press("tab", "escape")
        assert lab.focused is lab.page
        assert app.lab is lab


async def test_where_there_is_little_room_a_pane_stands_in_place_of_the_pictures() -> None:
    app = LabApp("fan-out")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        lab = app.lab
        assert in_sight(lab.pictures)
        assert not in_sight(lab.lab_grid)
        await pilot.press("tab")
        assert in_sight(lab.offsets_pane)
        assert not in_sight(lab.pictures)
        await pilot.press("escape")
        assert in_sight(lab.pictures)


async def test_the_letters_of_a_lab_work_in_the_panes_too() -> None:
    app = LabApp("fan-out")
    async with app.run_test(size=(120, 40)) as pilot:
        await answered(pilot)
        await pilot.press("tab", "h")
        await until(pilot, lambda: app.lab.text.hinted)
        await pilot.press("x")
        assert "x" in str(app.lab.said)  # it says that this key does not work now


async def test_letters_in_the_filter_of_a_pane_are_no_keys_of_the_lab() -> None:
    app = LabApp("fan-out")
    async with app.run_test(size=(120, 40)) as pilot:
        await answered(pilot)
        await pilot.press("1", "slash", "x", "n")
        await pilot.pause()
        assert app.lab.said is None
        assert app.lab.topics_pane.query_one(FilterInput).value == "xn"


async def test_a_pane_shows_the_topic_and_the_group_of_the_lesson_after_a_reset_the_new_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = LabApp("fan-out")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: (app.lab.topic, app.lab.group) == ("orders", "billing"))
        monkeypatch.setattr(app.lab.run.lab, "full", lambda name: f"lab2-new-{name}")
        app.lab.draw()
        assert app.lab.topic == "lab2-new-orders"


async def test_a_zoomed_pane_has_the_room_of_the_pictures() -> None:
    app = LabApp("fan-out")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("tab", "z")
        await until(pilot, lambda: not in_sight(app.lab.pictures))
        await pilot.press("escape")
        await until(pilot, lambda: in_sight(app.lab.pictures))


def test_a_pane_below_the_lesson(snap_compare: Snap) -> None:
    async def go(pilot: Pilot[None]) -> None:
        await answered(pilot)
        await pilot.press("tab")
        await pilot.pause()

    assert snap_compare(LabApp("fan-out"), terminal_size=(80, 24), run_before=go)


async def test_a_broker_that_died_by_itself_is_said_before_anything_else() -> None:
    app = LabApp("fan-out")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        app.lab.run.now = replace(app.lab.run.now, died=(2,))
        assert "Broker 2 has died" in str(app.lab.text.prompt(0, "", 50)[0])


async def test_a_tab_shows_the_present_mark_of_its_pane() -> None:
    app = LabApp("fan-out")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        lab = app.lab
        lab.tail_pane.mark = Mark.BROKEN
        await until(pilot, lambda: f"4 Tail {signs.sign(Mark.BROKEN)}" in str(lab.offsets_pane.tabs))
