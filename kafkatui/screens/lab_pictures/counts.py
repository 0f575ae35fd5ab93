"""Pictures of counts: keys by partition, the lag over time, what was sent and lost."""

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

from textual.content import Content

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.labs.lesson import Lesson
from kafkatui.labs.observation import Observation
from kafkatui.screens.lab_pictures.tables import NAME, cells, figure
from kafkatui.widgets import signs


def keys(lesson: Lesson, seen: Observation, frame: Mapping[str, Any], width: int) -> list[Content]:
    """Key × partition: how many records of a key were acknowledged in each partition."""
    count = max((len(logs) for logs in seen.topics.values()), default=0)
    found: dict[str, dict[int, int]] = {}
    for event in seen.events:
        if event.kind == "acked" and event.where is not None and event.key:
            row = found.setdefault(event.key, {})
            row[event.where.partition] = row.get(event.where.partition, 0) + 1
    lines = [
        Content.styled(cells((frame["keys"], NAME), *((number, -5) for number in range(count))), signs.MUTED)
    ]
    for key in sorted(found):
        row = found[key]
        shown = [(row.get(number, signs.NOT_OWNED), -5) for number in range(count)]
        lines.append(Content(cells((key, NAME), *shown)))
    return lines


def lag_chart(lesson: Lesson, seen: Observation, frame: Mapping[str, Any], width: int) -> list[Content]:
    """The lag of the first group over the last minute as a sparkline, its slope over the last five seconds,
    and when it will be gone at this rate; below it the lag of each partition with its owner.
    """
    group, topic = lesson.groups[0], next(iter(lesson.topics))
    names, known = frame["columns"], seen.groups.get(group)
    room = max(10, min(60, width - 4))
    since = seen.at - room
    values: list[float | None] = [None] * room
    for one in seen.lags[-4 * room :]:
        if one.at > since:
            values[min(room - 1, int(one.at - since))] = float(one.offset or 0)
    slope = seen.slope(seen.at - 5.0)
    lag = seen.lag(group, topic)
    told = str(signs.UNKNOWN) if slope is None else f"{slope:+.0f}"
    grows, left = frame["slope"].format(slope=told), frame["never"]
    if slope is not None and lag is not None and slope < -1:
        left = frame["empty_in"].format(seconds=f"{lag / -slope:.0f}")
    elif not lag:
        left = str(signs.NONE)
    told = "   ".join((f"{names['lag']} {figure(lag)}", grows, left))
    lines = [
        *(Content.styled(line, "bold") for line in wrap(told, width, drop_whitespace=True)),
        signs.spark(values, room),
        Content(""),
    ]
    owners = {
        place: member.name
        for member in (known.members if known else None) or ()
        for place in member.partitions
    }
    for number, log in enumerate(seen.topics.get(topic, ())):
        place = TopicPartition(topic, number)
        committed = (known.committed or {}).get(place, log.start) if known else None
        left_ = None if committed is None or log.end is None else max(0, log.end - committed)
        bar = signs.bar(left_, max(1, lag or 1), 20)
        row = cells((number, -3), (owners.get(place, frame["nobody"]), 10), (figure(left_), -9))
        lines.append(Content.assemble(row, "  ", bar))
    return lines


def ledger(lesson: Lesson, seen: Observation, frame: Mapping[str, Any], width: int) -> list[Content]:
    """A row for each run that is finished, from the values ``RUN.sent`` and so on; what does not apply is a
    dash.
    """
    names = frame["columns"]
    widths = {name: max(4, len(names[name])) for name in ("sent", "acked", "failed", "log", "lost", "twice")}
    rows: dict[str, dict[str, float | str]] = {}
    for name, value in seen.values.items():
        row, dot, column = name.rpartition(".")
        if dot:
            rows.setdefault(row, {})[column] = value
    room = width - sum(1 + column for column in widths.values())
    name_width = max(1, min(room, max(map(len, (names["mode"], *rows)))))
    heads = [(names[name], -column) for name, column in widths.items()]
    lines = [Content.styled(cells((names["mode"], name_width), *heads), signs.MUTED)]
    for row, values in rows.items():
        shown = [(f"{values[name]:g}" if name in values else signs.NONE, -w) for name, w in widths.items()]
        lines.append(Content(cells((row, name_width), *shown)))
    return lines
