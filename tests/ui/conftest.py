"""What the tests of the screen share: time stands still; nothing of this machine or an earlier test shows."""

import os
import sys
import time
from collections.abc import Iterator

import pytest

from kafkatui.widgets import signs
from tests.ui.shop_data import SOON, WALL

DRAWN = ("kafkatui.panes.", "kafkatui.screens.", "kafkatui.widgets.")
OF_A_TERMINAL = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "COLORTERM")
"""Variables that change what Textual draws."""


@pytest.fixture(autouse=True)
def _the_same_everywhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every pane and screen looks at `SOON` and `WALL`, in UTC, in a terminal with all colours and signs."""
    for name, module in list(sys.modules.items()):
        if name.startswith(DRAWN) and getattr(module, "monotonic", None) is time.monotonic:
            monkeypatch.setattr(module, "monotonic", lambda: SOON)
        if name.startswith(DRAWN) and getattr(module, "time", None) is time.time:
            monkeypatch.setattr(module, "time", lambda: WALL)
    for name in OF_A_TERMINAL:
        monkeypatch.delenv(name, raising=False)
    zone = os.environ.get("TZ")
    _use_zone("UTC")
    yield
    _use_zone(zone)
    signs.use_ascii(False)


def _use_zone(zone: str | None) -> None:
    if zone is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = zone
    time.tzset()
