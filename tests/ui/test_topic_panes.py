"""Panes 1 and 4 and the record: their keys, and that nothing from outside is a control."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from textual.message import Message
from textual.notifications import Notify
from textual.pilot import Pilot
from textual.widget import Widget
from textual.worker import WorkerCancelled

from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import ClusterTopics, Partition, Topic, TopicLog
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.cluster.topics_view import TopicUsage
from kafkatui.domain.records.records import Record, TailNews, Unreadable
from kafkatui.domain.sorted_rows import GONE_FOR
from kafkatui.panes import tail
from kafkatui.panes.pane import Pane
from kafkatui.panes.tail import TailPane
from kafkatui.panes.topic_lines import columns
from kafkatui.panes.topics import TopicsPane
from kafkatui.screens import record as record_screen
from kafkatui.screens.record import RecordScreen
from kafkatui.screens.record_text import Laid, record_lines
from kafkatui.watch.pace import Pace
from kafkatui.widgets.lines import Lines
from kafkatui.widgets.page import Page
from tests.faults import fault
from tests.ui.pane_app import PaneApp, TopicsAlone, stream_of
from tests.ui.shop_data import EVIL, NOW, SHOP, USAGE, WALL, looks, mixed, record, shop


def topics_app(
    readings: Sequence[Reading[ClusterTopics]] | None = None, *, topic: str | None = "orders"
) -> PaneApp:
    """Pane 1 after these readings."""
    found = looks() if readings is None else readings
    return PaneApp(lambda: TopicsAlone(found, Pace(1e9), USAGE), topic=topic)


def tail_app(readings: Sequence[Reading[TailNews]] | None = None) -> PaneApp:
    """Pane 4 after these readings."""
    found = [Reading(mixed(), taken_at=NOW)] if readings is None else readings
    return PaneApp(lambda: TailPane(lambda topic, pace: stream_of(found), Pace(1e9)), topic="orders")


async def settled(pilot: Pilot[None]) -> None:
    """The prepared readings are on screen, and what was laid out beside the event loop."""
    while working := [worker for worker in pilot.app.workers if worker.is_running]:
        for worker in working:
            with suppress(WorkerCancelled):  # another one does its work anew
                await worker.wait()
    await pilot.pause()


def lines(widget: Widget) -> list[str]:
    """What a widget draws, line by line."""
    return [widget.render_line(y).text for y in range(widget.size.height)]


def names(pane: TopicsPane) -> list[str]:
    return list(pane.lines.keys)


@pytest.fixture(autouse=True)
def _paint_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "PAINT_EVERY", 0.0)


async def test_moving_selects() -> None:
    heard: list[Message] = []
    app = topics_app()
    async with app.run_test(size=(80, 14), message_hook=heard.append) as pilot:
        await settled(pilot)
        await pilot.press("j", "enter")
        await pilot.pause()
    assert {m.topic for m in heard if isinstance(m, TopicsPane.Selected)} == {"payments"}
    assert {m.topic for m in heard if isinstance(m, TopicsPane.Opened)} == {"payments"}


async def test_sort_keys_go_through_the_columns() -> None:
    app = topics_app()
    async with app.run_test(size=(80, 14)) as pilot:
        await settled(pilot)
        pane = app.query_one(TopicsPane)
        seen = []
        for _ in range(7):
            await pilot.press("s")
            seen.append(pane.lines.sorted_by)
        assert [found and found[0] for found in seen] == [
            "partitions", "rf", "records", "rate", "groups", "lag", "name"
        ]  # fmt: skip
        assert seen[-1] == ("name", False)
        await pilot.press("S")
        assert names(pane) == sorted((name for name in SHOP if name[0] != "_"), reverse=True)
        assert pane.lines.cursor == "orders"


async def test_lag_can_be_sorted_by_where_it_has_no_room() -> None:
    app = topics_app()
    async with app.run_test(size=(36, 14)) as pilot:
        await settled(pilot)
        pane = app.query_one(TopicsPane)
        assert "LAG" not in lines(pane.lines)[0]
        for _ in range(4):
            await pilot.press("s")
        assert pane.lines.sorted_by == ("lag", True)
        assert names(pane)[:2] == ["orders", "clicks"]
        for width, heads in (
            (50, "NAME P RECORDS REC/S GRP LAG"),
            (66, "NAME P RF RECORDS REC/S 2 MIN GRP LAG"),
        ):
            await pilot.resize_terminal(width, 14)
            await pilot.pause()
            found = lines(pane.lines)[0].replace("↓", "").replace("↑", "")
            assert " ".join(found.split()) == heads


async def test_the_worst_topic_is_in_sight_at_the_start_and_the_list_says_that_it_goes_on() -> None:
    app = topics_app(topic="audit")
    async with app.run_test(size=(80, 6)) as pilot:
        pane = app.query_one(TopicsPane)
        pane.framed = False
        await settled(pilot)
        shown = "\n".join(lines(pane.lines))
        assert "ledger" in shown  # it has a partition offline
        assert pane.lines.out_of_sight[0] > 0
        assert f"{pane.lines.out_of_sight[0]} above, {pane.lines.out_of_sight[1]} below" in str(
            pane.border_title
        )
        await pilot.press("home")
        await pilot.pause()
        assert pane.lines.top == 0
        pane.show(pane.reading)
        assert pane.lines.top == 0  # the user moved in it
        assert "more below" in str(pane.border_title)


async def test_a_click_on_a_head_sorts_and_reverses() -> None:
    app = topics_app()
    async with app.run_test(size=(80, 14)) as pilot:
        await settled(pilot)
        pane = app.query_one(TopicsPane)
        at = lines(pane.lines)[0].index("RECORDS") + 2
        await pilot.click(Lines, offset=(at, 0))
        assert names(pane)[:2] == ["payments", "clicks"]
        await pilot.click(Lines, offset=(at, 0))
        assert names(pane)[:2] == ["scratch", "shop.europe.returns.v2.dead-letter-queue"]


async def test_filter_is_live_and_esc_clears() -> None:
    app = topics_app()
    async with app.run_test(size=(80, 14)) as pilot:
        await settled(pilot)
        pane = app.query_one(TopicsPane)
        await pilot.press("slash", "e", "r")
        assert names(pane) == ["ledger", "orders", "shop.europe.returns.v2.dead-letter-queue"]
        await pilot.press("enter")
        assert app.focused is pane.lines
        assert pane.lines.cursor == "ledger"
        await pilot.press("j", "j")
        assert pane.lines.cursor == "shop.europe.returns.v2.dead-letter-queue"
        await pilot.press("escape")
        assert len(names(pane)) == 8
        await pilot.press("slash", "z", "escape")
        assert len(names(pane)) == 8
        assert app.focused is pane.lines


async def test_internal_topics() -> None:
    app = topics_app()
    async with app.run_test(size=(80, 14)) as pilot:
        await settled(pilot)
        pane = app.query_one(TopicsPane)
        await pilot.press("i")
        assert "__consumer_offsets" in names(pane)
        await pilot.press("i")
        assert "__consumer_offsets" not in names(pane)


async def test_a_jump_to_a_hidden_topic_shows_it() -> None:
    app = topics_app()
    async with app.run_test(size=(80, 14)) as pilot:
        await settled(pilot)
        pane = app.query_one(TopicsPane)
        await pilot.press("slash", "x", "enter")
        pane.select("__consumer_offsets")
        assert "__consumer_offsets" in names(pane)
        assert pane.lines.cursor == "__consumer_offsets"


async def test_what_is_on_screen_is_asked_for_first() -> None:
    app = topics_app()
    async with app.run_test(size=(80, 6)) as pilot:
        await settled(pilot)
        pane = app.query_one(TopicsPane)
        pane.lines.top = 0
        assert pane.wanted() == {"audit", "clicks", "invoices", "orders"}


async def test_a_gone_topic_keeps_the_selection(monkeypatch: pytest.MonkeyPatch) -> None:
    readings = [*looks(), Reading(shop(NOW, 200.0, without="orders"), taken_at=NOW)]
    app = topics_app(readings)
    async with app.run_test(size=(80, 14)) as pilot:
        await settled(pilot)
        pane = app.query_one(TopicsPane)
        assert "orders is gone" in pane.footnote().plain
        assert "orders" in names(pane)
        monkeypatch.setattr("kafkatui.panes.list_pane.monotonic", lambda: NOW + GONE_FOR)
        pane.tick()
        assert "orders" not in names(pane)
        assert pane.lines.cursor == "orders"


@pytest.mark.parametrize("width", range(30, 200))
def test_columns_only_join(width: int) -> None:
    narrow, wide = columns(width), columns(width + 1)
    left = [column.key for column in narrow if column.key != "spark"]
    assert left == [column.key for column in wide if column.key in left]
    used = sum(column.width for column in wide) + len(wide)
    assert width + 1 - used >= 3


async def test_a_long_name_under_the_cursor_keeps_both_its_ends() -> None:
    name = "shop.europe.orders-of-the-last-day.and.another-long-part.v2.dlq"
    topics = ClusterTopics(topics=(Topic(name, (Partition(0, 1, 0, (1,), (1,)),)),))
    app = topics_app([Reading(topics, taken_at=NOW)], topic=name)
    async with app.run_test(size=(50, 12)) as pilot:
        await settled(pilot)
        foot = str(app.query_one(TopicsPane).border_subtitle)
        assert foot.startswith("shop.europ…other-long-part.v2.dlq ")


async def test_the_lower_edge_does_not_speak_of_a_topic_that_is_filtered_out() -> None:
    app = topics_app()
    async with app.run_test(size=(50, 12)) as pilot:
        await settled(pilot)
        await pilot.press("/", "z", "z", "z")
        await pilot.pause()
        assert "esc shows all" in app.query_one(TopicsPane).footnote().plain


async def test_following_holding_and_opening() -> None:
    heard: list[Message] = []
    app = tail_app()
    async with app.run_test(size=(100, 14), message_hook=heard.append) as pilot:
        await settled(pilot)
        pane = app.query_one(TailPane)
        assert "following" in pane.where().plain
        await pilot.press("up")
        assert "held" in pane.where().plain
        await pilot.press("f")
        assert "following" in pane.where().plain
        await pilot.press("enter")
        await pilot.pause()
        opened = [message for message in heard if isinstance(message, TailPane.OpenRecord)]
        assert {message.record.offset for message in opened} == {14_781}
        assert "held" in pane.where().plain
        step = pane.step
        assert step(1) is None
        assert [found and found.offset for found in (step(-1), step(-1), step(1), step(1), step(1))] == [
            14_780, 14_779, 14_780, 14_781, None
        ]  # fmt: skip


async def flood(pane: TailPane, pilot: Pilot[None], *, at: int, times: int = 30) -> None:
    """40 records a second come in, for `times` seconds."""
    for step in range(times):
        came = tuple(record(at + 40 * step + number) for number in range(40))
        pane.reading = Reading(TailNews(came), taken_at=NOW + at + step)
    await pilot.pause()


async def test_what_is_held_stays_in_sight_whatever_comes() -> None:
    """More than is kept comes in; then everything that asks the lines anew."""
    app = tail_app()
    async with app.run_test(size=(100, 14)) as pilot:
        await settled(pilot)
        pane = app.query_one(TailPane)
        await flood(pane, pilot, at=100_000, times=2)
        await pilot.press(*["up"] * 5)
        stood = lines(pane.lines)
        assert "100,074" in stood[-6]
        await flood(pane, pilot, at=200_000)
        assert lines(pane.lines) == stood
        assert pane.where().plain.endswith("held · 1,200 newer")
        assert "not kept · end follows again" in pane.footnote().plain
        app.theme = "textual-light"
        await pilot.resize_terminal(90, 24)
        await pilot.resize_terminal(100, 14)
        await pilot.pause()
        assert [line.split()[3:4] for line in lines(pane.lines) if "100,074" in line] == [["100,074"]]
        found = [pane.step(by) for by in (-1, -1, 1, 1, 1)]
        assert [one and one.offset for one in found] == [100_073, 100_072, 100_073, 100_074, 100_075]
        await pilot.press("up", "pagedown")
        assert any("came while this was held, and are not kept" in line for line in lines(pane.lines))
        await pilot.press("pagedown", "pagedown")
        await flood(pane, pilot, at=300_000, times=2)
        here = pane.under_cursor
        assert isinstance(here, Record)
        assert here.offset > 200_000
        await flood(pane, pilot, at=400_000)
        assert pane.under_cursor is here
        await pilot.press("end")
        assert "401,199" in lines(pane.lines)[-1]
        assert pane.lines.end_row - pane.lines.first_row == 1_000


async def test_the_picture_that_is_held_stands_whatever_comes() -> None:
    """``space``: the rows are the ones of that moment; one can still walk through them."""
    app = tail_app()
    async with app.run_test(size=(100, 14)) as pilot:
        await settled(pilot)
        pane = app.query_one(TailPane)
        await flood(pane, pilot, at=100_000)
        stood = lines(pane.lines)
        pane.held = True
        await flood(pane, pilot, at=200_000)
        await pilot.resize_terminal(100, 20)
        await pilot.resize_terminal(100, 14)
        app.theme = "textual-light"
        await pilot.pause()
        assert lines(pane.lines) == stood
        await pilot.press("home", "enter", *["pagedown"] * 3)
        here = pane.under_cursor
        await flood(pane, pilot, at=300_000)
        assert pane.under_cursor is here
        pane.held = False
        await pilot.pause()
        await pilot.press("end")
        assert "301,199" in lines(pane.lines)[-1]


async def test_enter_on_a_line_that_is_no_record_says_all_of_it() -> None:
    heard: list[Message] = []
    why = "it cannot be unpacked: " + 20 * "corrupt input " + EVIL
    came = record(1), Unreadable(2, 6, 17, 12, None, why)
    app = tail_app([Reading(TailNews(came, rate=1.0), taken_at=NOW)])
    async with app.run_test(size=(80, 10), message_hook=heard.append) as pilot:
        await settled(pilot)
        pane = app.query_one(TailPane)
        assert lines(pane.lines)[2].rstrip().endswith("…")
        assert "1.0 rec/s, 12 cannot be read" in pane.footnote().plain
        assert pane.mark is Mark.WORSE
        await pilot.press("enter")
        (told,) = [message.notification for message in heard if isinstance(message, Notify)]
        assert told.message.startswith("✗ 2 @ 6 to 17: 12 records cannot be read: it cannot be unpacked: cor")
        assert told.message.isprintable()
        assert pane.step(-1) == came[0]


async def test_after_midnight_what_was_today_has_a_date(monkeypatch: pytest.MonkeyPatch) -> None:
    app = tail_app([Reading(TailNews((record(1),)), taken_at=NOW)])
    async with app.run_test(size=(80, 10)) as pilot:
        await settled(pilot)
        pane = app.query_one(TailPane)
        assert "11:06:40.101" in lines(pane.lines)[1]
        monkeypatch.setattr(tail, "time", lambda: WALL + 86_400)
        pane.tick()
        assert "Nov 18 11:06" in lines(pane.lines)[1]


async def test_another_topic_begins_anew() -> None:
    app = tail_app()
    async with app.run_test(size=(100, 14)) as pilot:
        await settled(pilot)
        pane = app.query_one(TailPane)
        await pilot.press("up")
        pane.topic = None
        await settled(pilot)
        assert len(pane.log_of_topic) == 0
        assert pane.lines.following


async def test_a_topic_made_again_is_a_line_between_its_records() -> None:
    readings = [
        Reading(TailNews((record(6, value=b"old"),), topic_id="a"), taken_at=NOW),
        Reading(TailNews((record(0, value=b"new"),), topic_id="b"), taken_at=NOW + 9),
    ]
    async with tail_app(readings).run_test(size=(100, 10)) as pilot:
        await settled(pilot)
        pane = pilot.app.query_one(TailPane)
        pane.topic = "orders"
        await settled(pilot)
        old, between, new = [line for line in lines(pane.lines) if line.strip()][-3:]
        assert "old" in old
        assert "the topic was deleted and made again; the records above are gone" in between
        assert "new" in new


async def test_null_is_not_the_text_null() -> None:
    app = tail_app()
    async with app.run_test(size=(100, 14)) as pilot:
        await settled(pilot)
        shown = lines(app.query_one(TailPane).lines)
        assert shown[2].rstrip().endswith('14,550 null           {"id":88020,"total":7.00}')
        assert '14,777 "null"         "null"' in shown[5]


def record_app(found: Record, step: Callable[[int], Record | None] = lambda by: None) -> PaneApp:
    """The record over nothing."""
    app = PaneApp()
    app.call_later(lambda: app.push_screen(RecordScreen(found, step, clock=lambda: 0.0)))
    return app


async def page_of(pilot: Pilot[None]) -> list[str]:
    """The lines of the record that is open."""
    while not any(page.virtual_size for page in pilot.app.screen.query(Page)):
        await pilot.pause(0.01)
    await settled(pilot)
    return lines(pilot.app.screen.query_one(Page))


async def test_raw_goes_from_json_to_text_to_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    app = record_app(record(1, value=b'{"a":1.10, "a":1e400}'))
    copied: list[str] = []
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
    async with app.run_test(size=(80, 30)) as pilot:
        seen = []
        for _ in range(4):
            seen.append(next(line.strip() for line in await page_of(pilot) if line.startswith("VALUE")))
            await pilot.press("y", "b")
        assert seen == [
            "VALUE JSON  {",
            'VALUE text  {"a":1.10, "a":1e400}',
            'VALUE bytes 0000 7b 22 61 22 3a 31 2e 31 {"a":1.1',
            "VALUE JSON  {",
        ]
        assert copied[:2] == ['{\n  "a": 1.10,\n  "a": 1e400\n}', '{"a":1.10, "a":1e400}']


async def test_next_and_previous() -> None:
    others = {1: record(2), -1: None}
    app = record_app(record(1), lambda by: others[by])
    async with app.run_test(size=(80, 30)) as pilot:
        await page_of(pilot)
        await pilot.press("N")
        assert isinstance(app.screen, RecordScreen)
        assert app.screen.record.offset == 1
        await pilot.press("n")
        assert app.screen.record.offset == 2
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, RecordScreen)


async def test_a_long_value_opens_cut_and_enter_shows_it_all() -> None:
    app = record_app(record(1, value=b"0123456789" * 8_000))
    async with app.run_test(size=(80, 30)) as pilot:
        await page_of(pilot)
        page = app.screen.query_one(Page)
        cut = page.virtual_size.height
        await pilot.press("end")
        assert "80,000 B in all" in lines(page)[-1]
        await pilot.press("enter")
        await page_of(pilot)
        assert page.virtual_size.height > cut
        assert "80,000 B in all" not in "".join(await page_of(pilot))


async def test_a_page_shows_the_record_its_title_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps and ``b`` are faster than a large value is laid out; what comes late is not shown."""
    laying_out, go_on = 0, threading.Event()

    def slow(found: Record, *args: Any, **options: Any) -> Laid:
        nonlocal laying_out
        laying_out += 1
        if found.value_size > 100:
            go_on.wait(10)
        return record_lines(found, *args, **options)

    monkeypatch.setattr(record_screen, "record_lines", slow)
    small, large = record(1, value=b"small"), record(2, value=b'["' + b"large " * 5_000 + b'"]')
    app = record_app(small, lambda by: large if by > 0 else small)
    async with app.run_test(size=(80, 30)) as pilot:
        await page_of(pilot)
        await pilot.press("n")
        await pilot.pause()
        assert isinstance(app.screen, RecordScreen)
        assert lines(app.screen.page)[0].startswith("laying out 30,342 B")
        await pilot.press("b", "N")
        go_on.set()
        shown = await page_of(pilot)
        assert any("small" in line for line in shown)
        assert "large" not in "".join(shown)
        await pilot.press("n", "b", "b", "y")
        shown = await page_of(pilot)
        assert any(line.startswith("VALUE bytes 0000 5b 22 6c") for line in shown)
        assert app.clipboard.startswith("0000 5b 22 6c")
        await pilot.press("enter")
        assert laying_out < 12


async def test_where_there_is_room_the_headers_of_an_order_are_not_cut() -> None:
    headers = (("protocol", b"order/1"), ("trace-id", b"6548c8881ad869ed"))
    app = tail_app([Reading(TailNews((record(1, headers=headers),)), taken_at=NOW)])
    async with app.run_test(size=(200, 30)) as pilot:
        await settled(pilot)
        shown = "".join(lines(app.query_one(TailPane).lines))
        assert "protocol=order/1 trace-id=6548c8881ad869ed" in shown


async def test_headers_and_values_beyond_all_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """20,000 headers, one of 729 kB, 10 MB of key and value: what is done on the event loop stays short."""
    many = replace(record(1, headers=(("name", b"value"),) * 10_000), headers_left_out=10_000)
    long = record(2, headers=(("n" * 729_000, b"v" * 300_000),))
    huge = replace(record(3, key=bytes(99_000), value=b"x" * 99_000), key_size=10**7, value_size=10**7)
    found = [replace(one, headers_size=10**6) for one in (many, long, huge)]
    here, thread, on_the_loop = 0, threading.get_ident(), list[int]()

    def watched(shown: Record, *args: Any, **options: Any) -> Laid:
        if threading.get_ident() == thread:
            on_the_loop.append(shown.offset)
        return record_lines(shown, *args, **options)

    def step(by: int) -> Record | None:
        nonlocal here
        here += by
        return found[here]

    monkeypatch.setattr(record_screen, "record_lines", watched)
    reading = Reading(TailNews(tuple(found)), taken_at=NOW)
    app = tail_app([reading])
    async with app.run_test(size=(180, 30)) as pilot:
        await settled(pilot)
        row = next(line for line in lines(app.query_one(TailPane).lines) if "nnnn" in line)
        assert len(row) <= 180
        app.push_screen(RecordScreen(found[0], step, clock=lambda: 0.0))
        for told in ("20,000 headers", "1 header", "10,000,000 B"):
            assert any(told in line for line in await page_of(pilot))
            await pilot.press("enter", "b")
            await pilot.resize_terminal(170 + here, 30)
            if here < 2:
                await pilot.press("n")
        await page_of(pilot)
    assert on_the_loop == []


def inert(shown: Sequence[str]) -> None:
    """Nothing that a terminal obeys; markup is text."""
    text = "".join(shown)
    assert text.isprintable()
    assert "[/x][red]" in text


async def test_evil_names_are_inert() -> None:
    name = "topic" + EVIL
    cluster = ClusterTopics(
        topics=(Topic(name, (Partition(0, None, 0, (1,), (), error=fault(EVIL)),), error=fault(EVIL)),),
        logs={name: TopicLog((0,), (5,), NOW)},
    )
    app = topics_app([Reading(cluster, fault(EVIL), NOW, NOW)], topic=name)
    async with app.run_test(size=(160, 14)) as pilot:
        await settled(pilot)
        pane = app.query_one(TopicsPane)
        inert(lines(pane.lines))
        assert pane.footnote().plain.isprintable()
        assert all(pane.render_line(y).text.isprintable() for y in (0, pane.size.height))


async def test_evil_records_are_inert() -> None:
    evil = EVIL.encode() + b"\xff text enough"
    found = record(
        1, key=EVIL.encode() + b" text enough", value=evil[:-12] + b"x" * 80, headers=((EVIL, evil),)
    )
    found = Record(EVIL, *(getattr(found, name) for name in Record.__slots__[1:]))
    app = tail_app(
        [
            Reading(
                TailNews((found, record(2, value=EVIL.encode() + b" text" * 9)), faults=((1, fault(EVIL)),)),
                taken_at=NOW,
            )
        ]
    )
    async with app.run_test(size=(180, 24)) as pilot:
        await settled(pilot)
        pane = app.query_one(TailPane)
        pane.topic = EVIL
        await settled(pilot)
        inert(lines(pane.lines))
        assert pane.where().plain.isprintable()
        assert pane.footnote().plain.isprintable()
        app.push_screen(RecordScreen(found, lambda by: None))
        inert(await page_of(pilot))
        frame = app.screen.query("Vertical").first()
        assert frame.render_line(0).text.isprintable()
        assert isinstance(frame.border_title, str) is False or str(frame.border_title).isprintable()


async def test_what_readers_are_not_known_is_not_nobody() -> None:
    app = topics_app()
    async with app.run_test(size=(80, 14)) as pilot:
        await settled(pilot)
        pane = app.query_one(TopicsAlone)
        row = names(pane).index("orders") + 1
        assert lines(pane.lines)[row].split()[-2:] == ["3", "9,412"]
        pane.tell_usage(None)
        assert lines(pane.lines)[row].split()[-2:] == ["…", "…"]
        pane.tell_usage({"orders": TopicUsage(0, None, 0)})
        assert lines(pane.lines)[row].split()[-2:] == ["0", "–"]


def test_panes_are_numbered() -> None:
    assert (TopicsPane.NUMBER, TailPane.NUMBER) == (1, 4)
    assert issubclass(TopicsPane, Pane)
