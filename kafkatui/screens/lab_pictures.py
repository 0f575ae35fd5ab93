"""The pictures of a lab: drawn from one observation, readable without colour."""

from collections.abc import Mapping, Sequence
from typing import Any

from textual.content import Content

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.labs.lesson import Lesson
from kafkatui.labs.observation import Event, Observation, SeenPartition
from kafkatui.widgets import signs

SECONDS = 60
"""How much of the past the lanes of members show."""
LOG, EMPTY = signs.Sign("━", "="), signs.Sign("┄", ".")
POSITION, COMMITTED = signs.Sign("▲", "^"), signs.Sign("●", "o")
NAME = 14
"""Width of names in tables."""


def pictures(lesson: Lesson, seen: Observation, frame: Mapping[str, Any], width: int) -> list[Content]:
    """All pictures of a lesson, one below the other."""
    draw = {
        "lanes": lanes,
        "groups": groups,
        "members": members,
        "keys": keys,
        "offsets": offsets,
        "grid": grid,
        "lag": lag_chart,
        "ledger": ledger,
    }
    lines: list[Content] = []
    for name in lesson.pictures:
        if lines:
            lines.append(Content(""))
        lines += draw[name](lesson, seen, frame, width)
    return lines


def cells(*columns: tuple[object, int]) -> str:
    """Texts in columns: a positive width is aligned to the left, a negative one to the right."""
    parts = []
    for text, width in columns:
        shown = str(text)[: abs(width)]
        parts.append(shown.ljust(width) if width > 0 else shown.rjust(-width))
    return " ".join(parts)


def figure(number: int | None) -> str:
    """A figure, or the sign of one that is not known."""
    return str(signs.UNKNOWN) if number is None else f"{number:,}"


# the log of each topic, with the places of the groups


def lanes(lesson: Lesson, seen: Observation, frame: Mapping[str, Any], width: int) -> list[Content]:
    """Every partition as a strip from its log start to its log end; below it the letter of each group at its
    committed offset.
    """
    lines: list[Content] = []
    letters = group_letters(lesson.groups)
    for topic, logs in seen.topics.items():
        lines.append(Content.styled(frame["log"].format(topic=topic), "bold"))
        most = max([log.end or 0 for log in logs] + [10])
        room = max(10, width - 16)
        for number, log in enumerate(logs):
            lines.append(_strip(number, log.start, log.end, most, room))
            places: dict[int, list[str]] = {}
            for group, letter in letters.items():
                known = seen.groups.get(group)
                offset = (
                    None
                    if known is None or known.committed is None
                    else known.committed.get(TopicPartition(topic, number))
                )
                if offset is not None:
                    places.setdefault(_cell(offset, most, room), []).append(letter)
            lines.append(_marks(places, room))
    named = "   ".join(f"{letter} {group}" for group, letter in letters.items())
    return [*lines, Content.styled(f"  {named}", signs.MUTED)]


def group_letters(groups: Sequence[str]) -> dict[str, str]:
    """A letter for each group, its first one that no other group before it has."""
    letters: dict[str, str] = {}
    for group in groups:
        free = [letter for letter in group if letter not in letters.values()]
        letters[group] = (free or ["?"])[0]
    return letters


def _cell(offset: int, most: int, room: int) -> int:
    return min(room, round(offset / most * room))


def _strip(number: int, start: int | None, end: int | None, most: int, room: int) -> Content:
    if start is None or end is None:
        return Content.assemble(cells((number, -3)), "  ", signs.UNKNOWN.content)
    left, right = _cell(start, most, room), _cell(end, most, room)
    strip = str(EMPTY) * left + str(LOG) * (right - left)
    return Content.assemble(
        cells((number, -3)), "  ", strip, " ", (f"{start}{signs.ARROW}{end}", signs.MUTED)
    )


def _marks(places: Mapping[int, Sequence[str]], room: int) -> Content:
    """Letters below a strip, each at its cell; those of one cell stand side by side."""
    text, at = " " * 5, 0
    for place in sorted(places):
        text += " " * max(0, place - at)
        text += "".join(places[place])
        at = max(at, place) + len(places[place])
    return Content.styled(text, "bold")


# groups


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
                    (figure(len(seen.done(group))), -7),
                    (lag, -9),
                    ((known.state if known else None) or signs.UNKNOWN, 20),
                )
            )
        )
    return lines


# members


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
    lane = lane_of([event for event in seen.events if event.who == name], seen.at, room)
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


# keys of records


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


# position, committed offset, log start and end of one partition


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
            lines.append(Content.assemble(" " * (5 + place), (str(mark), "bold"), f" {name} {offset}"))
    count = len({event.offset for event in done})
    lost = len(set(range(start, committed or 0)) - {event.offset for event in done})
    lines.append(
        Content(
            f"     {names['done']} {count}   {names['twice']} {len(done) - count}   {names['lost']} {lost}"
        )
    )
    return lines


# partitions × brokers


def grid(lesson: Lesson, seen: Observation, frame: Mapping[str, Any], width: int) -> list[Content]:
    """Each partition × each broker: leads, in sync, behind; dead and frozen brokers; records that can be
    read.
    """
    nodes = sorted({node for logs in seen.topics.values() for log in logs for node in log.replicas})
    heads = [f"{node}{_state_of(node, seen)}" for node in nodes]
    names = frame["columns"]
    lines = [
        Content.styled(
            cells((names["broker"], NAME), *((head, -4) for head in heads), ("ISR", -5), (names["end"], -7)),
            signs.MUTED,
        )
    ]
    for topic, logs in seen.topics.items():
        for number, log in enumerate(logs):
            marks = [(_replica(node, log, seen), -4) for node in nodes]
            end = signs.UNKNOWN if log.end is None else log.end
            row = cells((f"{topic}/{number}", NAME), *marks, (len(log.isr), -5), (end, -7))
            lines.append(Content.styled(row, signs.ERROR if log.leader is None else ""))
    legend = (
        f"{signs.LEADS} {names['leads']}  {signs.IN_SYNC} {names['in_sync']}  "
        f"{signs.LAGS} {names['behind']}  {signs.DEAD} {names['dead']}  {signs.HELD_STILL} {names['frozen']}"
    )
    acked = sum(event.kind == "acked" for event in seen.events)
    failed = sum(event.kind == "failed" for event in seen.events)
    ledger = f"{names['acked']} {acked}   {names['failed']} {failed}"
    return [*lines, Content(""), Content(ledger), Content.styled(legend, signs.MUTED)]


def _state_of(node: int, seen: Observation) -> str:
    if node not in seen.brokers:
        return str(signs.DEAD)
    return str(signs.HELD_STILL) if node in seen.frozen else ""


def _replica(node: int, log: SeenPartition, seen: Observation) -> str:
    if node not in log.replicas:
        return str(signs.NOT_OWNED)
    if node not in seen.brokers:
        return str(signs.DEAD)
    if node == log.leader:
        return str(signs.LEADS)
    return str(signs.IN_SYNC if node in log.isr else signs.LAGS)


# the lag over time


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
    lines = [
        Content.styled("   ".join((f"{names['lag']} {figure(lag)}", grows, left)), "bold"),
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


# what was sent, acknowledged, lost, doubled


def ledger(lesson: Lesson, seen: Observation, frame: Mapping[str, Any], width: int) -> list[Content]:
    """A row for each run that is finished, from the values ``RUN.sent`` and so on; what does not apply is a
    dash.
    """
    names = frame["columns"]
    columns = ("sent", "acked", "failed", "log", "lost", "twice")
    heads = [(names["mode"], NAME + 4), *((names[column], -7) for column in columns)]
    lines = [Content.styled(cells(*heads), signs.MUTED)]
    rows: dict[str, dict[str, float | str]] = {}
    for name, value in seen.values.items():
        row, dot, column = name.rpartition(".")
        if dot:
            rows.setdefault(row, {})[column] = value
    for row, values in rows.items():
        shown = [(f"{values[column]:g}" if column in values else signs.NONE, -7) for column in columns]
        lines.append(Content(cells((row, NAME + 4), *shown)))
    return lines
