"""A lesson as it is done: which key works when, and how predictions are judged. The lab is prepared."""

from dataclasses import dataclass, field
from typing import cast

import pytest

from kafkatui.errors import LabError
from kafkatui.labs.lab import Lab
from kafkatui.labs.lesson import Key, Lesson, Question, Step, Waiting, numbers
from kafkatui.labs.observation import Event, Ledger, Observation
from kafkatui.labs.run import Phase, Run
from kafkatui.screens.lab_pictures.groups import lane_of


@dataclass
class PreparedLab:
    """A lab whose observation the test sets."""

    seen: Observation = field(default_factory=Observation)
    keys: list[str] = field(default_factory=list)
    resets: int = 0

    async def observe(self) -> Observation:
        return self.seen

    def note_key(self, letter: str, detail: str = "") -> None:
        self.keys.append(letter)

    async def reset(self) -> None:
        self.resets += 1


async def nothing(lab: Lab, on: str | None) -> None:
    """A key without an effect."""


async def too_slow(lab: Lab, on: str | None) -> None:
    """A key that takes too long."""
    raise TimeoutError


def enough(before: Observation, now: Observation) -> Waiting | None:
    """Passes once there is a value."""
    return None if "count" in now.values else Waiting("unknown", of="count")


def count(before: Observation, now: Observation) -> float | None:
    """The value."""
    return cast("float | None", now.values.get("count"))


LESSON = Lesson(
    name="prepared",
    number=0,
    minutes=1,
    topics={},
    groups=(),
    keys={"a": Key(nothing), "b": Key(nothing), "c": Key(too_slow)},
    steps=(
        Step("first", enough, ("a", "b"), questions=(Question(count, 5, tolerance=1), Question(count, 5))),
        Step("second", enough, ("c",)),
    ),
    pictures=(),
    begin=lambda lab: nothing(lab, None),
)


async def begun() -> tuple[Run, PreparedLab]:
    """A run at its first question."""
    lab = PreparedLab()
    run = Run(LESSON, cast("Lab", lab))
    await run.begin()
    return run, lab


async def test_a_key_works_only_after_all_questions_and_in_its_order() -> None:
    run, lab = await begun()
    with pytest.raises(LabError):
        await run.press("a")
    run.answer(5.0)
    run.answer(None)
    assert not run.allows("b")
    await run.press("a")
    await run.press("b")
    assert lab.keys == ["a", "b"]
    assert run.phase is Phase.OBSERVE


async def test_a_step_passes_when_its_check_does_and_then_compares() -> None:
    run, _ = await begun()
    run.answer(4.0)
    run.answer(None)
    await run.press("a")
    await run.press("b")
    run.take(Observation())
    assert run.waiting == Waiting("unknown", of="count")
    assert not run.may_go_on()
    run.take(Observation(values={"count": 5}))
    assert run.may_go_on()
    assert [one.right for one in run.predicted] == [True, None]  # within the tolerance; skipped
    run.go_on()
    assert (run.place, run.phase) == (1, Phase.ACT)


async def test_a_wrong_prediction_is_wrong_and_the_lesson_goes_on() -> None:
    run, _ = await begun()
    run.answer(7.0)
    run.answer(6.0)
    await run.press("a")
    await run.press("b")
    run.take(Observation(values={"count": 5}))
    assert [one.right for one in run.predicted] == [False, False]
    assert run.may_go_on()


async def test_nothing_passes_before_its_keys_are_pressed() -> None:
    run, _ = await begun()
    run.take(Observation(values={"count": 5}))
    assert run.question is not None
    run.answer(None)
    run.answer(None)
    run.take(Observation(values={"count": 5}))
    assert run.next_key() == "a"


async def test_a_key_that_takes_too_long_is_a_fault_and_may_be_pressed_again() -> None:
    run, lab = await begun()
    run.answer(None)
    run.answer(None)
    await run.press("a")
    await run.press("b")
    run.take(Observation(values={"count": 5}))
    run.go_on()
    with pytest.raises(LabError, match="longer than it should"):
        await run.press("c")
    assert run.next_key() == "c"
    assert run.allows("c")
    await run.reset()
    assert lab.resets == 1
    assert (run.place, run.phase, run.passed) == (0, Phase.PREDICT, [False, False])


async def test_after_the_last_step_every_key_works() -> None:
    run, _ = await begun()
    run.place = 1
    run.phase = Phase.COMPARE
    run.go_on()
    assert run.over
    assert run.allows("a")
    assert run.allows("b")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0 1 2", {0, 1, 2}),
        ("012", {0, 1, 2}),
        ("3,5", {3, 5}),
        ("5", {5}),
        ("", None),
        ("a", None),
        ("1 x", None),
    ],
)
def test_partitions_may_be_typed_in_several_ways(text: str, found: set[int] | None) -> None:
    assert numbers(text, 5) == (None if found is None else frozenset(found))


def test_a_number_up_to_the_highest_is_one_partition() -> None:
    assert numbers("12", 20) == frozenset({12})


def test_a_ledger_does_not_grow_after_it_was_taken() -> None:
    events = [Event("key", 1.0, "a")]
    ledger = Ledger(events, len(events))
    events.append(Event("key", 2.0, "b"))
    assert len(ledger) == 1
    assert [one.who for one in ledger] == ["a"]
    before = Observation(events=ledger)
    now = Observation(events=Ledger(events, 2))
    assert [one.who for one in now.since(before)] == ["b"]


def test_the_lane_of_a_member_shows_a_pause_of_less_than_a_second() -> None:
    from kafkatui.domain.cluster.partitions import TopicPartition

    place = (TopicPartition("a", 0),)
    events = [
        Event("started", 1.0, "c1"),
        Event("assigned", 2.0, "c1", partitions=place),
        Event("revoked", 5.5, "c1", partitions=place),
        Event("assigned", 5.6, "c1", partitions=place),
        Event("stopped", 8.5, "c1"),
    ]
    assert lane_of(events, 10.0, 10) == "·━━━━┄━━  "
    assert lane_of(events, 10.0, 0) == ""


def test_the_slope_is_between_the_first_and_the_last_figure() -> None:
    lags = [Event("lag", at, "work", offset=offset) for at, offset in ((1.0, 0), (2.0, 100), (4.0, 300))]
    seen = Observation(lags=lags)
    assert seen.slope(0.0) == 100.0
    assert seen.slope(2.0) == 100.0
    assert seen.slope(3.5) is None
