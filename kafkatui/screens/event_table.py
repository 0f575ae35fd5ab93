"""Which member owned which partitions before a rebalance and after it: a table for each topic, a row for each
member.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from kafkatui.domain.cluster.members import by_topic, ranges
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.rebalance.rebalances import Rebalance, Share
from kafkatui.panes.entry_lines import pause_at_most
from kafkatui.panes.group_pane import dashed, name_of, shown
from kafkatui.panes.ownership_lines import Layout, Shape, joined, map_head
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell
from kafkatui.widgets.fitting import shortened

MOST_CELLS = 32
"""Up to this number of partitions of a topic, each partition has a cell of its own."""
PAUSE = 9


def tables(event: Rebalance, cells: int) -> list[Cell]:
    """A table for each topic, with a row for every member."""
    topics = sorted(
        {one.topic for share in event.shares for one in (*(share.before or ()), *(share.after or ()))}
    )
    lines: list[Cell] = []
    for topic in topics:
        table = _Table.of(event, topic, cells)
        if len(topics) > 1:
            lines.append(Content.styled(name_of(topic, cells), "bold"))
        lines += [*table.head(), *(table.row(share) for share in event.shares), ""]
    if topics:
        lines[-1:] = [_legend(event), ""]
    elif event.shares:
        lines += [Content.styled("no member had or got a partition", signs.MUTED), ""]
    return lines


def _changed(share: Share, topic: str) -> tuple[tuple[int, ...], ...]:
    """The partitions of a topic that the member gave up, and those that it got, by number."""
    return _numbers(share.gave_up, topic), _numbers(share.got, topic)


def _numbers(partitions: Iterable[TopicPartition], topic: str) -> tuple[int, ...]:
    return by_topic(partitions).get(topic, ())


def _legend(event: Rebalance) -> Content:
    meanings = (
        (signs.OWNS, "kept"),
        (signs.WAS_HERE, "lost" if event.stops_all else "given up"),
        (signs.MOVED_HERE, "got"),
        (signs.HELD, "its owner is gone"),
    )
    return Content("  ").join(
        Content.assemble(sign.content, (f" {meaning}", signs.MUTED)) for sign, meaning in meanings
    )


@dataclass(frozen=True, slots=True)
class _Table:
    event: Rebalance
    topic: str
    partitions: int
    member: int
    map: int
    """Width in cells of the column BEFORE, and of the column AFTER."""
    spaced: bool | None
    """Whether a blank stands between the cells of partitions; ``None``: the partitions are listed
    by number.
    """
    numbers: int
    """Width in cells of the columns GAVE UP and GOT; 0: there is no room for them, and the cells of the
    partitions show the same.
    """

    @classmethod
    def of(cls, event: Rebalance, topic: str, cells: int) -> "_Table":
        numbers = [
            one.partition
            for share in event.shares
            for one in (*(share.before or ()), *(share.after or ()))
            if one.topic == topic
        ]
        count = max(numbers, default=0) + 1
        longest = max((cell_len(shown(share.name)) for share in event.shares), default=0)
        member = min(max(10, longest + 5), 12 if cells < 90 else 24)  # + 5: a word behind the name
        room = cells - member - PAUSE - 2
        needed = max(8, *(len(ranges(one)) for share in event.shares for one in _changed(share, topic)))
        needed = min(needed, 24)
        for least in (needed, 0):
            for spaced, width in ((True, max(6, 2 * count - 1)), (False, max(6, count))):
                if count <= MOST_CELLS and room >= 2 * (width + 2) + 2 * (least + 2) * (least > 0):
                    return cls(event, topic, count, member, width, spaced, least)
        quarter = min(max(needed, 12), max(6, room // 4 - 2))
        return cls(event, topic, count, member, quarter, None, quarter)

    def head(self) -> list[Content]:
        """The titles of the columns, and below them the numbers of the partitions."""
        now = "AFTER" if self.event.ended_at is not None else "NOW"
        parts = [f"{'MEMBER':<{self.member}}", f"{'BEFORE':<{self.map}}", f"{now:<{self.map}}"]
        if self.numbers:
            lost = "LOST" if self.event.stops_all else "GAVE UP"
            parts += [f"{lost:<{self.numbers}}", f"{'GOT':<{self.numbers}}"]
        titles = Content.styled("  ".join([*parts, f"{'PAUSE':>{PAUSE}}"]), signs.MUTED)
        if self.spaced is None:
            return [titles]
        shape = Shape.SPACED if self.spaced else Shape.DENSE
        marks = map_head(Layout(0, 0, shape, self.map, 0, 0), self.partitions)
        return [titles, Content.styled(f"{'':<{self.member}}  {marks:<{self.map}}  {marks}", signs.MUTED)]

    def row(self, share: Share) -> Content:
        before = None if share.before is None else _numbers(share.before, self.topic)
        after = None if share.after is None else _numbers(share.after, self.topic)
        gave, got = _changed(share, self.topic)
        note = "gone" if share.after is None and self.event.ended_at is not None else ""
        note = "new" if share.before is None else note
        name = name_of(share.name, self.member - (len(note) + 1 if note else 0))
        parts = [
            Content.assemble(name, (f" {note}" if note else "", signs.MUTED)).truncate(self.member, pad=True),
            self._before(before, after, gone=share.after is None),
            self._after(before, after),
        ]
        if self.numbers:
            parts += [self._listed(gave), self._listed(got)]
        pause = self._pause(share)
        parts.append(Content.assemble(" " * (PAUSE - pause.cell_length), pause))
        return Content("  ").join(parts)

    def _pause(self, share: Share) -> Content:
        """The pause as the member reported it, or an upper bound of it."""
        seconds = share.handed_over if share.reads_on else share.pause
        if seconds is not None:
            return Content(f"{seconds:.2f}s")
        most = pause_at_most(share.at_most, words=False)
        return signs.NONE.content if most is None else Content.styled(most, signs.MUTED)

    def _before(
        self, before: tuple[int, ...] | None, after: tuple[int, ...] | None, *, gone: bool
    ) -> Content:
        if before is None:
            return self._cells({})
        lost = set(before) - set(after or ())
        open_ = self.event.ended_at is None
        sign = dict.fromkeys(before, signs.OWNS)
        sign |= dict.fromkeys(lost, signs.HELD if gone or open_ else signs.WAS_HERE)
        return self._cells(sign, before)

    def _after(self, before: tuple[int, ...] | None, after: tuple[int, ...] | None) -> Content:
        if after is None:
            return self._cells({})
        new = set(after) - set(before or ())
        return self._cells(
            {number: signs.MOVED_HERE if number in new else signs.OWNS for number in after}, after
        )

    def _cells(self, sign: Mapping[int, signs.Sign], numbers: Sequence[int] = ()) -> Content:
        if self.spaced is None:
            return self._listed(numbers)
        row = (sign.get(number, signs.NOT_OWNED) for number in range(self.partitions))
        return joined(row, " " if self.spaced else "").truncate(self.map, pad=True)

    def _listed(self, numbers: Sequence[int]) -> Content:
        if not numbers:  # in ASCII the dash is the sign of a lost partition
            none = Content.styled("none", signs.MUTED) if signs.ascii_only() else signs.NONE.content
            return none.truncate(self.numbers, pad=True)
        return shortened(Content(dashed(ranges(numbers))), self.numbers).truncate(self.numbers, pad=True)
