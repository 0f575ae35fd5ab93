"""Parts of sentences that several explanations share. A number that was not observed is left out."""

from collections.abc import Iterable, Sequence

from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.rebalance.causes import SLOW_FROM
from kafkatui.domain.rebalance.rebalances import Rebalance, Share, tenths_down, tenths_up

EAGER = frozenset({"range", "roundrobin", "sticky"})
"""Assignors with which every member first gives up all its partitions; others may let members keep some."""


def names(found: Sequence[str]) -> str:
    """``c1``, ``c1 and c2``, ``c1, c2 and 3 more``."""
    if len(found) > 3:
        return f"{found[0]}, {found[1]} and {len(found) - 2:,} more"
    return " and ".join(part for part in (", ".join(found[:-1]), found[-1]) if part) if found else ""


def count(number: int, noun: str) -> str:
    """``1 partition``, ``1,200 partitions``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def seconds(number: float) -> str:
    """``0.02 s``, ``5.6 s``."""
    return f"{number:.2f} s" if number < 0.095 else f"{number:.1f} s"


def here(since: float, event: Rebalance) -> str:
    """``, 5.6 s here``: the time from `since` until the rebalance began; empty if it did not begin later."""
    passed = event.started_at - since
    return f", {seconds(passed)} here" if passed >= 0.005 else ""


def eager(event: Rebalance) -> bool:
    """Whether every member first gave up all its partitions, by the group's assignor."""
    return event.stops_all and event.assignor in EAGER


def assigned_how(event: Rebalance) -> str:
    """The clause that says how the partitions were given to their owners."""
    if not event.stops_all:
        if event.cooperative:
            return "one client, the group leader, dealt anew, and only what moved was given up"
        return "the broker planned anew, and only what moved paused"
    if eager(event):
        return "everyone gave up everything, then one client, the group leader, dealt anew"
    return "one client, the group leader, dealt anew"


def cost(event: Rebalance, waited: int | None, *, moves: bool = True) -> str:
    """``; 2 of 6 partitions moved, the longest pause was 0.02 s, about 41 records waited``; empty: nothing of
    this is known. `waited`: see `explain`; `moves`: whether to say how many partitions moved.
    """
    found = [
        _moved(event) if moves else "",
        _pause(event),
        f"about {count(waited, 'record')} waited" if waited else "",
    ]
    said = ", ".join(clause for clause in found if clause)
    return f"; {said}" if said else ""


def waiting(waited: int | None) -> str:
    """``; about 112 records waited meanwhile``; empty: none, or not known."""
    return f"; about {count(waited, 'record')} waited meanwhile" if waited else ""


def _moved(event: Rebalance) -> str:
    if event.moves is None or event.ended_at is None or not event.members:
        return ""
    number, of = sum(event.moved.values()), sum(event.owned.values())
    return f"{number:,} of {count(max(number, of), 'partition')} moved" if number else "nothing moved"


def _pause(event: Rebalance) -> str:
    if event.ended_at is None or not event.members:
        return ""
    if event.exact and event.at_most is not None:
        several = sum(share.pause is not None for share in event.shares) > 1
        return f"the {'longest ' if several else ''}pause was {seconds(event.at_most)}"
    took = _took(event)
    if not took or not event.at_most:
        return took
    if event.narrowed:
        most = f"{tenths_up(event.at_most):.1f} s"
        if event.stops_all:
            return f"{took} and no member paused for more than {most}"
        return f"{took} and what was given up was read again within {most}"
    return f"{took} and no member paused for longer" if event.stops_all else took


def _took(event: Rebalance) -> str:
    if event.took_at_most is None:
        return ""
    least, most = tenths_down(event.took_at_least), tenths_up(event.took_at_most)
    if event.took_at_least < 0.05:
        return f"it took less than {max(most, 0.1):.1f} s"
    return f"it took {most:.1f} s" if least == most else f"it took {least:.1f} to {most:.1f} s"


def slowest(event: Rebalance) -> tuple[Share, float] | None:
    """The member that took longest to give up its partitions, and how many seconds; ``None``: none took
    `SLOW_FROM` seconds or more.
    """
    took = [(share, share.giving_up) for share in event.shares if share.giving_up is not None]
    found = max(took, key=lambda pair: pair[1], default=None)
    return found if found is not None and found[1] >= SLOW_FROM else None


def had_each(event: Rebalance) -> str:
    """``: 4 and 2 here``: how many partitions each member has; empty: not known."""
    numbers = sorted((len(share.after) for share in event.shares if share.after is not None), reverse=True)
    if not numbers or event.ended_at is None:
        return ""
    if len(numbers) > 3:
        low, high = numbers[-1], numbers[0]
        return f": {high} each here" if low == high else f": {low} to {high} each here"
    return f": {names([str(number) for number in numbers])} here"


def share_of(shares: Iterable[Share], deed: Deed) -> Share | None:
    """The share of the consumer that a deed acted on; ``None``: there is none."""
    return next((share for share in shares if share.client_id == deed.who), None)
