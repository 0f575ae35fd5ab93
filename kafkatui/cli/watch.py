"""``kafkatui watch``: what happens in a cluster, a line of JSON for each thing, as it happens."""

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from time import monotonic, time
from typing import Any

from kafkatui import console
from kafkatui.cli.headless import following
from kafkatui.cli.report import SCHEMA, SEVERITIES
from kafkatui.domain.cluster.changes import ChangeKind
from kafkatui.domain.problems import Problem, sentence
from kafkatui.domain.rebalance.explain.explain import explain
from kafkatui.domain.rebalance.rebalances import Rebalance
from kafkatui.domain.text import printable
from kafkatui.errors import UsageError
from kafkatui.watch.view import ClusterView

DESCRIPTION = """\
Follow a cluster without end, and write a line of JSON whenever something happens: a group
rebalances, a problem begins or ends. What was so when it began is written first.
"""
EPILOG = """\
exit code
  0  it was ended by a signal, or its reader went away     1  the cluster cannot be reached

examples
  kafkatui watch -b kafka1:9092 --json | jq -r '[.time, .event, .sentence] | @tsv'
  kafkatui watch -b kafka1:9092 --json --group billing >> billing.ndjson
"""
ENDED = 0
MOST = 1_000
"""How many of the newest rebalances are looked through at once."""


def add_options(options: "argparse._ArgumentGroup") -> None:
    """Add the options of this command."""
    options.add_argument("--json", action="store_true", help="write JSON; there is no other format yet")
    options.add_argument("--group", metavar="NAME", help="only this group, which is looked at more often")


async def run(arguments: argparse.Namespace) -> int:
    """Write lines until the command is ended, or nobody reads them. Returns 0."""
    if not arguments.json:
        raise UsageError("kafkatui watch needs --json: there is no other format yet")
    async with following(arguments) as followed:
        news = News(arguments.group)
        reads = True

        def look(view: ClusterView) -> bool:
            nonlocal reads
            for line in news.lines(view, monotonic()):
                reads = reads and console.show(json.dumps(line))
            return not reads

        while reads:
            await followed.until(look, 3600.0)
    return 0


class News:
    """Remembers what was written already."""

    def __init__(self, group: str | None) -> None:
        """`group`: write only of this one; ``None``: of all."""
        self._group = group
        self._changes_at = float("-inf")
        """Time of the newest change of a broker that was written."""
        self._problems: dict[tuple[str | None, str | None, str], Problem] = {}
        self._written: dict[tuple[str, int], bool] = {}
        """By group and number of a rebalance: whether its end was written."""

    def lines(self, view: ClusterView, now: float) -> Iterator[dict[str, Any]]:
        """What is new in a view."""
        yield from self._of_problems(view, now)
        yield from self._of_brokers(view, now)
        found = view.happened.timeline.recent(MOST)
        for group, event in reversed(found):
            ended = event.ended_at is not None
            if self._group in {None, group} and self._written.get((group, event.number)) not in {ended, True}:
                self._written[group, event.number] = ended
                yield self._rebalance(view, group, event, now)
        kept = {(group, event.number) for group, event in found}
        self._written = {key: ended for key, ended in self._written.items() if key in kept}

    def _of_brokers(self, view: ClusterView, now: float) -> Iterator[dict[str, Any]]:
        """Changes of brokers, leaders and replicas; none where only one group is asked for."""
        new = [one for one in view.happened.timeline.changes if one.at > self._changes_at]
        for one in reversed(new if self._group is None else []):
            bad = one.kind in {ChangeKind.BROKER_GONE, ChangeKind.OFFLINE, ChangeKind.ISR_SHRANK}
            yield {
                "schema": SCHEMA,
                "time": _iso(one.at, now),
                "event": one.kind.value,
                "severity": "warning" if bad else "ok",
                "topic": None,
                "group": None,
                "sentence": printable(one.sentence),
                "partitions": one.partitions,
                "not_before": _iso(one.after, now),
            }
        self._changes_at = max((one.at for one in new), default=self._changes_at)

    def _of_problems(self, view: ClusterView, now: float) -> Iterator[dict[str, Any]]:
        if not view.digested:
            return
        here = {
            (one.topic, one.group, _kind(one.text)): one
            for one in view.problems
            if self._group in {None, one.group}
        }
        for key, one in here.items():
            if key not in self._problems:
                yield self._problem("problem begins", one, one.since, now)
        for key, one in self._problems.items():
            if key not in here:
                yield self._problem("problem ends", one, now, now)
        self._problems = here

    def _problem(self, event: str, problem: Problem, at: float, now: float) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "time": _iso(at, now),
            "event": event,
            "severity": SEVERITIES[problem.mark],
            "topic": problem.topic,
            "group": problem.group,
            "sentence": sentence(problem),
        }

    def _rebalance(self, view: ClusterView, group: str, event: Rebalance, now: float) -> dict[str, Any]:
        story = view.happened.timeline.story(group)
        return {
            "schema": SCHEMA,
            "time": _iso(event.started_at, now),
            "event": "rebalance begins" if event.ended_at is None else "rebalance ends",
            "severity": "moving" if event.ended_at is None else "ok",
            "topic": None,
            "group": group,
            "sentence": explain(event, waited=story.waited(event)),
            "number": event.number,
            "generation": event.generation,
            "joined": list(event.joined),
            "gone": list(event.gone),
            "moved": None if event.moves is None else sum(event.moved.values()),
            "owned": sum(event.owned.values()),
            "members": event.members,
            "took_at_least_seconds": None if event.ended_at is None else round(event.took_at_least, 3),
            "took_at_most_seconds": None if event.took_at_most is None else round(event.took_at_most, 3),
        }


def _kind(text: str) -> str:
    """The words of a problem without its figures, which change while it lasts."""
    return "".join(letter for letter in text if not letter.isdigit())


def _iso(at: float, now: float) -> str:
    """A time in monotonic seconds as ISO 8601 in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(time() - (now - at), UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
