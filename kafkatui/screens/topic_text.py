"""Lays a topic out as lines: its partitions, the groups that read it, retention, transactions, settings."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content

from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.cluster.groups import Group
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import Partition, Topic, TopicLog
from kafkatui.domain.cluster.topic_facts import (
    MIN_ISR,
    OpenTransaction,
    Setting,
    TopicFacts,
    retention,
)
from kafkatui.domain.figures import age, count, size
from kafkatui.domain.lag.standing import Standing, worst_first
from kafkatui.panes.group_pane import name_of, shown
from kafkatui.screens.event_lines import MOST_READABLE, labelled, said, wrapped
from kafkatui.screens.group_text import aligned
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell

LISTED = 200
"""Partitions that are listed, at most: more are counted."""


TIMES = {
    "CreateTime": "of a record: as its producer set it (CreateTime); a producer's clock may be wrong",
    "LogAppendTime": "of a record: when the leader wrote it (LogAppendTime)",
}


@dataclass(frozen=True, slots=True)
class TopicSource:
    """Everything that the lines of a topic are made of."""

    topic: Topic
    log: TopicLog | None
    """``None``: not asked for yet."""
    facts: TopicFacts | None
    """``None``: not asked for yet."""
    fault: Fault | None
    """Why `facts` are not known, or not up to date."""
    stale: Fault | None
    """Why partitions and offsets are not up to date; ``None``: they are."""
    min_isr: int | None
    """Its ``min.insync.replicas``; ``None``: not known."""
    refusing: Sequence[int]
    """Numbers of the partitions that refuse producers with ``acks=all``."""
    standings: Sequence[Standing]
    """Of the groups that read it."""
    sharing: Sequence[Group]
    """The share groups that read it."""
    wall: float
    """Seconds since the epoch."""
    cells: int
    """Width of the page, in cells."""


def topic_lines(source: TopicSource) -> list[Cell]:
    """All lines of the page of a topic."""
    lines = [*_head(source), "", *_partitions(source), "", *_groups(source), ""]
    return [*lines, *_settings(source)]


def _head(source: TopicSource) -> list[Cell]:
    topic, facts = source.topic, source.facts
    dot = f" {signs.SEPARATOR} "
    offline = sum(one.offline for one in topic.partitions)
    thin = sum(one.under_replicated for one in topic.partitions)
    factor = "?" if topic.replication_factor is None else str(topic.replication_factor)
    text = f"{len(topic.partitions):,} partitions{dot}replication factor {factor}"
    lines: list[Cell] = [labelled("topic", text)]
    if offline or thin:
        parts = [f"{offline:,} without a leader"] if offline else []
        parts += [f"{thin:,} under-replicated"] if thin else []
        lines.append(labelled("", (", ".join(parts), f"{signs.ERROR if offline else signs.WARNING} bold")))
    width = min(source.cells, MOST_READABLE)
    lines += [*_refused(source, width), *_moving(topic, width)]
    if source.fault is not None and source.fault != source.stale:
        lines += said("not known", shown(source.fault.text), source.cells, signs.WARNING)
    if source.stale is not None:
        lines += said(
            "stale", f"{shown(source.stale.text)}: what is here was so before", width, signs.WARNING
        )
    if facts is None:
        asking = [] if source.fault is not None else [labelled("", (f"asking {signs.ELLIPSIS}", signs.MUTED))]
        return [*lines, *asking]
    kept = retention(facts, source.wall)
    kind = facts.setting("message.timestamp.type")
    if kept is not None:
        lines += said("retention", kept, width)
    elif (
        not facts.first_written
        and source.log is not None
        and any(start != end for start, end in zip(source.log.starts, source.log.ends, strict=True))
    ):
        lines += said(
            "retention", "the age of the oldest record is not known: that takes READ", width, signs.MUTED
        )
    if facts.first_written and kind is not None:
        lines += said("times", TIMES.get(kind, shown(kind)), width, signs.MUTED)
    return [*lines, *_transactions(source, facts)]


def _refused(source: TopicSource, width: int) -> list[Cell]:
    """Where producers that ask for ``acks=all`` are refused, and why."""
    if not source.refusing:
        return []
    why = f"fewer replicas in sync than {MIN_ISR} ({source.min_isr})"
    text = f"{_which(source.refusing)}: {why}: producers with acks=all are refused"
    return said("refused", text, width, f"{signs.ERROR} bold")


def _moving(topic: Topic, width: int) -> list[Cell]:
    """Reassignments that go on, those to and from the same brokers together."""
    found: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = {}
    for one in topic.partitions:
        if one.moving:
            found.setdefault((one.adding, one.removing), []).append(one.number)
    lines: list[Cell] = []
    for place, ((adding, removing), numbers) in enumerate(found.items()):
        parts = [f"to {_nodes(adding)}"] if adding else []
        parts += [f"away from {_nodes(removing)}"] if removing else []
        text = f"{_which(numbers)}: a reassignment goes on, {' and '.join(parts)}"
        lines += said("" if place else "moving", text, width, signs.MOVING)
    return lines


def _which(numbers: Sequence[int]) -> str:
    """Partitions by number: ``partitions 0 1 2``, of many the first."""
    more = f" {signs.ELLIPSIS}" if len(numbers) > 10 else ""
    return f"partition{'s' if len(numbers) > 1 else ''} {_nodes(numbers[:10])}{more}"


def _transactions(source: TopicSource, facts: TopicFacts) -> list[Cell]:
    if facts.transactions is None:
        why = "not asked for yet" if facts.transactions_fault is None else facts.transactions_fault.text
        return said("open", f"transactions are not known: {shown(why)}", source.cells, signs.MUTED)
    if not facts.transactions:
        return said("open", "no transaction is open", source.cells, signs.MUTED)
    lines: list[Cell] = []
    for place, one in enumerate(facts.transactions[:20]):
        lines += said("" if place else "open", _transaction(one, source.wall), source.cells, signs.WARNING)
    if len(facts.transactions) > 20:
        lines.append(labelled("", f"and {len(facts.transactions) - 20:,} more"))
    return lines


def _transaction(one: OpenTransaction, wall: float) -> str:
    whose = f"producer {one.producer_id}"
    if one.transactional_id is not None:
        whose = f"{name_of(one.transactional_id, 40)} (producer {one.producer_id})"
    since = ""
    if one.timestamp is not None:
        since = f", its newest record is {age(max(0.0, wall - one.timestamp / 1000)).strip()} old"
    return f"a transaction of {whose} in partition {one.partition} from offset {one.start_offset:,}{since}"


def _partitions(source: TopicSource) -> list[Cell]:
    wide = source.cells >= 90
    heads: list[Cell] = ["", "P", "LEADER", "REPLICAS", "ISR", "START", "END"]
    heads += ["SIZE", "OLDEST", "NEWEST"] if wide else ["NEWEST"]
    rows: list[list[Cell]] = [heads]
    log, facts = source.log, source.facts
    for one in source.topic.partitions[:LISTED]:
        start = log.starts[one.number] if log is not None and one.number < len(log.starts) else None
        end = log.ends[one.number] if log is not None and one.number < len(log.ends) else None
        row: list[Cell] = [
            signs.sign(_mark(one)),
            str(one.number),
            Content.styled("none", f"{signs.ERROR} bold") if one.leader is None else str(one.leader),
            _nodes(one.replicas),
            _isr(one),
            _offset(start, asked=log is not None),
            _offset(end, asked=log is not None),
        ]
        if wide:
            octets = None if facts is None else facts.sizes.get(one.number)
            row += [
                _or_unknown(None if octets is None else size(octets), source),
                _time(source, one.number, first=True),
            ]
        rows.append([*row, _time(source, one.number, first=False)])
    lines = aligned(rows, right={1, 2, 5, 6, 7, 8, 9})
    if len(source.topic.partitions) > LISTED:
        lines.append(Content.styled(f"and {len(source.topic.partitions) - LISTED:,} more", signs.MUTED))
    return lines


def _mark(one: Partition) -> Mark:
    if one.offline:
        return Mark.BROKEN
    return Mark.WORSE if one.under_replicated else Mark.OK


def _isr(one: Partition) -> Cell:
    text = _nodes(one.isr) or "none"
    return Content.styled(text, f"{signs.WARNING} bold") if one.under_replicated else text


def _nodes(nodes: Sequence[int]) -> str:
    return " ".join(map(str, nodes))


def _offset(offset: int | None, *, asked: bool) -> Cell:
    if offset is None:
        return (signs.UNKNOWN if asked else signs.ELLIPSIS).content
    return count(offset, 15)


def _or_unknown(text: str | None, source: TopicSource) -> Cell:
    if text is not None:
        return text
    awaited = source.facts is None and source.fault is None
    return (signs.ELLIPSIS if awaited else signs.UNKNOWN).content


def _time(source: TopicSource, number: int, *, first: bool) -> Cell:
    log, facts = source.log, source.facts
    if log is not None and number < len(log.ends) and log.ends[number] == log.starts[number]:
        return signs.NONE.content
    at = None
    if facts is not None:
        at = (facts.first_written if first else facts.last_written).get(number)
    text = None if at is None else f"{age(max(0.0, source.wall - at / 1000)).strip()} ago"
    return _or_unknown(text, source)


def _groups(source: TopicSource) -> list[Cell]:
    if not source.standings and not source.sharing:
        return [Content.styled("no group reads it, as far as known", signs.MUTED)]
    rows: list[list[Cell]] = [["", "GROUP", "LAG", "VERDICT"]]
    for one in sorted(source.standings, key=worst_first):
        bad = one.verdict.mark >= Mark.WORSE
        rows.append(
            [
                signs.sign(one.verdict.mark),
                name_of(one.group, 40),
                signs.UNKNOWN.content if one.lag is None else count(one.lag, 12),
                Content.styled(one.phrase, f"{signs.MARKS[one.verdict.mark].style} bold" if bad else ""),
            ]
        )
    for group in source.sharing:
        lag = None if group.sharing is None else group.sharing.lag_on(source.topic.name)
        known = signs.UNKNOWN.content if lag is None else count(lag, 12)
        rows.append([signs.sign(Mark.NOTHING), name_of(group.group_id, 40), known, "share group"])
    return aligned(rows, right={2})


def _settings(source: TopicSource) -> list[Cell]:
    facts = source.facts
    if facts is None:
        return []
    if facts.settings_fault is not None:
        text = f"settings are not known: {shown(facts.settings_fault.text)}"
        return [Content.styled(line, signs.MUTED) for line in wrapped(text, source.cells)]
    own = [one for one in facts.settings if one.is_override]
    others = [one for one in facts.settings if not one.is_override]
    lines: list[Cell] = [Content.styled("SET FOR THIS TOPIC", signs.MUTED)]
    lines += [line for one in own for line in _setting(one, source.cells)] or ["  nothing"]
    lines += ["", Content.styled("FROM THE BROKER, OR KAFKA'S DEFAULT", signs.MUTED)]
    return [*lines, *(line for one in others for line in _setting(one, source.cells))]


def _setting(one: Setting, cells: int) -> list[Cell]:
    value = "secret" if one.is_secret else "not set" if one.value is None else shown(one.value) or '""'
    style = "bold" if one.is_override else ""
    lines: list[Cell] = [Content.assemble("  ", (shown(one.name), style), " = ", (value, style))]
    if one.documentation:
        text = shown(" ".join(one.documentation.split()))
        first = text.split(". ")[0].rstrip(".") + "."
        lines += [
            Content.styled(f"      {line}", signs.MUTED)
            for line in wrapped(first, min(cells, MOST_READABLE) - 6)
        ]
    return lines
