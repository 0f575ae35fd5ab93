"""The labs on three brokers."""

import asyncio
import os
import signal

import pytest

from kafkatui.labs.lesson import Lesson
from kafkatui.labs.lessons import lessons
from kafkatui.local.cluster import LocalCluster
from tests.labs.playing import begun, plays_well

TRIO = [lesson for lesson in lessons() if lesson.cluster == "trio"]


@pytest.mark.parametrize("lesson", TRIO, ids=lambda lesson: lesson.name)
async def test_a_lab_plays_itself_and_its_predictions_are_right(lesson: Lesson, saves: bool) -> None:
    async with LocalCluster(3, lesson.properties) as local:
        await plays_well(lesson, local, saves=saves)


async def test_a_reset_brings_frozen_and_killed_brokers_back() -> None:
    async with LocalCluster(3) as local, begun(TRIO[-1], local) as lab:
        await lab.freeze_broker(1)
        await local.kill(2)
        await lab.reset()
        assert lab.look.living_brokers() == (1, 2, 3)
        assert not lab.frozen_brokers
        assert not (await lab.observe()).died

        os.kill(local.pids[3], signal.SIGKILL)  # not by a key of the lab
        async with asyncio.timeout(10):
            await lab._until(lab.observe, lambda seen: seen.died == (3,))
        await lab.mend_brokers()
        assert not (await lab.observe()).died
