"""What is known of a cluster, for programs: as facts for JSON, and as sentences. All of it is read from the
view; nothing is computed here that the screen does not show too.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.figures import age, count
from kafkatui.domain.lag.group_standing import GroupStanding, by_trouble
from kafkatui.domain.lag.judging import Judging, backlog, summary
from kafkatui.domain.lag.standing import Standing
from kafkatui.domain.lag.verdicts import Verdict
from kafkatui.domain.problems import Problem, sentence
from kafkatui.domain.text import printable_name
from kafkatui.watch.view import ClusterView

SCHEMA = 1
"""The number of the format of `facts`. It grows when a field changes its meaning or goes; new fields may come
without that.
"""
SEVERITIES = {
    Mark.NOTHING: "none",
    Mark.OK: "ok",
    Mark.UNKNOWN: "unknown",
    Mark.DENIED: "denied",
    Mark.MOVING: "moving",
    Mark.WORSE: "warning",
    Mark.BROKEN: "critical",
}
SIGNS = {
    Mark.NOTHING: "○",
    Mark.OK: "●",
    Mark.UNKNOWN: "?",
    Mark.DENIED: "⊘",
    Mark.MOVING: "◐",
    Mark.WORSE: "▲",
    Mark.BROKEN: "✗",
}


def rows_of(view: ClusterView, group: str | None = None) -> list[GroupStanding]:
    """The rows of all groups, or of one, the worst first."""
    rows = view.groups.rows
    found = list(rows.values()) if group is None else [rows[group]] if group in rows else []
    return sorted(found, key=lambda row: (*(-figure for figure in by_trouble(row)), row.group))


def problems_of(view: ClusterView, group: str | None = None) -> list[Problem]:
    """All problems, or those of one group, the worst first."""
    return [problem for problem in view.problems if group is None or problem.group == group]


def not_known(view: ClusterView) -> list[str]:
    """What is not known of the cluster, one line each; empty: all is known that was asked for."""
    said = [
        f"{what}: {reading.fault.text}"
        for what, reading in (("topics", view.topics_reading), ("groups", view.groups_reading))
        if reading.fault is not None
    ]
    said += view.topics.value.notes if view.topics.value is not None else ()
    if view.groups.left_out is not None:
        said.append(view.groups.left_out)
    judging = view.judging
    if judging is None:
        said.append("no group is judged yet")
    else:
        if judging.pending:
            said.append(f"{judging.pending:,} of {judging.groups:,} groups are not judged yet: look longer")
        if judging.not_known:
            said.append(f"{judging.not_known:,} of {judging.groups:,} groups are not known")
    return said


def facts(view: ClusterView, looked_for: float, now: float, group: str | None = None) -> dict[str, Any]:
    """Everything of `status --json`. `looked_for`: seconds since the start; `now`: monotonic seconds;
    `group`: only this one, ``None``: all. ``docs/headless.md`` describes the fields.
    """
    topics = view.topics.value
    alive = [] if topics is None else [broker.node_id for broker in topics.brokers]
    mark, text = summary(view.judging or Judging())
    problems = problems_of(view, group)
    return {
        "schema": SCHEMA,
        "looked_for_seconds": round(looked_for, 1),
        "cluster": {
            "id": None if topics is None else topics.cluster_id,
            "kafka_version": None if topics is None else topics.version,
            "brokers": alive,
            "brokers_gone": sorted(view.topics.brokers_seen - set(alive)),
            "topics": None if topics is None else sum(not topic.internal for topic in topics.topics),
            "groups": None if view.groups.value is None else len(view.groups.value.groups),
        },
        "severity": SEVERITIES[max((problem.mark for problem in problems), default=mark)],
        "summary": text if not problems else f"{len(problems):,} problem{'s' if len(problems) > 1 else ''}",
        "not_known": not_known(view),
        "problems": [
            {
                "severity": SEVERITIES[problem.mark],
                "topic": problem.topic,
                "group": problem.group,
                "text": problem.text,
                "for_seconds": round(max(0.0, now - problem.since), 1),
            }
            for problem in problems
        ],
        "groups": [group_facts(view, row, now) for row in rows_of(view, group)],
    }


def group_facts(view: ClusterView, row: GroupStanding, now: float) -> dict[str, Any]:
    """One entry of ``groups``."""
    rebalanced = view.happened.timeline.last_rebalance(row.group)
    standings = [one for one in view.groups.standings if one.group == row.group]
    return {
        "group": row.group,
        "kind": row.kind,
        "state": row.state,
        "members": row.members,
        "lag": row.lag,
        "verdict": _verdict(row.verdict),
        "severity": SEVERITIES[row.mark],
        "coordinator": row.coordinator,
        "last_rebalance_seconds_ago": None if rebalanced is None else round(now - rebalanced, 1),
        "fault": None if row.fault is None else row.fault.text,
        "topics": [topic_facts(one) for one in sorted(standings, key=lambda one: one.topic)],
    }


def topic_facts(standing: Standing) -> dict[str, Any]:
    """One entry of ``topics`` of a group."""
    trend = standing.trend
    return {
        "topic": standing.topic,
        "lag": standing.lag,
        "verdict": _verdict(standing.verdict),
        "phrase": standing.phrase,
        "severity": SEVERITIES[standing.verdict.mark],
        "partitions": standing.partitions,
        "worst_partition": standing.worst,
        "partitions_without_commit": standing.unset + standing.unread,
        "partitions_with_records_lost": standing.lost,
        "rate_in": trend.rate_in,
        "rate_out": trend.rate_out,
        "empty_in_seconds": trend.empty_in,
    }


def _verdict(verdict: Verdict | None) -> str | None:
    """The name of a verdict; ``None``: there is none, or it is not known yet."""
    if verdict is None or verdict is Verdict.MEASURING:
        return None
    return verdict.name.lower()


def sentences(view: ClusterView, looked_for: float, now: float, group: str | None = None) -> list[str]:
    """The same for people: what line 2 says, the problems, what is not known, and a table of the groups."""
    topics = view.topics.value
    lines: list[str] = []
    if topics is not None:
        known = len(view.topics.brokers_seen)
        version = f", Kafka {topics.version}" if topics.version else ""
        lines.append(
            f"{len(topics.brokers):,} of {known:,} broker{'s' if known != 1 else ''}{version}, "
            f"{sum(not topic.internal for topic in topics.topics):,} topics; looked for {looked_for:.0f} s"
        )
    problems = problems_of(view, group)
    judging = view.judging or Judging()
    if problems:
        lines += [
            f"{SIGNS[one.mark]} {sentence(one)}, since {age(max(0.0, now - one.since)).strip()}"
            for one in problems
        ]
    else:
        mark, text = summary(judging)
        lines.append(f"{SIGNS[mark]} {text}" if group is None else f"{SIGNS[mark]} no problem is known")
    if group is None and (left := backlog(judging)) is not None:
        lines.append(f"{SIGNS[Mark.NOTHING]} {left}")
    lines += [f"? {line}" for line in not_known(view)]
    rows = rows_of(view, group)
    if rows:
        lines += ["", *_table(rows)]
    if group is not None:
        lines += ["", *_topics(one for one in view.groups.standings if one.group == group)]
    return lines


def _table(rows: Sequence[GroupStanding]) -> list[str]:
    cells = [("", "GROUP", "KIND", "STATE", "MEMBERS", "TOPICS", "LAG", "VERDICT")]
    for row in rows:
        worst = "" if row.worst is None or row.topics == 1 else f" ({row.worst.topic})"
        cells.append(
            (
                SIGNS[row.mark],
                printable_name(row.group),
                row.kind,
                row.state or "?",
                _figure(row.members),
                _figure(row.topics),
                _figure(row.lag),
                f"{row.worst.phrase}{worst}" if row.worst is not None and row.fault is None else row.word,
            )
        )
    return _aligned(cells, right={4, 5, 6})


def _topics(standings: Iterable[Standing]) -> list[str]:
    cells = [("", "TOPIC", "PARTITIONS", "LAG", "IN/S", "OUT/S", "VERDICT")]
    cells += [
        (
            SIGNS[one.verdict.mark],
            printable_name(one.topic),
            _figure(one.partitions),
            _figure(one.lag),
            _rate(one.trend.rate_in),
            _rate(one.trend.rate_out),
            one.phrase,
        )
        for one in sorted(standings, key=lambda one: one.topic)
    ]
    return _aligned(cells, right={2, 3, 4, 5}) if len(cells) > 1 else ["it reads no topic, as far as known"]


def _figure(number: int | None) -> str:
    return "?" if number is None else count(number, 15)


def _rate(rate: float | None) -> str:
    return "?" if rate is None else f"{rate:,.1f}"


def _aligned(cells: Sequence[Sequence[str]], right: set[int]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
