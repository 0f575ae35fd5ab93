"""For each key of the deck the sentence that explains the rebalance which a press of it led to.

The sentences are right for aiokafka's consumers (classic, eager) and for KIP-848, where the broker assigns.
"""

from collections.abc import Callable, Mapping

from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deck_key import Target
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.deck.terms import Terms
from kafkatui.domain.rebalance.explain.words import (
    assigned_how,
    cost,
    count,
    had_each,
    here,
    names,
    seconds,
    share_of,
    slowest,
    waiting,
)
from kafkatui.domain.rebalance.rebalances import Rebalance

PROTOCOLS: Mapping[str, str] = {"classic": "the classic protocol", "consumer": "KIP-848"}
"""The name of a group protocol in a sentence, by the detail of a deed."""

Sentence = Callable[[Deed, Rebalance, int | None, Terms], str]
"""Makes a sentence, without its full stop, of a deed, the rebalance it led to, how many records waited
(``None``: not known) and the consumers' times.
"""


def explain_effect(deed: Deed, effect: Rebalance, waited: int | None, terms: Terms) -> str:
    """The sentence about a press of a key and the rebalance it led to."""
    if effect.ended_at is None and effect.stops_all:
        passed = effect.started_at - deed.at
        began = f"{seconds(passed)} after the key the group" if passed >= 0.005 else "The group"
        why = "everyone joins again, and the slowest decides"
        if deed.act.key.on is Target.CONSUMERS:
            why = joins_anew(deed)
        return f"{began} began to rebalance and still does: {why}."
    return f"{SENTENCES[deed.act](deed, effect, waited, terms)}."


def explain_wait(deed: Deed, terms: Terms) -> str:
    """The sentence about a press of a key that led to no rebalance, or not yet."""
    key = deed.act.key
    text = key.so_far_off if deed.detail == "off" and key.so_far_off else key.so_far
    detail = PROTOCOLS.get(deed.detail, deed.detail) or "?"
    return f"{text.format(who=deed.who or '?', detail=detail, terms=terms)}."


def joins_anew(deed: Deed) -> str:
    """``every consumer joins anew with KIP-848``: the effect of a key that acts on all consumers."""
    return f"every consumer joins anew with {_what(deed)}"


def _what(deed: Deed) -> str:
    if deed.act is Act.STATIC:
        return "no group.instance.id" if deed.detail == "off" else "a group.instance.id"
    if deed.act is Act.PROTOCOL:
        return PROTOCOLS.get(deed.detail, "KIP-848")
    return f"the next assignor, {deed.detail or '?'}"


def _join(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    who, share = deed.who or "A consumer", share_of(event.shares, deed)
    owned = sum(event.owned.values())
    if event.members == 1 and owned:
        return f"Alone in its group, {who} gets every partition, {owned:,} here"
    if share is not None and share.after == () and owned:
        return (
            f"{who} joined and stays idle: inside a group a partition has at most one reader,"
            f" and all {owned:,} are taken{cost(event, waited, moves=False)}"
        )
    return f"{who} joined: {assigned_how(event)}{cost(event, waited)}"


def _leave(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    who, share = deed.who or "The consumer", share_of(event.shares, deed)
    if share is not None and share.static and not event.stops_all:
        kept = "is kept until its session ends"
        if share.after is None:
            kept = f"was kept for session.timeout{here(deed.at, event)}"
        elif event.ended_at is not None:
            kept = "was kept, and it is back"
        return (
            f"{who} said that it will be back, with epoch -2, as a static member of a KIP-848 group does: its"
            f" place {kept}{waiting(waited)}"
        )
    if share is not None and share.static:
        return (
            f"{who} went without LeaveGroup, as a static member does: its place was kept for"
            f" session.timeout{here(deed.at, event)}{waiting(waited)}"
        )
    if not event.members and event.ended_at is not None:
        return f"{who} was the last one: nobody reads now, and the lag grows until someone joins"
    sent = "sent LeaveGroup" if event.stops_all else "said so"
    return (
        f"{who} left politely: it {sent}, so nobody had to wait for session.timeout,"
        f" and the others learned it with their next heartbeat{cost(event, waited)}"
    )


def _crash(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    reason = "sends no LeaveGroup" if event.stops_all else "cannot say that it leaves"
    return (
        f"A crash is noticed only after session.timeout{here(deed.at, event)},"
        f" because a dead process {reason}{waiting(waited)}"
    )


def _freeze(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    return (
        f"{deed.who} froze and was put out after session.timeout{here(deed.at, event)},"
        f" because a process that sends no heartbeats is dead to its group{waiting(waited)}"
    )


def _thaw(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    return (
        f"{deed.who} woke as a zombie, was refused at its next heartbeat and joined again:"
        f" two rebalances for one nap{cost(event, waited)}"
    )


def _stuck(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    share = share_of(event.shares, deed)
    if share is not None and share.after is not None:
        return (
            f"{deed.who} polls again and joined anew: what it had in hand may be done twice,"
            f" for its partitions had gone to others{cost(event, waited)}"
        )
    return (
        f"{deed.who} sent heartbeats but did not poll: after max.poll.interval{here(deed.at, event)},"
        f" it was out, for that clock watches the work, and session.timeout only the process{waiting(waited)}"
    )


BY_ASSIGNOR: Mapping[str, str] = {
    "range": "Range deals each topic by itself, so the first members get more wherever it does not divide",
    "roundrobin": "Round-robin deals all partitions in turn, evenly, but moves many at every change",
    "sticky": "Sticky moves only what it must, yet in aiokafka everyone still gives up everything first",
    "uniform": "The broker's uniform assignor deals evenly and leaves where it is what it can",
}


def _assignor(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    if event.gone and not event.joined:
        return _left(event, deed)
    if not event.stops_all and deed.detail == "range":
        return f"The broker deals each topic by itself now, as range does{had_each(event)}"
    text = BY_ASSIGNOR.get(
        deed.detail, f"Every consumer joined anew, and the group assigns by {deed.detail or '?'}"
    )
    return f"{text}{had_each(event)}"


def _static(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    if event.gone and not event.joined:
        return _left(event, deed)
    if deed.detail == "off":
        text = "Every consumer joined anew without group.instance.id: a restart is a rebalance again"
        return f"{text}{cost(event, waited)}"
    return "Every consumer joined anew with a group.instance.id"


def _protocol(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    classic = deed.detail == "classic"
    if event.gone and not event.joined:
        return _left(event, deed)
    if classic:
        text = (
            "The group speaks the classic protocol: a client, the group leader, assigns, and all stop for it"
        )
    else:
        text = "The group speaks KIP-848: every consumer left, and joined it anew"
    return f"{text}{cost(event, waited)}"


def _restore(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    members = count(event.members, "member") if event.members else "no members"
    return f"Back to the start: the group has {members}{cost(event, waited)}"


def _left(event: Rebalance, deed: Deed) -> str:
    """Between leaving and joining anew."""
    rest = "the others read on" if event.members else "for a moment nobody reads"
    return f"{names(event.gone)} left, to join anew with {_what(deed)}; {rest}"


def _slow(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    slow = slowest(event)
    if slow is None:
        return f"{deed.who} gave up its partitions at once{cost(event, waited)}"
    took = f"{slow[0].name} took {seconds(slow[1])} to give up its partitions"
    if not event.stops_all:
        return f"{took}: with KIP-848 only those who get them wait{waiting(waited)}"
    return f"{took} and everyone waited for it: a rebalance is as slow as its slowest member{waiting(waited)}"


def _partition(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    who = "the consumers" if event.stops_all else "the broker"
    return (
        f"A partition was added: {who} saw it in the metadata{here(deed.at, event)}, and a rebalance gave it"
        " an owner; a key may hash to another partition from now on"
    )


def producer(deed: Deed) -> str:
    """The sentence, without its full stop, that another rate of the producer causes no rebalance."""
    rate = f"sends {deed.detail} records a second" if deed.detail else "has another rate"
    return f"The producer {rate} now: load changes the lag, never who reads what"


def _broker(deed: Deed, event: Rebalance, waited: int | None, terms: Terms) -> str:
    done = f"roker {deed.who or '?'} {deed.act.key.verb}"
    old, new = event.coordinator_before, event.coordinator
    if old is not None and new is not None and old != new:
        return (
            f"After b{done} the group coordinator is broker {new}, no longer {old}:"
            f" the members had to find it{cost(event, waited)}"
        )
    passed = event.started_at - deed.at
    ago = f"{seconds(passed)} before" if passed >= 0.005 else "before"
    return f"B{done} {ago} this rebalance; whether that led to it was not seen{cost(event, waited)}"


SENTENCES: Mapping[Act, Sentence] = {
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
    Act.SLOWER: lambda deed, *_: producer(deed),
    Act.FASTER: lambda deed, *_: producer(deed),
    Act.PROTOCOL: _protocol,
    Act.RESTORE: _restore,
    Act.KILL_BROKER: _broker,
    Act.STOP_BROKER: _broker,
    Act.START_BROKER: _broker,
}
"""By act of the deck: the function that makes the sentence about it and the rebalance that it led to."""
