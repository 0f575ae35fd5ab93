"""No figure is cut in any column of any list, whatever its value and however narrow the pane."""

from dataclasses import replace

from textual.app import App, ComposeResult
from textual.content import Content
from textual.pilot import Pilot
from textual.widget import Widget

from kafkatui.domain.cluster.groups import ClusterGroups
from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.partitions import ClusterTopics, Partition, Topic, TopicLog
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.cluster.topics_view import TopicUsage
from kafkatui.domain.lag.standings import Standing
from kafkatui.domain.lag.trends import NOTHING_KNOWN
from kafkatui.domain.lag.verdicts import Verdict
from kafkatui.domain.problems import Problem
from kafkatui.domain.rebalance.timeline import Timeline
from kafkatui.domain.records.records import TailNews
from kafkatui.panes.tail import TailPane
from kafkatui.screens.headlines import ProblemLine, Status, StatusLine
from kafkatui.screens.picker import Picker
from kafkatui.watch.pace import Pace
from kafkatui.widgets import signs
from kafkatui.widgets.lines import Lines
from tests.group_builders import classic, lag, member, rebalancing
from tests.ui.event_app import events
from tests.ui.group_panes import assignments, looks, offsets
from tests.ui.pane_app import PaneApp, TopicsAlone, stream_of
from tests.ui.shop_data import NOW, record

MOST = 2**63 - 1
SIZES = ((58, 16), (80, 24), (68, 20), (102, 20), (198, 30))


async def all_figures_are_whole(pilot: Pilot[None], *texts: str) -> None:
    """In every list of the app, at every size; `texts` are seen somewhere at the widest."""
    seen = ""
    for size in SIZES:
        await pilot.resize_terminal(*size)
        for _ in range(3):
            await pilot.pause()
        for rows in pilot.app.screen.query("LongList, Stream"):
            assert isinstance(rows, Lines)
            drawn = [rows.render_line(y).text for y in range(rows.size.height)]
            seen = "\n".join((seen, *drawn))
            for row in range(rows.top, min(rows.end_row, rows.top + rows.rows_shown)):
                cells = rows.row_cells(row)
                line = drawn[row - rows.top + 1].split()
                for column, cell in zip(rows._columns, cells, strict=False):
                    if column.right and len(cells) == len(rows._columns) and str(cell).strip():
                        words = str(cell).split()
                        assert all(word in line for word in words), (size, column.key, str(cell), line)
    for text in texts:
        assert text in seen


async def test_topics() -> None:
    def shop(at: float, step: int) -> Reading[ClusterTopics]:
        partitions = tuple(Partition(number, 1, 0, (1, 2, 3), (1, 2, 3)) for number in range(12_000))
        ends = {"huge": MOST - step, "open": 2_000 * step, "small": 7}
        topics = tuple(Topic(name, partitions[: 12_000 if name == "huge" else 2_000]) for name in ends)
        logs = {
            topic.name: TopicLog(
                (0,) * len(topic.partitions), (ends[topic.name],) * len(topic.partitions), at
            )
            for topic in topics
        }
        return Reading(ClusterTopics(topics=topics, logs=logs), taken_at=at)

    readings = [shop(NOW - 1, 10**14), shop(NOW, 1)]
    usage = {
        "huge": TopicUsage(15_000, 10**22, 0, Mark.WORSE),
        "open": TopicUsage(999, 999_999, 1),
        "small": TopicUsage(1_000, MOST, 0),
    }
    async with PaneApp(lambda: TopicsAlone(readings, Pace(2.0), usage)).run_test(size=(48, 16)) as pilot:
        await all_figures_are_whole(pilot, "12,000", "2,000", "15K", "999,999", "≤110.7Z")


async def test_offsets() -> None:
    reading = lag([0, MOST, 5, None, 12_345_678], [MOST, 0, 5, MOST, 999_999_999_999], NOW)
    past = replace(lag([0, 0, 0, None, 0], [1, 0, 5, MOST - 9, 9], NOW - 5), ends_taken_at=NOW - 5)
    app = offsets([Reading(past, taken_at=NOW - 5), Reading(reading, taken_at=NOW)])
    async with app.run_test(size=(48, 16)) as pilot:
        await all_figures_are_whole(pilot, "9.223E", "12,345,678")
        for width in range(30, 100, 7):
            await pilot.resize_terminal(width, 16)
            await pilot.pause()
            total = str(app.pane.query_one("#total").render())
            assert not total.rstrip("…").endswith(tuple("0123456789,.")) or "…" not in total


async def test_members() -> None:
    group = classic(member("c1", *range(2_000)), member("c2", *range(2_000, 2_500)))
    behind = lag([0] * 2_500, [MOST] * 2_500, NOW)
    app = assignments(looks((1.0, group)), partitions=12_500, lag=behind)
    async with app.run_test(size=(48, 16)) as pilot:
        await all_figures_are_whole(pilot, "2,000", "500")
        assert "10,000" in str(app.pane.query_one("#nobody").render())


async def test_tail() -> None:
    news = TailNews((record(MOST, partition=2**31 - 1), record(0, partition=0)), rate=1e12, partitions=2)

    def made() -> TailPane:
        return TailPane(lambda topic, pace: stream_of([Reading(news, taken_at=NOW)]), Pace(1.0))

    async with PaneApp(made, topic="orders").run_test(size=(48, 16)) as pilot:
        await all_figures_are_whole(pilot, f"{MOST:,}", str(2**31 - 1))


async def test_groups_to_pick_from() -> None:
    standings = [
        Standing("orders", f"group-{number}", behind, 0, 0, 0, 1, True, NOTHING_KNOWN, Verdict.BEHIND)
        for number, behind in enumerate((0, MOST, 10**22, 12_345_678_901))
    ]
    app: App[None] = App()
    signs.use_ascii(False)
    async with app.run_test(size=(58, 16)) as pilot:
        await app.push_screen(Picker("Groups", "group", standings, None))
        await all_figures_are_whole(pilot, "10.00Z", "9.223E", "12.35G")


class HeadlinesApp(App[None]):
    """Both lines above the panes."""

    def compose(self) -> ComposeResult:
        yield StatusLine()
        yield ProblemLine()


def drawn(line: Widget) -> Content:
    found = line.render()
    assert isinstance(found, Content)
    return found


async def test_headlines() -> None:
    signs.use_ascii(False)
    status = Status(
        name="cluster-" + "9" * 80,
        brokers_up=9_999,
        brokers_known=10_000,
        version="4.1",
        topics=123_456,
        groups=15_000,
        requests_per_second=1e12,
        bytes_per_second=1e18,
        interval=30.0,
        oldest=1e12,
    )
    problem = Problem(Mark.WORSE, "orders", "billing", "falling behind, +4,100/s, 1,412,345,678 behind", 0.0)
    app = HeadlinesApp()
    async with app.run_test(size=(60, 16)) as pilot:
        app.query_one(StatusLine).status = status
        app.query_one(ProblemLine).problems = [problem, replace(problem, topic="clicks-2024")]
        for width in range(60, 200, 9):
            await pilot.resize_terminal(width, 16)
            await pilot.pause()
            first, second = [drawn(app.query_one(line)) for line in (StatusLine, ProblemLine)]
            assert first.cell_length <= width - 2
            assert second.cell_length <= width - 2
            assert "9,999/10,000 brokers" in first.plain
            assert first.plain.endswith(" 30s │ >9999 d ago")
            said = second.plain.partition("…")[0] if "…" in second.plain else ""
            assert not said.endswith(tuple("0123456789,.+"))


async def test_rebalances_of_all_groups() -> None:
    """12,000 of 12,000 partitions moved."""
    timeline = Timeline()
    everything = range(12_000)
    for at, group in (
        (NOW - 2_000, classic(member("c1", *everything))),
        (NOW - 1_999, rebalancing("c2")),
        (NOW, classic(member("c2", *everything))),
    ):
        for _ in timeline.observe(ClusterGroups((group,)), at):
            pass
    async with events(timeline).run_test(size=(104, 16)) as pilot:
        await all_figures_are_whole(pilot, "12,000 of 12,000")
