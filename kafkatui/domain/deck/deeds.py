"""The deeds of the deck's keys and the reports of the deck's consumers: causes of rebalances that are known
exactly.
"""

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
    """Client id of the consumer, or number of the broker; ``None``: the key does not act on a single one."""
    detail: str = ""
    """The new setting: the assignor's name, ``on`` or ``off``, the number of partitions or of records a
    second, ``classic`` or ``consumer``; empty: none.
    """


class ReportKind(StrEnum):
    """The events that a consumer of the deck reports."""

    STARTED = "started"
    """It subscribed."""
    REVOKED = "revoked"
    """Its listener was called to give up partitions: from now on it does not read these."""
    RELEASED = "released"
    """Its listener has given up the partitions."""
    ASSIGNED = "assigned"
    """It got its new assignment."""
    STUCK = "stuck"
    """It processes a record for so long that it does not poll."""
    BACK = "back"
    """It was stuck, and polls again."""
    STOPPED = "stopped"
    """It has left its group by itself."""
    FAULT = "fault"
    """It failed; `Report.detail` says why."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report of a consumer of the deck, exact to the millisecond: it uses the clock of this machine."""

    kind: ReportKind
    at: float
    """Monotonic seconds at which it happened."""
    group: str
    who: str
    """Its client id."""
    partitions: tuple[TopicPartition, ...] = ()
    """The partitions that it gave up or got, sorted."""
    owned: tuple[TopicPartition, ...] = ()
    """All partitions that it owns now, sorted."""
    detail: str = ""
    """The text of a fault; empty: none."""
