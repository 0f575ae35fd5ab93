"""What is known of a cluster at one moment: the frozen value that panes, screens and programs without a
screen read. `kafkatui.watch.model` publishes it.

A part that did not change is the same object as before; no part is compared by its contents. Times are
monotonic seconds.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.cluster.groups import ClusterGroups
from kafkatui.domain.cluster.partitions import ClusterTopics
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.cluster.topics_view import TopicUsage
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.lag.history import LagHistory
from kafkatui.domain.lag.judging import Judging
from kafkatui.domain.lag.lag import GroupLag
from kafkatui.domain.lag.rates import TopicRates
from kafkatui.domain.lag.standings import Outlook, Standing
from kafkatui.domain.problems import Problem
from kafkatui.domain.rebalance.ownership import MapRow, OwnershipMap
from kafkatui.domain.rebalance.rebalances import Rebalance
from kafkatui.domain.rebalance.story import GroupStory
from kafkatui.domain.rebalance.timeline import Timeline


@dataclass(frozen=True, slots=True)
class TopicsPart:
    """All topics."""

    version: int = 0
    value: ClusterTopics | None = None
    """The newest answer; ``None``: there was none yet."""
    rates: TopicRates = field(default_factory=TopicRates)
    """How fast topics grow. Only the model writes it."""
    usage: Mapping[str, TopicUsage] | None = None
    """Who reads each topic; ``None``: not known yet. A topic that is missing is read by nobody."""
    brokers_seen: frozenset[int] = frozenset()
    """Node ids of all brokers that were ever alive: one that is gone still counts."""

    @property
    def names(self) -> Sequence[str]:
        """Every topic there is, in order of name."""
        return [topic.name for topic in self.value.topics] if self.value is not None else ()

    def partitions(self, topic: str | None) -> int | None:
        """How many partitions a topic has; ``None``: not told, or there is no such topic."""
        topics = self.value.topics if self.value is not None else ()
        found = next((one for one in topics if one.name == topic), None)
        return None if found is None else len(found.partitions) or None

    def compacted(self, topic: str | None) -> bool | None:
        """Whether a null value deletes its key in the topic; ``None``: not told."""
        return None if self.value is None or topic is None else self.value.compacted.get(topic)


@dataclass(frozen=True, slots=True)
class GroupsPart:
    """All groups."""

    version: int = 0
    value: ClusterGroups | None = None
    """The newest answer; ``None``: there was none yet."""
    standings: tuple[Standing, ...] = ()
    """Every group on every topic it reads."""
    outlook: Outlook = field(default_factory=Outlook)
    """What the standings come from, and tells the verdict of single partitions. Only the model writes it."""
    judged: bool = False
    """Topics and groups were taken in once at least: `standings` are complete."""
    vanished: Mapping[str, float] = field(default_factory=dict)
    """Groups that were there and are not any more: since when."""

    @property
    def names(self) -> Sequence[str]:
        """Every group there is, in order of name."""
        return [group.group_id for group in self.value.groups] if self.value is not None else ()

    @property
    def left_out(self) -> str | None:
        """Why there may be groups that are not listed; ``None``: all are."""
        return None if self.value is None else self.value.left_out

    def readers(self, topic: str | None) -> tuple[str, ...]:
        """Groups that read a topic: the worst first, then the one with most lag, then by name."""
        found = [standing for standing in self.standings if standing.topic == topic]
        found.sort(key=lambda one: (-one.verdict.mark, -(one.lag or 0), one.group))
        return tuple(standing.group for standing in found)


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened to groups since the program runs."""

    version: int = 0
    timeline: Timeline = field(default_factory=Timeline)
    """Rebalances of all groups, and what the deck did. Only the model writes it."""


@dataclass(frozen=True, slots=True)
class DeckPart:
    """Consumers of our own."""

    group: str | None = None
    """Their group; ``None``: there is no deck."""
    topics: Collection[str] = ()
    """What they read."""
    states: Mapping[str, str] = field(default_factory=dict)
    """How each fares, in a word (``frozen``), by client id."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The selected group on the selected topic. After another selection nothing of the one before is left."""

    version: int = 0
    topic: str | None = None
    group: str | None = None
    groups: tuple[str, ...] | None = None
    """Groups that read the topic, the worst first, and the deck's; ``None``: not known yet."""
    listed: bool = False
    """The group is there, or it is the deck's, which nobody has joined yet."""
    fault: Fault | None = None
    """Why the newest look told nothing of the group; ``None``: it did."""
    vanished_at: float | None = None
    """Since when the group is gone; ``None``: it is there, or was never seen."""
    partitions: int | None = None
    """How many the topic has, at least; ``None``: not known."""
    map: OwnershipMap | None = None
    """Members × partitions; ``None``: no look told members yet. The same object until something in it is
    another: the newest look is `story.looked_at`.
    """
    out: tuple[MapRow, ...] = ()
    """Consumers of ours that were put out of the group and still run, and that the map has forgotten."""
    story: GroupStory | None = None
    """What happened to the group; ``None``: no group is selected. Only the model writes it."""
    entries: tuple[Rebalance | Deed, ...] = ()
    """The log of the group, newest first."""
    told: int = 0
    """Another number: a consumer of ours told something, so that lanes may be others."""
    log_fault: Fault | None = None
    """Why the group's log is not read; ``None``: it is, or was not asked for yet."""
    lag: GroupLag | None = None
    """The newest answer; ``None``: there was none yet."""
    standing: Standing | None = None
    """How the group does on the topic; ``None``: not known yet."""
    history: LagHistory | None = None
    """The last minutes of `lag`; ``None``: nothing was told yet. Only the model writes it."""


@dataclass(frozen=True, slots=True)
class ClusterView:
    """Everything known of a cluster."""

    version: int = 0
    topics: TopicsPart = field(default_factory=TopicsPart)
    groups: GroupsPart = field(default_factory=GroupsPart)
    problems: tuple[Problem, ...] = ()
    """Worst first."""
    judging: Judging | None = None
    """How far the groups are judged; ``None``: topics or groups are not known yet."""
    happened: Happened = field(default_factory=Happened)
    deck: DeckPart = field(default_factory=DeckPart)
    shown: Shown = field(default_factory=Shown)
    topics_reading: Reading[ClusterTopics] = field(default_factory=Reading)
    """The newest look at the topics, with its time and its fault."""
    groups_reading: Reading[ClusterGroups] = field(default_factory=Reading)
    """The newest look at the groups."""
    lag_reading: Reading[GroupLag] = field(default_factory=Reading)
    """The newest look at the lag of the selected group on the selected topic."""
    digested: bool = False
    """All topics were looked through once: `problems` tells of them."""

    def readers(self, topic: str | None) -> tuple[str, ...]:
        """Groups that read a topic, the worst first; the deck's, too, before anybody is in it."""
        readers = self.groups.readers(topic)
        if self.deck.group is None or topic not in self.deck.topics or self.deck.group in readers:
            return readers
        return (*readers, self.deck.group)


def the_same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Whether these are the very same objects in the same places; only numbers and texts are compared by
    value.
    """
    return len(one) == len(other) and all(
        a is b or (isinstance(a, str | int | float) and a == b) for a, b in zip(one, other, strict=True)
    )
