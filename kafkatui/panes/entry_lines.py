"""The lines of the log: a rebalance, or a deed of the deck, in one line."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from rich.cells import cell_len
from textual.content import Content

from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deck_key import DeckKey
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.rebalance.rebalances import Rebalance, Source, bounds
from kafkatui.panes.group_pane import WIDE, dashed, name_of
from kafkatui.widgets import signs
from kafkatui.widgets.fitting import shortened

LogEntry = Rebalance | Deed

LISTED = 4
"""How many moves a line lists, at most."""
PROTOCOLS: Mapping[str, str] = {"consumer": "KIP-848"}
"""How a line names a group protocol, by Kafka's name of it."""


def entry_key(entry: LogEntry) -> str:
    """A key that is unique in a group's log and stays the same while the entry goes on and afterwards."""
    return f"rebalance {entry.number}" if isinstance(entry, Rebalance) else f"{entry.act} {entry.at}"


def began(entry: LogEntry) -> float:
    """Monotonic seconds when the rebalance began, or when the deed was done."""
    return entry.started_at if isinstance(entry, Rebalance) else entry.at


def sign_of(entry: LogEntry) -> str:
    """The sign of an entry, under the lanes and before its line: the number of a rebalance, the key of a
    deed; a blank for the first look.
    """
    if isinstance(entry, Deed):
        return entry.act.key.letter
    return " " if entry.first else str(entry.number)


def sign_cells(entries: Iterable[LogEntry]) -> int:
    """Cells of the longest sign of these entries. They are sorted from newest to oldest, so the newest
    rebalance has the longest number.
    """
    return next((len(sign_of(entry)) for entry in entries if isinstance(entry, Rebalance)), 1)


def entry_line(
    entry: LogEntry,
    topic: str | None,
    clock: Callable[[float], str],
    width: int,
    *,
    sign: bool = True,
    cells: int = 1,
) -> Content:
    """``1 14:22:07 c3 joined · 2 of 6 moved (2 c1→c3) · pause <1s`` or ``x 14:22:01 c1 killed``. Where
    `width` is too small, moves are counted but not listed. Without `sign` its place, `cells` wide, is blank.
    `topic` ``None``: figures are of all topics.
    """
    head = Content.assemble(
        (f"{sign_of(entry) if sign else '':>{cells}} ", "bold"), (f"{clock(began(entry))} ", signs.MUTED)
    )
    if isinstance(entry, Deed):
        return head + Content(deed_text(entry))
    text = _fitting(entry, topic, width - head.cell_length, wide=width >= WIDE)
    return Content.assemble(head, (text, signs.MUTED if entry.first else ""))


def _fitting(event: Rebalance, topic: str | None, room: int, *, wide: bool) -> str:
    """The text of a rebalance in `room` cells. To fit, first moves are not listed, then times are shortened,
    then the generation is left out, then the cause is cut; figures are never cut.
    """
    dot, name = f" {signs.SEPARATOR} ", who(event, topic, wide=wide)
    text = ""
    for detail in range(DETAILS, -1, -1):
        text = dot.join((name, *_figures(event, topic, detail)))
        if cell_len(text) <= room:
            return text
    figures = text[len(name) :]
    least = max(8, room - cell_len(figures))
    return shortened(Content(name), least).plain + figures


def deed_text(deed: Deed) -> str:
    """What a key of the deck did: ``c1 killed``."""
    key = deed.act.key
    text = key.done_off if deed.detail == "off" and key.done_off else key.done
    detail = name_of(PROTOCOLS.get(deed.detail, deed.detail), 20)
    return text.format(who=name_of(deed.who or "?", 20), detail=detail or "?")


DETAILS = 5
"""How many kinds of detail are left out, one after the other, until a line fits."""


def _figures(event: Rebalance, topic: str | None, detail: int) -> list[str]:
    if event.first:
        return []
    parts: list[str] = []
    if detail >= 1 and event.ended_at is not None and event.generation is not None:
        parts.append(f"{'gen' if event.classic else 'epoch'} {event.generation}")
    if event.moves is None:
        parts.append("what moved was not seen")
    elif event.ended_at is not None and (of := _in(event.owned, topic)):
        moved = _in(event.moved, topic)
        listed = topic is not None and detail >= 5 and 0 < moved <= LISTED
        texts = [move_text(*move) for move in moves(event, topic or "")] if listed else []
        parts.append(
            (f"{moved} of {of} moved" if detail >= 2 else f"{moved} moved")
            + (f" ({', '.join(texts)})" if texts else "")
        )
    if event.ended_at is None:
        return [*parts, "goes on"]
    if lost := _in(event.abandoned, topic):
        parts.append(f"{lost:,} without an owner")
    parts += durations(event, words=detail >= 4, both=detail >= 3 or event.narrowed)
    if event.unread is not None:
        parts.append(f"unread {event.unread:.1f}s")
    return parts


def _in(numbers: Mapping[str, int], topic: str | None) -> int:
    return sum(numbers.values()) if topic is None else numbers.get(topic, 0)


def durations(event: Rebalance, *, words: bool, both: bool) -> list[str]:
    """``pause 0.02s`` if members reported it, else ``took 2.7s`` and ``pause at most 2.7s``; without `words`
    ``pause ≤2.7s``. Without `both` the pause is left out where the time taken is known.
    """
    if event.longest is not None:
        return [f"pause {event.longest}"]
    parts = [] if event.took is None else [f"took {took_text(event)}"]
    if (both or not parts) and (most := pause_at_most(event.at_most, words=words)) is not None:
        parts.append(f"pause {most}")
    return parts


def took_text(event: Rebalance) -> str | None:
    """How long the rebalance took, as exactly as it is known; ``None``: not known."""
    return None if event.took is None else dashed(event.took)


def pause_at_most(seconds: float | None, *, words: bool) -> str | None:
    """``at most 2.7s``, without `words` ``≤2.7s``; ``None``: the time is not known, or no member paused."""
    if not seconds:
        return None
    return f"{'at most ' if words else signs.AT_MOST}{bounds(0.0, seconds)[1]}"


def who(event: Rebalance, topic: str | None, *, wide: bool) -> str:
    """The cause of a rebalance, e.g. ``c3 joined`` or ``c1 crashed``, as far as it was seen or is a deed of
    the deck.
    """
    if event.first:
        members = f"{event.members} member{'s' if event.members != 1 else ''}"
        return f"first seen: {_partitions(_in(event.owned, topic))} owned, {members}"
    said = [deed_text(deed) for deed in event.deeds if _is_said(deed)]
    if event.kept_membership:
        said += [
            f"{name_of(deed.who or '?', 20)} left, place kept"
            for deed in event.deeds
            if deed.act is Act.LEAVE
        ]
    said += _members(event, event.joined, lambda key: key.joined, "joined")
    said += _members(event, event.gone, lambda key: key.gone, "gone")
    if event.resubscribed:
        said.append(_several(event.resubscribed, "subscribed anew"))
    by_deed = any(deed.act is Act.PARTITION for deed in event.deeds)
    if not by_deed and (grown := _in(event.grown, topic)):
        said.append(f"{_partitions(grown)} added")
    said += [f"{name_of(deed.who or '?', 20)} slow" for deed in event.deeds if deed.act is Act.SLOW]
    if not event.visible:
        said = said or ["rebalanced"]
        said.append("cause not visible from outside" if wide else "cause not visible")
    return ", ".join(said) or "rebalanced"


def _is_said(deed: Deed) -> bool:
    """Whether the line names this deed. A deed that makes a member join or leave is not named, as the line
    names the member; a slow consumer is named last.
    """
    return not (deed.act.key.joined or deed.act.key.gone or deed.act is Act.SLOW)


def _members(event: Rebalance, names: Sequence[str], cause: Callable[[DeckKey], str], word: str) -> list[str]:
    """``c1 crashed``: the members `names`, those with the same cause in one text; `word` is used where the
    cause is not known.
    """
    by_cause: dict[str, list[str]] = {}
    for name in names:
        act = event.acts.get(name)
        by_cause.setdefault((cause(act.key) if act else "") or word, []).append(name)
    return [_several(alike, text) for text, alike in by_cause.items()]


def _partitions(number: int) -> str:
    return f"{number:,} partition{'s' if number != 1 else ''}"


def _several(names: Sequence[str], word: str) -> str:
    return (
        f"{', '.join(name_of(name, 20) for name in names)} {word}"
        if len(names) <= 3
        else f"{len(names)} {word}"
    )


def moves(event: Rebalance, topic: str) -> list[tuple[int, str | None, str | None]]:
    """The moves of one topic as (partition, old owner, new owner), sorted by partition; ``None``: no
    owner.
    """
    return sorted(
        ((move.partition.partition, move.source, move.target) for move in event.listed(topic)),
        key=lambda move: move[0],
    )


def move_text(partition: int, source: str | None, target: str | None) -> str:
    """One move: ``2 c1→c3``."""
    names = [name_of(name, 20) if name else "nobody" for name in (source, target)]
    return f"{partition} {names[0]}{signs.ARROW}{names[1]}"


def source_text(event: Rebalance) -> str:
    """How the end and the moves of a rebalance are known, and how exact its times are."""
    if event.source is Source.LOG:
        return "from the group's log, its end is exact"
    return "from looks, times lie between two of them"
