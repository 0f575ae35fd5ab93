"""What the deck's keys did, and what our own consumers reported: causes that are known exactly."""

from dataclasses import dataclass
from enum import StrEnum

from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.deck.acts import Act


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
    """What a consumer of ours reports."""

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
    """A report of a consumer of ours, exact to the millisecond: its clock is the one of this machine."""

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
