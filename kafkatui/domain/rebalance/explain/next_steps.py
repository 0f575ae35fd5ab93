"""What a key of the deck is there to teach, and what to try after it."""

from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.rebalance.rebalances import Rebalance

ELSEWHERE = "3 shows whether lag grew meanwhile; H lists the rebalances of all groups."
"""After an event that no key of the deck has led to."""


def lesson(entry: Rebalance | Deed) -> str:
    """What the key behind an entry teaches; empty: its explanation says it."""
    act = _act(entry)
    return "" if act is None else act.key.lesson


def next_step(entry: Rebalance | Deed) -> str:
    """What to try after an entry has been read."""
    act = _act(entry)
    return ELSEWHERE if act is None else act.key.next_step


def _act(entry: Rebalance | Deed) -> Act | None:
    if isinstance(entry, Deed):
        return entry.act
    return entry.deeds[-1].act if entry.deeds else None
