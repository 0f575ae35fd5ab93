"""The one table of signs, each with its twin in ASCII and its style; no sign is written anywhere else.

Every sign is one cell wide and none that a terminal draws as an emoji. Styles are names of theme variables,
and none of them carries a meaning alone: the signs differ without any colour.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content

from kafkatui.domain.cluster.marks import Mark

MUTED = "$text-muted"
HEALTHY = MUTED
WARNING = "$warning"
ERROR = "$error"
MOVING = "$primary"
NEW = "$accent"
PLAIN = "$foreground 65%"

_ascii = False


def use_ascii(on: bool) -> None:
    """Draw ASCII only from now on (``--ascii``, ``KAFKATUI_ASCII=1``, a locale that is not UTF-8), or all
    signs."""
    global _ascii  # one terminal, one choice, made before the first frame
    _ascii = on


def ascii_only() -> bool:
    """What `use_ascii` chose; to be handed to `domain.text.printable`."""
    return _ascii


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign: ``str()`` gives the character in use, `content` the same with its style."""

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


MARKS = {
    Mark.NOTHING: Sign("○", ".", MUTED),
    Mark.OK: Sign("●", "o", HEALTHY),
    Mark.UNKNOWN: Sign("?", "?", MUTED),
    Mark.DENIED: Sign("⊘", "%", MUTED),
    Mark.MOVING: Sign("◐", "~", MOVING),
    Mark.WORSE: Sign("▲", "!", WARNING),
    Mark.BROKEN: Sign("✗", "X", ERROR),
}
WELL = Sign("●", "o", "$success")
"""All well, and a right answer: the only green."""

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
"""In the margin of the lines of code that ran."""
CURSOR = Sign("›", ">", "bold")
UNSET = Sign("∅", "0/", MUTED)
"""Nothing committed."""
NONE = Sign("–", "-", MUTED)
"""Not there: not consumed, not applicable."""
UNKNOWN = Sign("?", "?", MUTED)
"""Not told, or no longer true."""
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

_BAR = Sign("━", "=")
_BAR_HALF = Sign("╸", "-")
_SPARK = Sign("▁▂▃▄▅▆▇█", "_.-=#")
_SPARK_GAP = Sign("·", " ", MUTED)
_RULE, _RULE_HEAVY = Sign("─", "-"), Sign("━", "=")


def rule(*, heavy: bool) -> str:
    """One cell of a frame's edge; heavy where the frame has the focus."""
    return str(_RULE_HEAVY if heavy else _RULE)


def sign(mark: Mark) -> Content:
    """The mark of how well something is, in its colour."""
    return MARKS[mark].content


def bar(value: float | None, scale: float, width: int, style: str = MUTED) -> Content:
    """A bar of `width` cells, full at `scale`, in half cells; anything above 0 shows, ``None`` is blank."""
    if not value or value < 0 or scale <= 0:
        return Content(" " * width)
    halves = min(2 * width, max(1, round(2 * width * value / scale)))
    text = str(_BAR) * (halves // 2) + str(_BAR_HALF) * (halves % 2)
    return Content.styled(text, style) + Content(" " * (width - len(text)))


def spark(
    values: Sequence[float | None], width: int, scale: float | None = None, style: str = MUTED
) -> Content:
    """The newest `width` values, one a cell, newest right; ``None`` and what is before the first is a gap
    ``·``.

    `scale` is the value of a full cell, by default the largest shown; 0 is the lowest step, above 0 never is.
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
