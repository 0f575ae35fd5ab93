"""The rows of a list: which of them are listed, and in which order. Knows nothing of Kafka or of widgets."""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

Row = TypeVar("Row")

GONE_FOR = 10.0
"""Seconds for which a row stays listed, struck through, after the thing it stands for is gone."""

Value = str | float | None
"""The value of a row in the column that rows are sorted by; ``None``: not known."""


class SortedRows(Generic[Row]):
    """Rows by key. The order changes only when the user asks for it: new rows come in at their place, and
    those that are gone stay `GONE_FOR` seconds. Times are monotonic seconds, given by the caller.
    """

    def __init__(
        self,
        values: Mapping[str, Callable[[Row], Value]],
        column: str,
        *,
        hidden: Callable[[Row], bool] = lambda row: False,
        when_gone: Callable[[Row], Row] = lambda row: row,
        searched: Callable[[Row], str] | None = None,
    ) -> None:
        """`values`: by name of a column, the value of a row in it; `column`: sorts the rows at the start;
        `hidden`: whether a row is listed only after `show_hidden`; `when_gone`: makes the row that is shown
        after it is gone; `searched`: the text of a row that a filter searches, ``None``: its key.
        """
        self.column = column
        self.descending = False
        self.pattern = ""
        """What a key, or the text searched in its place, must contain; empty: no filter."""
        self.shows_hidden = False
        """Whether hidden rows are listed too."""
        self.rows: Mapping[str, Row] = {}
        """All rows, gone ones included."""
        self.gone: dict[str, float] = {}
        """Rows that are gone and still listed, and the second at which that was seen."""
        self.keys: tuple[str, ...] = ()
        """The keys of the listed rows, top to bottom."""
        self.sorted_at: float | None = None
        """When the figures were read by which the rows are sorted; ``None``: never sorted."""
        self._values = values
        self._hidden = hidden
        self._when_gone = when_gone
        self._searched = searched
        self._order: list[str] = []
        """All keys in order, those of rows that are not listed included."""
        self._read_at: float | None = None

    @property
    def total(self) -> int:
        """How many rows there are; hidden ones count only while they are listed."""
        return len(self.rows) - self.hidden - len(self.gone)

    @property
    def hidden(self) -> int:
        """How many rows are hidden."""
        return 0 if self.shows_hidden else sum(map(self._hidden, self.rows.values()))

    def is_hidden(self, key: str) -> bool:
        """Whether the row is listed only after `show_hidden`."""
        return self._hidden(self.rows[key])

    def show(self, rows: Mapping[str, Row], at: float) -> None:
        """Take in new figures, read at `at`; the rows keep their order."""
        merged = dict(rows)
        for key, row in self.rows.items():
            if key not in rows:
                since = self.gone.setdefault(key, at)
                if at - since < GONE_FOR:
                    merged[key] = self._when_gone(row)
        self.gone = {key: since for key, since in self.gone.items() if key in merged and key not in rows}
        self.rows, self._read_at = merged, at
        if not self._order:
            self.sort()
            return
        known = set(self._order)
        new = [key for key in merged if key not in known]
        kept = [key for key in self._order if key in merged]
        self._order = self._placed(kept, new) if new else kept
        self._list()

    def forget(self, now: float) -> None:
        """Drop the rows that are gone for long enough."""
        late = {key for key, since in self.gone.items() if now - since >= GONE_FOR}
        if late:
            self.rows = {key: row for key, row in self.rows.items() if key not in late}
            self.gone = {key: since for key, since in self.gone.items() if key not in late}
            self._order = [key for key in self._order if key not in late]
            self._list()

    def sort(self, column: str | None = None, descending: bool | None = None) -> None:
        """Sort the rows by their newest figures. `column` and `descending`: ``None`` leaves them as they
        are.
        """
        self.column = self.column if column is None else column
        self.descending = self.descending if descending is None else descending
        self.sorted_at = self._read_at
        self._order = self._in_order(self.rows)
        self._list()

    def filter(self, pattern: str) -> None:
        """List only rows that match the pattern; see `matching`."""
        self.pattern = pattern
        self._list()

    def show_hidden(self, on: bool) -> None:
        """List hidden rows too, or not."""
        self.shows_hidden = on
        self._list()

    def _list(self) -> None:
        """Filter all rows in one pass."""
        rows, hidden, keys = self.rows, self._hidden, self._order
        if not self.shows_hidden:
            keys = [key for key in keys if not hidden(rows[key])]
        if pattern := self.pattern:
            matches = matching(pattern)
            searched = self._searched
            keys = [key for key in keys if matches(key if searched is None else searched(rows[key]))]
        self.keys = tuple(keys)

    def _in_order(self, rows: Mapping[str, Row]) -> list[str]:
        """Keys sorted by the column; equal ones by key, unknown ones always last."""
        value = self._values[self.column]
        values = {key: value(rows[key]) for key in sorted(rows)}
        known = [key for key, found in values.items() if found is not None]
        known.sort(key=values.__getitem__, reverse=self.descending)  # type: ignore[arg-type] # of one type
        return known + [key for key, found in values.items() if found is None]

    def _placed(self, kept: list[str], new: list[str]) -> list[str]:
        """The kept keys in their order, with each new key put before the first kept one that sorts after
        it.
        """
        fresh = self._in_order({key: self.rows[key] for key in new})
        placed: list[str] = []
        place = 0
        for key in kept:
            while place < len(fresh) and self._before(fresh[place], key):
                placed.append(fresh[place])
                place += 1
            placed.append(key)
        return placed + fresh[place:]

    def _before(self, key: str, other: str) -> bool:
        """Whether a row sorts before another by their newest figures."""
        value = self._values[self.column]
        mine, others = value(self.rows[key]), value(self.rows[other])
        if mine == others:
            return key < other
        if mine is None or others is None:
            return others is None
        return (mine > others) if self.descending else (mine < others)  # type: ignore[operator] # of one type


def matching(pattern: str) -> Callable[[str], bool]:
    """A function that says whether a key contains `pattern`. A pattern without capital letters ignores
    case.
    """
    if pattern != pattern.lower():
        return lambda key: pattern in key
    return lambda key: pattern in key.lower()
