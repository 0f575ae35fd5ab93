"""Lays an entry of a group's log out as lines: what happened, one sentence that explains it, what it cost,
and which member owned what before and after.
"""

from collections.abc import Callable
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.figures import age
from kafkatui.domain.rebalance.explain.explain import explain
from kafkatui.domain.rebalance.explain.next_steps import lesson, next_step
from kafkatui.domain.rebalance.explain.words import eager
from kafkatui.domain.rebalance.rebalances import Rebalance
from kafkatui.domain.rebalance.story import GroupStory
from kafkatui.panes.entry_lines import (
    LogEntry,
    began,
    deed_text,
    entry_line,
    pause_at_most,
    sign_of,
    source_text,
    took_text,
    who,
)
from kafkatui.panes.group_pane import dashed, name_of, shown
from kafkatui.screens.event_table import tables
from kafkatui.screens.record_text import fold
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell

LABEL = 10
"""Width of the labels on the left, in cells."""
MOST_READABLE = 88
"""The greatest width of a line of prose, in cells."""


@dataclass(frozen=True, slots=True)
class PageSource:
    """The entry that the lines show, and all that is needed to lay it out."""

    entry: LogEntry
    story: GroupStory
    now: float
    """Monotonic seconds."""
    clock: Callable[[float], str]
    cells: int
    """Width of the page, in cells."""


def entry_title(entry: LogEntry, group: str, clock: Callable[[float], str]) -> str:
    """The title of an entry: ``billing · 3 · generation 5 · 14:22:07``. 3 is its number in the log and under
    the lanes.
    """
    parts = [name_of(group, 32)]
    if isinstance(entry, Deed):
        parts.append(f"key {entry.act.key.letter}")
    else:
        parts.append("first look" if entry.first else sign_of(entry))
        if entry.generation is not None:
            parts.append(_generation(entry))
    return f" {signs.SEPARATOR} ".join((*parts, clock(began(entry))))


def _generation(event: Rebalance) -> str:
    return f"{'generation' if event.classic else 'epoch'} {event.generation}"


def entry_lines(source: PageSource) -> list[Cell]:
    """All lines of the page of an entry."""
    entry, story = source.entry, source.story
    event = story.effect(entry) if isinstance(entry, Deed) else entry
    waited = None if event is None else story.waited(event)
    lines = _of_deed(source, entry, event) if isinstance(entry, Deed) else _of_rebalance(source, entry)
    sentence = _sentence(entry, event if isinstance(entry, Deed) else None, waited)
    width = min(source.cells, MOST_READABLE)
    lines += ["", *wrapped(f"{sentence} {lesson(entry)}", width)]
    lines += [*said("try next", next_step(entry), width), ""]
    if event is not None:
        lines += [*_facts(source, event, waited), "", *tables(event, source.cells)]
    while lines and lines[-1] == "":
        lines.pop()
    return lines


def _sentence(entry: LogEntry, effect: Rebalance | None, waited: int | None) -> str:
    return dashed(shown(explain(entry, effect, waited)))


def _of_deed(source: PageSource, deed: Deed, event: Rebalance | None) -> list[Cell]:
    since = source.now - deed.at
    lines: list[Cell] = [
        labelled("did", (deed_text(deed), "bold"), (f"  {age(since)} ago", signs.MUTED)),
    ]
    if event is None:
        return [*lines, labelled("effect", ("no rebalance came of it so far", signs.MUTED))]
    after = age(max(0.0, event.started_at - deed.at))
    return [
        *lines,
        labelled("effect", f"after {after}: ", (sign_of(event), "bold"), f" {who(event, None, wide=True)}"),
    ]


def _of_rebalance(source: PageSource, event: Rebalance) -> list[Cell]:
    lines = said("what", who(event, None, wide=True), source.cells, "bold")
    for deed in event.deeds:
        before = age(max(0.0, event.started_at - deed.at))
        line = entry_line(deed, None, source.clock, source.cells)
        lines.append(labelled("key", line, (f"  {before} before", signs.MUTED)))
    return lines


def _facts(source: PageSource, event: Rebalance, waited: int | None) -> list[Cell]:
    dot = f" {signs.SEPARATOR} "
    facts: list[str] = []
    if event.generation is not None:
        facts.append(_generation(event))
    if event.assignor is not None:
        change = event.assignor_before not in {None, event.assignor}
        names = [event.assignor_before or "", event.assignor] if change else [event.assignor]
        facts.append(str(signs.ARROW).join(name_of(name, 16) for name in names))
    facts.append(f"{event.members} member{'s' if event.members != 1 else ''}")
    lines = said("group", dot.join(facts), source.cells)
    if event.first:
        return lines
    lines.append(labelled("known", source_text(event)))
    if event.ended_at is None:
        going = age(max(0.0, source.now - event.started_at))
        lines.append(labelled("goes on", signs.sign(Mark.MOVING), (f" for {going}", signs.MOVING)))
    else:
        lines += _durations(event, source.cells)
    if event.unread is not None:
        lines.append(
            labelled(
                "unread", f"{event.unread:.1f}s", ("  what the gone had, until others got it", signs.MUTED)
            )
        )
    moved, owned = sum(event.moved.values()), sum(event.owned.values())
    if revoked := _revoked(event):
        line = labelled("revoked", revoked)
        lines += [line] if line.cell_length <= source.cells else []
    if event.moves is None:
        lines.append(labelled("moved", ("not seen: it went on at the first look", signs.MUTED)))
    elif event.ended_at is not None:
        lines.append(labelled("moved", f"{moved:,} of {owned:,} partitions"))
    if event.ended_at is not None:
        lines += said("waited", _records(waited), source.cells, signs.MUTED if waited is None else "")
    return lines


def _durations(event: Rebalance, cells: int) -> list[Cell]:
    """How long the rebalance took, and how long members paused, as far as that is known."""
    if event.longest is not None:
        return [labelled("pause", event.longest, ("  as the members reported", signs.MUTED))]
    lines: list[Cell] = []
    if (took := took_text(event)) is not None:
        lines.append(labelled("took", took))
    if (most := pause_at_most(event.at_most, words=True)) is not None:
        why = "as its commits tell" if event.narrowed else "from outside no more is known"
        of = "" if event.stops_all else " of what was given up"
        lines += said("pause", f"{most}{of}: {why}", cells)
    return lines


def _revoked(event: Rebalance) -> str:
    """``everything: c1 3, c2 3``: how many partitions each remaining member gave up first; empty: they did
    not give up everything.
    """
    if not eager(event):
        return ""
    gave = [
        f"{name_of(share.name, 20)} {len(share.before)}"
        for share in event.shares
        if share.before and share.after is not None
    ]
    return f"everything: {', '.join(gave)}" if gave else ""


def _records(waited: int | None) -> str:
    if waited is None:
        return "not known"
    if not waited:
        return "no record arrived while partitions had no reader"
    return f"~{waited:,} record{'s' if waited != 1 else ''} arrived while nobody read their partitions"


def labelled(label: str, *parts: Cell | tuple[str, str]) -> Content:
    return Content.assemble((f"{label:<{LABEL}}", signs.MUTED), *parts)


def said(label: str, text: str, cells: int, style: str = "") -> list[Cell]:
    """A text behind its label, in as many lines as it takes."""
    lines = wrapped(text, cells - LABEL)
    return [labelled("" if place else label, (line, style)) for place, line in enumerate(lines)]


def wrapped(text: str, cells: int) -> list[str]:
    """A text in lines of at most `cells` cells, broken between words where that is possible."""
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(joined) <= cells:
            lines[-1] = joined
        else:
            pieces = fold(word, cells)
            lines = [*lines, *pieces] if lines[-1] else [*lines[:-1], *pieces]
    return lines
