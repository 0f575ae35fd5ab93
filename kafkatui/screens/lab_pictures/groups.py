"""Pictures of groups: a table, and members with their last minute."""

from collections.abc import Mapping, Sequence
from typing import Any

from textual.content import Content

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.labs.lesson import Lesson
from kafkatui.labs.observation import Event, Observation
from kafkatui.screens.lab_pictures.tables import NAME, cells, figure
from kafkatui.widgets import signs

SECONDS = 60
"""How much of the past the lanes of members show."""


def groups(lesson: Lesson, seen: Observation, frame: Mapping[str, Any], width: int) -> list[Content]:
    """A row a group: members, records read, lag."""
    names = frame["columns"]
    lines = [
        Content.styled(
            cells(
                (names["group"], NAME),
                (names["members"], -8),
                (names["read"], -7),
                (names["lag"], -9),
                (names["state"], 20),
            ),
            signs.MUTED,
        )
    ]
    for group in lesson.groups:
        known = seen.groups.get(group)
        lags = [seen.lag(group, topic) for topic in seen.topics]
        if known is None or not known.committed:
            lag: str | None = str(signs.NONE)
        else:
            lag = figure(None if None in lags else sum(one for one in lags if one is not None))
        lines.append(
            Content(
                cells(
                    (group, NAME),
                    (figure(seen.members(group)), -8),
                    (figure(seen.read.get(group, 0)), -7),
                    (lag, -9),
                    ((known.state if known else None) or signs.UNKNOWN, 20),
                )
            )
        )
    return lines


def members(lesson: Lesson, seen: Observation, frame: Mapping[str, Any], width: int) -> list[Content]:
    """Members × partitions, and beside it what each consumer did in the last minute."""
    lines: list[Content] = []
    for group in lesson.groups:
        known = seen.groups.get(group)
        owners: dict[str, set[TopicPartition]] = {
            member.name: set(member.partitions) for member in (known.members if known else None) or ()
        }
        owned = {place.topic for places in owners.values() for place in places}
        shown = [topic for topic in seen.topics if topic in owned] or list(seen.topics)[:1]
        places = [
            TopicPartition(topic, number) for topic in shown for number in range(len(seen.topics[topic]))
        ]
        state = (known.state if known else None) or str(signs.UNKNOWN)
        assignor = f" {signs.SEPARATOR} {known.assignor}" if known and known.assignor else ""
        named = " ".join(shown)
        head = f"{frame['members'].format(group=group, topics=named)}  {state}{assignor}"
        lines.append(Content.styled(head, "bold"))
        numbers = " ".join(str(place.partition) for place in places)
        room = max(0, min(SECONDS, width - 12 - len(numbers) - 8))
        names = frame["columns"]
        lines.append(
            Content.styled(
                f"{cells((names['member'], 10))}  {numbers}  {cells((names['has'], -4))}  "
                f"{names['last'] if room >= len(names['last']) else ''}",
                signs.MUTED,
            )
        )
        programs = [one.name for one in seen.programs.values() if one.group == group]
        names_ = [*programs, *(one for one in owners if one not in programs)]
        lines += [_member(name, owners.get(name), places, seen, room) for name in names_]
        free = [place for place in places if not any(place in owned for owned in owners.values())]
        marks = " ".join(str(signs.OWNS if place in free else signs.NOT_OWNED) for place in places)
        left = len(free) if known is not None and known.members is not None else None
        lines.append(
            Content.styled(
                f"{cells((frame['nobody'], 10))}  {marks}  {cells((figure(left), -4))}", signs.MUTED
            )
        )
    return lines


def _member(
    name: str,
    owned: set[TopicPartition] | None,
    places: Sequence[TopicPartition],
    seen: Observation,
    room: int,
) -> Content:
    if owned is None:
        marks, has = " ".join(str(signs.NOT_OWNED) for _ in places), str(signs.NONE)
    else:
        marks = " ".join(str(signs.OWNS if place in owned else signs.NOT_OWNED) for place in places)
        has = str(len(owned))
    program = seen.programs.get(name)
    word = ""
    if program is not None and not program.alive:
        word = f" {signs.LANE_GONE}"
    elif program is not None and program.frozen:
        word = f" {signs.HELD_STILL}"
    lane = lane_of([event for event in seen.turns if event.who == name], seen.at, room)
    return Content(f"{cells((name + word, 10))}  {marks}  {cells((has, -4))}  {lane}")


def lane_of(events: Sequence[Event], now: float, room: int) -> str:
    """The last minute of a consumer, one cell a second: owning, paused (it gave up its partitions, and has
    none yet), idle, gone.
    """
    if room <= 0:
        return ""
    cells_: list[str] = []
    for cell in range(room):
        at = now - room + cell + 1
        state, changed = " ", False
        for event in events:
            if event.at > at:
                break
            if event.kind == "started":
                state = str(signs.LANE_IDLE)
            elif event.kind == "revoked":
                state = str(signs.LANE_PAUSED)
            elif event.kind == "assigned":
                state = str(signs.LANE_OWNING if event.partitions else signs.LANE_IDLE)
            elif event.kind == "stopped":
                state = " "
            changed = changed or (event.kind == "revoked" and event.at > at - 1)
        cells_.append(str(signs.LANE_PAUSED) if changed else state)
    return "".join(cells_)
