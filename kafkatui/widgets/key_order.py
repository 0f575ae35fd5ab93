"""Handles keys one after the other: a key waits until the screen that the key before it opens is there."""

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
"""The longest time in seconds that a key waits for the key before it, and for the screen which that key
opened.
"""
SETTLED_WITHIN = 0.05
"""Seconds after a key of `OPENING` at which the next key is handled, even if the widget that had the focus is
gone.
"""
OPENING = {"enter"}
"""Keys on which a widget asks its owner, by a message, to open something."""
LOOK = 0.005
"""Seconds between two checks whether the new screen is composed."""


class KeyDone(Message, namespace="key_order"):
    """Follows a key from the focused widget up to the app: when it arrives, a widget has handled the key."""

    def __init__(self, key: Key, *, settled: bool = False) -> None:
        """`settled`: it follows the messages that the key caused, not the key itself."""
        super().__init__()
        self.key = key
        self.settled = settled


class KeyOrder(App[Result], Generic[Result]):
    """An app in which no key is lost.

    Textual sends a key to the widget that has the focus when the key arrives. If two keys arrive together,
    the second would go to a widget that the first is about to cover, or to a screen that has no widgets yet.
    """

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[Key] = deque()
        self._at_work: tuple[Key, Widget, float] | None = None
        """The key that is being handled, the widget that had the focus, and the time (of the event loop, in
        seconds) at which it began.
        """

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

    def meant(self, key: Key) -> Key:
        """The key as which `key` is handled; called when its turn has come. A subclass may answer another
        key.
        """
        return key

    async def on_event(self, event: Event) -> None:
        """Put a new key in the queue; hand every other event to Textual."""
        if isinstance(event, Key) and not event.is_forwarded:
            self._waiting.append(event)
            if self._at_work is not None and self._now() - self._at_work[2] > PATIENCE:
                self._at_work = None
            await self._next_key()
            return
        await super().on_event(event)
        if isinstance(event, Key):  # the forwarded key came back to the app
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
        """A widget has handled the key, or the messages that the key caused were handled."""
        if message.settled:
            self._settled(message.key)
        else:
            self._done(message.key)

    def _done(self, key: Key) -> None:
        """The key was handled. A key of `OPENING` may have caused a message to the owner that is still on its
        way, so a second `KeyDone` follows it. The widget may be removed meanwhile, so a timer ends the wait
        too.
        """
        if key.key not in OPENING:
            self._settled(key)
        elif self._at_work is not None and key is self._at_work[0]:
            self._at_work[1].post_message(KeyDone(key, settled=True))
            self.set_timer(SETTLED_WITHIN, partial(self._settled, key))

    def _settled(self, key: Key) -> None:
        """Let the next key come, after the change of focus that this key asked the app for."""
        if self._at_work is not None and key is self._at_work[0]:
            self._at_work = None
            self.call_later(self._next_key)

    async def _until_composed(self) -> None:
        """Wait until the screen is mounted, so that a key has a widget to act on."""
        end = self._now() + PATIENCE
        while not self.screen.is_mounted and self._now() < end:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(LOOK)
