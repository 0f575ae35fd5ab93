"""The state of the deck: its consumers, the settings of the next one, the writer, the brokers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kafkatui.domain.cluster.partitions import TopicPartition

Protocol = Literal["classic", "consumer"]
"""The group's protocol, as ListGroups names its type: classic, or that of KIP-848."""

ASSIGNORS: Mapping[Protocol, tuple[str, ...]] = {
    "classic": ("range", "roundrobin", "sticky"),
    "consumer": ("uniform", "range"),
}
"""In the order in which the key changes them; the first is used at the start."""

RATES = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500)
"""The writer's speeds in records a second, in the order in which the keys change them."""
USUAL_RATE = 20


@dataclass(frozen=True, slots=True)
class DeckConsumer:
    """One consumer of the deck."""

    name: str
    """Its client id; with static membership also its group instance id."""
    alive: bool = True
    """``False``: it was killed. It stays listed until another consumer gets its name, or the deck is
    restored."""
    frozen: bool = False
    slow: bool = False
    """Whether it takes long to give up its partitions."""
    stuck: bool = False
    leaving: bool = False
    """Whether the command to leave was sent and it has not left yet."""
    owned: tuple[TopicPartition, ...] | None = None
    """The partitions of its last assignment, sorted; ``None``: it got none yet."""

    @property
    def words(self) -> str:
        """Its unusual state for people, such as ``frozen``; empty: it runs as usual."""
        if not self.alive and not self.leaving:
            return "crashed"
        states = (
            ("frozen", self.frozen),
            ("stuck", self.stuck),
            ("slow", self.slow),
            ("leaving", self.leaving),
        )
        return ", ".join(word for word, so in states if so)


@dataclass(frozen=True, slots=True)
class DeckState:
    """The state of the deck at one moment."""

    consumers: tuple[DeckConsumer, ...] = ()
    """The consumers in the order in which they joined."""
    assignor: str = "range"
    static: bool = False
    protocol: Protocol = "classic"
    rate: int = USUAL_RATE
    """How many records a second the writer writes."""

    @property
    def words(self) -> dict[str, str]:
        """The unusual state of each consumer that has one, by its name."""
        return {consumer.name: consumer.words for consumer in self.consumers if consumer.words}
