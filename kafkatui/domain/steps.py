"""One step of a group from a picture to the next, and the `Rebalance` it is told as."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kafkatui.domain.causes import causes
from kafkatui.domain.deeds import Deed
from kafkatui.domain.groups import GroupKind
from kafkatui.domain.ownership import Move
from kafkatui.domain.pauses import Pauses
from kafkatui.domain.pictures import Change, Picture
from kafkatui.domain.rebalances import Rebalance, Share, Source


@dataclass(slots=True)
class Step:
    """How the group came to a picture."""

    picture: Picture
    change: Change
    """Against the picture before."""
    ended_at: float
    settled_at: float | None
    """When it was last known not to rebalance before; ``None``: never."""
    unsettled: tuple[float, float] | None
    """The first and the last look that showed it rebalance."""
    source: Source = Source.LOOKS
    state: str | None = None
    passed: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Short name and client id of members that came and went meanwhile, by key."""
    grown: Mapping[str, int] = field(default_factory=dict)
    first: bool = False


def tell(
    step: Step, before: Picture, number: int, pauses: Pauses, deeds: Sequence[Deed], *, goes_on: bool = False
) -> Rebalance:
    """The rebalance a step was, with what our own consumers told of it and what the deck did."""
    picture, change = step.picture, step.change
    classic = picture.kind is not GroupKind.CONSUMER
    if step.first:
        return Rebalance(
            number=number,
            started_at=step.ended_at,
            ended_at=step.ended_at,
            first=True,
            owned=picture.owned,
            members=len(picture.members),
            state=step.state,
            generation=picture.number,
            source=step.source,
            assignor=picture.assignor,
            coordinator=picture.coordinator,
        )
    names = {**before.names, **picture.names}
    clients = {key: member.client_id for key, member in (*before.members.items(), *picture.members.items())}
    passed = dict(step.passed.values())
    joined = {names[key]: clients[key] for key in change.joined} | passed
    gone = {names[key]: clients[key] for key in change.gone} | passed
    began = step.ended_at if step.unsettled is None else min(step.unsettled[0], step.ended_at)
    revoked = pauses.began(began - 60.0 if step.settled_at is None else step.settled_at, step.ended_at)
    started_at = began if revoked is None else min(began, revoked)
    led, acts = causes(deeds, joined, gone, grown=bool(step.grown), since=started_at, until=step.ended_at)
    shares = (
        ()
        if not before.known or (goes_on and classic)
        else _shares(before, picture, names, pauses, started_at, step.ended_at)
    )
    at_least, at_most = _pause(step, shares, classic=classic, goes_on=goes_on)
    return Rebalance(
        number=number,
        started_at=started_at,
        ended_at=None if goes_on else step.ended_at,
        joined=tuple(joined),
        gone=tuple(gone),
        resubscribed=tuple(names[key] for key in change.resubscribed),
        grown=step.grown,
        moves=tuple(
            Move(partition, None if source is None else names[source], names[target])
            for partition, source, target in change.moves
        )
        if before.known
        else None,
        moved=change.moved,
        owned=picture.owned,
        members=len(picture.members),
        state=step.state,
        at_least=at_least,
        at_most=at_most,
        stops_all=classic,
        generation=None if goes_on and classic else picture.number,
        source=step.source,
        assignor=picture.assignor,
        assignor_before=before.assignor,
        coordinator=picture.coordinator,
        coordinator_before=before.coordinator,
        shares=shares,
        deeds=led,
        acts=acts,
    )


def _shares(
    before: Picture, after: Picture, names: Mapping[str, str], pauses: Pauses, since: float, until: float
) -> tuple[Share, ...]:
    shares: list[Share] = []
    for key in dict.fromkeys((*before.members, *after.members)):
        old, new = before.members.get(key), after.members.get(key)
        member = before.members[key] if new is None else new
        pause = pauses.during(member.client_id, since, until)
        shares.append(
            Share(
                name=names[key],
                client_id=member.client_id,
                before=None if old is None else old.assignment,
                after=None if new is None else new.assignment,
                revoked_at=None if pause is None or old is None else pause.revoked_at,
                released_at=None if pause is None or old is None else pause.released_at,
                assigned_at=None if pause is None or new is None else pause.assigned_at,
                static=member.group_instance_id is not None,
            )
        )
    return tuple(shares)


def _pause(
    step: Step, shares: Sequence[Share], *, classic: bool, goes_on: bool
) -> tuple[float, float | None]:
    """For how long it paused at least and at most."""
    first, last = step.unsettled or (step.ended_at, step.ended_at)
    if step.source is Source.LOG:
        last = step.ended_at
    at_least = max(0.0, last - first)
    if goes_on:
        return at_least, None
    survivors = [share for share in shares if share.before and share.after is not None]
    told = [share.pause for share in survivors if share.pause is not None]
    if classic and told and len(told) == len(survivors):
        return max(told), max(told)
    return at_least, None if step.settled_at is None else max(0.0, step.ended_at - step.settled_at)
