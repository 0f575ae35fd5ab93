"""When rebalances of a group began and ended: looks and the log, put together into one chain of steps.

While the log is read up to now it is believed: a look that shows something new waits a second for its
generation, and a rebalance that the log does not tell of was none. Times are monotonic seconds.
"""

from dataclasses import dataclass, field

from kafkatui.domain.cluster.groups import GroupKind
from kafkatui.domain.rebalance.chain import RACE, Chain, since, until, whole
from kafkatui.domain.rebalance.rebalances import Source
from kafkatui.domain.rebalance.snapshots import Change, Snapshot, change
from kafkatui.domain.rebalance.steps import Step

KEPT_SEEN = 500
"""Members seen in one rebalance: one that never ends may see them come and go for hours."""
LOG_WITHIN = 1.0
"""Seconds for which a look waits for its generation, while the log is read up to now."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the group told."""

    snapshot: Snapshot
    change: Change
    """Against the newest step."""
    state: str | None
    at: float


@dataclass(slots=True)
class Open:
    """A rebalance that goes on."""

    look: Look
    """The newest."""
    unsettled: tuple[float, float]
    settled_at: float | None
    seen: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Short name and client id of everyone seen in it, by key."""

    def show(self, look: Look) -> None:
        """It still goes on."""
        self.look, self.unsettled = look, (self.unsettled[0], look.at)
        if len(self.seen) > KEPT_SEEN:
            return
        self.seen.update(
            (key, (look.snapshot.names[key], member.client_id))
            for key, member in look.snapshot.members.items()
        )

    def passed(self, before: Snapshot, after: Snapshot) -> dict[str, str]:
        """Client ids of members that came and went within it, by short name."""
        return {
            name: client
            for key, (name, client) in self.seen.items()
            if key not in before.members and key not in after.members
        }


class Settling:
    """Feed it looks in order of time, and generations as they come."""

    def __init__(self, chain: Chain) -> None:
        self.open: Open | None = None
        self.log_at: float | None = None
        """Up to when the log is read; ``None``: it is not followed."""
        self._chain = chain
        self._held: Look | None = None
        """It waits for its generation since it first showed this."""
        self._settled_at: float | None = None

    def begin(self, first: Step, look: Look, *, rebalancing: bool) -> None:
        """The first look."""
        self._chain.add(first)
        if rebalancing:
            self.unsettled(look)
        else:
            self._settled_at = look.at

    def unsettled(self, look: Look) -> None:
        """A look at a group that rebalances."""
        if self._held is not None:
            self._give_up()
            look = self._against_newest(look)
        last, going_on = self._chain.steps[-1], self.open
        if going_on is None and last.source is Source.LOG and look.at - last.ended_at < RACE:
            return  # described before the generation was complete, answered after
        if going_on is None:
            going_on = self.open = Open(look, (look.at, look.at), self._settled_at)
        going_on.show(look)

    def settled(self, look: Look) -> None:
        """A look at a group that does not rebalance."""
        newest = self._chain.snapshot
        same = newest.same(look.snapshot) and not _epochs_differ(newest, look.snapshot)
        classic = look.snapshot.kind is not GroupKind.CONSUMER
        if classic and self.log_at is not None and not (same and self.open is None):
            if self._held is None:
                self._held = look
            elif not self._held.snapshot.same(look.snapshot):
                self._give_up()
                self._held = self._against_newest(look)
            self.pass_time(look.at)
            return
        self._held = None
        if self.open is not None or not same:
            self._close(look, look.at)
        self._settled_at = look.at

    def pass_time(self, now: float | None) -> None:
        """Take a look that waited long enough for its generation as it is; ``None``: at once."""
        if self._held is not None and (now is None or now - self._held.at >= LOG_WITHIN):
            self._give_up()

    def _give_up(self) -> None:
        held, self._held = self._held, None
        if held is None:
            return
        if self.log_at is not None and self._chain.snapshot.same(held.snapshot):
            self.open = None  # the log would tell of a rebalance
        else:
            self._close(held, held.at)
        self._settled_at = held.at

    def _close(self, look: Look, at: float) -> None:
        going_on, self.open = self.open, None
        before = self._chain.snapshot
        self._chain.add(
            Step(
                before=before,
                snapshot=look.snapshot,
                change=look.change,
                ended_at=at,
                settled_at=self._settled_at if going_on is None else going_on.settled_at,
                unsettled=None if going_on is None else going_on.unsettled,
                state=look.state,
                passed={} if going_on is None else going_on.passed(before, look.snapshot),
            )
        )
        self._settled_at = at

    def _against_newest(self, look: Look) -> Look:
        """The same look, compared with the step that is the newest now."""
        changed = whole(change(self._chain.snapshot, look.snapshot))
        return Look(look.snapshot, changed, look.state, look.at)

    # what the log tells

    def generation(self, snapshot: Snapshot, at: float) -> None:
        """Take in what a generation shows that was complete at `at`; in the order written, but at any time
        after that.
        """
        if self._held is not None and self._held.at < at - RACE:
            self._give_up()
        place = self._chain.place_of(at)
        near = self._chain.steps[max(0, place - 1) : place + 1]
        if snapshot.number is not None and any(step.snapshot.number == snapshot.number for step in near):
            return  # a static member came back: no rebalance
        if self._chain.lend(place, snapshot, at) or place == 0:
            return
        before = self._chain.steps[place - 1].snapshot
        if not snapshot.members and not before.members:
            self.open = None  # it was empty and still is: that is no rebalance
            return
        if place < len(self._chain.steps):
            self._chain.split(place, snapshot, at)
            return
        self._append(before, snapshot, at)

    def _append(self, before: Snapshot, snapshot: Snapshot, at: float) -> None:
        """The newest step, that the log tells first."""
        going_on, self.open = self.open, None
        unsettled = None if going_on is None else going_on.unsettled
        settled_at = self._settled_at if going_on is None else going_on.settled_at
        self._chain.add(
            Step(
                before=before,
                snapshot=snapshot,
                change=whole(change(before, snapshot)),
                ended_at=at,
                settled_at=None if settled_at is None else min(settled_at, at),
                unsettled=until(unsettled, at),
                source=Source.LOG,
                state="Stable" if snapshot.members else "Empty",
                passed={} if going_on is None else going_on.passed(before, snapshot),
            )
        )
        self._settled_at = at
        later = since(unsettled, at)
        if going_on is not None and later is not None:
            self.open = Open(self._against_newest(going_on.look), later, at)
        if self._held is not None:
            held, self._held = self._held, None
            if held.snapshot.same(snapshot):
                self._settled_at = max(at, held.at)
            elif held.at > at:
                self._held = self._against_newest(held)


def _epochs_differ(one: Snapshot, other: Snapshot) -> bool:
    """Two group epochs of KIP-848; a classic group's generation is not told by looks."""
    return other.kind is GroupKind.CONSUMER and one.number != other.number
