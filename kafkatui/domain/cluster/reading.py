"""A reading: the newest value that a stream got from the cluster, its time, and why the newest try failed."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from kafkatui.domain.cluster.faults import Fault

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """What a stream yields: the last good value, and the reason if the newest try failed."""

    value: T | None = None
    """The last good value; ``None`` before the first answer."""
    fault: Fault | None = None
    """Why the newest try failed; ``None``: it succeeded."""
    taken_at: float | None = None
    """Monotonic seconds of the answer that gave `value`; ``None`` before the first."""
    retry_at: float | None = None
    """Monotonic seconds of the next try after a fault; ``None`` without a fault."""
