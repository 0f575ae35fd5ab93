"""What a lesson is made of: steps with questions and checks. Its texts are in `kafkatui.labs.texts`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from kafkatui.deck.process import Spawn
from kafkatui.domain.cluster.groups import GroupKind
from kafkatui.kafka.connection import Cluster
from kafkatui.labs.lab import Lab
from kafkatui.labs.look import TopicPlan
from kafkatui.labs.observation import Observation
from kafkatui.local.cluster import LocalCluster

Answer = str | float | frozenset[int]
"""An answer to a question: the name of an option, a number, or numbers of partitions."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a step has not passed yet: a sentence of the texts (``frame``), and its figures."""

    name: str
    now: str = ""
    wanted: str = ""
    of: str = ""
    """The group or the program that it is about; empty: none."""


Check = Callable[[Observation, Observation], Waiting | None]
"""Takes the observation before the step's first key, and the newest one; ``None``: the step has passed."""
Outcome = Callable[[Observation, Observation], Answer | None]
"""The right answer, read from the same two observations; ``None``: the cluster does not show it. It may raise
`LookupError` where something is missing in an observation.
"""


@dataclass(frozen=True, slots=True)
class Question:
    """A prediction that is asked before the key works, and compared afterwards."""

    outcome: Outcome
    script: Answer
    """The answer that the lab gives when it plays itself."""
    options: tuple[str, ...] = ()
    """The names of the answers to choose from; empty: a number or partitions are typed."""
    partitions: bool = False
    """Whether numbers of partitions are typed."""
    tolerance: float = 0.0
    """How far a number may be from the right one."""

    def came_out(self, before: Observation, now: Observation) -> Answer | None:
        """The right answer; ``None``: the cluster does not show it, or it is not known: a group or a topic is
        missing in an observation while no broker answers.
        """
        try:
            return self.outcome(before, now)
        except LookupError:
            return None

    def is_right(self, answer: Answer, outcome: Answer) -> bool:
        """Whether a prediction was right."""
        if isinstance(answer, float | int) and isinstance(outcome, float | int):
            return abs(answer - outcome) <= self.tolerance
        return answer == outcome


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a lesson."""

    name: str
    check: Check
    keys: tuple[str, ...] = ()
    """The letters to press, in this order; empty: there is only something to wait for, or to read."""
    on: str | None = None
    """The program that the keys act on; ``None``: none, or the newest."""
    questions: tuple[Question, ...] = ()
    within: float = 10.0
    """Seconds that it takes at most; after three times as long the lab says what is missing."""


Act = Callable[[Lab, str | None], Awaitable[None]]
"""Does what a key says to the selected program (``None``: none is selected). Raises `LabError` where the key
has no effect now.
"""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a lesson; its name on the screen is in the texts."""

    act: Act
    code: tuple[str, tuple[str, ...]] | None = None
    """The file in `kafkatui.actors`, and the functions in it that the key runs; ``None``: no code of a
    client runs.
    """


Picture = Literal[
    "members", "lanes", "groups", "keys", "offsets", "grid", "lag", "ledger", "segments", "fields"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lab."""

    name: str
    """As on the command line: ``kafkatui lab fan-out``."""
    number: int
    minutes: int
    topics: Mapping[str, TopicPlan]
    groups: tuple[str, ...]
    keys: Mapping[str, Key]
    """By letter."""
    steps: tuple[Step, ...]
    pictures: tuple[Picture, ...]
    """What is drawn beside the lesson."""
    begin: Callable[[Lab], Awaitable[None]]
    """Starts the programs that the lesson needs from its first step on."""
    pane: Literal[1, 2, 3, 4] = 2
    """The number of the pane of the cluster that is shown first, below the pictures."""
    cluster: Literal["solo", "trio"] = "solo"
    properties: Mapping[str, str] = field(default_factory=dict)
    """Settings of its brokers beside those of all local clusters."""
    kind: GroupKind = GroupKind.CLASSIC
    """The protocol of its groups."""

    @property
    def brokers(self) -> Literal[1, 3]:
        """How many brokers its cluster has."""
        return 1 if self.cluster == "solo" else 3

    def lab(self, cluster: Cluster, spawn: Spawn, local: LocalCluster | None = None) -> Lab:
        """A new lab for this lesson, which has not begun; `local`: the cluster, if kafkatui started it."""
        files = "segments" in self.pictures
        return Lab(
            self.number, self.topics, self.groups, self.kind, self.begin, cluster, spawn, local, files=files
        )


def numbers(text: str, most: int) -> frozenset[int] | None:
    """The numbers of partitions in a text such as ``0 1 2`` or ``012``; ``None``: it is no such text. `most`
    is the highest number there is: a larger one is read digit by digit.
    """
    words = text.replace(",", " ").split()
    if not words or not all(word.isdecimal() for word in words):
        return None
    found = [[int(word)] if int(word) <= most else [int(digit) for digit in word] for word in words]
    return frozenset(number for several in found for number in several)
