"""An entry of a group's log as lines of text: who had what before and after, what it cost, and one sentence
that explains it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from textual.content import Content

from kafkatui.domain.deeds import KEYS, Deed
from kafkatui.domain.explain import explain
from kafkatui.domain.figures import age
from kafkatui.domain.marks import Mark
from kafkatui.domain.rebalances import Rebalance
from kafkatui.domain.story import GroupStory
from kafkatui.domain.text import cell_width
from kafkatui.panes.entry_lines import Entry, deed_text, entry_line, pause_text, source_text, who
from kafkatui.panes.group_pane import dashed, name_of, shown
from kafkatui.screens.event_table import tables
from kafkatui.screens.record_text import fold
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell

LABEL = 10
"""Cells of the labels on the left."""
MOST_READABLE = 88
"""Cells of a line of prose."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the lines are made of."""

    entry: Entry
    story: GroupStory
    now: float
    """Monotonic seconds."""
    clock: Callable[[float], str]
    cells: int
    """Width of a line."""


def entry_title(entry: Entry, group: str, clock: Callable[[float], str]) -> str:
    """``billing · rebalance 3 · 14:22:07``."""
    if isinstance(entry, Deed):
        what, at = f"key {KEYS[entry.act]}", entry.at
    else:
        what, at = "first look" if entry.first else f"rebalance {entry.number}", entry.started_at
    dot = f" {signs.SEPARATOR} "
    return dot.join((name_of(group, 32), what, clock(at)))


def entry_lines(told: Told) -> list[Cell]:
    """All lines of an entry."""
    entry, story = told.entry, told.story
    event = story.effect(entry) if isinstance(entry, Deed) else entry
    lines = _of_deed(told, entry, event) if isinstance(entry, Deed) else _of_rebalance(told, entry)
    waited = None if event is None else story.waited(event)
    if event is not None:
        lines += tables(event, told.cells)
        if waited is not None:
            lines += [*_said("waited", _records(waited), told.cells), ""]
    sentence = _sentence(entry, event if isinstance(entry, Deed) else None, waited)
    lines += _wrapped(sentence, min(told.cells, MOST_READABLE))
    return lines


def _sentence(entry: Entry, effect: Rebalance | None, waited: int | None) -> str:
    return dashed(shown(explain(entry, effect, waited)))


def _of_deed(told: Told, deed: Deed, event: Rebalance | None) -> list[Cell]:
    since = told.now - deed.at
    lines: list[Cell] = [
        _labelled("did", (deed_text(deed), "bold"), (f"  {age(since)} ago", signs.MUTED)),
    ]
    if event is None:
        return [*lines, _labelled("effect", ("no rebalance came of it so far", signs.MUTED)), ""]
    after = event.started_at - deed.at
    return [
        *lines,
        _labelled("effect", f"after {age(after)}: rebalance {event.number}"),
        *_facts(told, event),
    ]


def _of_rebalance(told: Told, event: Rebalance) -> list[Cell]:
    lines = _said("what", who(event, None, wide=True), told.cells, "bold")
    for deed in event.deeds:
        before = age(max(0.0, event.started_at - deed.at))
        line = entry_line(deed, None, told.clock, told.cells)
        lines.append(_labelled("key", line, (f"  {before} before", signs.MUTED)))
    return [*lines, *_facts(told, event)]


def _facts(told: Told, event: Rebalance) -> list[Cell]:
    dot = f" {signs.SEPARATOR} "
    facts: list[str] = []
    if event.generation is not None:
        facts.append(f"{'generation' if event.stops_all else 'epoch'} {event.generation}")
    if event.assignor is not None:
        change = event.assignor_before not in {None, event.assignor}
        names = [event.assignor_before or "", event.assignor] if change else [event.assignor]
        facts.append(str(signs.ARROW).join(name_of(name, 16) for name in names))
    facts.append(f"{event.members} member{'s' if event.members != 1 else ''}")
    lines = _said("group", dot.join(facts), told.cells)
    if event.first:
        return [*lines, ""]
    lines.append(_labelled("known", source_text(event)))
    if event.ended_at is None:
        going = age(max(0.0, told.now - event.started_at))
        lines.append(_labelled("goes on", signs.sign(Mark.MOVING), (f" for {going}", signs.MOVING)))
    elif (pause := pause_text(event)) is not None:
        lines.append(_labelled("pause" if event.stops_all else "took", pause))
    moved, owned = sum(event.moved.values()), sum(event.owned.values())
    if event.moves is None:
        lines.append(_labelled("moved", ("not seen: it went on at the first look", signs.MUTED)))
    elif event.ended_at is not None:
        lines.append(_labelled("moved", f"{moved:,} of {owned:,} partitions"))
    return [*lines, ""]


def _records(waited: int) -> str:
    if not waited:
        return "no record arrived while partitions had no reader"
    return f"~{waited:,} records arrived while nobody read their partitions"


def _labelled(label: str, *parts: Cell | tuple[str, str]) -> Content:
    return Content.assemble((f"{label:<{LABEL}}", signs.MUTED), *parts)


def _said(label: str, text: str, cells: int, style: str = "") -> list[Cell]:
    """A text behind its label, in as many lines as it takes."""
    lines = _wrapped(text, cells - LABEL)
    return [_labelled("" if place else label, (line, style)) for place, line in enumerate(lines)]


def _wrapped(text: str, cells: int) -> list[str]:
    """A text in lines of at most so many cells, between words where that is possible."""
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_width(joined) <= cells:
            lines[-1] = joined
        else:
            pieces = fold(word, cells)
            lines = [*lines, *pieces] if lines[-1] else [*lines[:-1], *pieces]
    return lines
