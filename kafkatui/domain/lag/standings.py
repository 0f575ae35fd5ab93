"""All groups on all topics at once: who reads a topic, how far behind, and how that changes. Sums only, no
partition is kept.

Work is cut into pieces, for a cluster may hold 10,000 partitions and 200 groups on each of them. Times are
monotonic seconds.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from kafkatui.domain.cluster.groups import ClusterGroups, Group, GroupCommits
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import ClusterTopics, TopicLog
from kafkatui.domain.cluster.topics_view import TopicUsage
from kafkatui.domain.lag.judging import GroupJudgement, judge_group
from kafkatui.domain.lag.trends import NOTHING_KNOWN, Point, Trend, measure
from kafkatui.domain.lag.verdicts import Verdict, judge_trend

KEPT_LOOKS = 120.0
"""Seconds for which sums are kept."""
MEASURED_EVERY = 4.0
"""Seconds between two reckonings of the same trend: there may be a thousand of them."""
PIECE = 3000
"""Commits or assigned partitions looked at in one piece of work: some 2 ms."""
GROUPS_A_PIECE = 200
"""Groups that stayed as they were, looked at in one piece; what is reckoned anew weighs ten times as much."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One group on one topic."""

    topic: str
    group: str
    lag: int | None
    """Sum over the partitions with a commit; ``None``: not known (yet) for one of them, or nothing is
    committed.
    """
    unset: int
    """Partitions assigned with nothing committed: not in `lag`."""
    lost: int
    """Partitions whose commit is below the log start."""
    unowned: int
    """Partitions without an owner although a member reads the topic and the group is Stable."""
    members: int | None
    """Of the group; ``None``: not told."""
    had_members: bool
    """The group had members at some look."""
    trend: Trend
    verdict: Verdict


@dataclass(slots=True)
class _Sum:
    """What one reading tells of one (group, topic)."""

    committed: int = 0
    end: int = 0
    counted: int = 0
    unknown: int = 0
    unset: int = 0
    lost: int = 0
    assigned: int = 0
    subscribed: bool = False


@dataclass(slots=True)
class _Past:
    topic_id: str | None = None
    points: list[Point] = field(default_factory=list)
    commits_at: float = float("-inf")
    counted: int = 0
    trend: Trend = NOTHING_KNOWN
    measured_at: float = float("-inf")
    standing: Standing | None = None


@dataclass(slots=True)
class _Seen:
    """What the standings of one group were made of."""

    group: Group
    commits: GroupCommits | None
    logs: dict[str, TopicLog | None]
    """Of each topic the group reads."""
    judgement: GroupJudgement

    def still_holds(self, group: Group, commits: GroupCommits | None, topics: ClusterTopics) -> bool:
        """Made of these the standings would be the same."""
        old = self.group
        return (
            commits is self.commits
            and (group is old or (group.state == old.state and group.members == old.members))
            and all(topics.logs.get(topic) is log for topic, log in self.logs.items())
        )


class Outlook:
    """Feed each pair of readings to `observe`; ask `usage`, `readers`, `standings` and `judgements`."""

    def __init__(self) -> None:
        self.usage: Mapping[str, TopicUsage] = {}
        """By topic; a topic nobody reads is missing, unless some groups are not known."""
        self.observed = False
        """Topics and groups were seen once at least."""
        self.changes = 0
        """How often `standings` gave something new."""
        self._past: dict[tuple[str, str], _Past] = {}
        self._seen: dict[str, _Seen] = {}
        self._sizes: dict[str, int] = {}
        self._readers: dict[str, tuple[str, ...]] = {}
        self._had_members: set[str] = set()
        self._complete = True
        """The groups seen last were all there are."""

    def observe(self, topics: ClusterTopics, groups: ClusterGroups) -> Iterator[None]:
        """Take in the newest readings of both tasks; yields after each bounded piece of work, and must be run
        to its end.

        Lag is reckoned only where the ends were asked for after the commits, once for each answer of commits:
        in the other order a busy group would seem ahead of its log.
        """
        sizes = {topic.name: len(topic.partitions) for topic in topics.topics}
        resized, self._sizes = sizes != self._sizes, sizes
        past: dict[tuple[str, str], _Past] = {}
        seen: dict[str, _Seen] = {}
        complete = groups.left_out is None
        changed, since = complete != self._complete, 0
        for group in groups.groups:
            name = group.group_id
            commits = groups.commits.get(name)
            known = self._seen.get(name)
            if known is not None and not resized and known.still_holds(group, commits, topics):
                seen[name] = known
                past.update(((topic, name), self._past[topic, name]) for topic in known.logs)
                since += 1 + len(known.logs) // 10
            else:
                if group.members:
                    self._had_members.add(name)
                sums: dict[str, _Sum] = {}
                yield from _add_members(sums, group, commits)
                if commits is not None:
                    yield from _add_commits(sums, commits, topics)
                if not _told(group, commits):
                    before = () if known is None else known.logs
                    _add_untold(sums, commits, (topic for topic in before if topic in sizes))
                logs = {topic: topics.logs.get(topic) for topic in sums}
                for topic, found in sums.items():
                    key = (topic, name)
                    old = self._past.get(key, _Past())
                    stood = old.standing
                    past[key] = self._take(old, found, topic, group, commits, topics, sizes.get(topic))
                    changed = changed or stood != past[key].standing
                    since += 10
                    if since > GROUPS_A_PIECE:
                        since = 0
                        yield
                seen[name] = _Seen(group, commits, logs, _judge(group, commits, logs, past))
                since += 10
            if since > GROUPS_A_PIECE:
                since = 0
                yield
        yield
        changed = changed or past.keys() != self._past.keys()
        self._past, self._seen, self._complete, self.observed = past, seen, complete, True
        if not changed:
            return
        self.changes += 1
        by_topic: dict[str, list[Standing]] = {}
        for standing in self.standings():
            by_topic.setdefault(standing.topic, []).append(standing)
        yield
        self.usage = {
            topic: _usage(by_topic.get(topic, ()), complete=complete)
            for topic in (by_topic if complete else {**by_topic, **sizes})
        }
        self._readers = {
            topic: tuple(standing.group for standing in sorted(standings, key=_worst_first))
            for topic, standings in by_topic.items()
        }

    def standings(self) -> Iterator[Standing]:
        """Every group on every topic it reads."""
        return (past.standing for past in self._past.values() if past.standing is not None)

    def readers(self, topic: str) -> tuple[str, ...]:
        """Groups that read a topic: the worst first, then the one with most lag, then by name."""
        return self._readers.get(topic, ())

    def judgements(self) -> Mapping[str, GroupJudgement]:
        """How far each group is judged."""
        return {name: seen.judgement for name, seen in self._seen.items()}

    def _take(
        self,
        past: _Past,
        found: _Sum,
        topic: str,
        group: Group,
        commits: GroupCommits | None,
        topics: ClusterTopics,
        size: int | None,
    ) -> _Past:
        log = topics.logs.get(topic)
        if log is not None and log.topic_id != past.topic_id:
            past = _Past(log.topic_id)  # made again under its name
        newer = (
            commits is not None
            and commits.fault is None
            and log is not None
            and log.taken_at >= commits.taken_at
        )
        if not newer:  # where the log began before these commits says nothing of them
            found.lost = past.standing.lost if past.standing is not None else 0
        known = newer and found.counted > 0
        if known and commits is not None and log is not None and commits.taken_at > past.commits_at:
            point = Point(log.taken_at, found.committed, found.end)
            last = past.points[-1] if past.points else None
            if last and (
                last.committed > point.committed or last.end > point.end or past.counted != found.counted
            ):
                past.points.clear()  # rewound, made again, or other partitions: the past says nothing of this
                past.measured_at = float("-inf")
            past.points.append(point)
            while point.at - past.points[0].at > KEPT_LOOKS:
                del past.points[0]
            past.commits_at, past.counted = commits.taken_at, found.counted
            if not point.lag:
                past.trend, past.measured_at = NOTHING_KNOWN, float("-inf")
            elif point.at - past.measured_at >= MEASURED_EVERY:
                past.trend, past.measured_at = measure(past.points, markers=found.counted), point.at
        trend = past.trend
        lag = past.points[-1].lag if past.points and not found.unknown else None
        members = None if group.members is None else len(group.members)
        reads = found.assigned > 0 or found.subscribed
        settled = members is not None and members > 0 and not group.rebalancing
        unowned = max(0, size - found.assigned) if settled and reads and size is not None else 0
        past.standing = Standing(
            topic=topic,
            group=group.group_id,
            lag=lag,
            unset=found.unset,
            lost=found.lost,
            unowned=unowned,
            members=members,
            had_members=group.group_id in self._had_members,
            trend=trend,
            verdict=Verdict.MEASURING
            if log is None and size is not None and not found.lost  # its ends were not asked for yet
            else _verdict(lag, members, trend, found),
        )
        return past


def _told(group: Group, commits: GroupCommits | None) -> bool:
    return group.members is not None and commits is not None and commits.fault is None


def _judge(
    group: Group,
    commits: GroupCommits | None,
    topics: Iterable[str],
    past: Mapping[tuple[str, str], _Past],
) -> GroupJudgement:
    standings = (past[topic, group.group_id].standing for topic in topics)
    told = _told(group, commits)
    return judge_group(
        asked=told or group.fault is not None or (commits is not None and commits.fault is not None),
        told=told,
        standings=[(found.verdict, found.lag) for found in standings if found is not None],
    )


def _verdict(lag: int | None, members: int | None, trend: Trend, found: _Sum) -> Verdict:
    if found.lost:
        return Verdict.LOST
    if lag is None:
        if found.unset and not found.counted:
            return Verdict.UNSET
        return Verdict.UNKNOWN if found.unknown else Verdict.MEASURING  # no ends since the first commit yet
    if members == 0:
        return Verdict.UNREAD if lag and trend.rate_in else Verdict.STOPPED
    return judge_trend(trend) if lag else Verdict.OK


def _add_members(sums: dict[str, _Sum], group: Group, commits: GroupCommits | None) -> Iterator[None]:
    """What members own and subscribed to; owned without a commit is unset."""
    done = 0
    for member in group.members or ():
        for topic in member.subscription or ():
            sums.setdefault(topic, _Sum()).subscribed = True
        for start in range(0, len(member.assignment), PIECE):
            for partition in member.assignment[start : start + PIECE]:
                found = sums.get(partition.topic)
                if found is None:
                    found = sums[partition.topic] = _Sum()
                found.assigned += 1
                if (
                    commits
                    and partition not in commits.offsets
                    and partition not in commits.faults
                    and not commits.fault
                ):
                    found.unset += 1
            done += len(member.assignment[start : start + PIECE])
            if done >= PIECE:
                done = 0
                yield


def _add_commits(sums: dict[str, _Sum], commits: GroupCommits, topics: ClusterTopics) -> Iterator[None]:
    """What the group committed, against where the logs start and end."""
    name: str | None = None
    starts: tuple[int | None, ...] = ()
    ends: tuple[int | None, ...] = ()
    found = _Sum()
    for done, ((topic, number), committed) in enumerate(commits.offsets.items(), 1):
        if topic != name:
            name = topic
            log = topics.logs.get(topic)
            starts, ends = (log.starts, log.ends) if log else ((), ())
            found = sums.setdefault(topic, _Sum())
        end = ends[number] if number < len(ends) else None
        if end is None:
            found.unknown += 1
            continue
        found.counted += 1
        found.end += end
        found.committed += committed if committed < end else end
        start = starts[number] if number < len(starts) else None
        if start is not None and committed < start:
            found.lost += 1
        if done % PIECE == 0:
            yield
    for partition in commits.faults:
        sums.setdefault(partition.topic, _Sum()).unknown += 1


def _add_untold(sums: dict[str, _Sum], commits: GroupCommits | None, topics: Iterable[str]) -> None:
    """What is not told of a group now does not take it away from the `topics` it read: how far it is there is
    not known.
    """
    if commits is not None and commits.fault is not None:
        for found in sums.values():
            found.unknown += 1
    for topic in topics:
        sums.setdefault(topic, _Sum(unknown=1))


def _usage(standings: Iterable[Standing], *, complete: bool) -> TopicUsage:
    standings = list(standings)
    lags = [standing.lag for standing in standings if standing.verdict is not Verdict.UNSET]
    return TopicUsage(
        groups=len(standings),
        lag=None if None in lags else sum(lag for lag in lags if lag is not None),
        unset=sum(standing.unset for standing in standings),
        mark=max((standing.verdict.mark for standing in standings), default=Mark.NOTHING),
        complete=complete,
    )


def _worst_first(standing: Standing) -> tuple[int, int, str]:
    return -standing.verdict.mark, -(standing.lag or 0), standing.group
