"""The steps of one group in order of time, from both sources, and the rebalances they are told as."""

from collections import deque
from collections.abc import Generator
from dataclasses import replace
from typing import TypeVar

from kafkatui.domain.deeds import Deed
from kafkatui.domain.members import spans
from kafkatui.domain.pauses import Pauses
from kafkatui.domain.pictures import Picture, change
from kafkatui.domain.rebalances import Rebalance, Source
from kafkatui.domain.steps import Step, tell

KEPT_EVENTS = 100
AMENDED = 5
"""So many of the newest rebalances are told anew when our own consumers or the deck tell something."""
RACE = 0.25
"""Seconds by which a look may be older than the time it is given, or a generation newer."""

T = TypeVar("T")


def whole(work: Generator[None, None, T]) -> T:
    """Do work that comes in pieces at once."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            found: T = end.value
            return found


class Chain:
    """At most `KEPT_EVENTS` steps, each from the picture before."""

    def __init__(self, pauses: Pauses, deeds: deque[Deed]) -> None:
        self.steps: list[Step] = []
        self.told: list[Rebalance] = []
        """What `steps` are told as."""
        self.dropped = 0
        self.weight = 0
        """How much is kept: members, one by one and step by step."""
        self._pauses = pauses
        self._deeds = deeds
        self._sizes: dict[str, int] = {}
        """By topic: one more than the highest partition that ever had an owner."""

    @property
    def picture(self) -> Picture:
        """The newest; there must be one."""
        return self.steps[-1].picture

    @property
    def next_number(self) -> int:
        """Of the rebalance that goes on, or will come."""
        return self.dropped + len(self.steps)

    def add(self, step: Step) -> None:
        """Append the newest step."""
        self.insert(len(self.steps), step)

    def insert(self, place: int, step: Step) -> None:
        """Put a step in its place; those after it are told anew."""
        step.grown = self._grow(step.picture)
        if step.first:
            step.grown = {}
        self.steps.insert(place, step)
        self.weight += len(step.picture.members) + 1
        self.told[place:] = [self._tell(later) for later in range(place, len(self.steps))]
        if len(self.steps) > KEPT_EVENTS:
            self.forget(KEPT_EVENTS)

    def forget(self, most: int) -> None:
        """Keep only so many steps, the newest."""
        gone = max(0, len(self.steps) - most)
        self.weight -= sum(len(step.picture.members) + 1 for step in self.steps[:gone])
        del self.steps[:gone], self.told[:gone]
        self.dropped += gone

    def retell(self) -> None:
        """Tell the newest steps anew: there is news about them."""
        for place in range(max(0, len(self.steps) - AMENDED), len(self.steps)):
            self.told[place] = self._tell(place)

    def _tell(self, place: int) -> Rebalance:
        return tell(self.steps[place], self.dropped + place, self._pauses, self._deeds)

    def _grow(self, picture: Picture) -> dict[str, int]:
        """Partitions owned for the first time of topics that were owned before."""
        sizes, grown = dict(self._sizes), dict[str, int]()
        for member in picture.members.values():
            for topic, part in spans(member.assignment):
                sizes[topic] = max(sizes.get(topic, 0), part[-1].partition + 1)
        for topic, size in sizes.items():
            if 0 < self._sizes.get(topic, 0) < size:
                grown[topic] = size - self._sizes[topic]
        self._sizes = sizes
        return grown

    # what the log tells

    def told_later(self, at: float) -> bool:
        """The log has told of something that was complete after `at`."""
        return self.steps[-1].source is Source.LOG and at < self.steps[-1].ended_at

    def place_of(self, at: float) -> int:
        """Before which step something belongs that was at `at`; 0: it was before the first look."""
        return sum(step.ended_at <= at for step in self.steps)

    def lend(self, place: int, picture: Picture, at: float) -> bool:
        """Give a step known from looks the number and the exact time of a generation that shows the same."""
        for near, after in ((place, 0.0), (place - 1, RACE)):
            if 0 <= near < len(self.steps) and self._lend(near, picture, at, after):
                return True
        return False

    def _lend(self, place: int, picture: Picture, at: float, after: float) -> bool:
        step = self.steps[place]
        had, number = step.picture.number, picture.number
        if number is None or (had is not None and not (step.first and had < number)):
            return False
        if at > step.ended_at + after and not _next(step, number):
            return False
        if not step.picture.same(picture):
            return False
        numbered = replace(step.picture, number=number)
        if step.first:
            step.before = numbered
        else:
            step.source, step.ended_at = Source.LOG, min(step.ended_at, at)
        if place + 1 < len(self.steps):
            self.steps[place + 1].before = numbered
        step.picture = numbered
        self.told[place] = self._tell(place)
        return True

    def split(self, place: int, picture: Picture, at: float) -> None:
        """A generation between two looks that no look showed: one step becomes two."""
        after = self.steps[place]
        before, unsettled = after.before, after.unsettled
        step = Step(
            before=before,
            picture=picture,
            change=whole(change(before, picture)),
            ended_at=at,
            settled_at=None if after.settled_at is None else min(after.settled_at, at),
            unsettled=until(unsettled, at),
            source=Source.LOG,
            state="Stable" if picture.members else "Empty",
        )
        after.settled_at, after.unsettled = at, since(unsettled, at)
        after.compare(picture, whole(change(picture, after.picture)))
        self.insert(place, step)


def _next(step: Step, number: int) -> bool:
    """The generation after the one a step came from is the step's own, whatever the clocks say."""
    made = number == 1 and not step.before.members
    return not step.first and (made or step.before.number == number - 1)


def until(unsettled: tuple[float, float] | None, at: float) -> tuple[float, float] | None:
    """The looks that showed a rebalance which ended at `at`."""
    if unsettled is None or unsettled[0] > at:
        return None
    return unsettled[0], min(unsettled[1], at)


def since(unsettled: tuple[float, float] | None, at: float) -> tuple[float, float] | None:
    """Those that showed the next one."""
    if unsettled is None or unsettled[1] <= at + RACE:
        return None
    return unsettled[1], unsettled[1]
