"""Each step of each lab on what a real run saw: see `tests.lab_observations` for how it is recorded anew."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from kafkatui.labs.lesson import Answer, Lesson, Question, Step
from kafkatui.labs.lessons import lessons
from kafkatui.labs.observation import Observation, SeenGroup
from tests.lab_observations import DIRECTORY, Played, read, recorded, written

steps = pytest.mark.parametrize(
    ("lesson", "place"),
    [(lesson, place) for lesson in lessons() for place in range(len(lesson.steps))],
    ids=lambda value: getattr(value, "name", value),
)


def silent(seen: Observation) -> Observation:
    """The same at a moment when no broker answers."""
    return replace(seen, topics={}, groups={}, records={})


def half_known(seen: Observation) -> Observation:
    """The same at a moment when leaders and replicas are known, and no offset and no group."""
    topics = {
        name: tuple(replace(log, start=None, end=None) for log in logs) for name, logs in seen.topics.items()
    }
    return replace(silent(seen), topics=topics, groups={name: SeenGroup() for name in seen.groups})


def others(question: Question, outcome: Answer) -> list[Answer]:
    """Answers that are wrong: all other options, or numbers just outside of the tolerance."""
    if question.options:
        return [option for option in question.options if option != outcome]
    if isinstance(outcome, frozenset):
        return [outcome ^ {number} for number in range(4)]
    assert isinstance(outcome, int | float)
    return [outcome + question.tolerance + 1, outcome - question.tolerance - 1]


def at(lesson: Lesson, place: int) -> tuple[Step, Played]:
    """A step, and how it was played."""
    return lesson.steps[place], recorded(lesson)[place]


@steps
def test_a_step_passes_on_what_came_after_its_keys_and_not_before(lesson: Lesson, place: int) -> None:
    step, one = at(lesson, place)
    assert step.check(one.before, one.before) is not None
    assert step.check(one.before, one.after) is None


@steps
def test_a_step_does_not_pass_on_what_was_seen_earlier(lesson: Lesson, place: int) -> None:
    step, one = at(lesson, place)
    for earlier in recorded(lesson)[:place][-1:]:
        assert step.check(one.before, earlier.after) is not None


@steps
def test_the_right_prediction_is_right_and_each_other_is_wrong(lesson: Lesson, place: int) -> None:
    step, one = at(lesson, place)
    for question in step.questions:
        outcome = question.came_out(one.before, one.after)
        assert outcome is not None
        assert question.is_right(question.script, outcome)
        for answer in others(question, outcome):
            assert not question.is_right(answer, outcome), (answer, outcome)


@steps
@pytest.mark.parametrize("blind", [silent, half_known])
def test_a_broker_that_does_not_answer_passes_no_step(
    lesson: Lesson, place: int, blind: Callable[[Observation], Observation]
) -> None:
    """What only programs and keys tell is still known. The rest is not, and no answer is made of it."""
    step, one = at(lesson, place)
    assert step.check(one.before, blind(one.before)) is not None
    assert step.check(blind(one.before), blind(one.before)) is not None
    step.check(one.before, blind(one.after))
    for question in step.questions:
        right = question.came_out(one.before, one.after)
        for before in (one.before, blind(one.before)):
            assert question.came_out(before, blind(one.after)) in {None, right}
        assert question.came_out(blind(one.before), one.after) in {None, right}


@steps
def test_no_check_raises_on_an_observation_of_another_step(lesson: Lesson, place: int) -> None:
    step, one = at(lesson, place)
    for other in recorded(lesson):
        for now in (other.before, other.after, Observation()):
            step.check(one.before, now)
            for question in step.questions:
                question.came_out(one.before, now)


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_a_file_is_what_its_observations_are_written_as(lesson: Lesson) -> None:
    text = (DIRECTORY / f"{lesson.name}.json").read_text(encoding="utf-8")
    assert written(lesson, read(text), "r") == text
