"""All that is remembered of one group: its map, its lanes, its rebalances, and the deeds of the deck.

A rebalance is known from two sources. Looks (DescribeGroups, ConsumerGroupDescribe) show the group every few
seconds: a rebalance happened somewhere between two looks, and two quick rebalances look like one. The group's
log in ``__consumer_offsets`` has every completed generation of a classic group with its exact time, but not
the time at which the rebalance began; and it may be read late. Times are monotonic seconds, given by the
caller.
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
from kafkatui.domain.rebalance.chain import AMENDED, RACE, Chain, run_at_once
from kafkatui.domain.rebalance.commits import Commits
from kafkatui.domain.rebalance.from_steps import rebalance_of
from kafkatui.domain.rebalance.generations import Commit, Generation
from kafkatui.domain.rebalance.lanes import Lanes
from kafkatui.domain.rebalance.ownership import OwnershipMap
from kafkatui.domain.rebalance.ownership_memory import Ownership
from kafkatui.domain.rebalance.pauses import Pauses
from kafkatui.domain.rebalance.rebalances import Rebalance, Source
from kafkatui.domain.rebalance.settling import Look, Settling
from kafkatui.domain.rebalance.snapshots import Change, Shared, Snapshot, change
from kafkatui.domain.rebalance.steps import Step
from kafkatui.domain.rebalance.vacancy import Vacancy
from kafkatui.domain.rebalance.waiting import Waited

KEPT_DEEDS = 200
LISTED_WITHIN = 15.0
"""A list of groups is at most so many seconds old: a group that is missing in it may be so much older than
the list.
"""


class GroupStory:
    """The story of one group. Feed its descriptions to `observe` in order of time, the generations of its log
    to `observe_generation`, deeds and reports to `note`.
    """

    def __init__(self, vanished: Vanished | None = None) -> None:
        """`vanished`: the partitions that were deleted, of all topics; ``None``: none were."""
        self.lanes = Lanes()
        self.version = 0
        """It counts up whenever the rebalances may have changed."""
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
        """The newest look that found the assignment; ``None``: none did yet."""
        self._commits = Commits()
        self._going_on: Rebalance | None = None
        self._looked_at: float | None = None
        self._absent_at: float | None = None
        self._early: Generation | None = None
        """The newest generation that was read before the first look; ``None``: none was."""

    @property
    def looked_at(self) -> float | None:
        """Time of the newest look that found the members; ``None``: there was none."""
        return self._looked_at

    @property
    def events(self) -> tuple[Rebalance, ...]:
        """The rebalances of the group, newest first; the newest may still go on. The last is the first
        look.
        """
        if self._going_on is None:
            found = tuple(reversed(self._chain.rebalances))
            if found and self._second_step_comes(found[0]):
                found = (_unfinished(found[0]), *found[1:])
            return found
        over = self._chain.rebalances
        if over and over[-1].number == self._going_on.number:  # cooperative: its second step goes on
            over = over[:-1]
        return (self._going_on, *reversed(over))

    def _second_step_comes(self, event: Rebalance) -> bool:
        """Whether a cooperative rebalance has only taken partitions away so far: another generation has yet
        to give them to their new owners.
        """
        now = self._looked_at
        waits = event.cooperative and event.abandoned and event.members and event.ended_at is not None
        return bool(waits) and now is not None and now - (event.ended_at or now) < WITHIN

    @property
    def entries(self) -> tuple[Rebalance | Deed, ...]:
        """The rebalances of the group and the deeds of the deck, newest first."""
        found: list[Rebalance | Deed] = [*self.events, *self._deeds]
        found.sort(key=lambda one: one.at if isinstance(one, Deed) else one.started_at, reverse=True)
        return tuple(found)

    @property
    def source(self) -> Source:
        """Where rebalances that complete now are known from."""
        return Source.LOOKS if self._settling.log_at is None else Source.LOG

    @property
    def generation(self) -> int | None:
        """The newest completed generation, or the group epoch (KIP-848); ``None``: not known."""
        return self._chain.snapshot.number if self._chain.steps else None

    def watch_owners(self, topic: str, partitions: int) -> None:
        """Remember from now on since when partitions of this topic, the one shown, have no owner."""
        self._ownership.watch(topic, partitions)

    @property
    def map_version(self) -> int:
        """It counts up whenever `map` may give another answer (for its time alone it does not)."""
        return self._ownership.version

    def map(self, topic: str, partitions: int) -> OwnershipMap | None:
        """The map of members × partitions of one topic at the newest look; ``None``: no look found the
        members yet. A call changes nothing.
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
        """How many records were written to partitions while nobody read these because of this rebalance,
        interpolated between readings of the log ends. ``None``: it is not known since when nobody read them,
        or where their logs ended, or nobody reads them yet.
        """
        return self._waited.of(event, self._chain.rebalances)

    def begun_since(self, begin: float) -> int:
        """How many of the rebalances known began at `begin` or later; the first look does not count."""
        newer = takewhile(lambda event: event.started_at >= begin, reversed(self._chain.rebalances))
        going_on = self._going_on is not None and self._going_on.started_at >= begin
        return going_on + sum(not event.first for event in newer)

    @property
    def weight(self) -> int:
        """How much memory the rebalances take: the number of members of each, summed."""
        return self._chain.weight

    def forget(self, most: int) -> None:
        """Keep only the newest `most` rebalances."""
        self._chain.forget(most)

    # what comes in

    def note(self, news: Deed | Report) -> None:
        """Take in a deed of the deck, or a report of one of its consumers."""
        if isinstance(news, Deed):
            self._deeds.append(news)
        else:
            self._pauses.note(news)
            self._waited.doubt(news.at)
        self.lanes.note(news)
        self._chain.retell()
        self._make_going_on()

    def topics_lost_partitions(self, topics: Set[str]) -> None:
        """Take in that partitions of these topics were deleted: they are not missing an owner any more."""
        if any(not topics.isdisjoint(event.abandoned) for event in self._chain.rebalances[-AMENDED:]):
            self._chain.retell()
            self._make_going_on()

    def note_ends(self, at: float, ends: Mapping[TopicPartition, int]) -> None:
        """Take in log end offsets as of `at`."""
        self._waited.note(at, ends, self._chain.rebalances)

    def note_commits(self, commits: Iterable[Commit], now: float) -> bool:
        """Take in commits from the group's log, in the order written, after the generations written among
        them. Whether the pause of a rebalance is known more narrowly by them.
        """
        self._commits.note(commits)
        if not self._chain.narrow(self._commits, now):
            return False
        self.version += 1
        return True

    def forget_commits(self) -> None:
        """Forget the commits: the log of this group is not followed any more."""
        self._commits = Commits()

    def log_read_up_to(self, at: float | None) -> None:
        """Take in that the group's log is followed and read up to `at`; ``None``: it is not, or not any
        more.
        """
        self._settling.log_at = at
        self._settling.pass_time(at)
        self._make_going_on()

    def observe_generation(self, generation: Generation) -> None:
        """Take in a generation from the group's log, in the order written; it may come later than newer
        looks.
        """
        self._vacancy.written(generation.at, members=bool(generation.members))
        self._begin_absent(generation.at)
        if not self._chain.steps:
            self._early = generation
            return
        self._settling.generation(self._of_generation(generation), generation.at)
        self._make_going_on()

    def absent(self, at: float) -> None:
        """Take in that the group did not exist at `at`, so it had no members."""
        self._absent_at = at

    def observe(self, group: Group, at: float) -> None:
        """Take in a description made at `at`; it is ignored if it is not newer than the last one."""
        for _ in self.look(group, at):
            pass

    def look(self, group: Group, at: float) -> Iterator[None]:
        """`observe` in pieces of a few milliseconds each; the caller must run it to its end."""
        if group.members is None or group.fault is not None:
            return
        if not self._vacancy.believed(group, at):
            return
        self._begin_absent(at)
        while self._looked_at is None or at > self._looked_at:
            version, shown = self.version, self._shown
            snapshot = yield from self._snapshot(group)
            moved = differences = Change()
            if shown is not None and snapshot.known:
                moved = differences = yield from change(shown, snapshot)
            newest = self._chain.snapshot if self._chain.steps else None
            same = (
                newest is not None and shown is not None and newest.members is shown.members and newest.known
            )
            if newest is not None and not (same and snapshot.known):
                differences = yield from change(newest, snapshot)
            if version == self.version:  # else something else was taken in meanwhile
                self._take(group, snapshot, moved, differences, at)

    def _begin_absent(self, before: float) -> None:
        """Begin the chain with a step without members, if the group did not exist before. A group may be up
        to `LISTED_WITHIN` seconds older than the list it is missing in, for groups are listed seldom.
        """
        if self._absent_at is None or self._chain.steps or before < self._absent_at - LISTED_WITHIN:
            return
        nobody = Snapshot({}, {}, GroupKind.UNKNOWN)
        self._chain.add(Step(nobody, nobody, Change(), min(self._absent_at, before - RACE), state="Dead"))

    def _snapshot(self, group: Group) -> Generator[None, None, Snapshot]:
        """The snapshot that a look shows, still without short names."""
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

    def _take(self, group: Group, bare: Snapshot, moved: Change, differences: Change, at: float) -> None:
        members = tuple(bare.members.values())
        self._ownership.observe(replace(group, members=members), at, moved)
        snapshot = replace(bare, names=self._names(bare.members))
        look = Look(snapshot, differences, group.state, at)
        rebalancing = group.rebalancing or _unreached(group)
        if not self._chain.steps:
            first = replace(snapshot, known=snapshot.known and not rebalancing)
            self._settling.begin(
                Step(first, first, differences, at, state=group.state), look, rebalancing=rebalancing
            )
            if self._early is not None:
                self.observe_generation(self._early)
        elif self._chain.log_is_ahead_of(at):
            pass  # the log has a generation that is newer than this look
        elif rebalancing:
            self._settling.unsettled(look)
        else:
            self._settling.settled(look)
        if snapshot.known and (self._shown is None or moved.any):
            self._shown = snapshot
        self.lanes.observe(group, at)
        self._looked_at = at
        self._make_going_on()

    def _of_generation(self, generation: Generation) -> Snapshot:
        members = run_at_once(self._shared.members(generation.members, self._chain.snapshot.members))
        over = self._looked_at is not None and generation.at < self._looked_at
        self._ownership.meet(members, generation.at, over=over)
        return Snapshot(
            members=members,
            names=self._names(members),
            kind=GroupKind.CLASSIC,
            assignor=generation.assignor,
            coordinator=self._chain.snapshot.coordinator,
            number=generation.number or None,  # 0: the group was just made, or is deleted
        )

    def _names(self, keys: Iterable[str]) -> Mapping[str, str]:
        names = self._ownership.names(keys)
        newest = self._chain.snapshot.names if self._chain.steps else None
        return newest if newest == names else names

    def _make_going_on(self) -> None:
        """Make the rebalance that goes on again, from the newest look."""
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
            number, step = number - 1, step.after(last, run_at_once(change(last.before, look.snapshot)))
        self._going_on = rebalance_of(step, number, self._pauses, self._deeds, self._vanished, goes_on=True)


def _unfinished(event: Rebalance) -> Rebalance:
    """The same rebalance as one that goes on."""
    return replace(event, ended_at=None, took_at_most=None, at_most=None, abandoned={})


def _unreached(group: Group) -> bool:
    """KIP-848: whether the group has not reached its target yet: its epochs differ, or a member does not own
    its target assignment. ``False`` for a group without members: there the epochs differ for ever.
    """
    if group.kind is not GroupKind.CONSUMER or not group.members:
        return False
    planned = group.assignment_epoch is None or group.assignment_epoch == group.epoch
    return not planned or any(
        member.target is not None and member.target != member.assignment for member in group.members or ()
    )
