"""poll(): readings never overlap, faults keep the last value, pauses grow and end when asked."""

import asyncio
from time import monotonic

import pytest

from kafkatui.errors import ClusterError
from kafkatui.watch.pace import LONGEST_PAUSE, Pace, poll
from kafkatui.watch.topics import first_few


class Answers:
    """Gives prepared answers one after the other; an exception is raised."""

    def __init__(self, *answers: int | Exception) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def __call__(self) -> int:
        self.asked += 1
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_a_fault_keeps_the_last_value_and_its_time() -> None:
    stream = poll(Answers(7, ClusterError("no answer from broker 2"), 8), Pace(0.001))
    first, second, third = [await anext(stream) for _ in range(3)]
    await stream.aclose()
    assert (first.value, first.fault, first.retry_at) == (7, None, None)
    assert (second.value, str(second.fault), second.taken_at) == (
        7,
        "no answer from broker 2",
        first.taken_at,
    )
    assert second.retry_at is not None
    assert (third.value, third.fault) == (8, None)
    assert third.taken_at is not None
    assert first.taken_at is not None
    assert third.taken_at > first.taken_at


async def test_nothing_is_known_before_the_first_answer() -> None:
    stream = poll(Answers(ClusterError("down")), Pace(1.0))
    reading = await anext(stream)
    await stream.aclose()
    assert (reading.value, reading.taken_at, str(reading.fault)) == (None, None, "down")


async def test_a_bug_passes() -> None:
    stream = poll(Answers(ZeroDivisionError()), Pace(1.0))
    with pytest.raises(ZeroDivisionError):
        await anext(stream)


async def test_now_ends_the_pause() -> None:
    pace = Pace(60.0)
    stream = poll(Answers(1, 2), pace)
    await anext(stream)
    began = monotonic()
    asyncio.get_running_loop().call_later(0.01, pace.now)
    assert (await anext(stream)).value == 2
    assert monotonic() - began < 30
    await stream.aclose()


@pytest.mark.parametrize(
    ("every", "spent", "faults", "pause"),
    [
        (1.0, 0.1, 0, 1.0),
        (1.0, 3.0, 0, 3.0),  # a slow look is followed by as long a pause
        (1.0, 0.1, 1, 2.0),
        (1.0, 0.1, 3, 8.0),
        (1.0, 0.1, 30, LONGEST_PAUSE),
        (60.0, 0.1, 30, 60.0),  # never sooner than the user's interval
        (0.5, 5.0, 1, 5.0),
    ],
)
def test_pause(every: float, spent: float, faults: int, pause: float) -> None:
    pace = Pace(every, lambda: 0.0)
    backoff, wait = pace.backoff(), 0.0
    for _ in range(faults):
        wait = backoff.failed()
    assert pace.pause(spent, wait) == pause


@pytest.mark.parametrize(
    ("sizes", "turn"),
    [
        ({}, ""),
        ({"a": 3, "b": 3, "c": 4, "d": 1}, "abc"),
        ({"a": 3, "b": 8, "c": 1}, "a"),
        ({"a": 50, "b": 1}, "a"),  # larger than a look, and yet its turn comes
        ({"a": 0, "b": 10, "c": 0}, "abc"),
    ],
)
def test_ends_are_asked_for_in_turns(sizes: dict[str, int], turn: str) -> None:
    assert "".join(first_few(sizes, 10)) == turn
