"""A running deck: its deeds and reports, and waiting for those that have to come."""

import os
import uuid
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

from kafkatui.deck import Deck
from kafkatui.domain.cluster.groups import Group, Member
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import Deed, Report, ReportKind
from kafkatui.domain.deck.terms import TERMS
from kafkatui.kafka.connection import Cluster
from kafkatui.kafka.groups import describe_groups
from kafkatui.local import LocalCluster
from kafkatui.local.places import clusters_directory
from kafkatui.local.processes import Keeper, Process
from tests.integration.eventually import eventually

SLACK = 2.0 * (3 if os.environ.get("CI") else 1)
"""Seconds added to upper bounds for a busy machine; lower bounds stay as they are."""
AT_ONCE = TERMS.heartbeat + SLACK
"""Seconds until all living members have noticed a rebalance and joined again."""
UNNOTICED = TERMS.session - TERMS.heartbeat - 0.2
"""The least seconds until the coordinator removes a dead member: its last heartbeat may be this old."""
MISSED = TERMS.session + TERMS.heartbeat + SLACK

Owned = Mapping[str, set[TopicPartition]]
"""By client id: the partitions a consumer owns."""


class RunningDeck:
    """A deck, its deeds and the reports of its consumers."""

    def __init__(self, deck: Deck, cluster: Cluster, pids: list[int], directory: Path) -> None:
        self.deck = deck
        self.news: list[Deed | Report] = []
        self.pids = pids
        """The client id of every process that was started, in order."""
        self._asker = cluster.asker("test")
        self._directory = directory
        self._began = monotonic()

    async def act(self, act: Act, who: str | None = None) -> Deed:
        """Press a key; returns the deed that the deck made known."""
        told = len(self.news)
        await self.deck.act(act, who)
        return next(one for one in self.news[told:] if isinstance(one, Deed))

    async def join(self, count: int) -> None:
        """Let so many consumers join, and wait until the group is stable with them."""
        for _ in range(count):
            await self.act(Act.JOIN)
        await self.settled(within=30)

    def reports(self, who: str, kind: ReportKind | None = None, since: float = 0.0) -> list[Report]:
        """The reports of one consumer."""
        return [
            one
            for one in self.news
            if isinstance(one, Report) and one.who == who and one.at >= since and kind in (None, one.kind)
        ]

    async def hears(
        self, who: str, kind: ReportKind, since: float = 0.0, within: float = MISSED + SLACK
    ) -> Report:
        """The first report of this kind from a consumer."""
        reports: list[Report] = await eventually(lambda: self.reports(who, kind, since), within, 0.02)
        return reports[0]

    async def group(self) -> Group:
        """The group as its coordinator describes it; checks that no partition has two owners while it is
        stable."""
        (group,) = await describe_groups(self._asker, [Group(self.deck.group)])
        if group.state == "Stable":
            owned = [partition for member in group.members or () for partition in member.assignment]
            assert len(owned) == len(set(owned)), f"two owners: {sorted(owned)}"
        return group

    async def settled(self, names: Iterable[str] | None = None, within: float = MISSED + SLACK) -> Owned:
        """Wait until the group is stable, has just these members (by default the deck's living ones), and
        every partition has an owner that reported its assignment; returns the partitions by client id.
        """

        async def stable() -> tuple[Member, ...]:
            group = await self.group()
            members = group.members or ()
            living = {one.name: one for one in self.deck.state.consumers if one.alive and not one.leaving}
            assert group.state == "Stable"
            assert sorted(member.client_id for member in members) == sorted(names or living)
            assert {partition for member in members for partition in member.assignment} == self.partitions
            for member in members:
                assert living[member.client_id].owned == member.assignment
            return members

        members: tuple[Member, ...] = await eventually(stable, within, 0.05)
        return {member.client_id: set(member.assignment) for member in members}

    @property
    def partitions(self) -> set[TopicPartition]:
        """All of the deck's topics."""
        return {
            TopicPartition(topic, number)
            for topic, count in self.deck.topics.items()
            for number in range(count)
        }

    def logs(self) -> str:
        """The logs of the processes."""
        return "".join(file.read_text() for file in self._directory.glob("*.log"))

    def told(self) -> str:
        """All deeds and reports, with times."""
        lines = []
        for one in self.news:
            at = f"{one.at - self._began:8.3f}"
            if isinstance(one, Deed):
                lines.append(f"{at} {str(one.act).upper()} {one.who or ''} {one.detail}")
            else:
                numbers = [str(partition).removeprefix(self.deck.group) for partition in one.partitions]
                lines.append(f"{at}   {one.who} {one.kind} {' '.join(numbers)} {one.detail}")
        return "\n".join(lines)


@asynccontextmanager
async def running_deck(
    cluster: Cluster, topics: Mapping[str, int] | None = None, local: LocalCluster | None = None
) -> AsyncGenerator[RunningDeck]:
    """A deck on a cluster that is not its own, or on `local`. On failure all deeds and reports are
    printed."""
    group = f"kafkatui-deck-{uuid.uuid4().hex[:8]}"
    named = {f"{group}-{name}": count for name, count in (topics or {"orders": 6}).items()}
    pids: list[int] = []
    keeper = Keeper(clusters_directory() / uuid.uuid4().hex[:12])
    await keeper.start()

    async def spawn(name: str, argv: list[str], *, env: Mapping[str, str] | None = None) -> Process:
        process = await keeper.spawn(name, argv, env=env, worker=True)
        pids.append(process.pid)
        return process

    running: RunningDeck | None = None

    def on_news(news: Deed | Report) -> None:
        assert running is not None
        running.news.append(news)

    deck = Deck(cluster, spawn, on_news, group=group, topics=named, local=local)
    running = RunningDeck(deck, cluster, pids, keeper.directory)
    try:
        yield running
    finally:
        began = monotonic()
        await deck.close()
        closing = monotonic() - began
        await keeper.close()
        print(running.told())  # noqa: T201  # pytest shows it where the test fails
    assert closing < 2.0


def moved(before: Owned, after: Owned) -> set[TopicPartition]:
    """The partitions that have another owner in `after` than in `before`."""

    def owner(owned: Owned) -> dict[TopicPartition, str]:
        return {partition: name for name, partitions in owned.items() for partition in partitions}

    new = owner(after)
    return {partition for partition, name in owner(before).items() if new[partition] != name}
