"""What is shown under a title belongs to it, in every frame: rows of the group or topic before are a lie."""

import asyncio
import re
from collections.abc import AsyncGenerator
from dataclasses import replace

from kafkatui.domain.cluster.groups import ClusterGroups, Group, GroupCommits, GroupKind, Member
from kafkatui.domain.cluster.partitions import TopicPartition
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.lag.lag import GroupLag, PartitionLag
from kafkatui.domain.records.records import TailNews
from kafkatui.watch.pace import Pace
from kafkatui.watch.streams import Streams
from tests.ui.frames import FramesApp
from tests.ui.shop_data import NOW
from tests.ui.streams import prepared, shop_records, shop_topics
from tests.ui.test_monitor import settle

TOPICS = ("apples", "bananas", "cherries")
GROUPS = ("a", "b", "c")
SIZE = (100, 30)
TITLE = re.compile(r"([23]) (?:Assignments|Offsets) .* (\w+) · ‹ (\w+) ›")


def committed(group: str, topic: str) -> int:
    """Another figure for each group and topic, in the first of the two partitions."""
    return 10 + 10 * GROUPS.index(group) + TOPICS.index(topic)


def three_groups() -> Streams:
    """Three groups of two members on three topics; lag is answered a moment after it is asked for."""
    at = NOW
    topics = shop_topics(at, TOPICS)
    topics = replace(
        topics, topics=tuple(replace(topic, partitions=topic.partitions[:2]) for topic in topics.topics)
    )
    groups = tuple(
        Group(
            name,
            GroupKind.CLASSIC,
            "Stable",
            "range",
            1,
            tuple(
                Member(
                    f"{name}-{number}",
                    f"{name}-{number}",
                    "10.0.0.7",
                    assignment=tuple(TopicPartition(topic, number) for topic in TOPICS),
                    subscription=TOPICS,
                )
                for number in range(2)
            ),
            described_at=at,
        )
        for name in GROUPS
    )
    commits = {
        group: GroupCommits(
            {TopicPartition(topic, number): committed(group, topic) for topic in TOPICS for number in (0, 1)},
            taken_at=at,
        )
        for group in GROUPS
    }

    async def lag(group: str, topic: str, pace: Pace) -> AsyncGenerator[Reading[GroupLag]]:
        await asyncio.sleep(0.02)  # the screen paints in between
        now = NOW
        rows = tuple(
            PartitionLag(TopicPartition(topic, number), committed(group, topic), 0, 100) for number in (0, 1)
        )
        yield Reading(GroupLag(group, topic, rows, now), taken_at=now)
        await asyncio.Event().wait()

    streams = prepared(
        topics=[Reading(topics, taken_at=at)],
        groups=[Reading(ClusterGroups(groups, commits), taken_at=at)],
    )
    return replace(streams, group_lag=lag)


def strangers(frame: list[str]) -> list[str]:
    """Lines of panes 2 and 3 in a frame that belong to another group or topic than their title says."""
    pane, wrong = "", []
    group = topic = None
    for line in frame[2:]:
        if (
            title := re.search(r"([234]) (?:Assignments|Offsets|Tail).* (\w+) · ‹ (\w+) ›", line)
        ) is not None:
            pane, topic, group = title.groups()
        elif "Tail" in line:
            break
        elif pane == "2" and (member := re.search(r" (\w+)-[01] 10\.0", line)) is not None:
            wrong += [line] if member[1] != group else []
        elif pane == "3" and (row := re.search(r" ([01]) (\S+) +(\d\d) +100 ", line)) is not None:
            assert group is not None
            assert topic is not None
            right = row[2] in {f"{group}-{row[1]}", "–", "?"} and int(row[3]) == committed(group, topic)
            wrong += [] if right else [line]
    return wrong


async def test_no_frame_shows_rows_of_the_selection_before() -> None:
    app = FramesApp(three_groups(), *SIZE)
    async with app.run_test(size=SIZE) as pilot:
        screen = await settle(pilot)
        for pane, held, keys in (
            ("1", False, 5 * ("down", "down", "up", "up")),
            ("2", False, 20 * ("right",)),
            ("3", False, 20 * ("left",)),
            ("3", True, 4 * ("right",)),
        ):
            await pilot.press(pane, *("space",) * held)
            for key in keys:
                before = screen.topic, screen.group
                app.simulate_key(key)
                while (screen.topic, screen.group) == before or screen.offsets_pane.has_class("-said"):
                    await pilot.pause(0.002)
            await pilot.pause()
            shown = "\n".join(app.frames[-1])
            assert f"{screen.group}-0" in shown
            assert f" {committed(screen.group or '', screen.topic or '')} " in shown
    assert len(app.frames) > 60
    assert [lines for frame in app.frames if (lines := strangers(frame))] == []


async def test_no_frame_shows_records_of_the_topic_before() -> None:
    """Records come one look after the other, as fast as they can; some topics hold none."""

    async def records(topic: str, pace: Pace) -> AsyncGenerator[Reading[TailNews]]:
        for look in range(1000):
            await asyncio.sleep(0.02)
            came = tuple(
                replace(one, value=f"value of {topic}".encode()) for one in shop_records(topic, 3).records
            )
            news = TailNews(came if topic != "bananas" else (), partitions=2)
            yield Reading(news, taken_at=NOW + look)

    size = (120, 40)
    app = FramesApp(replace(three_groups(), tail=records), *size)
    round_trip = ("down", "down", "up", "up")
    async with app.run_test(size=size) as pilot:
        screen = await settle(pilot)

        async def caught_up() -> None:
            """Until the newest frame has what there is of the selected topic."""
            words = "No records" if screen.topic == "bananas" else f"value of {screen.topic}"
            while words not in "".join(app.frames[-1]):
                await pilot.pause(0.002)

        for times, press in ((2, "1"), (1, "space")):
            await pilot.press(press)
            await caught_up()
            for key in times * round_trip:
                before = screen.topic
                app.simulate_key(key)
                while screen.topic == before:
                    await pilot.pause(0.002)
                await caught_up()
        for key in 2 * round_trip:  # faster than anything is answered
            before = screen.topic
            app.simulate_key(key)
            while screen.topic == before:
                await pilot.pause(0)
        await caught_up()
    seen = set()
    for frame in app.frames:
        top = next((place for place, line in enumerate(frame) if " 4 Tail " in line), None)
        if top is None:
            continue
        title = re.search(r"(\w+) · all partitions", frame[top])
        shown = {name for line in frame[top + 1 :] for name in re.findall(r"value of (\w+)", line)}
        seen |= shown
        assert shown <= ({title[1]} if title else set()), "\n".join(frame)
    assert seen == {"apples", "cherries"}
