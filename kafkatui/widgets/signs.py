"""The only table of signs, each with its replacement in ASCII and its style; no other file writes a sign.

Every character of a sign is one cell wide, and none is drawn as an emoji by a terminal. Styles are names of
theme variables. No meaning depends on colour alone: the signs differ without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content

from kafkatui.domain.cluster.marks import SIGNS, Mark

MUTED = "$text-muted"
HEALTHY = MUTED
WARNING = "$warning"
ERROR = "$error"
MOVING = "$primary"
NEW = "$accent"
PLAIN = "$foreground 65%"

_ascii = False


def use_ascii(on: bool) -> None:
    """From now on draw only ASCII (``--ascii``, ``KAFKATUI_ASCII=1``, a locale that is not UTF-8), or, if not
    `on`, all signs.
    """
    global _ascii  # the program has one terminal, and chooses before the first frame
    _ascii = on


def ascii_only() -> bool:
    """Whether only ASCII is drawn, as `use_ascii` chose; callers hand it to `domain.text.printable`."""
    return _ascii


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign: ``str()`` gives its text in Unicode or ASCII, `content` the same with its style."""

    unicode: str
    plain: str
    style: str = ""

    def __str__(self) -> str:
        return self.plain if _ascii else self.unicode

    @property
    def content(self) -> Content:
        """The sign in its own style."""
        return Content.styled(str(self), self.style)

    def styled(self, style: str) -> Content:
        """The sign in another style."""
        return Content.styled(str(self), style)


STYLES = {
    Mark.NOTHING: MUTED,
    Mark.OK: HEALTHY,
    Mark.UNKNOWN: MUTED,
    Mark.DENIED: MUTED,
    Mark.MOVING: MOVING,
    Mark.WORSE: WARNING,
    Mark.BROKEN: ERROR,
}
MARKS = {mark: Sign(*SIGNS[mark], style) for mark, style in STYLES.items()}
WELL = Sign("●", "o", "$success")
"""All is well, or an answer is right: the only green sign."""

MOVED_HERE = Sign("◆", "+", NEW)
WAS_HERE = Sign("◇", "-", NEW)

OWNS = Sign("■", "#", PLAIN)
HELD = Sign("□", "*", PLAIN)
NOT_OWNED = Sign("·", ".", PLAIN)
SPAN_ALL = Sign("█", "#", PLAIN)
SPAN_SOME = Sign("▓", "*", PLAIN)

LANE_OWNING = Sign("━", "=", PLAIN)
LANE_PAUSED = Sign("┄", "-", WARNING)
LANE_REBALANCING = Sign("┄", "-", MOVING)
LANE_IDLE = Sign("·", ".", PLAIN)
LANE_JOINED = Sign("┣", "[", PLAIN)
LANE_GONE = Sign("✕", "x", PLAIN)

COLUMN = Sign("│", "|", "$frame")
RAN = Sign("┃", "|", MOVING)
"""Stands in the margin of the lines of code that ran."""
CURSOR = Sign("›", ">", "bold")
UNSET = Sign("∅", "0/", MUTED)
"""The group has committed no offset."""
NONE = Sign("–", "-", MUTED)
"""There is no value: nobody consumes the topic, or the figure does not apply."""
UNKNOWN = Sign("?", "?", MUTED)
"""The value is not known, or no longer true."""
AT_MOST = Sign("≤", "<=", "")
AT_LEAST = Sign("≥", ">=", "")
HELD_STILL = Sign("‖", "||", MUTED)
ELLIPSIS = Sign("…", "..", MUTED)
DOTS = Sign("· · ·", ". . .", MUTED)
SEPARATOR = Sign("·", "-", MUTED)
ASCENDING = Sign("↑", "^", MOVING)
DESCENDING = Sign("↓", "v", MOVING)
ARROW = Sign("→", "->", MUTED)
BACK = Sign("←", "<-", MUTED)
UP, DOWN = Sign("↑", "up"), Sign("↓", "down")
LEFT, RIGHT = Sign("←", "left"), Sign("→", "right")
CHOICE_LEFT = Sign("‹", "<", MUTED)
CHOICE_RIGHT = Sign("›", ">", MUTED)
BYTES_LEFT = Sign("⟨", "<", MUTED)
BYTES_RIGHT = Sign("⟩", ">", MUTED)
CATCHING = Sign("↘", "v", MOVING)
LEADS = Sign("★", "L", "bold")
IN_SYNC = Sign("■", "#", PLAIN)
LAGS = Sign("□", "*", WARNING)
DEAD = Sign("✗", "X", ERROR)
TRENDS = {1: Sign("↗", "^", WARNING), 0: Sign("→", ">", MUTED), -1: Sign("↘", "v", MUTED)}
"""How a figure moves, by its direction: 1 up, 0 it stays, -1 down."""

_BAR = Sign("━", "=")
_BAR_HALF = Sign("╸", "-")
_SPARK = Sign("▁▂▃▄▅▆▇█", "_.-=#")
_SPARK_GAP = Sign("·", " ", MUTED)
_RULE, _RULE_HEAVY = Sign("─", "-"), Sign("━", "=")


def rule(*, heavy: bool) -> str:
    """One cell of a frame's edge; `heavy`: the frame has the focus."""
    return str(_RULE_HEAVY if heavy else _RULE)


def sign(mark: Mark) -> Content:
    """The sign of a mark, in its colour."""
    return MARKS[mark].content


def bar(value: float | None, scale: float, width: int, style: str = MUTED) -> Content:
    """A bar of `width` cells in steps of half a cell; at `scale` it is full. Every value above 0 is visible;
    ``None`` is blank.
    """
    if not value or value < 0 or scale <= 0:
        return Content(" " * width)
    halves = min(2 * width, max(1, round(2 * width * value / scale)))
    text = str(_BAR) * (halves // 2) + str(_BAR_HALF) * (halves % 2)
    return Content.styled(text, style) + Content(" " * (width - len(text)))


def spark(
    values: Sequence[float | None], width: int, scale: float | None = None, style: str = MUTED
) -> Content:
    """The newest `width` values as a sparkline: one cell each, the newest at the right. ``None``, and every
    cell before the first value, is a gap ``·``.

    `scale` is the value that fills a cell; ``None``: the largest value shown. 0 is drawn as the lowest step,
    a value above 0 as a higher one.
    """
    shown = list(values[-width:]) if width > 0 else []
    full = scale if scale is not None else max((value for value in shown if value is not None), default=0)
    steps = str(_SPARK)
    gap = str(_SPARK_GAP)
    cells = [gap] * (width - len(shown))
    for value in shown:
        if value is None:
            cells.append(gap)
        elif value <= 0 or full <= 0:
            cells.append(steps[0])
        else:
            cells.append(steps[min(len(steps) - 1, max(1, round((len(steps) - 1) * value / full)))])
    return Content.styled("".join(cells), style)
