"""How well something is, in one word; `kafkatui.widgets.signs` draws it."""

from enum import IntEnum


class Mark(IntEnum):
    """From best known to worst: `max()` of several is the one to show."""

    NOTHING = 0
    """Nothing there: idle, empty, zero traffic."""
    OK = 1
    """Healthy, in step."""
    UNKNOWN = 2
    """Not told."""
    DENIED = 3
    """Not allowed."""
    MOVING = 4
    """In transition: starting, rebalancing, reconciling."""
    WORSE = 5
    """Getting worse or not ideal: lag grows, under-replicated."""
    BROKEN = 6
    """Offline, stuck, unread, unowned, data lost."""
