"""What one rebalance teaches, from our keys where they led to it, else from what was visible from outside."""

from kafkatui.domain.deeds import Act, Terms
from kafkatui.domain.explain_deeds import explain_deed
from kafkatui.domain.explain_words import cost, count, names, seconds, slowest
from kafkatui.domain.rebalances import Rebalance

WORDS = {
    Act.JOIN: "joined",
    Act.LEAVE: "left",
    Act.CRASH: "crashed",
    Act.FREEZE: "froze",
    Act.THAW: "woke up",
    Act.STUCK: "was stuck",
}


def explain_event(event: Rebalance, waited: int | None, terms: Terms) -> str:
    """The sentence about one rebalance."""
    if event.first:
        return _first(event)
    if event.ended_at is None:
        return _goes_on(event)
    slow = slowest(event)
    if slow is not None and event.stops_all:
        return (
            f"{_what(event)}; {slow[0].name} took {seconds(slow[1])} to give up its partitions and everyone"
            " waited for it: a rebalance is as slow as its slowest member."
        )
    if len(event.deeds) == 1 and len(event.joined) + len(event.gone) == len(event.acts):
        return explain_deed(event.deeds[0], event, waited, terms)
    return f"{_outside(event)}{cost(event, waited)}."


def _first(event: Rebalance) -> str:
    if not event.members:
        return "At the first look the group had no members; what was before is not known."
    held = sum(event.owned.values())
    who = count(event.members, "member")
    if not held:
        return f"At the first look the group had {who}; what was before is not known."
    return f"At the first look {who} had {count(held, 'partition')}; what was before is not known."


def _goes_on(event: Rebalance) -> str:
    so_far = f" for {seconds(event.at_least)} so far" if event.at_least >= 0.05 else ""
    if event.stops_all:
        return (
            f"The rebalance goes on{so_far}: everyone gives up its partitions and joins again,"
            " and the slowest member decides."
        )
    return (
        f"The rebalance goes on{so_far}: the broker has a new plan, each member gives up what is no longer"
        " its own, and only that pauses."
    )


def _what(event: Rebalance) -> str:
    """What happened, in few words: ``c3 joined, c1 crashed``."""
    said = [_who(event, event.joined, "joined"), _who(event, event.gone, "is gone", "are gone")]
    if event.resubscribed:
        said.append(f"{names(event.resubscribed)} subscribed anew")
    if event.grown:
        said.append(f"{names(tuple(event.grown))} grew")
    return ", ".join(part for part in said if part) or "The group rebalanced"


def _who(event: Rebalance, who: tuple[str, ...], one: str, several: str | None = None) -> str:
    if not who:
        return ""
    acts = {event.acts.get(name) for name in who}
    if len(acts) == 1 and (act := acts.pop()) in WORDS:
        return f"{names(who)} {WORDS[act]}"
    return f"{names(who)} {one if len(who) == 1 else several or one}"


def _outside(event: Rebalance) -> str:
    joined, gone = names(event.joined), names(event.gone)
    if event.deeds:
        return f"In one rebalance: {_what(event)}"
    if event.joined and event.gone:
        return (
            f"{joined} joined and {gone} {_is(event.gone)} gone: from outside, a restart without"
            " group.instance.id looks just so"
        )
    if event.joined:
        return f"{joined} joined: {_dealt(event)}"
    if event.gone and not event.members:
        return (
            f"{gone} {_is(event.gone)} gone and nobody reads now;"
            " whether they left or timed out is not visible from outside"
        )
    if event.gone:
        return (
            f"{gone} {_is(event.gone)} gone; from outside it is not visible whether a member left,"
            " crashed or was too slow"
        )
    if event.resubscribed:
        return f"{names(event.resubscribed)} subscribed to other topics: {_dealt(event)}"
    if event.grown:
        new = count(sum(event.grown.values()), "partition")
        return f"{names(tuple(event.grown))} got {new} more, and a rebalance gave them owners"
    return _unseen(event)


def _unseen(event: Rebalance) -> str:
    old, new = event.assignor_before, event.assignor
    if old and new and old != new:
        return f"The group assigns by {new} now, no longer by {old}"
    before, after = event.coordinator_before, event.coordinator
    if before is not None and after is not None and before != after:
        return f"The group rebalanced as its coordinator moved from broker {before} to {after}"
    return "The group rebalanced, with the same members; the cause is not visible from outside"


def _dealt(event: Rebalance) -> str:
    if not event.stops_all:
        return "the broker planned anew, only what moved paused, the others read on"
    return "everyone gave up everything, then one client, the group leader, dealt anew"


def _is(who: tuple[str, ...]) -> str:
    return "is" if len(who) == 1 else "are"
