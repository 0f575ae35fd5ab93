"""Which press of a key led to which rebalance: matched by client id, by topic and by time."""

from collections.abc import Iterable, Mapping, Sequence, Set

from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deck_key import Target
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.rebalance.rebalances import Share

WITHIN = 30.0
"""A rebalance may be the effect of a deed for so many seconds after it."""
REJOINS_WITHIN = 15.0
"""The same for a deed that makes every consumer join again, or that starts or ends a broker."""
SLOW_FROM = 0.5
"""A member that takes so many seconds or more to give up its partitions makes the others wait."""
CLOCKS = 0.05
"""Seconds by which the clocks of the broker and of the consumers may differ from the clock of kafkatui."""


def causes(
    deeds: Sequence[Deed],
    joined: Mapping[str, str],
    gone: Mapping[str, str],
    *,
    grown: bool,
    since: float,
    until: float,
) -> tuple[tuple[Deed, ...], dict[str, Act]]:
    """The deeds that led to a rebalance, and by short name of a member the act that made it join or leave.

    `deeds` are in order of time. `joined` and `gone` are the client ids, by short name, of the members that
    joined and left in the rebalance; `grown`: a topic got more partitions; `since` and `until` are the begin
    and the end of the rebalance, in monotonic seconds.
    """
    past = [deed for deed in deeds if deed.at <= until + CLOCKS and since - deed.at <= WITHIN]
    why: list[tuple[str, Deed]] = []
    for name, client in gone.items():
        back = client in joined.values()  # thawed within the same rebalance: the thaw did not make it leave
        deed = _last(past, client, since, {Act.THAW} if back else set())
        if deed is not None and deed.act.key.makes_leave:
            why.append((name, deed))
    for name, client in joined.items():
        deed = _last(past, client, since, set())
        if deed is not None and deed.act.key.makes_join:
            why.append((name, deed))
    led = [deed for _, deed in why]
    if grown:
        led += [deed for deed in past if deed.act is Act.PARTITION][-1:]
    if not led:
        loose = not (joined or gone or grown)
        led = [
            deed
            for deed in past
            if since - deed.at <= REJOINS_WITHIN
            and (deed.act.key.on is Target.BROKERS or (loose and deed.act.key.restarts_membership))
        ][-1:]
    return tuple(sorted(set(led), key=lambda deed: deed.at)), {name: deed.act for name, deed in why}


def _last(past: Iterable[Deed], client: str, since: float, but: Set[Act]) -> Deed | None:
    """The newest deed that made this client, or all clients, join or leave; acts in `but` are left out.
    ``None``: there is none.
    """
    found: Deed | None = None
    for deed in past:
        key = deed.act.key
        if key.restarts_membership:
            if since - deed.at <= REJOINS_WITHIN:
                found = deed
        elif deed.who == client and deed.act not in but and (key.makes_join or key.makes_leave):
            found = deed
    return found


def kept_memberships(deeds: Sequence[Deed], static: Set[str], since: float, until: float) -> tuple[Deed, ...]:
    """KIP-848: the newest deed by which one of the `static` client ids left; at most one deed.

    The coordinator keeps the membership of a static member that left: the rebalance ends once the member is
    back or its session has ended.
    """
    left = [
        deed
        for deed in deeds
        if deed.act is Act.LEAVE
        and deed.who in static
        and deed.at <= until + CLOCKS
        and since - deed.at <= REJOINS_WITHIN
    ]
    return tuple(left[-1:])


def slow_ones(deeds: Sequence[Deed], shares: Iterable[Share]) -> list[Deed]:
    """The deeds that made members slow to give up their partitions, for the members of a rebalance that were
    (`shares`).
    """
    found: list[Deed] = []
    for share in shares:
        if share.revoked_at is not None and (share.giving_up or 0.0) >= SLOW_FROM:
            mine = [deed for deed in deeds if deed.act is Act.SLOW and deed.who == share.client_id]
            found += [deed for deed in mine if deed.at <= share.revoked_at][-1:]
    return [deed for deed in found if deed.detail != "off"]
