"""Clauses that the explaining sentences share: numbers only where they were observed."""

from collections.abc import Sequence

from kafkatui.domain.deeds import Deed
from kafkatui.domain.rebalances import Rebalance, Share

SLOW_FROM = 0.5
"""Seconds of giving up from which a member made the others wait."""


def names(found: Sequence[str]) -> str:
    """``c1``, ``c1 and c2``, ``c1, c2 and 3 more``."""
    if len(found) <= 2:
        return " and ".join(found)
    if len(found) == 3:
        return f"{found[0]}, {found[1]} and {found[2]}"
    return f"{found[0]}, {found[1]} and {len(found) - 2:,} more"


def count(number: int, noun: str) -> str:
    """``1 partition``, ``1,200 partitions``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def seconds(number: float) -> str:
    """``0.02 s``, ``5.6 s``."""
    return f"{number:.2f} s" if number < 0.095 else f"{number:.1f} s"


def here(since: float, event: Rebalance) -> str:
    """``, 5.6 s here``: from a time until the rebalance began; empty where that cannot be said."""
    passed = event.started_at - since
    return f", {seconds(passed)} here" if passed >= 0.005 else ""


def moved(event: Rebalance) -> str | None:
    """``2 of 6 partitions moved``; ``None``: not known (yet)."""
    if event.moves is None or event.ended_at is None:
        return None
    number, of = sum(event.moved.values()), sum(event.owned.values())
    if not number:
        return "nothing moved"
    return f"{number:,} of {count(max(number, of), 'partition')} moved"


def pause(event: Rebalance) -> str | None:
    """``everyone paused 0.02 s``; ``None``: not known, or nobody was there to pause."""
    if event.at_most is None or event.ended_at is None or not event.members:
        return None
    if event.exact:
        length = f"{'up to ' if len(event.shares) > 2 else ''}{seconds(event.at_most)}"
    elif event.at_least < 0.05:
        length = f"less than {seconds(event.at_most)}"
    elif f"{event.at_least:.1f}" == f"{event.at_most:.1f}":
        length = seconds(event.at_most)
    else:
        length = f"{event.at_least:.1f} to {event.at_most:.1f} s"
    return f"everyone paused {length}" if event.stops_all else f"it took {length}"


def cost(event: Rebalance, waited: int | None, *, moves: bool = True) -> str:
    """``; 2 of 6 partitions moved, everyone paused 0.02 s, 41 records waited``; empty: nothing is known."""
    found = [moved(event) if moves else None, pause(event)]
    if waited:
        found.append(f"{count(waited, 'record')} waited")
    said = [clause for clause in found if clause]
    return f"; {', '.join(said)}" if said else ""


def waiting(waited: int | None) -> str:
    """``; 112 records waited meanwhile``; empty: none, or not known."""
    return f"; {count(waited, 'record')} waited meanwhile" if waited else ""


def slowest(event: Rebalance) -> tuple[Share, float] | None:
    """The member that took longest to give up, and how long, if that made the others wait."""
    took = [
        (share, share.released_at - share.revoked_at)
        for share in event.shares
        if share.released_at is not None and share.revoked_at is not None
    ]
    found = max(took, key=lambda pair: pair[1], default=None)
    return found if found is not None and found[1] >= SLOW_FROM else None


def dealt(event: Rebalance) -> str:
    """``: 4 and 2 here``: how many partitions each member has; empty: not known."""
    numbers = sorted((len(share.after) for share in event.shares if share.after is not None), reverse=True)
    if not numbers or event.ended_at is None:
        return ""
    if len(numbers) > 4:
        low, high = numbers[-1], numbers[0]
        return f": {high} each here" if low == high else f": {low} to {high} each here"
    return (
        f": {names([str(number) for number in numbers[:3]])} here"
        if len(numbers) <= 3
        else (f": {', '.join(str(number) for number in numbers[:-1])} and {numbers[-1]} here")
    )


def share_of(event: Rebalance, deed: Deed) -> Share | None:
    """What the consumer a deed was about had and got; ``None``: not known."""
    return next((share for share in event.shares if share.client_id == deed.who), None)
