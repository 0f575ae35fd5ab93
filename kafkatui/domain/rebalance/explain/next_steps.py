"""What a key of the deck is there to teach, and what to try after it."""

from collections.abc import Mapping

from kafkatui.domain.deck.deeds import Act, Deed
from kafkatui.domain.rebalance.rebalances import Rebalance

LESSONS: Mapping[Act, str] = {
    Act.ASSIGNOR: "An assignor only decides who gets what: sticky lets members keep what they have, "
    "range and round-robin deal anew.",
    Act.STATIC: "A static member that goes keeps its seat until session.timeout: if it is back by then, "
    "nothing moves.",
    Act.PROTOCOL: "In KIP-848 the broker assigns, and only what moves is given up: the others read on.",
}
"""Of keys that have every consumer join anew, which is not what they are there for."""

NEXT: Mapping[Act, str] = {
    Act.JOIN: "j once more: what moves this time? Then x: a crash is noticed late.",
    Act.LEAVE: "x: a crash sends no LeaveGroup, compare how long nobody reads.",
    Act.CRASH: "s, then x: how long does a static member keep its seat?",
    Act.FREEZE: "f again before session.timeout: was it missed at all?",
    Act.THAW: "p: stuck in processing, while its heart beats on.",
    Act.STUCK: "f: frozen, its heart stands still too. Which one is noticed first?",
    Act.ASSIGNOR: "j: how many partitions move with this assignor? Then a and j again.",
    Act.STATIC: "l: a static member leaves; does anything move?",
    Act.SLOW: "j: how long does the group wait for the slow one? Then G and j.",
    Act.PARTITION: "j: one more member. How many partitions does each have now?",
    Act.SLOWER: "> until lag grows: how many consumers are enough?",
    Act.FASTER: "j until lag falls: when does one more consumer not help?",
    Act.PROTOCOL: "j: who has to stop reading now? Compare with the classic protocol.",
    Act.RESTORE: "j twice: the first rebalance of all.",
    Act.KILL_BROKER: "u: the broker comes back; who leads what then?",
    Act.STOP_BROKER: "b: a broker that is killed hands over nothing.",
    Act.START_BROKER: "t: a broker that is stopped politely hands over first.",
}
"""For each key, a letter of the deck to press and what to look for."""

ELSEWHERE = "3 shows whether lag grew meanwhile; H lists the rebalances of all groups."
"""After an event that no key of the deck has led to."""


def lesson(entry: Rebalance | Deed) -> str:
    """What the key behind an entry teaches; empty: its explanation says it."""
    act = _act(entry)
    return "" if act is None else LESSONS.get(act, "")


def next_step(entry: Rebalance | Deed) -> str:
    """What to try after an entry has been read."""
    act = _act(entry)
    return ELSEWHERE if act is None else NEXT[act]


def _act(entry: Rebalance | Deed) -> Act | None:
    if isinstance(entry, Deed):
        return entry.act
    return entry.deeds[-1].act if entry.deeds else None
