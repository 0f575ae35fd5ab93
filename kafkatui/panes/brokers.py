"""The list of brokers: what each leads and holds, its place in the quorum, whether it is up."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.content import Content

from kafkatui.domain import figures
from kafkatui.domain.cluster.brokers import BrokerRow, ClusterBrokers, broker_rows
from kafkatui.domain.cluster.changes import ChangeKind
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.sorted_rows import SortedRows
from kafkatui.domain.text import clip_end, clip_middle, printable
from kafkatui.panes.list_columns import ListColumn, from_width, sort_values
from kafkatui.panes.list_pane import ListPane, list_bindings
from kafkatui.panes.pane import Pane
from kafkatui.watch.pace import Pace
from kafkatui.watch.view import ClusterView
from kafkatui.widgets import signs
from kafkatui.widgets.columns import Cell


@dataclass(frozen=True, slots=True)
class BrokerSource:
    """The values that drawing a line needs beside the row of the broker."""

    gone_at: Callable[[int], float | None]
    """When it was seen that a broker went, in monotonic seconds; ``None``: it was not seen."""
    now: float
    """Monotonic seconds of the newest answer."""
    asked: bool
    """Whether the quorum and the sizes were asked for already."""


def _mark(row: BrokerRow, width: int, source: BrokerSource) -> Cell:
    return signs.sign(row.mark)


def _id(row: BrokerRow, width: int, source: BrokerSource) -> Cell:
    return str(row.node_id)


def _address(row: BrokerRow, width: int, source: BrokerSource) -> Cell:
    if row.address is None:
        return signs.UNKNOWN.content
    address = printable(row.address, ascii=signs.ascii_only())
    return clip_middle(address, width, ellipsis=str(signs.ELLIPSIS))


def _rack(row: BrokerRow, width: int, source: BrokerSource) -> Cell:
    if row.rack is None:
        return signs.NONE.content
    return clip_end(printable(row.rack, ascii=signs.ascii_only()), width, ellipsis=str(signs.ELLIPSIS))


def _leads(row: BrokerRow, width: int, source: BrokerSource) -> Cell:
    return figures.count(row.leads, width) if row.is_up else signs.NONE.content


def _replicas(row: BrokerRow, width: int, source: BrokerSource) -> Cell:
    return figures.count(row.replicas, width)


def _lagging(row: BrokerRow, width: int, source: BrokerSource) -> Cell:
    if not row.lagging:
        return "0"
    return Content.styled(figures.count(row.lagging, width), f"{signs.WARNING} bold")


def _size(row: BrokerRow, width: int, source: BrokerSource) -> Cell:
    if row.size is not None:
        return figures.size(row.size)
    return (signs.UNKNOWN if source.asked else signs.ELLIPSIS).content


def _role(row: BrokerRow, width: int, source: BrokerSource) -> Cell:
    if row.role == "?":
        return (signs.UNKNOWN if source.asked else signs.ELLIPSIS).content
    behind = f" {figures.signed(-row.behind)}" if row.behind else ""
    return f"{row.role}{behind}"


def _state(row: BrokerRow, width: int, source: BrokerSource) -> Cell:
    if row.is_up:
        return Content.styled("up", signs.MUTED)
    at = source.gone_at(row.node_id)
    since = "" if at is None else f" {figures.age(max(0.0, source.now - at)).strip()}"
    return Content.styled(f"gone{since}", f"{signs.ERROR} bold")


TABLE: Sequence[ListColumn[BrokerRow, BrokerSource]] = (
    ListColumn("mark", "", from_width((0, 2)), _mark),
    ListColumn("id", "ID", from_width((0, 5)), _id, lambda row: row.node_id, "id", steady=True),
    ListColumn("address", "ADDRESS", from_width((0, 0)), _address, right=False),
    ListColumn("rack", "RACK", from_width((90, 12)), _rack, lambda row: row.rack, "rack", right=False),
    ListColumn("leads", "LEADS", from_width((40, 7)), _leads, lambda row: row.leads, "leads"),
    ListColumn("replicas", "REPLICAS", from_width((56, 8)), _replicas, lambda row: row.replicas, "replicas"),
    ListColumn(
        "lagging", "NOT IN SYNC", from_width((96, 11)), _lagging, lambda row: row.lagging, "not in sync"
    ),
    ListColumn("size", "SIZE", from_width((66, 9)), _size, lambda row: row.size, "size"),
    ListColumn("role", "ROLE", from_width((72, 16)), _role, lambda row: row.role, "role", right=False),
    ListColumn("state", "STATE", from_width((0, 11)), _state, right=False),
)
"""The columns of the list of brokers. A wider list has all columns of a narrower one, and more."""


class BrokersPane(ListPane[BrokerRow, BrokerSource]):
    """One line for each broker. Its stream reads quorum and sizes; all else is known from the topics."""

    NUMBER = 6
    NAME = "Brokers"
    SAYS_AGE_OF_ORDER = False
    BINDINGS: ClassVar[list[BindingType]] = list_bindings("brokers", "ids")

    def __init__(
        self,
        follow: Callable[[Callable[[], Mapping[str, int]], Pace], AsyncGenerator[Reading[ClusterBrokers]]]
        | None,
        pace: Pace,
        take: Callable[[Reading[ClusterBrokers]], None],
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """`follow`: the stream of the brokers, ``None``: there is none."""
        super().__init__(pace, take, TABLE, SortedRows(sort_values(TABLE), "id"), id=id)
        self._follow_brokers = follow

    def stream(self) -> AsyncGenerator[Reading[Any]] | None:
        return None if self._follow_brokers is None else self._follow_brokers(self._moving, self.pace)

    def _moving(self) -> Mapping[str, int]:
        """The topics with a partition that is being reassigned."""
        topics = self.view.topics.value
        return {} if topics is None else topics.moving

    def watch_topic(self) -> None:
        """Nothing changes: the list is the same whichever topic is selected."""

    def watch_group(self) -> None:
        """Nothing changes: the list is the same whichever group is selected."""

    def see(self, view: ClusterView) -> None:
        if self.reading.taken_at is None and self.reading.fault is None:
            self.set_reactive(Pane.reading, Reading(taken_at=view.topics_reading.taken_at))
        super().see(view)

    def parts(self) -> tuple[object, ...]:
        topics = self.view.topics
        return topics.value, topics.brokers_known, self.view.brokers_reading.value

    def show(self, reading: Reading[Any]) -> None:
        topics = self.view.topics
        if topics.value is None:
            self.say(f"asking the brokers {signs.ELLIPSIS} {self.loading_for:.0f} s", Mark.MOVING)
            return
        more = self.view.brokers_reading.value or ClusterBrokers()
        self.put(
            broker_rows(topics.value, topics.brokers_seen, topics.brokers_known, more),
            reading.taken_at or 0.0,
        )

    def nothing_listed(self) -> str:
        return "No broker is known."

    def mark_of(self, row: BrokerRow) -> Mark:
        return row.mark

    def source(self) -> BrokerSource:
        changes = self.view.happened.timeline.changes
        gone = {one.subject: one.at for one in reversed(changes) if one.kind is ChangeKind.BROKER_GONE}
        topics_at = self.view.topics_reading.taken_at or 0.0
        return BrokerSource(
            lambda node: gone.get(f"broker {node}"), topics_at, self.view.brokers_reading.value is not None
        )

    def title(self) -> Content:
        rows = self.listed.rows.values()
        up = sum(row.is_up for row in rows)
        return Content(f"{up:,} of {len(rows):,} up" if rows else "")

    def footnote(self) -> Content:
        """Why figures of the brokers are missing; else where the metadata quorum stands."""
        more = self.view.brokers_reading.value
        if more is None:
            return Content("")
        topics = self.view.topics.value
        moves = None if topics is None else topics.moves_fault
        said = [] if moves is None else [f"reassignments not known: {moves.text}"]
        said += [] if more.quorum_fault is None else [f"controller not known: {more.quorum_fault.text}"]
        said += [f"size of broker {node}: {fault.text}" for node, fault in more.disk_faults.items()][:1]
        quorum = more.quorum
        if quorum is not None and quorum.leader is None:
            said.append("no controller is active")
        elif quorum is not None and str(quorum.leader) not in self.listed.rows:
            voters = len(quorum.voters)
            said.append(
                f"controller {quorum.leader} of {voters} voter{'s' if voters > 1 else ''}, not a broker"
            )
        return Content(printable(f" {signs.SEPARATOR} ".join(said), ascii=signs.ascii_only()))

    def moved_to(self, key: str) -> None:
        """Nothing else changes."""

    def opened(self, key: str) -> None:
        """Nothing is behind a row."""
