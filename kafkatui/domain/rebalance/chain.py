"""The steps of one group in order of time, from looks and from the group's log, and the rebalances that are
made of the steps.
"""

from collections import deque
from collections.abc import Generator
from dataclasses import replace
from typing import TypeVar

from kafkatui.domain.cluster.members import spans
from kafkatui.domain.cluster.vanished import Vanished
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.rebalance.commits import Commits
from kafkatui.domain.rebalance.from_steps import first_rebalance_of, rebalance_of
from kafkatui.domain.rebalance.narrowing import narrow
from kafkatui.domain.rebalance.pauses import Pauses
from kafkatui.domain.rebalance.rebalances import Rebalance, Source
from kafkatui.domain.rebalance.snapshots import Snapshot, change
from kafkatui.domain.rebalance.steps import Step

KEPT_EVENTS = 100
AMENDED = 5
"""So many of the newest rebalances are made again when the deck or one of its consumers reports something."""
NARROWED_FOR = 5.0
"""Seconds after the end of a rebalance in which commits may still narrow its pause: commits that were written
before its end are read a little later.
"""
RACE = 0.25
"""Seconds by which the times of a look and of a generation may be out of order: a look may show the group as
it was a little before the look's time, and a generation may be written a little after a look that shows it.
"""

T = TypeVar("T")


def run_at_once(work: Generator[None, None, T]) -> T:
    """Run a generator to its end without a pause, and give what it returns."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            found: T = end.value
            return found


class Chain:
    """The steps of one group, oldest first, at most `KEPT_EVENTS`; each leads from the snapshot of the step
    before it to its own.
    """

    def __init__(self, pauses: Pauses, deeds: deque[Deed], vanished: Vanished) -> None:
        self.steps: list[Step] = []
        self.rebalances: list[Rebalance] = []
        """The rebalances made of `steps`, oldest first; the two steps of a cooperative rebalance are one."""
        self.dropped = 0
        """How many rebalances were forgotten to stay within the bound."""
        self.weight = 0
        """How much memory the steps take: the number of members of each step, and one more, summed."""
        self._pauses = pauses
        self._deeds = deeds
        self._vanished = vanished
        self._each: list[Rebalance] = []
        """For each step the rebalance made of it, together with the step before where it continues that."""
        self._sizes: dict[str, int] = {}
        """By topic: one more than the highest partition number that ever had an owner."""

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot of the newest step; there must be a step."""
        return self.steps[-1].snapshot

    @property
    def next_number(self) -> int:
        """The number of the rebalance that goes on, or of the next one."""
        return self.number(len(self.steps) - 1) + 1

    def number(self, place: int) -> int:
        """The number of the rebalance that the step at this place belongs to."""
        return self.dropped + sum(step.entire is None for step in self.steps[: place + 1]) - 1

    @property
    def last(self) -> Step:
        """The newest step, merged with the one before it where both are one rebalance; there must be one."""
        return self.steps[-1].entire or self.steps[-1]

    def add(self, step: Step) -> None:
        """Append the newest step."""
        self.insert(len(self.steps), step)

    def insert(self, place: int, step: Step) -> None:
        """Put a step in at a place; the rebalances of this step and of those after it are made again."""
        step.grown = self._grow(step.snapshot)
        if step.first:
            step.grown = {}
        self.steps.insert(place, step)
        self.weight += len(step.snapshot.members) + 1
        self._each.insert(place, self._each[place - 1] if place else first_rebalance_of(step))
        self._make_again(place)
        if len(self.steps) > KEPT_EVENTS:
            self.forget(KEPT_EVENTS)

    def forget(self, most: int) -> None:
        """Keep only the newest `most` steps."""
        gone = max(0, len(self.steps) - most)
        self.weight -= sum(len(step.snapshot.members) + 1 for step in self.steps[:gone])
        self.dropped += sum(step.entire is None for step in self.steps[:gone])
        del self.steps[:gone], self._each[:gone]
        self._show()

    def retell(self) -> None:
        """Make the newest rebalances again: the deck, a consumer or the topics have news about them."""
        self._make_again(max(0, len(self.steps) - AMENDED))

    def narrow(self, commits: Commits, now: float) -> bool:
        """Shorten the pauses of the newest rebalances by the commits read so far; whether any got shorter."""
        found = False
        for place in range(max(1, len(self.steps) - AMENDED), len(self.steps)):
            step = self.steps[place].entire or self.steps[place]
            if now - step.ended_at < NARROWED_FOR and narrow(step, commits):
                self._each[place] = self._rebalance_at(place)
                found = True
        if found:
            self._show()
        return found

    def _make_again(self, begin: int) -> None:
        """Make the rebalances of the steps from place `begin` on again."""
        for place in range(begin, len(self.steps)):
            self._link(place)
            self._each[place] = self._rebalance_at(place)
        self._show()

    def _link(self, place: int) -> None:
        """Find out whether a step continues the one before it. The oldest step keeps what was found before:
        the step before it is forgotten.
        """
        if place == 0:
            return
        step, old = self.steps[place], self.steps[place].entire
        last = self.steps[place - 1].entire or self.steps[place - 1]
        step.entire = None
        if step.continues(last):
            step.entire = step.after(last, run_at_once(change(last.before, step.snapshot)))
            step.entire.bounds = {} if old is None else old.bounds

    def _show(self) -> None:
        more = [step.entire is not None for step in self.steps[1:]]
        self.rebalances = [
            event for place, event in enumerate(self._each) if not any(more[place : place + 1])
        ]

    def _rebalance_at(self, place: int) -> Rebalance:
        step = self.steps[place]
        return rebalance_of(
            step.entire or step, self.number(place), self._pauses, self._deeds, self._vanished
        )

    def _grow(self, snapshot: Snapshot) -> dict[str, int]:
        """How many partitions got an owner for the first time, by topic; only topics that had owners
        before.
        """
        sizes, grown = dict(self._sizes), dict[str, int]()
        for member in snapshot.members.values():
            for topic, part in spans(member.assignment):
                sizes[topic] = max(sizes.get(topic, 0), part[-1].partition + 1)
        for topic, size in sizes.items():
            if 0 < self._sizes.get(topic, 0) < size:
                grown[topic] = size - self._sizes[topic]
        self._sizes = sizes
        return grown

    # generations from the group's log

    def log_is_ahead_of(self, at: float) -> bool:
        """Whether the newest step is from the group's log, and ended after `at`."""
        return self.steps[-1].source is Source.LOG and at < self.steps[-1].ended_at

    def place_of(self, at: float) -> int:
        """The place in `steps` for a step that ended at `at`; 0: it was before the first look."""
        return sum(step.ended_at <= at for step in self.steps)

    def lend(self, place: int, snapshot: Snapshot, at: float) -> bool:
        """Find a step near `place` that looks showed and that has the same members and assignment as this
        generation; give that step the number and the exact time of the generation. Whether there was one.
        """
        for near, after in ((place, 0.0), (place - 1, RACE)):
            if 0 <= near < len(self.steps) and self._lend(near, snapshot, at, after):
                return True
        return False

    def _lend(self, place: int, snapshot: Snapshot, at: float, after: float) -> bool:
        step = self.steps[place]
        had, number = step.snapshot.number, snapshot.number
        if number is None or (had is not None and not (step.first and had < number)):
            return False
        if at > step.ended_at + after and not _next(step, number):
            return False
        if not step.snapshot.same(snapshot):
            return False
        numbered = replace(step.snapshot, number=number)
        if step.first:
            step.before = numbered
        else:
            step.source, step.ended_at = Source.LOG, min(step.ended_at, at)
        if place + 1 < len(self.steps):
            self.steps[place + 1].before = numbered
        step.snapshot = numbered
        self._make_again(place)
        return True

    def split(self, place: int, snapshot: Snapshot, at: float) -> None:
        """Split the step at `place` in two: the group's log has a generation in between that no look
        showed.
        """
        after = self.steps[place]
        before, unsettled = after.before, after.unsettled
        step = Step(
            before=before,
            snapshot=snapshot,
            change=run_at_once(change(before, snapshot)),
            ended_at=at,
            settled_at=None if after.settled_at is None else min(after.settled_at, at),
            unsettled=until(unsettled, at),
            source=Source.LOG,
            state="Stable" if snapshot.members else "Empty",
        )
        after.settled_at, after.unsettled = at, since(unsettled, at)
        after.compare(snapshot, run_at_once(change(snapshot, after.snapshot)))
        self.insert(place, step)


def _next(step: Step, number: int) -> bool:
    """Whether `number` is the generation right after the one the step came from. Then it is the step's own,
    even if the clocks say that it was written after the step.
    """
    made = number == 1 and not step.before.members
    return not step.first and (made or step.before.number == number - 1)


def until(unsettled: tuple[float, float] | None, at: float) -> tuple[float, float] | None:
    """The part of the time between the first and the last unsettled look that belongs to a rebalance which
    ended at `at`; ``None``: no part of it.
    """
    if unsettled is None or unsettled[0] > at:
        return None
    return unsettled[0], min(unsettled[1], at)


def since(unsettled: tuple[float, float] | None, at: float) -> tuple[float, float] | None:
    """The part of the time between the first and the last unsettled look that belongs to the rebalance after
    the one which ended at `at`; ``None``: no part of it.
    """
    if unsettled is None or unsettled[1] <= at + RACE:
        return None
    return unsettled[1], unsettled[1]
