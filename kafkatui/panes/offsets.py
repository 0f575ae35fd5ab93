"""Pane 3: committed offsets against log end offsets of the selected group on the selected topic, and the
verdict on each partition.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from time import time

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget

from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.figures import COUNT_WIDTH, age, count, counted, rate
from kafkatui.domain.lag.ages import MOST, Age, Bound, Seen, age_of, oldest
from kafkatui.domain.lag.history import LagHistory
from kafkatui.domain.lag.lag import GroupLag, PartitionLag
from kafkatui.domain.lag.standing import Standing
from kafkatui.domain.lag.verdicts import Kept, PartitionVerdict, Verdict
from kafkatui.panes.group_pane import WIDE, GroupPane, name_of, shown, shown_age, time_of_day
from kafkatui.watch.pace import Pace
from kafkatui.watch.view import Shown
from kafkatui.widgets import signs
from kafkatui.widgets.fitting import shortened
from kafkatui.widgets.long_list import Cell, Column, LongList
from kafkatui.widgets.text_line import TextLine


def columns(width: int, partitions: int) -> tuple[Column, ...]:
    """The columns that have room in a pane `width` cells wide; a wider pane has all columns of a narrower
    one, and more.
    """

    def figure(key: str, title: str, cells: int) -> Column:
        return Column(key, title, cells, right=True)

    wide = width >= WIDE
    number = figure("partition", "P", max(2, len(str(max(0, partitions - 1)))))
    offsets = 12 if wide else 10 if width >= 78 else 9
    found = [number, Column("owner", "OWNER", 0), figure("committed", "COMMITTED", offsets)]
    if width >= 54:
        found.append(figure("end", "END", offsets))
    found.append(figure("lag", "LAG", 9 if wide else 7))
    if width >= 60:
        found.append(Column("bar", "", 10 if width >= 78 else 7))
    if wide:
        found += [
            figure("age", "AGE", 8),
            figure("in", "IN/S", 8),
            figure("out", "OUT/S", 8),
            figure("empty", "EMPTY IN", 9),
        ]
    if width >= 66:
        spark = 20 if wide else 10 if width >= 78 else 7
        found.append(figure("spark", "5 MIN" if wide else "2 MIN", spark))
    found.append(Column("verdict", "VERDICT", 11))
    return tuple(found)


class OffsetsPane(GroupPane):
    """One line for each partition, sorted by number as in the map of pane 2; above them, in a line that does
    not scroll, the sum for the group.
    """

    NUMBER = 3
    NAME = "Offsets"

    def __init__(
        self,
        follow: Callable[[str, str, Pace], AsyncGenerator[Reading[GroupLag]]],
        pace: Pace,
        take: Callable[[Reading[GroupLag]], None],
        *,
        clock: Callable[[float], str] = time_of_day,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(pace, take, id=id)
        self._follow_lag = follow
        self._clock = clock
        self._shown = Shown()
        """The part of the view that is drawn; while the pane is held, the view is newer."""
        self._history = LagHistory()
        self._lags: Mapping[str, PartitionLag] = {}

    def compose_body(self) -> ComposeResult:
        yield TextLine(id="total")
        lines = LongList()
        lines.opens = False
        yield lines

    @property
    def lines(self) -> LongList:
        """The list of partitions."""
        return self.query_one(LongList)

    def focused_part(self) -> Widget:
        return self.lines

    # the stream

    def stream(self) -> AsyncGenerator[Reading[GroupLag]] | None:
        if self.group is None or self.topic is None:
            return None
        return self._follow_lag(self.group, self.topic, self.pace)

    # drawing

    @property
    def owners(self) -> Mapping[int, str] | None:
        """Partition number → short name of its owner; ``None``: the owners are not known."""
        return None if self._shown.map is None else self._shown.map.owners

    def _row(self, lag: PartitionLag) -> PartitionVerdict:
        """The verdict of one partition, with its figures."""
        outlook, shown = self.view.groups.outlook, self._shown
        found = outlook.row(shown.group or "", shown.topic or "", lag)
        return PartitionVerdict(lag, Kept.UNKNOWN, Verdict.MEASURING) if found is None else found

    def parts(self) -> tuple[object, ...]:
        shown = self.view.shown
        return (
            self.view.ages,
            shown.lag,
            shown.map,
            shown.standing,
            shown.groups,
            shown.vanished_at,
            self.left_out,
        )

    def show(self, reading: Reading[GroupLag]) -> None:
        self._shown = shown = self.view.shown
        value = shown.lag
        self._lags = {}
        if self.group is not None and shown.vanished_at is not None:
            self.say_vanished(self.group, self._clock(shown.vanished_at))
        elif self.topic is not None and self.group is None:
            self.say_no_group(reading)
        elif value is None or self.group is None or self.topic is None:
            self.say_nothing_known(reading)
        elif value.fault is not None:
            self.say_refused(self.group, value.fault)
        elif not value.partitions:
            self.say(f"{name_of(self.group, 40)} has nothing on {name_of(self.topic, 40)}.")
        else:
            self.say(None)
            self._draw(value)

    def _draw(self, value: GroupLag) -> None:
        self._history = self._shown.history or LagHistory()
        self._lags = {str(one.partition.partition): one for one in value.partitions}
        self._draw_total()
        self.lines.columns(*columns(self.room.width, len(value.partitions)))
        self.lines.show(list(self._lags), self._cells)

    def _draw_total(self) -> None:
        found, width = self._shown.standing, self.room.width
        if found is not None:
            self.query_one("#total", TextLine).show(shortened(self._total(found, width), width))
            self.mark = found.verdict.mark

    def _total(self, found: Standing, width: int) -> Content:
        """``▲ falling behind   lag 9,412 + 1 unset   in 204/s   out 163/s   empty: never``."""
        trend, question = found.trend, str(signs.UNKNOWN)
        more = "".join(
            f" + {count(number)} {word}"
            for number, word in ((found.unset, "unset"), (found.unread, "unread"), (found.unknown, "unknown"))
            if number
        )
        is_known = found.known_lag is not None or not more
        lags = [f"lag {count(found.known_lag, 12)}{more}" if is_known else f"lag{more[2:]}"]
        lags += [f"lag {count(found.known_lag, cells)}" for cells in (12, COUNT_WIDTH) if is_known]
        said = lags[:1]
        if (old := self._oldest()) is not None:
            said.append(f"age {shown_age(old)}")
        said += [f"in {self._rate(trend.rate_in)}/s", f"out {self._rate(trend.rate_out)}/s"]
        if found.verdict is Verdict.BEHIND:
            said.append(f"empty: {question if self.stale else 'never'}")
        elif found.verdict is Verdict.CATCHING:
            said.append(f"empty: {question if self.stale else age(trend.empty_in)}")
        if width >= WIDE and found.worst is not None:
            owner = (self.owners or {}).get(found.worst)
            said.append(f"worst: {found.worst}" + (f", owned by {name_of(owner, 20)}" if owner else ""))
        style = "bold" if found.verdict.mark <= Mark.OK else f"bold {style_of(found.verdict)}"
        head = Content.assemble(
            verdict_sign(found.verdict),
            f"{question} " if self.stale else " ",
            (found.phrase, signs.MUTED if self.stale else style),
        )
        while len(said) > 1 and head.cell_length + sum(3 + len(part) for part in said) > width:
            said.pop()  # the last parts matter least
        if len(said) == 1:
            room = width - head.cell_length - 3
            said = [lags[0] if len(lags) == 1 or len(lags[1]) <= room else lags[-1]]
        return Content.assemble(head, *((f"   {part}", signs.MUTED if self.stale else "") for part in said))

    def _cells(self, key: str) -> list[Cell]:
        lag = self._lags.get(key)
        if lag is None:
            return []
        row = self._row(lag)
        widths = zip(self.lines.column_keys, self.lines.column_widths(), strict=True)
        cells = [self._cell(column, width, row) for column, width in widths]
        if self.stale:
            return [Content.styled(str(cell), signs.MUTED) for cell in cells]
        return cells

    def _cell(self, column: str, width: int, row: PartitionVerdict) -> Cell:
        number = row.lag.partition.partition
        match column:
            case "partition":
                return str(number)
            case "owner":
                owner = (self.owners or {}).get(number)
                if owner is None:
                    return signs.UNKNOWN.content if self.owners is None else signs.NONE.content
                return name_of(owner, width)
            case "committed":
                return self._committed(row, width)
            case "end":
                return count(row.lag.log_end_offset, width)
            case "lag":
                return self._lag(row, width)
            case "bar":
                return signs.bar(row.shown_lag, self._history.scale, width, style_of(row.verdict))
            case "spark":
                span = 300.0 if width >= 20 else 120.0
                values = self._history.spark(number, width, span)
                return signs.spark(values, width, self._history.scale, style_of(row.verdict))
            case "age":
                return self._age(row)
            case "in":
                return self._rate(row.trend.rate_in)
            case "out":
                return self._rate(row.trend.rate_out)
            case "empty":
                return self._empty_in(row)
            case _:
                return verdict_cell(row.verdict, stale=self.stale)

    @staticmethod
    def _committed(row: PartitionVerdict, width: int) -> Cell:
        if row.kept is Kept.UNSET:
            return signs.UNSET.content
        if row.kept is Kept.NOT_CONSUMED:
            return signs.NONE.content
        return count(row.lag.committed_offset, width)

    @staticmethod
    def _lag(row: PartitionVerdict, width: int) -> Cell:
        if row.kept is Kept.UNSET:
            return signs.UNSET.content
        if row.kept is Kept.NOT_CONSUMED:
            return signs.NONE.content
        text = count(row.shown_lag, width)
        return Content.styled(text, style_of(row.verdict)) if row.verdict.mark >= Mark.WORSE else text

    def _age(self, row: PartitionVerdict) -> Cell:
        """How old the oldest record is that is not committed, by the record itself or else by the looks at
        the log end; ``?``: neither is known.
        """
        lag = row.lag
        if lag.lag is None or lag.committed_offset is None:
            return signs.NONE.content
        found = age_of(lag, self.view.ages, time())
        if self.stale:
            return signs.UNKNOWN.content
        if found is None and len(self._lags) <= MOST and lag.partition not in self.view.ages:
            return signs.ELLIPSIS.content  # it is being looked up
        found = found or self._seen(row.oldest)
        return signs.UNKNOWN.content if found is None else shown_age(found)

    def _seen(self, oldest: Seen | None) -> Age | None:
        """The age of a record as the looks at the log end tell it."""
        lag = self._shown.lag
        return None if oldest is None or lag is None else oldest.age(lag.ends_taken_at)

    def _oldest(self) -> Age | None:
        """The age of the oldest record of all partitions; of very many, or where they cannot be looked up, as
        the looks at the log ends tell it.
        """
        ages, lags = self.view.ages, self._lags
        standing = self._shown.standing
        seen = None if standing is None else self._seen(standing.oldest)
        if len(lags) <= MOST:
            known = oldest(lags.values(), ages, time()) if ages else None
            return known or (seen if ages else None)
        found = [lags[str(place.partition)] for place in ages if str(place.partition) in lags]
        known = oldest(found, ages, time())
        if (
            known is None
            or known.bound is Bound.AT_MOST
            or (seen is not None and seen.seconds > known.seconds)
        ):
            return seen
        return Age(known.seconds, Bound.AT_LEAST)

    def _rate(self, per_second: float | None) -> Cell:
        if self.stale:
            return str(signs.UNKNOWN)
        return signs.ELLIPSIS.content if per_second is None else rate(per_second)

    def _empty_in(self, row: PartitionVerdict) -> Cell:
        if self.stale:
            return str(signs.UNKNOWN)
        if row.verdict in {Verdict.BEHIND, Verdict.STUCK}:
            return "never"
        return signs.NONE.content if row.empty_in is None else age(row.empty_in)

    def tick(self) -> None:
        super().tick()
        if self.view.ages and self._lags and not self.held:  # records grow older though nothing was read
            self._draw_total()
            if "age" in self.lines.column_keys:
                self.lines.repaint_changed()

    # edges

    def title(self) -> Content:
        return Content("")

    def footnote(self) -> Content:
        """The meaning of the row with the cursor, in a line; without a cursor, in which partition most of the
        lag is, if it is in one, else how many rows there are.
        """
        lag = self._lags.get(self.lines.cursor or "") if self._lags else None
        if lag is not None and self.lines.has_focus:
            row = self._row(lag)
            fault = lag.commit_fault or lag.end_fault
            text = shown(fault.text) if fault else row.hint
            if row.verdict is Verdict.BEYOND and lag.lag is not None:
                text = f"{count(lag.lag)} {text}"
            return Content(f"{lag.partition.partition}: {text}")
        if not self._lags:
            return Content("")
        skew = None if self._shown.standing is None else self._shown.standing.skew
        return Content(
            skew.sentence if skew is not None else f"{counted(len(self._lags), 'partition')} by number"
        )

    @on(LongList.Moved)
    def _moved(self, message: LongList.Moved) -> None:
        message.stop()
        self.draw_edges()

    @on(LongList.Chosen)
    def _chosen(self, message: LongList.Chosen) -> None:
        message.stop()
        self.notify("a partition opens nothing more: 2 shows who owns it, 4 its records", timeout=4)


def style_of(verdict: Verdict) -> str:
    """The colour of a verdict."""
    return signs.CATCHING.style if verdict is Verdict.CATCHING else signs.MARKS[verdict.mark].style


def verdict_sign(verdict: Verdict) -> Content:
    """The sign of a verdict."""
    if verdict is Verdict.CATCHING:
        return signs.CATCHING.content
    return signs.UNSET.content if verdict is Verdict.UNSET else signs.sign(verdict.mark)


def verdict_cell(verdict: Verdict, *, stale: bool) -> Content:
    """Sign and word of a verdict; if `stale`, with ``?`` after the sign, as the verdict may no longer be
    true.
    """
    if verdict is Verdict.MEASURING:
        return Content.assemble("  ", signs.ELLIPSIS.content)
    style = style_of(verdict) if verdict.mark <= Mark.OK else f"bold {style_of(verdict)}"
    mark = "?" if stale and verdict is not Verdict.UNKNOWN else ""
    return Content.assemble(verdict_sign(verdict), mark, " ", (verdict.word, style))
