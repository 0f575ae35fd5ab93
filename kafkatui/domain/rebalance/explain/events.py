"""The sentence that explains one rebalance: by the key of the deck that led to it, or, if none did, by what
looks show of the group.
"""

from collections.abc import Sequence

from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deck_key import Target
from kafkatui.domain.deck.terms import Terms
from kafkatui.domain.rebalance.explain.deeds import explain_effect, joins_anew
from kafkatui.domain.rebalance.explain.words import assigned_how, cost, count, eager, names, seconds, slowest
from kafkatui.domain.rebalance.rebalances import Rebalance

GONE = ""
"""``is gone`` or ``are gone``."""


def explain_event(event: Rebalance, waited: int | None, terms: Terms) -> str:
    """The sentence about one rebalance; `waited`: how many records waited (``None``: not known)."""
    if event.first:
        return _first(event)
    if event.ended_at is None and not event.kept_membership:
        return _goes_on(event)
    deeds = [deed for deed in event.deeds if deed.act is not Act.SLOW]
    explained = len(deeds) == 1 and len(event.joined) + len(event.gone) == len(event.acts)
    slow = slowest(event)
    if slow is not None and not (explained and deeds[0].act.key.on is Target.CONSUMERS):
        took = f"{_what(event)}; {slow[0].name} took {seconds(slow[1])} to give up its partitions and"
        if event.stops_all:
            return f"{took} everyone waited for it: a rebalance is as slow as its slowest member."
        if event.cooperative:
            return f"{took} only those who get them waited: the assignor lets members keep the rest."
        return f"{took}, with KIP-848, only those who get them waited."
    if explained:
        return explain_effect(deeds[0], event, waited, terms)
    return f"{_outside(event, several=bool(deeds))}{cost(event, waited)}."


def _first(event: Rebalance) -> str:
    who = count(event.members, "member") if event.members else "no members"
    held = sum(event.owned.values())
    has = f" with {count(held, 'partition')}" if held else ""
    return f"At the first look the group had {who}{has}; what was before is not known."


def _goes_on(event: Rebalance) -> str:
    so_far = f" for {seconds(event.took_at_least)} so far" if event.took_at_least >= 0.05 else ""
    if event.cooperative:
        return (
            f"The rebalance goes on{so_far}: everyone joins again and reads on meanwhile; only what moves"
            " is given up, and a second rebalance gives it to its new owner."
        )
    if not event.stops_all:
        return (
            f"The rebalance goes on{so_far}: the broker has a new plan, and each member gives up"
            " what is no longer its own; only that pauses."
        )
    anew = [deed for deed in event.deeds if deed.act.key.on is Target.CONSUMERS]
    if anew:
        return f"The rebalance goes on{so_far}: {joins_anew(anew[-1])}."
    stops = " gives up its partitions and" if eager(event) else ""
    return f"The rebalance goes on{so_far}: everyone{stops} joins again, and the slowest decides."


def _what(event: Rebalance) -> str:
    """What happened to which members and topics: ``c3 joined, c1 crashed``."""
    said = [_who(event, event.joined, "joined"), _who(event, event.gone, GONE)]
    if event.resubscribed:
        said.append(f"{names(event.resubscribed)} subscribed anew")
    if event.grown:
        said.append(f"{names(tuple(event.grown))} got more partitions")
    return ", ".join(part for part in said if part) or "The group rebalanced"


def _who(event: Rebalance, who: tuple[str, ...], otherwise: str) -> str:
    by_word: dict[str, list[str]] = {}
    for name in who:
        act = event.acts.get(name)
        by_word.setdefault((act.key.verb if act else "") or otherwise, []).append(name)
    return ", ".join(f"{names(alike)} {word or _is(alike)}" for word, alike in by_word.items())


def _outside(event: Rebalance, *, several: bool) -> str:
    if event.moves is None:
        return "The group was rebalancing at the first look; what led to it was not seen"
    joined, gone, is_gone = names(event.joined), names(event.gone), f"{_is(event.gone)}"
    if several:
        return f"Several things in one rebalance: {_what(event)}"
    if joined and gone:
        return (
            f"{joined} joined and {gone} {is_gone}: a restart without group.instance.id looks just so,"
            " and from outside no more is visible"
        )
    if joined:
        return f"{joined} joined: {assigned_how(event)}"
    if gone:
        ends = " and nobody reads now" if not event.members else ""
        they = "it" if len(event.gone) == 1 else "they"
        return f"{gone} {is_gone}{ends}; whether {they} left, crashed or hung is not visible from outside"
    if event.resubscribed:
        return f"{names(event.resubscribed)} subscribed to other topics: {assigned_how(event)}"
    if event.grown:
        new = count(sum(event.grown.values()), "partition")
        return f"{names(tuple(event.grown))} got {new} more, and a rebalance gave them owners"
    return _unseen(event)


def _unseen(event: Rebalance) -> str:
    old, new = event.assignor_before, event.assignor
    if old and new and old != new:
        return f"The group assigns by {new} now, no longer by {old}"
    before, after = event.coordinator_before, event.coordinator
    if before is not None and after is not None and before != after:
        return f"The group rebalanced as its coordinator moved from broker {before} to broker {after}"
    return "The group rebalanced with the same members; the cause is not visible from outside"


def _is(who: Sequence[str]) -> str:
    return "is gone" if len(who) == 1 else "are gone"
