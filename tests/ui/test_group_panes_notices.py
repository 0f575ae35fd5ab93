"""What pane 2 says of a group in words: how it is known, what is waited for, who blocks whom."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace

import pytest

from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.cluster.groups import ClusterGroups, Group, Member
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.rebalance.generations import Generation, GroupLogNews
from kafkatui.domain.rebalance.rebalances import Source
from kafkatui.domain.rebalance.timeline import Timeline
from kafkatui.panes import group_lines
from kafkatui.panes.assignments import AssignmentsPane
from kafkatui.panes.entry_lines import deed_text, entry_line, sign_of
from kafkatui.watch.pace import Pace
from tests.faults import coded, fault
from tests.group_builders import classic, consumer, member, rebalancing
from tests.ui import group_stories as stories
from tests.ui.group_panes import PaneApp, assignments, clock
from tests.ui.shop_data import NOW, SOON
from tests.ui.test_group_panes import now, text

TWO = classic(member("c1", 0, 1, 2), member("c2", 3, 4, 5))


def waiting(*said: stories.Said, at: float = NOW, why: Fault | None = None) -> str | None:
    """What is waited for after all that."""
    timeline = stories.timeline_of((60.0, TWO), (0.0, TWO), *said)
    story = timeline.story("billing")
    found = story.map("orders", 6)
    assert found is not None
    notice = group_lines.waiting(found, story, at, fault=why)
    return None if notice is None else notice.plain


@pytest.mark.parametrize(
    ("act", "who", "expected"),
    [
        (Act.JOIN, "c3", "◐ c3 started 2.3s ago and has not joined yet"),
        (Act.LEAVE, "c1", "◐ c1 left 2.3s ago: others hear of it at their next heartbeat"),
        (Act.CRASH, "c1", "◐ c1 killed 2.3s ago: nobody was told, its session lasts 6 s"),
        (Act.FREEZE, "c1", "◐ c1 frozen 2.3s ago: no heartbeats, its session lasts 6 s"),
        (Act.STUCK, "c1", "◐ c1 stuck for 2.3s: heartbeats go on, max.poll.interval is 4 s"),
        (Act.PARTITION, None, "◐ one more partition: consumers see it with their next metadata"),
        (Act.SLOW, "c1", None),
        (Act.FASTER, None, None),
        (Act.KILL_BROKER, "2", None),
    ],
)
def test_what_a_key_waits_for(act: Act, who: str | None, expected: str | None) -> None:
    assert waiting((2.3, stories.did(act, who))) == expected


def test_who_joins_while_the_coordinator_is_down_waits_for_another() -> None:
    joined = (14.2, stories.did(Act.JOIN, "c3"))
    assert waiting(joined) is None
    said = waiting(joined, why=fault("broker 2 at 127.0.0.1:9092: refused: nothing listens there"))
    assert said == "◐ c3 started 14s ago and waits until a broker coordinates the group"


def test_what_has_had_its_effect_is_not_waited_for() -> None:
    one = classic(member("c1", *range(6)))
    assert waiting((5.0, stories.did(Act.LEAVE, "c2")), (4.5, one), (3.0, one)) is None


def test_what_has_not_happened_after_long_is_not_waited_for() -> None:
    assert waiting((9.5, stories.did(Act.CRASH, "c1"))) is None


def test_a_thaw_ends_the_waiting_for_the_frozen() -> None:
    assert waiting((4.0, stories.did(Act.FREEZE, "c1")), (1.0, stories.did(Act.THAW, "c1"))) is None


def test_the_newest_of_several_is_told() -> None:
    said = waiting((4.0, stories.did(Act.CRASH, "c1")), (1.0, stories.did(Act.FREEZE, "c2")))
    assert said is not None
    assert "c2 frozen" in said


def test_a_static_member_keeps_its_seat() -> None:
    static = classic(member("c1", 0, 1, 2, instance="c1"), member("c2", 3, 4, 5, instance="c2"))
    timeline = stories.timeline_of((9.0, static), (0.0, static), (1.2, stories.did(Act.LEAVE, "c2")))
    story = timeline.story("billing")
    found = story.map("orders", 6)
    assert found is not None
    notice = group_lines.waiting(found, story, NOW)
    assert notice is not None
    assert notice.plain == "◐ c2 stopped 1.2s ago: static, its place is kept for 6 s"


def test_who_comes_back_to_its_seat_is_not_waited_for() -> None:
    assert waiting((4.0, stories.did(Act.LEAVE, "c2")), (1.0, stories.did(Act.JOIN, "c2"))) is None


def test_who_blocks_and_who_waits() -> None:
    story = stories.timeline_of(*stories.reconciling(), group="search").story("search")
    found = story.map("orders", 10)
    assert found is not None
    assert group_lines.blocks(found) == {("ix-07", "ix-01"): [8, 9]}
    notice = group_lines.notice(found, {})
    assert notice is not None
    assert notice.plain == "◐ ix-07 waits for ix-01 to give up 8–9"
    facts = {row.name: group_lines.row_facts(found, row) for row in found.rows}
    assert facts == {
        "ix-00": ["epoch 17", "owns 0–4"],
        "ix-01": ["epoch 16", "gives up 8–9: ix-07 waits"],
        "ix-07": ["epoch 17", "waits for 8–9 from ix-01"],
    }


def test_what_was_given_up_is_taken_with_a_heartbeat() -> None:
    moving = consumer(
        member("c1", 0, target=(0,), epoch=3),
        member("c2", target=(1,), epoch=2),
        state="Reconciling",
        epoch=3,
    )
    found = stories.timeline_of((0.0, moving), group="search").story("search").map("orders", 2)
    assert found is not None
    notice = group_lines.notice(found, {})
    assert notice is not None
    assert notice.plain == "◐ moving 1 of 2: c2 gets 1 with its next heartbeat"


def test_a_slow_one_is_named_while_all_wait() -> None:
    story = stories.timeline_of(*stories.going_on()).story("billing")
    found = story.map("orders", 6)
    assert found is not None
    notice = group_lines.notice(found, {"c1": "slow"})
    assert notice is not None
    assert notice.plain == "◐ everyone waits: c1 takes 2 s to give up its partitions"


@pytest.mark.parametrize("act", list(Act))
def test_every_deed_has_words_and_a_key(act: Act) -> None:
    deed = Deed(act, NOW, "billing", "c1", "on")
    line = entry_line(deed, "orders", clock, 80).plain
    assert line.startswith(f"{sign_of(deed)} 14:22:07 ")
    assert "?" not in deed_text(deed)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (stories.joined(), "1 14:21:19 c3 joined · gen 4 · 3 of 6 moved · pause 0.02s"),
        (stories.crashed(), "2 14:21:53 c1 crashed · gen 5 · 3 moved · pause 0.03s · unread 5.7s"),
        (stories.by_looks(), "1 14:21:47 c1 gone, cause not visible · 3 of 6 moved · took 1.5–3.0s"),
        (stories.going_on(), "2 14:22:05 c4 joined · goes on"),
    ],
    ids=["joined", "crashed", "looks", "going on"],
)
def test_the_line_of_a_rebalance(said: list[stories.Said], expected: str) -> None:
    newest = stories.timeline_of(*said).story("billing").events[0]
    assert entry_line(newest, "orders", clock, 69).plain == expected


def test_a_group_that_became_empty_tells_what_it_left() -> None:
    said = [(20.0, TWO), (3.0, classic(state="Empty"))]
    newest = stories.timeline_of(*said).story("billing").events[0]
    line = entry_line(newest, "orders", clock, 69).plain
    assert line.endswith(" · 6 without an owner")


def test_names_are_cut_before_figures() -> None:
    newest = stories.timeline_of(*stories.crashed()).story("billing").events[0]
    line = entry_line(replace(newest, gone=("a-name-of-twenty-cell",) * 3), "orders", clock, 60).plain
    assert line.endswith("… · 3 moved · pause 0.03s · unread 5.7s")
    assert len(line) == 60


def test_a_slow_member_is_named_behind_the_cause() -> None:
    slow = Deed(Act.SLOW, NOW - 9, "billing", "c3", "on")
    newest = stories.timeline_of(*stories.crashed()).story("billing").events[0]
    line = entry_line(replace(newest, deeds=(slow, *newest.deeds)), "orders", clock, 90).plain
    assert "c1 crashed, c3 slow · " in line
    assert deed_text(slow) == "c3 slow"
    assert deed_text(replace(slow, detail="off")) == "c3 no longer slow"


def test_one_more_partition_is_told_once() -> None:
    newest = stories.timeline_of(*stories.crashed()).story("billing").events[0]
    deed = Deed(Act.PARTITION, NOW, "billing", None, "7")
    grown = replace(newest, gone=(), grown={"orders": 1}, deeds=(deed,), unread=None)
    assert "now 7 partitions · gen 5" in entry_line(grown, "orders", clock, 80).plain


def test_a_static_member_of_the_new_protocol_that_went_keeps_its_seat() -> None:
    moving = consumer(
        member("c1", 0, target=(0,), epoch=3),
        member("c2", 1, target=(1,), epoch=-2, instance="c2"),
        state="Reconciling",
        epoch=3,
    )
    found = stories.timeline_of((0.0, moving), group="search").story("search").map("orders", 2)
    assert found is not None
    notice = group_lines.notice(found, {})
    assert notice is not None
    assert notice.plain == "◐ c2 went: its static place is kept until its session ends"


def test_a_static_member_of_the_new_protocol_that_went_is_the_cause() -> None:
    def look(epoch: int, state: str) -> Group:
        members = (
            member("c1", 0, target=(0,), epoch=3),
            member("c2", 1, target=(1,), epoch=epoch, instance="c2"),
        )
        return consumer(*members, state=state, epoch=3)

    said: list[stories.Said] = [(4.0, look(3, "Stable")), (2.2, stories.did(Act.LEAVE, "c2", group="search"))]
    said += [(3.5, stories.did(Act.PROTOCOL, None, "consumer", group="search"))]
    said += [(2.0, look(-2, "Reconciling")), (1.0, look(-2, "Reconciling"))]
    newest = stories.timeline_of(*said, group="search").story("search").events[0]
    assert entry_line(newest, "orders", clock, 80).plain.endswith("c2 left, place kept · goes on")


def test_a_slow_one_that_is_gone_makes_nobody_wait() -> None:
    said = [*stories.going_on(), (-0.5, rebalancing("c2", "c3", "c4"))]
    found = stories.timeline_of(*said).story("billing").map("orders", 6)
    assert found is not None
    notice = group_lines.notice(found, {"c1": "slow", "c3": "slow"})
    assert notice is not None
    assert "c3 takes 2 s" in notice.plain


# the group's log


def generation(number: int, at: float, *members: Member) -> Generation:
    return replace(stories.generation(number, *members), at=at)


def pane_of(*readings: Reading[GroupLogNews], looks: list[Reading[ClusterGroups]]) -> PaneApp:
    """Pane 2 that follows a log."""
    return assignments(looks, log=readings)


async def test_generations_come_from_the_log() -> None:
    at = NOW
    news = GroupLogNews((generation(7, at - 0.9, *(TWO.members or ())),), "billing", up_to_date=True)
    app = pane_of(Reading(news, taken_at=at), looks=now(TWO, TWO))
    async with app.run_test(size=(100, 14)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "log, generation 7" in text(app)
        assert "exact, from the group's log" in text(app)


async def test_a_log_that_may_not_be_read_is_said_and_looks_go_on() -> None:
    denied = coded("TOPIC_AUTHORIZATION_FAILED").within("reading __consumer_offsets")
    app = pane_of(Reading(None, denied), looks=now(TWO, TWO))
    async with app.run_test(size=(100, 14)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "looks each 1 s: no READ on __consumer_offsets" in text(app)
        assert not app.pane.has_class("-stale")


async def test_the_log_of_another_group_tells_nothing_of_the_one_before() -> None:
    at = NOW
    timeline = Timeline()

    async def follow(watched: Callable[[], str | None], _: Pace) -> AsyncGenerator[Reading[GroupLogNews]]:
        yield Reading(GroupLogNews(group_id="billing", up_to_date=True), taken_at=at)
        assert timeline.story("billing").source is Source.LOG
        yield Reading(GroupLogNews(group_id="audit", up_to_date=True), taken_at=at)
        assert timeline.story("billing").source is Source.LOOKS
        assert timeline.story("audit").source is Source.LOG
        yield Reading(None, fault("no answer"), at)
        assert timeline.story("audit").source is Source.LOOKS

    app = assignments(now(TWO), follow_log=follow, timeline=timeline)
    async with app.run_test(size=(100, 14)):
        await app.workers.wait_for_complete()


# how our own consumers fare


async def test_the_row_of_a_consumer_of_ours_says_how_it_fares() -> None:
    app = pane_of(looks=now(TWO))
    async with app.run_test(size=(100, 14)) as pilot:
        await app.workers.wait_for_complete()
        pane = app.pane
        assert isinstance(pane, AssignmentsPane)
        app.model.take_deck(None, (), {"c1": "frozen"})
        await pilot.pause()
        assert "c1 frozen" in text(app)
        await pilot.press("tab", "down")
        assert pane.client_under_cursor == "c1"
        app.model.take_deck(None)
        await pilot.pause()
        assert "c1 frozen" not in text(app)


async def test_who_was_put_out_but_stands_still_keeps_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    app = pane_of(looks=now(TWO, classic(member("c2", *range(6)))))
    async with app.run_test(size=(100, 14)) as pilot:
        await app.workers.wait_for_complete()
        pane = app.pane
        assert isinstance(pane, AssignmentsPane)
        assert "c1 gone" in text(app)
        app.model.take_deck(None, (), {"c1": "frozen"})
        await pilot.pause()
        assert "c1 frozen, out" in text(app)
        later = NOW + 90.0
        for at in (later, later + 1):  # the map has forgotten it
            pane.reading = Reading(ClusterGroups((classic(member("c2", *range(6))),)), taken_at=at)
        await pilot.pause()
        assert "c1 frozen, out" in text(app)
        await pilot.press("tab", "down", "down")
        assert pane.client_under_cursor == "c1"
        app.model.take_deck(None)
        await pilot.pause()
        assert "c1" not in text(app).split("nobody")[0]
        assert pane.client_under_cursor is None


async def test_a_tick_counts_the_seconds_that_are_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    app = pane_of(looks=now(TWO, TWO))
    async with app.run_test(size=(100, 14)) as pilot:
        await app.workers.wait_for_complete()
        pane = app.pane
        assert isinstance(pane, AssignmentsPane)
        app.model.note(Deed(Act.CRASH, SOON - 1.0, "billing", "c1"))
        pane.tick()
        await pilot.pause()
        assert "c1 killed 1." in text(app)
        monkeypatch.setattr("kafkatui.panes.pane.monotonic", lambda: SOON + 2.0)
        pane.tick()
        await pilot.pause()
        assert "c1 killed 3." in text(app)
