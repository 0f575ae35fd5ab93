"""The main screen: one selection for all panes, its arrangement, its keys; over prepared readings."""

import re
from dataclasses import replace

import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Static

from kafkatui.domain.cluster.groups import ClusterGroups
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.problems import Problem
from kafkatui.screens.headlines import ProblemLine, StatusLine
from kafkatui.screens.help import HelpScreen
from kafkatui.screens.monitor import MonitorScreen
from kafkatui.screens.picker import Picker
from kafkatui.screens.record import RecordScreen
from kafkatui.watch.streams import Streams
from kafkatui.widgets.focus import in_sight
from kafkatui.widgets.key_row import KeyRow
from kafkatui.widgets.long_list import LongList
from tests.ui.monitor_app import MonitorApp, shop
from tests.ui.shop_data import NOW, SOON
from tests.ui.streams import prepared, shop_groups, shop_lag, shop_records, shop_topics


async def settle(pilot: Pilot[None]) -> MonitorScreen:
    """Wait until the prepared readings have reached every pane."""
    screen = pilot.app.screen
    assert isinstance(screen, MonitorScreen)
    for _ in range(200):
        await pilot.pause()
        if screen.group is not None and screen.offsets_pane.reading.value is not None:
            break
    await pilot.pause()
    return screen


def two_groups() -> Streams:
    """Two groups on ``orders``: ``billing`` 60 behind, ``search`` 6 behind; one of them on ``clicks`` too."""
    now = NOW
    billing, search = shop_groups(now - 2), shop_groups(now - 2, "search")
    nearly = {TopicPartition("orders", number): 99 for number in range(6)}
    nearly |= {TopicPartition("clicks", number): 99 for number in range(6)}
    commits = {**billing.commits, "search": replace(search.commits["search"], offsets=nearly)}
    return prepared(
        topics=[Reading(shop_topics(now), taken_at=now)],
        groups=[Reading(ClusterGroups(billing.groups + search.groups, commits), taken_at=now)],
        lags=lambda group, topic: [Reading(shop_lag(now, group, topic), taken_at=now)],
        tails=lambda topic: [Reading(shop_records(topic), taken_at=now)],
    )


async def test_the_topic_most_groups_read_is_selected_and_its_worst_group() -> None:
    async with MonitorApp(two_groups()).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        assert (screen.topic, screen.group) == ("orders", "billing")


async def test_selecting_a_topic_moves_the_other_panes_at_once() -> None:
    async with MonitorApp(two_groups()).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("up")
        assert screen.topic == "clicks"
        assert [pane.topic for pane in screen.panes] == ["clicks"] * 4
        assert screen.offsets_pane.group == screen.assignments_pane.group == "search"
        await settle(pilot)
        lag, news = screen.offsets_pane.reading.value, screen.tail_pane.reading.value
        assert lag is not None
        assert news is not None
        assert lag.topic == "clicks"
        assert {record.topic for record in news.records} == {"clicks"}


async def test_arrows_switch_groups_and_the_choice_is_kept() -> None:
    async with MonitorApp(two_groups()).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("2", "right")
        assert screen.group == "search"
        await pilot.press("right")
        assert screen.group == "billing"
        await pilot.press("left")
        assert screen.group == "search"
        await pilot.press("1", "up", "down")
        assert (screen.topic, screen.group) == ("orders", "search")


async def test_a_group_is_picked_from_a_list() -> None:
    async with MonitorApp(two_groups()).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("c")
        await pilot.pause()
        picker = pilot.app.screen
        assert isinstance(picker, Picker)
        assert picker.query_one(LongList).keys == ("billing", "search")
        await pilot.press("down", "enter")
        await pilot.pause()
        assert screen.group == "search"


async def test_a_topic_of_the_group_is_picked_from_a_list() -> None:
    async with MonitorApp(two_groups()).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("2", "right", "t")
        await pilot.pause()
        picker = pilot.app.screen
        assert isinstance(picker, Picker)
        assert set(picker.query_one(LongList).keys) == {"clicks", "orders"}
        await pilot.press("home", "enter")
        await pilot.pause()
        assert (screen.topic, screen.group) == ("clicks", "search")


async def test_a_small_screen_shows_topics_and_one_other_pane() -> None:
    async with MonitorApp(shop()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        assert [pane.NUMBER for pane in screen.panes if pane.display] == [1, 3]
        await pilot.press("4")
        assert [pane.NUMBER for pane in screen.panes if pane.display] == [1, 4]
        assert screen.tail_pane.has_focus_within
        await pilot.press("tab")
        assert screen.topics_pane.has_focus_within
        await pilot.press("2")
        assert [pane.NUMBER for pane in screen.panes if pane.display] == [1, 2]


async def test_tab_visits_every_pane_and_comes_back() -> None:
    async with MonitorApp(shop()).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        visited = []
        for _ in range(5):
            visited.append(next(pane.NUMBER for pane in screen.panes if pane.has_focus_within))
            await pilot.press("tab")
        assert visited == [1, 2, 3, 4, 1]
        await pilot.press("shift+tab")
        assert screen.topics_pane.has_focus_within


async def test_a_resize_keeps_focus_selection_and_zoom() -> None:
    async with MonitorApp(shop()).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("down", "3", "z")
        topic = screen.topic
        for size in ((80, 24), (200, 60), (120, 40)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert [pane.NUMBER for pane in screen.panes if pane.display] == [3]
            assert screen.topic == topic
            assert screen.offsets_pane.has_focus_within
        await pilot.press("z")
        assert all(pane.display for pane in screen.panes)


@pytest.mark.parametrize("size", [(59, 24), (80, 15)])
async def test_a_terminal_too_small_says_so(size: tuple[int, int]) -> None:
    async with MonitorApp(shop()).run_test(size=size) as pilot:
        await pilot.pause()
        assert str(pilot.app.screen.query_one("#too-small", Static).content) == "needs 60x16"
        assert not in_sight(pilot.app.screen.query_one("PaneGrid"))
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert pilot.app.screen.query_one("PaneGrid").display


async def test_space_holds_the_picture_and_lets_go() -> None:
    async with MonitorApp(shop()).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("space")
        assert all(pane.held for pane in screen.panes)
        assert "HELD 0:00" in str(screen.query_one(StatusLine).render())
        await pilot.press("space")
        assert not any(pane.held for pane in screen.panes)
        assert "HELD" not in str(screen.query_one(StatusLine).render())


async def test_plus_and_minus_change_every_interval() -> None:
    async with MonitorApp(shop()).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        before = [pane.pace.every for pane in screen.panes]
        await pilot.press("plus")
        assert [pane.pace.every for pane in screen.panes] == [2 * every for every in before]
        await pilot.press("minus", "minus")
        assert [pane.pace.every for pane in screen.panes] == [every / 2 for every in before]


async def test_line_2_says_what_is_wrong_and_the_key_leads_there() -> None:
    now = NOW
    broken = shop_topics(now)
    lost = tuple(partition._replace(leader=None, isr=()) for partition in broken.topics[3].partitions)
    broken = replace(
        broken, topics=(*broken.topics[:3], replace(broken.topics[3], partitions=lost), *broken.topics[4:])
    )
    streams = prepared(
        topics=[Reading(broken, taken_at=now)],
        groups=[Reading(shop_groups(now - 2), taken_at=now)],
        lags=lambda group, topic: [Reading(shop_lag(now, group, topic), taken_at=now)],
    )
    async with MonitorApp(streams).run_test(size=(120, 40)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, MonitorScreen)
        line = screen.query_one(ProblemLine)
        for _ in range(100):
            await pilot.pause()
            if line.problems:
                break
        assert "1 problem" in str(line.render())
        assert "payments: 6 partitions offline" in str(line.render())
        await pilot.press("up", "exclamation_mark")
        assert screen.topic == "payments"


async def test_line_2_says_that_all_is_well() -> None:
    async with MonitorApp(shop()).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        assert "all well" in str(screen.query_one(ProblemLine).render())


async def test_a_russian_layout_types_the_same_keys() -> None:
    async with MonitorApp(shop()).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        before = screen.topic
        await pilot.press("о")  # in the place of j
        assert screen.topic != before
        await pilot.press("я")  # z
        assert [pane.NUMBER for pane in screen.panes if pane.display] == [1]


async def test_letters_typed_into_the_filter_are_letters() -> None:
    async with MonitorApp(shop()).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("slash", *"qzой")
        assert screen.grid.zoomed is None
        assert pilot.app.focused is not None
        assert getattr(pilot.app.focused, "value", "") == "qzой"


async def test_help_lists_every_key_and_closes() -> None:
    async with MonitorApp(shop()).run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("question_mark")
        assert isinstance(pilot.app.screen, HelpScreen)
        page = pilot.app.screen.page
        while not page.max_scroll_y:  # it is laid out once its width is known
            await pilot.pause(0.01)
        text = "\n".join(map(str, page._lines))
        for word in ("all the room", "sort", "names with", "quit", "not known", "owns this partition"):
            assert word in text
        for word in ("topic", "partition", "offset", "lag", "group", "rebalance", "assignor", "generation"):
            assert re.search(rf"^.{{12}}{word} +\S", text, re.MULTILINE), word
        begins = {len(line) - len(line.lstrip()) for line in text.splitlines() if line}
        assert begins == {0, 12, 27}  # a section, a key, and what goes on in the next line
        await pilot.press("end")
        assert page.scroll_y == page.max_scroll_y > 0
        await pilot.resize_terminal(110, 40)
        assert page.scroll_y > 0, "a resize keeps the place"
        await pilot.press("home")
        assert page.scroll_y == 0
        await pilot.press("q")
        assert isinstance(pilot.app.screen, MonitorScreen)


async def test_enter_opens_a_record_and_n_goes_on() -> None:
    async with MonitorApp(shop()).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("4", "up", "enter")
        await pilot.pause()
        shown = pilot.app.screen
        assert isinstance(shown, RecordScreen)
        assert shown.record.offset == 98
        await pilot.press("n")
        assert shown.record.offset == 99
        await pilot.press("N", "N")
        assert shown.record.offset == 97
        await pilot.press("escape")
        assert pilot.app.screen == screen


async def test_a_key_in_the_footer_can_be_clicked() -> None:
    async with MonitorApp(shop()).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        row = pilot.app.screen.query_one("KeyRow")
        place = str(row.render()).index("z zoom")
        await pilot.click("KeyRow", offset=(place + 1, 0))
        await pilot.pause()
        assert screen.grid.zoomed == 1


async def test_q_ends_the_program() -> None:
    app = MonitorApp(shop())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("q")
        await pilot.pause()
    assert app.return_code == 0


async def test_a_bug_shows_no_local_variables(capsys: pytest.CaptureFixture[str]) -> None:
    """Textual's own traceback does, and one of them may be a password."""

    class Broken(MonitorApp):
        def begin(self) -> None:
            password = f"hunter{2}"
            raise RuntimeError(f"broken {len(password)}")

    app = Broken(shop())
    with pytest.raises(RuntimeError):
        async with app.run_test():
            pass
    told = capsys.readouterr()
    assert "hunter2" not in told.out + told.err
    assert app.return_code == 1


async def test_no_key_is_lost_however_fast_one_types() -> None:
    """What a key opens is there before the next one is looked at; also what a key has given the focus to."""
    async with MonitorApp(two_groups()).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)

        def type_at_once(*keys: str) -> None:
            for key in keys:
                pilot.app.post_message(Key(key, key if len(key) == 1 else None))

        type_at_once("colon", *"grse")
        for _ in range(100):
            await pilot.pause()
            if getattr(pilot.app.focused, "value", "") == "grse":
                break
        assert getattr(pilot.app.focused, "value", "") == "grse"
        keys = ("escape", "escape", "4", "up", "2", "c", "down", "enter", "H", "escape", "f1", "escape", "z")
        type_at_once(*keys)
        for _ in range(100):
            await pilot.pause()
            if screen.grid.zoomed:
                break
        assert pilot.app.screen is screen
        assert not screen.tail_pane.lines.following
        assert screen.group == "search"
        assert screen.grid.zoomed == 2


async def test_a_palette_that_is_filled_when_the_program_has_ended_paints_nothing() -> None:
    app = MonitorApp(shop())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
    assert not app.screen_stack
    app._held_back.enter_context(app.batch_update())
    app._show_palette()


async def test_a_pane_has_the_focus_from_the_start_and_gets_it_at_once() -> None:
    app = MonitorApp(shop())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = app.screen
        assert isinstance(screen, MonitorScreen)
        assert screen.focused is screen.topics_pane.focus_place()
        for pane in screen.panes:
            screen.grid.go(pane.NUMBER)
            assert screen.focused is pane.focus_place()
        await pilot.pause()


async def test_what_is_hidden_gives_the_focus_back() -> None:
    """A terminal that becomes small, too small, and large again; a page opened meanwhile."""
    async with MonitorApp(shop()).run_test(size=(100, 30)) as pilot:
        screen = await settle(pilot)

        async def resize(*sizes: tuple[int, int]) -> None:
            for size in sizes:
                await pilot.resize_terminal(*size)
                await pilot.pause()
                await pilot.pause()

        for keys, after in (("1", ""), ("2", ""), ("2 down down down", "escape"), ("3", ""), ("4", ""),
                            ("3 z", "z"), ("1 slash", "escape")):  # fmt: skip
            await pilot.press(*keys.split())
            await pilot.pause()
            had, here = pilot.app.focused, screen.grid.here
            assert had is not None
            for size in ((80, 24), (40, 10), (80, 24)):
                await resize(size)
                assert size == (40, 10) or (pilot.app.focused is had and screen.panes[here - 1].display), keys
            await resize((40, 10), (100, 30))
            assert pilot.app.focused is had, keys
            await pilot.press(*after.split())
        await pilot.press("4", "f1")
        await resize((40, 10), (100, 30))
        await pilot.press("escape")
        await resize((100, 30))
        assert screen.tail_pane.has_focus_within


def said(pilot: Pilot[None]) -> str:
    """What the notices say that are in sight."""
    return " | ".join(notice.message for notice in pilot.app._notifications)


async def test_no_key_is_without_an_answer() -> None:
    """Where there is nothing to go to, open or take out, a key says so and the row offers it not."""
    async with MonitorApp(two_groups()).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        keys = screen.query_one(KeyRow)
        await pilot.press("exclamation_mark")
        assert "no problem is known" in said(pilot)
        await pilot.press("D")
        assert "--read-only" in said(pilot)
        await pilot.press("3", "down")
        await pilot.pause()
        assert "open" not in str(keys.render())
        await pilot.press("enter")
        assert "opens nothing more" in said(pilot)
        await pilot.press("escape")
        assert screen.topics_pane.has_focus_within
        await pilot.pause()
        assert "enter open" in str(keys.render())
        await pilot.press("escape")
        assert "nothing to go back to" in said(pilot)
        screen.query_one(ProblemLine).problems = [Problem(Mark.BROKEN, None, None, "broker 2 is gone", 0.0)]
        await pilot.press("exclamation_mark")
        assert "broker 2 is gone" in said(pilot)


async def test_a_group_that_reads_no_topic_is_described_in_words() -> None:
    groups = shop_groups(SOON - 2)
    idle = replace(groups.groups[0], group_id="idle", state="Empty", members=())
    value = ClusterGroups((*groups.groups, idle), groups.commits)
    streams = prepared(
        topics=[Reading(shop_topics(SOON), taken_at=SOON)], groups=[Reading(value, taken_at=SOON)]
    )
    async with MonitorApp(streams).run_test(size=(120, 40)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, MonitorScreen)
        for _ in range(20):
            await pilot.pause()
        screen.show_group("idle")
        await pilot.pause()
        assert "group idle is Empty, 0 members; as far as is known it reads no topic" in said(pilot)


async def test_a_filter_selects_its_first_hit_and_back_goes_one_step_at_a_time() -> None:
    async with MonitorApp(two_groups()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        keys = screen.query_one(KeyRow)
        await pilot.press("slash", *"lic")
        await pilot.pause()
        assert str(keys.render()) == "enter open  tab pane  esc back"
        await pilot.press("enter")
        assert screen.topic == screen.tail_pane.topic == "clicks"
        await pilot.press("enter", "z")
        assert screen.grid.zoomed == 4
        await pilot.press("escape")
        assert screen.grid.zoomed is None
        assert screen.tail_pane.has_focus_within
        await pilot.press("escape")
        assert screen.topics_pane.has_focus_within
        assert screen.topics_pane.lines.keys == ("clicks",)
        await pilot.press("escape")
        assert len(screen.topics_pane.lines.keys) > 1


async def test_the_row_of_keys_belongs_to_what_is_open() -> None:
    async with MonitorApp(two_groups()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        assert str(screen.query_one(KeyRow).render()).split("  ")[-3:] == ["…", "? help", "q quit"]
        for opened, row in (
            (("4", "up", "enter"), "n next  N previous  b raw  y copy  esc back  ? help"),
            (("2", "enter"), "y copy  esc back  ? help"),
            (("c",), "↑/↓ move  enter open  esc back"),
            (("H",), "↑/↓ move  esc back"),
            (("question_mark",), "↑/↓ move  esc back"),
        ):
            await pilot.press(*opened)
            await pilot.pause()
            assert pilot.app.screen is not screen
            assert str(pilot.app.screen.query_one(KeyRow).render()) == row
            assert str(screen.query_one(KeyRow).render()) == ""
            await pilot.press("escape")
            await pilot.pause()
