"""The lines of the list of all groups: one group a line, its columns by width, and the cell of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.content import Content

from kafkatui.domain import figures
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.lag.group_standing import GroupStanding, by_trouble
from kafkatui.domain.lag.history import LEAST_SCALE
from kafkatui.domain.lag.standing import RECENT
from kafkatui.domain.lag.verdicts import Verdict
from kafkatui.domain.text import clip_end, clip_middle, printable, printable_name
from kafkatui.panes.group_pane import oldest_cell
from kafkatui.panes.list_columns import ListColumn, from_width
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell

TROUBLE = "trouble"
"""The key of the column that sorts the list at first."""
LARGEST_LAG = 1e15
"""Lags above this sort as equal: a mark and a lag become one number to sort by."""
LONG_STATES = {"PreparingRebalance": "Preparing", "CompletingRebalance": "Completing"}
"""Kafka's states that are too long for the column, and the words that stand there."""


@dataclass(frozen=True, slots=True)
class GroupSource:
    """The values that drawing a line needs beside the row of the group."""

    last_rebalance: Callable[[str], float | None]
    """When the newest rebalance of a group began, in monotonic seconds; ``None``: none is known."""
    now: float
    """Monotonic seconds of the newest answer about the groups."""


def _mark(row: GroupStanding, width: int, source: GroupSource) -> Cell:
    return signs.sign(row.mark)


def _name(row: GroupStanding, width: int, source: GroupSource) -> Cell:
    name = printable_name(row.group, ascii=signs.ascii_only())
    name = clip_middle(name, width, ellipsis=str(signs.ELLIPSIS))
    return Content.styled(name, f"{signs.MARKS[row.mark].style} bold") if row.mark >= Mark.WORSE else name


def _kind(row: GroupStanding, width: int, source: GroupSource) -> Cell:
    if row.kind == "unknown":
        return signs.UNKNOWN.content
    kind = printable(row.kind, ascii=signs.ascii_only())
    return Content.styled(clip_end(kind, width, ellipsis=str(signs.ELLIPSIS)), signs.MUTED)


def _state(row: GroupStanding, width: int, source: GroupSource) -> Cell:
    if row.mark is Mark.DENIED:
        return Content.styled("denied", signs.MUTED)
    if row.state is None:
        return signs.UNKNOWN.content
    state = printable(LONG_STATES.get(row.state, row.state), ascii=signs.ascii_only())
    return clip_end(state, width, ellipsis=str(signs.ELLIPSIS))


def _figure(number: int | None, width: int) -> Cell:
    return signs.UNKNOWN.content if number is None else figures.count(number, width)


def _members(row: GroupStanding, width: int, source: GroupSource) -> Cell:
    return _figure(row.members, width)


def _topics(row: GroupStanding, width: int, source: GroupSource) -> Cell:
    return _figure(row.topics, width)


def _lag(row: GroupStanding, width: int, source: GroupSource) -> Cell:
    if row.lag is not None:
        return figures.count(row.lag, width)
    if row.verdict is Verdict.UNSET:
        return signs.UNSET.content
    return signs.NONE.content if row.topics == 0 and row.fault is None else signs.UNKNOWN.content


def _trend(row: GroupStanding, width: int, source: GroupSource) -> Cell:
    if row.direction is None or row.verdict is Verdict.MEASURING:
        return ""
    arrow = signs.TRENDS[row.direction].content
    if width <= RECENT or row.worst is None:
        return arrow
    recent = row.worst.recent
    style = signs.MARKS[row.mark].style if row.mark >= Mark.WORSE else signs.MUTED
    values = (*[None] * (RECENT - len(recent)), *recent)
    return Content.assemble(signs.spark(values, RECENT, max(LEAST_SCALE, *recent, 0), style), " ", arrow)


def _verdict(row: GroupStanding, width: int, source: GroupSource) -> Cell:
    word = row.word if row.word != "…" else str(signs.ELLIPSIS)
    bad = row.mark >= Mark.WORSE
    return Content.styled(word, f"{signs.MARKS[row.mark].style} bold" if bad else signs.MUTED)


def _age(row: GroupStanding, width: int, source: GroupSource) -> Cell:
    if row.lag is None and row.oldest is None:
        return ""
    return oldest_cell(row.oldest, row.lag, source.now)


def _coordinator(row: GroupStanding, width: int, source: GroupSource) -> Cell:
    return _figure(row.coordinator, width)


def _rebalanced(row: GroupStanding, width: int, source: GroupSource) -> Cell:
    at = source.last_rebalance(row.group)
    if at is None:
        return signs.NONE.content
    return f"{figures.age(max(0.0, source.now - at)).strip()} ago"


def _oldest_first(row: GroupStanding) -> float | None:
    return None if row.oldest is None else -row.oldest.at


def trouble(row: GroupStanding) -> float:
    """A number to sort by: the worst mark first, then the most lag."""
    mark, lag = by_trouble(row)
    return mark * LARGEST_LAG + min(lag, LARGEST_LAG - 1)


TABLE: Sequence[ListColumn[GroupStanding, GroupSource]] = (
    ListColumn(TROUBLE, "", from_width((0, 2)), _mark, trouble, "trouble", always_sorts=True),
    ListColumn(
        "name", "NAME", from_width((0, 0)), _name, lambda row: row.group, "name", right=False, steady=True
    ),
    ListColumn(
        "kind", "KIND", from_width((56, 8), (100, 10)), _kind, lambda row: row.kind, "kind", right=False
    ),
    ListColumn(
        "state", "STATE", from_width((0, 11), (100, 12)), _state, lambda row: row.state, "state", right=False
    ),
    ListColumn("members", "MEMBERS", from_width((64, 7)), _members, lambda row: row.members, "members"),
    ListColumn("topics", "TOPICS", from_width((72, 6)), _topics, lambda row: row.topics, "topics"),
    ListColumn("lag", "LAG", from_width((0, 8), (100, 11)), _lag, lambda row: row.lag, "lag"),
    ListColumn("age", "AGE", from_width((110, 8)), _age, _oldest_first, "age"),
    ListColumn("trend", "TREND", from_width((84, 5), (100, RECENT + 2)), _trend),
    ListColumn(
        "verdict",
        "VERDICT",
        from_width((0, 9), (100, 10)),
        _verdict,
        lambda row: row.word,
        "verdict",
        right=False,
    ),
    ListColumn(
        "coordinator",
        "COORDINATOR",
        from_width((130, 11)),
        _coordinator,
        lambda row: row.coordinator,
        "coordinator",
    ),
    ListColumn("rebalanced", "REBALANCED", from_width((100, 12)), _rebalanced),
)
"""The columns of the list of groups. A wider list has all columns of a narrower one, and more."""


def searched(row: GroupStanding) -> str:
    """The text in which a filter searches: the name, and the words for kind, state and verdict."""
    return f"{row.group} {row.kind} {row.state or ''} {row.word}"
