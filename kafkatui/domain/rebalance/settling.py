"""When rebalances of a group began and ended: looks and the group's log, put together into one chain of
steps.

While the log is followed and read up to now, it decides: a look that shows a change waits a second for the
generation of that change, and without a generation there was no rebalance. Times are monotonic seconds.
"""

from dataclasses import dataclass, field

from kafkatui.domain.cluster.groups import GroupKind
from kafkatui.domain.rebalance.chain import RACE, Chain, run_at_once, since, until
from kafkatui.domain.rebalance.rebalances import Source
from kafkatui.domain.rebalance.snapshots import Change, Snapshot, change
from kafkatui.domain.rebalance.steps import Step

KEPT_SEEN = 500
"""Members remembered of one rebalance, at most: in a rebalance that never ends, members may join and leave
for hours.
"""
LOG_WITHIN = 1.0
"""Seconds for which a look that shows a change waits for the generation, while the log is followed."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the group showed."""

    snapshot: Snapshot
    change: Change
    """The differences from the snapshot of the newest step."""
    state: str | None
    """The group's state in Kafka's word; ``None``: not known."""
    at: float


@dataclass(slots=True)
class Open:
    """A rebalance that goes on."""

    look: Look
    """The newest look."""
    unsettled: tuple[float, float]
    """Times of the first and the newest look that showed the rebalance."""
    settled_at: float | None
    """The last time before it at which the group was known not to rebalance; ``None``: there is none."""
    seen: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Short name and client id, by member key, of every member that a look showed during it."""

    def show(self, look: Look) -> None:
        """Take in a look that shows that the rebalance still goes on."""
        self.look, self.unsettled = look, (self.unsettled[0], look.at)
        if len(self.seen) > KEPT_SEEN:
            return
        self.seen.update(
            (key, (look.snapshot.names[key], member.client_id))
            for key, member in look.snapshot.members.items()
        )

    def passed(self, before: Snapshot, after: Snapshot) -> dict[str, str]:
        """Client ids, by short name, of members that joined and left during the rebalance."""
        return {
            name: client
            for key, (name, client) in self.seen.items()
            if key not in before.members and key not in after.members
        }


class Settling:
    """Makes the steps of one group's chain. Feed it looks in order of time, and generations as they are
    read.
    """

    def __init__(self, chain: Chain) -> None:
        self.open: Open | None = None
        """The rebalance that goes on; ``None``: none does."""
        self.log_at: float | None = None
        """Up to when the group's log is read; ``None``: it is not followed."""
        self._chain = chain
        self._held: Look | None = None
        """The first look that showed a change whose generation has not been read yet; ``None``: none waits.
        """
        self._settled_at: float | None = None
        """The last time at which the group was known not to rebalance; ``None``: there is none."""

    def begin(self, first: Step, look: Look, *, rebalancing: bool) -> None:
        """Take in the first look, which is also the first step of the chain."""
        self._chain.add(first)
        if rebalancing:
            self.unsettled(look)
        else:
            self._settled_at = look.at

    def unsettled(self, look: Look) -> None:
        """Take in a look that shows the group rebalance."""
        if self._held is not None:
            self._give_up()
            look = self._against_newest(look)
        last, going_on = self._chain.steps[-1], self.open
        if going_on is None and last.source is Source.LOG and look.at - last.ended_at < RACE:
            return  # the broker described the group before the generation was complete, and answered after
        if going_on is None:
            going_on = self.open = Open(look, (look.at, look.at), self._settled_at)
        going_on.show(look)

    def settled(self, look: Look) -> None:
        """Take in a look that shows that the group does not rebalance."""
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
        """Stop to wait for a generation if the look waited `LOG_WITHIN` seconds for it at `now`; ``None``:
        stop at once.
        """
        if self._held is not None and (now is None or now - self._held.at >= LOG_WITHIN):
            self._give_up()

    def _give_up(self) -> None:
        held, self._held = self._held, None
        if held is None:
            return
        if self.log_at is not None and self._chain.snapshot.same(held.snapshot):
            self.open = None  # the log has no generation: there was no rebalance
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
        changed = run_at_once(change(self._chain.snapshot, look.snapshot))
        return Look(look.snapshot, changed, look.state, look.at)

    # generations from the group's log

    def generation(self, snapshot: Snapshot, at: float) -> None:
        """Take in a generation that was complete at `at`. Generations come in the order written; they may
        come later than looks that are newer.
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
            self.open = None  # the group had no members and has none: that is no rebalance
            return
        if place < len(self._chain.steps):
            self._chain.split(place, snapshot, at)
            return
        self._append(before, snapshot, at)

    def _append(self, before: Snapshot, snapshot: Snapshot, at: float) -> None:
        """Add a step that the log shows before any look does."""
        going_on, self.open = self.open, None
        unsettled = None if going_on is None else going_on.unsettled
        settled_at = self._settled_at if going_on is None else going_on.settled_at
        self._chain.add(
            Step(
                before=before,
                snapshot=snapshot,
                change=run_at_once(change(before, snapshot)),
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
    """Whether the group epochs (KIP-848) differ. Looks at a classic group do not tell its generation."""
    return other.kind is GroupKind.CONSUMER and one.number != other.number
