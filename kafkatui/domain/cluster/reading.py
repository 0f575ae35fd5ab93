"""A reading: the newest thing a background task knows, when it was told, and why the newest try failed."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from kafkatui.domain.cluster.faults import Fault

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """The last good value of a stream, beside the reason the newest try failed."""

    value: T | None = None
    """The last good value; ``None`` before the first answer."""
    fault: Fault | None = None
    """Why the newest try failed; ``None``: it succeeded."""
    taken_at: float | None = None
    """Monotonic seconds of the answer that gave `value`; ``None`` before the first."""
    retry_at: float | None = None
    """Monotonic seconds of the next try after a fault; ``None`` without a fault."""
