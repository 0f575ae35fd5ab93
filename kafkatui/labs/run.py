"""A lesson as it is done: which step, what is predicted, what is waited for, what came out.

Say, predict, act, observe, compare: a key works only once the questions of its step are answered or skipped.
After the last step every key works, without questions.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto
from time import monotonic

from kafkatui.errors import LabError
from kafkatui.labs.lab import Lab
from kafkatui.labs.lesson import Answer, Lesson, Question, Step, Waiting
from kafkatui.labs.observation import Observation

LOOK_EVERY = 0.3
"""Seconds between two looks at the lab."""
DEADLINE = 3
"""How often `Step.within` may pass until the lab says that something is wrong."""


class Phase(Enum):
    """What a step asks of the learner."""

    PREDICT = auto()
    """An answer, or to skip the question."""
    ACT = auto()
    """The next key."""
    OBSERVE = auto()
    """To watch: the check has not passed yet."""
    COMPARE = auto()
    """To read what came out; then the next step."""
    FREE = auto()
    """Nothing: the lesson is over, and every key works."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """One question of a step, and how it came out."""

    question: Question
    answer: Answer | None
    """``None``: the question was skipped."""
    outcome: Answer | None = None
    """``None``: not known yet, or the cluster does not show it."""

    @property
    def right(self) -> bool | None:
        """Whether the prediction was right; ``None``: there was none, or the outcome is not known."""
        if self.answer is None or self.outcome is None:
            return None
        return self.question.is_right(self.answer, self.outcome)


class Run:
    """One learner's way through a lesson. `watch` must run beside it."""

    def __init__(self, lesson: Lesson, lab: Lab, on_change: Callable[[], None] = lambda: None) -> None:
        """`on_change` is called when something changed that is to be drawn."""
        self.lesson = lesson
        self.lab = lab
        self.on_change = on_change
        self.place = 0
        """The number of the step, from 0."""
        self.phase = Phase.PREDICT
        self.predicted: list[Predicted] = []
        self.pressed = 0
        """How many keys of the step were pressed."""
        self.acting = False
        """Whether a key is being done."""
        self.passed: list[bool] = [False] * len(self.lesson.steps)
        """By step: whether its check has passed; a step that was skipped has not."""
        self.now = Observation()
        self.before = Observation()
        """The observation before the step's first key."""
        self.waiting: Waiting | None = None
        """What the step waits for."""
        self.acted_at: float | None = None
        """Monotonic second of the step's last key; ``None``: its keys were not all pressed yet."""
        self.looked = asyncio.Event()
        """Set after each look."""

    @property
    def step(self) -> Step:
        """The step; after the end the last one."""
        return self.lesson.steps[self.place]

    @property
    def over(self) -> bool:
        """Whether the last step was left."""
        return self.phase is Phase.FREE

    @property
    def question(self) -> Question | None:
        """The question that is open; ``None``: none is."""
        if self.phase is not Phase.PREDICT:
            return None
        return self.step.questions[len(self.predicted)]

    @property
    def late(self) -> bool:
        """Whether the step has waited longer than it should take."""
        return (
            self.phase is Phase.OBSERVE
            and self.acted_at is not None
            and monotonic() > self.acted_at + DEADLINE * self.step.within
        )

    async def begin(self) -> None:
        """Begin with the first step; the lab has begun."""
        self.now = await self.lab.observe()
        self._enter(0)

    def _enter(self, place: int) -> None:
        self.place, self.pressed, self.predicted = place, 0, []
        self.before, self.waiting, self.acted_at = self.now, None, None
        self._advance()

    def _advance(self) -> None:
        """Choose the phase from what is answered and pressed."""
        if len(self.predicted) < len(self.step.questions):
            self.phase = Phase.PREDICT
        elif self.pressed < len(self.step.keys):
            self.phase = Phase.ACT
        else:
            self.phase = Phase.OBSERVE
            self.acted_at = monotonic()
        self.on_change()

    # the learner

    def answer(self, answer: Answer | None) -> None:
        """Answer the open question; ``None`` skips it."""
        question = self.question
        if question is not None:
            self.predicted.append(Predicted(question, answer))
            self._advance()

    def next_key(self) -> str | None:
        """The key that the step wants now; ``None``: none."""
        return self.step.keys[self.pressed] if self.phase is Phase.ACT else None

    def allows(self, letter: str) -> bool:
        """Whether a key of the lesson works now."""
        if self.acting or letter not in self.lesson.keys:
            return False
        return self.phase is Phase.FREE or self.next_key() == letter

    async def press(self, letter: str, on: str | None = None) -> None:
        """Do what a key says, to the program `on`. Raises `KafkaTuiError` where it cannot."""
        if not self.allows(letter):
            raise LabError(f"{letter} does not work now")
        self.acting = True
        try:
            if not self.pressed:
                self.before = await self.lab.observe()
            self.lab.note_key(letter, on or "")
            await self.lesson.keys[letter].act(self.lab, on)
        except TimeoutError as error:
            raise LabError(f"{letter}: this took longer than it should; r mends everything") from error
        finally:
            self.acting = False
        if self.phase is Phase.ACT:
            self.pressed += 1
            self._advance()

    def may_go_on(self) -> bool:
        """Whether the next step may begin."""
        return self.phase is Phase.COMPARE

    def go_on(self) -> None:
        """Begin the next step; after the last one every key works."""
        if self.place + 1 < len(self.lesson.steps):
            self._enter(self.place + 1)
        else:
            self.phase, self.predicted = Phase.FREE, []
            self.on_change()

    async def reset(self) -> None:
        """Mend everything, and begin the lesson anew. Raises `KafkaTuiError`."""
        self.acting = True
        try:
            await self.lab.reset()
        except TimeoutError as error:
            raise LabError("the brokers did not come back in time; r tries again") from error
        finally:
            self.acting = False
        self.passed = [False] * len(self.lesson.steps)
        await self.begin()

    # the cluster

    async def watch(self) -> None:
        """Look at the lab without end, and judge the step."""
        while True:
            self.take(await self.lab.observe())
            await asyncio.sleep(LOOK_EVERY)

    def take(self, now: Observation) -> None:
        """Take in an observation, and judge the step by it."""
        self.now = now
        if self.phase is Phase.OBSERVE:
            self.waiting = self.step.check(self.before, now)
            if self.waiting is None:
                self.predicted = [
                    Predicted(one.question, one.answer, one.question.came_out(self.before, now))
                    for one in self.predicted
                ]
                self.phase, self.passed[self.place] = Phase.COMPARE, True
        self.looked.set()
        self.on_change()


class StuckError(LabError):
    """A lab that plays itself could not go on."""


async def no_pause() -> None:
    """Do not wait."""


async def play(run: Run, read: Callable[[], Awaitable[None]] = no_pause) -> None:
    """Do a lesson with the answers and keys of its script, to its end; `read` is awaited before each answer,
    key and next step. Raises `KafkaTuiError` where a step does not pass in time.
    """
    while not run.over:
        phase, place = run.phase, run.place
        if phase is not Phase.OBSERVE and not (phase is Phase.PREDICT and run.predicted):
            await read()
        if (run.phase, run.place) != (phase, place):
            continue  # somebody at the keyboard was quicker
        match run.phase:
            case Phase.PREDICT:
                assert run.question is not None
                run.answer(run.question.script)
            case Phase.ACT:
                await run.press(run.step.keys[run.pressed], run.step.on)
            case Phase.OBSERVE:
                run.looked.clear()
                await run.looked.wait()
                if run.late:
                    raise StuckError(f"step {run.place + 1} ({run.step.name}) waits for {run.waiting}")
            case _:
                run.go_on()
