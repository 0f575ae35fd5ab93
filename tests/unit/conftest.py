"""What all unit tests share."""

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _all_signs_afterwards() -> Iterator[None]:
    """A program that came as far as its screen chose the signs for all that comes after it."""
    yield
    if signs := sys.modules.get("kafkatui.widgets.signs"):
        signs.use_ascii(False)
