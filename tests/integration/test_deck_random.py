"""A hundred random keys on the deck: the screen agrees with Kafka's own client, and nothing
is left at the end.
"""

import asyncio
import random
import re
import threading
from collections import defaultdict
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import AsyncExitStack
from time import monotonic, sleep
from typing import Any, TypeVar

import psutil
import pytest
from confluent_kafka import ConsumerGroupState, KafkaException
from confluent_kafka.admin import AdminClient
from textual.widgets import Static

from kafkatui.app import KafkaTui
from kafkatui.config import load_config
from kafkatui.deck.deck import Deck
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deck_key import Target
from kafkatui.local import LocalCluster
from kafkatui.screens.monitor import MonitorScreen
from tests.patience import PATIENCE

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1200)]

KEYS = "<jlxfpaswP>Gr"
OFTEN = "jjjjlxf"
"""Keys are drawn from both lists, so that members come and go more often than settings change."""
PRESSES = 100
COMPARED = 60
"""How often the screen must have been compared; on a busy machine more keys are pressed until then."""
MOST = 5
"""The most consumers: a machine with two processors runs other tests too."""
SETTLED_WITHIN = 1.5
"""Seconds waited after a key for the group to be stable; where it is not, the next key comes anyway."""
SHOWN_WITHIN = 8.0 * PATIENCE
"""Seconds within which the screen must show a group that does not change."""

STILL = {ConsumerGroupState.STABLE, ConsumerGroupState.EMPTY, ConsumerGroupState.DEAD}
"""States of a group in which no member is about to get or to lose a partition."""

T = TypeVar("T")


class Keyboard:
    """The whole program with a Kafka of its own, in an event loop of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self._work: asyncio.Queue[tuple[Coroutine[Any, Any, Any], Future[Any]] | None] = asyncio.Queue()
        self._opened: Future[None] = Future()
        self._life = asyncio.run_coroutine_threadsafe(self._live(), self.loop)
        self._opened.result(90 * PATIENCE)
        self.oracle = AdminClient({"bootstrap.servers": self.kafka.bootstrap_servers})

    async def _live(self) -> None:
        """Run the app in one task: it must be opened, asked and closed in the same task."""
        try:
            async with AsyncExitStack() as stack:
                self.kafka = await stack.enter_async_context(LocalCluster())
                owned = await stack.enter_async_context(AsyncExitStack())
                self.app = DeckApp(self.kafka, owned)
                self.pilot = await stack.enter_async_context(self.app.run_test(size=(120, 40)))
                while not (isinstance(self.app.screen, MonitorScreen) and self.app.screen.deck_area.out):
                    await self.pilot.pause(0.05)
                await self.pilot.press("2")  # where the letters are the deck's
                self._opened.set_result(None)
                while (asked := await self._work.get()) is not None:
                    work, answer = asked
                    try:
                        answer.set_result(await work)
                    except BaseException as error:  # noqa: BLE001 - it is raised where it was asked
                        answer.set_exception(error)
        except BaseException as error:
            if not self._opened.done():
                self._opened.set_exception(error)
            raise

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        answer: Future[T] = Future()
        self.loop.call_soon_threadsafe(self._work.put_nowait, (work, answer))
        return answer.result(60 * PATIENCE)

    @property
    def screen(self) -> MonitorScreen:
        assert isinstance(self.app.screen, MonitorScreen)
        return self.app.screen

    @property
    def deck(self) -> Deck | None:
        return self.screen.deck_area.deck

    def close(self) -> None:
        del self.oracle  # with it end its threads, which would look for the broker for ever
        self.loop.call_soon_threadsafe(self._work.put_nowait, None)
        self._life.result(30 * PATIENCE)
        self.loop.call_soon_threadsafe(self.loop.stop)

    def described(self) -> dict[str, set[int]] | None:
        """Partitions by client id of the members that own any, from Kafka's own client; ``None``: the group
        is not stable."""
        assert self.deck is not None
        group = self.deck.group
        try:
            asked = self.oracle.describe_consumer_groups([group], request_timeout=30)
            told = asked[group].result(60 * PATIENCE)
        except KafkaException:  # its coordinator is only now made, or the group is
            return None
        if told.state not in STILL:
            return None
        return {
            member.client_id: {part.partition for part in member.assignment.topic_partitions}
            for member in told.members
            if member.assignment.topic_partitions
        }

    def shown(self) -> dict[str, set[int]] | str:
        """The same from the cells of the map on the screen; or the message shown instead of the map."""
        return self.run(self._shown())

    async def _shown(self) -> dict[str, set[int]] | str:
        pane = self.screen.assignments_pane
        if pane.topic is None:
            return {}  # the deck makes its topic at the first key that needs it
        if pane.has_class("-said"):
            said = str(pane.query_one(".said", Static).content)
            return {} if "no topic yet" in said else said
        members = self.screen.assignments_pane.members
        found: defaultdict[str, set[int]] = defaultdict(set)
        for row in range(members.first_row, members.end_row):
            cells = [str(cell) for cell in members.row_cells(row)]
            match = re.match(r"(c\d+)", cells[0])
            if match:
                marks = cells[members.column_keys.index("map")].replace(" ", "")
                found[match[1]] |= {number for number, mark in enumerate(marks) if mark in "■◆"}
        return {name: owned for name, owned in found.items() if owned}


class DeckApp(KafkaTui):
    """The program with a local cluster, without the demo's shop."""

    def __init__(self, kafka: LocalCluster, owned: AsyncExitStack) -> None:
        super().__init__(load_config(kafka.bootstrap_servers, None, [], {}), owned)
        self._kafka = kafka

    def begin(self) -> None:
        self._connect(self.config, "ours", self._kafka)


def press(keyboard: Keyboard, key: str) -> bool:
    """Press `key`; returns whether the group then did not change, and the map agreed with DescribeGroups."""
    deck = keyboard.deck
    assert deck is not None
    if key == "j" and sum(one.alive for one in deck.state.consumers) >= MOST:
        key = "l"
    keyboard.run(keyboard.pilot.press({"<": "less_than_sign", ">": "greater_than_sign"}.get(key, key)))
    wait_for_deck(keyboard)
    end = monotonic() + SETTLED_WITHIN
    while (described := keyboard.described()) is None and monotonic() < end:
        sleep(0.1)
    return described is not None and compare(keyboard, described)


def wait_for_deck(keyboard: Keyboard) -> None:
    end = monotonic() + 30 * PATIENCE
    while any(worker.group == "deck" and worker.is_running for worker in keyboard.app.workers):
        assert monotonic() < end, "a key of the deck did not end"
        sleep(0.02)


def compare(keyboard: Keyboard, described: dict[str, set[int]]) -> bool:
    """Compare the screen with `described`, within its interval; ``False``: the group changed meanwhile."""
    end = monotonic() + SHOWN_WITHIN
    while (found := keyboard.shown()) != described:
        now = keyboard.described()
        if now is None:
            return False
        if now != described:
            described, end = now, monotonic() + SHOWN_WITHIN
        assert monotonic() < end, f"shown {found}, described {described}"
        sleep(0.1)
    return True


def test_a_hundred_random_keys_show_what_kafka_describes_and_leave_nothing_behind() -> None:
    """The seed that pytest-randomly prints determines the keys."""
    assert set(KEYS) == {act.key.letter for act in Act if act.key.on is not Target.BROKERS}
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    keyboard = Keyboard()
    pressed, compared = "", 0
    try:
        while len(pressed) < PRESSES or compared < COMPARED:
            pressed += random.choice(KEYS + OFTEN)
            try:
                compared += press(keyboard, pressed[-1])
            except AssertionError as error:
                raise AssertionError(f"after {pressed}: {error}") from error
            assert len(pressed) < 3 * PRESSES, f"too seldom at rest: {pressed}"
        keyboard.run(keyboard.pilot.press("r"))
        end = monotonic() + 30 * PATIENCE
        while keyboard.described() or keyboard.deck is None or keyboard.deck.state.consumers:
            assert monotonic() < end, "restoring left somebody in the group"
            sleep(0.2)
    finally:
        keyboard.close()
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before
