"""The lines of text about a group's present state: the state and how it is known, a rebalance under way, a
deed without effect yet.
"""

from collections.abc import Mapping

from textual.content import Content

from kafkatui.domain.cluster.faults import Fault, FaultKind
from kafkatui.domain.cluster.groups import Group, GroupKind
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.members import ranges
from kafkatui.domain.deck.acts import Act
from kafkatui.domain.deck.deck_key import Pending
from kafkatui.domain.deck.deeds import Deed
from kafkatui.domain.deck.terms import TERMS, Terms
from kafkatui.domain.figures import age
from kafkatui.domain.rebalance.ownership import MapRow, OwnershipMap
from kafkatui.domain.rebalance.rebalances import Source
from kafkatui.domain.rebalance.story import GroupStory
from kafkatui.panes.group_pane import dashed, name_of, shown
from kafkatui.widgets import signs

KINDS: Mapping[GroupKind, str] = {GroupKind.CONSUMER: "KIP-848", GroupKind.UNKNOWN: "protocol ?"}
"""How a line names the kind of a group; a kind that is missing goes by its own value."""


def state_mark(group: Group) -> Mark:
    """The mark of a group's state."""
    if group.rebalancing:
        return Mark.MOVING
    if group.state is None:
        return Mark.UNKNOWN
    return Mark.OK if group.state == "Stable" else Mark.NOTHING


def state_line(found: OwnershipMap, story: GroupStory, width: int, every: float, *, stale: bool) -> Content:
    """``billing ● Stable 41s · classic · sticky · log, generation 5 · 3 members · coordinator 1``; if
    `stale`, muted and with ``?``. `every`: seconds between two looks.

    Where `width` is too small the coordinator is left out, then how the state is known is shortened, then the
    assignor is left out, then the state before.
    """
    line = Content("")
    for leave_out in range(5):
        line = _state_line(found, story, every, leave_out, stale=stale)
        if line.cell_length <= width:
            break
    return Content.styled(line.plain, signs.MUTED) if stale else line


def _state_line(
    found: OwnershipMap, story: GroupStory, every: float, leave_out: int, *, stale: bool
) -> Content:
    group, now, since = found.group, found.at, found.state_at
    lasted = age(now - (found.seen_at if since is None else since))
    parts = [KINDS.get(group.kind, group.kind.value)]
    if group.rebalancing and found.before is not None and found.before[0] != group.state and leave_out < 4:
        parts = [f"was {shown(found.before[0])} {age(found.before[1])}", *parts]
    if group.assignor and leave_out < 3:
        parts.append(name_of(group.assignor, 16))
    if known := _known(group, story, every, short=leave_out >= 2):
        parts.append(known)
    parts.append(f"{found.members} member{'s' if found.members != 1 else ''}")
    if group.coordinator is not None and leave_out < 1:
        parts.append(f"coordinator {group.coordinator}")
    style = "bold $primary" if group.rebalancing else "bold"
    return Content.assemble(
        (name_of(group.group_id, 32), "bold"),
        " ",
        signs.sign(state_mark(group)),
        str(signs.UNKNOWN) if stale else "",
        (f" {shown(group.state or '?')} ", style),
        ("over " if since is None and now > found.seen_at else "", signs.MUTED),
        f"{lasted} " if since is not None or now > found.seen_at else "",
        (f"{signs.SEPARATOR} " + f" {signs.SEPARATOR} ".join(parts), signs.MUTED),
    )


def _known(group: Group, story: GroupStory, every: float, *, short: bool) -> str:
    """How the newest state is known (log or looks), with the generation, or the epochs of a KIP-848 group."""
    if group.kind is GroupKind.CONSUMER:
        if group.epoch is None:
            return "" if short else _looks(every)
        if not group.members or group.assignment_epoch in {None, group.epoch}:
            return f"epoch {group.epoch}"
        if short:
            return f"epoch {group.assignment_epoch}{signs.ARROW}{group.epoch}"
        return f"group epoch {group.epoch}, assignment {group.assignment_epoch}"
    if story.source is not Source.LOG or story.generation is None:
        return "" if short else _looks(every)
    return f"gen {story.generation}" if short else f"log, generation {story.generation}"


def _looks(every: float) -> str:
    return f"looks each {every:g} s"


def known_from(found: OwnershipMap, story: GroupStory, every: float, log_fault: Fault | None) -> str:
    """How exactly the pane knows what it shows; `log_fault`: why the group's log is not read."""
    if found.group.kind is GroupKind.CONSUMER:
        return f"{_looks(every)}, epochs tell what was missed"
    if story.source is Source.LOG:
        return "generations are exact, from the group's log"
    if log_fault is None:
        return f"{_looks(every)}: times are brackets"
    denied = log_fault.kind is FaultKind.DENIED
    why = "no READ on __consumer_offsets" if denied else shown(log_fault.text)
    return f"{_looks(every)}: {why}"


# a rebalance under way, a deed without effect yet


def notice(
    found: OwnershipMap,
    deck_states: Mapping[str, str],
    terms: Terms = TERMS,
    *,
    cooperative: bool = False,
) -> Content | None:
    """The problem or the rebalance of this moment, in a line; ``None``: there is none. `deck_states`: states
    of the deck's consumers by client id; `cooperative`: members of the classic group keep the partitions that
    do not move.
    """
    now = found.at
    if found.unowned:
        numbers = sorted(found.unowned)
        several = len(numbers) > 1
        text = f" {dashed(ranges(numbers[:200]))} {'have' if several else 'has'} no owner"
        if found.nobody_since is not None and now - found.nobody_since >= 1:
            text += f" for {age(now - found.nobody_since)}"
        return Content.assemble(signs.sign(Mark.BROKEN), (text, "$error bold"))
    if not found.group.rebalancing:
        return None
    if found.group.kind is GroupKind.CONSUMER:
        text = _blocked(found)
    else:
        slow = [
            row.name for row in found.rows if row.held and row.gone_at is None and _is_slow(row, deck_states)
        ]
        text = " everyone gives up its partitions and joins again"
        if cooperative:
            text = " everyone joins again and reads on: only what moves is given up"
        if slow:
            text = (
                f" everyone waits: {name_of(slow[0], 20)} takes {terms.give_up:g} s to give up its partitions"
            )
    return Content.assemble(signs.sign(Mark.MOVING), (text, signs.MOVING))


def _is_slow(row: MapRow, deck_states: Mapping[str, str]) -> bool:
    return "slow" in deck_states.get(row.member.client_id, "").split(", ")


def _blocked(found: OwnershipMap) -> str:
    waiting = sum(len(row.waits_for) for row in found.rows)
    moving = f" moving {waiting} of {found.partitions}"
    blocked = blocks(found)
    if not blocked:
        row = next((row for row in found.rows if row.waits_for), None)
        away = next((row for row in found.rows if row.gone_at is None and _is_away(row)), None)
        if row is None and away is not None:
            return f" {name_of(away.name, 20)} went: its static place is kept until its session ends"
        if row is None:
            return moving if waiting else " the broker plans anew"
        return (
            f"{moving}: {name_of(row.name, 20)} gets {dashed(ranges(row.waits_for))} with its next heartbeat"
        )
    (waiter, blocker), numbers = next(iter(blocked.items()))
    text = f" {name_of(waiter, 20)} waits for {name_of(blocker, 20)} to give up {dashed(ranges(numbers))}"
    return f"{text} {signs.SEPARATOR}{moving}" if waiting > len(numbers) else text


def _is_away(row: MapRow) -> bool:
    """Whether the member is a static one that left: KIP-848 gives it epoch -2 until its session ends."""
    return row.member.epoch is not None and row.member.epoch < 0


def blocks(found: OwnershipMap) -> dict[tuple[str, str], list[int]]:
    """KIP-848: the partitions that one member waits for and another has not given up yet, by (name of the
    waiting member, name of the other), in order of rows.
    """
    giving = {number: row.name for row in found.rows for number in row.gives_up}
    blocked: dict[tuple[str, str], list[int]] = {}
    for row in found.rows:
        for number in row.waits_for:
            if number in giving:
                blocked.setdefault((row.name, giving[number]), []).append(number)
    return blocked


def row_facts(found: OwnershipMap, row: MapRow) -> list[str]:
    """Facts about one member, in words: its epoch, and the partitions it owns, gives up to other members or
    waits for from them.
    """
    facts: list[str] = []
    if row.member.epoch is not None:
        facts.append(f"epoch {row.member.epoch}")
    if not (row.gives_up or row.waits_for):
        return [*facts, f"owns {dashed(ranges(row.owns))}"] if row.owns else facts
    blocked = blocks(found)
    if row.gives_up:
        to = [name_of(waiter, 20) for waiter, blocker in blocked if blocker == row.name]
        numbers = dashed(ranges(row.gives_up))
        facts.append(f"gives up {numbers}" + (f": {_names(to)} wait{'s' * (len(to) == 1)}" if to else ""))
    if row.waits_for:
        by = [name_of(blocker, 20) for waiter, blocker in blocked if waiter == row.name]
        facts.append(f"waits for {dashed(ranges(row.waits_for))}" + (f" from {_names(by)}" if by else ""))
    return facts


def _names(names: list[str]) -> str:
    return " ".join(names[:3]) + (f" +{len(names) - 3}" if len(names) > 3 else "")


PLACE_KEPT = "{who} stopped {ago} ago: static, its place is kept for {terms.session:g} s"
UNCOORDINATED = "{who} started {ago} ago and waits until a broker coordinates the group"
COORDINATED_WITHIN = 30.0
"""Seconds, at most, until another broker coordinates the groups of a broker that is down."""


def waiting(
    found: OwnershipMap,
    story: GroupStory,
    now: float,
    terms: Terms = TERMS,
    *,
    fault: Fault | None = None,
) -> Content | None:
    """The newest deed that had no effect yet, and the reason; ``None``: there is no such deed.

    `now`: monotonic seconds; `fault`: why the group's coordinator does not answer.
    """
    longest = 2 * terms.session if fault is None else COORDINATED_WITHIN
    later: set[str | None] = set()
    for entry in story.entries:
        if not isinstance(entry, Deed):
            continue
        if now - entry.at > longest or entry.act is Act.RESTORE:
            return None
        pending = entry.act.key.pending
        if pending is not None and entry.who not in later:
            text = _waiting(found, story, entry, pending, now, terms, fault)
            if text is not None:
                return Content.assemble(signs.sign(Mark.MOVING), (f" {text}", signs.MOVING))
        later.add(entry.who)
    return None


def _waiting(
    found: OwnershipMap,
    story: GroupStory,
    deed: Deed,
    pending: Pending,
    now: float,
    terms: Terms,
    fault: Fault | None,
) -> str | None:
    words, limit = pending.text, pending.within(terms)
    if deed.act is Act.JOIN and fault is not None:
        words, limit = UNCOORDINATED, COORDINATED_WITHIN
    present = [row.member for row in found.rows if row.gone_at is None and row.member.client_id == deed.who]
    if deed.act is Act.JOIN and present:
        return None  # it has joined, or its membership was kept for it
    if deed.act is Act.LEAVE and any(member.group_instance_id is not None for member in present):
        words, limit = PLACE_KEPT, terms.session + terms.heartbeat + 2
    if now - deed.at > limit or story.effect(deed) is not None:
        return None
    return words.format(who=name_of(deed.who or "?", 20), ago=age(max(0.0, now - deed.at)), terms=terms)
