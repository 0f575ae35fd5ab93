"""Which press of a key led to which rebalance: matched by client id, by topic and by time."""

from collections.abc import Iterable, Mapping, Sequence, Set

from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deck_key import Target
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.rebalance.rebalances import Share

WITHIN = 30.0
"""Seconds after which nothing follows from a deed any more."""
REJOINS_WITHIN = 15.0
"""The same for what makes every consumer join again, or a broker come or go."""
SLOW_FROM = 0.5
"""Seconds of giving up from which a member made the others wait."""
CLOCKS = 0.05
"""Seconds by which the clocks of broker and consumers may differ from ours."""


def causes(
    deeds: Sequence[Deed],
    joined: Mapping[str, str],
    gone: Mapping[str, str],
    *,
    grown: bool,
    since: float,
    until: float,
) -> tuple[tuple[Deed, ...], dict[str, Act]]:
    """The deeds that led to a rebalance, and why each member joined or is gone.

    `joined` and `gone` are client ids by short name; `since` and `until` are its begin and end; `deeds` are
    in order of time.
    """
    past = [deed for deed in deeds if deed.at <= until + CLOCKS and since - deed.at <= WITHIN]
    why: list[tuple[str, Deed]] = []
    for name, client in gone.items():
        back = client in joined.values()  # thawed within the same rebalance: that is not what put it out
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
    """What was done last to this client, or to all."""
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
    """KIP-848: the deed by which the last of these static members left. Its membership is kept: the rebalance
    ends once it is back or its session has ended.
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
    """Deeds that made members take long to give up their partitions in a rebalance."""
    found: list[Deed] = []
    for share in shares:
        if share.revoked_at is not None and (share.giving_up or 0.0) >= SLOW_FROM:
            mine = [deed for deed in deeds if deed.act is Act.SLOW and deed.who == share.client_id]
            found += [deed for deed in mine if deed.at <= share.revoked_at][-1:]
    return [deed for deed in found if deed.detail != "off"]
