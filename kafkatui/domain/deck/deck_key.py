"""The columns of the table of the deck's keys, whose rows are in `kafkatui.domain.deck.acts`."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from kafkatui.domain.deck.terms import Terms


class Target(Enum):
    """On whom a key acts."""

    CONSUMER = auto()
    """One consumer: the chosen one, or the newest that fits."""
    CONSUMERS = auto()
    """All consumers: each leaves and joins again."""
    TOPIC = auto()
    WRITER = auto()
    EVERYTHING = auto()
    """Consumers, topic, writer and brokers."""
    BROKERS = auto()
    """Needs several brokers of our own."""


@dataclass(frozen=True, slots=True)
class Button:
    """What stands for a key in the deck's row."""

    word: str
    tooltip: str
    """What the key does: in the help and in the palette too."""
    shared_word: str = ""
    """One word for several keys, where there is no room for a word each; empty: it has none."""
    rare: bool = False
    """It gives way to the key that shows code."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What pane 2 says while a key has no effect yet."""

    text: str
    """With ``{who}``, ``{ago}`` (how long ago it was pressed) and ``{terms}``."""
    within: Callable[[Terms], float]
    """Seconds for which it is said at most."""


@dataclass(frozen=True, slots=True)
class Code:
    """The functions of `kafkatui.actors` that a key ran, from the first to the last; empty: none."""

    classic: tuple[str, ...] = ()
    """Of the consumer that speaks the classic protocol."""
    consumer: tuple[str, ...] = ()
    """Of the consumer that speaks KIP-848."""
    writer: tuple[str, ...] = ()
    why: str = ""
    """What the lines alone do not say."""


@dataclass(frozen=True, slots=True)
class DeckKey:
    """One key of the deck. Texts are templates: ``{who}`` is the consumer or the broker, ``{detail}`` what is
    new, ``{terms}`` the `Terms` of the consumers.
    """

    letter: str
    on: Target
    done: str
    """The line of the log: what the key did."""
    so_far: str
    """The sentence for as long as no rebalance came of it."""
    next_step: str
    """What to try after it: a letter of the deck, and what to look for."""
    code: Code
    button: Button | None = None
    """``None``: another act has the button of this letter, and decides which of the two is done."""
    done_off: str = ""
    """`done` where the detail is ``off``; empty: the same."""
    so_far_off: str = ""
    """`so_far` where the detail is ``off``; empty: the same."""
    pending: Pending | None = None
    """``None``: nothing is waited for."""
    lesson: str = ""
    """What it is there to teach; empty: the sentence about its effect says it."""
    joined: str = ""
    """Why a member joined, in the log; empty: nobody joins because of it."""
    gone: str = ""
    """Why a member is gone, in the log; empty: nobody goes because of it."""
    verb: str = ""
    """What the member did, in a sentence, where it joined or is gone because of this key."""
    stops_reading: bool = False
    """The consumer reads nothing from now on, and the group notices it late."""
    reports_back: bool = False
    """The consumer says by itself when it reads again."""
    replaces_consumers: bool = False
    """The processes of all consumers end."""

    @property
    def restarts_membership(self) -> bool:
        """Every consumer leaves, and may join again."""
        return self.on in {Target.CONSUMERS, Target.EVERYTHING}

    @property
    def makes_join(self) -> bool:
        """A consumer may join because of it."""
        return bool(self.joined) or self.restarts_membership

    @property
    def makes_leave(self) -> bool:
        """A consumer may leave, or be put out, because of it."""
        return bool(self.gone) or self.restarts_membership
