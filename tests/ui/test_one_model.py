"""What is known does not depend on what is drawn: a pane that is held or hidden changes no figure."""

from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from kafkatui.domain.cluster.groups import ClusterGroups
from kafkatui.domain.cluster.reading import Reading
from kafkatui.screens.monitor import MonitorScreen
from tests.group_builders import classic, member, rebalancing
from tests.headless import known
from tests.ui.monitor_app import MonitorApp
from tests.ui.shop_data import NOW
from tests.ui.streams import Feed, shop_groups, shop_lag, shop_topics

LOOKS = (
    rebalancing("c1", "c2", "c3"),
    classic(member("c1", 0, 1), member("c2", 3, 4), member("c3", 2, 5)),
)


async def known_after(size: tuple[int, int], *keys: str) -> tuple[dict[str, Any], str]:
    """What is known after a rebalance that comes in once these keys were pressed, and what pane 2 shows."""
    feed = Feed()
    app = MonitorApp(feed.streams(lambda group, topic: [Reading(shop_lag(NOW, group, topic), taken_at=NOW)]))
    async with app.run_test(size=size) as pilot:
        await tell(pilot, feed, Reading(shop_groups(NOW - 2), taken_at=NOW))
        await pilot.press(*keys)
        for step, group in enumerate(LOOKS, 1):
            groups = replace(shop_groups(NOW - 2), groups=(replace(group, described_at=NOW + step),))
            await tell(pilot, feed, Reading(groups, taken_at=NOW + step))
        screen = app.screen
        assert isinstance(screen, MonitorScreen)
        for _ in screen.model.digest():
            pass
        drawn = " ".join(screen.assignments_pane.members.keys)
        return known(screen.view, "orders"), drawn


async def tell(pilot: Pilot[None], feed: Feed, groups: Reading[ClusterGroups]) -> None:
    feed.topics.put_nowait(Reading(shop_topics(NOW - 1), taken_at=NOW))
    feed.groups.put_nowait(groups)
    await pilot.pause()
    await pilot.pause()


@pytest.mark.parametrize(
    ("size", "keys"),
    [((120, 40), ("space",)), ((80, 24), ("3",)), ((120, 40), ("4", "z")), ((50, 12), ())],
    ids=["held", "another tab", "zoomed away", "too small"],
)
async def test_a_pane_that_is_held_or_hidden_changes_nothing_that_is_known(
    size: tuple[int, int], keys: tuple[str, ...]
) -> None:
    seen, drawn = await known_after((120, 40))
    assert seen["rebalances"]
    assert len(set(seen["owners"].values())) == 3
    assert "c3" in drawn
    other, drawn = await known_after(size, *keys)
    assert other == seen
    if keys == ("space",):
        assert "c3" not in drawn
