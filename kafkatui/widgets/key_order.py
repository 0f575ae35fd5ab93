"""Keys one after the other: what a key opens is there before the next one is looked at."""

import asyncio
from collections import deque
from functools import partial
from typing import Generic, TypeVar

from textual.app import App
from textual.events import Event, Key
from textual.message import Message
from textual.widget import Widget

Result = TypeVar("Result")

PATIENCE = 1.0
"""Seconds that a key waits at most for the one before it, and for the screen which that one opened."""
SETTLED_WITHIN = 0.05
"""Seconds given to what a key has led to, where what had the focus is gone."""
OPENING = {"enter"}
"""Keys whose widget asks its owner to open something."""
LOOK = 0.005
"""Seconds between two looks whether that screen is composed."""


class KeyDone(Message, namespace="key_order"):
    """It follows a key through the same widgets, and arrives where one of them has kept the key."""

    def __init__(self, key: Key, *, settled: bool = False) -> None:
        """`settled`: it follows what the key has led to."""
        super().__init__()
        self.key = key
        self.settled = settled


class KeyOrder(App[Result], Generic[Result]):
    """An app in which no key is lost.

    Textual hands a key to what has the focus when it arrives: of two that arrive together the second would go
    to what the first one is about to cover, or to a screen that has nothing in it yet.
    """

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[Key] = deque()
        self._at_work: tuple[Key, Widget, float] | None = None
        """The key that does something now, what had the focus, and since when."""

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

    def meant(self, key: Key) -> Key:
        """What a key counts as, looked at when its turn has come."""
        return key

    async def on_event(self, event: Event) -> None:
        """Keys take their turn."""
        if isinstance(event, Key) and not event.is_forwarded:
            self._waiting.append(event)
            if self._at_work is not None and self._now() - self._at_work[2] > PATIENCE:
                self._at_work = None
            await self._next_key()
            return
        await super().on_event(event)
        if isinstance(event, Key):  # it came back
            self._done(event)

    async def _next_key(self) -> None:
        if self._at_work is not None or not self._waiting:
            return
        await self._until_composed()
        key, place = self.meant(self._waiting.popleft()), self.focused or self.screen
        self._at_work = key, place, self._now()
        await super().on_event(key)
        if not key.is_forwarded or not place.post_message(KeyDone(key)):
            self._done(key)

    def on_key_order_key_done(self, message: KeyDone) -> None:
        """A widget has kept the key, or what it has led to is done."""
        if message.settled:
            self._settled(message.key)
        else:
            self._done(message.key)

    def _done(self, key: Key) -> None:
        """The key has done what it does; that something is to be opened may still be told by a message, which
        is on its way up from the same place. That place may go meanwhile.
        """
        if key.key not in OPENING:
            self._settled(key)
        elif self._at_work is not None and key is self._at_work[0]:
            self._at_work[1].post_message(KeyDone(key, settled=True))
            self.set_timer(SETTLED_WITHIN, partial(self._settled, key))

    def _settled(self, key: Key) -> None:
        """The next key comes after what this one has asked the app for: a focus."""
        if self._at_work is not None and key is self._at_work[0]:
            self._at_work = None
            self.call_later(self._next_key)

    async def _until_composed(self) -> None:
        """Wait until there is something on screen that a key can act on."""
        end = self._now() + PATIENCE
        while not self.screen.is_mounted and self._now() < end:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(LOOK)
