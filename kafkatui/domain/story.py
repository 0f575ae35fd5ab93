"""All that is remembered of one group: its map, its lanes, its rebalances, and what the deck did to it.

Two sources tell of a rebalance. Looks (DescribeGroups, ConsumerGroupDescribe) show a group every so often:
times are brackets, and two quick rebalances look like one. The group's log in ``__consumer_offsets`` tells
every completed generation of a classic group, exactly, but not when it began; and it may come late. Both
are steps of one chain of pictures. Times are monotonic seconds, given by the caller.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from kafkatui.domain.deeds import Deed, Report
from kafkatui.domain.generations import Generation
from kafkatui.domain.groups import Group, GroupKind
from kafkatui.domain.lanes import Lanes
from kafkatui.domain.ownership import OwnershipMap
from kafkatui.domain.ownership_memory import Ownership
from kafkatui.domain.partitions import TopicPartition
from kafkatui.domain.pauses import Pauses
from kafkatui.domain.pictures import Change, Picture, change, shared
from kafkatui.domain.rebalances import KEPT_MOVES, Rebalance, Source
from kafkatui.domain.steps import Step, tell
from kafkatui.domain.waiting import Ends, records

KEPT_EVENTS = 100
KEPT_DEEDS = 200
AMENDED = 5
"""So many of the newest rebalances are told anew when our own consumers or the deck tell something."""
LOG_WITHIN = 1.0
"""Seconds for which a look waits for its generation, while the log is read up to now."""
RACE = 0.25
"""Seconds by which a look may be older than the time it is given, or a generation newer."""


@dataclass(slots=True)
class _Open:
    """A rebalance that goes on."""

    unsettled: tuple[float, float]
    settled_at: float | None
    seen: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Short name and client id of everyone seen in it."""
    picture: Picture | None = None
    """The newest; a classic group's without assignment."""
    state: str | None = None


class GroupStory:
    """`observe` every description in order of time, `observe_generation` what the log tells."""

    def __init__(self) -> None:
        self.lanes = Lanes()
        self._ownership = Ownership()
        self._pauses = Pauses()
        self._deeds: deque[Deed] = deque(maxlen=KEPT_DEEDS)
        self._ends = Ends()
        self._waited: dict[int, int] = {}
        self._steps: list[Step] = []
        self._told: list[Rebalance] = []
        """What `_steps` are told as."""
        self._base: Picture | None = None
        """The picture before the first of `_steps`; ``None``: that is the first look."""
        self._dropped = 0
        self._open: _Open | None = None
        self._going_on: Rebalance | None = None
        self._held: tuple[Picture, float] | None = None
        """A settled look that waits for its generation, and when it was first seen so."""
        self._settled_at: float | None = None
        self._looked_at: float | None = None
        self._group: Group | None = None
        self._log_at: float | None = None
        self._early: Generation | None = None
        """The newest generation that came before the first look."""
        self._sizes: dict[str, int] = {}
        """By topic: one more than the highest partition that ever had an owner."""

    @property
    def looked_at(self) -> float | None:
        """The newest look that told members."""
        return self._looked_at

    @property
    def events(self) -> tuple[Rebalance, ...]:
        """Newest first; the first of them may still go on."""
        going_on = () if self._going_on is None else (self._going_on,)
        return (*going_on, *reversed(self._told))

    @property
    def entries(self) -> tuple[Rebalance | Deed, ...]:
        """Rebalances and what the deck did, newest first."""
        found: list[Rebalance | Deed] = [*self.events, *self._deeds]
        found.sort(key=lambda one: one.at if isinstance(one, Deed) else one.started_at, reverse=True)
        return tuple(found)

    @property
    def source(self) -> Source:
        """What completed rebalances are known from now."""
        return Source.LOOKS if self._log_at is None else Source.LOG

    @property
    def generation(self) -> int | None:
        """The newest completed generation, or the group epoch (KIP-848); ``None``: not told."""
        return self._steps[-1].picture.number if self._steps else None

    def map(self, topic: str, partitions: int) -> OwnershipMap | None:
        """Members × partitions of one topic at the newest look; ``None``: none told members yet."""
        return None if self._looked_at is None else self._ownership.map(topic, partitions, self._looked_at)

    def effect(self, deed: Deed) -> Rebalance | None:
        """The rebalance a deed led to; of several the first, or the last where every consumer had to join
        anew; ``None``: none (yet).
        """
        led = [event for event in self.events if deed in event.deeds]
        if not led:
            return None
        return led[0] if deed.who is None else led[-1]

    def waited(self, event: Rebalance) -> int | None:
        """How many records arrived in partitions while nobody read them because of this rebalance,
        interpolated; ``None``: the ends of the logs around it are not known, or it still goes on.
        """
        if event.number not in self._waited:
            found = records(event, self._ends, self._pauses)
            if found is None:
                return None
            self._waited[event.number] = found
        return self._waited[event.number]

    @property
    def changes(self) -> int:
        """How many rebalances it has told of, with the one that goes on."""
        return self._dropped + len(self._told) + (self._going_on is not None)

    @property
    def kept(self) -> int:
        """How many of them are still known."""
        return len(self._told)

    def since(self, begin: float) -> int:
        """How many rebalances began after that time."""
        return sum(not event.first and event.started_at >= begin for event in self.events)

    def forget(self, most: int) -> int:
        """Keep only so many rebalances, the newest; tell how many that cost."""
        many = max(0, len(self._steps) - most)
        for _ in range(many):
            self._drop()
        return many

    # what is told

    def note(self, news: Deed | Report) -> None:
        """Take in what the deck did, or what a consumer of ours told."""
        if isinstance(news, Deed):
            self._deeds.append(news)
        else:
            self._pauses.note(news)
        self.lanes.note(news)
        for place in range(max(0, len(self._steps) - AMENDED), len(self._steps)):
            self._retell(place)
        self._tell_open()

    def note_ends(self, at: float, ends: Mapping[TopicPartition, int]) -> None:
        """Take in log end offsets as of `at`."""
        self._ends.note(at, ends)
        for event in self._told[-AMENDED:]:
            self.waited(event)

    def log_read_up_to(self, at: float | None) -> None:
        """The log of this group is followed and read up to `at`; ``None``: it is not, or not any more."""
        self._log_at = at
        self._give_up_waiting(at)

    def observe_generation(self, generation: Generation) -> None:
        """Take in a generation from the log; in order, but at any time after it was written."""
        if not self._steps:
            self._early = generation
            return
        if any(step.picture.number == generation.number for step in self._steps):
            return  # a static member came back: no rebalance
        at = generation.at
        if self._held is not None and self._held[1] < at - RACE:
            self._give_up_waiting(None)
        place = sum(step.ended_at <= at for step in self._steps) - 1
        if place < 0:
            self._lend(0, generation, RACE)
            return
        if place + 1 < len(self._steps) and self._lend(place + 1, generation):
            return
        if self._lend(place, generation, RACE):
            return
        self._insert(place + 1, generation)

    def observe(self, group: Group, at: float) -> None:
        """Take in a description made at `at`; one that is not newer than the last is passed over."""
        for _ in self.look(group, at):
            pass

    def look(self, group: Group, at: float) -> Iterator[None]:
        """`observe` in bounded pieces of work; must be run to its end."""
        if (self._looked_at is not None and at <= self._looked_at) or not self._ownership.observe(group, at):
            return
        self._group = group
        self._looked_at = at
        self.lanes.observe(group, at)
        picture = self._picture(group)
        if not self._steps:
            self._begin(picture, group, at)
        elif group.rebalancing:
            self._unsettled(picture, group, at)
        else:
            self._settled(picture, at)
        self._tell_open()
        yield

    # looks

    def _picture(self, group: Group) -> Picture:
        old = self._steps[-1].picture.members if self._steps else {}
        if self._open is not None and self._open.picture is not None:
            old = self._open.picture.members
        members = shared(group.members or (), old)
        told = not (group.rebalancing and group.kind is not GroupKind.CONSUMER)
        return Picture(
            members=members,
            names={key: self._ownership.name(key) for key in members},
            kind=group.kind,
            assignor=group.assignor,
            coordinator=group.coordinator,
            number=group.epoch,
            known=told,
        )

    def _begin(self, picture: Picture, group: Group, at: float) -> None:
        blind = replace(picture, known=False) if group.rebalancing else picture
        self._add(Step(blind, Change(), at, None, None, state=group.state, first=True))
        if group.rebalancing:
            self._unsettled(picture, group, at)
            return
        self._settled_at = at
        if self._early is not None:
            self._lend(0, self._early, RACE)

    def _unsettled(self, picture: Picture, group: Group, at: float) -> None:
        if self._held is not None:
            self._give_up_waiting(None)
        last, going_on = self._steps[-1], self._open
        if going_on is None and last.source is Source.LOG and at - last.ended_at < RACE:
            return  # described before the generation was complete, answered after
        if (
            going_on is not None
            and picture.kind is GroupKind.CONSUMER
            and going_on.picture is not None
            and going_on.picture.number != picture.number
        ):
            self._close(going_on.picture, at)  # the next epoch began before the last was reached
            going_on = None
        if going_on is None:
            going_on = self._open = _Open((at, at), self._settled_at)
        going_on.unsettled = (going_on.unsettled[0], at)
        going_on.picture, going_on.state = picture, group.state
        going_on.seen.update(
            (key, (picture.names[key], member.client_id)) for key, member in picture.members.items()
        )

    def _settled(self, picture: Picture, at: float) -> None:
        last = self._steps[-1].picture
        same = last.same(picture)
        if picture.kind is GroupKind.CONSUMER:
            same = same and last.number == picture.number
        elif self._log_at is not None and not (same and self._open is None):
            if self._held is None or not self._held[0].same(picture):
                self._give_up_waiting(None)
                self._held = (picture, at)
            self._give_up_waiting(at)
            return
        self._held = None
        if self._open is not None or not same:
            self._close(picture, at)
        self._settled_at = at

    def _give_up_waiting(self, now: float | None) -> None:
        """Take a look that waited long enough for its generation as it is; ``None``: at once."""
        if self._held is None or (now is not None and now - self._held[1] < LOG_WITHIN):
            return
        (picture, at), self._held = self._held, None
        if self._log_at is not None and self._steps[-1].picture.same(picture):
            self._open = None  # the log would tell of a rebalance
        else:
            self._close(picture, at)
        self._settled_at = at
        self._tell_open()

    def _close(self, picture: Picture, at: float) -> None:
        going_on, self._open = self._open, None
        before = self._steps[-1].picture
        self._add(
            Step(
                picture=picture,
                change=change(before, picture, KEPT_MOVES),
                ended_at=at,
                settled_at=self._settled_at if going_on is None else going_on.settled_at,
                unsettled=None if going_on is None else going_on.unsettled,
                state=None if self._group is None else self._group.state,
                passed=_passed(going_on, before, picture),
                grown=self._grown(picture),
            )
        )
        self._settled_at = at

    def _grown(self, picture: Picture) -> dict[str, int]:
        """Partitions owned for the first time of topics that were owned before."""
        grown: dict[str, int] = {}
        sizes = dict(self._sizes)
        for member in picture.members.values():
            for topic, number in member.assignment:
                if topic in self._sizes and number >= self._sizes[topic]:
                    grown[topic] = grown.get(topic, 0) + 1
                if number >= sizes.get(topic, 0):
                    sizes[topic] = number + 1
        self._sizes = sizes
        return grown

    # the log

    def _lend(self, place: int, generation: Generation, after: float = 0.0) -> bool:
        """Give a step known from looks its number and exact time, if the generation shows the same."""
        step = self._steps[place]
        numbered = step.picture.number is not None and not (
            step.first and step.picture.number < generation.number
        )
        if numbered or generation.at > step.ended_at + after or not step.picture.known:
            return False
        if not step.picture.same(self._of_generation(generation, step.picture)):
            return False
        step.picture = replace(step.picture, number=generation.number)
        if not step.first:
            step.source, step.ended_at = Source.LOG, min(step.ended_at, generation.at)
        self._retell(place)
        return True

    def _of_generation(self, generation: Generation, near: Picture) -> Picture:
        members = shared(generation.members, near.members)
        seen_since = self._looked_at is not None and generation.at < self._looked_at
        self._ownership.meet(members, generation.at, gone=seen_since)
        return Picture(
            members=members,
            names={key: self._ownership.name(key) for key in members},
            kind=GroupKind.CLASSIC,
            assignor=generation.assignor,
            coordinator=near.coordinator,
            number=generation.number,
        )

    def _insert(self, place: int, generation: Generation) -> None:
        """A step that only the log tells of, or that it tells first."""
        before, at = self._steps[place - 1].picture, generation.at
        picture = self._of_generation(generation, before)
        newest = place == len(self._steps)
        going_on = self._open if newest else None
        after = None if newest else self._steps[place]
        unsettled = going_on.unsettled if going_on is not None else after.unsettled if after else None
        settled_at = going_on.settled_at if going_on else after.settled_at if after else self._settled_at
        begun = unsettled is not None and unsettled[0] <= at
        step = Step(
            picture=picture,
            change=change(before, picture, KEPT_MOVES),
            ended_at=at,
            settled_at=None if settled_at is None else min(settled_at, at),
            unsettled=(unsettled[0], min(unsettled[1], at)) if begun and unsettled else None,
            source=Source.LOG,
            state="Stable" if generation.members else "Empty",
            passed=_passed(going_on, before, picture),
            grown=self._grown(picture),
        )
        later = (unsettled[1], unsettled[1]) if unsettled and unsettled[1] > at + RACE else None
        if after is not None:
            after.change = change(picture, after.picture, KEPT_MOVES)
            after.settled_at, after.unsettled = at, later
            self._add(step, place)
            return
        self._add(step)
        self._settled_at = at
        self._open = None
        if later is not None and going_on is not None:
            self._open = replace(going_on, unsettled=later, settled_at=at, seen={})
        if self._held is not None and self._held[0].same(picture):
            self._settled_at = max(at, self._held[1])
            self._held = None
        self._tell_open()

    # telling

    def _add(self, step: Step, place: int | None = None) -> None:
        place = len(self._steps) if place is None else place
        if step.first:
            self._grown(step.picture)
        self._steps.insert(place, step)
        before = self._steps[place - 1].picture if place else step.picture
        self._told.insert(place, self._as_told(place, before))
        if len(self._steps) > KEPT_EVENTS:
            self._drop()
            place -= 1
        for later in range(max(0, place), len(self._steps)):
            self._retell(later)

    def _drop(self) -> None:
        self._base = self._steps.pop(0).picture
        self._waited.pop(self._told.pop(0).number, None)
        self._dropped += 1

    def _retell(self, place: int) -> None:
        before = self._steps[place - 1].picture if place else self._base or self._steps[0].picture
        self._told[place] = self._as_told(place, before)

    def _as_told(self, place: int, before: Picture) -> Rebalance:
        return tell(self._steps[place], before, self._dropped + place, self._pauses, self._deeds)

    def _tell_open(self) -> None:
        """Tell anew of the rebalance that goes on."""
        going_on = self._open
        if going_on is None or going_on.picture is None:
            self._going_on = None
            return
        before, picture = self._steps[-1].picture, going_on.picture
        step = Step(
            picture=picture,
            change=change(before, picture, KEPT_MOVES),
            ended_at=going_on.unsettled[1],
            settled_at=going_on.settled_at,
            unsettled=going_on.unsettled,
            state=going_on.state,
            passed=_passed(going_on, before, picture),
        )
        number = self._dropped + len(self._steps)
        self._going_on = tell(step, before, number, self._pauses, self._deeds, goes_on=True)


def _passed(going_on: _Open | None, before: Picture, after: Picture) -> dict[str, tuple[str, str]]:
    """Members that came and went within a rebalance."""
    seen = {} if going_on is None else going_on.seen
    return {key: who for key, who in seen.items() if key not in before.members and key not in after.members}
