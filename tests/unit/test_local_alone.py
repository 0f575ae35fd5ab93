"""The lock that one of several kafkatui processes holds."""

import asyncio
from pathlib import Path

import pytest

from kafkatui.errors import LocalClusterError
from kafkatui.local.alone import alone


async def test_the_second_waits_until_the_first_is_done_and_says_so_once(tmp_path: Path) -> None:
    order: list[str] = []
    waits = asyncio.Event()

    def waiting() -> None:
        order.append("second waits")
        waits.set()

    async def second() -> None:
        async with alone(tmp_path / "lock", waiting):
            order.append("second")

    async with alone(tmp_path / "lock", lambda: order.append("first waits")):
        task = asyncio.create_task(second())
        await waits.wait()
        order.append("first")
    await task
    assert order == ["second waits", "first", "second"]


async def test_waiting_for_the_lock_can_be_cancelled(tmp_path: Path) -> None:
    waits = asyncio.Event()

    async def second() -> None:
        async with alone(tmp_path / "lock", waits.set):
            raise AssertionError("it is held")

    async with alone(tmp_path / "lock"):
        task = asyncio.create_task(second())
        await waits.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with alone(tmp_path / "lock"):
        pass


async def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LocalClusterError, match="cannot open"):
        async with alone(tmp_path / "lock"):
            pass
    assert not (tmp_path / "elsewhere").exists()
