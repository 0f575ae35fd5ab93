"""The columns of the table of the deck's keys, whose rows are in `kafkatui.domain.deck.acts`."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from kafkatui.domain.deck.terms import Terms


class Target(Enum):
    """The things that a key of the deck acts on."""

    CONSUMER = auto()
    """One consumer of the deck: the chosen one, or the newest that the key can act on."""
    CONSUMERS = auto()
    """All consumers: each leaves and joins again."""
    TOPIC = auto()
    WRITER = auto()
    EVERYTHING = auto()
    """Consumers, topic, writer and brokers."""
    BROKERS = auto()
    """Brokers that kafkatui started; the keys need several of them."""


@dataclass(frozen=True, slots=True)
class Button:
    """The button of a key in the deck's row."""

    word: str
    """The word on the button."""
    tooltip: str
    """A few words that say what the key does; the help and the palette show them too."""
    shared_word: str = ""
    """A word for several keys together, used where the row has no room for a word each; empty: none."""
    rare: bool = False
    """It is left out first where the row has no room for the key that shows code."""


@dataclass(frozen=True, slots=True)
class Pending:
    """The text that pane 2 shows while a key has had no effect yet."""

    text: str
    """With ``{who}``, ``{ago}`` (how long ago it was pressed) and ``{terms}``."""
    within: Callable[[Terms], float]
    """Seconds for which the text is shown, at most."""


@dataclass(frozen=True, slots=True)
class Code:
    """The functions of `kafkatui.actors` that a key ran, from the first to the last; empty: none."""

    classic: tuple[str, ...] = ()
    """Functions of the consumer that speaks the classic protocol."""
    consumer: tuple[str, ...] = ()
    """Functions of the consumer that speaks KIP-848."""
    writer: tuple[str, ...] = ()
    """Functions of the producer."""
    why: str = ""
    """A sentence on what the code alone does not show; empty: none."""


@dataclass(frozen=True, slots=True)
class DeckKey:
    """One key of the deck. Texts are templates: ``{who}`` is the consumer or the broker, ``{detail}`` the
    `Deed.detail`, ``{terms}`` the `Terms` of the consumers.
    """

    letter: str
    on: Target
    done: str
    """The line of the log: what the key did."""
    so_far: str
    """The sentence that is shown as long as the deed has led to no rebalance."""
    next_step: str
    """What to try after it: a letter of the deck, and what to look for."""
    code: Code
    button: Button | None = None
    """``None``: the button belongs to another act with the same letter; the deck decides which one is
    done.
    """
    done_off: str = ""
    """`done` where the detail is ``off``; empty: the same."""
    so_far_off: str = ""
    """`so_far` where the detail is ``off``; empty: the same."""
    lab: int = 1
    """The number of the lab that teaches it; 0: none does."""
    pending: Pending | None = None
    """``None``: pane 2 shows no text while the key has had no effect yet."""
    lesson: str = ""
    """What the key teaches; empty: the sentence about its effect says it."""
    joined: str = ""
    """Why a member joined, in the log; empty: the key makes no member join."""
    gone: str = ""
    """Why a member is gone, in the log; empty: the key makes no member leave."""
    verb: str = ""
    """The verb of a sentence about a member that joined or is gone, or a broker, because of this key."""
    stops_reading: bool = False
    """The consumer stops reading at once, and its group notices it only later."""
    reports_back: bool = False
    """The consumer sends a report when it reads again."""
    replaces_consumers: bool = False
    """The processes of all consumers end."""

    @property
    def restarts_membership(self) -> bool:
        """Whether every consumer leaves its group because of the key (and may join again)."""
        return self.on in {Target.CONSUMERS, Target.EVERYTHING}

    @property
    def makes_join(self) -> bool:
        """Whether a consumer may join its group because of the key."""
        return bool(self.joined) or self.restarts_membership

    @property
    def makes_leave(self) -> bool:
        """Whether a consumer may leave its group, or be removed from it, because of the key."""
        return bool(self.gone) or self.restarts_membership
