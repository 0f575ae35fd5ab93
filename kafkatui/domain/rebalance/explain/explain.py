"""One sentence that explains what a key of the deck did, or why a group rebalanced and what that cost.

A sentence says only what was seen: a cause that was not seen is called unknown, a time that was not measured
is left out.
"""

from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.deck.terms import TERMS, Terms
from kafkatui.domain.rebalance.explain.deeds import explain_effect, explain_wait
from kafkatui.domain.rebalance.explain.events import explain_event
from kafkatui.domain.rebalance.rebalances import Rebalance


def explain(
    entry: Rebalance | Deed,
    effect: Rebalance | None = None,
    waited: int | None = None,
    terms: Terms = TERMS,
) -> str:
    """The sentence about a rebalance or a deed, with the numbers that were observed.

    `effect`: the rebalance that a deed led to; ``None``: it led to none (yet). `waited`: how many records
    were written to partitions while nobody read them; ``None``: not known. `terms`: the times of the deck's
    consumers. Names are as they came from outside, not yet printable.
    """
    if isinstance(entry, Deed):
        if effect is None:
            return explain_wait(entry, terms)
        return explain_effect(entry, effect, waited, terms)
    return explain_event(entry, waited, terms)
