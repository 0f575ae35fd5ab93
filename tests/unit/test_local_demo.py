"""The lines that the demo's shop writes, in any order."""

import json
from itertools import permutations
from pathlib import Path

import pytest

from kafkatui.local.demo import Demo
from kafkatui.local.processes import Keeper, Process

SERVICES = {"services": {"orders": 11, "clicks": 12}}
ORDERS, CLICKS = {"actor": "orders", "started": True}, {"actor": "clicks", "started": True}


@pytest.mark.parametrize("lines", permutations([SERVICES, ORDERS, CLICKS]))
async def test_a_service_may_begin_before_the_shop_has_written_the_names(
    lines: tuple[dict[str, object], ...], tmp_path: Path
) -> None:
    demo = Demo()
    demo._shop = Process("shop", 1, Keeper(tmp_path))
    for line in lines:
        demo._shop.add_line(json.dumps({"actor": "shop"} | line))
    details: list[str] = []
    await demo._services(lambda detail, **_: details.append(detail))
    assert demo.pids == SERVICES["services"]
    assert details[-1] == "2 of 2 services"
