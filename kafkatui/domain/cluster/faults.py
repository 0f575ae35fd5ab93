"""A fault: why something of a cluster is not known, as a kind to decide by and a text to show."""

from dataclasses import dataclass
from enum import StrEnum

from kafkatui.domain.cluster.marks import Mark


class FaultKind(StrEnum):
    """What sort of fault it is. Programs decide by the kind; the text is only for people."""

    DENIED = "denied"
    """This user lacks a right, or the topic or group is hidden from it; trying again is of little use."""
    UNSUPPORTED = "unsupported"
    """The broker is too old for the request."""
    TIMED_OUT = "timed out"
    """No answer came in time."""
    UNREACHABLE = "unreachable"
    """There is no connection to the broker, or it broke."""
    PASSING = "passing"
    """It ends by itself, as a rule: a coordinator is loading, a coordinator or a leader is moving."""
    GONE = "gone"
    """The topic, partition, group or member does not exist."""
    NOT_EMPTY = "not empty"
    """The group still has members."""
    NONSENSE = "nonsense"
    """The answer cannot be read, or is larger than kafkatui takes."""
    BUG = "bug"
    """kafkatui itself failed; the cluster did not."""
    UNKNOWN = "unknown"
    """Any other fault."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why something is not known."""

    kind: FaultKind
    text: str
    """One line for people, e.g. ``TOPIC_AUTHORIZATION_FAILED``. It may hold what a broker sent: it passes
    `kafkatui.domain.text.printable` before it is shown."""

    def __str__(self) -> str:
        return self.text

    def within(self, what: str) -> "Fault":
        """The same fault, with `what` it is about before its text: ``partition 3: …``."""
        return Fault(self.kind, f"{what}: {self.text}")


def mark_of(fault: Fault) -> Mark:
    """The mark of a group, a partition or a broker that this fault keeps from being known."""
    if fault.kind is FaultKind.DENIED:
        return Mark.DENIED
    return Mark.MOVING if fault.kind is FaultKind.PASSING else Mark.UNKNOWN
