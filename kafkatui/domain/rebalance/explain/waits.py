"""What each key of the deck does while no rebalance came of it: it takes its time, or there is none."""

from collections.abc import Callable, Mapping

from kafkatui.domain.deck.deeds import Act, Deed, Terms
from kafkatui.domain.rebalance.explain.deeds import producer

SO_FAR = "no rebalance was seen so far"


def explain_wait(deed: Deed, terms: Terms) -> str:
    """The sentence about a press of a key that led to no rebalance, or not yet."""
    return f"{WAITS[deed.act](deed, terms)}."


def _slow(deed: Deed, terms: Terms) -> str:
    if deed.detail == "off":
        return f"{deed.who} gives up its partitions at once again, which the next rebalance will show"
    return (
        f"{deed.who} takes {terms.give_up:g} s to give up its partitions from now on:"
        " at the next rebalance others wait for it, in the classic protocol all of them"
    )


def _protocol(deed: Deed, terms: Terms) -> str:
    protocol = "the classic protocol" if deed.detail == "classic" else "KIP-848"
    return f"Every consumer is replaced by one that speaks {protocol}; {SO_FAR}"


WAITS: Mapping[Act, Callable[[Deed, Terms], str]] = {
    Act.JOIN: lambda deed, terms: (
        f"{deed.who} asked to join, {SO_FAR}: a static member that is back within session.timeout,"
        f" {terms.session:g} s, takes its old seat without one"
    ),
    Act.LEAVE: lambda deed, terms: (
        f"{deed.who} is gone, {SO_FAR}: a static member does not give up its seat (KIP-848: it says so with"
        f" epoch -2), which is kept for session.timeout, {terms.session:g} s"
    ),
    Act.CRASH: lambda deed, terms: (
        f"{deed.who} was killed and told nobody: until session.timeout, {terms.session:g} s after its last"
        " heartbeat, nobody reads its partitions"
    ),
    Act.FREEZE: lambda deed, terms: (
        f"{deed.who} is frozen and sends no heartbeats: until session.timeout, {terms.session:g} s after the"
        " last one, nobody reads its partitions"
    ),
    Act.THAW: lambda deed, terms: (
        f"{deed.who} goes on, {SO_FAR}: a nap shorter than session.timeout, {terms.session:g} s,"
        " costs none, after a longer one it must join again"
    ),
    Act.STUCK: lambda deed, terms: (
        f"{deed.who} works and does not poll: its heartbeats go on, but after max.poll.interval,"
        f" {terms.max_poll:g} s, it leaves the group"
    ),
    Act.ASSIGNOR: lambda deed, terms: (
        f"The assignor is to be {deed.detail or '?'}, {SO_FAR}: every consumer has to join anew with it"
    ),
    Act.STATIC: lambda deed, terms: (
        f"Static membership is to be {deed.detail or '?'}, {SO_FAR}: every consumer has to join anew for it"
    ),
    Act.SLOW: _slow,
    Act.PARTITION: lambda deed, terms: (
        f"A partition was added, {SO_FAR}: nobody reads it until the group sees it in the metadata"
    ),
    Act.SLOWER: lambda deed, terms: producer(deed),
    Act.FASTER: lambda deed, terms: producer(deed),
    Act.PROTOCOL: _protocol,
    Act.RESTORE: lambda deed, terms: f"Back to the start; {SO_FAR}",
    Act.KILL_BROKER: lambda deed, terms: (
        f"Broker {deed.who or '?'} was killed, {SO_FAR}: a group keeps its members"
        " when another broker takes over as its coordinator"
    ),
    Act.STOP_BROKER: lambda deed, terms: (
        f"Broker {deed.who or '?'} was stopped, {SO_FAR}: it hands over what it leads first,"
        " and groups keep their members"
    ),
    Act.START_BROKER: lambda deed, terms: (
        f"Broker {deed.who or '?'} was started, {SO_FAR}: leaders and coordinators do not move back at once"
    ),
}
