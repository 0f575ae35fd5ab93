"""What the model takes for a look at many groups that tells nothing new: asking and decoding aside.

    python -m bench.groups [--groups 15000] [--topics 300] [--looks 50]

Canned groups of one member that own two partitions and have committed both; one group of ten stands behind.
Prints the CPU time of each part for the first look, for one that tells nothing new (of groups and of topics),
and for one in which ten groups changed.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from statistics import median
from time import thread_time

from kafkatui.domain.cluster.groups import ClusterGroups, Group, GroupCommits, GroupKind, Member
from kafkatui.domain.cluster.partitions import ClusterTopics, Partition, Topic, TopicLog, TopicPartition
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.lag.judging import Judges
from kafkatui.domain.lag.standings import Outlook
from kafkatui.domain.problems import Problems
from kafkatui.domain.rebalance.timeline import Timeline
from kafkatui.watch.model import Model

MOST = 5.0
"""Milliseconds that a look which tells nothing new may take in the whole model."""
PARTITIONS = 2
END, BEHIND = 1_000, 990
"""Where all logs end, and what one group of ten has committed."""


def cluster(groups: int, topics: int) -> tuple[ClusterTopics, ClusterGroups]:
    """So many groups, spread over so many topics."""
    names = [f"topic-{number:04}" for number in range(topics)]
    parts = tuple(Partition(number, 1, 0, (1,), (1,)) for number in range(PARTITIONS))
    found = ClusterTopics(
        topics=tuple(Topic(name, parts, topic_id=name) for name in names),
        logs={name: TopicLog((0,) * PARTITIONS, (END,) * PARTITIONS, 2.0, topic_id=name) for name in names},
    )
    owned = [tuple(TopicPartition(name, number) for number in range(PARTITIONS)) for name in names]
    described = tuple(
        Group(
            f"group-{number:05}",
            GroupKind.CLASSIC,
            "Stable",
            "range",
            1,
            (Member(f"m-{number}", "c1", "h", None, owned[number % topics], (names[number % topics],)),),
            described_at=1.0,
        )
        for number in range(groups)
    )
    commits = {
        group.group_id: GroupCommits(
            dict.fromkeys(owned[number % topics], BEHIND if number % 10 == 0 else END), taken_at=1.0
        )
        for number, group in enumerate(described)
    }
    return found, ClusterGroups(described, commits, listed_at=1.0, described_at=1.0, commits_taken_at=1.0)


def later_topics(topics: ClusterTopics, at: float) -> ClusterTopics:
    """A look at `at` that tells the same of all topics."""
    return replace(topics, logs={name: replace(log, taken_at=at) for name, log in topics.logs.items()})


def later(groups: ClusterGroups, at: float) -> ClusterGroups:
    """A look at `at` that tells the same."""
    return replace(groups, listed_at=at, described_at=at, commits_taken_at=at)


def with_news(groups: ClusterGroups, at: float, number: int) -> ClusterGroups:
    """A look at `at` in which so many groups have another member."""
    changed = tuple(
        replace(group, members=(replace(group.members[0], member_id=f"n-{at}"),), described_at=at)
        for group in groups.groups[:number]
        if group.members
    )
    return replace(later(groups, at), groups=changed + groups.groups[number:])


class Parts:
    """The parts of the model, each fed for itself, and the whole."""

    def __init__(self, topics: ClusterTopics) -> None:
        self._topics = topics
        self._timeline, self._outlook = Timeline(), Outlook()
        self._problems, self._judges = Problems(), Judges()
        self._at = 0.0
        self._model = Model(lambda: self._at)
        self._model.take_topics(Reading(topics, taken_at=2.0))

    def look(self, groups: ClusterGroups, at: float) -> dict[str, float]:
        """Milliseconds of CPU for each part."""
        self._at = at
        topics = self._topics = later_topics(self._topics, at)
        return {
            "topics": spent(lambda: self._take_topics(topics, at)),
            "timeline": spent(lambda: self._timeline.observe(groups, at)),
            "standings": spent(lambda: self._outlook.observe(self._topics, groups)),
            "problems": spent(lambda: self._problems.observe(self._topics, groups, self._outlook, at)),
            "judging": spent(lambda: self._judge(at)),
            "the whole model": spent(lambda: self._take(groups, at)),
        }

    def _judge(self, at: float) -> Iterator[None]:
        self._judges.observe(self._outlook.judgements(), at, None)
        yield

    def _take_topics(self, topics: ClusterTopics, at: float) -> Iterator[None]:
        self._model.take_topics(Reading(topics, taken_at=at))
        yield

    def _take(self, groups: ClusterGroups, at: float) -> Iterator[None]:
        self._model.take_groups(Reading(groups, taken_at=at))
        yield from self._model.digest()


def spent(work: Callable[[], Iterator[None]]) -> float:
    """Milliseconds of CPU for all pieces of `work`."""
    began = thread_time()
    for _ in work():
        pass
    return 1e3 * (thread_time() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--groups", type=int, default=15_000)
    parser.add_argument("--topics", type=int, default=300)
    parser.add_argument("--looks", type=int, default=50)
    options = parser.parse_args()
    topics, groups = cluster(options.groups, options.topics)
    parts = Parts(topics)
    first = parts.look(groups, 3.0)
    for number in range(20):  # what is young is looked at more often
        parts.look(later(groups, 10.0 + 10 * number), 10.0 + 10 * number)
    same = [parts.look(later(groups, at), at) for at in (500.0 + 10 * n for n in range(options.looks))]
    news = [
        parts.look(with_news(groups, at, 10), at) for at in (5_000.0 + 10 * n for n in range(options.looks))
    ]
    print(f"{options.groups:,} groups, ms of CPU: first look, nothing new (median, most), ten groups changed")
    for name in first:
        nothing = [look[name] for look in same]
        changed = median(look[name] for look in news)
        print(f"{name:>16} {first[name]:9.1f} {median(nothing):9.2f} {max(nothing):9.2f} {changed:9.2f}")
    whole = median(look["topics"] + look["the whole model"] for look in same)
    print(f"a look that tells nothing new: {whole:.2f} ms, may take {MOST:g} ms")


if __name__ == "__main__":
    main()
