"""What a check of a lab looks at: a frozen picture of the lab's topics, groups, programs and files.

Topics, groups and programs have their short names (``orders``), not those on the cluster
(``lab2-7f2a-orders``). Times are monotonic seconds of one machine, so those of different programs can be
compared.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, overload

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.records.records import Record


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: a key was pressed, or a program of the lab reported something."""

    kind: str
    """``key``;

    of consumers ``started``, ``assigned``, ``revoked``, ``released``, ``done`` (it has worked on a record),
    ``committed``, ``refused`` (a commit), ``stuck``, ``back``, ``paused``; in the new group protocol ``gave``
    in place of ``revoked``;
    of producers ``acked``, ``failed``, ``sent`` and ``flood`` (a whole command);
    of both ``fault`` and ``stopped``;
    of the cluster ``leader`` (a partition has another leader: its node id is `who`), ``start`` (records were
    deleted: `offset` is the log start offset now), ``lag``.
    """
    at: float
    who: str
    """The program, or the letter of the key."""
    group: str = ""
    """The consumer's group; empty: no consumer."""
    where: TopicPartition | None = None
    offset: int | None = None
    value: str = ""
    """The record's value: ``run:key:number``."""
    partitions: tuple[TopicPartition, ...] = ()
    detail: str = ""

    @property
    def key(self) -> str:
        """The key of the record, from its value."""
        return self.value.split(":")[1] if self.value.count(":") == 2 else ""


TURNS = frozenset({"started", "assigned", "revoked", "stopped"})
"""The kinds of events that say what a member owns."""


class Ledger(Sequence[Event]):
    """The first events of a list that only grows: taking one costs nothing, however long the list is."""

    def __init__(self, events: list[Event], length: int) -> None:
        self._events = events
        self._length = length

    @overload
    def __getitem__(self, place: int) -> Event: ...

    @overload
    def __getitem__(self, place: slice) -> list[Event]: ...

    def __getitem__(self, place: int | slice) -> Event | list[Event]:
        if isinstance(place, slice):
            return [self._events[number] for number in range(*place.indices(self._length))]
        return self._events[range(self._length)[place]]

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Event]:
        return iter(self[:])


class Segment(NamedTuple):
    """One file of partition 0 of a topic, on the disk of broker 1."""

    base_offset: int
    size: int
    """Bytes."""
    deleted: bool = False
    """Whether it is only waiting to be removed: its name ends with ``.deleted``."""


@dataclass(frozen=True, slots=True)
class SeenPartition:
    """One partition of a topic of the lab."""

    start: int | None
    """Log start offset; ``None``: not known."""
    end: int | None
    """Log end offset as a client sees it: the high watermark; ``None``: not known."""
    leader: int | None = None
    replicas: tuple[int, ...] = ()
    isr: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenMember:
    """One member of a group, by DescribeGroups."""

    name: str
    """Its client id."""
    partitions: tuple[TopicPartition, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenGroup:
    """One group of the lab."""

    state: str | None = None
    """Kafka's word; ``Dead``: the group does not exist; ``None``: not known."""
    members: tuple[SeenMember, ...] | None = None
    """``None``: not known."""
    committed: Mapping[TopicPartition, int] | None = None
    """Committed offsets; ``None``: not known."""
    assignor: str | None = None

    @property
    def settled(self) -> bool:
        """Whether its members, if any, have their partitions."""
        return self.state in {"Stable", "Empty", "Dead"}

    def owned(self, name: str) -> tuple[int, ...] | None:
        """The numbers of the partitions of a member; ``None``: it is no member, or this is not known."""
        found = [member.partitions for member in self.members or () if member.name == name]
        return tuple(where.partition for where in found[0]) if found else None


@dataclass(frozen=True, slots=True)
class SeenProgram:
    """One program of the lab: a consumer or a producer."""

    name: str
    group: str = ""
    """Empty: a producer."""
    alive: bool = True
    frozen: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything that is known of a lab at one moment."""

    at: float = 0.0
    topics: Mapping[str, tuple[SeenPartition, ...]] = field(default_factory=dict)
    """Only topics that exist, and whose partitions are known."""
    groups: Mapping[str, SeenGroup] = field(default_factory=dict)
    programs: Mapping[str, SeenProgram] = field(default_factory=dict)
    brokers: tuple[int, ...] = ()
    """Node ids of the brokers that run."""
    events: Sequence[Event] = ()
    """Everything that happened since the lab began, in the order in which it became known."""
    values: Mapping[str, float | str] = field(default_factory=dict)
    """What a key of this lab found out, by a name of the lesson."""
    died: tuple[int, ...] = ()
    """Node ids of the brokers that ended although no key of the lab ended them."""
    frozen: tuple[int, ...] = ()
    """Node ids of the brokers whose processes are frozen."""
    lags: Sequence[Event] = ()
    """The lag of the first group on the first topic, at each look: `Event.offset`."""
    records: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)
    """The records in partition 0 of the topics that the lesson reads; a topic that is missing: not known."""
    segments: Mapping[str, tuple[Segment, ...]] = field(default_factory=dict)
    """By topic: the files of partition 0, by base offset; the last one that is not deleted is active. Empty
    on a cluster that is not ours, and where no picture of the lesson shows them.
    """

    turns: Sequence[Event] = ()
    """Those of the events that are of `TURNS`."""
    read: Mapping[str, int] = field(default_factory=dict)
    """How many records each group has worked on; a group that is missing: none."""

    def since(self, before: "Observation") -> Sequence[Event]:
        """The events after an earlier observation of the same run."""
        return self.events[len(before.events) :]

    def done(self, group: str, since: "Observation | None" = None) -> list[Event]:
        """The records that consumers of a group have worked on."""
        events = self.events if since is None else self.since(since)
        return [event for event in events if event.kind == "done" and event.group == group]

    def count(self, topic: str) -> int | None:
        """How many offsets a topic has between its log starts and its log ends; ``None``: not known."""
        logs = self.topics.get(topic)
        if logs is None or any(log.start is None or log.end is None for log in logs):
            return None
        return sum((log.end or 0) - (log.start or 0) for log in logs)

    def lag(self, group: str, topic: str) -> int | None:
        """The lag of a group on a topic: a partition without a commit counts from its log start; ``None``:
        not known.
        """
        logs, seen = self.topics.get(topic), self.groups.get(group)
        if logs is None or seen is None or seen.committed is None:
            return None
        total = 0
        for number, log in enumerate(logs):
            if log.end is None or log.start is None:
                return None
            total += log.end - seen.committed.get(TopicPartition(topic, number), log.start)
        return total

    def slope(self, since: float) -> float | None:
        """How many records a second the lag of `lags` grows since a time, by its first and its last figure
        after it; ``None``: there are none.
        """
        found = [one for one in reversed(self.lags) if one.at >= since]
        if len(found) < 2 or found[0].at == found[-1].at:
            return None
        return ((found[0].offset or 0) - (found[-1].offset or 0)) / (found[0].at - found[-1].at)

    def members(self, group: str) -> int | None:
        """How many members a group has; ``None``: not known."""
        seen = self.groups.get(group)
        return None if seen is None or seen.members is None else len(seen.members)
