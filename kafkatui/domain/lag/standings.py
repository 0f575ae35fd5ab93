"""All groups on all topics at once: who reads a topic, how far behind, how that changes, and the verdicts.

One engine for every place that shows a lag or a verdict. Work is cut into pieces, for a cluster may hold
10,000 partitions and 200 groups on each of them; what stayed the same is not reckoned anew, and what only
time changes is judged again when it is due. Times are monotonic seconds.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import chain, compress
from operator import is_not

from kafkatui.domain.cluster.groups import ClusterGroups, Group, GroupCommits, GroupKind
from kafkatui.domain.cluster.partitions import ClusterTopics, Topic, TopicLog
from kafkatui.domain.cluster.topics_view import TopicUsage
from kafkatui.domain.lag.calculate import MISSING, column
from kafkatui.domain.lag.group_topic import GroupTopic
from kafkatui.domain.lag.judging import GroupJudgement, judge_group
from kafkatui.domain.lag.lag import GroupLag, PartitionLag
from kafkatui.domain.lag.looks import columns_of
from kafkatui.domain.lag.membership import NOT_KNOWN, Memberships, memberships
from kafkatui.domain.lag.standing import Standing, usage_of, worst_first
from kafkatui.domain.lag.unread import Answer, Doubt
from kafkatui.domain.lag.verdicts import PartitionVerdict

__all__ = ["Outlook", "Standing"]

PIECE = 3000
"""Commits looked at in one piece of work: some 2 ms."""
SORTED_PIECE = 1000
"""Standings that are sorted and summed in one piece of work; a topic counts as ten more."""
SHOWN = 10.0
"""Seconds for which a topic that a group does not read is kept after it was shown."""
AGAIN = 5.0
"""Seconds between two searches for verdicts that are due."""
NEVER = float("-inf")
NOTHING = array("q")


@dataclass(slots=True)
class _Known:
    """Everything remembered of one group."""

    group: Group
    commits: GroupCommits | None
    readers: Memberships
    columns: dict[str, "array[int]"] = field(default_factory=dict)
    """Topic → committed offsets by partition number."""
    unanswered: dict[str, set[int]] = field(default_factory=dict)
    """Topic → partitions whose commit is not known."""
    topics: dict[str, GroupTopic] = field(default_factory=dict)
    is_listed: bool = False
    """It is among the groups of the cluster; else only its lag was looked at."""
    commits_at: float = NEVER
    """Time of the answer that first contained these commits: later answers were equal."""
    shares: tuple[str, ...] = ()
    """The topics of a share group."""


@dataclass(slots=True)
class _Log:
    """Where the log of a topic starts and ends, in columns."""

    log: TopicLog
    ends: "array[int]"
    starts: "array[int]"


class Outlook:
    """Feed each pair of readings to `observe` and those of the shown group to `observe_lag`; ask `usage`,
    `readers`, `standings`, `row` and `judgements`.
    """

    def __init__(self, *, asks_unread: bool = False) -> None:
        """`asks_unread`: somebody looks up the `doubts` and hands in each `answer`. Before that nothing is
        called stuck; where nobody does, all that is not committed counts as readable.
        """
        self.usage: Mapping[str, TopicUsage] = {}
        """By topic; a topic nobody reads is missing, unless some groups are not known."""
        self.observed = False
        """Topics and groups were seen once at least."""
        self.changes = 0
        """How often `standings` became another object."""
        self.asks_unread = asks_unread
        """Of groups that appear from now on."""
        self._known: dict[str, _Known] = {}
        self._by_topic: dict[str, dict[str, GroupTopic]] = {}
        self._logs: dict[str, _Log] = {}
        self._topics: tuple[Topic, ...] = ()
        self._there: frozenset[str] = frozenset()
        """The names of all topics."""
        self._groups: tuple[Group, ...] = ()
        self._commits: Mapping[str, GroupCommits] = {}
        self.readers: Mapping[str, tuple[str, ...]] = {}
        """Topic → the groups that read it: the worst verdict first, then the most lag, then by name."""
        self.standings: tuple[Standing, ...] = ()
        """Every group on every topic it reads."""
        self._standings_on: dict[str, list[Standing]] = {}
        """Topic → the standings of the groups that read it."""
        self._judgements: dict[str, GroupJudgement] = {}
        self._doubtful: dict[tuple[str, str], GroupTopic] = {}
        self._due: list[tuple[float, str, str]] = []
        self._changed: set[str] = set()
        """Topics with a standing that is new since `usage` was made."""
        self._moved: set[str] = set()
        """Groups with a standing that is new, or no longer there, since `take_moved`."""
        self._news: dict[str, GroupJudgement] = {}
        self._complete = True
        """The newest list contained every group there is."""
        self._sharing: Counter[str] = Counter()
        """Topic → number of share groups that read it."""
        self._waiting: dict[str, set[str]] = {}
        """Topic → groups whose commits are newer than the known ends of its log."""
        self._commits_at = NEVER
        """Time at which the newest commits of all groups were asked for."""
        self._newest = NEVER
        """Time of the newest answer of any task."""

    # what is fed

    def observe(self, topics: ClusterTopics, groups: ClusterGroups) -> Iterator[None]:
        """Take in the newest readings of both tasks; yields after each bounded piece of work, and must be run
        to its end.

        Lag is reckoned only where the ends were asked for after the commits: in the other order a busy group
        would seem ahead of its log.
        """
        logs = self._moved_logs(topics)
        answered_at = groups.commits_taken_at
        if answered_at is None:
            answered_at = max((one.taken_at for one in groups.commits.values()), default=NEVER)
        self._commits_at = max(self._commits_at, answered_at)
        self._newest = max(self._newest, self._commits_at)
        yield
        changed = self._moved_groups(groups)
        for name, group in changed.items():
            yield from self._look_at_group(group, groups.commits.get(name))
        for topic in logs:
            for name, known in list(self._by_topic.get(topic, {}).items()):
                if name not in changed:
                    yield from self._look(self._known[name], known)
                    self._conclude(self._known[name])
        yield
        yield from self._judge_due()
        complete = groups.left_out is None
        if complete != self._complete or not self.observed:
            self._complete = complete
            self._changed.update(self._by_topic, self._there)
        self.observed = True
        yield from self._publish()

    def observe_lag(self, lag: GroupLag, group: Group | None = None) -> Iterator[None]:
        """Take in a reading of the shown group; one that tells nothing of its commits is passed over.
        `group`: its description, where `observe` saw none yet. Yields as `observe` does.
        """
        if lag.fault is not None:
            return
        known = self._known.get(lag.group_id)
        if known is None:
            known = self._known[lag.group_id] = _Known(Group(lag.group_id), None, Memberships({}, NOT_KNOWN))
        if not self.observed and group is not None:
            found_readers: list[Memberships] = []
            yield from memberships(group, found_readers)
            known.readers = found_readers[0]
        found = self._group_topic(known, lag.topic, lag.topic_id, lag.ends_taken_at)
        if found is None:
            return
        if not self.observed:
            found.attend(known.readers.of(lag.topic), lag.ends_taken_at)
        yield
        found.unanswered, found.shown_at = False, lag.ends_taken_at
        self._newest = max(self._newest, lag.ends_taken_at)
        asked_at, answered_at = lag.commits_asked_at, lag.commits_taken_at
        times = None if asked_at is None or answered_at is None else (asked_at, answered_at)
        yield from found.look(lag.ends_taken_at, *columns_of(lag), times)
        yield from self._judge(known, found)
        self._conclude(known)
        yield from self._publish()

    def answer(self, answers: Iterable[Answer]) -> Iterator[None]:
        """Take in what was found at `doubts`. Yields as `observe` does."""
        for answer in answers:
            for name, found in list(self._by_topic.get(answer.doubt.topic, {}).items()):
                if found.answer(answer):
                    yield from self._judge(self._known[name], found)
                    self._conclude(self._known[name])
        yield from self._publish()

    # what is asked

    def doubts(self) -> tuple[Doubt, ...]:
        """Partitions of which must be known whether anything readable is left before groups are judged."""
        return tuple(dict.fromkeys(doubt for found in self._doubtful.values() for doubt in found.doubts))

    def standing(self, group: str, topic: str) -> Standing | None:
        """One group on one topic; ``None``: nothing is known of it."""
        found = self._by_topic.get(topic, {}).get(group)
        return None if found is None else found.standing

    def row(self, group: str, topic: str, lag: PartitionLag) -> PartitionVerdict | None:
        """The verdict of one partition, beside the figures shown; ``None``: nothing is known of the group."""
        found = self._by_topic.get(topic, {}).get(group)
        return None if found is None else found.row(lag)

    def judgements(self) -> Mapping[str, GroupJudgement]:
        """How far each group is judged. A new object whenever something changed."""
        return self._judgements

    def of_group(self, group: str) -> list[Standing]:
        """The standings of one group, one for each topic that it reads."""
        known = self._known.get(group)
        if known is None or not known.is_listed:
            return []
        return [one.standing for one in known.topics.values() if one.standing is not None and one.is_read]

    def take_moved(self) -> set[str]:
        """The ids of groups whose standings changed since the call before."""
        moved, self._moved = self._moved, set()
        return moved

    # the readings

    def _moved_logs(self, topics: ClusterTopics) -> list[str]:
        """Topics whose log starts or ends elsewhere than before."""
        moved = []
        for name, log in topics.logs.items():
            known = self._logs.get(name)
            if known is not None and known.log is log:
                continue
            same = (
                known is not None
                and known.log.ends == log.ends
                and known.log.starts == log.starts
                and known.log.topic_id == log.topic_id
            )
            if same and known is not None:
                known.log = log
                if self._waiting.pop(name, None):
                    moved.append(name)
            else:
                self._logs[name] = _Log(log, column(log.ends), column(log.starts))
                moved.append(name)
        for name in self._logs.keys() - topics.logs.keys():
            del self._logs[name]
        if topics.topics is not self._topics:
            self._topics = topics.topics
            there = frozenset(topic.name for topic in topics.topics)
            self._changed |= there ^ self._there
            self._there = there
        return moved

    def _moved_groups(self, groups: ClusterGroups) -> dict[str, Group]:
        """Groups whose members or commits are others than before; those that are gone are forgotten."""
        if groups.groups is self._groups and groups.commits is self._commits:
            return {}
        old, new = self._groups, groups.groups
        found = list(compress(zip(old, new, strict=False), map(is_not, old, new)))
        if len(old) != len(new) or any(before.group_id != now.group_id for before, now in found):
            for name in self._known.keys() - {group.group_id for group in new}:
                self._forget_group(name)
            found = [(group, group) for group in new]
        elif groups.commits is not self._commits:
            found = [(group, group) for group in new]
        self._groups, self._commits = new, groups.commits
        return {group.group_id: group for _, group in found if self._is_news(group, groups.commits)}

    def _is_news(self, group: Group, commits: Mapping[str, GroupCommits]) -> bool:
        known = self._known.get(group.group_id)
        newest = commits.get(group.group_id)
        if known is None or (known.commits is None) != (newest is None):
            return True
        if known.group is not group:
            if known.group.state != group.state or known.group.members != group.members:
                return True
            if known.group.fault != group.fault or known.group.sharing != group.sharing:
                return True
            known.group = group
        if newest is known.commits or newest is None or known.commits is None:
            return False
        if (newest.fault, newest.faults) != (known.commits.fault, known.commits.faults):
            return True
        if newest.offsets is not known.commits.offsets and newest.offsets != known.commits.offsets:
            return True
        known.commits = newest
        return False

    def _look_at_group(self, group: Group, commits: GroupCommits | None) -> Iterator[None]:
        """The members or the commits of the group differ from those known."""
        name = group.group_id
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = _Known(group, None, Memberships({}, NOT_KNOWN))
        found: list[Memberships] = []
        yield from memberships(group, found)
        known.group, known.readers, known.is_listed = group, found[0], True
        self._share(known, () if group.sharing is None else group.sharing.topics)
        if commits is not None and commits.fault is None:
            yield from self._split(known, commits)
            known.commits_at = commits.taken_at
        known.commits = commits
        answered = group.members is not None and commits is not None and commits.fault is None
        there = self._there
        wanted = dict.fromkeys((*known.columns, *known.unanswered, *known.readers.by_topic))
        for topic in list(known.topics):
            if topic in wanted:
                continue
            if topic not in there or (answered and known.topics[topic].shown_at < self._commits_at - SHOWN):
                self._forget_topic(known, topic)
            else:
                wanted[topic] = None
        for topic in wanted:
            log = self._logs.get(topic)
            topic_id = None if log is None else log.log.topic_id
            at = known.commits_at if log is None else log.log.taken_at
            one = self._group_topic(known, topic, topic_id, at)
            if one is None:
                continue
            one.unanswered = (commits is not None and commits.fault is not None) or (
                not answered and topic not in known.columns and topic not in known.readers.by_topic
            )
            one.attend(known.readers.of(topic), self._commits_at)
            yield from self._look(known, one)
        self._conclude(known)

    def _share(self, known: _Known, topics: tuple[str, ...]) -> None:
        """Note which topics a share group reads."""
        if known.shares != topics:
            self._sharing.subtract(known.shares)
            self._sharing.update(topics)
            self._changed.update(known.shares, topics)
            self._moved.add(known.group.group_id)
            known.shares = topics

    def _split(self, known: _Known, commits: GroupCommits) -> Iterator[None]:
        """The commits by topic."""
        if known.commits is not None and known.commits.offsets is commits.offsets:
            return
        by_topic: dict[str, dict[int, int]] = {}
        name: str | None = None
        offsets: dict[int, int] = {}
        for done, ((topic, number), committed) in enumerate(commits.offsets.items(), 1):
            if topic != name:
                name = topic
                offsets = by_topic.setdefault(topic, {})
            offsets[number] = committed
            if done % PIECE == 0:
                yield
        columns: dict[str, array[int]] = {}
        since = 0
        for topic, found in by_topic.items():
            made = columns[topic] = array("q", [MISSING]) * (1 + max(found))
            for number, committed in found.items():
                made[number] = committed
            since += len(made)
            if since > PIECE:
                since = 0
                yield
        known.columns = columns
        known.unanswered = {}
        for partition in commits.faults:
            known.unanswered.setdefault(partition.topic, set()).add(partition.partition)

    def _look(self, known: _Known, found: GroupTopic) -> Iterator[None]:
        """Take in commits and log ends, if the ends were asked for after the commits."""
        log = self._logs.get(found.topic)
        answered = _is_answered(known)
        found.waits = answered and (log is None or log.log.taken_at < known.commits_at)
        if found.waits:
            self._waiting.setdefault(found.topic, set()).add(known.group.group_id)
        if answered and log is not None and not found.waits:
            commits = known.columns.get(found.topic, NOTHING)
            unanswered = known.unanswered.get(found.topic, ())
            times = self._commits_at, known.commits_at
            yield from found.look(log.log.taken_at, commits, log.ends, log.starts, unanswered, times)
        yield from self._judge(known, found)

    def _group_topic(self, known: _Known, topic: str, topic_id: str | None, at: float) -> GroupTopic | None:
        """The memory of a group on a topic; ``None``: the topic was deleted and created again after `at`."""
        name = known.group.group_id
        found = known.topics.get(topic)
        if found is not None and None not in {topic_id, found.topic_id} and found.topic_id != topic_id:
            if at <= found.at:
                return None
            found = None
        if found is None:
            found = GroupTopic(
                name, topic, topic_id, unowned_before=not self.observed, asks_unread=self.asks_unread
            )
            found.attend(known.readers.of(topic), at)
            known.topics[topic] = found
            self._by_topic.setdefault(topic, {})[name] = found
        elif found.topic_id is None:
            found.topic_id = topic_id
        return found

    def _forget_group(self, name: str) -> None:
        known = self._known.pop(name)
        self._share(known, ())
        self._judgements = {other: found for other, found in self._judgements.items() if other != name}
        for topic in list(known.topics):
            self._forget_topic(known, topic)

    def _forget_topic(self, known: _Known, topic: str) -> None:
        name = known.group.group_id
        del known.topics[topic]
        self._by_topic[topic].pop(name)
        if not self._by_topic[topic]:
            del self._by_topic[topic]
        self._doubtful.pop((name, topic), None)
        self._changed.add(topic)
        self._moved.add(name)

    # verdicts

    def _judge(self, known: _Known, found: GroupTopic) -> Iterator[None]:
        if not found.must_be_judged:
            return
        before = found.standing
        yield from found.judge()
        name = known.group.group_id
        if known.topics.get(found.topic) is not found:
            return  # it was forgotten meanwhile
        if found.standing != before:
            self._changed.add(found.topic)
            self._moved.add(name)
        else:
            found.standing = before  # an equal standing stays the same object in every place
        if found.doubts:
            self._doubtful[name, found.topic] = found
        else:
            self._doubtful.pop((name, found.topic), None)
        if found.due_at != float("inf"):
            heappush(self._due, (found.due_at, name, found.topic))

    def _judge_due(self) -> Iterator[None]:
        """Judge again where the verdict may have changed by time alone."""
        while self._due and self._due[0][0] <= self._newest:
            due_at, name, topic = heappop(self._due)
            known = self._known.get(name)
            found = None if known is None else known.topics.get(topic)
            if known is None or found is None or found.due_at != due_at:
                continue
            log = self._logs.get(topic)
            if log is not None and not found.waits and _is_answered(known):
                found.still(min(log.log.taken_at, self._commits_at))
            if found.at >= due_at:
                yield from self._judge(known, found)
                self._conclude(known)
            else:  # it was not looked at since
                found.due_at = self._newest + AGAIN
                heappush(self._due, (found.due_at, name, topic))

    def _conclude(self, known: _Known) -> None:
        """How far the group is judged over all its topics."""
        group, commits = known.group, known.commits
        if not known.is_listed:
            return
        answered = group.members is not None and commits is not None and commits.fault is None
        if group.kind is GroupKind.SHARE and group.fault is None:
            answered = group.sharing is not None
        found = judge_group(
            asked=answered or group.fault is not None or (commits is not None and commits.fault is not None),
            answered=answered,
            standings=[(one.verdict, one.lag) for one in self.of_group(group.group_id)],
        )
        if self._judgements.get(group.group_id) != found:
            self._news[group.group_id] = found

    def _publish(self) -> Iterator[None]:
        """Publish usage and readers of the topics with a new standing."""
        if self._news:
            self._judgements = {**self._judgements, **self._news}
            self._news = {}
        if not self._changed:
            return
        changed, self._changed = self._changed, set()
        usage, readers = dict(self.usage), dict(self.readers)
        done = 0
        for topic in changed:
            standings = [
                found.standing
                for name, found in self._by_topic.get(topic, {}).items()
                if found.standing is not None and found.is_read and self._known[name].is_listed
            ]
            if standings:
                self._standings_on[topic] = standings
            else:
                self._standings_on.pop(topic, None)
            readers[topic] = tuple(standing.group for standing in sorted(standings, key=worst_first))
            sharing = self._sharing[topic]
            if standings or sharing or (not self._complete and topic in self._there):
                usage[topic] = usage_of(standings, complete=self._complete, sharing=sharing)
            else:
                usage.pop(topic, None)
            done += 10 + len(standings)
            if done >= SORTED_PIECE:
                done = 0
                yield
        self.changes += 1
        self.usage, self.readers = usage, readers
        self.standings = tuple(chain.from_iterable(self._standings_on.values()))


def _is_answered(known: _Known) -> bool:
    """The newest answer contains the commits of the group."""
    return known.commits is not None and known.commits.fault is None
