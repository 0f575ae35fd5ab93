"""What the deck's keys did, and what our own consumers told of themselves: causes that are known exactly."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kafkatui.domain.cluster.partitions import TopicPartition


class Act(StrEnum):
    """What one key of the deck does."""

    JOIN = "join"
    LEAVE = "leave"
    CRASH = "crash"
    """SIGKILL: no LeaveGroup is sent."""
    FREEZE = "freeze"
    """SIGSTOP."""
    THAW = "thaw"
    """SIGCONT."""
    STUCK = "stuck"
    """In processing, for longer than max.poll.interval; heartbeats go on."""
    ASSIGNOR = "assignor"
    """The next one: every consumer leaves and joins again with it."""
    STATIC = "static"
    """Static membership on or off: every consumer joins again, with or without a group instance id."""
    SLOW = "slow"
    """One consumer takes long to give up its partitions, or does no longer."""
    PARTITION = "partition"
    """One more."""
    SLOWER = "slower"
    FASTER = "faster"
    PROTOCOL = "protocol"
    """Classic, or KIP-848: every consumer is replaced."""
    RESTORE = "restore"
    """Back to the start."""
    KILL_BROKER = "kill broker"
    STOP_BROKER = "stop broker"
    START_BROKER = "start broker"


KEYS: Mapping[Act, str] = {
    Act.JOIN: "j",
    Act.LEAVE: "l",
    Act.CRASH: "x",
    Act.FREEZE: "f",
    Act.THAW: "f",
    Act.STUCK: "p",
    Act.ASSIGNOR: "a",
    Act.STATIC: "s",
    Act.SLOW: "w",
    Act.PARTITION: "P",
    Act.SLOWER: "<",
    Act.FASTER: ">",
    Act.PROTOCOL: "G",
    Act.RESTORE: "r",
    Act.KILL_BROKER: "b",
    Act.STOP_BROKER: "t",
    Act.START_BROKER: "u",
}
"""The letter of each."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One press of a key of the deck, and what it did."""

    act: Act
    at: float
    """Monotonic seconds at which it was done."""
    group: str
    who: str | None = None
    """Client id of the consumer, or number of the broker; ``None``: it is not about one."""
    detail: str = ""
    """What is new: the assignor's name, ``on`` or ``off``, how many partitions or records a second,
    ``classic`` or ``consumer``.
    """


class ReportKind(StrEnum):
    """What a consumer of ours tells of itself."""

    STARTED = "started"
    """It subscribed."""
    REVOKED = "revoked"
    """Its listener was called: from now on it reads nothing of what it gives up."""
    RELEASED = "released"
    """Its listener is done with giving up."""
    ASSIGNED = "assigned"
    STUCK = "stuck"
    BACK = "back"
    """It was stuck, and polls again."""
    STOPPED = "stopped"
    """It has left, politely."""
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Report:
    """What a consumer of ours told of itself, exact to the millisecond: its clock is ours."""

    kind: ReportKind
    at: float
    """Monotonic seconds."""
    group: str
    who: str
    """Its client id."""
    partitions: tuple[TopicPartition, ...] = ()
    """Given up or got, sorted."""
    owned: tuple[TopicPartition, ...] = ()
    """All it has now, sorted."""
    detail: str = ""
    """A fault's text."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The times our own consumers agree on with the group coordinator, in seconds."""

    session: float = 6.0
    """session.timeout"""
    heartbeat: float = 1.0
    """heartbeat.interval"""
    max_poll: float = 4.0
    """max.poll.interval, and so rebalance.timeout"""
    stuck: float = 12.0
    """How long a stuck one does not poll."""
    give_up: float = 2.0
    """How long a slow one takes to give up its partitions."""


TERMS = Terms()
