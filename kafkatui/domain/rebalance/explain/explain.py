"""One sentence that explains what a key of the deck did, or why a group rebalanced and what that cost.

Only what was seen is said: a cause nobody saw is unknown, a time nobody measured is left out.
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
    """The sentence, with the observed numbers.

    `effect` is the rebalance a deed led to, `waited` how many records arrived in partitions that nobody read
    meanwhile; ``None``: none, or not known. Names are as they came from outside, not yet printable.
    """
    if isinstance(entry, Deed):
        if effect is None:
            return explain_wait(entry, terms)
        return explain_effect(entry, effect, waited, terms)
    return explain_event(entry, waited, terms)
