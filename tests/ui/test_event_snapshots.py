"""What an opened event, the timeline and the code look like. Look at the report before updating."""

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from kafkatui.deck.code import Excerpt
from kafkatui.screens.code import CodeScreen
from tests.group_builders import classic, member
from tests.ui import group_stories as stories
from tests.ui.event_app import ScreenApp, event, events

Snap = Callable[..., bool]

SMALL, FOUR, WIDE = (80, 24), (120, 40), (200, 60)


@pytest.mark.parametrize("size", [SMALL, FOUR, WIDE], ids=str)
def test_a_crash_known_exactly(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(event(stories.timeline_of(*stories.crashed())), terminal_size=size)


@pytest.mark.parametrize("theme", ["kafkatui-light", "textual-dark"])
def test_a_crash_in_other_themes(snap_compare: Snap, theme: str) -> None:
    assert snap_compare(event(stories.timeline_of(*stories.crashed()), theme=theme), terminal_size=SMALL)


def test_a_crash_in_ascii(snap_compare: Snap) -> None:
    app = event(stories.timeline_of(*stories.crashed()), ascii_only=True)
    assert snap_compare(app, terminal_size=SMALL)


def test_a_crash_without_colour(snap_compare: Snap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(event(stories.timeline_of(*stories.crashed())), terminal_size=SMALL)


def test_what_looks_tell(snap_compare: Snap) -> None:
    assert snap_compare(event(stories.timeline_of(*stories.by_looks())), terminal_size=SMALL)


@pytest.mark.parametrize("size", [SMALL, FOUR], ids=str)
def test_the_new_protocol(snap_compare: Snap, size: tuple[int, int]) -> None:
    timeline = stories.timeline_of(*stories.reconciling(done=True), group="search")
    assert snap_compare(event(timeline, group="search"), terminal_size=size)


def test_the_new_protocol_going_on(snap_compare: Snap) -> None:
    timeline = stories.timeline_of(*stories.reconciling(), group="search")
    assert snap_compare(event(timeline, group="search"), terminal_size=SMALL)


def test_a_rebalance_going_on(snap_compare: Snap) -> None:
    assert snap_compare(event(stories.timeline_of(*stories.going_on())), terminal_size=SMALL)


def test_a_deed_and_its_effect(snap_compare: Snap) -> None:
    assert snap_compare(event(stories.timeline_of(*stories.crashed()), 1), terminal_size=SMALL)


def test_a_deed_without_effect_so_far(snap_compare: Snap) -> None:
    assert snap_compare(event(stories.timeline_of(*stories.crash_waiting())), terminal_size=SMALL)


def test_the_first_look(snap_compare: Snap) -> None:
    assert snap_compare(event(stories.timeline_of(*stories.crashed()), -1), terminal_size=SMALL)


@pytest.mark.parametrize("size", [SMALL, WIDE], ids=str)
def test_many_partitions_and_members(snap_compare: Snap, size: tuple[int, int]) -> None:
    before = classic(*(member(f"ix-{one:02}", *range(one * 5, one * 5 + 5)) for one in range(40)))
    after = classic(
        *(
            member(f"ix-{one:02}", *range(one * 5, one * 5 + 5), *([195 + one] if one < 5 else []))
            for one in range(39)
        )
    )
    timeline = stories.timeline_of((3.0, before), (2.0, after))
    assert snap_compare(event(timeline), terminal_size=size)


def test_the_timeline_of_all_groups(snap_compare: Snap) -> None:
    timeline = stories.timeline_of(*stories.crashed())
    stories.take_in(timeline, "audit", *stories.by_looks())
    stories.take_in(timeline, "search", *stories.reconciling())
    assert snap_compare(events(timeline), terminal_size=FOUR, press=["down"])


SOURCE = '''"""A consumer as one writes it."""

import asyncio


class Listener:
    """Is told what the group decides."""

    async def on_partitions_revoked(self, revoked: set[str]) -> None:
        """Every rebalance begins by giving up everything; all others in the group wait until this returns."""
        self.tell("revoked", revoked)
        await asyncio.sleep(2.0)  # slow
        if 1 in revoked and not self.done:
            await self.commit()


def main() -> None:
    print("hello")
'''


def code(why: str = "", *, ascii_only: bool = False, theme: str = "kafkatui-dark") -> ScreenApp:
    """The code screen of a program of its own: those of the deck may change."""
    excerpt = Excerpt("actors/consumer.py", SOURCE, 9, 14, why)
    return ScreenApp(lambda: CodeScreen(excerpt), ascii_only=ascii_only, theme=theme)


async def coloured(pilot: Pilot[None]) -> None:
    """Colours come from beside the event loop."""
    await pilot.app.workers.wait_for_complete()


@pytest.mark.parametrize("size", [SMALL, FOUR], ids=str)
def test_the_code_that_ran(snap_compare: Snap, size: tuple[int, int]) -> None:
    app = code("It goes on where it stood, and this runs.")
    assert snap_compare(app, terminal_size=size, run_before=coloured)


def test_the_code_in_the_light(snap_compare: Snap) -> None:
    assert snap_compare(code(theme="kafkatui-light"), terminal_size=SMALL, run_before=coloured)


def test_the_code_in_ascii(snap_compare: Snap) -> None:
    assert snap_compare(code(ascii_only=True), terminal_size=SMALL, run_before=coloured)


def test_the_code_without_colour(snap_compare: Snap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(code(), terminal_size=SMALL, run_before=coloured)
