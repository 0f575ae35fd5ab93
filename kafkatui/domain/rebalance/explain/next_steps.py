"""What a key of the deck teaches, and what to try after it."""

from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.rebalance.rebalances import Rebalance

ELSEWHERE = "3 shows whether lag grew meanwhile; H lists the rebalances of all groups."
"""What to try after a rebalance that no key of the deck led to."""


def lesson(entry: Rebalance | Deed) -> str:
    """What the key of the deck behind an entry teaches; empty: no key was, or the entry's explanation says
    it.
    """
    act = _act(entry)
    return "" if act is None else act.key.lesson


def next_step(entry: Rebalance | Deed) -> str:
    """What to try after an entry of the log has been read, in a sentence; and the lab that teaches it."""
    act = _act(entry)
    if act is None:
        return ELSEWHERE
    return act.key.next_step + (f" Lab {act.key.lab} shows it step by step: L." if act.key.lab else "")


def _act(entry: Rebalance | Deed) -> Act | None:
    if isinstance(entry, Deed):
        return entry.act
    return entry.deeds[-1].act if entry.deeds else None
