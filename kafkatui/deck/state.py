"""How the deck stands: its consumers, what the next one gets, the writer, the brokers."""

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
"""In the order of the key; the first is the one at the start."""

RATES = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500)
"""Records a second, in the order of the keys."""
USUAL_RATE = 20


@dataclass(frozen=True, slots=True)
class DeckConsumer:
    """One consumer of the deck."""

    name: str
    """Its client id; with static membership its group instance id, too."""
    alive: bool = True
    """``False``: it was killed. It is forgotten when another consumer gets its name, or by a restore."""
    frozen: bool = False
    slow: bool = False
    """It takes long to give up its partitions."""
    stuck: bool = False
    leaving: bool = False
    """The command to leave was sent, and it has not left yet."""
    owned: tuple[TopicPartition, ...] | None = None
    """What it was assigned last, sorted; ``None``: nothing yet."""

    @property
    def words(self) -> str:
        """What is out of the ordinary about it, in a word or some; empty: nothing."""
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
    """How the deck stands."""

    consumers: tuple[DeckConsumer, ...] = ()
    """In the order they came."""
    assignor: str = "range"
    static: bool = False
    protocol: Protocol = "classic"
    rate: int = USUAL_RATE
    """Records the writer writes a second."""

    @property
    def words(self) -> dict[str, str]:
        """By name of the consumer what is out of the ordinary about it."""
        return {consumer.name: consumer.words for consumer in self.consumers if consumer.words}
