"""The program with prepared streams instead of a cluster."""

import sys
from contextlib import AsyncExitStack
from time import monotonic

from kafkatui.app import KafkaTui
from kafkatui.config import Config
from kafkatui.domain.cluster.reading import Reading
from kafkatui.screens.monitor import MonitorScreen
from kafkatui.watch.streams import Streams
from tests.ui.shop_data import NOW
from tests.ui.streams import prepared, shop_groups, shop_lag, shop_records, shop_topics


class MonitorApp(KafkaTui):
    """Shows the main screen at once."""

    def __init__(
        self,
        streams: Streams,
        *,
        ascii_only: bool = False,
        theme: str | None = None,
        group: str | None = None,
        anew: bool = False,
    ) -> None:
        """`group`: the one to begin with; `anew`: the program has seen nothing of the shop before."""
        super().__init__(Config(), AsyncExitStack(), ascii_only=ascii_only, theme=theme)
        self._streams = streams
        self._group = group
        self._anew = anew

    def begin(self) -> None:
        screen = MonitorScreen(self._streams, name="shop :9092", group=self._group)
        if not self._anew:
            look_back(screen)
        self.push_screen(screen)


def look_back(screen: MonitorScreen) -> None:
    """The shop's group was looked at for long enough to be judged: it commits, and keeps up."""
    for less in (3, 2, 1):
        at = NOW - 6 * less  # verdicts alone: no pane has shown anything yet
        for _ in screen.model._outlook.observe(shop_topics(at + 1, less=less), shop_groups(at, less=less)):
            pass


def shop(now: float = NOW) -> Streams:
    """A small healthy cluster, its newest answers `now` (monotonic seconds)."""
    return prepared(
        topics=[Reading(shop_topics(now - 1), taken_at=now), Reading(shop_topics(now + 1), taken_at=now)],
        groups=[Reading(shop_groups(now - 2), taken_at=now)],
        lags=lambda group, topic: [Reading(shop_lag(now, group, topic), taken_at=now)],
        tails=lambda topic: [Reading(shop_records(topic), taken_at=now)],
    )


if __name__ == "__main__":
    MonitorApp(shop(monotonic()), ascii_only="--ascii" in sys.argv).run()
