"""A filter as a tree of frozen values; `kafkatui.search.grammar` makes it from text."""

from dataclasses import dataclass
from enum import Enum

Number = int | float


class Field(Enum):
    """A part of a record that a filter can name."""

    KEY = "key"
    VALUE = "value"
    HEADER = "header"
    PARTITION = "partition"
    OFFSET = "offset"
    TIME = "time"
    SIZE = "size"


class Op(Enum):
    """A comparison. `HAS` is the colon: the text contains the operand."""

    HAS = ":"
    EQUAL = "="
    OTHER = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


class Every(Enum):
    """The step ``[*]`` of a path."""

    ITEM = "*"


Step = str | int | Every
"""A member's name, an index (negative: from the end), or every item."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a record a condition looks."""

    field: Field
    header: str | None = None
    """Of `Field.HEADER`: the name, as it was sent; ``None``: all headers, their names too."""
    path: tuple[Step, ...] = ()
    """Of `Field.KEY` and `Field.VALUE`: the way to a value inside their JSON; empty: the bytes as sent."""


@dataclass(frozen=True, slots=True)
class Literal:
    """What a condition compares with."""

    text: str
    number: Number | None = None
    """The number that `text` is, if it was not quoted and is one."""
    constant: str | None = None
    """``null``, ``true`` or ``false``, if `text` is that word and was not quoted."""


@dataclass(frozen=True, slots=True)
class Contains:
    """The bytes contain a text. A text without a capital letter is found in any case."""

    text: str
    place: Place | None = None
    """``None``: in the key, the value, or the name or value of a header."""

    @property
    def any_case(self) -> bool:
        """Whether capital letters make no difference (smart case)."""
        return self.text == self.text.lower()


@dataclass(frozen=True, slots=True)
class Matches:
    """A regular expression is found in the text."""

    pattern: str
    any_case: bool = False
    place: Place | None = None
    """As in `Contains`."""


@dataclass(frozen=True, slots=True)
class Compares:
    """A key, a value, a header or a value inside JSON stands in this relation to a literal."""

    place: Place
    op: Op
    literal: Literal


@dataclass(frozen=True, slots=True)
class Between:
    """A number of the record lies between two others: partition, offset, size in bytes, time in milliseconds
    since the epoch, or a number in a text or in JSON.
    """

    place: Place
    low: Number | None
    """The least value that fits; ``None``: there is none."""
    high: Number | None
    """The largest value that fits; ``None``: there is none."""


@dataclass(frozen=True, slots=True)
class Not:
    """The other condition does not hold."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class All:
    """All of two or more conditions hold."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of two or more conditions holds."""

    parts: tuple["Node", ...]


Node = Contains | Matches | Compares | Between | Not | All | AnyOf
