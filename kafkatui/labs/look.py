"""What a lab sees of its cluster: its topics, groups, records and files, under their short names."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from time import monotonic

from kafkatui.domain.cluster.groups import Group, GroupKind
from kafkatui.domain.cluster.partitions import Topic, TopicPartition
from kafkatui.domain.records.records import Record, TransactionEnd
from kafkatui.errors import ClusterError
from kafkatui.kafka.asker import Asker
from kafkatui.kafka.batches import unpack
from kafkatui.kafka.commits import read_commits
from kafkatui.kafka.fetch import fetch
from kafkatui.kafka.groups import describe_groups
from kafkatui.kafka.listing import EARLIEST, LATEST
from kafkatui.kafka.topics import read_metadata, read_offsets
from kafkatui.labs.observation import Event, Observation, SeenGroup, SeenMember, SeenPartition, Segment
from kafkatui.local.cluster import LocalCluster

READ, MOST_READ = 1 << 20, 200
"""Bytes and records of a topic that an observation has at most."""


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """A topic that a lesson needs."""

    partitions: int
    replicas: tuple[tuple[int, ...], ...] | None = None
    """By partition: the brokers that hold it, the preferred leader first; ``None``: the controller
    chooses.
    """
    configs: Mapping[str, str] = field(default_factory=dict)
    read: bool = False
    """Whether the observation has the topic's records; it has few then."""


@dataclass(slots=True)
class Names:
    """The names on the cluster of the topics and groups of a lesson: ``lab2-7f2a-orders``."""

    number: int
    """The lesson's."""
    run: str
    """Another one after a reset."""

    def full(self, name: str) -> str:
        """The name on the cluster of a topic or a group of the lesson."""
        return f"lab{self.number}-{self.run}-{name}"

    def short(self, name: str) -> str:
        """The name in the lesson."""
        return name.removeprefix(f"lab{self.number}-{self.run}-")

    def place(self, topic: str, number: int) -> TopicPartition:
        """A partition, by the name in the lesson."""
        return TopicPartition(self.short(topic), number)


class Look:
    """Looks at the cluster for a lab; what changed between two looks is told as an event."""

    def __init__(
        self,
        asker: Asker,
        names: Names,
        plans: Mapping[str, TopicPlan],
        groups: Sequence[str],
        kind: GroupKind,
        local: LocalCluster | None,
        note: Callable[[Event], None],
    ) -> None:
        """`plans` and `groups` are the topics and groups of the lesson; `note` is called with each event."""
        self.lags: list[Event] = []
        """The lag of the first group on the first topic, at each look."""
        self._asker = asker
        self._names = names
        self._plans = plans
        self._group_names = groups
        self._kind = kind
        self._local = local
        self._note = note
        self._leaders: dict[TopicPartition, int | None] = {}
        """The leader of each partition at the last look."""
        self._starts: dict[TopicPartition, int] = {}
        """The log start offset of each partition at the last look."""

    def forget(self) -> None:
        """Begin anew, with other topics."""
        self.lags = []
        self._leaders.clear()
        self._starts.clear()

    def living_brokers(self) -> tuple[int, ...]:
        """Node ids of the brokers whose processes run, frozen ones too; of a cluster that is not ours those
        that it lists.
        """
        if self._local is None:
            return tuple(sorted(self._asker.cluster.brokers))
        return tuple(node for node in range(1, self._local.brokers + 1) if node in self._local.pids)

    async def topics(self) -> dict[str, tuple[SeenPartition, ...]]:
        names = [self._names.full(name) for name in self._plans]
        try:
            _, topics, *_ = await read_metadata(self._asker, names)
            wanted = {one.name: [part.number for part in one.partitions] for one in topics if not one.error}
            ends = await read_offsets(self._asker, wanted, LATEST)
            starts = await read_offsets(self._asker, wanted, EARLIEST)
        except ClusterError:
            return {}
        self._note_leaders(topics)
        self._note_starts({name: offsets for name, (offsets, _) in starts.items()})
        return {
            self._names.short(topic.name): tuple(
                SeenPartition(
                    starts[topic.name][0][part.number],
                    ends[topic.name][0][part.number],
                    part.leader,
                    part.replicas,
                    part.isr,
                )
                for part in topic.partitions
            )
            for topic in topics
            if not topic.error
        }

    async def groups(self) -> dict[str, SeenGroup]:
        names = [self._names.full(name) for name in self._group_names]
        try:
            described = await describe_groups(self._asker, [Group(name, kind=self._kind) for name in names])
            commits = await read_commits(self._asker, names)
        except ClusterError:
            return {}
        place = self._names.place
        found: dict[str, SeenGroup] = {}
        for group in described:
            mine = commits[group.group_id]
            members = committed = None
            if group.fault is None and group.members is not None:
                members = tuple(
                    SeenMember(one.client_id, tuple(place(*owned) for owned in one.assignment))
                    for one in group.members
                )
            if mine.fault is None:
                committed = {place(*where): offset for where, offset in mine.offsets.items()}
            name = self._names.short(group.group_id)
            found[name] = SeenGroup(group.state, members, committed, group.assignor)
        return found

    async def records(self, topic: str) -> tuple[Record, ...] | None:
        """The records in partition 0 of a topic, from its log start on; ``None``: the leader does not
        answer.
        """
        name = self._names.full(topic)
        known = self._asker.cluster.topics.get(name)
        if known is None or not known.partitions or known.partitions[0].leader is None:
            return None
        try:
            starts = await read_offsets(self._asker, {name: [0]}, EARLIEST)
            wanted = (name, 0, starts[name][0][0] or 0)
            (found,) = await fetch(
                self._asker, known.partitions[0].leader, [wanted], wait=0.0, size=READ, each=READ
            )
        except (ClusterError, ValueError):
            return None
        unpacked = unpack(topic, 0, found.data, wanted[2], MOST_READ)
        return tuple(_with_outcome(record, unpacked.ends) for record in unpacked.records)

    def segments(self, topic: str) -> tuple[Segment, ...]:
        """The files of partition 0 of a topic."""
        if self._local is None:
            return ()
        found = []
        for file in self._local.directory.glob(f"broker-1-data/{self._names.full(topic)}-0/*.log*"):
            with suppress(OSError, ValueError):  # it was removed meanwhile
                base, deleted = int(file.name.partition(".")[0]), file.name.endswith(".deleted")
                found.append(Segment(base, file.stat().st_size, deleted))
        return tuple(sorted(found))

    def note_lags(
        self, topics: Mapping[str, tuple[SeenPartition, ...]], groups: Mapping[str, SeenGroup]
    ) -> None:
        """Note the lag of the first group on the first topic."""
        if not self._group_names:
            return
        group, topic = self._group_names[0], next(iter(self._plans))
        lag = Observation(topics=topics, groups=groups).lag(group, topic)
        if lag is not None:
            self.lags.append(Event("lag", monotonic(), group, offset=lag))

    def _note_starts(self, starts: Mapping[str, Sequence[int | None]]) -> None:
        """Note each partition whose log start offset has moved since the last look."""
        for topic, offsets in starts.items():
            for number, start in enumerate(offsets):
                place = self._names.place(topic, number)
                if start is not None and self._starts.get(place, start) != start:
                    self._note(Event("start", monotonic(), place.topic, where=place, offset=start))
                if start is not None:
                    self._starts[place] = start

    def _note_leaders(self, topics: Sequence[Topic]) -> None:
        """Note each partition that has another leader than at the last look."""
        for topic in topics:
            for part in topic.partitions:
                place = self._names.place(topic.name, part.number)
                if self._leaders.get(place, part.leader) != part.leader:
                    self._note(Event("leader", monotonic(), str(part.leader), where=place))
                self._leaders[place] = part.leader


def _with_outcome(record: Record, ends: Sequence[TransactionEnd]) -> Record:
    """A record of a transaction with how that ended: by the first marker of its producer after it."""
    if record.batch is None or not record.batch.transactional:
        return record
    for end in ends:
        if end.producer_id == record.batch.producer_id and end.offset >= record.offset:
            return replace(record, outcome=end.outcome)
    return record
