"""The labs on one broker."""

import asyncio

import pytest

from kafkatui.labs.lesson import Lesson
from kafkatui.labs.lessons import lesson_named, lessons
from kafkatui.local.cluster import LocalCluster
from tests.labs.playing import begun, plays_well, watched

pytestmark = pytest.mark.asyncio(loop_scope="module")

SOLO = [lesson for lesson in lessons() if lesson.cluster == "solo"]


@pytest.mark.parametrize("lesson", SOLO, ids=lambda lesson: lesson.name)
async def test_a_lab_plays_itself_and_its_predictions_are_right(
    solo: LocalCluster, lesson: Lesson, saves: bool
) -> None:
    await plays_well(lesson, solo, saves=saves)


async def test_a_reset_mends_a_fault_and_begins_anew(solo: LocalCluster) -> None:
    lesson = lesson_named("rebalance")
    assert lesson is not None
    async with begun(lesson, solo) as lab, watched(lesson, lab) as run:
        for question in lesson.steps[0].questions:
            run.answer(question.script)
        await run.press("j")
        await lab.freeze("c1")
        topics = lab.full("a")
        await run.reset()
        assert run.place == 0
        assert not any(run.passed)
        assert lab.living() == ["writer"]
        assert lab.full("a") != topics
        assert set(run.now.topics) == {"a", "b", "c"}


async def test_leaving_a_lab_with_a_frozen_consumer_leaves_no_program_behind(solo: LocalCluster) -> None:
    lesson = lesson_named("rebalance")
    assert lesson is not None
    async with begun(lesson, solo) as lab:
        await lab.consumer("c1", "work", ["a"])
        await lab.freeze("c1")
        processes = [program.process for program in lab._programs.values()]
    async with asyncio.timeout(10):
        await asyncio.gather(*(process.ended.wait() for process in processes))
