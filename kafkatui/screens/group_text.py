"""Lays a group out as lines: its state, its topics, its members."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from textual.content import Content

from kafkatui.domain.cluster.faults import FaultKind
from kafkatui.domain.cluster.groups import Group, GroupCommits, GroupKind, Sharing
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.member_view import MemberRow, member_rows, to_blame
from kafkatui.domain.cluster.members import by_topic, ranges
from kafkatui.domain.cluster.partitions import ClusterTopics, TopicLog, TopicPartition
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.figures import age, count, counted, rate, size
from kafkatui.domain.lag.group_standing import GroupStanding
from kafkatui.domain.lag.standing import Standing, worst_first
from kafkatui.domain.rebalance.explain.explain import explain
from kafkatui.domain.rebalance.past import PastRebalances
from kafkatui.domain.rebalance.story import GroupStory
from kafkatui.panes.group_pane import dashed, name_of, oldest_cell, shown
from kafkatui.screens.event_lines import MOST_READABLE, labelled, said, wrapped
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell

OFFSETS = "__consumer_offsets"
WIDE = 110
"""A page of so many cells has more columns."""
NAMED = 3
"""Members and epochs that are named, at most; more are counted."""


@dataclass(frozen=True, slots=True)
class GroupSource:
    """Everything that the lines of a group are made of."""

    row: GroupStanding
    group: Group
    commits: GroupCommits | None
    topics: ClusterTopics | None
    standings: Sequence[Standing]
    """On each topic that it reads."""
    story: GroupStory | None
    """Its rebalances since kafkatui runs; ``None``: nothing happened to it."""
    past: Reading[PastRebalances]
    """The last rebalances before that."""
    now: float
    """Monotonic seconds."""
    clock: Callable[[float], str]
    cells: int
    """Width of the page, in cells."""


def group_lines(source: GroupSource) -> list[Cell]:
    """All lines of the page of a group."""
    group, sharing = source.group, source.group.sharing
    logs = {} if source.topics is None else source.topics.logs
    described = group if sharing is None else replace(group, members=sharing.members)
    members = member_rows(described, source.commits, logs)
    lines = _head(source, members)
    lines += ["", *(_topics(source) if sharing is None else _shared(sharing, logs)), ""]
    lines += _members(source, members)
    return lines


def _head(source: GroupSource, members: Sequence[MemberRow]) -> list[Cell]:
    group, row = source.group, source.row
    dot = f" {signs.SEPARATOR} "
    facts = [shown(row.kind), shown(group.assignor or "no assignor")]
    facts.append("coordinator ?" if group.coordinator is None else f"coordinator {group.coordinator}")
    state = shown(row.state) if row.state is not None else str(signs.UNKNOWN)
    lines: list[Cell] = [labelled("state", (state, "bold"), f"{dot}{dot.join(facts)}")]
    if row.fault is not None:
        return [
            *lines,
            *said("why", f"it cannot be read: {shown(row.fault.text)}", source.cells, signs.WARNING),
        ]
    if group.kind is GroupKind.SHARE:
        return [*lines, *_share_head(source, members)]
    worst = row.worst
    verdict = "it reads no topic, as far as known"
    if worst is not None:
        lag = "lag ?" if row.lag is None else f"lag {count(row.lag, 15)}"
        verdict = f"{worst.phrase} on {name_of(worst.topic, 40)}{dot}{lag}"
        if (every := worst.commits_every) is not None:
            verdict += f"{dot}{every}"
    lines += said("verdict", verdict, source.cells, "bold" if row.mark >= Mark.WORSE else "")
    if (blame := to_blame(members)) is not None:
        name, part = blame
        lines += said("who", f"{name_of(name, 40)} has {part:.0%} of the lag of all members", source.cells)
    lines += _rebalance(source)
    if group.epoch is not None:
        lines += _epochs(source, members)
    return lines


def _share_head(source: GroupSource, members: Sequence[MemberRow]) -> list[Cell]:
    """What is different in a share group; its epochs."""
    width = min(source.cells, MOST_READABLE)
    text = (
        "members of a share group take single records, each partition may be read by several of them; it "
        "commits no offsets, so there is no verdict"
    )
    lines = [*said("sharing", text, width), *_epochs(source, members)]
    sharing = source.group.sharing
    if sharing is not None and sharing.fault is not None:
        lines += said("why", f"its offsets are not known: {shown(sharing.fault.text)}", width, signs.WARNING)
    return lines


def _shared(sharing: Sharing, logs: Mapping[str, TopicLog]) -> list[Cell]:
    """The start offset and the lag of a share group on each partition. LAG is the broker's own figure: the
    log end minus the start offset is too much, because some records after the start offset may be done.
    """
    if not sharing.offsets:
        return []
    rows: list[list[Cell]] = [["TOPIC", "P", "START OFFSET", "END", "LAG"]]
    for (topic, number), one in sorted(sharing.offsets.items()):
        log = logs.get(topic)
        end = log.ends[number] if log is not None and number < len(log.ends) else None
        unknown = one.fault is not None
        rows.append(
            [
                name_of(topic, 40),
                str(number),
                _offset(one.start_offset, unknown=unknown),
                _offset(end, unknown=True),
                _offset(one.lag, unknown=unknown or one.start_offset is not None),
            ]
        )
    return aligned(rows, right={1, 2, 3, 4})


def _offset(number: int | None, *, unknown: bool) -> Cell:
    """A figure; without one ``?``, or ``–`` where there is none yet."""
    if number is None:
        return (signs.UNKNOWN if unknown else signs.NONE).content
    return count(number, 15)


def _rebalance(source: GroupSource) -> list[Cell]:
    story = source.story
    newest = None if story is None else next((one for one in story.events if not one.first), None)
    if newest is None or story is None:
        return _past_rebalance(source)
    ago = age(max(0.0, source.now - newest.started_at)).strip()
    text = f"{ago} ago, {source.clock(newest.started_at)}: {explain(newest, waited=story.waited(newest))}"
    return said("rebalance", dashed(shown(text)), min(source.cells, MOST_READABLE))


def _past_rebalance(source: GroupSource) -> list[Cell]:
    """The last rebalance before the start, or why it is not known."""
    value, fault, group = source.past.value, source.past.fault, source.group
    found = None if value is None else value.of(group.group_id)
    width = min(source.cells, MOST_READABLE)
    if found is not None:
        ago = age(max(0.0, source.now - found.at)).strip()
        kind = "epoch" if found.members is None else "generation"
        text = f"{ago} ago, {source.clock(found.at)}, before kafkatui looked: {kind} {found.number:,}"
        text += "" if found.members is None else f", {counted(found.members, 'member')}"
        return said("rebalance", text, width)
    text = "none since kafkatui runs"
    if fault is not None:
        denied = fault.kind is FaultKind.DENIED
        why = f"that takes READ on {OFFSETS}" if denied else shown(fault.text)
        text += f"; those before are not known: {why}"
    elif value is None or not (value.done or value.has_read(group.group_id)):
        text += f"; searching {OFFSETS} for the one before {signs.ELLIPSIS}"
    elif value.has_read(group.group_id):
        text += f", and {OFFSETS} has none"
    else:
        part = f"the part of {OFFSETS} that was read ({size(value.octets).strip()})"
        text += f"; the one before was not found in {part}"
    return said("rebalance", text, width, signs.MUTED)


def _epochs(source: GroupSource, members: Sequence[MemberRow]) -> list[Cell]:
    group = source.group
    counts: dict[int | None, int] = {}
    for row in members:
        counts[row.member.epoch] = counts.get(row.member.epoch, 0) + 1
    at = [
        f"{number:,} at {'?' if epoch is None else epoch}"
        for epoch, number in sorted(counts.items(), key=lambda pair: -(pair[0] or 0))
    ]
    more = f" and {len(at) - NAMED} others" if len(at) > NAMED else ""
    text = (
        f"group {_number(group.epoch)}, assignment {_number(group.assignment_epoch)}; "
        f"members: {', '.join(at[:NAMED]) or 'none'}{more}"
    )
    return said("epochs", text, source.cells)


def _number(number: int | None) -> str:
    return "?" if number is None else f"{number:,}"


# tables


def _topics(source: GroupSource) -> list[Cell]:
    standings = sorted(source.standings, key=lambda one: (worst_first(one)[:2], one.topic))
    if not standings:
        return []
    span = max((one.long_rates.seconds for one in standings if one.long_rates is not None), default=0.0)
    wide = source.cells >= WIDE and span > 0
    heads = ["", "TOPIC", "PARTITIONS", "LAG", "AGE", "IN/S", "OUT/S"]
    heads += [f"IN/S {age(span).strip()}", f"OUT/S {age(span).strip()}"] if wide else []
    rows: list[list[Cell]] = [[*heads, "VERDICT"]]
    for one in standings:
        bad = one.verdict.mark >= Mark.WORSE
        rows.append(
            [
                signs.sign(one.verdict.mark),
                name_of(one.topic, 40),
                count(one.partitions, 10),
                signs.UNKNOWN.content if one.lag is None else count(one.lag, 12),
                oldest_cell(one.oldest, one.lag, source.now),
                _rate(one.trend.rate_in),
                _rate(one.trend.rate_out),
                *(_long_rates(one, span) if wide else ()),
                Content.styled(one.phrase, f"{signs.MARKS[one.verdict.mark].style} bold" if bad else ""),
            ]
        )
    lines = aligned(rows, right=set(range(2, len(heads))))
    found = [lines[0]]
    for one, line in zip(standings, lines[1:], strict=True):
        found.append(line)
        if one.skew is not None:
            text = wrapped(one.skew.sentence, min(source.cells, MOST_READABLE) - 4)
            found += [Content.styled(f"    {part}", signs.MUTED) for part in text]
    return found


def _rate(per_second: float | None) -> Cell:
    return signs.UNKNOWN.content if per_second is None else rate(per_second).strip()


def _long_rates(standing: Standing, span: float) -> list[Cell]:
    """The rates over `span` seconds; ``…``: less of the group is known yet."""
    found = standing.long_rates
    if found is None or found.seconds < span / 2:
        return [signs.ELLIPSIS.content] * 2
    return [_rate(found.rate_in), _rate(found.rate_out)]


def _members(source: GroupSource, members: Sequence[MemberRow]) -> list[Cell]:
    sharing = source.group.sharing
    if source.group.members is None and sharing is None:
        return []
    if not members:
        return [Content.styled("no members", signs.MUTED)]
    new = source.group.epoch is not None
    wide = source.cells >= WIDE
    heads = ["MEMBER", "HOST"]
    heads += ["CLIENT"] if wide else []
    heads += ["EPOCH"] if new else []
    heads += ["HAS", "PARTITIONS"] if sharing is not None else ["HAS", "LAG", "PARTITIONS"]
    rows: list[list[Cell]] = [[*heads]]
    for row in members:
        cells: list[Cell] = [name_of(row.name, 30), shown(row.member.host)]
        if wide:
            cells.append(name_of(row.member.client_id, 24))
        if new:
            cells.append(_number(row.member.epoch))
        lag: Cell = signs.UNKNOWN.content if row.member.assignment else signs.NONE.content
        if row.lag is not None:
            lag = count(row.lag, 12)
        cells.append(count(len(row.member.assignment), 6))
        cells += [] if sharing is not None else [lag]
        cells.append(_partitions(row.member.assignment))
        rows.append(cells)
    right = {heads.index(head) for head in ("HAS", "LAG", "EPOCH") if head in heads}
    lines = aligned(rows, right=right)
    found: list[Cell] = [lines[0]]
    for row, line in zip(members, lines[1:], strict=True):
        found.append(line)
        found += [Content.styled(f"    {text}", signs.MUTED) for text in _facts(row)]
    return found


def _facts(row: MemberRow) -> list[str]:
    """More about a member, each in a line: static name, subscription, what it still has to do."""
    found = []
    member = row.member
    if member.group_instance_id is not None:
        found.append(f"static member {name_of(member.group_instance_id, 60)}")
    if member.regex is not None:
        found.append(f"subscribed to the topics that match {name_of(member.regex, 60)}")
    if member.subscription is None and member.regex is None:
        found.append("its subscription is not known")
    elif member.subscription is not None:
        owned = {partition.topic for partition in member.assignment}
        others = [name_of(topic, 40) for topic in member.subscription if topic not in owned]
        if others:
            more = f" and {len(others) - NAMED:,} more" if len(others) > NAMED else ""
            found.append(f"also subscribed to {', '.join(others[:NAMED])}{more}")
    if row.gives_up:
        to = f": {_list(row.blocks)} wait{'s' * (len(row.blocks) == 1)} for it" if row.blocks else ""
        found.append(f"gives up {_partitions(row.gives_up)}{to}")
    if row.waits_for:
        by = f" until {_list(row.blocked_by)} gave up" if row.blocked_by else ", with its next heartbeat"
        found.append(f"waits for {_partitions(row.waits_for)}{by}")
    return found


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(name_of(name, 30) for name in names[:NAMED]) + more


def _partitions(partitions: Sequence[TopicPartition]) -> str:
    """Partitions by topic: ``orders 0–3 7, clicks 1``."""
    return ", ".join(
        f"{name_of(topic, 40)} {dashed(ranges(numbers))}" for topic, numbers in by_topic(partitions).items()
    )


def aligned(rows: Sequence[Sequence[Cell]], right: set[int]) -> list[Cell]:
    """Rows as lines of columns; the first row is the head. The last column is as long as its text."""
    lengths = [[len(cell) if isinstance(cell, str) else cell.cell_length for cell in row] for row in rows]
    widths = [max(column) for column in zip(*lengths, strict=True)]
    lines: list[Cell] = []
    for number, row in enumerate(rows):
        parts: list[Content] = []
        for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
            content = Content(cell) if isinstance(cell, str) else cell
            blank = " " * (width - content.cell_length)
            last = place == len(row) - 1
            ordered = (blank, content) if place in right else (content, "" if last else blank)
            parts.append(Content.assemble(*ordered))
        line = Content("  ").join(parts)
        lines.append(Content.styled(line.plain, signs.MUTED) if number == 0 else line)
    return lines
