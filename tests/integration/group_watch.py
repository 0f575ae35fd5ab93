"""Looks at one group on one topic of a real cluster, again and again. The looks are real, the seconds between
them are made up.
"""

from dataclasses import replace

from aiokafka import AIOKafkaConsumer

from kafkatui.domain.cluster.groups import ClusterGroups
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import ClusterTopics
from kafkatui.domain.lag.standing import Standing
from kafkatui.domain.lag.standings import Outlook
from kafkatui.domain.lag.verdicts import Verdict
from kafkatui.domain.problems import Problem, Problems
from kafkatui.kafka.admin import Admin
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.commits import read_commits
from kafkatui.kafka.groups import describe_groups, read_group_list
from kafkatui.kafka.lag import read_group_lag
from kafkatui.kafka.topics import read_ends, read_metadata
from kafkatui.kafka.unread import UnreadSearch
from tests.integration.kafka_clients import write


class Watch:
    """Looks at one group on one topic, from both sides, as the program does."""

    def __init__(self, asker: Asker, group: str, topic: str) -> None:
        self.asker, self.group, self.topic = asker, group, topic
        self.outlook, self.problems = Outlook(asks_unread=True), Problems()
        self.search = UnreadSearch(asker)
        self.now = 1000.0
        self.seen: set[Verdict] = set()

    async def look(self, seconds: float = 1.0) -> Standing:
        """Look, with a time so many seconds after the last look."""
        self.now += seconds
        brokers, topics, *_ = await read_metadata(self.asker, [self.topic])
        listed = [one for one in (await read_group_list(self.asker))[0] if one.group_id == self.group]
        described = await describe_groups(self.asker, listed)
        commits = await read_commits(self.asker, [self.group])
        logs = await read_ends(self.asker, topics)
        groups = ClusterGroups(
            described,
            {name: replace(one, taken_at=self.now) for name, one in commits.items()},
            commits_taken_at=self.now,
        )
        logs = {name: replace(log, taken_at=self.now) for name, log in logs.items()}
        found = ClusterTopics(brokers=brokers, topics=topics, logs=logs)
        for _ in self.outlook.observe(found, groups):
            pass
        lag = await read_group_lag(self.asker, self.group, self.topic)
        for _ in self.outlook.observe_lag(replace(lag, ends_taken_at=self.now + 0.1)):
            pass
        for _ in self.outlook.answer(await self.search.answers(self.outlook.doubts())):
            pass
        for _ in self.problems.observe(found, groups, self.outlook, self.now):
            pass
        standing = self.outlook.standing(self.group, self.topic)
        assert standing is not None
        assert self.outlook.usage[self.topic].mark is standing.verdict.mark
        assert bool(self.problem) == (standing.verdict.mark >= Mark.WORSE)
        self.seen.add(standing.verdict)
        return standing

    async def looks(self, seconds: int, every: float = 5.0) -> Standing:
        """Look again and again for so many seconds; returns the last standing."""
        for _ in range(int(seconds / every)):
            standing = await self.look(every)
        return standing

    @property
    def problem(self) -> Problem | None:
        """The text of line 2 about the group."""
        return next((one for one in self.problems.newest if one.group == self.group), None)


async def read_and_commit(consumer: AIOKafkaConsumer, count: int) -> None:
    """Read `count` records, and commit."""
    for _ in range(count):
        await consumer.getone()
    await consumer.commit()


async def three_commits(watch: Watch, consumer: AIOKafkaConsumer, admin: Admin) -> None:
    """Three records, each written, read and committed before a look: the rhythm is known then."""
    for _ in range(3):
        await write(admin, watch.topic, {0: [b"x"]})
        await read_and_commit(consumer, 1)
        await watch.look()
