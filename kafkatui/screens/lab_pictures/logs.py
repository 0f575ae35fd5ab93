"""Pictures of logs: strips with the places of groups, one partition with its reader, files on disk."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from textual.content import Content

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.figures import size
from kafkatui.domain.text import printable
from kafkatui.labs.lesson import Lesson
from kafkatui.labs.observation import Observation
from kafkatui.screens.lab_pictures.tables import cells, figure
from kafkatui.widgets import signs

LOG, EMPTY = signs.Sign("━", "="), signs.Sign("┄", ".")
POSITION, COMMITTED = signs.Sign("▲", "^"), signs.Sign("●", "o")
ACTIVE = signs.Sign("◂", "<")


def lanes(lesson: Lesson, seen: Observation, frame: Mapping[str, Any], width: int) -> list[Content]:
    """Every partition as a strip from its log start to its log end, with the letter of each group at its
    committed offset.
    """
    lines: list[Content] = []
    letters = group_letters(lesson.groups)
    legend = "  ".join(f"{letter} {group}" for group, letter in letters.items())
    for topic, logs in seen.topics.items():
        lines.append(
            Content.assemble((frame["log"].format(topic=topic), "bold"), "   ", (legend, signs.MUTED))
        )
        most = max([log.end or 0 for log in logs] + [10])
        room = max(10, width - 18)
        for number, log in enumerate(logs):
            places: dict[int, str] = {}
            for group, letter in letters.items():
                known = seen.groups.get(group)
                offset = None
                if known is not None and known.committed is not None:
                    offset = known.committed.get(TopicPartition(topic, number))
                if offset is not None:
                    cell = _cell(offset, most, room)
                    places[cell] = places.get(cell, "") + letter
            lines.append(_strip(number, log.start, log.end, most, room, places))
    return lines


def group_letters(groups: Sequence[str]) -> dict[str, str]:
    """A letter for each group, its first one that no other group before it has."""
    letters: dict[str, str] = {}
    for group in groups:
        free = [letter for letter in group if letter not in letters.values()]
        letters[group] = (free or ["?"])[0]
    return letters


def _cell(offset: int, most: int, room: int) -> int:
    return min(room, round(offset / most * room))


def _strip(
    number: int,
    start: int | None,
    end: int | None,
    most: int,
    room: int,
    places: Mapping[int, str] = MappingProxyType({}),
) -> Content:
    """The log of a partition; `places`: letters by cell, which stand in place of the strip there."""
    if start is None or end is None:
        return Content.assemble(cells((number, -3)), "  ", signs.UNKNOWN.content)
    left, right = _cell(start, most, room), _cell(end, most, room)
    strip = list(str(EMPTY) * left + str(LOG) * (right - left))
    for place, letters in sorted(places.items()):
        strip += [" "] * (place + len(letters) - len(strip))
        strip[place : place + len(letters)] = letters
    return Content.assemble(
        cells((number, -3)), "  ", "".join(strip), " ", (f"{start}{signs.ARROW}{end}", signs.MUTED)
    )


def offsets(lesson: Lesson, seen: Observation, frame: Mapping[str, Any], width: int) -> list[Content]:
    """The log of the first topic's partition 0 as a strip; below it the worker's position and the group's
    committed offset, each at its place; and how many records were done, done twice, lost.
    """
    topic, group = next(iter(lesson.topics)), lesson.groups[0]
    logs = seen.topics.get(topic)
    if not logs or logs[0].end is None or logs[0].start is None:
        return [Content(str(signs.UNKNOWN))]
    start, end = logs[0].start, logs[0].end
    most, room, names = max(end, 10), max(10, width - 16), frame["columns"]
    known = seen.groups.get(group)
    committed = (known.committed or {}).get(TopicPartition(topic, 0)) if known is not None else None
    done = [event for event in seen.done(group) if event.offset is not None]
    runs = any(one.group == group and one.alive for one in seen.programs.values())
    position = (done[-1].offset or 0) + 1 if done and runs else None
    lines = [
        Content.styled(frame["log"].format(topic=topic), "bold"),
        _strip(0, start, end, most, room),
    ]
    for mark, name, offset in (
        (POSITION, names["position"], position),
        (COMMITTED, names["committed"], committed),
    ):
        if offset is None:
            lines.append(Content.styled(f"     {mark} {name} {signs.NONE}", signs.MUTED))
        else:
            place = _cell(offset, most, room)
            lines.append(_pointer(5 + place, str(mark), f"{name} {offset}", width))
    count = len({event.offset for event in done})
    lost = len(set(range(start, committed or 0)) - {event.offset for event in done})
    lines.append(
        Content(
            f"     {names['done']} {count}   {names['twice']} {len(done) - count}   {names['lost']} {lost}"
        )
    )
    return lines


def _pointer(place: int, mark: str, name: str, width: int) -> Content:
    """A mark at a place of a strip, with its name after it, or before it where there is no room."""
    if place + 2 + len(name) <= width:
        return Content.assemble(" " * place, (mark, "bold"), f" {name}")
    return Content.assemble(" " * (place - len(name) - 1), f"{name} ", (mark, "bold"))


def _newest(blocks: list[Content], room: int) -> Content:
    """The last blocks that have room; an ellipsis stands for those before them."""
    shown, left_out = blocks, False
    while len(shown) > 1 and sum(1 + one.cell_length for one in shown) - 1 + 2 * left_out > room:
        shown, left_out = shown[1:], True
    return Content(" ").join([*([Content(str(signs.ELLIPSIS))] if left_out else []), *shown])


def segments(lesson: Lesson, seen: Observation, frame: Mapping[str, Any], width: int) -> list[Content]:
    """The files of partition 0 of each topic as blocks ``[base offset size]``: the active one is marked, one
    that waits to be removed is dim; log start and end; below it the records of a topic that is read.
    """
    names, lines = frame["columns"], list[Content]()
    for topic in lesson.topics:
        logs = seen.topics.get(topic)
        told = (
            str(signs.UNKNOWN) if not logs else f"{figure(logs[0].start)}{signs.ARROW}{figure(logs[0].end)}"
        )
        files = seen.segments.get(topic, ())
        active = max((one.base_offset for one in files if not one.deleted), default=None)
        blocks = [
            Content.styled(
                f"[{one.base_offset} {size(one.size)}{ACTIVE if one.base_offset == active else ''}]",
                signs.MUTED if one.deleted else "",
            )
            for one in files[-6:]
        ]
        lines.append(
            Content.assemble((cells((topic, 9), (told, 9)), "bold"), " ", _newest(blocks, width - 20))
        )
        if topic in seen.records:
            kept: dict[str, list[str]] = {}
            for record in seen.records[topic]:
                value = str(signs.UNSET) if record.value is None else str(record.offset)
                kept.setdefault(printable((record.key or b"").decode("utf-8", "replace")), []).append(value)
            lines += [
                Content.styled(f"    {key}: {' '.join(offsets_[-12:])}", signs.MUTED)
                for key, offsets_ in sorted(kept.items())
            ]
    return [
        *lines,
        Content(""),
        Content.styled(f"[{names['segment']}{ACTIVE}]  {names['active']}", signs.MUTED),
    ]
