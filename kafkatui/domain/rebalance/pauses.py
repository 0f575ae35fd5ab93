"""When the deck's consumers gave up partitions, got partitions and left, from their own reports: exact to the
millisecond. Times are monotonic seconds.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from kafkatui.domain.deck.deeds import Report, ReportKind
from kafkatui.domain.rebalance.causes import CLOCKS

KEPT = 50
"""Pauses kept of one consumer."""
KEPT_CLIENTS = 200
"""Consumers remembered; the one whose newest report is the oldest is forgotten first."""


@dataclass(slots=True)
class Pause:
    """The time from when a consumer gave up partitions until it was assigned partitions again."""

    revoked_at: float
    """When its listener was called to give up partitions."""
    released_at: float | None = None
    """When the listener was done; ``None``: not yet, or not reported."""
    assigned_at: float | None = None
    """When the consumer got its new assignment; ``None``: not yet."""


class Pauses:
    """The pauses of all consumers of the deck in one group. Feed every report to `note`."""

    def __init__(self) -> None:
        self._pauses: dict[str, deque[Pause]] = {}
        self._got: dict[str, deque[float]] = {}
        self._stopped: dict[str, deque[float]] = {}
        self._newest: dict[str, float] = {}

    def note(self, report: Report) -> None:
        """Take in a report of a consumer."""
        self._newest[report.who] = report.at
        if len(self._newest) > KEPT_CLIENTS:
            oldest = min(self._newest, key=lambda who: self._newest[who])
            for kept in (self._newest, self._pauses, self._got, self._stopped):
                kept.pop(oldest, None)
        pauses = self._pauses.setdefault(report.who, deque(maxlen=KEPT))
        newest = pauses[-1] if pauses else None
        if report.kind is ReportKind.ASSIGNED and report.partitions:
            self._got.setdefault(report.who, deque(maxlen=KEPT)).append(report.at)
        match report.kind:
            case ReportKind.STOPPED:
                self._stopped.setdefault(report.who, deque(maxlen=KEPT)).append(report.at)
            case ReportKind.REVOKED:
                pauses.append(Pause(report.at))
            case ReportKind.RELEASED if newest is not None and newest.assigned_at is None:
                newest.released_at = report.at
            case ReportKind.ASSIGNED if newest is not None and newest.assigned_at is None:
                newest.assigned_at = report.at

    def during(self, who: str, since: float, until: float) -> Pause | None:
        """The last pause of the consumer with client id `who` that overlaps the time from `since` to `until`;
        ``None``: there is none.
        """
        for pause in reversed(self._pauses.get(who, ())):
            if pause.revoked_at <= until + CLOCKS:
                over = pause.assigned_at is not None and pause.assigned_at < since - CLOCKS
                return None if over else pause
        return None

    def stopped(self, who: str, since: float, until: float) -> float | None:
        """When the consumer with client id `who` last reported, between `since` and `until`, that it has
        left; ``None``: it did not.
        """
        times = [at for at in self._stopped.get(who, ()) if since <= at <= until]
        return times[-1] if times else None

    def got(self, who: str, since: float, until: float) -> float | None:
        """When the consumer with client id `who` was last assigned partitions between `since` and `until`;
        ``None``: it was not.
        """
        times = [at for at in self._got.get(who, ()) if since - CLOCKS <= at <= until + CLOCKS]
        return times[-1] if times else None

    def began(self, clients: Iterable[str], since: float, until: float) -> float | None:
        """When the first of these consumers gave up partitions between `since` and `until`; ``None``: none
        did.
        """
        return min(
            (
                pause.revoked_at
                for client in clients
                for pause in self._pauses.get(client, ())
                if since < pause.revoked_at <= until
            ),
            default=None,
        )
