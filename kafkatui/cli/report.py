"""What is known of a cluster as facts for JSON, and what a report is about. All of it is read from the view;
nothing is computed here that the screen does not show too.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.figures import counted
from kafkatui.domain.lag.ages import Seen
from kafkatui.domain.lag.group_standing import GroupStanding, by_trouble
from kafkatui.domain.lag.judging import Judging, summary
from kafkatui.domain.lag.standing import Standing
from kafkatui.domain.lag.verdicts import Verdict
from kafkatui.domain.problems import Problem
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


@dataclass(frozen=True, slots=True)
class About:
    """What a report is about; ``None``: all groups, all topics."""

    group: str | None = None
    topic: str | None = None
    """Only the groups that read it, and how they do there."""

    def standings(self, view: ClusterView) -> dict[str, list[Standing]]:
        """By group, how it does on each topic, sorted by topic."""
        found: dict[str, list[Standing]] = {}
        for one in sorted(view.groups.standings, key=lambda one: one.topic):
            if self.group in {None, one.group} and self.topic in {None, one.topic}:
                found.setdefault(one.group, []).append(one)
        return found

    def rows(self, view: ClusterView, reading: Collection[str]) -> list[GroupStanding]:
        """The rows of the groups, the worst first; `reading`: the groups that read the topic."""
        rows = view.groups.rows
        names: Iterable[str] = rows if self.group is None else {self.group} & rows.keys()
        found = [rows[name] for name in names if self.topic is None or name in reading]
        return sorted(found, key=lambda row: (*(-figure for figure in by_trouble(row)), row.group))

    def problems(self, view: ClusterView) -> list[Problem]:
        """The problems, the worst first; those of the whole cluster only where it is about all of it."""
        return [
            one
            for one in view.problems
            if self.group in {None, one.group} and self.topic in {None, one.topic}
        ]


ALL = About()


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
            said.append(f"{judging.not_known:,} of {counted(judging.groups, 'group')} not known yet")
    return said


def facts(view: ClusterView, looked_for: float, now: float, about: About = ALL) -> dict[str, Any]:
    """Everything of `status --json`. `looked_for`: seconds since the start; `now`: monotonic seconds.
    ``docs/headless.md`` describes the fields.
    """
    topics = view.topics.value
    alive = [] if topics is None else [broker.node_id for broker in topics.brokers]
    mark, text = summary(view.judging or Judging())
    problems, standings = about.problems(view), about.standings(view)
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
        "groups": [
            group_facts(view, row, standings.get(row.group, ()), now) for row in about.rows(view, standings)
        ],
    }


def group_facts(
    view: ClusterView, row: GroupStanding, standings: Iterable[Standing], now: float
) -> dict[str, Any]:
    """One entry of ``groups``."""
    rebalanced = view.last_rebalance(row.group)
    return {
        "group": row.group,
        "kind": row.kind,
        "state": row.state,
        "members": row.members,
        "lag": row.lag,
        **_age(row.oldest, now),
        "verdict": _verdict(row.verdict),
        "severity": SEVERITIES[row.mark],
        "coordinator": row.coordinator,
        "last_rebalance_seconds_ago": None if rebalanced is None else round(now - rebalanced, 1),
        "fault": None if row.fault is None else row.fault.text,
        "topics": [topic_facts(one, now) for one in standings],
    }


def topic_facts(standing: Standing, now: float) -> dict[str, Any]:
    """One entry of ``topics`` of a group."""
    trend, rates, skew = standing.trend, standing.long_rates, standing.skew
    return {
        "topic": standing.topic,
        "lag": standing.lag,
        **_age(standing.oldest, now),
        "verdict": _verdict(standing.verdict),
        "phrase": standing.phrase,
        "severity": SEVERITIES[standing.verdict.mark],
        "partitions": standing.partitions,
        "worst_partition": standing.worst,
        "partitions_without_commit": standing.unset + standing.unread,
        "partitions_with_records_lost": standing.lost,
        "rate_in": trend.rate_in,
        "rate_out": trend.rate_out,
        "long_rates": None
        if rates is None
        else {
            "seconds": round(rates.seconds, 1),
            "rate_in": rates.rate_in,
            "rate_out": rates.rate_out,
        },
        "empty_in_seconds": trend.empty_in,
        "skew": None
        if skew is None
        else {
            "partition": skew.partition,
            "part_of_lag": skew.lag,
            "part_of_writes": skew.written,
            "sentence": skew.sentence,
        },
    }


def _age(oldest: Seen | None, now: float) -> dict[str, Any]:
    """How old the oldest record is that is not committed."""
    return {
        "age_seconds": None if oldest is None else round(oldest.age(now).seconds, 1),
        "age_is": None if oldest is None else oldest.bound.value,
    }


def _verdict(verdict: Verdict | None) -> str | None:
    """The name of a verdict; ``None``: there is none, or it is not known yet."""
    if verdict is None or verdict is Verdict.MEASURING:
        return None
    return verdict.name.lower()
