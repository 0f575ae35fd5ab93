"""All that is remembered of one group: its map, its lanes, its rebalances, and what the deck did to it.

Two sources tell of a rebalance. Looks (DescribeGroups, ConsumerGroupDescribe) show a group every so often:
times are brackets, and two quick rebalances look like one. The group's log in ``__consumer_offsets`` tells
every completed generation of a classic group, exactly, but not when it began; and it may come late. Times are
monotonic seconds, given by the caller.
"""

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Set
from dataclasses import replace
from itertools import takewhile

from kafkatui.domain.cluster.groups import Group, GroupKind, Member
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.cluster.vanished import Vanished
from kafkatui.domain.deck.deeds import Deed, Report
from kafkatui.domain.rebalance.causes import WITHIN
from kafkatui.domain.rebalance.chain import AMENDED, RACE, Chain, whole
from kafkatui.domain.rebalance.commits import Commits
from kafkatui.domain.rebalance.generations import Commit, Generation
from kafkatui.domain.rebalance.lanes import Lanes
from kafkatui.domain.rebalance.ownership import OwnershipMap
from kafkatui.domain.rebalance.ownership_memory import Ownership
from kafkatui.domain.rebalance.pauses import Pauses
from kafkatui.domain.rebalance.rebalances import Rebalance, Source
from kafkatui.domain.rebalance.settling import Look, Settling
from kafkatui.domain.rebalance.snapshots import Change, Shared, Snapshot, change
from kafkatui.domain.rebalance.steps import Step
from kafkatui.domain.rebalance.telling import tell
from kafkatui.domain.rebalance.vacancy import Vacancy
from kafkatui.domain.rebalance.waiting import Waited

KEPT_DEEDS = 200
LISTED_WITHIN = 15.0
"""Seconds for which a list of groups may be kept."""


class GroupStory:
    """`observe` every description in order of time, `observe_generation` what the log tells."""

    def __init__(self, vanished: Vanished | None = None) -> None:
        """`vanished`: what is known of all topics."""
        self.lanes = Lanes()
        self.version = 0
        """Another number: it may tell something else."""
        self._ownership = Ownership()
        self._pauses = Pauses()
        self._deeds: deque[Deed] = deque(maxlen=KEPT_DEEDS)
        self._vanished = Vanished() if vanished is None else vanished
        self._chain = Chain(self._pauses, self._deeds, self._vanished)
        self._settling = Settling(self._chain)
        self._waited = Waited(self._pauses)
        self._vacancy = Vacancy()
        self._shared = Shared()
        self._shown: Snapshot | None = None
        """The newest look that told assignments."""
        self._commits = Commits()
        self._going_on: Rebalance | None = None
        self._looked_at: float | None = None
        self._absent_at: float | None = None
        self._early: Generation | None = None
        """The newest generation that came before the first look."""

    @property
    def looked_at(self) -> float | None:
        """The newest look that told members."""
        return self._looked_at

    @property
    def events(self) -> tuple[Rebalance, ...]:
        """Newest first; the first of them may still go on."""
        if self._going_on is None:
            found = tuple(reversed(self._chain.told))
            if found and self._second_step_comes(found[0]):
                found = (_unfinished(found[0]), *found[1:])
            return found
        over = self._chain.told
        if over and over[-1].number == self._going_on.number:  # its second step goes on
            over = over[:-1]
        return (self._going_on, *reversed(over))

    def _second_step_comes(self, event: Rebalance) -> bool:
        """It took partitions away, and another generation is to give them to their new owners."""
        now = self._looked_at
        waits = event.cooperative and event.abandoned and event.members and event.ended_at is not None
        return bool(waits) and now is not None and now - (event.ended_at or now) < WITHIN

    @property
    def entries(self) -> tuple[Rebalance | Deed, ...]:
        """Rebalances and what the deck did, newest first."""
        found: list[Rebalance | Deed] = [*self.events, *self._deeds]
        found.sort(key=lambda one: one.at if isinstance(one, Deed) else one.started_at, reverse=True)
        return tuple(found)

    @property
    def source(self) -> Source:
        """What completed rebalances are known from now."""
        return Source.LOOKS if self._settling.log_at is None else Source.LOG

    @property
    def generation(self) -> int | None:
        """The newest completed generation, or the group epoch (KIP-848); ``None``: not told."""
        return self._chain.snapshot.number if self._chain.steps else None

    def watch_owners(self, topic: str, partitions: int) -> None:
        """Remember from now on since when partitions of this topic have no owner: it is the one shown."""
        self._ownership.watch(topic, partitions)

    @property
    def map_version(self) -> int:
        """Another number: `map` may give something else than before, its time apart."""
        return self._ownership.version

    def map(self, topic: str, partitions: int) -> OwnershipMap | None:
        """Members × partitions of one topic at the newest look; ``None``: none told members yet. Asking
        changes nothing.
        """
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
        interpolated; ``None``: it is not known since when nobody read them, or how far their logs were, or
        they have no reader yet.
        """
        return self._waited.of(event, self._chain.told)

    def begun_since(self, begin: float) -> int:
        """How many of the rebalances known began at that time or after."""
        newer = takewhile(lambda event: event.started_at >= begin, reversed(self._chain.told))
        going_on = self._going_on is not None and self._going_on.started_at >= begin
        return going_on + sum(not event.first for event in newer)

    @property
    def weight(self) -> int:
        """How much is kept: members of all rebalances, one by one."""
        return self._chain.weight

    def forget(self, most: int) -> None:
        """Keep only so many rebalances, the newest."""
        self._chain.forget(most)

    # what is told

    def note(self, news: Deed | Report) -> None:
        """Take in what the deck did, or what a consumer of ours told."""
        if isinstance(news, Deed):
            self._deeds.append(news)
        else:
            self._pauses.note(news)
            self._waited.doubt(news.at)
        self.lanes.note(news)
        self._chain.retell()
        self._tell()

    def topics_lost_partitions(self, topics: Set[str]) -> None:
        """What of these topics has no owner may not be there any more."""
        if any(not topics.isdisjoint(event.abandoned) for event in self._chain.told[-AMENDED:]):
            self._chain.retell()
            self._tell()

    def note_ends(self, at: float, ends: Mapping[TopicPartition, int]) -> None:
        """Take in log end offsets as of `at`."""
        self._waited.note(at, ends, self._chain.told)

    def note_commits(self, commits: Iterable[Commit], now: float) -> bool:
        """Take in what the log tells of commits, in the order written; generations written among them come
        first. Whether they tell more of a rebalance.
        """
        self._commits.note(commits)
        if not self._chain.narrow(self._commits, now):
            return False
        self.version += 1
        return True

    def forget_commits(self) -> None:
        """The log of this group is not followed any more: nothing more is asked of its commits."""
        self._commits = Commits()

    def log_read_up_to(self, at: float | None) -> None:
        """The log of this group is followed and read up to `at`; ``None``: it is not, or not any more."""
        self._settling.log_at = at
        self._settling.pass_time(at)
        self._tell()

    def observe_generation(self, generation: Generation) -> None:
        """Take in a generation from the log; in the order written, but at any time after that."""
        self._vacancy.written(generation.at, members=bool(generation.members))
        self._begin_absent(generation.at)
        if not self._chain.steps:
            self._early = generation
            return
        self._settling.generation(self._of_generation(generation), generation.at)
        self._tell()

    def absent(self, at: float) -> None:
        """The group did not exist at `at`: it had no members."""
        self._absent_at = at

    def observe(self, group: Group, at: float) -> None:
        """Take in a description made at `at`; one that is not newer than the last is passed over."""
        for _ in self.look(group, at):
            pass

    def look(self, group: Group, at: float) -> Iterator[None]:
        """`observe` in pieces of a few milliseconds; must be run to its end."""
        if group.members is None or group.fault is not None:
            return
        if not self._vacancy.believed(group, at):
            return
        self._begin_absent(at)
        while self._looked_at is None or at > self._looked_at:
            version, shown = self.version, self._shown
            snapshot = yield from self._snapshot(group)
            moved = told = Change()
            if shown is not None and snapshot.known:
                moved = told = yield from change(shown, snapshot)
            newest = self._chain.snapshot if self._chain.steps else None
            same = (
                newest is not None and shown is not None and newest.members is shown.members and newest.known
            )
            if newest is not None and not (same and snapshot.known):
                told = yield from change(newest, snapshot)
            if version == self.version:  # else something was told meanwhile
                self._take(group, snapshot, moved, told, at)

    def _begin_absent(self, before: float) -> None:
        """If it is new, it begins with no members. It may have been made a little before it was seen not to
        exist: groups are listed seldom.
        """
        if self._absent_at is None or self._chain.steps or before < self._absent_at - LISTED_WITHIN:
            return
        nobody = Snapshot({}, {}, GroupKind.UNKNOWN)
        self._chain.add(Step(nobody, nobody, Change(), min(self._absent_at, before - RACE), state="Dead"))

    def _snapshot(self, group: Group) -> Generator[None, None, Snapshot]:
        """What a look shows, without names."""
        old: dict[str, Member] = {}
        for known in (self._chain.snapshot if self._chain.steps else None, self._shown):
            old.update(known.members if known is not None else {})
        return Snapshot(
            members=(yield from self._shared.members(group.members or (), old)),
            names={},
            kind=group.kind,
            assignor=group.assignor,
            coordinator=group.coordinator,
            number=group.epoch,
            known=group.kind is GroupKind.CONSUMER or not group.rebalancing,
        )

    def _take(self, group: Group, bare: Snapshot, moved: Change, told: Change, at: float) -> None:
        members = tuple(bare.members.values())
        self._ownership.observe(replace(group, members=members), at, moved)
        snapshot = replace(bare, names=self._names(bare.members))
        look = Look(snapshot, told, group.state, at)
        rebalancing = group.rebalancing or _unreached(group)
        if not self._chain.steps:
            first = replace(snapshot, known=snapshot.known and not rebalancing)
            self._settling.begin(
                Step(first, first, told, at, state=group.state), look, rebalancing=rebalancing
            )
            if self._early is not None:
                self.observe_generation(self._early)
        elif self._chain.told_later(at):
            pass  # the log told of what came after it
        elif rebalancing:
            self._settling.unsettled(look)
        else:
            self._settling.settled(look)
        if snapshot.known and (self._shown is None or moved.any):
            self._shown = snapshot
        self.lanes.observe(group, at)
        self._looked_at = at
        self._tell()

    def _of_generation(self, generation: Generation) -> Snapshot:
        members = whole(self._shared.members(generation.members, self._chain.snapshot.members))
        over = self._looked_at is not None and generation.at < self._looked_at
        self._ownership.meet(members, generation.at, over=over)
        return Snapshot(
            members=members,
            names=self._names(members),
            kind=GroupKind.CLASSIC,
            assignor=generation.assignor,
            coordinator=self._chain.snapshot.coordinator,
            number=generation.number or None,  # 0: it was just made, or is gone
        )

    def _names(self, keys: Iterable[str]) -> Mapping[str, str]:
        names = self._ownership.names(keys)
        newest = self._chain.snapshot.names if self._chain.steps else None
        return newest if newest == names else names

    def _tell(self) -> None:
        """Tell anew of the rebalance that goes on."""
        self.version += 1
        going_on = self._settling.open
        if going_on is None:
            self._going_on = None
            return
        before, look = self._chain.snapshot, going_on.look
        step = Step(
            before=before,
            snapshot=look.snapshot,
            change=look.change,
            ended_at=look.at,
            settled_at=going_on.settled_at,
            unsettled=going_on.unsettled,
            state=look.state,
            passed=going_on.passed(before, look.snapshot),
        )
        number, last = self._chain.next_number, self._chain.last
        if step.continues(last):
            number, step = number - 1, step.after(last, whole(change(last.before, look.snapshot)))
        self._going_on = tell(step, number, self._pauses, self._deeds, self._vanished, goes_on=True)


def _unfinished(event: Rebalance) -> Rebalance:
    """It goes on."""
    return replace(event, ended_at=None, took_at_most=None, at_most=None, abandoned={})


def _unreached(group: Group) -> bool:
    """KIP-848: the epochs differ, or a member does not own yet what it shall. In a group that everyone left
    the epochs differ for ever: nothing goes on there.
    """
    if group.kind is not GroupKind.CONSUMER or not group.members:
        return False
    planned = group.assignment_epoch is None or group.assignment_epoch == group.epoch
    return not planned or any(
        member.target is not None and member.target != member.assignment for member in group.members or ()
    )
