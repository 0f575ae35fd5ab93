"""Makes a `Rebalance` of a step: its cause, how long it took, how long members paused. Times are monotonic
seconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kafkatui.domain.cluster.groups import Member
from kafkatui.domain.cluster.vanished import Vanished
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.rebalance.causes import CLOCKS, causes, kept_memberships, slow_ones
from kafkatui.domain.rebalance.pauses import Pauses
from kafkatui.domain.rebalance.rebalances import Rebalance, Share, Source
from kafkatui.domain.rebalance.snapshots import Snapshot
from kafkatui.domain.rebalance.steps import Step


def first_rebalance_of(step: Step) -> Rebalance:
    """The `Rebalance` that stands for the first look at the group; see `Rebalance.first`."""
    snapshot = step.snapshot
    return Rebalance(
        number=0,
        started_at=step.ended_at,
        ended_at=step.ended_at,
        first=True,
        owned=step.owned,
        members=len(snapshot.members),
        state=step.state,
        generation=snapshot.number,
        source=step.source,
        assignor=snapshot.assignor,
        coordinator=snapshot.coordinator,
    )


def rebalance_of(
    step: Step,
    number: int,
    pauses: Pauses,
    deeds: Sequence[Deed],
    vanished: Vanished,
    *,
    goes_on: bool = False,
) -> Rebalance:
    """The rebalance that a step was, by `pauses` (reports of the deck's consumers) and `deeds` of the deck.

    `number`: see `Rebalance.number`; `vanished`: partitions that were deleted; `goes_on`: it is not over yet.
    """
    if step.first:
        return first_rebalance_of(step)
    before, snapshot, change = step.before, step.snapshot, step.change
    classic, cooperative = step.classic, step.cooperative
    names = step.names
    clients = {key: member.client_id for key, member in (*before.members.items(), *snapshot.members.items())}
    joined = {names[key]: clients[key] for key in change.joined} | dict(step.passed)
    gone = {names[key]: clients[key] for key in change.gone} | dict(step.passed)
    began = step.ended_at if step.unsettled is None else min(step.unsettled[0], step.ended_at)
    survivors = {clients[key] for key in before.members.keys() & snapshot.members.keys()}
    revoked = None if step.settled_at is None else pauses.began(survivors, step.settled_at, began)
    started_at = began if revoked is None else revoked
    caused, acts = causes(deeds, joined, gone, grown=bool(step.grown), since=started_at, until=step.ended_at)
    if not (joined or gone or step.grown or classic):
        kept = kept_memberships(deeds, _static(before) & _static(snapshot), started_at, step.ended_at)
        caused = max(caused, kept, key=lambda led: led[-1].at if led else float("-inf"))
    left = {topic: vanished.count(topic, numbers, step.ended_at) for topic, numbers in step.abandoned.items()}
    abandoned = {topic: number for topic, number in left.items() if number}
    took = _took(step, goes_on=goes_on)
    # partitions that have no new owner yet are unread for longer than the rebalance took
    bound = None if abandoned and (cooperative or not classic) else took[1]
    shares: tuple[Share, ...] = ()
    if before.known and not (goes_on and classic):
        shares = _shares(step, names, pauses, started_at, bound)
    led = sorted({*caused, *slow_ones(deeds, shares)}, key=lambda deed: deed.at)
    at_least, at_most = _pause(step, shares, bound)
    return Rebalance(
        number=number,
        started_at=started_at,
        ended_at=None if goes_on else step.ended_at,
        joined=tuple(joined),
        gone=tuple(gone),
        resubscribed=tuple(names[key] for key in change.resubscribed),
        grown=step.grown,
        moves=step.moves,
        moved=change.moved,
        abandoned={} if goes_on else abandoned,
        owned=step.owned,
        members=len(snapshot.members),
        state=step.state,
        took_at_least=took[0],
        took_at_most=took[1],
        at_least=at_least,
        at_most=at_most,
        open_until=_open_until(step),
        taken_at=step.taken_at,
        stops_all=classic and not cooperative,
        cooperative=cooperative,
        generation=None if goes_on and classic else snapshot.number,
        source=step.source,
        assignor=snapshot.assignor,
        assignor_before=before.assignor,
        coordinator=snapshot.coordinator,
        coordinator_before=before.coordinator,
        shares=shares,
        deeds=tuple(led),
        unread=None if goes_on else _unread(step, shares, led, acts),
        acts=acts,
    )


def _static(snapshot: Snapshot) -> set[str]:
    """Client ids of the static members of a group."""
    return {member.client_id for member in snapshot.members.values() if member.group_instance_id is not None}


def _shares(
    step: Step, names: Mapping[str, str], pauses: Pauses, since: float, took: float | None
) -> tuple[Share, ...]:
    before, after = step.before.members, step.snapshot.members
    shares = {
        key: _share(names[key], before.get(key), after.get(key), step, pauses, since)
        for key in dict.fromkeys((*before, *after))
    }
    return tuple(
        replace(
            share,
            at_most=_paused(step, key, share, took),
            handed_over=_handed_over(share, shares.values()) if share.reads_on else None,
        )
        for key, share in shares.items()
    )


def _handed_over(share: Share, shares: Iterable[Share]) -> float | None:
    """See `Share.handed_over`; `shares`: those of all members."""
    given = set(share.gave_up) if share.after is not None else set()
    if not given or share.revoked_at is None:
        return None
    heirs = [other for other in shares if not given.isdisjoint(other.got)]
    ends = [other.assigned_at for other in heirs if other.assigned_at is not None]
    if len(ends) < len(heirs) or given.difference(*(other.got for other in heirs)):
        return None
    lasted = max(ends) - share.revoked_at
    return lasted if lasted >= 0 else None


def _paused(step: Step, key: str, share: Share, took: float | None) -> float | None:
    """The longest time, in seconds, that a member can have paused (one that read on: that the partitions it
    gave up can have been unread). `took`: the longest time that the rebalance can have taken. ``None``: not
    known, or the member did not pause.
    """
    if not pauses_of(share) or took is None:
        return None
    known = [took, step.bounds.get(key, took)]
    if step.taken_at is not None and step.source is Source.LOG:
        known.append(step.ended_at - step.taken_at + 2 * CLOCKS)
    return min(known)


def pauses_of(share: Share) -> bool:
    """Whether the member stayed in the group and stopped reading some partitions, even for a moment."""
    return share.after is not None and bool(share.gave_up if share.reads_on else share.before)


def _share(
    name: str, old: Member | None, new: Member | None, step: Step, pauses: Pauses, since: float
) -> Share:
    member = old if new is None else new
    assert member is not None
    reads_on = step.cooperative or not step.classic
    pause = pauses.during(member.client_id, since, step.ended_at)
    assigned_at = None if pause is None else pause.assigned_at
    if reads_on or pause is None:
        rested = since if step.settled_at is None else min(since, step.settled_at)
        assigned_at = pauses.got(member.client_id, rested, step.ended_at)
    return Share(
        name=name,
        client_id=member.client_id,
        before=None if old is None else old.assignment,
        after=None if new is None else new.assignment,
        revoked_at=None if pause is None or old is None else pause.revoked_at,
        released_at=None if pause is None or old is None else pause.released_at,
        assigned_at=None if new is None else assigned_at,
        static=member.group_instance_id is not None,
        reads_on=reads_on,
    )


def _unread(
    step: Step, shares: Sequence[Share], deeds: Sequence[Deed], acts: Mapping[str, Act]
) -> float | None:
    """See `Rebalance.unread`."""
    stopped = {name for name, act in acts.items() if act.key.stops_reading}
    dead = [share for share in shares if share.after is None and share.before and share.name in stopped]
    clients = {share.client_id for share in dead}
    died = [deed.at for deed in deeds if deed.who in clients and deed.act.key.stops_reading]
    orphans = {partition for share in dead for partition in share.before or ()}
    if not died or not orphans:
        return None
    heirs = [share for share in shares if not orphans.isdisjoint(share.after or ())]
    if orphans.difference(*(share.after or () for share in heirs)):
        return None
    exact = step.ended_at if step.source is Source.LOG else None
    ends = [exact if share.assigned_at is None else share.assigned_at for share in heirs]
    known = [end for end in ends if end is not None]
    return max(0.0, max(known) - min(died)) if len(known) == len(ends) else None


def _open_until(step: Step) -> float:
    """See `Rebalance.open_until`."""
    if step.source is Source.LOG:
        return step.ended_at
    if step.unsettled is not None:
        return min(step.unsettled[1], step.ended_at)
    return step.ended_at if step.settled_at is None else step.settled_at


def _took(step: Step, *, goes_on: bool) -> tuple[float, float | None]:
    """The shortest and the longest time, in seconds, that the rebalance can have taken: see
    `Rebalance.took_at_least` and `Rebalance.took_at_most`.
    """
    if not goes_on and not step.snapshot.members:
        return 0.0, None
    first, last = step.unsettled or (step.ended_at, step.ended_at)
    if step.source is Source.LOG:
        last = step.ended_at
    at_least = max(0.0, last - first)
    if goes_on or step.settled_at is None:
        return at_least, None
    return at_least, max(0.0, step.ended_at - step.settled_at)


def _pause(step: Step, shares: Sequence[Share], took: float | None) -> tuple[float, float | None]:
    """`Rebalance.at_least` and `Rebalance.at_most`; `took`: the longest time it can have taken."""
    if took is None or not step.before.known:
        return 0.0, took
    paused = [share for share in shares if pauses_of(share)]
    known = [share.handed_over if share.reads_on else share.pause for share in paused]
    reported = [lasted for lasted in known if lasted is not None]
    longest = max(reported, default=0.0)
    if len(reported) == len(paused):
        return longest, longest
    rest = max(share.at_most or 0.0 for share, lasted in zip(paused, known, strict=True) if lasted is None)
    return longest, max(longest, rest)
