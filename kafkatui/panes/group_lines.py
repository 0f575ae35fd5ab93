"""What is said about a group in lines of text: its state, what goes on now, and the log of its rebalances."""

from collections.abc import Callable, Mapping, Sequence

from textual.content import Content

from kafkatui.domain.figures import age
from kafkatui.domain.groups import Group, GroupKind
from kafkatui.domain.marks import Mark
from kafkatui.domain.members import ranges
from kafkatui.domain.ownership import OwnershipMap
from kafkatui.domain.rebalances import Rebalance
from kafkatui.panes.group_pane import WIDE, dashed, name_of, shown
from kafkatui.panes.ownership_lines import digit
from kafkatui.widgets import signs

KINDS: Mapping[GroupKind, str] = {GroupKind.CONSUMER: "KIP-848", GroupKind.UNKNOWN: "protocol ?"}


def state_mark(group: Group) -> Mark:
    """How well a group's state is."""
    if group.rebalancing:
        return Mark.MOVING
    if group.state is None:
        return Mark.UNKNOWN
    return Mark.OK if group.state == "Stable" else Mark.NOTHING


def state_line(found: OwnershipMap, width: int, *, stale: bool) -> Content:
    """``billing ● Stable 41s · classic · sticky · 3 members · coordinator 1``; dim, with ``?``, if stale.

    Without room the coordinator goes, then the assignor, then the state before.
    """
    line = Content("")
    for leave_out in range(4):
        line = _state_line(found, leave_out, stale=stale)
        if line.cell_length <= width:
            break
    return Content.styled(line.plain, signs.MUTED) if stale else line


def _state_line(found: OwnershipMap, leave_out: int, *, stale: bool) -> Content:
    group, now, since = found.group, found.at, found.state_at
    lasted = age(now - (found.seen_at if since is None else since))
    parts = [KINDS.get(group.kind, group.kind.value)]
    if group.rebalancing and found.before is not None and found.before[0] != group.state and leave_out < 3:
        parts = [f"was {shown(found.before[0])} {age(found.before[1])}", *parts]
    if group.assignor and leave_out < 2:
        parts.append(name_of(group.assignor, 16))
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


def notice(found: OwnershipMap) -> Content | None:
    """What is going on or wrong now, in a line; ``None``: nothing."""
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
        waiting = sum(len(row.waits_for) for row in found.rows)
        text = f" moving {waiting} of {found.partitions}"
    else:
        text = " everyone gives up its partitions and joins again"
    return Content.assemble(signs.sign(Mark.MOVING), (text, signs.MOVING))


def log_line(
    event: Rebalance, topic: str, clock: Callable[[float], str], width: int, *, number: bool
) -> Content:
    """``1 14:22:07 c3 joined · 2 of 6 moved (2 c1→c3) · pause <1s``; without room, moves are only counted."""
    line = Content("")
    for listed, whole in ((4, True), (0, True), (0, False)):
        parts = _parts(event, topic, listed=listed, whole=whole, wide=width >= WIDE)
        text = f" {signs.SEPARATOR} ".join(parts)
        line = Content.assemble(
            (f"{digit(event) if number else ' '} ", "bold"),
            (clock(event.started_at), signs.MUTED),
            " ",
            (text, signs.MUTED if event.first else ""),
        )
        if line.cell_length <= width:
            break
    return line


def _parts(event: Rebalance, topic: str, *, listed: int, whole: bool, wide: bool) -> list[str]:
    parts = [_who(event, topic, wide=wide)]
    if event.first:
        return parts
    moved, of = event.moved.get(topic, 0), event.owned.get(topic, 0)
    if event.moves is None:
        parts.append("what moved was not seen")
    elif event.ended_at is not None and of:
        texts = [move_text(*move) for move in moves(event, topic)] if 0 < moved <= listed else []
        parts.append(
            (f"{moved} of {of} moved" if whole else f"{moved} moved")
            + (f" ({', '.join(texts)})" if texts else "")
        )
    if event.ended_at is None:
        parts.append("goes on")
    elif event.bracket is not None and event.members:
        parts.append(f"{'pause' if event.stops_all else 'took'} {dashed(event.bracket)}")
    return parts


def _who(event: Rebalance, topic: str, *, wide: bool) -> str:
    members = f"{event.members} member{'s' if event.members != 1 else ''}"
    if event.first:
        return f"first seen: {_partitions(event.owned.get(topic, 0))} owned, {members}"
    said = [
        _several(names, word)
        for names, word in (
            (event.joined, "joined"),
            (event.gone, "gone"),
            (event.resubscribed, "subscribed anew"),
        )
        if names
    ]
    if grown := event.grown.get(topic, 0):
        said.append(f"{_partitions(grown)} added")
    if not event.visible:
        said = said or ["rebalanced"]
        said.append("cause not visible from outside" if wide else "cause not visible")
    return ", ".join(said)


def _partitions(number: int) -> str:
    return f"{number:,} partition{'s' if number != 1 else ''}"


def _several(names: Sequence[str], word: str) -> str:
    return (
        f"{', '.join(name_of(name, 20) for name in names)} {word}"
        if len(names) <= 3
        else f"{len(names)} {word}"
    )


def moves(event: Rebalance, topic: str) -> list[tuple[int, str | None, str | None]]:
    """The moves of one topic as (partition, from, to), sorted."""
    return sorted(
        ((move.partition.partition, move.source, move.target) for move in event.listed(topic)),
        key=lambda move: move[0],
    )


def move_text(partition: int, source: str | None, target: str | None) -> str:
    """``2 c1→c3``."""
    names = [name_of(name, 20) if name else "nobody" for name in (source, target)]
    return f"{partition} {names[0]}{signs.ARROW}{names[1]}"
