"""A lab on the screen, with a prepared observation in place of a cluster."""

from contextlib import AsyncExitStack
from typing import cast

from kafkatui.app import KafkaTui
from kafkatui.config import Config
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.lab_host import LabHost, LabWish
from kafkatui.labs.lab import Lab
from kafkatui.labs.lessons import lesson_named
from kafkatui.labs.observation import (
    Event,
    Ledger,
    Observation,
    SeenGroup,
    SeenMember,
    SeenPartition,
    SeenProgram,
)
from kafkatui.labs.run import Run
from kafkatui.screens.lab import LabScreen
from kafkatui.screens.labs import LabsScreen
from tests.ui.monitor_app import shop
from tests.ui.shop_data import SOON

ORDERS = tuple(TopicPartition("orders", number) for number in range(3))
ENDS = (25, 65, 30)


def read_by(group: str, events: list[Event]) -> None:
    """Add the events of a group that reads all of orders."""
    for place, end in zip(ORDERS, ENDS, strict=True):
        for offset in range(end):
            value = f"run:user-{place.partition:02}:{offset}"
            events.append(Event("done", SOON, f"{group}-1", group, place, offset, value))


def fan_out(*, written: bool) -> Observation:
    """The lab of independent groups, before or after the first burst."""
    events: list[Event] = []
    if written:
        events.append(Event("key", SOON - 1, "K"))
        read_by("billing", events)
        read_by("analytics", events)
    commits = dict(zip(ORDERS, ENDS, strict=True)) if written else {}
    groups = {
        "billing": SeenGroup(
            "Stable", (SeenMember("billing-1", ORDERS[:2]), SeenMember("billing-2", ORDERS[2:])), commits
        ),
        "analytics": SeenGroup("Stable", (SeenMember("analytics-1", ORDERS),), commits),
        "audit": SeenGroup("Dead", (), {}),
        "news": SeenGroup("Dead", (), {}),
    }
    logs = tuple(SeenPartition(0, end if written else 0, 1, (1,), (1,)) for end in ENDS)
    read = {"billing": sum(ENDS), "analytics": sum(ENDS)} if written else {}
    ledger = Ledger(events, len(events))
    return Observation(SOON, {"orders": logs}, groups, {}, (1,), ledger, read=read)


def rebalance() -> Observation:
    """The lab of rebalances: c1 has been there for a while, c2 has just come, c3 was killed."""
    places = tuple(TopicPartition("a", number) for number in range(6))
    events = [
        Event("started", SOON - 40, "c1", "work"),
        Event("assigned", SOON - 39, "c1", "work", partitions=places),
        Event("started", SOON - 10, "c2", "work"),
        Event("revoked", SOON - 9, "c1", "work", partitions=places),
        Event("assigned", SOON - 7, "c1", "work", partitions=places[:3]),
        Event("assigned", SOON - 7, "c2", "work", partitions=places[3:5]),
    ]
    members = (SeenMember("c1", places[:3]), SeenMember("c2", places[3:5]))
    programs = {
        "c1": SeenProgram("c1", "work"),
        "c2": SeenProgram("c2", "work", frozen=True),
        "c3": SeenProgram("c3", "work", alive=False),
    }
    topics = {"a": (SeenPartition(0, 5),) * 6, "b": (SeenPartition(0, 0),) * 3}
    groups = {"work": SeenGroup("Stable", members, {}, "range")}
    ledger = Ledger(events, len(events))
    return Observation(SOON, topics, groups, programs, (1,), ledger, turns=ledger)


class PreparedLab:
    """What a screen needs of a lab."""

    def __init__(self, seen: Observation) -> None:
        self.seen = seen
        self.resets = 0

    async def observe(self) -> Observation:
        """The prepared observation."""
        return self.seen

    def full(self, name: str) -> str:
        """The name on the cluster of a topic or a group."""
        return name

    def note_key(self, letter: str, detail: str = "") -> None:
        """A key was pressed."""

    async def reset(self) -> None:
        """Everything begins anew."""
        self.resets += 1


def lab_screen(name: str, language: str = "en", seen: Observation | None = None) -> LabScreen:
    """The screen of a lab."""
    lesson = lesson_named(name)
    assert lesson is not None
    lab = PreparedLab(fan_out(written=False) if seen is None else seen)
    run = Run(lesson, cast("Lab", lab))
    run.now = lab.seen
    return LabScreen(run, language, "Kafka 4.1.1 :9092", shop())


class LabApp(KafkaTui):
    """Shows one lab, or the list."""

    def __init__(
        self,
        name: str | None,
        language: str = "en",
        seen: Observation | None = None,
        *,
        ascii_only: bool = False,
    ) -> None:
        """`name` of the lab; ``None``: the list."""
        super().__init__(Config(), AsyncExitStack(), ascii_only=ascii_only)
        self._shown = (name, language, seen)

    def begin(self) -> None:
        name, language, seen = self._shown
        self._labs = LabHost(self, self._show, self._owned, self.config, LabWish(language))
        self.push_screen(LabsScreen(language) if name is None else lab_screen(name, language, seen))

    @property
    def lab(self) -> LabScreen:
        """The lab on the screen."""
        assert isinstance(self.screen, LabScreen)
        return self.screen
