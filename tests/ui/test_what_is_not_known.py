"""What is not known is not gone, and nothing is well before it was judged."""

from dataclasses import replace

from textual.pilot import Pilot

from kafkatui.domain.cluster.groups import ClusterGroups, GroupCommits
from kafkatui.domain.cluster.partitions import ClusterTopics
from kafkatui.domain.cluster.reading import Reading
from kafkatui.panes.pane import Pane
from kafkatui.screens.headlines import ProblemLine, StatusLine
from kafkatui.screens.monitor import MonitorScreen
from tests.faults import coded
from tests.ui.monitor_app import MonitorApp
from tests.ui.shop_data import NOW
from tests.ui.streams import Feed, shop_groups, shop_lag, shop_topics

SILENT = "groups of broker 2 are missing: refused: nothing listens there"


class Shop:
    """The main screen over readings given one by one."""

    def __init__(self, *, group: str | None = None) -> None:
        self.feed = Feed()
        self.streams = self.feed.streams(
            lambda group, topic: [Reading(shop_lag(NOW, group, topic), taken_at=NOW)]
        )
        self.app = MonitorApp(self.streams, group=group, anew=True)

    @property
    def screen(self) -> MonitorScreen:
        screen = self.app.screen
        assert isinstance(screen, MonitorScreen)
        return screen

    async def give(
        self, pilot: Pilot[None], topics: ClusterTopics | None = None, groups: ClusterGroups | None = None
    ) -> None:
        """Give readings, and wait until the screen has drawn them."""
        now = NOW
        if topics is not None:
            self.feed.topics.put_nowait(Reading(topics, taken_at=now))
        if groups is not None:
            self.feed.groups.put_nowait(Reading(groups, taken_at=now))
        for _ in range(3):
            await pilot.pause()
        self.screen._tick()

    @property
    def lines(self) -> tuple[str, str]:
        """Line 1 and line 2."""
        return (
            str(self.screen.query_one(StatusLine).render()),
            str(self.screen.query_one(ProblemLine).render()),
        )

    def said(self, pane: Pane) -> str:
        """The message in place of the body of a pane; empty: there is none."""
        return str(pane.query_one(".said").render()) if pane.has_class("-said") else ""

    def cells(self, topic: str) -> str:
        """The line of a topic in pane 1."""
        rows = self.screen.topics_pane.lines
        return rows.render_line(1 + rows.keys.index(topic)).text


async def test_the_coordinator_of_the_group_dies() -> None:
    """Nobody takes its place: neither another group in the selection, nor a smaller count."""
    at = NOW - 5
    billing, search = shop_groups(at), shop_groups(at, "search")
    both = ClusterGroups(billing.groups + search.groups, {**billing.commits, **search.commits})
    shop = Shop()
    async with shop.app.run_test(size=(160, 45)) as pilot:
        await shop.give(pilot, groups=both)
        assert "asking" in shop.lines[1]
        await shop.give(pilot, shop_topics(at + 1))
        assert shop.lines[1] == "◐ judging: 0 of 2 groups"
        assert "5 topics 2 groups" in shop.lines[0]
        await pilot.press("2", "right")
        assert (shop.screen.topic, shop.screen.group) == ("orders", "search")
        await pilot.pause()
        assert shop.cells("orders").split()[-2:] == ["2", "120"]

        why = coded("COORDINATOR_NOT_AVAILABLE")
        lost = replace(search.groups[0], members=None, fault=why)
        no_commits = {**billing.commits, "search": GroupCommits(fault=why, taken_at=at + 2)}
        await shop.give(
            pilot, shop_topics(at + 3), ClusterGroups((*billing.groups, lost), no_commits, notes=(SILENT,))
        )
        assert shop.screen.group == "search"
        assert "5 topics ≥2 groups" in shop.lines[0]
        assert shop.cells("orders").split()[-2:] == ["≥2", "?"]
        assert shop.cells("clicks").split()[-2:] == ["?", "?"]
        assert "billing" not in "".join(str(pane.border_title) for pane in shop.screen.panes)
        await pilot.press("c", "escape")

        # asked again, a broker that has just taken over does not list it: pane 2 says why it waits
        await shop.give(pilot, groups=replace(billing, notes=(SILENT,)))
        assert shop.screen.group == "search"
        assert shop.said(shop.screen.assignments_pane) == f"? Group search is not listed: {SILENT}"
        await shop.give(pilot, shop_topics(at + 4), groups=both)
        assert shop.said(shop.screen.assignments_pane) == ""
        assert "5 topics 2 groups" in shop.lines[0]
        assert shop.cells("orders").split()[-2] == "2"


async def test_a_user_who_may_not_describe_groups() -> None:
    """An empty list is not "no group reads it"; and the group asked for by name is waited for."""
    at = NOW - 5
    none = ClusterGroups(lists_all=False)
    shop = Shop()
    async with shop.app.run_test(size=(160, 45)) as pilot:
        await shop.give(pilot, shop_topics(at), none)
        assert "5 topics ? groups" in shop.lines[0]
        only = "only groups that this user may describe are listed"
        assert shop.lines[1] == f"? no problem is known, but {only}"
        topic = shop.screen.topic
        for pane in (shop.screen.assignments_pane, shop.screen.offsets_pane):
            assert shop.said(pane) == f"? It is not known whether a group reads {topic}: {only}."
        assert shop.cells("orders").split()[-2:] == ["?", "?"]
        await shop.give(pilot, groups=ClusterGroups())
        assert shop.lines[1] == "● all well"
        assert shop.said(shop.screen.assignments_pane) == f"○ No group reads {topic}."
        assert shop.cells("orders").split()[-2:] == ["0", "–"]

    shop = Shop(group="payroll")
    async with shop.app.run_test(size=(160, 45)) as pilot:
        await shop.give(pilot, shop_topics(at), replace(shop_groups(at), lists_all=False))
        assert shop.screen.group == "payroll"
        said = shop.said(shop.screen.assignments_pane)
        assert said == "? There is no group payroll, or this user may not describe it."
        await shop.give(pilot, groups=shop_groups(at))
        assert shop.screen.group == "billing"


async def test_what_stopped_groups_have_left_counts() -> None:
    at = NOW - 5
    groups = shop_groups(at)
    stopped = replace(groups.groups[0], state="Empty", members=())
    shop = Shop()
    async with shop.app.run_test(size=(160, 45)) as pilot:
        await shop.give(pilot, shop_topics(at + 1), replace(groups, groups=(stopped,)))
        assert shop.lines[1] == "● all well   ○ 1 stopped, 60 behind"
