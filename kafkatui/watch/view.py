"""Everything known of a cluster at one moment: a frozen value. Panes, screens and programs without a screen
read it; `kafkatui.watch.model` publishes it.

A part that did not change is the same object as before, and parts are compared by identity, not by contents.
Times are monotonic seconds.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from kafkatui.domain.cluster.brokers import ClusterBrokers
from kafkatui.domain.cluster.faults import Fault
from kafkatui.domain.cluster.groups import ClusterGroups
from kafkatui.domain.cluster.partitions import Broker, ClusterTopics, TopicPartition
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.cluster.topic_facts import TopicFacts
from kafkatui.domain.cluster.topics_view import TopicUsage
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.lag.ages import WrittenAt
from kafkatui.domain.lag.group_standing import GroupStanding
from kafkatui.domain.lag.history import LagHistory
from kafkatui.domain.lag.judging import Judging
from kafkatui.domain.lag.lag import GroupLag
from kafkatui.domain.lag.rates import TopicRates
from kafkatui.domain.lag.standings import Outlook, Standing
from kafkatui.domain.problems import Problem
from kafkatui.domain.rebalance.ownership import MapRow, OwnershipMap
from kafkatui.domain.rebalance.past import PastRebalances
from kafkatui.domain.rebalance.rebalances import Rebalance
from kafkatui.domain.rebalance.story import GroupStory
from kafkatui.domain.rebalance.timeline import Timeline


@dataclass(frozen=True, slots=True)
class TopicsPart:
    """What is known of all topics."""

    version: int = 0
    value: ClusterTopics | None = None
    """The newest answer; ``None``: no answer came yet."""
    rates: TopicRates = field(default_factory=TopicRates)
    """How fast topics grow. A mutable object: only the model writes to it."""
    usage: Mapping[str, TopicUsage] | None = None
    """The groups that read each topic, by topic; ``None``: not known yet. A topic that is missing here is
    read by no group.
    """
    brokers_seen: frozenset[int] = frozenset()
    """Node ids of all brokers that were ever alive, those that are down now included."""
    brokers_known: Mapping[int, Broker] = field(default_factory=dict)
    """The same brokers, each with its newest address."""

    @property
    def names(self) -> Sequence[str]:
        """The names of all topics, sorted."""
        return [topic.name for topic in self.value.topics] if self.value is not None else ()

    def partitions(self, topic: str | None) -> int | None:
        """How many partitions a topic has; ``None``: not known, or the topic does not exist."""
        topics = self.value.topics if self.value is not None else ()
        found = next((one for one in topics if one.name == topic), None)
        return None if found is None else len(found.partitions) or None

    def compacted(self, topic: str | None) -> bool | None:
        """Whether the topic is compacted: a null value then deletes its key; ``None``: not known."""
        return None if self.value is None or topic is None else self.value.compacted.get(topic)


@dataclass(frozen=True, slots=True)
class GroupsPart:
    """What is known of all groups."""

    version: int = 0
    value: ClusterGroups | None = None
    """The newest answer; ``None``: no answer came yet."""
    standings: tuple[Standing, ...] = ()
    """How each group does on each topic that it reads."""
    readers_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Topic → the groups that read it, the worst first; a topic that no group reads may be missing."""
    outlook: Outlook = field(default_factory=Outlook)
    """`standings` are computed by it; it also gives the verdict of single partitions. A mutable object: only
    the model writes to it.
    """
    rows: Mapping[str, GroupStanding] = field(default_factory=dict)
    """Every group over all its topics, by group id. Rows that did not change are the same objects."""
    judged: bool = False
    """Whether topics and groups were both taken in at least once: `standings` are complete."""
    vanished: Mapping[str, float] = field(default_factory=dict)
    """Groups that no longer exist, and the time at which that was seen."""

    @property
    def names(self) -> Sequence[str]:
        """The ids of all groups, sorted."""
        return [group.group_id for group in self.value.groups] if self.value is not None else ()

    @property
    def left_out(self) -> str | None:
        """Why `value` may lack some groups; ``None``: it has all of them, or no answer came yet."""
        return None if self.value is None else self.value.left_out

    def readers(self, topic: str | None) -> tuple[str, ...]:
        """The groups that read a topic: the worst verdict first, then the largest lag, then by name."""
        return self.readers_of.get(topic or "", ())


@dataclass(frozen=True, slots=True)
class Happened:
    """The events of all groups since the program began."""

    version: int = 0
    timeline: Timeline = field(default_factory=Timeline)
    """Rebalances of all groups, and deeds of the deck. A mutable object: only the model writes to it."""


@dataclass(frozen=True, slots=True)
class DeckPart:
    """The consumers of the deck, which kafkatui runs itself."""

    group: str | None = None
    """Their group; ``None``: there is no deck."""
    topics: Collection[str] = ()
    """The topics that they read."""
    states: Mapping[str, str] = field(default_factory=dict)
    """The state of each, in a word (``frozen``), by client id."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is known of the selected group on the selected topic; after another selection only of the
    new one.
    """

    version: int = 0
    topic: str | None = None
    group: str | None = None
    groups: tuple[str, ...] | None = None
    """The groups that read the topic, the worst first, and the deck's group; ``None``: not known yet."""
    listed: bool = False
    """The group exists, or it is the deck's group, which may have no member yet."""
    fault: Fault | None = None
    """Why the newest look could not describe the group; ``None``: it could, or the group is not listed."""
    vanished_at: float | None = None
    """When it was seen that the group no longer exists; ``None``: it exists, or was never seen."""
    partitions: int | None = None
    """How many partitions the topic has, at least; ``None``: not known."""
    map: OwnershipMap | None = None
    """Members × partitions; ``None``: the members are not known yet. It stays the same object until something
    in it changes, so its time may be old: the time of the newest look is `story.looked_at`.
    """
    out: tuple[MapRow, ...] = ()
    """Rows of consumers of the deck that lost their membership but whose process still runs (`is_out`), and
    that are no longer in `map`.
    """
    story: GroupStory | None = None
    """The rebalances of the group and the deeds on it; ``None``: no group is selected. A mutable object: only
    the model writes to it.
    """
    entries: tuple[Rebalance | Deed, ...] = ()
    """The rebalances and deeds that pane 2 lists in its log, newest first."""
    deck_news: int = 0
    """Counts the deeds and reports of the deck that concern the selected group: when it changes, the lanes
    may have changed.
    """
    log_fault: Fault | None = None
    """Why the group's log cannot be read; ``None``: it is read, or was not asked for yet."""
    lag: GroupLag | None = None
    """The newest answer; ``None``: no answer came yet."""
    standing: Standing | None = None
    """How the group does on the topic; ``None``: not known yet."""
    history: LagHistory | None = None
    """The last minutes of `lag`; ``None``: the lag is not known yet. A mutable object: only the model writes
    to it.
    """


@dataclass(frozen=True, slots=True)
class ClusterView:
    """Everything known of a cluster."""

    version: int = 0
    topics: TopicsPart = field(default_factory=TopicsPart)
    groups: GroupsPart = field(default_factory=GroupsPart)
    problems: tuple[Problem, ...] = ()
    """Worst first."""
    judging: Judging | None = None
    """How many groups have a verdict; ``None``: topics or groups are not known yet."""
    happened: Happened = field(default_factory=Happened)
    deck: DeckPart = field(default_factory=DeckPart)
    shown: Shown = field(default_factory=Shown)
    topics_reading: Reading[ClusterTopics] = field(default_factory=Reading)
    """The newest reading of the topics, with its time and its fault."""
    groups_reading: Reading[ClusterGroups] = field(default_factory=Reading)
    """The newest reading of the groups."""
    ages: Mapping[TopicPartition, WrittenAt] = field(default_factory=dict)
    """When the records were written at which the selected group stands; a partition is missing where this is
    not known, or where it does not lag.
    """
    past: Reading[PastRebalances] = field(default_factory=Reading)
    """The last rebalances before the start, as far as they are found."""
    topic_page: tuple[str | None, Reading[TopicFacts]] = (None, Reading())
    """The topic whose page was opened last, and the newest reading of it."""
    brokers_reading: Reading[ClusterBrokers] = field(default_factory=Reading)
    """The newest reading of the brokers; it is made only while their page is open."""
    lag_reading: Reading[GroupLag] = field(default_factory=Reading)
    """The newest reading of the lag of the selected group on the selected topic."""
    digested: bool = False
    """Whether all topics were searched for problems at least once: `problems` covers them."""

    def last_rebalance(self, group: str) -> float | None:
        """When the newest rebalance of a group began; of one before the start, when it ended. It may be below
        0. ``None``: none is known.
        """
        at = self.happened.timeline.last_rebalance(group)
        if at is not None or self.past.value is None:
            return at
        found = self.past.value.of(group)
        return None if found is None else found.at

    def reads_a_topic(self, group: str) -> bool:
        """Whether a topic is known that the group reads."""
        row = self.groups.rows.get(group)
        return row is not None and row.worst is not None

    def readers(self, topic: str | None) -> tuple[str, ...]:
        """The groups that read a topic, the worst first; last the deck's group if it will read the topic but
        has no member or commit yet.
        """
        readers = self.groups.readers(topic)
        if self.deck.group is None or topic not in self.deck.topics or self.deck.group in readers:
            return readers
        return (*readers, self.deck.group)


def the_same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Whether two tuples hold the same objects in the same places; numbers and texts are compared by
    value.
    """
    return len(one) == len(other) and all(
        a is b or (isinstance(a, str | int | float) and a == b) for a, b in zip(one, other, strict=True)
    )
