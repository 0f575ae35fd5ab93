"""Names that cannot be seen are seen: a group named "" or of blanks stands in quotes wherever it is named."""

import re

import pytest

from kafkatui.domain.cluster.marks import Mark
from kafkatui.domain.cluster.reading import Reading
from kafkatui.domain.problems import Problem
from kafkatui.screens.headlines import describe
from tests.ui.monitor_app import MonitorApp
from tests.ui.shop_data import NOW
from tests.ui.streams import prepared, shop_groups, shop_lag, shop_records, shop_topics
from tests.ui.test_monitor import settle


@pytest.mark.parametrize("name", ["", "   "])
async def test_a_group_without_a_visible_name(name: str) -> None:
    streams = prepared(
        topics=[Reading(shop_topics(NOW), taken_at=NOW)],
        groups=[Reading(shop_groups(NOW - 2, name), taken_at=NOW)],
        lags=lambda group, topic: [Reading(shop_lag(NOW, group, topic), taken_at=NOW)],
        tails=lambda topic: [Reading(shop_records(topic), taken_at=NOW)],
    )
    app = MonitorApp(streams)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        assert screen.group == name
        seen = "\n".join(
            "".join(segment.text for segment in strip) for strip in screen._compositor.render_strips()
        )
        assert seen.count(f'‹ "{name}" ›') == 2  # over the assignments and over the offsets
        assert re.search(rf'│"{name}" [●◐]', seen)
        await pilot.press("c")
        await pilot.pause()
        picker = "\n".join(
            "".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()
        )
        assert f'"{name}"' in picker
    assert describe(Problem(Mark.BROKEN, "orders", name, "stuck", 0.0)) == f'orders ← "{name}": stuck'
