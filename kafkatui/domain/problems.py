"""The problems of a cluster, the worst first: line 2 of the screen shows them, and the key ``!`` jumps to
them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from heapq import nlargest
from itertools import chain
from operator import is_
from types import MappingProxyType

from kafkatui.domain.cluster.faults import FaultKind, mark_of
from kafkatui.domain.cluster.groups import ClusterGroups, Group
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import ClusterTopics, Topic
from kafkatui.domain.figures import count, signed
from kafkatui.domain.lag.standings import Outlook, Standing
from kafkatui.domain.lag.verdicts import Verdict
from kafkatui.domain.text import clip_middle, printable, printable_name

LISTED = 3
"""Up to this number of topics or groups with the same problem, each is listed; if there are more, only the
worst is listed, with the number of the others.
"""

MOST = 100
"""Up to this number of groups with the same harmful problem, each is listed; if there are more, the others
are counted.
"""

STORM = "rebalances in the last minute"
NOBODY = "nobody"
"""The kind of this problem: a group has no members, and has had none since the program started."""
ALIKE = frozenset({NOBODY, "silent", "waiting", "rewound"})
"""Kinds of problems that many groups may have at once without great harm: these groups are listed
together.
"""
NO_STORMS: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: of a topic, of a group, of a group with a topic, or of the whole cluster."""

    mark: Mark
    topic: str | None
    """The name of the topic that has the problem; ``None``: the problem belongs to no topic."""
    group: str | None
    """The id of the group that has the problem; ``None``: the problem belongs to no group."""
    text: str
    """The problem in words; the names of topic and group are not in it."""
    since: float
    """Monotonic seconds at which the problem was first seen."""
    kind: str = field(default="", compare=False)
    """What sort of problem it is, in a word or two: ``stuck``, ``under-replicated``. Problems of the same
    kind, topic and group at two times are one problem that went on; empty: it has no kind.
    """


@dataclass(frozen=True, slots=True)
class _Found:
    """A problem found in the newest readings; `Problems` adds the time since when it exists."""

    kind: str
    """Problems of the same kind, topic and group in two readings are one problem that goes on."""
    mark: Mark
    topic: str | None
    group: str | None
    text: str
    weight: float = 0.0
    """Orders problems that have the same mark: a higher weight is worse."""


def sentence(problem: Problem, *, ascii: bool = False) -> str:  # noqa: A002
    """A problem in one printable line: its topic and group, then the problem in words."""
    names = [
        clip_middle(printable_name(name, ascii=ascii), 40, ellipsis=".." if ascii else "…")
        for name in (problem.topic, problem.group)
        if name is not None
    ]
    where = (" <- " if ascii else " ← ").join(names)
    text = printable(problem.text, ascii=ascii)
    return f"{where}: {text}" if where else text


class Problems:
    """The problems of a cluster, and the time since when each exists. The caller feeds the newest readings to
    `observe`.
    """

    def __init__(self) -> None:
        self._since: dict[tuple[str, str | None, str | None], float] = {}
        self._brokers: set[int] = set()
        """Node ids of all brokers that were ever seen alive or as a replica."""
        self._topics: tuple[Topic, ...] | None = None
        """The topics of the newest reading; ``None``: there was no reading yet."""
        self._min_isr: Mapping[str, int] = MappingProxyType({})
        """``min.insync.replicas`` by topic, in the newest reading."""
        self._ids: dict[str, str | None] = {}
        """Topic ids by topic name: a new id means that the topic was deleted and made again."""
        self._of_topics: tuple[_Found, ...] = ()
        """The problems found in `_topics`."""
        self._groups: tuple[Group, ...] = ()
        """The groups of the newest reading."""
        self._of_faults: tuple[_Found, ...] = ()
        """The problems of those groups of `_groups` that could not be described."""
        self._changes = -1
        """`Outlook.changes` at the time when `_of_groups` was made; -1: it was never made."""
        self._of_groups: tuple[_Found, ...] = ()
        """The problems of groups with the topics that they read, found in the outlook."""
        self._few: list[_Found] = []
        """The problems of brokers, notes and storms from which `newest` was made; compared by value."""
        self._many: tuple[tuple[_Found, ...], ...] = ((),) * 3
        """`_of_topics`, `_of_faults` and `_of_groups` from which `newest` was made; compared by identity."""
        self.newest: tuple[Problem, ...] = ()
        """The problems as of the last call of `observe`, the worst first."""

    def observe(
        self,
        topics: ClusterTopics | None,
        groups: ClusterGroups | None,
        outlook: Outlook,
        at: float,
        storms: Mapping[str, int] = NO_STORMS,
    ) -> Iterator[None]:
        """Take in the newest readings at `at` (monotonic seconds); ``None``: there is no reading yet. The
        caller has given the same readings to `outlook` before.

        `storms`: by id of a group that rebalances too often, its number of rebalances in the last minute. The
        iterator yields after each bounded piece of work.
        """
        if topics is not None and not (topics.topics is self._topics and topics.min_isr is self._min_isr):
            yield from self._look_at_topics(topics)
        if groups is not None and groups.groups is not self._groups:
            self._groups, self._of_faults = groups.groups, tuple(_of_faults(groups))
        yield
        if outlook.changes != self._changes:
            yield from self._look_at_groups(outlook)
        notes = [*(topics.notes if topics is not None else ()), *(groups.notes if groups is not None else ())]
        few = [] if topics is None else self._of_brokers(topics)
        few += [_Found("note", Mark.UNKNOWN, None, None, note) for note in notes]
        if storms:
            yield
            few += _gather(_of_storms(storms, outlook))
        many = self._of_topics, self._of_faults, self._of_groups
        if few == self._few and all(map(is_, many, self._many)):
            return
        self._few, self._many = few, many
        found = [*few, *chain.from_iterable(many)]
        self._since = {
            key: self._since.get(key, at) for key in ((one.kind, one.topic, one.group) for one in found)
        }
        dated = [(one, self._since[one.kind, one.topic, one.group]) for one in found]
        dated.sort(
            key=lambda pair: (-pair[0].mark, -pair[0].weight, pair[0].topic or "", pair[0].group or "")
        )
        self.newest = tuple(
            Problem(one.mark, one.topic, one.group, one.text, since, one.kind) for one, since in dated
        )

    def _look_at_topics(self, value: ClusterTopics) -> Iterator[None]:
        """Find the problems of topics and their partitions, and note the brokers that hold
        replicas of them.
        """
        offline, thin, refused, below = [], [], [], []
        topics = value.topics
        ids = {topic.name: topic.topic_id for topic in topics}
        anew = {name for name, topic_id in ids.items() if self._ids.get(name, topic_id) != topic_id}
        self._since = {key: since for key, since in self._since.items() if key[1] not in anew}
        self._ids = ids
        for number, topic in enumerate(topics):
            offline += _offline(topic)
            thin += _under_replicated(topic)
            below += _below_min_isr(topic, value)
            refused += _refused(topic)
            for partition in topic.partitions:
                self._brokers.update(partition.replicas)
            if number % 100 == 99:
                yield
        self._topics, self._min_isr = topics, value.min_isr
        self._of_topics = (*refused, *_gather(offline), *_gather(below), *_gather(thin))

    def _look_at_groups(self, outlook: Outlook) -> Iterator[None]:
        """Find the problems of groups with the topics that they read."""
        changes, found = outlook.changes, list[_Found]()
        by_kind: dict[str, list[_Found]] = {}
        for number, standing in enumerate(outlook.standings):
            for one in _of_group(standing):
                by_kind.setdefault(one.kind, []).append(one)
            if number % 1000 == 999:
                yield
        for kind, same in by_kind.items():
            found += _gather(same) if kind in ALIKE else _worst(same)
            yield
        self._changes, self._of_groups = changes, tuple(found)

    def _of_brokers(self, topics: ClusterTopics) -> list[_Found]:
        alive = {broker.node_id for broker in topics.brokers}
        self._brokers |= alive
        gone = sorted(self._brokers - alive)
        return [
            _Found(f"broker {node}", Mark.BROKEN, None, None, f"broker {node} is gone", 2e12) for node in gone
        ]


def _offline(topic: Topic) -> list[_Found]:
    offline = sum(partition.leader is None for partition in topic.partitions)
    if not offline:
        return []
    text = f"{_partitions(offline)} offline"
    return [_Found("offline", Mark.BROKEN, topic.name, None, text, 3e12 + offline)]


def _under_replicated(topic: Topic) -> list[_Found]:
    thin = [
        partition
        for partition in topic.partitions
        if partition.leader is not None and partition.under_replicated
    ]
    if not thin:
        return []
    missing = sorted(
        {node for one in thin for node in one.replicas if node not in one.isr and node not in one.adding}
    )
    brokers = f"broker{'s' if len(missing) > 1 else ''} {', '.join(map(str, missing[:4]))}"
    text = f"{_partitions(len(thin))} under-replicated ({brokers}{', …' if len(missing) > 4 else ''})"
    return [_Found("under-replicated", Mark.WORSE, topic.name, None, text, 1e12 + len(thin))]


def _below_min_isr(topic: Topic, topics: ClusterTopics) -> list[_Found]:
    numbers = topics.refusing(topic)
    if not numbers:
        return []
    text = f"{_partitions(len(numbers))} below min.insync.replicas: acks=all is refused"
    return [_Found("below min ISR", Mark.BROKEN, topic.name, None, text, 2.5e12 + len(numbers))]


def _refused(topic: Topic) -> list[_Found]:
    if topic.error is None:
        return []
    mark = Mark.DENIED if topic.error.kind is FaultKind.DENIED else Mark.WORSE
    return [_Found("error", mark, topic.name, None, topic.error.text)]


def _of_faults(groups: ClusterGroups) -> Iterator[_Found]:
    """The problems of groups that could not be described; many with the same mark are gathered into one."""
    found: dict[Mark, list[_Found]] = {}
    for group in groups.groups:
        if group.fault is not None:
            mark = mark_of(group.fault)
            problem = _Found(f"fault {mark}", mark, None, group.group_id, group.fault.text)
            found.setdefault(mark, []).append(problem)
    for alike in found.values():
        yield from _gather(alike)


def _of_storms(storms: Mapping[str, int], outlook: Outlook) -> list[_Found]:
    """A problem for each group that rebalances too often, with a topic that the group reads."""
    topics = {standing.group: standing.topic for standing in outlook.standings if standing.group in storms}
    return [
        _Found("storm", Mark.WORSE, topics.get(group), group, f"{number} {STORM}", number)
        for group, number in storms.items()
    ]


KIND_AND_WEIGHT: Mapping[Verdict, tuple[str, float]] = MappingProxyType(
    {
        Verdict.LOST: ("lost", 1e12),
        Verdict.STUCK: ("stuck", 0.0),
        Verdict.UNREAD: ("unread", 0.0),
        Verdict.BEYOND: ("beyond", 1e11),
        Verdict.WAITING: ("waiting", 0.0),
        Verdict.SILENT: ("silent", 0.0),
        Verdict.BEHIND: ("behind", 0.0),
        Verdict.REWOUND: ("rewound", 0.0),
    }
)
"""The verdicts that are problems: the kind and the weight of each. Weight 0.0: the lag is the weight."""


def _of_group(standing: Standing) -> list[_Found]:
    """The problem of a group with a topic, by its verdict; empty: the verdict is no problem."""
    verdict, trend = standing.verdict, standing.trend
    if verdict not in KIND_AND_WEIGHT:
        return []
    kind, weight = KIND_AND_WEIGHT[verdict]
    lag = standing.known_lag or 0
    behind = f"{count(lag, 12)} behind"
    match verdict:
        case Verdict.LOST:
            text = f"commit below the log start on {_partitions(standing.lost)}: records lost"
        case Verdict.BEYOND:
            text = f"commit past the end on {_partitions(standing.deciding)}"
        case Verdict.BEHIND:
            text = f"{standing.phrase}, {_per_second(trend.growth)}, {behind}"
        case Verdict.UNREAD if standing.members == 0:
            gone = "no members any more" if standing.had_members else "no members"
            kind = "abandoned" if standing.had_members else NOBODY
            text = f"{gone}, {_per_second(trend.rate_in)}, {behind}"
        case Verdict.UNREAD:
            kind, weight = "unowned", 1e11
            text = f"{_partitions(standing.unowned or standing.deciding)} without an owner"
        case _:
            text = f"{standing.phrase}, {behind}"
    return [_Found(kind, verdict.mark, standing.topic, standing.group, text, weight or lag)]


def _gather(found: list[_Found]) -> Iterable[_Found]:
    """The same problem of several topics or groups: all of them, or, if there are more than `LISTED`, only
    the worst, with the number of the others in its text.
    """
    if len(found) <= LISTED:
        return found
    worst = max(found, key=lambda one: one.weight)
    noun = "topics" if worst.group is None else "groups"
    return [replace(worst, text=f"{worst.text}, and {len(found) - 1} other {noun}")]


def _worst(found: list[_Found]) -> list[_Found]:
    """The same problem of several groups: all of them, or, if there are more than `MOST`, the worst ones,
    with the number of the others in the text of the last.
    """
    if len(found) <= MOST:
        return found
    *worst, last = nlargest(MOST, found, key=lambda one: one.weight)
    return [*worst, replace(last, text=f"{last.text}, and {len(found) - MOST:,} other groups")]


def _partitions(number: int) -> str:
    return f"{number:,} partition{'s' if number != 1 else ''}"


def _per_second(rate: float | None) -> str:
    if rate is None:
        return "?/s"
    return f"{signed(round(rate))}/s" if rate >= 1 else f"+{rate:.1f}/s"
