"""The state of a topic, a group or a broker as one mark; `kafkatui.widgets.signs` draws it."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType


class Mark(IntEnum):
    """A mark from good to bad: of several marks the greatest is shown."""

    NOTHING = 0
    """Nothing happens: idle, empty, no traffic."""
    OK = 1
    """Healthy, in step."""
    UNKNOWN = 2
    """The state is not known."""
    DENIED = 3
    """This user is not allowed to see it."""
    MOVING = 4
    """In transition: starting, rebalancing, reconciling."""
    WORSE = 5
    """Getting worse or not ideal: lag grows, under-replicated."""
    BROKEN = 6
    """Offline, stuck, unread, unowned, data lost."""


SIGNS: Mapping[Mark, tuple[str, str]] = MappingProxyType(
    {
        Mark.NOTHING: ("○", "."),
        Mark.OK: ("●", "o"),
        Mark.UNKNOWN: ("?", "?"),
        Mark.DENIED: ("⊘", "%"),
        Mark.MOVING: ("◐", "~"),
        Mark.WORSE: ("▲", "!"),
        Mark.BROKEN: ("✗", "X"),
    }
)
"""The sign of each mark: in Unicode, and in ASCII."""
