"""Keys one after the other: what a key opens is there before the next one is looked at."""

import asyncio
from collections import deque
from time import monotonic
from typing import Generic, TypeVar

from textual.app import App
from textual.events import Event, Key
from textual.message import Message

Result = TypeVar("Result")

PATIENCE = 1.0
"""Seconds that a key waits at most for the one before it, and for the screen which that one opened."""
LOOK = 0.005
"""Seconds between two looks whether that screen is composed."""


class KeyDone(Message, namespace="key_order"):
    """It follows a key through the same widgets, and arrives where one of them has kept the key."""

    def __init__(self, key: Key) -> None:
        super().__init__()
        self.key = key


class KeyOrder(App[Result], Generic[Result]):
    """An app in which no key is lost.

    Textual hands a key to what has the focus when it arrives: of two that arrive together the second would go
    to what the first one is about to cover, or to a screen that has nothing in it yet.
    """

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[Key] = deque()
        self._at_work: tuple[Key, float] | None = None
        """The key that does something now, and since when."""

    def meant(self, key: Key) -> Key:
        """What a key counts as, looked at when its turn has come."""
        return key

    async def on_event(self, event: Event) -> None:
        """Keys take their turn."""
        if isinstance(event, Key) and not event.is_forwarded:
            self._waiting.append(event)
            if self._at_work is None or monotonic() - self._at_work[1] > PATIENCE:
                await self._next_key()
            return
        await super().on_event(event)
        if isinstance(event, Key):  # it came back
            self._done(event)

    def on_key_order_key_done(self, message: KeyDone) -> None:
        """A widget has kept it."""
        self._done(message.key)

    def _done(self, key: Key) -> None:
        """The next one comes after what this one has asked for: a focus, a screen."""
        if self._at_work is not None and key is self._at_work[0]:
            self._at_work = key, monotonic()
            self.call_later(self._next_key)

    async def _next_key(self) -> None:
        self._at_work = None
        if not self._waiting:
            return
        await self._until_composed()
        key = self.meant(self._waiting.popleft())
        self._at_work = key, monotonic()
        place = self.focused or self.screen
        await super().on_event(key)
        if not key.is_forwarded or not place.post_message(KeyDone(key)):
            self._done(key)

    async def _until_composed(self) -> None:
        """Wait until there is something on screen that a key can act on."""
        end = monotonic() + PATIENCE
        while not self.screen.is_mounted and monotonic() < end:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(LOOK)
