"""The questions of someone on call, and the keys that answer each: three at most, from the start of the
program.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widget import Widget

from kafkatui.domain.cluster.groups import ClusterGroups, GroupCommits
from kafkatui.domain.cluster.partitions import Broker, ClusterTopics, Partition, Topic, TopicPartition
from kafkatui.domain.cluster.reading import Reading
from kafkatui.screens.monitor import MonitorScreen
from tests.ui import group_stories as stories
from tests.ui.monitor_app import MonitorApp
from tests.ui.shop_data import NOW
from tests.ui.streams import prepared, shop_groups, shop_lag, shop_records, shop_topics
from tests.ui.waiting import until


def topics(at: float) -> ClusterTopics:
    """The shop on two of three brokers; two partitions of ``audit`` lack a replica on the third."""
    found = shop_topics(at)
    thin = tuple(
        Partition(number, 1, 0, (1, 3), (1,)) if number < 2 else Partition(number, 1, 0, (1,), (1,))
        for number in range(6)
    )
    return replace(
        found,
        brokers=(Broker(1, "127.0.0.1", 9092), Broker(2, "127.0.0.1", 9093)),
        topics=tuple(replace(one, partitions=thin) if one.name == "audit" else one for one in found.topics),
    )


def groups(at: float) -> ClusterGroups:
    """``billing`` reads orders; ``search`` reads clicks, and its commit is past the end."""
    billing, search = shop_groups(at), shop_groups(at, "search", "clicks")
    beyond = GroupCommits({TopicPartition("clicks", number): 500 for number in range(6)}, taken_at=at)
    return ClusterGroups(
        billing.groups + search.groups, {**billing.commits, "search": beyond}, commits_taken_at=at
    )


def cluster() -> MonitorApp:
    before = topics(NOW - 1)
    third = replace(before, brokers=(*before.brokers, Broker(3, "127.0.0.1", 9094)))
    whole = tuple(
        Topic(one.name, tuple(part._replace(isr=part.replicas) for part in one.partitions))
        for one in before.topics
    )
    return MonitorApp(
        prepared(
            topics=[
                Reading(replace(third, topics=whole), taken_at=NOW - 1),
                Reading(topics(NOW + 1), taken_at=NOW),
            ],
            groups=[Reading(groups(NOW - 2), taken_at=NOW)],
            lags=lambda group, topic: [Reading(shop_lag(NOW, group, topic), taken_at=NOW)],
            tails=lambda topic: [Reading(shop_records(topic), taken_at=NOW)],
        )
    )


def on_screen(pilot: Pilot[None]) -> str:
    """Everything that the terminal shows, lines joined by line ends; titles of frames included."""
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in strips)


QUESTIONS = {
    "which group is worst, and why?": (["5"], ["search", "beyond"]),
    "why exactly, and who are its members?": (["5", "d"], ["commit past the end on clicks", "MEMBER"]),
    "who owns this partition?": (["5", "enter", "2"], ["c1", "0 1 2 3 4 5"]),
    "what is under-replicated, and where?": (["6"], ["audit/0", "audit/1", "not fully in sync"]),
    "which broker is gone?": (["6"], ["2 of 3 up", "gone"]),
    "what are the newest records?": (["4"], ["user-04"]),
    "when was the last rebalance?": (["H"], ["c1 crashed"]),
    "what happened to the brokers?": (["H"], ["broker 3 is gone"]),
    "who commits seldom, or not at all?": (["5", "d"], ["OUT/S"]),
    "what is wrong now?": ([], ["broker 3 is gone"]),
}


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_question_of_someone_on_call_takes_at_most_three_keys(question: str) -> None:
    keys, answers = QUESTIONS[question]
    assert len(keys) <= 3
    app = cluster()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, MonitorScreen)
        await until(pilot, lambda: screen.topic is not None and len(screen.view.groups.rows) == 2)
        await until(pilot, lambda: bool(screen.view.problems) and screen.view.groups.judged)
        stories.take_in(screen.view.happened.timeline, "billing", *stories.crashed())
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        found: Callable[[], bool] = lambda: all(answer in on_screen(pilot) for answer in answers)  # noqa: E731
        try:
            await until(pilot, found)
        except TimeoutError:
            raise AssertionError(on_screen(pilot)) from None
        assert isinstance(pilot.app.screen, Widget)
