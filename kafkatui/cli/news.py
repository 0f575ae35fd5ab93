"""What is new in a view: the lines of ``kafkatui watch``, as facts for JSON, each with a sentence.

`docs/watch.schema.json` describes them. Names in fields are as the cluster sent them; sentences are
`printable`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from time import time
from typing import Any

from kafkatui.cli.report import SCHEMA, SEVERITIES
from kafkatui.domain.cluster.changes import ChangeKind
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.problems import Problem, sentence
from kafkatui.domain.rebalance.explain.explain import explain
from kafkatui.domain.rebalance.rebalances import Rebalance
from kafkatui.domain.text import printable, printable_name
from kafkatui.watch.view import ClusterView

MOST = 1_000
"""How many of the newest rebalances are looked through at once."""
SETTLED = 1.0
"""The end of a rebalance is written so many seconds after the rebalance was last seen to change: the group's
log may still make its times exact.
"""
BAD = frozenset({ChangeKind.BROKER_GONE, ChangeKind.OFFLINE, ChangeKind.ISR_SHRANK})

Key = tuple[str, int]
"""Group and number of a rebalance."""


@dataclass(frozen=True, slots=True)
class _Ended:
    """A rebalance that has ended and may still change."""

    event: Rebalance
    since: float
    """Monotonic seconds at which it became as it is."""


class News:
    """Remembers what was written already."""

    def __init__(self, group: str | None, began: float = float("-inf")) -> None:
        """`group`: write only of this one; ``None``: of all. `began`: a rebalance that ended before this
        monotonic second is no news.
        """
        self._group = group
        self._began = began
        self._changes_at = began
        """Time of the newest change of a broker that was written."""
        self._problems: dict[tuple[str, object], Problem] | None = None
        """The problems of the view before; ``None``: they were not known."""
        self._looked_at: tuple[Problem, ...] | None = None
        """The tuple that `_problems` was made from."""
        self._failing: dict[str, float] = {}
        """Since when the looks at the topics, or at the groups, fail."""
        self._begun: set[Key] = set()
        """Rebalances whose begin was written."""
        self._ended: dict[Key, _Ended] = {}
        self._done: set[Key] = set()
        """Rebalances whose end was written, or is no news."""

    def lines(self, view: ClusterView, now: float) -> Iterator[dict[str, Any]]:
        """What is new in a view at monotonic second `now`."""
        yield from self._of_looks(view, now)
        yield from self._of_problems(view, now)
        yield from self._of_brokers(view, now)
        found = view.happened.timeline.recent(MOST)
        for group, event in reversed(found):
            if self._group in {None, group}:
                yield from self._of_rebalance(view, group, event, now)
        kept = {(group, event.number) for group, event in found}
        self._begun &= kept
        self._done &= kept
        self._ended = {key: one for key, one in self._ended.items() if key in kept}

    def _of_looks(self, view: ClusterView, now: float) -> Iterator[dict[str, Any]]:
        """Looks that begin to fail, or succeed again: what is said of the cluster meanwhile may be old."""
        looks = (
            ("topics", view.topics_reading.fault, view.topics_reading.taken_at),
            ("groups", view.groups_reading.fault, view.groups_reading.taken_at),
        )
        for what, fault, taken_at in looks:
            if fault is not None and what not in self._failing:
                self._failing[what] = now
                said = f"{what} are not up to date: {fault.text}"
                yield _line("look fails", now, now, "warning", None, None, said)
            elif fault is None and taken_at is not None and what in self._failing:
                lasted = now - self._failing.pop(what)
                said = f"{what} are up to date again"
                yield _line("look succeeds", now, now, "ok", None, None, said) | {
                    "lasted_seconds": round(lasted, 1)
                }

    def _of_brokers(self, view: ClusterView, now: float) -> Iterator[dict[str, Any]]:
        """Changes of brokers, leaders and replicas; none where only one group is asked for."""
        new = [one for one in view.happened.timeline.changes if one.at > self._changes_at]
        for one in reversed(new if self._group is None else []):
            severity = "warning" if one.kind in BAD else "ok"
            yield _line(one.kind.value, one.at, now, severity, None, None, one.sentence) | {
                "partitions": one.partitions,
                "not_before": iso(one.after, now),
            }
        self._changes_at = max((one.at for one in new), default=self._changes_at)

    def _of_problems(self, view: ClusterView, now: float) -> Iterator[dict[str, Any]]:
        if not view.digested or view.problems is self._looked_at:
            return
        self._looked_at = view.problems
        here = {_key(one): one for one in view.problems if self._group in {None, one.group}}
        before, self._problems = self._problems, here
        for key, one in here.items():
            if before is None or key not in before:
                yield _problem("problem begins", one, one.since, now) | {"at_start": before is None}
        for key, one in (before or {}).items():
            if key not in here:
                lasted = round(now - one.since, 1)
                yield _problem("problem ends", one, now, now) | {"lasted_seconds": lasted}

    def _of_rebalance(
        self, view: ClusterView, group: str, event: Rebalance, now: float
    ) -> Iterator[dict[str, Any]]:
        key = group, event.number
        if key in self._done:
            return
        if event.ended_at is None:
            self._ended.pop(key, None)
            if key not in self._begun:
                self._begun.add(key)
                yield _rebalance(view, group, event, now)
        elif event.ended_at < self._began:
            self._done.add(key)
        elif (known := self._ended.get(key)) is None or known.event != event:
            self._ended[key] = _Ended(event, now)
        elif now - known.since >= SETTLED:
            self._done.add(key)
            yield _rebalance(view, group, event, now)


def _key(problem: Problem) -> tuple[str, object]:
    """Problems with the same key at two times are one that goes on; notes differ by their text."""
    return problem.kind, problem.text if problem.kind == "note" else (problem.topic, problem.group)


def _problem(event: str, problem: Problem, at: float, now: float) -> dict[str, Any]:
    severity = SEVERITIES[problem.mark]
    said = sentence(problem) if event == "problem begins" else f"no longer: {sentence(problem)}"
    line = _line(event, at, now, severity, problem.topic, problem.group, said)
    return line | {"kind": problem.kind}


def _rebalance(view: ClusterView, group: str, event: Rebalance, now: float) -> dict[str, Any]:
    """The line of a rebalance that begins or, if it has an end, that ended."""
    ended = event.ended_at is not None
    waited = view.happened.timeline.story(group).waited(event)
    return _line(
        "rebalance ends" if ended else "rebalance begins",
        event.started_at if event.ended_at is None else event.ended_at,
        now,
        SEVERITIES[Mark.OK if ended else Mark.MOVING],
        None,
        group,
        f"{printable_name(group)}: {explain(event, waited=waited)}",
    ) | {
        "number": event.number,
        "generation": event.generation,
        "state": event.state,
        "joined": list(event.joined),
        "gone": list(event.gone),
        "moved": None if event.moves is None else sum(event.moved.values()),
        "owned": sum(event.owned.values()),
        "members": event.members,
        "took_at_least_seconds": round(event.took_at_least, 3) if ended else None,
        "took_at_most_seconds": None if event.took_at_most is None else round(event.took_at_most, 3),
        "source": event.source.value,
    }


def _line(
    event: str, at: float, now: float, severity: str, topic: str | None, group: str | None, said: str
) -> dict[str, Any]:
    """The fields that every line has."""
    return {
        "schema": SCHEMA,
        "time": iso(at, now),
        "event": event,
        "severity": severity,
        "topic": topic,
        "group": group,
        "sentence": printable(said),
    }


def iso(at: float, now: float) -> str:
    """A time in monotonic seconds as ISO 8601 in UTC, to the millisecond; `now`: the monotonic second it
    is.
    """
    moment = datetime.fromtimestamp(time() - (now - at), UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
