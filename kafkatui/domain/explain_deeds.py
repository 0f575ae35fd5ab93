"""What each key of the deck teaches, with and without a rebalance that it led to.

Correct for aiokafka's consumers (classic, eager) and for KIP-848, where the broker assigns.
"""

from collections.abc import Callable, Mapping

from kafkatui.domain.deeds import Act, Deed, Terms
from kafkatui.domain.explain_words import (
    cost,
    count,
    dealt,
    here,
    seconds,
    share_of,
    slowest,
    waiting,
)
from kafkatui.domain.rebalances import Rebalance

Told = Callable[[Deed, Rebalance, int | None, Terms], str]
Untold = Callable[[Deed, Terms], str]


def explain_deed(deed: Deed, effect: Rebalance | None, waited: int | None, terms: Terms) -> str:
    """The sentence about one press of a key."""
    if effect is None:
        return f"{WITHOUT[deed.act](deed, terms)}."
    if effect.ended_at is None and effect.stops_all:
        return (
            f"{_began(deed, effect)}: everyone gives up its partitions and joins again, the slowest decides."
        )
    return f"{WITH[deed.act](deed, effect, waited, terms)}."


def _began(deed: Deed, effect: Rebalance) -> str:
    passed = effect.started_at - deed.at
    after = f" {seconds(passed)} after the key" if passed >= 0.005 else ""
    return f"The group rebalances since{after}" if after else "The group rebalances"


def _join(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    who, share = deed.who or "A consumer", share_of(event, deed)
    owned = sum(event.owned.values())
    if event.members == 1 and owned:
        return f"Alone in its group, {who} gets every partition, {owned:,} here"
    if share is not None and share.after == () and owned:
        return (
            f"{who} joined and stays idle: a partition has at most one reader in a group,"
            f" and all {owned:,} are taken{cost(event, waited, moves=False)}"
        )
    if not event.stops_all:
        return (
            f"{who} joined: the broker plans, only what moves pauses, the others read on{cost(event, waited)}"
        )
    return (
        f"{who} joined: everyone gave up everything, then one client, the group leader, dealt anew"
        f"{cost(event, waited)}"
    )


def _leave(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    who, share = deed.who or "The consumer", share_of(event, deed)
    if share is not None and share.static:
        return (
            f"{who} went without LeaveGroup, as a static member does: its seat was kept for"
            f" session.timeout{here(deed.at, event)}{waiting(waited)}"
        )
    if not event.members:
        return f"{who} was the last one: nobody reads now, and the lag grows until someone joins"
    told = "said so" if not event.stops_all else "sent LeaveGroup"
    return (
        f"{who} left politely: it {told}, so the group did not wait for session.timeout;"
        f" the others learned it with their next heartbeat{cost(event, waited)}"
    )


def _crash(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    reason = "sends no LeaveGroup" if event.stops_all else "cannot say that it leaves"
    return (
        f"A crash is noticed only after session.timeout{here(deed.at, event)},"
        f" because a dead process {reason}{waiting(waited)}"
    )


def _freeze(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    return (
        f"{deed.who} froze and was put out after session.timeout{here(deed.at, event)}:"
        f" a process that sends no heartbeats is dead to its group{waiting(waited)}"
    )


def _thaw(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    return (
        f"{deed.who} woke as a zombie: its heartbeat was refused, and it joined again;"
        f" two rebalances for one nap{cost(event, waited)}"
    )


def _stuck(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    if any(share.client_id == deed.who and share.before is None for share in event.shares):
        return (
            f"{deed.who} polls again and joined anew; the record it had in hand may be done twice,"
            f" for another member read on meanwhile{cost(event, waited)}"
        )
    return (
        f"{deed.who} sent heartbeats but did not poll: after max.poll.interval{here(deed.at, event)},"
        f" it was out; that clock watches the work, session.timeout the process{waiting(waited)}"
    )


DEALS: Mapping[str, str] = {
    "range": "Range deals each topic by itself, so the first members get more where it does not divide",
    "roundrobin": "Round-robin deals all partitions in turn, evenly, but moves many at every change",
    "sticky": "Sticky moves only what it must, yet in aiokafka everyone still gives up everything first",
    "uniform": "The broker's uniform assignor deals evenly and keeps what it can where it is",
}


def _assignor(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    text = DEALS.get(
        deed.detail, f"Every consumer joined anew, and the group assigns by {deed.detail or '?'}"
    )
    return f"{text}{dealt(event)}"


def _static(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    if deed.detail == "off":
        return "Every consumer joined anew without group.instance.id: a restart is a rebalance again" + cost(
            event, waited
        )
    return (
        f"Every consumer joined anew with a group.instance.id: from now on one that restarts within"
        f" session.timeout, {terms.session:g} s, keeps its seat without a rebalance"
    )


def _slow(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    slow = slowest(event)
    if slow is None:
        return f"{deed.who} gave up its partitions at once{cost(event, waited)}"
    if not event.stops_all:
        return (
            f"{slow[0].name} took {seconds(slow[1])} to give up its partitions:"
            f" with KIP-848 only those who get them wait{waiting(waited)}"
        )
    return (
        f"{slow[0].name} took {seconds(slow[1])} to give up its partitions, and everyone waited for it:"
        f" a rebalance is as slow as its slowest member{waiting(waited)}"
    )


def _partition(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    who = "the consumers" if event.stops_all else "the broker"
    return (
        f"A partition was added: {who} saw it in the metadata{here(deed.at, event)}, and a rebalance gave it"
        f" an owner; a key may hash to another partition now"
    )


def _producer(deed: Deed, *_: object) -> str:
    rate = f"sends {deed.detail} records a second" if deed.detail else "has another rate"
    return f"The producer {rate} now: load changes the lag, never who reads what"


def _protocol(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    if deed.detail == "classic":
        return (
            "The group speaks the classic protocol: a client, the group leader, assigns,"
            f" and every rebalance stops everyone{cost(event, waited)}"
        )
    return (
        "The group speaks KIP-848: the broker assigns, each member reconciles on its own,"
        f" and only what moves pauses{cost(event, waited)}"
    )


def _restore(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    return f"Back to the start: {count(event.members, 'member')} in the group{cost(event, waited)}"


BROKER = {
    Act.KILL_BROKER: "was killed",
    Act.STOP_BROKER: "was stopped",
    Act.START_BROKER: "was started",
}


def _broker(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    done = f"broker {deed.who or '?'} {BROKER[deed.act]}"
    old, new = event.coordinator_before, event.coordinator
    if old is not None and new is not None and old != new:
        return (
            f"After {done} the group coordinator is broker {new}, no longer {old}:"
            f" the members had to find it{cost(event, waited)}"
        )
    passed = event.started_at - deed.at
    ago = f"{seconds(passed)} before this rebalance" if passed >= 0.005 else "just before this rebalance"
    return f"B{done[1:]} {ago}; whether that led to it was not seen{cost(event, waited)}"


WITH: Mapping[Act, Told] = {
    Act.JOIN: _join,
    Act.LEAVE: _leave,
    Act.CRASH: _crash,
    Act.FREEZE: _freeze,
    Act.THAW: _thaw,
    Act.STUCK: _stuck,
    Act.ASSIGNOR: _assignor,
    Act.STATIC: _static,
    Act.SLOW: _slow,
    Act.PARTITION: _partition,
    Act.SLOWER: _producer,
    Act.FASTER: _producer,
    Act.PROTOCOL: _protocol,
    Act.RESTORE: _restore,
    Act.KILL_BROKER: _broker,
    Act.STOP_BROKER: _broker,
    Act.START_BROKER: _broker,
}

WITHOUT: Mapping[Act, Untold] = {
    Act.JOIN: lambda deed, terms: (
        f"{deed.who} asked to join, no rebalance was seen so far: a static member that is back within"
        f" session.timeout, {terms.session:g} s, takes its old seat without one"
    ),
    Act.LEAVE: lambda deed, terms: (
        f"{deed.who} is gone, no rebalance was seen so far: a static member sends no LeaveGroup,"
        f" its seat is kept for session.timeout, {terms.session:g} s"
    ),
    Act.CRASH: lambda deed, terms: (
        f"{deed.who} was killed and told nobody: nobody reads its partitions until session.timeout,"
        f" {terms.session:g} s after its last heartbeat"
    ),
    Act.FREEZE: lambda deed, terms: (
        f"{deed.who} is frozen and sends no heartbeats: its partitions wait until session.timeout,"
        f" {terms.session:g} s after the last one, then others get them"
    ),
    Act.THAW: lambda deed, terms: (
        f"{deed.who} goes on, no rebalance was seen so far: a nap shorter than session.timeout,"
        f" {terms.session:g} s, goes unnoticed, after a longer one it must join again"
    ),
    Act.STUCK: lambda deed, terms: (
        f"{deed.who} works and does not poll: its heartbeats go on, but after max.poll.interval,"
        f" {terms.max_poll:g} s, it leaves the group"
    ),
    Act.ASSIGNOR: lambda deed, terms: (
        f"The assignor is {deed.detail or 'another one'} now, no rebalance was seen so far:"
        " every consumer has to join anew with it"
    ),
    Act.STATIC: lambda deed, terms: (
        f"Static membership is {deed.detail or 'another'} now, no rebalance was seen so far:"
        " every consumer has to join anew for it"
    ),
    Act.SLOW: lambda deed, terms: (
        f"{deed.who} gives up its partitions at once again; nothing happens until the next rebalance"
        if deed.detail == "off"
        else f"{deed.who} will take {terms.give_up:g} s to give up its partitions:"
        " at the next rebalance everyone waits for it, at most rebalance.timeout"
    ),
    Act.PARTITION: lambda deed, terms: (
        "A partition was added, no rebalance was seen so far: nobody reads it until"
        " the group sees it in the metadata"
    ),
    Act.SLOWER: _producer,
    Act.FASTER: _producer,
    Act.PROTOCOL: lambda deed, terms: (
        f"Every consumer is replaced by one that speaks"
        f" {'the classic protocol' if deed.detail == 'classic' else 'KIP-848'};"
        " no rebalance was seen so far"
    ),
    Act.RESTORE: lambda deed, terms: "Back to the start; no rebalance was seen so far",
    Act.KILL_BROKER: lambda deed, terms: (
        f"Broker {deed.who or '?'} was killed, no rebalance was seen so far: a group keeps its members while"
        " another broker takes over as coordinator"
    ),
    Act.STOP_BROKER: lambda deed, terms: (
        f"Broker {deed.who or '?'} was stopped, no rebalance was seen so far: it hands over first,"
        " and another broker coordinates its groups"
    ),
    Act.START_BROKER: lambda deed, terms: (
        f"Broker {deed.who or '?'} was started, no rebalance was seen so far:"
        " leaders and coordinators do not move back at once"
    ),
}
